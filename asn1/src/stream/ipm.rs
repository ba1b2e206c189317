//! The reader of interpersonal messages.

use std::ops::Range;

use bytes::Bytes;
use rasn::types::{Class, Tag};

use super::capture::{Capture, TooLong};
use super::{Error, Problem, Whole};
use crate::ber::header::Header;
use crate::ber::token::{Token, Tokenizer};
use crate::ber::{self, Limits};
use crate::x420::InformationObject;
use crate::x420::body::BodyPart;
use crate::x420::heading::Heading;
use crate::x420::notification::Ipn;

mod large;
mod part;

pub use large::{LargeParameters, LargePart, Leaf};

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
/// part that is too large to be decoded it says where the octets are, so whoever keeps the content can read them there.
#[derive(Debug)]
pub struct IpmReader {
    limits: Limits,
    input: Bytes,
    tokenizer: Tokenizer,
    stage: Stage,
    capture: Option<Capture<Captured>>,
    part: Option<PartReader>,
    failed: Option<Error>,
}

/// What is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The information object.
    Object,
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
            failed: None,
        }
    }

    /// The next octets of the content. [`poll`](Self::poll) them out before more are pushed, or they are copied together.
    pub fn push(&mut self, octets: Bytes) {
        if self.input.is_empty() {
            self.input = octets;
        } else {
            self.input = [std::mem::take(&mut self.input), octets].concat().into();
        }
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
            let step =
                self.tokenizer.feed(&self.input).map_err(|fault| Error::syntax(Whole::Content, fault))?;
            let octets = self.input.split_to(step.consumed);
            if let Some(event) = self.step(&octets, step.token)? {
                return Ok(Some(event));
            }
            if step.token.is_none() {
                return Ok(None);
            }
        }
    }

    fn step(&mut self, octets: &[u8], token: Option<Token>) -> Result<Option<IpmEvent>, Error> {
        if let Some(part) = &mut self.part {
            let complete = part.step(octets, token, &mut self.tokenizer)?;
            return match self.part.take_if(|_| complete) {
                Some(part) => part.finish(self.tokenizer.position()).map(Some),
                None => Ok(None),
            };
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
                self.part = Some(PartReader::new(header, offset, &mut self.tokenizer, &self.limits));
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
            Stage::Object | Stage::End | Stage::Ended => {
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
