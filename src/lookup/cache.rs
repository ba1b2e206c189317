//! What was answered, for as long as it holds.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use crate::rules::lookup::{Answer, Found, Question};

/// A question to a source, by its number.
pub type Key = (usize, Question);

/// Answers by question. At most so many; the one that is forgotten for the others is the one that would be forgotten next.
#[derive(Debug)]
pub struct Cache {
    limit: usize,
    serve_stale: Duration,
    held: HashMap<Key, Held>,
    /// By the time they are forgotten.
    order: BTreeMap<(Instant, u64), Key>,
    inserted: u64,
}

#[derive(Debug)]
struct Held {
    answer: Answer,
    until: Instant,
    place: (Instant, u64),
}

impl Cache {
    /// An empty one. `serve_stale` is how long an answer is kept beyond its time.
    #[must_use]
    pub fn new(limit: usize, serve_stale: Duration) -> Self {
        Self { limit, serve_stale, held: HashMap::new(), order: BTreeMap::new(), inserted: 0 }
    }

    /// Answers held, with those whose time is over.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The answer, if it holds.
    #[must_use]
    pub fn fresh(&self, key: &Key, now: Instant) -> Option<Answer> {
        self.held.get(key).filter(|held| now < held.until).map(|held| held.answer.clone())
    }

    /// The answer, also if it no longer holds; that is said with it.
    #[must_use]
    pub fn stale(&self, key: &Key, now: Instant) -> Option<Answer> {
        let held = self.held.get(key).filter(|held| now < held.place.0)?;
        Some(match &held.answer {
            Answer::Found(found) if now >= held.until => Answer::Found(
                found
                    .iter()
                    .map(|one| Found { origin: format!("{}, outdated", one.origin), ..one.clone() })
                    .collect(),
            ),
            answer => answer.clone(),
        })
    }

    /// Keeps an answer. One that no longer holds at once is not kept.
    pub fn insert(&mut self, key: Key, answer: Answer, holds: Duration, now: Instant) {
        self.remove(&key);
        self.forget(now);
        let (Some(until), Some(gone)) = (now.checked_add(holds), now.checked_add(holds + self.serve_stale))
        else {
            return;
        };
        if gone <= now || self.limit == 0 {
            return;
        }
        while self.held.len() >= self.limit {
            let Some((_, next)) = self.order.pop_first() else { break };
            self.held.remove(&next);
        }
        self.inserted += 1;
        let place = (gone, self.inserted);
        self.order.insert(place, key.clone());
        self.held.insert(key, Held { answer, until, place });
    }

    fn remove(&mut self, key: &Key) {
        if let Some(held) = self.held.remove(key) {
            self.order.remove(&held.place);
        }
    }

    /// Drops what is past all use.
    fn forget(&mut self, now: Instant) {
        while let Some((&(gone, _), _)) = self.order.first_key_value() {
            if gone > now {
                break;
            }
            let Some((_, key)) = self.order.pop_first() else { break };
            self.held.remove(&key);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[allow(clippy::disallowed_methods, reason = "a moment to count from")]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        (0, Question::Domain(name.to_owned()))
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn an_answer_is_kept_as_long_as_it_holds() {
        let start = Instant::now();
        let mut cache = Cache::new(10, Duration::ZERO);
        cache.insert(key("a"), Answer::Absent, 2 * SECOND, start);
        assert_eq!(cache.fresh(&key("a"), start + SECOND), Some(Answer::Absent));
        assert_eq!(cache.fresh(&key("b"), start + SECOND), None);
        assert_eq!(cache.fresh(&(1, Question::Domain("a".into())), start), None);
        assert_eq!(cache.fresh(&key("a"), start + 2 * SECOND), None);
        assert_eq!(cache.stale(&key("a"), start + 2 * SECOND), None);
        cache.insert(key("b"), Answer::Absent, Duration::ZERO, start + 2 * SECOND);
        assert!(cache.is_empty());
    }

    #[test]
    fn what_is_outdated_is_kept_aside_and_says_so() {
        let start = Instant::now();
        let mut cache = Cache::new(10, 10 * SECOND);
        let record =
            crate::rules::lookup::Record::Mapping { domain: "a.example".into(), path: Default::default() };
        let found = vec![Found { record, origin: "server".into() }];
        cache.insert(key("a"), Answer::Found(found), SECOND, start);
        assert_eq!(cache.fresh(&key("a"), start + 2 * SECOND), None);
        let Some(Answer::Found(found)) = cache.stale(&key("a"), start + 2 * SECOND) else { panic!() };
        assert_eq!(found[0].origin, "server, outdated");
        assert_eq!(cache.stale(&key("a"), start + 11 * SECOND), None);
    }

    #[test]
    fn there_is_a_bound() {
        let start = Instant::now();
        let mut cache = Cache::new(3, Duration::ZERO);
        for (name, holds) in [("a", 5), ("b", 1), ("c", 9), ("d", 7), ("a", 2)] {
            cache.insert(key(name), Answer::Absent, holds * SECOND, start);
        }
        let held = |name| cache.fresh(&key(name), start).is_some();
        assert_eq!(["a", "b", "c", "d"].map(held), [true, false, true, true]);
        assert_eq!(cache.len(), 3);
    }
}
