//! One body part, by its type (B-01).

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::Limits;
use rasn_x400::oids::{PART_ADATP3, PART_G3_FACSIMILE, PART_MM_MESSAGE, PART_ODA, PART_TELETEX, PART_VOICE};
use rasn_x400::prim::Oid;
use rasn_x400::x420::body::{BodyPart, G3Facsimile, GeneralTextParameters, kind};
use rasn_x400::x420::extended_body::{OdaParameters, VoiceParameters};
use rasn_x400::x420::typed_body::TypedBodyPart;

use super::carried::carried;
use super::{Made, Place, file, message, reported, text};
use crate::mixer::body::element::{Element, Extended};
use crate::mixer::body::{cms, encoding, fax};
use crate::mixer::header_block::parameter;
use crate::mixer::to_internet::Work;

/// The MIME part of a body part.
pub(super) fn part(part: &Element, place: &Place, work: &mut Work<'_>) -> Made {
    let before = (work.losses.as_slice().len(), work.trail.as_slice().len());
    let made = mapped(part, place, work);
    // where the sender forbids losses there is always a way without.
    if work.loss_prohibited && work.losses.as_slice().len() > before.0 && !holds_message(part) {
        work.losses.truncate(before.0);
        work.trail.truncate(before.1);
        return carried(part, place, work);
    }
    made.unwrap_or_else(|| carried(part, place, work))
}

/// Whether it is a message, whose parts are judged each for itself, and whose heading no conversion concerns.
fn holds_message(part: &Element) -> bool {
    let message =
        |kind: Oid| kind == kind::MESSAGE || kind == PART_MM_MESSAGE || kind.starts_with(&kind::CONTENT);
    part.is_context(9) || Extended::read(part).and_then(|extended| extended.kind).is_some_and(message)
}

/// `None` for what has no form of its own, or is not what its tag says.
fn mapped(part: &Element, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    match part.context_number()? {
        0 => {
            let members = part.members()?;
            let text = members.last().filter(|text| text.tag == Tag::IA5_STRING)?;
            Some(text::ia5(text.string()?, place, work))
        }
        3 | 5 => whole(part, place, work),
        9 => {
            let members = part.members()?;
            let [parameters, message] = members.as_slice() else { return None };
            let parameters = parameters.value(Limits::default().body_part).ok()?;
            message::forwarded(&parameters, message, place, work)
        }
        14 => Some(file::bilaterally_defined(part.string()?, place, work)),
        15 => extended(part, place, work),
        // Telex, voice of 1984, group 4, videotex, nationally defined, encrypted, documents of 1984: B-24.
        _ => None,
    }
}

/// Parts that are rewritten as a whole, so that they may as well be decoded.
fn whole(part: &Element, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    let decoded: BodyPart = part.value(part.whole.len()).ok()?;
    match decoded.typed().ok()? {
        TypedBodyPart::G3Facsimile(fax) => Some(facsimile(&fax, place, work)),
        TypedBodyPart::Teletex(teletex) => text::teletex(&teletex, place, work),
        TypedBodyPart::Report(report) => Some(reported::report(&report, place, work)),
        TypedBodyPart::Notification(notification) => {
            Some(reported::notification(&notification.data, place, work))
        }
        _ => None,
    }
}

