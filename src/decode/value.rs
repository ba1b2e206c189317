//! What the contents of a primitive element say.

mod write;

use super::Severity;
use super::oids;
use super::schema::{Charset, Kind};
pub(crate) use write::write;

/// A value, ready to be written in any form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// TRUE or FALSE.
    Boolean(bool),
    /// Nothing more to say.
    Null,
    /// A number, with its name if it has one.
    Integer {
        /// The number.
        number: i64,
        /// Its name.
        name: Option<&'static str>,
    },
    /// Bits.
    Bits {
        /// How many.
        count: usize,
        /// Them, first bit first.
        octets: Vec<u8>,
        /// The names of those that are one; `bit n` if there is none.
        names: Vec<String>,
    },
    /// Octets, or a value that could not be read.
    Octets(Vec<u8>),
    /// Characters, as Unicode.
    Text {
        /// The string type.
        charset: Charset,
        /// The characters; octets that mean nothing in the type become `\xhh`.
        text: String,
    },
    /// A date and time.
    Time {
        /// As it stands.
        text: String,
        /// As ISO 8601, if it can be read.
        iso: Option<String>,
    },
    /// An object identifier.
    Oid {
        /// Its arcs with dots between.
        dotted: String,
        /// Its name, if known.
        name: Option<&'static str>,
    },
}

