//! What the elements of a body part are, by where they stand.

use rasn::AsnType;
use rasn::types::{Class, Tag};

use crate::prim::{BmpString, ObjectDescriptor, Oid};
use crate::x420::part_parameters::{Shape, shape};

/// An element that has begun and not ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) role: Role,
    pub(super) offset: u64,
    /// Elements inside that have begun.
    pub(super) children: usize,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The part: parameters and data.
    Part,
    /// A list of strings.
    Pages,
    /// The data of an externally defined part.
    External,
    /// A value in an EXTERNAL.
    Value,
    /// A list of EXTERNALs, each a file.
    Files,
    /// A file.
    File,
    /// A value in the EXTERNAL of a file.
    FileValue,
    /// A string, in segments if it is constructed.
    Text,
    /// A segment of a string.
    Segment,
    /// A string of bits, in segments if it is constructed.
    BitText,
    /// A segment of a string of bits.
    BitSegment,
    /// Octets that are an element, in segments if they are constructed.
    Held,
    /// A segment of such octets.
    HeldSegment,
    /// An element that is a leaf as a whole.
    Element,
    /// An element nobody asks for.
    Other,
}

/// What an element that begins is, or that it is collected.
pub(super) enum Begins {
    As(Role),
    Captured(Captured),
}

/// What is collected.
#[derive(Debug, Clone, Copy)]
pub(super) enum Captured {
    Parameters,
    Kind,
}

const OCTET_ALIGNED: Tag = Tag::new_context(1);
const ARBITRARY: Tag = Tag::new_context(2);

impl Role {
    /// What an element with that tag is, the one of that number inside an element of this role, in a part with the tag `part`
    /// and, once it is known, a type of the name `kind`. `None` when it cannot stand there.
    pub(super) fn inside(self, part: Tag, kind: Option<&Oid>, index: usize, tag: Tag) -> Option<Begins> {
        Some(Begins::As(match self {
            Self::Part => match (part.value, index) {
                (15, _) if tag == Tag::EXTERNAL => Self::External,
                (15, 0) if tag == Tag::new_context(0) => return Some(Begins::Captured(Captured::Parameters)),
                (0 | 3 | 5 | 6 | 8 | 9, 0) => return Some(Begins::Captured(Captured::Parameters)),
                (0, 1) => Self::Text,
                (3 | 5, 1) => Self::Pages,
                (6 | 8, 1) => Self::string_or(tag, Self::Element),
                (9, 1) => Self::Element,
                _ => Self::Other,
            },
            Self::Pages => Self::string_or(tag, Self::Element),
            Self::External if tag == Tag::OBJECT_IDENTIFIER && index == 0 => {
                return Some(Begins::Captured(Captured::Kind));
            }
            Self::External if tag == Tag::new_context(0) => Self::Value,
            // Only data that are octets stand as octets for themselves; others are an element in them.
            Self::External if tag == OCTET_ALIGNED => match shape(kind) {
                Some(Shape::Octets) | None => Self::Text,
                Some(_) => Self::Held,
            },
            Self::External if tag == ARBITRARY => Self::BitText,
            Self::Value => match shape(kind) {
                Some(Shape::Files) if tag == Tag::SEQUENCE => Self::Files,
                Some(Shape::Pages) if tag == Tag::SEQUENCE => Self::Pages,
                Some(Shape::Element) => Self::Element,
                _ => Self::string_or(tag, Self::Element),
            },
            Self::Files if tag == Tag::EXTERNAL => Self::File,
            Self::Files => Self::Element,
            Self::File if tag == Tag::new_context(0) => Self::FileValue,
            Self::File if tag == OCTET_ALIGNED => Self::Text,
            Self::File if tag == ARBITRARY => Self::BitText,
            Self::FileValue => Self::string_or(tag, Self::Element),
            Self::Text | Self::Segment if is_string(tag) => Self::Segment,
            Self::BitText | Self::BitSegment if tag == Tag::BIT_STRING => Self::BitSegment,
            Self::Held | Self::HeldSegment if is_string(tag) => Self::HeldSegment,
            Self::Text
            | Self::Segment
            | Self::BitText
            | Self::BitSegment
            | Self::Held
            | Self::HeldSegment => return None,
            Self::External | Self::File | Self::Element | Self::Other => Self::Other,
        }))
    }

    /// That of a string, if the tag is that of one.
    fn string_or(tag: Tag, otherwise: Self) -> Self {
        match tag {
            Tag::BIT_STRING => Self::BitText,
            tag if is_string(tag) => Self::Text,
            _ => otherwise,
        }
    }
}

/// Universal string types, whose value is their contents and may come in segments.
fn is_string(tag: Tag) -> bool {
    tag.class == Class::Universal
        && (matches!(tag.value, 3 | 4 | 12 | 18..=22 | 25..=28)
            || tag == ObjectDescriptor::TAG
            || tag == BmpString::TAG)
}
