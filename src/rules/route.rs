//! Where messages go: `[[route]]` in the rule file. Its routes and those of the configuration are one table: by O/R address
//! for [`crate::mta::route`], by domain for [`crate::smtp::client`].

use rasn_x400::x411::trace::GlobalDomainIdentifier;
use serde::Deserialize;
use toml::Spanned;

use super::loader::{Loader, Reading};
use super::registry::{RuleKind, RuleNumber};
use super::{Rules, mcgam};
use crate::config::{OneOrMore, RoutePriority, RouteRule};
use crate::diagnostic::{Code, Diagnostic};
use crate::mta::route::attributes::{Attributes, Countries};
use crate::mta::route::{Action, Rule, Table};
use crate::smtp::client::dialogue::{Protocol, StartTls};
use crate::smtp::client::hosts::Server;
use crate::smtp::client::sender;

/// A row of `[[route]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RouteSection {
    name: Option<Spanned<String>>,
    comment: Option<String>,
    address: Option<String>,
    domain: Option<Spanned<String>>,
    #[serde(default)]
    content_types: Vec<String>,
    larger_than: Option<u64>,
    priority: Option<RoutePriority>,
    peer: Option<OneOrMore>,
    #[serde(default)]
    internet: bool,
    redirect: Option<String>,
    refuse: Option<String>,
    reason: Option<u16>,
    diagnostic: Option<u16>,
    smart_host: Option<OneOrMore>,
    protocol: Option<Protocol>,
    tls: Option<StartTls>,
    #[serde(default)]
    example: Vec<Spanned<String>>,
}

/// A domain of the Internet that goes a way of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainRoute {
    /// Its number.
    pub rule: RuleNumber,
    /// What it is called, with its place.
    pub called: String,
    /// `example.org`, that domain; `.example.org`, all below it.
    pub domain: String,
    /// Who takes its mail; as DNS says, if nobody is named.
    pub hosts: Vec<String>,
    /// What is spoken there.
    pub protocol: Protocol,
    /// Whether STARTTLS is used; as for other mail unless said.
    pub start_tls: Option<StartTls>,
    /// Mail for it is not sent, for this reason.
    pub refuse: Option<String>,
}

impl DomainRoute {
    /// The route as it is for the client, which uses STARTTLS like this unless the route says something.
    #[must_use]
    pub fn to_route(&self, start_tls: StartTls) -> sender::Route {
        sender::Route {
            domain: self.domain.clone(),
            way: sender::Way {
                hosts: self.hosts.clone(),
                protocol: self.protocol,
                start_tls: self.start_tls.unwrap_or(start_tls),
            },
            refuse: self.refuse.as_ref().map(|text| (text.clone(), self.called.clone())),
        }
    }
}

impl Rules {
    /// Routes by O/R address, in the order of the rule file.
    #[must_use]
    pub fn routes(&self) -> &[(RuleNumber, Rule)] {
        &self.routes
    }

    /// Routes by domain.
    #[must_use]
    pub fn domain_routes(&self) -> &[DomainRoute] {
        &self.domain_routes
    }

    /// The routing table of these rules and of others, which come first.
    #[must_use]
    pub fn routing_table(&self, others: &[Rule], own_domain: &GlobalDomainIdentifier) -> Table {
        let own = self.routes.iter().map(|(_, rule)| rule);
        Table::new(others.iter().chain(own).cloned().collect(), own_domain, self.countries())
    }

    /// The routing table of these rules and no others, for a gateway whose own domain nobody is in.
    pub(super) fn routes_alone(&self) -> Table {
        self.routing_table(&[], &nowhere())
    }
}

