//! Extensions of the IPM heading, of recipients and of notifications, by object identifier.
//!
//! X.420 annex A (ledger A-32), RFC 2156 and 2157 (ledger OI-03 to OI-08), STANAG 4406 (ledger M-10).

use super::address::UNIVERSAL_OR_BMP;
use super::body::BODY_PART;
use super::extension::{ALGORITHM_IDENTIFIER, SECURITY_LABEL};
use super::p22::{IPM_IDENTIFIER, OR_DESCRIPTOR, RECIPIENT_SPECIFIER};
use super::{
    ANY, BITS, BOOLEAN, GENERALIZED_TIME, IA5, INTEGER, Kind, NULL, OID, PRINTABLE, Table, Type, UTC_TIME,
    may, must,
};

/// `SET OF IPMSExtension`, in a heading.
pub static HEADING_EXTENSIONS: Type = Type::new(
    "ExtensionsField",
    Kind::SetOf(
        "extension",
        &Type::new(
            "IPMSExtension",
            Kind::Sequence(&[
                must("type", &OID).key(),
                may("value", &Type::new("ANY", Kind::Open(&HEADING_TABLE))),
            ]),
        ),
    ),
);

/// `SET OF IPMSExtension`, for a recipient.
pub static RECIPIENT_EXTENSIONS: Type = Type::new(
    "RecipientExtensionsField",
    Kind::SetOf(
        "extension",
        &Type::new(
            "IPMSExtension",
            Kind::Sequence(&[
                must("type", &OID).key(),
                may("value", &Type::new("ANY", Kind::Open(&RECIPIENT_TABLE))),
            ]),
        ),
    ),
);

/// `SET OF IPMSExtension`, in a notification.
pub static NOTIFICATION_EXTENSIONS: Type = Type::new(
    "NotificationExtensionsField",
    Kind::SetOf(
        "extension",
        &Type::new(
            "IPMSExtension",
            Kind::Sequence(&[
                must("type", &OID).key(),
                may("value", &Type::new("ANY", Kind::Open(&NOTIFICATION_TABLE))),
            ]),
        ),
    ),
);

/// `SET OF IPMSExtension`, as advice of absence or a new address.
pub static OTHER_NOTIFICATIONS: Type = Type::new(
    "OtherNotificationTypeFields",
    Kind::SetOf(
        "extension",
        &Type::new(
            "IPMSExtension",
            Kind::Sequence(&[
                must("type", &OID).key(),
                may("value", &Type::new("ANY", Kind::Open(&ADVICE_TABLE))),
            ]),
        ),
    ),
);

static HEADING_TABLE: Table = Table {
    numbers: &[],
    oids: &[
        ("2.6.1.5.0", &NULL),
        ("2.6.1.5.1", &LANGUAGES),
        ("2.6.1.5.2", &AUTO_SUBMITTED),
        ("2.6.1.5.3", &BODY_PART_SIGNATURES),
        ("2.6.1.5.4", &IPM_SECURITY_LABEL),
        ("2.6.1.5.5", &GENERALIZED_TIME),
        ("2.6.1.5.6", &CIRCULATION_LIST),
        ("2.6.1.5.7", &DISTRIBUTION_CODES),
        ("2.6.1.5.8", &UNIVERSAL_OR_BMP),
        ("2.6.1.5.9", &INFORMATION_CATEGORIES),
        ("2.6.1.5.10", &MANUAL_HANDLING_INSTRUCTIONS),
        ("2.6.1.5.11", &UNIVERSAL_OR_BMP),
        ("2.6.1.5.12", &OID),
        ("1.3.6.1.7.1.1.1", &PARTIAL_MESSAGE),
        ("1.3.6.1.7.1.1.2", &MULTIPART_TYPE),
        ("1.3.6.1.7.1.1.3", &MULTIPART_MESSAGE),
        ("1.3.6.1.7.1.3.2", &RFC822_FIELD_LIST),
        ("0.9.2342.234219200300.200.0", &IA5),
        ("0.9.2342.234219200300.200.1", &RFC822_FIELD_LIST),
        ("1.3.26.0.4406.0.2.0", &PRECEDENCE),
        ("1.3.26.0.4406.0.2.1", &PRECEDENCE),
        ("1.3.26.0.4406.0.2.2", &MILITARY_MESSAGE_TYPE),
        ("1.3.26.0.4406.0.2.3", &ADDRESS_LISTS),
        ("1.3.26.0.4406.0.2.4", &EXEMPTED_ADDRESSES),
        ("1.3.26.0.4406.0.2.5", &UTC_TIME),
        ("1.3.26.0.4406.0.2.6", &MILITARY_DISTRIBUTION_CODES),
        ("1.3.26.0.4406.0.2.7", &MILITARY_STRINGS),
        ("1.3.26.0.4406.0.2.8", &MILITARY_STRINGS),
        ("1.3.26.0.4406.0.2.9", &INTEGER),
        ("1.3.26.0.4406.0.2.10", &PRINTABLE),
        ("1.3.26.0.4406.0.2.11", &OTHER_RECIPIENTS),
        ("1.3.26.0.4406.0.2.12", &PILOT_INFORMATION),
        ("1.3.26.0.4406.0.2.13", &PRINTABLE),
        ("1.3.26.0.4406.0.2.14", &PRINTABLE),
        ("1.3.26.0.4406.0.2.15", &ACP127_NOTIFICATION_REQUEST),
        ("1.3.26.0.4406.0.2.16", &ACP127_NOTIFICATION_RESPONSE),
        ("1.3.26.0.4406.0.2.17", &MILITARY_LABELS),
    ],
    otherwise: &ANY,
};

