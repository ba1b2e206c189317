//! `bodies.toml`: which MIME a body of X.400 is, and which body parts a mail is.

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber;
use rasn_x400::ber::plan::Plan;
use rasn_x400::prim::{Ia5String, Oid, X400Time};
use rasn_x400::x411::envelope::{ContentType, PerMessageIndicators};
use rasn_x400::x411::extension::{DlExpansionProhibited, Extension as _};
use rasn_x400::x411::report::{NonDeliveryReport, ReportType};
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::body::{BodyPart, kind};
use rasn_x400::x420::extended_body::{ExtendedBodyPart as _, FileTransfer, ForwardedReport};
use rasn_x400::x420::file_transfer::{
    ApplicationReference, DateAttribute, Environment, FileAttributes, FileIdentifier, FileTransferParameters,
    SizeAttribute,
};
use rasn_x400::x420::forwarded::{PerRecipientReportDelivery, ReportDelivery};
use rasn_x400::x420::heading::{
    Heading, HeadingExtension, MultipartMessage, MultipartMessageValue, Rfc822Field,
};
use rasn_x400::x435::EdiObject;
use rasn_x400::x435::edim::EdimIdentifier;
use rasn_x400::x435::edin::{
    Edin, EdinCommonFields, EdinInitiator, ForwardedNotification, NegativeNotification, PositiveNotification,
};
use rasn_x400::x435::reason::{
    ForwardedReason, ForwardedUserAgentCode, ForwardedUserAgentReason, NegativeReason, NegativeUserCode,
    NegativeUserReason,
};
use serde::Deserialize;
use time::macros::datetime;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::{Context, Settings, settings, to_internet, to_x400};
use x400_gateway::rules::Rules;

use crate::told;

const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=gb"
route_unmapped = "refuse"
"#;

const KIM: &str = "/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    case: Vec<Case>,
}

/// A body of X.400 and the mail it is. `way` is `both`, `to-internet` or `to-x400`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    id: String,
    #[serde(default = "both")]
    way: String,
    /// The body parts in order.
    parts: Vec<Part>,
    /// The multipart that the heading names, and whether it is a part of another.
    multipart: Option<String>,
    /// Fields in the heading.
    #[serde(default)]
    fields: Vec<String>,
    /// The content fields, unfolded, an empty line and the body.
    mail: String,
    /// What is lost: a piece of each entry.
    #[serde(default)]
    lost: Vec<String>,
    #[serde(default)]
    settings: toml::Table,
    /// A field by which the sender forbids conversions, or those with loss.
    prohibition: Option<String>,
    /// If the content is no message: its type, as a number or an object identifier. The only part is the content.
    content_type: Option<String>,
}

fn both() -> String {
    "both".to_owned()
}

/// A body part.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Part {
    /// `ia5: text`, or octets in hexadecimal.
    Text(String),
    Message(Message),
    File(Box<File>),
    Extended(Extended),
}

/// A forwarded message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Message {
    message: Vec<Part>,
    /// The multipart it stands for.
    multipart: Option<String>,
    /// Whether that is a part of another multipart.
    #[serde(default)]
    is_part: bool,
    #[serde(default)]
    fields: Vec<String>,
    subject: Option<String>,
    delivered: Option<String>,
}

/// A file transfer body part.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct File {
    file: String,
    reference: Option<String>,
    name: Option<String>,
    created: Option<String>,
    description: Option<String>,
    size: Option<i64>,
    fields: Vec<String>,
}

/// An extended body part: object identifier, data and parameters, both as elements in hexadecimal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extended {
    extended: String,
    data: String,
    /// Object identifier and element.
    parameters: Option<(String, String)>,
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn heading(multipart: Option<(&str, bool)>, fields: &[String], subject: Option<&str>) -> Heading {
    let mut heading = Heading::default();
    heading.this_ipm.user_relative_identifier = "1*".into();
    heading.subject = subject.map(Into::into);
    if let Some((subtype, is_a_message)) = multipart {
        let value = MultipartMessageValue { subtype: subtype.into(), is_a_message, unknown: Vec::new() };
        heading.extensions.push(MultipartMessage::field(&value).unwrap());
    }
    if !fields.is_empty() {
        let fields: Vec<Ia5String> = fields.iter().map(|field| field.as_str().into()).collect();
        heading.extensions.push(Rfc822Field::field(&fields).unwrap());
    }
    heading
}

