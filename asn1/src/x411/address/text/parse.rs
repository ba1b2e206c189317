//! Reading (RFC 2156 4.1.3, RFC 1685 F.3.2; ledger ).

use super::key::{Key, ROWS};
use super::personal::EncodedName;
use super::{KeyedAddress, TextError, value};

const STD_OR: &str = "RFC 2156 4.1.3";
const KEYWORDS: &str = "RFC 2156 4.1.1";

/// Octets of a text that is read at all. The largest address within its bounds, all in braces, has about 6,000; looking
/// for labels takes time that grows with the square of the length.
const MAXIMUM_LENGTH: usize = 8192;

/// Reads an address: `/G=j/S=s/O=o/PRMD=p/ADMD=a/C=gb/`, `G=j; S=s; O=o; P=p; A=a; C=gb`, or a mixture.
///
/// Keys may be written in any case and by any label of the catalogue. Each value fits the encoding of its key; bounds
/// and the completeness of the address are not looked at. With a country and no ADMD, the ADMD is one space.
///
/// # Errors
/// With the octet offset of the first fault, and where possible a suggestion.
pub fn parse(text: &str) -> Result<KeyedAddress, TextError> {
    if text.len() > MAXIMUM_LENGTH {
        return Err(TextError {
            offset: MAXIMUM_LENGTH,
            expected: format!("at most {MAXIMUM_LENGTH} octets"),
            found: format!("{}", text.len()),
            clause: STD_OR,
            suggestion: None,
        });
    }
    assemble(Scanner::new(text).pairs()?, text)
}

/// What a label asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Label {
    Key(Key),
    /// `OU1` to `OU4`.
    Unit(u8),
    /// `PD-A1` to `PD-A6`.
    Line(u8),
    /// `DD1.type` to `DD4.type`.
    NumberedDomainDefined(u8, String),
    /// `PN`.
    PersonalName,
    /// `ISDN`.
    Isdn,
}

/// A label with its value, and where each octet of the value came from.
struct Pair {
    label: Label,
    /// Where the label begins.
    offset: usize,
    /// Written as `A`, the label of RFC 1685, where nothing stands for one space.
    short_administration: bool,
    value: String,
    /// The place in the text of each octet of the value, and of its end.
    places: Vec<usize>,
}

/// What is found where a label may stand.
enum Ahead {
    Label { label: Label, start: usize, value: usize },
    Unknown { start: usize, end: usize },
    Nothing,
}

