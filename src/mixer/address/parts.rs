//! Which step made which part of an address: for explanations.

use std::fmt::Display;

use rasn_x400::x411::address::text::{Key, KeyedAddress};

use super::{Step, Steps};
use crate::rules::Origin;

/// One piece of a mapped address, and what made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Label of an attribute (`S`, `OU1`, `DDA:RFC-822`), or `local part`, `label`, `domain`.
    pub name: String,
    /// Its value.
    pub value: String,
    /// What it was made of: `local part`, `label of the domain`, `OU=sales`.
    pub source: String,
    /// The clause that says so.
    pub clause: &'static str,
    /// The line of a table or the looked-up record that was used.
    pub rule: Option<Origin>,
}

/// What a step said about one attribute.
#[derive(Debug)]
pub(super) struct Made {
    key: Key,
    value: String,
    source: String,
    clause: &'static str,
    rule: Option<Origin>,
}

impl Steps {
    /// Notes what an attribute of the address that is being made comes from.
    pub(super) fn attribute(
        &mut self,
        (key, value): (&Key, &str),
        source: impl Display,
        clause: &'static str,
        rule: Option<&Origin>,
    ) {
        if !self.silent {
            let (key, value, source) = (key.clone(), value.to_owned(), source.to_string());
            self.made.push(Made { key, value, source, clause, rule: rule.cloned() });
        }
    }

    /// Notes that all attributes come from the same.
    pub(super) fn attributes(
        &mut self,
        address: &KeyedAddress,
        source: &str,
        clause: &'static str,
        rule: Option<&Origin>,
    ) {
        if !self.silent {
            for attribute in address.attributes() {
                self.attribute((&attribute.key, &attribute.value), source, clause, rule);
            }
        }
    }

    /// Notes what a piece of an Internet address comes from.
    pub(super) fn part(
        &mut self,
        name: &str,
        value: impl Display,
        source: impl Display,
        clause: &'static str,
        rule: Option<&Origin>,
    ) {
        if !self.silent {
            let (name, value, source) = (name.to_owned(), value.to_string(), source.to_string());
            self.parts.push(Part { name, value, source, clause, rule: rule.cloned() });
        }
    }

    /// Forgets what attributes were to come from: another way is taken.
    pub(super) fn another_way(&mut self) {
        self.made.clear();
    }

    /// What each attribute of the finished address comes from. What nobody spoke of was given by the last step as a whole.
    pub(super) fn parts_of_address(&mut self, address: &KeyedAddress) -> Vec<Part> {
        if self.silent {
            return Vec::new();
        }
        let units = address.units().count();
        let mut unit = units;
        let mut parts = Vec::with_capacity(address.attributes().len());
        for attribute in address.attributes() {
            let name = match &attribute.key {
                // The most significant one is the first, and stands last.
                Key::OrganizationalUnit => {
                    unit -= 1;
                    format!("OU{}", unit + 1)
                }
                Key::DomainDefined(kind) => format!("DDA:{kind}"),
                key => key.label().to_owned(),
            };
            let value = attribute.value.clone();
            let noted =
                self.made.iter().position(|made| made.key == attribute.key && made.value == attribute.value);
            parts.push(match noted.map(|place| self.made.remove(place)) {
                Some(Made { source, clause, rule, .. }) => Part { name, value, source, clause, rule },
                None => by_last_step(self.taken.last(), name, value),
            });
        }
        parts
    }

    /// What the pieces of a finished Internet address come from. If nobody spoke of them, the last step gave it as a whole.
    pub(super) fn parts_of_mailbox(&mut self, mailbox: &str) -> Vec<Part> {
        if self.silent {
            return Vec::new();
        }
        if !self.parts.is_empty() {
            // A domain is spoken of before the local part, where it decides what that is.
            let mut parts = std::mem::take(&mut self.parts);
            parts.sort_by_key(|part| part.name != "local part");
            return parts;
        }
        let (local, domain) = mailbox.rsplit_once('@').unwrap_or((mailbox, ""));
        let pieces = [("local part", local), ("domain", domain)];
        pieces.map(|(name, value)| by_last_step(self.taken.last(), name.to_owned(), value.to_owned())).into()
    }
}

fn by_last_step(step: Option<&Step>, name: String, value: String) -> Part {
    let (source, clause, rule) = match step {
        Some(step) => (step.what.to_string(), step.clause, step.rule.clone()),
        None => ("the address".to_owned(), "RFC 2156 4.3", None),
    };
    Part { name, value, source, clause, rule }
}
