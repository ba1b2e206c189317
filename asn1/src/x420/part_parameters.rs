//! What a body part says about itself, apart from its data: for readers that do not hold the data in memory.

use super::basic_body::{EncryptedParameters, VideotexParameters};
use super::body::{
    G3FacsimileParameters, GeneralTextParameters, Ia5TextParameters, MessageParameters, TeletexParameters,
};
use super::extended_body as extended;
use super::extended_body::ExtendedBodyPart;
use super::file_transfer::FileTransferParameters;
use super::forwarded::ForwardedContentParameters;
use crate::ber::Error;
use crate::prim::{External, Oid};
use crate::stanag4406::military_body as military;

/// The type of a body part and its parameters. As in [`TypedBodyPart`](super::typed_body::TypedBodyPart), a part that came as an
/// extended one and could have been a basic one is the same as that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartParameters {
    /// IA5 text.
    Ia5Text(Ia5TextParameters),
    /// Telex.
    Telex,
    /// Speech of 1984.
    Voice,
    /// Group 3 facsimile: a leaf for each page.
    G3Facsimile(G3FacsimileParameters),
    /// Group 4 facsimile, class 1.
    G4Class1,
    /// Teletex: a leaf for each page.
    Teletex(TeletexParameters),
    /// Videotex.
    Videotex(VideotexParameters),
    /// What nations agreed on.
    NationallyDefined,
    /// An encrypted part.
    Encrypted(EncryptedParameters),
    /// A forwarded message: the leaf is the SEQUENCE of heading and body.
    Message(Box<MessageParameters>),
    /// A simple formattable document of 1984.
    SimpleFormattableDocument,
    /// Mixed mode.
    MixedMode,
    /// Octets whose meaning was agreed on.
    BilaterallyDefined,
    /// Text in registered character sets.
    GeneralText(GeneralTextParameters),
    /// A file: a leaf for each EXTERNAL it is in, which is one as a rule.
    FileTransfer(Box<FileTransferParameters>),
    /// A report.
    Report,
    /// A notification.
    Notification(Box<MessageParameters>),
    /// Speech.
    ExtendedVoice(Option<extended::VoiceParameters>),
    /// A content of any type.
    Content {
        /// Of which.
        content_type: Oid,
        /// What was known of it, if anything.
        parameters: Option<Box<ForwardedContentParameters>>,
    },
    /// A PKCS#7 object.
    Pkcs7,
    /// An ODA document.
    Oda(Option<extended::OdaParameters>),
    /// A MIME part in a tunnel.
    Mime(Option<extended::MimeBodyPartParameters>),
    /// PostScript.
    Postscript,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// A formatted message of ADatP-3, with its number.
    Adatp3(Option<i64>),
    /// Corrections to another part, with its number.
    Corrections(Option<i64>),
    /// An encrypted message.
    ForwardedEncrypted(Option<Box<military::ForwardedEncryptedParameters>>),
    /// A military message: the leaf is the SEQUENCE of heading and body.
    MilitaryMessage(Box<MessageParameters>),
    /// A message of ACP 127.
    Acp127Data(Option<i64>),
    /// A part of a type that this crate has no types for.
    Other {
        /// What names the type, if it is an extended part that says so.
        kind: Option<Oid>,
        /// Its parameters.
        parameters: Option<External>,
    },
}

/// How the data of an extended part are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An OCTET STRING, which may stand in its EXTERNAL as octets.
    Octets,
    /// A string of characters or bits.
    String,
    /// A list of strings.
    Pages,
    /// A list of files.
    Files,
    /// Another value.
    Element,
}

impl PartParameters {
    /// Of an extended part whose type has that name, decoded now.
    ///
    /// # Errors
    /// When the parameters are not of that type.
    pub fn of_extended(kind: Option<&Oid>, parameters: Option<&External>) -> Result<Self, Error> {
        let Some(kind) = kind else {
            return Ok(Self::Other { kind: None, parameters: parameters.cloned() });
        };
        if let Some((.., read)) = READERS.iter().find(|(known, ..)| known == kind) {
            return read(parameters);
        }
        match extended::ForwardedContent::content_type(kind) {
            Some(content_type) => {
                let parameters = parameters.map(External::value).transpose()?.map(Box::new);
                Ok(Self::Content { content_type, parameters })
            }
            None => Ok(Self::Other { kind: Some(kind.clone()), parameters: parameters.cloned() }),
        }
    }
}

