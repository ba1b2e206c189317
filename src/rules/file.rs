//! The rule file: what it includes, which tables, whose gateway, pairs, as TOML with places.

use std::collections::BTreeMap;
use std::sync::Arc;

use rasn_x400::x411::address::text::{self, KeyedAddress};
use serde::Deserialize;
use toml::Spanned;

use super::aviation::{Aviation, ManagementDomain, Scheme};
use super::body::BodySection;
use super::examples::ExampleSection;
use super::header::HeaderSection;
use super::loader::{Loader, Reading};
use super::lookup::section::LookupSection;
use super::mcgam::{self, Kind};
use super::pairs::section::UserRow;
use super::pairs::table::TableRow;
use super::policy::PolicySection;
use super::pseudo_domain::{self, Path};
use super::registry::{Lines, RuleKind};
use super::route::RouteSection;
use super::scope::Peers;
use super::template::section::TemplateRow;
use super::{Gateway, RouteUnmapped, SourceRoutes};
use crate::diagnostic::{Code, Diagnostic};
use rasn_x400::x411::address::OrName;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(default)]
    include: Vec<Spanned<String>>,
    gateway: Option<Spanned<GatewaySection>>,
    #[serde(default)]
    tables: TablesSection,
    #[serde(default)]
    countries: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    equivalence: Vec<Spanned<Pair>>,
    #[serde(default)]
    preferred: Vec<Spanned<Pair>>,
    #[serde(default)]
    header: Vec<Spanned<HeaderSection>>,
    #[serde(default)]
    body: Vec<Spanned<BodySection>>,
    #[serde(default)]
    policy: Vec<Spanned<PolicySection>>,
    #[serde(default)]
    route: Vec<Spanned<RouteSection>>,
    #[serde(default)]
    user: Vec<Spanned<UserRow>>,
    #[serde(default)]
    table: Vec<Spanned<TableRow>>,
    #[serde(default)]
    template: Vec<Spanned<TemplateRow>>,
    #[serde(default)]
    example: Vec<ExampleSection>,
    aviation: Option<Spanned<AviationSection>>,
    lookup: Option<Spanned<LookupSection>>,
}

