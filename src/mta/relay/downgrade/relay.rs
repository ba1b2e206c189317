//! Addresses of 1988 inside addresses of 1984 (RFC 1328 3.1): the attributes of a gateway that 1984 can reach, and the address
//! that is meant as text in the domain-defined attribute `X400-88` and up to three that go on.
//!
//! ```text
//! /PD-ADDRESS=Empire State Building/PRMD=XX/ADMD=ZZ/C=US/  ◄─►
//! /O=MHS-Relay/PRMD=UK.AC/ADMD= /C=GB/DD.X400-88=…the above in printable characters…/
//! ```

use rasn_x400::x411::address::text::{self, KeyedAddress};
use rasn_x400::x411::address::{DomainDefinedAttribute, OrName};

use crate::mixer::printable::{from_printable, to_printable};
use crate::mta::route::Table;

/// The attributes in their order.
const ATTRIBUTES: [&str; 4] = ["X400-88", "X400-C1", "X400-C2", "X400-C3"];
/// Characters of one (X.411 `ub-domain-defined-attribute-value-length`).
const VALUE: usize = 128;

/// The address inside that of the gateway; `None` if it cannot be written or is too long.
#[must_use]
pub fn encapsulate(inner: &OrName, gateway: &OrName) -> Option<OrName> {
    let written = to_printable(&KeyedAddress::from_or_name(inner).address.to_std_or()).ok()?;
    // Printable characters have one octet each.
    let chunks: Vec<&str> =
        written.as_bytes().chunks(VALUE).map(std::str::from_utf8).collect::<Result<_, _>>().ok()?;
    if chunks.is_empty() || chunks.len() > ATTRIBUTES.len() {
        return None;
    }
    let attributes = ATTRIBUTES.into_iter().zip(chunks);
    let attributes =
        attributes.map(|(kind, value)| DomainDefinedAttribute { kind: kind.into(), value: value.into() });
    Some(OrName { domain_defined: Some(attributes.collect()), ..gateway.clone() })
}

/// The address that is meant, if this is one inside that of the gateway.
#[must_use]
pub fn meant(name: &OrName, gateway: &OrName, table: &Table) -> Option<OrName> {
    let attributes = name.domain_defined.as_ref()?;
    let outer = OrName { domain_defined: None, ..name.clone() };
    if !table.same_recipient(&outer, gateway) {
        return None;
    }
    let mut written = String::new();
    for (place, attribute) in attributes.iter().enumerate() {
        let expected = ATTRIBUTES.get(place)?;
        if !attribute.kind.to_text().eq_ignore_ascii_case(expected) {
            return None;
        }
        written.push_str(&attribute.value.to_text());
    }
    text::parse(&from_printable(&written).ok()?).ok()?.to_or_name().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use rasn_x400::x411::trace::GlobalDomainIdentifier;

    use super::*;
    use crate::mta::relay::shown;

    fn name(written: &str) -> OrName {
        text::parse(written).unwrap().to_or_name().unwrap()
    }

    // ledger: mixer V-07
    #[test]
    fn addresses_of_1988_travel_inside_others() {
        let gateway = name("/O=MHS-Relay/PRMD=UK.AC/ADMD= /C=GB/");
        let table =
            Table::new(Vec::new(), &GlobalDomainIdentifier::new("GB", " ", Some("x")), &BTreeMap::new());
        let postal = "/PD-ADDRESS=Empire State Building/PRMD=XX/ADMD=ZZ/C=US/".to_owned();
        let long = format!("/CN={}/O={}/PRMD=XX/ADMD=ZZ/C=US/", "c".repeat(64), "o".repeat(64));
        for (inner, attributes) in [(postal, 1), (long, 2)] {
            let inner = name(&inner);
            let outer = encapsulate(&inner, &gateway).unwrap();
            let written = outer.domain_defined.as_ref().unwrap();
            assert_eq!((written.len(), outer.extension.is_none()), (attributes, true));
            assert!(written.iter().all(|one| one.value.is_valid() && one.value.len() <= 128));
            assert_eq!(outer.standard, gateway.standard);
            assert_eq!(meant(&outer, &gateway, &table).as_ref().map(shown), Some(shown(&inner)));
            let elsewhere = OrName { standard: name("/O=other/ADMD= /C=GB/").standard, ..outer };
            assert_eq!(meant(&elsewhere, &gateway, &table), None);
        }
        for other in [
            "/DD.RFC-822=a(a)b/O=MHS-Relay/PRMD=UK.AC/ADMD= /C=GB/",
            "/DD.X400-88=(/O=MHS-Relay/PRMD=UK.AC/ADMD= /C=GB/",
        ] {
            assert_eq!(meant(&name(other), &gateway, &table), None, "{other}");
        }
    }
}
