//! What an operator does with entries, and what is kept of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::StateKind;
use super::listing::Pattern;
use crate::queue::entry::{Entry, RecipientOptions};

/// Why an entry is not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// In words.
    pub reason: String,
    /// The number of the rule that says so, if one does.
    pub rule: Option<u64>,
}

/// Something that happened to an entry and that nothing else tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What, in one word.
    pub kind: String,
    /// Who did it, if it was an operator.
    pub who: Option<String>,
    /// What there is to say of it.
    pub detail: serde_json::Value,
}

/// An event of an entry, and when it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub event: Event,
}

/// What is done with an entry; with one that has ended only [`Note`](Operation::Note).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// One that is queued is not tried any more. An attempt that is under way goes on; whoever has no end after it waits.
    Hold(Hold),
    /// One that is damaged, quarantined already or not, is held: from there it can be written down that it has ended.
    Salvage(Hold),
    /// One that was held, or quarantined, is tried again as it would have been.
    Release {
        /// Whether no rule holds it again.
        exempt: bool,
    },
    /// It is tried at once, whatever was to be waited for. One that is held stays so.
    Retry,
    /// Nothing is done with it; the event is noted, whatever became of it.
    Note,
    /// A recipient gets another address. For whoever has [taken](super::sqlite::SqliteStore::take) the entry.
    Redirect {
        /// The recipient's number.
        number: u32,
        /// The other address.
        address: String,
        /// Its options from now on.
        options: RecipientOptions,
    },
}

/// What became of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operated {
    /// It is done.
    Done,
    /// It is done, and an attempt that is under way is not touched by it.
    AfterAttempt,
    /// The entry is not in a state in which that could be done, but in this one; `None` if there is no such entry.
    NotInState(Option<StateKind>),
}

/// What became of the wish to have an entry for oneself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// Nobody else touches it until it is recorded, or [given back](super::sqlite::SqliteStore::give_back).
    Taken(Arc<Entry>),
    /// It is being transferred, or somebody else has taken it.
    UnderWay,
    /// It has ended, or cannot be read; `None` if there is no such entry.
    NotOpen(Option<StateKind>),
}

/// Which entries are held before they are tried. What is not said is not asked; what is said must all be so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct HoldRule {
    /// What would be transferred to this peer first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// What comes from this address, or of this domain; `*` stands for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// What is for somebody in this domain, or for an O/R address with this text; `*` stands for anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient_domain: Option<String>,
    /// Why, for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl HoldRule {
    /// Whether it names anything; a rule that does not holds nothing.
    #[must_use]
    pub const fn says_anything(&self) -> bool {
        self.peer.is_some() || self.sender.is_some() || self.recipient_domain.is_some()
    }

    /// The peer that it names, if that is none of these.
    #[must_use]
    pub fn unknown_peer(&self, peers: &[&str]) -> Option<&str> {
        let named = self.peer.as_deref()?;
        let pattern = Pattern::new(named);
        (!peers.iter().any(|peer| pattern.matches(peer))).then_some(named)
    }
}

/// A rule that was made while the gateway ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedRule {
    /// Its number, which no other has or gets.
    pub number: u64,
    /// When it was made.
    pub at: OffsetDateTime,
    /// Who made it.
    pub who: String,
    /// What it says.
    pub rule: HoldRule,
}

/// A change of the rules that hold entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleChange {
    /// One more.
    Add {
        /// What it says.
        rule: HoldRule,
        /// Who makes it.
        who: String,
        /// Now.
        at: OffsetDateTime,
    },
    /// One less; what it held is released.
    Remove {
        /// Its number.
        number: u64,
        /// Who removes it.
        who: String,
        /// Now.
        at: OffsetDateTime,
    },
}
