//! The envelope of a content that came without one: what its heading says.

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::oids::CONTENT_P772;
use rasn_x400::prim::Ia5String;
use rasn_x400::stanag4406::MilitaryObject;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerRecipientFields, PerRecipientIndicators,
};
use rasn_x400::x411::trace::TraceInformation;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::heading::{Heading, OrDescriptor};
use rasn_x400::x420::notification::Ipn;

use super::Request;
use crate::mixer::{AddressContext, Context};

/// An envelope for a content.
///
/// # Errors
/// Nobody is there, or an address that was given is none; in words.
pub(super) fn envelope(
    content: &Bytes,
    content_type: &ContentType,
    request: &Request,
    context: &Context<'_>,
) -> Result<MessageTransferEnvelope, String> {
    let given = given(request, context)?;
    let (sender, recipients) = named(content, content_type);
    let sender = given.sender.or(sender);
    let recipients = if given.recipients.is_empty() { recipients } else { given.recipients };
    let nobody = |what: &str, option: &str| {
        format!(
            "the content names no {what}, and there is no envelope around it\nhelp: name one with {option} ADDRESS"
        )
    };
    let sender = sender.ok_or_else(|| nobody("originator", "--from"))?;
    if recipients.is_empty() {
        return Err(nobody("recipient", "--recipient"));
    }
    let identifier = MtsIdentifier {
        domain: context.settings.domain.clone(),
        local_identifier: Ia5String::new(context.message_identifier),
        unknown: Vec::new(),
    };
    Ok(MessageTransferEnvelope::new(
        identifier,
        sender,
        content_type.clone(),
        TraceInformation::default(),
        self::recipients(recipients),
    ))
}

/// Addresses that were given beside the message.
pub(super) struct Given {
    pub(super) sender: Option<OrName>,
    pub(super) recipients: Vec<OrName>,
}

/// The addresses that were given, in the form of either side.
///
/// # Errors
/// One of them is none; in words.
pub(super) fn given(request: &Request, context: &Context<'_>) -> Result<Given, String> {
    let sender = request.from.as_ref().filter(|address| !matches!(address.as_str(), "" | "<>"));
    let sender = sender.map(|address| or_name(address, AddressContext::ReturnPath, context)).transpose()?;
    let recipients = request.recipients.iter().map(|one| or_name(one, AddressContext::Recipient, context));
    Ok(Given { sender, recipients: recipients.collect::<Result<_, _>>()? })
}

/// Recipients that the receiver answers for.
pub(super) fn recipients(names: Vec<OrName>) -> Vec<PerRecipientFields> {
    let responsible = PerRecipientIndicators::with(&[PerRecipientIndicators::RESPONSIBILITY]);
    let fields = |(name, number)| PerRecipientFields::new(name, number, responsible.clone());
    names.into_iter().zip(1_i64..).map(fields).collect()
}

/// An address as it was given, in the form of either side.
fn or_name(address: &str, place: AddressContext, context: &Context<'_>) -> Result<OrName, String> {
    if let Some(name) = context.mapper.parse_or(address) {
        return Ok(name);
    }
    context.mapper.to_or(address, place).map(|mapped| mapped.or_address).map_err(|error| error.to_string())
}

/// Who a content says it is from and for.
fn named(content: &Bytes, content_type: &ContentType) -> (Option<OrName>, Vec<OrName>) {
    let limit = ber::Limits::default().whole;
    let object = if *content_type == ContentType::Extended(CONTENT_P772) {
        ber::decode::<MilitaryObject>(content, limit).ok().and_then(|object| match object {
            MilitaryObject::Message(ipm) => Some(InformationObject::Ipm(ipm)),
            MilitaryObject::Notification(ipn) => Some(InformationObject::Ipn(ipn)),
            MilitaryObject::Unknown(_) => None,
        })
    } else {
        ber::decode::<InformationObject>(content, limit).ok()
    };
    match object {
        Some(InformationObject::Ipm(ipm)) => of_heading(&ipm.heading),
        Some(InformationObject::Ipn(ipn)) => of_notification(&ipn),
        _ => (None, Vec::new()),
    }
}

fn of_heading(heading: &Heading) -> (Option<OrName>, Vec<OrName>) {
    let authors = heading.originator.iter().chain(heading.authorizing_users.iter().flatten());
    let lists = [&heading.primary_recipients, &heading.copy_recipients, &heading.blind_copy_recipients];
    let recipients = lists.into_iter().flatten().flatten().filter_map(|one| formal(&one.recipient));
    (authors.into_iter().find_map(formal), recipients.collect())
}

/// A notification goes to whoever sent the message it is about.
fn of_notification(ipn: &Ipn) -> (Option<OrName>, Vec<OrName>) {
    let author = ipn.ipn_originator.as_ref().or(ipn.ipm_intended_recipient.as_ref());
    (author.and_then(formal), ipn.subject_ipm.user.iter().cloned().collect())
}

fn formal(descriptor: &OrDescriptor) -> Option<OrName> {
    descriptor.formal_name.clone()
}
