//! Messages of peers that were cut off, so that they can go on: bounded in number, octets and time, without clock or I/O.
//!
//! Each message has a name, the peer's together with that of the activity (X.228). What is known under it:
//!
//! ```text
//!            ┌────────── resumed, under a new name ◄─────────┐
//!  begun ─► arriving ─► cut off, some of it confirmed ─► kept ─► (too many, too old) forgotten
//!            ├─► being secured ─► secured: a repetition is confirmed and not taken again
//!            └────────► dropped: forgotten
//! ```
//!
//! A name that comes twice is good for nothing: some systems give two connections of one second the same name. Nothing goes
//! on then, and the messages come again from their start.
//!
//! What is kept here lives as long as the process. A peer that asks after a restart is told that nothing is known, and sends
//! the message from its start.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::osi::stack::{ActivityKey, Received};

/// How much is kept, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages that wait to go on.
    pub messages: usize,
    /// Their octets altogether.
    pub octets: u64,
    /// Names of messages that were secured, and other names without a message.
    pub names: usize,
    /// How long anything is kept.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { messages: 32, octets: 2 << 30, names: 10_000, time: Duration::from_secs(3_600) }
    }
}

/// The name of a peer's message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name {
    /// Who sends it: as it was bound.
    pub peer: String,
    /// The activity that carries it.
    pub activity: ActivityKey,
}

/// The messages of all peers; `A` takes a message as it arrives. What a message costs does not grow with how many are known.
#[derive(Debug)]
pub struct Suspended<A> {
    limits: Limits,
    entries: HashMap<Arc<Name>, Entry<A>>,
    /// Messages that wait to go on, and their octets altogether.
    kept: Ages,
    octets: u64,
    /// Names of messages that were secured, and those that are good for nothing.
    names: Ages,
    /// The place of the entry that came last.
    last: u64,
}

/// Names by their places: what came first is first.
type Ages = BTreeMap<u64, Arc<Name>>;

#[derive(Debug)]
struct Entry<A> {
    since: Instant,
    place: u64,
    state: State<A>,
}

#[derive(Debug)]
enum State<A> {
    /// On an association.
    Arriving,
    /// It is complete, and is being put where it is safe.
    Securing,
    Kept(Kept<A>),
    Secured,
    /// The name came twice.
    Ambiguous,
}

/// A message that waits to go on.
#[derive(Debug)]
pub struct Kept<A> {
    /// What took it so far.
    pub arrival: A,
    /// Octets that it took.
    pub octets: u64,
    /// For the answer to the peer.
    pub received: Received,
}

/// What is known of a message that a peer wants to go on with.
#[derive(Debug)]
pub enum Found<A> {
    /// Nothing.
    Unknown,
    /// It is being secured: whether it was shows soon.
    Securing,
    /// It is secured.
    Secured,
    /// It goes on, and is arriving under its new name.
    Kept(Kept<A>),
}

