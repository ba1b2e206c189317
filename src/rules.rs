//! What the operator says about addresses: mapping tables, the gateway's own names, and examples that prove them.
//!
//! 1. [`Rules::load`] reads a rule file (TOML) and the tables it names, through a closure, so that this module touches no
//!    files. Every fault becomes a [`Diagnostic`] with a place; one error and nothing is used (M-06).
//! 2. The tables are those of RFC 2156 Appendix F: see [`mcgam`]. Pairs written in the rule file go into the same tables.
//! 3. Examples in the rule file are run through [`crate::mixer::address::Mapper`] before the rules are accepted, by the
//!    tables alone.
//!    Single addresses (`pairs`) and rules with variables (`template`) are kept apart; [`registry`] numbers them all.
//! 4. [`lookup`] is for mappings that live elsewhere.
//! 5. Rules that are not about addresses: [`policy`] says who may send to whom, [`header`] and [`body`] what is done with
//!    fields and bodies, [`route`] where messages go. [`selection`] says which of them count for a message ([`traffic`]), by
//!    [`pattern`] and [`scope`].
//!
//! [`catalogue`] explains every code; `analysis` finds rules that never decide, contradict each other, or lead round.
//!
//! A loaded set never changes; a new one replaces it whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rasn_x400::x411::address::text::{Key, KeyedAddress};

use crate::diagnostic::{Code, Diagnostic, Sources};

pub mod aviation;
pub mod body;
pub mod catalogue;
pub mod difference;
pub mod directory;
pub mod export;
pub mod header;
pub mod import;
pub mod lookup;
pub mod mcgam;
pub mod pattern;
pub mod policy;
pub mod pseudo_domain;
pub mod registry;
pub mod route;
pub mod scope;
pub mod selection;
pub mod traffic;

mod analysis;
mod choice;
mod examples;
mod file;
mod loader;
mod pairs;
mod recipient_examples;
mod template;
mod version;

#[cfg(test)]
mod tests;

pub(crate) use choice::Choice;
use loader::Loader;
use mcgam::{Entry, Kind, Place, Table};
use pairs::Pair;
pub(crate) use pairs::same_address;
use pseudo_domain::Path;
use registry::{Coverage, Registry, RuleKind, RuleNumber};
pub(crate) use template::Near;
pub use version::Version;

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
    registry: Registry,
    pairs: pairs::Pairs,
    templates: template::Templates,
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
    headers: Vec<Arc<header::HeaderRule>>,
    bodies: Vec<body::BodyRule>,
    policies: policy::Policies,
    routes: Vec<(RuleNumber, crate::mta::route::Rule)>,
    domain_routes: Vec<route::DomainRoute>,
    /// The pairs that are nobody else's business.
    local: BTreeSet<RuleNumber>,
    version: Version,
    /// The names of all texts, in the order they were read.
    texts: Vec<Arc<str>>,
}

