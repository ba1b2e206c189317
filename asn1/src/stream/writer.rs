//! The writer of messages.

use bytes::Bytes;
use rasn::types::Tag;

use crate::ber::plan::Plan;
use crate::ber::{self, Error};
use crate::prim::RawTlv;
use crate::x411::envelope::MessageTransferEnvelope;

/// Writes a message around a content that stays where it is: definite lengths throughout, nothing moved.
///
/// ```
/// use rasn_x400::ber::plan::{Piece, Plan};
/// use rasn_x400::stream::ApduWriter;
///
/// let envelope = &[0x31, 0x00][..]; // as it came from somewhere
/// // 300 octets of a file, which is whatever the caller knows it by.
/// let content = Plan::external("spool/1", 300);
/// let message = ApduWriter::verbatim(envelope.into()).content(content);
/// assert_eq!(message.len(), 4 + 2 + 4 + 300);
/// let pieces: Vec<_> = message.pieces().collect();
/// assert_eq!(pieces.last(), Some(&Piece::External { source: "spool/1", length: 300 }));
/// ```
#[derive(Debug, Clone)]
pub struct ApduWriter {
    envelope: Bytes,
    unknown: Vec<RawTlv>,
}

impl ApduWriter {
    /// A message with this envelope.
    ///
    /// # Errors
    /// [`Error::Unencodable`] as [`ber::encode`].
    pub fn new(envelope: &MessageTransferEnvelope) -> Result<Self, Error> {
        Ok(Self::verbatim(ber::encode(envelope)?.into()))
    }

    /// A message whose envelope is written already, or goes out as it came. The octets are not checked.
    #[must_use]
    pub const fn verbatim(envelope: Bytes) -> Self {
        Self { envelope, unknown: Vec::new() }
    }

    /// Members behind the content that nobody knows, relayed as they came.
    #[must_use]
    pub fn unknown(mut self, members: Vec<RawTlv>) -> Self {
        self.unknown = members;
        self
    }

    /// The message around this content.
    #[must_use]
    pub fn content<E>(self, content: Plan<E>) -> Plan<E> {
        let mut message = Plan::from(self.envelope).widen();
        message.append(content.enclosed(Tag::OCTET_STRING, false));
        for member in self.unknown {
            message.append(Plan::from(member.as_bytes().to_vec()).widen());
        }
        message.constructed(Tag::new_context(0))
    }
}
