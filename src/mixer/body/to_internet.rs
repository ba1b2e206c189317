//! The body: X.420 body parts towards MIME (RFC 2157).

use rasn_x400::ber;
use rasn_x400::x420::Ipm;
use rasn_x400::x420::body::BodyPart;

use crate::mixer::header_block::{HeaderBlock, parameter};
use crate::mixer::heading::Location;
use crate::mixer::rope::Rope;
use crate::mixer::to_internet::Work;

/// A mail with this header: the header gets its content fields, and the body follows.
pub(crate) fn entity(ipm: &Ipm, mut header: HeaderBlock, at: &Location, work: &mut Work<'_>) -> Rope {
    if !header.has("MIME-Version") {
        header.add("MIME-Version", "1.0");
    }
    let mut parts: Vec<_> = (1..)
        .zip(&ipm.body)
        .map(|(number, one)| part(one, &format!("{}body[{number}]", at.source), work))
        .collect();
    if let [only] = parts.as_mut_slice() {
        let (content_fields, octets) = std::mem::take(only);
        header.append(content_fields);
        return joined(&header, octets);
    }
    let boundary = work.next_boundary();
    header.add("Content-Type", &format!("multipart/mixed{}", parameter("boundary", &boundary)));
    let mut content = Rope::default();
    for (fields, octets) in parts {
        content.push(format!("--{boundary}\r\n"));
        content.append(joined(&fields, octets));
        content.push(&b"\r\n"[..]);
    }
    content.push(format!("--{boundary}--\r\n"));
    joined(&header, content)
}

fn joined(header: &HeaderBlock, body: Rope) -> Rope {
    let mut octets = header.to_octets();
    octets.extend_from_slice(b"\r\n");
    let mut rope = Rope::default();
    rope.push(octets);
    rope.append(body);
    rope
}

/// The content fields of a body part and its octets.
fn part(part: &BodyPart, source: &str, work: &mut Work<'_>) -> (HeaderBlock, Rope) {
    let (mut fields, mut octets) = (HeaderBlock::default(), Rope::default());
    match part {
        BodyPart::Ia5Text(text) if text.data.as_bytes().is_ascii() => {
            fields.add("Content-Type", "text/plain; charset=us-ascii");
            octets.push(text.data.as_bytes().to_vec());
        }
        // B-24: what has no form of its own travels whole.
        other => {
            fields.add("Content-Type", "application/x400-bp");
            fields.add("Content-Transfer-Encoding", "base64");
            match ber::encode(other) {
                Ok(encoded) => octets.push_base64(vec![encoded.into()]),
                Err(error) => work.losses.dropped(source, "body part", error.to_string(), "B-24"),
            }
        }
    }
    (fields, octets)
}
