//! What the attributes and object classes of the two trees are called (RFC 2164 Appendix A, RFC 2294 Appendix A; ledger
//! D-11, OI-20 to OI-26).
//!
//! Servers call an attribute by the name that their own schema gives it, so every name in use is known here. To a server
//! an attribute is given by a name in a distinguished name, and by its object identifier where attributes are asked for:
//! the name `associatedDomain` is taken by another attribute (RFC 4524).

/// Under which the attributes and classes of the mappings are (OI-20).
#[cfg(test)]
const MAPPING: &str = "1.3.6.1.4.1.453.7.4";
/// Under which the attributes and classes of the O/R tree are (OI-23).
#[cfg(test)]
const TREE: &str = "1.3.6.1.4.1.453.7.2";

/// An attribute type or an object class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its object identifier.
    pub identifier: &'static str,
    /// Its names: the first is the one we write, the others are read.
    pub names: &'static [&'static str],
}

impl Kind {
    /// Whether somebody calls it so; case does not count, nor what follows a `;`.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.split(';').next().unwrap_or_default().trim();
        let dotted = name.get(..4).filter(|start| start.eq_ignore_ascii_case("OID.")).map(|_| &name[4..]);
        dotted.unwrap_or(name) == self.identifier
            || self.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

const fn kind(identifier: &'static str, names: &'static [&'static str]) -> Kind {
    Kind { identifier, names }
}

/// countryName
pub const COUNTRY: Kind = kind("2.5.4.6", &["c", "countryName"]);
/// commonName
pub const COMMON_NAME: Kind = kind("2.5.4.3", &["cn", "commonName"]);
/// domainComponent (RFC 2247)
pub const DOMAIN_COMPONENT: Kind = kind("0.9.2342.19200300.100.1.25", &["dc", "domainComponent"]);
/// aDMDName
pub const ADMINISTRATION_DOMAIN: Kind = kind("1.3.6.1.4.1.453.7.2.2.1", &["aDMDName", "ADMD"]);
/// mHSNumericCountryName
pub const NUMERIC_COUNTRY: Kind =
    kind("1.3.6.1.4.1.453.7.2.2.5", &["mHSNumericCountryName", "MHS-Numeric-Country"]);
/// mHSOrganizationName
pub const ORGANIZATION: Kind = kind("1.3.6.1.4.1.453.7.2.2.6", &["mHSOrganizationName", "MHS-O"]);
/// mHSOrganizationalUnitName
pub const ORGANIZATIONAL_UNIT: Kind =
    kind("1.3.6.1.4.1.453.7.2.2.7", &["mHSOrganizationalUnitName", "MHS-OU"]);
/// pRMDName
pub const PRIVATE_DOMAIN: Kind = kind("1.3.6.1.4.1.453.7.2.2.10", &["pRMDName", "PRMD"]);
/// oRAddressComponentType
pub const COMPONENT_TYPE: Kind = kind("1.3.6.1.4.1.453.7.4.2.7", &["oRAddressComponentType"]);
/// associatedORAddress
pub const ASSOCIATED_OR_ADDRESS: Kind = kind("1.3.6.1.4.1.453.7.4.2.6", &["associatedORAddress"]);
/// associatedX400Gateway
pub const ASSOCIATED_X400_GATEWAY: Kind = kind("1.3.6.1.4.1.453.7.4.2.3", &["associatedX400Gateway"]);
/// associatedDomain of RFC 2164; that of RFC 4524 says the same of an entry, and does as well.
pub const ASSOCIATED_DOMAIN: Kind = kind(
    "1.3.6.1.4.1.453.7.4.2.4",
    &["mixerAssociatedDomain", "associatedDomain", "0.9.2342.19200300.100.1.37"],
);
/// associatedInternetGateway
pub const ASSOCIATED_INTERNET_GATEWAY: Kind = kind("1.3.6.1.4.1.453.7.4.2.8", &["associatedInternetGateway"]);
/// mcgamTables
pub const MCGAM_TABLES: Kind = kind("1.3.6.1.4.1.453.7.4.2.9", &["mcgamTables"]);

/// Attributes that names of entries are made of.
pub const NAMING: [Kind; 11] = [
    COUNTRY,
    COMMON_NAME,
    kind("2.5.4.10", &["o", "organizationName"]),
    kind("2.5.4.11", &["ou", "organizationalUnitName"]),
    DOMAIN_COMPONENT,
    ADMINISTRATION_DOMAIN,
    NUMERIC_COUNTRY,
    ORGANIZATION,
    ORGANIZATIONAL_UNIT,
    PRIVATE_DOMAIN,
    COMPONENT_TYPE,
];

/// The attribute at a level of a path, from 0.
#[must_use]
pub const fn of_level(level: usize) -> Kind {
    match level {
        0 => COUNTRY,
        1 => ADMINISTRATION_DOMAIN,
        2 => PRIVATE_DOMAIN,
        3 => ORGANIZATION,
        _ => ORGANIZATIONAL_UNIT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // ledger: mixer D-11 OI-20 OI-22 OI-23 OI-24
    #[test]
    fn identifiers_are_those_of_the_appendices() {
        let mapping = [
            (ASSOCIATED_OR_ADDRESS, 6),
            (ASSOCIATED_X400_GATEWAY, 3),
            (ASSOCIATED_DOMAIN, 4),
            (COMPONENT_TYPE, 7),
            (ASSOCIATED_INTERNET_GATEWAY, 8),
            (MCGAM_TABLES, 9),
        ];
        for (kind, number) in mapping {
            assert_eq!(kind.identifier, format!("{MAPPING}.2.{number}"));
        }
        let tree = [
            (ADMINISTRATION_DOMAIN, 1),
            (NUMERIC_COUNTRY, 5),
            (ORGANIZATION, 6),
            (ORGANIZATIONAL_UNIT, 7),
            (PRIVATE_DOMAIN, 10),
        ];
        for (kind, number) in tree {
            assert_eq!(kind.identifier, format!("{TREE}.2.{number}"));
        }
    }

    #[test]
    fn an_attribute_is_known_by_each_of_its_names() {
        for name in
            ["prmd", "PRMDNAME", "1.3.6.1.4.1.453.7.2.2.10", "OID.1.3.6.1.4.1.453.7.2.2.10", "PRMD;x-y"]
        {
            assert!(PRIVATE_DOMAIN.is_called(name), "{name}");
        }
        assert!(!PRIVATE_DOMAIN.is_called("prm"));
    }
}
