//! What comes from X.400: messages, and reports of an MTA far away.

use crate::among_mtas::relayed_by;
use rasn_x400::ber;
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerMessageIndicators, PerRecipientFields,
    PerRecipientIndicators, Priority,
};
use rasn_x400::x411::report::{
    LastTraceInformation, NonDeliveryReport, PerRecipientReportFields, ReportTransferContent,
    ReportTransferEnvelope, ReportType,
};
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x419::{MtsApdu, Report};
use rasn_x400::x420::body::{BodyPart, Ia5Text};
use rasn_x400::x420::heading::Heading;
use rasn_x400::x420::{InformationObject, Ipm};
use time::OffsetDateTime;
use x400_gateway::mta::relay::x400_time;

pub(crate) fn hub() -> GlobalDomainIdentifier {
    GlobalDomainIdentifier::new("XX", "x400", Some("demo"))
}

/// A non-delivery report on every recipient of a message, as a far MTA makes it: it knows nothing but what the envelope says.
pub(crate) fn failure(message: &MessageTransferEnvelope, reason: i64, diagnostic: Option<i64>) -> Report {
    let fields = |fields: &PerRecipientFields| PerRecipientReportFields {
        actual_recipient_name: fields.recipient_name.clone(),
        originally_specified_recipient_number: fields.originally_specified_recipient_number,
        per_recipient_indicators: fields.per_recipient_indicators.clone(),
        last_trace_information: LastTraceInformation {
            arrival_time: x400_time(OffsetDateTime::now_utc()),
            converted_encoded_information_types: None,
            report_type: ReportType::NonDelivery(NonDeliveryReport {
                reason_code: reason,
                diagnostic_code: diagnostic,
                unknown: Vec::new(),
            }),
            unknown: Vec::new(),
        },
        originally_intended_recipient_name: None,
        supplementary_information: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    };
    Report {
        envelope: ReportTransferEnvelope {
            report_identifier: MtsIdentifier {
                domain: hub(),
                local_identifier: "report-1".into(),
                unknown: Vec::new(),
            },
            report_destination_name: message.originator_name.clone(),
            trace_information: vec![relayed_by(hub())],
            extensions: Vec::new(),
            unknown: Vec::new(),
        },
        content: ReportTransferContent {
            subject_identifier: message.message_identifier.clone(),
            subject_intermediate_trace_information: None,
            original_encoded_information_types: None,
            content_type: Some(ContentType::P22),
            content_identifier: None,
            returned_content: None,
            additional_information: None,
            extensions: Vec::new(),
            per_recipient_fields: message.per_recipient_fields.iter().map(fields).collect(),
            unknown: Vec::new(),
        },
    }
}

/// A message from X.400 for a mailbox, whose only recipient its originator calls number 7.
pub(crate) fn message(identifier: &str, mailbox: &str, content: &InformationObject) -> MtsApdu {
    let name = |text: &str| rasn_x400::x411::address::text::parse(text).unwrap().to_or_name().unwrap();
    let encoded = mailbox.replace('@', "(a)");
    let recipient = PerRecipientFields {
        recipient_name: name(&format!("/DD.RFC-822={encoded}/O=gateway/PRMD=gateway/ADMD=example/C=XX/")),
        originally_specified_recipient_number: 7,
        per_recipient_indicators: PerRecipientIndicators::with(&[
            PerRecipientIndicators::RESPONSIBILITY,
            PerRecipientIndicators::ORIGINATING_MTA_REPORT,
            PerRecipientIndicators::ORIGINATOR_REPORT,
        ]),
        explicit_conversion: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    };
    let envelope = MessageTransferEnvelope {
        message_identifier: MtsIdentifier {
            domain: hub(),
            local_identifier: identifier.into(),
            unknown: Vec::new(),
        },
        originator_name: name("/S=hopper/O=navy/PRMD=demo/ADMD=x400/C=XX/"),
        original_encoded_information_types: None,
        content_type: ContentType::P22,
        content_identifier: Some("my mark".into()),
        priority: Priority::NORMAL,
        per_message_indicators: PerMessageIndicators::default(),
        deferred_delivery_time: None,
        per_domain_bilateral_information: None,
        trace_information: vec![relayed_by(hub())],
        extensions: Vec::new(),
        per_recipient_fields: vec![recipient],
        unknown: Vec::new(),
    };
    let content = rasn_x400::prim::Octets(ber::encode(content).unwrap().into());
    MtsApdu::Message(rasn_x400::x419::Message { envelope, content, unknown: Vec::new() })
}

pub(crate) fn hello() -> InformationObject {
    let text = Ia5Text { data: "Hello.\r\n".into(), ..Ia5Text::default() };
    let heading = Heading { subject: Some("from X.400".into()), ..Heading::default() };
    InformationObject::Ipm(Ipm { heading, body: vec![BodyPart::Ia5Text(text)] })
}
