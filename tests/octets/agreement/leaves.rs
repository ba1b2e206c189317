//! The leaves of both trees, and which of one is which of the other.

use std::cmp::Ordering;
use std::fmt::Write as _;

use x400_gateway::decode::{Document, Node, Value};

use super::names::Names;
use super::shape::Shape;

/// What a leaf says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Says {
    /// An element as it is, whatever it says.
    Element(Vec<u8>),
    /// The octets of a string.
    Octets(Vec<u8>),
    /// The bits that are one, and how many there are.
    Bits(Vec<usize>, usize),
    /// A number, a time or an object identifier, in characters.
    Word(String),
}

/// A leaf of a typed value.
#[derive(Debug)]
pub(crate) struct Typed {
    /// Ways to say where it stands; `*` is an item of a list.
    paths: Vec<Vec<String>>,
    says: Says,
    /// The field it is in, and how it is printed.
    field: (String, String),
    found: bool,
}

/// All leaves of a typed value.
pub(crate) fn typed(shape: &Shape, names: &Names) -> Vec<Typed> {
    let mut walk = Walk { names, leaves: Vec::new() };
    walk.value(shape, &[Vec::new()], &(String::new(), shape));
    walk.leaves
}

struct Walk<'a> {
    names: &'a Names,
    leaves: Vec<Typed>,
}

impl Walk<'_> {
    fn value(&mut self, shape: &Shape, paths: &[Vec<String>], field: &(String, &Shape)) {
        match shape {
            Shape::Word(none) if none == "None" => {}
            Shape::Tuple(some, inner) if some == "Some" => self.value(&inner[0], paths, field),
            Shape::Tuple(raw, inner) if raw == "RawTlv" => {
                let element = inner.iter().map(word).collect::<String>();
                self.leaf(paths, Says::Element(from_hex(&element)), field);
            }
            Shape::Struct(name, fields) => {
                for (field, value) in fields {
                    let paths = longer(paths, &self.names.of_field(name, field));
                    self.value(value, &paths, &(format!("{name}.{field}"), value));
                }
            }
            Shape::Tuple(name, inner) => {
                let paths = longer(paths, &self.names.of_alternative(name));
                inner.iter().for_each(|inner| self.value(inner, &paths, field));
            }
            Shape::List(items) => {
                let paths = longer(paths, &[vec!["*".to_owned()]]);
                items.iter().for_each(|item| self.value(item, &paths, field));
            }
            Shape::Octets(octets) => self.leaf(paths, Says::Octets(octets.clone()), field),
            Shape::Bits(set, count) => self.leaf(paths, Says::Bits(set.clone(), *count), field),
            Shape::Word(word) if word.starts_with(|first: char| first.is_ascii_uppercase()) => {
                let paths = longer(paths, &self.names.of_alternative(word));
                self.leaf(&paths, Says::Word(String::new()), field);
            }
            Shape::Word(word) => self.leaf(paths, Says::Word(word.clone()), field),
        }
    }

    fn leaf(&mut self, paths: &[Vec<String>], says: Says, (name, value): &(String, &Shape)) {
        let field = (name.clone(), printed(value));
        self.leaves.push(Typed { paths: paths.to_vec(), says, field, found: false });
    }
}

/// Every path with every one of these steps behind it.
fn longer(paths: &[Vec<String>], ways: &[Vec<String>]) -> Vec<Vec<String>> {
    paths.iter().flat_map(|path| ways.iter().map(|way| [path.as_slice(), way].concat())).collect()
}

fn word(shape: &Shape) -> &str {
    match shape {
        Shape::Word(word) => word,
        other => panic!("not a word: {other:?}"),
    }
}

/// A value in few words, for the defaults in the file.
fn printed(shape: &Shape) -> String {
    match shape {
        Shape::Word(word) => word.clone(),
        Shape::Bits(set, _) => format!("{set:?}"),
        Shape::Tuple(_, inner) => inner.iter().map(printed).collect::<Vec<_>>().join(" "),
        other => format!("{other:?}"),
    }
}

