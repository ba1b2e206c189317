//! Which field goes where: the one list of field names.

use crate::message::Field;
use crate::mixer::military;

/// Where a field goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Into an element of the heading, if its value fits.
    Heading(Element),
    /// Into the envelope or its trace (H-10, H-11, H-53).
    Envelope,
    /// Into the envelope if the fields of Appendix C are obeyed (H-55).
    Access,
    /// Into an extension of military messages, if the message is one.
    Military(military::Field),
    /// Into the envelope, if labels are mapped (beyond S-24).
    Label,
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

/// The place of a field.
pub(crate) fn place(field: &Field) -> Place {
    place_of(&field.name)
}

/// The place of a field of this name.
pub(crate) fn place_of(name: &str) -> Place {
    if let Some(field) = military::Field::named(name) {
        return Place::Military(field);
    }
    let name = name.to_ascii_lowercase();
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

        "sio-label" => Place::Label,

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

/// The heading elements a field can map to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    From,
    Sender,
    ReplyTo,
    To,
    Cc,
    Bcc,
    MessageId,
    InReplyTo,
    References,
    Supersedes,
    Subject,
    Expires,
    ReplyBy,
    Importance,
    Sensitivity,
    AutoForwarded,
    IncompleteCopy,
    AutoSubmitted,
    AutoSubmitted3834,
    Languages,
    DispositionNotification,
}

impl Element {
    const fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::From => ("originator", "H-13"),
            Self::Sender => ("originator", "H-15"),
            Self::ReplyTo => ("reply-recipients", "H-16"),
            Self::To => ("primary-recipients", "H-17"),
            Self::Cc => ("copy-recipients", "H-18"),
            Self::Bcc => ("blind-copy-recipients", "H-19"),
            Self::MessageId => ("this-IPM", "H-12"),
            Self::InReplyTo => ("replied-to-IPM", "H-21"),
            Self::References => ("related-IPMs", "H-23"),
            Self::Supersedes => ("obsoleted-IPMs", "H-40"),
            Self::Subject => ("subject", "H-24"),
            Self::Expires => ("expiry-time", "H-42"),
            Self::ReplyBy => ("reply-time", "H-44"),
            Self::Importance => ("importance", "H-45"),
            Self::Sensitivity => ("sensitivity", "H-46"),
            Self::AutoForwarded => ("auto-forwarded", "H-47"),
            Self::IncompleteCopy => ("extensions.incomplete-copy", "H-48"),
            Self::AutoSubmitted => ("extensions.auto-submitted", "H-50"),
            Self::AutoSubmitted3834 => ("extensions.auto-submitted", "Y-12"),
            Self::Languages => ("extensions.languages", "H-29"),
            Self::DispositionNotification => ("notification-requests", "Y-01"),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.described().0
    }

    pub(crate) const fn clause(self) -> &'static str {
        self.described().1
    }
}
