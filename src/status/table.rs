//! The tables between the vocabularies (RFC 2156 5.1.8.4, 5.3.8.2).
//!
//! They are not inverses of each other, and RFC 2156 does not mean them to be: see [`enhanced_code`] and
//! [`non_delivery`] for what happens outside them.

use super::enhanced::{EnhancedCode, StatusClass, StatusDetail as D};
use super::non_delivery::{NonDelivery, NonDeliveryDiagnostic as Diagnostic, NonDeliveryReason as Reason};
use crate::smtp::reply::ReplyCode;

/// Which diagnostics have a status of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DiagnosticTable {
    /// Those of RFC 2156, 0 to 49; all others fall to their reason.
    Rfc2156,
    /// Also those of later editions of X.411, 50 to 78, and reason 8 (ledger Y-20).
    #[default]
    WithLaterEditions,
}

/// The status of a non-delivery (ledger ).
///
/// Looked up as the exact pair, else by the diagnostic, else by the reason (ledger R-70, Z-36). A reason without a
/// row counts as unable-to-transfer. Some rows give a transient code, which is right even for a report of failure
/// (ledger R-73): another attempt might have succeeded.
pub fn enhanced_code(cause: NonDelivery, table: DiagnosticTable) -> EnhancedCode {
    let later = table == DiagnosticTable::WithLaterEditions;
    cause
        .diagnostic
        .and_then(|diagnostic| {
            of_physical_delivery(cause.reason, diagnostic)
                .or_else(|| of_diagnostic(diagnostic))
                .or_else(|| later.then(|| of_later_diagnostic(diagnostic)).flatten())
        })
        .unwrap_or_else(|| of_reason(cause.reason, later))
}

/// diagnostic 43 is the only one with two rows, which differ by the reason.
fn of_physical_delivery(reason: Reason, diagnostic: Diagnostic) -> Option<EnhancedCode> {
    let postal = reason == Reason::PhysicalDeliveryNotPerformed
        && diagnostic == Diagnostic::UndeliverableMailNewAddressUnknown;
    postal.then(|| D::OTHER_ADDRESS_X_1_0.permanent())
}

///
fn of_reason(reason: Reason, later: bool) -> EnhancedCode {
    match reason {
        Reason::TransferFailure => D::OTHER_NETWORK_X_4_0.transient(),
        Reason::ConversionNotPerformed => D::CONVERSION_NOT_SUPPORTED_X_6_3.permanent(),
        Reason::PhysicalRenditionNotPerformed => D::OTHER_MEDIA_X_6_0.permanent(),
        Reason::PhysicalDeliveryNotPerformed => D::OTHER_ADDRESS_X_1_0.permanent(),
        Reason::RestrictedDelivery => D::NOT_AUTHORISED_X_7_1.permanent(),
        Reason::DirectoryOperationUnsuccessful => D::DIRECTORY_FAILURE_X_4_3.permanent(),
        Reason::DeferredDeliveryNotPerformed => D::SYSTEM_NOT_CAPABLE_X_3_3.permanent(),
        Reason::TransferFailureForSecurityReason if later => D::OTHER_SECURITY_X_7_0.permanent(),
        Reason::UnableToTransfer | Reason::TransferFailureForSecurityReason | Reason::Other(_) => {
            D::OTHER_X_0_0.permanent()
        }
    }
}

