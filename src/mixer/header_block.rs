//! The header of a mail that the gateway writes: fields in order, folded, in US-ASCII.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::identifier::is_atext;
use super::loss::Trail;

/// Where a line is folded, if it can be (RFC 5322 2.1.1).
const FOLD_AT: usize = 78;
/// What no line may exceed, without its end (RFC 5322 2.1.1).
const MAX_LINE: usize = 998;

/// Characters of a value that its beginning has.
const BEGINNING: usize = 200;

/// So many fields are searched through one by one.
const FEW: usize = 64;

/// Header fields, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HeaderBlock {
    /// Name and value on one line each; values are ASCII without line ends.
    fields: Vec<(String, String)>,
    /// Where the first field of each name is, names in lower case, once there are more than [`FEW`] fields.
    places: BTreeMap<String, usize>,
}

impl HeaderBlock {
    /// Adds a field whose value is written as it is meant: addresses, dates, identifiers, media types. Line ends in it become
    /// spaces, and what is not ASCII becomes an encoded word as a whole.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.push(name.to_owned(), ascii(value));
    }

    /// The same for a field of the outermost mail, with its source told.
    pub(crate) fn add_told(
        &mut self,
        name: &str,
        value: &str,
        (source, clause): (&str, &'static str),
        trail: &mut Trail,
    ) {
        trail.made(format_args!("header {name}"), value, source, clause);
        self.add(name, value);
    }

    /// Adds a field of free text: encoded words where it is not plain ASCII or would be read as such (RFC 2047 5).
    pub(crate) fn add_text(&mut self, name: &str, text: &str) {
        self.push(name.to_owned(), unstructured(text));
    }

    /// Adds everything of another block.
    pub(crate) fn append(&mut self, other: Self) {
        other.fields.into_iter().for_each(|(name, value)| self.push(name, value));
    }

    /// Puts a value in the place of the first field of this name, or adds the field.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.place(name) {
            None => self.add(name, value),
            Some(place) => self.fields[place].1 = ascii(value),
        }
    }

    /// Takes out every field of this name, any case; gives the value of the first.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let value = self.get(name).map(str::to_owned)?;
        self.fields.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.places.clear();
        self.note_places(0);
        Some(value)
    }

    /// Keeps the fields that are wanted, by name and value, in order.
    pub(crate) fn retain(&mut self, mut wanted: impl FnMut(&str, &str) -> bool) {
        self.fields.retain(|(name, value)| wanted(name, value));
        self.places.clear();
        self.note_places(0);
    }

    /// Names and values in order, as they are written.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether a field of this name is there, any case.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// The value of the first field of this name, any case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.place(name).map(|place| self.fields[place].1.as_str())
    }

    /// What the first field of this name says, as far as a list of losses has room for it: thousands of losses may name the
    /// same long field.
    pub(crate) fn beginning(&self, name: &str) -> String {
        let value = self.get(name).unwrap_or_default();
        match value.char_indices().nth(BEGINNING) {
            None => value.to_owned(),
            Some((end, _)) => format!("{}...", &value[..end]),
        }
    }

    fn push(&mut self, name: String, value: String) {
        self.fields.push((name, value));
        self.note_places(if self.places.is_empty() { 0 } else { self.fields.len() - 1 });
    }

    /// Notes where the fields from this one on are, if there are many.
    fn note_places(&mut self, from: usize) {
        if self.fields.len() > FEW {
            for (place, (name, _)) in self.fields.iter().enumerate().skip(from) {
                self.places.entry(name.to_ascii_lowercase()).or_insert(place);
            }
        }
    }

    fn place(&self, name: &str) -> Option<usize> {
        if self.fields.len() > FEW {
            return self.places.get(&name.to_ascii_lowercase()).copied();
        }
        self.fields.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The fields as they are written, each with its CR LF; the empty line after them is not among them.
    pub(crate) fn to_octets(&self) -> Vec<u8> {
        let mut out = String::new();
        for (name, value) in &self.fields {
            let space = if value.is_empty() { "" } else { " " };
            fold(&format!("{name}:{space}{value}"), &mut out);
        }
        out.into_bytes()
    }
}

/// Text as encoded words, each at most 75 characters, joined by spaces: in ISO-8859-1 if that has every character, else in
/// UTF-8, which readers of mail know better than the `TELETEX` of RFC 2156 3.3.4 (E-09).
pub(crate) fn encode_words(text: &str) -> String {
    const WORD: usize = 75;
    const OPENING: &str = "=?iso-8859-1?Q?";
    if text.is_empty() || !text.chars().all(|character| u32::from(character) < 256) {
        return super::charset::encode_words(text);
    }
    let mut out = String::from(OPENING);
    let mut length = OPENING.len();
    for octet in text.chars().filter_map(|character| u8::try_from(u32::from(character)).ok()) {
        let code = match octet {
            b' ' => "_".to_owned(),
            // What an encoded word in a phrase may hold as it is (RFC 2047 5).
            octet if octet.is_ascii_alphanumeric() || b"!*+-/".contains(&octet) => {
                char::from(octet).to_string()
            }
            octet => format!("={octet:02X}"),
        };
        if length + code.len() + 2 > WORD {
            out.push_str("?= ");
            out.push_str(OPENING);
            length = OPENING.len();
        }
        length += code.len();
        out.push_str(&code);
    }
    out.push_str("?=");
    out
}

