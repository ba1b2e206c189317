//! Trace: X.411 towards `X400-Received` and `Received` (RFC 2156 5.3.7).
//!
//! The external and the internal trace become one list, newest first, and the gateway's own line stands before them. Where
//! an element belongs is told by its place, never by its time: clocks differ.

use rasn_x400::oids::EIT_MIXER;
use rasn_x400::prim::X400Time;
use rasn_x400::x411::envelope::{EncodedInformationTypes, MessageTransferEnvelope};
use rasn_x400::x411::extension::{Extension as _, ExtensionField, InternalTrace};
use rasn_x400::x411::trace::{
    Attempted, DomainSuppliedInformation, GlobalDomainIdentifier, InternalTraceInformationElement,
    MtaSuppliedInformation, OtherActions, RoutingAction, TraceInformationElement,
};

use super::{MAX_CONVERSIONS, MAX_HOPS};
use crate::message::date::format_date;
use crate::mixer::date::from_utc_time;
use crate::mixer::encoded_types::{EncodedTypes, parameters};
use crate::mixer::envelope::names::domain_text;
use crate::mixer::header_block::{HeaderBlock, word};
use crate::mixer::mail::Recipient;
use crate::mixer::to_internet::{NotProvided, Work};
use crate::status::Failure;

/// What a gateway says of itself in `Received`.
const CONVERSION: &str = "(MIXER Conversion following RFC 2156)";

/// The trace fields of a mail, newest first: all of them stand before any other field.
///
/// # Errors
/// [`NotProvided`] if the message is in a loop.
pub(crate) fn fields(
    envelope: &MessageTransferEnvelope,
    recipients: &[Recipient],
    work: &mut Work<'_>,
) -> Result<HeaderBlock, NotProvided> {
    fields_of(&envelope.trace_information, &envelope.extensions, recipients, work)
}

/// The same for whatever has an external trace, and an internal one among its extensions.
///
/// # Errors
/// [`NotProvided`] if it is in a loop.
pub(crate) fn fields_of(
    external: &[TraceInformationElement],
    extensions: &[ExtensionField],
    recipients: &[Recipient],
    work: &mut Work<'_>,
) -> Result<HeaderBlock, NotProvided> {
    let internal = internal(extensions, work);
    let steps = merged_unless_loop(external, &internal)?;
    let mut header = HeaderBlock::default();
    let own = received(recipients, work);
    header.add("Received", &own);
    work.trail.made("header Received", own, "made by the gateway", "Q-38");
    // newest first, in the order of the elements.
    for (number, step) in (1..=steps.len()).rev().zip(steps.iter().rev()) {
        let source = format!("envelope.trace[{number}]");
        let value = x400_received(step, &source, work);
        header.add("X400-Received", &value);
        work.trail.made("header X400-Received", value, source, "Q-30");
    }
    Ok(header)
}

/// The same judgement about a probe, which has a trace but no mail.
///
/// # Errors
/// [`NotProvided`] if it is in a loop.
pub(crate) fn refuse_loop(
    external: &[TraceInformationElement],
    extensions: &[ExtensionField],
    work: &mut Work<'_>,
) -> Result<(), NotProvided> {
    let internal = internal(extensions, work);
    merged_unless_loop(external, &internal).map(drop)
}

/// One element of the external trace as the value of a field.
pub(crate) fn element_text(element: &TraceInformationElement, source: &str, work: &mut Work<'_>) -> String {
    x400_received(&Step::from(element), source, work)
}

/// The internal trace; one that cannot be read is a loss.
fn internal(extensions: &[ExtensionField], work: &mut Work<'_>) -> Vec<InternalTraceInformationElement> {
    InternalTrace::find(extensions).map(Option::unwrap_or_default).unwrap_or_else(|error| {
        work.losses.dropped("envelope", "internal-trace-information(38)", error.to_string(), "Q-35");
        Vec::new()
    })
}

