//! P2 of 1984: what of headings, notifications and forwarded messages a user of that edition understands (RFC 1328 5).
//!
//! The octets of P22 and P2 agree where they say the same. Headings of 1984 have no extensions, and their addresses no
//! attributes of 1988. Nothing in a heading keeps a message from its recipient: an address that cannot be said becomes a name
//! for people. Body parts are the affair of whoever knows what the recipient can read; [`is_of_1984`] tells which are.

use super::body::{BodyPart, DeliveredContentType, MessageParameters};
use super::heading::{
    Heading, HeadingExtensionField, IpmIdentifier, NotificationRequests, OrDescriptor, RecipientSpecifier,
};
use super::notification::{Ipn, NotificationChoice};
use crate::prim::TeletexString;
use crate::x411::address::OrName;
use crate::x411::address::text::KeyedAddress;
use crate::x411::edition1984::{Encapsulate, Lost, UnableToDowngrade, Walk};
use crate::x411::envelope::ContentType;

/// Characters of a free-form name (X.420 `ub-free-form-name`).
const FREE_FORM_NAME: usize = 64;

/// Whether body parts of this kind are of 1984; a forwarded message may hold some that are not.
#[must_use]
pub const fn is_of_1984(part: &BodyPart) -> bool {
    !matches!(part, BodyPart::ExternallyDefined(_) | BodyPart::Unknown(_))
}

/// Makes of a heading one of 1984; gives what was left out or changed.
pub fn downgrade_heading(heading: &mut Heading, encapsulate: Encapsulate<'_>) -> Vec<Lost> {
    let mut walk = Walk::new(encapsulate);
    walk.within("heading", |walk| walk.heading(heading));
    walk.concede(0);
    walk.finish().unwrap_or_default()
}

/// Makes of what is known of a forwarded message something of 1984; gives what was left out or changed.
pub fn downgrade_parameters(parameters: &mut MessageParameters, encapsulate: Encapsulate<'_>) -> Vec<Lost> {
    let mut walk = Walk::new(encapsulate);
    walk.within("parameters", |walk| walk.parameters(parameters));
    walk.concede(0);
    walk.finish().unwrap_or_default()
}

/// Makes of a notification one of 1984; gives what was left out or changed.
///
/// # Errors
/// It says what there was no notification for.
pub fn downgrade_notification(
    notification: &mut Ipn,
    encapsulate: Encapsulate<'_>,
) -> Result<Vec<Lost>, UnableToDowngrade> {
    let mut walk = Walk::new(encapsulate);
    walk.notification(notification);
    walk.finish()
}