static RECIPIENT_TABLE: Table = Table {
    numbers: &[],
    oids: &[
        ("2.6.1.20.0", &NULL),
        ("2.6.1.20.1", &INTEGER),
        ("2.6.1.18.0", &RECIPIENT_SECURITY_REQUEST),
        ("1.3.26.0.4406.0.2.15", &ACP127_NOTIFICATION_REQUEST),
    ],
    otherwise: &ANY,
};

static NOTIFICATION_TABLE: Table = Table { numbers: &[], oids: &[("2.6.1.18.1", &ANY)], otherwise: &ANY };

static ADVICE_TABLE: Table = Table {
    numbers: &[],
    oids: &[
        ("2.6.1.19.0", &ABSENCE_ADVICE),
        ("2.6.1.19.1", &CHANGE_OF_ADDRESS_ADVICE),
        ("1.3.26.0.4406.0.2.16", &ACP127_NOTIFICATION_RESPONSE),
    ],
    otherwise: &ANY,
};

/// `RFC822FieldList ::= SEQUENCE OF IA5String` (RFC 2156 appendix D)
pub static RFC822_FIELD_LIST: Type = Type::new("RFC822FieldList", Kind::SequenceOf("field", &IA5));

static LANGUAGES: Type = Type::new("Languages", Kind::SetOf("language", &PRINTABLE));

static AUTO_SUBMITTED: Type = Type::new(
    "AutoSubmitted",
    Kind::Enumerated(&[(0, "not-auto-submitted"), (1, "auto-generated"), (2, "auto-replied")]),
);

static BODY_PART_SIGNATURES: Type = Type::new(
    "BodyPartSignatures",
    Kind::SetOf(
        "signature",
        &Type::new(
            "BodyPartSignatureEntry",
            Kind::Set(&[
                must("body-part-number", &INTEGER),
                must(
                    "body-part-signature",
                    &Type::new(
                        "Signature",
                        Kind::Sequence(&[
                            must("algorithmIdentifier", &ALGORITHM_IDENTIFIER),
                            must("encrypted", &BITS),
                        ]),
                    ),
                ),
                may("originator-certificate-selector", &ANY).at(1),
                may("originator-certificates", &ANY).at(0),
            ]),
        ),
    ),
);

static IPM_SECURITY_LABEL: Type = Type::new(
    "IPMSecurityLabel",
    Kind::Sequence(&[
        must("content-security-label", &SECURITY_LABEL).at(0),
        may("heading-security-label", &SECURITY_LABEL).at(1),
        may("body-part-security-labels", &Type::new("labels", Kind::SequenceOf("label", &BODY_PART_LABEL)))
            .at(2),
    ]),
);

