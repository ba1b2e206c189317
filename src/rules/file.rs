//! The rule file: which tables, whose gateway, pairs and examples, as TOML with places.

use std::collections::BTreeMap;
use std::ops::Range;

use rasn_x400::x411::address::text::{self, KeyedAddress};
use serde::Deserialize;
use toml::Spanned;

use super::aviation::{Aviation, ManagementDomain, Scheme};
use super::lookup::section::LookupSection;
use super::mcgam::{self, Adding, Kind};
use super::pseudo_domain::{self, Path};
use super::{Gateway, Loader, RouteUnmapped, SourceRoutes};
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::AddressContext;
use crate::mixer::address::Mapper;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    gateway: Option<GatewaySection>,
    #[serde(default)]
    tables: TablesSection,
    #[serde(default)]
    countries: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    equivalence: Vec<Pair>,
    #[serde(default)]
    preferred: Vec<Pair>,
    #[serde(default)]
    example: Vec<ExampleSection>,
    aviation: Option<AviationSection>,
    lookup: Option<LookupSection>,
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

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
enum Direction {
    #[default]
    Both,
    ToX400,
    ToInternet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    domain: Spanned<String>,
    or: Spanned<String>,
    #[serde(default)]
    direction: Direction,
    /// Not to be published.
    #[serde(default)]
    local: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleSection {
    internet: Spanned<String>,
    x400: Spanned<String>,
    #[serde(default)]
    direction: Direction,
    #[serde(default)]
    context: ExampleContext,
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
    source: String,
    section: ExampleSection,
}

impl Loader {
    /// Reads a rule file and the tables it includes.
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
        let tables = [
            (Kind::OrToDomain, file.tables.mapping1),
            (Kind::DomainToOr, file.tables.mapping2),
            (Kind::GatewayDomain, file.tables.gate1),
            (Kind::GatewayAddress, file.tables.gate2),
        ];
        for (kind, names) in tables {
            for table in names {
                match read(table.get_ref()) {
                    Ok(text) => self.table(kind, table.get_ref(), &text),
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
        if let Some(gateway) = file.gateway {
            self.gateway(name, gateway);
        }
        for pair in file.equivalence {
            self.pair(source, name, text, &pair, [Kind::DomainToOr, Kind::OrToDomain]);
        }
        for pair in file.preferred {
            self.pair(source, name, text, &pair, [Kind::GatewayAddress, Kind::GatewayDomain]);
        }
        if let Some(aviation) = file.aviation {
            self.aviation(name, aviation);
        }
        if let Some(lookup) = file.lookup {
            self.lookup(name, lookup);
        }
        let examples = file.example.into_iter();
        self.examples.extend(examples.map(|section| Example { source: name.to_owned(), section }));
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

    /// Adds a pair to the tables of its directions: `kinds` are those to X.400 and to the Internet.
    fn pair(&mut self, source: usize, name: &str, file: &str, pair: &Pair, kinds: [Kind; 2]) {
        let span = pair.or.span();
        let Some(or) = self.pseudo_domain(name, pair, kinds[0]) else { return };
        if pair.local {
            self.rules.local.insert((source, span.start));
        }
        let earlier = self.diagnostics.len();
        let wanted = [pair.direction != Direction::ToInternet, pair.direction != Direction::ToX400];
        for (kind, _) in kinds.into_iter().zip(wanted).filter(|(_, wanted)| *wanted) {
            let mut table = std::mem::take(self.rules.table_mut(kind));
            Adding {
                kind,
                source,
                name,
                names: &self.rules.names,
                table: &mut table,
                diagnostics: &mut self.diagnostics,
                line_number: file[..span.start.min(file.len())].matches('\n').count() + 1,
            }
            .entry((&or, 0), (pair.domain.get_ref(), 0), span.clone());
            *self.rules.table_mut(kind) = table;
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

    /// Runs the examples; each is a promise that has to hold before the rules are used.
    pub(super) fn run_examples(&mut self) {
        for example in std::mem::take(&mut self.examples) {
            let Some(expected) = self.or_address(&example.source, &example.section.x400) else { continue };
            if example.section.direction != Direction::ToInternet {
                self.run_to_x400(&example, &expected);
            }
            if example.section.direction != Direction::ToX400 {
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
        let found = match Mapper::new(&self.rules).to_or(internet.get_ref(), context) {
            Ok(found) if found.address == *expected => return,
            Ok(found) => format!("`{}` maps to `{}`", internet.get_ref(), found.address.to_display()),
            Err(error) => error.to_string(),
        };
        self.example_fails(&example.source, example.section.x400.span(), found);
    }

    fn run_to_internet(&mut self, example: &Example, expected: &KeyedAddress) {
        let (internet, x400) = (&example.section.internet, &example.section.x400);
        let found = match expected.to_or_name() {
            Err(error) => error.to_string(),
            Ok(name) => match Mapper::new(&self.rules).to_internet(&name) {
                Ok(found) if same_mailbox(&found.address, internet.get_ref()) => return,
                Ok(found) => format!("`{}` maps to `{}`", x400.get_ref(), found.address),
                Err(error) => error.to_string(),
            },
        };
        self.example_fails(&example.source, internet.span(), found);
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

/// An address with any attributes as a pseudo-domain.
fn general(address: &KeyedAddress) -> String {
    let parts = address.attributes().iter().map(|attribute| {
        let value = attribute.value.replace('.', "\\.");
        match &attribute.key {
            text::Key::DomainDefined(kind) => format!("~{}${value}", kind.replace('.', "\\.")),
            key => format!("{}${value}", key.label().replace('.', "\\.")),
        }
    });
    parts.collect::<Vec<_>>().join(".")
}
