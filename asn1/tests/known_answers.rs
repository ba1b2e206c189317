//! Octets that standards, ledgers and other systems print, and the values they stand for, in both directions.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Debug;

use rasn::{Decode, Encode};
use rasn_x400::presentation::{BER, abstract_syntax};
use rasn_x400::prim::*;
use rasn_x400::x411::address::DomainName;
use rasn_x400::x411::bind::{Authenticated, BindError, Credentials, MtaBind, unwrapped};
use rasn_x400::x411::envelope::*;
use rasn_x400::x411::extension::*;
use rasn_x400::x411::report::TypeOfMtsUser;
use rasn_x400::x411::security::SecurityClassification;
use rasn_x400::x411::trace::{GlobalDomainIdentifier, OtherActions, RoutingAction};
use rasn_x400::x420::body::*;
use rasn_x400::x420::file_transfer::*;
use rasn_x400::x420::heading::*;
use rasn_x400::x420::notification::*;
use rasn_x400::{acse, ber, oids, rtse};

/// `octets` stand for `value`, and `value` is written as `octets`.
#[track_caller]
fn both_ways<T: Decode + Encode + PartialEq + Debug>(ledger: &str, hex: &str, value: T) {
    let octets = octets(hex);
    assert_eq!(ber::decode::<T>(&octets, 1 << 16).as_ref(), Ok(&value), "{ledger}");
    let written: String = ber::encode(&value).unwrap().iter().map(|octet| format!("{octet:02X}")).collect();
    assert_eq!(written, hex.split_whitespace().collect::<String>(), "{ledger}");
}

