//! Reports (X.411 12.2.1.3).

use super::address::BOUNDS;
use super::envelope::Numbers;
use super::validator::{Validate, Validator};
use super::violation::Rule;
use crate::bounds;
use crate::x411::extension::Position;
use crate::x411::report::{
    DeliveryReport, LastTraceInformation, NonDeliveryReport, PerRecipientReportFields, ReportTransferContent,
    ReportTransferEnvelope, ReportType,
};
use crate::x419::Report;

const FIELDS: &str = "X.411 12.2.1.3";

impl Validate for Report {
    fn validate(&self, validator: &mut Validator) {
        validator.member("envelope", &self.envelope);
        validator.member("content", &self.content);
        if self.envelope.report_identifier == self.content.subject_identifier {
            validator.within("content", |validator| {
                validator.within("subject-identifier", |validator| {
                    validator.error(Rule::Conflict, FIELDS, "the report has the identifier of its subject");
                });
            });
        }
    }
}

impl Validate for ReportTransferEnvelope {
    fn validate(&self, validator: &mut Validator) {
        validator.member("report-identifier", &self.report_identifier);
        validator.member("report-destination-name", &self.report_destination_name);
        validator.member("trace-information", self.trace_information.as_slice());
        validator.extensions(&self.extensions, Position::ReportEnvelope);
        validator.unknown(&self.unknown);
    }
}

impl Validate for ReportTransferContent {
    fn validate(&self, validator: &mut Validator) {
        validator.member("subject-identifier", &self.subject_identifier);
        if let Some(trace) = &self.subject_intermediate_trace_information {
            validator.member("subject-intermediate-trace-information", trace.as_slice());
        }
        if let Some(types) = &self.original_encoded_information_types {
            validator.member("original-encoded-information-types", types);
        }
        if let Some(content_type) = &self.content_type {
            validator.member("content-type", content_type);
        }
        if let Some(identifier) = &self.content_identifier {
            validator.string("content-identifier", identifier, 1..=bounds::CONTENT_IDENTIFIER, BOUNDS);
        }
        if self.returned_content.is_some() && self.content_type.is_none() {
            validator.within("returned-content", |validator| {
                validator.notice(
                    Rule::Missing,
                    FIELDS,
                    "a content comes back without its type, which a report of 1984 cannot state",
                );
            });
        }
        if let Some(information) = &self.additional_information {
            let length = information.as_bytes().len();
            validator.octets("additional-information", length, 0..=bounds::ADDITIONAL_INFORMATION, BOUNDS);
        }
        validator.extensions(&self.extensions, Position::ReportContent);
        let name = "per-recipient-fields";
        if self.per_recipient_fields.is_empty() {
            validator.within(name, |validator| {
                validator.error(Rule::Missing, FIELDS, "no recipient is reported on");
            });
        } else {
            validator.count(name, self.per_recipient_fields.len(), 1..=bounds::RECIPIENTS, BOUNDS);
        }
        let mut numbers = Numbers::default();
        validator.each(name, &self.per_recipient_fields, |validator, recipient| {
            numbers.judge(validator, recipient.originally_specified_recipient_number);
            recipient.validate(validator);
        });
        validator.unknown(&self.unknown);
    }
}

impl Validate for PerRecipientReportFields {
    fn validate(&self, validator: &mut Validator) {
        validator.member("actual-recipient-name", &self.actual_recipient_name);
        // Bits 0 to 2 mean nothing in a report.
        let labels = self.per_recipient_indicators.labels().map(|(bit, label)| (bit, label.is_some()));
        validator.bits("per-recipient-indicators", &self.per_recipient_indicators.0, labels, FIELDS);
        validator.member("last-trace-information", &self.last_trace_information);
        if let Some(name) = &self.originally_intended_recipient_name {
            validator.member("originally-intended-recipient-name", name);
        }
        if let Some(information) = &self.supplementary_information {
            let name = "supplementary-information";
            validator.string(name, information, 1..=bounds::SUPPLEMENTARY_INFORMATION, BOUNDS);
        }
        validator.extensions(&self.extensions, Position::ReportRecipient);
        validator.unknown(&self.unknown);
    }
}

impl Validate for LastTraceInformation {
    fn validate(&self, validator: &mut Validator) {
        validator.time("arrival-time", &self.arrival_time);
        if let Some(types) = &self.converted_encoded_information_types {
            validator.member("converted-encoded-information-types", types);
        }
        validator.within("report-type", |validator| match &self.report_type {
            ReportType::Delivery(report) => {
                report.validate(validator);
                let arrival = ("the arrival", &self.arrival_time);
                validator.not_before("message-delivery-time", &report.message_delivery_time, arrival, FIELDS);
            }
            ReportType::NonDelivery(report) => report.validate(validator),
            ReportType::Unknown(_) => {
                validator.error(Rule::Unknown, FIELDS, "neither a delivery nor a non-delivery");
            }
        });
        validator.unknown(&self.unknown);
    }
}

impl Validate for DeliveryReport {
    fn validate(&self, validator: &mut Validator) {
        validator.time("message-delivery-time", &self.message_delivery_time);
        let kind = self.type_of_mts_user;
        let limit = i64::try_from(bounds::MTS_USER_TYPES).unwrap_or(i64::MAX);
        validator.number("type-of-MTS-user", kind.0, 0..=limit, BOUNDS);
        if kind.label().is_none() {
            validator.within("type-of-MTS-user", |validator| {
                validator.notice(Rule::Value, FIELDS, format!("{kind} has no meaning"));
            });
        }
        validator.unknown(&self.unknown);
    }
}

impl Validate for NonDeliveryReport {
    fn validate(&self, validator: &mut Validator) {
        let codes = [
            ("non-delivery-reason-code", Some(self.reason_code), self.reason().and_then(|code| code.name())),
            (
                "non-delivery-diagnostic-code",
                self.diagnostic_code,
                self.diagnostic().and_then(|code| code.name()),
            ),
        ];
        let limit = i64::from(crate::x411::non_delivery::CODE_LIMIT);
        for (member, code, name) in codes {
            let Some(code) = code else { continue };
            validator.number(member, code, 0..=limit, BOUNDS);
            if name.is_none() && (0..=limit).contains(&code) {
                validator.within(member, |validator| {
                    validator.notice(Rule::Value, FIELDS, format!("{code} has no meaning"));
                });
            }
        }
        validator.unknown(&self.unknown);
    }
}
