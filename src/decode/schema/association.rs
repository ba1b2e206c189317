//! What is said when an association is opened, closed or aborted: presentation (X.226), association control (X.227),
//! reliable transfer (X.228) and the MTA bind (X.411 12.1.1); ledger T-20 to T-34 and A-26.

use super::address::MTA_NAME;
use super::extension::SECURITY_LABEL;
use super::p1::{MESSAGE, PROBE, REPORT};
use super::{
    ANY, BITS, GRAPHIC, IA5, INTEGER, Kind, Member, NULL, OCTETS, OID, TELETEX, Table, Type, UTC_TIME,
    address, may, must,
};

/// Any presentation protocol data unit or user data, told apart by tag alone.
pub static PRESENTATION: Type = Type::new(
    "PPDU",
    Kind::Choice(&[
        must("CP or CPA", &CONNECT),
        must("CPR", &CPR_NORMAL),
        must("simply-encoded-data", &SIMPLE_DATA),
        must("fully-encoded-data", &FULL_DATA),
        must("ARU", &ARU_NORMAL).at(0),
    ]),
);

/// Connect presentation: `CP-type ::= SET`.
pub static CP: Type = Type::new(
    "CP-type",
    Kind::Set(&[
        must("mode-selector", &MODE_SELECTOR).at(0),
        may("x410-mode-parameters", &RTORQ_SET).at(1),
        may("normal-mode-parameters", &CP_NORMAL).at(2),
    ]),
);

/// Connect presentation accept: `CPA-PPDU ::= SET`.
pub static CPA: Type = Type::new(
    "CPA-PPDU",
    Kind::Set(&[
        must("mode-selector", &MODE_SELECTOR).at(0),
        may("x410-mode-parameters", &RTOAC_SET).at(1),
        may("normal-mode-parameters", &CPA_NORMAL).at(2),
    ]),
);

/// CP or CPA when the session SPDU around it is not known.
static CONNECT: Type = Type::new(
    "CP-type or CPA-PPDU",
    Kind::Set(&[
        must("mode-selector", &MODE_SELECTOR).at(0),
        may("x410-mode-parameters", &ANY).at(1),
        may("normal-mode-parameters", &ANY).at(2),
    ]),
);

/// Connect presentation reject: `CPR-PPDU ::= CHOICE { x410-mode SET, normal-mode SEQUENCE }`.
pub static CPR: Type = Type::new(
    "CPR-PPDU",
    Kind::Choice(&[must("x410-mode-parameters", &RTORJ_SET), must("normal-mode-parameters", &CPR_NORMAL)]),
);

/// Abort: `ARU-PPDU` by the user, `ARP-PPDU` by the provider.
pub static ABORT: Type = Type::new(
    "Abort-type",
    Kind::Choice(&[
        must("aru x410-mode-parameters", &RTAB_SET),
        must("aru normal-mode-parameters", &ARU_NORMAL).at(0),
        must("arp", &ARP),
    ]),
);

static MODE_SELECTOR: Type = Type::new(
    "Mode-selector",
    Kind::Set(&[must(
        "mode-value",
        &Type::new("mode-value", Kind::Integer(&[(0, "x410-1984-mode"), (1, "normal-mode")])),
    )
    .at(0)]),
);

static CP_NORMAL: Type = Type::new(
    "normal-mode-parameters",
    Kind::Sequence(&[
        may("protocol-version", &PROTOCOL_VERSION).at(0),
        may("calling-presentation-selector", &OCTETS).at(1),
        may("called-presentation-selector", &OCTETS).at(2),
        may("presentation-context-definition-list", &CONTEXT_LIST).at(4),
        may("default-context-name", &DEFAULT_CONTEXT).at(6),
        may("presentation-requirements", &PRESENTATION_REQUIREMENTS).at(8),
        may("user-session-requirements", &SESSION_REQUIREMENTS).at(9),
        may("user-data", &USER_DATA),
    ]),
);

static CPA_NORMAL: Type = Type::new(
    "normal-mode-parameters",
    Kind::Sequence(&[
        may("protocol-version", &PROTOCOL_VERSION).at(0),
        may("responding-presentation-selector", &OCTETS).at(3),
        may("presentation-context-definition-result-list", &RESULT_LIST).at(5),
        may("presentation-requirements", &PRESENTATION_REQUIREMENTS).at(8),
        may("user-session-requirements", &SESSION_REQUIREMENTS).at(9),
        may("user-data", &USER_DATA),
    ]),
);

