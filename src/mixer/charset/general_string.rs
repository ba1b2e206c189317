//! General text towards the Internet: ISO 2022 as X.420 uses it, read by a state machine (RFC 2157 6.2 and Appendix A, whose
//! SO and SI are the wrong way round; ledger B-11, B-12).

use encoding_rs::Encoding;

use super::t61;

/// Text that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecodedText {
    /// The text; what has no meaning is U+FFFD.
    pub text: String,
    /// How many places had no meaning.
    pub unreadable: usize,
}

/// Reads a GeneralString or GraphicString. `registrations` are the ISO registration numbers that came with it: they say what
/// the upper half is where the text itself does not.
#[must_use]
pub fn decode_general(octets: &[u8], registrations: &[i64]) -> DecodedText {
    let mut reader = Reader::new(octets, registrations);
    while reader.step() {}
    DecodedText { text: reader.out, unreadable: reader.unreadable }
}

/// A set of characters.
#[derive(Clone)]
enum Set {
    Nothing,
    Ascii,
    /// A table of 96 places, from 2/0.
    Table(Vec<char>),
    /// T.61, left half or right half.
    Teletex {
        upper: bool,
    },
    /// Two octets for one character: the octets with bit 8 set, in this encoding, after this prefix.
    Double(&'static Encoding, &'static [u8]),
}

/// Sets of 96 characters: registration, final octet, encoding whose right half it is.
const RIGHT_HALVES: &[(i64, u8, &Encoding)] = &[
    (100, b'A', encoding_rs::WINDOWS_1252),
    (101, b'B', encoding_rs::ISO_8859_2),
    (109, b'C', encoding_rs::ISO_8859_3),
    (110, b'D', encoding_rs::ISO_8859_4),
    (126, b'F', encoding_rs::ISO_8859_7),
    (127, b'G', encoding_rs::ISO_8859_6),
    (138, b'H', encoding_rs::ISO_8859_8),
    (144, b'L', encoding_rs::ISO_8859_5),
    (148, b'M', encoding_rs::WINDOWS_1254),
    (157, b'V', encoding_rs::ISO_8859_10),
    (179, b'Y', encoding_rs::ISO_8859_13),
    (199, b'_', encoding_rs::ISO_8859_14),
    (203, b'b', encoding_rs::ISO_8859_15),
    (226, b'f', encoding_rs::ISO_8859_16),
];

struct Reader<'t> {
    rest: &'t [u8],
    /// G0 to G3.
    sets: [Set; 4],
    left: usize,
    right: usize,
    /// For the next character alone.
    single: Option<usize>,
    out: String,
    unreadable: usize,
}

impl<'t> Reader<'t> {
    /// The state at the start: ASCII on the left; on the right what the numbers say (B-11, a common fault of peers).
    fn new(octets: &'t [u8], registrations: &[i64]) -> Self {
        let has = |number| registrations.contains(&number);
        let right =
            registrations.iter().find_map(|number| RIGHT_HALVES.iter().find(|half| half.0 == *number));
        let right = match right {
            Some((_, _, encoding)) => right_half(encoding),
            None if has(103) || has(102) => Set::Teletex { upper: true },
            None if has(168) || has(87) => Set::Double(encoding_rs::EUC_JP, b""),
            None if has(149) => Set::Double(encoding_rs::EUC_KR, b""),
            None if has(58) => Set::Double(encoding_rs::GBK, b""),
            None => Set::Nothing,
        };
        let left = if has(102) && !has(6) { Set::Teletex { upper: false } } else { Set::Ascii };
        let mut reader = Self {
            rest: octets,
            sets: [left, right, Set::Nothing, Set::Nothing],
            left: 0,
            right: 1,
            single: None,
            out: String::with_capacity(octets.len()),
            unreadable: 0,
        };
        let unicode = registrations.iter().any(|number| matches!(number, 190..=192 | 196));
        if unicode && !octets.contains(&0x1b) {
            reader.utf8(octets.len(), 0);
        }
        reader
    }

    fn step(&mut self) -> bool {
        // Most text is ASCII on the left.
        if matches!(self.sets[self.left], Set::Ascii) && self.single.is_none() {
            let plain =
                self.rest.iter().position(|octet| !matches!(octet, b' '..=b'~' | b'\t' | b'\r' | b'\n'));
            let (run, rest) = self.rest.split_at(plain.unwrap_or(self.rest.len()));
            self.out.extend(run.iter().copied().map(char::from));
            self.rest = rest;
        }
        let Some((&octet, after)) = self.rest.split_first() else { return false };
        match octet {
            0x1b => self.escape(),
            0x0e => self.shift(1, |reader| reader.left = 1),
            0x0f => self.shift(1, |reader| reader.left = 0),
            0x8e => self.shift(1, |reader| reader.single = Some(2)),
            0x8f => self.shift(1, |reader| reader.single = Some(3)),
            0x00..=0x1f | 0x7f => {
                self.out.push(char::from(octet));
                self.rest = after;
            }
            0x80..=0x9f => self.lost(1),
            0x20..=0x7e => {
                let set = self.single.take().unwrap_or(self.left);
                self.character(set);
            }
            0xa0..=0xff => {
                let set = self.single.take().unwrap_or(self.right);
                self.character(set);
            }
        }
        true
    }

