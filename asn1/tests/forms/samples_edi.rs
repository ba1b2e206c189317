//! Samples of X.435: an EDI message with every field, and notifications of each kind.

use rasn_x400::oids;
use rasn_x400::prim::{Captured, NamedBits, Null, Octets};
use rasn_x400::x420::file_transfer::Compression;
use rasn_x400::x435::EdiObject;
use rasn_x400::x435::edi_body::*;
use rasn_x400::x435::edim::*;
use rasn_x400::x435::edin::*;
use rasn_x400::x435::reason::*;

use super::x411::{person, time};
use super::x420;
use super::{Sample, raw, sample};

fn identifier(local: &str) -> EdimIdentifier {
    EdimIdentifier { user: person("Buyer"), user_relative_identifier: local.into(), unknown: vec![] }
}

fn extension() -> EdimExtensionField {
    let compression = Compression {
        algorithm: oids::EDI_COMPRESSION_V42BIS,
        parameter: Some(rasn_x400::prim::RawTlv::of(&v42bis()).unwrap()),
        unknown: vec![],
    };
    EdimExtensionField {
        kind: oids::EDI_COMPRESSION,
        criticality: true,
        value: Some(rasn_x400::prim::RawTlv::of(&compression).unwrap()),
        unknown: vec![],
    }
}

fn v42bis() -> V42BisCompressionParameter {
    V42BisCompressionParameter { dictionary_size: 11, ..V42BisCompressionParameter::default() }
}

fn requests() -> EdiNotificationRequestsField {
    use EdiNotificationRequests as Bits;
    EdiNotificationRequestsField {
        edi_notification_requests: Bits::with(&[Bits::POSITIVE, Bits::NEGATIVE, Bits::FORWARDED]),
        edi_notification_security: EdiSecurity::with(&[EdiSecurity::PROOF]),
        edi_reception_security: EdiSecurity::with(&[EdiSecurity::NON_REPUDIATION]),
        unknown: vec![],
    }
}

fn interchange_recipient() -> InterchangeRecipient {
    InterchangeRecipient {
        recipient_identification: "4012345000009".into(),
        identification_code_qualifier: Some("14".into()),
        routing_address: Some("ROUTE".into()),
        unknown: vec![],
    }
}

fn interchange_sender() -> InterchangeSender {
    InterchangeSender {
        sender_identification: "4098765000003".into(),
        identification_code_qualifier: Some("14".into()),
        address_for_reverse_routing: Some("BACK".into()),
        unknown: vec![],
    }
}

fn reference() -> RecipientReference {
    RecipientReference {
        recipient_reference: "PASSWORD".into(),
        recipient_reference_qualifier: Some("AA".into()),
        unknown: vec![],
    }
}

fn authorization() -> AuthorizationInformation {
    AuthorizationInformation {
        authorization_information: "AUTH".into(),
        authorization_information_qualifier: Some("01".into()),
        unknown: vec![],
    }
}

fn recipient() -> EdimRecipient {
    EdimRecipient {
        recipient: person("Seller"),
        action_request: oids::EDI_FOR_COPY,
        edi_notification_requests: Some(requests()),
        responsibility_passing_allowed: true,
        interchange_recipient: Some(interchange_recipient()),
        recipient_reference: Some(reference()),
        interchange_control_reference: Some("REF1".into()),
        processing_priority_code: Some("A".into()),
        acknowledgement_request: true,
        communications_agreement_id: Some("AGREEMENT".into()),
        test_indicator: true,
        authorization_information: Some(authorization()),
        recipient_extensions: Some(vec![extension()]),
        unknown: vec![],
    }
}

fn receiver() -> EdinReceiver {
    EdinReceiver {
        edin_receiver_name: person("Clerk"),
        original_edim_identifier: Some(identifier("first")),
        first_recipient: Some(person("Broker")),
        unknown: vec![],
    }
}

