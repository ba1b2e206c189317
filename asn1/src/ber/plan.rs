//! The plan writer: BER whose large octets stay where they are.
//!
//! A [`Plan`] is the encoding of some elements as a list of pieces. Wrapping it in another element adds a header in front
//! and moves nothing, so a body of any size is referred to, never copied, however deep it is nested.

use std::collections::VecDeque;

use bytes::Bytes;
use rasn::Encode;
use rasn::types::Tag;

use super::Error;
use super::header::Header;

/// Octets in pieces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pieces: VecDeque<Bytes>,
    length: usize,
}

impl Plan {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The encoding of one value.
    ///
    /// # Errors
    /// [`Error::Unencodable`] as [`super::encode`].
    pub fn value<T: Encode>(value: &T) -> Result<Self, Error> {
        Ok(Self::from(super::encode(value)?))
    }

    /// A primitive element around octets that are referred to.
    #[must_use]
    pub fn primitive(tag: Tag, contents: Bytes) -> Self {
        Self::from(contents).enclosed(tag, false)
    }

    /// These elements as the contents of a constructed element.
    #[must_use]
    pub fn constructed(self, tag: Tag) -> Self {
        self.enclosed(tag, true)
    }

    /// These octets as the contents of an element, for primitive strings that hold an encoding.
    #[must_use]
    pub fn enclosed(mut self, tag: Tag, constructed: bool) -> Self {
        let mut header = Vec::with_capacity(8);
        Header::write(tag, constructed, self.length, &mut header);
        self.length += header.len();
        self.pieces.push_front(header.into());
        self
    }

    /// Appends what follows.
    pub fn append(&mut self, next: Self) {
        self.length += next.length;
        self.pieces.extend(next.pieces);
    }

    /// Octets altogether.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there are no octets.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The pieces in order.
    #[must_use]
    pub fn into_pieces(self) -> Vec<Bytes> {
        self.pieces.into()
    }

    /// The octets in one place; copies everything, so for small messages, tools and tests.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.length);
        self.pieces.iter().for_each(|piece| octets.extend_from_slice(piece));
        octets
    }
}

impl From<Bytes> for Plan {
    fn from(octets: Bytes) -> Self {
        Self { length: octets.len(), pieces: VecDeque::from([octets]) }
    }
}

impl From<Vec<u8>> for Plan {
    fn from(octets: Vec<u8>) -> Self {
        Self::from(Bytes::from(octets))
    }
}

impl FromIterator<Bytes> for Plan {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        pieces.into_iter().map(Self::from).collect()
    }
}

impl FromIterator<Self> for Plan {
    fn from_iter<I: IntoIterator<Item = Self>>(plans: I) -> Self {
        let mut whole = Self::new();
        plans.into_iter().for_each(|plan| whole.append(plan));
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_adds_headers_and_copies_nothing() {
        let body = Bytes::from(vec![0x55; 300]);
        let inner = Plan::primitive(Tag::OCTET_STRING, body.clone());
        let outer = inner.constructed(Tag::SEQUENCE);
        let pieces = outer.clone().into_pieces();
        assert_eq!(pieces[2].as_ptr(), body.as_ptr());
        assert_eq!(outer.len(), 308);
        let octets = outer.to_vec();
        assert_eq!(&octets[..8], [0x30, 0x82, 0x01, 0x30, 0x04, 0x82, 0x01, 0x2c]);
        assert_eq!(octets.len(), 308);
    }
}
