//! Bounds, alphabets and address forms (X.402 18.5, X.411 Annex B; ledger AK-*, A-117).

use std::fmt;

use super::KeyedAddress;
use super::key::{Encoding, Key};
use super::teletex::Both;
use super::value;
use crate::bounds;
use crate::prim::is_printable;

/// Something in an address that the standards do not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The attribute.
    pub attribute: Key,
    /// What is wrong with it.
    pub problem: Problem,
    /// The clause it violates.
    pub clause: &'static str,
}

/// What can be wrong with an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// More characters than its upper bound.
    TooLong {
        /// Characters.
        length: usize,
        /// Upper bound.
        limit: usize,
    },
    /// No characters where at least one must be.
    Empty,
    /// More values, or lines, than an address may have.
    TooMany {
        /// Values.
        count: usize,
        /// Upper bound.
        limit: usize,
    },
    /// An octet that its string type does not have.
    Alphabet,
    /// Neither two letters nor three digits.
    NotACountry,
    /// The value does not fit the encoding of its key at all.
    Encoding,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.attribute;
        match &self.problem {
            Problem::TooLong { length, limit } => {
                write!(f, "`{key}` has {length} characters, at most {limit} are allowed")
            }
            Problem::Empty => write!(f, "`{key}` is empty"),
            Problem::TooMany { count, limit } => {
                write!(f, "`{key}` occurs {count} times, at most {limit} are allowed")
            }
            Problem::Alphabet => write!(f, "`{key}` has a character that does not belong to its string type"),
            Problem::NotACountry => write!(f, "`{key}` is neither two letters nor three digits"),
            Problem::Encoding => write!(f, "`{key}` has a value that does not fit its encoding"),
        }
    }
}

/// Everything in an address that is out of bounds or alphabet. Completeness is [`KeyedAddress::form`]'s matter.
#[must_use]
pub fn check(address: &KeyedAddress) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    for attribute in address.attributes() {
        findings.judge(&attribute.key, &attribute.value);
    }
    findings.count(&Key::OrganizationalUnit, address.units().count(), bounds::ORGANIZATIONAL_UNITS);
    if address.domain_defined().count() > bounds::DOMAIN_DEFINED_ATTRIBUTES {
        findings.domain_defined(address);
    }
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, key: &Key, problem: Problem) {
        let clause = match problem {
            Problem::Alphabet => "X.680 41.4",
            Problem::NotACountry => "X.402 18.3.3",
            Problem::Encoding => "RFC 2156 4.1.1",
            _ => "X.411 Annex B",
        };
        self.0.push(Finding { attribute: key.clone(), problem, clause });
    }

    fn count(&mut self, key: &Key, count: usize, limit: usize) {
        if count > limit {
            self.add(key, Problem::TooMany { count, limit });
        }
    }

    /// Too many in one of the forms.
    fn domain_defined(&mut self, address: &KeyedAddress) {
        let (mut printable, mut teletex) = (0, 0);
        for (kind, text) in address.domain_defined() {
            if let Ok(forms) = value::domain_defined(kind, text) {
                printable += usize::from(forms.printable.is_some());
                teletex += usize::from(forms.teletex.is_some());
            }
        }
        let kind = address.domain_defined().next().map(|(kind, _)| kind.to_owned()).unwrap_or_default();
        self.count(&Key::DomainDefined(kind), printable.max(teletex), bounds::DOMAIN_DEFINED_ATTRIBUTES);
    }

    fn length(&mut self, key: &Key, length: usize, (low, limit): (usize, usize)) {
        if length > limit {
            self.add(key, Problem::TooLong { length, limit });
        } else if length < low && length == 0 {
            self.add(key, Problem::Empty);
        }
    }

    fn judge(&mut self, key: &Key, text: &str) {
        let bound = key.row().map_or((1, bounds::DOMAIN_DEFINED_ATTRIBUTE_VALUE), |row| row.bound);
        match key.encoding() {
            Encoding::Printable if value::is_plain(text) => self.printable(key, text.as_bytes(), bound),
            Encoding::Printable => match value::printable(text) {
                Err(_) => self.add(key, Problem::Encoding),
                Ok(octets) => self.printable(key, &octets, bound),
            },
            Encoding::PrintableOrTeletex => {
                self.both(key, text, bound);
                if let Key::DomainDefined(kind) = key {
                    self.both(key, kind, (1, bounds::DOMAIN_DEFINED_ATTRIBUTE_TYPE));
                }
            }
            Encoding::PostalAddress => self.postal(key, text),
            Encoding::Numeric => {
                self.length(key, text.len(), bound);
                if !text.bytes().all(|octet| octet.is_ascii_digit() || octet == b' ') {
                    self.add(key, Problem::Encoding);
                }
            }
            Encoding::LabelledInteger | Encoding::PresentationAddress => {
                if value::fit(key, text.to_owned()).is_err() {
                    self.add(key, Problem::Encoding);
                }
            }
        }
    }

    fn printable(&mut self, key: &Key, octets: &[u8], bound: (usize, usize)) {
        if matches!(key, Key::Country | Key::PhysicalDeliveryCountry) {
            self.country(key, octets);
        } else {
            self.length(key, octets.len(), bound);
        }
        self.alphabet(key, octets);
    }

    fn country(&mut self, key: &Key, octets: &[u8]) {
        let letters =
            octets.len() == bounds::COUNTRY_NAME_ALPHA && octets.iter().all(u8::is_ascii_alphabetic);
        let digits = octets.len() == bounds::COUNTRY_NAME_NUMERIC && octets.iter().all(u8::is_ascii_digit);
        if !letters && !digits {
            self.add(key, Problem::NotACountry);
        }
    }

    fn alphabet(&mut self, key: &Key, octets: &[u8]) {
        if !octets.iter().all(|&octet| is_printable(octet)) {
            self.add(key, Problem::Alphabet);
        }
    }

    fn both(&mut self, key: &Key, text: &str, bound: (usize, usize)) {
        if value::is_plain(text) {
            return self.length(key, text.len(), bound);
        }
        let Ok(both) = Both::from_text(text) else { return self.add(key, Problem::Encoding) };
        if let Some(printable) = &both.printable {
            self.length(key, printable.len(), bound);
            self.alphabet(key, printable);
        }
        if let Some(teletex) = &both.teletex {
            self.length(key, teletex.len(), bound);
        }
    }

    fn postal(&mut self, key: &Key, text: &str) {
        let Ok((lines, teletex)) = value::postal(text) else { return self.add(key, Problem::Encoding) };
        self.count(key, lines.len(), bounds::PDS_PHYSICAL_ADDRESS_LINES);
        for line in &lines {
            self.length(key, line.len(), (1, bounds::PDS_PARAMETER));
            self.alphabet(key, line);
        }
        if let Some(teletex) = teletex {
            self.length(key, teletex.len(), (1, bounds::UNFORMATTED_ADDRESS));
        }
    }
}

