//! Nothing is made whose source is not told: of a message of X.400 every member of the envelope, of its recipients, of the
//! heading, every extension and every part of the body; of a mail what SMTP says, every field of the header and every part.

#![allow(dead_code, reason = "each test target uses a part")]

use std::collections::BTreeSet;

use bytes::Bytes;
use x400_gateway::decode::{self, Kind, Node, Value};
use x400_gateway::explain::Clause;

use x400_gateway::message::entity::MAX_DEPTH;
use x400_gateway::message::{Entity, Message, Structure};
use x400_gateway::mixer::loss::Trail;
use x400_gateway::mixer::{to_internet, to_x400};

/// What was told: names of outputs, in lower case.
pub(crate) struct Told(BTreeSet<String>);

impl Told {
    /// The outputs of a trail, each of which says what it was made of and why.
    pub(crate) fn of(trail: &Trail) -> Self {
        let outputs = trail.as_slice().iter().map(|origin| {
            assert!(!origin.source.is_empty(), "{origin:?}: made of nothing");
            assert!(!Clause::cited(origin.clause).text.is_empty(), "{origin:?}: by no clause");
            origin.output.to_ascii_lowercase()
        });
        Self(outputs.collect())
    }

    /// Whether something of this name is told, or something within.
    fn has(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let within = self.0.range(name.clone()..).take_while(|told| told.starts_with(&name));
        within.into_iter().any(|told| {
            matches!(told.as_bytes().get(name.len()), None | Some(b'.' | b'[' | b' ' | b',' | b':'))
        })
    }

    /// Adds a name unless it is told.
    fn want(&self, name: String, untold: &mut Vec<String>) {
        if !self.has(&name) {
            untold.push(name);
        }
    }
}

/// What of a converted mail is not told.
pub(crate) fn of_x400(converted: &to_x400::Converted) -> Vec<String> {
    let told = Told::of(&converted.trail);
    let mut untold = Vec::new();
    let octets = converted.mts_apdu().unwrap().to_vec();
    let document = decode::decode(&octets, Some(Kind::MtsApdu));
    let message = &document.nodes[0];
    for member in &message.find("envelope").unwrap().children {
        match base(member) {
            "extensions" => extensions("envelope", member, &told, &mut untold),
            "per-recipient-fields" => {
                for recipient in &member.children {
                    recipient_fields(recipient, &told, &mut untold);
                }
            }
            name => told.want(format!("envelope.{name}"), &mut untold),
        }
    }
    if let Some(content) = message.find("content") {
        match content.find("heading") {
            // What is carried as it is, is told as a whole.
            _ if told.has("content") => {}
            Some(_) => ipm(content, "", &told, &mut untold),
            None => told.want("notification".to_owned(), &mut untold),
        }
    }
    untold
}

/// The name of a member, of a CHOICE without its alternative.
fn base(node: &Node) -> &str {
    node.name.split('.').next().unwrap_or_default()
}

fn recipient_fields(recipient: &Node, told: &Told, untold: &mut Vec<String>) {
    let number = recipient.find("originally-specified-recipient-number").and_then(|node| match &node.value {
        Some(Value::Integer { number, .. }) => Some(*number),
        _ => None,
    });
    let place = format!("envelope.recipients[{}]", number.unwrap());
    for member in &recipient.children {
        match base(member) {
            // That is what tells it from others.
            "originally-specified-recipient-number" => {}
            "per-recipient-indicators" => told.want(format!("{place}.indicators"), untold),
            "extensions" => extensions(&place, member, told, untold),
            name => told.want(format!("{place}.{name}"), untold),
        }
    }
}

/// Extensions of an envelope or a heading, by name.
fn extensions(place: &str, list: &Node, told: &Told, untold: &mut Vec<String>) {
    for extension in &list.children {
        let Some(kind) = extension.find("type") else { continue };
        let name = match &kind.value {
            Some(Value::Integer { name: Some(name), .. } | Value::Oid { name: Some(name), .. }) => {
                (*name).to_owned()
            }
            Some(Value::Integer { number, .. }) => number.to_string(),
            Some(Value::Oid { dotted, .. }) => dotted.clone(),
            other => panic!("{other:?}"),
        };
        let name = name.trim_start_matches("id-hex-").trim_start_matches("id-").trim_end_matches("-list");
        let names = [format!("{place}.{name}"), format!("{place}.extensions.{name}")];
        if !names.iter().any(|name| told.has(name)) {
            untold.push(names[1].clone());
        }
    }
}

