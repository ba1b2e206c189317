//! A notification becomes a mail: [`to_internet`].

use rasn_x400::x411::extension::{Extension, RedirectionHistory};
use rasn_x400::x420::Ipm;
use rasn_x400::x420::heading::{Heading, HeadingExtension, HeadingExtensionField, OrDescriptor};
use rasn_x400::x420::notification::{
    AbsenceAdvice, AcknowledgmentMode, ChangeOfAddressAdvice, DiscardReason, Ipn, NonReceiptFields,
    NonReceiptReason, NotificationChoice, ReceiptFields,
};

use super::disposition::Disposition;
use crate::mixer::body::to_internet::{self as body, Opened};
use crate::mixer::charset::t61;
use crate::mixer::correlation::Correlation;
use crate::mixer::encoded_types::object_identifier_text;
use crate::mixer::header_block::{HeaderBlock, phrase};
use crate::mixer::heading::Location;
use crate::mixer::heading::to_internet as heading;
use crate::mixer::report::multipart::{Part, fields_part, joined, message_part, multipart, text_part};
use crate::mixer::report::text_forms::{date, encoded_types, std_or};
use crate::mixer::rope::Rope;
use crate::mixer::settings::NotificationForm;
use crate::mixer::to_internet::{self as message, Converted, Envelope, Input, Refusal, Work};
use crate::mixer::{AddressContext, Context};

/// Converts an X.400 message whose content is a notification. `remembered` is what is known of the message it is about; without
/// it a message identifier that X.400 carries cut stays cut (I-04).
///
/// # Errors
/// As [`message::to_internet`], which does the same for contents of any kind and remembers nothing.
pub fn to_internet(
    input: &Input,
    remembered: Option<&Correlation>,
    context: &Context<'_>,
) -> Result<Converted, Refusal> {
    message::convert(input, remembered, context)
}

/// What a notification is as a mail: its envelope was mapped as that of any message (N-07).
pub(crate) fn entity(
    ipn: &Ipn,
    input: &Input,
    envelope: &mut Envelope,
    remembered: Option<&Correlation>,
    work: &mut Work<'_>,
) -> Rope {
    let mut header = std::mem::take(&mut envelope.trace);
    let originator = descriptor(ipn.ipn_originator.as_ref(), "notification.ipn-originator", work);
    let formal_name = ipn.ipn_originator.as_ref().and_then(|one| one.formal_name.as_ref());
    formal_name.into_iter().for_each(|name| work.note_author(name));
    let sender = originator.clone().or_else(|| envelope.reverse_path.clone());
    // D-55, F-18: nobody reports on a notification.
    envelope.reverse_path = None;
    heading_fields(ipn, input, envelope, sender.as_deref(), remembered, &mut header, work);
    header.append(std::mem::take(&mut envelope.header));
    header.add_told("Auto-Submitted", "auto-replied", ("notification", "D-55"), &mut work.trail);

    let preferred =
        descriptor(ipn.ipm_intended_recipient.as_ref(), "notification.ipm-intended-recipient", work);
    // N-08
    let preferred = preferred.or(originator).or(sender).unwrap_or_default();
    let (lines, returned) = text(ipn, &preferred, work);
    let mut parts = vec![text_part(&lines)];
    let boundary = format!("=_{}_notification_x400", work.context().message_identifier);
    let disposition = Disposition::of(&ipn.choice);
    let form = work.context().settings.notifications;
    if let (NotificationForm::Mdn, Some(disposition)) = (form, disposition) {
        let fields = disposition_fields(ipn, input, disposition, &preferred, remembered, work);
        parts.push(fields_part("message/disposition-notification", &[fields]));
        parts.extend(returned);
        return multipart(header, Some("disposition-notification"), &boundary, parts);
    }
    parts.extend(returned);
    if let [only] = parts.as_mut_slice() {
        let (fields, octets) = std::mem::take(only);
        header.add("MIME-Version", "1.0");
        header.append(fields);
        return joined(&header, octets);
    }
    // N-15
    multipart(header, None, &boundary, parts)
}

