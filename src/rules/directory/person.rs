//! Addresses that are kept with the people they belong to: one attribute holds the Internet address, another the O/R
//! address, and a filter finds the entry. Any directory will do; RFC 2164 knows nothing of it.

use rasn_x400::x411::address::text::{self, Key, KeyedAddress};

use super::Undetermined;
use crate::ldap::exchange::Found;
use crate::ldap::filter::Filter;
use crate::ldap::message::{Code, Entry, Scope, Search};

/// How people are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// The entry below which they are, as text.
    pub base: String,
    /// Finds the entry of an Internet address: `{address}`, `{local}` and `{domain}` are replaced. None: nobody is looked
    /// up by it.
    pub by_internet: Option<Filter>,
    /// Finds the entry of an O/R address: `{or}` (`/S=Bo/C=gb/`), `{display}` (`S=Bo; C=gb`) and keys such as `{S}` and
    /// `{OU1}` are replaced. A key that the address does not have means that nobody is looked up.
    pub by_or: Option<Filter>,
    /// The attribute with the O/R address.
    pub or_attribute: String,
    /// The attribute with the Internet address.
    pub internet_attribute: String,
}

/// Whose address it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<A> {
    /// The other address.
    pub address: A,
    /// The entry.
    pub entry: String,
}

/// More entries than one are already too many; this is how many are shown.
const SIZE_LIMIT: u32 = 10;

/// Names that stand for something in a filter by Internet address.
pub const OF_INTERNET: [&str; 3] = ["address", "local", "domain"];
/// The same for a filter by O/R address, besides the keys of attributes.
pub const OF_OR: [&str; 6] = ["or", "display", "OU1", "OU2", "OU3", "OU4"];

impl People {
    /// The search for an Internet address, if such are looked up.
    #[must_use]
    pub fn search_by_internet(&self, address: &str) -> Option<Search> {
        let (local, domain) = address.rsplit_once('@')?;
        let filter = self.by_internet.as_ref()?.fill(&|name| match name {
            "address" => Some(address.to_owned()),
            "local" => Some(local.to_owned()),
            "domain" => Some(domain.to_owned()),
            _ => None,
        })?;
        Some(self.search(filter))
    }

    /// The search for an O/R address, if such are looked up and it has all attributes that the filter wants.
    #[must_use]
    pub fn search_by_or(&self, address: &KeyedAddress) -> Option<Search> {
        let filter = self.by_or.as_ref()?.fill(&|name| match name {
            "or" => Some(address.to_std_or()),
            "display" => Some(address.to_display()),
            label => value_of(address, label),
        })?;
        Some(self.search(filter))
    }

    /// Reads what the search for an Internet address found. None: nobody has it, or no O/R address.
    ///
    /// # Errors
    /// When the answer is not whole, says two things, or is no O/R address.
    pub fn or_address(&self, found: &Found) -> Result<Option<Person<KeyedAddress>>, Undetermined> {
        let mut person: Option<Person<KeyedAddress>> = None;
        for entry in entries(found)? {
            for value in values(entry, &self.or_attribute) {
                let address = self.read(entry, &value)?;
                match &person {
                    Some(other) if !is_same(&other.address, &address) => {
                        let (one, two) = (&other.entry, &entry.name);
                        return Err(Undetermined(format!("`{one}` and `{two}` give two O/R addresses")));
                    }
                    Some(_) => {}
                    None => person = Some(Person { address, entry: entry.name.clone() }),
                }
            }
        }
        Ok(person)
    }

