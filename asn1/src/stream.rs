//! Messages of any size: read as they arrive, written without their content in memory.
//!
//! * [`ApduReader`] takes the octets of an MTS-APDU in any cut and gives the envelope, decoded, then the content in
//!   pieces that share the memory of what was pushed;
//! * [`IpmReader`] takes the octets of an interpersonal message, which may be those pieces, and gives the heading and the
//!   body parts; of large ones it gives the parameters and the octets as they arrive, or says where in the content they are;
//! * [`ApduWriter`] puts an envelope in front of a content that stays where it is.
//!
//! What is captured to be decoded is bounded by [`Limits`](crate::ber::Limits); everything else takes memory by what
//! was pushed and not yet polled, never by a length that the octets claim.
//!
//! ```
//! use bytes::Bytes;
//! use rasn_x400::ber::Limits;
//! use rasn_x400::stream::{ApduEvent, ApduReader};
//!
//! let mut reader = ApduReader::new(Limits::default());
//! # let arriving = [Bytes::new()];
//! for octets in arriving {
//!     reader.push(octets);
//!     while let Some(event) = reader.poll()? {
//!         match event {
//!             ApduEvent::Message { envelope, .. } => println!("{:?}", envelope.originator_name),
//!             ApduEvent::Content(octets) => println!("{} octets for the file", octets.len()),
//!             ApduEvent::Probe { .. } | ApduEvent::Report { .. } | ApduEvent::End { .. } => {}
//!         }
//!     }
//! }
//! assert!(reader.finish().is_err()); // nothing has arrived
//! # Ok::<(), rasn_x400::stream::Error>(())
//! ```

use bytes::Bytes;
use rasn::types::Tag;

use crate::ber;
use crate::ber::token::{Fault, Problem as Syntax};

mod apdu;
mod capture;
mod external;
mod ipm;
mod writer;

pub use apdu::{ApduEvent, ApduReader};
pub use ipm::{IpmEvent, IpmReader, LargePart, Leaf, LeafForm};
pub use writer::ApduWriter;

/// Why octets are not what a reader reads, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{of}, octet {offset}: {problem}")]
pub struct Error {
    /// What the octets are counted in.
    pub of: Whole,
    /// The octet at fault, or the first of the element that holds it.
    pub offset: u64,
    /// What is wrong.
    pub problem: Problem,
}

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Whole {
    /// The EXTERNAL around an MTS-APDU.
    #[error("EXTERNAL")]
    External,
    /// The MTS-APDU.
    #[error("MTS-APDU")]
    Apdu,
    /// The content, an interpersonal message or notification.
    #[error("content")]
    Content,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No BER.
    #[error("{0}")]
    Syntax(Syntax),
    /// Another element than can stand there.
    #[error("expected {expected}, found {found:?}")]
    Unexpected {
        /// What could stand there.
        expected: &'static str,
        /// The tag that is there.
        found: Tag,
    },
    /// An element that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A part that is decoded as a value does not fit its type.
    #[error("{what}: {error}")]
    Value {
        /// Which part.
        what: &'static str,
        /// Why not.
        error: ber::Error,
    },
    /// A part that is decoded as a value is too large.
    #[error("{what} has more than {limit} octets")]
    TooLong {
        /// Which part.
        what: &'static str,
        /// Octets allowed.
        limit: usize,
    },
    /// More than [`ber::MAXIMUM_UNKNOWN_MEMBERS`] members that nobody knows.
    #[error("too many unknown members")]
    TooManyUnknown,
    /// A body part scattered over more segments than anyone needs.
    #[error("a body part comes in more than {0} segments")]
    TooManySegments(usize),
}

/// Puts octets behind those that were not looked at yet; into their place, if there are none.
fn append(input: &mut Bytes, octets: Bytes) {
    if input.is_empty() {
        *input = octets;
    } else {
        *input = [std::mem::take(input), octets].concat().into();
    }
}

impl Error {
    pub(crate) const fn new(of: Whole, offset: u64, problem: Problem) -> Self {
        Self { of, offset, problem }
    }

    pub(crate) const fn syntax(of: Whole, fault: Fault) -> Self {
        Self::new(of, fault.offset, Problem::Syntax(fault.problem))
    }
}
