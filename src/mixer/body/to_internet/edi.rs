//! Contents of type P35: EDI messages and notifications as mail (X.435; ledger E-03, E-05, E-06).

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::Limits;
use rasn_x400::prim::TeletexString;
use rasn_x400::x411::address::OrName;
use rasn_x400::x420::heading::IpmIdentifier;
use rasn_x400::x435::edim::{EdimHeading, EdimIdentifier, EdimRecipient};
use rasn_x400::x435::edin::{Edin, EdinCommonFields, EdinInitiator};
use rasn_x400::x435::reason::{ForwardedReason, NegativeReason};

use super::part::part;
use super::{Made, Place, multipart_of};
use crate::message::date::format_date;
use crate::mixer::AddressContext;
use crate::mixer::body::element::Element;
use crate::mixer::body::{edi, encoding, sniff};
use crate::mixer::charset::t61;
use crate::mixer::date::from_utc_time;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::heading::Location;
use crate::mixer::heading::to_internet::message_id;
use crate::mixer::to_internet::Work;

/// The part of mail that a content is, with its fields in `header`; `None` if it is to travel whole: it cannot be read, or it
/// forwards another.
pub(super) fn content(content: &Bytes, header: &mut HeaderBlock, work: &mut Work<'_>) -> Option<Made> {
    let object = Element::only(content.clone())?;
    match object.context_number()? {
        0 => message(&object, header, work),
        1 => {
            let inside = object.members()?.into_iter().next()?;
            let edin: Edin = inside.value(Limits::default().heading).ok()?;
            notification(&edin, header, work)
        }
        _ => None,
    }
}

fn message(object: &Element, header: &mut HeaderBlock, work: &mut Work<'_>) -> Option<Made> {
    let members = object.members()?;
    let [heading, body] = members.as_slice() else { return None };
    let body = body.members()?;
    let interchange = body.first().filter(|primary| primary.is_context(0))?.string()?;
    let heading: EdimHeading = heading.value(Limits::default().heading).ok()?;
    fields(&heading, header, work);
    let media_type = edi::media_type(&heading.edi_bodypart_type);
    let mut made = Made::typed(&media_type);
    if sniff::is_textual(&media_type) {
        encoding::characters(interchange, work, &mut made.fields, &mut made.body);
    } else {
        encoding::base64(interchange, &mut made.fields, &mut made.body);
    }
    work.trail.made("body", &media_type, "EDI body", "beyond E-06");
    let mut parts = vec![made];
    let others = body.get(1).and_then(Element::members).unwrap_or_default();
    for (number, other) in (2..).zip(&others) {
        let place = Place::of(number, false, &Location::default(), 0);
        let extended = other.members()?.into_iter().find(|member| member.is_context(1))?;
        let extended = Element::only(extended.retagged(Tag::new_context(15)))?;
        parts.push(part(&extended, &place, work));
    }
    if parts.len() == 1 { parts.pop() } else { Some(multipart_of("mixed", None, parts, work)) }
}