///
fn of_diagnostic(diagnostic: Diagnostic) -> Option<EnhancedCode> {
    use Diagnostic as X;
    Some(match diagnostic {
        X::UnrecognisedOrName => D::BAD_MAILBOX_X_1_1.permanent(),
        X::AmbiguousOrName => D::AMBIGUOUS_MAILBOX_X_1_4.permanent(),
        X::MtsCongestion => D::SYSTEM_FULL_X_3_1.transient(),
        X::LoopDetected | X::RedirectionLoopDetected => D::LOOP_DETECTED_X_4_6.permanent(),
        X::RecipientUnavailable => D::MAILBOX_DISABLED_X_2_1.transient(),
        X::MaximumTimeExpired | X::TransferAttemptsLimitReached => D::TIME_EXPIRED_X_4_7.transient(),
        X::EncodedInformationTypesUnsupported | X::ContentTypeNotSupported => {
            D::MEDIA_NOT_SUPPORTED_X_6_1.permanent()
        }
        X::ContentTooLong => D::MESSAGE_TOO_LONG_FOR_MAILBOX_X_2_3.permanent(),
        X::ConversionImpractical | X::ImplicitConversionProhibited | X::ImplicitConversionNotSubscribed => {
            D::CONVERSION_NOT_SUPPORTED_X_6_3.permanent()
        }
        X::InvalidArguments | X::ContentSyntaxError | X::SizeConstraintViolation => {
            D::SYNTAX_ERROR_X_5_2.permanent()
        }
        X::ProtocolViolation => D::OTHER_PROTOCOL_X_5_0.permanent(),
        X::TooManyRecipients => D::TOO_MANY_RECIPIENTS_X_5_3.permanent(),
        X::NoBilateralAgreement => D::UNABLE_TO_ROUTE_X_4_4.permanent(),
        X::UnsupportedCriticalFunction | X::UnableToDowngrade => D::SYSTEM_NOT_CAPABLE_X_3_3.permanent(),
        X::ConversionWithLossProhibited
        | X::PictorialSymbolLoss
        | X::PunctuationSymbolLoss
        | X::AlphabeticCharacterLoss
        | X::MultipleInformationLoss => D::CONVERSION_PROHIBITED_X_6_2.permanent(),
        X::LineTooLong | X::PageSplit | X::PhysicalRenditionAttributesNotSupported => {
            D::OTHER_MEDIA_X_6_0.permanent()
        }
        X::RecipientReassignmentProhibited => D::OTHER_NETWORK_X_4_0.permanent(),
        X::DlExpansionProhibited => D::LIST_EXPANSION_PROHIBITED_X_7_2.permanent(),
        X::NoDlSubmitPermission => D::NOT_AUTHORISED_X_7_1.permanent(),
        X::DlExpansionFailure => D::LIST_EXPANSION_PROBLEM_X_2_4.transient(),
        X::UndeliverableMailNewAddressUnknown => D::MAILBOX_MOVED_X_1_6.permanent(),
        X::SecureMessagingError => D::OTHER_SECURITY_X_7_0.permanent(),
        X::UnableToCompleteTransfer => D::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4.permanent(),
        postal if (32..=45).contains(&postal.number()) => D::OTHER_ADDRESS_X_1_0.permanent(),
        _ => return None,
    })
}

/// Ledger Y-20.
fn of_later_diagnostic(diagnostic: Diagnostic) -> Option<EnhancedCode> {
    match diagnostic.number() {
        51 => Some(D::LIST_EXPANSION_PROHIBITED_X_7_2.permanent()),
        52 => Some(D::OTHER_NETWORK_X_4_0.permanent()),
        55..=59 => Some(D::NOT_AUTHORISED_X_7_1.permanent()),
        53 | 54 | 60..=78 => Some(D::OTHER_SECURITY_X_7_0.permanent()),
        _ => None,
    }
}

/// The reason and diagnostic of a failure with this status (ledger S-41 to S-49).
///
/// The class is not looked at. A detail without a row counts as `x.n.0`, as do the two that only a success can have;
/// a subject without rows counts as unable-to-transfer.
pub fn non_delivery(status: EnhancedCode) -> NonDelivery {
    use Diagnostic as X;
    let detail = status.detail;
    let unable = |diagnostic| (Reason::UnableToTransfer, Some(diagnostic));
    let (reason, diagnostic) = match (detail.subject(), detail.detail()) {
        (1, 1..=3) => unable(X::UnrecognisedOrName),
        (1, 4) => unable(X::AmbiguousOrName),
        (1, 6) => unable(X::UndeliverableMailNewAddressUnknown),
        (1, 7 | 8) => unable(X::InvalidArguments),
        (2, 1 | 2) => unable(X::RecipientUnavailable),
        (2, 3) | (3, 4) => unable(X::ContentTooLong),
        (2, 4) => unable(X::DlExpansionFailure),
        (3, 1 | 2) | (4, 5) => unable(X::MtsCongestion),
        (3, 3) | (5, 5) => unable(X::UnsupportedCriticalFunction),
        (3, 5) => (Reason::UnableToTransfer, None),
        (4, 3) => (Reason::DirectoryOperationUnsuccessful, None),
        (4, 6) => unable(X::LoopDetected),
        (4, 7) => unable(X::MaximumTimeExpired),
        (3 | 4, _) => (Reason::TransferFailure, None),
        (5, 1 | 2 | 4) => unable(X::ProtocolViolation),
        (5, 3) => unable(X::TooManyRecipients),
        (6, 1) => unable(X::EncodedInformationTypesUnsupported),
        (6, 2) => unable(X::ImplicitConversionProhibited),
        (6, 3) => (Reason::ConversionNotPerformed, Some(X::ConversionImpractical)),
        (6, 5) => (Reason::ConversionNotPerformed, Some(X::UnableToDowngrade)),
        (6, _) => (Reason::ConversionNotPerformed, None),
        (7, 1) => unable(X::NoDlSubmitPermission),
        (7, 2) => unable(X::DlExpansionProhibited),
        (7, _) => unable(X::SecureMessagingError),
        _ => (Reason::UnableToTransfer, None),
    };
    NonDelivery { reason, diagnostic }
}

