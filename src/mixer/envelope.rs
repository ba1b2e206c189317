//! The envelope: SMTP and envelope-like fields towards P1 (RFC 2156 4.6.1, 5.1.5, 5.1.7, 5.2, Appendix A); the submodule
//! `to_internet` is the way back.

mod delivery;
pub(crate) mod names;
pub(crate) mod recipients;
mod reports;
pub(crate) mod services;
pub(crate) mod to_internet;

pub use recipients::mails;
pub use reports::{delivery_text, gateway_reports_delivery};

use std::fmt::Display;

use rasn_x400::oids::EIT_MIXER;
use rasn_x400::prim::{Ia5String, PrintableString, X400Time};
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerMessageIndicators, PerRecipientFields,
    PerRecipientIndicators, Priority,
};
use rasn_x400::x411::extension::{
    ContentCorrelator, ContentCorrelatorValue, ConversionWithLossProhibited, DlExpansion, DlExpansionHistory,
    Extension, ExtensionField, IntendedRecipient, InternalTrace, LatestDeliveryTime, OriginatorReturnAddress,
    Prohibited, Redirection, RedirectionHistory, RedirectionReason,
};
use time::OffsetDateTime;

use super::charset::{decode_words, nearest_ascii};
use super::date::to_utc_time;
use super::encoded_types::EncodedTypes;
use super::heading::field_line;
use super::heading::singles::first;
use super::mail::{Recipient, Returned};
use super::printable::{is_printable, to_printable};
use super::settings::{ContentReturn, MtsIdentifierSource};
use super::to_x400::{Refusal, Work};
use super::trace::{domain_of, traces, utc};
use super::{AddressContext, AddressError, shown};
use crate::message::address::AddressList;
use crate::message::date::parse_date;
use crate::message::identifier::parse_message_id;
use crate::message::lexer::without_comments;
use crate::message::{Field, Header};
pub(crate) use delivery::{delivered, delivery, delivery_takes, has_delivery};

/// The longest content identifier (X.411 ub-content-id-length).
const MAX_CONTENT_IDENTIFIER: usize = 16;
/// The longest content correlator (X.411 ub-content-correlator-length).
const MAX_CORRELATOR: usize = 512;
/// The longest local identifier (X.411 ub-local-id-length).
const MAX_LOCAL_IDENTIFIER: usize = 32;

/// Whether the envelope takes this field: its value is one the envelope can say. Else it travels whole (H-07).
pub(crate) fn takes(field: &Field, work: &Work<'_>) -> bool {
    let value = field.value.as_str();
    match field.name.to_ascii_lowercase().as_str() {
        "received" => true,
        "x400-received" => work.x400_received(value).is_some(),
        "date" | "deferred-delivery" | "latest-delivery-time" => time_of(value).is_some(),
        "original-encoded-information-types" => EncodedTypes::parse(value).1.is_empty(),
        "x400-content-identifier" | "content-identifier" => !value.is_empty(),
        "priority" => priority_word(value).is_some(),
        "conversion" | "conversion-with-loss" => prohibited(value).is_some(),
        "originator-return-address" => mailbox_of(value).is_some(),
        "dl-expansion-history" => expansion(value).is_some(),
        // P-21: `Delivery-Date` has no place in a transfer envelope.
        _ => false,
    }
}

/// Whether a field of Appendix C says something the envelope can say.
pub(crate) fn access_takes(field: &Field) -> bool {
    match field.name.to_ascii_lowercase().as_str() {
        // The name alone says it.
        "prevent-nondelivery-report" | "generate-delivery-report" => true,
        _ => prohibited(&field.value).is_some(),
    }
}

/// Recipients without an X.400 address: number and reason.
type RefusedRecipients = Vec<(u32, AddressError)>;