fn ipm(heading: &Heading, parts: &[Part]) -> Plan {
    let mut plan = Plan::value(heading).unwrap();
    plan.append(
        parts.iter().map(|part| Plan::from(encoded(part))).collect::<Plan>().constructed(Tag::SEQUENCE),
    );
    plan
}

fn external(tag: Tag, oid: &str, value: Vec<u8>) -> Plan {
    let mut plan = Plan::value(&oid.parse::<Oid>().unwrap()).unwrap();
    plan.append(Plan::from(value).constructed(Tag::new_context(0)));
    plan.constructed(tag)
}

fn extended(parameters: Option<(&str, Vec<u8>)>, data: (&str, Vec<u8>)) -> Vec<u8> {
    let mut plan = Plan::new();
    if let Some((oid, value)) = parameters {
        plan.append(external(Tag::new_context(0), oid, value));
    }
    plan.append(external(Tag::EXTERNAL, data.0, data.1));
    plan.constructed(Tag::new_context(15)).to_vec()
}

pub(crate) fn encoded(part: &Part) -> Vec<u8> {
    match part {
        Part::Text(text) => match text.strip_prefix("ia5:") {
            Some(text) => {
                let mut plan = Plan::new().constructed(Tag::SET);
                let text = text.replace('\n', "\r\n").into_bytes();
                plan.append(Plan::primitive(Tag::IA5_STRING, text.into()));
                plan.constructed(Tag::new_context(0)).to_vec()
            }
            None => hex(text),
        },
        Part::Message(message) => {
            let multipart = message.multipart.as_deref().map(|subtype| (subtype, !message.is_part));
            let heading = heading(multipart, &message.fields, message.subject.as_deref());
            let mut parameters = Plan::new();
            if let Some(time) = &message.delivered {
                let time = Bytes::from(time.clone().into_bytes());
                parameters.append(Plan::primitive(Tag::new_context(0), time));
            }
            let mut plan = parameters.constructed(Tag::SET);
            plan.append(ipm(&heading, &message.message).constructed(Tag::SEQUENCE));
            plan.constructed(Tag::new_context(9)).to_vec()
        }
        Part::File(file) => encoded_file(file),
        Part::Extended(part) => extended(
            part.parameters.as_ref().map(|(oid, value)| (oid.as_str(), hex(value))),
            (&part.extended, hex(&part.data)),
        ),
    }
}

fn encoded_file(file: &File) -> Vec<u8> {
    let fields: Vec<Ia5String> = file.fields.iter().map(|field| field.as_str().into()).collect();
    let attributes = FileAttributes {
        incomplete_pathname: file.name.as_deref().map(|name| vec![name.into()]),
        created: file.created.as_deref().map(|time| DateAttribute::Actual(X400Time::new(time))),
        object_size: file.size.map(SizeAttribute::Actual),
        ..FileAttributes::default()
    };
    let parameters = FileTransferParameters {
        environment: Some(Environment {
            application_reference: file
                .reference
                .as_deref()
                .map(|reference| ApplicationReference::Registered(reference.parse().unwrap())),
            user_visible_string: file.description.as_deref().map(|text| vec![text.into()]),
            ..Environment::default()
        }),
        file_attributes: (attributes != FileAttributes::default()).then_some(attributes),
        extensions: (!fields.is_empty()).then(|| vec![Rfc822Field::field(&fields).unwrap()]),
        ..FileTransferParameters::default()
    };
    let octets = Plan::primitive(Tag::new_context(1), file.file.clone().into_bytes().into());
    let data = octets.constructed(Tag::EXTERNAL).constructed(Tag::SEQUENCE).to_vec();
    extended(
        Some((&kind::FILE_TRANSFER_PARAMETERS.to_string(), ber::encode(&parameters).unwrap())),
        (&kind::FILE_TRANSFER.to_string(), data),
    )
}