/// A heading and its body.
fn ipm(node: &Node, prefix: &str, told: &Told, untold: &mut Vec<String>) {
    let Some(heading) = node.find("heading") else { return };
    for member in &heading.children {
        match base(member) {
            "extensions" => extensions(&format!("{prefix}heading"), member, told, untold),
            name => told.want(format!("{prefix}heading.{name}"), untold),
        }
    }
    let parts = node.find("body").map(|body| &body.children[..]).unwrap_or_default();
    // V-02: what has no place in a heading of 1984.
    let fields = usize::from(told.has(&format!("{prefix}body, before the other parts")));
    for (number, part) in parts.iter().skip(fields).enumerate() {
        let place = format!("{prefix}body[{number}]");
        told.want(place.clone(), untold);
        if part.name.ends_with("message") {
            ipm(part, &format!("{place}."), told, untold);
        }
    }
}

/// What of a mail that was made is not told.
pub(crate) fn of_mail(converted: &to_internet::Converted) -> Vec<String> {
    let told = Told::of(&converted.trail);
    let mut untold = Vec::new();
    if converted.reverse_path.is_some() {
        told.want("MAIL FROM".to_owned(), &mut untold);
    }
    for recipient in &converted.recipients {
        told.want(format!("RCPT TO {}", recipient.address), &mut untold);
    }
    let message = Message::parse(Bytes::from(converted.content.to_vec()));
    let root = message.root();
    let losses = converted.trail.as_slice().iter().any(|origin| origin.source == "what was lost");
    match root.parts() {
        // F-17: the body as it was, and what it lost.
        [body, _] if losses => {
            header(root, "", &told, &mut untold);
            body_of(body, "", &told, &mut untold);
        }
        _ => entity(root, "", &told, &mut untold),
    }
    untold
}

/// What is not told of the header of a report or notification, whose parts are told by what they say.
pub(crate) fn of_header(converted: &to_internet::Converted) -> Vec<String> {
    let mut untold = Vec::new();
    let message = Message::parse(Bytes::from(converted.content.to_vec()));
    header(message.root(), "", &Told::of(&converted.trail), &mut untold);
    untold
}

/// Fields that say how a body is written, which are told with the body.
fn is_of_body(name: &str) -> bool {
    name.eq_ignore_ascii_case("MIME-Version") || name.to_ascii_lowercase().starts_with("content-")
}

/// The header of a mail, its body and the parts in there.
fn entity(mail: &Entity, prefix: &str, told: &Told, untold: &mut Vec<String>) {
    header(mail, prefix, told, untold);
    body_of(mail, prefix, told, untold);
}

fn header(mail: &Entity, prefix: &str, told: &Told, untold: &mut Vec<String>) {
    for field in mail.header.fields().iter().filter(|field| !is_of_body(&field.name)) {
        told.want(format!("{prefix}header {}", field.name), untold);
    }
}

fn body_of(mail: &Entity, prefix: &str, told: &Told, untold: &mut Vec<String>) {
    let body = format!("{prefix}body");
    if mail.parts().is_empty() || is_signed(mail) {
        told.want(body, untold);
        return;
    }
    // A multipart that is all of the body.
    let body = if told.has("body body part 1") && prefix.is_empty() { "body body" } else { &body };
    for (number, part) in (1..).zip(mail.parts()) {
        let place = format!("{body} part {number}");
        if place.matches(" part ").count() >= MAX_DEPTH {
            // What is nested deeper is kept whole, with what is around it.
            continue;
        }
        told.want(place.clone(), untold);
        match &part.structure {
            Structure::Message(inner) => entity(inner, &format!("{place} "), told, untold),
            Structure::Multipart(_) if !is_signed(part) => body_of(part, &format!("{place} "), told, untold),
            Structure::Multipart(_) | Structure::Leaf => {}
        }
    }
}

/// B-23: what is signed is made again as it was.
fn is_signed(several: &Entity) -> bool {
    several.media.subtype == "signed"
}

/// # Panics
/// Something is not told.
#[track_caller]
pub(crate) fn check(untold: &[String]) {
    assert_eq!(untold, [""; 0], "without a source");
}
