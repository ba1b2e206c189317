//! What a peer's MTA says when it refuses the bind, in words.

use rasn_x400::x411::bind::BindError;

use super::super::bind;
use crate::osi::stack::{Layer, Refusal};
use crate::quirk::{Quirk, Quirks};

/// A refusal by the peer's MTA with the bind error in words.
pub(super) fn explained(refusal: Refusal, quirks: Quirks) -> Refusal {
    // Q7.
    let bare = quirks.tolerates(Quirk::BareBindError);
    let Some(error) =
        (refusal.layer == Layer::Application).then(|| bind::read_error(&refusal.user_data, bare)).flatten()
    else {
        return refusal;
    };
    let advice = match error {
        BindError::BUSY => "the peer has no room for another association now; fewer associations may help",
        BindError::AUTHENTICATION_ERROR => {
            "ask the peer's operator which MTA name and password it expects from us, and from which address"
        }
        BindError::UNACCEPTABLE_DIALOGUE_MODE => "set the other dialogue mode for this peer",
        _ => "ask the peer's operator what its security context must be",
    };
    let reason = error.label().unwrap_or("unknown bind error").into();
    Refusal { reason, code: Some(error.0), permanent: error != BindError::BUSY, advice, ..refusal }
}
