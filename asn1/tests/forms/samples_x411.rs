//! Samples of X.411 and X.419: envelopes, reports, trace, bind.

use rasn_x400::oids;
use rasn_x400::prim::{ListAsSet, NamedBits, Null, Octets, X400Time};
use rasn_x400::x411::address::*;
use rasn_x400::x411::bind::*;
use rasn_x400::x411::envelope::*;
use rasn_x400::x411::physical::*;
use rasn_x400::x411::report::*;
use rasn_x400::x411::security::*;
use rasn_x400::x411::trace::*;
use rasn_x400::x419::{Message, MtsApdu, Report};

pub(crate) use super::address::{full_name, person};
pub(crate) use super::extension::expansion;
use super::extension::{
    message_extensions, probe_extensions, recipient_extensions, report_content_extensions, report_extensions,
    report_recipient_extensions,
};
use super::security::{certificates, label, token};
use super::{Sample, address, alias, extension, raw, sample};

pub(crate) fn time(text: &str) -> X400Time {
    X400Time::new(text)
}

pub(crate) fn domain() -> GlobalDomainIdentifier {
    GlobalDomainIdentifier::new("GB", "GOLD 400", Some("UK.AC"))
}

fn identifier(local: &str) -> MtsIdentifier {
    MtsIdentifier { domain: domain(), local_identifier: local.into(), unknown: vec![] }
}

pub(crate) fn encoded_types() -> EncodedInformationTypes {
    use BuiltInEncodedInformationTypes as Bits;
    EncodedInformationTypes {
        built_in: Bits::with(&[Bits::IA5_TEXT, Bits::G3_FACSIMILE, Bits::MIXED_MODE]),
        g3_facsimile: Some(NamedBits::with(&[8], 0)),
        // B-09: both members of the non-basic parameters, so that it is seen to be a SET
        teletex: Some(terminal()),
        extended: Some(vec![oids::EIT_MIXER, oids::EIT_CHARACTER_SETS.below(&[100])]),
        unknown: vec![],
    }
}

pub(crate) fn terminal() -> TeletexNonBasicParameters {
    TeletexNonBasicParameters {
        graphic_character_sets: Some("A".into()),
        control_character_sets: Some("B".into()),
        page_formats: Some(Octets::from(&[1, 2][..])),
        miscellaneous_terminal_capabilities: Some("C".into()),
        private_use: Some(Octets::from(&[3][..])),
        unknown: vec![],
    }
}

fn supplied() -> DomainSuppliedInformation {
    DomainSuppliedInformation {
        arrival_time: time("910530182455+0100"),
        routing_action: RoutingAction::REROUTED,
        attempted_domain: Some(GlobalDomainIdentifier::new("234", " ", None)),
        deferred_time: Some(time("910530192455Z")),
        converted_encoded_information_types: Some(encoded_types()),
        other_actions: OtherActions::with(&[OtherActions::REDIRECTED, OtherActions::DL_OPERATION]),
        unknown: vec![],
    }
}

fn mta_supplied(attempted: Attempted) -> MtaSuppliedInformation {
    MtaSuppliedInformation {
        arrival_time: time("910530182455+0100"),
        routing_action: RoutingAction::REROUTED,
        attempted: Some(attempted),
        deferred_time: Some(time("910530192455Z")),
        converted_encoded_information_types: Some(encoded_types()),
        other_actions: OtherActions::with(&[OtherActions::DL_OPERATION]),
        unknown: vec![],
    }
}

pub(crate) fn trace() -> TraceInformation {
    let first = TraceInformationElement { domain: domain(), supplied: supplied(), unknown: vec![] };
    let second = TraceInformationElement {
        domain: GlobalDomainIdentifier::new("DE", "DBP", None),
        supplied: DomainSuppliedInformation {
            arrival_time: time("910530182555Z"),
            routing_action: RoutingAction::RELAYED,
            attempted_domain: None,
            deferred_time: None,
            converted_encoded_information_types: None,
            other_actions: OtherActions::default(),
            unknown: vec![],
        },
        unknown: vec![],
    };
    vec![first, second]
}

pub(crate) fn internal_trace() -> InternalTraceInformation {
    [Attempted::Mta("mta-b".into()), Attempted::Domain(domain())]
        .map(|attempted| InternalTraceInformationElement {
            domain: domain(),
            mta_name: "mta-a".into(),
            supplied: mta_supplied(attempted),
            unknown: vec![],
        })
        .into()
}

fn recipient(name: OrName, number: i64, indicators: &[usize]) -> PerRecipientFields {
    PerRecipientFields {
        recipient_name: name,
        originally_specified_recipient_number: number,
        per_recipient_indicators: PerRecipientIndicators::with(indicators),
        explicit_conversion: Some(ExplicitConversion::IA5_TEXT_TO_G3_FACSIMILE),
        extensions: recipient_extensions(),
        unknown: vec![],
    }
}

