//! P1: the MTS-APDU with its envelopes and report content (X.411 figures 3 to 5, X.419; ledger ).

use super::address::{GLOBAL_DOMAIN_IDENTIFIER, MTA_NAME, MTS_IDENTIFIER, OR_NAME};
use super::extension::EXTENSIONS;
use super::{
    ANY, Charset, INTEGER, Kind, Member, OCTETS, OID, PRINTABLE, TELETEX, Tagging, Type, UTC_TIME, may, must,
};
use crate::decode::ber::Tag;

/// `MTS-APDU ::= CHOICE { message [0], report [1], probe [2] }`
pub static MTS_APDU: Type = Type::new(
    "MTS-APDU",
    Kind::Choice(&[
        must("message", &MESSAGE).at(0),
        must("report", &REPORT).at(1),
        must("probe", &PROBE).at(2),
    ]),
);

/// A message: envelope and content.
pub static MESSAGE: Type =
    Type::new("Message", Kind::Sequence(&[must("envelope", &MESSAGE_ENVELOPE), must("content", &CONTENT)]));

/// A report: envelope and content.
pub static REPORT: Type = Type::new(
    "Report",
    Kind::Sequence(&[must("envelope", &REPORT_ENVELOPE), must("content", &REPORT_CONTENT)]),
);

/// The content of a message: octets whose type the content type tells.
pub static CONTENT: Type = Type::new("Content", Kind::Content);

