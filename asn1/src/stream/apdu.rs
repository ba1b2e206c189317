//! The reader of MTS-APDUs.

use bytes::Bytes;
use rasn::types::Tag;

use super::capture::{Capture, TooLong};
use super::external::Unwrapper;
use super::{Error, Problem, Whole, append};
use crate::ber::header::Header;
use crate::ber::token::{Token, Tokenizer};
use crate::ber::{self, Limits, MAXIMUM_UNKNOWN_MEMBERS};
use crate::prim::RawTlv;
use crate::x411::envelope::{MessageTransferEnvelope, ProbeTransferEnvelope};
use crate::x419::{MtsApdu, Report};

/// What has become known of an MTS-APDU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApduEvent {
    /// It is a message, and this is its envelope; the content follows.
    Message {
        /// The envelope.
        envelope: Box<MessageTransferEnvelope>,
        /// The envelope as it came.
        octets: Bytes,
    },
    /// The next octets of the content, at least one.
    Content(Bytes),
    /// It is a probe, complete.
    Probe {
        /// The envelope.
        envelope: Box<ProbeTransferEnvelope>,
        /// The MTS-APDU as it came.
        octets: Bytes,
    },
    /// It is a report, complete.
    Report {
        /// Envelope and content.
        report: Box<Report>,
        /// The MTS-APDU as it came.
        octets: Bytes,
    },
    /// The MTS-APDU has ended.
    End {
        /// Octets of a message's content.
        content: u64,
        /// Members behind a message's content that nobody knows.
        unknown: Vec<RawTlv>,
    },
}

/// Reads one MTS-APDU as it arrives (X.411 12.2.1, X.419). An EXTERNAL around it is taken off.
///
/// A message is told as soon as its envelope is there, and its content comes in pieces, those of the constructed form
/// joined. A probe or a report, which has no content of its own, comes whole.
#[derive(Debug)]
pub struct ApduReader {
    limits: Limits,
    input: Bytes,
    outer: Unwrapper,
    /// Octets of the MTS-APDU out of the input.
    inner: Bytes,
    tokenizer: Tokenizer,
    stage: Stage,
    capture: Option<Capture<Captured>>,
    content: u64,
    unknown: Vec<RawTlv>,
    failed: Option<Error>,
}

/// What is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The MTS-APDU.
    Apdu,
    /// The envelope of a message.
    Envelope,
    /// The content of a message.
    Content,
    /// The end of the content, or of a segment.
    InContent,
    /// The end of the MTS-APDU.
    End,
    /// Nothing.
    Ended,
}

/// What is collected.
#[derive(Debug, Clone, Copy)]
enum Captured {
    Envelope,
    Probe,
    Report,
    Unknown,
}

impl Captured {
    const fn name(self) -> &'static str {
        match self {
            Self::Envelope => "the envelope",
            Self::Probe => "the probe",
            Self::Report => "the report",
            Self::Unknown => "an unknown member",
        }
    }
}

