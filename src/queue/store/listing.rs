//! Which entries an operator wants to see, and what is shown of each.

use time::OffsetDateTime;

use super::{State, StateKind};
use crate::queue::entry::{Kind, Origin, QueueId, Recipient, Urgency};

/// Which entries are wanted: those of which all that is said here is true.
///
/// Texts are compared without regard to case, and `*` stands for anything. A sender or recipient without `@` and `/` is a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In one of these states; any if there is none.
    pub states: Vec<StateKind>,
    /// From here.
    pub sender: Option<String>,
    /// For somebody here.
    pub recipient: Option<String>,
    /// Of whom a peer or server is named: it took it, was tried last, or handed it over.
    pub peer: Option<String>,
    /// Accepted before this.
    pub before: Option<OffsetDateTime>,
    /// Accepted after this.
    pub since: Option<OffsetDateTime>,
    /// Of so many octets or more.
    pub at_least: Option<u64>,
    /// Of so many octets or fewer.
    pub at_most: Option<u64>,
    /// With this `Message-ID`, MTS identifier or ENVID, as a whole or with `*`.
    pub identifier: Option<String>,
    /// With this in the last error of a recipient, or in the reason why it is held or quarantined, anywhere.
    pub error: Option<String>,
    /// Accepted after this one; the last id of a page leads to the next.
    pub after: Option<QueueId>,
    /// At most so many.
    pub limit: u32,
}

/// How many entries there are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// The state.
    pub state: StateKind,
    /// How many there are.
    pub entries: u64,
    /// When the first of them was accepted.
    pub oldest: OffsetDateTime,
}

/// What is shown of an entry. A damaged one is shown as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entry.
    pub id: QueueId,
    /// Its state.
    pub state: State,
    /// When it was accepted.
    pub received_at: OffsetDateTime,
    /// What it holds, and who handed it over; if that can be read.
    pub head: Option<LineHead>,
    /// As in the envelope.
    pub reverse_path: Option<String>,
    /// What the message calls itself.
    pub identifier: Option<String>,
    /// Of the content, in octets.
    pub length: u64,
    /// What its last conversion lost, as it was [noted](super::Store::note_losses).
    pub losses: Option<String>,
    /// The first of its recipients.
    pub recipients: Vec<Recipient>,
    /// How many there are.
    pub count: u32,
    /// The entry in whose commit it was made.
    pub because_of: Option<QueueId>,
    /// The entry that it is about.
    pub about: Option<QueueId>,
}

/// What is written in the head of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineHead {
    /// What it holds.
    pub kind: Kind,
    /// How urgent it is.
    pub urgency: Urgency,
    /// Who handed it over.
    pub origin: Origin,
    /// Its ENVID.
    pub envelope_id: Option<String>,
}

/// A pattern in which `*` stands for anything, case ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// For the whole of a text.
    #[must_use]
    pub fn new(written: &str) -> Self {
        Self(written.to_lowercase())
    }

    /// For an address: of a domain all addresses, unless it is one already.
    #[must_use]
    pub fn address(written: &str) -> Self {
        let is_domain = !written.contains(['@', '/', '=']) && !written.is_empty() && written != "*";
        Self::new(&if is_domain { format!("*@{written}") } else { written.to_owned() })
    }

    /// For a text anywhere.
    #[must_use]
    pub fn within(written: &str) -> Self {
        Self::new(&format!("*{written}*"))
    }

    /// Whether a text is of this kind.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            match rest.find(part) {
                Some(place) => rest = &rest[place + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }

    /// The same for SQLite's GLOB, for texts that its `lower` has passed: that knows no case beyond US-ASCII.
    pub(super) fn glob(&self) -> String {
        let mut glob = String::with_capacity(self.0.len());
        for character in self.0.chars() {
            let mut upper = character.to_uppercase();
            match (character, upper.next(), upper.next()) {
                ('?' | '[', ..) => glob.extend(['[', character, ']']),
                (_, Some(upper), None) if !character.is_ascii() => glob.extend(['[', character, upper, ']']),
                _ => glob.push(character),
            }
        }
        glob
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        // pattern, text, whether it matches
        for (pattern, text, expected) in [
            (Pattern::new("ann@a.example"), "Ann@A.example", true),
            (Pattern::new("ann@a.example"), "joann@a.example", false),
            (Pattern::new("ann@a.example"), "ann@a.example.org", false),
            (Pattern::address("a.example"), "ann@a.example", true),
            (Pattern::address("a.example"), "ann@b.a.example", false),
            (Pattern::address("*.a.example"), "ann@b.a.example", true),
            (Pattern::address("/O=Navy/*"), "/o=navy/C=XX/", true),
            (Pattern::address(""), "", true),
            (Pattern::address(""), "ann@a.example", false),
            (Pattern::within("refused"), "550 Refused by rule", true),
            (Pattern::new("a*b*c"), "a-b-b-c", true),
            (Pattern::new("a*bc*c"), "abc", false),
            (Pattern::new("*"), "", true),
            (Pattern::new("\u{c4}nn@*"), "\u{e4}NN@a.example", true),
            (Pattern::new("\u{e4}nn@*"), "\u{c4}nn@a.example", true),
            (Pattern::new("stra\u{df}e"), "STRA\u{df}E", true),
        ] {
            assert_eq!(pattern.matches(text), expected, "{pattern:?} {text}");
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            let same: bool = connection
                .query_row("SELECT lower(?1) GLOB ?2", [text, &pattern.glob()], |row| row.get(0))
                .unwrap();
            assert_eq!(same, expected, "as GLOB: {pattern:?} {text}");
        }
    }
}
