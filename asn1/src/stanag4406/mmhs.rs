//! Heading extensions of military messages (STANAG 4406 Annex A, RFC 6477; ledger M-02, M-10 to M-12): in the heading, for a
//! recipient, and in a notification. All are below 1.3.26.0.4406.0.2.

use rasn::{AsnType, Decode, Decoder, Encode};

use crate::prim::{Oid, PrintableString, RawTlv, X400Time};
use crate::x411::security::SecurityLabel;
use crate::x420::heading::{OrDescriptor, heading_extensions};

heading_extensions! {
    /// How urgent the message is for those it is for: `0`.
    PrimaryPrecedence = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 0] => MmhsPrecedence;
    /// How urgent it is for those who get a copy: `1`.
    CopyPrecedence = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 1] => MmhsPrecedence;
    /// Whether it belongs to an exercise, an operation, …: `2`.
    MessageType = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 2] => MessageTypeValue;
    /// Lists it goes to; deprecated: `3`.
    AddressListIndicator = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 3] => Vec<AddressListDesignator>;
    /// Members of lists who are not to get it: `4`.
    ExemptedAddresses = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 4] => Vec<OrDescriptor>;
    /// When it was released (the date-time group): `5`.
    ExtendedAuthorisationInfo = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 5] => X400Time;
    /// What it is about, for its distribution: `6`.
    MilitaryDistributionCodes = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 6] => MilitaryDistributionCodesValue;
    /// How to handle it: `7`.
    HandlingInstructions = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 7] => Vec<MilitaryString>;
    /// Operating signals: `8`.
    MessageInstructions = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 8] => Vec<MilitaryString>;
    /// The addresses are inside the enciphered text (ACP 127 only): `9`.
    CodressMessage = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 9] => i64;
    /// The originator's reference: `10`.
    OriginatorReference = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 10] => MilitaryString;
    /// Recipients who get it in another way: `11`.
    OtherRecipientsIndicator = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 11] => Vec<OtherRecipientDesignator>;
    /// How it was forwarded by a pilot: `12`.
    PilotForwardingInfo = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 12] => Vec<PilotInformation>;
    /// Its name in ACP 127: `13`.
    Acp127MessageIdentifier = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 13] => MilitaryString;
    /// The originator's plain language address designator: `14`.
    OriginatorPlad = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 14] => MilitaryString;
    /// Of a recipient: which notifications a gateway to ACP 127 is to give: `15`.
    Acp127NotificationRequest = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 15] => Acp127NotificationType;
    /// Of a notification: what a gateway to ACP 127 says: `16`.
    Acp127NotificationResponse = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 16] => Acp127NotificationResponseValue;
    /// Labels of the content, the heading and the body parts; deprecated: `17`.
    SecurityInformationLabels = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2, 17] => SecurityInformationLabelsValue;
}

/// 1 to 69 characters.
pub type MilitaryString = PrintableString;

crate::open_enum! {
    /// Precedence: 0 to 15 are NATO's, 16 to 31 are for nations.
    pub struct MmhsPrecedence: INTEGER {
        /// Below routine.
        DEFERRED = 0 => "deferred",
        /// `R` in ACP 127.
        ROUTINE = 1 => "routine",
        /// `P` in ACP 127.
        PRIORITY = 2 => "priority",
        /// `O` in ACP 127.
        IMMEDIATE = 3 => "immediate",
        /// `Z` in ACP 127.
        FLASH = 4 => "flash",
        /// Above flash.
        OVERRIDE = 5 => "override",
    }
}

crate::asn_set! {
    /// What a message belongs to.
    pub struct MessageTypeValue {
        /// The kind.
        kind: TypeOfMessage = imp(0) req,
        /// Which exercise, operation, ….
        identifier: MilitaryString = imp(1) opt,
    }
}

crate::open_enum! {
    /// Kinds of messages: 0 to 127 are NATO's, 128 to 255 are for nations.
    pub struct TypeOfMessage: INTEGER {
        /// Of an exercise.
        EXERCISE = 0 => "exercise",
        /// Of an operation.
        OPERATION = 1 => "operation",
        /// Of a project.
        PROJECT = 2 => "project",
        /// Of a drill.
        DRILL = 3 => "drill",
    }
}