fn settings_of(table: &toml::Table) -> Settings {
    let mut settings =
        Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")), "gw-mta", "gw.example");
    for (name, value) in table {
        let value = value.clone();
        match name.as_str() {
            "attachments" => settings.attachments = value.try_into().unwrap(),
            "renditions" => settings.renditions = value.try_into().unwrap(),
            "internet-text" => settings.internet_text = value.try_into().unwrap(),
            "edition" => settings.edition = value.try_into().unwrap(),
            "default-file-name" => settings.default_file_name = Some(value.try_into().unwrap()),
            "edi" => settings.edi = value.try_into().unwrap(),
            "html" => settings.html = value.try_into().unwrap(),
            "secured" => settings.secured = value.try_into().unwrap(),
            "signed" => settings.signed = value.try_into().unwrap(),
            "foreign-contents" => settings.foreign_contents = value.try_into().unwrap(),
            "guess-types" => settings.guess_types = value.try_into().unwrap(),
            other => panic!("no setting {other}"),
        }
    }
    settings
}

fn with_context<T>(settings: &Settings, run: impl FnOnce(&Context<'_>) -> T) -> T {
    let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
    let mapper = Mapper::new(&rules);
    run(&Context {
        mapper: &mapper,
        settings,
        message_identifier: "Q1",
        now: datetime!(2026-11-27 10:00 UTC),
    })
}

fn transferred(mail: &str, settings: &Settings) -> to_x400::Converted {
    let input = to_x400::Input {
        content: Bytes::from(mail.replace("\r\n", "\n").replace('\n', "\r\n")),
        reverse_path: Some("jo@a.example".into()),
        options: MailOptions::default(),
        recipients: vec![Recipient { number: 1, address: KIM.into(), ..Recipient::default() }],
    };
    let converted = with_context(settings, |context| to_x400::to_x400(&input, context)).unwrap();
    told::check(&told::of_x400(&converted));
    converted
}

/// Content fields, an empty line and the body; CR LF as LF.
fn content_of(mail: &[u8]) -> String {
    let message = x400_gateway::message::Message::parse(Bytes::copy_from_slice(mail));
    let fields = message.header().fields().iter();
    let fields = fields.filter(|field| field.starts_with("Content-") || field.starts_with("X-"));
    let mut out: String = fields.map(|field| format!("{}\n", field.line())).collect();
    out.push('\n');
    out.push_str(&String::from_utf8_lossy(&message.root().content).replace("\r\n", "\n"));
    out
}

fn prohibition(case: &Case) -> String {
    case.prohibition.as_ref().map(|field| format!("{field}\n")).unwrap_or_default()
}

fn to_mail(case: &Case) -> (String, Vec<String>) {
    let settings = settings_of(&case.settings);
    let modern = Settings { edition: settings::Edition::X1988, ..settings.clone() };
    let mut envelope = transferred(&format!("{}\nx", prohibition(case)), &modern).envelope;
    let content = match &case.content_type {
        None => {
            let multipart = case.multipart.as_deref().map(|subtype| (subtype, true));
            let heading = heading(multipart, &case.fields, None);
            ipm(&heading, &case.parts).constructed(Tag::new_context(0)).to_vec()
        }
        Some(content_type) => {
            envelope.content_type = match content_type.parse() {
                Ok(number) => ContentType::BuiltIn(number),
                Err(_) => ContentType::Extended(content_type.parse().unwrap()),
            };
            case.parts.iter().flat_map(encoded).collect()
        }
    };
    let input = to_internet::Input { envelope, content: content.into(), recipients: vec![1] };
    let converted = match with_context(&settings, |context| to_internet::to_internet(&input, context)) {
        Ok(converted) => converted,
        Err(refusal) => return (format!("refused: {refusal}"), Vec::new()),
    };
    told::check(&told::of_mail(&converted));
    let losses = converted.losses.as_slice().iter().filter(|loss| loss.location.contains("body"));
    let losses = losses.map(|loss| format!("{}: {} ({})", loss.location, loss.what, loss.reason)).collect();
    let octets = converted.content.to_vec();
    assert!(octets.is_ascii(), "{}", case.id);
    assert!(octets.split(|&octet| octet == b'\n').all(|line| line.len() < 1000), "{}", case.id);
    (content_of(&octets), losses)
}

fn to_parts(case: &Case) -> (Vec<String>, Vec<String>) {
    let mime = if case.mail.starts_with('\n') { "" } else { "MIME-Version: 1.0\n" };
    let mail = format!("{}{mime}{}", prohibition(case), case.mail);
    let converted = transferred(&mail, &settings_of(&case.settings));
    let losses = converted.losses.as_slice().iter().filter(|loss| loss.location.contains("body"));
    let losses = losses.map(|loss| format!("{}: {} ({})", loss.location, loss.what, loss.reason)).collect();
    let octets = converted.content.concat();
    if let Some(expected) = &case.content_type {
        let found = match &converted.content_type {
            ContentType::BuiltIn(number) => number.to_string(),
            ContentType::Extended(oid) => oid.to_string(),
            ContentType::Unknown(_) => String::new(),
        };
        assert_eq!(found, *expected, "{}", case.id);
        return (vec![shown(&octets)], losses);
    }
    let Ok(InformationObject::Ipm(ipm)) = ber::decode(&octets, octets.len()) else { panic!("{}", case.id) };
    let multipart = MultipartMessage::find(&ipm.heading.extensions).unwrap();
    let multipart = multipart.map(|value| value.subtype.to_text().into_owned());
    assert_eq!(multipart, case.multipart, "{}", case.id);
    (ipm.body.iter().map(|part: &BodyPart| shown(&ber::encode(part).unwrap())).collect(), losses)
}

/// Octets for a reader who compares.
fn shown(octets: &[u8]) -> String {
    octets.escape_ascii().to_string()
}

fn compare<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T, what: &str, faults: &mut Vec<String>) {
    if found != expected {
        faults.push(format!("{what}\n found    {found:#?}\n expected {expected:#?}"));
    }
}

