//! The tables of character sets against glibc's `iconv`: every octet, every letter with every diacritic, every place of the sets
//! of two octets. Where the two differ, the difference is listed here with its reason.

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::process::{Command, Stdio};

use x400_gateway::mixer::charset::general_string::{DecodedText, decode_general, decode_teletex};
use x400_gateway::mixer::charset::{iso6937, t61};

/// A place of a set where the two may differ: its octets, what we read (nothing: U+FFFD) and what `iconv` does.
type Exception = (&'static [u8], &'static str, &'static str);

/// What `iconv` reads out of each of these, nothing where it refuses.
fn iconv(charset: &str, coded: &[Vec<u8>]) -> Vec<String> {
    let mut child = Command::new("iconv")
        .args(["-c", "-f", charset, "-t", "UTF-8"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("iconv is there: tests/run brings it");
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<u8> = coded.iter().flat_map(|octets| [octets, &b"\n"[..]].concat()).collect();
    let writer = std::thread::spawn(move || stdin.write_all(&lines).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let read: Vec<String> = text.split_terminator('\n').map(str::to_owned).collect();
    assert_eq!(read.len(), coded.len(), "{charset}");
    read
}

fn text(decoded: DecodedText) -> String {
    if decoded.unreadable > 0 { String::new() } else { decoded.text }
}

/// Compares what is read out of each of these, `ours` being handed the octets.
fn compare(charset: &str, coded: &[Vec<u8>], ours: impl Fn(&[u8]) -> String, exceptions: &[Exception]) {
    let mut differences = String::new();
    for (octets, theirs) in coded.iter().zip(iconv(charset, coded)) {
        let ours = ours(octets);
        let listed =
            exceptions.iter().any(|(at, one, other)| at == octets && *one == ours && *other == theirs);
        if ours != theirs && !listed {
            writeln!(differences, "{}: ours {ours:?}, iconv's {theirs:?}", octets.escape_ascii()).unwrap();
        }
    }
    assert!(differences.is_empty(), "{charset}:\n{differences}");
}

fn each(octets: impl Iterator<Item = u8>) -> Vec<Vec<u8>> {
    octets.map(|octet| vec![octet]).collect()
}

/// In both, the ohm sign and the Greek letter are one place, Đ and Ð another: the letters are read, which have small
/// ones, as F2 is đ.
const LETTERS: &[Exception] = &[(b"\xe0", "Ω", "\u{2126}"), (b"\xe2", "Đ", "Ð")];

// ledger: beyond B-12 B-13
#[test]
fn t61_is_that_of_iconv() {
    let mut exceptions = LETTERS.to_vec();
    // Peers fill places that T.61 lacks with ASCII, and Latin letters need no escape (B-13).
    for place in ["#", "$", "\\", "^", "`", "{", "}", "~"] {
        exceptions.push((place.as_bytes(), place, ""));
    }
    // The controls for half-lines and CSI say how text looks.
    exceptions.extend([
        (&b"\x8b"[..], "", "\u{8b}"),
        (b"\x8c", "", "\u{8c}"),
        (b"\x9b", "", "\u{9b}"),
        // Shifts and escapes of ISO 2022, which iconv takes for characters.
        (b"\x0e", "", "\u{e}"),
        (b"\x0f", "", "\u{f}"),
        (b"\x1b", "", "\u{1b}"),
    ]);
    let octets = each((0..=255).filter(|octet| *octet != b'\n'));
    compare("T.61-8BIT", &octets, |octets| text(decode_teletex(octets)), &exceptions);
}

// ledger: beyond B-12
#[test]
fn iso_6937_is_that_of_iconv() {
    let octets = each(0xA0..=0xFF);
    // C1 to CF alone are diacritics without a letter.
    let ours = |octets: &[u8]| text(decode_general(octets, &[156]));
    compare("ISO_6937", &octets, ours, LETTERS);
    let ours = |octets: &[u8]| text(decode_general(octets, &[90]));
    compare("ISO-IR-90", &octets, ours, LETTERS);
    let ours = |octets: &[u8]| text(decode_general(octets, &[103]));
    compare("ISO-IR-103", &octets, ours, LETTERS);
}

// ledger: beyond B-13
#[test]
fn letters_with_diacritics_are_those_of_iconv() {
    let pairs: Vec<Vec<u8>> = (0xC0..=0xCF_u8)
        .flat_map(|diacritic| (b' '..=b'~').map(move |letter| vec![diacritic, letter]))
        .collect();
    for (charset, decode) in
        [("T.61-8BIT", t61::decode as fn(&[u8]) -> String), ("ISO_6937", iso6937::decode)]
    {
        let mut equal = 0;
        for (pair, theirs) in pairs.iter().zip(iconv(charset, &pairs)) {
            let ours = decode(pair);
            let letter = String::from(char::from(pair[1]));
            // What iconv refuses is left out, or the letter stays without its diacritic.
            let refused = theirs.is_empty() || theirs == letter;
            if refused {
                // Reading is lax: the letter and the mark, C9 is an umlaut, C0 is nothing.
                let composed = ours.chars().count() == 1 && pair[0] == 0xC9;
                let marked = ours.starts_with(&letter) && ours.chars().count() == 2;
                assert!(composed || marked || pair[0] == 0xC0, "{charset} {}: {ours}", pair.escape_ascii());
            } else {
                assert_eq!(ours, theirs, "{charset} {}", pair.escape_ascii());
                equal += 1;
                let written = if charset == "ISO_6937" {
                    iso6937::encode(&ours).unwrap()
                } else {
                    t61::encode(&ours).octets
                };
                assert_eq!(&written, pair, "{ours}");
            }
        }
        assert!(equal > 150, "{charset}: {equal}");
    }
}

// ledger: beyond B-11 B-12
#[test]
fn right_halves_are_those_of_iconv() {
    for (number, charset, exceptions) in [
        (100, "ISO-8859-1", &[][..]),
        (101, "ISO-8859-2", &[]),
        (109, "ISO-8859-3", &[]),
        (110, "ISO-8859-4", &[]),
        (144, "ISO-8859-5", &[]),
        (127, "ISO-8859-6", &[]),
        (126, "ISO-8859-7", &[]),
        (138, "ISO-8859-8", &[]),
        (148, "ISO-8859-9", &[]),
        (157, "ISO-8859-10", &[]),
        (166, "TIS-620", TIS_620),
        (179, "ISO-8859-13", &[]),
        (199, "ISO-8859-14", &[]),
        (203, "ISO-8859-15", &[]),
        (226, "ISO-8859-16", &[]),
        (111, "ECMA-CYRILLIC", &[]),
        (139, "CSN_369103", &[]),
    ] {
        let ours = |octets: &[u8]| text(decode_general(octets, &[number]));
        compare(charset, &each(0xA0..=0xFF), ours, exceptions);
    }
}

/// The no-break space came with ISO 8859-11, which Windows and encoding_rs have.
const TIS_620: &[Exception] = &[(b"\xa0", "\u{a0}", "")];

#[test]
fn national_forms_of_iso_646_are_those_of_iconv() {
    for (last, charset) in [
        ("A", "BS_4730"),
        ("G", "SEN_850200_B"),
        ("H", "SEN_850200_C"),
        ("J", "JIS_C6220-1969-RO"),
        ("Y", "IT"),
        ("L", "PT"),
        ("Z", "ES"),
        ("K", "DIN_66003"),
        ("R", "NF_Z_62-010_1973"),
        ("T", "GB_1988-80"),
        ("`", "NS_4551-1"),
        ("a", "NS_4551-2"),
        ("f", "NF_Z_62-010"),
        ("g", "PT2"),
        ("h", "ES2"),
        ("i", "MSZ_7795.3"),
        ("w", "CSA_Z243.4-1985-1"),
        ("x", "CSA_Z243.4-1985-2"),
        ("z", "JUS_I.B1.002"),
        ("B", "ANSI_X3.4-1968"),
    ] {
        let ours = |octets: &[u8]| {
            text(decode_general(&[b"\x1b(", last.as_bytes(), octets, b"\x1b(B"].concat(), &[]))
        };
        compare(charset, &each(0x21..=0x7E), ours, &[]);
    }
}

// ledger: beyond B-12
#[test]
fn sets_of_two_octets_are_those_of_iconv() {
    for (charset, before, after, added) in [
        ("ISO-2022-JP", &b"\x1b$B"[..], &b"\x1b(B"[..], ADDED_TO_JIS_X_0208),
        ("ISO-2022-JP-2", b"\x1b$(D", b"\x1b(B", ADDED_TO_JIS_X_0212),
        ("ISO-2022-CN", b"\x1b$)A\x0e", b"\x0f", ADDED_TO_GB_2312),
        ("ISO-2022-CN-EXT", b"\x1b$)E\x0e", b"\x0f", &[]),
        // ISO-2022-KR is designated once for a whole text, so that this is EUC.
        ("EUC-KR", b"", b"", ADDED_TO_KS_C_5601),
    ] {
        let bit_8 = if before.is_empty() { 0x80 } else { 0 };
        let mut differences = String::new();
        let pairs = (0x21..=0x7E_u8).flat_map(|row| (0x21..=0x7E_u8).map(move |column| [row, column]));
        let pairs: Vec<_> = pairs.collect();
        let coded: Vec<Vec<u8>> =
            pairs.iter().map(|pair| [before, &pair.map(|octet| octet | bit_8), after].concat()).collect();
        for ((pair, octets), theirs) in pairs.iter().zip(&coded).zip(iconv(charset, &coded)) {
            let ours = text(decode_general(octets, if bit_8 == 0 { &[] } else { &[149] }));
            let alike = ALIKE.contains(&(ours.as_str(), theirs.as_str()));
            let is_added = theirs.is_empty()
                && added.iter().any(|(rows, columns)| rows.contains(&pair[0]) && columns.contains(&pair[1]));
            if ours != theirs && !is_added && !alike {
                writeln!(differences, "{pair:02X?}: ours {ours:?}, iconv's {theirs:?}").unwrap();
            }
        }
        assert!(differences.is_empty(), "{charset}:\n{differences}");
    }
}

/// Ours and iconv's: one sign, two characters of Unicode. Ours is the one of the Internet's encodings of the same sets (WHATWG),
/// so that mail comes back from X.400 as it went.
const ALIKE: &[(&str, &str)] =
    &[("～", "〜"), ("∥", "‖"), ("－", "−"), ("￠", "¢"), ("￡", "£"), ("￢", "¬"), ("—", "―"), ("·", "・")];

/// Places that the standard leaves empty and vendors filled: rows, columns. They are read, for mail is full of them, and never
/// written.
type Added = &'static [(RangeInclusive<u8>, RangeInclusive<u8>)];
const ALL: RangeInclusive<u8> = 0x21..=0x7E;
/// NEC's row 13 and IBM's characters in rows 89 to 92, after Microsoft.
const ADDED_TO_JIS_X_0208: Added = &[(0x2D..=0x2D, ALL), (0x79..=0x7C, ALL)];
const ADDED_TO_JIS_X_0212: Added = &[];
/// Roman numerals, the euro, vertical forms and letters of pinyin, from GBK and GB 18030.
const ADDED_TO_GB_2312: Added = &[(0x22..=0x22, ALL), (0x26..=0x26, 0x59..=0x7E), (0x28..=0x28, 0x3B..=0x44)];
const ADDED_TO_KS_C_5601: Added = &[];
