//! Files: the file transfer body part, and the bilaterally defined one (RFC 2157 2.3, 3.1.1, 3.1.4, 6.3, 6.4).

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::plan::Plan;
use rasn_x400::prim::{External, GraphicString, Ia5String, Oid, X400Time};
use rasn_x400::x411::envelope::BuiltInEncodedInformationTypes as BuiltIn;
use rasn_x400::x420::body::kind;
use rasn_x400::x420::file_transfer::{
    ApplicationReference, CrossReference, DateAttribute, Environment, FileAttributes, FileIdentifier,
    FileTransferParameters, MessageReference, RelatedStoredFile, Relationship, SizeAttribute, application,
};
use rasn_x400::x420::heading::{HeadingExtension, Rfc822Field};
use time::OffsetDateTime;

use super::{Maker, Refusal, Setting, content_fields, extended};
use crate::message::date::parse_date;
use crate::message::identifier::parse_message_id;
use crate::message::{Disposition, Entity, Field};
use crate::mixer::charset::{decode_words, nearest_ascii};
use crate::mixer::heading::{field_line, ipm_identifier};
use crate::mixer::settings::AttachmentForm;
use rasn_x400::oids::EIT_FILE_TRANSFER;

/// The value that marks a reference to a Content-ID (B-33).
pub(super) const CONTENT_ID_MARK: &str = "Internet MIME Body Part";

