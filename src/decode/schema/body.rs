//! Body parts (X.420 7.3 and annex B; ledger A-30, B-01): the basic ones by tag, the extended ones by object identifier.

use super::extension::ALGORITHM_IDENTIFIER;
use super::heading::RFC822_FIELD_LIST;
use super::p1::{CONTENT, G3_NON_BASIC, OTHER_DELIVERY_FIELDS, REPORT_DELIVERY, TELETEX_NON_BASIC};
use super::p22::{IPM, IPN};
use super::{
    ANY, BITS, BOOLEAN, GENERAL, IA5, INTEGER, Kind, Member, OCTETS, OID, TELETEX, Table, Type, UTC_TIME,
    VIDEOTEX, address, ftbp, may, must,
};

/// `BodyPart ::= CHOICE`: tags 0 to 14 are basic, 15 is extended. 1, 2, 10 and 13 come from earlier texts.
pub static BODY_PART: Type = Type::new(
    "BodyPart",
    Kind::Choice(&[
        must("ia5-text", &IA5_TEXT).at(0),
        must("telex", &TELEX).at(1),
        must("voice", &VOICE).at(2),
        must("g3-facsimile", &G3_FACSIMILE).at(3),
        must("g4-class1", &DOCUMENT).at(4),
        must("teletex", &TELETEX_PART).at(5),
        must("videotex", &VIDEOTEX_PART).at(6),
        must("nationally-defined", &ANY).at(7),
        must("encrypted", &ENCRYPTED).at(8),
        must("message", &MESSAGE).at(9),
        must("simple-formattable-document", &ANY).at(10),
        must("mixed-mode", &DOCUMENT).at(11),
        must("iso6937-text", &ANY).at(13),
        must("bilaterally-defined", &OCTETS).at(14),
        must("extended", &EXTENDED).at(15),
    ]),
);

/// A part whose type an object identifier names.
pub(super) static EXTENDED: Type = Type::new(
    "ExtendedBodyPart",
    Kind::Sequence(&[
        may("parameters", &Type::new("EXTERNAL", Kind::External(&PARAMETERS_TABLE))).at(0),
        must("data", &Type::new("EXTERNAL", Kind::External(&DATA_TABLE))),
    ]),
);

/// The parameters of extended body parts: X.420, RFC 2157, STANAG 4406.
static PARAMETERS_TABLE: Table = Table {
    numbers: &[],
    oids: &[
        ("2.6.1.11.0", &IA5_TEXT_PARAMETERS),
        ("2.6.1.11.2", &G3_PARAMETERS),
        ("2.6.1.11.4", &TELETEX_PARAMETERS),
        ("2.6.1.11.5", &VIDEOTEX_PARAMETERS),
        ("2.6.1.11.6", &ENCRYPTED_PARAMETERS),
        ("2.6.1.11.7", &MESSAGE_PARAMETERS),
        ("2.6.1.11.11", &GENERAL_TEXT_PARAMETERS),
        ("2.6.1.11.12", &ftbp::PARAMETERS),
        ("2.6.1.11.15", &MESSAGE_PARAMETERS),
        ("2.6.1.11.16", &VOICE_PARAMETERS),
        ("2.6.1.11.17.", &FORWARDED_CONTENT_PARAMETERS),
        ("1.3.6.1.7.1.2.2.1", &MIME_PARAMETERS),
        ("2.8.1.0.1", &ODA_PARAMETERS),
        ("1.3.26.0.4406.0.7.2", &INTEGER),
        ("1.3.26.0.4406.0.7.3", &INTEGER),
        ("1.3.26.0.4406.0.7.7", &MESSAGE_PARAMETERS),
        ("1.3.26.0.4406.0.7.10", &MESSAGE_PARAMETERS),
        ("1.3.26.0.4406.0.7.13", &INTEGER),
    ],
    otherwise: &ANY,
};