    fn shift(&mut self, octets: usize, change: impl FnOnce(&mut Self)) {
        change(self);
        self.rest = self.rest.get(octets..).unwrap_or_default();
    }

    fn lost(&mut self, octets: usize) {
        self.out.push(char::REPLACEMENT_CHARACTER);
        self.unreadable += 1;
        self.rest = self.rest.get(octets..).unwrap_or_default();
    }

    /// The next character, out of the set with this number.
    fn character(&mut self, set: usize) {
        let first = self.rest.first().copied().unwrap_or_default();
        let second = self.rest.get(1).copied();
        let (text, used) = match &self.sets[set] {
            Set::Nothing => (None, 1),
            Set::Ascii => (Some(char::from(first & 0x7f).to_string()), 1),
            Set::Table(table) => (table.get(usize::from(first & 0x7f) - 0x20).map(char::to_string), 1),
            Set::Teletex { upper } => {
                let place = if *upper { first | 0x80 } else { first & 0x7f };
                // A diacritic stands before its letter.
                match second.filter(|_| matches!(place, 0xc1..=0xcf)) {
                    Some(letter) => (Some(t61::decode(&[place, letter & 0x7f])), 2),
                    None => (Some(t61::decode(&[place])), 1),
                }
            }
            Set::Double(encoding, prefix) => match second {
                Some(second) => {
                    let octets = [prefix, &[first | 0x80, second | 0x80][..]].concat();
                    let (text, failed) = encoding.decode_without_bom_handling(&octets);
                    ((!failed).then(|| text.into_owned()), 2)
                }
                None => (None, 1),
            },
        };
        match text.filter(|text| !text.contains(char::REPLACEMENT_CHARACTER)) {
            Some(text) => {
                self.out.push_str(&text);
                self.rest = self.rest.get(used..).unwrap_or_default();
            }
            None => self.lost(used),
        }
    }

    fn escape(&mut self) {
        match self.rest {
            [_, 0x6e, ..] => self.shift(2, |reader| reader.left = 2),
            [_, 0x6f, ..] => self.shift(2, |reader| reader.left = 3),
            [_, 0x7e, ..] => self.shift(2, |reader| reader.right = 1),
            [_, 0x7d, ..] => self.shift(2, |reader| reader.right = 2),
            [_, 0x7c, ..] => self.shift(2, |reader| reader.right = 3),
            [_, 0x4e, ..] => self.shift(2, |reader| reader.single = Some(2)),
            [_, 0x4f, ..] => self.shift(2, |reader| reader.single = Some(3)),
            [_, b'%', b'G', after @ ..] => {
                let end = after.windows(3).position(|three| three == b"\x1b%@");
                self.utf8(3 + end.unwrap_or(after.len()), 3);
                self.shift(if end.is_some() { 3 } else { 0 }, |_| {});
            }
            [_, b'%', b'/', b'G'..=b'I', ..] => self.utf8(self.rest.len(), 4),
            [_, b'%', b'/', b'@' | b'C' | b'E', after @ ..] => {
                self.wide(
                    after
                        .chunks(2)
                        .map(|pair| u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]))),
                );
            }
            [_, b'%', b'/', b'A' | b'D' | b'F', after @ ..] => {
                self.wide(
                    after
                        .chunks(4)
                        .map(|four| four.iter().fold(0, |code, octet| code << 8 | u32::from(*octet))),
                );
            }
            // Control sets: none of them changes a character that text has.
            [_, b'!' | b'"', _, ..] => self.shift(3, |_| {}),
            [_, b'$', final_octet @ (b'@' | b'A' | b'B'), ..] => {
                self.sets[0] = double(*final_octet);
                self.shift(3, |_| {});
            }
            [_, b'$', place @ b'('..=b'+', final_octet, ..] => {
                self.sets[usize::from(place - b'(')] = double(*final_octet);
                self.shift(4, |_| {});
            }
            [_, place @ b'('..=b'+', final_octet, ..] => {
                self.sets[usize::from(place - b'(')] = set_of_94(*final_octet);
                self.shift(3, |_| {});
            }
            [_, place @ b'-'..=b'/', final_octet, ..] => {
                self.sets[usize::from(place - b',')] = set_of_96(*final_octet);
                self.shift(3, |_| {});
            }
            _ => self.lost(1),
        }
    }

    /// UTF-8 up to `end`, after `start` octets of escape.
    fn utf8(&mut self, end: usize, start: usize) {
        let text = String::from_utf8_lossy(self.rest.get(start..end).unwrap_or_default());
        self.unreadable += text.matches(char::REPLACEMENT_CHARACTER).count();
        self.out.push_str(&text);
        self.rest = self.rest.get(end..).unwrap_or_default();
    }

    /// Everything that is left, by code points or units of UTF-16.
    fn wide(&mut self, codes: impl Iterator<Item = u32>) {
        for code in codes {
            match char::from_u32(code) {
                Some(character) => self.out.push(character),
                None => {
                    self.out.push(char::REPLACEMENT_CHARACTER);
                    self.unreadable += 1;
                }
            }
        }
        self.rest = &[];
    }
}