static MESSAGE_ENVELOPE: Type = Type::new(
    "MessageTransferEnvelope",
    Kind::Set(&[
        must("message-identifier", &MTS_IDENTIFIER),
        must("originator-name", &OR_NAME),
        may("original-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        must("content-type", &CONTENT_TYPE),
        may("content-identifier", &CONTENT_IDENTIFIER),
        may("priority", &PRIORITY),
        may("per-message-indicators", &PER_MESSAGE_INDICATORS),
        may("deferred-delivery-time", &UTC_TIME).at(0),
        may("per-domain-bilateral-information", &BILATERAL_INFORMATION).at(1),
        must("trace-information", &TRACE_INFORMATION),
        may("extensions", &EXTENSIONS).at(3),
        must(
            "per-recipient-fields",
            &Type::new("per-recipient-fields", Kind::SequenceOf("recipient", &MESSAGE_RECIPIENT)),
        )
        .at(2),
    ]),
);

static MESSAGE_RECIPIENT: Type = Type::new("PerRecipientMessageTransferFields", Kind::Set(RECIPIENT_MEMBERS));

/// The same for messages and probes.
static RECIPIENT_MEMBERS: &[Member] = &[
    must("recipient-name", &OR_NAME),
    must("originally-specified-recipient-number", &INTEGER).at(0),
    must("per-recipient-indicators", &PER_RECIPIENT_INDICATORS).at(1),
    may("explicit-conversion", &EXPLICIT_CONVERSION).at(2),
    may("extensions", &EXTENSIONS).at(3),
];

/// `Probe`: nothing but an envelope.
pub static PROBE: Type = Type::new(
    "ProbeTransferEnvelope",
    Kind::Set(&[
        must("probe-identifier", &MTS_IDENTIFIER),
        must("originator-name", &OR_NAME),
        may("original-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        must("content-type", &CONTENT_TYPE),
        may("content-identifier", &CONTENT_IDENTIFIER),
        may("content-length", &INTEGER).at(0),
        may("per-message-indicators", &PER_MESSAGE_INDICATORS),
        may("per-domain-bilateral-information", &BILATERAL_INFORMATION).at(1),
        must("trace-information", &TRACE_INFORMATION),
        may("extensions", &EXTENSIONS).at(3),
        must(
            "per-recipient-fields",
            &Type::new(
                "per-recipient-fields",
                Kind::SequenceOf(
                    "recipient",
                    &Type::new("PerRecipientProbeTransferFields", Kind::Set(RECIPIENT_MEMBERS)),
                ),
            ),
        )
        .at(2),
    ]),
);

static REPORT_ENVELOPE: Type = Type::new(
    "ReportTransferEnvelope",
    Kind::Set(&[
        must("report-identifier", &MTS_IDENTIFIER),
        must("report-destination-name", &OR_NAME),
        must("trace-information", &TRACE_INFORMATION),
        may("extensions", &EXTENSIONS).at(1),
    ]),
);

static REPORT_CONTENT: Type = Type::new(
    "ReportTransferContent",
    Kind::Set(&[
        must("subject-identifier", &MTS_IDENTIFIER),
        may("subject-intermediate-trace-information", &TRACE_INFORMATION),
        may("original-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("content-type", &CONTENT_TYPE),
        may("content-identifier", &CONTENT_IDENTIFIER),
        may("returned-content", &CONTENT).at(1),
        may("additional-information", &ANY).at(2),
        may("extensions", &EXTENSIONS).at(3),
        must(
            "per-recipient-fields",
            &Type::new("per-recipient-fields", Kind::SequenceOf("recipient", &REPORT_RECIPIENT)),
        )
        .at(0),
    ]),
);

static REPORT_RECIPIENT: Type = Type::new(
    "PerRecipientReportTransferFields",
    Kind::Set(&[
        must("actual-recipient-name", &OR_NAME).at(0),
        must("originally-specified-recipient-number", &INTEGER).at(1),
        must("per-recipient-indicators", &PER_RECIPIENT_INDICATORS).at(2),
        must("last-trace-information", &LAST_TRACE_INFORMATION).at(3),
        may("originally-intended-recipient-name", &OR_NAME).at(4),
        may("supplementary-information", &PRINTABLE).at(5),
        may("extensions", &EXTENSIONS).at(6),
    ]),
);

static LAST_TRACE_INFORMATION: Type = Type::new(
    "LastTraceInformation",
    Kind::Set(&[
        must("arrival-time", &UTC_TIME).at(0),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        must("report-type", &REPORT_TYPE).at(1),
    ]),
);

/// `ReportType ::= CHOICE { delivery [0], non-delivery [1] }`
pub static REPORT_TYPE: Type = Type::new(
    "ReportType",
    Kind::Choice(&[
        must(
            "delivery",
            &Type::new(
                "DeliveryReport",
                Kind::Set(&[
                    must("message-delivery-time", &UTC_TIME).at(0),
                    may("type-of-MTS-user", &TYPE_OF_MTS_USER).at(1),
                ]),
            ),
        )
        .at(0),
        must(
            "non-delivery",
            &Type::new(
                "NonDeliveryReport",
                Kind::Set(&[
                    must("non-delivery-reason-code", &NON_DELIVERY_REASON).at(0),
                    may("non-delivery-diagnostic-code", &NON_DELIVERY_DIAGNOSTIC).at(1),
                ]),
            ),
        )
        .at(1),
    ]),
);

/// `TraceInformation ::= [APPLICATION 9] SEQUENCE OF TraceInformationElement`
pub static TRACE_INFORMATION: Type = Type::application(
    "TraceInformation",
    9,
    &Type::new(
        "TraceInformation",
        Kind::SequenceOf(
            "element",
            &Type::new(
                "TraceInformationElement",
                Kind::Sequence(&[
                    must("global-domain-identifier", &GLOBAL_DOMAIN_IDENTIFIER),
                    must("domain-supplied-information", &DOMAIN_SUPPLIED_INFORMATION),
                ]),
            ),
        ),
    ),
);

static DOMAIN_SUPPLIED_INFORMATION: Type = Type::new(
    "DomainSuppliedInformation",
    Kind::Set(&[
        must("arrival-time", &UTC_TIME).at(0),
        must("routing-action", &ROUTING_ACTION).at(2),
        may("attempted-domain", &GLOBAL_DOMAIN_IDENTIFIER),
        may("deferred-time", &UTC_TIME).at(1),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("other-actions", &OTHER_ACTIONS).at(3),
    ]),
);

/// `InternalTraceInformation`, the value of extension 38.
pub static INTERNAL_TRACE_INFORMATION: Type = Type::new(
    "InternalTraceInformation",
    Kind::SequenceOf(
        "element",
        &Type::new(
            "InternalTraceInformationElement",
            Kind::Sequence(&[
                must("global-domain-identifier", &GLOBAL_DOMAIN_IDENTIFIER),
                must("mta-name", &MTA_NAME),
                must("mta-supplied-information", &MTA_SUPPLIED_INFORMATION),
            ]),
        ),
    ),
);

static MTA_SUPPLIED_INFORMATION: Type = Type::new(
    "MTASuppliedInformation",
    Kind::Set(&[
        must("arrival-time", &UTC_TIME).at(0),
        must("routing-action", &ROUTING_ACTION).at(2),
        may(
            "attempted",
            &Type::new(
                "attempted",
                Kind::Choice(&[must("mta", &MTA_NAME), must("domain", &GLOBAL_DOMAIN_IDENTIFIER)]),
            ),
        ),
        may("deferred-time", &UTC_TIME).at(1),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("other-actions", &OTHER_ACTIONS).at(3),
    ]),
);

static ROUTING_ACTION: Type =
    Type::new("RoutingAction", Kind::Enumerated(&[(0, "relayed"), (1, "rerouted")]));

static OTHER_ACTIONS: Type = Type::new("OtherActions", Kind::Bits(&[(0, "redirected"), (1, "dl-operation")]));

static BILATERAL_INFORMATION: Type = Type::new(
    "per-domain-bilateral-information",
    Kind::SequenceOf(
        "element",
        &Type::new(
            "PerDomainBilateralInformation",
            Kind::Sequence(&[
                must("country-name", &super::address::COUNTRY_NAME),
                must("domain", &BILATERAL_DOMAIN),
                must("bilateral-information", &ANY),
            ]),
        ),
    ),
);

static BILATERAL_DOMAIN: Type = Type::new(
    "domain",
    Kind::Choice(&[
        must("administration-domain-name", &super::address::ADMINISTRATION_DOMAIN_NAME),
        must(
            "private-domain",
            &Type::new(
                "private-domain",
                Kind::Sequence(&[
                    must("administration-domain-name", &super::address::ADMINISTRATION_DOMAIN_NAME).at(0),
                    must("private-domain-identifier", &super::address::DOMAIN_NAME).at(1),
                ]),
            ),
        ),
    ]),
);

/// `ContentType ::= CHOICE { built-in [APPLICATION 6] INTEGER, extended OBJECT IDENTIFIER }`
///
/// A later text of the standard says RELATIVE-OID for the second (ledger A-11); both are taken.
pub static CONTENT_TYPE: Type = Type::new(
    "ContentType",
    Kind::Choice(&[
        must("built-in", &BUILT_IN_CONTENT_TYPE),
        must("extended", &OID),
        must(
            "extended-relative",
            &Type::new("RELATIVE-OID", Kind::Tagged(Tag::universal(13), Tagging::Implicit, &OCTETS)),
        ),
    ]),
);

/// `BuiltInContentType ::= [APPLICATION 6] INTEGER`
pub static BUILT_IN_CONTENT_TYPE: Type = Type::application(
    "BuiltInContentType",
    6,
    &Type::new(
        "BuiltInContentType",
        Kind::Integer(&[
            (0, "unidentified"),
            (1, "external"),
            (2, "interpersonal-messaging-1984"),
            (22, "interpersonal-messaging-1988"),
            (35, "edi-messaging"),
            (40, "voice-messaging"),
        ]),
    ),
);

/// `ContentIdentifier ::= [APPLICATION 10] PrintableString`
pub static CONTENT_IDENTIFIER: Type = Type::application(
    "ContentIdentifier",
    10,
    &Type::new("ContentIdentifier", Kind::Text(Charset::Printable)),
);

/// `Priority ::= [APPLICATION 7] ENUMERATED`
pub static PRIORITY: Type = Type::application(
    "Priority",
    7,
    &Type::new("Priority", Kind::Enumerated(&[(0, "normal"), (1, "non-urgent"), (2, "urgent")])),
);

static PER_MESSAGE_INDICATORS: Type = Type::application(
    "PerMessageIndicators",
    8,
    &Type::new(
        "PerMessageIndicators",
        Kind::Bits(&[
            (0, "disclosure-of-other-recipients"),
            (1, "implicit-conversion-prohibited"),
            (2, "alternate-recipient-allowed"),
            (3, "content-return-request"),
            (4, "reserved"),
            (5, "notification-type-2"),
            (6, "notification-type-1"),
            (7, "service-message"),
        ]),
    ),
);

static PER_RECIPIENT_INDICATORS: Type = Type::new(
    "PerRecipientIndicators",
    Kind::Bits(&[
        (0, "responsibility"),
        (1, "originating-MTA-report"),
        (2, "originating-MTA-non-delivery-report"),
        (3, "originator-report"),
        (4, "originator-non-delivery-report"),
        (5, "reserved-5"),
        (6, "reserved-6"),
        (7, "reserved-7"),
    ]),
);

static EXPLICIT_CONVERSION: Type = Type::new(
    "ExplicitConversion",
    Kind::Integer(&[
        (0, "ia5-text-to-teletex"),
        (8, "ia5-text-to-g3-facsimile"),
        (9, "ia5-text-to-g4-class-1"),
        (10, "ia5-text-to-videotex"),
        (11, "teletex-to-ia5-text"),
        (12, "teletex-to-g3-facsimile"),
        (13, "teletex-to-g4-class-1"),
        (14, "teletex-to-videotex"),
        (16, "videotex-to-ia5-text"),
        (17, "videotex-to-teletex"),
    ]),
);

/// `EncodedInformationTypes ::= [APPLICATION 5] SET`
///
/// Member 3 is the presentation capabilities of 1984.
pub static ENCODED_INFORMATION_TYPES: Type = Type::application(
    "EncodedInformationTypes",
    5,
    &Type::new(
        "EncodedInformationTypes",
        Kind::Set(&[
            must("built-in-encoded-information-types", &BUILT_IN_TYPES).at(0),
            may("g3-facsimile", &G3_NON_BASIC).at(1),
            may("teletex", &TELETEX_NON_BASIC).at(2),
            may("presentation-capabilities", &ANY).at(3),
            may(
                "extended-encoded-information-types",
                &Type::new("ExtendedEncodedInformationTypes", Kind::SetOf("type", &OID)),
            )
            .at(4),
        ]),
    ),
);

static BUILT_IN_TYPES: Type = Type::new(
    "BuiltInEncodedInformationTypes",
    Kind::Bits(&[
        (0, "unknown"),
        (1, "telex"),
        (2, "ia5-text"),
        (3, "g3-facsimile"),
        (4, "g4-class-1"),
        (5, "teletex"),
        (6, "videotex"),
        (7, "voice"),
        (8, "sfd"),
        (9, "mixed-mode"),
    ]),
);

/// T.30 capabilities of a facsimile page.
pub static G3_NON_BASIC: Type = Type::new(
    "G3FacsimileNonBasicParameters",
    Kind::Bits(&[
        (8, "two-dimensional"),
        (9, "fine-resolution"),
        (20, "unlimited-length"),
        (21, "b4-length"),
        (22, "a3-width"),
        (23, "b4-width"),
        (25, "t6-coding"),
        (30, "uncompressed"),
        (37, "width-middle-864-of-1728"),
        (38, "width-middle-1216-of-1728"),
        (44, "resolution-type"),
        (45, "resolution-400x400"),
        (46, "resolution-300x300"),
        (47, "resolution-8x15"),
        (49, "edi"),
        (50, "dtm"),
        (51, "bft"),
        (58, "mixed-mode"),
        (60, "character-mode"),
        (65, "twelve-bits"),
        (66, "preferred-huffmann"),
        (67, "full-colour"),
        (68, "jpeg"),
        (71, "processable-mode-26"),
    ]),
);

/// T.62 capabilities of a teletex page.
pub static TELETEX_NON_BASIC: Type = Type::new(
    "TeletexNonBasicParameters",
    Kind::Set(&[
        may("graphic-character-sets", &TELETEX).at(0),
        may("control-character-sets", &TELETEX).at(1),
        may("page-formats", &OCTETS).at(2),
        may("miscellaneous-terminal-capabilities", &TELETEX).at(3),
        may("private-use", &OCTETS).at(4),
    ]),
);

static TYPE_OF_MTS_USER: Type = Type::new(
    "TypeOfMTSUser",
    Kind::Integer(&[
        (0, "public"),
        (1, "private"),
        (2, "ms"),
        (3, "dl"),
        (4, "pdau"),
        (5, "physical-recipient"),
        (6, "other"),
    ]),
);

static NON_DELIVERY_REASON: Type = Type::new(
    "NonDeliveryReasonCode",
    Kind::Integer(&[
        (0, "transfer-failure"),
        (1, "unable-to-transfer"),
        (2, "conversion-not-performed"),
        (3, "physical-rendition-not-performed"),
        (4, "physical-delivery-not-performed"),
        (5, "restricted-delivery"),
        (6, "directory-operation-unsuccessful"),
        (7, "deferred-delivery-not-performed"),
        (8, "transfer-failure-for-security-reason"),
    ]),
);

static NON_DELIVERY_DIAGNOSTIC: Type = Type::new(
    "NonDeliveryDiagnosticCode",
    Kind::Integer(&[
        (0, "unrecognised-OR-name"),
        (1, "ambiguous-OR-name"),
        (2, "mts-congestion"),
        (3, "loop-detected"),
        (4, "recipient-unavailable"),
        (5, "maximum-time-expired"),
        (6, "encoded-information-types-unsupported"),
        (7, "content-too-long"),
        (8, "conversion-impractical"),
        (9, "implicit-conversion-prohibited"),
        (10, "implicit-conversion-not-subscribed"),
        (11, "invalid-arguments"),
        (12, "content-syntax-error"),
        (13, "size-constraint-violation"),
        (14, "protocol-violation"),
        (15, "content-type-not-supported"),
        (16, "too-many-recipients"),
        (17, "no-bilateral-agreement"),
        (18, "unsupported-critical-function"),
        (19, "conversion-with-loss-prohibited"),
        (20, "line-too-long"),
        (21, "page-split"),
        (22, "pictorial-symbol-loss"),
        (23, "punctuation-symbol-loss"),
        (24, "alphabetic-character-loss"),
        (25, "multiple-information-loss"),
        (26, "recipient-reassignment-prohibited"),
        (27, "redirection-loop-detected"),
        (28, "dl-expansion-prohibited"),
        (29, "no-dl-submit-permission"),
        (30, "dl-expansion-failure"),
        (31, "physical-rendition-attributes-not-supported"),
        (32, "undeliverable-mail-physical-delivery-address-incorrect"),
        (33, "undeliverable-mail-physical-delivery-office-incorrect-or-invalid"),
        (34, "undeliverable-mail-physical-delivery-address-incomplete"),
        (35, "undeliverable-mail-recipient-unknown"),
        (36, "undeliverable-mail-recipient-deceased"),
        (37, "undeliverable-mail-organization-expired"),
        (38, "undeliverable-mail-recipient-refused-to-accept"),
        (39, "undeliverable-mail-recipient-did-not-claim"),
        (40, "undeliverable-mail-recipient-changed-address-permanently"),
        (41, "undeliverable-mail-recipient-changed-address-temporarily"),
        (42, "undeliverable-mail-recipient-changed-temporary-address"),
        (43, "undeliverable-mail-new-address-unknown"),
        (44, "undeliverable-mail-recipient-did-not-want-forwarding"),
        (45, "undeliverable-mail-originator-prohibited-forwarding"),
        (46, "secure-messaging-error"),
        (47, "unable-to-downgrade"),
        (48, "unable-to-complete-transfer"),
        (49, "transfer-attempts-limit-reached"),
        (50, "incorrect-notification-type"),
        (51, "dl-expansion-prohibited-by-security-policy"),
        (52, "forbidden-alternate-recipient"),
        (53, "security-policy-violation"),
        (54, "security-services-refusal"),
        (55, "unauthorised-dl-member"),
        (56, "unauthorised-dl-name"),
        (57, "unauthorised-originally-intended-recipient-name"),
        (58, "unauthorised-originator-name"),
        (59, "unauthorised-recipient-name"),
        (60, "unreliable-system"),
        (61, "authentication-failure-on-subject-message"),
        (62, "decryption-failed"),
        (63, "decryption-key-unobtainable"),
        (64, "double-envelope-creation-failure"),
        (65, "double-enveloping-message-restoring-failure"),
        (66, "failure-of-proof-of-message"),
        (67, "integrity-failure-on-subject-message"),
        (68, "invalid-security-label"),
        (69, "key-failure"),
        (70, "mandatory-parameter-absence"),
        (71, "operation-security-failure"),
        (72, "repudiation-failure-of-message"),
        (73, "security-context-failure"),
        (74, "token-decryption-failed"),
        (75, "token-error"),
        (76, "unknown-security-label"),
        (77, "unsupported-algorithm-identifier"),
        (78, "unsupported-security-policy"),
    ]),
);

/// The delivery envelope of a forwarded message (X.411 8.4.1.2): what was known at delivery.
pub static OTHER_DELIVERY_FIELDS: Type = Type::new(
    "OtherMessageDeliveryFields",
    Kind::Set(&[
        must("content-type", &DELIVERED_CONTENT_TYPE),
        must("originator-name", &OR_NAME),
        may("original-encoded-information-types", &ENCODED_INFORMATION_TYPES).at(1),
        may("priority", &PRIORITY),
        may("delivery-flags", &DELIVERY_FLAGS).at(2),
        may(
            "other-recipient-names",
            &Type::new("OtherRecipientNames", Kind::SequenceOf("recipient", &OR_NAME)),
        )
        .at(3),
        must("this-recipient-name", &OR_NAME).at(4),
        may("originally-intended-recipient-name", &OR_NAME).at(5),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES).at(6),
        must("message-submission-time", &UTC_TIME).at(7),
        may("content-identifier", &CONTENT_IDENTIFIER).at(8),
        may("extensions", &EXTENSIONS).at(9),
    ]),
);

static DELIVERED_CONTENT_TYPE: Type = Type::new(
    "DeliveredContentType",
    Kind::Choice(&[must("built-in", &BUILT_IN_CONTENT_TYPE).at(0), must("extended", &OID)]),
);

static DELIVERY_FLAGS: Type =
    Type::new("DeliveryFlags", Kind::Bits(&[(1, "implicit-conversion-prohibited")]));

/// What a report looks like when it is delivered or forwarded (X.411 8.3.1.2).
pub static REPORT_DELIVERY: Type = Type::new(
    "ReportDeliveryArgument",
    Kind::Set(&[
        must("subject-submission-identifier", &MTS_IDENTIFIER),
        may("content-identifier", &CONTENT_IDENTIFIER),
        may("content-type", &CONTENT_TYPE),
        may("original-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("extensions", &EXTENSIONS).at(1),
        must(
            "per-recipient-fields",
            &Type::new("per-recipient-fields", Kind::SequenceOf("recipient", &DELIVERED_REPORT_RECIPIENT)),
        ),
        may("returned-content", &CONTENT).at(0),
    ]),
);

static DELIVERED_REPORT_RECIPIENT: Type = Type::new(
    "PerRecipientReportDeliveryFields",
    Kind::Set(&[
        must("actual-recipient-name", &OR_NAME).at(0),
        must("report-type", &REPORT_TYPE).at(1),
        may("converted-encoded-information-types", &ENCODED_INFORMATION_TYPES),
        may("originally-intended-recipient-name", &OR_NAME).at(2),
        may("supplementary-information", &PRINTABLE).at(3),
        may("extensions", &EXTENSIONS).at(4),
    ]),
);
