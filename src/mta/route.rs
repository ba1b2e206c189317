//! Where a recipient's copy of a message goes: longest match on O/R attributes (X.411 14.3, X.402 18).
//!
//! A [`Rule`] names attributes that a recipient must have, perhaps conditions on the message, and an [`Action`]. Of all rules
//! that match, the most specific one decides, wherever it stands in the configuration:
//!
//! 1. the one with more attributes (a single-space ADMD, "any", is none);
//! 2. of as many, the one that goes deeper: country, ADMD, PRMD, organization, units, the user, domain-defined attributes;
//! 3. of the same attributes, the one with more conditions.
//!
//! Values are compared without regard to case, to repeated spaces, to numeric or printable form, and to whether a country is
//! written in digits or letters as far as the mappings know both. Organizational units are a path, so a rule's units are the
//! first ones of the recipient's. A rule without attributes is the default route.
//!
//! Pure: no clock, no files. [`Decision`] says which rule decided, for logs and for `x400gw map`.

use std::collections::BTreeMap;
use std::fmt;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::KeyedAddress;
use rasn_x400::x411::envelope::{ContentType, Priority};
use rasn_x400::x411::trace::GlobalDomainIdentifier;

use crate::status::NonDelivery;

pub(crate) mod attributes;
mod overview;
#[cfg(test)]
mod tests;

use attributes::{Attributes, Countries};
pub use overview::Entry;

/// One rule of the routing table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What a recipient must have; empty matches every recipient.
    pub address: KeyedAddress,
    /// What the message must be.
    pub conditions: Conditions,
    /// What is done.
    pub action: Action,
    /// What it is called, with its place, if it is none of the configuration.
    pub called: Option<String>,
}

/// What a message must be for a rule to apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// One of these content types; empty means any. A report has none, and is told by its destination alone.
    pub content_types: Vec<ContentType>,
    /// More octets of content than this.
    pub larger_than: Option<u64>,
    /// This priority.
    pub priority: Option<Priority>,
}

/// What is done with a recipient's copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Transferred to the first of these peers that can be reached; at least one, by the names the operator gave them.
    Transfer(Vec<String>),
    /// Delivered to the Internet side.
    Internet,
    /// Given to another recipient, whose address is routed in turn (recipient reassignment).
    Redirect(Box<OrName>),
    /// Not delivered.
    Refuse {
        /// What the report says.
        non_delivery: NonDelivery,
        /// In words, for the report.
        text: String,
    },
}

/// What is known of a message when it is routed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// What the content is; `None` for a report.
    pub content_type: Option<ContentType>,
    /// Octets of content; of a probe, what it says.
    pub length: u64,
    /// How urgent it is.
    pub priority: Priority,
    /// Whether addresses of our own management domain that no rule knows are on the Internet side. They are for what comes
    /// over P1.
    pub own_domain_is_internet: bool,
}

impl Traits {
    /// An ordinary interpersonal message, as far as it is known before there is one.
    #[must_use]
    pub const fn ordinary(own_domain_is_internet: bool) -> Self {
        let content_type = Some(ContentType::P22);
        Self { content_type, length: 0, priority: Priority::NORMAL, own_domain_is_internet }
    }
}

/// The rule that decided, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Why.
    pub reason: Reason<'a>,
    /// What is to be done; `None` if there is no route.
    pub action: Option<&'a Action>,
}

/// Why a decision came out as it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason<'a> {
    /// This rule; the number counts from 1 in the order of the configuration.
    Rule(usize, &'a Rule),
    /// The address is of our own management domain.
    OwnDomain,
    /// No rule matches.
    NoRule,
}

/// All rules, most specific first.
#[derive(Debug, Clone)]
pub struct Table {
    rules: Vec<Compiled>,
    own_domain: Attributes,
    countries: Countries,
}

#[derive(Debug, Clone)]
struct Compiled {
    number: usize,
    attributes: Attributes,
    rule: Rule,
}

impl Table {
    /// A table of these rules, in the order of the configuration, for an MTA of this domain. `countries` maps the digits of
    /// a country to its letters.
    #[must_use]
    pub fn new(
        rules: Vec<Rule>,
        own_domain: &GlobalDomainIdentifier,
        countries: &BTreeMap<String, String>,
    ) -> Self {
        let countries = Countries::new(countries);
        let mut rules: Vec<Compiled> = (1..)
            .zip(rules)
            .map(|(number, rule)| Compiled {
                number,
                attributes: Attributes::of_address(&rule.address, &countries),
                rule,
            })
            .collect();
        rules.sort_by(|a, b| b.specificity().cmp(&a.specificity()).then(a.number.cmp(&b.number)));
        Self { rules, own_domain: Attributes::of_domain(own_domain, &countries), countries }
    }

