//! `services.toml`: the service elements of RFC 2156 chapter 2, each shown by a conversion, and how far it is supported.

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber;
use rasn_x400::ber::plan::Plan;
use rasn_x400::x411::envelope::{ContentType, MessageTransferEnvelope};
use rasn_x400::x411::extension::{ExtensionField, Standard};
use rasn_x400::x420::InformationObject;
use serde::Deserialize;
use x400_gateway::message::Message;
use x400_gateway::mixer::encoded_types::EncodedTypes;
use x400_gateway::mixer::mail::{MailOptions, Recipient, Returned};
use x400_gateway::mixer::{to_internet, to_x400};

use crate::bodies::{Part, encoded};
use crate::envelope::{Envelope, SettingsOf, code, parameters, with};
use crate::heading_text::{parse, show};
use crate::told;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    to_internet: Vec<ToInternet>,
    to_x400: Vec<ToX400>,
}

/// What an X.400 user asks for, and what is seen of it in the mail.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ToInternet {
    id: String,
    /// As `x400gw conformance` says it.
    level: String,
    #[serde(default)]
    envelope: Envelope,
    /// As in `headings.toml`.
    #[serde(default)]
    heading: String,
    /// As in `bodies.toml`.
    #[serde(default)]
    parts: Vec<Part>,
    /// Lines of the mail, each field on one line, and what is said to SMTP.
    #[serde(default)]
    mail: Vec<String>,
    /// What must not begin a line.
    #[serde(default)]
    without: Vec<String>,
    /// The whole header as it is written.
    whole: Option<String>,
    /// Ids under which losses are recorded: all of them.
    #[serde(default)]
    losses: Vec<String>,
    /// `reason/diagnostic` if it is refused.
    refused: Option<String>,
    #[serde(default)]
    settings: SettingsOf,
}

/// What a mail asks for, and what X.400 hears of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ToX400 {
    id: String,
    level: String,
    mail: String,
    #[serde(default)]
    smtp: Smtp,
    /// Lines of the heading, as in `headings.toml`, and of the envelope.
    x400: Vec<String>,
    #[serde(default)]
    losses: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Smtp {
    notify: Option<Vec<String>>,
    headers_only: bool,
}

fn table() -> Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mixer/services.toml");
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

fn content(case: &ToInternet) -> Bytes {
    let text = [Part::Text("ia5:Hello.\n".into())];
    let parts = if case.parts.is_empty() { &text[..] } else { &case.parts };
    let mut plan = Plan::value(&parse(&case.heading)).unwrap();
    plan.append(
        parts.iter().map(|part| Plan::from(encoded(part))).collect::<Plan>().constructed(Tag::SEQUENCE),
    );
    plan.constructed(Tag::new_context(0)).to_vec().into()
}

fn to_internet(case: &ToInternet) -> Result<to_internet::Converted, to_internet::Refusal> {
    let octets = ber::encode(&case.envelope.value()).unwrap();
    let envelope = ber::decode(&octets, octets.len()).unwrap();
    let input = to_internet::Input { envelope, content: content(case), recipients: case.envelope.places() };
    let converted = with(&case.settings, |context| to_internet::to_internet(&input, context))?;
    told::check(&told::of_mail(&converted));
    Ok(converted)
}

fn to_x400(case: &ToX400) -> to_x400::Converted {
    let mail = case.mail.replace('\n', "\r\n");
    let mail = if case.mail.contains("\n\n") { mail } else { format!("{mail}\r\nHello.\r\n") };
    let returned = if case.smtp.headers_only { Returned::Headers } else { Returned::Full };
    let input = to_x400::Input {
        content: Bytes::from(mail),
        reverse_path: Some("jo@widget.com".into()),
        options: MailOptions { returned: Some(returned), ..MailOptions::default() },
        recipients: vec![Recipient {
            number: 1,
            address: "/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example".into(),
            notify: case.smtp.notify.clone(),
            ..Recipient::default()
        }],
    };
    let converted = with(&SettingsOf::default(), |context| to_x400::to_x400(&input, context)).unwrap();
    told::check(&told::of_x400(&converted));
    converted
}

/// An envelope as lines.
fn envelope_lines(envelope: &MessageTransferEnvelope) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |name: &str, value: String| lines.push(format!("envelope {name}: {value}"));
    if let ContentType::BuiltIn(number) = envelope.content_type {
        line("content-type", number.to_string());
    }
    line("priority", envelope.priority.label().unwrap_or_default().to_owned());
    let asked = envelope.per_message_indicators.labels().filter_map(|(_, label)| label);
    line("indicators", asked.collect::<Vec<_>>().join(", "));
    if let Some(types) = &envelope.original_encoded_information_types {
        line("encoded-information-types", EncodedTypes::from_asn1(types).to_text());
    }
    if let Some(identifier) = &envelope.content_identifier {
        line("content-identifier", identifier.to_text().into_owned());
    }
    if let Some(time) = &envelope.deferred_delivery_time {
        line("deferred-delivery-time", time.to_string());
    }
    for hop in envelope.trace_information.iter().take(1) {
        line("submitted", hop.supplied.arrival_time.to_string());
    }
    for fields in &envelope.per_recipient_fields {
        let asked = fields.per_recipient_indicators.labels().filter_map(|(_, label)| label);
        line("recipient", asked.collect::<Vec<_>>().join(", "));
    }
    for field in &envelope.extensions {
        line("extension", extension_text(field));
    }
    lines
}

