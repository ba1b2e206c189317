//! T.61: tables both ways. Diacritics stand as prefix octets before their letter.

use super::Human;

/// Single octets that differ from ASCII and from Latin-1: `(octet, character)`.
const SINGLE: &[(u8, char)] = &[
    (0xA4, '$'),
    (0xA6, '#'),
    (0xA8, '¤'),
    (0xB4, '×'),
    (0xB8, '÷'),
    (0xE0, 'Ω'),
    (0xE1, 'Æ'),
    (0xE2, 'Đ'),
    (0xE3, 'ª'),
    (0xE4, 'Ħ'),
    (0xE6, 'Ĳ'),
    (0xE7, 'Ŀ'),
    (0xE8, 'Ł'),
    (0xE9, 'Ø'),
    (0xEA, 'Œ'),
    (0xEB, 'º'),
    (0xEC, 'Þ'),
    (0xED, 'Ŧ'),
    (0xEE, 'Ŋ'),
    (0xEF, 'ŉ'),
    (0xF0, 'ĸ'),
    (0xF1, 'æ'),
    (0xF2, 'đ'),
    (0xF3, 'ð'),
    (0xF4, 'ħ'),
    (0xF5, 'ı'),
    (0xF6, 'ĳ'),
    (0xF7, 'ŀ'),
    (0xF8, 'ł'),
    (0xF9, 'ø'),
    (0xFA, 'œ'),
    (0xFB, 'ß'),
    (0xFC, 'þ'),
    (0xFD, 'ŧ'),
    (0xFE, 'ŋ'),
];

/// Octets that mean the same character as in Latin-1.
const AS_LATIN_1: &[u8] = &[
    0xA1, 0xA2, 0xA3, 0xA5, 0xA7, 0xAB, 0xB0, 0xB1, 0xB2, 0xB3, 0xB5, 0xB6, 0xB7, 0xBB, 0xBC, 0xBD, 0xBE,
    0xBF,
];

/// ASCII characters T.61 has no octet for at their place.
const ABSENT: &[char] = &['#', '$', '\\', '^', '`', '{', '}', '~'];

/// Diacritics: `(octet, combining mark, letters, the same letters with the diacritic)`.
const DIACRITICS: &[(u8, char, &str, &str)] = &[
    (0xC1, '\u{300}', "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    (0xC2, '\u{301}', " ACEILNORSUYZaceilnorsuyz", "´ÁĆÉÍĹŃÓŔŚÚÝŹáćéíĺńóŕśúýź"),
    (0xC3, '\u{302}', "ACEGHIJOSUWYaceghijosuwy", "ÂĈÊĜĤÎĴÔŜÛŴŶâĉêĝĥîĵôŝûŵŷ"),
    (0xC4, '\u{303}', "AINOUainou", "ÃĨÑÕŨãĩñõũ"),
    (0xC5, '\u{304}', " AEIOUaeiou", "¯ĀĒĪŌŪāēīōū"),
    (0xC6, '\u{306}', " AGUagu", "˘ĂĞŬăğŭ"),
    (0xC7, '\u{307}', " CEGIZcegz", "˙ĊĖĠİŻċėġż"),
    (0xC8, '\u{308}', " AEIOUYaeiouy", "¨ÄËÏÖÜŸäëïöüÿ"),
    (0xCA, '\u{30A}', " AUau", "˚ÅŮåů"),
    (0xCB, '\u{327}', " CGKLNRSTcgklnrst", "¸ÇĢĶĻŅŖŞŢçģķļņŗşţ"),
    (0xCD, '\u{30B}', " OUou", "˝ŐŰőű"),
    (0xCE, '\u{328}', " AEIUaeiu", "˛ĄĘĮŲąęįų"),
    (0xCF, '\u{30C}', " CDELNRSTZcdelnrstz", "ˇČĎĚĽŇŘŠŤŽčďěľňřšťž"),
];

/// Characters T.61 lacks, each with what a reader takes for it.
const NEAREST: &[(char, &str)] = &[
    ('\t', " "),
    ('\\', "/"),
    ('^', "'"),
    ('`', "'"),
    ('{', "("),
    ('}', ")"),
    ('~', "-"),
    ('\u{A0}', " "),
    ('\u{AD}', ""),
    ('¦', "|"),
    ('©', "(C)"),
    ('®', "(R)"),
    ('¬', "-"),
    ('¹', "1"),
    ('Ș', "S"),
    ('ș', "s"),
    ('Ț', "T"),
    ('ț', "t"),
    ('ſ', "s"),
    ('ƒ', "f"),
    ('ẞ', "SS"),
    ('\u{2002}', " "),
    ('\u{2003}', " "),
    ('\u{2009}', " "),
    ('\u{200B}', ""),
    ('\u{200E}', ""),
    ('\u{200F}', ""),
    ('\u{202F}', " "),
    ('\u{2060}', ""),
    ('\u{FEFF}', ""),
    ('‐', "-"),
    ('‑', "-"),
    ('‒', "-"),
    ('–', "-"),
    ('—', "-"),
    ('―', "-"),
    ('−', "-"),
    ('‘', "'"),
    ('’', "'"),
    ('‚', "'"),
    ('‛', "'"),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('‟', "\""),
    ('‹', "<"),
    ('›', ">"),
    ('′', "'"),
    ('″', "\""),
    ('•', "*"),
    ('·', "."),
    ('…', "..."),
    ('‰', "o/oo"),
    ('€', "EUR"),
    ('™', "(TM)"),
    ('№', "No."),
    ('→', "->"),
    ('←', "<-"),
    ('⇒', "=>"),
    ('≤', "<="),
    ('≥', ">="),
    ('≠', "!="),
    ('≈', "~"),
    ('ﬁ', "fi"),
    ('ﬂ', "fl"),
    ('ﬀ', "ff"),
];

/// Writes text in T.61. Line ends become spaces.
#[must_use]
pub fn encode(text: &str) -> Human {
    let mut human = Human { octets: Vec::with_capacity(text.len()), replaced: Vec::new(), truncated: false };
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_ascii_alphabetic()
            && let Some(mark) = characters.peek()
            && let Some(diacritic) = DIACRITICS.iter().find(|diacritic| diacritic.1 == *mark)
        {
            characters.next();
            human.octets.push(diacritic.0);
            human.octets.push(ascii_octet(character));
        } else if !encode_character(character, &mut human.octets) {
            let nearest = match character {
                '\r' | '\n' => " ",
                _ => {
                    NEAREST.iter().find(|(known, _)| *known == character).map_or("?", |(_, nearest)| nearest)
                }
            };
            nearest.chars().for_each(|near| {
                encode_character(near, &mut human.octets);
            });
            if !human.replaced.iter().any(|(known, _)| *known == character)
                && !matches!(character, '\r' | '\n')
            {
                human.replaced.push((character, nearest.to_owned()));
            }
        }
    }
    human
}

