use std::fmt::Write as _;

use rasn_x400::ber;
use rasn_x400::prim::{ExternalEncoding, RawTlv};
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x420::body::{BodyPart, kind};
use rasn_x400::x420::file_transfer::{
    ApplicationReference, DateAttribute, FileTransferParameters, Relationship,
};
use rasn_x400::x420::heading::{
    AutoSubmitted, Heading, HeadingExtension, IpmIdentifier, Languages, MultipartMessage, OrDescriptor,
    RecipientSpecifier, Rfc822Field,
};
use rasn_x400::x420::{InformationObject, Ipm};
use time::macros::datetime;

use super::*;
use crate::mixer::charset::t61;
use crate::mixer::settings::{AttachmentForm, EmptyBcc, MtsIdentifierSource, Renditions};
use crate::mixer::{AddressContext, MappedMailbox, Settings, Side};
use rasn_x400::oids::{EIT_FILE_TRANSFER, EIT_MIXER};

mod bodies;
mod edition_1984;
mod envelopes;
mod headings;
mod numbers;

/// Maps `given.surname@widget.example` by name and everything else into a domain-defined attribute; nothing at
/// `nowhere.example` can be mapped.
struct Table;

impl AddressMapper for Table {
    fn to_or(&self, address: &str, _: AddressContext) -> Result<MappedOr, AddressError> {
        let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
        if domain == "nowhere.example" {
            let address = address.to_owned();
            return Err(AddressError::Unmappable {
                address,
                sought: Side::X400,
                reason: "it is nowhere".into(),
                clause: "A-122",
            });
        }
        let text = match local.split_once('.').filter(|_| domain == "widget.example") {
            Some((given, surname)) => format!("/G={given}/S={surname}/PRMD=Widget/ADMD=BTT/C=TC/"),
            None => {
                let encoded = crate::mixer::printable::to_printable(address).unwrap_or_default();
                format!("/RFC-822={encoded}/PRMD=relay/ADMD=Gold 400/C=GB/")
            }
        };
        let or_address = self.parse_or(&text).ok_or_else(|| AddressError::Undetermined {
            address: address.to_owned(),
            sought: Side::X400,
            reason: "the test table is broken".into(),
        })?;
        Ok(MappedOr { or_address, steps: vec![] })
    }

    fn to_internet(&self, name: &OrName, _: AddressContext) -> Result<MappedMailbox, AddressError> {
        let address = self.show_or(name);
        Err(AddressError::Undetermined {
            address,
            sought: Side::Internet,
            reason: "the table is for one way".into(),
        })
    }

    fn management_domain(&self, domain: &str) -> Option<GlobalDomainIdentifier> {
        domain.ends_with("widget.example").then(|| GlobalDomainIdentifier::new("TC", "BTT", Some("Widget")))
    }
}

fn settings() -> Settings {
    Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")), "gw-mta", "gw.example")
}

fn input(text: &str) -> Input {
    Input {
        content: Bytes::from(text.to_owned()),
        reverse_path: Some("a@b.example".into()),
        options: MailOptions::default(),
        recipients: vec![Recipient {
            number: 1,
            address: "Jo.Linnimouth@widget.example".into(),
            ..Recipient::default()
        }],
    }
}

fn try_convert(input: &Input, settings: &Settings) -> Result<Converted, Refusal> {
    let context = Context {
        mapper: &Table,
        settings,
        message_identifier: "Q1",
        now: datetime!(2026-01-02 03:04:05 +1),
    };
    to_x400(input, &context)
}

fn convert(text: &str) -> Converted {
    try_convert(&input(text), &settings()).unwrap()
}

fn content(converted: &Converted) -> Vec<u8> {
    converted.content.concat()
}

fn ipm(converted: &Converted) -> Ipm {
    let octets = content(converted);
    match ber::decode::<InformationObject>(&octets, octets.len()) {
        Ok(InformationObject::Ipm(ipm)) => ipm,
        other => panic!("not a message: {other:?}"),
    }
}

/// A message the way the expectations are written: one line per element and body part, indented per level.
fn shown(text: &str) -> String {
    show_converted(&convert(text))
}

fn show_converted(converted: &Converted) -> String {
    let mut out = String::new();
    show_ipm(&ipm(converted), 0, &mut out);
    out
}

fn show_ipm(ipm: &Ipm, depth: usize, out: &mut String) {
    for line in heading_lines(&ipm.heading) {
        let _ = writeln!(out, "{}{line}", "  ".repeat(depth));
    }
    for part in &ipm.body {
        show_part(part, depth, out);
    }
}

