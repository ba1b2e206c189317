//! Two stacks joined by two directions of octets.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::osi::stack::{Config, Indication, Misuse, Output, Request, Stack};
use crate::osi::transport::tests::start_of_time;

/// A bind argument as another MTA sends it: `[16] { [1] { name, password } }`.
pub(crate) const ARGUMENT: &[u8] = b"\xb0\x14\xa1\x12\x80\x05MTA-A\xa1\x09\x04\x07secretA";
/// A bind result of the same kind.
pub(crate) const RESULT: &[u8] = b"\xb1\x14\xa1\x12\x80\x05MTA-B\xa1\x09\x04\x07secretB";

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Initiator,
    Responder,
}

/// Octets that begin like an MTS-APDU and differ from place to place.
pub(crate) fn message(octets: usize) -> Bytes {
    part_of_message(0, octets)
}

/// The octets at a place of every such message.
pub(crate) fn part_of_message(offset: u64, octets: usize) -> Bytes {
    let octet = |at: usize| if at == 0 { 0xa0 } else { u8::try_from((at * 7 + at / 251) % 256).unwrap() };
    let offset = usize::try_from(offset).unwrap();
    (offset..offset + octets).map(octet).collect::<Vec<_>>().into()
}

pub(crate) struct Pair {
    pub(crate) initiator: Stack,
    pub(crate) responder: Stack,
    pub(crate) now: Instant,
    /// The most octets delivered at once.
    pub(crate) cut: usize,
    /// What each side wrote, not yet delivered.
    wires: [VecDeque<Bytes>; 2],
    /// TPKTs each side wrote, and the one being written.
    packets: [Vec<Vec<u8>>; 2],
    heard: [Vec<Indication>; 2],
    closed: [bool; 2],
    unconfirmed: (usize, usize),
    /// The most octets of a message that were asked for at once.
    pub(crate) most_asked_for: usize,
    /// So many parts of messages are given when they are asked for; the rest is for the test to give.
    pub(crate) parts: usize,
}

impl Pair {
    pub(crate) fn new(initiator: Config, responder: Config) -> Self {
        let now = start_of_time();
        Self {
            initiator: Stack::initiator(initiator, now),
            responder: Stack::responder(responder, now),
            now,
            cut: usize::MAX,
            wires: Default::default(),
            packets: Default::default(),
            heard: Default::default(),
            closed: [false; 2],
            unconfirmed: (0, 0),
            most_asked_for: 0,
            parts: usize::MAX,
        }
    }

    pub(crate) fn opened(initiator: Config, responder: Config) -> Self {
        let mut pair = Self::new(initiator, responder);
        pair.open();
        pair
    }

    pub(crate) fn open(&mut self) {
        self.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
        self.ask(Side::Responder, Request::Accept { user_data: RESULT.to_vec() });
    }

    /// A request, and everything that follows from it.
    pub(crate) fn ask(&mut self, side: Side, request: Request) {
        self.try_ask(side, request).unwrap();
    }

    pub(crate) fn try_ask(&mut self, side: Side, request: Request) -> Result<(), Misuse> {
        let now = self.now;
        let result = self.stack(side).request(request, now);
        self.run();
        result
    }

    /// What one side has heard since it was last asked.
    pub(crate) fn heard(&mut self, side: Side) -> Vec<Indication> {
        std::mem::take(&mut self.heard[index(side)])
    }

    /// The TPKTs one side wrote.
    pub(crate) fn written(&self, side: Side) -> &[Vec<u8>] {
        &self.packets[index(side)]
    }

    /// The most checkpoints of the initiator that were unconfirmed at once.
    pub(crate) fn most_unconfirmed(&self) -> usize {
        self.unconfirmed.1
    }

