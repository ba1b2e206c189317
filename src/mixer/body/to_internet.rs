//! The body: X.420 body parts towards MIME (RFC 2157 2.2, ledger B-01 to B-38).
//!
//! 1. A message is [`Opened`]: its heading decoded, its body parts still slices of the content.
//! 2. [`part`] maps each body part to a MIME part by its type: `text`, `file`, `message`, `reported`. What has no form of
//!    its own, and what cannot be read, travels whole (`carried`, B-24).
//! 3. [`entity`] puts them together: one part alone, the multipart the heading names, a digest, or `multipart/mixed`.

mod carried;
mod edi;
mod file;
pub(crate) mod foreign;
mod harpoon;
mod losses;
mod message;
mod part;
mod reported;
mod text;

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::{self, Limits};
use rasn_x400::prim::Ia5String;
use rasn_x400::x411::security::SecurityLabel;
use rasn_x400::x420::Ipm;
use rasn_x400::x420::heading::{
    Heading, HeadingExtension, MultipartMessage, MultipartMessageV1, PartialMessage, Rfc822Field,
};

use super::cms;
use super::element::Element;
use crate::message::{MediaType, Message};
use crate::mixer::Context;
use crate::mixer::header_block::{HeaderBlock, parameter};
use crate::mixer::heading::Location;
use crate::mixer::label::{LabelFault, signed};
use crate::mixer::rope::Rope;
use crate::mixer::settings::LargerParts;
use crate::mixer::to_internet::{NotProvided, Work};
use crate::status::Failure;
pub(super) use part::ODA_Q112;
use part::part;

/// Messages inside each other are opened to this depth; one that is deeper travels whole.
const MAX_DEPTH: usize = 12;

/// An interpersonal message taken apart: the heading decoded, the body parts as they came.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    /// The heading.
    pub(crate) heading: Heading,
    parts: Vec<Element>,
}

impl Opened {
    /// Opens a content of type P2, P22 or P772; `None` if it is a notification or no such content at all.
    pub(crate) fn content(content: &Bytes) -> Option<Result<Self, ber::Error>> {
        let object = Element::only(content.clone()).filter(|object| object.is_context(0))?;
        Self::message(&object)
    }

    /// The same of a message that was decoded as part of something else.
    pub(crate) fn decoded(message: &Ipm) -> Self {
        let body = message.body.iter().filter_map(|part| Element::only(ber::encode(part).ok()?.into()));
        Self { heading: message.heading.clone(), parts: body.collect() }
    }

    /// Opens the SEQUENCE of heading and body, under whatever tag.
    fn message(message: &Element) -> Option<Result<Self, ber::Error>> {
        let members = message.members()?;
        let [heading, body, ..] = members.as_slice() else { return None };
        let parts = body.members().filter(|_| body.tag == Tag::SEQUENCE)?;
        Some(heading.value(Limits::default().heading).map(|heading| Self { heading, parts }))
    }

    /// The fields that travelled whole and speak of the content.
    fn content_fields(&self) -> Vec<(String, String)> {
        let fields: Vec<Ia5String> =
            Rfc822Field::find(&self.heading.extensions).ok().flatten().unwrap_or_default();
        let fields = fields.iter().filter_map(|field| split_field(&field.to_text()));
        fields.filter(|(name, _)| is_content_field(name)).collect()
    }

    /// Which multipart the body stands for, and whether it is the whole body of a message (B-17).
    fn multipart(&self) -> Option<(String, bool)> {
        let extensions = &self.heading.extensions;
        if let Ok(Some(value)) = MultipartMessage::find(extensions) {
            let subtype = value.subtype.to_text().to_ascii_lowercase();
            return is_token(&subtype).then_some((subtype, value.is_a_message));
        }
        // RFC 1495 had no second half: there it stands for the body of a message.
        let old = MultipartMessageV1::find(extensions).ok().flatten()?;
        Some((old.label()?.to_owned(), true))
    }
}

/// A MIME part: its content fields and its octets.
#[derive(Debug, Default)]
struct Made {
    fields: HeaderBlock,
    body: Rope,
    /// Whether it is ia5-text as it stands, which needs no fields where it is alone (B-07).
    bare: bool,
}

impl Made {
    /// A part of this media type.
    fn typed(media_type: &str) -> Self {
        let mut made = Self::default();
        made.fields.add("Content-Type", media_type);
        made
    }

    fn octets(self) -> Rope {
        joined(&self.fields, self.body)
    }
}

/// Where a body part stands.
#[derive(Debug, Clone)]
struct Place {
    at: Location,
    /// Whether it is the whole body.
    alone: bool,
    /// Messages around it.
    depth: usize,
}

impl Place {
    fn of(number: usize, alone: bool, around: &Location, depth: usize) -> Self {
        let source = format!("{}body[{number}]", around.source);
        let output =
            format!("{}body{}", around.output, if alone { String::new() } else { format!(" part {number}") });
        Self { at: Location { source, output }, alone, depth }
    }

