//! Templates that take each other's addresses. Whether two templates have an address in common is found by trying: each is filled with
//! names, and with what its neighbours have as literals.

use std::collections::BTreeSet;

use super::super::choice::Choice;
use super::super::mcgam;
use super::super::pseudo_domain::Path;
use super::super::registry::{Rule, RuleNumber};
use super::super::same_address;
use super::super::template::Template;
use super::Analysis;
use super::names::carrier_of;
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::AddressContext;
use crate::mixer::address::mailbox;
use crate::mixer::address::{Mapper, Step};
use crate::rules::Origin;

/// What variables are filled with, by their number.
const NAMES: [&str; 6] = ["anna", "weber", "north", "kim", "otto", "lee"];
/// Mailboxes that are tried for a template.
const MAXIMUM_SAMPLES: usize = 24;

impl<'a> Analysis<'a> {
    /// Templates of which the rule file does not say which one decides.
    pub(super) fn ambiguous_templates(&mut self) {
        let mut found = Vec::new();
        let mut told: BTreeSet<(RuleNumber, RuleNumber)> = BTreeSet::new();
        for template in self.rules.templates().iter() {
            for peer in self.peers_of(template.rule) {
                for sample in self.samples(template) {
                    let rivals = self.rivals(template, &sample, peer);
                    for (first, second, shown) in rivals {
                        let pair = (first.min(second), first.max(second));
                        if told.insert(pair) {
                            found.push((pair, shown));
                        }
                    }
                }
            }
        }
        for ((first, second), shown) in found {
            self.ambiguous(first, second, "two templates match equally well", shown);
        }
    }

    /// Other templates that go as far as the first for a mailbox, or for the O/R address that is made of it, and what they make.
    fn rivals(
        &self,
        template: &Template,
        sample: &Sample,
        peer: Option<&str>,
    ) -> Vec<(RuleNumber, RuleNumber, String)> {
        let countries = self.rules.countries();
        let choice = Choice::everybody(self.rules).for_peer(peer);
        let mut found = Vec::new();
        let mut told = |one: &Template, other: &Template, what: &str, made: [String; 2]| {
            let [one_made, other_made] = made;
            found.push((
                one.rule,
                other.rule,
                format!("for example, `{what}` becomes `{one_made}` and `{other_made}`"),
            ));
        };
        if template.directions.to_x400 {
            let all =
                self.rules.templates().rivals_of_mailbox((&sample.local, &sample.domain), countries, &choice);
            if let Some(((first, made), rest)) = all.split_first() {
                for (other, other_made) in rest {
                    if !same_address(made, other_made, countries) {
                        told(first, other, &sample.to_string(), [made.to_display(), other_made.to_display()]);
                    }
                }
            }
        }
        if template.directions.to_internet
            && let Some(address) = &sample.address
        {
            let path = self.rules.with_letters(&Path::of(address));
            let all = self.rules.templates().rivals_of_address(address, &path, countries, &choice);
            // Of as good ones that counts from whose result a reply comes back.
            let mapper = Mapper::new(self.rules).for_peer(peer).without_steps();
            let returns = |mailbox: &str| {
                let back = mapper.to_or(mailbox, AddressContext::Recipient);
                back.is_ok_and(|back| same_address(&back.address, address, countries))
            };
            if all.len() > 1 {
                let all: Vec<_> = all.into_iter().filter(|(_, made)| returns(made)).collect();
                if let Some(((first, made), rest)) = all.split_first() {
                    for (other, other_made) in
                        rest.iter().filter(|(_, other)| !other.eq_ignore_ascii_case(made))
                    {
                        told(first, other, &address.to_display(), [made.clone(), other_made.clone()]);
                    }
                }
            }
        }
        found
    }