/// Makes the transfer envelope; recipients without an X.400 address are given back.
pub(crate) fn transfer(
    header: &Header,
    types: &EncodedTypes,
    content_type: ContentType,
    work: &mut Work<'_>,
) -> Result<(MessageTransferEnvelope, RefusedRecipients), Refusal> {
    let originator_name = originator(work)?;
    let (per_recipient_fields, refused) = recipients(header, work)?;
    if per_recipient_fields.is_empty() {
        return Err(Refusal::Recipients(refused));
    }
    // P-04
    let old = work.settings().is_1984();
    let mut converted = if old { types.built_in_only() } else { types.clone() };
    if !old {
        converted.add(EIT_MIXER);
    }
    let mut original = converted.clone();
    for field in header.all("Original-Encoded-Information-Types") {
        // P-20, Z-28, H-03
        let named = EncodedTypes::parse(&field.value).0;
        original.merge(&if old { named.built_in_only() } else { named });
    }
    let named = header.get("Original-Encoded-Information-Types").is_some();
    let source = if named { "body or header Original-Encoded-Information-Types" } else { "body" };
    let shown = std::fmt::from_fn(|f| f.write_str(&original.to_text()));
    let clause = if named { "P-20" } else { "P-04" };
    work.trail.made("envelope.original-encoded-information-types", shown, source, clause);
    let traces = traces(header, &originator_name, &converted, work)?;
    let before = work.trail.as_slice().len();
    let mut extensions = extensions(header, work)?;
    extensions.push(InternalTrace::field(&traces.internal)?);
    if old {
        drop_extensions(&mut extensions, work);
        work.trail.truncate(before);
    } else {
        let name = work.settings().mta_name.as_str();
        work.trail.made("envelope.internal-trace-information", name, "made by the gateway", "P-48");
    }
    let envelope = MessageTransferEnvelope {
        message_identifier: message_identifier(header, work),
        originator_name,
        original_encoded_information_types: Some(original.to_asn1()),
        content_type,
        content_identifier: content_identifier(header, work),
        priority: priority(header, work),
        per_message_indicators: per_message_indicators(header, work),
        deferred_delivery_time: deferred(header, work),
        per_domain_bilateral_information: None,
        trace_information: traces.external,
        extensions,
        per_recipient_fields,
        unknown: Vec::new(),
    };
    Ok((envelope, refused))
}

/// V-10: an envelope of 1984 has no extensions.
fn drop_extensions(extensions: &mut Vec<ExtensionField>, work: &mut Work<'_>) {
    for extension in extensions.drain(..) {
        let number = extension.kind.number().unwrap_or_default();
        work.losses.dropped(
            "envelope",
            format!("extension {number}"),
            "the peer knows no extensions",
            "V-10",
        );
    }
}

/// P-01; Z-25 for the null reverse path.
fn originator(work: &mut Work<'_>) -> Result<OrName, Refusal> {
    let (address, source, clause) = match &work.input.reverse_path {
        Some(path) if !path.is_empty() => (path.clone(), "MAIL FROM", "P-01"),
        _ => (format!("postmaster@{}", work.settings().mail_domain), "the null reverse path", "Z-25"),
    };
    let mapped = work.mapper().to_or(&address, AddressContext::ReturnPath).map_err(Refusal::Sender)?;
    work.explain_address(source, &address, &mapped);
    let shown = shown(work.mapper(), &mapped.or_address);
    work.trail.made("envelope.originator-name", shown, source, clause);
    Ok(mapped.or_address)
}

/// P-02: I-12 if the settings say so, else I-13.
fn message_identifier(header: &Header, work: &mut Work<'_>) -> MtsIdentifier {
    let resent = header.fields().iter().any(|field| field.starts_with("Resent-"));
    let message_id = first(header, &["Message-ID"], parse_message_id).map(|(_, identifier)| identifier);
    let mut found = (work.settings().domain.clone(), work.message_identifier().to_owned(), "I-13");
    let mut source = "the name in the queue";
    let wanted = work.settings().mts_identifier;
    // Z-16: `<` and `>` count.
    let fits = |message_id: &String| {
        wanted == MtsIdentifierSource::MessageId || message_id.len() + 2 <= MAX_LOCAL_IDENTIFIER
    };
    if wanted != MtsIdentifierSource::Gateway
        && !resent
        && let Some(message_id) = message_id.filter(|message_id| message_id.is_ascii()).filter(fits)
        && let Ok(mapped) = work.mapper().to_or(&message_id, AddressContext::ReturnPath)
        && let Some(domain) = domain_of(&mapped.or_address)
    {
        found = (domain, format!("<{message_id}>"), "I-12");
        source = "header Message-ID";
    }
    let (domain, mut local, clause) = found;
    local.truncate(MAX_LOCAL_IDENTIFIER);
    work.trail.made("envelope.message-identifier", local.as_str(), source, clause);
    MtsIdentifier { domain, local_identifier: local.as_str().into(), unknown: Vec::new() }
}

