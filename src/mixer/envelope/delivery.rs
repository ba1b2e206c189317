//! What is known of the delivery of a message inside (B-08, B-16).

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{ContentType, Priority};
use rasn_x400::x420::body::{MessageParameters, OtherMessageDeliveryFields};
use rasn_x400::x420::heading::Heading;

use super::{mailbox_of, priority_word, time_of};
use crate::message::address::AddressList;
use crate::message::{Field, Header};
use crate::mixer::body::Interpersonal;
use crate::mixer::heading::singles::first;
use crate::mixer::to_x400::Work;

/// Whether a message inside says enough for a delivery envelope: who sent it, and when (B-08).
pub(crate) fn has_delivery(header: &Header) -> bool {
    let from = |value| AddressList::parse(value).mailboxes().next().map(|_| ());
    (first(header, &["Sender"], mailbox_of).is_some() || first(header, &["From"], from).is_some())
        && first(header, &["Date"], time_of).is_some()
}

/// Whether the delivery envelope of a message inside takes this field.
pub(crate) fn delivery_takes(field: &Field) -> bool {
    let value = field.value.as_str();
    match field.name.to_ascii_lowercase().as_str() {
        "date" | "delivery-date" => time_of(value).is_some(),
        "priority" => priority_word(value).is_some(),
        _ => false,
    }
}

/// B-08, B-16: what is known of the delivery of a message inside.
pub(crate) fn delivery(header: &Header, inner: &Interpersonal, work: &mut Work<'_>) -> MessageParameters {
    let heading = &inner.heading;
    let originator = heading.originator.as_ref().and_then(|descriptor| descriptor.formal_name.clone());
    let submitted = first(header, &["Date"], time_of).map(|(_, time)| time);
    let (Some(originator_name), Some(message_submission_time)) = (originator, submitted) else {
        work.losses.dropped(
            "header Date",
            header.value("Date").unwrap_or_default(),
            "the sender has no address",
            "B-08",
        );
        return MessageParameters::default();
    };
    let content_type = if inner.modern { ContentType::P22 } else { ContentType::P2 };
    let types = if work.settings().is_1984() { inner.types.built_in_only() } else { inner.types.clone() };
    MessageParameters {
        delivery_time: first(header, &["Delivery-Date"], time_of).map(|(_, time)| time),
        delivery_envelope: Some(OtherMessageDeliveryFields {
            content_type: content_type.into(),
            this_recipient_name: first_recipient(heading).unwrap_or_else(|| originator_name.clone()),
            originator_name,
            original_encoded_information_types: Some(types.to_asn1()),
            priority: first(header, &["Priority"], priority_word).map_or(Priority::NORMAL, |(_, word)| word),
            delivery_flags: None,
            other_recipient_names: None,
            originally_intended_recipient_name: None,
            converted_encoded_information_types: None,
            message_submission_time,
            content_identifier: None,
            extensions: Vec::new(),
            unknown: Vec::new(),
        }),
        unknown: Vec::new(),
    }
}

fn first_recipient(heading: &Heading) -> Option<OrName> {
    let lists = [&heading.primary_recipients, &heading.copy_recipients, &heading.blind_copy_recipients];
    lists.into_iter().flatten().flatten().find_map(|recipient| recipient.recipient.formal_name.clone())
}
