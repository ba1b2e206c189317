//! Services that an X.400 message asks for: which of them its mail shows, which the gateway cannot keep, and what follows
//! from that (RFC 2156 5.3.6, 5.3.7).
//!
//! An extension that becomes a field or a comment of the mail counts as handled, critical or not (Z-54). Any other is
//! discarded, and named in `Discarded-X400-MTS-Extensions`; if it is critical for transfer or delivery, the message must
//! not be delivered. Being critical for submission alone means nothing here.

use rasn_x400::oids::PRIORITY_LEVEL_QUALIFIER;
use rasn_x400::x411::envelope::{PerMessageIndicators, PerRecipientFields};
use rasn_x400::x411::extension::{
    ContentCorrelator, ConversionWithLossProhibited, Criticality, DlExpansionHistory, DlExpansionProhibited,
    Extension, ExtensionField, ExtensionType, InternalTrace, LatestDeliveryTime, MessageSecurityLabel,
    OriginatorRequestedAlternateRecipient, OriginatorReturnAddress, PhysicalDeliveryModes,
    PhysicalDeliveryReportRequest, PhysicalForwardingAddressRequest, PhysicalForwardingProhibited,
    PhysicalRenditionAttributes, Prohibited, ProofOfDeliveryRequest, RecipientNumberForAdvice,
    RecipientReassignmentProhibited, RedirectionHistory, RegisteredMailType, RequestedDeliveryMethod,
    Standard,
};
use time::OffsetDateTime;

use crate::mixer::date::from_utc_time;
use crate::mixer::distinct::Distinct;
use crate::mixer::encoded_types::object_identifier_text;
use crate::mixer::settings::Refusable;
use crate::mixer::to_internet::{NotProvided, Work};
use crate::status::Failure;

/// Extensions of a message that become fields, or that nobody but MTAs needs.
const SHOWN_OF_MESSAGE: &[i64] = &[
    ConversionWithLossProhibited::NUMBER,
    LatestDeliveryTime::NUMBER,
    OriginatorReturnAddress::NUMBER,
    ContentCorrelator::NUMBER,
    DlExpansionHistory::NUMBER,
    InternalTrace::NUMBER,
];

/// Extensions of a recipient that become comments.
const SHOWN_OF_RECIPIENT: &[i64] = &[
    OriginatorRequestedAlternateRecipient::NUMBER,
    RequestedDeliveryMethod::NUMBER,
    PhysicalForwardingProhibited::NUMBER,
    PhysicalForwardingAddressRequest::NUMBER,
    PhysicalDeliveryModes::NUMBER,
    RegisteredMailType::NUMBER,
    RecipientNumberForAdvice::NUMBER,
    PhysicalRenditionAttributes::NUMBER,
    PhysicalDeliveryReportRequest::NUMBER,
    RedirectionHistory::NUMBER,
];

/// Judges what a message asks for as a whole. Gives the names of what is discarded.
///
/// # Errors
/// [`NotProvided`] if it must not be delivered.
pub(crate) fn of_message(
    extensions: &[ExtensionField],
    indicators: &PerMessageIndicators,
    work: &mut Work<'_>,
) -> Result<Distinct<String>, NotProvided> {
    prohibitions(extensions, indicators, work)?;
    if let Some(latest) = latest_delivery(extensions)
        && latest <= work.now()
    {
        // D-20
        let reason = format!("it was to be delivered by {latest}");
        return Err(NotProvided { failure: Failure::DeliverByExpired, reason });
    }
    let mut discarded = Distinct::default();
    for field in extensions {
        let number = field.kind.number();
        // beyond S-24: a label is a field where labels are mapped; the level of a priority is in MT-PRIORITY.
        let is_label = number == Some(MessageSecurityLabel::NUMBER) && work.settings().labels.is_some();
        let is_level = field.kind == ExtensionType::Private(PRIORITY_LEVEL_QUALIFIER);
        let shown = is_label || is_level || number.is_some_and(|number| SHOWN_OF_MESSAGE.contains(&number));
        // what is not refused is carried.
        let tolerated = [RecipientReassignmentProhibited::NUMBER, DlExpansionProhibited::NUMBER];
        let tolerated = number.is_some_and(|number| tolerated.contains(&number));
        judge(field, shown, tolerated, "envelope.extensions", &mut discarded, work)?;
    }
    Ok(discarded)
}

/// Judges what is asked for one recipient; `shown` is whether the mail shows it. Gives the names of what is discarded.
///
/// # Errors
/// [`NotProvided`] if this recipient must not get it.
pub(crate) fn of_recipient(
    fields: &PerRecipientFields,
    shown: bool,
    source: &str,
    work: &mut Work<'_>,
) -> Result<Distinct<String>, NotProvided> {
    let mut discarded = Distinct::default();
    for field in &fields.extensions {
        let number = field.kind.number();
        let is_comment = number.is_some_and(|number| SHOWN_OF_RECIPIENT.contains(&number));
        // shown if it can be, but nobody proves anything.
        let is_proof = number == Some(ProofOfDeliveryRequest::NUMBER) && !is_critical(field);
        // What Q-41 hides is not refused for that, but for what nobody would obey.
        let is_history = number == Some(RedirectionHistory::NUMBER);
        judge(field, is_history || (shown && (is_comment || is_proof)), false, source, &mut discarded, work)?;
    }
    Ok(discarded)
}

