//! Trace of what passes through: our own elements, and loops (X.411 12.3.1, 14.3).
//!
//! There are two traces. The external one has an element for each management domain a message crossed; the internal one
//! (extension 38) one for each MTA. Ours are appended when a message leaves, with the time at which it came; all others stay
//! as they came.
//!
//! A message that comes back is in a loop, unless something has changed in between: it was redirected or expanded as a list,
//! so that it is on its way to somebody else, or sent another way after a failure, which may happen once.

use rasn_x400::ber::Error;
use rasn_x400::prim::{RawTlv, X400Time};
use rasn_x400::x411::extension::{Extension, ExtensionField, InternalTrace};
use rasn_x400::x411::trace::{
    Attempted, DomainSuppliedInformation, GlobalDomainIdentifier, InternalTraceInformation,
    InternalTraceInformationElement, MtaSuppliedInformation, OtherActions, RoutingAction, TraceInformation,
    TraceInformationElement,
};

use super::route::attributes::{FoldedDomain, folded};

/// Who we are in a trace.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Our management domain.
    pub domain: GlobalDomainIdentifier,
    /// Our MTA name, 1 to 32 characters.
    pub mta_name: String,
    /// As many elements in either trace are a loop (X.411 allows 512).
    pub maximum_hops: usize,
}

/// What became of a message here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// When it came in.
    pub arrival: X400Time,
    /// Until when it was held, if it was.
    pub deferred: Option<X400Time>,
    /// The MTAs it could not be transferred to, in order, if it goes another way for that.
    pub attempted: Vec<Attempt>,
    /// Whether a recipient was replaced.
    pub redirected: bool,
}

/// An MTA that something could not be transferred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its name, 1 to 32 characters of IA5.
    pub mta_name: String,
    /// Its management domain, if that is known.
    pub domain: Option<GlobalDomainIdentifier>,
}

/// Whether a domain is ours.
pub(crate) fn is_of(domain: &GlobalDomainIdentifier, us: &Identity) -> bool {
    FoldedDomain::from(domain) == FoldedDomain::from(&us.domain)
}

/// How often something has been here before, as both traces say: each passage through our domain and each through this MTA
/// counts.
pub(crate) fn visits(
    trace: &[TraceInformationElement],
    extensions: &[ExtensionField],
    us: &Identity,
) -> usize {
    let domain = FoldedDomain::from(&us.domain);
    let name = folded(&us.mta_name);
    let ours = |element: &&GlobalDomainIdentifier| FoldedDomain::from(*element) == domain;
    let external = trace.iter().map(|element| &element.domain).filter(ours).count();
    let internal = internal(extensions);
    let mtas = internal.iter().filter(|element| folded(&element.mta_name.to_text()) == name);
    external + mtas.map(|element| &element.domain).filter(ours).count()
}

/// How a loop was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Loop {
    /// Our management domain has had the message too often.
    #[error("this domain has had the message {visits} times before")]
    Domain {
        /// How often it came here, as far as that counts.
        visits: usize,
    },
    /// This MTA has.
    #[error("this MTA has had the message {visits} times before")]
    Mta {
        /// How often it came here, as far as that counts.
        visits: usize,
    },
    /// There are too many elements.
    #[error("{hops} hops are too many")]
    Hops {
        /// The longer of the two traces.
        hops: usize,
    },
}

/// The internal trace among the extensions of an envelope; one that cannot be read counts as none.
#[must_use]
pub fn internal(extensions: &[ExtensionField]) -> InternalTraceInformation {
    InternalTrace::find(extensions).ok().flatten().unwrap_or_default()
}

