//! The push tokenizer: one BER element, taken apart as its octets arrive.
//!
//! ```
//! use rasn_x400::ber::token::{Token, Tokenizer};
//!
//! let mut tokenizer = Tokenizer::new(32);
//! let mut lengths = Vec::new();
//! for part in [&[0x30, 0x80, 0x04][..], &[0x02, 0xaa], &[0xbb, 0x00, 0x00]] {
//!     let mut rest = part;
//!     loop {
//!         let step = tokenizer.feed(rest)?;
//!         rest = &rest[step.consumed..];
//!         match step.token {
//!             Some(Token::Start { header, .. }) => lengths.push(header.length),
//!             Some(Token::Data { .. } | Token::End { .. }) => {}
//!             None => break, // the part is used up
//!         }
//!     }
//! }
//! assert_eq!(lengths, [None, Some(2)]);
//! tokenizer.finish()?;
//! # Ok::<(), rasn_x400::ber::token::Fault>(())
//! ```

use rasn::types::Tag;

use super::header::{Header, HeaderError};

/// What comes next of the element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// An element begins. [`Tokenizer::header_octets`] has its header as it came.
    Start {
        /// Identifier and length.
        header: Header,
        /// Where its first octet is.
        offset: u64,
    },
    /// Contents of a primitive element, or of one that is [opaque](Tokenizer::opaque): the octets just consumed.
    Data {
        /// Where the first of them is.
        offset: u64,
    },
    /// The innermost open element ends.
    End {
        /// Where its end-of-contents begins, or what follows it.
        offset: u64,
        /// Octets of the end-of-contents: two after the indefinite form, else none.
        size: usize,
    },
}

/// What one call of [`Tokenizer::feed`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Octets taken from the front.
    pub consumed: usize,
    /// What they gave; `None` when more octets are needed, which happens only when all have been consumed.
    pub token: Option<Token>,
}

/// Why octets are not an element, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("octet {offset}: {problem}")]
pub struct Fault {
    /// The first octet that is wrong, counted from the start of the element; its length when it is cut off.
    pub offset: u64,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The identifier or length octets.
    #[error("{0}")]
    Header(HeaderError),
    /// An element goes on behind the end of one that holds it.
    #[error("an element is longer than the one around it")]
    Overrun,
    /// More elements in each other than the limit.
    #[error("elements are nested deeper than {0} levels")]
    TooDeep(usize),
    /// End-of-contents where no indefinite element can end.
    #[error("end-of-contents outside of an element of indefinite length")]
    UnexpectedEnd,
    /// Something after the element.
    #[error("octets follow the end of the element")]
    Trailing,
    /// [`Tokenizer::finish`] before the end.
    #[error("the element is cut off")]
    Incomplete,
}

/// An element that has begun and not ended.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// Where it ends, if its length is definite.
    end: Option<u64>,
    /// Where everything inside must have ended: the end of the nearest element of definite length.
    limit: u64,
    /// Whether the contents are not taken apart.
    opaque: bool,
}

/// Takes one element apart. Cuts between calls may be anywhere; memory is that of the longest header and of the open
/// elements, never of a length that the octets claim.
#[derive(Debug, Clone)]
pub struct Tokenizer {
    maximum_depth: usize,
    /// Octets consumed.
    position: u64,
    open: Vec<Open>,
    /// The header that is arriving, or the last one.
    header: Vec<u8>,
    in_header: bool,
    complete: bool,
}

impl Tokenizer {
    /// A tokenizer for elements that nest at most so deep; the outermost and a primitive one count.
    #[must_use]
    pub const fn new(maximum_depth: usize) -> Self {
        Self {
            maximum_depth,
            position: 0,
            open: Vec::new(),
            header: Vec::new(),
            in_header: false,
            complete: false,
        }
    }

