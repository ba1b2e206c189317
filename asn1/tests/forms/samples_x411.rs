//! Samples of X.411 and X.419: addresses, envelopes, reports, trace, extensions, bind.

use rasn_x400::oids;
use rasn_x400::prim::{ListAsSet, NamedBits, Null, Octets, X400Time};
use rasn_x400::x411::address::*;
use rasn_x400::x411::bind::*;
use rasn_x400::x411::envelope::*;
use rasn_x400::x411::extension::*;
use rasn_x400::x411::physical::*;
use rasn_x400::x411::report::*;
use rasn_x400::x411::security::*;
use rasn_x400::x411::trace::*;
use rasn_x400::x419::{Message, MtsApdu, Report};

use super::security::{algorithm, certificates, extended_certificates, label, selectors, signature, token};
use super::{Sample, alias, raw, sample};

pub(crate) fn time(text: &str) -> X400Time {
    X400Time::new(text)
}

pub(crate) fn domain() -> GlobalDomainIdentifier {
    GlobalDomainIdentifier::new("GB", "GOLD 400", Some("UK.AC"))
}

fn identifier(local: &str) -> MtsIdentifier {
    MtsIdentifier { domain: domain(), local_identifier: local.into(), unknown: vec![] }
}

fn personal_name(surname: &str) -> PersonalName {
    PersonalName {
        surname: surname.into(),
        given_name: Some("Steve".into()),
        initials: Some("SE".into()),
        generation_qualifier: Some("II".into()),
        unknown: vec![],
    }
}

/// A short address.
pub(crate) fn person(surname: &str) -> OrName {
    OrName {
        standard: StandardAttributes {
            country: Some(DomainName::from_text("GB")),
            administration_domain: Some(DomainName::from_text("GOLD 400")),
            private_domain: Some(DomainName::from_text("UK.AC")),
            organization: Some("UCL".into()),
            personal_name: Some(PersonalName { surname: surname.into(), ..PersonalName::default() }),
            ..StandardAttributes::default()
        },
        ..OrName::default()
    }
}

fn universal(text: &str) -> UniversalOrBmp {
    UniversalOrBmp { language: Some("el".into()), ..UniversalOrBmp::from_text(text) }
}

fn universal_name() -> UniversalPersonalName {
    UniversalPersonalName {
        surname: universal("Παπαδόπουλος"),
        given_name: Some(universal("Γιώργος")),
        initials: Some(universal("Γ")),
        generation_qualifier: Some(universal("𝟙")),
        unknown: vec![],
    }
}

fn teletex_name() -> TeletexPersonalName {
    TeletexPersonalName {
        surname: "M\u{c8}uller".into(),
        given_name: Some("J".into()),
        initials: Some("K".into()),
        generation_qualifier: Some("I".into()),
        unknown: vec![],
    }
}

fn postal_address() -> UnformattedPostalAddress {
    UnformattedPostalAddress {
        printable: Some(vec!["Gower Street".into(), "London".into()]),
        teletex: Some("Gower Street".into()),
        unknown: vec![],
    }
}

fn e164() -> E1634Address {
    E1634Address { number: "442071234567".into(), sub_address: Some("12".into()), unknown: vec![] }
}

fn presentation_address() -> PresentationAddress {
    PresentationAddress {
        presentation_selector: Some(Octets::from(&b"P"[..])),
        session_selector: Some(Octets::from(&b"S"[..])),
        transport_selector: Some(Octets::from(&b"T"[..])),
        network_addresses: ListAsSet(vec![Octets::from(&[0x54, 0, 0x72][..]), Octets::from(&[0x49][..])]),
        unknown: vec![],
    }
}

/// Every typed extension attribute, each once.
pub(crate) fn attributes() -> Vec<ExtensionAttribute> {
    use ExtensionAttribute as E;
    let street = PdsParameter {
        printable: Some("Gower Street".into()),
        teletex: Some("Gower Street".into()),
        unknown: vec![],
    };
    let mut attributes = vec![
        E::CommonName("Postmaster".into()),
        E::TeletexCommonName("Postmaster".into()),
        E::TeletexOrganization("UCL".into()),
        E::TeletexPersonalName(teletex_name()),
        E::TeletexOrganizationalUnits(vec!["CS".into(), "Lab".into()]),
        E::TeletexDomainDefined(vec![TeletexDomainDefinedAttribute { kind: "a".into(), value: "b".into() }]),
        E::PdsName("Royal Mail".into()),
        E::PhysicalDeliveryCountry(DomainName::from_text("826")),
        E::PostalCode(DomainName::from_text("WC1E 6BT")),
        E::UnformattedPostalAddress(postal_address()),
        E::ExtendedNetworkAddress(ExtendedNetworkAddress::E1634(e164())),
        E::TerminalType(8),
        E::UniversalCommonName(universal("Ταχυδρόμος")),
        E::UniversalOrganization(universal("Πανεπιστήμιο")),
        E::UniversalPersonalName(universal_name()),
        E::UniversalOrganizationalUnits(vec![universal("Τμήμα"), universal("Α")]),
        E::UniversalDomainDefined(vec![universal_attribute()]),
        E::UniversalPostal(39, UniversalOrBmp::from_text("A")),
    ];
    attributes.extend(PhysicalAttribute::ALL.map(|attribute| E::PdsParameter(attribute, street.clone())));
    attributes
}

