//! The way from an X.400 message to an Internet mail: [`to_internet`].
//!
//! A pure function, as [`super::to_x400`] is: the same message, settings, clock and identifier give the same octets.

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::oids::{CONTENT_CMS, CONTENT_P772};
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{ContentType, MessageTransferEnvelope, PerMessageIndicators};
use rasn_x400::x411::extension::{
    ContentConfidentialityAlgorithm, ConversionWithLossProhibited, Extension, Prohibited,
};
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::notification::Ipn;
use time::OffsetDateTime;

use super::aviation::recognise::{self, Recognised};
use super::body::to_internet::{self as body, Opened};
use super::correlation::Correlation;
use super::edition_1984::Of1984;
use super::envelope::names::is_interpersonal;
use super::envelope::to_internet as envelope;
use super::header_block::HeaderBlock;
use super::header_rules;
use super::heading::Location;
use super::heading::to_internet as heading;
use super::label::{self, LabelFault};
use super::loss::report::LossReport;
use super::loss::{Losses, Trail};
use super::mail::{BodyType, MailOptions, Recipient};
use super::military::{self, compressed};
use super::notification;
use super::rope::Rope;
use super::{AddressContext, AddressError, AddressMapper, Context, MappedMailbox, Settings, shown};
use crate::message::date::parse_date;
use crate::status::{Failure, NonDelivery};

#[cfg(test)]
mod tests;

/// A message as it came over P1, with the recipients that one mail is to carry.
#[derive(Debug, Clone)]
pub struct Input {
    /// The envelope.
    pub envelope: MessageTransferEnvelope,
    /// The octets of the content.
    pub content: Bytes,
    /// The places in the envelope, from 1, of the recipients that this gateway answers for and that the mail is for.
    pub recipients: Vec<u32>,
}

/// A message as an Internet mail.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The reverse path without angle brackets; `None` is the null reverse path.
    pub reverse_path: Option<String>,
    /// The parameters of MAIL.
    pub options: MailOptions,
    /// The recipients; their numbers are places in the X.400 envelope.
    pub recipients: Vec<Recipient>,
    /// The mail.
    pub content: Rope,
    /// The addresses that rules, tables or lookups gave for who sent it, and those that the gateway itself put into `From`. Another author
    /// is one that the message only says it has.
    pub authors: Vec<String>,
    /// What did not survive.
    pub losses: Losses,
    /// Where everything came from.
    pub trail: Trail,
    /// Recipients that get nothing: place and reason.
    pub refused: Vec<(u32, RecipientRefusal)>,
}

/// Why a message cannot be converted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The originator has no mailbox.
    #[error("the originator cannot be carried: {0}")]
    Originator(AddressError),
    /// No recipient has a mailbox.
    #[error("no recipient can be carried: {}", .0.iter().map(|(number, error)| format!("{number}: {error}")).collect::<Vec<_>>().join("; "))]
    Recipients(Vec<(u32, RecipientRefusal)>),
    /// Something was asked for that this gateway cannot do, or that cannot be.
    #[error(transparent)]
    Service(#[from] NotProvided),
    /// The content is of a type that no mail is made of.
    #[error("content of type {0:?} has no form on the Internet")]
    ContentType(ContentType),
    /// Its security label does not let it pass (beyond S-25).
    #[error(transparent)]
    Label(#[from] LabelFault),
    /// The content cannot be read.
    #[error("the content cannot be read: {0}")]
    Content(#[from] ber::Error),
}

impl Refusal {
    /// What a report to an X.400 originator says: of a label, which of the things that are wrong with such it is (beyond S-25).
    #[must_use]
    pub fn non_delivery(&self) -> NonDelivery {
        match self {
            Self::Label(fault) => fault.non_delivery(),
            other => other.failure().non_delivery(),
        }
    }

    /// What kind of failure that is, for a report (F-02, F-05 to F-10).
    #[must_use]
    pub fn failure(&self) -> Failure {
        match self {
            Self::Originator(error) => error.failure(),
            Self::Recipients(refused) => {
                refused.first().map_or(Failure::AddressNotMappable, |(_, refusal)| refusal.failure())
            }
            Self::Service(refusal) => refusal.failure,
            Self::Label(_) => Failure::NotAuthorised,
            Self::ContentType(_) => Failure::ContentTypeUnsupported,
            Self::Content(_) => Failure::ContentSyntax,
        }
    }
}

/// Why one recipient gets nothing while others may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipientRefusal {
    /// It has no mailbox.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Something was asked for it that this gateway cannot do.
    #[error(transparent)]
    Service(#[from] NotProvided),
}

impl RecipientRefusal {
    /// What kind of failure that is, for a report.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        match self {
            Self::Address(error) => error.failure(),
            Self::Service(refusal) => refusal.failure,
        }
    }
}

