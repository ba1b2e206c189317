use proptest::prelude::*;

use super::*;
use crate::ber;
use crate::x411::address::{DomainName, ExtensionAttribute, OrName};

/// What a text is read as, written again in std-or.
#[track_caller]
fn std_or(text: &str) -> String {
    match parse(text) {
        Ok(address) => address.to_std_or(),
        Err(error) => panic!("{text}: {error} at {}", error.offset),
    }
}

/// Through text, ASN.1, octets, ASN.1 and text again.
#[track_caller]
fn through_octets(address: &KeyedAddress) -> KeyedAddress {
    let name = address.to_or_name().unwrap_or_else(|error| panic!("{address}: {error}"));
    let octets = ber::encode(&name).unwrap();
    let back = KeyedAddress::from_or_name(&ber::decode(&octets, octets.len()).unwrap());
    assert!(back.unexpressed.is_empty() && back.twins.is_empty(), "{address}");
    back.address
}

/// What is out of bounds or alphabet, in words.
fn found_in(address: &KeyedAddress) -> Vec<String> {
    check(address).iter().map(ToString::to_string).collect()
}

// ledger: mixer A-08 A-24 AK-01..AK-04 AK-06..AK-08 AK-10..AK-31 AK-33 AK-34 Z-06
// ledger: beyond E-11
#[test]
fn what_people_write_is_read() {
    let cases = [
        // Z-03: separators of both kinds, first and last optional.
        ("/S=Linnimouth/O=Widget/ADMD=BTT/C=TC/", "/S=Linnimouth/O=Widget/ADMD=BTT/C=TC/"),
        (";S=a;O=b;C=gb", "/S=a/O=b/ADMD= /C=gb/"),
        ("/S=a/O=b;C=gb/", "/S=a/O=b/ADMD= /C=gb/"),
        ("S=a/O=b", "/S=a/O=b/"),
        ("C=gb;A=x;O=b;S=a", "/S=a/O=b/ADMD=x/C=gb/"),
        //
        ("/O=R$/D/S=a/", "/S=a/O=R$/D/"),
        ("/O=a$=b/", "/O=a$=b/"),
        ("/O=a$bc/", "/O=abc/"),
        //
        ("DDA:X=1", "/DD.X=1/"),
        ("dd.X=1;DDA.y=2;dd:z=3", "/DD.X=1/DD.y=2/DD.z=3/"),
        ("/RFC-822=a(a)b.c/PRMD=AC/ADMD=BT/C=GB/", "/RFC-822=a(a)b.c/PRMD=AC/ADMD=BT/C=GB/"),
        ("rfc-822=a(a)b.c;c=gb;a=x", "/RFC-822=a(a)b.c/ADMD=x/C=gb/"),
        // Z-04, A-19
        ("OU1=ENG;OU2=CS", "/OU=CS/OU=ENG/"),
        ("OU2=CS;OU1=ENG;O=UCL", "/OU=CS/OU=ENG/O=UCL/"),
        ("DD1.x=1;DD2.y=2", "/DD.y=2/DD.x=1/"),
        //
        ("PD-A1=The Dome;PD-A2=Richmond", "/PD-ADDRESS=The Dome|Richmond/"),
        ("PD-A2=Richmond;PD-A1=The Dome", "/PD-ADDRESS=The Dome|Richmond/"),
        (
            "/PD-ADDRESS=The Dome|The Square|Richmond|England/",
            "/PD-ADDRESS=The Dome|The Square|Richmond|England/",
        ),
        //
        ("/S=a/P=x/C=gb/", "/S=a/PRMD=x/ADMD= /C=gb/"),
        ("S=a; P=abl; A=; C=aq", "/S=a/PRMD=abl/ADMD= /C=aq/"),
        ("S=a; P=abl; A= ; C=aq", "/S=a/PRMD=abl/ADMD= /C=aq/"),
        ("/S=a/ADMD=/C=gb/", "/S=a/ADMD=/C=gb/"),
        // A-20 by AK-09, and the address of RFC 2156 4.4.2
        ("/PN=Duval/DD.Title=Manager/", "/DD.Title=Manager/S=Duval/"),
        ("PN=Marshall.M.T.Rose", "/G=Marshall/I=MT/S=Rose/"),
        ("PN=J.Mueller*J.M{252}ller", "/I=J*J/S=Mueller*M{252}ller/"),
        // spaces are kept
        ("/O= A  B /", "/O= A  B /"),
        // Z-07
        (
            "G=john; S=smith; O=a bank ltd; P=abl; A=snomail; C=aq",
            "/G=john/S=smith/O=a bank ltd/PRMD=abl/ADMD=snomail/C=aq/",
        ),
        ("/O=R//D Ltd/P=x/C=gb", "/O=R$/D Ltd/PRMD=x/ADMD= /C=gb/"),
        ("/O=R///C=gb", "/O=R$//ADMD= /C=gb/"),
        ("/O=R//C=gb", "/O=R/ADMD= /C=gb/"),
        ("O=R/D Ltd; C=gb", "/O=R$/D Ltd/ADMD= /C=gb/"),
        (
            "DDA:RFC-822=fred(a)widget.co.uk; O=gateway; P=abc; C=gb",
            "/RFC-822=fred(a)widget.co.uk/O=gateway/PRMD=abc/ADMD= /C=gb/",
        ),
        ("DDA:a==b=c;C=gb", "/DD.a$=b=c/ADMD= /C=gb/"),
        ("X.400: G=john; S=smith", "/G=john/S=smith/"),
        ("x.400:/g=per/s=hansen/ou1=forskning/c=no", "/G=per/S=hansen/OU=forskning/ADMD= /C=no/"),
        // A-36, E-18
        ("T-TY=g3fax;X.121=234219200300", "/X121=234219200300/T-TY=g3fax(5)/"),
        ("T-TY=telex(3);X121=1", "/X121=1/T-TY=tlx(3)/"),
        ("T-TY=9;X121=1", "/X121=1/T-TY=(9)/"),
        // AK-35
        ("ISDN=+44 181 333-7777", "/NET-NUM=441813337777/"),
        // A-16, V-05
        ("/S=Mueller*M{252}ller/", "/S=Mueller*M{252}ller/"),
        ("/O=/S=a/", "/S=a/O=/"),
        //
        ("NET-PSAP=NS+a433bb93c1", "/NET-PSAP=NS+a433bb93c1/"),
        ("/PSAP=\"256\"$/NS+a433/", "/NET-PSAP=\"256\"$/NS+a433/"),
        // the labels of RFC 1685
        (
            "G=g;I=i;S=s;Q=q;CN=n;O=o;OU1=1;OU2=2;OU3=3;OU4=4;P=p;A=a;C=gb",
            "/G=g/I=i/S=s/GQ=q/CN=n/OU=4/OU=3/OU=2/OU=1/O=o/PRMD=p/ADMD=a/C=gb/",
        ),
        (
            "PD-PN=1;PD-EA=2;PD-ED=3;PD-OFN=4;PD-OF=5;PD-O=6;PD-S=7;PD-U=8;PD-L=9;PD-R=10;PD-B=11;PD-PC=12;PD-SN=13;PD-C=GB",
            "/PD-SERVICE=13/PD-C=GB/PD-CODE=12/PD-OFFICE=5/PD-OFFICE-NUM=4/PD-EXT-ADDRESS=2/PD-PN=1/PD-O=6\
             /PD-EXT-DELIVERY=3/PD-STREET=7/PD-BOX=11/PD-RESTANTE=10/PD-UNIQUE=8/PD-LOCAL=9/",
        ),
        ("PD-OFFICE NUMBER=4;E.164=44;N-ID=7", "/PD-OFFICE-NUM=4/NET-NUM=44/UA-ID=7/"),
    ];
    for (text, expected) in cases {
        assert_eq!(std_or(text), expected, "{text}");
        assert_eq!(std_or(expected), expected, "what is written reads as itself");
    }
}

