//! For whom a rule counts: everybody, one or more peers, some users.

use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use super::Loader;
use super::pattern::{Party, Pattern, Specificity};

/// One peer, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "the name of a peer, or a list of names")]
pub(super) enum Peers {
    One(String),
    More(Vec<String>),
}

impl Peers {
    /// Their names.
    pub(super) fn into_names(self) -> Vec<String> {
        match self {
            Self::One(peer) => vec![peer],
            Self::More(peers) => peers,
        }
    }
}

/// For whom a rule counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only for messages to or from one of these peers, by the names the operator gave them; empty for all.
    pub peers: Vec<String>,
    /// Only for this user.
    pub user: Option<Pattern>,
}

impl Scope {
    /// Whether a rule counts for these peers and this user. Where no peer is known, rules of peers do not count.
    #[must_use]
    pub fn holds(&self, peers: &[&str], user: &Party) -> bool {
        self.has_peer(peers) && self.user.as_ref().is_none_or(|pattern| pattern.matches(user))
    }

    /// Whether a rule counts for one of these peers, whoever the user is.
    #[must_use]
    pub fn has_peer(&self, peers: &[&str]) -> bool {
        self.peers.is_empty() || peers.iter().any(|peer| self.peers.iter().any(|known| known == peer))
    }

    /// User before peer before everybody; of two users the more specific one.
    #[must_use]
    pub fn specificity(&self) -> (Option<Specificity>, bool) {
        (self.user.as_ref().map(Pattern::specificity), !self.peers.is_empty())
    }

    /// Whether it counts for everybody.
    #[must_use]
    pub const fn is_global(&self) -> bool {
        self.peers.is_empty() && self.user.is_none()
    }

    /// Whether some message is in both.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        let peers = self.peers.is_empty()
            || other.peers.is_empty()
            || self.peers.iter().any(|peer| other.peers.contains(peer));
        peers
            && match (&self.user, &other.user) {
                (Some(one), Some(other)) => one.intersects(other),
                _ => true,
            }
    }
}

impl fmt::Display for Scope {
    /// For explanations: `for @example.com, by hub`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.user {
            None => f.write_str("for everybody")?,
            Some(user) => write!(f, "for {user}")?,
        }
        match self.peers.is_empty() {
            true => Ok(()),
            false => write!(f, ", by {}", self.peers.join(" or ")),
        }
    }
}

impl Loader {
    /// The scope of a rule by its keys `peer` and `user`; `None` if it cannot be read, which is reported.
    pub(super) fn scope(
        &mut self,
        name: &str,
        peers: Option<Peers>,
        user: Option<&Spanned<String>>,
    ) -> Option<Scope> {
        let user = self.pattern_if_any(name, user)?;
        Some(Scope { peers: peers.map(Peers::into_names).unwrap_or_default(), user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_come_before_peers_and_peers_before_everybody() {
        let user = |text: &str| Some(Pattern::parse(text).unwrap());
        let peers = vec!["hub".to_owned()];
        let everybody = Scope::default();
        let of_peer = Scope { peers: peers.clone(), user: None };
        let of_user = Scope { peers: Vec::new(), user: user("@example.com") };
        let of_both = Scope { peers, user: user("@example.com") };
        let of_one = Scope { peers: Vec::new(), user: user("a@example.com") };
        let rising = [&everybody, &of_peer, &of_user, &of_both, &of_one];
        assert!(rising.is_sorted_by(|one, two| one.specificity() < two.specificity()));
        let party = Party::new(Some("a@example.com"), None, &std::collections::BTreeMap::new());
        assert!(rising.iter().all(|scope| scope.holds(&["hub"], &party)));
        let held: Vec<bool> = rising.iter().map(|scope| scope.holds(&[], &party)).collect();
        assert_eq!(held, [true, false, true, false, true]);
    }
}
