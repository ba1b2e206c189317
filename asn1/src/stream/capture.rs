//! An element that is collected while it arrives, to be decoded as a value.

use bytes::Bytes;

use crate::ber::token::{Token, Tokenizer};

/// An element that is collected.
#[derive(Debug)]
pub(super) struct Capture<W> {
    /// What it is.
    pub(super) what: W,
    /// Where it begins.
    pub(super) offset: u64,
    octets: Vec<u8>,
    /// Elements open while it is.
    depth: usize,
    limit: usize,
}

/// More octets than allowed.
pub(super) struct TooLong {
    pub(super) limit: usize,
}

impl<W> Capture<W> {
    /// Collects the element that has just begun.
    pub(super) fn begin(what: W, tokenizer: &mut Tokenizer, limit: usize) -> Self {
        // Inside an element of known length nothing needs to be looked at: whoever decodes it will.
        tokenizer.opaque();
        let header = tokenizer.header_octets();
        Self {
            what,
            offset: tokenizer.position() - header.len() as u64,
            octets: header.to_vec(),
            depth: tokenizer.depth(),
            limit,
        }
    }

    /// The octets of one step. True when the element is complete. Only as much is taken apart as is needed to find the end.
    pub(super) fn push(
        &mut self,
        octets: &[u8],
        token: Option<Token>,
        tokenizer: &mut Tokenizer,
    ) -> Result<bool, TooLong> {
        if matches!(token, Some(Token::Start { .. })) {
            tokenizer.opaque();
        }
        if self.octets.len().saturating_add(octets.len()) > self.limit {
            return Err(TooLong { limit: self.limit });
        }
        self.octets.extend_from_slice(octets);
        Ok(matches!(token, Some(Token::End { .. })) && tokenizer.depth() < self.depth)
    }

    /// What was collected.
    pub(super) fn into_octets(self) -> Bytes {
        self.octets.into()
    }
}
