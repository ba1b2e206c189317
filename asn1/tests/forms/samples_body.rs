//! Samples of X.420 beyond the plain message: heading extensions of organizations, security, body parts by type, forwarded
//! contents and reports, attributes of files.

use rasn_x400::oids;
use rasn_x400::prim::{
    Captured, External, ExternalEncoding, GeneralizedTime, ListAsSet, NamedBits, Null, Octets,
};
use rasn_x400::x411::address::UniversalOrBmp;
use rasn_x400::x411::envelope::{ContentType, MtsIdentifier};
use rasn_x400::x411::report::{DeliveryReport, ReportType, TypeOfMtsUser};
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x420::basic_body::*;
use rasn_x400::x420::body::*;
use rasn_x400::x420::distribution::*;
use rasn_x400::x420::extended_body::*;
use rasn_x400::x420::file_attributes::*;
use rasn_x400::x420::file_transfer::*;
use rasn_x400::x420::forwarded::*;
use rasn_x400::x420::heading::*;
use rasn_x400::x420::ipm_security::*;
use rasn_x400::x420::notification::*;

use super::security::{algorithm, certificates, extended_certificates, label, signature, token};
use super::x411::{encoded_types, full_name, person, time};
use super::x420;
use super::{Sample, alias, raw, sample};

fn noon() -> GeneralizedTime {
    GeneralizedTime::new("20250312120000Z")
}

fn mts_identifier(local: &str) -> MtsIdentifier {
    MtsIdentifier {
        domain: GlobalDomainIdentifier::new("GB", "GOLD 400", Some("UK.AC")),
        local_identifier: local.into(),
        unknown: vec![],
    }
}

fn member(checked: Option<Checkmark>) -> CirculationMember {
    CirculationMember { circulation_recipient: x420::recipient("Cooper"), checked, unknown: vec![] }
}

fn mark_data() -> CirculationSignatureData {
    CirculationSignatureData {
        algorithm_identifier: algorithm(),
        this_ipm: x420::identifier("circulating"),
        timestamp: noon(),
        unknown: vec![],
    }
}

fn mark() -> CirculationSignature {
    CirculationSignature {
        data: mark_data(),
        algorithm_identifier: algorithm(),
        encrypted: NamedBits::from_octets(&[1, 2, 3]),
    }
}

fn code() -> DistributionCode {
    DistributionCode {
        oid_code: Some("2.999.3".parse().unwrap()),
        alphanumeric_code: Some(UniversalOrBmp::from_text("K4")),
        or_descriptor: Some(x420::descriptor("Registry")),
        unknown: vec![],
    }
}

fn category() -> InformationCategory {
    InformationCategory {
        reference: Some("2.999.4".parse().unwrap()),
        description: Some(UniversalOrBmp::from_text("Θέμα")),
        unknown: vec![],
    }
}

fn signature_entry() -> BodyPartSignatureEntry {
    BodyPartSignatureEntry {
        body_part_number: 1,
        body_part_signature: signature(),
        originator_certificates: Some(extended_certificates()),
        originator_certificate_selector: Some(vec![raw("80 01 07")]),
        unknown: vec![],
    }
}

fn labels() -> IpmSecurityLabelValue {
    IpmSecurityLabelValue {
        content_security_label: label(),
        heading_security_label: Some(label()),
        body_part_security_labels: Some(vec![
            BodyPartSecurityLabel::Unlabelled(Null),
            BodyPartSecurityLabel::Label(label()),
        ]),
        unknown: vec![],
    }
}

fn arguments() -> OriginalSecurityArguments {
    OriginalSecurityArguments {
        original_content_integrity_check: Some(signature()),
        original_message_origin_authentication_check: Some(signature()),
        original_message_token: Some(token()),
        unknown: vec![],
    }
}

fn response(content_or_arguments: ContentOrArguments) -> IpnSecurityResponseValue {
    let security_diagnostic_code = Some(SecurityDiagnosticCode::DECRYPTION_FAILED);
    IpnSecurityResponseValue { content_or_arguments, security_diagnostic_code, unknown: vec![] }
}