/// Where a mapping was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a line of a table or of the rule file.
    Rule {
        /// Which rule, in [`Rules::registry`].
        number: RuleNumber,
        /// What it is.
        kind: RuleKind,
        /// What the operator calls it.
        name: Option<Arc<str>>,
        /// The table or file.
        source: Arc<str>,
        /// From 1.
        line: usize,
    },
    /// By a lookup: the source, the record as it is published, and the server that gave it.
    Lookup(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rule { kind, name: Some(name), source, line, .. } => {
                write!(f, "{kind} {name} ({source}:{line})")
            }
            Self::Rule { source, line, .. } => write!(f, "{source}:{line}"),
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
            if !loader.has_read(name) {
                loader.rule_file(name, text, &read);
            }
        }
        for (name, text) in texts {
            if loader.has_read(name) {
                continue;
            }
            match Kind::from_name(name) {
                Some(kind) => loader.table(kind, name, text, None),
                None => {
                    let help = "name it after `mapping1`, `mapping2`, `gate1` or `gate2`";
                    let message = format!("what kind of table is `{name}`?");
                    loader.report(Diagnostic::new(Code::UnknownTable, *name, 0..0, message, "").help(help));
                }
            }
        }
        loader.finish().map(|loaded| loaded.rules).map_err(|rejected| rejected.diagnostics)
    }

    /// What names this set: a digest of all its texts.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The files it was read from, as they are called, in that order.
    #[must_use]
    pub fn sources(&self) -> &[Arc<str>] {
        &self.texts
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

    /// Every rule by its number.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Which rules no example used.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.registry.coverage()
    }

    /// Where an entry was written.
    pub(crate) fn origin(&self, place: &Place) -> Origin {
        let (source, line) = self.place(place);
        let rule = self.registry.get(place.rule);
        let kind = rule.map_or(RuleKind::Table, |rule| rule.kind);
        Origin::Rule { number: place.rule, kind, name: rule.and_then(|rule| rule.name.clone()), source, line }
    }

    /// Whether an entry is not to be published: what counts for some only is not.
    pub(crate) fn is_local(&self, place: &Place) -> bool {
        self.local.contains(&place.rule) || !self.registry.scope(place.rule).is_global()
    }

    /// Where an entry was written: source and line.
    #[must_use]
    pub(crate) fn place(&self, place: &Place) -> (Arc<str>, usize) {
        (self.registry.source_of_entries(place.rule), place.line)
    }

    /// The mapping of a domain, with the number of labels that are mapped (M-31).
    pub(crate) fn domain_to_or(&self, domain: &str, choice: &Choice<'_>) -> Option<(Path, usize, Entry<'_>)> {
        let (entry, labels) = self.domain_to_or.by_domain(domain, choice)?;
        Some((mcgam::target_path(&entry), labels, entry))
    }

    /// The mapping of a path, with the number of its levels (M-32). Numeric country codes count as the letters the rules
    /// give for them.
    pub(crate) fn or_to_domain(&self, path: &Path, choice: &Choice<'_>) -> Option<(Entry<'_>, usize)> {
        self.or_to_domain.by_path(&self.with_letters(path), choice)
    }

    /// The preferred Internet gateway of a path, with the number of levels of its key.
    pub(crate) fn gateway_domain(&self, path: &Path, choice: &Choice<'_>) -> Option<(Entry<'_>, usize)> {
        self.gateway_domains.by_path(&self.with_letters(path), choice)
    }

    /// The preferred X.400 gateway of a domain, with the number of labels of its key.
    pub(crate) fn gateway_address(&self, domain: &str, choice: &Choice<'_>) -> Option<(Entry<'_>, usize)> {
        self.gateway_addresses.by_domain(domain, choice)
    }

    /// Whether there are preferred X.400 gateways.
    pub(crate) const fn has_preferred_gateways(&self) -> bool {
        !self.gateway_addresses.is_empty()
    }

    /// The X.400 gateway for what no table knows.
    pub(crate) const fn encapsulate_via(&self) -> Option<&KeyedAddress> {
        self.encapsulate_via.as_ref()
    }

    /// Whether mail for an unmapped domain may leave by X.400.
    pub(crate) fn is_reached_by_x400(&self, domain: &str) -> bool {
        self.route_unmapped == RouteUnmapped::Encapsulate || self.names_as_reached(domain)
    }

    /// Whether the list of such domains has it, or one above it.
    pub(crate) fn names_as_reached(&self, domain: &str) -> bool {
        let lower = domain.to_ascii_lowercase();
        let mut above = std::iter::once(0).chain(lower.match_indices('.').map(|(place, _)| place + 1));
        above.any(|start| self.reached_by_x400.contains(&lower[start..]))
    }

    /// Rules with variables.
    pub(crate) const fn templates(&self) -> &template::Templates {
        &self.templates
    }

    /// A rule, as a step of the mapper names it.
    pub(crate) fn origin_of(&self, rule: RuleNumber) -> Origin {
        let line = self.registry.get(rule).map_or(0, |rule| rule.line);
        self.origin(&Place { rule, line, span: 0..0 })
    }

    /// Whether there are exact pairs.
    pub(crate) const fn has_pairs(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// The exact pair of a mailbox, `local-part@domain` quoted where need be.
    pub(crate) fn pair_of_mailbox(
        &self,
        mailbox: &str,
        choice: &Choice<'_>,
    ) -> Option<(KeyedAddress, Origin)> {
        if self.pairs.is_empty() {
            return None;
        }
        let pair = best(self.pairs.of_mailbox(mailbox), choice)?;
        Some((pairs::canonical::address(pair.or)?, self.origin_of_pair(&pair)))
    }

    /// The exact pair of an O/R address.
    pub(crate) fn pair_of_address(
        &self,
        address: &KeyedAddress,
        choice: &Choice<'_>,
    ) -> Option<(String, Origin)> {
        if self.pairs.is_empty() {
            return None;
        }
        let or = pairs::canonical::canonical(address);
        let pair = best(self.pairs.of_or(&or, &self.countries), choice)?;
        Some((pair.mailbox.to_owned(), self.origin_of_pair(&pair)))
    }

    fn origin_of_pair(&self, pair: &Pair<'_>) -> Origin {
        self.origin(&Place { rule: pair.rule, line: pair.line, span: 0..0 })
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

/// The pair that counts.
fn best<'a>(pairs: impl Iterator<Item = Pair<'a>>, choice: &Choice<'_>) -> Option<Pair<'a>> {
    let ranked = pairs.filter_map(|pair| Some((choice.rank(pair.rule)?, pair)));
    ranked.max_by(|one, other| one.0.cmp(&other.0)).map(|(_, pair)| pair)
}

/// Whether an address can stand for a gateway: it has a country, and room for what is added.
fn can_be_gateway(address: &KeyedAddress) -> bool {
    address.has(&Key::Country) && rasn_x400::x411::address::text::check(address).is_empty()
}
