//! Text forms of an O/R address (RFC 2156 4.1, RFC 1685, RFC 1278).
//!
//! A text is read in three steps, each usable alone:
//!
//! 1. [`parse()`] takes the text apart into a [`KeyedAddress`]: pairs of [`Key`] and value, in canonical order, every value
//!    known to fit the encoding of its key. It reads what RFC 2156 generates, what RFC 1685 puts on business cards, and
//!    mixtures of both.
//! 2. [`check()`] judges bounds and alphabets, [`KeyedAddress::form`] tells which of the forms of X.402 18.5 it has. Neither
//!    refuses anything: what to do about a [`Finding`] is the caller's policy.
//! 3. [`KeyedAddress::to_or_name`] builds the ASN.1 value, [`KeyedAddress::from_or_name`] goes back.
//!
//! [`KeyedAddress::to_std_or`] writes `/S=Kille/O=UCL/ADMD=BT/C=GB/`, [`KeyedAddress::to_display`] writes
//! `S=Kille; O=UCL; A=BT; C=GB`. Personal names as people write them (`J.Linnimouth`) are in [`personal`], T.61 octets as
//! printable characters in [`teletex`], presentation addresses in [`presentation`].
//!
//! ```
//! use rasn_x400::x411::address::text;
//!
//! let address = text::parse("G=john; S=smith; O=a bank ltd; P=abl; A=snomail; C=aq").unwrap();
//! assert_eq!(address.to_std_or(), "/G=john/S=smith/O=a bank ltd/PRMD=abl/ADMD=snomail/C=aq/");
//! ```

use std::fmt;

pub mod personal;
pub mod presentation;
pub mod teletex;

mod check;
mod from_name;
mod key;
mod parse;
mod print;
mod to_name;
mod value;

#[cfg(test)]
mod tests;

pub use check::{AddressForm, Finding, NoForm, Problem, check};
pub use from_name::FromOrName;
pub use key::{Encoding, Key};
pub use parse::parse;
pub use to_name::ConversionError;

/// One attribute of an address: its key and its value as text, `$` quoting removed, `{…}` and `*` of teletex still in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// Which attribute.
    pub key: Key,
    /// Its value, in the encoding of the key.
    pub value: String,
}

/// The attributes of an address, least significant first: of several organizational units or domain-defined attributes
/// the last is the first of the ASN.1 SEQUENCE (RFC 2156 4.3.3, ledger A-19, A-22).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct KeyedAddress {
    attributes: Vec<Attribute>,
}

impl KeyedAddress {
    /// The attributes in canonical order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The attributes themselves, in canonical order.
    pub fn into_attributes(self) -> impl Iterator<Item = (Key, String)> {
        self.attributes.into_iter().map(|Attribute { key, value }| (key, value))
    }

    /// The value of the first attribute with this key, from the left.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.key == *key)
            .map(|attribute| attribute.value.as_str())
    }

    /// Whether an attribute with this key is present.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        self.get(key).is_some()
    }

    /// The organizational units, most significant first.
    pub fn units(&self) -> impl DoubleEndedIterator<Item = &str> {
        let units = self.attributes.iter().rev();
        units.filter(|attribute| attribute.key == Key::OrganizationalUnit).map(|unit| unit.value.as_str())
    }

    /// The domain-defined attributes as (type, value), first of the SEQUENCE first.
    pub fn domain_defined(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().rev().filter_map(|attribute| match &attribute.key {
            Key::DomainDefined(kind) => Some((kind.as_str(), attribute.value.as_str())),
            _ => None,
        })
    }

    /// Adds an attribute at its canonical place; among equals it becomes the left-most, hence the least significant.
    pub fn insert(&mut self, key: Key, value: impl Into<String>) {
        let place = self.attributes.partition_point(|present| present.key.rank() < key.rank());
        self.attributes.insert(place, Attribute { key, value: value.into() });
    }

    /// The address without the attributes that `unwanted` picks.
    #[must_use]
    pub fn without(&self, unwanted: impl Fn(&Attribute) -> bool) -> Self {
        let kept = self.attributes.iter().filter(|attribute| !unwanted(attribute));
        Self { attributes: kept.cloned().collect() }
    }

    /// Whether there are no attributes at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }
}

impl FromIterator<(Key, String)> for KeyedAddress {
    /// Pairs from left to right; keys are moved to canonical order, equal keys keep theirs.
    fn from_iter<I: IntoIterator<Item = (Key, String)>>(pairs: I) -> Self {
        let mut attributes: Vec<Attribute> =
            pairs.into_iter().map(|(key, value)| Attribute { key, value }).collect();
        attributes.sort_by_key(|attribute| attribute.key.rank());
        Self { attributes }
    }
}

impl fmt::Display for KeyedAddress {
    /// The std-or form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_std_or())
    }
}

/// Why a text is not an O/R address, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct TextError {
    /// Octets before the fault.
    pub offset: usize,
    /// What would have been right there.
    pub expected: String,
    /// What is there instead.
    pub found: String,
    /// The clause that demands it.
    pub clause: &'static str,
    /// What to write instead, when there is a likely answer.
    pub suggestion: Option<String>,
}
