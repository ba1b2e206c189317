//! Addresses of aviation: eight letters on the AFTN, an O/R address in AMHS (ICAO Doc 9880 2.5.1; ledger beyond V-02 to V-04).
//!
//! An AFTN address is looked up as a user first, then the table of management domains says whose it is and which scheme holds
//! there: XF (`/OU=ZZAAZTZX/O=AFTN/…`), or CAAS (`/CN=ZZAAZTZX/OU=ZZAA/O=ZZZZ/…`), whose organization the table of locations
//! knows. The other way a user is looked up first, too; a CAAS address says its letters in `CN`, an XF one in `OU`.

use std::collections::BTreeMap;

use rasn_x400::x411::address::text::{Key, KeyedAddress};

/// The country of all addresses of aviation.
const COUNTRY: &str = "XX";
/// Their ADMD.
const ADMINISTRATION: &str = "ICAO";
/// The organization of addresses in the scheme XF.
const XF_ORGANIZATION: &str = "AFTN";
/// Letters of an address.
const LETTERS: usize = 8;

/// The tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aviation {
    /// The Internet domain of these addresses.
    pub domain: String,
    /// Which management domain an address belongs to, by pattern.
    pub management_domains: Vec<ManagementDomain>,
    /// The geographical unit of a location indicator, four letters.
    pub locations: BTreeMap<String, String>,
    /// Users with an address of their own.
    pub users: Vec<(String, KeyedAddress)>,
}

/// One row of the table of management domains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementDomain {
    /// Letters of addresses: the first two, the first four, the first seven, or the first two and the three before the last.
    pub letters: String,
    /// The PRMD.
    pub private_domain: String,
    /// The scheme of its addresses.
    pub scheme: Scheme,
}

/// How addresses of a management domain are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// The letters are an organizational unit of `AFTN`; assumed where nobody has said anything.
    #[default]
    Xf,
    /// The letters are a common name below location and geographical unit.
    Caas,
}

impl Aviation {
    /// The O/R address of eight letters.
    ///
    /// # Errors
    /// Not eight letters; or a location nobody knows where the scheme needs it.
    pub fn to_or(&self, letters: &str) -> Result<KeyedAddress, String> {
        let letters = letters.to_ascii_uppercase();
        if letters.len() != LETTERS || !letters.bytes().all(|octet| octet.is_ascii_uppercase()) {
            return Err(format!("an address of aviation has {LETTERS} letters"));
        }
        if let Some((_, address)) = self.users.iter().find(|(user, _)| *user == letters) {
            return Ok(address.clone());
        }
        let (private_domain, scheme) = self.management_domain(&letters);
        let mut address = KeyedAddress::default();
        match scheme {
            Scheme::Xf => {
                address.insert(Key::OrganizationalUnit, letters);
                address.insert(Key::Organization, XF_ORGANIZATION);
            }
            Scheme::Caas => {
                let location = letters[..4].to_owned();
                let unit = self.locations.get(&location);
                let unit = unit.ok_or_else(|| format!("no geographical unit is known for `{location}`"))?;
                address.insert(Key::CommonName, letters);
                address.insert(Key::OrganizationalUnit, location);
                address.insert(Key::Organization, unit.clone());
            }
        }
        address.insert(Key::PrivateDomain, private_domain);
        address.insert(Key::AdministrationDomain, ADMINISTRATION);
        address.insert(Key::Country, COUNTRY);
        Ok(address)
    }

    /// The eight letters of an O/R address, if it is one of aviation.
    #[must_use]
    pub fn to_letters(&self, address: &KeyedAddress) -> Option<String> {
        if let Some((user, _)) = self.users.iter().find(|(_, known)| same(known, address)) {
            return Some(user.clone());
        }
        let is =
            |key: &Key, value: &str| address.get(key).is_some_and(|found| found.eq_ignore_ascii_case(value));
        if !is(&Key::Country, COUNTRY) || !is(&Key::AdministrationDomain, ADMINISTRATION) {
            return None;
        }
        let mut units = address.units();
        let (unit, more) = (units.next(), units.next());
        let letters = match (address.get(&Key::CommonName), unit, more) {
            (Some(name), Some(unit), None) if name.len() == LETTERS => {
                name.get(..4).filter(|start| start.eq_ignore_ascii_case(unit)).map(|_| name)
            }
            (None, Some(unit), None) if is(&Key::Organization, XF_ORGANIZATION) => Some(unit),
            _ => None,
        }?;
        let is_letters = letters.len() == LETTERS && letters.bytes().all(|octet| octet.is_ascii_alphabetic());
        is_letters.then(|| letters.to_ascii_uppercase())
    }

