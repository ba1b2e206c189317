//! Samples of X.420: headings, bodies, files, notifications.

use rasn_x400::ber;
use rasn_x400::oids;
use rasn_x400::prim::{
    BmpString, Captured, External, ExternalEncoding, GeneralString, ListAsSet, NamedBits, Null, Octets,
    RawTlv,
};
use rasn_x400::x411::address::UniversalOrBmp;
use rasn_x400::x411::envelope::Priority;
use rasn_x400::x411::extension::{DlExpansionHistory, Extension as _};
use rasn_x400::x420::body::*;
use rasn_x400::x420::file_attributes::*;
use rasn_x400::x420::file_transfer::*;
use rasn_x400::x420::heading::*;
use rasn_x400::x420::notification::*;
use rasn_x400::x420::{InformationObject, Ipm};

use super::x411::{encoded_types, expansion, full_name, person, terminal, time};
use super::{Sample, alias, raw, sample};

pub(crate) fn identifier(local: &str) -> IpmIdentifier {
    IpmIdentifier { user: Some(person("Kille")), user_relative_identifier: local.into(), unknown: vec![] }
}

pub(crate) fn descriptor(surname: &str) -> OrDescriptor {
    OrDescriptor {
        formal_name: Some(person(surname)),
        free_form_name: Some(format!("{surname} (UCL)").into()),
        telephone_number: Some("+44 71 217 3487".into()),
        unknown: vec![],
    }
}

pub(crate) fn recipient(surname: &str) -> RecipientSpecifier {
    use NotificationRequests as Bits;
    RecipientSpecifier {
        recipient: descriptor(surname),
        notification_requests: Bits::with(&[Bits::RECEIPT, Bits::NON_RECEIPT, Bits::IPM_RETURN]),
        reply_requested: true,
        extensions: vec![precedence()],
        unknown: vec![],
    }
}

/// V-07: precedence FF.
fn precedence() -> HeadingExtensionField {
    HeadingExtensionField { kind: oids::RECIPIENT_PRECEDENCE, value: Some(raw("02 01 39")) }
}

fn multipart() -> MultipartMessageValue {
    MultipartMessageValue { subtype: "alternative".into(), is_a_message: false, unknown: vec![] }
}

fn heading_extensions() -> Vec<HeadingExtensionField> {
    vec![
        IncompleteCopy::field(&Null).unwrap(),
        Languages::field(&ListAsSet(vec!["en".into(), "de".into()])).unwrap(),
        AutoSubmitted::field(&AutoSubmittedValue::AUTO_REPLIED).unwrap(),
        ExtendedSubject::field(&UniversalOrBmp::from_text("Ταχυδρόμος")).unwrap(),
        Rfc822Field::field(&vec!["Fruit-Of-The-Day: Kiwi Fruit".into()]).unwrap(),
        Rfc1327Field::field(&vec!["X-Foo: bar".into()]).unwrap(),
        MultipartMessage::field(&multipart()).unwrap(),
        HeadingExtensionField {
            kind: oids::HEADING_AUTHORIZATION_TIME,
            value: Some(raw("18 0f 32303235303331323132303030305a")),
        },
        HeadingExtensionField {
            kind: oids::HEADING_PRECEDENCE_POLICY,
            value: Some(raw("06 05 2b 1b 08 00 00")),
        },
        HeadingExtensionField { kind: "2.999.7".parse().unwrap(), value: None },
    ]
}

/// A heading with every field there is.
pub(crate) fn heading() -> Heading {
    Heading {
        this_ipm: identifier("910530182455"),
        originator: Some(descriptor("Kille")),
        authorizing_users: Some(vec![descriptor("Boss")]),
        primary_recipients: Some(vec![recipient("Cooper"), recipient("Harrison")]),
        copy_recipients: Some(vec![recipient("Copy")]),
        blind_copy_recipients: Some(vec![recipient("Blind")]),
        replied_to_ipm: Some(identifier("replied")),
        obsoleted_ipms: Some(vec![identifier("old 1"), identifier("old 2")]),
        related_ipms: Some(vec![identifier("related")]),
        subject: Some("Lunch".into()),
        expiry_time: Some(time("910630182455Z")),
        reply_time: Some(time("910531182455Z")),
        reply_recipients: Some(vec![descriptor("Answers")]),
        importance: Importance::HIGH,
        sensitivity: Some(Sensitivity::COMPANY_CONFIDENTIAL),
        auto_forwarded: true,
        extensions: heading_extensions(),
        unknown: vec![],
    }
}

