//! Samples of STANAG 4406: a military message with every heading extension and body part, notifications, compressed contents.

use rasn_x400::oids;
use rasn_x400::prim::{Captured, NamedBits, Octets};
use rasn_x400::stanag4406::MilitaryObject;
use rasn_x400::stanag4406::compressed::*;
use rasn_x400::stanag4406::military_body::*;
use rasn_x400::stanag4406::mmhs::*;
use rasn_x400::x420::Ipm;
use rasn_x400::x420::body::{BodyPart, ExternallyDefined, MessageParameters};
use rasn_x400::x420::extended_body::{ExtendedBodyPart, ForwardedContent};
use rasn_x400::x420::heading::*;
use rasn_x400::x420::notification::*;

use super::security::label;
use super::x411::time;
use super::x420;
use super::{Sample, alias, raw, sample};

fn exercise() -> MessageTypeValue {
    MessageTypeValue {
        kind: TypeOfMessage::EXERCISE,
        identifier: Some("CANDLE FISH".into()),
        unknown: vec![],
    }
}

fn list() -> AddressListDesignator {
    AddressListDesignator {
        kind: RecipientKind::COPY,
        list_name: x420::descriptor("AIG 7"),
        notification_request: Some(AddressListRequest::ACTION),
        reply_request: Some(AddressListRequest::BOTH),
        unknown: vec![],
    }
}

fn codes() -> MilitaryDistributionCodesValue {
    MilitaryDistributionCodesValue {
        sics: Some(vec!["SDM".into(), "KKZ".into()]),
        dist_extensions: Some(vec![foreign_code()]),
        unknown: vec![],
    }
}

fn foreign_code() -> DistributionExtensionField {
    DistributionExtensionField { kind: "2.999.4406".parse().unwrap(), value: raw("13 02 58 59") }
}

fn other(kind: RecipientKind) -> OtherRecipientDesignator {
    OtherRecipientDesignator { kind, designator: "RHDIAA".into(), unknown: vec![] }
}

fn pilot() -> PilotInformation {
    PilotInformation {
        pilot_precedence: Some(MmhsPrecedence::PRIORITY),
        pilot_recipient: Some(vec![x420::descriptor("Pilot")]),
        pilot_security: Some(label()),
        pilot_handling: Some(vec!["FORWARD BY HAND".into()]),
        unknown: vec![],
    }
}

fn response() -> Acp127NotificationResponseValue {
    use Acp127NotificationType as Bits;
    Acp127NotificationResponseValue {
        acp127_notification_type: Bits::with(&[Bits::TRANSFER]),
        receipt_time: time("250312120000Z"),
        address_list_indicator: Some(vec![list()]),
        acp127_recipient: Some("RHDIAA".into()),
        acp127_supplementary_information: Some("QSL".into()),
        unknown: vec![],
    }
}

fn part_label() -> MilitaryBodyPartLabel {
    MilitaryBodyPartLabel {
        body_part_security_label: label(),
        body_part_sequence_number: Some(1),
        unknown: vec![],
    }
}

fn labels() -> SecurityInformationLabelsValue {
    SecurityInformationLabelsValue {
        content_security_label: label(),
        heading_security_label: Some(label()),
        body_part_security_labels: Some(vec![part_label(), part_label()]),
        unknown: vec![],
    }
}

/// Every heading extension of a military message.
pub(crate) fn heading_extensions() -> Vec<HeadingExtensionField> {
    vec![
        PrimaryPrecedence::field(&MmhsPrecedence::IMMEDIATE).unwrap(),
        CopyPrecedence::field(&MmhsPrecedence::ROUTINE).unwrap(),
        MessageType::field(&exercise()).unwrap(),
        AddressListIndicator::field(&vec![list()]).unwrap(),
        ExemptedAddresses::field(&vec![x420::descriptor("Exempt")]).unwrap(),
        ExtendedAuthorisationInfo::field(&time("250312120000Z")).unwrap(),
        MilitaryDistributionCodes::field(&codes()).unwrap(),
        HandlingInstructions::field(&vec!["EYES ONLY".into()]).unwrap(),
        MessageInstructions::field(&vec!["ZAX".into()]).unwrap(),
        CodressMessage::field(&7).unwrap(),
        OriginatorReference::field(&"OPS 7/25".into()).unwrap(),
        OtherRecipientsIndicator::field(&vec![other(RecipientKind::PRIMARY)]).unwrap(),
        PilotForwardingInfo::field(&vec![pilot()]).unwrap(),
        Acp127MessageIdentifier::field(&"RHDIAA 0007 0711200".into()).unwrap(),
        OriginatorPlad::field(&"CINCNORTH".into()).unwrap(),
        SecurityInformationLabels::field(&labels()).unwrap(),
    ]
}

fn part<P: ExtendedBodyPart>(parameters: Option<P::Parameters>, data: P::Data) -> ExternallyDefined {
    P::part(parameters.as_ref(), &data).unwrap()
}

fn encrypted_parameters() -> ForwardedEncryptedParameters {
    ForwardedEncryptedParameters {
        delivery_time: Some(time("250312120500Z")),
        delivery_envelope: x420::delivery_fields(),
        unknown: vec![],
    }
}

fn sets() -> Adatp3Data {
    Adatp3Data::SetOriented(vec!["EXER/CANDLE FISH//".into(), "MSGID/GENADMIN//".into()])
}

