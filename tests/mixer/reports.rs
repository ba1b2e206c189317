//! Reports: the examples of `reports.toml`, both ways.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::prim::{Ia5String, Null, Octets, RawTlv, X400Time};
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{ContentType, MtsIdentifier, PerRecipientIndicators};
use rasn_x400::x411::extension::{
    ContentCorrelator, ContentCorrelatorValue, Criticality, Extension, ExtensionField, ExtensionType,
    IntendedRecipient, InternalTrace, OriginatorAndDlExpansionHistory, OriginatorOrDl,
    PhysicalForwardingAddress, Redirection, RedirectionHistory, RedirectionReason, ReportingDlName,
    ReportingMta, ReportingMtaName,
};
use rasn_x400::x411::report::{
    DeliveryReport, LastTraceInformation, NonDeliveryReport, PerRecipientReportFields, ReportTransferContent,
    ReportTransferEnvelope, ReportType, TypeOfMtsUser,
};
use rasn_x400::x411::trace::{
    DomainSuppliedInformation, GlobalDomainIdentifier, InternalTraceInformationElement,
    MtaSuppliedInformation, OtherActions, RoutingAction, TraceInformationElement,
};
use rasn_x400::x419::{MtsApdu, Report};
use rasn_x400::x420::body::{BodyPart, Ia5Text, Ia5TextParameters};
use rasn_x400::x420::heading::{Heading, IpmIdentifier};
use rasn_x400::x420::{InformationObject, Ipm};
use serde::Deserialize;
use time::macros::datetime;
use x400_gateway::message::Message;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::correlation::{
    CorrelatedRecipient, Correlation, Encoded, Key, notice_keys, report_keys,
};
use x400_gateway::mixer::encoded_types::EncodedTypes;
use x400_gateway::mixer::mail::{BodyType, MailOptions, Recipient};
use x400_gateway::mixer::report::delivery_status::Notice;
use x400_gateway::mixer::report::text_forms::{
    date, encoded_types, extension, mts_identifier, parse_mts_identifier, std_or,
};
use x400_gateway::mixer::{Context, Settings, report, to_x400};
use x400_gateway::rules::Rules;

use crate::told;

#[path = "../support/judge.rs"]
pub(crate) mod judge;

const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=GB"
route_unmapped = "encapsulate"
encapsulate_via = "P=gw; A=Gold 400; C=GB"
[[equivalence]]
domain = "widget.example"
or = "O=Widget; A=BTT; C=TC"
"#;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    #[serde(default)]
    from_x400: Vec<FromX400>,
    #[serde(default)]
    to_x400: Vec<ToX400>,
}

/// A report, and the lines that the mail made of it must have or must not have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FromX400 {
    name: String,
    #[allow(dead_code, reason = "for the ledger")]
    ids: String,
    #[serde(default)]
    settings: Vec<String>,
    report: String,
    #[serde(default)]
    remembered: Option<String>,
    #[serde(default)]
    original: Option<String>,
    /// Why there is no mail, if there is none.
    #[serde(default)]
    refused: Option<String>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
}

/// A mail, and the report made of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ToX400 {
    name: String,
    #[allow(dead_code, reason = "for the ledger")]
    ids: String,
    #[serde(default)]
    settings: Vec<String>,
    mail: String,
    #[serde(default)]
    remembered: Option<String>,
    /// The whole report, one line for each element.
    report: String,
    /// Whether there is a message as well.
    message: bool,
}

fn table() -> Table {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mixer/reports.toml");
    toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap_or_else(|error| panic!("{error}"))
}

struct World {
    rules: Rules,
    settings: Settings,
}

impl World {
    fn new(changed: &[String]) -> Self {
        let rules =
            Rules::from_sources(&[("rules.toml", RULES)]).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let mut settings =
            Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw")), "gw-mta", "gw.example");
        for change in changed {
            match change.as_str() {
                "dsn-final-rfc822" => settings.dsn_final_rfc822 = true,
                "no-dsn-extensions" => settings.dsn_extensions = false,
                "rfc2156-diagnostics-only" => settings.later_diagnostics = false,
                "1984" => settings.edition = x400_gateway::mixer::settings::Edition::X1984,
                "german" => {
                    settings.report_wording.not_delivered_to =
                        "Ihre Nachricht wurde nicht zugestellt an:".into();
                    settings.report_wording.reason = "und zwar aus folgendem Grund:".into();
                    settings.report_wording.meanings.insert("1/0".into(), "Empfänger unbekannt".into());
                    settings.administrator = Some("poststelle@gw.example".into());
                    settings.administrator_name = "Poststelle".into();
                }
                other => panic!("no such setting: {other}"),
            }
        }
        Self { rules, settings }
    }