pub(crate) fn text(characters: &str) -> BodyPart {
    BodyPart::Ia5Text(Ia5Text { data: characters.into(), ..Ia5Text::default() })
}

pub(crate) fn delivery_fields() -> OtherMessageDeliveryFields {
    OtherMessageDeliveryFields {
        content_type: DeliveredContentType::BuiltIn(22),
        originator_name: person("Kille"),
        original_encoded_information_types: Some(encoded_types()),
        priority: Priority::URGENT,
        delivery_flags: Some(NamedBits::with(&[1], 0)),
        other_recipient_names: Some(vec![person("Other"), person("Another")]),
        this_recipient_name: person("Cooper"),
        originally_intended_recipient_name: Some(full_name()),
        converted_encoded_information_types: Some(encoded_types()),
        message_submission_time: time("910530182455Z"),
        content_identifier: Some("910530 lunch".into()),
        extensions: vec![DlExpansionHistory::field(&vec![expansion()]).unwrap()],
        unknown: vec![],
    }
}

fn message_parameters() -> MessageParameters {
    MessageParameters {
        delivery_time: Some(time("910530182555Z")),
        delivery_envelope: Some(delivery_fields()),
        unknown: vec![],
    }
}

/// A message forwarded `depth` times.
pub(crate) fn forwarded(depth: usize) -> ForwardedMessage {
    let mut body = vec![text(&format!("{depth} deep"))];
    if depth > 1 {
        body.push(BodyPart::Message(Box::new(forwarded(depth - 1))));
    }
    let heading = Heading { subject: Some(format!("Level {depth}").into()), ..heading() };
    ForwardedMessage {
        parameters: message_parameters(),
        message: Captured::of(&Ipm { heading, body }).unwrap(),
    }
}

fn telex_parameters() -> TeletexParameters {
    TeletexParameters {
        number_of_pages: Some(2),
        telex_compatible: true,
        // B-13: more than one member, so that it is seen to be a SET
        non_basic_parameters: Some(terminal()),
        unknown: vec![],
    }
}

pub(crate) fn facsimile() -> G3Facsimile {
    let parameters = G3FacsimileParameters {
        number_of_pages: Some(2),
        non_basic_parameters: Some(NamedBits::with(&[8, 20], 0)),
        unknown: vec![],
    };
    G3Facsimile { parameters, data: vec![NamedBits::with(&[11, 300], 0), NamedBits::with(&[11], 0)] }
}

pub(crate) fn teletex() -> Teletex {
    Teletex { parameters: telex_parameters(), data: vec!["Seite 1".into(), "Seite 2".into()] }
}

/// Every basic part, simplest first.
pub(crate) fn basic_parts() -> Vec<BodyPart> {
    let ita2 = Ia5TextParameters { repertoire: Repertoire::ITA2, unknown: vec![] };
    let videotex = vec![raw("31 05 80 03 01 02 03"), raw("15 02 41 42")];
    vec![
        text("HELLO\r\n"),
        BodyPart::Ia5Text(Ia5Text { parameters: ita2, data: "TELEX".into() }),
        BodyPart::G3Facsimile(facsimile()),
        BodyPart::G4Class1(vec![raw("30 00")]),
        BodyPart::Teletex(teletex()),
        BodyPart::Videotex(videotex),
        BodyPart::NationallyDefined(raw("30 03 02 01 07")),
        BodyPart::Encrypted(vec![raw("31 06 30 04 06 02 88 37"), raw("03 02 00 ff")]),
        BodyPart::Message(Box::new(forwarded(1))),
        BodyPart::MixedMode(vec![raw("30 00")]),
        BodyPart::BilaterallyDefined(Octets::from(&[1, 2, 3][..])),
    ]
}