    /// What is wrong with templates one by one: none of their addresses is mapped by them, or one does not come back.
    pub(super) fn probe_templates(&mut self) {
        let mut found = Vec::new();
        for template in self.rules.templates().iter() {
            let Some(rule) = self.rules.registry.get(template.rule) else { continue };
            if rule.scope.user.is_none() {
                found.extend(self.probe_template(template, rule));
            }
        }
        found.into_iter().for_each(|one| self.found(one));
    }

    fn probe_template(&self, template: &Template, rule: &Rule) -> Option<Diagnostic> {
        let mapper = Mapper::new(self.rules).for_peer(rule.scope.peers.first().map(String::as_str));
        let mut is_used = false;
        let mut instead: Option<(String, Option<RuleNumber>)> = None;
        for sample in self.samples(template) {
            let mailbox = sample.to_string();
            if !template.directions.to_x400 {
                return None;
            }
            let there = match mapper.to_or(&mailbox, AddressContext::Recipient) {
                Ok(there) => there,
                Err(error) => {
                    is_used |= uses(&error.steps, rule.number);
                    instead.get_or_insert((mailbox, None));
                    continue;
                }
            };
            if !uses(&there.steps, rule.number) {
                let other = there.steps.iter().rev().find_map(rule_of);
                instead.get_or_insert((mailbox, other));
                continue;
            }
            is_used = true;
            if !template.directions.to_internet {
                continue;
            }
            let shown = there.address.to_display();
            let back = mapper.to_internet(&there.name);
            let fault = match &back {
                Ok(back) if back.address.eq_ignore_ascii_case(&mailbox) => continue,
                Ok(back) => {
                    format!("for example, `{mailbox}` becomes `{shown}`, and that becomes `{}`", back.address)
                }
                Err(error) => {
                    format!("for example, `{mailbox}` becomes `{shown}`, and that nothing: {}", error.reason)
                }
            };
            let other = back.ok().and_then(|back| back.steps.iter().rev().find_map(rule_of));
            let message = "an address of this template does not come back as it was";
            let mut diagnostic = Diagnostic::new(
                Code::DoesNotInvert,
                &*rule.source,
                rule.span.clone(),
                message,
                "does not invert",
            );
            if let Some(other) = other.filter(|other| *other != rule.number) {
                diagnostic = self.beside_rule(diagnostic, other, "this rule answers on the way back");
            }
            return Some(diagnostic.counterexample(fault).help(
                "let the O/R sides of the two rules have no address in common, or give one of them a direction",
            ));
        }
        let (mailbox, other) = instead.filter(|_| !is_used)?;
        let (code, message, label) = match other {
            Some(_) => (Code::Shadowed, "other rules map every address of this template", "never decides"),
            None => {
                (Code::Unreachable, "no address of this template is ever mapped by it", "nothing leads here")
            }
        };
        let diagnostic = Diagnostic::new(code, &*rule.source, rule.span.clone(), message, label);
        let diagnostic = match other {
            Some(other) => self.beside_rule(diagnostic, other, "this rule does"),
            None => diagnostic,
        };
        let shown = format!("for example, `{mailbox}`; `x400gw map` shows the steps");
        Some(diagnostic.counterexample(shown).help("make it more specific, or remove it"))
    }

    /// Templates that lead to the gateway itself.
    pub(super) fn own_names_of_templates(&mut self) {
        let Some(gateway) = self.rules.gateway() else { return };
        let own = mcgam::path_entry_key(&Path::of(&gateway.address));
        let mut found = Vec::new();
        for template in self.rules.templates().iter() {
            let Some(sample) = self.samples(template).into_iter().next() else { continue };
            let is_domain = sample.domain.eq_ignore_ascii_case(&gateway.domain);
            let path = sample.address.as_ref().map(|address| mcgam::path_entry_key(&Path::of(address)));
            if is_domain || path.is_some_and(|path| path == own) {
                found.push((template.rule, is_domain, sample));
            }
        }
        for (rule, is_domain, sample) in found {
            let Some(rule) = self.rules.registry.get(rule) else { continue };
            let what = if is_domain { "domain" } else { "O/R address" };
            let message = format!("this template is for the gateway's own {what}");
            let diagnostic = Diagnostic::new(
                Code::OwnName,
                &*rule.source,
                rule.span.clone(),
                message,
                "leads to the gateway itself",
            );
            let shown =
                format!("for example, `{sample}` is of the gateway, which stands for what no rule knows");
            self.found(diagnostic.counterexample(shown).help("give the gateway names that nothing else has"));
        }
    }

