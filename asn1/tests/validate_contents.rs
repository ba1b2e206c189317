//! Contents and what is found in them: the place and the kind of rule of each violation.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "validate_contents/edi.rs"]
mod edi_contents;
#[allow(dead_code, reason = "the samples are made for another test")]
#[path = "forms/samples.rs"]
mod samples;

use rasn::Encode;
use rasn_x400::prim::*;
use rasn_x400::stanag4406::MilitaryObject;
use rasn_x400::stanag4406::mmhs::*;
use rasn_x400::validate::{Severity, content, content_of};
use rasn_x400::x411::envelope::{BuiltInEncodedInformationTypes, ContentType, EncodedInformationTypes};
use rasn_x400::x411::security::SecurityLabel;
use rasn_x400::x420::body::*;
use rasn_x400::x420::distribution::*;
use rasn_x400::x420::extended_body::{ExtendedBodyPart as _, FileTransfer};
use rasn_x400::x420::file_attributes::*;
use rasn_x400::x420::file_transfer::*;
use rasn_x400::x420::heading::*;
use rasn_x400::x420::ipm_security::*;
use rasn_x400::x420::notification::*;
use rasn_x400::x420::{InformationObject, Ipm};
use rasn_x400::x435::EdiObject;
use rasn_x400::{ber, oids};
use samples::{body, edi, military, raw, x420};

/// `place rule` of each violation that is worse than a notice.
fn found(content_type: &ContentType, value: &impl Encode) -> Vec<String> {
    content(content_type, &ber::encode(value).unwrap())
        .iter()
        .filter(|violation| violation.severity > Severity::Notice)
        .map(|violation| format!("{} {}", violation.place, violation.rule))
        .collect()
}

fn p772() -> ContentType {
    ContentType::Extended(oids::CONTENT_P772)
}

/// A message with nothing wrong in it.
fn message() -> Ipm {
    let heading = Heading {
        this_ipm: x420::identifier("7 250312120000Z"),
        originator: Some(x420::descriptor("Kille")),
        primary_recipients: Some(vec![x420::recipient("Cooper")]),
        subject: Some("Lunch".into()),
        ..Heading::default()
    };
    let mut message = Ipm { heading, body: vec![x420::text("HELLO\r\n")] };
    recipients(&mut message)[0].extensions = vec![];
    message
}

fn recipients(message: &mut Ipm) -> &mut Vec<RecipientSpecifier> {
    message.heading.primary_recipients.get_or_insert_default()
}

fn with(change: impl FnOnce(&mut Ipm)) -> InformationObject {
    let mut message = message();
    change(&mut message);
    InformationObject::Ipm(message)
}

fn extension(field: HeadingExtensionField) -> InformationObject {
    with(|message| message.heading.extensions = vec![field])
}

fn part(part: BodyPart) -> InformationObject {
    with(|message| message.body = vec![part])
}

#[test]
fn nothing_is_found_in_what_is_right() {
    let right = InformationObject::Ipm(message());
    for content_type in [ContentType::P2, ContentType::P22, ContentType::Extended(oids::CONTENT_P22)] {
        assert_eq!(found(&content_type, &right), [""; 0]);
    }
    assert_eq!(found(&p772(), &MilitaryObject::Message(military_message())), [""; 0]);
    assert_eq!(found(&ContentType::P35, &EdiObject::Message(edi::message())), [""; 0]);
    for notification in edi::notifications() {
        assert_eq!(found(&ContentType::P35, &EdiObject::Notification(notification)), [""; 0]);
    }
    // Nothing is said of what nobody knows.
    assert_eq!(content(&ContentType::UNIDENTIFIED, b"anything"), []);
}

