//! What was lost, told at the end of a mail.

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::x420::heading::{HeadingExtension as _, PartialMessage};

use super::{Made, Opened, is_content_field};
use crate::mixer::body::element::{Element, joined};
use crate::mixer::body::encoding;
use crate::mixer::charset::decode_text;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::loss::Losses;
use crate::mixer::to_internet::Work;

/// What is to be told.
pub(super) struct Told {
    /// What an earlier conversion told.
    earlier: Vec<String>,
    losses: Losses,
}

impl Told {
    /// Takes what is to be told, if anything is, and the last of the parts if that has told something before.
    pub(super) fn take(parts: &mut &[Element], work: &mut Work<'_>) -> Option<Self> {
        let losses = work.told.take()?;
        let mut earlier = Vec::new();
        if let [rest @ .., last] = parts
            && !rest.is_empty()
            && let Some(lines) = text(last).and_then(|text| work.settings().loss_wording.read(&text))
        {
            (earlier, *parts) = (lines, rest);
        }
        Some(Self { earlier, losses })
    }

    /// The part that says it; `None` where the body must be what it is, because a signature, a program or a format says so.
    pub(super) fn part(
        self,
        opened: &Opened,
        multipart: Option<&str>,
        parts: &[Made],
        work: &mut Work<'_>,
    ) -> Option<Made> {
        let only = match parts {
            [only] => only.fields.get("Content-Type").unwrap_or_default().to_ascii_lowercase(),
            _ => String::new(),
        };
        let secured = ["multipart/signed", "multipart/encrypted", "application/pkcs7-mime"];
        let refused = if multipart == Some("report") {
            Some("it is a report")
        } else if secured.iter().any(|kind| only.starts_with(kind)) {
            Some("it is signed or encrypted")
        } else if matches!(PartialMessage::find(&opened.heading.extensions), Ok(Some(_))) {
            Some("it is a piece of a message")
        } else if work.loss_prohibited {
            Some("its sender forbids changes")
        } else {
            None
        };
        if let Some(why) = refused.filter(|_| self.earlier.is_empty()) {
            work.trail.made("body", "no text about losses", why, "F-17");
            return None;
        }
        let text = work.settings().loss_wording.text(&self.earlier, &self.losses);
        let charset = if text.is_ascii() { "us-ascii" } else { "utf-8" };
        let mut made = Made::typed(&format!("text/plain; charset={charset}"));
        encoding::text(vec![Bytes::from(text)], work, &mut made.fields, &mut made.body);
        work.trail.made("body", "text/plain", "what was lost", "F-17");
        Some(made)
    }
}

/// The characters of an ia5-text.
fn text(part: &Element) -> Option<String> {
    let members = part.members().filter(|_| part.is_context(0))?;
    let text = joined(members.last().filter(|text| text.tag == Tag::IA5_STRING)?.string()?);
    decode_text(&text, None).map(std::borrow::Cow::into_owned)
}

/// Moves the content fields of a header to the part they speak of, unless that has its own.
pub(super) fn move_content_fields(header: &mut HeaderBlock, part: &mut HeaderBlock) {
    let names: Vec<String> = header
        .fields()
        .map(|(name, _)| name)
        .filter(|name| is_content_field(name))
        .map(str::to_owned)
        .collect();
    for name in names {
        if let Some(value) = header.take(&name).filter(|_| !part.has(&name)) {
            part.add(&name, &value);
        }
    }
}
