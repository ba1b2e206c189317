//! The heading: RFC 822 fields towards X.420 (RFC 2156 5.1.2, 5.1.3, 5.1.7).
//!
//! Every field is read once, top to bottom, and lands in one of four places: an element of the heading, the envelope
//! (which [`super::envelope`] and [`super::trace`] make), the heading extension that carries whole fields (H-05), or
//! nowhere, with a loss.

mod fields;
mod military_fields;
mod people;
mod rest;
pub(crate) mod singles;
pub(crate) mod to_internet;
mod values;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod round_trip;

use std::collections::BTreeSet;

use rasn_x400::ber;
use rasn_x400::prim::{Ia5String, ListAsSet, Null, TeletexString};
use rasn_x400::x420::heading::{
    AutoSubmitted, AutoSubmittedValue, Heading, HeadingExtension, Importance, IncompleteCopy, IpmIdentifier,
    Languages, MultipartMessage, MultipartMessageValue, NotificationRequests, OrDescriptor,
    RecipientSpecifier, Rfc822Field, Sensitivity,
};

use super::charset::{decode_words, encode_human, encode_words};
use super::identifier::{self, MappedIdentifier};
use super::military;
use super::settings::EmptyBcc;
use super::to_x400::{Refusal, Work};
use crate::message::address::{AddressList, Mailbox};
use crate::message::identifier::{Reference, parse_message_id, parse_references};
use crate::message::media;
use crate::message::{Field, Header};
use fields::{Element, place};
pub(crate) use fields::{Place, place as place_of, place_of as place_of_name};
use people::{descriptors, specifiers};
use values::{append, append_some, choose, set_time};

/// The longest subject (X.420 ub-subject-field).
const MAX_SUBJECT: usize = 128;
/// The longest free-form name (X.420 ub-free-form-name).
const MAX_FREE_FORM_NAME: usize = 64;

/// Where the header stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// It heads the message itself; the envelope gets its share.
    Outermost,
    /// It heads a message inside.
    Forwarded {
        /// Whether there is a delivery envelope for some of it (B-08).
        delivery: bool,
    },
}

/// Where a message stands, in the original and in the result.
#[derive(Debug, Clone, Default)]
pub(crate) struct Location {
    /// Empty, or `body part 2 ` and so on.
    pub(crate) source: String,
    /// Empty, or `body[1].` and so on.
    pub(crate) output: String,
}

/// A heading under construction, and the fields that travel whole.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// Where the message stands in the result: empty, or `body[0].` and so on.
    place: String,
    heading: Heading,
    from: Vec<OrDescriptor>,
    sender: Option<OrDescriptor>,
    /// The field that the sender was read from.
    sender_field: String,
    /// Whether the oldest trace has another time than `Date`.
    date_elsewhere: bool,
    in_reply_to: Vec<IpmIdentifier>,
    references: Vec<IpmIdentifier>,
    identified: bool,
    /// Whole fields, for the extension rfc-822-field.
    fields: Vec<String>,
    /// Whether the fields of MIME mean something.
    mime: bool,
    /// Of what may be said once, the value that counts.
    said: Vec<(&'static str, String)>,
    languages: Vec<String>,
    auto_submitted: Option<AutoSubmittedValue>,
    incomplete_copy: bool,
    receipt_wanted: bool,
    multipart: Option<(String, bool)>,
    military: military::draft::Draft,
    military_defaults: military::draft::Defaults,
}

/// Reads all fields of a header. Content fields are left to the body.
pub(crate) fn draft(header: &Header, level: Level, at: &Location, work: &mut Work<'_>) -> Draft {
    let mut draft = Draft { mime: header.get("MIME-Version").is_some(), ..Draft::new(at) };
    draft.military_defaults(header, level, work);
    draft.date_elsewhere = level == Level::Outermost && super::trace::begins_elsewhere(header, work);
    for field in header.fields() {
        // Inside another message, octets may have been encoded.
        let is_there = level == Level::Outermost && field.offset != Field::NOWHERE;
        work.trail.reading(is_there.then_some(field.offset));
        draft.take(field, level, at, work);
    }
    work.trail.reading(None);
    draft
}

