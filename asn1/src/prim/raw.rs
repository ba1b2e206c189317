//! Any element, kept as it came.

use std::fmt;
use std::marker::PhantomData;

use rasn::types::{Any, Constraints, Identifier, Tag, TagTree};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::ber::header::Header;
use crate::ber::{self, Error};

/// One whole element: an open type, or a member nobody knows.
#[derive(Clone, PartialEq, Eq, Default, Hash)]
pub struct RawTlv(Vec<u8>);

impl RawTlv {
    /// An element given as its octets; they are not checked.
    #[must_use]
    pub const fn from_element(octets: Vec<u8>) -> Self {
        Self(octets)
    }

    /// The encoding of a value.
    ///
    /// # Errors
    /// [`Error::Unencodable`] as [`ber::encode`].
    pub fn of<T: Encode>(value: &T) -> Result<Self, Error> {
        ber::encode(value).map(Self)
    }

    /// The element's octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The value inside, decoded now.
    ///
    /// # Errors
    /// As [`ber::decode`].
    pub fn get<T: Decode>(&self) -> Result<T, Error> {
        ber::decode(&self.0, self.0.len())
    }

    /// The element's tag, if the octets hold one.
    #[must_use]
    pub fn tag(&self) -> Option<Tag> {
        Header::read(&self.0).ok().map(|header| header.tag)
    }

    /// The contents octets, without the end-of-contents of the indefinite form.
    #[must_use]
    pub fn contents(&self) -> Option<&[u8]> {
        let header = Header::read(&self.0).ok()?;
        match header.length {
            Some(length) => self.0.get(header.size..header.size.checked_add(length)?),
            None => self.0.get(header.size..self.0.len().checked_sub(2)?),
        }
    }
}

impl fmt::Debug for RawTlv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawTlv(")?;
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
        f.write_str(")")
    }
}

impl AsnType for RawTlv {
    const TAG: Tag = Tag::EOC;
    const TAG_TREE: TagTree = TagTree::Choice(&[]);
}

impl Decode for RawTlv {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_any(tag).map(|any| Self(any.as_bytes().to_vec()))
    }
}

/// The contents of a constructed element, written as they are.
struct Contents<'a>(&'a [u8]);

impl AsnType for Contents<'_> {
    const TAG: Tag = Tag::SEQUENCE;
}

impl rasn::types::Constructed<0, 0> for Contents<'_> {
    const FIELDS: rasn::types::fields::Fields<0> = rasn::types::fields::Fields::from_static([]);
}

impl Encode for Contents<'_> {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        _: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        let contents = Any::new(self.0.to_vec());
        encoder
            .encode_sequence::<0, 0, Self, _>(
                tag,
                |encoder| encoder.encode_any(Tag::EOC, &contents, identifier).map(drop),
                identifier,
            )
            .map(drop)
    }
}

impl Encode for RawTlv {
    /// rasn refuses an untagged element inside a SET because it has no tag to sort it by; written as a string or a
    /// sequence under its own tag it has one. Everywhere else the octets go out as they are.
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        tag: Tag,
        constraints: &Constraints,
        identifier: Identifier,
    ) -> Result<(), E::Error> {
        let Err(refused) = encoder.encode_any(tag, &Any::new(self.0.clone()), identifier) else {
            return Ok(());
        };
        match (Header::read(&self.0), self.contents()) {
            (Ok(header), Some(contents)) if header.constructed => {
                Contents(contents).encode_with_tag(encoder, header.tag)
            }
            (Ok(header), Some(contents)) => {
                encoder.encode_octet_string(header.tag, constraints, contents, identifier).map(drop)
            }
            _ => Err(refused),
        }
    }
}

/// A value of type `T` that is decoded when somebody asks for it. Where a type holds itself, this keeps a hostile depth of
/// nesting from using up the stack: who reads a level decides about the next.
pub struct Captured<T> {
    element: RawTlv,
    holds: PhantomData<fn() -> T>,
}

impl<T> Captured<T> {
    /// The encoding of a value.
    ///
    /// # Errors
    /// [`Error::Unencodable`] as [`ber::encode`].
    pub fn of(value: &T) -> Result<Self, Error>
    where
        T: Encode,
    {
        RawTlv::of(value).map(|element| Self { element, holds: PhantomData })
    }

    /// The value, decoded now.
    ///
    /// # Errors
    /// As [`ber::decode`].
    pub fn get(&self) -> Result<T, Error>
    where
        T: Decode,
    {
        self.element.get()
    }

    /// The value as it came.
    #[must_use]
    pub const fn element(&self) -> &RawTlv {
        &self.element
    }
}

impl<T> Clone for Captured<T> {
    fn clone(&self) -> Self {
        Self { element: self.element.clone(), holds: PhantomData }
    }
}

impl<T> PartialEq for Captured<T> {
    fn eq(&self, other: &Self) -> bool {
        self.element == other.element
    }
}

impl<T> Eq for Captured<T> {}

impl<T> fmt::Debug for Captured<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.element.fmt(f)
    }
}

impl<T: AsnType> AsnType for Captured<T> {
    const TAG: Tag = T::TAG;
}

impl<T: AsnType> Decode for Captured<T> {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        let codec = decoder.codec();
        let element = RawTlv::decode(decoder)?;
        if tag != T::TAG || element.tag() != Some(tag) {
            return Err(rasn::de::Error::custom("the element has another tag than its type", codec));
        }
        Ok(Self { element, holds: PhantomData })
    }
}

impl<T: AsnType> Encode for Captured<T> {
    fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
        &self,
        encoder: &mut E,
        _: Tag,
        _: &Constraints,
        _: Identifier,
    ) -> Result<(), E::Error> {
        self.element.encode(encoder)
    }
}
