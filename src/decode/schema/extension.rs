//! The extension fields of P1 by number (X.411 figure 2, ledger A-18) and the types of their values.
//!
//! Certificates, tokens and checks are shown by their universal tags; what they sign is not ours to judge.

use super::address::{GLOBAL_DOMAIN_IDENTIFIER, MTA_NAME, NAME, OR_ADDRESS, OR_NAME};
use super::p1::{INTERNAL_TRACE_INFORMATION, TRACE_INFORMATION};
use super::{ANY, BITS, IA5, Kind, OCTETS, OID, PRINTABLE, TELETEX, Table, Type, UTC_TIME, may, must};

/// `SET OF ExtensionField`
pub static EXTENSIONS: Type = Type::new("Extensions", Kind::SetOf("extension", &EXTENSION_FIELD));

/// `ExtensionField ::= SEQUENCE { type, criticality [1] DEFAULT {}, value [2] DEFAULT NULL }` (ledger A-02)
pub static EXTENSION_FIELD: Type = Type::new(
    "ExtensionField",
    Kind::Sequence(&[
        must("type", &EXTENSION_TYPE).key(),
        may(
            "criticality",
            &Type::new(
                "Criticality",
                Kind::Bits(&[(0, "for-submission"), (1, "for-transfer"), (2, "for-delivery")]),
            ),
        )
        .at(1),
        may("value", &Type::new("ANY", Kind::Open(&EXTENSION_TABLE))).at(2),
    ]),
);

static EXTENSION_TYPE: Type = Type::new(
    "ExtensionType",
    Kind::Choice(&[
        must("standard-extension", &STANDARD_EXTENSION).at(0),
        must("private-extension", &OID).at(3),
    ]),
);

/// The number of a standard extension.
pub static STANDARD_EXTENSION: Type = Type::new(
    "StandardExtension",
    Kind::Integer(&[
        (1, "recipient-reassignment-prohibited"),
        (2, "originator-requested-alternate-recipient"),
        (3, "dl-expansion-prohibited"),
        (4, "conversion-with-loss-prohibited"),
        (5, "latest-delivery-time"),
        (6, "requested-delivery-method"),
        (7, "physical-forwarding-prohibited"),
        (8, "physical-forwarding-address-request"),
        (9, "physical-delivery-modes"),
        (10, "registered-mail-type"),
        (11, "recipient-number-for-advice"),
        (12, "physical-rendition-attributes"),
        (13, "originator-return-address"),
        (14, "physical-delivery-report-request"),
        (15, "originator-certificate"),
        (16, "message-token"),
        (17, "content-confidentiality-algorithm-identifier"),
        (18, "content-integrity-check"),
        (19, "message-origin-authentication-check"),
        (20, "message-security-label"),
        (21, "proof-of-submission-request"),
        (22, "proof-of-delivery-request"),
        (23, "content-correlator"),
        (24, "probe-origin-authentication-check"),
        (25, "redirection-history"),
        (26, "dl-expansion-history"),
        (27, "physical-forwarding-address"),
        (28, "recipient-certificate"),
        (29, "proof-of-delivery"),
        (30, "originator-and-DL-expansion-history"),
        (31, "reporting-DL-name"),
        (32, "reporting-MTA-certificate"),
        (33, "report-origin-authentication-check"),
        (34, "originating-MTA-certificate"),
        (35, "proof-of-submission"),
        (36, "forwarding-request"),
        (37, "trace-information"),
        (38, "internal-trace-information"),
        (39, "reporting-MTA-name"),
        (40, "multiple-originator-certificates"),
        (41, "blind-copy-recipients"),
        (42, "dl-exempted-recipients"),
        (43, "body-part-encryption-token"),
        (44, "forwarded-content-token"),
        (45, "certificate-selectors"),
        (46, "certificate-selectors-override"),
    ]),
);