fn heading_lines(heading: &Heading) -> Vec<String> {
    let mut lines = vec![format!("this-IPM: {}", identifier(&heading.this_ipm))];
    let mut line =
        |name: &str, value: Option<String>| lines.extend(value.map(|value| format!("{name}: {value}")));
    let all = |list: &Option<Vec<OrDescriptor>>| {
        list.as_ref().map(|list| list.iter().map(descriptor).collect::<Vec<_>>().join(", "))
    };
    let specified = |list: &Option<Vec<RecipientSpecifier>>| {
        list.as_ref().map(|list| list.iter().map(specifier).collect::<Vec<_>>().join(", "))
    };
    let identifiers = |list: &Option<Vec<IpmIdentifier>>| {
        list.as_ref().map(|list| list.iter().map(identifier).collect::<Vec<_>>().join(", "))
    };
    line("originator", heading.originator.as_ref().map(descriptor));
    line("authorizing", all(&heading.authorizing_users));
    line("primary", specified(&heading.primary_recipients));
    line("copy", specified(&heading.copy_recipients));
    line("blind", specified(&heading.blind_copy_recipients));
    line("replied-to", heading.replied_to_ipm.as_ref().map(identifier));
    line("obsoleted", identifiers(&heading.obsoleted_ipms));
    line("related", identifiers(&heading.related_ipms));
    line("subject", heading.subject.as_ref().map(|subject| t61::decode(subject.as_bytes())));
    line(
        "expiry",
        heading.expiry_time.as_ref().map(|time| String::from_utf8_lossy(time.as_bytes()).into_owned()),
    );
    line(
        "reply-by",
        heading.reply_time.as_ref().map(|time| String::from_utf8_lossy(time.as_bytes()).into_owned()),
    );
    line("reply-to", all(&heading.reply_recipients));
    line("importance", (heading.importance.0 != 1).then(|| heading.importance.0.to_string()));
    line("sensitivity", heading.sensitivity.map(|sensitivity| sensitivity.0.to_string()));
    line("auto-forwarded", heading.auto_forwarded.then(|| "TRUE".into()));
    if let Some(languages) = Languages::find(&heading.extensions).unwrap() {
        line(
            "languages",
            Some(languages.0.iter().map(|l| l.to_text().into_owned()).collect::<Vec<_>>().join(", ")),
        );
    }
    line(
        "auto-submitted",
        AutoSubmitted::find(&heading.extensions).unwrap().map(|value| value.0.to_string()),
    );
    let multipart = MultipartMessage::find(&heading.extensions).unwrap();
    line("multipart", multipart.map(|m| format!("{} {}", m.subtype.to_text(), m.is_a_message)));
    if heading.extensions.iter().any(|extension| extension.kind.to_string() == "2.6.1.5.0") {
        line("incomplete-copy", Some("NULL".into()));
    }
    for field in Rfc822Field::find(&heading.extensions).unwrap().unwrap_or_default() {
        line("field", Some(field.to_text().into_owned()));
    }
    lines
}

fn identifier(identifier: &IpmIdentifier) -> String {
    let user = identifier.user.as_ref().map(|user| Table.show_or(user)).unwrap_or_default();
    format!("{}*{user}", identifier.user_relative_identifier.to_text())
}

fn descriptor(descriptor: &OrDescriptor) -> String {
    let name = descriptor.free_form_name.as_ref().map(|name| format!("\"{}\"", t61::decode(name.as_bytes())));
    let formal = descriptor.formal_name.as_ref().map(|name| Table.show_or(name));
    name.into_iter().chain(formal).collect::<Vec<_>>().join(" ")
}

fn specifier(specifier: &RecipientSpecifier) -> String {
    let bits: Vec<_> = specifier.notification_requests.labels().filter_map(|(_, label)| label).collect();
    let requests = if bits.is_empty() { String::new() } else { format!(" [{}]", bits.join(" ")) };
    format!("{}{requests}", descriptor(&specifier.recipient))
}

