//! A message, a probe and a report with little in them and nothing wrong.

use rasn_x400::prim::Octets;
use rasn_x400::x411::envelope::*;
use rasn_x400::x411::extension::*;
use rasn_x400::x411::report::*;
use rasn_x400::x411::trace::*;
use rasn_x400::x419::{Message, MtsApdu, Report};

use super::raw;
use super::x411::{domain, encoded_types, person, time};

pub(crate) fn trace(times: &[&str]) -> TraceInformation {
    times
        .iter()
        .map(|text| TraceInformationElement {
            domain: domain(),
            supplied: DomainSuppliedInformation {
                arrival_time: time(text),
                routing_action: RoutingAction::RELAYED,
                attempted_domain: None,
                deferred_time: None,
                converted_encoded_information_types: None,
                other_actions: OtherActions::default(),
                unknown: vec![],
            },
            unknown: vec![],
        })
        .collect()
}

pub(crate) fn identifier(local: &str) -> MtsIdentifier {
    MtsIdentifier { domain: domain(), local_identifier: local.into(), unknown: vec![] }
}

pub(crate) fn recipient(number: i64) -> PerRecipientFields {
    PerRecipientFields {
        recipient_name: person("Cooper"),
        originally_specified_recipient_number: number,
        per_recipient_indicators: PerRecipientIndicators::with(&[0, 1, 3]),
        explicit_conversion: None,
        extensions: vec![],
        unknown: vec![],
    }
}

/// A message with nothing wrong.
pub(crate) fn message() -> Message {
    Message {
        envelope: MessageTransferEnvelope {
            message_identifier: identifier("MSG-1"),
            originator_name: person("Kille"),
            original_encoded_information_types: None,
            content_type: ContentType::P22,
            content_identifier: None,
            priority: Priority::NORMAL,
            per_message_indicators: PerMessageIndicators::default(),
            deferred_delivery_time: None,
            per_domain_bilateral_information: None,
            trace_information: trace(&["910530182455+0100"]),
            extensions: vec![],
            per_recipient_fields: vec![recipient(1)],
            unknown: vec![],
        },
        content: Octets::from(&[0xa0, 0][..]),
        unknown: vec![],
    }
}

/// A report with nothing wrong.
pub(crate) fn report() -> Report {
    Report {
        envelope: ReportTransferEnvelope {
            report_identifier: identifier("REPORT-1"),
            report_destination_name: person("Kille"),
            trace_information: trace(&["910530182455Z"]),
            extensions: vec![],
            unknown: vec![],
        },
        content: ReportTransferContent {
            subject_identifier: identifier("MSG-1"),
            subject_intermediate_trace_information: None,
            original_encoded_information_types: None,
            content_type: Some(ContentType::P22),
            content_identifier: None,
            returned_content: None,
            additional_information: None,
            extensions: vec![],
            per_recipient_fields: vec![reported(1)],
            unknown: vec![],
        },
    }
}

pub(crate) fn reported(number: i64) -> PerRecipientReportFields {
    PerRecipientReportFields {
        actual_recipient_name: person("Cooper"),
        originally_specified_recipient_number: number,
        per_recipient_indicators: PerRecipientIndicators::with(&[1, 3]),
        last_trace_information: LastTraceInformation {
            arrival_time: time("910530182455Z"),
            converted_encoded_information_types: None,
            report_type: non_delivery(1, Some(0)),
            unknown: vec![],
        },
        originally_intended_recipient_name: None,
        supplementary_information: None,
        extensions: vec![],
        unknown: vec![],
    }
}

pub(crate) fn non_delivery(reason_code: i64, diagnostic_code: Option<i64>) -> ReportType {
    ReportType::NonDelivery(NonDeliveryReport { reason_code, diagnostic_code, unknown: vec![] })
}

/// A probe with nothing wrong.
pub(crate) fn probe() -> ProbeTransferEnvelope {
    ProbeTransferEnvelope {
        probe_identifier: identifier("PROBE-1"),
        originator_name: person("Kille"),
        original_encoded_information_types: None,
        content_type: ContentType::P2,
        content_identifier: Some("probe".into()),
        content_length: Some(1000),
        per_message_indicators: PerMessageIndicators::default(),
        per_domain_bilateral_information: None,
        trace_information: trace(&["910530182455+0100"]),
        extensions: vec![],
        per_recipient_fields: vec![recipient(1)],
        unknown: vec![],
    }
}

/// A message, a report and a probe with things of 1988 that the originator can do without.
pub(crate) fn of_1988() -> [MtsApdu; 3] {
    let correlator = || {
        let value = ContentCorrelatorValue::Characters("lunch".into());
        vec![ContentCorrelator::field(&value).unwrap()]
    };
    let mut message = message();
    message.envelope.content_type = ContentType::P2;
    message.envelope.original_encoded_information_types = Some(encoded_types());
    message.envelope.originator_name.directory_name = Some(raw("30 00"));
    message.envelope.trace_information[0].supplied.other_actions = OtherActions::with(&[1]);
    message.envelope.extensions = correlator();
    let mut report = report();
    report.content.extensions = correlator();
    let mut probe = probe();
    probe.extensions = correlator();
    [MtsApdu::Message(message), MtsApdu::Report(report), MtsApdu::Probe(probe)]
}
