//! For programs. The keys of a node, in this order, absent where they say nothing: `name`, `type`, `tag`, `constructed`,
//! `indefinite`, `identifier`, `length_octets`, `claimed_length`, `unterminated`, `offset`, `header_length`, `length`,
//! `value`, `contents`, `summary`, `findings`, `children`.
//!
//! Five of them are there only where an encoder could not guess the form ([`encode`](crate::encode) reads them all):
//! `identifier` (a tag written with needless octets), `length_octets` (as many octets of the length, where one less would
//! do), `claimed_length` (what the length says, where it does not count the contents), `unterminated` (an indefinite form
//! without its end) and `contents` (octets that another way of writing the value would not give).

use serde_json::{Map, Value as Json, json};

use super::severity;
use crate::decode::ber::{self, Length, universal_name};
use crate::decode::value::write;
use crate::decode::{Document, Finding, Node, Value};

/// The tree as JSON: `{ "kind", "length", "nodes", "findings" }`.
#[must_use]
pub fn json(document: &Document) -> Json {
    let length = document.sources.first().map_or(0, |source| source.octets().len());
    let page = Page { document };
    json!({
        "kind": document.kind.name(),
        "length": length,
        "nodes": document.nodes.iter().map(|node| page.node(node, None, false)).collect::<Vec<_>>(),
        "findings": document.findings().into_iter().map(finding).collect::<Vec<_>>(),
    })
}

struct Page<'a> {
    document: &'a Document,
}

impl Page<'_> {
    /// A node in a node; `in_bits` where it is a segment of a BIT STRING, which no segment can be told from.
    fn node(&self, node: &Node, outer: Option<&Node>, in_bits: bool) -> Json {
        let mut map = Map::new();
        let mut put = |key: &str, value: Json| {
            map.insert(key.to_owned(), value);
        };
        if !node.name.is_empty() {
            put("name", json!(node.name));
        }
        if !node.type_name.is_empty() {
            put("type", json!(node.type_name));
        }
        if let Some(tag) = node.tag {
            put("tag", json!(tag.to_string()));
        }
        put("constructed", json!(node.constructed));
        if node.indefinite {
            put("indefinite", json!(true));
        }
        if node.tag.is_some() {
            self.form(node, outer).into_iter().for_each(|(key, value)| put(key, value));
        }
        put("offset", json!(node.offset));
        put("header_length", json!(node.header_length));
        put("length", json!(node.length));
        if let Some(own) = &node.value {
            put("value", value(own));
        }
        if let Some(contents) = self.contents(node, in_bits) {
            put("contents", json!(hex(&contents)));
        }
        if let Some(summary) = &node.summary {
            put("summary", json!(summary));
        }
        if !node.findings.is_empty() {
            put("findings", node.findings.iter().map(finding).collect());
        }
        if !node.children.is_empty() {
            let in_bits = matches!(node.value, Some(Value::Bits { .. })) || (in_bits && is_segment(node));
            let children = node.children.iter().map(|child| self.node(child, Some(node), in_bits));
            put("children", children.collect());
        }
        Json::Object(map)
    }

    /// What of the header an encoder could not guess.
    fn form(&self, node: &Node, outer: Option<&Node>) -> Vec<(&'static str, Json)> {
        let mut form = Vec::new();
        let octets = self.document.octets(node);
        let (Some(tag), Some(form_of)) = (node.tag, ber::form(octets)) else { return form };
        let (identifier, length) = octets.split_at(form_of.identifier.min(octets.len()));
        if identifier != ber::identifier(tag, node.constructed) {
            form.push(("identifier", json!(hex(identifier))));
        }
        match form_of.length {
            Length::Definite(claimed) => {
                let written = node.header_length.saturating_sub(form_of.identifier);
                if u64::try_from(node.length) != Ok(claimed) {
                    form.push(("claimed_length", json!(claimed)));
                }
                if length.get(..written) != Some(&*ber::length(claimed, 0)) {
                    form.push(("length_octets", json!(written.saturating_sub(1))));
                }
            }
            Length::Indefinite if !self.is_terminated(node, outer) => {
                form.push(("unterminated", json!(true)))
            }
            Length::Indefinite => {}
        }
        form
    }

    /// Whether end-of-contents octets follow, within the element around.
    fn is_terminated(&self, node: &Node, outer: Option<&Node>) -> bool {
        let end = |node: &Node| node.place.start + node.header_length + node.length;
        let Some(source) = self.document.sources.get(node.place.source) else { return false };
        let limit = match outer.filter(|outer| outer.tag.is_some() && outer.place.source == node.place.source)
        {
            Some(outer) => end(outer),
            None => source.octets().len(),
        };
        let at = end(node);
        at + 2 <= limit && source.octets().get(at..at + 2) == Some(&[0, 0])
    }

    /// Contents that cannot be had from the value or from what is inside.
    fn contents(&self, node: &Node, in_bits: bool) -> Option<Vec<u8>> {
        if node.tag.is_none() {
            let is_bare = node.value.is_none() && node.children.is_empty() && !node.constructed;
            return Some(self.document.octets(node).to_vec()).filter(|octets| is_bare && !octets.is_empty());
        }
        if node.children.iter().any(|child| !is_segment(child)) {
            return None;
        }
        let own = || self.own_contents(node);
        if is_segment(node) {
            let states_its_own = node.children.is_empty() && (in_bits || node.constructed);
            return states_its_own.then(own).filter(|contents| !contents.is_empty());
        }
        let has_segments = !node.children.is_empty();
        match &node.value {
            Some(Value::Bits { .. }) if has_segments => None,
            Some(value) => {
                let there = if has_segments { self.gathered(node) } else { own() };
                (write(value).ok().as_ref() != Some(&there)).then_some(there)
            }
            None if has_segments => Some(self.gathered(node)),
            None => Some(own()).filter(|contents| !contents.is_empty()),
        }
    }

    fn own_contents(&self, node: &Node) -> Vec<u8> {
        self.document.octets(node).get(node.header_length..).unwrap_or_default().to_vec()
    }

    /// The segments of a string, put together.
    fn gathered(&self, node: &Node) -> Vec<u8> {
        match node.constructed {
            true => node.children.iter().flat_map(|child| self.gathered(child)).collect(),
            false if node.tag.is_some() => self.own_contents(node),
            false => Vec::new(),
        }
    }
}

fn is_segment(node: &Node) -> bool {
    node.name == "segment"
}

/// A value as JSON.
pub(crate) fn value(value: &Value) -> Json {
    match value {
        Value::Boolean(value) => json!({ "boolean": value }),
        Value::Null => json!({ "null": null }),
        Value::Integer { number, name: None } => json!({ "integer": number }),
        Value::Integer { number, name: Some(name) } => json!({ "integer": number, "name": name }),
        Value::Bits { count, octets, names } => {
            json!({ "bits": count, "octets": hex(octets), "names": names })
        }
        Value::Octets(octets) => json!({ "octets": hex(octets) }),
        Value::Text { charset, text } => {
            json!({ "text": text, "charset": universal_name(charset.tag_number()) })
        }
        Value::Time { text, iso: None } => json!({ "time": text }),
        Value::Time { text, iso: Some(iso) } => json!({ "time": text, "iso": iso }),
        Value::Oid { dotted, name: None } => json!({ "oid": dotted }),
        Value::Oid { dotted, name: Some(name) } => json!({ "oid": dotted, "name": name }),
    }
}

fn finding(finding: &Finding) -> Json {
    json!({
        "severity": severity(finding.severity),
        "code": finding.code,
        "offset": finding.offset,
        "message": finding.message,
    })
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