impl Draft {
    /// A heading without any element.
    pub(crate) fn new(at: &Location) -> Self {
        Self { place: at.output.clone(), ..Self::default() }
    }

    /// Adds a whole field to the extension rfc-822-field (H-05): one line of ASCII.
    pub(crate) fn add_field(&mut self, field: &Field) {
        self.fields.push(field_line(field));
    }

    /// Notes that the body was a multipart (B-17).
    pub(crate) fn set_multipart(&mut self, subtype: &str, is_a_message: bool) {
        self.multipart = Some((subtype.to_owned(), is_a_message));
    }

    /// A subject of the gateway's own.
    pub(crate) fn set_subject(&mut self, subject: &str) {
        self.heading.subject = Some(subject.into());
    }

    /// The finished heading, and the fields that must go into a body part because the peer knows no extensions (V-02).
    /// `seed` names the message where the sender did not (I-11).
    pub(crate) fn finish(
        mut self,
        seed: &str,
        work: &mut Work<'_>,
    ) -> Result<(Heading, Vec<String>), Refusal> {
        if !self.identified {
            let mapped = work.message_id(seed);
            self.heading.this_ipm = ipm_identifier(&mapped, work);
            let value = mapped.identifier.user_relative;
            work.trail.made(
                format_args!("{}heading.this-IPM", self.place),
                value,
                "made by the gateway",
                "I-11",
            );
        }
        if work.is_military() {
            self.military_originators();
        } else {
            self.originators();
        }
        self.references();
        if self.receipt_wanted {
            let requests = NotificationRequests::with(&[
                NotificationRequests::RECEIPT,
                NotificationRequests::NON_RECEIPT,
            ]);
            let lists = [
                &mut self.heading.primary_recipients,
                &mut self.heading.copy_recipients,
                &mut self.heading.blind_copy_recipients,
            ];
            for recipient in lists.into_iter().flatten().flatten() {
                recipient.notification_requests = requests.clone();
            }
        }
        if work.settings().is_1984() {
            let fields = self.fields_of_1984();
            self.tell_rest(work);
            return Ok((self.heading, fields));
        }
        self.extensions()?;
        if work.is_military() {
            self.military_extensions()?;
        }
        if self.place.is_empty() {
            let made = std::mem::take(&mut work.heading_extensions);
            self.heading.extensions.extend(made.into_iter().map(|made| made.field));
        }
        if let Some(composed) = work.aviation.as_ref().filter(|_| self.place.is_empty()) {
            composed.complete(&mut self.heading)?;
        }
        self.tell_rest(work);
        Ok((self.heading, Vec::new()))
    }

    /// V-02: what would be an extension becomes a field.
    fn fields_of_1984(&mut self) -> Vec<String> {
        let mut fields = Vec::new();
        if self.incomplete_copy {
            fields.push("Incomplete-Copy:".to_owned());
        }
        let whole = self.fields.iter().any(|field| field.starts_with("Content-Language:"));
        if !self.languages.is_empty() && !whole {
            fields.push(format!("Content-Language: {}", self.languages.join(", ")));
        }
        if let Some(label) = self.auto_submitted.and_then(AutoSubmittedValue::label) {
            fields.push(format!("Autosubmitted: {label}"));
        }
        if let Some((subtype, _)) = &self.multipart {
            fields.push(format!("Content-Type: multipart/{subtype}"));
        }
        fields.append(&mut self.fields);
        fields
    }

    /// H-13 to H-15, Z-17.
    fn originators(&mut self) {
        let from = std::mem::take(&mut self.from);
        match self.sender.take() {
            Some(sender) => {
                // The sender of a message without authors takes their place; the field says that it is none of them.
                if from.is_empty() {
                    self.fields.insert(0, std::mem::take(&mut self.sender_field));
                }
                self.heading.originator = Some(sender);
                self.heading.authorizing_users = (!from.is_empty()).then_some(from);
            }
            None => {
                self.heading.originator = from.first().cloned();
                self.heading.authorizing_users = (from.len() > 1).then_some(from);
            }
        }
    }

