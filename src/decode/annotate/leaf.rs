//! Elements without members: their values, the segments of strings, and elements of which nothing is known but the tag.

use std::borrow::Cow;

use super::{Annotator, Scope};
use crate::decode::ber::{self, Element, Fault, Tag};
use crate::decode::schema::{Charset, Kind, Type};
use crate::decode::{Node, Severity, Source, Value, value};

impl Annotator {
    /// The segments of a constructed string.
    pub(super) fn segments(&mut self, scope: Scope<'_>, element: &Element<'_>) -> Vec<Node> {
        let mut nodes = Vec::new();
        for child in &element.children {
            let mut node = self.bare(scope, child, Cow::Borrowed("segment"), "");
            node.children = self.segments(scope, child);
            if child.tag.is_some() && !child.has_tag(Tag::universal(4)) && !child.has_tag(Tag::universal(3)) {
                node.find_fault(Severity::Note, "segment-tag", "segments of a string are OCTET STRINGs");
            }
            nodes.push(node);
        }
        nodes
    }

    /// A value without members.
    pub(super) fn primitive(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
        of: &'static Type,
    ) -> Node {
        let mut node = self.bare(scope, element, name, of.name);
        if !element.constructed {
            self.fill(&mut node, &of.kind, element.contents);
            return node;
        }
        match &of.kind {
            Kind::Bits(_) | Kind::Octets | Kind::Text(_) | Kind::UtcTime | Kind::GeneralizedTime => {
                node.children = self.segments(scope, element);
                let pieces = element.pieces();
                match &of.kind {
                    Kind::Bits(names) => node.value = Some(segmented_bits(scope.source, &pieces, names)),
                    kind => self.fill(&mut node, kind, scope.source.gather(&pieces).octets()),
                }
            }
            _ => match element.children.as_slice() {
                [inner] if inner.tag == of.tag() => {
                    node.children.push(self.typed(scope, inner, Cow::Borrowed(""), of));
                    let message = "an explicit tag where the standard has an implicit one, as PP sends it";
                    node.find_fault(Severity::Quirk, "explicit-for-implicit", message);
                }
                _ => {
                    node.find_fault(Severity::Error, "constructed", format!("{} has no parts", of.name));
                    node.children = self.generic_children(scope, element);
                }
            },
        }
        node
    }

    fn fill(&self, node: &mut Node, kind: &Kind, contents: &[u8]) {
        let (read, complaint) = value::read(kind, contents);
        node.value = Some(read);
        if let Some((severity, code, message)) = complaint {
            node.find_fault(severity, code, message);
        }
    }

    /// An element of which only the universal tags are known.
    pub(super) fn generic(
        &mut self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
    ) -> Node {
        let universal = element.tag.filter(|tag| tag.class == ber::Class::Universal).map(|tag| tag.number);
        match universal.and_then(universal_type) {
            Some(Kind::Any) | None => {}
            Some(kind) if !element.constructed => {
                let mut node = self.bare(scope, element, name, "");
                self.fill(&mut node, &kind, element.contents);
                return node;
            }
            Some(Kind::Text(_) | Kind::Octets) => {
                let mut node = self.bare(scope, element, name, "");
                node.children = self.segments(scope, element);
                let gathered = scope.source.gather(&element.pieces());
                let kind = universal.and_then(universal_type).unwrap_or(Kind::Octets);
                self.fill(&mut node, &kind, gathered.octets());
                return node;
            }
            Some(_) => {}
        }
        let mut node = self.bare(scope, element, name, "");
        match element.constructed && element.fault != Some(Fault::Depth) {
            true => node.children = self.generic_children(scope, element),
            false => node.value = Some(Value::Octets(element.contents.to_vec())),
        }
        node
    }

    fn generic_children(&mut self, scope: Scope<'_>, element: &Element<'_>) -> Vec<Node> {
        element.children.iter().map(|child| self.generic(scope, child, Cow::Borrowed(""))).collect()
    }

    /// A node with what the element itself tells.
    pub(super) fn bare(
        &self,
        scope: Scope<'_>,
        element: &Element<'_>,
        name: Cow<'static, str>,
        type_name: &'static str,
    ) -> Node {
        let mut node = scope.field(name, element.start, element.contents.len());
        node.type_name = type_name;
        node.tag = element.tag;
        node.constructed = element.constructed;
        node.indefinite = element.indefinite;
        node.header_length = element.header_length;
        if let Some(fault) = element.fault.filter(|_| !element.is_cut_with_outer) {
            node.find_fault(Severity::Error, fault.code(), describe(fault, element.contents.len()));
        }
        node
    }
}

/// A BIT STRING in segments: each has its own first octet, only the last may leave bits unused (X.690 8.6.4).
fn segmented_bits(
    source: &Source,
    pieces: &[(usize, usize)],
    names: &'static [(u32, &'static str)],
) -> Value {
    let mut octets = vec![0];
    for (start, length) in pieces {
        let segment = source.octets().get(*start..start + length).unwrap_or_default();
        if let Some((unused, bits)) = segment.split_first() {
            octets[0] = *unused;
            octets.extend_from_slice(bits);
        }
    }
    value::read(&Kind::Bits(names), &octets).0
}

fn universal_type(number: u32) -> Option<Kind> {
    Some(match number {
        1 => Kind::Boolean,
        2 => Kind::Integer(&[]),
        3 => Kind::Bits(&[]),
        4 => Kind::Octets,
        5 => Kind::Null,
        6 => Kind::Oid,
        10 => Kind::Enumerated(&[]),
        23 => Kind::UtcTime,
        24 => Kind::GeneralizedTime,
        _ => Kind::Text(Charset::of_tag(number)?),
    })
}

fn describe(fault: Fault, available: usize) -> String {
    match fault {
        Fault::Header => format!("no tag and length can be read from these {available} octets"),
        Fault::Truncated { claimed } => format!("the length says {claimed} octets, {available} are there"),
        Fault::IndefinitePrimitive => "indefinite length on a primitive element".to_owned(),
        Fault::Unterminated => "no end-of-contents octets".to_owned(),
        Fault::Oversized => "tag or length too large to be meant".to_owned(),
        Fault::StrayEnd => "end-of-contents octets where none are expected".to_owned(),
        Fault::Depth => format!("nested deeper than {}, not looked into", ber::MAX_DEPTH),
        Fault::Number => format!("more than {} elements, the rest is not looked into", ber::MAX_ELEMENTS),
    }
}
