//! What the operator says about addresses: mapping tables, the gateway's own names, and examples that prove them.
//!
//! 1. [`Rules::load`] reads a rule file (TOML) and the tables it names, through a closure, so that this module touches no
//!    files. Every fault becomes a [`Diagnostic`] with a place; one error and nothing is used (M-06).
//! 2. The tables are those of RFC 2156 Appendix F: see [`mcgam`]. Pairs written in the rule file go into the same tables.
//! 3. Examples in the rule file are run through [`crate::mixer::address::Mapper`] before the rules are accepted, by the
//!    tables alone.
//! 4. [`lookup`] is for mappings that live elsewhere.
//!
//! A loaded set never changes; a new one replaces it whole.

use std::collections::{BTreeMap, BTreeSet};

use rasn_x400::x411::address::text::{Key, KeyedAddress};

use crate::diagnostic::{Code, Diagnostic, Severity, Sources};

pub mod aviation;
pub mod directory;
pub mod lookup;
pub mod mcgam;
pub mod pattern;
pub mod pseudo_domain;
pub mod scope;

mod file;

#[cfg(test)]
mod tests;

use mcgam::{Entry, Kind, Place, Table};
use pseudo_domain::Path;

/// What becomes of a recipient whose domain no table knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouteUnmapped {
    /// The recipient is refused.
    #[default]
    Refuse,
    /// The Internet address travels in a domain-defined attribute to another gateway.
    Encapsulate,
}

/// What becomes of `@relay:user@host` on its way to X.400. In header fields the route is always removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceRoutes {
    /// Only what follows the route is mapped.
    #[default]
    Strip,
    /// The whole text is encapsulated, with the gateway for the first hop.
    Keep,
}

/// The names of this gateway on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// Its Internet domain; addresses that no table knows are `"/S=…/"@domain`.
    pub domain: String,
    /// Its O/R address, to which the encapsulated Internet address is added.
    pub address: KeyedAddress,
}

/// A loaded set of rules.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    or_to_domain: Table,
    domain_to_or: Table,
    gateway_domains: Table,
    gateway_addresses: Table,
    names: Vec<String>,
    countries: BTreeMap<String, String>,
    reached_by_x400: BTreeSet<String>,
    encapsulate_via: Option<KeyedAddress>,
    route_unmapped: RouteUnmapped,
    source_routes: SourceRoutes,
    gate1_strip_prefix: bool,
    gateway: Option<Gateway>,
    default_domain: Option<String>,
    aviation: Option<aviation::Aviation>,
    lookup: lookup::Settings,
    /// Source and octet of the pairs that are nobody else's business.
    local: BTreeSet<(usize, usize)>,
}

/// Where a mapping was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a line of a table or of the rule file.
    Rule {
        /// The table or file.
        source: String,
        /// From 1.
        line: usize,
    },
    /// By a lookup: the source, the record as it is published, and the server that gave it.
    Lookup(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule { source, line } => write!(f, "{source}:{line}"),
            Self::Lookup(text) => f.write_str(text),
        }
    }
}

/// The outcome of loading: rules with the warnings they gave, or what keeps them from being used.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The rules.
    pub rules: Rules,
    /// Nothing worse than warnings.
    pub warnings: Vec<Diagnostic>,
    /// The texts, for rendering.
    pub sources: Sources,
}

/// Why rules cannot be used.
#[derive(Debug, Clone)]
pub struct Rejected {
    /// At least one error.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts, for rendering.
    pub sources: Sources,
}

impl Rules {
    /// Loads a rule file and what it includes. `read` gives the text of a name as the rule file writes it, or says why not.
    ///
    /// # Errors
    /// Every fault found, at least one of them an error.
    pub fn load(name: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Result<Loaded, Box<Rejected>> {
        let mut loader = Loader::default();
        match read(name) {
            Ok(text) => loader.rule_file(name, &text, read),
            Err(reason) => loader.unreadable(name, 0..0, name, &reason),
        }
        loader.finish()
    }

    /// Loads texts by name: rule files end in `.toml` and may include the others; a table that none includes is taken by
    /// its name (`mapping1`, `mapping2`, `gate1`, `gate2`).
    ///
    /// # Errors
    /// As [`Rules::load`].
    pub fn from_sources(texts: &[(&str, &str)]) -> Result<Self, Vec<Diagnostic>> {
        let read = |wanted: &str| {
            let found = texts.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "there is no such text".to_owned())
        };
        let mut loader = Loader::default();
        for (name, text) in texts.iter().filter(|(name, _)| name.ends_with(".toml")) {
            loader.rule_file(name, text, &read);
        }
        for (name, text) in texts {
            if loader.rules.names.iter().any(|loaded| loaded == name) {
                continue;
            }
            match Kind::from_name(name) {
                Some(kind) => loader.table(kind, name, text),
                None => {
                    let help = "name it after `mapping1`, `mapping2`, `gate1` or `gate2`";
                    let message = format!("what kind of table is `{name}`?");
                    loader.report(Diagnostic::new(Code::UnknownTable, *name, 0..0, message, "").help(help));
                }
            }
        }
        loader.finish().map(|loaded| loaded.rules).map_err(|rejected| rejected.diagnostics)
    }

