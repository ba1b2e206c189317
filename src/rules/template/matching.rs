//! A whole address compared with one side of a template, and the other side made of it. What does not come back is no
//! match: a template that counts in both directions is the inverse of itself.

use std::cell::Cell;
use std::collections::BTreeMap;

use rasn_x400::prim::is_printable;
use rasn_x400::x411::address::text::{Key, KeyedAddress};

use super::super::mcgam::is_label;
use super::super::pairs::canonical::without_extra_spaces;
use super::super::pairs::same_address;
use super::Template;
use super::shape::{Bindings, Comparing, Miss, Shape};
use crate::mixer::address::mailbox;

/// Octets of a domain name (RFC 5321 4.5.3.1.2).
const DOMAIN_LIMIT: usize = 255;

/// How far a comparison came, and what it failed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missed {
    /// The larger, the farther.
    pub(super) progress: usize,
    pub(super) reason: String,
}

/// The values of variables on the Internet side.
type Values = Vec<Option<String>>;

/// The values of variables in X.400: one, or one for each organizational unit, most significant first.
type Parts = Vec<Option<Vec<String>>>;

impl Template {
    /// The O/R address of a mailbox, given the local part without quotes and the domain. Bounds and alphabets of the
    /// address are not looked at.
    pub(crate) fn to_x400(
        &self,
        (local, domain): (&str, &str),
        countries: &BTreeMap<String, String>,
    ) -> Result<(KeyedAddress, Values), Missed> {
        let values = self.compare_mailbox((local, domain))?;
        let (address, parts) = self.address(&values)?;
        if self.directions.to_internet {
            let back = self.compare_address(&address, countries).and_then(|parts| self.mailbox(&parts));
            let is_same = |(back, back_domain, _): &(String, String, Values)| {
                back.eq_ignore_ascii_case(local) && back_domain.eq_ignore_ascii_case(domain)
            };
            let too_long = || !rasn_x400::x411::address::text::check(&address).is_empty();
            match back {
                Ok(back) if is_same(&back) => {}
                // What is refused for its bounds need not come back.
                _ if parts.iter().flatten().flatten().any(|value| !is_plain(value)) || too_long() => {}
                Ok((back, back_domain, _)) => {
                    let shown = address.to_display();
                    let reason = format!("`{shown}` would come back as `{back}@{back_domain}`");
                    return Err(Missed { progress: 4, reason });
                }
                Err(missed) => {
                    let reason = format!("`{}` would not come back: {}", address.to_display(), missed.reason);
                    return Err(Missed { progress: 4, reason });
                }
            }
        }
        Ok((address, values))
    }

    /// The mailbox of an O/R address, quoted where need be.
    pub(crate) fn to_internet(
        &self,
        address: &KeyedAddress,
        countries: &BTreeMap<String, String>,
    ) -> Result<(String, Values), Missed> {
        let parts = self.compare_address(address, countries)?;
        let (local, domain, values) = self.mailbox(&parts)?;
        if self.directions.to_x400 {
            let back = self.compare_mailbox((&local, &domain)).and_then(|values| self.address(&values));
            let reason = match back {
                Ok((back, _)) if same_address(&back, address, countries) => None,
                Ok((back, _)) => {
                    Some(format!("`{local}@{domain}` would come back as `{}`", back.to_display()))
                }
                Err(missed) => Some(format!("`{local}@{domain}` would not come back: {}", missed.reason)),
            };
            if let Some(reason) = reason {
                return Err(Missed { progress: 100, reason });
            }
        }
        Ok((format!("{}@{domain}", mailbox::quote(&local)), values))
    }

    fn compare_mailbox(&self, (local, domain): (&str, &str)) -> Result<Values, Missed> {
        let mut bindings: Bindings = vec![None; self.variables.len()];
        self.take(&self.domain, domain, Some('.'), &mut bindings)
            .map_err(|Miss(reason)| Missed { progress: 1, reason: format!("domain: {reason}") })?;
        self.take(&self.local, local, Some('@'), &mut bindings).map_err(|Miss(reason)| Missed {
            progress: 2,
            reason: format!("domain matches, local part: {reason}"),
        })?;
        Ok(bindings)
    }

    fn take(
        &self,
        shape: &Shape,
        text: &str,
        never: Option<char>,
        bindings: &mut Bindings,
    ) -> Result<(), Miss> {
        let how = Comparing {
            names: &|number| self.variables.get(number).map_or("", |variable| variable.name.as_str()),
            is_split: &|number| self.variables.get(number).is_some_and(|variable| variable.split.is_some()),
            never,
        };
        shape.take(text, how, bindings)
    }

    /// The address that values of the Internet side make, and what they are in X.400.
    fn address(&self, values: &Values) -> Result<(KeyedAddress, Parts), Missed> {
        let missed =
            |reason| Missed { progress: 3, reason: format!("domain and local part match, {reason}") };
        let mut parts: Parts = Vec::with_capacity(values.len());
        for (variable, value) in self.variables.iter().zip(values) {
            let made = value.as_deref().map(|value| variable.to_x400(value)).transpose();
            parts.push(made.map_err(missed)?);
        }
        let value = |number: usize| first(&parts, number);
        let mut pairs: Vec<(Key, String)> =
            self.attributes.iter().map(|(key, shape)| (key.clone(), shape.fill(value))).collect();
        let mut units: Vec<String> = self.units.iter().map(|shape| shape.fill(value)).collect();
        let more = self.more_units.and_then(|number| parts.get(number)?.clone());
        units.extend(more.into_iter().flatten());
        // The right-most unit is the most significant.
        pairs.extend(units.into_iter().rev().map(|unit| (Key::OrganizationalUnit, unit)));
        Ok((pairs.into_iter().collect(), parts))
    }

