//! One association with another MTA, in either role, without any input or output.
//!
//! The machine stands between an MTA's shell and [`crate::osi::stack`]: it binds, keeps the turn, transfers one message at a
//! time, and unbinds. A message that arrives is handed up as it arrives and confirmed only when the shell says that it is
//! secured; a message that leaves is ours until the peer has confirmed it.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::bind::{self, Caller, Identity, Trust};
use super::content::Content;
use crate::osi::stack::{
    Abort, ActivityKey, By, DialogueMode, Indication, Layer, Mode, Open, Received, Refusal,
    Request as StackRequest, Resumable, Resumption, TransferRefusal,
};
use crate::quirk::{Quirk, Quirks};

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
}

/// What the shell asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Transfer this MTS-APDU. One at a time; wait for [`Event::Ready`], then for the outcome of the one before.
    Transfer(Transfer),
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
            Self::Closed | Self::Lost => "",
        }
    }

    /// Whether trying again is pointless until somebody changes a setting.
    #[must_use]
    pub const fn permanent(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.permanent,
            Self::NotTrusted(_) => true,
            Self::Closed | Self::Aborted(_) | Self::Lost => false,
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
    /// The shell is to read these octets of the message that leaves, and to hand them to [`Association::octets`].
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

/// Where an association stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Initiator: the bind has gone out. Responder: waiting for it.
    Binding,
    /// Bound, nothing under way.
    Idle,
    /// Our message is under way.
    Sending,
    /// The peer's message is under way.
    Receiving,
    /// The peer wants to go on with a message.
    Resuming,
    /// The peer's message waits to be secured.
    Securing,
    /// Unbinding.
    Closing,
    /// Over, but for the connection.
    Ending,
    /// Over.
    Ended,
}

/// One association.
#[derive(Debug)]
pub struct Association {
    settings: Settings,
    initiator: bool,
    dialogue_mode: DialogueMode,
    mode: Mode,
    /// Responder: where the connection comes from.
    from: Option<IpAddr>,
    state: State,
    has_turn: bool,
    turn_wanted_by_peer: bool,
    /// Our message, while it waits for the turn; the peer's messages may come in between.
    waiting: Option<Transfer>,
    /// Our message under way.
    sending: Option<Content>,
    close_wanted: bool,
    ending: Option<Ending>,
    idle_since: Option<Instant>,
    outputs: VecDeque<Output>,
}

impl Association {
    /// An association we ask for. The bind goes out at once.
    #[must_use]
    pub fn initiator(settings: Settings, dialogue_mode: DialogueMode, mode: Mode) -> Self {
        let user_data = bind::argument(&settings.identity, mode);
        let mut association = Self { mode, ..Self::new(settings, true, dialogue_mode) };
        association.down(StackRequest::Open { user_data });
        association
    }

    /// An association a peer asks for, on a connection from this address if it is known.
    #[must_use]
    pub fn responder(settings: Settings, from: Option<IpAddr>) -> Self {
        Self { from, ..Self::new(settings, false, DialogueMode::Monologue) }
    }

    const fn new(settings: Settings, initiator: bool, dialogue_mode: DialogueMode) -> Self {
        Self {
            settings,
            initiator,
            dialogue_mode,
            mode: Mode::MtsTransfer,
            from: None,
            state: State::Binding,
            has_turn: initiator,
            turn_wanted_by_peer: false,
            waiting: None,
            sending: None,
            close_wanted: false,
            ending: None,
            idle_since: None,
            outputs: VecDeque::new(),
        }
    }

