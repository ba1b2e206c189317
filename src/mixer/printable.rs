//! Printable strings: text that only the restricted alphabet of X.400 can carry (RFC 2156 3.3.3, 3.3.4, 3.4).
//!
//! Two notations meet here. [`to_printable`] writes ASCII in PrintableString, for addresses and identifiers that are
//! Internet text inside X.400 (E-08: never for ordinary X.400 strings). [`teletex_to_text`] writes T.61 octets in
//! ASCII, for X.400 attributes inside Internet addresses.

use rasn_x400::prim::PrintableString;
pub use rasn_x400::prim::is_printable;

use super::charset::nearest_ascii;

/// Text that is not the encoding of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{expected} expected at character {offset}")]
pub struct NotEncoded {
    /// Where, in characters from the start.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

/// ASCII to PrintableString (E-05). A character that is not ASCII cannot be written and is given back.
///
/// # Errors
/// The first character outside ASCII, with its place.
pub fn to_printable(text: &str) -> Result<String, (usize, char)> {
    // One `@` and some other is what most have.
    let mut out = String::with_capacity(text.len() + 8);
    for (offset, character) in text.chars().enumerate() {
        match character {
            // E-06: letter codes are written in lower case.
            '@' => out.push_str("(a)"),
            '%' => out.push_str("(p)"),
            '!' => out.push_str("(b)"),
            '"' => out.push_str("(q)"),
            '_' => out.push_str("(u)"),
            '(' => out.push_str("(l)"),
            ')' => out.push_str("(r)"),
            _ => match u8::try_from(character) {
                Ok(octet) if is_printable(octet) => out.push(character),
                Ok(octet) if octet.is_ascii() => out.push_str(&format!("({octet:03})")),
                _ => return Err((offset, character)),
            },
        }
    }
    Ok(out)
}

/// The nearest text as a PrintableString of at most so many characters; `None` where nothing is left of it.
pub(crate) fn nearest_printable_string(text: &str, longest: usize) -> Option<PrintableString> {
    let text: String = nearest_printable(text).chars().take(longest).collect();
    (!text.is_empty()).then(|| text.as_str().into())
}

/// The nearest text in PrintableString, for people: brackets and quotation marks have neighbours there, `@` is written as
/// in addresses, white space becomes one space, and what is left becomes `?`.
pub fn nearest_printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for character in nearest_ascii(text, '?').chars() {
        match character {
            '<' | '[' | '{' => printable.push('('),
            '>' | ']' | '}' => printable.push(')'),
            '"' | '`' => printable.push('\''),
            ';' => printable.push(','),
            '_' => printable.push('-'),
            '@' => printable.push_str("(a)"),
            _ if u8::try_from(character).is_ok_and(is_printable) => printable.push(character),
            _ if character.is_whitespace() => printable.push(' '),
            _ => printable.push('?'),
        }
    }
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// PrintableString to the ASCII it was made of (E-07).
///
/// # Errors
/// The text has a bracket that opens no code; the caller may then use the text unaltered (Z-01).
pub fn from_printable(text: &str) -> Result<String, NotEncoded> {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().enumerate();
    while let Some((offset, character)) = characters.next() {
        match character {
            '(' => {
                // A code has three characters at most.
                let mut code = [' '; 4];
                let mut length = 0;
                for (place, (_, inner)) in code.iter_mut().zip(characters.by_ref()) {
                    if inner == ')' {
                        break;
                    }
                    *place = inner;
                    length += 1;
                }
                let decoded = decode_code(&code[..length]);
                out.push(decoded.ok_or(NotEncoded { offset, expected: "a code in brackets" })?);
            }
            ')' => return Err(NotEncoded { offset, expected: "a code before the closing bracket" }),
            _ => out.push(character),
        }
    }
    if text.ends_with('(') || unclosed(text) {
        return Err(NotEncoded { offset: text.chars().count(), expected: "`)`" });
    }
    Ok(out)
}

fn unclosed(text: &str) -> bool {
    text.rfind('(') > text.rfind(')')
}

fn decode_code(code: &[char]) -> Option<char> {
    match code {
        // E-06: accepted in any case.
        ['a' | 'A'] => Some('@'),
        ['p' | 'P'] => Some('%'),
        ['b' | 'B'] => Some('!'),
        ['q' | 'Q'] => Some('"'),
        ['u' | 'U'] => Some('_'),
        ['l' | 'L'] => Some('('),
        ['r' | 'R'] => Some(')'),
        [_, _, _] => {
            let number = code.iter().try_fold(0, |number, digit| Some(number * 10 + digit.to_digit(10)?))?;
            u8::try_from(number).ok().filter(u8::is_ascii).map(char::from)
        }
        _ => None,
    }
}

/// T.61 octets as reversible ASCII text: printable characters as they are, others as three-digit groups in braces (E-10).
#[must_use]
pub fn teletex_to_text(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    let mut braces = false;
    for &octet in octets {
        if is_printable(octet) == braces {
            out.push(if braces { '}' } else { '{' });
            braces = !braces;
        }
        if braces {
            out.push_str(&format!("{octet:03}"));
        } else {
            out.push(char::from(octet));
        }
    }
    if braces {
        out.push('}');
    }
    out
}

/// The T.61 octets a text of [`teletex_to_text`] stands for.
///
/// # Errors
/// A character that is neither printable nor part of a group of three digits in braces.
pub fn teletex_from_text(text: &str) -> Result<Vec<u8>, NotEncoded> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    let offset = |rest: &[u8]| text.len() - rest.len();
    while let [first, after @ ..] = rest {
        if *first != b'{' {
            if !is_printable(*first) {
                return Err(NotEncoded { offset: offset(rest), expected: "a printable character or `{`" });
            }
            out.push(*first);
            rest = after;
            continue;
        }
        rest = after;
        loop {
            match rest {
                [b'}', after @ ..] => {
                    rest = after;
                    break;
                }
                [a, b, c, after @ ..] => {
                    let octet = std::str::from_utf8(&[*a, *b, *c]).ok().and_then(|digits| {
                        digits
                            .bytes()
                            .all(|digit| digit.is_ascii_digit())
                            .then(|| digits.parse::<u8>().ok())?
                    });
                    out.push(octet.ok_or_else(|| NotEncoded {
                        offset: offset(rest),
                        expected: "three digits up to 255",
                    })?);
                    rest = after;
                }
                _ => return Err(NotEncoded { offset: offset(rest), expected: "three digits or `}`" }),
            }
        }
    }
    Ok(out)
}