/// A part whose type has an object identifier.
fn extended(part: &Element, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    let extended = Extended::read(part)?;
    let kind = extended.kind.clone()?;
    match kind {
        _ if kind == kind::IA5_TEXT => Some(text::ia5(extended.data.element()?.string()?, place, work)),
        _ if kind == kind::GENERAL_TEXT => {
            // An empty or odd set of numbers is none (B-11).
            let registrations: GeneralTextParameters = extended.parameters().unwrap_or_default();
            text::general(&extended.data.element()?.string()?, &registrations.0, place, work)
        }
        _ if kind == PART_G3_FACSIMILE || kind == PART_TELETEX => whole(part, place, work),
        _ if kind == kind::REPORT || kind == kind::NOTIFICATION => whole(part, place, work),
        _ if kind == kind::BILATERALLY_DEFINED => {
            Some(file::bilaterally_defined(extended.data.octets()?, place, work))
        }
        _ if kind == kind::FILE_TRANSFER => file::transfer(&extended, place, work),
        _ if kind == kind::MIME_BODY_PART => file::mime(&extended, place, work),
        _ if kind == kind::MESSAGE || kind == PART_MM_MESSAGE => {
            let parameters = extended.parameters().ok()?;
            message::forwarded(&parameters, &extended.data.element()?, place, work)
        }
        _ if kind.starts_with(&kind::CONTENT) => {
            let content_type = Oid::from_arcs(kind.arcs()?.get(5..)?).ok()?;
            message::forwarded_content(&content_type, &extended, place, work)
        }
        _ if kind == kind::PKCS7 => {
            let object = extended.data.element()?.whole;
            place.made("application/pkcs7-mime", "beyond S-06", work);
            let media_type = cms::media_type(&object, &[]);
            Some(octets(&media_type, vec![object], work))
        }
        _ if kind == kind::MIME_POSTSCRIPT => typed("application/postscript", &extended, place, work),
        _ if kind == kind::MIME_JPEG => typed("image/jpeg", &extended, place, work),
        _ if kind == kind::MIME_GIF => typed("image/gif", &extended, place, work),
        _ if kind == PART_ODA => {
            let parameters: Option<OdaParameters> =
                extended.parameters.as_ref().and_then(|parameters| parameters.value().ok());
            let document = extended.data.element()?.whole;
            place.made("application/oda", "B-15", work);
            Some(octets(&oda(parameters.as_ref()), vec![document], work))
        }
        _ if kind == PART_VOICE => voice(&extended, place, work),
        _ if kind == PART_ADATP3 => None,
        _ => None,
    }
}

/// B-26: octets alone.
fn typed(media_type: &str, extended: &Extended, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    let pieces = extended.data.octets()?;
    place.made(media_type, "B-26", work);
    Some(octets(media_type, pieces, work))
}

fn octets(media_type: &str, pieces: Vec<Bytes>, work: &mut Work<'_>) -> Made {
    let mut made = Made::typed(media_type);
    if media_type == "application/postscript" {
        encoding::characters(pieces, work, &mut made.fields, &mut made.body);
    } else {
        encoding::base64(pieces, &mut made.fields, &mut made.body);
    }
    made
}

/// B-14
fn facsimile(fax: &G3Facsimile, place: &Place, work: &mut Work<'_>) -> Made {
    let mut made = Made::typed(&fax::media_type(fax));
    encoding::base64(vec![fax::pages(fax).into()], &mut made.fields, &mut made.body);
    place.made("image/g3fax", "B-14", work);
    made
}

/// B-15
fn oda(parameters: Option<&OdaParameters>) -> String {
    let mut out = String::from("application/oda");
    if let Some(parameters) = parameters {
        let profile = parameters.document_application_profile.to_string();
        let profile = if profile == ODA_Q112 { "Q112" } else { profile.as_str() };
        out.push_str(&parameter("profile", profile));
        if let Some(class) = parameters.document_architecture_class.label() {
            out.push_str(&parameter("class", class));
        }
    }
    out
}

/// The document application profile that has a name (RFC 2161 1.2).
pub(in crate::mixer::body) const ODA_Q112: &str = "1.3.16.2.6.0.1";

/// B-25: codings that MIME knows; any other travels whole.
fn voice(extended: &Extended, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    let parameters: VoiceParameters = extended.parameters.as_ref()?.value().ok()?;
    let media_type = match parameters.voice_encoding_type.to_string().as_str() {
        "2.6.1.12.1.3" => "audio/basic",
        "2.6.1.12.1.4" => "audio/32KADPCM",
        _ => return None,
    };
    let pieces = extended.data.octets()?;
    if let Some(seconds) = parameters.voice_message_duration {
        place.dropped(format!("duration {seconds} s"), "the media type has no place for it", "B-25", work);
    }
    if let Some(words) = &parameters.supplementary_information {
        place.dropped(words.to_text(), "the media type has no place for it", "B-25", work);
    }
    place.made(media_type, "B-25", work);
    Some(octets(media_type, pieces, work))
}
