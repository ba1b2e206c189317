//! Samples of the extensions of X.411, each where it stands.

use rasn_x400::oids;
use rasn_x400::prim::{ListAsSet, Octets};
use rasn_x400::x411::extension::*;
use rasn_x400::x411::physical::*;
use rasn_x400::x411::security::CertificateSelectors;
use rasn_x400::x411::trace::TaggedTrace;

use super::address::person;
use super::security::{algorithm, certificates, extended_certificates, label, selectors, signature, token};
use super::x411::{domain, internal_trace, time, trace};
use super::{Sample, raw, sample};

fn redirection() -> Redirection {
    Redirection { intended_recipient: intended(), reason: RedirectionReason::ALIAS, unknown: vec![] }
}

fn intended() -> IntendedRecipient {
    IntendedRecipient {
        recipient: person("Cooper"),
        redirection_time: time("910530182455Z"),
        unknown: vec![],
    }
}

pub(crate) fn expansion() -> DlExpansion {
    DlExpansion { list: person("List"), expansion_time: time("910530182455Z"), unknown: vec![] }
}

fn originator_or_list() -> OriginatorOrDl {
    OriginatorOrDl { name: person("List"), time: time("910530182455Z"), unknown: vec![] }
}

fn reporting_mta() -> ReportingMta {
    ReportingMta {
        domain: domain(),
        mta_name: "mta-a".into(),
        directory_name: Some(raw("30 0d 31 0b 30 09 06 03 55 04 06 13 02 47 42")),
        unknown: vec![],
    }
}

fn field<E: Extension>(value: &E::Value) -> ExtensionField {
    E::field(value).unwrap()
}

/// Extensions of a message as a whole.
pub(crate) fn message_extensions() -> Vec<ExtensionField> {
    let private = ExtensionField {
        kind: ExtensionType::Private("2.999.1".parse().unwrap()),
        criticality: Criticality::default(),
        value: Some(raw("04 01 00")),
        unknown: vec![],
    };
    vec![
        field::<RecipientReassignmentProhibited>(&Prohibited::PROHIBITED),
        field::<DlExpansionProhibited>(&Prohibited::PROHIBITED),
        field::<ConversionWithLossProhibited>(&Prohibited::PROHIBITED),
        field::<LatestDeliveryTime>(&time("910531182455Z")),
        field::<OriginatorReturnAddress>(&person("Kille").into()),
        field::<ContentCorrelator>(&ContentCorrelatorValue::Characters("Subject: lunch".into())),
        field::<DlExpansionHistory>(&vec![expansion()]),
        field::<InternalTrace>(&internal_trace()),
        field::<DlExemptedRecipients>(&ListAsSet(vec![person("Exempt")])),
        field::<OriginatorCertificate>(&certificates()),
        field::<ContentConfidentialityAlgorithm>(&algorithm()),
        field::<MessageOriginAuthenticationCheck>(&signature()),
        field::<MessageSecurityLabel>(&label()),
        field::<MultipleOriginatorCertificates>(&ListAsSet(extended_certificates())),
        field::<MessageCertificateSelectors>(&selectors()),
        private,
    ]
}

/// Extensions of a probe that a message does not have.
pub(crate) fn probe_extensions() -> Vec<ExtensionField> {
    vec![
        field::<RecipientReassignmentProhibited>(&Prohibited::PROHIBITED),
        field::<MessageSecurityLabel>(&label()),
        field::<ContentCorrelator>(&ContentCorrelatorValue::Characters("Subject: lunch".into())),
        field::<ProbeOriginAuthenticationCheck>(&signature()),
        field::<InternalTrace>(&internal_trace()),
    ]
}

/// Extensions that users and their MTAs tell each other.
fn user_extensions() -> Vec<ExtensionField> {
    vec![
        field::<ProofOfSubmissionRequest>(&Requested::REQUESTED),
        field::<OriginatingMtaCertificate>(&certificates()),
        field::<ProofOfSubmission>(&signature()),
        field::<ForwardingRequest>(&raw("31 00")),
        field::<DeliveryTraceInformation>(&TaggedTrace(trace())),
    ]
}

