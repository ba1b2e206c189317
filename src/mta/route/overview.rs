//! A routing table as an operator wants to see it: every rule in the order in which rules are tried, and those that no
//! message ever reaches.

use std::collections::BTreeSet;

use rasn_x400::x411::envelope::{ContentType, Priority};

use super::{Compiled, Rule, Table, Traits};

/// A rule and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its number, from 1 in the order of the configuration.
    pub number: usize,
    /// What it says.
    pub rule: &'a Rule,
    /// The numbers of the rules that together take every message it could apply to; empty if it is reached.
    pub hidden_by: Vec<usize>,
}

impl Table {
    /// All rules, most specific first: the first that matches decides.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry<'_>> {
        let messages = self.kinds_of_message();
        self.rules
            .iter()
            .enumerate()
            .map(|(place, Compiled { number, rule, .. })| Entry {
                number: *number,
                rule,
                hidden_by: self.hidden_by(place, &messages),
            })
            .collect()
    }

    /// The rules before this one that take all its messages, if they do. Each is looked at for all recipients of this rule at
    /// once: several rules that only together have all of them are not found out.
    fn hidden_by(&self, place: usize, messages: &[Traits]) -> Vec<usize> {
        let Some((this, before)) = self.rules.get(place).zip(self.rules.get(..place)) else {
            return Vec::new();
        };
        let mut hiding = BTreeSet::new();
        for message in messages.iter().filter(|message| this.rule.conditions.hold(message)) {
            let taker = before.iter().find(|other| {
                other.attributes.covers(&this.attributes) && other.rule.conditions.hold(message)
            });
            match taker {
                Some(taker) => hiding.insert(taker.number),
                None => return Vec::new(),
            };
        }
        hiding.into_iter().collect()
    }

    /// A message of each kind that the conditions of this table can tell apart.
    fn kinds_of_message(&self) -> Vec<Traits> {
        let conditions = || self.rules.iter().map(|compiled| &compiled.rule.conditions);
        // A report, what no rule names, and each type that one does.
        let mut content_types = vec![None];
        content_types.push(Some(unnamed(|kind| conditions().any(|it| it.content_types.contains(kind)))));
        content_types.extend(conditions().flat_map(|it| it.content_types.iter().cloned().map(Some)));
        let mut lengths = BTreeSet::from([0]);
        lengths.extend(conditions().filter_map(|it| it.larger_than).map(|limit| limit.saturating_add(1)));
        let priorities = [Priority::NORMAL, Priority::URGENT, Priority::NON_URGENT];
        let mut messages = Vec::new();
        for content_type in &content_types {
            for &length in &lengths {
                for priority in priorities {
                    let content_type = content_type.clone();
                    let own_domain_is_internet = false;
                    messages.push(Traits { content_type, length, priority, own_domain_is_internet });
                }
            }
        }
        messages
    }
}

/// A content type that is none of those.
fn unnamed(is_named: impl Fn(&ContentType) -> bool) -> ContentType {
    (1_000..).map(ContentType::BuiltIn).find(|kind| !is_named(kind)).unwrap_or(ContentType::UNIDENTIFIED)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rasn_x400::x411::address::text::{self, KeyedAddress};
    use rasn_x400::x411::trace::GlobalDomainIdentifier;

    use super::*;
    use crate::mta::route::{Action, Conditions};

    /// Rules as `address | content types | over | priority`, and for each in the order in which it is tried its number and
    /// those that hide it.
    #[test]
    fn the_order_of_rules_and_what_hides_them() {
        let kind = |number| vec![ContentType::BuiltIn(number)];
        let urgent = Some(Priority::URGENT);
        type Conditioned = (&'static str, Vec<ContentType>, Option<u64>, Option<Priority>);
        let plain = |address| (address, Vec::new(), None, None);
        let table: Vec<(&str, Vec<Conditioned>, &str)> = vec![
            ("longest match first", vec![plain(""), plain("/C=GB/"), plain("/ADMD=x/C=GB/")], "3 2 1"),
            (
                "a condition goes first, and leaves something",
                vec![plain("/C=GB/"), ("/C=GB/", Vec::new(), None, urgent)],
                "2 1",
            ),
            (
                "one of two types was taken before",
                vec![("", [kind(2), kind(22)].concat(), None, None), ("", kind(22), None, None)],
                "1 2<1",
            ),
            (
                "three priorities are all there are",
                vec![
                    ("/C=GB/", Vec::new(), None, urgent),
                    ("/C=GB/", Vec::new(), None, Some(Priority::NORMAL)),
                    ("/C=GB/", Vec::new(), None, Some(Priority::NON_URGENT)),
                    plain("/C=GB/"),
                ],
                "1 2 3 4<1,2,3",
            ),
            (
                "a lower limit has what is between, an equal one has nothing",
                vec![("", Vec::new(), Some(10), None), ("", Vec::new(), Some(5), None)],
                "1 2",
            ),
            (
                "other recipients hide nothing, and longer addresses leave something",
                vec![plain("/PRMD=p/ADMD=x/C=GB/"), plain("/PRMD=q/ADMD=x/C=GB/"), plain("/ADMD=x/C=GB/")],
                "1 2 3",
            ),
            (
                "an ADMD in a rule does not have those without one",
                vec![plain("/PRMD=p/C=GB/"), plain("/PRMD=p/ADMD=x/C=GB/")],
                "2 1",
            ),
            ("the same country in digits", vec![plain("/C=826/"), plain("/C=GB/")], "1 2<1"),
        ];
        for (case, rules, expected) in table {
            let rules = rules.into_iter().map(|(address, content_types, larger_than, priority)| Rule {
                address: match address {
                    "" => KeyedAddress::default(),
                    written => text::parse(written).expect("an address"),
                },
                conditions: Conditions { content_types, larger_than, priority },
                action: Action::Internet,
                called: None,
            });
            let own = GlobalDomainIdentifier::new("XX", "example", Some("gateway"));
            let countries = BTreeMap::from([("826".to_owned(), "GB".to_owned())]);
            let table = Table::new(rules.collect(), &own, &countries);
            let entries: Vec<String> = table
                .entries()
                .iter()
                .map(|entry| {
                    let hiding: Vec<String> = entry.hidden_by.iter().map(ToString::to_string).collect();
                    let separator = if hiding.is_empty() { "" } else { "<" };
                    format!("{}{separator}{}", entry.number, hiding.join(","))
                })
                .collect();
            assert_eq!(entries.join(" "), expected, "{case}");
        }
    }
}
