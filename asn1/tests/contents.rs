//! Contents beyond the plain message: octets of heading extensions and body parts, and, in modules, of files, military and EDI contents with the
//! values they stand for, in both directions; and body parts as their types say.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "contents/files.rs"]
mod files;
#[path = "contents/organizations.rs"]
mod organizations;
#[allow(dead_code, reason = "the samples are made for another test")]
#[path = "forms/samples.rs"]
mod samples;

use std::fmt::Debug;

use rasn::{Decode, Encode};
use rasn_x400::prim::*;
use rasn_x400::stanag4406::MilitaryObject;
use rasn_x400::x411::address::UniversalOrBmp;
use rasn_x400::x411::security::{SecurityClassification, SecurityLabel};
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::basic_body::*;
use rasn_x400::x420::body::*;
use rasn_x400::x420::distribution::*;
use rasn_x400::x420::extended_body::*;
use rasn_x400::x420::file_transfer::*;
use rasn_x400::x420::heading::*;
use rasn_x400::x420::ipm_security::*;
use rasn_x400::x420::notification::*;
use rasn_x400::x420::typed_body::TypedBodyPart;
use rasn_x400::{ber, oids};
use samples::{hex, octets, raw};

/// `octets` stand for `value`, and `value` is written as `octets`.
#[track_caller]
fn both_ways<T: Decode + Encode + PartialEq + Debug>(ledger: &str, digits: &str, value: T) {
    let octets = octets(digits);
    assert_eq!(ber::decode::<T>(&octets, 1 << 16).as_ref(), Ok(&value), "{ledger}");
    assert_eq!(hex(&ber::encode(&value).unwrap()), hex(&octets), "{ledger}");
}

fn text(text: &str) -> UniversalOrBmp {
    UniversalOrBmp::from_text(text)
}

fn number() -> Oid {
    "2.999".parse().unwrap()
}

// ledger: beyond A-32 B-17
#[test]
fn heading_extensions() {
    use RecipientSecurityRequestValue as Proofs;
    let member = CirculationMember {
        circulation_recipient: RecipientSpecifier {
            recipient: OrDescriptor::default(),
            notification_requests: NotificationRequests::default(),
            reply_requested: false,
            extensions: vec![],
            unknown: vec![],
        },
        checked: Some(Checkmark::Simple(Null)),
        unknown: vec![],
    };
    let code = DistributionCode {
        oid_code: Some(number()),
        alphanumeric_code: Some(text("K4")),
        ..DistributionCode::default()
    };
    let category = InformationCategory { reference: Some(number()), ..InformationCategory::default() };
    let signature = BodyPartSignatureEntry {
        body_part_number: 1,
        body_part_signature: ber::decode(&octets("300A 3004 06028837 030200FF"), 100).unwrap(),
        originator_certificates: None,
        originator_certificate_selector: None,
        unknown: vec![],
    };
    let label = IpmSecurityLabelValue {
        content_security_label: SecurityLabel {
            classification: Some(SecurityClassification::CONFIDENTIAL),
            ..SecurityLabel::default()
        },
        heading_security_label: None,
        body_part_security_labels: None,
        unknown: vec![],
    };
    let noon = GeneralizedTime::new("20250312120000Z");
    let partial = PartialMessageValue { number: 1, total: 3, id: "a".into() };
    for (name, digits, field) in [
        ("incomplete-copy", "30 08 0604 56010500 0500", IncompleteCopy::field(&Null)),
        (
            "body-part-signatures",
            "30 19 0604 56010503 3111 310F 020101 300A 3004 06028837 030200FF",
            BodyPartSignatures::field(&ListAsSet(vec![signature])),
        ),
        ("ipm-security-label", "30 0D 0604 56010504 3005 A003 020103", IpmSecurityLabel::field(&label)),
        (
            "authorization-time",
            "30 17 0604 56010505 180F 3230323530333132 313230303030 5A",
            AuthorizationTime::field(&noon),
        ),
        (
            "circulation-list-recipients",
            "30 10 0604 56010506 3008 3106 0500 3102 A000",
            CirculationListRecipients::field(&vec![member]),
        ),
        (
            "distribution-codes",
            "30 16 0604 56010507 300E 300C 0602 8837 3106 1E04 004B 0034",
            DistributionCodes::field(&vec![code]),
        ),
        ("extended-subject", "30 0C 0604 56010508 3104 1E02 0041", ExtendedSubject::field(&text("A"))),
        (
            "information-category",
            "30 0E 0604 56010509 3006 3004 8002 8837",
            InformationCategories::field(&vec![category]),
        ),
        (
            "manual-handling-instructions",
            "30 0E 0604 5601050A 3006 3104 1E02 0041",
            ManualHandlingInstructions::field(&vec![text("A")]),
        ),
        (
            "originators-reference",
            "30 0C 0604 5601050B 3104 1E02 0041",
            OriginatorsReference::field(&text("A")),
        ),
        ("precedence-policy", "30 0A 0604 5601050C 0602 8837", PrecedencePolicyIdentifier::field(&number())),
        ("circulation-list-indicator", "30 08 0604 56011400 0500", CirculationListIndicator::field(&Null)),
        ("precedence", "30 09 0604 56011401 020139", Precedence::field(&57)),
        (
            "recipient-security-request",
            "30 0A 0604 56011200 0302 0450",
            RecipientSecurityRequest::field(&Proofs::with(&[Proofs::CONTENT_PROOF, Proofs::IPN_PROOF])),
        ),
        (
            "partial-message",
            "30 14 0607 2B060107010101 3009 020101 020103 160161",
            PartialMessage::field(&partial),
        ),
        (
            "multipart-message of RFC 1495",
            "30 0C 0607 2B060107010102 0A0103",
            MultipartMessageV1::field(&MultipartType::DIGEST),
        ),
    ] {
        both_ways(&format!("A-32 {name}"), digits, field.unwrap());
    }
}

