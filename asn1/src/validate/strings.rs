//! Lengths and alphabets of the string types.

use std::ops::RangeInclusive;

use super::validator::Validator;
use super::violation::Rule;
use crate::prim::LaxStr;

/// How long a string, or how many items a list, may be.
pub type Lengths = RangeInclusive<usize>;

impl Validator {
    /// Judges the length and alphabet of a string that is a member. The length counts characters where every character
    /// takes the same number of octets, and octets in teletex, graphic and general strings.
    pub fn string<const TAG: u32>(
        &mut self,
        name: &'static str,
        value: &LaxStr<TAG>,
        lengths: Lengths,
        clause: &'static str,
    ) {
        self.within(name, |validator| validator.this_string(value, lengths, clause));
    }

    /// As [`Validator::string`], for a string in the place that is being looked at.
    pub fn this_string<const TAG: u32>(
        &mut self,
        value: &LaxStr<TAG>,
        lengths: Lengths,
        clause: &'static str,
    ) {
        let (octets, unit) = match TAG {
            28 => (4, "characters"),
            30 => (2, "characters"),
            20 | 25 | 27 => (1, "octets"),
            _ => (1, "characters"),
        };
        let length = value.len() / octets;
        if !lengths.contains(&length) {
            let allowed = allowed(&lengths);
            self.error(Rule::Bound, clause, format!("{length} {unit}, {allowed} are allowed"));
        }
        self.alphabet(value);
    }

    /// Judges the alphabet of a string in the place that is being looked at.
    pub fn alphabet<const TAG: u32>(&mut self, value: &LaxStr<TAG>) {
        if value.is_valid() {
            return;
        }
        let (what, clause) = match TAG {
            18 => ("digits and spaces", "X.680 41.2"),
            19 => ("a PrintableString's letters, digits, space and '()+,-./:=?", "X.680 41.4"),
            22 => ("the 128 characters of IA5", "X.680 41"),
            26 => ("printing characters of IA5", "X.680 41"),
            28 => ("whole characters of four octets", "X.680 41"),
            _ => ("whole characters of two octets", "X.680 41"),
        };
        let odd: Vec<u8> =
            value.as_bytes().iter().copied().filter(|octet| is_outside(TAG, *octet)).take(8).collect();
        let shown = if odd.is_empty() { String::new() } else { format!("`{}`: ", odd.escape_ascii()) };
        self.error(Rule::Alphabet, clause, format!("{shown}only {what} are allowed"));
    }

    /// Judges the length of octets that are a member.
    pub fn octets(&mut self, name: &'static str, length: usize, lengths: Lengths, clause: &'static str) {
        if !lengths.contains(&length) {
            let allowed = allowed(&lengths);
            self.within(name, |validator| {
                validator.error(Rule::Bound, clause, format!("{length} octets, {allowed} are allowed"));
            });
        }
    }
}

/// Whether an octet by itself is no character of the string type with that universal tag.
fn is_outside(tag: u32, octet: u8) -> bool {
    match tag {
        18 => !octet.is_ascii_digit() && octet != b' ',
        19 => !crate::prim::is_printable(octet),
        22 => !octet.is_ascii(),
        26 => !(0x20..0x7f).contains(&octet),
        _ => false,
    }
}

/// `1 to 16`, `at most 16`, `exactly 2`.
pub(super) fn allowed(lengths: &Lengths) -> String {
    match (*lengths.start(), *lengths.end()) {
        (0, high) => format!("at most {high}"),
        (low, usize::MAX) => format!("at least {low}"),
        (low, high) if low == high => format!("exactly {low}"),
        (low, high) => format!("{low} to {high}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prim::{BmpString, NumericString, PrintableString, TeletexString};

    #[track_caller]
    fn check<const TAG: u32>(value: &LaxStr<TAG>, lengths: Lengths, expected: &[&str]) {
        let mut validator = Validator::default();
        validator.string("s", value, lengths, "c");
        let found: Vec<_> = validator.finish().iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn lengths_and_alphabets_are_judged() {
        check(&PrintableString::from("abc"), 1..=3, &[]);
        check(&PrintableString::from(""), 1..=3, &["s: 0 characters, 1 to 3 are allowed (c)"]);
        check(
            &PrintableString::from("a@b"),
            0..=2,
            &[
                "s: 3 characters, at most 2 are allowed (c)",
                "s: `@`: only a PrintableString's letters, digits, space and '()+,-./:=? are allowed (X.680 41.4)",
            ],
        );
        check(
            &NumericString::from("1 x"),
            3..=3,
            &["s: `x`: only digits and spaces are allowed (X.680 41.2)"],
        );
        check(&TeletexString::new([0xc8; 5]), 1..=4, &["s: 5 octets, 1 to 4 are allowed (c)"]);
        check(&BmpString::new([0, 65, 0, 66]), 2..=2, &[]);
        check(
            &BmpString::new([0, 65, 0]),
            2..=2,
            &[
                "s: 1 characters, exactly 2 are allowed (c)",
                "s: only whole characters of two octets are allowed (X.680 41)",
            ],
        );
    }
}
