//! The reader of interpersonal messages.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;
use rasn::types::{Class, Tag};

use super::capture::{Capture, TooLong};
use super::{Error, Problem, Whole, append};
use crate::ber::header::Header;
use crate::ber::token::{Token, Tokenizer};
use crate::ber::{self, Limits};
use crate::x420::InformationObject;
use crate::x420::body::BodyPart;
use crate::x420::heading::Heading;
use crate::x420::notification::Ipn;
use crate::x420::part_parameters::PartParameters;

mod large;
mod part;
mod role;

pub use large::{LargePart, Leaf, LeafForm};

use part::PartReader;

/// What has become known of an interpersonal message or notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IpmEvent {
    /// It is a message, and this is its heading; the body follows.
    Heading {
        /// The heading.
        heading: Box<Heading>,
        /// The heading as it came.
        octets: Bytes,
    },
    /// A body part, complete.
    Part {
        /// The part.
        part: Box<BodyPart>,
        /// The part as it came.
        octets: Bytes,
        /// Where it is in the content.
        range: Range<u64>,
    },
    /// A body part of more than `limits.body_part` octets begins. It is told of, and its octets are given, only by a reader
    /// [with data](IpmReader::with_data).
    LargePartBegins {
        /// The tag of the part, which says which alternative of a body part it is.
        tag: Tag,
        /// Where it begins in the content.
        offset: u64,
        /// What it is, and its parameters; why not, when they are not of the type that the part says.
        parameters: Box<Result<PartParameters, ber::Error>>,
    },
    /// The next leaf of the large part begins: one for most parts; one for each page or file where there may be several.
    LeafBegins {
        /// Which, from 0.
        number: usize,
        /// What its octets are.
        form: LeafForm,
        /// How many there are, when the part says so before they come.
        length: Option<u64>,
    },
    /// The next octets of the leaf, at least one.
    Data(Bytes),
    /// A body part of more than `limits.body_part` octets, complete.
    LargePart(LargePart),
    /// It is a notification, complete.
    Notification {
        /// The notification.
        notification: Box<Ipn>,
        /// The content as it came.
        octets: Bytes,
    },
    /// The content has ended.
    End,
}

/// Reads one content of type P2 or P22 as it arrives (X.420 7).
///
/// Push it what [`ApduReader`](super::ApduReader) gives as content, or the octets of a content from elsewhere. Of a body
/// part that is too large to be decoded it says where the octets are, so whoever keeps the content can read them there; or,
/// [with data](Self::with_data), it gives them as they arrive.
///
/// ```
/// use bytes::Bytes;
/// use rasn_x400::ber::Limits;
/// use rasn_x400::stream::{IpmEvent, IpmReader};
///
/// // A message with one part of text; parts of more than 8 octets count as large.
/// let content = *b"\xa0\x1d\x31\x07\x6b\x05\x13\x03\x6d\x73\x67\x30\x12\xa0\x10\x31\x00\x16\x0cHello, world";
/// let mut reader = IpmReader::with_data(Limits { body_part: 8, ..Limits::default() });
/// let mut text = Vec::new();
/// for octets in content.chunks(7) {
///     reader.push(Bytes::copy_from_slice(octets));
///     while let Some(event) = reader.poll()? {
///         match event {
///             IpmEvent::LeafBegins { length, .. } => assert_eq!(length, Some(12)),
///             IpmEvent::Data(octets) => text.extend_from_slice(&octets),
///             _ => {} // headings, small parts, what is known of large ones
///         }
///     }
/// }
/// reader.finish()?;
/// assert_eq!(text, b"Hello, world");
/// # Ok::<(), rasn_x400::stream::Error>(())
/// ```
#[derive(Debug)]
pub struct IpmReader {
    limits: Limits,
    input: Bytes,
    tokenizer: Tokenizer,
    stage: Stage,
    capture: Option<Capture<Captured>>,
    part: Option<PartReader>,
    with_data: bool,
    /// What has become known and was not polled yet.
    known: VecDeque<IpmEvent>,
    failed: Option<Error>,
}

/// What is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The information object.
    Object,
    /// The SEQUENCE of a message in another.
    Forwarded,
    /// The heading of a message.
    Heading,
    /// The body of a message.
    Body,
    /// The next body part, or the end of the body.
    Part,
    /// The end of the message.
    End,
    /// Nothing.
    Ended,
}

/// What is collected.
#[derive(Debug, Clone, Copy)]
enum Captured {
    Heading,
    Notification,
}

impl Captured {
    const fn name(self) -> &'static str {
        match self {
            Self::Heading => "the heading",
            Self::Notification => "the notification",
        }
    }
}