impl Maker<'_, '_> {
    /// A file, in the form the settings say.
    pub(super) fn file(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<(), Refusal> {
        self.file_as(entity, self.work.settings().attachment_form(), None, at, setting)
    }

    /// A file in this form; `wanted` is the type the sender asks for (B-29).
    pub(super) fn file_as(
        &mut self,
        entity: &Entity,
        form: AttachmentForm,
        wanted: Option<Oid>,
        at: &str,
        setting: Setting,
    ) -> Result<(), Refusal> {
        match form {
            AttachmentForm::Ftbp => self.file_transfer(entity, wanted, at, setting),
            AttachmentForm::Bp14 => self.bilaterally_defined(entity, at, setting),
            AttachmentForm::Bp15 => self.body_part(entity, wanted, at, setting),
            AttachmentForm::Ia5 => self.encapsulated(entity, at),
        }
    }

    fn octets_of(&mut self, entity: &Entity, at: &str) -> Bytes {
        let decoded = entity.octets_decoded();
        if decoded.damaged {
            self.work.losses.dropped(at, "octets", "the transfer encoding is damaged", "B-35");
        }
        decoded.octets
    }

    /// B-30 to B-37
    pub(super) fn file_transfer(
        &mut self,
        entity: &Entity,
        wanted: Option<Oid>,
        at: &str,
        setting: Setting,
    ) -> Result<(), Refusal> {
        let octets = self.octets_of(entity, at);
        let (reference, tunnel) = match wanted {
            Some(reference) => (reference, false),
            None => self.reference(entity),
        };
        let size = i64::try_from(octets.len()).ok();
        let parameters = FileTransferParameters {
            related_stored_file: self.content_id(entity),
            environment: Some(Environment {
                application_reference: Some(ApplicationReference::Registered(reference.clone())),
                user_visible_string: entity
                    .header
                    .value("Content-Description")
                    .map(|text| vec![graphic(text)]),
                ..Environment::default()
            }),
            file_attributes: Some(attributes(entity, size)),
            extensions: self.extensions(entity, &reference, tunnel, setting)?,
            ..FileTransferParameters::default()
        };
        // B-35: one EXTERNAL, octet-aligned.
        let octets = Plan::from(octets).enclosed(Tag::new_context(1), false);
        let data = octets.constructed(<External as rasn::AsnType>::TAG).constructed(Tag::SEQUENCE);
        let parameters = (kind::FILE_TRANSFER_PARAMETERS, Plan::value(&parameters)?);
        let plan = extended(parameters, (kind::FILE_TRANSFER, data))?;
        self.types.add(EIT_FILE_TRANSFER);
        self.types.add(reference.clone());
        self.modern = true;
        self.fields_taken = true;
        let clause = if tunnel { "B-32" } else { "B-33" };
        self.made(plan, at, &format!("file-transfer {reference} for {}", entity.media.essence()), clause);
        Ok(())
    }

    /// B-20: the octets alone.
    fn bilaterally_defined(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<(), Refusal> {
        let octets = Plan::from(self.octets_of(entity, at));
        self.types.add_built_in(BuiltIn::UNKNOWN);
        for field in content_fields(entity).filter(|field| !field.is("Content-Transfer-Encoding")) {
            if setting != Setting::Alone || field.is("Content-Type") {
                self.work.losses.dropped(
                    at,
                    field.line(),
                    "a bilaterally defined body part has only octets",
                    "B-20",
                );
            }
        }
        self.made(octets.enclosed(Tag::new_context(14), false), at, "bilaterally-defined", "B-20");
        Ok(())
    }

    /// The application reference, and whether it is the one that carries any MIME type.
    fn reference(&self, entity: &Entity) -> (Oid, bool) {
        let essence = entity.media.essence();
        // B-37
        if let Some(oid) = essence.strip_prefix("application/x-ftbp.").and_then(|arcs| arcs.parse().ok()) {
            return (oid, false);
        }
        match self.work.settings().application(&essence) {
            Some(reference) => (reference.clone(), *reference == application::MIME_BODY_PART),
            None => (application::MIME_BODY_PART, true),
        }
    }

    /// B-33, I-21: Content-ID as a reference to a message.
    fn content_id(&self, entity: &Entity) -> Option<Vec<RelatedStoredFile>> {
        let content_id = parse_message_id(entity.header.value("Content-ID")?)?;
        let identifier = ipm_identifier(&self.work.message_id(&content_id), self.work);
        let message_reference = MessageReference {
            user: identifier.user,
            user_relative_identifier: identifier.user_relative_identifier,
            ..MessageReference::default()
        };
        Some(vec![RelatedStoredFile {
            file_identifier: FileIdentifier::CrossReference(CrossReference {
                application_cross_reference: Default::default(),
                message_reference: Some(message_reference),
                body_part_reference: None,
                unknown: Vec::new(),
            }),
            relationship: Some(Relationship::Descriptive(CONTENT_ID_MARK.into())),
        }])
    }

    /// The fields that no parameter stands for; in the tunnel `Content-Type` among them (B-32). Alone in a message only
    /// the content fields are the part's (B-08).
    fn extensions(
        &self,
        entity: &Entity,
        reference: &Oid,
        tunnel: bool,
        setting: Setting,
    ) -> Result<Option<Vec<rasn_x400::x420::heading::HeadingExtensionField>>, Refusal> {
        let known = self.work.settings().media_type(reference);
        // Parameters that the reference does not imply must survive, and so must a type that it does not stand for.
        let typed = !tunnel && known.is_none_or(|known| known == entity.media.essence());
        let mine = |field: &&Field| setting != Setting::Alone || field.starts_with("Content-");
        let kept = |field: &&Field| match field.name.to_ascii_lowercase().as_str() {
            "mime-version" | "content-transfer-encoding" => false,
            "content-language" if setting == Setting::Alone => false,
            "content-type" => !typed || entity.media.parameters.iter().any(|(name, _)| name != "name"),
            "content-disposition" => {
                !entity.disposition.as_ref().is_some_and(|one| is_mapped_whole(one, tunnel))
            }
            "content-description" => !field.value.is_ascii() || field.value.contains("=?"),
            "content-id" => parse_message_id(&field.value)
                .is_none_or(|content_id| self.work.message_id(&content_id).truncated),
            _ => true,
        };
        let fields = entity.header.fields().iter().filter(mine).filter(kept);
        let fields: Vec<Ia5String> = fields.map(|field| field_line(field).as_str().into()).collect();
        if fields.is_empty() {
            return Ok(None);
        }
        Ok(Some(vec![Rfc822Field::field(&fields)?]))
    }
}

/// Whether file attributes say all that this disposition says: it is `attachment`, and its name is ASCII.
fn is_mapped_whole(disposition: &Disposition, tunnel: bool) -> bool {
    // In the tunnel an attachment without a name is told apart from no disposition at all.
    disposition.kind == "attachment"
        && (!tunnel || disposition.parameter("filename").is_some_and(|name| !name.is_empty()))
        && disposition.parameters.iter().all(|(name, value)| match name.as_str() {
            "filename" => value.is_ascii(),
            "creation-date" | "modification-date" | "read-date" => parse_date(value).is_some(),
            "size" => true,
            _ => false,
        })
}

/// B-33: name, dates and size. The name is one string; `/` and `\` mean nothing in it.
fn attributes(entity: &Entity, size: Option<i64>) -> FileAttributes {
    let date = |name: &str| {
        let value = entity.disposition.as_ref()?.parameter(name)?;
        Some(DateAttribute::Actual(generalized_time(parse_date(value)?)))
    };
    FileAttributes {
        incomplete_pathname: entity.file_name().map(|name| vec![graphic(name)]),
        created: date("creation-date"),
        modified: date("modification-date"),
        read: date("read-date"),
        object_size: size.map(SizeAttribute::Actual),
        ..FileAttributes::default()
    }
}

/// Text in the plain characters every reader of GraphicString knows; the exact text travels in the extensions (B-34).
fn graphic(text: &str) -> GraphicString {
    nearest_ascii(&decode_words(text), '_').as_str().into()
}

/// `YYYYMMDDhhmmss±hhmm`
fn generalized_time(date: OffsetDateTime) -> X400Time {
    let (hours, minutes, _) = date.offset().as_hms();
    let sign = if date.offset().is_negative() { '-' } else { '+' };
    X400Time::new(format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}{sign}{:02}{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        date.hour(),
        date.minute(),
        date.second(),
        hours.unsigned_abs(),
        minutes.unsigned_abs()
    ))
}
