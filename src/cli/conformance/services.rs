//! The service elements of RFC 2156 chapter 2, with the level at which MIXER provides each, and what carries it.

/// One line of the statement.
pub(super) struct Service {
    /// The id in the ledger, which has its name and how far it is done.
    pub(super) id: &'static str,
    /// The level that MIXER gives it.
    pub(super) level: Level,
    /// What carries it, or why there is nothing to carry.
    pub(super) carrier: &'static str,
}

/// How a service is provided (RFC 2156 2.2, 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// By the counterpart that the other side has.
    Supported,
    /// By a new field or a comment.
    Partial,
    /// Not.
    NotSupported,
    /// Not applicable: between a user and its own system.
    Local,
    /// Not applicable: for the recipient's system only.
    Reception,
    /// Not applicable: for physical delivery only.
    Physical,
    /// Not applicable: done before a message comes to the gateway.
    Prior,
    /// Not applicable: between a user and its message store.
    MessageStore,
    /// What X.400 users must have, which is not the gateway's affair.
    Demanded,
}

impl Level {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Partial => "partially supported",
            Self::NotSupported => "not supported",
            Self::Local => "not applicable: local",
            Self::Reception => "not applicable: reception",
            Self::Physical => "not applicable: physical",
            Self::Prior => "not applicable: prior",
            Self::MessageStore => "not applicable: store",
            Self::Demanded => "demanded of users",
        }
    }
}

const fn service(id: &'static str, level: Level, carrier: &'static str) -> Service {
    Service { id, level, carrier }
}

/// All of them.
pub(super) const SERVICES: &[Service] = &[
    service("SE-01", Level::Supported, "From is the authorizing user where there is a Sender"),
    service("SE-02", Level::Supported, "several values go by related-IPMs"),
    service("SE-03", Level::Partial, "heading extension rfc-822-field"),
    service("SE-04", Level::Partial, "X400-Content-Type"),
    service("SE-05", Level::Partial, "X400-Received (converted)"),
    service("SE-06", Level::Supported, "Message-ID, Date"),
    service("SE-07", Level::Partial, "X400-MTS-Identifier"),
    service("SE-08", Level::Supported, "delivery status notifications"),
    service("SE-09", Level::Partial, "Original-Encoded-Information-Types"),
    service("SE-10", Level::Supported, "RFC 2157"),
    service("SE-11", Level::Local, ""),
    service("SE-12", Level::Reception, ""),
    service("SE-13", Level::NotSupported, "carried all the same, and nobody is told; refused by setting"),
    service("SE-14", Level::Supported, "From"),
    service("SE-15", Level::Partial, "Autoforwarded"),
    service("SE-16", Level::Supported, "Bcc, To, Cc"),
    service("SE-17", Level::Partial, "Original-Encoded-Information-Types; the part travels whole"),
    service(
        "SE-18",
        Level::NotSupported,
        "named in Discarded-X400-MTS-Extensions, and refused if critical or if the content is encrypted; security labels are \
         SIO-Label by setting",
    ),
    service(
        "SE-19",
        Level::Supported,
        "Conversion, Conversion-With-Loss; what would lose something travels whole (RFC 2157)",
    ),
    service("SE-20", Level::Supported, "References, In-Reply-To, Subject, From, multipart, message/rfc822"),
    service("SE-21", Level::Prior, "Deferred-Delivery tells of it"),
    service("SE-22", Level::Supported, "delivery status notifications"),
    service("SE-23", Level::Partial, "X400-Recipients"),
    service("SE-24", Level::Partial, "DL-Expansion-History"),
    service(
        "SE-25",
        Level::NotSupported,
        "carried all the same, and named in Discarded-X400-MTS-Extensions; refused by setting",
    ),
    service("SE-26", Level::Partial, "Expires"),
    service("SE-27", Level::Prior, ""),
    service("SE-28", Level::Partial, "Priority"),
    service(
        "SE-29",
        Level::Partial,
        "Importance, Incomplete-Copy, Content-Language, Sensitivity, Supersedes",
    ),
    service("SE-30", Level::NotSupported, "Latest-Delivery-Time tells of it; kept until the message leaves"),
    service("SE-31", Level::NotSupported, "disposition notifications by setting"),
    service("SE-32", Level::NotSupported, "a comment in X400-Recipients tells of it"),
    service("SE-33", Level::Partial, "a comment in X400-Recipients"),
    service("SE-34", Level::Physical, ""),
    service("SE-35", Level::Supported, "NOTIFY of SMTP"),
    service("SE-36", Level::Supported, "answered at the gateway"),
    service(
        "SE-37",
        Level::NotSupported,
        "carried all the same, and named in Discarded-X400-MTS-Extensions; refused by setting",
    ),
    service("SE-38", Level::Supported, "a comment in To, Cc, Bcc"),
    service("SE-39", Level::Supported, "RET of SMTP"),
    service("SE-40", Level::MessageStore, ""),
    service("SE-41", Level::Supported, "an address like any other"),
    service("SE-42", Level::Supported, "Autosubmitted; Auto-Submitted as well by setting"),
    service("SE-43", Level::Demanded, ""),
];
