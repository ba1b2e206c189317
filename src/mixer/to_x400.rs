//! The way from a stored Internet message to X.400: [`to_x400`].
//!
//! A pure function: the same input, settings, clock and identifier give the same octets, so a message can be converted
//! again after a crash, under new rules, or only to explain what would happen.

use bytes::Bytes;
use rasn::types::Tag;
use rasn_x400::oids::CONTENT_P772;
use rasn_x400::x411::envelope::{ContentType, MessageTransferEnvelope, PerMessageIndicators};
use rasn_x400::x411::extension::{DlExpansionProhibited, Extension, Prohibited};
use rasn_x400::x420::heading::IpmIdentifier;
use rasn_x400::x420::notification::Ipn;
use time::OffsetDateTime;

use super::aviation::{self, AviationFault};
use super::body::content::{self, Content};
use super::distinct::Distinct;
use super::edition_1984::Of1984;
use super::encoded_types::EncodedTypes;
use super::header_rules::{self, MadeExtension};
use super::heading::{Level, Location, Place};
use super::identifier::{self, MappedIdentifier};
use super::label::{self, LabelFault};
use super::loss::report::LossReport;
use super::loss::{Losses, Trail};
use super::mail::{MailOptions, Recipient};
use super::military;
use super::settings::Military;
use super::trace::{X400Received, domain_of, parse_x400_received};
use super::{AddressError, AddressMapper, Context, MappedOr, Settings, shown};
use crate::message::identifier::parse_message_id;
use crate::message::{Message, authentication};

mod apdu;

#[cfg(test)]
mod tests;

/// A message as it was accepted, with the recipients that one transfer is to carry.
#[derive(Debug, Clone)]
pub struct Input {
    /// The octets of the message.
    pub content: Bytes,
    /// The reverse path without angle brackets; `None` is the null reverse path.
    pub reverse_path: Option<String>,
    /// Requests for the message as a whole.
    pub options: MailOptions,
    /// The recipients, at least one.
    pub recipients: Vec<Recipient>,
}

/// A message in X.400.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The P1 envelope.
    pub envelope: MessageTransferEnvelope,
    /// The content in pieces; large body parts are slices of the original message or of their decoded octets.
    pub content: Vec<Bytes>,
    /// P2 or P22 (H-01), or P772 (beyond M-14).
    pub content_type: ContentType,
    /// The identifier of the interpersonal message, by which receipts and replies will name it; of a notification, that of the
    /// message it is about.
    pub this_ipm: IpmIdentifier,
    /// What did not survive.
    pub losses: Losses,
    /// Where everything came from.
    pub trail: Trail,
    /// Message identifiers that X.400 carries cut: the original and what became of it (I-04).
    pub cut_identifiers: Vec<(String, String)>,
    /// Recipients the envelope does not hold, because they have no X.400 address: number and reason.
    pub refused: Vec<(u32, AddressError)>,
}

impl Converted {
    /// Octets of the content.
    #[must_use]
    pub fn content_length(&self) -> usize {
        self.content.iter().map(Bytes::len).sum()
    }
}

