//! Parts and recipients of military messages, which no table of headings shows.

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::oids::{CONTENT_COMPRESSED, CONTENT_P22, CONTENT_P772, PART_MM_MESSAGE};
use rasn_x400::stanag4406::compressed::{
    CompressedContentInfo, CompressedContentType, CompressedData, CompressionAlgorithm, ShortAlgorithm,
};
use rasn_x400::stanag4406::mmhs::{Acp127NotificationRequest, Acp127NotificationType};
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::body::BodyPart;
use rasn_x400::x420::heading::{Heading, HeadingExtension, OrDescriptor, RecipientSpecifier};
use x400_gateway::message::{Message, Structure};
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::settings::Military;
use x400_gateway::mixer::{to_internet, to_x400};

use crate::world::{KIM, World, fields_of};

/// A military message inside another is the body part for that; one without a field of its own is a message like any other.
// ledger: beyond M-30
#[test]
fn a_military_message_inside_another_is_one_both_ways() {
    let mut world = World::new();
    world.settings.military = Military::Fields;
    for (field, is_military) in [("MMHS-Handling-Instructions: ZAX\n", true), ("", false)] {
        let mail = format!(
            "MMHS-Primary-Precedence: 4 (flash)\nSubject: outer\nMIME-Version: 1.0\n\
             Content-Type: message/rfc822\n\nFrom: jo@a.example\nDate: Fri, 27 Nov 2026 09:00:00 +0000\n\
             Subject: inner\n{field}\nHello.\n"
        );
        let input = to_x400::Input {
            content: Bytes::from(mail.replace('\n', "\r\n")),
            reverse_path: Some("sender@a.example".into()),
            options: MailOptions::default(),
            recipients: vec![Recipient { number: 1, address: KIM.into(), ..Recipient::default() }],
        };
        let there = world.convert(&input).unwrap();
        assert_eq!(there.content_type, ContentType::Extended(CONTENT_P772));
        let octets = there.content.concat();
        let Ok(InformationObject::Ipm(ipm)) = ber::decode(&octets, octets.len()) else {
            panic!("no message")
        };
        let [part] = ipm.body.as_slice() else { panic!("{} parts", ipm.body.len()) };
        match part {
            BodyPart::ExternallyDefined(part) => {
                assert!(is_military);
                assert_eq!(part.data.direct_reference.as_ref(), Some(&PART_MM_MESSAGE));
            }
            BodyPart::Message(_) => assert!(!is_military),
            other => panic!("{other:?}"),
        }
        let input =
            to_internet::Input { envelope: there.envelope, content: octets.into(), recipients: vec![1] };
        let back = world.convert_back(&input).unwrap();
        let mail = Message::parse(back.content.to_vec().into());
        let Structure::Message(inner) = &mail.root().structure else { panic!("no message inside") };
        assert_eq!(inner.header.value("Subject"), Some("inner"));
        let instructions = inner.header.value("MMHS-Handling-Instructions");
        assert_eq!(instructions, is_military.then_some("ZAX"));
        assert_eq!(inner.content, "Hello.\r\n");
    }
}

/// What a gateway to ACP 127 is asked has no field: a comment says it, or the list of losses does.
// ledger: beyond M-10.15
#[test]
fn what_acp_127_is_asked_is_told() {
    let wanted =
        Acp127NotificationType::with(&[Acp127NotificationType::NEGATIVE, Acp127NotificationType::TRANSFER]);
    let kim = World::new().to_x400("Subject: x\n", MailOptions::default());
    let kim = kim.envelope.per_recipient_fields[0].recipient_name.clone();
    for comments in [false, true] {
        let mut world = World::new();
        world.settings.notification_comments = comments;
        let specifier = RecipientSpecifier {
            recipient: OrDescriptor { formal_name: Some(kim.clone()), ..OrDescriptor::default() },
            extensions: vec![Acp127NotificationRequest::field(&wanted).unwrap()],
            ..RecipientSpecifier::default()
        };
        let heading = Heading { primary_recipients: Some(vec![specifier]), ..Heading::default() };
        let converted = world.to_internet(heading, ContentType::Extended(CONTENT_P772));
        let to = fields_of(&converted).into_iter().find(|(name, _)| name == "To").unwrap().1;
        let comment = " (ACP 127 Notification Requested: acp127-nn, acp127-tn)";
        assert_eq!(to, format!("{KIM}{}", if comments { comment } else { "" }));
        let lost = converted.losses.as_slice().iter().map(|loss| loss.what.as_str());
        let lost: Vec<_> = lost.filter(|what| what.starts_with("acp127")).collect();
        let expected = ["acp127-notification-request acp127-nn, acp127-tn"];
        assert_eq!(lost, if comments { &[][..] } else { &expected[..] });
    }
}

/// A compressed content is what is inside; what cannot be opened is refused like any content nobody knows.
// ledger: beyond M-44
#[test]
fn a_compressed_content_is_a_mail() {
    let world = World::new();
    let there = world.to_x400("Subject: x\n", MailOptions::default());
    let content = there.content.concat();
    for (octets, is_good) in [(stored(&content), true), (content.clone(), false)] {
        let data = CompressedData {
            compression_algorithm: CompressionAlgorithm::Short(ShortAlgorithm::ZLIB),
            compressed_content_info: CompressedContentInfo {
                content_type: CompressedContentType::Identified(CONTENT_P22),
                compressed_content: octets.into(),
            },
            unknown: Vec::new(),
        };
        let mut envelope = there.envelope.clone();
        envelope.content_type = ContentType::Extended(CONTENT_COMPRESSED);
        let content = ber::encode(&data).unwrap().into();
        let input = to_internet::Input { envelope, content, recipients: vec![1] };
        match (world.convert_back(&input), is_good) {
            (Ok(mail), true) => {
                let mail = Message::parse(mail.content.to_vec().into());
                assert_eq!(mail.root().content, "Hello.\r\n");
            }
            (Err(to_internet::Refusal::ContentType(_)), false) => {}
            (other, _) => panic!("{other:?}"),
        }
        // One that says less than it holds is not taken.
        let mut small = World::new();
        small.settings.maximum_mail = Some(20);
        assert!(small.convert_back(&input).is_err());
    }
}

/// Octets as zlib stores them without compressing them (RFC 1950, RFC 1951 3.2.4).
fn stored(octets: &[u8]) -> Vec<u8> {
    let length = u16::try_from(octets.len()).unwrap();
    let mut out = vec![0x78, 1, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend_from_slice(octets);
    let (mut a, mut b) = (1_u32, 0_u32);
    for octet in octets {
        a = (a + u32::from(*octet)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend(((b << 16) | a).to_be_bytes());
    out
}