/// One part of every military type.
pub(crate) fn parts() -> Vec<(&'static str, ExternallyDefined)> {
    let inner = Ipm { heading: heading(), body: vec![x420::text("INNER")] };
    let military = rasn_x400::ber::encode(&MilitaryObject::Message(inner.clone())).unwrap();
    let forwarded = ForwardedContent {
        content_type: oids::CONTENT_P772,
        parameters: None,
        content: Octets::from(military),
    };
    let message = Captured::of(&inner).unwrap();
    let parameters = MessageParameters {
        delivery_envelope: Some(x420::delivery_fields()),
        ..MessageParameters::default()
    };
    let bits = NamedBits::from_octets(&[0xff, 0]);
    vec![
        ("adatp3", part::<Adatp3>(Some(11), sets())),
        ("corrections", part::<Corrections>(Some(1), "LINE 3 READ 7".into())),
        ("forwarded-encrypted", part::<ForwardedEncrypted>(Some(encrypted_parameters()), bits)),
        ("mm-message", part::<MilitaryMessage>(Some(parameters), message)),
        ("acp127-data", part::<Acp127Data>(Some(1), "ZZZZ UUU".into())),
        ("forwarded P772", forwarded.part().unwrap()),
    ]
}

/// A short heading that lacks nothing a military message needs.
fn heading() -> Heading {
    Heading {
        this_ipm: x420::identifier("7 250312120000Z"),
        originator: Some(x420::descriptor("Kille")),
        primary_recipients: Some(vec![x420::recipient("Cooper")]),
        subject: Some("CANDLE FISH".into()),
        extensions: vec![
            PrimaryPrecedence::field(&MmhsPrecedence::FLASH).unwrap(),
            ExtendedAuthorisationInfo::field(&time("250312120000Z")).unwrap(),
        ],
        ..Heading::default()
    }
}

/// A message with everything.
pub(crate) fn message() -> Ipm {
    use Acp127NotificationType as Bits;
    let requested = Bits::with(&[Bits::POSITIVE, Bits::NEGATIVE]);
    let mut recipient = x420::recipient("Cooper");
    recipient.extensions = vec![Acp127NotificationRequest::field(&requested).unwrap()];
    let copies = Some(vec![x420::recipient("Copy")]);
    let heading = Heading {
        primary_recipients: Some(vec![recipient]),
        copy_recipients: copies,
        extensions: heading_extensions(),
        ..heading()
    };
    let mut body = vec![x420::text("EXERCISE")];
    body.extend(parts().into_iter().map(|(_, part)| BodyPart::ExternallyDefined(part)));
    Ipm { heading, body }
}

/// A notification of a gateway to ACP 127.
pub(crate) fn notification() -> Ipn {
    let [_, _, mut other] = <[_; 3]>::try_from(x420::notifications()).unwrap();
    let field = Acp127NotificationResponse::field(&response()).unwrap();
    other.choice = NotificationChoice::Other(vec![field]);
    other
}

fn compressed(content_type: CompressedContentType) -> CompressedContentInfo {
    CompressedContentInfo {
        content_type,
        compressed_content: Octets::from(&[0x78, 0x9c, 3, 0, 0, 0, 0, 1][..]),
    }
}

pub(crate) fn samples() -> Vec<Sample> {
    use Acp127NotificationType as Bits;
    let by_number = CompressionAlgorithm::Short(ShortAlgorithm::ZLIB);
    let p1 = CompressedContentType::Short(ShortContentType::P1);
    let mut samples = vec![
        sample("M-01", MilitaryObject::Message(message())),
        sample("M-01", MilitaryObject::Notification(notification())),
        alias::<MilitaryString>("M-02", "mmhs::MilitaryString", "ZAX".into()),
        sample("M-12", MmhsPrecedence::OVERRIDE),
        sample("M-12", MmhsPrecedence(17)),
        sample("M-12", PriorityLevelQualifier::HIGH),
        sample("M-10.2", exercise()),
        sample("M-10.2", TypeOfMessage::DRILL),
        sample("M-10.3", list()),
        sample("M-10.3", RecipientKind::COPY),
        sample("M-10.3", AddressListRequest::INFO),
        sample("M-10.6", codes()),
        sample("M-10.6", foreign_code()),
        sample("M-10.11", other(RecipientKind::COPY)),
        sample("M-10.12", pilot()),
        sample("M-10.15", Bits::with(&[Bits::POSITIVE, Bits::TRANSFER])),
        sample("M-10.16", response()),
        sample("M-10.17", labels()),
        sample("M-10.17", part_label()),
        sample("M-30", sets()),
        sample("M-30", Adatp3Data::LineOriented("MSGID/GENADMIN//\r\n".into())),
        sample("M-30", encrypted_parameters()),
        sample(
            "M-44",
            CompressedData {
                compression_algorithm: by_number.clone(),
                compressed_content_info: compressed(p1.clone()),
                unknown: vec![],
            },
        ),
        sample("M-44", by_number),
        sample("M-44", CompressionAlgorithm::Identified("2.999.1".parse().unwrap())),
        sample("M-44", ShortAlgorithm::ZLIB),
        sample("M-44", compressed(CompressedContentType::Identified(oids::CONTENT_P772))),
        sample("M-44", p1),
        sample("M-44", ShortContentType::P7),
    ];
    samples.extend(heading_extensions().into_iter().map(|field| sample("M-10", field)));
    samples.extend(parts().into_iter().map(|(_, part)| sample("M-30", part)));
    samples
}