/// Why a message cannot be converted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The reverse path has no X.400 address.
    #[error("the sender cannot be carried: {0}")]
    Sender(AddressError),
    /// No recipient has an X.400 address.
    #[error("no recipient can be carried: {}", .0.iter().map(|(number, error)| format!("{number}: {error}")).collect::<Vec<_>>().join("; "))]
    Recipients(Vec<(u32, AddressError)>),
    /// The message has been here too often (F-05: 5.4.6).
    #[error("the message is in a loop: {conversions} conversions, {hops} hops")]
    Loop {
        /// Conversions by MIXER gateways in one direction.
        conversions: usize,
        /// `Received` fields.
        hops: usize,
    },
    /// The content is larger than X.400 may be given (F-14, D-41).
    #[error("{octets} octets in X.400, at most {limit} are taken")]
    TooLarge {
        /// Octets of the content.
        octets: u64,
        /// Octets allowed.
        limit: u64,
    },
    /// A part of the body is larger than one may be (F-14).
    #[error("{at} has {octets} octets, at most {limit} are taken")]
    PartTooLarge {
        /// Which part.
        at: String,
        /// Its octets.
        octets: u64,
        /// Octets allowed.
        limit: u64,
    },
    /// A value that cannot be encoded; a fault of the gateway.
    #[error("the message could not be encoded: {0}")]
    Encoding(#[from] rasn_x400::ber::Error),
    /// Its security label does not let it pass (beyond S-25: 5.7.1).
    #[error(transparent)]
    Label(#[from] LabelFault),
    /// It cannot be an ATS message, which its recipients need (beyond V-15: 5.6.1).
    #[error(transparent)]
    Aviation(#[from] AviationFault),
}

/// Converts a message.
///
/// # Errors
/// As the variants of [`Refusal`] say. A recipient without an X.400 address is no error while another has one.
pub fn to_x400(input: &Input, context: &Context<'_>) -> Result<Converted, Refusal> {
    let converted = convert(input, context, None)?;
    if context.settings.loss_report == LossReport::Never || converted.losses.is_empty() {
        return Ok(converted);
    }
    // What was lost is known at the end, and told in the body; its words lose nothing.
    convert(input, context, Some(converted.losses))
}

/// The same; `told` is what the message says at its end that it lost.
fn convert(input: &Input, context: &Context<'_>, told: Option<Losses>) -> Result<Converted, Refusal> {
    // V-04, V-06
    let of_1984 = Of1984::new(context.mapper, context.settings.relay_1988.as_ref());
    let mapper: &dyn AddressMapper = if context.settings.is_1984() { &of_1984 } else { context.mapper };
    let context = &Context { mapper, ..*context };
    let mut message = Message::parse(input.content.clone());
    let mut work = Work::new(input, context);
    work.told = told;
    let aviation = context.settings.aviation.as_ref();
    work.aviation = aviation::compose::compose(&message, input, aviation, context.now, &mut work.losses)?;
    if let Some(composed) = &work.aviation {
        message = Message::parse(composed.content.clone());
    }
    if let Some(ours) = &context.settings.authserv_id {
        authentication::take_away(message.header_mut(), ours);
    }
    if let Some(results) = &input.options.authentication_results {
        authentication::lead(message.header_mut(), results);
    }
    work.heading_extensions = header_rules::to_x400(message.header_mut(), &mut work);
    work.military = is_military(&message, context.settings);
    // without loss a text is converted all the same (RFC 2157 6.2).
    work.loss_prohibited = super::envelope::loss_prohibited(message.header())
        || super::envelope::conversion_prohibited(message.header());
    for defect in message.defects() {
        work.losses.dropped(format!("octet {}", defect.offset), "structure", defect.kind.to_string(), "H-07");
    }
    if let Some(ipn) = super::notification::to_x400::notification(&message, &mut work)? {
        return notification(ipn, &message, work);
    }
    if let Some(content) = content::of(message.root(), &work) {
        return foreign(&message, content, work);
    }
    let ipm = super::body::interpersonal(message.root(), Level::Outermost, &Location::default(), &mut work)?;
    let (content_type, name, clause) = match (work.military, ipm.modern) {
        (true, _) => (ContentType::Extended(CONTENT_P772), "P772", "M-14"),
        (false, true) => (ContentType::P22, "P22", "H-01"),
        (false, false) => (ContentType::P2, "P2", "H-01"),
    };
    work.trail.made("envelope.content-type", name, "the heading and body", clause);
    let (mut envelope, refused) =
        super::envelope::transfer(message.header(), &ipm.types, content_type.clone(), &mut work)?;
    if work.military {
        military::level::raise(&mut envelope, &ipm.heading, &mut work.trail)?;
    }
    if let Some(composed) = &work.aviation {
        composed.address(&mut envelope, &mut work.trail);
    }
    add_label(&message, &mut envelope, &mut work)?;
    // InformationObject: `ipm [0]`
    let content = ipm.plan.constructed(Tag::new_context(0)).into_pieces();
    let octets = content.iter().map(Bytes::len).sum::<usize>() as u64;
    if let Some(limit) = context.settings.maximum_content.filter(|limit| octets > *limit) {
        return Err(Refusal::TooLarge { octets, limit });
    }
    let Work { losses, trail, cut_identifiers, .. } = work;
    let cut_identifiers = cut_identifiers.into_vec();
    let this_ipm = ipm.heading.this_ipm;
    Ok(Converted { envelope, content, content_type, this_ipm, losses, trail, cut_identifiers, refused })
}

/// The label of the mail, or the one that is signed inside of it (beyond S-08).
fn add_label(
    message: &Message,
    envelope: &mut MessageTransferEnvelope,
    work: &mut Work<'_>,
) -> Result<(), LabelFault> {
    let settings = work.settings();
    let signed = match &settings.labels {
        Some(_) => label::signed::of_entity(message.root())?,
        None => None,
    };
    let Work { losses, trail, .. } = work;
    label::to_x400(message.header(), signed, envelope, settings, losses, trail)
}

/// M-14: a military message by its fields, or because the operator says so; X.400 of 1984 has none.
fn is_military(message: &Message, settings: &Settings) -> bool {
    !settings.is_1984()
        && match settings.military {
            Military::Never => false,
            Military::Fields => super::body::has_military_field(message.header()),
            Military::Always => true,
        }
}

/// A mail that is a content of X.400 already: only its envelope is made (S-02, S-03).
fn foreign(message: &Message, content: Content, mut work: Work<'_>) -> Result<Converted, Refusal> {
    let (content_type, clause) = (content.content_type.clone(), content.clause);
    work.trail.made("envelope.content-type", format_args!("{content_type:?}"), "body", clause);
    work.trail.made("content", "as it is", "body", clause);
    let (mut envelope, refused) =
        super::envelope::transfer(message.header(), &content.types, content_type.clone(), &mut work)?;
    if content.secured {
        // S-05
        let bits = envelope.per_message_indicators.0.set_bits();
        let bits: Vec<usize> = bits.chain([PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED]).collect();
        envelope.per_message_indicators = PerMessageIndicators::with(&bits);
        envelope.extensions.push(DlExpansionProhibited::field(&Prohibited::PROHIBITED)?);
        work.trail.made(
            "envelope.extensions.dl-expansion-prohibited",
            "prohibited",
            "a secured content",
            "beyond S-05",
        );
    }
    add_label(message, &mut envelope, &mut work)?;
    for field in message.header().fields() {
        if matches!(super::heading::place_of(field), Place::Heading(_) | Place::Extension) {
            work.losses.dropped(
                format!("header {}", field.name),
                field.line(),
                "a content of this type has no heading",
                clause,
            );
        }
    }
    for MadeExtension { source, line, .. } in std::mem::take(&mut work.heading_extensions) {
        work.losses.dropped(source, line, "a content of this type has no heading", clause);
    }
    let seed = work.next_seed();
    let message_id = message.header().value("Message-ID").and_then(parse_message_id).unwrap_or(seed);
    let this_ipm = super::heading::ipm_identifier(&work.message_id(&message_id), &work);
    let local = this_ipm.user_relative_identifier.to_text().into_owned();
    let content = content.pieces(&envelope, &local)?;
    let octets = content.iter().map(Bytes::len).sum::<usize>() as u64;
    if let Some(limit) = work.settings().maximum_content.filter(|limit| octets > *limit) {
        return Err(Refusal::TooLarge { octets, limit });
    }
    let Work { losses, trail, cut_identifiers, .. } = work;
    let cut_identifiers = cut_identifiers.into_vec();
    Ok(Converted { envelope, content, content_type, this_ipm, losses, trail, cut_identifiers, refused })
}

/// A notification in its envelope (Y-03). Notifications of 1984 and 1988 are the same, unless one has extensions.
fn notification(ipn: Ipn, message: &Message, mut work: Work<'_>) -> Result<Converted, Refusal> {
    let content_type = ContentType::P2;
    let this_ipm = ipn.subject_ipm.clone();
    let content = vec![super::notification::to_x400::content(ipn)?.into()];
    let types = EncodedTypes::default();
    let (envelope, refused) =
        super::envelope::transfer(message.header(), &types, content_type.clone(), &mut work)?;
    let Work { losses, trail, cut_identifiers, .. } = work;
    let cut_identifiers = cut_identifiers.into_vec();
    Ok(Converted { envelope, content, content_type, this_ipm, losses, trail, cut_identifiers, refused })
}

/// What all parts of one conversion share.
pub(crate) struct Work<'a> {
    pub(crate) input: &'a Input,
    context: &'a Context<'a>,
    pub(crate) losses: Losses,
    pub(crate) trail: Trail,
    cut_identifiers: Distinct<(String, String)>,
    seeds: u32,
    /// Whether the message is a military one (beyond M-14).
    military: bool,
    /// What it is as an ATS message of aviation (beyond V-15).
    pub(crate) aviation: Option<aviation::compose::Composed>,
    /// Whether the sender forbids conversions that lose information, or any.
    pub(crate) loss_prohibited: bool,
    /// What a text at the end is to say that was lost.
    pub(crate) told: Option<Losses>,
    /// What rules made of header fields that goes into the heading of the message itself.
    pub(crate) heading_extensions: Vec<MadeExtension>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(input: &'a Input, context: &'a Context<'a>) -> Self {
        Self {
            input,
            context,
            losses: Losses::default(),
            trail: Trail::new(context.settings.trail),
            cut_identifiers: Distinct::default(),
            seeds: 0,
            military: false,
            aviation: None,
            loss_prohibited: false,
            told: None,
            heading_extensions: Vec::new(),
        }
    }

    pub(crate) const fn settings(&self) -> &'a Settings {
        self.context.settings
    }

    pub(crate) fn mapper(&self) -> &'a dyn AddressMapper {
        self.context.mapper
    }

    pub(crate) const fn now(&self) -> OffsetDateTime {
        self.context.now
    }

    pub(crate) const fn is_military(&self) -> bool {
        self.military
    }

    pub(crate) const fn message_identifier(&self) -> &'a str {
        self.context.message_identifier
    }

    /// A message identifier of the gateway's own, another one at each call (I-11).
    pub(crate) fn next_seed(&mut self) -> String {
        let number = self.seeds;
        self.seeds += 1;
        let domain = &self.settings().mail_domain;
        match number {
            0 => format!("{}@{domain}", self.message_identifier()),
            _ => format!("{}.{number}@{domain}", self.message_identifier()),
        }
    }

    /// The X.400 form of a message identifier (I-02, I-03).
    pub(crate) fn message_id(&self, message_id: &str) -> MappedIdentifier {
        let mapped =
            identifier::message_id_to_x400(message_id, |text| self.mapper().parse_or(text).is_some());
        if self.military { identifier::military(mapped, message_id, &self.settings().domain) } else { mapped }
    }

    /// I-04, Y-25
    pub(crate) fn remember_truncated(&mut self, message_id: &str, mapped: &MappedIdentifier, at: &str) {
        let cut = mapped.identifier.user_relative.clone();
        self.losses.replaced(at, message_id, "longer than 64 characters", "I-04", cut.as_str());
        self.cut_identifiers.add((message_id.to_owned(), cut));
    }

    pub(crate) fn is_reverse_path(&self, address: &str) -> bool {
        self.input.reverse_path.as_deref().is_some_and(|path| path.eq_ignore_ascii_case(address))
    }

    /// The domain of the sender; of this gateway when there is none.
    pub(crate) fn reverse_domain(&self) -> String {
        let domain = self.input.reverse_path.as_deref().and_then(|path| path.rsplit_once('@'));
        domain.map_or_else(|| self.settings().mail_domain.clone(), |(_, domain)| domain.to_owned())
    }

    /// Reads an `X400-Received` field.
    pub(crate) fn x400_received(&self, value: &str) -> Option<X400Received> {
        parse_x400_received(value, |text| domain_of(&self.mapper().parse_or(text)?))
    }

    /// Notes how an address was mapped.
    pub(crate) fn explain_address(&mut self, source: &str, address: &str, mapped: &MappedOr) {
        let shown = shown(self.mapper(), &mapped.or_address);
        self.trail.address(format_args!("address {address}"), shown, source, &mapped.steps);
    }
}