crate::asn_set! {
    /// A list that a message goes to.
    pub struct AddressListDesignator {
        /// Whether its members are primary or copy recipients.
        kind: RecipientKind = imp(0) req,
        /// The list.
        list_name: OrDescriptor = imp(1) req,
        /// Which members are asked for notifications.
        notification_request: AddressListRequest = imp(2) opt,
        /// Which members are asked for answers.
        reply_request: AddressListRequest = imp(3) opt,
    }
}

crate::open_enum! {
    /// Primary or copy recipients.
    pub struct RecipientKind: INTEGER {
        /// For action.
        PRIMARY = 0 => "primary",
        /// For information.
        COPY = 1 => "copy",
    }
}

crate::open_enum! {
    /// Which members of a list are asked for something.
    pub struct AddressListRequest: INTEGER {
        /// Those for action.
        ACTION = 0 => "action",
        /// Those for information.
        INFO = 1 => "info",
        /// All.
        BOTH = 2 => "both",
    }
}

crate::asn_set! {
    /// What a message is about.
    pub struct MilitaryDistributionCodesValue default {
        /// Subject indicator codes, 1 to 8 of 3 to 8 characters.
        sics: Vec<PrintableString> = imp(0) opt,
        /// Codes of others.
        dist_extensions: Vec<DistributionExtensionField> = imp(1) opt,
    }
}

/// A distribution code of somebody else.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct DistributionExtensionField {
    /// Whose, and of which kind.
    pub kind: Oid,
    /// The code, as it came.
    pub value: RawTlv,
}

crate::asn_set! {
    /// A recipient who gets the message in another way.
    pub struct OtherRecipientDesignator {
        /// Primary or copy recipient.
        kind: RecipientKind = imp(0) req,
        /// Who.
        designator: MilitaryString = imp(1) req,
    }
}

crate::asn_seq! {
    /// How a message was forwarded by a pilot.
    pub struct PilotInformation default {
        /// With which precedence.
        pilot_precedence: MmhsPrecedence = imp(0) opt,
        /// To whom.
        pilot_recipient: Vec<OrDescriptor> = imp(1) opt,
        /// With which label.
        pilot_security: SecurityLabel = imp(2) opt,
        /// With which handling instructions.
        pilot_handling: Vec<MilitaryString> = imp(3) opt,
    }
}

crate::named_bits! {
    /// Notifications of a gateway to ACP 127.
    pub struct Acp127NotificationType(minimum 0) {
        /// Negative.
        NEGATIVE = 0 => "acp127-nn",
        /// Positive.
        POSITIVE = 1 => "acp127-pn",
        /// It was transferred.
        TRANSFER = 2 => "acp127-tn",
    }
}

crate::asn_set! {
    /// What a gateway to ACP 127 says of a message.
    pub struct Acp127NotificationResponseValue {
        /// Which notification it is.
        acp127_notification_type: Acp127NotificationType = imp(0) req,
        /// When the gateway received the message.
        receipt_time: X400Time = imp(1) req,
        /// Lists it concerns.
        address_list_indicator: Vec<AddressListDesignator> = imp(2) opt,
        /// The recipient in ACP 127, 1 to 128 characters.
        acp127_recipient: PrintableString = imp(3) opt,
        /// More words, 1 to 128 characters.
        acp127_supplementary_information: PrintableString = imp(4) opt,
    }
}

crate::asn_seq! {
    /// Labels of a military message.
    pub struct SecurityInformationLabelsValue {
        /// Of the content.
        content_security_label: SecurityLabel = imp(0) req,
        /// Of the heading.
        heading_security_label: SecurityLabel = imp(1) opt,
        /// Of the body parts.
        body_part_security_labels: Vec<MilitaryBodyPartLabel> = imp(2) opt,
    }
}

crate::asn_set! {
    /// The label of one body part.
    pub struct MilitaryBodyPartLabel {
        /// The label.
        body_part_security_label: SecurityLabel = imp(0) req,
        /// Which part; when all parts are labelled in their order, it may be absent.
        body_part_sequence_number: i64 = imp(1) opt,
    }
}

crate::open_enum! {
    /// Which of two levels within a priority of the transfer service: the value of the private extension
    /// [`crate::oids::PRIORITY_LEVEL_QUALIFIER`] of an envelope.
    pub struct PriorityLevelQualifier: ENUMERATED {
        /// The lower.
        LOW = 0 => "low",
        /// The higher.
        HIGH = 1 => "high",
    }
}
