//! Body text towards X.400: ia5-text, or general-text in the smallest registered set that holds it (RFC 2157 6.2).

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use encoding_rs::Encoding;

/// Body text as X.400 carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyText {
    /// ASCII: an ia5-text body part (B-10).
    Ia5(Bytes),
    /// Text of registered sets: a general-text body part (B-11).
    General {
        /// ISO registration numbers, ascending.
        registrations: Vec<i64>,
        /// ISO 2022 octets, designations first.
        octets: Bytes,
        /// The MIME charset this is the equal of.
        charset: &'static str,
    },
}

/// What becomes of text no ISO 8859 set and no ISO 2022 set holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextFallback {
    /// general-text in UTF-8, registration 196.
    #[default]
    Utf8,
    /// No text body part; the caller encapsulates the part as a file.
    Encapsulate,
}

/// One single-octet set: ASCII on the left, one registered set on the right.
struct SingleOctetSet {
    charset: &'static str,
    encoding: &'static Encoding,
    registration: i64,
    /// The last octet of `ESC 2/13 F`, which designates the set to G1.
    designation: u8,
    /// Characters of a later edition of the set, which this registration lacks.
    without: &'static [char],
}

const fn set(
    charset: &'static str,
    encoding: &'static Encoding,
    registration: i64,
    designation: u8,
) -> SingleOctetSet {
    SingleOctetSet { charset, encoding, registration, designation, without: &[] }
}

/// In the order they are tried: the sets of RFC 2157 first, later ones after (B-12).
const SETS: &[SingleOctetSet] = &[
    set("iso-8859-1", encoding_rs::WINDOWS_1252, 100, b'A'),
    set("iso-8859-2", encoding_rs::ISO_8859_2, 101, b'B'),
    set("iso-8859-3", encoding_rs::ISO_8859_3, 109, b'C'),
    set("iso-8859-4", encoding_rs::ISO_8859_4, 110, b'D'),
    set("iso-8859-5", encoding_rs::ISO_8859_5, 144, b'L'),
    set("iso-8859-6", encoding_rs::ISO_8859_6, 127, b'G'),
    SingleOctetSet {
        without: &['€', '₯', 'ͺ'], ..set("iso-8859-7", encoding_rs::ISO_8859_7, 126, b'F')
    },
    SingleOctetSet {
        without: &['\u{200E}', '\u{200F}'],
        ..set("iso-8859-8", encoding_rs::ISO_8859_8, 138, b'H')
    },
    set("iso-8859-9", encoding_rs::WINDOWS_1254, 148, b'M'),
    set("iso-8859-15", encoding_rs::ISO_8859_15, 203, b'b'),
    set("iso-8859-10", encoding_rs::ISO_8859_10, 157, b'V'),
    set("iso-8859-13", encoding_rs::ISO_8859_13, 179, b'Y'),
    set("iso-8859-14", encoding_rs::ISO_8859_14, 199, b'_'),
    set("iso-8859-16", encoding_rs::ISO_8859_16, 226, b'f'),
];

/// ASCII in G0.
const ASCII: i64 = 6;
/// More different characters than any single-octet set has.
const TOO_MANY: usize = 96;

/// Chooses the form of a text and writes it, lines ended by CR LF. `charset` is what the sender used and is kept if it
/// is a registered set that holds the text. `None` under [`TextFallback::Encapsulate`] when nothing holds it.
#[must_use]
pub fn encode_body(text: &str, charset: Option<&str>, fallback: TextFallback) -> Option<BodyText> {
    let text = canonical_lines(text);
    if text.is_ascii() {
        return Some(BodyText::Ia5(Bytes::from(text.into_owned())));
    }
    let mut special = BTreeSet::new();
    for character in text.chars().filter(|character| !character.is_ascii()) {
        special.insert(character);
        if special.len() > TOO_MANY {
            break;
        }
    }
    let preferred = charset.map(str::to_ascii_lowercase);
    let preferred = SETS.iter().filter(|set| preferred.as_deref() == Some(set.charset));
    if special.len() <= TOO_MANY
        && let Some(set) = preferred.chain(SETS).find(|set| set.holds(&special))
    {
        return Some(set.encode(&text));
    }
    let (octets, _, lossy) = encoding_rs::ISO_2022_JP.encode(&text);
    if !lossy {
        return Some(BodyText::General {
            registrations: vec![ASCII, 14, 42, 87],
            octets: Bytes::from(octets.into_owned()),
            charset: "iso-2022-jp",
        });
    }
    match fallback {
        TextFallback::Encapsulate => None,
        TextFallback::Utf8 => {
            // ESC 2/5 4/7 enters UTF-8 with a way back, ESC 2/5 4/0 goes it.
            let octets = [b"\x1b%G", text.as_bytes(), b"\x1b%@"].concat();
            Some(BodyText::General { registrations: vec![196], octets: octets.into(), charset: "utf-8" })
        }
    }
}

