//! What the lab peer is to do, line by line. The language is explained in `src/peer/README.md`.
//!
//! [`Script::parse`] reads a text; what is wrong with it comes back with line, column, caret and a way out. `run`
//! plays it.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;

use super::craft::{Draft, Fate};
use super::octets::Place;
use super::spoil::Spoiled;
use crate::osi::stack::{DialogueMode, Layer, Mode, TransferRefusal};

mod expectation;
mod parse;
mod step;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods)]
mod tests;
mod words;

pub(crate) use parse::selector;
pub(super) use words::duration;

/// A whole script.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// What holds for all associations.
    pub settings: Settings,
    /// The associations, one after the other.
    pub associations: Vec<Scene>,
}

/// What holds for all associations of a script; what is not said is as the command has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The MTA name of the lab peer.
    pub name: Option<String>,
    /// Its password.
    pub password: Option<String>,
    /// Who may send, where the lab peer opens the association.
    pub dialogue: Option<DialogueMode>,
    /// What is spoken.
    pub mode: Option<Mode>,
    /// Octets between checkpoints, in units of 1024.
    pub checkpoint: Option<u16>,
    /// Checkpoints that may be unconfirmed.
    pub window: Option<u16>,
    /// How long an `expect` waits.
    pub patience: Option<Duration>,
    /// The selectors of the peer that is called, or our own: transport, session, presentation.
    pub selectors: [Option<Bytes>; 3],
}

/// One association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// Who opens it.
    pub role: Role,
    /// The line it begins at, from 1.
    pub line: usize,
    /// What is done, in order.
    pub steps: Vec<Step>,
}

/// Who opens an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The other side.
    Answer,
    /// The lab peer.
    Call,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line it is written on, from 1.
    pub line: usize,
    /// As written, without comment.
    pub text: String,
    /// What it means.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Waits for something to happen.
    Expect {
        /// What.
        what: Expectation,
        /// How long, if not as long as usual.
        within: Option<Duration>,
    },
    /// Refuses the transport connection that will be asked for.
    RefuseConnection {
        /// The reason of X.224.
        reason: Option<i64>,
    },
    /// Opens the association.
    Bind(Credentials),
    /// Accepts the bind.
    Accept(Credentials),
    /// Refuses the bind as an MTA does.
    RefuseBind {
        /// The bind error of X.411.
        error: i64,
        /// Whether it may be tried again.
        temporary: bool,
    },
    /// Refuses the bind in a layer below.
    RefuseAt {
        /// Where.
        place: Place,
        /// The reason in the protocol of that layer.
        reason: Option<i64>,
    },
    /// Secures the message, or agrees to close.
    Confirm,
    /// Refuses the message.
    RefuseTransfer(TransferRefusal),
    /// Transfers something.
    Send(Sending),
    /// Sends nothing of the message from an octet on.
    Hold {
        /// Which.
        octets: u64,
    },
    /// Sends what was held.
    GoOn,
    /// Suspends the message that is being sent.
    Interrupt,
    /// Withdraws the message that is being sent.
    Discard,
    /// Goes on with what was sent last, or sends it again.
    Resume,
    /// Sends octets as they are.
    SendOctets(Bytes),
    /// Rejects a TPDU (ER).
    SendError,
    /// Asks for the turn.
    AskForTurn {
        /// 0 is the highest.
        priority: u32,
    },
    /// Gives the turn.
    GiveTurn,
    /// Does nothing for a while, not even read.
    Stall(Duration),
    /// Aborts.
    Abort {
        /// Where.
        place: Place,
        /// The reason in the protocol of that layer.
        reason: Option<i64>,
    },
    /// Ends the connection without a word.
    Drop,
    /// Ends the connection without a word when so many more octets have gone one way.
    DropAfter {
        /// How many.
        octets: u64,
        /// Whether they are those that the lab peer sends.
        sent: bool,
    },
    /// Makes a length of the next packet wrong.
    Spoil(Spoiled),
    /// Closes.
    Close,
}

/// With what name and password an association is opened or accepted; what is not said is as the script has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// The name.
    pub name: Option<String>,
    /// The password.
    pub password: Option<String>,
}

/// What is transferred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    /// The BER of an MTS-APDU in a file.
    File(PathBuf),
    /// A message.
    Message(Draft),
    /// A probe.
    Probe(Draft),
    /// A report on what arrived last.
    Report {
        /// The recipients it is about: words or addresses; nobody means all.
        recipients: Vec<String>,
        /// What became of it.
        fate: Fate,
    },
}

/// What may be expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// RT-OPEN indication.
    Bind {
        /// The caller's name.
        from: Option<String>,
        /// Its password.
        password: Option<String>,
        /// What it speaks.
        mode: Option<Mode>,
    },
    /// RT-OPEN confirm, positive.
    Accepted {
        /// The responder's name.
        from: Option<String>,
    },
    /// RT-OPEN confirm, negative.
    Refused {
        /// Where.
        layer: Option<Layer>,
        /// The reason in the protocol of that layer.
        code: Option<i64>,
        /// A part of the reason in words.
        containing: Option<String>,
    },
    /// A transfer begins.
    Start,
    /// So many octets of a message have come.
    Octets(u64),
    /// A message, report or probe has come.
    Arrival(Arrival),
    /// The other side has confirmed a checkpoint of what is sent, and so at least so many octets.
    Checkpoint(u64),
    /// The other side has secured what was sent.
    Confirmation,
    /// The other side has refused what was sent.
    Rejection {
        /// For now or for good.
        reason: Option<TransferRefusal>,
    },
    /// The message that was arriving was withdrawn.
    Withdrawal,
    /// The message that was arriving was cut off, and may go on.
    Interruption,
    /// It goes on.
    Resumption,
    /// RT-TURN-PLEASE indication.
    TurnRequest {
        /// With this priority.
        priority: Option<u32>,
    },
    /// RT-TURN-GIVE indication.
    Turn,
    /// RT-CLOSE indication.
    Close,
    /// RT-CLOSE confirm.
    Closed,
    /// An abort.
    Abort {
        /// Where.
        layer: Option<Layer>,
        /// A part of the reason in words.
        containing: Option<String>,
    },
    /// The connection ends, in whatever way.
    End,
}

/// What something that has come must be like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrival {
    /// `message`, `report` or `probe`; anything if not said.
    pub kind: Option<&'static str>,
    /// Recipients that it must have; for a report, those it is about.
    pub to: Vec<String>,
    /// Its originator; for a report, whom it is for.
    pub from: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// Its local identifier.
    pub identifier: Option<String>,
    /// Octets that it must contain.
    pub containing: Option<String>,
    /// How many octets it has at least.
    pub at_least: Option<u64>,
    /// For a report: the reason code.
    pub reason: Option<i64>,
    /// For a report: the diagnostic code.
    pub diagnostic: Option<i64>,
    /// For a report: whether it tells of delivery.
    pub delivered: Option<bool>,
}

/// Every step by the words it begins with: what is known, for advice on what is not.
const STEPS: &[&str] = &[
    "expect",
    "bind",
    "accept",
    "refuse",
    "confirm",
    "send",
    "hold",
    "go",
    "interrupt",
    "discard",
    "resume",
    "ask",
    "give",
    "stall",
    "abort",
    "drop",
    "spoil",
    "close",
];
/// Every setting by its word.
const SETTINGS: &[&str] = &[
    "name",
    "password",
    "mode",
    "dialogue",
    "checkpoint",
    "window",
    "patience",
    "tsel",
    "ssel",
    "psel",
    "answer",
    "call",
];
