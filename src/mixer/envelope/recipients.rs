//! `X400-Recipients` and `X400-Originator`: who the message was for, and what was asked for each of them, as the recipients
//! of the mail may know it (RFC 2156 4.6.2.2).

use rasn_x400::prim::Oid;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{MessageTransferEnvelope, PerMessageIndicators, PerRecipientFields};
use rasn_x400::x411::extension::{
    Extension, ExtensionField, OriginatorRequestedAlternateRecipient, PhysicalDeliveryModes,
    PhysicalDeliveryReportRequest, PhysicalForwardingAddressRequest, PhysicalForwardingProhibited,
    PhysicalRenditionAttributes, Prohibited, ProofOfDeliveryRequest, RecipientNumberForAdvice, Redirection,
    RedirectionHistory, RedirectionReason, RegisteredMailType, Requested, RequestedDeliveryMethod,
};
use rasn_x400::x411::physical::{DeliveryMethod, DeliveryModes, PhysicalReport, RegisteredMail};

use crate::message::date::format_date;
use crate::mixer::charset::t61;
use crate::mixer::date::from_utc_time;
use crate::mixer::header_block::comment;
use crate::mixer::settings::Mails;
use crate::mixer::to_internet::Work;
use crate::mixer::{AddressContext, Settings, directory_name};

/// The attributes that a letter has unless something else is asked for: basic physical rendition (X.411 8.2.1.1.1.23).
const BASIC_RENDITION: Oid = Oid::from_contents(&[0x56, 3, 5, 0]);

/// Whether a mail to these recipients shows what was asked for each: if all may know of each other, or there is one (Q-40,
///
pub(crate) fn are_shown(envelope: &MessageTransferEnvelope, places: &[u32]) -> bool {
    is_disclosed(envelope) || places.len() == 1
}

fn is_disclosed(envelope: &MessageTransferEnvelope) -> bool {
    envelope.per_message_indicators.has(PerMessageIndicators::DISCLOSURE_OF_OTHER_RECIPIENTS)
}

/// Which recipients share a mail, by their places in the envelope: all, or those for whom nothing in particular was asked
/// together and the others each alone, where a common mail would not show it.
#[must_use]
pub fn mails(envelope: &MessageTransferEnvelope, places: &[u32], settings: &Settings) -> Vec<Vec<u32>> {
    if settings.mails == Mails::Shared || are_shown(envelope, places) {
        return vec![places.to_vec()];
    }
    let is_plain = |place: &u32| {
        let index = usize::try_from(*place).ok().and_then(|place| place.checked_sub(1));
        let fields = index.and_then(|index| envelope.per_recipient_fields.get(index));
        fields.is_none_or(|fields| fields.extensions.is_empty() && fields.explicit_conversion.is_none())
    };
    let (plain, others): (Vec<u32>, Vec<u32>) = places.iter().copied().partition(is_plain);
    let together = (!plain.is_empty()).then_some(plain);
    together.into_iter().chain(others.into_iter().map(|place| vec![place])).collect()
}

/// The value of `X400-Recipients` for a mail to these recipients; `None` if it would be empty.
pub(crate) fn field(
    envelope: &MessageTransferEnvelope,
    places: &[u32],
    work: &mut Work<'_>,
) -> Option<String> {
    if !are_shown(envelope, places) {
        let reason = "several recipients, who may not know of each other";
        work.losses.dropped("envelope.recipients", "what was asked for each", reason, "Q-41");
        return None;
    }
    let disclosed = is_disclosed(envelope);
    let mut mailboxes = Vec::new();
    for (place, fields) in (1..).zip(&envelope.per_recipient_fields) {
        if disclosed || places.contains(&place) {
            mailboxes.extend(recipient(fields, &format!("envelope.recipients[{place}]"), work));
        }
    }
    (!mailboxes.is_empty()).then(|| mailboxes.join(", "))
}

/// One recipient with its comments.
fn recipient(fields: &PerRecipientFields, source: &str, work: &mut Work<'_>) -> Option<String> {
    let mut out = mailbox(&fields.recipient_name, source, work)?;
    out.push_str(&comments(&fields.extensions, source, work));
    if let Some(conversion) = fields.explicit_conversion {
        let text = format!("Explicit Conversion: {}", words(conversion.label(), conversion.0));
        out.push_str(&format!(" ({})", comment(&text)));
    }
    if !fields.unknown.is_empty() {
        let what = format!("{} members", fields.unknown.len());
        work.losses.dropped(source, what, "nobody knows them", "F-17");
    }
    Some(out)
}

/// What the extensions of a recipient say, as comments, each with a space in front.
pub(super) fn comments(extensions: &[ExtensionField], source: &str, work: &mut Work<'_>) -> String {
    let mut comments = Vec::new();
    if let Some(history) = found::<RedirectionHistory>(extensions) {
        comments.push(redirections(&history, source, work));
    }
    if let Some(alternate) = found::<OriginatorRequestedAlternateRecipient>(extensions) {
        //
        let shown = mailbox(&alternate, source, work);
        comments.extend(shown.map(|mailbox| format!("Alternate Recipient: {mailbox}")));
    }
    services(extensions, &mut comments);
    let written = comments.iter().filter(|text| !text.is_empty()).map(|text| format!(" ({})", comment(text)));
    written.collect()
}

