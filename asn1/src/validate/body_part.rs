//! Body parts (X.420 7.3, Annex B; ledger B-01, B-10 to B-20, B-30 to B-38).

use super::content::{self, Protocol, undecodable};
use super::ipm::{self, named};
use super::validator::{Validate as _, Validator};
use super::violation::Rule;
use super::{file, notification};
use crate::bounds;
use crate::x411::report::ReportType;
use crate::x420::InformationObject;
use crate::x420::body::{BodyPart, ForwardedMessage, Ia5Text, MessageParameters, OtherMessageDeliveryFields};
use crate::x420::forwarded::ReportDelivery;
use crate::x420::typed_body::TypedBodyPart;

/// Tells everything that is wrong with a body part, and with messages in it down to `depth` levels.
pub(super) fn judge(validator: &mut Validator, protocol: Protocol, part: &BodyPart, depth: usize) {
    match part {
        BodyPart::ExternallyDefined(part) => {
            if protocol == Protocol::P2 {
                validator.error(Rule::Edition, "X.420 7.3", "P2 has no externally defined body parts");
            }
            if part.kind().is_none() {
                validator.error(Rule::Missing, "X.420 7.3.12", "the data do not name the type of the part");
            }
            validator.unknown(&part.unknown);
        }
        BodyPart::Telex(_) | BodyPart::Voice(_) | BodyPart::SimpleFormattableDocument(_)
            if protocol != Protocol::P2 =>
        {
            validator.warning(Rule::Edition, "X.420 7.3", "a body part that only the edition of 1984 has");
        }
        _ => {}
    }
    match part.typed() {
        Ok(typed) => self::typed(validator, protocol, typed, depth),
        Err(error) => undecodable(validator, &error),
    }
}

fn typed(validator: &mut Validator, protocol: Protocol, part: TypedBodyPart, depth: usize) {
    match part {
        TypedBodyPart::Ia5Text(text) => ia5_text(validator, &text),
        TypedBodyPart::Teletex(part) => pages(validator, part.parameters.number_of_pages, part.data.len()),
        TypedBodyPart::G3Facsimile(part) => {
            pages(validator, part.parameters.number_of_pages, part.data.len())
        }
        TypedBodyPart::Videotex(part) => {
            if let Some(syntax) = part.parameters.syntax {
                named(validator, "syntax", syntax.0, syntax.label(), "X.420 7.3.5");
            }
        }
        TypedBodyPart::Encrypted(part)
            if part.parameters.algorithm_identifier.is_none() && protocol != Protocol::P2 =>
        {
            validator.warning(Rule::Missing, "X.420 7.3.6", "no algorithm: nobody can decrypt it");
        }
        TypedBodyPart::GeneralText(part) => {
            let sets = part.parameters.unwrap_or_default().0;
            if sets.is_empty() {
                validator.warning(Rule::Missing, "X.420 Annex B", "no character set is listed");
            }
            validator.each("parameters", sets, |validator, set| {
                validator.number("set", set, 1..=32_767, "X.420 Annex B")
            });
        }
        TypedBodyPart::Message(message) => forwarded(validator, protocol, &message, depth),
        TypedBodyPart::MilitaryMessage(part) => {
            let message =
                ForwardedMessage { parameters: part.parameters.unwrap_or_default(), message: part.data };
            forwarded(validator, Protocol::P772, &message, depth);
        }
        TypedBodyPart::FileTransfer(part) => file::judge(validator, part.parameters.as_ref(), &part.data),
        TypedBodyPart::Report(report) => self::report(validator, &report),
        TypedBodyPart::Notification(part) => notification::judge(validator, protocol, &part.data),
        TypedBodyPart::Content(part) => match Protocol::of_oid(&part.content_type) {
            Some(inner) if depth > 0 => validator.within("content", |validator| {
                // What is inside cannot be deeper than the octets it is in, but its own levels are counted anew.
                inside(validator, inner, &part.content.0, depth - 1);
            }),
            _ => {}
        },
        TypedBodyPart::ExtendedVoice(part) => match part.parameters {
            Some(parameters) => {
                if let Some(seconds) = parameters.voice_message_duration {
                    validator.number("voice-message-duration", seconds, 0..=i64::MAX, "X.420 Annex B");
                }
            }
            None => validator.error(Rule::Missing, "X.420 Annex B", "no encoding type: nobody can play it"),
        },
        TypedBodyPart::Mime(part) if part.parameters.is_none() => {
            validator.error(Rule::Missing, "RFC 2157 3.1.2", "no content type");
        }
        TypedBodyPart::Acp127Data(part) => {
            validator.string("data", &part.data, 1..=bounds::MILITARY_DATA, "STANAG 4406 Annex A");
        }
        TypedBodyPart::Corrections(part) => validator.alphabet(&part.data),
        TypedBodyPart::Other(_) => {
            validator.notice(Rule::Unknown, "X.420 7.3", "a body part of a type that is not known");
        }
        _ => {}
    }
}