impl Walk<'_> {
    fn heading(&mut self, heading: &mut Heading) {
        self.identifier("this-IPM", &mut heading.this_ipm);
        if let Some(originator) = &mut heading.originator {
            self.descriptor("originator", originator);
        }
        self.descriptors("authorizing-users", &mut heading.authorizing_users);
        for (name, recipients) in [
            ("primary-recipients", &mut heading.primary_recipients),
            ("copy-recipients", &mut heading.copy_recipients),
            ("blind-copy-recipients", &mut heading.blind_copy_recipients),
        ] {
            self.each(name, recipients.as_deref_mut().unwrap_or_default(), Self::recipient);
        }
        if let Some(identifier) = &mut heading.replied_to_ipm {
            self.identifier("replied-to-IPM", identifier);
        }
        for (name, list) in
            [("obsoleted-IPMs", &mut heading.obsoleted_ipms), ("related-IPMs", &mut heading.related_ipms)]
        {
            self.each(name, list.as_deref_mut().unwrap_or_default(), |walk, identifier| {
                walk.identifier("", identifier);
            });
        }
        self.descriptors("reply-recipients", &mut heading.reply_recipients);
        self.heading_extensions("extensions", &mut heading.extensions);
        self.unknown(&mut heading.unknown);
    }

    fn recipient(&mut self, recipient: &mut RecipientSpecifier) {
        self.descriptor("recipient", &mut recipient.recipient);
        let requests = &mut recipient.notification_requests;
        let kept: Vec<_> =
            requests.0.set_bits().filter(|bit| *bit <= NotificationRequests::IPM_RETURN).collect();
        if kept.len() < requests.0.set_bits().count() {
            *requests = NotificationRequests::with(&kept);
            self.within("notification-requests", |walk| walk.lost("bits from 3 on"));
        }
        self.heading_extensions("recipient-extensions", &mut recipient.extensions);
        self.unknown(&mut recipient.unknown);
    }

    fn heading_extensions(&mut self, name: &'static str, extensions: &mut Vec<HeadingExtensionField>) {
        let mut taken = std::mem::take(extensions);
        self.each(name, &mut taken, |walk, field| walk.lost(format!("heading extension {}", field.kind)));
    }

    fn descriptors(&mut self, name: &'static str, list: &mut Option<Vec<OrDescriptor>>) {
        self.each(name, list.as_deref_mut().unwrap_or_default(), |walk, descriptor| {
            walk.descriptor("", descriptor);
        });
    }

    /// Who identified it can be left out: what is identified is the same where the rest of the name is.
    fn identifier(&mut self, member: &'static str, identifier: &mut IpmIdentifier) {
        let member = if member.is_empty() { "IPM-identifier" } else { member };
        self.within(member, |walk| {
            if let Some(name) = &mut identifier.user
                && !walk.can_be_said("user", name)
            {
                identifier.user = None;
            }
            walk.unknown(&mut identifier.unknown);
        });
    }

    /// An address that cannot be said becomes a name for people, if there is none.
    fn descriptor(&mut self, member: &'static str, descriptor: &mut OrDescriptor) {
        let mut visit = |walk: &mut Self| {
            let Some(name) = &mut descriptor.formal_name else { return };
            let written = KeyedAddress::from_or_name(name).address.to_std_or();
            if !walk.can_be_said("formal-name", name) {
                descriptor.formal_name = None;
                descriptor.free_form_name.get_or_insert_with(|| readable(&written));
            }
            walk.unknown(&mut descriptor.unknown);
        };
        match member {
            "" => visit(self),
            member => self.within(member, visit),
        }
    }

    /// Whether there is a name of 1984 for it.
    fn can_be_said(&mut self, member: &'static str, name: &mut OrName) -> bool {
        let mark = self.mark();
        self.name(member, name);
        let can_be_said = !self.is_stopped_since(mark);
        self.concede(mark);
        can_be_said
    }

    /// The envelope of a forwarded message is left out as a whole where an address in it cannot be said.
    fn parameters(&mut self, parameters: &mut MessageParameters) {
        if let Some(envelope) = &mut parameters.delivery_envelope {
            let mark = self.mark();
            self.within("delivery-envelope", |walk| {
                match &mut envelope.content_type {
                    DeliveredContentType::BuiltIn(number)
                        if ContentType::BuiltIn(*number) == ContentType::P22 =>
                    {
                        envelope.content_type = ContentType::P2.into();
                    }
                    DeliveredContentType::BuiltIn(_) => {}
                    _ => walk.obstacle("a content type that is an object identifier"),
                }
                walk.name("originator-name", &mut envelope.originator_name);
                walk.types(
                    "original-encoded-information-types",
                    &mut envelope.original_encoded_information_types,
                );
                let others = envelope.other_recipient_names.as_deref_mut().unwrap_or_default();
                walk.each("other-recipient-names", others, |walk, name| walk.name("name", name));
                walk.name("this-recipient-name", &mut envelope.this_recipient_name);
                if let Some(name) = &mut envelope.originally_intended_recipient_name {
                    walk.name("originally-intended-recipient-name", name);
                }
                walk.types(
                    "converted-encoded-information-types",
                    &mut envelope.converted_encoded_information_types,
                );
                if envelope.content_identifier.take().is_some() {
                    walk.lost("the content identifier");
                }
                let extensions = std::mem::take(&mut envelope.extensions).len();
                if extensions > 0 {
                    walk.lost(format!("{extensions} extensions"));
                }
                walk.unknown(&mut envelope.unknown);
            });
            if self.is_stopped_since(mark) {
                parameters.delivery_envelope = None;
                self.concede(mark);
            }
        }
        self.unknown(&mut parameters.unknown);
    }

    fn notification(&mut self, notification: &mut Ipn) {
        self.identifier("subject-ipm", &mut notification.subject_ipm);
        if let Some(originator) = &mut notification.ipn_originator {
            self.descriptor("ipn-originator", originator);
        }
        if let Some(recipient) = &mut notification.ipm_intended_recipient {
            self.descriptor("ipm-preferred-recipient", recipient);
        }
        self.types("conversion-eits", &mut notification.conversion_eits);
        self.heading_extensions("notification-extensions", &mut notification.notification_extensions);
        match &mut notification.choice {
            NotificationChoice::NonReceipt(fields) => {
                self.heading_extensions("nrn-extensions", &mut fields.nrn_extensions);
                if let Some(returned) = &mut fields.returned_ipm {
                    self.within("returned-ipm", |walk| walk.heading(&mut returned.heading));
                    let before = returned.body.len();
                    returned.body.retain(|part| is_of_1984(part) && !matches!(part, BodyPart::Message(_)));
                    if returned.body.len() < before {
                        let gone = before - returned.body.len();
                        self.within("returned-ipm", |walk| walk.lost(format!("{gone} body parts")));
                    }
                }
                self.unknown(&mut fields.unknown);
            }
            NotificationChoice::Receipt(fields) => {
                self.heading_extensions("rn-extensions", &mut fields.rn_extensions);
                self.unknown(&mut fields.unknown);
            }
            NotificationChoice::Other(_) | NotificationChoice::Unknown(_) => {
                self.obstacle("a notification of neither receipt nor non-receipt");
            }
        }
        self.unknown(&mut notification.unknown);
    }
}

