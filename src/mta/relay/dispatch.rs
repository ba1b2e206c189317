//! The way out for each recipient: checks, routes, redirections, and one copy for each next hop.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rasn_x400::ber::Error;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{
    MessageTransferEnvelope, PerRecipientFields, PerRecipientIndicators, Priority,
};
use rasn_x400::x411::extension::{
    Criticality, Extension as _, ExtensionField, ExtensionType, IntendedRecipient, Prohibited,
    RecipientReassignmentProhibited, Redirection, RedirectionHistory, RedirectionReason,
};

use super::super::content::Content;
use super::super::extensions;
use super::super::route::{Action, Table, Traits};
use super::super::trace::{self, Attempt, Passage};
use super::{Apdu, Context, Origin, Undeliverable, downgrade, shown, x400_time};
use crate::quirk::Quirks;
use crate::status::{Failure, NonDelivery, NonDeliveryDiagnostic, NonDeliveryReason};

/// What is to be done with an APDU, by the numbers of its recipients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dispatch {
    /// One for each next hop.
    pub copies: Vec<Copy>,
    /// For the Internet side; of a probe, those whom a message would reach there.
    pub internet: Vec<u32>,
    /// Of these, the ones who are reached under another name than the one they came with, and what is said of them now.
    pub moved: Vec<(u32, PerRecipientFields)>,
    /// Those who get nothing.
    pub failed: Vec<(u32, Undeliverable)>,
    /// Which rule decided, for the log.
    pub explanations: Vec<(u32, String)>,
}

impl Dispatch {
    /// The envelope with those on the Internet side as they are called now.
    #[must_use]
    pub fn renamed(&self, mut envelope: MessageTransferEnvelope) -> MessageTransferEnvelope {
        for (number, fields) in &self.moved {
            if let Some(place) = envelope.per_recipient_fields.get_mut((*number as usize).saturating_sub(1)) {
                place.clone_from(fields);
            }
        }
        envelope
    }
}

/// A copy for one next hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The peers to try, in this order.
    pub peers: Vec<String>,
    /// Whom the next hop answers for.
    pub recipients: Vec<u32>,
    /// What sets it apart from other copies for the same peers, which have another content.
    pub named: Option<String>,
    apdu: Apdu,
    redirected: bool,
    /// The same for an MTA of 1984.
    of_1984: Option<downgrade::Prepared>,
}

/// Extensions of the standard that are understood as far as relaying goes: the numbers of X.411, whatever their
/// edition.
const KNOWN_EXTENSIONS: std::ops::RangeInclusive<i64> = 1..=46;
/// A recipient that is redirected more often is in a redirection loop.
const MAXIMUM_REDIRECTIONS: usize = 16;

/// Decides about the recipients `pending` of what came in.
#[must_use]
pub fn dispatch(apdu: &Apdu, pending: &[u32], context: &Context<'_>) -> Dispatch {
    let mut result = Dispatch::default();
    if let Err(undeliverable) = check_whole(apdu, context) {
        result.failed = pending.iter().map(|number| (*number, undeliverable.clone())).collect();
        return result;
    }
    let own_domain_is_internet = context.origin != Origin::Internet;
    let traits = Traits { own_domain_is_internet, ..apdu.traits() };
    let reassignment_prohibited = reassignment_prohibited(apdu);
    let meant = meant(apdu, &traits, context);
    let apdu = meant.as_ref().unwrap_or(apdu);
    let mut hops: BTreeMap<Vec<String>, Vec<(u32, Option<PerRecipientFields>)>> = BTreeMap::new();
    for (number, name) in apdu.responsible().filter(|(number, _)| pending.contains(number)) {
        let fields = fields_of(apdu, number).cloned();
        let mut routed = Routed { name: name.clone(), fields, reassignment_prohibited, moved: false };
        let target = match routed.find(&traits, context, &mut |said| {
            result.explanations.push((number, said));
        }) {
            Ok(target) => target,
            Err(undeliverable) => {
                result.failed.push((number, undeliverable));
                continue;
            }
        };
        match target {
            Target::Internet => {
                result.internet.push(number);
                let came_inside = meant.is_some();
                result
                    .moved
                    .extend(routed.fields.filter(|_| routed.moved || came_inside).map(|it| (number, it)));
            }
            Target::Peers(peers) => {
                hops.entry(peers).or_default().push((number, routed.fields.filter(|_| routed.moved)));
            }
        }
    }
    result.copies = hops.into_iter().map(|(peers, recipients)| Copy::new(apdu, peers, recipients)).collect();
    result
}

