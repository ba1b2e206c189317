//! Policies that never decide, and policies that allow what nobody refuses.

use std::collections::HashMap;

use super::super::pattern::Pattern;
use super::super::policy::{Action, Policy};
use super::super::traffic::Way;
use super::Analysis;
use super::scopes::{MAXIMUM_RIVALS, peers_cover};
use crate::diagnostic::{Code, Diagnostic};

/// Comparisons of policies that allow with policies that refuse. More are made only by sets in which nearly all refuse something else
/// than is allowed.
const MAXIMUM_COMPARISONS: usize = 5_000_000;

impl Analysis<'_> {
    /// A policy that covers another one and goes before it has the same senders and recipients, since more of them would make it less
    /// specific.
    pub(super) fn policies(&mut self, peers: Option<&[&str]>) {
        let rules = self.rules;
        let mut groups: HashMap<(String, String), Vec<&Policy>> = HashMap::new();
        let key = |pattern: &Option<Pattern>| pattern.as_ref().map_or_else(String::new, Pattern::key);
        let mut found = Vec::new();
        for policy in rules.policies().iter() {
            let before = groups.entry((key(&policy.from), key(&policy.to))).or_default();
            if let Some(taker) = before.iter().take(MAXIMUM_RIVALS).find(|taker| covers(taker, policy, peers))
            {
                found.push((policy, taker.rule, taker.action));
            }
            before.push(policy);
        }
        for (policy, taker, action) in found {
            let Some(rule) = rules.registry.get(policy.rule) else { continue };
            let message = format!("another policy decides all that this one is about: {action}");
            let diagnostic =
                Diagnostic::new(Code::Shadowed, &*rule.source, rule.span.clone(), message, "never decides");
            let diagnostic = self.beside_rule(diagnostic, taker, "this one decides");
            let shown = format!("for example, a message {}", policy.because());
            self.found(diagnostic.counterexample(shown).help(
                "the more specific policy decides, of as specific ones the one that refuses; say more here, or less there",
            ));
        }
        self.allowed_anyway();
    }

    /// What no policy refuses is allowed, so that who allows something and refuses nothing changes nothing.
    fn allowed_anyway(&mut self) {
        let rules = self.rules;
        let all: Vec<&Policy> = rules.policies().iter().collect();
        let mut comparisons = 0;
        let mut found = Vec::new();
        for (place, policy) in all.iter().enumerate().filter(|(_, policy)| policy.action == Action::Allow) {
            let refused = all.iter().skip(place + 1).rev().find(|other| {
                comparisons += 1;
                other.action == Action::Refuse && meet(policy, other)
            });
            if comparisons > MAXIMUM_COMPARISONS {
                break;
            }
            if refused.is_none() {
                found.push(*policy);
            }
        }
        for policy in found {
            let Some(rule) = rules.registry.get(policy.rule) else { continue };
            let message = "nothing that this policy allows is refused by a less specific one";
            let diagnostic = Diagnostic::new(
                Code::Redundant,
                &*rule.source,
                rule.span.clone(),
                message,
                "changes nothing",
            );
            let shown = format!("for example, a message {} may pass without it", policy.because());
            self.found(diagnostic.counterexample(shown).help(
                "what is not refused is allowed; if only this is to be allowed, add a policy with `action = \"refuse\"` for the rest",
            ));
        }
    }
}

/// Whether a policy is about all messages that another one is about.
fn covers(one: &Policy, other: &Policy, peers: Option<&[&str]>) -> bool {
    let ways = [Way::ToX400, Way::ToInternet, Way::Relay]
        .into_iter()
        .all(|way| one.has_way(way) || !other.has_way(way));
    let kinds = one.content_types.is_empty()
        || !other.content_types.is_empty()
            && other.content_types.iter().all(|kind| one.content_types.contains(kind));
    let has = |label: &String| one.labels.iter().any(|known| known.eq_ignore_ascii_case(label));
    let labels = one.labels.is_empty() || !other.labels.is_empty() && other.labels.iter().all(has);
    ways && kinds
        && labels
        && one.larger_than.unwrap_or(0) <= other.larger_than.unwrap_or(0)
        && (one.larger_than.is_none() || other.larger_than.is_some())
        && peers_cover(&one.peers, &other.peers, peers)
}

/// Whether some message is what both policies are about.
fn meet(one: &Policy, other: &Policy) -> bool {
    let who = |one: &Option<Pattern>, other: &Option<Pattern>| match (one, other) {
        (Some(one), Some(other)) => one.intersects(other),
        _ => true,
    };
    let ways = [Way::ToX400, Way::ToInternet, Way::Relay]
        .into_iter()
        .any(|way| one.has_way(way) && other.has_way(way));
    let peers = one.peers.is_empty()
        || other.peers.is_empty()
        || one.peers.iter().any(|peer| other.peers.contains(peer));
    let kinds = one.content_types.is_empty()
        || other.content_types.is_empty()
        || one.content_types.iter().any(|kind| other.content_types.contains(kind));
    ways && peers && kinds && who(&one.from, &other.from) && who(&one.to, &other.to)
}
