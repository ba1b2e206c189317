//! Interpersonal notifications (X.420 8; ledger A-33).

use super::content::Protocol;
use super::heading_extension::{Place, fields};
use super::ipm::{self, descriptor, identifier, named};
use super::validator::Validator;
use super::violation::Rule;
use crate::bounds;
use crate::x420::notification::{Ipn, NonReceiptFields, NonReceiptReason, NotificationChoice, ReceiptFields};

/// Tells everything that is wrong with a notification.
pub(super) fn judge(validator: &mut Validator, protocol: Protocol, notification: &Ipn) {
    validator.within("subject-ipm", |validator| identifier(validator, &notification.subject_ipm));
    for (name, who) in [
        ("ipn-originator", &notification.ipn_originator),
        ("ipm-intended-recipient", &notification.ipm_intended_recipient),
    ] {
        if let Some(who) = who {
            validator.within(name, |validator| descriptor(validator, who));
        }
    }
    let extensions = &notification.notification_extensions;
    if protocol == Protocol::P2 && !extensions.is_empty() {
        validator.within("notification-extensions", |validator| {
            validator.error(Rule::Edition, "X.420 8.1", "P2 has no notification extensions");
        });
    }
    fields(validator, "notification-extensions", Place::Notification, protocol, extensions);
    match &notification.choice {
        NotificationChoice::NonReceipt(it) => {
            validator.within("non-receipt-fields", |validator| non_receipt(validator, protocol, it));
        }
        NotificationChoice::Receipt(it) => {
            validator.within("receipt-fields", |validator| receipt(validator, it))
        }
        NotificationChoice::Other(it) => {
            if protocol == Protocol::P2 {
                validator.error(Rule::Edition, "X.420 8.4", "P2 has no other notifications");
            }
            if it.is_empty() {
                validator.error(Rule::Missing, "X.420 8.4", "a notification that says nothing");
            }
            fields(validator, "other-notification-type-fields", Place::Other, protocol, it);
        }
        NotificationChoice::Unknown(_) => {
            validator.error(
                Rule::Unknown,
                "X.420 8",
                "neither receipt nor non-receipt nor another notification",
            );
        }
    }
    validator.unknown(&notification.unknown);
}

fn non_receipt(validator: &mut Validator, protocol: Protocol, fields: &NonReceiptFields) {
    let reason = fields.non_receipt_reason;
    named(validator, "non-receipt-reason", reason.0, reason.label(), "X.420 8.2");
    let discarded = reason == NonReceiptReason::IPM_DISCARDED;
    match fields.discard_reason {
        Some(why) => {
            named(validator, "discard-reason", why.0, why.label(), "X.420 8.2");
            if !discarded {
                validator.error(
                    Rule::Conflict,
                    "X.420 8.2",
                    "a discard reason for a message that was not discarded",
                );
            }
        }
        None if discarded => validator.error(Rule::Missing, "X.420 8.2", "discarded, and no discard reason"),
        None => {}
    }
    if let Some(comment) = &fields.auto_forward_comment {
        validator.string("auto-forward-comment", comment, 0..=bounds::AUTO_FORWARD_COMMENT, "X.420 8.2");
        if reason != NonReceiptReason::IPM_AUTO_FORWARDED {
            let what = "an auto-forward comment for a message that was not forwarded";
            validator.error(Rule::Conflict, "X.420 8.2", what);
        }
    }
    if let Some(message) = &fields.returned_ipm {
        validator.within("returned-ipm", |validator| ipm::message(validator, protocol, message, ipm::DEPTH));
    }
    validator.unknown(&fields.unknown);
}

fn receipt(validator: &mut Validator, fields: &ReceiptFields) {
    validator.time("receipt-time", &fields.receipt_time);
    let mode = fields.acknowledgment_mode;
    named(validator, "acknowledgment-mode", mode.0, mode.label(), "X.420 8.3");
    if let Some(words) = &fields.supplementary_receipt_information {
        validator.string("suppl-receipt-info", words, 1..=bounds::SUPPLEMENTARY_INFORMATION, "X.420 8.3");
    }
    validator.unknown(&fields.unknown);
}