    /// H-21 to H-23, Z-18.
    fn references(&mut self) {
        let mut related = std::mem::take(&mut self.references);
        let mut replied = std::mem::take(&mut self.in_reply_to);
        if replied.len() == 1 {
            self.heading.replied_to_ipm = replied.pop();
        }
        if !replied.is_empty() {
            // By their octets, which have an order.
            let mut known: BTreeSet<_> = related.iter().map(|one| ber::encode(one).ok()).collect();
            related.extend(replied.into_iter().filter(|one| known.insert(ber::encode(one).ok())));
        }
        self.heading.related_ipms = (!related.is_empty()).then_some(related);
    }

    fn extensions(&mut self) -> Result<(), Refusal> {
        if let Some((subtype, is_a_message)) = &self.multipart {
            let value = MultipartMessageValue {
                subtype: subtype.as_str().into(),
                is_a_message: *is_a_message,
                unknown: Vec::new(),
            };
            self.heading.extensions.push(MultipartMessage::field(&value)?);
        }
        if self.incomplete_copy {
            self.heading.extensions.push(IncompleteCopy::field(&Null)?);
        }
        if !self.languages.is_empty() {
            let languages = self.languages.iter().map(|language| language.as_str().into()).collect();
            self.heading.extensions.push(Languages::field(&ListAsSet(languages))?);
        }
        if let Some(value) = self.auto_submitted {
            self.heading.extensions.push(AutoSubmitted::field(&value)?);
        }
        if !self.fields.is_empty() {
            let fields: Vec<Ia5String> = self.fields.iter().map(|field| field.as_str().into()).collect();
            self.heading.extensions.push(Rfc822Field::field(&fields)?);
        }
        Ok(())
    }

    fn take(&mut self, field: &Field, level: Level, at: &Location, work: &mut Work<'_>) {
        let at = format!("{}header {}", at.source, field.name);
        let matter = singles::subject_matter(field, self.mime, work.settings());
        let said = self.said.iter().find(|(said, _)| Some(*said) == matter);
        match said.map(|(_, value)| *value == field.value) {
            // H-03
            Some(true) => {
                work.losses.replaced(at, field.line(), "says again what was said", "H-03", "the one before");
            }
            Some(false) => {
                // Of several dates on the way back the first counts, as here.
                if field.is("Date")
                    && !self.date_elsewhere
                    && let Some((_, first)) = self.said.iter().find(|(said, _)| Some(*said) == matter)
                {
                    self.fields.push(format!("Date: {first}"));
                }
                let made = self.carry_whole(field, &at, work);
                work.losses.replaced(at, field.line(), "may be said once, and was", "H-07", made);
            }
            None if self.understood(field, level, &at, work) => {
                self.said.extend(matter.map(|matter| (matter, field.value.clone())));
            }
            None => {
                self.carry_whole(field, &at, work);
            }
        }
    }

    /// H-07, H-30: the field as it stands, in the extension; says where that is.
    fn carry_whole(&mut self, field: &Field, at: &str, work: &mut Work<'_>) -> String {
        self.fields.push(field_line(field));
        let made = format!("{}heading.extensions.rfc-822-field", self.place);
        work.trail.made(made.as_str(), field.line(), at, "H-05");
        made
    }

