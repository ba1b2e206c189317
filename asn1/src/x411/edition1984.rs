//! P1 of 1984: what a system of that edition can be told, and what becomes of the rest (X.419 Annex B, RFC 1328, ledger A-40).
//!
//! The octets of both editions agree where they say the same. The older one has no extensions, no extension attributes and
//! directory names in addresses, no object identifiers for contents and encoded information types, fewer flags and codes.
//! [`downgrade`] leaves out what the originator can do without and says what that was; what must be understood cannot be left
//! out, and then the message must not go there. [`beyond_1984`] asks the same without changing anything.
//!
//! An address that 1984 has no attributes for can travel inside another one: [`downgrade_with`] asks for it.
//!
//! The content is not looked at: one of 1988 (P22) must be converted to P2 before. For its heading, and for notifications,
//! there is [`x420::edition1984`](crate::x420::edition1984).

use super::address::{DomainDefinedAttribute, ExtensionAttribute, OrName};
use super::envelope::{
    BilateralDomain, BuiltInEncodedInformationTypes, ContentType, EncodedInformationTypes,
    PerDomainBilateralInformation, PerMessageIndicators, PerRecipientFields,
};
use super::extension::{Criticality, ExtensionField, ExtensionType, Standard};
use super::non_delivery::{LAST_DIAGNOSTIC_1984, LAST_REASON_1984};
use super::report::{PerRecipientReportFields, ReportType, TypeOfMtsUser};
use super::trace::{OtherActions, TraceInformation};
use crate::bounds;
use crate::prim::RawTlv;
use crate::validate::{Place, Rule, Severity, Step, Validator, Violation};
use crate::x419::{Message, MtsApdu, Report};

/// The clause that says how to go from one edition to the other.
const CLAUSE: &str = "X.419 Annex B";

/// A message, probe or report as a system of 1984 understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downgraded {
    /// It.
    pub apdu: MtsApdu,
    /// What was left out or changed, in order.
    pub lost: Vec<Lost>,
}

/// Something that a system of 1984 is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Where it was.
    pub place: Place,
    /// What it was, and what became of it.
    pub what: String,
}

/// Something that a system of 1984 cannot be told, and that cannot be left out: unable-to-downgrade (47).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct UnableToDowngrade {
    /// Where it is.
    pub place: Place,
    /// What it is.
    pub what: String,
}

/// Gives for an address that 1984 has no attributes for another one that has them, if there is one: that of a gateway which
/// knows what is meant (RFC 1328 3.1).
pub type Encapsulate<'a> = &'a dyn Fn(&OrName) -> Option<OrName>;

/// Makes of a message, probe or report what a system of 1984 understands.
///
/// # Errors
/// The first thing that can neither be told nor left out: a critical extension, an address that would become another one, a
/// content type of 1988.
pub fn downgrade(apdu: MtsApdu) -> Result<Downgraded, UnableToDowngrade> {
    downgrade_with(apdu, &|_| None)
}

/// The same, where addresses can travel inside others.
///
/// # Errors
/// As [`downgrade`].
pub fn downgrade_with(
    mut apdu: MtsApdu,
    encapsulate: Encapsulate<'_>,
) -> Result<Downgraded, UnableToDowngrade> {
    let mut walk = Walk::new(encapsulate);
    walk.apdu(&mut apdu);
    Ok(Downgraded { apdu, lost: walk.finish()? })
}

/// The same of one O/R name: what it becomes, and what was left out or changed.
///
/// # Errors
/// The attribute without which it would be another name.
pub fn downgrade_name(mut name: OrName) -> Result<(OrName, Vec<Lost>), UnableToDowngrade> {
    let mut walk = Walk::new(&|_| None);
    walk.name("name", &mut name);
    Ok((name, walk.finish()?))
}

/// Everything that a system of 1984 does not understand: errors for what cannot be left out, warnings for what can.
#[must_use]
pub fn beyond_1984(apdu: &MtsApdu) -> Vec<Violation> {
    let mut walk = Walk::new(&|_| None);
    walk.apdu(&mut apdu.clone());
    let mut validator = Validator::default();
    for Found { place, what, obstacle } in walk.found {
        let severity = if obstacle { Severity::Error } else { Severity::Warning };
        validator.report_at(place, severity, Rule::Edition, CLAUSE, what);
    }
    validator.finish()
}

struct Found {
    place: Place,
    what: String,
    obstacle: bool,
}

/// Goes through a value, takes out what is beyond 1984, and keeps a list.
pub(crate) struct Walk<'a> {
    encapsulate: Encapsulate<'a>,
    place: Vec<Step>,
    found: Vec<Found>,
}

