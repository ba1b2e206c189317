//! The file transfer body part (X.420 Annex on file transfer, ledger A-34 and B-30).

use rasn::{AsnType, Decode, Decoder, Encode};

pub use super::file_attributes::{DateAttribute, FileAttributes, SizeAttribute};
use super::heading::IpmIdentifier;
use crate::prim::{External, GraphicString, Octets, Oid, RawTlv};

/// The data of a file transfer body part: one EXTERNAL as a rule.
pub type FileTransferData = Vec<External>;

crate::asn_seq! {
    /// What is known of the file.
    pub struct FileTransferParameters default {
        /// Files this one has to do with.
        related_stored_file: Vec<RelatedStoredFile> = imp(0) opt,
        /// What the file holds; absent means unstructured octets.
        contents_type: ContentsType = exp(1) opt,
        /// Which application made it.
        environment: Environment = imp(2) opt,
        /// How it is compressed.
        compression: Compression = imp(3) opt,
        /// Its name, dates and size.
        file_attributes: FileAttributes = imp(4) opt,
        /// What else is known, as it came.
        extensions: Vec<super::heading::HeadingExtensionField> = imp(5) opt,
    }
}

impl FileTransferParameters {
    /// Whether the file is plain octets: it says so, or says nothing (ledger B-35).
    #[must_use]
    pub fn is_unstructured_binary(&self) -> bool {
        match &self.contents_type {
            None => true,
            Some(ContentsType::DocumentType(kind)) => kind.name == UNSTRUCTURED_BINARY,
            Some(_) => false,
        }
    }
}

/// The octets of a file that is whole in one EXTERNAL, as it should be; `None` for several or none (ledger B-35).
#[must_use]
pub fn whole_file(data: &[External]) -> Option<Octets> {
    match data {
        [file] => file.octets().ok(),
        _ => None,
    }
}

crate::asn_seq! {
    /// How a file is compressed.
    pub struct Compression {
        /// The algorithm.
        algorithm: Oid = imp(0) req,
        /// Its parameter, as it came.
        parameter: RawTlv = exp(1) opt,
    }
}

/// A file this one has to do with. Its members share tags, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct RelatedStoredFile {
    /// Which.
    pub file_identifier: FileIdentifier,
    /// How; absent means unspecified.
    pub relationship: Option<Relationship>,
}

crate::asn_choice! {
    /// Names a file.
    pub enum FileIdentifier {
        /// By path and version.
        PathnameAndVersion(PathnameAndVersion) = imp(0),
        /// By the message it travels in.
        CrossReference(CrossReference) = imp(1),
    }
}

crate::asn_seq! {
    /// Names a file by path and version.
    pub struct PathnameAndVersion {
        /// The path.
        pathname: PathnameAttribute = exp(0) req,
        /// The version.
        file_version: GraphicString = imp(1) opt,
    }
}

crate::asn_choice! {
    /// A path: its components, outermost first.
    pub enum PathnameAttribute {
        /// The end of it.
        Incomplete(Pathname) = imp(0),
        /// All of it.
        Complete(Pathname) = imp(23),
    }
}

/// Components of a path, outermost first.
pub type Pathname = Vec<GraphicString>;

crate::asn_seq! {
    /// Names a file by the message it travels in.
    pub struct CrossReference {
        /// What the application calls it.
        application_cross_reference: Octets = imp(0) req,
        /// The message, when it is not this one. Its members are those of an IPM identifier under context tags.
        message_reference: MessageReference = imp(1) opt,
        /// Which part of the message.
        body_part_reference: i64 = imp(2) opt,
    }
}

crate::asn_set! {
    /// An IPM identifier as FTBP writes it.
    pub struct MessageReference default {
        /// Who gave the name.
        user: crate::x411::address::OrName = imp(0) opt,
        /// The name.
        user_relative_identifier: crate::prim::PrintableString = imp(1) req,
    }
}

impl From<MessageReference> for IpmIdentifier {
    fn from(reference: MessageReference) -> Self {
        Self {
            user: reference.user,
            user_relative_identifier: reference.user_relative_identifier,
            unknown: reference.unknown,
        }
    }
}

crate::asn_choice! {
    /// How a file has to do with another.
    pub enum Relationship {
        /// By number: unspecified 0, new-file 1, replacement 2, extension 3.
        Explicit(i64) = imp(0),
        /// In words.
        Descriptive(GraphicString) = imp(1),
    }
}

crate::asn_choice! {
    /// What a file holds.
    pub enum ContentsType {
        /// A document type.
        DocumentType(DocumentType) = imp(0),
        /// A constraint set and abstract syntax.
        ConstraintSet(ConstraintSet) = imp(1),
    }
}

/// A constraint set of FTAM with its abstract syntax. Both have the same tag, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct ConstraintSet {
    /// Which constraint set.
    pub constraint_set_name: Oid,
    /// Which abstract syntax.
    pub abstract_syntax_name: Oid,
}

