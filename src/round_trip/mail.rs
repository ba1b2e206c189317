//! Mails: fields by what they mean, leaves of the MIME structure by their octets.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Comparison, Difference, Outcome, Part, changed};
use crate::message::address::{Address, AddressList};
use crate::message::date::parse_date;
use crate::message::{Entity, Header, Mailbox, Message, Structure};
use crate::mixer::charset::{decode_text, decode_words};

/// Fields that say how the octets are written, or where they have been, and not what is in them.
const NOT_COMPARED: [&str; 6] = [
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Disposition",
    "Received",
    "Return-Path",
];

/// Fields of addresses.
const ADDRESSES: [&str; 11] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Resent-From",
    "Resent-Sender",
    "Resent-To",
    "Resent-Cc",
    "Disposition-Notification-To",
];

/// What of a mail another one does not have.
#[must_use]
pub fn mails(before: &Message, after: &Message) -> Comparison {
    let mut comparison = Comparison::default();
    let (before, after) = (Flat::of(before), Flat::of(after));
    for (number, (place, header)) in before.headers.iter().enumerate() {
        let other = after.headers.get(number).map(|(_, header)| *header);
        fields(place, header, other, &mut comparison);
    }
    comparison.parts = parts(&before.leaves, &after.leaves);
    comparison
}

/// A mail as a list: the headers of messages with their places, and the leaves.
struct Flat<'a> {
    headers: Vec<(String, &'a Header)>,
    leaves: Vec<Leaf<'a>>,
}

struct Leaf<'a> {
    place: String,
    entity: &'a Entity,
    octets: Bytes,
}

impl<'a> Flat<'a> {
    fn of(message: &'a Message) -> Self {
        let mut flat = Self { headers: vec![(String::new(), message.header())], leaves: Vec::new() };
        flat.walk(message.root(), String::new());
        flat
    }

    fn walk(&mut self, entity: &'a Entity, place: String) {
        match &entity.structure {
            Structure::Leaf => {
                let octets = entity.octets_decoded().octets;
                let place = if place.is_empty() { "1".to_owned() } else { place };
                self.leaves.push(Leaf { place, entity, octets });
            }
            Structure::Multipart(parts) => {
                for (part, number) in parts.iter().zip(1_u32..) {
                    let dot = if place.is_empty() { "" } else { "." };
                    self.walk(part, format!("{place}{dot}{number}"));
                }
            }
            Structure::Message(inner) => {
                let place = if place.is_empty() { "1".to_owned() } else { place };
                self.headers.push((format!(" of part {place}"), &inner.header));
                self.walk(inner, format!("{place}.1"));
            }
        }
    }
}

/// Compares the fields of one name as the lists of values they are.
fn fields(place: &str, before: &Header, after: Option<&Header>, comparison: &mut Comparison) {
    let was = by_name(before);
    let is = after.map(by_name).unwrap_or_default();
    for (key, (name, values)) in &was {
        comparison.fields += values.len();
        let mut left: Vec<&String> =
            is.get(key).map(|(_, values)| values.iter().collect()).unwrap_or_default();
        let gone = values.iter().filter(|value| match left.iter().position(|other| other == value) {
            Some(at) => {
                left.remove(at);
                false
            }
            None => true,
        });
        let gone: Vec<&String> = gone.collect();
        let location = format!("header {name}{place}");
        let mut left = left.into_iter();
        for value in gone {
            let (was, is) = (Some(value.clone()), left.next().cloned());
            comparison.differences.push(Difference { location: location.clone(), was, is });
        }
        for value in left {
            let (was, is) = (None, Some(value.clone()));
            comparison.differences.push(Difference { location: location.clone(), was, is });
        }
    }
    for (key, (name, values)) in &is {
        if was.contains_key(key) {
            continue;
        }
        for value in values {
            let (location, is) = (format!("header {name}{place}"), Some(value.clone()));
            comparison.differences.push(Difference { location, was: None, is });
        }
    }
}

/// What the fields of each name say, by the name in lower case.
fn by_name(header: &Header) -> BTreeMap<String, (String, Vec<String>)> {
    let mut found: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for field in header.fields() {
        if NOT_COMPARED.iter().any(|name| field.is(name)) {
            continue;
        }
        // What holds where nothing is said.
        if field.is("Importance") && field.value.eq_ignore_ascii_case("normal") {
            continue;
        }
        let entry = found.entry(field.name.to_ascii_lowercase());
        let (_, values) = entry.or_insert_with(|| (field.name.clone(), Vec::new()));
        let meaning = meaning(&field.name, &field.value);
        // Addresses in several fields are one list.
        match values.last_mut().filter(|_| is_addresses(&field.name)) {
            Some(list) => list.push_str(&format!(", {meaning}")),
            None => values.push(meaning),
        }
    }
    found
}

fn is_addresses(name: &str) -> bool {
    ADDRESSES.iter().any(|field| field.eq_ignore_ascii_case(name))
}

