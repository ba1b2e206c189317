//! Identifier and length octets, taken apart and written (X.690 8.1.2, 8.1.3).

use super::{Class, Tag, header};

/// How a header is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// Octets of the identifier.
    pub(crate) identifier: usize,
    /// What the length says.
    pub(crate) length: Length,
}

/// What the length octets say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// So many octets of contents.
    Definite(u64),
    /// Until the end-of-contents octets.
    Indefinite,
}

/// The form of the header that octets begin with; none if it cannot be read.
pub(crate) fn form(octets: &[u8]) -> Option<Form> {
    let read = header(octets).ok()?;
    let more = octets.get(1..)?.iter().take_while(|octet| **octet & 0x80 != 0).count();
    let identifier = if octets.first()? & 0x1f == 0x1f { more + 2 } else { 1 };
    Some(Form { identifier, length: read.length.map_or(Length::Indefinite, Length::Definite) })
}

/// Identifier octets, as few as possible.
pub(crate) fn identifier(tag: Tag, constructed: bool) -> Vec<u8> {
    let class = match tag.class {
        Class::Universal => 0x00,
        Class::Application => 0x40,
        Class::Context => 0x80,
        Class::Private => 0xc0,
    };
    let first = class | if constructed { 0x20 } else { 0 };
    if let Some(number) = u8::try_from(tag.number).ok().filter(|number| *number < 0x1f) {
        return vec![first | number];
    }
    let groups = (0..5).rev().map(|group| tag.number >> (7 * group) & 0x7f).skip_while(|group| *group == 0);
    let mut octets = vec![first | 0x1f];
    octets.extend(groups.flat_map(u8::try_from).map(|group| group | 0x80));
    if let Some(last) = octets.last_mut() {
        *last &= 0x7f;
    }
    octets
}

/// Length octets; with `digits` more than zero in the long form, with at least that many octets after the first.
pub(crate) fn length(length: u64, digits: usize) -> Vec<u8> {
    if let (Some(short), 0) = (u8::try_from(length).ok().filter(|length| *length < 0x80), digits) {
        return vec![short];
    }
    let octets = length.to_be_bytes();
    let needless = octets.iter().take_while(|octet| **octet == 0).count().min(7);
    let needed = octets.get(needless..).unwrap_or_default();
    let count = digits.max(needed.len()).min(0x7e);
    let mut written = vec![0x80 | u8::try_from(count).unwrap_or(0x7e)];
    written.resize(1 + count - needed.len(), 0);
    written.extend_from_slice(needed);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_written_as_they_are_read() {
        let cases: &[(&[u8], Tag, bool, u64, usize)] = &[
            (&[0x02, 0x01], Tag::universal(2), false, 1, 0),
            (&[0xa0, 0x81, 0x80], Tag::context(0), true, 128, 0),
            (&[0x61, 0x82, 0x01, 0x00], Tag::application(1), true, 256, 0),
            (&[0x9f, 0x1f, 0x00], Tag::context(31), false, 0, 0),
            (&[0x9f, 0x84, 0x01, 0x00], Tag::context(513), false, 0, 0),
            (&[0x9f, 0x8f, 0xff, 0xff, 0xff, 0x7f, 0x00], Tag::context(u32::MAX), false, 0, 0),
            (&[0x30, 0x84, 0, 0, 0, 2], Tag::universal(16), true, 2, 4),
            (&[0x30, 0x81, 2], Tag::universal(16), true, 2, 1),
        ];
        for (octets, tag, constructed, claimed, digits) in cases {
            let written = [identifier(*tag, *constructed), length(*claimed, *digits)].concat();
            assert_eq!(written, *octets);
            let read = form(octets).map(|form| (form.identifier, form.length));
            assert_eq!(read, Some((identifier(*tag, *constructed).len(), Length::Definite(*claimed))));
        }
        assert_eq!(form(&[0x30, 0x80]).map(|form| form.length), Some(Length::Indefinite));
    }
}