fn show_part(part: &BodyPart, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match part {
        BodyPart::Ia5Text(text) => {
            let _ = writeln!(out, "{indent}- ia5 {}", text.data.to_text().escape_debug());
        }
        BodyPart::Teletex(text) => {
            let _ = writeln!(out, "{indent}- teletex {}", text.data[0].as_bytes().escape_ascii());
        }
        BodyPart::BilaterallyDefined(octets) => {
            let _ = writeln!(out, "{indent}- bp14 {}", octets.0.escape_ascii());
        }
        BodyPart::Message(forwarded) => {
            let _ = writeln!(out, "{indent}- message");
            if let Some(delivery) = &forwarded.parameters.delivery_envelope {
                let submitted = String::from_utf8_lossy(delivery.message_submission_time.as_bytes());
                let _ = writeln!(out, "{indent}  (submitted {submitted})");
            }
            show_ipm(&forwarded.message.get().unwrap(), depth + 1, out);
        }
        BodyPart::ExternallyDefined(part) => {
            let value = external(&part.data.encoding);
            if part.kind() == Some(&kind::GENERAL_TEXT) {
                let registrations: rasn_x400::prim::ListAsSet<i64> =
                    external(&part.parameters.as_ref().unwrap().encoding).get().unwrap();
                let _ = writeln!(
                    out,
                    "{indent}- general {:?} {}",
                    registrations.0,
                    value.contents().unwrap().escape_ascii()
                );
            } else {
                let parameters = external(&part.parameters.as_ref().unwrap().encoding).get().unwrap();
                show_file(&parameters, &value, &indent, out);
            }
        }
        other => {
            let _ = writeln!(out, "{indent}- {other:?}");
        }
    }
}

fn show_file(parameters: &FileTransferParameters, data: &RawTlv, indent: &str, out: &mut String) {
    let environment = parameters.environment.as_ref().unwrap();
    let Some(ApplicationReference::Registered(reference)) = &environment.application_reference else {
        panic!()
    };
    let attributes = parameters.file_attributes.as_ref().unwrap();
    let name = attributes
        .incomplete_pathname
        .as_ref()
        .map(|names| names[0].to_text().into_owned())
        .unwrap_or_default();
    let files: Vec<rasn_x400::prim::External> = data.get().unwrap();
    let ExternalEncoding::OctetAligned(octets) = &files[0].encoding else { panic!() };
    let _ = writeln!(out, "{indent}- file {reference} \"{name}\" {}", octets.0.escape_ascii());
    if let Some(DateAttribute::Actual(time)) = &attributes.created {
        let _ = writeln!(out, "{indent}  created: {}", String::from_utf8_lossy(time.as_bytes()));
    }
    for text in environment.user_visible_string.iter().flatten() {
        let _ = writeln!(out, "{indent}  description: {}", text.to_text());
    }
    for related in parameters.related_stored_file.iter().flatten() {
        let Some(Relationship::Descriptive(mark)) = &related.relationship else { panic!() };
        let _ = writeln!(out, "{indent}  related: {}", mark.to_text());
    }
    for field in parameters
        .extensions
        .as_deref()
        .map(Rfc822Field::find)
        .transpose()
        .unwrap()
        .flatten()
        .unwrap_or_default()
    {
        let _ = writeln!(out, "{indent}  field: {}", field.to_text());
    }
}

fn external(encoding: &ExternalEncoding) -> RawTlv {
    match encoding {
        ExternalEncoding::SingleAsn1Type(value) => value.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_element_says_where_it_came_from() {
    let converted = convert(
        "Subject: x\nX-Foo: y\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\nSubject: inner\n\ndeep",
    );
    let trail = converted.trail.as_slice().iter();
    let trail: Vec<_> = trail
        .filter(|origin| !origin.output.starts_with("envelope.") && !origin.output.starts_with("address "))
        .map(|origin| format!("{} <- {} [{}]", origin.output, origin.source, origin.clause))
        .collect();
    assert_eq!(
        trail,
        [
            "heading.subject <- header Subject [H-24]",
            "heading.extensions.rfc-822-field <- header X-Foo [H-05]",
            "body[0].heading.subject <- body header Subject [H-24]",
            "body[0].body[0] <- body body [beyond B-10]",
            "body[0].heading.this-IPM <- made by the gateway [I-11]",
            "body[0] <- body [B-16]",
            "heading.this-IPM <- made by the gateway [I-11]",
        ]
    );
}

proptest::proptest! {
    /// Whatever comes in, what goes out is an interpersonal message.
    #[test]
    fn any_octets_become_a_message(octets: Vec<u8>) {
        let mut input = input("");
        input.content = octets.into();
        ipm(&try_convert(&input, &settings()).unwrap());
    }

    #[test]
    fn any_fields_become_a_message(
        fields in proptest::collection::vec(
            "(From|To|Bcc|Date|Subject|Message-ID|References|Received|X400-Received|Content-Type|MIME-Version|Expires|DL-Expansion-History|Content-Disposition|Conversion): [ -~é]{0,60}\n",
            0..8,
        )
    ) {
        let text = format!("{}\n\nbody", fields.concat());
        let converted = try_convert(&input(&text), &settings()).unwrap();
        ipm(&converted);
        ber::encode(&converted.envelope).unwrap();
    }
}
