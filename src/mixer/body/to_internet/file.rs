//! Files: file transfer, bilaterally defined parts, and MIME parts that travelled in a tunnel (RFC 2157 2.3, 3.1, 3.3, 6.3,
//! 6.4; ledger B-20, B-21, B-30 to B-37).

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::prim::{GeneralizedTime, GraphicString, Ia5String, X400Time};
use rasn_x400::x420::extended_body::MimeBodyPartParameters;
use rasn_x400::x420::file_transfer::{
    ContentsType, DateAttribute, Environment, FileAttributes, FileIdentifier, FileTransferParameters,
    GeneralIdentifier, Relationship, SizeAttribute, UNSTRUCTURED_TEXT, application,
};
use rasn_x400::x420::heading::{HeadingExtension, IpmIdentifier, Rfc822Field, Rfc1327Field};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::{Made, Place, is_content_field, is_token, split_field};
use crate::message::date::format_date;
use crate::message::media::MediaType;
use crate::mixer::body::element::{Extended, external, joined};
use crate::mixer::body::file::CONTENT_ID_MARK;
use crate::mixer::body::{encoding, sniff};
use crate::mixer::charset::general_string::decode_general;
use crate::mixer::header_block::parameter;
use crate::mixer::heading::to_internet::message_id;
use crate::mixer::to_internet::Work;

/// What nothing is known of.
const OCTETS: &str = "application/octet-stream";

/// B-20: octets alone.
pub(super) fn bilaterally_defined(pieces: Vec<Bytes>, place: &Place, work: &mut Work<'_>) -> Made {
    let name = work.settings().default_file_name.clone();
    let media_type = untyped(name.as_deref(), &pieces, work);
    place.made(&media_type, "B-20", work);
    let mut made = Made::typed(&media_type);
    write(&media_type, pieces, &mut made, work);
    if let Some(name) = name {
        made.fields.add("Content-Disposition", &format!("attachment{}", parameter("filename", &name)));
    }
    made
}

/// B-04: the media type of octets that have none. Guessed only if the operator says so.
fn untyped(name: Option<&str>, pieces: &[Bytes], work: &Work<'_>) -> String {
    let guessed = work.settings().guess_types.then(|| sniff::media_type(name, pieces.first())).flatten();
    guessed.unwrap_or(OCTETS).to_owned()
}

/// Adds the octets in the encoding that fits their type.
fn write(media_type: &str, pieces: Vec<Bytes>, made: &mut Made, work: &Work<'_>) {
    if sniff::is_textual(media_type) {
        encoding::characters(pieces, work, &mut made.fields, &mut made.body);
    } else {
        encoding::base64(pieces, &mut made.fields, &mut made.body);
    }
}

/// Whether MIME forbids an encoding of such a part.
fn is_composite(media: &MediaType) -> bool {
    media.kind == "multipart"
        || (media.kind == "message"
            && matches!(media.subtype.as_str(), "rfc822" | "partial" | "external-body"))
}

/// B-30 to B-37; `None` if the file is compressed, structured, or in several pieces (B-35).
pub(super) fn transfer(extended: &Extended, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    let parameters: FileTransferParameters = extended.parameters().ok()?;
    let is_text = matches!(&parameters.contents_type,
        Some(ContentsType::DocumentType(kind)) if kind.name == UNSTRUCTURED_TEXT);
    if parameters.compression.is_some() || !(is_text || parameters.is_unstructured_binary()) {
        return None;
    }
    let files = extended.data.element().filter(|files| files.tag == Tag::SEQUENCE)?.members()?;
    let [file] = files.as_slice() else { return None };
    let pieces = external(file)?.1.octets()?;
    // Text without a character set: ASCII is the same in all of them.
    if is_text && !pieces.iter().all(|piece| piece.is_ascii()) {
        return None;
    }
    let mut file = File { fields: carried_fields(&parameters), parameters, place };
    let (media_type, is_tunnel) = file.media_type(is_text, &pieces, work);
    let media = MediaType::parse(&media_type)?;
    let mut made = Made::typed(&media_type);
    if is_composite(&media) {
        let octets = joined(pieces);
        if !encoding::is_mail(&octets, work) {
            return None;
        }
        made.body.push(octets);
    } else {
        write(&media_type, pieces, &mut made, work);
    }
    file.disposition(is_tunnel, &mut made);
    file.description(&mut made, work);
    file.content_id(&mut made, work);
    file.other_fields(&mut made, work);
    file.note_losses(work);
    place.made(&media_type, if is_tunnel { "B-32" } else { "B-33" }, work);
    Some(made)
}

