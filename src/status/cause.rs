//! Why a message was not delivered, in the words of whoever knows.

use std::fmt;

use thiserror::Error;

use super::enhanced::{EnhancedCode, StatusClass, StatusDetail as D};
use super::non_delivery::{NonDelivery, NonDeliveryDiagnostic as Diagnostic, NonDeliveryReason as Reason};
use super::table::{self, DiagnosticTable};
use crate::smtp::reply::{Reply, ReplyCode};

/// Why a message was not delivered, or not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An X.400 report says so.
    Reported {
        /// Reason and diagnostic.
        non_delivery: NonDelivery,
        /// The text beside them.
        supplementary_information: Option<String>,
    },
    /// The next SMTP or LMTP server says so.
    Replied(Reply),
    /// A DSN says so.
    Notified {
        /// Its `Status`.
        status: EnhancedCode,
        /// Its `Diagnostic-Code`, without the type.
        diagnostic_code: Option<String>,
    },
    /// The gateway itself found out.
    Found(Failure),
}

impl Cause {
    /// The status, transient or permanent.
    ///
    /// A reply without an enhanced code stands for the status of ledger F-12. A peer that reports a failure with the
    /// status of a success is taken at its word as to the failure.
    pub fn enhanced_code(&self) -> EnhancedCode {
        let code = self.code_as_told();
        if code.class == StatusClass::Success { code.detail.permanent() } else { code }
    }

    fn code_as_told(&self) -> EnhancedCode {
        match self {
            Self::Reported { non_delivery, .. } => {
                table::enhanced_code(*non_delivery, DiagnosticTable::default())
            }
            Self::Replied(reply) => {
                reply.enhanced().unwrap_or_else(|| table::status_of_bare_reply(reply.code()))
            }
            Self::Notified { status, .. } => *status,
            Self::Found(failure) => failure.enhanced_code(),
        }
    }

    /// Reason and diagnostic (ledger F-11, F-12, S-41 to S-49).
    pub fn non_delivery(&self) -> NonDelivery {
        match self {
            Self::Reported { non_delivery, .. } => *non_delivery,
            // S-19: a DSN made from an X.400 report says more than its status does.
            Self::Notified { status, diagnostic_code } => diagnostic_code
                .as_deref()
                .and_then(|text| text.parse().ok())
                .unwrap_or_else(|| table::non_delivery(*status)),
            Self::Replied(_) => table::non_delivery(self.enhanced_code()),
            Self::Found(failure) => failure.non_delivery(),
        }
    }

    /// The reply to an SMTP client.
    pub fn reply(&self) -> Reply {
        let code = match self {
            Self::Found(failure) => failure.reply_code(),
            _ => table::reply_code(self.enhanced_code()),
        };
        Reply::new(code, self.enhanced_code().detail, self.to_string())
    }
}

impl fmt::Display for Cause {
    /// For people: in replies, in the text of reports, in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reported { non_delivery, supplementary_information } => {
                write!(f, "{non_delivery}")?;
                match supplementary_information {
                    Some(text) => write!(f, ": {text}"),
                    None => Ok(()),
                }
            }
            Self::Replied(reply) => write!(f, "next server said: {reply}"),
            Self::Notified { status, diagnostic_code: Some(text) } => write!(f, "{status}: {text}"),
            Self::Notified { status, diagnostic_code: None } => status.fmt(f),
            Self::Found(failure) => failure.fmt(f),
        }
    }
}

impl From<Failure> for Cause {
    fn from(failure: Failure) -> Self {
        Self::Found(failure)
    }
}

