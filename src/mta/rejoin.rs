//! Associations of peers that were lost and may go on (X.228 7.8), bounded in number and time, without clock or I/O.
//!
//! A peer that goes on gives no bind, only the name of a session connection, and such names are no secrets. So it must come from
//! where it was: the same address, and over TLS with a certificate of the same names. Each goes on once; who is turned down
//! binds anew, and loses nothing.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use super::tls::names::Names;
use crate::osi::stack::{Mode, Reference};

/// Where a peer calls from: the address, and the names in its certificate if it speaks TLS and has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The address of the connection.
    pub(super) address: IpAddr,
    /// `None` without TLS; inside, without a certificate.
    pub(super) names: Option<Option<Names>>,
}

/// Associations that were lost.
#[derive(Debug)]
pub(super) struct Lost {
    maximum: usize,
    time: Duration,
    entries: BTreeMap<Reference, Entry>,
}

#[derive(Debug)]
struct Entry {
    peer: String,
    mode: Mode,
    place: Place,
    since: Instant,
}

impl Lost {
    /// At most so many, each for so long; none of either keeps nothing.
    pub(super) const fn new(maximum: usize, time: Duration) -> Self {
        Self { maximum, time, entries: BTreeMap::new() }
    }

    /// An association is lost. One without a name cannot go on, and a name that comes twice is nobody's.
    pub(super) fn note(&mut self, connection: Reference, peer: &str, mode: Mode, place: Place, now: Instant) {
        self.forget(now);
        if connection == Reference::default() || self.entries.remove(&connection).is_some() {
            return;
        }
        self.entries.insert(connection, Entry { peer: peer.to_owned(), mode, place, since: now });
        while self.entries.len() > self.maximum {
            let oldest =
                self.entries.iter().min_by_key(|(_, entry)| entry.since).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.entries.remove(&name));
        }
    }

    /// A peer wants to go on: what it was bound as, if it may.
    pub(super) fn rejoin(
        &mut self,
        connection: &Reference,
        mode: Mode,
        place: &Place,
        now: Instant,
    ) -> Option<String> {
        self.forget(now);
        let entry = self.entries.get(connection)?;
        if entry.mode != mode || entry.place != *place {
            return None;
        }
        self.entries.remove(connection).map(|entry| entry.peer)
    }

    fn forget(&mut self, now: Instant) {
        let time = self.time;
        self.entries.retain(|_, entry| entry.since + time > now);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods)]
mod tests {
    use super::*;

    fn named(additional: &str) -> Reference {
        Reference { name: "a".into(), time: "261127010000Z".into(), additional: additional.into() }
    }

    fn place(last: u8) -> Place {
        Place { address: [127, 0, 0, last].into(), names: None }
    }

    #[test]
    fn an_association_goes_on_once_and_from_where_it_was() {
        let now = Instant::now();
        let mode = Mode::MtsTransfer;
        let mut lost = Lost::new(10, Duration::from_secs(60));
        lost.note(named("1"), "peer", mode, place(1), now);
        assert_eq!(lost.rejoin(&named("2"), mode, &place(1), now), None);
        assert_eq!(lost.rejoin(&named("1"), mode, &place(2), now), None);
        assert_eq!(lost.rejoin(&named("1"), Mode::MtsTransferProtocol, &place(1), now), None);
        let with_tls = Place { names: Some(None), ..place(1) };
        assert_eq!(lost.rejoin(&named("1"), mode, &with_tls, now), None);
        assert_eq!(lost.rejoin(&named("1"), mode, &place(1), now).as_deref(), Some("peer"));
        assert_eq!(lost.rejoin(&named("1"), mode, &place(1), now), None, "once");
    }

    #[test]
    fn names_number_and_time_are_bounded() {
        let now = Instant::now();
        let mode = Mode::MtsTransfer;
        let mut lost = Lost::new(2, Duration::from_secs(60));
        lost.note(Reference::default(), "peer", mode, place(1), now);
        assert_eq!(lost.rejoin(&Reference::default(), mode, &place(1), now), None, "nameless");
        for _ in 0..2 {
            lost.note(named("twice"), "peer", mode, place(1), now);
        }
        assert_eq!(lost.rejoin(&named("twice"), mode, &place(1), now), None);
        for second in 1..=3 {
            let now = now + Duration::from_secs(second);
            lost.note(named(&second.to_string()), "peer", mode, place(1), now);
        }
        let later = now + Duration::from_secs(62);
        assert_eq!(lost.rejoin(&named("1"), mode, &place(1), now), None, "the first went");
        assert_eq!(lost.rejoin(&named("2"), mode, &place(1), later), None, "too late");
        assert_eq!(lost.rejoin(&named("3"), mode, &place(1), later).as_deref(), Some("peer"));
    }
}