    /// Reads what the search for an O/R address found: only entries that have this very address count, however it is
    /// written there. None: nobody has it, or no Internet address.
    ///
    /// # Errors
    /// When the answer is not whole, or says two things.
    pub fn internet_address(
        &self,
        found: &Found,
        asked: &KeyedAddress,
    ) -> Result<Option<Person<String>>, Undetermined> {
        let mut person: Option<Person<String>> = None;
        for entry in entries(found)? {
            let has_it = |value: &String| text::parse(value.trim()).is_ok_and(|found| is_same(&found, asked));
            if !values(entry, &self.or_attribute).iter().any(has_it) {
                continue;
            }
            let Some(address) = values(entry, &self.internet_attribute).into_iter().next() else { continue };
            if !address.contains('@') {
                let shown = address.escape_debug();
                return Err(Undetermined(format!("`{}`: `{shown}` is no Internet address", entry.name)));
            }
            match &person {
                Some(other) if !other.address.eq_ignore_ascii_case(&address) => {
                    let (one, two) = (&other.entry, &entry.name);
                    return Err(Undetermined(format!("`{one}` and `{two}` have the same O/R address")));
                }
                Some(_) => {}
                None => person = Some(Person { address, entry: entry.name.clone() }),
            }
        }
        Ok(person)
    }

    fn search(&self, filter: Filter) -> Search {
        let attributes = vec![self.or_attribute.clone(), self.internet_attribute.clone()];
        let base = self.base.clone();
        Search { base, scope: Scope::Subtree, filter, attributes, size_limit: SIZE_LIMIT, time_limit: 0 }
    }

    fn read(&self, entry: &Entry, value: &str) -> Result<KeyedAddress, Undetermined> {
        text::parse(without_prefix(value)).map_err(|error| {
            let (name, attribute) = (entry.name.escape_debug(), &self.or_attribute);
            Undetermined(format!("the entry `{name}`, {attribute}: `{}`: {error}", value.escape_debug()))
        })
    }
}

/// The entries, if these are all.
fn entries(found: &Found) -> Result<&[Entry], Undetermined> {
    let Found { entries, references, outcome } = found;
    if let Some(url) = references.iter().chain(&outcome.referral).next() {
        let url = url.escape_debug();
        return Err(Undetermined(format!(
            "some entries are elsewhere, at `{url}`; referrals are not followed"
        )));
    }
    match outcome.code {
        Code::SUCCESS => Ok(entries),
        // The base is what an operator wrote: without it nothing can be known.
        _ => Err(Undetermined(outcome.to_string())),
    }
}

fn values(entry: &Entry, attribute: &str) -> Vec<String> {
    let is_it =
        |name: &String| name.split(';').next().is_some_and(|name| name.eq_ignore_ascii_case(attribute));
    let found = entry.attributes.iter().filter(|(name, _)| is_it(name));
    found.flat_map(|(_, values)| values).filter_map(|value| String::from_utf8(value.clone()).ok()).collect()
}

/// An O/R address may have the prefix `X400:`, as proxy addresses have.
pub(crate) fn without_prefix(value: &str) -> &str {
    let text = value.trim();
    match text.get(..5) {
        Some(prefix) if prefix.eq_ignore_ascii_case("x400:") => &text[5..],
        _ => text,
    }
}

/// The value of a key as an operator writes it; units are counted from the most significant.
pub(crate) fn value_of(address: &KeyedAddress, label: &str) -> Option<String> {
    let unit = ["OU1", "OU2", "OU3", "OU4"].iter().position(|unit| unit.eq_ignore_ascii_case(label));
    if let Some(unit) = unit {
        return address.units().nth(unit).map(str::to_owned);
    }
    address.get(&Key::from_label(label)?).map(str::to_owned)
}

/// Whether two addresses are one: in any case and order, spaces squeezed, a blank ADMD as good as none.
pub(crate) fn is_same(one: &KeyedAddress, two: &KeyedAddress) -> bool {
    form(one) == form(two)
}

/// The form in which addresses are one.
pub(crate) fn form(address: &KeyedAddress) -> Vec<(String, String)> {
    let mut units = 0;
    let attributes = address.attributes().iter().map(|attribute| {
        // The order of units is a part of the address.
        let unit = if attribute.key == Key::OrganizationalUnit {
            units += 1;
            units.to_string()
        } else {
            String::new()
        };
        let words: Vec<&str> = attribute.value.split(' ').filter(|word| !word.is_empty()).collect();
        (attribute.key.to_string().to_ascii_lowercase() + &unit, words.join(" ").to_lowercase())
    });
    let mut form: Vec<_> = attributes.filter(|(_, value)| !value.is_empty()).collect();
    form.sort();
    form
}
