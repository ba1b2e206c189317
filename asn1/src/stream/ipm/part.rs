//! The reader of one body part. It cannot know in advance whether the part is large, so it does both: it collects the
//! part as long as there is not too much of it, and notes where the leaves are. Once there is too much, it can give the
//! leaves as they arrive.

use std::collections::VecDeque;

use bytes::Bytes;
use rasn::Decode;
use rasn::types::Tag;

use super::super::capture::{Capture, TooLong};
use super::super::{Error, Problem, Whole};
use super::IpmEvent;
use super::large::{LargePart, Leaf, LeafForm};
use super::role::{Begins, Captured, Open, Role};
use crate::ber::header::Header;
use crate::ber::token::{Token, Tokenizer};
use crate::ber::{self, Limits};
use crate::prim::{External, Oid, RawTlv};
use crate::x420::part_parameters::PartParameters;

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
    /// Octets that each leaf says it has.
    stated: Vec<Option<u64>>,
    segments: usize,
    /// The next octet of a string of bits counts those that are unused.
    at_unused_bits: bool,
    /// Events are wanted while the part arrives.
    with_data: bool,
    /// What the part is, once that has been told.
    told: Option<Result<PartParameters, ber::Error>>,
}

impl PartReader {
    /// Reads the part that has just begun.
    pub(super) fn new(
        header: Header,
        offset: u64,
        tokenizer: &mut Tokenizer,
        limits: &Limits,
        with_data: bool,
    ) -> Self {
        let role = match header.tag.value {
            0 | 3 | 5 | 6 | 8 | 9 | 15 if header.constructed => Role::Part,
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
            stated: Vec::new(),
            segments: 0,
            at_unused_bits: false,
            with_data,
            told: None,
        };
        // Nothing is told before there is too much, so there is nobody to tell it to.
        reader.open_element(role, header, offset, tokenizer);
        reader
    }

    /// The octets of one step. True when the part is complete.
    pub(super) fn step(
        &mut self,
        octets: &Bytes,
        token: Option<Token>,
        tokenizer: &mut Tokenizer,
        events: &mut VecDeque<IpmEvent>,
    ) -> Result<bool, Error> {
        self.collect(octets, events)?;
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
        let in_element = self.open.iter().any(|open| open.role == Role::Element);
        if in_element {
            self.tell(octets.clone(), events);
        }
        match token {
            Some(Token::Start { header, offset }) => match self.role_of(header, offset)? {
                Begins::As(role) => {
                    let leaves = self.leaves.len();
                    self.open_element(role, header, offset, tokenizer);
                    if self.leaves.len() > leaves {
                        self.tell_of_leaf(leaves, events)?;
                        if role == Role::Element {
                            self.tell(tokenizer.header_octets().to_vec().into(), events);
                        }
                    }
                }
                Begins::Captured(what) => {
                    self.capture = Some(Capture::begin(what, tokenizer, self.limit));
                }
            },
            Some(Token::Data { offset }) => {
                if let Some(octets) = self.data(octets, offset) {
                    self.tell(octets, events);
                }
            }
            Some(Token::End { offset, size }) => self.close_element(offset + size as u64),
            None => {}
        }
        if self.leaves.len() + self.segments > MAXIMUM_SEGMENTS {
            let problem = Problem::TooManySegments(MAXIMUM_SEGMENTS);
            return Err(Error::new(Whole::Content, tokenizer.position(), problem));
        }
        Ok(self.open.is_empty() && tokenizer.depth() < self.depth)
    }

    /// What the part is, now that it has ended at `end`.
    pub(super) fn finish(mut self, end: u64, events: &mut VecDeque<IpmEvent>) -> Result<(), Error> {
        let range = self.offset..end;
        if let Some(whole) = self.whole {
            let part = decode(&whole, self.offset, "the body part")?;
            events.push_back(IpmEvent::Part { part: Box::new(part), octets: whole.into(), range });
            return Ok(());
        }
        self.tell_what_it_is(events)?;
        let parameters = match self.told.take() {
            Some(parameters) => parameters,
            None => self.described()?,
        };
        events.push_back(IpmEvent::LargePart(LargePart {
            tag: self.tag,
            range,
            parameters,
            leaves: self.leaves,
        }));
        Ok(())
    }

    /// Keeps octets of the part while there are few. When there are too many, what of the leaves has come is told.
    fn collect(&mut self, octets: &Bytes, events: &mut VecDeque<IpmEvent>) -> Result<(), Error> {
        let Some(whole) = &mut self.whole else { return Ok(()) };
        if whole.len().saturating_add(octets.len()) <= self.limit {
            whole.extend_from_slice(octets);
            return Ok(());
        }
        let Some(whole) = self.whole.take().map(Bytes::from) else { return Ok(()) };
        let here = |at: u64| usize::try_from(at - self.offset).unwrap_or(usize::MAX).min(whole.len());
        let element = self.open.iter().find(|open| open.role == Role::Element).map(|open| open.offset);
        let pieces: Vec<Vec<Bytes>> = self
            .leaves
            .iter()
            .map(|leaf| {
                leaf.ranges.iter().map(|range| whole.slice(here(range.start)..here(range.end))).collect()
            })
            .collect();
        let begun = element.map(|start| whole.slice(here(start)..));
        for (number, pieces) in pieces.into_iter().enumerate() {
            self.tell_of_leaf(number, events)?;
            for piece in pieces {
                self.tell(piece, events);
            }
        }
        if let Some(octets) = begun {
            self.tell(octets, events);
        }
        Ok(())
    }

    /// Tells octets of the leaf that has begun last.
    fn tell(&self, octets: Bytes, events: &mut VecDeque<IpmEvent>) {
        if self.told.is_some() && !octets.is_empty() {
            events.push_back(IpmEvent::Data(octets));
        }
    }

