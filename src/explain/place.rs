//! Where the sources that the translator names stand in the input.
//!
//! Of a mail they are called `header Subject`, `body part 2`, `body part 2 header Subject`; of a message of X.400
//! `envelope.originator-name`, `envelope.recipients[1]`, `heading.subject`, `body[1].heading.subject`, counted from 1. A name that
//! stands for several things has several places; what was said in SMTP, or was made by the gateway, has none.

use super::message::Place;
use crate::conversion::source::Source;
use crate::decode::{self, Document, Kind, Node};
use crate::message::Message;
use crate::message::Structure;
use crate::message::entity::Entity;

/// The places of one input.
pub(super) enum Places<'a> {
    Mail { octets: &'a [u8], message: Box<Message> },
    X400(Box<Document>),
}

impl<'a> Places<'a> {
    pub(super) fn of(source: &'a Source) -> Self {
        match source {
            Source::Mail(octets) => Self::Mail { octets, message: Box::new(Message::parse(octets.clone())) },
            Source::Apdu(octets) => Self::X400(Box::new(decode::decode(octets, Some(Kind::MtsApdu)))),
            Source::Content(octets, _) => Self::X400(Box::new(decode::decode(octets, Some(Kind::Content)))),
        }
    }

    /// The place of an octet.
    pub(super) fn at(&self, octet: usize) -> Place {
        let line = match self {
            Self::Mail { octets, .. } => {
                let before = octets.get(..octet).unwrap_or(octets);
                Some(memchr::memchr_iter(b'\n', before).count() + 1)
            }
            Self::X400(_) => None,
        };
        Place { octet, line }
    }

    /// The places of what the translator calls so.
    pub(super) fn named(&self, name: &str) -> Vec<Place> {
        match self {
            Self::Mail { octets, message } => {
                mail(message.root(), octets, name).into_iter().map(|octet| self.at(octet)).collect()
            }
            Self::X400(document) => element(document, name).map(|octet| self.at(octet)).into_iter().collect(),
        }
    }
}

/// `[body [part N]…] [header NAME [or NAME]…]`, perhaps after something with a comma that has no place.
fn mail(root: &Entity, octets: &[u8], name: &str) -> Vec<usize> {
    let mut entity = root;
    let mut words = name.split(' ').peekable();
    let mut found = Vec::new();
    let mut is_body = false;
    while let Some(word) = words.next() {
        match word {
            "body" => {
                // A message inside has a body of its own.
                if is_body && let Structure::Message(inner) = &entity.structure {
                    entity = inner;
                }
                is_body = true;
            }
            "part" => {
                if let Structure::Message(inner) = &entity.structure {
                    entity = inner;
                }
                let number =
                    words.next().and_then(|number| number.trim_end_matches(',').parse::<usize>().ok());
                let part = number.and_then(|number| entity.parts().get(number.checked_sub(1)?));
                let Some(part) = part else { return Vec::new() };
                entity = part;
            }
            "header" => {
                // What heads a message inside is its own header.
                if is_body && let Structure::Message(inner) = &entity.structure {
                    entity = inner;
                }
                let names: Vec<&str> = words.filter(|word| *word != "or").collect();
                for field in entity.header.fields() {
                    if names.iter().any(|name| field.is(name)) {
                        found.extend(place_of(&field.octets, octets));
                    }
                }
                return found;
            }
            "or" => {}
            other if other.ends_with(',') => {}
            _ => return Vec::new(),
        }
    }
    if is_body && std::ptr::eq(entity, root) {
        found.extend(place_of(&root.content, octets));
    } else if is_body {
        found.extend(place_of(&entity.octets, octets));
    }
    found
}

/// Where a slice of the input begins; nowhere if it is none, because it was decoded from something.
fn place_of(slice: &[u8], octets: &[u8]) -> Option<usize> {
    let (start, place) = (octets.as_ptr() as usize, slice.as_ptr() as usize);
    let offset = place.checked_sub(start)?;
    (!slice.is_empty() && offset.checked_add(slice.len())? <= octets.len()).then_some(offset)
}

/// `heading.subject`, `body[1].heading.primary-recipients[1]`
fn element(document: &Document, name: &str) -> Option<usize> {
    let mut path = name.split(['.', ' ']).filter(|segment| !segment.is_empty());
    let root = document.nodes.first()?;
    let mut node = descend(root, path.next()?)?;
    for segment in path {
        match descend(node, segment) {
            Some(below) => node = below,
            // What has no element of its own is part of the last one that has.
            None => break,
        }
    }
    Some(node.offset)
}

/// One segment of a path: `body`, `body[1]`.
fn descend<'a>(node: &'a Node, segment: &str) -> Option<&'a Node> {
    let (name, number) = match segment.strip_suffix(']').and_then(|segment| segment.split_once('[')) {
        Some((name, number)) => (name, Some(number.parse::<usize>().ok()?)),
        None => (segment, None),
    };
    let standard = match name {
        // As the translator calls them, and as the standard does.
        "recipients" => "per-recipient-fields",
        "trace" => "trace-information",
        other => other,
    };
    let found = if node.is_named(standard) { node } else { node.find(standard)? };
    let Some(number) = number else { return Some(found) };
    found.children.get(number.checked_sub(1)?)
}
