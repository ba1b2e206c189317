//! Names of the envelope as text: management domains, MTS identifiers, content types (RFC 2156 4.6.3, 5.3.3.2, 5.3.6).

use rasn_x400::oids::{CONTENT_P2, CONTENT_P22};
use rasn_x400::x411::address::text::KeyedAddress;
use rasn_x400::x411::address::{OrName, StandardAttributes};
use rasn_x400::x411::envelope::{ContentType, MtsIdentifier};
use rasn_x400::x411::trace::GlobalDomainIdentifier;

use crate::mixer::encoded_types::object_identifier_text;

/// `/PRMD=…/ADMD=…/C=…/`, the least significant first (E-25).
pub(crate) fn domain_text(domain: &GlobalDomainIdentifier) -> String {
    let standard = StandardAttributes {
        country: Some(domain.country.clone()),
        administration_domain: Some(domain.administration_domain.clone()),
        private_domain: domain.private_domain.clone(),
        ..StandardAttributes::default()
    };
    or_text(&OrName { standard, ..OrName::default() })
}

/// The O/R address as text that is read again, not the one for people.
pub(crate) fn or_text(name: &OrName) -> String {
    KeyedAddress::from_or_name(name).address.to_std_or()
}

/// `[/PRMD=…/ADMD=…/C=…/;local]` (I-15).
pub(crate) fn mts_identifier_text(identifier: &MtsIdentifier) -> String {
    format!("[{};{}]", domain_text(&identifier.domain), identifier.local_identifier.to_text())
}

/// A labelled integer or an object identifier; `P2` alone is never written.
pub(crate) fn content_type_text(content_type: &ContentType) -> Option<String> {
    let label = |number| match number {
        0 => "unidentified",
        1 => "external",
        2 => "P2-1984",
        22 => "P2-1988",
        35 => "P35",
        40 => "voice",
        _ => "",
    };
    match content_type {
        ContentType::BuiltIn(number) => Some(format!("{}({number})", label(*number))),
        ContentType::Extended(oid) => Some(object_identifier_text(oid)),
        ContentType::Unknown(_) => None,
    }
}

/// Which contents are messages for people that this gateway reads: those of 1984 and 1988, under either name.
pub(crate) fn is_interpersonal(content_type: &ContentType) -> bool {
    match content_type {
        &ContentType::P2 | &ContentType::P22 => true,
        ContentType::Extended(oid) => [CONTENT_P2, CONTENT_P22].contains(oid),
        ContentType::BuiltIn(_) | ContentType::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_text() {
        // E-25
        let domain = GlobalDomainIdentifier::new("GB", "GOLD 400", Some("HMG"));
        assert_eq!(domain_text(&domain), "/PRMD=HMG/ADMD=GOLD 400/C=GB/");
        assert_eq!(domain_text(&GlobalDomainIdentifier::new("GB", " ", None)), "/ADMD= /C=GB/");
        // I-15
        let identifier = MtsIdentifier {
            domain,
            local_identifier: "PC1000-910530172027-57D8".into(),
            unknown: Vec::new(),
        };
        assert_eq!(
            mts_identifier_text(&identifier),
            "[/PRMD=HMG/ADMD=GOLD 400/C=GB/;PC1000-910530172027-57D8]"
        );
        //
        for (content_type, text) in [
            (ContentType::P2, "P2-1984(2)"),
            (ContentType::P22, "P2-1988(22)"),
            (ContentType::BuiltIn(99), "(99)"),
            (ContentType::Extended(CONTENT_P22), "(2)(6)(1)(10)(1)"),
        ] {
            assert_eq!(content_type_text(&content_type).as_deref(), Some(text));
        }
    }
}