fn recipients() -> Vec<PerRecipientFields> {
    use PerRecipientIndicators as Bits;
    let bits = [Bits::RESPONSIBILITY, Bits::ORIGINATING_MTA_REPORT, Bits::ORIGINATOR_REPORT];
    vec![recipient(full_name(), 1, &bits), recipient(person("Cooper"), 300, &bits[..2])]
}

fn bilateral(domain: BilateralDomain) -> PerDomainBilateralInformation {
    PerDomainBilateralInformation {
        country: DomainName::from_text("GB"),
        domain,
        information: raw("30 03 02 01 07"),
    }
}

fn bilaterals() -> Vec<PerDomainBilateralInformation> {
    let administration = BilateralAdministration::Printable("GOLD 400".into());
    vec![
        bilateral(BilateralDomain::Administration(administration)),
        bilateral(BilateralDomain::Private(vec![raw("a0 03 13 01 41"), raw("a1 03 13 01 50")])),
    ]
}

pub(crate) fn message_envelope() -> MessageTransferEnvelope {
    use PerMessageIndicators as Bits;
    MessageTransferEnvelope {
        message_identifier: identifier("MSG-1"),
        originator_name: full_name(),
        original_encoded_information_types: Some(encoded_types()),
        content_type: ContentType::P22,
        content_identifier: Some("910530 lunch".into()),
        priority: Priority::URGENT,
        per_message_indicators: Bits::with(&[
            Bits::DISCLOSURE_OF_OTHER_RECIPIENTS,
            Bits::CONTENT_RETURN_REQUEST,
        ]),
        deferred_delivery_time: Some(time("910530192455Z")),
        per_domain_bilateral_information: Some(bilaterals()),
        trace_information: trace(),
        extensions: message_extensions(),
        per_recipient_fields: recipients(),
        unknown: vec![],
    }
}

fn probe() -> ProbeTransferEnvelope {
    ProbeTransferEnvelope {
        probe_identifier: identifier("PROBE-1"),
        originator_name: person("Kille"),
        original_encoded_information_types: Some(encoded_types()),
        content_type: ContentType::Extended(oids::CONTENT_P772),
        content_identifier: Some("probe".into()),
        content_length: Some(100_000),
        per_message_indicators: PerMessageIndicators::with(&[PerMessageIndicators::SERVICE_MESSAGE]),
        per_domain_bilateral_information: Some(bilaterals()),
        trace_information: trace(),
        extensions: probe_extensions(),
        per_recipient_fields: probe_recipients(),
        unknown: vec![],
    }
}

/// A probe asks for less than a message.
fn probe_recipients() -> Vec<PerRecipientFields> {
    let asked = [2, 6, 12, 25];
    let mut recipients = recipients();
    for recipient in &mut recipients {
        recipient
            .extensions
            .retain(|field| field.kind.number().is_some_and(|number| asked.contains(&number)));
    }
    recipients
}

fn report_envelope() -> ReportTransferEnvelope {
    ReportTransferEnvelope {
        report_identifier: identifier("REPORT-1"),
        report_destination_name: person("Kille"),
        trace_information: trace(),
        extensions: report_extensions(),
        unknown: vec![],
    }
}

fn delivery() -> DeliveryReport {
    DeliveryReport {
        message_delivery_time: time("910530182555Z"),
        type_of_mts_user: TypeOfMtsUser::PRIVATE,
        unknown: vec![],
    }
}

fn non_delivery() -> NonDeliveryReport {
    NonDeliveryReport { reason_code: 1, diagnostic_code: Some(0), unknown: vec![] }
}

fn last_trace(report_type: ReportType) -> LastTraceInformation {
    LastTraceInformation {
        arrival_time: time("910530182455+0100"),
        converted_encoded_information_types: Some(encoded_types()),
        report_type,
        unknown: vec![],
    }
}

fn reported(number: i64, report_type: ReportType) -> PerRecipientReportFields {
    PerRecipientReportFields {
        actual_recipient_name: person("Cooper"),
        originally_specified_recipient_number: number,
        per_recipient_indicators: PerRecipientIndicators::with(&[1, 3]),
        last_trace_information: last_trace(report_type),
        originally_intended_recipient_name: Some(full_name()),
        supplementary_information: Some("no such mailbox".into()),
        extensions: report_recipient_extensions(),
        unknown: vec![],
    }
}

fn report_content() -> ReportTransferContent {
    ReportTransferContent {
        subject_identifier: identifier("MSG-1"),
        subject_intermediate_trace_information: Some(trace()),
        original_encoded_information_types: Some(encoded_types()),
        content_type: Some(ContentType::P22),
        content_identifier: Some("910530 lunch".into()),
        returned_content: Some(Octets::from(super::x420::content())),
        additional_information: Some(raw("30 03 02 01 07")),
        extensions: report_content_extensions(),
        per_recipient_fields: vec![
            reported(1, ReportType::Delivery(delivery())),
            reported(2, ReportType::NonDelivery(non_delivery())),
        ],
        unknown: vec![],
    }
}

