//! The envelope: P1 towards SMTP and envelope-like fields (RFC 2156 4.6.2, 5.3.6, 5.3.7, Appendix A).

use std::collections::BTreeSet;

use rasn_x400::x411::envelope::{
    MessageTransferEnvelope, PerMessageIndicators, PerRecipientFields, PerRecipientIndicators, Priority,
};
use rasn_x400::x411::extension::{
    ConversionWithLossProhibited, DlExpansionHistory, Extension as _, ExtensionField, LatestDeliveryTime,
    OriginatorReturnAddress, Prohibited, RedirectionHistory,
};

use super::names::{content_type_text, mts_identifier_text, or_text};
use super::{recipients, reports, services};
use crate::message::date::format_date;
use crate::mixer::AddressContext;
use crate::mixer::date::from_utc_time;
use crate::mixer::distinct::Distinct;
use crate::mixer::header_block::HeaderBlock;
use crate::mixer::mail::{MailOptions, Recipient, Returned};
use crate::mixer::to_internet::{Envelope, Input, RecipientRefusal, Refusal, Work};
use crate::mixer::trace::to_internet as trace;

/// The longest ENVID in octets of xtext (RFC 3461 4.4, 5.4; Y-22).
const MAX_ENVELOPE_ID: usize = 100;

/// Maps the envelope.
pub(crate) fn envelope(input: &Input, work: &mut Work<'_>) -> Result<Envelope, Refusal> {
    let p1 = &input.envelope;
    let mut discarded = services::of_message(&p1.extensions, &p1.per_message_indicators, work)?;
    //
    let originator = work
        .mailbox(&p1.originator_name, AddressContext::ReturnPath, "envelope.originator-name")
        .map_err(Refusal::Originator)?;
    work.note_author(&p1.originator_name);
    work.trail.made("MAIL FROM", originator.address.as_str(), "envelope.originator-name", "Q-01");
    let (recipients, refused) = carried(input, &mut discarded, work)?;
    let trace = trace::fields(p1, &recipients, work)?;
    let options = options(p1, work);
    let header = header(p1, &recipients, discarded.as_slice(), work);
    Ok(Envelope { reverse_path: Some(originator.address), options, recipients, refused, trace, header })
}

/// Recipients that get nothing: place and reason.
type RefusedRecipients = Vec<(u32, RecipientRefusal)>;

/// one for each recipient that the mail is for and that this gateway answers for.
fn carried(
    input: &Input,
    discarded: &mut Distinct<String>,
    work: &mut Work<'_>,
) -> Result<(Vec<Recipient>, RefusedRecipients), Refusal> {
    let shown = recipients::are_shown(&input.envelope, &input.recipients);
    let (mut recipients, mut refused) = (Vec::new(), Vec::new());
    let places: BTreeSet<u32> = input.recipients.iter().copied().collect();
    for (place, fields) in (1..).zip(&input.envelope.per_recipient_fields) {
        let responsible = fields.per_recipient_indicators.has(PerRecipientIndicators::RESPONSIBILITY);
        if !places.contains(&place) || !responsible {
            continue;
        }
        match recipient(place, fields, shown, work) {
            Ok((recipient, names)) => {
                recipients.push(recipient);
                discarded.extend(names.into_vec());
            }
            Err(refusal) => refused.push((place, refusal)),
        }
    }
    if recipients.is_empty() { Err(Refusal::Recipients(refused)) } else { Ok((recipients, refused)) }
}

/// One recipient, and the names of what is discarded of what was asked for it.
fn recipient(
    place: u32,
    fields: &PerRecipientFields,
    shown: bool,
    work: &mut Work<'_>,
) -> Result<(Recipient, Distinct<String>), RecipientRefusal> {
    let source = format!("envelope.recipients[{place}]");
    let names = services::of_recipient(fields, shown, &source, work)?;
    let mapped = work.mailbox(&fields.recipient_name, AddressContext::Recipient, &source)?;
    let to = format!("RCPT TO {}", mapped.address);
    work.trail.made(&to, mapped.address.as_str(), &source, "Q-02");
    let notify = reports::notify(&fields.per_recipient_indicators);
    work.trail.made(format_args!("{to} NOTIFY"), notify.join(","), &source, "Q-04");
    let history = RedirectionHistory::find(&fields.extensions).ok().flatten().unwrap_or_default();
    //
    let original_recipient = history.first().map(|step| {
        let text = or_text(&step.intended_recipient.recipient);
        work.trail.made(format_args!("{to} ORCPT"), format_args!("x400;{text}"), &source, "Q-07");
        ("x400".to_owned(), text)
    });
    let recipient =
        Recipient { number: place, address: mapped.address, notify: Some(notify), original_recipient };
    Ok((recipient, names))
}