/// A service that cannot be provided, so that the message must not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{failure}: {reason}")]
pub struct NotProvided {
    /// What kind of failure that is.
    pub failure: Failure,
    /// What it was.
    pub reason: String,
}

/// Converts a message.
///
/// # Errors
/// As the variants of [`Refusal`] say. A recipient without a mailbox is no error while another has one.
pub fn to_internet(input: &Input, context: &Context<'_>) -> Result<Converted, Refusal> {
    convert(input, None, context)
}

/// Converts a message or notification; `remembered` is what is known of the message that a notification is about.
pub(crate) fn convert(
    input: &Input,
    remembered: Option<&Correlation>,
    context: &Context<'_>,
) -> Result<Converted, Refusal> {
    let converted = attempt(input, remembered, context, None)?;
    if context.settings.loss_report == LossReport::Never || converted.losses.is_empty() {
        return Ok(converted);
    }
    // What was lost is known at the end, and told in the body; its words lose nothing.
    attempt(input, remembered, context, Some(converted.losses))
}

/// The same; `told` is what the mail says at its end that it lost.
fn attempt(
    input: &Input,
    remembered: Option<&Correlation>,
    context: &Context<'_>,
    told: Option<Losses>,
) -> Result<Converted, Refusal> {
    // V-06
    let of_1984 = Of1984::new(context.mapper, context.settings.relay_1988.as_ref());
    let mapper: &dyn AddressMapper = if context.settings.is_1984() { &of_1984 } else { context.mapper };
    let context = &Context { mapper, ..*context };
    let mut work = Work::new(context);
    work.told = told;
    // beyond M-44
    let uncompressed = uncompressed(input, &mut work)?;
    let input = uncompressed.as_ref().unwrap_or(input);
    // beyond V-15
    let ats = context.settings.aviation.is_some();
    let ats = ats.then(|| recognise::take(&input.content, &mut work.losses)).flatten();
    let stripped = ats.as_ref().map(|(content, _)| Input { content: content.clone(), ..input.clone() });
    let input = stripped.as_ref().unwrap_or(input);
    encrypted(&input.envelope)?;
    work.loss_prohibited = loss_prohibited(&input.envelope);
    let object = content(input, context)?;
    let mut envelope = envelope::envelope(input, &mut work)?;
    work.originator = envelope.reverse_path.clone();
    let content = match object {
        Object::Message(mut opened) => {
            let ats = ats.as_ref().map(|(_, ats)| ats);
            message(&mut opened, &input.envelope, ats, &mut envelope, &mut work)?
        }
        Object::Notification(ipn) => {
            notification::to_internet::entity(&ipn, input, &mut envelope, remembered, &mut work)
        }
        Object::Foreign => {
            let signed = match &input.envelope.content_type {
                ContentType::Extended(kind) if *kind == CONTENT_CMS => {
                    label::signed::of_object(&input.content)?
                }
                _ => None,
            };
            label::to_internet(&input.envelope, None, signed, &mut envelope.header, &mut work)?;
            body::foreign::entity(input, &mut envelope, &mut work)
        }
    };
    if let Some(limit) = context.settings.maximum_mail
        && content.len() as u64 > limit
    {
        // F-14
        let reason = format!("{} octets as a mail, at most {limit} are taken", content.len());
        return Err(NotProvided { failure: Failure::MessageTooLarge, reason }.into());
    }
    let addresses = envelope.reverse_path.iter().chain(envelope.recipients.iter().map(|one| &one.address));
    let options = MailOptions {
        body: Some(BodyType::of(&content)),
        smtp_utf8: addresses.into_iter().any(|address| !address.is_ascii()),
        ..envelope.options
    };
    let Work { losses, trail, authors, .. } = work;
    Ok(Converted {
        reverse_path: envelope.reverse_path,
        options,
        recipients: envelope.recipients,
        content,
        authors,
        losses,
        trail,
        refused: envelope.refused,
    })
}

