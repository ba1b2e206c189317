//! EDI messages (X.435 8; ledger E-03, E-04): the heading, with what an EDI gateway reads out of the interchange.

use rasn::{AsnType, Decode, Decoder, Encode};

use super::edi_body::EdimBody;
use crate::oids;
use crate::prim::{NamedBits, Octets, Oid, PrintableString, RawTlv, TeletexString, X400Time};
use crate::x411::address::OrName;

/// An EDI message.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct Edim {
    /// Who, to whom, what.
    pub heading: EdimHeading,
    /// The interchange, and what goes with it.
    pub body: EdimBody,
}

crate::asn_seq! {
    /// The heading.
    pub struct EdimHeading {
        /// Names the message for ever.
        this_edim: EdimIdentifier = imp(1) req,
        /// Who sent it.
        originator: OrName = imp(2) opt,
        /// To whom, and what is wanted of each.
        recipients: Vec<EdimRecipient> = imp(3) opt,
        /// Who gets the notifications.
        edin_receiver: EdinReceiver = imp(4) opt,
        /// Whether the responsibility was forwarded with the message.
        responsibility_forwarded: bool = imp(5) def(false),
        /// In which standard, characters and coding the interchange is.
        edi_bodypart_type: Oid = imp(6) def(oids::EDI_EDIFACT_ISO646),
        /// Whether parts are missing.
        incomplete_copy: bool = imp(7) def(false),
        /// After this the message means nothing.
        expiry_time: X400Time = imp(8) opt,
        /// Messages it has to do with.
        related_messages: Vec<RelatedMessageReference> = imp(9) opt,
        /// Messages it replaces.
        obsoleted_edims: Vec<EdimIdentifier> = imp(10) opt,
        /// Security of the interchange itself.
        edi_application_security_elements: EdiApplicationSecurityElements = imp(11) opt,
        /// What the interchange says about other parts.
        cross_referencing_information: Vec<CrossReferencingInformation> = imp(12) opt,
        /// Types of the messages in the interchange, 1 to 6 characters each.
        edi_message_type: Vec<TeletexString> = imp(13) opt,
        /// Separators: `UNA`.
        service_string_advice: ServiceStringAdvice = imp(14) opt,
        /// Syntax: `UNB` 1.
        syntax_identifier: SyntaxIdentifier = imp(15) opt,
        /// Sender: `UNB` 2.
        interchange_sender: InterchangeSender = imp(16) opt,
        /// When it was prepared: `UNB` 4.
        date_and_time_of_preparation: X400Time = imp(17) opt,
        /// 1 to 14 characters: `UNB` 7.
        application_reference: TeletexString = imp(18) opt,
        /// Fields of others, and of later editions.
        heading_extensions: Vec<EdimExtensionField> = imp(19) opt,
    }
}

crate::asn_set! {
    /// Names an EDI message for ever. Unlike that of an interpersonal message it has no tag of its own, and always a user.
    pub struct EdimIdentifier {
        /// Who gave the name.
        user: OrName = imp(0) req,
        /// The name, at most 64 characters.
        user_relative_identifier: PrintableString = imp(1) req,
    }
}

crate::asn_seq! {
    /// A field of somebody else, or of a later edition.
    pub struct EdimExtensionField {
        /// Which.
        kind: Oid = imp(0) req,
        /// Whether it must be understood.
        criticality: bool = imp(1) def(false),
        /// Its value; absent means NULL.
        value: RawTlv = exp(2) opt,
    }
}

crate::asn_seq! {
    /// A recipient and what is wanted of it.
    pub struct EdimRecipient {
        /// Who.
        recipient: OrName = imp(1) req,
        /// What it is to do: see [`oids::EDI_FOR_ACTION`] and [`oids::EDI_FOR_COPY`].
        action_request: Oid = imp(2) def(oids::EDI_FOR_ACTION),
        /// Which notifications are wanted.
        edi_notification_requests: EdiNotificationRequestsField = imp(3) opt,
        /// Whether it may pass the responsibility on.
        responsibility_passing_allowed: bool = imp(4) def(false),
        /// Recipient in the interchange: `UNB` 3.
        interchange_recipient: InterchangeRecipient = imp(5) opt,
        /// Its reference or password: `UNB` 6.
        recipient_reference: RecipientReference = imp(6) opt,
        /// 1 to 14 characters: `UNB` 5.
        interchange_control_reference: TeletexString = imp(7) opt,
        /// One character: `UNB` 8.
        processing_priority_code: TeletexString = imp(8) opt,
        /// Whether an acknowledgement is wanted: `UNB` 9.
        acknowledgement_request: bool = imp(9) def(false),
        /// 1 to 35 characters: `UNB` 10.
        communications_agreement_id: TeletexString = imp(10) opt,
        /// Whether the interchange is only a test: `UNB` 11.
        test_indicator: bool = imp(11) def(false),
        /// Authorization: `ISA` 1 and 2.
        authorization_information: AuthorizationInformation = imp(12) opt,
        /// Fields of others, and of later editions.
        recipient_extensions: Vec<EdimExtensionField> = imp(13) opt,
    }
}