static BODY_PART_LABEL: Type = Type::new(
    "BodyPartSecurityLabel",
    Kind::Choice(&[
        must("body-part-unlabelled", &NULL).at(0),
        must("body-part-security-label", &SECURITY_LABEL).at(1),
    ]),
);

static CIRCULATION_LIST: Type = Type::new(
    "CirculationList",
    Kind::SequenceOf(
        "member",
        &Type::new(
            "CirculationMember",
            Kind::Set(&[must("circulation-recipient", &RECIPIENT_SPECIFIER), may("checked", &CHECKMARK)]),
        ),
    ),
);

static CHECKMARK: Type = Type::new(
    "Checkmark",
    Kind::Choice(&[
        must("simple", &NULL),
        must("timestamped", &GENERALIZED_TIME),
        must(
            "signed",
            &Type::new(
                "CirculationSignature",
                Kind::Sequence(&[
                    must(
                        "circulation-signature-data",
                        &Type::new(
                            "CirculationSignatureData",
                            Kind::Sequence(&[
                                may("algorithm-identifier", &ALGORITHM_IDENTIFIER),
                                must("this-IPM", &IPM_IDENTIFIER),
                                must("timestamp", &GENERALIZED_TIME),
                            ]),
                        ),
                    ),
                    must("algorithm-identifier", &ALGORITHM_IDENTIFIER),
                    must("encrypted", &BITS),
                ]),
            ),
        ),
    ]),
);

static DISTRIBUTION_CODES: Type = Type::new(
    "DistributionCodes",
    Kind::SequenceOf(
        "code",
        &Type::new(
            "DistributionCode",
            Kind::Sequence(&[
                may("oid-code", &OID),
                may("alphanumeric-code", &UNIVERSAL_OR_BMP),
                may("or-descriptor", &OR_DESCRIPTOR).at(0),
            ]),
        ),
    ),
);

static INFORMATION_CATEGORIES: Type = Type::new(
    "InformationCategories",
    Kind::SequenceOf(
        "category",
        &Type::new(
            "InformationCategory",
            Kind::Sequence(&[may("reference", &OID).at(0), may("description", &UNIVERSAL_OR_BMP).at(1)]),
        ),
    ),
);

static MANUAL_HANDLING_INSTRUCTIONS: Type =
    Type::new("ManualHandlingInstructions", Kind::SequenceOf("instruction", &UNIVERSAL_OR_BMP));

static PARTIAL_MESSAGE: Type = Type::new(
    "PartialMessage",
    Kind::Sequence(&[must("number", &INTEGER), must("total", &INTEGER), must("id", &IA5)]),
);

static MULTIPART_TYPE: Type = Type::new(
    "MultipartType",
    Kind::Enumerated(&[(1, "mixed"), (2, "alternative"), (3, "digest"), (4, "parallel")]),
);

static MULTIPART_MESSAGE: Type =
    Type::new("MultipartMessage", Kind::Sequence(&[must("subtype", &IA5), may("isAMessage", &BOOLEAN)]));

static PRECEDENCE: Type = Type::new(
    "MMHSPrecedence",
    Kind::Integer(&[
        (0, "deferred"),
        (1, "routine"),
        (2, "priority"),
        (3, "immediate"),
        (4, "flash"),
        (5, "override"),
    ]),
);

static MILITARY_MESSAGE_TYPE: Type = Type::new(
    "MessageType",
    Kind::Set(&[
        must(
            "type",
            &Type::new(
                "TypeMessage",
                Kind::Integer(&[(0, "exercise"), (1, "operation"), (2, "project"), (3, "drill")]),
            ),
        )
        .at(0),
        may("identifier", &PRINTABLE).at(1),
    ]),
);

static ADDRESS_LISTS: Type = Type::new(
    "AddressListIndicator",
    Kind::SequenceOf(
        "list",
        &Type::new(
            "AddressListDesignator",
            Kind::Set(&[
                must("type", &LIST_TYPE).at(0),
                must("listName", &OR_DESCRIPTOR).at(1),
                may("notificationRequest", &LIST_REQUEST).at(2),
                may("replyRequest", &LIST_REQUEST).at(3),
            ]),
        ),
    ),
);

static LIST_TYPE: Type = Type::new("AddressListType", Kind::Integer(&[(0, "primary"), (1, "copy")]));