/// The fields that travelled whole.
fn carried_fields(parameters: &FileTransferParameters) -> Vec<(String, String)> {
    let extensions = parameters.extensions.as_deref().unwrap_or_default();
    let fields: Option<Vec<Ia5String>> = Rfc822Field::find(extensions)
        .ok()
        .flatten()
        .or_else(|| Rfc1327Field::find(extensions).ok().flatten());
    fields.unwrap_or_default().iter().filter_map(|field| split_field(&field.to_text())).collect()
}

struct File<'p> {
    parameters: FileTransferParameters,
    /// Fields that travelled whole and have no place yet.
    fields: Vec<(String, String)>,
    place: &'p Place,
}

impl File<'_> {
    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.fields.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(self.fields.remove(at).1)
    }

    fn environment(&self) -> Option<&Environment> {
        self.parameters.environment.as_ref()
    }

    fn attributes(&self) -> Option<&FileAttributes> {
        self.parameters.file_attributes.as_ref()
    }

    /// The media type with its parameters, and whether it came through the tunnel (B-31, B-32, B-37).
    fn media_type(&mut self, is_text: bool, pieces: &[Bytes], work: &mut Work<'_>) -> (String, bool) {
        let stated = self.take("Content-Type");
        let readable = stated.as_deref().and_then(MediaType::parse);
        let reference = self.environment().and_then(|environment| environment.application_reference.clone());
        let by_reference = match &reference {
            Some(GeneralIdentifier::Registered(reference)) if *reference == application::MIME_BODY_PART => {
                return match (stated, readable) {
                    (Some(stated), Some(_)) => (stated, true),
                    _ => (self.unknown(pieces, work), true),
                };
            }
            Some(GeneralIdentifier::Registered(reference)) if is_unknown(reference) => None,
            Some(GeneralIdentifier::Registered(reference)) => Some(
                work.settings()
                    .media_type(reference)
                    .map_or_else(|| format!("application/x-ftbp.{reference}"), str::to_owned),
            ),
            Some(GeneralIdentifier::Descriptive(words)) => {
                let words: Vec<_> = words.iter().map(graphic).collect();
                self.place.dropped(
                    format!("application {}", words.join(" ")),
                    "no media type is known for it",
                    "B-33",
                    work,
                );
                None
            }
            _ => None,
        };
        let media_type = match by_reference {
            Some(media_type) => media_type,
            None if is_text => "text/plain; charset=us-ascii".to_owned(),
            None => self.unknown(pieces, work),
        };
        // The field has the parameters that the reference does not imply.
        match (stated, readable) {
            (Some(stated), Some(readable)) if readable.essence() == media_type => (stated, false),
            (Some(stated), _) => {
                let location = &self.place.at.source;
                work.losses.replaced(
                    location,
                    format!("Content-Type: {stated}"),
                    "the application reference says otherwise",
                    "B-33",
                    &media_type,
                );
                (media_type, false)
            }
            _ => (media_type, false),
        }
    }

    fn unknown(&self, pieces: &[Bytes], work: &Work<'_>) -> String {
        untyped(self.name().as_deref(), pieces, work)
    }

    /// B-33: the last component of a whole path; of a part of one everything, because `/` means nothing in it.
    fn name(&self) -> Option<String> {
        let attributes = self.attributes()?;
        let name = match (&attributes.incomplete_pathname, &attributes.complete_pathname) {
            (Some(strings), _) => strings.iter().map(graphic).collect::<Vec<_>>().join("/"),
            (None, Some(strings)) => strings.last().map(graphic).unwrap_or_default(),
            (None, None) => return None,
        };
        Some(name).filter(|name| !name.is_empty())
    }

    fn disposition(&mut self, is_tunnel: bool, made: &mut Made) {
        if let Some(stated) = self.take("Content-Disposition") {
            made.fields.add("Content-Disposition", &stated);
            return;
        }
        let mut value = String::from("attachment");
        if let Some(name) = self.name() {
            value.push_str(&parameter("filename", &name));
        }
        if let Some(attributes) = self.attributes() {
            for (name, date) in [
                ("creation-date", &attributes.created),
                ("modification-date", &attributes.modified),
                ("read-date", &attributes.read),
            ] {
                if let Some(date) = date.as_ref().and_then(moment) {
                    value.push_str(&parameter(name, &format_date(date)));
                }
            }
            // A part from the Internet without a disposition is none: its size alone is no reason for one.
            if is_tunnel && value == "attachment" {
                return;
            }
            if let Some(SizeAttribute::Actual(size)) = attributes.object_size {
                value.push_str(&parameter("size", &size.to_string()));
            }
        }
        made.fields.add("Content-Disposition", &value);
    }

    fn description(&mut self, made: &mut Made, work: &mut Work<'_>) {
        let strings = self.environment().and_then(|environment| environment.user_visible_string.clone());
        let mut strings = strings.unwrap_or_default().into_iter();
        let first = strings.next();
        match (self.take("Content-Description"), first) {
            (Some(stated), _) => made.fields.add("Content-Description", &stated),
            (None, Some(first)) => made.fields.add_text("Content-Description", &graphic(&first)),
            (None, None) => {}
        }
        for more in strings {
            self.place.dropped(graphic(&more), "a part has one description", "B-33", work);
        }
    }

    fn content_id(&mut self, made: &mut Made, work: &mut Work<'_>) {
        let mut found = self.take("Content-ID");
        for related in self.parameters.related_stored_file.iter().flatten() {
            let marked = matches!(&related.relationship,
                Some(Relationship::Descriptive(words)) if words.as_bytes() == CONTENT_ID_MARK.as_bytes());
            match &related.file_identifier {
                FileIdentifier::CrossReference(reference) if marked => {
                    if let (None, Some(message)) = (&found, &reference.message_reference) {
                        found = Some(message_id(&IpmIdentifier::from(message.clone()), work));
                    }
                }
                _ => self.place.dropped("related stored file", "a part has no place for it", "B-33", work),
            }
        }
        if let Some(value) = found {
            made.fields.add("Content-ID", &value);
        }
    }

    /// The fields that stand for no parameter. Alone in a message a part speaks only of the content (B-08).
    fn other_fields(&mut self, made: &mut Made, work: &mut Work<'_>) {
        for (name, value) in std::mem::take(&mut self.fields) {
            if ["MIME-Version", "Content-Transfer-Encoding"].iter().any(|own| name.eq_ignore_ascii_case(own))
            {
                continue;
            }
            if self.place.alone && !is_content_field(&name) && !name.eq_ignore_ascii_case("Content-Language")
            {
                self.place.dropped(
                    format!("{name}: {value}"),
                    "the heading of the message speaks for it",
                    "beyond B-08",
                    work,
                );
            } else {
                made.fields.add(&name, &value);
            }
        }
    }

    /// B-33: what else is known of the file.
    fn note_losses(&self, work: &mut Work<'_>) {
        let attributes = self.attributes().cloned().unwrap_or_default();
        let environment = self.environment().cloned().unwrap_or_default();
        let extensions = self.parameters.extensions.iter().flatten();
        let others = extensions
            .filter(|field| field.kind != Rfc822Field::ID && field.kind != Rfc1327Field::ID)
            .count();
        for (present, what) in [
            (
                attributes.incomplete_pathname.is_some() && attributes.complete_pathname.is_some(),
                "complete pathname",
            ),
            (attributes.permitted_actions.is_some(), "permitted actions"),
            (attributes.storage_account.is_some(), "storage account"),
            (attributes.attributes_modified.is_some(), "date of attribute modification"),
            (attributes.creator.is_some(), "identity of creator"),
            (attributes.modifier.is_some(), "identity of last modifier"),
            (attributes.reader.is_some(), "identity of last reader"),
            (attributes.attribute_modifier.is_some(), "identity of last attribute modifier"),
            (attributes.availability.is_some(), "object availability"),
            (attributes.future_object_size.is_some(), "future object size"),
            (attributes.access_control.is_some(), "access control"),
            (attributes.legal_qualification.is_some(), "legal qualifications"),
            (attributes.private_use.is_some(), "private use"),
            (attributes.attribute_extensions.is_some(), "attribute extensions"),
            (environment.machine.is_some(), "machine"),
            (environment.operating_system.is_some(), "operating system"),
            (others > 0, "extensions"),
        ] {
            if present {
                self.place.dropped(format!("{what} of the file"), "a part has no place for it", "B-33", work);
            }
        }
    }
}