/// A message as a mail; its precedence goes into the envelope.
fn message(
    opened: &mut Opened,
    p1: &MessageTransferEnvelope,
    ats: Option<&Recognised>,
    envelope: &mut Envelope,
    work: &mut Work<'_>,
) -> Result<Rope, Refusal> {
    body::limit_parts(opened, work)?;
    let by_rule = header_rules::extensions_to_internet(&mut opened.heading, work);
    let heading = &opened.heading;
    if let Some(precedence) = military::level::of_message(heading) {
        // beyond M-12: the precedence says more than the priority.
        let level = military::level::mt_priority(precedence);
        envelope.options.priority = Some(level);
        work.trail.made("MAIL MT-PRIORITY", level.to_string(), "heading.extensions", "M-12");
    }
    //
    let mut header = std::mem::take(&mut envelope.trace);
    header.append(heading::elements(heading, &Location::default(), work));
    header.append(std::mem::take(&mut envelope.header));
    header.append(by_rule);
    heading::finish(heading, &mut header, &Location::default(), work);
    let signed = match &work.settings().labels {
        Some(_) => body::signed_label(opened, work.context())?,
        None => None,
    };
    label::to_internet(p1, Some(heading), signed, &mut header, work)?;
    header_rules::to_internet(&mut header, work);
    if let Some(ats) = ats {
        envelope.options.priority = Some(ats.mt_priority());
        let date = header.get("Date").and_then(parse_date);
        ats.add_fields(&mut header, date.unwrap_or_else(|| work.now()), &mut work.trail);
    }
    Ok(body::entity(opened, header, &Location::default(), work))
}

/// beyond M-44: the message with its content as it was before it was compressed; `None` if it was not, or cannot be opened.
fn uncompressed(input: &Input, work: &mut Work<'_>) -> Result<Option<Input>, NotProvided> {
    if !compressed::is_compressed(&input.envelope.content_type) {
        return Ok(None);
    }
    match compressed::open(&input.content, work.settings().maximum_mail) {
        Ok(opened) => {
            let shown = format!("{:?}", opened.content_type);
            work.trail.made("content", shown, "the compressed content", "M-44");
            let envelope =
                MessageTransferEnvelope { content_type: opened.content_type, ..input.envelope.clone() };
            let recipients = input.recipients.clone();
            Ok(Some(Input { envelope, content: opened.content, recipients }))
        }
        // F-14
        Err(closed @ compressed::Closed::TooLarge(_)) => {
            Err(NotProvided { failure: Failure::MessageTooLarge, reason: closed.to_string() })
        }
        Err(closed @ compressed::Closed::Unreadable(_)) => {
            work.trail.made("content", "as it is", closed.to_string(), "M-44");
            Ok(None)
        }
    }
}

/// beyond S-27: nobody but the recipient can read an encrypted content, and mail has no form for it.
fn encrypted(envelope: &MessageTransferEnvelope) -> Result<(), NotProvided> {
    let number = Some(ContentConfidentialityAlgorithm::NUMBER);
    if envelope.extensions.iter().all(|field| field.kind.number() != number) {
        return Ok(());
    }
    let reason = "the content is encrypted for its recipient, and mail has no form for that".to_owned();
    Err(NotProvided { failure: Failure::TransportSecurityUnavailable, reason })
}

/// Whether a content of this type becomes a mail.
pub(crate) fn takes(content_type: &ContentType, settings: &Settings) -> bool {
    is_a_message(content_type)
        || compressed::is_compressed(content_type)
        || body::foreign::is_carried(content_type, settings)
}

/// Whether a content of this type is a message for people, or a notification of one.
fn is_a_message(content_type: &ContentType) -> bool {
    is_interpersonal(content_type) || *content_type == ContentType::Extended(CONTENT_P772)
}

/// What is inside.
enum Object {
    Message(Opened),
    Notification(Ipn),
    /// A content of another type, which is carried as it is (B-39).
    Foreign,
}

