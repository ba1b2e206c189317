//! A BER reader that never gives up: damage becomes a mark on the element it was met in.
//!
//! [`read`] turns octets into a tree of [`Element`]s that borrow from them. Definite and indefinite lengths, high tag
//! numbers and constructed strings are understood (X.690 8.1). What cannot be read is kept as an element without tag, so
//! that every octet of the input belongs to some element. Nothing is allocated by a claimed length; depth and number of
//! elements are limited by [`MAX_DEPTH`] and [`MAX_ELEMENTS`].

mod form;

use std::fmt;

pub(crate) use form::{Length, form, identifier, length};

/// Elements nested deeper than this are kept as octets.
pub const MAX_DEPTH: usize = 64;

/// At most this many elements are read from one input; the rest is kept as octets.
pub const MAX_ELEMENTS: usize = 1_000_000;

/// The class of a tag (X.690 8.1.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Types of the notation itself.
    Universal,
    /// Types of an application.
    Application,
    /// Members of their parent.
    Context,
    /// Types of an enterprise.
    Private,
}

/// A tag: class and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    /// Its class.
    pub class: Class,
    /// Its number.
    pub number: u32,
}

impl Tag {
    /// `[UNIVERSAL number]`.
    #[must_use]
    pub const fn universal(number: u32) -> Self {
        Self { class: Class::Universal, number }
    }

    /// `[APPLICATION number]`.
    #[must_use]
    pub const fn application(number: u32) -> Self {
        Self { class: Class::Application, number }
    }

    /// `[number]`.
    #[must_use]
    pub const fn context(number: u32) -> Self {
        Self { class: Class::Context, number }
    }
}

impl fmt::Display for Tag {
    /// ASN.1 notation: `[3]`, `[APPLICATION 4]`, `IA5String`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class {
            Class::Universal => match universal_name(self.number) {
                Some(name) => f.write_str(name),
                None => write!(f, "[UNIVERSAL {}]", self.number),
            },
            Class::Application => write!(f, "[APPLICATION {}]", self.number),
            Class::Context => write!(f, "[{}]", self.number),
            Class::Private => write!(f, "[PRIVATE {}]", self.number),
        }
    }
}

impl std::str::FromStr for Tag {
    type Err = ();

    /// The inverse of `Display`.
    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(number) = (0..=30).find(|number| universal_name(*number) == Some(text)) {
            return Ok(Self::universal(number));
        }
        let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).ok_or(())?;
        let (class, number) = match inside.split_once(' ') {
            None => (Class::Context, inside),
            Some(("UNIVERSAL", number)) => (Class::Universal, number),
            Some(("APPLICATION", number)) => (Class::Application, number),
            Some(("PRIVATE", number)) => (Class::Private, number),
            Some(_) => return Err(()),
        };
        Ok(Self { class, number: number.parse().map_err(|_| ())? })
    }
}

/// The name of a universal type (X.680 table 1).
#[must_use]
pub fn universal_name(number: u32) -> Option<&'static str> {
    Some(match number {
        0 => "end-of-contents",
        1 => "BOOLEAN",
        2 => "INTEGER",
        3 => "BIT STRING",
        4 => "OCTET STRING",
        5 => "NULL",
        6 => "OBJECT IDENTIFIER",
        7 => "ObjectDescriptor",
        8 => "EXTERNAL",
        9 => "REAL",
        10 => "ENUMERATED",
        12 => "UTF8String",
        13 => "RELATIVE-OID",
        16 => "SEQUENCE",
        17 => "SET",
        18 => "NumericString",
        19 => "PrintableString",
        20 => "TeletexString",
        21 => "VideotexString",
        22 => "IA5String",
        23 => "UTCTime",
        24 => "GeneralizedTime",
        25 => "GraphicString",
        26 => "VisibleString",
        27 => "GeneralString",
        28 => "UniversalString",
        30 => "BMPString",
        _ => return None,
    })
}

