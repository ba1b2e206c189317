//! One host of a peer, and how long it rests when it fails.

use std::time::{Duration, Instant};

use super::End;

/// How long a host rests that failed: twice as long each time, less a part that differs from gateway to gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    /// After the first failure.
    pub first: Duration,
    /// At most; at once after a failure that only a change of settings mends.
    pub longest: Duration,
    /// How much of it may be taken off, in percent.
    pub jitter: u32,
    /// What the part that is taken off is drawn from.
    pub seed: u64,
}

impl Default for BackOff {
    /// One second, up to two minutes, less at most 20 %.
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(120), jitter: 20, seed: 0 }
    }
}

impl BackOff {
    /// How long after failure number `failures`, from 1, of host number `host`.
    #[must_use]
    pub fn after(&self, failures: u32, permanent: bool, host: usize) -> Duration {
        let factor = 2_u32.checked_pow(failures.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole =
            if permanent { self.longest } else { self.first.saturating_mul(factor).min(self.longest) };
        let drawn = mixed(self.seed ^ u64::from(failures) ^ ((host as u64) << 32));
        let permille = drawn % (u64::from(self.jitter.min(100)) * 10 + 1);
        let taken = whole.as_nanos() * u128::from(permille) / 1000;
        whole - Duration::from_nanos(u64::try_from(taken).unwrap_or(0))
    }
}

/// The finaliser of splitmix64: neighbours become strangers.
const fn mixed(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// What an operator may know of a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostState {
    /// Associations that are bound.
    pub associations: usize,
    /// Those of them over which a message is on its way.
    pub busy: usize,
    /// Associations that are being opened.
    pub opening: usize,
    /// Failures in a row.
    pub failures: u32,
    /// How long it still rests.
    pub rests: Option<Duration>,
    /// Why it failed last; empty if it never did.
    pub why: String,
    /// What to do about that.
    pub advice: String,
}

impl HostState {
    /// Associations over which nothing is on its way.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.associations.saturating_sub(self.busy)
    }
}

/// One host.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// It has answered since it last failed: several associations may be opened at once.
    pub(super) answers: bool,
    pub(super) rests_until: Option<Instant>,
    /// Associations with it in a row that ended under a transfer.
    pub(super) losses: u32,
    pub(super) why: String,
    pub(super) advice: String,
    failures: u32,
    failed_at: Option<Instant>,
}

impl Host {
    /// It failed once more; gives how long it rests.
    pub(super) fn failed(&mut self, number: usize, end: &End, back_off: &BackOff, now: Instant) -> Duration {
        self.failures = self.failures.saturating_add(1);
        self.failed_at = Some(now);
        self.answers = false;
        self.losses = 0;
        self.why.clone_from(&end.why);
        self.advice.clone_from(&end.advice);
        let wait = back_off.after(self.failures, end.permanent, number);
        self.rests_until = Some(now + wait);
        wait
    }

    /// An association that was bound at this time did what it is for. One from before the last failure proves nothing:
    /// the host may have no room for more.
    pub(super) fn did_well(&mut self, bound_at: Option<Instant>) {
        self.losses = 0;
        if self.failed_at.is_none_or(|failed| bound_at.is_some_and(|bound| bound > failed)) {
            self.failures = 0;
            self.rests_until = None;
        }
    }

    pub(super) fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// Forgets a rest that is over.
    pub(super) fn rested(&mut self, now: Instant) {
        if !self.rests(now) {
            self.rests_until = None;
        }
    }

    /// How it is, with so many associations that are bound, busy and being opened.
    pub(super) fn state(&self, [associations, busy, opening]: [usize; 3], now: Instant) -> HostState {
        let rests = self.rests_until.map(|until| until.saturating_duration_since(now));
        HostState {
            associations,
            busy,
            opening,
            failures: self.failures,
            rests: rests.filter(|rest| !rest.is_zero()),
            why: self.why.clone(),
            advice: self.advice.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_doubles_up_to_the_longest() {
        let back_off = BackOff { jitter: 0, ..BackOff::default() };
        let table = [(1, 1), (2, 2), (3, 4), (7, 64), (8, 120), (4_000_000, 120)];
        for (failures, seconds) in table {
            assert_eq!(back_off.after(failures, false, 0), Duration::from_secs(seconds), "{failures}");
        }
        assert_eq!(back_off.after(1, true, 0), Duration::from_secs(120), "only a setting helps");
    }

    #[test]
    fn gateways_do_not_come_back_in_step() {
        let at = |seed, host| BackOff { seed, ..BackOff::default() }.after(9, false, host);
        let rests: std::collections::BTreeSet<_> =
            (0..100).map(|seed| at(seed, 0)).chain((1..4).map(|host| at(0, host))).collect();
        assert!(rests.len() > 50, "{}", rests.len());
        assert!(rests.iter().all(|rest| (96..=120).contains(&rest.as_secs())), "{rests:?}");
    }
}
