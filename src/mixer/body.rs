//! The body: MIME towards X.420 body parts (RFC 2157, ledger B-01 to B-38).
//!
//! The outermost multipart is flattened in order; a message inside becomes a forwarded message, and so does a nested
//! multipart, with a heading that says what it was (B-17). Text becomes ia5-text or general-text, a file becomes a file
//! transfer body part (`file`); signed and encrypted structures travel as they are in ia5-text (`harpoon`).
//! What is built here is a plan of pieces: large octets are referred to, never copied again.

mod cms;
pub(crate) mod content;
mod edi;
pub(crate) mod element;
mod encoding;
mod fax;
mod file;
mod harpoon;
mod losses;
mod sniff;
mod text;
pub(crate) mod to_internet;
mod typed;
mod wanted;

use rasn::types::Tag;
use rasn_x400::ber;
use rasn_x400::ber::plan::Plan;
use rasn_x400::oids::{CONTENT_P772, PARAMETERS_MM_MESSAGE, PART_MM_MESSAGE};
use rasn_x400::prim::{External, Oid};
use rasn_x400::x411::envelope::{BuiltInEncodedInformationTypes as BuiltIn, ContentType};
use rasn_x400::x420::body::{BodyPart, Ia5TextParameters, MessageParameters};
use rasn_x400::x420::heading::Heading;

use super::encoded_types::EncodedTypes;
use super::heading::{self, Draft, Level, Location};
use super::loss::Losses;
use super::military;
use super::settings::{AttachmentForm, LargerParts, Renditions, SignedForm};
use super::to_x400::{Refusal, Work};
use crate::message::{Entity, Field, Header, Structure};
use wanted::Wanted;

/// An interpersonal message, encoded.
pub(crate) struct Interpersonal {
    /// The contents of the SEQUENCE: heading and body.
    pub(crate) plan: Plan,
    /// The heading.
    pub(crate) heading: Heading,
    /// What the body holds, messages inside included.
    pub(crate) types: EncodedTypes,
    /// Whether it needs more than the standard of 1984 (H-01).
    pub(crate) modern: bool,
}

/// Maps a message, outermost or forwarded.
pub(crate) fn interpersonal(
    entity: &Entity,
    level: Level,
    at: &Location,
    work: &mut Work<'_>,
) -> Result<Interpersonal, Refusal> {
    let seed = work.next_seed();
    let mut draft = heading::draft(&entity.header, level, at, work);
    let told = work.told.take_if(|_| level == Level::Outermost);
    let mut maker = Maker::new(work, &at.output);
    maker.told = told;
    maker.refuse_to_tell(entity);
    maker.message_body(entity, &mut draft, &at.source)?;
    maker.tell_losses(entity)?;
    let Maker { mut parts, mut types, modern, .. } = maker;
    let (heading, fields) = draft.finish(&seed, work)?;
    lead_with_fields(&fields, &at.output, (&mut parts, &mut types), work)?;
    let modern = modern || !heading.extensions.is_empty();
    Ok(Interpersonal { plan: ipm(&heading, parts)?, heading, types, modern })
}

/// V-02: towards 1984 the fields without a place lead the body, as text.
fn lead_with_fields(
    fields: &[String],
    place: &str,
    (parts, types): (&mut Vec<Plan>, &mut EncodedTypes),
    work: &mut Work<'_>,
) -> Result<(), Refusal> {
    if fields.is_empty() {
        return Ok(());
    }
    let text = format!("RFC-822-Headers:\r\n{}\r\n", fields.join("\r\n"));
    types.add_built_in(BuiltIn::IA5_TEXT);
    let made = format_args!("{place}body, before the other parts");
    work.trail.made(made, "header fields as text", "header", "V-02");
    parts.insert(0, ia5_part(Plan::from(text.into_bytes()))?);
    Ok(())
}

/// `[0] { SET { }, IA5String }`
fn ia5_part(text: Plan) -> Result<Plan, Refusal> {
    let mut plan = Plan::value(&Ia5TextParameters::default())?;
    plan.append(text.enclosed(Tag::IA5_STRING, false));
    Ok(plan.constructed(Tag::new_context(0)))
}

fn ipm(heading: &Heading, parts: Vec<Plan>) -> Result<Plan, Refusal> {
    let mut plan = Plan::value(heading)?;
    plan.append(parts.into_iter().collect::<Plan>().constructed(Tag::SEQUENCE));
    Ok(plan)
}

