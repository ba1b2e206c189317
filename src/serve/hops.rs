//! The peers that messages go to: what is known of each, and its associations.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use rasn_x400::ber::Error;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::edition1984::Lost;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use tokio::task::JoinSet;

use super::relay::Arrivals;
use super::watching::X400;
use crate::config::Config;
use crate::config::peer::called;
use crate::mixer::settings::Military;
use crate::mta::pool::{Message, Pool, PoolState, TransferError};
use crate::mta::relay::downgrade::{Policy, Unsupported};
use crate::mta::relay::{Context, Copy, Undeliverable, downgrade};
use crate::mta::trace::{Attempt, Identity};
use crate::queue::entry::{Entry, Origin};
use crate::quirk::Quirks;

/// The peers and the way to them.
pub(super) struct Hops {
    peers: BTreeMap<String, Hop>,
    us: Identity,
    /// The address under which this gateway is reached from 1984.
    relay: Option<OrName>,
}

/// One peer.
struct Hop {
    pool: Pool,
    /// What it calls itself, if that is known.
    mta_name: Option<String>,
    /// Its management domain, if that is known.
    domain: Option<GlobalDomainIdentifier>,
    /// How what goes there is written.
    quirks: Quirks,
    /// Whether it speaks P1 of 1984.
    is_1984: bool,
    /// What becomes of body parts then that nothing of 1984 stands for.
    unsupported: Unsupported,
    /// When a mail that goes there becomes a military message, if not as everywhere.
    military: Option<Military>,
    /// Whether it reports what becomes of messages.
    reports: bool,
    /// Whether we hold what it sends until the time its originator named.
    holds_deferred: bool,
}

impl Hop {
    /// What the trace says of it, should it not be reached; `called` is what the operator calls it.
    fn attempt(&self, called: &str) -> Attempt {
        let name = self.mta_name.as_deref().unwrap_or(called);
        let mta_name = name.chars().map(|c| if c.is_ascii() { c } else { '?' }).take(MTA_NAME).collect();
        Attempt { mta_name, domain: self.domain.clone() }
    }
}

/// Characters of an MTA name (X.411 `ub-mta-name-length`).
const MTA_NAME: usize = 32;

/// How a peer is, for operators.
#[derive(Debug, Clone)]
pub(crate) struct PeerState {
    /// What the operator calls it.
    pub(crate) name: String,
    /// What it calls itself, if that is known.
    pub(crate) mta_name: Option<String>,
    /// What is spoken with it.
    pub(crate) mode: String,
    /// Whether TLS is.
    pub(crate) tls: bool,
    /// Its hosts, and what waits.
    pub(crate) pool: PoolState,
}

/// What became of a copy: the peer that has it and how many octets there were, or why nobody has.
pub(super) type Sent = Result<(String, u64), TransferError>;

impl Hops {
    /// The peers of the configuration, with the pool of each in the same order.
    pub(super) fn new(config: &Config, domain: &GlobalDomainIdentifier, pools: Vec<Pool>) -> Self {
        let hop = |(peer, pool): (&crate::config::Peer, Pool)| Hop {
            pool,
            mta_name: peer.their_name.clone(),
            domain: peer.management_domain(),
            quirks: Quirks::new(&peer.strict, &peer.quirks),
            is_1984: peer.mode.is_1984(),
            unsupported: peer.unsupported_bodies,
            military: peer.military,
            reports: peer.reports,
            holds_deferred: peer.hold_deferred,
        };
        Self {
            peers: config
                .peers
                .iter()
                .zip(pools)
                .map(|(peer, pool)| (peer.name.clone(), hop((peer, pool))))
                .collect(),
            us: config.identity(domain.clone()),
            relay: config.x400.relay_name(),
        }
    }

    /// How each peer is.
    pub(super) fn states(&self) -> Vec<PeerState> {
        let state = |(name, hop): (&String, &Hop)| {
            let (tls, mode) = hop.pool.speaks();
            let mta_name = hop.mta_name.clone();
            PeerState { name: name.clone(), mta_name, mode: mode.to_string(), tls, pool: hop.pool.state() }
        };
        self.peers.iter().map(state).collect()
    }

