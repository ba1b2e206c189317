//! Killed at every step that writes: when the queue is made, when a message is accepted, passed on, and done with.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;

use crate::chain::{Chain, Heard, Member};
use crate::disk::{self, Last};
use crate::program::{Gateway, in_time};

const ID: &str = "crash";

/// Trials at the same time.
const THREADS: usize = 8;

/// Which of the two is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Near,
    Far,
}

/// What became of all trials.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    kills: AtomicUsize,
    answered: AtomicUsize,
    twice: AtomicUsize,
}

/// Lets one message through with the victim killed at its first step, then at another, until it lives to the end; once before
/// and once within each step. Of so many steps one is taken.
pub(crate) fn at_steps(victim: Victim, of: u64) -> Tally {
    let tally = Tally::default();
    let last = steps_of_one(victim);
    let next = AtomicU64::new(1);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let step = next.fetch_add(of, Ordering::Relaxed);
                    if step > last {
                        break;
                    }
                    trial(victim, Last::Before(step), &tally);
                    trial(victim, Last::Within(step), &tally);
                }
            });
        }
    });
    let count = |number: &AtomicUsize| number.load(Ordering::Relaxed);
    println!(
        "{victim:?}: {last} steps, killed {} times; 1 message each, {} answered with 250, all arrived; {} arrived twice under one MTS \
         identifier",
        count(&tally.kills),
        count(&tally.answered),
        count(&tally.twice)
    );
    tally
}

impl Tally {
    pub(crate) fn kills(&self) -> usize {
        self.kills.load(Ordering::Relaxed)
    }
}

/// The steps of the victim from its first start until the message has passed and it has nothing to do.
fn steps_of_one(victim: Victim) -> u64 {
    let chain = Chain::new();
    let running = Pair::start(&chain, victim, Last::None);
    assert_eq!(chain.submit(ID), Heard::Accepted);
    assert!(in_time(|| chain.sink.count(ID) == 1));
    let mut steps = 0;
    // What is written down at the end is written by then.
    assert!(in_time(|| {
        let before = std::mem::replace(&mut steps, disk::steps(&chain.of(victim).folder));
        thread::sleep(std::time::Duration::from_millis(300));
        before == disk::steps(&chain.of(victim).folder)
    }));
    drop(running);
    steps
}

fn trial(victim: Victim, last: Last, tally: &Tally) {
    let chain = Chain::new();
    let running = Pair::start(&chain, victim, last);
    let mut heard = chain.submit(ID);
    let mut sent = usize::from(heard != Heard::NotSent);
    let is_over = in_time(|| running.is_dead(victim) || chain.sink.count(ID) > 0);
    assert!(
        is_over,
        "{victim:?} {last:?}: it neither arrived nor was anybody killed; {heard:?}\n{}",
        chain.logs()
    );
    // The end of the message may still be written down, and that be the last step.
    let until = std::time::Instant::now() + std::time::Duration::from_millis(250);
    while !running.is_dead(victim) && std::time::Instant::now() < until {
        thread::sleep(std::time::Duration::from_millis(5));
    }
    let was_killed = running.is_dead(victim);
    tally.kills.fetch_add(usize::from(was_killed), Ordering::Relaxed);
    let running = running.again(&chain, victim);
    if heard == Heard::Accepted {
        tally.answered.fetch_add(1, Ordering::Relaxed);
    }
    while heard != Heard::Accepted {
        heard = chain.submit(ID);
        sent += usize::from(heard != Heard::NotSent);
    }
    assert!(in_time(|| chain.sink.count(ID) > 0), "{victim:?} {last:?}: lost\n{}", chain.logs());
    // Whatever else may arrive arrives by the end of a second message.
    assert!(in_time(|| chain.submit("after") == Heard::Accepted));
    assert!(in_time(|| chain.sink.count("after") > 0), "{victim:?} {last:?}: stuck\n{}", chain.logs());
    drop(running);
    let copies: Vec<_> = chain.sink.copies().into_iter().filter(|copy| copy.id == ID).collect();
    let mut identifiers: Vec<_> = copies.iter().map(|copy| copy.mts_identifier.as_str()).collect();
    identifiers.sort_unstable();
    identifiers.dedup();
    assert!(identifiers.len() <= sent, "{victim:?} {last:?}: sent {sent} times, {copies:?}");
    let again = copies.len() - identifiers.len();
    // By SMTP a mail is sent again whose answer was not heard (RFC 1047); by P1 nothing arrives twice.
    let allowed = usize::from(victim == Victim::Far && was_killed);
    assert!(again <= allowed, "{victim:?} {last:?}: {copies:?}");
    tally.twice.fetch_add(usize::from(again > 0), Ordering::Relaxed);
}

/// Both gateways, one of them on the counting disk.
struct Pair {
    near: Gateway,
    far: Gateway,
}

impl Chain {
    fn of(&self, victim: Victim) -> &Member {
        match victim {
            Victim::Near => &self.near,
            Victim::Far => &self.far,
        }
    }
}

impl Pair {
    fn start(chain: &Chain, victim: Victim, last: Last) -> Self {
        let on_disk = |member: &Member| {
            Gateway::start_with(&member.folder, member.smtp, disk::environment(&member.folder, last))
        };
        match victim {
            Victim::Near => Self { far: chain.far.start(), near: on_disk(&chain.near) },
            Victim::Far => Self { far: on_disk(&chain.far), near: chain.near.start() },
        }
    }

    fn is_dead(&self, victim: Victim) -> bool {
        match victim {
            Victim::Near => self.near.is_dead(),
            Victim::Far => self.far.is_dead(),
        }
    }

    /// The victim is started again, on a disk that does as it should.
    fn again(self, chain: &Chain, victim: Victim) -> Self {
        match victim {
            Victim::Near => {
                self.near.kill();
                Self { near: chain.near.start(), far: self.far }
            }
            Victim::Far => {
                self.far.kill();
                Self { far: chain.far.start(), near: self.near }
            }
        }
    }
}
