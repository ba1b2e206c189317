//! Where a result comes from: of an address each attribute, of a message each field, with the rule or clause that decided.
//!
//! * [`address`] – one address in one place: how it is mapped, what was tried, what the SMTP client hears, where it is
//!   routed, and what the peer sees;
//! * [`message`] – a whole message: each output field with its source, and what was lost;
//! * [`judged`] – what rules about messages say of one to an address;
//! * `clause` – from the ids of the ledger to the texts of the standards; `place` – from names of fields to octets;
//! * `text` – for people.
//!
//! Nothing is explained after the fact: what is told was noted by the code that decided (see
//! [`crate::mixer::address::Part`] and [`crate::mixer::loss::Trail`]). The types are those of `x400gw explain --json` and
//! of the running gateway's answers; they are read back by the same program that writes them.
//!
//! No clock, socket or file.

use serde::{Deserialize, Serialize};

use crate::mixer::AddressContext;
use crate::mixer::address::Step as MappingStep;
use crate::rules::{Origin, registry};

pub mod address;
mod clause;
pub mod judged;
pub mod message;
mod place;
pub mod text;

pub use clause::Clause;

/// What became of what was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It has a counterpart.
    Mapped,
    /// It has none.
    Refused,
    /// It is not known now: a source of mappings did not answer.
    Undetermined,
    /// It is neither an address nor a message.
    Malformed,
}

/// Where something is to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// X.400.
    X400,
    /// The Internet.
    Internet,
}

/// Where an address stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// RCPT TO, or a recipient of P1.
    #[default]
    Recipient,
    /// MAIL FROM, or the originator of P1.
    ReturnPath,
    /// A header field, or a field of the heading.
    Header,
}

/// The rule or record that decided something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rule {
    /// As people write it: `template staff (rules.toml:12)`, or the record and who gave it.
    pub text: String,
    /// What it is: `equivalence`, `template`; not of a record that was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What the operator calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The file or table; not of a record that was looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// One thing the mapping did, or tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// What was done.
    pub what: String,
    /// What came of it, or why it does not apply.
    pub value: String,
    /// The clause that says so.
    pub clause: String,
    /// The rule that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// How far a reading came that does not apply: octets of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub octet: Option<usize>,
    /// What to write for it to apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl From<Place> for AddressContext {
    fn from(place: Place) -> Self {
        match place {
            Place::Recipient => Self::Recipient,
            Place::ReturnPath => Self::ReturnPath,
            Place::Header => Self::Header,
        }
    }
}

impl From<&Origin> for Rule {
    fn from(origin: &Origin) -> Self {
        let text = origin.to_string();
        match origin {
            Origin::Rule { kind, name, source, line, .. } => Self {
                text,
                kind: Some(kind.to_string()),
                name: name.as_deref().map(str::to_owned),
                file: Some(source.to_string()),
                line: Some(*line),
            },
            Origin::Lookup(_) => Self { text, kind: None, name: None, file: None, line: None },
        }
    }
}

impl From<&registry::Rule> for Rule {
    fn from(rule: &registry::Rule) -> Self {
        Self {
            text: rule.to_string(),
            kind: Some(rule.kind.to_string()),
            name: rule.name.as_deref().map(str::to_owned),
            file: Some(rule.source.to_string()),
            line: Some(rule.line),
        }
    }
}

impl From<&MappingStep> for Step {
    fn from(step: &MappingStep) -> Self {
        let fault = step.fault.as_ref();
        Self {
            what: step.what.to_string(),
            value: step.value.clone(),
            clause: step.clause.to_owned(),
            rule: step.rule.as_ref().map(Rule::from),
            octet: fault.map(|fault| fault.offset),
            suggestion: fault.and_then(|fault| fault.suggestion.clone()),
        }
    }
}
