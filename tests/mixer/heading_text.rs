//! Headings as lines, `element: value`, so that an example can be read and written without ASN.1.
//!
//! People: `free-form name | O/R address | tel …; directory …; reply; rn; nrn; ipm-return; extension …`, any of them empty.
//! Identifiers: `user-relative identifier | O/R address`. An element that is a list has a line for each member; an empty
//! list is `(empty)`. Any extension: `extension: object identifier, then the value in hexadecimal`.

use rasn_x400::prim::{Ia5String, ListAsSet, PrintableString, RawTlv, TeletexString, X400Time};
use rasn_x400::stanag4406::mmhs;
use rasn_x400::x411::address::{OrName, UniversalOrBmp, text};
use rasn_x400::x420::heading::*;
use x400_gateway::mixer::charset::t61;

use crate::world::NOTHING;

/// A heading written as lines.
pub(crate) fn parse(lines: &str) -> Heading {
    let mut heading = Heading::default();
    heading.this_ipm.user_relative_identifier = "1".into();
    let mut fields: Vec<Ia5String> = Vec::new();
    for line in lines.lines().filter(|line| !line.trim().is_empty()) {
        let (element, value) = line.split_once(':').unwrap_or_else(|| panic!("no element in `{line}`"));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match element.trim() {
            "this-IPM" => heading.this_ipm = identifier(value),
            "originator" => heading.originator = Some(descriptor(value)),
            "authorizing-users" => add(&mut heading.authorizing_users, value, descriptor),
            "primary-recipients" => add(&mut heading.primary_recipients, value, specifier),
            "copy-recipients" => add(&mut heading.copy_recipients, value, specifier),
            "blind-copy-recipients" => add(&mut heading.blind_copy_recipients, value, specifier),
            "reply-recipients" => add(&mut heading.reply_recipients, value, descriptor),
            "replied-to-IPM" => heading.replied_to_ipm = Some(identifier(value)),
            "related-IPMs" => add(&mut heading.related_ipms, value, identifier),
            "obsoleted-IPMs" => add(&mut heading.obsoleted_ipms, value, identifier),
            "subject" => {
                // `\\r\\n` stands for a line end, which no T.61 text may hold.
                let lines = value.split("\\r\\n").map(|line| t61::encode(line).octets);
                heading.subject = Some(TeletexString::new(lines.collect::<Vec<_>>().join(&b"\r\n"[..])));
            }
            "expiry-time" => heading.expiry_time = Some(X400Time::new(value)),
            "reply-time" => heading.reply_time = Some(X400Time::new(value)),
            "importance" => heading.importance = Importance(value.parse().unwrap()),
            "sensitivity" => heading.sensitivity = Some(Sensitivity(value.parse().unwrap())),
            "auto-forwarded" => heading.auto_forwarded = value == "TRUE",
            "rfc-822-field" => fields.push(value.replace("\\r\\n", "\r\n").into()),
            other => heading.extensions.push(extension(other, value)),
        }
    }
    if !fields.is_empty() {
        heading.extensions.push(Rfc822Field::field(&fields).unwrap());
    }
    heading
}

fn add<T>(list: &mut Option<Vec<T>>, value: &str, read: impl Fn(&str) -> T) {
    let list = list.get_or_insert_with(Vec::new);
    if value != "(empty)" {
        list.push(read(value));
    }
}

