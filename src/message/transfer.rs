//! Content-transfer-encodings: what they are called and how they are undone.

use bytes::Bytes;

/// How the octets of a part are written for transport (RFC 2045 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransferEncoding {
    /// Not at all: `7bit`, `8bit`, `binary`, or nothing said.
    #[default]
    Identity,
    /// `base64`
    Base64,
    /// `quoted-printable`
    QuotedPrintable,
}

/// Octets without their transfer encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The octets; a slice of the original where nothing had to be undone.
    pub octets: Bytes,
    /// Whether the encoded form was damaged and something was skipped or guessed.
    pub damaged: bool,
}

impl TransferEncoding {
    /// The encoding of this name, any case; `None` if nobody knows it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "7bit" | "8bit" | "binary" | "7-bit" | "8-bit" | "none" => Some(Self::Identity),
            "base64" => Some(Self::Base64),
            "quoted-printable" => Some(Self::QuotedPrintable),
            _ => None,
        }
    }

    /// Undoes the encoding. Never fails: damage is skipped and reported.
    #[must_use]
    pub fn decode(self, encoded: &Bytes) -> Decoded {
        match self {
            Self::Identity => Decoded { octets: encoded.clone(), damaged: false },
            Self::Base64 => decode_base64(encoded),
            Self::QuotedPrintable => decode_quoted_printable(encoded),
        }
    }
}

/// One copy without the line ends, decoded in place.
fn decode_base64(encoded: &[u8]) -> Decoded {
    let mut buffer = Vec::with_capacity(encoded.len());
    let mut start = 0;
    for newline in memchr::memchr_iter(b'\n', encoded) {
        let line = &encoded[start..newline];
        buffer.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        start = newline + 1;
    }
    buffer.extend_from_slice(&encoded[start..]);
    if let Ok(decoded) = base64_simd::STANDARD.decode_inplace(&mut buffer) {
        let length = decoded.len();
        buffer.truncate(length);
        return Decoded { octets: buffer.into(), damaged: false };
    }
    decode_damaged_base64(encoded)
}

/// Skips what is not of the alphabet, ends a run at its padding, and takes what is left over as far as it goes.
fn decode_damaged_base64(encoded: &[u8]) -> Decoded {
    let mut octets = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut group, mut held) = (0_u32, 0_u8);
    let mut damaged = false;
    let flush = |octets: &mut Vec<u8>, group: u32, held: u8| {
        let [_, first, second, _] = (group << (6 * (4 - u32::from(held)))).to_be_bytes();
        match held {
            2 => octets.push(first),
            3 => octets.extend([first, second]),
            _ => {}
        }
    };
    for &octet in encoded {
        let value = match octet {
            b'A'..=b'Z' => octet - b'A',
            b'a'..=b'z' => octet - b'a' + 26,
            b'0'..=b'9' => octet - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                flush(&mut octets, group, held);
                (group, held) = (0, 0);
                continue;
            }
            b'\r' | b'\n' | b' ' | b'\t' => continue,
            _ => {
                damaged = true;
                continue;
            }
        };
        group = group << 6 | u32::from(value);
        held += 1;
        if held == 4 {
            octets.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, held) = (0, 0);
        }
    }
    damaged |= held == 1;
    flush(&mut octets, group, held);
    Decoded { octets: octets.into(), damaged }
}

fn decode_quoted_printable(encoded: &[u8]) -> Decoded {
    let mut octets = Vec::with_capacity(encoded.len());
    let mut damaged = false;
    let mut rest = encoded;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1);
        let (line, after) = rest.split_at(end);
        rest = after;
        let line_end_length = if line.ends_with(b"\r\n") { 2 } else { usize::from(line.ends_with(b"\n")) };
        let (text, line_end) = line.split_at(line.len() - line_end_length);
        // White space before the line end was added on the way (RFC 2045 6.7, rule 3).
        let text = text.trim_ascii_end();
        let (text, soft) = match text.strip_suffix(b"=") {
            Some(text) => (text, true),
            None => (text, false),
        };
        damaged |= decode_quoted_line(text, &mut octets);
        if !soft {
            octets.extend_from_slice(line_end);
        }
    }
    Decoded { octets: octets.into(), damaged }
}

fn decode_quoted_line(text: &[u8], octets: &mut Vec<u8>) -> bool {
    let mut damaged = false;
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'=', rest) {
        octets.extend_from_slice(&rest[..at]);
        let digits = rest.get(at + 1..at + 3).and_then(|pair| Some(hex(pair[0])? << 4 | hex(pair[1])?));
        match digits {
            Some(octet) => {
                octets.push(octet);
                rest = &rest[at + 3..];
            }
            None => {
                // A bare `=` stands for itself.
                octets.push(b'=');
                damaged = true;
                rest = &rest[at + 1..];
            }
        }
    }
    octets.extend_from_slice(rest);
    damaged
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_undone() {
        use TransferEncoding::{Base64, Identity, QuotedPrintable};
        for (encoding, encoded, expected, damaged) in [
            (Identity, "a=b\r\n", "a=b\r\n", false),
            (Base64, "SGVsbG8=", "Hello", false),
            (Base64, "SGVs\r\nbG8=\r\n", "Hello", false),
            (Base64, "SGVs\nbG8=\n", "Hello", false),
            (Base64, "SGVs bG8=", "Hello", false),
            (Base64, "SGVsbG8", "Hello", false),
            (Base64, "SGVs*bG8=", "Hello", true),
            (Base64, "SGVsbG8=SGVsbG8=", "HelloHello", false),
            (Base64, "SGVsb", "Hel", true),
            (Base64, "", "", false),
            (QuotedPrintable, "a=3Db=\r\nc  \r\nd=\n", "a=bc\r\nd", false),
            (QuotedPrintable, "a=zz=3", "a=zz=3", true),
            (QuotedPrintable, "soft=  \r\nbreak", "softbreak", false),
            (QuotedPrintable, "=c3=BC", "ü", false),
        ] {
            let decoded = encoding.decode(&Bytes::from_static(encoded.as_bytes()));
            assert_eq!(std::str::from_utf8(&decoded.octets), Ok(expected), "{encoded}");
            assert_eq!(decoded.damaged, damaged, "{encoded}");
        }
    }

    #[test]
    fn what_needs_no_decoding_is_not_copied() {
        let encoded = Bytes::from_static(b"plain");
        assert_eq!(TransferEncoding::Identity.decode(&encoded).octets.as_ptr(), encoded.as_ptr());
    }

    proptest::proptest! {
        #[test]
        fn base64_is_undone_with_any_line_length(octets: Vec<u8>, width in 1_usize..80) {
            let encoded = base64_simd::STANDARD.encode_to_string(&octets);
            let lines: Vec<_> = encoded.as_bytes().chunks(width).map(<[u8]>::to_vec).collect();
            let encoded = Bytes::from(lines.join(&b"\r\n"[..]));
            let decoded = TransferEncoding::Base64.decode(&encoded);
            proptest::prop_assert_eq!(decoded, Decoded { octets: octets.into(), damaged: false });
        }

        #[test]
        fn nothing_panics(octets: Vec<u8>) {
            let encoded = Bytes::from(octets);
            let _ = TransferEncoding::Base64.decode(&encoded);
            let _ = TransferEncoding::QuotedPrintable.decode(&encoded);
        }
    }
}
