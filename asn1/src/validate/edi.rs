//! EDI messages and notifications (X.435 8 and 9; ledger E-01 to E-05).

use super::body_part::delivery;
use super::ipm::{address, named, time, unique};
use super::validator::Validator;
use super::violation::Rule;
use super::{Lengths, Step};
use crate::bounds;
use crate::oids;
use crate::prim::{Octets, TeletexString};
use crate::x435::edi_body::{EdimBody, EdimExtendedBodyPart, PrimaryBodyPart};
use crate::x435::edim::{
    Edim, EdimExtensionField, EdimHeading, EdimIdentifier, EdimRecipient, RelatedMessageReference,
};
use crate::x435::edin::{Edin, EdinCommonFields};
use crate::x435::reason::{ForwardedReason, NegativeReason};

const HEADING: &str = "X.435 8.2";
const BODY: &str = "X.435 8.3";
const NOTIFICATION: &str = "X.435 9";

/// Tells everything that is wrong with a message.
pub(super) fn message(validator: &mut Validator, message: &Edim) {
    validator.within("heading", |validator| heading(validator, &message.heading));
    validator.within("body", |validator| body(validator, &message.body));
}

fn heading(validator: &mut Validator, heading: &EdimHeading) {
    validator.within("this-EDIM", |validator| identifier(validator, &heading.this_edim));
    if let Some(originator) = &heading.originator {
        address(validator, "originator", originator);
    }
    if heading.recipients.as_ref().is_none_or(Vec::is_empty) {
        validator.warning(Rule::Missing, HEADING, "no recipients");
    }
    validator.each("recipients", heading.recipients.iter().flatten(), recipient);
    if let Some(receiver) = &heading.edin_receiver {
        address(validator, "edin-receiver", &receiver.edin_receiver_name);
    }
    let kind = &heading.edi_bodypart_type;
    if !kind.starts_with(&oids::EDI_BODY_PARTS) {
        validator.within("edi-bodypart-type", |validator| {
            validator.notice(Rule::Unknown, HEADING, format!("{kind} is no type that X.435 has"));
        });
    }
    if let Some(expiry) = &heading.expiry_time {
        time(validator, "expiry-time", expiry);
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
        time(validator, "date-and-time-of-preparation", prepared);
    }
    code(
        validator,
        "application-reference",
        heading.application_reference.as_ref(),
        1..=bounds::EDI_REFERENCE,
    );
    extensions(validator, "heading-extensions", heading.heading_extensions.as_deref());
    validator.unknown(&heading.unknown);
}

/// Judges an EDIM identifier.
fn identifier(validator: &mut Validator, identifier: &EdimIdentifier) {
    address(validator, "user", &identifier.user);
    let local = &identifier.user_relative_identifier;
    validator.string("user-relative-identifier", local, 0..=bounds::LOCAL_IPM_IDENTIFIER, HEADING);
    validator.unknown(&identifier.unknown);
}

