//! EDI notifications (X.435 9; ledger E-05): what became of the responsibility for an EDI message.

use super::edim::{EdiApplicationSecurityElements, EdimExtensionField, EdimIdentifier};
use super::reason::{ForwardedReason, NegativeReason};
use crate::prim::{Octets, TeletexString, X400Time};
use crate::x411::address::OrName;
use crate::x411::security::Signature;

crate::asn_choice! {
    /// A notification.
    pub enum Edin {
        /// The responsibility was taken.
        Positive(PositiveNotification) = imp(0),
        /// It was not.
        Negative(NegativeNotification) = imp(1),
        /// It was passed on.
        Forwarded(ForwardedNotification) = imp(2),
    }
}

crate::asn_seq! {
    /// What every notification says.
    pub struct EdinCommonFields {
        /// The message it is about.
        subject_edim: EdimIdentifier = imp(1) req,
        /// Who made it.
        edin_originator: OrName = imp(2) req,
        /// Who had the message first.
        first_recipient: OrName = imp(3) opt,
        /// When it was made.
        notification_time: X400Time = imp(4) req,
        /// Proofs.
        notification_security_elements: EdinSecurityElements = imp(5) opt,
        /// What made it.
        edin_initiator: EdinInitiator = imp(6) req,
        /// Fields of others, and of later editions.
        notification_extensions: Vec<EdimExtensionField> = imp(7) opt,
    }
}

crate::open_enum! {
    /// What made a notification.
    pub struct EdinInitiator: ENUMERATED {
        /// The user agent.
        INTERNAL_UA = 0 => "internal-ua",
        /// The user.
        EXTERNAL_UA = 1 => "external-ua",
        /// The message store.
        INTERNAL_MS = 2 => "internal-ms",
    }
}

crate::asn_seq! {
    /// Proofs that go with a notification.
    pub struct EdinSecurityElements default {
        /// The content that was received.
        original_content: Octets = imp(0) opt,
        /// Its integrity check.
        original_content_integrity_check: Signature = imp(1) opt,
        /// Security of the interchange itself.
        edi_application_security_elements: EdiApplicationSecurityElements = imp(2) opt,
        /// Elements of others.
        security_extensions: Vec<EdimExtensionField> = imp(3) opt,
    }
}

crate::asn_seq! {
    /// The responsibility was taken.
    pub struct PositiveNotification {
        /// What every notification says.
        common_fields: EdinCommonFields = imp(0) req,
        /// More words, 1 to 256 characters.
        supplementary_information: TeletexString = imp(1) opt,
        /// Fields of others, and of later editions.
        extensions: Vec<EdimExtensionField> = imp(2) opt,
    }
}

crate::asn_seq! {
    /// The responsibility was not taken.
    pub struct NegativeNotification {
        /// What every notification says.
        common_fields: EdinCommonFields = imp(0) req,
        /// Why.
        reason_code: NegativeReason = exp(1) req,
        /// More words, 1 to 256 characters.
        supplementary_information: TeletexString = imp(2) opt,
        /// Fields of others, and of later editions.
        extensions: Vec<EdimExtensionField> = imp(3) opt,
    }
}

crate::asn_seq! {
    /// The responsibility was passed on.
    pub struct ForwardedNotification {
        /// What every notification says.
        common_fields: EdinCommonFields = imp(0) req,
        /// To whom.
        forwarded_to: OrName = imp(1) req,
        /// Why.
        reason_code: ForwardedReason = exp(2) req,
        /// More words, 1 to 256 characters.
        supplementary_information: TeletexString = imp(3) opt,
        /// Fields of others, and of later editions.
        extensions: Vec<EdimExtensionField> = imp(4) opt,
    }
}