    /// Templates for addresses that carry an Internet address.
    pub(super) fn encapsulated_templates(&mut self) {
        let mut found = Vec::new();
        for template in self.rules.templates().iter() {
            let kinds = template.attributes.iter().filter_map(|(key, _)| carrier_of(key));
            found.extend(kinds.map(|kind| (template.rule, kind.to_owned())));
        }
        for (rule, kind) in found {
            self.encapsulated_rule(rule, &kind);
        }
    }

    /// The peers that a rule is for, `None` standing for everybody.
    pub(super) fn peers_of(&self, rule: RuleNumber) -> Vec<Option<&'a str>> {
        let peers = &self.rules.registry.scope(rule).peers;
        match peers.is_empty() {
            true => vec![None],
            false => peers.iter().map(|peer| Some(peer.as_str())).collect(),
        }
    }

    /// Mailboxes of a template, with the O/R addresses it makes of them.
    fn samples(&self, template: &Template) -> Vec<Sample> {
        let usual: Vec<String> = (0..template.variables.len())
            .map(|number| NAMES.get(number % NAMES.len()).copied().unwrap_or("x").to_owned())
            .collect();
        let mut filled = vec![usual.clone()];
        for (number, variable) in template.variables.iter().enumerate() {
            for value in variable.values().take(4) {
                let fixed = filled.iter().map(|values| {
                    let mut values = values.clone();
                    if let Some(place) = values.get_mut(number) {
                        value.clone_into(place);
                    }
                    values
                });
                let fixed: Vec<_> = fixed.take(MAXIMUM_SAMPLES).collect();
                filled.extend(fixed);
            }
        }
        let literals = self.rules.templates().literals_near(template);
        for literal in literals.iter().take(MAXIMUM_SAMPLES / 4) {
            for number in 0..usual.len() {
                for value in [format!("{literal}anna"), format!("anna{literal}")] {
                    let mut values = usual.clone();
                    if let Some(place) = values.get_mut(number) {
                        *place = value;
                    }
                    filled.push(values);
                }
            }
        }
        let countries = self.rules.countries();
        let samples = filled.into_iter().filter_map(|values| {
            let value = |number: usize| values.get(number).map_or("", String::as_str);
            let local = template.local.fill(value);
            let domain = template.domain.fill(value);
            let (address, _) = template.to_x400((&local, &domain), countries).ok()?;
            Some(Sample { local, domain, address: Some(address) })
        });
        samples.take(MAXIMUM_SAMPLES).collect()
    }
}

/// A mailbox that a template is for.
struct Sample {
    local: String,
    domain: String,
    /// What the template makes of it.
    address: Option<rasn_x400::x411::address::text::KeyedAddress>,
}

impl std::fmt::Display for Sample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", mailbox::quote(&self.local), self.domain)
    }
}

/// The rule of a step that a template or mapping was used in.
fn rule_of(step: &Step) -> Option<RuleNumber> {
    match &step.rule {
        Some(Origin::Rule { number, .. }) if !step.what.starts_with("template does not match") => {
            Some(*number)
        }
        _ => None,
    }
}

/// Whether a rule decided.
fn uses(steps: &[Step], rule: RuleNumber) -> bool {
    let is_answer = |step: &Step| {
        !step.what.starts_with("template does not match") && !step.what.contains("but a mapping")
    };
    steps.iter().filter(|step| is_answer(step)).any(|step| rule_of(step) == Some(rule))
}
