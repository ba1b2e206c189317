//! The EXTERNAL around a message (X.228 in normal mode): its header is written before a message, and taken off one
//! that arrives in parts.
//!
//! ```text
//! 28 len │ 02 01 context │ a0 len │ message │ (00 00) │ (00 00)
//! ```
//!
//! A message that comes without it is taken as it is: an MTS-APDU begins with another tag.

use bytes::Bytes;
use rasn::types::{Class, Tag};
use rasn_x400::ber::header::{Header, HeaderError, element_length};

use crate::osi::presentation::data::integer;

const EXTERNAL: Tag = Tag::EXTERNAL;
const EXTERNAL_OCTET: u8 = 0x28;
const SINGLE_TYPE: Tag = Tag::new(Class::Context, 0);
const OCTET_ALIGNED: Tag = Tag::new(Class::Context, 1);
const OBJECT_DESCRIPTOR: Tag = Tag::new(Class::Universal, 7);
/// The longest header to look for; one with an object identifier and a descriptor has about fifty octets.
const MAXIMUM_HEADER: usize = 512;

/// The header of the EXTERNAL around a message of this length.
pub(super) fn header(context: i64, length: usize) -> Bytes {
    let context = integer(context);
    let mut single = Vec::with_capacity(16);
    Header::write(SINGLE_TYPE, true, length, &mut single);
    let mut header = Vec::with_capacity(32);
    Header::write(EXTERNAL, true, context.len() + single.len() + length, &mut header);
    header.extend_from_slice(&context);
    header.extend_from_slice(&single);
    header.into()
}

/// Takes the EXTERNAL off a message as it arrives.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Unwrapper {
    stage: Stage,
    /// What came of the header, or the last octets of the message so far, which may be end-of-contents.
    held: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Stage {
    #[default]
    Header,
    /// The message, followed by this many octets of end-of-contents.
    Message { trailer: usize },
}

impl Unwrapper {
    /// Whether this part begins a message without its EXTERNAL (Q9).
    pub(super) fn begins_bare(&self, part: &[u8]) -> bool {
        let begins = self.stage == Stage::Header && self.held.is_empty();
        begins && part.first().is_some_and(|&octet| octet != EXTERNAL_OCTET)
    }

    /// Takes the next part; what there is of the message comes back.
    pub(super) fn push(&mut self, part: Bytes) -> Result<Vec<Bytes>, &'static str> {
        match self.stage {
            Stage::Message { trailer } => Ok(self.pass(part, trailer)),
            Stage::Header if self.begins_bare(&part) => {
                self.stage = Stage::Message { trailer: 0 };
                Ok(vec![part])
            }
            Stage::Header => {
                let before = self.held.len();
                self.held.extend_from_slice(&part[..part.len().min(MAXIMUM_HEADER)]);
                match parse(&self.held) {
                    Ok((size, trailer)) => {
                        self.stage = Stage::Message { trailer };
                        // The header ends in this part: it did not end before.
                        let rest = part.slice(size.saturating_sub(before)..);
                        self.held.clear();
                        Ok(self.pass(rest, trailer))
                    }
                    Err(None) if self.held.len() < MAXIMUM_HEADER => Ok(Vec::new()),
                    Err(problem) => Err(problem.unwrap_or("the header of the EXTERNAL is too long")),
                }
            }
        }
    }

    /// The message is complete, if it is.
    pub(super) fn end(&self) -> Result<(), &'static str> {
        match self.stage {
            Stage::Header => Err("the message ends before it began"),
            Stage::Message { trailer }
                if self.held.len() == trailer && self.held.iter().all(|&it| it == 0) =>
            {
                Ok(())
            }
            Stage::Message { .. } => Err("the EXTERNAL around the message does not end with it"),
        }
    }

    /// All but the last octets, which may not belong to the message.
    fn pass(&mut self, mut part: Bytes, trailer: usize) -> Vec<Bytes> {
        let excess = (self.held.len() + part.len()).saturating_sub(trailer);
        let from_held = excess.min(self.held.len());
        let earlier = Bytes::from(self.held.drain(..from_held).collect::<Vec<_>>());
        let now = part.split_to(excess - from_held);
        self.held.extend_from_slice(&part);
        [earlier, now].into_iter().filter(|octets| !octets.is_empty()).collect()
    }
}

/// Octets before the message, and octets of end-of-contents after it. `Err(None)` asks for more.
fn parse(octets: &[u8]) -> Result<(usize, usize), Option<&'static str>> {
    let problem = |error| match error {
        HeaderError::Incomplete => None,
        HeaderError::TooLarge | HeaderError::Invalid => Some("the header of the EXTERNAL is malformed"),
    };
    let external = Header::read(octets).map_err(problem)?;
    if external.tag != EXTERNAL || !external.constructed {
        return Err(Some("the EXTERNAL is not constructed"));
    }
    let mut offset = external.size;
    loop {
        let rest = octets.get(offset..).ok_or(None)?;
        let header = Header::read(rest).map_err(problem)?;
        match (header.tag, header.constructed) {
            (SINGLE_TYPE, true) | (OCTET_ALIGNED, false) => {
                let trailers = usize::from(external.length.is_none()) + usize::from(header.length.is_none());
                return Ok((offset + header.size, trailers * 2));
            }
            (Tag::OBJECT_IDENTIFIER | Tag::INTEGER | OBJECT_DESCRIPTOR, _) => {
                offset += element_length(rest).map_err(problem)?;
            }
            _ => return Err(Some("a single value expected in the EXTERNAL")),
        }
    }
}
