//! How much clients may have at a time and in a minute, counted for all listeners together. Time is a parameter.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};

/// What listeners allow, beside what [`Config`](crate::smtp::dialogue::Config) says about each session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerLimits {
    /// Sessions at a time; further clients get 421.
    pub connections: usize,
    /// Sessions at a time from one address; further ones get 421.
    pub connections_per_address: usize,
    /// What one address may do in a minute.
    pub per_minute: Rates,
    /// How long sessions may go on after a shutdown began.
    pub drain: Duration,
}

impl Default for ListenerLimits {
    fn default() -> Self {
        Self {
            connections: 1_000,
            connections_per_address: 200,
            per_minute: Rates::default(),
            drain: Duration::from_secs(30),
        }
    }
}

/// What one address may do in a minute on average, all of it at once if it did nothing for a minute; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// New sessions.
    pub connections: u32,
    /// Messages, by MAIL.
    pub messages: u32,
    /// Recipients, by RCPT.
    pub recipients: u32,
}

/// Those who are connected, and those who were shortly before. An IPv6 network of 64 bits counts as one address.
#[derive(Debug, Default)]
pub struct Clients {
    limits: ListenerLimits,
    known: Mutex<Known>,
}

/// Why somebody is turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMany {
    /// There are too many sessions at all.
    #[error("too many connections, try again later")]
    Sessions,
    /// There are too many from there.
    #[error("too many connections from your address, try again later")]
    FromThere,
    /// There were too many in the last minute.
    #[error("too many connections from your address in a minute, try again later")]
    InAMinute,
}

impl TooMany {
    /// 421, in words.
    pub(super) fn reply(self) -> Reply {
        let detail = match self {
            Self::Sessions => StatusDetail::SYSTEM_NOT_ACCEPTING_X_3_2,
            Self::FromThere | Self::InAMinute => StatusDetail::OTHER_SECURITY_X_7_0,
        };
        Reply::new(ReplyCode::SERVICE_NOT_AVAILABLE_421, detail, self.to_string())
    }

    /// Which limit it is, in a word.
    pub(super) const fn limit(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::FromThere => "sessions-per-address",
            Self::InAMinute => "connection-rate",
        }
    }
}

#[derive(Debug, Default)]
struct Known {
    sessions: usize,
    by_network: BTreeMap<IpAddr, Client>,
    /// So many networks are borne before those that are quiet are looked for.
    room: usize,
}

/// Fewest networks among which quiet ones are looked for.
const ROOM: usize = 1024;
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
struct Client {
    sessions: usize,
    connections: Bucket,
    messages: Bucket,
    recipients: Bucket,
}

impl Client {
    fn is_quiet(&self, now: Instant) -> bool {
        let buckets = [&self.connections, &self.messages, &self.recipients];
        self.sessions == 0 && buckets.iter().all(|bucket| bucket.full_at.is_none_or(|at| at <= now))
    }
}

/// A bucket of tokens, as many as a minute brings.
#[derive(Debug, Default)]
struct Bucket {
    /// When it is full again; `None` if it is.
    full_at: Option<Instant>,
}

impl Bucket {
    /// Takes a token, if there is one.
    fn take(&mut self, per_minute: u32, now: Instant) -> bool {
        if per_minute == 0 {
            return true;
        }
        let begins = self.full_at.map_or(now, |at| at.max(now));
        let Some(full_at) = begins.checked_add(MINUTE / per_minute) else { return true };
        let is_there = full_at.saturating_duration_since(now) <= MINUTE;
        if is_there {
            self.full_at = Some(full_at);
        }
        is_there
    }
}

impl Clients {
    /// Nobody yet.
    #[must_use]
    pub fn new(limits: ListenerLimits) -> Self {
        Self { limits, known: Mutex::default() }
    }

    /// What is allowed.
    pub fn limits(&self) -> &ListenerLimits {
        &self.limits
    }

