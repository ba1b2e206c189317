//! From the path of a value to the element it was read from.
//!
//! The walk through a value and the tree of elements name members alike, in the spelling of the standard, but the tree has
//! more levels: wrappers of explicit tags, EXTERNALs, octets put together from segments. A step is therefore looked for
//! some levels down.

use rasn_x400::validate::{Place, Step};

use crate::decode::Node;
use crate::decode::render::{self, Limits};

/// Levels that are looked through for a member.
const LEVELS: usize = 4;

/// Where a path leads.
pub(super) struct Located<'a> {
    /// The element, or the nearest around it.
    pub(super) node: &'a Node,
    /// Whether it is the very element.
    pub(super) is_exact: bool,
}

/// Follows a path as far as it goes.
pub(super) fn locate<'a>(root: &'a Node, place: &Place) -> Located<'a> {
    let mut located = Located { node: root, is_exact: true };
    for (number, step) in place.0.iter().enumerate() {
        let next = match step {
            Step::Member(name) => member(located.node, name),
            Step::Item(index) => item(located.node, *index),
        };
        match next {
            Some(node) => located.node = node,
            None if number == 0 && is_root(step) => {}
            None => {
                located.is_exact = false;
                break;
            }
        }
    }
    located
}

/// The alternative that the root is, or the envelope of a probe, which is all there is to it.
fn is_root(step: &Step) -> bool {
    matches!(step, Step::Member("envelope" | "Message" | "Report" | "Probe"))
}

/// What stands at a place, in one line; nothing for what has parts.
pub(super) fn found(node: &Node) -> Option<String> {
    let line = render::line(node, Limits::BRIEF);
    (node.value.is_some() || node.summary.is_some()).then_some(line)
}

/// The nearest member of this name.
fn member<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let mut level: Vec<&Node> = node.children.iter().collect();
    for _ in 0..LEVELS {
        if let Some(found) = level.iter().find(|node| is_named(node, name)) {
            return Some(found);
        }
        level = level.into_iter().flat_map(|node| &node.children).collect();
    }
    None
}

/// Names of Rust have underscores where those of the standards have hyphens, and no capitals; and the end of a name is
/// enough: `standard-attributes` are the `built-in-standard-attributes`.
fn is_named(node: &Node, name: &str) -> bool {
    let alike = |one: &str| {
        one.len() == name.len()
            && one
                .bytes()
                .zip(name.bytes())
                .all(|(one, other)| one.eq_ignore_ascii_case(&other) || (one == b'-' && other == b'_'))
    };
    let own = node.name.split('.').next().unwrap_or_default();
    let ends_so = own.strip_suffix(name).is_some_and(|front| front.ends_with('-'));
    node.is_named(name) || alike(own) || ends_so
}

/// An item of a list, which may have a wrapper around it.
fn item(node: &Node, index: usize) -> Option<&Node> {
    match node.children.as_slice() {
        [only] if only.name.is_empty() && only.constructed => item(only, index),
        children => children.get(index),
    }
}
