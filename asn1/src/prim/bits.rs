//! BIT STRING with named bits.

use std::fmt;

use rasn::types::{BitString, Constraints, Identifier, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

/// Bits by number. What was decoded is encoded with the same length; what is made here is trimmed as DER asks.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct NamedBits(BitString);

impl NamedBits {
    /// The given bits set. Trailing zero bits are left out, down to `minimum` bits.
    #[must_use]
    pub fn with(bits: &[usize], minimum: usize) -> Self {
        let length = bits.iter().map(|bit| bit + 1).max().unwrap_or(0).max(minimum);
        let mut string = BitString::repeat(false, length);
        bits.iter().for_each(|&bit| string.set(bit, true));
        Self(string)
    }

    /// Whole octets as bits, the first bit the most significant one: a signature or a key.
    #[must_use]
    pub fn from_octets(octets: &[u8]) -> Self {
        Self(BitString::from_slice(octets))
    }

    /// The bits as octets; the last one is filled up with zero bits.
    #[must_use]
    pub fn to_octets(&self) -> Vec<u8> {
        let mut octets = vec![0; self.0.len().div_ceil(8)];
        self.0.iter_ones().for_each(|bit| octets[bit / 8] |= 0x80 >> (bit % 8));
        octets
    }

    /// Whether a bit is set; bits beyond the end are clear.
    #[must_use]
    pub fn has(&self, bit: usize) -> bool {
        self.0.get(bit).is_some_and(|bit| *bit)
    }

    /// Numbers of the bits that are set, ascending.
    pub fn set_bits(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter_ones()
    }

    /// Bits in the string, set or clear.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the string has no bits at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for NamedBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.set_bits()).finish()?;
        write!(f, "/{}", self.len())
    }
}

impl AsnType for NamedBits {
    const TAG: Tag = Tag::BIT_STRING;
}

impl Decode for NamedBits {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_bit_string(tag, &Constraints::NONE).map(Self)
    }
}

impl Encode for NamedBits {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_bit_string(tag, &Constraints::NONE, &self.0, identifier).map(drop)
    }
}
