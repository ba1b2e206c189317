//! EDI messages (X.435 7 and 8; ledger E-01 to E-04).

use super::body_part::{self, delivery};
use super::content::{Protocol, undecodable};
use super::ipm::{self, unique};
use super::validator::Validator;
use super::violation::Rule;
use super::{Lengths, Step};
use crate::bounds;
use crate::oids;
use crate::prim::{Octets, TeletexString};
use crate::x420::body::BodyPart;
use crate::x435::edi_body::{
    AdditionalBodyPart, BodyOrRemoved, EdimBody, EdimExtendedBodyPart, ForwardedEdim, PrimaryBodyPart,
    PrimaryOrRemoved,
};
use crate::x435::edim::{
    EdiApplicationSecurityElements, Edim, EdimExtensionField, EdimHeading, EdimIdentifier, EdimRecipient,
    EdinReceiver, RelatedMessageReference,
};

const HEADING: &str = "X.435 8.2";
const BODY: &str = "X.435 8.3";
const BOUNDS: &str = "X.435 Annex G";

/// Tells everything that is wrong with a message.
pub(super) fn message(validator: &mut Validator, message: &Edim) {
    validator.within("heading", |validator| heading(validator, &message.heading));
    validator.within("body", |validator| body(validator, &message.body, ipm::DEPTH));
}

fn heading(validator: &mut Validator, heading: &EdimHeading) {
    validator.within("this-EDIM", |validator| identifier(validator, &heading.this_edim));
    if let Some(originator) = &heading.originator {
        validator.member("originator", originator);
    }
    if heading.recipients.as_ref().is_none_or(Vec::is_empty) {
        validator.warning(Rule::Missing, HEADING, "no recipients");
    }
    validator.each("recipients", heading.recipients.iter().flatten(), recipient);
    if let Some(receiver) = &heading.edin_receiver {
        validator.within("edin-receiver", |validator| edin_receiver(validator, receiver));
    }
    let kind = &heading.edi_bodypart_type;
    if !kind.starts_with(&oids::EDI_BODY_PARTS) {
        validator.within("edi-bodypart-type", |validator| {
            validator.notice(Rule::Unknown, HEADING, format!("{kind} is no type that X.435 has"));
        });
    }
    if let Some(expiry) = &heading.expiry_time {
        validator.time("expiry-time", expiry);
    }
    validator.each("related-messages", heading.related_messages.iter().flatten(), |validator, reference| {
        match reference {
            RelatedMessageReference::Edi(it) => identifier(validator, it),
            RelatedMessageReference::External(_) => {}
            RelatedMessageReference::Unknown(_) => {
                validator.warning(Rule::Unknown, HEADING, "neither an EDI message nor another");
            }
        }
    });
    validator.each("obsoleted-EDIMs", heading.obsoleted_edims.iter().flatten(), identifier);
    if let Some(elements) = &heading.edi_application_security_elements {
        validator.within("edi-application-security-elements", |validator| {
            application_security(validator, elements);
        });
    }
    let references = heading.cross_referencing_information.iter().flatten();
    validator.each("cross-referencing-information", references, |validator, reference| {
        if let Some(message) = &reference.message_reference {
            validator.within("message-reference", |validator| identifier(validator, message));
        }
        validator.unknown(&reference.unknown);
    });
    validator.each("edi-message-type", heading.edi_message_type.iter().flatten(), |validator, kind| {
        validator.this_string(kind, 1..=bounds::EDI_MESSAGE_TYPE, HEADING);
    });
    if let Some(advice) = &heading.service_string_advice {
        validator.within("service-string-advice", |validator| {
            let one = |validator: &mut Validator, name, octets: &Octets| {
                validator.octets(name, octets.0.len(), 1..=1, HEADING);
            };
            one(validator, "component-data-element-separator", &advice.component_data_element_separator);
            one(validator, "data-element-separator", &advice.data_element_separator);
            one(validator, "decimal-notation", &advice.decimal_notation);
            for (name, octets) in
                [("release-indicator", &advice.release_indicator), ("reserved", &advice.reserved)]
            {
                octets.iter().for_each(|octets| one(validator, name, octets));
            }
            one(validator, "segment-terminator", &advice.segment_terminator);
        });
    }
    if let Some(syntax) = &heading.syntax_identifier {
        validator.string("syntax-identifier", &syntax.identifier, 1..=bounds::EDI_SYNTAX_IDENTIFIER, HEADING);
        validator.string("syntax-version", &syntax.version, 1..=bounds::EDI_SYNTAX_VERSION, HEADING);
    }
    if let Some(sender) = &heading.interchange_sender {
        validator.within("interchange-sender", |validator| {
            code(
                validator,
                "sender-identification",
                Some(&sender.sender_identification),
                1..=bounds::EDI_IDENTIFICATION_CODE,
            );
            party(
                validator,
                sender.identification_code_qualifier.as_ref(),
                sender.address_for_reverse_routing.as_ref(),
            );
        });
    }
    if let Some(prepared) = &heading.date_and_time_of_preparation {
        validator.time("date-and-time-of-preparation", prepared);
    }
    code(
        validator,
        "application-reference",
        heading.application_reference.as_ref(),
        1..=bounds::EDI_REFERENCE,
    );
    extensions(validator, "heading-extensions", heading.heading_extensions.as_deref(), HEADING);
    validator.unknown(&heading.unknown);
}