    fn run<T>(&self, work: impl FnOnce(&Context<'_>) -> T) -> T {
        let mapper = Mapper::new(&self.rules);
        work(&Context {
            mapper: &mapper,
            settings: &self.settings,
            message_identifier: "QID1",
            now: datetime!(1991-02-07 15:48:40 UTC),
        })
    }

    fn name(&self, text: &str) -> OrName {
        self.run(|context| context.mapper.parse_or(text)).unwrap_or_else(|| panic!("no O/R name: {text}"))
    }

    fn identifier(&self, text: &str) -> MtsIdentifier {
        self.run(|context| parse_mts_identifier(text, context.mapper)).unwrap_or_else(|| panic!("{text}"))
    }

    fn domain(&self, text: &str) -> GlobalDomainIdentifier {
        self.identifier(&format!("[{text};x]")).domain
    }

    /// Reads a report, one `key: value` on each line.
    fn report(&self, text: &str) -> Report {
        let mut envelope = ReportTransferEnvelope {
            report_identifier: self.identifier("[/PRMD=uk.ac/ADMD=gold 400/C=gb/;rep.1991.27699]"),
            report_destination_name: self.name("/S=Kille/O=Widget/ADMD=BTT/C=TC/"),
            trace_information: Vec::new(),
            extensions: Vec::new(),
            unknown: Vec::new(),
        };
        let mut content = ReportTransferContent {
            subject_identifier: self
                .identifier("[/PRMD=uk.ac/ADMD=gold 400/C=gb/;<1803.665941698@UK.AC.UCL.CS>]"),
            subject_intermediate_trace_information: None,
            original_encoded_information_types: None,
            content_type: None,
            content_identifier: None,
            returned_content: None,
            additional_information: None,
            extensions: Vec::new(),
            per_recipient_fields: Vec::new(),
            unknown: Vec::new(),
        };
        let mut internal = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("no colon: {line}"));
            let at = |value: &str| {
                let (what, time) = value.rsplit_once(" at ").unwrap_or_else(|| panic!("no time: {line}"));
                (what.to_owned(), X400Time::new(time))
            };
            let recipient = content.per_recipient_fields.last_mut();
            match (key, recipient) {
                ("identifier", _) => envelope.report_identifier = self.identifier(value),
                ("destination", _) => envelope.report_destination_name = self.name(value),
                ("trace", _) => {
                    let (domain, time) = at(value);
                    envelope.trace_information.push(external(self.domain(&domain), time));
                }
                ("hop", _) => {
                    let (hop, time) = at(value);
                    let (mta, domain) = hop.split_once(" in ").unwrap();
                    internal.push(hop_of(self.domain(domain), mta, time));
                }
                ("reporting-mta", _) => {
                    let (mta, domain) = value.split_once(" in ").unwrap();
                    let mta = ReportingMta {
                        domain: self.domain(domain),
                        mta_name: mta.into(),
                        directory_name: None,
                        unknown: Vec::new(),
                    };
                    envelope.extensions.push(ReportingMtaName::field(&mta).unwrap());
                }
                ("converted-here", _) => {
                    // As a gateway marks it, so often.
                    let mut types = EncodedTypes::default();
                    types.add(rasn_x400::oids::EIT_MIXER);
                    for _ in 0..value.parse().unwrap() {
                        let mut hop = external(
                            self.domain("/PRMD=uk.ac/ADMD=gold 400/C=gb/"),
                            X400Time::new("910207154700Z"),
                        );
                        hop.supplied.converted_encoded_information_types = Some(types.to_asn1());
                        envelope.trace_information.push(hop);
                    }
                }
                ("list-history", _) => {
                    let steps: Vec<_> = value
                        .split(", ")
                        .map(|step| {
                            let (name, time) = at(step);
                            OriginatorOrDl { name: self.name(&name), time, unknown: Vec::new() }
                        })
                        .collect();
                    envelope.extensions.push(OriginatorAndDlExpansionHistory::field(&steps).unwrap());
                }
                ("reporting-list", _) => {
                    envelope.extensions.push(ReportingDlName::field(&self.name(value)).unwrap());
                }
                ("extension", None) => envelope.extensions.push(strange(value)),
                ("extension", Some(recipient)) => recipient.extensions.push(strange(value)),
                ("fields", None) => content.extensions.push(fields(rasn_x400::oids::DSN_FIELD_LIST, value)),
                ("header", None) => content.extensions.push(fields(rasn_x400::oids::DSN_HEADER_LIST, value)),
                ("fields", Some(recipient)) => {
                    recipient.extensions.push(fields(rasn_x400::oids::DSN_FIELD_LIST, value));
                }
                ("subject", _) => content.subject_identifier = self.identifier(value),
                ("seen", _) => {
                    let (domain, time) = at(value);
                    content
                        .subject_intermediate_trace_information
                        .get_or_insert_default()
                        .push(external(self.domain(&domain), time));
                }
                ("types", _) => {
                    content.original_encoded_information_types = Some(EncodedTypes::parse(value).0.to_asn1());
                }
                ("content-type", _) => {
                    content.content_type = Some(ContentType::BuiltIn(value.parse().unwrap()))
                }
                ("content-identifier", _) => content.content_identifier = Some(value.into()),
                ("correlator", _) => {
                    let text =
                        ContentCorrelatorValue::Characters(value.replace("\\n", "\r\n").as_str().into());
                    content.extensions.push(ContentCorrelator::field(&text).unwrap());
                }
                ("returns", _) => {
                    content.content_type = content.content_type.clone().or(Some(ContentType::P2));
                    content.returned_content = Some(Octets(ipm(value).into()));
                }
                ("returns-octets", _) => {
                    content.returned_content = Some(Octets(value.as_bytes().to_vec().into()))
                }
                ("additional", _) => {
                    content.additional_information = Some(RawTlv::of(&Ia5String::from(value)).unwrap());
                }
                ("recipient", _) => {
                    let number = i64::try_from(content.per_recipient_fields.len()).unwrap() + 1;
                    content.per_recipient_fields.push(recipient_of(self.name(value), number));
                }
                ("number", Some(recipient)) => {
                    recipient.originally_specified_recipient_number = value.parse().unwrap();
                }
                ("asked", Some(recipient)) => recipient.per_recipient_indicators = asked(value),
                ("arrived", Some(recipient)) => {
                    recipient.last_trace_information.arrival_time = X400Time::new(value);
                }
                ("delivered", Some(recipient)) => {
                    let (user, time) = at(value);
                    let users = [TypeOfMtsUser::PUBLIC, TypeOfMtsUser::PRIVATE, TypeOfMtsUser::MS];
                    recipient.last_trace_information.report_type = ReportType::Delivery(DeliveryReport {
                        message_delivery_time: time,
                        type_of_mts_user: users.into_iter().find(|one| one.label() == Some(&user)).unwrap(),
                        unknown: Vec::new(),
                    });
                }
                ("failed", Some(recipient)) => {
                    let (reason, diagnostic) = value.split_once('/').unwrap_or((value, ""));
                    recipient.last_trace_information.report_type =
                        ReportType::NonDelivery(NonDeliveryReport {
                            reason_code: reason.parse().unwrap(),
                            diagnostic_code: diagnostic.parse().ok(),
                            unknown: Vec::new(),
                        });
                }
                ("converted", Some(recipient)) => {
                    recipient.last_trace_information.converted_encoded_information_types =
                        Some(EncodedTypes::parse(value).0.to_asn1());
                }
                ("intended", Some(recipient)) => {
                    recipient.originally_intended_recipient_name = Some(self.name(value));
                }
                ("says", Some(recipient)) => recipient.supplementary_information = Some(value.into()),
                ("redirected", Some(recipient)) => {
                    let steps: Vec<_> = value
                        .split(", ")
                        .map(|step| {
                            let (step, redirection_time) = at(step);
                            let (name, reason) = step.split_once(" for reason ").unwrap();
                            Redirection {
                                intended_recipient: IntendedRecipient {
                                    recipient: self.name(name),
                                    redirection_time,
                                    unknown: Vec::new(),
                                },
                                reason: RedirectionReason(reason.parse().unwrap()),
                                unknown: Vec::new(),
                            }
                        })
                        .collect();
                    recipient.extensions.push(RedirectionHistory::field(&steps).unwrap());
                }
                ("forwarding-address", Some(recipient)) => {
                    recipient.extensions.push(PhysicalForwardingAddress::field(&self.name(value)).unwrap());
                }
                _ => panic!("no such key: {line}"),
            }
        }
        if envelope.trace_information.is_empty() {
            let domain = self.domain("/PRMD=uk.ac/ADMD=gold 400/C=gb/");
            envelope.trace_information.push(external(domain, X400Time::new("910207154834Z")));
        }
        if !internal.is_empty() {
            envelope.extensions.push(InternalTrace::field(&internal).unwrap());
        }
        Report { envelope, content }
    }

    /// Reads what is remembered, in the same manner.
    fn remembered(&self, text: &str) -> Correlation {
        let mut known = Correlation {
            mts_identifier: Encoded(self.identifier("[/PRMD=gw/ADMD=Gold 400/C=GB/;QID0]")),
            message_id: None,
            envelope_id: None,
            reverse_path: Some("S.Kille@widget.example".into()),
            headers_only: false,
            time_limited: false,
            content_type: Encoded(ContentType::P22),
            content_identifier: None,
            content_correlator: None,
            encoded_types: None,
            cut_identifiers: Vec::new(),
            recipients: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (key, value) = line.split_once(": ").unwrap_or_else(|| panic!("no colon: {line}"));
            match (key, known.recipients.last_mut()) {
                ("identifier", _) => known.mts_identifier = Encoded(self.identifier(value)),
                ("message-id", _) => known.message_id = Some(value.into()),
                ("envelope-id", _) => known.envelope_id = Some(value.into()),
                ("sender", _) => known.reverse_path = Some(value.into()).filter(|value| value != "<>"),
                ("returns", _) => known.headers_only = value == "headers",
                ("time-limited", _) => known.time_limited = value == "yes",
                ("content-identifier", _) => known.content_identifier = Some(value.into()),
                ("correlator", _) => {
                    let value = ContentCorrelatorValue::Characters(value.into());
                    known.content_correlator = Some(Encoded(value));
                }
                ("types", _) => known.encoded_types = Some(Encoded(EncodedTypes::parse(value).0.to_asn1())),
                ("recipient", _) => known.recipients.push(CorrelatedRecipient {
                    number: i64::try_from(known.recipients.len()).unwrap() + 1,
                    name: Encoded(self.name(value)),
                    address: String::new(),
                    original_recipient: None,
                    notify: None,
                    indicators: Encoded(asked("non-delivery")),
                }),
                ("number", Some(recipient)) => recipient.number = value.parse().unwrap(),
                ("address", Some(recipient)) => recipient.address = value.into(),
                ("notify", Some(recipient)) => {
                    recipient.notify = Some(value.split(',').map(str::to_owned).collect());
                }
                ("asked", Some(recipient)) => recipient.indicators = Encoded(asked(value)),
                ("orcpt", Some(recipient)) => {
                    let (kind, address) = value.split_once(';').unwrap();
                    recipient.original_recipient = Some((kind.into(), address.into()));
                }
                _ => panic!("no such key: {line}"),
            }
        }
        known
    }

    /// A report as the expectations are written.
    fn shown(&self, report: &Report) -> String {
        let Report { envelope, content } = report;
        let mut out = String::new();
        let mut line = |name: &str, value: String| writeln!(out, "{name}: {value}").unwrap();
        line("identifier", mts_identifier(&envelope.report_identifier));
        line("destination", std_or(&envelope.report_destination_name));
        for hop in &envelope.trace_information {
            line("trace", date(&hop.supplied.arrival_time));
        }
        line("subject", mts_identifier(&content.subject_identifier));
        if let Some(types) = &content.original_encoded_information_types {
            line("types", encoded_types(types));
        }
        if let Some(ContentType::BuiltIn(number)) = content.content_type {
            line("content-type", number.to_string());
        }
        if let Some(identifier) = &content.content_identifier {
            line("content-identifier", identifier.to_string());
        }
        if let Some(ContentCorrelatorValue::Characters(text)) =
            ContentCorrelator::find(&content.extensions).unwrap()
        {
            line("correlator", text.to_string());
        }
        if let Some(returned) = &content.returned_content {
            line("returns", returned_text(&returned.0));
        }
        for (name, kind) in
            [("header", rasn_x400::oids::DSN_HEADER_LIST), ("fields", rasn_x400::oids::DSN_FIELD_LIST)]
        {
            for text in lines_of(&content.extensions, &kind) {
                line(name, text);
            }
        }
        for recipient in &content.per_recipient_fields {
            line("recipient", std_or(&recipient.actual_recipient_name));
            line("  number", recipient.originally_specified_recipient_number.to_string());
            let bits: Vec<_> =
                recipient.per_recipient_indicators.labels().map(|(_, label)| label.unwrap_or("?")).collect();
            line("  indicators", bits.join(", "));
            line("  arrived", date(&recipient.last_trace_information.arrival_time));
            match &recipient.last_trace_information.report_type {
                ReportType::Delivery(delivery) => {
                    let time = date(&delivery.message_delivery_time);
                    line("  delivered", format!("{} {time}", delivery.type_of_mts_user));
                }
                ReportType::NonDelivery(failure) => {
                    let diagnostic =
                        failure.diagnostic_code.map_or_else(|| "–".into(), |code| code.to_string());
                    line("  failed", format!("{}/{diagnostic}", failure.reason_code));
                }
                ReportType::Unknown(_) => line("  unknown", String::new()),
            }
            if let Some(types) = &recipient.last_trace_information.converted_encoded_information_types {
                line("  converted", encoded_types(types));
            }
            if let Some(intended) = &recipient.originally_intended_recipient_name {
                line("  intended", std_or(intended));
            }
            if let Some(says) = &recipient.supplementary_information {
                line("  says", says.to_string());
            }
            for text in lines_of(&recipient.extensions, &rasn_x400::oids::DSN_FIELD_LIST) {
                line("  fields", text);
            }
        }
        out
    }
}