/// What the gateway itself can find wrong (ledger F-01 to F-18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum Failure {
    /// F-01: the address has no form on the other side, mostly for its length.
    #[error("address cannot be expressed on the other side")]
    AddressNotEncodable,
    /// F-02: no rule maps the address.
    #[error("address cannot be mapped")]
    AddressNotMappable,
    /// D-35: the address is outside US-ASCII and the route cannot carry that.
    #[error("address outside US-ASCII cannot be carried to the recipient")]
    AddressNotAscii,
    /// F-03: the mapping cannot be looked up at present.
    #[error("mapping of the address cannot be looked up at present")]
    MappingUnavailable,
    /// F-03: the mapping could not be looked up until time was over.
    #[error("mapping of the address could not be looked up")]
    MappingUndetermined,
    /// F-05: converted between the two worlds too often.
    #[error("message was converted too often, which looks like a loop")]
    ConversionLoop,
    /// D-65: passed this gateway before, or too many hops.
    #[error("message goes in circles")]
    Loop,
    /// F-06: a critical extension that is not understood.
    #[error("a critical extension is not supported")]
    CriticalExtensionUnsupported,
    /// F-07: it would be expanded, which the originator forbade.
    #[error("expansion of distribution lists is prohibited")]
    ExpansionProhibited,
    /// F-07: it would be redirected, which the originator forbade.
    #[error("redirection is prohibited")]
    ReassignmentProhibited,
    /// F-08: conversion is needed and forbidden.
    #[error("conversion is prohibited")]
    ConversionProhibited,
    /// F-08: conversion would lose something, which is forbidden.
    #[error("conversion with loss is prohibited")]
    ConversionWithLossProhibited,
    /// F-08: there is no conversion.
    #[error("content cannot be converted")]
    ConversionImpossible,
    /// F-09: not an interpersonal message.
    #[error("content type is not supported")]
    ContentTypeUnsupported,
    /// F-10: the content cannot be decoded.
    #[error("content cannot be decoded")]
    ContentSyntax,
    /// F-13: no attempt succeeded until time was over.
    #[error("no attempt succeeded in the time allowed")]
    AttemptsExpired,
    /// D-12, D-20: the time the sender set is over.
    #[error("time set by the sender is over")]
    DeliverByExpired,
    /// F-14: larger than a configured limit.
    #[error("message is too large")]
    MessageTooLarge,
    /// F-15: more recipients than one message may have, and it could not be split.
    #[error("message has too many recipients")]
    TooManyRecipients,
    /// D-50: transport security was required and cannot be had.
    #[error("required transport security is not available on the route")]
    TransportSecurityUnavailable,
    /// Policy forbids it.
    #[error("not authorised")]
    NotAuthorised,
    /// There is no route to the recipient's domain.
    #[error("no route to the recipient")]
    NoRoute,
    /// The queue takes nothing at present.
    #[error("no room in the queue at present")]
    QueueFull,
    /// The next system cannot be reached at present.
    #[error("next system cannot be reached at present")]
    PeerUnreachable,
    /// Something is wrong with the gateway.
    #[error("local error in processing")]
    Internal,
}

