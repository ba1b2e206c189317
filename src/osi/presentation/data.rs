//! User data of P-DATA (X.226 8.4.2): values are wrapped and unwrapped without copying them.

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::header::{Header, HeaderError, element_length};

use super::Value;

/// Why octets are no user data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at octet {offset} of the user data: {problem}")]
pub struct Problem {
    /// Octets before the place.
    pub offset: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

/// `[APPLICATION 1]`: values that name their context.
const FULLY_ENCODED: Tag = Tag::new(rasn::types::Class::Application, 1);
const SINGLE_TYPE: Tag = Tag::new(rasn::types::Class::Context, 0);
const OCTET_ALIGNED: Tag = Tag::new(rasn::types::Class::Context, 1);
/// PDV-lists in one user data. Peers send one; each may be as short as eight octets.
const MAXIMUM_VALUES: usize = 256;

/// The user data for one value: a header, and the pieces as they are.
pub fn wrap(context: i64, mut pieces: Vec<Bytes>) -> Vec<Bytes> {
    let length: usize = pieces.iter().map(Bytes::len).sum();
    let context = integer(context);
    let mut single = Vec::with_capacity(16);
    Header::write(SINGLE_TYPE, true, length, &mut single);
    let list_length = context.len() + single.len() + length;
    let mut list = Vec::with_capacity(16);
    Header::write(Tag::SEQUENCE, true, list_length, &mut list);
    let mut header = Vec::with_capacity(32);
    Header::write(FULLY_ENCODED, true, list.len() + list_length, &mut header);
    header.extend_from_slice(&list);
    header.extend_from_slice(&context);
    header.extend_from_slice(&single);
    pieces.insert(0, header.into());
    pieces
}

/// An INTEGER.
pub fn integer(number: i64) -> Vec<u8> {
    let octets = number.to_be_bytes();
    let redundant = octets
        .windows(2)
        .take_while(|pair| matches!((pair[0], pair[1] & 0x80), (0, 0) | (0xff, 0x80)))
        .count();
    let mut element = Vec::with_capacity(10);
    Header::write(Tag::INTEGER, false, octets.len() - redundant, &mut element);
    element.extend_from_slice(&octets[redundant..]);
    element
}

/// An INTEGER's value, if it is one of at most eight octets.
pub fn integer_value(contents: &[u8]) -> Option<i64> {
    let sign = if contents.first()? & 0x80 == 0 { 0 } else { -1 };
    (contents.len() <= 8).then(|| contents.iter().fold(sign, |value, &octet| value << 8 | i64::from(octet)))
}

/// The values in user data.
///
/// # Errors
/// [`Problem`] with its place.
pub fn unwrap(octets: &Bytes) -> Result<Vec<Value>, Problem> {
    let mut reader = Reader { octets: octets.clone(), offset: 0 };
    let mut lists = reader.constructed(FULLY_ENCODED, "fully encoded user data expected")?;
    reader.end()?;
    let mut values = Vec::new();
    while !lists.octets.is_empty() {
        if values.len() == MAXIMUM_VALUES {
            return Err(lists.problem("too many values"));
        }
        let mut list = lists.constructed(Tag::SEQUENCE, "PDV-list expected")?;
        if list.next_is(Tag::OBJECT_IDENTIFIER) {
            list.element()?;
        }
        let (header, contents) = list.element()?;
        let context = match header.tag == Tag::INTEGER {
            true => integer_value(&contents.octets),
            false => None,
        };
        let Some(context) = context else {
            return Err(contents.problem("presentation context identifier expected"));
        };
        let (header, value) = list.element()?;
        match (header.tag == SINGLE_TYPE, header.tag == OCTET_ALIGNED && !header.constructed) {
            (true, _) if header.constructed => values.push(single(context, value)?),
            (_, true) => values.append(&mut aligned(context, value)?),
            _ => return Err(value.problem("a single value or octet-aligned values expected")),
        }
        list.end()?;
    }
    Ok(values)
}

/// The contents of `single-ASN1-type` hold exactly one element.
fn single(context: i64, mut reader: Reader) -> Result<Value, Problem> {
    let octets = reader.whole_element()?;
    reader.end()?;
    Ok(Value { context, octets })
}

/// The contents of `octet-aligned` are the encodings of the values, one after the other.
fn aligned(context: i64, mut reader: Reader) -> Result<Vec<Value>, Problem> {
    let mut values = Vec::new();
    while !reader.octets.is_empty() {
        if values.len() == MAXIMUM_VALUES {
            return Err(reader.problem("too many values"));
        }
        values.push(Value { context, octets: reader.whole_element()? });
    }
    Ok(values)
}

/// The octets of an OCTET STRING in its parts, whatever its form.
///
/// # Errors
/// [`Problem`] when the element is no OCTET STRING, or segments nest deeper than `MAXIMUM_DEPTH`.
pub fn octet_string(octets: &Bytes) -> Result<Vec<Bytes>, Problem> {
    let mut reader = Reader { octets: octets.clone(), offset: 0 };
    let mut parts = Vec::new();
    segments(&mut reader, MAXIMUM_DEPTH, &mut parts)?;
    reader.end()?;
    Ok(parts)
}

/// Segments inside segments have no use; some peers nest once.
const MAXIMUM_DEPTH: usize = 4;

fn segments(reader: &mut Reader, depth: usize, parts: &mut Vec<Bytes>) -> Result<(), Problem> {
    let (header, mut contents) = reader.element()?;
    match (header.tag == Tag::OCTET_STRING, header.constructed) {
        (true, false) => parts.push(contents.octets),
        (true, true) if depth > 0 => {
            while !contents.octets.is_empty() {
                segments(&mut contents, depth - 1, parts)?;
            }
        }
        (true, true) => return Err(contents.problem("octet string segments nest too deep")),
        (false, _) => return Err(contents.problem("octet string expected")),
    }
    Ok(())
}

/// Octets not read yet, and where they stand in the whole.
struct Reader {
    octets: Bytes,
    offset: usize,
}

impl Reader {
    fn problem(&self, problem: &'static str) -> Problem {
        Problem { offset: self.offset, problem }
    }

