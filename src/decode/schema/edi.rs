//! P35: the EDI message and notification (X.435 8 and 9; ledger E-02 to E-05).

use super::address::OR_NAME;
use super::body::EXTENDED;
use super::edi_reason::{FORWARDED_REASON, NEGATIVE_REASON};
use super::p1::OTHER_DELIVERY_FIELDS;
use super::{
    ANY, BITS, BOOLEAN, EXTERNAL, INTEGER, Kind, NULL, OCTETS, OID, PRINTABLE, TELETEX, Table, Type,
    UTC_TIME, may, must,
};

/// `InformationObject ::= CHOICE { edim [0] EDIM, edin [1] EDIN }`
pub static EDI_OBJECT: Type =
    Type::new("EDI InformationObject", Kind::Choice(&[must("edim", &EDIM).at(0), must("edin", &EDIN).at(1)]));

static EDIM: Type = Type::new("EDIM", Kind::Sequence(&[must("heading", &HEADING), must("body", &BODY)]));

static HEADING: Type = Type::new(
    "EDIMHeading",
    Kind::Sequence(&[
        must("this-EDIM", &EDIM_IDENTIFIER).at(1),
        may("originator", &OR_NAME).at(2),
        may("recipients", &Type::new("RecipientsField", Kind::SetOf("recipient", &RECIPIENT))).at(3),
        may("edin-receiver", &EDIN_RECEIVER).at(4),
        may("responsibility-forwarded", &BOOLEAN).at(5),
        may("edi-bodypart-type", &OID).at(6),
        may("incomplete-copy", &BOOLEAN).at(7),
        may("expiry-time", &UTC_TIME).at(8),
        may("related-messages", &Type::new("RelatedMessages", Kind::SequenceOf("message", &RELATED_MESSAGE)))
            .at(9),
        may("obsoleted-EDIMs", &Type::new("ObsoletedEDIMs", Kind::SequenceOf("message", &EDIM_IDENTIFIER)))
            .at(10),
        may("edi-application-security-elements", &APPLICATION_SECURITY).at(11),
        may(
            "cross-referencing-information",
            &Type::new("CrossReferencingInformation", Kind::SetOf("reference", &CROSS_REFERENCE)),
        )
        .at(12),
        may("edi-message-type", &Type::new("EDIMessageType", Kind::SetOf("type", &TELETEX))).at(13),
        may("service-string-advice", &SERVICE_STRING_ADVICE).at(14),
        may("syntax-identifier", &SYNTAX_IDENTIFIER).at(15),
        may("interchange-sender", &INTERCHANGE_SENDER).at(16),
        may("date-and-time-of-preparation", &UTC_TIME).at(17),
        may("application-reference", &TELETEX).at(18),
        may("heading-extensions", &EXTENSIONS).at(19),
    ]),
);

static EDIM_IDENTIFIER: Type = Type::new(
    "EDIMIdentifier",
    Kind::Set(&[must("user", &OR_NAME).at(0), must("user-relative-identifier", &PRINTABLE).at(1)]),
);

static EXTENSIONS: Type = Type::new("EDIMExtensions", Kind::SetOf("extension", &EXTENSION));

static EXTENSION: Type = Type::new(
    "EDIMExtensionField",
    Kind::Sequence(&[
        must("type", &OID).at(0).key(),
        may("criticality", &BOOLEAN).at(1),
        may("value", &Type::new("value", Kind::Open(&EXTENSION_TABLE))).at(2),
    ]),
);

static EXTENSION_TABLE: Table = Table { numbers: &[], oids: &[], otherwise: &ANY };

static RECIPIENT: Type = Type::new(
    "RecipientsSubField",
    Kind::Sequence(&[
        must("recipient", &OR_NAME).at(1),
        may("action-request", &OID).at(2),
        may("edi-notification-requests", &NOTIFICATION_REQUESTS).at(3),
        may("responsibility-passing-allowed", &BOOLEAN).at(4),
        may("interchange-recipient", &INTERCHANGE_RECIPIENT).at(5),
        may("recipient-reference", &RECIPIENT_REFERENCE).at(6),
        may("interchange-control-reference", &TELETEX).at(7),
        may("processing-priority-code", &TELETEX).at(8),
        may("acknowledgement-request", &BOOLEAN).at(9),
        may("communications-agreement-id", &TELETEX).at(10),
        may("test-indicator", &BOOLEAN).at(11),
        may("authorization-information", &AUTHORIZATION).at(12),
        may("recipient-extensions", &EXTENSIONS).at(13),
    ]),
);

