//! Whole associations: two stacks talk in memory, and what each side sent is then changed and said again to a new one.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use x400_gateway::osi::stack::{
    Config, DialogueMode, Indication, Names, Output, Received, Reference, Request, Resumable, Resumption,
    Selectors, Stack,
};

use super::feed::pieces;
use super::mutate::{Dice, packets};
use super::run::Outputs;
use super::samples;

/// BER of a bind argument or result.
const BIND: &str = "A1 13 80 07 6D 74 61 2D 67 77 31 A1 08 16 06 73 65 63 72 65 74";
/// Longer than any deadline.
const LONG: Duration = Duration::from_secs(100_000);

/// Which associations are tried.
#[derive(Clone, Copy)]
pub(crate) enum Course {
    /// The initiator sends one message in several checkpoints.
    Monologue,
    /// Each side sends one, and the turn goes to and fro.
    TwoWay,
    /// The initiator goes on with a message that was cut off on another association.
    Resumed,
}

impl Course {
    pub(crate) const ALL: [Self; 3] = [Self::Monologue, Self::TwoWay, Self::Resumed];

    fn config(self) -> Config {
        let (dialogue_mode, tpdu_size) = match self {
            Self::Monologue | Self::Resumed => (DialogueMode::Monologue, 65_531),
            Self::TwoWay => (DialogueMode::TwoWayAlternate, 512),
        };
        let selectors = |name: &'static [u8]| Selectors {
            transport: Bytes::from_static(name),
            session: Bytes::from_static(name),
            presentation: Bytes::from_static(name),
        };
        Config {
            called: selectors(b"P1"),
            calling: selectors(b"GW"),
            names: Names::default(),
            reference: Reference {
                name: "gw.example".into(),
                time: "261123120000Z".into(),
                additional: if matches!(self, Self::Resumed) { "8" } else { "7" }.into(),
            },
            tpdu_size,
            checkpoint_size: 1,
            window: 2,
            dialogue_mode,
            ..Config::default()
        }
    }
}

/// One end and its user, who sends a message when it may, takes every other, and closes when nothing is left to do.
struct End {
    stack: Stack,
    now: Instant,
    course: Course,
    initiator: bool,
    /// The message to send, until it is sent.
    message: Option<Vec<u8>>,
    sending: Bytes,
    arriving: Vec<u8>,
    arrived: Vec<Vec<u8>>,
    /// Octets for the other end.
    sent: Vec<u8>,
    opened: bool,
    closed: bool,
    /// What it knows of a message that was cut off.
    resumable: Option<Resumable>,
    received: Option<Received>,
}

impl End {
    fn new(course: Course, initiator: bool, now: Instant) -> Self {
        let config = course.config();
        let stack = if initiator { Stack::initiator(config, now) } else { Stack::responder(config, now) };
        let message = match (course, initiator) {
            (Course::Monologue | Course::Resumed, false) => None,
            _ => samples::apdus().into_iter().nth(1),
        };
        let (arriving, arrived, sent) = (Vec::new(), Vec::new(), Vec::new());
        let mut end = Self {
            stack,
            now,
            course,
            initiator,
            message,
            sending: Bytes::new(),
            arriving,
            arrived,
            sent,
            opened: false,
            closed: false,
            resumable: None,
            received: None,
        };
        if initiator {
            end.stack.request(Request::Open { user_data: samples::octets(BIND) }, now).unwrap();
        }
        end
    }

    /// Does what the stack wants done.
    fn settle(&mut self, outputs: &mut Outputs) {
        while let Some(output) = self.stack.poll() {
            outputs.count();
            match output {
                Output::Down(octets) => self.sent.extend(octets),
                Output::Close => {}
                Output::Up(indication) => {
                    if let Some(request) = self.answer(indication) {
                        // On a mutated association it may not fit any more.
                        let _ = self.stack.request(request, self.now);
                    }
                }
            }
        }
    }

    fn answer(&mut self, indication: Indication) -> Option<Request> {
        match indication {
            Indication::Open(_) => {
                self.opened = true;
                Some(Request::Accept { user_data: samples::octets(BIND) })
            }
            Indication::Opened { .. } => {
                self.opened = true;
                self.next()
            }
            Indication::TransferStart { .. } => {
                self.arriving.clear();
                None
            }
            Indication::TransferData(octets) => {
                self.arriving.extend(octets);
                None
            }
            Indication::TransferResume { .. } => {
                let received = cut_off().1.clone();
                Some(Request::Resume(Resumption::Kept(received)))
            }
            Indication::TransferResumed { octets } => {
                let octets = usize::try_from(octets).unwrap();
                self.arriving = samples::apdus()[1][..octets].to_vec();
                None
            }
            Indication::TransferFailed { resumable: Some(resumable), .. } => {
                self.resumable = Some(resumable);
                self.next()
            }
            Indication::TransferInterrupted { received, .. } => {
                self.received = Some(received);
                None
            }
            Indication::TransferEnd => {
                self.arrived.push(std::mem::take(&mut self.arriving));
                Some(Request::TransferAccept)
            }
            Indication::TransferConfirm | Indication::TransferFailed { .. } | Indication::TurnGiven => {
                self.next()
            }
            Indication::TransferMore { offset, octets } => {
                let place = usize::try_from(offset).unwrap();
                let pieces = vec![self.sending.slice(place..place + octets)];
                Some(Request::TransferPart { offset, pieces })
            }
            Indication::TurnPlease { .. } => Some(Request::TurnGive),
            Indication::Close => Some(Request::CloseAccept),
            Indication::Closed => {
                self.closed = true;
                None
            }
            _ => None,
        }
    }