/// Addresses of aviation: eight letters at a domain of their own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AviationSection {
    domain: Spanned<String>,
    #[serde(default)]
    management_domain: Vec<ManagementDomainRow>,
    #[serde(default)]
    location: BTreeMap<String, String>,
    #[serde(default)]
    user: BTreeMap<String, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ManagementDomainRow {
    letters: Spanned<String>,
    prmd: String,
    #[serde(default)]
    scheme: Scheme,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewaySection {
    domain: Spanned<String>,
    or: Spanned<String>,
    route_unmapped: Option<RouteUnmapped>,
    encapsulate_via: Option<Spanned<String>>,
    #[serde(default)]
    reached_by_x400: Vec<Spanned<String>>,
    #[serde(default)]
    source_routes: SourceRoutes,
    #[serde(default)]
    gate1_strip_prefix: bool,
    default_domain: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct TablesSection {
    mapping1: Vec<Spanned<String>>,
    mapping2: Vec<Spanned<String>>,
    gate1: Vec<Spanned<String>>,
    gate2: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Direction {
    #[default]
    Both,
    ToX400,
    ToInternet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    name: Option<Spanned<String>>,
    comment: Option<String>,
    domain: Spanned<String>,
    or: Spanned<String>,
    #[serde(default)]
    direction: Direction,
    /// Not to be published.
    #[serde(default)]
    local: bool,
    peer: Option<Peers>,
    user: Option<Spanned<String>>,
    #[serde(default)]
    example: Vec<ExampleSection>,
}

impl Loader {
    /// Reads a rule file, what it includes, and the tables it names.
    pub(super) fn rule_file(
        &mut self,
        name: &str,
        text: &str,
        read: &dyn Fn(&str) -> Result<String, String>,
    ) {
        let source = self.source(name, text);
        let file: RuleFile = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => return self.report(Diagnostic::from_toml(&error, name)),
        };
        let reading = Reading { name: &source, lines: Lines::of(text), read };
        self.open.push(Arc::clone(&source));
        for wanted in &file.include {
            self.include(&reading, wanted);
        }
        self.sections(&reading, file);
        self.open.pop();
    }

    /// Reads another rule file, unless that has been done.
    fn include(&mut self, reading: &Reading<'_>, wanted: &Spanned<String>) {
        let name = reading.resolve(self, wanted.get_ref());
        // The first file is found beside itself, whatever folder it was named with.
        let is_first = self.open.first().is_some_and(|first| first.rsplit('/').next() == Some(&*name));
        if is_first || self.open.iter().any(|open| **open == *name) || self.open.len() >= MAXIMUM_DEPTH {
            let way: Vec<&str> = self.open.iter().map(|open| &**open).collect();
            let message = format!("`{name}` is included while it is read: {} > {name}", way.join(" > "));
            let diagnostic =
                Diagnostic::new(Code::IncludeCircle, &**reading.name, wanted.span(), message, "");
            return self.report(diagnostic.help("a file need not include what includes it"));
        }
        if self.has_read(&name) {
            return;
        }
        match (reading.read)(&name) {
            Ok(text) => self.rule_file(&name, &text, reading.read),
            Err(reason) => self.unreadable(reading.name, wanted.span(), wanted.get_ref(), &reason),
        }
    }

    fn sections(&mut self, reading: &Reading<'_>, file: RuleFile) {
        let name = &**reading.name;
        let tables = [
            (Kind::OrToDomain, file.tables.mapping1),
            (Kind::DomainToOr, file.tables.mapping2),
            (Kind::GatewayDomain, file.tables.gate1),
            (Kind::GatewayAddress, file.tables.gate2),
        ];
        for (kind, names) in tables {
            for table in names {
                let wanted = reading.resolve(self, table.get_ref());
                match (reading.read)(&wanted) {
                    Ok(text) => self.table(kind, &wanted, &text, Some((reading, table.span()))),
                    Err(reason) => self.unreadable(name, table.span(), table.get_ref(), &reason),
                }
            }
        }
        for (digits, letters) in file.countries {
            let is_code =
                letters.get_ref().len() == 2 && letters.get_ref().bytes().all(|b| b.is_ascii_alphabetic());
            if !is_code {
                let message = format!("`{}` is not a country code of two letters", letters.get_ref());
                self.report(Diagnostic::new(Code::InvalidValue, name, letters.span(), message, ""));
            }
            self.rules.countries.insert(digits, letters.into_inner());
        }
        if let Some(gateway) = file.gateway
            && self.once(reading, "gateway", gateway.span())
        {
            self.gateway(name, gateway.into_inner());
        }
        for pair in file.equivalence {
            self.pair(reading, RuleKind::Equivalence, pair, [Kind::DomainToOr, Kind::OrToDomain]);
        }
        for pair in file.preferred {
            self.pair(reading, RuleKind::Preferred, pair, [Kind::GatewayAddress, Kind::GatewayDomain]);
        }
        for row in file.user {
            self.user(reading, row);
        }
        for row in file.table {
            self.csv_table(reading, row);
        }
        for row in file.template {
            self.template(reading, row);
        }
        if let Some(aviation) = file.aviation
            && self.once(reading, "aviation", aviation.span())
        {
            self.aviation(name, aviation.into_inner());
        }
        if let Some(lookup) = file.lookup
            && self.once(reading, "lookup", lookup.span())
        {
            self.lookup(name, lookup.into_inner());
        }
        file.header.into_iter().for_each(|row| self.header(reading, row));
        file.body.into_iter().for_each(|row| self.body(reading, row));
        file.policy.into_iter().for_each(|row| self.policy(reading, row));
        file.route.into_iter().for_each(|row| self.route(reading, row));
        self.keep_examples(reading, file.example, None, Direction::Both);
    }

    fn gateway(&mut self, name: &str, section: GatewaySection) {
        self.domain(name, &section.domain);
        let via = section.encapsulate_via.and_then(|address| self.gateway_address(name, &address));
        // mail is sent on by X.400 only where somebody said so.
        let default = if via.is_some() { RouteUnmapped::Encapsulate } else { RouteUnmapped::Refuse };
        self.rules.route_unmapped = section.route_unmapped.unwrap_or(default);
        self.rules.encapsulate_via = via;
        self.rules.source_routes = section.source_routes;
        self.rules.gate1_strip_prefix = section.gate1_strip_prefix;
        for domain in section.reached_by_x400 {
            self.domain(name, &domain);
            self.rules.reached_by_x400.insert(domain.into_inner().to_ascii_lowercase());
        }
        if let Some(domain) = section.default_domain {
            self.domain(name, &domain);
            self.rules.default_domain = Some(domain.into_inner());
        }
        if let Some(address) = self.gateway_address(name, &section.or) {
            self.rules.gateway = Some(Gateway { domain: section.domain.into_inner(), address });
        }
    }

    fn aviation(&mut self, name: &str, section: AviationSection) {
        self.domain(name, &section.domain);
        let mut rows = Vec::new();
        for ManagementDomainRow { letters, prmd, scheme } in section.management_domain {
            let text = letters.get_ref();
            let fits = matches!(text.len(), 2 | 4 | 5 | 7) && text.bytes().all(|b| b.is_ascii_alphabetic());
            if !fits {
                let message = format!("`{text}` is no pattern of an address of aviation");
                self.report(
                    Diagnostic::new(Code::InvalidValue, name, letters.span(), message, "")
                        .help("2, 4 or 7 first letters, or 5: the first two and the fifth to the seventh"),
                );
            }
            rows.push(ManagementDomain {
                letters: letters.into_inner().to_ascii_uppercase(),
                private_domain: prmd,
                scheme,
            });
        }
        let users = section.user.into_iter();
        let users = users.filter_map(|(user, written)| {
            Some((user.to_ascii_uppercase(), self.or_address(name, &written)?))
        });
        let users = users.collect();
        let locations = section.location.into_iter();
        let locations = locations.map(|(location, unit)| (location.to_ascii_uppercase(), unit)).collect();
        let domain = section.domain.into_inner();
        self.rules.aviation = Some(Aviation { domain, management_domains: rows, locations, users });
    }

    fn domain(&mut self, name: &str, domain: &Spanned<String>) {
        if !domain.get_ref().split('.').all(mcgam::is_label) {
            let message = format!("`{}` is not a domain name", domain.get_ref());
            self.report(
                Diagnostic::new(Code::BadDomain, name, domain.span(), message, "")
                    .help("labels of letters, digits and hyphens between full stops"),
            );
        }
    }

    fn gateway_address(&mut self, name: &str, written: &Spanned<String>) -> Option<KeyedAddress> {
        let address = self.or_address(name, written)?;
        if super::can_be_gateway(&address) {
            return Some(address);
        }
        let message = match text::check(&address).first() {
            Some(finding) => finding.to_string(),
            None => "the address of a gateway needs a country (C)".to_owned(),
        };
        self.report(Diagnostic::new(Code::BadAddress, name, written.span(), message, ""));
        None
    }

    /// Reads `O=…; C=…`, `/O=…/C=…/` or a pseudo-domain with `$`.
    pub(super) fn or_address(&mut self, name: &str, written: &Spanned<String>) -> Option<KeyedAddress> {
        if written.get_ref().contains('$') {
            return pseudo_domain::address(written.get_ref())
                .map_err(|fault| {
                    self.report(Diagnostic::new(fault.code, name, written.span(), fault.message, ""))
                })
                .ok();
        }
        text::parse(written.get_ref())
            .map_err(|error| {
                // The octet after the quote, as long as the string has no escapes; never beyond its end.
                let start = (written.span().start + 1 + error.offset).min(written.span().end);
                let mut diagnostic =
                    Diagnostic::new(Code::BadAddress, name, start..written.span().end, error.to_string(), "");
                diagnostic.help = error.suggestion;
                self.report(diagnostic);
            })
            .ok()
    }

    /// Reads the same of somebody.
    pub(super) fn or_name(&mut self, name: &str, written: &Spanned<String>) -> Option<OrName> {
        let found = self.or_address(name, written)?.to_or_name();
        found
            .map_err(|error| {
                let message = error.to_string();
                self.report(Diagnostic::new(Code::BadAddress, name, written.span(), message, ""));
            })
            .ok()
    }

    /// Adds a pair to the tables of its directions: `kinds` are those to X.400 and to the Internet.
    fn pair(&mut self, reading: &Reading<'_>, kind: RuleKind, row: Spanned<Pair>, kinds: [Kind; 2]) {
        let name = &**reading.name;
        let place = row.span();
        let mut pair = row.into_inner();
        let line = reading.lines.at(place.start);
        let rule = self.register(reading, kind, pair.name.as_ref(), pair.comment.take(), place);
        self.give_scope(reading, rule, pair.peer.take(), pair.user.as_ref());
        self.keep_examples(reading, std::mem::take(&mut pair.example), Some(rule), pair.direction);
        let span = pair.or.span();
        let Some(or) = self.pseudo_domain(name, &pair, kinds[0]) else { return };
        if pair.local {
            self.rules.local.insert(rule);
        }
        let earlier = self.diagnostics.len();
        let wanted = [pair.direction != Direction::ToInternet, pair.direction != Direction::ToX400];
        for (kind, _) in kinds.into_iter().zip(wanted).filter(|(_, wanted)| *wanted) {
            self.add_to(kind, rule, name, |adding| {
                adding.line_number = line;
                adding.entry((&or, 0), (pair.domain.get_ref(), 0), span.clone());
            });
        }
        // Places inside the rewritten address mean nothing in the file: point at what the operator wrote.
        for diagnostic in &mut self.diagnostics[earlier..] {
            let of_domain = matches!(diagnostic.code, Code::TableDomain | Code::SingleLabel);
            diagnostic.span = if of_domain { pair.domain.span() } else { span.clone() };
        }
        self.diagnostics.dedup_by(|one, two| one.code == two.code && one.span == two.span);
    }

    fn pseudo_domain(&mut self, name: &str, pair: &Pair, kind: Kind) -> Option<String> {
        if pair.or.get_ref().contains('$') {
            return Some(pair.or.get_ref().clone());
        }
        let address = self.or_address(name, &pair.or)?;
        let path = Path::of(&address);
        let outside = address.attributes().iter().find(|attribute| {
            (0..pseudo_domain::MAXIMUM_LEVELS).all(|level| pseudo_domain::level_key(level) != attribute.key)
        });
        match outside {
            None => Some(path.to_text()),
            Some(_) if kind == Kind::GatewayAddress && pair.direction == Direction::ToX400 => {
                Some(general(&address))
            }
            Some(attribute) => {
                let message = format!("`{}` is not a level of the hierarchy", attribute.key);
                self.report(
                    Diagnostic::new(Code::TableHierarchy, name, pair.or.span(), message, "")
                        .help("a mapping is a path: C, ADMD, PRMD, O, then up to four OU"),
                );
                None
            }
        }
    }
}

/// Files that include each other, one below the other; links in a file system could make it endless.
const MAXIMUM_DEPTH: usize = 32;

/// An address with any attributes as a pseudo-domain.
pub(in crate::rules) fn general(address: &KeyedAddress) -> String {
    let parts = address.attributes().iter().map(|attribute| {
        let value = attribute.value.replace('.', "\\.");
        match &attribute.key {
            text::Key::DomainDefined(kind) => format!("~{}${value}", kind.replace('.', "\\.")),
            key => format!("{}${value}", key.label().replace('.', "\\.")),
        }
    });
    parts.collect::<Vec<_>>().join(".")
}