fn external(domain: GlobalDomainIdentifier, arrival_time: X400Time) -> TraceInformationElement {
    TraceInformationElement {
        domain,
        supplied: DomainSuppliedInformation {
            arrival_time,
            routing_action: RoutingAction::RELAYED,
            attempted_domain: None,
            deferred_time: None,
            converted_encoded_information_types: None,
            other_actions: OtherActions::default(),
            unknown: Vec::new(),
        },
        unknown: Vec::new(),
    }
}

fn hop_of(
    domain: GlobalDomainIdentifier,
    mta: &str,
    arrival_time: X400Time,
) -> InternalTraceInformationElement {
    InternalTraceInformationElement {
        domain,
        mta_name: mta.into(),
        supplied: MtaSuppliedInformation {
            arrival_time,
            routing_action: RoutingAction::RELAYED,
            attempted: None,
            deferred_time: None,
            converted_encoded_information_types: None,
            other_actions: OtherActions::default(),
            unknown: Vec::new(),
        },
        unknown: Vec::new(),
    }
}

/// A standard extension by number, with a value of no sense, or one of somebody else by object identifier.
fn strange(kind: &str) -> ExtensionField {
    let kind = match kind.parse() {
        Ok(number) => ExtensionType::Standard(number),
        Err(_) => ExtensionType::Private(kind.parse().unwrap()),
    };
    ExtensionField {
        kind,
        criticality: Criticality::with(&[Criticality::FOR_DELIVERY]),
        value: Some(RawTlv::of(&Null).unwrap()),
        unknown: Vec::new(),
    }
}