/// Whether a message that has just come in is in a loop.
///
/// # Errors
/// How the loop was recognised.
pub fn check(
    trace: &[TraceInformationElement],
    extensions: &[ExtensionField],
    us: &Identity,
) -> Result<(), Loop> {
    let internal = internal(extensions);
    let hops = trace.len().max(internal.len());
    if hops >= us.maximum_hops {
        return Err(Loop::Hops { hops });
    }
    let domain = FoldedDomain::from(&us.domain);
    let domains: Vec<Step> = trace
        .iter()
        .map(|element| {
            let supplied = &element.supplied;
            Step::new(
                FoldedDomain::from(&element.domain) == domain,
                supplied.routing_action,
                &supplied.other_actions,
            )
        })
        .collect();
    // A message whose last element is ours has not left the domain.
    let within = domains.iter().rev().take_while(|step| step.ours).count();
    let outside = &domains[..domains.len() - within];
    if let Some(visits) = returned(outside) {
        return Err(Loop::Domain { visits });
    }
    let name = folded(&us.mta_name);
    let mtas: Vec<Step> = internal
        .iter()
        .map(|element| {
            let ours =
                folded(&element.mta_name.to_text()) == name && FoldedDomain::from(&element.domain) == domain;
            Step::new(ours, element.supplied.routing_action, &element.supplied.other_actions)
        })
        .collect();
    match returned(&mtas) {
        Some(visits) => Err(Loop::Mta { visits }),
        None => Ok(()),
    }
}

/// What of an element matters for loops.
#[derive(Debug, Clone, Copy)]
struct Step {
    ours: bool,
    rerouted: bool,
    /// From here on the message is for somebody else.
    fresh: bool,
}

impl Step {
    fn new(ours: bool, action: RoutingAction, others: &OtherActions) -> Self {
        let fresh = others.has(OtherActions::REDIRECTED) || others.has(OtherActions::DL_OPERATION);
        Self { ours, rerouted: action == RoutingAction::REROUTED, fresh }
    }
}

/// How often the message was here, if that is too often. Neighbouring elements of ours are one visit.
fn returned(steps: &[Step]) -> Option<usize> {
    let start = steps.iter().rposition(|step| step.fresh).unwrap_or(0);
    let steps = &steps[start..];
    // Where a visit of ours ends that was not the one in which the message became another's. One that had several ways
    // tried has several elements.
    let ends: Vec<usize> = (0..steps.len())
        .filter(|&place| steps[place].ours && !steps.get(place + 1).is_some_and(|next| next.ours))
        .filter(|&place| !steps[..=place].iter().all(|step| step.ours && steps[0].fresh))
        .collect();
    let last = *ends.last()?;
    let visit = steps[..=last].iter().rposition(|step| !step.ours).map_or(0, |before| before + 1);
    let came_back_for_a_reason = steps[visit..].iter().any(|step| step.rerouted);
    (ends.len() > 1 || !came_back_for_a_reason).then_some(ends.len())
}

/// Appends what we did: to the external trace if the message crosses our domain, to the internal one always. Each way that
/// was tried in vain has an element of its own, which says where it would have led (X.411 12.3.1).
///
/// # Errors
/// [`Error::Unencodable`] when the internal trace that came cannot be written again; a fault of ours.
pub fn append(
    trace: &mut TraceInformation,
    extensions: &mut Vec<ExtensionField>,
    us: &Identity,
    passage: &Passage,
) -> Result<(), Error> {
    // An attempt within our domain is nobody else's business.
    let mut attempts: Vec<&Attempt> =
        passage.attempted.iter().filter(|attempt| !is_within(attempt, us)).collect();
    attempts.dedup_by_key(|attempt| attempt.domain.as_ref().map(FoldedDomain::from));
    let within = trace.last().is_some_and(|last| is_of(&last.domain, us));
    if !attempts.is_empty() {
        trace.extend(attempts.into_iter().map(|attempt| external(us, passage, Some(attempt))));
    } else if !within || passage.redirected {
        // Within the domain the element that is there says that we have had it, unless there is more to say.
        trace.push(external(us, passage, None));
    }
    append_internal(extensions, us, passage)
}

/// Whether an attempt led to an MTA of our own domain.
fn is_within(attempt: &Attempt, us: &Identity) -> bool {
    attempt.domain.as_ref().is_some_and(|domain| is_of(domain, us))
}

/// The internal trace is one extension, which is written anew with our elements at its end. Where it came in a form of its
/// own (Q3), it leaves so; where it cannot be read, it stays as it is.
fn append_internal(
    extensions: &mut Vec<ExtensionField>,
    us: &Identity,
    passage: &Passage,
) -> Result<(), Error> {
    let own = match &passage.attempted[..] {
        [] => vec![internal_step(us, passage, None)],
        attempts => attempts.iter().map(|attempt| internal_step(us, passage, Some(attempt))).collect(),
    };
    let place = extensions.iter().position(|field| field.kind.number() == Some(InternalTrace::NUMBER));
    let Some(field) = place.and_then(|place| extensions.get_mut(place)) else {
        extensions.push(InternalTrace::field(&own)?);
        return Ok(());
    };
    let read = field.value.as_ref().and_then(|value| value.get::<InternalTraceInformation>().ok());
    if let Some(mut elements) = read {
        elements.extend(own);
        field.value = Some(RawTlv::of(&elements)?);
    }
    Ok(())
}

