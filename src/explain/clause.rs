//! From the id of a requirement, as the translator cites it, to the clause of the standard.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;

/// What asks for something: a clause of a standard, or this gateway's own decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Clause {
    /// The standard and its clause: `RFC 2156 5.1.3`.
    pub text: String,
    /// What it asks for, in our words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The id of the requirement in the conformance ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

impl Clause {
    /// What is cited: an id of the ledger, with `beyond ` before it where both lists have it; else a clause as it stands.
    #[must_use]
    pub fn cited(cited: &str) -> Self {
        static LEDGER: OnceLock<Option<Ledger>> = OnceLock::new();
        let Some(ledger) = LEDGER.get_or_init(|| Ledger::read().ok()) else { return Self::plain(cited) };
        let found = match cited.strip_prefix("beyond ") {
            Some(id) => ledger.beyond.requirements.get(id),
            None => ledger.mixer.requirements.get(cited).or_else(|| ledger.beyond.requirements.get(cited)),
        };
        match found {
            Some(found) => Self {
                text: found.clause.clone(),
                title: Some(found.title.clone()),
                id: Some(cited.to_owned()),
            },
            None => Self::plain(cited),
        }
    }

    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), title: None, id: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_clauses_and_clauses_stay() {
        let of = |cited| (Clause::cited(cited).text, Clause::cited(cited).title.unwrap_or_default());
        assert_eq!(of("H-24"), ("RFC 2156 5.1.3".into(), "Subject becomes subject".into()));
        // Only one of the lists has it.
        assert_eq!(of("M-14").0, "RFC 6477 6");
        // Both have.
        assert_eq!(of("S-04").0, "RFC 2156 5.1.8.3");
        assert_eq!(of("beyond S-04").0, "RFC 2157 7.3");
        assert_eq!(of("X.420 8.4"), ("X.420 8.4".into(), String::new()));
    }
}
