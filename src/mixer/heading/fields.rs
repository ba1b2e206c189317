//! Which field goes where: the one list of field names.

use super::Element;
use crate::message::Field;

/// Where a field goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into an element of the heading, if its value fits.
    Heading(Element),
    /// Into the envelope or its trace (H-10, H-11, H-53).
    Envelope,
    /// Into the envelope if the fields of Appendix C are obeyed (H-55).
    Access,
    /// To whoever maps the body.
    Body,
    /// Nowhere.
    Dropped {
        /// The clause that says so.
        clause: &'static str,
    },
    /// Into the extension for whole fields, unless signatures are left out.
    Signature,
    /// Into the extension for whole fields.
    Extension,
}

/// The place of a field, by its name.
pub(crate) fn place(field: &Field) -> Place {
    let name = field.name.to_ascii_lowercase();
    match name.as_str() {
        "from" => Place::Heading(Element::From),
        "sender" => Place::Heading(Element::Sender),
        "reply-to" => Place::Heading(Element::ReplyTo),
        "to" => Place::Heading(Element::To),
        "cc" => Place::Heading(Element::Cc),
        "bcc" => Place::Heading(Element::Bcc),
        "message-id" => Place::Heading(Element::MessageId),
        "in-reply-to" => Place::Heading(Element::InReplyTo),
        "references" => Place::Heading(Element::References),
        "subject" => Place::Heading(Element::Subject),
        "content-language" | "language" => Place::Heading(Element::Languages),
        "supersedes" | "obsoletes" => Place::Heading(Element::Supersedes),
        "expires" | "expiry-date" => Place::Heading(Element::Expires),
        "reply-by" => Place::Heading(Element::ReplyBy),
        "importance" => Place::Heading(Element::Importance),
        "sensitivity" => Place::Heading(Element::Sensitivity),
        // Z-42
        "autoforwarded" | "auto-forwarded" => Place::Heading(Element::AutoForwarded),
        "incomplete-copy" => Place::Heading(Element::IncompleteCopy),
        "autosubmitted" => Place::Heading(Element::AutoSubmitted),
        "auto-submitted" => Place::Heading(Element::AutoSubmitted3834),
        "disposition-notification-to" => Place::Heading(Element::DispositionNotification),

        // H-54: with and without `X400-`.
        "x400-content-identifier" | "content-identifier" => Place::Envelope,
        "date"
        | "received"
        | "x400-received"
        | "original-encoded-information-types"
        | "priority"
        | "originator-return-address"
        | "dl-expansion-history"
        | "conversion"
        | "conversion-with-loss"
        | "deferred-delivery"
        | "latest-delivery-time"
        | "delivery-date" => Place::Envelope,
        "prevent-nondelivery-report"
        | "generate-delivery-report"
        | "alternate-recipient"
        | "disclose-recipients"
        | "x400-content-return"
        | "content-return" => Place::Access,

        "mime-version" | "content-type" | "content-transfer-encoding" => Place::Body,
        other if other.starts_with("content-") => Place::Body,

        // H-52
        "discarded-x400-ipms-extensions"
        | "discarded-x400-mts-extensions"
        | "message-type"
        | "x400-content-type"
        | "x400-originator"
        | "x400-recipients"
        | "x400-mts-identifier" => Place::Dropped { clause: "H-52" },
        "x400-trace" => Place::Dropped { clause: "Z-51" },
        "return-path" => Place::Dropped { clause: "H-32" },

        "dkim-signature"
        | "authentication-results"
        | "arc-seal"
        | "arc-message-signature"
        | "arc-authentication-results" => Place::Signature,
        _ => Place::Extension,
    }
}
