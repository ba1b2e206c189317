//! The reliable transfer service as its user sees it (X.218), with the layers below it named where they matter: in
//! addresses on the way in, and in refusals and aborts on the way out.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use rasn_x400::prim::RawTlv;
use rasn_x400::rtse::RefuseReason;

use super::mode::Mode;
use crate::quirk::Quirks;

use crate::osi::rtse::{ActivityKey, Received, Resumable, Resumption};

/// How one association is set up. The same values serve the initiator, who proposes them, and the responder, who
/// answers with what both can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Initiator: whom to ask for. Responder: who we are; an empty selector answers to any.
    pub called: Selectors,
    /// Initiator: who we say we are. Responder: unused, the peer's selectors arrive in [`Indication::Open`].
    pub calling: Selectors,
    /// Initiator: application names to send, for the rare peer that wants them.
    pub names: Names,
    /// Initiator: the name of the session connection, by which a peer's log and ours can be matched.
    pub reference: Reference,
    /// Largest TPDU in octets to propose or accept. A large one means few checkpoints with some peers.
    pub tpdu_size: usize,
    /// Octets between two checkpoints, in units of 1024; 0 leaves the choice to the peer.
    pub checkpoint_size: u16,
    /// Checkpoints that may be unconfirmed at the same time.
    pub window: u16,
    /// Who may send messages.
    pub dialogue_mode: DialogueMode,
    /// Initiator: what to speak.
    pub mode: Mode,
    /// Responder: what is answered; whoever asks for something else is refused in its own mode.
    pub answers: Vec<Mode>,
    /// How the peer's oddities are dealt with.
    pub quirks: Quirks,
    /// When the checkpoints of arriving messages are confirmed.
    pub checkpoint_confirm: CheckpointConfirm,
    /// Whether a sender is told of each checkpoint that is confirmed, and that a message was withdrawn:
    /// [`Indication::TransferProgress`] and [`Indication::TransferWithdrawn`].
    pub tells_progress: bool,
    /// How long to wait for the peer.
    pub timers: Timers,
    /// How much to accept from the peer.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            called: Selectors::default(),
            calling: Selectors::default(),
            names: Names::default(),
            reference: Reference::default(),
            tpdu_size: 65_531,
            checkpoint_size: 60,
            window: 3,
            dialogue_mode: DialogueMode::Monologue,
            mode: Mode::default(),
            answers: Mode::ALL.to_vec(),
            quirks: Quirks::default(),
            checkpoint_confirm: CheckpointConfirm::AsItComes,
            tells_progress: false,
            timers: Timers::default(),
            limits: Limits::default(),
        }
    }
}

/// One selector per layer, as octets; an empty one is not sent (T-36).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selectors {
    /// TSEL, at most 32 octets.
    pub transport: Bytes,
    /// SSEL, at most 16 octets.
    pub session: Bytes,
    /// PSEL, at most 16 octets; four are usual.
    pub presentation: Bytes,
}

/// The name of a session connection (X.228 7.1): who made it, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Reference {
    /// The initiator's own name, such as its host name; at most 60 octets are sent.
    pub name: String,
    /// The time of the connection as the text of a UTCTime, such as `261028114703Z`.
    pub time: String,
    /// Tells connections of one second apart: two characters. A message that is cut off can only go on if no other
    /// connection has the same name.
    pub additional: String,
}

/// Who may send messages on an association (X.218 8.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DialogueMode {
    /// Only the initiator.
    #[default]
    Monologue,
    /// Whoever has the turn; the initiator has it first.
    TwoWayAlternate,
}

/// When the checkpoint of an arriving message is confirmed, and so what the confirm promises: the sender goes on from there,
/// should the connection be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CheckpointConfirm {
    /// When it comes: what came before it has been handed to the user, so that it survives the loss of the connection, and
    /// that of the process only if the user had written it down by then. If it has not, the sender starts anew.
    #[default]
    AsItComes,
    /// When the user says so, with [`Request::CheckpointKept`] in answer to [`Indication::TransferCheckpoint`].
    WhenKept,
}

/// How long to wait for the peer before an association is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timers {
    /// From the TCP connection to the answer to the bind; also for the bind to arrive.
    pub connect: Duration,
    /// For each step of an incoming transfer, and for a sender to withdraw a message that we cannot take.
    pub transfer: Duration,
    /// For the confirm that the peer has dropped a message of ours that failed; then the association is aborted. The
    /// failure itself is told before.
    pub recovery: Duration,
    /// For the answer to a close, and for the peer to drop the connection afterwards.
    pub release: Duration,
    /// Between transfers, responder only: an idle association is aborted. `None` waits for ever.
    pub idle: Option<Duration>,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(60),
            transfer: Duration::from_secs(300),
            recovery: Duration::from_secs(30),
            release: Duration::from_secs(30),
            idle: Some(Duration::from_secs(900)),
        }
    }
}