fn extension(name: &str, value: &str) -> HeadingExtensionField {
    let strings = |value: &str| value.split("; ").map(Into::into).collect::<Vec<PrintableString>>();
    match name {
        "incomplete-copy" => IncompleteCopy::field(&NOTHING),
        "languages" => Languages::field(&ListAsSet(value.split(' ').map(Into::into).collect())),
        "auto-submitted" => AutoSubmitted::field(&AutoSubmittedValue(value.parse().unwrap())),
        "extended-subject" => ExtendedSubject::field(&UniversalOrBmp::from_text(value)),
        "originators-reference" => OriginatorsReference::field(&UniversalOrBmp::from_text(value)),
        "primary-precedence" => mmhs::PrimaryPrecedence::field(&mmhs::MmhsPrecedence(value.parse().unwrap())),
        "copy-precedence" => mmhs::CopyPrecedence::field(&mmhs::MmhsPrecedence(value.parse().unwrap())),
        "message-type" => {
            let (kind, identifier) =
                value.split_once(' ').map_or((value, None), |(kind, text)| (kind, Some(text)));
            mmhs::MessageType::field(&mmhs::MessageTypeValue {
                kind: mmhs::TypeOfMessage(kind.parse().unwrap()),
                identifier: identifier.map(Into::into),
                unknown: Vec::new(),
            })
        }
        "exempted-address" => mmhs::ExemptedAddresses::field(&value.split(", ").map(descriptor).collect()),
        "extended-authorisation-info" => mmhs::ExtendedAuthorisationInfo::field(&X400Time::new(value)),
        "sics" => mmhs::MilitaryDistributionCodes::field(&mmhs::MilitaryDistributionCodesValue {
            sics: Some(strings(value)),
            ..Default::default()
        }),
        "handling-instructions" => mmhs::HandlingInstructions::field(&strings(value)),
        "message-instructions" => mmhs::MessageInstructions::field(&strings(value)),
        "codress-message" => mmhs::CodressMessage::field(&value.parse().unwrap()),
        "originator-reference" => mmhs::OriginatorReference::field(&value.into()),
        "other-recipients-indicator" => {
            let one = |text: &str| {
                let (kind, designator) = text.split_once(' ').unwrap();
                mmhs::OtherRecipientDesignator {
                    kind: if kind == "to" { mmhs::RecipientKind::PRIMARY } else { mmhs::RecipientKind::COPY },
                    designator: designator.into(),
                    unknown: Vec::new(),
                }
            };
            mmhs::OtherRecipientsIndicator::field(&value.split("; ").map(one).collect())
        }
        "acp127-message-identifier" => mmhs::Acp127MessageIdentifier::field(&value.into()),
        "originator-plad" => mmhs::OriginatorPlad::field(&value.into()),
        "extension" => {
            let (kind, octets) = value.split_once(' ').unwrap();
            Ok(HeadingExtensionField {
                kind: kind.parse().unwrap(),
                value: Some(RawTlv::from_element(octets_of(octets))),
            })
        }
        other => panic!("no element `{other}`"),
    }
    .unwrap()
}

pub(crate) fn octets_of(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn or_name(value: &str) -> OrName {
    text::parse(value).unwrap_or_else(|error| panic!("{value}: {error}")).to_or_name().unwrap()
}

pub(crate) fn identifier(value: &str) -> IpmIdentifier {
    let (relative, user) = value.split_once(" | ").map_or((value, None), |(one, two)| (one, Some(two)));
    IpmIdentifier { user: user.map(or_name), user_relative_identifier: relative.into(), unknown: Vec::new() }
}

pub(crate) fn descriptor(value: &str) -> OrDescriptor {
    specifier(value).recipient
}

pub(crate) fn specifier(value: &str) -> RecipientSpecifier {
    let mut parts = value.split('|').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty());
    let address = parts.next().filter(|address| !address.is_empty());
    let mut recipient = OrDescriptor {
        free_form_name: name.map(|name| TeletexString::new(t61::encode(name).octets)),
        formal_name: address.map(or_name),
        ..OrDescriptor::default()
    };
    let mut specifier = RecipientSpecifier::default();
    let mut bits = Vec::new();
    for option in parts.next().unwrap_or_default().split(';').map(str::trim).filter(|one| !one.is_empty()) {
        match option.split_once(' ').unwrap_or((option, "")) {
            ("tel", number) => recipient.telephone_number = Some(number.into()),
            ("directory", octets) => {
                let name = recipient.formal_name.get_or_insert_with(OrName::default);
                name.directory_name = Some(RawTlv::from_element(octets_of(octets)));
            }
            ("reply", _) => specifier.reply_requested = true,
            ("rn", _) => bits.push(NotificationRequests::RECEIPT),
            ("nrn", _) => bits.push(NotificationRequests::NON_RECEIPT),
            ("ipm-return", _) => bits.push(NotificationRequests::IPM_RETURN),
            ("extension", field) => {
                let (kind, octets) = field.split_once(' ').unwrap();
                specifier.extensions.push(HeadingExtensionField {
                    kind: kind.parse().unwrap(),
                    value: Some(RawTlv::from_element(octets_of(octets))),
                });
            }
            _ => panic!("no option `{option}`"),
        }
    }
    specifier.notification_requests = NotificationRequests::with(&bits);
    RecipientSpecifier { recipient, ..specifier }
}