crate::asn_seq! {
    /// A document type of FTAM.
    pub struct DocumentType {
        /// Which.
        name: Oid = bare req,
        /// Its parameter, as it came.
        parameter: RawTlv = exp(0) opt,
    }
}

crate::asn_seq! {
    /// Where the file comes from.
    pub struct Environment default {
        /// The application that made it, or rather the type of the file.
        application_reference: GeneralIdentifier = exp(0) opt,
        /// The machine.
        machine: GeneralIdentifier = exp(1) opt,
        /// The operating system.
        operating_system: Oid = imp(2) opt,
        /// Words for a reader.
        user_visible_string: Vec<GraphicString> = imp(3) opt,
    }
}

crate::asn_choice! {
    /// Names an application or a machine.
    pub enum GeneralIdentifier {
        /// By object identifier.
        Registered(Oid) = imp(0),
        /// In words.
        Descriptive(Vec<GraphicString>) = imp(1),
    }
}

/// The application that made a file.
pub type ApplicationReference = GeneralIdentifier;

/// Application references (ledger B-26, B-31, B-32, B-37).
pub mod application {
    use crate::prim::Oid;

    /// An attachment of which nothing is known: 2.16.840.1.113694.2.2.1.1.
    pub const UNKNOWN_ATTACHMENT: Oid =
        Oid::from_contents(&[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x1e, 2, 2, 1, 1]);
    /// The withdrawn twin of the unknown attachment, for input: 1.2.840.113694.2.2.1.1.
    pub const UNKNOWN_ATTACHMENT_WITHDRAWN: Oid =
        Oid::from_contents(&[0x2a, 0x86, 0x48, 0x86, 0xf8, 0x1e, 2, 2, 1, 1]);
    /// A MIME part in a tunnel, its fields in the extensions: 1.3.6.1.7.1.2.1.5.
    pub const MIME_BODY_PART: Oid = Oid::from_contents(&[0x2b, 6, 1, 7, 1, 2, 1, 5]);
    /// PostScript: 1.3.6.1.7.1.2.1.6.
    pub const POSTSCRIPT: Oid = Oid::from_contents(&[0x2b, 6, 1, 7, 1, 2, 1, 6]);
    /// JPEG: 2.16.840.1.113694.2.2.1.6.
    pub const JPEG: Oid = Oid::from_contents(&[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x1e, 2, 2, 1, 6]);
    /// GIF: 2.16.840.1.113694.2.2.1.4.
    pub const GIF: Oid = Oid::from_contents(&[0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x1e, 2, 2, 1, 4]);
}

/// Unstructured octets, the default contents type: 1.0.8571.5.3.
pub const UNSTRUCTURED_BINARY: Oid = Oid::from_contents(&[0x28, 0xc2, 0x7b, 5, 3]);
/// Unstructured text: 1.0.8571.5.1.
pub const UNSTRUCTURED_TEXT: Oid = Oid::from_contents(&[0x28, 0xc2, 0x7b, 5, 1]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber;
    use crate::prim::{ExternalEncoding, RawTlv};
    use crate::x420::body::{BodyPart, ExternallyDefined, kind};

    /// Ledger B-36: dodo.doc, three octets, unknown attachment.
    // ledger: beyond A-34
    #[test]
    fn an_attachment_with_name_and_size() {
        let parameters = FileTransferParameters {
            environment: Some(Environment {
                application_reference: Some(ApplicationReference::Registered(
                    application::UNKNOWN_ATTACHMENT,
                )),
                ..Environment::default()
            }),
            file_attributes: Some(FileAttributes {
                incomplete_pathname: Some(vec!["dodo.doc".into()]),
                object_size: Some(SizeAttribute::Actual(3)),
                ..FileAttributes::default()
            }),
            ..FileTransferParameters::default()
        };
        let file = External {
            direct_reference: None,
            indirect_reference: None,
            descriptor: None,
            encoding: ExternalEncoding::OctetAligned(Octets::from(&b"abc"[..])),
            unknown: Vec::new(),
        };
        let part = BodyPart::ExternallyDefined(ExternallyDefined {
            parameters: Some(External::single(
                kind::FILE_TRANSFER_PARAMETERS,
                RawTlv::of(&parameters).unwrap(),
            )),
            data: External::single(kind::FILE_TRANSFER, RawTlv::of(&vec![file]).unwrap()),
            unknown: Vec::new(),
        });
        let expected = "AF43A02E06045601 0B0CA0263024A20F A00D800B60864801 86F81E0202010 1A411A00A1908646F \
                        646F2E646F63AD03 8101032811060456 01040CA009300728 058103616263";
        let hex: String = ber::encode(&part).unwrap().iter().map(|octet| format!("{octet:02X}")).collect();
        assert_eq!(hex, expected.replace(' ', ""));
        assert_eq!(ber::decode::<BodyPart>(&ber::encode(&part).unwrap(), 100), Ok(part));
    }
}
