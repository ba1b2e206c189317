//! One association with another MTA, in either role, without any input or output.
//!
//! The machine stands between an MTA's shell and [`crate::osi::stack`]: it binds, keeps the turn, transfers one message at a
//! time, and unbinds. A message that arrives is handed up as it arrives and confirmed only when the shell says that it is
//! secured; a message that leaves is ours until the peer has confirmed it.

mod primitive;
mod refusal;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::time::Instant;

use bytes::Bytes;
use rasn_x400::rtse::RefuseReason;

use super::bind::{self, Caller};
use super::content::Content;
use crate::osi::stack::{
    Abort, By, DialogueMode, Indication, Layer, Mode, Open, Reference, Request as StackRequest, Resumption,
};
use crate::quirk::{Quirk, Quirks};
pub use primitive::{Ending, Event, Misuse, Output, Request, Settings, Transfer};
use refusal::explained;

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
    sending: Option<Sending>,
    close_wanted: bool,
    ending: Option<Ending>,
    idle_since: Option<Instant>,
    /// An association goes on that was lost: its other end, as it was bound. A responder's is not known yet.
    recovering: Option<String>,
    outputs: VecDeque<Output>,
}

/// Octets that are read at once from a file, which takes a thread of its own.
const AHEAD: u64 = 256 << 10;

/// A message that is sent.
#[derive(Debug)]
struct Sending {
    content: Content,
    /// What was read last, and where that is.
    ahead: (u64, Content),
    /// Where octets are being read, and how many of them are wanted now.
    wanted: Option<(u64, u64)>,
}

impl Sending {
    fn new(content: Content) -> Self {
        Self { content, ahead: (0, Content::default()), wanted: None }
    }

    /// Octets that are in memory.
    fn part(&self, offset: u64, octets: u64) -> Option<Vec<Bytes>> {
        let part = self.content.slice(offset, octets);
        part.in_memory().or_else(|| {
            let (before, ahead) = &self.ahead;
            let found = ahead.slice(offset.checked_sub(*before)?, octets);
            if found.length() == part.length() { found.in_memory() } else { None }
        })
    }

    /// What is to be read, so that octets are in memory, and those after them.
    fn read_ahead(&mut self, offset: u64, octets: u64) -> Content {
        self.wanted = Some((offset, octets));
        self.content.slice(offset, octets.max(AHEAD))
    }
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

