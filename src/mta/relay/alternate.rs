//! Originator-requested alternate recipients: whom the originator named in case a recipient cannot be reached.

use rasn_x400::ber::Error;
use rasn_x400::x411::extension::{Extension as _, OriginatorRequestedAlternateRecipient, RedirectionReason};

use super::super::trace::{self, Passage};
use super::dispatch::{redirect, set_responsibility};
use super::{Apdu, Context, Undeliverable, x400_time};
use crate::status::NonDeliveryDiagnostic as Diagnostic;

/// The message for the alternates of those who failed, and whom it replaces; `None` if none of them has one.
///
/// Our trace is in it already, so it is made here. Who has an alternate that leads nowhere, such as back to a recipient
/// before, is not replaced, and is reported as failed.
///
/// # Errors
/// [`Error::Unencodable`]; a fault of ours.
pub fn alternate(
    apdu: &Apdu,
    failed: &[(u32, Undeliverable)],
    context: &Context<'_>,
) -> Result<Option<(Apdu, Vec<u32>)>, Error> {
    if !matches!(apdu, Apdu::Message { .. }) {
        return Ok(None);
    }
    let mut copy = apdu.clone();
    let mut replaced = Vec::new();
    for (number, fields) in (1..).zip(copy.recipients_mut()) {
        let why = failed.iter().find(|(one, _)| *one == number).map(|(_, why)| why);
        let wanted = OriginatorRequestedAlternateRecipient::find(&fields.extensions).ok().flatten();
        let mut taken = false;
        if let (Some(why), Some(wanted)) = (why, wanted)
            && another_may_get_it(why)
        {
            let reason = RedirectionReason::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT;
            taken = redirect(fields, &wanted, reason, context).is_ok();
        }
        if taken {
            // Used once: the alternate has none.
            fields
                .extensions
                .retain(|field| field.kind.number() != Some(OriginatorRequestedAlternateRecipient::NUMBER));
            replaced.push(number);
        }
        set_responsibility(&mut fields.per_recipient_indicators, taken);
    }
    if replaced.is_empty() {
        return Ok(None);
    }
    let passage = Passage {
        arrival: x400_time(context.arrival),
        deferred: context.held_until.map(x400_time),
        attempted: None,
        redirected: true,
    };
    let (trace, extensions) = copy.history_mut();
    trace::append(trace, extensions, context.us, &passage)?;
    Ok(Some((copy, replaced)))
}

/// Whether the failure is one of this recipient rather than of the message.
fn another_may_get_it(why: &Undeliverable) -> bool {
    !matches!(
        why.non_delivery.diagnostic,
        Some(
            Diagnostic::LoopDetected
                | Diagnostic::UnsupportedCriticalFunction
                | Diagnostic::MaximumTimeExpired
        )
    )
}
