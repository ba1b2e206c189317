//! Examples in a rule file: promises that have to hold before the rules are used. What they use counts as covered.

use std::ops::Range;
use std::sync::Arc;

use rasn_x400::x411::address::text::KeyedAddress;
use serde::Deserialize;
use toml::Spanned;

use super::Origin;
use super::file::Direction;
use super::loader::{Loader, Reading};
use super::registry::RuleNumber;
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::AddressContext;
use crate::mixer::address::{Mapper, Step};

/// A row of `[[example]]`, or of the key `example` of a rule.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExampleSection {
    internet: Spanned<String>,
    x400: Spanned<String>,
    direction: Option<Direction>,
    #[serde(default)]
    context: ExampleContext,
    /// The peer that the message comes from or goes to; that of the rule unless given.
    peer: Option<String>,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
enum ExampleContext {
    #[default]
    Recipient,
    Header,
    ReturnPath,
}

/// An example to be run when everything is loaded.
pub(super) struct Example {
    source: Arc<str>,
    section: ExampleSection,
    /// The rule it belongs to.
    rule: Option<RuleNumber>,
    direction: Direction,
    peer: Option<String>,
}

impl Loader {
    /// Keeps the examples of a file, or of one of its rules, whose direction they have unless they say otherwise.
    pub(super) fn keep_examples(
        &mut self,
        reading: &Reading<'_>,
        sections: Vec<ExampleSection>,
        rule: Option<RuleNumber>,
        direction: Direction,
    ) {
        let of_rule = rule.and_then(|rule| self.rules.registry.scope(rule).peers.first().cloned());
        self.examples.extend(sections.into_iter().map(|section| Example {
            peer: section.peer.clone().or_else(|| of_rule.clone()),
            source: Arc::clone(reading.name),
            direction: section.direction.unwrap_or(direction),
            section,
            rule,
        }));
    }

    /// Runs the examples.
    pub(super) fn run_examples(&mut self) {
        for example in std::mem::take(&mut self.examples) {
            let Some(expected) = self.or_address(&example.source, &example.section.x400) else { continue };
            if example.direction != Direction::ToInternet {
                self.run_to_x400(&example, &expected);
            }
            if example.direction != Direction::ToX400 {
                self.run_to_internet(&example, &expected);
            }
        }
    }

    fn run_to_x400(&mut self, example: &Example, expected: &KeyedAddress) {
        let context = match example.section.context {
            ExampleContext::Recipient => AddressContext::Recipient,
            ExampleContext::Header => AddressContext::Header,
            ExampleContext::ReturnPath => AddressContext::ReturnPath,
        };
        let internet = &example.section.internet;
        let found = match Mapper::new(&self.rules)
            .for_peer(example.peer.as_deref())
            .to_or(internet.get_ref(), context)
        {
            Ok(found) if found.address == *expected => {
                return self.example_holds(example, &example.section.x400, &found.steps, true);
            }
            Ok(found) => format!("`{}` maps to `{}`", internet.get_ref(), found.address.to_display()),
            Err(error) => error.to_string(),
        };
        self.example_fails(&example.source, example.section.x400.span(), found);
    }

    fn run_to_internet(&mut self, example: &Example, expected: &KeyedAddress) {
        let (internet, x400) = (&example.section.internet, &example.section.x400);
        let found = match expected.to_or_name() {
            Err(error) => error.to_string(),
            Ok(name) => match Mapper::new(&self.rules).for_peer(example.peer.as_deref()).to_internet(&name) {
                Ok(found) if same_mailbox(&found.address, internet.get_ref()) => {
                    return self.example_holds(example, internet, &found.steps, false);
                }
                Ok(found) => format!("`{}` maps to `{}`", x400.get_ref(), found.address),
                Err(error) => error.to_string(),
            },
        };
        self.example_fails(&example.source, internet.span(), found);
    }

    /// Notes which rules were used. One that has an example of its own should be among them.
    fn example_holds(
        &mut self,
        example: &Example,
        expected: &Spanned<String>,
        steps: &[Step],
        to_x400: bool,
    ) {
        let of_step = |step: &Step| match &step.rule {
            Some(Origin::Rule { number, .. }) => Some(*number),
            _ => None,
        };
        let mut used: Vec<RuleNumber> = steps.iter().filter_map(of_step).collect();
        used.dedup();
        for number in &used {
            self.rules.registry.used(*number, to_x400);
        }
        let Some(own) = example.rule.filter(|own| !used.contains(own)) else { return };
        let name = |number: RuleNumber| self.rules.registry.get(number).map(ToString::to_string);
        let other = used.first().and_then(|number| name(*number)).unwrap_or_else(|| "no rule".to_owned());
        let message = format!("it comes out as written, but by {other}");
        let mut diagnostic = Diagnostic::new(
            Code::ExampleElsewhere,
            &*example.source,
            expected.span(),
            message,
            "this example",
        );
        if let Some(own) = self.rules.registry.get(own) {
            diagnostic = diagnostic.related(&*own.source, own.span.clone(), "belongs to this rule");
        }
        self.report(
            diagnostic.help("another rule is more specific; move the example there, or change one of them"),
        );
    }

    fn example_fails(&mut self, source: &str, span: Range<usize>, found: String) {
        let diagnostic = Diagnostic::new(Code::ExampleFails, source, span, found, "the example says this");
        self.report(diagnostic.help("correct the example or the mapping; `x400gw map` shows the steps"));
    }
}

/// Domains are equal in any case, local parts are not.
fn same_mailbox(one: &str, two: &str) -> bool {
    match (one.rsplit_once('@'), two.rsplit_once('@')) {
        (Some(one), Some(two)) => one.0 == two.0 && one.1.eq_ignore_ascii_case(two.1),
        _ => one == two,
    }
}