/// What is wrong with the encoding of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Neither tag nor length could be read from what is left.
    Header,
    /// The length says more octets than its container holds.
    Truncated {
        /// Octets of contents promised by the length.
        claimed: u64,
    },
    /// An indefinite length on a primitive element.
    IndefinitePrimitive,
    /// No end-of-contents octets close the indefinite form.
    Unterminated,
    /// The tag number exceeds 32 bits or the length 64 bits.
    Oversized,
    /// End-of-contents octets where none are expected.
    StrayEnd,
    /// Nested deeper than [`MAX_DEPTH`].
    Depth,
    /// More than [`MAX_ELEMENTS`] in the input.
    Number,
}

impl Fault {
    /// A short name that does not change.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Header => "unreadable-header",
            Self::Truncated { .. } => "truncated",
            Self::IndefinitePrimitive => "indefinite-primitive",
            Self::Unterminated => "unterminated",
            Self::Oversized => "oversized",
            Self::StrayEnd => "stray-end-of-contents",
            Self::Depth => "too-deep",
            Self::Number => "too-many-elements",
        }
    }
}

/// One tag-length-value with what is inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element<'a> {
    /// Its tag; none if the header cannot be read.
    pub tag: Option<Tag>,
    /// The constructed bit.
    pub constructed: bool,
    /// Whether the length is in the indefinite form.
    pub indefinite: bool,
    /// Where its first octet is in what was given to [`read`].
    pub start: usize,
    /// Octets of tag and length.
    pub header_length: usize,
    /// The contents that are there, without end-of-contents octets.
    pub contents: &'a [u8],
    /// The elements inside, if constructed.
    pub children: Vec<Self>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
    /// Whether that is only because the element around it is cut off.
    pub is_cut_with_outer: bool,
}

impl Element<'_> {
    /// Where the contents begin.
    #[must_use]
    pub const fn contents_start(&self) -> usize {
        self.start + self.header_length
    }

    /// Whether this is a well-formed primitive element or at least one that can be looked at as such.
    #[must_use]
    pub fn has_tag(&self, tag: Tag) -> bool {
        self.tag == Some(tag)
    }

    /// The pieces of a string: one if primitive, all the segments in order if constructed (X.690 8.7, 8.21).
    #[must_use]
    pub fn pieces(&self) -> Vec<(usize, usize)> {
        let mut pieces = Vec::new();
        self.collect_pieces(&mut pieces);
        pieces
    }

    /// One cut goes through all elements that are open there; it is the outermost that is to be complained about.
    fn settle(&mut self, outer_is_cut: bool) {
        let is_cut =
            matches!(self.fault, Some(Fault::Truncated { .. } | Fault::Unterminated | Fault::Header));
        self.is_cut_with_outer = is_cut && outer_is_cut;
        let last = self.children.len().saturating_sub(1);
        for (index, child) in self.children.iter_mut().enumerate() {
            child.settle(is_cut && index == last);
        }
    }

    fn collect_pieces(&self, pieces: &mut Vec<(usize, usize)>) {
        if self.constructed {
            self.children.iter().for_each(|child| child.collect_pieces(pieces));
        } else if self.tag.is_some() {
            pieces.push((self.contents_start(), self.contents.len()));
        }
    }
}

/// Reads all elements of `octets[start..end]`; positions count from the start of `octets`.
#[must_use]
pub fn read(octets: &[u8], start: usize, end: usize) -> Vec<Element<'_>> {
    let end = end.min(octets.len());
    let mut reader = Reader { octets, budget: MAX_ELEMENTS };
    let mut position = start.min(end);
    let mut elements = Vec::new();
    while position < end {
        let (mut element, next) = reader.element(position, end, 0, true);
        element.settle(false);
        elements.push(element);
        position = next;
    }
    elements
}

/// Reads the one element at the start of `octets[start..end]`, and says where it ends.
#[must_use]
pub fn read_one(octets: &[u8], start: usize, end: usize) -> Option<(Element<'_>, usize)> {
    let end = end.min(octets.len());
    (start < end).then(|| Reader { octets, budget: MAX_ELEMENTS }.element(start, end, 0, true))
}

