//! Primitive types that keep what they were given.
//!
//! rasn refuses a PrintableString with an `@` in it, forgets the offset of a UTCTime and cannot hold an object
//! identifier with an arc over 32 bits; real X.400 traffic has all three. The types here decode any octets, tell
//! whether they are valid, and encode what they decoded.

mod bits;
mod external;
mod generalized_time;
mod moment;
mod oid;
mod raw;
mod string;
mod time;

pub use bits::NamedBits;
pub use external::{External, ExternalEncoding};
pub use generalized_time::GeneralizedTime;
pub use moment::Moment;
pub use oid::{Oid, OidError};
pub use raw::{Captured, RawTlv};
pub use string::{
    BmpString, GeneralString, GraphicString, Ia5String, LaxStr, NumericString, ObjectDescriptor,
    PrintableString, TeletexString, UniversalString, VideotexString, VisibleString, is_printable,
};
pub use time::X400Time;

use rasn::types::{Constraints, Identifier, Tag, TagTree};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

/// Whether `tag` is one of the tags of `tree`.
#[must_use]
pub fn tag_is_in(tree: &TagTree, tag: Tag) -> bool {
    match tree {
        TagTree::Leaf(leaf) => *leaf == tag,
        TagTree::Choice(branches) => branches.iter().any(|branch| tag_is_in(branch, tag)),
    }
}

/// SET OF with the universal tag: order and duplicates kept, unlike rasn's `SetOf`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListAsSet<T>(pub Vec<T>);

impl<T: AsnType> AsnType for ListAsSet<T> {
    const TAG: Tag = Tag::SET;
}

impl<T: Decode> Decode for ListAsSet<T> {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        constraints: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_sequence_of(tag, constraints).map(Self)
    }
}

impl<T: Encode> Encode for ListAsSet<T> {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        self.0.encode_with_tag_and_identifier(encoder, tag, identifier)
    }
}

/// NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Null;

impl AsnType for Null {
    const TAG: Tag = Tag::NULL;
}

impl Decode for Null {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_null(tag).map(|()| Self)
    }
}

impl Encode for Null {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        encoder.encode_null(tag, identifier).map(drop)
    }
}

/// OCTET STRING, gathered when it came in segments.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Octets(pub bytes::Bytes);

impl AsnType for Octets {
    const TAG: Tag = Tag::OCTET_STRING;
}

impl Decode for Octets {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_octet_string::<Vec<u8>>(tag, &Constraints::NONE).map(Self::from)
    }
}

impl Encode for Octets {
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

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        Self(octets.into())
    }
}

impl From<&[u8]> for Octets {
    fn from(octets: &[u8]) -> Self {
        Self(octets.to_vec().into())
    }
}
