//! The reliable transfer association as a machine.

mod convert;
mod transfer;

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use rasn_x400::rtse::{AbortReason, Apdu, RefuseReason, Rtab, Rtorq, SessionConnectionIdentifier};

use super::primitive::{Abort, Refusal};
use super::recovery::{ActivityKey, Received, Resumable};
use super::segment::Outgoing;
use super::table::{Action, Alternative, Event, Predicate, State, cell};
use crate::osi::presentation::{Contexts, Value};
use crate::osi::session::{self, ActivityId, ConnectionReference, ExceptionReason, SerialNumber};
use crate::osi::stack::{
    CheckpointConfirm, Config, DialogueMode, Indication, Mode, Request, TransferRefusal,
};
use crate::osi::{acse, presentation};
pub(super) use convert::text;
use transfer::Incoming;
pub(in crate::osi) use transfer::dropped;

/// One association.
#[derive(Debug)]
pub struct Machine {
    config: Config,
    initiator: bool,
    state: State,
    /// What is spoken: for a responder the initiator decides.
    mode: Mode,
    contexts: Contexts,
    /// The name of the session connection, to be returned in the answer.
    reference: ConnectionReference,
    /// The name of the session connection whose association is to go on.
    recovers: Option<SessionConnectionIdentifier>,
    /// Responder: what the peer proposed, until it is answered. Then what was agreed.
    checkpoint_size: u16,
    window: u16,
    dialogue_mode: DialogueMode,
    /// Responder: the peer gave us the turn to begin with.
    own_turn: bool,
    /// Activities started by us.
    activities: i64,
    outgoing: Option<Outgoing>,
    /// What the user asked for while a message that failed is still to be withdrawn.
    held: Option<(Event, Input)>,
    incoming: Option<Incoming>,
    /// The activity that the peer goes on with and the number of the checkpoint, while the user is asked.
    resuming: Option<(ActivityKey, u32)>,
    /// What came since that was asked.
    deferred: VecDeque<presentation::Indication>,
    /// The peer withdrew the message before the user answered; that is still to be taken note of.
    withdrawn: bool,
    /// Why the transfer under way, in either direction, will not be completed.
    failure: Option<Failure>,
    outputs: VecDeque<Output>,
    deadline: Option<Instant>,
}

/// Why a transfer fails, and whether the same message may be tried again.
#[derive(Clone, Debug)]
struct Failure {
    why: String,
    retry: bool,
    /// Whether what has arrived is good, and the sender may go on from there.
    keep: bool,
}

/// What a poll gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// For association control.
    Acse(acse::Request),
    /// For presentation.
    Presentation(presentation::Request),
    /// For the user.
    Up(Indication),
    /// There is no association.
    Refused(Refusal),
    /// A message under way is lost because the association ends.
    CutOff {
        /// Whether it was ours.
        ours: bool,
        /// Why the association ends; `None` when our own user aborts.
        abort: Option<Abort>,
        /// Where ours can go on.
        resumable: Option<Resumable>,
        /// What there is of the peer's.
        received: Option<Received>,
    },
    /// The association has ended.
    Aborted(Abort),
}

/// The user asked for what the state of the association does not allow; nothing has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{request} does not fit: {state}")]
pub struct Misuse {
    /// The service primitive.
    pub request: &'static str,
    /// What the association does or waits for, or what is wrong with the request.
    pub state: &'static str,
}

/// The peer broke the protocol. The abort and its indication wait to be polled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reliable transfer: {problem}")]
pub struct Fault {
    /// How.
    pub problem: String,
}

/// What an event brings along.
#[derive(Debug)]
enum Input {
    Nothing,
    Open { user_data: Vec<u8> },
    Refuse { user_data: Vec<u8>, permanent: bool, reason: RefuseReason },
    Parts(Vec<Bytes>),
    Priority(i64),
    Refusal(TransferRefusal),
    Serial(SerialNumber),
    Activity(ActivityId),
    Resume(Box<session::ActivityResume>),
    Up(Box<Indication>),
    Refused(Refusal),
    Aborted(Abort),
    Failure(Failure),
    Problem(String),
}

