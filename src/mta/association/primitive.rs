//! What goes in and out of an association: its settings, requests, events, and how it ends.

use std::time::Duration;

use bytes::Bytes;

use super::super::bind::{self, Identity, Trust};
use super::super::content::Content;
use super::super::suspended::Limits;
use crate::osi::stack::{
    Abort, ActivityKey, Mode, Received, Reference, Refusal, Request as StackRequest, Resumable, Resumption,
    TransferRefusal,
};
use crate::quirk::Quirks;

/// How one association behaves.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Who we say we are.
    pub identity: Identity,
    /// Whom we believe to be there.
    pub trust: Trust,
    /// How the peer's oddities are dealt with.
    pub quirks: Quirks,
    /// How long one transfer may take.
    pub transfer_timeout: Duration,
    /// An initiator closes an association that has had nothing to do for so long.
    pub idle: Duration,
    /// Initiator: an association that was lost goes on itself, if the peer lets it. Responder: those of peers may, from where
    /// they were.
    pub recover: bool,
    /// Responder: what is kept of messages that are cut off.
    pub suspended: Limits,
    /// Responder: whoever binds is told to come again later.
    pub closed: bool,
}

/// What the shell asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Transfer this MTS-APDU. One at a time; wait for [`Event::Ready`], then for the outcome of the one before.
    Transfer(Transfer),
    /// The association of [`Event::Recover`] goes on: it is with this peer.
    Rejoin {
        /// What the peer called itself when it was bound.
        peer: String,
    },
    /// The association of [`Event::Recover`] is not known, or does not go on from there: the peer is to bind anew.
    Decline,
    /// What is known of the message of [`Event::MessageResume`].
    Resume(Resumption),
    /// What came before the checkpoint of [`Event::MessageCheckpoint`] is kept.
    Kept {
        /// Its number.
        serial: u32,
    },
    /// The message that arrived is secured: tell the peer.
    Secured,
    /// The message that arrives cannot be taken.
    Refuse(TransferRefusal),
    /// Unbind as soon as nothing is under way.
    Close,
    /// End at once.
    Abort,
}

/// A message to be transferred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// BER of the MTS-APDU.
    pub content: Content,
    /// How urgent it is, for a peer that has the turn: 1 is the most urgent, 2 is usual. 0 is for closing.
    pub priority: u32,
    /// Where it can go on, if it was cut off before: as [`Event::NotSent`] said.
    pub resume: Option<Resumable>,
}

impl<C: Into<Content>> From<C> for Transfer {
    fn from(content: C) -> Self {
        Self { content: content.into(), priority: 2, resume: None }
    }
}

/// What the shell is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The association is bound.
    Ready {
        /// What the peer calls itself; empty if it does not say.
        peer: String,
        /// What is spoken, which decides the edition of the messages.
        mode: Mode,
    },
    /// The peer wants to go on with an association that was lost, and gives no bind: answer with [`Request::Rejoin`] or
    /// [`Request::Decline`].
    Recover {
        /// The name of its session connection.
        connection: Reference,
        /// What is spoken.
        mode: Mode,
    },
    /// The peer has secured our message.
    Sent,
    /// Our message was not taken and is still ours.
    NotSent {
        /// Why, for a log.
        why: String,
        /// Whether the same message may be tried again.
        retry: bool,
        /// Where it can go on then, on this association or another. Without it the message starts anew.
        resumable: Option<Resumable>,
    },
    /// A message begins to arrive.
    MessageStart {
        /// By this name the peer may go on with it, should it be cut off.
        key: ActivityKey,
    },
    /// The peer wants to go on with a message that was cut off: answer with [`Request::Resume`].
    MessageResume {
        /// The name it had.
        old: ActivityKey,
        /// The name it has from now on.
        key: ActivityKey,
    },
    /// The message goes on after so many octets; what there was beyond them comes again.
    MessageResumed {
        /// Octets of the message.
        octets: u64,
    },
    /// The peer waits to hear that everything so far is kept: answer with [`Request::Kept`]. Only where the stack is set to
    /// ask.
    MessageCheckpoint {
        /// The number of the checkpoint.
        serial: u32,
    },
    /// The next octets of the message.
    MessageData(Bytes),
    /// The message is complete: answer with [`Request::Secured`] or [`Request::Refuse`].
    MessageEnd,
    /// The message that was arriving is cut off; the peer may want to go on with it later.
    MessageInterrupted {
        /// Why, for a log.
        why: String,
        /// For the answer then, and how many octets of the message are to be kept.
        received: Received,
    },
    /// The message that was arriving will not be completed.
    MessageDropped {
        /// Why, for a log.
        why: String,
    },
    /// Nothing follows. A message under way was reported as not sent before.
    Ended(Ending),
}

/// How an association ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ending {
    /// In order.
    #[error("closed")]
    Closed,
    /// It never came about.
    #[error("{0}")]
    Refused(Refusal),
    /// Before its time.
    #[error("{0}")]
    Aborted(Abort),
    /// The peer is not who it should be.
    #[error("{0}")]
    NotTrusted(bind::Unacceptable),
    /// The peer wanted to go on with an association that is not known here, and is to bind anew.
    #[error("an association to go on with is not known")]
    NotRecovered,
    /// The connection went away without a word.
    #[error("the connection was lost")]
    Lost,
}

impl Ending {
    /// What to do about it, or to ask the peer's operator.
    #[must_use]
    pub fn advice(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.advice,
            Self::Aborted(abort) => abort.advice,
            Self::NotTrusted(_) => {
                "check the peer's MTA name and password here against what its operator has set"
            }
            Self::Closed | Self::Lost | Self::NotRecovered => "",
        }
    }

    /// Whether trying again is pointless until somebody changes a setting.
    #[must_use]
    pub const fn permanent(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.permanent,
            Self::NotTrusted(_) => true,
            Self::Closed | Self::Aborted(_) | Self::Lost | Self::NotRecovered => false,
        }
    }
}

/// What comes out of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// For the stack.
    Down(StackRequest),
    /// For the shell.
    Up(Event),
    /// The shell is to read these octets of the message that leaves, and to hand them to `octets` of the
    /// [`Association`](super::Association).
    Read {
        /// Their place in the message.
        offset: u64,
        /// Where they are.
        content: Content,
    },
}

/// A request that does not fit the state of the association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not possible now")]
pub struct Misuse(pub &'static str);
