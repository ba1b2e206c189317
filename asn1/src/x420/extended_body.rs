//! Extended body parts by type (X.420 Annex B, RFC 2157; ledger B-01): which object identifiers name one, and of what types
//! its parameters and data are.

use rasn::{AsnType, Decode, Decoder, Encode};

use super::Ipm;
use super::basic_body::{EncryptedParameters, InterchangeDataElements, VideotexParameters};
use super::body::{
    ExternallyDefined, G3FacsimileParameters, GeneralTextData, GeneralTextParameters, Ia5TextParameters,
    MessageParameters, TeletexParameters, kind,
};
use super::file_transfer::{FileTransferData, FileTransferParameters};
use super::forwarded::{ForwardedContentParameters, ReportDelivery};
use super::notification::Ipn;
use crate::ber::Error;
use crate::oids;
use crate::prim::{
    Captured, External, Ia5String, NamedBits, Octets, Oid, RawTlv, TeletexString, VideotexString,
};

/// An extended body part with types for what it holds.
pub trait ExtendedBodyPart {
    /// Names the part, and the type of its data.
    const KIND: Oid;
    /// Names the type of its parameters, if it may have any.
    const PARAMETERS: Option<Oid>;
    /// The type of the parameters; [`Null`](crate::prim::Null) where there are none.
    type Parameters: Decode + Encode;
    /// The type of the data.
    type Data: ExternalData;

    /// The part, in the form X.420 prefers: each value as one element in its EXTERNAL. Parameters of a part that has none
    /// are left out.
    ///
    /// # Errors
    /// As [`crate::ber::encode`].
    fn part(parameters: Option<&Self::Parameters>, data: &Self::Data) -> Result<ExternallyDefined, Error> {
        let parameters = match (Self::PARAMETERS, parameters) {
            (Some(kind), Some(parameters)) => Some(External::single(kind, RawTlv::of(parameters)?)),
            _ => None,
        };
        let data = External::single(Self::KIND, RawTlv::of(data)?);
        Ok(ExternallyDefined { parameters, data, unknown: Vec::new() })
    }

    /// What `part` holds, if it is of this type; parameters that are empty or of another type are none.
    ///
    /// # Errors
    /// As [`crate::ber::decode`].
    #[expect(clippy::type_complexity, reason = "it is written only here")]
    fn read(part: &ExternallyDefined) -> Result<Option<Held<Self::Parameters, Self::Data>>, Error> {
        if part.kind() != Some(&Self::KIND) {
            return Ok(None);
        }
        let parameters = Self::parameters(part.parameters.as_ref())?;
        Ok(Some(Held { parameters, data: Self::Data::from_external(&part.data)? }))
    }

    /// The parameters in an EXTERNAL; those that are empty or of another type are none.
    ///
    /// # Errors
    /// As [`crate::ber::decode`].
    fn parameters(external: Option<&External>) -> Result<Option<Self::Parameters>, Error> {
        match (external, Self::PARAMETERS) {
            (Some(external), Some(kind))
                if external.direct_reference.as_ref().is_none_or(|oid| *oid == kind) =>
            {
                external.value().map(Some)
            }
            _ => Ok(None),
        }
    }
}

/// What an extended body part holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<P, D> {
    /// Its parameters, if it has some.
    pub parameters: Option<P>,
    /// Its data.
    pub data: D,
}

/// A type that can be the data of an extended body part. Where it is an OCTET STRING, peers also write the octets
/// themselves into the EXTERNAL (ledger B-38).
pub trait ExternalData: Decode + Encode {
    /// The value in an EXTERNAL.
    ///
    /// # Errors
    /// As [`crate::ber::decode`].
    fn from_external(external: &External) -> Result<Self, Error> {
        external.value()
    }
}

impl ExternalData for Octets {
    fn from_external(external: &External) -> Result<Self, Error> {
        external.octets()
    }
}

impl<const TAG: u32> ExternalData for crate::prim::LaxStr<TAG> {}
impl<T: Decode + Encode> ExternalData for Vec<T> {}
impl<T: AsnType> ExternalData for Captured<T> {}
impl ExternalData for NamedBits {}
impl ExternalData for RawTlv {}
impl ExternalData for Ipn {}
impl ExternalData for ReportDelivery {}