    /// With the turn: the message, then the turn, then the end.
    fn next(&mut self) -> Option<Request> {
        if let Some(message) = self.message.take() {
            self.sending = message.into();
            return Some(Request::Transfer {
                length: self.sending.len() as u64,
                timeout: LONG,
                resume: None,
            });
        }
        match (self.course, self.initiator) {
            (Course::TwoWay, false) => Some(Request::TurnGive),
            (Course::TwoWay, true) if self.arrived.is_empty() => Some(Request::TurnGive),
            (_, true) => Some(Request::Close),
            (Course::Monologue | Course::Resumed, false) => None,
        }
    }
}

/// What each side knows of a message that was cut off after a checkpoint.
fn cut_off() -> &'static (Resumable, Received) {
    static CUT_OFF: LazyLock<(Resumable, Received)> = LazyLock::new(|| {
        let now = super::start_of_time();
        let mut ends = [true, false].map(|initiator| End::new(Course::Monologue, initiator, now));
        let mut outputs = Outputs::of(&[0; 10_000]);
        // Connection, bind, the message with its checkpoints, and its first confirm.
        for side in [0, 1, 0, 1, 0, 1] {
            ends[side].settle(&mut outputs);
            let octets = std::mem::take(&mut ends[side].sent);
            ends[1 - side].stack.receive(&octets, now).unwrap();
        }
        for end in &mut ends {
            end.settle(&mut outputs);
            end.stack.lost(now);
            end.settle(&mut outputs);
        }
        let [initiator, responder] = ends;
        (initiator.resumable.expect("a checkpoint was confirmed"), responder.received.unwrap())
    });
    &CUT_OFF
}

/// What the initiator and the responder sent, on an association that went well.
fn recorded(course: Course) -> [Vec<u8>; 2] {
    let now = super::start_of_time();
    let mut ends = [End::new(course, true, now), End::new(course, false, now)];
    let mut said = [Vec::new(), Vec::new()];
    let mut outputs = Outputs::of(&[0; 10_000]);
    loop {
        let mut quiet = true;
        for side in 0..2 {
            ends[side].settle(&mut outputs);
            let octets = std::mem::take(&mut ends[side].sent);
            if !octets.is_empty() {
                quiet = false;
                said[side].extend(&octets);
                ends[1 - side].stack.receive(&octets, now).unwrap();
            }
        }
        if quiet {
            break;
        }
    }
    let [initiator, responder] = ends;
    assert!(
        initiator.closed && responder.arrived == [samples::apdus()[1].clone()],
        "the association went well"
    );
    assert_eq!(initiator.arrived.len(), usize::from(matches!(course, Course::TwoWay)));
    said
}

/// What initiators send.
pub(crate) fn to_responders() -> Vec<Vec<u8>> {
    Course::ALL.map(|course| recorded(course)[0].clone()).to_vec()
}

/// What responders send.
pub(crate) fn to_initiators() -> Vec<Vec<u8>> {
    Course::ALL.map(|course| recorded(course)[1].clone()).to_vec()
}

/// Says octets to a new end. They were taken if the association came to stand.
pub(crate) fn talk(initiator: bool, octets: &[u8], dice: &mut Dice) -> bool {
    let mut end = End::new(*dice.pick(&Course::ALL), initiator, super::start_of_time());
    let mut outputs = Outputs::of(octets);
    end.settle(&mut outputs);
    // An end that keeps to the protocol waits for answers: two packets in one piece would mostly be too early.
    let packets = packets(octets);
    for piece in packets.iter().flat_map(|packet| pieces(packet, dice)) {
        let _ = end.stack.receive(piece, end.now);
        end.settle(&mut outputs);
        assert!(end.stack.buffered() <= octets.len());
    }
    match dice.roll(3) {
        0 => end.stack.lost(end.now),
        1 => end.stack.timeout(end.now + LONG),
        _ => drop(end.stack.request(Request::Abort { user_data: Vec::new() }, end.now)),
    }
    end.settle(&mut outputs);
    end.stack.lost(end.now);
    end.settle(&mut outputs);
    assert!(end.stack.is_over(), "the association has an end");
    end.opened
}