/// The parameters of MAIL.
fn options(p1: &MessageTransferEnvelope, work: &mut Work<'_>) -> MailOptions {
    // Q-08, I-17, D-11
    let identifier = format!("X400-MTS-Identifier: {}", mts_identifier_text(&p1.message_identifier));
    let fits = identifier.is_ascii() && xtext_length(&identifier) <= MAX_ENVELOPE_ID;
    let envelope_id = fits.then_some(identifier);
    match &envelope_id {
        Some(identifier) => {
            work.trail.made("MAIL ENVID", identifier.as_str(), "envelope.message-identifier", "Q-08");
        }
        None => work.losses.dropped("envelope.message-identifier", "ENVID", "longer than 100 octets", "Y-22"),
    }
    //
    let asked = p1.per_message_indicators.has(PerMessageIndicators::CONTENT_RETURN_REQUEST);
    let returned = if asked { Returned::Full } else { Returned::Headers };
    work.trail.made("MAIL RET", format_args!("{returned:?}"), "envelope.per-message-indicators", "Q-09");
    // Y-13, D-20
    let return_after = services::latest_delivery(&p1.extensions);
    if let Some(time) = return_after {
        work.trail.made("MAIL BY", format_date(time), "envelope.latest-delivery-time", "Y-13");
    }
    // Q-25, D-25: what is past needs nobody to wait.
    let deferred = p1.deferred_delivery_time.as_ref().and_then(from_utc_time);
    let hold_until = deferred.filter(|time| *time > work.now());
    if let Some(time) = hold_until {
        work.trail.made("MAIL HOLDUNTIL", format_date(time), "envelope.deferred-delivery-time", "Q-25");
    }
    // Y-10
    let priority = level(p1.priority).filter(|_| work.settings().mt_priority);
    if let Some(level) = priority {
        work.trail.made("MAIL MT-PRIORITY", level.to_string(), "envelope.priority", "Y-10");
    }
    MailOptions {
        envelope_id,
        returned: Some(returned),
        return_after,
        hold_until,
        priority,
        ..MailOptions::default()
    }
}

/// Octets of the text in xtext (RFC 3461 4).
fn xtext_length(text: &str) -> usize {
    text.bytes().map(|octet| if octet.is_ascii_graphic() && !b"+=".contains(&octet) { 1 } else { 3 }).sum()
}

/// The policy MIXER (RFC 6710 Appendix B).
const fn level(priority: Priority) -> Option<i8> {
    match priority {
        Priority::NON_URGENT => Some(-4),
        Priority::NORMAL => Some(0),
        Priority::URGENT => Some(4),
        _ => None,
    }
}

/// The fields that follow those of the heading.
fn header(
    p1: &MessageTransferEnvelope,
    mail: &[Recipient],
    discarded: &[String],
    work: &mut Work<'_>,
) -> HeaderBlock {
    let mut fields = Fields::new("envelope", work);
    // the first domain saw the message when it was submitted.
    let submitted = p1.trace_information.first().and_then(|hop| from_utc_time(&hop.supplied.arrival_time));
    match submitted {
        Some(date) => fields.add("Date", format_date(date), "trace-information[1]", "Q-16"),
        None => {
            let now = format_date(fields.work.now());
            // E-17
            fields.add("Date", now, "time of conversion", "E-17");
        }
    }
    // Q-11, I-15
    let identifier = mts_identifier_text(&p1.message_identifier);
    fields.add("X400-MTS-Identifier", identifier, "message-identifier", "Q-11");
    //
    if let Some(text) = recipients::mailbox(&p1.originator_name, "envelope.originator-name", fields.work) {
        fields.add("X400-Originator", text, "originator-name", "Q-14");
    }
    let places: Vec<u32> = mail.iter().map(|recipient| recipient.number).collect();
    if let Some(text) = recipients::field(p1, &places, fields.work) {
        //
        fields.add("X400-Recipients", text, "recipients", "Q-40");
    }
    match content_type_text(&p1.content_type) {
        Some(text) => fields.add("X400-Content-Type", text, "content-type", "Q-13"),
        None => fields.lost("content-type", "of no known form", "Q-13"),
    }
    if let Some(types) = &p1.original_encoded_information_types {
        fields.types(types);
    }
    // Q-17, Z-24
    fields.priority(p1.priority);
    if p1.per_message_indicators.has(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED) {
        fields.add("Conversion", "Prohibited", "per-message-indicators", "Q-18");
    }
    if let Some(identifier) = &p1.content_identifier {
        // Q-20, E-08: as it is.
        let text = identifier.to_text().into_owned();
        fields.add("X400-Content-Identifier", text, "content-identifier", "Q-20");
    }
    if let Some(time) = &p1.deferred_delivery_time {
        match from_utc_time(time) {
            Some(date) => {
                fields.add("Deferred-Delivery", format_date(date), "deferred-delivery-time", "Q-25")
            }
            None => fields.lost("deferred-delivery-time", "no date", "Q-25"),
        }
    }
    fields.extensions(&p1.extensions);
    if !discarded.is_empty() {
        //
        let names = discarded.join(", ");
        fields.add("Discarded-X400-MTS-Extensions", names, "extensions", "Q-63");
    }
    if p1.per_domain_bilateral_information.is_some() {
        //
        fields.lost("per-domain-bilateral-information", "meant for certain domains", "Q-61");
    }
    if !p1.unknown.is_empty() {
        fields.lost("members nobody knows", "nobody knows them", "F-17");
    }
    fields.block
}

