//! Notifications: the examples of `notifications.toml`, both ways.

use std::fmt::Write as _;

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::prim::X400Time;
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerMessageIndicators, PerRecipientFields,
    PerRecipientIndicators, Priority,
};
use rasn_x400::x411::extension::{
    Extension, IntendedRecipient, Redirection, RedirectionHistory, RedirectionReason,
};
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x420::body::{BodyPart, Ia5Text, Ia5TextParameters};
use rasn_x400::x420::heading::{
    Heading, HeadingExtension as _, HeadingExtensionField, IpmIdentifier, NotificationRequests, OrDescriptor,
    RecipientSpecifier,
};
use rasn_x400::x420::notification::{
    AbsenceAdvice, AbsenceAdviceValue, AcknowledgmentMode, DiscardReason, Ipn, NonReceiptFields,
    NonReceiptReason, NotificationChoice, ReceiptFields,
};
use rasn_x400::x420::{InformationObject, Ipm};
use serde::Deserialize;
use time::macros::datetime;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::correlation::{Correlation, Key};
use x400_gateway::mixer::encoded_types::EncodedTypes;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::report::text_forms::{date, encoded_types, std_or};
use x400_gateway::mixer::settings::NotificationForm;
use x400_gateway::mixer::{Context, Settings, notification, to_internet, to_x400};
use x400_gateway::rules::Rules;

use crate::reports::judge;
use crate::told;

const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=GB"
route_unmapped = "encapsulate"
encapsulate_via = "P=gw; A=Gold 400; C=GB"
[[equivalence]]
domain = "widget.example"
or = "O=Widget; A=BTT; C=TC"
"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    from_x400: Vec<FromX400>,
    to_x400: Vec<ToX400>,
}

/// A notification, and the lines that the mail made of it must have or must not have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FromX400 {
    name: String,
    #[allow(dead_code, reason = "for the ledger")]
    ids: String,
    #[serde(default)]
    settings: Vec<String>,
    notification: String,
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    /// Whether the mail comes back as the notification it was.
    #[serde(default)]
    back: bool,
}

/// A mail, and the notification made of it; nothing if it goes as a message.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ToX400 {
    name: String,
    #[allow(dead_code, reason = "for the ledger")]
    ids: String,
    #[serde(default)]
    settings: Vec<String>,
    mail: String,
    notification: String,
    /// What is said to be lost.
    #[serde(default)]
    lost: Vec<String>,
}

fn table() -> Table {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mixer/notifications.toml");
    toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap_or_else(|error| panic!("{error}"))
}