impl IpmReader {
    /// A reader of one content: `limits.heading` for the heading or a notification, `limits.body_part` for what of a body
    /// part is decoded.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            input: Bytes::new(),
            tokenizer: Tokenizer::new(limits.depth),
            stage: Stage::Object,
            capture: None,
            part: None,
            with_data: false,
            known: VecDeque::new(),
            failed: None,
        }
    }

    /// As [`new`](Self::new), and the octets of large parts are given as they arrive.
    #[must_use]
    pub const fn with_data(limits: Limits) -> Self {
        let mut reader = Self::new(limits);
        reader.with_data = true;
        reader
    }

    /// As [`with_data`](Self::with_data), of a message that was forwarded: the SEQUENCE of heading and body, which is the leaf of
    /// a forwarded message.
    #[must_use]
    pub const fn of_forwarded(limits: Limits) -> Self {
        let mut reader = Self::with_data(limits);
        reader.stage = Stage::Forwarded;
        reader
    }

    /// The next octets of the content. [`poll`](Self::poll) them out before more are pushed, or they are copied together.
    pub fn push(&mut self, octets: Bytes) {
        append(&mut self.input, octets);
    }

    /// What has become known by what was pushed; `None` when more is needed.
    ///
    /// # Errors
    /// [`Error`] when the octets are no interpersonal message or notification, or one over the limits; the same again
    /// afterwards.
    pub fn poll(&mut self) -> Result<Option<IpmEvent>, Error> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => self.advance().inspect_err(|error| self.failed = Some(error.clone())),
        }
    }

    /// Nothing follows.
    ///
    /// # Errors
    /// [`Error`] when the content has not ended, or was none.
    pub fn finish(&self) -> Result<(), Error> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => self.tokenizer.finish().map_err(|fault| Error::syntax(Whole::Content, fault)),
        }
    }

    fn advance(&mut self) -> Result<Option<IpmEvent>, Error> {
        loop {
            if let Some(event) = self.known.pop_front() {
                return Ok(Some(event));
            }
            let step =
                self.tokenizer.feed(&self.input).map_err(|fault| Error::syntax(Whole::Content, fault))?;
            let octets = self.input.split_to(step.consumed);
            if let Some(event) = self.step(&octets, step.token)? {
                return Ok(Some(event));
            }
            if step.token.is_none() && self.known.is_empty() {
                return Ok(None);
            }
        }
    }

    fn step(&mut self, octets: &Bytes, token: Option<Token>) -> Result<Option<IpmEvent>, Error> {
        if let Some(part) = &mut self.part {
            let complete = part.step(octets, token, &mut self.tokenizer, &mut self.known)?;
            if let Some(part) = self.part.take_if(|_| complete) {
                part.finish(self.tokenizer.position(), &mut self.known)?;
            }
            return Ok(None);
        }
        if let Some(capture) = &mut self.capture {
            let complete =
                capture.push(octets, token, &mut self.tokenizer).map_err(|TooLong { limit }| {
                    let problem = Problem::TooLong { what: capture.what.name(), limit };
                    Error::new(Whole::Content, capture.offset, problem)
                })?;
            return match self.capture.take_if(|_| complete) {
                Some(capture) => self.captured(capture).map(Some),
                None => Ok(None),
            };
        }
        match token {
            Some(Token::Start { header, offset }) => self.start(header, offset)?,
            Some(Token::End { offset, .. }) => return self.end(offset),
            Some(Token::Data { .. }) | None => {}
        }
        Ok(None)
    }

    fn start(&mut self, header: Header, offset: u64) -> Result<(), Error> {
        let expected = match (self.stage, header.tag, header.constructed) {
            (Stage::Object, tag, true) if tag == Tag::new_context(0) => {
                self.stage = Stage::Heading;
                return Ok(());
            }
            (Stage::Object, tag, true) if tag == Tag::new_context(1) => {
                self.begin(Captured::Notification);
                return Ok(());
            }
            (Stage::Forwarded, Tag::SEQUENCE, true) => {
                self.stage = Stage::Heading;
                return Ok(());
            }
            (Stage::Forwarded, ..) => "a forwarded message",
            (Stage::Object, ..) => "an interpersonal message or notification",
            (Stage::Heading, Tag::SET, true) => {
                self.begin(Captured::Heading);
                return Ok(());
            }
            (Stage::Heading, ..) => "a heading",
            (Stage::Body, Tag::SEQUENCE, true) => {
                self.stage = Stage::Part;
                return Ok(());
            }
            (Stage::Body, ..) => "a body",
            (Stage::Part, Tag { class: Class::Context, .. }, _) => {
                self.part =
                    Some(PartReader::new(header, offset, &mut self.tokenizer, &self.limits, self.with_data));
                return Ok(());
            }
            (Stage::Part, ..) => "a body part",
            (Stage::End | Stage::Ended, ..) => "the end of the message",
        };
        Err(Error::new(Whole::Content, offset, Problem::Unexpected { expected, found: header.tag }))
    }

    fn begin(&mut self, what: Captured) {
        self.capture = Some(Capture::begin(what, &mut self.tokenizer, self.limits.heading));
    }

    fn end(&mut self, offset: u64) -> Result<Option<IpmEvent>, Error> {
        let missing = |what| Err(Error::new(Whole::Content, offset, Problem::Missing(what)));
        match self.stage {
            Stage::Heading => missing("the heading"),
            Stage::Body => missing("the body"),
            Stage::Part => {
                self.stage = Stage::End;
                Ok(None)
            }
            Stage::Object | Stage::Forwarded | Stage::End | Stage::Ended => {
                self.stage = Stage::Ended;
                Ok(Some(IpmEvent::End))
            }
        }
    }

    fn captured(&mut self, capture: Capture<Captured>) -> Result<IpmEvent, Error> {
        let (what, offset) = (capture.what, capture.offset);
        let octets = capture.into_octets();
        let wrong = |error| Error::new(Whole::Content, offset, Problem::Value { what: what.name(), error });
        match what {
            Captured::Heading => {
                let heading = ber::decode(&octets, octets.len()).map_err(wrong)?;
                self.stage = Stage::Body;
                Ok(IpmEvent::Heading { heading: Box::new(heading), octets })
            }
            Captured::Notification => {
                self.stage = Stage::Ended;
                match ber::decode(&octets, octets.len()).map_err(wrong)? {
                    InformationObject::Ipn(notification) => {
                        Ok(IpmEvent::Notification { notification: Box::new(notification), octets })
                    }
                    // The tag was that of a notification.
                    InformationObject::Ipm(_) | InformationObject::Unknown(_) => {
                        let found = Tag::new_context(1);
                        let problem = Problem::Unexpected { expected: "a notification", found };
                        Err(Error::new(Whole::Content, offset, problem))
                    }
                }
            }
        }
    }
}