    /// The names of this gateway, if the rules give them.
    #[must_use]
    pub const fn gateway(&self) -> Option<&Gateway> {
        self.gateway.as_ref()
    }

    /// What becomes of recipients whose domain no table knows.
    #[must_use]
    pub const fn route_unmapped(&self) -> RouteUnmapped {
        self.route_unmapped
    }

    /// What becomes of source routes.
    #[must_use]
    pub const fn source_routes(&self) -> SourceRoutes {
        self.source_routes
    }

    /// Whether a preferred gateway knows the attributes that led to it, so that they are not written out for it (Z-10).
    #[must_use]
    pub const fn gate1_strip_prefix(&self) -> bool {
        self.gate1_strip_prefix
    }

    /// The domain that names without one belong to.
    #[must_use]
    pub fn default_domain(&self) -> Option<&str> {
        self.default_domain.as_deref()
    }

    /// The addresses of aviation, if the rules have such.
    #[must_use]
    pub const fn aviation(&self) -> Option<&aviation::Aviation> {
        self.aviation.as_ref()
    }

    /// Which sources besides the tables are asked, and how.
    #[must_use]
    pub const fn lookup(&self) -> &lookup::Settings {
        &self.lookup
    }

    /// Where an entry was written.
    pub(crate) fn origin(&self, place: &Place) -> Origin {
        let (source, line) = self.place(place);
        Origin::Rule { source, line }
    }

    /// Whether an entry is not to be published.
    pub(crate) fn is_local(&self, place: &Place) -> bool {
        self.local.contains(&(place.source, place.span.start))
    }

    /// Where an entry was written: source and line.
    #[must_use]
    pub(crate) fn place(&self, place: &Place) -> (String, usize) {
        (self.names.get(place.source).cloned().unwrap_or_default(), place.line)
    }

    /// The mapping of a domain, with the number of labels that are mapped (M-31).
    pub(crate) fn domain_to_or(&self, domain: &str) -> Option<(Path, usize, &Entry)> {
        let (entry, labels) = self.domain_to_or.by_domain(domain)?;
        Some((mcgam::target_path(entry), labels, entry))
    }

    /// The mapping of a path, with the number of its levels (M-32). Numeric country codes count as the letters the rules
    /// give for them.
    pub(crate) fn or_to_domain(&self, path: &Path) -> Option<(&Entry, usize)> {
        self.or_to_domain.by_path(&self.with_letters(path))
    }

    /// The preferred Internet gateway of a path, with the number of levels of its key.
    pub(crate) fn gateway_domain(&self, path: &Path) -> Option<(&Entry, usize)> {
        self.gateway_domains.by_path(&self.with_letters(path))
    }

    /// The preferred X.400 gateway of a domain, with the number of labels of its key.
    pub(crate) fn gateway_address(&self, domain: &str) -> Option<(KeyedAddress, usize, &Entry)> {
        let (entry, labels) = self.gateway_addresses.by_domain(domain)?;
        Some((mcgam::target_address(entry), labels, entry))
    }

    /// The X.400 gateway for what no table knows.
    pub(crate) const fn encapsulate_via(&self) -> Option<&KeyedAddress> {
        self.encapsulate_via.as_ref()
    }

    /// Whether mail for an unmapped domain may leave by X.400.
    pub(crate) fn is_reached_by_x400(&self, domain: &str) -> bool {
        let lower = domain.to_ascii_lowercase();
        let mut above = std::iter::once(0).chain(lower.match_indices('.').map(|(place, _)| place + 1));
        self.route_unmapped == RouteUnmapped::Encapsulate
            || above.any(|start| self.reached_by_x400.contains(&lower[start..]))
    }

    /// Which letters stand for the digits of a country.
    #[must_use]
    pub const fn countries(&self) -> &BTreeMap<String, String> {
        &self.countries
    }

    /// Whether a domain is the gateway's own.
    pub(crate) fn is_own(&self, domain: &str) -> bool {
        self.gateway.as_ref().is_some_and(|gateway| gateway.domain.eq_ignore_ascii_case(domain))
    }

    pub(crate) fn with_letters(&self, path: &Path) -> Path {
        let mut path = path.clone();
        if let Some(Some(country)) = path.levels.first_mut()
            && let Some(letters) = self.countries.get(country.trim())
        {
            country.clone_from(letters);
        }
        path
    }

    fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::OrToDomain => &mut self.or_to_domain,
            Kind::DomainToOr => &mut self.domain_to_or,
            Kind::GatewayDomain => &mut self.gateway_domains,
            Kind::GatewayAddress => &mut self.gateway_addresses,
        }
    }
}

/// Rules on their way.
#[derive(Default)]
struct Loader {
    rules: Rules,
    diagnostics: Vec<Diagnostic>,
    sources: Sources,
    examples: Vec<file::Example>,
}

impl Loader {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn unreadable(&mut self, source: &str, span: std::ops::Range<usize>, wanted: &str, reason: &str) {
        let message = format!("`{wanted}` cannot be read: {reason}");
        self.report(Diagnostic::new(Code::UnreadableFile, source, span, message, ""));
    }

