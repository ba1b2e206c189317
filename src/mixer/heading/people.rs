//! Addresses in a heading: mailboxes towards O/R descriptors (RFC 2156 4.7.1, A-301 to A-305).

use rasn_x400::x420::heading::{OrDescriptor, RecipientSpecifier};

use super::{MAX_FREE_FORM_NAME, human};
use crate::message::address::{Address, AddressList, Mailbox};
use crate::mixer::AddressContext;
use crate::mixer::charset::decode_words;
use crate::mixer::to_x400::Work;

/// The descriptors of an address field; `None` if no address in it can be read.
pub(super) fn descriptors(value: &str, at: &str, work: &mut Work<'_>) -> Option<Vec<OrDescriptor>> {
    let list = AddressList::parse(value);
    let mut out = Vec::new();
    for address in &list.addresses {
        match address {
            Address::Mailbox(mailbox) => out.push(descriptor(mailbox, at, work)),
            // A-305, Z-11: the group's name stands before its members.
            Address::Group { name, members } => {
                let free_form_name = Some(human(name, MAX_FREE_FORM_NAME, at, "A-305", work));
                out.push(OrDescriptor { free_form_name, ..OrDescriptor::default() });
                out.extend(members.iter().map(|member| descriptor(member, at, work)));
            }
        }
    }
    if !out.is_empty() {
        // Where some addresses can be read, the others are lost; where none can, the field travels whole (H-07).
        for error in &list.errors {
            work.losses.dropped(at, &error.text, error.to_string(), "H-07");
        }
    }
    (!out.is_empty()).then_some(out)
}

///
fn descriptor(mailbox: &Mailbox, at: &str, work: &mut Work<'_>) -> OrDescriptor {
    let address = mailbox.address();
    if let Some(route) = &mailbox.route {
        work.losses.dropped(at, route, "a source route is not followed", "A-301");
    }
    let mut name = decode_words(&mailbox.phrase).into_owned();
    for comment in &mailbox.comments {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(&format!("({})", decode_words(comment)));
    }
    let formal_name = match work.mapper().to_or(&address, AddressContext::Header) {
        Ok(mapped) => {
            work.explain_address(at, &address, &mapped);
            Some(mapped.or_address)
        }
        Err(error) => {
            // F-04: an address in a header never fails the message; its text stays readable.
            work.losses.replaced(at, &address, error.to_string(), "F-04", "the free-form name");
            name = if name.is_empty() { address } else { format!("{name} <{address}>") };
            None
        }
    };
    let free_form_name = (!name.is_empty()).then(|| human(&name, MAX_FREE_FORM_NAME, at, "A-302", work));
    OrDescriptor { formal_name, free_form_name, ..OrDescriptor::default() }
}

/// no reply requested, no notifications.
pub(super) fn specifiers(value: &str, at: &str, work: &mut Work<'_>) -> Option<Vec<RecipientSpecifier>> {
    let descriptors = descriptors(value, at, work)?;
    let specify = |recipient| RecipientSpecifier { recipient, ..RecipientSpecifier::default() };
    Some(descriptors.into_iter().map(specify).collect())
}
