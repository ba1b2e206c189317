//! What a message lost on the way there and back: [`mails`] compares mails field by field and part by part, [`messages`]
//! does it with X.400 messages, element by element.
//!
//! Values are compared as what they mean, not as they are written: an encoded word and its characters are the same, as are
//! a folded field and one on a line, or a time in two zones. The octets of parts are compared as they are, without their
//! transfer encoding. No clock, socket or file.

mod mail;
mod x400;

use serde::Serialize;

pub use mail::mails;
pub use x400::messages;

/// What two messages have in common, and what they have not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Fields, or elements of ASN.1, that were compared.
    pub fields: usize,
    /// Those that are not the same.
    pub differences: Vec<Difference>,
    /// What became of each part, in the order of the first message; then what only the second has.
    pub parts: Vec<Part>,
}

impl Comparison {
    /// Whether nothing was lost. What the second message has besides is no loss.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differences.iter().all(|difference| difference.was.is_none())
            && self.parts.iter().all(|part| !part.outcome.is_loss())
    }
}

/// A field or element that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where it stands: `header Subject`, `header Subject of part 2`, `envelope.priority`.
    pub location: String,
    /// What the first message says, if anything.
    pub was: Option<String>,
    /// What the second says, if anything.
    pub is: Option<String>,
}

/// What became of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// Where it stands: `2.1`, or `body 2`.
    pub location: String,
    /// What it is: `image/png`, or `externally-defined`.
    pub kind: String,
    /// The name of its file, if it has one.
    pub name: Option<String>,
    /// Octets it has, without transfer encoding.
    pub octets: usize,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every octet is the same.
    Same,
    /// A text whose characters are the same in another character set or with other line ends.
    SameText,
    /// Something else.
    Changed {
        /// The first octet that is not the same.
        from: usize,
        /// Octets that it has now.
        octets: usize,
    },
    /// It is not there.
    Missing,
    /// It was not there before.
    Added,
}

impl Outcome {
    /// Whether something is not there any more as it was.
    #[must_use]
    pub const fn is_loss(self) -> bool {
        matches!(self, Self::Changed { .. } | Self::Missing)
    }
}

/// What became of octets that were `before`.
fn changed(before: &[u8], after: &[u8]) -> Outcome {
    match before.iter().zip(after).position(|(a, b)| a != b) {
        None if before.len() == after.len() => Outcome::Same,
        None => Outcome::Changed { from: before.len().min(after.len()), octets: after.len() },
        Some(from) => Outcome::Changed { from, octets: after.len() },
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.was, &self.is) {
            (Some(was), Some(is)) => write!(f, "{}: was {was}; is {is}", self.location),
            (Some(was), None) => write!(f, "{}: was {was}; is gone", self.location),
            (None, Some(is)) => write!(f, "{}: was not there; is {is}", self.location),
            (None, None) => f.write_str(&self.location),
        }
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.location, self.kind)?;
        if let Some(name) = &self.name {
            write!(f, " \"{name}\"")?;
        }
        write!(f, ", {} octets: ", self.octets)?;
        match self.outcome {
            Outcome::Same => f.write_str("the same"),
            Outcome::SameText => f.write_str("the same text, written otherwise"),
            Outcome::Changed { from, octets } => {
                write!(f, "other octets from {from} on, {octets} altogether")
            }
            Outcome::Missing => f.write_str("gone"),
            Outcome::Added => f.write_str("was not there"),
        }
    }
}
