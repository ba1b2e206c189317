//! Originator-requested alternate recipients: whom the originator named in case a recipient cannot be reached (X.411
//! 8.2.1.1.1.4).
//!
//! Why it cannot be reached does not matter: there is no route, a peer refuses, there is a loop, the time is over. What holds
//! for the alternate as well comes out when it is routed in turn. Each is used once, so that it ends: the report comes when
//! there is none left.

use rasn_x400::ber::Error;
use rasn_x400::x411::extension::{Extension as _, OriginatorRequestedAlternateRecipient, RedirectionReason};

use super::super::trace::{self, Passage};
use super::dispatch::{redirect, set_responsibility};
use super::{Apdu, Context, Undeliverable, x400_time};

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
    let passage = Passage {
        arrival: x400_time(context.arrival),
        deferred: context.held_until.map(x400_time),
        attempted: Vec::new(),
        redirected: true,
    };
    let (trace, extensions) = copy.history_mut();
    trace::append(trace, extensions, context.us, &passage)?;
    Ok(Some((copy, replaced)))
}
