//! Contents of organizations: military messages (STANAG 4406) and EDI messages (X.435).

use rasn_x400::prim::*;
use rasn_x400::stanag4406::{MilitaryObject, compressed::*, military_body::*, mmhs::*};
use rasn_x400::x411::address::OrName;
use rasn_x400::x420::Ipm;
use rasn_x400::x420::body::*;
use rasn_x400::x420::extended_body::*;
use rasn_x400::x420::heading::*;
use rasn_x400::x435::{EdiObject, edi_body::*, edim::*, edin::*, reason::*};
use rasn_x400::{ber, oids};

use super::samples::octets;
use super::{both_ways, wrapped};

// ledger: beyond M-10 M-10.0 M-10.1 M-10.2 M-10.3 M-10.4 M-10.5 M-10.6 M-10.7 M-10.8 M-10.9 M-10.10 M-10.11 M-10.12
// M-10.13 M-10.14 M-10.15 M-10.17 M-11
#[test]
fn military_heading_extensions() {
    use Acp127NotificationType as Notices;
    let exercise =
        MessageTypeValue { kind: TypeOfMessage::EXERCISE, identifier: Some("CF".into()), unknown: vec![] };
    let list = AddressListDesignator {
        kind: RecipientKind::PRIMARY,
        list_name: OrDescriptor::default(),
        notification_request: Some(AddressListRequest::BOTH),
        reply_request: None,
        unknown: vec![],
    };
    let codes = MilitaryDistributionCodesValue {
        sics: Some(vec!["SDM".into(), "KKZ".into()]),
        ..MilitaryDistributionCodesValue::default()
    };
    let other =
        OtherRecipientDesignator { kind: RecipientKind::COPY, designator: "X".into(), unknown: vec![] };
    let pilot =
        PilotInformation { pilot_precedence: Some(MmhsPrecedence::PRIORITY), ..PilotInformation::default() };
    let released = X400Time::new("250312120000Z");
    let label: SecurityInformationLabelsValue = ber::decode(&octets("3005 A003 020103"), 100).unwrap();
    for (number, value, field) in [
        (0, "020104", PrimaryPrecedence::field(&MmhsPrecedence::FLASH)),
        (1, "020111", CopyPrecedence::field(&MmhsPrecedence(17))),
        (2, "3107 800100 8102 4346", MessageType::field(&exercise)),
        (3, "300A 3108 800100 A100 820102", AddressListIndicator::field(&vec![list])),
        (4, "3002 3100", ExemptedAddresses::field(&vec![OrDescriptor::default()])),
        (5, "170D 323530333132 313230303030 5A", ExtendedAuthorisationInfo::field(&released)),
        (6, "310C A00A 1303 53444D 1303 4B4B5A", MilitaryDistributionCodes::field(&codes)),
        (7, "3005 1303 5A4158", HandlingInstructions::field(&vec!["ZAX".into()])),
        (8, "3005 1303 5A4158", MessageInstructions::field(&vec!["ZAX".into()])),
        (9, "020107", CodressMessage::field(&7)),
        (10, "1303 5A4158", OriginatorReference::field(&"ZAX".into())),
        (11, "3008 3106 800101 810158", OtherRecipientsIndicator::field(&vec![other])),
        (12, "3005 3003 800102", PilotForwardingInfo::field(&vec![pilot])),
        (13, "1303 5A4158", Acp127MessageIdentifier::field(&"ZAX".into())),
        (14, "1303 5A4158", OriginatorPlad::field(&"ZAX".into())),
        (
            15,
            "0302 0560",
            Acp127NotificationRequest::field(&Notices::with(&[Notices::POSITIVE, Notices::TRANSFER])),
        ),
        (17, "3005 A003 020103", SecurityInformationLabels::field(&label)),
    ] {
        let digits = wrapped(0x30, &format!("0608 2B1A00A2360002{number:02x} {value}"));
        both_ways(&format!("M-10.{number}"), &digits, field.unwrap());
    }
}

