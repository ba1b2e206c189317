//! Envelopes of messages and probes (X.411 12.2.1.1, 12.2.1.2).

use std::collections::BTreeSet;

use super::address::BOUNDS;
use super::validator::{Validate, Validator};
use super::violation::Rule;
use crate::bounds;
use crate::prim::X400Time;
use crate::x411::envelope::{
    BilateralAdministration, BilateralDomain, ContentType, MessageTransferEnvelope, MtsIdentifier,
    PerDomainBilateralInformation, PerMessageIndicators, PerRecipientFields, PerRecipientIndicators,
    ProbeTransferEnvelope,
};
use crate::x411::extension::{Extension, LatestDeliveryTime, Position};

const FIELDS: &str = "X.411 12.2.1.1";

impl Validate for MtsIdentifier {
    fn validate(&self, validator: &mut Validator) {
        validator.member("global-domain-identifier", &self.domain);
        validator.string("local-identifier", &self.local_identifier, 1..=bounds::LOCAL_IDENTIFIER, BOUNDS);
        validator.unknown(&self.unknown);
    }
}

impl Validate for ContentType {
    fn validate(&self, validator: &mut Validator) {
        const CLAUSE: &str = "X.411 8.2.1.1.1, 9.2";
        match self {
            Self::BuiltIn(number) => {
                let limit = bounds::BUILT_IN_CONTENT_TYPE;
                if !usize::try_from(*number).is_ok_and(|number| number <= limit) {
                    validator.error(Rule::Bound, BOUNDS, format!("{number} is not between 0 and {limit}"));
                } else if !matches!(number, 0 | 1 | 2 | 22 | 35 | 40) {
                    validator.notice(Rule::Value, CLAUSE, format!("content type {number} has no meaning"));
                }
            }
            Self::Extended(_) => {}
            Self::Unknown(raw) if raw.as_bytes().first() == Some(&0x0d) => validator.report(
                super::Severity::Warning,
                Rule::Encoding,
                CLAUSE,
                "a RELATIVE-OID, as the text of 1999 has it by mistake",
                Some("others write, and want, an OBJECT IDENTIFIER"),
            ),
            Self::Unknown(raw) => validator.unknown(std::slice::from_ref(raw)),
        }
    }
}

impl Validate for MessageTransferEnvelope {
    fn validate(&self, validator: &mut Validator) {
        validator.member("message-identifier", &self.message_identifier);
        validator.member("originator-name", &self.originator_name);
        if let Some(types) = &self.original_encoded_information_types {
            validator.member("original-encoded-information-types", types);
        }
        validator.member("content-type", &self.content_type);
        if let Some(identifier) = &self.content_identifier {
            validator.string("content-identifier", identifier, 1..=bounds::CONTENT_IDENTIFIER, BOUNDS);
        }
        if self.priority.label().is_none() {
            validator.within("priority", |validator| {
                validator.error(Rule::Value, FIELDS, format!("{} has no meaning", self.priority));
            });
        }
        message_indicators(validator, &self.per_message_indicators);
        self.deferral(validator);
        bilateral(validator, self.per_domain_bilateral_information.as_deref());
        validator.member("trace-information", self.trace_information.as_slice());
        validator.extensions(&self.extensions, Position::Message);
        recipients(validator, &self.per_recipient_fields, Position::MessageRecipient);
        if !self.per_recipient_fields.is_empty()
            && !self
                .per_recipient_fields
                .iter()
                .any(|fields| fields.per_recipient_indicators.has(PerRecipientIndicators::RESPONSIBILITY))
        {
            validator.within("per-recipient-fields", |validator| {
                validator.warning(
                    Rule::Missing,
                    FIELDS,
                    "no recipient has the responsibility bit, so nobody is to get the message",
                );
            });
        }
        validator.unknown(&self.unknown);
    }
}

/// Trait objects are no help here: the deferred time is the message's own.
impl MessageTransferEnvelope {
    fn deferral(&self, validator: &mut Validator) {
        let Some(deferred) = &self.deferred_delivery_time else { return };
        validator.time("deferred-delivery-time", deferred);
        let latest: Option<X400Time> = LatestDeliveryTime::find(&self.extensions).ok().flatten();
        let (Some(from), Some(until)) =
            (super::time::seconds(deferred), latest.as_ref().and_then(super::time::seconds))
        else {
            return;
        };
        if until < from {
            validator.within("deferred-delivery-time", |validator| {
                validator.error(
                    Rule::Conflict,
                    "X.411 8.2.1.1.1",
                    "after the latest delivery time: the message can never be delivered",
                );
            });
        }
    }
}

impl Validate for ProbeTransferEnvelope {
    fn validate(&self, validator: &mut Validator) {
        validator.member("probe-identifier", &self.probe_identifier);
        validator.member("originator-name", &self.originator_name);
        if let Some(types) = &self.original_encoded_information_types {
            validator.member("original-encoded-information-types", types);
        }
        validator.member("content-type", &self.content_type);
        if let Some(identifier) = &self.content_identifier {
            validator.string("content-identifier", identifier, 1..=bounds::CONTENT_IDENTIFIER, BOUNDS);
        }
        if let Some(length) = self.content_length {
            let limit = i64::try_from(bounds::CONTENT_LENGTH).unwrap_or(i64::MAX);
            validator.number("content-length", length, 0..=limit, BOUNDS);
        }
        message_indicators(validator, &self.per_message_indicators);
        bilateral(validator, self.per_domain_bilateral_information.as_deref());
        validator.member("trace-information", self.trace_information.as_slice());
        validator.extensions(&self.extensions, Position::Probe);
        recipients(validator, &self.per_recipient_fields, Position::ProbeRecipient);
        validator.unknown(&self.unknown);
    }
}