/// Declares extended body parts: name, object identifier and type of the data, and of the parameters if there are any.
macro_rules! extended_body_parts {
    (@parameters) => { None };
    (@parameters $oid:expr) => { Some($oid) };
    (@type) => { $crate::prim::Null };
    (@type $ty:ty) => { $ty };
    ($( $(#[$meta:meta])* $name:ident = $kind:expr => $data:ty $(, $parameters_kind:expr => $parameters:ty)?; )*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;

            impl $crate::x420::extended_body::ExtendedBodyPart for $name {
                const KIND: $crate::prim::Oid = $kind;
                const PARAMETERS: Option<$crate::prim::Oid> =
                    $crate::x420::extended_body::extended_body_parts!(@parameters $($parameters_kind)?);
                type Parameters = $crate::x420::extended_body::extended_body_parts!(@type $($parameters)?);
                type Data = $data;
            }
        )*
    };
}
pub(crate) use extended_body_parts;

extended_body_parts! {
    /// IA5 text: 2.6.1.4.0.
    ExtendedIa5Text = kind::IA5_TEXT => Ia5String, kind::IA5_TEXT_PARAMETERS => Ia5TextParameters;
    /// Group 3 facsimile: 2.6.1.4.2.
    ExtendedG3Facsimile = oids::PART_G3_FACSIMILE => Vec<NamedBits>, oids::PARAMETERS_G3_FACSIMILE => G3FacsimileParameters;
    /// Group 4 facsimile, class 1: 2.6.1.4.3.
    ExtendedG4Class1 = oids::PART_G4_CLASS_1 => InterchangeDataElements;
    /// Teletex: 2.6.1.4.4.
    ExtendedTeletex = oids::PART_TELETEX => Vec<TeletexString>, oids::PARAMETERS_TELETEX => TeletexParameters;
    /// Videotex: 2.6.1.4.5.
    ExtendedVideotex = oids::PART_VIDEOTEX => VideotexString, oids::PARAMETERS_VIDEOTEX => VideotexParameters;
    /// An encrypted part: 2.6.1.4.6.
    ExtendedEncrypted = oids::PART_ENCRYPTED => NamedBits, oids::PARAMETERS_ENCRYPTED => EncryptedParameters;
    /// A forwarded message: 2.6.1.4.7.
    ExtendedMessage = kind::MESSAGE => Captured<Ipm>, kind::MESSAGE_PARAMETERS => MessageParameters;
    /// Mixed mode: 2.6.1.4.8.
    ExtendedMixedMode = oids::PART_MIXED_MODE => InterchangeDataElements;
    /// Octets whose meaning was agreed on: 2.6.1.4.9.
    ExtendedBilaterallyDefined = kind::BILATERALLY_DEFINED => Octets;
    /// What nations agreed on: 2.6.1.4.10.
    ExtendedNationallyDefined = oids::PART_NATIONALLY_DEFINED => RawTlv;
    /// Text in registered character sets: 2.6.1.4.11.
    GeneralText = kind::GENERAL_TEXT => GeneralTextData, kind::GENERAL_TEXT_PARAMETERS => GeneralTextParameters;
    /// A file: 2.6.1.4.12.
    FileTransfer = kind::FILE_TRANSFER => FileTransferData, kind::FILE_TRANSFER_PARAMETERS => FileTransferParameters;
    /// A report: 2.6.1.4.14.
    ForwardedReport = kind::REPORT => ReportDelivery;
    /// A notification: 2.6.1.4.15.
    ForwardedNotification = kind::NOTIFICATION => Ipn, oids::PARAMETERS_NOTIFICATION => MessageParameters;
    /// Speech: 2.6.1.4.16.
    ExtendedVoice = oids::PART_VOICE => Octets, oids::PARAMETERS_VOICE => VoiceParameters;
    /// A PKCS#7 object, as it came: 2.6.1.4.18.
    Pkcs7 = kind::PKCS7 => RawTlv;
    /// An ODA document, as it came; the parameters have the identifier of the data (RFC 2161): 2.8.1.0.1.
    Oda = oids::PART_ODA => RawTlv, oids::PART_ODA => OdaParameters;
    /// A MIME part in a tunnel: 1.3.6.1.7.1.2.1.1.
    MimeBodyPart = kind::MIME_BODY_PART => Octets, kind::MIME_BODY_PART_PARAMETERS => MimeBodyPartParameters;
    /// PostScript: 1.3.6.1.7.1.2.1.2.
    MimePostscript = kind::MIME_POSTSCRIPT => Octets;
    /// JPEG: 1.3.6.1.7.1.2.1.3.
    MimeJpeg = kind::MIME_JPEG => Octets;
    /// GIF: 1.3.6.1.7.1.2.1.4.
    MimeGif = kind::MIME_GIF => Octets;
}

crate::asn_seq! {
    /// Parameters of speech.
    pub struct VoiceParameters {
        /// Seconds it takes.
        voice_message_duration: i64 = imp(0) opt,
        /// How it is coded.
        voice_encoding_type: Oid = imp(1) req,
        /// More words.
        supplementary_information: Ia5String = imp(2) opt,
    }
}

crate::asn_set! {
    /// Parameters of an ODA document (RFC 2161).
    pub struct OdaParameters {
        /// The document application profile.
        document_application_profile: Oid = imp(0) req,
        /// The document architecture class.
        document_architecture_class: DocumentArchitectureClass = imp(1) req,
    }
}

crate::open_enum! {
    /// Classes of ODA documents.
    pub struct DocumentArchitectureClass: INTEGER {
        /// To be looked at.
        FORMATTED = 0 => "formatted",
        /// To be worked on.
        PROCESSABLE = 1 => "processable",
        /// Both.
        FORMATTED_PROCESSABLE = 2 => "formatted-processable",
    }
}

/// Parameters of a MIME part in a tunnel (RFC 2157 3.1.2). Members share tags, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct MimeBodyPartParameters {
    /// `type/subtype`.
    pub content_type: Ia5String,
    /// Parameters of the type.
    pub content_parameters: Vec<MimeParameter>,
    /// The part's other header fields, one string each.
    pub other_header_fields: Option<Vec<Ia5String>>,
}