/// Parts that nobody may send any more, or that no two peers write alike.
fn old_parts() -> Vec<BodyPart> {
    vec![
        BodyPart::Telex(vec![raw("31 00"), raw("16 01 41")]),
        BodyPart::Voice(vec![raw("31 00"), raw("03 02 00 ff")]),
        BodyPart::SimpleFormattableDocument(vec![raw("31 00")]),
    ]
}

fn of<T: rasn::Encode>(value: &T) -> RawTlv {
    RawTlv::of(value).unwrap()
}

/// B-11: "Grüße" in ISO 8859-1.
fn general_text_data() -> GeneralString {
    GeneralString::new([&b"\x1b(B\x1b-A\x1b~Gr"[..], &[0xfc, 0xdf, b'e']].concat())
}

pub(crate) fn general_text() -> ExternallyDefined {
    let parameters: GeneralTextParameters = ListAsSet(vec![6, 100]);
    ExternallyDefined {
        parameters: Some(External::single(kind::GENERAL_TEXT_PARAMETERS, of(&parameters))),
        data: External::single(kind::GENERAL_TEXT, of(&general_text_data())),
        unknown: vec![],
    }
}

fn related_file(relationship: Relationship) -> RelatedStoredFile {
    RelatedStoredFile {
        file_identifier: FileIdentifier::CrossReference(cross_reference()),
        relationship: Some(relationship),
    }
}

fn cross_reference() -> CrossReference {
    CrossReference {
        application_cross_reference: Octets::default(),
        message_reference: Some(message_reference()),
        body_part_reference: Some(2),
        unknown: vec![],
    }
}

fn message_reference() -> MessageReference {
    MessageReference { user: Some(person("Kille")), user_relative_identifier: "1".into(), unknown: vec![] }
}

fn document_type() -> DocumentType {
    DocumentType { name: UNSTRUCTURED_TEXT, parameter: Some(raw("30 03 80 01 01")), unknown: vec![] }
}

fn environment() -> Environment {
    Environment {
        application_reference: Some(GeneralIdentifier::Registered(application::UNKNOWN_ATTACHMENT)),
        machine: Some(GeneralIdentifier::Descriptive(vec!["VAX".into(), "11/780".into()])),
        operating_system: Some("2.999.2".parse().unwrap()),
        user_visible_string: Some(vec!["A picture".into()]),
        unknown: vec![],
    }
}

fn attributes() -> FileAttributes {
    let date = |text| Some(DateAttribute::Actual(time(text)));
    let name = TextAttribute::Actual("Kille".into());
    let control = AccessControlElement {
        action_list: PermittedActions::with(&[PermittedActions::READ]),
        concurrency_access: None,
        identity: None,
        passwords: None,
        location: None,
        unknown: vec![],
    };
    FileAttributes {
        incomplete_pathname: Some(vec!["dodo.doc".into()]),
        permitted_actions: Some(PermittedActions::with(&[0, 5])),
        storage_account: Some(name.clone()),
        created: date("20250401060000Z"),
        modified: date("20250402060000Z"),
        read: date("20250403060000Z"),
        attributes_modified: Some(DateAttribute::NoValueAvailable(Null)),
        creator: Some(name.clone()),
        modifier: Some(name.clone()),
        reader: Some(name),
        attribute_modifier: Some(TextAttribute::NoValueAvailable(Null)),
        availability: Some(AvailabilityAttribute::Actual(ObjectAvailability::IMMEDIATE)),
        object_size: Some(SizeAttribute::Actual(70_000)),
        future_object_size: Some(SizeAttribute::NoValueAvailable(Null)),
        access_control: Some(AccessControlAttribute::Actual(vec![control])),
        legal_qualification: Some(LegalQualificationAttribute::Actual("Kille".into())),
        private_use: Some(PrivateUseAttribute::NoValueAvailable(Null)),
        ..FileAttributes::default()
    }
}

