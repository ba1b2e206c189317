//! A mail as it is sent: its envelope as the lines of MAIL and RCPT for a server with a given offer, and its content.
//!
//! What a server does not offer is left out where the mail is the same without it, and refused where it is not.

use std::fmt::Write as _;
use std::sync::Arc;

use time::OffsetDateTime;

use super::dkim::{self, Origin, Signer};
use super::offer::Offer;
use crate::mixer::mail::{BodyType, MailOptions, Recipient, Returned};
use crate::mixer::report::seven_bit;
use crate::mixer::rope::Rope;
use crate::smtp::command::parameters::to_xtext;
use crate::smtp::command::{Command, ForwardPath, Mailbox, RecipientParameters, Tolerances};
use crate::status::{EnhancedCode, Failure, StatusDetail};

/// Octets of ENVID and of ORCPT as written (RFC 3461 5.4).
const ENVELOPE_ID: usize = 100;
const ORIGINAL_RECIPIENT: usize = 500;

/// A mail for recipients that are reached in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Without angle brackets; `None` is the null reverse path.
    pub reverse_path: Option<String>,
    /// The parameters of MAIL.
    pub options: MailOptions,
    /// At least one.
    pub recipients: Vec<Recipient>,
    /// Header and body, in lines ended by CR LF.
    pub content: Arc<Rope>,
    /// Where it is from.
    pub origin: Origin,
}

/// Why a mail cannot be sent to a server, whatever it would answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Impossible {
    /// What kind of failure that is.
    pub status: EnhancedCode,
    /// In words.
    pub text: String,
}

impl Impossible {
    pub(super) fn new(status: EnhancedCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into() }
    }

    fn failure(failure: Failure, text: impl Into<String>) -> Self {
        Self::new(failure.enhanced_code(), text)
    }
}

/// How the content is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transmission {
    /// DATA, with a dot at the end.
    Lines,
    /// One BDAT with all of it.
    Chunk,
}

/// A mail in the form that a server takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The line of MAIL, without its end.
    pub mail: String,
    /// The lines of RCPT in the order of the recipients; or why there is none.
    pub recipients: Vec<Result<String, Impossible>>,
    /// The content, in seven bits where the server takes no more.
    pub content: Arc<Rope>,
    /// How it is sent.
    pub transmission: Transmission,
}

/// The form of a mail that a server with this offer takes. `chunking` is whether BDAT is wanted where it is offered.
///
/// # Errors
/// [`Impossible`] if it takes none.
pub fn prepare(
    mail: &Mail,
    offer: &Offer,
    chunking: bool,
    now: OffsetDateTime,
) -> Result<Prepared, Impossible> {
    prepare_signed(mail, offer, chunking, (&[], &mut Kept::default()), now)
}

/// What was made of the content of a mail for servers with one offer, for the next transaction: encoding, hashing and signing take as long
/// as sending.
#[derive(Debug, Default)]
pub struct Kept(Option<(Offer, Arc<Rope>, BodyType)>);

/// The same, signed by those who answer for its author. What is signed is what this server gets. `kept` is of this mail and these signers.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_signed(
    mail: &Mail,
    offer: &Offer,
    chunking: bool,
    (signers, kept): (&[Signer], &mut Kept),
    now: OffsetDateTime,
) -> Result<Prepared, Impossible> {
    let may_be_chunk = offer.chunking && chunking;
    let recipients: Vec<_> =
        mail.recipients.iter().map(|one| recipient_line(one, offer).map_err(|why| *why)).collect();
    let utf8 = !mail.reverse_path.as_ref().is_none_or(|path| path.is_ascii())
        || mail.recipients.iter().any(|one| !one.address.is_ascii());
    let (content, body) = match kept.0.take() {
        Some((of, content, body)) if of == *offer => (content, body),
        _ => {
            let body = mail.options.body.unwrap_or_else(|| BodyType::of(&mail.content));
            let original = match mail.options.priority {
                Some(priority) if !offer.mt_priority => with_priority(&mail.content, priority),
                _ => Arc::clone(&mail.content),
            };
            let (content, body) = content(&original, body, offer);
            // Nobody signs what is not sent.
            is_small_enough(content.len(), offer)?;
            mail_line(mail, body, utf8, content.len(), offer, now)?;
            (signed(content, signers, &mail.origin), body)
        }
    };
    kept.0 = Some((offer.clone(), Arc::clone(&content), body));
    is_small_enough(content.len(), offer)?;
    let mail_line = mail_line(mail, body, utf8, content.len(), offer, now)?;
    // Only a chunk holds what is no lines.
    let transmission =
        if may_be_chunk || body == BodyType::BinaryMime { Transmission::Chunk } else { Transmission::Lines };
    Ok(Prepared { mail: mail_line, recipients, content, transmission })
}