    /// Puts a field where it goes; `false` if that has no room for its value.
    fn understood(&mut self, field: &Field, level: Level, at: &str, work: &mut Work<'_>) -> bool {
        match place(field) {
            Place::Heading(element) => self.element(element, field, at, work),
            Place::Envelope if level == Level::Outermost => {
                super::envelope::takes(field, work) && !(self.date_elsewhere && field.is("Date"))
            }
            // A message inside has no transfer envelope: what its delivery envelope does not take travels whole.
            Place::Envelope => {
                level == (Level::Forwarded { delivery: true }) && super::envelope::delivery_takes(field)
            }
            Place::Access => {
                level == Level::Outermost
                    && work.settings().access_fields
                    && super::envelope::access_takes(field)
            }
            Place::Body => true,
            Place::Military(military) => work.is_military() && self.military_field(military, field, at, work),
            Place::Label => {
                let labels = work.settings().labels.as_ref().filter(|_| level == Level::Outermost);
                labels.is_some_and(|labels| super::label::takes(&field.value, labels))
            }
            Place::Dropped { clause } => {
                work.losses.dropped(at, field.line(), "not carried into X.400", clause);
                true
            }
            // What the gateway says itself stays valid.
            Place::Signature if work.settings().drop_signatures && field.offset != Field::NOWHERE => {
                work.losses.dropped(at, &field.name, "cannot stay valid", "Y-24");
                true
            }
            Place::Signature | Place::Extension => false,
        }
    }

    /// Puts a field into the element it maps to; `false` if its value does not fit, so that it travels whole (H-07).
    fn element(&mut self, element: Element, field: &Field, at: &str, work: &mut Work<'_>) -> bool {
        let value = field.value.as_str();
        let made = element.name();
        let understood = match element {
            Element::From => append(&mut self.from, descriptors(value, at, work)),
            Element::Sender => {
                let mut found = descriptors(value, at, work).unwrap_or_default();
                self.sender = if found.len() == 1 { found.pop() } else { None };
                self.sender_field = field_line(field);
                self.sender.is_some()
            }
            Element::ReplyTo => append_some(&mut self.heading.reply_recipients, descriptors(value, at, work)),
            Element::To => append_some(&mut self.heading.primary_recipients, specifiers(value, at, work)),
            Element::Cc => append_some(&mut self.heading.copy_recipients, specifiers(value, at, work)),
            Element::Bcc => self.bcc(value, at, work),
            Element::MessageId => self.message_id(field, at, work),
            Element::InReplyTo | Element::References | Element::Supersedes => {
                self.identifiers(element, field, at, work)
            }
            Element::Subject => {
                self.subject(value, at, work);
                true
            }
            Element::Expires => set_time(&mut self.heading.expiry_time, value),
            Element::ReplyBy => set_time(&mut self.heading.reply_time, value),
            Element::Importance => self.importance(value),
            Element::Sensitivity => self.sensitivity(value),
            Element::AutoForwarded => self.auto_forwarded(value),
            Element::IncompleteCopy => {
                self.incomplete_copy |= value.is_empty();
                value.is_empty()
            }
            Element::AutoSubmitted => self.auto_submitted(value),
            Element::AutoSubmitted3834 => work.settings().auto_submitted && self.auto_submitted_3834(value),
            Element::Languages => self.content_language(field),
            Element::DispositionNotification => self.receipt_request(value, work),
        };
        if understood {
            work.trail.made(format_args!("{}heading.{made}", self.place), value, at, element.clause());
        }
        understood
    }

    /// H-19, H-20
    fn bcc(&mut self, value: &str, at: &str, work: &mut Work<'_>) -> bool {
        let list = self.heading.blind_copy_recipients.get_or_insert_with(Vec::new);
        if !AddressList::parse(value).is_empty() {
            return append(list, specifiers(value, at, work));
        }
        if list.is_empty() && work.settings().empty_bcc == EmptyBcc::Named {
            let recipient = OrDescriptor { free_form_name: Some("BCC".into()), ..OrDescriptor::default() };
            list.push(RecipientSpecifier { recipient, ..RecipientSpecifier::default() });
        }
        true
    }