/// The status that a reply without an enhanced code stands for (ledger F-12), for replies that end an attempt for good:
/// a 4yz counts as time expired.
pub fn status_of_bare_reply(code: ReplyCode) -> EnhancedCode {
    match code.number() {
        200..400 => D::OTHER_X_0_0.success(),
        400..500 => D::TIME_EXPIRED_X_4_7.transient(),
        500..=504 => D::INVALID_COMMAND_X_5_1.permanent(),
        550 | 551 | 553 => D::BAD_MAILBOX_X_1_1.permanent(),
        552 => D::MAILBOX_FULL_X_2_2.permanent(),
        555 => D::INVALID_ARGUMENTS_X_5_4.permanent(),
        _ => D::OTHER_X_0_0.permanent(),
    }
}

/// The reply code that goes with a status when nothing better is known (RFC 5248 2.4).
pub(super) fn reply_code(status: EnhancedCode) -> ReplyCode {
    let subject = status.detail.subject();
    match status.class {
        StatusClass::Success => ReplyCode::COMPLETED_250,
        StatusClass::PersistentTransientFailure => match (subject, status.detail) {
            (1 | 2, _) => ReplyCode::MAILBOX_BUSY_450,
            (_, D::SYSTEM_FULL_X_3_1 | D::TOO_MANY_RECIPIENTS_X_5_3) => ReplyCode::INSUFFICIENT_STORAGE_452,
            (_, D::SYSTEM_NOT_ACCEPTING_X_3_2) => ReplyCode::SERVICE_NOT_AVAILABLE_421,
            _ => ReplyCode::LOCAL_ERROR_451,
        },
        StatusClass::PermanentFailure => match (subject, status.detail) {
            (_, D::BAD_MAILBOX_SYNTAX_X_1_3) => ReplyCode::MAILBOX_NAME_NOT_ALLOWED_553,
            (_, D::NON_ASCII_ADDRESS_X_6_7) => ReplyCode::MAILBOX_NAME_NOT_ALLOWED_553,
            (
                _,
                D::MAILBOX_FULL_X_2_2
                | D::MESSAGE_TOO_LONG_FOR_MAILBOX_X_2_3
                | D::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4,
            ) => ReplyCode::EXCEEDED_STORAGE_552,
            (1 | 2 | 7, _) => ReplyCode::MAILBOX_UNAVAILABLE_550,
            _ => ReplyCode::TRANSACTION_FAILED_554,
        },
    }
}

/// The HTTP status for a status (RFC 9110 15).
pub(super) fn http_status(status: EnhancedCode) -> u16 {
    let subject = status.detail.subject();
    match status.class {
        StatusClass::Success => 200,
        StatusClass::PersistentTransientFailure => match status.detail {
            // 504: somebody further on did not answer in time.
            D::TIME_EXPIRED_X_4_7 => 504,
            _ => 503,
        },
        StatusClass::PermanentFailure => match (subject, status.detail) {
            (_, D::MESSAGE_TOO_LONG_FOR_MAILBOX_X_2_3 | D::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4) => 413,
            (_, D::TIME_EXPIRED_X_4_7) => 504,
            (_, D::SYSTEM_NOT_CAPABLE_X_3_3) => 501,
            (7, _) => 403,
            (5, _) => 400,
            (6, _) => 415,
            (4, _) => 502,
            (3, _) => 500,
            // Addresses, mailboxes and the rest: understood, and not possible.
            _ => 422,
        },
    }
}