    /// Takes what peers send over associations that this gateway opened.
    pub(super) fn take_messages(&self, config: &Config, arrivals: impl Fn() -> Arrivals) {
        for hop in self.peers.values() {
            hop.pool.take_messages(
                arrivals(),
                config.x400.maximum_message_size,
                super::inbound::suspended(config),
            );
        }
    }

    /// Who we are in a trace.
    pub(super) const fn us(&self) -> &Identity {
        &self.us
    }

    /// The address under which this gateway is reached from 1984.
    pub(super) const fn relay(&self) -> Option<&OrName> {
        self.relay.as_ref()
    }

    /// Whether there is nobody to transfer anything to.
    pub(super) fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// What the operator calls the peer with this MTA name, or the only peer if its name is not known.
    pub(super) fn peer_called(&self, mta_name: &str) -> Option<&str> {
        let names = self.peers.iter().map(|(name, hop)| (name.as_str(), hop.mta_name.as_deref()));
        called(names, mta_name)
    }

    /// What the operator calls the peers.
    pub(super) fn names(&self) -> Vec<&str> {
        self.peers.keys().map(String::as_str).collect()
    }

    /// The side that messages of an MTA of this name come from, and what the operator calls it, for counters and events.
    pub(super) fn side_of(&self, mta_name: &str) -> (&'static str, &str) {
        (X400, self.peer_called(mta_name).unwrap_or("other"))
    }

    /// The peer that an entry came from, if it is one that is known.
    pub(super) fn peer_of_entry(&self, entry: &Entry) -> Option<&str> {
        match &entry.origin {
            Origin::P1 { mta } => self.peer_called(mta),
            Origin::Local | Origin::Smtp { .. } | Origin::Http { .. } => None,
        }
    }

    /// of the copies of the message of this name, those that their next hops can be told, and for whom the others were.
    /// A hop that cannot be told is left out where there is another one. What an MTA of 1984 is not told is in the log.
    ///
    /// # Errors
    /// The content cannot be read now.
    pub(super) async fn downgradable(
        &self,
        name: &str,
        copies: Vec<Copy>,
    ) -> io::Result<(Vec<Copy>, Vec<(u32, Undeliverable)>)> {
        let (mut possible, mut failed) = (Vec::with_capacity(copies.len()), Vec::new());
        for mut copy in copies {
            // Where several are of 1984, the first one decides.
            let Some(hop) = self.hops_of(&copy).find(|hop| hop.is_1984) else {
                possible.push(copy);
                continue;
            };
            let (unsupported, relay) = (hop.unsupported, self.relay.clone());
            let prepared;
            (copy, prepared) = tokio::task::spawn_blocking(move || {
                let policy = Policy { unsupported, relay: relay.as_ref() };
                let prepared = downgrade::prepare(&mut copy, policy);
                (copy, prepared)
            })
            .await
            .map_err(io::Error::other)?;
            match prepared? {
                Ok(lost) => {
                    for Lost { place, what } in lost {
                        tracing::info!(queue_id = name, %place, what, "left out for an MTA of 1984");
                    }
                    possible.push(copy);
                }
                Err(why) => {
                    copy.peers.retain(|peer| self.peers.get(peer).is_some_and(|hop| !hop.is_1984));
                    if copy.peers.is_empty() {
                        failed.extend(copy.recipients.iter().map(|number| (*number, why.clone())));
                    } else {
                        tracing::info!(queue_id = name, why = why.text, "not for the MTA of 1984");
                        possible.push(copy);
                    }
                }
            }
        }
        Ok((possible, failed))
    }

    fn hops_of<'a>(&'a self, copy: &'a Copy) -> impl Iterator<Item = &'a Hop> {
        copy.peers.iter().filter_map(|peer| self.peers.get(peer))
    }

    /// Whether a copy may go to an MTA of 1984.
    pub(super) fn may_be_1984(&self, copy: &Copy) -> bool {
        self.hops_of(copy).any(|hop| hop.is_1984)
    }

    /// When a mail becomes a military message for the peers of a copy: where they differ, the first of them decides.
    pub(super) fn military(&self, copy: &Copy) -> Option<Military> {
        self.hops_of(copy).find_map(|hop| hop.military)
    }