/// Our element of the external trace, where nothing was tried in vain.
#[must_use]
pub fn external_element(us: &Identity, passage: &Passage) -> TraceInformationElement {
    external(us, passage, None)
}

/// Our element of the internal trace, where nothing was tried in vain.
#[must_use]
pub fn internal_element(us: &Identity, passage: &Passage) -> InternalTraceInformationElement {
    internal_step(us, passage, None)
}

fn external(us: &Identity, passage: &Passage, attempt: Option<&Attempt>) -> TraceInformationElement {
    TraceInformationElement {
        domain: us.domain.clone(),
        supplied: DomainSuppliedInformation {
            arrival_time: passage.arrival.clone(),
            routing_action: action(attempt),
            attempted_domain: attempt.and_then(|attempt| attempt.domain.clone()),
            deferred_time: passage.deferred.clone(),
            converted_encoded_information_types: None,
            other_actions: others(passage),
            unknown: Vec::new(),
        },
        unknown: Vec::new(),
    }
}

/// The name of an MTA says something within its domain only, so an MTA of another domain is told by the domain.
fn internal_step(
    us: &Identity,
    passage: &Passage,
    attempt: Option<&Attempt>,
) -> InternalTraceInformationElement {
    let attempted = attempt.map(|attempt| match &attempt.domain {
        Some(domain) if !is_of(domain, us) => Attempted::Domain(domain.clone()),
        _ => Attempted::Mta(attempt.mta_name.as_str().into()),
    });
    InternalTraceInformationElement {
        domain: us.domain.clone(),
        mta_name: us.mta_name.as_str().into(),
        supplied: MtaSuppliedInformation {
            arrival_time: passage.arrival.clone(),
            routing_action: action(attempt),
            attempted,
            deferred_time: passage.deferred.clone(),
            converted_encoded_information_types: None,
            other_actions: others(passage),
            unknown: Vec::new(),
        },
        unknown: Vec::new(),
    }
}

const fn action(attempt: Option<&Attempt>) -> RoutingAction {
    if attempt.is_some() { RoutingAction::REROUTED } else { RoutingAction::RELAYED }
}

