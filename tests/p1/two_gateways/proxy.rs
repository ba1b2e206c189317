//! A line between two MTAs that is cut at points known before: connections are closed or reset in the middle of what the
//! caller sends, or when an answer comes, before, within or after it.
//!
//! What is counted goes on over all connections of the line, and on each of them only once the bind is over, so that every
//! cut is under a transfer. Where the points are is the dice's to say; which message is under way there is nobody's.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Once the caller has sent so many octets, TLS and the bind are over and the first message is under way.
const BOUND: u64 = 4_096;

/// A small generator (xorshift64*), the same on every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Self((seed ^ 0x5eed_5eed_5eed_5eed).max(1));
        for _ in 0..8 {
            dice.roll(2);
        }
        dice
    }

    /// A number below `sides`, which is not 0.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % sides
    }
}

/// Where a line is cut.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// After so many octets from the caller; whether the connection is reset.
    octets: BTreeMap<u64, bool>,
    /// At this answer from 1 on.
    answers: BTreeMap<u64, AtAnswer>,
}

/// What is cut off at an answer.
#[derive(Debug, Clone, Copy)]
struct AtAnswer {
    /// How many quarters of it still go through.
    quarters: usize,
    reset: bool,
}

impl Plan {
    /// So many cuts, half of them within the first `octets` octets from the caller, the others within the first `answers`
    /// answers; both come for certain if that many messages are transferred.
    pub(crate) fn new(cuts: usize, octets: u64, answers: u64, dice: &mut Dice) -> Self {
        let mut plan = Self::default();
        while plan.octets.len() < cuts / 2 {
            let at = dice.roll(octets);
            plan.octets.insert(at, dice.roll(2) == 0);
        }
        while plan.octets.len() + plan.answers.len() < cuts {
            let at = 1 + dice.roll(answers);
            let quarters = usize::try_from(dice.roll(5)).unwrap();
            plan.answers.insert(at, AtAnswer { quarters, reset: dice.roll(2) == 0 });
        }
        plan
    }
}

/// The line.
pub(crate) struct Line {
    /// Where it is called.
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    /// Whom the calls are for.
    callee: OnceLock<SocketAddr>,
    state: Mutex<State>,
}

struct State {
    plan: Plan,
    octets: u64,
    answers: u64,
    connections: usize,
    /// What was done, in words.
    cuts: Vec<String>,
}

impl Line {
    /// A line that is not connected yet.
    pub(crate) async fn new(plan: Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State { plan, octets: 0, answers: 0, connections: 0, cuts: Vec::new() };
        let shared = Arc::new(Shared { callee: OnceLock::new(), state: Mutex::new(state) });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&serving).join(near));
            }
        });
        Self { address, shared }
    }

    /// Calls go there from now on.
    pub(crate) fn connect(&self, callee: SocketAddr) {
        self.shared.callee.set(callee).unwrap();
    }

    /// The cuts so far, in words, and how many connections there were.
    pub(crate) fn cuts(&self) -> (Vec<String>, usize) {
        let state = self.shared.state.lock().unwrap();
        (state.cuts.clone(), state.connections)
    }
}

/// A cut: what still goes through of the octets that were read, and whether the connection is reset then.
struct Cut {
    after: usize,
    reset: bool,
}

impl Shared {
    /// Joins a caller to the callee until one of them ends, or it is time for a cut.
    async fn join(self: Arc<Self>, mut near: TcpStream) {
        let Some(callee) = self.callee.get() else { return };
        let Ok(mut far) = TcpStream::connect(callee).await else { return };
        self.state.lock().unwrap().connections += 1;
        let (mut forth, mut back) = (vec![0; 16_384], vec![0; 16_384]);
        let mut sent = 0;
        loop {
            let (to, octets, cut) = tokio::select! {
                read = near.read(&mut forth) => {
                    let Ok(read @ 1..) = read else { return };
                    let cut = self.sent(sent, read);
                    sent += read as u64;
                    (&mut far, &forth[..read], cut)
                }
                read = far.read(&mut back) => {
                    let Ok(read @ 1..) = read else { return };
                    (&mut near, &back[..read], self.answered(sent, read))
                }
            };
            let through = cut.as_ref().map_or(octets.len(), |cut| cut.after);
            if to.write_all(&octets[..through]).await.is_err() {
                return;
            }
            if let Some(cut) = cut {
                if cut.reset {
                    let _ = near.set_zero_linger();
                    let _ = far.set_zero_linger();
                }
                return;
            }
        }
    }

    /// The caller has sent `read` octets after `sent` others.
    fn sent(&self, sent: u64, read: usize) -> Option<Cut> {
        let counted = (sent + read as u64).saturating_sub(sent.max(BOUND));
        let state = &mut *self.state.lock().unwrap();
        let before = state.octets;
        state.octets += counted;
        let (at, reset) =
            state.plan.octets.range(before..state.octets).next().map(|(at, reset)| (*at, *reset))?;
        // What else was to come within these octets comes with the next ones.
        state.plan.octets.remove(&at);
        state.octets = at;
        let after = read - usize::try_from(counted - (at - before)).unwrap();
        state.cuts.push(format!("{} after {at} octets", how(reset)));
        Some(Cut { after, reset })
    }

    /// An answer of `read` octets has come, or a part of one.
    fn answered(&self, sent: u64, read: usize) -> Option<Cut> {
        if sent <= BOUND {
            return None;
        }
        let state = &mut *self.state.lock().unwrap();
        state.answers += 1;
        let answer = state.answers;
        let AtAnswer { quarters, reset } = state.plan.answers.remove(&answer)?;
        state.cuts.push(format!("{} at answer {answer}, of which {quarters} quarters came", how(reset)));
        Some(Cut { after: read * quarters / 4, reset })
    }
}

fn how(reset: bool) -> &'static str {
    if reset { "reset" } else { "closed" }
}
