//! Sets whose accented letters are two octets, a diacritic before its letter: T.61, and ISO 6937 after it.

use std::sync::LazyLock;

/// The octet of the diacritic, what it is in Unicode, and which letters it goes with.
pub(super) struct Diacritic {
    pub(super) octet: u8,
    pub(super) mark: char,
    letters: &'static str,
    composed: &'static str,
}

const fn diacritic(octet: u8, mark: char, letters: &'static str, composed: &'static str) -> Diacritic {
    Diacritic { octet, mark, letters, composed }
}

/// The diacritics of T.61 and ISO 6937, with the letters that both have them for. T.61 has the diaeresis of C8 a second time
/// as the umlaut of C9, and an underline.
pub(super) const DIACRITICS: &[Diacritic] = &[
    diacritic(0xC1, '\u{300}', "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    diacritic(0xC2, '\u{301}', " ACEILNORSUYZaceilnorsuyz", "´ÁĆÉÍĹŃÓŔŚÚÝŹáćéíĺńóŕśúýź"),
    diacritic(0xC3, '\u{302}', "ACEGHIJOSUWYaceghijosuwy", "ÂĈÊĜĤÎĴÔŜÛŴŶâĉêĝĥîĵôŝûŵŷ"),
    diacritic(0xC4, '\u{303}', "AINOUainou", "ÃĨÑÕŨãĩñõũ"),
    diacritic(0xC5, '\u{304}', " AEIOUaeiou", "¯ĀĒĪŌŪāēīōū"),
    diacritic(0xC6, '\u{306}', " AGUagu", "˘ĂĞŬăğŭ"),
    diacritic(0xC7, '\u{307}', " CEGIZcegz", "˙ĊĖĠİŻċėġż"),
    diacritic(0xC8, '\u{308}', " AEIOUYaeiouy", "¨ÄËÏÖÜŸäëïöüÿ"),
    diacritic(0xC9, '\u{308}', " AEIOUYaeiouy", "¨ÄËÏÖÜŸäëïöüÿ"),
    diacritic(0xCA, '\u{30A}', " AUau", "˚ÅŮåů"),
    diacritic(0xCB, '\u{327}', " CGKLNRSTcgklnrst", "¸ÇĢĶĻŅŖŞŢçģķļņŗşţ"),
    diacritic(0xCC, '\u{332}', "", ""),
    diacritic(0xCD, '\u{30B}', " OUou", "˝ŐŰőű"),
    diacritic(0xCE, '\u{328}', " AEIUaeiu", "˛ĄĘĮŲąęįų"),
    diacritic(0xCF, '\u{30C}', " CDELNRSTZcdelnrstz", "ˇČĎĚĽŇŘŠŤŽčďěľňřšťž"),
];

/// What the right half of ISO 6937 has where no diacritic stands, from A0 on; U+FFFD where there is nothing.
pub(super) const ISO_6937: &str = "\u{A0}¡¢£\u{FFFD}¥\u{FFFD}§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    —¹®©™♪¬¦\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}⅛⅜⅝⅞ΩÆĐªĦ\u{FFFD}ĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u{AD}";

/// The same of the edition of 1983, a set of 94.
pub(super) const ISO_6937_1983: &str = "\u{FFFD}¡¢£$¥#§¤‘“«←↑→↓°±²³×µ¶·÷’”»¼½¾¿\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    —¹®©™♪\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}⅛⅜⅝⅞ΩÆĐªĦ\u{FFFD}ĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u{FFFD}";

/// The same of T.61.
pub(super) const T61: &str = "\u{FFFD}¡¢£$¥#§¤\u{FFFD}\u{FFFD}«\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    °±²³×µ¶·÷\u{FFFD}\u{FFFD}»¼½¾¿\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    \u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\
    ΩÆĐªĦ\u{FFFD}ĲĿŁØŒºÞŦŊŉĸæđðħıĳŀłøœßþŧŋ\u{FFFD}";

/// What the diacritic at this octet is in Unicode.
pub(super) fn mark_at(octet: u8) -> Option<char> {
    DIACRITICS.get(usize::from(octet).checked_sub(0xC1)?).map(|diacritic| diacritic.mark)
}

/// The octet of a combining mark.
pub(super) fn octet_of(mark: char) -> Option<u8> {
    if !('\u{300}'..='\u{36F}').contains(&mark) {
        return None;
    }
    DIACRITICS.iter().find(|diacritic| diacritic.mark == mark).map(|diacritic| diacritic.octet)
}

/// A letter and the mark over it as one character, if Unicode has that for a letter of these sets.
pub(super) fn compose(letter: char, mark: char) -> Option<char> {
    /// By diacritic and letter of ASCII.
    static COMPOSED: LazyLock<Vec<[char; 128]>> = LazyLock::new(|| {
        let of = |diacritic: &Diacritic| {
            let mut row = ['\0'; 128];
            for (letter, composed) in diacritic.letters.bytes().zip(diacritic.composed.chars()) {
                row[usize::from(letter & 0x7F)] = composed;
            }
            row
        };
        DIACRITICS.iter().map(of).collect()
    });
    let at = DIACRITICS.iter().position(|diacritic| diacritic.mark == mark)?;
    COMPOSED.get(at)?.get(letter as usize).copied().filter(|composed| *composed != '\0')
}

/// One or two octets.
#[derive(Clone, Copy)]
pub(super) struct Octets([u8; 2], usize);

impl Octets {
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.0[..self.1]
    }
}

