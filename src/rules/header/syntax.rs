//! The values of heading extensions that header rules make and read.

use rasn_x400::prim::{Ia5String, PrintableString, RawTlv, is_printable};
use serde::Deserialize;

/// The ASN.1 type of the value of a heading extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Syntax {
    /// IA5String.
    Ia5,
    /// PrintableString.
    Printable,
    /// UTF8String.
    Utf8,
    /// INTEGER, within 64 bits.
    Integer,
    /// BOOLEAN: `true` or `false`.
    Boolean,
}

impl Syntax {
    /// The value of this text; `None` if the type does not have it.
    #[must_use]
    pub fn encode(self, text: &str) -> Option<RawTlv> {
        let text = text.trim();
        match self {
            Self::Ia5 if text.is_ascii() => RawTlv::of(&Ia5String::from(text)).ok(),
            Self::Printable if text.bytes().all(is_printable) => {
                RawTlv::of(&PrintableString::from(text)).ok()
            }
            Self::Ia5 | Self::Printable => None,
            Self::Utf8 => RawTlv::of(&text.to_owned()).ok(),
            Self::Integer => RawTlv::of(&text.parse::<i64>().ok()?).ok(),
            Self::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" => RawTlv::of(&true).ok(),
                "false" => RawTlv::of(&false).ok(),
                _ => None,
            },
        }
    }

    /// The text of a value; `None` if it is of another type.
    #[must_use]
    pub fn decode(self, value: &RawTlv) -> Option<String> {
        match self {
            Self::Ia5 => value.get::<Ia5String>().ok().map(|text| text.to_text().into_owned()),
            Self::Printable => value.get::<PrintableString>().ok().map(|text| text.to_text().into_owned()),
            Self::Utf8 => value.get::<String>().ok(),
            Self::Integer => value.get::<i64>().ok().map(|number| number.to_string()),
            Self::Boolean => value.get::<bool>().ok().map(|said| said.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_each_type() {
        for (syntax, text, octets) in [
            (Syntax::Ia5, "a@b", &[0x16, 3, b'a', b'@', b'b'][..]),
            (Syntax::Printable, "ab", &[0x13, 2, b'a', b'b']),
            (Syntax::Utf8, "ü", &[0x0c, 2, 0xc3, 0xbc]),
            (Syntax::Integer, "-2", &[2, 1, 0xfe]),
            (Syntax::Boolean, "true", &[1, 1, 0xff]),
        ] {
            let value = syntax.encode(text).unwrap();
            assert_eq!(value.as_bytes(), octets);
            assert_eq!(syntax.decode(&value).as_deref(), Some(text));
            // Cut anywhere, with something behind it, or of another type: nothing.
            for length in 0..octets.len() {
                assert_eq!(syntax.decode(&RawTlv::from_element(octets[..length].to_vec())), None);
            }
            assert_eq!(syntax.decode(&RawTlv::from_element([octets, &[0]].concat())), None);
            assert_eq!(syntax.decode(&RawTlv::from_element(vec![5, 0])), None);
        }
        for (syntax, text) in [
            (Syntax::Ia5, "ü"),
            (Syntax::Printable, "a@b"),
            (Syntax::Integer, "1e3"),
            (Syntax::Integer, "9223372036854775808"),
            (Syntax::Boolean, "yes"),
        ] {
            assert_eq!(syntax.encode(text), None, "{text}");
        }
    }
}
