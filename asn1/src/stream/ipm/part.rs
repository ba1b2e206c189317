//! The reader of one body part. It cannot know in advance whether the part is large, so it does both: it collects the
//! part as long as there is not too much of it, and notes where the leaves are.

use std::ops::Range;

use bytes::Bytes;
use rasn::types::{Class, Tag};
use rasn::{AsnType, Decode};

use super::super::capture::{Capture, TooLong};
use super::super::{Error, Problem, Whole};
use super::IpmEvent;
use super::large::{LargeParameters, LargePart, Leaf};
use crate::ber::header::Header;
use crate::ber::token::{Token, Tokenizer};
use crate::ber::{self, Limits};
use crate::prim::{BmpString, External, ObjectDescriptor, Oid};
use crate::x420::body::kind;

/// Leaves of one body part and their ranges. More are an attack on memory: segments of 1,000 octets are usual where there are any, and
/// this is enough for 256 MB of them.
const MAXIMUM_SEGMENTS: usize = 1 << 18;

/// Reads one body part.
#[derive(Debug)]
pub(super) struct PartReader {
    tag: Tag,
    offset: u64,
    /// The part as it came, until there is too much of it.
    whole: Option<Vec<u8>>,
    /// Elements open while the part is.
    depth: usize,
    /// What the elements open in the part are, the part itself first.
    open: Vec<Open>,
    capture: Option<Capture<Captured>>,
    limit: usize,
    parameters: Option<Bytes>,
    kind: Option<Oid>,
    leaves: Vec<Leaf>,
    segments: usize,
}

/// An element that has begun and not ended.
#[derive(Debug, Clone, Copy)]
struct Open {
    role: Role,
    offset: u64,
    /// Elements inside that have begun.
    children: usize,
}

/// What an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
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
    /// An element that is a leaf as a whole.
    Element,
    /// An element nobody asks for.
    Other,
}

/// What an element that begins is, or that it is collected.
enum Begins {
    As(Role),
    Captured(Captured),
}

/// What is collected.
#[derive(Debug, Clone, Copy)]
enum Captured {
    Parameters,
    Kind,
}

impl PartReader {
    /// Reads the part that has just begun.
    pub(super) fn new(header: Header, offset: u64, tokenizer: &mut Tokenizer, limits: &Limits) -> Self {
        let role = match header.tag.value {
            0 | 3 | 5 | 9 | 15 if header.constructed => Role::Part,
            14 => Role::Text,
            _ => Role::Element,
        };
        let mut reader = Self {
            tag: header.tag,
            offset,
            whole: Some(tokenizer.header_octets().to_vec()),
            depth: tokenizer.depth(),
            open: Vec::new(),
            capture: None,
            limit: limits.body_part,
            parameters: None,
            kind: None,
            leaves: Vec::new(),
            segments: 0,
        };
        reader.begin(role, offset, tokenizer);
        reader
    }

    /// The octets of one step. True when the part is complete.
    pub(super) fn step(
        &mut self,
        octets: &[u8],
        token: Option<Token>,
        tokenizer: &mut Tokenizer,
    ) -> Result<bool, Error> {
        if let Some(whole) = &mut self.whole {
            if whole.len().saturating_add(octets.len()) > self.limit {
                self.whole = None;
            } else {
                whole.extend_from_slice(octets);
            }
        }
        if let Some(capture) = &mut self.capture {
            let complete = capture.push(octets, token, tokenizer).map_err(|TooLong { limit }| {
                let problem = Problem::TooLong { what: "what describes a body part", limit };
                Error::new(Whole::Content, capture.offset, problem)
            })?;
            if let Some(capture) = self.capture.take_if(|_| complete) {
                self.captured(capture)?;
            }
            return Ok(false);
        }
        match token {
            Some(Token::Start { header, offset }) => match self.role_of(header, offset)? {
                Begins::As(role) => self.begin(role, offset, tokenizer),
                Begins::Captured(what) => {
                    self.capture = Some(Capture::begin(what, tokenizer, self.limit));
                }
            },
            Some(Token::Data { offset }) => self.data(offset..offset + octets.len() as u64),
            Some(Token::End { offset, size }) => self.end(offset + size as u64),
            None => {}
        }
        if self.leaves.len() + self.segments > MAXIMUM_SEGMENTS {
            let problem = Problem::TooManySegments(MAXIMUM_SEGMENTS);
            return Err(Error::new(Whole::Content, tokenizer.position(), problem));
        }
        Ok(self.open.is_empty() && tokenizer.depth() < self.depth)
    }

    /// What the part is, now that it has ended at `end`.
    pub(super) fn finish(self, end: u64) -> Result<IpmEvent, Error> {
        let range = self.offset..end;
        if let Some(whole) = self.whole {
            let part = decode(&whole, self.offset, "the body part")?;
            return Ok(IpmEvent::Part { part: Box::new(part), octets: whole.into(), range });
        }
        let parameters = self.parameters.as_deref();
        let parameters = match self.tag.value {
            0 => LargeParameters::Ia5Text(needed(parameters, self.offset)?),
            3 => LargeParameters::G3Facsimile(needed(parameters, self.offset)?),
            5 => LargeParameters::Teletex(needed(parameters, self.offset)?),
            9 => LargeParameters::Message(Box::new(needed(parameters, self.offset)?)),
            14 => LargeParameters::BilaterallyDefined,
            15 => LargeParameters::ExternallyDefined {
                kind: self.kind,
                parameters: parameters.map(|octets| external(octets, self.offset)).transpose()?,
            },
            _ => LargeParameters::Other,
        };
        Ok(IpmEvent::LargePart(LargePart { tag: self.tag, range, parameters, leaves: self.leaves }))
    }

