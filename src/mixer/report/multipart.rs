//! A `multipart/report`: text for people, fields for machines, and what came back (RFC 6522).

use crate::mixer::header_block::{HeaderBlock, parameter};
use crate::mixer::rope::Rope;

/// The longest line of text that is sent as it is (RFC 5322 2.1.1).
const MAX_LINE: usize = 998;

/// A part: its fields and its octets.
pub(crate) type Part = (HeaderBlock, Rope);

/// A mail with this header and these parts. `kind` is the report type; nothing for `multipart/mixed`.
pub(crate) fn multipart(
    mut header: HeaderBlock,
    kind: Option<&str>,
    boundary: &str,
    parts: Vec<Part>,
) -> Rope {
    header.add("MIME-Version", "1.0");
    let kind = match kind {
        Some(kind) => format!("multipart/report{}", parameter("report-type", kind)),
        None => "multipart/mixed".to_owned(),
    };
    header.add("Content-Type", &format!("{kind}{}", parameter("boundary", boundary)));
    let mut content = Rope::default();
    for (fields, octets) in parts {
        content.push(format!("--{boundary}\r\n"));
        content.append(joined(&fields, octets));
        content.push(&b"\r\n"[..]);
    }
    content.push(format!("--{boundary}--\r\n"));
    joined(&header, content)
}

/// A header, the empty line, and what it heads.
pub(crate) fn joined(header: &HeaderBlock, body: Rope) -> Rope {
    let mut octets = header.to_octets();
    octets.extend_from_slice(b"\r\n");
    let mut rope = Rope::default();
    rope.push(octets);
    rope.append(body);
    rope
}

/// A part of text with lines ended by CR LF: as it is if it is ASCII, else UTF-8 in base64, so that the whole stays in seven
/// bits.
pub(crate) fn text_part(text: &str) -> Part {
    let (mut fields, mut octets) = (HeaderBlock::default(), Rope::default());
    let plain = text.is_ascii() && text.split("\r\n").all(|line| line.len() <= MAX_LINE);
    if plain {
        fields.add("Content-Type", "text/plain; charset=us-ascii");
        octets.push(text.to_owned());
    } else {
        fields.add("Content-Type", "text/plain; charset=utf-8");
        fields.add("Content-Transfer-Encoding", "base64");
        octets.push_base64(vec![text.as_bytes().to_vec().into()]);
    }
    (fields, octets)
}

/// The part for machines: groups of fields with empty lines between them.
pub(crate) fn fields_part(media_type: &str, groups: &[HeaderBlock]) -> Part {
    let mut fields = HeaderBlock::default();
    fields.add("Content-Type", media_type);
    let mut octets = Vec::new();
    for group in groups {
        if !octets.is_empty() {
            octets.extend_from_slice(b"\r\n");
        }
        octets.extend_from_slice(&group.to_octets());
    }
    let mut rope = Rope::default();
    rope.push(octets);
    (fields, rope)
}

/// A message as it came back.
pub(crate) fn message_part(mail: Rope) -> Part {
    let mut fields = HeaderBlock::default();
    fields.add("Content-Type", "message/rfc822");
    (fields, mail)
}

/// The header of a message that came back.
pub(crate) fn headers_part(mail: &Rope) -> Part {
    let mut fields = HeaderBlock::default();
    fields.add("Content-Type", "text/rfc822-headers");
    let mut octets = Rope::default();
    octets.push(header_octets(mail));
    (fields, octets)
}

/// The octets of a mail's header without the empty line after it.
pub(crate) fn header_octets(mail: &Rope) -> Vec<u8> {
    let mut octets = Vec::new();
    for chunk in mail.chunks() {
        // The empty line may lie across two chunks.
        let from = octets.len().saturating_sub(3);
        octets.extend_from_slice(&chunk);
        if octets.starts_with(b"\r\n") {
            return Vec::new();
        }
        if let Some(at) = memchr::memmem::find(&octets[from..], b"\r\n\r\n") {
            octets.truncate(from + at + 2);
            return octets;
        }
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_found_however_the_octets_are_cut() {
        let mail = b"A: b\r\nC: d\r\n\r\nbody\r\n\r\n";
        for cut in 0..mail.len() {
            let mut rope = Rope::default();
            rope.push(mail[..cut].to_vec());
            rope.push(mail[cut..].to_vec());
            assert_eq!(header_octets(&rope), b"A: b\r\nC: d\r\n", "{cut}");
        }
        let mut rope = Rope::default();
        rope.push(&b"\r\nbody"[..]);
        assert_eq!(header_octets(&rope), b"");
    }
}