fn content(input: &Input, context: &Context<'_>) -> Result<Object, Refusal> {
    let content_type = &input.envelope.content_type;
    if !is_a_message(content_type) {
        // Q-65, F-09
        let carried = body::foreign::is_carried(content_type, context.settings);
        return if carried { Ok(Object::Foreign) } else { Err(Refusal::ContentType(content_type.clone())) };
    }
    if let Some(opened) = Opened::content(&input.content) {
        return Ok(Object::Message(opened?));
    }
    // beyond M-13: a military message or notification has the form of any other.
    match ber::decode(&input.content, ber::Limits::default().whole)? {
        InformationObject::Ipn(ipn) => Ok(Object::Notification(ipn)),
        InformationObject::Ipm(_) | InformationObject::Unknown(_) => {
            Err(Refusal::ContentType(content_type.clone()))
        }
    }
}

/// Whether the sender forbids conversions that lose information, or any: those without loss are done all the same.
fn loss_prohibited(envelope: &MessageTransferEnvelope) -> bool {
    matches!(ConversionWithLossProhibited::find(&envelope.extensions), Ok(Some(Prohibited::PROHIBITED)))
        || envelope.per_message_indicators.has(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED)
}

/// What all parts of one conversion share.
pub(crate) struct Work<'a> {
    context: &'a Context<'a>,
    pub(crate) losses: Losses,
    pub(crate) trail: Trail,
    seeds: u32,
    /// The reverse path, once it is known.
    pub(crate) originator: Option<String>,
    /// As [`Converted::authors`].
    pub(crate) authors: Vec<String>,
    /// Whether the sender forbids conversions that lose information.
    pub(crate) loss_prohibited: bool,
    /// What a text at the end is to say that was lost.
    pub(crate) told: Option<Losses>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(context: &'a Context<'a>) -> Self {
        Self {
            context,
            losses: Losses::default(),
            trail: Trail::new(context.settings.trail),
            seeds: 0,
            originator: None,
            authors: Vec::new(),
            loss_prohibited: false,
            told: None,
        }
    }

    pub(crate) fn mapper(&self) -> &'a dyn AddressMapper {
        self.context.mapper
    }

    pub(crate) const fn settings(&self) -> &'a Settings {
        self.context.settings
    }

    pub(crate) const fn context(&self) -> &'a Context<'a> {
        self.context
    }

    pub(crate) const fn now(&self) -> OffsetDateTime {
        self.context.now
    }

    pub(crate) const fn message_identifier(&self) -> &'a str {
        self.context.message_identifier
    }

    /// A boundary between parts that no octets of the message can hold by chance, another one at each call.
    pub(crate) fn next_boundary(&mut self) -> String {
        self.seeds += 1;
        format!("=_{}_{}_x400", self.context.message_identifier, self.seeds)
    }

    /// What every line with such a boundary begins with.
    pub(crate) fn boundary_line(&self) -> String {
        format!("--=_{}_", self.context.message_identifier)
    }

    /// A message identifier of the gateway's own, angle brackets included.
    pub(crate) fn own_message_id(&self) -> String {
        format!("<{}.x400@{}>", self.context.message_identifier, self.settings().mail_domain)
    }

    /// Notes who sent the message, by one of the names that it has for that, if rules know who that is.
    pub(crate) fn note_author(&mut self, name: &OrName) {
        let mapped = self.mapper().to_internet(name, AddressContext::Header);
        self.authors.extend(mapped.ok().filter(|mapped| mapped.by_rule).map(|mapped| mapped.address));
    }

    /// Maps an address and notes how.
    pub(crate) fn mailbox(
        &mut self,
        name: &OrName,
        context: AddressContext,
        source: &str,
    ) -> Result<MappedMailbox, AddressError> {
        let mapped = self.mapper().to_internet(name, context)?;
        self.trail.address(
            format_args!("address {}", shown(self.mapper(), name)),
            &mapped.address,
            source,
            &mapped.steps,
        );
        for number in &mapped.unexpressed {
            let what = format!("extension attribute {number}");
            self.losses.dropped(source, what, "no text form holds it", "A-218");
        }
        Ok(mapped)
    }
}

/// What the envelope gives to the mail.
pub(crate) struct Envelope {
    pub(crate) reverse_path: Option<String>,
    pub(crate) options: MailOptions,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) refused: Vec<(u32, RecipientRefusal)>,
    /// Trace fields: they lead the header.
    pub(crate) trace: HeaderBlock,
    /// Fields that follow those of the heading.
    pub(crate) header: HeaderBlock,
}