fn from_hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        digits.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// What is in one of the trees and not in the other.
pub(crate) fn disagreements(document: &Document, mut typed: Vec<Typed>, names: &Names) -> Vec<String> {
    let mut alone = Vec::new();
    for node in &document.nodes {
        explained(document, node, &[], &mut typed, &mut alone);
    }
    let mut lines: Vec<String> = alone.iter().map(|line| format!("only explained: {line}")).collect();
    for leaf in typed.iter().filter(|leaf| !leaf.found) {
        let (field, value) = &leaf.field;
        if !names.may_be_left_out(field, value) {
            let paths: Vec<String> = leaf.paths.iter().map(|path| path.join(".")).collect();
            lines.push(format!("only typed: {field} as {}: {:?}", paths.join(" | "), leaf.says));
        }
    }
    lines
}

/// Looks for each leaf of the explanation among those of the typed value.
fn explained(
    document: &Document,
    node: &Node,
    outer: &[String],
    typed: &mut [Typed],
    alone: &mut Vec<String>,
) {
    let steps = node.name.split('.').filter(|step| !step.is_empty()).map(str::to_owned);
    let path: Vec<String> = outer.iter().cloned().chain(steps).collect();
    let children: Vec<&Node> = node.children.iter().filter(|child| child.name != "segment").collect();
    let element = document.element(node);
    let own = leaf(document, node);
    let wanted = typed.iter_mut().find(|leaf| {
        let is_it = match &leaf.says {
            Says::Element(octets) => octets == element,
            Says::Octets(octets) => gathered(document, node).as_ref() == Some(octets),
            says => children.is_empty() && own.as_ref() == Some(says),
        };
        // What stands in an open type has no names here, and is compared by value.
        let has_names = !(node.name.is_empty() && node.type_name.is_empty());
        !leaf.found && is_it && leaf.can_be_at(&path, has_names)
    });
    if let Some(leaf) = wanted {
        leaf.found = true;
        return;
    }
    for child in &children {
        explained(document, child, &path, typed, alone);
    }
    if children.is_empty() && !(node.constructed && node.length == 0) {
        let mut line = path.join(".");
        let _ = write!(line, " ({}): {own:?}", node.type_name);
        alone.push(line);
    }
}

impl Typed {
    /// Whether it stands at this path: above it if it is kept as it came, and below it if there are no more names there.
    fn can_be_at(&self, path: &[String], has_names: bool) -> bool {
        let as_it_came = matches!(self.says, Says::Element(_));
        self.paths.iter().any(|pattern| {
            let fits = match pattern.len().cmp(&path.len()) {
                Ordering::Less => as_it_came,
                Ordering::Equal => true,
                Ordering::Greater => !has_names,
            };
            fits && pattern.iter().zip(path).all(|(wanted, step)| wanted == "*" || wanted == step)
        })
    }
}

/// What a primitive element says.
fn leaf(document: &Document, node: &Node) -> Option<Says> {
    Some(match node.value.as_ref()? {
        Value::Boolean(value) => Says::Word(value.to_string()),
        Value::Null => Says::Word(String::new()),
        Value::Integer { number, .. } => Says::Word(number.to_string()),
        Value::Bits { count, octets, .. } => {
            let is_one = |bit: &usize| octets[bit / 8] & (0x80 >> (bit % 8)) != 0;
            Says::Bits((0..*count).filter(is_one).collect(), *count)
        }
        Value::Time { .. } => Says::Word(String::from_utf8(gathered(document, node)?).ok()?),
        Value::Oid { dotted, .. } => Says::Word(dotted.clone()),
        Value::Octets(_) | Value::Text { .. } => Says::Octets(gathered(document, node)?),
    })
}

/// The contents of an element, or those of the segments it is cut into.
fn gathered(document: &Document, node: &Node) -> Option<Vec<u8>> {
    node.tag?;
    if !node.constructed {
        return Some(document.octets(node).get(node.header_length..)?.to_vec());
    }
    let segments: Vec<&Node> = node.children.iter().filter(|child| child.name == "segment").collect();
    match segments.is_empty() {
        true => None,
        false => segments
            .into_iter()
            .map(|segment| gathered(document, segment))
            .collect::<Option<Vec<_>>>()
            .map(|parts| parts.concat()),
    }
}