fn encryption_token() -> EncryptionToken {
    EncryptionToken {
        encryption_algorithm_identifier: algorithm(),
        encrypted_key: NamedBits::from_octets(&[9; 8]),
        recipient_certificate_selector: Some(vec![raw("80 01 07")]),
        recipient_certificate: Some(certificates()),
        originator_certificate_selector: Some(vec![raw("80 01 08")]),
        originator_certificates: Some(extended_certificates()),
        unknown: vec![],
    }
}

/// A key, and the keys of the parts of a message that is forwarded.
pub(crate) fn part_tokens() -> BodyPartTokens {
    let key = |number, body_part_choice| BodyPartToken {
        body_part_number: number,
        body_part_choice,
        unknown: vec![],
    };
    let single = |number| key(number, BodyPartTokenChoice::EncryptionToken(encryption_token()));
    ListAsSet(vec![
        single(2),
        key(3, BodyPartTokenChoice::MessageOrContentBodyPart(vec![single(1), single(2)])),
    ])
}

/// A token, and that of a content forwarded in it.
pub(crate) fn content_tokens() -> ForwardedContentTokens {
    let entry = |number, body_part_choice| ForwardedContentTokenEntry {
        body_part_number: number,
        body_part_choice,
        unknown: vec![],
    };
    let single = |number| entry(number, ForwardedContentTokenChoice::ForwardingToken(token()));
    let within = ForwardedContentTokenChoice::MessageOrContentBodyPart(ListAsSet(vec![single(1)]));
    ListAsSet(vec![single(3), entry(4, within)])
}

/// Every heading extension of X.420 and of the Internet with a value of its own, each as a field.
pub(crate) fn heading_extensions() -> Vec<HeadingExtensionField> {
    vec![
        AuthorizationTime::field(&noon()).unwrap(),
        CirculationListRecipients::field(&vec![member(None), member(Some(Checkmark::Timestamped(noon())))])
            .unwrap(),
        DistributionCodes::field(&vec![code()]).unwrap(),
        InformationCategories::field(&vec![category()]).unwrap(),
        ManualHandlingInstructions::field(&vec![UniversalOrBmp::from_text("By hand")]).unwrap(),
        OriginatorsReference::field(&UniversalOrBmp::from_text("GS/7")).unwrap(),
        PrecedencePolicyIdentifier::field(&"1.3.27.8.0.0".parse().unwrap()).unwrap(),
        BodyPartSignatures::field(&ListAsSet(vec![signature_entry()])).unwrap(),
        IpmSecurityLabel::field(&labels()).unwrap(),
        Rfc1148Field::field(&"X-Foo: bar".into()).unwrap(),
        PartialMessage::field(&partial()).unwrap(),
        MultipartMessageV1::field(&MultipartType::DIGEST).unwrap(),
    ]
}

fn partial() -> PartialMessageValue {
    PartialMessageValue { number: 1, total: 3, id: "whole@example.net".into() }
}

fn recipient_extensions() -> Vec<HeadingExtensionField> {
    use RecipientSecurityRequestValue as Bits;
    vec![
        CirculationListIndicator::field(&Null).unwrap(),
        Precedence::field(&57).unwrap(),
        RecipientSecurityRequest::field(&Bits::with(&[Bits::CONTENT_PROOF, Bits::IPN_PROOF])).unwrap(),
    ]
}

fn absence() -> AbsenceAdviceValue {
    AbsenceAdviceValue {
        advice: Some(x420::text("On holiday")),
        next_available: Some(time("910630182455Z")),
        unknown: vec![],
    }
}

fn change() -> ChangeOfAddressAdviceValue {
    ChangeOfAddressAdviceValue {
        new_address: x420::descriptor("Moved"),
        effective_from: Some(time("910630182455Z")),
        unknown: vec![],
    }
}

/// Both kinds of advice.
pub(crate) fn advice() -> Vec<HeadingExtensionField> {
    vec![AbsenceAdvice::field(&absence()).unwrap(), ChangeOfAddressAdvice::field(&change()).unwrap()]
}

fn telex() -> Telex {
    Telex { parameters: ListAsSet(vec![raw("80 01 00")]), data: raw("16 01 41") }
}

