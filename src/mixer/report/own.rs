//! What the gateway itself tells the sender of a mail: that it failed, is delayed, or was passed on to where no report comes from
//! (RFC 3464; RFC 3461 5.2; ledger F-13, F-16, beyond D-10): [`notification`].
//!
//! For whoever gives up a mail, holds it longer than the sender may expect, or transfers it to a peer that cannot report.

use time::OffsetDateTime;

use super::multipart::{Part, fields_part, headers_part, message_part, multipart, text_part};
use super::seven_bit::seven_bit;
use crate::message::date::format_date;
use crate::mixer::Context;
use crate::mixer::header_block::{HeaderBlock, phrase};
use crate::mixer::mail::{BodyType, MailOptions, Recipient, Returned};
use crate::mixer::to_internet::{Converted, Work};
use crate::mixer::to_x400::Input;
use crate::status::{Cause, Outcome};

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its number in the mail.
    pub number: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// More about why, for people; nothing if there is no more to say.
    pub explanation: Option<String>,
    /// Whether the sender hears of it unless it wants to hear of nothing: a message with a time limit or a wish to be traced was
    /// relayed to where that is not known (RFC 2852 4.1.4).
    pub unless_never: bool,
    /// The system that said so, as a domain or the name of an MTA; nothing if the gateway found out itself.
    pub remote_mta: Option<String>,
    /// Until when a delayed one is tried.
    pub will_retry_until: Option<OffsetDateTime>,
}

/// The notification about a mail that came in at `arrival`; `None` if the sender wants to hear none of it, or is nobody (F-18).
#[must_use]
pub fn notification(
    mail: &Input,
    arrival: OffsetDateTime,
    outcomes: &[Told],
    context: &Context<'_>,
) -> Option<Converted> {
    let sender = mail.reverse_path.clone().filter(|path| !path.is_empty())?;
    let told: Vec<(&Told, &Recipient)> = outcomes
        .iter()
        .filter_map(|one| Some((one, mail.recipients.iter().find(|known| known.number == one.number)?)))
        .filter(|(one, recipient)| wants(recipient, one))
        .collect();
    if told.is_empty() {
        return None;
    }
    let mut work = Work::new(context);
    let returned = returned(mail, &told, &mut work);
    let header = header(&sender, &told, context);
    let mut groups = vec![message_fields(mail, arrival, context)];
    groups.extend(told.iter().map(|(one, recipient)| recipient_fields(one, recipient, &mut work)));
    let text = text(mail, arrival, &told, context);
    let parts = vec![text_part(&text), fields_part("message/delivery-status", &groups), returned];
    let boundary = format!("=_{}_own_x400", context.message_identifier);
    let content = multipart(header, Some("delivery-status"), &boundary, parts);
    let Work { losses, trail, .. } = work;
    Some(Converted {
        reverse_path: None,
        options: MailOptions { body: Some(BodyType::SevenBit), ..MailOptions::default() },
        recipients: vec![Recipient {
            number: 1,
            address: sender,
            notify: Some(vec!["NEVER".to_owned()]),
            ..Recipient::default()
        }],
        content,
        authors: vec![context.settings.administrator()],
        losses,
        trail,
        refused: Vec::new(),
    })
}

/// F-16, D-10: whether the sender wants to hear of it. Who said nothing hears of failure and delay.
fn wants(recipient: &Recipient, one: &Told) -> bool {
    let event = match &one.outcome {
        Outcome::Delivered | Outcome::Relayed => "SUCCESS",
        Outcome::Delayed(_) => "DELAY",
        Outcome::Failed(_) => "FAILURE",
    };
    let has = |events: &[String], event| events.iter().any(|word| word.trim().eq_ignore_ascii_case(event));
    match &recipient.notify {
        None => event != "SUCCESS" || one.unless_never,
        Some(events) => has(events, event) || (one.unless_never && !has(events, "NEVER")),
    }
}

fn header(sender: &str, told: &[(&Told, &Recipient)], context: &Context<'_>) -> HeaderBlock {
    let settings = context.settings;
    let mut header = HeaderBlock::default();
    header.add("From", &format!("{} <{}>", phrase(&settings.administrator_name), settings.administrator()));
    header.add("To", sender);
    header.add("Date", &format_date(context.now));
    header.add("Message-ID", &format!("<{}.report@{}>", context.message_identifier, settings.mail_domain));
    let has = |test: fn(&Outcome) -> bool| told.iter().any(|(one, _)| test(&one.outcome));
    let failed = has(|outcome| matches!(outcome, Outcome::Failed(_)));
    let delayed = has(|outcome| matches!(outcome, Outcome::Delayed(_)));
    let status =
        match (failed, delayed, has(|outcome| matches!(outcome, Outcome::Delivered | Outcome::Relayed))) {
            (true, _, true) => "success and failures",
            (true, _, false) => "failure",
            (false, true, _) => "delay",
            (false, false, _) => "success",
        };
    let whom = match told {
        [(_, only)] => format!(" for {}", only.address),
        _ => String::new(),
    };
    header.add_text("Subject", &format!("Delivery-Report ({status}){whom}"));
    header.add("Auto-Submitted", "auto-replied");
    header
}

