//! Directory names as text for people (RFC 2156 4.5, RFC 1485; ledger A-310). There is no way back.

use rasn::{AsnType, Decode, Decoder};
use rasn_x400::prim::{ListAsSet, Oid, RawTlv};

use super::charset::t61;

/// One attribute of a relative distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode)]
struct Attribute {
    kind: Oid,
    value: RawTlv,
}

/// `CN=Steve Kille, O=Isode, C=GB`: the most specific first. `None` if it is no name, or an empty one.
#[must_use]
pub fn to_text(name: &RawTlv) -> Option<String> {
    let sequence: Vec<ListAsSet<RawTlv>> = name.get().ok()?;
    let mut parts = Vec::with_capacity(sequence.len());
    for relative in sequence.iter().rev() {
        let mut attributes = Vec::new();
        for attribute in relative.0.iter() {
            let Attribute { kind, value } = attribute.get().ok()?;
            attributes.push(format!("{}={}", key(&kind), quoted(&text(&value))));
        }
        parts.push(attributes.join(" + "));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The short name of an attribute (RFC 1485 2.3), or its identifier.
fn key(kind: &Oid) -> String {
    let dotted = kind.to_string();
    let short = match dotted.strip_prefix("2.5.4.") {
        Some("3") => "CN",
        Some("6") => "C",
        Some("7") => "L",
        Some("8") => "ST",
        Some("9") => "STREET",
        Some("10") => "O",
        Some("11") => "OU",
        _ => return format!("OID.{dotted}"),
    };
    short.to_owned()
}

/// The characters of a string of any type; of anything else its octets in hexadecimal.
fn text(value: &RawTlv) -> String {
    const UTF8: u32 = 12;
    const TELETEX: u32 = 20;
    const UNIVERSAL: u32 = 28;
    const BMP: u32 = 30;
    /// NumericString, PrintableString, IA5String, VisibleString.
    const ASCII: [u32; 4] = [18, 19, 22, 26];
    let contents = value.contents().unwrap_or_default();
    match value.tag().map(|tag| tag.value) {
        Some(UTF8) => String::from_utf8_lossy(contents).into_owned(),
        Some(TELETEX) => t61::decode(contents),
        Some(BMP) => {
            let units = contents.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        Some(UNIVERSAL) => contents
            .chunks_exact(4)
            .map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
            .map(|code| char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        Some(tag) if ASCII.contains(&tag) => String::from_utf8_lossy(contents).into_owned(),
        _ => value.as_bytes().iter().fold(String::from("#"), |text, octet| format!("{text}{octet:02x}")),
    }
}

/// In quotes where the text has characters that stand between attributes (RFC 1485 2.2).
fn quoted(text: &str) -> String {
    let special = text.contains([',', '+', '=', '"', '\\', '\r', '\n', '<', '>', '#', ';'])
        || text.trim() != text
        || text.is_empty();
    if special && !text.starts_with('#') {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(octets: &[u8]) -> Option<String> {
        to_text(&RawTlv::from_element(octets.to_vec()))
    }

    #[test]
    fn names_are_written_from_the_leaf() {
        //
        let kille = [
            &[0x30, 0x30][..],
            &[0x31, 0x0b, 0x30, 0x09, 0x06, 3, 0x55, 4, 6, 0x13, 2, b'G', b'B'],
            &[0x31, 0x0e, 0x30, 0x0c, 0x06, 3, 0x55, 4, 10, 0x13, 5, b'I', b's', b'o', b'd', b'e'],
            &[
                0x31, 0x11, 0x30, 0x0f, 0x06, 3, 0x55, 4, 3, 0x14, 8, b'S', b't', b'e', b'v', b'e', b',',
                b'K', b'i',
            ],
        ]
        .concat();
        assert_eq!(name(&kille).as_deref(), Some("CN=\"Steve,Ki\", O=Isode, C=GB"));
        for cut in 0..kille.len() {
            assert_eq!(name(&kille[..cut]), None);
        }
        assert_eq!(name(&[0x30, 0]), None);
    }
}