/// The same with the addresses that are meant, if some are written in a roundabout way: those of 1988 that came inside ours
/// (RFC 1328 3.1), and mailboxes that are an X.400 user's.
fn meant(apdu: &Apdu, traits: &Traits, context: &Context<'_>) -> Option<Apdu> {
    let inside = |name: &OrName| downgrade::relay::meant(name, context.relay?, context.table);
    let meant = |name: &OrName| inside(name).or_else(|| other_name(name, traits, context));
    if !apdu.responsible().any(|(_, name)| meant(name).is_some()) {
        return None;
    }
    let mut changed = apdu.clone();
    let responsible: Vec<u32> = apdu.responsible().map(|(number, _)| number).collect();
    let change = |name: &mut OrName| {
        if let Some(inner) = meant(name) {
            *name = inner;
        }
    };
    if let Apdu::Report(report) = &mut changed {
        change(&mut report.envelope.report_destination_name);
    }
    for (number, fields) in (1..).zip(changed.recipients_mut()) {
        if responsible.contains(&number) {
            change(&mut fields.recipient_name);
        }
    }
    Some(changed)
}

/// G-19: the address of a mailbox that is reached over X.400 after all, so that the message stays as it is.
fn other_name(name: &OrName, traits: &Traits, context: &Context<'_>) -> Option<OrName> {
    if !matches!(context.table.route(name, traits).action, Some(Action::Internet)) {
        return None;
    }
    let other = (context.deliverable)(name).ok()??;
    reached_over_x400(context.table, traits, name, &other).then_some(other)
}

/// G-19: whether a recipient on the Internet side, whose mailbox has this other address in X.400, is reached there.
pub(crate) fn reached_over_x400(table: &Table, traits: &Traits, name: &OrName, other: &OrName) -> bool {
    let action = |name: &OrName| table.route(name, traits).action;
    matches!(action(name), Some(Action::Internet))
        && !table.same_recipient(name, other)
        && matches!(action(other), Some(Action::Transfer(_)))
}

/// What concerns all recipients alike.
fn check_whole(apdu: &Apdu, context: &Context<'_>) -> Result<(), Undeliverable> {
    if matches!(context.origin, Origin::Peer(_)) {
        trace::check(apdu.trace(), apdu.extensions(), context.us)
            .map_err(|found| undeliverable(Failure::Loop, found.to_string()))?;
    }
    if let Some(latest) = apdu.latest_delivery()
        && latest <= context.now
    {
        let text = format!("the latest delivery time was {}", x400_time(latest));
        return Err(undeliverable(Failure::DeliverByExpired, text));
    }
    understood(apdu.extensions(), Criticality::FOR_TRANSFER)
}

/// Whether every extension that is critical for `step` is known here (X.411 9.2).
fn understood(extensions: &[ExtensionField], step: usize) -> Result<(), Undeliverable> {
    let unknown = extensions.iter().find(|field| {
        field.criticality.has(step)
            && !field.kind.number().is_some_and(|number| KNOWN_EXTENSIONS.contains(&number))
    });
    match unknown {
        None => Ok(()),
        Some(field) => {
            let which = match &field.kind {
                ExtensionType::Standard(number) | ExtensionType::StandardExplicit(number) => {
                    format!("extension {number}")
                }
                ExtensionType::Private(oid) => format!("extension {oid}"),
                ExtensionType::Unknown(_) => "an extension of unknown form".to_owned(),
            };
            Err(undeliverable(
                Failure::CriticalExtensionUnsupported,
                format!("{which} is critical and not known here"),
            ))
        }
    }
}

fn fields_of(apdu: &Apdu, number: u32) -> Option<&PerRecipientFields> {
    apdu.recipients().get(usize::try_from(number).ok()?.checked_sub(1)?)
}

pub(super) fn undeliverable(failure: Failure, text: impl Into<String>) -> Undeliverable {
    Undeliverable { non_delivery: failure.non_delivery(), text: text.into() }
}

/// Where a recipient's copy goes.
enum Target {
    Internet,
    Peers(Vec<String>),
}

