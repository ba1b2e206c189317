//! X.419: what P1 sends, and the names under which it is sent.

use rasn::{AsnType, Decode, Decoder, Encode};

use crate::ber::{self, Error};
use crate::prim::Octets;
use crate::x411::envelope::{MessageTransferEnvelope, ProbeTransferEnvelope};
use crate::x411::report::{ReportTransferContent, ReportTransferEnvelope};

crate::asn_choice! {
    /// What one transfer carries.
    pub enum MtsApdu {
        /// A message.
        Message(Message) = imp(0),
        /// A report.
        Report(Report) = imp(1),
        /// A probe.
        Probe(ProbeTransferEnvelope) = imp(2),
    }
}

crate::asn_seq! {
    /// A message: envelope and content.
    pub struct Message {
        /// The envelope.
        envelope: MessageTransferEnvelope = bare req,
        /// The content: itself BER, of the content type.
        content: Octets = bare req,
    }
}

/// A report: envelope and content, two SETs, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct Report {
    /// The envelope.
    pub envelope: ReportTransferEnvelope,
    /// The content.
    pub content: ReportTransferContent,
}

impl MtsApdu {
    /// Reads what one transfer carried. Some peers wrap it in an EXTERNAL (T-31, captures of ISODE-based MTAs); that is
    /// taken off.
    ///
    /// # Errors
    /// As [`ber::decode`].
    pub fn from_octets(octets: &[u8], limit: usize) -> Result<Self, Error> {
        use crate::prim::{External, ExternalEncoding};

        let outer = ber::header::Header::read(octets).ok().map(|header| header.tag);
        if outer != Some(External::TAG) {
            return ber::decode(octets, limit);
        }
        match ber::decode::<External>(octets, limit)?.encoding {
            ExternalEncoding::SingleAsn1Type(value) => value.get(),
            ExternalEncoding::OctetAligned(value) => ber::decode(&value.0, limit),
            ExternalEncoding::Arbitrary(_) | ExternalEncoding::Unknown(_) => Err(Error::Malformed {
                path: ber::Path::default(),
                problem: "EXTERNAL holds no MTS-APDU".into(),
            }),
        }
    }
}