impl<'a> Walk<'a> {
    pub(crate) const fn new(encapsulate: Encapsulate<'a>) -> Self {
        Self { encapsulate, place: Vec::new(), found: Vec::new() }
    }

    /// What was left out or changed, or the first thing that cannot be.
    pub(crate) fn finish(self) -> Result<Vec<Lost>, UnableToDowngrade> {
        let mut lost = Vec::new();
        for Found { place, what, obstacle } in self.found {
            if obstacle {
                return Err(UnableToDowngrade { place, what });
            }
            lost.push(Lost { place, what });
        }
        Ok(lost)
    }

    /// How much was found so far, for [`Self::is_stopped_since`].
    pub(crate) fn mark(&self) -> usize {
        self.found.len()
    }

    /// Whether something was found since that cannot be left out.
    pub(crate) fn is_stopped_since(&self, mark: usize) -> bool {
        self.found[mark..].iter().any(|found| found.obstacle)
    }

    /// Whatever was found since can be left out after all.
    pub(crate) fn concede(&mut self, mark: usize) {
        self.found[mark..].iter_mut().for_each(|found| found.obstacle = false);
    }

    pub(crate) fn lost(&mut self, what: impl Into<String>) {
        self.found.push(Found { place: Place(self.place.clone()), what: what.into(), obstacle: false });
    }

    pub(crate) fn obstacle(&mut self, what: impl Into<String>) {
        self.found.push(Found { place: Place(self.place.clone()), what: what.into(), obstacle: true });
    }

    pub(crate) fn within<R>(&mut self, name: &'static str, visit: impl FnOnce(&mut Self) -> R) -> R {
        self.place.push(Step::Member(name));
        let result = visit(self);
        self.place.pop();
        result
    }

    pub(crate) fn each<T>(
        &mut self,
        name: &'static str,
        items: &mut [T],
        mut visit: impl FnMut(&mut Self, &mut T),
    ) {
        self.place.push(Step::Member(name));
        for (index, item) in items.iter_mut().enumerate() {
            self.place.push(Step::Item(index));
            visit(self, item);
            self.place.pop();
        }
        self.place.pop();
    }

    fn apdu(&mut self, apdu: &mut MtsApdu) {
        match apdu {
            MtsApdu::Message(message) => self.message(message),
            MtsApdu::Report(report) => self.report(report),
            MtsApdu::Probe(probe) => self.within("envelope", |walk| {
                walk.name("originator-name", &mut probe.originator_name);
                walk.types(
                    "original-encoded-information-types",
                    &mut probe.original_encoded_information_types,
                );
                walk.content_type(&probe.content_type);
                walk.indicators(&mut probe.per_message_indicators);
                walk.bilateral(&mut probe.per_domain_bilateral_information);
                walk.trace("trace-information", &mut probe.trace_information);
                walk.extensions(&mut probe.extensions);
                walk.recipients(&mut probe.per_recipient_fields);
                walk.unknown(&mut probe.unknown);
            }),
            MtsApdu::Unknown(_) => self.obstacle("neither a message, a report nor a probe"),
        }
    }

    fn message(&mut self, message: &mut Message) {
        let envelope = &mut message.envelope;
        self.within("envelope", |walk| {
            walk.name("originator-name", &mut envelope.originator_name);
            walk.types(
                "original-encoded-information-types",
                &mut envelope.original_encoded_information_types,
            );
            walk.content_type(&envelope.content_type);
            walk.indicators(&mut envelope.per_message_indicators);
            walk.bilateral(&mut envelope.per_domain_bilateral_information);
            walk.trace("trace-information", &mut envelope.trace_information);
            walk.extensions(&mut envelope.extensions);
            walk.recipients(&mut envelope.per_recipient_fields);
            walk.unknown(&mut envelope.unknown);
        });
        self.unknown(&mut message.unknown);
    }

    fn report(&mut self, report: &mut Report) {
        let (envelope, content) = (&mut report.envelope, &mut report.content);
        self.within("envelope", |walk| {
            walk.name("report-destination-name", &mut envelope.report_destination_name);
            walk.trace("trace-information", &mut envelope.trace_information);
            walk.extensions(&mut envelope.extensions);
            walk.unknown(&mut envelope.unknown);
        });
        self.within("content", |walk| {
            if let Some(trace) = &mut content.subject_intermediate_trace_information {
                walk.trace("subject-intermediate-trace-information", trace);
            }
            if content.original_encoded_information_types.take().is_some() {
                walk.within("original-encoded-information-types", |walk| {
                    walk.lost("reports of 1984 do not say it");
                });
            }
            if content.content_type.take().is_some() {
                walk.within("content-type", |walk| walk.lost("reports of 1984 do not say it"));
            }
            walk.extensions(&mut content.extensions);
            walk.each("per-recipient-fields", &mut content.per_recipient_fields, Self::reported);
            walk.unknown(&mut content.unknown);
        });
    }