/// P-05, P-07
fn content_identifier(header: &Header, work: &mut Work<'_>) -> Option<PrintableString> {
    // H-54: with and without `X400-`.
    let names = ["X400-Content-Identifier", "Content-Identifier"];
    let own = first(header, &names, |value| Some(value).filter(|value| !value.is_empty()));
    let source = own.map_or("Subject", |(field, _)| field.name.as_str());
    let (mut text, clause) = match own {
        Some((_, value)) if value.bytes().all(is_printable) => (value.to_owned(), "P-07"),
        Some((_, value)) => (to_printable(&nearest_ascii(value, '?')).ok()?, "P-07"),
        None => (to_printable(&nearest_ascii(&decode_words(header.value("Subject")?), '?')).ok()?, "P-05"),
    };
    if text.is_empty() {
        return None;
    }
    if text.len() > MAX_CONTENT_IDENTIFIER {
        text.truncate(MAX_CONTENT_IDENTIFIER - 3);
        text.push_str("...");
    }
    work.trail.made("envelope.content-identifier", text.as_str(), format_args!("header {source}"), clause);
    Some(text.as_str().into())
}

/// P-08, Y-10, Y-11: the parameter, else `MT-Priority`, else `Priority` (RFC 6758 3.1).
fn priority(header: &Header, work: &mut Work<'_>) -> Priority {
    let field = first(header, &["Priority"], priority_word);
    let asked = work.input.options.priority.filter(|level| (-9..=9).contains(level));
    let asked = asked.or_else(|| mt_priority(header)).filter(|_| work.settings().mt_priority);
    let (found, source, clause) = match (asked, field) {
        (Some(level), _) => (policy_mixer(level), "MT-PRIORITY", "Y-10"),
        (None, Some((_, word))) => (word, "header Priority", "P-08"),
        (None, None) => (Priority::NORMAL, "default", "P-08"),
    };
    let label = found.label().unwrap_or_default();
    if let Some((field, _)) = field.filter(|(_, word)| *word != found) {
        work.losses.replaced("header Priority", field.line(), "MT-PRIORITY goes first", "Y-10", label);
    }
    work.trail.made("envelope.priority", label, source, clause);
    found
}

/// The policy MIXER has the levels -4, 0 and 4; others count as the next higher one (RFC 6710 5, Appendix B).
const fn policy_mixer(level: i8) -> Priority {
    match level {
        ..=-4 => Priority::NON_URGENT,
        -3..=0 => Priority::NORMAL,
        1.. => Priority::URGENT,
    }
}

/// Y-11: the level in the field, if exactly one can be read.
fn mt_priority(header: &Header) -> Option<i8> {
    let mut levels = header.all("MT-Priority").filter_map(|field| {
        let text = without_comments(&field.value);
        let text = text.trim();
        let digit = text.strip_prefix('-').unwrap_or(text);
        let written = text == "0" || matches!(digit.as_bytes(), [b'1'..=b'9']);
        text.parse().ok().filter(|_: &i8| written)
    });
    levels.next().filter(|_| levels.next().is_none())
}

pub(crate) fn priority_word(value: &str) -> Option<Priority> {
    match value.trim().to_ascii_lowercase().as_str() {
        "normal" => Some(Priority::NORMAL),
        "non-urgent" => Some(Priority::NON_URGENT),
        "urgent" => Some(Priority::URGENT),
        _ => None,
    }
}

