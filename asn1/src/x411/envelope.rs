//! Message and probe transfer envelopes (X.411 12.2.1).

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use super::address::OrName;
use super::extension::ExtensionField;
use super::physical::ExplicitConversion;
use super::trace::{GlobalDomainIdentifier, TraceInformation};
use crate::prim::{
    Ia5String, ListAsSet, NamedBits, NumericString, Octets, Oid, PrintableString, RawTlv, TeletexString,
    X400Time,
};

crate::asn_set! {
    /// What travels around a message's content.
    pub struct MessageTransferEnvelope {
        /// Names the message for ever.
        message_identifier: MtsIdentifier = bare req,
        /// Who sent it, and hears of it.
        originator_name: OrName = bare req,
        /// What the content holds as it was submitted.
        original_encoded_information_types: EncodedInformationTypes = bare opt,
        /// What kind of content this is.
        content_type: ContentType = bare req,
        /// The sender's short mark, 1 to 16 characters.
        content_identifier: PrintableString = app(10) opt,
        /// How urgent it is.
        priority: Priority = app(7) def(Priority::NORMAL),
        /// What the sender allows and wants for all recipients.
        per_message_indicators: PerMessageIndicators = app(8) def(PerMessageIndicators::default()),
        /// Not to be delivered before.
        deferred_delivery_time: X400Time = imp(0) opt,
        /// What domains agreed among themselves, as it came.
        per_domain_bilateral_information: Vec<PerDomainBilateralInformation> = imp(1) opt,
        /// Which domains it passed, oldest first.
        trace_information: TraceInformation = app(9) req,
        /// Services of 1988 and later for the message.
        extensions: Vec<ExtensionField> = imp(3) def(Vec::new()),
        /// The recipients, at least one.
        per_recipient_fields: Vec<PerRecipientFields> = imp(2) req,
    }
}

impl MessageTransferEnvelope {
    /// An envelope with what every one must have, and nothing else.
    #[must_use]
    pub fn new(
        message_identifier: MtsIdentifier,
        originator_name: OrName,
        content_type: ContentType,
        trace_information: TraceInformation,
        per_recipient_fields: Vec<PerRecipientFields>,
    ) -> Self {
        Self {
            message_identifier,
            originator_name,
            original_encoded_information_types: None,
            content_type,
            content_identifier: None,
            priority: Priority::NORMAL,
            per_message_indicators: PerMessageIndicators::default(),
            deferred_delivery_time: None,
            per_domain_bilateral_information: None,
            trace_information,
            extensions: Vec::new(),
            per_recipient_fields,
            unknown: Vec::new(),
        }
    }
}

impl PerRecipientFields {
    /// A recipient with what every one must have, and nothing else.
    #[must_use]
    pub const fn new(
        recipient_name: OrName,
        originally_specified_recipient_number: i64,
        per_recipient_indicators: PerRecipientIndicators,
    ) -> Self {
        Self {
            recipient_name,
            originally_specified_recipient_number,
            per_recipient_indicators,
            explicit_conversion: None,
            extensions: Vec::new(),
            unknown: Vec::new(),
        }
    }
}

crate::asn_set! {
    /// What one recipient is to get.
    pub struct PerRecipientFields {
        /// Who.
        recipient_name: OrName = bare req,
        /// The number the originator gave the recipient, from 1.
        originally_specified_recipient_number: i64 = imp(0) req,
        /// Who answers for this recipient, and what reports are wanted.
        per_recipient_indicators: PerRecipientIndicators = imp(1) req,
        /// A conversion the sender asks for.
        explicit_conversion: ExplicitConversion = imp(2) opt,
        /// Services of 1988 and later for the recipient.
        extensions: Vec<ExtensionField> = imp(3) def(Vec::new()),
    }
}

