//! Rules about one thing whose scopes overlap: neither goes before the other, and they say different things.

use std::collections::{BTreeMap, HashMap};

use super::super::mcgam::Kind;
use super::super::registry::RuleNumber;
use super::super::scope::Scope;
use super::Analysis;
use super::facts::Fact;

/// Rules with which one is compared, of those about the same thing.
pub(super) const MAXIMUM_RIVALS: usize = 64;

impl Analysis<'_> {
    /// Mappings and pairs of one key for overlapping peers or users.
    pub(super) fn ambiguous_scopes(&mut self) {
        if !self.rules.registry.has_scopes() {
            return;
        }
        for kind in [Kind::DomainToOr, Kind::OrToDomain, Kind::GatewayAddress, Kind::GatewayDomain] {
            let mut by_key: HashMap<&str, Vec<Fact<'_>>> = HashMap::new();
            let scoped =
                self.entries(kind).filter(|entry| !self.rules.registry.scope(entry.place.rule).is_global());
            let scoped: Vec<Fact<'_>> = scoped.collect();
            for entry in scoped {
                by_key.entry(entry.normal).or_default().push(entry);
            }
            let mut found = Vec::new();
            for entries in by_key.values() {
                for (number, later) in entries.iter().enumerate() {
                    for earlier in entries.iter().take(number.min(MAXIMUM_RIVALS)) {
                        let differ = !earlier.target.eq_ignore_ascii_case(later.target);
                        if differ && let Some(whom) = self.undecided(earlier.place.rule, later.place.rule) {
                            let shown = format!(
                                "for example, {whom} has `{}` as `{}` and as `{}`",
                                later.key, earlier.target, later.target
                            );
                            found.push((earlier.place.rule, later.place.rule, shown));
                        }
                    }
                }
            }
            for (earlier, later, shown) in found {
                self.ambiguous(earlier, later, "two rules map one key for overlapping scopes", shown);
            }
        }
        self.ambiguous_pairs();
    }

    fn ambiguous_pairs(&mut self) {
        let mut by_mailbox: HashMap<String, Vec<(RuleNumber, &str)>> = HashMap::new();
        let mut by_address: HashMap<String, Vec<(RuleNumber, &str)>> = HashMap::new();
        for (pair, directions) in self.rules.pairs.iter() {
            if self.rules.registry.scope(pair.rule).is_global() {
                continue;
            }
            if directions.to_x400 {
                by_mailbox.entry(pair.mailbox.to_ascii_lowercase()).or_default().push((pair.rule, pair.or));
            }
            if directions.to_internet {
                by_address.entry(pair.or.to_ascii_lowercase()).or_default().push((pair.rule, pair.mailbox));
            }
        }
        let mut found = Vec::new();
        for (key, entries) in by_mailbox.iter().chain(&by_address) {
            for (number, later) in entries.iter().enumerate() {
                for earlier in entries.iter().take(number.min(MAXIMUM_RIVALS)) {
                    let differ = !earlier.1.eq_ignore_ascii_case(later.1);
                    if differ && let Some(whom) = self.undecided(earlier.0, later.0) {
                        let shown = format!(
                            "for example, {whom} has `{key}` as `{}` and as `{}`",
                            earlier.1, later.1
                        );
                        found.push((earlier.0, later.0, shown));
                    }
                }
            }
        }
        for (earlier, later, shown) in found {
            self.ambiguous(
                earlier,
                later,
                "two exact pairs are for one address and overlapping scopes",
                shown,
            );
        }
    }

    /// For whom neither of two rules goes before the other, if there is somebody.
    pub(super) fn undecided(&self, one: RuleNumber, other: RuleNumber) -> Option<String> {
        let (one, other) = (self.rules.registry.scope(one), self.rules.registry.scope(other));
        undecided(one, other)
    }
}

/// For whom neither of two scopes goes before the other, if there is somebody.
pub(super) fn undecided(one: &Scope, other: &Scope) -> Option<String> {
    if one.specificity() != other.specificity() || !one.intersects(other) {
        return None;
    }
    let peer = one.peers.iter().find(|peer| other.peers.contains(peer));
    Some(match (peer, &one.user, &other.user) {
        (Some(peer), ..) => format!("a message of the peer `{peer}`"),
        (None, Some(one), Some(other)) => format!("somebody who is both `{one}` and `{other}`"),
        _ => "a message".to_owned(),
    })
}

/// Whether rules for some peers count wherever rules for others do. If all peers there are are among them, they count always.
pub(super) fn peers_cover(one: &[String], other: &[String], known: Option<&[&str]>) -> bool {
    let has = |peer: &str| one.iter().any(|known| known == peer);
    match (one.is_empty(), other.is_empty()) {
        (true, _) => true,
        (false, true) => known.is_some_and(|known| !known.is_empty() && known.iter().all(|peer| has(peer))),
        (false, false) => other.iter().all(|peer| has(peer)),
    }
}

/// Rules that can have somebody in common, if their scopes are as specific: those with the same hierarchy or domain.
pub(super) fn by_user<'a, T>(
    items: impl Iterator<Item = (&'a Scope, T)>,
) -> BTreeMap<String, Vec<(&'a Scope, T)>> {
    let mut buckets: BTreeMap<String, Vec<(&'a Scope, T)>> = BTreeMap::new();
    for (scope, item) in items {
        let key = scope.user.as_ref().map_or_else(String::new, |user| user.bucket());
        buckets.entry(key).or_default().push((scope, item));
    }
    buckets
}
