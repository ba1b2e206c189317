//! Why an association did not come about, or ended, as the layers tell it; the words for it are found in
//! [`stack`](crate::osi::stack).

use rasn_x400::rtse::{AbortReason, RefuseReason};
use rasn_x400::{acse as acse_apdu, presentation as ppdu};

use crate::osi::{acse, session};

/// Why there is no association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The peer's user refused the bind.
    User {
        /// BER of its answer.
        user_data: Vec<u8>,
        /// What the peer says about trying again.
        result: acse_apdu::AssociateResult,
    },
    /// The peer's reliable transfer refused, in X.410-1984 mode.
    X410 {
        /// Why.
        reason: RefuseReason,
    },
    /// Association control, or what is below it.
    Association(acse::Refusal),
    /// What the peer accepted is of no use.
    Unusable {
        /// Why not.
        problem: &'static str,
    },
}

/// Why an association ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Abort {
    /// The peer's user.
    User {
        /// BER of a value; may be empty.
        user_data: Vec<u8>,
    },
    /// The peer's RTSE.
    Rtse {
        /// Why.
        reason: AbortReason,
    },
    /// We, because the peer withdrew a message that we had secured.
    Completed,
    /// The peer, without RTAB.
    Unexplained,
    /// The peer's association control.
    Acse,
    /// The peer's presentation.
    Presentation {
        /// Why.
        reason: ppdu::AbortReason,
    },
    /// Session or the network.
    Session {
        /// Why.
        reason: session::AbortReason,
    },
    /// We found the peer to break the RTSE protocol.
    RtseBroken {
        /// How.
        problem: String,
    },
    /// We found the peer to break the ACSE protocol.
    AcseBroken {
        /// How.
        problem: String,
    },
    /// We found the peer to break the presentation protocol.
    PresentationBroken {
        /// How.
        problem: String,
    },
    /// The peer was silent for too long.
    TimedOut {
        /// What we waited for.
        waiting_for: &'static str,
    },
}
