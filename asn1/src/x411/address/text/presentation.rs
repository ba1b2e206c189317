//! Presentation addresses as text (RFC 1278; ledger A-23, Z-06).
//!
//! Written: selectors as `"letters"` or `'hex'H`, network addresses as `NS+hex`, the concrete binary form. Read as well:
//! `#decimal` selectors, `NS+` with dots, `afi+idi+dsp` for the address families of ISO 8348, and RFC 1006 with an IPv4
//! address. Macros, X.25 and ECMA-117 forms are not read: they mean what a local table says.
//!
//! ```
//! use rasn_x400::x411::address::text::presentation;
//!
//! let address = presentation::parse("TELEX+00728722+RFC-1006+03+10.0.0.6").unwrap();
//! assert_eq!(presentation::to_text(&address), "NS+54007287 2203010000000006".replace(' ', ""));
//! ```

use std::fmt::Write;

use crate::prim::{ListAsSet, Octets};
use crate::x411::address::PresentationAddress;

/// Why a text is not a presentation address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct PresentationError {
    /// Octets of the text before the part at fault.
    pub offset: usize,
    /// What would have been right there.
    pub expected: &'static str,
}

/// Reads `[[[psel "/"] ssel "/"] tsel "/"] nsap *("_" nsap)`.
///
/// # Errors
/// A part that is none of the forms above; more than three selectors.
pub fn parse(text: &str) -> Result<PresentationAddress, PresentationError> {
    let mut parts: Vec<&str> = text.split('/').collect();
    let networks = parts.pop().unwrap_or_default();
    if parts.len() > 3 {
        return Err(PresentationError {
            offset: 0,
            expected: "at most three selectors before the network address",
        });
    }
    let mut selectors = Vec::with_capacity(3);
    let mut offset = 0;
    for part in parts {
        let octets = selector(part).ok_or(PresentationError {
            offset,
            expected: "a selector: `\"letters\"`, `#decimal`, `'hex'H` or nothing",
        })?;
        selectors.push(Octets::from(octets));
        offset += part.len() + 1;
    }
    let mut addresses = Vec::new();
    for part in networks.split('_') {
        let octets = network(part).ok_or(PresentationError {
            offset,
            expected: "a network address such as `NS+470005` or `TELEX+00728722+RFC-1006+03+10.0.0.6`",
        })?;
        addresses.push(Octets::from(octets));
        offset += part.len() + 1;
    }
    Ok(PresentationAddress {
        transport_selector: selectors.pop(),
        session_selector: selectors.pop(),
        presentation_selector: selectors.pop(),
        network_addresses: ListAsSet(addresses),
        ..PresentationAddress::default()
    })
}

/// Writes what [`parse`] reads. A missing selector above a present one becomes an empty one.
#[must_use]
pub fn to_text(address: &PresentationAddress) -> String {
    let selectors = [&address.presentation_selector, &address.session_selector, &address.transport_selector];
    let mut text = String::new();
    for selector in selectors.into_iter().skip_while(|selector| selector.is_none()) {
        let octets = selector.as_ref().map_or(&[][..], |octets| &octets.0);
        if !octets.is_empty() && octets.iter().all(|&octet| is_other(octet)) {
            write!(text, "\"{}\"", octets.escape_ascii()).ok();
        } else if !octets.is_empty() {
            text.push('\'');
            push_hex(&mut text, octets);
            text.push_str("'H");
        }
        text.push('/');
    }
    for (index, network) in address.network_addresses.0.iter().enumerate() {
        text.push_str(if index == 0 { "NS+" } else { "_NS+" });
        push_hex(&mut text, &network.0);
    }
    text
}

fn push_hex(text: &mut String, octets: &[u8]) {
    for octet in octets {
        write!(text, "{octet:02x}").ok();
    }
}

/// `<other>` of the grammar.
const fn is_other(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.')
}

fn selector(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    if let Some(number) = text.strip_prefix('#') {
        return digits(number)?.parse::<u16>().ok().map(|number| number.to_be_bytes().to_vec());
    }
    if let Some(letters) = text.strip_prefix('"') {
        let letters = letters.strip_suffix('"')?;
        return (!letters.is_empty() && letters.bytes().all(is_other)).then(|| letters.as_bytes().to_vec());
    }
    hex(text
        .strip_prefix('\'')?
        .strip_suffix("'H")
        .or_else(|| text.strip_prefix('\'')?.strip_suffix("'h"))?)
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())).then_some(text)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.len().is_multiple_of(2) {
        return None;
    }
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    text.as_bytes().chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

fn dotted_or_hex(text: &str) -> Option<Vec<u8>> {
    if text.contains('.') {
        text.split('.').map(|octet| digits(octet)?.parse().ok()).collect()
    } else {
        hex(text)
    }
}

/// An address family of ISO 8348: name, AFI for decimal and for binary DSP, the same when the IDI has leading zeros,
/// and digits of a full IDI.
struct Family {
    name: &'static str,
    plain: (u8, u8),
    leading_zero: (u8, u8),
    width: usize,
}

