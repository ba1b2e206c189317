//! Parts that have a body part of their own in X.400: facsimile, ODA, S/MIME, and the extended body parts for files
//! (RFC 2157 3.1.2, RFC 2158 to 2161, RFC 3855; ledger B-14, B-15, B-21, B-26, S-04).

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::ber::plan::Plan;
use rasn_x400::oids::{EIT_ODA, PART_ODA};
use rasn_x400::prim::{Ia5String, Oid};
use rasn_x400::x411::envelope::BuiltInEncodedInformationTypes as BuiltIn;
use rasn_x400::x420::body::kind;
use rasn_x400::x420::extended_body::{
    DocumentArchitectureClass, MimeBodyPartParameters, MimeParameter, OdaParameters,
};

use super::element::Element;
use super::to_internet::ODA_Q112;
use super::{Maker, Refusal, Setting, cms, content_fields, data, extended, fax};
use crate::message::{Entity, MediaType};
use crate::mixer::header_block::parameter;
use crate::mixer::heading::field_line;
use crate::mixer::settings::SecuredForm;

impl Maker<'_, '_> {
    /// B-14; `false` if the octets are no fax.
    pub(super) fn facsimile(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<bool, Refusal> {
        let Some(fax) = fax::read(&entity.media, &entity.octets_decoded().octets) else {
            return Ok(false);
        };
        let mut plan = Plan::value(&fax.parameters)?;
        plan.append(Plan::value(&fax.data)?);
        self.types.add_built_in(BuiltIn::G3_FACSIMILE);
        self.note_fields(entity, at, setting, "B-14");
        self.made(plan.constructed(Tag::new_context(3)), at, "g3-facsimile", "B-14");
        Ok(true)
    }

    /// B-15; `false` if the octets are no document.
    pub(super) fn oda(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<bool, Refusal> {
        let octets = entity.octets_decoded().octets;
        let parameters = oda_parameters(&entity.media);
        let (Some(_), Some(parameters)) = (Element::only(octets.clone()), parameters) else {
            return Ok(false);
        };
        self.types.add(EIT_ODA);
        self.types.add(parameters.document_application_profile.clone());
        let plan = extended((PART_ODA, Plan::value(&parameters)?), (PART_ODA, Plan::from(octets)))?;
        self.modern = true;
        self.note_fields(entity, at, setting, "B-15");
        self.made(plan, at, "ODA document", "B-15");
        Ok(true)
    }

    /// S-04, S-05: an S/MIME object; `false` if it is to travel as a file.
    pub(super) fn secured(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<bool, Refusal> {
        let octets = entity.octets_decoded().octets;
        if !self.work.settings().is_1984() {
            self.types.add_all(cms_types(&entity.media, &octets));
        }
        let form = self.work.settings().secured;
        if form == SecuredForm::File
            || self.work.settings().is_1984()
            || Element::only(octets.clone()).is_none()
        {
            return Ok(false);
        }
        let plan = data(&kind::PKCS7, Plan::from(octets))?;
        self.modern = true;
        self.note_fields(entity, at, setting, "beyond S-04");
        self.made(plan, at, "PKCS#7 object", "beyond S-04");
        Ok(true)
    }

    /// A file as an extended body part: one of its own, or the tunnel for any type (B-21, B-26). `wanted` is the type that
    /// the sender asks for (B-29).
    pub(super) fn body_part(
        &mut self,
        entity: &Entity,
        wanted: Option<Oid>,
        at: &str,
        setting: Setting,
    ) -> Result<(), Refusal> {
        let octets = Plan::primitive(Tag::OCTET_STRING, entity.octets_decoded().octets);
        let own = wanted.or_else(|| own_part(entity));
        let (kind, plan) = match own {
            Some(kind) => {
                self.note_fields(entity, at, setting, "B-26");
                (kind.clone(), data(&kind, octets)?)
            }
            None => {
                let parameters = mime_parameters(entity, setting);
                let parameters = (kind::MIME_BODY_PART_PARAMETERS, Plan::value(&parameters)?);
                self.fields_taken = true;
                (kind::MIME_BODY_PART, extended(parameters, (kind::MIME_BODY_PART, octets))?)
            }
        };
        self.types.add(kind.clone());
        self.modern = true;
        let essence = entity.media.essence();
        self.made(plan, at, &format!("extended body part {kind} for {essence}"), "B-21");
        Ok(())
    }

    /// What a body part without room for fields loses of them. Alone, they go to the heading.
    fn note_fields(&mut self, entity: &Entity, at: &str, setting: Setting, clause: &'static str) {
        for field in content_fields(entity) {
            let carried = field.is("Content-Type") || field.is("Content-Transfer-Encoding");
            if setting != Setting::Alone && !carried {
                self.work.losses.dropped(at, field.line(), "the body part has no place for it", clause);
            }
        }
    }
}

/// The encoded information type of an S/MIME object (S-05).
pub(super) fn cms_types(media: &MediaType, octets: &Bytes) -> Option<Oid> {
    let stated = media.parameter("smime-type").and_then(cms::encoded_type);
    stated.or_else(|| cms::encoded_type(cms::kind(octets)?))
}

fn oda_parameters(media: &MediaType) -> Option<OdaParameters> {
    let profile = match media.parameter("profile") {
        None => ODA_Q112,
        Some(q112) if q112.eq_ignore_ascii_case("Q112") => ODA_Q112,
        Some(arcs) => arcs,
    };
    let class = match media.parameter("class").map(str::to_ascii_lowercase).as_deref() {
        Some("formatted") => DocumentArchitectureClass::FORMATTED,
        Some("processable") => DocumentArchitectureClass::PROCESSABLE,
        _ => DocumentArchitectureClass::FORMATTED_PROCESSABLE,
    };
    Some(OdaParameters {
        document_application_profile: profile.parse().ok()?,
        document_architecture_class: class,
        unknown: Vec::new(),
    })
}

/// The body part that is the equal of a media type, if nothing but the type would be lost in it.
fn own_part(entity: &Entity) -> Option<Oid> {
    let others = content_fields(entity).filter(|field| !field.is("Content-Transfer-Encoding"));
    if others.count() > 1 || !entity.media.parameters.is_empty() {
        return None;
    }
    match entity.media.essence().as_str() {
        "application/postscript" => Some(kind::MIME_POSTSCRIPT),
        "image/jpeg" => Some(kind::MIME_JPEG),
        "image/gif" => Some(kind::MIME_GIF),
        _ => None,
    }
}

/// B-08, B-21
fn mime_parameters(entity: &Entity, setting: Setting) -> MimeBodyPartParameters {
    let mut content_parameters = Vec::new();
    for (name, value) in &entity.media.parameters {
        // In the form a header has it: quoted, or in sections of RFC 2231.
        let written = parameter(name, value);
        let sections =
            if written.contains('"') { vec![written.as_str()] } else { written.split("; ").collect() };
        for section in sections.iter().map(|section| section.trim_start_matches("; ")) {
            if let Some((name, value)) = section.split_once('=') {
                content_parameters.push(MimeParameter { name: name.into(), value: value.into() });
            }
        }
    }
    let fields = entity.header.fields().iter().filter(|field| {
        let own = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"];
        !own.iter().any(|name| field.is(name)) && (setting != Setting::Alone || field.starts_with("Content-"))
    });
    let fields: Vec<Ia5String> = fields.map(|field| field_line(field).as_str().into()).collect();
    MimeBodyPartParameters {
        content_type: entity.media.essence().as_str().into(),
        content_parameters,
        other_header_fields: Some(fields),
    }
}