/// What the heading says.
fn fields(heading: &EdimHeading, header: &mut HeaderBlock, work: &mut Work<'_>) {
    heading.originator.iter().for_each(|name| work.note_author(name));
    if let Some(from) = heading.originator.as_ref().and_then(|name| mailbox(name, "heading.originator", work))
    {
        header.add("From", &from);
    }
    let recipients = heading.recipients.as_deref().unwrap_or_default();
    let to: Vec<_> =
        recipients.iter().filter_map(|one| mailbox(&one.recipient, "heading.recipients", work)).collect();
    if !to.is_empty() {
        header.add("To", &to.join(", "));
    }
    header.add("Message-ID", &identifier(&heading.this_edim, work));
    let first = recipients.first();
    let reference = first.and_then(|one| one.interchange_control_reference.as_ref()).map(text);
    header.add_text("Subject", format!("EDI interchange {}", reference.unwrap_or_default()).trim_end());
    let expires = heading.expiry_time.as_ref().and_then(from_utc_time);
    let prepared = heading.date_and_time_of_preparation.as_ref().and_then(from_utc_time);
    for (name, date) in [("Expires", expires), ("X400-EDI-Preparation-Date", prepared)] {
        if let Some(date) = date {
            header.add(name, &format_date(date));
        }
    }
    header.add("X400-EDI-Body-Type", &heading.edi_bodypart_type.to_string());
    if let Some(sender) = &heading.interchange_sender {
        let strings = [
            Some(&sender.sender_identification),
            sender.identification_code_qualifier.as_ref(),
            sender.address_for_reverse_routing.as_ref(),
        ];
        header.add_text("X400-EDI-Interchange-Sender", &components(&strings));
    }
    if let Some(syntax) = &heading.syntax_identifier {
        header.add_text(
            "X400-EDI-Syntax",
            &format!("{}:{}", text(&syntax.identifier), syntax.version.to_text()),
        );
    }
    if let Some(reference) = &heading.application_reference {
        header.add_text("X400-EDI-Application-Reference", &text(reference));
    }
    for kind in heading.edi_message_type.iter().flatten() {
        header.add_text("X400-EDI-Message-Type", &text(kind));
    }
    recipients.iter().for_each(|one| recipient(one, header));
    for (present, what) in [
        (heading.edin_receiver.is_some(), "receiver of notifications"),
        (heading.responsibility_forwarded, "responsibility forwarded"),
        (heading.incomplete_copy, "incomplete copy"),
        (heading.related_messages.is_some(), "related messages"),
        (heading.obsoleted_edims.is_some(), "obsoleted messages"),
        (heading.edi_application_security_elements.is_some(), "application security elements"),
        (heading.cross_referencing_information.is_some(), "cross references"),
        (heading.heading_extensions.is_some(), "heading extensions"),
        (recipients.iter().any(|one| one.edi_notification_requests.is_some()), "notification requests"),
        (recipients.iter().any(|one| one.responsibility_passing_allowed), "responsibility passing allowed"),
        (recipients.iter().any(|one| one.recipient_extensions.is_some()), "recipient extensions"),
    ] {
        if present {
            work.losses.dropped("heading", what, "a mail has no place for it", "beyond E-06");
        }
    }
}

/// What the heading says for one recipient. A test is never passed over in silence (E-06).
fn recipient(one: &EdimRecipient, header: &mut HeaderBlock) {
    if let Some(recipient) = &one.interchange_recipient {
        let strings = [
            Some(&recipient.recipient_identification),
            recipient.identification_code_qualifier.as_ref(),
            recipient.routing_address.as_ref(),
        ];
        header.add_text("X400-EDI-Interchange-Recipient", &components(&strings));
    }
    if let Some(reference) = &one.recipient_reference {
        let strings =
            [Some(&reference.recipient_reference), reference.recipient_reference_qualifier.as_ref()];
        header.add_text("X400-EDI-Recipient-Reference", &components(&strings));
    }
    if let Some(authorization) = &one.authorization_information {
        let strings = [
            Some(&authorization.authorization_information),
            authorization.authorization_information_qualifier.as_ref(),
        ];
        header.add_text("X400-EDI-Authorization", &components(&strings));
    }
    for (name, value) in [
        ("X400-EDI-Control-Reference", &one.interchange_control_reference),
        ("X400-EDI-Processing-Priority", &one.processing_priority_code),
        ("X400-EDI-Communications-Agreement", &one.communications_agreement_id),
    ] {
        if let Some(value) = value {
            header.add_text(name, &text(value));
        }
    }
    if one.acknowledgement_request {
        header.add("X400-EDI-Acknowledgement-Request", "yes");
    }
    if one.test_indicator {
        header.add("X400-EDI-Test-Indicator", "yes");
    }
}

fn text(string: &TeletexString) -> String {
    t61::decode(string.as_bytes())
}

/// Components with `:` between them, empty ones at the end left out.
fn components(strings: &[Option<&TeletexString>]) -> String {
    let strings: Vec<_> = strings.iter().map(|string| string.map(text).unwrap_or_default()).collect();
    strings.join(":").trim_end_matches(':').to_owned()
}

fn mailbox(name: &OrName, source: &str, work: &mut Work<'_>) -> Option<String> {
    match work.mailbox(name, AddressContext::Header, source) {
        Ok(mapped) => Some(mapped.address),
        Err(error) => {
            // F-04
            let shown = work.mapper().show_or(name);
            work.losses.dropped(source, shown, error.to_string(), "F-04");
            None
        }
    }
}

fn identifier(identifier: &EdimIdentifier, work: &Work<'_>) -> String {
    let identifier = IpmIdentifier {
        user: Some(identifier.user.clone()),
        user_relative_identifier: identifier.user_relative_identifier.clone(),
        ..IpmIdentifier::default()
    };
    message_id(&identifier, work)
}

