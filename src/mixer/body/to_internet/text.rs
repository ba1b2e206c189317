//! Text: ia5-text, general-text and teletex towards `text/plain` (RFC 2157 6.1, 6.2, 6.7).

use std::borrow::Cow;

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::x420::body::Teletex;

use super::{Made, Place, harpoon};
use crate::mixer::body::element::{Element, joined};
use crate::mixer::body::encoding;
use crate::mixer::charset::decode_text;
use crate::mixer::charset::general::{canonical_lines, encode_registered};
use crate::mixer::charset::general_string::{DecodedText, FaultKind, decode_general, decode_teletex};
use crate::mixer::settings::InternetText;
use crate::mixer::to_internet::Work;

/// What the first line of a text with header fields says (RFC 1496 2.2).
const HEADERS: &str = "RFC-822-Headers:";
const FORM_FEED: u8 = 0x0c;

/// B-05: the fields in a first body part that holds nothing else, unfolded.
pub(super) fn leading_fields(part: &Element) -> Option<Vec<String>> {
    let members = part.members().filter(|_| part.is_context(0))?;
    let text = joined(members.last().filter(|text| text.tag == Tag::IA5_STRING)?.string()?);
    let text = decode_text(&text, None)?;
    let mut lines = text.lines();
    let first = lines.next()?.trim_end();
    if !first.eq_ignore_ascii_case(HEADERS) {
        return None;
    }
    let mut fields: Vec<String> = Vec::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        match fields.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(field) => {
                field.push(' ');
                field.push_str(line.trim());
            }
            None => fields.push(line.trim_end().to_owned()),
        }
    }
    Some(fields)
}

/// B-10, B-23
pub(super) fn ia5(pieces: Vec<Bytes>, place: &Place, work: &mut Work<'_>) -> Made {
    let text = joined(pieces);
    if let Some(made) = harpoon::unwrapped(&text, place, work) {
        return made;
    }
    if !text.is_ascii() {
        // A violation that peers commit: UTF-8 if it is that, else the characters of Windows.
        let read = decode_text(&text, None).unwrap_or_default();
        let what = "octets beyond ASCII";
        let location = &place.at.source;
        work.losses.replaced(
            location,
            what,
            "ia5-text has none; their character set was guessed",
            "beyond B-10",
            "text in UTF-8",
        );
        return plain(&read, "ia5-text", "beyond B-10", place, work);
    }
    let mut made = Made::typed("text/plain; charset=us-ascii");
    let lines = std::str::from_utf8(&text).map(canonical_lines);
    let text = match lines {
        Ok(Cow::Owned(lines)) => Bytes::from(lines),
        _ => text,
    };
    encoding::text(vec![text], work, &mut made.fields, &mut made.body);
    made.bare = !made.fields.has("Content-Transfer-Encoding");
    place.made("text/plain", "beyond B-10", work);
    made
}

/// B-11, B-12; `None` if something in it has no meaning and the sender forbids losses.
pub(super) fn general(
    pieces: &[Bytes],
    registrations: &[i64],
    place: &Place,
    work: &mut Work<'_>,
) -> Option<Made> {
    let decoded = decode_general(&pieces.concat(), registrations);
    unreadable(decoded.unreadable, "beyond B-12", place, work)?;
    faults(&decoded, "beyond B-12", place, work);
    if work.settings().internet_text == InternetText::Registered
        && let Some((charset, octets)) = encode_registered(&canonical_lines(&decoded.text), registrations)
    {
        let mut made = Made::typed(&format!("text/plain; charset={charset}"));
        encoding::text(vec![octets.into()], work, &mut made.fields, &mut made.body);
        place.made(&format!("text/plain; charset={charset}"), "beyond B-11", work);
        return Some(made);
    }
    Some(plain(&decoded.text, "general-text", "beyond B-11", place, work))
}

/// B-13: pages end with a form feed; one page alone is a text like any other.
pub(super) fn teletex(teletex: &Teletex, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    let mut text = String::new();
    let mut lost = 0;
    for page in &teletex.data {
        let octets = page.as_bytes();
        let decoded = decode_teletex(octets);
        lost += decoded.unreadable;
        faults(&decoded, "B-13", place, work);
        text.push_str(&decoded.text);
        if teletex.data.len() > 1 && octets.last() != Some(&FORM_FEED) {
            text.push(char::from(FORM_FEED));
        }
    }
    unreadable(lost, "B-13", place, work)?;
    if teletex.parameters.telex_compatible || teletex.parameters.non_basic_parameters.is_some() {
        place.dropped("teletex parameters", "text has no place for them", "B-13", work);
    }
    Some(plain(&text, "teletex", "B-13", place, work))
}

/// Notes octets without a meaning; `None` if that is not allowed.
fn unreadable(places: usize, clause: &'static str, place: &Place, work: &mut Work<'_>) -> Option<()> {
    if places == 0 {
        return Some(());
    }
    if work.loss_prohibited {
        return None;
    }
    let what = format!("{places} characters");
    work.losses.replaced(
        &place.at.source,
        what,
        "they have no meaning in their character set",
        clause,
        "U+FFFD",
    );
    Some(())
}

/// Notes what was left out of a text, how it looked, and what was taken for granted in reading it.
fn faults(decoded: &DecodedText, clause: &'static str, place: &Place, work: &mut Work<'_>) {
    for fault in &decoded.faults {
        match fault.kind {
            FaultKind::ControlFunction(_) => {
                place.dropped(fault.to_string(), "text has no place for it", clause, work);
            }
            _ => work.trail.made(&place.at.output, fault.to_string(), &place.at.source, clause),
        }
    }
}

/// Text in ASCII if that does, else in UTF-8.
fn plain(text: &str, from: &str, clause: &'static str, place: &Place, work: &mut Work<'_>) -> Made {
    let charset = if text.is_ascii() { "us-ascii" } else { "utf-8" };
    let mut made = Made::typed(&format!("text/plain; charset={charset}"));
    let text = Bytes::from(canonical_lines(text).into_owned());
    encoding::text(vec![text], work, &mut made.fields, &mut made.body);
    place.made(&format!("text/plain; charset={charset} of {from}"), clause, work);
    made
}
