//! A disposition notification becomes a notification of X.420 (Y-03; RFC 8098 8.2).

use rasn::types::Tag;
use rasn_x400::ber;
use rasn_x400::prim::{Ia5String, X400Time};
use rasn_x400::x420::heading::OrDescriptor;
use rasn_x400::x420::notification::{
    AcknowledgmentMode, DiscardReason, Ipn, NonReceiptFields, NonReceiptReason, NotificationChoice,
    ReceiptFields,
};
use rasn_x400::x420::{InformationObject, Ipm};

use super::disposition::Disposition;
use crate::message::address::AddressList;
use crate::message::identifier::parse_message_id;
use crate::message::{Header, Message};
use crate::mixer::body;
use crate::mixer::encoded_types::EncodedTypes;
use crate::mixer::envelope::time_of;
use crate::mixer::heading::{Level, Location, ipm_identifier, singles::first};
use crate::mixer::report::delivery_status::{Notice, NoticeKind, Typed};
use crate::mixer::to_x400::{Refusal, Work};
use crate::mixer::trace::utc;
use crate::mixer::{AddressContext, charset};

/// The longest comment on forwarding (X.420 ub-auto-forward-comment).
const MAX_COMMENT: usize = rasn_x400::bounds::AUTO_FORWARD_COMMENT;

/// The notification of X.420 in a mail; `None` if it holds none, or one that X.420 cannot say: then it goes as a message.
pub(crate) fn notification(message: &Message, work: &mut Work<'_>) -> Result<Option<Ipn>, Refusal> {
    if !work.settings().receipt_requests {
        return Ok(None);
    }
    let Some(notice) = Notice::find(message).filter(|notice| notice.kind == NoticeKind::Disposition) else {
        return Ok(None);
    };
    let fields = &notice.fields.message;
    let erroneous = ["Error", "Failure"].into_iter().any(|name| fields.get(name).is_some());
    let disposition = fields.value("Disposition").and_then(Disposition::parse).filter(|_| !erroneous);
    let message_id = fields.value("Original-Message-ID").and_then(parse_message_id);
    let (Some(disposition), Some(message_id)) = (disposition, message_id) else {
        work.trail.made("content", "a message", "message/disposition-notification", "Y-03");
        return Ok(None);
    };
    let mapped = work.message_id(&message_id);
    if mapped.truncated {
        work.remember_truncated(&message_id, &mapped, "Original-Message-ID");
    }
    work.trail.made(
        "notification.subject-ipm",
        mapped.identifier.user_relative.as_str(),
        "Original-Message-ID",
        "Y-03",
    );
    let choice = choice(disposition, message.header(), &notice, work)?;
    let types = fields.value("X400-IPN-Conversion-EITs").map(|text| EncodedTypes::parse(text).0);
    let ipn = Ipn {
        subject_ipm: ipm_identifier(&mapped, work),
        ipn_originator: originator(message.header(), work),
        ipm_intended_recipient: intended(fields, work),
        conversion_eits: types.filter(|types| !types.is_empty()).map(|types| types.to_asn1()),
        notification_extensions: Vec::new(),
        choice,
        unknown: Vec::new(),
    };
    lost(message, fields, work);
    Ok(Some(ipn))
}

/// The octets of a content that is a notification.
pub(crate) fn content(ipn: Ipn) -> Result<Vec<u8>, ber::Error> {
    ber::encode(&InformationObject::Ipn(ipn))
}

fn choice(
    disposition: Disposition,
    header: &Header,
    notice: &Notice,
    work: &mut Work<'_>,
) -> Result<NotificationChoice, Refusal> {
    let fields = &notice.fields.message;
    let text = |name: &str| fields.value(name).map(str::to_owned);
    work.trail.made("notification", disposition.to_text(), "Disposition", "Y-03");
    let non_receipt = |reason, discard_reason, comment, returned_ipm| {
        NotificationChoice::NonReceipt(NonReceiptFields {
            non_receipt_reason: reason,
            discard_reason,
            auto_forward_comment: comment,
            returned_ipm,
            nrn_extensions: Vec::new(),
            unknown: Vec::new(),
        })
    };
    Ok(match disposition {
        Disposition::Received(mode) => NotificationChoice::Receipt(ReceiptFields {
            receipt_time: receipt_time(header, fields, work),
            acknowledgment_mode: if mode == AcknowledgmentMode::MANUAL {
                AcknowledgmentMode::MANUAL
            } else {
                AcknowledgmentMode::AUTOMATIC
            },
            supplementary_receipt_information: text("X400-IPN-Supplementary-Receipt-Information")
                .map(|text| Ia5String::from(charset::nearest_ascii(&text, '?'))),
            rn_extensions: Vec::new(),
            unknown: Vec::new(),
        }),
        Disposition::Discarded => {
            let why =
                text("X400-IPN-Discard-Reason").map_or(DiscardReason::NOT_USED, |text| discard_reason(&text));
            non_receipt(NonReceiptReason::IPM_DISCARDED, Some(why), None, returned(notice, work)?)
        }
        Disposition::Forwarded => {
            let comment = text("X400-IPN-Auto-Forward-Comment").map(|text| {
                let printable = crate::mixer::identifier::phrase_to_x400(&text).identifier.user_relative;
                printable.chars().take(MAX_COMMENT).collect::<String>().as_str().into()
            });
            non_receipt(NonReceiptReason::IPM_AUTO_FORWARDED, None, comment, returned(notice, work)?)
        }
    })
}

