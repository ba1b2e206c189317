//! What is known of the delivery of a message inside, both ways (B-08, B-16).

use rasn_x400::prim::NamedBits;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{ContentType, Priority};
use rasn_x400::x420::body::{DeliveredContentType, MessageParameters, OtherMessageDeliveryFields};
use rasn_x400::x420::heading::Heading;

use super::names::content_type_text;
use super::to_internet::Fields;
use super::{mailbox_of, priority_word, recipients, services, time_of};
use crate::message::address::AddressList;
use crate::message::date::format_date;
use crate::message::{Field, Header};
use crate::mixer::body::Interpersonal;
use crate::mixer::date::from_utc_time;
use crate::mixer::header_block::{HeaderBlock, comment};
use crate::mixer::heading::singles::first;
use crate::mixer::to_internet;
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

/// The fields that the delivery of a message inside gives to its header: the way back of [`delivery`] (B-08, B-16).
///
/// They are those of a message that is being delivered, and the time of delivery, which X.400 knows only here. `source` names
/// the body part, and `place` the message that it becomes.
pub(crate) fn delivered(
    parameters: &MessageParameters,
    (source, place): (&str, &str),
    work: &mut to_internet::Work<'_>,
) -> HeaderBlock {
    let mut fields = Fields::new(source, work).within(place);
    if let Some(time) = &parameters.delivery_time {
        match from_utc_time(time) {
            Some(date) => fields.add("Delivery-Date", format_date(date), "delivery-time", "B-08"),
            None => fields.lost("delivery-time", "no date", "B-08"),
        }
    }
    if !parameters.unknown.is_empty() {
        fields.lost("members nobody knows", "nobody knows them", "F-17");
    }
    if let Some(envelope) = &parameters.delivery_envelope {
        envelope_fields(envelope, &mut fields);
    }
    fields.block
}

fn envelope_fields(envelope: &OtherMessageDeliveryFields, fields: &mut Fields<'_, '_>) {
    match from_utc_time(&envelope.message_submission_time) {
        Some(date) => fields.add("Date", format_date(date), "message-submission-time", "Q-16"),
        None => fields.lost("message-submission-time", "no date", "Q-16"),
    }
    let source = fields.source().to_owned();
    if let Some(text) = recipients::mailbox(&envelope.originator_name, &source, fields.work) {
        fields.add("X400-Originator", text, "originator-name", "Q-14");
    }
    let mut mailboxes = Vec::new();
    if let Some(mut text) = recipients::mailbox(&envelope.this_recipient_name, &source, fields.work) {
        let intended = envelope.originally_intended_recipient_name.as_ref();
        if let Some(intended) = intended.and_then(|name| recipients::mailbox(name, &source, fields.work)) {
            text.push_str(&format!(" ({})", comment(&format!("Originally To: {intended}"))));
        }
        text.push_str(&recipients::comments(&envelope.extensions, &source, fields.work));
        mailboxes.push(text);
    }
    for name in envelope.other_recipient_names.iter().flatten() {
        mailboxes.extend(recipients::mailbox(name, &source, fields.work));
    }
    if !mailboxes.is_empty() {
        fields.add("X400-Recipients", mailboxes.join(", "), "this-recipient-name", "Q-40");
    }
    match content_type_text(&content_type(&envelope.content_type)) {
        Some(text) => fields.add("X400-Content-Type", text, "content-type", "Q-13"),
        None => fields.lost("content-type", "of no known form", "Q-13"),
    }
    if let Some(types) = &envelope.original_encoded_information_types {
        fields.types(types);
    }
    fields.priority(envelope.priority);
    for bit in envelope.delivery_flags.iter().flat_map(NamedBits::set_bits) {
        match bit {
            CONVERSION_PROHIBITED => fields.add("Conversion", "Prohibited", "delivery-flags", "Q-18"),
            _ => fields.lost(&format!("delivery-flags {bit}"), "no field for it", "Q-18"),
        }
    }
    if let Some(identifier) = &envelope.content_identifier {
        let text = identifier.to_text().into_owned();
        fields.add("X400-Content-Identifier", text, "content-identifier", "Q-20");
    }
    if envelope.converted_encoded_information_types.is_some() {
        fields.lost("converted-encoded-information-types", "shown by a trace, which is not here", "Q-19");
    }
    if !envelope.unknown.is_empty() {
        fields.lost("members nobody knows", "nobody knows them", "F-17");
    }
    fields.extensions(&envelope.extensions);
    let discarded = services::of_delivered(&envelope.extensions, &source, fields.work).into_vec();
    if !discarded.is_empty() {
        fields.add("Discarded-X400-MTS-Extensions", discarded.join(", "), "extensions", "Q-63");
    }
}