fn code(validator: &mut Validator, name: &'static str, code: Option<&TeletexString>, lengths: Lengths) {
    if let Some(code) = code {
        validator.string(name, code, lengths, "X.435 Annex, upper bounds");
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
    address(validator, "recipient", &recipient.recipient);
    let action = &recipient.action_request;
    if *action != oids::EDI_FOR_ACTION && *action != oids::EDI_FOR_COPY {
        validator.within("action-request", |validator| {
            validator.notice(Rule::Unknown, HEADING, format!("{action} is no action that X.435 has"));
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
    extensions(validator, "recipient-extensions", recipient.recipient_extensions.as_deref());
    validator.unknown(&recipient.unknown);
}

/// Extensions that stand in one place: none twice, and no critical one that is not known.
fn extensions(validator: &mut Validator, name: &'static str, fields: Option<&[EdimExtensionField]>) {
    let fields = fields.unwrap_or_default();
    let kinds: Vec<_> = fields.iter().map(|field| &field.kind).collect();
    unique(validator, name, &kinds, HEADING, "the extension");
    for (index, field) in fields.iter().enumerate() {
        if field.criticality && field.kind != oids::EDI_COMPRESSION {
            validator.within(name, |validator| {
                validator.at(Step::Item(index), |validator| {
                    let what = format!("extension {} must be understood, and is not known", field.kind);
                    validator.warning(Rule::Criticality, HEADING, what);
                });
            });
        }
    }
}

fn body(validator: &mut Validator, body: &EdimBody) {
    match &body.primary_body_part {
        PrimaryBodyPart::Edi(octets) if octets.0.is_empty() => {
            validator.warning(Rule::Missing, BODY, "an empty interchange");
        }
        PrimaryBodyPart::Edi(_) => {}
        PrimaryBodyPart::Forwarded(it) => validator.within("forwarded-EDIM", |validator| {
            if let Some(parameters) = &it.parameters {
                if parameters.delivery_time.is_some() != parameters.delivery_envelope.is_some() {
                    let what = "delivery time and envelope are there together or not at all";
                    validator.error(Rule::Conflict, BODY, what);
                }
                if let Some(envelope) = &parameters.delivery_envelope {
                    validator.within("delivery-envelope", |validator| delivery(validator, envelope));
                }
            }
            heading(validator, &it.data.heading);
            if let Err(error) = it.data.body.get() {
                super::content::undecodable(validator, &error);
            }
        }),
        PrimaryBodyPart::Unknown(_) => {
            validator.error(Rule::Unknown, BODY, "neither an interchange nor a forwarded message");
        }
    }
    beside(validator, body.additional_body_parts.as_deref().unwrap_or_default());
    validator.unknown(&body.unknown);
}

/// What goes with an interchange: each part has a number of its own.
fn beside(validator: &mut Validator, parts: &[EdimExtendedBodyPart]) {
    let numbers: Vec<_> = parts.iter().filter_map(|part| part.body_part_reference).collect();
    unique(validator, "additional-body-parts", &numbers, BODY, "the body part reference");
    validator.each("additional-body-parts", parts, |validator, part| {
        if part.extended_body_part.kind().is_none() {
            validator.error(Rule::Missing, BODY, "the data do not name the type of the part");
        }
    });
}

/// Tells everything that is wrong with a notification.
pub(super) fn notification(validator: &mut Validator, notification: &Edin) {
    let (fields, words) = match notification {
        Edin::Positive(it) => (&it.common_fields, &it.supplementary_information),
        Edin::Negative(it) => {
            negative(validator, &it.reason_code);
            (&it.common_fields, &it.supplementary_information)
        }
        Edin::Forwarded(it) => {
            address(validator, "forwarded-to", &it.forwarded_to);
            forwarded(validator, &it.reason_code);
            (&it.common_fields, &it.supplementary_information)
        }
        Edin::Unknown(_) => {
            validator.error(Rule::Unknown, NOTIFICATION, "neither positive nor negative nor forwarded");
            return;
        }
    };
    validator.within("common-fields", |validator| common(validator, fields));
    if let Some(words) = words {
        let lengths = 1..=bounds::SUPPLEMENTARY_INFORMATION;
        validator.string("supplementary-information", words, lengths, NOTIFICATION);
    }
}

fn common(validator: &mut Validator, fields: &EdinCommonFields) {
    validator.within("subject-edim", |validator| identifier(validator, &fields.subject_edim));
    address(validator, "edin-originator", &fields.edin_originator);
    time(validator, "notification-time", &fields.notification_time);
    named(validator, "edin-initiator", fields.edin_initiator.0, fields.edin_initiator.label(), NOTIFICATION);
    extensions(validator, "notification-extensions", fields.notification_extensions.as_deref());
    validator.unknown(&fields.unknown);
}

fn negative(validator: &mut Validator, reason: &NegativeReason) {
    let (number, label) = match reason {
        NegativeReason::UserAgent(it) => (it.basic_code.0, it.basic_code.label()),
        NegativeReason::User(it) => (it.basic_code.0, it.basic_code.label()),
        NegativeReason::PhysicalDelivery(it) => (it.basic_code.0, it.basic_code.label()),
        NegativeReason::Unknown(_) => return unknown_reason(validator),
    };
    named(validator, "nn-reason-code", number, label, NOTIFICATION);
}

fn forwarded(validator: &mut Validator, reason: &ForwardedReason) {
    let (number, label) = match reason {
        ForwardedReason::UserAgent(it) => (it.basic_code.0, it.basic_code.label()),
        ForwardedReason::User(it) => (it.basic_code.0, it.basic_code.label()),
        ForwardedReason::PhysicalDelivery(it) => (it.basic_code.0, it.basic_code.label()),
        ForwardedReason::Unknown(_) => return unknown_reason(validator),
    };
    named(validator, "fn-reason-code", number, label, NOTIFICATION);
}

fn unknown_reason(validator: &mut Validator) {
    validator.error(Rule::Unknown, NOTIFICATION, "a reason of nobody that X.435 knows");
}