// ledger: mixer E-03 E-04
#[test]
fn what_is_wrong_is_found_where_it_is() {
    let cases = [
        ("", 0, None),
        ("John.Smith", 0, None),
        ("/SURNAME=a/", 1, Some("did you mean `S`?")),
        ("/S=a/PRDM=x/C=gb/", 5, Some("did you mean `PRMD`?")),
        ("S=a; PD-STRET=x", 5, Some("did you mean `PD-STREET`?")),
        ("/DD=x/", 1, Some("did you mean `DD.type`?")),
        ("/ZZZZZZ=x/", 1, None),
        ("/O=R/D Ltd/C=gb/", 5, Some("a `/` inside a value is written `$/`")),
        ("/S=a$", 4, None),
        ("/X121=12a4/", 8, None),
        ("/T-TY=fax machine/", 6, None),
        ("/O=a&b/", 4, None),
        ("/O=a*{16}/", 6, None),
        ("/C=a*b/", 4, None),
        ("/O=$/$/&/", 7, None), // the place in the text, not in the unquoted value
        ("/C=gb/C=us/", 6, None),
        ("/OU1=a/OU=b/", 7, None),
        ("/OU1=a/OU1=b/", 7, None),
        ("/PD-A1=a/PD-A=b/", 9, None),
        ("/PN=Smith/S=Smith/", 10, None),
        ("/DD.a*{165}=*{166}/", 12, None),
        ("/DD.=x/", 1, Some("did you mean `DD.type`?")),
        ("/NET-PSAP=NS+zz/", 10, None),
        ("/PN=J./", 4, None),
    ];
    for (text, offset, suggestion) in cases {
        let error = parse(text).expect_err(text);
        assert_eq!((error.offset, error.suggestion.as_deref()), (offset, suggestion), "{text}: {error}");
        assert!(!error.clause.is_empty());
    }
}

