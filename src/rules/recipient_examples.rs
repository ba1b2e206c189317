//! Examples of rules about bodies and routes: recipients for whom the rule counts, or the route decides.

use std::collections::BTreeMap;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{ContentType, Priority};
use toml::Spanned;

use super::loader::Loader;
use super::registry::RuleNumber;
use super::traffic::{Traffic, Way};
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::AddressContext;
use crate::mta::route::{Reason, Table, Traits};
use crate::rules::pattern::Party;
use crate::smtp::client::sender;

/// What the message of an example may hold whose route does not say, the most usual first.
const CONTENT_TYPES: &[ContentType] = &[ContentType::P22, ContentType::P2, ContentType::UNIDENTIFIED];
/// How urgent it may be.
const PRIORITIES: &[Priority] = &[Priority::NORMAL, Priority::NON_URGENT, Priority::URGENT];

/// The recipients that a rule names.
pub(super) struct RecipientExamples {
    rule: RuleNumber,
    source: String,
    recipients: Vec<Spanned<String>>,
}

impl Loader {
    /// Keeps the examples of a rule until everything is loaded.
    pub(super) fn keep_recipients(
        &mut self,
        rule: RuleNumber,
        source: &str,
        recipients: Vec<Spanned<String>>,
    ) {
        if !recipients.is_empty() {
            self.recipient_examples.push(RecipientExamples { rule, source: source.to_owned(), recipients });
        }
    }

    /// Runs the examples.
    pub(super) fn run_recipient_examples(&mut self) {
        let examples = std::mem::take(&mut self.recipient_examples);
        if examples.is_empty() {
            return;
        }
        let table = self.rules.routes_alone();
        let bodies: BTreeMap<RuleNumber, usize> =
            (0..).zip(&self.rules.bodies).map(|(place, body)| (body.rule, place)).collect();
        for example in examples {
            let body = bodies.get(&example.rule);
            for recipient in &example.recipients {
                let found = match body {
                    Some(place) => self.counting_body(*place, &example.source, recipient),
                    None => self.deciding_route(&example, recipient, &table),
                };
                match found {
                    Some(Ok(to_x400)) => self.rules.registry.used(example.rule, to_x400),
                    Some(Err(why)) => self.report(
                        Diagnostic::new(
                            Code::ExampleFails,
                            &*example.source,
                            recipient.span(),
                            why,
                            "the example says this",
                        )
                        .help(
                            "correct the example or the rules; it names a recipient for whom its rule counts",
                        ),
                    ),
                    None => {}
                }
            }
        }
    }

    /// Whether the rule about bodies at this place counts for the recipient, and towards X.400; or why not. `None` if the recipient is no address.
    fn counting_body(
        &mut self,
        place: usize,
        source: &str,
        recipient: &Spanned<String>,
    ) -> Option<Result<bool, String>> {
        let (to, _) = self.example_party(source, recipient, AddressContext::Recipient)?;
        let rule = self.rules.bodies.get(place)?;
        let peers: Vec<&str> = rule.scope.peers.iter().map(String::as_str).take(1).collect();
        let nobody = Party::default();
        let traffic = |way| Traffic {
            way,
            peers: &peers,
            from: &nobody,
            to: &to,
            length: None,
            content_type: None,
            labels: None,
        };
        let ways = [(Way::ToX400, true), (Way::ToInternet, false)];
        let counts = ways.into_iter().find(|(way, _)| rule.holds(&traffic(*way)));
        let why = || format!("this rule does not count for `{}`", recipient.get_ref());
        Some(counts.map(|(_, to_x400)| to_x400).ok_or_else(why))
    }

    /// Whether the route decides for a message to the recipient that meets its other conditions, and by O/R address; or what
    /// decides instead. `None` if the recipient is no address.
    fn deciding_route(
        &mut self,
        example: &RecipientExamples,
        recipient: &Spanned<String>,
        table: &Table,
    ) -> Option<Result<bool, String>> {
        let written = recipient.get_ref();
        // Routes are in the order of their numbers.
        let place = self.rules.routes.binary_search_by_key(&example.rule, |(number, _)| *number);
        let (decides, by_address) = if let Ok(place) = place {
            let name = self.or_name(&example.source, recipient)?;
            (self.route_of_address(place, &name, table), true)
        } else {
            let domain = written.rsplit_once('@').map_or("", |(_, domain)| domain).to_lowercase();
            let routes = &self.rules.domain_routes;
            let decides = sender::most_specific(routes, |route| &route.domain, &domain);
            (decides.map(|route| route.rule), false)
        };
        if decides == Some(example.rule) {
            return Some(Ok(by_address));
        }
        let other = decides.and_then(|number| self.rules.registry.get(number));
        Some(Err(other.map_or_else(
            || format!("no route speaks of `{written}`"),
            |other| format!("{other} decides for `{written}`"),
        )))
    }

    /// The route that decides for a message to somebody which meets the conditions of the one at this place: that one, if it does for any
    /// kind of message, else the one for the most usual.
    fn route_of_address(&self, place: usize, name: &OrName, table: &Table) -> Option<RuleNumber> {
        let routes = &self.rules.routes;
        let conditions = &routes.get(place)?.1.conditions;
        let content_types = match conditions.content_types.as_slice() {
            [] => CONTENT_TYPES,
            named => named,
        };
        let priorities = match &conditions.priority {
            None => PRIORITIES,
            Some(only) => std::slice::from_ref(only),
        };
        let kinds = content_types.iter().flat_map(|content_type| {
            priorities.iter().map(|priority| Traits {
                content_type: Some(content_type.clone()),
                length: conditions.larger_than.map_or(1, |octets| octets + 1),
                priority: *priority,
                ..Traits::ordinary(false)
            })
        });
        let decided = kinds.map(|traits| match table.route(name, &traits).reason {
            Reason::Rule(number, _) => number.checked_sub(1),
            Reason::OwnDomain | Reason::NoRule => None,
        });
        let mut decided = decided.peekable();
        let usual = decided.peek().copied().flatten();
        let found = decided.find(|found| *found == Some(place)).unwrap_or(usual);
        routes.get(found?).map(|(number, _)| *number)
    }
}