/// P-09 to P-12, CX-03 to CX-05
fn per_message_indicators(header: &Header, work: &mut Work<'_>) -> PerMessageIndicators {
    let access = |names: &[&str]| {
        let found = first(header, names, prohibited).filter(|_| work.settings().access_fields);
        found.map(|(_, prohibited)| prohibited)
    };
    let mut bits = Vec::new();
    if access(&["Disclose-Recipients"]) == Some(false) {
        bits.push(PerMessageIndicators::DISCLOSURE_OF_OTHER_RECIPIENTS);
    }
    if conversion_prohibited(header) {
        bits.push(PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED);
    }
    if access(&["Alternate-Recipient"]) != Some(true) {
        bits.push(PerMessageIndicators::ALTERNATE_RECIPIENT_ALLOWED);
    }
    // Z-27, D-02
    let headers_only = work.input.options.returned == Some(Returned::Headers)
        && work.settings().content_return == ContentReturn::AsAsked;
    if access(&["X400-Content-Return", "Content-Return"]) != Some(true) && !headers_only {
        bits.push(PerMessageIndicators::CONTENT_RETURN_REQUEST);
    }
    let indicators = PerMessageIndicators::with(&bits);
    let labels = listed(|| indicators.labels());
    // What of these is there; the others have their defaults.
    let heard = [
        "Disclose-Recipients",
        "Conversion",
        "Content-Convert",
        "Alternate-Recipient",
        "X400-Content-Return",
        "Content-Return",
    ];
    let heard = std::fmt::from_fn(|f| {
        let there = heard.into_iter().filter(|name| header.get(name).is_some());
        let names = there.collect::<Vec<_>>();
        f.write_str(if headers_only { "RET, " } else { "" })?;
        if names.is_empty() { f.write_str("defaults") } else { write!(f, "header {}", names.join(" or ")) }
    });
    work.trail.made("envelope.per-message-indicators", labels, heard, "P-11");
    indicators
}

/// Whether the sender forbids conversions (P-10).
pub(crate) fn conversion_prohibited(header: &Header) -> bool {
    // D-30: the field of RFC 4141 says the same of the whole message.
    let unconverted = |value: &str| value.trim().eq_ignore_ascii_case("none").then_some(());
    first(header, &["Conversion"], prohibited).is_some_and(|(_, prohibited)| prohibited)
        || first(header, &["Content-Convert"], unconverted).is_some()
}

/// Whether the sender forbids conversions that lose information (P-15).
pub(crate) fn loss_prohibited(header: &Header) -> bool {
    first(header, &["Conversion-With-Loss"], prohibited).is_some_and(|(_, prohibited)| prohibited)
}

/// The names of bits that are set and have one, when they are written.
fn listed<L>(labels: impl Fn() -> L) -> impl Display
where
    L: Iterator<Item = (usize, Option<&'static str>)>,
{
    std::fmt::from_fn(move |f| {
        let labels: Vec<_> = labels().filter_map(|(_, label)| label).collect();
        f.write_str(&labels.join(", "))
    })
}

/// `Prohibited` or `Allowed`.
fn prohibited(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "prohibited" => Some(true),
        "allowed" => Some(false),
        _ => None,
    }
}

/// P-13, Y-14
fn deferred(header: &Header, work: &mut Work<'_>) -> Option<X400Time> {
    let time = said_time(work.input.options.hold_until, header, "Deferred-Delivery", work)?;
    let text = String::from_utf8_lossy(time.as_bytes()).into_owned();
    work.trail.made("envelope.deferred-delivery-time", text, "header Deferred-Delivery or HOLDUNTIL", "P-13");
    Some(time)
}

