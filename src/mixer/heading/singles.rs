//! Fields that may stand once, wherever in X.400 they go.
//!
//! One rule for all: of several, the first whose value can be read counts. One that repeats it word for word says
//! nothing new; one that differs travels whole, as any illegal field does (H-07, H-30), and is a loss.

use super::fields::{Element, Place, place};
use crate::message::{Field, Header};
use crate::mixer::settings::Settings;

/// The first field of any of these names that `read` makes something of, and what it makes.
pub(crate) fn first<'a, T>(
    header: &'a Header,
    names: &[&str],
    read: impl Fn(&'a str) -> Option<T>,
) -> Option<(&'a Field, T)> {
    let fields = header.fields().iter().filter(|field| names.iter().any(|name| field.is(name)));
    fields.filter_map(|field| Some((field, read(&field.value)?))).next()
}

/// What a field speaks of, if only one field may speak of it; fields under several names for one thing give the same.
/// `mime` is whether the message is one of MIME, so that the fields of MIME mean something (B-06).
pub(super) fn subject_matter(field: &Field, mime: bool, settings: &Settings) -> Option<&'static str> {
    match place(field) {
        Place::Heading(element) => match element {
            Element::AutoSubmitted3834 if !settings.auto_submitted => None,
            Element::DispositionNotification if !settings.receipt_requests => None,
            // H-03: fields of one name make one list; and of an empty field there is nothing to differ in.
            Element::From
            | Element::ReplyTo
            | Element::To
            | Element::Cc
            | Element::Bcc
            | Element::InReplyTo
            | Element::References
            | Element::Supersedes
            | Element::Languages
            | Element::IncompleteCopy => None,
            Element::Sender => Some("sender"),
            other => Some(other.name()),
        },
        Place::Envelope | Place::Access | Place::Body => {
            let names = [
                "date",
                "priority",
                "originator-return-address",
                "conversion",
                "conversion-with-loss",
                "deferred-delivery",
                "latest-delivery-time",
                "delivery-date",
                "content-identifier",
                "alternate-recipient",
                "disclose-recipients",
                "content-return",
            ];
            let mime_names = ["mime-version", "content-type", "content-transfer-encoding"];
            // H-54: with and without `X400-`.
            let plain = if field.starts_with("X400-") { &field.name["X400-".len()..] } else { &field.name };
            let names = names.into_iter().chain(mime_names.into_iter().filter(|_| mime));
            names.into_iter().find(|name| name.eq_ignore_ascii_case(plain))
        }
        Place::Military(field) => Some(field.name()),
        Place::Label | Place::Dropped { .. } | Place::Signature | Place::Extension => None,
    }
}