/// A name as a mailbox, with the directory name in a comment. A mailbox that there is not is a loss (F-04).
pub(crate) fn mailbox(name: &OrName, source: &str, work: &mut Work<'_>) -> Option<String> {
    let mut out = match work.mailbox(name, AddressContext::Header, source) {
        Ok(mapped) => mapped.address,
        Err(error) => {
            let shown = work.mapper().show_or(name);
            work.losses.dropped(source, shown, error.to_string(), "F-04");
            return None;
        }
    };
    if let Some(directory) = &name.directory_name {
        match directory_name::to_text(directory) {
            Some(text) => out.push_str(&format!(" ({})", comment(&text))),
            None => work.losses.dropped(source, "directory-name", "cannot be read", "A-310"),
        }
    }
    Some(out)
}

/// who it was for, step by step. Expansions of lists are not among them.
fn redirections(history: &[Redirection], source: &str, work: &mut Work<'_>) -> String {
    let mut parts = Vec::with_capacity(history.len());
    for (number, step) in history.iter().enumerate() {
        let intended = &step.intended_recipient;
        let name = match work.mailbox(&intended.recipient, AddressContext::Header, source) {
            Ok(mapped) => mapped.address,
            Err(error) => {
                let shown = work.mapper().show_or(&intended.recipient);
                work.losses.replaced(source, &shown, error.to_string(), "F-04", "its O/R address");
                shown
            }
        };
        let date = from_utc_time(&intended.redirection_time).map(format_date).unwrap_or_default();
        let (before, again) = if number == 0 { ("Originally To: ", "") } else { ("", "Again ") };
        parts.push(format!("{before}{name} Redirected {again}on {date} To: {}", reason(step.reason)));
    }
    parts.join(" ")
}

///
pub(crate) fn reason(reason: RedirectionReason) -> String {
    match reason {
        RedirectionReason::RECIPIENT_ASSIGNED_ALTERNATE_RECIPIENT => "Recipient Assigned Alternate Recipient",
        RedirectionReason::ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT => {
            "Originator Requested Alternate Recipient"
        }
        RedirectionReason::RECIPIENT_DOMAIN_ASSIGNED_ALTERNATE_RECIPIENT => {
            "Recipient MD Assigned Alternate Recipient"
        }
        RedirectionReason::DIRECTORY_LOOK_UP => "Directory Look Up",
        RedirectionReason::ALIAS => "Alias",
        other => return format!("Reason {other}"),
    }
    .to_owned()
}

/// what is asked for beyond the default. Object identifiers are dotted, as brackets would nest (E-21).
fn services(extensions: &[ExtensionField], comments: &mut Vec<String>) {
    let mut add = |text: String| comments.push(text);
    if let Some(methods) = found::<RequestedDeliveryMethod>(extensions)
        && methods.iter().any(|method| *method != DeliveryMethod::ANY)
    {
        let methods: Vec<_> = methods.iter().map(|method| words(method.label(), method.0)).collect();
        add(format!("Requested Delivery Method: {}", methods.join(", ")));
    }
    if found::<PhysicalForwardingProhibited>(extensions) == Some(Prohibited::PROHIBITED) {
        add("Physical Forwarding Prohibited".into());
    }
    if found::<PhysicalForwardingAddressRequest>(extensions) == Some(Requested::REQUESTED) {
        add("Physical Forwarding Address Requested".into());
    }
    if let Some(modes) = found::<PhysicalDeliveryModes>(extensions) {
        let unusual = modes.labels().filter(|(bit, _)| *bit != DeliveryModes::ORDINARY_MAIL);
        let modes: Vec<_> =
            unusual.map(|(bit, label)| label.map_or_else(|| format!("mode {bit}"), spaced)).collect();
        if !modes.is_empty() {
            add(format!("Physical Delivery Modes: {}", modes.join(", ")));
        }
    }
    if let Some(kind) = found::<RegisteredMailType>(extensions)
        && kind != RegisteredMail::NON_REGISTERED
    {
        add(format!("Registered Mail Type: {}", words(kind.label(), kind.0)));
    }
    if let Some(number) = found::<RecipientNumberForAdvice>(extensions) {
        add(format!("Recipient Number For Advice: {}", t61::decode(number.as_bytes())));
    }
    if let Some(attributes) = found::<PhysicalRenditionAttributes>(extensions)
        && attributes != BASIC_RENDITION
    {
        add(format!("Physical Rendition Attributes: {attributes}"));
    }
    if found::<PhysicalDeliveryReportRequest>(extensions)
        .is_some_and(|report| report != PhysicalReport::RETURN_OF_MAIL_BY_PDS)
    {
        add("Physical Delivery Report Requested".into());
    }
    if found::<ProofOfDeliveryRequest>(extensions) == Some(Requested::REQUESTED) {
        add("Proof of Delivery Requested".into());
    }
}

/// The value of an extension. One that cannot be read has been judged before.
fn found<E: Extension>(extensions: &[ExtensionField]) -> Option<E::Value> {
    E::find(extensions).ok().flatten()
}

fn words(label: Option<&str>, number: i64) -> String {
    label.map_or_else(|| number.to_string(), spaced)
}

/// `mhs-delivery` as people write it.
fn spaced(label: &str) -> String {
    label.replace('-', " ")
}