fn message_fields(mail: &Input, arrival: OffsetDateTime, context: &Context<'_>) -> HeaderBlock {
    let mut fields = HeaderBlock::default();
    if let Some(identifier) = &mail.options.envelope_id {
        fields.add("Original-Envelope-Id", identifier);
    }
    fields.add("Reporting-MTA", &format!("dns; {}", context.settings.mail_domain));
    fields.add("Arrival-Date", &format_date(arrival));
    fields
}

fn recipient_fields(one: &Told, recipient: &Recipient, work: &mut Work<'_>) -> HeaderBlock {
    let mut fields = HeaderBlock::default();
    if let Some((kind, address)) = &recipient.original_recipient {
        fields.add("Original-Recipient", &format!("{kind}; {address}"));
    }
    fields.add("Final-Recipient", &format!("rfc822; {}", recipient.address));
    fields.add("Action", one.outcome.action());
    let status = one.outcome.enhanced_code().to_string();
    fields.add("Status", &status);
    work.trail.made("Status", status, "what became of the recipient", "F-13");
    if let Outcome::Failed(cause) | Outcome::Delayed(cause) = &one.outcome {
        let code = match cause {
            Cause::Reported { non_delivery, .. } => Some(format!("x400; {non_delivery}")),
            Cause::Replied(reply) => Some(format!("smtp; {reply}")),
            Cause::Notified { diagnostic_code, .. } => {
                diagnostic_code.as_ref().map(|code| format!("smtp; {code}"))
            }
            Cause::Found(_) => None,
        };
        if let Some(code) = code {
            fields.add("Diagnostic-Code", &code);
        }
    }
    if let Some(name) = &one.remote_mta {
        let kind = if name.contains(['/', ' ']) { "x400" } else { "dns" };
        fields.add("Remote-MTA", &format!("{kind}; {name}"));
    }
    let delayed = matches!(one.outcome, Outcome::Delayed(_));
    if let Some(until) = one.will_retry_until.filter(|_| delayed) {
        fields.add("Will-Retry-Until", &format_date(until));
    }
    fields
}

/// The text for people, in the operator's words.
fn text(
    mail: &Input,
    arrival: OffsetDateTime,
    told: &[(&Told, &Recipient)],
    context: &Context<'_>,
) -> String {
    let wording = &context.settings.report_wording;
    let header = crate::message::Message::parse(mail.content.clone());
    let subject = header.header().value("Subject").unwrap_or_default();
    let subject = crate::mixer::charset::decode_words(subject).replace(char::is_control, " ");
    let mut lines = vec![wording.relates_to.clone(), format!("        {subject}"), String::new()];
    lines.extend([format!("{} {}", wording.of, format_date(arrival)), String::new()]);
    for (one, recipient) in told {
        let (words, cause) = match &one.outcome {
            Outcome::Delivered => (&wording.delivered_to, None),
            Outcome::Relayed => (&wording.relayed_to, None),
            Outcome::Delayed(cause) => (&wording.delayed_to, Some(cause)),
            Outcome::Failed(cause) => (&wording.not_delivered_to, Some(cause)),
        };
        lines.extend([String::new(), words.clone(), format!("        {}", recipient.address)]);
        if let Some(cause) = cause {
            let why = match cause {
                Cause::Reported { non_delivery, .. } => wording.meaning(*non_delivery),
                other => other.to_string().replace(char::is_control, " "),
            };
            lines.extend([wording.reason.clone(), format!("        {why}")]);
            let explanation = one.explanation.iter().map(|text| text.replace(char::is_control, " "));
            lines.extend(explanation.map(|text| format!("        {text}")));
        }
        lines.push(String::new());
    }
    lines.extend([String::new(), wording.original_follows.clone(), String::new()]);
    lines.join("\r\n")
}

/// The mail on failure, unless the sender wants its header alone; else its header (RFC 3461 4.3).
fn returned(mail: &Input, told: &[(&Told, &Recipient)], work: &mut Work<'_>) -> Part {
    let failed = told.iter().any(|(one, _)| matches!(one.outcome, Outcome::Failed(_)));
    let (rope, changed) = seven_bit(&mail.content);
    if failed && mail.options.returned != Some(Returned::Headers) {
        if changed {
            work.trail.made("part 3", "in seven bits", "the mail as it came in", "R-11");
        }
        return message_part(rope);
    }
    headers_part(&rope)
}