impl Loader {
    /// Takes a row of `[[route]]`.
    pub(super) fn route(&mut self, reading: &Reading<'_>, row: Spanned<RouteSection>) {
        let span = row.span();
        let mut section = row.into_inner();
        let source = &**reading.name;
        let number = self.register(
            reading,
            RuleKind::Route,
            section.name.as_ref(),
            section.comment.clone(),
            span.clone(),
        );
        self.keep_recipients(number, source, std::mem::take(&mut section.example));
        let called = self.rules.registry().get(number).map(ToString::to_string).unwrap_or_default();
        if let Some(domain) = &section.domain {
            if let Some(route) = self.domain_route(source, &section, domain, (number, called)) {
                let same = |other: &&DomainRoute| other.domain == route.domain;
                let rivals = self.rivals(format!("route {}", route.domain), self.rules.domain_routes.len());
                let rivals = rivals.into_iter().filter_map(|number| self.rules.domain_routes.get(number));
                if let Some(earlier) = { rivals }.find(same).map(|other| other.rule) {
                    self.same_rule(source, span, earlier, "this domain has a route already");
                }
                self.rules.domain_routes.push(route);
            }
            return;
        }
        for (key, given) in [
            ("smart-host", section.smart_host.is_some()),
            ("protocol", section.protocol.is_some()),
            ("tls", section.tls.is_some()),
        ] {
            if given {
                let message = format!("`{key}` is for a route by domain");
                self.report(
                    Diagnostic::new(Code::RuleAction, source, span.clone(), message, "")
                        .help("give it `domain`, or leave this key out"),
                );
            }
        }
        let rule = RouteRule {
            address: section.address,
            content_types: section.content_types,
            larger_than: section.larger_than,
            priority: section.priority,
            peer: section.peer,
            internet: section.internet,
            redirect: section.redirect,
            refuse: section.refuse,
            reason: section.reason,
            diagnostic: section.diagnostic,
        };
        match rule.compile() {
            Ok(rule) => self.rules.routes.push((number, Rule { called: Some(called), ..rule })),
            Err(fault) => {
                let code = if fault.key.is_some() { Code::InvalidValue } else { Code::RuleAction };
                self.report(Diagnostic::new(code, source, span, fault.what, "").help(fault.help));
            }
        }
    }

    fn domain_route(
        &mut self,
        source: &str,
        section: &RouteSection,
        domain: &Spanned<String>,
        (rule, called): (RuleNumber, String),
    ) -> Option<DomainRoute> {
        let name = domain.get_ref().to_ascii_lowercase();
        if !name.strip_prefix('.').unwrap_or(&name).split('.').all(mcgam::is_label) {
            let message = format!("`{}` is not a domain name", domain.get_ref());
            self.report(
                Diagnostic::new(Code::BadDomain, source, domain.span(), message, "")
                    .help("`example.org`, that domain; `.example.org`, all below it"),
            );
            return None;
        }
        let is_by_address = section.address.is_some()
            || section.peer.is_some()
            || section.internet
            || section.redirect.is_some()
            || !section.content_types.is_empty()
            || section.larger_than.is_some()
            || section.priority.is_some();
        let two = section.smart_host.is_some() && section.refuse.is_some();
        if is_by_address || two {
            let message = "a route by domain has a way of its own, or refuses";
            self.report(
                Diagnostic::new(Code::RuleAction, source, domain.span(), message, "")
                    .help("give it `smart-host`, `protocol` and `tls`, or `refuse`, and nothing else"),
            );
            return None;
        }
        let hosts = section.smart_host.as_ref().map_or_else(Vec::new, |hosts| hosts.names().to_vec());
        if let Some(host) = hosts.iter().find(|host| Server::parse(host).is_none()) {
            let message = format!("`{host}` is not a host and port, or a socket");
            self.report(
                Diagnostic::new(Code::InvalidValue, source, domain.span(), message, "")
                    .help("write it as `mail.example.org:25` or `unix:/path`"),
            );
            return None;
        }
        Some(DomainRoute {
            rule,
            called,
            domain: name,
            hosts,
            protocol: section.protocol.unwrap_or_default(),
            start_tls: section.tls,
            refuse: section.refuse.clone(),
        })
    }

    /// Two routes must not be for the very same messages.
    pub(super) fn compare_routes(&mut self) {
        if self.rules.routes.is_empty() {
            return;
        }
        let countries = Countries::new(self.rules.countries());
        let abouts: Vec<String> = {
            let routes = self.rules.routes.iter();
            routes.map(|(_, rule)| Attributes::of_address(&rule.address, &countries).key()).collect()
        };
        let mut twice = Vec::new();
        for (number, about) in abouts.into_iter().enumerate() {
            let rivals = self.rivals(format!("route to {about}"), number);
            let Some((later, rule)) = self.rules.routes.get(number) else { continue };
            let rivals = rivals.into_iter().filter_map(|rival| self.rules.routes.get(rival));
            let same = { rivals }.find(|(_, other)| other.conditions.overlap(&rule.conditions));
            twice.extend(same.map(|(earlier, _)| (*later, *earlier)));
        }
        for (later, earlier) in twice {
            let Some(later) = self.rules.registry().get(later) else { continue };
            let (source, span) = (later.source.to_string(), later.span.clone());
            self.same_rule(&source, span, earlier, "these messages have a route already");
        }
    }
}

/// A management domain that nobody is in.
pub(super) fn nowhere() -> GlobalDomainIdentifier {
    GlobalDomainIdentifier::new("XX", " ", None)
}

/// The peers a route leads to.
pub(super) fn peers(rule: &Rule) -> &[String] {
    match &rule.action {
        Action::Transfer(peers) => peers,
        Action::Internet | Action::Redirect(_) | Action::Refuse { .. } => &[],
    }
}
