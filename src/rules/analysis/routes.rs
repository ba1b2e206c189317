//! Routes that never decide, of which neither goes first, or that lead round; all of the rule file, by the order in which
//! [`crate::mta::route`] tries them.

use std::collections::HashMap;

use rasn_x400::x411::address::text::KeyedAddress;

use super::super::mcgam::Kind;
use super::super::registry::RuleNumber;
use super::super::route::nowhere;
use super::Analysis;
use super::scopes::MAXIMUM_RIVALS;
use crate::diagnostic::{Code, Diagnostic};
use crate::mta::route::attributes::{Attributes, Countries};
use crate::mta::route::{Action, Reason, Rule, Table, Traits};

/// Redirections that are followed, times routes there are. Each costs a look at every route.
const MAXIMUM_COMPARISONS: usize = 20_000_000;

impl<'a> Analysis<'a> {
    fn attributes(&self) -> Vec<(Attributes, RuleNumber, &'a Rule)> {
        let countries = Countries::new(self.rules.countries());
        let routes = self.rules.routes().iter();
        routes
            .map(|(number, rule)| (Attributes::of_address(&rule.address, &countries), *number, rule))
            .collect()
    }

    /// A route that covers another one and goes before it has the same attributes, as more recipients make it less specific.
    pub(super) fn covered_routes(&mut self) {
        let mut groups: HashMap<String, Vec<(RuleNumber, &Rule)>> = HashMap::new();
        for (attributes, number, rule) in self.attributes() {
            groups.entry(attributes.key()).or_default().push((number, rule));
        }
        let mut found = Vec::new();
        for group in groups.into_values().filter(|group| group.len() > 1) {
            let rivals = group.iter().map(|(_, rule)| Rule::clone(rule)).take(MAXIMUM_RIVALS);
            let table = Table::new(rivals.collect(), &nowhere(), self.rules.countries());
            let number = |place: usize| group.get(place.wrapping_sub(1)).map(|(number, _)| *number);
            for entry in table.entries() {
                if let Some(first) = entry.hidden_by.first()
                    && let (Some(hidden), Some(taker)) = (number(entry.number), number(*first))
                {
                    found.push((hidden, taker, entry.rule.recipients()));
                }
            }
        }
        for (hidden, taker, recipients) in found {
            let Some(rule) = self.rules.registry.get(hidden) else { continue };
            let message = "other routes take all messages of this one";
            let diagnostic =
                Diagnostic::new(Code::Shadowed, &*rule.source, rule.span.clone(), message, "never decides");
            let diagnostic = self.beside_rule(diagnostic, taker, "this one goes first");
            let shown = format!("for example, a message to {recipients}");
            self.found(
                diagnostic.counterexample(shown).help("remove it, or give it more attributes or conditions"),
            );
        }
        self.routes_of_mapped_domains();
    }

    /// Mail for a domain that is mapped to X.400 does not leave for the Internet.
    fn routes_of_mapped_domains(&mut self) {
        let mut found = Vec::new();
        for route in self.rules.domain_routes() {
            let domain = route.domain.trim_start_matches('.');
            if let Some((entry, _)) = self.of_domain(Kind::DomainToOr, domain) {
                found.push((route.rule, domain.to_owned(), entry));
            }
        }
        for (rule, domain, entry) in found {
            let Some(rule) = self.rules.registry.get(rule) else { continue };
            let message =
                format!("mail for `{domain}` does not leave for the Internet: it is mapped to X.400");
            let diagnostic = Diagnostic::new(
                Code::Unreachable,
                &*rule.source,
                rule.span.clone(),
                message,
                "nothing leads here",
            );
            let diagnostic = self.beside(diagnostic, &entry.place, "mapped here");
            let shown = format!("for example, `Anna.Weber@{domain}` is an X.400 user");
            self.found(
                diagnostic.counterexample(shown).help("route its O/R address instead, or remove the mapping"),
            );
        }
    }

    /// Routes as specific as each other that some recipient matches both of: the first in the file would decide.
    pub(super) fn ambiguous_routes(&mut self) {
        let mut groups: HashMap<String, Vec<(Attributes, RuleNumber, &Rule)>> = HashMap::new();
        for (attributes, number, rule) in self.attributes() {
            groups.entry(attributes.hierarchy().key()).or_default().push((attributes, number, rule));
        }
        let mut found = Vec::new();
        for group in groups.values() {
            for (place, (attributes, number, rule)) in group.iter().enumerate() {
                for (of, other, earlier) in group.iter().take(place.min(MAXIMUM_RIVALS)) {
                    let alike = attributes.specificity() == of.specificity() && attributes != of;
                    if alike
                        && attributes.intersects(of)
                        && rule.conditions.overlap(&earlier.conditions)
                        && rule.action != earlier.action
                    {
                        let both = both(&rule.address, &earlier.address);
                        found.push((
                            *other,
                            *number,
                            format!("for example, a message to `{}`", both.to_display()),
                        ));
                    }
                }
            }
        }
        for (earlier, later, shown) in found {
            self.ambiguous(earlier, later, "two routes match equally well", shown);
        }
    }

    /// Redirections that lead back to one that has been followed.
    pub(super) fn circles_of_routes(&mut self) {
        let routes = self.rules.routes();
        let redirects = routes.iter().filter(|(_, rule)| matches!(rule.action, Action::Redirect(_)));
        let (table, traits) = (self.rules.routes_alone(), Traits::ordinary(false));
        let mut found: Vec<Vec<RuleNumber>> = Vec::new();
        for (number, rule) in redirects.take(MAXIMUM_COMPARISONS / routes.len().max(1)) {
            if found.iter().any(|circle| circle.contains(number)) {
                continue;
            }
            let mut way = vec![*number];
            let mut action = &rule.action;
            while let Action::Redirect(name) = action {
                let decision = table.route(name, &traits);
                let (Reason::Rule(place, _), Some(next)) = (&decision.reason, decision.action) else { break };
                let Some((next_number, _)) = routes.get(place.wrapping_sub(1)) else { break };
                if let Some(start) = way.iter().position(|known| known == next_number) {
                    found.push(way.split_off(start));
                    break;
                }
                way.push(*next_number);
                action = next;
            }
        }
        let shown: Vec<(Vec<RuleNumber>, String)> = found
            .into_iter()
            .map(|circle| {
                let first =
                    circle.first().and_then(|first| routes.iter().find(|(number, _)| number == first));
                let shown = first.map_or_else(String::new, |(_, rule)| rule.recipients());
                (circle, format!("for example, a message to {shown} would be redirected for ever"))
            })
            .collect();
        for (circle, shown) in shown {
            let Some((first, rest)) = circle.split_first() else { continue };
            let Some(rule) = self.rules.registry.get(*first) else { continue };
            let message = match rest {
                [] => "this route redirects to what it redirects".to_owned(),
                _ => format!("{} routes redirect to each other in a circle", circle.len()),
            };
            let mut diagnostic =
                Diagnostic::new(Code::Circle, &*rule.source, rule.span.clone(), message, "here it begins");
            for other in rest {
                diagnostic = self.beside_rule(diagnostic, *other, "goes on here");
            }
            self.found(diagnostic.counterexample(shown).help("let the last of them go to a peer, or refuse"));
        }
    }
}

/// Somebody who has the attributes of both.
fn both(one: &KeyedAddress, other: &KeyedAddress) -> KeyedAddress {
    let missing = other.attributes().iter().filter(|attribute| !one.has(&attribute.key));
    let all = one.attributes().iter().chain(missing);
    all.map(|attribute| (attribute.key.clone(), attribute.value.clone())).collect()
}
