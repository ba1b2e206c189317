//! A delivery status notification becomes a report, a message, or both (RFC 2156 5.1.8): [`to_x400`].
//!
//! What was delivered or failed is reported; what was delayed, relayed or expanded has no report in X.400, and the user reads of
//! it in a message. With a failure the whole notification comes along as returned content, so that nothing is lost.

mod fields;
mod recipient;

use std::collections::BTreeSet;

use rasn_x400::ber;
use rasn_x400::oids::{DSN_FIELD_LIST, DSN_HEADER_LIST};
use rasn_x400::prim::{Ia5String, Octets, Oid, RawTlv, X400Time};
use rasn_x400::x411::envelope::MtsIdentifier;
use rasn_x400::x411::extension::{
    ContentCorrelator, ContentCorrelatorValue, Criticality, Extension, ExtensionField, ExtensionType,
};
use rasn_x400::x411::report::{PerRecipientReportFields, ReportTransferContent, ReportTransferEnvelope};
use rasn_x400::x419::{MtsApdu, Report};

use super::delivery_status::{Notice, NoticeKind};
use super::text_forms::{mts_identifier, parse_mts_identifier};
use crate::message::{Header, Message};
use crate::mixer::Context;
use crate::mixer::correlation::{Correlation, MTS_IDENTIFIER_PREFIX};
use crate::mixer::encoded_types::EncodedTypes;
use crate::mixer::envelope::time_of;
use crate::mixer::heading::{self, singles::first};
use crate::mixer::loss::{Losses, Trail};
use crate::mixer::settings::{MtsIdentifierSource, Settings};
use crate::mixer::to_x400::{self as message, Input, Refusal, Work};
use crate::mixer::trace::utc;

/// What a notification became.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The report, if anything is to be reported.
    pub report: Option<Report>,
    /// The message, if anything is to be read (S-01, S-02).
    pub message: Option<message::Converted>,
    /// What did not survive on the way to the report; the message has its own.
    pub losses: Losses,
    /// Where everything in the report came from.
    pub trail: Trail,
}

impl Converted {
    /// The report as it is transferred: an MTS-APDU (X.419).
    ///
    /// # Errors
    /// [`ber::Error::Unencodable`]; a fault of the gateway.
    pub fn report_apdu(&self) -> Result<Option<Vec<u8>>, ber::Error> {
        self.report.clone().map(|report| ber::encode(&MtsApdu::Report(report))).transpose()
    }
}

/// The notification in a mail, if it is a delivery status notification.
#[must_use]
pub fn find(message: &Message) -> Option<Notice> {
    Notice::find(message).filter(|notice| notice.kind == NoticeKind::Delivery)
}

/// Converts a mail that [`find`] found a notification in. `remembered` is what is known of the message it is about.
///
/// # Errors
/// As for any message: who is to hear it has no X.400 address, or the mail is in a loop. There is nobody to tell (F-18).
pub fn to_x400(
    input: &Input,
    notice: &Notice,
    remembered: Option<&Correlation>,
    context: &Context<'_>,
) -> Result<Converted, Refusal> {
    let mut work = Work::new(input, context);
    let plan = recipient::plan(notice, remembered, &mut work);
    let report = if plan.reported.is_empty() {
        None
    } else {
        Some(report(&plan, input, notice, remembered, context, &mut work)?)
    };
    // Both have identifiers of their own.
    let settings = Settings { mts_identifier: MtsIdentifierSource::Gateway, ..context.settings.clone() };
    let own = Context { settings: &settings, ..*context };
    let message = match (&report, plan.is_read) {
        (Some(_), true) => Some(message::to_x400(input, &own)?),
        (None, true) => Some(message::to_x400(input, context)?),
        (_, false) => None,
    };
    let Work { losses, trail, .. } = work;
    Ok(Converted { report, message, losses, trail })
}

