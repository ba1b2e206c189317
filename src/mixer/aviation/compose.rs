//! A mail as an ATS message (ledger beyond V-05, V-06, V-07, V-12, V-15).

use bytes::Bytes;
use rasn_x400::prim::GeneralizedTime;
use rasn_x400::x411::address::UniversalOrBmp;
use rasn_x400::x411::envelope::{MessageTransferEnvelope, PerMessageIndicators, Priority};
use rasn_x400::x420::heading::{
    AuthorizationTime, Heading, HeadingExtension, NotificationRequests, OriginatorsReference, Precedence,
    PrecedencePolicyIdentifier,
};
use time::{OffsetDateTime, UtcOffset};

use super::header::{AtsHeader, AtsPriority, filing_time, fitting_optional, is_filing_time};
use super::{
    Aviation, AviationFault, FILING_TIME_FIELD, Form, OPTIONAL_FIELD, PRECEDENCE_POLICY, PRIORITY_FIELD,
};
use crate::message::date::parse_date;
use crate::message::{Message, Structure};
use crate::mixer::charset::{decode_text, decode_words, nearest_ascii};
use crate::mixer::loss::{Losses, Trail};
use crate::mixer::to_x400::Input;

/// Characters of a line of a telegraph (V-10).
const LINE: usize = 69;

/// An ATS message on its way.
#[derive(Debug, Clone)]
pub(crate) struct Composed {
    /// The mail, with a text that is as it goes to X.400.
    pub(crate) content: Bytes,
    /// What its header says.
    pub(crate) header: AtsHeader,
    /// Where that stands.
    form: Form,
    /// Filing time with year and month.
    filed: OffsetDateTime,
    /// Whether a receipt is wanted: for SS, unless the text acknowledges something itself (V-06).
    receipt: bool,
}

/// Makes an ATS message of a mail all of whose recipients are in domains of aviation; `None` for any other mail.
///
/// # Errors
/// The mail is for such recipients and cannot be one.
pub(crate) fn compose(
    message: &Message,
    input: &Input,
    aviation: Option<&Aviation>,
    now: OffsetDateTime,
    losses: &mut Losses,
) -> Result<Option<Composed>, AviationFault> {
    let Some(aviation) = aviation else { return Ok(None) };
    let is_of_aviation = |address: &str| {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        aviation.domains.iter().any(|known| known.eq_ignore_ascii_case(domain))
    };
    if !input.recipients.iter().all(|recipient| is_of_aviation(&recipient.address)) {
        return Ok(None);
    }
    let root = message.root();
    let media = &root.media;
    if !media.is("text", "plain") || !matches!(root.structure, Structure::Leaf) || root.is_attachment() {
        return Err(AviationFault::NotOneText);
    }
    let octets = root.octets_decoded().octets;
    let text = decode_text(&octets, media.parameter("charset")).ok_or(AviationFault::NotOneText)?;
    let field = |name: &str| message.header().value(name);
    let priority = priority(message, input, aviation)?;
    let filed = field("Date").and_then(parse_date).unwrap_or(now);
    let said = field(FILING_TIME_FIELD).map(str::trim).filter(|digits| is_filing_time(digits));
    let filing_time = said.map_or_else(|| filing_time(filed), str::to_owned);
    let subject = field("Subject").filter(|_| aviation.subject_as_optional);
    let optional = field(OPTIONAL_FIELD).or(subject).map(|text| nearest_ascii(&decode_words(text), '?'));
    let optional = optional.and_then(|text| {
        let fitting = fitting_optional(&text, priority);
        if fitting.as_deref() != Some(text.trim()) {
            losses.replaced(
                "header",
                text,
                "longer than OHI may be",
                "beyond V-05",
                fitting.clone().unwrap_or_default(),
            );
        }
        fitting
    });
    let header = AtsHeader { priority, filing_time, optional };
    let mut plain = String::new();
    for line in text.lines() {
        let ascii = nearest_ascii(line, '?');
        if ascii != line {
            losses.replaced("body", line, "characters beyond the network's", "beyond V-09", ascii.as_str());
        }
        for line in folded(&ascii, aviation.fold) {
            plain.push_str(&line);
            plain.push_str("\r\n");
        }
    }
    let receipt = priority == AtsPriority::Ss && !is_acknowledgement(&plain);
    let body = match aviation.form {
        Form::Text => format!("{}{plain}", header.to_text()),
        Form::Extensions => plain,
    };
    let mut content = Vec::new();
    for field in message.header().fields() {
        let is_content = field.starts_with("Content-") || field.is("MIME-Version");
        let is_ours = [PRIORITY_FIELD, FILING_TIME_FIELD, OPTIONAL_FIELD].iter().any(|name| field.is(name));
        if !is_content && !is_ours {
            content.extend_from_slice(&field.octets);
            if !content.ends_with(b"\n") {
                content.extend_from_slice(b"\r\n");
            }
        }
    }
    content.extend_from_slice(b"\r\n");
    content.extend_from_slice(body.as_bytes());
    Ok(Some(Composed { content: content.into(), header, form: aviation.form, filed, receipt }))
}

