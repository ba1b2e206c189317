//! The way back: the contents that say a value.

use super::{COMPOSED, T61_ACCENTS, T61_RIGHT, Value};
use crate::decode::schema::Charset;

/// Contents that are read as this value; where there are several, the shortest.
///
/// # Errors
/// In words, when the value has none: a character that is not in the string type, an object identifier that is none.
pub(crate) fn write(value: &Value) -> Result<Vec<u8>, String> {
    match value {
        Value::Boolean(true) => Ok(vec![0xff]),
        Value::Boolean(false) => Ok(vec![0]),
        Value::Null => Ok(Vec::new()),
        Value::Integer { number, .. } => Ok(integer(*number)),
        Value::Bits { count, octets, .. } => bits(*count, octets),
        Value::Octets(octets) => Ok(octets.clone()),
        Value::Text { charset, text } => self::text(*charset, text),
        Value::Time { text, .. } => ascii(text, 0x7f),
        Value::Oid { dotted, .. } => oid(dotted).ok_or_else(|| format!("`{dotted}` is no object identifier")),
    }
}

/// Two's complement in as few octets as possible (X.690 8.3).
fn integer(number: i64) -> Vec<u8> {
    let octets = number.to_be_bytes();
    let is_needless = |pair: &[u8]| matches!(pair, [0x00, 0x00..=0x7f] | [0xff, 0x80..=0xff]);
    let skipped = octets.windows(2).take_while(|pair| is_needless(pair)).count();
    octets[skipped..].to_vec()
}

/// The number of unused bits, then the bits (X.690 8.6).
fn bits(count: usize, octets: &[u8]) -> Result<Vec<u8>, String> {
    let unused = (octets.len() * 8).checked_sub(count).and_then(|unused| u8::try_from(unused).ok());
    match unused {
        Some(unused @ 0..=7) => Ok([&[unused], octets].concat()),
        _ => Err(format!("{count} bits do not fill {} octets", octets.len())),
    }
}

/// X.690 8.19.
fn oid(dotted: &str) -> Option<Vec<u8>> {
    let arcs: Vec<u128> = dotted.split('.').map(|arc| arc.parse().ok()).collect::<Option<_>>()?;
    let [root @ 0..=2, second, rest @ ..] = arcs.as_slice() else { return None };
    if *root < 2 && *second > 39 {
        return None;
    }
    let mut octets = Vec::new();
    let first = (root * 40).checked_add(*second)?;
    for arc in std::iter::once(&first).chain(rest) {
        let mut groups = vec![u8::try_from(arc & 0x7f).ok()?];
        let mut more = arc >> 7;
        while more > 0 {
            groups.push(u8::try_from(more & 0x7f).ok()? | 0x80);
            more >>= 7;
        }
        octets.extend(groups.into_iter().rev());
    }
    Some(octets)
}

fn text(charset: Charset, text: &str) -> Result<Vec<u8>, String> {
    match charset {
        Charset::Numeric | Charset::Printable | Charset::Ia5 | Charset::Visible => ascii(text, 0x7f),
        Charset::Teletex | Charset::Videotex => teletex(text),
        Charset::Graphic | Charset::General => general(text),
        Charset::Bmp => Ok(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        Charset::Universal => {
            Ok(text.chars().flat_map(|character| u32::from(character).to_be_bytes()).collect())
        }
        Charset::Utf8 => Ok(text.as_bytes().to_vec()),
    }
}

/// Characters up to `last`; `\xhh` is the octet hh.
fn ascii(text: &str, last: u8) -> Result<Vec<u8>, String> {
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((octet, after)) = escaped(rest) {
            octets.push(octet);
            rest = after;
            continue;
        }
        match u8::try_from(u32::from(character)) {
            Ok(octet) if octet <= last => octets.push(octet),
            _ => return Err(missing(character)),
        }
        rest = &rest[character.len_utf8()..];
    }
    Ok(octets)
}

/// The octet that `\xhh` stands for, and what follows.
fn escaped(text: &str) -> Option<(u8, &str)> {
    let digits = text.strip_prefix("\\x")?;
    let (digits, after) = digits.split_at_checked(2)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    Some((u8::from_str_radix(digits, 16).ok()?, after))
}

fn missing(character: char) -> String {
    format!("`{character}` is not in the string type")
}

