//! One message converted, and converted back, without a gateway around it: for the commands and for explanations.
//!
//! * [`source`] – the messages in some octets, whatever these are;
//! * `alone` – an envelope for a content that came without one;
//! * `ruled` – the conversion as rules about header fields and bodies change it.

mod alone;
mod ruled;
pub mod source;

use bytes::Bytes;
use rasn_x400::ber::Limits;
use rasn_x400::prim::Octets;
use rasn_x400::x411::envelope::{MessageTransferEnvelope, PerRecipientFields, PerRecipientIndicators};
use rasn_x400::x419::{Message as P1Message, MtsApdu};
use time::OffsetDateTime;

use crate::decode::{self, Kind};
use crate::message::Message;
use crate::message::address::{AddressList, Mailbox};
use crate::mixer::address::Mapper;
use crate::mixer::loss::{Losses, Trail};
use crate::mixer::mail::{MailOptions, Recipient};
use crate::mixer::report::to_internet as report_to_internet;
use crate::mixer::report::to_x400 as report_to_x400;
use crate::mixer::{Context, Settings, Side, to_internet, to_x400};
use crate::mta::route::Table;
use crate::round_trip::{self, Comparison};
pub(crate) use ruled::{Shares, permitted_to_internet, ruled_to_internet, ruled_to_x400, told};
use source::Source;

/// What is said beside a message about its conversion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// Envelope sender, in the form of either side; what the header or envelope says unless given, `<>` for none.
    pub from: Option<String>,
    /// Envelope recipients, in the form of either side; what the header or envelope says unless given.
    pub recipients: Vec<String>,
    /// Whether it is to be converted back.
    pub round_trip: bool,
}

/// What surrounds the conversion of a message.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Maps addresses.
    pub mapper: Mapper<'a>,
    /// The routes, if there are peers; they say by which peer's rules a mail goes.
    pub table: Option<&'a Table>,
    /// The peer that the message comes from or goes to, whatever routes say.
    pub peer: Option<&'a str>,
    /// The operator's decisions.
    pub settings: &'a Settings,
    /// See [`Context::message_identifier`].
    pub message_identifier: &'a str,
    /// The time of conversion.
    pub now: OffsetDateTime,
}

impl<'a> World<'a> {
    /// The same, as the translator wants it, by rules that are for every peer.
    pub(crate) const fn context<'c>(&'c self) -> Context<'c>
    where
        'a: 'c,
    {
        let Self { mapper, settings, message_identifier, now, .. } = self;
        Context { mapper, settings, message_identifier, now: *now }
    }

    /// The same with the peer's rules.
    pub(crate) fn of_peer(&self) -> Self {
        Self { mapper: self.mapper.for_peer(self.peer), ..*self }
    }
}

/// Why a message was not converted, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It is not to be.
    #[error("{0}")]
    Refused(String),
    /// It cannot be read, or nobody is there to get it.
    #[error("{0}")]
    BadInput(String),
}

/// What a message became.
#[derive(Debug)]
pub struct Made {
    /// The message.
    pub output: Output,
    /// What did not survive.
    pub losses: Losses,
    /// Where everything came from.
    pub trail: Trail,
    /// Recipients that get nothing, and why.
    pub refused: Vec<String>,
    /// What came back, if the trip was to go there and back.
    pub back: Option<Back>,
}

/// The message itself.
#[derive(Debug)]
pub enum Output {
    /// For X.400: the whole MTS-APDU, and the content alone.
    X400 {
        /// The MTS-APDU.
        apdu: Vec<u8>,
        /// The content inside; of a report, the MTS-APDU again.
        content: Vec<u8>,
    },
    /// For the Internet: SMTP's envelope and the mail.
    Mail(Mail),
}

/// A mail with its envelope.
#[derive(Debug)]
pub struct Mail {
    /// The reverse path without angle brackets; `None` is the null reverse path.
    pub reverse_path: Option<String>,
    /// Requests for the mail as a whole.
    pub options: MailOptions,
    /// Whom it is for.
    pub recipients: Vec<Recipient>,
    /// The mail.
    pub octets: Vec<u8>,
}

/// The way back.
#[derive(Debug)]
pub struct Back {
    /// What did not survive the way back.
    pub losses: Losses,
    /// What came back, and what did not.
    pub comparison: Comparison,
}