    /// Tells that a leaf begins.
    fn tell_of_leaf(&mut self, number: usize, events: &mut VecDeque<IpmEvent>) -> Result<(), Error> {
        self.tell_what_it_is(events)?;
        if let (Some(_), Some(leaf)) = (&self.told, self.leaves.get(number)) {
            let length = self.stated.get(number).copied().flatten();
            events.push_back(IpmEvent::LeafBegins { number, form: leaf.form, length });
        }
        Ok(())
    }

    /// Tells what part it is, if it is large, somebody wants to know now, and nobody has been told.
    fn tell_what_it_is(&mut self, events: &mut VecDeque<IpmEvent>) -> Result<(), Error> {
        if self.whole.is_none() && self.with_data && self.told.is_none() {
            let parameters = self.described()?;
            self.told = Some(parameters.clone());
            events.push_back(IpmEvent::LargePartBegins {
                tag: self.tag,
                offset: self.offset,
                parameters: Box::new(parameters),
            });
        }
        Ok(())
    }

    /// What the part says of itself. What a whole message could not be decoded with is an error here as well; the rest is one
    /// of the part alone.
    fn described(&self) -> Result<Result<PartParameters, ber::Error>, Error> {
        let parameters = self.parameters.as_deref();
        let own = || RawTlv::from_element(parameters.unwrap_or_default().to_vec());
        Ok(Ok(match self.tag.value {
            0 => PartParameters::Ia5Text(needed(parameters, self.offset)?),
            1 => PartParameters::Telex,
            2 => PartParameters::Voice,
            3 => PartParameters::G3Facsimile(needed(parameters, self.offset)?),
            4 => PartParameters::G4Class1,
            5 => PartParameters::Teletex(needed(parameters, self.offset)?),
            6 => return Ok(own().get().map(PartParameters::Videotex)),
            7 => PartParameters::NationallyDefined,
            8 => return Ok(own().get().map(PartParameters::Encrypted)),
            9 => PartParameters::Message(Box::new(needed(parameters, self.offset)?)),
            10 => PartParameters::SimpleFormattableDocument,
            11 => PartParameters::MixedMode,
            14 => PartParameters::BilaterallyDefined,
            15 => {
                let external = parameters.map(|octets| external(octets, self.offset)).transpose()?;
                return Ok(PartParameters::of_extended(self.kind.as_ref(), external.as_ref()));
            }
            _ => PartParameters::Other { kind: None, parameters: None },
        }))
    }

    /// What an element is that begins inside the innermost open one.
    fn role_of(&mut self, header: Header, offset: u64) -> Result<Begins, Error> {
        let Some(parent) = self.open.last_mut() else { return Ok(Begins::As(Role::Other)) };
        let index = parent.children;
        parent.children += 1;
        parent.role.inside(self.tag, self.kind.as_ref(), index, header.tag).ok_or_else(|| {
            let problem = Problem::Unexpected { expected: "a segment of a string", found: header.tag };
            Error::new(Whole::Content, offset, problem)
        })
    }

    fn open_element(&mut self, role: Role, header: Header, offset: u64, tokenizer: &mut Tokenizer) {
        let length = header.length.map(|length| length as u64);
        match role {
            Role::Text | Role::BitText => {
                let form = if role == Role::BitText { LeafForm::Bits } else { LeafForm::Octets };
                let unused = u64::from(role == Role::BitText);
                self.leaves.push(Leaf { form, ..Leaf::default() });
                // Nobody knows how much a string in segments holds before its end.
                let stated = length.filter(|_| !header.constructed);
                self.stated.push(stated.map(|length| length.saturating_sub(unused)));
            }
            // Octets that are an element.
            Role::Held => {
                self.leaves.push(Leaf { form: LeafForm::Element, ..Leaf::default() });
                self.stated.push(length.filter(|_| !header.constructed));
            }
            Role::Element => {
                tokenizer.opaque();
                self.leaves.push(Leaf { form: LeafForm::Element, ..Leaf::default() });
                self.stated.push(length.map(|length| length.saturating_add(header.size as u64)));
            }
            Role::Other => {
                tokenizer.opaque();
            }
            _ => {}
        }
        if matches!(role, Role::BitText | Role::BitSegment) {
            self.at_unused_bits = !header.constructed;
        }
        self.open.push(Open { role, offset, children: 0 });
    }

    /// Notes octets that belong to a leaf, and returns them.
    fn data(&mut self, octets: &Bytes, offset: u64) -> Option<Bytes> {
        let role = self.open.last()?.role;
        let leaf = self.leaves.last_mut()?;
        if !matches!(
            role,
            Role::Text | Role::Segment | Role::BitText | Role::BitSegment | Role::Held | Role::HeldSegment
        ) {
            return None;
        }
        let mut octets = octets.clone();
        let mut offset = offset;
        if self.at_unused_bits
            && let Some(unused) = octets.first()
        {
            leaf.unused_bits = *unused & 7;
            octets = octets.slice(1..);
            offset += 1;
            self.at_unused_bits = false;
        }
        let before = leaf.ranges.len();
        leaf.push(offset..offset + octets.len() as u64);
        self.segments += leaf.ranges.len() - before;
        Some(octets)
    }

    /// The innermost open element has ended at `end`.
    fn close_element(&mut self, end: u64) {
        if let Some(Open { role: Role::Element, offset, .. }) = self.open.pop()
            && let Some(leaf) = self.leaves.last_mut()
        {
            leaf.push(offset..end);
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
    let untagged = [&[EXTERNAL_OCTET][..], octets.get(1..).unwrap_or_default()].concat();
    decode(&untagged, offset, WHAT)
}

/// First octet of an EXTERNAL.
const EXTERNAL_OCTET: u8 = 0x28;
