//! What is found.

use std::fmt;

/// Something in a value that the standards do not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where it is.
    pub place: Place,
    /// Which kind of rule is broken.
    pub rule: Rule,
    /// What it does to the value.
    pub severity: Severity,
    /// The clause that has the rule.
    pub clause: &'static str,
    /// What was found, and what is allowed.
    pub what: String,
    /// What to do about it, if there is something to say.
    pub help: Option<&'static str>,
}

impl fmt::Display for Violation {
    /// `place: what (clause)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.place, self.what, self.clause)
    }
}

/// A place in a value: names of members with the positions of list items, outermost first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place(pub Vec<Step>);

/// One step of a [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A member, in the standard's spelling: `per-recipient-fields`.
    Member(&'static str),
    /// An item of a list, counted from 0.
    Item(usize),
}

impl fmt::Display for Place {
    /// `envelope.per-recipient-fields[2].recipient-name`; the whole value is `value`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("value");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if position == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// How bad a violation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Allowed, or harmless, but seldom meant.
    Notice,
    /// Against the standard; most systems put up with it.
    Warning,
    /// Against the standard in a way that makes others refuse the value, or take it for something else.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Writes [`Rule`] with its codes.
macro_rules! rules {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal,)*) => {
        /// Which kind of rule is broken.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[doc = $doc])* $name,)*
        }

        impl Rule {
            /// Every kind, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable name of the kind, for programs; never given to another kind.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

rules! {
    /// A length, count or number outside its bounds.
    Bound = "bound",
    /// A character that its string type does not have.
    Alphabet = "alphabet",
    /// Something that must be there is not.
    Missing = "missing",
    /// Something that must occur once occurs again.
    Duplicate = "duplicate",
    /// Things that must stand in an order do not.
    Order = "order",
    /// A critical extension that is not known, or a criticality that is not the recommended one.
    Criticality = "criticality",
    /// An extension, attribute or member where it does not belong.
    Misplaced = "misplaced",
    /// An O/R address without the attributes of any form, or with those of several.
    AddressForm = "address-form",
    /// A number or bit without a meaning.
    Value = "value",
    /// A time that is none, or not written as the standard has it.
    Time = "time",
    /// Two things that contradict each other.
    Conflict = "conflict",
    /// Something of a later edition where the earlier one is spoken.
    Edition = "edition",
    /// A member, alternative or extension that this crate does not know.
    Unknown = "unknown",
    /// An encoding that is read, but is not the one the standard has.
    Encoding = "encoding",
    /// A value inside that cannot be decoded as what it should be.
    Undecodable = "undecodable",
    /// More was found than is listed.
    Truncated = "truncated",
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let codes: std::collections::BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
    }

    #[test]
    fn a_place_reads_like_a_path() {
        let place = Place(vec![
            Step::Member("envelope"),
            Step::Member("per-recipient-fields"),
            Step::Item(2),
            Step::Member("surname"),
        ]);
        assert_eq!(place.to_string(), "envelope.per-recipient-fields[2].surname");
        assert_eq!(Place::default().to_string(), "value");
    }
}