static CPR_NORMAL: Type = Type::new(
    "normal-mode-parameters",
    Kind::Sequence(&[
        may("protocol-version", &PROTOCOL_VERSION).at(0),
        may("responding-presentation-selector", &OCTETS).at(3),
        may("presentation-context-definition-result-list", &RESULT_LIST).at(5),
        may("default-context-result", &CONTEXT_RESULT).at(7),
        may("provider-reason", &PROVIDER_REASON).at(10),
        may("user-data", &USER_DATA),
    ]),
);

static PROTOCOL_VERSION: Type = Type::new("Protocol-version", Kind::Bits(&[(0, "version-1")]));

static CONTEXT_LIST: Type = Type::new(
    "Context-list",
    Kind::SequenceOf(
        "context",
        &Type::new(
            "context",
            Kind::Sequence(&[
                must("presentation-context-identifier", &INTEGER),
                must("abstract-syntax-name", &OID),
                must(
                    "transfer-syntax-name-list",
                    &Type::new("list", Kind::SequenceOf("transfer-syntax-name", &OID)),
                ),
            ]),
        ),
    ),
);

static DEFAULT_CONTEXT: Type = Type::new(
    "Default-context-name",
    Kind::Sequence(&[must("abstract-syntax-name", &OID).at(0), must("transfer-syntax-name", &OID).at(1)]),
);

static RESULT_LIST: Type = Type::new(
    "Result-list",
    Kind::SequenceOf(
        "result",
        &Type::new(
            "result",
            Kind::Sequence(&[
                must("result", &CONTEXT_RESULT).at(0),
                may("transfer-syntax-name", &OID).at(1),
                may("provider-reason", &CONTEXT_REASON).at(2),
            ]),
        ),
    ),
);

static CONTEXT_RESULT: Type = Type::new(
    "Result",
    Kind::Integer(&[(0, "acceptance"), (1, "user-rejection"), (2, "provider-rejection")]),
);

static CONTEXT_REASON: Type = Type::new(
    "provider-reason",
    Kind::Integer(&[
        (0, "reason-not-specified"),
        (1, "abstract-syntax-not-supported"),
        (2, "proposed-transfer-syntaxes-not-supported"),
        (3, "local-limit-on-DCS-exceeded"),
    ]),
);

static PROVIDER_REASON: Type = Type::new(
    "Provider-reason",
    Kind::Integer(&[
        (0, "reason-not-specified"),
        (1, "temporary-congestion"),
        (2, "local-limit-exceeded"),
        (3, "called-presentation-address-unknown"),
        (4, "protocol-version-not-supported"),
        (5, "default-context-not-supported"),
        (6, "user-data-not-readable"),
        (7, "no-PSAP-available"),
    ]),
);

static PRESENTATION_REQUIREMENTS: Type =
    Type::new("Presentation-requirements", Kind::Bits(&[(0, "context-management"), (1, "restoration")]));

static SESSION_REQUIREMENTS: Type = Type::new(
    "User-session-requirements",
    Kind::Bits(&[
        (0, "half-duplex"),
        (1, "duplex"),
        (2, "expedited-data"),
        (3, "minor-synchronize"),
        (4, "major-synchronize"),
        (5, "resynchronize"),
        (6, "activity-management"),
        (7, "negotiated-release"),
        (8, "capability-data"),
        (9, "exceptions"),
        (10, "typed-data"),
        (11, "symmetric-synchronize"),
        (12, "data-separation"),
    ]),
);

/// `User-data ::= CHOICE { simply-encoded-data [APPLICATION 0], fully-encoded-data [APPLICATION 1] }`
pub static USER_DATA: Type = Type::new(
    "User-data",
    Kind::Choice(&[must("simply-encoded-data", &SIMPLE_DATA), must("fully-encoded-data", &FULL_DATA)]),
);

static SIMPLE_DATA: Type = Type::application("Simply-encoded-data", 0, &OCTETS);

static FULL_DATA: Type = Type::application(
    "Fully-encoded-data",
    1,
    &Type::new("Fully-encoded-data", Kind::SequenceOf("PDV-list", &PDV_LIST)),
);