/// N-12, Z-39
fn discard_reason(text: &str) -> DiscardReason {
    let all = [
        DiscardReason::IPM_EXPIRED,
        DiscardReason::IPM_OBSOLETED,
        DiscardReason::USER_SUBSCRIPTION_TERMINATED,
    ];
    let found = all
        .into_iter()
        .find(|one| super::to_internet::discard_reason(Some(*one)).eq_ignore_ascii_case(text.trim()));
    found.unwrap_or(DiscardReason::NOT_USED)
}

fn receipt_time(header: &Header, fields: &Header, work: &mut Work<'_>) -> X400Time {
    let own = first(fields, &["X400-IPN-Receipt-Time"], time_of);
    let found = own.or_else(|| first(header, &["Date"], time_of)).map(|(_, time)| time);
    let time = found.unwrap_or_else(|| utc(work.now(), work));
    let shown = String::from_utf8_lossy(time.as_bytes()).into_owned();
    work.trail.made("notification.receipt-time", shown, "header Date", "Y-03");
    time
}

/// Who made the notification.
fn originator(header: &Header, work: &mut Work<'_>) -> Option<OrDescriptor> {
    let list = AddressList::parse(header.value("From")?);
    let mailbox = list.mailboxes().next()?;
    let name = if mailbox.phrase.is_empty() {
        None
    } else {
        let text = charset::decode_words(&mailbox.phrase);
        let human = charset::encode_human(&text, 64);
        Some(rasn_x400::prim::TeletexString::new(human.octets))
    };
    descriptor(&mailbox.address(), "header From", work)
        .map(|descriptor| OrDescriptor { free_form_name: name, ..descriptor })
}

/// Who the message was meant for: what the sender wrote, else who got it.
fn intended(fields: &Header, work: &mut Work<'_>) -> Option<OrDescriptor> {
    let text = fields.value("Original-Recipient").or_else(|| fields.value("Final-Recipient"))?;
    let typed = Typed::parse(text)?;
    let at = "message/disposition-notification";
    if typed.is("x400") {
        let formal_name = work.mapper().parse_or(typed.value);
        return formal_name.map(|name| OrDescriptor { formal_name: Some(name), ..OrDescriptor::default() });
    }
    descriptor(typed.value, at, work)
}

fn descriptor(address: &str, at: &str, work: &mut Work<'_>) -> Option<OrDescriptor> {
    match work.mapper().to_or(address, AddressContext::Header) {
        Ok(mapped) => {
            work.explain_address(at, address, &mapped);
            Some(OrDescriptor { formal_name: Some(mapped.or_address), ..OrDescriptor::default() })
        }
        Err(error) => {
            work.losses.dropped(at, address, error.to_string(), "F-04");
            None
        }
    }
}

/// The message that came back whole.
fn returned(notice: &Notice, work: &mut Work<'_>) -> Result<Option<Ipm>, Refusal> {
    let Some(octets) = &notice.returned else { return Ok(None) };
    let inner = Message::parse(octets.clone());
    let place =
        Location { source: "returned message ".to_owned(), output: "notification.returned-ipm.".to_owned() };
    let made = body::interpersonal(inner.root(), Level::Forwarded { delivery: false }, &place, work)?;
    let octets = made.plan.constructed(Tag::SEQUENCE).into_pieces().concat();
    Ok(Some(ber::decode(&octets, octets.len())?))
}

/// F-17: what the notification says beyond what X.420 can say.
fn lost(message: &Message, fields: &Header, work: &mut Work<'_>) {
    let carried =
        ["original-message-id", "disposition", "original-recipient", "final-recipient", "mdn-gateway"];
    for field in fields.fields() {
        let name = field.name.to_ascii_lowercase();
        if !carried.contains(&name.as_str()) && !name.starts_with("x400-ipn-") {
            work.losses.dropped(
                "message/disposition-notification",
                field.line(),
                "X.420 has no place for it",
                "Y-03",
            );
        }
    }
    let text = message.root().parts().first().filter(|part| part.media.kind == "text");
    if text.is_some() {
        work.losses.dropped("body part 1", "the text for people", "a notification of X.420 has none", "Y-03");
    }
}