    /// For what is inside of it.
    fn inside(&self) -> Location {
        Location { source: format!("{}.", self.at.source), output: format!("{} ", self.at.output) }
    }

    fn made(&self, what: &str, clause: &'static str, work: &mut Work<'_>) {
        work.trail.made(&self.at.output, what, &self.at.source, clause);
    }

    fn dropped(&self, what: impl Into<String>, why: &str, clause: &'static str, work: &mut Work<'_>) {
        work.losses.dropped(&self.at.source, what, why, clause);
    }
}

/// The label inside of a signature, where the body is nothing but something signed (beyond S-08).
pub(crate) fn signed_label(
    opened: &Opened,
    context: &Context<'_>,
) -> Result<Option<SecurityLabel>, LabelFault> {
    let [only] = opened.parts.as_slice() else { return Ok(None) };
    // What becomes of the part says what it is, in whichever of its forms it came; the part itself is made later.
    let mut work = Work::new(context);
    let made = part(only, &Place::of(1, true, &Location::default(), 0), &mut work);
    let media = made.fields.get("Content-Type").and_then(MediaType::parse);
    let is_secured = media.is_some_and(|media| cms::is_pkcs7(&media) || media.is("multipart", "signed"));
    if !is_secured {
        return Ok(None);
    }
    signed::of_entity(Message::parse(made.octets().to_vec().into()).root())
}

/// F-14: leaves out parts of the message itself that are larger than the operator wants them, as they are in X.400.
///
/// # Errors
/// The message is refused for one of them.
pub(crate) fn limit_parts(opened: &mut Opened, work: &mut Work<'_>) -> Result<(), NotProvided> {
    let Some(limit) = work.settings().maximum_part else { return Ok(()) };
    let refuses = work.settings().larger_parts == LargerParts::Refuse || work.loss_prohibited;
    let mut refused = None;
    let mut number = 0;
    opened.parts.retain(|part| {
        number += 1;
        let octets = part.whole.len();
        if octets as u64 <= limit {
            return true;
        }
        let at = format!("body[{number}]");
        if refuses {
            let reason = format!("{at} has {octets} octets, at most {limit} are taken");
            refused.get_or_insert(NotProvided { failure: Failure::MessageTooLarge, reason });
        } else {
            let reason = format!("larger than {limit} octets");
            work.losses.dropped(at, format!("a body part of {octets} octets"), reason, "F-14");
        }
        false
    });
    refused.map_or(Ok(()), Err)
}

/// A mail with this header: the header gets its content fields, and the body follows.
pub(crate) fn entity(opened: &Opened, header: HeaderBlock, at: &Location, work: &mut Work<'_>) -> Rope {
    message_entity(opened, header, at, 0, work)
}

fn message_entity(
    opened: &Opened,
    mut header: HeaderBlock,
    at: &Location,
    depth: usize,
    work: &mut Work<'_>,
) -> Rope {
    let mut parts = opened.parts.as_slice();
    let told = if depth == 0 { losses::Told::take(&mut parts, work) } else { None };
    let carried = opened.content_fields();
    let mut stated = carried
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"))
        .map(|(_, value)| value);
    for name in ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"] {
        header.take(name);
    }
    // V-03, B-05
    let mut led = None;
    if let [first, rest @ ..] = parts
        && !rest.is_empty()
        && let Some(fields) = text::leading_fields(first)
    {
        parts = rest;
        for field in fields {
            let Some(value) = leading_field(&field, &mut header, at, work) else { continue };
            // RFC 2157 6.6: towards 1984 the field stands for the extension. With a boundary it is that of a mail which did
            // not claim to be MIME, unless there are parts.
            let media = MediaType::parse(&value).filter(|media| media.kind == "multipart");
            led = media
                .filter(|media| parts.len() > 1 || media.parameter("boundary").is_none())
                .map(|media| media.subtype)
                .or(led);
            stated = Some(value);
        }
    }
    let multipart = opened.multipart().map(|(subtype, _)| subtype).or(led);
    let stated = stated.as_deref().and_then(MediaType::parse);
    let alone = parts.len() == 1 && multipart.is_none();
    let mut made: Vec<Made> =
        (1..).zip(parts).map(|(number, one)| part(one, &Place::of(number, alone, at, depth), work)).collect();
    let told = told.and_then(|told| told.part(opened, multipart.as_deref(), &made, work));
    if alone
        && told.is_none()
        && let Some(only) = made.pop()
    {
        return single(opened, only, header, at, work);
    }
    if made.is_empty() && multipart.is_none() && told.is_none() {
        return joined(&header, Rope::default());
    }
    let mut subtype = multipart.unwrap_or_else(|| of_several(parts).to_owned());
    if let Some(told) = told {
        if subtype != "mixed" && !alone {
            made = vec![multipart_of(&subtype, stated.as_ref(), made, work)];
        }
        // What is said about the content is said about that, and not about the text that follows.
        if let [only] = made.as_mut_slice() {
            losses::move_content_fields(&mut header, &mut only.fields);
        }
        made.push(told);
        "mixed".clone_into(&mut subtype);
    }
    let multipart = multipart_of(&subtype, stated.as_ref(), made, work);
    work.trail.made(
        format_args!("{}body", at.output),
        format_args!("multipart/{subtype}"),
        format_args!("{}body", at.source),
        "B-17",
    );
    // K-39
    header.add("MIME-Version", "1.0");
    header.append(multipart.fields);
    joined(&header, multipart.body)
}