/// S-03: a report transfer.
fn report(
    plan: &recipient::Plan<'_>,
    input: &Input,
    notice: &Notice,
    remembered: Option<&Correlation>,
    context: &Context<'_>,
    work: &mut Work<'_>,
) -> Result<Report, Refusal> {
    // S-04: its identifier comes from the Message-ID. S-05, S-06: destination and trace are those of a message.
    let settings = Settings { mts_identifier: MtsIdentifierSource::MessageId, ..context.settings.clone() };
    let ipm = message::to_x400(input, &Context { settings: &settings, ..*context })?;
    let header = Message::parse(input.content.clone()).header().clone();
    let Some(destination) = ipm.envelope.per_recipient_fields.first().map(|one| one.recipient_name.clone())
    else {
        return Err(Refusal::Recipients(Vec::new()));
    };
    let fits = context.settings.dsn_extensions && !context.settings.is_1984();
    let mut extensions: Vec<_> = ipm
        .envelope
        .extensions
        .into_iter()
        .filter(|field| field.kind.number() == Some(INTERNAL_TRACE))
        .collect();
    let envelope = ReportTransferEnvelope {
        report_identifier: ipm.envelope.message_identifier,
        report_destination_name: destination,
        trace_information: ipm.envelope.trace_information,
        extensions: std::mem::take(&mut extensions),
        unknown: Vec::new(),
    };
    let shown = mts_identifier(&envelope.report_identifier);
    work.trail.made("report.report-identifier", shown, "header Message-ID", "S-04");
    let arrival = arrival(&header, notice, work);
    let per_recipient_fields = plan
        .reported
        .iter()
        .map(|one| recipient::fields(one, &arrival, fits, work))
        .collect::<Result<Vec<_>, _>>()?;
    let failed = plan.reported.iter().any(|one| !one.is_delivered());
    let mut content = ReportTransferContent {
        subject_identifier: subject(notice, remembered, work),
        subject_intermediate_trace_information: None,
        original_encoded_information_types: original_types(notice, remembered),
        content_type: remembered.map(|known| known.content_type.0.clone()),
        content_identifier: fields::content_identifier(notice, remembered),
        returned_content: None,
        additional_information: None,
        extensions: Vec::new(),
        per_recipient_fields,
        unknown: Vec::new(),
    };
    if failed {
        // S-08
        work.trail.made("report.returned-content", "the whole notification", "mail", "S-08");
        content.returned_content = Some(Octets(ipm.content.concat().into()));
        content.content_type = Some(ipm.content_type);
        work.losses.append(ipm.losses);
    }
    if !context.settings.is_1984() {
        content.extensions.extend(correlator(notice, remembered)?);
    }
    field_lists(&header, notice, plan, fits, failed, &mut content.extensions, work)?;
    Ok(Report { envelope, content })
}

const INTERNAL_TRACE: i64 = rasn_x400::x411::extension::InternalTrace::NUMBER;

/// S-10, Z-37: which message the report is about.
fn subject(notice: &Notice, remembered: Option<&Correlation>, work: &mut Work<'_>) -> MtsIdentifier {
    let fields = &notice.fields.message;
    let read = |text: &str| parse_mts_identifier(text, work.mapper());
    let envelope = fields.value("Original-Envelope-Id");
    // I-20
    let prefixed = envelope.and_then(|text| read(text.strip_prefix(MTS_IDENTIFIER_PREFIX.trim_end())?));
    // Z-33: what a MIXER gateway writes into a notification of its own.
    let names = ["X400-Subject-Submision-Identifier", "X400-Subject-Submission-Identifier"];
    let own = names.into_iter().find_map(|name| fields.value(name)).or(envelope).and_then(read);
    let (found, source) = match (prefixed, remembered) {
        (Some(identifier), _) => (identifier, "Original-Envelope-Id"),
        (None, Some(known)) => (known.mts_identifier.0.clone(), "what is remembered"),
        (None, None) => match own {
            Some(identifier) => (identifier, "Original-Envelope-Id"),
            None => (invented(work), "made by the gateway"),
        },
    };
    work.trail.made("report.subject-identifier", mts_identifier(&found), source, "S-10");
    found
}

