//! ATS messages (`aviation.toml`): mail to AMHS, and back.

use rasn_x400::ber;
use rasn_x400::x411::envelope::PerMessageIndicators;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::body::BodyPart;
use serde::Deserialize;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::{to_internet, to_x400};
use x400_gateway::status::table::enhanced_code;
use x400_gateway::status::{DiagnosticTable, NonDelivery, NonDeliveryDiagnostic, NonDeliveryReason};

use crate::heading_text::{parse, show};
use crate::world::{World, fields_of, heading_of};

const SETTINGS: &str = "domains = [\"amhs.example\"]\ndistress-senders = [\"tower@airport.example\"]\n";

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    id: String,
    /// Header, empty line, text.
    mail: String,
    sender: Option<String>,
    /// MT-PRIORITY.
    level: Option<i8>,
    #[serde(default)]
    settings: String,
    /// The text of the X.400 message.
    #[serde(default)]
    text: String,
    /// Elements of the heading.
    #[serde(default)]
    x400: String,
    /// That of P1.
    #[serde(default)]
    priority: String,
    /// Fields of the mail that comes back.
    #[serde(default)]
    fields: String,
    #[serde(default)]
    mt_priority: i8,
    /// A part of why it is refused.
    refused: Option<String>,
}

#[test]
fn mail_and_ats_messages() {
    let file: File = toml::from_str(include_str!("aviation.toml")).unwrap();
    for case in &file.case {
        run(case);
    }
}

fn run(case: &Case) {
    let mut world = World::new();
    world.settings.aviation = Some(toml::from_str(&format!("{SETTINGS}{}", case.settings)).unwrap());
    let input = to_x400::Input {
        content: case.mail.replace('\n', "\r\n").into_bytes().into(),
        reverse_path: Some(case.sender.clone().unwrap_or_else(|| "jo@a.example".to_owned())),
        options: MailOptions { priority: case.level, ..MailOptions::default() },
        recipients: vec![Recipient {
            number: 1,
            address: "zzaaztzx@amhs.example".into(),
            ..Recipient::default()
        }],
    };
    let converted = match (world.convert(&input), &case.refused) {
        (Ok(converted), None) => converted,
        (Err(refusal), Some(reason)) => {
            assert!(refusal.to_string().contains(reason.as_str()), "{}: {refusal}", case.id);
            return;
        }
        (other, _) => panic!("{}: {:?}", case.id, other.map(|converted| converted.envelope)),
    };
    let octets = converted.content.concat();
    let Ok(InformationObject::Ipm(ipm)) = ber::decode(&octets, octets.len()) else { panic!("{}", case.id) };
    let [BodyPart::Ia5Text(text)] = ipm.body.as_slice() else { panic!("{}: {:?}", case.id, ipm.body) };
    assert_eq!(text.data.to_text(), case.text, "{}", case.id);
    // V-12
    let indicators = &converted.envelope.per_message_indicators;
    assert_eq!(converted.envelope.priority.label(), Some(case.priority.as_str()), "{}", case.id);
    assert!(indicators.has(PerMessageIndicators::ALTERNATE_RECIPIENT_ALLOWED));
    assert!(!indicators.has(PerMessageIndicators::CONTENT_RETURN_REQUEST));
    let shown = show(&heading_of(&converted));
    let expected = show(&parse(&case.x400));
    for line in expected.iter().filter(|line| !line.starts_with("this-IPM")) {
        assert!(shown.contains(line), "{}: {line} in {shown:#?}", case.id);
    }
    // And back.
    let input =
        to_internet::Input { envelope: converted.envelope, content: octets.into(), recipients: vec![1] };
    let back = world.convert_back(&input).unwrap();
    assert_eq!(back.options.priority, Some(case.mt_priority), "{}", case.id);
    let fields = fields_of(&back);
    for line in case.fields.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        let found: Vec<_> =
            fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value).collect();
        assert_eq!(found, [value], "{}: {name}", case.id);
    }
    assert!(!fields.iter().any(|(name, _)| name.starts_with("Discarded")), "{}: {fields:?}", case.id);
    let mail = back.content.to_vec();
    assert!(!mail.contains(&1) && !mail.contains(&2), "{}", case.id);
}

/// Why gateways of aviation do not deliver, and what a sender on the Internet is told.
// ledger: beyond V-11
#[test]
fn non_delivery_reasons_have_a_status() {
    use NonDeliveryDiagnostic as X;
    for (diagnostic, status) in [
        (X::EncodedInformationTypesUnsupported, "5.6.1"),
        (X::ImplicitConversionProhibited, "5.6.3"),
        (X::ContentSyntaxError, "5.5.2"),
        (X::LineTooLong, "5.6.0"),
        (X::PunctuationSymbolLoss, "5.6.2"),
        (X::AlphabeticCharacterLoss, "5.6.2"),
        (X::MultipleInformationLoss, "5.6.2"),
        (X::TooManyRecipients, "5.5.3"),
        (X::InvalidArguments, "5.5.2"),
    ] {
        let non_delivery =
            NonDelivery { reason: NonDeliveryReason::UnableToTransfer, diagnostic: Some(diagnostic) };
        let found = enhanced_code(non_delivery, DiagnosticTable::default());
        assert_eq!(found.to_string(), status, "{non_delivery}");
    }
}