    /// The shell asks for something.
    ///
    /// # Errors
    /// [`Misuse`] when it does not fit what the association is doing; nothing has changed then.
    pub fn request(&mut self, request: Request, now: Instant) -> Result<(), Misuse> {
        match (request, &self.state) {
            (Request::Transfer(transfer), State::Idle)
                if self.may_ever_send()
                    && self.waiting.is_none()
                    && !self.close_wanted
                    && transfer.content.length() > 0 =>
            {
                self.send_or_ask_for_turn(transfer);
            }
            (Request::Transfer(_), _) => return Err(Misuse("a transfer")),
            (Request::Resume(known), State::Resuming) => {
                // A message that is not kept comes again from its start, and a secured one is nobody's business.
                let nothing_follows = !matches!(known, Resumption::Kept(_));
                self.down(StackRequest::Resume(known));
                if nothing_follows {
                    self.idle(now);
                }
            }
            (Request::Resume(_), _) => return Err(Misuse("going on with a message")),
            (Request::Kept { serial }, State::Receiving | State::Securing) => {
                self.down(StackRequest::CheckpointKept { serial });
            }
            (Request::Kept { .. }, _) => return Err(Misuse("keeping a checkpoint")),
            (Request::Secured, State::Securing) => {
                self.down(StackRequest::TransferAccept);
                self.idle(now);
            }
            (Request::Secured, _) => return Err(Misuse("securing a message")),
            (Request::Refuse(reason), State::Receiving | State::Securing) => {
                self.down(StackRequest::TransferRefuse { reason });
                self.idle(now);
            }
            (Request::Refuse(_), _) => return Err(Misuse("refusing a message")),
            (Request::Close, State::Ending | State::Ended | State::Closing) => {}
            (Request::Close, State::Binding) => self.abort(),
            (Request::Close, _) => {
                self.close_wanted = true;
                if self.state == State::Idle {
                    self.idle(now);
                }
            }
            (Request::Abort, State::Ending | State::Ended) => {}
            (Request::Abort, _) => self.abort(),
        }
        Ok(())
    }

    /// The stack says something.
    pub fn receive(&mut self, indication: Indication, now: Instant) {
        match indication {
            Indication::Open(open) => {
                self.dialogue_mode = open.dialogue_mode;
                self.mode = open.mode;
                self.answer_bind(&open, now);
            }
            Indication::Opened { user_data, .. } => self.check_responder(&user_data, now),
            Indication::Refused(refusal) => {
                self.end_at_once(Ending::Refused(explained(refusal, self.settings.quirks)));
            }
            Indication::TransferStart { key } => {
                self.state = State::Receiving;
                self.idle_since = None;
                self.up(Event::MessageStart { key });
            }
            Indication::TransferResume { old, key } => {
                self.state = State::Resuming;
                self.idle_since = None;
                self.up(Event::MessageResume { old, key });
            }
            Indication::TransferResumed { octets } => {
                self.state = State::Receiving;
                self.up(Event::MessageResumed { octets });
            }
            Indication::TransferCheckpoint { serial } => {
                if self.state == State::Receiving {
                    self.up(Event::MessageCheckpoint { serial });
                }
            }
            Indication::TransferInterrupted { why, received } => {
                self.up(Event::MessageInterrupted { why, received });
                self.idle(now);
            }
            Indication::TransferData(octets) if self.state == State::Receiving => {
                self.up(Event::MessageData(octets))
            }
            Indication::TransferEnd if self.state == State::Receiving => {
                self.state = State::Securing;
                self.up(Event::MessageEnd);
            }
            // What still comes of a message that was refused.
            Indication::TransferData(_) | Indication::TransferEnd => {}
            Indication::TransferDropped { why } => {
                if matches!(self.state, State::Receiving | State::Resuming | State::Securing) {
                    self.up(Event::MessageDropped { why });
                }
                self.idle(now);
            }
            Indication::TransferMore { offset, octets } => {
                let Some(content) = &self.sending else { return };
                let content = content.slice(offset, octets as u64);
                match content.in_memory() {
                    Some(pieces) => self.down(StackRequest::TransferPart { offset, pieces }),
                    None => self.outputs.push_back(Output::Read { offset, content }),
                }
            }
            // The pool learns where a message can go on when it is cut off.
            Indication::TransferProgress { .. } | Indication::TransferWithdrawn => {}
            Indication::TransferConfirm => {
                self.up(Event::Sent);
                self.idle(now);
            }
            Indication::TransferFailed { why, retry, resumable } => {
                self.up(Event::NotSent { why, retry, resumable });
                self.idle(now);
            }
            Indication::TurnPlease { .. } => {
                self.turn_wanted_by_peer = true;
                if self.state == State::Idle {
                    self.idle(now);
                }
            }
            Indication::TurnGiven => {
                self.has_turn = true;
                match self.waiting.take() {
                    Some(transfer) => self.send_or_ask_for_turn(transfer),
                    None => self.idle(now),
                }
            }
            Indication::Close => {
                self.state = State::Closing;
                self.ending = Some(Ending::Closed);
                self.down(StackRequest::CloseAccept);
            }
            Indication::Closed => self.ending = Some(Ending::Closed),
            Indication::Aborted(abort) => self.end_at_once(Ending::Aborted(abort)),
            Indication::Disconnected => self.disconnected(),
        }
    }