/// Writes a text in the MIME charset that is the equal of these registrations (RFC 2157 6.2); `None` if none is, or it does
/// not hold the text.
#[must_use]
pub fn encode_registered(text: &str, registrations: &[i64]) -> Option<(&'static str, Vec<u8>)> {
    // Control sets are no characters (B-11).
    let mut graphic: Vec<i64> = registrations
        .iter()
        .copied()
        .filter(|number| !matches!(number, 1 | 2 | 6 | 77 | 106 | 107))
        .collect();
    graphic.sort_unstable();
    if text.is_ascii() {
        return None;
    }
    if let [only] = graphic.as_slice() {
        let set = SETS.iter().find(|set| set.registration == *only)?;
        let special = text.chars().filter(|character| !character.is_ascii()).collect();
        return set.holds(&special).then(|| (set.charset, set.encoding.encode(text).0.into_owned()));
    }
    if graphic != [14, 42, 87] && graphic != [87] {
        return None;
    }
    let (octets, _, lossy) = encoding_rs::ISO_2022_JP.encode(text);
    (!lossy).then(|| ("iso-2022-jp", octets.into_owned()))
}

/// Ends every line by CR LF; copies only if one does not already.
#[must_use]
pub fn canonical_lines(text: &str) -> Cow<'_, str> {
    let octets = text.as_bytes();
    let bare = memchr::memchr_iter(b'\n', octets).any(|at| at == 0 || octets[at - 1] != b'\r');
    if !bare {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                out.push_str(line.strip_suffix('\r').unwrap_or(line));
                out.push_str("\r\n");
            }
            None => out.push_str(line),
        }
    }
    Cow::Owned(out)
}

impl SingleOctetSet {
    fn holds(&self, special: &BTreeSet<char>) -> bool {
        let text: String = special.iter().collect();
        let (octets, _, lossy) = self.encoding.encode(&text);
        !lossy
            && octets.iter().all(|octet| *octet >= 0xA0)
            && !special.iter().any(|c| self.without.contains(c))
    }

    fn encode(&self, text: &str) -> BodyText {
        let (encoded, _, _) = self.encoding.encode(text);
        // ASCII to G0, the set to G1, G1 to the right for good.
        let designations = [0x1B, b'(', b'B', 0x1B, b'-', self.designation, 0x1B, b'~'];
        let octets = [&designations[..], &encoded].concat();
        BodyText::General {
            registrations: vec![ASCII, self.registration],
            octets: octets.into(),
            charset: self.charset,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_set_is_chosen() {
        for (text, charset, registrations, octets) in [
            // B-11: the octets of the ledger
            ("Grüße", None, vec![6, 100], &b"\x1b(B\x1b-A\x1b~Gr\xfc\xdfe"[..]),
            // B-12, one row each
            ("Łódź", None, vec![6, 101], b"\x1b(B\x1b-B\x1b~\xa3\xf3d\xbc"),
            ("Ġ", None, vec![6, 109], b"\x1b(B\x1b-C\x1b~\xd5"),
            ("Ŧ", None, vec![6, 110], b"\x1b(B\x1b-D\x1b~\xac"),
            ("да", None, vec![6, 144], b"\x1b(B\x1b-L\x1b~\xd4\xd0"),
            ("ب", None, vec![6, 127], b"\x1b(B\x1b-G\x1b~\xc8"),
            ("α", None, vec![6, 126], b"\x1b(B\x1b-F\x1b~\xe1"),
            ("א", None, vec![6, 138], b"\x1b(B\x1b-H\x1b~\xe0"),
            ("ığã", None, vec![6, 148], b"\x1b(B\x1b-M\x1b~\xfd\xf0\xe3"),
            ("5 €", None, vec![6, 203], b"\x1b(B\x1b-b\x1b~5 \xa4"),
            ("ü", Some("ISO-8859-15"), vec![6, 203], b"\x1b(B\x1b-b\x1b~\xfc"),
            ("あ", None, vec![6, 14, 42, 87], b"\x1b$B$\"\x1b(B"),
            ("αü", None, vec![196], b"\x1b%G\xce\xb1\xc3\xbc\x1b%@"),
            ("\u{85}", None, vec![196], b"\x1b%G\xc2\x85\x1b%@"),
        ] {
            let Some(BodyText::General { registrations: found, octets: encoded, .. }) =
                encode_body(text, charset, TextFallback::Utf8)
            else {
                panic!("{text}")
            };
            assert_eq!((found, &encoded[..]), (registrations, octets), "{text}");
        }
        assert_eq!(encode_body("αü", None, TextFallback::Encapsulate), None);
    }

    #[test]
    fn ascii_is_ia5_with_canonical_lines() {
        for (text, expected) in [
            ("a\nb\n", "a\r\nb\r\n"),
            ("a\r\nb", "a\r\nb"),
            ("\n", "\r\n"),
            ("a\r\nb\n", "a\r\nb\r\n"),
            ("", ""),
        ] {
            assert_eq!(
                encode_body(text, Some("utf-8"), TextFallback::Utf8),
                Some(BodyText::Ia5(Bytes::from(expected)))
            );
        }
    }
}