/// an extension whose value is left out has the value NULL.
#[test]
fn a_value_that_is_left_out_is_null() {
    let field = HeadingExtensionField { kind: IncompleteCopy::ID, value: None };
    assert_eq!(IncompleteCopy::find(std::slice::from_ref(&field)), Ok(Some(Null)));
    let field = HeadingExtensionField { kind: Precedence::ID, value: None };
    Precedence::find(&[field]).unwrap_err();
    assert_eq!(Precedence::find(&[]), Ok(None));
}

// ledger: beyond A-33
#[test]
fn notifications() {
    let absence = AbsenceAdviceValue {
        next_available: Some(X400Time::new("250312120000Z")),
        ..AbsenceAdviceValue::default()
    };
    let change = ChangeOfAddressAdviceValue {
        new_address: OrDescriptor::default(),
        effective_from: None,
        unknown: vec![],
    };
    let absence = AbsenceAdvice::field(&absence).unwrap();
    let change = ChangeOfAddressAdvice::field(&change).unwrap();
    let advice = "30 17 0604 56011300 300F 170D 323530333132 313230303030 5A";
    both_ways("A-33 absence", advice, absence.clone());
    both_ways("A-33 change of address", "30 0A 0604 56011301 3002 A000", change.clone());
    let other = NotificationChoice::Other(vec![absence, change]);
    both_ways("A-33 other", &format!("A2 25 {advice} 30 0A 0604 56011301 3002 A000"), other);
    let discarded = NonReceiptFields {
        non_receipt_reason: NonReceiptReason::IPM_DISCARDED,
        discard_reason: Some(DiscardReason::IPM_EXPIRED),
        auto_forward_comment: None,
        returned_ipm: None,
        nrn_extensions: vec![],
        unknown: vec![],
    };
    both_ways("A-33 non-receipt", "A0 06 800100 810100", NotificationChoice::NonReceipt(discarded));
    let read = ReceiptFields {
        receipt_time: X400Time::new("250312120000Z"),
        acknowledgment_mode: AcknowledgmentMode::AUTOMATIC,
        supplementary_receipt_information: Some("A".into()),
        rn_extensions: vec![],
        unknown: vec![],
    };
    let digits = "A1 15 800D 323530333132 313230303030 5A 810101 820141";
    both_ways("A-33 receipt", digits, NotificationChoice::Receipt(read.clone()));
    let notification = Ipn {
        subject_ipm: IpmIdentifier { user_relative_identifier: "a".into(), ..IpmIdentifier::default() },
        ipn_originator: Some(OrDescriptor::default()),
        ipm_intended_recipient: Some(OrDescriptor::default()),
        conversion_eits: None,
        notification_extensions: vec![],
        choice: NotificationChoice::Receipt(ReceiptFields {
            acknowledgment_mode: AcknowledgmentMode::MANUAL,
            supplementary_receipt_information: None,
            ..read
        }),
        unknown: vec![],
    };
    let digits = "A1 1C 6B03 130161 A011 A10F 800D 323530333132 313230303030 5A A100 A200";
    both_ways("A-33", digits, InformationObject::Ipn(notification));
}

