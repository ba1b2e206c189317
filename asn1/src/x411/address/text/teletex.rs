//! T.61 octets as printable characters, without loss (RFC 2156 3.3.4; ledger E-10 to E-13).
//!
//! ```
//! use rasn_x400::x411::address::text::teletex;
//!
//! assert_eq!(teletex::to_text(b"a\xa5b"), "a{165}b");
//! assert_eq!(teletex::from_text("{165166}"), Ok(vec![0xa5, 0xa6]));
//! ```

use std::fmt::Write;

use super::value::is_plain;
use crate::prim::is_printable;

/// What stands in a text where an octet in braces was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct TeletexError {
    /// Octets of the text before the fault.
    pub offset: usize,
    /// What would have been right there.
    pub expected: &'static str,
}

/// Octets as text: characters of PrintableString as they are, others as three decimal digits in braces.
///
/// From an escape sequence or a shift on, all octets stand in one pair of braces, since code extension ends at the
/// closing brace (ledger E-11).
#[must_use]
pub fn to_text(octets: &[u8]) -> String {
    if let Some(plain) = std::str::from_utf8(octets).ok().filter(|text| is_plain(text)) {
        return plain.to_owned();
    }
    let mut text = String::with_capacity(octets.len());
    let mut in_braces = false;
    let mut extended = false;
    for &octet in octets {
        extended |= matches!(octet, 0x0e | 0x0f | 0x1b);
        let brace = extended || !is_printable(octet);
        if brace != in_braces {
            text.push(if brace { '{' } else { '}' });
            in_braces = brace;
        }
        if brace {
            write!(text, "{octet:03}").ok();
        } else {
            text.push(char::from(octet));
        }
    }
    if in_braces {
        text.push('}');
    }
    text
}

/// The octets of a text written by [`to_text`].
///
/// # Errors
/// A character outside PrintableString, digits that are not triples up to 255, an unclosed or empty pair of braces.
pub fn from_text(text: &str) -> Result<Vec<u8>, TeletexError> {
    if is_plain(text) {
        return Ok(text.as_bytes().to_vec());
    }
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    let fault = |rest: &str, expected| TeletexError { offset: text.len() - rest.len(), expected };
    while let Some(first) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix('{') {
            let Some((digits, after)) = inside.split_once('}') else {
                return Err(fault(rest, "`}` after the octets in braces"));
            };
            if digits.is_empty() {
                return Err(fault(inside, "at least one octet of three digits in braces"));
            }
            for triple in digits.as_bytes().chunks(3) {
                octets.push(octet(triple).ok_or_else(|| {
                    fault(inside, "octets of three decimal digits, 000 to 255, between `{` and `}`")
                })?);
            }
            rest = after;
        } else if first.is_ascii() && is_printable(first as u8) {
            octets.push(first as u8);
            rest = &rest[1..];
        } else {
            return Err(fault(rest, "a character of PrintableString, or octets in braces such as `{165}`"));
        }
    }
    Ok(octets)
}

fn octet(triple: &[u8]) -> Option<u8> {
    let [hundreds, tens, units] = triple else { return None };
    [hundreds, tens, units].into_iter().try_fold(0_u8, |octet, digit| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        octet.checked_mul(10)?.checked_add(digit)
    })
}

/// A value that may have a printable form, a teletex form, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Both {
    /// Octets of the PrintableString.
    pub printable: Option<Vec<u8>>,
    /// Octets of the TeletexString.
    pub teletex: Option<Vec<u8>>,
}

impl Both {
    /// `[printable] ["*" teletex]`. Teletex that is all printable is written as printable when it stands alone, and not
    /// at all when it repeats the printable form (ledger E-12, E-13).
    ///
    /// Octets that have no place in a PrintableString, yet came in one, are written in braces like teletex.
    #[must_use]
    pub fn to_text(&self) -> String {
        match (&self.printable, &self.teletex) {
            (None, None) => String::new(),
            (Some(printable), None) => to_text(printable),
            (None, Some(teletex)) if teletex.iter().all(|&octet| is_printable(octet)) => to_text(teletex),
            (None, Some(teletex)) => format!("*{}", to_text(teletex)),
            (Some(printable), Some(teletex)) if printable == teletex => to_text(printable),
            (Some(printable), Some(teletex)) => format!("{}*{}", to_text(printable), to_text(teletex)),
        }
    }

    /// The inverse of [`Both::to_text`].
    ///
    /// # Errors
    /// As [`from_text`].
    pub fn from_text(text: &str) -> Result<Self, TeletexError> {
        let Some((printable, teletex)) = text.split_once('*') else {
            return Ok(Self { printable: Some(from_text(text)?), teletex: None });
        };
        let teletex = from_text(teletex)
            .map_err(|error| TeletexError { offset: error.offset + printable.len() + 1, ..error })?;
        let printable = if printable.is_empty() { None } else { Some(from_text(printable)?) };
        Ok(Self { printable, teletex: Some(teletex) })
    }

    /// The teletex form, made from the printable one if need be: PrintableString is a part of T.61.
    #[must_use]
    pub fn as_teletex(&self) -> &[u8] {
        self.teletex.as_deref().or(self.printable.as_deref()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_outside_printable_string_stand_in_braces() {
        let cases: [(&[u8], &str); 8] = [
            (b"\xa5", "{165}"),                 // E-10
            (b"a\xa5b", "a{165}b"),             // E-10
            (b"\xa5\xa6", "{165166}"),          // E-10
            (b"M\xfcller", "M{252}ller"),       // A-16
            (b"\x1b$B01", "{027036066048049}"), // E-11: the shift ends with the brace
            (b"a*{}", "a{042123125}"),
            (b"", ""),
            (b"O=R/D", "O=R/D"),
        ];
        for (octets, text) in cases {
            assert_eq!(to_text(octets), text);
            assert_eq!(from_text(text).as_deref(), Ok(octets), "{text}");
        }
    }

    #[test]
    fn every_octet_string_returns() {
        for first in 0..=255_u8 {
            for second in 0..=255_u8 {
                let octets = [first, b'a', second];
                assert_eq!(from_text(&to_text(&octets)).as_deref(), Ok(&octets[..]));
            }
        }
    }

    #[test]
    fn a_broken_brace_is_found_where_it_is() {
        let cases =
            [("a{16}", 2), ("ab{165", 2), ("{256}", 1), ("{}", 1), ("a_b", 1), ("{1x5}", 1), ("a}", 1)];
        for (text, offset) in cases {
            assert_eq!(from_text(text).unwrap_err().offset, offset, "{text}");
        }
        assert_eq!(Both::from_text("yen*a_").unwrap_err().offset, 5);
    }

    #[test]
    fn two_forms_share_one_text() {
        let both = |printable: Option<&[u8]>, teletex: Option<&[u8]>| Both {
            printable: printable.map(<[u8]>::to_vec),
            teletex: teletex.map(<[u8]>::to_vec),
        };
        let cases = [
            (both(Some(b"yen"), Some(b"\xa5")), "yen*{165}"), // E-12
            (both(None, Some(b"\xa5")), "*{165}"),            // E-12
            (both(Some(b"Bob"), None), "Bob"),
        ];
        for (value, text) in cases {
            assert_eq!(value.to_text(), text);
            assert_eq!(Both::from_text(text), Ok(value));
        }
        assert_eq!(both(None, Some(b"Bob")).to_text(), "Bob"); // E-13
        assert_eq!(both(Some(b"Bob"), Some(b"Bob")).to_text(), "Bob"); // E-13
    }
}
