//! Whole associations: a stack and its user, told what another stack has said, or nearly that.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use bytes::Bytes;
use x400_gateway::osi::stack::{
    Config, DialogueMode, Indication, Mode, Names, Output, Received, Reference, Request, Resumable,
    Resumption, Selectors, Stack,
};

use super::dice::{Dice, Outputs, packets, pieces};

/// BER of a bind argument or result: `mta-gw1`, `secret`.
const BIND: &[u8] = b"\xa1\x13\x80\x07mta-gw1\xa1\x08\x16\x06secret";
/// Longer than any deadline.
const LONG: Duration = Duration::from_secs(100_000);

/// The message that is transferred: an element of several checkpoints.
pub static MESSAGE: LazyLock<Bytes> = LazyLock::new(|| {
    let octets = (b'a'..=b'z').cycle().take(2600);
    [0xa0, 0x82, 0x0a, 0x28].into_iter().chain(octets).collect::<Vec<u8>>().into()
});

/// Who sends on an association.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialogue {
    /// The initiator sends one message in several checkpoints.
    Monologue,
    /// Each side sends one, and the turn goes to and fro.
    TwoWay,
    /// The initiator goes on with a message that was cut off on another association.
    Resumed,
}

/// Which associations are tried.
#[derive(Clone, Copy)]
pub struct Course {
    /// Who sends.
    pub dialogue: Dialogue,
    /// What is spoken.
    pub mode: Mode,
}

impl Course {
    /// All that speak so.
    pub fn all(mode: Mode) -> [Self; 3] {
        [Dialogue::Monologue, Dialogue::TwoWay, Dialogue::Resumed].map(|dialogue| Self { dialogue, mode })
    }

    fn config(self) -> Config {
        let (dialogue_mode, tpdu_size) = match self.dialogue {
            Dialogue::Monologue | Dialogue::Resumed => (DialogueMode::Monologue, 65_531),
            Dialogue::TwoWay => (DialogueMode::TwoWayAlternate, 512),
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
                additional: if self.dialogue == Dialogue::Resumed { "8" } else { "7" }.into(),
            },
            tpdu_size,
            checkpoint_size: 1,
            window: 2,
            dialogue_mode,
            mode: self.mode,
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
    message: Option<Bytes>,
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
        let sends = initiator || course.dialogue == Dialogue::TwoWay;
        let message = sends.then(|| MESSAGE.clone());
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
            end.stack.request(Request::Open { user_data: BIND.to_vec() }, now).unwrap();
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
            Indication::Open(open) => {
                self.opened = true;
                self.course.mode = open.mode;
                Some(match open.recover {
                    Some(_) => Request::AcceptRecovery,
                    None => Request::Accept { user_data: BIND.to_vec() },
                })
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
                let received = cut_off(self.course.mode).1.clone();
                Some(Request::Resume(Resumption::Kept(received)))
            }
            Indication::TransferResumed { octets } => {
                let octets = usize::try_from(octets).unwrap();
                self.arriving = MESSAGE[..octets].to_vec();
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
            self.sending = message;
            return Some(Request::Transfer {
                length: self.sending.len() as u64,
                timeout: LONG,
                resume: None,
            });
        }
        match (self.course.dialogue, self.initiator) {
            (Dialogue::TwoWay, false) => Some(Request::TurnGive),
            (Dialogue::TwoWay, true) if self.arrived.is_empty() => Some(Request::TurnGive),
            (_, true) => Some(Request::Close),
            (Dialogue::Monologue | Dialogue::Resumed, false) => None,
        }
    }
}

/// What each side knows of a message that was cut off after a checkpoint.
fn cut_off(mode: Mode) -> &'static (Resumable, Received) {
    static CUT_OFF: LazyLock<[(Resumable, Received); 3]> = LazyLock::new(|| Mode::ALL.map(cut_off_there));
    &CUT_OFF[Mode::ALL.iter().position(|known| *known == mode).expect("all are known")]
}

fn cut_off_there(mode: Mode) -> (Resumable, Received) {
    let now = Instant::now();
    let course = Course { dialogue: Dialogue::Monologue, mode };
    let mut ends = [true, false].map(|initiator| End::new(course, initiator, now));
    let mut outputs = Outputs::for_octets(10_000);
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
}

/// What the initiator and the responder sent, on an association that went well.
pub fn recorded(course: Course) -> [Vec<u8>; 2] {
    let now = Instant::now();
    let mut ends = [End::new(course, true, now), End::new(course, false, now)];
    let mut said = [Vec::new(), Vec::new()];
    let mut outputs = Outputs::for_octets(10_000);
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
    assert!(initiator.closed && responder.arrived == [MESSAGE.to_vec()], "the association went well");
    assert_eq!(initiator.arrived.len(), usize::from(course.dialogue == Dialogue::TwoWay));
    said
}

/// What initiators send: the association that is answered by a responder of any mode.
pub fn stack_responder(octets: &[u8], dice: &mut Dice) -> bool {
    talk(*dice.pick(&Mode::ALL), false, octets, dice)
}

/// What responders answer in normal mode.
pub fn stack_initiator(octets: &[u8], dice: &mut Dice) -> bool {
    talk(Mode::MtsTransfer, true, octets, dice)
}

/// What they answer in X.410 mode, to an initiator of 1988.
pub fn stack_initiator_x410_1988(octets: &[u8], dice: &mut Dice) -> bool {
    talk(Mode::MtsTransferProtocol, true, octets, dice)
}

/// And to one of 1984.
pub fn stack_initiator_x410_1984(octets: &[u8], dice: &mut Dice) -> bool {
    talk(Mode::MtsTransferProtocol1984, true, octets, dice)
}

/// Says octets to a new end. They were taken if the association came to stand.
fn talk(mode: Mode, initiator: bool, octets: &[u8], dice: &mut Dice) -> bool {
    let mut end = End::new(*dice.pick(&Course::all(mode)), initiator, Instant::now());
    let mut outputs = Outputs::for_octets(octets.len());
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
