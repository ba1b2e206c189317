//! Body parts that are too large to be decoded.

use std::ops::Range;

use rasn::types::Tag;

use crate::ber;
use crate::x420::part_parameters::PartParameters;

/// A large body part: its parameters, and where the rest of it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargePart {
    /// The tag of the part, which says which alternative of a body part it is.
    pub tag: Tag,
    /// Where the part is in the content, header and all.
    pub range: Range<u64>,
    /// What it is, and its parameters; why not, when they are not of the type that the part says.
    pub parameters: Result<PartParameters, ber::Error>,
    /// Where its octets are, in order: one for most parts; one for each page or file where there may be several.
    pub leaves: Vec<Leaf>,
}

/// Octets of a large body part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leaf {
    /// What they are.
    pub form: LeafForm,
    /// Where they are in the content, in order; several when a peer wrote a string in segments.
    pub ranges: Vec<Range<u64>>,
    /// Bits of the last octet that do not count, 0 to 7; of [`LeafForm::Bits`] only.
    pub unused_bits: u8,
}

/// What the octets of a leaf are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeafForm {
    /// The contents of a string, its segments joined.
    #[default]
    Octets,
    /// Bits, the first in the highest place, the segments joined and without the octets that count unused bits.
    Bits,
    /// A whole element, tag and all.
    Element,
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
            _ if range.is_empty() => {}
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.ranges.push(range),
        }
    }
}
