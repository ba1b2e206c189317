//! What an operator says about an MTA that messages are transferred to.

use std::time::Duration;

use rasn_x400::x411::trace::GlobalDomainIdentifier;
use serde::Deserialize;

use super::pool::{
    Associations, one, one_mebibyte, one_second, thirty_seconds, three_attempts, twice, two_minutes,
};
use super::{PeerTls, Selector, duration, management_domain};
use crate::mixer::settings::Military;
use crate::mta::bind::{PasswordForm, Wrapper};
use crate::mta::network::Network;
use crate::mta::relay::downgrade::Unsupported;
use crate::osi::stack::Mode;
use crate::quirk::Quirk;

/// An MTA that messages are transferred to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Peer {
    /// What the operator calls it.
    pub name: String,
    /// Host name or address, and port.
    pub address: String,
    /// Further hosts of this peer, tried in order while those before them do not answer.
    #[serde(default)]
    pub alternates: Vec<String>,
    /// Whether it speaks TLS: `off`, `required`, or a table of settings. Must be said unless it is on this machine.
    pub tls: Option<PeerTls>,
    /// Transport selector to call, as text or `0x` and hexadecimal digits.
    #[serde(default)]
    pub transport_selector: Selector,
    /// Session selector to call.
    #[serde(default)]
    pub session_selector: Selector,
    /// Presentation selector to call.
    #[serde(default)]
    pub presentation_selector: Selector,
    /// Our own transport selector towards this peer.
    #[serde(default)]
    pub calling_transport_selector: Selector,
    /// Our own session selector towards this peer.
    #[serde(default)]
    pub calling_session_selector: Selector,
    /// Our own presentation selector towards this peer.
    #[serde(default)]
    pub calling_presentation_selector: Selector,
    /// What is spoken: `normal`, `x410-1988` or `x410-1984`.
    #[serde(default)]
    pub mode: Mode,
    /// What this peer wants otherwise than the standards have it.
    #[serde(default)]
    pub quirks: Vec<Quirk>,
    /// What is not tolerated of this peer.
    #[serde(default)]
    pub strict: Vec<Quirk>,
    /// The MTA name we give this peer, if not the gateway's.
    pub our_name: Option<String>,
    /// The password we give this peer.
    pub our_password: Option<String>,
    /// Whether we bind without name and password.
    #[serde(default)]
    pub null_bind: bool,
    /// What stands around the bind: `usual`, `bare` or `wrapped`.
    #[serde(default)]
    pub bind_wrapper: Wrapper,
    /// How the password travels: `usual`, `octets` or `characters`.
    #[serde(default)]
    pub password_form: PasswordForm,
    /// The MTA name we expect of this peer; without one any name will do.
    pub their_name: Option<String>,
    /// The management domain this peer belongs to: the trace of a message says so that could not be transferred to it and
    /// went another way.
    pub their_domain: Option<String>,
    /// The password we expect of this peer.
    pub their_password: Option<String>,
    /// The transport selector that this peer calls with.
    #[serde(default)]
    pub their_transport_selector: Selector,
    /// The session selector that this peer calls with.
    #[serde(default)]
    pub their_session_selector: Selector,
    /// The presentation selector that this peer calls with.
    #[serde(default)]
    pub their_presentation_selector: Selector,
    /// Where this peer calls from; without any, from anywhere.
    #[serde(default)]
    pub networks: Vec<Network>,
    /// `on-demand`, or `permanent`: some are open always.
    #[serde(default)]
    pub associations: Associations,
    /// How many those are.
    #[serde(default = "one")]
    pub minimum_associations: usize,
    /// Associations at the same time.
    #[serde(default = "four")]
    pub maximum_associations: usize,
    /// Whether an urgent message may have one more when all are busy.
    #[serde(default)]
    pub urgent_association: bool,
    /// Messages of so many octets leave one association to smaller ones.
    #[serde(default = "one_mebibyte")]
    pub large_message: u64,
    /// How much later a message counts as having come than one of the next higher priority.
    #[serde(default = "ten_minutes", with = "duration")]
    pub ageing: Duration,
    /// The TCP connection, and TLS on it, may take so long.
    #[serde(default = "thirty_seconds", with = "duration")]
    pub connect_timeout: Duration,
    /// A host that fails rests so long; doubled at each failure.
    #[serde(default = "one_second", with = "duration")]
    pub first_reconnect: Duration,
    /// At most so long.
    #[serde(default = "two_minutes", with = "duration")]
    pub longest_reconnect: Duration,
    /// A message under which more associations ended is set apart, and tried alone.
    #[serde(default = "twice")]
    pub isolate_after: u32,
    /// After so many associations of its own it is given up.
    #[serde(default = "three_attempts")]
    pub isolation_attempts: u32,
    /// `monologue` or `two-way-alternate`.
    #[serde(default)]
    pub dialogue: Dialogue,
    /// Octets between checkpoints, in units of 1024.
    #[serde(default = "sixty")]
    pub checkpoint_size: u16,
    /// Checkpoints that may be unconfirmed at the same time.
    #[serde(default = "three")]
    pub window: u16,
    /// Largest TPDU in octets.
    #[serde(default = "largest_tpdu")]
    pub tpdu_size: usize,
    /// An association without work is closed after so long.
    #[serde(default = "one_minute", with = "duration")]
    pub idle_close: Duration,
    /// Whether an association that was lost goes on itself, without a bind, where the peer lets it (X.228 7.8). Else a new one
    /// is opened, and the message goes on there.
    #[serde(default)]
    pub recover: bool,
    /// One transfer may take so long.
    #[serde(default = "ten_minutes", with = "duration")]
    pub transfer_timeout: Duration,
    /// Whether we hold what this peer sends until its deferred delivery time, as agreed with it. What was submitted in our
    /// own domain is always held.
    #[serde(default)]
    pub hold_deferred: bool,
    /// Whether this peer reports what becomes of messages; where it does not, who asked for that hears that the message was passed
    /// on.
    #[serde(default = "yes")]
    pub reports: bool,
    /// For a peer of 1984: what becomes of body parts of 1988 that nothing of 1984 stands for, `replace` (a text says what
    /// was there) or `refuse` (the message is not delivered).
    #[serde(default)]
    pub unsupported_bodies: Unsupported,
    /// When a mail that goes there becomes a military message; without it what `[convert]` says.
    pub military: Option<Military>,
}

