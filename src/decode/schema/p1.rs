//! P1: the MTS-APDU with its envelopes and report content (X.411 figures 3 to 5, X.419; ledger ).

use super::address::{MTS_IDENTIFIER, OR_NAME};
use super::extension::EXTENSIONS;
use super::{ANY, Charset, INTEGER, Kind, Member, OCTETS, OID, Tagging, Type, UTC_TIME, may, must};
use crate::decode::ber::Tag;

mod delivery;
mod encoded_types;
mod report;
mod trace;

pub use delivery::{OTHER_DELIVERY_FIELDS, REPORT_DELIVERY};
pub use encoded_types::{ENCODED_INFORMATION_TYPES, G3_NON_BASIC, TELETEX_NON_BASIC};
pub use report::{REPORT, REPORT_TYPE};
pub use trace::{INTERNAL_TRACE_INFORMATION, TRACE_INFORMATION};

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

pub(super) static PER_RECIPIENT_INDICATORS: Type = Type::new(
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
