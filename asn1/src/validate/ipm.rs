//! Interpersonal messages: heading, recipients and body (X.420 7; ledger ).

use super::content::Protocol;
use super::validator::Validator;
use super::violation::Rule;
use super::{Step, body_part, heading_extension};
use crate::bounds;
use crate::x420::Ipm;
use crate::x420::body::BodyPart;
use crate::x420::heading::{Heading, IpmIdentifier, NotificationRequests, OrDescriptor, RecipientSpecifier};

/// Levels of messages in messages that are judged.
pub(super) const DEPTH: usize = 16;

/// Tells everything that is wrong with a message, and with messages in it down to `depth` levels.
pub(super) fn message(validator: &mut Validator, protocol: Protocol, message: &Ipm, depth: usize) {
    validator.within("heading", |validator| heading(validator, protocol, &message.heading));
    if message.heading.auto_forwarded && !message.body.iter().any(is_forwarding) {
        validator.within("heading", |validator| {
            let what = "says that the message was forwarded, but nothing forwarded is in the body";
            validator.within("auto-forwarded", |validator| {
                validator.warning(Rule::Conflict, "X.420 7.2.16", what);
            });
        });
    }
    validator
        .each("body", &message.body, |validator, part| body_part::judge(validator, protocol, part, depth));
}

/// Whether a part can be what an auto-forwarded message forwards.
fn is_forwarding(part: &BodyPart) -> bool {
    matches!(part, BodyPart::Message(_) | BodyPart::ExternallyDefined(_) | BodyPart::Encrypted(_))
}

fn heading(validator: &mut Validator, protocol: Protocol, heading: &Heading) {
    validator.within("this-IPM", |validator| identifier(validator, &heading.this_ipm));
    if let Some(originator) = &heading.originator {
        validator.within("originator", |validator| descriptor(validator, originator));
    }
    let users = heading.authorizing_users.iter().flatten();
    validator.each("authorizing-users", users, descriptor);
    let kinds = [
        ("primary-recipients", &heading.primary_recipients),
        ("copy-recipients", &heading.copy_recipients),
        ("blind-copy-recipients", &heading.blind_copy_recipients),
    ];
    if kinds.iter().all(|(_, recipients)| recipients.as_ref().is_none_or(Vec::is_empty)) {
        validator.warning(Rule::Missing, "X.420 7.2.4", "no recipients of any kind");
    }
    for (name, recipients) in kinds {
        validator.each(name, recipients.iter().flatten(), |validator, specifier| {
            recipient(validator, protocol, specifier);
        });
    }
    if let Some(replied_to) = &heading.replied_to_ipm {
        validator.within("replied-to-IPM", |validator| identifier(validator, replied_to));
    }
    validator.each("obsoleted-IPMs", heading.obsoleted_ipms.iter().flatten(), identifier);
    validator.each("related-IPMs", heading.related_ipms.iter().flatten(), identifier);
    if let Some(subject) = &heading.subject {
        validator.string("subject", subject, 0..=bounds::SUBJECT_FIELD, "X.420 7.2.10");
    }
    for (name, when) in [("expiry-time", &heading.expiry_time), ("reply-time", &heading.reply_time)] {
        if let Some(when) = when {
            validator.time(name, when);
        }
    }
    validator.each("reply-recipients", heading.reply_recipients.iter().flatten(), |validator, recipient| {
        descriptor(validator, recipient);
        formal_name(validator, recipient, "X.420 7.2.13");
    });
    named(validator, "importance", heading.importance.0, heading.importance.label(), "X.420 7.2.14");
    if let Some(sensitivity) = heading.sensitivity {
        named(validator, "sensitivity", sensitivity.0, sensitivity.label(), "X.420 7.2.15");
    }
    if protocol == Protocol::P2 && !heading.extensions.is_empty() {
        validator.within("extensions", |validator| {
            validator.error(Rule::Edition, "X.420 7.2.17", "P2 has no heading extensions");
        });
    }
    heading_extension::fields(
        validator,
        "extensions",
        heading_extension::Place::Heading,
        protocol,
        &heading.extensions,
    );
    validator.unknown(&heading.unknown);
}