/// P-06, P-14 to P-17, P-26
fn extensions(header: &Header, work: &mut Work<'_>) -> Result<Vec<ExtensionField>, Refusal> {
    let mut extensions = Vec::new();
    if loss_prohibited(header) {
        extensions.push(ConversionWithLossProhibited::field(&Prohibited::PROHIBITED)?);
        work.trail.made(
            "envelope.conversion-with-loss-prohibited",
            "prohibited",
            "header Conversion-With-Loss",
            "P-15",
        );
    }
    let limit = work.input.options.return_after;
    if let Some(time) = said_time(limit, header, "Latest-Delivery-Time", work) {
        let text = String::from_utf8_lossy(time.as_bytes()).into_owned();
        work.trail.made("envelope.latest-delivery-time", text, "header Latest-Delivery-Time or BY", "P-14");
        extensions.push(LatestDeliveryTime::field(&time)?);
    }
    if let Some((_, address)) = first(header, &["Originator-Return-Address"], mailbox_of)
        && let Some(name) = header_address(&address, "header Originator-Return-Address", work)
    {
        let shown = shown(work.mapper(), &name);
        work.trail.made(
            "envelope.originator-return-address",
            shown,
            "header Originator-Return-Address",
            "P-16",
        );
        extensions.push(OriginatorReturnAddress::field(&name.into())?);
    }
    if let Some(text) = correlator(header, work) {
        extensions.push(ContentCorrelator::field(&ContentCorrelatorValue::Characters(text))?);
    }
    // P-17: the newest list stands first in the header and last in X.400.
    let mut history = Vec::new();
    for field in header.all("DL-Expansion-History").rev() {
        if let Some((address, time)) = expansion(&field.value)
            && let Some(list) = header_address(&address, "header DL-Expansion-History", work)
        {
            let shown = shown(work.mapper(), &list);
            let at = format_args!("envelope.dl-expansion-history[{}]", history.len());
            work.trail.made(at, shown, "header DL-Expansion-History", "P-17");
            history.push(DlExpansion { list, expansion_time: time, unknown: Vec::new() });
        }
    }
    if !history.is_empty() {
        extensions.push(DlExpansionHistory::field(&history)?);
    }
    Ok(extensions)
}

/// P-26 and Z-26: the sender's envelope identifier; else P-06: what a person recognises the message by.
fn correlator(header: &Header, work: &mut Work<'_>) -> Option<Ia5String> {
    let (mut text, source, clause) = match &work.input.options.envelope_id {
        Some(identifier) => (format!("SMTP/NOTARY ENVID: {identifier}"), "ENVID", "P-26"),
        None => {
            let fields = ["Subject", "Message-ID", "Date", "To"];
            // Of those that may stand once, the one that counts; else the first.
            let counting = |name| match name {
                "Message-ID" => first(header, &[name], parse_message_id).map(|(field, _)| field),
                "Date" => first(header, &[name], time_of).map(|(field, _)| field),
                _ => None,
            };
            let lines: Vec<_> = fields
                .into_iter()
                .filter_map(|name| counting(name).or_else(|| header.get(name)).map(field_line))
                .collect();
            (lines.join("\r\n"), "header Subject or Message-ID or Date or To", "P-06")
        }
    };
    text.retain(|character| character.is_ascii());
    text.truncate(MAX_CORRELATOR);
    if text.is_empty() {
        return None;
    }
    work.trail.made("envelope.content-correlator", text.as_str(), source, clause);
    Some(text.as_str().into())
}

/// The O/R address of a field beside the envelope proper; a loss if there is none.
fn header_address(address: &str, at: &str, work: &mut Work<'_>) -> Option<OrName> {
    match work.mapper().to_or(address, AddressContext::Header) {
        Ok(mapped) => {
            work.explain_address(at, address, &mapped);
            Some(mapped.or_address)
        }
        Err(error) => {
            work.losses.dropped(at, address, error.to_string(), "F-04");
            None
        }
    }
}

/// `mailbox; date;`
fn expansion(value: &str) -> Option<(String, X400Time)> {
    let value = value.trim().trim_end_matches(';');
    let (mailbox, date) = value.rsplit_once(';')?;
    let address = AddressList::parse(mailbox).mailboxes().next()?.address();
    Some((address, time_of(date)?))
}

pub(crate) fn time_of(value: &str) -> Option<X400Time> {
    to_utc_time(parse_date(value)?).ok()
}

/// What the SMTP client said goes before what the field says; a loss if they differ.
fn said_time(
    parameter: Option<OffsetDateTime>,
    header: &Header,
    name: &str,
    work: &mut Work<'_>,
) -> Option<X400Time> {
    let field = first(header, &[name], time_of);
    let Some(time) = parameter.and_then(|time| to_utc_time(time).ok()) else {
        return field.map(|(_, time)| time);
    };
    if let Some((field, _)) = field.filter(|(_, other)| *other != time) {
        let instead = String::from_utf8_lossy(time.as_bytes()).into_owned();
        work.losses.replaced(
            format!("header {name}"),
            field.line(),
            "what was said in SMTP goes first",
            "P-13",
            instead,
        );
    }
    Some(time)
}

