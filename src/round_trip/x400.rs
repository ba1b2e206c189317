//! X.400 messages: every element of envelope and content, and the body parts by their octets.

use super::{Comparison, Difference, Outcome, Part, changed};
use crate::decode::{Document, Node, render};

/// Elements that say where a message has been, and not what it is. Names as in the standards.
const NOT_COMPARED: [&str; 4] = [
    "trace-information",
    "internal-trace-information",
    "subject-intermediate-trace-information",
    "message-identifier",
];

/// Characters of a value that are shown.
const SHOWN: render::Limits = render::Limits { octets: 32, characters: 200 };

/// What of a message another one does not have.
#[must_use]
pub fn messages(before: &Document, after: &Document) -> Comparison {
    let (before, after) = (Flat::of(before), Flat::of(after));
    let mut comparison = Comparison { fields: before.leaves.len(), ..Comparison::default() };
    let mut left = after.leaves;
    for leaf in before.leaves {
        let same = left.iter().position(|other| other.place == leaf.place);
        match same.map(|at| left.remove(at)) {
            Some(other) if other.octets == leaf.octets => {}
            other => comparison.differences.push(Difference {
                location: leaf.place,
                was: Some(leaf.shown),
                is: other.map(|other| other.shown),
            }),
        }
    }
    comparison.differences.extend(left.into_iter().map(|leaf| Difference {
        location: leaf.place,
        was: None,
        is: Some(leaf.shown),
    }));
    comparison.parts = parts(&before.parts, &after.parts);
    comparison
}

/// A message as a list: primitive elements with their places, and body parts.
#[derive(Default)]
struct Flat {
    leaves: Vec<Leaf>,
    parts: Vec<Body>,
}

struct Leaf {
    place: String,
    octets: Vec<u8>,
    shown: String,
}

struct Body {
    kind: String,
    octets: Vec<u8>,
}

impl Flat {
    fn of(document: &Document) -> Self {
        let mut flat = Self::default();
        flat.below(document, &document.nodes, "");
        flat
    }

    fn below(&mut self, document: &Document, nodes: &[Node], place: &str) {
        for (at, node) in nodes.iter().enumerate() {
            let name = label(node);
            if NOT_COMPARED.contains(&&*name) {
                continue;
            }
            if name == "body" {
                let part = |node: &Node| Body { kind: label(node), octets: contents(document, node) };
                self.parts.extend(node.children.iter().map(part));
                continue;
            }
            let namesakes = nodes.iter().filter(|other| label(other) == name).count();
            let number = nodes[..at].iter().filter(|other| label(other) == name).count() + 1;
            let name = if namesakes > 1 { format!("{name}[{number}]") } else { name };
            let dot = if place.is_empty() || name.is_empty() { "" } else { "." };
            let place = format!("{place}{dot}{name}");
            if node.children.is_empty() {
                let octets = contents(document, node);
                let shown = render::said(node, SHOWN).unwrap_or_default();
                self.leaves.push(Leaf { place, octets, shown });
            } else {
                self.below(document, &node.children, &place);
            }
        }
    }
}

fn label(node: &Node) -> String {
    if node.name.is_empty() { node.type_name.to_owned() } else { node.name.clone().into_owned() }
}

/// The octets of the leaves of a node, one after the other: lengths and their forms do not matter.
fn contents(document: &Document, node: &Node) -> Vec<u8> {
    let mut octets = Vec::new();
    node.walk(&mut |node| {
        if node.children.is_empty() {
            octets.extend_from_slice(document.octets(node).get(node.header_length..).unwrap_or_default());
        }
    });
    octets
}

/// What became of each body part: the same octets belong together wherever they stand, then parts of one type, in order.
fn parts(before: &[Body], after: &[Body]) -> Vec<Part> {
    let mut found: Vec<Option<Outcome>> = vec![None; before.len()];
    let mut taken = vec![false; after.len()];
    for exact in [true, false] {
        for (part, outcome) in before.iter().zip(&mut found).filter(|(_, outcome)| outcome.is_none()) {
            let candidates = after.iter().zip(&mut taken).filter(|(_, taken)| !**taken);
            let fits = |other: &Body| part.kind == other.kind && (!exact || part.octets == other.octets);
            if let Some((other, taken)) = candidates.into_iter().find(|(other, _)| fits(other)) {
                (*outcome, *taken) = (Some(changed(&part.octets, &other.octets)), true);
            }
        }
    }
    let part = |number: usize, body: &Body, outcome| Part {
        location: format!("body {}", number + 1),
        kind: body.kind.clone(),
        name: None,
        octets: body.octets.len(),
        outcome,
    };
    let there = before.iter().zip(found).enumerate();
    let there = there.map(|(at, (body, outcome))| part(at, body, outcome.unwrap_or(Outcome::Missing)));
    let added = after.iter().zip(taken).enumerate().filter(|(_, (_, taken))| !taken);
    there.chain(added.map(|(at, (body, _))| part(at, body, Outcome::Added))).collect()
}