impl Peer {
    /// The management domain it belongs to; `None` if none is given or it cannot be read.
    #[must_use]
    pub fn management_domain(&self) -> Option<GlobalDomainIdentifier> {
        self.their_domain.as_deref().and_then(management_domain)
    }
}

const fn four() -> usize {
    4
}

const fn yes() -> bool {
    true
}

const fn sixty() -> u16 {
    60
}

const fn three() -> u16 {
    3
}

const fn largest_tpdu() -> usize {
    65_531
}

const fn one_minute() -> Duration {
    Duration::from_secs(60)
}

const fn ten_minutes() -> Duration {
    Duration::from_secs(600)
}

/// Who may send on an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Dialogue {
    /// Only the side that opened it.
    #[default]
    Monologue,
    /// Both, in turn.
    TwoWayAlternate,
}
impl super::Config {
    /// What the operator calls the peer with this MTA name, or the only peer if its name is not known.
    #[must_use]
    pub fn peer_called(&self, mta_name: &str) -> Option<&str> {
        let names = self.peers.iter().map(|peer| (peer.name.as_str(), peer.their_name.as_deref()));
        called(names, mta_name)
    }
}

/// Of peers, each by what the operator calls it and what it calls itself, the one with this MTA name, or the only one if its
/// name is not known.
pub(crate) fn called<'a>(
    peers: impl Iterator<Item = (&'a str, Option<&'a str>)> + Clone,
    mta_name: &str,
) -> Option<&'a str> {
    let is_named =
        |(_, known): &(&str, Option<&str>)| known.is_some_and(|known| known.eq_ignore_ascii_case(mta_name));
    let mut all = peers.clone();
    let named = all.find(is_named).map(|(name, _)| name);
    named.or_else(|| {
        let mut all = peers;
        match (all.next(), all.next()) {
            (Some((name, None)), None) => Some(name),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::called;

    #[test]
    fn a_peer_is_known_by_its_mta_name_and_the_only_one_without() {
        // what the peers are called and call themselves, an MTA name, whose it is
        for (peers, name, expected) in [
            (&[("hub", Some("HUB-MTA")), ("old", None)][..], "hub-mta", Some("hub")),
            (&[("hub", Some("HUB-MTA")), ("old", None)], "other", None),
            (&[("hub", None)], "other", Some("hub")),
            (&[("hub", Some("HUB-MTA"))], "other", None),
            // A name of no letters is no peer's that has none.
            (&[("hub", None), ("old", None)], "", None),
            (&[], "other", None),
        ] {
            assert_eq!(called(peers.iter().copied(), name), expected, "{peers:?} {name}");
        }
    }
}
