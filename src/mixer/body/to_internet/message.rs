//! Messages and contents inside: forwarded messages, multiparts that travelled as messages, contents of any type
//! (RFC 2157 6.5, 6.6; X.420 Annex B; ledger B-16, B-17, B-19).

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::oids::{CONTENT_CMS, CONTENT_P2, CONTENT_P22, CONTENT_P772};
use rasn_x400::prim::Oid;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::body::MessageParameters;
use rasn_x400::x420::forwarded::ForwardedContentParameters;

use super::{MAX_DEPTH, Made, Opened, Place, carried, message_entity, multipart_of, part, reported};
use crate::message::MediaType;
use crate::mixer::body::element::{Element, Extended, joined};
use crate::mixer::body::{cms, encoding};
use crate::mixer::envelope::delivered;
use crate::mixer::heading::to_internet as heading;
use crate::mixer::to_internet::Work;

/// Whether a part is a message that becomes `message/rfc822` (B-05).
pub(super) fn is_plain_message(part: &Element) -> bool {
    part.is_context(9)
        && part.members().is_some_and(|members| {
            let opened = members.get(1).and_then(Opened::message);
            matches!(opened, Some(Ok(opened)) if !is_part(&opened))
        })
}

/// B-17: whether a message only stands for a multipart inside another. RFC 2157 6.5 has it the other way round; 6.6 alone
/// comes back as it was.
fn is_part(opened: &Opened) -> bool {
    opened.multipart().is_some_and(|(_, is_a_message)| !is_a_message)
}

/// B-16, K-41
pub(super) fn forwarded(
    parameters: &MessageParameters,
    message: &Element,
    place: &Place,
    work: &mut Work<'_>,
) -> Option<Made> {
    if place.depth >= MAX_DEPTH {
        return None;
    }
    let opened = Opened::message(message)?.ok()?;
    if is_part(&opened) {
        return Some(inner_multipart(&opened, place, work));
    }
    Some(inside(&opened, parameters, place, work))
}

fn inside(opened: &Opened, parameters: &MessageParameters, place: &Place, work: &mut Work<'_>) -> Made {
    let at = place.inside();
    let mut header = delivered(parameters, (&place.at.source, &at.output), work);
    header.append(heading::elements(&opened.heading, &at, work));
    // What the delivery envelope says is not said again by a field that travelled whole.
    heading::finish(&opened.heading, &mut header, &at, work);
    let mut made = Made::typed("message/rfc822");
    made.body = message_entity(opened, header, &at, place.depth + 1, work);
    place.made("message/rfc822", "B-16", work);
    made
}

/// A multipart that travelled as a message of its own: its heading was made by a gateway, and only its content fields count.
fn inner_multipart(opened: &Opened, place: &Place, work: &mut Work<'_>) -> Made {
    let at = place.inside();
    let parts = (1..).zip(&opened.parts);
    let parts = parts.map(|(number, one)| {
        part(one, &Place { depth: place.depth + 1, ..Place::of(number, false, &at, place.depth) }, work)
    });
    let parts: Vec<Made> = parts.collect();
    let (subtype, _) = opened.multipart().unwrap_or_default();
    let (stated, others): (Vec<_>, Vec<_>) =
        opened.content_fields().into_iter().partition(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    let stated = stated.first().and_then(|(_, value)| MediaType::parse(value));
    let mut made = multipart_of(&subtype, stated.as_ref(), parts, work);
    for (name, value) in &others {
        if !name.eq_ignore_ascii_case("Content-Transfer-Encoding") {
            made.fields.add(name, value);
        }
    }
    // A person's message that says it is none loses its heading.
    if let Some(originator) = &opened.heading.originator {
        let what =
            originator.formal_name.as_ref().map(|name| work.mapper().show_or(name)).unwrap_or_default();
        place.dropped(format!("heading of {what}"), "a part of a multipart has none", "B-17", work);
    }
    place.made(&format!("multipart/{subtype}"), "B-17", work);
    made
}

/// B-19
pub(super) fn forwarded_content(
    content_type: &Oid,
    extended: &Extended,
    place: &Place,
    work: &mut Work<'_>,
) -> Option<Made> {
    let content = joined(extended.data.octets()?);
    let parameters: ForwardedContentParameters = extended.parameters().ok()?;
    let delivery = MessageParameters {
        delivery_time: parameters.delivery_time,
        delivery_envelope: parameters.delivery_envelope,
        unknown: parameters.unknown,
    };
    let interpersonal = [CONTENT_P2, CONTENT_P22, CONTENT_P772].contains(content_type);
    if interpersonal
        && place.depth < MAX_DEPTH
        && let Some(Ok(opened)) = Opened::content(&content)
    {
        if let Some(identifier) = parameters.mts_identifier {
            let what = format!("MTS identifier {}", identifier.local_identifier.to_text());
            place.dropped(what, "a message inside has no place for it", "B-19", work);
        }
        if parameters.submission_proof.is_some() {
            place.dropped("proof of submission", "a mail has no place for it", "B-19", work);
        }
        return Some(inside(&opened, &delivery, place, work));
    }
    if interpersonal
        && let Ok(InformationObject::Ipn(notification)) =
            ber::decode(&content, ber::Limits::default().heading)
    {
        return Some(reported::notification(&notification, place, work));
    }
    if delivery != MessageParameters::default() {
        place.dropped("delivery envelope", "only a message has a place for it", "B-19", work);
    }
    if *content_type == CONTENT_CMS {
        let types =
            delivery.delivery_envelope.and_then(|envelope| envelope.original_encoded_information_types);
        let types = types.and_then(|types| types.extended).unwrap_or_default();
        let mut made = Made::typed(&cms::media_type(&content, &types));
        encoding::base64(vec![content], &mut made.fields, &mut made.body);
        place.made("application/pkcs7-mime", "beyond S-06", work);
        return Some(made);
    }
    if *content_type == cms::DATA && encoding::is_mail(&content, work) {
        return Some(mime_content(content, place, work));
    }
    place.made("application/x400-content", "B-19", work);
    Some(carried::content(&content_type.to_string(), content))
}

/// S-02: a content that is a MIME entity or a mail.
fn mime_content(content: Bytes, place: &Place, work: &mut Work<'_>) -> Made {
    let mut made = Made::typed("message/rfc822");
    made.body.push(content);
    place.made("message/rfc822", "beyond S-02", work);
    made
}