impl Failure {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::AddressNotEncodable,
        Self::AddressNotMappable,
        Self::AddressNotAscii,
        Self::MappingUnavailable,
        Self::MappingUndetermined,
        Self::ConversionLoop,
        Self::Loop,
        Self::CriticalExtensionUnsupported,
        Self::ExpansionProhibited,
        Self::ReassignmentProhibited,
        Self::ConversionProhibited,
        Self::ConversionWithLossProhibited,
        Self::ConversionImpossible,
        Self::ContentTypeUnsupported,
        Self::ContentSyntax,
        Self::AttemptsExpired,
        Self::DeliverByExpired,
        Self::MessageTooLarge,
        Self::TooManyRecipients,
        Self::TransportSecurityUnavailable,
        Self::NotAuthorised,
        Self::NoRoute,
        Self::QueueFull,
        Self::PeerUnreachable,
        Self::Internal,
    ];

    /// The status.
    pub fn enhanced_code(self) -> EnhancedCode {
        match self {
            Self::AddressNotEncodable => D::BAD_MAILBOX_SYNTAX_X_1_3.permanent(),
            Self::AddressNotMappable => D::BAD_MAILBOX_X_1_1.permanent(),
            Self::AddressNotAscii => D::NON_ASCII_ADDRESS_X_6_7.permanent(),
            Self::MappingUnavailable => D::DIRECTORY_FAILURE_X_4_3.transient(),
            Self::MappingUndetermined => D::DIRECTORY_FAILURE_X_4_3.permanent(),
            Self::ConversionLoop | Self::Loop => D::LOOP_DETECTED_X_4_6.permanent(),
            Self::CriticalExtensionUnsupported => D::SYSTEM_NOT_CAPABLE_X_3_3.permanent(),
            Self::ExpansionProhibited => D::LIST_EXPANSION_PROHIBITED_X_7_2.permanent(),
            Self::ReassignmentProhibited => D::OTHER_NETWORK_X_4_0.permanent(),
            Self::ConversionProhibited | Self::ConversionWithLossProhibited => {
                D::CONVERSION_PROHIBITED_X_6_2.permanent()
            }
            Self::ConversionImpossible => D::CONVERSION_NOT_SUPPORTED_X_6_3.permanent(),
            Self::ContentTypeUnsupported => D::MEDIA_NOT_SUPPORTED_X_6_1.permanent(),
            Self::ContentSyntax => D::SYNTAX_ERROR_X_5_2.permanent(),
            Self::AttemptsExpired => D::TIME_EXPIRED_X_4_7.transient(),
            Self::DeliverByExpired => D::TIME_EXPIRED_X_4_7.permanent(),
            Self::MessageTooLarge => D::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4.permanent(),
            Self::TooManyRecipients => D::TOO_MANY_RECIPIENTS_X_5_3.permanent(),
            Self::TransportSecurityUnavailable => D::REQUIRETLS_NEEDED_X_7_30.permanent(),
            Self::NotAuthorised => D::NOT_AUTHORISED_X_7_1.permanent(),
            Self::NoRoute => D::UNABLE_TO_ROUTE_X_4_4.permanent(),
            Self::QueueFull => D::SYSTEM_FULL_X_3_1.transient(),
            Self::PeerUnreachable => D::NO_ANSWER_X_4_1.transient(),
            Self::Internal => D::OTHER_SYSTEM_X_3_0.transient(),
        }
    }

    /// The reply code, of the same class as the status.
    pub fn reply_code(self) -> ReplyCode {
        match self {
            // Not something that leaving the content as it is could mend.
            Self::AddressNotAscii => ReplyCode::MAILBOX_NAME_NOT_ALLOWED_553,
            Self::ConversionLoop | Self::Loop => ReplyCode::TRANSACTION_FAILED_554,
            Self::NoRoute => ReplyCode::MAILBOX_UNAVAILABLE_550,
            other => table::reply_code(other.enhanced_code()),
        }
    }

    /// Reason and diagnostic.
    pub fn non_delivery(self) -> NonDelivery {
        use Diagnostic as X;
        let unable = |diagnostic| (Reason::UnableToTransfer, Some(diagnostic));
        let unconverted = |diagnostic| (Reason::ConversionNotPerformed, Some(diagnostic));
        let (reason, diagnostic) = match self {
            Self::AddressNotEncodable | Self::AddressNotMappable | Self::AddressNotAscii => {
                unable(X::UnrecognisedOrName)
            }
            Self::MappingUnavailable | Self::MappingUndetermined => {
                (Reason::DirectoryOperationUnsuccessful, None)
            }
            Self::ConversionLoop | Self::Loop => unable(X::LoopDetected),
            Self::CriticalExtensionUnsupported => unable(X::UnsupportedCriticalFunction),
            Self::ExpansionProhibited => unable(X::DlExpansionProhibited),
            Self::ReassignmentProhibited => unable(X::RecipientReassignmentProhibited),
            Self::ConversionProhibited => unconverted(X::ImplicitConversionProhibited),
            Self::ConversionWithLossProhibited => unconverted(X::ConversionWithLossProhibited),
            Self::ConversionImpossible => unconverted(X::ConversionImpractical),
            Self::ContentTypeUnsupported => unable(X::ContentTypeNotSupported),
            Self::ContentSyntax => unable(X::ContentSyntaxError),
            Self::AttemptsExpired | Self::DeliverByExpired => unable(X::MaximumTimeExpired),
            Self::MessageTooLarge => unable(X::ContentTooLong),
            Self::TooManyRecipients => unable(X::TooManyRecipients),
            Self::TransportSecurityUnavailable => unable(X::SecureMessagingError),
            Self::NotAuthorised => (Reason::RestrictedDelivery, None),
            Self::NoRoute => unable(X::NoBilateralAgreement),
            Self::QueueFull => unable(X::MtsCongestion),
            Self::PeerUnreachable | Self::Internal => (Reason::TransferFailure, None),
        };
        NonDelivery { reason, diagnostic }
    }
}