crate::asn_seq! {
    /// Which notifications are wanted, and how secure.
    pub struct EdiNotificationRequestsField default {
        /// Which.
        edi_notification_requests: EdiNotificationRequests = imp(0) def(EdiNotificationRequests::default()),
        /// How secure the notification is to be.
        edi_notification_security: EdiSecurity = imp(1) def(EdiSecurity::default()),
        /// How secure the reception is to be.
        edi_reception_security: EdiSecurity = imp(2) def(EdiSecurity::default()),
    }
}

crate::named_bits! {
    /// Which notifications are wanted.
    pub struct EdiNotificationRequests(minimum 0) {
        /// When the responsibility was taken.
        POSITIVE = 0 => "pn",
        /// When it was not.
        NEGATIVE = 1 => "nn",
        /// When it was passed on.
        FORWARDED = 2 => "fn",
    }
}

crate::named_bits! {
    /// How secure something is to be.
    pub struct EdiSecurity(minimum 0) {
        /// Proven.
        PROOF = 0 => "proof",
        /// Beyond denial.
        NON_REPUDIATION = 1 => "non-repudiation",
    }
}

crate::asn_seq! {
    /// The recipient in the interchange.
    pub struct InterchangeRecipient {
        /// 1 to 35 characters.
        recipient_identification: TeletexString = imp(0) req,
        /// 1 to 4 characters.
        identification_code_qualifier: TeletexString = imp(1) opt,
        /// 1 to 14 characters.
        routing_address: TeletexString = imp(2) opt,
    }
}

crate::asn_seq! {
    /// The sender in the interchange.
    pub struct InterchangeSender {
        /// 1 to 35 characters.
        sender_identification: TeletexString = imp(0) req,
        /// 1 to 4 characters.
        identification_code_qualifier: TeletexString = imp(1) opt,
        /// 1 to 14 characters.
        address_for_reverse_routing: TeletexString = imp(2) opt,
    }
}

crate::asn_seq! {
    /// The recipient's reference or password.
    pub struct RecipientReference {
        /// 1 to 14 characters.
        recipient_reference: TeletexString = imp(0) req,
        /// 1 to 2 characters.
        recipient_reference_qualifier: TeletexString = imp(1) opt,
    }
}

crate::asn_seq! {
    /// Authorization of X12.
    pub struct AuthorizationInformation {
        /// 1 to 10 characters.
        authorization_information: TeletexString = imp(0) req,
        /// 1 to 2 characters.
        authorization_information_qualifier: TeletexString = imp(1) opt,
    }
}

crate::asn_seq! {
    /// Who gets the notifications of a message that was forwarded.
    pub struct EdinReceiver {
        /// Who.
        edin_receiver_name: OrName = imp(0) req,
        /// The message as it was before it was forwarded.
        original_edim_identifier: EdimIdentifier = imp(1) opt,
        /// Who had it first.
        first_recipient: OrName = imp(2) opt,
    }
}

crate::asn_choice! {
    /// A message that this one has to do with.
    pub enum RelatedMessageReference {
        /// An EDI message.
        Edi(EdimIdentifier) = imp(0),
        /// Another: an EXTERNAL, as it came.
        External(Vec<RawTlv>) = imp(1),
    }
}

crate::asn_seq! {
    /// Security of the interchange itself.
    pub struct EdiApplicationSecurityElements default {
        /// What sender and recipient agreed on, at most 8,191 bits.
        edi_application_security_element: NamedBits = imp(0) opt,
        /// Whether the primary part is encrypted.
        edi_encrypted_primary_bodypart: bool = imp(1) opt,
        /// Elements of others.
        edi_application_security_extensions: Vec<EdimExtensionField> = imp(2) opt,
    }
}

crate::asn_seq! {
    /// What the interchange says about another part.
    pub struct CrossReferencingInformation {
        /// What the interchange calls the part.
        application_cross_reference: Octets = imp(0) req,
        /// The message it is in, when it is not this one.
        message_reference: EdimIdentifier = imp(1) opt,
        /// Its number there.
        body_part_reference: i64 = imp(2) req,
    }
}

crate::asn_seq! {
    /// Separators of EDIFACT, one octet each.
    pub struct ServiceStringAdvice {
        /// `:` as a rule.
        component_data_element_separator: Octets = imp(0) req,
        /// `+` as a rule.
        data_element_separator: Octets = imp(1) req,
        /// `.` or `,`.
        decimal_notation: Octets = imp(2) req,
        /// `?` as a rule.
        release_indicator: Octets = imp(3) opt,
        /// Space.
        reserved: Octets = imp(4) opt,
        /// `'` as a rule.
        segment_terminator: Octets = imp(5) req,
    }
}

crate::asn_seq! {
    /// Syntax of EDIFACT.
    pub struct SyntaxIdentifier {
        /// `UNOA`, …; 1 to 4 characters.
        identifier: TeletexString = bare req,
        /// 1 to 5 characters.
        version: PrintableString = bare req,
    }
}

crate::asn_seq! {
    /// How the primary part is compressed: the value of the extension [`oids::EDI_COMPRESSION`] is a
    /// [`Compression`](crate::x420::file_transfer::Compression), and this is its parameter for V.42 bis.
    pub struct V42BisCompressionParameter default {
        /// Bits of a code word at most.
        dictionary_size: i64 = imp(0) def(12),
        /// Longest string.
        largest_compressed_chain: i64 = imp(1) def(512),
        /// How many entries are deleted at a time.
        last_entries_to_delete: i64 = imp(2) def(256),
    }
}
