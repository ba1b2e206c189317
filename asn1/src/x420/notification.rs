//! Interpersonal notifications (X.420 8): what became of a message at its recipient.

use super::Ipm;
use super::body::BodyPart;
use super::heading::{HeadingExtensionField, IpmIdentifier, OrDescriptor, heading_extensions};
use crate::prim::{Ia5String, PrintableString, X400Time};
use crate::x411::envelope::EncodedInformationTypes;

crate::asn_set! {
    /// A notification.
    pub struct Ipn {
        /// The message it is about.
        subject_ipm: IpmIdentifier = bare req,
        /// Who made it.
        ipn_originator: OrDescriptor = imp(1) opt,
        /// Who the message was meant for.
        ipm_intended_recipient: OrDescriptor = imp(2) opt,
        /// What the message was converted to.
        conversion_eits: EncodedInformationTypes = bare opt,
        /// Fields of 1988 and later.
        notification_extensions: Vec<HeadingExtensionField> = imp(3) def(Vec::new()),
        /// What happened.
        choice: NotificationChoice = exp(0) req,
    }
}

crate::asn_choice! {
    /// What happened to the message.
    pub enum NotificationChoice {
        /// It was not received.
        NonReceipt(NonReceiptFields) = imp(0),
        /// It was.
        Receipt(ReceiptFields) = imp(1),
        /// Something else: advice of absence, of a new address, or what others agreed on.
        Other(Vec<HeadingExtensionField>) = imp(2),
    }
}

crate::asn_set! {
    /// Why a message was not received.
    pub struct NonReceiptFields {
        /// In general.
        non_receipt_reason: NonReceiptReason = imp(0) req,
        /// Why it was discarded.
        discard_reason: DiscardReason = imp(1) opt,
        /// What the recipient says of forwarding, at most 256 characters.
        auto_forward_comment: PrintableString = imp(2) opt,
        /// The message.
        returned_ipm: Ipm = imp(3) opt,
        /// Fields of 1988 and later.
        nrn_extensions: Vec<HeadingExtensionField> = imp(4) def(Vec::new()),
    }
}

crate::open_enum! {
    /// Why a message was not received.
    pub struct NonReceiptReason: ENUMERATED {
        /// It was thrown away.
        IPM_DISCARDED = 0 => "ipm-discarded",
        /// It was passed on by a machine.
        IPM_AUTO_FORWARDED = 1 => "ipm-auto-forwarded",
    }
}

crate::open_enum! {
    /// Why a message was thrown away.
    pub struct DiscardReason: ENUMERATED {
        /// Its expiry time had passed.
        IPM_EXPIRED = 0 => "ipm-expired",
        /// Another message replaced it.
        IPM_OBSOLETED = 1 => "ipm-obsoleted",
        /// The user is gone.
        USER_SUBSCRIPTION_TERMINATED = 2 => "user-subscription-terminated",
        /// Unused.
        NOT_USED = 3 => "not-used",
    }
}

crate::asn_set! {
    /// When and how a message was received.
    pub struct ReceiptFields {
        /// When.
        receipt_time: X400Time = imp(0) req,
        /// By the user's own doing or not.
        acknowledgment_mode: AcknowledgmentMode = imp(1) def(AcknowledgmentMode::MANUAL),
        /// More words.
        supplementary_receipt_information: Ia5String = imp(2) opt,
        /// Fields of 1988 and later.
        rn_extensions: Vec<HeadingExtensionField> = imp(3) def(Vec::new()),
    }
}

crate::open_enum! {
    /// Who acknowledged.
    pub struct AcknowledgmentMode: ENUMERATED {
        /// The user.
        MANUAL = 0 => "manual",
        /// A machine for the user.
        AUTOMATIC = 1 => "automatic",
    }
}

heading_extensions! {
    /// Nobody is there to read the message: 2.6.1.19.0.
    AbsenceAdvice = &[0x56, 1, 19, 0] => AbsenceAdviceValue;
    /// There is a new address: 2.6.1.19.1.
    ChangeOfAddressAdvice = &[0x56, 1, 19, 1] => ChangeOfAddressAdviceValue;
}

crate::asn_seq! {
    /// Words for the sender while nobody is there; at least one member.
    pub struct AbsenceAdviceValue default {
        /// The words.
        advice: BodyPart = bare opt,
        /// When somebody is back.
        next_available: X400Time = bare opt,
    }
}

crate::asn_seq! {
    /// A new address.
    pub struct ChangeOfAddressAdviceValue {
        /// The address, with a formal name.
        new_address: OrDescriptor = imp(0) req,
        /// Since or from when.
        effective_from: X400Time = imp(1) opt,
    }
}