/// B-31: the unknown attachment, and the two numbers it once had.
fn is_unknown(reference: &rasn_x400::prim::Oid) -> bool {
    [
        application::UNKNOWN_ATTACHMENT,
        application::UNKNOWN_ATTACHMENT_WITHDRAWN,
        rasn_x400::oids::APPLICATION_UNKNOWN_ATTACHMENT_DRAFT,
    ]
    .contains(reference)
}

/// B-34: a GraphicString for a header. Products write UTF-8 and ISO 8859-1 into it, without a word.
fn graphic(text: &GraphicString) -> String {
    let octets = text.as_bytes();
    match std::str::from_utf8(octets) {
        Ok(text) if !octets.contains(&0x1b) => text.to_owned(),
        _ => decode_general(octets, &[6, 100]).text,
    }
}

/// A date of a file, four digits of the year or two.
fn moment(date: &DateAttribute) -> Option<OffsetDateTime> {
    let DateAttribute::Actual(time) = date else { return None };
    let moment = GeneralizedTime::new(time.as_bytes()).moment();
    let moment = moment.or_else(|| X400Time::new(time.as_bytes()).moment())?;
    let date = Date::from_calendar_date(moment.year, Month::try_from(moment.month).ok()?, moment.day).ok()?;
    let clock = Time::from_hms(moment.hour, moment.minute, moment.second.min(59)).ok()?;
    let offset = UtcOffset::from_whole_seconds(i32::from(moment.offset) * 60).ok()?;
    Some(PrimitiveDateTime::new(date, clock).assume_offset(offset))
}