fn universal_attribute() -> UniversalDomainDefinedAttribute {
    UniversalDomainDefinedAttribute { kind: universal("τύπος"), value: universal("τιμή") }
}

/// An address with every attribute there is.
pub(crate) fn full_name() -> OrName {
    let fields = attributes().iter().map(|attribute| attribute.field().unwrap()).collect();
    OrName {
        standard: StandardAttributes {
            country: Some(DomainName::from_text("826")),
            administration_domain: Some(DomainName::from_text(" ")),
            network_address: Some("23421920030013".into()),
            terminal_identifier: Some("TERM 1".into()),
            private_domain: Some(DomainName::from_text("UK.AC")),
            organization: Some("UCL".into()),
            numeric_user_identifier: Some("12345".into()),
            personal_name: Some(personal_name("Kille")),
            organizational_units: Some(vec!["CS".into(), "Lab".into(), "Room 1".into(), "Desk".into()]),
            unknown: vec![],
        },
        domain_defined: Some(vec![attribute("RFC-822", "Steve(a)isode.com"), attribute("ID", "1")]),
        extension: Some(ListAsSet(fields)),
        directory_name: Some(raw("30 0d 31 0b 30 09 06 03 55 04 06 13 02 47 42")),
    }
}

fn attribute(kind: &str, value: &str) -> DomainDefinedAttribute {
    DomainDefinedAttribute { kind: kind.into(), value: value.into() }
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

fn trace() -> TraceInformation {
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

fn internal_trace() -> InternalTraceInformation {
    [Attempted::Mta("mta-b".into()), Attempted::Domain(domain())]
        .map(|attempted| InternalTraceInformationElement {
            domain: domain(),
            mta_name: "mta-a".into(),
            supplied: mta_supplied(attempted),
            unknown: vec![],
        })
        .into()
}

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
fn message_extensions() -> Vec<ExtensionField> {
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
fn probe_extensions() -> Vec<ExtensionField> {
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
fn recipient_extensions() -> Vec<ExtensionField> {
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
fn report_content_extensions() -> Vec<ExtensionField> {
    vec![field::<ContentCorrelator>(&ContentCorrelatorValue::Octets(Octets::from(&b"lunch"[..])))]
}

/// Extensions of a report's envelope.
fn report_extensions() -> Vec<ExtensionField> {
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
        extensions: vec![
            field::<RedirectionHistory>(&vec![redirection()]),
            field::<PhysicalForwardingAddress>(&person("Forwarded")),
            field::<RecipientCertificate>(&certificates()),
            field::<ProofOfDelivery>(&signature()),
        ],
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
    [names(), envelopes(), extensions(), super::security::samples(), reports(), traces(), binds()]
        .into_iter()
        .flatten()
        .collect()
}

fn names() -> Vec<Sample> {
    let fields: Vec<_> = attributes().iter().map(|attribute| attribute.field().unwrap()).collect();
    let mut samples = vec![
        sample("A-20", full_name()),
        sample("A-20", OrAddress::from(full_name())),
        sample("A-20", full_name().standard),
        sample("A-20", DomainName::from_text("GB")),
        sample("A-20", DomainName::from_text("234")),
        sample("A-20", personal_name("Kille")),
        sample("A-20", attribute("RFC-822", "Steve(a)isode.com")),
        alias("A-20", "address::ExtensionAttributes", full_name().extension.unwrap()),
        sample("A-20", teletex_name()),
        sample("A-20", TeletexDomainDefinedAttribute { kind: "a".into(), value: "b".into() }),
        sample(
            "A-20",
            PdsParameter { printable: Some("a".into()), teletex: Some("b".into()), unknown: vec![] },
        ),
        sample("A-20", postal_address()),
        sample("A-20", ExtendedNetworkAddress::E1634(e164())),
        sample("A-20", ExtendedNetworkAddress::Psap(presentation_address())),
        sample("A-20", e164()),
        sample("A-20", presentation_address()),
        sample("A-20", universal("Ταχυδρόμος")),
        sample("A-20", UniversalCharacters::TwoOctets(vec![0, 0x41].into_string())),
        sample("A-20", UniversalOrBmp::from_text("𝟙").characters),
        sample("A-20", universal_name()),
        sample("A-20", universal_attribute()),
    ];
    samples.extend(fields.into_iter().map(|field| sample("A-20", field)));
    samples
}

/// `LaxStr::new` where the type is known.
trait IntoString<T> {
    fn into_string(self) -> T;
}

impl<const TAG: u32> IntoString<rasn_x400::prim::LaxStr<TAG>> for Vec<u8> {
    fn into_string(self) -> rasn_x400::prim::LaxStr<TAG> {
        rasn_x400::prim::LaxStr::new(self)
    }
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

fn extensions() -> Vec<Sample> {
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
    let of_recipient = reported(1, ReportType::Delivery(delivery())).extensions;
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
