//! What is wrong with rules of which each by itself is right: some never decide, some decide equally well, some lead round in a
//! circle, some do not lead back.
//!
//! Errors are found when rules are loaded ([`Loader::refuse_what_cannot_work`]), so that a set that has one is never used. The rest is for
//! whoever checks a set ([`Rules::analyse`]). Each file here is a family of findings:
//!
//! * `names`: what is mapped to the gateway's own names, or to what carries an Internet address;
//! * `cover`: rules that never decide, and rules that say what another says already;
//! * `circles`: rules that lead round;
//! * `policies`, `messages`, `routes`: the same of rules that are not about addresses;
//! * `scopes`: rules of which neither goes before the other;
//! * `templates`: templates that take each other's addresses, found by trying.
//!
//! No rule is compared with every other one: each looks for its rivals in the tables that lookups use, so that time grows with the
//! number of rules.

use std::collections::{BTreeMap, BTreeSet};

use super::Rules;
use super::loader::Loader;
use super::mcgam::Place;
use super::registry::RuleNumber;
use crate::diagnostic::{Code, Diagnostic};

mod circles;
mod cover;
mod facts;
mod messages;
mod names;
mod policies;
mod routes;
mod scopes;
mod templates;

/// Findings of one code that are shown; a mistake of a script that made the rules is told as well by the first.
const MAXIMUM_OF_A_CODE: usize = 20;

/// Rules being looked through.
struct Analysis<'a> {
    rules: &'a Rules,
    found: Vec<Diagnostic>,
}

impl Loader {
    /// What keeps rules from being used although each can be read.
    pub(super) fn refuse_what_cannot_work(&mut self) {
        let mut analysis = Analysis { rules: &self.rules, found: Vec::new() };
        analysis.encapsulated();
        analysis.own_gateway();
        analysis.ambiguous_headers();
        analysis.ambiguous_bodies();
        analysis.ambiguous_routes();
        analysis.circles_of_routes();
        analysis.ambiguous_scopes();
        analysis.ambiguous_templates();
        analysis.encapsulated_templates();
        // Where every mapping leads back there is no circle.
        if self.diagnostics.iter().any(|one| one.code == Code::OneWay) {
            analysis.circles_of_mappings();
        }
        let found = analysis.finish();
        // What goes round in a circle maps one way only, of course.
        let circles = found.iter().filter(|one| one.code == Code::Circle);
        let places: BTreeSet<(&str, usize)> = circles
            .flat_map(|one| {
                let related = one.related.iter().map(|place| (place.source.as_str(), place.span.start));
                related.chain(std::iter::once((one.source.as_str(), one.span.start)))
            })
            .collect();
        self.diagnostics.retain(|one| {
            one.code != Code::OneWay || !places.contains(&(one.source.as_str(), one.span.start))
        });
        self.diagnostics.extend(found);
        self.encapsulated_pairs();
    }

    /// Exact pairs for addresses that carry an Internet address.
    fn encapsulated_pairs(&mut self) {
        let carries = |or: &str| {
            // Each of their types has these digits; what a million pairs have none of need not be read.
            let address = or.contains("822").then(|| super::pairs::canonical::address(or)).flatten();
            address.and_then(|address| names::carrier(&address))
        };
        let found: Vec<Diagnostic> = self
            .rules
            .pairs
            .iter()
            .filter_map(|(pair, _)| Some((pair.rule, pair.line, carries(pair.or)?)))
            .take(MAXIMUM_OF_A_CODE)
            .map(|(rule, line, kind)| {
                let (source, span) = self.place_of_pair(rule, line);
                let message = format!("the attribute `{kind}` holds an Internet address");
                Diagnostic::new(Code::Encapsulated, source, span, message, "stands for that address already")
                    .help("leave the attribute out, or the whole pair: what is carried there is taken out anyway")
            })
            .collect();
        self.diagnostics.extend(found);
    }
}

impl Rules {
    /// What should make an operator think twice, although the rules can be used; nothing worse than warnings. `peers` are the
    /// names of those there are, if that is known.
    #[must_use]
    pub fn analyse(&self, peers: Option<&[&str]>) -> Vec<Diagnostic> {
        let mut analysis = Analysis { rules: self, found: Vec::new() };
        analysis.own_names();
        analysis.covered();
        analysis.policies(peers);
        analysis.covered_headers(peers);
        analysis.covered_routes();
        analysis.probe_templates();
        analysis.own_names_of_templates();
        analysis.finish()
    }

    /// A note about each rule that no example used.
    #[must_use]
    pub fn without_examples(&self) -> Vec<Diagnostic> {
        let rules = self.coverage().without.into_iter().filter_map(|number| self.registry.get(number));
        rules
            .map(|rule| {
                let message = format!("no example uses {rule}");
                Diagnostic::new(Code::NoExample, &*rule.source, rule.span.clone(), message, "")
                    .help("give it `example = [{ internet = \"…\", x400 = \"…\" }]`: examples are run whenever the rules are loaded")
            })
            .collect()
    }
}

impl<'a> Analysis<'a> {
    /// A finding at an entry of a table or a row of a rule file.
    fn at(
        &self,
        code: Code,
        place: &Place,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Diagnostic {
        let (source, _) = self.rules.place(place);
        Diagnostic::new(code, &*source, place.span.clone(), message, label)
    }

    /// The same with another entry that has to do with it.
    fn beside(&self, diagnostic: Diagnostic, place: &Place, label: impl Into<String>) -> Diagnostic {
        let (source, _) = self.rules.place(place);
        diagnostic.related(&*source, place.span.clone(), label)
    }

    /// The same with another rule that has to do with it.
    fn beside_rule(&self, diagnostic: Diagnostic, rule: RuleNumber, label: impl Into<String>) -> Diagnostic {
        match self.rules.registry.get(rule) {
            Some(rule) => diagnostic.related(&*rule.source, rule.span.clone(), label),
            None => diagnostic,
        }
    }

    /// Two rules of which neither goes first.
    fn ambiguous(&mut self, first: RuleNumber, second: RuleNumber, message: &str, shown: String) {
        let Some(later) = self.rules.registry.get(second) else { return };
        let diagnostic =
            Diagnostic::new(Code::Ambiguous, &*later.source, later.span.clone(), message, "this one");
        let diagnostic = self.beside_rule(diagnostic, first, "and this one");
        self.found(diagnostic.counterexample(shown).help(
            "the order of rules means nothing: make one more specific, or say with `peer`, `user` or a direction when it counts",
        ));
    }

    fn found(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// In the order of the files; of many of a kind the first, and how many there are.
    fn finish(self) -> Vec<Diagnostic> {
        let mut found = self.found;
        found.sort_by(|one, two| {
            (&one.source, one.span.start, one.code).cmp(&(&two.source, two.span.start, two.code))
        });
        // A row of both directions may be at fault in both.
        let mut seen = BTreeSet::new();
        found.retain(|one| seen.insert((one.code, one.source.clone(), one.span.start)));
        let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
        found.iter().for_each(|one| *counts.entry(one.code).or_default() += 1);
        let mut shown: BTreeMap<Code, usize> = BTreeMap::new();
        found.retain_mut(|one| {
            let number = shown.entry(one.code).or_default();
            *number += 1;
            let more = counts.get(&one.code).map_or(0, |count| count.saturating_sub(MAXIMUM_OF_A_CODE));
            if *number == MAXIMUM_OF_A_CODE && more > 0 {
                one.help = Some(format!("{more} more are like this"));
            }
            *number <= MAXIMUM_OF_A_CODE
        });
        found
    }
}