fn octets(hex: &str) -> Vec<u8> {
    let digits: String = hex.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn raw(hex: &str) -> RawTlv {
    RawTlv::from_element(octets(hex))
}

fn of<T: Encode>(value: &T) -> RawTlv {
    RawTlv::of(value).unwrap()
}

#[test]
fn object_identifiers() {
    for (ledger, hex, oid) in [
        ("OI-03", "06 07 2B060107010302", Rfc822Field::ID),
        ("OI-05", "06 07 2B060107010305", oids::EIT_MIXER),
        ("OI-06", "06 0C 09922686E8C4B5BE2C814801", Rfc1327Field::ID),
        ("B-09", "06 07 28CE2507010006", oids::EIT_CHARACTER_SETS.below(&[6])),
        ("B-09", "06 07 28CE2507010064", oids::EIT_CHARACTER_SETS.below(&[100])),
        ("M-01", "06 08 2B1A00A236000401", oids::CONTENT_P772),
        ("S-06", "06 10 56010411 01 02 86 48 86F70D 01 09 10 01 06", forwarded_cms()),
        ("T-21", "06 04 56000106", acse::MTS_TRANSFER),
        ("T-21", "06 04 5600020C", abstract_syntax::MTA_RTSE),
        ("T-21", "06 04 56000207", abstract_syntax::MTSE),
        ("T-21", "06 04 52010001", abstract_syntax::ACSE),
        ("T-21", "06 02 5101", BER),
    ] {
        both_ways(ledger, hex, oid);
    }
}

/// S-06: the arcs of the content type below the root; its first two arcs are separate here, so 1.2 is not 2A.
fn forwarded_cms() -> Oid {
    kind::CONTENT.below(&oids::CONTENT_CMS.arcs().unwrap())
}

#[test]
fn content_types() {
    both_ways("M-01", "46 01 16", ContentType::P22);
    both_ways("M-01", "46 01 02", ContentType::P2);
    both_ways("M-01", "06 08 2B1A00A236000401", ContentType::Extended(oids::CONTENT_P772));
    both_ways("A-11", "0D 02 0401", ContentType::Unknown(raw("0D 02 0401")));
    // B-16: a delivered content type has a context tag.
    both_ways("B-16", "80 01 16", DeliveredContentType::BuiltIn(22));
}

/// OI-34, OI-37 to OI-39, OI-46, OI-48, OI-49 and their neighbours: each number and the standard's name of it.
#[test]
fn numbers_have_their_names() {
    macro_rules! named {
        ($ledger:literal $kind:ident: $($label:literal),*) => {
            for (number, label) in (0..).zip([$($label),*]) {
                assert_eq!($kind(number).label(), Some(label), "{} {number}", $ledger);
            }
            assert_eq!($kind([$($label),*].len() as i64).label(), None, "{}", $ledger);
        };
    }
    named!("OI-34" Priority: "normal", "non-urgent", "urgent");
    named!("OI-37" RoutingAction: "relayed", "rerouted");
    named!("OI-38" RedirectionReason:
        "recipient-assigned-alternate-recipient",
        "originator-requested-alternate-recipient",
        "recipient-MD-assigned-alternate-recipient",
        "directory-look-up",
        "alias");
    named!("OI-32" AutoSubmittedValue: "not-auto-submitted", "auto-generated", "auto-replied");
    named!("OI-49" NonReceiptReason: "ipm-discarded", "ipm-auto-forwarded");
    named!("OI-49" DiscardReason: "ipm-expired", "ipm-obsoleted", "user-subscription-terminated", "not-used");
    named!("OI-49" AcknowledgmentMode: "manual", "automatic");
    named!("A-16" TypeOfMtsUser: "public", "private", "ms", "dl", "pdau", "physical-recipient", "other");
    named!("S-20" SecurityClassification:
        "unmarked", "unclassified", "restricted", "confidential", "secret", "top-secret");
    both_ways("OI-34", "0A 01 02", Priority::URGENT);
    both_ways("OI-37", "0A 01 01", RoutingAction::REROUTED);
    both_ways("OI-38", "0A 01 04", RedirectionReason::ALIAS);
    for (hex, kind) in [
        ("46 01 00", ContentType::UNIDENTIFIED),
        ("46 01 01", ContentType::EXTERNAL),
        ("46 01 02", ContentType::P2),
        ("46 01 16", ContentType::P22),
        ("46 01 23", ContentType::P35),
        ("46 01 28", ContentType::VOICE),
    ] {
        both_ways("OI-46", hex, kind);
    }
}

/// OI-35, OI-37, OI-45, OI-49: each bit and the standard's name of it.
#[test]
fn bits_have_their_names() {
    macro_rules! named {
        ($ledger:literal $kind:ident: $($bit:literal $label:literal),*) => {
            $( both_ways($ledger, &bit_string($bit), $kind::with(&[$bit])); )*
            let all: Vec<usize> = vec![$($bit),*];
            let found: Vec<_> = $kind::with(&all).labels().collect();
            assert_eq!(found, [$(($bit, Some($label))),*], "{}", $ledger);
        };
    }
    named!("OI-35" PerMessageIndicators:
        0 "disclosure-of-other-recipients",
        1 "implicit-conversion-prohibited",
        2 "alternate-recipient-allowed",
        3 "content-return-request",
        7 "service-message");
    named!("OI-37" OtherActions: 0 "redirected", 1 "dl-operation");
    named!("OI-45" Criticality: 0 "for-submission", 1 "for-transfer", 2 "for-delivery");
    named!("OI-49" NotificationRequests: 0 "rn", 1 "nrn", 2 "ipm-return");
}

/// A BIT STRING with one bit, of eight or fewer.
fn bit_string(bit: usize) -> String {
    format!("03 02 {:02X} {:02X}", 7 - bit, 0x80 >> bit)
}

/// OI-44: the numbers of the MTS extensions that the gateway writes or reads.
#[test]
fn extension_numbers() {
    macro_rules! numbers {
        ($($number:literal $kind:ident),*) => { $( assert_eq!($kind::NUMBER, $number, stringify!($kind)); )* };
    }
    numbers!(
        1 RecipientReassignmentProhibited, 2 OriginatorRequestedAlternateRecipient, 3 DlExpansionProhibited,
        4 ConversionWithLossProhibited, 5 LatestDeliveryTime, 6 RequestedDeliveryMethod,
        7 PhysicalForwardingProhibited, 8 PhysicalForwardingAddressRequest, 9 PhysicalDeliveryModes,
        10 RegisteredMailType, 11 RecipientNumberForAdvice, 12 PhysicalRenditionAttributes,
        13 OriginatorReturnAddress, 14 PhysicalDeliveryReportRequest, 22 ProofOfDeliveryRequest,
        23 ContentCorrelator, 25 RedirectionHistory, 26 DlExpansionHistory, 27 PhysicalForwardingAddress,
        30 OriginatorAndDlExpansionHistory, 31 ReportingDlName, 38 InternalTrace, 39 ReportingMtaName
    );
}

/// E-03: digits and spaces, as many as one likes, or none.
#[test]
fn numeric_strings() {
    for (hex, text) in [("12 06 323334203135", "234 15"), ("12 00", ""), ("12 02 2020", "  ")] {
        both_ways("E-03", hex, NumericString::from(text));
    }
}

#[test]
fn bits() {
    use PerRecipientIndicators as Bits;
    for (case, hex, bits) in [
        ("SUCCESS,FAILURE", "03 02 00 D0", [0, 1, 3].as_slice()),
        ("FAILURE or absent", "03 02 00 A8", &[0, 2, 4]),
        ("NEVER", "03 02 00 A0", &[0, 2]),
    ] {
        both_ways(&format!("D-10 {case}"), hex, Bits::with(bits));
    }
    // never shorter than eight bits here, as short as possible there.
    both_ways("A-15", "03 02 00 00", Bits::with(&[]));
    both_ways("A-15", "03 01 00", PerMessageIndicators::with(&[]));
    both_ways(
        "A-15",
        "03 02 04 10",
        PerMessageIndicators::with(&[PerMessageIndicators::CONTENT_RETURN_REQUEST]),
    );
    both_ways("A-17", "03 02 06 C0", OtherActions::with(&[0, 1]));
    both_ways("A-31", "03 02 05 E0", NotificationRequests::with(&[0, 1, 2]));
}

#[test]
fn times() {
    let summer = X400Time::new("910530182455+0100");
    both_ways("E-14", "17 11 393130353330 313832343535 2B30313030", summer.clone());
    let moment = summer.moment().unwrap();
    assert_eq!((moment.year, moment.hour, moment.offset), (1991, 18, 60));
    assert_eq!(X400Time::from_moment(moment), summer);
    both_ways("E-15", "17 0D 393130353330 313832303237 5A", X400Time::new("910530182027Z"));
    // D-25: HOLDUNTIL, as the deferred delivery time stands in the envelope.
    let deferred = octets("80 0D 323530343031 303630303030 5A");
    assert_eq!(deferred[2..], *X400Time::new("250401060000Z").as_bytes());
}

#[test]
fn extensions() {
    let field = |number, criticality: &[usize], value| ExtensionField {
        kind: ExtensionType::Standard(number),
        criticality: Criticality::with(criticality),
        value: Some(value),
        unknown: vec![],
    };
    let expansion = field(3, &[Criticality::FOR_DELIVERY], raw("0A 01 01"));
    assert_eq!(DlExpansionProhibited::field(&Prohibited::PROHIBITED), Ok(expansion.clone()));
    both_ways("A-02", "30 0C 800103 81020520 A203 0A0101", expansion.clone());
    // Q3: as ISODE-based peers write the type.
    let isode = ExtensionField { kind: ExtensionType::StandardExplicit(3), ..expansion };
    both_ways("A-02", "30 0E A003 020103 81020520 A203 0A0101", isode);
    let label = field(20, &[Criticality::FOR_DELIVERY], raw("31 06 06012902 0103"));
    both_ways("S-20", "30 11 800114 81020520 A208 3106 060129 020103", label);
    // OI-04: a private type.
    let private = ExtensionField {
        kind: ExtensionType::Private(oids::DSN_HEADER_LIST),
        criticality: Criticality::default(),
        value: None,
        unknown: vec![],
    };
    both_ways("OI-04", "30 09 8307 2B060107010303", private);
}

#[test]
fn heading_extensions() {
    let field = |kind, value| HeadingExtensionField { kind, value: Some(value) };
    let policy = field(oids::HEADING_PRECEDENCE_POLICY, raw("06 05 2B1B080000"));
    both_ways("V-07", "30 0D 0604 5601050C 0605 2B1B080000", policy);
    let precedence = field(oids::RECIPIENT_PRECEDENCE, raw("02 01 39"));
    both_ways("V-07", "30 09 0604 56011401 0201 39", precedence);
    let time = field(oids::HEADING_AUTHORIZATION_TIME, raw("18 0F 32303235303331323132303030305A"));
    both_ways("V-07", "30 17 0604 56010505 180F 32303235303331323132303030305A", time);
    let flash = field("1.3.26.0.4406.0.2.0".parse().unwrap(), raw("02 01 04"));
    both_ways("M-11", "30 0D 0608 2B1A00A236000200 0201 04", flash);
    let codes = field("1.3.26.0.4406.0.2.6".parse().unwrap(), raw("31 0C A00A 1303 53444D 1303 4B4B5A"));
    both_ways("M-11", "30 18 0608 2B1A00A236000206 310C A00A 1303 53444D 1303 4B4B5A", codes);
    let languages = Languages::field(&ListAsSet(vec!["en".into(), "fr".into()])).unwrap();
    both_ways("H-29, OI-31", "30 10 0604 56010501 3108 1302656E 13026672", languages);
    let replied = AutoSubmitted::field(&AutoSubmittedValue::AUTO_REPLIED).unwrap();
    both_ways("OI-32", "30 09 0604 56010502 0A01 02", replied);
    let incomplete = HeadingExtensionField { kind: IncompleteCopy::ID, value: Some(raw("05 00")) };
    assert_eq!(IncompleteCopy::field(&Null), Ok(incomplete.clone()), "OI-30");
    both_ways("OI-30", "30 08 0604 56010500 0500", incomplete);
    // a value that is left out means NULL.
    both_ways("A-32", "30 06 0604 56010500", HeadingExtensionField { kind: IncompleteCopy::ID, value: None });
}

#[test]
fn domains() {
    let gold = GlobalDomainIdentifier::new("GB", "GOLD 400", None);
    both_ways("A-17", "63 12 6104 13024742 620A 1308 474F4C4420343030", gold);
    // digits are a NumericString; one space is any administration domain.
    let any = GlobalDomainIdentifier::new("234", " ", Some("X"));
    both_ways("A-17", "63 0F 6105 1203323334 6203 130120 130158", any);
    both_ways("A-20", "12 03 343030", DomainName::from_text("400"));
}

#[test]
fn body_parts() {
    let hello = BodyPart::Ia5Text(Ia5Text { data: "HELLO".into(), ..Ia5Text::default() });
    both_ways("B-10", "A0 09 3100 1605 48454C4C4F", hello);
    both_ways("B-20", "8E 03 010203", BodyPart::BilaterallyDefined(Octets::from(&[1, 2, 3][..])));
    let characters = GeneralString::new([&b"\x1b(B\x1b-A\x1b~Gr"[..], &[0xfc, 0xdf, b'e']].concat());
    let parameters: GeneralTextParameters = ListAsSet(vec![6, 100]);
    let general = ExternallyDefined {
        parameters: Some(External::single(kind::GENERAL_TEXT_PARAMETERS, of(&parameters))),
        data: External::single(kind::GENERAL_TEXT, of(&characters)),
        unknown: vec![],
    };
    let hex = "AF 2B A010 0604 56010B0B A008 3106 020106 020164 \
               2817 0604 5601040B A00F 1B0D 1B2842 1B2D41 1B7E 4772FCDF65";
    both_ways("B-11", hex, BodyPart::ExternallyDefined(general));
    let hex = "AF 43 A02E 0604 56010B0C A026 3024 A20F A00D 800B 6086480186F81E02020101 \
               A411 A00A 1908 646F646F2E646F63 AD03 810103 2811 0604 5601040C A009 3007 2805 8103 616263";
    both_ways("B-36", hex, BodyPart::ExternallyDefined(attachment()));
}

/// B-36: `attachment; filename=dodo.doc; size=3`, of which nothing else is known.
fn attachment() -> ExternallyDefined {
    let parameters = FileTransferParameters {
        environment: Some(Environment {
            application_reference: Some(ApplicationReference::Registered(application::UNKNOWN_ATTACHMENT)),
            ..Environment::default()
        }),
        file_attributes: Some(FileAttributes {
            incomplete_pathname: Some(vec!["dodo.doc".into()]),
            object_size: Some(SizeAttribute::Actual(3)),
            ..FileAttributes::default()
        }),
        ..FileTransferParameters::default()
    };
    let file: FileTransferData = vec![External {
        direct_reference: None,
        indirect_reference: None,
        descriptor: None,
        encoding: ExternalEncoding::OctetAligned(Octets::from(&b"abc"[..])),
        unknown: vec![],
    }];
    ExternallyDefined {
        parameters: Some(External::single(kind::FILE_TRANSFER_PARAMETERS, of(&parameters))),
        data: External::single(kind::FILE_TRANSFER, of(&file)),
        unknown: vec![],
    }
}

#[test]
fn binds() {
    let credentials = Credentials::SimpleCharacters("secret".into());
    let argument =
        Authenticated { name: "mta-gw1".into(), credentials, security_context: None, unknown: vec![] };
    let hex = "A1 13 8007 6D74612D677731 A108 1606 736563726574";
    both_ways("A-26", hex, MtaBind::Authenticated(argument));
    both_ways("A-26", "05 00", MtaBind::Unauthenticated(Null));
    both_ways("A-26", "02 01 02", BindError::AUTHENTICATION_ERROR);
    // T-33: a NULL bind, wrapped, in an open request: checkpoint 10, window 3, two-way.
    let open = rtse::Rtorq {
        checkpoint_size: 10,
        dialogue_mode: rtse::DialogueMode::TWO_WAY_ALTERNATE,
        connection_data: rtse::ConnectionData::Open(raw("B0 02 05 00")),
        ..rtse::Rtorq::default()
    };
    // The window has its default, so it is left out of what the ledger prints, and understood when it is there.
    both_ways("T-33", "B0 0E 80010A 820101 A306 A004 B002 0500", rtse::Apdu::Rtorq(open.clone()));
    let printed = octets("B0 11 80010A 810103 820101 A306 A004 B002 0500");
    assert_eq!(ber::decode(&printed, 100), Ok(rtse::Apdu::Rtorq(open)), "T-33");
    assert_eq!(unwrapped(&octets("B0 02 05 00")), [5, 0], "T-33");
}

/// non-basic parameters of teletex are a SET: none, one or several members.
#[test]
fn non_basic_parameters_are_a_set() {
    let one = TeletexNonBasicParameters {
        graphic_character_sets: Some("A".into()),
        ..TeletexNonBasicParameters::default()
    };
    for (hex, parameters) in [
        ("65 06 8002 0520 A200", TeletexNonBasicParameters::default()),
        ("65 09 8002 0520 A203 800141", one.clone()),
        (
            "65 0C 8002 0520 A206 800141 820142",
            TeletexNonBasicParameters { page_formats: Some(Octets::from(&b"B"[..])), ..one },
        ),
    ] {
        let types = EncodedInformationTypes {
            built_in: BuiltInEncodedInformationTypes::with(&[BuiltInEncodedInformationTypes::IA5_TEXT]),
            teletex: Some(parameters),
            ..EncodedInformationTypes::default()
        };
        both_ways("A-24", hex, types);
    }
}

/// what domains tell each other has the tag of whatever it is.
#[test]
fn bilateral_information() {
    let administration = BilateralAdministration::Printable("A".into());
    let told = PerDomainBilateralInformation {
        country: DomainName::from_text("GB"),
        domain: BilateralDomain::Administration(administration),
        information: raw("04 01 07"),
    };
    both_ways("A-11", "30 0E 6104 13024742 6203 130141 0401 07", told);
}