struct Scanner<'a> {
    text: &'a str,
    position: usize,
    /// The address uses `;` and does not begin with `/`: then a `/` that no label follows is part of a value.
    slash_may_be_literal: bool,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        let mut scanner = Self { text, position: 0, slash_may_be_literal: false };
        scanner.skip_spaces();
        // the identifier of RFC 1685 before the address.
        if scanner.rest().get(..6).is_some_and(|start| start.eq_ignore_ascii_case("X.400:")) {
            scanner.position += 6;
            scanner.skip_spaces();
        }
        scanner.slash_may_be_literal = !scanner.rest().starts_with('/') && scanner.rest().contains(';');
        scanner
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn skip_spaces(&mut self) {
        self.position = self.text.len() - self.rest().trim_start_matches(' ').len();
    }

    fn pairs(&mut self) -> Result<Vec<Pair>, TextError> {
        let mut pairs = Vec::new();
        loop {
            // Z-03: separators before the first and after the last pair are optional; empty pairs do no harm.
            let skipped = self.rest().trim_start_matches([' ', '/', ';']);
            self.position = self.text.len() - skipped.len();
            if skipped.is_empty() && !pairs.is_empty() {
                return Ok(pairs);
            }
            match self.label_at(self.position) {
                Ahead::Label { label, start, value } => {
                    self.position = value;
                    let written = self.text[start..value].trim_end_matches('=').trim_end();
                    let short_administration = written.eq_ignore_ascii_case("A");
                    let (value, places) = self.value()?;
                    pairs.push(Pair { label, offset: start, short_administration, value, places });
                }
                Ahead::Unknown { start, end } => return Err(unknown_key(self.text, start, end)),
                Ahead::Nothing => return Err(self.no_pair(pairs.is_empty())),
            }
        }
    }

    fn no_pair(&self, first: bool) -> TextError {
        let here = self.rest().split([' ', '/', ';']).next().unwrap_or_default();
        let suggestion = "a `/` inside a value is written `$/`".to_owned();
        TextError {
            offset: self.position,
            expected: "an attribute, `key=value`".to_owned(),
            found: if here.is_empty() { "the end of the address".to_owned() } else { format!("`{here}`") },
            clause: STD_OR,
            suggestion: (!first).then_some(suggestion),
        }
    }

    /// A value, up to its separator or the end.
    fn value(&mut self) -> Result<(String, Vec<usize>), TextError> {
        let mut value = String::new();
        let mut places = Vec::new();
        while let Some(character) = self.rest().chars().next() {
            let place = self.position;
            let (literal, width) = match character {
                // `$` quotes any character.
                '$' => match self.rest()[1..].chars().next() {
                    Some(quoted) => (quoted, 1 + quoted.len_utf8()),
                    None => {
                        return Err(TextError {
                            offset: place,
                            expected: "a character after `$`".to_owned(),
                            found: "the end of the address".to_owned(),
                            clause: STD_OR,
                            suggestion: None,
                        });
                    }
                },
                '/' | ';' => match self.literal_separator(character) {
                    Some(width) => (character, width),
                    None => {
                        self.position += 1;
                        places.push(place);
                        return Ok((value, places));
                    }
                },
                _ => (character, character.len_utf8()),
            };
            value.push(literal);
            places.extend(std::iter::repeat_n(place, literal.len_utf8()));
            self.position += width;
        }
        places.push(self.position);
        Ok((value, places))
    }

    /// Octets to take if the separator here is part of the value after all.
    fn literal_separator(&self, separator: char) -> Option<usize> {
        let after = &self.rest()[1..];
        // Z-07, A-31: a doubled separator is one literal, except directly before a label.
        if after.starts_with(separator) && !self.label_follows(self.position + 2) {
            return Some(2);
        }
        let next = after.trim_start_matches(' ');
        let ends = next.is_empty() || next.starts_with(['/', ';']);
        let may_be_literal = separator == '/' && self.slash_may_be_literal && !ends;
        (may_be_literal && matches!(self.label_at(self.position + 1), Ahead::Nothing)).then_some(1)
    }

    fn label_follows(&self, position: usize) -> bool {
        matches!(self.label_at(position), Ahead::Label { .. })
    }

    fn label_at(&self, position: usize) -> Ahead {
        let rest = self.text[position..].trim_start_matches(' ');
        let start = self.text.len() - rest.len();
        if let Some((number, width)) = domain_defined_prefix(rest) {
            return self.domain_defined_at(start, start + width, number);
        }
        let Some(end) = rest.find(['=', '/', ';', '$']).filter(|&end| rest[end..].starts_with('=')) else {
            return Ahead::Nothing;
        };
        match label(rest[..end].trim_end_matches(' ')) {
            Some(label) => Ahead::Label { label, start, value: start + end + 1 },
            None => Ahead::Unknown { start, end: start + end },
        }
    }

    /// The type of a domain-defined attribute, up to a single `=`; `$=` and `==` stand for one.
    fn domain_defined_at(&self, start: usize, after_prefix: usize, number: Option<u8>) -> Ahead {
        let mut kind = String::new();
        let mut rest = self.text[after_prefix..].chars().peekable();
        let mut position = after_prefix;
        while let Some(character) = rest.next() {
            position += character.len_utf8();
            let literal = match character {
                '$' => rest.next(),
                '=' | '/' | ';' => match rest.next_if_eq(&character) {
                    Some(doubled) => Some(doubled),
                    // After a `*` the teletex form follows, which needs characters as the other does.
                    None if character == '=' && !kind.is_empty() && !kind.ends_with('*') => {
                        let label = match number {
                            Some(number) => Label::NumberedDomainDefined(number, kind),
                            None => Label::Key(Key::DomainDefined(kind)),
                        };
                        return Ahead::Label { label, start, value: position };
                    }
                    None => break,
                },
                _ => {
                    kind.push(character);
                    continue;
                }
            };
            let Some(literal) = literal else { break };
            position += literal.len_utf8();
            kind.push(literal);
        }
        Ahead::Unknown { start, end: position.min(self.text.len()) }
    }
}

/// `DD.`, `DDA:` and their like at the start: the number in `DD1.`, and the length.
fn domain_defined_prefix(text: &str) -> Option<(Option<u8>, usize)> {
    let name = text.find(['.', ':'])?;
    let (number, known) = match text.as_bytes().get(..name)? {
        [b'D' | b'd', b'D' | b'd'] | [b'D' | b'd', b'D' | b'd', b'A' | b'a'] => (None, true),
        [b'D' | b'd', b'D' | b'd', digit @ b'1'..=b'4'] => (Some(digit - b'0'), true),
        _ => (None, false),
    };
    known.then_some((number, name + 1))
}

