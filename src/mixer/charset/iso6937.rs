//! ISO 6937 (ISO-IR-156) both ways: T.61's way of writing letters, with ASCII on the left and more signs on the right. A body
//! part of it was in a draft (B-01).

use super::{accented, general_string};

/// Writes text in ISO 6937; `None` if it lacks a character.
#[must_use]
pub fn encode(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut letter = None;
    for character in text.chars() {
        let before = letter.take();
        if let Ok(octet) = u8::try_from(character)
            && octet.is_ascii()
        {
            octets.push(octet);
            letter = Some(octet).filter(u8::is_ascii_alphabetic);
        } else if let (Some(diacritic), Some(letter)) = (accented::octet_of(character), before) {
            octets.pop();
            octets.extend([diacritic, letter]);
        } else {
            octets.extend_from_slice(accented::octets(accented::ISO_6937, character)?.as_slice());
        }
    }
    Some(octets)
}

/// Reads ISO 6937; octets that mean nothing become U+FFFD.
#[must_use]
pub fn decode(octets: &[u8]) -> String {
    general_string::decode_general(octets, &[156]).text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_both_ways() {
        for (text, octets) in [
            ("Grüße #$~", &b"Gr\xc8u\xfbe #$~"[..]),
            ("— “é” ♪", b"\xd0 \xaa\xc2e\xba \xd5"),
            ("q\u{301}x", b"\xc2qx"),
        ] {
            assert_eq!(encode(text).as_deref(), Some(octets), "{text}");
            assert_eq!(decode(octets), text);
        }
        assert_eq!((encode("я"), encode("é\u{301}")), (None, None));
    }
}
