//! What MAIL and RCPT are answered about an address: to a client, and in an explanation.

use super::super::judged::peer_of;
use crate::mixer::AddressContext;
use crate::mixer::address::{Mapper, ToOr, Unmappable};
use crate::mta::relay::shown;
use crate::mta::route::Table;
use crate::rules::policy::Policy;
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};
use crate::status::{Cause, Failure, Outcome};

/// The X.400 address of a mailbox. Where there is a table, a recipient that no route will ever lead to is refused as well.
///
/// # Errors
/// As the variants of [`Refused`] say.
pub(crate) fn judge(
    mapper: Mapper<'_>,
    table: Option<&Table>,
    address: &str,
    context: AddressContext,
) -> Result<ToOr, Refused> {
    let found = mapper.to_or(address, context).map_err(Refused::Unmappable)?;
    let is_recipient = context == AddressContext::Recipient;
    match table.filter(|_| is_recipient) {
        Some(table) if !table.leads_anywhere(&found.name) => Err(Refused::NoRoute(Box::new(found))),
        // Rules for the peer that it goes to may say otherwise what its address is.
        Some(table) if mapper.peer().is_none() && mapper.rules().registry().has_peers() => {
            match peer_of(table, &found.name) {
                Some(peer) => {
                    mapper.for_peer(Some(peer)).to_or(address, context).map_err(Refused::Unmappable)
                }
                None => Ok(found),
            }
        }
        _ => Ok(found),
    }
}

/// Why an address is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It has no counterpart, or none that is known now (F-03).
    Unmappable(Unmappable),
    /// It has one, and nothing leads there.
    NoRoute(Box<ToOr>),
}

impl Refused {
    /// The reply: the position in the address, and the clause (F-01, F-02).
    pub(crate) fn reply(&self, context: AddressContext) -> Reply {
        match self {
            Self::Unmappable(unmappable) => refusal(unmappable, context),
            Self::NoRoute(found) => {
                let cause = Cause::Found(Failure::NoRoute);
                let text = format!("{cause}: {}", shown(&found.name));
                Reply::new(cause.reply().code(), cause.enhanced_code().detail, text)
            }
        }
    }
}

/// The reply for a message that a policy refuses. Which policy that is stays with us.
pub(crate) fn not_permitted(policy: &Policy) -> Reply {
    let cause = Cause::Found(policy.failure());
    Reply::new(cause.reply().code(), cause.enhanced_code().detail, policy.reason().to_owned())
}

fn refusal(unmappable: &Unmappable, context: AddressContext) -> Reply {
    let outcome = Outcome::Failed(Cause::Found(unmappable.failure));
    let detail = match (unmappable.failure, context) {
        (Failure::AddressNotMappable, AddressContext::ReturnPath) => StatusDetail::BAD_SENDER_SYNTAX_X_1_7,
        _ => outcome.enhanced_code().detail,
    };
    let code = match (unmappable.failure, context) {
        // D-35: at RCPT it is 553.
        (Failure::AddressNotAscii, AddressContext::ReturnPath) => ReplyCode::MAILBOX_UNAVAILABLE_550,
        _ => outcome.reply().code(),
    };
    let reply = Reply::new(code, detail, unmappable.to_string());
    match &unmappable.suggestion {
        Some(suggestion) => reply.with_line(suggestion.clone()),
        None => reply,
    }
}
