//! Character strings as octets with their universal tag.

use std::borrow::Cow;
use std::fmt;

use rasn::types::{Class, Constraints, Identifier, Tag};
use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

/// A character string of the type with universal tag `TAG`, valid or not.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LaxStr<const TAG: u32>(Vec<u8>);

/// Characters of ObjectDescriptor, tag 7.
pub type ObjectDescriptor = LaxStr<7>;
/// Digits and space, tag 18.
pub type NumericString = LaxStr<18>;
/// Letters, digits, space and `'()+,-./:=?`, tag 19.
pub type PrintableString = LaxStr<19>;
/// T.61, tag 20.
pub type TeletexString = LaxStr<20>;
/// Videotex, tag 21.
pub type VideotexString = LaxStr<21>;
/// ASCII with controls, tag 22.
pub type Ia5String = LaxStr<22>;
/// Graphic characters of registered sets, tag 25.
pub type GraphicString = LaxStr<25>;
/// ASCII without controls, tag 26.
pub type VisibleString = LaxStr<26>;
/// Characters of registered sets with controls, tag 27.
pub type GeneralString = LaxStr<27>;
/// UCS-4, big endian, tag 28.
pub type UniversalString = LaxStr<28>;
/// UCS-2, big endian, tag 30.
pub type BmpString = LaxStr<30>;

impl<const TAG: u32> LaxStr<TAG> {
    /// These octets, whatever they are.
    #[must_use]
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        Self(octets.into())
    }

    /// The octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Octets in the string.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the string has no octets.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every octet belongs to the type. For the string types with several character sets (teletex, graphic,
    /// general) any octet may be meant, so the answer is always yes.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match TAG {
            18 => self.0.iter().all(|octet| octet.is_ascii_digit() || *octet == b' '),
            19 => self.0.iter().all(|&octet| is_printable(octet)),
            22 => self.0.is_ascii(),
            26 => self.0.iter().all(|octet| (0x20..0x7f).contains(octet)),
            28 => self.0.len().is_multiple_of(4),
            30 => self.0.len().is_multiple_of(2),
            _ => true,
        }
    }

    /// The string for a reader: two- and four-octet types as what they mean, others as UTF-8 if they happen to be it,
    /// else as Latin-1. Not for conversion: T.61 is decoded elsewhere.
    #[must_use]
    pub fn to_text(&self) -> Cow<'_, str> {
        match TAG {
            30 => {
                let units = self.0.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            }
            28 => self
                .0
                .chunks_exact(4)
                .map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
                .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect(),
            _ => match str::from_utf8(&self.0) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => self.0.iter().copied().map(char::from).collect(),
            },
        }
    }
}

/// Whether an octet is a character of PrintableString (X.680 41.4).
#[must_use]
pub const fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b' ' | b'\'' | b'(' | b')' | b'+' | b',' | b'-' | b'.' | b'/' | b':' | b'=' | b'?')
}

impl<const TAG: u32> fmt::Debug for LaxStr<TAG> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl<const TAG: u32> fmt::Display for LaxStr<TAG> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_text())
    }
}

impl<const TAG: u32> From<&str> for LaxStr<TAG> {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl<const TAG: u32> From<String> for LaxStr<TAG> {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl<const TAG: u32> AsnType for LaxStr<TAG> {
    const TAG: Tag = Tag::new(Class::Universal, TAG);
}

impl<const TAG: u32> Decode for LaxStr<TAG> {
    fn decode_with_tag_and_constraints<D: Decoder>(
        decoder: &mut D,
        tag: Tag,
        _: &Constraints,
    ) -> Result<Self, D::Error> {
        decoder.decode_octet_string::<Vec<u8>>(tag, &Constraints::NONE).map(Self)
    }
}

impl<const TAG: u32> Encode for LaxStr<TAG> {
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
    fn a_string_outside_its_alphabet_is_kept_and_called_invalid() {
        let value: PrintableString = rasn::ber::decode(&[0x13, 3, b'a', b'@', b'b']).unwrap();
        assert_eq!((value.is_valid(), value.to_text().as_ref()), (false, "a@b"));
        assert_eq!(rasn::ber::encode(&value).unwrap(), [0x13, 3, b'a', b'@', b'b']);
    }

    #[test]
    fn segments_are_gathered_in_both_length_forms() {
        let definite = [0x36, 7, 0x04, 2, b'a', b'b', 0x04, 1, b'c'];
        let indefinite = [0x36, 0x80, 0x04, 2, b'a', b'b', 0x04, 1, b'c', 0, 0];
        for octets in [&definite[..], &indefinite] {
            assert_eq!(rasn::ber::decode::<Ia5String>(octets).unwrap(), Ia5String::from("abc"));
        }
    }
}
