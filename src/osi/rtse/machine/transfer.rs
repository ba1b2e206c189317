//! Messages under way, in either direction: what is sent, taken, interrupted and gone on with.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{Failure, Input, Machine, Output, convert};
use crate::osi::presentation;
use crate::osi::rtse::external::{self, Unwrapper};
use crate::osi::rtse::primitive::Abort;
use crate::osi::rtse::recovery::{ActivityKey, Mark, Received, Resumable, Resumption};
use crate::osi::rtse::segment::Outgoing;
use crate::osi::rtse::table::{Event, State};
use crate::osi::session::{self, ActivityId, ActivityResume, ExceptionReason, SerialNumber};
use crate::osi::stack::{Indication, TransferRefusal};
use crate::quirk::Quirk;
use rasn_x400::rtse::AbortReason;

/// Checkpoints that may wait for our confirm, beyond the window: a sender that goes further is not waited for.
const MAXIMUM_UNCONFIRMED: usize = 256;

/// A message that arrives.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) key: ActivityKey,
    pub(super) unwrapper: Unwrapper,
    /// Octets that came.
    pub(super) octets: u64,
    /// Octets that the user got.
    delivered: u64,
    /// The checkpoints so far, but for those that no sender goes back to; the first may be the start.
    marks: VecDeque<Mark>,
    /// The number of the last one that we confirmed.
    confirmed: u32,
}

impl Incoming {
    fn new(key: ActivityKey) -> Self {
        let (marks, unwrapper) = (VecDeque::from([Mark::default()]), Unwrapper::default());
        Self { key, unwrapper, octets: 0, delivered: 0, marks, confirmed: 0 }
    }

    /// A message that goes on at the checkpoint of this number, if that is one that we have.
    fn resumed(key: ActivityKey, received: Received, serial: u32) -> Option<Self> {
        let mut marks = VecDeque::from(received.marks);
        marks.retain(|mark| mark.serial <= serial);
        let Mark { octets, delivered, unwrapper, .. } =
            marks.back().filter(|mark| mark.serial == serial)?.clone();
        Some(Self { key, unwrapper, octets, delivered, marks, confirmed: serial })
    }

    fn mark(&mut self, serial: u32) {
        let (octets, delivered, unwrapper) = (self.octets, self.delivered, self.unwrapper.clone());
        self.marks.push_back(Mark { serial, octets, delivered, unwrapper });
    }

    fn unconfirmed(&self) -> usize {
        self.marks.iter().filter(|mark| mark.serial > self.confirmed).count()
    }

    /// Q6: a sender may be one further than the window; so many of our confirms may be lost, and it goes on before them.
    fn confirm(&mut self, serial: u32, window: u16) {
        self.confirmed = self.confirmed.max(serial);
        let confirmed = self.marks.iter().filter(|mark| mark.serial <= self.confirmed).count();
        self.marks.drain(..confirmed.saturating_sub(usize::from(window) + 2));
    }

    /// What is left of it when it is cut off, unless that is nothing.
    fn received(mut self) -> Option<Received> {
        self.marks.retain(|mark| mark.serial <= self.confirmed);
        (self.confirmed > 0 && self.key.is_unique()).then(|| Received { marks: self.marks.into() })
    }
}