// ledger: beyond A-30 B-24 B-25
#[test]
fn basic_parts_are_read_as_their_types_when_somebody_asks() {
    use TypedBodyPart as Typed;
    let videotex = Videotex {
        parameters: VideotexParameters { syntax: Some(VideotexSyntax::DATA_SYNTAX_2), unknown: vec![] },
        data: "AB".into(),
    };
    let encrypted = Encrypted {
        parameters: EncryptedParameters {
            algorithm_identifier: Some(vec![raw("06 02 88 37")]),
            ..EncryptedParameters::default()
        },
        data: NamedBits::from_octets(&[0xff]),
    };
    let voice = Voice { parameters: ListAsSet(vec![]), data: NamedBits::from_octets(&[0xff]) };
    let telex = Telex { parameters: ListAsSet(vec![]), data: raw("16 01 41") };
    for (digits, typed) in [
        ("A0 05 3100 160141", Typed::Ia5Text(Ia5Text { data: "A".into(), ..Ia5Text::default() })),
        ("A1 05 3100 160141", Typed::Telex(telex)),
        ("A2 06 3100 0302 00FF", Typed::Voice(voice)),
        ("A4 02 3000", Typed::G4Class1(vec![raw("30 00")])),
        ("A6 09 3103 800102 1502 4142", Typed::Videotex(videotex)),
        ("A7 03 020107", Typed::NationallyDefined(raw("02 01 07"))),
        ("A8 0C 3106 3004 0602 8837 0302 00FF", Typed::Encrypted(encrypted)),
        ("AA 02 3100", Typed::SimpleFormattableDocument(vec![raw("31 00")])),
        ("AB 02 3000", Typed::MixedMode(vec![raw("30 00")])),
        ("8E 01 07", Typed::BilaterallyDefined(Octets::from(&[7][..]))),
    ] {
        let part: BodyPart = ber::decode(&octets(digits), 100).unwrap();
        assert_eq!(part.typed(), Ok(typed), "{digits}");
        assert_eq!(hex(&ber::encode(&part).unwrap()), hex(&octets(digits)), "{digits}");
    }
    // What cannot be read as its type is still a part, and goes on as it came.
    for digits in ["A6 03 020107", "A8 00", "A2 02 3100"] {
        let part: BodyPart = ber::decode(&octets(digits), 100).unwrap();
        part.typed().unwrap_err();
        assert_eq!(hex(&ber::encode(&part).unwrap()), hex(&octets(digits)));
    }
}

// ledger: beyond B-01 B-15 B-18 B-19 B-21 B-25 B-26
#[test]
fn extended_parts() {
    let speech = VoiceParameters {
        voice_message_duration: None,
        voice_encoding_type: "2.6.1.12.1.3".parse().unwrap(),
        supplementary_information: None,
        unknown: vec![],
    };
    let voice = ExtendedVoice::part(Some(&speech), &Octets::from(&[0x7f, 0x7f][..])).unwrap();
    let digits = "AF 21 A011 0604 56010B10 A009 3007 8105 56010C0103 280C 0604 56010410 A004 0402 7F7F";
    both_ways("B-25", digits, BodyPart::ExternallyDefined(voice));
    let content = ForwardedContent {
        content_type: oids::CONTENT_P22,
        parameters: None,
        content: Octets::from(&[0x30][..]),
    };
    let digits = "AF 12 2810 0609 56010411 0206010A01 A003 040130";
    both_ways("B-19", digits, BodyPart::ExternallyDefined(content.part().unwrap()));
    let oda = OdaParameters {
        document_application_profile: "1.3.16.2.6.0.1".parse().unwrap(),
        document_architecture_class: DocumentArchitectureClass::FORMATTED_PROCESSABLE,
        unknown: vec![],
    };
    both_ways("B-15", "31 0B 8006 2B1002060001 810102", oda);
    let mime = MimeBodyPartParameters {
        content_type: "a/b".into(),
        content_parameters: vec![MimeParameter { name: "c".into(), value: "d".into() }],
        other_header_fields: None,
    };
    both_ways("B-21", "30 0F 1603 612F62 3008 3006 160163 160164", mime);
}