static PDV_LIST: Type = Type::new(
    "PDV-list",
    Kind::Sequence(&[
        may("transfer-syntax-name", &OID),
        must("presentation-context-identifier", &INTEGER),
        must("presentation-data-values", &DATA_VALUES),
    ]),
);

static DATA_VALUES: Type = Type::new(
    "presentation-data-values",
    Kind::Choice(&[
        must("single-ASN1-type", &APPLICATION_DATA).at(0),
        must("octet-aligned", &OCTETS).at(1),
        must("arbitrary", &BITS).at(2),
    ]),
);

/// What stands in a presentation context of an X.400 association.
pub static APPLICATION_DATA: Type = Type::new(
    "APDU",
    Kind::Choice(&[
        must("AARQ", &AARQ),
        must("AARE", &AARE),
        must("RLRQ", &RLRQ),
        must("RLRE", &RLRE),
        must("ABRT", &ABRT),
        must("RTORQ", &RTORQ_SET).at(16),
        must("RTOAC", &RTOAC_SET).at(17),
        must("RTORJ", &RTORJ_SET).at(18),
        must("RTAB", &RTAB_SET).at(22),
        must("RTTP", &INTEGER),
        must("RTTR", &OCTETS),
        must("transfer", &TRANSFER),
    ]),
);

/// The EXTERNAL around the value of RTTR (ledger T-31).
pub static TRANSFER: Type = Type::new("EXTERNAL", Kind::External(&ASSOCIATION_TABLE));

/// What is transferred: an MTS-APDU, with or without EXTERNAL around it.
pub static TRANSFERRED: Type = Type::new(
    "MTS-APDU",
    Kind::Choice(&[
        must("transfer", &TRANSFER),
        must("message", &MESSAGE).at(0),
        must("report", &REPORT).at(1),
        must("probe", &PROBE).at(2),
    ]),
);

/// Values inside an EXTERNAL of an association are told apart by their tags.
static ASSOCIATION_TABLE: Table = Table { numbers: &[], oids: &[], otherwise: &INSIDE_EXTERNAL };

static INSIDE_EXTERNAL: Type = Type::new(
    "APDU",
    Kind::Choice(&[
        must("RTORQ", &RTORQ_SET).at(16),
        must("RTOAC", &RTOAC_SET).at(17),
        must("RTORJ", &RTORJ_SET).at(18),
        must("RTAB", &RTAB_SET).at(22),
        must("message", &MESSAGE).at(0),
        must("report", &REPORT).at(1),
        must("probe", &PROBE).at(2),
    ]),
);

static USER_INFORMATION: Type = Type::new("Association-information", Kind::SequenceOf("external", &TRANSFER));

static AARQ: Type = Type::application(
    "AARQ-apdu",
    0,
    &Type::new(
        "AARQ-apdu",
        Kind::Sequence(&[
            may("protocol-version", &ACSE_VERSION).at(0),
            must("application-context-name", &OID).within(1),
            may("called-AP-title", &AP_TITLE).within(2),
            may("called-AE-qualifier", &AE_QUALIFIER).within(3),
            may("called-AP-invocation-identifier", &INTEGER).within(4),
            may("called-AE-invocation-identifier", &INTEGER).within(5),
            may("calling-AP-title", &AP_TITLE).within(6),
            may("calling-AE-qualifier", &AE_QUALIFIER).within(7),
            may("calling-AP-invocation-identifier", &INTEGER).within(8),
            may("calling-AE-invocation-identifier", &INTEGER).within(9),
            may("sender-acse-requirements", &ACSE_REQUIREMENTS).at(10),
            may("mechanism-name", &OID).at(11),
            may("calling-authentication-value", &AUTHENTICATION_VALUE).within(12),
            may("implementation-information", &GRAPHIC).at(29),
            may("user-information", &USER_INFORMATION).at(30),
        ]),
    ),
);