/// What a field says, however it is written.
fn meaning(name: &str, value: &str) -> String {
    if is_addresses(name) {
        let list = AddressList::parse(value);
        if list.errors.is_empty() && !list.addresses.is_empty() {
            return list.addresses.iter().map(address).collect::<Vec<_>>().join(", ");
        }
    }
    if (name.eq_ignore_ascii_case("Date") || name.eq_ignore_ascii_case("Resent-Date"))
        && let Some(date) = parse_date(value)
    {
        let date = date.to_offset(time::UtcOffset::UTC);
        return crate::message::date::format_date(date);
    }
    decode_words(value).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn address(address: &Address) -> String {
    match address {
        Address::Mailbox(one) => mailbox(one),
        Address::Group { name, members } => {
            let members: Vec<String> = members.iter().map(mailbox).collect();
            format!("{}: {};", decode_words(name), members.join(", "))
        }
    }
}

fn mailbox(mailbox: &Mailbox) -> String {
    // A comment and a phrase both become the free form name, and come back as a phrase.
    let comments = mailbox.comments.iter().map(String::as_str);
    let words = std::iter::once(mailbox.phrase.as_str()).chain(comments).filter(|words| !words.is_empty());
    let name = decode_words(&words.collect::<Vec<_>>().join(" ")).into_owned();
    let bare = name.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
    let name = bare.unwrap_or(&name);
    let address = mailbox.address();
    if name.is_empty() { address } else { format!("{name} <{address}>") }
}

/// Whether two parts belong together, and what became of the first then.
type Rule<'r> = &'r dyn Fn(&Leaf<'_>, &Leaf<'_>) -> Option<Outcome>;

/// What became of each part. Parts with the same octets belong together wherever they stand, then texts with the same
/// characters, then those of one media type, in order.
fn parts(before: &[Leaf<'_>], after: &[Leaf<'_>]) -> Vec<Part> {
    let mut found: Vec<Option<Outcome>> = vec![None; before.len()];
    let mut taken = vec![false; after.len()];
    let rules: [Rule<'_>; 3] = [
        &|one, other| (one.octets == other.octets).then_some(Outcome::Same),
        &|one, other| {
            let text = text(one)?;
            (text == self::text(other)?).then_some(Outcome::SameText)
        },
        &|one, other| {
            let alike = one.entity.media.essence() == other.entity.media.essence();
            alike.then(|| changed(&one.octets, &other.octets))
        },
    ];
    for rule in rules {
        for (leaf, outcome) in before.iter().zip(&mut found).filter(|(_, outcome)| outcome.is_none()) {
            let candidates = after.iter().zip(&mut taken).filter(|(_, taken)| !**taken);
            for (other, taken) in candidates {
                if let Some(became) = rule(leaf, other) {
                    (*outcome, *taken) = (Some(became), true);
                    break;
                }
            }
        }
    }
    let part = |leaf: &Leaf<'_>, outcome| Part {
        location: leaf.place.clone(),
        kind: leaf.entity.media.essence(),
        name: leaf.entity.file_name().map(str::to_owned),
        octets: leaf.octets.len(),
        outcome,
    };
    let there =
        before.iter().zip(found).map(|(leaf, outcome)| part(leaf, outcome.unwrap_or(Outcome::Missing)));
    let added = after.iter().zip(taken).filter(|(_, taken)| !taken);
    there.chain(added.map(|(leaf, _)| part(leaf, Outcome::Added))).collect()
}

/// The characters of a text, lines ended by LF, without white space at the ends of lines and of the whole.
fn text(leaf: &Leaf<'_>) -> Option<String> {
    if leaf.entity.media.kind != "text" {
        return None;
    }
    let text = decode_text(&leaf.octets, leaf.entity.media.parameter("charset"))?;
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    Some(lines.join("\n").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(before: &str, after: &str) -> Comparison {
        let message = |text: &str| Message::parse(Bytes::from(text.replace('\n', "\r\n")));
        mails(&message(before), &message(after))
    }

    #[test]
    fn the_same_said_otherwise_is_no_loss() {
        let comparison = compared(
            "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nDate: Fri, 27 Nov 2026 09:00:00 +0100\nFrom: jo@a.example (Jo)\nX-A: 1\nX-A: 2\n\nHello. \n",
            "X-A: 2\nX-A: 1\nFrom: Jo <jo@a.example>\nDate: Fri, 27 Nov 2026 08:00:00 +0000\nSubject: =?iso-8859-1?b?\n R3L832U=?=\nMIME-Version: 1.0\nContent-Type: text/plain\nX400-Content-Type: P2\n\nHello.\n",
        );
        assert!(comparison.is_same(), "{comparison:?}");
        assert_eq!(comparison.fields, 5);
        assert_eq!(comparison.parts[0].outcome, Outcome::SameText);
        assert_eq!(comparison.differences.len(), 1, "{comparison:?}");
    }

    #[test]
    fn what_is_gone_or_changed_is_named() {
        let comparison = compared(
            "Subject: one\nTo: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x\nContent-Type: image/png\n\nabcdef\n--x\nContent-Type: application/pdf; name=n.pdf\n\nq\n--x--\n",
            "Subject: two\nContent-Type: multipart/mixed; boundary=y\n\n--y\nContent-Type: image/png\n\nabXdef!\n--y\n\ntext\n--y--\n",
        );
        let told: Vec<String> = comparison
            .differences
            .iter()
            .map(ToString::to_string)
            .chain(comparison.parts.iter().map(ToString::to_string))
            .collect();
        assert_eq!(
            told,
            [
                "header Subject: was one; is two",
                "header To: was a@b.example; is gone",
                "1 text/plain, 4 octets: the same",
                "2 image/png, 6 octets: other octets from 2 on, 7 altogether",
                "3 application/pdf \"n.pdf\", 1 octets: gone",
            ]
        );
        assert!(!comparison.is_same());
    }
}
