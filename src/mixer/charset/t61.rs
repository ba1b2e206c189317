//! T.61 both ways. Diacritics stand as prefix octets before their letter (RFC 2157 Appendix C, ledger B-13).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{Human, accented, general_string, nearest};

/// ASCII characters T.61 has no octet for at their place; it has the first two elsewhere.
const ABSENT: &[u8] = b"#$\\^`{}~";

/// Writes text in T.61. Line ends become spaces.
#[must_use]
pub fn encode(text: &str) -> Human {
    encode_counting(text).0
}

/// As [`encode`], and how many characters became `?`.
pub(super) fn encode_counting(text: &str) -> (Human, usize) {
    let mut writer = Writer { octets: Vec::with_capacity(text.len()), ..Writer::default() };
    let mut rest = text;
    while !rest.is_empty() {
        let plain = rest.bytes().position(|octet| !is_plain(octet)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(plain);
        writer.octets.extend_from_slice(run.as_bytes());
        let mut characters = after.chars();
        let Some(character) = characters.next() else { break };
        rest = characters.as_str();
        // A combining mark goes before the letter it follows.
        if let Some(diacritic) = accented::octet_of(character)
            && let Some(letter) = run.bytes().last().filter(u8::is_ascii_alphabetic)
        {
            writer.octets.pop();
            writer.octets.extend([diacritic, letter]);
        } else if !encode_character(character, &mut writer.octets) {
            writer.replace(character);
        }
    }
    let Writer { octets, replaced, unknown, .. } = writer;
    (Human { octets, replaced, truncated: false }, unknown)
}

/// T.61 as it is written.
#[derive(Default)]
struct Writer {
    octets: Vec<u8>,
    /// Characters that T.61 lacks, each once, in the order of the text.
    replaced: Vec<(char, String)>,
    /// The same, to be found quickly.
    seen: BTreeSet<char>,
    /// How many became `?`.
    unknown: usize,
}

impl Writer {
    fn replace(&mut self, character: char) {
        if matches!(character, '\r' | '\n') {
            self.octets.push(b' ');
            return;
        }
        let nearest = nearest::signs(character).unwrap_or("?");
        for near in nearest.chars() {
            encode_character(near, &mut self.octets);
        }
        self.unknown += usize::from(nearest == "?");
        if self.seen.insert(character) {
            self.replaced.push((character, nearest.to_owned()));
        }
    }
}

/// Reads T.61, with the escape sequences that a TeletexString may have; octets that mean nothing become U+FFFD.
/// [`general_string::decode_teletex`] also says which.
#[must_use]
pub fn decode(octets: &[u8]) -> String {
    general_string::teletex_text(octets).into_owned()
}

/// Whether the octet of ASCII is the same in T.61.
fn is_plain(octet: u8) -> bool {
    matches!(octet, b' '..=b'~') && !ABSENT.contains(&octet)
}

fn encode_character(character: char, octets: &mut Vec<u8>) -> bool {
    if let Ok(octet) = u8::try_from(character)
        && is_plain(octet)
    {
        octets.push(octet);
        return true;
    }
    /// The Latin ones, from U+00A0 on; what stands elsewhere is searched for.
    static LATIN: LazyLock<Vec<Option<accented::Octets>>> = LazyLock::new(|| {
        ('\u{A0}'..'\u{180}').map(|character| accented::octets(accented::T61, character)).collect()
    });
    let written = match LATIN.get((character as usize).wrapping_sub(0xA0)) {
        Some(written) => *written,
        None => accented::octets(accented::T61, character),
    };
    octets.extend_from_slice(written.as_ref().map_or(&[], accented::Octets::as_slice));
    written.is_some()
}

/// The longest start of at most `limit` octets that cuts no diacritic from its letter, and no comment or encoded word in
/// two (E-27).
#[must_use]
pub fn cut(octets: &[u8], limit: usize) -> &[u8] {
    let mut kept = &octets[..limit.min(octets.len())];
    if kept.last().is_some_and(|octet| accented::mark_at(*octet).is_some()) {
        kept = &kept[..kept.len() - 1];
    }
    if kept.len() < octets.len() {
        if let Some(word) = memchr::memmem::rfind(kept, b"=?")
            && memchr::memmem::find(&kept[word..], b"?=").is_none()
            && memchr::memmem::find(&octets[word..], b"?=").is_some()
        {
            kept = &kept[..word];
        }
        let opened = kept.iter().filter(|octet| **octet == b'(').count();
        let closed = kept.iter().filter(|octet| **octet == b')').count();
        if opened > closed
            && let Some(bracket) = memchr::memchr(b'(', kept)
        {
            // From the first bracket on, unless it alone would leave nothing.
            let outermost = unclosed_bracket(kept).unwrap_or(bracket);
            if outermost > 0 {
                kept = &kept[..outermost];
            }
        }
        kept = kept.trim_ascii_end();
    }
    kept
}

/// Where the outermost comment that is not closed starts.
fn unclosed_bracket(octets: &[u8]) -> Option<usize> {
    let mut open = Vec::new();
    for (at, octet) in octets.iter().enumerate() {
        match octet {
            b'(' => open.push(at),
            b')' => {
                open.pop();
            }
            _ => {}
        }
    }
    open.first().copied()
}

/// ISO-IR 103, the second half of T.61, into G1.
const DESIGNATION: &[u8] = b"\x1b\x29\x76";

/// The octets with the designation of the second half of T.61 before its first character (B-13). Readers act as if it stood
/// there; X.209 does not say that they may.
#[must_use]
pub fn designated(mut octets: Vec<u8>) -> Vec<u8> {
    if let Some(first) = octets.iter().position(|octet| *octet >= 0xa0) {
        octets.splice(first..first, DESIGNATION.iter().copied());
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_the_tables_goes_both_ways() {
        let composed = ('\u{A0}'..'\u{180}').filter(|character| accented::decompose(*character).is_some());
        let single = accented::T61.chars().filter(|character| *character != '\u{FFFD}');
        for character in composed.chain(single) {
            let encoded = encode(&character.to_string());
            assert_eq!(encoded.replaced, [], "{character}");
            assert_eq!(decode(&encoded.octets), character.to_string());
        }
    }

    #[test]
    fn diacritics_stand_before_their_letter() {
        // B-13
        for (text, octets) in [
            ("ü", &b"\xc8u"[..]),
            ("é à ô ñ", b"\xc2e \xc1a \xc3o \xc4n"),
            ("Å ç ő ę š", b"\xcaA \xcbc \xcdo \xcee \xcfs"),
            ("e\u{301}", b"\xc2e"),
            ("q\u{301}", b"\xc2q"),
            ("ß # $ ½", b"\xfb \xa6 \xa4 \xbd"),
            ("Ω µμ Ð ˇ¨", b"\xe0 \xb5\xb5 \xe2 \xcf \xc8 "),
            ("a\u{332}", b"\xcca"),
        ] {
            assert_eq!(encode(text).octets, octets, "{text}");
        }
        assert_eq!(decode(b"\xc2q\xc8"), "q\u{301}\u{FFFD}");
    }

    #[test]
    fn a_cut_spares_letters_comments_and_encoded_words() {
        // E-27
        for (octets, limit, kept) in [
            (&b"abcdef"[..], 4, &b"abcd"[..]),
            (b"ab\xc8u", 3, b"ab"),
            (b"Steve (home office)", 12, b"Steve"),
            (b"Steve (a) (bcd)", 12, b"Steve (a)"),
            (b"Bob =?utf-8?Q?a_b?=", 12, b"Bob"),
            (b"(only comment)", 5, b"(only"),
            (b"ab", 5, b"ab"),
        ] {
            assert_eq!(cut(octets, limit), kept);
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(octets: Vec<u8>, limit in 0_usize..20) {
            let _ = decode(&octets);
            proptest::prop_assert!(cut(&octets, limit).len() <= limit);
        }
    }
}