static AARE: Type = Type::application(
    "AARE-apdu",
    1,
    &Type::new(
        "AARE-apdu",
        Kind::Sequence(&[
            may("protocol-version", &ACSE_VERSION).at(0),
            must("application-context-name", &OID).within(1),
            must("result", &ASSOCIATE_RESULT).within(2),
            must("result-source-diagnostic", &ASSOCIATE_DIAGNOSTIC).within(3),
            may("responding-AP-title", &AP_TITLE).within(4),
            may("responding-AE-qualifier", &AE_QUALIFIER).within(5),
            may("responding-AP-invocation-identifier", &INTEGER).within(6),
            may("responding-AE-invocation-identifier", &INTEGER).within(7),
            may("responder-acse-requirements", &ACSE_REQUIREMENTS).at(8),
            may("mechanism-name", &OID).at(9),
            may("responding-authentication-value", &AUTHENTICATION_VALUE).within(10),
            may("implementation-information", &GRAPHIC).at(29),
            may("user-information", &USER_INFORMATION).at(30),
        ]),
    ),
);

static RLRQ: Type = Type::application(
    "RLRQ-apdu",
    2,
    &Type::new(
        "RLRQ-apdu",
        Kind::Sequence(&[
            may(
                "reason",
                &Type::new(
                    "Release-request-reason",
                    Kind::Integer(&[(0, "normal"), (1, "urgent"), (30, "user-defined")]),
                ),
            )
            .at(0),
            may("user-information", &USER_INFORMATION).at(30),
        ]),
    ),
);

static RLRE: Type = Type::application(
    "RLRE-apdu",
    3,
    &Type::new(
        "RLRE-apdu",
        Kind::Sequence(&[
            may(
                "reason",
                &Type::new(
                    "Release-response-reason",
                    Kind::Integer(&[(0, "normal"), (1, "not-finished"), (30, "user-defined")]),
                ),
            )
            .at(0),
            may("user-information", &USER_INFORMATION).at(30),
        ]),
    ),
);

static ABRT: Type = Type::application(
    "ABRT-apdu",
    4,
    &Type::new(
        "ABRT-apdu",
        Kind::Sequence(&[
            must(
                "abort-source",
                &Type::new(
                    "ABRT-source",
                    Kind::Integer(&[(0, "acse-service-user"), (1, "acse-service-provider")]),
                ),
            )
            .at(0),
            may(
                "abort-diagnostic",
                &Type::new(
                    "ABRT-diagnostic",
                    Kind::Enumerated(&[
                        (1, "no-reason-given"),
                        (2, "protocol-error"),
                        (3, "authentication-mechanism-name-not-recognized"),
                        (4, "authentication-mechanism-name-required"),
                        (5, "authentication-failure"),
                        (6, "authentication-required"),
                    ]),
                ),
            )
            .at(1),
            may("user-information", &USER_INFORMATION).at(30),
        ]),
    ),
);

static ACSE_VERSION: Type = Type::new("protocol-version", Kind::Bits(&[(0, "version1")]));

static ACSE_REQUIREMENTS: Type = Type::new("ACSE-requirements", Kind::Bits(&[(0, "authentication")]));

static AP_TITLE: Type =
    Type::new("AP-title", Kind::Choice(&[must("form1", &address::RDN_SEQUENCE), must("form2", &OID)]));

static AE_QUALIFIER: Type = Type::new(
    "AE-qualifier",
    Kind::Choice(&[
        must("form1", &Type::new("RelativeDistinguishedName", Kind::SetOf("attribute", &ANY))),
        must("form2", &INTEGER),
    ]),
);

static AUTHENTICATION_VALUE: Type = Type::new(
    "Authentication-value",
    Kind::Choice(&[
        must("charstring", &GRAPHIC).at(0),
        must("bitstring", &BITS).at(1),
        must("external", &super::EXTERNAL).at(2),
        must("other", &ANY).at(3),
    ]),
);

static ASSOCIATE_RESULT: Type = Type::new(
    "Associate-result",
    Kind::Integer(&[(0, "accepted"), (1, "rejected-permanent"), (2, "rejected-transient")]),
);

static ASSOCIATE_DIAGNOSTIC: Type = Type::new(
    "Associate-source-diagnostic",
    Kind::Choice(&[
        must("acse-service-user", &USER_DIAGNOSTIC).within(1),
        must("acse-service-provider", &PROVIDER_DIAGNOSTIC).within(2),
    ]),
);