impl Made {
    /// Where it is to go.
    #[must_use]
    pub const fn side(&self) -> Side {
        match self.output {
            Output::X400 { .. } => Side::X400,
            Output::Mail(_) => Side::Internet,
        }
    }
}

/// Converts a message; a notification of the Internet can become two, a report and a message, and where rules say something
/// else for some of its recipients, a message becomes one for each of these sets.
///
/// # Errors
/// [`Failure::Refused`] with the clause; [`Failure::BadInput`] if nobody is there to get it, or it cannot be read.
pub fn convert(source: &Source, request: &Request, world: &World<'_>) -> Result<Vec<Made>, Failure> {
    let world = &world.of_peer();
    let context = &world.context();
    match source {
        Source::Mail(octets) => from_mail(&mail_input(octets, request)?, request, world),
        Source::Apdu(octets) => {
            let apdu = MtsApdu::from_octets(octets, Limits::default().whole);
            let apdu =
                apdu.map_err(|error| Failure::BadInput(format!("the message cannot be read: {error}")))?;
            from_apdu(apdu, octets, request, world)
        }
        Source::Content(content, content_type) => {
            let envelope =
                alone::envelope(content, content_type, request, context).map_err(Failure::BadInput)?;
            let apdu = P1Message { envelope, content: Octets(content.clone()), unknown: Vec::new() };
            from_apdu(MtsApdu::Message(apdu), content, request, world)
        }
    }
}

/// What a mail becomes.
fn from_mail(input: &to_x400::Input, request: &Request, world: &World<'_>) -> Result<Vec<Made>, Failure> {
    let context = &world.context();
    let refused = |refusal: to_x400::Refusal| Failure::Refused(format!("not converted: {refusal}"));
    let message = Message::parse(input.content.clone());
    let Some(notice) = report_to_x400::find(&message) else {
        let shares = ruled_to_x400(input, world);
        let each = |converted: Result<to_x400::Converted, to_x400::Refusal>| {
            let converted = converted.map_err(refused)?;
            let mut made = of_message(&converted)?;
            if request.round_trip {
                made.back = Some(mail_back(&message, &converted, world)?);
            }
            Ok(made)
        };
        return all_of(shares.made.into_iter().map(each).collect(), shares.refused);
    };
    let converted = report_to_x400::to_x400(input, &notice, None, context).map_err(refused)?;
    let mut made = Vec::new();
    if let Some(report) = &converted.report {
        let apdu = converted.report_apdu().map_err(|error| Failure::Refused(error.to_string()))?;
        let apdu = apdu.unwrap_or_default();
        let mut one = Made {
            output: Output::X400 { content: apdu.clone(), apdu },
            losses: converted.losses.clone(),
            trail: converted.trail.clone(),
            refused: Vec::new(),
            back: None,
        };
        if request.round_trip {
            let input = report_to_internet::Input { report, remembered: None, original: None };
            let back = report_to_internet::to_internet(&input, context)
                .map_err(|refusal| Failure::Refused(format!("not converted back: {refusal}")))?;
            one.back = Some(compare_mail(&message, back));
        }
        made.push(one);
    }
    if let Some(converted) = &converted.message {
        let mut one = of_message(converted)?;
        if request.round_trip {
            one.back = Some(mail_back(&message, converted, world)?);
        }
        made.push(one);
    }
    Ok(made)
}

/// What came of the shares of a message, if something did. Those who get nothing are told with the first that somebody gets.
fn all_of(
    shares: Vec<Result<Made, Failure>>,
    not_permitted: Vec<(u32, String)>,
) -> Result<Vec<Made>, Failure> {
    let mut refused: Vec<String> =
        not_permitted.into_iter().map(|(number, why)| format!("recipient {number}: {why}")).collect();
    let mut made = Vec::new();
    let mut failed = None;
    for share in shares {
        match share {
            Ok(share) => made.push(share),
            Err(failure) => {
                refused.push(failure.to_string());
                failed = failed.or(Some(failure));
            }
        }
    }
    match (made.first_mut(), failed) {
        (Some(first), _) => {
            first.refused.extend(refused);
            Ok(made)
        }
        (None, Some(failure)) => Err(failure),
        (None, None) => Err(Failure::Refused(format!("not converted: {}", refused.join("; ")))),
    }
}

