//! A mail in seven bits: what comes back with a report must need no more (RFC 6522 3, R-11).
//!
//! Parts that need eight bits, or have lines too long, are written in base64; fields that do, in encoded words. Nothing else
//! changes. A signature over such a part is no longer valid; the octets that were signed are still all there.

use bytes::Bytes;

use crate::message::{Entity, Field, Message, Structure};
use crate::mixer::heading::field_line;
use crate::mixer::report::multipart::is_seven_bit;
use crate::mixer::rope::Rope;

/// The mail in seven bits, and whether that changed it.
pub(crate) fn seven_bit(mail: &Bytes) -> (Rope, bool) {
    let mut out = Rope::default();
    if is_seven_bit(mail) {
        out.push(mail.clone());
        return (out, false);
    }
    let message = Message::parse(mail.clone());
    entity(message.root(), message.is_mime(), &mut out);
    (out, true)
}

/// An entity with its header. Without MIME a body of eight bits is text in a set of characters that nobody named.
fn entity(one: &Entity, mime: bool, out: &mut Rope) {
    let encoded = matches!(one.structure, Structure::Leaf) && !is_seven_bit(&one.content);
    let unnamed = encoded && !mime;
    let mut header = Vec::new();
    for one_field in one.header.fields() {
        // What holds parts is in seven bits when they are.
        let replaced = one_field.is("Content-Transfer-Encoding")
            && (encoded || !matches!(one.structure, Structure::Leaf));
        let meaningless = unnamed && (one_field.is("Content-Type") || one_field.is("MIME-Version"));
        if !replaced && !meaningless {
            field(one_field, &mut header);
        }
    }
    if unnamed {
        header.extend_from_slice(b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=unknown-8bit\r\n");
    }
    if encoded {
        header.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n");
    }
    header.extend_from_slice(b"\r\n");
    out.push(header);
    match &one.structure {
        Structure::Leaf if encoded => out.push_base64(vec![one.content.clone()]),
        Structure::Leaf => out.push(one.content.clone()),
        Structure::Message(inner) => entity(inner, true, out),
        Structure::Multipart(parts) => {
            let boundary = one.media.parameter("boundary").unwrap_or_default();
            for part in parts {
                out.push(format!("--{boundary}\r\n"));
                entity(part, true, out);
                out.push(&b"\r\n"[..]);
            }
            out.push(format!("--{boundary}--\r\n"));
        }
    }
}

/// A field as it stands, or on one line of ASCII.
fn field(field: &Field, header: &mut Vec<u8>) {
    if is_seven_bit(&field.octets) && field.octets.ends_with(b"\r\n") {
        header.extend_from_slice(&field.octets);
        return;
    }
    header.extend_from_slice(field_line(field).as_bytes());
    header.extend_from_slice(b"\r\n");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn octets_survive_and_seven_bits_are_enough() {
        let simple = "Subject: Grüße\r\n\r\nGrüße\r\n";
        let parts = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
                     --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n\
                     --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nä\r\n\
                     --b--\r\n";
        for mail in [simple, parts] {
            let (rope, changed) = seven_bit(&Bytes::from(mail));
            let octets = rope.to_vec();
            assert!(changed && is_seven_bit(&octets), "{mail}");
            let leaves = |octets: Bytes| {
                let message = Message::parse(octets);
                fn gather(one: &Entity, out: &mut Vec<Bytes>) {
                    match &one.structure {
                        Structure::Leaf => out.push(one.octets_decoded().octets),
                        Structure::Message(inner) => gather(inner, out),
                        Structure::Multipart(parts) => parts.iter().for_each(|part| gather(part, out)),
                    }
                }
                let mut out = Vec::new();
                gather(message.root(), &mut out);
                out
            };
            assert_eq!(leaves(octets.into()), leaves(Bytes::from(mail)), "{mail}");
        }
        let (rope, changed) = seven_bit(&Bytes::from("A: b\r\n\r\nc\r\n"));
        assert!(!changed && rope.to_vec() == b"A: b\r\n\r\nc\r\n");
    }
}