fn security() -> EdiApplicationSecurityElements {
    EdiApplicationSecurityElements {
        edi_application_security_element: Some(NamedBits::with(&[0, 9], 0)),
        edi_encrypted_primary_bodypart: Some(false),
        edi_application_security_extensions: Some(vec![extension()]),
        unknown: vec![],
    }
}

fn crossing() -> CrossReferencingInformation {
    CrossReferencingInformation {
        application_cross_reference: Octets::from(&b"DRAWING"[..]),
        message_reference: Some(identifier("other")),
        body_part_reference: 1,
        unknown: vec![],
    }
}

fn advice() -> ServiceStringAdvice {
    let octet = |octet: u8| Octets::from(&[octet][..]);
    ServiceStringAdvice {
        component_data_element_separator: octet(b':'),
        data_element_separator: octet(b'+'),
        decimal_notation: octet(b'.'),
        release_indicator: Some(octet(b'?')),
        reserved: Some(octet(b' ')),
        segment_terminator: octet(b'\''),
        unknown: vec![],
    }
}

fn syntax() -> SyntaxIdentifier {
    SyntaxIdentifier { identifier: "UNOA".into(), version: "1".into(), unknown: vec![] }
}

/// A heading with every field there is.
pub(crate) fn heading() -> EdimHeading {
    EdimHeading {
        this_edim: identifier("1"),
        originator: Some(person("Buyer")),
        recipients: Some(vec![recipient(), recipient()]),
        edin_receiver: Some(receiver()),
        responsibility_forwarded: true,
        edi_bodypart_type: oids::EDI_X12_ISO646,
        incomplete_copy: true,
        expiry_time: Some(time("250412120000Z")),
        related_messages: Some(vec![
            RelatedMessageReference::Edi(identifier("related")),
            RelatedMessageReference::External(vec![raw("06 02 88 37"), raw("a0 02 05 00")]),
        ]),
        obsoleted_edims: Some(vec![identifier("old")]),
        edi_application_security_elements: Some(security()),
        cross_referencing_information: Some(vec![crossing()]),
        edi_message_type: Some(vec!["ORDERS".into(), "INVOIC".into()]),
        service_string_advice: Some(advice()),
        syntax_identifier: Some(syntax()),
        interchange_sender: Some(interchange_sender()),
        date_and_time_of_preparation: Some(time("250312120000Z")),
        application_reference: Some("ORDERS".into()),
        heading_extensions: Some(vec![extension()]),
        unknown: vec![],
    }
}

/// A message with an interchange, a part beside it, and every field.
pub(crate) fn message() -> Edim {
    Edim { heading: heading(), body: body(PrimaryBodyPart::Edi(interchange())) }
}

fn interchange() -> Octets {
    Octets::from(&b"UNA:+.? 'UNB+UNOA:1+S+R+250312:1200+REF1'UNZ+0+REF1'"[..])
}

fn body(primary_body_part: PrimaryBodyPart) -> EdimBody {
    EdimBody { primary_body_part, additional_body_parts: Some(vec![beside()]), unknown: vec![] }
}

fn beside() -> EdimExtendedBodyPart {
    EdimExtendedBodyPart {
        body_part_reference: Some(1),
        extended_body_part: x420::general_text(),
        unknown: vec![],
    }
}

fn forwarded(primary_or_removed: PrimaryOrRemoved) -> ForwardedEdim {
    let parameters = EdimMessageParameters {
        delivery_time: Some(time("250312120500Z")),
        delivery_envelope: Some(x420::delivery_fields()),
        other_parameters: Some("passed on".into()),
        unknown: vec![],
    };
    let heading = EdimHeading { heading_extensions: None, ..heading() };
    let body = Captured::of(&rest(primary_or_removed)).unwrap();
    let data = ForwardedEdimData { heading, body };
    ForwardedEdim { parameters: Some(parameters), data, unknown: vec![] }
}

