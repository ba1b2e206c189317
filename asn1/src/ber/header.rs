//! The identifier and length octets of one BER element (X.690 8.1.2, 8.1.3), read and written by hand where a value is
//! too large, or too raw, to go through a typed decoder.

use rasn::types::{Class, Tag};

/// Identifier and length octets of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Class and number.
    pub tag: Tag,
    /// Whether the contents are elements themselves.
    pub constructed: bool,
    /// Octets of the contents; `None` is the indefinite form.
    pub length: Option<usize>,
    /// Octets of the header itself.
    pub size: usize,
}

/// Why octets are not a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// More octets are needed.
    #[error("element header is cut off")]
    Incomplete,
    /// A tag number over 2^28 or a length over the address space.
    #[error("tag number or length is too large")]
    TooLarge,
    /// Length octet 255, an indefinite length on a primitive element, or a tag number with zeros in front.
    #[error("tag or length octets are not valid")]
    Invalid,
}

impl Header {
    /// Reads the header at the start of `octets`. The length is what the octets claim: check it before use.
    ///
    /// # Errors
    /// See [`HeaderError`].
    pub fn read(octets: &[u8]) -> Result<Self, HeaderError> {
        let mut rest = octets.iter().copied();
        let mut next = || rest.next().ok_or(HeaderError::Incomplete);
        let first = next()?;
        let class = match first >> 6 {
            0 => Class::Universal,
            1 => Class::Application,
            2 => Class::Context,
            _ => Class::Private,
        };
        let constructed = first & 0x20 != 0;
        let mut size = 2;
        let mut number = u32::from(first & 0x1f);
        if number == 0x1f {
            number = 0;
            loop {
                let octet = next()?;
                size += 1;
                // X.690 8.1.2.4.2 c: without this, zeros in front would go on for ever.
                if number == 0 && octet == 0x80 {
                    return Err(HeaderError::Invalid);
                }
                if number >> 21 != 0 {
                    return Err(HeaderError::TooLarge);
                }
                number = number << 7 | u32::from(octet & 0x7f);
                if octet & 0x80 == 0 {
                    break;
                }
            }
        }
        let length = match next()? {
            0x80 if constructed => None,
            0x80 | 0xff => return Err(HeaderError::Invalid),
            short @ 0..0x80 => Some(usize::from(short)),
            long => {
                let mut length = 0_usize;
                for _ in 0..long & 0x7f {
                    size += 1;
                    if length >> (usize::BITS - 8) != 0 {
                        return Err(HeaderError::TooLarge);
                    }
                    length = length << 8 | usize::from(next()?);
                }
                Some(length)
            }
        };
        Ok(Self { tag: Tag::new(class, number), constructed, length, size })
    }

    /// Appends the header of an element with definite length.
    pub fn write(tag: Tag, constructed: bool, length: usize, into: &mut Vec<u8>) {
        let class = match tag.class {
            Class::Universal => 0_u8,
            Class::Application => 0x40,
            Class::Context => 0x80,
            Class::Private => 0xc0,
        };
        let first = class | if constructed { 0x20 } else { 0 };
        match u8::try_from(tag.value) {
            Ok(number @ 0..0x1f) => into.push(first | number),
            _ => {
                into.push(first | 0x1f);
                let groups = (32 - tag.value.leading_zeros()).div_ceil(7).max(1);
                for group in (0..groups).rev() {
                    let bits = (tag.value >> (7 * group)).to_le_bytes()[0] & 0x7f;
                    into.push(if group == 0 { bits } else { bits | 0x80 });
                }
            }
        }
        write_length(length, into);
    }
}

/// Appends definite length octets in their shortest form.
fn write_length(length: usize, into: &mut Vec<u8>) {
    let octets = length.to_be_bytes();
    match u8::try_from(length) {
        Ok(short @ 0..0x80) => into.push(short),
        _ => {
            let significant =
                &octets[octets.iter().position(|&octet| octet != 0).unwrap_or(octets.len() - 1)..];
            into.push(0x80 | significant.len().to_le_bytes()[0]);
            into.extend_from_slice(significant);
        }
    }
}

/// Octets of the element at the start of `octets`, header and end-of-contents included. Does not recurse, so nesting is
/// limited by the input alone.
///
/// # Errors
/// [`HeaderError::Incomplete`] when the element does not end within `octets`; otherwise as [`Header::read`].
pub fn element_length(octets: &[u8]) -> Result<usize, HeaderError> {
    let mut offset = 0_usize;
    let mut open = 0_usize;
    loop {
        let rest = octets.get(offset..).ok_or(HeaderError::Incomplete)?;
        if open > 0 && rest.starts_with(&[0, 0]) {
            open -= 1;
            offset += 2;
        } else {
            let header = Header::read(rest)?;
            offset += header.size;
            match header.length {
                Some(length) => offset = offset.checked_add(length).ok_or(HeaderError::TooLarge)?,
                None => open += 1,
            }
        }
        if open == 0 {
            return if offset <= octets.len() { Ok(offset) } else { Err(HeaderError::Incomplete) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_they_are_written() {
        for (number, length) in [(0, 0), (30, 127), (31, 128), (127, 255), (128, 256), (70_000, 65_536)] {
            let tag = Tag::new(Class::Context, number);
            let mut octets = Vec::new();
            Header::write(tag, true, length, &mut octets);
            let header = Header::read(&octets).unwrap();
            assert_eq!(header, Header { tag, constructed: true, length: Some(length), size: octets.len() });
            for cut in 0..octets.len() {
                assert_eq!(Header::read(&octets[..cut]), Err(HeaderError::Incomplete));
            }
        }
    }

    #[test]
    fn an_indefinite_element_ends_at_its_own_end_of_contents() {
        let octets = [0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0xaa, 0x00, 0x00, 0x00, 0x00, 0x05];
        assert_eq!(element_length(&octets), Ok(11));
        assert_eq!(element_length(&octets[..10]), Err(HeaderError::Incomplete));
        assert_eq!(element_length(&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff]), Err(HeaderError::Incomplete));
    }
}
