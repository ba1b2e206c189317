//! Body parts that are too large to be decoded.

use std::ops::Range;

use rasn::types::Tag;

use crate::prim::{External, Oid};
use crate::x420::body::{G3FacsimileParameters, Ia5TextParameters, MessageParameters, TeletexParameters};

/// A large body part: its parameters, and where the rest of it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargePart {
    /// The tag of the part, which says which alternative of a body part it is.
    pub tag: Tag,
    /// Where the part is in the content, header and all.
    pub range: Range<u64>,
    /// What is known of it.
    pub parameters: LargeParameters,
    /// Where its octets are, in order: one for most parts; one for each page or file where there may be several.
    pub leaves: Vec<Leaf>,
}

/// What is known of a large body part, by its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LargeParameters {
    /// IA5 text; the leaf is the text.
    Ia5Text(Ia5TextParameters),
    /// Group 3 facsimile; the leaves are the pages, each a bit string with its octet of unused bits.
    G3Facsimile(G3FacsimileParameters),
    /// Teletex; the leaves are the pages.
    Teletex(TeletexParameters),
    /// A forwarded message; the leaf is the whole element of the message, a SEQUENCE of heading and body.
    Message(Box<MessageParameters>),
    /// A part whose type has an object identifier. The leaves are the octets of its value: of each file of a file
    /// transfer, of a string, or the whole element of another value.
    ExternallyDefined {
        /// What names the type of the part.
        kind: Option<Oid>,
        /// Its parameters.
        parameters: Option<External>,
    },
    /// Bilaterally defined; the leaf is the octets.
    BilaterallyDefined,
    /// Any other part; the leaf is the whole element, tag and all.
    Other,
}

/// Octets of a large body part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leaf {
    /// Where they are in the content, in order; several when a peer wrote a string in segments.
    pub ranges: Vec<Range<u64>>,
}

impl Leaf {
    /// Octets altogether.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.ranges.iter().map(|range| range.end - range.start).sum()
    }

    /// Appends octets. Those of neighbouring ranges become one.
    pub(super) fn push(&mut self, range: Range<u64>) {
        match self.ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.ranges.push(range),
        }
    }
}
