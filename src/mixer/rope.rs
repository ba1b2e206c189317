//! Octets of a converted mail, as pieces: what the gateway wrote, and ranges of the original with the transfer encoding
//! they get on their way out. Nothing large is copied or encoded before it is read.

use std::collections::VecDeque;

use bytes::Bytes;

/// Octets on one line of base64, encoded (RFC 2045 6.8).
const LINE: usize = 76;
/// Octets on one line of base64, not encoded.
const OCTETS_PER_LINE: usize = LINE / 4 * 3;
/// Lines that are encoded at once, at most: about 64 kB.
const LINES: usize = 840;

/// A sequence of pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rope(Vec<Piece>);

/// A part of a rope.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// As it is.
    Octets(Bytes),
    /// In base64, lines of 76 characters, each with its CR LF; the octets are one after the other.
    Base64(Vec<Bytes>),
}

impl Rope {
    /// Adds octets as they are.
    pub fn push(&mut self, octets: impl Into<Bytes>) {
        let octets = octets.into();
        if !octets.is_empty() {
            self.0.push(Piece::Octets(octets));
        }
    }

    /// Adds octets that will be read as base64: lines of 76 characters, each ended by CR LF.
    pub fn push_base64(&mut self, octets: Vec<Bytes>) {
        if octets.iter().any(|piece| !piece.is_empty()) {
            self.0.push(Piece::Base64(octets));
        }
    }

    /// Adds everything of another rope.
    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Octets that will be read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(Piece::len).sum()
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads it: pieces of at most 64 kB where something is encoded, else as large as they are.
    pub fn chunks(&self) -> impl Iterator<Item = Bytes> + '_ {
        self.0.iter().flat_map(|piece| match piece {
            Piece::Octets(octets) => Chunks::Whole(Some(octets.clone())),
            Piece::Base64(pieces) => {
                Chunks::Base64 { pieces: pieces.iter().cloned().collect(), line: Vec::new() }
            }
        })
    }

    /// The octets that are read as they are, piece by piece; `None` for lines of base64.
    pub(crate) fn verbatim(&self) -> impl Iterator<Item = Option<&Bytes>> {
        self.0.iter().map(|piece| match piece {
            Piece::Octets(octets) => Some(octets),
            Piece::Base64(_) => None,
        })
    }

    /// The octets up to and with the first empty line, and everything after it; `None` if there is no such line before the
    /// first lines of base64.
    #[must_use]
    pub fn header_and_rest(&self) -> Option<(Vec<u8>, Self)> {
        let mut header = Vec::new();
        for (place, piece) in self.0.iter().enumerate() {
            let Piece::Octets(octets) = piece else { return None };
            let searched = header.len().saturating_sub(3);
            header.extend_from_slice(octets);
            let Some(found) = memchr::memmem::find(&header[searched..], b"\r\n\r\n") else { continue };
            let end = searched + found + 4;
            let mut rest = Self::default();
            rest.push(octets.slice(octets.len() - (header.len() - end)..));
            rest.0.extend_from_slice(&self.0[place + 1..]);
            header.truncate(end);
            return Some((header, rest));
        }
        None
    }

    /// Everything at once, for what is known to be small.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len());
        self.chunks().for_each(|chunk| out.extend_from_slice(&chunk));
        out
    }
}

impl Piece {
    fn len(&self) -> usize {
        match self {
            Self::Octets(octets) => octets.len(),
            Self::Base64(pieces) => {
                let octets: usize = pieces.iter().map(Bytes::len).sum();
                let encoded = octets.div_ceil(3) * 4;
                encoded + encoded.div_ceil(LINE) * 2
            }
        }
    }
}

enum Chunks {
    Whole(Option<Bytes>),
    Base64 {
        pieces: VecDeque<Bytes>,
        /// What is left of the pieces before: less than a line.
        line: Vec<u8>,
    },
}

impl Iterator for Chunks {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        let (pieces, line) = match self {
            Self::Whole(octets) => return octets.take(),
            Self::Base64 { pieces, line } => (pieces, line),
        };
        // Lines that no piece holds alone are put together; the others are encoded where they stand.
        while let Some(first) = pieces.front_mut() {
            if line.is_empty() && first.len() >= OCTETS_PER_LINE {
                let whole = (first.len() / OCTETS_PER_LINE).min(LINES) * OCTETS_PER_LINE;
                let octets = first.split_to(whole);
                return Some(encode(&octets));
            }
            let wanted = first.len().min(OCTETS_PER_LINE - line.len());
            line.extend_from_slice(&first.split_to(wanted));
            if first.is_empty() {
                pieces.pop_front();
            }
            if line.len() == OCTETS_PER_LINE {
                let encoded = encode(line);
                line.clear();
                return Some(encoded);
            }
        }
        (!line.is_empty()).then(|| encode(&std::mem::take(line)))
    }
}

/// Lines of base64.
fn encode(octets: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(octets.len().div_ceil(OCTETS_PER_LINE) * (LINE + 2));
    for line in octets.chunks(OCTETS_PER_LINE) {
        base64_simd::STANDARD.encode_append(line, &mut out);
        out.extend_from_slice(b"\r\n");
    }
    out.into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn base64_is_the_same_however_the_octets_are_cut(
            octets in proptest::collection::vec(proptest::num::u8::ANY, 0..400),
            cuts in proptest::collection::vec(0_usize..400, 0..5),
        ) {
            let mut pieces = vec![Bytes::from(octets.clone())];
            for cut in cuts {
                let last = pieces.pop().unwrap();
                let at = cut.min(last.len());
                pieces.extend([last.slice(..at), last.slice(at..)]);
            }
            let mut rope = Rope::default();
            rope.push_base64(pieces);
            let text = rope.to_vec();
            proptest::prop_assert_eq!(text.len(), rope.len());
            proptest::prop_assert!(text.split(|&octet| octet == b'\n').all(|line| line.len() <= LINE + 1));
            let bare: Vec<u8> = text.into_iter().filter(|octet| !b"\r\n".contains(octet)).collect();
            proptest::prop_assert_eq!(base64_simd::STANDARD.decode_to_vec(bare).unwrap(), octets);
        }
    }

    #[test]
    fn the_header_ends_with_an_empty_line() {
        for (pieces, header, rest) in [
            (&["a\r\n\r\nb\r\n"][..], "a\r\n\r\n", "b\r\n"),
            (&["a\r\n\r", "\n", "b"], "a\r\n\r\n", "b"),
            (&["a\r\n", "\r\n\r\nb"], "a\r\n\r\n", "\r\nb"),
            (&["a\r\n\r\n"], "a\r\n\r\n", ""),
        ] {
            let mut rope = Rope::default();
            pieces.iter().for_each(|piece| rope.push(piece.as_bytes().to_vec()));
            let found = rope.header_and_rest().unwrap();
            assert_eq!(
                (&found.0[..], &found.1.to_vec()[..]),
                (header.as_bytes(), rest.as_bytes()),
                "{pieces:?}"
            );
        }
        let mut rope = Rope::default();
        rope.push(&b"a\r\n"[..]);
        assert_eq!(rope.header_and_rest(), None);
    }

    #[test]
    fn large_octets_come_in_chunks() {
        let mut rope = Rope::default();
        rope.push(&b"head\r\n"[..]);
        rope.push_base64(vec![Bytes::from(vec![7; 1_000_000])]);
        assert!(rope.chunks().all(|chunk| chunk.len() <= 1 << 16));
        assert_eq!(rope.chunks().map(|chunk| chunk.len()).sum::<usize>(), rope.len());
    }
}
