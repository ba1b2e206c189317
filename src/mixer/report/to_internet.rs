//! A report becomes a delivery status notification (RFC 2156 5.3.8): [`to_internet`].
//!
//! A pure function, as every conversion is. The mail has the null reverse path, so that nobody ever reports on it, and the
//! destination of the report as its only recipient.

mod message_fields;
mod people;
mod recipient_fields;
mod reporting_mta;
mod returned;

use bytes::Bytes;
use rasn_x400::x411::envelope::PerRecipientIndicators;
use rasn_x400::x411::report::{NonDeliveryReport, PerRecipientReportFields, ReportType};
use rasn_x400::x419::Report;

use super::multipart::{fields_part, multipart, text_part};
use super::text_forms::mts_identifier;
use crate::message::date::format_date;
use crate::mixer::correlation::{CorrelatedRecipient, Correlation};
use crate::mixer::date::from_utc_time;
use crate::mixer::header_block::{HeaderBlock, phrase, word};
use crate::mixer::mail::{BodyType, MailOptions, Recipient};
use crate::mixer::to_internet::{Converted, NotProvided, Work};
use crate::mixer::trace::to_internet as trace;
use crate::mixer::{AddressContext, AddressError, Context};
use crate::status::{
    Cause, DiagnosticTable, EnhancedCode, NonDelivery, NonDeliveryReason, StatusDetail, table,
};
use returned::Returned;

/// A report as it came over P1.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// Envelope and content.
    pub report: &'a Report,
    /// What is remembered of the message it is about.
    pub remembered: Option<&'a Correlation>,
    /// The mail it is about, if it was kept: it goes before what the report returns.
    pub original: Option<Bytes>,
}

/// Why no mail is made of a report. In each case there is nobody to tell, so it is logged and dropped (F-18).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The sender asked for none of what it says.
    #[error("nobody asked for what this report says")]
    Unwanted,
    /// Who is to hear it has no mailbox.
    #[error("the destination of the report cannot be carried: {0}")]
    Destination(AddressError),
    /// It has been converted too often.
    #[error(transparent)]
    Loop(#[from] NotProvided),
}

/// Converts a report.
///
/// # Errors
/// As the variants of [`Refusal`] say.
pub fn to_internet(input: &Input<'_>, context: &Context<'_>) -> Result<Converted, Refusal> {
    let report = input.report;
    let mut work = Work::new(context);
    let reported = reported(input, &mut work);
    if reported.is_empty() {
        return Err(Refusal::Unwanted);
    }
    let destination = destination(input, &mut work)?;
    let recipients: Vec<_> = reported.iter().map(|one| recipient_fields::fields(one, &mut work)).collect();
    let returned = returned::returned(input, &reported, context, &mut work);

    let recipient = Recipient {
        number: 1,
        address: destination,
        notify: Some(vec!["NEVER".to_owned()]),
        ..Recipient::default()
    };
    //
    let envelope = &report.envelope;
    let addressed = std::slice::from_ref(&recipient);
    let mut header =
        trace::fields_of(&envelope.trace_information, &envelope.extensions, addressed, &mut work)?;
    outer_header(input, &reported, &recipients, &recipient.address, &mut header, &mut work);
    let text = people::text(input, &reported, &recipients, !matches!(returned, Returned::Nothing), &mut work);
    let mut groups = vec![message_fields::fields(input, &mut work)];
    groups.extend(recipients.into_iter().map(|recipient| recipient.fields));
    let mut parts = vec![text_part(&text), fields_part("message/delivery-status", &groups)];
    if let Returned::Part(part) = returned {
        parts.push(part);
    }
    // Another one than any the message inside can have.
    let boundary = format!("=_{}_report_x400", context.message_identifier);
    let content = multipart(header, Some("delivery-status"), &boundary, parts);
    let Work { losses, trail, .. } = work;
    Ok(Converted {
        // Z-22
        reverse_path: None,
        options: MailOptions { body: Some(BodyType::SevenBit), ..MailOptions::default() },
        recipients: vec![recipient],
        content,
        authors: vec![context.settings.administrator()],
        losses,
        trail,
        refused: Vec::new(),
    })
}

/// A recipient that the mail speaks of.
struct Reported<'a> {
    /// Its place in the report, from 1.
    place: usize,
    fields: &'a PerRecipientReportFields,
    known: Option<&'a CorrelatedRecipient>,
    /// Whether the sender set a time after which the message was to be returned.
    time_limited: bool,
}

impl Reported<'_> {
    const fn is_delivered(&self) -> bool {
        matches!(self.fields.last_trace_information.report_type, ReportType::Delivery(_))
    }

    /// Why it was not delivered; `None` if it was.
    fn non_delivery(&self) -> Option<NonDelivery> {
        match &self.fields.last_trace_information.report_type {
            ReportType::Delivery(_) => None,
            ReportType::NonDelivery(report) => Some(codes(report)),
            // A third way of ending is none that can be told from failure.
            ReportType::Unknown(_) => {
                Some(NonDelivery { reason: NonDeliveryReason::UnableToTransfer, diagnostic: None })
            }
        }
    }

    /// D-12 where the sender set the time that is over.
    fn status(&self, table: DiagnosticTable) -> EnhancedCode {
        let Some(non_delivery) = self.non_delivery() else { return StatusDetail::OTHER_X_0_0.success() };
        let code = table::enhanced_code(non_delivery, table);
        if self.time_limited && code.detail == StatusDetail::TIME_EXPIRED_X_4_7 {
            return code.detail.permanent();
        }
        // The same words as everywhere: what failed is no success.
        let cause = Cause::Notified { status: code, diagnostic_code: None };
        cause.enhanced_code()
    }
}