fn voice() -> Voice {
    Voice { parameters: ListAsSet(vec![]), data: NamedBits::from_octets(&[0xff]) }
}

fn videotex() -> Videotex {
    let parameters = VideotexParameters { syntax: Some(VideotexSyntax::DATA_SYNTAX_2), unknown: vec![] };
    Videotex { parameters, data: "AB".into() }
}

fn encrypted() -> Encrypted {
    let parameters = EncryptedParameters {
        algorithm_identifier: Some(vec![raw("06 02 88 37"), raw("05 00")]),
        originator_certificates: Some(ListAsSet(vec![raw("30 00"), raw("30 00")])),
        unknown: vec![],
    };
    Encrypted { parameters, data: NamedBits::from_octets(&[0xff]) }
}

fn proof() -> SubmissionProof {
    SubmissionProof {
        proof_of_submission: signature(),
        originating_mta_certificate: certificates(),
        message_submission_envelope: ListAsSet(vec![
            raw("60 02 30 00"),
            raw("46 01 16"),
            raw("a1 0a 31 08 60 02 30 00 80 02 06 40"),
        ]),
        unknown: vec![],
    }
}

fn content_parameters() -> ForwardedContentParameters {
    ForwardedContentParameters {
        delivery_time: Some(time("910530182555Z")),
        delivery_envelope: Some(x420::delivery_fields()),
        mts_identifier: Some(mts_identifier("forwarded")),
        submission_proof: Some(proof()),
        unknown: vec![],
    }
}

fn reported() -> PerRecipientReportDelivery {
    PerRecipientReportDelivery {
        actual_recipient_name: person("Cooper"),
        report_type: ReportType::Delivery(DeliveryReport {
            message_delivery_time: time("910530182555Z"),
            type_of_mts_user: TypeOfMtsUser::PRIVATE,
            unknown: vec![],
        }),
        converted_encoded_information_types: Some(encoded_types()),
        originally_intended_recipient_name: Some(full_name()),
        supplementary_information: Some("read soon".into()),
        extensions: vec![],
        unknown: vec![],
    }
}

fn report() -> ReportDelivery {
    ReportDelivery {
        subject_submission_identifier: mts_identifier("reported"),
        content_identifier: Some("lunch".into()),
        content_type: Some(ContentType::P22),
        original_encoded_information_types: Some(encoded_types()),
        returned_content: Some(Octets::from(x420::content())),
        extensions: vec![],
        per_recipient_fields: vec![reported(), reported()],
        unknown: vec![],
    }
}

fn speech() -> VoiceParameters {
    VoiceParameters {
        voice_message_duration: Some(12),
        voice_encoding_type: "2.6.1.12.1.3".parse().unwrap(),
        supplementary_information: Some("hear it".into()),
        unknown: vec![],
    }
}

fn oda() -> OdaParameters {
    OdaParameters {
        document_application_profile: "1.3.16.2.6.0.1".parse().unwrap(),
        document_architecture_class: DocumentArchitectureClass::FORMATTED_PROCESSABLE,
        unknown: vec![],
    }
}

fn parameter() -> MimeParameter {
    MimeParameter { name: "charset".into(), value: "\"utf-8\"".into() }
}

fn mime() -> MimeBodyPartParameters {
    MimeBodyPartParameters {
        content_type: "text/html".into(),
        content_parameters: vec![parameter()],
        other_header_fields: Some(vec!["Content-Language: en".into()]),
    }
}

fn part<P: ExtendedBodyPart>(parameters: Option<P::Parameters>, data: P::Data) -> ExternallyDefined {
    P::part(parameters.as_ref(), &data).unwrap()
}

/// A content of content type P22, forwarded.
pub(crate) fn forwarded_content() -> ForwardedContent {
    ForwardedContent {
        content_type: oids::CONTENT_P22,
        parameters: Some(content_parameters()),
        content: Octets::from(x420::content()),
    }
}

