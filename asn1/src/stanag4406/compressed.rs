//! Compressed contents (STANAG 4406 Annex E, RFC 8494 4.2; ledger M-44), content type 1.3.26.0.4406.0.4.2.

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::prim::{Octets, Oid};

crate::asn_seq! {
    /// A compressed content.
    pub struct CompressedData {
        /// How it is compressed.
        compression_algorithm: CompressionAlgorithm = bare req,
        /// What is compressed.
        compressed_content_info: CompressedContentInfo = bare req,
    }
}

crate::asn_choice! {
    /// How a content is compressed.
    pub enum CompressionAlgorithm {
        /// By number.
        Short(ShortAlgorithm) = imp(0),
        /// By object identifier.
        Identified(Oid) = imp(1),
    }
}

crate::open_enum! {
    /// Numbers of compression algorithms.
    pub struct ShortAlgorithm: INTEGER {
        /// RFC 1950.
        ZLIB = 0 => "zlibCompress",
    }
}

/// What is compressed. The number of the type and the octets have the same tag, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct CompressedContentInfo {
    /// Its type.
    pub content_type: CompressedContentType,
    /// The compressed octets; the tag around them is explicit.
    #[rasn(tag(explicit(0)))]
    pub compressed_content: Octets,
}

crate::asn_choice! {
    /// What kind of content is compressed.
    pub enum CompressedContentType {
        /// By number.
        Short(ShortContentType) = imp(0),
        /// By object identifier.
        Identified(Oid) = imp(1),
    }
}

crate::open_enum! {
    /// Numbers of compressed contents.
    pub struct ShortContentType: INTEGER {
        /// Not said.
        UNIDENTIFIED = 0 => "unidentified",
        /// An EXTERNAL that says what it is.
        EXTERNAL = 1 => "external",
        /// An APDU of P1.
        P1 = 2 => "p1",
        /// An APDU of P3.
        P3 = 3 => "p3",
        /// An APDU of P7.
        P7 = 4 => "p7",
        /// Mail of the Internet in batch SMTP (RFC 8494).
        MULE = 25 => "mule",
    }
}
