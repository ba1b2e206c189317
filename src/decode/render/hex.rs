//! Every octet, with what it is beside it.

use super::{Limits, heading, said, severity, spaced};
use crate::decode::{Document, Node};

/// Octets on a line.
const ROW: usize = 8;

/// The octets in order, the headers of elements apart from their contents. Octets that are explained as something else
/// (segments of a message, data put together) are only counted where they stand.
#[must_use]
pub fn hex(document: &Document, limits: Limits) -> String {
    let input = document.sources.first().map_or(0, |source| source.octets().len());
    let mut page = Page { document, limits, width: super::width(input), text: String::new() };
    for node in &document.nodes {
        page.node(node, 0);
    }
    page.text
}

struct Page<'a> {
    document: &'a Document,
    limits: Limits,
    width: usize,
    text: String,
}

impl Page<'_> {
    fn node(&mut self, node: &Node, depth: usize) {
        let octets = self.document.octets(node);
        let (header, contents) = octets.split_at(node.header_length.min(octets.len()));
        let indent = "  ".repeat(depth);
        let said = said(node, Limits::BRIEF).map(|said| format!("  {said}")).unwrap_or_default();
        let title = format!("{indent}{}{said}", heading(node));
        let covered = !node.children.is_empty() || node.constructed || self.is_segment(node);
        match covered {
            true => self.rows(node.offset, header, &title, usize::MAX),
            false if header.len() + contents.len() <= ROW => {
                self.rows(node.offset, octets, &title, usize::MAX)
            }
            false => {
                self.rows(node.offset, header, &title, usize::MAX);
                let at = node.offset + header.len();
                self.rows(at, contents, "", self.limits.octets);
            }
        }
        for finding in &node.findings {
            let blank = " ".repeat(self.width + 2 + ROW * 3);
            self.text.push_str(&format!(
                "{blank}  {indent}! {}: {}\n",
                severity(finding.severity),
                finding.message
            ));
        }
        node.children.iter().for_each(|child| self.node(child, depth + 1));
        if node.indefinite && !node.findings.iter().any(|finding| finding.code == "unterminated") {
            self.end(node, &indent);
        }
    }

    /// The end-of-contents octets of the indefinite form.
    fn end(&mut self, node: &Node, indent: &str) {
        let Some(source) = self.document.sources.get(node.place.source) else { return };
        let at = node.place.start + node.header_length + node.length;
        if let Some(octets) = source.octets().get(at..at + 2).filter(|octets| *octets == [0, 0]) {
            let title =
                format!("{indent}end of {}", if node.name.is_empty() { node.type_name } else { &node.name });
            self.rows(source.input_offset(at), octets, &title, usize::MAX);
        }
    }

    fn is_segment(&self, node: &Node) -> bool {
        node.name == "segment"
    }

    fn rows(&mut self, offset: usize, octets: &[u8], title: &str, limit: usize) {
        let shown = octets.get(..limit.min(octets.len())).unwrap_or_default();
        let mut rows: Vec<&[u8]> = shown.chunks(ROW).collect();
        if rows.is_empty() {
            rows.push(&[]);
        }
        for (index, row) in rows.iter().enumerate() {
            let (width, at) = (self.width, offset + index * ROW);
            let note = if index == 0 { title } else { "" };
            let columns = ROW * 3;
            let line = format!("{at:0width$x}  {:<columns$}  {note}", spaced(row));
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
        if shown.len() < octets.len() {
            let blank = " ".repeat(self.width + 2);
            self.text.push_str(&format!("{blank}.. {} more octets\n", octets.len() - shown.len()));
        }
    }
}