/// One extended part of every type of X.420 and RFC 2157.
pub(crate) fn extended_parts() -> Vec<(&'static str, ExternallyDefined)> {
    let forwarded = x420::forwarded(1);
    let message = Captured::of(&forwarded.message.get().unwrap()).unwrap();
    let [receipt, ..] = <[_; 3]>::try_from(x420::notifications()).unwrap();
    let picture = || Octets::from(&b"GIF89a"[..]);
    vec![
        ("ia5-text", part::<ExtendedIa5Text>(Some(Ia5TextParameters::default()), "HELLO".into())),
        (
            "g3-facsimile",
            part::<ExtendedG3Facsimile>(Some(x420::facsimile().parameters), x420::facsimile().data),
        ),
        ("g4-class1", part::<ExtendedG4Class1>(None, vec![raw("30 00")])),
        ("teletex", part::<ExtendedTeletex>(Some(x420::teletex().parameters), x420::teletex().data)),
        ("videotex", part::<ExtendedVideotex>(Some(videotex().parameters), videotex().data)),
        ("encrypted", part::<ExtendedEncrypted>(Some(encrypted().parameters), encrypted().data)),
        ("message", part::<ExtendedMessage>(Some(forwarded.parameters), message)),
        ("mixed-mode", part::<ExtendedMixedMode>(None, vec![raw("30 00")])),
        ("bilaterally-defined", part::<ExtendedBilaterallyDefined>(None, Octets::from(&[1, 2, 3][..]))),
        ("nationally-defined", part::<ExtendedNationallyDefined>(None, raw("02 01 07"))),
        ("general-text", x420::general_text()),
        ("file-transfer", x420::file()),
        ("report", part::<ForwardedReport>(None, report())),
        ("notification", part::<ForwardedNotification>(Some(MessageParameters::default()), receipt)),
        ("voice", part::<ExtendedVoice>(Some(speech()), Octets::from(&[0x7f; 8][..]))),
        ("content", forwarded_content().part().unwrap()),
        ("pkcs7", part::<Pkcs7>(None, raw("30 0b 06 09 2a 86 48 86 f7 0d 01 07 01"))),
        ("oda", part::<Oda>(Some(oda()), raw("30 00"))),
        ("mime", part::<MimeBodyPart>(Some(mime()), Octets::from(&b"<p>"[..]))),
        ("postscript", part::<MimePostscript>(None, picture())),
        ("jpeg", part::<MimeJpeg>(None, picture())),
        ("gif", part::<MimeGif>(None, picture())),
    ]
}

fn passwords() -> AccessPasswords {
    let text = || Some(Password::Text("open".into()));
    AccessPasswords {
        read: text(),
        insert: Some(Password::Octets(Octets::from(&[1, 2][..]))),
        replace: text(),
        extend: text(),
        erase: text(),
        read_attribute: text(),
        change_attribute: text(),
        delete: text(),
        pass: Some(vec![Password::Text("through".into())]),
        link: text(),
        unknown: vec![],
    }
}

fn concurrency() -> ConcurrencyAccess {
    let key = |bit| Some(ConcurrencyKey::with(&[bit]));
    ConcurrencyAccess {
        read: key(ConcurrencyKey::SHARED),
        insert: key(ConcurrencyKey::EXCLUSIVE),
        replace: key(ConcurrencyKey::EXCLUSIVE),
        extend: key(ConcurrencyKey::EXCLUSIVE),
        erase: key(ConcurrencyKey::NO_ACCESS),
        read_attribute: key(ConcurrencyKey::NOT_REQUIRED),
        change_attribute: key(ConcurrencyKey::NO_ACCESS),
        delete_object: key(ConcurrencyKey::NO_ACCESS),
        unknown: vec![],
    }
}

fn control() -> AccessControlElement {
    AccessControlElement {
        action_list: PermittedActions::with(&[PermittedActions::READ, PermittedActions::ERASE]),
        concurrency_access: Some(concurrency()),
        identity: Some("Kille".into()),
        passwords: Some(passwords()),
        location: Some(vec![raw("06 02 88 37"), raw("02 01 01")]),
        unknown: vec![],
    }
}

fn extension_set() -> AttributeExtensionSet {
    let attribute = ExtensionAttribute { identifier: "2.999.6".parse().unwrap(), value: raw("02 01 06") };
    AttributeExtensionSet {
        identifier: "2.999.5".parse().unwrap(),
        attributes: vec![attribute],
        unknown: vec![],
    }
}

