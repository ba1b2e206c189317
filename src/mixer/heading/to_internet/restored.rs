//! Fields that travelled whole come back (RFC 2156 5.1.2; K-08, K-10, Z-23).
//!
//! What came from somebody else's gateway is not taken on trust: a field must be one, it may not stand beside one that an
//! element has made, and what only a gateway may say about a message is not taken from the message.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use rasn_x400::prim::Ia5String;
use rasn_x400::x420::heading::{
    Heading, HeadingExtension, IpmIdentifier, MultipartMessage, Rfc822Field, Rfc1148Field, Rfc1327Field,
};

use super::identifier_text;
use crate::message::authentication;
use crate::message::date::parse_date;
use crate::message::identifier::{Reference, parse_message_id, parse_references};
use crate::message::media;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::heading::Location;
use crate::mixer::heading::fields::{Element, Place, place_of};
use crate::mixer::identifier::{self, message_id_to_x400};
use crate::mixer::to_internet::Work;

/// The longest word that fits a line with its field name (RFC 5322 2.1.1).
const MAX_WORD: usize = 900;
/// The longest field name.
const MAX_NAME: usize = 76;

/// The fields of all extensions that carry such, in order, as they came (OI-06).
fn carried(heading: &Heading) -> Vec<String> {
    let mut out = Vec::new();
    for extension in &heading.extensions {
        let fields: Vec<Ia5String> =
            if extension.kind == Rfc822Field::ID || extension.kind == Rfc1327Field::ID {
                extension.get().unwrap_or_default()
            } else if extension.kind == Rfc1148Field::ID {
                extension.get().map(|field| vec![field]).unwrap_or_default()
            } else {
                continue;
            };
        out.extend(fields.iter().map(|field| unfolded(&field.to_text())));
    }
    out
}

/// Line ends before white space are folds, which are not part of a value.
fn unfolded(field: &str) -> String {
    let field = field.strip_suffix("\r\n").unwrap_or(field);
    field.replace("\r\n ", " ").replace("\r\n\t", "\t")
}

/// Name and value, if the text is a field (K-08).
fn split(field: &str) -> Option<(&str, &str)> {
    let (name, value) = field.split_once(':')?;
    let name = name.trim_end();
    let is_name =
        !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(|octet| octet.is_ascii_graphic());
    let is_value =
        !value.contains(['\r', '\n', '\0']) && value.split([' ', '\t']).all(|word| word.len() <= MAX_WORD);
    (is_name && is_value).then(|| (name, value.trim()))
}

/// Adds the fields of the extension, and puts those in place that say more than an element could.
pub(super) fn restore(heading: &Heading, header: &mut HeaderBlock, at: &Location, work: &mut Work<'_>) {
    let source = format!("{}heading.extensions.rfc-822-field", at.source);
    let fields = carried(heading);
    let answered = LazyCell::new(|| answered(heading, &fields));
    for field in &fields {
        let Some((name, value)) = split(field) else {
            work.losses.dropped(&source, field, "not a header field", "K-08");
            continue;
        };
        if let Some(written) = whole_identifiers(name, value, heading, || *answered) {
            // Y-25
            header.set(name, &written);
            work.trail.made(format_args!("{}header {name}", at.output), written, &source, "Y-25");
            continue;
        }
        // The time of the oldest trace is that of the submission; the field is what the sender wrote.
        if at.source.is_empty() && name.eq_ignore_ascii_case("Date") && parse_date(value).is_some() {
            header.set(name, value);
            work.trail.made("header Date", value, &source, "K-08");
            continue;
        }
        match verdict((name, value), header, heading, at, work.settings().authserv_id.as_deref()) {
            Verdict::Add => {
                header.add(name, value);
                work.trail.made(format_args!("{}header {name}", at.output), value, &source, "K-08");
            }
            Verdict::Said if header.get(name).is_some_and(|said| said == value) => {}
            Verdict::Said => {
                let instead = header.beginning(name);
                work.losses.replaced(&source, field, "an element says it already", "K-10", instead);
            }
            Verdict::OthersSay(reason) => work.losses.dropped(&source, field, reason, "K-08"),
            Verdict::Used => {}
        }
    }
}

