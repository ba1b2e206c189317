//! Why an EDI notification is negative or forwarded (X.435 9.3 and 9.4; ledger E-05).

use super::{BOOLEAN, INTEGER, Kind, Type, may, must};

/// Why a notification is negative.
pub(crate) static NEGATIVE_REASON: Type = Type::new(
    "NNReasonCodeField",
    Kind::Choice(&[
        must(
            "user-agent",
            &Type::new(
                "NN-UA-MS-Reason",
                Kind::Sequence(&[
                    must("basic-code", &NEGATIVE_USER_AGENT_CODE).at(0),
                    may("diagnostic", &NEGATIVE_USER_AGENT_DIAGNOSTIC).at(1),
                ]),
            ),
        )
        .at(0),
        must(
            "user",
            &Type::new(
                "NN-User-Reason",
                Kind::Sequence(&[
                    must("basic-code", &NEGATIVE_USER_CODE).at(0),
                    may("diagnostic", &INTEGER).at(1),
                ]),
            ),
        )
        .at(1),
        must(
            "physical-delivery",
            &Type::new(
                "NN-PDAU-Reason",
                Kind::Sequence(&[
                    must("basic-code", &NEGATIVE_PHYSICAL_CODE).at(0),
                    may("diagnostic", &INTEGER).at(1),
                ]),
            ),
        )
        .at(2),
    ]),
);

/// Why a notification is forwarded.
pub(crate) static FORWARDED_REASON: Type = Type::new(
    "FNReasonCodeField",
    Kind::Choice(&[
        must(
            "user-agent",
            &Type::new(
                "FN-UA-MS-Reason",
                Kind::Sequence(&[
                    must("basic-code", &FORWARDED_USER_AGENT_CODE).at(0),
                    may("diagnostic", &INTEGER).at(1),
                    may("security-check", &BOOLEAN).at(2),
                ]),
            ),
        )
        .at(0),
        must(
            "user",
            &Type::new(
                "FN-User-Reason",
                Kind::Sequence(&[
                    must("basic-code", &FORWARDED_USER_CODE).at(0),
                    may("diagnostic", &INTEGER).at(1),
                ]),
            ),
        )
        .at(1),
        must(
            "physical-delivery",
            &Type::new(
                "FN-PDAU-Reason",
                Kind::Sequence(&[
                    must("basic-code", &FORWARDED_PHYSICAL_CODE).at(0),
                    may("diagnostic", &INTEGER).at(1),
                ]),
            ),
        )
        .at(2),
    ]),
);

static NEGATIVE_USER_AGENT_CODE: Type = Type::new(
    "NNUAMSReasonCode",
    Kind::Integer(&[
        (0, "unspecified"),
        (1, "cannot-deliver-to-user"),
        (2, "delivery-timeout"),
        (3, "message-discarded"),
        (4, "subscription-terminated"),
        (5, "forwarding-error"),
        (6, "security-error"),
    ]),
);

static NEGATIVE_USER_AGENT_DIAGNOSTIC: Type = Type::new(
    "NNUAMSDiagnosticField",
    Kind::Integer(&[
        (1, "protocol-violation"),
        (2, "edim-originator-unknown"),
        (3, "edim-recipient-unknown"),
        (4, "edim-recipient-ambiguous"),
        (5, "action-request-not-supported"),
        (6, "edim-expired"),
        (7, "edim-obsoleted"),
        (8, "duplicate-edim"),
        (9, "unsupported-extension"),
        (10, "incomplete-copy-rejected"),
        (11, "edim-too-large-for-application"),
        (12, "forwarded-edim-not-delivered"),
        (13, "forwarded-edim-delivery-time-out"),
        (14, "forwarding-loop-detected"),
        (15, "unable-to-accept-responsibility"),
        (16, "interchange-sender-unknown"),
        (17, "interchange-recipient-unknown"),
        (18, "invalid-heading-field"),
        (19, "invalid-bodypart-type"),
        (20, "invalid-message-type"),
        (21, "invalid-syntax-id"),
        (22, "message-integrity-failure"),
        (23, "forwarded-message-integrity-failure"),
        (24, "unsupported-algorithm"),
        (25, "decryption-failed"),
        (26, "token-error"),
        (27, "unable-to-sign-notification"),
        (28, "unable-to-sign-message-receipt"),
        (29, "authentication-failure"),
        (30, "security-context-failure"),
        (31, "message-sequence-failure"),
        (32, "message-security-labelling-failure"),
        (33, "repudiation-failure"),
        (34, "proof-service-failure"),
        (35, "compression-unsupported"),
    ]),
);

static NEGATIVE_USER_CODE: Type = Type::new(
    "NNUserReasonCode",
    Kind::Integer(&[
        (0, "unspecified"),
        (1, "syntax-error"),
        (2, "interchange-sender-unknown"),
        (3, "interchange-recipient-unknown"),
        (4, "invalid-heading-field"),
        (5, "invalid-bodypart-type"),
        (6, "invalid-message-type"),
        (7, "functional-group-not-supported"),
        (8, "subscription-terminated"),
        (9, "no-bilateral-agreement"),
        (10, "user-defined-reason"),
    ]),
);

static NEGATIVE_PHYSICAL_CODE: Type = Type::new(
    "NNPDAUReasonCode",
    Kind::Integer(&[(0, "unspecified"), (1, "undeliverable-mail"), (2, "physical-rendition-not-performed")]),
);

static FORWARDED_USER_AGENT_CODE: Type = Type::new(
    "FNUAMSReasonCode",
    Kind::Integer(&[
        (0, "unspecified"),
        (1, "onward-routing"),
        (2, "edim-recipient-unknown"),
        (3, "edim-originator-unknown"),
        (4, "forwarded-by-edi-ms"),
    ]),
);

static FORWARDED_USER_CODE: Type = Type::new(
    "FNUserReasonCode",
    Kind::Integer(&[
        (0, "unspecified"),
        (1, "forwarded-for-archiving"),
        (2, "forwarded-for-information"),
        (3, "forwarded-for-additional-action"),
        (4, "subscription-changed"),
        (5, "heading-field-not-supported"),
        (6, "bodypart-type-not-supported"),
        (7, "message-type-not-supported"),
        (8, "syntax-identifier-not-supported"),
        (9, "interchange-sender-unknown"),
        (10, "user-defined-reason"),
    ]),
);

static FORWARDED_PHYSICAL_CODE: Type = Type::new(
    "FNPDAUReasonCode",
    Kind::Integer(&[(0, "unspecified"), (1, "forwarded-for-physical-rendition-and-delivery")]),
);