/// Fields as they are made, each with its origin.
pub(super) struct Fields<'f, 'w> {
    pub(super) block: HeaderBlock,
    /// What they are made from: `envelope`.
    source: &'f str,
    /// The message whose header they are in, if it is not the outermost: `body part 2 `.
    place: &'f str,
    pub(super) work: &'f mut Work<'w>,
}

impl<'f, 'w> Fields<'f, 'w> {
    pub(super) fn new(source: &'f str, work: &'f mut Work<'w>) -> Self {
        Self { block: HeaderBlock::default(), source, place: "", work }
    }

    /// The same in the header of a message inside.
    pub(super) fn within(mut self, place: &'f str) -> Self {
        self.place = place;
        self
    }

    pub(super) const fn source(&self) -> &'f str {
        self.source
    }

    pub(super) fn add(&mut self, name: &str, value: impl Into<String>, element: &str, clause: &'static str) {
        let value = value.into();
        self.block.add(name, &value);
        self.work.trail.made(
            format_args!("{}header {name}", self.place),
            value,
            format_args!("{}.{element}", self.source),
            clause,
        );
    }

    pub(super) fn lost(&mut self, element: &str, reason: &str, clause: &'static str) {
        self.work.losses.dropped(self.source, element, reason, clause);
    }

    ///
    pub(super) fn types(&mut self, types: &rasn_x400::x411::envelope::EncodedInformationTypes) {
        let text = trace::types_text(types, &format!("{}.encoded-information-types", self.source), self.work);
        if !text.is_empty() {
            let element = "original-encoded-information-types";
            self.add("Original-Encoded-Information-Types", text, element, "Q-15");
        }
    }

    ///
    pub(super) fn priority(&mut self, priority: Priority) {
        match priority.label() {
            Some(word) => self.add("Priority", word, "priority", "Q-17"),
            None => self.lost(&format!("priority {priority}"), "no word for it", "Q-17"),
        }
    }

    /// Fields of the extensions of a message, whether it is being delivered or was. What has no field has been judged.
    pub(super) fn extensions(&mut self, extensions: &[ExtensionField]) {
        if ConversionWithLossProhibited::find(extensions).ok().flatten() == Some(Prohibited::PROHIBITED) {
            self.add("Conversion-With-Loss", "Prohibited", "conversion-with-loss-prohibited", "Q-22");
        }
        if let Ok(Some(time)) = LatestDeliveryTime::find(extensions) {
            match from_utc_time(&time) {
                // Q-26, Z-46
                Some(date) => {
                    self.add("Latest-Delivery-Time", format_date(date), "latest-delivery-time", "Q-26");
                }
                None => self.lost("latest-delivery-time", "no date", "Q-26"),
            }
        }
        if let Ok(Some(address)) = OriginatorReturnAddress::find(extensions) {
            //
            let source = format!("{}.originator-return-address", self.source);
            if let Some(text) = recipients::mailbox(&address.into(), &source, self.work) {
                self.add("Originator-Return-Address", text, "originator-return-address", "Q-23");
            }
        }
        // the newest list stands last in X.400 and first in the header.
        let history = DlExpansionHistory::find(extensions).ok().flatten().unwrap_or_default();
        for step in history.iter().rev() {
            let source = format!("{}.dl-expansion-history", self.source);
            let Some(list) = recipients::mailbox(&step.list, &source, self.work) else { continue };
            match from_utc_time(&step.expansion_time) {
                Some(date) => {
                    let value = format!("{list} ; {} ;", format_date(date));
                    self.add("DL-Expansion-History", value, "dl-expansion-history", "Q-24");
                }
                None => self.lost("dl-expansion-history", "no date", "Q-24"),
            }
        }
    }
}