    /// What an element is that begins inside the innermost open one.
    fn role_of(&mut self, header: Header, offset: u64) -> Result<Begins, Error> {
        let Some(parent) = self.open.last_mut() else { return Ok(Begins::As(Role::Other)) };
        let index = parent.children;
        parent.children += 1;
        let tag = header.tag;
        Ok(Begins::As(match parent.role {
            Role::Part => match (self.tag.value, index) {
                (15, _) if tag == Tag::EXTERNAL => Role::External,
                (15, 0) if tag == Tag::new_context(0) => return Ok(Begins::Captured(Captured::Parameters)),
                (0 | 3 | 5 | 9, 0) => return Ok(Begins::Captured(Captured::Parameters)),
                (0, 1) => Role::Text,
                (3 | 5, 1) => Role::Pages,
                (9, 1) => Role::Element,
                _ => Role::Other,
            },
            Role::Pages => Role::Text,
            Role::External if tag == Tag::OBJECT_IDENTIFIER && index == 0 => {
                return Ok(Begins::Captured(Captured::Kind));
            }
            Role::External if tag == Tag::new_context(0) => Role::Value,
            Role::File if tag == Tag::new_context(0) => Role::FileValue,
            Role::External | Role::File if [Tag::new_context(1), Tag::new_context(2)].contains(&tag) => {
                Role::Text
            }
            Role::Value if tag == Tag::SEQUENCE && self.kind == Some(kind::FILE_TRANSFER) => Role::Files,
            Role::Value | Role::FileValue if is_string(tag) => Role::Text,
            Role::Value | Role::FileValue => Role::Element,
            Role::Files if tag == Tag::EXTERNAL => Role::File,
            Role::Files => Role::Element,
            Role::Text | Role::Segment if is_string(tag) => Role::Segment,
            Role::Text | Role::Segment => {
                let problem = Problem::Unexpected { expected: "a segment of a string", found: tag };
                return Err(Error::new(Whole::Content, offset, problem));
            }
            Role::External | Role::File | Role::Element | Role::Other => Role::Other,
        }))
    }

    fn begin(&mut self, role: Role, offset: u64, tokenizer: &mut Tokenizer) {
        match role {
            Role::Text => self.leaves.push(Leaf::default()),
            Role::Element | Role::Other => {
                tokenizer.opaque();
            }
            _ => {}
        }
        self.open.push(Open { role, offset, children: 0 });
    }

    fn data(&mut self, range: Range<u64>) {
        let role = self.open.last().map(|open| open.role);
        if let (Some(Role::Text | Role::Segment), Some(leaf)) = (role, self.leaves.last_mut()) {
            let before = leaf.ranges.len();
            leaf.push(range);
            self.segments += leaf.ranges.len() - before;
        }
    }

    /// The innermost open element has ended at `end`.
    fn end(&mut self, end: u64) {
        if let Some(Open { role: Role::Element, offset, .. }) = self.open.pop() {
            let mut leaf = Leaf::default();
            leaf.push(offset..end);
            self.leaves.push(leaf);
        }
    }

    fn captured(&mut self, capture: Capture<Captured>) -> Result<(), Error> {
        let (what, offset) = (capture.what, capture.offset);
        let octets = capture.into_octets();
        match what {
            Captured::Parameters => self.parameters = Some(octets),
            Captured::Kind => self.kind = Some(decode(&octets, offset, "the type of a body part")?),
        }
        Ok(())
    }
}

/// Universal string types, whose value is their contents and may come in segments.
fn is_string(tag: Tag) -> bool {
    tag.class == Class::Universal
        && (matches!(tag.value, 3 | 4 | 12 | 18..=22 | 25..=28)
            || tag == ObjectDescriptor::TAG
            || tag == BmpString::TAG)
}

fn decode<T: Decode>(octets: &[u8], offset: u64, what: &'static str) -> Result<T, Error> {
    ber::decode(octets, octets.len())
        .map_err(|error| Error::new(Whole::Content, offset, Problem::Value { what, error }))
}

/// Parameters that must be there.
fn needed<T: Decode>(octets: Option<&[u8]>, offset: u64) -> Result<T, Error> {
    const WHAT: &str = "the parameters of a body part";
    match octets {
        Some(octets) => decode(octets, offset, WHAT),
        None => Err(Error::new(Whole::Content, offset, Problem::Missing(WHAT))),
    }
}

/// Parameters of an externally defined part: `[0] IMPLICIT EXTERNAL`.
fn external(octets: &[u8], offset: u64) -> Result<External, Error> {
    const WHAT: &str = "the parameters of a body part";
    // The tag is one octet, and says constructed.
    let untagged = [&[0x28][..], octets.get(1..).unwrap_or_default()].concat();
    decode(&untagged, offset, WHAT)
}