const FAMILIES: [Family; 7] = [
    Family { name: "X121", plain: (36, 37), leading_zero: (52, 53), width: 14 },
    Family { name: "DCC", plain: (38, 39), leading_zero: (38, 39), width: 3 },
    Family { name: "TELEX", plain: (40, 41), leading_zero: (54, 55), width: 8 },
    Family { name: "PSTN", plain: (42, 43), leading_zero: (56, 57), width: 12 },
    Family { name: "ISDN", plain: (44, 45), leading_zero: (58, 59), width: 15 },
    Family { name: "ICD", plain: (46, 47), leading_zero: (46, 47), width: 4 },
    Family { name: "LOCAL", plain: (48, 49), leading_zero: (48, 49), width: 0 },
];

fn network(text: &str) -> Option<Vec<u8>> {
    let (head, rest) = text.split_once('+')?;
    if head.eq_ignore_ascii_case("NS") {
        return dotted_or_hex(rest);
    }
    if digits(head).is_some() {
        let mut octets = packed(head)?;
        octets.extend(hex(rest)?);
        return Some(octets);
    }
    let family = FAMILIES.iter().find(|family| family.name.eq_ignore_ascii_case(head))?;
    let (idi, dsp) = rest.split_once('+').map_or((rest, None), |(idi, dsp)| (idi, Some(dsp)));
    let idi = if family.width == 0 && idi.is_empty() { idi } else { digits(idi)? };
    if idi.len() > family.width {
        return None;
    }
    let (afi, pad) = if idi.starts_with('0') { (family.leading_zero, "1") } else { (family.plain, "0") };
    let initial = format!("{}{idi}", pad.repeat(family.width - idi.len()));
    let Some(dsp) = dsp else { return packed(&format!("{}{initial}", afi.0)) };
    if let Some(decimal) = dsp.strip_prefix('d') {
        return packed(&format!("{}{initial}{}", afi.0, digits(decimal)?));
    }
    if let Some(binary) = dsp.strip_prefix('x') {
        let mut octets = packed(&format!("{}{initial}", afi.1))?;
        octets.extend(dotted_or_hex(binary)?);
        return Some(octets);
    }
    let decimal = internet(dsp.strip_prefix("RFC-1006+").or_else(|| dsp.strip_prefix("rfc-1006+"))?)?;
    packed(&format!("{}{initial}{decimal}", afi.0))
}

/// `prefix "+" ip ["+" port ["+" transport set]]` as decimal digits: 2, 12, 5 and 5.
fn internet(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('+').collect();
    let (&[prefix, address], numbers) = parts.split_first_chunk::<2>()?;
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    if prefix.len() != 2 || numbers.len() > 2 {
        return None;
    }
    let mut decimal = digits(prefix)?.to_owned();
    for octet in address.octets() {
        write!(decimal, "{octet:03}").ok();
    }
    for number in numbers {
        write!(decimal, "{:05}", digits(number)?.parse::<u16>().ok()?).ok();
    }
    Some(decimal)
}

/// Two digits to an octet, the last filled up with `f`.
fn packed(decimal: &str) -> Option<Vec<u8>> {
    let mut text = decimal.to_owned();
    if !text.len().is_multiple_of(2) {
        text.push('f');
    }
    hex(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_examples_and_their_written_forms() {
        let cases = [
            ("\"256\"/NS+a433bb93c1_NS+aa3106", "\"256\"/NS+a433bb93c1_NS+aa3106"),
            ("#63/#41/#12/X121+234219200300", "'003f'H/'0029'H/'000c'H/NS+3600234219200300"),
            ("'3a'H/NS+470005", "'3a'H/NS+470005"),
            ("TELEX+00728722+RFC-1006+03+10.0.0.6", "NS+540072872203010000000006"),
            ("TELEX+00728722+RFC-1006+03+10.0.0.6+102+1", "NS+5400728722030100000000060010200001"),
            ("DCC+826+d110000", "NS+38826110000f"),
            ("DCC+826+x1100", "NS+39826f1100"),
            ("39826+1100", "NS+39826f1100"),
            ("//\"T\"/NS+1.2.255", "//\"T\"/NS+0102ff"),
            ("NS+A433", "NS+a433"),
        ];
        for (text, written) in cases {
            let address = parse(text).unwrap();
            assert_eq!(to_text(&address), written, "{text}");
            assert_eq!(parse(written), Ok(address));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_where_it_stands() {
        let cases = [
            ("", 0),
            ("NS+", 0),
            ("NS+a", 0),
            ("NS+aa_", 6),
            ("#70000/NS+aa", 0),
            ("\"a\"/\"b/NS+aa", 4),
            ("\"a\"/\"b\"/\"c\"/\"d\"/NS+aa", 0),
            ("X121+123456789012345", 0),
            ("TELEX+00728722+RFC-1006+03+10.0.0.600", 0),
        ];
        for (text, offset) in cases {
            assert_eq!(parse(text).unwrap_err().offset, offset, "{text}");
        }
    }
}