fn fields(kind: rasn_x400::prim::Oid, text: &str) -> ExtensionField {
    let lines: Vec<Ia5String> = text.split("\\n").map(Ia5String::from).collect();
    ExtensionField {
        kind: ExtensionType::Private(kind),
        criticality: Criticality::default(),
        value: Some(RawTlv::of(&lines).unwrap()),
        unknown: Vec::new(),
    }
}

fn lines_of(extensions: &[ExtensionField], kind: &rasn_x400::prim::Oid) -> Vec<String> {
    extensions
        .iter()
        .filter(|field| field.kind == ExtensionType::Private(kind.clone()))
        .flat_map(|field| field.value.as_ref().unwrap().get::<Vec<Ia5String>>().unwrap())
        .map(|line| line.to_string())
        .collect()
}

fn recipient_of(name: OrName, number: i64) -> PerRecipientReportFields {
    PerRecipientReportFields {
        actual_recipient_name: name,
        originally_specified_recipient_number: number,
        per_recipient_indicators: asked("report"),
        last_trace_information: LastTraceInformation {
            arrival_time: X400Time::new("910207154818Z"),
            converted_encoded_information_types: None,
            report_type: ReportType::NonDelivery(NonDeliveryReport {
                reason_code: 1,
                diagnostic_code: Some(0),
                unknown: Vec::new(),
            }),
            unknown: Vec::new(),
        },
        originally_intended_recipient_name: None,
        supplementary_information: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    }
}

