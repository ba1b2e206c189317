//! Names and identifiers in one line, in the order people write them (F.401 annex B).

use super::{Node, Value};

/// Where the attributes of an O/R name stand, and the labels people give them.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("G", "given-name"),
    ("I", "initials"),
    ("S", "surname"),
    ("Q", "generation-qualifier"),
    ("O", "organization-name"),
    ("P", "private-domain-name"),
    ("P", "private-domain-identifier"),
    ("A", "administration-domain-name"),
    ("C", "country-name"),
    ("X.121", "network-address"),
    ("T-ID", "terminal-identifier"),
    ("N-ID", "numeric-user-identifier"),
];

/// The node in one line, if it is of a type that has such a form.
pub(crate) fn of(node: &Node) -> Option<String> {
    match node.type_name {
        "ORName" => or_name(node),
        "GlobalDomainIdentifier" => Some(standard(node).join("; ")),
        "MTSIdentifier" => {
            let domain = node.find("global-domain-identifier")?;
            Some(format!("{}; {}", standard(domain).join("; "), text(node.find("local-identifier")?)?))
        }
        _ => None,
    }
}

fn or_name(node: &Node) -> Option<String> {
    let mut parts = common_name(node).into_iter().collect::<Vec<_>>();
    let mut units = Vec::new();
    if let Some(names) = node.find("organizational-unit-names") {
        let numbered = names.children.iter().filter_map(text).enumerate();
        units.extend(numbered.map(|(index, unit)| format!("OU{}={unit}", index + 1)));
    }
    for part in standard(node) {
        if part.starts_with("P=") || part.starts_with("A=") || part.starts_with("C=") {
            parts.append(&mut units);
        }
        parts.push(part);
    }
    parts.append(&mut units);
    if let Some(attributes) = node.find("built-in-domain-defined-attributes") {
        let pair = |attribute: &Node| {
            Some(format!("DDA:{}={}", text(attribute.find("type")?)?, text(attribute.find("value")?)?))
        };
        parts.extend(attributes.children.iter().filter_map(pair));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn standard(node: &Node) -> Vec<String> {
    let scope = node.find("built-in-standard-attributes").unwrap_or(node);
    let part = |(label, name): &(&str, &str)| Some(format!("{label}={}", text(scope.find(name)?)?));
    ATTRIBUTES.iter().filter_map(part).collect()
}

/// The common name among the extension attributes: number 1, or 24 in wide characters.
fn common_name(node: &Node) -> Option<String> {
    let attributes = node.find("extension-attributes")?;
    attributes.children.iter().find_map(|attribute| {
        let number = &attribute.find("extension-attribute-type")?.value;
        let Some(Value::Integer { number: 1 | 2 | 24, .. }) = number else { return None };
        Some(format!("CN={}", text(attribute.find("extension-attribute-value")?)?))
    })
}

/// The first characters at or below a node.
fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Some(Value::Text { text, .. }) => Some(text),
        _ => node.children.iter().find_map(text),
    }
}