fn private_use() -> PrivateUseAttribute {
    PrivateUseAttribute::Actual(External {
        direct_reference: Some("2.999.7".parse().unwrap()),
        indirect_reference: None,
        descriptor: None,
        encoding: ExternalEncoding::OctetAligned(Octets::from(&[7][..])),
        unknown: vec![],
    })
}

/// Attributes of a file with a value for each, which no honest file has.
pub(crate) fn every_attribute() -> FileAttributes {
    let named = |text: &str| Some(TextAttribute::Actual(text.into()));
    let dated = |text| Some(DateAttribute::Actual(time(text)));
    FileAttributes {
        incomplete_pathname: None,
        complete_pathname: Some(vec!["usr".into(), "dodo.doc".into()]),
        permitted_actions: Some(PermittedActions::with(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])),
        storage_account: named("4711"),
        created: dated("20250401060000Z"),
        modified: dated("20250402060000Z"),
        read: dated("20250403060000Z"),
        attributes_modified: dated("20250404060000Z"),
        creator: named("Kille"),
        modifier: named("Cooper"),
        reader: named("Harrison"),
        attribute_modifier: Some(TextAttribute::NoValueAvailable(Null)),
        availability: Some(AvailabilityAttribute::Actual(ObjectAvailability::DEFERRED)),
        object_size: Some(SizeAttribute::Actual(3)),
        future_object_size: Some(SizeAttribute::Actual(70_000)),
        access_control: Some(AccessControlAttribute::Actual(vec![control()])),
        legal_qualification: Some(LegalQualificationAttribute::Actual("secret".into())),
        private_use: Some(private_use()),
        attribute_extensions: Some(vec![extension_set()]),
        unknown: vec![],
    }
}

fn versioned() -> PathnameAndVersion {
    PathnameAndVersion {
        pathname: PathnameAttribute::Complete(vec!["usr".into(), "dodo.doc".into()]),
        file_version: Some("2".into()),
        unknown: vec![],
    }
}

fn constraint_set() -> ConstraintSet {
    ConstraintSet {
        constraint_set_name: "2.999.8".parse().unwrap(),
        abstract_syntax_name: "2.999.9".parse().unwrap(),
    }
}

fn compression() -> Compression {
    let algorithm = oids::EDI_COMPRESSION_V42BIS;
    Compression { algorithm, parameter: Some(raw("30 03 80 01 0c")), unknown: vec![] }
}

pub(crate) fn samples() -> Vec<Sample> {
    [headings(), security(), bodies(), forwarding(), files()].into_iter().flatten().collect()
}

fn headings() -> Vec<Sample> {
    let mut samples = vec![
        sample("A-32", member(Some(Checkmark::Simple(Null)))),
        sample("A-32", member(None)),
        sample("A-32", Checkmark::Timestamped(noon())),
        sample("A-32", Checkmark::Signed(mark())),
        sample("A-32", mark()),
        sample("A-32", mark_data()),
        sample("A-32", code()),
        sample("A-32", category()),
        sample("OI-08", partial()),
        sample("OI-08", MultipartType::PARALLEL),
        sample("A-33", absence()),
        sample("A-33", change()),
        sample("A-33", NotificationChoice::Other(advice())),
    ];
    let fields = [heading_extensions(), recipient_extensions(), advice()].concat();
    samples.extend(fields.into_iter().map(|field| sample("A-32", field)));
    samples
}