fn others(passage: &Passage) -> OtherActions {
    let bits: &[usize] = if passage.redirected { &[OtherActions::REDIRECTED] } else { &[] };
    OtherActions::with(bits)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::x411::extension::{Criticality, ExtensionType};

    use super::*;

    fn us() -> Identity {
        Identity {
            domain: GlobalDomainIdentifier::new("XX", "example", Some("gateway")),
            mta_name: "x400gw".into(),
            maximum_hops: 20,
        }
    }

    fn relayed() -> Passage {
        Passage {
            arrival: X400Time::new("261127013200Z"),
            deferred: None,
            attempted: Vec::new(),
            redirected: false,
        }
    }

    fn attempt(mta_name: &str, private: Option<&str>) -> Attempt {
        let domain = private.map(|private| GlobalDomainIdentifier::new("XX", "example", Some(private)));
        Attempt { mta_name: mta_name.into(), domain }
    }

    /// Elements from words such as `ours`, `other`, `other!rerouted`, `other!redirected`, `other!list`; `ours` is written as
    /// a peer may write it.
    fn steps(words: &str) -> Vec<(bool, RoutingAction, OtherActions)> {
        words
            .split_whitespace()
            .map(|word| {
                let (who, what) = word.split_once('!').unwrap_or((word, ""));
                let action =
                    if what == "rerouted" { RoutingAction::REROUTED } else { RoutingAction::RELAYED };
                let others = match what {
                    "redirected" => OtherActions::with(&[OtherActions::REDIRECTED]),
                    "list" => OtherActions::with(&[OtherActions::DL_OPERATION]),
                    _ => OtherActions::default(),
                };
                (who == "ours", action, others)
            })
            .collect()
    }

    fn external(words: &str) -> TraceInformation {
        let element = |(ours, action, others)| {
            let domain = match ours {
                true => GlobalDomainIdentifier::new("xx", "EXAMPLE", Some("Gateway")),
                false => GlobalDomainIdentifier::new("XX", "example", Some("other")),
            };
            let mut element = external_element(&Identity { domain, ..us() }, &relayed());
            (element.supplied.routing_action, element.supplied.other_actions) = (action, others);
            element
        };
        steps(words).into_iter().map(element).collect()
    }

    fn internal_trace(words: &str) -> Vec<ExtensionField> {
        let element = |(ours, action, others)| {
            let mta_name = if ours { "X400GW" } else { "other" }.to_owned();
            let mut element = internal_element(&Identity { mta_name, ..us() }, &relayed());
            (element.supplied.routing_action, element.supplied.other_actions) = (action, others);
            element
        };
        let elements: InternalTraceInformation = steps(words).into_iter().map(element).collect();
        vec![InternalTrace::field(&elements).unwrap()]
    }

    // ledger: beyond A-17
    #[test]
    fn loops_are_recognised() {
        let domain = |visits| Err(Loop::Domain { visits });
        let mta = |visits| Err(Loop::Mta { visits });
        // external trace, internal trace, verdict
        let table = [
            ("other", "", Ok(())),
            ("", "", Ok(())),
            ("other other other", "other other other other", Ok(())),
            // Back in our domain.
            ("ours other", "", domain(1)),
            ("other ours other", "", domain(1)),
            ("ours ours other", "", domain(1)),
            ("ours other ours other", "", domain(2)),
            // It has not left our domain; another MTA of ours had it.
            ("other ours", "other", Ok(())),
            ("ours", "other", Ok(())),
            ("ours", "ours", mta(1)),
            ("ours", "ours other", mta(1)),
            ("other ours", "other ours other", mta(1)),
            // Once it may come back by rerouting, theirs or ours.
            ("ours other!rerouted", "", Ok(())),
            ("ours other other!rerouted other", "", Ok(())),
            ("ours!rerouted other", "", Ok(())),
            ("ours!rerouted ours!rerouted other", "", Ok(())),
            ("ours!rerouted ours other", "", Ok(())),
            ("ours!rerouted other ours!rerouted other", "", domain(2)),
            ("other ours!rerouted other ours other", "", domain(2)),
            ("ours other!rerouted ours other!rerouted", "", domain(2)),
            ("ours", "ours other!rerouted", Ok(())),
            ("ours", "ours other!rerouted ours other!rerouted", mta(2)),
            // Rerouting before we had it is no excuse.
            ("other!rerouted ours other", "", domain(1)),
            // On its way to somebody else.
            ("ours other!redirected", "", Ok(())),
            ("ours other other!list", "", Ok(())),
            ("ours!list other", "", Ok(())),
            ("ours other!list ours other", "", domain(1)),
            ("ours!redirected other ours other", "", domain(1)),
            ("ours", "ours other!redirected", Ok(())),
            // Hops.
            (&"other ".repeat(19), "", Ok(())),
            (&"other ".repeat(20), "", Err(Loop::Hops { hops: 20 })),
            ("other", &"other ".repeat(20), Err(Loop::Hops { hops: 20 })),
        ];
        for (trace, inner, verdict) in table {
            let extensions = if inner.is_empty() { Vec::new() } else { internal_trace(inner) };
            assert_eq!(check(&external(trace), &extensions, &us()), verdict, "{trace} / {inner}");
        }
    }

    #[test]
    fn we_are_appended_and_the_others_stay() {
        let through = Passage { deferred: Some(X400Time::new("261127020000Z")), ..relayed() };
        let rerouted = Passage { attempted: vec![attempt("hub", None)], ..relayed() };
        let redirected = Passage { redirected: true, ..relayed() };
        // trace that came, what happened here, elements afterwards, of the internal trace
        let table = [
            ("other", &through, 2, 3),
            ("other ours", &relayed(), 2, 3),
            ("other ours", &rerouted, 3, 3),
            ("other ours", &redirected, 3, 3),
            ("other", &rerouted, 2, 3),
        ];
        for (came, passage, count, inner) in table {
            let (mut trace, mut extensions) = (external(came), internal_trace("other other"));
            append(&mut trace, &mut extensions, &us(), passage).unwrap();
            assert_eq!(trace[..external(came).len()], external(came), "{came}");
            assert_eq!(trace.len(), count, "{came}");
            let internal = internal(&extensions);
            assert_eq!((extensions.len(), internal.len()), (1, inner), "{came}");
            let own = &internal.last().unwrap().supplied;
            assert_eq!(own.arrival_time, passage.arrival);
            assert_eq!(own.deferred_time, passage.deferred);
            assert_eq!(own.routing_action == RoutingAction::REROUTED, !passage.attempted.is_empty());
            assert_eq!(own.other_actions.has(OtherActions::REDIRECTED), passage.redirected);
        }
        let (mut trace, mut extensions) = (external("other"), Vec::new());
        append(&mut trace, &mut extensions, &us(), &rerouted).unwrap();
        assert_eq!(internal(&extensions)[0].supplied.attempted, Some(Attempted::Mta("hub".into())));
    }

    /// X.411 12.3.1: each way that was tried in vain is told, to other domains as far as it concerns them.
    #[test]
    fn attempts_are_told() {
        let (here, there, far) =
            (attempt("own", Some("GATEWAY")), attempt("b", Some("b")), attempt("c", Some("c")));
        let unknown = attempt("hub", None);
        // what was tried, what the external trace says, what the internal trace says
        let table: [(&[&Attempt], &[&str], &[&str]); 7] = [
            (&[], &["relayed"], &["relayed"]),
            (&[&here], &["relayed"], &["mta own"]),
            (&[&there], &["b"], &["domain b"]),
            (&[&unknown], &["?"], &["mta hub"]),
            (&[&there, &far], &["b", "c"], &["domain b", "domain c"]),
            (&[&there, &there], &["b"], &["domain b", "domain b"]),
            (&[&here, &far], &["c"], &["mta own", "domain c"]),
        ];
        let private =
            |domain: &GlobalDomainIdentifier| domain.private_domain.as_ref().unwrap().to_text().into_owned();
        for (attempts, outer, inner) in table {
            let attempted = attempts.iter().map(|attempt| (*attempt).clone()).collect();
            let passage = Passage { attempted, ..relayed() };
            let (mut trace, mut extensions) = (external("other"), Vec::new());
            append(&mut trace, &mut extensions, &us(), &passage).unwrap();
            let said: Vec<String> = trace[1..]
                .iter()
                .map(|element| match &element.supplied {
                    supplied if supplied.routing_action == RoutingAction::RELAYED => "relayed".to_owned(),
                    supplied => supplied.attempted_domain.as_ref().map_or_else(|| "?".to_owned(), private),
                })
                .collect();
            assert_eq!(said, outer, "{attempts:?}");
            let said: Vec<String> = internal(&extensions)
                .iter()
                .map(|element| match &element.supplied.attempted {
                    None => "relayed".to_owned(),
                    Some(Attempted::Mta(name)) => format!("mta {}", name.to_text()),
                    Some(Attempted::Domain(domain)) => format!("domain {}", private(domain)),
                    Some(other) => format!("{other:?}"),
                })
                .collect();
            assert_eq!(said, inner, "{attempts:?}");
            // Whoever gets it back from there does not take it for a loop, once.
            let rerouted = outer[0] != "relayed";
            trace.extend(external("other"));
            assert_eq!(check(&trace, &[], &us()).is_ok(), rerouted, "{attempts:?}");
        }
    }

    /// What nobody can read stays as it is, and the form of its type too.
    #[test]
    fn an_unreadable_internal_trace_is_left_alone() {
        let odd = ExtensionField {
            kind: ExtensionType::StandardExplicit(38),
            criticality: Criticality::default(),
            value: Some(RawTlv::from_element(vec![4, 1, 7])),
            unknown: Vec::new(),
        };
        let (mut trace, mut extensions) = (external("other"), vec![odd.clone()]);
        append(&mut trace, &mut extensions, &us(), &relayed()).unwrap();
        assert_eq!(extensions, [odd]);
        let mut explicit = internal_trace("other");
        explicit[0].kind = ExtensionType::StandardExplicit(38);
        append(&mut trace, &mut explicit, &us(), &relayed()).unwrap();
        assert_eq!((&explicit[0].kind, internal(&explicit).len()), (&ExtensionType::StandardExplicit(38), 2));
    }
}