    /// Lets time pass, both sides hearing of their deadlines as they come.
    pub(crate) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let deadlines = [self.initiator.deadline(), self.responder.deadline()];
            let Some(next) = deadlines.into_iter().flatten().filter(|&it| it <= end).min() else { break };
            self.now = self.now.max(next);
            let now = self.now;
            self.initiator.timeout(now);
            self.responder.timeout(now);
            self.run();
        }
        self.now = end;
    }

    /// Octets to one side, as if the other had written them.
    pub(crate) fn inject(&mut self, to: Side, octets: &[u8]) {
        let now = self.now;
        let _ = self.stack(to).receive(octets, now);
        self.run();
    }

    /// The network fails.
    pub(crate) fn cut_off(&mut self) {
        let now = self.now;
        self.closed = [true; 2];
        self.initiator.lost(now);
        self.responder.lost(now);
        self.run();
    }

    /// From now on nothing written by one side arrives.
    pub(crate) fn mute(&mut self, side: Side) {
        self.closed[index(side)] = true;
    }

    pub(crate) fn stack(&mut self, side: Side) -> &mut Stack {
        match side {
            Side::Initiator => &mut self.initiator,
            Side::Responder => &mut self.responder,
        }
    }

    pub(crate) fn run(&mut self) {
        loop {
            let moved = self.drain(Side::Initiator) | self.drain(Side::Responder);
            let delivered = self.deliver(Side::Initiator) | self.deliver(Side::Responder);
            if !moved && !delivered {
                return;
            }
        }
    }

    fn drain(&mut self, side: Side) -> bool {
        let mut moved = false;
        while let Some(output) = self.stack(side).poll() {
            moved = true;
            let at = index(side);
            match output {
                Output::Down(octets) => {
                    self.note(side, &octets);
                    if !self.closed[at] {
                        self.wires[at].push_back(octets);
                    }
                }
                Output::Close => {
                    // What was written before the close arrives before it.
                    while self.deliver(side) {}
                    let now = self.now;
                    if !self.closed[at] {
                        self.closed[at] = true;
                        self.stack(other(side)).lost(now);
                    }
                }
                // Every message is the same, as far as it goes.
                Output::Up(Indication::TransferMore { offset, octets }) if self.parts > 0 => {
                    self.parts -= 1;
                    self.most_asked_for = self.most_asked_for.max(octets);
                    let (now, pieces) = (self.now, vec![part_of_message(offset, octets)]);
                    self.stack(side).request(Request::TransferPart { offset, pieces }, now).unwrap();
                }
                Output::Up(indication) => self.heard[at].push(indication),
            }
        }
        moved
    }

    fn deliver(&mut self, from: Side) -> bool {
        let Some(mut octets) = self.wires[index(from)].pop_front() else { return false };
        let now = self.now;
        while !octets.is_empty() {
            let part = octets.split_to(octets.len().min(self.cut));
            let _ = self.stack(other(from)).receive(&part, now);
        }
        true
    }

    /// Puts what one side writes into TPKTs, and counts checkpoints.
    fn note(&mut self, side: Side, octets: &[u8]) {
        let packets = &mut self.packets[index(side)];
        let whole = |packet: &Vec<u8>| {
            packet.len() >= 4 && packet.len() == usize::from(packet[2]) << 8 | usize::from(packet[3])
        };
        if packets.last().is_none_or(whole) {
            packets.push(Vec::new());
        }
        packets.last_mut().unwrap().extend_from_slice(octets);
        if packets.last().is_some_and(whole) {
            let spdu = packets.last().unwrap().get(9).copied();
            match (side, spdu) {
                (Side::Initiator, Some(0x31)) => self.unconfirmed.0 += 1,
                (Side::Responder, Some(0x32)) => self.unconfirmed.0 -= 1,
                _ => {}
            }
            self.unconfirmed.1 = self.unconfirmed.1.max(self.unconfirmed.0);
        }
    }
}

fn index(side: Side) -> usize {
    match side {
        Side::Initiator => 0,
        Side::Responder => 1,
    }
}

fn other(side: Side) -> Side {
    match side {
        Side::Initiator => Side::Responder,
        Side::Responder => Side::Initiator,
    }
}
