//! A body part as its type says, whichever of the two ways it came: basic, or extended with an object identifier.

use rasn::Decode;

use super::basic_body::{Encrypted, InterchangeDataElements, Telex, Videotex, Voice};
use super::body::{
    BodyPart, ExternallyDefined, ForwardedMessage, G3Facsimile, GeneralTextData, GeneralTextParameters,
    Ia5Text, MessageParameters, RawSequence, Teletex,
};
use super::extended_body as extended;
use super::extended_body::{ExtendedBodyPart as _, Held};
use super::file_transfer::{FileTransferData, FileTransferParameters};
use super::forwarded::ReportDelivery;
use super::notification::Ipn;
use crate::ber::{self, Error};
use crate::prim::{Octets, RawTlv};
use crate::stanag4406::military_body as military;

/// A body part as its type says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedBodyPart {
    /// IA5 text.
    Ia5Text(Ia5Text),
    /// Telex.
    Telex(Telex),
    /// Speech of 1984.
    Voice(Voice),
    /// Group 3 facsimile.
    G3Facsimile(G3Facsimile),
    /// Group 4 facsimile, class 1.
    G4Class1(InterchangeDataElements),
    /// Teletex.
    Teletex(Teletex),
    /// Videotex.
    Videotex(Videotex),
    /// What nations agreed on.
    NationallyDefined(RawTlv),
    /// An encrypted part.
    Encrypted(Encrypted),
    /// A forwarded message.
    Message(Box<ForwardedMessage>),
    /// A simple formattable document of 1984.
    SimpleFormattableDocument(InterchangeDataElements),
    /// Mixed mode.
    MixedMode(InterchangeDataElements),
    /// Octets whose meaning was agreed on.
    BilaterallyDefined(Octets),
    /// Text in registered character sets.
    GeneralText(Held<GeneralTextParameters, GeneralTextData>),
    /// A file.
    FileTransfer(Box<Held<FileTransferParameters, FileTransferData>>),
    /// A report.
    Report(Box<ReportDelivery>),
    /// A notification.
    Notification(Box<Held<MessageParameters, Ipn>>),
    /// Speech.
    ExtendedVoice(Held<extended::VoiceParameters, Octets>),
    /// A content of any type.
    Content(Box<extended::ForwardedContent>),
    /// A PKCS#7 object.
    Pkcs7(RawTlv),
    /// An ODA document.
    Oda(Held<extended::OdaParameters, RawTlv>),
    /// A MIME part in a tunnel.
    Mime(Held<extended::MimeBodyPartParameters, Octets>),
    /// PostScript.
    Postscript(Octets),
    /// JPEG.
    Jpeg(Octets),
    /// GIF.
    Gif(Octets),
    /// A formatted message of ADatP-3.
    Adatp3(Held<i64, military::Adatp3Data>),
    /// Corrections to another part.
    Corrections(Held<i64, crate::prim::Ia5String>),
    /// An encrypted message.
    ForwardedEncrypted(Box<Held<military::ForwardedEncryptedParameters, crate::prim::NamedBits>>),
    /// A military message.
    MilitaryMessage(Box<Held<MessageParameters, crate::prim::Captured<super::Ipm>>>),
    /// A message of ACP 127.
    Acp127Data(Held<i64, crate::prim::Ia5String>),
    /// A part of a type that this crate has no types for.
    Other(BodyPart),
}

impl BodyPart {
    /// The part as its type says, decoded now. The octets stay with the part, so one that cannot be read can still be
    /// relayed or carried in a tunnel.
    ///
    /// # Errors
    /// When what the part holds is not of its type.
    pub fn typed(&self) -> Result<TypedBodyPart, Error> {
        use TypedBodyPart as Typed;
        Ok(match self {
            Self::Ia5Text(part) => Typed::Ia5Text(part.clone()),
            Self::Telex(members) => Typed::Telex(ordered(members)?),
            Self::Voice(members) => Typed::Voice(ordered(members)?),
            Self::G3Facsimile(part) => Typed::G3Facsimile(part.clone()),
            Self::G4Class1(elements) => Typed::G4Class1(elements.clone()),
            Self::Teletex(part) => Typed::Teletex(part.clone()),
            Self::Videotex(members) => Typed::Videotex(ordered(members)?),
            Self::NationallyDefined(element) => Typed::NationallyDefined(element.clone()),
            Self::Encrypted(members) => Typed::Encrypted(ordered(members)?),
            Self::Message(part) => Typed::Message(part.clone()),
            Self::SimpleFormattableDocument(elements) => Typed::SimpleFormattableDocument(elements.clone()),
            Self::MixedMode(elements) => Typed::MixedMode(elements.clone()),
            Self::BilaterallyDefined(octets) => Typed::BilaterallyDefined(octets.clone()),
            Self::ExternallyDefined(part) => part.typed()?,
            Self::Unknown(_) => Typed::Other(self.clone()),
        })
    }
}

