//! Association control (X.227; ledger T-22).

use super::TRANSFER;
use crate::decode::schema::{ANY, BITS, EXTERNAL, GRAPHIC, INTEGER, Kind, OID, Type, address, may, must};

static USER_INFORMATION: Type = Type::new("Association-information", Kind::SequenceOf("external", &TRANSFER));

pub(super) static AARQ: Type = Type::application(
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

pub(super) static AARE: Type = Type::application(
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

pub(super) static RLRQ: Type = Type::application(
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

pub(super) static RLRE: Type = Type::application(
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

pub(super) static ABRT: Type = Type::application(
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
        must("external", &EXTERNAL).at(2),
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