/// A content in a content. Interpersonal messages count their levels; others hold none that are judged here.
fn inside(validator: &mut Validator, protocol: Protocol, octets: &[u8], depth: usize) {
    match protocol {
        Protocol::P2 | Protocol::P22 | Protocol::P772 => {
            match crate::ber::decode::<InformationObject>(octets, octets.len()) {
                Ok(InformationObject::Ipm(message)) => ipm::message(validator, protocol, &message, depth),
                Ok(_) => {}
                Err(error) => undecodable(validator, &error),
            }
        }
        Protocol::P35 => content::judge(validator, protocol, None, octets),
    }
}

fn ia5_text(validator: &mut Validator, text: &Ia5Text) {
    let repertoire = text.parameters.repertoire;
    named(validator, "repertoire", repertoire.0, repertoire.label(), "X.420 7.3.1");
    validator.within("data", |validator| validator.alphabet(&text.data));
    validator.unknown(&text.parameters.unknown);
}

fn pages(validator: &mut Validator, stated: Option<i64>, found: usize) {
    if stated.is_some_and(|stated| i64::try_from(found) != Ok(stated)) {
        let what = format!("says {} pages, and has {found}", stated.unwrap_or_default());
        validator.within("number-of-pages", |validator| validator.warning(Rule::Conflict, "X.420 7.3", what));
    }
}

fn forwarded(validator: &mut Validator, protocol: Protocol, part: &ForwardedMessage, depth: usize) {
    validator.within("parameters", |validator| parameters(validator, &part.parameters));
    if depth == 0 {
        validator.notice(Rule::Truncated, "this crate", "messages deeper than this are not judged");
        return;
    }
    validator.within("data", |validator| match part.message.get() {
        Ok(message) => ipm::message(validator, protocol, &message, depth - 1),
        Err(error) => undecodable(validator, &error),
    });
}

/// A report that was delivered to the sender, and forwarded.
fn report(validator: &mut Validator, report: &ReportDelivery) {
    validator.member("subject-submission-identifier", &report.subject_submission_identifier);
    if report.per_recipient_fields.is_empty() {
        validator.error(Rule::Missing, "X.411 8.3.1.2", "no recipient is reported on");
    }
    validator.each("per-recipient-fields", &report.per_recipient_fields, |validator, recipient| {
        validator.member("actual-recipient-name", &recipient.actual_recipient_name);
        validator.within("report-type", |validator| match &recipient.report_type {
            ReportType::Delivery(report) => report.validate(validator),
            ReportType::NonDelivery(report) => report.validate(validator),
            ReportType::Unknown(_) => {
                validator.error(Rule::Unknown, "X.411 8.3.1.2", "neither a delivery nor a non-delivery");
            }
        });
        if let Some(name) = &recipient.originally_intended_recipient_name {
            validator.member("originally-intended-recipient-name", name);
        }
        if let Some(words) = &recipient.supplementary_information {
            let lengths = 1..=bounds::SUPPLEMENTARY_INFORMATION;
            validator.string("supplementary-information", words, lengths, "X.411 Annex B");
        }
        validator.unknown(&recipient.unknown);
    });
    validator.unknown(&report.unknown);
}

fn parameters(validator: &mut Validator, parameters: &MessageParameters) {
    if let Some(when) = &parameters.delivery_time {
        validator.time("delivery-time", when);
    }
    if let Some(envelope) = &parameters.delivery_envelope {
        validator.within("delivery-envelope", |validator| delivery(validator, envelope));
    }
    validator.unknown(&parameters.unknown);
}

/// Judges the envelope of a delivered message.
pub(super) fn delivery(validator: &mut Validator, envelope: &OtherMessageDeliveryFields) {
    validator.member("originator-name", &envelope.originator_name);
    validator.member("this-recipient-name", &envelope.this_recipient_name);
    validator.time("message-submission-time", &envelope.message_submission_time);
    named(validator, "priority", envelope.priority.0, envelope.priority.label(), "X.411 8.2.1.1.1.8");
    if let Some(identifier) = &envelope.content_identifier {
        validator.string("content-identifier", identifier, 1..=bounds::CONTENT_IDENTIFIER, "X.411 Annex B");
    }
    validator.unknown(&envelope.unknown);
}