    /// The octets that [`Output::Read`] asked for.
    pub fn octets(&mut self, offset: u64, octets: io::Result<Vec<Bytes>>) {
        self.down(match octets {
            Ok(pieces) => StackRequest::TransferPart { offset, pieces },
            Err(error) => {
                let why = format!("the message cannot be read at octet {offset}: {error}");
                StackRequest::TransferGiveUp { why, retry: true }
            }
        });
    }

    /// The deadline has passed.
    pub fn timeout(&mut self, now: Instant) {
        if self.deadline().is_some_and(|deadline| deadline <= now) {
            self.close_wanted = true;
            self.idle(now);
        }
    }

    /// When [`Self::timeout`] is to be called: an initiator's idle association is closed.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let waiting = self.initiator && self.state == State::Idle && !self.close_wanted;
        self.idle_since.filter(|_| waiting).map(|since| since + self.settings.idle)
    }

    /// What is to be done next; drain it before the next call.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Whether this side can ever have the turn.
    const fn may_ever_send(&self) -> bool {
        self.initiator || matches!(self.dialogue_mode, DialogueMode::TwoWayAlternate)
    }

    fn send_or_ask_for_turn(&mut self, transfer: Transfer) {
        self.idle_since = None;
        if self.has_turn {
            self.state = State::Sending;
            let (length, timeout) = (transfer.content.length(), self.settings.transfer_timeout);
            self.sending = Some(transfer.content);
            self.down(StackRequest::Transfer { length, timeout, resume: transfer.resume });
        } else {
            let priority = transfer.priority.max(1);
            self.waiting = Some(transfer);
            self.down(StackRequest::TurnPlease { priority });
        }
    }

    /// Nothing is under way: close if that is wanted, or let the peer have the turn.
    fn idle(&mut self, now: Instant) {
        if matches!(self.state, State::Closing | State::Ending | State::Ended) {
            return;
        }
        self.state = State::Idle;
        self.sending = None;
        if self.waiting.is_some() {
            return;
        }
        self.idle_since.get_or_insert(now);
        if self.close_wanted && self.initiator {
            if self.has_turn {
                self.state = State::Closing;
                self.down(StackRequest::Close);
            } else {
                self.down(StackRequest::TurnPlease { priority: 0 });
            }
        } else if self.close_wanted {
            self.abort();
        } else if self.has_turn && std::mem::take(&mut self.turn_wanted_by_peer) {
            self.has_turn = false;
            self.down(StackRequest::TurnGive);
        }
    }

    fn answer_bind(&mut self, open: &Open, now: Instant) {
        let caller = Caller { from: self.from, selectors: &open.calling };
        match self.settings.trust.check(&open.user_data, Some(caller)) {
            Ok(bind::Welcome { name, known }) => {
                let identity =
                    known.and_then(|known| known.identity.as_ref()).unwrap_or(&self.settings.identity);
                let user_data = bind::result(identity, self.mode);
                self.down(StackRequest::Accept { user_data });
                self.up(Event::Ready { peer: name, mode: self.mode });
                self.idle(now);
            }
            Err(unacceptable) => {
                let bind::Answer { error, reason, permanent } = unacceptable.answer();
                let bare = self.settings.trust.quirks_of(&unacceptable).reproduces(Quirk::BareBindError);
                let user_data = bind::error(error, bare);
                self.down(StackRequest::Refuse { user_data, permanent, reason });
                self.end(Ending::NotTrusted(unacceptable));
            }
        }
    }

    fn check_responder(&mut self, result: &[u8], now: Instant) {
        match self.settings.trust.check(result, None) {
            Ok(bind::Welcome { name, .. }) => {
                self.up(Event::Ready { peer: name, mode: self.mode });
                self.idle(now);
            }
            Err(unacceptable) => {
                self.down(StackRequest::Abort { user_data: Vec::new() });
                self.end(Ending::NotTrusted(unacceptable));
            }
        }
    }

    fn abort(&mut self) {
        self.down(StackRequest::Abort { user_data: Vec::new() });
        self.end(Ending::Aborted(Abort {
            layer: Layer::Application,
            by: By::Us,
            reason: "the association was no longer wanted".into(),
            code: None,
            user_data: Vec::new(),
            advice: "",
        }));
    }

    /// The association is over; what was under way is said to have failed, and the rest when the connection is gone.
    fn end(&mut self, ending: Ending) {
        let state = std::mem::replace(&mut self.state, State::Ending);
        let waiting = self.waiting.take();
        if waiting.is_some() || state == State::Sending {
            let resumable = waiting.and_then(|transfer| transfer.resume);
            self.up(Event::NotSent { why: ending.to_string(), retry: true, resumable });
        }
        if matches!(state, State::Receiving | State::Securing) {
            self.up(Event::MessageDropped { why: ending.to_string() });
        }
        self.ending.get_or_insert(ending);
    }

    /// The stack has given up: whoever waits need not wait until the connection is gone, too.
    fn end_at_once(&mut self, ending: Ending) {
        self.end(ending);
        self.disconnected();
    }

    fn disconnected(&mut self) {
        if self.state == State::Ended {
            return;
        }
        self.end(Ending::Lost);
        self.state = State::Ended;
        let ending = self.ending.take().unwrap_or(Ending::Lost);
        self.up(Event::Ended(ending));
    }

    fn down(&mut self, request: StackRequest) {
        self.outputs.push_back(Output::Down(request));
    }

    fn up(&mut self, event: Event) {
        self.outputs.push_back(Output::Up(event));
    }
}

#[cfg(test)]
mod tests;

/// A refusal by the peer's MTA with the bind error in words.
fn explained(refusal: Refusal, quirks: Quirks) -> Refusal {
    // Q7.
    let bare = quirks.tolerates(Quirk::BareBindError);
    let Some(error) =
        (refusal.layer == Layer::Application).then(|| bind::read_error(&refusal.user_data, bare)).flatten()
    else {
        return refusal;
    };
    use rasn_x400::x411::bind::BindError;
    let advice = match error {
        BindError::BUSY => "the peer has no room for another association now; fewer associations may help",
        BindError::AUTHENTICATION_ERROR => {
            "ask the peer's operator which MTA name and password it expects from us, and from which address"
        }
        BindError::UNACCEPTABLE_DIALOGUE_MODE => "set the other dialogue mode for this peer",
        _ => "ask the peer's operator what its security context must be",
    };
    let reason = error.label().unwrap_or("unknown bind error").into();
    Refusal { reason, code: Some(error.0), permanent: error != BindError::BUSY, advice, ..refusal }
}