/// every row of the catalogue, printable, teletex and both, through ASN.1 and back.
// ledger: mixer E-03 AK-01..AK-08 AK-10..AK-34
// ledger: beyond A-20
#[test]
fn every_attribute_survives() {
    for row in key::ROWS {
        let values: &[&str] = match row.encoding {
            Encoding::Printable => &["x", "GB", "", "12"],
            Encoding::Numeric => &["1234", "234 15", ""], // E-03
            Encoding::PrintableOrTeletex => &["x", "*{165}", "x*{165}", ""],
            Encoding::PostalAddress => &["a|b", "a", "*{165}a", "a|b*{165}"],
            Encoding::LabelledInteger => &["ia5(7)", "(99)"],
            Encoding::PresentationAddress => &["NS+a433", "\"a\"/'00'H//NS+00_NS+01"],
        };
        for value in values {
            let mut address: KeyedAddress = [(row.key.clone(), (*value).to_owned())].into_iter().collect();
            match row.key {
                Key::GivenName | Key::Initials | Key::GenerationQualifier => {
                    address.insert(Key::Surname, "Kille".to_owned());
                }
                Key::NetworkSubAddress => address.insert(Key::NetworkNumber, "1".to_owned()),
                _ => {}
            }
            assert_eq!(through_octets(&address), address);
            if row.key != Key::AdministrationDomain && row.key != Key::Country {
                assert_eq!(parse(&address.to_std_or()), Ok(address.clone()));
                assert_eq!(parse(&address.to_display()), Ok(address));
            }
        }
    }
    for text in [
        "/DD.*{165}=*{166}/DD.a=1/",
        "/DD.Title=x*{165}/RFC-822=a(a)b/DD.a=1/",
        "/OU=*{165}/OU=b/",
        "/OU=a*{001}/",
    ] {
        let address = parse(text).unwrap();
        assert_eq!(through_octets(&address), address, "{text}");
    }
}