/// Why nobody took the responsibility.
fn reason(reason: &NegativeReason) -> String {
    match reason {
        NegativeReason::UserAgent(reason) => reason.basic_code.to_string(),
        NegativeReason::User(reason) => reason.basic_code.to_string(),
        NegativeReason::PhysicalDelivery(reason) => reason.basic_code.to_string(),
        NegativeReason::Unknown(_) => "unknown".to_owned(),
    }
}

/// Why the responsibility was passed on.
fn forwarded_reason(reason: &ForwardedReason) -> String {
    match reason {
        ForwardedReason::UserAgent(reason) => reason.basic_code.to_string(),
        ForwardedReason::User(reason) => reason.basic_code.to_string(),
        ForwardedReason::PhysicalDelivery(reason) => reason.basic_code.to_string(),
        ForwardedReason::Unknown(_) => "unknown".to_owned(),
    }
}

/// E-05: who took the responsibility, as a disposition notification.
fn notification(edin: &Edin, header: &mut HeaderBlock, work: &mut Work<'_>) -> Option<Made> {
    let (common, disposition, words, sentence): (&EdinCommonFields, _, _, _) = match edin {
        Edin::Positive(edin) => (
            &edin.common_fields,
            "processed",
            &edin.supplementary_information,
            "The recipient took the responsibility for the interchange.",
        ),
        Edin::Negative(edin) => (
            &edin.common_fields,
            "processed/error",
            &edin.supplementary_information,
            "The recipient did not take the responsibility for the interchange.",
        ),
        Edin::Forwarded(edin) => (
            &edin.common_fields,
            "dispatched",
            &edin.supplementary_information,
            "The interchange and the responsibility for it were passed on.",
        ),
        Edin::Unknown(_) => return None,
    };
    let mut fields = HeaderBlock::default();
    fields.add("Reporting-UA", &format!("{}; x400gw", work.settings().mail_domain));
    work.note_author(&common.edin_originator);
    let originator = mailbox(&common.edin_originator, "edin-originator", work);
    if let Some(originator) = &originator {
        header.add("From", originator);
        fields.add("Final-Recipient", &format!("rfc822; {originator}"));
    }
    fields.add("Original-Message-ID", &identifier(&common.subject_edim, work));
    let mode = match common.edin_initiator {
        EdinInitiator::EXTERNAL_UA => "manual-action/MDN-sent-manually",
        _ => "automatic-action/MDN-sent-automatically",
    };
    fields.add("Disposition", &format!("{mode}; {disposition}"));
    if let Some(first) = &common.first_recipient
        && let Some(first) = mailbox(first, "first-recipient", work)
    {
        fields.add("X400-EDI-First-Recipient", &first);
    }
    if let Some(time) = from_utc_time(&common.notification_time) {
        fields.add("X400-EDI-Notification-Time", &format_date(time));
    }
    match edin {
        Edin::Negative(edin) => fields.add_text("Error", &reason(&edin.reason_code)),
        Edin::Forwarded(edin) => {
            if let Some(to) = mailbox(&edin.forwarded_to, "forwarded-to", work) {
                fields.add("X400-EDI-Forwarded-To", &to);
            }
            fields.add_text("X400-EDI-Forwarded-Reason", &forwarded_reason(&edin.reason_code));
        }
        _ => {}
    }
    let words = words.as_ref().map(text).unwrap_or_default();
    if !words.is_empty() {
        fields.add_text("X400-Supplementary-Info", &words);
    }
    if common.notification_security_elements.is_some() {
        work.losses.dropped("edin", "security elements", "a mail has no place for them", "beyond E-05");
    }
    if common.notification_extensions.is_some() {
        work.losses.dropped("edin", "notification extensions", "a mail has no place for them", "beyond E-05");
    }
    header.add("Subject", "EDI notification");
    let mut said = Made::typed("text/plain; charset=us-ascii");
    said.body.push(format!("{sentence}\r\n"));
    let mut notification = Made::typed("message/disposition-notification");
    notification.body.push(fields.to_octets());
    let stated = crate::message::MediaType::parse("multipart/report; report-type=disposition-notification");
    work.trail.made("body", disposition, "EDI notification", "beyond E-05");
    Some(multipart_of("report", stated.as_ref(), vec![said, notification], work))
}