/// Gathers the body parts of one message.
struct Maker<'w, 'a> {
    work: &'w mut Work<'a>,
    /// Where the message stands in the result.
    place: String,
    parts: Vec<Plan>,
    types: EncodedTypes,
    modern: bool,
    /// What a text at the end is to say that was lost.
    told: Option<Losses>,
    /// Whether a file has taken its content fields with it.
    fields_taken: bool,
    /// What multiparts around the next part want of it, the nearest last.
    wanted: Vec<Wanted>,
}

/// What else a part's surroundings say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Setting {
    /// It is the whole body of a message: its content fields have a place in the heading (B-08).
    Alone,
    /// One part of several.
    Among,
    /// One part of several, another of which is the same as plain text.
    BesideText,
}

impl<'w, 'a> Maker<'w, 'a> {
    fn new(work: &'w mut Work<'a>, place: &str) -> Self {
        Self {
            place: place.to_owned(),
            work,
            parts: Vec::new(),
            types: EncodedTypes::default(),
            modern: false,
            told: None,
            fields_taken: false,
            wanted: Vec::new(),
        }
    }

    /// The body of a message; content fields that no part takes go to its heading.
    fn message_body(&mut self, entity: &Entity, draft: &mut Draft, at: &str) -> Result<(), Refusal> {
        if entity.header.get("MIME-Version").is_none() {
            // B-06: without MIME the body is one text, and the fields of MIME are fields like any other.
            content_fields(entity).for_each(|field| draft.add_field(field));
            return self.plain(&entity.content, None, &format!("{at}body"));
        }
        let at = format!("{at}body");
        if !entity.parts().is_empty() {
            self.wanted.extend(Wanted::of(entity));
        }
        match &entity.structure {
            Structure::Multipart(parts) if !harpoon::is_secured(entity) => {
                self.outermost_multipart(entity, parts, draft, &at)
            }
            _ => {
                let alone = self.told.is_none() || entity.media.kind == "text";
                self.part(entity, &at, if alone { Setting::Alone } else { Setting::Among })?;
                if !self.fields_taken && alone {
                    other_content_fields(entity).for_each(|field| draft.add_field(field));
                }
                Ok(())
            }
        }
    }

    /// Flattens the outermost multipart and notes its kind in the heading (B-17).
    fn outermost_multipart(
        &mut self,
        entity: &Entity,
        parts: &[Entity],
        draft: &mut Draft,
        at: &str,
    ) -> Result<(), Refusal> {
        let subtype = entity.media.subtype.as_str();
        let before = self.parts.len();
        // What was told before is told again, with the rest.
        let parts = match (self.earlier(entity), parts) {
            (Some(_), [parts @ .., _]) => parts,
            _ => parts,
        };
        if subtype == "alternative" && self.renditions() == Renditions::BestOnly {
            self.best_rendition(parts, at)?;
        } else {
            self.sequence(parts, at, has_plain_text(entity))?;
        }
        other_content_fields(entity).for_each(|field| draft.add_field(field));
        if subtype == "mixed" {
            return Ok(());
        }
        if self.parts.len() - before == parts.len() && self.told.is_none() {
            draft.set_multipart(subtype, true);
            if let Some(field) = parameters_field(entity) {
                draft.add_field(field);
            }
        } else {
            // The parts no longer stand one for one, so that the structure would mislead a reader.
            let mut flattened = Losses::default();
            let essence = entity.media.essence();
            flattened.replaced(at, essence, "its parts were flattened", "B-17", "multipart/mixed");
            // Where this is so only because of what is told, nobody has told it yet.
            if let Some(told) = &mut self.told {
                told.append(flattened.clone());
            }
            self.work.losses.append(flattened);
        }
        Ok(())
    }

    fn sequence(&mut self, parts: &[Entity], at: &str, plain_text: bool) -> Result<(), Refusal> {
        let setting = if plain_text { Setting::BesideText } else { Setting::Among };
        for (index, part) in parts.iter().enumerate() {
            self.part(part, &format!("{at} part {}", index + 1), setting)?;
        }
        Ok(())
    }

