//! The one vocabulary of outcomes: what became of a message for one recipient, and why.
//!
//! Every part of the gateway that learns of an outcome says it as an [`Outcome`]; every part that tells somebody
//! translates it here, and nowhere else:
//!
//! | to whom | what | how |
//! |---|---|---|
//! | an SMTP client | reply with enhanced code | [`Outcome::reply`] |
//! | an Internet sender, in a DSN | action and status | [`Outcome::action`], [`Outcome::enhanced_code`] |
//! | an X.400 originator, in a report | reason and diagnostic | [`Outcome::non_delivery`] |
//! | an HTTP client | status | [`Outcome::http_status`] |
//!
//! All of these are total: there is no outcome that cannot be told. The tables of RFC 2156 are in [`table`].

pub mod cause;
pub mod enhanced;
pub mod non_delivery;
pub mod table;

pub use cause::{Cause, Failure};
pub use enhanced::{EnhancedCode, NotAStatusCode, StatusClass, StatusDetail};
pub use non_delivery::{NonDelivery, NonDeliveryDiagnostic, NonDeliveryReason, NotANonDelivery};
pub use table::DiagnosticTable;

use crate::smtp::reply::{Reply, ReplyCode};

/// What became of a message for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It reached the recipient.
    Delivered,
    /// It was passed to a system that will say no more (RFC 3464 2.3.3 `relayed`).
    Relayed,
    /// It has not been delivered yet; the gateway goes on trying.
    Delayed(Cause),
    /// It will not be delivered.
    Failed(Cause),
}

impl Outcome {
    /// The `Action` of a DSN (RFC 3464 2.3.3).
    pub fn action(&self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Delayed(_) => "delayed",
            Self::Failed(_) => "failed",
        }
    }

    /// The `Status` of a DSN (RFC 3464 2.3.4).
    ///
    /// A delay is always transient, whatever its cause says; a failure may be (ledger R-73).
    pub fn enhanced_code(&self) -> EnhancedCode {
        match self {
            Self::Delivered | Self::Relayed => StatusDetail::OTHER_X_0_0.success(),
            Self::Delayed(cause) => cause.enhanced_code().detail.transient(),
            Self::Failed(cause) => cause.enhanced_code(),
        }
    }

    /// The reply to an SMTP client that still waits; its class is that of [`Outcome::enhanced_code`].
    pub fn reply(&self) -> Reply {
        match self {
            Self::Delivered => Reply::new(ReplyCode::COMPLETED_250, StatusDetail::OTHER_X_0_0, "delivered"),
            Self::Relayed => Reply::new(ReplyCode::COMPLETED_250, StatusDetail::OTHER_X_0_0, "relayed"),
            Self::Delayed(cause) => {
                let code = self.enhanced_code();
                Reply::new(table::reply_code(code), code.detail, cause.to_string())
            }
            Self::Failed(cause) => cause.reply(),
        }
    }

    /// Reason and diagnostic for an X.400 report; `None` unless it failed, as only then there is a non-delivery.
    pub fn non_delivery(&self) -> Option<NonDelivery> {
        match self {
            Self::Failed(cause) => Some(cause.non_delivery()),
            Self::Delivered | Self::Relayed | Self::Delayed(_) => None,
        }
    }

    /// The HTTP status for a client that asks what became of its submission: 200, 202 while it is not known, 4xx if
    /// the submission was at fault, 5xx if somebody further on was.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::Delivered | Self::Relayed => 200,
            Self::Delayed(_) => 202,
            Self::Failed(cause) => table::http_status(cause.enhanced_code()),
        }
    }
}

#[cfg(test)]
mod tests;
