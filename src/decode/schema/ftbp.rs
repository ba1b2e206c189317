//! The file-transfer body part (X.420 annex D, FTAM attributes of ISO 8571-2; ledger A-34, B-30 to B-37).

use super::address::OR_NAME;
use super::heading::HEADING_EXTENSIONS;
use super::{
    ANY, EXTERNAL, GENERALIZED_TIME, GRAPHIC, INTEGER, Kind, NULL, OCTETS, OID, PRINTABLE, Type, may, must,
};

/// `FileTransferData ::= SEQUENCE OF EXTERNAL`
pub static DATA: Type = Type::new("FileTransferData", Kind::SequenceOf("external", &EXTERNAL));

/// `FileTransferParameters ::= SEQUENCE`
pub static PARAMETERS: Type = Type::new(
    "FileTransferParameters",
    Kind::Sequence(&[
        may("related-stored-file", &RELATED_STORED_FILE).at(0),
        may("contents-type", &CONTENTS_TYPE).at(1),
        may("environment", &ENVIRONMENT).at(2),
        may("compression", &COMPRESSION).at(3),
        may("file-attributes", &FILE_ATTRIBUTES).at(4),
        may("extensions", &HEADING_EXTENSIONS).at(5),
    ]),
);

static RELATED_STORED_FILE: Type = Type::new(
    "RelatedStoredFile",
    Kind::SetOf(
        "file",
        &Type::new(
            "RelatedFile",
            Kind::Sequence(&[must("file-identifier", &FILE_IDENTIFIER), may("relationship", &RELATIONSHIP)]),
        ),
    ),
);

static FILE_IDENTIFIER: Type = Type::new(
    "FileIdentifier",
    Kind::Choice(&[
        must(
            "pathname-and-version",
            &Type::new(
                "PathnameandVersion",
                Kind::Sequence(&[
                    must("pathname", &PATHNAME_ATTRIBUTE).at(0),
                    may("file-version", &GRAPHIC).at(1),
                ]),
            ),
        )
        .at(0),
        must("cross-reference", &CROSS_REFERENCE).at(1),
    ]),
);

static CROSS_REFERENCE: Type = Type::new(
    "CrossReference",
    Kind::Sequence(&[
        must("application-cross-reference", &OCTETS).at(0),
        may(
            "message-reference",
            &Type::new(
                "MessageReference",
                Kind::Set(&[may("user", &OR_NAME).at(0), must("user-relative-identifier", &PRINTABLE).at(1)]),
            ),
        )
        .at(1),
        may("body-part-reference", &INTEGER).at(2),
    ]),
);

static RELATIONSHIP: Type = Type::new(
    "Relationship",
    Kind::Choice(&[
        must(
            "explicit-relationship",
            &Type::new(
                "ExplicitRelationship",
                Kind::Integer(&[(0, "unspecified"), (1, "new-file"), (2, "replacement"), (3, "extension")]),
            ),
        )
        .at(0),
        must("descriptive-relationship", &GRAPHIC).at(1),
    ]),
);

static CONTENTS_TYPE: Type = Type::new(
    "ContentsTypeParameter",
    Kind::Choice(&[
        must(
            "document-type",
            &Type::new(
                "document-type",
                Kind::Sequence(&[must("document-type-name", &OID), may("parameter", &ANY).at(0)]),
            ),
        )
        .at(0),
        must(
            "constraint-set-and-abstract-syntax",
            &Type::new(
                "constraint-set-and-abstract-syntax",
                Kind::Sequence(&[must("constraint-set-name", &OID), must("abstract-syntax-name", &OID)]),
            ),
        )
        .at(1),
    ]),
);

static ENVIRONMENT: Type = Type::new(
    "EnvironmentParameter",
    Kind::Sequence(&[
        may("application-reference", &GENERAL_IDENTIFIER).at(0),
        may("machine", &GENERAL_IDENTIFIER).at(1),
        may("operating-system", &OID).at(2),
        may("user-visible-string", &Type::new("user-visible-string", Kind::SequenceOf("string", &GRAPHIC)))
            .at(3),
    ]),
);

static GENERAL_IDENTIFIER: Type = Type::new(
    "GeneralIdentifier",
    Kind::Choice(&[
        must("registered-identifier", &OID).at(0),
        must(
            "descriptive-identifier",
            &Type::new("descriptive-identifier", Kind::SequenceOf("string", &GRAPHIC)),
        )
        .at(1),
    ]),
);

static COMPRESSION: Type = Type::new(
    "CompressionParameter",
    Kind::Sequence(&[
        must("compression-algorithm-id", &OID).at(0),
        must("compression-algorithm-param", &ANY).at(1),
    ]),
);

static FILE_ATTRIBUTES: Type = Type::new(
    "FileAttributes",
    Kind::Sequence(&[
        may("pathname", &PATHNAME_ATTRIBUTE),
        may("permitted-actions", &PERMITTED_ACTIONS).at(1),
        may("storage-account", &TEXT_ATTRIBUTE).at(3),
        may("date-and-time-of-creation", &TIME_ATTRIBUTE).at(4),
        may("date-and-time-of-last-modification", &TIME_ATTRIBUTE).at(5),
        may("date-and-time-of-last-read-access", &TIME_ATTRIBUTE).at(6),
        may("date-and-time-of-last-attribute-modification", &TIME_ATTRIBUTE).at(7),
        may("identity-of-creator", &TEXT_ATTRIBUTE).at(8),
        may("identity-of-last-modifier", &TEXT_ATTRIBUTE).at(9),
        may("identity-of-last-reader", &TEXT_ATTRIBUTE).at(10),
        may("identity-of-last-attribute-modifier", &TEXT_ATTRIBUTE).at(11),
        may("object-availability", &AVAILABILITY_ATTRIBUTE).at(12),
        may("object-size", &SIZE_ATTRIBUTE).at(13),
        may("future-object-size", &SIZE_ATTRIBUTE).at(14),
        may("access-control", &ACCESS_CONTROL).at(15),
        may("legal-qualifications", &LEGAL_QUALIFICATION_ATTRIBUTE).at(16),
        may("private-use", &PRIVATE_USE).at(17),
        may("attribute-extensions", &ANY).at(22),
    ]),
);

