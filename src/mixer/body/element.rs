//! BER elements as slices of the content they came in: nothing is copied, however large a body part is.

use bytes::Bytes;
use rasn::Decode;
use rasn::types::{Class, Tag};
use rasn_x400::ber::header::{Header, element_length};
use rasn_x400::ber::{self, Limits};
use rasn_x400::prim::{External, Oid};

/// Segments of a string stand in each other no deeper than this.
const MAX_SEGMENT_DEPTH: usize = 8;

/// One element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    pub(crate) tag: Tag,
    /// Whether it is made of elements.
    constructed: bool,
    /// Header and contents, as they came.
    pub(crate) whole: Bytes,
    /// The contents, without the end-of-contents of the indefinite form.
    contents: Bytes,
}

impl Element {
    /// Takes the element at the front of `octets`; `None` if there is none.
    pub(crate) fn take(octets: &mut Bytes) -> Option<Self> {
        let length = element_length(octets).ok()?;
        let header = Header::read(octets).ok()?;
        let whole = octets.split_to(length);
        let end = if header.length.is_some() { length } else { length.saturating_sub(2) };
        let contents = whole.slice(header.size..end.max(header.size));
        Some(Self { tag: header.tag, constructed: header.constructed, whole, contents })
    }

    /// The element that is all of these octets.
    pub(crate) fn only(mut octets: Bytes) -> Option<Self> {
        Self::take(&mut octets).filter(|_| octets.is_empty())
    }

    /// The elements a constructed one is made of; `None` if it is not.
    pub(crate) fn members(&self) -> Option<Vec<Self>> {
        if !self.constructed {
            return None;
        }
        let mut rest = self.contents.clone();
        let mut members = Vec::new();
        while !rest.is_empty() {
            members.push(Self::take(&mut rest)?);
        }
        Some(members)
    }

    /// The octets of a string: one slice, or one for each segment.
    pub(crate) fn string(&self) -> Option<Vec<Bytes>> {
        let mut pieces = Vec::new();
        self.gather(MAX_SEGMENT_DEPTH, &mut pieces)?;
        Some(pieces)
    }

    fn gather(&self, depth: usize, pieces: &mut Vec<Bytes>) -> Option<()> {
        if !self.constructed {
            pieces.push(self.contents.clone());
            return Some(());
        }
        let depth = depth.checked_sub(1)?;
        self.members()?.iter().try_for_each(|segment| segment.gather(depth, pieces))
    }

    /// The value, decoded.
    pub(crate) fn value<T: Decode>(&self, limit: usize) -> Result<T, ber::Error> {
        ber::decode(&self.whole, limit)
    }

    /// The same contents under another tag.
    pub(crate) fn retagged(&self, tag: Tag) -> Bytes {
        let mut octets = Vec::with_capacity(self.contents.len() + 8);
        Header::write(tag, self.constructed, self.contents.len(), &mut octets);
        octets.extend_from_slice(&self.contents);
        octets.into()
    }

    pub(crate) fn is_context(&self, number: u32) -> bool {
        self.tag == Tag::new_context(number)
    }

    /// The number of a context tag.
    pub(crate) fn context_number(&self) -> Option<u32> {
        (self.tag.class == Class::Context).then_some(self.tag.value)
    }
}

/// Octets in one piece; copies only if there are several.
pub(crate) fn joined(pieces: Vec<Bytes>) -> Bytes {
    match <[Bytes; 1]>::try_from(pieces) {
        Ok([only]) => only,
        Err(pieces) => pieces.concat().into(),
    }
}

/// An extended body part, its data where they are.
pub(crate) struct Extended {
    /// What names the type of the part.
    pub(crate) kind: Option<Oid>,
    /// The parameters; the outer tag is that of EXTERNAL.
    pub(crate) parameters: Option<External>,
    pub(crate) data: Held,
}

/// The value in an EXTERNAL (B-38).
pub(crate) enum Held {
    /// One element.
    Element(Element),
    /// Octets, or bits that are octets.
    Octets(Vec<Bytes>),
}

impl Extended {
    /// Reads `[15] { [0] EXTERNAL, EXTERNAL }`; `None` if the element is something else.
    pub(crate) fn read(part: &Element) -> Option<Self> {
        let members = part.members()?;
        let parameters = match members.iter().find(|member| member.is_context(0)) {
            Some(member) => Some(parameters(member)?),
            None => None,
        };
        let (kind, data) = external(members.iter().find(|member| member.tag == EXTERNAL)?)?;
        Some(Self { kind, parameters, data })
    }