struct Reader<'a> {
    octets: &'a [u8],
    budget: usize,
}

/// A tag and a length as they stand in the octets.
struct Header {
    tag: Tag,
    constructed: bool,
    /// None is the indefinite form.
    length: Option<u64>,
    octets: usize,
}

impl<'a> Reader<'a> {
    /// The element at `start`, which must be before `end`, and the position behind it.
    fn element(&mut self, start: usize, end: usize, depth: usize, whole: bool) -> (Element<'a>, usize) {
        if self.budget == 0 {
            return (self.rest(start, end, Fault::Number), end);
        }
        self.budget -= 1;
        let header = match header(&self.octets[start..end]) {
            Ok(header) => header,
            Err(fault) => return (self.rest(start, end, fault), end),
        };
        let inside = start + header.octets;
        let available = end - inside;
        let (length, fault) = match header.length {
            None => (available, None),
            Some(claimed) => match usize::try_from(claimed).ok().filter(|length| *length <= available) {
                Some(length) => (length, None),
                None => (available, Some(Fault::Truncated { claimed })),
            },
        };
        let mut element = Element {
            tag: Some(header.tag),
            constructed: header.constructed,
            indefinite: header.length.is_none(),
            start,
            header_length: header.octets,
            contents: &self.octets[inside..inside + length],
            children: Vec::new(),
            fault,
            is_cut_with_outer: false,
        };
        let is_end = header.tag == Tag::universal(0);
        if is_end && whole {
            element.fault = element.fault.or(Some(Fault::StrayEnd));
        }
        if !header.constructed {
            if element.indefinite {
                element.fault = Some(Fault::IndefinitePrimitive);
            }
            return (element, inside + length);
        }
        if depth >= MAX_DEPTH {
            element.fault = Some(Fault::Depth);
            return (element, inside + length);
        }
        let next = self.children(&mut element, inside, inside + length, depth);
        (element, next)
    }

    /// Fills in what is inside `element`; returns the position behind it.
    fn children(&mut self, element: &mut Element<'a>, inside: usize, end: usize, depth: usize) -> usize {
        let mut position = inside;
        while position < end {
            if element.indefinite && self.octets[position..end].starts_with(&[0, 0]) {
                element.contents = &self.octets[inside..position];
                return position + 2;
            }
            let (child, next) = self.element(position, end, depth + 1, !element.indefinite);
            element.children.push(child);
            position = next;
        }
        if element.indefinite {
            element.fault = Some(Fault::Unterminated);
        }
        end
    }

    fn rest(&self, start: usize, end: usize, fault: Fault) -> Element<'a> {
        Element {
            tag: None,
            constructed: false,
            indefinite: false,
            start,
            header_length: 0,
            contents: &self.octets[start..end],
            children: Vec::new(),
            fault: Some(fault),
            is_cut_with_outer: false,
        }
    }
}