/// What becomes of a field.
enum Verdict {
    Add,
    /// The mail has it from elsewhere.
    Said,
    /// It is not for the message to say.
    OthersSay(&'static str),
    /// It has had its say elsewhere.
    Used,
}

/// `ours` is what this gateway calls itself in `Authentication-Results`.
fn verdict(
    (name, value): (&str, &str),
    header: &HeaderBlock,
    heading: &Heading,
    at: &Location,
    ours: Option<&str>,
) -> Verdict {
    let is_inside = !at.source.is_empty();
    match place_of(name) {
        // RFC 8601 5
        Place::Signature
            if !is_inside && ours.is_some_and(|ours| authentication::claims(name, value, ours)) =>
        {
            Verdict::OthersSay("only a gateway says it")
        }
        Place::Dropped { .. } => Verdict::OthersSay("only a gateway says it"),
        // The structure of the body is the body's affair; parameters of a multipart come back with it (B-17).
        Place::Body
            if ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"]
                .iter()
                .any(|one| one.eq_ignore_ascii_case(name)) =>
        {
            if heading.extensions.iter().any(|extension| extension.kind == MultipartMessage::ID) {
                Verdict::Used
            } else {
                Verdict::OthersSay("the gateway writes the structure of the body")
            }
        }
        // The envelope says these of the outermost message.
        Place::Envelope if !is_inside && name.eq_ignore_ascii_case("X400-Received") => {
            Verdict::OthersSay("only a gateway says it")
        }
        Place::Envelope if !is_inside && name.eq_ignore_ascii_case("Date") => Verdict::Said,
        Place::Heading(Element::Languages) if header.has("Content-Language") => Verdict::Said,
        Place::Heading(_) | Place::Envelope | Place::Body if header.has(name) => Verdict::Said,
        _ => Verdict::Add,
    }
}

/// The field that travelled whole, if its tags are those of the extension in more detail (Z-23).
pub(super) fn own_language_field(heading: &Heading, languages: &[String]) -> Option<String> {
    carried(heading).iter().find_map(|field| {
        let (name, value) = split(field)?;
        let read = || {
            let mut found: Vec<String> = Vec::new();
            for tag in media::Languages::parse(value).tags {
                let two = tag.get(..2).unwrap_or_default().to_ascii_lowercase();
                if !found.contains(&two) {
                    found.push(two);
                }
            }
            found
        };
        (name.eq_ignore_ascii_case("Content-Language") && read() == languages).then(|| value.to_owned())
    })
}

/// The value of an identifier field that travelled whole, if the identifiers of the heading are those of the field, cut
/// (I-04, Y-25). `answered` is as [`answered`] says.
fn whole_identifiers(
    name: &str,
    value: &str,
    heading: &Heading,
    answered: impl FnOnce() -> usize,
) -> Option<String> {
    let is_cut = |whole: &str, cut: &IpmIdentifier| {
        message_id_to_x400(whole, |_| true).identifier == identifier_text(cut)
    };
    let place = place_of(name);
    let list: &[IpmIdentifier] = match place {
        Place::Heading(Element::MessageId) => {
            let whole = parse_message_id(value)?;
            return is_cut(&whole, &heading.this_ipm).then(|| format!("<{whole}>"));
        }
        Place::Heading(Element::InReplyTo) => heading.replied_to_ipm.as_slice(),
        Place::Heading(Element::References) => heading.related_ipms.as_deref().unwrap_or_default(),
        Place::Heading(Element::Supersedes) if name.eq_ignore_ascii_case("Supersedes") => {
            heading.obsoleted_ipms.as_deref().unwrap_or_default()
        }
        _ => return None,
    };
    let references = parse_references(value);
    let (list, more) = list.split_at(references.len().min(list.len()));
    let same = references.len() == list.len()
        && references
            .iter()
            .zip(list)
            .all(|(reference, cut)| of_reference(reference) == identifier_text(cut))
        && (more.is_empty() || (place == Place::Heading(Element::References) && more.len() <= answered()));
    (same && !references.is_empty()).then(|| value.to_owned())
}

/// What the field has become in X.400 (I-02, I-03, I-08).
fn of_reference(reference: &Reference) -> identifier::IpmIdentifier {
    match reference {
        Reference::Identifier(whole) => message_id_to_x400(whole, |_| true).identifier,
        Reference::Phrase(phrase) => identifier::phrase_to_x400(phrase).identifier,
    }
}

/// H-22: several that are replied to are related ones as well, after the others. How many of the last related ones are such,
/// by the field that travelled whole.
fn answered(heading: &Heading, fields: &[String]) -> usize {
    let key = |one: identifier::IpmIdentifier| (one.user, one.user_relative);
    let mut fields = fields.iter().filter_map(|field| split(field));
    let field = fields.find(|(name, _)| name.eq_ignore_ascii_case("In-Reply-To"));
    let references = field.map(|(_, value)| parse_references(value)).unwrap_or_default();
    let replied: BTreeSet<_> = references.iter().map(|reference| key(of_reference(reference))).collect();
    let related = heading.related_ipms.iter().flatten().rev();
    related.take_while(|cut| replied.contains(&key(identifier_text(cut)))).count()
}
