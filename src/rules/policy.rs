//! Who may send to whom: `[[policy]]`.
//!
//! Of all policies that match a message for a recipient the most specific one decides ([`Policies::decide`]):
//!
//! 1. the one whose patterns of sender and recipient say more, both together;
//! 2. the one that is for a peer;
//! 3. the one with more conditions: direction, size, content types, labels;
//! 4. of as specific ones, the one that refuses.
//!
//! Without a policy everything is allowed. While the client of SMTP waits not everything is known of a message: what may
//! still change the decision leaves it [`Decision::Open`], until it is known.

use std::fmt;

use rasn_x400::x411::envelope::ContentType;
use serde::Deserialize;
use toml::Spanned;

use super::Rules;
use super::file::Direction;
use super::loader::{Loader, Reading};
use super::pattern::{Party, Pattern, Specificity};
use super::registry::{RuleKind, RuleNumber};
use super::scope::Peers;
use super::traffic::{Traffic, Way};
use crate::config::content_type;
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::AddressContext;
use crate::mixer::address::Mapper;
use crate::mta::route::content_type as content_type_name;
use crate::status::Failure;

/// A row of `[[policy]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PolicySection {
    name: Option<Spanned<String>>,
    comment: Option<String>,
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    peer: Option<Peers>,
    #[serde(default)]
    direction: Direction,
    larger_than: Option<u64>,
    #[serde(default)]
    content_types: Vec<Spanned<String>>,
    #[serde(default)]
    labels: Vec<String>,
    action: Action,
    reason: Option<String>,
    #[serde(default)]
    example: Vec<ExampleSection>,
}

/// What is to be decided about a message. Addresses are written as they come: those of the Internet, or O/R addresses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ExampleSection {
    from: Option<Spanned<String>>,
    to: Spanned<String>,
    direction: Option<Direction>,
    peer: Option<String>,
    #[serde(default)]
    size: u64,
    content_type: Option<Spanned<String>>,
    #[serde(default)]
    labels: Vec<String>,
    action: Spanned<Action>,
}

/// What a policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The message may pass.
    Allow,
    /// It may not.
    Refuse,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::Refuse => "refuse",
        })
    }
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Its number.
    pub rule: RuleNumber,
    /// Who sends; anybody unless said.
    pub from: Option<Pattern>,
    /// Whom it is for; anybody unless said.
    pub to: Option<Pattern>,
    /// The peers it goes to or comes from; any if empty.
    pub peers: Vec<String>,
    /// Larger than so many octets.
    pub larger_than: Option<u64>,
    /// One of these content types; any if empty.
    pub content_types: Vec<ContentType>,
    /// A label of one of these names; any or none if empty.
    pub labels: Vec<String>,
    /// What is decided.
    pub action: Action,
    reason: Option<String>,
    direction: Direction,
}