/// A converted mail as it is transferred.
fn of_message(converted: &to_x400::Converted) -> Result<Made, Failure> {
    let apdu = converted.mts_apdu().map_err(|error| Failure::Refused(error.to_string()))?;
    let refused = converted.refused.iter().map(|(number, error)| format!("recipient {number}: {error}"));
    Ok(Made {
        output: Output::X400 { apdu: apdu.to_vec(), content: converted.content.concat() },
        losses: converted.losses.clone(),
        trail: converted.trail.clone(),
        refused: refused.collect(),
        back: None,
    })
}

/// The way back of a mail.
fn mail_back(before: &Message, converted: &to_x400::Converted, world: &World<'_>) -> Result<Back, Failure> {
    let envelope = converted.envelope.clone();
    let input = internet_input(envelope, converted.content.concat().into());
    Ok(compare_mail(before, first(ruled_to_internet(&input, world))?))
}

/// What comes back for the first of those who get something.
fn first<T, R: std::fmt::Display>(shares: Shares<Result<T, R>>) -> Result<T, Failure> {
    let refused = |why: &dyn std::fmt::Display| Failure::Refused(format!("not converted back: {why}"));
    match shares.made.into_iter().next() {
        Some(share) => share.map_err(|refusal| refused(&refusal)),
        None => Err(refused(&shares.refused.first().map_or("nobody may get it", |(_, why)| why))),
    }
}

fn compare_mail(before: &Message, back: to_internet::Converted) -> Back {
    let after = Message::parse(back.content.to_vec().into());
    Back { losses: back.losses, comparison: round_trip::mails(before, &after) }
}

/// What a message, report or probe of P1 becomes.
fn from_apdu(
    apdu: MtsApdu,
    octets: &Bytes,
    request: &Request,
    world: &World<'_>,
) -> Result<Vec<Made>, Failure> {
    let context = &world.context();
    match apdu {
        MtsApdu::Message(P1Message { mut envelope, content, .. }) => {
            readdress(&mut envelope, request, context)?;
            let input = internet_input(envelope, content.0);
            let shares = ruled_to_internet(&input, world);
            let each = |converted: Result<to_internet::Converted, to_internet::Refusal>| {
                let converted =
                    converted.map_err(|refusal| Failure::Refused(format!("not converted: {refusal}")))?;
                let back = match request.round_trip {
                    true => Some(message_back(&input, &converted, world)?),
                    false => None,
                };
                Ok(of_mail(converted, back))
            };
            all_of(shares.made.into_iter().map(each).collect(), shares.refused)
        }
        MtsApdu::Report(report) => {
            let input = report_to_internet::Input { report: &report, remembered: None, original: None };
            let converted = report_to_internet::to_internet(&input, context)
                .map_err(|refusal| Failure::Refused(format!("not converted: {refusal}")))?;
            let back = match request.round_trip {
                true => Some(report_back(octets, &converted, context)?),
                false => None,
            };
            Ok(vec![of_mail(converted, back)])
        }
        MtsApdu::Probe(_) => Err(Failure::Refused(
            "not converted: a probe is answered by the gateway and never becomes a mail (RFC 2156 5.3.9)"
                .into(),
        )),
        MtsApdu::Unknown(_) => Err(Failure::BadInput("neither message, report nor probe".into())),
    }
}

fn of_mail(converted: to_internet::Converted, back: Option<Back>) -> Made {
    let refused = converted.refused.iter().map(|(number, error)| format!("recipient {number}: {error}"));
    Made {
        refused: refused.collect(),
        output: Output::Mail(Mail {
            reverse_path: converted.reverse_path,
            options: converted.options,
            recipients: converted.recipients,
            octets: converted.content.to_vec(),
        }),
        losses: converted.losses,
        trail: converted.trail,
        back,
    }
}

/// What X.400 gets when a mail that was made comes back.
fn mail_to_send(converted: &to_internet::Converted) -> to_x400::Input {
    to_x400::Input {
        content: converted.content.to_vec().into(),
        reverse_path: converted.reverse_path.clone(),
        options: converted.options.clone(),
        recipients: converted.recipients.clone(),
    }
}

