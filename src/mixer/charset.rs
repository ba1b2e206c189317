//! Characters: header text and body text towards X.400 (RFC 2156 3.3.4, RFC 2157 6.1, 6.2, ledger B-10 to B-13).
//!
//! 1. [`decode_words`] turns encoded words of a header into Unicode; [`decode_text`] does it for a body.
//! 2. [`encode_human`] writes human text (subjects, names) in T.61, as far as T.61 goes; [`t61`] holds its tables.
//! 3. [`encode`](general::encode) chooses the smallest registered sets that hold a body text, and writes the ISO 2022 octets.
//! 4. [`decode_general`] and [`decode_teletex`](general_string::decode_teletex) read what X.400 has: ISO 2022 with every set of
//!    `registry`, whose characters are in tables (`accented`, `double`, `iso_ir_165`) and in `encoding_rs`.
//! 5. `nearest` has what stands for a character that a set lacks.

mod accented;
mod designating;
mod double;
pub mod general;
pub mod general_string;
pub mod iso6937;
mod iso_ir_165;
mod nearest;
mod registry;
pub mod t61;

use std::borrow::Cow;

use encoding_rs::Encoding;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::parsers::MessageStream;

pub use general::{BodyText, TextFallback, encode_body};
pub use general_string::decode_general;

/// Human text in T.61, with what had to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Human {
    /// The T.61 octets.
    pub octets: Vec<u8>,
    /// Characters T.61 lacks, each once, with what stands in their place.
    pub replaced: Vec<(char, String)>,
    /// Whether the text was cut at the limit.
    pub truncated: bool,
}

/// Writes human text in at most `limit` octets of T.61 (E-09, E-26).
///
/// A character T.61 lacks becomes its nearest neighbours in T.61, else `?`. Text that is mostly beyond T.61, in another
/// script, stays in encoded words where they fit, so that a gateway at the far end can restore it. A cut never leaves a
/// diacritic without its letter, an encoded word or comment open (E-27).
#[must_use]
pub fn encode_human(text: &str, limit: usize) -> Human {
    let (mut human, unknown) = t61::encode_counting(text);
    if unknown * 2 > text.chars().filter(|c| !c.is_whitespace()).count() {
        let words = encode_words(text);
        if words.len() <= limit {
            return Human { octets: words.into_bytes(), ..human };
        }
    }
    if human.octets.len() > limit {
        human.octets = t61::cut(&human.octets, limit).to_vec();
        human.truncated = true;
    }
    human
}

/// Text in printable ASCII: diacritics are left off, other characters become their nearest neighbours or `unknown`.
#[must_use]
pub fn nearest_ascii(text: &str, unknown: char) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' '..='~' => out.push(character),
            _ => match nearest::nearest(character, |_| false) {
                Some(instead) => out.push_str(&instead),
                None => out.push(unknown),
            },
        }
    }
    out
}

/// Decodes the encoded words of a header text (RFC 2047); what is no encoded word stays.
#[must_use]
pub fn decode_words(text: &str) -> Cow<'_, str> {
    if !text.contains("=?") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        let mut stream = MessageStream::new(&word.as_bytes()[1..]);
        let decoded = stream.decode_rfc2047();
        let end = 1 + stream.offset();
        match decoded {
            Some(decoded) if word.is_char_boundary(end) => {
                // White space between two encoded words belongs to the encoding (RFC 2047 6.2).
                if !(after_word && before.trim().is_empty()) {
                    out.push_str(before);
                }
                out.push_str(&decoded);
                rest = &word[end..];
                after_word = true;
            }
            _ => {
                out.push_str(before);
                out.push_str("=?");
                rest = &word[2..];
                after_word = false;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Text as encoded words in UTF-8, each at most 75 characters, joined by spaces.
#[must_use]
pub fn encode_words(text: &str) -> String {
    const OCTETS: usize = 45;
    let mut words: Vec<String> = Vec::new();
    let mut chunk = String::new();
    let mut flush = |chunk: &mut String| {
        if !chunk.is_empty() {
            words.push(format!("=?utf-8?B?{}?=", base64_simd::STANDARD.encode_to_string(chunk.as_bytes())));
            chunk.clear();
        }
    };
    for character in text.chars() {
        if chunk.len() + character.len_utf8() > OCTETS {
            flush(&mut chunk);
        }
        chunk.push(character);
    }
    flush(&mut chunk);
    words.join(" ")
}

/// Decodes body octets of a MIME charset; `None` if nobody knows the charset and the octets are not UTF-8.
///
/// No charset, `us-ascii` with eight-bit octets and unknown labels are read as UTF-8 if they are it; the first two else
/// as Windows-1252 (B-10).
#[must_use]
pub fn decode_text<'a>(octets: &'a [u8], charset: Option<&str>) -> Option<Cow<'a, str>> {
    if octets.is_ascii() && !charset.is_some_and(is_stateful) {
        return std::str::from_utf8(octets).ok().map(Cow::Borrowed);
    }
    let label = charset.map(|charset| charset.trim().to_ascii_lowercase()).unwrap_or_default();
    match label.as_str() {
        "" | "us-ascii" | "ascii" | "ansi_x3.4-1968" => Some(utf8_or_windows(octets)),
        "teletex" | "t.61" | "t.61-8bit" | "iso-ir-103" => Some(Cow::Owned(t61::decode(octets))),
        "iso_6937" | "iso-ir-156" => Some(Cow::Owned(iso6937::decode(octets))),
        // The replacement decoder of browsers would lose them all.
        "iso-2022-kr" => Some(Cow::Owned(decode_general(octets, &[6]).text)),
        "iso-2022-cn" | "iso-2022-cn-ext" => Some(Cow::Owned(decode_general(octets, &[6]).text)),
        _ => match Encoding::for_label(label.as_bytes()) {
            Some(encoding) if encoding != encoding_rs::REPLACEMENT => Some(encoding.decode(octets).0),
            _ => match charset_decoder(label.as_bytes()) {
                Some(decoder) if !label.starts_with("iso-2022") => Some(Cow::Owned(decoder(octets))),
                _ => std::str::from_utf8(octets).ok().map(Cow::Borrowed),
            },
        },
    }
}

