//! Personal names as people write them: `J.Linnimouth`, `Marshall.M.T.Rose` (RFC 2156 4.1.2; ledger A-20, A-21).
//!
//! ```
//! use rasn_x400::x411::address::text::personal::EncodedName;
//!
//! let name = EncodedName::parse("Marshall.M.T.Rose").unwrap();
//! assert_eq!((name.given.as_deref(), name.initials.as_deref(), &*name.surname), (Some("Marshall"), Some("MT"), "Rose"));
//! assert_eq!(name.generate().as_deref(), Some("Marshall.M.T.Rose"));
//! ```

use crate::prim::is_printable;

/// A personal name that has neither a generation qualifier nor a teletex part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EncodedName {
    /// `G`.
    pub given: Option<String>,
    /// `I`, without full stops.
    pub initials: Option<String>,
    /// `S`.
    pub surname: String,
}

impl EncodedName {
    /// Takes `[given "."] *(initial ".") surname` apart; the longest given name and the most initials win. None when the
    /// text is empty, ends where the surname should stand, or has a character outside PrintableString.
    ///
    /// Any other printable text is a name, if only a surname. Not each is what [`EncodedName::generate`] makes of it:
    /// `x1.2.z3` is not (ledger Z-56).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.bytes().all(is_printable).then(|| Self::split(text))?
    }

    /// As [`EncodedName::parse`], of text whose characters are somebody else's matter.
    pub(super) fn split(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut given = None;
        if let Some((first, after)) = rest.split_once('.')
            && first.len() >= 2
        {
            given = Some(first.to_owned());
            rest = after;
        }
        let mut initials = String::new();
        while let Some((initial, after)) = rest.split_once('.')
            && initial.len() == 1
            && initial.as_bytes()[0].is_ascii_alphabetic()
        {
            initials.push_str(initial);
            rest = after;
        }
        let initials = (!initials.is_empty()).then_some(initials);
        (!rest.is_empty()).then(|| Self { given, initials, surname: rest.to_owned() })
    }

    /// The text, if [`EncodedName::parse`] would return this name from it.
    #[must_use]
    pub fn generate(&self) -> Option<String> {
        let given_fits = self.given.as_ref().is_none_or(|given| given.len() >= 2 && !given.contains('.'));
        let initials_fit = self.initials.as_ref().is_none_or(|initials| {
            !initials.is_empty() && initials.bytes().all(|initial| initial.is_ascii_alphabetic())
        });
        let stop = self.surname.find('.');
        let surname_fits = match (&self.given, &self.initials) {
            (None, None) => stop.is_none(),
            _ => stop.is_none_or(|place| place >= 2),
        };
        if !given_fits || !initials_fit || !surname_fits || self.surname.is_empty() {
            return None;
        }
        let mut text = String::new();
        if let Some(given) = &self.given {
            text.push_str(given);
            text.push('.');
        }
        for initial in self.initials.iter().flat_map(|initials| initials.chars()) {
            text.push(initial);
            text.push('.');
        }
        text.push_str(&self.surname);
        text.bytes().all(is_printable).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(given: &str, initials: &str, surname: &str) -> EncodedName {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        EncodedName { given: some(given), initials: some(initials), surname: surname.to_owned() }
    }

    #[test]
    fn names_are_read_and_written() {
        let cases = [
            ("Marshall.Rose", name("Marshall", "", "Rose")),
            ("M.T.Rose", name("", "MT", "Rose")),
            ("Marshall.M.T.Rose", name("Marshall", "MT", "Rose")),
            ("Rose", name("", "", "Rose")),
            ("J.Linnimouth", name("", "J", "Linnimouth")),
            ("Al.St.John", name("Al", "", "St.John")), // A-21
            ("john smith", name("", "", "john smith")),
        ];
        for (text, expected) in cases {
            assert_eq!(EncodedName::parse(text), Some(expected.clone()), "{text}");
            assert_eq!(expected.generate().as_deref(), Some(text));
        }
    }

    #[test]
    fn what_would_not_return_is_not_written() {
        let cases = [
            name("", "", "O.Brien"), // A-21: surname alone with a full stop
            name("A", "", "Smith"),  // a given name of one letter would be an initial
            name("A.B", "", "Smith"),
            name("", "J2", "Smith"), // initials are letters
            name("", "J", "x.y"),    // a full stop within the first two characters
            name("Jo", "", ".x"),
            name("Jo", "", ""),
            name("", "", "Tom_H"),
        ];
        for case in cases {
            assert_eq!(case.generate(), None, "{case:?}");
        }
        assert_eq!(EncodedName::parse("x1.2.z3").and_then(|name| name.generate()), None); // Z-56
        for text in ["", "Marshall.", "M.", "Tom_Harris", "M\u{fc}ller"] {
            assert_eq!(EncodedName::parse(text), None, "{text}");
        }
    }
}
