//! EDI notifications (X.435 9; ledger E-05).

use super::Lengths;
use super::edi::{application_security, extensions, identifier};
use super::ipm::named;
use super::validator::Validator;
use super::violation::Rule;
use crate::bounds;
use crate::prim::TeletexString;
use crate::x411::non_delivery::NonDeliveryDiagnostic;
use crate::x435::edin::{Edin, EdinCommonFields, EdinSecurityElements};
use crate::x435::reason::{ForwardedReason, NegativeReason, NegativeUserAgentDiagnostic};

const COMMON: &str = "X.435 9.1";
const POSITIVE: &str = "X.435 9.2";
const NEGATIVE: &str = "X.435 9.3";
const FORWARDED: &str = "X.435 9.4";

/// Tells everything that is wrong with a notification.
pub(super) fn judge(validator: &mut Validator, notification: &Edin) {
    let (fields, words, more, unknown) = match notification {
        Edin::Positive(it) => (&it.common_fields, &it.supplementary_information, &it.extensions, &it.unknown),
        Edin::Negative(it) => {
            validator.within("nn-reason-code", |validator| negative(validator, &it.reason_code));
            (&it.common_fields, &it.supplementary_information, &it.extensions, &it.unknown)
        }
        Edin::Forwarded(it) => {
            validator.member("forwarded-to", &it.forwarded_to);
            validator.within("fn-reason-code", |validator| forwarded(validator, &it.reason_code));
            (&it.common_fields, &it.supplementary_information, &it.extensions, &it.unknown)
        }
        Edin::Unknown(_) => {
            validator.error(Rule::Unknown, "X.435 9", "neither positive nor negative nor forwarded");
            return;
        }
    };
    let (clause, name) = match notification {
        Edin::Positive(_) => (POSITIVE, "pn-extensions"),
        Edin::Negative(_) => (NEGATIVE, "nn-extensions"),
        _ => (FORWARDED, "fn-extensions"),
    };
    validator.within("common-fields", |validator| common(validator, fields));
    supplement(validator, words.as_ref(), clause);
    extensions(validator, name, more.as_deref(), clause);
    validator.unknown(unknown);
}

fn supplement(validator: &mut Validator, words: Option<&TeletexString>, clause: &'static str) {
    const LENGTHS: Lengths = 1..=bounds::SUPPLEMENTARY_INFORMATION;
    if let Some(words) = words {
        validator.string("supplementary-information", words, LENGTHS, clause);
    }
}

/// What every notification says.
fn common(validator: &mut Validator, fields: &EdinCommonFields) {
    validator.within("subject-edim", |validator| identifier(validator, &fields.subject_edim));
    validator.member("edin-originator", &fields.edin_originator);
    if let Some(first) = &fields.first_recipient {
        validator.member("first-recipient", first);
    }
    validator.time("notification-time", &fields.notification_time);
    if let Some(elements) = &fields.notification_security_elements {
        validator.within("notification-security-elements", |validator| security(validator, elements));
    }
    named(validator, "edin-initiator", fields.edin_initiator.0, fields.edin_initiator.label(), COMMON);
    extensions(validator, "notification-extensions", fields.notification_extensions.as_deref(), COMMON);
    validator.unknown(&fields.unknown);
}

fn security(validator: &mut Validator, elements: &EdinSecurityElements) {
    if let Some(elements) = &elements.edi_application_security_elements {
        application_security(validator, elements);
    }
    extensions(validator, "security-extensions", elements.security_extensions.as_deref(), COMMON);
    validator.unknown(&elements.unknown);
}

fn negative(validator: &mut Validator, reason: &NegativeReason) {
    let basic = "nn-basic-code";
    match reason {
        NegativeReason::UserAgent(it) => {
            named(validator, basic, it.basic_code.0, it.basic_code.label(), NEGATIVE);
            let label = |number| NegativeUserAgentDiagnostic(number).label();
            diagnostic(validator, it.diagnostic.map(|it| it.0), label, NEGATIVE);
            validator.unknown(&it.unknown);
        }
        NegativeReason::User(it) => {
            // Diagnostics of a user are what users agree on, so none is wrong.
            named(validator, basic, it.basic_code.0, it.basic_code.label(), NEGATIVE);
            validator.unknown(&it.unknown);
        }
        NegativeReason::PhysicalDelivery(it) => {
            named(validator, basic, it.basic_code.0, it.basic_code.label(), NEGATIVE);
            let label = |number| {
                u16::try_from(number).ok().and_then(|it| NonDeliveryDiagnostic::from_number(it).name())
            };
            diagnostic(validator, it.diagnostic, label, NEGATIVE);
            validator.unknown(&it.unknown);
        }
        NegativeReason::Unknown(_) => unknown(validator, NEGATIVE),
    }
}

fn forwarded(validator: &mut Validator, reason: &ForwardedReason) {
    let basic = "fn-basic-code";
    match reason {
        ForwardedReason::UserAgent(it) => {
            named(validator, basic, it.basic_code.0, it.basic_code.label(), FORWARDED);
            let label = |number| match number {
                1 => Some("recipient-name-changed"),
                2 => Some("recipient-name-deleted"),
                _ => None,
            };
            diagnostic(validator, it.diagnostic, label, FORWARDED);
            validator.unknown(&it.unknown);
        }
        ForwardedReason::User(it) => {
            named(validator, basic, it.basic_code.0, it.basic_code.label(), FORWARDED);
            validator.unknown(&it.unknown);
        }
        ForwardedReason::PhysicalDelivery(it) => {
            named(validator, basic, it.basic_code.0, it.basic_code.label(), FORWARDED);
            validator.unknown(&it.unknown);
        }
        ForwardedReason::Unknown(_) => unknown(validator, FORWARDED),
    }
}

/// A diagnostic that the standard does not name: the next edition may, so others put up with it.
fn diagnostic(
    validator: &mut Validator,
    number: Option<i64>,
    label: impl FnOnce(i64) -> Option<&'static str>,
    clause: &'static str,
) {
    if let Some(number) = number
        && label(number).is_none()
    {
        validator.within("diagnostic", |validator| {
            validator.warning(Rule::Value, clause, format!("{number} has no meaning"));
        });
    }
}

fn unknown(validator: &mut Validator, clause: &'static str) {
    validator.error(Rule::Unknown, clause, "a reason of nobody that X.435 knows");
}