/// V-15: what the mail says of ATS, then its priority; SS only of those who may.
fn priority(message: &Message, input: &Input, aviation: &Aviation) -> Result<AtsPriority, AviationFault> {
    let sender = input.reverse_path.as_deref().unwrap_or_default();
    let may_be_distress = aviation.distress_senders.iter().any(|known| known.eq_ignore_ascii_case(sender));
    let said = message.header().value(PRIORITY_FIELD).and_then(AtsPriority::of_letters);
    if said == Some(AtsPriority::Ss) && !may_be_distress {
        return Err(AviationFault::Distress);
    }
    if let Some(said) = said {
        return Ok(said);
    }
    let level = input.options.priority.or_else(|| {
        let word = message.header().value("Priority").and_then(crate::mixer::envelope::priority_word)?;
        Some(match word {
            Priority::URGENT => 4,
            Priority::NON_URGENT => -4,
            _ => 0,
        })
    });
    Ok(match level.unwrap_or(0) {
        4.. if may_be_distress => AtsPriority::Ss,
        4.. => AtsPriority::Ff,
        ..=-4 => AtsPriority::Kk,
        _ => aviation.ordinary,
    })
}

/// Lines in capitals of at most 69 characters, if the operator asks for it.
fn folded(line: &str, fold: bool) -> Vec<String> {
    if !fold || line.is_empty() {
        return vec![line.to_owned()];
    }
    let capitals = line.to_ascii_uppercase();
    capitals.as_bytes().chunks(LINE).map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect()
}

/// An acknowledgement of a distress message begins with `R`, the filing time and the address of what it acknowledges.
fn is_acknowledgement(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    words.next() == Some("R") && words.next().is_some_and(|time| time.get(..6).is_some_and(is_filing_time))
}

impl Composed {
    /// What the heading says on top: a receipt for SS, and what the extended service has there.
    pub(crate) fn complete(&self, heading: &mut Heading) -> Result<(), rasn_x400::ber::Error> {
        let recipients = [
            &mut heading.primary_recipients,
            &mut heading.copy_recipients,
            &mut heading.blind_copy_recipients,
        ];
        for recipient in recipients.into_iter().flatten().flatten() {
            if self.receipt {
                recipient.notification_requests =
                    NotificationRequests::with(&[NotificationRequests::RECEIPT]);
            }
            if self.form == Form::Extensions {
                recipient.extensions.push(Precedence::field(&self.header.priority.precedence())?);
            }
        }
        if self.form == Form::Extensions {
            let filed = self.header.moment(self.filed).unwrap_or(self.filed).to_offset(UtcOffset::UTC);
            let time = format!(
                "{:04}{:02}{:02}{:02}{:02}00Z",
                filed.year(),
                u8::from(filed.month()),
                filed.day(),
                filed.hour(),
                filed.minute()
            );
            heading.extensions.push(AuthorizationTime::field(&GeneralizedTime::new(time))?);
            if let Some(optional) = &self.header.optional {
                heading.extensions.push(OriginatorsReference::field(&UniversalOrBmp::from_text(optional))?);
            }
            heading.extensions.push(PrecedencePolicyIdentifier::field(&PRECEDENCE_POLICY)?);
        }
        Ok(())
    }

    /// V-06, V-12: the envelope as the gateways of aviation make it.
    pub(crate) fn address(&self, envelope: &mut MessageTransferEnvelope, trail: &mut Trail) {
        envelope.priority = self.header.priority.priority();
        let letters = self.header.priority.letters();
        trail.made(
            "envelope.priority",
            envelope.priority,
            format_args!("ATS priority {letters}"),
            "beyond V-06",
        );
        envelope.per_message_indicators =
            PerMessageIndicators::with(&[PerMessageIndicators::ALTERNATE_RECIPIENT_ALLOWED]);
    }
}