/// A value that exists in PrintableString, in T.61, or in both: `printable*teletex` (E-12, E-13).
///
/// T.61 that holds only printable characters is written as if it were printable; equal twins are written once.
#[must_use]
pub fn printable_or_teletex(printable: Option<&str>, teletex: Option<&[u8]>) -> String {
    let plain_teletex = teletex
        .filter(|octets| octets.iter().all(|octet| is_printable(*octet)))
        .and_then(|octets| std::str::from_utf8(octets).ok());
    match (printable, teletex) {
        (None, Some(_)) if plain_teletex.is_some() => plain_teletex.unwrap_or_default().to_owned(),
        (Some(printable), Some(_)) if plain_teletex == Some(printable) => printable.to_owned(),
        (printable, Some(octets)) => format!("{}*{}", printable.unwrap_or_default(), teletex_to_text(octets)),
        (printable, None) => printable.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    // ledger: mixer E-04
    #[test]
    fn ascii_goes_both_ways() {
        // E-05
        for (ascii, printable) in [
            ("foo@bar", "foo(a)bar"),
            ("\"_%\"", "(q)(u)(p)(q)"),
            ("~", "(126)"),
            ("(a)", "(l)a(r)"),
            ("a&b#c@example.com", "a(038)b(035)c(a)example.com"),
            // I-03
            ("1803.665941698@UK.AC.UCL.CS", "1803.665941698(a)UK.AC.UCL.CS"),
            //
            ("@relay.co.uk:userb@host2", "(a)relay.co.uk:userb(a)host2"),
            ("\0\x7f!", "(000)(127)(b)"),
            ("", ""),
        ] {
            assert_eq!(to_printable(ascii).as_deref(), Ok(printable), "{ascii}");
            assert_eq!(from_printable(printable).as_deref(), Ok(ascii), "{printable}");
        }
        // E-06
        assert_eq!(from_printable("(A)(Q)").as_deref(), Ok("@\""));
        assert_eq!(to_printable("aé"), Err((1, 'é')));
    }

    #[test]
    fn what_is_no_encoding_is_an_error() {
        // E-07
        for text in [
            "(999)", "(", ")", "(a", "()", "(ab)", "(12)", "(1234)", "(128)", "Foo (UK)", "(+12)", "a)b",
            "(a)(",
        ] {
            from_printable(text).unwrap_err();
        }
    }

    #[test]
    fn codes_are_read_where_they_were_written_and_nowhere_else() {
        use crate::mixer::address::Mapper;
        let rules = "[gateway]\ndomain = \"gw.example\"\nor = \"P=relay; A=MCI; C=us\"\n";
        let rules = crate::rules::Rules::from_sources(&[("rules.toml", rules)]).unwrap();
        for (or_address, mail) in [
            // E-08: an organisation of X.400 was never ASCII text.
            ("/S=Bo/O=Foo (UK)/ADMD=A/C=GB/", "\"/S=Bo/O=Foo (UK)/ADMD=A/C=GB/\"@gw.example"),
            ("/S=Bo/O=Foo (a)/ADMD=A/C=GB/", "\"/S=Bo/O=Foo (a)/ADMD=A/C=GB/\"@gw.example"),
            ("/DD.RFC-822=bo(a)b.example/ADMD=A/C=GB/", "bo@b.example"),
        ] {
            let name = rasn_x400::x411::address::text::parse(or_address).unwrap().to_or_name().unwrap();
            assert_eq!(Mapper::new(&rules).to_internet(&name).unwrap().address, mail);
        }
    }

    #[test]
    fn teletex_strings_are_written_in_braces() {
        // E-10
        for (octets, text) in [
            (&b"\xa5"[..], "{165}"),
            (b"a\xa5b", "a{165}b"),
            (b"\xa5\xa6", "{165166}"),
            (b"M\xc8uller", "M{200}uller"),
            (b"", ""),
        ] {
            assert_eq!(teletex_to_text(octets), text);
            assert_eq!(teletex_from_text(text).as_deref(), Ok(octets));
        }
        for text in ["{", "{16}", "{999}", "{+12}", "a_b", "}", "{165"] {
            teletex_from_text(text).unwrap_err();
        }
    }

    #[test]
    fn twins_are_written_together() {
        // E-12, E-13
        for (printable, teletex, text) in [
            (Some("yen"), Some(&b"\xa5"[..]), "yen*{165}"),
            (None, Some(b"\xa5"), "*{165}"),
            (None, Some(b"Bob"), "Bob"),
            (Some("Bob"), Some(b"Bob"), "Bob"),
            (Some("Bob"), Some(b"Rob"), "Bob*Rob"),
            (Some("Bob"), None, "Bob"),
        ] {
            assert_eq!(printable_or_teletex(printable, teletex), text);
        }
    }

    proptest::proptest! {
        #![proptest_config(crate::mixer::law::cases(1_000))]

        #[test]
        fn all_ascii_survives(text in "[\\x00-\\x7f]{0,60}") {
            let printable = to_printable(&text).unwrap();
            proptest::prop_assert!(printable.bytes().all(is_printable));
            proptest::prop_assert_eq!(from_printable(&printable).unwrap(), text);
        }

        #[test]
        fn all_octets_survive(octets: Vec<u8>) {
            proptest::prop_assert_eq!(teletex_from_text(&teletex_to_text(&octets)).unwrap(), octets);
        }

        #[test]
        fn nothing_panics(text in "[()a0-9é{}]{0,12}") {
            let _ = from_printable(&text);
            let _ = teletex_from_text(&text);
        }
    }
}
