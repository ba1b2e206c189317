//! Reports: what a message or probe came to here, told to its originator (X.411 12.2.1.3, 14.4).

use rasn_x400::ber::Error;
use rasn_x400::bounds;
use rasn_x400::prim::Octets;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{
    MtsIdentifier, PerMessageIndicators, PerRecipientFields, PerRecipientIndicators,
};
use rasn_x400::x411::extension::{
    ContentCorrelator, DlExpansionHistory, Extension, ExtensionField, InternalTrace,
    OriginatorAndDlExpansionHistory, OriginatorOrDl, RedirectionHistory, ReportingMta, ReportingMtaName,
};
use rasn_x400::x411::report::{
    DeliveryReport, LastTraceInformation, NonDeliveryReport, PerRecipientReportFields, ReportTransferContent,
    ReportTransferEnvelope, ReportType, TypeOfMtsUser,
};
use rasn_x400::x419::Report;

use super::super::trace::{self, Passage};
use super::{Apdu, Context, Undeliverable, x400_time};
use crate::mixer::printable::nearest_printable_string;

/// What became of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was delivered, as far as this MTA knows; of a probe, a message would be.
    Deliverable {
        /// For the originator, in words.
        text: String,
    },
    /// It was not delivered, or would not be.
    Failed(Undeliverable),
}

/// The report on these recipients, under the local identifier `identifier`; `None` if nobody wants it, or if the subject is
/// itself a report, about which nothing is ever reported.
///
/// `return_limit` is how many octets of content are returned at most, where the originator asked for them.
///
/// # Errors
/// [`Error::Unencodable`]; a fault of ours.
pub fn report(
    subject: &Apdu,
    verdicts: &[(u32, Verdict)],
    identifier: &str,
    return_limit: u64,
    context: &Context<'_>,
) -> Result<Option<Apdu>, Error> {
    let Some(originator) = subject.originator() else { return Ok(None) };
    let per_recipient_fields: Vec<PerRecipientReportFields> = (1..)
        .zip(subject.recipients())
        .filter_map(|(number, fields)| {
            let (_, verdict) = verdicts.iter().find(|(one, _)| *one == number)?;
            wanted(&fields.per_recipient_indicators, verdict).then(|| recipient(fields, verdict, context))
        })
        .collect();
    if per_recipient_fields.is_empty() {
        return Ok(None);
    }
    let passage =
        Passage { arrival: x400_time(context.now), deferred: None, attempted: Vec::new(), redirected: false };
    let lists = DlExpansionHistory::find(subject.extensions()).ok().flatten().unwrap_or_default();
    let mut extensions = Vec::new();
    if !lists.is_empty() {
        extensions.push(OriginatorAndDlExpansionHistory::field(&expansion(subject, originator, &lists))?);
    }
    extensions.push(InternalTrace::field(&vec![trace::internal_element(context.us, &passage)])?);
    extensions.push(ReportingMtaName::field(&ReportingMta {
        domain: context.us.domain.clone(),
        mta_name: context.us.mta_name.as_str().into(),
        directory_name: None,
        unknown: Vec::new(),
    })?);
    let envelope = ReportTransferEnvelope {
        report_identifier: MtsIdentifier {
            domain: context.us.domain.clone(),
            local_identifier: identifier.into(),
            unknown: Vec::new(),
        },
        // A list that was expanded answers for what follows, the last one first.
        report_destination_name: lists.last().map_or(originator, |step| &step.list).clone(),
        trace_information: vec![trace::external_element(context.us, &passage)],
        extensions,
        unknown: Vec::new(),
    };
    let content = content(subject, per_recipient_fields, return_limit);
    Ok(Some(Apdu::Report(Box::new(Report { envelope, content }))))
}

