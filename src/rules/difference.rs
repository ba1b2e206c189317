//! What other rules would change: an address by two sets, side by side.
//!
//! No list of addresses and nobody to ask is here: whoever has them gives a mapper of each set.

use std::collections::BTreeMap;
use std::fmt;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text;
use serde::Serialize;

use crate::mixer::AddressContext;
use crate::mixer::address::{Mapper, Step, Unmappable};
use crate::rules::pattern::{Party, Pattern};

/// An address, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// As it is written.
    pub address: String,
    /// Where it stands, which says where it goes.
    pub place: Place,
}

/// Where an address stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// An Internet address that a mail is for.
    Recipient,
    /// An Internet address that a mail came from.
    Originator,
    /// An O/R address, wherever it stands.
    OrAddress,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Recipient => "recipient",
            Self::Originator => "originator",
            Self::OrAddress => "O/R address",
        })
    }
}

impl Case {
    /// What an address in a list is to be tried as: an Internet address as recipient and as originator.
    #[must_use]
    pub fn of(address: &str) -> Vec<Self> {
        let case = |place| Self { address: address.to_owned(), place };
        match is_internet(address) {
            true => vec![case(Place::Recipient), case(Place::Originator)],
            false => vec![case(Place::OrAddress)],
        }
    }
}

impl Case {
    /// Whether it is about a user: by the address, or by what it becomes.
    #[must_use]
    pub fn is_about(&self, user: &Pattern, outcome: &Outcome, countries: &BTreeMap<String, String>) -> bool {
        let read = |text: &str| text::parse(text).ok()?.to_or_name().ok();
        let (mailbox, name) = match (self.place, outcome.result.as_deref()) {
            (Place::OrAddress, mailbox) => (mailbox, read(&self.address)),
            (_, name) => (Some(self.address.as_str()), name.and_then(read)),
        };
        user.matches(&Party::new(mailbox, name.as_ref(), countries))
    }
}

/// An O/R address begins with a slash or with a key; with a quote begins an Internet address that holds one.
fn is_internet(address: &str) -> bool {
    let key = |address: &str| {
        let name = address.split_once('=').map_or("", |(name, _)| name.trim());
        !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
    };
    !address.starts_with('/') && address.contains('@') && !(key(address) && address.contains(';'))
}

/// What one set makes of an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// The address on the other side.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Where a message for it goes, if that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The rules that decided, `file:line`, or the clause where none did.
    pub because: Vec<String>,
}

/// Where a message for an O/R address goes; the flag says whether it came from the Internet.
pub type Route<'a> = dyn Fn(&OrName, bool) -> String + 'a;

impl Outcome {
    /// What `mapper` makes of it. Without steps, `because` has nothing of what was mapped.
    ///
    /// # Errors
    /// It is to be an O/R address, and cannot be read.
    pub fn of(case: &Case, mapper: Mapper<'_>, route: Option<&Route<'_>>) -> Result<Self, String> {
        let context = match case.place {
            Place::Recipient => AddressContext::Recipient,
            Place::Originator => AddressContext::ReturnPath,
            Place::OrAddress => {
                let name = text::parse(&case.address).map_err(|error| error.to_string())?;
                let name = name.to_or_name().map_err(|error| error.to_string())?;
                let route = route.map(|route| route(&name, false));
                return Ok(match mapper.to_internet(&name) {
                    Ok(found) => Self::found(found.address, &found.steps, route),
                    Err(error) => Self { route, ..Self::refused(&error) },
                });
            }
        };
        Ok(match mapper.to_or(&case.address, context) {
            Ok(found) => {
                let route = route.filter(|_| case.place == Place::Recipient);
                let route = route.map(|route| route(&found.name, true));
                Self::found(found.address.to_std_or(), &found.steps, route)
            }
            Err(error) => Self::refused(&error),
        })
    }

    fn found(result: String, steps: &[Step], route: Option<String>) -> Self {
        Self { result: Some(result), refused: None, route, because: because(steps) }
    }

    fn refused(error: &Unmappable) -> Self {
        let mut because = rules(&error.steps);
        if because.is_empty() {
            because.push(error.clause.to_owned());
        }
        Self { result: None, refused: Some(error.to_string()), route: None, because }
    }

    /// Whether it comes to the same, whatever the reason.
    fn is_as(&self, other: &Self) -> bool {
        (&self.result, &self.refused, &self.route) == (&other.result, &other.refused, &other.route)
    }
}

/// The rules of the steps; where no rule was used, the clause of the last step.
fn because(steps: &[Step]) -> Vec<String> {
    let mut because = rules(steps);
    if because.is_empty() {
        because.extend(steps.last().map(|step| step.clause.to_owned()));
    }
    because
}

/// The rules of the steps, each once.
fn rules(steps: &[Step]) -> Vec<String> {
    let mut rules: Vec<String> = Vec::new();
    for rule in steps.iter().filter_map(|step| step.rule.as_ref()) {
        let rule = rule.to_string();
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules
}

/// In which way something is otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It becomes another address.
    Mapped,
    /// It had a counterpart, and has none.
    Lost,
    /// It had none, and has one.
    Gained,
    /// It is refused for another reason.
    Refused,
    /// The same address goes another way.
    Routed,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Mapped, Self::Lost, Self::Gained, Self::Refused, Self::Routed];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mapped => "mapped otherwise",
            Self::Lost => "no longer mapped",
            Self::Gained => "newly mapped",
            Self::Refused => "refused for another reason",
            Self::Routed => "routed otherwise",
        })
    }
}

