//! Directory names as text (RFC 2156 4.5, RFC 1485; ledger A-310): for people to read, never read back.

use rasn_x400::prim::{BmpString, ListAsSet, Oid, RawTlv, UniversalString};

use crate::mixer::charset::t61;

/// The attribute types that have a short name (RFC 1485 2.3, RFC 2253 2.3).
const KEYS: [(&[u64], &str); 10] = [
    (&[2, 5, 4, 3], "CN"),
    (&[2, 5, 4, 4], "SN"),
    (&[2, 5, 4, 6], "C"),
    (&[2, 5, 4, 7], "L"),
    (&[2, 5, 4, 8], "ST"),
    (&[2, 5, 4, 9], "STREET"),
    (&[2, 5, 4, 10], "O"),
    (&[2, 5, 4, 11], "OU"),
    (&[0, 9, 2342, 19_200_300, 100, 1, 25], "DC"),
    (&[0, 9, 2342, 19_200_300, 100, 1, 1], "UID"),
];

/// `CN=Steve Kille, O=Isode, C=GB`, or nothing if the value is no distinguished name.
pub(crate) fn to_text(name: &RawTlv) -> Option<String> {
    let sequence: Vec<RawTlv> = name.get().ok()?;
    let mut parts = Vec::with_capacity(sequence.len());
    for relative in sequence.iter().rev() {
        let attributes: ListAsSet<RawTlv> = relative.get().ok()?;
        let attributes: Option<Vec<_>> = attributes.0.iter().map(attribute).collect();
        parts.push(attributes?.join(" + "));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn attribute(assertion: &RawTlv) -> Option<String> {
    let members: Vec<RawTlv> = assertion.get().ok()?;
    let [kind, value] = members.as_slice() else { return None };
    let kind: Oid = kind.get().ok()?;
    let arcs = kind.arcs()?;
    let key = KEYS.iter().find(|(known, _)| *known == arcs).map(|(_, key)| (*key).to_owned());
    let key = key.unwrap_or_else(|| format!("OID.{kind}"));
    Some(format!("{key}={}", quoted(&text(value)?)))
}

/// The characters of a string of any type.
fn text(value: &RawTlv) -> Option<String> {
    let octets = value.contents()?;
    Some(match value.tag()?.value {
        20 => t61::decode(octets),
        28 => UniversalString::new(octets).to_text().into_owned(),
        30 => BmpString::new(octets).to_text().into_owned(),
        _ => String::from_utf8_lossy(octets).into_owned(),
    })
}

/// A value with a special character stands in quotes.
fn quoted(value: &str) -> String {
    let is_special = |character: char| ",=+<>#;\"\\\r\n".contains(character);
    if value.contains(is_special) || value.trim() != value {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        value.to_owned()
    }
}