/// RFC 1870 6.1, D-41
fn is_small_enough(length: usize, offer: &Offer) -> Result<(), Impossible> {
    let Some(limit) = offer.size.flatten().filter(|limit| length as u64 > *limit) else { return Ok(()) };
    let text = format!("a mail of {length} octets, and the next server takes at most {limit}");
    Err(Impossible::new(StatusDetail::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4.permanent(), text))
}

/// The content with the fields that sign it.
fn signed(content: Arc<Rope>, signers: &[Signer], origin: &Origin) -> Arc<Rope> {
    let signatures = dkim::signatures(signers, &content, origin);
    if signatures.is_empty() {
        return content;
    }
    let mut signed = Rope::default();
    signed.push(signatures);
    signed.append(Rope::clone(&content));
    Arc::new(signed)
}

/// M-22: the priority as a field, for a server that knows no parameter for it, and nothing else that says what it is (RFC 6758 3).
fn with_priority(content: &Arc<Rope>, priority: i8) -> Arc<Rope> {
    let Some((header, rest)) = content.header_and_rest() else { return Arc::clone(content) };
    let mut written = Vec::with_capacity(header.len() + 20);
    let mut left_out = false;
    for line in header.split_inclusive(|octet| *octet == b'\n') {
        let goes_on = matches!(line.first(), Some(b' ' | b'\t'));
        left_out = if goes_on { left_out } else { is_priority(line) };
        if line == b"\r\n" {
            written.extend_from_slice(format!("MT-Priority: {priority}\r\n\r\n").as_bytes());
        } else if !left_out {
            written.extend_from_slice(line);
        }
    }
    let mut rope = Rope::default();
    rope.push(written);
    rope.append(rest);
    Arc::new(rope)
}

fn is_priority(line: &[u8]) -> bool {
    const NAME: &[u8] = b"MT-Priority";
    line.split(|octet| *octet == b':')
        .next()
        .is_some_and(|name| name.trim_ascii_end().eq_ignore_ascii_case(NAME))
}

/// The content in octets that the server takes, and which those are (D-40, RFC 6152 3, RFC 3030 4).
fn content(content: &Arc<Rope>, body: BodyType, offer: &Offer) -> (Arc<Rope>, BodyType) {
    let taken = match body {
        BodyType::SevenBit => true,
        BodyType::EightBitMime => offer.eight_bit_mime,
        BodyType::BinaryMime => offer.binary_mime && offer.chunking,
    };
    if taken {
        return (Arc::clone(content), body);
    }
    let (encoded, _) = seven_bit::seven_bit(&content.to_vec().into());
    let body = BodyType::of(&encoded);
    (Arc::new(encoded), body)
}

