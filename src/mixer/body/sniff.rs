//! What octets are that nobody says anything about: by file name, and by how an interchange begins (B-04, E-12).

use bytes::Bytes;

/// File name endings and their media types.
const ENDINGS: &[(&str, &str)] = &[
    ("bmp", "image/bmp"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("edi", "application/edifact"),
    ("gif", "image/gif"),
    ("gz", "application/gzip"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ics", "text/calendar"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("mp3", "audio/mpeg"),
    ("mpp", "application/vnd.ms-project"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("p7m", "application/pkcs7-mime"),
    ("p7s", "application/pkcs7-signature"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("pps", "application/vnd.ms-powerpoint"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ps", "application/postscript"),
    ("rtf", "application/rtf"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain"),
    ("vcf", "text/vcard"),
    ("wav", "audio/x-wav"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

/// Media types of characters, besides those of text and messages.
const CHARACTERS: &[&str] = &[
    "application/edi-consent",
    "application/edi-x12",
    "application/edifact",
    "application/json",
    "application/pgp-encrypted",
    "application/pgp-keys",
    "application/pgp-signature",
    "application/postscript",
    "application/xml",
];

/// The media type of a file with this name and beginning, if either says something.
pub(super) fn media_type(name: Option<&str>, beginning: Option<&Bytes>) -> Option<&'static str> {
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
    let named = ending.and_then(|ending| ENDINGS.iter().find(|known| known.0 == ending)).map(|known| known.1);
    named.or_else(|| beginning.and_then(|octets| interchange(octets)))
}

/// The media type of an EDI interchange.
pub(super) fn interchange(octets: &[u8]) -> Option<&'static str> {
    let start = octets.trim_ascii_start();
    match start.get(..4)? {
        [b'U', b'N', b'A', _] | b"UNB+" => Some("application/edifact"),
        [b'I', b'S', b'A', separator] if !separator.is_ascii_alphanumeric() => Some("application/edi-x12"),
        b"STX=" => Some("application/edi-consent"),
        _ => None,
    }
}

/// Whether a media type is one of characters, which may go as they are or nearly so. Parameters do not matter.
pub(super) fn is_textual(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/") || essence.starts_with("message/") || CHARACTERS.contains(&essence.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_before_octets() {
        for (name, octets, expected) in [
            (Some("a.PDF"), "", Some("application/pdf")),
            (Some("pdf"), "", None),
            (None, "UNA:+.? 'UNB", Some("application/edifact")),
            (Some("order.x"), "\r\nUNB+UNOA:1+", Some("application/edifact")),
            (None, "ISA*00*", Some("application/edi-x12")),
            (None, "ISABEL", None),
            (None, "", None),
        ] {
            assert_eq!(media_type(name, Some(&Bytes::from(octets))), expected, "{name:?} {octets}");
        }
        assert!(is_textual("Text/HTML; charset=x"));
        assert!(!is_textual("application/pdf"));
    }
}