/// An address that other rules make something else of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// As it is written.
    pub address: String,
    /// Where it stands.
    pub place: Place,
    /// In which way.
    pub kind: Kind,
    /// What becomes of it now.
    pub old: Outcome,
    /// What would become of it.
    pub new: Outcome,
}

impl Change {
    /// What two outcomes of a case differ in, if they do.
    #[must_use]
    pub fn between(case: &Case, old: Outcome, new: Outcome) -> Option<Self> {
        if old.is_as(&new) {
            return None;
        }
        let kind = match (&old.result, &new.result) {
            (Some(old), Some(new)) if old == new => Kind::Routed,
            (Some(_), Some(_)) => Kind::Mapped,
            (Some(_), None) => Kind::Lost,
            (None, Some(_)) => Kind::Gained,
            (None, None) if old.refused == new.refused => Kind::Routed,
            (None, None) => Kind::Refused,
        };
        Some(Self { address: case.address.clone(), place: case.place, kind, old, new })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, place, kind, old, new } = self;
        writeln!(f, "{address} ({place}): {kind}")?;
        for (name, outcome) in [("old", old), ("new", new)] {
            let said = outcome.result.as_ref().or(outcome.refused.as_ref()).map_or("", String::as_str);
            let because = outcome.because.join(", ");
            writeln!(f, "  {name}: {said} [{because}]")?;
            if let Some(route) = &outcome.route
                && old.route != new.route
            {
                writeln!(f, "       {route}")?;
            }
        }
        Ok(())
    }
}

/// How many changes there are, and of which rules.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Cases that were tried.
    pub cases: u64,
    /// Of these, what could not be read.
    pub unreadable: u64,
    /// Changes by kind.
    pub kinds: BTreeMap<Kind, u64>,
    /// Changes by the rules that decide now and would decide.
    reasons: BTreeMap<(String, String), u64>,
    /// Changes whose rules are not told apart any more.
    others: u64,
}

impl Counts {
    /// Pairs of rules that are counted apart.
    const REASONS: usize = 10_000;

    /// Counts a case that was tried.
    pub fn add(&mut self, change: Option<&Change>) {
        self.cases += 1;
        let Some(change) = change else { return };
        *self.kinds.entry(change.kind).or_default() += 1;
        let key = (change.old.because.join(", "), change.new.because.join(", "));
        if self.reasons.len() < Self::REASONS || self.reasons.contains_key(&key) {
            *self.reasons.entry(key).or_default() += 1;
        } else {
            self.others += 1;
        }
    }

    /// All changes.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.kinds.values().sum()
    }

    /// The pairs of rules with the most changes first.
    #[must_use]
    pub fn reasons(&self) -> Vec<(&str, &str, u64)> {
        let reasons = self.reasons.iter();
        let mut reasons: Vec<_> =
            reasons.map(|((old, new), count)| (old.as_str(), new.as_str(), *count)).collect();
        reasons.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        reasons
    }

    /// The rules with the most changes, one pair a line.
    #[must_use]
    pub fn reasons_text(&self) -> String {
        const SHOWN: usize = 20;
        let reasons = self.reasons();
        let shown = reasons.iter().take(SHOWN);
        let mut lines: Vec<String> =
            shown.clone().map(|(old, new, count)| format!("  {count:>7}  {old} -> {new}")).collect();
        let left = self.changes() - shown.map(|(_, _, count)| count).sum::<u64>();
        if left > 0 {
            lines.push(format!("  {left:>7}  by other rules"));
        }
        lines.join("\n")
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let reasons = self.reasons();
        let reasons = reasons
            .into_iter()
            .map(|(old, new, count)| serde_json::json!({ "old": old, "new": new, "count": count }));
        serde_json::json!({
            "cases": self.cases,
            "unreadable": self.unreadable,
            "changes": self.changes(),
            "kinds": self.kinds,
            "reasons": reasons.collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Counts {
    /// The numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} cases change", self.changes(), self.cases)?;
        for (place, (kind, count)) in self.kinds.iter().enumerate() {
            write!(f, "{}{count} {kind}", if place == 0 { ": " } else { ", " })?;
        }
        if self.unreadable > 0 {
            write!(f, "; {} could not be read", self.unreadable)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_list_is_of_one_side() {
        for (address, places) in [
            ("ada@example.com", &[Place::Recipient, Place::Originator][..]),
            ("\"/S=a/C=gb/\"@example.com", &[Place::Recipient, Place::Originator]),
            ("a=b@example.com", &[Place::Recipient, Place::Originator]),
            ("/S=a/ADMD= /C=gb/", &[Place::OrAddress]),
            ("/DDA:RFC-822=a@b.example/ADMD= /C=gb/", &[Place::OrAddress]),
            ("S=a; A=; C=gb", &[Place::OrAddress]),
            ("DDA:RFC-822=x", &[Place::OrAddress]),
            ("S=a(a)b; DDA:RFC-822=x@y; C=gb", &[Place::OrAddress]),
        ] {
            let found: Vec<Place> = Case::of(address).into_iter().map(|case| case.place).collect();
            assert_eq!(found, places, "{address}");
        }
    }
}