    /// A place for one more session, of somebody who is not known yet.
    ///
    /// # Errors
    /// There is none.
    pub fn enter(clients: &Arc<Self>) -> Result<Permit, TooMany> {
        let mut known = clients.known();
        if known.sessions >= clients.limits.connections {
            return Err(TooMany::Sessions);
        }
        known.sessions += 1;
        Ok(Permit { clients: Arc::clone(clients), network: None, is_rated: false })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one session; free again when dropped.
#[derive(Debug)]
pub struct Permit {
    clients: Arc<Clients>,
    network: Option<IpAddr>,
    is_rated: bool,
}

impl Permit {
    /// The client is there, and not where it seemed to be before. Rates hold for it or not.
    ///
    /// # Errors
    /// It may have no session now.
    pub fn is_from(&mut self, address: IpAddr, is_rated: bool, now: Instant) -> Result<(), TooMany> {
        self.leave();
        let network = network(address);
        let limits = &self.clients.limits;
        let mut known = self.clients.known();
        known.forget_quiet(now);
        let client = known.by_network.entry(network).or_default();
        if client.sessions >= limits.connections_per_address {
            return Err(TooMany::FromThere);
        }
        if is_rated && !client.connections.take(limits.per_minute.connections, now) {
            return Err(TooMany::InAMinute);
        }
        client.sessions += 1;
        drop(known);
        (self.network, self.is_rated) = (Some(network), is_rated);
        Ok(())
    }

    /// Whether the client may send one more message now.
    pub fn message(&self, now: Instant) -> bool {
        self.take(|client, rates| client.messages.take(rates.messages, now))
    }

    /// Whether it may name one more recipient.
    pub fn recipient(&self, now: Instant) -> bool {
        self.take(|client, rates| client.recipients.take(rates.recipients, now))
    }

    fn take(&self, take: impl FnOnce(&mut Client, &Rates) -> bool) -> bool {
        let Some(network) = self.network.filter(|_| self.is_rated) else { return true };
        take(self.clients.known().by_network.entry(network).or_default(), &self.clients.limits.per_minute)
    }

    fn leave(&mut self) {
        let Some(network) = self.network.take() else { return };
        if let Some(client) = self.clients.known().by_network.get_mut(&network) {
            client.sessions = client.sessions.saturating_sub(1);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.leave();
        let mut known = self.clients.known();
        known.sessions = known.sessions.saturating_sub(1);
    }
}

impl Known {
    fn forget_quiet(&mut self, now: Instant) {
        if self.by_network.len() >= self.room.max(ROOM) {
            self.by_network.retain(|_, client| !client.is_quiet(now));
            self.room = self.by_network.len().saturating_mul(2);
        }
    }
}

/// What counts as one address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "some moment to begin with")]
mod tests {
    use super::*;

    fn clients(limits: ListenerLimits) -> Arc<Clients> {
        Arc::new(Clients::new(limits))
    }

    fn from(clients: &Arc<Clients>, address: &str, now: Instant) -> Result<Permit, TooMany> {
        let mut permit = Clients::enter(clients)?;
        permit.is_from(address.parse().unwrap(), true, now)?;
        Ok(permit)
    }

    #[test]
    fn sessions_are_counted_in_all_and_by_network() {
        let now = Instant::now();
        let clients = clients(ListenerLimits {
            connections: 4,
            connections_per_address: 2,
            ..ListenerLimits::default()
        });
        let one = from(&clients, "192.0.2.1", now).unwrap();
        let _mapped = from(&clients, "::ffff:192.0.2.1", now).unwrap();
        assert_eq!(from(&clients, "192.0.2.1", now).unwrap_err(), TooMany::FromThere);
        let mut two = from(&clients, "2001:db8::1", now).unwrap();
        let _same = from(&clients, "2001:db8::2:1", now).unwrap();
        assert_eq!(from(&clients, "198.51.100.1", now).unwrap_err(), TooMany::Sessions);
        drop(one);
        // Somebody who was taken for somebody else.
        two.is_from("192.0.2.1".parse().unwrap(), true, now).unwrap();
        assert_eq!(from(&clients, "192.0.2.1", now).unwrap_err(), TooMany::FromThere);
        assert!(from(&clients, "2001:db8::3", now).is_ok());
    }

    #[test]
    fn a_minute_brings_so_many() {
        let now = Instant::now();
        let per_minute = Rates { connections: 2, messages: 3, recipients: 0 };
        let clients = clients(ListenerLimits { per_minute, ..ListenerLimits::default() });
        let permit = from(&clients, "192.0.2.1", now).unwrap();
        let _other = from(&clients, "192.0.2.1", now).unwrap();
        assert_eq!(from(&clients, "192.0.2.1", now).unwrap_err(), TooMany::InAMinute);
        assert!(from(&clients, "192.0.2.2", now).is_ok());
        let later = |seconds| now + Duration::from_secs(seconds);
        assert!(from(&clients, "192.0.2.1", later(29)).is_err());
        assert!(from(&clients, "192.0.2.1", later(30)).is_ok());
        let messages = [0, 0, 0, 0, 19, 20, 21, 200, 200, 200, 200];
        let taken = messages.map(|seconds| permit.message(later(seconds)));
        assert_eq!(taken, [true, true, true, false, false, true, false, true, true, true, false]);
        assert!((0..1000).all(|_| permit.recipient(now)));
        // Those who are trusted.
        let mut trusted = Clients::enter(&clients).unwrap();
        for _ in 0..10 {
            trusted.is_from("192.0.2.1".parse().unwrap(), false, now).unwrap();
            assert!(trusted.message(now));
        }
    }

    #[test]
    fn those_who_are_quiet_are_forgotten() {
        let now = Instant::now();
        let per_minute = Rates { connections: 10, ..Rates::default() };
        let clients = clients(ListenerLimits { per_minute, ..ListenerLimits::default() });
        let mut permit = Clients::enter(&clients).unwrap();
        for number in 0..3 * ROOM as u128 {
            let now = now + Duration::from_secs(if number < ROOM as u128 { 0 } else { 61 });
            permit.is_from(Ipv6Addr::from_bits(number << 64).into(), true, now).unwrap();
        }
        assert!(clients.known().by_network.len() <= 2 * ROOM + 1);
        drop(permit);
        assert_eq!(clients.known().sessions, 0);
    }
}