fn mail_line(
    mail: &Mail,
    body: BodyType,
    utf8: bool,
    length: usize,
    offer: &Offer,
    now: OffsetDateTime,
) -> Result<String, Impossible> {
    let path = mail.reverse_path.as_deref().unwrap_or_default();
    if !path.is_empty() {
        mailbox(path).ok_or_else(|| {
            let text = format!("`{path}` cannot be a reverse path in SMTP");
            Impossible::new(StatusDetail::BAD_SENDER_SYNTAX_X_1_7.permanent(), text)
        })?;
    }
    let mut line = format!("MAIL FROM:<{path}>");
    let mut add = |parameter: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = write!(line, " {parameter}");
    };
    if offer.size.is_some() {
        add(format_args!("SIZE={length}"));
    }
    match body {
        BodyType::BinaryMime if offer.binary_mime && offer.chunking => add(format_args!("BODY=BINARYMIME")),
        BodyType::BinaryMime => {
            let text = "lines that no mail may have, and the next server does not take binary content";
            return Err(Impossible::failure(Failure::ConversionImpossible, text));
        }
        BodyType::EightBitMime if offer.eight_bit_mime => add(format_args!("BODY=8BITMIME")),
        BodyType::EightBitMime => {
            let text = "eight bits that cannot be encoded, and the next server takes seven";
            return Err(Impossible::failure(Failure::ConversionImpossible, text));
        }
        BodyType::SevenBit => {}
    }
    if utf8 {
        if offer.smtp_utf8 {
            add(format_args!("SMTPUTF8"));
        } else if !path.is_ascii() {
            // D-35
            let text = format!("`{path}` is outside US-ASCII, and the next server does not offer SMTPUTF8");
            return Err(Impossible::failure(Failure::AddressNotAscii, text));
        }
    }
    if offer.dsn {
        if let Some(returned) = mail.options.returned {
            let word = match returned {
                Returned::Full => "FULL",
                Returned::Headers => "HDRS",
            };
            add(format_args!("RET={word}"));
        }
        let identifier = mail.options.envelope_id.as_deref().filter(|text| is_printable(text)).map(to_xtext);
        if let Some(xtext) = identifier.filter(|xtext| xtext.len() <= ENVELOPE_ID) {
            add(format_args!("ENVID={xtext}"));
        }
    }
    if let Some(by) = mail.options.return_after {
        let left = (by - now).whole_seconds();
        if left <= 0 {
            // D-20
            return Err(Impossible::failure(Failure::DeliverByExpired, "the time to deliver it is over"));
        }
        // RFC 2852 4.1.3: a server that needs more time is one that does not know the extension (D-20).
        if offer.deliver_by.is_some_and(|least| left >= i64::from(least)) {
            add(format_args!("BY={};R", left.min(999_999_999)));
        }
    }
    if let Some(priority) = mail.options.priority.filter(|_| offer.mt_priority) {
        add(format_args!("MT-PRIORITY={priority}"));
    }
    Ok(line)
}

fn recipient_line(recipient: &Recipient, offer: &Offer) -> Result<String, Box<Impossible>> {
    let address = &recipient.address;
    let read = mailbox(address).ok_or_else(|| {
        let text = format!("`{address}` cannot be a recipient in SMTP");
        Impossible::new(StatusDetail::BAD_MAILBOX_SYNTAX_X_1_3.permanent(), text)
    })?;
    if read.is_internationalised() && !offer.smtp_utf8 {
        let text = format!("`{address}` is outside US-ASCII, and the next server does not offer SMTPUTF8");
        return Err(Impossible::failure(Failure::AddressNotAscii, text).into());
    }
    let mut line = format!("RCPT TO:<{address}>");
    if offer.dsn {
        if let Some(words) = recipient.notify.as_ref().filter(|words| !words.is_empty()) {
            let _ = write!(line, " NOTIFY={}", words.join(",").to_ascii_uppercase());
        }
        if let Some((kind, original)) = &recipient.original_recipient {
            let parameter = format!("ORCPT={kind};{}", to_xtext(original));
            let is_word = kind.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
            if is_word && parameter.len() <= ORIGINAL_RECIPIENT {
                let _ = write!(line, " {parameter}");
            }
        }
    }
    Ok(line)
}

