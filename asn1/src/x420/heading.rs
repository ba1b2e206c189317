//! The heading of an interpersonal message (X.420 7.2).

use rasn::{AsnType, Decode, Decoder, Encode};

use crate::ber::{self, Error};
use crate::prim::{
    GeneralizedTime, Ia5String, ListAsSet, Null, Oid, PrintableString, RawTlv, TeletexString, X400Time,
};
use crate::x411::address::{OrName, UniversalOrBmp};

crate::asn_set! {
    /// The heading.
    pub struct Heading default {
        /// Names the message for ever.
        this_ipm: IpmIdentifier = bare req,
        /// Who sent it.
        originator: OrDescriptor = imp(0) opt,
        /// Who answers for it, when that is not the originator alone.
        authorizing_users: Vec<OrDescriptor> = imp(1) opt,
        /// To.
        primary_recipients: Vec<RecipientSpecifier> = imp(2) opt,
        /// Copy to.
        copy_recipients: Vec<RecipientSpecifier> = imp(3) opt,
        /// Blind copy to.
        blind_copy_recipients: Vec<RecipientSpecifier> = imp(4) opt,
        /// The message this one answers.
        replied_to_ipm: IpmIdentifier = imp(5) opt,
        /// Messages this one replaces.
        obsoleted_ipms: Vec<IpmIdentifier> = imp(6) opt,
        /// Messages this one has to do with.
        related_ipms: Vec<IpmIdentifier> = imp(7) opt,
        /// At most 128 characters of T.61.
        subject: TeletexString = exp(8) opt,
        /// After this the message means nothing.
        expiry_time: X400Time = imp(9) opt,
        /// An answer is wanted by then.
        reply_time: X400Time = imp(10) opt,
        /// An answer goes to these.
        reply_recipients: Vec<OrDescriptor> = imp(11) opt,
        /// How important it is.
        importance: Importance = imp(12) def(Importance::NORMAL),
        /// How confidential it is.
        sensitivity: Sensitivity = imp(13) opt,
        /// It was passed on by a machine.
        auto_forwarded: bool = imp(14) def(false),
        /// Fields of 1988 and later.
        extensions: Vec<HeadingExtensionField> = imp(15) def(Vec::new()),
    }
}

crate::asn_set! {
    /// Names a message for ever.
    ///
    /// ```asn
    /// IPMIdentifier ::= [APPLICATION 11] SET { user ORName OPTIONAL, user-relative-identifier PrintableString (0..64) }
    /// ```
    pub struct IpmIdentifier [APPLICATION 11] default {
        /// Who gave the name.
        user: OrName = bare opt,
        /// The name.
        user_relative_identifier: PrintableString = bare req,
    }
}

crate::asn_set! {
    /// A user or list, by address, by a name for people, or both.
    pub struct OrDescriptor default {
        /// The address.
        formal_name: OrName = bare opt,
        /// The name for people, at most 64 characters of T.61.
        free_form_name: TeletexString = imp(0) opt,
        /// At most 32 characters.
        telephone_number: PrintableString = imp(1) opt,
    }
}

crate::asn_set! {
    /// A recipient and what is wanted of it.
    pub struct RecipientSpecifier default {
        /// Who.
        recipient: OrDescriptor = imp(0) req,
        /// Which notifications are wanted.
        notification_requests: NotificationRequests = imp(1) def(NotificationRequests::default()),
        /// Whether an answer is wanted.
        reply_requested: bool = imp(2) def(false),
        /// Fields of 1988 and later.
        extensions: Vec<HeadingExtensionField> = imp(3) def(Vec::new()),
    }
}

crate::named_bits! {
    /// Which notifications a sender wants.
    pub struct NotificationRequests(minimum 0) {
        /// When it was received.
        RECEIPT = 0 => "rn",
        /// When it was not.
        NON_RECEIPT = 1 => "nrn",
        /// With the message, when it was not.
        IPM_RETURN = 2 => "ipm-return",
        /// Other notifications are understood.
        AN_SUPPORTED = 3 => "an-supported",
        /// Other notifications are not wanted.
        SUPPRESS_AN = 4 => "suppress-an",
    }
}

crate::open_enum! {
    /// How important a message is.
    pub struct Importance: ENUMERATED {
        /// Less than usual.
        LOW = 0 => "low",
        /// The default.
        NORMAL = 1 => "normal",
        /// More than usual.
        HIGH = 2 => "high",
    }
}

crate::open_enum! {
    /// How confidential a message is.
    pub struct Sensitivity: ENUMERATED {
        /// For the recipient as a person.
        PERSONAL = 1 => "personal",
        /// For the recipient alone.
        PRIVATE = 2 => "private",
        /// For the company alone.
        COMPANY_CONFIDENTIAL = 3 => "company-confidential",
    }
}

/// One extension of a heading or recipient: an object identifier, and a value whose absence means NULL.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct HeadingExtensionField {
    /// Which extension.
    pub kind: Oid,
    /// Its value.
    pub value: Option<RawTlv>,
}

impl HeadingExtensionField {
    /// The value, decoded now; one that was left out is NULL.
    ///
    /// # Errors
    /// As [`ber::decode`].
    pub fn get<T: Decode>(&self) -> Result<T, Error> {
        self.value.as_ref().map_or_else(|| ber::decode(NULL, NULL.len()), RawTlv::get)
    }
}

/// NULL, encoded.
const NULL: &[u8] = &[5, 0];

/// A heading extension with a name and a type for its value.
pub trait HeadingExtension {
    /// The extension's object identifier.
    const ID: Oid;
    /// The type of the value.
    type Value: Decode + Encode;