/// Each extended part is read as its own type and as no other.
// ledger: beyond B-01 M-30
#[test]
fn extended_parts_are_read_as_their_types() {
    use TypedBodyPart as Typed;
    let parts = [samples::body::extended_parts(), samples::military::parts()].concat();
    for (name, part) in parts {
        let typed = BodyPart::ExternallyDefined(part.clone())
            .typed()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = match typed {
            Typed::Ia5Text(_) => "ia5-text",
            Typed::G3Facsimile(fax) if fax.data.len() == 2 => "g3-facsimile",
            Typed::G4Class1(_) => "g4-class1",
            Typed::Teletex(pages) if pages.parameters.number_of_pages == Some(2) => "teletex",
            Typed::Videotex(_) => "videotex",
            Typed::NationallyDefined(_) => "nationally-defined",
            Typed::Encrypted(_) => "encrypted",
            Typed::Message(message) if message.message.get().is_ok() => "message",
            Typed::MixedMode(_) => "mixed-mode",
            Typed::BilaterallyDefined(_) => "bilaterally-defined",
            Typed::GeneralText(text) if text.parameters == Some(ListAsSet(vec![6, 100])) => "general-text",
            Typed::FileTransfer(file) => {
                assert_eq!(whole_file(&file.data), Some(Octets::from(&b"abc"[..])));
                assert!(!file.parameters.unwrap().is_unstructured_binary());
                "file-transfer"
            }
            Typed::Report(report) if report.per_recipient_fields.len() == 2 => "report",
            Typed::Notification(_) => "notification",
            Typed::ExtendedVoice(voice) if voice.data.0.len() == 8 => "voice",
            Typed::Content(content) if content.content_type == oids::CONTENT_P22 => {
                assert_eq!(*content, samples::body::forwarded_content());
                "content"
            }
            Typed::Content(content) if content.content_type == oids::CONTENT_P772 => {
                assert!(matches!(ber::decode(&content.content.0, 10_000), Ok(MilitaryObject::Message(_))));
                "forwarded P772"
            }
            Typed::Pkcs7(_) => "pkcs7",
            Typed::Oda(_) => "oda",
            Typed::Mime(mime) if mime.parameters.is_some() => "mime",
            Typed::Postscript(_) => "postscript",
            Typed::Jpeg(_) => "jpeg",
            Typed::Gif(_) => "gif",
            Typed::Adatp3(sets) if sets.parameters == Some(11) => "adatp3",
            Typed::Corrections(text) if text.parameters == Some(1) => "corrections",
            Typed::ForwardedEncrypted(_) => "forwarded-encrypted",
            Typed::MilitaryMessage(message) if message.data.get().is_ok() => "mm-message",
            Typed::Acp127Data(_) => "acp127-data",
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(found, name);
    }
    let foreign = ExternallyDefined {
        parameters: None,
        data: External::single(number(), raw("05 00")),
        unknown: vec![],
    };
    let foreign = BodyPart::ExternallyDefined(foreign);
    assert_eq!(foreign.typed(), Ok(Typed::Other(foreign)));
}

/// B-38: peers write octets into an EXTERNAL in three ways.
#[test]
fn octets_are_read_in_every_form_of_an_external() {
    for digits in [
        "AF 12 2810 0608 2B06010701020103 A004 0402 FFD8",
        "AF 10 280E 0608 2B06010701020103 8102 FFD8",
        "AF 11 280F 0608 2B06010701020103 8203 00FFD8",
    ] {
        let part: BodyPart = ber::decode(&octets(digits), 100).unwrap();
        assert_eq!(part.typed(), Ok(TypedBodyPart::Jpeg(Octets::from(&[0xff, 0xd8][..]))), "{digits}");
    }
}

/// Octets of a SEQUENCE or, with another tag, of a member that is one.
fn wrapped(tag: u8, members: &str) -> String {
    let members = octets(members);
    format!("{tag:02x} {:02x} {}", members.len(), hex(&members))
}