/// B-21: a MIME part with its type in the parameters; `None` if MIME cannot carry it as it is.
pub(super) fn mime(extended: &Extended, place: &Place, work: &mut Work<'_>) -> Option<Made> {
    let parameters: MimeBodyPartParameters = extended.parameters.as_ref()?.value().ok()?;
    let pieces = extended.data.octets()?;
    let mut media_type = parameters.content_type.to_text().trim().to_ascii_lowercase();
    for one in &parameters.content_parameters {
        let (name, value) = (one.name.to_text(), one.value.to_text());
        if !is_token(&name) {
            place.dropped(format!("{name}={value}"), "not a parameter", "B-21", work);
        } else if is_token(&value) || (value.len() > 1 && value.starts_with('"') && value.ends_with('"')) {
            media_type.push_str(&format!("; {name}={value}"));
        } else {
            media_type.push_str(&parameter(&name, &value));
        }
    }
    let media = MediaType::parse(&media_type)?;
    let mut made = Made::typed(&media_type);
    if is_composite(&media) {
        let octets = joined(pieces);
        let boundary = media.parameter("boundary").map(|boundary| format!("--{boundary}"));
        let has_parts = media.kind != "multipart"
            || boundary.is_some_and(|boundary| memchr::memmem::find(&octets, boundary.as_bytes()).is_some());
        if !has_parts || !encoding::is_mail(&octets, work) {
            return None;
        }
        made.body.push(octets);
    } else {
        write(&media_type, pieces, &mut made, work);
    }
    let fields = parameters.other_header_fields.unwrap_or_default();
    let fields = fields.iter().filter_map(|field| split_field(&field.to_text())).collect();
    let mut file = File { parameters: FileTransferParameters::default(), fields, place };
    file.take("Content-Type");
    file.other_fields(&mut made, work);
    place.made(&media_type, "B-21", work);
    Some(made)
}