/// Who gets the notifications of a message that was forwarded.
fn edin_receiver(validator: &mut Validator, receiver: &EdinReceiver) {
    validator.member("edin-receiver-name", &receiver.edin_receiver_name);
    if let Some(original) = &receiver.original_edim_identifier {
        validator.within("original-edim-identifier", |validator| identifier(validator, original));
    }
    if let Some(first) = &receiver.first_recipient {
        validator.member("first-recipient", first);
    }
    validator.unknown(&receiver.unknown);
}

/// Judges the security of the interchange itself.
pub(super) fn application_security(validator: &mut Validator, elements: &EdiApplicationSecurityElements) {
    if let Some(bits) = &elements.edi_application_security_element {
        let limit = bounds::EDI_APPLICATION_SECURITY_ELEMENT;
        if bits.len() > limit {
            validator.within("edi-application-security-element", |validator| {
                validator.error(
                    Rule::Bound,
                    BOUNDS,
                    format!("{} bits, at most {limit} are allowed", bits.len()),
                );
            });
        }
    }
    let fields = elements.edi_application_security_extensions.as_deref();
    extensions(validator, "edi-application-security-extensions", fields, HEADING);
    validator.unknown(&elements.unknown);
}

/// Judges an EDIM identifier.
pub(super) fn identifier(validator: &mut Validator, identifier: &EdimIdentifier) {
    validator.member("user", &identifier.user);
    let local = &identifier.user_relative_identifier;
    validator.string("user-relative-identifier", local, 0..=bounds::LOCAL_IPM_IDENTIFIER, "X.435 7.1");
    validator.unknown(&identifier.unknown);
}

fn code(validator: &mut Validator, name: &'static str, code: Option<&TeletexString>, lengths: Lengths) {
    if let Some(code) = code {
        validator.string(name, code, lengths, BOUNDS);
    }
}

/// What sender and recipient of an interchange have in common.
fn party(validator: &mut Validator, qualifier: Option<&TeletexString>, routing: Option<&TeletexString>) {
    code(
        validator,
        "identification-code-qualifier",
        qualifier,
        1..=bounds::EDI_IDENTIFICATION_CODE_QUALIFIER,
    );
    code(validator, "routing-address", routing, 1..=bounds::EDI_REFERENCE);
}

fn recipient(validator: &mut Validator, recipient: &EdimRecipient) {
    validator.member("recipient", &recipient.recipient);
    let action = &recipient.action_request;
    if *action != oids::EDI_FOR_ACTION && *action != oids::EDI_FOR_COPY {
        validator.within("action-request", |validator| {
            validator.notice(Rule::Unknown, HEADING, format!("{action} is no action that X.435 has"));
        });
    }
    if let Some(requests) = &recipient.edi_notification_requests {
        validator.within("edi-notification-requests", |validator| {
            let bits = [
                ("notifications", &requests.edi_notification_requests.0, 3),
                ("notification-security", &requests.edi_notification_security.0, 2),
                ("reception-security", &requests.edi_reception_security.0, 2),
            ];
            for (name, bits, known) in bits {
                validator.bits(name, bits, bits.set_bits().map(|bit| (bit, bit < known)), HEADING);
            }
            validator.unknown(&requests.unknown);
        });
    }
    if let Some(party) = &recipient.interchange_recipient {
        validator.within("interchange-recipient", |validator| {
            let identification = Some(&party.recipient_identification);
            code(validator, "recipient-identification", identification, 1..=bounds::EDI_IDENTIFICATION_CODE);
            self::party(
                validator,
                party.identification_code_qualifier.as_ref(),
                party.routing_address.as_ref(),
            );
        });
    }
    if let Some(reference) = &recipient.recipient_reference {
        code(
            validator,
            "recipient-reference",
            Some(&reference.recipient_reference),
            1..=bounds::EDI_REFERENCE,
        );
        let qualifier = reference.recipient_reference_qualifier.as_ref();
        code(validator, "recipient-reference-qualifier", qualifier, 1..=bounds::EDI_QUALIFIER);
    }
    let reference = recipient.interchange_control_reference.as_ref();
    code(validator, "interchange-control-reference", reference, 1..=bounds::EDI_REFERENCE);
    let priority = recipient.processing_priority_code.as_ref();
    code(validator, "processing-priority-code", priority, 1..=bounds::EDI_PROCESSING_PRIORITY_CODE);
    let agreement = recipient.communications_agreement_id.as_ref();
    code(validator, "communications-agreement-id", agreement, 1..=bounds::EDI_IDENTIFICATION_CODE);
    if let Some(authorization) = &recipient.authorization_information {
        let information = Some(&authorization.authorization_information);
        code(validator, "authorization-information", information, 1..=bounds::EDI_AUTHORIZATION_INFORMATION);
        let qualifier = authorization.authorization_information_qualifier.as_ref();
        code(validator, "authorization-information-qualifier", qualifier, 1..=bounds::EDI_QUALIFIER);
    }
    extensions(validator, "recipient-extensions", recipient.recipient_extensions.as_deref(), HEADING);
    validator.unknown(&recipient.unknown);
}