/// T.61: the accent before its letter.
fn teletex(text: &str) -> Result<Vec<u8>, String> {
    let mut octets = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((octet, after)) = escaped(rest) {
            octets.push(octet);
            rest = after;
            continue;
        }
        rest = &rest[character.len_utf8()..];
        let accent = rest.chars().next().filter(|next| accent_octet(u32::from(*next)).is_some());
        match (accent, character) {
            (Some(accent), letter) if letter.is_ascii() => {
                octets.extend(accent_octet(u32::from(accent)));
                octets.extend(u8::try_from(u32::from(letter)));
                rest = &rest[accent.len_utf8()..];
            }
            (_, '$') => octets.push(0xa4),
            (_, '¤') => octets.push(0x24),
            (_, '\0'..='\x7f') => octets.extend(u8::try_from(u32::from(character))),
            _ => octets.extend(teletex_letter(character).ok_or_else(|| missing(character))?),
        }
    }
    Ok(octets)
}

fn accent_octet(combining: u32) -> Option<u8> {
    let position = T61_ACCENTS.iter().position(|own| *own == combining)?;
    u8::try_from(position + 0xc1).ok()
}

/// A character of the right half, or a letter with its accent.
fn teletex_letter(character: char) -> Option<Vec<u8>> {
    for (row, high) in T61_RIGHT.iter().zip([0xa0_u8, 0xb0, 0xe0, 0xf0]) {
        if let Some(position) = row.chars().position(|own| own == character) {
            return Some(vec![high | u8::try_from(position).ok()?]);
        }
    }
    COMPOSED.iter().find_map(|(combining, letters, whole)| {
        let position = whole.chars().position(|own| own == character)?;
        let letter = letters.chars().nth(position)?;
        Some(vec![accent_octet(*combining)?, u8::try_from(u32::from(letter)).ok()?])
    })
}

/// ASCII as it is; Latin 1 after the sequence that designates it; anything else after the one for UTF-8 (B-12).
fn general(text: &str) -> Result<Vec<u8>, String> {
    if let Ok(octets) = ascii(text, 0x7f) {
        return Ok(octets);
    }
    let is_latin = |character: char| matches!(u32::from(character), 0x20..=0x7e | 0x0a | 0x0d | 0xa0..=0xff);
    if text.chars().all(is_latin) {
        let octets = text.chars().flat_map(|character| u8::try_from(u32::from(character)));
        return Ok([0x1b, 0x2d, 0x41].into_iter().chain(octets).collect());
    }
    Ok([b"\x1b%G", text.as_bytes()].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::decode::schema::Kind;

    #[test]
    fn what_is_written_is_read_again() {
        let texts = ["", "plain", "back\\slash", "Grüße, Ångström, Łódź $5 #1", "é"];
        let charsets = [
            Charset::Ia5,
            Charset::Teletex,
            Charset::General,
            Charset::Bmp,
            Charset::Universal,
            Charset::Utf8,
        ];
        for charset in charsets {
            for text in texts.into_iter().filter(|text| text.is_ascii() || charset != Charset::Ia5) {
                let value = Value::Text { charset, text: text.to_owned() };
                let octets = write(&value).unwrap_or_else(|error| panic!("{charset:?} {text}: {error}"));
                assert_eq!(read(&Kind::Text(charset), &octets).0, value, "{charset:?}");
            }
        }
        for number in [0, 1, -1, 127, 128, -128, -129, 255, 256, i64::MAX, i64::MIN] {
            let octets = write(&Value::Integer { number, name: None }).unwrap();
            assert_eq!(read(&Kind::Integer(&[]), &octets).0, Value::Integer { number, name: None });
            assert!(number.unsigned_abs() > 127 || octets.len() == 1, "{number}: {octets:02x?}");
        }
        for dotted in ["2.6.0.1.6", "2.999", "0.9.2342.234219200300.200.1", "1.39"] {
            let octets = write(&Value::Oid { dotted: dotted.into(), name: None }).unwrap();
            assert_eq!(super::super::dotted(&octets).as_deref(), Some(dotted));
        }
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let text = |charset, text: &str| Value::Text { charset, text: text.to_owned() };
        let cases = [
            (text(Charset::Ia5, "aé"), "`é` is not in the string type"),
            (text(Charset::Teletex, "П"), "`П` is not in the string type"),
            (Value::Oid { dotted: "1.40".into(), name: None }, "`1.40` is no object identifier"),
            (Value::Oid { dotted: "3.1".into(), name: None }, "`3.1` is no object identifier"),
            (Value::Bits { count: 9, octets: vec![0], names: vec![] }, "9 bits do not fill 1 octets"),
        ];
        for (value, expected) in cases {
            assert_eq!(write(&value), Err(expected.to_owned()));
        }
    }
}