    fn header_problem(&self, error: HeaderError) -> Problem {
        self.problem(match error {
            HeaderError::Incomplete => "element is cut off",
            HeaderError::TooLarge => "tag number or length is too large",
            HeaderError::Invalid => "length octets are not valid",
        })
    }

    fn next_is(&self, tag: Tag) -> bool {
        Header::read(&self.octets).is_ok_and(|header| header.tag == tag)
    }

    fn take(&mut self, length: usize) -> Bytes {
        self.offset += length;
        self.octets.split_to(length)
    }

    /// The next element with its header.
    fn whole_element(&mut self) -> Result<Bytes, Problem> {
        let length = element_length(&self.octets).map_err(|error| self.header_problem(error))?;
        Ok(self.take(length))
    }

    /// The next element as header and contents.
    fn element(&mut self) -> Result<(Header, Self), Problem> {
        let offset = self.offset;
        let octets = self.whole_element()?;
        let header = Header::read(&octets).map_err(|error| self.header_problem(error))?;
        let end = if header.length.is_none() { octets.len() - END_OF_CONTENTS } else { octets.len() };
        Ok((header, Self { octets: octets.slice(header.size..end), offset: offset + header.size }))
    }

    fn constructed(&mut self, tag: Tag, expected: &'static str) -> Result<Self, Problem> {
        let problem = self.problem(expected);
        let (header, contents) = self.element()?;
        if header.tag == tag && header.constructed { Ok(contents) } else { Err(problem) }
    }

    fn end(&self) -> Result<(), Problem> {
        if self.octets.is_empty() { Ok(()) } else { Err(self.problem("octets after the end")) }
    }
}

const END_OF_CONTENTS: usize = 2;