/// A phrase of an address (RFC 5322 3.2.5): atoms, a quoted string, or encoded words.
pub(crate) fn phrase(text: &str) -> String {
    let text = one_line(text);
    if !text.is_ascii() || text.contains("=?") || text.bytes().any(|octet| octet.is_ascii_control()) {
        return encode_words(&text);
    }
    let is_atoms =
        !text.is_empty() && text.split(' ').all(|word| !word.is_empty() && word.bytes().all(is_atext));
    if is_atoms { text } else { quoted(&text) }
}

/// Text of a comment, without its parentheses.
pub(crate) fn comment(text: &str) -> String {
    let text = one_line(text);
    if !text.is_ascii() || text.contains("=?") {
        return encode_words(&text);
    }
    escaped(&text, |character| matches!(character, '(' | ')' | '\\'))
}

/// A word (RFC 5322 3.2.5): an atom where it can be, else a quoted string. What is not ASCII is written `?`.
pub(crate) fn word(text: &str) -> String {
    let text: String = one_line(text).chars().map(|c| if c.is_ascii() { c } else { '?' }).collect();
    if !text.is_empty() && text.bytes().all(is_atext) { text } else { quoted(&text) }
}

/// A quoted string, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text, |character| matches!(character, '"' | '\\')))
}

/// A parameter of a MIME field with its `; ` in front: a token, a quoted string, or the form of RFC 2231 in UTF-8.
pub(crate) fn parameter(name: &str, value: &str) -> String {
    let value = one_line(value);
    let is_token = !value.is_empty()
        && value.bytes().all(|octet| octet.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&octet));
    if is_token {
        return format!("; {name}={value}");
    }
    if value.bytes().all(|octet| octet == b' ' || octet.is_ascii_graphic()) && value.len() <= MAX_LINE / 2 {
        return format!("; {name}={}", quoted(&value));
    }
    extended_parameter(name, &value)
}

/// RFC 2231 3 and 4: percent-encoded UTF-8, in sections if it is long.
fn extended_parameter(name: &str, value: &str) -> String {
    const SECTION: usize = 60;
    let mut sections = vec![String::new()];
    for octet in value.bytes() {
        if sections.last().is_some_and(|last| last.len() >= SECTION) {
            sections.push(String::new());
        }
        let Some(last) = sections.last_mut() else { continue };
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            last.push(char::from(octet));
        } else {
            let _ = write!(last, "%{octet:02X}");
        }
    }
    if let [only] = sections.as_slice() {
        return format!("; {name}*=utf-8''{only}");
    }
    let numbered = sections.iter().enumerate().map(|(number, section)| {
        let charset = if number == 0 { "utf-8''" } else { "" };
        format!("; {name}*{number}*={charset}{section}")
    });
    numbered.collect()
}

/// Free text: as it is, or as encoded words.
fn unstructured(text: &str) -> String {
    let text = one_line(text);
    let plain = text.bytes().all(|octet| octet == b' ' || octet == b'\t' || octet.is_ascii_graphic());
    let longest = text.split([' ', '\t']).map(str::len).max().unwrap_or_default();
    if plain && !text.contains("=?") && longest <= MAX_LINE / 2 && text.trim() == text {
        text
    } else {
        encode_words(&text)
    }
}

/// A value as it is meant, on one line; as encoded words if it is not ASCII.
fn ascii(value: &str) -> String {
    let value = one_line(value);
    if value.is_ascii() { value } else { encode_words(&value) }
}

fn one_line(text: &str) -> String {
    if !text.contains(['\r', '\n', '\0']) {
        return text.to_owned();
    }
    text.replace("\r\n", " ").replace(['\r', '\n', '\0'], " ")
}