/// The address, if a server could read it: nothing that is written into a command may end it.
pub(super) fn mailbox(address: &str) -> Option<Mailbox> {
    if address.chars().any(char::is_control) {
        return None;
    }
    match Command::parse(format!("RCPT TO:<{address}>").as_bytes(), Tolerances::default()).ok()? {
        Command::Recipient { forward_path: ForwardPath::Mailbox(mailbox), parameters }
            if parameters == RecipientParameters::default() && mailbox.to_string() == address =>
        {
            Some(mailbox)
        }
        _ => None,
    }
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|octet| matches!(octet, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOON: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn mail(content: &str) -> Mail {
        let mut rope = Rope::default();
        rope.push(content.as_bytes().to_vec());
        Mail {
            reverse_path: Some("ann@a.example".into()),
            options: MailOptions {
                envelope_id: Some("X400-MTS-Identifier: [/C=XX/;1]".into()),
                returned: Some(Returned::Headers),
                return_after: Some(datetime!(2026-11-27 12:05 UTC)),
                priority: Some(4),
                ..MailOptions::default()
            },
            recipients: vec![Recipient {
                number: 1,
                address: "joe@b.example".into(),
                notify: Some(vec!["success".into(), "FAILURE".into()]),
                original_recipient: Some(("x400".into(), "/S=joe/C=XX/".into())),
            }],
            content: Arc::new(rope),
            origin: dkim::tests::ours(),
        }
    }

    fn everything() -> Offer {
        Offer {
            pipelining: true,
            eight_bit_mime: true,
            chunking: true,
            binary_mime: true,
            start_tls: true,
            size: Some(Some(1_000)),
            dsn: true,
            deliver_by: Some(60),
            mt_priority: true,
            smtp_utf8: true,
            maximum_recipients: None,
            authentication: Vec::new(),
        }
    }

    /// D-10, D-11, D-20, D-40, D-41: what is offered is used, and nothing else.
    // ledger: beyond D-10 D-11 D-20 D-40 D-41 M-21
    #[test]
    fn parameters_follow_the_offer() {
        let text = "Subject: x\r\n\r\nhello\r\n";
        let all = prepare(&mail(text), &everything(), true, NOON).unwrap();
        assert_eq!(
            all.mail,
            "MAIL FROM:<ann@a.example> SIZE=21 RET=HDRS ENVID=X400-MTS-Identifier:+20[/C+3DXX/;1] BY=300;R MT-PRIORITY=4"
        );
        let expected = "RCPT TO:<joe@b.example> NOTIFY=SUCCESS,FAILURE ORCPT=x400;/S+3Djoe/C+3DXX/";
        assert_eq!(all.recipients, [Ok(expected.to_owned())]);
        assert_eq!(all.transmission, Transmission::Chunk);
        let none = prepare(&mail(text), &Offer::default(), true, NOON).unwrap();
        assert_eq!(none.mail, "MAIL FROM:<ann@a.example>");
        assert_eq!(none.recipients, [Ok("RCPT TO:<joe@b.example>".to_owned())]);
        assert_eq!(none.transmission, Transmission::Lines);
        let slow = Offer { deliver_by: Some(600), ..Offer::default() };
        assert_eq!(prepare(&mail(text), &slow, true, NOON).unwrap().mail, "MAIL FROM:<ann@a.example>");
        let null = Mail { reverse_path: None, options: MailOptions::default(), ..mail(text) };
        assert_eq!(prepare(&null, &everything(), true, NOON).unwrap().mail, "MAIL FROM:<> SIZE=21");
    }

    /// M-22: where the parameter is not known, a field says it, and it alone.
    // ledger: beyond M-22
    #[test]
    fn a_priority_travels_in_a_field_where_it_must() {
        let text = "Subject: x\r\nmt-priority : 6\r\n (folded)\r\nTo: y\r\n\r\nMT-Priority: body\r\n";
        let sent = |offer: &Offer| text_of(&prepare(&mail(text), offer, true, NOON).unwrap());
        assert_eq!(sent(&Offer { mt_priority: true, ..Offer::default() }), text);
        assert_eq!(
            sent(&Offer::default()),
            "Subject: x\r\nTo: y\r\nMT-Priority: 4\r\n\r\nMT-Priority: body\r\n"
        );
        let mut none = mail(text);
        none.options.priority = None;
        assert_eq!(text_of(&prepare(&none, &Offer::default(), true, NOON).unwrap()), text);
    }

    fn text_of(prepared: &Prepared) -> String {
        String::from_utf8(prepared.content.to_vec()).unwrap()
    }

    /// D-40: eight bits where they are taken, and seven where they are not.
    #[test]
    fn octets_become_what_the_server_takes() {
        let header = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
        let eight = mail(&format!("{header}Grüße\r\n"));
        let offer = Offer { eight_bit_mime: true, ..Offer::default() };
        let prepared = prepare(&eight, &offer, true, NOON).unwrap();
        assert_eq!(prepared.mail, "MAIL FROM:<ann@a.example> BODY=8BITMIME");
        assert!(text_of(&prepared).contains("\r\nMT-Priority: 4\r\n\r\nGrüße\r\n"), "{}", text_of(&prepared));
        let prepared = prepare(&eight, &Offer::default(), true, NOON).unwrap();
        assert_eq!(prepared.mail, "MAIL FROM:<ann@a.example>");
        let octets = String::from_utf8(prepared.content.to_vec()).unwrap();
        assert!(octets.is_ascii() && octets.contains("Content-Transfer-Encoding: base64"), "{octets}");
        // lines no server need take are encoded, or go as a chunk.
        let long = mail(&format!("{header}{}\r\n", "x".repeat(2_000)));
        let prepared = prepare(&long, &offer, true, NOON).unwrap();
        assert_eq!(
            (BodyType::of(&prepared.content), prepared.transmission),
            (BodyType::SevenBit, Transmission::Lines)
        );
        let unlimited = Offer { size: None, ..everything() };
        let prepared = prepare(&long, &unlimited, false, NOON).unwrap();
        assert!(prepared.mail.contains(" BODY=BINARYMIME "), "{}", prepared.mail);
        assert_eq!((prepared.content, prepared.transmission), (long.content, Transmission::Chunk));
    }

    #[test]
    fn what_cannot_be_sent_is_refused_with_its_status() {
        let refused = |mail: &Mail, offer: &Offer| {
            prepare(mail, offer, true, NOON).map(|prepared| prepared.mail).unwrap_err().status.to_string()
        };
        let good = mail("a\r\n");
        let large = Offer { size: Some(Some(2)), ..Offer::default() };
        assert_eq!(refused(&good, &large), "5.3.4");
        let mut late = good.clone();
        late.options.return_after = Some(NOON);
        assert_eq!(refused(&late, &everything()), "5.4.7");
        let odd = |path: &str| Mail { reverse_path: Some(path.into()), ..good.clone() };
        assert_eq!(refused(&odd("a b"), &everything()), "5.1.7");
        assert_eq!(refused(&odd("a@b.example> SIZE=1"), &everything()), "5.1.7");
        assert_eq!(refused(&odd("a@b.example\r\nRSET"), &everything()), "5.1.7");
        // D-35
        assert_eq!(refused(&odd("grüße@b.example"), &Offer::default()), "5.6.7");
        assert!(
            prepare(&odd("grüße@b.example"), &everything(), true, NOON).unwrap().mail.contains(" SMTPUTF8")
        );
        let mut wrong = good.clone();
        for (address, status) in [("grüße@b.example", "5.6.7"), ("a@b@c", "5.1.3"), ("x>\r\n", "5.1.3")] {
            wrong.recipients[0].address = address.into();
            let prepared = prepare(&wrong, &Offer::default(), true, NOON).unwrap();
            assert_eq!(prepared.recipients[0].as_ref().unwrap_err().status.to_string(), status, "{address}");
        }
    }

    /// What is signed is what the server gets: the octets after they were encoded, with the field of the priority.
    #[test]
    fn signatures_are_about_what_is_sent() {
        let signer = dkim::tests::signer("a.example");
        let priority = MailOptions { priority: Some(3), ..MailOptions::default() };
        let mail =
            Mail { options: priority, ..mail("From: <ann@a.example>\r\nSubject: s\r\n\r\n\u{e4}\r\n") };
        let signers = [signer];
        let unsigned = prepare(&mail, &Offer::default(), true, NOON).unwrap();
        let kept = &mut Kept::default();
        let signed = prepare_signed(&mail, &Offer::default(), true, (&signers, kept), NOON).unwrap();
        let field = dkim::signatures(&signers, &unsigned.content, &mail.origin);
        assert!(!field.is_empty() && text_of(&unsigned).is_ascii());
        assert_eq!(text_of(&signed), format!("{}{}", String::from_utf8(field).unwrap(), text_of(&unsigned)));
    }
    /// What was encoded and signed once is so in the next transaction, unless the server wants it otherwise.
    #[test]
    fn what_was_signed_is_kept() {
        let mail = mail("From: <ann@a.example>\r\n\r\n\u{e4}\r\n");
        let (signers, mut kept) = ([dkim::tests::signer("a.example")], Kept::default());
        let mut sent = |offer: &Offer, mail: &Mail| {
            prepare_signed(mail, offer, true, (&signers, &mut kept), NOON).map(|prepared| prepared.content)
        };
        let plain = Offer::default();
        let first = sent(&plain, &mail).unwrap();
        let others = Mail { recipients: Vec::new(), ..mail.clone() };
        assert!(Arc::ptr_eq(&first, &sent(&plain, &others).unwrap()));
        let eight = sent(&Offer { eight_bit_mime: true, ..plain.clone() }, &mail).unwrap();
        assert_ne!(first, eight);
        assert_eq!(sent(&plain, &mail).unwrap(), first);
        // Signatures count for the size.
        let most = Offer { size: Some(Some(first.len() as u64 - 1)), ..plain };
        assert_eq!(sent(&most, &mail).unwrap_err().status.to_string(), "5.3.4");
    }
}
