//! What of the message comes back with a report.

use bytes::Bytes;
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, PerMessageIndicators, PerRecipientFields, PerRecipientIndicators,
    Priority,
};
use rasn_x400::x411::report::{PerRecipientReportFields, ReportTransferContent};

use super::super::multipart::{Part, headers_part, message_part};
use super::super::seven_bit::seven_bit;
use super::{Input, Reported};
use crate::mixer::Context;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::loss::Losses;
use crate::mixer::rope::Rope;
use crate::mixer::to_internet::{self as message, Work};

/// What comes back.
pub(super) enum Returned {
    /// Nothing.
    Nothing,
    /// The third part.
    Part(Part),
}

/// The third part: the kept mail, else what the report returns, converted; all of it on failure, else its header.
pub(super) fn returned(
    input: &Input<'_>,
    reported: &[Reported<'_>],
    context: &Context<'_>,
    work: &mut Work<'_>,
) -> Returned {
    let failed = reported.iter().any(|one| !one.is_delivered());
    // RET=HDRS as the sender said.
    let whole = failed && !input.remembered.is_some_and(|known| known.headers_only);
    let (mail, source, clause) = match &input.original {
        //
        Some(mail) => (seven_bit(mail).0, "the mail as it came in", "R-59"),
        None => match converted(input, context) {
            Some((Ok(mail), losses)) => {
                work.losses.append(losses);
                (mail, "report.returned-content", if whole { "R-55" } else { "R-56" })
            }
            //
            Some((Err((octets, reason)), _)) => {
                let instead = if whole { "its octets" } else { "nothing" };
                work.losses.replaced("report.returned-content", "the message", reason, "R-57", instead);
                return if whole { Returned::Part(dump(octets)) } else { Returned::Nothing };
            }
            None => return Returned::Nothing,
        },
    };
    work.trail.made("part 3", if whole { "message/rfc822" } else { "text/rfc822-headers" }, source, clause);
    Returned::Part(if whole { message_part(mail) } else { headers_part(&mail) })
}

/// A mail with what its conversion lost, or the octets of what is none, and why.
type Content = (Result<Rope, (Bytes, String)>, Losses);

/// The content of a report as a mail; `None` if nothing was returned.
fn converted(input: &Input<'_>, context: &Context<'_>) -> Option<Content> {
    let content = &input.report.content;
    let octets = content.returned_content.as_ref()?.0.clone();
    let message = message::Input {
        envelope: envelope(input, content),
        content: octets.clone(),
        recipients: (1..).take(content.per_recipient_fields.len()).collect(),
    };
    Some(match message::to_internet(&message, context) {
        Ok(converted) => (Ok(converted.content), converted.losses),
        Err(refusal) => (Err((octets, refusal.to_string())), Losses::default()),
    })
}

/// The envelope of the message, as far as the report knows it.
fn envelope(input: &Input<'_>, content: &ReportTransferContent) -> MessageTransferEnvelope {
    MessageTransferEnvelope {
        message_identifier: content.subject_identifier.clone(),
        originator_name: input.report.envelope.report_destination_name.clone(),
        original_encoded_information_types: content.original_encoded_information_types.clone(),
        content_type: content.content_type.clone().unwrap_or(ContentType::P22),
        content_identifier: content.content_identifier.clone(),
        priority: Priority::NORMAL,
        per_message_indicators: PerMessageIndicators::default(),
        deferred_delivery_time: None,
        per_domain_bilateral_information: None,
        trace_information: content.subject_intermediate_trace_information.clone().unwrap_or_default(),
        extensions: Vec::new(),
        per_recipient_fields: content.per_recipient_fields.iter().map(recipient).collect(),
        unknown: Vec::new(),
    }
}

fn recipient(fields: &PerRecipientReportFields) -> PerRecipientFields {
    PerRecipientFields {
        recipient_name: fields.actual_recipient_name.clone(),
        originally_specified_recipient_number: fields.originally_specified_recipient_number,
        per_recipient_indicators: PerRecipientIndicators::with(&[PerRecipientIndicators::RESPONSIBILITY]),
        explicit_conversion: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    }
}

/// the octets of a content that is no message.
fn dump(octets: Bytes) -> Part {
    let mut fields = HeaderBlock::default();
    fields.add("Content-Type", "application/octet-stream");
    fields.add("Content-Description", "The content that was returned, in BER");
    fields.add("Content-Disposition", "attachment; filename=returned-content.ber");
    fields.add("Content-Transfer-Encoding", "base64");
    let mut rope = Rope::default();
    rope.push_base64(vec![octets]);
    (fields, rope)
}
