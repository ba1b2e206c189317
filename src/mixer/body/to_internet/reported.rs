//! Reports and notifications that are parts of a body (X.420 Annex B, ledger B-18): their fields, for machines and people
//! alike; what the fields of a mail of its own are called is in [`report`](crate::mixer::report) and
//! [`notification`](crate::mixer::notification), and is the same here.

use bytes::Bytes;
use rasn_x400::x411::report::ReportType;
use rasn_x400::x420::forwarded::ReportDelivery;
use rasn_x400::x420::heading::OrDescriptor;
use rasn_x400::x420::notification::{AcknowledgmentMode, Ipn, NonReceiptReason, NotificationChoice};

use super::{Made, Place};
use crate::message::date::format_date;
use crate::mixer::AddressContext;
use crate::mixer::date::from_utc_time;
use crate::mixer::encoded_types::EncodedTypes;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::heading::to_internet::message_id;
use crate::mixer::notification::to_internet::discard_reason;
use crate::mixer::to_internet::Work;
use crate::status::NonDelivery;
use crate::status::table::enhanced_code;

/// Gives a part of `multipart/report` the type it had before it became text (B-17).
pub(super) fn restore(report_type: &str, index: usize, part: &mut Made) {
    let media_type = match index {
        1 => format!("message/{report_type}"),
        2 => "text/rfc822-headers".to_owned(),
        _ => return,
    };
    if part.bare {
        part.bare = false;
        part.fields = HeaderBlock::default();
        part.fields.add("Content-Type", &media_type);
    }
}

/// A report as `message/delivery-status` (RFC 3464).
pub(super) fn report(report: &ReportDelivery, place: &Place, work: &mut Work<'_>) -> Made {
    let source = format!("{}.report", place.at.source);
    let mut groups = vec![HeaderBlock::default()];
    let domain = work.settings().mail_domain.clone();
    groups[0].add("Reporting-MTA", &format!("dns; {domain}"));
    let subject = report.subject_submission_identifier.local_identifier.to_text();
    groups[0].add("X400-Subject-Submission-Identifier", &subject);
    if let Some(mark) = &report.content_identifier {
        groups[0].add("X400-Content-Identifier", &mark.to_text());
    }
    for one in &report.per_recipient_fields {
        let mut group = HeaderBlock::default();
        if let Some(intended) = &one.originally_intended_recipient_name {
            group.add("Original-Recipient", &format!("x400; {}", work.mapper().show_or(intended)));
        }
        let actual = &one.actual_recipient_name;
        let recipient = match work.mailbox(actual, AddressContext::Header, &source) {
            Ok(mapped) => format!("rfc822; {}", mapped.address),
            Err(_) => format!("x400; {}", work.mapper().show_or(actual)),
        };
        group.add("Final-Recipient", &recipient);
        match &one.report_type {
            ReportType::Delivery(delivery) => {
                group.add("Action", "delivered");
                group.add("Status", "2.0.0");
                if let Some(date) = from_utc_time(&delivery.message_delivery_time) {
                    group.add("X400-Delivery-Time", &format_date(date));
                }
                group.add("X400-Type-of-MTS-User", &delivery.type_of_mts_user.to_string());
            }
            ReportType::NonDelivery(failure) => {
                group.add("Action", "failed");
                let known =
                    failure.reason().map(|reason| NonDelivery { reason, diagnostic: failure.diagnostic() });
                let table = work.settings().diagnostic_table();
                let status = known.map(|known| enhanced_code(known, table).to_string());
                group.add("Status", status.as_deref().unwrap_or("5.0.0"));
                if let Some(known) = known {
                    group.add("Diagnostic-Code", &format!("x400; {known}"));
                }
            }
            ReportType::Unknown(_) => {
                place.dropped("kind of report", "nobody knows it", "B-18", work);
                group.add("Action", "relayed");
                group.add("Status", "2.0.0");
            }
        }
        if let Some(words) = &one.supplementary_information {
            group.add_text("X400-Supplementary-Info", &words.to_text());
        }
        if let Some(types) = &one.converted_encoded_information_types {
            group.add("X400-Converted-EITs", &format!("{};", EncodedTypes::from_asn1(types).to_text()));
        }
        if !one.extensions.is_empty() {
            place.dropped("extensions of a recipient", "a report inside has no place for them", "B-18", work);
        }
        groups.push(group);
    }
    if let Some(types) = &report.original_encoded_information_types {
        groups[0].add("X400-Original-Encoded-Information-Types", &EncodedTypes::from_asn1(types).to_text());
    }
    if !report.extensions.is_empty() {
        place.dropped("extensions of the report", "a report inside has no place for them", "B-18", work);
    }
    if report.returned_content.is_some() {
        place.dropped("returned content", "the fields of a report have no place for it", "B-18", work);
    }
    place.made("message/delivery-status", "B-18", work);
    fields_as_body("message/delivery-status", &groups)
}