/// A recipient on the way to its target, redirected or not.
struct Routed {
    name: OrName,
    /// `None` for a report.
    fields: Option<PerRecipientFields>,
    reassignment_prohibited: bool,
    moved: bool,
}

impl Routed {
    fn find(
        &mut self,
        traits: &Traits,
        context: &Context<'_>,
        explain: &mut dyn FnMut(String),
    ) -> Result<Target, Undeliverable> {
        if let Some(fields) = &self.fields {
            understood(&fields.extensions, Criticality::FOR_TRANSFER)?;
        }
        for _ in 0..MAXIMUM_REDIRECTIONS {
            let decision = context.table.route(&self.name, traits);
            explain(format!("{}: {decision}", shown(&self.name)));
            match decision.action {
                None => {
                    let text = format!("no route to {}", shown(&self.name));
                    return Err(undeliverable(Failure::NoRoute, text));
                }
                Some(Action::Refuse { non_delivery, text }) => {
                    return Err(Undeliverable { non_delivery: *non_delivery, text: text.clone() });
                }
                Some(Action::Internet) => {
                    if let Some(fields) = &self.fields {
                        understood(&fields.extensions, Criticality::FOR_DELIVERY)?;
                    }
                    (context.deliverable)(&self.name)?;
                    return Ok(Target::Internet);
                }
                Some(Action::Transfer(peers)) => return onward(peers, context).map(Target::Peers),
                Some(Action::Redirect(to)) => self.redirect(to, context)?,
            }
        }
        Err(redirection_loop("redirected too often"))
    }

    /// Recipient reassignment by a rule of ours, on the recipient's behalf.
    fn redirect(&mut self, to: &OrName, context: &Context<'_>) -> Result<(), Undeliverable> {
        let Some(fields) = &mut self.fields else {
            return Err(undeliverable(Failure::NoRoute, "a report is not redirected"));
        };
        if self.reassignment_prohibited {
            let text = "the originator forbids giving it to another recipient";
            return Err(undeliverable(Failure::ReassignmentProhibited, text));
        }
        redirect(fields, to, RedirectionReason::RECIPIENT_ASSIGNED_ALTERNATE_RECIPIENT, context)?;
        self.name = to.clone();
        self.moved = true;
        Ok(())
    }
}

/// The peers without the one the message came from: it would only come back.
fn onward(peers: &[String], context: &Context<'_>) -> Result<Vec<String>, Undeliverable> {
    let back = |peer: &String| context.origin == Origin::Peer(Some(peer.as_str()));
    let onward: Vec<String> = peers.iter().filter(|peer| !back(peer)).cloned().collect();
    if onward.is_empty() {
        let text = "the only route leads back to the MTA the message came from";
        return Err(undeliverable(Failure::Loop, text));
    }
    Ok(onward)
}

/// Replaces a recipient and writes down who it was (X.411 14.3: redirection). The originally specified number stays.
pub(super) fn redirect(
    fields: &mut PerRecipientFields,
    to: &OrName,
    reason: RedirectionReason,
    context: &Context<'_>,
) -> Result<(), Undeliverable> {
    let mut history = RedirectionHistory::find(&fields.extensions).ok().flatten().unwrap_or_default();
    let is_new = |name| !context.table.same_recipient(name, to);
    if !history.iter().map(|step| &step.intended_recipient.recipient).all(is_new)
        || !is_new(&fields.recipient_name)
    {
        return Err(redirection_loop(&format!("{} was the recipient before", shown(to))));
    }
    history.push(Redirection {
        intended_recipient: IntendedRecipient {
            recipient: std::mem::replace(&mut fields.recipient_name, to.clone()),
            redirection_time: x400_time(context.now),
            unknown: Vec::new(),
        },
        reason,
        unknown: Vec::new(),
    });
    let written = RedirectionHistory::field(&history)
        .map_err(|error| undeliverable(Failure::Internal, error.to_string()))?;
    let place =
        fields.extensions.iter_mut().find(|field| field.kind.number() == Some(RedirectionHistory::NUMBER));
    match place {
        Some(field) => field.value = written.value,
        None => fields.extensions.push(written),
    }
    Ok(())
}

fn redirection_loop(text: &str) -> Undeliverable {
    Undeliverable {
        non_delivery: NonDelivery {
            reason: NonDeliveryReason::UnableToTransfer,
            diagnostic: Some(NonDeliveryDiagnostic::RedirectionLoopDetected),
        },
        text: text.to_owned(),
    }
}

