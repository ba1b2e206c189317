//! Messages under whose transfer associations end: by an abort, a protocol error, or without a word.
//!
//! One such end says little. A message that has ended more than [`Isolation::after`] of them is set apart: it rests,
//! longer each time, and then goes alone over an association of its own, so that no other message is on it when it
//! ends. It is given up when it has ended [`Isolation::attempts`] of these while the peer took other messages; as long
//! as the peer takes nothing else either, the message may well be innocent, and how long it may wait is the queue's to
//! say. What is known is kept in memory: a restart gives every message a fresh start.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What becomes of messages that end associations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Isolation {
    /// A message that has ended more associations is set apart.
    pub after: u32,
    /// After so many associations of its own it is given up.
    pub attempts: u32,
    /// How long it rests before the first of these; twice as long each time.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Default for Isolation {
    /// After 2, 3 attempts, from one minute to one hour.
    fn default() -> Self {
        Self { after: 2, attempts: 3, first: Duration::from_secs(60), longest: Duration::from_secs(3600) }
    }
}

/// What follows for a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// Nothing yet.
    None,
    /// It rests and then goes alone.
    SetApart { wait: Duration },
    /// Enough.
    GivenUp { why: String },
}

/// At most so many are remembered; the one that is forgotten first was blamed longest ago.
const REMEMBERED: usize = 1_000;

/// What is known of messages that ended associations.
#[derive(Debug, Default)]
pub(super) struct Suspects(BTreeMap<Arc<str>, Suspect>);

#[derive(Debug)]
struct Suspect {
    /// Associations that ended under it.
    ended: u32,
    /// Those of them that were its own.
    alone: u32,
    /// How many messages the peer had answered for when it was first set apart.
    answered: u64,
    blamed_at: Instant,
    rests_until: Option<Instant>,
    why: String,
}

impl Suspects {
    /// An association ended for the reason `why` under a message, which went `alone` or not; `answered` counts the
    /// messages that the peer answered for so far.
    pub(super) fn blame(
        &mut self,
        key: &Arc<str>,
        alone: bool,
        why: &str,
        answered: u64,
        isolation: &Isolation,
        now: Instant,
    ) -> Blame {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(key) {
            self.forget_one();
        }
        let new = || Suspect {
            ended: 0,
            alone: 0,
            answered,
            blamed_at: now,
            rests_until: None,
            why: String::new(),
        };
        let suspect = self.0.entry(Arc::clone(key)).or_insert_with(new);
        suspect.ended = suspect.ended.saturating_add(1);
        suspect.alone = suspect.alone.saturating_add(u32::from(alone));
        suspect.blamed_at = now;
        suspect.why = why.to_owned();
        if suspect.ended <= isolation.after {
            return Blame::None;
        }
        if suspect.alone == 0 {
            suspect.answered = answered;
        }
        if suspect.alone >= isolation.attempts && answered > suspect.answered {
            let why = format!("{} associations ended under this message, the last: {why}", suspect.ended);
            self.0.remove(key);
            return Blame::GivenUp { why };
        }
        let factor = 2_u32.checked_pow(suspect.alone).unwrap_or(u32::MAX);
        let wait = isolation.first.saturating_mul(factor).min(isolation.longest);
        suspect.rests_until = Some(now + wait);
        Blame::SetApart { wait }
    }

    /// The peer has answered for the message.
    pub(super) fn forgive(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// Whether the message goes alone.
    pub(super) fn is_set_apart(&self, key: &str, isolation: &Isolation) -> bool {
        self.0.get(key).is_some_and(|suspect| suspect.ended > isolation.after)
    }

    /// Why and until when the message rests, if it does.
    pub(super) fn rests(&self, key: &str, now: Instant) -> Option<(String, Instant)> {
        let suspect = self.0.get(key)?;
        let until = suspect.rests_until.filter(|until| *until > now)?;
        let why =
            format!("set apart: {} associations ended under it, the last: {}", suspect.ended, suspect.why);
        Some((why, until))
    }

    fn forget_one(&mut self) {
        let oldest = self.0.iter().min_by_key(|(_, suspect)| suspect.blamed_at);
        if let Some(key) = oldest.map(|(key, _)| Arc::clone(key)) {
            self.0.remove(&key);
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an instant can only be made from another one")]
mod tests {
    use super::*;

    #[test]
    fn not_more_are_remembered_than_there_is_room_for() {
        let (mut suspects, now) = (Suspects::default(), Instant::now());
        let isolation = Isolation { after: 0, ..Isolation::default() };
        for number in 0..REMEMBERED as u64 + 10 {
            let at = now + Duration::from_secs(number);
            suspects.blame(&format!("{number}").into(), false, "lost", 0, &isolation, at);
        }
        assert_eq!(suspects.0.len(), REMEMBERED);
        assert!(!suspects.is_set_apart("9", &isolation) && suspects.is_set_apart("10", &isolation));
    }
}