fn security() -> Vec<Sample> {
    use RecipientSecurityRequestValue as Bits;
    vec![
        sample("A-32", signature_entry()),
        sample("A-32", labels()),
        sample("A-32", BodyPartSecurityLabel::Unlabelled(Null)),
        sample("A-32", BodyPartSecurityLabel::Label(label())),
        sample("A-32", Bits::with(&[Bits::CONTENT_NON_REPUDIATION, Bits::IPN_NON_REPUDIATION])),
        sample("A-33", response(ContentOrArguments::OriginalContent(Octets::from(&[1][..])))),
        sample("A-33", response(ContentOrArguments::OriginalSecurityArguments(arguments()))),
        sample("A-33", ContentOrArguments::OriginalContent(Octets::from(&[1][..]))),
        sample("A-33", arguments()),
        sample("A-33", SecurityDiagnosticCode::SECURITY_POLICY_VIOLATION),
        sample("A-18", encryption_token()),
        sample("A-18", part_tokens().0.remove(0)),
        sample("A-18", part_tokens().0.remove(0).body_part_choice),
        sample("A-18", part_tokens().0.remove(1).body_part_choice),
        alias::<BodyPartTokens>("A-18", "ipm_security::BodyPartTokens", part_tokens()),
        sample("A-18", content_tokens().0.remove(0)),
        sample("A-18", content_tokens().0.remove(0).body_part_choice),
        sample("A-18", content_tokens().0.remove(1).body_part_choice),
        alias::<ForwardedContentTokens>("A-18", "ipm_security::ForwardedContentTokens", content_tokens()),
    ]
}

fn bodies() -> Vec<Sample> {
    let mut samples = vec![
        sample("A-30", telex()),
        sample("A-30", voice()),
        sample("A-30", videotex()),
        sample("A-30", videotex().parameters),
        sample("A-30", VideotexSyntax::IDS),
        sample("A-30", encrypted()),
        sample("A-30", encrypted().parameters),
        alias::<InterchangeDataElements>("A-30", "basic_body::InterchangeDataElements", vec![raw("30 00")]),
        sample("B-25", speech()),
        sample("B-15", oda()),
        sample("B-15", DocumentArchitectureClass::PROCESSABLE),
        sample("B-21", mime()),
        sample("B-21", parameter()),
    ];
    samples.extend(extended_parts().into_iter().map(|(_, part)| sample("B-01", part)));
    samples
}

fn forwarding() -> Vec<Sample> {
    vec![
        sample("B-19", content_parameters()),
        alias::<ForwardedMtsIdentifier>(
            "B-19",
            "forwarded::ForwardedMtsIdentifier",
            mts_identifier("forwarded"),
        ),
        sample("B-19", proof()),
        sample("B-18", report()),
        sample("B-18", reported()),
    ]
}

fn files() -> Vec<Sample> {
    vec![
        sample("A-34", every_attribute()),
        sample("A-34", PermittedActions::with(&[PermittedActions::TRAVERSAL])),
        sample("A-34", TextAttribute::Actual("Kille".into())),
        sample("A-34", TextAttribute::NoValueAvailable(Null)),
        sample("A-34", AvailabilityAttribute::Actual(ObjectAvailability::IMMEDIATE)),
        sample("A-34", AvailabilityAttribute::NoValueAvailable(Null)),
        sample("A-34", ObjectAvailability::DEFERRED),
        sample("A-34", LegalQualificationAttribute::Actual("secret".into())),
        sample("A-34", LegalQualificationAttribute::NoValueAvailable(Null)),
        sample("A-34", private_use()),
        sample("A-34", PrivateUseAttribute::AbstractSyntaxNotSupported(Null)),
        sample("A-34", AccessControlAttribute::Actual(vec![control(), control()])),
        sample("A-34", AccessControlAttribute::NoValueAvailable(Null)),
        sample("A-34", control()),
        sample("A-34", concurrency()),
        sample("A-34", ConcurrencyKey::with(&[ConcurrencyKey::EXCLUSIVE])),
        sample("A-34", passwords()),
        sample("A-34", Password::Text("open".into())),
        sample("A-34", Password::Octets(Octets::from(&[1, 2][..]))),
        sample("A-34", extension_set()),
        sample("A-34", extension_set().attributes.remove(0)),
        sample("A-34", versioned()),
        sample("A-34", versioned().pathname),
        sample("A-34", PathnameAttribute::Incomplete(vec!["dodo.doc".into()])),
        alias::<Pathname>("A-34", "file_transfer::Pathname", vec!["usr".into(), "dodo.doc".into()]),
        sample("A-34", constraint_set()),
        sample("A-34", compression()),
        sample("A-34", FileIdentifier::PathnameAndVersion(versioned())),
        sample("A-34", ContentsType::ConstraintSet(constraint_set())),
    ]
}
