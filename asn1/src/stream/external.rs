//! The EXTERNAL that some peers put around an MTS-APDU, taken off as it arrives.

use bytes::Bytes;
use rasn::types::Tag;

use super::{Error, Problem, Whole};
use crate::ber::header::Header;
use crate::ber::token::{Token, Tokenizer};

/// First octet of an EXTERNAL.
const EXTERNAL_OCTET: u8 = 0x28;
/// Levels outside of the value: the EXTERNAL and its encoding.
const AROUND: usize = 2;

/// Gives the octets of the value inside an EXTERNAL, or what comes as it is when there is none.
#[derive(Debug)]
pub(super) struct Unwrapper {
    stage: Stage,
    tokenizer: Tokenizer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has come.
    Begin,
    /// There is no EXTERNAL.
    Plain,
    /// Before the encoding, or behind it: what names the value, and members nobody knows.
    Around { seen: bool },
    /// In the encoding `single-ASN1-type`.
    Single,
    /// In the encoding `octet-aligned`.
    Aligned,
}

impl Unwrapper {
    pub(super) const fn new(depth: usize) -> Self {
        Self { stage: Stage::Begin, tokenizer: Tokenizer::new(depth) }
    }

    /// The next octets of the value out of `input`; `None` when more must come.
    pub(super) fn next(&mut self, input: &mut Bytes) -> Result<Option<Bytes>, Error> {
        loop {
            match (self.stage, input.first()) {
                (Stage::Begin | Stage::Plain, None) => return Ok(None),
                (Stage::Begin, Some(&EXTERNAL_OCTET)) => self.stage = Stage::Around { seen: false },
                (Stage::Begin, Some(_)) => self.stage = Stage::Plain,
                (Stage::Plain, Some(_)) => return Ok(Some(std::mem::take(input))),
                _ => {
                    let step =
                        self.tokenizer.feed(input).map_err(|fault| Error::syntax(Whole::External, fault))?;
                    let octets = input.split_to(step.consumed);
                    let Some(token) = step.token else { return Ok(None) };
                    if let Some(value) = self.token(token, octets)? {
                        return Ok(Some(value));
                    }
                }
            }
        }
    }

    /// Nothing follows.
    pub(super) fn finish(&self) -> Result<(), Error> {
        match self.stage {
            Stage::Begin | Stage::Plain => Ok(()),
            _ => self.tokenizer.finish().map_err(|fault| Error::syntax(Whole::External, fault)),
        }
    }

    fn token(&mut self, token: Token, octets: Bytes) -> Result<Option<Bytes>, Error> {
        let depth = self.tokenizer.depth();
        match (token, self.stage) {
            (Token::Start { header, offset }, Stage::Around { seen }) => {
                self.member(header, offset, seen)?;
                Ok(None)
            }
            (Token::Start { .. }, Stage::Single) => {
                self.tokenizer.opaque();
                Ok(Some(Bytes::copy_from_slice(self.tokenizer.header_octets())))
            }
            (Token::Start { header, offset }, Stage::Aligned) if header.tag != Tag::OCTET_STRING => {
                let problem =
                    Problem::Unexpected { expected: "a segment of an OCTET STRING", found: header.tag };
                Err(Error::new(Whole::External, offset, problem))
            }
            (Token::Data { .. }, Stage::Single | Stage::Aligned) => Ok(Some(octets)),
            (Token::End { .. }, Stage::Single | Stage::Aligned) if depth < AROUND => {
                self.stage = Stage::Around { seen: true };
                Ok(None)
            }
            // The end-of-contents of the value's own elements belong to it.
            (Token::End { size: 2, .. }, Stage::Single) => Ok(Some(Bytes::from_static(&[0, 0]))),
            _ => Ok(None),
        }
    }

    /// A member of the EXTERNAL begins, or the EXTERNAL itself.
    fn member(&mut self, header: Header, offset: u64, seen: bool) -> Result<(), Error> {
        let encoding = self.tokenizer.depth() == AROUND && !seen;
        match header.tag {
            _ if self.tokenizer.depth() < AROUND => {}
            _ if !encoding => {
                self.tokenizer.opaque();
            }
            tag if tag == Tag::new_context(0) => self.stage = Stage::Single,
            tag if tag == Tag::new_context(1) => self.stage = Stage::Aligned,
            tag if tag == Tag::new_context(2) => {
                let expected = "an EXTERNAL that holds an MTS-APDU";
                return Err(Error::new(
                    Whole::External,
                    offset,
                    Problem::Unexpected { expected, found: tag },
                ));
            }
            // X.690 8.18.1: what names the type and the transfer syntax, which are known without; or nobody knows it.
            _ => {
                self.tokenizer.opaque();
            }
        }
        Ok(())
    }
}