/// Numbers 1 to 46, and the private extensions of RFC 2156 and STANAG 4406.
pub static EXTENSION_TABLE: Table = Table {
    numbers: &[
        (1, &RECIPIENT_REASSIGNMENT_PROHIBITED),
        (2, &OR_NAME),
        (3, &DL_EXPANSION_PROHIBITED),
        (4, &CONVERSION_WITH_LOSS_PROHIBITED),
        (5, &UTC_TIME),
        (6, &REQUESTED_DELIVERY_METHOD),
        (7, &PHYSICAL_FORWARDING_PROHIBITED),
        (8, &PHYSICAL_FORWARDING_ADDRESS_REQUEST),
        (9, &PHYSICAL_DELIVERY_MODES),
        (10, &REGISTERED_MAIL_TYPE),
        (11, &TELETEX),
        (12, &OID),
        (13, &OR_ADDRESS),
        (14, &PHYSICAL_DELIVERY_REPORT_REQUEST),
        (15, &ANY),
        (16, &TOKEN),
        (17, &ALGORITHM_IDENTIFIER),
        (18, &ANY),
        (19, &ANY),
        (20, &SECURITY_LABEL),
        (21, &PROOF_OF_SUBMISSION_REQUEST),
        (22, &PROOF_OF_DELIVERY_REQUEST),
        (23, &CONTENT_CORRELATOR),
        (24, &ANY),
        (25, &REDIRECTION_HISTORY),
        (26, &DL_EXPANSION_HISTORY),
        (27, &OR_NAME),
        (28, &ANY),
        (29, &ANY),
        (30, &ORIGINATOR_AND_DL_EXPANSION_HISTORY),
        (31, &OR_NAME),
        (32, &ANY),
        (33, &ANY),
        (34, &ANY),
        (35, &ANY),
        (36, &ANY),
        (37, &TRACE_INFORMATION),
        (38, &INTERNAL_TRACE_INFORMATION),
        (39, &REPORTING_MTA_NAME),
        (40, &EXTENDED_CERTIFICATES),
        (41, &super::p22::RECIPIENTS),
        (42, &DL_EXEMPTED_RECIPIENTS),
        (43, &ANY),
        (44, &ANY),
        (45, &CERTIFICATE_SELECTORS),
        (46, &CERTIFICATE_SELECTORS),
    ],
    oids: &[
        ("1.3.6.1.7.1.3.3", &super::heading::RFC822_FIELD_LIST),
        ("1.3.6.1.7.1.3.4", &super::heading::RFC822_FIELD_LIST),
        ("1.3.26.0.4406.0.8.0", &PRIORITY_LEVEL_QUALIFIER),
    ],
    otherwise: &ANY,
};

static PRIORITY_LEVEL_QUALIFIER: Type =
    Type::new("PriorityLevelQualifier", Kind::Enumerated(&[(0, "low"), (1, "high")]));

static RECIPIENT_REASSIGNMENT_PROHIBITED: Type = Type::new(
    "RecipientReassignmentProhibited",
    Kind::Enumerated(&[(0, "recipient-reassignment-allowed"), (1, "recipient-reassignment-prohibited")]),
);

static DL_EXPANSION_PROHIBITED: Type = Type::new(
    "DLExpansionProhibited",
    Kind::Enumerated(&[(0, "dl-expansion-allowed"), (1, "dl-expansion-prohibited")]),
);

static CONVERSION_WITH_LOSS_PROHIBITED: Type = Type::new(
    "ConversionWithLossProhibited",
    Kind::Enumerated(&[(0, "conversion-with-loss-allowed"), (1, "conversion-with-loss-prohibited")]),
);

static REQUESTED_DELIVERY_METHOD: Type = Type::new(
    "RequestedDeliveryMethod",
    Kind::SequenceOf(
        "method",
        &Type::new(
            "DeliveryMethod",
            Kind::Integer(&[
                (0, "any-delivery-method"),
                (1, "mhs-delivery"),
                (2, "physical-delivery"),
                (3, "telex-delivery"),
                (4, "teletex-delivery"),
                (5, "g3-facsimile-delivery"),
                (6, "g4-facsimile-delivery"),
                (7, "ia5-terminal-delivery"),
                (8, "videotex-delivery"),
                (9, "telephone-delivery"),
            ]),
        ),
    ),
);