/// Reason and diagnostic; a number outside the bounds counts as unable-to-transfer, or as no diagnostic.
fn codes(report: &NonDeliveryReport) -> NonDelivery {
    NonDelivery {
        reason: report.reason().unwrap_or(NonDeliveryReason::UnableToTransfer),
        diagnostic: report.diagnostic(),
    }
}

/// R-01, D-10, F-16: the recipients that the sender wants to hear of.
fn reported<'a>(input: &Input<'a>, work: &mut Work<'_>) -> Vec<Reported<'a>> {
    let remembered = input.remembered;
    // F-18: nothing is reported on a report, or on anything else without a sender.
    let nobody = remembered.is_some_and(|known| known.reverse_path.is_none());
    let mut reported = Vec::new();
    for (place, fields) in (1..).zip(&input.report.content.per_recipient_fields) {
        let known = remembered.and_then(|known| known.by_report(fields));
        let time_limited = remembered.is_some_and(|known| known.time_limited);
        let one = Reported { place, fields, known, time_limited };
        if !nobody && wanted(&one) {
            reported.push(one);
        } else {
            let clause = if known.is_some() { "beyond D-10" } else { "R-01" };
            let outcome = if one.is_delivered() { "delivered" } else { "not delivered" };
            work.losses.dropped(
                format!("report.recipients[{place}]"),
                outcome,
                "the sender did not ask to hear of it",
                clause,
            );
        }
    }
    reported
}

fn wanted(one: &Reported<'_>) -> bool {
    if let Some(known) = one.known {
        return known.wants(one.is_delivered());
    }
    let bits = &one.fields.per_recipient_indicators;
    bits.has(PerRecipientIndicators::ORIGINATOR_REPORT)
        || (!one.is_delivered() && bits.has(PerRecipientIndicators::ORIGINATOR_NON_DELIVERY_REPORT))
}

/// the mailbox of whoever is to hear it.
fn destination(input: &Input<'_>, work: &mut Work<'_>) -> Result<String, Refusal> {
    let name = &input.report.envelope.report_destination_name;
    let source = "report.report-destination-name";
    match work.mailbox(name, AddressContext::Recipient, source) {
        Ok(mapped) => Ok(mapped.address),
        Err(error) => {
            let known = input.remembered.and_then(|known| known.reverse_path.clone());
            known.ok_or(Refusal::Destination(error))
        }
    }
}

/// the header of the mail, behind the trace.
fn outer_header(
    input: &Input<'_>,
    reported: &[Reported<'_>],
    recipients: &[recipient_fields::Fields],
    destination: &str,
    header: &mut HeaderBlock,
    work: &mut Work<'_>,
) {
    let envelope = &input.report.envelope;
    let context = work.context();
    let settings = context.settings;
    let administrator = settings.administrator();
    let trail = &mut work.trail;
    let from = format!("{} <{administrator}>", phrase(&settings.administrator_name));
    header.add_told("From", &from, ("setting", "R-03"), trail);
    header.add_told("To", destination, ("report.report-destination-name", "R-03"), trail);
    // the first domain saw the report when it was made.
    let made = envelope.trace_information.first().and_then(|hop| from_utc_time(&hop.supplied.arrival_time));
    let source = if made.is_some() { "report.trace-information[1]" } else { "made by the gateway" };
    let date = format_date(made.unwrap_or_else(|| work.now()));
    let trail = &mut work.trail;
    header.add_told("Date", &date, (source, "R-09"), trail);
    let message_id = format!("<{}@{}>", context.message_identifier, settings.mail_domain);
    header.add_told("Message-ID", &message_id, ("made by the gateway", "R-08"), trail);
    if let Some(message_id) = input.remembered.and_then(|known| known.message_id.as_deref()) {
        let threads = format!("<{message_id}>");
        let source = ("the mail that is remembered", "Y-23");
        header.add_told("In-Reply-To", &threads, source, trail);
        header.add_told("References", &threads, source, trail);
    }
    let subject = subject(input, reported, recipients);
    work.trail.made("header Subject", subject.as_str(), "report", "R-05");
    header.add_text("Subject", &subject);
    let trail = &mut work.trail;
    header.add_told("Message-Type", "Delivery Report", ("report", "R-04"), trail);
    header.add_told("Auto-Submitted", "auto-replied", ("report", "D-55"), trail);
    let identifier = mts_identifier(&envelope.report_identifier);
    header.add_told("X400-MTS-Identifier", &identifier, ("report.report-identifier", "R-08"), trail);
    message_fields::restore_header(&input.report.content, header, work);
}

///
fn subject(input: &Input<'_>, reported: &[Reported<'_>], recipients: &[recipient_fields::Fields]) -> String {
    let delivered = reported.iter().filter(|one| one.is_delivered()).count();
    let status = match delivered {
        0 => "failure",
        all if all == reported.len() => "success",
        _ => "success and failures",
    };
    let what = match recipients {
        [only] => only.mailbox.clone().map(|mailbox| format!(" for {mailbox}")),
        _ => reporting_mta::reporting_mta(input.report).map(|name| format!(" for MTA {}", word(&name))),
    };
    format!("Delivery-Report ({status}){}", what.unwrap_or_default())
}