// ledger: mixer Z-05
#[test]
fn the_order_and_the_string_types_of_asn1() {
    let name =
        parse("/DD.b=2/DD.a=1/OU=CS/OU=ENG/O=UCL/PRMD=42/ADMD=0/C=826/").unwrap().to_or_name().unwrap();
    let standard = &name.standard;
    assert_eq!(standard.organizational_units, Some(vec!["ENG".into(), "CS".into()]));
    let kinds = name.domain_defined.iter().flatten().map(|attribute| attribute.kind.to_text());
    assert_eq!(kinds.collect::<Vec<_>>(), ["a", "b"]);
    for value in [&standard.country, &standard.administration_domain, &standard.private_domain] {
        assert!(matches!(value, Some(DomainName::Numeric(_))));
    }
    let name = parse("/PD-C=826/PD-CODE=10178/").unwrap().to_or_name().unwrap();
    assert_eq!(
        name.extension_attributes().collect::<Vec<_>>(),
        [
            ExtensionAttribute::PhysicalDeliveryCountry(DomainName::Numeric("826".into())),
            ExtensionAttribute::PostalCode(DomainName::Numeric("10178".into())),
        ]
    );
    let name = parse("/S=a/PRMD=4U/C=gb/").unwrap().to_or_name().unwrap();
    assert_eq!(name.standard.administration_domain, Some(DomainName::Printable(" ".into())));
}

#[test]
fn teletex_twins_that_say_the_same_are_one() {
    let mut name = parse("/CN=*{165}/").unwrap().to_or_name().unwrap();
    name.extension = Some(crate::prim::ListAsSet(vec![
        ExtensionAttribute::TeletexCommonName("Bob".into()).field().unwrap(),
    ]));
    assert_eq!(KeyedAddress::from_or_name(&name).address.to_std_or(), "/CN=Bob/"); // E-13
}

#[test]
fn octets_that_do_not_belong_into_a_printable_string_are_kept() {
    let mut name = OrName::default();
    name.standard.organization = Some("A&B_*{}".into());
    let address = KeyedAddress::from_or_name(&name).address;
    assert_eq!(address.to_std_or(), "/O=A{038}B{095042123125}/");
    assert_eq!(parse(&address.to_std_or()).unwrap().to_or_name(), Ok(name));
    assert_eq!(check(&address)[0].problem, Problem::Alphabet);
}

#[test]
fn universal_characters_stand_in_when_nothing_else_is_there() {
    use crate::x411::address::{ExtensionAttribute as E, UniversalOrBmp};
    let name = |attributes: &[E]| OrName {
        extension: Some(crate::prim::ListAsSet(attributes.iter().map(|a| a.field().unwrap()).collect())),
        ..OrName::default()
    };
    let universal = |text: &str| E::UniversalCommonName(UniversalOrBmp::from_text(text));
    let back = KeyedAddress::from_or_name(&name(&[universal("M\u{fc}ller")]));
    assert_eq!(back.address.to_std_or(), "/CN=*M{252}ller/");
    let back = KeyedAddress::from_or_name(&name(&[universal("\u{4e2d}")]));
    assert_eq!((back.address.to_std_or().as_str(), back.unexpressed), ("", vec![24]));
    let back = KeyedAddress::from_or_name(&name(&[universal("\u{4e2d}"), E::CommonName("Zhong".into())]));
    assert_eq!((back.address.to_std_or().as_str(), back.twins), ("/CN=Zhong/", vec![24]));
    let street = E::Other(36, crate::prim::RawTlv::of(&UniversalOrBmp::from_text("Caf\u{e9}")).unwrap());
    assert_eq!(KeyedAddress::from_or_name(&name(&[street])).address.to_std_or(), "/PD-STREET=*Caf{233}/");
}