/// The way back of a message.
fn message_back(
    before: &to_internet::Input,
    converted: &to_internet::Converted,
    world: &World<'_>,
) -> Result<Back, Failure> {
    let back = first(ruled_to_x400(&mail_to_send(converted), world))?;
    let unencodable = |error: rasn_x400::ber::Error| Failure::Refused(error.to_string());
    let apdu = MtsApdu::Message(P1Message {
        envelope: before.envelope.clone(),
        content: Octets(before.content.clone()),
        unknown: Vec::new(),
    });
    let before = rasn_x400::ber::encode(&apdu).map_err(unencodable)?;
    let after = back.mts_apdu().map_err(unencodable)?.to_vec();
    Ok(Back { losses: back.losses, comparison: compare_apdus(&before, &after) })
}

/// The way back of a report.
fn report_back(
    before: &[u8],
    converted: &to_internet::Converted,
    context: &Context<'_>,
) -> Result<Back, Failure> {
    let input = mail_to_send(converted);
    let Some(notice) = report_to_x400::find(&Message::parse(input.content.clone())) else {
        return Err(Failure::Refused("not converted back: the mail is no longer a report".into()));
    };
    let back = report_to_x400::to_x400(&input, &notice, None, context)
        .map_err(|refusal| Failure::Refused(format!("not converted back: {refusal}")))?;
    let after = back.report_apdu().map_err(|error| Failure::Refused(error.to_string()))?;
    let comparison = compare_apdus(before, &after.unwrap_or_default());
    Ok(Back { losses: back.losses, comparison })
}

fn compare_apdus(before: &[u8], after: &[u8]) -> Comparison {
    let [before, after] = [before, after].map(|octets| decode::decode(octets, Some(Kind::MtsApdu)));
    round_trip::messages(&before, &after)
}

/// A message with those of its recipients for whom the receiver answers; all of them, if it answers for none.
fn internet_input(envelope: MessageTransferEnvelope, content: Bytes) -> to_internet::Input {
    let answers =
        |one: &PerRecipientFields| one.per_recipient_indicators.has(PerRecipientIndicators::RESPONSIBILITY);
    let all = !envelope.per_recipient_fields.iter().any(answers);
    let recipients = envelope.per_recipient_fields.iter().zip(1_u32..);
    let recipients = recipients.filter(|(one, _)| all || answers(one)).map(|(_, place)| place).collect();
    to_internet::Input { envelope, content, recipients }
}

/// Puts sender and recipients that were given in the place of those of the envelope.
fn readdress(
    envelope: &mut MessageTransferEnvelope,
    request: &Request,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let given = alone::given(request, context).map_err(Failure::BadInput)?;
    if let Some(sender) = given.sender {
        envelope.originator_name = sender;
    }
    if !given.recipients.is_empty() {
        envelope.per_recipient_fields = alone::recipients(given.recipients);
    }
    Ok(())
}

/// The mail with the envelope that was given, or that its header suggests.
fn mail_input(content: &Bytes, request: &Request) -> Result<to_x400::Input, Failure> {
    let (sender, recipients) = header_envelope(content);
    let reverse_path = match request.from.as_deref() {
        Some("" | "<>") => None,
        Some(address) => Some(address.to_owned()),
        None => sender,
    };
    let addresses = if request.recipients.is_empty() { recipients } else { request.recipients.clone() };
    if addresses.is_empty() {
        return Err(Failure::BadInput(
            "no recipient in To, Cc or Bcc\nhelp: name one with --recipient ADDRESS".into(),
        ));
    }
    let recipients = addresses.into_iter().zip(1..).map(|(address, number)| Recipient {
        number,
        address,
        ..Recipient::default()
    });
    Ok(to_x400::Input {
        content: content.clone(),
        reverse_path,
        options: MailOptions::default(),
        recipients: recipients.collect(),
    })
}

/// The first From address, and every address of To, Cc and Bcc.
fn header_envelope(content: &Bytes) -> (Option<String>, Vec<String>) {
    let message = Message::parse(content.clone());
    let addresses = |name: &str| -> Vec<String> {
        let lists = message.header().all(name).map(|field| AddressList::parse(&field.value));
        lists.flat_map(|list| list.mailboxes().map(Mailbox::address).collect::<Vec<_>>()).collect()
    };
    let recipients = ["To", "Cc", "Bcc"].into_iter().flat_map(addresses).collect();
    (addresses("From").into_iter().next(), recipients)
}