/// N-01 to N-06
fn heading_fields(
    ipn: &Ipn,
    input: &Input,
    envelope: &Envelope,
    sender: Option<&str>,
    remembered: Option<&Correlation>,
    header: &mut HeaderBlock,
    work: &mut Work<'_>,
) {
    if let Some(sender) = sender {
        work.trail.made("header From", sender, "notification.ipn-originator", "N-02");
        header.add("From", sender);
    }
    let to: Vec<_> =
        envelope.recipients.iter().map(|one| original(input, one.number, &one.address, work)).collect();
    header.add_told("To", &to.join(", "), ("envelope.recipients", "N-03"), &mut work.trail);
    let failed = matches!(ipn.choice, NotificationChoice::NonReceipt(_));
    let subject = format!("X.400 Inter-Personal Notification{}", if failed { " (failure)" } else { "" });
    header.add_told("Subject", &subject, ("notification", "N-04"), &mut work.trail);
    let kind = "InterPersonal Notification";
    header.add_told("Message-Type", kind, ("notification", "N-04"), &mut work.trail);
    let references = subject_ipm(ipn, remembered, work);
    header.add_told("References", &references, ("notification.subject-ipm", "N-05"), &mut work.trail);
    let context = work.context();
    let message_id = format!("<{}@{}>", context.message_identifier, context.settings.mail_domain);
    header.add_told("Message-ID", &message_id, ("made by the gateway", "N-05"), &mut work.trail);
    let discarded: Vec<_> =
        unknown_extensions(ipn).iter().map(|field| object_identifier_text(&field.kind)).collect();
    if !discarded.is_empty() {
        for name in &discarded {
            let instead = "its name in Discarded-X400-IPMS-Extensions";
            work.losses.replaced(
                "notification",
                format!("extension {name}"),
                "there is no field for it",
                "N-06",
                instead,
            );
        }
        let source = ("notification.notification-extensions", "N-06");
        header.add_told("Discarded-X400-IPMS-Extensions", &discarded.join(", "), source, &mut work.trail);
    }
}

/// N-03: whom the notification was sent to before it was redirected.
fn original(input: &Input, place: u32, address: &str, work: &mut Work<'_>) -> String {
    let fields = usize::try_from(place)
        .ok()
        .and_then(|place| input.envelope.per_recipient_fields.get(place.checked_sub(1)?));
    let history = fields.and_then(|fields| RedirectionHistory::find(&fields.extensions).ok().flatten());
    let Some(first) = history.as_ref().and_then(|history| history.first()) else { return address.to_owned() };
    let source = "envelope.redirection-history";
    match work.mailbox(&first.intended_recipient.recipient, AddressContext::Header, source) {
        Ok(mapped) => mapped.address,
        Err(error) => {
            work.losses.replaced(
                source,
                std_or(&first.intended_recipient.recipient),
                error.to_string(),
                "N-03",
                address,
            );
            address.to_owned()
        }
    }
}

/// N-05: the message it is about, with its angle brackets; whole, if it is remembered how it was (Y-25).
fn subject_ipm(ipn: &Ipn, remembered: Option<&Correlation>, work: &Work<'_>) -> String {
    let subject = &ipn.subject_ipm;
    let user_relative = subject.user_relative_identifier.to_text();
    match remembered.and_then(|known| known.uncut(&user_relative)) {
        Some(whole) => format!("<{whole}>"),
        None => heading::message_id(subject, work),
    }
}

/// Extensions that neither the text nor a field has a place for.
fn unknown_extensions(ipn: &Ipn) -> Vec<&HeadingExtensionField> {
    let inner: &[HeadingExtensionField] = match &ipn.choice {
        NotificationChoice::NonReceipt(fields) => &fields.nrn_extensions,
        NotificationChoice::Receipt(fields) => &fields.rn_extensions,
        NotificationChoice::Other(fields) => fields,
        NotificationChoice::Unknown(_) => &[],
    };
    let known = [AbsenceAdvice::ID, ChangeOfAddressAdvice::ID];
    ipn.notification_extensions.iter().chain(inner).filter(|field| !known.contains(&field.kind)).collect()
}

