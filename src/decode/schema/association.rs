//! What is said when an association is opened, closed or aborted: presentation (X.226), association control (X.227),
//! reliable transfer (X.228) and the MTA bind (X.411 12.1.1); ledger T-20 to T-34 and A-26.

use super::p1::{MESSAGE, PROBE, REPORT};
use super::{ANY, BITS, INTEGER, Kind, OCTETS, OID, Table, Type, may, must};

mod acse;
mod bind;
mod rtse;

use acse::{AARE, AARQ, ABRT, RLRE, RLRQ};
pub use bind::BIND;
use rtse::{RTAB_SET, RTOAC_SET, RTORJ_SET, RTORQ_SET};

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
