//! What was made, for people and for programs.

use serde_json::{Value, json};

use super::{Failure, Form, Made, Options};
use crate::conversion::{Back, Mail, Output};
use crate::decode::{self, Kind, render};
use crate::explain::text;
use crate::mixer::loss::Losses;
use crate::mixer::mail::{BodyType, Returned};

/// The octets of what was made, if they are of the form that was asked for.
///
/// # Errors
/// [`Failure::BadInput`]: a mail is no BER, and what X.400 gets is no mail.
pub(super) fn octets(made: &Made, form: Form, options: &Options) -> Result<Vec<u8>, Failure> {
    match (&made.output, form) {
        (Output::X400 { content, .. }, Form::Ber) if options.content => Ok(content.clone()),
        (Output::X400 { apdu, .. }, Form::Ber) => Ok(apdu.clone()),
        (Output::Mail(mail), Form::Mail) => Ok(mail.octets.clone()),
        (Output::X400 { .. }, _) => Err(Failure::BadInput(
            "error: a message of X.400 is no mail\nhelp: --format ber writes its octets".into(),
        )),
        (Output::Mail(_), _) => Err(Failure::BadInput(
            "error: a mail is not written as BER\nhelp: --format mail writes its octets".into(),
        )),
    }
}

/// For people.
pub(super) fn text(made: &Made, options: &Options) -> String {
    let mut text = match (&made.back, &made.output) {
        (Some(back), _) => round_trip(made, back),
        (None, Output::X400 { .. }) => render::text(&document(made, options), render::Limits::BRIEF),
        (None, Output::Mail(mail)) => mail_text(mail),
    };
    for refused in &made.refused {
        text.push_str(&format!("not for {refused}\n"));
    }
    if options.explain {
        text.push_str(&explanation(made));
    }
    text
}

/// For programs.
pub(super) fn json(made: &Made, options: &Options) -> Value {
    let mut whole = match (&made.back, &made.output) {
        (Some(back), _) => json!({
            "same": back.comparison.is_same(),
            "compared": back.comparison.fields,
            "differences": back.comparison.differences,
            "parts": back.comparison.parts,
            "losses-there": made.losses,
            "losses-back": back.losses,
        }),
        (None, Output::X400 { .. }) if !options.explain => return render::json(&document(made, options)),
        (None, Output::X400 { .. }) => json!({ "message": render::json(&document(made, options)) }),
        (None, Output::Mail(mail)) => mail_json(mail),
    };
    if let Some(members) = whole.as_object_mut() {
        if options.explain {
            members.insert("explained".into(), json!(made.told));
        }
        if !made.refused.is_empty() {
            members.insert("refused".into(), json!(made.refused));
        }
    }
    whole
}

fn document(made: &Made, options: &Options) -> decode::Document {
    match &made.output {
        Output::X400 { content, .. } if options.content => decode::decode(content, Some(Kind::Content)),
        Output::X400 { apdu, .. } => decode::decode(apdu, Some(Kind::MtsApdu)),
        Output::Mail(mail) => decode::decode(&mail.octets, None),
    }
}

/// The commands of SMTP, an empty line, and the mail.
fn mail_text(mail: &Mail) -> String {
    let mut text = format!("MAIL FROM:<{}>", mail.reverse_path.as_deref().unwrap_or_default());
    parameters(mail).iter().for_each(|parameter| text.push_str(&format!(" {parameter}")));
    text.push('\n');
    for recipient in &mail.recipients {
        text.push_str(&format!("RCPT TO:<{}>", recipient.address));
        if let Some(notify) = &recipient.notify {
            text.push_str(&format!(" NOTIFY={}", notify.join(",")));
        }
        if let Some((kind, address)) = &recipient.original_recipient {
            text.push_str(&format!(" ORCPT={kind};{address}"));
        }
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&String::from_utf8_lossy(&mail.octets).replace("\r\n", "\n"));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The parameters of MAIL, with values for people: not in xtext, and times as dates.
fn parameters(mail: &Mail) -> Vec<String> {
    let options = &mail.options;
    let date = crate::message::date::format_date;
    let body = options.body.map(|body| match body {
        BodyType::SevenBit => "7BIT",
        BodyType::EightBitMime => "8BITMIME",
        BodyType::BinaryMime => "BINARYMIME",
    });
    let returned = options.returned.map(|returned| match returned {
        Returned::Full => "FULL",
        Returned::Headers => "HDRS",
    });
    [
        body.map(|body| format!("BODY={body}")),
        returned.map(|returned| format!("RET={returned}")),
        options.envelope_id.as_ref().map(|id| format!("ENVID={id}")),
        options.priority.map(|priority| format!("MT-PRIORITY={priority}")),
        options.return_after.map(|time| format!("BY={} (R)", date(time))),
        options.hold_until.map(|time| format!("HOLDUNTIL={}", date(time))),
        options.smtp_utf8.then(|| "SMTPUTF8".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn mail_json(mail: &Mail) -> Value {
    let recipients: Vec<Value> = mail
        .recipients
        .iter()
        .map(|one| {
            let original = one.original_recipient.as_ref().map(|(kind, address)| format!("{kind};{address}"));
            json!({
                "number": one.number, "address": one.address,
                "notify": one.notify, "original-recipient": original,
            })
        })
        .collect();
    let mut whole = json!({
        "reverse-path": mail.reverse_path,
        "parameters": parameters(mail),
        "recipients": recipients,
    });
    if let Some(members) = whole.as_object_mut() {
        match std::str::from_utf8(&mail.octets) {
            Ok(text) => members.insert("mail".into(), text.into()),
            Err(_) => {
                let encoded = base64_simd::STANDARD.encode_to_string(&mail.octets);
                members.insert("mail-base64".into(), encoded.into())
            }
        };
    }
    whole
}

/// What there and back lost.
fn round_trip(made: &Made, back: &Back) -> String {
    let comparison = &back.comparison;
    let lost: Vec<_> = comparison.differences.iter().filter(|one| one.was.is_some()).collect();
    let added: Vec<_> = comparison.differences.iter().filter(|one| one.was.is_none()).collect();
    let mut text = format!("{} fields compared, {} not the same\n", comparison.fields, lost.len());
    lost.iter().for_each(|one| text.push_str(&format!("  {one}\n")));
    if !added.is_empty() {
        text.push_str("new\n");
        added.iter().for_each(|one| text.push_str(&format!("  {one}\n")));
    }
    text.push_str("parts\n");
    comparison.parts.iter().for_each(|part| text.push_str(&format!("  {part}\n")));
    for (way, losses) in [("there", &made.losses), ("back", &back.losses)] {
        text.push_str(&format!("losses on the way {way}\n{}", list(losses)));
    }
    text
}

/// Where each output field came from, then what was lost.
pub(super) fn explanation(made: &Made) -> String {
    made.told.as_ref().map(|told| format!("\n{}", text::message(told))).unwrap_or_default()
}

fn list(losses: &Losses) -> String {
    match losses.as_slice() {
        [] => "  nothing\n".to_owned(),
        several => several.iter().map(|loss| format!("  {loss}\n")).collect(),
    }
}