/// N-08 to N-16: the text, and the message that comes back.
fn text(ipn: &Ipn, preferred: &str, work: &mut Work<'_>) -> (String, Option<Part>) {
    let mut lines = vec![format!("Your message to: {preferred}")];
    let mut part = None;
    match &ipn.choice {
        NotificationChoice::Receipt(fields) => receipt(fields, &mut lines, work),
        NotificationChoice::NonReceipt(fields) => non_receipt(fields, &mut lines, work),
        NotificationChoice::Other(fields) => part = advice(fields, &mut lines, work),
        NotificationChoice::Unknown(_) => {
            lines.push("caused a notification of an unknown kind.".to_owned());
            work.losses.dropped("notification", "what happened", "X.420 knows no such kind", "N-06");
        }
    }
    lines.push(String::new());
    // N-14
    if let Some(types) = &ipn.conversion_eits {
        lines.push(format!("The following information types were converted: {}", encoded_types(types)));
        work.trail.made("text part", encoded_types(types), "notification.conversion-eits", "N-14");
        lines.push(String::new());
    }
    // N-15, N-16
    if let NotificationChoice::NonReceipt(fields) = &ipn.choice {
        part = fields.returned_ipm.as_ref().map(|ipm| message_part(returned(ipm, work)));
        lines.push(
            match part {
                Some(_) => "The Original Message follows:",
                None => "The Original Message is not available",
            }
            .to_owned(),
        );
        lines.push(String::new());
    }
    (lines.join("\r\n"), part)
}

/// N-09 to N-11
fn receipt(fields: &ReceiptFields, lines: &mut Vec<String>, work: &mut Work<'_>) {
    lines.push(format!("was received at {}", date(&fields.receipt_time)));
    lines.push(String::new());
    let manual = fields.acknowledgment_mode == AcknowledgmentMode::MANUAL;
    lines.push(format!(
        "This notification was generated {}",
        if manual { "Manually" } else { "Automatically" }
    ));
    work.trail.made("text part", date(&fields.receipt_time), "notification.receipt-time", "N-09");
    if let Some(more) = &fields.supplementary_receipt_information {
        lines.push("The following extra information was given:".to_owned());
        lines.extend(more.to_text().lines().map(printed));
        work.trail.made("text part", more.to_text(), "notification.suppl-receipt-info", "N-11");
    }
}

/// N-12, N-13
fn non_receipt(fields: &NonReceiptFields, lines: &mut Vec<String>, work: &mut Work<'_>) {
    if fields.non_receipt_reason == NonReceiptReason::IPM_AUTO_FORWARDED {
        lines.push("was automatically forwarded.".to_owned());
        if let Some(comment) = &fields.auto_forward_comment {
            lines.push("The following comment was made:".to_owned());
            lines.extend(comment.to_text().lines().map(|line| format!("   {}", printed(line))));
        }
        work.trail.made("text part", "forwarded", "notification.non-receipt-reason", "N-13");
        return;
    }
    let why = discard_reason(fields.discard_reason);
    lines.push(format!("was discarded for the following reason: {why}"));
    work.trail.made("text part", why, "notification.discard-reason", "N-12");
}

/// Z-39: the reason without a number of its own is the one that X.420 does not use.
pub(crate) const fn discard_reason(reason: Option<DiscardReason>) -> &'static str {
    match reason {
        Some(DiscardReason::IPM_EXPIRED) => "Expired",
        Some(DiscardReason::IPM_OBSOLETED) => "Obsoleted",
        Some(DiscardReason::USER_SUBSCRIPTION_TERMINATED) => "User Subscription Terminated",
        _ => "IPM Deleted",
    }
}

/// Advice of absence or of a new address: RFC 2156 knows neither, so these are words of our own.
fn advice(fields: &[HeadingExtensionField], lines: &mut Vec<String>, work: &mut Work<'_>) -> Option<Part> {
    let mut part = None;
    lines.push("was delivered.".to_owned());
    if let Ok(Some(absence)) = AbsenceAdvice::find(fields) {
        lines.push("The recipient is absent.".to_owned());
        if let Some(back) = &absence.next_available {
            lines.push(format!("The recipient will be back on {}", date(back)));
        }
        if let Some(words) = absence.advice {
            let place = Location { source: "notification.absence-advice.".to_owned(), ..Location::default() };
            let ipm = Ipm { heading: Heading::default(), body: vec![words] };
            let rope = body::entity(&Opened::decoded(&ipm), HeaderBlock::default(), &place, work);
            part = Some(message_part(rope));
        }
        work.trail.made("text part", "absent", "notification.absence-advice", "X.420 8.4");
    }
    if let Ok(Some(change)) = ChangeOfAddressAdvice::find(fields) {
        let source = "notification.change-of-address-advice";
        let address = descriptor(Some(&change.new_address), source, work).unwrap_or_default();
        lines.push(format!("The recipient has a new address: {address}"));
        if let Some(from) = &change.effective_from {
            lines.push(format!("It is valid from {}", date(from)));
        }
        work.trail.made("text part", address, source, "X.420 8.4");
    }
    part
}