static PHYSICAL_FORWARDING_PROHIBITED: Type = Type::new(
    "PhysicalForwardingProhibited",
    Kind::Enumerated(&[(0, "physical-forwarding-allowed"), (1, "physical-forwarding-prohibited")]),
);

static PHYSICAL_FORWARDING_ADDRESS_REQUEST: Type = Type::new(
    "PhysicalForwardingAddressRequest",
    Kind::Enumerated(&[
        (0, "physical-forwarding-address-not-requested"),
        (1, "physical-forwarding-address-requested"),
    ]),
);

static PHYSICAL_DELIVERY_MODES: Type = Type::new(
    "PhysicalDeliveryModes",
    Kind::Bits(&[
        (0, "ordinary-mail"),
        (1, "special-delivery"),
        (2, "express-mail"),
        (3, "counter-collection"),
        (4, "counter-collection-with-telephone-advice"),
        (5, "counter-collection-with-telex-advice"),
        (6, "counter-collection-with-teletex-advice"),
        (7, "bureau-fax-delivery"),
    ]),
);

static REGISTERED_MAIL_TYPE: Type = Type::new(
    "RegisteredMailType",
    Kind::Integer(&[
        (0, "non-registered-mail"),
        (1, "registered-mail"),
        (2, "registered-mail-to-addressee-in-person"),
    ]),
);

static PHYSICAL_DELIVERY_REPORT_REQUEST: Type = Type::new(
    "PhysicalDeliveryReportRequest",
    Kind::Integer(&[
        (0, "return-of-undeliverable-mail-by-PDS"),
        (1, "return-of-notification-by-PDS"),
        (2, "return-of-notification-by-MHS"),
        (3, "return-of-notification-by-MHS-and-PDS"),
    ]),
);

static PROOF_OF_SUBMISSION_REQUEST: Type = Type::new(
    "ProofOfSubmissionRequest",
    Kind::Enumerated(&[(0, "proof-of-submission-not-requested"), (1, "proof-of-submission-requested")]),
);

static PROOF_OF_DELIVERY_REQUEST: Type = Type::new(
    "ProofOfDeliveryRequest",
    Kind::Enumerated(&[(0, "proof-of-delivery-not-requested"), (1, "proof-of-delivery-requested")]),
);

static CONTENT_CORRELATOR: Type =
    Type::new("ContentCorrelator", Kind::Choice(&[must("ia5text", &IA5), must("octets", &OCTETS)]));

static REDIRECTION_HISTORY: Type = Type::new(
    "RedirectionHistory",
    Kind::SequenceOf(
        "redirection",
        &Type::new(
            "Redirection",
            Kind::Sequence(&[
                must("intended-recipient-name", &INTENDED_RECIPIENT_NAME),
                must("redirection-reason", &REDIRECTION_REASON),
            ]),
        ),
    ),
);

static INTENDED_RECIPIENT_NAME: Type = Type::new(
    "IntendedRecipientName",
    Kind::Sequence(&[must("intended-recipient", &OR_NAME), must("redirection-time", &UTC_TIME)]),
);

static REDIRECTION_REASON: Type = Type::new(
    "RedirectionReason",
    Kind::Enumerated(&[
        (0, "recipient-assigned-alternate-recipient"),
        (1, "originator-requested-alternate-recipient"),
        (2, "recipient-MD-assigned-alternate-recipient"),
        (3, "directory-look-up"),
        (4, "alias"),
    ]),
);

static DL_EXPANSION_HISTORY: Type = Type::new(
    "DLExpansionHistory",
    Kind::SequenceOf(
        "expansion",
        &Type::new(
            "DLExpansion",
            Kind::Sequence(&[must("dl", &OR_NAME), must("dl-expansion-time", &UTC_TIME)]),
        ),
    ),
);