    /// The parameters as this type; none at all are the default of it.
    pub(crate) fn parameters<T: Decode + Default>(&self) -> Result<T, ber::Error> {
        self.parameters.as_ref().map_or_else(|| Ok(T::default()), External::value)
    }
}

const EXTERNAL: Tag = <External as rasn::AsnType>::TAG;

fn parameters(member: &Element) -> Option<External> {
    ber::decode(&member.retagged(EXTERNAL), Limits::default().body_part).ok()
}

/// What an EXTERNAL names and holds.
pub(crate) fn external(element: &Element) -> Option<(Option<Oid>, Held)> {
    let mut kind = None;
    for member in element.members()? {
        match member.context_number() {
            Some(0) => return Some((kind, Held::Element(Element::only(member.contents)?))),
            Some(1) => return Some((kind, Held::Octets(member.string()?))),
            Some(2) => {
                // The first octet says how many bits of the last one are none; segments are not worth the trouble.
                let (unused, bits) = (member.contents.first()?, member.contents.slice(1..));
                return (*unused == 0 && !member.constructed).then_some((kind, Held::Octets(vec![bits])));
            }
            _ if member.tag == Tag::OBJECT_IDENTIFIER => kind = member.value(256).ok(),
            _ => {}
        }
    }
    None
}

impl Held {
    /// The octets of a value that is an OCTET STRING.
    pub(crate) fn octets(&self) -> Option<Vec<Bytes>> {
        match self {
            Self::Element(element) if element.tag == Tag::OCTET_STRING => element.string(),
            Self::Element(_) => None,
            Self::Octets(octets) => Some(octets.clone()),
        }
    }

    /// The value as one element, whichever way it is held.
    pub(crate) fn element(&self) -> Option<Element> {
        match self {
            Self::Element(element) => Some(element.clone()),
            Self::Octets(octets) => Element::only(joined(octets.clone())),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_slices_of_what_came() {
        for (octets, pieces) in [
            (&[4, 2, 1, 2][..], vec![&[1, 2][..]]),
            (&[0x24, 0x80, 4, 1, 1, 0x24, 3, 4, 1, 2, 0, 0], vec![&[1], &[2]]),
            (&[0x24, 0], vec![]),
        ] {
            let octets = Bytes::copy_from_slice(octets);
            let found = Element::only(octets.clone()).unwrap().string().unwrap();
            assert_eq!(found, pieces);
            assert!(found.iter().all(|piece| octets.as_ptr_range().contains(&piece.as_ptr())));
        }
    }

    #[test]
    fn what_is_no_element_is_none() {
        for octets in [&[][..], &[4], &[4, 2, 1], &[4, 1, 1, 0], &[0x24, 0x80, 4, 1, 1]] {
            assert!(Element::only(Bytes::copy_from_slice(octets)).is_none(), "{octets:?}");
        }
        // A segment that is cut off, and segments in each other without end.
        assert!(Element::only(Bytes::from_static(&[0x24, 2, 4, 9])).unwrap().string().is_none());
        let deep = (0..20).fold(vec![4, 0], |inner: Vec<u8>, _| {
            let mut outer = vec![0x24, u8::try_from(inner.len()).unwrap()];
            outer.extend(inner);
            outer
        });
        assert!(Element::only(deep.into()).unwrap().string().is_none());
    }

    // ledger: beyond B-38
    #[test]
    fn every_choice_of_an_external_is_read() {
        for encoding in [&[0xa0, 4, 4, 2, b'a', b'b'][..], &[0x81, 2, b'a', b'b'], &[0x82, 3, 0, b'a', b'b']]
        {
            let mut octets = vec![0x28, u8::try_from(encoding.len() + 3).unwrap(), 6, 1, 0x2a];
            octets.extend_from_slice(encoding);
            let (kind, held) = external(&Element::only(octets.into()).unwrap()).unwrap();
            assert_eq!(kind.unwrap().to_string(), "1.2");
            assert_eq!(held.octets().unwrap().concat(), b"ab");
        }
        assert!(external(&Element::only(Bytes::from_static(&[0x28, 4, 0x82, 2, 1, 0])).unwrap()).is_none());
    }
}