/// A SEQUENCE whose members were kept, read as a type.
fn ordered<T: Decode>(members: &RawSequence) -> Result<T, Error> {
    let octets = ber::encode(members)?;
    ber::decode(&octets, octets.len())
}

impl ExternallyDefined {
    /// As [`BodyPart::typed`]: a part that could have been a basic one is the same as that.
    ///
    /// # Errors
    /// When what the part holds is not of its type.
    pub fn typed(&self) -> Result<TypedBodyPart, Error> {
        for read in READERS {
            if let Some(typed) = read(self)? {
                return Ok(typed);
            }
        }
        Ok(TypedBodyPart::Other(BodyPart::ExternallyDefined(self.clone())))
    }
}

type Reader = fn(&ExternallyDefined) -> Result<Option<TypedBodyPart>, Error>;

/// Writes a reader: how what a part of one type holds becomes a [`TypedBodyPart`].
macro_rules! reader {
    ($kind:ty, $make:expr) => {
        |part| {
            // A closure's parameter needs the type that it is given.
            fn made<P, D>(held: Held<P, D>, make: impl FnOnce(Held<P, D>) -> TypedBodyPart) -> TypedBodyPart {
                make(held)
            }
            Ok(<$kind>::read(part)?.map(|held| made(held, $make)))
        }
    };
}

/// One for each type of extended body part.
const READERS: &[Reader] = &[
    reader!(extended::ExtendedIa5Text, |held| TypedBodyPart::Ia5Text(Ia5Text {
        parameters: held.parameters.unwrap_or_default(),
        data: held.data,
    })),
    reader!(extended::ExtendedG3Facsimile, |held| TypedBodyPart::G3Facsimile(G3Facsimile {
        parameters: held.parameters.unwrap_or_default(),
        data: held.data,
    })),
    reader!(extended::ExtendedG4Class1, |held| TypedBodyPart::G4Class1(held.data)),
    reader!(extended::ExtendedTeletex, |held| TypedBodyPart::Teletex(Teletex {
        parameters: held.parameters.unwrap_or_default(),
        data: held.data,
    })),
    reader!(extended::ExtendedVideotex, |held| TypedBodyPart::Videotex(Videotex {
        parameters: held.parameters.unwrap_or_default(),
        data: held.data,
    })),
    reader!(extended::ExtendedEncrypted, |held| TypedBodyPart::Encrypted(Encrypted {
        parameters: held.parameters.unwrap_or_default(),
        data: held.data,
    })),
    reader!(extended::ExtendedMessage, |held| TypedBodyPart::Message(Box::new(ForwardedMessage {
        parameters: held.parameters.unwrap_or_default(),
        message: held.data,
    }))),
    reader!(extended::ExtendedMixedMode, |held| TypedBodyPart::MixedMode(held.data)),
    reader!(extended::ExtendedBilaterallyDefined, |held| TypedBodyPart::BilaterallyDefined(held.data)),
    reader!(extended::ExtendedNationallyDefined, |held| TypedBodyPart::NationallyDefined(held.data)),
    reader!(extended::GeneralText, TypedBodyPart::GeneralText),
    reader!(extended::FileTransfer, |held| TypedBodyPart::FileTransfer(Box::new(held))),
    reader!(extended::ForwardedReport, |held| TypedBodyPart::Report(Box::new(held.data))),
    reader!(extended::ForwardedNotification, |held| TypedBodyPart::Notification(Box::new(held))),
    reader!(extended::ExtendedVoice, TypedBodyPart::ExtendedVoice),
    reader!(extended::Pkcs7, |held| TypedBodyPart::Pkcs7(held.data)),
    reader!(extended::Oda, TypedBodyPart::Oda),
    reader!(extended::MimeBodyPart, TypedBodyPart::Mime),
    reader!(extended::MimePostscript, |held| TypedBodyPart::Postscript(held.data)),
    reader!(extended::MimeJpeg, |held| TypedBodyPart::Jpeg(held.data)),
    reader!(extended::MimeGif, |held| TypedBodyPart::Gif(held.data)),
    reader!(military::Adatp3, TypedBodyPart::Adatp3),
    reader!(military::Corrections, TypedBodyPart::Corrections),
    reader!(military::ForwardedEncrypted, |held| TypedBodyPart::ForwardedEncrypted(Box::new(held))),
    reader!(military::MilitaryMessage, |held| TypedBodyPart::MilitaryMessage(Box::new(held))),
    reader!(military::Acp127Data, TypedBodyPart::Acp127Data),
    |part| {
        Ok(extended::ForwardedContent::read(part)?.map(|content| TypedBodyPart::Content(Box::new(content))))
    },
];
