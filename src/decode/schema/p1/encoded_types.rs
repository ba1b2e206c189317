//! What a content holds, and the capabilities that some of it needs.

use crate::decode::schema::{ANY, Kind, OCTETS, OID, TELETEX, Type, may, must};

/// `EncodedInformationTypes ::= [APPLICATION 5] SET`
///
/// Member 3 is the presentation capabilities of 1984.
pub static ENCODED_INFORMATION_TYPES: Type = Type::application(
    "EncodedInformationTypes",
    5,
    &Type::new(
        "EncodedInformationTypes",
        Kind::Set(&[
            must("built-in-encoded-information-types", &BUILT_IN_TYPES).at(0),
            may("g3-facsimile", &G3_NON_BASIC).at(1),
            may("teletex", &TELETEX_NON_BASIC).at(2),
            may("presentation-capabilities", &ANY).at(3),
            may(
                "extended-encoded-information-types",
                &Type::new("ExtendedEncodedInformationTypes", Kind::SetOf("type", &OID)),
            )
            .at(4),
        ]),
    ),
);

static BUILT_IN_TYPES: Type = Type::new(
    "BuiltInEncodedInformationTypes",
    Kind::Bits(&[
        (0, "unknown"),
        (1, "telex"),
        (2, "ia5-text"),
        (3, "g3-facsimile"),
        (4, "g4-class-1"),
        (5, "teletex"),
        (6, "videotex"),
        (7, "voice"),
        (8, "sfd"),
        (9, "mixed-mode"),
    ]),
);

/// T.30 capabilities of a facsimile page.
pub static G3_NON_BASIC: Type = Type::new(
    "G3FacsimileNonBasicParameters",
    Kind::Bits(&[
        (8, "two-dimensional"),
        (9, "fine-resolution"),
        (20, "unlimited-length"),
        (21, "b4-length"),
        (22, "a3-width"),
        (23, "b4-width"),
        (25, "t6-coding"),
        (30, "uncompressed"),
        (37, "width-middle-864-of-1728"),
        (38, "width-middle-1216-of-1728"),
        (44, "resolution-type"),
        (45, "resolution-400x400"),
        (46, "resolution-300x300"),
        (47, "resolution-8x15"),
        (49, "edi"),
        (50, "dtm"),
        (51, "bft"),
        (58, "mixed-mode"),
        (60, "character-mode"),
        (65, "twelve-bits"),
        (66, "preferred-huffmann"),
        (67, "full-colour"),
        (68, "jpeg"),
        (71, "processable-mode-26"),
    ]),
);

/// T.62 capabilities of a teletex page.
pub static TELETEX_NON_BASIC: Type = Type::new(
    "TeletexNonBasicParameters",
    Kind::Set(&[
        may("graphic-character-sets", &TELETEX).at(0),
        may("control-character-sets", &TELETEX).at(1),
        may("page-formats", &OCTETS).at(2),
        may("miscellaneous-terminal-capabilities", &TELETEX).at(3),
        may("private-use", &OCTETS).at(4),
    ]),
);