/// What may come before the user has said whether a message can go on: data and checkpoints of a window.
const MAXIMUM_DEFERRED: usize = 1_024;

impl Machine {
    /// The side that opens the association.
    pub fn initiator(config: Config) -> Self {
        Self::new(config, true)
    }

    /// The side that is asked.
    pub fn responder(config: Config) -> Self {
        Self::new(config, false)
    }

    fn new(config: Config, initiator: bool) -> Self {
        Self {
            checkpoint_size: config.checkpoint_size,
            window: config.window.max(1),
            dialogue_mode: config.dialogue_mode,
            mode: config.mode,
            config,
            initiator,
            state: State::Idle,
            contexts: Contexts::default(),
            reference: ConnectionReference::default(),
            recovers: None,
            own_turn: false,
            activities: 0,
            outgoing: None,
            held: None,
            incoming: None,
            resuming: None,
            deferred: VecDeque::new(),
            withdrawn: false,
            failure: None,
            outputs: VecDeque::new(),
            deadline: None,
        }
    }

    /// Takes a request or response of the user.
    ///
    /// # Errors
    ///
    /// The request does not fit the state; nothing has happened.
    pub fn request(&mut self, primitive: Request, now: Instant) -> Result<(), Misuse> {
        if let Request::Adapt { quirks } = primitive {
            self.config.quirks = quirks;
            return Ok(());
        }
        let (mut event, name) = convert::of_request(&primitive);
        let misuse = |state| Misuse { request: name, state };
        let hold = self.may_hold(event);
        match &primitive {
            Request::Transfer { length, timeout, resume } if hold || self.state == State::WithTurn => {
                let outgoing = self.prepare(*length, *timeout, resume.clone(), now).map_err(misuse)?;
                self.outgoing = Some(outgoing);
            }
            Request::TransferPart { offset, pieces } => match self.wanted_part() {
                Some((wanted, octets)) if wanted == *offset => {
                    let given: usize = pieces.iter().map(Bytes::len).sum();
                    if given != octets {
                        return Err(misuse("a part has as many octets as were asked for"));
                    }
                }
                // The transfer has failed since the part was asked for, and the user is about to hear of it.
                _ => return Ok(()),
            },
            Request::TransferGiveUp { .. } if !self.state.is_sending() => return Ok(()),
            Request::Accept { .. } if self.recovers.is_some() => {
                return Err(misuse("the peer wants to recover, and gave no bind"));
            }
            Request::AcceptRecovery if self.recovers.is_none() => {
                return Err(misuse("the peer does not want to recover"));
            }
            Request::CheckpointKept { serial } if self.outstanding_point(*serial).is_none() => {
                // The message was cut off since, or withdrawn.
                return Ok(());
            }
            _ => {}
        }
        let input = match primitive {
            Request::Open { user_data } | Request::Accept { user_data } | Request::Abort { user_data } => {
                Input::Open { user_data }
            }
            Request::Recover { connection } => {
                self.recovers = Some(convert::identifier(&connection, self.mode.is_x410()));
                Input::Open { user_data: Vec::new() }
            }
            Request::AcceptRecovery => Input::Open { user_data: Vec::new() },
            Request::Refuse { user_data, permanent, reason } => {
                Input::Refuse { user_data, permanent, reason }
            }
            Request::TransferPart { pieces, .. } => Input::Parts(pieces),
            Request::TransferGiveUp { why, retry } => {
                let failure = Failure { why, retry, keep: false };
                self.failure = Some(failure.clone());
                Input::Failure(failure)
            }
            Request::TransferInterrupt { why } => Input::Failure(Failure { why, retry: true, keep: true }),
            Request::CheckpointKept { serial } => {
                self.outstanding_point(serial).map_or(Input::Nothing, Input::Serial)
            }
            Request::Resume(known) if self.state == State::AwaitResumeResponse => {
                event = self.answer_resume(known);
                Input::Nothing
            }
            Request::TransferRefuse { reason } => Input::Refusal(reason),
            Request::TurnPlease { priority } => Input::Priority(i64::from(priority)),
            _ => Input::Nothing,
        };
        if hold {
            self.held = Some((event, input));
            return Ok(());
        }
        match self.step(event, &input, now) {
            true => Ok(()),
            false => Err(misuse(self.state.description())),
        }
    }