fn escaped(text: &str, special: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if special(character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// G-17: folds at white space so that lines are short where they can be. A space inside a quoted string is a place to fold
/// like any other: unfolding gives the same value (RFC 5322 2.2.3).
fn fold(line: &str, out: &mut String) {
    // No line may be blank: a fold has something before it on its line, and something after it.
    let end = line.trim_end().len();
    // The name stays with the first word.
    let mut first = line.find(": ").map_or(0, |at| at + 3);
    let mut start = 0;
    while line.len() - start > FOLD_AT {
        let spaces = line.len() - start - line[start..].trim_start().len();
        let from = first.max(start + spaces + 1);
        let limit = start + FOLD_AT;
        let near = line.as_bytes().get(from..end.min(limit + 1)).and_then(|near| memchr::memrchr(b' ', near));
        let place = near.map(|near| from + near).or_else(|| {
            let from = from.max(limit);
            memchr::memchr(b' ', line.as_bytes().get(from..end)?).map(|beyond| from + beyond)
        });
        let Some(at) = place else { break };
        out.push_str(&line[start..at]);
        out.push_str("\r\n");
        (start, first) = (at, at + 2);
    }
    out.push_str(&line[start..]);
    out.push_str("\r\n");
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Message;
    use crate::mixer::charset::decode_words;

    #[test]
    fn lines_are_folded_between_words() {
        // K-07
        let mut block = HeaderBlock::default();
        block.add("References", &["<0123456789012345678901234567890@example.com>"; 3].join(" "));
        block.add("X", &"x".repeat(100));
        let text = String::from_utf8(block.to_octets()).unwrap();
        let lines: Vec<_> = text.lines().map(str::len).collect();
        assert_eq!(lines, [57, 46, 46, 103]);
    }

    #[test]
    fn fields_are_found_however_many_there_are() {
        let mut block = HeaderBlock::default();
        for number in 0..3 * FEW {
            block.add(&format!("X-{}", number % (2 * FEW)), &number.to_string());
            assert_eq!(block.get("x-0"), Some("0"));
        }
        block.set("x-5", "five");
        assert_eq!((block.get("X-5"), block.get("X-70"), block.has("X")), (Some("five"), Some("70"), false));
        assert_eq!((block.take("x-0").as_deref(), block.take("x-0")), (Some("0"), None));
        assert_eq!((block.get("X-5"), block.fields().count()), (Some("five"), 3 * FEW - 2));
    }

    #[test]
    fn long_values_are_named_by_their_beginning() {
        let mut block = HeaderBlock::default();
        block.add("A", &"a".repeat(BEGINNING));
        block.add("B", &"b".repeat(1_000_000));
        let lengths = ["A", "B", "C"].map(|name| block.beginning(name).len());
        assert_eq!(lengths, [BEGINNING, BEGINNING + 3, 0]);
    }

    /// A sender chooses what stands between two words.
    #[test]
    fn a_million_spaces_are_folded_once() {
        let mut block = HeaderBlock::default();
        let value = format!("a{}b c", " ".repeat(1_000_000));
        block.add("X", &value);
        let text = String::from_utf8(block.to_octets()).unwrap();
        assert_eq!(text.matches("\r\n").count(), 3);
        assert_eq!(text.replace("\r\n ", " "), format!("X: {value}\r\n"));
    }

    /// A blank line would end the header.
    #[test]
    fn words_far_apart_do_not_leave_a_blank_line() {
        let mut block = HeaderBlock::default();
        let word = "x".repeat(76);
        block.add("DKIM-Signature", &format!("{word}    {word}      {word}"));
        let text = String::from_utf8(block.to_octets()).unwrap();
        assert_eq!(text.lines().filter(|line| line.trim().is_empty()).count(), 0, "{text:?}");
        assert_eq!(text.replace("\r\n ", " ").split_whitespace().count(), 4, "{text:?}");
    }

    #[test]
    fn no_value_can_make_a_field_of_its_own() {
        let mut block = HeaderBlock::default();
        block.add_text("Subject", "one\r\nBcc: everybody\0");
        block.add("X", "a\nY: b");
        assert_eq!(block.to_octets(), b"Subject: =?iso-8859-1?Q?one_Bcc=3A_everybody_?=\r\nX: a Y: b\r\n");
    }

    #[test]
    fn parameters_take_the_form_they_need() {
        for (value, expected) in [
            ("a.pdf", "; filename=a.pdf"),
            ("a b\".pdf", "; filename=\"a b\\\".pdf\""),
            ("ä.pdf", "; filename*=utf-8''%C3%A4.pdf"),
            ("", "; filename=\"\""),
        ] {
            assert_eq!(parameter("filename", value), expected);
        }
    }

    proptest::proptest! {
        // G-17: what is folded is unfolded to the same.
        #[test]
        fn free_text_comes_back(text in "\\PC{0,200}") {
            let mut block = HeaderBlock::default();
            block.add_text("Subject", &text);
            let mut octets = block.to_octets();
            proptest::prop_assert!(octets.is_ascii());
            octets.extend_from_slice(b"\r\n");
            let message = Message::parse(Bytes::from(octets));
            let value = &message.header().get("Subject").unwrap().value;
            let read = decode_words(value);
            proptest::prop_assert_eq!(read.as_ref(), text.as_str());
        }
    }
}