#[test]
fn addresses_are_shown_as_on_a_business_card() {
    let cases = [
        (
            "/G=Per/S=Hansen/OU=Forskning/O=Teledir/PRMD=Tele/ADMD=Telemax/C=NO/",
            "G=Per; S=Hansen; O=Teledir; OU1=Forskning; P=Tele; A=Telemax; C=NO",
        ),
        ("/S=a/OU=b/OU=c/PRMD=p/ADMD= /C=gb/", "S=a; OU1=c; OU2=b; P=p; C=gb"),
        ("/RFC-822=fred(a)widget.co.uk/O=R$/D/C=gb/", "DDA:RFC-822=fred(a)widget.co.uk; O=R/D; C=gb"),
        ("/DD.a$=b=1/UA-ID=7/X121=1/C=gb/", "DDA:a==b=1; X.121=1; N-ID=7; C=gb"),
    ];
    for (text, shown) in cases {
        let address = parse(text).unwrap();
        assert_eq!(address.to_display(), shown);
        assert_eq!(parse(shown), Ok(address), "{shown}");
    }
}

// ledger: mixer AK-01 AK-02 AK-04 AK-07 AK-11 AK-14 AK-25; beyond A-25
#[test]
fn bounds_are_reported_not_enforced() {
    let long = |key: &str, length: usize| format!("/{key}={}/", "1".repeat(length));
    let cases = [
        ("/G=j/S=s/P=abl/A=snomail/C=aq/".to_owned(), vec![]),
        (long("G", 17), vec!["`G` has 17 characters, at most 16 are allowed"]),
        (long("ADMD", 17), vec!["`ADMD` has 17 characters, at most 16 are allowed"]),
        (long("X121", 17), vec!["`X121` has 17 characters, at most 16 are allowed"]),
        (long("DD.x", 129), vec!["`DD.x` has 129 characters, at most 128 are allowed"]),
        ("/DD.123456789=x/".to_owned(), vec!["`DD.123456789` has 9 characters, at most 8 are allowed"]),
        ("/C=gbr/".to_owned(), vec!["`C` is neither two letters nor three digits"]),
        ("/C=82/".to_owned(), vec!["`C` is neither two letters nor three digits"]),
        ("/O=/ADMD=/".to_owned(), vec!["`O` is empty"]), // V-05, A-205
        ("/OU=1/OU=2/OU=3/OU=4/OU=5/".to_owned(), vec!["`OU` occurs 5 times, at most 4 are allowed"]),
        (
            "/DD.1=1/DD.2=2/DD.3=3/DD.4=4/DD.5=5/".to_owned(),
            vec!["`DD.5` occurs 5 times, at most 4 are allowed"],
        ),
        ("/PD-ADDRESS=1|2|3|4|5|6|7/".to_owned(), vec!["`PD-ADDRESS` occurs 7 times, at most 6 are allowed"]),
    ];
    for (text, expected) in cases {
        assert_eq!(found_in(&parse(&text).unwrap()), expected, "{text}");
    }
}