static ORIGINATOR_AND_DL_EXPANSION_HISTORY: Type = Type::new(
    "OriginatorAndDLExpansionHistory",
    Kind::SequenceOf(
        "expansion",
        &Type::new(
            "OriginatorAndDLExpansion",
            Kind::Sequence(&[
                must("originator-or-dl-name", &OR_NAME),
                must("origination-or-expansion-time", &UTC_TIME),
            ]),
        ),
    ),
);

static REPORTING_MTA_NAME: Type = Type::new(
    "ReportingMTAName",
    Kind::Sequence(&[
        must("domain", &GLOBAL_DOMAIN_IDENTIFIER),
        must("mta-name", &MTA_NAME),
        may("mta-directory-name", &NAME).at(0),
    ]),
);

static EXTENDED_CERTIFICATES: Type = Type::new(
    "ExtendedCertificates",
    Kind::SetOf(
        "certificate",
        &Type::new(
            "ExtendedCertificate",
            Kind::Choice(&[must("directory-entry", &NAME).at(0), must("certificate", &ANY).at(1)]),
        ),
    ),
);

static DL_EXEMPTED_RECIPIENTS: Type = Type::new("DLExemptedRecipients", Kind::SetOf("recipient", &OR_NAME));

static CERTIFICATE_SELECTORS: Type = Type::new(
    "CertificateSelectors",
    Kind::Set(&[
        may("encryption-recipient", &ANY).at(0),
        may("encryption-originator", &ANY).at(1),
        may("content-integrity-check", &ANY).at(2),
        may("token-signature", &ANY).at(3),
        may("message-origin-authentication", &ANY).at(4),
    ]),
);

/// `AlgorithmIdentifier` (X.509).
pub static ALGORITHM_IDENTIFIER: Type =
    Type::new("AlgorithmIdentifier", Kind::Sequence(&[must("algorithm", &OID), may("parameters", &ANY)]));

/// `Token ::= SEQUENCE { type [0] OBJECT IDENTIFIER, token [1] ANY }`
pub static TOKEN: Type = Type::new(
    "Token",
    Kind::Sequence(&[
        must("token-type-identifier", &OID).at(0).key(),
        must("token", &Type::new("ANY", Kind::Open(&TOKEN_TABLE))).at(1),
    ]),
);

static TOKEN_TABLE: Table =
    Table { numbers: &[], oids: &[("2.6.3.6.0", &ASYMMETRIC_TOKEN)], otherwise: &ANY };

static ASYMMETRIC_TOKEN: Type = Type::new(
    "AsymmetricToken",
    Kind::Sequence(&[
        must("asymmetric-token-data", &ANY),
        must("algorithm-identifier", &ALGORITHM_IDENTIFIER),
        must("encrypted", &BITS),
    ]),
);

/// `SecurityLabel` (X.411 8.5.9).
pub static SECURITY_LABEL: Type = Type::new(
    "SecurityLabel",
    Kind::Set(&[
        may("security-policy-identifier", &OID),
        may("security-classification", &SECURITY_CLASSIFICATION),
        may("privacy-mark", &PRINTABLE),
        may(
            "security-categories",
            &Type::new("SecurityCategories", Kind::SetOf("category", &SECURITY_CATEGORY)),
        ),
    ]),
);

static SECURITY_CLASSIFICATION: Type = Type::new(
    "SecurityClassification",
    Kind::Integer(&[
        (0, "unmarked"),
        (1, "unclassified"),
        (2, "restricted"),
        (3, "confidential"),
        (4, "secret"),
        (5, "top-secret"),
    ]),
);

static SECURITY_CATEGORY: Type =
    Type::new("SecurityCategory", Kind::Sequence(&[must("type", &OID).at(0), must("value", &ANY).within(1)]));