    /// Whether we hold what this peer sends until the time its originator named.
    pub(super) fn holds_deferred(&self, peer: Option<&str>) -> bool {
        peer.and_then(|peer| self.peers.get(peer)).is_some_and(|hop| hop.holds_deferred)
    }

    /// Whether nothing is heard from this peer about what it was given.
    pub(super) fn is_silent(&self, peer: &str) -> bool {
        self.peers.get(peer).is_some_and(|hop| !hop.reports)
    }

    /// Whether any peer would take on a message of this name now.
    ///
    /// # Errors
    /// What the first peer said, if none would.
    pub(super) fn would_take(&self, name: &str) -> Result<(), TransferError> {
        let mut refused = None;
        for hop in self.peers.values() {
            match hop.pool.would_take(name) {
                Ok(()) => return Ok(()),
                Err(error) => refused = refused.or(Some(error)),
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// Whether messages wait for associations.
    pub(super) fn are_busy(&self) -> bool {
        self.peers.values().any(|hop| hop.pool.state().waiting > 0)
    }

    /// Sends every copy of the message of this name, all at a time, each to the first of its peers that can be reached.
    ///
    /// # Errors
    /// [`Error::Unencodable`] before anything was sent; a fault of ours.
    pub(super) async fn send(
        &self,
        name: &str,
        copies: &[Copy],
        context: &Context<'_>,
    ) -> Result<Vec<Sent>, Error> {
        if let [copy] = copies {
            let attempts = self.attempts(name, copy, context)?;
            return Ok(vec![first_reached(attempts, &copy.peers.join(", ")).await]);
        }
        let mut sending = JoinSet::new();
        for (place, copy) in copies.iter().enumerate() {
            let attempts = self.attempts(name, copy, context)?;
            let peers = copy.peers.join(", ");
            sending.spawn(async move { (place, first_reached(attempts, &peers).await) });
        }
        let lost = |copy: &Copy| {
            let (peer, why) = (copy.peers.join(", "), "the transfer ended unexpectedly".to_owned());
            Err(TransferError::NotTaken { peer, why, retry: true, wait: None })
        };
        let mut sent: Vec<Sent> = copies.iter().map(lost).collect();
        while let Some(ended) = sending.join_next().await {
            if let Ok((place, outcome)) = ended
                && let Some(slot) = sent.get_mut(place)
            {
                *slot = outcome;
            }
        }
        Ok(sent)
    }

    /// Whom to try, and with which octets: to a further peer the message says that it was to go to those before.
    fn attempts(
        &self,
        name: &str,
        copy: &Copy,
        context: &Context<'_>,
    ) -> Result<Vec<(Pool, Message)>, Error> {
        let name = match &copy.named {
            None => name.to_owned(),
            Some(named) => format!("{name}.{named}"),
        };
        let mut attempted = Vec::new();
        let mut attempts = Vec::with_capacity(copy.peers.len());
        for peer in &copy.peers {
            let Some(hop) = self.peers.get(peer) else { continue };
            let content = copy.octets(&attempted, hop.quirks, hop.is_1984, context)?;
            let message = Message { priority: copy.priority().into(), ..Message::new(&name, content) };
            attempts.push((hop.pool.clone(), message));
            attempted.push(hop.attempt(peer));
        }
        Ok(attempts)
    }

    /// Closes all associations.
    pub(super) async fn close(&self, patience: Duration) {
        let mut closing = JoinSet::new();
        for hop in self.peers.values() {
            let pool = hop.pool.clone();
            closing.spawn(async move { pool.close(patience).await });
        }
        while closing.join_next().await.is_some() {}
    }
}

/// Only a peer that was not reached is passed over: one that was may have the message.
async fn first_reached(attempts: Vec<(Pool, Message)>, peers: &str) -> Sent {
    let mut last = TransferError::NoAssociation {
        peer: peers.to_owned(),
        why: "there is no such peer".into(),
        advice: String::new(),
        wait: None,
    };
    for (pool, message) in attempts {
        let length = message.content.length();
        match pool.transfer(message).await {
            Ok(()) => return Ok((pool.name().to_owned(), length)),
            Err(error @ TransferError::NoAssociation { .. }) => last = error,
            Err(error) => return Err(error),
        }
    }
    Err(last)
}
