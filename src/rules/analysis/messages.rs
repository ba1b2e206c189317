//! Rules about header fields and bodies that never count, or of which it is not said which goes first.

use std::collections::{BTreeMap, HashMap};

use super::super::body::BodyRule;
use super::super::header::{HeaderRule, Target};
use super::super::pattern::Pattern;
use super::super::scope::Scope;
use super::super::traffic::Way;
use super::Analysis;
use super::scopes::{MAXIMUM_RIVALS, by_user, peers_cover, undecided};
use crate::diagnostic::{Code, Diagnostic};

impl<'a> Analysis<'a> {
    /// Header rules of one field of which neither goes first.
    pub(super) fn ambiguous_headers(&mut self) {
        let mut found = Vec::new();
        for (one, other) in self.header_rivals() {
            let alike = one.specificity() == other.specificity() && one.scope != other.scope;
            let differ = one.target != other.target || !(one.keeps_values() && other.keeps_values());
            if alike
                && differ
                && ways_meet(one, other)
                && whens_meet(one, other)
                && let Some(whom) = undecided(&one.scope, &other.scope)
            {
                let shown = format!("for example, {whom} with the field `{}`", one.field);
                found.push((one.rule, other.rule, shown));
            }
        }
        for (one, other, shown) in found {
            self.ambiguous(one, other, "two rules for one field count equally well", shown);
        }
    }

    /// Header rules that another one of the same field always goes before.
    pub(super) fn covered_headers(&mut self, peers: Option<&[&str]>) {
        let mut found = Vec::new();
        let mut told = std::collections::BTreeSet::new();
        for (first, later) in self.header_rivals() {
            if covers(first, later, peers) && told.insert(later.rule) {
                found.push((later, first));
            }
        }
        for (later, first) in found {
            let Some(rule) = self.rules.registry.get(later.rule) else { continue };
            let message = format!("another rule for `{}` counts wherever this one would", later.field);
            let diagnostic =
                Diagnostic::new(Code::Shadowed, &*rule.source, rule.span.clone(), message, "never decides");
            let diagnostic = self.beside_rule(diagnostic, first.rule, "this one goes first");
            let shown = format!("for example, {}: {}", later.field, later.because());
            self.found(
                diagnostic.counterexample(shown).help("of rules for one field the more specific one counts"),
            );
        }
    }

    /// Pairs of rules for one field, the one that goes first before the other.
    fn header_rivals(&self) -> Vec<(&'a HeaderRule, &'a HeaderRule)> {
        let mut by_field: HashMap<String, Vec<&'a HeaderRule>> = HashMap::new();
        for rule in self.rules.headers() {
            by_field.entry(rule.field.to_ascii_lowercase()).or_default().push(rule);
        }
        let mut pairs = Vec::new();
        for rules in by_field.values() {
            for (place, later) in rules.iter().enumerate() {
                pairs.extend(rules.iter().take(place.min(MAXIMUM_RIVALS)).map(|first| (*first, *later)));
            }
        }
        pairs
    }

    /// Rules about bodies that say different things for messages of which neither goes first: the last word would be that of the one
    /// that stands last.
    pub(super) fn ambiguous_bodies(&mut self) {
        let mut found = Vec::new();
        let buckets = by_user(self.rules.bodies().iter().map(|rule| (&rule.scope, rule)));
        for rules in buckets.into_values() {
            // Of many rules for peers only those for the same peer can contradict each other.
            let mut by_peer: BTreeMap<&str, Vec<(&Scope, &BodyRule)>> = BTreeMap::new();
            for (scope, rule) in rules {
                let peers = scope.peers.iter().map(String::as_str);
                let peers: Vec<&str> = if scope.peers.is_empty() { vec![""] } else { peers.collect() };
                peers.into_iter().for_each(|peer| by_peer.entry(peer).or_default().push((scope, rule)));
            }
            for rules in by_peer.into_values() {
                for (place, (scope, later)) in rules.iter().enumerate() {
                    for (other, earlier) in rules.iter().take(place.min(MAXIMUM_RIVALS)) {
                        if scope != other
                            && earlier.contradicts(later)
                            && let Some(whom) = undecided(other, scope)
                        {
                            found.push((earlier.rule, later.rule, format!("for example, {whom}")));
                        }
                    }
                }
            }
        }
        found.sort();
        found.dedup_by_key(|(one, other, _)| (*one, *other));
        for (one, other, shown) in found {
            self.ambiguous(one, other, "two rules about bodies have the last word equally well", shown);
        }
    }
}

/// Whether a rule counts wherever another one does.
fn covers(one: &HeaderRule, other: &HeaderRule, peers: Option<&[&str]>) -> bool {
    let who = |one: &Option<Pattern>, other: &Option<Pattern>| match (one, other) {
        (None, _) => true,
        (Some(one), Some(other)) => one.covers(other),
        (Some(_), None) => false,
    };
    let field = match (&one.when.field, &other.when.field) {
        (None, _) => true,
        (Some((name, value)), Some((of, wanted))) => {
            name.eq_ignore_ascii_case(of) && (value.is_none() || value == wanted)
        }
        (Some(_), None) => false,
    };
    // A rule that takes only some values leaves the others.
    let takes_all = match &one.target {
        Target::Constant(_) | Target::Nothing => true,
        Target::Heading(_) => one.keeps_values(),
        Target::Extension(..) => false,
    };
    [Way::ToX400, Way::ToInternet].into_iter().all(|way| one.has_way(way) || !other.has_way(way))
        && takes_all
        && field
        && who(&one.when.from, &other.when.from)
        && who(&one.when.to, &other.when.to)
        && who(&one.scope.user, &other.scope.user)
        && peers_cover(&one.scope.peers, &other.scope.peers, peers)
}

fn ways_meet(one: &HeaderRule, other: &HeaderRule) -> bool {
    [Way::ToX400, Way::ToInternet].into_iter().any(|way| one.has_way(way) && other.has_way(way))
}

fn whens_meet(one: &HeaderRule, other: &HeaderRule) -> bool {
    let who = |one: &Option<Pattern>, other: &Option<Pattern>| match (one, other) {
        (Some(one), Some(other)) => one.intersects(other),
        _ => true,
    };
    let field = match (&one.when.field, &other.when.field) {
        (Some((one, Some(value))), Some((other, Some(wanted)))) => {
            !one.eq_ignore_ascii_case(other) || value == wanted
        }
        _ => true,
    };
    field && who(&one.when.from, &other.when.from) && who(&one.when.to, &other.when.to)
}
