//! The dots that DATA wants: one more in front of a line that begins with one (RFC 5321 4.5.2), without a copy of the
//! content.

use bytes::Bytes;

/// Octets on their way out after DATA.
#[derive(Debug)]
pub struct Stuffing {
    /// Whether the next octet begins a line.
    at_line_start: bool,
    /// Whether the last octet was a CR.
    after_cr: bool,
}

impl Default for Stuffing {
    fn default() -> Self {
        Self { at_line_start: true, after_cr: false }
    }
}

const DOT: Bytes = Bytes::from_static(b".");

impl Stuffing {
    /// The same octets with the dots they need, as slices of what came.
    pub fn pass(&mut self, mut octets: Bytes) -> impl Iterator<Item = Bytes> {
        let mut out = Vec::with_capacity(1);
        let mut start = 0;
        if self.at_line_start && octets.first() == Some(&b'.') {
            out.push(DOT);
        }
        while let Some(found) = memchr::memmem::find(&octets[start..], b"\n.") {
            let dot = start + found + 1;
            // An LF that no CR stands before ends no line for us; whoever thinks that it does sees the dots as well.
            out.push(octets.split_to(dot));
            out.push(DOT);
            start = 1;
        }
        if let Some(last) = octets.last() {
            self.at_line_start = *last == b'\n';
            self.after_cr = *last == b'\r';
            out.push(octets);
        }
        out.into_iter()
    }

    /// What ends the content: the end of the last line, if it has none, and the dot alone.
    pub fn end(&mut self) -> Bytes {
        Bytes::from_static(match (self.at_line_start, self.after_cr) {
            (true, _) => b".\r\n",
            (false, true) => b"\n.\r\n",
            (false, false) => b"\r\n.\r\n",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::data::{ContentLimits, ContentReader, Found};

    fn stuffed(pieces: &[&str]) -> Vec<u8> {
        let mut stuffing = Stuffing::default();
        let mut out = Vec::new();
        for piece in pieces {
            stuffing
                .pass(Bytes::copy_from_slice(piece.as_bytes()))
                .for_each(|part| out.extend_from_slice(&part));
        }
        out.extend_from_slice(&stuffing.end());
        out
    }

    #[test]
    fn dots_are_doubled_where_a_line_begins() {
        for (pieces, expected) in [
            (&["a\r\n.b\r\n"][..], "a\r\n..b\r\n.\r\n"),
            (&[".\r\n"], "..\r\n.\r\n"),
            (&["a\r\n", ".\r\n", "..\r\n"], "a\r\n..\r\n...\r\n.\r\n"),
            (&["a\r", "\n", ".b"], "a\r\n..b\r\n.\r\n"),
            (&["a.b\r\n"], "a.b\r\n.\r\n"),
            (&["a\r"], "a\r\n.\r\n"),
            (&["a\n.b\r\n"], "a\n..b\r\n.\r\n"),
            (&["\r\n.\r\n.\r\n"], "\r\n..\r\n..\r\n.\r\n"),
            (&[], ".\r\n"),
            (&[""], ".\r\n"),
        ] {
            assert_eq!(String::from_utf8(stuffed(pieces)).unwrap(), expected, "{pieces:?}");
        }
    }

    proptest::proptest! {
        /// What our own server makes of it is what was sent.
        #[test]
        fn a_server_reads_what_was_sent(
            lines in proptest::collection::vec("[.a]{0,4}", 0..8),
            cut in 0_usize..40,
        ) {
            let text: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
            let (before, after) = text.split_at(cut.min(text.len()));
            let mut input = bytes::BytesMut::from(&stuffed(&[before, after])[..]);
            let mut reader = ContentReader::new(ContentLimits { size: 1000, line: 100 });
            let mut read = Vec::new();
            loop {
                match reader.read(&mut input) {
                    Some(Found::Content(octets)) => read.extend_from_slice(&octets),
                    Some(Found::End) => break,
                    other => panic!("{other:?}"),
                }
            }
            proptest::prop_assert_eq!(String::from_utf8(read).unwrap(), text);
            proptest::prop_assert!(input.is_empty());
        }
    }
}