static PATHNAME: Type = Type::new("Pathname", Kind::SequenceOf("component", &GRAPHIC));

static PATHNAME_ATTRIBUTE: Type = Type::new(
    "Pathname-Attribute",
    Kind::Choice(&[
        must("incomplete-pathname", &PATHNAME).at(0),
        must("complete-pathname", &PATHNAME).at(23),
    ]),
);

/// `Account-Attribute` and `User-Identity-Attribute`, which X.420 defines for itself, without the tags of ISO 8571-4.
static TEXT_ATTRIBUTE: Type = Type::new(
    "Text-Attribute",
    Kind::Choice(&[must("no-value-available", &NULL).at(0), must("actual-values", &GRAPHIC)]),
);

/// As in ISO 8571-4: unlike the two above, the text has a context tag.
static LEGAL_QUALIFICATION_ATTRIBUTE: Type = Type::new(
    "Legal-Qualification-Attribute",
    Kind::Choice(&[must("no-value-available", &NULL).at(0), must("actual-values", &GRAPHIC).at(1)]),
);

static TIME_ATTRIBUTE: Type = Type::new(
    "Date-and-Time-Attribute",
    Kind::Choice(&[must("no-value-available", &NULL).at(0), must("actual-values", &GENERALIZED_TIME).at(1)]),
);

static SIZE_ATTRIBUTE: Type = Type::new(
    "Object-Size-Attribute",
    Kind::Choice(&[must("no-value-available", &NULL).at(0), must("actual-values", &INTEGER).at(1)]),
);

static AVAILABILITY_ATTRIBUTE: Type = Type::new(
    "Object-Availability-Attribute",
    Kind::Choice(&[
        must("no-value-available", &NULL).at(0),
        must(
            "actual-values",
            &Type::new(
                "Object-Availability",
                Kind::Integer(&[(0, "immediate-availability"), (1, "deferred-availability")]),
            ),
        )
        .at(1),
    ]),
);

static PRIVATE_USE: Type = Type::new(
    "Private-Use-Attribute",
    Kind::Choice(&[
        must("no-value-available", &NULL).at(0),
        must("abstract-syntax-not-supported", &NULL).at(1),
        must("actual-values", &EXTERNAL).at(2),
    ]),
);

static ACTIONS: &[(u32, &str)] = &[
    (0, "read"),
    (1, "insert"),
    (2, "replace"),
    (3, "extend"),
    (4, "erase"),
    (5, "read-attribute"),
    (6, "change-attribute"),
    (7, "delete-object"),
    (8, "traversal"),
    (9, "reverse-traversal"),
    (10, "random-order"),
];

static PERMITTED_ACTIONS: Type = Type::new("Permitted-Actions-Attribute", Kind::Bits(ACTIONS));

static ACCESS_CONTROL: Type = Type::new(
    "Access-Control-Attribute",
    Kind::Choice(&[
        must("no-value-available", &NULL).at(0),
        must("actual-values", &Type::new("actual-values", Kind::SetOf("element", &ACCESS_CONTROL_ELEMENT)))
            .at(1),
    ]),
);

static ACCESS_CONTROL_ELEMENT: Type = Type::new(
    "Access-Control-Element",
    Kind::Sequence(&[
        must("action-list", &Type::new("Access-Request", Kind::Bits(ACTIONS))).at(0),
        may("concurrency-access", &ANY).at(1),
        may("identity", &GRAPHIC).at(2),
        may("passwords", &ANY).at(3),
        may("location", &ANY).at(4),
    ]),
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::super::annotate::Annotator;
    use super::super::super::source::Source;
    use super::super::super::value::Value;
    use super::*;

    /// X.420 writes accounts and identities untagged, ISO 8571-4 puts a tag on legal qualifications.
    #[test]
    fn texts_of_file_attributes_have_the_tags_of_their_standards() {
        let account: &[u8] = b"\xa3\x06\x19\x04acct";
        let cases: [(&str, &str, &[u8], bool); 4] = [
            ("storage-account", "acct", account, true),
            ("legal-qualifications", "secret", b"\xb0\x08\x81\x06secret", true),
            ("legal-qualifications", "secret", b"\xb0\x08\x19\x06secret", false),
            ("storage-account", "acct", b"\xa3\x06\x81\x04acct", false),
        ];
        for (name, text, attribute, fits) in cases {
            let length = u8::try_from(attribute.len()).unwrap();
            let octets = [&[0x30, length + 2, 0xa4, length], attribute].concat();
            let nodes = Annotator::new().whole(&Source::input(&octets), &PARAMETERS);
            let (mut faults, mut texts) = (0, Vec::new());
            nodes[0].find(name).unwrap().walk(&mut |node| {
                faults += node.findings.len();
                if let Some(Value::Text { text, .. }) = &node.value {
                    texts.push(text.clone());
                }
            });
            assert_eq!(faults == 0, fits, "{name}: {octets:02x?}");
            assert!(!fits || texts == [text], "{name}: {texts:?}");
        }
    }
}