/// A message that comes back, as a mail (N-15).
fn returned(ipm: &Ipm, work: &mut Work<'_>) -> Rope {
    let place = Location { source: "notification.returned-ipm.".to_owned(), ..Location::default() };
    let header = heading::header(&ipm.heading, &place, work);
    work.trail.made("part 3", "message/rfc822", "notification.returned-ipm", "N-15");
    body::entity(&Opened::decoded(ipm), header, &place, work)
}

/// Y-02: what machines read.
fn disposition_fields(
    ipn: &Ipn,
    input: &Input,
    disposition: Disposition,
    preferred: &str,
    remembered: Option<&Correlation>,
    work: &mut Work<'_>,
) -> HeaderBlock {
    let settings = work.context().settings;
    let recipient = [&ipn.ipm_intended_recipient, &ipn.ipn_originator].into_iter().flatten();
    let name = recipient
        .filter_map(|one| one.formal_name.as_ref())
        .next()
        .unwrap_or(&input.envelope.originator_name);
    let mut fields = HeaderBlock::default();
    let domain = preferred.trim_end_matches('>').rsplit_once('@').map_or("X.400", |(_, domain)| domain);
    fields.add("Reporting-UA", &format!("{domain}; X.400 user agent"));
    fields.add("MDN-Gateway", &format!("dns; {}", settings.mail_domain));
    // D-60
    let known = remembered.and_then(|known| known.by_name(name));
    if let Some((kind, address)) = known.and_then(|known| known.original_recipient.as_ref()) {
        fields.add("Original-Recipient", &format!("{kind}; {address}"));
    }
    let mailbox = work.mailbox(name, AddressContext::Header, "notification.ipm-intended-recipient").ok();
    let final_recipient = match mailbox {
        // Z-35
        Some(mailbox) if settings.dsn_final_rfc822 => {
            fields.add("X400-IPN-Recipient", &format!("x400; {}", std_or(name)));
            format!("rfc822; {}", mailbox.address)
        }
        _ => format!("x400; {}", std_or(name)),
    };
    fields.add("Final-Recipient", &final_recipient);
    fields.add("Original-Message-ID", &subject_ipm(ipn, remembered, work));
    fields.add("Disposition", disposition.to_text());
    work.trail.made("Disposition", disposition.to_text(), "notification", "Y-02");
    let mut extra = |name: &str, value: String| fields.add(&format!("X400-IPN-{name}"), &value);
    match &ipn.choice {
        NotificationChoice::Receipt(receipt) => {
            extra("Receipt-Time", date(&receipt.receipt_time));
            if let Some(more) = &receipt.supplementary_receipt_information {
                extra("Supplementary-Receipt-Information", printed(&more.to_text()));
            }
        }
        NotificationChoice::NonReceipt(non_receipt) => {
            if disposition == Disposition::Discarded {
                extra("Discard-Reason", discard_reason(non_receipt.discard_reason).to_owned());
            }
            if let Some(comment) = &non_receipt.auto_forward_comment {
                extra("Auto-Forward-Comment", printed(&comment.to_text()));
            }
        }
        NotificationChoice::Other(_) | NotificationChoice::Unknown(_) => {}
    }
    if let Some(types) = &ipn.conversion_eits {
        extra("Conversion-EITs", encoded_types(types));
    }
    fields
}

/// A descriptor as a mailbox for people; `None` without an address, or with one that cannot be carried (F-04).
fn descriptor(descriptor: Option<&OrDescriptor>, source: &str, work: &mut Work<'_>) -> Option<String> {
    let descriptor = descriptor?;
    let name = descriptor.free_form_name.as_ref().map(|name| t61::decode(name.as_bytes()));
    let formal_name = descriptor.formal_name.as_ref()?;
    match work.mailbox(formal_name, AddressContext::Header, source) {
        Ok(mapped) => Some(match name.filter(|name| !name.is_empty()) {
            Some(name) => format!("{} <{}>", phrase(&name), mapped.address),
            None => mapped.address,
        }),
        Err(error) => {
            work.losses.dropped(source, std_or(formal_name), error.to_string(), "F-04");
            None
        }
    }
}

fn printed(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