fn label(text: &str) -> Option<Label> {
    let upper = text.to_ascii_uppercase();
    match upper.as_str() {
        "RFC-822" => return Some(Label::Key(Key::DomainDefined("RFC-822".to_owned()))),
        "PN" => return Some(Label::PersonalName),
        "ISDN" => return Some(Label::Isdn),
        _ => {}
    }
    let numbered = |prefix: &str, most: u8| {
        let number: u8 = upper.strip_prefix(prefix)?.parse().ok()?;
        (1..=most).contains(&number).then_some(number)
    };
    Key::from_label(text)
        .map(Label::Key)
        .or_else(|| numbered("OU", 4).map(Label::Unit))
        .or_else(|| numbered("PD-A", 6).map(Label::Line))
}

/// Words that people try, with the key they mean.
const WORDS: &[(&str, &str)] = &[
    ("SURNAME", "S"),
    ("SN", "S"),
    ("GIVENNAME", "G"),
    ("GN", "G"),
    ("FN", "G"),
    ("INITIALS", "I"),
    ("ORG", "O"),
    ("ORGANIZATION", "O"),
    ("ORGANISATION", "O"),
    ("COUNTRY", "C"),
    ("DD", "DD.type"),
    ("DDA", "DDA:type"),
    ("RFC822", "RFC-822"),
    ("EMAIL", "RFC-822"),
];

fn unknown_key(text: &str, start: usize, end: usize) -> TextError {
    let written = text[start..end].trim_end_matches([' ', '=', '.', ':']);
    let upper = written.to_ascii_uppercase();
    let known = ROWS.iter().flat_map(|row| [row.label, row.display]);
    let known = known.chain(["OU1", "OU2", "OU3", "OU4", "PN", "RFC-822", "ISDN"]);
    let likely = WORDS.iter().find(|(word, _)| *word == upper).map(|(_, meant)| *meant).or_else(|| {
        let near = known.map(|label| (distance(&upper, label), label)).min();
        near.filter(|&(distance, label)| distance <= 2 && distance < label.len().max(2))
            .map(|(_, label)| label)
    });
    TextError {
        offset: start,
        expected: "a key such as S, O, PRMD, ADMD, C or DD.type".to_owned(),
        found: format!("`{written}`"),
        clause: KEYWORDS,
        suggestion: likely.map(|label| format!("did you mean `{label}`?")),
    }
}

/// Letters to insert, delete or replace to get from one to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (above, left) in from.bytes().take(40).enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (place, right) in to.bytes().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

/// From labels to keys: numbered forms are put in order, names taken apart, duplicates refused, values checked.
fn assemble(pairs: Vec<Pair>, text: &str) -> Result<KeyedAddress, TextError> {
    refuse_repetition(&pairs)?;
    let has_country = pairs.iter().any(|pair| pair.label == Label::Key(Key::Country));
    let has_administration = pairs.iter().any(|pair| pair.label == Label::Key(Key::AdministrationDomain));
    let mut found: Vec<(Key, String)> = Vec::with_capacity(pairs.len() + 1);
    let mut units = Vec::new();
    let mut lines = Vec::new();
    let mut domain_defined = Vec::new();
    for pair in pairs {
        match pair.label.clone() {
            Label::Key(Key::AdministrationDomain) if pair.short_administration && pair.value.is_empty() => {
                found.push((Key::AdministrationDomain, " ".to_owned()));
            }
            Label::Key(key) => found.push((key.clone(), pair.fit(&key, text)?)),
            Label::Unit(number) => units.push((number, pair.fit(&Key::OrganizationalUnit, text)?)),
            Label::Line(number) => lines.push((number, pair.fit(&Key::UnformattedPostalAddress, text)?)),
            Label::NumberedDomainDefined(number, kind) => {
                let key = Key::DomainDefined(kind);
                let value = pair.fit(&key, text)?;
                domain_defined.push((number, key, value));
            }
            Label::PersonalName => found.extend(pair.personal_name(text)?),
            Label::Isdn => found.extend(pair.isdn(text)?),
        }
    }
    // Z-04: number 1 is the most significant, hence the right-most.
    units.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.extend(units.into_iter().map(|(_, value)| (Key::OrganizationalUnit, value)));
    domain_defined.sort_by_key(|(number, ..)| std::cmp::Reverse(*number));
    found.extend(domain_defined.into_iter().map(|(_, key, value)| (key, value)));
    if !lines.is_empty() {
        lines.sort_by_key(|(number, _)| *number);
        let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
        found.push((Key::UnformattedPostalAddress, lines.join("|")));
    }
    if has_country && !has_administration {
        found.push((Key::AdministrationDomain, " ".to_owned()));
    }
    Ok(found.into_iter().collect())
}