/// Reads T.61; octets that mean nothing become U+FFFD.
#[must_use]
pub fn decode(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len());
    let mut rest = octets;
    while let [first, after @ ..] = rest {
        rest = after;
        if let Some((_, mark, letters, composed)) = DIACRITICS.iter().find(|diacritic| diacritic.0 == *first)
        {
            let Some((letter, after)) = after.split_first() else {
                out.push(char::REPLACEMENT_CHARACTER);
                break;
            };
            rest = after;
            let letter = char::from(*letter);
            match letters.chars().position(|known| known == letter) {
                Some(at) => out.extend(composed.chars().nth(at)),
                None => out.extend([letter, *mark]),
            }
        } else if let Some((_, character)) = SINGLE.iter().find(|(octet, _)| octet == first) {
            out.push(*character);
        } else if *first < 0x80 || AS_LATIN_1.contains(first) {
            // The absent places of ASCII are read as ASCII, because peers fill them so.
            out.push(char::from(*first));
        } else {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    out
}

/// The longest start of at most `limit` octets that cuts no diacritic from its letter, and no comment or encoded word in
/// two (E-27).
#[must_use]
pub fn cut(octets: &[u8], limit: usize) -> &[u8] {
    let mut kept = &octets[..limit.min(octets.len())];
    if kept.last().is_some_and(|octet| DIACRITICS.iter().any(|diacritic| diacritic.0 == *octet)) {
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

fn encode_character(character: char, octets: &mut Vec<u8>) -> bool {
    if (' '..='~').contains(&character) && !ABSENT.contains(&character) {
        octets.push(ascii_octet(character));
        return true;
    }
    let single = match character {
        'Ð' => Some(0xE2),
        '\u{2126}' => Some(0xE0),
        'μ' => Some(0xB5),
        _ => SINGLE.iter().find(|(_, known)| *known == character).map(|(octet, _)| *octet),
    };
    let single = single.or_else(|| u8::try_from(character).ok().filter(|octet| AS_LATIN_1.contains(octet)));
    if let Some(octet) = single {
        octets.push(octet);
        return true;
    }
    for (diacritic, _, letters, composed) in DIACRITICS {
        if let Some(at) = composed.chars().position(|known| known == character) {
            octets.push(*diacritic);
            octets.extend(letters.as_bytes().get(at));
            return true;
        }
    }
    false
}

fn ascii_octet(character: char) -> u8 {
    u8::try_from(character).unwrap_or(b'?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_the_tables_goes_both_ways() {
        let composed: String = DIACRITICS.iter().map(|diacritic| diacritic.3).collect();
        let single: String = SINGLE.iter().map(|(_, character)| character).collect();
        let latin: String = AS_LATIN_1.iter().map(|octet| char::from(*octet)).collect();
        for character in composed.chars().chain(single.chars()).chain(latin.chars()) {
            let encoded = encode(&character.to_string());
            assert_eq!(encoded.replaced, [], "{character}");
            assert_eq!(decode(&encoded.octets), character.to_string());
        }
        for (_, _, letters, composed) in DIACRITICS {
            assert_eq!(letters.chars().count(), composed.chars().count(), "{composed}");
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
