//! Messages in octets, whatever these are.

use bytes::Bytes;
use rasn_x400::x411::envelope::ContentType;

use crate::decode::ber::Tag;
use crate::decode::{self, Document, Kind, Node};
use crate::lint;
use crate::message::lines::with_network_line_ends;
use crate::mixer::Side;

/// Something that can be converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A mail.
    Mail(Bytes),
    /// A message, report or probe of P1.
    Apdu(Bytes),
    /// A content without an envelope.
    Content(Bytes, ContentType),
}

/// What there is to convert, in the order of the octets; `to` says on which side it is to arrive, if that is known.
#[must_use]
pub fn find(octets: Bytes, to: Option<Side>) -> Vec<Source> {
    let kind = Kind::detect(&octets);
    let is_x400 = matches!(kind, Kind::MtsApdu | Kind::Content | Kind::Rttr | Kind::Stream | Kind::Pcap);
    match to {
        Some(Side::X400) => return vec![Source::Mail(with_network_line_ends(octets))],
        None if !is_x400 => return vec![Source::Mail(with_network_line_ends(octets))],
        Some(Side::Internet) | None => {}
    }
    let document = decode::decode(&octets, None);
    if document.kind == Kind::Content {
        let content_type = lint::guess_content_type(&document, &octets);
        return vec![Source::Content(octets, content_type)];
    }
    apdus(&document)
}

/// The messages, reports and probes in a tree; what a message carries belongs to the message.
fn apdus(document: &Document) -> Vec<Source> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Node> = document.nodes.iter().rev().collect();
    while let Some(node) = waiting.pop() {
        if is_apdu(node) {
            found.push(Source::Apdu(Bytes::copy_from_slice(document.element(node))));
        } else {
            waiting.extend(node.children.iter().rev());
        }
    }
    found
}

fn is_apdu(node: &Node) -> bool {
    [("Message", 0), ("Report", 1), ("ProbeTransferEnvelope", 2)]
        .into_iter()
        .any(|(name, number)| node.type_name == name && node.tag == Some(Tag::context(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_are_told_from_what_is_of_x400() {
        for mail in ["Date: x\r\n\r\n", "Received: x\r\n\r\n", "From x\r\nTo: y\r\n\r\n", "hello", ""] {
            let found = find(Bytes::from(mail), None);
            assert_eq!(found, [Source::Mail(Bytes::from(mail))], "{mail}");
        }
        let content = Bytes::from_static(&[0xa0, 2, 0x31, 0]);
        assert_eq!(find(content.clone(), Some(Side::X400)), [Source::Mail(content)]);
        assert_eq!(find(Bytes::from("Date: x\r\n"), Some(Side::Internet)), []);
    }
}
