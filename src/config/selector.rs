//! Selectors as an operator writes them: text, or `0x` and hexadecimal digits.

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error};

/// The octets of a transport, session or presentation selector; at most 32.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector(pub Bytes);

impl<'de> Deserialize<'de> for Selector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map(Self).map_err(D::Error::custom)
    }
}

fn parse(text: &str) -> Result<Bytes, String> {
    let octets: Vec<u8> = match text.strip_prefix("0x") {
        None => text.as_bytes().to_vec(),
        Some(digits)
            if digits.len().is_multiple_of(2) && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) =>
        {
            digits.as_bytes().chunks(2).map(|pair| hex(pair[0]) << 4 | hex(pair[1])).collect()
        }
        Some(_) => {
            return Err(format!("`{text}`: after 0x an even number of hexadecimal digits is expected"));
        }
    };
    if octets.len() > 32 {
        return Err(format!("a selector has at most 32 octets, `{text}` has {}", octets.len()));
    }
    Ok(octets.into())
}

/// The value of one hexadecimal digit.
fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).map_or(0, |value| value.to_le_bytes()[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T-35, T-36.
    #[test]
    fn selectors() {
        for (text, expected) in
            [("x400in88", Ok(&b"x400in88"[..])), ("0x0aFf", Ok(&[0x0a, 0xff])), ("", Ok(b""))]
        {
            assert_eq!(parse(text).as_deref(), expected, "{text}");
        }
        for text in ["0x0", "0xzz", "123456789012345678901234567890123"] {
            parse(text).unwrap_err();
        }
    }
}