static NOTIFICATION_REQUESTS: Type = Type::new(
    "EDINotificationRequestsField",
    Kind::Sequence(&[
        may(
            "edi-notification-requests",
            &Type::new("EDINotificationRequests", Kind::Bits(&[(0, "pn"), (1, "nn"), (2, "fn")])),
        )
        .at(0),
        may("edi-notification-security", &SECURITY).at(1),
        may("edi-reception-security", &SECURITY).at(2),
    ]),
);

static SECURITY: Type = Type::new("EDISecurity", Kind::Bits(&[(0, "proof"), (1, "non-repudiation")]));

static INTERCHANGE_RECIPIENT: Type = Type::new(
    "InterchangeRecipient",
    Kind::Sequence(&[
        must("recipient-identification", &TELETEX).at(0),
        may("identification-code-qualifier", &TELETEX).at(1),
        may("routing-address", &TELETEX).at(2),
    ]),
);

static INTERCHANGE_SENDER: Type = Type::new(
    "InterchangeSender",
    Kind::Sequence(&[
        must("sender-identification", &TELETEX).at(0),
        may("identification-code-qualifier", &TELETEX).at(1),
        may("address-for-reverse-routing", &TELETEX).at(2),
    ]),
);

static RECIPIENT_REFERENCE: Type = Type::new(
    "RecipientReference",
    Kind::Sequence(&[
        must("recipient-reference", &TELETEX).at(0),
        may("recipient-reference-qualifier", &TELETEX).at(1),
    ]),
);

static AUTHORIZATION: Type = Type::new(
    "AuthorizationInformation",
    Kind::Sequence(&[
        must("authorization-information", &TELETEX).at(0),
        may("authorization-information-qualifier", &TELETEX).at(1),
    ]),
);

static EDIN_RECEIVER: Type = Type::new(
    "EDINReceiver",
    Kind::Sequence(&[
        must("edin-receiver-name", &OR_NAME).at(0),
        may("original-edim-identifier", &EDIM_IDENTIFIER).at(1),
        may("first-recipient", &OR_NAME).at(2),
    ]),
);

static RELATED_MESSAGE: Type = Type::new(
    "RelatedMessageReference",
    Kind::Choice(&[
        must("edi-message-reference", &EDIM_IDENTIFIER).at(0),
        must("external-message-reference", &EXTERNAL).at(1),
    ]),
);

static APPLICATION_SECURITY: Type = Type::new(
    "EDIApplicationSecurityElements",
    Kind::Sequence(&[
        may("edi-application-security-element", &BITS).at(0),
        may("edi-encrypted-primary-bodypart", &BOOLEAN).at(1),
        may("edi-application-security-extensions", &EXTENSIONS).at(2),
    ]),
);

static CROSS_REFERENCE: Type = Type::new(
    "CrossReferencingInformationSubField",
    Kind::Sequence(&[
        must("application-cross-reference", &OCTETS).at(0),
        may("message-reference", &EDIM_IDENTIFIER).at(1),
        must("body-part-reference", &INTEGER).at(2),
    ]),
);

static SERVICE_STRING_ADVICE: Type = Type::new(
    "ServiceStringAdvice",
    Kind::Sequence(&[
        must("component-data-element-separator", &OCTETS).at(0),
        must("data-element-separator", &OCTETS).at(1),
        must("decimal-notation", &OCTETS).at(2),
        may("release-indicator", &OCTETS).at(3),
        may("reserved", &OCTETS).at(4),
        must("segment-terminator", &OCTETS).at(5),
    ]),
);

static SYNTAX_IDENTIFIER: Type = Type::new(
    "SyntaxIdentifier",
    Kind::Sequence(&[must("identifier", &TELETEX), must("version", &PRINTABLE)]),
);

static BODY: Type = Type::new(
    "EDIMBody",
    Kind::Sequence(&[
        must("primary-body-part", &PRIMARY_BODY_PART),
        may("additional-body-parts", &Type::new("OtherBodyParts", Kind::SequenceOf("part", &EXTENDED_PART))),
    ]),
);

static PRIMARY_BODY_PART: Type = Type::new(
    "PrimaryBodyPart",
    Kind::Choice(&[must("edi-body-part", &OCTETS).at(0), must("forwarded-EDIM", &FORWARDED_EDIM).at(1)]),
);

