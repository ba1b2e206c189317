//! Body text towards X.400: ia5-text, or general-text in the smallest registered sets that hold it (RFC 2157 6.2).
//!
//! What is tried, in this order:
//!
//! 1. ASCII: ia5-text.
//! 2. The set of the sender's charset, if it is registered.
//! 3. One set of single octets on the right, ASCII on the left: ISO 8859, the parts of RFC 2157 first.
//! 4. For text with East Asian characters: JIS X 0208 as ISO-2022-JP has it, KS C 5601 or GB 2312 on the right.
//! 5. What [`TextFallback`] says.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bytes::Bytes;
use encoding_rs::Encoding;

use super::designating::Writer;
use super::nearest;
use super::registry::{Characters, REGISTRATIONS, Registration};

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
        /// The MIME charset this is the equal of, or `x-iso-` and the numbers (B-11).
        charset: Cow<'static, str>,
    },
}

/// Body text, and what was changed to make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The body part.
    pub body: BodyText,
    /// Characters no set of the text has, each once, with what stands in their place.
    pub replaced: Vec<(char, String)>,
}

/// What becomes of text that no ISO 8859 set holds and no East Asian one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextFallback {
    /// general-text in UTF-8, registration 196: nothing is lost, and systems of 1988 to 1996 cannot read it.
    #[default]
    Utf8,
    /// general-text in several registered sets, each designated where it is needed; encapsulated if that is not enough.
    Mixed,
    /// general-text in the one set that holds most of it; the rest becomes its nearest neighbours, and each is a loss.
    /// Encapsulated if most of it has none, or the sender forbids conversion with loss.
    Transliterate,
    /// No text body part; the caller encapsulates the part as a file.
    Encapsulate,
}

/// Chooses the form of a text and writes it, lines ended by CR LF. `charset` is what the sender used and is kept if it
/// is a registered set that holds the text. `None` when the text is to be encapsulated.
#[must_use]
pub fn encode_body(text: &str, charset: Option<&str>, fallback: TextFallback) -> Option<BodyText> {
    encode(text, charset, fallback).map(|encoded| encoded.body)
}

/// As [`encode_body`], with what was changed.
#[must_use]
pub fn encode(text: &str, charset: Option<&str>, fallback: TextFallback) -> Option<Encoded> {
    let text = canonical_lines(text);
    if text.is_ascii() {
        return Some(Encoded { body: BodyText::Ia5(Bytes::from(text.into_owned())), replaced: Vec::new() });
    }
    let special = Special::of(&text);
    if let Some(set) = preferred(charset).chain(REGISTRATIONS).find(|set| special.fit(set)) {
        return Some(general(&text, &[set], Vec::new()));
    }
    match fallback {
        TextFallback::Encapsulate => None,
        TextFallback::Utf8 => {
            // ESC 2/5 4/7 enters UTF-8 with a way back, ESC 2/5 4/0 goes it.
            let octets = [b"\x1b%G", text.as_bytes(), b"\x1b%@"].concat();
            let charset = Cow::Borrowed("utf-8");
            let body = BodyText::General { registrations: vec![196], octets: octets.into(), charset };
            Some(Encoded { body, replaced: Vec::new() })
        }
        TextFallback::Mixed => {
            let sets = special.cover()?;
            Some(general(&text, &sets, Vec::new()))
        }
        TextFallback::Transliterate => transliterate(&text, &special),
    }
}

/// Writes a text in the MIME charset that is the equal of these registrations (RFC 2157 6.2); `None` if none is, or it does
/// not hold the text.
#[must_use]
pub fn encode_registered(text: &str, registrations: &[i64]) -> Option<(&'static str, Vec<u8>)> {
    if text.is_ascii() {
        return None;
    }
    // Control sets are no characters (B-11); 14 and 42 go with 87 in ISO-2022-JP.
    let graphic: BTreeSet<i64> = registrations
        .iter()
        .copied()
        .filter(|number| !matches!(number, 1 | 2 | 6 | 77 | 106 | 107))
        .collect();
    let number = match graphic.iter().copied().collect::<Vec<_>>().as_slice() {
        [14, 42, 87] | [87] => 87,
        [only] => *only,
        _ => return None,
    };
    let set = Registration::numbered(number)?;
    let charset = set.charset?;
    if !Special::of(text).fit(set) {
        return None;
    }
    let mut writer = Writer::undesignated(text.len());
    writer.write(text, &[set]);
    Some((charset, writer.finish()))
}

/// The sets that a sender's charset names.
fn preferred(charset: Option<&str>) -> impl Iterator<Item = &'static Registration> {
    let label = charset.map(str::to_ascii_lowercase).unwrap_or_default();
    let wanted = match label.as_str() {
        "iso-2022-jp" | "euc-jp" | "shift_jis" | "shift-jis" => "iso-2022-jp",
        "euc-kr" | "iso-2022-kr" | "ks_c_5601-1987" => "euc-kr",
        "gb2312" | "gbk" | "gb18030" | "hz-gb-2312" | "iso-2022-cn" => "gb2312",
        other => other,
    }
    .to_owned();
    REGISTRATIONS.iter().filter(move |set| set.charset.is_some_and(|charset| charset == wanted))
}

