//! Compressed contents (STANAG 4406 Annex E, RFC 8494 4.2; ledger beyond M-44): what is inside is a content like any other.
//!
//! Only what names its type by an object identifier is opened, and only what zlib made: the numbers stand for APDUs of
//! whole protocols, which are not messages.

use bytes::Bytes;
use miniz_oxide::inflate::{TINFLStatus, decompress_to_vec_zlib_with_limit};
use rasn_x400::ber;
use rasn_x400::oids::{CONTENT_COMPRESSED, CONTENT_P2, CONTENT_P22, CONTENT_P35};
use rasn_x400::stanag4406::compressed::{
    CompressedContentType, CompressedData, CompressionAlgorithm, ShortAlgorithm,
};
use rasn_x400::x411::envelope::ContentType;

/// Octets that a content has at most when it is opened.
const MAX_OPENED: u64 = 64 << 20;

/// A content that was compressed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(crate) content_type: ContentType,
    pub(crate) content: Bytes,
}

/// Why a compressed content stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Closed {
    /// It is larger than is allowed, which its length does not tell before.
    #[error("the compressed content has more than {0} octets")]
    TooLarge(u64),
    /// It is none that is opened here.
    #[error("the compressed content cannot be opened: {0}")]
    Unreadable(&'static str),
}

/// Whether a content of this type is a compressed one.
pub(crate) fn is_compressed(content_type: &ContentType) -> bool {
    *content_type == ContentType::Extended(CONTENT_COMPRESSED)
}

/// What is inside a compressed content; never more than `limit` octets.
pub(crate) fn open(content: &[u8], limit: Option<u64>) -> Result<Opened, Closed> {
    let limit = limit.unwrap_or(MAX_OPENED).min(MAX_OPENED);
    let data: CompressedData =
        ber::decode(content, content.len()).map_err(|_| Closed::Unreadable("it is no compressed content"))?;
    if data.compression_algorithm != CompressionAlgorithm::Short(ShortAlgorithm::ZLIB) {
        return Err(Closed::Unreadable("an algorithm that is not known here"));
    }
    let info = data.compressed_content_info;
    let content_type = match info.content_type {
        CompressedContentType::Identified(oid) => match oid {
            _ if oid == CONTENT_P2 => ContentType::P2,
            _ if oid == CONTENT_P22 => ContentType::P22,
            _ if oid == CONTENT_P35 => ContentType::BuiltIn(35),
            // One inside another is not opened again.
            _ if oid == CONTENT_COMPRESSED => return Err(Closed::Unreadable("it is compressed twice")),
            _ => ContentType::Extended(oid),
        },
        _ => return Err(Closed::Unreadable("its type is not named by an object identifier")),
    };
    let octets = &info.compressed_content.0;
    let opened = decompress_to_vec_zlib_with_limit(octets, usize::try_from(limit).unwrap_or(usize::MAX));
    match opened {
        Ok(content) => Ok(Opened { content_type, content: content.into() }),
        Err(error) if error.status == TINFLStatus::HasMoreOutput => Err(Closed::TooLarge(limit)),
        Err(_) => Err(Closed::Unreadable("its octets are not what zlib makes")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::oids::CONTENT_P772;
    use rasn_x400::prim::Oid;
    use rasn_x400::stanag4406::compressed::{CompressedContentInfo, ShortContentType};

    use super::*;

    fn compressed(content_type: CompressedContentType, octets: &[u8]) -> Vec<u8> {
        let data = CompressedData {
            compression_algorithm: CompressionAlgorithm::Short(ShortAlgorithm::ZLIB),
            compressed_content_info: CompressedContentInfo {
                content_type,
                compressed_content: octets.to_vec().into(),
            },
            unknown: Vec::new(),
        };
        ber::encode(&data).unwrap()
    }

    fn of(oid: Oid, octets: &[u8]) -> Vec<u8> {
        compressed(CompressedContentType::Identified(oid), octets)
    }

    /// `zlib.compress(b'\xa0\x04\x30\x00\x30\x00' + b'x' * 1000)` of Python.
    const ZLIB: &[u8] = &[
        0x78, 0x9c, 0x5b, 0xc0, 0x62, 0xc0, 0x60, 0xc0, 0x50, 0x31, 0x0a, 0x46, 0xc1, 0x28, 0x18, 0xf6, 0x00,
        0x00, 0xa7, 0xca, 0xd5, 0xd4,
    ];

    // ledger: beyond M-44
    #[test]
    fn what_zlib_made_is_opened_within_bounds() {
        let opened = open(&of(CONTENT_P772, ZLIB), None).unwrap();
        assert_eq!(opened.content_type, ContentType::Extended(CONTENT_P772));
        assert_eq!(opened.content.len(), 1006);
        assert_eq!(open(&of(CONTENT_P22, ZLIB), None).unwrap().content_type, ContentType::P22);
        assert_eq!(open(&of(CONTENT_P22, ZLIB), Some(1005)), Err(Closed::TooLarge(1005)));
        assert!(open(&of(CONTENT_P22, ZLIB), Some(1006)).is_ok());
    }

    #[test]
    fn what_cannot_be_opened_stays_closed() {
        let whole = of(CONTENT_P22, ZLIB);
        for end in 0..whole.len() {
            assert!(matches!(open(&whole[..end], None), Err(Closed::Unreadable(_))), "{end}");
        }
        for end in 0..ZLIB.len() {
            assert!(
                matches!(open(&of(CONTENT_P22, &ZLIB[..end]), None), Err(Closed::Unreadable(_))),
                "{end}"
            );
        }
        let p1 = compressed(CompressedContentType::Short(ShortContentType::P1), ZLIB);
        for content in [p1, of(CONTENT_COMPRESSED, ZLIB), of(CONTENT_P22, b"not compressed"), vec![0x30, 0]] {
            assert!(matches!(open(&content, None), Err(Closed::Unreadable(_))));
        }
    }
}