/// Something wrong with contents: how bad, short name, words.
pub(crate) type Complaint = (Severity, &'static str, String);

/// Reads contents as a kind of type.
pub(crate) fn read(kind: &Kind, contents: &[u8]) -> (Value, Option<Complaint>) {
    match kind {
        Kind::Boolean => match contents {
            [octet] => (Value::Boolean(*octet != 0), None),
            _ => bad(contents, "a BOOLEAN has one octet"),
        },
        Kind::Null => match contents {
            [] => (Value::Null, None),
            _ => bad(contents, "a NULL has no contents"),
        },
        Kind::Integer(names) | Kind::Enumerated(names) => integer(contents, names),
        Kind::Bits(names) => bits(contents, names),
        Kind::Oid => match dotted(contents) {
            Some(dotted) => {
                let name = oids::name(&dotted);
                (Value::Oid { dotted, name }, None)
            }
            None => bad(contents, "not an object identifier"),
        },
        Kind::UtcTime => time(contents, 2),
        Kind::GeneralizedTime => time(contents, 4),
        Kind::Text(charset) => text(*charset, contents),
        _ => (Value::Octets(contents.to_vec()), None),
    }
}

fn bad(contents: &[u8], message: &str) -> (Value, Option<Complaint>) {
    (Value::Octets(contents.to_vec()), Some((Severity::Error, "bad-value", message.to_owned())))
}

fn integer(contents: &[u8], names: &[(i64, &'static str)]) -> (Value, Option<Complaint>) {
    let Some(first) = contents.first() else { return bad(contents, "an INTEGER has at least one octet") };
    let sign: i64 = if first & 0x80 == 0 { 0 } else { -1 };
    if contents.len() > 8 {
        return (Value::Octets(contents.to_vec()), None);
    }
    let number = contents.iter().fold(sign, |number, octet| number << 8 | i64::from(*octet));
    let name = names.iter().find(|(own, _)| *own == number).map(|(_, name)| *name);
    (Value::Integer { number, name }, None)
}

fn bits(contents: &[u8], names: &[(u32, &'static str)]) -> (Value, Option<Complaint>) {
    let Some((unused, octets)) = contents.split_first() else {
        return bad(contents, "a BIT STRING begins with the number of unused bits");
    };
    let unused = usize::from(*unused);
    if unused > 7 || (unused > 0 && octets.is_empty()) {
        return bad(contents, "more unused bits than there can be");
    }
    let count = octets.len() * 8 - unused;
    (Value::Bits { count, octets: octets.to_vec(), names: bit_names(octets, count, names) }, None)
}

/// The names of the bits that are one. Bit strings without names, or long ones, are not spelled out.
fn bit_names(octets: &[u8], count: usize, names: &[(u32, &'static str)]) -> Vec<String> {
    if names.is_empty() {
        return Vec::new();
    }
    let limit = count.min(256);
    let is_one = |bit: &usize| octets.get(bit / 8).is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0);
    let named = |bit: usize| {
        let found = names.iter().find(|(own, _)| usize::try_from(*own) == Ok(bit));
        found.map_or_else(|| format!("bit {bit}"), |(_, name)| (*name).to_owned())
    };
    (0..limit).filter(is_one).map(named).collect()
}

/// The arcs of an object identifier with dots between (X.690 8.19).
pub(crate) fn dotted(contents: &[u8]) -> Option<String> {
    let mut arcs: Vec<u128> = Vec::new();
    let mut arc: u128 = 0;
    let mut complete = false;
    for octet in contents {
        arc = arc.checked_mul(128)? | u128::from(octet & 0x7f);
        complete = octet & 0x80 == 0;
        if !complete {
            continue;
        }
        if arcs.is_empty() {
            let root = (arc / 40).min(2);
            arcs.extend([root, arc - root * 40]);
        } else {
            arcs.push(arc);
        }
        arc = 0;
    }
    complete.then(|| arcs.iter().map(u128::to_string).collect::<Vec<_>>().join("."))
}

/// A time whose year has two digits (UTCTime) or four (GeneralizedTime).
fn time(contents: &[u8], year_digits: usize) -> (Value, Option<Complaint>) {
    let text = escape(contents, |octet| octet.is_ascii_graphic() || octet == b' ');
    let iso = iso_time(contents, year_digits);
    let complaint =
        iso.is_none().then(|| (Severity::Note, "time", "not a time in the form of its type".to_owned()));
    (Value::Time { text, iso }, complaint)
}

fn iso_time(contents: &[u8], year_digits: usize) -> Option<String> {
    let text = std::str::from_utf8(contents).ok()?;
    let zone_at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (digits, zone) = text.split_at_checked(zone_at)?;
    let (digits, fraction) = match digits.split_once(['.', ',']) {
        Some((digits, fraction)) if year_digits == 4 => (digits, format!(".{fraction}")),
        Some(_) => return None,
        None => (digits, String::new()),
    };
    if !digits.bytes().chain(fraction.bytes().skip(1)).all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let (year, rest) = digits.split_at_checked(year_digits)?;
    let year = match (year_digits, year) {
        // Nothing older than the standard can be meant.
        (2, _) if year < "70" => format!("20{year}"),
        (2, _) => format!("19{year}"),
        _ => year.to_owned(),
    };
    let pair = |index: usize| rest.get(index * 2..index * 2 + 2);
    let in_range = |index: usize, low: u32, high: u32| {
        pair(index)
            .and_then(|pair| pair.parse::<u32>().ok())
            .is_none_or(|number| (low..=high).contains(&number))
    };
    let ranges = in_range(0, 1, 12)
        && in_range(1, 1, 31)
        && in_range(2, 0, 23)
        && in_range(3, 0, 59)
        && in_range(4, 0, 60);
    let lengths: &[usize] = if year_digits == 2 { &[8, 10] } else { &[6, 8, 10] };
    if !ranges || !lengths.contains(&rest.len()) || (year_digits == 2 && zone.is_empty()) {
        return None;
    }
    let zone = match zone.split_at_checked(1) {
        None => String::new(),
        Some(("Z", "")) => "Z".to_owned(),
        Some((sign @ ("+" | "-"), offset))
            if offset.len() == 4 && offset.bytes().all(|octet| octet.is_ascii_digit()) =>
        {
            format!("{sign}{}:{}", offset.get(..2)?, offset.get(2..)?)
        }
        Some(_) => return None,
    };
    let minute = pair(3).unwrap_or("00");
    let second = pair(4).unwrap_or("00");
    Some(format!("{year}-{}-{}T{}:{minute}:{second}{fraction}{zone}", pair(0)?, pair(1)?, pair(2)?))
}

fn text(charset: Charset, contents: &[u8]) -> (Value, Option<Complaint>) {
    let read = match charset {
        Charset::Numeric | Charset::Printable | Charset::Ia5 | Charset::Visible => {
            escape(contents, |octet| octet.is_ascii())
        }
        Charset::Teletex | Charset::Videotex => teletex(contents),
        Charset::Graphic | Charset::General => general(contents),
        Charset::Bmp => wide(contents, 2),
        Charset::Universal => wide(contents, 4),
        Charset::Utf8 => String::from_utf8_lossy(contents).into_owned(),
    };
    let allowed: fn(&u8) -> bool = match charset {
        Charset::Numeric => |octet| octet.is_ascii_digit() || *octet == b' ',
        Charset::Printable => |octet| octet.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(octet),
        Charset::Ia5 => u8::is_ascii,
        Charset::Visible => |octet| octet.is_ascii_graphic() || *octet == b' ',
        _ => |_| true,
    };
    let complaint = contents.iter().position(|octet| !allowed(octet)).map(|at| {
        let octet = contents.get(at).copied().unwrap_or_default();
        let name = super::ber::universal_name(charset.tag_number()).unwrap_or_default();
        (Severity::Note, "repertoire", format!("octet {octet:02x} at {at} is not in {name}"))
    });
    (Value::Text { charset, text: read }, complaint)
}

fn escape(contents: &[u8], keep: fn(u8) -> bool) -> String {
    let mut text = String::new();
    for octet in contents {
        match keep(*octet) {
            true => text.push(char::from(*octet)),
            false => text.push_str(&format!("\\x{octet:02x}")),
        }
    }
    text
}

fn wide(contents: &[u8], width: usize) -> String {
    let mut units = Vec::new();
    for unit in contents.chunks(width) {
        let number = unit.iter().fold(0_u32, |number, octet| number << 8 | u32::from(*octet));
        units.push(if unit.len() == width { number } else { 0xfffd });
    }
    let narrow = units.iter().map(|unit| u16::try_from(*unit).unwrap_or(0xfffd));
    match width {
        2 => char::decode_utf16(narrow).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
        _ => units.iter().map(|unit| char::from_u32(*unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
    }
}

/// Right half of T.61 from A0, a space where nothing is (C0 to CF are accents).
const T61_RIGHT: [&str; 4] = [" ¡¢£$¥#§¤  «    ", "°±²³×µ¶·÷  »¼½¾¿", "ΩÆÐªĦ ĲĿŁØŒºÞŦŊŉ", "ĸæđðħıĳŀłøœßþŧŋ "];

/// The combining character for the accents C1 to CF.
const T61_ACCENTS: [u32; 15] =
    [0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x308, 0x30a, 0x327, 0x332, 0x30b, 0x328, 0x30c];

/// Letters that exist in one piece: combining character, letters, the same with it.
const COMPOSED: &[(u32, &str, &str)] = &[
    (0x300, "AEIOUaeiou", "ÀÈÌÒÙàèìòù"),
    (0x301, "ACEILNORSUYZaceilnorsuyz", "ÁĆÉÍĹŃÓŔŚÚÝŹáćéíĺńóŕśúýź"),
    (0x302, "ACEGHIJOSUWYaceghijosuwy", "ÂĈÊĜĤÎĴÔŜÛŴŶâĉêĝĥîĵôŝûŵŷ"),
    (0x303, "AINOUainou", "ÃĨÑÕŨãĩñõũ"),
    (0x304, "AEIOUaeiou", "ĀĒĪŌŪāēīōū"),
    (0x306, "AGUagu", "ĂĞŬăğŭ"),
    (0x307, "CEGIZcegz", "ĊĖĠİŻċėġż"),
    (0x308, "AEIOUYaeiouy", "ÄËÏÖÜŸäëïöüÿ"),
    (0x30a, "AUau", "ÅŮåů"),
    (0x327, "CGKLNRSTcgklnrst", "ÇĢĶĻŅŖŞŢçģķļņŗşţ"),
    (0x328, "AEIUaeiu", "ĄĘĮŲąęįų"),
    (0x30b, "OUou", "ŐŰőű"),
    (0x30c, "CDELNRSTZcdelnrstz", "ČĎĚĽŇŘŠŤŽčďěľňřšťž"),
];

/// T.61: accents stand before their letter.
fn teletex(contents: &[u8]) -> String {
    let mut text = String::new();
    let mut accent = None;
    for octet in contents {
        let position = usize::from(octet & 0x0f);
        let character = match octet {
            0x24 if accent.is_none() => Some('¤'),
            0x00..=0x7f => Some(char::from(*octet)),
            0xc1..=0xcf => {
                accent = T61_ACCENTS.get(position - 1).and_then(|accent| char::from_u32(*accent));
                continue;
            }
            0xa0..=0xbf | 0xe0..=0xff => {
                let row = usize::from(octet >> 4);
                let row = if row < 0xc { row - 0xa } else { row - 0xc };
                T61_RIGHT.get(row).and_then(|row| row.chars().nth(position)).filter(|found| *found != ' ')
            }
            _ => None,
        };
        match character {
            Some(letter) => push_accented(&mut text, letter, accent.take()),
            None => text.push_str(&format!("\\x{octet:02x}")),
        }
    }
    text
}

fn push_accented(text: &mut String, letter: char, accent: Option<char>) {
    let Some(accent) = accent else { return text.push(letter) };
    let composed =
        COMPOSED.iter().find(|(own, ..)| *own == u32::from(accent)).and_then(|(_, letters, whole)| {
            let at = letters.chars().position(|own| own == letter)?;
            whole.chars().nth(at)
        });
    match composed {
        Some(composed) => text.push(composed),
        None => text.extend([letter, accent]),
    }
}

/// ISO 2022 text as far as people meet it: ASCII to the left, one Latin, Greek, Cyrillic .. set to the right (B-12).
fn general(contents: &[u8]) -> String {
    let mut text = String::new();
    let mut right = encoding_rs::WINDOWS_1252;
    let mut rest = contents;
    while let Some((octet, tail)) = rest.split_first() {
        rest = tail;
        match octet {
            0x1b => {
                let length = tail.iter().take_while(|octet| (0x20..=0x2f).contains(*octet)).count() + 1;
                let sequence = tail.get(..length).unwrap_or(tail);
                rest = tail.get(length..).unwrap_or_default();
                if let [0x2d, set] = sequence {
                    right = right_half(*set);
                } else if let [0x25, 0x47] = sequence {
                    text.push_str(&String::from_utf8_lossy(rest));
                    return text;
                }
            }
            0x00..=0x7f => text.push(char::from(*octet)),
            0xa0..=0xff => text.push_str(&right.decode_without_bom_handling(&[*octet]).0),
            _ => text.push_str(&format!("\\x{octet:02x}")),
        }
    }
    text
}

/// The encoding with this set in its right half, by the final octet of ESC 2D.
fn right_half(set: u8) -> &'static encoding_rs::Encoding {
    match set {
        0x42 => encoding_rs::ISO_8859_2,
        0x43 => encoding_rs::ISO_8859_3,
        0x44 => encoding_rs::ISO_8859_4,
        0x46 => encoding_rs::ISO_8859_7,
        0x47 => encoding_rs::ISO_8859_6,
        0x48 => encoding_rs::ISO_8859_8,
        0x4c => encoding_rs::ISO_8859_5,
        0x4d => encoding_rs::WINDOWS_1254,
        0x56 => encoding_rs::ISO_8859_10,
        0x59 => encoding_rs::ISO_8859_13,
        0x5f => encoding_rs::ISO_8859_14,
        0x62 => encoding_rs::ISO_8859_15,
        0x66 => encoding_rs::ISO_8859_16,
        _ => encoding_rs::WINDOWS_1252,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_unicode() {
        let cases: &[(Charset, &[u8], &str)] = &[
            (Charset::Printable, b"A (b)", "A (b)"),
            (Charset::Ia5, &[0x41, 0xe9], "A\\xe9"),
            // B-13: the accent stands before its letter.
            (Charset::Teletex, &[0xc8, 0x75, 0xfb, 0xc2, 0x78], "üßx\u{301}"),
            (Charset::General, &[0x1b, 0x28, 0x42, 0x1b, 0x2d, 0x4c, 0x1b, 0x7e, 0xbf, 0x21], "П!"),
            (Charset::General, &[0x1b, 0x25, 0x47, 0xc3, 0xbc], "ü"),
            (Charset::Bmp, &[0x00, 0x41, 0x20, 0xac, 0x00], "A€\u{fffd}"),
            (Charset::Universal, &[0, 1, 0xf6, 0], "😀"),
        ];
        for (charset, octets, expected) in cases {
            let (value, _) = read(&Kind::Text(*charset), octets);
            assert_eq!(value, Value::Text { charset: *charset, text: (*expected).to_owned() });
        }
    }

    #[test]
    fn times_are_read_or_found_fault_with() {
        let cases = [
            (Kind::UtcTime, "261123030000Z", Some("2026-11-23T03:00:00Z")),
            (Kind::UtcTime, "8803281510+0200", Some("1988-03-28T15:10:00+02:00")),
            (Kind::UtcTime, "1261123033703Z", None),
            (Kind::UtcTime, "20261123030000Z", None),
            (Kind::UtcTime, "261123030000", None),
            (Kind::GeneralizedTime, "20261123030000.5Z", Some("2026-11-23T03:00:00.5Z")),
            (Kind::GeneralizedTime, "2026112303", Some("2026-11-23T03:00:00")),
            (Kind::GeneralizedTime, "20261323030000Z", None),
        ];
        for (kind, text, expected) in cases {
            let (value, complaint) = read(&kind, text.as_bytes());
            let iso = expected.map(str::to_owned);
            assert_eq!(complaint.is_some(), iso.is_none(), "{text}");
            assert_eq!(value, Value::Time { text: text.to_owned(), iso });
        }
    }

    #[test]
    fn object_identifiers_of_any_size_are_read() {
        let cases: &[(&[u8], Option<&str>)] = &[
            (&[0x56, 0x00, 0x01, 0x06], Some("2.6.0.1.6")),
            (&[0x88, 0x37], Some("2.999")),
            // OI-06: an arc of more than 32 bits.
            (
                &[0x09, 0x92, 0x26, 0x86, 0xe8, 0xc4, 0xb5, 0xbe, 0x2c, 0x81, 0x48, 0x01],
                Some("0.9.2342.234219200300.200.1"),
            ),
            (&[0x56, 0x80], None),
            (&[], None),
        ];
        for (octets, expected) in cases {
            assert_eq!(dotted(octets).as_deref(), *expected);
        }
    }

    #[test]
    fn numbers_are_signed() {
        let cases: &[(&[u8], i64)] =
            &[(&[0xff], -1), (&[0x00, 0xff], 255), (&[0x7f; 8], 0x7f7f_7f7f_7f7f_7f7f)];
        for (octets, number) in cases {
            assert_eq!(integer(octets, &[]).0, Value::Integer { number: *number, name: None });
        }
    }
}
