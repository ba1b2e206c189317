//! The plan writer: BER whose large octets stay where they are.
//!
//! A [`Plan`] is the encoding of some elements as a list of pieces. Wrapping it in another element adds a header in front
//! and moves nothing, so a body of any size is referred to, never copied, however deep it is nested. A piece may also be
//! outside of memory: something with a length, such as part of a file, of which the plan knows nothing else.

use std::collections::VecDeque;
use std::convert::Infallible;

use bytes::Bytes;
use rasn::Encode;
use rasn::types::Tag;

use super::Error;
use super::header::Header;

/// Octets in pieces. `E` names what is outside of memory; without it everything is in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan<E = Infallible> {
    pieces: VecDeque<Piece<E>>,
    length: usize,
}

/// One piece of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<E = Infallible> {
    /// Octets in memory.
    Octets(Bytes),
    /// Octets elsewhere.
    External {
        /// Where, in the terms of whoever copies them.
        source: E,
        /// How many.
        length: usize,
    },
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

    /// The pieces in order, all in memory.
    #[must_use]
    pub fn into_pieces(self) -> Vec<Bytes> {
        self.pieces().map(Piece::into_octets).collect()
    }

    /// The octets in one place; copies everything, so for small messages, tools and tests.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.length);
        for piece in &self.pieces {
            match piece {
                Piece::Octets(piece) => octets.extend_from_slice(piece),
                Piece::External { source, .. } => match *source {},
            }
        }
        octets
    }

    /// The same among plans with pieces outside of memory.
    #[must_use]
    pub fn widen<E>(self) -> Plan<E> {
        let pieces = self.pieces.into_iter().map(|piece| Piece::Octets(piece.into_octets())).collect();
        Plan { pieces, length: self.length }
    }
}

impl<E> Plan<E> {
    /// So many octets outside of memory.
    #[must_use]
    pub fn external(source: E, length: usize) -> Self {
        Self { pieces: VecDeque::from([Piece::External { source, length }]), length }
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
        self.pieces.push_front(Piece::Octets(header.into()));
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
    pub fn pieces(self) -> impl Iterator<Item = Piece<E>> {
        self.pieces.into_iter()
    }
}

impl Piece {
    /// The octets, as nothing is elsewhere.
    #[must_use]
    pub fn into_octets(self) -> Bytes {
        let Self::Octets(octets) = self;
        octets
    }
}

impl<E> Default for Plan<E> {
    fn default() -> Self {
        Self { pieces: VecDeque::new(), length: 0 }
    }
}

impl From<Bytes> for Plan {
    fn from(octets: Bytes) -> Self {
        Self { length: octets.len(), pieces: VecDeque::from([Piece::Octets(octets)]) }
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

impl<E> FromIterator<Self> for Plan<E> {
    fn from_iter<I: IntoIterator<Item = Self>>(plans: I) -> Self {
        let mut whole = Self::default();
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

    #[test]
    fn what_is_elsewhere_counts_and_is_not_looked_at() {
        let mut plan = Plan::value(&true).unwrap().widen();
        plan.append(Plan::external("file", 5 << 30).enclosed(Tag::OCTET_STRING, false));
        let plan = plan.constructed(Tag::SEQUENCE);
        let pieces: Vec<_> = plan.clone().pieces().collect();
        let headers: Vec<&[u8]> = pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Octets(octets) => Some(&octets[..]),
                Piece::External { .. } => None,
            })
            .collect();
        assert_eq!(
            headers,
            [
                &[0x30, 0x85, 0x01, 0x40, 0x00, 0x00, 0x0a][..],
                &[0x01, 0x01, 0xff],
                &[0x04, 0x85, 0x01, 0x40, 0x00, 0x00, 0x00],
            ]
        );
        assert_eq!(plan.len(), 7 + 3 + 7 + (5 << 30));
    }
}