fn message_indicators(validator: &mut Validator, indicators: &PerMessageIndicators) {
    // bit 4 has a name, and no meaning.
    let set = indicators
        .labels()
        .map(|(bit, label)| (bit, label.is_some() && bit != PerMessageIndicators::RESERVED));
    validator.bits("per-message-indicators", &indicators.0, set, "X.411 8.2.1.1.1");
}

fn bilateral(validator: &mut Validator, information: Option<&[PerDomainBilateralInformation]>) {
    let Some(information) = information else { return };
    let name = "per-domain-bilateral-information";
    validator.count(name, information.len(), 1..=bounds::TRANSFERS, BOUNDS);
    validator.items(name, information);
}

impl Validate for PerDomainBilateralInformation {
    fn validate(&self, validator: &mut Validator) {
        validator.within("country-name", |validator| validator.country(&self.country));
        validator.within("domain", |validator| match &self.domain {
            BilateralDomain::Administration(BilateralAdministration::Numeric(name)) => {
                validator.this_string(name, 0..=bounds::DOMAIN_NAME, BOUNDS);
            }
            BilateralDomain::Administration(BilateralAdministration::Printable(name)) => {
                validator.this_string(name, 0..=bounds::DOMAIN_NAME, BOUNDS);
            }
            BilateralDomain::Administration(BilateralAdministration::Unknown(raw))
            | BilateralDomain::Unknown(raw) => validator.unknown(std::slice::from_ref(raw)),
            BilateralDomain::Private(_) => {}
        });
        let length = self.information.as_bytes().len();
        validator.octets("bilateral-information", length, 0..=bounds::BILATERAL_INFORMATION, BOUNDS);
    }
}

fn recipients(validator: &mut Validator, recipients: &[PerRecipientFields], position: Position) {
    let name = "per-recipient-fields";
    if recipients.is_empty() {
        return validator.within(name, |validator| validator.error(Rule::Missing, FIELDS, "no recipient"));
    }
    validator.count(name, recipients.len(), 1..=bounds::RECIPIENTS, BOUNDS);
    let mut numbers = Numbers::default();
    validator.each(name, recipients, |validator, recipient| {
        validator.member("recipient-name", &recipient.recipient_name);
        numbers.judge(validator, recipient.originally_specified_recipient_number);
        indicators(validator, &recipient.per_recipient_indicators);
        if let Some(conversion) = recipient.explicit_conversion
            && conversion.label().is_none()
        {
            validator.within("explicit-conversion", |validator| {
                validator.warning(Rule::Value, FIELDS, format!("{conversion} has no meaning"));
            });
        }
        validator.extensions(&recipient.extensions, position);
        validator.unknown(&recipient.unknown);
    });
}

/// The numbers that the originator gave the recipients: from 1, each once, in order.
#[derive(Default)]
pub(super) struct Numbers {
    seen: BTreeSet<i64>,
    last: Option<i64>,
}

impl Numbers {
    pub(super) fn judge(&mut self, validator: &mut Validator, number: i64) {
        let name = "originally-specified-recipient-number";
        let limit = i64::try_from(bounds::RECIPIENTS).unwrap_or(i64::MAX);
        validator.number(name, number, 1..=limit, BOUNDS);
        validator.within(name, |validator| {
            if !self.seen.insert(number) {
                validator.error(Rule::Duplicate, FIELDS, format!("recipient {number} occurs again"));
            } else if self.last.is_some_and(|last| number < last) {
                validator.notice(Rule::Order, FIELDS, format!("recipient {number} comes after a higher one"));
            }
        });
        self.last = Some(number);
    }
}

/// eight bits at least; one of the two for the MTA, at most one for the originator, who cannot get more than the MTA.
pub(super) fn indicators(validator: &mut Validator, indicators: &PerRecipientIndicators) {
    use PerRecipientIndicators as Bits;
    let set = indicators.labels().map(|(bit, label)| (bit, label.is_some()));
    validator.bits("per-recipient-indicators", &indicators.0, set, FIELDS);
    validator.within("per-recipient-indicators", |validator| {
        if indicators.0.len() < 8 {
            let what = format!("{} bits, at least 8 are required", indicators.0.len());
            validator.warning(Rule::Encoding, FIELDS, what);
        }
        let mta = (
            indicators.has(Bits::ORIGINATING_MTA_REPORT),
            indicators.has(Bits::ORIGINATING_MTA_NON_DELIVERY_REPORT),
        );
        let originator =
            (indicators.has(Bits::ORIGINATOR_REPORT), indicators.has(Bits::ORIGINATOR_NON_DELIVERY_REPORT));
        match (mta, originator) {
            ((false, false), _) => validator.error(
                Rule::Missing,
                FIELDS,
                "neither kind of report for the originating MTA, and one must be requested",
            ),
            (_, (true, true)) => validator.error(
                Rule::Conflict,
                FIELDS,
                "both kinds of report for the originator, and only one may be requested",
            ),
            ((false, true), (true, _)) => validator.error(
                Rule::Conflict,
                FIELDS,
                "a report for the originator, but for its MTA one of non-delivery only",
            ),
            _ => {}
        }
    });
}