    /// Maps one part by its type (B-02).
    fn part(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<(), Refusal> {
        let is_one = !matches!(entity.structure, Structure::Multipart(_)) || harpoon::is_secured(entity);
        if is_one && self.leaves_out(entity, at)? {
            return Ok(());
        }
        match &entity.structure {
            Structure::Multipart(parts) if harpoon::is_secured(entity) => {
                self.secured_multipart(entity, parts, at)
            }
            Structure::Multipart(parts) => {
                let around = self.wanted.len();
                self.wanted.extend(Wanted::of(entity));
                self.inner_multipart(entity, parts, at, setting)?;
                self.wanted.truncate(around);
                Ok(())
            }
            Structure::Message(inner) => self.forwarded(inner, at),
            Structure::Leaf => self.leaf(entity, at, setting),
        }
    }

    /// Whether a part is larger than the operator wants it, and left out for that.
    fn leaves_out(&mut self, entity: &Entity, at: &str) -> Result<bool, Refusal> {
        let Some(limit) = self.work.settings().maximum_part else { return Ok(false) };
        let is_over = |length: usize| length as u64 > limit;
        // No encoding makes less of it.
        if !is_over(entity.content.len()) {
            return Ok(false);
        }
        let octets = match entity.structure {
            Structure::Leaf => entity.octets_decoded().octets.len(),
            Structure::Multipart(_) | Structure::Message(_) => entity.content.len(),
        };
        if !is_over(octets) {
            return Ok(false);
        }
        // where the sender forbids losses, the message is refused.
        if self.work.settings().larger_parts == LargerParts::Refuse || self.work.loss_prohibited {
            return Err(Refusal::PartTooLarge { at: at.to_owned(), octets: octets as u64, limit });
        }
        let name = entity.file_name().map(|name| format!(" `{name}`")).unwrap_or_default();
        let what = format!("{}{name}, {octets} octets", entity.media.essence());
        self.work.losses.dropped(at, what, format!("larger than {limit} octets"), "F-14");
        Ok(true)
    }

    /// S-04, B-10: a signature or encryption stays whole; what is signed may come before it, or alone.
    fn secured_multipart(&mut self, entity: &Entity, parts: &[Entity], at: &str) -> Result<(), Refusal> {
        let form = match self.work.settings().signed {
            //
            SignedForm::Strip if self.work.loss_prohibited => SignedForm::Both,
            form => form,
        };
        if let Some(signed) = parts.first().filter(|_| entity.media.subtype == "signed")
            && form != SignedForm::Keep
        {
            self.part(signed, &format!("{at} part 1"), Setting::Among)?;
            if form == SignedForm::Strip {
                self.work.losses.dropped(at, "signature", "the operator has it left out", "beyond S-04");
                return Ok(());
            }
        }
        self.harpoon(entity, at)
    }

    fn leaf(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<(), Refusal> {
        let media = &entity.media;
        // B-29
        let wanted = Wanted::choose(&Wanted::of(entity), &self.wanted, &media.essence());
        if let Some(wanted) = wanted.filter(|_| !self.work.settings().is_1984()) {
            self.work.trail.made(at, "as the sender wants it", "header Wanted-X400-Conversion", "B-29");
            return self.file_as(entity, wanted.form, wanted.reference, at, setting);
        }
        let attached = entity.is_attachment() && entity.file_name().is_some();
        let files = self.work.settings().attachment_form() == AttachmentForm::Ftbp;
        match (media.kind.as_str(), media.subtype.as_str()) {
            ("text", "plain" | "rfc822-headers")
            | ("message", "delivery-status" | "disposition-notification")
                if !(attached && files) =>
            {
                self.text(entity, at, setting)
            }
            ("text", "html") if !attached => self.html_part(entity, at, setting),
            ("image", "g3fax") if self.facsimile(entity, at, setting)? => Ok(()),
            ("application", "oda") if !self.work.settings().is_1984() && self.oda(entity, at, setting)? => {
                Ok(())
            }
            ("application", "pkcs7-mime" | "x-pkcs7-mime") if self.secured(entity, at, setting)? => Ok(()),
            // B-27, B-28
            ("message", "external-body" | "partial") | ("multipart", _) => self.harpoon(entity, at),
            ("application", "x400-bp") if self.own_body_part(entity, at)? => Ok(()),
            _ => self.file(entity, at, setting),
        }
    }

    /// A multipart inside another: renditions of one thing are flattened, anything else is a message of its own.
    fn inner_multipart(
        &mut self,
        entity: &Entity,
        parts: &[Entity],
        at: &str,
        setting: Setting,
    ) -> Result<(), Refusal> {
        let renditions = matches!(entity.media.subtype.as_str(), "alternative" | "related");
        match self.renditions() {
            Renditions::BestOnly if entity.media.subtype == "alternative" => self.best_rendition(parts, at),
            Renditions::Attach | Renditions::BestOnly if renditions => {
                let essence = entity.media.essence();
                self.work.losses.replaced(
                    at,
                    essence,
                    "its parts were flattened",
                    "B-17",
                    "its parts in order",
                );
                let beside_text = setting == Setting::BesideText
                    || (entity.media.subtype == "alternative" && has_plain_text(entity));
                self.sequence(parts, at, beside_text)
            }
            _ => self.nested_multipart(entity, parts, at),
        }
    }

    /// What becomes of renditions: none is left out where the sender forbids that loss.
    fn renditions(&self) -> Renditions {
        match self.work.settings().renditions {
            Renditions::BestOnly if self.work.loss_prohibited => Renditions::Attach,
            renditions => renditions,
        }
    }

    /// The plain text, or else the last rendition; the others are lost.
    fn best_rendition(&mut self, parts: &[Entity], at: &str) -> Result<(), Refusal> {
        let plain = parts.iter().position(|part| part.media.is("text", "plain"));
        let Some(best) = plain.or_else(|| parts.len().checked_sub(1)) else {
            return Ok(());
        };
        for (index, part) in parts.iter().enumerate() {
            let at = format!("{at} part {}", index + 1);
            if index == best {
                self.part(part, &at, Setting::Among)?;
            } else {
                self.work.losses.dropped(&at, part.media.essence(), "another rendition was chosen", "B-17");
            }
        }
        Ok(())
    }

    /// B-17: a message with a heading that only says what it was.
    fn nested_multipart(&mut self, entity: &Entity, parts: &[Entity], at: &str) -> Result<(), Refusal> {
        let subtype = entity.media.subtype.as_str();
        let subject = match subtype {
            "mixed" => "Multipart Message".to_owned(),
            "alternative" => "Alternative Body Parts containing the same information".to_owned(),
            "digest" => "Message Digest".to_owned(),
            "parallel" => "Body Parts interpreted in parallel".to_owned(),
            other => format!("Multipart Message ({other})"),
        };
        let seed = self.work.next_seed();
        let place = self.location(at);
        let mut draft = Draft::new(&place);
        draft.set_subject(&subject);
        other_content_fields(entity).for_each(|field| draft.add_field(field));
        let mut inner = Maker::new(self.work, &place.output);
        inner.wanted.clone_from(&self.wanted);
        inner.sequence(parts, at, has_plain_text(entity))?;
        let whole = inner.parts.len() == parts.len();
        let Maker { mut parts, mut types, modern, .. } = inner;
        draft.set_multipart(if whole { subtype } else { "mixed" }, false);
        if whole && let Some(field) = parameters_field(entity) {
            draft.add_field(field);
        }
        let (heading, fields) = draft.finish(&seed, self.work)?;
        lead_with_fields(&fields, &place.output, (&mut parts, &mut types), self.work)?;
        self.types.merge(&types);
        self.modern |= modern || !heading.extensions.is_empty();
        let plan = message_part(&MessageParameters::default(), ipm(&heading, parts)?)?;
        self.made(plan, at, "message", "B-17");
        Ok(())
    }

    /// B-16
    fn forwarded(&mut self, message: &Entity, at: &str) -> Result<(), Refusal> {
        let delivery = super::envelope::has_delivery(&message.header);
        let place = self.location(at);
        let inner = interpersonal(message, Level::Forwarded { delivery }, &place, self.work)?;
        let mut parameters = if delivery {
            super::envelope::delivery(&message.header, &inner, self.work)
        } else {
            MessageParameters::default()
        };
        self.types.merge(&inner.types);
        self.modern |= inner.modern;
        if self.work.is_military()
            && has_military_field(&message.header)
            && let Some(envelope) = &mut parameters.delivery_envelope
        {
            // beyond M-30: the part for such messages needs a delivery envelope, the one for any message does not.
            envelope.content_type = ContentType::Extended(CONTENT_P772).into();
            let parameters = (PARAMETERS_MM_MESSAGE, Plan::value(&parameters)?);
            let plan = extended(parameters, (PART_MM_MESSAGE, inner.plan.constructed(Tag::SEQUENCE)))?;
            self.modern = true;
            self.made(plan, at, "mm-message", "beyond M-30");
            return Ok(());
        }
        let plan = message_part(&parameters, inner.plan)?;
        self.made(plan, at, "message", "B-16");
        Ok(())
    }

    /// B-24: a body part of X.400 that was carried through the Internet comes out as it was.
    fn own_body_part(&mut self, entity: &Entity, at: &str) -> Result<bool, Refusal> {
        let octets = entity.octets_decoded().octets;
        let decoded = ber::decode::<BodyPart>(&octets, ber::Limits::default().body_part);
        let unknown_to_1984 = matches!(decoded, Ok(BodyPart::ExternallyDefined(_) | BodyPart::Unknown(_)));
        let Some(part) = decoded.ok().filter(|_| !(self.work.settings().is_1984() && unknown_to_1984)) else {
            self.work.losses.replaced(
                at,
                "application/x400-bp",
                "its octets are no body part",
                "B-24",
                "a file",
            );
            return Ok(false);
        };
        self.types.add_built_in(match part {
            BodyPart::Ia5Text(_) => BuiltIn::IA5_TEXT,
            BodyPart::Telex(_) => BuiltIn::TELEX,
            BodyPart::Voice(_) => BuiltIn::VOICE,
            BodyPart::G3Facsimile(_) => BuiltIn::G3_FACSIMILE,
            BodyPart::G4Class1(_) => BuiltIn::G4_CLASS_1,
            BodyPart::Teletex(_) => BuiltIn::TELETEX,
            BodyPart::Videotex(_) => BuiltIn::VIDEOTEX,
            BodyPart::SimpleFormattableDocument(_) => BuiltIn::SFD,
            BodyPart::MixedMode(_) => BuiltIn::MIXED_MODE,
            _ => BuiltIn::UNKNOWN,
        });
        self.modern |= matches!(part, BodyPart::ExternallyDefined(_) | BodyPart::Unknown(_));
        self.made(Plan::from(octets), at, "the body part inside", "B-24");
        Ok(true)
    }

    fn made(&mut self, plan: Plan, at: &str, what: &str, clause: &'static str) {
        self.work.trail.made(format_args!("{}body[{}]", self.place, self.parts.len()), what, at, clause);
        self.parts.push(plan);
    }

    /// Where the next body part stands, for the message inside it.
    fn location(&self, at: &str) -> Location {
        Location { source: format!("{at} "), output: format!("{}body[{}].", self.place, self.parts.len()) }
    }
}

/// `[15] { [0] EXTERNAL, EXTERNAL }`: parameters and data, each with its object identifier.
fn extended(parameters: (Oid, Plan), data: (Oid, Plan)) -> Result<Plan, Refusal> {
    let mut plan = external(Tag::new_context(0), &parameters.0, parameters.1)?;
    plan.append(external(<External as rasn::AsnType>::TAG, &data.0, data.1)?);
    Ok(plan.constructed(Tag::new_context(15)))
}

/// `[15] { EXTERNAL }`: data without parameters.
fn data(kind: &Oid, value: Plan) -> Result<Plan, Refusal> {
    Ok(external(<External as rasn::AsnType>::TAG, kind, value)?.constructed(Tag::new_context(15)))
}

/// An EXTERNAL around one BER element (B-38).
fn external(tag: Tag, oid: &Oid, value: Plan) -> Result<Plan, Refusal> {
    let mut plan = Plan::value(oid)?;
    plan.append(value.constructed(Tag::new_context(0)));
    Ok(plan.constructed(tag))
}

/// `[9] { SET, SEQUENCE }`
fn message_part(parameters: &MessageParameters, ipm: Plan) -> Result<Plan, Refusal> {
    let mut plan = Plan::value(parameters)?;
    plan.append(ipm.constructed(Tag::SEQUENCE));
    Ok(plan.constructed(Tag::new_context(9)))
}

/// Whether a message is a military one by itself.
pub(crate) fn has_military_field(header: &Header) -> bool {
    header.fields().iter().any(|field| military::Field::named(&field.name).is_some())
}

/// B-17: the field of a multipart whose parts depend on its parameters, which have no other place.
fn parameters_field(entity: &Entity) -> Option<&Field> {
    let depends = entity.media.parameters.iter().any(|(name, _)| name != "boundary" && name != "charset");
    entity.header.get("Content-Type").filter(|_| depends)
}

/// Whether one of the renditions, or a part of one, is plain text that will be a text body part.
fn has_plain_text(entity: &Entity) -> bool {
    entity.media.subtype == "alternative"
        && entity.parts().iter().any(|part| part.media.is("text", "plain") && !part.is_attachment())
}

/// All fields that speak of the content.
fn content_fields(entity: &Entity) -> impl Iterator<Item = &Field> {
    entity.header.fields().iter().filter(|field| field.starts_with("Content-") && !is_heading_field(field))
}

/// The content fields that nothing else in X.400 stands for.
fn other_content_fields(entity: &Entity) -> impl Iterator<Item = &Field> {
    content_fields(entity).filter(|field| !field.is("Content-Type") && !field.is("Content-Transfer-Encoding"))
}

/// Fields that begin with `Content-` and still belong to the heading or envelope.
fn is_heading_field(field: &Field) -> bool {
    field.is("Content-Language") || field.is("Content-Identifier")
}