impl<A> Suspended<A> {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let (entries, kept, names) = (HashMap::new(), Ages::new(), Ages::new());
        Self { limits, entries, kept, octets: 0, names, last: 0 }
    }

    /// A message begins to arrive.
    pub fn begun(&mut self, name: Name, now: Instant) {
        self.forget_old(now);
        if name.activity.is_unique() {
            let state = if self.entries.contains_key(&name) { State::Ambiguous } else { State::Arriving };
            self.put(name, state, now);
        }
        self.forget_excess();
    }

    /// A message is cut off, and the peer may want to go on with it.
    pub fn cut_off(&mut self, name: &Name, kept: Kept<A>, now: Instant) {
        if self.entries.get(name).is_some_and(|entry| matches!(entry.state, State::Arriving)) {
            self.put(name.clone(), State::Kept(kept), now);
        }
        self.forget_excess();
    }

    /// A message is complete, and is being secured.
    pub fn securing(&mut self, name: &Name) {
        if let Some(entry) = self.entries.get_mut(name)
            && matches!(entry.state, State::Arriving)
        {
            entry.state = State::Securing;
        }
    }

    /// A message is cut off for good, or was refused.
    pub fn dropped(&mut self, name: &Name) {
        if self.is_under_way(name) {
            self.take(name);
        }
    }

    /// A message is secured, whether its peer has heard or not.
    pub fn secured(&mut self, name: &Name, now: Instant) {
        if self.is_under_way(name) {
            self.put(name.clone(), State::Secured, now);
        }
    }

    /// A peer wants to go on with the message that had the name `old`, under another name. Where it is being secured nothing
    /// changes if the caller `may_wait` and ask again.
    pub fn resumed(&mut self, old: &Name, name: Name, may_wait: bool, now: Instant) -> Found<A> {
        self.forget_old(now);
        let in_use = self.entries.contains_key(&name);
        let is_being_secured =
            self.entries.get(old).is_some_and(|entry| matches!(entry.state, State::Securing));
        if may_wait && !in_use && is_being_secured {
            return Found::Securing;
        }
        let Some(state) = self.take(old) else { return Found::Unknown };
        let (state, found) = match state {
            State::Kept(kept) if !in_use => (State::Arriving, Found::Kept(kept)),
            // The old name stays good as well: the sender may not have heard that it has a new one.
            State::Secured if !in_use => {
                self.put(old.clone(), State::Secured, now);
                (State::Secured, Found::Secured)
            }
            // It is still on an association that the sender has given up before us, or the name is not one message's.
            _ => (State::Ambiguous, Found::Unknown),
        };
        if matches!(state, State::Ambiguous) {
            self.put(old.clone(), State::Ambiguous, now);
        }
        self.put(name, state, now);
        self.forget_excess();
        found
    }

    /// Messages that wait to go on, and their octets.
    #[must_use]
    pub fn waiting(&self) -> (usize, u64) {
        (self.kept.len(), self.octets)
    }

    /// Whether an association still has to do with what has this name.
    fn is_under_way(&self, name: &Name) -> bool {
        let state = self.entries.get(name).map(|entry| &entry.state);
        matches!(state, Some(State::Arriving | State::Securing))
    }

    /// From now on this is known under a name, and nothing else.
    fn put(&mut self, name: Name, state: State<A>, now: Instant) {
        self.take(&name);
        self.last += 1;
        let name = Arc::new(name);
        match &state {
            State::Arriving | State::Securing => {}
            State::Kept(kept) => {
                self.octets += kept.octets;
                self.kept.insert(self.last, Arc::clone(&name));
            }
            State::Secured | State::Ambiguous => {
                self.names.insert(self.last, Arc::clone(&name));
            }
        }
        self.entries.insert(name, Entry { since: now, place: self.last, state });
    }

    /// Nothing is known under a name any more.
    fn take(&mut self, name: &Name) -> Option<State<A>> {
        let Entry { place, state, .. } = self.entries.remove(name)?;
        match &state {
            State::Arriving | State::Securing => {}
            State::Kept(kept) => {
                self.octets -= kept.octets;
                self.kept.remove(&place);
            }
            State::Secured | State::Ambiguous => {
                self.names.remove(&place);
            }
        }
        Some(state)
    }

    fn forget_old(&mut self, now: Instant) {
        let is_old = |name: &Arc<Name>| {
            self.entries.get(name).is_none_or(|entry| entry.since + self.limits.time <= now)
        };
        let old = |ages: &Ages| ages.values().take_while(|name| is_old(name)).cloned().collect::<Vec<_>>();
        for name in old(&self.kept).into_iter().chain(old(&self.names)) {
            self.take(&name);
        }
    }

    /// Keeps to the limits: what came first goes first.
    fn forget_excess(&mut self) {
        while self.kept.len() > self.limits.messages || self.octets > self.limits.octets {
            let Some((_, name)) = self.kept.pop_first() else { break };
            self.take(&name);
        }
        while self.names.len() > self.limits.names {
            let Some((_, name)) = self.names.pop_first() else { break };
            self.take(&name);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::osi::session::{ActivityId, ConnectionReference};

    fn name(peer: &str, connection: &'static str, activity: u8) -> Name {
        let connection = ConnectionReference {
            calling: Bytes::from_static(connection.as_bytes()),
            ..ConnectionReference::default()
        };
        let id = ActivityId::new(Bytes::from(vec![2, 1, activity])).unwrap();
        Name { peer: peer.into(), activity: ActivityKey::new(&connection, id) }
    }

    fn kept(arrival: &'static str, octets: u64) -> Kept<&'static str> {
        Kept { arrival, octets, received: Received::default() }
    }

    /// What comes of a resumption, in words.
    fn found(found: Found<&'static str>) -> String {
        match found {
            Found::Unknown => "unknown".into(),
            Found::Securing => "securing".into(),
            Found::Secured => "secured".into(),
            Found::Kept(kept) => kept.arrival.into(),
        }
    }

    fn limits() -> Limits {
        Limits { messages: 2, octets: 100, names: 2, time: Duration::from_secs(60) }
    }

    #[test]
    fn a_message_goes_on_once_and_under_its_new_name() {
        let now = Instant::now();
        let mut suspended = Suspended::new(Limits { names: 10, ..limits() });
        let (first, second, third) = (name("a", "c1", 1), name("a", "c2", 1), name("a", "c3", 1));
        suspended.begun(first.clone(), now);
        suspended.cut_off(&first, kept("m", 10), now);
        assert_eq!(suspended.waiting(), (1, 10));
        let other = name("b", "c1", 1);
        assert_eq!(
            found(suspended.resumed(&other, name("b", "c2", 1), true, now)),
            "unknown",
            "another peer"
        );
        assert_eq!(found(suspended.resumed(&first, second.clone(), true, now)), "m");
        assert_eq!(
            found(suspended.resumed(&first, name("a", "c9", 9), true, now)),
            "unknown",
            "it has another name"
        );
        suspended.cut_off(&second, kept("m", 20), now);
        assert_eq!(found(suspended.resumed(&second, third.clone(), true, now)), "m");
        suspended.secured(&third, now);
        assert_eq!(suspended.waiting(), (0, 0));
        // Its end was not heard: whatever the sender calls it, it is secured.
        let (fourth, fifth) = (name("a", "c4", 1), name("a", "c5", 1));
        assert_eq!(found(suspended.resumed(&third, fourth.clone(), true, now)), "secured");
        assert_eq!(found(suspended.resumed(&third, fifth.clone(), true, now)), "secured");
        assert_eq!(found(suspended.resumed(&fifth, name("a", "c6", 1), true, now)), "secured");
    }

    #[test]
    fn what_is_dropped_or_still_arriving_is_not_known() {
        let now = Instant::now();
        let mut suspended = Suspended::new(limits());
        let first = name("a", "c1", 1);
        suspended.begun(first.clone(), now);
        suspended.dropped(&first);
        assert_eq!(found(suspended.resumed(&first, name("a", "c2", 1), true, now)), "unknown");
        // The sender noticed the loss before we did: what we still take comes to nothing.
        let second = name("a", "c1", 2);
        suspended.begun(second.clone(), now);
        assert_eq!(found(suspended.resumed(&second, name("a", "c2", 2), true, now)), "unknown");
        suspended.cut_off(&second, kept("m", 10), now);
        assert_eq!(
            (suspended.waiting(), found(suspended.resumed(&second, name("a", "c3", 2), true, now))),
            ((0, 0), "unknown".into())
        );
    }

    /// Whether it will be secured is not known yet: who may wait is told so, and the others get it anew.
    #[test]
    fn a_message_that_is_being_secured_is_waited_for() {
        let now = Instant::now();
        for (secured, word) in [(true, "secured"), (false, "unknown")] {
            let mut suspended = Suspended::new(limits());
            let (first, second) = (name("a", "c1", 1), name("a", "c2", 1));
            suspended.begun(first.clone(), now);
            suspended.securing(&first);
            let again = |suspended: &mut Suspended<_>, wait| {
                found(suspended.resumed(&first, second.clone(), wait, now))
            };
            assert_eq!(again(&mut suspended, true), "securing");
            assert_eq!(again(&mut suspended, true), "securing");
            match secured {
                true => suspended.secured(&first, now),
                false => suspended.dropped(&first),
            }
            assert_eq!(again(&mut suspended, true), word);
        }
        let mut suspended = Suspended::new(limits());
        let (first, second) = (name("a", "c1", 1), name("a", "c2", 1));
        suspended.begun(first.clone(), now);
        suspended.securing(&first);
        assert_eq!(found(suspended.resumed(&first, second.clone(), false, now)), "unknown");
        suspended.secured(&first, now);
        assert_eq!(found(suspended.resumed(&first, name("a", "c3", 1), true, now)), "unknown");
    }

    /// Two connections of one name: nothing goes on, and nothing counts as secured.
    #[test]
    fn a_name_that_comes_twice_is_good_for_nothing() {
        let now = Instant::now();
        for secured in [false, true] {
            let mut suspended = Suspended::new(limits());
            let twice = name("a", "c1", 1);
            suspended.begun(twice.clone(), now);
            match secured {
                true => suspended.secured(&twice, now),
                false => suspended.cut_off(&twice, kept("m", 10), now),
            }
            suspended.begun(twice.clone(), now);
            suspended.cut_off(&twice, kept("n", 10), now);
            suspended.secured(&twice, now);
            assert_eq!(found(suspended.resumed(&twice, name("a", "c2", 1), true, now)), "unknown");
        }
        let mut suspended = Suspended::new(limits());
        let nameless = name("a", "", 1);
        suspended.begun(nameless.clone(), now);
        suspended.cut_off(&nameless, kept("m", 10), now);
        assert_eq!(found(suspended.resumed(&nameless, name("a", "c2", 1), true, now)), "unknown");
    }

    #[test]
    fn number_octets_and_time_are_bounded() {
        let now = Instant::now();
        let mut suspended = Suspended::new(limits());
        let names: Vec<_> = (1..=5).map(|activity| name("a", "c1", activity)).collect();
        for (seconds, name) in names.iter().enumerate() {
            let now = now + Duration::from_secs(seconds as u64);
            suspended.begun(name.clone(), now);
            suspended.cut_off(name, kept("m", 10), now);
        }
        assert_eq!(suspended.waiting(), (2, 20), "the last two");
        let big = name("a", "c1", 6);
        suspended.begun(big.clone(), now + Duration::from_secs(6));
        suspended.cut_off(&big, kept("big", 100), now + Duration::from_secs(6));
        assert_eq!(suspended.waiting(), (1, 100));
        let too_big = name("a", "c1", 7);
        suspended.begun(too_big.clone(), now + Duration::from_secs(7));
        suspended.cut_off(&too_big, kept("too big", 101), now + Duration::from_secs(7));
        assert_eq!(suspended.waiting(), (0, 0));

        let mut suspended = Suspended::new(limits());
        suspended.begun(big.clone(), now);
        suspended.cut_off(&big, kept("big", 100), now);
        let later = now + Duration::from_secs(60);
        assert_eq!(found(suspended.resumed(&big, name("a", "c2", 1), true, later)), "unknown");
        for activity in 1..=9 {
            let name = name("a", "c3", activity);
            suspended.begun(name.clone(), later);
            suspended.secured(&name, later + Duration::from_secs(activity.into()));
        }
        suspended.begun(name("a", "c4", 1), later);
        assert_eq!(found(suspended.resumed(&name("a", "c3", 9), name("a", "c5", 1), true, later)), "secured");
        assert_eq!(found(suspended.resumed(&name("a", "c3", 1), name("a", "c5", 2), true, later)), "unknown");
    }
}