/// The names of what a message inside had asked for when it was delivered and its header does not show. It is delivered
/// already, so that nothing is refused.
pub(crate) fn of_delivered(
    extensions: &[ExtensionField],
    source: &str,
    work: &mut Work<'_>,
) -> Distinct<String> {
    let mut discarded = Distinct::default();
    for field in extensions {
        let shown = field.kind.number().is_some_and(|number| {
            [SHOWN_OF_MESSAGE, SHOWN_OF_RECIPIENT, &[ProofOfDeliveryRequest::NUMBER]]
                .concat()
                .contains(&number)
        });
        let shown = shown && field.kind.number() != Some(InternalTrace::NUMBER);
        discard(field, shown, source, &mut discarded, work);
    }
    discarded
}

/// F-07: what the operator does not want carried where nobody keeps it.
fn prohibitions(
    extensions: &[ExtensionField],
    indicators: &PerMessageIndicators,
    work: &Work<'_>,
) -> Result<(), NotProvided> {
    let refused = |what| work.settings().refuse.contains(&what);
    let reassignment = RecipientReassignmentProhibited::find(extensions).ok().flatten();
    let expansion = DlExpansionProhibited::find(extensions).ok().flatten();
    let (failure, reason) =
        if refused(Refusable::ReassignmentProhibited) && reassignment == Some(Prohibited::PROHIBITED) {
            (Failure::ReassignmentProhibited, "the originator forbids another recipient")
        } else if refused(Refusable::ExpansionProhibited) && expansion == Some(Prohibited::PROHIBITED) {
            (Failure::ExpansionProhibited, "the originator forbids lists")
        } else if refused(Refusable::AlternateProhibited)
            && !indicators.has(PerMessageIndicators::ALTERNATE_RECIPIENT_ALLOWED)
        {
            (Failure::ReassignmentProhibited, "the originator allows no alternate recipient")
        } else {
            return Ok(());
        };
    Err(NotProvided { failure, reason: format!("{reason}, which nobody on the Internet knows of") })
}

/// G-18, Q-28, Q-60 to Q-63: one extension.
fn judge(
    field: &ExtensionField,
    shown: bool,
    tolerated: bool,
    source: &str,
    discarded: &mut Distinct<String>,
    work: &mut Work<'_>,
) -> Result<(), NotProvided> {
    let problem = unreadable(field);
    let critical = is_critical(field);
    let strict = work.settings().refuse.contains(&Refusable::AnyCritical);
    if critical && (strict || !(tolerated || (shown && problem.is_none()))) {
        let name = name(&field.kind);
        let reason = match problem {
            Some(problem) => format!("{name} is critical and cannot be read: {problem}"),
            None => format!("{name} is critical, and the Internet has no such service"),
        };
        return Err(NotProvided { failure: Failure::CriticalExtensionUnsupported, reason });
    }
    discard(field, shown, source, discarded, work);
    Ok(())
}

/// what is not shown is named, unless it asks for nothing.
fn discard(
    field: &ExtensionField,
    shown: bool,
    source: &str,
    discarded: &mut Distinct<String>,
    work: &mut Work<'_>,
) {
    let problem = unreadable(field);
    if asks_for_nothing(field) || (shown && problem.is_none()) {
        return;
    }
    let name = name(&field.kind);
    let reason = problem.unwrap_or_else(|| "the Internet has no such service".to_owned());
    work.losses.replaced(source, &name, reason, "Q-63", "its name in Discarded-X400-MTS-Extensions");
    discarded.add(name);
}

/// Whether it must be understood from here on: for transfer or for delivery.
fn is_critical(field: &ExtensionField) -> bool {
    field.criticality.has(Criticality::FOR_TRANSFER) || field.criticality.has(Criticality::FOR_DELIVERY)
}

/// What is wrong with the value of an extension of the standard.
fn unreadable(field: &ExtensionField) -> Option<String> {
    let standard = Standard::by_number(field.kind.number()?)?;
    let value = field.value.as_ref()?;
    (standard.check)(value).err().map(|error| error.to_string())
}

/// Whether an extension only says what would be so without it.
fn asks_for_nothing(field: &ExtensionField) -> bool {
    let number = field.kind.number();
    let value = field.value.as_ref().and_then(|value| value.get::<Prohibited>().ok());
    let prohibitions = [RecipientReassignmentProhibited::NUMBER, DlExpansionProhibited::NUMBER];
    number.is_some_and(|number| prohibitions.contains(&number)) && value == Some(Prohibited::ALLOWED)
}

/// a labelled integer, or the numbers of an object identifier.
pub(crate) fn name(kind: &ExtensionType) -> String {
    match kind {
        ExtensionType::Standard(number) | ExtensionType::StandardExplicit(number) => {
            let label = Standard::by_number(*number).map_or("", |standard| standard.name);
            format!("{label}({number})")
        }
        ExtensionType::Private(oid) => object_identifier_text(oid),
        ExtensionType::Unknown(raw) => format!("unknown({})", raw.tag().map_or(0, |tag| tag.value)),
    }
}

/// The time by which a message is to be delivered.
pub(crate) fn latest_delivery(extensions: &[ExtensionField]) -> Option<OffsetDateTime> {
    from_utc_time(&LatestDeliveryTime::find(extensions).ok().flatten()?)
}