/// An address for people to read, as far as there is room.
fn readable(written: &str) -> TeletexString {
    let text: String =
        written.chars().map(|c| if c.is_ascii() { c } else { '?' }).take(FREE_FORM_NAME).collect();
    text.as_str().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ber;
    use crate::prim::{Null, PrintableString, X400Time};
    use crate::x411::address::text;
    use crate::x420::heading::{HeadingExtension as _, IncompleteCopy};

    fn name(written: &str) -> OrName {
        text::parse(written).unwrap().to_or_name().unwrap()
    }

    fn descriptor(written: &str) -> OrDescriptor {
        OrDescriptor { formal_name: Some(name(written)), ..OrDescriptor::default() }
    }

    fn said(lost: &[Lost]) -> Vec<String> {
        lost.iter().map(|lost| format!("{}: {}", lost.place, lost.what)).collect()
    }

    /// RFC 1328 5: extensions go, common names become domain-defined, other addresses names for people.
    #[test]
    fn headings_lose_what_is_of_1988() {
        let plain = Heading {
            this_ipm: IpmIdentifier {
                user: Some(name("/S=ann/PRMD=a/ADMD=x/C=XX/")),
                user_relative_identifier: PrintableString::from("1"),
                ..IpmIdentifier::default()
            },
            originator: Some(descriptor("/S=ann/PRMD=a/ADMD=x/C=XX/")),
            subject: Some("T61".into()),
            ..Heading::default()
        };
        let mut heading = plain.clone();
        assert_eq!((downgrade_heading(&mut heading, &|_| None), &heading), (vec![], &plain));

        let postal = "/PD-ADDRESS=Empire State Building/PRMD=a/ADMD=x/C=XX/";
        let mut heading = Heading {
            this_ipm: IpmIdentifier { user: Some(name(postal)), ..plain.this_ipm.clone() },
            primary_recipients: Some(vec![RecipientSpecifier {
                recipient: descriptor("/CN=Help Desk/PRMD=a/ADMD=x/C=XX/"),
                notification_requests: NotificationRequests::with(&[0, 4]),
                ..RecipientSpecifier::default()
            }]),
            reply_recipients: Some(vec![descriptor(postal)]),
            extensions: vec![IncompleteCopy::field(&Null).unwrap()],
            ..plain
        };
        let with_relay = &mut heading.clone();
        let lost = said(&downgrade_heading(&mut heading, &|_| None));
        assert_eq!(lost.len(), 5, "{lost:?}");
        assert!(lost[0].starts_with("heading.this-IPM.user: extension attribute"), "{lost:?}");
        assert_eq!(lost[2], "heading.primary-recipients[0].notification-requests: bits from 3 on");
        assert_eq!(lost[4], "heading.extensions[0]: heading extension 2.6.1.5.0");
        assert_eq!((heading.this_ipm.user, heading.extensions.len()), (None, 0));
        let reply = &heading.reply_recipients.unwrap()[0];
        assert_eq!(
            (&reply.formal_name, reply.free_form_name.as_ref().unwrap().to_text().as_ref()),
            (&None, postal)
        );
        let helped = &heading.primary_recipients.unwrap()[0].recipient.formal_name;
        assert_eq!(helped, &Some(name("/DD.Common=Help Desk/PRMD=a/ADMD=x/C=XX/")));

        let relay = name("/O=relay/PRMD=a/ADMD=x/C=XX/");
        downgrade_heading(with_relay, &|_| Some(relay.clone()));
        assert_eq!(with_relay.reply_recipients.as_ref().unwrap()[0].formal_name, Some(relay));
    }

    #[test]
    fn notifications_of_other_things_cannot_be_told() {
        let receipt = NotificationChoice::Receipt(crate::x420::notification::ReceiptFields {
            receipt_time: X400Time::new("261127010000Z"),
            acknowledgment_mode: crate::x420::notification::AcknowledgmentMode::MANUAL,
            supplementary_receipt_information: None,
            rn_extensions: vec![IncompleteCopy::field(&Null).unwrap()],
            unknown: Vec::new(),
        });
        for (choice, possible) in [(receipt, true), (NotificationChoice::Other(Vec::new()), false)] {
            let mut notification = Ipn {
                subject_ipm: IpmIdentifier::default(),
                ipn_originator: None,
                ipm_intended_recipient: None,
                conversion_eits: None,
                notification_extensions: Vec::new(),
                choice,
                unknown: Vec::new(),
            };
            let lost = downgrade_notification(&mut notification, &|_| None);
            assert_eq!(lost.map(|lost| lost.len()).ok(), possible.then_some(1));
            ber::encode(&notification).unwrap();
        }
    }
}