// ledger: beyond A-25 A-30 A-31 A-32
#[test]
fn messages() {
    let many =
        |count| vec![DistributionCode { oid_code: Some(oids::MIXER), ..DistributionCode::default() }; count];
    let nobody = OrDescriptor::default;
    let cases: Vec<(InformationObject, &[&str])> = vec![
        (
            with(|it| it.heading.this_ipm.user_relative_identifier = "x".repeat(65).into()),
            &["ipm.heading.this-IPM.user-relative-identifier bound"],
        ),
        (
            with(|it| it.heading.this_ipm.user_relative_identifier = "a@b".into()),
            &["ipm.heading.this-IPM.user-relative-identifier alphabet"],
        ),
        (with(|it| it.heading.subject = Some("x".repeat(129).into())), &["ipm.heading.subject bound"]),
        (with(|it| it.heading.primary_recipients = None), &["ipm.heading missing"]),
        (
            with(|it| recipients(it)[0].recipient = nobody()),
            &[
                "ipm.heading.primary-recipients[0].recipient missing",
                "ipm.heading.primary-recipients[0].recipient.formal-name missing",
            ],
        ),
        (
            with(|it| {
                it.heading.reply_recipients =
                    Some(vec![OrDescriptor { formal_name: None, ..x420::descriptor("X") }])
            }),
            &["ipm.heading.reply-recipients[0].formal-name missing"],
        ),
        (with(|it| it.heading.importance = Importance(3)), &["ipm.heading.importance value"]),
        (with(|it| it.heading.sensitivity = Some(Sensitivity(0))), &["ipm.heading.sensitivity value"]),
        (
            with(|it| it.heading.expiry_time = Some(X400Time::new("251312120000Z"))),
            &["ipm.heading.expiry-time time"],
        ),
        (
            with(|it| it.heading.reply_time = Some(X400Time::new("250312120000"))),
            &["ipm.heading.reply-time time"],
        ),
        (with(|it| it.heading.auto_forwarded = true), &["ipm.heading.auto-forwarded conflict"]),
        (
            with(|it| {
                it.heading.originator = Some(OrDescriptor {
                    telephone_number: Some("x".repeat(33).into()),
                    ..x420::descriptor("K")
                })
            }),
            &["ipm.heading.originator.telephone-number bound"],
        ),
        (with(|it| it.heading.unknown = vec![raw("9f 2a 00")]), &["ipm.heading unknown"]),
        (
            with(|it| it.heading.extensions = vec![IncompleteCopy::field(&Null).unwrap(); 2]),
            &["ipm.heading.extensions[1] duplicate"],
        ),
        (extension(Precedence::field(&5).unwrap()), &["ipm.heading.extensions[0] misplaced"]),
        (
            with(|it| recipients(it)[0].extensions = vec![Precedence::field(&128).unwrap()]),
            &["ipm.heading.primary-recipients[0].recipient-extensions[0].value.value bound"],
        ),
        (
            extension(Languages::field(&ListAsSet(vec!["eng".into(), "de".into()])).unwrap()),
            &["ipm.heading.extensions[0].value.languages bound"],
        ),
        (
            extension(HeadingExtensionField { kind: Languages::ID, value: Some(raw("02 01 01")) }),
            &["ipm.heading.extensions[0].value undecodable"],
        ),
        (
            extension(AuthorizationTime::field(&GeneralizedTime::new("yesterday")).unwrap()),
            &["ipm.heading.extensions[0].value time"],
        ),
        (
            extension(DistributionCodes::field(&many(17)).unwrap()),
            &["ipm.heading.extensions[0].value.codes bound"],
        ),
        (
            extension(CirculationListRecipients::field(&vec![]).unwrap()),
            &["ipm.heading.extensions[0].value.members bound"],
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(found(&ContentType::P22, &value), expected, "{value:?}");
    }
}

/// What P2 does not have is found where P2 is spoken, and only there.
// ledger: beyond A-40
#[test]
fn editions() {
    let modern = with(|message| {
        message.heading.extensions = vec![IncompleteCopy::field(&Null).unwrap()];
        recipients(message)[0].extensions = vec![Precedence::field(&5).unwrap()];
        message.body = vec![BodyPart::ExternallyDefined(x420::general_text())];
    });
    assert_eq!(found(&ContentType::P22, &modern), [""; 0]);
    assert_eq!(
        found(&ContentType::P2, &modern),
        [
            "ipm.heading.primary-recipients[0].recipient-extensions edition",
            "ipm.heading.extensions edition",
            "ipm.body[0] edition",
        ]
    );
    let telex = part(BodyPart::Telex(vec![raw("31 00"), raw("16 01 41")]));
    assert_eq!(found(&ContentType::P2, &telex), [""; 0]);
    assert_eq!(found(&ContentType::P22, &telex), ["ipm.body[0] edition"]);
    let military = extension(PrimaryPrecedence::field(&MmhsPrecedence::FLASH).unwrap());
    assert_eq!(found(&ContentType::P22, &military), [""; 0], "only a notice");
}

fn file(parameters: FileTransferParameters, octets: &[&[u8]]) -> InformationObject {
    let data = octets.iter().map(|octets| External {
        encoding: ExternalEncoding::OctetAligned(Octets::from(*octets)),
        ..External::single(UNSTRUCTURED_BINARY, raw("05 00"))
    });
    part(BodyPart::ExternallyDefined(FileTransfer::part(Some(&parameters), &data.collect()).unwrap()))
}

fn attributes(attributes: FileAttributes) -> FileTransferParameters {
    FileTransferParameters { file_attributes: Some(attributes), ..FileTransferParameters::default() }
}

// ledger: beyond A-34 B-10 B-11 B-13 B-30 B-35
#[test]
fn body_parts() {
    let size = |size| {
        attributes(FileAttributes {
            object_size: Some(SizeAttribute::Actual(size)),
            ..FileAttributes::default()
        })
    };
    let both = FileAttributes {
        incomplete_pathname: Some(vec!["a".into()]),
        complete_pathname: Some(vec!["a".into()]),
        ..FileAttributes::default()
    };
    let date = FileAttributes {
        created: Some(DateAttribute::Actual(X400Time::new("250312"))),
        ..FileAttributes::default()
    };
    let whole: &[u8] = b"abc";
    let mut pages = x420::teletex();
    pages.data.pop();
    let mut nameless = x420::general_text();
    nameless.data.direct_reference = None;
    let cases: Vec<(InformationObject, &[&str])> = vec![
        (part(x420::text("Gr\u{fc}n")), &["ipm.body[0].data alphabet"]),
        (part(BodyPart::Teletex(pages)), &["ipm.body[0].number-of-pages conflict"]),
        (part(BodyPart::ExternallyDefined(nameless)), &["ipm.body[0] missing"]),
        (part(BodyPart::Videotex(vec![raw("02 01 01")])), &["ipm.body[0] undecodable"]),
        (file(size(3), &[whole]), &[]),
        (file(size(4), &[whole]), &["ipm.body[0].object-size conflict"]),
        (file(size(3), &[whole, whole]), &["ipm.body[0].data bound"]),
        (file(attributes(both), &[whole]), &["ipm.body[0].parameters.file-attributes conflict"]),
        (
            file(attributes(date), &[whole]),
            &["ipm.body[0].parameters.file-attributes.date-and-time-of-creation time"],
        ),
        (
            part(BodyPart::Message(Box::new(ForwardedMessage {
                parameters: MessageParameters::default(),
                message: Captured::of(&Ipm { body: vec![x420::text("\u{fc}")], ..message() }).unwrap(),
            }))),
            &["ipm.body[0].data.body[0].data alphabet"],
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(found(&ContentType::P22, &value), expected, "{value:?}");
    }
}

// ledger: beyond B-09
#[test]
fn types_that_the_envelope_does_not_list() {
    use BuiltInEncodedInformationTypes as Bits;
    let types = |bits: &[usize], extended| EncodedInformationTypes {
        built_in: Bits::with(bits),
        extended,
        ..EncodedInformationTypes::default()
    };
    let content = with(|message| {
        message.body.push(BodyPart::ExternallyDefined(x420::general_text()));
        message.body.push(BodyPart::Teletex(x420::teletex()));
    });
    let octets = ber::encode(&content).unwrap();
    let found = |types| {
        let found = content_of(&ContentType::P22, Some(&types), &octets);
        found.iter().map(|violation| format!("{} {}", violation.place, violation.rule)).collect::<Vec<_>>()
    };
    let latin = Some(vec![oids::EIT_CHARACTER_SETS.below(&[100])]);
    assert_eq!(found(types(&[Bits::IA5_TEXT, Bits::TELETEX], latin)), [""; 0]);
    assert_eq!(found(types(&[Bits::UNKNOWN], None)), [""; 0]);
    let by_number = Some(vec![oids::EIT_BUILT_IN.below(&[2])]);
    assert_eq!(found(types(&[], by_number)), ["body[1] conflict", "body[2] conflict"]);
}

// ledger: beyond A-33
#[test]
fn notifications() {
    let [receipt, non_receipt, other] = <[_; 3]>::try_from(x420::notifications()).unwrap();
    let changed = |notification: &Ipn, choice| {
        InformationObject::Ipn(Ipn { choice, notification_extensions: vec![], ..notification.clone() })
    };
    let fields = |change: fn(&mut NonReceiptFields)| {
        let mut fields = NonReceiptFields {
            non_receipt_reason: NonReceiptReason::IPM_DISCARDED,
            discard_reason: Some(DiscardReason::IPM_EXPIRED),
            auto_forward_comment: None,
            returned_ipm: None,
            nrn_extensions: vec![],
            unknown: vec![],
        };
        change(&mut fields);
        NotificationChoice::NonReceipt(fields)
    };
    let read = ReceiptFields {
        receipt_time: X400Time::new("then"),
        acknowledgment_mode: AcknowledgmentMode(7),
        supplementary_receipt_information: None,
        rn_extensions: vec![],
        unknown: vec![],
    };
    let silent = AbsenceAdvice::field(&AbsenceAdviceValue::default()).unwrap();
    let cases: Vec<(InformationObject, &[&str])> = vec![
        (changed(&non_receipt, fields(|_| ())), &[]),
        (changed(&non_receipt, fields(|it| it.discard_reason = None)), &["ipn.non-receipt-fields missing"]),
        (
            changed(&non_receipt, fields(|it| it.non_receipt_reason = NonReceiptReason::IPM_AUTO_FORWARDED)),
            &["ipn.non-receipt-fields conflict"],
        ),
        (
            changed(&non_receipt, fields(|it| it.auto_forward_comment = Some("away".into()))),
            &["ipn.non-receipt-fields conflict"],
        ),
        (
            changed(&receipt, NotificationChoice::Receipt(read)),
            &["ipn.receipt-fields.receipt-time time", "ipn.receipt-fields.acknowledgment-mode value"],
        ),
        (changed(&other, NotificationChoice::Other(vec![])), &["ipn missing"]),
        (
            changed(&other, NotificationChoice::Other(vec![silent])),
            &["ipn.other-notification-type-fields[0].value missing"],
        ),
        (changed(&other, NotificationChoice::Other(body::advice())), &[]),
    ];
    for (value, expected) in cases {
        assert_eq!(found(&ContentType::P22, &value), expected, "{value:?}");
    }
}

/// A military message with nothing wrong in it.
fn military_message() -> Ipm {
    let mut message = message();
    message.heading.extensions = vec![
        PrimaryPrecedence::field(&MmhsPrecedence::FLASH).unwrap(),
        ExtendedAuthorisationInfo::field(&X400Time::new("250312120000Z")).unwrap(),
    ];
    message
}

// ledger: beyond M-02 M-03 M-10 M-10.0 M-10.1 M-10.5 M-10.6
#[test]
fn military_messages() {
    let with = |change: fn(&mut Ipm)| {
        let mut message = military_message();
        change(&mut message);
        MilitaryObject::Message(message)
    };
    let cases: Vec<(MilitaryObject, &[&str])> = vec![
        (with(|it| it.heading.this_ipm.user = None), &["mm.heading.this-IPM missing"]),
        (
            with(|it| it.heading.this_ipm.user_relative_identifier = "a1".into()),
            &["mm.heading.this-IPM.user-relative-identifier bound"],
        ),
        (
            with(|it| it.heading.extensions.clear()),
            &["mm.heading.extensions missing", "mm.heading.extensions missing"],
        ),
        (
            with(|it| it.heading.copy_recipients = it.heading.primary_recipients.clone()),
            &["mm.heading.extensions missing"],
        ),
        (
            with(|it| it.heading.extensions[0] = PrimaryPrecedence::field(&MmhsPrecedence(40)).unwrap()),
            &["mm.heading.extensions[0].value.precedence bound"],
        ),
        (
            with(|it| {
                it.heading.extensions[1] =
                    ExtendedAuthorisationInfo::field(&X400Time::new("121200ZMAR25")).unwrap()
            }),
            &["mm.heading.extensions[1].value.value time"],
        ),
        (
            with(|it| {
                let sics = Some(vec!["AB".into(); 9]);
                let codes =
                    MilitaryDistributionCodesValue { sics, ..MilitaryDistributionCodesValue::default() };
                it.heading.extensions.push(MilitaryDistributionCodes::field(&codes).unwrap());
            }),
            &[
                "mm.heading.extensions[2].value.sics bound",
                "mm.heading.extensions[2].value.sics[0] bound",
                "mm.heading.extensions[2].value.sics[1] bound",
                "mm.heading.extensions[2].value.sics[2] bound",
                "mm.heading.extensions[2].value.sics[3] bound",
                "mm.heading.extensions[2].value.sics[4] bound",
                "mm.heading.extensions[2].value.sics[5] bound",
                "mm.heading.extensions[2].value.sics[6] bound",
                "mm.heading.extensions[2].value.sics[7] bound",
                "mm.heading.extensions[2].value.sics[8] bound",
            ],
        ),
        (
            with(|it| it.heading.extensions.push(HandlingInstructions::field(&vec!["".into()]).unwrap())),
            &["mm.heading.extensions[2].value.instructions[0] bound"],
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(found(&p772(), &value), expected, "{value:?}");
    }
}

/// labels of a message are judged as those of an envelope.
// ledger: beyond A-32
#[test]
fn labels_of_messages() {
    let labels = IpmSecurityLabelValue {
        content_security_label: SecurityLabel { privacy_mark: Some("".into()), ..SecurityLabel::default() },
        heading_security_label: None,
        body_part_security_labels: Some(vec![
            BodyPartSecurityLabel::Unlabelled(Null),
            BodyPartSecurityLabel::Label(SecurityLabel {
                categories: Some(ListAsSet(vec![])),
                ..SecurityLabel::default()
            }),
        ]),
        unknown: vec![],
    };
    assert_eq!(
        found(&ContentType::P22, &extension(IpmSecurityLabel::field(&labels).unwrap())),
        [
            "ipm.heading.extensions[0].value.content-security-label.privacy-mark bound",
            "ipm.heading.extensions[0].value.body-part-security-labels[1].body-part-security-label.\
             security-categories bound",
        ]
    );
}

/// What is no content at all is told in one violation, wherever it ends.
#[test]
fn what_cannot_be_decoded_is_told() {
    let octets = ber::encode(&InformationObject::Ipm(message())).unwrap();
    for content_type in [ContentType::P2, ContentType::P22, ContentType::P35, p772()] {
        for cut in 0..octets.len() {
            let found = content(&content_type, &octets[..cut]);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].rule.code(), "undecodable");
        }
    }
}

/// No sample, whole or changed anywhere, makes the walk fail.
#[test]
fn nothing_panics() {
    let contents = [
        (ContentType::P22, ber::encode(&InformationObject::Ipm(x420::message())).unwrap()),
        (p772(), ber::encode(&MilitaryObject::Message(military::message())).unwrap()),
        (ContentType::P35, ber::encode(&EdiObject::Message(edi::message())).unwrap()),
    ];
    for (content_type, octets) in contents {
        for at in (0..octets.len()).step_by(octets.len() / 200 + 1) {
            for octet in [0, 0x7f, 0x80, 0xff] {
                let mut changed = octets.clone();
                changed[at] = octet;
                let _ = content(&content_type, &changed);
            }
        }
    }
}
