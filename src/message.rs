//! An Internet message as it came in: RFC 5322 and MIME, defects and all.
//!
//! Nothing is changed and nothing is decoded until somebody asks. In the order things happen:
//!
//! 1. [`header`] reads a header block: every field, in order, with its place in the octets.
//! 2. [`entity`] walks the MIME structure by its boundaries; each part keeps a slice of the original octets.
//! 3. [`address`], [`date`], [`identifier`], [`received`] and [`media`] read the value of one field when it is needed.
//! 4. [`transfer`] undoes a content-transfer-encoding when the octets of a part are wanted.
//!
//! `mail-parser` reads the header blocks, the parameters of media types and encoded words. The boundaries are walked
//! here, because `mail-parser` decodes every attachment as it goes, and a gateway that copies a part through needs only
//! its slice. A message that breaks the rules is still carried; what was wrong is listed in [`Message::defects`].

pub mod address;
pub(crate) mod authentication;
pub mod date;
pub mod entity;
pub mod header;
pub mod identifier;
pub(crate) mod lexer;
pub mod lines;
pub mod media;
pub mod received;
pub mod transfer;

use bytes::Bytes;

pub use address::{Address, AddressList, Mailbox};
pub use entity::{Entity, Structure};
pub use header::{Field, Header};
pub use media::{Disposition, MediaType};
pub use transfer::TransferEncoding;

/// A message: its octets, its structure, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Message {
    root: Entity,
    defects: Vec<Defect>,
}

impl Message {
    /// Reads a message. Never fails: what cannot be read as header or structure is body text.
    #[must_use]
    pub fn parse(octets: Bytes) -> Self {
        let mut defects = Vec::new();
        let root = Entity::parse_message(&octets, &mut defects);
        Self { root, defects }
    }

    /// The header of the message itself.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.root.header
    }

    /// The same, to be changed. The octets of the message stay as they are.
    pub(crate) const fn header_mut(&mut self) -> &mut Header {
        &mut self.root.header
    }

    /// The message as an entity: header, content and parts.
    #[must_use]
    pub const fn root(&self) -> &Entity {
        &self.root
    }

    /// All octets, as they came in.
    #[must_use]
    pub const fn octets(&self) -> &Bytes {
        &self.root.octets
    }

    /// Whether the sender claims MIME; without the claim the body is plain text (RFC 2157 2.1).
    #[must_use]
    pub fn is_mime(&self) -> bool {
        self.header().get("MIME-Version").is_some()
    }

    /// What broke the rules, in the order of the octets as far as they were read.
    #[must_use]
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }
}

/// One breach of RFC 5322 or MIME that was read over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defect {
    /// What was wrong.
    pub kind: DefectKind,
    /// Where, in octets from the start of the message (or of the enclosing encoded message).
    pub offset: usize,
}

/// The kinds of breach that are read over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DefectKind {
    /// A line in the header is no field; the line was skipped.
    #[error("a header line without a field name was skipped")]
    NotAField,
    /// The header is not followed by an empty line; the body starts at the first line that is no field.
    #[error("the header ends without an empty line")]
    MissingEmptyLine,
    /// A field holds octets that are not ASCII and not UTF-8; they were read as Windows-1252.
    #[error("a field holds octets that are neither ASCII nor UTF-8")]
    EightBitField,
    /// The header block is longer than [`header::MAX_HEADER_OCTETS`]; the rest is body.
    #[error("the header is too long")]
    HeaderTooLong,
    /// A multipart has no boundary parameter or its boundary never occurs; it is read as one text.
    #[error("a multipart without parts is read as one part")]
    MissingBoundary,
    /// The closing boundary is missing.
    #[error("the closing boundary of a multipart is missing")]
    MissingCloseBoundary,
    /// The structure is nested deeper than [`entity::MAX_DEPTH`]; the inner part is kept whole.
    #[error("parts are nested too deeply")]
    TooDeep,
    /// There are more than [`entity::MAX_PARTS`] parts; the last one holds the rest.
    #[error("too many parts")]
    TooManyParts,
    /// A content-transfer-encoding nobody knows; the octets are taken as they are.
    #[error("unknown content-transfer-encoding")]
    UnknownTransferEncoding,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