/// The data of extended body parts.
static DATA_TABLE: Table = Table {
    numbers: &[],
    oids: &[
        ("2.6.1.4.0", &IA5),
        ("2.6.1.4.2", &G3_DATA),
        ("2.6.1.4.3", &DOCUMENT),
        ("2.6.1.4.4", &TELETEX_DATA),
        ("2.6.1.4.5", &VIDEOTEX),
        ("2.6.1.4.6", &BITS),
        ("2.6.1.4.7", &IPM),
        ("2.6.1.4.8", &DOCUMENT),
        ("2.6.1.4.9", &OCTETS),
        ("2.6.1.4.10", &ANY),
        ("2.6.1.4.11", &GENERAL),
        ("2.6.1.4.12", &ftbp::DATA),
        ("2.6.1.4.14", &REPORT_DELIVERY),
        ("2.6.1.4.15", &IPN),
        ("2.6.1.4.16", &OCTETS),
        ("2.6.1.4.17.", &CONTENT),
        ("2.6.1.4.18", &ANY),
        ("1.3.6.1.7.1.2.1.1", &OCTETS),
        ("1.3.6.1.7.1.2.1.2", &OCTETS),
        ("1.3.6.1.7.1.2.1.3", &OCTETS),
        ("1.3.6.1.7.1.2.1.4", &OCTETS),
        ("2.8.1.0.1", &ANY),
        ("1.3.26.0.4406.0.7.0", &ADATP3),
        ("1.3.26.0.4406.0.7.1", &IA5),
        ("1.3.26.0.4406.0.7.6", &BITS),
        ("1.3.26.0.4406.0.7.9", &MILITARY_MESSAGE),
        ("1.3.26.0.4406.0.7.12", &IA5),
    ],
    otherwise: &ANY,
};

/// A military message is MM [0], or a plain IPM as older texts have it.
static MILITARY_MESSAGE: Type =
    Type::new("MM", Kind::Choice(&[must("mm", &IPM).at(0), must("mn", &IPN).at(1), must("ipm", &IPM)]));

static IA5_TEXT: Type = Type::new(
    "IA5TextBodyPart",
    Kind::Sequence(&[must("parameters", &IA5_TEXT_PARAMETERS), must("data", &IA5)]),
);

static IA5_TEXT_PARAMETERS: Type =
    Type::new("IA5TextParameters", Kind::Set(&[may("repertoire", &REPERTOIRE).at(0)]));

static REPERTOIRE: Type = Type::new("Repertoire", Kind::Enumerated(&[(2, "ita2"), (5, "ia5")]));

static TELEX: Type =
    Type::new("TelexBodyPart", Kind::Sequence(&[must("parameters", &ANY), must("data", &ANY)]));

static VOICE: Type =
    Type::new("VoiceBodyPart", Kind::Sequence(&[must("parameters", &ANY), must("data", &ANY)]));

static VOICE_PARAMETERS: Type = Type::new(
    "VoiceParameters",
    Kind::Sequence(&[
        may("voice-message-duration", &INTEGER).at(0),
        may("voice-encoding-type", &OID).at(1),
        may("supplementary-information", &ANY).at(2),
    ]),
);

static G3_FACSIMILE: Type = Type::new(
    "G3FacsimileBodyPart",
    Kind::Sequence(&[must("parameters", &G3_PARAMETERS), must("data", &G3_DATA)]),
);

static G3_PARAMETERS: Type = Type::new(
    "G3FacsimileParameters",
    Kind::Set(&[may("number-of-pages", &INTEGER).at(0), may("non-basic-parameters", &G3_NON_BASIC).at(1)]),
);

static G3_DATA: Type = Type::new("G3FacsimileData", Kind::SequenceOf("page", &BITS));

static DOCUMENT: Type = Type::new("Interchange-Data", Kind::SequenceOf("element", &ANY));

static TELETEX_PART: Type = Type::new(
    "TeletexBodyPart",
    Kind::Sequence(&[must("parameters", &TELETEX_PARAMETERS), must("data", &TELETEX_DATA)]),
);

static TELETEX_PARAMETERS: Type = Type::new(
    "TeletexParameters",
    Kind::Set(&[
        may("number-of-pages", &INTEGER).at(0),
        may("telex-compatible", &BOOLEAN).at(1),
        may("non-basic-parameters", &TELETEX_NON_BASIC).at(2),
    ]),
);

static TELETEX_DATA: Type = Type::new("TeletexData", Kind::SequenceOf("page", &TELETEX));

static VIDEOTEX_PART: Type = Type::new(
    "VideotexBodyPart",
    Kind::Sequence(&[must("parameters", &VIDEOTEX_PARAMETERS), must("data", &VIDEOTEX)]),
);

static VIDEOTEX_PARAMETERS: Type = Type::new(
    "VideotexParameters",
    Kind::Set(&[may(
        "syntax",
        &Type::new(
            "VideotexSyntax",
            Kind::Integer(&[(0, "ids"), (1, "data-syntax1"), (2, "data-syntax2"), (3, "data-syntax3")]),
        ),
    )
    .at(0)]),
);