    /// What the variables stand for in an address that has exactly these attributes.
    fn compare_address(
        &self,
        address: &KeyedAddress,
        countries: &BTreeMap<String, String>,
    ) -> Result<Parts, Missed> {
        let mut bindings: Bindings = vec![None; self.variables.len()];
        let progress = Cell::new(0);
        let compare = |shape: &Shape, key: &Key, value: &str, bindings: &mut Bindings| {
            let value = form(key, value, countries);
            let shape_as_literal = shape.literal().map(|literal| form(key, literal, countries));
            let result = match shape_as_literal {
                Some(literal) if literal.eq_ignore_ascii_case(&value) => Ok(()),
                Some(literal) => Err(Miss(format!("it is `{value}`, not `{literal}`"))),
                None => self.take(shape, &value, None, bindings),
            };
            progress.set(progress.get() + usize::from(result.is_ok()));
            result.map_err(|Miss(reason)| Missed {
                progress: progress.get(),
                reason: format!("{key}: {reason}"),
            })
        };
        // From the country down: the farther it comes the nearer it is.
        for (key, shape) in self.attributes.iter().rev() {
            let value = address.attributes().iter().find(|attribute| same_key(&attribute.key, key));
            match value {
                Some(attribute) => compare(shape, key, &attribute.value, &mut bindings)?,
                None => return Err(Missed { progress: progress.get(), reason: format!("{key} is missing") }),
            }
        }
        let known = |key: &Key| {
            *key == Key::OrganizationalUnit || self.attributes.iter().any(|(own, _)| same_key(own, key))
        };
        if let Some(attribute) = address.attributes().iter().find(|attribute| !known(&attribute.key)) {
            return Err(Missed { progress: progress.get(), reason: format!("it has {}", attribute.key) });
        }
        let units: Vec<&str> = address.units().collect();
        let fits = match self.more_units {
            Some(_) => units.len() > self.units.len(),
            None => units.len() == self.units.len(),
        };
        let counted = address.attributes().len() == self.attributes.len() + units.len();
        if !fits || !counted {
            let reason = format!("it has {} organizational units or an attribute twice", units.len());
            return Err(Missed { progress: progress.get(), reason });
        }
        for (shape, unit) in self.units.iter().zip(&units) {
            compare(shape, &Key::OrganizationalUnit, unit, &mut bindings)?;
        }
        let mut parts: Parts = bindings.into_iter().map(|value| value.map(|value| vec![value])).collect();
        if let Some(slot) = self.more_units.and_then(|number| parts.get_mut(number)) {
            let below = units.iter().skip(self.units.len());
            *slot = Some(below.map(|unit| without_extra_spaces(unit)).collect());
        }
        Ok(parts)
    }

    /// Local part and domain that values in X.400 make, and what they are on the Internet side.
    fn mailbox(&self, parts: &Parts) -> Result<(String, String, Values), Missed> {
        let missed =
            |reason: String| Missed { progress: 50, reason: format!("the attributes match, {reason}") };
        let mut values: Values = Vec::with_capacity(parts.len());
        for (variable, parts) in self.variables.iter().zip(parts) {
            if let Some(value) = parts.iter().flatten().find(|value| !is_plain(value)) {
                return Err(missed(format!("`{value}` cannot be {}", variable.name)));
            }
            let made = parts.as_deref().map(|parts| variable.to_internet(parts)).transpose();
            values.push(made.map_err(missed)?);
        }
        let value = |number: usize| values.get(number).and_then(Option::as_deref).unwrap_or_default();
        let (local, domain) = (self.local.fill(value), self.domain.fill(value));
        if domain.len() > DOMAIN_LIMIT || !domain.split('.').all(is_label) || !domain.contains('.') {
            return Err(missed(format!("`{domain}` is no domain")));
        }
        if local.contains('@') {
            return Err(missed(format!("`{local}` has an `@`")));
        }
        Ok((local, domain, values))
    }
}

/// Characters that both sides have.
fn is_plain(value: &str) -> bool {
    value.bytes().all(is_printable)
}

fn first(parts: &Parts, number: usize) -> &str {
    parts.get(number).and_then(|parts| parts.as_ref()?.first()).map_or("", String::as_str)
}

fn same_key(one: &Key, other: &Key) -> bool {
    match (one, other) {
        (Key::DomainDefined(one), Key::DomainDefined(other)) => one.eq_ignore_ascii_case(other),
        _ => one == other,
    }
}

/// A value as it is compared: spaces squeezed, a country in letters, a blank ADMD as a space.
fn form(key: &Key, value: &str, countries: &BTreeMap<String, String>) -> String {
    let value = without_extra_spaces(value);
    match key {
        Key::Country => countries.get(&value).cloned().unwrap_or(value),
        Key::AdministrationDomain if value.is_empty() => " ".to_owned(),
        _ => value,
    }
}
