//! OBJECT IDENTIFIER with arcs of any size up to 64 bits.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rasn::types::{Constraints, Identifier, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

/// An object identifier, held as its contents octets (X.690 8.19).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Oid(Cow<'static, [u8]>);

/// Why text is not an object identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at offset {offset}: {expected}")]
pub struct OidError {
    /// Octet offset in the text.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl Oid {
    /// From contents octets, for catalogues.
    #[must_use]
    pub const fn from_contents(contents: &'static [u8]) -> Self {
        Self(Cow::Borrowed(contents))
    }

    /// From arcs. Two arcs at least; the first is 0 to 2, the second below 40 unless the first is 2.
    ///
    /// # Errors
    /// [`OidError`] with the index of the arc as offset.
    pub fn from_arcs(arcs: &[u64]) -> Result<Self, OidError> {
        let error = |offset, expected| Err(OidError { offset, expected });
        let [first, second, rest @ ..] = arcs else {
            return error(arcs.len(), "at least two arcs");
        };
        let root = match first {
            0 | 1 if *second < 40 => first * 40 + second,
            2 if *second <= u64::MAX - 80 => 80 + second,
            0..=2 => return error(1, "an arc below 40 under the roots 0 and 1"),
            _ => return error(0, "0, 1 or 2"),
        };
        let mut contents = Vec::with_capacity(arcs.len() * 2);
        push_arc(root, &mut contents);
        rest.iter().for_each(|&arc| push_arc(arc, &mut contents));
        Ok(Self(contents.into()))
    }

    /// The contents octets.
    #[must_use]
    pub fn contents(&self) -> &[u8] {
        &self.0
    }

    /// The arcs, or `None` when the octets are empty, cut off, or hold an arc over 64 bits.
    #[must_use]
    pub fn arcs(&self) -> Option<Vec<u64>> {
        let mut arcs = Vec::new();
        let mut arc = 0_u64;
        let mut pending = true;
        for &octet in self.0.iter() {
            if arc >> 57 != 0 {
                return None;
            }
            arc = arc << 7 | u64::from(octet & 0x7f);
            pending = octet & 0x80 != 0;
            if !pending {
                if arcs.is_empty() {
                    let root = (arc / 40).min(2);
                    arcs.push(root);
                    arc -= root * 40;
                }
                arcs.push(arc);
                arc = 0;
            }
        }
        (!pending).then_some(arcs)
    }

    /// This identifier with more arcs below it, as the content type of a forwarded content is.
    #[must_use]
    pub fn below(&self, arcs: &[u64]) -> Self {
        let mut contents = self.0.to_vec();
        arcs.iter().for_each(|&arc| push_arc(arc, &mut contents));
        Self(contents.into())
    }

    /// Whether this identifier is `prefix` or below it.
    #[must_use]
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }
}

/// Appends one arc in base 128.
fn push_arc(arc: u64, into: &mut Vec<u8>) {
    let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let bits = (arc >> (7 * group)).to_le_bytes()[0] & 0x7f;
        into.push(if group == 0 { bits } else { bits | 0x80 });
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arcs() {
            Some(arcs) => arcs.iter().enumerate().try_for_each(|(index, arc)| {
                if index > 0 {
                    f.write_str(".")?;
                }
                write!(f, "{arc}")
            }),
            None => self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}")),
        }
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Oid {
    type Err = OidError;

    fn from_str(text: &str) -> Result<Self, OidError> {
        let mut offset = 0;
        let mut arcs = Vec::new();
        for part in text.split('.') {
            let arc = part.parse().map_err(|_| OidError { offset, expected: "a number below 2^64" })?;
            arcs.push(arc);
            offset += part.len() + 1;
        }
        Self::from_arcs(&arcs)
    }
}

impl AsnType for Oid {
    const TAG: Tag = Tag::OBJECT_IDENTIFIER;
}

impl Decode for Oid {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_octet_string::<Vec<u8>>(tag, &Constraints::NONE).map(|contents| Self(contents.into()))
    }
}

impl Encode for Oid {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_octet_string(tag, &Constraints::NONE, &self.0, identifier).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_octets() {
        for (text, octets) in [
            ("1.3.6.1.7.1.3.2", &[0x2b, 6, 1, 7, 1, 3, 2][..]),
            (
                "0.9.2342.234219200300.200.1",
                &[9, 0x92, 0x26, 0x86, 0xe8, 0xc4, 0xb5, 0xbe, 0x2c, 0x81, 0x48, 1],
            ),
            ("2.999.3", &[0x88, 0x37, 3]),
            ("2.6.0.1.6", &[0x56, 0, 1, 6]),
        ] {
            let oid: Oid = text.parse().unwrap();
            assert_eq!((oid.contents(), oid.to_string().as_str()), (octets, text));
        }
        assert_eq!(Oid::from_contents(&[0x2b, 0x86]).arcs(), None);
        assert_eq!(Oid::from_contents(&[]).arcs(), None);
        assert_eq!("1.3.x".parse::<Oid>().unwrap_err().offset, 4);
    }
}