static LIST_REQUEST: Type =
    Type::new("AddressListRequest", Kind::Integer(&[(0, "action"), (1, "info"), (2, "both")]));

static EXEMPTED_ADDRESSES: Type = Type::new("ExemptedAddress", Kind::SequenceOf("address", &OR_DESCRIPTOR));

static MILITARY_DISTRIBUTION_CODES: Type = Type::new(
    "MMHSDistributionCodes",
    Kind::Set(&[
        may("sics", &Type::new("sics", Kind::SequenceOf("sic", &PRINTABLE))).at(0),
        may(
            "dist-extensions",
            &Type::new(
                "dist-extensions",
                Kind::SequenceOf(
                    "extension",
                    &Type::new(
                        "DistributionExtensionField",
                        Kind::Sequence(&[must("type", &OID), may("value", &ANY)]),
                    ),
                ),
            ),
        )
        .at(1),
    ]),
);

static MILITARY_STRINGS: Type = Type::new("MilitaryStrings", Kind::SequenceOf("instruction", &PRINTABLE));

static OTHER_RECIPIENTS: Type = Type::new(
    "OtherRecipientsIndicator",
    Kind::SequenceOf(
        "recipient",
        &Type::new(
            "OtherRecipientDesignator",
            Kind::Set(&[must("type", &LIST_TYPE).at(0), must("designator", &PRINTABLE).at(1)]),
        ),
    ),
);

static PILOT_INFORMATION: Type = Type::new(
    "PilotForwardingInfo",
    Kind::SequenceOf(
        "pilot",
        &Type::new(
            "PilotInformation",
            Kind::Sequence(&[
                may("pilotPrecedence", &PRECEDENCE).at(0),
                may("pilotRecipient", &EXEMPTED_ADDRESSES).at(1),
                may("pilotSecurity", &SECURITY_LABEL).at(2),
                may("pilotHandling", &MILITARY_STRINGS).at(3),
            ]),
        ),
    ),
);

static ACP127_NOTIFICATION_REQUEST: Type =
    Type::new("Acp127NotificationType", Kind::Bits(&[(0, "acp127-nn"), (1, "acp127-pn"), (2, "acp127-tn")]));

static ACP127_NOTIFICATION_RESPONSE: Type = Type::new(
    "Acp127NotificationResponse",
    Kind::Set(&[
        must("acp127-notification-type", &ACP127_NOTIFICATION_REQUEST).at(0),
        must("receipt-time", &UTC_TIME).at(1),
        may("addressListIndicator", &ADDRESS_LISTS).at(2),
        may("acp127-recipient", &PRINTABLE).at(3),
        may("acp127-supp-info", &PRINTABLE).at(4),
    ]),
);

static MILITARY_LABELS: Type = Type::new(
    "SecurityInformationLabels",
    Kind::Sequence(&[
        must("content-security-label", &SECURITY_LABEL).at(0),
        may("heading-security-label", &SECURITY_LABEL).at(1),
        may(
            "body-part-security-labels",
            &Type::new(
                "labels",
                Kind::SequenceOf(
                    "label",
                    &Type::new(
                        "BodyPartSecurityLabel",
                        Kind::Set(&[
                            must("body-part-security-label", &SECURITY_LABEL).at(0),
                            may("body-part-sequence-number", &INTEGER).at(1),
                        ]),
                    ),
                ),
            ),
        )
        .at(2),
    ]),
);

static RECIPIENT_SECURITY_REQUEST: Type = Type::new(
    "RecipientSecurityRequest",
    Kind::Bits(&[
        (0, "content-non-repudiation"),
        (1, "content-proof"),
        (2, "ipn-non-repudiation"),
        (3, "ipn-proof"),
    ]),
);

static ABSENCE_ADVICE: Type = Type::new(
    "AbsenceAdvice",
    Kind::Sequence(&[may("advice", &BODY_PART), may("next-available", &UTC_TIME)]),
);

static CHANGE_OF_ADDRESS_ADVICE: Type = Type::new(
    "ChangeOfAddressAdvice",
    Kind::Sequence(&[must("new-address", &OR_DESCRIPTOR).at(0), may("effective-from", &UTC_TIME).at(1)]),
);