static EXTENDED_PART: Type = Type::new(
    "EDIM-ExternallyDefinedBodyPart",
    Kind::Sequence(&[
        may("body-part-reference", &INTEGER).at(0),
        must("external-body-part", &EXTENDED).at(1),
    ]),
);

static FORWARDED_EDIM: Type = Type::new(
    "EDIMBodyPart",
    Kind::Sequence(&[may("parameters", &FORWARDED_PARAMETERS).at(0), must("data", &FORWARDED_DATA).at(1)]),
);

static FORWARDED_PARAMETERS: Type = Type::new(
    "MessageParameters",
    Kind::Set(&[
        may("delivery-time", &UTC_TIME).at(0),
        may("delivery-envelope", &OTHER_DELIVERY_FIELDS).at(1),
        may("other-parameters", &TELETEX).at(2),
    ]),
);

static FORWARDED_DATA: Type =
    Type::new("MessageData", Kind::Sequence(&[must("heading", &HEADING), must("body", &BODY_OR_REMOVED)]));

static BODY_OR_REMOVED: Type = Type::new(
    "BodyOrRemoved",
    Kind::Sequence(&[
        must(
            "primary-or-removed",
            &Type::new(
                "PrimaryOrRemoved",
                Kind::Choice(&[
                    must("removed-edi-body", &NULL).at(0),
                    must("primary-body-part", &PRIMARY_BODY_PART).within(1),
                ]),
            ),
        ),
        may(
            "additional-body-parts",
            &Type::new(
                "AdditionalBodyParts",
                Kind::SequenceOf(
                    "part",
                    &Type::new(
                        "AdditionalBodyPart",
                        Kind::Choice(&[
                            must("external-body-part", &EXTENDED_PART).at(0),
                            must("place-holder", &EXTENDED_PART).at(1),
                        ]),
                    ),
                ),
            ),
        ),
    ]),
);

static EDIN: Type = Type::new(
    "EDIN",
    Kind::Choice(&[
        must("positive-notification", &POSITIVE).at(0),
        must("negative-notification", &NEGATIVE).at(1),
        must("forwarded-notification", &FORWARDED).at(2),
    ]),
);

static COMMON_FIELDS: Type = Type::new(
    "CommonFields",
    Kind::Sequence(&[
        must("subject-EDIM", &EDIM_IDENTIFIER).at(1),
        must("edin-originator", &OR_NAME).at(2),
        may("first-recipient", &OR_NAME).at(3),
        must("notification-time", &UTC_TIME).at(4),
        may("notification-security-elements", &NOTIFICATION_SECURITY).at(5),
        must(
            "edin-initiator",
            &Type::new(
                "EDINInitiator",
                Kind::Enumerated(&[(0, "internal-ua"), (1, "external-ua"), (2, "internal-ms")]),
            ),
        )
        .at(6),
        may("notification-extensions", &EXTENSIONS).at(7),
    ]),
);

static NOTIFICATION_SECURITY: Type = Type::new(
    "NotificationSecurityElements",
    Kind::Sequence(&[
        may("original-content", &OCTETS).at(0),
        may("original-content-integrity-check", &ANY).at(1),
        may("edi-application-security-elements", &APPLICATION_SECURITY).at(2),
        may("security-extensions", &EXTENSIONS).at(3),
    ]),
);

static POSITIVE: Type = Type::new(
    "PositiveNotificationFields",
    Kind::Sequence(&[
        must("common-fields", &COMMON_FIELDS).at(0),
        may("supplementary-information", &TELETEX).at(1),
        may("extensions", &EXTENSIONS).at(2),
    ]),
);

static NEGATIVE: Type = Type::new(
    "NegativeNotificationFields",
    Kind::Sequence(&[
        must("common-fields", &COMMON_FIELDS).at(0),
        must("reason-code", &NEGATIVE_REASON).at(1),
        may("supplementary-information", &TELETEX).at(2),
        may("extensions", &EXTENSIONS).at(3),
    ]),
);

static FORWARDED: Type = Type::new(
    "ForwardedNotificationFields",
    Kind::Sequence(&[
        must("common-fields", &COMMON_FIELDS).at(0),
        must("forwarded-to", &OR_NAME).at(1),
        must("reason-code", &FORWARDED_REASON).at(2),
        may("supplementary-information", &TELETEX).at(3),
        may("extensions", &EXTENSIONS).at(4),
    ]),
);
