//! For programs. The keys of a node, in this order, absent where they say nothing: `name`, `type`, `tag`, `constructed`,
//! `indefinite`, `offset`, `header_length`, `length`, `value`, `summary`, `findings`, `children`.

use serde_json::{Map, Value as Json, json};

use super::severity;
use crate::decode::ber::universal_name;
use crate::decode::{Document, Finding, Node, Value};

/// The tree as JSON: `{ "kind", "length", "nodes", "findings" }`.
#[must_use]
pub fn json(document: &Document) -> Json {
    let length = document.sources.first().map_or(0, |source| source.octets().len());
    json!({
        "kind": document.kind.name(),
        "length": length,
        "nodes": document.nodes.iter().map(node).collect::<Vec<_>>(),
        "findings": document.findings().into_iter().map(finding).collect::<Vec<_>>(),
    })
}

fn node(node: &Node) -> Json {
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
    put("offset", json!(node.offset));
    put("header_length", json!(node.header_length));
    put("length", json!(node.length));
    if let Some(own) = &node.value {
        put("value", value(own));
    }
    if let Some(summary) = &node.summary {
        put("summary", json!(summary));
    }
    if !node.findings.is_empty() {
        put("findings", node.findings.iter().map(finding).collect());
    }
    if !node.children.is_empty() {
        put("children", node.children.iter().map(self::node).collect());
    }
    Json::Object(map)
}

fn value(value: &Value) -> Json {
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