impl ApduReader {
    /// A reader of one MTS-APDU: `limits.envelope` for the envelope of a message or a probe, `limits.whole` for a report.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self {
            limits,
            input: Bytes::new(),
            outer: Unwrapper::new(limits.depth),
            inner: Bytes::new(),
            tokenizer: Tokenizer::new(limits.depth),
            stage: Stage::Apdu,
            capture: None,
            content: 0,
            unknown: Vec::new(),
            failed: None,
        }
    }

    /// The next octets of the MTS-APDU. [`poll`](Self::poll) them out before more are pushed, or they are copied together.
    pub fn push(&mut self, octets: Bytes) {
        append(&mut self.input, octets);
    }

    /// What has become known by what was pushed; `None` when more is needed.
    ///
    /// # Errors
    /// [`Error`] when the octets are no MTS-APDU, or one over the limits; the same again afterwards.
    pub fn poll(&mut self) -> Result<Option<ApduEvent>, Error> {
        match &self.failed {
            Some(error) => Err(error.clone()),
            None => self.advance().inspect_err(|error| self.failed = Some(error.clone())),
        }
    }

    /// Nothing follows.
    ///
    /// # Errors
    /// [`Error`] when the MTS-APDU has not ended, or was none.
    pub fn finish(&self) -> Result<(), Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.tokenizer.finish().map_err(|fault| Error::syntax(Whole::Apdu, fault))?;
        self.outer.finish()
    }

    fn advance(&mut self) -> Result<Option<ApduEvent>, Error> {
        loop {
            let step = self.tokenizer.feed(&self.inner).map_err(|fault| Error::syntax(Whole::Apdu, fault))?;
            let octets = self.inner.split_to(step.consumed);
            if let Some(event) = self.step(octets, step.token)? {
                return Ok(Some(event));
            }
            if step.token.is_none() {
                match self.outer.next(&mut self.input)? {
                    Some(octets) => self.inner = octets,
                    None => return Ok(None),
                }
            }
        }
    }

    fn step(&mut self, octets: Bytes, token: Option<Token>) -> Result<Option<ApduEvent>, Error> {
        if let Some(capture) = &mut self.capture {
            let complete =
                capture.push(&octets, token, &mut self.tokenizer).map_err(|TooLong { limit }| {
                    let problem = Problem::TooLong { what: capture.what.name(), limit };
                    Error::new(Whole::Apdu, capture.offset, problem)
                })?;
            return match self.capture.take_if(|_| complete) {
                Some(capture) => self.captured(capture),
                None => Ok(None),
            };
        }
        match token {
            Some(Token::Start { header, offset }) => self.start(header, offset)?,
            Some(Token::Data { .. }) => {
                self.content += octets.len() as u64;
                return Ok(Some(ApduEvent::Content(octets)));
            }
            Some(Token::End { offset, .. }) => return self.end(offset),
            None => {}
        }
        Ok(None)
    }

    fn start(&mut self, header: Header, offset: u64) -> Result<(), Error> {
        let expected = match (self.stage, header.tag, header.constructed) {
            (Stage::Apdu, tag, true) if tag == Tag::new_context(0) => {
                self.stage = Stage::Envelope;
                return Ok(());
            }
            (Stage::Apdu, tag, true) if tag == Tag::new_context(1) => {
                self.begin(Captured::Report, self.limits.whole);
                return Ok(());
            }
            (Stage::Apdu, tag, true) if tag == Tag::new_context(2) => {
                self.begin(Captured::Probe, self.limits.envelope);
                return Ok(());
            }
            (Stage::Apdu, ..) => "a message, report or probe",
            (Stage::Envelope, Tag::SET, true) => {
                self.begin(Captured::Envelope, self.limits.envelope);
                return Ok(());
            }
            (Stage::Envelope, ..) => "an envelope",
            (Stage::Content | Stage::InContent, Tag::OCTET_STRING, _) => {
                self.stage = Stage::InContent;
                return Ok(());
            }
            (Stage::Content | Stage::InContent, ..) => "a content, an OCTET STRING",
            (Stage::End | Stage::Ended, ..) if self.unknown.len() >= MAXIMUM_UNKNOWN_MEMBERS => {
                return Err(Error::new(Whole::Apdu, offset, Problem::TooManyUnknown));
            }
            (Stage::End | Stage::Ended, ..) => {
                let used: usize = self.unknown.iter().map(|member| member.as_bytes().len()).sum();
                self.begin(Captured::Unknown, self.limits.envelope.saturating_sub(used));
                return Ok(());
            }
        };
        Err(Error::new(Whole::Apdu, offset, Problem::Unexpected { expected, found: header.tag }))
    }

    fn begin(&mut self, what: Captured, limit: usize) {
        self.capture = Some(Capture::begin(what, &mut self.tokenizer, limit));
    }

    fn end(&mut self, offset: u64) -> Result<Option<ApduEvent>, Error> {
        match (self.stage, self.tokenizer.depth()) {
            (Stage::InContent, 1) => self.stage = Stage::End,
            (Stage::InContent, _) => {}
            (Stage::Envelope, _) => {
                return Err(Error::new(Whole::Apdu, offset, Problem::Missing("the envelope")));
            }
            (Stage::Content, _) => {
                return Err(Error::new(Whole::Apdu, offset, Problem::Missing("the content")));
            }
            (Stage::Apdu | Stage::End | Stage::Ended, _) => {
                self.stage = Stage::Ended;
                return Ok(Some(self.ended()));
            }
        }
        Ok(None)
    }

    fn ended(&mut self) -> ApduEvent {
        ApduEvent::End { content: self.content, unknown: std::mem::take(&mut self.unknown) }
    }

    fn captured(&mut self, capture: Capture<Captured>) -> Result<Option<ApduEvent>, Error> {
        let (what, offset) = (capture.what, capture.offset);
        let octets = capture.into_octets();
        let wrong = |error| Error::new(Whole::Apdu, offset, Problem::Value { what: what.name(), error });
        match what {
            Captured::Unknown => {
                self.unknown.push(RawTlv::from_element(octets.into()));
                Ok(None)
            }
            Captured::Envelope => {
                let envelope = ber::decode(&octets, octets.len()).map_err(wrong)?;
                self.stage = Stage::Content;
                Ok(Some(ApduEvent::Message { envelope: Box::new(envelope), octets }))
            }
            Captured::Probe | Captured::Report => {
                self.stage = Stage::Ended;
                Ok(match ber::decode(&octets, octets.len()).map_err(wrong)? {
                    MtsApdu::Probe(envelope) => {
                        Some(ApduEvent::Probe { envelope: Box::new(envelope), octets })
                    }
                    MtsApdu::Report(report) => Some(ApduEvent::Report { report: Box::new(report), octets }),
                    MtsApdu::Message(_) | MtsApdu::Unknown(_) => None,
                })
            }
        }
    }
}