/// Sets of 94 characters, by their final octet.
fn set_of_94(final_octet: u8) -> Set {
    match final_octet {
        // ISO 646 and its national forms that differ from ASCII in signs alone are read as ASCII.
        b'@' | b'B' | b'J' => Set::Ascii,
        b'I' => Set::Table((0xa0..=0xff).map(katakana).collect()),
        b'u' => Set::Teletex { upper: false },
        b'v' => Set::Teletex { upper: true },
        _ => Set::Nothing,
    }
}

fn set_of_96(final_octet: u8) -> Set {
    RIGHT_HALVES.iter().find(|half| half.1 == final_octet).map_or(Set::Nothing, |half| right_half(half.2))
}

fn right_half(encoding: &'static Encoding) -> Set {
    let character = |octet: u8| {
        let text = encoding.decode_without_bom_handling(&[octet]).0.chars().next();
        text.unwrap_or(char::REPLACEMENT_CHARACTER)
    };
    Set::Table((0xa0..=0xff).map(character).collect())
}

/// JIS X 0201, right half.
fn katakana(octet: u8) -> char {
    let text = encoding_rs::SHIFT_JIS.decode_without_bom_handling(&[octet]).0.chars().next();
    text.unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Sets of two octets for a character, by their final octet.
fn double(final_octet: u8) -> Set {
    match final_octet {
        b'@' | b'B' => Set::Double(encoding_rs::EUC_JP, b""),
        b'A' => Set::Double(encoding_rs::GBK, b""),
        b'C' => Set::Double(encoding_rs::EUC_KR, b""),
        b'D' => Set::Double(encoding_rs::EUC_JP, b"\x8f"),
        _ => Set::Nothing,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::mixer::charset::{BodyText, TextFallback, encode_body};

    // ledger: beyond B-11 B-12
    #[test]
    fn general_strings_are_read() {
        for (octets, registrations, text) in [
            (&b"\x1b(B\x1b-A\x1b~Gr\xfc\xdfe"[..], &[6, 100][..], "Grüße"),
            // Peers that list the numbers and write no escapes, and those that list control sets too.
            (b"Gr\xfc\xdfe", &[1, 6, 100], "Grüße"),
            (b"Gr\xfc\xdfe", &[], "Gr\u{fffd}\u{fffd}e"),
            // RFC 2157 has a C1 set of this form; it changes nothing.
            (b"\x1b(B\x1b-A\x1b!A\x1b~\xfc", &[6, 100], "ü"),
            (b"\x1b-F\x1b~\xe1 \x1b-A\xfc", &[6, 100, 126], "α ü"),
            // Shifts: SO is the upper set on the left, SI goes back; ESC 4/14 takes one character from G2.
            (b"\x1b-L\x0e\x54\x50\x0fA", &[6, 144], "даA"),
            (b"\x1b.A\x1bN\x7ca", &[6, 100], "üa"),
            (b"\x1b.A\x8e\xfca", &[6, 100], "üa"),
            (b"\x1b$B$\"\x1b(B.", &[6, 14, 42, 87], "あ."),
            (b"\x1b$)C\x1b~\xb0\xa1", &[6, 149], "가"),
            (b"\x1b$)A\x1b~\xb0\xa1", &[6, 58], "啊"),
            (b"\x1b(u\x1b)v\x1b~\xc8u", &[102, 103], "ü"),
            (b"\xc8u", &[102, 103], "ü"),
            (b"\x1b%G\xce\xb1\xc3\xbc\x1b%@.", &[196], "αü."),
            ("αü".as_bytes(), &[196], "αü"),
            (b"\x1b%/E\x03\xb1\x00\xfc", &[176], "αü"),
            (b"\x1b%/F\x00\x01\xf6\x00", &[177], "😀"),
            (b"a\x1b", &[6], "a\u{fffd}"),
            (b"a\x1b$", &[6], "a\u{fffd}$"),
        ] {
            let decoded = decode_general(octets, registrations);
            assert_eq!(decoded.text, text, "{}", octets.escape_ascii());
            assert_eq!(decoded.unreadable, text.matches('\u{fffd}').count());
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read(text in "[ -~äßŁźдαא€あ가😀\r\n]{0,60}") {
            match encode_body(&text, None, TextFallback::Utf8).unwrap() {
                BodyText::Ia5(_) => {}
                BodyText::General { registrations, octets, .. } => {
                    let lines = crate::mixer::charset::general::canonical_lines(&text);
                    let decoded = decode_general(&octets, &registrations);
                    proptest::prop_assert_eq!(decoded.text.as_str(), lines.as_ref());
                    proptest::prop_assert_eq!(decoded.unreadable, 0);
                }
            }
        }

        #[test]
        fn nothing_panics(octets in proptest::collection::vec(proptest::num::u8::ANY, 0..60),
                          registrations in proptest::collection::vec(0_i64..230, 0..4)) {
            let _ = decode_general(&octets, &registrations);
        }
    }
}