    /// Keeps a text and gives its number.
    fn source(&mut self, name: &str, text: &str) -> usize {
        self.sources.insert(name, text);
        self.rules.names.push(name.to_owned());
        self.rules.names.len() - 1
    }

    fn table(&mut self, kind: Kind, name: &str, text: &str) {
        let source = self.source(name, text);
        let mut table = std::mem::take(self.rules.table_mut(kind));
        mcgam::Adding {
            kind,
            source,
            name,
            names: &self.rules.names,
            table: &mut table,
            diagnostics: &mut self.diagnostics,
            line_number: 0,
        }
        .text(text);
        *self.rules.table_mut(kind) = table;
    }

    fn finish(mut self) -> Result<Loaded, Box<Rejected>> {
        self.refuse_keys_in_both_tables();
        self.warn_of_one_way_entries();
        let is_error = |diagnostic: &Diagnostic| diagnostic.code.severity() == Severity::Error;
        if !self.diagnostics.iter().any(is_error) {
            self.run_examples();
        }
        let Self { rules, mut diagnostics, sources, .. } = self;
        diagnostics.sort_by(|one, two| (&one.source, one.span.start).cmp(&(&two.source, two.span.start)));
        if diagnostics.iter().any(is_error) {
            Err(Box::new(Rejected { diagnostics, sources }))
        } else {
            Ok(Loaded { rules, warnings: diagnostics, sources })
        }
    }

    /// M-29.
    fn refuse_keys_in_both_tables(&mut self) {
        let rules = &self.rules;
        let tables =
            [(&rules.or_to_domain, &rules.gateway_domains), (&rules.domain_to_or, &rules.gateway_addresses)];
        for (mapping, preferred) in tables {
            for (key, entry) in preferred.entries() {
                let Some(mapped) = mapping.get(key) else { continue };
                let message = format!("`{}` is mapped, so no gateway can be preferred for it", entry.key);
                let (source, _) = rules.place(&entry.place);
                let (mapped_source, _) = rules.place(&mapped.place);
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::KeyInBothTables,
                        source,
                        entry.place.span.clone(),
                        message,
                        "preferred here",
                    )
                    .related(mapped_source, mapped.place.span.clone(), "mapped here")
                    .help("remove one of the two"),
                );
            }
        }
    }

    /// Every entry should lead back to its key: a reply takes the other table. What does not is shown with the address
    /// that goes astray. Tables are compared only where there are both.
    fn warn_of_one_way_entries(&mut self) {
        let rules = &self.rules;
        if rules.or_to_domain.is_empty() || rules.domain_to_or.is_empty() {
            return;
        }
        let mut found = Vec::new();
        for (key, entry) in rules.domain_to_or.entries() {
            let path = mcgam::target_path(entry);
            let back = rules.or_to_domain.by_path(&path).filter(|(_, levels)| *levels >= path.levels.len());
            match back {
                Some((back, _)) if back.target.eq_ignore_ascii_case(key) => {}
                Some((back, _)) => {
                    found.push((
                        entry,
                        format!("`{}` maps to a path that maps to `{}`", entry.key, back.target),
                    ));
                }
                None => found.push((entry, format!("`{}` maps to a path that does not map back", entry.key))),
            }
        }
        for (key, entry) in rules.or_to_domain.entries() {
            let back = rules.domain_to_or.get(&entry.target.to_ascii_lowercase());
            match back {
                Some(back) if mcgam::path_entry_key(&mcgam::target_path(back)) == key => {}
                Some(back) => {
                    let message = format!("`{}` maps to a domain that maps to `{}`", entry.key, back.target);
                    found.push((entry, message));
                }
                None => {
                    found.push((entry, format!("`{}` maps to a domain that does not map back", entry.key)))
                }
            }
        }
        found.sort_by_key(|(entry, _)| (entry.place.source, entry.place.span.start));
        let count = found.len();
        let shown =
            found.into_iter().take(MAXIMUM_ONE_WAY_WARNINGS).enumerate().map(|(index, (entry, message))| {
                let (source, _) = rules.place(&entry.place);
                let help = if index + 1 == MAXIMUM_ONE_WAY_WARNINGS && count > MAXIMUM_ONE_WAY_WARNINGS {
                    format!("{} more entries map one way only", count - MAXIMUM_ONE_WAY_WARNINGS)
                } else {
                    "replies to such addresses take another way; if that is meant, nothing needs to be done"
                        .to_owned()
                };
                Diagnostic::new(Code::OneWay, source, entry.place.span.clone(), message, "one way only")
                    .help(help)
            });
        let shown: Vec<Diagnostic> = shown.collect();
        self.diagnostics.extend(shown);
    }
}

/// Tables with thousands of one-way entries exist; the first few tell the story.
const MAXIMUM_ONE_WAY_WARNINGS: usize = 20;

/// Whether an address can stand for a gateway: it has a country, and room for what is added.
fn can_be_gateway(address: &KeyedAddress) -> bool {
    address.has(&Key::Country) && rasn_x400::x411::address::text::check(address).is_empty()
}
