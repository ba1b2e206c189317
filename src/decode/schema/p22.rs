//! P2 and P22: the interpersonal message and notification (X.420 clauses 7 and 8; ledger ).
//!
//! P772 (STANAG 4406) has the same shape; its own heading extensions are in [`heading`](super::heading).

use super::address::OR_NAME;
use super::body::BODY_PART;
use super::heading::{
    HEADING_EXTENSIONS, NOTIFICATION_EXTENSIONS, OTHER_NOTIFICATIONS, RECIPIENT_EXTENSIONS,
};
use super::p1::ENCODED_INFORMATION_TYPES;
use super::{BOOLEAN, Kind, Member, PRINTABLE, TELETEX, Type, UTC_TIME, may, must};

/// `InformationObject ::= CHOICE { ipm [0] IPM, ipn [1] IPN }`
pub static INFORMATION_OBJECT: Type =
    Type::new("InformationObject", Kind::Choice(&[must("ipm", &IPM).at(0), must("ipn", &IPN).at(1)]));

/// `IPM ::= SEQUENCE { heading, body }`
pub static IPM: Type = Type::new("IPM", Kind::Sequence(&[must("heading", &HEADING), must("body", &BODY)]));

static BODY: Type = Type::new("Body", Kind::SequenceOf("body-part", &BODY_PART));

/// The heading of a message.
pub static HEADING: Type = Type::new(
    "Heading",
    Kind::Set(&[
        must("this-IPM", &IPM_IDENTIFIER),
        may("originator", &OR_DESCRIPTOR).at(0),
        may(
            "authorizing-users",
            &Type::new("AuthorizingUsersField", Kind::SequenceOf("user", &OR_DESCRIPTOR)),
        )
        .at(1),
        may("primary-recipients", &RECIPIENTS).at(2),
        may("copy-recipients", &RECIPIENTS).at(3),
        may("blind-copy-recipients", &RECIPIENTS).at(4),
        may("replied-to-IPM", &IPM_IDENTIFIER).at(5),
        may("obsoleted-IPMs", &IPM_IDENTIFIERS).at(6),
        may("related-IPMs", &IPM_IDENTIFIERS).at(7),
        may("subject", &TELETEX).within(8),
        may("expiry-time", &UTC_TIME).at(9),
        may("reply-time", &UTC_TIME).at(10),
        may(
            "reply-recipients",
            &Type::new("ReplyRecipientsField", Kind::SequenceOf("recipient", &OR_DESCRIPTOR)),
        )
        .at(11),
        may("importance", &IMPORTANCE).at(12),
        may("sensitivity", &SENSITIVITY).at(13),
        may("auto-forwarded", &BOOLEAN).at(14),
        may("extensions", &HEADING_EXTENSIONS).at(15),
    ]),
);

/// `IPMIdentifier ::= [APPLICATION 11] SET { user ORName OPTIONAL, user-relative-identifier }`
pub static IPM_IDENTIFIER: Type = Type::application(
    "IPMIdentifier",
    11,
    &Type::new(
        "IPMIdentifier",
        Kind::Set(&[may("user", &OR_NAME), must("user-relative-identifier", &PRINTABLE)]),
    ),
);

static IPM_IDENTIFIERS: Type = Type::new("IPMIdentifiers", Kind::SequenceOf("ipm", &IPM_IDENTIFIER));

/// `ORDescriptor ::= SET { formal-name, free-form-name [0], telephone-number [1] }`
pub static OR_DESCRIPTOR: Type = Type::new(
    "ORDescriptor",
    Kind::Set(&[
        may("formal-name", &OR_NAME),
        may("free-form-name", &TELETEX).at(0),
        may("telephone-number", &PRINTABLE).at(1),
    ]),
);

/// `SEQUENCE OF RecipientSpecifier`
pub static RECIPIENTS: Type =
    Type::new("RecipientsField", Kind::SequenceOf("recipient", &RECIPIENT_SPECIFIER));

/// `RecipientSpecifier`: who, and what is asked of them.
pub static RECIPIENT_SPECIFIER: Type = Type::new(
    "RecipientSpecifier",
    Kind::Set(&[
        must("recipient", &OR_DESCRIPTOR).at(0),
        may("notification-requests", &NOTIFICATION_REQUESTS).at(1),
        may("reply-requested", &BOOLEAN).at(2),
        may("recipient-extensions", &RECIPIENT_EXTENSIONS).at(3),
    ]),
);

static NOTIFICATION_REQUESTS: Type = Type::new(
    "NotificationRequests",
    Kind::Bits(&[(0, "rn"), (1, "nrn"), (2, "ipm-return"), (3, "an-supported"), (4, "suppress-an")]),
);

static IMPORTANCE: Type =
    Type::new("ImportanceField", Kind::Enumerated(&[(0, "low"), (1, "normal"), (2, "high")]));

static SENSITIVITY: Type = Type::new(
    "SensitivityField",
    Kind::Enumerated(&[(1, "personal"), (2, "private"), (3, "company-confidential")]),
);

/// A notification.
pub static IPN: Type = Type::new("IPN", Kind::Set(IPN_MEMBERS));

static IPN_MEMBERS: &[Member] = &[
    must("subject-ipm", &IPM_IDENTIFIER),
    may("ipn-originator", &OR_DESCRIPTOR).at(1),
    may("ipm-intended-recipient", &OR_DESCRIPTOR).at(2),
    may("conversion-eits", &ENCODED_INFORMATION_TYPES),
    may("notification-extensions", &NOTIFICATION_EXTENSIONS).at(3),
    must("choice", &NOTIFICATION_CHOICE).at(0),
];

static NOTIFICATION_CHOICE: Type = Type::new(
    "choice",
    Kind::Choice(&[
        must("non-receipt-fields", &NON_RECEIPT_FIELDS).at(0),
        must("receipt-fields", &RECEIPT_FIELDS).at(1),
        must("other-notification-type-fields", &OTHER_NOTIFICATIONS).at(2),
    ]),
);

static NON_RECEIPT_FIELDS: Type = Type::new(
    "NonReceiptFields",
    Kind::Set(&[
        must("non-receipt-reason", &NON_RECEIPT_REASON).at(0),
        may("discard-reason", &DISCARD_REASON).at(1),
        may("auto-forward-comment", &PRINTABLE).at(2),
        may("returned-ipm", &IPM).at(3),
        may("nrn-extensions", &NOTIFICATION_EXTENSIONS).at(4),
    ]),
);

static NON_RECEIPT_REASON: Type =
    Type::new("NonReceiptReasonField", Kind::Enumerated(&[(0, "ipm-discarded"), (1, "ipm-auto-forwarded")]));

static DISCARD_REASON: Type = Type::new(
    "DiscardReasonField",
    Kind::Enumerated(&[
        (0, "ipm-expired"),
        (1, "ipm-obsoleted"),
        (2, "user-subscription-terminated"),
        (3, "not-used"),
    ]),
);

static RECEIPT_FIELDS: Type = Type::new(
    "ReceiptFields",
    Kind::Set(&[
        must("receipt-time", &UTC_TIME).at(0),
        may("acknowledgment-mode", &ACKNOWLEDGMENT_MODE).at(1),
        may("suppl-receipt-info", &PRINTABLE).at(2),
        may("rn-extensions", &NOTIFICATION_EXTENSIONS).at(3),
    ]),
);

static ACKNOWLEDGMENT_MODE: Type =
    Type::new("AcknowledgmentModeField", Kind::Enumerated(&[(0, "manual"), (1, "automatic")]));