/// The octets of a character beyond ASCII in a set with this right half.
pub(super) fn octets(half: &'static str, character: char) -> Option<Octets> {
    let alike = match character {
        'Ð' => 'Đ',
        '\u{2126}' => 'Ω',
        'μ' => 'µ',
        char::REPLACEMENT_CHARACTER => return None,
        other => other,
    };
    if let Some(place) = half.chars().position(|known| known == alike) {
        return Some(Octets([u8::try_from(0xA0 + place).ok()?, 0], 1));
    }
    decompose(character).map(|(diacritic, letter)| Octets([diacritic, letter], 2))
}

/// The diacritic and the letter that a character is made of.
pub(super) fn decompose(character: char) -> Option<(u8, u8)> {
    /// By character from U+00A0 on; those beyond are searched for.
    static LATIN: LazyLock<Vec<(u8, u8)>> = LazyLock::new(|| {
        let mut table = vec![(0, 0); 0xE0];
        for (character, parts) in pairs() {
            if let Some(place) = table.get_mut((character as usize).wrapping_sub(0xA0))
                && place.0 == 0
            {
                *place = parts;
            }
        }
        table
    });
    match LATIN.get((character as usize).wrapping_sub(0xA0)) {
        Some(parts) => Some(*parts).filter(|parts| parts.0 != 0),
        None if ('\u{2C7}'..='\u{2DD}').contains(&character) => {
            pairs().find(|(known, _)| *known == character).map(|(_, parts)| parts)
        }
        None => None,
    }
}

fn pairs() -> impl Iterator<Item = (char, (u8, u8))> {
    DIACRITICS.iter().flat_map(|diacritic| {
        diacritic.composed.chars().zip(diacritic.letters.bytes().map(|letter| (diacritic.octet, letter)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_their_shape() {
        for diacritic in DIACRITICS {
            assert_eq!(diacritic.letters.chars().count(), diacritic.composed.chars().count());
            assert_eq!(mark_at(diacritic.octet), Some(diacritic.mark));
        }
        assert_eq!((mark_at(0xC0), mark_at(0xD0)), (None, None));
        for half in [ISO_6937, ISO_6937_1983, T61] {
            assert_eq!(half.chars().count(), 96);
        }
    }

    #[test]
    fn letters_are_taken_apart_and_put_together() {
        for (character, (octet, letter)) in pairs().filter(|(_, (octet, _))| *octet != 0xC9) {
            assert_eq!(decompose(character), Some((octet, letter)), "{character}");
            assert_eq!(mark_at(octet).and_then(|mark| compose(char::from(letter), mark)), Some(character));
        }
        for other in ['a', 'ß', 'ǵ', 'α', '\u{2C6}'] {
            assert_eq!(decompose(other), None);
        }
    }
}