/// Whether ASCII octets of this charset can mean anything but ASCII characters.
fn is_stateful(charset: &str) -> bool {
    let label = charset.trim().to_ascii_lowercase();
    ["iso-2022", "utf-7", "utf-16", "utf-32", "hz-gb", "ebcdic", "csiso2022", "teletex"]
        .iter()
        .any(|start| label.starts_with(start))
}

fn utf8_or_windows(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(octets).0,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_decoded() {
        for (encoded, text) in [
            ("plain", "plain"),
            // E-09, E-26
            ("=?ISO-8859-1?Q?T=FCr?=", "Tür"),
            ("=?utf-8?Q?=C3=BC?=", "ü"),
            ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
            ("a =?utf-8?Q?b?= =?utf-8?Q?_c?= d", "a b c d"),
            ("=?utf-8?Q?a?=b", "ab"),
            ("=?broken", "=?broken"),
            ("=?utf-8?X?a?= é", "=?utf-8?X?a?= é"),
            ("=?utf-8*de?Q?a=20b?=", "a b"),
        ] {
            assert_eq!(decode_words(encoded), text, "{encoded}");
        }
    }

    #[test]
    fn bodies_are_decoded() {
        for (octets, charset, text) in [
            (&b"abc"[..], None, Some("abc")),
            (b"\xfc", Some("iso-8859-1"), Some("ü")),
            ("ü".as_bytes(), Some("UTF-8"), Some("ü")),
            (b"\x1b$B$\"\x1b(B", Some("iso-2022-jp"), Some("あ")),
            (b"\xe9", Some("us-ascii"), Some("é")),
            ("é".as_bytes(), None, Some("é")),
            ("é".as_bytes(), Some("x-unknown"), Some("é")),
            (b"\xe9", Some("x-unknown"), None),
            (b"\xc8u", Some("Teletex"), Some("ü")),
            (b"\x81", Some("ibm850"), Some("ü")),
            (b"\x1b$)C\x0e0!\x0f.", Some("ISO-2022-KR"), Some("가.")),
            (b"\x1b$)A\x0e0!\x0f.", Some("iso-2022-cn"), Some("啊.")),
            (b"\xc8u\xd0", Some("ISO_6937"), Some("ü—")),
        ] {
            assert_eq!(decode_text(octets, charset).as_deref(), text, "{charset:?}");
        }
    }

    #[test]
    fn human_text_goes_to_t61_as_far_as_it_can() {
        for (text, limit, octets, replaced, truncated) in [
            ("Email Problems", 128, &b"Email Problems"[..], vec![], false),
            ("Grüße", 128, b"Gr\xc8u\xfbe", vec![], false),
            // E-26
            ("ü", 128, b"\xc8u", vec![], false),
            ("5 € – ok", 128, b"5 EUR - ok", vec![('€', "EUR"), ('–', "-")], false),
            ("a 😀 smile", 128, b"a ? smile", vec![('😀', "?")], false),
            // H-02; a diacritic is not left without its letter
            ("abü", 3, b"ab", vec![], true),
            // Another script stays in encoded words.
            (
                "Привет",
                64,
                b"=?utf-8?B?0J/RgNC40LLQtdGC?=",
                vec![('П', "?"), ('р', "?"), ('и', "?"), ('в', "?"), ('е', "?"), ('т', "?")],
                false,
            ),
            (
                "Привет",
                20,
                b"??????",
                vec![('П', "?"), ('р', "?"), ('и', "?"), ('в', "?"), ('е', "?"), ('т', "?")],
                false,
            ),
        ] {
            let human = encode_human(text, limit);
            let replaced: Vec<_> =
                replaced.into_iter().map(|(c, by): (char, &str)| (c, by.to_owned())).collect();
            assert_eq!(human, Human { octets: octets.to_vec(), replaced, truncated }, "{text}");
        }
    }

    #[test]
    fn text_has_a_nearest_ascii() {
        for (text, ascii) in [
            ("Grüße.doc", "Grusse.doc"),
            ("Ærø – 5 €", "AEro - 5 EUR"),
            ("a日b", "a_b"),
            ("¤", "_"),
            ("Счёт.pdf", "Schet.pdf"),
            ("a\tb", "a b"),
        ] {
            assert_eq!(nearest_ascii(text, '_'), ascii);
        }
    }

    proptest::proptest! {
        #[test]
        fn words_decode_to_what_was_encoded(text in "\\PC{0,80}") {
            let encoded = encode_words(&text);
            proptest::prop_assert!(encoded.split(' ').all(|word| word.len() <= 75));
            let decoded = decode_words(&encoded);
            proptest::prop_assert_eq!(decoded, text);
        }

        #[test]
        fn nothing_panics(text in "[=?a-cQBé_ ]{0,30}", limit in 0_usize..20) {
            let _ = decode_words(&text);
            proptest::prop_assert!(encode_human(&text, limit).octets.len() <= limit);
        }
    }
}