/// A file with every parameter there is.
pub(crate) fn parameters() -> FileTransferParameters {
    FileTransferParameters {
        related_stored_file: Some(vec![related_file(Relationship::Descriptive(
            "Internet MIME Body Part".into(),
        ))]),
        // Without its parameter, which tshark cannot read.
        contents_type: Some(ContentsType::DocumentType(DocumentType { parameter: None, ..document_type() })),
        environment: Some(environment()),
        compression: Some(Compression {
            algorithm: "2.999".parse().unwrap(),
            parameter: Some(raw("05 00")),
            unknown: vec![],
        }),
        file_attributes: Some(attributes()),
        extensions: Some(vec![Rfc822Field::field(&vec!["Content-Language: en".into()]).unwrap()]),
        unknown: vec![],
    }
}

fn file_data() -> FileTransferData {
    let encoding = ExternalEncoding::OctetAligned(Octets::from(&b"abc"[..]));
    vec![External {
        direct_reference: Some(UNSTRUCTURED_BINARY),
        indirect_reference: None,
        descriptor: None,
        encoding,
        unknown: vec![],
    }]
}

pub(crate) fn file() -> ExternallyDefined {
    ExternallyDefined {
        parameters: Some(External::single(kind::FILE_TRANSFER_PARAMETERS, of(&parameters()))),
        data: External::single(kind::FILE_TRANSFER, of(&file_data())),
        unknown: vec![],
    }
}

/// A message with every heading field and every part.
pub(crate) fn message() -> Ipm {
    let mut body = basic_parts();
    body.push(BodyPart::ExternallyDefined(general_text()));
    body.push(BodyPart::ExternallyDefined(file()));
    body.push(BodyPart::Message(Box::new(forwarded(3))));
    Ipm { heading: heading(), body }
}

/// A short content.
pub(crate) fn content() -> Vec<u8> {
    let heading = Heading { this_ipm: identifier("1"), ..Heading::default() };
    ber::encode(&InformationObject::Ipm(Ipm { heading, body: vec![text("HELLO")] })).unwrap()
}

fn receipt() -> ReceiptFields {
    ReceiptFields {
        receipt_time: time("910531182455Z"),
        acknowledgment_mode: AcknowledgmentMode::AUTOMATIC,
        supplementary_receipt_information: Some("read by machine".into()),
        rn_extensions: vec![precedence()],
        unknown: vec![],
    }
}

fn non_receipt() -> NonReceiptFields {
    NonReceiptFields {
        non_receipt_reason: NonReceiptReason::IPM_AUTO_FORWARDED,
        discard_reason: Some(DiscardReason::USER_SUBSCRIPTION_TERMINATED),
        auto_forward_comment: Some("moved".into()),
        returned_ipm: Some(message()),
        nrn_extensions: vec![precedence()],
        unknown: vec![],
    }
}

/// A notification of each kind.
pub(crate) fn notifications() -> Vec<Ipn> {
    let absence = AbsenceAdvice::field(&AbsenceAdviceValue {
        advice: Some(text("On holiday")),
        next_available: Some(time("910630182455Z")),
        unknown: vec![],
    });
    [
        NotificationChoice::Receipt(receipt()),
        NotificationChoice::NonReceipt(non_receipt()),
        NotificationChoice::Other(vec![absence.unwrap()]),
    ]
    .map(|choice| Ipn {
        subject_ipm: identifier("910530182455"),
        ipn_originator: Some(descriptor("Cooper")),
        ipm_intended_recipient: Some(descriptor("Harrison")),
        conversion_eits: Some(encoded_types()),
        notification_extensions: vec![precedence()],
        choice,
        unknown: vec![],
    })
    .into()
}

pub(crate) fn samples() -> Vec<Sample> {
    [headings(), bodies(), files(), notes()].into_iter().flatten().collect()
}

