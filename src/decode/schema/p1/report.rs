//! Reports (X.411 figure 4), and why something was not delivered.

use super::encoded_types::ENCODED_INFORMATION_TYPES;
use super::trace::TRACE_INFORMATION;
use super::{CONTENT, CONTENT_IDENTIFIER, CONTENT_TYPE, PER_RECIPIENT_INDICATORS};
use crate::decode::schema::address::{MTS_IDENTIFIER, OR_NAME};
use crate::decode::schema::extension::EXTENSIONS;
use crate::decode::schema::{ANY, INTEGER, Kind, PRINTABLE, Type, UTC_TIME, may, must};

/// A report: envelope and content.
pub static REPORT: Type = Type::new(
    "Report",
    Kind::Sequence(&[must("envelope", &REPORT_ENVELOPE), must("content", &REPORT_CONTENT)]),
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