/// B-05: several parts without a word about them.
fn of_several(parts: &[Element]) -> &'static str {
    if parts.iter().all(message::is_plain_message) { "digest" } else { "mixed" }
}

/// A body of one part.
fn single(opened: &Opened, only: Made, mut header: HeaderBlock, at: &Location, work: &mut Work<'_>) -> Rope {
    let mut only = only;
    // RFC 1495: a piece of a message.
    if let Ok(Some(piece)) = PartialMessage::find(&opened.heading.extensions)
        && only.bare
    {
        let id = parameter("id", &piece.id.to_text());
        let value = format!("message/partial{id}; number={}; total={}", piece.number, piece.total);
        work.trail.made(
            format_args!("{}body", at.output),
            value.as_str(),
            format_args!("{}heading.extensions", at.source),
            "B-17",
        );
        only.fields = HeaderBlock::default();
        only.fields.add("Content-Type", &value);
        only.bare = false;
    }
    let bare = only.bare && !header.fields().any(|(name, _)| is_content_field(name));
    if !bare {
        header.add("MIME-Version", "1.0");
        for (name, _) in only.fields.fields() {
            if is_content_field(name) {
                header.take(name);
            }
        }
        header.append(only.fields);
    }
    joined(&header, only.body)
}

/// Parts of a multipart, its parameters from what is stated of it (B-17).
fn multipart_of(subtype: &str, stated: Option<&MediaType>, parts: Vec<Made>, work: &mut Work<'_>) -> Made {
    let boundary = work.next_boundary();
    let mut value = format!("multipart/{subtype}");
    let stated = stated.filter(|stated| stated.is("multipart", subtype));
    for (name, text) in stated.iter().flat_map(|stated| &stated.parameters) {
        if name != "boundary" && is_token(name) {
            value.push_str(&parameter(name, text));
        }
    }
    value.push_str(&parameter("boundary", &boundary));
    let mut made = Made::typed(&value);
    let report = stated.and_then(|stated| stated.parameter("report-type")).filter(|_| subtype == "report");
    for (index, mut part) in parts.into_iter().enumerate() {
        if let Some(kind) = report.filter(|kind| is_token(kind)) {
            reported::restore(kind, index, &mut part);
        }
        made.body.push(format!("--{boundary}\r\n"));
        made.body.append(part.octets());
        made.body.push(&b"\r\n"[..]);
    }
    made.body.push(format!("--{boundary}--\r\n"));
    made
}

/// A field out of the text that leads the body; gives the value of `Content-Type`, which is not for the header as it stands.
fn leading_field(
    field: &str,
    header: &mut HeaderBlock,
    at: &Location,
    work: &mut Work<'_>,
) -> Option<String> {
    let source = format!("{}body[1]", at.source);
    let Some((name, value)) = split_field(field) else {
        work.losses.dropped(source, field, "not a header field", "V-03");
        return None;
    };
    if name.eq_ignore_ascii_case("Content-Type") {
        return Some(value);
    }
    if ["MIME-Version", "Content-Transfer-Encoding"].iter().any(|own| name.eq_ignore_ascii_case(own)) {
        work.losses.dropped(source, field, "the gateway writes the structure of the body", "V-03");
    } else if let Some(said) = header.get(&name) {
        if said != value {
            let instead = header.beginning(&name);
            work.losses.replaced(source, field, "an element says it already", "V-03", instead);
        }
    } else {
        header.add(&name, &value);
        work.trail.made(format_args!("{}header {name}", at.output), value, source, "V-03");
    }
    None
}

/// Name and value of a field on one line.
fn split_field(field: &str) -> Option<(String, String)> {
    let (name, value) = field.split_once(':')?;
    let name = name.trim_end();
    let good = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic());
    good.then(|| (name.to_owned(), value.trim().to_owned()))
}

fn is_content_field(name: &str) -> bool {
    name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("Content-"))
        && !["Content-Language", "Content-Identifier"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// A token of MIME (RFC 2045 5.1).
fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|octet| octet.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&octet))
}

fn joined(header: &HeaderBlock, body: Rope) -> Rope {
    let mut octets = header.to_octets();
    octets.extend_from_slice(b"\r\n");
    let mut rope = Rope::default();
    rope.push(octets);
    rope.append(body);
    rope
}