/// How much is accepted from the peer, in octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest transport service data unit: one checkpoint's worth of data, or a whole message without checkpoints.
    pub tsdu: usize,
    /// Largest user data of a connect, accept or refuse.
    pub user_data: usize,
    /// Largest message. A bigger one is refused while it arrives.
    pub apdu: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { tsdu: 64 << 20, user_data: 64 << 10, apdu: 1 << 30 }
    }
}

/// What the user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// RT-OPEN request: the first thing an initiator asks for.
    Open {
        /// BER of the value inside the `open` member: the MTA bind argument.
        user_data: Vec<u8>,
    },
    /// RT-OPEN response, positive, to [`Indication::Open`].
    Accept {
        /// BER of the MTA bind result.
        user_data: Vec<u8>,
    },
    /// RT-OPEN request of an initiator that goes on with an association that was lost: there is no bind, the peer knows us by
    /// the name of that session connection (X.228 7.8).
    Recover {
        /// The name that it had.
        connection: Reference,
    },
    /// RT-OPEN response, positive, to an [`Indication::Open`] that wants to recover.
    AcceptRecovery,
    /// How the peer's oddities are dealt with from now on: a responder knows who it is when it has read the bind.
    Adapt {
        /// How.
        quirks: Quirks,
    },
    /// RT-OPEN response, negative, to [`Indication::Open`].
    Refuse {
        /// BER of the MTA bind error; not sent in X.410-1984 mode.
        user_data: Vec<u8>,
        /// Whether trying again is pointless; not told in X.410-1984 mode.
        permanent: bool,
        /// What is told in X.410-1984 mode instead.
        reason: RefuseReason,
    },
    /// RT-TRANSFER request. Only with the turn, one at a time. The octets are asked for with
    /// [`Indication::TransferMore`].
    Transfer {
        /// Octets of the MTS-APDU; at least one.
        length: u64,
        /// How long the whole transfer may take.
        timeout: Duration,
        /// Where the same message can go on that was cut off before, on this association or another, as
        /// [`Indication::TransferFailed`] said. A peer that does not know it any more gets it from the start.
        resume: Option<Resumable>,
    },
    /// What [`Indication::TransferMore`] asks for. A part that is not wanted any more, because the transfer has failed
    /// meanwhile, is dropped.
    TransferPart {
        /// The place in the message, as it was asked for.
        offset: u64,
        /// BER of the MTS-APDU from there, in pieces that are sent one after the other; as many octets as were asked for.
        pieces: Vec<Bytes>,
    },
    /// The user cannot go on with the message under way: its octets cannot be read, or it is no longer wanted. The peer
    /// drops it, and [`Indication::TransferFailed`] follows. Without a message under way nothing happens.
    TransferGiveUp {
        /// Why, for the indication.
        why: String,
        /// Whether the same message may be tried again.
        retry: bool,
    },
    /// The message under way is suspended on an association that lives on: the receiver keeps what it has confirmed, and
    /// [`Indication::TransferFailed`] says where the message can go on, on this association or another. Something must have
    /// been confirmed, of which [`Indication::TransferProgress`] tells; before, only [`Request::TransferGiveUp`] is possible.
    TransferInterrupt {
        /// Why, for the indication.
        why: String,
    },
    /// The answer to [`Indication::TransferResume`].
    Resume(Resumption),
    /// What came before a checkpoint is kept, and so is what came before all earlier ones: the peer may be told. In answer
    /// to [`Indication::TransferCheckpoint`]. Without a message under way nothing happens.
    CheckpointKept {
        /// The number of the checkpoint.
        serial: u32,
    },
    /// RT-TRANSFER response, positive, to [`Indication::TransferEnd`]: the message is secured.
    TransferAccept,
    /// RT-TRANSFER response, negative: at any time between [`Indication::TransferStart`] and
    /// [`Request::TransferAccept`].
    TransferRefuse {
        /// Why.
        reason: TransferRefusal,
    },
    /// RT-TURN-PLEASE request. Two-way alternate only.
    TurnPlease {
        /// 0 is the highest; at 0 the turn is wanted for closing.
        priority: u32,
    },
    /// RT-TURN-GIVE request. Two-way alternate only, not during a transfer.
    TurnGive,
    /// RT-CLOSE request. Initiator with the turn only, not during a transfer.
    Close,
    /// RT-CLOSE response, to [`Indication::Close`].
    CloseAccept,
    /// RT-U-ABORT request, at any time.
    Abort {
        /// BER of a value for the peer; may be empty.
        user_data: Vec<u8>,
    },
}