fn rest(primary_or_removed: PrimaryOrRemoved) -> BodyOrRemoved {
    let additional_body_parts =
        Some(vec![AdditionalBodyPart::ExternalBodyPart(beside()), AdditionalBodyPart::PlaceHolder(beside())]);
    BodyOrRemoved { primary_or_removed, additional_body_parts, unknown: vec![] }
}

fn common() -> EdinCommonFields {
    EdinCommonFields {
        subject_edim: identifier("1"),
        edin_originator: person("Seller"),
        first_recipient: Some(person("Broker")),
        notification_time: time("250312130000Z"),
        notification_security_elements: Some(elements()),
        edin_initiator: EdinInitiator::EXTERNAL_UA,
        notification_extensions: Some(vec![extension()]),
        unknown: vec![],
    }
}

fn elements() -> EdinSecurityElements {
    EdinSecurityElements {
        original_content: Some(interchange()),
        original_content_integrity_check: Some(super::security::signature()),
        edi_application_security_elements: Some(security()),
        security_extensions: Some(vec![extension()]),
        unknown: vec![],
    }
}

fn positive() -> PositiveNotification {
    PositiveNotification {
        common_fields: common(),
        supplementary_information: Some("taken".into()),
        extensions: Some(vec![extension()]),
        unknown: vec![],
    }
}

fn negative(reason_code: NegativeReason) -> NegativeNotification {
    NegativeNotification {
        common_fields: common(),
        reason_code,
        supplementary_information: Some("refused".into()),
        extensions: Some(vec![extension()]),
        unknown: vec![],
    }
}

fn passed_on(reason_code: ForwardedReason) -> ForwardedNotification {
    ForwardedNotification {
        common_fields: common(),
        forwarded_to: person("Colleague"),
        reason_code,
        supplementary_information: Some("passed on".into()),
        extensions: Some(vec![extension()]),
        unknown: vec![],
    }
}

fn negative_reasons() -> [NegativeReason; 3] {
    [
        NegativeReason::UserAgent(NegativeUserAgentReason {
            basic_code: NegativeUserAgentCode::SECURITY_ERROR,
            diagnostic: Some(NegativeUserAgentDiagnostic::DECRYPTION_FAILED),
            unknown: vec![],
        }),
        NegativeReason::User(NegativeUserReason {
            basic_code: NegativeUserCode::SYNTAX_ERROR,
            diagnostic: Some(1),
            unknown: vec![],
        }),
        NegativeReason::PhysicalDelivery(NegativePhysicalReason {
            basic_code: NegativePhysicalCode::UNDELIVERABLE_MAIL,
            diagnostic: Some(35),
            unknown: vec![],
        }),
    ]
}

fn forwarded_reasons() -> [ForwardedReason; 3] {
    [
        ForwardedReason::UserAgent(ForwardedUserAgentReason {
            basic_code: ForwardedUserAgentCode::ONWARD_ROUTING,
            diagnostic: Some(2),
            security_check: true,
            unknown: vec![],
        }),
        ForwardedReason::User(ForwardedUserReason {
            basic_code: ForwardedUserCode::FORWARDED_FOR_ARCHIVING,
            diagnostic: Some(7),
            unknown: vec![],
        }),
        ForwardedReason::PhysicalDelivery(ForwardedPhysicalReason {
            basic_code: ForwardedPhysicalCode::FORWARDED_FOR_PHYSICAL_RENDITION_AND_DELIVERY,
            diagnostic: Some(8),
            unknown: vec![],
        }),
    ]
}

/// A notification of each kind and with each kind of reason.
pub(crate) fn notifications() -> Vec<Edin> {
    let mut all = vec![Edin::Positive(positive())];
    all.extend(negative_reasons().map(|reason| Edin::Negative(negative(reason))));
    all.extend(forwarded_reasons().map(|reason| Edin::Forwarded(passed_on(reason))));
    all
}

pub(crate) fn samples() -> Vec<Sample> {
    [messages(), parts(), notices()].into_iter().flatten().collect()
}