/// Every attribute under each of its keywords: its encoding, the most characters it may have, and one more.
// ledger: mixer AK-05..AK-08 AK-10..AK-13 AK-15..AK-32
#[test]
fn every_keyword_has_its_encoding_and_its_bound() {
    /// N: digits. P: printable. B: printable, teletex, or both.
    #[derive(Clone, Copy, PartialEq)]
    enum Of {
        N,
        P,
        B,
    }
    let cases: &[(&str, &[&str], Of, usize)] = &[
        ("AK-05", &["T-ID"], Of::P, 24),
        ("AK-06", &["O"], Of::B, 64),
        ("AK-07", &["OU", "OU1", "OU2", "OU3", "OU4"], Of::B, 32),
        ("AK-08", &["UA-ID", "N-ID"], Of::N, 32),
        ("AK-10", &["S"], Of::B, 40),
        ("AK-11", &["G"], Of::B, 16),
        ("AK-12", &["I"], Of::B, 5),
        ("AK-13", &["GQ", "Q"], Of::B, 3),
        ("AK-15", &["CN"], Of::B, 64),
        ("AK-16", &["PD-SERVICE", "PD-SN"], Of::P, 16),
        ("AK-18", &["PD-CODE", "PD-PC"], Of::P, 16),
        ("AK-19", &["PD-OFFICE", "PD-OF"], Of::B, 30),
        ("AK-20", &["PD-OFFICE-NUM", "PD-OFN", "PD-OFFICE NUMBER"], Of::B, 30),
        ("AK-21", &["PD-EXT-ADDRESS", "PD-EA"], Of::B, 30),
        ("AK-22", &["PD-PN"], Of::B, 30),
        ("AK-23", &["PD-O"], Of::B, 30),
        ("AK-24", &["PD-EXT-DELIVERY", "PD-ED"], Of::B, 30),
        ("AK-26", &["PD-STREET", "PD-S"], Of::B, 30),
        ("AK-27", &["PD-BOX", "PD-B"], Of::B, 30),
        ("AK-28", &["PD-RESTANTE", "PD-R"], Of::B, 30),
        ("AK-29", &["PD-UNIQUE", "PD-U"], Of::B, 30),
        ("AK-30", &["PD-LOCAL", "PD-L"], Of::B, 30),
        ("AK-31", &["NET-NUM", "E.164"], Of::N, 15),
        ("AK-32", &["NET-SUB"], Of::N, 40),
    ];
    for &(id, keywords, encoding, bound) in cases {
        let label = keywords[0];
        for keyword in keywords {
            let read = |value: &str| parse(&format!("/{keyword}={value}/"));
            let findings = |value: &str| found_in(&read(value).unwrap());
            let digits = |count: usize| "1".repeat(count);
            let too_long = format!("`{label}` has {} characters, at most {bound} are allowed", bound + 1);
            let written = read(&digits(bound)).unwrap().to_std_or();
            assert_eq!(written, format!("/{label}={}/", digits(bound)), "{id} {keyword}");
            assert_eq!(findings(&digits(bound)), [""; 0], "{id} {keyword}");
            assert_eq!(findings(&digits(bound + 1)), [too_long.as_str()], "{id} {keyword}");

            assert_eq!(read("x").is_ok(), encoding != Of::N, "{id} {keyword}");
            assert_eq!(read("1*{165}").is_ok(), encoding == Of::B, "{id} {keyword}");
            if encoding == Of::B {
                assert_eq!(findings(&format!("*{}", digits(bound))), [""; 0], "{id} {keyword}");
                assert_eq!(
                    findings(&format!("*{}", digits(bound + 1))),
                    [too_long.as_str()],
                    "{id} {keyword}"
                );
            }
        }
    }
}

// ledger: mixer AK-17
#[test]
fn a_country_of_delivery_is_two_letters_or_three_digits() {
    for (value, fits) in
        [("GB", true), ("826", true), ("G", false), ("GBR", false), ("82", false), ("8266", false)]
    {
        let found = found_in(&parse(&format!("/PD-C={value}/")).unwrap());
        let expected: &[&str] = if fits { &[] } else { &["`PD-C` is neither two letters nor three digits"] };
        assert_eq!(found, expected, "AK-17 {value}");
    }
    assert!(parse("/PD-C=GB*{165}/").is_err());
}

// ledger: mixer AK-25
#[test]
fn the_bounds_of_a_postal_address() {
    let line = |length: usize| "1".repeat(length);
    let too_long =
        |length, limit| vec![format!("`PD-ADDRESS` has {length} characters, at most {limit} are allowed")];
    let cases = [
        (format!("/PD-ADDRESS={}/", line(30)), vec![]),
        (format!("/PD-ADDRESS={}/", line(31)), too_long(31, 30)),
        (format!("/PD-A=x|{}/", line(31)), too_long(31, 30)),
        (format!("/PD-A1=x;PD-A2={}/", line(31)), too_long(31, 30)),
        (format!("/PD-ADDRESS={}/", [line(30).as_str(); 6].join("|")), vec![]),
        (format!("/PD-ADDRESS=*{}/", line(180)), vec![]),
        (format!("/PD-ADDRESS=*{}/", line(181)), too_long(181, 180)),
    ];
    for (text, expected) in cases {
        assert_eq!(found_in(&parse(&text).unwrap()), expected, "AK-25 {text}");
    }
    let six = (1..=6).map(|number| format!("PD-A{number}=x")).collect::<Vec<_>>().join(";");
    assert_eq!(std_or(&six), "/PD-ADDRESS=x|x|x|x|x|x/");
    assert!(parse("/PD-A7=x/").is_err());
}

