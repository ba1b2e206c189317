//! The P1 association on its stack, with a shell that does everything a shell may do.

use std::time::{Duration, Instant};

use x400_gateway::mta::association::{Association, Event, Output, Request, Settings, Transfer};
use x400_gateway::mta::bind::{Identity, Trust};
use x400_gateway::osi::stack::{
    CheckpointConfirm, Config, DialogueMode, Indication, Mode, Output as StackOutput, Resumption, Stack,
    TransferRefusal,
};

use super::association::MESSAGE;
use super::dice::{Dice, Outputs, packets, pieces};

/// Longer than any deadline.
const LONG: Duration = Duration::from_secs(100_000);

/// What a responder sends.
pub fn initiator(octets: &[u8], dice: &mut Dice) -> bool {
    Line::new(true, octets.len(), dice).talk(octets, dice)
}

/// What an initiator sends.
pub fn responder(octets: &[u8], dice: &mut Dice) -> bool {
    Line::new(false, octets.len(), dice).talk(octets, dice)
}

/// An association on its stack, and what was said of the messages.
struct Line {
    stack: Stack,
    association: Association,
    now: Instant,
    outputs: Outputs,
    bound: bool,
    /// Messages of ours of which nothing has been said.
    leaving: usize,
    /// Whether a message of the peer is under way: neither complete, nor given up.
    arriving: bool,
    over: bool,
}

impl Line {
    fn new(initiator: bool, octets: usize, dice: &mut Dice) -> Self {
        let now = Instant::now();
        let mode = *dice.pick(&Mode::ALL);
        let dialogue_mode = *dice.pick(&[DialogueMode::Monologue, DialogueMode::TwoWayAlternate]);
        let checkpoint_confirm = *dice.pick(&[CheckpointConfirm::AsItComes, CheckpointConfirm::WhenKept]);
        let config =
            Config { mode, dialogue_mode, checkpoint_confirm, checkpoint_size: 1, ..Config::default() };
        let settings = Settings {
            identity: Identity { name: "gw".into(), password: Some("secret".into()), ..Identity::default() },
            trust: Trust { known: Vec::new(), anyone: dice.roll(8) > 0 },
            transfer_timeout: LONG,
            idle: Duration::from_secs(60),
            ..Settings::default()
        };
        let (stack, association) = match initiator {
            true => (Stack::initiator(config, now), Association::initiator(settings, dialogue_mode, mode)),
            false => (Stack::responder(config, now), Association::responder(settings, None)),
        };
        Self {
            stack,
            association,
            now,
            outputs: Outputs::for_octets(octets),
            bound: false,
            leaving: 0,
            arriving: false,
            over: false,
        }
    }

    /// They were taken if the association was bound.
    fn talk(mut self, octets: &[u8], dice: &mut Dice) -> bool {
        self.settle(dice);
        let packets = packets(octets);
        let cut: Vec<&[u8]> = packets.iter().flat_map(|packet| pieces(packet, dice)).collect();
        for piece in cut {
            let _ = self.stack.receive(piece, self.now);
            self.settle(dice);
            assert!(self.stack.buffered() <= octets.len());
            match dice.roll(64) {
                0 => drop(self.association.request(Request::Close, self.now)),
                1 => self.send(),
                2 => {
                    self.now += Duration::from_secs(61);
                    self.association.timeout(self.now);
                    self.stack.timeout(self.now);
                }
                _ => continue,
            }
            self.settle(dice);
        }
        match dice.roll(3) {
            0 => self.stack.timeout(self.now + LONG),
            1 => drop(self.association.request(Request::Abort, self.now)),
            _ => {}
        }
        self.settle(dice);
        self.stack.lost(self.now);
        self.settle(dice);
        assert!(self.over, "the association has an end");
        assert_eq!(self.leaving, 0, "of every message it is said what became of it");
        assert!(!self.arriving, "a message that arrived in part was given up");
        assert!(self.stack.is_over() && self.association.deadline().is_none());
        self.bound
    }

    /// Does what each of the machines wants done.
    fn settle(&mut self, dice: &mut Dice) {
        loop {
            if let Some(output) = self.association.poll() {
                self.outputs.count();
                match output {
                    Output::Down(request) => {
                        // They know the same state of the association, so neither misuses the other; but the end of the
                        // stack may not have been heard yet.
                        if let Err(misuse) = self.stack.request(request, self.now) {
                            assert_eq!(misuse.expected, "the association is over", "{misuse}");
                        }
                    }
                    Output::Read { .. } => panic!("the message is in memory"),
                    Output::Up(event) => self.event(event, dice),
                }
            } else if let Some(output) = self.stack.poll() {
                self.outputs.count();
                if let StackOutput::Up(indication) = output {
                    let disconnected = indication == Indication::Disconnected;
                    self.association.receive(indication, self.now);
                    assert!(!disconnected || self.stack.poll().is_none(), "nothing follows the end");
                }
            } else {
                break;
            }
        }
    }

    fn send(&mut self) {
        let transfer = Transfer { priority: 1, ..Transfer::from(MESSAGE.clone()) };
        if self.association.request(Request::Transfer(transfer), self.now).is_ok() {
            self.leaving += 1;
        }
    }

    fn ask(&mut self, request: Request) {
        self.association.request(request, self.now).unwrap();
    }

    fn event(&mut self, event: Event, dice: &mut Dice) {
        assert!(!self.over, "{event:?} after the end");
        match event {
            Event::Ready { .. } => {
                self.bound = true;
                self.send();
            }
            Event::Recover { .. } => {
                assert!(!self.bound);
                self.ask(match dice.roll(2) {
                    0 => Request::Rejoin { peer: "lost".into() },
                    _ => Request::Decline,
                });
            }
            Event::Sent | Event::NotSent { .. } => {
                self.leaving = self.leaving.checked_sub(1).expect("a message of ours was under way");
            }
            Event::MessageStart { .. } => {
                assert!(self.bound && !self.arriving);
                self.arriving = true;
            }
            Event::MessageResume { .. } => {
                assert!(self.bound && !self.arriving);
                self.ask(Request::Resume(Resumption::Unknown));
            }
            Event::MessageResumed { .. } => panic!("nothing was kept"),
            Event::MessageCheckpoint { serial } => {
                assert!(self.arriving);
                if dice.roll(4) > 0 {
                    self.ask(Request::Kept { serial });
                }
            }
            Event::MessageData(octets) => {
                assert!(self.arriving && !octets.is_empty());
                if dice.roll(16) == 0 {
                    self.arriving = false;
                    self.ask(Request::Refuse(refusal(dice)));
                }
            }
            Event::MessageEnd => {
                assert!(self.arriving);
                self.arriving = false;
                self.ask(if dice.roll(4) == 0 { Request::Refuse(refusal(dice)) } else { Request::Secured });
            }
            Event::MessageInterrupted { .. } | Event::MessageDropped { .. } => {
                assert!(self.arriving, "{event:?}");
                self.arriving = false;
            }
            Event::Ended(ending) => {
                assert!(!ending.to_string().is_empty());
                self.over = true;
            }
        }
    }
}

fn refusal(dice: &mut Dice) -> TransferRefusal {
    *dice.pick(&[TransferRefusal::Temporary, TransferRefusal::Permanent, TransferRefusal::Again])
}