/// Both traces as one list, oldest first. G-22, F-05: as many marks of a conversion in either of them are a loop; D-65: so
/// are as many hops.
fn merged_unless_loop<'a>(
    external: &'a [TraceInformationElement],
    internal: &'a [InternalTraceInformationElement],
) -> Result<Vec<Step<'a>>, NotProvided> {
    let marked = |types: &Option<EncodedInformationTypes>| {
        types.as_ref().is_some_and(|types| EncodedTypes::from_asn1(types).has(&EIT_MIXER))
    };
    let domains = external.iter().filter(|one| marked(&one.supplied.converted_encoded_information_types));
    let mtas = internal.iter().filter(|one| marked(&one.supplied.converted_encoded_information_types));
    let conversions = domains.count().max(mtas.count());
    if conversions > MAX_CONVERSIONS {
        let reason = format!("{conversions} conversions by MIXER gateways");
        return Err(NotProvided { failure: Failure::ConversionLoop, reason });
    }
    let too_long = |hops: usize| match hops {
        ..MAX_HOPS => Ok(()),
        _ => Err(NotProvided { failure: Failure::Loop, reason: format!("{hops} hops") }),
    };
    // The list is no shorter than either trace, and putting a very long one together would take its time.
    too_long(external.len().max(internal.len()))?;
    let steps = merged(external, internal);
    too_long(steps.len())?;
    Ok(steps)
}

/// Q-38, Y-21: the gateway's own line. With several recipients none is named: they need not know of each other.
fn received(recipients: &[Recipient], work: &Work<'_>) -> String {
    let host = &work.settings().mail_domain;
    let addressee = match recipients {
        [only] => format!(" for <{}>", only.address),
        _ => String::new(),
    };
    let id = work.message_identifier();
    format!("from {host} by {host} {CONVERSION} with P1 id {id}{addressee}; {}", format_date(work.now()))
}

/// One step of the merged trace.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step<'a> {
    domain: &'a GlobalDomainIdentifier,
    /// The MTA, if it is known.
    mta: Option<std::borrow::Cow<'a, str>>,
    arrival: &'a X400Time,
    routing_action: RoutingAction,
    attempted: Option<Attempted>,
    deferred: Option<&'a X400Time>,
    converted: Option<&'a EncodedInformationTypes>,
    other_actions: &'a OtherActions,
    /// Members nobody knows.
    unknown: usize,
}

impl<'a> From<&'a TraceInformationElement> for Step<'a> {
    fn from(element: &'a TraceInformationElement) -> Self {
        let DomainSuppliedInformation {
            arrival_time,
            routing_action,
            attempted_domain,
            deferred_time,
            converted_encoded_information_types,
            other_actions,
            unknown,
        } = &element.supplied;
        Self {
            domain: &element.domain,
            mta: None,
            arrival: arrival_time,
            routing_action: *routing_action,
            attempted: attempted_domain.clone().map(Attempted::Domain),
            deferred: deferred_time.as_ref(),
            converted: converted_encoded_information_types.as_ref(),
            other_actions,
            unknown: unknown.len() + element.unknown.len(),
        }
    }
}

impl<'a> From<&'a InternalTraceInformationElement> for Step<'a> {
    fn from(element: &'a InternalTraceInformationElement) -> Self {
        let MtaSuppliedInformation {
            arrival_time,
            routing_action,
            attempted,
            deferred_time,
            converted_encoded_information_types,
            other_actions,
            unknown,
        } = &element.supplied;
        Self {
            domain: &element.domain,
            mta: Some(element.mta_name.to_text()),
            arrival: arrival_time,
            routing_action: *routing_action,
            attempted: attempted.clone(),
            deferred: deferred_time.as_ref(),
            converted: converted_encoded_information_types.as_ref(),
            other_actions,
            unknown: unknown.len() + element.unknown.len(),
        }
    }
}