#[test]
fn a_text_beyond_any_address_is_refused_at_once() {
    assert!(parse(&"/O=a".repeat(100_000)).unwrap_err().expected.starts_with("at most"));
}

#[test]
fn the_form_of_an_address() {
    let cases = [
        ("S=a;A=b;C=gb", Ok(AddressForm::Mnemonic)),
        ("DD.x=1;A=b;C=gb", Ok(AddressForm::Mnemonic)),
        ("N-ID=1;A=b;C=gb", Ok(AddressForm::Numeric)),
        ("X121=1", Ok(AddressForm::Terminal)),
        ("PD-A1=x;PD-C=gb;PD-PC=1;A=b;C=gb", Ok(AddressForm::UnformattedPostal)),
        ("PD-S=x;PD-C=gb;PD-PC=1;A=b;C=gb", Ok(AddressForm::FormattedPostal)),
        ("S=a;A=b", Err("country (C)")),
        ("G=a;O=o;C=gb", Err("surname (S)")),
        ("P=a;C=gb", Err("name below the management domain (S, CN, O, OU or DD)")),
        ("T-ID=x;C=gb", Err("network address (X121)")),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).unwrap().form().map_err(|error| error.missing), expected, "{text}");
    }
}

fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9 '()+,./:=?-]{1,12}",
        "[A-Za-z0-9 '()+,./:=?-]{0,6}".prop_map(|text| format!("{text}*{{165}}a")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// parse(print(x)) = x, in both forms of text, and through ASN.1.
    #[test]
    fn what_is_written_is_read_back(
        person in (values(), "[A-Za-z /=.]{1,8}", "[A-Z]{1,5}"),
        units in prop::collection::vec("[A-Za-z0-9 '()+,./:=?-]{1,12}", 0..5),
        defined in prop::collection::vec(("[A-Za-z0-9 './:=?-]{1,8}", "[A-Za-z0-9 '()+,./:=?-]{1,12}"), 0..4),
        organization in values(),
        postal in "[A-Za-z0-9 /=]{1,8}(\\|[A-Za-z0-9]{1,8}){0,3}",
    ) {
        let mut pairs = vec![
            (Key::Surname, person.0), (Key::GivenName, person.1), (Key::Initials, person.2),
            (Key::Organization, organization), (Key::UnformattedPostalAddress, postal),
            (Key::AdministrationDomain, "a".to_owned()), (Key::Country, "gb".to_owned()),
        ];
        pairs.extend(units.into_iter().map(|unit| (Key::OrganizationalUnit, unit)));
        pairs.extend(defined.into_iter().map(|(kind, value)| (Key::DomainDefined(kind), value)));
        let address: KeyedAddress = pairs.into_iter().collect();
        prop_assert_eq!(parse(&address.to_std_or()), Ok(address.clone()));
        prop_assert_eq!(parse(&address.to_display()), Ok(address.clone()), "{}", address.to_display());
        prop_assert_eq!(&through_octets(&address), &address);
    }

    /// Nothing that is read panics, and whatever reads at all reads again as itself.
    #[test]
    fn any_text_is_read_or_refused(text in "[A-Za-z0-9=/;$.:*{} &|()\u{fc}-]{0,40}|(/?(S|O|DD\\.x|DDA:y|OU1|C|PN|T-TY)=[a-z0-9/;$=*{}]{0,6}[/;]?){0,5}") {
        if let Ok(address) = parse(&text) {
            prop_assert_eq!(parse(&address.to_std_or()), Ok(address));
        }
    }
}
