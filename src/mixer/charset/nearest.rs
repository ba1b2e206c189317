//! What stands for a character that a set lacks.

/// Signs, each with what a reader takes for it.
const SIGNS: &[(char, &str)] = &[
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

/// Cyrillic letters in Latin ones, as news agencies write them; capitals by their first letter.
const CYRILLIC: &[(char, &str)] = &[
    ('а', "a"),
    ('б', "b"),
    ('в', "v"),
    ('г', "g"),
    ('д', "d"),
    ('е', "e"),
    ('ё', "e"),
    ('ж', "zh"),
    ('з', "z"),
    ('и', "i"),
    ('й', "i"),
    ('к', "k"),
    ('л', "l"),
    ('м', "m"),
    ('н', "n"),
    ('о', "o"),
    ('п', "p"),
    ('р', "r"),
    ('с', "s"),
    ('т', "t"),
    ('у', "u"),
    ('ф', "f"),
    ('х', "kh"),
    ('ц', "ts"),
    ('ч', "ch"),
    ('ш', "sh"),
    ('щ', "shch"),
    ('ъ', ""),
    ('ы', "y"),
    ('ь', ""),
    ('э', "e"),
    ('ю', "iu"),
    ('я', "ia"),
    ('і', "i"),
    ('ї', "i"),
    ('є', "ie"),
    ('ґ', "g"),
    ('ў', "u"),
    ('ђ', "dj"),
    ('ј', "j"),
    ('љ', "lj"),
    ('њ', "nj"),
    ('ћ', "c"),
    ('џ', "dz"),
    ('ѓ', "g"),
    ('ќ', "k"),
    ('ѕ', "dz"),
];

/// Greek letters in Latin ones (ISO 843 without its marks).
const GREEK: &[(char, &str)] = &[
    ('α', "a"),
    ('β', "v"),
    ('γ', "g"),
    ('δ', "d"),
    ('ε', "e"),
    ('ζ', "z"),
    ('η', "i"),
    ('θ', "th"),
    ('ι', "i"),
    ('κ', "k"),
    ('λ', "l"),
    ('μ', "m"),
    ('ν', "n"),
    ('ξ', "x"),
    ('ο', "o"),
    ('π', "p"),
    ('ρ', "r"),
    ('σ', "s"),
    ('ς', "s"),
    ('τ', "t"),
    ('υ', "y"),
    ('φ', "f"),
    ('χ', "ch"),
    ('ψ', "ps"),
    ('ω', "o"),
    ('ά', "a"),
    ('έ', "e"),
    ('ή', "i"),
    ('ί', "i"),
    ('ό', "o"),
    ('ύ', "y"),
    ('ώ', "o"),
    ('ϊ', "i"),
    ('ϋ', "y"),
    ('ΐ', "i"),
    ('ΰ', "y"),
];

/// Letters that are no letter with a diacritic.
const LETTERS: &[(char, &str)] = &[
    ('ß', "ss"),
    ('Æ', "AE"),
    ('æ', "ae"),
    ('Œ', "OE"),
    ('œ', "oe"),
    ('Ø', "O"),
    ('ø', "o"),
    ('Ł', "L"),
    ('ł', "l"),
    ('Đ', "D"),
    ('đ', "d"),
    ('Ð', "D"),
    ('ð', "d"),
    ('Þ', "Th"),
    ('þ', "th"),
    ('Ħ', "H"),
    ('ħ', "h"),
    ('ı', "i"),
    ('Ŧ', "T"),
    ('ŧ', "t"),
    ('Ŋ', "N"),
    ('ŋ', "n"),
    ('ĸ', "k"),
    ('ŉ', "'n"),
    ('Ĳ', "IJ"),
    ('ĳ', "ij"),
    ('Ŀ', "L."),
    ('ŀ', "l."),
    ('Ơ', "O"),
    ('ơ', "o"),
    ('Ư', "U"),
    ('ư', "u"),
    ('ª', "a"),
    ('º', "o"),
    ('²', "2"),
    ('³', "3"),
    ('½', "1/2"),
    ('¼', "1/4"),
    ('¾', "3/4"),
    ('×', "x"),
    ('÷', ":"),
    ('±', "+/-"),
    ('°', "o"),
    ('«', "<<"),
    ('»', ">>"),
    ('¡', "!"),
    ('¿', "?"),
    ('£', "GBP"),
    ('¥', "JPY"),
    ('§', "S."),
    ('µ', "u"),
];

/// What stands for a sign; letters have none here.
pub(super) fn signs(character: char) -> Option<&'static str> {
    find(SIGNS, character)
}

/// What stands for a character where `holds` tells which characters there are: signs for signs, letters without their
/// diacritics, and Latin letters for Cyrillic and Greek ones.
pub(super) fn nearest(character: char, holds: impl Fn(char) -> bool) -> Option<String> {
    let fits = |text: &str| text.chars().all(|character| character.is_ascii() || holds(character));
    for table in [SIGNS, LETTERS, CYRILLIC, GREEK] {
        if let Some(instead) = find(table, character).filter(|instead| fits(instead)) {
            return Some(instead.to_owned());
        }
    }
    if let Some((_, letter)) = super::accented::decompose(character) {
        return Some(char::from(letter).to_string());
    }
    // A capital as its small letter, the first letter of what stands for it capital.
    let mut small = character.to_lowercase();
    let instead = match (small.next(), small.next()) {
        (Some(small), None) if small != character => {
            [CYRILLIC, GREEK].iter().find_map(|table| find(table, small))?
        }
        _ => return None,
    };
    let mut letters = instead.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    Some(first.into_iter().chain(letters).collect())
}

fn find(table: &'static [(char, &'static str)], character: char) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == character).map(|(_, instead)| *instead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_neighbours() {
        for (character, instead) in [
            ('–', Some("-")),
            ('€', Some("EUR")),
            ('ů', Some("u")),
            ('ß', Some("ss")),
            ('Щ', Some("Shch")),
            ('Ь', Some("")),
            ('Θ', Some("Th")),
            ('ς', Some("s")),
            ('日', None),
            ('😀', None),
        ] {
            assert_eq!(nearest(character, |_| false).as_deref(), instead, "{character}");
        }
    }
}
