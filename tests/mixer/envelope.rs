//! `envelope.toml`: what the envelope of an X.400 message gives to SMTP and to the header of the mail, and which header
//! fields go there and back.

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::prim::{RawTlv, X400Time};
use rasn_x400::x411::address::{OrName, text};
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerMessageIndicators, PerRecipientFields,
    PerRecipientIndicators, Priority,
};
use rasn_x400::x411::extension::{
    ConversionWithLossProhibited, Criticality, DlExpansion, DlExpansionHistory, Extension, ExtensionField,
    ExtensionType, IntendedRecipient, InternalTrace, LatestDeliveryTime,
    OriginatorRequestedAlternateRecipient, OriginatorReturnAddress, Prohibited, Redirection,
    RedirectionHistory, RedirectionReason,
};
use rasn_x400::x411::physical::ExplicitConversion;
use rasn_x400::x411::trace::{
    Attempted, DomainSuppliedInformation, GlobalDomainIdentifier, InternalTraceInformationElement,
    MtaSuppliedInformation, OtherActions, RoutingAction, TraceInformationElement,
};
use serde::Deserialize;
use time::OffsetDateTime;
use time::macros::datetime;
use x400_gateway::message::Message;
use x400_gateway::mixer::address::Mapper;
use x400_gateway::mixer::encoded_types::EncodedTypes;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::settings::{Mails, Refusable};
use x400_gateway::mixer::to_internet::{self, Converted, Refusal};
use x400_gateway::mixer::{Context, Settings, to_x400};
use x400_gateway::rules::Rules;

use crate::told;

const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=GB"
route_unmapped = "refuse"
[[equivalence]]
domain = "widget.com"
or = "O=Widget; P=demo; A=x400; C=XX"
"#;

const NOW: OffsetDateTime = datetime!(2026-11-27 10:00 UTC);

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    to_internet: Vec<Case>,
    both_ways: Vec<Field>,
}