    /// Takes what association control indicates.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol.
    pub fn receive_association(&mut self, indication: acse::Indication, now: Instant) -> Result<(), Fault> {
        let (event, input) = self.understand_association(indication);
        self.take(event, input, now)
    }

    /// Takes what presentation indicates once the association stands.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol.
    pub fn receive(&mut self, indication: presentation::Indication, now: Instant) -> Result<(), Fault> {
        if self.state != State::AwaitResumeResponse {
            let (event, input) = self.understand(indication);
            return self.take(event, input, now);
        }
        // The sender goes on without waiting for the user's answer, as far as its window goes.
        self.deferred.push_back(indication);
        if self.deferred.len() > MAXIMUM_DEFERRED {
            let problem = "much too much of a message before it is known whether it can go on".to_owned();
            self.deferred.clear();
            return self.take(Event::Invalid, Input::Problem(problem), now);
        }
        Ok(())
    }

    /// Takes the next of what came while the user was asked about a message that goes on; `None` when there is nothing.
    pub fn proceed(&mut self, now: Instant) -> Option<Result<(), Fault>> {
        if self.state == State::AwaitResumeResponse {
            return None;
        }
        let indication = self.deferred.pop_front()?;
        self.withdrawn = false;
        Some(match self.state {
            State::Ended => Ok(()),
            _ => self.receive(indication, now),
        })
    }

    /// Octets came from the peer, if not a whole data unit: a sender that is slow is not silent.
    pub fn is_alive(&mut self, now: Instant) {
        if matches!(self.state, State::Receiving | State::ReceivingAgain) {
            self.deadline = self.next_deadline(now);
        }
    }

    /// The deadline has passed.
    pub fn timeout(&mut self, now: Instant) {
        if self.deadline.is_none_or(|deadline| deadline > now) {
            return;
        }
        self.deadline = None;
        let event = match self.state {
            State::Sending | State::AwaitActivityEndConfirm => Event::TransferTime,
            _ => Event::PeerTime,
        };
        if event == Event::TransferTime {
            let why = "the receiver did not secure it in time".into();
            self.failure = Some(Failure { why, retry: true, keep: false });
        }
        self.step(event, &Input::Nothing, now);
    }