    /// H-12, I-04
    fn message_id(&mut self, field: &Field, at: &str, work: &mut Work<'_>) -> bool {
        let Some(message_id) = parse_message_id(&field.value) else {
            return false;
        };
        let mapped = work.message_id(&message_id);
        if mapped.truncated {
            work.remember_truncated(&message_id, &mapped, at);
            if work.settings().keep_long_message_ids {
                self.carry_whole(field, at, work);
            }
        } else if !is_written(&field.value, &[format!("<{message_id}>")]) {
            let (line, why) = (field.line(), "more than an identifier in angle brackets");
            work.losses.replaced(at, line, why, "H-07", format!("<{message_id}>"));
        } else if !is_written(&field.value, &[identifier::x400_to_message_id(&mapped.identifier)]) {
            self.carry_whole(field, at, work);
        }
        self.heading.this_ipm = ipm_identifier(&mapped, work);
        self.identified = true;
        true
    }

    /// H-21 to H-23, H-40; Y-25 for those that are cut. What the identifiers alone do not bring back, as it was written, also
    /// travels as a field.
    fn identifiers(&mut self, element: Element, field: &Field, at: &str, work: &mut Work<'_>) -> bool {
        let Identifiers { found, back, cut } = identifiers(&field.value, at, work);
        let is_one = element != Element::InReplyTo || found.len() == 1;
        if cut {
            if work.settings().keep_long_message_ids {
                self.carry_whole(field, at, work);
            }
        } else if field.value.matches('<').count() != field.value.matches('>').count() {
            let why = "an identifier without its end";
            work.losses.replaced(at, field.line(), why, "H-07", back.join(" "));
        } else if !(is_one && is_written(&field.value, &back)) {
            self.carry_whole(field, at, work);
        }
        match element {
            Element::InReplyTo => append(&mut self.in_reply_to, Some(found)),
            Element::References => append(&mut self.references, Some(found)),
            _ => append_some(&mut self.heading.obsoleted_ipms, Some(found)),
        }
    }

    /// H-24
    fn subject(&mut self, value: &str, at: &str, work: &mut Work<'_>) {
        self.heading.subject = Some(human(value, MAX_SUBJECT, at, "H-24", work));
    }

    /// H-45
    fn importance(&mut self, value: &str) -> bool {
        let values = [("low", Importance::LOW), ("normal", Importance::NORMAL), ("high", Importance::HIGH)];
        choose(value, &values, |importance| self.heading.importance = importance)
    }

    /// H-46
    fn sensitivity(&mut self, value: &str) -> bool {
        let values = [
            ("personal", Sensitivity::PERSONAL),
            ("private", Sensitivity::PRIVATE),
            ("company-confidential", Sensitivity::COMPANY_CONFIDENTIAL),
        ];
        choose(value, &values, |sensitivity| self.heading.sensitivity = Some(sensitivity))
    }

    /// H-47
    fn auto_forwarded(&mut self, value: &str) -> bool {
        choose(value, &[("true", true), ("false", false)], |forwarded| {
            self.heading.auto_forwarded = forwarded
        })
    }

    /// H-50
    fn auto_submitted(&mut self, value: &str) -> bool {
        let values = [
            ("not-auto-submitted", AutoSubmittedValue::NOT_AUTO_SUBMITTED),
            ("auto-generated", AutoSubmittedValue::AUTO_GENERATED),
            ("auto-replied", AutoSubmittedValue::AUTO_REPLIED),
            // Z-20
            ("auto-forwarded", AutoSubmittedValue::AUTO_GENERATED),
        ];
        let forwarded = value.eq_ignore_ascii_case("auto-forwarded");
        self.heading.auto_forwarded |= forwarded;
        choose(value, &values, |submitted| self.auto_submitted = Some(submitted))
    }

    /// Y-12, D-55: tokens nobody knows mean that a program sent the message.
    fn auto_submitted_3834(&mut self, value: &str) -> bool {
        let token = crate::message::lexer::without_comments(value);
        let token = token.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let submitted = match token.as_str() {
            "" => return false,
            "no" => AutoSubmittedValue::NOT_AUTO_SUBMITTED,
            "auto-replied" => AutoSubmittedValue::AUTO_REPLIED,
            _ => AutoSubmittedValue::AUTO_GENERATED,
        };
        self.auto_submitted = Some(submitted);
        true
    }