/// The report's content but for what the recipients share.
fn content(
    subject: &Apdu,
    per_recipient_fields: Vec<PerRecipientReportFields>,
    return_limit: u64,
) -> ReportTransferContent {
    let (types, content_type, content_identifier, returned) = match subject {
        Apdu::Message { envelope, content, .. } => {
            let asked = envelope.per_message_indicators.has(PerMessageIndicators::CONTENT_RETURN_REQUEST);
            // One that cannot be read is no reason to say nothing.
            let returned = (asked && content.length() <= return_limit)
                .then(|| content.read().ok().map(|pieces| Octets(pieces.concat().into())))
                .flatten();
            (
                &envelope.original_encoded_information_types,
                Some(envelope.content_type.clone()),
                &envelope.content_identifier,
                returned,
            )
        }
        Apdu::Probe(probe) => (
            &probe.original_encoded_information_types,
            Some(probe.content_type.clone()),
            &probe.content_identifier,
            None,
        ),
        Apdu::Report(_) => (&None, None, &None, None),
    };
    let audited = per_recipient_fields.iter().any(|fields| {
        let bits = &fields.per_recipient_indicators;
        bits.has(PerRecipientIndicators::ORIGINATING_MTA_REPORT)
            && bits.has(PerRecipientIndicators::ORIGINATING_MTA_NON_DELIVERY_REPORT)
    });
    // As it came: it tells the originator's system what the report is about.
    let correlator: Vec<ExtensionField> = subject
        .extensions()
        .iter()
        .filter(|field| field.kind.number() == Some(ContentCorrelator::NUMBER))
        .cloned()
        .collect();
    ReportTransferContent {
        subject_identifier: subject.identifier().clone(),
        subject_intermediate_trace_information: audited.then(|| subject.trace().clone()),
        original_encoded_information_types: types.clone(),
        content_type,
        content_identifier: content_identifier.clone(),
        returned_content: returned,
        additional_information: None,
        extensions: correlator,
        per_recipient_fields,
        unknown: Vec::new(),
    }
}

/// Whether the originating MTA wants to hear it. It always wants to hear of failure: X.411 has no value for less, so what
/// says nothing is read as that.
fn wanted(indicators: &PerRecipientIndicators, verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Deliverable { .. } => indicators.has(PerRecipientIndicators::ORIGINATING_MTA_REPORT),
        Verdict::Failed(_) => true,
    }
}

fn recipient(
    fields: &PerRecipientFields,
    verdict: &Verdict,
    context: &Context<'_>,
) -> PerRecipientReportFields {
    let (report_type, text) = match verdict {
        Verdict::Deliverable { text } => (
            ReportType::Delivery(DeliveryReport {
                message_delivery_time: x400_time(context.now),
                type_of_mts_user: TypeOfMtsUser::OTHER,
                unknown: Vec::new(),
            }),
            text,
        ),
        Verdict::Failed(Undeliverable { non_delivery, text }) => (
            ReportType::NonDelivery(NonDeliveryReport {
                reason_code: non_delivery.reason.number().into(),
                diagnostic_code: non_delivery.diagnostic.map(|diagnostic| diagnostic.number().into()),
                unknown: Vec::new(),
            }),
            text,
        ),
    };
    let history = RedirectionHistory::find(&fields.extensions).ok().flatten().unwrap_or_default();
    let carried = |field: &&ExtensionField| field.kind.number() == Some(RedirectionHistory::NUMBER);
    PerRecipientReportFields {
        actual_recipient_name: fields.recipient_name.clone(),
        originally_specified_recipient_number: fields.originally_specified_recipient_number,
        per_recipient_indicators: fields.per_recipient_indicators.clone(),
        last_trace_information: LastTraceInformation {
            arrival_time: x400_time(context.arrival),
            converted_encoded_information_types: None,
            report_type,
            unknown: Vec::new(),
        },
        originally_intended_recipient_name: history
            .first()
            .map(|step| step.intended_recipient.recipient.clone()),
        supplementary_information: nearest_printable_string(text, bounds::SUPPLEMENTARY_INFORMATION),
        extensions: fields.extensions.iter().filter(carried).cloned().collect(),
        unknown: Vec::new(),
    }
}

/// The originator and the lists, oldest first (extension 30). When it was sent is when it came to the first domain.
fn expansion(
    subject: &Apdu,
    originator: &OrName,
    lists: &[rasn_x400::x411::extension::DlExpansion],
) -> Vec<OriginatorOrDl> {
    let sent = subject.trace().first().map(|first| first.supplied.arrival_time.clone()).unwrap_or_default();
    let first = OriginatorOrDl { name: originator.clone(), time: sent, unknown: Vec::new() };
    let lists = lists.iter().map(|step| OriginatorOrDl {
        name: step.list.clone(),
        time: step.expansion_time.clone(),
        unknown: Vec::new(),
    });
    std::iter::once(first).chain(lists).collect()
}