/// The lines of a heading, as [`parse`] reads them; extensions as object identifier and octets, except for those with text.
pub(crate) fn show(heading: &Heading) -> Vec<String> {
    let mut lines = vec![format!("this-IPM: {}", show_identifier(&heading.this_ipm))];
    let mut line =
        |element: &str, value: String| lines.push(format!("{element}: {value}").trim_end().to_owned());
    if let Some(one) = &heading.originator {
        line("originator", show_descriptor(one, String::new()));
    }
    for one in heading.authorizing_users.iter().flatten() {
        line("authorizing-users", show_descriptor(one, String::new()));
    }
    let lists = [
        ("primary-recipients", &heading.primary_recipients),
        ("copy-recipients", &heading.copy_recipients),
        ("blind-copy-recipients", &heading.blind_copy_recipients),
    ];
    for (element, list) in lists {
        if list.as_ref().is_some_and(Vec::is_empty) {
            line(element, "(empty)".to_owned());
        }
        for one in list.iter().flatten() {
            line(element, show_specifier(one));
        }
    }
    if let Some(one) = &heading.replied_to_ipm {
        line("replied-to-IPM", show_identifier(one));
    }
    for one in heading.obsoleted_ipms.iter().flatten() {
        line("obsoleted-IPMs", show_identifier(one));
    }
    for one in heading.related_ipms.iter().flatten() {
        line("related-IPMs", show_identifier(one));
    }
    if let Some(subject) = &heading.subject {
        line("subject", t61::decode(subject.as_bytes()));
    }
    if let Some(time) = &heading.expiry_time {
        line("expiry-time", time.to_string());
    }
    if let Some(time) = &heading.reply_time {
        line("reply-time", time.to_string());
    }
    for one in heading.reply_recipients.iter().flatten() {
        line("reply-recipients", show_descriptor(one, String::new()));
    }
    if heading.importance != Importance::NORMAL {
        line("importance", heading.importance.0.to_string());
    }
    if let Some(value) = heading.sensitivity {
        line("sensitivity", value.0.to_string());
    }
    if heading.auto_forwarded {
        line("auto-forwarded", "TRUE".to_owned());
    }
    for extension in &heading.extensions {
        if extension.kind == Rfc822Field::ID {
            for field in extension.get::<Vec<Ia5String>>().unwrap() {
                line("rfc-822-field", field.to_text().into_owned());
            }
        } else {
            let octets: String = extension
                .value
                .as_ref()
                .map_or(&[5, 0][..], |value| value.as_bytes())
                .iter()
                .map(|octet| format!("{octet:02X}"))
                .collect();
            line("extension", format!("{} {octets}", extension.kind));
        }
    }
    lines
}

fn show_or(name: &OrName) -> String {
    text::KeyedAddress::from_or_name(name).address.to_std_or()
}

fn show_identifier(identifier: &IpmIdentifier) -> String {
    let relative = identifier.user_relative_identifier.to_text();
    match &identifier.user {
        Some(user) => format!("{relative} | {}", show_or(user)),
        None => relative.into_owned(),
    }
}

fn show_descriptor(descriptor: &OrDescriptor, options: String) -> String {
    let name =
        descriptor.free_form_name.as_ref().map(|name| t61::decode(name.as_bytes())).unwrap_or_default();
    let address = descriptor.formal_name.as_ref().map(show_or).unwrap_or_default();
    let mut options = options;
    if let Some(number) = &descriptor.telephone_number {
        options = format!("tel {}; {options}", number.to_text());
    }
    let parts = [name, address, options.trim_end_matches("; ").to_owned()];
    let text = parts.join(" | ");
    text.trim_end_matches([' ', '|']).to_owned()
}

fn show_specifier(specifier: &RecipientSpecifier) -> String {
    let mut options = String::new();
    if specifier.reply_requested {
        options.push_str("reply; ");
    }
    for (bit, name) in [
        (NotificationRequests::RECEIPT, "rn; "),
        (NotificationRequests::NON_RECEIPT, "nrn; "),
        (NotificationRequests::IPM_RETURN, "ipm-return; "),
    ] {
        if specifier.notification_requests.has(bit) {
            options.push_str(name);
        }
    }
    show_descriptor(&specifier.recipient, options)
}