    /// H-29, H-49: two characters of each tag; the field also travels whole if that loses anything.
    fn content_language(&mut self, field: &Field) -> bool {
        let languages = media::Languages::parse(&field.value);
        let mut whole = languages.commented;
        for tag in &languages.tags {
            whole |= tag.len() != 2;
            if let Some(two) = tag.get(..2).filter(|two| two.bytes().all(|octet| octet.is_ascii_alphabetic()))
            {
                let two = two.to_ascii_lowercase();
                if !self.languages.contains(&two) {
                    self.languages.push(two);
                }
            }
        }
        !whole && !languages.tags.is_empty()
    }

    /// Y-01: only a request to the sender itself is passed on; the field travels whole in any case (H-56).
    fn receipt_request(&mut self, value: &str, work: &Work<'_>) -> bool {
        let list = AddressList::parse(value);
        let mut addresses = list.mailboxes().map(Mailbox::address);
        if work.settings().receipt_requests
            && let (Some(address), None) = (addresses.next(), addresses.next())
        {
            self.receipt_wanted = work.is_reverse_path(&address);
            return self.receipt_wanted;
        }
        false
    }
}

/// Human text in T.61, every change noted (E-09, E-26, H-02).
pub(crate) fn human(
    value: &str,
    limit: usize,
    at: &str,
    clause: &'static str,
    work: &mut Work<'_>,
) -> TeletexString {
    let text = decode_words(value);
    let human = encode_human(&text, limit);
    for (character, instead) in &human.replaced {
        work.losses.replaced(at, character.to_string(), "not a character of T.61", "E-09", instead);
    }
    if human.truncated {
        work.losses.replaced(
            at,
            text,
            format!("longer than {limit} octets"),
            clause,
            super::charset::t61::decode(&human.octets),
        );
    }
    TeletexString::new(human.octets)
}

/// One field on one line of ASCII: a value beyond ASCII is written in encoded words (Y-17).
pub(crate) fn field_line(field: &Field) -> String {
    if field.value.is_ascii() {
        field.line()
    } else {
        format!("{}: {}", field.name, encode_words(&field.value))
    }
}

/// The ASN.1 form of an identifier.
pub(crate) fn ipm_identifier(mapped: &MappedIdentifier, work: &Work<'_>) -> IpmIdentifier {
    IpmIdentifier {
        user: mapped.identifier.user.as_deref().and_then(|user| work.mapper().parse_or(user)),
        user_relative_identifier: mapped.identifier.user_relative.as_str().into(),
        unknown: Vec::new(),
    }
}

/// The identifiers of a field.
struct Identifiers {
    found: Vec<IpmIdentifier>,
    /// What they are in a mail again.
    back: Vec<String>,
    /// Whether one of them was cut.
    cut: bool,
}

fn identifiers(value: &str, at: &str, work: &mut Work<'_>) -> Identifiers {
    let mut out = Identifiers { found: Vec::new(), back: Vec::new(), cut: false };
    for reference in parse_references(value) {
        let (text, mapped) = match reference {
            Reference::Identifier(identifier) => {
                let mapped = work.message_id(&identifier);
                (identifier, mapped)
            }
            // I-08
            Reference::Phrase(phrase) => {
                let mapped = identifier::phrase_to_x400(&phrase);
                (phrase, mapped)
            }
        };
        if mapped.truncated {
            work.remember_truncated(&text, &mapped, at);
            out.cut = true;
        }
        out.back.push(identifier::x400_to_message_id(&mapped.identifier));
        out.found.push(ipm_identifier(&mapped, work));
    }
    out
}

/// Whether a field is these identifiers and nothing else.
fn is_written(value: &str, identifiers: &[String]) -> bool {
    let written = value.chars().filter(|character| !character.is_whitespace());
    written.eq(identifiers.iter().flat_map(|one| one.chars()).filter(|character| !character.is_whitespace()))
}