/// What an address may have once, and what excludes what.
fn refuse_repetition(pairs: &[Pair]) -> Result<(), TextError> {
    use Label as L;
    let conflict = |one: &L, two: &L| match (one, two) {
        (L::Key(Key::OrganizationalUnit), L::Unit(_)) => true,
        (L::Key(Key::UnformattedPostalAddress), L::Line(_)) => true,
        (L::PersonalName, L::Key(key)) => {
            matches!(key, Key::Surname | Key::GivenName | Key::Initials | Key::GenerationQualifier)
        }
        (L::Isdn, L::Key(Key::NetworkNumber | Key::NetworkSubAddress | Key::PresentationAddress)) => true,
        (L::Key(Key::PresentationAddress), L::Key(Key::NetworkNumber | Key::NetworkSubAddress)) => true,
        (L::Key(key), L::Key(other)) => key == other && key.is_single(),
        (L::NumberedDomainDefined(one, _), L::NumberedDomainDefined(two, _)) => one == two,
        (one, two) => one == two,
    };
    for (index, pair) in pairs.iter().enumerate() {
        let earlier = &pairs[..index];
        if earlier
            .iter()
            .any(|other| conflict(&other.label, &pair.label) || conflict(&pair.label, &other.label))
        {
            return Err(TextError {
                offset: pair.offset,
                expected: "each attribute once, in one way of writing".to_owned(),
                found: "an attribute that was already given".to_owned(),
                clause: KEYWORDS,
                suggestion: None,
            });
        }
    }
    Ok(())
}

impl Pair {
    fn fit(&self, key: &Key, text: &str) -> Result<String, TextError> {
        value::fit(key, self.value.clone())
            .map_err(|misfit| self.error(misfit.offset, text, misfit.expected, misfit.clause))
    }

    fn error(&self, offset: usize, text: &str, expected: &str, clause: &'static str) -> TextError {
        let place = self.places.get(offset).or_else(|| self.places.last()).copied().unwrap_or(self.offset);
        let found = match self.value.get(offset..).and_then(|rest| rest.chars().next()) {
            Some(character) => format!("`{character}`"),
            None if place >= text.len() => "the end of the address".to_owned(),
            None => "the end of the value".to_owned(),
        };
        TextError { offset: place, expected: expected.to_owned(), found, clause, suggestion: None }
    }

    /// AK-09: `PN` as encoded-pn, printable, teletex or both.
    fn personal_name(&self, text: &str) -> Result<Vec<(Key, String)>, TextError> {
        let fault = || self.error(0, text, "a personal name such as `J.Linnimouth`", "RFC 2156 4.1.2");
        let (printable, teletex) = match self.value.split_once('*') {
            None => (Some(self.value.as_str()), None),
            Some(("", teletex)) => (None, Some(teletex)),
            Some((printable, teletex)) => (Some(printable), Some(teletex)),
        };
        let read =
            |name: Option<&str>| name.map(|name| EncodedName::split(name).ok_or_else(fault)).transpose();
        let names = (read(printable)?.unwrap_or_default(), read(teletex)?.unwrap_or_default());
        let mut found = Vec::new();
        let mut add = |key: Key, printable: Option<String>, teletex: Option<String>| {
            let value = match (printable.filter(|text| !text.is_empty()), teletex) {
                (None, None) => return Ok(()),
                (Some(printable), None) => printable,
                (printable, Some(teletex)) => format!("{}*{teletex}", printable.unwrap_or_default()),
            };
            value::fit(&key, value).map_err(|_| fault()).map(|value| found.push((key, value)))
        };
        let both = teletex.is_some();
        add(Key::GivenName, names.0.given, names.1.given)?;
        add(Key::Initials, names.0.initials, names.1.initials)?;
        add(Key::Surname, Some(names.0.surname), both.then_some(names.1.surname))?;
        Ok(found)
    }

    /// AK-35: digits, with whatever people put between them, then perhaps a `,` and a sub-address.
    fn isdn(&self, text: &str) -> Result<Vec<(Key, String)>, TextError> {
        let fault = || self.error(0, text, "a telephone or ISDN number", "RFC 1685 F.3.1");
        let digits = |part: &str| {
            let kept = part.replace([' ', '-', '+', '.', '(', ')'], "");
            let all = !kept.is_empty() && kept.bytes().all(|digit| digit.is_ascii_digit());
            all.then_some(kept).ok_or_else(fault)
        };
        let (number, sub_address) = match self.value.split_once([',', '/']) {
            Some((number, sub_address)) => (number, Some(sub_address)),
            None => (self.value.as_str(), None),
        };
        let mut found = vec![(Key::NetworkNumber, digits(number)?)];
        if let Some(sub_address) = sub_address {
            found.push((Key::NetworkSubAddress, digits(sub_address)?));
        }
        Ok(found)
    }
}