/// Why an incoming message cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferRefusal {
    /// No room, too large, storage failing: the sender may try later.
    Temporary,
    /// The octets are not a message, or never will be welcome.
    Permanent,
    /// What came since the last confirmed checkpoint is lost: the sender may go on from there at once.
    Again,
}

/// What the user is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Indication {
    /// RT-OPEN indication: answer with [`Request::Accept`] or [`Request::Refuse`].
    Open(Open),
    /// RT-OPEN confirm, positive.
    Opened {
        /// BER of the MTA bind result; empty after [`Request::Recover`].
        user_data: Vec<u8>,
        /// Agreed octets between checkpoints, in units of 1024; 0 is none.
        checkpoint_size: u16,
        /// Agreed number of unconfirmed checkpoints.
        window: u16,
        /// What is spoken.
        mode: Mode,
    },
    /// RT-OPEN confirm, negative, or no association for another reason. [`Indication::Disconnected`] follows.
    Refused(Refusal),
    /// A message begins to arrive.
    TransferStart {
        /// By this name the sender may go on with it, should it be cut off.
        key: ActivityKey,
    },
    /// The sender wants to go on with a message that was cut off: answer with [`Request::Resume`].
    TransferResume {
        /// The name it had.
        old: ActivityKey,
        /// The name it has from now on.
        key: ActivityKey,
    },
    /// The message goes on. What follows comes after so many octets of it; what there was beyond them comes again.
    TransferResumed {
        /// Octets of the message.
        octets: u64,
    },
    /// A checkpoint of the arriving message, with [`CheckpointConfirm::WhenKept`]: answer with [`Request::CheckpointKept`]
    /// when everything so far is kept.
    TransferCheckpoint {
        /// Its number.
        serial: u32,
    },
    /// The message that was arriving is cut off, and its sender may want to go on with it later, with
    /// [`Indication::TransferResume`].
    TransferInterrupted {
        /// What the sender gave as reason, or the abort of the association in words.
        why: String,
        /// For the answer then. [`Received::octets`] says how much of the message is to be kept.
        received: Received,
    },
    /// The next octets of the message: BER of an MTS-APDU.
    TransferData(Bytes),
    /// The message is complete: answer with [`Request::TransferAccept`] once it is secured.
    TransferEnd,
    /// The message that was arriving will not be completed; drop what came.
    TransferDropped {
        /// What the sender gave as reason, or the abort of the association in words.
        why: String,
    },
    /// The window of checkpoints has room for the next part of our message: answer with [`Request::TransferPart`] as soon
    /// as the octets before it are on their way. No more than one part is asked for at a time, so that a message of any
    /// size takes little memory.
    TransferMore {
        /// The place in the message.
        offset: u64,
        /// How many octets: at most those between two checkpoints, or 60 KiB where there are no checkpoints.
        octets: usize,
    },
    /// The receiver has confirmed a checkpoint of our message: what comes before it need not be sent again, should the
    /// message be cut off. Only with [`Config::tells_progress`].
    TransferProgress {
        /// Octets of the message.
        octets: u64,
    },
    /// RT-TRANSFER confirm, positive: the peer has secured our message.
    TransferConfirm,
    /// RT-TRANSFER confirm, negative: the message is still ours.
    TransferFailed {
        /// Why, for a log: what the receiver gave as reason, or who aborted the association, where, why, and what to
        /// do about it.
        why: String,
        /// Whether the same message may be tried again.
        retry: bool,
        /// Where it can go on then. Without it the message starts anew.
        resumable: Option<Resumable>,
    },
    /// The receiver has confirmed that it dropped, or suspended, our message that failed: it is ready for another. Only with
    /// [`Config::tells_progress`].
    TransferWithdrawn,
    /// RT-TURN-PLEASE indication: the peer wants the turn.
    TurnPlease {
        /// 0 is the highest.
        priority: u32,
    },
    /// RT-TURN-GIVE indication: the turn is ours.
    TurnGiven,
    /// RT-CLOSE indication: answer with [`Request::CloseAccept`].
    Close,
    /// RT-CLOSE confirm. [`Indication::Disconnected`] follows.
    Closed,
    /// RT-U-ABORT or RT-P-ABORT indication. [`Indication::Disconnected`] follows.
    Aborted(Abort),
    /// The connection has ended; nothing follows.
    Disconnected,
}