/// Extensions of one recipient.
pub(crate) fn recipient_extensions() -> Vec<ExtensionField> {
    vec![
        field::<OriginatorRequestedAlternateRecipient>(&person("Alternate")),
        field::<RequestedDeliveryMethod>(&vec![DeliveryMethod::MHS, DeliveryMethod::G4_FACSIMILE]),
        field::<PhysicalForwardingProhibited>(&Prohibited::PROHIBITED),
        field::<PhysicalForwardingAddressRequest>(&Requested::REQUESTED),
        field::<PhysicalDeliveryModes>(&delivery_modes()),
        field::<RegisteredMailType>(&RegisteredMail::REGISTERED),
        field::<RecipientNumberForAdvice>(&"442071234567".into()),
        field::<PhysicalRenditionAttributes>(&"2.6.3.5.0".parse().unwrap()),
        field::<PhysicalDeliveryReportRequest>(&PhysicalReport::NOTIFICATION_BY_MHS),
        field::<ProofOfDeliveryRequest>(&Requested::REQUESTED),
        field::<RedirectionHistory>(&vec![redirection()]),
        field::<MessageToken>(&token()),
        field::<ContentIntegrityCheck>(&signature()),
        field::<RecipientCertificate>(&certificates()),
        field::<BlindCopyRecipients>(&vec![]),
        field::<BodyPartEncryptionToken>(&super::body::part_tokens()),
        field::<ForwardedContentToken>(&super::body::content_tokens()),
        field::<CertificateSelectorsOverride>(&CertificateSelectors {
            message_origin_authentication: None,
            ..selectors()
        }),
    ]
}

fn delivery_modes() -> DeliveryModes {
    DeliveryModes::with(&[DeliveryModes::SPECIAL_DELIVERY, DeliveryModes::BUREAU_FAX_DELIVERY])
}

/// Extensions of a report's content.
pub(crate) fn report_content_extensions() -> Vec<ExtensionField> {
    vec![field::<ContentCorrelator>(&ContentCorrelatorValue::Octets(Octets::from(&b"lunch"[..])))]
}

/// Extensions of one recipient of a report.
pub(crate) fn report_recipient_extensions() -> Vec<ExtensionField> {
    vec![
        field::<RedirectionHistory>(&vec![redirection()]),
        field::<PhysicalForwardingAddress>(&person("Forwarded")),
        field::<RecipientCertificate>(&certificates()),
        field::<ProofOfDelivery>(&signature()),
    ]
}

/// Extensions of a report's envelope.
pub(crate) fn report_extensions() -> Vec<ExtensionField> {
    vec![
        field::<MessageSecurityLabel>(&label()),
        field::<RedirectionHistory>(&vec![redirection()]),
        field::<OriginatorAndDlExpansionHistory>(&vec![originator_or_list(), originator_or_list()]),
        field::<ReportingDlName>(&person("List")),
        field::<InternalTrace>(&internal_trace()),
        field::<ReportingMtaName>(&reporting_mta()),
        field::<ReportingMtaCertificate>(&certificates()),
        field::<ReportOriginAuthenticationCheck>(&signature()),
    ]
}

pub(crate) fn extensions() -> Vec<Sample> {
    let isode = ExtensionField { kind: ExtensionType::StandardExplicit(3), ..message_extensions().remove(1) };
    let mut samples = vec![
        sample("A-02", isode),
        sample("A-02", ExtensionType::Standard(3)),
        sample("A-02", ExtensionType::Standard(-130)),
        sample("A-02", ExtensionType::StandardExplicit(3)),
        sample("A-02", ExtensionType::Private(oids::DSN_HEADER_LIST)),
        sample("A-02", Criticality::with(&[Criticality::FOR_SUBMISSION, Criticality::FOR_DELIVERY])),
        sample("A-18", Prohibited::PROHIBITED),
        sample("A-18", Requested::REQUESTED),
        sample("A-18", ContentCorrelatorValue::Characters("lunch".into())),
        sample("A-18", ContentCorrelatorValue::Octets(Octets::from(&b"lunch"[..]))),
        sample("A-18", redirection()),
        sample("A-18", intended()),
        sample("A-18", RedirectionReason::ALIAS),
        sample("A-18", expansion()),
        sample("A-18", originator_or_list()),
        sample("A-18", reporting_mta()),
        sample("A-18", DeliveryMethod::VIDEOTEX),
        sample("A-18", delivery_modes()),
        sample("A-18", RegisteredMail::REGISTERED_TO_ADDRESSEE_IN_PERSON),
        sample("A-18", PhysicalReport::NOTIFICATION_BY_MHS_AND_PDS),
        sample("A-11", ExplicitConversion::VIDEOTEX_TO_TELETEX),
    ];
    let fields = extension_fields();
    samples.extend(fields.into_iter().map(|field| sample("A-18", field)));
    samples
}

/// An extension of every kind.
pub(crate) fn extension_fields() -> Vec<ExtensionField> {
    let of_recipient = report_recipient_extensions();
    [
        message_extensions(),
        recipient_extensions(),
        probe_extensions(),
        report_extensions(),
        report_content_extensions(),
        of_recipient,
        user_extensions(),
    ]
    .concat()
}