fn headings() -> Vec<Sample> {
    let mut samples = vec![
        sample("A-30", InformationObject::Ipm(message())),
        sample("A-30", message()),
        sample("A-31", heading()),
        sample("A-31", identifier("1")),
        sample("A-31", descriptor("Kille")),
        sample("A-31", recipient("Cooper")),
        sample("A-31", recipient("Cooper").notification_requests),
        sample("A-31", Importance::HIGH),
        sample("A-31", Sensitivity::PERSONAL),
        sample("A-32", AutoSubmittedValue::AUTO_GENERATED),
        sample("B-17", multipart()),
        sample("V-07", precedence()),
    ];
    samples.extend(heading_extensions().into_iter().map(|field| sample("A-32", field)));
    samples
}

fn bodies() -> Vec<Sample> {
    let data = vec![0, 0x41];
    let mut samples = vec![
        alias("B-24", "body::RawSequence", vec![raw("30 00"), of(&BmpString::new(data))]),
        sample("B-10", Ia5Text { data: "HELLO".into(), ..Ia5Text::default() }),
        sample("B-10", Ia5TextParameters { repertoire: Repertoire::ITA2, unknown: vec![] }),
        sample("B-10", Repertoire::ITA2),
        sample("B-14", facsimile()),
        sample("B-14", facsimile().parameters),
        sample("B-13", teletex()),
        sample("B-13", telex_parameters()),
        sample("B-16", forwarded(3)),
        sample("B-16", message_parameters()),
        sample("B-16", delivery_fields()),
        sample("B-16", DeliveredContentType::BuiltIn(22)),
        sample("B-16", DeliveredContentType::Extended(oids::CONTENT_P772)),
        sample("B-11", general_text()),
        alias::<GeneralTextParameters>("B-11", "body::GeneralTextParameters", ListAsSet(vec![6, 100])),
        alias("B-11", "body::GeneralTextData", general_text_data()),
        sample("B-36", file()),
    ];
    let parts = [basic_parts(), old_parts(), message().body].concat();
    samples.extend(parts.into_iter().map(|part| sample("A-30", part)));
    samples
}

fn files() -> Vec<Sample> {
    vec![
        sample("A-34", parameters()),
        alias("A-34", "file_transfer::FileTransferData", file_data()),
        sample("A-34", related_file(Relationship::Explicit(2))),
        sample("A-34", FileIdentifier::CrossReference(cross_reference())),
        sample("A-34", cross_reference()),
        sample("A-34", message_reference()),
        sample("A-34", Relationship::Explicit(2)),
        sample("A-34", Relationship::Descriptive("copy".into())),
        sample("A-34", ContentsType::DocumentType(document_type())),
        sample("A-34", document_type()),
        sample("A-34", environment()),
        alias("A-34", "file_transfer::ApplicationReference", GeneralIdentifier::Registered(application::GIF)),
        sample("A-34", GeneralIdentifier::Descriptive(vec!["VAX".into(), "11/780".into()])),
        sample("A-34", attributes()),
        sample("A-34", DateAttribute::Actual(time("20250401060000Z"))),
        sample("A-34", DateAttribute::NoValueAvailable(Null)),
        sample("A-34", SizeAttribute::Actual(70_000)),
        sample("A-34", SizeAttribute::NoValueAvailable(Null)),
    ]
}

fn notes() -> Vec<Sample> {
    let mut samples = vec![
        sample("A-33", non_receipt()),
        sample("A-33", receipt()),
        sample("A-33", NonReceiptReason::IPM_AUTO_FORWARDED),
        sample("A-33", DiscardReason::IPM_OBSOLETED),
        sample("A-33", AcknowledgmentMode::AUTOMATIC),
    ];
    for notification in notifications() {
        samples.push(sample("A-33", notification.choice.clone()));
        samples.push(sample("A-33", notification.clone()));
        samples.push(sample("A-33", InformationObject::Ipn(notification)));
    }
    samples
}
