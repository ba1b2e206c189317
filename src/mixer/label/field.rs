//! `SIO-Label` (RFC 7444 4; ledger beyond S-22).

use crate::message::media::MediaType;
use crate::mixer::header_block::{parameter, quoted};

/// The names of colours that RFC 7444 has; `fuchsia` is what everybody else calls `fuschia`.
const COLOURS: [&str; 18] = [
    "aqua", "black", "blue", "fuschia", "fuchsia", "gray", "green", "lime", "maroon", "navy", "olive",
    "purple", "red", "silver", "teal", "white", "yellow", "orange",
];
/// Characters of base64 in one section of the parameter `label`.
const SECTION: usize = 60;

/// What a label field says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SioLabel {
    /// Words to be shown.
    pub(crate) marking: Option<String>,
    /// Their colour.
    pub(crate) foreground: Option<String>,
    /// The colour behind them.
    pub(crate) background: Option<String>,
    /// The label: its type and its octets.
    pub(crate) label: Option<(Kind, Vec<u8>)>,
}

/// The type of a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RFC 2634.
    Ess,
    /// X.411.
    X411,
    /// Some XML.
    Xml,
    /// A URI of somebody.
    Other(String),
}

impl Kind {
    fn name(&self) -> &str {
        match self {
            Self::Ess => ":ess",
            Self::X411 => ":x411",
            Self::Xml => ":xml",
            Self::Other(uri) => uri,
        }
    }
}

impl SioLabel {
    /// Reads a value; parameters nobody knows are left aside.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        // The parameters are those of MIME (RFC 2231).
        let parameters = MediaType::parse(&format!("x/y; {value}"))?;
        let get = |name: &str| parameters.parameter(name).map(|text| text.trim().to_owned());
        let colour = |name: &str| match get(name) {
            None => Some(None),
            Some(colour) => is_colour(&colour).then_some(Some(colour)),
        };
        let label = match (get("type"), get("label")) {
            (None, None) => None,
            (Some(kind), Some(label)) => {
                let kind = match kind.as_str() {
                    ":ess" => Kind::Ess,
                    ":x411" => Kind::X411,
                    ":xml" => Kind::Xml,
                    _ => Kind::Other(kind),
                };
                let digits: String = label.chars().filter(|c| !c.is_ascii_whitespace()).collect();
                Some((kind, base64_simd::STANDARD.decode_to_vec(digits).ok()?))
            }
            _ => return None,
        };
        let read = Self {
            marking: get("marking"),
            foreground: colour("fgcolor")?,
            background: colour("bgcolor")?,
            label,
        };
        let coloured = read.foreground.is_some() || read.background.is_some();
        let is_whole = read.marking.is_some() || (read.label.is_some() && !coloured);
        is_whole.then_some(read)
    }

    /// The value, with this before each name.
    pub(crate) fn to_text(&self, prefix: &str) -> String {
        let mut out = String::new();
        if let Some(marking) = &self.marking {
            let marking = parameter(&format!("{prefix}marking"), marking);
            // A marking stands in quotes, whatever it is made of.
            out.push_str(&match marking.split_once('=') {
                Some((name, value)) if !name.ends_with('*') && !value.starts_with('"') => {
                    format!("{name}={}", quoted(value))
                }
                _ => marking,
            });
            for (name, colour) in [("fgcolor", &self.foreground), ("bgcolor", &self.background)] {
                if let Some(colour) = colour {
                    out.push_str(&format!("; {prefix}{name}={colour}"));
                }
            }
        }
        if let Some((kind, octets)) = &self.label {
            out.push_str(&format!("; {prefix}type={}", quoted(kind.name())));
            let digits = base64_simd::STANDARD.encode_to_string(octets);
            if digits.len() <= SECTION {
                out.push_str(&format!("; {prefix}label={}", quoted(&digits)));
            } else {
                for (number, section) in digits.as_bytes().chunks(SECTION).enumerate() {
                    let section = String::from_utf8_lossy(section);
                    out.push_str(&format!("; {prefix}label*{number}={}", quoted(&section)));
                }
            }
        }
        out.trim_start_matches("; ").to_owned()
    }
}

/// A name of the list, or `#` and six hexadecimal digits.
pub(crate) fn is_colour(text: &str) -> bool {
    let is_hex = |digits: &str| digits.len() == 6 && digits.bytes().all(|octet| octet.is_ascii_hexdigit());
    COLOURS.iter().any(|known| known.eq_ignore_ascii_case(text)) || text.strip_prefix('#').is_some_and(is_hex)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const LABEL: [u8; 8] = [0x31, 6, 6, 1, 0x29, 2, 1, 3];

    // ledger: beyond S-22
    #[test]
    fn fields_are_read() {
        let confidential = SioLabel {
            marking: Some("EXAMPLE CONFIDENTIAL".into()),
            foreground: Some("black".into()),
            background: Some("red".into()),
            label: Some((Kind::Ess, LABEL.to_vec())),
        };
        for text in [
            "marking=\"EXAMPLE CONFIDENTIAL\"; fgcolor=black; bgcolor=red; type=\":ess\"; label=\"MQYGASkCAQM=\"",
            "marking*=us-ascii'en'EXAMPLE%20CONFIDENTIAL; fgcolor = black ; bgcolor = red ; type=\":ess\"; label*0=\"MQYG\"; label*1=\"ASkCAQM=\"; more=1",
        ] {
            assert_eq!(SioLabel::parse(text).as_ref(), Some(&confidential), "{text}");
        }
        let text = confidential.to_text("");
        assert_eq!(
            text,
            "marking=\"EXAMPLE CONFIDENTIAL\"; fgcolor=black; bgcolor=red; type=\":ess\"; label=\"MQYGASkCAQM=\""
        );
        for text in [
            "fgcolor=black",
            "type=\":ess\"",
            "label=\"MQYG\"",
            "marking=A; fgcolor=beige",
            "",
            "marking=A; type=\":x411\"; label=\"!\"",
        ] {
            assert_eq!(SioLabel::parse(text), None, "{text}");
        }
        for colour in ["fuschia", "fuchsia", "#ff0000", "Orange"] {
            assert!(is_colour(colour));
        }
    }

    #[test]
    fn long_labels_come_in_sections() {
        let label = SioLabel {
            label: Some((Kind::Xml, vec![b'x'; 300])),
            marking: Some("Ä".into()),
            ..SioLabel::default()
        };
        let text = label.to_text("");
        assert!(text.contains("label*6="), "{text}");
        assert_eq!(SioLabel::parse(&text), Some(label));
    }
}