impl Step<'_> {
    /// Whether the two are the same but for the MTA.
    fn is_same_passage(&self, other: &Self) -> bool {
        Self { mta: None, ..self.clone() } == Self { mta: None, ..other.clone() }
    }
}

/// both traces as one list, oldest first.
///
/// Each run of internal elements of one domain belongs to the external element of that domain that is next in order. Of a
/// pair that is the same but for the MTA, the one with the MTA stays. Internal elements of a domain that the external trace
/// never names stand where they were among the others.
fn merged<'a>(
    external: &'a [TraceInformationElement],
    internal: &'a [InternalTraceInformationElement],
) -> Vec<Step<'a>> {
    let mut steps = Vec::with_capacity(external.len() + internal.len());
    let mut inner: Vec<Step<'a>> = internal.iter().map(Step::from).collect();
    let outer: Vec<Step<'a>> = external.iter().map(Step::from).collect();
    for (place, domain) in outer.iter().enumerate() {
        let named_from_here =
            |step: &Step<'_>| outer[place..].iter().any(|later| later.domain == step.domain);
        let strangers = inner.iter().take_while(|step| !named_from_here(step)).count();
        steps.extend(inner.drain(..strangers));
        let mut run = inner.iter().take_while(|step| step.domain == domain.domain).count();
        // Of two passages in a row through one domain, the second begins where its own element says so.
        if let Some(next) = outer.get(place + 1).filter(|next| next.domain == domain.domain) {
            run = inner[..run]
                .iter()
                .skip(1)
                .position(|step| step.is_same_passage(next))
                .map_or(run, |at| at + 1);
        }
        if !inner[..run].iter().any(|step| step.is_same_passage(domain)) {
            steps.push(domain.clone());
        }
        steps.extend(inner.drain(..run));
    }
    steps.append(&mut inner);
    steps
}

///
fn x400_received(step: &Step<'_>, source: &str, work: &mut Work<'_>) -> String {
    let domain = domain_text(step.domain);
    if step.unknown > 0 {
        work.losses.dropped(source, format!("{} members", step.unknown), "nobody knows them", "Q-30");
    }
    let mut out = match &step.mta {
        //
        Some(name) => format!("by mta {} in {domain} ; ", word(name)),
        None => format!("by {domain} ; "),
    };
    //
    if let Some(time) = step.deferred {
        match from_utc_time(time) {
            Some(date) => out.push_str(&format!("deferred until {} ; ", format_date(date))),
            None => work.losses.dropped(source, "deferred-time", "no date", "Q-33"),
        }
    }
    if let Some(types) = step.converted {
        let text = types_text(types, source, work);
        if !text.is_empty() {
            out.push_str(&format!("converted ({text}) ; "));
        }
    }
    match &step.attempted {
        Some(Attempted::Domain(domain)) => {
            out.push_str(&format!("attempted MD {} ; ", domain_text(domain)));
        }
        Some(Attempted::Mta(name)) => {
            out.push_str(&format!("attempted MTA {} ; ", word(&name.to_text())));
        }
        Some(Attempted::Unknown(_)) => {
            work.losses.dropped(source, "attempted", "neither a domain nor an MTA", "Q-33");
        }
        None => {}
    }
    out.push_str(&actions(step, source, work));
    let arrival = from_utc_time(step.arrival).unwrap_or_else(|| {
        let shown = String::from_utf8_lossy(step.arrival.as_bytes()).into_owned();
        work.losses.replaced(source, shown, "no date", "E-15", "the time of conversion");
        work.now()
    });
    format!("{out} ; {}", format_date(arrival))
}