/// The one mailbox of a field that has one.
fn mailbox_of(value: &str) -> Option<String> {
    let list = AddressList::parse(value);
    let mut mailboxes = list.mailboxes();
    let address = mailboxes.next()?.address();
    mailboxes.next().is_none().then_some(address)
}

/// P-22, P-23, P-24
fn recipients(
    header: &Header,
    work: &mut Work<'_>,
) -> Result<(Vec<PerRecipientFields>, RefusedRecipients), Refusal> {
    let (mut fields, mut refused) = (Vec::new(), Vec::new());
    let input = work.input;
    for recipient in &input.recipients {
        let mapped = match work.mapper().to_or(&recipient.address, AddressContext::Recipient) {
            Ok(mapped) => mapped,
            Err(error) => {
                refused.push((recipient.number, error));
                continue;
            }
        };
        let at = format_args!("envelope.recipients[{}]", recipient.number);
        work.explain_address("RCPT TO", &recipient.address, &mapped);
        let indicators = indicators(recipient, header, work);
        let shown = shown(work.mapper(), &mapped.or_address);
        work.trail.made(format_args!("{at}.recipient-name"), shown, "RCPT TO", "P-22");
        let labels = listed(|| indicators.labels());
        work.trail.made(format_args!("{at}.indicators"), labels, "NOTIFY", "P-25");
        fields.push(PerRecipientFields {
            recipient_name: mapped.or_address,
            originally_specified_recipient_number: i64::from(recipient.number),
            per_recipient_indicators: indicators,
            explicit_conversion: None,
            extensions: if work.settings().is_1984() { Vec::new() } else { redirection(recipient, work)? },
            unknown: Vec::new(),
        });
    }
    Ok((fields, refused))
}

/// P-25, P-28; CX-01, CX-02 where SMTP said nothing (CX-06).
fn indicators(recipient: &Recipient, header: &Header, work: &Work<'_>) -> PerRecipientIndicators {
    use PerRecipientIndicators as Bits;
    let asked = |event: &str| recipient.notify.iter().flatten().any(|word| word.eq_ignore_ascii_case(event));
    let null = work.input.reverse_path.as_deref().is_none_or(str::is_empty);
    let access =
        |name| work.settings().access_fields && recipient.notify.is_none() && header.get(name).is_some();
    let bits: &[usize] = if null || asked("NEVER") || access("Prevent-NonDelivery-Report") {
        // Z-25: nobody wants to hear of it.
        &[Bits::RESPONSIBILITY, Bits::ORIGINATING_MTA_NON_DELIVERY_REPORT]
    } else if asked("SUCCESS") || access("Generate-Delivery-Report") {
        &[Bits::RESPONSIBILITY, Bits::ORIGINATING_MTA_REPORT, Bits::ORIGINATOR_REPORT]
    } else {
        &[
            Bits::RESPONSIBILITY,
            Bits::ORIGINATING_MTA_NON_DELIVERY_REPORT,
            Bits::ORIGINATOR_NON_DELIVERY_REPORT,
        ]
    };
    Bits::with(bits)
}

/// P-27
fn redirection(recipient: &Recipient, work: &mut Work<'_>) -> Result<Vec<ExtensionField>, Refusal> {
    let Some((kind, address)) = &recipient.original_recipient else {
        return Ok(Vec::new());
    };
    let name = match kind.to_ascii_lowercase().as_str() {
        "rfc822" if !address.eq_ignore_ascii_case(&recipient.address) => {
            header_address(address, "ORCPT", work)
        }
        "x400" => work.mapper().parse_or(address),
        _ => None,
    };
    let Some(recipient_name) = name else {
        return Ok(Vec::new());
    };
    work.trail.made("envelope.redirection-history", address.as_str(), "ORCPT", "P-27");
    let intended_recipient = IntendedRecipient {
        recipient: recipient_name,
        redirection_time: utc(work.now(), work),
        unknown: Vec::new(),
    };
    let alias = Redirection { intended_recipient, reason: RedirectionReason::ALIAS, unknown: Vec::new() };
    Ok(vec![RedirectionHistory::field(&vec![alias])?])
}
