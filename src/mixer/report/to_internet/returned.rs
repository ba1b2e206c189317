//! What of the message comes back with a report.

use bytes::Bytes;
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, PerMessageIndicators, PerRecipientFields, PerRecipientIndicators,
    Priority,
};
use rasn_x400::x411::report::{PerRecipientReportFields, ReportTransferContent};

use super::super::multipart::{Part, headers_part, is_seven_bit, message_part};
use super::{Input, Reported};
use crate::mixer::Context;
use crate::mixer::header_block::HeaderBlock;
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
    let kept = input.original.as_ref().filter(|mail| !whole || is_seven_bit(mail));
    let (mail, source, clause) = match (kept, converted(input, context, work)) {
        //
        (Some(mail), _) => {
            let mut rope = Rope::default();
            rope.push(mail.clone());
            (rope, "the mail as it came in", "R-59")
        }
        (None, Some(Ok(mail))) => (mail, "report.returned-content", if whole { "R-55" } else { "R-56" }),
        //
        (None, Some(Err(octets))) => {
            work.trail.made("part 3", "application/octet-stream", "report.returned-content", "R-57");
            return if whole { Returned::Part(dump(octets)) } else { Returned::Nothing };
        }
        (None, None) => return kept_header(input, work),
    };
    work.trail.made("part 3", if whole { "message/rfc822" } else { "text/rfc822-headers" }, source, clause);
    Returned::Part(if whole { message_part(mail) } else { seven_bit_headers(headers_part(&mail), work) })
}

/// A kept mail that needs eight bits, with nothing else to return: its header.
fn kept_header(input: &Input<'_>, work: &mut Work<'_>) -> Returned {
    let Some(mail) = &input.original else { return Returned::Nothing };
    let mut rope = Rope::default();
    rope.push(mail.clone());
    work.losses.replaced(
        "the mail as it came in",
        "its body",
        "it needs eight bits, and a report has seven",
        "R-11",
        "its header",
    );
    Returned::Part(seven_bit_headers(headers_part(&rope), work))
}

/// A header has seven bits too; where it needs eight the part says how they are written.
fn seven_bit_headers(part: Part, work: &mut Work<'_>) -> Part {
    let (mut fields, octets) = part;
    let header = octets.to_vec();
    if is_seven_bit(&header) {
        return (fields, octets);
    }
    work.trail.made("part 3", "base64", "the header needs eight bits", "R-11");
    fields.add("Content-Transfer-Encoding", "base64");
    let mut encoded = Rope::default();
    encoded.push_base64(vec![header.into()]);
    (fields, encoded)
}

/// The content of a report as a mail, or the octets of one that is none; `None` if nothing was returned.
fn converted(input: &Input<'_>, context: &Context<'_>, work: &mut Work<'_>) -> Option<Result<Rope, Bytes>> {
    let content = &input.report.content;
    let octets = content.returned_content.as_ref()?.0.clone();
    let message = message::Input {
        envelope: envelope(input, content),
        content: octets.clone(),
        recipients: (1..).take(content.per_recipient_fields.len()).collect(),
    };
    match message::to_internet(&message, context) {
        Ok(converted) => {
            work.losses.append(converted.losses);
            Some(Ok(converted.content))
        }
        Err(refusal) => {
            work.losses.replaced(
                "report.returned-content",
                "the message",
                refusal.to_string(),
                "R-57",
                "its octets",
            );
            Some(Err(octets))
        }
    }
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
