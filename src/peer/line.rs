//! One association as the lab peer sees it: the stack, a wire that can misbehave below it, and whole messages above.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock for the stack")]

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use rasn_x400::rtse::RefuseReason;
use rasn_x400::x411::bind::BindError;

use super::octets::{self, Place};
use super::suspended::{Kept, Suspended};
use super::wire::{Control, Stream, Wire};
use crate::mta::bind::{self, Identity};
use crate::osi::driver::{Driver, Recorder};
use crate::osi::stack::{
    Abort, ActivityKey, Config, Indication, Misuse, Mode, Open, Refusal, Request, Resumable, Resumption,
    Stack, TransferRefusal,
};

/// What happened on an association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The peer wants to bind.
    Bind(Open),
    /// The peer has accepted our bind.
    Bound {
        /// BER of the bind result.
        result: Vec<u8>,
        /// Octets between checkpoints, in units of 1024.
        checkpoint_size: u16,
        /// Checkpoints that may be unconfirmed.
        window: u16,
    },
    /// There is no association.
    Refused(Refusal),
    /// A message begins to arrive.
    Start,
    /// The sender goes on with a message that was cut off, after so many octets.
    Resumed(u64),
    /// So many octets of the message have come.
    Octets(usize),
    /// A message has arrived, and waits for an answer.
    Arrived(Bytes),
    /// The message that was arriving will not be completed.
    Withdrawn(String),
    /// The message that was arriving is cut off; its sender may go on with it later.
    Interrupted(String),
    /// The peer has confirmed a checkpoint of our message: so many octets of it.
    Progress(u64),
    /// The peer has secured our message.
    Confirmed,
    /// Our message was not taken.
    NotTaken {
        /// Why.
        why: String,
        /// Whether it may be tried again.
        retry: bool,
        /// Where it can go on.
        resumable: Option<Resumable>,
    },
    /// Our message is no longer under way because we suspended or withdrew it; where it can go on.
    GivenUp(Option<Resumable>),
    /// The peer agrees that our message is suspended or withdrawn.
    Agreed(Withdrawal),
    /// The peer wants the turn.
    TurnWanted(u32),
    /// The turn is ours.
    Turn,
    /// The peer wants to close.
    Close,
    /// The peer has agreed to close.
    Closed,
    /// The association was aborted.
    Aborted(Abort),
    /// The connection has ended.
    Disconnected,
}

/// How the sender stops a message that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Withdrawal {
    /// It may go on later.
    Interrupt,
    /// What came of it is dropped.
    Discard,
}

/// One association.
pub(super) struct Line {
    driver: Driver<Wire>,
    pub(super) control: Control,
    /// What is spoken; of a responder, once the bind has come.
    pub(super) mode: Mode,
    /// What we transfer.
    sending: Bytes,
    /// Whether it is under way.
    under_way: bool,
    /// How we stopped it, until the other side has agreed.
    withdrawal: Option<Withdrawal>,
    /// Nothing of it is sent from this octet on; the parts before are sent whole.
    hold: Option<u64>,
    /// What the stack wants of it, and does not get: place and number of octets.
    held: Option<(u64, usize)>,
    /// The name of what arrives.
    key: Option<ActivityKey>,
    suspended: Suspended,
    message: BytesMut,
    maximum_message: usize,
    refused: bool,
    /// What was told while nobody listened.
    early: VecDeque<Event>,
    over: bool,
}

/// Scripts wait for checkpoints, and for the end of what was withdrawn.
fn told(config: Config) -> Config {
    Config { tells_progress: true, ..config }
}