static USER_DIAGNOSTIC: Type = Type::new(
    "diagnostic",
    Kind::Integer(&[
        (0, "null"),
        (1, "no-reason-given"),
        (2, "application-context-name-not-supported"),
        (3, "calling-AP-title-not-recognized"),
        (4, "calling-AP-invocation-identifier-not-recognized"),
        (5, "calling-AE-qualifier-not-recognized"),
        (6, "calling-AE-invocation-identifier-not-recognized"),
        (7, "called-AP-title-not-recognized"),
        (8, "called-AP-invocation-identifier-not-recognized"),
        (9, "called-AE-qualifier-not-recognized"),
        (10, "called-AE-invocation-identifier-not-recognized"),
        (11, "authentication-mechanism-name-not-recognized"),
        (12, "authentication-mechanism-name-required"),
        (13, "authentication-failure"),
        (14, "authentication-required"),
    ]),
);

static PROVIDER_DIAGNOSTIC: Type = Type::new(
    "diagnostic",
    Kind::Integer(&[(0, "null"), (1, "no-reason-given"), (2, "no-common-acse-version")]),
);

static RTORQ_SET: Type = Type::new(
    "RTORQapdu",
    Kind::Set(&[
        may("checkpointSize", &INTEGER).at(0),
        may("windowSize", &INTEGER).at(1),
        may(
            "dialogueMode",
            &Type::new("dialogueMode", Kind::Integer(&[(0, "monologue"), (1, "two-way-alternate")])),
        )
        .at(2),
        must("connectionDataRQ", &CONNECTION_DATA).at(3),
        may(
            "applicationProtocol",
            &Type::new(
                "applicationProtocol",
                Kind::Integer(&[
                    (1, "P1 of 1984"),
                    (8, "P7 of 1988"),
                    (11, "P3 of 1988"),
                    (12, "P1 of 1988"),
                ]),
            ),
        )
        .at(4),
    ]),
);

static RTOAC_SET: Type = Type::new(
    "RTOACapdu",
    Kind::Set(&[
        may("checkpointSize", &INTEGER).at(0),
        may("windowSize", &INTEGER).at(1),
        must("connectionDataAC", &CONNECTION_DATA).at(2),
    ]),
);

static RTORJ_SET: Type = Type::new(
    "RTORJapdu",
    Kind::Set(&[
        may(
            "refuseReason",
            &Type::new(
                "RefuseReason",
                Kind::Integer(&[
                    (0, "rtsBusy"),
                    (1, "cannotRecover"),
                    (2, "validationFailure"),
                    (3, "unacceptableDialogueMode"),
                ]),
            ),
        )
        .at(0),
        may("userDataRJ", &BIND).within(1),
    ]),
);

static RTAB_SET: Type = Type::new(
    "RTABapdu",
    Kind::Set(&[
        may(
            "abortReason",
            &Type::new(
                "AbortReason",
                Kind::Integer(&[
                    (0, "localSystemProblem"),
                    (1, "invalidParameter"),
                    (2, "unrecognizedActivity"),
                    (3, "temporaryProblem"),
                    (4, "protocolError"),
                    (5, "permanentProblem"),
                    (6, "userError"),
                    (7, "transferCompleted"),
                ]),
            ),
        )
        .at(0),
        may("reflectedParameter", &BITS).at(1),
        may("userdataAB", &ANY).within(2),
    ]),
);

static CONNECTION_DATA: Type = Type::new(
    "ConnectionData",
    Kind::Choice(&[must("open", &BIND).within(0), must("recover", &SESSION_CONNECTION_IDENTIFIER).at(1)]),
);

static SESSION_CONNECTION_IDENTIFIER: Type = Type::new(
    "SessionConnectionIdentifier",
    Kind::Sequence(&[
        must(
            "callingSSUserReference",
            &Type::new(
                "callingSSUserReference",
                Kind::Choice(&[must("teletex", &TELETEX), must("octets", &OCTETS)]),
            ),
        ),
        must("commonReference", &UTC_TIME),
        may("additionalReferenceInformation", &TELETEX).at(0),
    ]),
);

/// The MTA bind in every form it is met in: bare, or tagged as argument, result or error (ledger T-33).
pub static BIND: Type = Type::new(
    "MTABind",
    Kind::Choice(&[
        must("unauthenticated", &NULL),
        must("authenticated", &AUTHENTICATED).at(1),
        must("bind-argument", &PLAIN_BIND).at(16),
        must("bind-result", &PLAIN_BIND).at(17),
        must("bind-error", &BIND_ERROR).within(18),
        must("bind-error", &BIND_ERROR),
    ]),
);