/// What the originator asked for; with `by the MTA` its MTA alone.
fn asked(what: &str) -> PerRecipientIndicators {
    use PerRecipientIndicators as Bits;
    Bits::with(match what {
        "report" => &[Bits::ORIGINATING_MTA_REPORT, Bits::ORIGINATOR_REPORT],
        "non-delivery" => &[Bits::ORIGINATING_MTA_NON_DELIVERY_REPORT, Bits::ORIGINATOR_NON_DELIVERY_REPORT],
        "report by the MTA" => &[Bits::ORIGINATING_MTA_REPORT],
        "non-delivery by the MTA" => &[Bits::ORIGINATING_MTA_NON_DELIVERY_REPORT],
        "nothing" => &[],
        other => panic!("{other}"),
    })
}

/// A message with one line of text.
fn ipm(text: &str) -> Vec<u8> {
    let body =
        Ia5Text { parameters: Ia5TextParameters::default(), data: format!("{text}\r\n").as_str().into() };
    let this_ipm = IpmIdentifier { user_relative_identifier: "1803".into(), ..IpmIdentifier::default() };
    let heading = Heading { this_ipm, subject: Some("Greetings.".into()), ..Heading::default() };
    ber::encode(&InformationObject::Ipm(Ipm { heading, body: vec![BodyPart::Ia5Text(body)] })).unwrap()
}

/// The kinds of body parts in a content, and the text of the first.
fn returned_text(octets: &[u8]) -> String {
    let InformationObject::Ipm(ipm) = ber::decode(octets, octets.len()).unwrap() else {
        panic!("no message")
    };
    let kind = |part: &BodyPart| match part {
        BodyPart::Ia5Text(text) => text.data.to_string().lines().next().unwrap_or_default().to_owned(),
        BodyPart::Message(_) => "message".to_owned(),
        _ => "something".to_owned(),
    };
    ipm.body.iter().map(kind).collect::<Vec<_>>().join(" | ")
}

