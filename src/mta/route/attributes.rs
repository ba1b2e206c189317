//! Addresses and domains in the form in which they are compared.

use std::collections::BTreeMap;

use rasn_x400::x411::address::DomainName;
use rasn_x400::x411::address::text::{Key, KeyedAddress};
use rasn_x400::x411::trace::GlobalDomainIdentifier;

/// Countries whose digits and letters are known to mean the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Countries(BTreeMap<String, String>);

impl Countries {
    pub(crate) fn new(letters_by_digits: &BTreeMap<String, String>) -> Self {
        let pairs = letters_by_digits.iter();
        Self(pairs.map(|(digits, letters)| (digits.trim().to_owned(), folded(letters))).collect())
    }

    fn folded(&self, country: &str) -> String {
        let country = folded(country);
        self.0.get(&country).cloned().unwrap_or(country)
    }
}

/// The attributes of an address, folded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    country: Option<String>,
    /// `None` also for one space, which means any.
    administration_domain: Option<String>,
    private_domain: Option<String>,
    organization: Option<String>,
    /// Most significant first.
    units: Vec<String>,
    /// Everything that tells one user from another, by its key.
    user: BTreeMap<&'static str, String>,
    /// Domain-defined, by type.
    defined: BTreeMap<String, String>,
}

impl Attributes {
    pub(crate) fn of_address(address: &KeyedAddress, countries: &Countries) -> Self {
        let mut found = Self { units: address.units().map(folded).collect(), ..Self::default() };
        for attribute in address.attributes() {
            let value = folded(&attribute.value);
            match &attribute.key {
                Key::Country => found.country = Some(countries.folded(&attribute.value)),
                Key::AdministrationDomain => {
                    found.administration_domain = Some(value).filter(|name| !name.is_empty());
                }
                Key::PrivateDomain => found.private_domain = Some(value),
                Key::Organization => found.organization = Some(value),
                Key::OrganizationalUnit => {}
                Key::DomainDefined(kind) => {
                    found.defined.insert(folded(kind), value);
                }
                key => {
                    found.user.insert(key.label(), value);
                }
            }
        }
        found
    }

    pub(super) fn of_domain(domain: &GlobalDomainIdentifier, countries: &Countries) -> Self {
        let name = |domain: &DomainName| folded(&domain.to_text());
        Self {
            country: Some(countries.folded(&domain.country.to_text())),
            administration_domain: Some(name(&domain.administration_domain)).filter(|name| !name.is_empty()),
            private_domain: domain.private_domain.as_ref().map(name),
            ..Self::default()
        }
    }

    /// Whether an address has all of these.
    pub(crate) fn matches(&self, address: &Self) -> bool {
        let has = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
        // X.402: with a single-space ADMD the PRMD is meant, whichever ADMD it is reached by.
        let any_administration = address.administration_domain.is_none() && address.country.is_some();
        has(&self.country, &address.country)
            && (any_administration || has(&self.administration_domain, &address.administration_domain))
            && has(&self.private_domain, &address.private_domain)
            && has(&self.organization, &address.organization)
            && address.units.starts_with(&self.units)
            && self.user.iter().all(|(key, value)| address.user.get(key) == Some(value))
            && self.defined.iter().all(|(kind, value)| address.defined.get(kind) == Some(value))
    }

    /// Whether some address can have all of these and all of the others.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        let agree = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        let (shorter, longer) = match self.units.len() <= other.units.len() {
            true => (&self.units, &other.units),
            false => (&other.units, &self.units),
        };
        agree(&self.country, &other.country)
            && agree(&self.administration_domain, &other.administration_domain)
            && agree(&self.private_domain, &other.private_domain)
            && agree(&self.organization, &other.organization)
            && longer.starts_with(shorter)
            && self.user.iter().all(|(key, value)| other.user.get(key).is_none_or(|found| found == value))
            && self
                .defined
                .iter()
                .all(|(kind, value)| other.defined.get(kind).is_none_or(|found| found == value))
    }

    /// The same for equal attributes, and for no others.
    pub(crate) fn key(&self) -> String {
        format!("{self:?}")
    }

    /// What they say of the hierarchy, without what tells one user from another.
    pub(crate) fn hierarchy(&self) -> Self {
        Self { user: BTreeMap::new(), defined: BTreeMap::new(), ..self.clone() }
    }

    /// The same with the letters of a country of which only the digits were known.
    pub(crate) fn with_countries(mut self, countries: &Countries) -> Self {
        self.country = self.country.map(|country| countries.folded(&country));
        self
    }

    /// Whether the country is written in digits.
    pub(crate) fn has_numeric_country(&self) -> bool {
        self.country.as_ref().is_some_and(|country| country.bytes().all(|octet| octet.is_ascii_digit()))
    }

    /// Whether every address that has all of the others has all of these.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let administration =
            self.administration_domain.is_none() || self.administration_domain == other.administration_domain;
        // What an address without ADMD is taken for does not count: the others may be of any ADMD.
        administration && self.matches(other)
    }

    /// Whether an address is directly of this management domain. Addresses of the PRMDs below an ADMD are not the ADMD's.
    pub(super) fn is_domain_of(&self, address: &Self) -> bool {
        let own = self.private_domain.is_some()
            || (address.private_domain.is_none()
                && address.administration_domain == self.administration_domain);
        own && self.matches(address)
    }

    /// How many attributes, then how deep the deepest levels go.
    pub(crate) fn specificity(&self) -> (usize, [usize; 6]) {
        let one = |attribute: &Option<String>| usize::from(attribute.is_some());
        let levels = [
            self.defined.len(),
            self.user.len(),
            self.units.len(),
            one(&self.organization),
            one(&self.private_domain),
            one(&self.administration_domain),
        ];
        (one(&self.country) + levels.iter().sum::<usize>(), levels)
    }
}

/// A management domain in the form in which trace elements are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoldedDomain(Attributes);

impl From<&GlobalDomainIdentifier> for FoldedDomain {
    fn from(domain: &GlobalDomainIdentifier) -> Self {
        Self(Attributes::of_domain(domain, &Countries::default()))
    }
}

/// Lower case, single spaces, none at the ends; of two renditions the printable one.
pub(crate) fn folded(value: &str) -> String {
    let printable = value.split('*').find(|rendition| !rendition.is_empty()).unwrap_or_default();
    let mut folded = String::with_capacity(printable.len());
    for word in printable.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}