crate::asn_set! {
    /// A probe: the envelope of a message that was never sent.
    pub struct ProbeTransferEnvelope {
        /// Names the probe for ever.
        probe_identifier: MtsIdentifier = bare req,
        /// Who asks.
        originator_name: OrName = bare req,
        /// What the content would hold.
        original_encoded_information_types: EncodedInformationTypes = bare opt,
        /// What kind of content it would be.
        content_type: ContentType = bare req,
        /// The sender's short mark.
        content_identifier: PrintableString = app(10) opt,
        /// Octets the content would have.
        content_length: i64 = imp(0) opt,
        /// What the sender allows and wants for all recipients.
        per_message_indicators: PerMessageIndicators = app(8) def(PerMessageIndicators::default()),
        /// What domains agreed among themselves.
        per_domain_bilateral_information: Vec<PerDomainBilateralInformation> = imp(1) opt,
        /// Which domains it passed, oldest first.
        trace_information: TraceInformation = app(9) req,
        /// Services of 1988 and later.
        extensions: Vec<ExtensionField> = imp(3) def(Vec::new()),
        /// The recipients, at least one.
        per_recipient_fields: Vec<PerRecipientFields> = imp(2) req,
    }
}

crate::asn_seq! {
    /// Names a message, probe or report for ever.
    ///
    /// ```asn
    /// MTSIdentifier ::= [APPLICATION 4] SEQUENCE { global-domain-identifier, local-identifier IA5String (1..32) }
    /// ```
    pub struct MtsIdentifier [APPLICATION 4] {
        /// The domain that gave the name.
        domain: GlobalDomainIdentifier = bare req,
        /// The name within it, 1 to 32 characters.
        local_identifier: Ia5String = bare req,
    }
}

crate::asn_choice! {
    /// What a content is. The RELATIVE-OID that the text of 1999 has for the second alternative is `Unknown`, and relayed
    /// as it came (A-11).
    pub enum ContentType also(13) {
        /// One of the standard's own: see [`ContentType::P2`] and its neighbours.
        BuiltIn(i64) = app(6),
        /// Named by an object identifier.
        Extended(Oid) = bare,
    }
}

impl ContentType {
    /// Not said.
    pub const UNIDENTIFIED: Self = Self::BuiltIn(0);
    /// An EXTERNAL that says what it is.
    pub const EXTERNAL: Self = Self::BuiltIn(1);
    /// Interpersonal messaging of 1984.
    pub const P2: Self = Self::BuiltIn(2);
    /// Interpersonal messaging of 1988.
    pub const P22: Self = Self::BuiltIn(22);
    /// EDI messaging (X.435).
    pub const P35: Self = Self::BuiltIn(35);
    /// Voice messaging (X.440).
    pub const VOICE: Self = Self::BuiltIn(40);
}

crate::asn_set! {
    /// Which types of information a content holds.
    ///
    /// ```asn
    /// EncodedInformationTypes ::= [APPLICATION 5] SET { built-in [0], non-basic parameters [1] [2] [3], extended [4] }
    /// ```
    pub struct EncodedInformationTypes [APPLICATION 5] default {
        /// The standard's own types.
        built_in: BuiltInEncodedInformationTypes = imp(0) req,
        /// Non-basic parameters of group 3 facsimile, as they came.
        g3_facsimile: NamedBits = imp(1) opt,
        /// Non-basic parameters of teletex.
        teletex: TeletexNonBasicParameters = imp(2) opt,
        /// Types named by object identifiers.
        extended: Vec<Oid> = imp(4) opt,
    }
}

crate::asn_set! {
    /// What a teletex terminal must be able to do beyond the basic (T.62), the same as in the parameters of a teletex body part.
    pub struct TeletexNonBasicParameters default {
        /// Graphic characters: the escape sequences that designate them.
        graphic_character_sets: TeletexString = imp(0) opt,
        /// Control characters: the escape sequences that designate them.
        control_character_sets: TeletexString = imp(1) opt,
        /// Sizes of pages.
        page_formats: Octets = imp(2) opt,
        /// Other capabilities.
        miscellaneous_terminal_capabilities: TeletexString = imp(3) opt,
        /// What was agreed on, at most 128 octets.
        private_use: Octets = imp(4) opt,
    }
}