    fn reported(&mut self, recipient: &mut PerRecipientReportFields) {
        self.name("actual-recipient-name", &mut recipient.actual_recipient_name);
        if let Some(name) = &mut recipient.originally_intended_recipient_name {
            // It is not needed, so that it can go where it cannot be said.
            let mark = self.mark();
            self.name("originally-intended-recipient-name", name);
            if self.is_stopped_since(mark) {
                recipient.originally_intended_recipient_name = None;
                self.concede(mark);
            }
        }
        self.within("last-trace-information", |walk| {
            let last = &mut recipient.last_trace_information;
            walk.types("converted-encoded-information-types", &mut last.converted_encoded_information_types);
            walk.within("report-type", |walk| walk.report_type(&mut last.report_type));
            walk.unknown(&mut last.unknown);
        });
        self.extensions(&mut recipient.extensions);
        self.unknown(&mut recipient.unknown);
    }

    fn report_type(&mut self, report: &mut ReportType) {
        match report {
            ReportType::Delivery(delivery) => {
                if delivery.type_of_mts_user.0 > TypeOfMtsUser::PRIVATE.0 {
                    let kind = std::mem::replace(&mut delivery.type_of_mts_user, TypeOfMtsUser::PUBLIC);
                    self.within("type-of-MTS-user", |walk| walk.lost(format!("{kind} became public")));
                }
            }
            ReportType::NonDelivery(report) => {
                if report.reason_code > i64::from(LAST_REASON_1984) {
                    let reason = report.reason_code;
                    report.reason_code = 1;
                    self.within("non-delivery-reason-code", |walk| {
                        walk.lost(format!("{reason} became unable-to-transfer (1)"));
                    });
                }
                if let Some(diagnostic) = report.diagnostic_code
                    && diagnostic > i64::from(LAST_DIAGNOSTIC_1984)
                {
                    report.diagnostic_code = None;
                    self.within("non-delivery-diagnostic-code", |walk| walk.lost(format!("{diagnostic}")));
                }
            }
            ReportType::Unknown(_) => self.obstacle("neither a delivery nor a non-delivery"),
        }
    }

    fn content_type(&mut self, content_type: &ContentType) {
        let what = match content_type {
            &ContentType::P22 => "a content of 1988 (P22), which must be converted to P2 before",
            &ContentType::EXTERNAL => "a content that an object identifier names",
            ContentType::BuiltIn(_) => return,
            ContentType::Extended(_) | ContentType::Unknown(_) => {
                "a content type that is an object identifier"
            }
        };
        self.within("content-type", |walk| walk.obstacle(what));
    }

    pub(crate) fn types(&mut self, name: &'static str, types: &mut Option<EncodedInformationTypes>) {
        let Some(types) = types else { return };
        self.within(name, |walk| {
            if let Some(extended) = types.extended.take() {
                // What is there is not all; bit 0 says that.
                let bits: Vec<_> =
                    types.built_in.0.set_bits().chain([BuiltInEncodedInformationTypes::UNKNOWN]).collect();
                types.built_in = BuiltInEncodedInformationTypes::with(&bits);
                let names: Vec<_> = extended.iter().map(ToString::to_string).collect();
                walk.lost(format!("{} became unknown (0)", names.join(", ")));
            }
            walk.unknown(&mut types.unknown);
        });
    }

    fn indicators(&mut self, indicators: &mut PerMessageIndicators) {
        let kept: Vec<_> =
            indicators.0.set_bits().filter(|bit| *bit < PerMessageIndicators::RESERVED).collect();
        if kept.len() < indicators.0.set_bits().count() {
            *indicators = PerMessageIndicators::with(&kept);
            self.within("per-message-indicators", |walk| walk.lost("bits from 4 on"));
        }
    }

    fn bilateral(&mut self, information: &mut Option<Vec<PerDomainBilateralInformation>>) {
        let Some(list) = information else { return };
        let before = list.len();
        list.retain(|item| matches!(item.domain, BilateralDomain::Administration(_)));
        if list.len() < before {
            let gone = before - list.len();
            self.within("per-domain-bilateral-information", |walk| {
                walk.lost(format!("what {gone} private domains are told"));
            });
        }
        if list.is_empty() {
            *information = None;
        }
    }

    fn trace(&mut self, name: &'static str, trace: &mut TraceInformation) {
        self.each(name, trace, |walk, element| {
            let supplied = &mut element.supplied;
            walk.types(
                "converted-encoded-information-types",
                &mut supplied.converted_encoded_information_types,
            );
            if supplied.other_actions != OtherActions::default() {
                let actions: Vec<_> =
                    supplied.other_actions.labels().filter_map(|(_, label)| label).collect();
                let what = actions.join(", ");
                supplied.other_actions = OtherActions::default();
                walk.within("other-actions", |walk| walk.lost(what));
            }
            walk.unknown(&mut supplied.unknown);
            walk.unknown(&mut element.unknown);
        });
    }