/// How long one transfer of ours may take.
const TRANSFER: Duration = Duration::from_secs(600);
/// How long the last octets of an association may take.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl Line {
    /// The side that opens, on a connection that was made; [`Self::bind`] is the first thing to do.
    pub(super) fn initiator(
        stream: Box<dyn Stream>,
        config: Config,
        maximum_message: usize,
        suspended: Suspended,
        recorder: Option<Box<dyn Recorder>>,
    ) -> Self {
        let mode = config.mode;
        let stack = Stack::initiator(told(config), Instant::now());
        Self { mode, ..Self::new(stream, stack, maximum_message, suspended, recorder) }
    }

    /// The side that is asked.
    pub(super) fn responder(
        stream: Box<dyn Stream>,
        config: Config,
        maximum_message: usize,
        suspended: Suspended,
        recorder: Option<Box<dyn Recorder>>,
    ) -> Self {
        Self::new(
            stream,
            Stack::responder(told(config), Instant::now()),
            maximum_message,
            suspended,
            recorder,
        )
    }

    fn new(
        stream: Box<dyn Stream>,
        stack: Stack,
        maximum_message: usize,
        suspended: Suspended,
        recorder: Option<Box<dyn Recorder>>,
    ) -> Self {
        let (wire, control) = Wire::new(stream, recorder);
        Self {
            driver: Driver::over(wire, stack, None),
            control,
            mode: Mode::default(),
            sending: Bytes::new(),
            under_way: false,
            withdrawal: None,
            hold: None,
            held: None,
            key: None,
            suspended,
            message: BytesMut::new(),
            maximum_message,
            refused: false,
            early: VecDeque::new(),
            over: false,
        }
    }

    /// The next event; `None` after [`Event::Disconnected`]. May be cancelled and called again without loss.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.early.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            let indication = self.driver.next().await;
            self.take(indication);
        }
    }

    /// Whether the connection has ended and all about it was told.
    pub(super) fn is_over(&self) -> bool {
        self.over && self.early.is_empty()
    }

    /// Lets the connection do what it can do without waiting: what was asked for is on its way afterwards.
    pub(super) async fn settle(&mut self) {
        while !self.over {
            let polled = {
                let mut next = std::pin::pin!(self.driver.next());
                std::future::poll_fn(|context| {
                    std::task::Poll::Ready(match next.as_mut().poll(context) {
                        std::task::Poll::Ready(indication) => Some(indication),
                        std::task::Poll::Pending => None,
                    })
                })
                .await
            };
            match polled {
                Some(indication) => self.take(indication),
                None => return,
            }
        }
    }

    fn take(&mut self, indication: Option<Indication>) {
        let Some(indication) = indication else {
            self.over = true;
            return self.early.push_back(Event::Disconnected);
        };
        let event = match indication {
            // The lab peer forgets an association when it ends.
            Indication::Open(open) if open.recover.is_some() => {
                let reason = RefuseReason::CANNOT_RECOVER;
                let _ = self.request(Request::Refuse { user_data: Vec::new(), permanent: false, reason });
                return;
            }
            Indication::Open(open) => {
                self.mode = open.mode;
                Event::Bind(open)
            }
            Indication::Opened { user_data, checkpoint_size, window, .. } => {
                Event::Bound { result: user_data, checkpoint_size, window }
            }
            Indication::Refused(refusal) => Event::Refused(refusal),
            Indication::TransferStart { key } => {
                self.message.clear();
                self.refused = false;
                self.key = Some(key);
                Event::Start
            }
            Indication::TransferResume { old, key } => return self.resume(&old, key),
            Indication::TransferResumed { octets } => {
                self.message.truncate(usize::try_from(octets).unwrap_or(usize::MAX));
                Event::Resumed(octets)
            }
            // Only asked for where the stack is told to wait for it.
            Indication::TransferCheckpoint { serial } => {
                let _ = self.request(Request::CheckpointKept { serial });
                return;
            }
            Indication::TransferInterrupted { why, received } => {
                let length = usize::try_from(received.octets()).unwrap_or(usize::MAX);
                self.message.truncate(length);
                if let Some(key) = self.key.take() {
                    self.suspended.keep(key, Kept::Beginning(self.message.split().freeze(), received));
                }
                Event::Interrupted(why)
            }
            Indication::TransferData(octets) => return self.data(&octets),
            Indication::TransferEnd if self.refused => return,
            Indication::TransferEnd => Event::Arrived(self.message.split().freeze()),
            // The end of what we refused is no news.
            Indication::TransferDropped { .. } if self.refused => return,
            Indication::TransferDropped { why } => {
                self.message.clear();
                Event::Withdrawn(why)
            }
            Indication::TransferMore { offset, octets } => return self.more(offset, octets),
            Indication::TransferProgress { octets } => Event::Progress(octets),
            Indication::TransferConfirm => {
                self.ended();
                Event::Confirmed
            }
            Indication::TransferFailed { why, retry, resumable } => {
                self.ended();
                match self.withdrawal {
                    Some(_) => Event::GivenUp(resumable),
                    None => Event::NotTaken { why, retry, resumable },
                }
            }
            Indication::TransferWithdrawn => match self.withdrawal.take() {
                Some(withdrawal) => Event::Agreed(withdrawal),
                // The other side did not take it, and what follows from that is no news.
                None => return,
            },
            Indication::TurnPlease { priority } => Event::TurnWanted(priority),
            Indication::TurnGiven => Event::Turn,
            Indication::Close => Event::Close,
            Indication::Closed => Event::Closed,
            Indication::Aborted(abort) => Event::Aborted(abort),
            Indication::Disconnected => return,
        };
        self.early.push_back(event);
    }

    /// The sender wants to go on with a message that was cut off.
    fn resume(&mut self, old: &ActivityKey, key: ActivityKey) {
        self.refused = false;
        self.key = Some(key);
        let known = match self.suspended.take(old) {
            None => Resumption::Unknown,
            Some(Kept::All) => Resumption::Secured,
            Some(Kept::Beginning(octets, received)) => {
                self.message = BytesMut::from(&octets[..]);
                Resumption::Kept(received)
            }
        };
        // It is refused only when the association has ended meanwhile, of which the stack tells by itself.
        let _ = self.request(Request::Resume(known));
    }

    /// What we transferred is no longer under way.
    fn ended(&mut self) {
        (self.under_way, self.hold, self.held) = (false, None, None);
    }

    /// The stack wants the next part of what we transfer.
    fn more(&mut self, offset: u64, octets: usize) {
        if self.hold.is_some_and(|hold| offset >= hold) {
            self.held = Some((offset, octets));
            return;
        }
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.sending.len());
        let part = self.sending.slice(start..start.saturating_add(octets).min(self.sending.len()));
        // It is refused only when the transfer has failed meanwhile, of which the stack tells by itself.
        let _ = self.request(Request::TransferPart { offset, pieces: vec![part] });
    }

    fn data(&mut self, octets: &[u8]) {
        if self.refused {
            return;
        }
        if self.message.len().saturating_add(octets.len()) > self.maximum_message {
            self.message = BytesMut::new();
            let _ = self.refuse_transfer(TransferRefusal::Permanent);
            return;
        }
        self.message.extend_from_slice(octets);
        self.early.push_back(Event::Octets(self.message.len()));
    }

    /// Asks the stack for something.
    pub(super) fn request(&mut self, request: Request) -> Result<(), Misuse> {
        self.driver.request(request)
    }

    /// Opens.
    pub(super) fn bind(&mut self, identity: &Identity) -> Result<(), Misuse> {
        self.request(Request::Open { user_data: bind::argument(identity, self.mode) })
    }

    /// Accepts the bind.
    pub(super) fn accept(&mut self, identity: &Identity) -> Result<(), Misuse> {
        self.request(Request::Accept { user_data: bind::result(identity, self.mode) })
    }

    /// Refuses the bind as an MTA does.
    pub(super) fn refuse_bind(&mut self, error: BindError, permanent: bool) -> Result<(), Misuse> {
        let reason = match error {
            BindError::BUSY => RefuseReason::RTS_BUSY,
            BindError::UNACCEPTABLE_DIALOGUE_MODE => RefuseReason::UNACCEPTABLE_DIALOGUE_MODE,
            _ => RefuseReason::VALIDATION_FAILURE,
        };
        self.request(Request::Refuse { user_data: bind::error(error, false), permanent, reason })
    }

    /// Transfers a message, or goes on with it. Needs the turn.
    pub(super) fn transfer(&mut self, apdu: Bytes, resume: Option<Resumable>) -> Result<(), Misuse> {
        self.request(Request::Transfer { length: apdu.len() as u64, timeout: TRANSFER, resume })?;
        (self.sending, self.under_way, self.held) = (apdu, true, None);
        Ok(())
    }

    /// Sends nothing of the message from this octet on, until [`Self::go_on`]. Before the message, or while it is under way.
    pub(super) fn hold_after(&mut self, octets: u64) {
        self.hold = Some(octets);
    }

    /// Goes on with what is held.
    pub(super) fn go_on(&mut self) -> Result<(), Misuse> {
        let Some((offset, octets)) = self.held.take() else {
            return Err(Misuse { request: "going on", expected: "nothing is held" });
        };
        self.hold = None;
        self.more(offset, octets);
        Ok(())
    }

    /// Suspends the message under way; something of it must have been confirmed.
    pub(super) fn interrupt(&mut self) -> Result<(), Misuse> {
        self.request(Request::TransferInterrupt { why: "we suspended it".into() })?;
        self.withdrawal = Some(Withdrawal::Interrupt);
        Ok(())
    }

    /// Withdraws the message under way.
    pub(super) fn discard(&mut self) -> Result<(), Misuse> {
        if !self.under_way {
            return Err(Misuse { request: "withdrawing a message", expected: "none is under way" });
        }
        self.request(Request::TransferGiveUp { why: "we withdrew it".into(), retry: true })?;
        self.withdrawal = Some(Withdrawal::Discard);
        Ok(())
    }

    /// Confirms the message that has arrived.
    pub(super) fn confirm_transfer(&mut self) -> Result<(), Misuse> {
        self.request(Request::TransferAccept)?;
        if let Some(key) = self.key.take() {
            self.suspended.keep(key, Kept::All);
        }
        Ok(())
    }

    /// Refuses the message that arrives, or has arrived.
    pub(super) fn refuse_transfer(&mut self, reason: TransferRefusal) -> Result<(), Misuse> {
        self.request(Request::TransferRefuse { reason })?;
        // With `Again` the sender goes on, and what there is will be wanted.
        if reason != TransferRefusal::Again {
            self.message.clear();
            self.refused = true;
        }
        Ok(())
    }

    /// Aborts in a layer of its own choice, then ends the connection.
    pub(super) async fn abort(&mut self, place: Place, reason: Option<i64>) {
        self.settle().await;
        self.control.inject(octets::abort(place, reason, &self.control.seen()));
        self.drop_connection().await;
    }

    /// Ends the connection without a word, once what waits is written.
    pub(super) async fn drop_connection(&mut self) {
        self.settle().await;
        self.control.cut();
        self.wind_down().await;
    }

    /// Waits for the end of the connection, for a while.
    pub(super) async fn wind_down(&mut self) {
        let end = async { while self.next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_WORDS, end).await;
    }
}