/// A parameter of a MIME type.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct MimeParameter {
    /// Its name.
    pub name: Ia5String,
    /// Its value, with the quotes it had.
    pub value: Ia5String,
}

/// A forwarded content of any type (ledger B-19): the content type is part of the object identifiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardedContent {
    /// What kind of content it is.
    pub content_type: Oid,
    /// What was known of it, if anything.
    pub parameters: Option<ForwardedContentParameters>,
    /// The content.
    pub content: Octets,
}

impl ForwardedContent {
    /// The part.
    ///
    /// # Errors
    /// As [`crate::ber::encode`]; also when the content type has an arc that does not fit 64 bits.
    pub fn part(&self) -> Result<ExternallyDefined, Error> {
        let Some(arcs) = self.content_type.arcs() else {
            return Err(Error::Unencodable("the content type is no object identifier".into()));
        };
        let parameters = match &self.parameters {
            Some(parameters) => {
                Some(External::single(oids::PARAMETERS_CONTENT.below(&arcs), RawTlv::of(parameters)?))
            }
            None => None,
        };
        let data = External::single(kind::CONTENT.below(&arcs), RawTlv::of(&self.content)?);
        Ok(ExternallyDefined { parameters, data, unknown: Vec::new() })
    }

    /// Which type of content a part forwards whose type has the name `kind`, if it forwards one.
    #[must_use]
    pub fn content_type(kind: &Oid) -> Option<Oid> {
        let arcs = Some(kind).filter(|kind| kind.starts_with(&kind::CONTENT)).and_then(Oid::arcs)?;
        Oid::from_arcs(arcs.get(5..)?).ok()
    }

    /// What `part` holds, if it is a forwarded content.
    ///
    /// # Errors
    /// As [`crate::ber::decode`].
    pub fn read(part: &ExternallyDefined) -> Result<Option<Self>, Error> {
        let Some(content_type) = part.kind().and_then(Self::content_type) else { return Ok(None) };
        let parameters = part.parameters.as_ref().map(External::value).transpose()?;
        Ok(Some(Self { content_type, parameters, content: part.data.octets()? }))
    }
}