crate::named_bits! {
    /// The standard's own encoded information types.
    pub struct BuiltInEncodedInformationTypes(minimum 0) {
        /// Not known.
        UNKNOWN = 0 => "unknown",
        /// Telex, 1984 only.
        TELEX = 1 => "telex",
        /// IA5 text.
        IA5_TEXT = 2 => "ia5-text",
        /// Group 3 facsimile.
        G3_FACSIMILE = 3 => "g3-facsimile",
        /// Group 4 facsimile, class 1.
        G4_CLASS_1 = 4 => "g4-class-1",
        /// Teletex.
        TELETEX = 5 => "teletex",
        /// Videotex.
        VIDEOTEX = 6 => "videotex",
        /// Voice.
        VOICE = 7 => "voice",
        /// Simple formattable document.
        SFD = 8 => "sfd",
        /// Mixed mode.
        MIXED_MODE = 9 => "mixed-mode",
    }
}

crate::open_enum! {
    /// How urgent a message is.
    pub struct Priority: ENUMERATED {
        /// The default.
        NORMAL = 0 => "normal",
        /// May wait.
        NON_URGENT = 1 => "non-urgent",
        /// Goes first.
        URGENT = 2 => "urgent",
    }
}

crate::named_bits! {
    /// What the sender allows and wants for all recipients.
    pub struct PerMessageIndicators(minimum 0) {
        /// Recipients may see each other.
        DISCLOSURE_OF_OTHER_RECIPIENTS = 0 => "disclosure-of-other-recipients",
        /// The content is to arrive as it is.
        IMPLICIT_CONVERSION_PROHIBITED = 1 => "implicit-conversion-prohibited",
        /// Someone else may get it when the recipient cannot.
        ALTERNATE_RECIPIENT_ALLOWED = 2 => "alternate-recipient-allowed",
        /// A report is to bring the content back.
        CONTENT_RETURN_REQUEST = 3 => "content-return-request",
        /// Unused.
        RESERVED = 4 => "reserved",
        /// First bit of the notification type.
        NOTIFICATION_TYPE_1 = 5 => "bit-5",
        /// Second bit of the notification type.
        NOTIFICATION_TYPE_2 = 6 => "bit-6",
        /// A message of the service itself.
        SERVICE_MESSAGE = 7 => "service-message",
    }
}

crate::named_bits! {
    /// Who answers for a recipient, and which reports are wanted. Never shorter than eight bits.
    pub struct PerRecipientIndicators(minimum 8) {
        /// The receiving MTA answers for this recipient.
        RESPONSIBILITY = 0 => "responsibility",
        /// The originating MTA wants every report.
        ORIGINATING_MTA_REPORT = 1 => "originating-MTA-report",
        /// The originating MTA wants reports of failure.
        ORIGINATING_MTA_NON_DELIVERY_REPORT = 2 => "originating-MTA-non-delivery-report",
        /// The originator wants every report.
        ORIGINATOR_REPORT = 3 => "originator-report",
        /// The originator wants reports of failure.
        ORIGINATOR_NON_DELIVERY_REPORT = 4 => "originator-non-delivery-report",
    }
}

/// What one domain told another. What is said has a tag of its own, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct PerDomainBilateralInformation {
    /// The country of the domain addressed.
    #[rasn(tag(explicit(application, 1)))]
    pub country: super::address::DomainName,
    /// The domain: an ADMD, or an ADMD and PRMD.
    pub domain: BilateralDomain,
    /// What is said, as it came.
    pub information: RawTlv,
}

crate::asn_choice! {
    /// The domain that bilateral information is for.
    pub enum BilateralDomain {
        /// An administration domain alone.
        Administration(BilateralAdministration) = eapp(2),
        /// A private domain under an administration domain, as it came.
        Private(RawSequence) = bare,
    }
}

crate::asn_choice! {
    /// The name of an administration domain.
    pub enum BilateralAdministration {
        /// Digits.
        Numeric(NumericString) = bare,
        /// Characters.
        Printable(PrintableString) = bare,
    }
}

/// A SEQUENCE that is kept as it came.
pub type RawSequence = Vec<RawTlv>;

/// SET OF content types, object identifiers and the like.
pub type OidSet = ListAsSet<Oid>;
