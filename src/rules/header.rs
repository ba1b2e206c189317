//! What is done with header fields: `[[header]]`, one rule for both directions.
//!
//! Towards X.400 a field of the mail becomes a heading field, an extension of the heading, a constant, or nothing, before
//! MIXER looks at the header; towards the Internet the same is undone in what MIXER made. Of several rules for one field the
//! most specific one that holds is used: user before peer before everybody, then the one with more conditions. `load` reads
//! the rules; what they do with a message is in [`crate::mixer`].

mod load;
mod syntax;
mod value;

use std::ops::Deref;
use std::sync::Arc;

use rasn_x400::prim::{Oid, RawTlv};

use super::Origin;
use super::file::Direction;
use super::pattern::{Pattern, Specificity};
use super::registry::RuleNumber;
use super::scope::Scope;
use super::traffic::{Traffic, Way};
pub(super) use load::HeaderSection;
pub use syntax::Syntax;
pub use value::ValueMap;

/// One rule about a header field.
#[derive(Debug, Clone)]
pub struct HeaderRule {
    /// Its number.
    pub rule: RuleNumber,
    /// What it is called, with its place.
    pub called: String,
    /// The same for explanations.
    pub origin: Origin,
    /// The field of the mail.
    pub field: String,
    /// What it becomes.
    pub target: Target,
    /// For whom it counts.
    pub scope: Scope,
    /// When.
    pub when: When,
    value: ValueMap,
    direction: Direction,
}

/// What a field becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The heading field that MIXER maps to and from the field of this name.
    Heading(String),
    /// An extension of the heading.
    Extension(Oid, Syntax),
    /// The field gets this value, whatever it had.
    Constant(String),
    /// Nothing.
    Nothing,
}

/// When a rule counts: if all of this holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// The mail has this field; with this value, if one is said.
    pub field: Option<(String, Option<String>)>,
    /// Who sends.
    pub from: Option<Pattern>,
    /// Whom it is for.
    pub to: Option<Pattern>,
}

/// The rules that count for one conversion, the one that goes first before the others.
#[derive(Debug, Clone, Default)]
pub struct HeaderRules(Arc<[Arc<HeaderRule>]>);

impl Deref for HeaderRules {
    type Target = [Arc<HeaderRule>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl FromIterator<Arc<HeaderRule>> for HeaderRules {
    fn from_iter<I: IntoIterator<Item = Arc<HeaderRule>>>(rules: I) -> Self {
        Self(rules.into_iter().collect())
    }
}

impl HeaderRule {
    /// Whether it counts for this message and recipient, whatever fields it has.
    #[must_use]
    pub fn holds(&self, traffic: &Traffic<'_>) -> bool {
        self.counts(traffic, false)
    }

    /// Whether it counts for this message and recipient, or may, where it is not known who sends.
    pub(super) fn may_hold(&self, traffic: &Traffic<'_>) -> bool {
        self.counts(traffic, true)
    }

    /// Whether it counts, if what is said of somebody who is not known is `unknown`.
    fn counts(&self, traffic: &Traffic<'_>, unknown: bool) -> bool {
        let who = |pattern: &Option<Pattern>, party| {
            pattern.as_ref().is_none_or(|one| one.decides(party).unwrap_or(unknown))
        };
        let Scope { user, .. } = &self.scope;
        self.direction.is(traffic.way)
            && self.scope.has_peer(traffic.peers)
            && (who(user, traffic.to) || who(user, traffic.from))
            && who(&self.when.from, traffic.from)
            && who(&self.when.to, traffic.to)
    }

    /// Whether it counts for a mail with these fields; `has` says whether there is one of a name, with a value if one is wanted.
    pub(crate) fn holds_for_fields(&self, has: impl Fn(&str, Option<&str>) -> bool) -> bool {
        self.when.field.as_ref().is_none_or(|(name, value)| has(name, value.as_deref()))
    }

    /// Whether it counts for mail or messages that go this way.
    pub(super) fn has_way(&self, way: Way) -> bool {
        self.direction.is(way)
    }

    /// For whom and when it counts.
    #[must_use]
    pub fn because(&self) -> String {
        let mut said = vec![self.scope.to_string()];
        said.extend(self.when.from.as_ref().map(|from| format!("from {from}")));
        said.extend(self.when.to.as_ref().map(|to| format!("to {to}")));
        said.extend(self.when.field.as_ref().map(|(name, value)| match value {
            None => format!("if there is {name}"),
            Some(value) => format!("if {name} is `{value}`"),
        }));
        said.join(", ")
    }

    /// Whether values stay as they are.
    #[must_use]
    pub fn keeps_values(&self) -> bool {
        self.value.is_plain()
    }

    /// The value of the field in X.400, if it is one this rule is about.
    #[must_use]
    pub fn to_x400(&self, value: &str) -> Option<String> {
        self.value.to_x400(value)
    }

    /// The value of the field on the Internet, if it is one this rule makes.
    #[must_use]
    pub fn to_internet(&self, value: &str) -> Option<String> {
        self.value.to_internet(value)
    }

    /// The extension with a value of the field.
    pub(crate) fn extension(&self, value: &str) -> Option<(Oid, RawTlv)> {
        let Target::Extension(kind, syntax) = &self.target else { return None };
        Some((kind.clone(), syntax.encode(&self.to_x400(value)?)?))
    }

    /// The value of the field that an extension was made from.
    pub(crate) fn of_extension(&self, kind: &Oid, value: Option<&RawTlv>) -> Option<String> {
        match &self.target {
            Target::Extension(known, syntax) if known == kind => self.to_internet(&syntax.decode(value?)?),
            _ => None,
        }
    }

    /// Most specific last.
    pub(super) fn specificity(&self) -> impl Ord + use<> {
        let said = |pattern: &Option<Pattern>| {
            pattern.as_ref().map(Pattern::specificity).map_or(0, Specificity::parts)
        };
        let field = match &self.when.field {
            None => 0,
            Some((_, None)) => 1,
            Some((_, Some(_))) => 2,
        };
        let people = said(&self.when.from) + said(&self.when.to);
        (self.scope.specificity(), people, field, self.direction != Direction::Both)
    }
}

/// Puts rules in the order in which they are asked.
pub(super) fn sort(rules: &mut [Arc<HeaderRule>]) {
    rules.sort_by(|one, other| other.specificity().cmp(&one.specificity()).then(one.rule.cmp(&other.rule)));
}