// ledger: beyond M-01 M-02 M-10.16 M-12 M-30 M-44
#[test]
fn military_contents() {
    let this_ipm = IpmIdentifier { user_relative_identifier: "a".into(), ..IpmIdentifier::default() };
    let message = Ipm { heading: Heading { this_ipm, ..Heading::default() }, body: vec![] };
    both_ways("M-01", "A0 09 3105 6B03 130161 3000", MilitaryObject::Message(message));
    let response = Acp127NotificationResponseValue {
        acp127_notification_type: Acp127NotificationType::with(&[Acp127NotificationType::TRANSFER]),
        receipt_time: X400Time::new("250312120000Z"),
        address_list_indicator: None,
        acp127_recipient: None,
        acp127_supplementary_information: None,
        unknown: vec![],
    };
    let digits = "30 1F 0608 2B1A00A236000210 3113 8002 0520 810D 323530333132 313230303030 5A";
    both_ways("M-10.16", digits, Acp127NotificationResponse::field(&response).unwrap());
    both_ways("M-12", "0A 01 01", PriorityLevelQualifier::HIGH);
    both_ways("M-30", "80 02 4142", Adatp3Data::LineOriented("AB".into()));
    both_ways("M-30", "A1 04 1602 4142", Adatp3Data::SetOriented(vec!["AB".into()]));
    let corrections = Corrections::part(Some(&1), &"A".into()).unwrap();
    let digits = "AF 22 A00F 0608 2B1A00A236000703 A003 020101 280F 0608 2B1A00A236000701 A003 160141";
    both_ways("M-30", digits, BodyPart::ExternallyDefined(corrections));
    let info = CompressedContentInfo {
        content_type: CompressedContentType::Short(ShortContentType::P1),
        compressed_content: Octets::from(&[0x78][..]),
    };
    let compressed = CompressedData {
        compression_algorithm: CompressionAlgorithm::Short(ShortAlgorithm::ZLIB),
        compressed_content_info: info,
        unknown: vec![],
    };
    both_ways("M-44", COMPRESSED, compressed);
}

/// Zlib, P1, one octet.
const COMPRESSED: &str = "30 0D 800100 3008 800102 A003 040178";

// ledger: beyond E-01 E-02 E-03 E-04 E-05
#[test]
fn edi_contents() {
    let identifier =
        EdimIdentifier { user: OrName::default(), user_relative_identifier: "a".into(), unknown: vec![] };
    let heading: EdimHeading = ber::decode(&octets("30 09 A107 A002 3000 810161"), 100).unwrap();
    assert_eq!((&heading.this_edim, &heading.edi_bodypart_type), (&identifier, &oids::EDI_EDIFACT_ISO646));
    let body = EdimBody {
        primary_body_part: PrimaryBodyPart::Edi(Octets::from(&b"U"[..])),
        additional_body_parts: None,
        unknown: vec![],
    };
    let message = EdiObject::Message(Edim { heading: heading.clone(), body });
    both_ways("E-01, E-02", "A0 10 3009 A107 A002 3000 810161 3003 800155", message);
    let x12 = EdimHeading { edi_bodypart_type: oids::EDI_X12_ISO646, ..heading };
    both_ways("E-03", "30 0F A107 A002 3000 810161 8604 56070B03", x12);
    let recipient: EdimRecipient = ber::decode(&octets("30 07 A102 3000 8B01FF"), 100).unwrap();
    assert!(recipient.test_indicator && !recipient.acknowledgement_request);
    assert_eq!(recipient.action_request, oids::EDI_FOR_ACTION);
    both_ways("E-04", "30 07 A102 3000 8B01FF", recipient);
    let common_fields = EdinCommonFields {
        subject_edim: identifier,
        edin_originator: OrName::default(),
        first_recipient: None,
        notification_time: X400Time::new("250312120000Z"),
        notification_security_elements: None,
        edin_initiator: EdinInitiator::INTERNAL_UA,
        notification_extensions: None,
        unknown: vec![],
    };
    let common = "A01F A107 A002 3000 810161 A202 3000 840D 323530333132 313230303030 5A 860100";
    let positive = PositiveNotification {
        common_fields: common_fields.clone(),
        supplementary_information: None,
        extensions: None,
        unknown: vec![],
    };
    let digits = format!("A1 23 A021 {common}");
    both_ways("E-05 positive", &digits, EdiObject::Notification(Edin::Positive(positive)));
    let user =
        NegativeUserReason { basic_code: NegativeUserCode::SYNTAX_ERROR, diagnostic: None, unknown: vec![] };
    let negative = NegativeNotification {
        common_fields,
        reason_code: NegativeReason::User(user),
        supplementary_information: None,
        extensions: None,
        unknown: vec![],
    };
    let digits = format!("A1 28 {common} A105 A103 800101");
    both_ways("E-05 negative", &digits, Edin::Negative(negative));
}