fn run<T>(changed: &[String], work: impl FnOnce(&Context<'_>) -> T) -> T {
    let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let mut settings =
        Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")), "gw-mta", "gw.example");
    for change in changed {
        match change.as_str() {
            "rfc2156" => settings.notifications = NotificationForm::Rfc2156,
            "dsn-final-rfc822" => settings.dsn_final_rfc822 = true,
            "receipts" => settings.receipt_requests = true,
            other => panic!("no such setting: {other}"),
        }
    }
    let mapper = Mapper::new(&rules);
    work(&Context {
        mapper: &mapper,
        settings: &settings,
        message_identifier: "QID1",
        now: datetime!(1989-06-21 09:00 +1),
    })
}

fn descriptor(text: &str) -> OrDescriptor {
    let (name, address) =
        text.split_once(" <").map_or(("", text), |(name, address)| (name, address.trim_end_matches('>')));
    OrDescriptor {
        formal_name: Some(
            run(&[], |context| context.mapper.parse_or(address)).unwrap_or_else(|| panic!("{text}")),
        ),
        free_form_name: (!name.is_empty()).then(|| name.into()),
        ..OrDescriptor::default()
    }
}

/// A message in which somebody says something.
fn ipm(text: &str) -> Ipm {
    let body =
        Ia5Text { parameters: Ia5TextParameters::default(), data: format!("{text}\r\n").as_str().into() };
    let this_ipm = IpmIdentifier { user_relative_identifier: "1803".into(), ..IpmIdentifier::default() };
    Ipm {
        heading: Heading { this_ipm, subject: Some("Greetings.".into()), ..Heading::default() },
        body: vec![BodyPart::Ia5Text(body)],
    }
}

/// A notification from its text, and the recipient's name before redirection.
fn notification_of(text: &str) -> (Ipn, Option<String>) {
    let mut ipn = Ipn {
        subject_ipm: IpmIdentifier::default(),
        ipn_originator: None,
        ipm_intended_recipient: None,
        conversion_eits: None,
        notification_extensions: Vec::new(),
        choice: NotificationChoice::Other(Vec::new()),
        unknown: Vec::new(),
    };
    let mut redirected = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("no colon: {line}"));
        match (key, &mut ipn.choice) {
            ("subject", _) => {
                let (relative, user) = value.split_once('*').unwrap_or((value, ""));
                ipn.subject_ipm.user_relative_identifier = relative.into();
                ipn.subject_ipm.user = (!user.is_empty()).then(|| descriptor(user).formal_name).flatten();
            }
            ("from", _) => ipn.ipn_originator = Some(descriptor(value)),
            ("meant-for", _) => ipn.ipm_intended_recipient = Some(descriptor(value)),
            ("redirected-from", _) => redirected = Some(value.to_owned()),
            ("types", _) => ipn.conversion_eits = Some(EncodedTypes::parse(value).0.to_asn1()),
            ("extension", _) => ipn
                .notification_extensions
                .push(HeadingExtensionField { kind: value.parse().unwrap(), value: None }),
            ("received", choice) => {
                let (mode, time) = value.split_once(" at ").unwrap();
                *choice = NotificationChoice::Receipt(ReceiptFields {
                    receipt_time: X400Time::new(time),
                    acknowledgment_mode: match mode {
                        "manually" => AcknowledgmentMode::MANUAL,
                        _ => AcknowledgmentMode::AUTOMATIC,
                    },
                    supplementary_receipt_information: None,
                    rn_extensions: Vec::new(),
                    unknown: Vec::new(),
                });
            }
            ("more", NotificationChoice::Receipt(fields)) => {
                fields.supplementary_receipt_information = Some(value.into());
            }
            ("discarded" | "forwarded", choice) => {
                let discarded = key == "discarded";
                *choice = NotificationChoice::NonReceipt(NonReceiptFields {
                    non_receipt_reason: if discarded {
                        NonReceiptReason::IPM_DISCARDED
                    } else {
                        NonReceiptReason::IPM_AUTO_FORWARDED
                    },
                    discard_reason: discarded.then(|| DiscardReason(value.parse().unwrap())),
                    auto_forward_comment: (!discarded && value != "-").then(|| value.into()),
                    returned_ipm: None,
                    nrn_extensions: Vec::new(),
                    unknown: Vec::new(),
                });
            }
            ("returns", NotificationChoice::NonReceipt(fields)) => fields.returned_ipm = Some(ipm(value)),
            ("absent", choice) => {
                let advice = AbsenceAdviceValue {
                    advice: ipm(value).body.pop(),
                    next_available: Some(X400Time::new("890630080000Z")),
                    ..AbsenceAdviceValue::default()
                };
                *choice = NotificationChoice::Other(vec![AbsenceAdvice::field(&advice).unwrap()]);
            }
            _ => panic!("no such key: {line}"),
        }
    }
    (ipn, redirected)
}

fn envelope(recipient: &str) -> MessageTransferEnvelope {
    let domain = GlobalDomainIdentifier::new("TC", "BTT", None);
    MessageTransferEnvelope {
        message_identifier: MtsIdentifier { domain, local_identifier: "N-1".into(), unknown: Vec::new() },
        originator_name: descriptor("/S=steve/O=Widget/ADMD=BTT/C=TC/").formal_name.unwrap(),
        original_encoded_information_types: None,
        content_type: ContentType::P22,
        content_identifier: None,
        priority: Priority::NORMAL,
        per_message_indicators: PerMessageIndicators::default(),
        deferred_delivery_time: None,
        per_domain_bilateral_information: None,
        trace_information: Vec::new(),
        extensions: Vec::new(),
        per_recipient_fields: vec![PerRecipientFields {
            recipient_name: descriptor(recipient).formal_name.unwrap(),
            originally_specified_recipient_number: 1,
            per_recipient_indicators: PerRecipientIndicators::with(&[PerRecipientIndicators::RESPONSIBILITY]),
            explicit_conversion: None,
            extensions: Vec::new(),
            unknown: Vec::new(),
        }],
        unknown: Vec::new(),
    }
}

const JULIAN: &str = "/RFC-822=jpo(a)cs.example/O=gateway/PRMD=gw/ADMD=Gold 400/C=GB/";