/// The lines of a mail with its fields unfolded.
pub(crate) fn unfolded(mail: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in mail.split("\r\n") {
        // Text for people stands further in.
        let folded = line.starts_with(' ') && !line.starts_with("  ");
        match lines.last_mut().filter(|_| folded) {
            Some(last) => last.push_str(line),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// The mails of all reports that become one.
fn mails() -> Vec<(String, String)> {
    let mut mails = Vec::new();
    for case in table().from_x400 {
        let world = World::new(&case.settings);
        let report = world.report(&case.report);
        let remembered = case.remembered.as_deref().map(|text| world.remembered(text));
        let input = report::to_internet::Input {
            report: &report,
            remembered: remembered.as_ref(),
            original: case.original.as_deref().map(|text| Bytes::from(crlf(text))),
        };
        if let Ok(converted) = world.run(|context| report::to_internet::to_internet(&input, context)) {
            mails.push((case.name, String::from_utf8(converted.content.to_vec()).unwrap()));
        }
    }
    mails
}

#[test]
fn reports_become_delivery_status_notifications() {
    let mut faults = String::new();
    for case in table().from_x400 {
        let world = World::new(&case.settings);
        let report = world.report(&case.report);
        let remembered = case.remembered.as_deref().map(|text| world.remembered(text));
        let input = report::to_internet::Input {
            report: &report,
            remembered: remembered.as_ref(),
            original: case.original.as_deref().map(|text| Bytes::from(crlf(text))),
        };
        let converted = world.run(|context| report::to_internet::to_internet(&input, context));
        let converted = match (converted, &case.refused) {
            (Ok(converted), None) => converted,
            (Err(refusal), Some(expected)) => {
                assert_eq!(refusal.to_string(), *expected, "{}", case.name);
                continue;
            }
            (Ok(_), Some(expected)) => panic!("{}: not refused: {expected}", case.name),
            (Err(refusal), None) => panic!("{}: {refusal}", case.name),
        };
        told::check(&told::of_header(&converted));
        // Z-22, F-18
        assert_eq!(converted.reverse_path, None, "{}", case.name);
        assert_eq!(converted.recipients.len(), 1, "{}", case.name);
        // R-11
        assert_eq!(BodyType::of(&converted.content), BodyType::SevenBit, "{}", case.name);
        let octets = converted.content.to_vec();
        let text = String::from_utf8(octets).unwrap();
        let lines = unfolded(&text);
        for line in &case.has {
            if !lines.contains(line) {
                writeln!(faults, "{}: no line\n{line}\nin\n{text}", case.name).unwrap();
            }
        }
        for line in case.lacks.iter().filter(|line| text.contains(*line)) {
            writeln!(faults, "{}: {line}\nin\n{text}", case.name).unwrap();
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

/// Another reader finds the three parts and nothing wrong with them.
#[test]
fn pythons_mail_reader_understands_the_notifications() {
    let script = r#"
import sys, email, email.policy
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
assert mail.get_content_type() == "multipart/report", mail.get_content_type()
assert mail.get_param("report-type") == "delivery-status"
parts = mail.get_payload()
kinds = [part.get_content_type() for part in parts]
assert kinds[:2] == ["text/plain", "message/delivery-status"], kinds
groups = parts[1].get_payload()
assert groups[0]["Reporting-MTA"], "no Reporting-MTA"
for group in groups[1:]:
    for name in ("Final-Recipient", "Action", "Status"):
        assert len(group.get_all(name, [])) == 1, name
for part in mail.walk():
    assert not part.defects, part.defects
    for name, value in part.items():
        assert not getattr(value, "defects", ()) or name not in ("Date", "From", "To"), (name, value.defects)
"#;
    for (name, mail) in mails() {
        let mut child = Command::new("python3")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("python3 is installed");
        child.stdin.take().unwrap().write_all(mail.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{name}: {}\n{mail}", String::from_utf8_lossy(&output.stderr));
    }
}

/// What left X.400 as a report comes back as the same report, as far as MIXER's fields go (S-19, S-20).
#[test]
fn notifications_of_our_own_come_back_as_the_reports_they_were() {
    for case in
        table().from_x400.into_iter().filter(|case| case.refused.is_none() && case.remembered.is_none())
    {
        let world = World::new(&case.settings);
        let there = world.report(&case.report);
        let input = report::to_internet::Input { report: &there, remembered: None, original: None };
        let mail = world.run(|context| report::to_internet::to_internet(&input, context)).unwrap();
        let (converted, _) = to_report(&world, mail.content.to_vec().into(), None);
        let back = converted.report.unwrap_or_else(|| panic!("{}: no report", case.name));
        assert_eq!(
            back.envelope.report_destination_name, there.envelope.report_destination_name,
            "{}",
            case.name
        );
        assert_eq!(back.content.subject_identifier, there.content.subject_identifier, "{}", case.name);
        assert_eq!(back.content.content_identifier, there.content.content_identifier, "{}", case.name);
        let reported = |report: &Report| -> Vec<_> {
            let wanted = report.content.per_recipient_fields.iter().filter(|one| {
                let bits = &one.per_recipient_indicators;
                let delivered = matches!(one.last_trace_information.report_type, ReportType::Delivery(_));
                bits.has(PerRecipientIndicators::ORIGINATOR_REPORT)
                    || (!delivered && bits.has(PerRecipientIndicators::ORIGINATOR_NON_DELIVERY_REPORT))
            });
            wanted
                .map(|one| {
                    let last = &one.last_trace_information;
                    let mut report_type = last.report_type.clone();
                    if let ReportType::Delivery(delivery) = &mut report_type {
                        delivery.message_delivery_time = X400Time::new(date(&delivery.message_delivery_time));
                    }
                    if let ReportType::NonDelivery(failure) = &mut report_type
                        && failure.reason().is_none()
                    {
                        // R-70
                        failure.reason_code = 1;
                    }
                    (
                        std_or(&one.actual_recipient_name),
                        one.originally_specified_recipient_number,
                        report_type,
                        one.originally_intended_recipient_name.as_ref().map(std_or),
                        last.converted_encoded_information_types.clone(),
                    )
                })
                .collect()
        };
        assert_eq!(reported(&back), reported(&there), "{}", case.name);
    }
}

fn to_report(
    world: &World,
    mail: Bytes,
    remembered: Option<&Correlation>,
) -> (report::to_x400::Converted, Notice) {
    let notice = report::to_x400::find(&Message::parse(mail.clone())).expect("a notification");
    let input = to_x400::Input {
        content: mail,
        reverse_path: None,
        options: MailOptions::default(),
        recipients: vec![Recipient {
            number: 1,
            address: "Kille@widget.example".into(),
            ..Recipient::default()
        }],
    };
    let converted = world.run(|context| report::to_x400::to_x400(&input, &notice, remembered, context));
    (converted.unwrap_or_else(|refusal| panic!("{refusal}")), notice)
}

#[test]
fn delivery_status_notifications_become_reports() {
    let mut faults = String::new();
    for case in table().to_x400 {
        let world = World::new(&case.settings);
        let remembered = case.remembered.as_deref().map(|text| world.remembered(text));
        let (converted, _) = to_report(&world, crlf(&case.mail).into(), remembered.as_ref());
        let shown = converted.report.as_ref().map(|report| world.shown(report)).unwrap_or_default();
        if shown.trim_end() != case.report.trim_end() {
            writeln!(faults, "{}\n{shown}instead of\n{}", case.name, case.report).unwrap();
        }
        assert_eq!(converted.message.is_some(), case.message, "{}", case.name);
        // Both are transferred, each under a name of its own.
        if let (Some(report), Some(message)) = (&converted.report, &converted.message) {
            assert_ne!(
                report.envelope.report_identifier, message.envelope.message_identifier,
                "{}",
                case.name
            );
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[test]
fn tshark_reads_the_reports() {
    let mut units = Vec::new();
    for case in table().to_x400 {
        let world = World::new(&case.settings);
        let remembered = case.remembered.as_deref().map(|text| world.remembered(text));
        let (converted, _) = to_report(&world, crlf(&case.mail).into(), remembered.as_ref());
        if let Some(octets) = converted.report_apdu().unwrap() {
            units.push((case.name.clone(), octets));
        }
        if let Some(message) = converted.message {
            let octets = message.mts_apdu().unwrap().to_vec();
            units.push((format!("{} (message)", case.name), octets));
        }
    }
    assert!(units.len() > 5);
    // tshark does not know the two extensions of MIXER.
    judge::named_mts_apdus(&units).assert_clean_except(&["Dissector for OID not implemented"]);
    for (name, octets) in &units {
        MtsApdu::from_octets(octets, octets.len()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// Y-23, Z-37: what is kept is found again, whichever way a report or notification names it, and survives being written down.
#[test]
fn correlations_are_found_again() {
    let world = World::new(&[]);
    let known = world.remembered(
        "identifier: [/PRMD=gw/ADMD=Gold 400/C=GB/;QID0]\nmessage-id: a.b@widget.example\nenvelope-id: my mail\n\
         correlator: x\ntypes: IA5-Text\nrecipient: /S=jo/O=x/ADMD=y/C=ZZ/\naddress: jo@x.example\nnotify: NEVER\norcpt: rfc822;J@x.example",
    );
    let text = serde_json::to_string(&known).unwrap();
    assert_eq!(serde_json::from_str::<Correlation>(&text).unwrap(), known);
    let keys: Vec<_> = known.keys().iter().map(|key| key.as_str().to_owned()).collect();
    assert_eq!(
        keys,
        ["mts [/prmd=gw/admd=gold 400/c=gb/;QID0]", "envid my mail", "msgid a.b@widget.example"]
    );

    let report =
        world.report("subject: [/PRMD=GW/ADMD=GOLD 400/C=gb/;QID0]\ncorrelator: SMTP/NOTARY ENVID: my mail");
    assert_eq!(report_keys(&report.content), known.keys()[..2]);
    for (fields, third, expected) in [
        ("Original-Envelope-Id: my mail", "", vec![Key::envelope_id("my mail")]),
        (
            "Original-Envelope-Id: X400-MTS-Identifier: [/PRMD=gw/ADMD=Gold 400/C=GB/;QID0]",
            "",
            vec![
                known.keys()[0].clone(),
                Key::envelope_id("X400-MTS-Identifier: [/PRMD=gw/ADMD=Gold 400/C=GB/;QID0]"),
            ],
        ),
        ("X: y", "Message-ID: <a.b@widget.example>", vec![Key::message_id("a.b@widget.example")]),
        ("X: y", "X400-MTS-Identifier: [/PRMD=gw/ADMD=Gold 400/C=GB/;QID0]", vec![known.keys()[0].clone()]),
    ] {
        let mail = format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\nMIME-Version: 1.0\n\n--b\n\n--b\n\
             Content-Type: message/delivery-status\n\n{fields}\n\nAction: failed\n\n--b\nContent-Type: text/rfc822-headers\n\n{third}\n\n--b--\n"
        );
        let notice = Notice::find(&Message::parse(crlf(&mail).into())).unwrap();
        let found = world.run(|context| notice_keys(&notice, context.mapper));
        assert_eq!(found, expected, "{fields} {third}");
    }
    assert_eq!(known.by_address("j@X.example").map(|one| one.number), Some(1));
    assert_eq!(known.by_name(&world.name("/S=JO/O=x/ADMD=y/C=zz/")).map(|one| one.number), Some(1));
}

/// A message that was passed on in steps is remembered for each of them, and one identifier may be that of several messages.
#[test]
fn of_several_memories_one_is_meant() {
    let world = World::new(&[]);
    let memory = |identifier: &str, number: i64, address: &str| {
        let mut known = world.remembered(&format!(
            "identifier: [/ADMD=a/C=GB/;{identifier}]\nrecipient: /S=jo/O=x/ADMD=y/C=ZZ/\naddress: {address}"
        ));
        known.recipients[0].number = number;
        known
    };
    let newest_first = || {
        vec![
            memory("two", 2, "b@x.example"),
            memory("one", 1, "a@x.example"),
            memory("two", 1, "c@x.example"),
            memory("two", 2, "b@x.example"),
        ]
    };
    let chosen = |address: &str| {
        let known = Correlation::choose(newest_first(), |known| known.by_address(address).is_some()).unwrap();
        let identifier = known.mts_identifier.0.local_identifier.to_text().into_owned();
        let mut addresses: Vec<_> = known.recipients.iter().map(|one| one.address.clone()).collect();
        addresses.sort();
        (identifier, addresses.join(" "))
    };
    for (address, identifier, recipients) in [
        ("a@x.example", "one", "a@x.example"),
        ("b@x.example", "two", "b@x.example c@x.example"),
        ("c@x.example", "two", "b@x.example c@x.example"),
        // The newest.
        ("nobody@x.example", "two", "b@x.example c@x.example"),
    ] {
        assert_eq!(chosen(address), (identifier.to_owned(), recipients.to_owned()), "{address}");
    }
    assert_eq!(Correlation::choose(Vec::new(), |_| true), None);
}

/// Lists of discarded extensions name them as RFC 2156 does.
#[test]
fn extensions_have_labels() {
    // R-33, Q-63
    assert_eq!(extension(&strange("20")), "message-security-label(20)");
    assert_eq!(extension(&strange("1.2.3")), "(1)(2)(3)");
    assert_eq!(extension(&strange("99")), "(99)");
}

/// The numbers of X.411 and X.420 that reports depend on, as the ledger lists them.
#[test]
fn numbers_are_those_of_the_standards() {
    // OI-39
    let users = [
        (TypeOfMtsUser::PUBLIC, "public(0)"),
        (TypeOfMtsUser::PRIVATE, "private(1)"),
        (TypeOfMtsUser::MS, "ms(2)"),
        (TypeOfMtsUser::DL, "dl(3)"),
        (TypeOfMtsUser::PDAU, "pdau(4)"),
        (TypeOfMtsUser::PHYSICAL_RECIPIENT, "physical-recipient(5)"),
        (TypeOfMtsUser::OTHER, "other(6)"),
    ];
    for (user, text) in users {
        assert_eq!(user.to_string(), text);
    }
    // OI-44: those that no other test names.
    for (number, name) in [
        (15, "originator-certificate"),
        (16, "message-token"),
        (17, "content-confidentiality-algorithm-identifier"),
        (18, "content-integrity-check"),
        (19, "message-origin-authentication-check"),
        (20, "message-security-label"),
        (21, "proof-of-submission-request"),
        (24, "probe-origin-authentication-check"),
        (28, "recipient-certificate"),
        (29, "proof-of-delivery"),
        (32, "reporting-MTA-certificate"),
        (33, "report-origin-authentication-check"),
        (34, "originating-MTA-certificate"),
        (35, "proof-of-submission"),
        (36, "forwarding-request"),
        (37, "trace-information"),
    ] {
        assert_eq!(extension(&strange(&number.to_string())), format!("{name}({number})"));
    }
    // OI-47
    use rasn_x400::bounds as ub;
    let bounds = [
        (ub::LOCAL_IDENTIFIER, 32),
        (ub::MTA_NAME, 32),
        (ub::CONTENT_IDENTIFIER, 16),
        (ub::CONTENT_CORRELATOR, 512),
        (ub::SUPPLEMENTARY_INFORMATION, 256),
        (ub::SUBJECT_FIELD, 128),
        (ub::FREE_FORM_NAME, 64),
        (ub::LOCAL_IPM_IDENTIFIER, 64),
        (ub::TELEPHONE_NUMBER, 32),
        (ub::AUTO_FORWARD_COMMENT, 256),
        (ub::RECIPIENTS, 32_767),
        (ub::TRANSFERS, 512),
        (ub::REDIRECTIONS, 512),
        (ub::DL_EXPANSIONS, 512),
        (ub::RECIPIENT_NUMBER_FOR_ADVICE, 32),
    ];
    for (bound, number) in bounds {
        assert_eq!(bound, number);
    }
}

/// What the gateway itself tells a sender, by what the sender wanted to hear (F-13, F-16, F-18; beyond D-10).
#[test]
fn the_gateway_tells_what_became_of_a_mail() {
    use x400_gateway::mixer::report::own::{Told, notification};
    use x400_gateway::status::{Cause, Failure, Outcome};

    let mail = |notify: Option<&str>, reverse_path: Option<&str>| to_x400::Input {
        content: "Subject: Hello\r\n\r\nGr\u{fc}\u{df}e\r\n".into(),
        reverse_path: reverse_path.map(str::to_owned),
        options: MailOptions { envelope_id: Some("QQ314159".into()), ..MailOptions::default() },
        recipients: vec![Recipient {
            number: 7,
            address: "jo@widget.example".into(),
            notify: notify.map(|words| words.split(',').map(str::to_owned).collect()),
            original_recipient: Some(("rfc822".into(), "J@widget.example".into())),
        }],
    };
    let failed = Outcome::Failed(Failure::AttemptsExpired.into());
    let delayed = Outcome::Delayed(Failure::PeerUnreachable.into());
    let world = World::new(&[]);
    let told_of = |mail: &to_x400::Input, outcome: &Outcome, unless_never| {
        let one = Told {
            number: 7,
            outcome: outcome.clone(),
            explanation: Some("the hub\r\nis down".into()),
            unless_never,
            remote_mta: Some("hub".into()),
            will_retry_until: Some(datetime!(1991-02-08 12:00 UTC)),
        };
        let made = world.run(|context| {
            notification(mail, datetime!(1991-02-07 12:00 UTC), std::slice::from_ref(&one), context)
        });
        made.map(|made| {
            assert_eq!(made.reverse_path, None);
            String::from_utf8(made.content.to_vec()).unwrap()
        })
    };
    let told = |mail: &to_x400::Input, outcome: &Outcome| told_of(mail, outcome, false);
    let sender = Some("s@widget.example");
    // RFC 2852 4.1.4
    for (notify, heard) in [(None, true), (Some("FAILURE"), true), (Some("NEVER"), false)] {
        assert_eq!(told_of(&mail(notify, sender), &Outcome::Relayed, true).is_some(), heard, "{notify:?}");
    }
    for (notify, outcome, heard) in [
        (None, &failed, true),
        (None, &delayed, true),
        (None, &Outcome::Relayed, false),
        (None, &Outcome::Delivered, false),
        (Some("SUCCESS"), &Outcome::Relayed, true),
        (Some("SUCCESS"), &failed, false),
        (Some("FAILURE"), &delayed, false),
        (Some("failure,delay"), &delayed, true),
        (Some("NEVER"), &failed, false),
    ] {
        assert_eq!(told(&mail(notify, sender), outcome).is_some(), heard, "{notify:?} {outcome:?}");
        assert_eq!(told(&mail(notify, None), outcome), None);
    }
    let text = told(&mail(None, sender), &failed).unwrap();
    let lines = unfolded(&text);
    for line in [
        "Subject: Delivery-Report (failure) for jo@widget.example",
        "Original-Envelope-Id: QQ314159",
        "Reporting-MTA: dns; gw.example",
        "Arrival-Date: Thu, 7 Feb 1991 12:00:00 +0000",
        "Original-Recipient: rfc822; J@widget.example",
        "Final-Recipient: rfc822; jo@widget.example",
        "Action: failed",
        // F-13
        "Status: 4.4.7",
        "        the hub  is down",
        "Remote-MTA: dns; hub",
        "Content-Type: message/rfc822",
    ] {
        assert!(lines.iter().any(|one| one == line), "{line} in {text}");
    }
    assert!(text.is_ascii());
    let text = told(&mail(None, sender), &delayed).unwrap();
    assert!(
        text.contains("Will-Retry-Until: Fri, 8 Feb 1991 12:00:00 +0000")
            && text.contains("text/rfc822-headers")
    );
    let reported = Cause::Reported {
        non_delivery: "Reason 1 (x); Diagnostic 0 (y)".parse().unwrap(),
        supplementary_information: None,
    };
    let text = told(&mail(None, sender), &Outcome::Failed(reported)).unwrap();
    assert!(text.contains("Diagnostic-Code: x400; Reason 1 (Unable-To-Transfer)"), "{text}");
}
