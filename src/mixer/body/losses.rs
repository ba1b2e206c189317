//! What was lost, told at the end of the body towards X.400.

use rasn_x400::ber::plan::Plan;

use super::{Maker, Refusal, harpoon};
use crate::message::Entity;
use crate::mixer::charset::decode_text;
use crate::mixer::loss::report::in_ascii;

impl Maker<'_, '_> {
    /// No text follows where the body must be what it is, because a signature, a program or a format says so.
    pub(super) fn refuse_to_tell(&mut self, entity: &Entity) {
        let media = &entity.media;
        let refused = match (media.kind.as_str(), media.subtype.as_str()) {
            _ if harpoon::is_secured(entity) => Some("it is signed or encrypted"),
            ("application", "pkcs7-mime" | "x-pkcs7-mime") => Some("it is signed or encrypted"),
            ("multipart", "report") => Some("it is a report"),
            ("message", "partial") => Some("it is a piece of a message"),
            _ if self.work.loss_prohibited => Some("its sender forbids changes"),
            _ if self.work.aviation.is_some() => Some("an ATS message has one body part"),
            _ => None,
        };
        if let Some(why) = refused
            && self.told.take().is_some()
        {
            self.work.trail.made("body", "no text about losses", why, "F-17");
        }
    }

    /// What the last part has told already.
    pub(super) fn earlier(&self, entity: &Entity) -> Option<Vec<String>> {
        self.told.as_ref()?;
        let parts = entity.parts();
        let last = parts.last().filter(|last| {
            parts.len() > 1 && entity.media.subtype == "mixed" && last.media.is("text", "plain")
        })?;
        let octets = last.octets_decoded().octets;
        let text = decode_text(&octets, last.media.parameter("charset"))?;
        self.work.settings().loss_wording.read(&text)
    }

    /// Adds the text, if there is one. It is ASCII: a list of losses does not lose anything itself.
    pub(super) fn tell_losses(&mut self, entity: &Entity) -> Result<(), Refusal> {
        let earlier = self.earlier(entity).unwrap_or_default();
        let Some(losses) = self.told.take() else { return Ok(()) };
        let text = self.work.settings().loss_wording.text(&earlier, &losses);
        self.ia5(Plan::from(in_ascii(&text).into_bytes()), "what was lost")
    }
}
