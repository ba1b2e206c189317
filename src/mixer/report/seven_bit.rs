//! A mail in seven bits: what comes back with a report must need no more (RFC 6522 3, R-11).
//!
//! Parts that need eight bits, or have lines that no mail may have, are written in base64; fields that do, anew, in encoded
//! words where nothing less will do. Nothing else changes. A signature over such a part is no longer valid; the octets that were signed are still all there.

use bytes::Bytes;

use crate::message::{Entity, Field, Message, Structure};
use crate::mixer::header_block::{HeaderBlock, encode_words};
use crate::mixer::mail::BodyType;
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

/// An entity with its header. Without MIME a body of eight bits is text in a set of characters that nobody named. What was
/// encoded, and not in lines that a mail may have, is encoded anew.
fn entity(one: &Entity, mime: bool, out: &mut Rope) {
    let boundary = one.media.parameter("boundary").unwrap_or_default();
    let holds = match &one.structure {
        Structure::Leaf => false,
        Structure::Message(_) => true,
        // Parts that nothing in seven bits can keep apart are what they are, octets.
        Structure::Multipart(_) => is_seven_bit(boundary.as_bytes()),
    };
    let encoded = !holds && !is_seven_bit(&one.content);
    let unnamed = encoded && (!mime || !matches!(one.structure, Structure::Leaf));
    let mut header = Vec::new();
    for one_field in one.header.fields() {
        // What holds parts is in seven bits when they are.
        let replaced = one_field.is("Content-Transfer-Encoding") && (encoded || holds);
        let meaningless = unnamed && (one_field.is("Content-Type") || one_field.is("MIME-Version"));
        if !replaced && !meaningless {
            field(one_field, &mut header);
        }
    }
    if unnamed {
        let charset = if one.content.is_ascii() { "us-ascii" } else { "unknown-8bit" };
        let fields = format!("MIME-Version: 1.0\r\nContent-Type: text/plain; charset={charset}\r\n");
        header.extend_from_slice(fields.as_bytes());
    }
    if encoded {
        header.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n");
    }
    header.extend_from_slice(b"\r\n");
    out.push(header);
    match &one.structure {
        Structure::Leaf if encoded => out.push_base64(vec![one.octets_decoded().octets]),
        Structure::Message(inner) => entity(inner, true, out),
        Structure::Multipart(parts) if holds => {
            for part in parts {
                out.push(format!("--{boundary}\r\n"));
                entity(part, true, out);
                out.push(&b"\r\n"[..]);
            }
            out.push(format!("--{boundary}--\r\n"));
        }
        Structure::Multipart(_) if encoded => out.push_base64(vec![one.content.clone()]),
        Structure::Leaf | Structure::Multipart(_) => out.push(one.content.clone()),
    }
}

/// A field as it stands, or in short lines of ASCII. One whose very name is too long for a line is left out.
fn field(field: &Field, header: &mut Vec<u8>) {
    if is_seven_bit(&field.octets) && field.octets.ends_with(b"\r\n") {
        header.extend_from_slice(&field.octets);
        return;
    }
    let anew = |value: &str| {
        let mut block = HeaderBlock::default();
        block.add(&field.name, value);
        block.to_octets()
    };
    let mut octets = anew(&field.value);
    if !is_seven_bit(&octets) {
        // A word longer than a line.
        octets = anew(&encode_words(&field.value));
    }
    if is_seven_bit(&octets) {
        header.extend_from_slice(&octets);
    }
}

fn is_seven_bit(octets: &[u8]) -> bool {
    BodyType::of_octets(octets) == BodyType::SevenBit
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
        // BODY=BINARYMIME
        let quoted = "MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db\nc=\n";
        let inner = "MIME-Version: 1.0\nContent-Type: multipart/mixed;\n boundary=b\n\n--b\n\nx\n--b--\n";
        let word = format!("Subject: {}\r\n\r\nx\r\n", "x".repeat(1200));
        let name = format!("{}: x\r\n\r\nx\r\n", "x".repeat(1200));
        let lines =
            ["A: b\r\n\r\na\nb", "A: b\0\r\n\r\nc", "A: b\n\nc\n", "A: b\r\n\r\na\rb", "A: b\r\n\r\nc\r"];
        for mail in [simple, parts, quoted, inner, &word, &name].into_iter().chain(lines) {
            let (rope, changed) = seven_bit(&Bytes::from(mail.to_owned()));
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
            assert_eq!(leaves(octets.into()), leaves(Bytes::from(mail.to_owned())), "{mail}");
        }
        let torn = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"ä\"\r\n\r\n--ä\r\n\r\nx\r\n--ä--\r\n";
        let octets = seven_bit(&Bytes::from(torn)).0.to_vec();
        assert!(is_seven_bit(&octets) && octets.ends_with(b"\r\n\r\nLS3DpA0KDQp4DQotLcOkLS0NCg==\r\n"));
        let (rope, changed) = seven_bit(&Bytes::from("A: b\r\n\r\nc\r\n"));
        assert!(!changed && rope.to_vec() == b"A: b\r\n\r\nc\r\n");
    }
}
