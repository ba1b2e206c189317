//! Text that is MIME in disguise: it begins with `MIME-Version: 1.0` (RFC 2157 3.1.3, RFC 1496 3.2, B-23).

use bytes::Bytes;

use super::{Made, Place, is_content_field};
use crate::message::media::MediaType;
use crate::message::{DefectKind, Message};
use crate::mixer::body::encoding;
use crate::mixer::to_internet::Work;

/// The part in the text; `None` if it is a text like any other, or its syntax is wrong (B-05).
pub(super) fn unwrapped(text: &Bytes, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    let first = text.split(|octet| matches!(octet, b'\r' | b'\n')).next()?;
    let (name, version) = first.split_at_checked("MIME-Version:".len())?;
    if !name.eq_ignore_ascii_case(b"MIME-Version:") || !version.trim_ascii_start().starts_with(b"1.0") {
        return None;
    }
    let message = Message::parse(text.clone());
    let root = message.root();
    let broken = |kind: DefectKind| !matches!(kind, DefectKind::TooDeep | DefectKind::TooManyParts);
    let header = &root.header;
    MediaType::parse(header.value("Content-Type")?)?;
    if message.defects().iter().any(|defect| broken(defect.kind)) || !encoding::is_mail(&root.content, work) {
        place.made("text/plain", "beyond B-05", work);
        return None;
    }
    let mut made = Made::default();
    for field in header.fields().iter().filter(|field| !field.is("MIME-Version")) {
        if is_content_field(&field.name) || !place.alone {
            made.fields.add(&field.name, &field.value);
        } else {
            place.dropped(field.line(), "the heading of the message speaks for it", "B-23", work);
        }
    }
    made.body.push(root.content.clone());
    place.made(&root.media.essence(), "B-23", work);
    Some(made)
}
