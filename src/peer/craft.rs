//! Messages, probes and reports that the lab peer makes, and what it wants to know of those that arrive.

use rasn_x400::ber::{self, Error};
use rasn_x400::prim::{Ia5String, Octets, PrintableString, X400Time};
use rasn_x400::x411::address::text::KeyedAddress;
use rasn_x400::x411::address::{OrName, text};
use rasn_x400::x411::envelope::{
    BuiltInEncodedInformationTypes, ContentType, EncodedInformationTypes, MessageTransferEnvelope,
    MtsIdentifier, PerMessageIndicators, PerRecipientFields, PerRecipientIndicators, Priority,
    ProbeTransferEnvelope,
};
use rasn_x400::x411::report::{
    DeliveryReport, LastTraceInformation, NonDeliveryReport, PerRecipientReportFields, ReportTransferContent,
    ReportTransferEnvelope, ReportType, TypeOfMtsUser,
};
use rasn_x400::x411::trace::{
    DomainSuppliedInformation, GlobalDomainIdentifier, OtherActions, RoutingAction, TraceInformationElement,
};
use rasn_x400::x419::{Message, MtsApdu, Report};
use rasn_x400::x420::body::{BodyPart, Ia5Text};
use rasn_x400::x420::heading::{Heading, IpmIdentifier, OrDescriptor, RecipientSpecifier};
use rasn_x400::x420::{InformationObject, Ipm};

use super::clock::Clock;

/// The originator of what the lab peer makes, unless a script says otherwise.
pub(super) const ORIGINATOR: &str = "/S=lab-peer/PRMD=lab/ADMD=test/C=xx/";

/// What a message or probe is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The recipients.
    pub(super) to: Vec<OrName>,
    /// Who sends it.
    pub(super) from: OrName,
    /// The subject.
    pub(super) subject: String,
    /// The text.
    pub(super) text: String,
    /// Octets of text to add.
    pub(super) octets: usize,
    /// The local identifier; a new one unless given.
    pub(super) identifier: Option<String>,
    /// How urgent it is.
    pub(super) priority: Priority,
    /// Whether reports of delivery are wanted, beside those of failure.
    pub(super) reports: bool,
}

/// What a report says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Delivered.
    Delivered,
    /// Not delivered.
    Failed {
        /// The reason code of X.411.
        reason: i64,
        /// The diagnostic code of X.411, if there is one.
        diagnostic: Option<i64>,
    },
}

/// The domain of what the lab peer makes.
fn domain() -> GlobalDomainIdentifier {
    GlobalDomainIdentifier::new("xx", "test", Some("lab"))
}

/// An O/R address in any of its text forms.
pub(super) fn address(text: &str) -> Result<OrName, String> {
    let keyed: KeyedAddress = text::parse(text).map_err(|error| error.to_string())?;
    keyed.to_or_name().map_err(|error| error.to_string())
}

fn identifier(local: &str) -> MtsIdentifier {
    let cut: String = local.chars().take(32).collect();
    MtsIdentifier { domain: domain(), local_identifier: Ia5String::from(cut), unknown: Vec::new() }
}

fn trace(now: X400Time) -> Vec<TraceInformationElement> {
    let supplied = DomainSuppliedInformation {
        arrival_time: now,
        routing_action: RoutingAction::RELAYED,
        attempted_domain: None,
        deferred_time: None,
        converted_encoded_information_types: None,
        other_actions: OtherActions::default(),
        unknown: Vec::new(),
    };
    vec![TraceInformationElement { domain: domain(), supplied, unknown: Vec::new() }]
}

fn types() -> Option<EncodedInformationTypes> {
    let built_in = BuiltInEncodedInformationTypes::with(&[BuiltInEncodedInformationTypes::IA5_TEXT]);
    Some(EncodedInformationTypes { built_in, ..EncodedInformationTypes::default() })
}

fn recipients(draft: &Draft) -> Vec<PerRecipientFields> {
    let mut wanted = vec![
        PerRecipientIndicators::RESPONSIBILITY,
        PerRecipientIndicators::ORIGINATING_MTA_NON_DELIVERY_REPORT,
        PerRecipientIndicators::ORIGINATOR_NON_DELIVERY_REPORT,
    ];
    if draft.reports {
        wanted.extend([
            PerRecipientIndicators::ORIGINATING_MTA_REPORT,
            PerRecipientIndicators::ORIGINATOR_REPORT,
        ]);
    }
    let fields = draft.to.iter().zip(1..).map(|(recipient, number)| PerRecipientFields {
        recipient_name: recipient.clone(),
        originally_specified_recipient_number: number,
        per_recipient_indicators: PerRecipientIndicators::with(&wanted),
        explicit_conversion: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    });
    fields.collect()
}