fn input(text: &str) -> to_internet::Input {
    let (ipn, redirected) = notification_of(text);
    let mut envelope = envelope(JULIAN);
    if let Some(before) = redirected {
        let step = Redirection {
            intended_recipient: IntendedRecipient {
                recipient: descriptor(&before).formal_name.unwrap(),
                redirection_time: X400Time::new("890621074525Z"),
                unknown: Vec::new(),
            },
            reason: RedirectionReason::ALIAS,
            unknown: Vec::new(),
        };
        envelope.per_recipient_fields[0].extensions.push(RedirectionHistory::field(&vec![step]).unwrap());
    }
    let content = ber::encode(&InformationObject::Ipn(ipn)).unwrap();
    to_internet::Input { envelope, content: content.into(), recipients: vec![1] }
}

fn mail(case: &FromX400) -> String {
    let input = input(&case.notification);
    let converted = run(&case.settings, |context| to_internet::to_internet(&input, context)).unwrap();
    told::check(&told::of_header(&converted));
    // D-55, F-18
    assert_eq!(converted.reverse_path, None, "{}", case.name);
    String::from_utf8(converted.content.to_vec()).unwrap()
}

#[test]
fn notifications_become_mails() {
    let mut faults = String::new();
    for case in table().from_x400 {
        let text = mail(&case);
        let lines = super::reports::unfolded(&text);
        for line in case.has.iter().filter(|line| !lines.contains(line)) {
            writeln!(faults, "{}: no line\n{line}\nin\n{text}", case.name).unwrap();
        }
        for line in case.lacks.iter().filter(|line| text.contains(*line)) {
            writeln!(faults, "{}: {line}\nin\n{text}", case.name).unwrap();
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// A notification as the expectations are written.
fn shown(ipn: &Ipn) -> String {
    let mut out = String::new();
    let mut line = |name: &str, value: String| writeln!(out, "{name}: {value}").unwrap();
    let people = |one: &OrDescriptor| {
        let address = one.formal_name.as_ref().map(std_or).unwrap_or_default();
        match &one.free_form_name {
            Some(name) => format!("{name} <{address}>"),
            None => address,
        }
    };
    let user = ipn.subject_ipm.user.as_ref().map(|user| format!("*{}", std_or(user))).unwrap_or_default();
    line("subject", format!("{}{user}", ipn.subject_ipm.user_relative_identifier));
    if let Some(one) = &ipn.ipn_originator {
        line("from", people(one));
    }
    if let Some(one) = &ipn.ipm_intended_recipient {
        line("meant-for", people(one));
    }
    if let Some(types) = &ipn.conversion_eits {
        line("types", encoded_types(types));
    }
    match &ipn.choice {
        NotificationChoice::Receipt(fields) => {
            let mode = if fields.acknowledgment_mode == AcknowledgmentMode::MANUAL {
                "manually"
            } else {
                "automatically"
            };
            line("received", format!("{mode} at {}", date(&fields.receipt_time)));
            if let Some(more) = &fields.supplementary_receipt_information {
                line("more", more.to_string());
            }
        }
        NotificationChoice::NonReceipt(fields) => {
            if fields.non_receipt_reason == NonReceiptReason::IPM_DISCARDED {
                line("discarded", fields.discard_reason.map(|why| why.0.to_string()).unwrap_or_default());
            } else {
                line(
                    "forwarded",
                    fields.auto_forward_comment.as_ref().map_or_else(|| "-".into(), ToString::to_string),
                );
            }
            if let Some(BodyPart::Ia5Text(text)) =
                fields.returned_ipm.as_ref().and_then(|ipm| ipm.body.first())
            {
                line("returns", text.data.to_string().trim_end().to_owned());
            }
        }
        other => line("other", format!("{other:?}")),
    }
    out
}

fn to_notification(mail: Bytes, settings: &[String]) -> (to_x400::Converted, Option<Ipn>) {
    let input = to_x400::Input {
        content: mail,
        reverse_path: None,
        options: MailOptions::default(),
        recipients: vec![Recipient {
            number: 1,
            address: "kim@widget.example".into(),
            ..Recipient::default()
        }],
    };
    let converted =
        run(settings, |context| to_x400::to_x400(&input, context)).unwrap_or_else(|error| panic!("{error}"));
    let octets = converted.content.concat();
    let ipn = match ber::decode(&octets, octets.len()).unwrap() {
        InformationObject::Ipn(ipn) => Some(ipn),
        _ => None,
    };
    (converted, ipn)
}

#[test]
fn disposition_notifications_become_notifications() {
    let mut faults = String::new();
    let mut units = Vec::new();
    for case in table().to_x400 {
        let (converted, ipn) = to_notification(case.mail.replace('\n', "\r\n").into(), &case.settings);
        let shown = ipn.as_ref().map(shown).unwrap_or_default();
        if shown.trim_end() != case.notification.trim_end() {
            writeln!(faults, "{}\n{shown}instead of\n{}", case.name, case.notification).unwrap();
        }
        for what in &case.lost {
            if !converted.losses.as_slice().iter().any(|loss| loss.what.contains(what.as_str())) {
                writeln!(faults, "{}\n{what} is not said to be lost", case.name).unwrap();
            }
        }
        units.push((case.name, converted.mts_apdu().unwrap().to_vec()));
    }
    assert!(faults.is_empty(), "{faults}");
    judge::named_mts_apdus(&units).assert_clean();
}

/// Y-02 and Y-03 are each other's inverse.
#[test]
fn notifications_come_back_as_they_were() {
    for case in table().from_x400.into_iter().filter(|case| case.back) {
        let settings: Vec<_> = case.settings.iter().cloned().chain(["receipts".to_owned()]).collect();
        let (_, back) = to_notification(mail(&case).into(), &settings);
        let back = back.unwrap_or_else(|| panic!("{}: a message came back", case.name));
        let (there, _) = notification_of(&case.notification);
        assert_eq!(shown(&back), shown(&there), "{}", case.name);
    }
}

/// I-04, Y-25: what is remembered of a mail makes its identifier whole again in the notification about it.
#[test]
fn a_cut_identifier_is_made_whole() {
    let long = format!("{}@cs.example", "x".repeat(60));
    let there = to_x400::Input {
        content: format!("From: jpo@cs.example\r\nMessage-ID: <{long}>\r\n\r\nHello.\r\n").into(),
        reverse_path: Some("jpo@cs.example".into()),
        options: MailOptions { envelope_id: Some("e1".into()), ..MailOptions::default() },
        recipients: vec![Recipient {
            number: 1,
            address: "steve@widget.example".into(),
            ..Recipient::default()
        }],
    };
    let converted = run(&[], |context| to_x400::to_x400(&there, context)).unwrap();
    let known = Correlation::of_mail(&there, &converted);
    assert_eq!(known.message_id.as_ref(), Some(&long));
    assert_eq!(known.keys().len(), 4);
    let cut = converted.this_ipm.user_relative_identifier.to_string();
    // It names the message by what is left of its identifier.
    assert_eq!(known.keys()[3], Key::cut(&cut));
    let text = format!(
        "subject: {cut}\nfrom: /S=steve/O=Widget/ADMD=BTT/C=TC/\nreceived: manually at 890621074525Z"
    );
    let back =
        run(&[], |context| notification::to_internet::to_internet(&input(&text), Some(&known), context))
            .unwrap();
    let text = String::from_utf8(back.content.to_vec()).unwrap();
    let lines = super::reports::unfolded(&text);
    assert!(lines.contains(&format!("References: <{long}>")), "{text}");
    assert!(lines.contains(&format!("Original-Message-ID: <{long}>")), "{text}");
}

/// Y-04: a request for a receipt goes to whoever sent the mail. N-18: the gateway itself answers none.
#[test]
fn requests_for_receipts_are_passed_on() {
    let asked = |bits: &[usize], recipient: &str, settings: &[String]| {
        let mut ipm = ipm("Hello");
        ipm.heading.originator = Some(descriptor("/S=steve/O=Widget/ADMD=BTT/C=TC/"));
        ipm.heading.primary_recipients = Some(vec![RecipientSpecifier {
            recipient: descriptor(recipient),
            notification_requests: NotificationRequests::with(bits),
            reply_requested: false,
            extensions: Vec::new(),
            unknown: Vec::new(),
        }]);
        let content = ber::encode(&InformationObject::Ipm(ipm)).unwrap();
        let input =
            to_internet::Input { envelope: envelope(JULIAN), content: content.into(), recipients: vec![1] };
        let converted = run(settings, |context| to_internet::to_internet(&input, context)).unwrap();
        String::from_utf8(converted.content.to_vec()).unwrap()
    };
    let on = ["receipts".to_owned()];
    let field = "Disposition-Notification-To: steve@widget.example\r\n";
    let receipt = [NotificationRequests::RECEIPT, NotificationRequests::NON_RECEIPT];
    assert!(asked(&receipt, JULIAN, &on).contains(field));
    for text in [asked(&receipt, JULIAN, &[]), asked(&[NotificationRequests::NON_RECEIPT], JULIAN, &on)] {
        assert!(!text.contains("Disposition-Notification-To"), "{text}");
    }
}
