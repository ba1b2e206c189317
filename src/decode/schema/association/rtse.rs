//! Reliable transfer (X.228; ledger T-30).

use super::bind::BIND;
use crate::decode::schema::{ANY, BITS, INTEGER, Kind, OCTETS, TELETEX, Type, UTC_TIME, may, must};

pub(super) static RTORQ_SET: Type = Type::new(
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

pub(super) static RTOAC_SET: Type = Type::new(
    "RTOACapdu",
    Kind::Set(&[
        may("checkpointSize", &INTEGER).at(0),
        may("windowSize", &INTEGER).at(1),
        must("connectionDataAC", &CONNECTION_DATA).at(2),
    ]),
);

pub(super) static RTORJ_SET: Type = Type::new(
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

pub(super) static RTAB_SET: Type = Type::new(
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