    /// The next thing to do, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Self::timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether the association is over, or was never asked for.
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Idle | State::Ended)
    }

    /// An event from below. What the table has nothing for is a protocol error.
    fn take(&mut self, event: Event, input: Input, now: Instant) -> Result<(), Fault> {
        let problem = match &input {
            Input::Problem(problem) => problem.clone(),
            _ => format!("{event:?} does not fit: {}", self.state.description()),
        };
        let invalid = event == Event::Invalid;
        if !invalid && self.step(event, &input, now) {
            return Ok(());
        }
        self.step(Event::Invalid, &Input::Problem(problem.clone()), now);
        Err(Fault { problem })
    }

    /// Whether a request is to wait until a message that failed is withdrawn: the user has heard of the failure already, and
    /// goes on.
    fn may_hold(&self, event: Event) -> bool {
        let later = match self.state {
            State::AwaitDiscardConfirm if event != Event::RTTPreq => State::WithTurn,
            State::AwaitRecovery | State::AwaitResumeResponse if event == Event::RTTPreq => {
                State::WithoutTurn
            }
            _ => return false,
        };
        let waits = matches!(event, Event::RTTRreq | Event::RTTGreq | Event::RTCLreq | Event::RTTPreq);
        self.held.is_none() && waits && self.choose(later, event).is_some()
    }

    fn choose(&self, state: State, event: Event) -> Option<&'static Alternative> {
        let holds = |predicate: &Predicate| match predicate {
            Predicate::Initiator => self.initiator,
            Predicate::TwoWay => self.dialogue_mode == DialogueMode::TwoWayAlternate,
            Predicate::OwnTurn => self.own_turn,
            Predicate::LastPart => self.outgoing.as_ref().is_none_or(Outgoing::is_last),
            Predicate::Resumes => self.outgoing.as_ref().is_some_and(|it| it.activity.is_some()),
            Predicate::Confirmed => self.outgoing.as_ref().is_some_and(|it| it.serial() > 0),
            Predicate::MayRecover => self.outgoing.as_ref().is_some_and(Outgoing::may_recover),
            Predicate::Doubtful => self.outgoing.as_ref().is_some_and(|it| it.doubtful),
            Predicate::ConfirmsAtOnce => self.config.checkpoint_confirm == CheckpointConfirm::AsItComes,
            Predicate::Withdrawn => self.withdrawn,
        };
        cell(state, event).iter().find(|(predicates, ..)| predicates.iter().all(holds))
    }

    fn step(&mut self, event: Event, input: &Input, now: Instant) -> bool {
        if let (Event::SyncMinorConfirm, Input::Serial(serial), Some(outgoing)) =
            (event, input, &mut self.outgoing)
        {
            outgoing.confirm(serial.get());
        }
        let Some(&(_, actions, next)) = self.choose(self.state, event) else { return false };
        let waiting_for = self.state.description();
        let before = std::mem::replace(&mut self.state, next);
        for &action in actions {
            self.act(action, input, waiting_for);
        }
        // What else the peer sends does not prolong its time to drop or suspend a message.
        if before != next || !next.awaits_withdrawal() {
            self.deadline = self.next_deadline(now);
        }
        match self.held.take_if(|_| !next.holds()) {
            Some((held, input))
                if matches!(next, State::WithTurn | State::WithoutTurn | State::Receiving) =>
            {
                self.step(held, &input, now)
            }
            _ => true,
        }
    }

    /// Who is waited for, and until when.
    fn next_deadline(&self, now: Instant) -> Option<Instant> {
        let timers = &self.config.timers;
        match self.state {
            State::AwaitOpenConfirm => Some(now + timers.connect),
            State::Sending | State::AwaitActivityEndConfirm => self.outgoing.as_ref().map(|it| it.deadline),
            State::Receiving | State::ReceivingAgain | State::AwaitRecovery => Some(now + timers.transfer),
            State::AwaitDiscardConfirm | State::AwaitInterruptConfirm | State::AwaitRestart => {
                Some(now + timers.recovery)
            }
            State::AwaitCloseConfirm => Some(now + timers.release),
            State::WithTurn | State::WithoutTurn if !self.initiator => timers.idle.map(|idle| now + idle),
            _ => None,
        }
    }

    fn act(&mut self, action: Action, input: &Input, waiting_for: &'static str) {
        match action {
            Action::SendOpenRequest => self.send_open_request(input),
            Action::SendOpenAccept => self.send_open_accept(input),
            Action::SendOpenRefuse => self.send_open_refuse(input),
            Action::RefuseUnusable => self.refuse_unusable(input),
            Action::IndicateOpen
            | Action::IndicateOpened
            | Action::IndicateRefused
            | Action::IndicateAborted
            | Action::IndicateBroken => self.indicate_input(input),
            Action::StartActivity => self.start_activity(),
            Action::ResumeActivity => self.resume_activity(),
            Action::InterruptActivity => self.interrupt_activity(input),
            Action::IndicateProgress => self.indicate_progress(),
            Action::AskForPart => self.ask_for_part(),
            Action::SendPart => self.send_part(input),
            Action::EndActivity => self.end_activity(),
            Action::ConfirmTransfer => {
                self.incoming = None;
                self.pass(session::Request::ActivityEndResponse { user_data: Bytes::new() });
            }
            Action::MarkPoint => self.mark_point(input),
            Action::ConfirmPoint => self.confirm_point(input),
            Action::IndicatePoint => self.indicate_point(input),
            Action::ReportException => self.report_exception(input),
            Action::ReportUnknown => self.report(ExceptionReason::UnrecoverableProceduralError),
            Action::ReportSequence => self.report(ExceptionReason::SequenceError),
            Action::DiscardActivity => self.discard_activity(input),
            Action::AskWhetherKnown => self.ask_whether_known(input),
            Action::IndicateResumed => self.indicate_resumed(),
            Action::ConfirmDiscard => {
                self.note_problem(input);
                self.pass(session::Request::ActivityDiscardResponse);
            }
            Action::ConfirmInterrupt => {
                self.note_problem(input);
                self.pass(session::Request::ActivityInterruptResponse);
            }
            Action::IndicateStart => self.indicate_start(input),
            Action::IndicateData => self.indicate_data(input),
            Action::IndicateEnd => self.up(Indication::TransferEnd),
            Action::IndicateDropped => self.end_transfers(input, waiting_for, true),
            Action::IndicateInterrupted | Action::IndicateFailed | Action::EndTransfers => {
                self.end_transfers(input, waiting_for, false);
            }
            Action::IndicateConfirm => {
                self.outgoing = None;
                self.up(Indication::TransferConfirm);
            }
            Action::IndicateWithdrawn => self.indicate_withdrawn(),
            Action::AskForTurn => self.ask_for_turn(input),
            Action::GiveTurn => self.pass(session::Request::TokenGive),
            Action::IndicateTurnPlease => {
                if let Input::Priority(priority) = input {
                    let priority = u32::try_from(*priority).unwrap_or(u32::MAX);
                    self.up(Indication::TurnPlease { priority });
                }
            }
            Action::IndicateTurnGiven => self.up(Indication::TurnGiven),
            Action::Release => self.outputs.push_back(Output::Acse(acse::Request::Release)),
            Action::RespondRelease => self.outputs.push_back(Output::Acse(acse::Request::ReleaseResponse)),
            Action::IndicateClose => self.up(Indication::Close),
            Action::IndicateClosed => self.up(Indication::Closed),
            Action::AbortByUser => self.abort_by_user(input),
            Action::AbortProtocolError => self.abort(AbortReason::PROTOCOL_ERROR),
            Action::AbortSilence => self.abort(AbortReason::TEMPORARY_PROBLEM),
            Action::AbortCompleted => self.abort(AbortReason::TRANSFER_COMPLETED),
            Action::IndicateCompleted => {
                self.outputs.push_back(Output::Aborted(Abort::Completed));
            }
            Action::IndicateSilence => {
                self.outputs.push_back(Output::Aborted(Abort::TimedOut { waiting_for }));
            }
        }
    }

    fn up(&mut self, indication: Indication) {
        self.outputs.push_back(Output::Up(indication));
    }

    fn pass(&mut self, request: session::Request) {
        self.outputs.push_back(Output::Presentation(presentation::Request::Pass(request)));
    }

    fn indicate_input(&mut self, input: &Input) {
        let output = match input {
            Input::Up(indication) => Output::Up(indication.as_ref().clone()),
            Input::Refused(refusal) => Output::Refused(refusal.clone()),
            Input::Aborted(abort) => Output::Aborted(abort.clone()),
            Input::Problem(problem) => Output::Aborted(Abort::RtseBroken { problem: problem.clone() }),
            _ => return,
        };
        self.outputs.push_back(output);
    }

    fn ask_for_turn(&mut self, input: &Input) {
        if let Input::Priority(priority) = input {
            let octets = Bytes::from(presentation::data::integer(*priority));
            let value = Some(Value { context: self.own_context(), octets });
            self.outputs.push_back(Output::Presentation(presentation::Request::TokenPlease { value }));
        }
    }

    fn abort(&mut self, reason: AbortReason) {
        self.send_abort(Rtab { reason: Some(reason), ..Rtab::default() });
    }

    fn send_abort(&mut self, rtab: Rtab) {
        let information = self.apdu(&Apdu::Rtab(rtab));
        self.outputs.push_back(Output::Acse(acse::Request::Abort { information }));
    }
}

/// What of an RTORQ is agreed to: at most what the peer proposes, where 0 is no proposal (X.228 7.1.3).
fn negotiated(rtorq: &Rtorq, config: &Config) -> (u16, u16) {
    let proposal = |value: i64| u16::try_from(value).unwrap_or(u16::MAX);
    let checkpoint_size = match (proposal(rtorq.checkpoint_size.max(0)), config.checkpoint_size) {
        (0, ours) => ours,
        (theirs, 0) => theirs,
        (theirs, ours) => theirs.min(ours),
    };
    let window = proposal(rtorq.window_size.max(1)).min(config.window.max(1));
    (checkpoint_size, window)
}