    /// The extension with this value.
    ///
    /// # Errors
    /// As [`crate::ber::encode`].
    fn field(value: &Self::Value) -> Result<HeadingExtensionField, Error> {
        Ok(HeadingExtensionField { kind: Self::ID, value: Some(RawTlv::of(value)?) })
    }

    /// The value, if the extension is among `fields`.
    ///
    /// # Errors
    /// When the value is not of the extension's type.
    fn find(fields: &[HeadingExtensionField]) -> Result<Option<Self::Value>, Error> {
        fields.iter().find(|field| field.kind == Self::ID).map(HeadingExtensionField::get).transpose()
    }
}

/// Declares heading extensions: name, contents octets of the object identifier, value type.
macro_rules! heading_extensions {
    ($( $(#[$meta:meta])* $name:ident = $id:expr => $value:ty; )*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;

            impl $crate::x420::heading::HeadingExtension for $name {
                const ID: $crate::prim::Oid = $crate::prim::Oid::from_contents($id);
                type Value = $value;
            }
        )*
    };
}
pub(crate) use heading_extensions;

heading_extensions! {
    /// The body is not whole: 2.6.1.5.0.
    IncompleteCopy = &[0x56, 1, 5, 0] => Null;
    /// Languages of the message, ISO 639: 2.6.1.5.1.
    Languages = &[0x56, 1, 5, 1] => ListAsSet<PrintableString>;
    /// Made by a machine: 2.6.1.5.2.
    AutoSubmitted = &[0x56, 1, 5, 2] => AutoSubmittedValue;
    /// When the message was authorized: 2.6.1.5.5.
    AuthorizationTime = &[0x56, 1, 5, 5] => GeneralizedTime;
    /// A subject beyond T.61, at most 256 characters: 2.6.1.5.8.
    ExtendedSubject = &[0x56, 1, 5, 8] => UniversalOrBmp;
    /// What is to be done by hand, 1 to 16 instructions of at most 128 characters: 2.6.1.5.10.
    ManualHandlingInstructions = &[0x56, 1, 5, 10] => Vec<UniversalOrBmp>;
    /// The originator's reference, at most 64 characters: 2.6.1.5.11.
    OriginatorsReference = &[0x56, 1, 5, 11] => UniversalOrBmp;
    /// Whose precedences the recipients' are: 2.6.1.5.12.
    PrecedencePolicyIdentifier = &[0x56, 1, 5, 12] => Oid;
    /// Of a recipient: this one is on the circulation list: 2.6.1.20.0.
    CirculationListIndicator = &[0x56, 1, 20, 0] => Null;
    /// Of a recipient: its precedence, 0 to 127: 2.6.1.20.1.
    Precedence = &[0x56, 1, 20, 1] => i64;
    /// Fields of an RFC 5322 header, one string each (RFC 2156 Appendix D): 1.3.6.1.7.1.3.2.
    Rfc822Field = &[0x2b, 6, 1, 7, 1, 3, 2] => Vec<Ia5String>;
    /// The same as RFC 1327 had it: 0.9.2342.234219200300.200.1.
    Rfc1327Field = &[9, 0x92, 0x26, 0x86, 0xe8, 0xc4, 0xb5, 0xbe, 0x2c, 0x81, 0x48, 1] => Vec<Ia5String>;
    /// One field of an RFC 5322 header, as RFC 1138 and 1148 had it; may occur again: 0.9.2342.234219200300.200.0.
    Rfc1148Field = &[9, 0x92, 0x26, 0x86, 0xe8, 0xc4, 0xb5, 0xbe, 0x2c, 0x81, 0x48, 0] => Ia5String;
    /// The message is a part of a larger one (RFC 1495): 1.3.6.1.7.1.1.1.
    PartialMessage = &[0x2b, 6, 1, 7, 1, 1, 1] => PartialMessageValue;
    /// The body stands for a MIME multipart, as RFC 1495 had it; loses to the next: 1.3.6.1.7.1.1.2.
    MultipartMessageV1 = &[0x2b, 6, 1, 7, 1, 1, 2] => MultipartType;
    /// The body stands for a MIME multipart (RFC 2157 6.6): 1.3.6.1.7.1.1.3.
    MultipartMessage = &[0x2b, 6, 1, 7, 1, 1, 3] => MultipartMessageValue;
}

crate::open_enum! {
    /// Whether a message was made by a machine.
    pub struct AutoSubmittedValue: ENUMERATED {
        /// By a person.
        NOT_AUTO_SUBMITTED = 0 => "not-auto-submitted",
        /// By a machine, of itself.
        AUTO_GENERATED = 1 => "auto-generated",
        /// By a machine, as an answer.
        AUTO_REPLIED = 2 => "auto-replied",
    }
}

crate::asn_seq! {
    /// Which multipart a body stands for.
    pub struct MultipartMessageValue {
        /// The subtype: `mixed`, `alternative`, ….
        subtype: Ia5String = bare req,
        /// Whether the multipart was the body of a message, not a part of another multipart.
        is_a_message: bool = bare def(true),
    }
}

/// Which part of a larger message this one is.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct PartialMessageValue {
    /// Which, from 1.
    pub number: i64,
    /// How many there are.
    pub total: i64,
    /// Names the larger message.
    pub id: Ia5String,
}

crate::open_enum! {
    /// Which multipart a body stands for, as RFC 1495 had it.
    pub struct MultipartType: ENUMERATED {
        /// Parts in their order.
        MIXED = 1 => "mixed",
        /// The same in several forms.
        ALTERNATIVE = 2 => "alternative",
        /// Messages.
        DIGEST = 3 => "digest",
        /// Parts to be shown at once.
        PARALLEL = 4 => "parallel",
    }
}
