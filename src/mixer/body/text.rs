//! Text: ia5-text, general-text, and teletex towards 1984 (RFC 2157 6.1, 6.2, 6.7).

use std::borrow::Cow;

use bytes::Bytes;
use mail_parser::decoders::html::html_to_text;
use rasn::types::Tag;
use rasn_x400::ber::plan::Plan;
use rasn_x400::prim::{ListAsSet, TeletexString};
use rasn_x400::x411::envelope::BuiltInEncodedInformationTypes as BuiltIn;
use rasn_x400::x420::body::{TeletexParameters, kind};

use super::{Maker, Refusal, Setting, extended, harpoon, ia5_part, other_content_fields};
use crate::message::Entity;
use crate::mixer::charset::general::{canonical_lines, encode};
use crate::mixer::charset::{BodyText, TextFallback, decode_text, encode_body, t61};
use crate::mixer::settings::HtmlForm;

impl Maker<'_, '_> {
    /// B-10, B-11, B-12
    pub(super) fn text(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<(), Refusal> {
        let decoded = entity.octets_decoded();
        if decoded.damaged {
            self.work.losses.dropped(at, "octets", "the transfer encoding is damaged", "beyond B-06");
        }
        let charset = entity.media.parameter("charset");
        if charset.is_some_and(|charset| charset.eq_ignore_ascii_case("teletex")) {
            return self.teletex_pages(&decoded.octets, at);
        }
        let readable = decode_text(&decoded.octets, charset).is_some();
        if !readable || !self.text_fits(&decoded.octets, charset) {
            self.work.trail.made(at, "file", "no character set of X.400 holds the text", "beyond B-12");
            return self.file(entity, at, setting);
        }
        self.plain(&decoded.octets, charset, at)?;
        for (name, value) in &entity.media.parameters {
            if name != "charset" {
                self.work.losses.dropped(
                    at,
                    format!("{name}={value}"),
                    "a text body part has no place for it",
                    "B-07",
                );
            }
        }
        if setting != Setting::Alone {
            for field in other_content_fields(entity) {
                self.work.losses.dropped(at, field.line(), "a text body part has no place for it", "B-07");
            }
        }
        Ok(())
    }

    fn text_fits(&self, octets: &[u8], charset: Option<&str>) -> bool {
        let fallback = self.text_fallback();
        if fallback == TextFallback::Utf8 || octets.is_ascii() {
            return true;
        }
        decode_text(octets, charset).is_some_and(|text| encode_body(&text, charset, fallback).is_some())
    }

    /// What becomes of text that no set holds: nothing is replaced where the sender forbids that loss (RFC 2157 6.2).
    fn text_fallback(&self) -> TextFallback {
        match self.work.settings().text_fallback {
            TextFallback::Transliterate if self.work.loss_prohibited => TextFallback::Encapsulate,
            fallback => fallback,
        }
    }

    pub(super) fn plain(&mut self, octets: &Bytes, charset: Option<&str>, at: &str) -> Result<(), Refusal> {
        let text = decode_text(octets, charset).unwrap_or_else(|| String::from_utf8_lossy(octets));
        let same = matches!(text, Cow::Borrowed(_)) && octets.is_ascii();
        if same && matches!(canonical_lines(&text), Cow::Borrowed(_)) {
            return self.ia5(Plan::from(octets.clone()), at);
        }
        if self.work.settings().is_1984() && !text.is_ascii() {
            return self.teletex(&text, at);
        }
        let encoded = encode(&text, charset, self.text_fallback());
        let Some(encoded) = encoded.or_else(|| encode(&text, charset, TextFallback::Utf8)) else {
            return Ok(());
        };
        for (character, instead) in &encoded.replaced {
            let why = "no character of the set that holds most of the text";
            self.work.losses.replaced(at, character.to_string(), why, "beyond B-12", instead);
        }
        match encoded.body {
            BodyText::General { registrations, octets, charset } => {
                self.general(&registrations, octets, &charset, at)
            }
            BodyText::Ia5(octets) => self.ia5(Plan::from(octets), at),
        }
    }

    pub(super) fn ia5(&mut self, text: Plan, at: &str) -> Result<(), Refusal> {
        self.types.add_built_in(BuiltIn::IA5_TEXT);
        self.made(ia5_part(text)?, at, "ia5-text", "beyond B-10");
        Ok(())
    }

    /// V-09, B-13: text beyond ASCII towards 1984 is teletex, one page; what T.61 lacks is noted. Where the sender forbids
    /// that loss, the text is encapsulated.
    fn teletex(&mut self, text: &str, at: &str) -> Result<(), Refusal> {
        let text = canonical_lines(text);
        let lines: Vec<_> = text.split("\r\n").map(t61::encode).collect();
        if self.work.loss_prohibited && lines.iter().any(|line| !line.replaced.is_empty()) {
            return self.ia5(Plan::from(harpoon::wrapped_text(&text).into_bytes()), at);
        }
        for (character, instead) in lines.iter().flat_map(|line| &line.replaced) {
            self.work.losses.replaced(at, character.to_string(), "not a character of T.61", "V-09", instead);
        }
        let page = lines.into_iter().map(|line| line.octets).collect::<Vec<_>>().join(&b"\r\n"[..]);
        let page = t61::designated(page);
        let mut plan = Plan::value(&TeletexParameters::default())?;
        plan.append(Plan::primitive(Tag::TELETEX_STRING, page.into()).constructed(Tag::SEQUENCE));
        self.types.add_built_in(BuiltIn::TELETEX);
        self.made(plan.constructed(Tag::new_context(5)), at, "teletex", "B-13");
        Ok(())
    }

    /// B-13: text in T.61 already, a form feed after each page.
    fn teletex_pages(&mut self, octets: &Bytes, at: &str) -> Result<(), Refusal> {
        let octets = octets.strip_suffix(b"\x0c").unwrap_or(octets);
        let pages: Vec<TeletexString> =
            octets.split(|&octet| octet == 0x0c).map(TeletexString::new).collect();
        let number_of_pages = i64::try_from(pages.len()).ok();
        let mut plan = Plan::value(&TeletexParameters { number_of_pages, ..TeletexParameters::default() })?;
        plan.append(Plan::value(&pages)?);
        self.types.add_built_in(BuiltIn::TELETEX);
        self.made(plan.constructed(Tag::new_context(5)), at, "teletex", "B-13");
        Ok(())
    }

    fn general(
        &mut self,
        registrations: &[i64],
        octets: Bytes,
        charset: &str,
        at: &str,
    ) -> Result<(), Refusal> {
        let parameters = Plan::value(&ListAsSet(registrations.to_vec()))?;
        let data = Plan::primitive(Tag::GENERAL_STRING, octets);
        let plan = extended((kind::GENERAL_TEXT_PARAMETERS, parameters), (kind::GENERAL_TEXT, data))?;
        registrations.iter().for_each(|registration| self.types.add_character_set(*registration));
        self.modern = true;
        self.made(plan, at, &format!("general-text in {charset}"), "beyond B-11");
        Ok(())
    }

    /// A text in HTML, as the settings say.
    pub(super) fn html_part(&mut self, entity: &Entity, at: &str, setting: Setting) -> Result<(), Refusal> {
        let form = match self.work.settings().html {
            //
            HtmlForm::Text if self.work.loss_prohibited => HtmlForm::WithText,
            form => form,
        };
        if form != HtmlForm::File && setting != Setting::BesideText {
            self.html(entity, at)?;
        }
        if form == HtmlForm::Text {
            self.work.losses.dropped(at, "text/html", "the operator has text alone", "beyond B-02");
            return Ok(());
        }
        self.file(entity, at, setting)
    }

    /// A text a reader without HTML can use; the original follows it.
    fn html(&mut self, entity: &Entity, at: &str) -> Result<(), Refusal> {
        let decoded = entity.octets_decoded().octets;
        let Some(html) = decode_text(&decoded, entity.media.parameter("charset")) else {
            return Ok(());
        };
        let text = html_to_text(&html);
        self.work.trail.made(at, "text rendition", "text/html without text/plain", "beyond B-02");
        self.plain(&Bytes::from(text), Some("utf-8"), at)
    }
}
