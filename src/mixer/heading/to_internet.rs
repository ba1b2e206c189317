//! The heading: X.420 towards RFC 822 fields (RFC 2156 5.3.2, 5.3.4).

use rasn_x400::x420::heading::{Heading, IpmIdentifier, OrDescriptor, RecipientSpecifier};

use super::Location;
use crate::mixer::AddressContext;
use crate::mixer::charset::t61;
use crate::mixer::header_block::{HeaderBlock, comment, phrase};
use crate::mixer::identifier::{self, x400_to_message_id};
use crate::mixer::to_internet::Work;

/// The fields of a heading.
pub(crate) fn header(heading: &Heading, at: &Location, work: &mut Work<'_>) -> HeaderBlock {
    let mut header = HeaderBlock::default();
    let mut people = |name: &str, element: &str, list: Vec<&OrDescriptor>| {
        let source = format!("{}heading.{element}", at.source);
        let mailboxes: Vec<_> = list.into_iter().map(|one| mailbox(one, &source, work)).collect();
        if !mailboxes.is_empty() {
            header.add(name, &mailboxes.join(", "));
        }
    };
    fn of(list: &Option<Vec<RecipientSpecifier>>) -> Vec<&OrDescriptor> {
        list.iter().flatten().map(|one| &one.recipient).collect()
    }
    people("From", "originator", heading.originator.iter().collect());
    people("To", "primary-recipients", of(&heading.primary_recipients));
    people("Cc", "copy-recipients", of(&heading.copy_recipients));
    header.add("Message-ID", &message_id(&heading.this_ipm, work));
    if let Some(subject) = &heading.subject {
        header.add_text("Subject", &t61::decode(subject.as_bytes()));
    }
    header
}

/// An identifier with its angle brackets (I-05 to I-07).
pub(crate) fn message_id(identifier: &IpmIdentifier, work: &Work<'_>) -> String {
    x400_to_message_id(&identifier::IpmIdentifier {
        user: identifier.user.as_ref().map(|user| work.mapper().show_or(user)),
        user_relative: identifier.user_relative_identifier.to_text().into_owned(),
    })
}

/// A descriptor as a mailbox.
fn mailbox(descriptor: &OrDescriptor, source: &str, work: &mut Work<'_>) -> String {
    let name = descriptor.free_form_name.as_ref().map(|name| t61::decode(name.as_bytes()));
    let address = match &descriptor.formal_name {
        None => None,
        Some(formal_name) => match work.mailbox(formal_name, AddressContext::Header, source) {
            Ok(mapped) => Some(mapped.address),
            Err(error) => {
                // F-04
                let shown = work.mapper().show_or(formal_name);
                work.losses.dropped(source, shown, error.to_string(), "F-04");
                None
            }
        },
    };
    let mut out = match (name, address) {
        (Some(name), Some(address)) => format!("{} <{address}>", phrase(&name)),
        (None, Some(address)) => address,
        (name, None) => format!("{}: ;", phrase(&name.unwrap_or_default())),
    };
    if let Some(number) = &descriptor.telephone_number {
        out.push_str(&format!(" (Tel {})", comment(&number.to_text())));
    }
    out
}