///
fn actions(step: &Step<'_>, source: &str, work: &mut Work<'_>) -> String {
    let mut actions = vec![match step.routing_action {
        RoutingAction::RELAYED => "Relayed",
        RoutingAction::REROUTED => "Rerouted",
        other => {
            work.losses.replaced(
                source,
                format!("routing-action {other}"),
                "no word for it",
                "Q-31",
                "Relayed",
            );
            "Relayed"
        }
    }];
    for (bit, label) in step.other_actions.labels() {
        match bit {
            OtherActions::DL_OPERATION => actions.push("Expanded"),
            OtherActions::REDIRECTED => actions.push("Redirected"),
            _ => {
                let what = format!("other-actions {}", label.map_or_else(|| bit.to_string(), str::to_owned));
                work.losses.dropped(source, what, "no word for it", "Q-31");
            }
        }
    }
    // The order of the RFC's own example.
    actions[1..].sort_unstable();
    actions.join(", ")
}

/// The comma list of types (E-22); what it cannot say is a loss.
pub(crate) fn types_text(types: &EncodedInformationTypes, source: &str, work: &mut Work<'_>) -> String {
    for what in parameters(types) {
        // E-23
        work.losses.dropped(source, what, "ignored", "E-23");
    }
    let types = EncodedTypes::from_asn1(types);
    for bit in types.unnamed() {
        work.losses.dropped(source, format!("encoded information type {bit}"), "no word for it", "E-22");
    }
    types.to_text()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use proptest::{option, sample::subsequence};
    use time::OffsetDateTime;
    use time::macros::datetime;

    use super::super::{X400Received, domain_action, domain_of, mta_action, parse_x400_received};
    use super::*;
    use crate::message::Message;
    use crate::mixer::address::Mapper;
    use crate::mixer::date::to_utc_time;
    use crate::mixer::{AddressMapper as _, Context, Settings};
    use crate::rules::Rules;

    const RULES: &str = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gateway; P=gw; A=mail; C=gb\"\n";

    fn domain(name: &str) -> GlobalDomainIdentifier {
        GlobalDomainIdentifier::new("GB", name, None)
    }

    fn outer(name: &str, time: &str) -> TraceInformationElement {
        let supplied = domain_action(X400Time::new(time));
        TraceInformationElement { domain: domain(name), supplied, unknown: Vec::new() }
    }

    fn inner(name: &str, mta: &str, time: &str) -> InternalTraceInformationElement {
        super::super::hop(domain(name), mta, mta_action(X400Time::new(time)))
    }

    /// `domain` or `domain/MTA`, and the hour, for each step.
    fn shown(external: &[TraceInformationElement], internal: &[InternalTraceInformationElement]) -> String {
        let show = |step: &Step<'_>| {
            let mta = step.mta.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
            let hour = String::from_utf8_lossy(&step.arrival.as_bytes()[6..8]).into_owned();
            format!("{}{mta}@{hour}", step.domain.administration_domain.to_text())
        };
        merged(external, internal).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn both_traces_become_one_list() {
        let (nine, ten, eleven) = ("260101090000Z", "260101100000Z", "260101110000Z");
        // one that says the same with an MTA stands for both.
        assert_eq!(shown(&[outer("a", nine)], &[inner("a", "x", nine)]), "a/x@09");
        assert_eq!(
            shown(&[outer("a", nine)], &[inner("a", "x", nine), inner("a", "y", ten)]),
            "a/x@09 a/y@10"
        );
        // the order is that of the elements, whatever the clocks say.
        assert_eq!(
            shown(&[outer("a", eleven), outer("b", nine)], &[inner("a", "x", ten), inner("b", "y", nine)]),
            "a@11 a/x@10 b/y@09"
        );
        // A domain without internal trace, in between.
        assert_eq!(
            shown(
                &[outer("a", nine), outer("b", ten), outer("c", eleven)],
                &[inner("a", "x", nine), inner("c", "z", eleven)]
            ),
            "a/x@09 b@10 c/z@11"
        );
        // One that the external trace does not name.
        assert_eq!(
            shown(
                &[outer("a", nine), outer("c", eleven)],
                &[inner("a", "x", nine), inner("b", "y", ten), inner("c", "z", eleven)]
            ),
            "a/x@09 b/y@10 c/z@11"
        );
        // Twice through one domain.
        assert_eq!(
            shown(&[outer("a", nine), outer("a", ten)], &[inner("a", "x", nine), inner("a", "x", ten)]),
            "a/x@09 a/x@10"
        );
        assert_eq!(shown(&[outer("a", nine)], &[]), "a@09");
        assert_eq!(shown(&[], &[inner("a", "x", nine)]), "a/x@09");
    }

    /// Names of domains and MTAs, all characters of their alphabets.
    fn name(alphabet: &'static str) -> impl Strategy<Value = String> {
        alphabet.prop_filter("no space at either end", |name: &String| name.trim() == name)
    }

    const PRINTABLE: &str = "[A-Za-z0-9 '()+,./:=?-]{1,16}";
    const IA5: &str = "[ -~]{1,32}";

    proptest! {
        #![proptest_config(crate::mixer::law::cases(1_000))]

        /// and P-47 are inverses of each other.
        #[test]
        fn trace_comes_back(
            (country, administration, private) in (Just("GB"), name(PRINTABLE), option::of(name(PRINTABLE))),
            (mta, attempted_mta, attempted_domain) in
                (option::of(name(IA5)), option::of(name(IA5)), option::of(name(PRINTABLE))),
            (rerouted, actions, bits) in
                (any::<bool>(), subsequence(vec![0_usize, 1], 0..=2), subsequence((0_usize..10).collect::<Vec<_>>(), 0..=10)),
            (deferred, arrival) in (option::of(0_i64..2_000_000_000), 400_000_000_i64..2_000_000_000),
        ) {
            let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
            let settings = Settings::new(domain("here"), "mta", "gw.example");
            let mapper = Mapper::new(&rules);
            let now = datetime!(2026-11-27 10:00 UTC);
            let context = Context { mapper: &mapper, settings: &settings, message_identifier: "QID1", now };
            let mut work = Work::new(&context);
            let utc = |seconds| {
                to_utc_time(OffsetDateTime::from_unix_timestamp(seconds).unwrap()).unwrap_or_default()
            };
            let is_years = |seconds: &i64| *seconds > 400_000_000;
            let types = {
                let mut types = EncodedTypes::default();
                bits.iter().for_each(|bit| types.add_built_in(*bit));
                types
            };
            let attempted = match (attempted_mta, attempted_domain) {
                (Some(name), _) => Some(Attempted::Mta(name.as_str().into())),
                (None, Some(name)) => Some(Attempted::Domain(domain(&name))),
                (None, None) => None,
            };
            let trace = X400Received {
                domain: GlobalDomainIdentifier::new(country, &administration, private.as_deref()),
                mta,
                deferred: deferred.filter(is_years).map(utc),
                converted: (!types.is_empty()).then_some(types),
                attempted,
                routing_action: if rerouted { RoutingAction::REROUTED } else { RoutingAction::RELAYED },
                other_actions: OtherActions::with(&actions),
                arrival: utc(arrival),
            };
            let converted = trace.converted.as_ref().map(EncodedTypes::to_asn1);
            let step = Step {
                domain: &trace.domain,
                mta: trace.mta.as_deref().map(Into::into),
                arrival: &trace.arrival,
                routing_action: trace.routing_action,
                attempted: trace.attempted.clone(),
                deferred: trace.deferred.as_ref(),
                converted: converted.as_ref(),
                other_actions: &trace.other_actions,
                unknown: 0,
            };
            let mut block = HeaderBlock::default();
            block.add("X400-Received", &x400_received(&step, "trace", &mut work));
            prop_assert!(work.losses.is_empty());
            // As it is read out of a mail.
            let mut mail = block.to_octets();
            mail.extend_from_slice(b"\r\n");
            let message = Message::parse(mail.into());
            let value = &message.header().get("X400-Received").unwrap().value;
            let read = parse_x400_received(value, |text| domain_of(&mapper.parse_or(text)?));
            prop_assert_eq!(read, Some(trace), "{}", value);
        }
    }
}
