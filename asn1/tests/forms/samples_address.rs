//! Samples of O/R names and addresses, with every attribute.

use rasn_x400::prim::{BmpString, ListAsSet, Octets};
use rasn_x400::x411::address::*;

use super::{Sample, alias, raw, sample};

fn personal_name(surname: &str) -> PersonalName {
    PersonalName {
        surname: surname.into(),
        given_name: Some("Steve".into()),
        initials: Some("SE".into()),
        generation_qualifier: Some("II".into()),
        unknown: vec![],
    }
}

/// A short address.
pub(crate) fn person(surname: &str) -> OrName {
    OrName {
        standard: StandardAttributes {
            country: Some(DomainName::from_text("GB")),
            administration_domain: Some(DomainName::from_text("GOLD 400")),
            private_domain: Some(DomainName::from_text("UK.AC")),
            organization: Some("UCL".into()),
            personal_name: Some(PersonalName { surname: surname.into(), ..PersonalName::default() }),
            ..StandardAttributes::default()
        },
        ..OrName::default()
    }
}

pub(crate) fn universal(text: &str) -> UniversalOrBmp {
    UniversalOrBmp { language: Some("el".into()), ..UniversalOrBmp::from_text(text) }
}

fn universal_name() -> UniversalPersonalName {
    UniversalPersonalName {
        surname: universal("Παπαδόπουλος"),
        given_name: Some(universal("Γιώργος")),
        initials: Some(universal("Γ")),
        generation_qualifier: Some(universal("𝟙")),
        unknown: vec![],
    }
}

fn teletex_name() -> TeletexPersonalName {
    TeletexPersonalName {
        surname: "M\u{c8}uller".into(),
        given_name: Some("J".into()),
        initials: Some("K".into()),
        generation_qualifier: Some("I".into()),
        unknown: vec![],
    }
}

fn postal_address() -> UnformattedPostalAddress {
    UnformattedPostalAddress {
        printable: Some(vec!["Gower Street".into(), "London".into()]),
        teletex: Some("Gower Street".into()),
        unknown: vec![],
    }
}

fn e164() -> E1634Address {
    E1634Address { number: "442071234567".into(), sub_address: Some("12".into()), unknown: vec![] }
}

fn presentation_address() -> PresentationAddress {
    PresentationAddress {
        presentation_selector: Some(Octets::from(&b"P"[..])),
        session_selector: Some(Octets::from(&b"S"[..])),
        transport_selector: Some(Octets::from(&b"T"[..])),
        network_addresses: ListAsSet(vec![Octets::from(&[0x54, 0, 0x72][..]), Octets::from(&[0x49][..])]),
        unknown: vec![],
    }
}

/// Every typed extension attribute, each once.
pub(crate) fn attributes() -> Vec<ExtensionAttribute> {
    use ExtensionAttribute as E;
    let street = PdsParameter {
        printable: Some("Gower Street".into()),
        teletex: Some("Gower Street".into()),
        unknown: vec![],
    };
    let mut attributes = vec![
        E::CommonName("Postmaster".into()),
        E::TeletexCommonName("Postmaster".into()),
        E::TeletexOrganization("UCL".into()),
        E::TeletexPersonalName(teletex_name()),
        E::TeletexOrganizationalUnits(vec!["CS".into(), "Lab".into()]),
        E::TeletexDomainDefined(vec![TeletexDomainDefinedAttribute { kind: "a".into(), value: "b".into() }]),
        E::PdsName("Royal Mail".into()),
        E::PhysicalDeliveryCountry(DomainName::from_text("826")),
        E::PostalCode(DomainName::from_text("WC1E 6BT")),
        E::UnformattedPostalAddress(postal_address()),
        E::ExtendedNetworkAddress(ExtendedNetworkAddress::E1634(e164())),
        E::TerminalType(8),
        E::UniversalCommonName(universal("Ταχυδρόμος")),
        E::UniversalOrganization(universal("Πανεπιστήμιο")),
        E::UniversalPersonalName(universal_name()),
        E::UniversalOrganizationalUnits(vec![universal("Τμήμα"), universal("Α")]),
        E::UniversalDomainDefined(vec![universal_attribute()]),
        E::UniversalPostal(39, UniversalOrBmp::from_text("A")),
    ];
    attributes.extend(PhysicalAttribute::ALL.map(|attribute| E::PdsParameter(attribute, street.clone())));
    attributes
}

fn universal_attribute() -> UniversalDomainDefinedAttribute {
    UniversalDomainDefinedAttribute { kind: universal("τύπος"), value: universal("τιμή") }
}

/// An address with every attribute there is.
pub(crate) fn full_name() -> OrName {
    let fields = attributes().iter().map(|attribute| attribute.field().unwrap()).collect();
    OrName {
        standard: StandardAttributes {
            country: Some(DomainName::from_text("826")),
            administration_domain: Some(DomainName::from_text(" ")),
            network_address: Some("23421920030013".into()),
            terminal_identifier: Some("TERM 1".into()),
            private_domain: Some(DomainName::from_text("UK.AC")),
            organization: Some("UCL".into()),
            numeric_user_identifier: Some("12345".into()),
            personal_name: Some(personal_name("Kille")),
            organizational_units: Some(vec!["CS".into(), "Lab".into(), "Room 1".into(), "Desk".into()]),
            unknown: vec![],
        },
        domain_defined: Some(vec![attribute("RFC-822", "Steve(a)isode.com"), attribute("ID", "1")]),
        extension: Some(ListAsSet(fields)),
        directory_name: Some(raw("30 0d 31 0b 30 09 06 03 55 04 06 13 02 47 42")),
    }
}

fn attribute(kind: &str, value: &str) -> DomainDefinedAttribute {
    DomainDefinedAttribute { kind: kind.into(), value: value.into() }
}

pub(crate) fn names() -> Vec<Sample> {
    let fields: Vec<_> = attributes().iter().map(|attribute| attribute.field().unwrap()).collect();
    let mut samples = vec![
        sample("A-20", full_name()),
        sample("A-20", OrAddress::from(full_name())),
        sample("A-20", full_name().standard),
        sample("A-20", DomainName::from_text("GB")),
        sample("A-20", DomainName::from_text("234")),
        sample("A-20", personal_name("Kille")),
        sample("A-20", attribute("RFC-822", "Steve(a)isode.com")),
        alias("A-20", "attribute::ExtensionAttributes", full_name().extension.unwrap()),
        sample("A-20", teletex_name()),
        sample("A-20", TeletexDomainDefinedAttribute { kind: "a".into(), value: "b".into() }),
        sample(
            "A-20",
            PdsParameter { printable: Some("a".into()), teletex: Some("b".into()), unknown: vec![] },
        ),
        sample("A-20", postal_address()),
        sample("A-20", ExtendedNetworkAddress::E1634(e164())),
        sample("A-20", ExtendedNetworkAddress::Psap(presentation_address())),
        sample("A-20", e164()),
        sample("A-20", presentation_address()),
        sample("A-20", universal("Ταχυδρόμος")),
        sample("A-20", UniversalCharacters::TwoOctets(BmpString::new([0, 0x41]))),
        sample("A-20", UniversalOrBmp::from_text("𝟙").characters),
        sample("A-20", universal_name()),
        sample("A-20", universal_attribute()),
    ];
    samples.extend(fields.into_iter().map(|field| sample("A-20", field)));
    samples
}
