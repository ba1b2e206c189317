//! The MTA bind (X.411 12.1.1; ledger T-33 and A-26).

use crate::decode::schema::address::MTA_NAME;
use crate::decode::schema::extension::{SECURITY_LABEL, TOKEN};
use crate::decode::schema::{ANY, IA5, Kind, Member, NULL, OCTETS, Type, may, must};

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
        may("bind-token", &TOKEN).at(0),
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
