//! What the analysis asks the tables.

use rasn_x400::x411::address::text::KeyedAddress;

use super::super::choice::Choice;
use super::super::mcgam::{self, Entry, Kind, Place, Table};
use super::super::pseudo_domain::{self, Path};
use super::Analysis;

/// An entry of a table.
#[derive(Debug, Clone)]
pub(super) struct Fact<'a> {
    /// The key as it is compared.
    pub(super) normal: &'a str,
    /// The key as it is written.
    pub(super) key: &'a str,
    pub(super) target: &'a str,
    pub(super) place: Place,
}

impl Fact<'_> {
    /// The path that it leads to, of an entry with a domain as its key.
    pub(super) fn path(&self) -> Path {
        Path::parse(self.target).unwrap_or_default()
    }

    /// The address that it leads to.
    pub(super) fn address(&self) -> KeyedAddress {
        pseudo_domain::address(self.target).unwrap_or_default()
    }
}

impl<'a> From<Entry<'a>> for Fact<'a> {
    fn from(entry: Entry<'a>) -> Self {
        Self { normal: entry.normal, key: entry.key, target: entry.target, place: entry.place }
    }
}

impl<'a> Analysis<'a> {
    /// Every entry of a table that counts for everybody.
    pub(super) fn common_entries(&self, kind: Kind) -> impl Iterator<Item = Fact<'a>> + use<'a> {
        let rules = self.rules;
        self.entries(kind).filter(move |entry| rules.registry.scope(entry.place.rule).is_global())
    }

    /// Every entry of a table.
    pub(super) fn entries(&self, kind: Kind) -> impl Iterator<Item = Fact<'a>> + use<'a> {
        self.table(kind).entries().map(Fact::from)
    }

    /// The entry that decides about a domain for everybody, with the number of labels of its key.
    pub(super) fn of_domain(&self, kind: Kind, domain: &str) -> Option<(Fact<'a>, usize)> {
        let (entry, labels) = self.table(kind).by_domain(domain, &Choice::everybody(self.rules))?;
        Some((entry.into(), labels))
    }

    /// The entry that decides about a path for everybody, with the number of levels of its key.
    pub(super) fn of_path(&self, kind: Kind, path: &Path) -> Option<(Fact<'a>, usize)> {
        let (entry, levels) = self.table(kind).by_path(path, &Choice::everybody(self.rules))?;
        Some((entry.into(), levels))
    }

    fn table(&self, kind: Kind) -> &'a Table {
        match kind {
            Kind::OrToDomain => &self.rules.or_to_domain,
            Kind::DomainToOr => &self.rules.domain_to_or,
            Kind::GatewayDomain => &self.rules.gateway_domains,
            Kind::GatewayAddress => &self.rules.gateway_addresses,
        }
    }
}

/// The path of an entry whose key is one.
pub(super) fn path_of_key(fact: &Fact<'_>) -> Path {
    Path::parse(fact.key).unwrap_or_default()
}

/// A path as it is compared.
pub(super) fn path_key(path: &Path) -> String {
    mcgam::path_entry_key(path)
}