static PLAIN_BIND: Type = Type::new(
    "MTABind",
    Kind::Choice(&[must("unauthenticated", &NULL), must("authenticated", &AUTHENTICATED).at(1)]),
);

static AUTHENTICATED: Type = Type::new("authenticated", Kind::Set(AUTHENTICATED_MEMBERS));

static AUTHENTICATED_MEMBERS: &[Member] = &[
    must("mta-name", &MTA_NAME).at(0),
    must("credentials", &CREDENTIALS).at(1),
    may("security-context", &Type::new("SecurityContext", Kind::SetOf("label", &SECURITY_LABEL))).at(2),
];

static CREDENTIALS: Type = Type::new(
    "Credentials",
    Kind::Choice(&[
        must("simple.ia5-string", &IA5),
        must("simple.octet-string", &OCTETS),
        must("strong", &STRONG_CREDENTIALS).at(0),
        must("protected", &ANY).at(1),
    ]),
);

static STRONG_CREDENTIALS: Type = Type::new(
    "StrongCredentials",
    Kind::Set(&[
        may("bind-token", &super::extension::TOKEN).at(0),
        may("certificate", &ANY).at(1),
        may("certificate-selector", &ANY).at(2),
    ]),
);

static BIND_ERROR: Type = Type::new(
    "MTABindError",
    Kind::Integer(&[
        (0, "busy"),
        (2, "authentication-error"),
        (3, "unacceptable-dialogue-mode"),
        (4, "unacceptable-security-context"),
        (5, "inadequate-association-confidentiality"),
    ]),
);

static ARU_NORMAL: Type = Type::new(
    "ARU-PPDU",
    Kind::Sequence(&[
        may(
            "presentation-context-identifier-list",
            &Type::new(
                "Presentation-context-identifier-list",
                Kind::SequenceOf(
                    "context",
                    &Type::new(
                        "context",
                        Kind::Sequence(&[
                            must("presentation-context-identifier", &INTEGER),
                            must("transfer-syntax-name", &OID),
                        ]),
                    ),
                ),
            ),
        )
        .at(0),
        may("user-data", &USER_DATA),
    ]),
);

static ARP: Type = Type::new(
    "ARP-PPDU",
    Kind::Sequence(&[
        may(
            "provider-reason",
            &Type::new(
                "Abort-reason",
                Kind::Integer(&[
                    (0, "reason-not-specified"),
                    (1, "unrecognized-ppdu"),
                    (2, "unexpected-ppdu"),
                    (3, "unexpected-session-service-primitive"),
                    (4, "unrecognized-ppdu-parameter"),
                    (5, "unexpected-ppdu-parameter"),
                    (6, "invalid-ppdu-parameter-value"),
                ]),
            ),
        )
        .at(0),
        may("event-identifier", &EVENT).at(1),
    ]),
);

static EVENT: Type = Type::new(
    "Event-identifier",
    Kind::Integer(&[
        (0, "cp-PPDU"),
        (1, "cpa-PPDU"),
        (2, "cpr-PPDU"),
        (3, "aru-PPDU"),
        (4, "arp-PPDU"),
        (5, "ac-PPDU"),
        (6, "aca-PPDU"),
        (7, "td-PPDU"),
        (8, "ttd-PPDU"),
        (9, "te-PPDU"),
        (10, "tc-PPDU"),
        (11, "tcc-PPDU"),
        (12, "rs-PPDU"),
        (13, "rsa-PPDU"),
        (14, "s-release-indication"),
        (15, "s-release-confirm"),
        (16, "s-token-give-indication"),
        (17, "s-token-please-indication"),
        (18, "s-control-give-indication"),
        (19, "s-sync-minor-indication"),
        (20, "s-sync-minor-confirm"),
        (21, "s-sync-major-indication"),
        (22, "s-sync-major-confirm"),
        (23, "s-p-exception-report-indication"),
        (24, "s-u-exception-report-indication"),
        (25, "s-activity-start-indication"),
        (26, "s-activity-resume-indication"),
        (27, "s-activity-interrupt-indication"),
        (28, "s-activity-interrupt-confirm"),
        (29, "s-activity-discard-indication"),
        (30, "s-activity-discard-confirm"),
        (31, "s-activity-end-indication"),
        (32, "s-activity-end-confirm"),
    ]),
);
