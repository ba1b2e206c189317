//! What an operator says about the associations with a peer, and what holds where nothing is said.

use std::time::Duration;

use serde::Deserialize;

use super::Peer;
use crate::mta::pool::schedule::{BackOff, Isolation, Policy};

/// When associations with a peer are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Associations {
    /// When there is something to transfer.
    #[default]
    OnDemand,
    /// Always.
    Permanent,
}

impl Peer {
    /// What is set, for the pool; `seed` makes the rests of hosts differ from gateway to gateway.
    #[must_use]
    pub fn policy(&self, seed: u64) -> Policy {
        let usual = Policy::default();
        Policy {
            minimum: match self.associations {
                Associations::OnDemand => 0,
                Associations::Permanent => self.minimum_associations,
            },
            maximum: self.maximum_associations,
            urgent_association: self.urgent_association,
            large: self.large_message,
            ageing: self.ageing,
            idle: self.idle_close,
            back_off: BackOff {
                first: self.first_reconnect,
                longest: self.longest_reconnect,
                seed,
                ..usual.back_off
            },
            isolation: Isolation {
                after: self.isolate_after,
                attempts: self.isolation_attempts,
                ..usual.isolation
            },
        }
    }
}

pub(super) const fn one() -> usize {
    1
}

pub(super) const fn one_mebibyte() -> u64 {
    1 << 20
}

pub(super) const fn twice() -> u32 {
    2
}

pub(super) const fn three_attempts() -> u32 {
    3
}

pub(super) const fn one_second() -> Duration {
    Duration::from_secs(1)
}

pub(super) const fn thirty_seconds() -> Duration {
    Duration::from_secs(30)
}

pub(super) const fn two_minutes() -> Duration {
    Duration::from_secs(120)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn where_nothing_is_said_the_pool_does_as_usual() {
        let config = Config::default_with_demo_peer();
        let usual = Policy::default();
        assert_eq!(format!("{:?}", config.peers[0].policy(0)), format!("{usual:?}"));
    }

    #[test]
    fn permanent_associations() {
        let text = "[[peer]]\nname = \"hub\"\naddress = \"[::1]:102\"\n\
             associations = \"permanent\"\nminimum-associations = 2\n";
        let config = Config::parse("pool", text).unwrap_or_else(|report| panic!("{}", report.render()));
        assert_eq!(config.peers[0].policy(0).minimum, 2);
    }
}