/// Reads identifier and length octets (X.690 8.1.2, 8.1.3).
fn header(octets: &[u8]) -> Result<Header, Fault> {
    let first = *octets.first().ok_or(Fault::Header)?;
    let mut at = 1;
    let mut number = u32::from(first & 0x1f);
    if number == 0x1f {
        number = 0;
        loop {
            let next = *octets.get(at).ok_or(Fault::Header)?;
            at += 1;
            number = number.checked_mul(128).ok_or(Fault::Oversized)? | u32::from(next & 0x7f);
            if next & 0x80 == 0 {
                break;
            }
        }
    }
    let class = match first >> 6 {
        0 => Class::Universal,
        1 => Class::Application,
        2 => Class::Context,
        _ => Class::Private,
    };
    let length = *octets.get(at).ok_or(Fault::Header)?;
    at += 1;
    let length = match length {
        0..=0x7f => Some(u64::from(length)),
        0x80 => None,
        0xff => return Err(Fault::Header),
        _ => {
            let count = usize::from(length & 0x7f);
            let digits = octets.get(at..at + count).ok_or(Fault::Header)?;
            at += count;
            let mut value = 0_u64;
            for digit in digits {
                value = value.checked_mul(256).ok_or(Fault::Oversized)? | u64::from(*digit);
            }
            Some(value)
        }
    };
    Ok(Header { tag: Tag { class, number }, constructed: first & 0x20 != 0, length, octets: at })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The tree of elements in short: tag, then contents or what is inside, then the fault.
    fn shape(elements: &[Element<'_>]) -> String {
        let one = |element: &Element<'_>| {
            let tag = element.tag.map_or_else(|| "?".to_owned(), |tag| tag.to_string());
            let inside = match element.constructed {
                true => format!("{{{}}}", shape(&element.children)),
                false => format!("({})", element.contents.len()),
            };
            let fault = element.fault.map(|fault| format!("!{}", fault.code())).unwrap_or_default();
            format!("{tag}{inside}{fault}")
        };
        elements.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_form_of_encoding_is_read_and_every_damage_marked() {
        let cases: &[(&[u8], &str)] = &[
            (&[0x02, 0x01, 0x05], "INTEGER(1)"),
            (&[0x30, 0x80, 0x05, 0x00, 0x00, 0x00], "SEQUENCE{NULL(0)}"),
            (&[0x30, 0x81, 0x02, 0x05, 0x00], "SEQUENCE{NULL(0)}"),
            (&[0x30, 0x84, 0, 0, 0, 2, 0x05, 0x00], "SEQUENCE{NULL(0)}"),
            (
                &[0x24, 0x80, 0x04, 0x01, 0x41, 0x04, 0x01, 0x42, 0, 0],
                "OCTET STRING{OCTET STRING(1) OCTET STRING(1)}",
            ),
            (&[0x9f, 0x84, 0x01, 0x01, 0x00], "[513](1)"),
            (&[0xe1, 0x00, 0x61, 0x00], "[PRIVATE 1]{} [APPLICATION 1]{}"),
            (&[0x04, 0x05, 0x41], "OCTET STRING(1)!truncated"),
            (&[0x30, 0x03, 0x04, 0x05, 0x41], "SEQUENCE{OCTET STRING(1)!truncated}"),
            (&[0x30, 0x80, 0x05, 0x00], "SEQUENCE{NULL(0)}!unterminated"),
            (&[0x04, 0x80, 0x41, 0x00, 0x00], "OCTET STRING(3)!indefinite-primitive"),
            (&[0x04], "?(1)!unreadable-header"),
            (&[0x04, 0xff], "?(2)!unreadable-header"),
            (&[0x04, 0x84, 0xff], "?(3)!unreadable-header"),
            (&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 1], "OCTET STRING(1)!truncated"),
            (&[0x04, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0], "?(11)!oversized"),
            (&[0x9f, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00], "?(8)!oversized"),
            (&[0x30, 0x02, 0x00, 0x00], "SEQUENCE{end-of-contents(0)!stray-end-of-contents}"),
            (&[0x05, 0x00, 0x00], "NULL(0) ?(1)!unreadable-header"),
        ];
        for (octets, expected) in cases {
            assert_eq!(shape(&read(octets, 0, octets.len())), *expected, "{octets:02x?}");
        }
    }

    #[test]
    fn nesting_is_cut_at_the_limit() {
        let octets = [0x30, 0x80].repeat(100_000);
        let mut elements = read(&octets, 0, octets.len());
        let mut depth = 0;
        while let Some(element) = elements.pop() {
            depth += 1;
            elements = element.children;
        }
        assert_eq!(depth, MAX_DEPTH + 1);
    }

    #[test]
    fn the_pieces_of_a_constructed_string_are_found_at_any_depth() {
        let octets = [0x24, 0x09, 0x24, 0x04, 0x04, 0x02, 0x41, 0x42, 0x04, 0x01, 0x43];
        let elements = read(&octets, 0, octets.len());
        assert_eq!(elements.first().unwrap().pieces(), [(6, 2), (10, 1)]);
    }
}