/// Extensions that stand in one place: none twice, and no critical one that is not known (X.435 7.2).
pub(super) fn extensions(
    validator: &mut Validator,
    name: &'static str,
    fields: Option<&[EdimExtensionField]>,
    clause: &'static str,
) {
    let fields = fields.unwrap_or_default();
    let kinds: Vec<_> = fields.iter().map(|field| &field.kind).collect();
    unique(validator, name, &kinds, clause, "the extension");
    validator.each(name, fields, |validator, field| {
        if field.criticality && field.kind != oids::EDI_COMPRESSION {
            let what = format!("extension {} must be understood, and is not known", field.kind);
            validator.warning(Rule::Criticality, "X.435 7.2", what);
        }
        validator.unknown(&field.unknown);
    });
}

fn body(validator: &mut Validator, body: &EdimBody, depth: usize) {
    primary(validator, &body.primary_body_part, depth);
    beside(validator, body.additional_body_parts.iter().flatten(), depth);
    validator.unknown(&body.unknown);
}

/// The interchange, or a message forwarded in its place.
fn primary(validator: &mut Validator, part: &PrimaryBodyPart, depth: usize) {
    match part {
        PrimaryBodyPart::Edi(octets) if octets.0.is_empty() => {
            validator.warning(Rule::Missing, BODY, "an empty interchange");
        }
        PrimaryBodyPart::Edi(_) => {}
        PrimaryBodyPart::Forwarded(it) => {
            validator.within("forwarded-EDIM", |validator| forwarded(validator, it, depth));
        }
        PrimaryBodyPart::Unknown(_) => {
            validator.error(Rule::Unknown, BODY, "neither an interchange nor a forwarded message");
        }
    }
}

fn forwarded(validator: &mut Validator, part: &ForwardedEdim, depth: usize) {
    if let Some(parameters) = &part.parameters {
        if parameters.delivery_time.is_some() != parameters.delivery_envelope.is_some() {
            validator.error(
                Rule::Conflict,
                BODY,
                "delivery time and envelope are there together or not at all",
            );
        }
        if let Some(when) = &parameters.delivery_time {
            validator.time("delivery-time", when);
        }
        if let Some(envelope) = &parameters.delivery_envelope {
            validator.within("delivery-envelope", |validator| delivery(validator, envelope));
        }
        if let Some(words) = &parameters.other_parameters {
            validator.string("other-parameters", words, 1..=bounds::SUPPLEMENTARY_INFORMATION, BODY);
        }
        validator.unknown(&parameters.unknown);
    }
    validator.within("heading", |validator| heading(validator, &part.data.heading));
    if depth == 0 {
        validator.notice(Rule::Truncated, "this crate", "messages deeper than this are not judged");
        return;
    }
    validator.within("body", |validator| match part.data.body.get() {
        Ok(body) => forwarded_body(validator, &body, depth - 1),
        Err(error) => undecodable(validator, &error),
    });
    validator.unknown(&part.unknown);
}

/// The body of a forwarded message, from which parts may have been removed.
fn forwarded_body(validator: &mut Validator, body: &BodyOrRemoved, depth: usize) {
    match &body.primary_or_removed {
        PrimaryOrRemoved::RemovedEdiBody(_) => {}
        PrimaryOrRemoved::PrimaryBodyPart(part) => primary(validator, part, depth),
        PrimaryOrRemoved::Unknown(_) => {
            validator.error(Rule::Unknown, BODY, "neither a part nor the place of one that was removed");
        }
    }
    let parts = body.additional_body_parts.iter().flatten().filter_map(|part| match part {
        AdditionalBodyPart::ExternalBodyPart(part) => Some(part),
        // Of a part that was removed nothing is left to be judged.
        AdditionalBodyPart::PlaceHolder(_) | AdditionalBodyPart::Unknown(_) => None,
    });
    beside(validator, parts, depth);
    validator.unknown(&body.unknown);
}

/// What goes with an interchange: each part has a number of its own.
fn beside<'a>(
    validator: &mut Validator,
    parts: impl Iterator<Item = &'a EdimExtendedBodyPart>,
    depth: usize,
) {
    let parts: Vec<_> = parts.collect();
    let numbers: Vec<_> = parts.iter().map(|part| part.body_part_reference).collect();
    for (index, number) in numbers.iter().enumerate() {
        if number.is_some() && numbers[..index].contains(number) {
            validator.within("additional-body-parts", |validator| {
                validator.at(Step::Item(index), |validator| {
                    validator.error(Rule::Duplicate, BODY, "the body part reference occurs before already");
                });
            });
        }
    }
    validator.each("additional-body-parts", parts, |validator, part| {
        let it = BodyPart::ExternallyDefined(part.extended_body_part.clone());
        body_part::judge(validator, Protocol::P35, &it, depth);
        validator.unknown(&part.unknown);
    });
}