    /// Whose address it is: the most specific row, in the order of Doc 9880; without one, the nationality letters (V-02).
    fn management_domain(&self, letters: &str) -> (String, Scheme) {
        let spread = format!("{}{}", &letters[..2], &letters[4..7]);
        for pattern in [&letters[..7], &spread, &letters[..4], &letters[..2]] {
            let row = self.management_domains.iter().find(|row| row.letters.eq_ignore_ascii_case(pattern));
            if let Some(row) = row {
                return (row.private_domain.clone(), row.scheme);
            }
        }
        (letters[..2].to_owned(), Scheme::Xf)
    }
}

/// The same attributes, in any case and order.
fn same(one: &KeyedAddress, two: &KeyedAddress) -> bool {
    let sorted = |address: &KeyedAddress| {
        let mut lines: Vec<String> = address
            .attributes()
            .iter()
            .map(|attribute| format!("{}={}", attribute.key, attribute.value.to_ascii_lowercase()))
            .collect();
        lines.sort();
        lines
    };
    sorted(one) == sorted(two)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::x411::address::text;

    use super::*;

    fn tables() -> Aviation {
        let row = |letters: &str, private_domain: &str, scheme| ManagementDomain {
            letters: letters.into(),
            private_domain: private_domain.into(),
            scheme,
        };
        Aviation {
            domain: "amhs.example".into(),
            management_domains: vec![
                row("ZZ", "EX", Scheme::Xf),
                row("ZZAA", "EXC", Scheme::Caas),
                row("ZZZTZ", "SPREAD", Scheme::Xf),
                row("ZZAAZTY", "SEVEN", Scheme::Xf),
            ],
            locations: [("ZZAA".to_owned(), "ZZZZ".to_owned())].into(),
            users: vec![("EBBBZZZZ".into(), text::parse("/CN=user/O=org/PRMD=P/ADMD=ICAO/C=XX/").unwrap())],
        }
    }

    // ledger: beyond V-02 V-03 V-04
    #[test]
    fn letters_and_addresses() {
        let tables = tables();
        for (letters, address) in [
            ("ZZBBZZZX", "/OU=ZZBBZZZX/O=AFTN/PRMD=EX/ADMD=ICAO/C=XX/"),
            ("ZZAAZYZX", "/CN=ZZAAZYZX/OU=ZZAA/O=ZZZZ/PRMD=EXC/ADMD=ICAO/C=XX/"),
            ("ZZBBZTZX", "/OU=ZZBBZTZX/O=AFTN/PRMD=SPREAD/ADMD=ICAO/C=XX/"),
            ("ZZAAZTYX", "/OU=ZZAAZTYX/O=AFTN/PRMD=SEVEN/ADMD=ICAO/C=XX/"),
            ("LFPGZTZX", "/OU=LFPGZTZX/O=AFTN/PRMD=LF/ADMD=ICAO/C=XX/"),
            ("EBBBZZZZ", "/CN=user/O=org/PRMD=P/ADMD=ICAO/C=XX/"),
        ] {
            let found = tables.to_or(&letters.to_ascii_lowercase()).unwrap();
            assert_eq!(found.to_std_or(), address);
            assert_eq!(tables.to_letters(&found).as_deref(), Some(letters), "{address}");
        }
        for letters in ["ZZAAZTZ", "ZZAAZTZXX", "ZZAAZT1X", ""] {
            tables.to_or(letters).unwrap_err();
        }
        for address in [
            "/OU=ZZBBZZZX/O=AFTN/PRMD=EX/ADMD=other/C=XX/",
            "/CN=ZZAAZYZX/OU=ZZBB/O=ZZZZ/PRMD=EXC/ADMD=ICAO/C=XX/",
            "/OU=short/O=AFTN/PRMD=EX/ADMD=ICAO/C=XX/",
        ] {
            assert_eq!(tables.to_letters(&text::parse(address).unwrap()), None, "{address}");
        }
    }
}