fn messages() -> Vec<Sample> {
    vec![
        sample("E-01", EdiObject::Message(message())),
        sample("E-01", message()),
        sample("E-04", heading()),
        sample("E-04", identifier("1")),
        sample("E-04", extension()),
        sample("E-04", recipient()),
        sample("E-04", requests()),
        sample("E-04", requests().edi_notification_requests),
        sample("E-04", requests().edi_reception_security),
        sample("E-04", interchange_recipient()),
        sample("E-04", interchange_sender()),
        sample("E-04", reference()),
        sample("E-04", authorization()),
        sample("E-04", receiver()),
        sample("E-04", RelatedMessageReference::Edi(identifier("related"))),
        sample("E-04", security()),
        sample("E-04", crossing()),
        sample("E-04", advice()),
        sample("E-04", syntax()),
        sample("E-04", v42bis()),
    ]
}

fn parts() -> Vec<Sample> {
    let whole = PrimaryOrRemoved::PrimaryBodyPart(PrimaryBodyPart::Edi(interchange()));
    let removed = PrimaryOrRemoved::RemovedEdiBody(Null);
    let inner = PrimaryBodyPart::Forwarded(forwarded(whole.clone()));
    vec![
        sample("E-02", body(PrimaryBodyPart::Edi(interchange()))),
        sample("E-02", body(inner.clone())),
        sample("E-02", inner),
        sample("E-02", beside()),
        sample("E-02", forwarded(removed.clone())),
        sample("E-02", forwarded(removed.clone()).parameters.unwrap()),
        sample("E-02", forwarded(removed.clone()).data),
        sample("E-02", rest(whole.clone())),
        sample("E-02", whole),
        sample("E-02", removed),
        sample("E-02", AdditionalBodyPart::PlaceHolder(beside())),
    ]
}

fn notices() -> Vec<Sample> {
    let mut samples = vec![
        sample("E-05", common()),
        sample("E-05", EdinInitiator::INTERNAL_MS),
        sample("E-05", elements()),
        sample("E-05", positive()),
        sample("E-05", NegativeUserAgentCode::FORWARDING_ERROR),
        sample("E-05", NegativeUserAgentDiagnostic::COMPRESSION_UNSUPPORTED),
        sample("E-05", NegativeUserCode::NO_BILATERAL_AGREEMENT),
        sample("E-05", NegativePhysicalCode::UNSPECIFIED),
        sample("E-05", ForwardedUserAgentCode::FORWARDED_BY_EDI_MS),
        sample("E-05", ForwardedUserCode::USER_DEFINED_REASON),
        sample("E-05", ForwardedPhysicalCode::UNSPECIFIED),
    ];
    for reason in negative_reasons() {
        match &reason {
            NegativeReason::UserAgent(reason) => samples.push(sample("E-05", reason.clone())),
            NegativeReason::User(reason) => samples.push(sample("E-05", reason.clone())),
            NegativeReason::PhysicalDelivery(reason) => samples.push(sample("E-05", reason.clone())),
            NegativeReason::Unknown(_) => {}
        }
        samples.push(sample("E-05", reason.clone()));
        samples.push(sample("E-05", negative(reason)));
    }
    for reason in forwarded_reasons() {
        match &reason {
            ForwardedReason::UserAgent(reason) => samples.push(sample("E-05", reason.clone())),
            ForwardedReason::User(reason) => samples.push(sample("E-05", reason.clone())),
            ForwardedReason::PhysicalDelivery(reason) => samples.push(sample("E-05", reason.clone())),
            ForwardedReason::Unknown(_) => {}
        }
        samples.push(sample("E-05", reason.clone()));
        samples.push(sample("E-05", passed_on(reason)));
    }
    for notification in notifications() {
        samples.push(sample("E-05", notification.clone()));
        samples.push(sample("E-05", EdiObject::Notification(notification)));
    }
    samples
}