/// An envelope, and what the mail gets from it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Case {
    id: String,
    /// What differs from a plain envelope.
    #[serde(default)]
    envelope: Envelope,
    /// Fields of the header, unfolded.
    #[serde(default)]
    header: Vec<String>,
    /// Names of fields that are not there.
    #[serde(default)]
    without: Vec<String>,
    /// Parameters: `MAIL RET=FULL`, `RCPT postmaster@widget.com NOTIFY=FAILURE`.
    #[serde(default)]
    smtp: Vec<String>,
    /// Ids under which losses are recorded; if given, all of them.
    losses: Option<Vec<String>>,
    /// `reason/diagnostic` of the refusal of the message.
    refused: Option<String>,
    /// The same of recipients, by place.
    #[serde(default)]
    refused_recipients: Vec<(u32, String)>,
    #[serde(default)]
    settings: SettingsOf,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SettingsOf {
    refuse: Vec<Refusable>,
    mt_priority: bool,
    receipt_requests: bool,
    maximum_mail: Option<u64>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Envelope {
    identifier: (String, String),
    originator: String,
    content_type: i64,
    encoded_information_types: Option<String>,
    content_identifier: Option<String>,
    priority: i64,
    indicators: Vec<usize>,
    deferred_delivery: Option<String>,
    latest_delivery: Option<String>,
    with_loss_prohibited: bool,
    return_address: Option<String>,
    lists: Vec<(String, String)>,
    trace: Vec<Hop>,
    internal_trace: Vec<Hop>,
    extensions: Vec<AnyExtension>,
    recipients: Vec<To>,
    /// Places of the recipients the mail is for.
    mail_for: Option<Vec<u32>>,
    /// The octets of what two domains agreed on.
    bilateral: Option<String>,
    /// The content instead of a message.
    content: Option<String>,
}

impl Default for Envelope {
    fn default() -> Self {
        Self {
            identifier: ("/PRMD=HMG/ADMD=GOLD 400/C=GB/".into(), "PC1000-910530172027-57D8".into()),
            originator: "/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/".into(),
            content_type: 22,
            encoded_information_types: None,
            content_identifier: None,
            priority: 0,
            indicators: vec![2],
            deferred_delivery: None,
            latest_delivery: None,
            with_loss_prohibited: false,
            return_address: None,
            lists: Vec::new(),
            trace: vec![Hop {
                by: "/PRMD=p/ADMD=a/C=GB/".into(),
                at: "910530182455+0100".into(),
                ..Hop::default()
            }],
            internal_trace: Vec::new(),
            extensions: Vec::new(),
            recipients: vec![To::default()],
            mail_for: None,
            bilateral: None,
            content: None,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Hop {
    mta: String,
    by: String,
    at: String,
    deferred_until: Option<String>,
    converted: Option<String>,
    attempted_domain: Option<String>,
    attempted_mta: Option<String>,
    rerouted: bool,
    /// Bits: 0 redirected, 1 expanded.
    actions: Vec<usize>,
    /// How often the same element stands there.
    times: Option<usize>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct To {
    name: String,
    indicators: Vec<usize>,
    explicit_conversion: Option<i64>,
    /// The octets of a directory name.
    directory_name: Option<String>,
    redirected: Vec<(String, String, i64)>,
    alternate: Option<String>,
    extensions: Vec<AnyExtension>,
}

impl Default for To {
    fn default() -> Self {
        Self {
            name: "/S=postmaster/O=Widget/PRMD=demo/ADMD=x400/C=XX/".into(),
            indicators: vec![0, 2, 4],
            explicit_conversion: None,
            directory_name: None,
            redirected: Vec::new(),
            alternate: None,
            extensions: Vec::new(),
        }
    }
}

/// An extension by number or object identifier, with the octets of its value in hexadecimal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AnyExtension {
    number: Option<i64>,
    oid: Option<String>,
    /// `submission`, `transfer`, `delivery`
    #[serde(default)]
    critical: Vec<String>,
    value: Option<String>,
}

/// A field that goes into an envelope and comes back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Field {
    id: String,
    fields: Vec<String>,
    /// What comes back, if it is written otherwise.
    back: Option<Vec<String>>,
}

fn table() -> Table {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mixer/envelope.toml");
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs `work` with everything a conversion needs.
pub(crate) fn with<R>(settings: &SettingsOf, work: impl FnOnce(&Context<'_>) -> R) -> R {
    let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
    let domain = GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw"));
    let settings = Settings {
        refuse: settings.refuse.clone(),
        mt_priority: settings.mt_priority,
        receipt_requests: settings.receipt_requests,
        maximum_mail: settings.maximum_mail,
        ..Settings::new(domain, "gw-mta", "gw.example")
    };
    let mapper = Mapper::new(&rules);
    work(&Context { mapper: &mapper, settings: &settings, message_identifier: "QID1", now: NOW })
}

/// A mail as X.400.
fn mail(header: &str, context: &Context<'_>) -> to_x400::Converted {
    let input = to_x400::Input {
        content: Bytes::from(format!("{header}\r\nHello.\r\n")),
        reverse_path: Some("jo@widget.com".into()),
        options: MailOptions::default(),
        recipients: vec![Recipient {
            number: 1,
            address: "/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/@gw.example".into(),
            ..Recipient::default()
        }],
    };
    let converted = to_x400::to_x400(&input, context).unwrap();
    told::check(&told::of_x400(&converted));
    converted
}

fn name(text: &str) -> OrName {
    text::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).to_or_name().unwrap()
}

fn domain(text: &str) -> GlobalDomainIdentifier {
    x400_gateway::mixer::trace::domain_of(&name(text)).unwrap_or_else(|| panic!("{text}"))
}

fn time(text: &str) -> X400Time {
    X400Time::new(text)
}

fn types(text: &str) -> rasn_x400::x411::envelope::EncodedInformationTypes {
    let (types, unknown) = EncodedTypes::parse(text);
    assert!(unknown.is_empty(), "{unknown:?}");
    types.to_asn1()
}

/// An element from its octets in hexadecimal.
fn element(hex: &str) -> RawTlv {
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    let octet = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    RawTlv::from_element(digits.chunks(2).map(octet).collect())
}

impl AnyExtension {
    fn field(&self) -> ExtensionField {
        let kind = match (self.number, &self.oid) {
            (Some(number), None) => ExtensionType::Standard(number),
            (None, Some(oid)) => ExtensionType::Private(oid.parse().unwrap()),
            _ => panic!("a number or an object identifier"),
        };
        let bits: Vec<usize> = self
            .critical
            .iter()
            .map(|step| match step.as_str() {
                "submission" => Criticality::FOR_SUBMISSION,
                "transfer" => Criticality::FOR_TRANSFER,
                "delivery" => Criticality::FOR_DELIVERY,
                other => panic!("{other}"),
            })
            .collect();
        let value = self.value.as_deref().map(element);
        ExtensionField { kind, criticality: Criticality::with(&bits), value, unknown: Vec::new() }
    }
}

impl Hop {
    fn external(&self) -> TraceInformationElement {
        TraceInformationElement {
            domain: domain(&self.by),
            supplied: DomainSuppliedInformation {
                arrival_time: time(&self.at),
                routing_action: self.action(),
                attempted_domain: self.attempted_domain.as_deref().map(domain),
                deferred_time: self.deferred_until.as_deref().map(time),
                converted_encoded_information_types: self.converted.as_deref().map(types),
                other_actions: OtherActions::with(&self.actions),
                unknown: Vec::new(),
            },
            unknown: Vec::new(),
        }
    }

    fn internal(&self) -> InternalTraceInformationElement {
        let mta = self.attempted_mta.as_deref().map(|name| Attempted::Mta(name.into()));
        InternalTraceInformationElement {
            domain: domain(&self.by),
            mta_name: self.mta.as_str().into(),
            supplied: MtaSuppliedInformation {
                arrival_time: time(&self.at),
                routing_action: self.action(),
                attempted: mta
                    .or_else(|| self.attempted_domain.as_deref().map(domain).map(Attempted::Domain)),
                deferred_time: self.deferred_until.as_deref().map(time),
                converted_encoded_information_types: self.converted.as_deref().map(types),
                other_actions: OtherActions::with(&self.actions),
                unknown: Vec::new(),
            },
            unknown: Vec::new(),
        }
    }

    const fn action(&self) -> RoutingAction {
        if self.rerouted { RoutingAction::REROUTED } else { RoutingAction::RELAYED }
    }
}

impl To {
    fn fields(&self, number: i64) -> PerRecipientFields {
        let mut extensions: Vec<_> = self.extensions.iter().map(AnyExtension::field).collect();
        let history: Vec<_> = self
            .redirected
            .iter()
            .map(|(from, at, reason)| Redirection {
                intended_recipient: IntendedRecipient {
                    recipient: name(from),
                    redirection_time: time(at),
                    unknown: Vec::new(),
                },
                reason: RedirectionReason(*reason),
                unknown: Vec::new(),
            })
            .collect();
        if !history.is_empty() {
            extensions.push(RedirectionHistory::field(&history).unwrap());
        }
        let alternate = self.alternate.as_deref().map(name);
        extensions.extend(alternate.map(|name| OriginatorRequestedAlternateRecipient::field(&name).unwrap()));
        let directory_name = self.directory_name.as_deref().map(element);
        PerRecipientFields {
            recipient_name: OrName { directory_name, ..name(&self.name) },
            originally_specified_recipient_number: number,
            per_recipient_indicators: PerRecipientIndicators::with(&self.indicators),
            explicit_conversion: self.explicit_conversion.map(ExplicitConversion),
            extensions,
            unknown: Vec::new(),
        }
    }
}

impl Envelope {
    pub(crate) fn value(&self) -> MessageTransferEnvelope {
        let mut extensions: Vec<_> = self.extensions.iter().map(AnyExtension::field).collect();
        if self.with_loss_prohibited {
            extensions.push(ConversionWithLossProhibited::field(&Prohibited::PROHIBITED).unwrap());
        }
        if let Some(latest) = &self.latest_delivery {
            extensions.push(LatestDeliveryTime::field(&time(latest)).unwrap());
        }
        if let Some(address) = &self.return_address {
            extensions.push(OriginatorReturnAddress::field(&name(address).into()).unwrap());
        }
        if !self.lists.is_empty() {
            let step = |(list, at): &(String, String)| DlExpansion {
                list: name(list),
                expansion_time: time(at),
                unknown: Vec::new(),
            };
            extensions.push(DlExpansionHistory::field(&self.lists.iter().map(step).collect()).unwrap());
        }
        if !self.internal_trace.is_empty() {
            let internal = repeated(&self.internal_trace).map(Hop::internal).collect();
            extensions.push(InternalTrace::field(&internal).unwrap());
        }
        MessageTransferEnvelope {
            message_identifier: MtsIdentifier {
                domain: domain(&self.identifier.0),
                local_identifier: self.identifier.1.as_str().into(),
                unknown: Vec::new(),
            },
            originator_name: name(&self.originator),
            original_encoded_information_types: self.encoded_information_types.as_deref().map(types),
            content_type: ContentType::BuiltIn(self.content_type),
            content_identifier: self.content_identifier.as_deref().map(Into::into),
            priority: Priority(self.priority),
            per_message_indicators: PerMessageIndicators::with(&self.indicators),
            deferred_delivery_time: self.deferred_delivery.as_deref().map(time),
            per_domain_bilateral_information: self
                .bilateral
                .as_deref()
                .map(|octets| vec![element(octets).get().unwrap()]),
            trace_information: repeated(&self.trace).map(Hop::external).collect(),
            extensions,
            per_recipient_fields: (1..).zip(&self.recipients).map(|(number, to)| to.fields(number)).collect(),
            unknown: Vec::new(),
        }
    }

    pub(crate) fn places(&self) -> Vec<u32> {
        let all = || (1..).zip(&self.recipients).map(|(place, _)| place).collect();
        self.mail_for.clone().unwrap_or_else(all)
    }
}

fn repeated(hops: &[Hop]) -> impl Iterator<Item = &Hop> {
    hops.iter().flat_map(|hop| std::iter::repeat_n(hop, hop.times.unwrap_or(1)))
}

fn converted(case: &Case) -> Result<Converted, Refusal> {
    with(&case.settings, |context| {
        let content = match &case.envelope.content {
            Some(octets) => Bytes::from(octets.clone()),
            None => mail("From: jo@widget.com\r\nSubject: x\r\n", context).content.concat().into(),
        };
        // As it would come over the wire.
        let octets = ber::encode(&case.envelope.value()).unwrap();
        let envelope = ber::decode(&octets, octets.len()).unwrap();
        let input = to_internet::Input { envelope, content, recipients: case.envelope.places() };
        to_internet::to_internet(&input, context).inspect(|converted| told::check(&told::of_mail(converted)))
    })
}

/// Header fields of a mail, unfolded.
fn lines(converted: &Converted) -> Vec<String> {
    let message = Message::parse(Bytes::from(converted.content.to_vec()));
    message.header().fields().iter().map(|field| format!("{}: {}", field.name, field.value)).collect()
}

pub(crate) fn parameters(converted: &Converted) -> Vec<String> {
    let options = &converted.options;
    let mail = [
        Some(format!("FROM {}", converted.reverse_path.as_deref().unwrap_or_default())),
        options.envelope_id.as_ref().map(|text| format!("ENVID={text}")),
        options.returned.map(|returned| format!("RET={returned:?}")),
        options.return_after.map(|time| format!("BY={time}")),
        options.hold_until.map(|time| format!("HOLDUNTIL={time}")),
        options.priority.map(|level| format!("MT-PRIORITY={level}")),
        options.body.map(|body| format!("BODY={body:?}")),
    ];
    let mut all: Vec<String> = mail.into_iter().flatten().map(|text| format!("MAIL {text}")).collect();
    for one in &converted.recipients {
        let rcpt = format!("RCPT {}", one.address);
        all.extend(one.notify.iter().map(|words| format!("{rcpt} NOTIFY={}", words.join(","))));
        all.extend(one.original_recipient.iter().map(|(kind, text)| format!("{rcpt} ORCPT={kind};{text}")));
    }
    all
}

#[test]
fn envelopes_become_smtp_and_header_fields() {
    for case in table().to_internet {
        let id = &case.id;
        let converted = match (converted(&case), &case.refused) {
            (Ok(converted), None) => converted,
            (Err(refusal), Some(expected)) => {
                assert_eq!(code(refusal.failure()), *expected, "{id}: {refusal}");
                continue;
            }
            (Ok(_), Some(expected)) => panic!("{id}: {expected} expected"),
            (Err(refusal), None) => panic!("{id}: {refusal}"),
        };
        let lines = lines(&converted);
        for line in &case.header {
            assert!(lines.contains(line), "{id}: {line} is missing in {lines:#?}");
        }
        for name in &case.without {
            assert!(
                !lines.iter().any(|line| line.starts_with(&format!("{name}:"))),
                "{id}: {name} in {lines:#?}"
            );
        }
        let parameters = parameters(&converted);
        for parameter in &case.smtp {
            assert!(parameters.contains(parameter), "{id}: {parameter} is missing in {parameters:#?}");
        }
        assert_fields_have_an_origin(id, &lines, &converted);
        let refused: Vec<_> =
            converted.refused.iter().map(|(place, refusal)| (*place, code(refusal.failure()))).collect();
        assert_eq!(refused, case.refused_recipients, "{id}");
        if let Some(expected) = &case.losses {
            let losses: Vec<_> = converted.losses.as_slice().iter().map(|loss| loss.clause).collect();
            assert_eq!(&losses, expected, "{id}: {:#?}", converted.losses);
        }
        assert_trace_first(id, &lines);
    }
}

/// F-17: what the envelope gave to the header is in the trail, field by field.
fn assert_fields_have_an_origin(id: &str, lines: &[String], converted: &Converted) {
    let made: Vec<_> = converted.trail.as_slice().iter().map(|origin| origin.output.as_str()).collect();
    let names = ["Received", "Date", "Priority", "Conversion", "Deferred-Delivery", "Latest-Delivery-Time"];
    for line in lines {
        let (name, _) = line.split_once(": ").unwrap();
        if names.contains(&name) || name.starts_with("X400-") || name.starts_with("Discarded-X400-MTS") {
            assert!(made.contains(&format!("header {name}").as_str()), "{id}: {name}");
        }
    }
}

/// Q-37
fn assert_trace_first(id: &str, lines: &[String]) {
    let is_trace = |line: &&String| line.starts_with("Received:") || line.starts_with("X400-Received:");
    let first = lines.iter().take_while(is_trace).count();
    assert_eq!(first, lines.iter().filter(is_trace).count(), "{id}");
    assert!(
        lines[0].starts_with("Received: from gw.example by gw.example (MIXER Conversion following RFC 2156)")
    );
}

/// Reason and diagnostic as the ledger writes them.
pub(crate) fn code(failure: x400_gateway::status::Failure) -> String {
    let non_delivery = failure.non_delivery();
    let diagnostic = non_delivery.diagnostic.map_or_else(|| "-".to_owned(), |one| one.number().to_string());
    format!("{}/{diagnostic}", non_delivery.reason.number())
}

#[test]
fn fields_of_the_envelope_come_back() {
    for case in table().both_ways {
        let id = &case.id;
        let header: String = case.fields.iter().map(|field| format!("{field}\r\n")).collect();
        let lines = with(&SettingsOf::default(), |context| {
            let there = mail(&format!("From: jo@widget.com\r\n{header}"), context);
            let octets = ber::encode(&there.envelope).unwrap();
            let envelope = ber::decode(&octets, octets.len()).unwrap();
            let input =
                to_internet::Input { envelope, content: there.content.concat().into(), recipients: vec![1] };
            lines(&to_internet::to_internet(&input, context).unwrap())
        });
        let mut rest = lines.iter();
        for line in case.back.as_ref().unwrap_or(&case.fields) {
            // In this order.
            assert!(rest.any(|one| one == line), "{id}: {line} is missing in {lines:#?}");
        }
    }
}

#[test]
fn recipients_share_a_mail_or_not() {
    // Q-03
    let envelope = Envelope {
        recipients: vec![
            To::default(),
            To { alternate: Some("/S=kim/O=acme/PRMD=p/ADMD=a/C=GB/".into()), ..To::default() },
            To::default(),
        ],
        ..Envelope::default()
    }
    .value();
    let domain = GlobalDomainIdentifier::new("GB", "Gold 400", Some("gw"));
    let settings = |mails| Settings { mails, ..Settings::new(domain.clone(), "gw-mta", "gw.example") };
    let split = |mails| x400_gateway::mixer::envelope::mails(&envelope, &[1, 2, 3], &settings(mails));
    assert_eq!(split(Mails::Shared), [vec![1, 2, 3]]);
    assert_eq!(split(Mails::Separate), [vec![1, 3], vec![2]]);
}