impl Machine {
    /// A message to be sent, in its EXTERNAL.
    pub(super) fn prepare(
        &self,
        length: u64,
        timeout: Duration,
        resume: Option<Resumable>,
        now: Instant,
    ) -> Result<Outgoing, &'static str> {
        let Some(octets) = usize::try_from(length).ok().filter(|&length| length > 0) else {
            return Err("a message has at least one octet, and no more than can be counted");
        };
        let quirks = self.config.quirks;
        // Q9: X.410-1984 mode has no EXTERNAL, and some peers want none.
        let context = self.contexts.of(&convert::MTSE).filter(|_| !quirks.reproduces(Quirk::BareMessage));
        let header = context.map(|context| external::header(context, octets));
        let (header, deadline) = (header.unwrap_or_default(), now + timeout);
        // Q6.
        let window = self.window.saturating_add(quirks.reproduces(Quirk::WindowPlusOne).into());
        let outgoing = Outgoing::new(header, length, self.checkpoint_size, window, deadline);
        if !outgoing.can_be_numbered() {
            return Err("the message has more checkpoints than can be numbered");
        }
        Ok(match resume {
            Some(resumable) => outgoing.resuming(resumable),
            None => outgoing,
        })
    }

    /// The name of the next activity on this connection.
    fn next_activity(&mut self) -> Option<ActivityId> {
        self.activities += 1;
        ActivityId::new(presentation::data::integer(self.activities).into())
    }

    pub(super) fn start_activity(&mut self) {
        self.failure = None;
        let Some(id) = self.next_activity() else { return };
        let key = ActivityKey::new(&self.reference, id.clone());
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.restart();
            outgoing.activity = Some(key);
        }
        self.pass(session::Request::ActivityStart { id, user_data: Bytes::new() });
    }

    /// Goes on with the activity from its last confirmed checkpoint, under a new name (X.228 7.8.1).
    pub(super) fn resume_activity(&mut self) {
        self.failure = None;
        let Some(id) = self.next_activity() else { return };
        let key = ActivityKey::new(&self.reference, id.clone());
        let Some((outgoing, old)) = self
            .outgoing
            .as_mut()
            .and_then(|outgoing| outgoing.activity.replace(key.clone()).map(|old| (outgoing, old)))
        else {
            return;
        };
        outgoing.rewind();
        outgoing.recoveries += 1;
        let resume = ActivityResume {
            id,
            old_id: old.activity().clone(),
            serial: SerialNumber::new(outgoing.serial()).unwrap_or_default(),
            old_connection: Some(old.connection().clone()).filter(|old| old != key.connection()),
            user_data: Bytes::new(),
        };
        self.pass(session::Request::ActivityResume(resume));
    }

    pub(super) fn interrupt_activity(&mut self, input: &Input) {
        self.note_problem(input);
        let reason = Some(ExceptionReason::NoSpecificReason);
        self.pass(session::Request::ActivityInterrupt { reason });
    }

    /// The receiver is to drop the message. It may start anew afterwards.
    pub(super) fn discard_activity(&mut self, input: &Input) {
        self.note_problem(input);
        // That the receiver does not know an activity says nothing of the message, should it be cut off before it starts anew.
        if self.state == State::AwaitRestart
            && let Some(failure) = &mut self.failure
        {
            failure.retry = true;
        }
        if let Some(outgoing) = &mut self.outgoing {
            let recoveries = outgoing.recoveries + 1;
            outgoing.restart();
            outgoing.recoveries = recoveries;
        }
        let reason = Some(ExceptionReason::LocalUserError);
        self.pass(session::Request::ActivityDiscard { reason });
    }

    /// What part the user has been asked for.
    pub(super) fn wanted_part(&self) -> Option<(u64, usize)> {
        self.outgoing.as_ref().filter(|_| self.state == State::Sending).and_then(Outgoing::wanted)
    }

    pub(super) fn indicate_progress(&mut self) {
        let outgoing = self.outgoing.as_ref().filter(|_| self.config.tells_progress);
        if let Some(octets) = outgoing.map(Outgoing::confirmed_octets) {
            self.up(Indication::TransferProgress { octets });
        }
    }

    pub(super) fn indicate_withdrawn(&mut self) {
        if self.config.tells_progress {
            self.up(Indication::TransferWithdrawn);
        }
    }

    pub(super) fn ask_for_part(&mut self) {
        if let Some((offset, octets)) = self.outgoing.as_mut().and_then(Outgoing::ask) {
            self.up(Indication::TransferMore { offset, octets });
        }
    }

    pub(super) fn send_part(&mut self, input: &Input) {
        let (Input::Parts(pieces), Some(outgoing)) = (input, &mut self.outgoing) else { return };
        let (mut pieces, checkpoint) = outgoing.next_part(pieces.clone());
        // The first piece is the header of the OCTET STRING, which X.410-1984 mode does without.
        if self.mode.is_x410() {
            pieces.remove(0);
        }
        let data = presentation::Request::Data { context: self.own_context(), pieces };
        self.outputs.push_back(Output::Presentation(data));
        if checkpoint {
            self.pass(session::Request::SyncMinor { user_data: Bytes::new() });
        }
    }

    pub(super) fn end_activity(&mut self) {
        if let Some(outgoing) = &mut self.outgoing {
            outgoing.ended = true;
        }
        self.pass(session::Request::ActivityEnd { user_data: Bytes::new() });
    }

    pub(super) fn indicate_start(&mut self, input: &Input) {
        let Input::Activity(id) = input else { return };
        let key = ActivityKey::new(&self.reference, id.clone());
        self.incoming = Some(Incoming::new(key.clone()));
        self.failure = None;
        self.up(Indication::TransferStart { key });
    }

    /// Asks the user what it knows of an activity that the peer goes on with.
    pub(super) fn ask_whether_known(&mut self, input: &Input) {
        let Input::Resume(resume) = input else { return };
        let connection = resume.old_connection.as_ref().unwrap_or(&self.reference);
        let old = ActivityKey::new(connection, resume.old_id.clone());
        let key = ActivityKey::new(&self.reference, resume.id.clone());
        self.resuming = Some((key.clone(), resume.serial.get()));
        self.failure = None;
        self.up(Indication::TransferResume { old, key });
    }

    /// Which event the answer is. What the peer sent after the last confirmed checkpoint is of no use any more if it has
    /// withdrawn the message again meanwhile.
    pub(super) fn answer_resume(&mut self, known: Resumption) -> Event {
        let withdrawal = self.deferred.iter().position(|indication| {
            use session::Indication as S;
            let presentation::Indication::Passed(indication) = indication else { return false };
            matches!(indication, S::ActivityInterrupt { .. } | S::ActivityDiscard { .. })
        });
        self.deferred.drain(..withdrawal.unwrap_or(0));
        let Some((key, serial)) = self.resuming.take() else { return Event::RTRSrspUnknown };
        let (incoming, event) = match known {
            Resumption::Kept(received) => match Incoming::resumed(key, received, serial) {
                Some(incoming) => (Some(incoming), Event::RTRSrspKept),
                None => {
                    let why = "the sender goes on at a checkpoint that we do not have".into();
                    self.up(Indication::TransferDropped { why });
                    (None, Event::RTRSrspMismatch)
                }
            },
            Resumption::Secured => (None, Event::RTRSrspSecured),
            Resumption::Unknown => (None, Event::RTRSrspUnknown),
        };
        self.incoming = incoming;
        self.withdrawn = withdrawal.is_some();
        event
    }

    pub(super) fn indicate_resumed(&mut self) {
        if let Some(incoming) = &self.incoming {
            let octets = incoming.delivered;
            self.up(Indication::TransferResumed { octets });
        }
    }

    pub(super) fn indicate_data(&mut self, input: &Input) {
        let (Input::Parts(parts), Some(incoming)) = (input, &mut self.incoming) else { return };
        incoming.delivered += parts.iter().map(|part| part.len() as u64).sum::<u64>();
        parts.iter().for_each(|part| self.up(Indication::TransferData(part.clone())));
    }

    /// Whether a checkpoint is one too many.
    pub(super) fn checkpoint_is_excessive(&self) -> bool {
        let maximum = usize::from(self.window) + MAXIMUM_UNCONFIRMED;
        self.incoming.as_ref().is_some_and(|incoming| incoming.unconfirmed() > maximum)
    }

    pub(super) fn mark_point(&mut self, input: &Input) {
        if let (Input::Serial(serial), Some(incoming)) = (input, &mut self.incoming) {
            incoming.mark(serial.get());
        }
    }

    pub(super) fn indicate_point(&mut self, input: &Input) {
        if let Input::Serial(serial) = input {
            self.up(Indication::TransferCheckpoint { serial: serial.get() });
        }
    }

    /// The number of a checkpoint that waits to be confirmed.
    pub(super) fn outstanding_point(&self, serial: u32) -> Option<SerialNumber> {
        let incoming = self.incoming.as_ref()?;
        let waits = serial > incoming.confirmed && incoming.marks.iter().any(|mark| mark.serial == serial);
        SerialNumber::new(serial).filter(|_| waits)
    }

    pub(super) fn confirm_point(&mut self, input: &Input) {
        let Input::Serial(serial) = *input else { return };
        if let Some(incoming) = &mut self.incoming {
            incoming.confirm(serial.get(), self.window);
        }
        self.pass(session::Request::SyncMinorResponse { serial, user_data: Bytes::new() });
    }

    pub(super) fn report(&mut self, reason: ExceptionReason) {
        self.pass(session::Request::ExceptionReport { reason, user_data: Bytes::new() });
    }

    pub(super) fn report_exception(&mut self, input: &Input) {
        let reason = match input {
            Input::Refusal(TransferRefusal::Temporary) => ExceptionReason::LocalUserError,
            Input::Refusal(TransferRefusal::Again) => ExceptionReason::NoSpecificReason,
            _ => ExceptionReason::UnrecoverableProceduralError,
        };
        self.note_problem(input);
        self.report(reason);
    }

    /// Keeps the first reason for which a transfer fails.
    pub(super) fn note_problem(&mut self, input: &Input) {
        let failure = match input {
            Input::Failure(failure) => failure.clone(),
            Input::Problem(why) => Failure { why: why.clone(), retry: false, keep: false },
            Input::Refusal(TransferRefusal::Again) => {
                Failure { why: "we lost a part of it".into(), retry: true, keep: true }
            }
            Input::Refusal(reason) => {
                let retry = *reason == TransferRefusal::Temporary;
                Failure { why: "we refused it".into(), retry, keep: false }
            }
            _ => return,
        };
        self.failure.get_or_insert(failure);
    }

    /// Tells what became of a message under way, in either direction. What came of one is of no use any more if its sender
    /// discarded it.
    pub(super) fn end_transfers(&mut self, input: &Input, waiting_for: &'static str, discarded: bool) {
        let failure = self.failure.take();
        let abort = match input {
            Input::Aborted(abort) => Some(abort.clone()),
            Input::Problem(problem) => Some(Abort::RtseBroken { problem: problem.clone() }),
            Input::Nothing => Some(Abort::TimedOut { waiting_for }),
            _ => None,
        };
        self.outputs.push_back(match (self.outgoing.take(), self.incoming.take()) {
            (Some(outgoing), _) => {
                let resumable = outgoing.resumable().filter(|_| is_worth_resuming(&outgoing, abort.as_ref()));
                let often = outgoing.recoveries;
                match failure {
                    Some(Failure { why, retry, .. }) => {
                        let why = match outgoing.may_recover() {
                            true => why,
                            false => {
                                format!("{why}; it was gone on with {often} times without getting further")
                            }
                        };
                        let resumable = resumable.filter(|_| retry);
                        Output::Up(Indication::TransferFailed { why, retry, resumable })
                    }
                    None => Output::CutOff { ours: true, abort, resumable, received: None },
                }
            }
            (None, Some(incoming)) => {
                let keep = !discarded && failure.as_ref().is_none_or(|failure| failure.keep);
                let received = incoming.received().filter(|_| keep);
                match failure {
                    Some(Failure { why, .. }) => Output::Up(dropped(why, received)),
                    None => Output::CutOff { ours: false, abort, resumable: None, received },
                }
            }
            (None, None) => return,
        });
    }
}

/// What the user hears of a message that will not be completed here.
pub(in crate::osi) fn dropped(why: String, received: Option<Received>) -> Indication {
    match received {
        Some(received) => Indication::TransferInterrupted { why, received },
        None => Indication::TransferDropped { why },
    }
}

/// A peer that ended the association because of the resumption, or that does not know the activity, is not asked again.
fn is_worth_resuming(outgoing: &Outgoing, abort: Option<&Abort>) -> bool {
    match abort {
        Some(Abort::Rtse { reason: AbortReason::UNRECOGNIZED_ACTIVITY }) => false,
        None
        | Some(
            Abort::Session { reason: session::AbortReason::TransportDisconnected } | Abort::TimedOut { .. },
        ) => true,
        Some(_) => !outgoing.doubtful,
    }
}