/// Judges an IPM identifier.
pub(super) fn identifier(validator: &mut Validator, identifier: &IpmIdentifier) {
    if let Some(user) = &identifier.user {
        validator.member("user", user);
    }
    let local = &identifier.user_relative_identifier;
    validator.string("user-relative-identifier", local, 0..=bounds::LOCAL_IPM_IDENTIFIER, "X.420 7.1.1");
    if local.is_empty() {
        validator.within("user-relative-identifier", |validator| {
            validator.notice(
                Rule::Missing,
                "X.420 7.1.1",
                "empty: no two messages may have the same identifier",
            );
        });
    }
    validator.unknown(&identifier.unknown);
}

/// Judges an O/R descriptor.
pub(super) fn descriptor(validator: &mut Validator, descriptor: &OrDescriptor) {
    if descriptor.formal_name.is_none() && descriptor.free_form_name.is_none() {
        validator.warning(Rule::Missing, "X.420 7.1.3", "neither a formal nor a free form name");
    }
    if let Some(name) = &descriptor.formal_name {
        validator.member("formal-name", name);
    }
    if let Some(name) = &descriptor.free_form_name {
        validator.string("free-form-name", name, 0..=bounds::FREE_FORM_NAME, "X.420 7.1.3");
    }
    if let Some(number) = &descriptor.telephone_number {
        validator.string("telephone-number", number, 0..=bounds::TELEPHONE_NUMBER, "X.420 7.1.3");
    }
    validator.unknown(&descriptor.unknown);
}

/// Tells that an O/R descriptor lacks the formal name it must have where it stands.
pub(super) fn formal_name(validator: &mut Validator, descriptor: &OrDescriptor, clause: &'static str) {
    if descriptor.formal_name.is_none() {
        validator.within("formal-name", |validator| {
            validator.error(Rule::Missing, clause, "must be there: a name for people cannot be sent to");
        });
    }
}

/// Judges a recipient specifier.
pub(super) fn recipient(validator: &mut Validator, protocol: Protocol, specifier: &RecipientSpecifier) {
    use NotificationRequests as Bits;
    let requests = &specifier.notification_requests;
    validator.within("recipient", |validator| {
        descriptor(validator, &specifier.recipient);
        if specifier.reply_requested || requests.has(Bits::RECEIPT) || requests.has(Bits::NON_RECEIPT) {
            formal_name(validator, &specifier.recipient, "X.420 7.1.2");
        }
    });
    validator.within("notification-requests", |validator| {
        if requests.has(Bits::IPM_RETURN) && !requests.has(Bits::NON_RECEIPT) {
            validator.notice(Rule::Conflict, "X.420 7.1.2", "ipm-return without nrn means nothing");
        }
        if protocol == Protocol::P2 && (requests.has(Bits::AN_SUPPORTED) || requests.has(Bits::SUPPRESS_AN)) {
            validator.warning(Rule::Edition, "X.420 7.1.2", "P2 has no other notifications");
        }
        for (bit, label) in requests.labels() {
            if label.is_none() {
                validator.warning(Rule::Value, "X.420 7.1.2", format!("bit {bit} has no meaning"));
            }
        }
    });
    if protocol == Protocol::P2 && !specifier.extensions.is_empty() {
        validator.within("recipient-extensions", |validator| {
            validator.error(Rule::Edition, "X.420 7.1.2", "P2 has no recipient extensions");
        });
    }
    let place = heading_extension::Place::Recipient;
    heading_extension::fields(validator, "recipient-extensions", place, protocol, &specifier.extensions);
    validator.unknown(&specifier.unknown);
}

/// Tells that a number has no name in the standard.
pub(super) fn named(
    validator: &mut Validator,
    name: &'static str,
    number: i64,
    label: Option<&str>,
    clause: &'static str,
) {
    if label.is_none() {
        validator.within(name, |validator| {
            validator.error(Rule::Value, clause, format!("{number} has no meaning"));
        });
    }
}

/// Tells which of the items occur before already, each in its place.
pub(super) fn unique<T: PartialEq>(
    validator: &mut Validator,
    name: &'static str,
    items: &[T],
    clause: &'static str,
    what: &str,
) {
    for (index, item) in items.iter().enumerate() {
        if items[..index].contains(item) {
            validator.within(name, |validator| {
                validator.at(Step::Item(index), |validator| {
                    validator.error(Rule::Duplicate, clause, format!("{what} occurs before already"));
                });
            });
        }
    }
}