    /// Takes octets from the front of `octets` up to the next token. Call it again with the rest until there is no token:
    /// the ends of elements come without octets.
    ///
    /// # Errors
    /// [`Fault`] at the first octet that cannot belong to the element. Nothing sensible follows it.
    pub fn feed(&mut self, octets: &[u8]) -> Result<Step, Fault> {
        if self.complete {
            return if octets.is_empty() {
                Ok(Step { consumed: 0, token: None })
            } else {
                Err(self.fault(Problem::Trailing))
            };
        }
        match self.open.last() {
            Some(&Open { end: Some(end), opaque, .. }) if !self.in_header => {
                if end == self.position {
                    Ok(Step { consumed: 0, token: Some(self.end(0)) })
                } else if opaque {
                    Ok(self.data(octets, end))
                } else {
                    self.start(octets)
                }
            }
            _ => self.start(octets),
        }
    }

    /// The contents of the element that has just begun come as data, whatever they are. Possible for elements of definite
    /// length only, for only their end can be found without a look inside; returns whether it was.
    pub fn opaque(&mut self) -> bool {
        match self.open.last_mut() {
            Some(open) if open.end.is_some() => {
                open.opaque = true;
                true
            }
            _ => false,
        }
    }

    /// Octets consumed so far.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Elements that have begun and not ended.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.open.len()
    }

    /// The header of the element that began last, as it came.
    #[must_use]
    pub fn header_octets(&self) -> &[u8] {
        &self.header
    }

    /// Whether the element has ended.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// Nothing follows.
    ///
    /// # Errors
    /// [`Problem::Incomplete`] when the element has not ended.
    pub const fn finish(&self) -> Result<(), Fault> {
        if self.complete { Ok(()) } else { Err(self.fault(Problem::Incomplete)) }
    }

    fn data(&mut self, octets: &[u8], end: u64) -> Step {
        let offset = self.position;
        let consumed = usize::try_from(end - offset).map_or(octets.len(), |left| left.min(octets.len()));
        self.position += consumed as u64;
        Step { consumed, token: (consumed > 0).then_some(Token::Data { offset }) }
    }

    /// Reads on in a header.
    fn start(&mut self, octets: &[u8]) -> Result<Step, Fault> {
        let limit = self.open.last().map_or(u64::MAX, |open| open.limit);
        if !self.in_header {
            self.header.clear();
        }
        for (index, &octet) in octets.iter().enumerate() {
            if self.position == limit {
                return Err(self.fault(Problem::Overrun));
            }
            self.in_header = true;
            self.header.push(octet);
            self.position += 1;
            match Header::read(&self.header) {
                Ok(header) => {
                    self.in_header = false;
                    return Ok(Step { consumed: index + 1, token: Some(self.begin(header, limit)?) });
                }
                Err(HeaderError::Incomplete) => {}
                Err(error) => return Err(self.fault_at_header(Problem::Header(error))),
            }
        }
        // The element around has ended, so this one does not come any more.
        if self.position == limit {
            return Err(self.fault(Problem::Overrun));
        }
        Ok(Step { consumed: octets.len(), token: None })
    }

    /// A header is complete.
    fn begin(&mut self, header: Header, limit: u64) -> Result<Token, Fault> {
        let offset = self.position - self.header.len() as u64;
        if header.tag == Tag::EOC {
            let ends = self.header == [0, 0] && self.open.last().is_some_and(|open| open.end.is_none());
            return if ends { Ok(self.end(2)) } else { Err(self.fault_at_header(Problem::UnexpectedEnd)) };
        }
        if self.open.len() >= self.maximum_depth {
            return Err(self.fault_at_header(Problem::TooDeep(self.maximum_depth)));
        }
        let end = match header.length {
            None => None,
            Some(length) => match self.position.checked_add(length as u64) {
                Some(end) if end <= limit => Some(end),
                _ => return Err(self.fault_at_header(Problem::Overrun)),
            },
        };
        self.open.push(Open { end, limit: end.unwrap_or(limit), opaque: !header.constructed });
        Ok(Token::Start { header, offset })
    }

    fn end(&mut self, size: usize) -> Token {
        self.open.pop();
        self.complete = self.open.is_empty();
        Token::End { offset: self.position - size as u64, size }
    }

    const fn fault(&self, problem: Problem) -> Fault {
        Fault { offset: self.position, problem }
    }

    const fn fault_at_header(&self, problem: Problem) -> Fault {
        Fault { offset: self.position - self.header.len() as u64, problem }
    }
}

#[cfg(test)]
mod tests;
