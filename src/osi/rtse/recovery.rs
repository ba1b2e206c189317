//! What is known of a transfer that was cut off, so that it can go on later: on the same association or on another. The
//! machine keeps nothing of it across associations; the values go up when a transfer is cut off, and come down when it is to
//! go on.

use std::fmt;

use bytes::Bytes;

use super::external::Unwrapper;
use super::machine::text;
use crate::osi::session::{ActivityId, ConnectionReference};
use crate::osi::stack::Reference;

/// The name of an activity: the session connection that it was on, and its identifier there. It names a message between two
/// systems that give each connection a name of its own; who takes messages keeps the names of different peers apart, and
/// trusts none that comes twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActivityKey {
    connection: ConnectionReference,
    activity: ActivityId,
}

impl ActivityKey {
    /// An activity on a connection. What the responder of the connection added to its name does not count: it only returns
    /// the initiator's.
    #[must_use]
    pub fn new(connection: &ConnectionReference, activity: ActivityId) -> Self {
        Self { connection: ConnectionReference { called: Bytes::new(), ..connection.clone() }, activity }
    }

    pub(super) fn connection(&self) -> &ConnectionReference {
        &self.connection
    }

    pub(super) fn activity(&self) -> &ActivityId {
        &self.activity
    }

    /// The name of the connection, as the initiator gave it.
    #[must_use]
    pub fn reference(&self) -> Reference {
        let ConnectionReference { calling, common, additional, .. } = &self.connection;
        Reference { name: text(calling), time: text(common), additional: text(additional) }
    }

    /// Whether the connection has a name at all. Without one nothing can be found again.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.connection != ConnectionReference::default()
    }
}

/// For logs: the connection's name, time and number, and the activity's number.
impl fmt::Display for ActivityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConnectionReference { calling, common, additional, .. } = &self.connection;
        for (part, separator) in
            [(calling, "/"), (common, "/"), (additional, "/"), (self.activity.octets(), "")]
        {
            let contents = match &part[..] {
                [_, length, contents @ ..] if usize::from(*length) == contents.len() => contents,
                bare => bare,
            };
            match std::str::from_utf8(contents) {
                Ok(text) if text.chars().all(|it| it.is_ascii_graphic()) => f.write_str(text)?,
                _ => contents.iter().try_for_each(|octet| write!(f, "{octet:02x}"))?,
            }
            f.write_str(separator)?;
        }
        Ok(())
    }
}

/// A checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Point {
    /// Its number; 0 is the start of the message.
    pub(super) serial: u32,
    /// Octets before it, with the header.
    pub(super) offset: u64,
}

/// Where our message can go on that was cut off: at the last checkpoint that the receiver confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumable {
    pub(super) key: ActivityKey,
    /// What goes before the user's octets. On an association where it is another the message starts anew.
    pub(super) header: Bytes,
    /// Octets with the header.
    pub(super) length: u64,
    pub(super) confirmed: Point,
    pub(super) recoveries: u32,
}

impl Resumable {
    /// The name of the activity that was cut off.
    #[must_use]
    pub fn key(&self) -> &ActivityKey {
        &self.key
    }

    /// Octets of the message that the receiver has.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.confirmed.offset.saturating_sub(self.header.len() as u64)
    }

    /// How often in a row the message went on without getting any further.
    #[must_use]
    pub fn recoveries(&self) -> u32 {
        self.recoveries
    }
}

/// What we have of a peer's message that was cut off. The octets are with the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The confirmed checkpoints that the sender may go on from, the oldest first: it may not have seen our last confirms.
    pub(super) marks: Vec<Mark>,
}

impl Received {
    /// Octets of the message up to the last confirmed checkpoint: those are to be kept. The sender goes on there or earlier.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.marks.last().map_or(0, |mark| mark.delivered)
    }
}

/// The state of an arriving message at a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) serial: u32,
    /// Octets that came.
    pub(super) octets: u64,
    /// Octets that the user got: without what the message is wrapped in.
    pub(super) delivered: u64,
    pub(super) unwrapper: Unwrapper,
}

/// What the user knows of a message that a peer wants to go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// Nothing, or it was dropped: the sender starts anew.
    Unknown,
    /// Its beginning: the sender goes on.
    Kept(Received),
    /// All of it is secured, and the sender has not heard: it is confirmed again, and nobody is told.
    Secured,
}
