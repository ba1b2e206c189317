//! What is behind the `?` of a path, and names in paths.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The parameters of a query, each once; the last one counts.
///
/// # Errors
/// It is not well formed.
pub(super) fn parse(query: &str) -> Result<BTreeMap<String, String>, String> {
    pairs(query).map(|pairs| pairs.into_iter().collect())
}

/// The parameters of a query, in order.
///
/// # Errors
/// It is not well formed.
pub(super) fn pairs(query: &str) -> Result<Vec<(String, String)>, String> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// A text as part of a query or path.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            encoded.push(char::from(octet));
        } else {
            // Writing to a string does not fail.
            let _ = write!(encoded, "%{octet:02X}");
        }
    }
    encoded
}

fn decode(text: &str) -> Result<String, String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match first {
            b'+' => octets.push(b' '),
            b'%' => {
                let digits = rest.first_chunk::<2>().and_then(|digits| str::from_utf8(digits).ok());
                let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                octets.push(
                    octet.ok_or_else(|| format!("`{text}`: `%` is followed by two hexadecimal digits"))?,
                );
                rest = rest.get(2..).unwrap_or_default();
            }
            other => octets.push(*other),
        }
    }
    String::from_utf8(octets).map_err(|_| format!("`{text}` is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_taken_apart() {
        let map = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        assert_eq!(parse("a=1&b=x+y%2B%C3%A4&&c"), Ok(map(&[("a", "1"), ("b", "x y+ä"), ("c", "")])));
        assert_eq!(parse(""), Ok(BTreeMap::new()));
        for bad in ["a=%", "a=%1", "a=%zz", "a=%ff"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        for text in ["", "<1@b.example>", "/S=a/O=x y/", "100 %", "ä"] {
            assert_eq!(parse(&format!("a={}", encode(text))), Ok(map(&[("a", text)])), "{text}");
        }
    }
}