/// A message: its identifier and the MTS-APDU.
pub(super) fn message(draft: &Draft, clock: &Clock) -> Result<(String, Vec<u8>), Error> {
    let local = draft.identifier.clone().unwrap_or_else(|| clock.identifier());
    let mut text = draft.text.clone();
    text.extend(FILLER.chars().cycle().take(draft.octets));
    let describe =
        |name: &OrName| OrDescriptor { formal_name: Some(name.clone()), ..OrDescriptor::default() };
    let to = draft
        .to
        .iter()
        .map(|name| RecipientSpecifier { recipient: describe(name), ..RecipientSpecifier::default() });
    let heading = Heading {
        this_ipm: IpmIdentifier {
            user: Some(draft.from.clone()),
            user_relative_identifier: PrintableString::from(local.as_str()),
            unknown: Vec::new(),
        },
        originator: Some(describe(&draft.from)),
        primary_recipients: Some(to.collect()),
        subject: (!draft.subject.is_empty()).then(|| draft.subject.as_str().into()),
        ..Heading::default()
    };
    let data = Ia5String::from(text);
    let body = vec![BodyPart::Ia5Text(Ia5Text { data, ..Ia5Text::default() })];
    let content = ber::encode(&InformationObject::Ipm(Ipm { heading, body }))?;
    let envelope = MessageTransferEnvelope {
        message_identifier: identifier(&local),
        originator_name: draft.from.clone(),
        original_encoded_information_types: types(),
        content_type: ContentType::P2,
        content_identifier: None,
        priority: draft.priority,
        per_message_indicators: PerMessageIndicators::default(),
        deferred_delivery_time: None,
        per_domain_bilateral_information: None,
        trace_information: trace(clock.now()),
        extensions: Vec::new(),
        per_recipient_fields: recipients(draft),
        unknown: Vec::new(),
    };
    let message = Message { envelope, content: Octets::from(content), unknown: Vec::new() };
    Ok((local, ber::encode(&MtsApdu::Message(message))?))
}

/// Lines of text, for messages that are to be large.
const FILLER: &str = "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n";

/// A probe: its identifier and the MTS-APDU.
pub(super) fn probe(draft: &Draft, clock: &Clock) -> Result<(String, Vec<u8>), Error> {
    let local = draft.identifier.clone().unwrap_or_else(|| clock.identifier());
    let envelope = ProbeTransferEnvelope {
        probe_identifier: identifier(&local),
        originator_name: draft.from.clone(),
        original_encoded_information_types: types(),
        content_type: ContentType::P2,
        content_identifier: None,
        content_length: i64::try_from(draft.octets).ok(),
        per_message_indicators: PerMessageIndicators::default(),
        per_domain_bilateral_information: None,
        trace_information: trace(clock.now()),
        extensions: Vec::new(),
        per_recipient_fields: recipients(draft),
        unknown: Vec::new(),
    };
    Ok((local, ber::encode(&MtsApdu::Probe(envelope))?))
}

/// A report on a message or probe that arrived, for the recipients that `wanted` picks: its identifier and the MTS-APDU.
pub(super) fn report(
    subject: &MtsApdu,
    fate: Fate,
    wanted: impl Fn(&OrName) -> bool,
    clock: &Clock,
) -> Result<(String, Vec<u8>), String> {
    let (subject_identifier, originator, subject_trace, content_type, fields) = match subject {
        MtsApdu::Message(Message { envelope: it, .. }) => (
            &it.message_identifier,
            &it.originator_name,
            &it.trace_information,
            &it.content_type,
            &it.per_recipient_fields,
        ),
        MtsApdu::Probe(it) => (
            &it.probe_identifier,
            &it.originator_name,
            &it.trace_information,
            &it.content_type,
            &it.per_recipient_fields,
        ),
        _ => return Err("there are no reports on reports".into()),
    };
    let now = clock.now();
    let report_type = || match fate {
        Fate::Delivered => ReportType::Delivery(DeliveryReport {
            message_delivery_time: now.clone(),
            type_of_mts_user: TypeOfMtsUser::PUBLIC,
            unknown: Vec::new(),
        }),
        Fate::Failed { reason, diagnostic } => ReportType::NonDelivery(NonDeliveryReport {
            reason_code: reason,
            diagnostic_code: diagnostic,
            unknown: Vec::new(),
        }),
    };
    let reported: Vec<PerRecipientReportFields> = fields
        .iter()
        .filter(|field| wanted(&field.recipient_name))
        .map(|field| PerRecipientReportFields {
            actual_recipient_name: field.recipient_name.clone(),
            originally_specified_recipient_number: field.originally_specified_recipient_number,
            per_recipient_indicators: field.per_recipient_indicators.clone(),
            last_trace_information: LastTraceInformation {
                arrival_time: now.clone(),
                converted_encoded_information_types: None,
                report_type: report_type(),
                unknown: Vec::new(),
            },
            originally_intended_recipient_name: None,
            supplementary_information: None,
            extensions: Vec::new(),
            unknown: Vec::new(),
        })
        .collect();
    if reported.is_empty() {
        return Err("the message has no such recipient".into());
    }
    let local = clock.identifier();
    let envelope = ReportTransferEnvelope {
        report_identifier: identifier(&local),
        report_destination_name: originator.clone(),
        trace_information: trace(now.clone()),
        extensions: Vec::new(),
        unknown: Vec::new(),
    };
    let content = ReportTransferContent {
        subject_identifier: subject_identifier.clone(),
        subject_intermediate_trace_information: Some(subject_trace.clone()),
        original_encoded_information_types: None,
        content_type: Some(content_type.clone()),
        content_identifier: None,
        returned_content: None,
        additional_information: None,
        extensions: Vec::new(),
        per_recipient_fields: reported,
        unknown: Vec::new(),
    };
    let octets =
        ber::encode(&MtsApdu::Report(Report { envelope, content })).map_err(|error| error.to_string())?;
    Ok((local, octets))
}