fn compare_losses(found: &[String], case: &Case, faults: &mut Vec<String>) {
    let named = found.len() == case.lost.len()
        && found.iter().zip(&case.lost).all(|(one, lost)| one.contains(lost.as_str()));
    if !named {
        faults.push(format!("{}: losses {found:#?}, expected {:#?}", case.id, case.lost));
    }
}

#[test]
fn bodies() {
    let table: Table = toml::from_str(include_str!("bodies.toml")).unwrap();
    let mut faults = Vec::new();
    for case in &table.case {
        if case.way != "to-x400" {
            let (mail, losses) = to_mail(case);
            if mail.trim_end() != case.mail.trim_end() {
                faults.push(format!(
                    "{}: to the Internet\n--- found\n{mail}\n--- expected\n{}",
                    case.id, case.mail
                ));
            }
            compare_losses(&losses, case, &mut faults);
        }
        if case.way != "to-internet" {
            let (parts, losses) = to_parts(case);
            let expected: Vec<String> = case.parts.iter().map(|part| shown(&encoded(part))).collect();
            compare(&parts, &expected, &format!("{}: to X.400", case.id), &mut faults);
            if case.way == "to-x400" {
                compare_losses(&losses, case, &mut faults);
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// An interchange becomes an EDI message that says what its first segment says, and comes back as it was.
// ledger: beyond E-03 E-06 E-07 E-08
#[test]
fn an_interchange_is_an_edi_message() {
    let settings = Settings { edi: settings::EdiForm::Mail, ..settings_of(&toml::Table::new()) };
    let interchange =
        "UNA:+.? 'UNB+UNOA:1+SENDER:14+R:ZZ+250312:1200+REF1++ORDERS++1++1'UNH+1+ORDERS:D:96A:UN'";
    let mail = format!(
        "Message-ID: <e@a.example>\nMIME-Version: 1.0\nContent-Type: application/EDIFACT\n\n{interchange}"
    );
    let there = transferred(&mail, &settings);
    assert_eq!(there.content_type, ContentType::BuiltIn(35));
    let octets = there.content.concat();
    let Ok(EdiObject::Message(edim)) = ber::decode(&octets, octets.len()) else { panic!("no EDI message") };
    assert_eq!(edim.heading.edi_bodypart_type.to_string(), "2.6.7.11.0");
    let recipient = &edim.heading.recipients.unwrap()[0];
    assert!(recipient.test_indicator && recipient.acknowledgement_request);
    let input = to_internet::Input { envelope: there.envelope, content: octets.into(), recipients: vec![1] };
    let back = with_context(&settings, |context| to_internet::to_internet(&input, context)).unwrap();
    let text = String::from_utf8(back.content.to_vec()).unwrap();
    for line in [
        "Subject: EDI interchange REF1\r\n",
        "X400-EDI-Interchange-Sender: SENDER:14\r\n",
        "X400-EDI-Interchange-Recipient: R:ZZ\r\n",
        "X400-EDI-Application-Reference: ORDERS\r\n",
        "X400-EDI-Message-Type: ORDERS\r\n",
        "X400-EDI-Syntax: UNOA:1\r\n",
        "X400-EDI-Preparation-Date: Wed, 12 Mar 2025 12:00:00 +0000\r\n",
        "X400-EDI-Test-Indicator: yes\r\n",
        "X400-EDI-Acknowledgement-Request: yes\r\n",
        "Content-Type: application/EDIFACT; charset=us-ascii\r\n",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let back = x400_gateway::message::Message::parse(text.into());
    assert_eq!(back.root().octets_decoded().octets, interchange.as_bytes());
}

/// What became of the responsibility for an interchange is a disposition notification.
// ledger: beyond E-05
#[test]
fn edi_notifications_are_disposition_notifications() {
    let settings = Settings { edi: settings::EdiForm::Mail, ..settings_of(&toml::Table::new()) };
    let person = "/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/";
    let person = with_context(&settings, |context| context.mapper.parse_or(person)).unwrap();
    let common_fields = |edin_initiator| EdinCommonFields {
        subject_edim: EdimIdentifier {
            user: person.clone(),
            user_relative_identifier: "REF1".into(),
            unknown: Vec::new(),
        },
        edin_originator: person.clone(),
        first_recipient: None,
        notification_time: X400Time::new("250312120000Z"),
        notification_security_elements: None,
        edin_initiator,
        notification_extensions: None,
        unknown: Vec::new(),
    };
    let positive = Edin::Positive(PositiveNotification {
        common_fields: common_fields(EdinInitiator::INTERNAL_UA),
        supplementary_information: Some("booked".into()),
        extensions: None,
        unknown: Vec::new(),
    });
    let negative = Edin::Negative(NegativeNotification {
        common_fields: common_fields(EdinInitiator::EXTERNAL_UA),
        reason_code: NegativeReason::User(NegativeUserReason {
            basic_code: NegativeUserCode::SYNTAX_ERROR,
            diagnostic: None,
            unknown: Vec::new(),
        }),
        supplementary_information: None,
        extensions: None,
        unknown: Vec::new(),
    });
    let forwarded = Edin::Forwarded(ForwardedNotification {
        common_fields: EdinCommonFields {
            first_recipient: Some(person.clone()),
            ..common_fields(EdinInitiator::INTERNAL_MS)
        },
        forwarded_to: person.clone(),
        reason_code: ForwardedReason::UserAgent(ForwardedUserAgentReason {
            basic_code: ForwardedUserAgentCode::ONWARD_ROUTING,
            diagnostic: None,
            security_check: false,
            unknown: Vec::new(),
        }),
        supplementary_information: None,
        extensions: None,
        unknown: Vec::new(),
    });
    let automatic = "Disposition: automatic-action/MDN-sent-automatically; ";
    for (edin, expected) in [
        (positive, vec![format!("{automatic}processed"), "X400-Supplementary-Info: booked".into()]),
        (
            negative,
            vec![
                "Disposition: manual-action/MDN-sent-manually; processed/error".into(),
                "Error: syntax-error".into(),
            ],
        ),
        (
            forwarded,
            vec![
                format!("{automatic}dispatched"),
                "X400-EDI-Forwarded-To: /S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example".into(),
                "X400-EDI-First-Recipient: /S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example".into(),
                "X400-EDI-Forwarded-Reason: onward-routing".into(),
            ],
        ),
    ] {
        let mut envelope = transferred("\nx", &settings).envelope;
        envelope.content_type = ContentType::BuiltIn(35);
        let content = ber::encode(&EdiObject::Notification(edin)).unwrap();
        let input = to_internet::Input { envelope, content: content.into(), recipients: vec![1] };
        let mail = with_context(&settings, |context| to_internet::to_internet(&input, context)).unwrap();
        let text = String::from_utf8(mail.content.to_vec()).unwrap();
        let always = [
            "From: /S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example",
            "Content-Type: multipart/report; report-type=disposition-notification",
            "Content-Type: message/disposition-notification",
            "Final-Recipient: rfc822; /S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example",
            "Original-Message-ID: <REF1*/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@MHS>",
            "X400-EDI-Notification-Time: Wed, 12 Mar 2025 12:00:00 +0000",
        ];
        let unfolded = format!("\r\n{}", text.replace("\r\n ", " "));
        for line in always.into_iter().chain(expected.iter().map(String::as_str)) {
            assert!(unfolded.contains(&format!("\r\n{line}")), "{line} in {text}");
        }
        assert!(mail.losses.is_empty(), "{:?}", mail.losses);
    }
}

/// The envelope says what is inside, and a secured content is left alone on its way.
// ledger: mixer B-05; beyond B-09 S-05
#[test]
fn encoded_types_name_what_a_body_holds() {
    let mut settings = settings_of(&toml::Table::new());
    settings.attachments = settings::AttachmentForm::Bp15;
    settings.secured = settings::SecuredForm::Content;
    let object = "\nContent-Transfer-Encoding: base64\n\nMAA=";
    for (media_type, expected) in [
        ("application/x-own", "1.3.6.1.7.1.2.1.1"),
        ("application/oda", "2.8.0.0"),
        ("application/oda", "1.3.16.2.6.0.1"),
        ("application/pkcs7-mime; smime-type=enveloped-data", "1.2.840.113549.1.9.16.10.1"),
    ] {
        let mail = format!("MIME-Version: 1.0\nContent-Type: {media_type}{object}");
        let envelope = transferred(&mail, &settings).envelope;
        let types = envelope.original_encoded_information_types.unwrap().extended.unwrap();
        assert!(types.iter().any(|oid| oid.to_string() == expected), "{media_type}: {types:?}");
        let secured = media_type.starts_with("application/pkcs7");
        let indicators = envelope.per_message_indicators;
        assert_eq!(indicators.has(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED), secured);
        let lists = DlExpansionProhibited::find(&envelope.extensions);
        assert_eq!(lists.unwrap().is_some(), secured);
    }
}

/// A report inside a message keeps its fields.
// ledger: beyond B-18
#[test]
fn a_report_inside_is_a_delivery_status() {
    let settings = settings_of(&toml::Table::new());
    let envelope = transferred("\nx", &settings).envelope;
    let report = ReportDelivery {
        subject_submission_identifier: envelope.message_identifier.clone(),
        content_identifier: Some("mark".into()),
        content_type: None,
        original_encoded_information_types: None,
        returned_content: None,
        extensions: Vec::new(),
        per_recipient_fields: vec![PerRecipientReportDelivery {
            actual_recipient_name: envelope.per_recipient_fields[0].recipient_name.clone(),
            report_type: ReportType::NonDelivery(NonDeliveryReport {
                reason_code: 1,
                diagnostic_code: Some(0),
                unknown: Vec::new(),
            }),
            converted_encoded_information_types: None,
            originally_intended_recipient_name: None,
            supplementary_information: None,
            extensions: Vec::new(),
            unknown: Vec::new(),
        }],
        unknown: Vec::new(),
    };
    let part = BodyPart::ExternallyDefined(ForwardedReport::part(None, &report).unwrap());
    let mut plan = Plan::value(&heading(None, &[], None)).unwrap();
    plan.append(Plan::from(ber::encode(&part).unwrap()).constructed(Tag::SEQUENCE));
    let content = plan.constructed(Tag::new_context(0)).to_vec();
    let input = to_internet::Input { envelope, content: content.into(), recipients: vec![1] };
    let mail = with_context(&settings, |context| to_internet::to_internet(&input, context)).unwrap();
    let mail = String::from_utf8(mail.content.to_vec()).unwrap();
    for line in [
        "Content-Type: message/delivery-status\r\n",
        "X400-Content-Identifier: mark\r\n",
        "Action: failed\r\n",
        "Status: 5.1.1\r\n",
    ] {
        assert!(mail.contains(line), "{line} in {mail}");
    }
}

/// A file is named by its `Content-ID` as a message is by its `Message-ID`, and gets it back.
// ledger: mixer I-21
#[test]
fn content_ids_are_identifiers_like_any_other() {
    let settings = settings_of(&toml::Table::new());
    let mail = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: image/png\n\
         Content-ID: <pic.1@a.example>\n\nx\n--b\nContent-Type: image/png\n\
         Content-ID: <562*/S=kim/O=acme/ADMD=a/C=GB/@MHS>\n\ny\n--b--\n";
    let there = transferred(mail, &settings);
    let octets = there.content.concat();
    let Ok(InformationObject::Ipm(ipm)) = ber::decode(&octets, octets.len()) else { panic!("no message") };
    let named: Vec<_> = ipm
        .body
        .iter()
        .map(|part| {
            let BodyPart::ExternallyDefined(part) = part else { panic!("{part:?}") };
            let parameters = FileTransfer::parameters(part.parameters.as_ref()).unwrap().unwrap();
            let related = parameters.related_stored_file.unwrap();
            let [one] = related.as_slice() else { panic!("{related:?}") };
            let FileIdentifier::CrossReference(one) = &one.file_identifier else { panic!("{one:?}") };
            let name = one.message_reference.clone().unwrap();
            (name.user_relative_identifier.to_text().into_owned(), name.user.is_some())
        })
        .collect();
    assert_eq!(named, [("pic.1(a)a.example".to_owned(), false), ("562".to_owned(), true)]);
    let input = to_internet::Input { envelope: there.envelope, content: octets.into(), recipients: vec![1] };
    let back = with_context(&settings, |context| to_internet::to_internet(&input, context)).unwrap();
    let back = String::from_utf8(back.content.to_vec()).unwrap();
    for line in ["Content-ID: <pic.1@a.example>\r\n", "Content-ID: <562*/S=kim/O=acme/ADMD=a/C=GB/@MHS>\r\n"]
    {
        assert!(back.contains(line), "{line} in {back}");
    }
}

/// The numbers of RFC 2157 Appendix B.
// ledger: mixer OI-08 OI-09 OI-10
#[test]
fn numbers_of_rfc_2157() {
    use rasn_x400::x420::file_transfer::application;
    use rasn_x400::x420::heading::{MultipartMessageV1, PartialMessage};
    for (oid, dotted) in [
        (PartialMessage::ID, "1.3.6.1.7.1.1.1"),
        (MultipartMessageV1::ID, "1.3.6.1.7.1.1.2"),
        (MultipartMessage::ID, "1.3.6.1.7.1.1.3"),
        (kind::MIME_BODY_PART, "1.3.6.1.7.1.2.1.1"),
        (kind::MIME_POSTSCRIPT, "1.3.6.1.7.1.2.1.2"),
        (kind::MIME_JPEG, "1.3.6.1.7.1.2.1.3"),
        (kind::MIME_GIF, "1.3.6.1.7.1.2.1.4"),
        (application::MIME_BODY_PART, "1.3.6.1.7.1.2.1.5"),
        (kind::MIME_BODY_PART_PARAMETERS, "1.3.6.1.7.1.2.2.1"),
        (application::UNKNOWN_ATTACHMENT, "2.16.840.1.113694.2.2.1.1"),
        (rasn_x400::oids::APPLICATION_UNKNOWN_ATTACHMENT_DRAFT, "1.2.840.1.113694.2.2.1.1"),
    ] {
        assert_eq!(oid.to_string(), dotted);
    }
}
