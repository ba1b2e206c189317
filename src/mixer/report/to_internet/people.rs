//! The text part.

use rasn_x400::x411::extension::{ContentCorrelator, Extension};
use rasn_x400::x411::report::ReportType;

use super::super::text_forms::{date, mts_identifier};
use super::recipient_fields::Fields;
use super::{Input, Reported};
use crate::mixer::correlation::{ENVELOPE_ID_PREFIX, correlator_text};
use crate::mixer::to_internet::Work;

/// The text, lines ended by CR LF.
pub(super) fn text(
    input: &Input<'_>,
    reported: &[Reported<'_>],
    recipients: &[Fields],
    returned: bool,
    work: &mut Work<'_>,
) -> String {
    let wording = &work.context().settings.report_wording;
    let mut lines = vec![wording.relates_to.clone()];
    lines.extend(recognised_by(input).into_iter().map(|line| format!("        {line}")));
    lines.extend([String::new(), format!("{} {}", wording.of, message_date(input)), String::new()]);
    for (one, fields) in reported.iter().zip(recipients) {
        lines.push(String::new());
        let who = fields.mailbox.as_ref().unwrap_or(&fields.name);
        match (&one.fields.last_trace_information.report_type, one.non_delivery()) {
            (ReportType::Delivery(delivery), _) => {
                lines.push(wording.delivered_to.clone());
                lines.push(format!("        {who}"));
                lines.push(format!("{} {}", wording.at, date(&delivery.message_delivery_time)));
            }
            (_, non_delivery) => {
                lines.push(wording.not_delivered_to.clone());
                lines.push(format!("        {who}"));
                lines.push(wording.reason.clone());
                lines.extend(non_delivery.map(|why| format!("        {}", wording.meaning(why))));
                if let Some(more) = &one.fields.supplementary_information {
                    lines.push(format!("        {}", one_line(&more.to_text())));
                }
            }
        }
        lines.push(String::new());
    }
    lines.push(String::new());
    lines.push(if returned { wording.original_follows.clone() } else { wording.original_missing.clone() });
    lines.push(String::new());
    work.trail.made("text part", wording.relates_to.as_str(), "report", "R-12");
    lines.join("\r\n")
}

/// the content correlator, line by line as the sender's system wrote it; else the content identifier. An ENVID tells
/// people nothing, so that the content identifier stands beside it; without anything there is the MTS identifier.
fn recognised_by(input: &Input<'_>) -> Vec<String> {
    let content = &input.report.content;
    let correlator = ContentCorrelator::find(&content.extensions).ok().flatten();
    let correlator = correlator.map(|value| correlator_text(&value)).unwrap_or_default();
    let mut lines: Vec<String> = correlator.lines().map(one_line).filter(|line| !line.is_empty()).collect();
    if (lines.is_empty() || correlator.starts_with(ENVELOPE_ID_PREFIX))
        && let Some(identifier) = &content.content_identifier
    {
        lines.push(one_line(&identifier.to_text()));
    }
    if lines.is_empty() {
        lines.push(mts_identifier(&content.subject_identifier));
    }
    lines
}

/// R-12, Z-55: when the message was last seen on its way, else when the report was made.
fn message_date(input: &Input<'_>) -> String {
    let report = input.report;
    let newest =
        report.content.subject_intermediate_trace_information.as_ref().and_then(|trace| trace.last());
    let hop = newest.or_else(|| report.envelope.trace_information.first());
    hop.map(|hop| date(&hop.supplied.arrival_time)).unwrap_or_default()
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect::<String>()
        .trim()
        .to_owned()
}