/// What arrived, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summary {
    /// `message`, `report` or `probe`.
    pub(super) kind: &'static str,
    /// Its local identifier.
    pub(super) identifier: String,
    /// Its originator; of a report, whom it is for.
    pub(super) originator: OrName,
    /// Its recipients; of a report, those it is about.
    pub(super) recipients: Vec<OrName>,
    /// The subject, where the content is an interpersonal message.
    pub(super) subject: Option<String>,
    /// Of a report: reason and diagnostic of the first recipient that did not get it.
    pub(super) failure: Option<(i64, Option<i64>)>,
    /// Octets of the MTS-APDU.
    pub(super) octets: usize,
}

/// Reads what one transfer carried.
pub(super) fn summary(apdu: &MtsApdu, octets: usize) -> Option<Summary> {
    let name_of = |field: &PerRecipientFields| field.recipient_name.clone();
    let summary = |kind, identifier: &MtsIdentifier, originator: &OrName, recipients| Summary {
        kind,
        identifier: identifier.local_identifier.to_text().into_owned(),
        originator: originator.clone(),
        recipients,
        subject: None,
        failure: None,
        octets,
    };
    Some(match apdu {
        MtsApdu::Message(Message { envelope, content, .. }) => {
            let recipients = envelope.per_recipient_fields.iter().map(name_of).collect();
            let subject = match ber::decode::<InformationObject>(&content.0, content.0.len()) {
                Ok(InformationObject::Ipm(ipm)) => ipm.heading.subject.map(|it| it.to_text().into_owned()),
                _ => None,
            };
            let it = summary("message", &envelope.message_identifier, &envelope.originator_name, recipients);
            Summary { subject, ..it }
        }
        MtsApdu::Probe(envelope) => {
            let recipients = envelope.per_recipient_fields.iter().map(name_of).collect();
            summary("probe", &envelope.probe_identifier, &envelope.originator_name, recipients)
        }
        MtsApdu::Report(Report { envelope, content }) => {
            let fields = &content.per_recipient_fields;
            let recipients = fields.iter().map(|field| field.actual_recipient_name.clone()).collect();
            let failure = fields.iter().find_map(|field| match &field.last_trace_information.report_type {
                ReportType::NonDelivery(it) => Some((it.reason_code, it.diagnostic_code)),
                _ => None,
            });
            let destination = &envelope.report_destination_name;
            Summary { failure, ..summary("report", &envelope.report_identifier, destination, recipients) }
        }
        MtsApdu::Unknown(_) => return None,
    })
}

/// An address as people write it.
pub(super) fn shown(name: &OrName) -> String {
    KeyedAddress::from_or_name(name).address.to_std_or()
}

/// Whether an address is the one that was written: all of it, or a word that is one of its values.
pub(super) fn is(name: &OrName, written: &str) -> bool {
    let keyed = KeyedAddress::from_or_name(name).address;
    if let Ok(whole) = text::parse(written)
        && written.contains('=')
    {
        return whole.to_std_or().eq_ignore_ascii_case(&keyed.to_std_or());
    }
    keyed.attributes().iter().any(|attribute| attribute.value.eq_ignore_ascii_case(written))
}