static ENCRYPTED: Type = Type::new(
    "EncryptedBodyPart",
    Kind::Sequence(&[must("parameters", &ENCRYPTED_PARAMETERS), must("data", &BITS)]),
);

static ENCRYPTED_PARAMETERS: Type = Type::new(
    "EncryptedParameters",
    Kind::Set(&[
        may("algorithm-identifier", &ALGORITHM_IDENTIFIER),
        may("originator-certificates", &Type::new("ExtendedCertificates", Kind::SetOf("certificate", &ANY))),
    ]),
);

static MESSAGE: Type = Type::new(
    "MessageBodyPart",
    Kind::Sequence(&[must("parameters", &MESSAGE_PARAMETERS), must("data", &IPM)]),
);

static MESSAGE_PARAMETERS: Type = Type::new("MessageParameters", Kind::Set(MESSAGE_PARAMETERS_MEMBERS));

static MESSAGE_PARAMETERS_MEMBERS: &[Member] =
    &[may("delivery-time", &UTC_TIME).at(0), may("delivery-envelope", &OTHER_DELIVERY_FIELDS).at(1)];

static FORWARDED_CONTENT_PARAMETERS: Type = Type::new(
    "ForwardedContentParameters",
    Kind::Set(&[
        may("delivery-time", &UTC_TIME).at(0),
        may("delivery-envelope", &OTHER_DELIVERY_FIELDS).at(1),
        may("mts-identifier", &address::MTS_IDENTIFIER).at(2),
        may("submission-proof", &ANY).at(3),
    ]),
);

static GENERAL_TEXT_PARAMETERS: Type = Type::new(
    "GeneralTextParameters",
    Kind::SetOf(
        "character-set",
        &Type::new(
            "CharacterSetRegistration",
            Kind::Integer(&[
                (1, "C0 of ISO 646"),
                (2, "ISO 646 IRV of 1973"),
                (6, "ASCII"),
                (14, "JIS C 6220 roman"),
                (42, "JIS C 6226 of 1978"),
                (58, "GB 2312"),
                (77, "C1 of ISO 6429"),
                (87, "JIS X 0208"),
                (100, "Latin-1 right half"),
                (101, "Latin-2 right half"),
                (102, "Teletex primary"),
                (103, "Teletex supplementary"),
                (106, "C0 of T.61"),
                (107, "C1 of T.61"),
                (109, "Latin-3 right half"),
                (110, "Latin-4 right half"),
                (126, "Greek right half"),
                (127, "Arabic right half"),
                (138, "Hebrew right half"),
                (144, "Cyrillic right half"),
                (148, "Latin-5 right half"),
                (149, "KS C 5601"),
                (156, "ISO 6937"),
                (157, "Latin-6 right half"),
                (159, "JIS X 0212"),
                (176, "UCS-2"),
                (177, "UCS-4"),
                (196, "UTF-8"),
                (203, "Latin-9 right half"),
            ]),
        ),
    ),
);

/// `mime-body-part` parameters (RFC 2157 5.5, ledger B-21).
static MIME_PARAMETERS: Type = Type::new(
    "MimeParameters",
    Kind::Sequence(&[
        must("content-type", &IA5),
        must(
            "content-parameters",
            &Type::new(
                "content-parameters",
                Kind::SequenceOf(
                    "parameter",
                    &Type::new(
                        "Content-parameter",
                        Kind::Sequence(&[must("parameter", &IA5), must("value", &IA5)]),
                    ),
                ),
            ),
        ),
        may("other-header-fields", &RFC822_FIELD_LIST),
    ]),
);

static ODA_PARAMETERS: Type = Type::new(
    "OdaBodyPartParameters",
    Kind::Set(&[
        must("document-application-profile", &OID).at(0),
        must(
            "document-architecture-class",
            &Type::new(
                "document-architecture-class",
                Kind::Integer(&[(0, "formatted"), (1, "processable"), (2, "formatted-processable")]),
            ),
        )
        .at(1),
    ]),
);

static ADATP3: Type = Type::new(
    "ADatP3Data",
    Kind::Choice(&[
        must("lineOriented", &IA5).at(0),
        must("setOriented", &Type::new("setOriented", Kind::SequenceOf("set", &IA5))).at(1),
    ]),
);