/// The forms of X.402 18.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressForm {
    /// A name and an organization.
    Mnemonic,
    /// A number in a management domain.
    Numeric,
    /// A postal address by its parts.
    FormattedPostal,
    /// A postal address as lines.
    UnformattedPostal,
    /// A network address.
    Terminal,
}

/// What an address lacks to have any of the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address has no {missing}")]
pub struct NoForm {
    /// The attribute it lacks.
    pub missing: &'static str,
}

impl KeyedAddress {
    /// The form the address has, by the attributes that identify one: a terminal, a number, a delivery, else a name.
    ///
    /// An attribute too many does no harm. Neither does the absence of an ADMD, which mappings may omit, nor of `PD-C` and
    /// `PD-CODE`, whose need the delivery service judges.
    ///
    /// # Errors
    /// The attribute whose absence leaves the address without a form.
    pub fn form(&self) -> Result<AddressForm, NoForm> {
        let has = |keys: &[Key]| keys.iter().any(|key| self.has(key));
        let missing = |missing| Err(NoForm { missing });
        if has(&[Key::GivenName, Key::Initials, Key::GenerationQualifier]) && !self.has(&Key::Surname) {
            return missing("surname (S)");
        }
        if has(&[Key::NetworkAddress, Key::NetworkNumber, Key::PresentationAddress]) {
            return Ok(AddressForm::Terminal);
        }
        if !self.has(&Key::Country) {
            return missing("country (C)");
        }
        if self.has(&Key::NumericUserIdentifier) {
            return Ok(AddressForm::Numeric);
        }
        if self.has(&Key::UnformattedPostalAddress) {
            return Ok(AddressForm::UnformattedPostal);
        }
        if self.attributes().iter().any(|attribute| attribute.key.is_physical_delivery()) {
            return Ok(AddressForm::FormattedPostal);
        }
        let named = has(&[Key::Surname, Key::CommonName, Key::OrganizationalUnit, Key::Organization]);
        if named || self.domain_defined().next().is_some() {
            return Ok(AddressForm::Mnemonic);
        }
        if has(&[Key::TerminalIdentifier, Key::TerminalType]) {
            return missing("network address (X121)");
        }
        missing("name below the management domain (S, CN, O, OU or DD)")
    }
}