/// Whether the originator forbids giving the message to somebody else.
pub(super) fn reassignment_prohibited(apdu: &Apdu) -> bool {
    let found = RecipientReassignmentProhibited::find(apdu.extensions());
    found.ok().flatten() == Some(Prohibited::PROHIBITED)
}

impl Copy {
    /// X.411 14.3, splitting: every copy names all recipients, under the numbers the originator gave them, and the next hop
    /// answers for those that it is to reach.
    fn new(apdu: &Apdu, peers: Vec<String>, ours: Vec<(u32, Option<PerRecipientFields>)>) -> Self {
        let mut copy = apdu.clone();
        let redirected = ours.iter().any(|(_, moved)| moved.is_some());
        let numbers: Vec<u32> = ours.iter().map(|(number, _)| *number).collect();
        let mut ours: BTreeMap<u32, Option<PerRecipientFields>> = ours.into_iter().collect();
        for (number, fields) in (1..).zip(copy.recipients_mut()) {
            let responsible = match ours.remove(&number) {
                None => false,
                Some(moved) => {
                    if let Some(moved) = moved {
                        *fields = moved;
                    }
                    true
                }
            };
            set_responsibility(&mut fields.per_recipient_indicators, responsible);
        }
        Self { peers, recipients: numbers, named: None, apdu: copy, redirected, of_1984: None }
    }

    /// What goes out, without what this passage adds.
    pub(super) const fn apdu(&self) -> &Apdu {
        &self.apdu
    }

    /// Whom the next hop answers for, by number, under the names they have there.
    pub(crate) fn recipients(&self) -> impl Iterator<Item = (u32, &OrName)> {
        self.apdu.responsible()
    }

    /// Takes over what goes to an MTA of 1984.
    pub(super) fn set_of_1984(&mut self, prepared: downgrade::Prepared) {
        self.of_1984 = Some(prepared);
    }

    /// How soon it is wanted.
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.apdu.priority()
    }

    /// The octets for the next hop, with our trace, and with extensions as it wants them; without what came after 1984 if the
    /// hop is of 1984, for which the copy is prepared before ([`downgrade::prepare`]). `attempted` are the MTAs that were
    /// tried before in vain.
    ///
    /// # Errors
    /// [`Error::Unencodable`]; a fault of ours, or a copy that is not prepared.
    pub fn octets(
        &self,
        attempted: &[Attempt],
        quirks: Quirks,
        is_1984: bool,
        context: &Context<'_>,
    ) -> Result<Content, Error> {
        let prepared = match (is_1984, &self.of_1984) {
            (false, _) => None,
            (true, Some(prepared)) => Some(prepared),
            (true, None) => return Err(Error::Unencodable("not prepared for an MTA of 1984".into())),
        };
        let mut apdu = Cow::Borrowed(prepared.map_or(&self.apdu, |prepared| &prepared.apdu));
        let passage = Passage {
            arrival: x400_time(context.arrival),
            deferred: context.held_until.map(x400_time),
            attempted: attempted.to_vec(),
            redirected: self.redirected,
        };
        // What was made here says so already.
        if matches!(context.origin, Origin::Peer(_)) || !attempted.is_empty() || passage.redirected {
            let (trace, extensions) = apdu.to_mut().history_mut();
            trace::append(trace, extensions, context.us, &passage)?;
        }
        if let Some(prepared) = prepared {
            let finished = downgrade::finished(&apdu, prepared.types.clone());
            apdu = Cow::Owned(finished.map_err(|unable| Error::Unencodable(unable.to_string()))?);
        }
        if extensions::are_adapted(quirks) {
            apdu.to_mut().adapt(quirks);
        }
        apdu.to_content()
    }
}

/// Sets or clears the first bit; the others stay as they came.
pub(super) fn set_responsibility(indicators: &mut PerRecipientIndicators, responsible: bool) {
    if indicators.has(PerRecipientIndicators::RESPONSIBILITY) == responsible {
        return;
    }
    let others = indicators.0.set_bits().filter(|bit| *bit != PerRecipientIndicators::RESPONSIBILITY);
    let bits: Vec<usize> =
        responsible.then_some(PerRecipientIndicators::RESPONSIBILITY).into_iter().chain(others).collect();
    *indicators = PerRecipientIndicators::with(&bits);
}
