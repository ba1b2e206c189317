//! Originator-requested alternate recipients: whom the originator named in case a recipient cannot be reached (X.411
//! 8.2.1.1.1.4).
//!
//! Why it cannot be reached does not matter: there is no route, a peer refuses, there is a loop, the time is over. What holds
//! for the alternate as well comes out when it is routed in turn. Each is used once, so that it ends: the report comes when
//! there is none left.

use rasn_x400::ber::Error;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::extension::{Extension as _, OriginatorRequestedAlternateRecipient, RedirectionReason};

use super::super::trace::{self, Passage};
use super::dispatch::{reassignment_prohibited, redirect, set_responsibility, undeliverable};
use super::{Apdu, Context, Undeliverable, x400_time};
use crate::status::Failure;

/// The message or probe for the alternates of those who failed, and whom it replaces; `None` if none of them has one.
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
    let mut copy = apdu.clone();
    let mut replaced = Vec::new();
    for (number, fields) in (1..).zip(copy.recipients_mut()) {
        let has_failed = failed.iter().any(|(one, _)| *one == number);
        let wanted = OriginatorRequestedAlternateRecipient::find(&fields.extensions).ok().flatten();
        let taken = wanted.filter(|_| has_failed).is_some_and(|wanted| {
            let reason = RedirectionReason::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT;
            redirect(fields, &wanted, reason, context).is_ok()
        });
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
    with_trace(&mut copy, context)?;
    Ok(Some((copy, replaced)))
}

/// The message or probe for one recipient under another address, as the operator of this domain wants it; our trace is in it
/// already. The originator may have forbidden that (X.411 8.2.1.1.1.5), and then it is not done, nor where the other address was
/// the recipient before.
///
/// # Errors
/// [`Error::Unencodable`]; a fault of ours.
pub fn redirected(
    apdu: &Apdu,
    number: u32,
    to: &OrName,
    context: &Context<'_>,
) -> Result<Result<Apdu, Undeliverable>, Error> {
    if reassignment_prohibited(apdu) {
        return Ok(Err(undeliverable(
            Failure::ReassignmentProhibited,
            "its originator forbids that somebody else gets it".to_owned(),
        )));
    }
    let mut copy = apdu.clone();
    for (place, fields) in (1..).zip(copy.recipients_mut()) {
        if place == number {
            let reason = RedirectionReason::RECIPIENT_DOMAIN_ASSIGNED_ALTERNATE_RECIPIENT;
            if let Err(why) = redirect(fields, to, reason, context) {
                return Ok(Err(why));
            }
        }
        set_responsibility(&mut fields.per_recipient_indicators, place == number);
    }
    with_trace(&mut copy, context)?;
    Ok(Ok(copy))
}

/// Says in the trace that it was redirected here.
fn with_trace(copy: &mut Apdu, context: &Context<'_>) -> Result<(), Error> {
    let passage = Passage {
        arrival: x400_time(context.arrival),
        deferred: context.held_until.map(x400_time),
        attempted: Vec::new(),
        redirected: true,
    };
    let (trace, extensions) = copy.history_mut();
    trace::append(trace, extensions, context.us, &passage)
}
