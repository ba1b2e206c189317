//! Body parts without a form of their own: they travel whole, as the octets that X.400 has for them (RFC 2157 3.2).

use super::{Made, Place};
use crate::mixer::body::element::{Element, Extended};
use crate::mixer::body::encoding;
use crate::mixer::to_internet::Work;

/// B-24: `application/x400-bp`, the outer tag among its octets.
pub(super) fn carried(part: &Element, place: &Place, work: &mut Work<'_>) -> Made {
    let extended = Extended::read(part).filter(|_| part.is_context(15));
    let kind = match extended.and_then(|extended| extended.kind) {
        Some(kind) => kind.to_string(),
        None => part.tag.value.to_string(),
    };
    let media_type = format!("application/x400-bp; bp-type={kind}");
    place.made(&media_type, "B-24", work);
    let mut made = Made::typed(&media_type);
    encoding::base64(vec![part.whole.clone()], &mut made.fields, &mut made.body);
    made
}

/// S-03: a content that is no message, as it is. `content_type` is its number or object identifier.
pub(super) fn content(content_type: &str, content: bytes::Bytes) -> Made {
    let mut made = Made::typed(&format!("application/x400-content; content-type={content_type}"));
    encoding::base64(vec![content], &mut made.fields, &mut made.body);
    made
}