/// What a responder learns about the association it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Open {
    /// BER of the MTA bind argument; empty if the peer wants to recover.
    pub user_data: Vec<u8>,
    /// The peer wants to go on with the association whose session connection had this name: answer with
    /// [`Request::AcceptRecovery`] or [`Request::Refuse`].
    pub recover: Option<Reference>,
    /// The peer named its protocol as Q2 has it.
    pub swapped_protocol: bool,
    /// Whom the peer asked for.
    pub called: Selectors,
    /// Who the peer says it is.
    pub calling: Selectors,
    /// Application names from ACSE, as they came.
    pub names: Names,
    /// The name of the session connection, for logs.
    pub reference: Reference,
    /// Who will be able to send messages.
    pub dialogue_mode: DialogueMode,
    /// What is spoken.
    pub mode: Mode,
}

/// Application process titles and application entity qualifiers, as BER; most peers send none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Title of the process asked for.
    pub called_ap_title: Option<RawTlv>,
    /// Qualifier of the entity asked for.
    pub called_ae_qualifier: Option<RawTlv>,
    /// Title of the asking process.
    pub calling_ap_title: Option<RawTlv>,
    /// Qualifier of the asking entity.
    pub calling_ae_qualifier: Option<RawTlv>,
}

/// Where in the stack something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// TCP, TPKT and TP0 (RFC 1006, X.224).
    Transport,
    /// Session (X.225).
    Session,
    /// Presentation (X.226).
    Presentation,
    /// Association control (X.227).
    Acse,
    /// Reliable transfer (X.228).
    Rtse,
    /// The peer's MTA itself: the bind (X.411).
    Application,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Transport => "transport",
            Self::Session => "session",
            Self::Presentation => "presentation",
            Self::Acse => "association control",
            Self::Rtse => "reliable transfer",
            Self::Application => "application",
        })
    }
}

/// Why there is no association.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused by {layer}: {reason}{}", code_text(.code))]
pub struct Refusal {
    /// Who refused.
    pub layer: Layer,
    /// The reason in words.
    pub reason: String,
    /// The number of the reason in the protocol of the layer, if it has one.
    pub code: Option<i64>,
    /// Whether trying again is pointless until somebody changes a setting.
    pub permanent: bool,
    /// BER of the MTA bind error when [`Layer::Application`] refused; else empty.
    pub user_data: Vec<u8>,
    /// What to do about it, or to ask the peer's operator.
    pub advice: &'static str,
}

/// Why an association ended before its time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("aborted in {layer} by {by}: {reason}{}", code_text(.code))]
pub struct Abort {
    /// Where.
    pub layer: Layer,
    /// Who.
    pub by: By,
    /// The reason in words.
    pub reason: String,
    /// The number of the reason in the protocol of the layer, if it has one.
    pub code: Option<i64>,
    /// BER of a value from the peer's user; mostly empty.
    pub user_data: Vec<u8>,
    /// What to do about it, or to ask the peer's operator.
    pub advice: &'static str,
}

/// Who ended an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// The peer.
    Peer,
    /// Our side, for something the peer did or failed to do.
    Us,
    /// The network between.
    Network,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Peer => "the peer",
            Self::Us => "our side",
            Self::Network => "the network",
        })
    }
}

fn code_text(code: &Option<i64>) -> String {
    code.map(|code| format!(" (code {code})")).unwrap_or_default()
}

/// What comes out of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large ones come once in an association")]
pub enum Output {
    /// Octets for the TCP connection, in order.
    Down(Bytes),
    /// Close the TCP connection, once everything before is written.
    Close,
    /// For the user.
    Up(Indication),
}

/// A request that does not fit the state of the association. Nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{request} is not possible now: {expected}")]
pub struct Misuse {
    /// The service primitive asked for.
    pub request: &'static str,
    /// What the association is doing or waiting for.
    pub expected: &'static str,
}

/// The peer broke a protocol. The abort that answers it is among the outputs already.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the peer broke the {layer} protocol: {problem}")]
pub struct Fault {
    /// Whose protocol.
    pub layer: Layer,
    /// What was wrong.
    pub problem: String,
}