/// The bit of the delivery flags that says that conversion is prohibited (X.411 8.3.1.1.1.7).
const CONVERSION_PROHIBITED: usize = 1;

fn content_type(delivered: &DeliveredContentType) -> ContentType {
    match delivered {
        DeliveredContentType::BuiltIn(number) => ContentType::BuiltIn(*number),
        DeliveredContentType::Extended(oid) => ContentType::Extended(oid.clone()),
        DeliveredContentType::Unknown(raw) => ContentType::Unknown(raw.clone()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use rasn_x400::x411::extension::{
        ConversionWithLossProhibited, Extension as _, ExtensionField, ExtensionType, Prohibited,
    };
    use rasn_x400::x411::trace::GlobalDomainIdentifier;
    use time::macros::datetime;

    use super::*;
    use crate::mixer::address::Mapper;
    use crate::mixer::{AddressMapper as _, Context, Settings};
    use crate::rules::Rules;

    const RULES: &str = r#"
[gateway]
domain = "gw.example"
or = "O=gateway; P=gw; A=Gold 400; C=gb"
[[equivalence]]
domain = "widget.com"
or = "O=Widget; P=demo; A=x400; C=XX"
"#;

    #[test]
    fn a_delivery_gives_its_fields() {
        let rules = Rules::from_sources(&[("rules.toml", RULES)]).unwrap();
        let settings =
            Settings::new(GlobalDomainIdentifier::new("GB", "Gold 400", None), "mta", "gw.example");
        let mapper = Mapper::new(&rules);
        let name = |surname: &str| {
            mapper.parse_or(&format!("/S={surname}/O=Widget/PRMD=demo/ADMD=x400/C=XX/")).unwrap()
        };
        let unknown = ExtensionField {
            kind: ExtensionType::Standard(99),
            criticality: rasn_x400::x411::extension::Criticality::with(&[2]),
            value: None,
            unknown: Vec::new(),
        };
        // B-08, B-16
        let parameters = MessageParameters {
            delivery_time: Some(rasn_x400::prim::X400Time::new("910530182455+0100")),
            delivery_envelope: Some(OtherMessageDeliveryFields {
                content_type: ContentType::P22.into(),
                originator_name: name("from"),
                original_encoded_information_types: None,
                priority: Priority::URGENT,
                delivery_flags: Some(NamedBits::with(&[1], 0)),
                other_recipient_names: Some(vec![name("other")]),
                this_recipient_name: name("this"),
                originally_intended_recipient_name: Some(name("first")),
                converted_encoded_information_types: None,
                message_submission_time: rasn_x400::prim::X400Time::new("910530180000Z"),
                content_identifier: Some("mark".into()),
                extensions: vec![
                    ConversionWithLossProhibited::field(&Prohibited::PROHIBITED).unwrap(),
                    unknown,
                ],
                unknown: Vec::new(),
            }),
            unknown: Vec::new(),
        };
        let context = Context {
            mapper: &mapper,
            settings: &settings,
            message_identifier: "QID1",
            now: datetime!(2026-11-27 10:00 UTC),
        };
        let mut work = to_internet::Work::new(&context);
        let header = delivered(&parameters, ("body[1]", "body part 1 "), &mut work);
        for (field, value) in [
            ("Delivery-Date", "Thu, 30 May 1991 18:24:55 +0100"),
            ("Date", "Thu, 30 May 1991 18:00:00 +0000"),
            ("X400-Originator", "from@widget.com"),
            ("X400-Recipients", "this@widget.com (Originally To: first@widget.com), other@widget.com"),
            ("X400-Content-Type", "P2-1988(22)"),
            ("Priority", "urgent"),
            ("Conversion", "Prohibited"),
            ("Conversion-With-Loss", "Prohibited"),
            ("X400-Content-Identifier", "mark"),
            ("Discarded-X400-MTS-Extensions", "(99)"),
        ] {
            assert_eq!(header.get(field), Some(value), "{field}");
        }
        assert_eq!(work.losses.as_slice().len(), 1);
        assert_eq!(
            delivered(&MessageParameters::default(), ("body[1]", ""), &mut work),
            HeaderBlock::default()
        );
    }
}
