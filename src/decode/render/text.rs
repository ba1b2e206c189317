//! One line per element: where it is, how deep, its tag, name and size, and what it says.

use super::{Limits, heading, said, severity, width};
use crate::decode::{Document, Node};

/// The tree as indented text. Findings follow the element they belong to, marked with `!`.
#[must_use]
pub fn text(document: &Document, limits: Limits) -> String {
    let input = document.sources.first().map_or(0, |source| source.octets().len());
    let mut text = String::new();
    for node in &document.nodes {
        write_node(&mut text, node, 0, width(input), limits);
    }
    text
}

fn write_node(text: &mut String, node: &Node, depth: usize, width: usize, limits: Limits) {
    let indent = "  ".repeat(depth);
    text.push_str(&format!("{:0width$x}  {indent}{}", node.offset, heading(node)));
    if let Some(said) = said(node, limits) {
        text.push_str("  ");
        text.push_str(&said);
    }
    text.push('\n');
    for finding in &node.findings {
        let blank = " ".repeat(width);
        text.push_str(&format!("{blank}  {indent}! {}: {}\n", severity(finding.severity), finding.message));
    }
    for child in &node.children {
        write_node(text, child, depth + 1, width, limits);
    }
}
