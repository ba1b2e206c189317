//! The ledger of requirements, as it was when the program was built.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The ledger that the tests check against code and tests.
const TEXT: &str = include_str!("../tests/conformance.toml");

/// Both lists of requirements, which use the same ids for different things.
#[derive(Debug, Deserialize)]
pub(crate) struct Ledger {
    pub(crate) mixer: List,
    pub(crate) beyond: List,
}

/// One of the lists.
#[derive(Debug, Deserialize)]
pub(crate) struct List {
    /// Prefix of the ids, and what they are about.
    pub(crate) areas: BTreeMap<String, String>,
    pub(crate) requirements: BTreeMap<String, Requirement>,
}

/// One requirement.
#[derive(Debug, Deserialize)]
pub(crate) struct Requirement {
    level: String,
    pub(crate) clause: String,
    pub(crate) title: String,
    pub(crate) status: Status,
    #[serde(default)]
    pub(crate) reason: String,
}

/// How far a requirement is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// It is, and tests show it.
    Done,
    /// Decided against, with a reason.
    Exception,
    /// Not everywhere.
    Partial,
    /// Not yet.
    Todo,
}

impl Status {
    /// In the order of the columns.
    pub(crate) const ALL: [Self; 4] = [Self::Done, Self::Partial, Self::Exception, Self::Todo];
}

impl Ledger {
    pub(crate) fn read() -> Result<Self, toml::de::Error> {
        toml::from_str(TEXT)
    }

    pub(crate) fn lists(&self) -> [(&'static str, &List); 2] {
        [("mixer", &self.mixer), ("beyond", &self.beyond)]
    }

    /// The requirements that `list:id` names; `list:prefix` names a whole area.
    pub(crate) fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Requirement> {
        let (list, id) = name.split_once(':').unwrap_or(("mixer", name));
        let list = if list == "beyond" { &self.beyond } else { &self.mixer };
        let chosen = list.requirements.iter().filter(move |(own, _)| *own == id || prefix(own) == id);
        chosen.map(|(_, requirement)| requirement)
    }

    /// How far all of the named requirements are met together.
    pub(crate) fn answer(&self, names: &[&str]) -> Answer {
        let statuses: Vec<Status> =
            names.iter().flat_map(|name| self.named(name)).map(|requirement| requirement.status).collect();
        let met = |status: &Status| matches!(status, Status::Done | Status::Exception);
        match statuses.iter().filter(|status| met(status)).count() {
            0 if statuses.iter().all(|status| *status == Status::Todo) => Answer::No,
            all if all == statuses.len() => Answer::Yes,
            _ => Answer::InPart,
        }
    }
}

/// Whether something is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// All of it.
    Yes,
    /// Some of it.
    InPart,
    /// Nothing of it.
    No,
}

impl Answer {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::InPart => "in part",
            Self::No => "no",
        }
    }
}

impl Requirement {
    /// Whether conformance may only be claimed when this is met.
    pub(crate) fn is_mandatory(&self) -> bool {
        matches!(self.level.as_str(), "must" | "prohibited")
    }

    /// Whether it is neither met nor decided against.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status, Status::Partial | Status::Todo)
    }
}

/// The area an id belongs to.
pub(crate) fn prefix(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}