/// A notification as `message/disposition-notification` (RFC 8098).
pub(super) fn notification(notification: &Ipn, place: &Place, work: &mut Work<'_>) -> Made {
    let mut fields = HeaderBlock::default();
    let domain = work.settings().mail_domain.clone();
    fields.add("Reporting-UA", &format!("{domain}; x400gw"));
    let source = format!("{}.notification", place.at.source);
    let mut person = |name: &str, who: Option<&OrDescriptor>, work: &mut Work<'_>| {
        let Some(formal) = who.and_then(|who| who.formal_name.as_ref()) else { return };
        let value = match work.mailbox(formal, AddressContext::Header, &source) {
            Ok(mapped) => format!("rfc822; {}", mapped.address),
            Err(_) => format!("x400; {}", work.mapper().show_or(formal)),
        };
        fields.add(name, &value);
    };
    let intended = notification.ipm_intended_recipient.as_ref();
    person("Original-Recipient", intended, work);
    person("Final-Recipient", notification.ipn_originator.as_ref().or(intended), work);
    fields.add("Original-Message-ID", &message_id(&notification.subject_ipm, work));
    match &notification.choice {
        NotificationChoice::Receipt(receipt) => {
            let mode = if receipt.acknowledgment_mode == AcknowledgmentMode::AUTOMATIC {
                "automatic-action/MDN-sent-automatically"
            } else {
                "manual-action/MDN-sent-manually"
            };
            fields.add("Disposition", &format!("{mode}; displayed"));
            if let Some(date) = from_utc_time(&receipt.receipt_time) {
                fields.add("X400-IPN-Receipt-Time", &format_date(date));
            }
            if let Some(words) = &receipt.supplementary_receipt_information {
                fields.add_text("X400-IPN-Supplementary-Receipt-Information", &words.to_text());
            }
        }
        NotificationChoice::NonReceipt(fate) => {
            let forwarded = fate.non_receipt_reason == NonReceiptReason::IPM_AUTO_FORWARDED;
            let what = if forwarded { "dispatched" } else { "deleted" };
            fields.add("Disposition", &format!("automatic-action/MDN-sent-automatically; {what}"));
            if !forwarded {
                fields.add("X400-IPN-Discard-Reason", discard_reason(fate.discard_reason));
            }
            if let Some(words) = &fate.auto_forward_comment {
                fields.add_text("X400-IPN-Auto-Forward-Comment", &words.to_text());
            }
            if fate.returned_ipm.is_some() {
                place.dropped(
                    "returned message",
                    "the fields of a notification have no place for it",
                    "B-18",
                    work,
                );
            }
        }
        NotificationChoice::Other(_) | NotificationChoice::Unknown(_) => {
            fields.add("Disposition", "automatic-action/MDN-sent-automatically; processed");
            place.dropped(
                "other notification",
                "the fields of a notification have no place for it",
                "B-18",
                work,
            );
        }
    }
    if let Some(types) = &notification.conversion_eits {
        fields.add("X400-IPN-Conversion-EITs", &EncodedTypes::from_asn1(types).to_text());
    }
    if !notification.notification_extensions.is_empty() {
        place.dropped("extensions of the notification", "mail has no place for them", "B-18", work);
    }
    place.made("message/disposition-notification", "B-18", work);
    fields_as_body("message/disposition-notification", &[fields])
}

/// Groups of fields, an empty line between them.
fn fields_as_body(media_type: &str, groups: &[HeaderBlock]) -> Made {
    let mut made = Made::typed(media_type);
    for (index, group) in groups.iter().enumerate() {
        if index > 0 {
            made.body.push(&b"\r\n"[..]);
        }
        made.body.push(Bytes::from(group.to_octets()));
    }
    made
}