/// An identifier that no message has: the report is about one that nobody here knows.
fn invented(work: &mut Work<'_>) -> MtsIdentifier {
    let local = format!("{}.subject", work.message_identifier());
    work.losses.replaced(
        "message/delivery-status",
        "the identifier of the message",
        "it names no message of X.400",
        "S-10",
        local.as_str(),
    );
    MtsIdentifier {
        domain: work.settings().domain.clone(),
        local_identifier: local.as_str().into(),
        unknown: Vec::new(),
    }
}

/// S-14: when the message reached whoever reports.
fn arrival(header: &Header, notice: &Notice, work: &Work<'_>) -> X400Time {
    let own = first(&notice.fields.message, &["Arrival-Date"], time_of);
    let own = own.or_else(|| first(header, &["Date"], time_of));
    own.map_or_else(|| utc(work.now(), work), |(_, time)| time)
}

/// S-20: what a gateway wrote of the types, else what is remembered.
fn original_types(
    notice: &Notice,
    remembered: Option<&Correlation>,
) -> Option<rasn_x400::x411::envelope::EncodedInformationTypes> {
    let known = remembered.and_then(|known| known.encoded_types.as_ref()).map(|types| types.0.clone());
    known.or_else(|| {
        let text = notice.fields.message.value("X400-Original-Encoded-Information-Types")?;
        Some(EncodedTypes::parse(text).0).filter(|types| !types.is_empty()).map(|types| types.to_asn1())
    })
}

/// What lets the sender's system tell what the report is about: as it was, as far as that is known.
fn correlator(
    notice: &Notice,
    remembered: Option<&Correlation>,
) -> Result<Option<ExtensionField>, ber::Error> {
    let known = remembered.and_then(|known| known.content_correlator.as_ref()).map(|value| value.0.clone());
    let value = known.or_else(|| {
        let text = notice.fields.message.value("X400-Content-Correlator")?;
        let text: String = text.chars().filter(char::is_ascii).take(MAX_CORRELATOR).collect();
        Some(ContentCorrelatorValue::Characters(text.as_str().into()))
    });
    value.map(|value| ContentCorrelator::field(&value)).transpose()
}

/// The longest content correlator (X.411 ub-content-correlator-length).
const MAX_CORRELATOR: usize = rasn_x400::bounds::CONTENT_CORRELATOR;

/// S-07, S-11, S-18: everything else, as two extensions; where the peer takes no extensions of others (S-09) it is in the
/// returned content, if there is one.
fn field_lists(
    header: &Header,
    notice: &Notice,
    plan: &recipient::Plan<'_>,
    fits: bool,
    returned: bool,
    extensions: &mut Vec<ExtensionField>,
    work: &mut Work<'_>,
) -> Result<(), ber::Error> {
    let outer = fields::outer(header, work);
    let mut inner: Vec<String> = notice.fields.message.fields().iter().map(heading::field_line).collect();
    let mut seen: BTreeSet<String> = inner.iter().cloned().collect();
    // Z-45: for the letter of it, each status here too, once.
    for status in plan.reported.iter().filter_map(|one| one.fields.get("Status")) {
        let line = heading::field_line(status);
        if seen.insert(line.clone()) {
            inner.push(line);
        }
    }
    for (kind, lines, clause) in [(DSN_HEADER_LIST, outer, "S-07"), (DSN_FIELD_LIST, inner, "S-11")] {
        if fits && !lines.is_empty() {
            work.trail.made("report.extensions", format_args!("{} fields", lines.len()), "mail", clause);
            extensions.push(field_list(kind, &lines)?);
        } else if !returned {
            for line in lines {
                work.losses.dropped("report", line, "the peer takes no extensions of others", "S-09");
            }
        }
    }
    Ok(())
}

/// OI-07: an extension that carries whole fields. It need not be understood anywhere.
fn field_list(kind: Oid, lines: &[String]) -> Result<ExtensionField, ber::Error> {
    let lines: Vec<Ia5String> = lines.iter().map(|line| line.as_str().into()).collect();
    Ok(ExtensionField {
        kind: ExtensionType::Private(kind),
        criticality: Criticality::default(),
        value: Some(RawTlv::of(&lines)?),
        unknown: Vec::new(),
    })
}