/// How the data of an extended part of that type are made; of one that is not known nobody can say.
pub(crate) fn shape(kind: Option<&Oid>) -> Option<Shape> {
    let kind = kind?;
    match READERS.iter().find(|(known, ..)| known == kind) {
        Some((_, shape, _)) => Some(*shape),
        None => extended::ForwardedContent::content_type(kind).map(|_| Shape::Octets),
    }
}

type Reader = (Oid, Shape, fn(Option<&External>) -> Result<PartParameters, Error>);

/// Writes a reader: how the parameters of a part of one type become [`PartParameters`].
macro_rules! reader {
    ($kind:ty, $shape:ident, $make:expr) => {
        (<$kind as ExtendedBodyPart>::KIND, Shape::$shape, |external| {
            // A closure's parameter needs the type that it is given.
            fn made<P>(held: Option<P>, make: impl FnOnce(Option<P>) -> PartParameters) -> PartParameters {
                make(held)
            }
            Ok(made(<$kind>::parameters(external)?, $make))
        })
    };
}

/// One for each type of extended body part that has one name.
const READERS: &[Reader] = &[
    reader!(extended::ExtendedIa5Text, String, |it| PartParameters::Ia5Text(it.unwrap_or_default())),
    reader!(extended::ExtendedG3Facsimile, Pages, |it| PartParameters::G3Facsimile(it.unwrap_or_default())),
    reader!(extended::ExtendedG4Class1, Element, |_| PartParameters::G4Class1),
    reader!(extended::ExtendedTeletex, Pages, |it| PartParameters::Teletex(it.unwrap_or_default())),
    reader!(extended::ExtendedVideotex, String, |it| PartParameters::Videotex(it.unwrap_or_default())),
    reader!(extended::ExtendedEncrypted, String, |it| PartParameters::Encrypted(it.unwrap_or_default())),
    reader!(extended::ExtendedMessage, Element, |it| PartParameters::Message(it.unwrap_or_default().into())),
    reader!(extended::ExtendedMixedMode, Element, |_| PartParameters::MixedMode),
    reader!(extended::ExtendedBilaterallyDefined, Octets, |_| PartParameters::BilaterallyDefined),
    reader!(extended::ExtendedNationallyDefined, Element, |_| PartParameters::NationallyDefined),
    reader!(extended::GeneralText, String, |it| PartParameters::GeneralText(it.unwrap_or_default())),
    reader!(extended::FileTransfer, Files, |it| PartParameters::FileTransfer(it.unwrap_or_default().into())),
    reader!(extended::ForwardedReport, Element, |_| PartParameters::Report),
    reader!(extended::ForwardedNotification, Element, |it| PartParameters::Notification(
        it.unwrap_or_default().into()
    )),
    reader!(extended::ExtendedVoice, Octets, PartParameters::ExtendedVoice),
    reader!(extended::Pkcs7, Element, |_| PartParameters::Pkcs7),
    reader!(extended::Oda, Element, PartParameters::Oda),
    reader!(extended::MimeBodyPart, Octets, PartParameters::Mime),
    reader!(extended::MimePostscript, Octets, |_| PartParameters::Postscript),
    reader!(extended::MimeJpeg, Octets, |_| PartParameters::Jpeg),
    reader!(extended::MimeGif, Octets, |_| PartParameters::Gif),
    reader!(military::Adatp3, Element, PartParameters::Adatp3),
    reader!(military::Corrections, String, PartParameters::Corrections),
    reader!(military::ForwardedEncrypted, String, |it| PartParameters::ForwardedEncrypted(it.map(Box::new))),
    reader!(military::MilitaryMessage, Element, |it| PartParameters::MilitaryMessage(
        it.unwrap_or_default().into()
    )),
    reader!(military::Acp127Data, String, PartParameters::Acp127Data),
];