/// The different characters beyond ASCII in a text.
struct Special {
    characters: BTreeSet<char>,
    /// Whether any is of East Asia. Greek and Cyrillic are in those sets too, as wide as an ideograph.
    east_asian: bool,
    /// Whether any is kana, which the Korean and the Chinese set have for quotations.
    kana: bool,
}

impl Special {
    fn of(text: &str) -> Self {
        let mut characters = BTreeSet::new();
        let mut last = '\0';
        for character in beyond_ascii(text) {
            if character != last {
                characters.insert(character);
                last = character;
            }
        }
        let east_asian = characters.iter().any(is_east_asian);
        let kana = characters.range('\u{3041}'..='\u{30FA}').next().is_some();
        Self { characters, east_asian, kana }
    }

    /// Whether the set is one that text may be written in and holds all of it.
    fn fit(&self, set: &Registration) -> bool {
        self.may_use(set)
            && (matches!(set.characters, Characters::Double(_)) || self.characters.len() <= 96)
            && self.characters.iter().all(|character| holds(set, *character))
    }

    fn may_use(&self, set: &Registration) -> bool {
        set.charset.is_some()
            && match set.characters {
                Characters::Double(_) => self.east_asian && (set.number == 87 || !self.kana),
                _ => true,
            }
    }

    /// The smallest number of sets that hold everything, as far as taking the one that holds most of the rest finds them.
    fn cover(&self) -> Option<Vec<&'static Registration>> {
        let mut rest = self.characters.clone();
        let mut sets: Vec<&'static Registration> = Vec::new();
        while !rest.is_empty() {
            // An East Asian set only for what no other has, unless the text is of there.
            let set = best(&rest, |set| self.may_use(set)).or_else(|| best(&rest, |_| true))?;
            rest.retain(|character| !holds(set, *character));
            sets.push(set);
        }
        Some(sets)
    }
}

/// The set that holds most of these characters, of those that text may be written in and that are allowed.
fn best(
    characters: &BTreeSet<char>,
    allowed: impl Fn(&Registration) -> bool,
) -> Option<&'static Registration> {
    let mut best = None;
    let mut most = 0;
    for set in REGISTRATIONS.iter().filter(|set| set.charset.is_some() && allowed(set)) {
        let held = characters.iter().filter(|character| holds(set, **character)).count();
        if held > most {
            (most, best) = (held, Some(set));
        }
    }
    best
}

fn is_east_asian(character: &char) -> bool {
    matches!(character, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FFEF}')
}

fn holds(set: &Registration, character: char) -> bool {
    match set.characters {
        Characters::Double(double) => double.octets(character).is_some(),
        _ => set.octet(character).is_some(),
    }
}

/// The characters beyond ASCII, runs of ASCII skipped at once.
fn beyond_ascii(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let ascii = Encoding::ascii_valid_up_to(rest.as_bytes());
        let mut characters = rest.get(ascii..)?.chars();
        let character = characters.next()?;
        rest = characters.as_str();
        Some(character)
    })
}

/// Text of these sets, which hold all of it.
fn general(text: &str, sets: &[&'static Registration], replaced: Vec<(char, String)>) -> Encoded {
    let mut writer = Writer::new(text.len());
    writer.write(text, sets);
    let octets = writer.finish().into();
    let (registrations, charset) = match sets {
        [set] if set.number == 87 => (vec![6, 14, 42, 87], Cow::Borrowed("iso-2022-jp")),
        [set] => (vec![6, set.number], Cow::Borrowed(set.charset.unwrap_or_default())),
        _ => {
            let mut numbers: Vec<i64> = sets.iter().map(|set| set.number).chain([6]).collect();
            numbers.sort_unstable();
            let label = numbers.iter().fold("x-iso".to_owned(), |label, number| format!("{label}-{number}"));
            (numbers, Cow::Owned(label))
        }
    };
    Encoded { body: BodyText::General { registrations, octets, charset }, replaced }
}

/// Writes the text in the set that holds most of it, and the nearest neighbours of the rest.
fn transliterate(text: &str, special: &Special) -> Option<Encoded> {
    let set = best(&special.characters, |set| special.may_use(set));
    let fits = |character| set.is_some_and(|set| holds(set, character));
    let mut replaced = Vec::new();
    let mut unknown = 0;
    for character in special.characters.iter().filter(|character| !fits(**character)) {
        let instead = nearest::nearest(*character, fits).unwrap_or_else(|| {
            unknown += 1;
            "?".to_owned()
        });
        replaced.push((*character, instead));
    }
    if unknown * 2 > special.characters.len() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match replaced.binary_search_by_key(&character, |(known, _)| *known) {
            Ok(at) => out.push_str(&replaced[at].1),
            Err(_) => out.push(character),
        }
    }
    match set.filter(|_| !out.is_ascii()) {
        Some(set) => Some(general(&out, &[set], replaced)),
        None => Some(Encoded { body: BodyText::Ia5(Bytes::from(out)), replaced }),
    }
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