/// A message, a report and a probe with everything that fits into them.
pub(crate) fn apdus() -> [MtsApdu; 3] {
    let message = Message {
        envelope: message_envelope(),
        content: Octets::from(super::x420::content()),
        unknown: vec![],
    };
    let report = Report { envelope: report_envelope(), content: report_content() };
    [MtsApdu::Message(message), MtsApdu::Report(report), MtsApdu::Probe(probe())]
}

fn authenticated(credentials: Credentials) -> Authenticated {
    Authenticated {
        name: "mta-gw1".into(),
        credentials,
        // S-20: two labels, so that it is seen to be a SET
        security_context: Some(vec![label(), SecurityLabel::default()]),
        unknown: vec![],
    }
}

pub(crate) fn samples() -> Vec<Sample> {
    [
        address::names(),
        envelopes(),
        extension::extensions(),
        super::security::samples(),
        reports(),
        traces(),
        binds(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn envelopes() -> Vec<Sample> {
    let [message, report, probe_apdu] = apdus();
    let MtsApdu::Message(whole) = message.clone() else { panic!("not a message") };
    vec![
        sample("A-10", message),
        sample("A-10", report),
        sample("A-10", probe_apdu),
        sample("A-10", whole),
        sample("A-10", Report { envelope: report_envelope(), content: report_content() }),
        sample("A-11", message_envelope()),
        sample("A-11", recipients().remove(0)),
        sample("A-11", identifier("MSG-1")),
        sample("A-11", ContentType::P22),
        sample("A-11", ContentType::Extended(oids::CONTENT_P772)),
        sample("A-11", Priority::URGENT),
        sample("A-11", bilaterals().remove(0)),
        sample("A-11", bilaterals().remove(1)),
        sample("A-11", bilaterals().remove(0).domain),
        sample("A-11", bilaterals().remove(1).domain),
        sample("A-11", BilateralAdministration::Numeric("400".into())),
        alias("A-11", "envelope::RawSequence", vec![raw("a0 03 13 01 41"), raw("a1 03 13 01 50")]),
        sample("A-12", probe()),
        sample(
            "A-11",
            MessageTransferEnvelope {
                content_type: ContentType::Unknown(raw("0d 02 04 01")),
                ..message_envelope()
            },
        ),
        sample("A-15", message_envelope().per_message_indicators),
        sample("A-15", recipients().remove(0).per_recipient_indicators),
        sample("A-24", encoded_types()),
        sample("A-24", terminal()),
        sample("A-24", encoded_types().built_in),
        alias("A-24", "envelope::OidSet", ListAsSet(vec![oids::EIT_MIXER, oids::EIT_ODA])),
    ]
}

fn reports() -> Vec<Sample> {
    vec![
        sample("A-13", report_envelope()),
        sample("A-14", report_content()),
        sample("A-14", reported(1, ReportType::Delivery(delivery()))),
        sample("A-14", last_trace(ReportType::NonDelivery(non_delivery()))),
        sample("A-14", ReportType::Delivery(delivery())),
        sample("A-14", ReportType::NonDelivery(non_delivery())),
        sample("A-14", delivery()),
        sample("A-19", non_delivery()),
        sample("A-16", TypeOfMtsUser::OTHER),
    ]
}

fn traces() -> Vec<Sample> {
    vec![
        sample("A-17", domain()),
        alias("A-17", "trace::TraceInformation", trace()),
        sample("A-17", TaggedTrace(trace())),
        sample("A-17", trace().remove(0)),
        sample("A-17", supplied()),
        alias("A-17", "trace::InternalTraceInformation", internal_trace()),
        sample("A-17", internal_trace().remove(0)),
        sample("A-17", mta_supplied(Attempted::Domain(domain()))),
        sample("A-17", Attempted::Mta("mta-b".into())),
        sample("A-17", Attempted::Domain(domain())),
        sample("A-17", RoutingAction::REROUTED),
        sample("A-17", supplied().other_actions),
    ]
}

fn binds() -> Vec<Sample> {
    let simple = Credentials::SimpleCharacters("secret".into());
    let proof = StrongCredentials {
        bind_token: Some(token()),
        certificate: Some(certificates()),
        certificate_selector: Some(vec![raw("80 01 01")]),
        unknown: vec![],
    };
    let strong = Credentials::Strong(proof.clone());
    vec![
        sample("A-26", MtaBind::Unauthenticated(Null)),
        sample("A-26", MtaBind::UnauthenticatedTagged(Null)),
        sample("A-26", MtaBind::Authenticated(authenticated(simple.clone()))),
        sample("A-26", authenticated(strong.clone())),
        sample("A-26", simple),
        sample("A-26", Credentials::SimpleOctets(Octets::from(&b"secret"[..]))),
        sample("A-26", strong),
        sample("A-26", proof),
        sample("A-26", BindError::AUTHENTICATION_ERROR),
    ]
}