    /// An association of ours that was lost and goes on with this peer, by the name of its session connection (X.228 7.8). A
    /// peer that declines wants a bind.
    #[must_use]
    pub fn recovering(
        settings: Settings,
        dialogue_mode: DialogueMode,
        mode: Mode,
        connection: Reference,
        peer: String,
    ) -> Self {
        let mut association =
            Self { mode, recovering: Some(peer), ..Self::new(settings, true, dialogue_mode) };
        association.down(StackRequest::Recover { connection });
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
            recovering: None,
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
            (Request::Rejoin { peer }, State::Binding) if self.recovering.take().is_some() => {
                let known = self.settings.trust.known.iter().find(|known| known.name == peer);
                let quirks = known.map(|known| known.quirks);
                self.adapt(quirks);
                self.down(StackRequest::AcceptRecovery);
                self.up(Event::Ready { peer, mode: self.mode });
                self.idle(now);
            }
            (Request::Rejoin { .. }, _) => return Err(Misuse("going on with an association")),
            (Request::Decline, State::Binding) if self.recovering.take().is_some() => {
                let reason = RefuseReason::CANNOT_RECOVER;
                self.down(StackRequest::Refuse { user_data: Vec::new(), permanent: false, reason });
                self.end(Ending::NotRecovered);
            }
            (Request::Decline, _) => return Err(Misuse("declining an association")),
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
                // One that was refused is not waited for.
                if matches!(self.state, State::Receiving | State::Resuming | State::Securing) {
                    self.up(Event::MessageInterrupted { why, received });
                }
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
                let Some(sending) = &mut self.sending else { return };
                match sending.part(offset, octets as u64) {
                    Some(pieces) => self.down(StackRequest::TransferPart { offset, pieces }),
                    None => {
                        let content = sending.read_ahead(offset, octets as u64);
                        self.outputs.push_back(Output::Read { offset, content });
                    }
                }
            }
            // The pool learns where a message can go on when it is cut off.
            Indication::TransferProgress { .. } | Indication::TransferWithdrawn => {}
            Indication::TransferConfirm => {
                if self.sending.take().is_some() {
                    self.up(Event::Sent);
                }
                self.idle(now);
            }
            Indication::TransferFailed { why, retry, resumable } => {
                if self.sending.take().is_some() {
                    self.up(Event::NotSent { why, retry, resumable });
                }
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

    /// The octets that [`Output::Read`] asked for. If nobody wants them any more, nothing comes of it.
    pub fn octets(&mut self, offset: u64, octets: io::Result<Vec<Bytes>>) {
        let Some(sending) = &mut self.sending else { return };
        let Some((_, wanted)) = sending.wanted.take_if(|(place, _)| *place == offset) else { return };
        let request = match octets {
            Ok(pieces) => {
                sending.ahead = (offset, pieces.into());
                let pieces = sending.part(offset, wanted).unwrap_or_default();
                StackRequest::TransferPart { offset, pieces }
            }
            Err(error) => {
                let why = format!("the message cannot be read at octet {offset}: {error}");
                StackRequest::TransferGiveUp { why, retry: true }
            }
        };
        self.down(request);
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
            self.sending = Some(Sending::new(transfer.content));
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
        if let Some(connection) = open.recover.as_ref().filter(|_| !self.settings.closed) {
            self.recovering = Some(String::new());
            return self.up(Event::Recover { connection: connection.clone(), mode: self.mode });
        }
        let caller = Caller { from: self.from, selectors: &open.calling };
        let closed = if self.settings.closed { Err(bind::Unacceptable::Closed) } else { Ok(()) };
        let checked = closed.and_then(|()| self.settings.trust.check(&open.user_data, Some(caller)));
        let welcome = checked.and_then(|welcome| {
            // Q2: who it is was not known when the protocol was named.
            let quirks = welcome.known.map_or(self.settings.quirks, |known| known.quirks);
            match open.swapped_protocol && !quirks.tolerates(Quirk::SwappedProtocol) {
                true => Err(bind::Unacceptable::WrongProtocol(welcome.name)),
                false => Ok(welcome),
            }
        });
        match welcome {
            Ok(bind::Welcome { name, known }) => {
                let quirks = known.map(|known| known.quirks);
                let identity =
                    known.and_then(|known| known.identity.as_ref()).unwrap_or(&self.settings.identity);
                let user_data = bind::result(identity, self.mode);
                self.adapt(quirks);
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

    /// From now on it is known who the peer is, and what is special about it.
    fn adapt(&mut self, quirks: Option<Quirks>) {
        if let Some(quirks) = quirks.filter(|quirks| *quirks != self.settings.quirks) {
            self.settings.quirks = quirks;
            self.down(StackRequest::Adapt { quirks });
        }
    }

    fn check_responder(&mut self, result: &[u8], now: Instant) {
        // The peer has accepted what was bound before.
        if let Some(peer) = self.recovering.take() {
            self.up(Event::Ready { peer, mode: self.mode });
            return self.idle(now);
        }
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

    /// The association is over. A message that waits or arrives is said to have failed; what became of one that leaves
    /// the stack may know better, so that is said when it does, or when the connection is gone.
    fn end(&mut self, ending: Ending) {
        let state = std::mem::replace(&mut self.state, State::Ending);
        if let Some(waiting) = self.waiting.take() {
            let why = ending.to_string();
            self.up(Event::NotSent { why, retry: true, resumable: waiting.resume });
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
        if self.sending.take().is_some() {
            self.up(Event::NotSent { why: ending.to_string(), retry: true, resumable: None });
        }
        self.up(Event::Ended(ending));
    }

    fn down(&mut self, request: StackRequest) {
        self.outputs.push_back(Output::Down(request));
    }

    fn up(&mut self, event: Event) {
        self.outputs.push_back(Output::Up(event));
    }
}