/// Name and octets of an extension.
fn extension_text(field: &ExtensionField) -> String {
    let name = field.kind.number().and_then(Standard::by_number).map_or("?", |standard| standard.name);
    let octets = field.value.as_ref().map_or(&[][..], |value| value.as_bytes());
    let octets: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("{name} {octets}").trim_end().to_owned()
}

#[test]
fn services_of_x400() {
    for case in table().to_internet {
        let id = &case.id;
        let converted = match (to_internet(&case), &case.refused) {
            (Ok(converted), None) => converted,
            (Err(refusal), Some(expected)) => {
                assert_eq!(code(refusal.failure()), *expected, "{id}: {refusal}");
                continue;
            }
            (Ok(_), Some(expected)) => panic!("{id}: {expected} expected"),
            (Err(refusal), None) => panic!("{id}: {refusal}"),
        };
        let octets = converted.content.to_vec();
        let text = String::from_utf8(octets.clone()).unwrap();
        if let Some(whole) = &case.whole {
            let (header, _) = text.split_once("\r\n\r\n").unwrap();
            assert_eq!(header.replace("\r\n", "\n"), whole.trim_end(), "{id}");
        }
        let message = Message::parse(Bytes::from(octets));
        let fields = message.header().fields().iter();
        let mut lines: Vec<String> =
            fields.map(|field| format!("{}: {}", field.name, field.value).trim_end().to_owned()).collect();
        assert_no_comments(id, &lines);
        lines.extend(parameters(&converted));
        // Parts inside have header fields as well.
        lines.extend(text.split_once("\r\n\r\n").unwrap().1.lines().map(str::to_owned));
        for expected in &case.mail {
            assert!(lines.contains(expected), "{id}: {expected} is missing in {lines:#?}");
        }
        for start in &case.without {
            assert!(!lines.iter().any(|line| line.starts_with(start)), "{id}: {start} in {lines:#?}");
        }
        let losses: Vec<_> = converted.losses.as_slice().iter().map(|loss| loss.clause).collect();
        assert_eq!(losses, case.losses, "{id}: {:#?}", converted.losses);
        // What is supported is seen and not lost. What is not may be seen, but then nobody acts on it.
        if case.level != "not supported" {
            assert!(losses.is_empty() && (case.whole.is_some() || !case.mail.is_empty()), "{id}");
        }
    }
}

/// G-16: no comments in the fields of MIXER, but for those that are a mapping, next to an address. What is left in parentheses
/// is a number or a list of types.
fn assert_no_comments(id: &str, lines: &[String]) {
    const MIXER: [&str; 21] = [
        "X400-MTS-Identifier",
        "X400-Content-Type",
        "X400-Received",
        "Original-Encoded-Information-Types",
        "Priority",
        "Conversion",
        "Conversion-With-Loss",
        "Delivery-Date",
        "Deferred-Delivery",
        "Latest-Delivery-Time",
        "Discarded-X400-MTS-Extensions",
        "Discarded-X400-IPMS-Extensions",
        "Autoforwarded",
        "Autosubmitted",
        "Content-Language",
        "Expires",
        "Importance",
        "Incomplete-Copy",
        "Reply-By",
        "Sensitivity",
        "Supersedes",
    ];
    for line in lines {
        let (name, value) = line.split_once(':').unwrap();
        if !MIXER.iter().any(|field| field.eq_ignore_ascii_case(name)) {
            continue;
        }
        for (at, _) in value.match_indices('(') {
            let inside = value[at + 1..].split_once(')').map_or("", |(inside, _)| inside);
            let number = !inside.is_empty() && inside.bytes().all(|octet| octet.is_ascii_digit());
            assert!(number || value[..at].ends_with("converted "), "{id}: a comment in `{line}`");
        }
    }
}

#[test]
fn services_of_the_internet() {
    for case in table().to_x400 {
        let id = &case.id;
        let converted = to_x400(&case);
        let octets = converted.content.concat();
        let Ok(InformationObject::Ipm(ipm)) = ber::decode(&octets, octets.len()) else { panic!("{id}") };
        let mut lines = show(&ipm.heading);
        lines.extend(envelope_lines(&converted.envelope));
        lines.push(format!("body parts: {}", ipm.body.len()));
        for expected in &case.x400 {
            assert!(lines.contains(expected), "{id}: {expected} is missing in {lines:#?}");
        }
        let losses: Vec<_> = converted.losses.as_slice().iter().map(|loss| loss.clause).collect();
        assert_eq!(losses, case.losses, "{id}: {:#?}", converted.losses);
        assert!(case.level == "not supported" || losses.is_empty(), "{id}");
    }
}