    fn extensions(&mut self, extensions: &mut Vec<ExtensionField>) {
        let mut taken = std::mem::take(extensions);
        self.each("extensions", &mut taken, |walk, field| {
            let what = match &field.kind {
                ExtensionType::Private(oid) => format!("private extension {oid}"),
                ExtensionType::Unknown(_) => "an extension of no type".into(),
                ExtensionType::Standard(number) | ExtensionType::StandardExplicit(number) => {
                    Standard::by_number(*number)
                        .map_or_else(|| format!("extension {number}"), |standard| standard.name.to_owned())
                }
            };
            let must = [Criticality::FOR_TRANSFER, Criticality::FOR_DELIVERY];
            if must.iter().any(|bit| field.criticality.has(*bit)) {
                walk.obstacle(format!("{what} is critical, and there are no extensions in 1984"));
            } else {
                walk.lost(what);
            }
        });
    }

    fn recipients(&mut self, recipients: &mut [PerRecipientFields]) {
        self.each("per-recipient-fields", recipients, |walk, recipient| {
            walk.name("recipient-name", &mut recipient.recipient_name);
            if let Some(conversion) = recipient.explicit_conversion
                && !matches!(conversion.0, 0 | 1)
            {
                recipient.explicit_conversion = None;
                walk.within("explicit-conversion", |walk| walk.lost(conversion.to_string()));
            }
            walk.extensions(&mut recipient.extensions);
            walk.unknown(&mut recipient.unknown);
        });
    }

    pub(crate) fn unknown(&mut self, members: &mut Vec<RawTlv>) {
        if !members.is_empty() {
            let count = members.len();
            members.clear();
            self.lost(format!("{count} members that are not known"));
        }
    }

    /// The common name becomes an attribute of the domain (RFC 1328 3.2); what says again what stands elsewhere goes; anything
    /// else would make another address of it, so that it must travel inside another one.
    pub(crate) fn name(&mut self, member: &'static str, name: &mut OrName) {
        let (mark, original) = (self.mark(), name.clone());
        self.name_alone(member, name);
        if self.is_stopped_since(mark)
            && let Some(outer) = (self.encapsulate)(&original)
        {
            *name = outer;
            self.found.truncate(mark);
            self.within(member, |walk| walk.lost("an address of 1988 now travels inside that of a gateway"));
        }
    }

    fn name_alone(&mut self, member: &'static str, name: &mut OrName) {
        self.within(member, |walk| {
            if name.directory_name.take().is_some() {
                walk.lost("a directory name");
            }
            let Some(attributes) = name.extension.take() else { return };
            let attributes: Vec<_> = attributes.0.iter().map(|field| field.typed()).collect();
            let common = attributes.iter().find_map(|attribute| match attribute {
                ExtensionAttribute::CommonName(text) => Some(text.clone()),
                _ => None,
            });
            for attribute in &attributes {
                walk.attribute(attribute, name, common.is_some());
            }
            let Some(value) = common else { return };
            let list = name.domain_defined.get_or_insert_default();
            if list.len() < bounds::DOMAIN_DEFINED_ATTRIBUTES {
                list.push(DomainDefinedAttribute { kind: "Common".into(), value });
                walk.lost("common-name became the domain-defined attribute Common");
            } else {
                walk.obstacle("a common name, and no room for one more domain-defined attribute");
            }
        });
    }

    fn attribute(&mut self, attribute: &ExtensionAttribute, name: &OrName, has_common_name: bool) {
        use ExtensionAttribute as E;
        let standard = &name.standard;
        let said = match attribute {
            E::CommonName(_) => return,
            E::TeletexCommonName(_) | E::UniversalCommonName(_) => has_common_name,
            E::TeletexOrganization(_) | E::UniversalOrganization(_) => standard.organization.is_some(),
            E::TeletexPersonalName(_) | E::UniversalPersonalName(_) => standard.personal_name.is_some(),
            E::TeletexOrganizationalUnits(_) | E::UniversalOrganizationalUnits(_) => {
                standard.organizational_units.is_some()
            }
            E::TeletexDomainDefined(_) | E::UniversalDomainDefined(_) => name.domain_defined.is_some(),
            _ => false,
        };
        let number = attribute.number();
        if said {
            self.lost(format!("extension attribute {number}, which a printable one says too"));
        } else {
            self.obstacle(format!("extension attribute {number}, without which the address is another one"));
        }
    }
}
