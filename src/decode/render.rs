//! Writes an explained document for people, for programs, and octet by octet.

mod hex;
mod json;
mod text;

pub use hex::hex;
pub use json::json;
pub(crate) use json::value as json_value;
pub use text::text;

use super::{Node, Severity, Value};

/// How much of long values is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Octets of an octet string.
    pub octets: usize,
    /// Characters of a text.
    pub characters: usize,
}

impl Limits {
    /// What fits on a line.
    pub const BRIEF: Self = Self { octets: 16, characters: 60 };
    /// Everything.
    pub const FULL: Self = Self { octets: usize::MAX, characters: usize::MAX };
}

/// The tag in ASN.1 notation, the name and the size of a node, as in `[0] message (constructed, indefinite)`.
fn heading(node: &Node) -> String {
    let tag = node.tag.map(|tag| tag.to_string());
    let name = if node.name.is_empty() { node.type_name } else { &node.name };
    let name = Some(name.to_owned()).filter(|name| !name.is_empty() && tag.as_ref() != Some(name));
    let mut words: Vec<String> = tag.into_iter().chain(name).collect();
    if words.is_empty() {
        words.push("octets".to_owned());
    }
    let size = match (node.constructed, node.indefinite) {
        (true, true) => "(constructed, indefinite)".to_owned(),
        (true, false) if node.tag.is_some() => format!("(constructed, {})", node.length),
        _ if node.length == 0 && node.tag.is_none() => return words.join(" "),
        _ => format!("({})", node.length),
    };
    words.push(size);
    words.join(" ")
}

/// A node on one line: its tag, name and size, and what it says.
#[must_use]
pub fn line(node: &Node, limits: Limits) -> String {
    match said(node, limits) {
        Some(said) => format!("{}  {said}", heading(node)),
        None => heading(node),
    }
}

/// A value on one line.
fn value(value: &Value, limits: Limits) -> String {
    match value {
        Value::Boolean(value) => value.to_string().to_uppercase(),
        Value::Null => String::new(),
        Value::Integer { number, name: None } => number.to_string(),
        Value::Integer { number, name: Some(name) } => format!("{number} {name}"),
        Value::Bits { count, octets, names } if names.is_empty() => {
            format!("{}, {count} bits", bits_line(octets, limits))
        }
        Value::Bits { octets, names, .. } => format!("{} {}", bits_line(octets, limits), names.join(", ")),
        Value::Octets(octets) => octets_line(octets, limits),
        Value::Text { text, .. } => text_line(text, limits),
        Value::Time { text, iso: Some(iso) } => format!("{text} = {iso}"),
        Value::Time { text, iso: None } => text.clone(),
        Value::Oid { dotted, name: None } => dotted.clone(),
        Value::Oid { dotted, name: Some(name) } => format!("{dotted} {name}"),
    }
}

/// What a node says, and then its summary.
pub(crate) fn said(node: &Node, limits: Limits) -> Option<String> {
    let shown = node.value.as_ref().map(|own| value(own, limits));
    let parts: Vec<String> =
        shown.into_iter().chain(node.summary.clone()).filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("  "))
}

fn bits_line(octets: &[u8], limits: Limits) -> String {
    let shown = octets.get(..limits.octets.min(octets.len())).unwrap_or_default();
    match octets.len() - shown.len() {
        0 => spaced(shown),
        more => format!("{} .. {more} more", spaced(shown)),
    }
}

fn octets_line(octets: &[u8], limits: Limits) -> String {
    let shown = octets.get(..limits.octets.min(octets.len())).unwrap_or_default();
    let mut line = bits_line(octets, limits);
    if !shown.is_empty() && shown.iter().all(|octet| octet.is_ascii_graphic() || *octet == b' ') {
        let text: String = shown.iter().map(|octet| char::from(*octet)).collect();
        line.push_str(&format!(" \"{text}\""));
    }
    line
}

/// Octets in hexadecimal with spaces between.
fn spaced(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(" ")
}

/// Characters in quotes; line ends and controls as escapes.
fn text_line(text: &str, limits: Limits) -> String {
    let total = text.chars().count();
    let mut line = String::from("\"");
    for character in text.chars().take(limits.characters) {
        match character {
            '"' => line.push_str("\\\""),
            '\r' => line.push_str("\\r"),
            '\n' => line.push_str("\\n"),
            '\t' => line.push_str("\\t"),
            other if other.is_control() => line.push_str(&format!("\\u{{{:x}}}", u32::from(other))),
            other => line.push(other),
        }
    }
    line.push('"');
    if total > limits.characters {
        line.push_str(&format!(" .. {} more characters", total - limits.characters));
    }
    line
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Quirk => "quirk",
        Severity::Note => "note",
        Severity::Error => "error",
    }
}

/// Digits that an offset needs.
fn width(octets: usize) -> usize {
    format!("{octets:x}").len().max(4)
}