/// What the policies say about a message for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'a> {
    /// It may pass, because this policy says so, or none says anything.
    Allowed(Option<&'a Policy>),
    /// It may not.
    Refused(&'a Policy),
    /// That depends on what is not known yet.
    Open,
}

/// All policies, the most specific first.
#[derive(Debug, Clone, Default)]
pub struct Policies(Vec<Policy>);

impl Policies {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every policy, the most specific first.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Policy> {
        self.0.iter()
    }

    /// Those on which it depends what is decided, as long as not all is known.
    #[must_use]
    pub fn open(&self, traffic: &Traffic<'_>) -> Vec<&Policy> {
        let asked = self.0.iter().map(|policy| (policy, policy.matches(traffic)));
        let mut open = Vec::new();
        for (policy, holds) in asked.filter(|(_, holds)| *holds != Some(false)) {
            open.push(policy);
            if holds == Some(true) {
                break;
            }
        }
        open
    }

    /// What is decided about a message for a recipient.
    #[must_use]
    pub fn decide(&self, traffic: &Traffic<'_>) -> Decision<'_> {
        // What a policy would do that depends on something unknown.
        let mut possible = None;
        let decided = |action: Action, possible: Option<Action>| possible.is_none_or(|other| other == action);
        for policy in &self.0 {
            match policy.matches(traffic) {
                Some(false) => {}
                None if decided(policy.action, possible) => possible = Some(policy.action),
                Some(true) if decided(policy.action, possible) => {
                    return match policy.action {
                        Action::Allow => Decision::Allowed(Some(policy)),
                        Action::Refuse => Decision::Refused(policy),
                    };
                }
                None | Some(true) => return Decision::Open,
            }
        }
        if decided(Action::Allow, possible) { Decision::Allowed(None) } else { Decision::Open }
    }
}

impl Policy {
    /// What the sender of a refused message reads.
    #[must_use]
    pub fn reason(&self) -> &str {
        match (&self.reason, self.larger_than) {
            (Some(reason), _) => reason,
            (None, Some(_)) => "the message is too large for this recipient",
            (None, None) => "messages between this sender and this recipient are not permitted",
        }
    }

    /// What kind of failure a refusal is.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        if self.larger_than.is_some() { Failure::MessageTooLarge } else { Failure::NotAuthorised }
    }

    /// Which way messages go that it is about.
    #[must_use]
    pub fn has_way(&self, way: Way) -> bool {
        self.direction.is(way)
    }

    /// Whether it is about this message; `None` if that depends on what is not known yet.
    #[must_use]
    pub fn matches(&self, traffic: &Traffic<'_>) -> Option<bool> {
        let who = |pattern: &Option<Pattern>, party: &Party| {
            pattern.as_ref().map_or(Some(true), |one| one.decides(party))
        };
        let (from, to) = (who(&self.from, traffic.from), who(&self.to, traffic.to));
        let peer = self.peers.is_empty()
            || traffic.peers.iter().any(|peer| self.peers.iter().any(|one| one == peer));
        if !(self.direction.is(traffic.way) && peer) {
            return Some(false);
        }
        let size = self.larger_than.map_or(Some(true), |limit| traffic.length.map(|length| length > limit));
        let kind = match self.content_types.is_empty() {
            true => Some(true),
            false => traffic.content_type.map(|kind| self.content_types.contains(kind)),
        };
        let has = |labels: &[String]| {
            labels.iter().any(|label| self.labels.iter().any(|wanted| wanted.eq_ignore_ascii_case(label)))
        };
        let label = if self.labels.is_empty() { Some(true) } else { traffic.labels.map(has) };
        let conditions = [from, to, size, kind, label];
        if conditions.contains(&Some(false)) {
            return Some(false);
        }
        conditions.iter().all(Option::is_some).then_some(true)
    }

    /// What of it a message must meet: `from @example.com, to C=de, over 1000 octets`.
    #[must_use]
    pub fn because(&self) -> String {
        let mut said = Vec::new();
        said.extend(self.from.as_ref().map(|from| format!("from {from}")));
        said.extend(self.to.as_ref().map(|to| format!("to {to}")));
        match self.direction {
            Direction::Both => {}
            Direction::ToX400 => said.push("towards X.400".to_owned()),
            Direction::ToInternet => said.push("towards the Internet".to_owned()),
        }
        if !self.peers.is_empty() {
            said.push(format!("by {}", self.peers.join(" or ")));
        }
        said.extend(self.larger_than.map(|limit| format!("over {limit} octets")));
        if !self.content_types.is_empty() {
            let names: Vec<_> = self.content_types.iter().map(content_type_name).collect();
            said.push(format!("content type {}", names.join(" or ")));
        }
        if !self.labels.is_empty() {
            said.push(format!("label {}", self.labels.join(" or ")));
        }
        if said.is_empty() { "every message".to_owned() } else { said.join(", ") }
    }

    /// Most specific last.
    fn specificity(&self) -> impl Ord + use<> {
        let said = |pattern: &Option<Pattern>| pattern.as_ref().map(Pattern::specificity).unwrap_or_default();
        let (from, to): (Specificity, Specificity) = (said(&self.from), said(&self.to));
        let conditions = [
            self.direction != Direction::Both,
            self.larger_than.is_some(),
            !self.content_types.is_empty(),
            !self.labels.is_empty(),
        ];
        let conditions = conditions.into_iter().filter(|one| *one).count();
        // Of two limits the higher one is about fewer messages.
        let larger_than = self.larger_than.unwrap_or_default();
        (from.parts() + to.parts(), !self.peers.is_empty(), conditions, larger_than)
    }

    /// Whether it is about just the messages another one is about.
    fn is_about_the_same(&self, other: &Self) -> bool {
        let key = |one: &Self| {
            let mut peers = one.peers.clone();
            peers.sort_unstable();
            (peers, one.direction, one.larger_than, one.content_types.clone(), one.labels.clone())
        };
        let same = |one: &Option<Pattern>, other: &Option<Pattern>| match (one, other) {
            (Some(one), Some(other)) => one.covers(other) && other.covers(one),
            (None, None) => true,
            _ => false,
        };
        same(&self.from, &other.from) && same(&self.to, &other.to) && key(self) == key(other)
    }
}

/// A message that an example speaks of.
pub(super) struct Example {
    source: String,
    row: ExampleSection,
    direction: Direction,
}

impl Loader {
    /// Takes a row of `[[policy]]`.
    pub(super) fn policy(&mut self, reading: &Reading<'_>, row: Spanned<PolicySection>) {
        let span = row.span();
        let section = row.into_inner();
        let source = &**reading.name;
        let rule =
            self.register(reading, RuleKind::Policy, section.name.as_ref(), section.comment, span.clone());
        let examples = section.example.into_iter();
        let direction = section.direction;
        let examples = examples.map(|row| Example { source: source.to_owned(), row, direction });
        self.policy_examples.extend(examples);
        let from = self.pattern_if_any(source, section.from.as_ref());
        let to = self.pattern_if_any(source, section.to.as_ref());
        let content_types = section.content_types.iter();
        let content_types: Option<Vec<_>> =
            content_types.map(|written| self.content_type(source, written)).collect();
        let (Some(from), Some(to), Some(content_types)) = (from, to, content_types) else {
            return;
        };
        let policy = Policy {
            rule,
            from,
            to,
            peers: section.peer.map(Peers::into_names).unwrap_or_default(),
            larger_than: section.larger_than,
            content_types,
            labels: section.labels,
            action: section.action,
            reason: section.reason,
            direction,
        };
        let said = |pattern: &Option<Pattern>| pattern.as_ref().map_or_else(String::new, Pattern::key);
        let about = format!("policy from {} to {}", said(&policy.from), said(&policy.to));
        let rivals = self.rivals(about, self.rules.policies.0.len());
        let rivals = rivals.into_iter().filter_map(|number| self.rules.policies.0.get(number));
        if let Some(earlier) =
            { rivals }.find(|other| other.is_about_the_same(&policy)).map(|other| other.rule)
        {
            self.same_rule(source, span, earlier, "a policy for just these messages is there already");
        }
        self.rules.policies.0.push(policy);
    }

    fn content_type(&mut self, source: &str, written: &Spanned<String>) -> Option<ContentType> {
        let found = content_type(written.get_ref());
        if found.is_none() {
            let message = format!("`{}` is not a content type", written.get_ref());
            self.report(
                Diagnostic::new(Code::InvalidValue, source, written.span(), message, "")
                    .help("P2, P22, P35, P772, unidentified, external, a number or an object identifier"),
            );
        }
        found
    }

    /// Two rules say something about just the same messages.
    pub(super) fn same_rule(
        &mut self,
        source: &str,
        span: std::ops::Range<usize>,
        earlier: RuleNumber,
        message: &str,
    ) {
        let mut diagnostic = Diagnostic::new(Code::SameRule, source, span, message, "again here");
        if let Some(earlier) = self.rules.registry.get(earlier) {
            diagnostic = diagnostic.related(&*earlier.source, earlier.span.clone(), "first here");
        }
        self.report(diagnostic.help("keep one of the two, or say in which cases each counts"));
    }

    /// Puts the policies in order, and runs their examples.
    pub(super) fn run_policy_examples(&mut self) {
        for example in std::mem::take(&mut self.policy_examples) {
            self.run_policy_example(&example);
        }
    }

    /// Puts the policies in the order in which they decide.
    pub(super) fn sort_policies(&mut self) {
        self.rules.policies.0.sort_by(|one, other| {
            let refuses = |policy: &Policy| policy.action == Action::Refuse;
            let by_specificity = other.specificity().cmp(&one.specificity());
            by_specificity.then(refuses(other).cmp(&refuses(one))).then(one.rule.cmp(&other.rule))
        });
    }

    fn run_policy_example(&mut self, Example { source, row, direction }: &Example) {
        let from = match &row.from {
            None => Some((Party::default(), true)),
            Some(written) => self.example_party(source, written, AddressContext::ReturnPath),
        };
        let to = self.example_party(source, &row.to, AddressContext::Recipient);
        let content_type = row.content_type.as_ref().map(|written| self.content_type(source, written));
        let (Some((from, from_internet)), Some((to, _))) = (from, to) else { return };
        if content_type == Some(None) {
            return;
        }
        let way = match (row.direction, direction, from_internet) {
            (Some(Direction::ToX400), ..) | (None, Direction::ToX400, _) => Way::ToX400,
            (Some(Direction::ToInternet), ..) | (None, Direction::ToInternet, _) => Way::ToInternet,
            (_, _, true) => Way::ToX400,
            (_, _, false) => Way::ToInternet,
        };
        let peers: Vec<&str> = row.peer.as_deref().into_iter().collect();
        let content_type = content_type.flatten().unwrap_or(ContentType::P22);
        let traffic = Traffic {
            way,
            peers: &peers,
            from: &from,
            to: &to,
            length: Some(row.size),
            content_type: Some(&content_type),
            labels: Some(&row.labels),
        };
        let (action, policy) = match self.rules.policies.decide(&traffic) {
            Decision::Refused(policy) => (Action::Refuse, Some(policy.rule)),
            Decision::Allowed(policy) => (Action::Allow, policy.map(|policy| policy.rule)),
            Decision::Open => return,
        };
        if let Some(rule) = policy {
            self.rules.registry.used(rule, way == Way::ToX400);
        }
        if action == *row.action.get_ref() {
            return;
        }
        let why = policy.and_then(|rule| self.rules.registry.get(rule)).map_or_else(
            || "no policy speaks of this message, so that it may pass".to_owned(),
            |rule| format!("{rule} decides: {action}"),
        );
        self.report(
            Diagnostic::new(Code::ExampleFails, &**source, row.action.span(), why, "the example says this")
                .help("correct the example or the policies; the most specific policy decides, wherever it stands"),
        );
    }

    /// Somebody of an example, on both sides as far as the tables know; and whether it is an address of the Internet.
    pub(super) fn example_party(
        &mut self,
        source: &str,
        written: &Spanned<String>,
        context: AddressContext,
    ) -> Option<(Party, bool)> {
        let address = written.get_ref();
        let is_internet = Pattern::parse(address).is_ok_and(|pattern| pattern.is_internet());
        if is_internet {
            let mapped = Mapper::new(&self.rules).to_or(address, context).ok();
            let name = mapped.as_ref().map(|mapped| &mapped.name);
            return Some((Party::new(Some(address), name, self.rules.countries()), true));
        }
        let name = self.or_name(source, written)?;
        let mapped = Mapper::new(&self.rules).to_internet(&name).ok();
        let mailbox = mapped.as_ref().map(|mapped| mapped.address.as_str());
        Some((Party::new(mailbox, Some(&name), self.rules.countries()), false))
    }
}

impl Rules {
    /// Who may send to whom.
    #[must_use]
    pub const fn policies(&self) -> &Policies {
        &self.policies
    }
}