    /// What is to be done for a recipient.
    #[must_use]
    pub fn route(&self, recipient: &OrName, traits: &Traits) -> Decision<'_> {
        let attributes =
            Attributes::of_address(&KeyedAddress::from_or_name(recipient).address, &self.countries);
        let own = traits.own_domain_is_internet && self.own_domain.is_domain_of(&attributes);
        let found = self
            .rules
            .iter()
            .find(|candidate| {
                candidate.attributes.matches(&attributes) && candidate.rule.conditions.hold(traits)
            })
            // Our own domain is as good as a rule with its attributes and without conditions.
            .filter(|candidate| !own || candidate.attributes.specificity() >= self.own_domain.specificity());
        match found {
            Some(Compiled { number, rule, .. }) => {
                Decision { reason: Reason::Rule(*number, rule), action: Some(&rule.action) }
            }
            None if own => Decision { reason: Reason::OwnDomain, action: Some(&Action::Internet) },
            None => Decision { reason: Reason::NoRule, action: None },
        }
    }

    /// Whether there is any message that a route would take to a recipient: whether a rule for it does not refuse.
    #[must_use]
    pub fn leads_anywhere(&self, recipient: &OrName) -> bool {
        self.leads(recipient, |_| true)
    }

    /// The same without rules for every recipient: whether one is there for this recipient, or others like it.
    #[must_use]
    pub fn is_for(&self, recipient: &OrName) -> bool {
        self.leads(recipient, |rule| !rule.address.is_empty())
    }

    fn leads(&self, recipient: &OrName, counts: impl Fn(&Rule) -> bool) -> bool {
        let attributes =
            Attributes::of_address(&KeyedAddress::from_or_name(recipient).address, &self.countries);
        let matching =
            |candidate: &&Compiled| counts(&candidate.rule) && candidate.attributes.matches(&attributes);
        for candidate in self.rules.iter().filter(matching) {
            let refuses = matches!(candidate.rule.action, Action::Refuse { .. });
            // The most specific rule without conditions decides, if none before it did.
            if !refuses || candidate.rule.conditions == Conditions::default() {
                return !refuses;
            }
        }
        false
    }

    /// The number of an earlier rule, from 1, that applies to just the same messages as rule `number`.
    #[must_use]
    pub fn same_as(&self, number: usize) -> Option<usize> {
        let this = self.rules.iter().find(|candidate| candidate.number == number)?;
        self.rules
            .iter()
            .filter(|other| {
                other.number < number
                    && other.attributes == this.attributes
                    && other.rule.conditions.overlap(&this.rule.conditions)
            })
            .map(|other| other.number)
            .min()
    }

    /// Whether two names are the same recipient, as far as routing can tell.
    #[must_use]
    pub fn same_recipient(&self, one: &OrName, other: &OrName) -> bool {
        let attributes =
            |name| Attributes::of_address(&KeyedAddress::from_or_name(name).address, &self.countries);
        attributes(one) == attributes(other)
    }
}

impl Rule {
    /// Whose messages, and which: `/PRMD=navy/ADMD=x/C=XX/, over 1000 octets`.
    #[must_use]
    pub fn recipients(&self) -> String {
        let address = match self.address.is_empty() {
            true => "every address".to_owned(),
            false => self.address.to_std_or(),
        };
        format!("{address}{}", self.conditions)
    }
}

impl Compiled {
    fn specificity(&self) -> impl Ord + use<> {
        (self.attributes.specificity(), self.rule.conditions.specificity())
    }
}

impl Conditions {
    /// Whether a message is as the rule wants it.
    fn hold(&self, traits: &Traits) -> bool {
        let kind = self.content_types.is_empty()
            || traits.content_type.as_ref().is_some_and(|kind| self.content_types.contains(kind));
        kind && self.larger_than.is_none_or(|limit| traits.length > limit)
            && self.priority.is_none_or(|priority| traits.priority == priority)
    }

    /// More conditions first, then the one on the content type, then the higher limit.
    fn specificity(&self) -> (usize, bool, u64) {
        let (by_type, by_size, by_priority) =
            (!self.content_types.is_empty(), self.larger_than.is_some(), self.priority.is_some());
        let count = usize::from(by_type) + usize::from(by_size) + usize::from(by_priority);
        (count, by_type, self.larger_than.map_or(0, |limit| limit.saturating_add(1)))
    }

    /// Whether some message meets both, and neither comes before the other.
    pub(crate) fn overlap(&self, other: &Self) -> bool {
        let types = match (self.content_types.is_empty(), other.content_types.is_empty()) {
            (true, true) => true,
            (false, false) => self.content_types.iter().any(|kind| other.content_types.contains(kind)),
            _ => false,
        };
        types && self.larger_than == other.larger_than && self.priority == other.priority
    }
}

impl fmt::Display for Decision<'_> {
    /// For logs and for people: `route 2 (/PRMD=navy/ADMD=x/C=XX/): to hub, else to backup`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Rule(number, rule) => {
                match &rule.called {
                    None => write!(f, "route {number}")?,
                    Some(called) => f.write_str(called)?,
                }
                write!(f, " ({}): {}", rule.recipients(), rule.action)
            }
            Reason::OwnDomain => f.write_str("our own management domain: to the Internet side"),
            Reason::NoRule => f.write_str("no route"),
        }
    }
}

impl fmt::Display for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.content_types.is_empty() {
            let names: Vec<_> = self.content_types.iter().map(content_type).collect();
            write!(f, ", content type {}", names.join(" or "))?;
        }
        if let Some(limit) = self.larger_than {
            write!(f, ", over {limit} octets")?;
        }
        match self.priority {
            Some(priority) => write!(f, ", priority {}", priority.label().unwrap_or("unknown")),
            None => Ok(()),
        }
    }
}

/// A content type as the configuration has it.
pub(crate) fn content_type(kind: &ContentType) -> String {
    match kind {
        ContentType::BuiltIn(number @ (2 | 22 | 35)) => format!("P{number}"),
        ContentType::BuiltIn(0) => "unidentified".into(),
        ContentType::BuiltIn(1) => "external".into(),
        ContentType::BuiltIn(number) => number.to_string(),
        ContentType::Extended(oid) if *oid == rasn_x400::oids::CONTENT_P772 => "P772".into(),
        ContentType::Extended(oid) => oid.to_string(),
        ContentType::Unknown(_) => "of an unknown form".into(),
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transfer(peers) => write!(f, "to {}", peers.join(", else to ")),
            Self::Internet => f.write_str("to the Internet side"),
            Self::Redirect(name) => {
                write!(f, "redirected to {}", KeyedAddress::from_or_name(name).address)
            }
            Self::Refuse { non_delivery, text } => write!(f, "refused: {text} ({non_delivery})"),
        }
    }
}
