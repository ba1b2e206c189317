//! O/R names (X.411 8.5.5, ledger A-20): standard, domain-defined and extension attributes.

use super::{
    BMP, IA5, Kind, NUMERIC, OCTETS, PRINTABLE, TELETEX, Table, Tagging, Type, UNIVERSAL, may, must,
};
use crate::decode::ber::Tag;

/// `ORName ::= [APPLICATION 0] SEQUENCE { COMPONENTS OF ORAddress, directory-name [0] Name OPTIONAL }`
pub static OR_NAME: Type = Type::application(
    "ORName",
    0,
    &Type::new(
        "ORName",
        Kind::Sequence(&[
            must("built-in-standard-attributes", &STANDARD_ATTRIBUTES),
            may("built-in-domain-defined-attributes", &DOMAIN_DEFINED_ATTRIBUTES),
            may("extension-attributes", &EXTENSION_ATTRIBUTES),
            may("directory-name", &NAME).within(0),
        ]),
    ),
);

/// `ORAddress`, an O/R name without directory name and without a tag of its own.
pub static OR_ADDRESS: Type = Type::new(
    "ORAddress",
    Kind::Sequence(&[
        must("built-in-standard-attributes", &STANDARD_ATTRIBUTES),
        may("built-in-domain-defined-attributes", &DOMAIN_DEFINED_ATTRIBUTES),
        may("extension-attributes", &EXTENSION_ATTRIBUTES),
    ]),
);

static STANDARD_ATTRIBUTES: Type = Type::new(
    "BuiltInStandardAttributes",
    Kind::Sequence(&[
        may("country-name", &COUNTRY_NAME),
        may("administration-domain-name", &ADMINISTRATION_DOMAIN_NAME),
        may("network-address", &NUMERIC).at(0),
        may("terminal-identifier", &PRINTABLE).at(1),
        may("private-domain-name", &DOMAIN_NAME).at(2),
        may("organization-name", &PRINTABLE).at(3),
        may("numeric-user-identifier", &NUMERIC).at(4),
        may("personal-name", &PERSONAL_NAME).at(5),
        may(
            "organizational-unit-names",
            &Type::new("OrganizationalUnitNames", Kind::SequenceOf("unit", &PRINTABLE)),
        )
        .at(6),
    ]),
);

/// `CountryName ::= [APPLICATION 1] CHOICE { numeric, printable }`
pub static COUNTRY_NAME: Type =
    Type::new("CountryName", Kind::Tagged(Tag::application(1), Tagging::Explicit, &COUNTRY_CODE));

static COUNTRY_CODE: Type = Type::new(
    "CountryName",
    Kind::Choice(&[must("x121-dcc-code", &NUMERIC), must("iso-3166-alpha2-code", &PRINTABLE)]),
);

/// `AdministrationDomainName ::= [APPLICATION 2] CHOICE { numeric, printable }`
pub static ADMINISTRATION_DOMAIN_NAME: Type =
    Type::new("AdministrationDomainName", Kind::Tagged(Tag::application(2), Tagging::Explicit, &DOMAIN_NAME));

/// `PrivateDomainIdentifier ::= CHOICE { numeric, printable }`
pub static DOMAIN_NAME: Type =
    Type::new("DomainName", Kind::Choice(&[must("numeric", &NUMERIC), must("printable", &PRINTABLE)]));

/// `GlobalDomainIdentifier ::= [APPLICATION 3] SEQUENCE`
pub static GLOBAL_DOMAIN_IDENTIFIER: Type = Type::application(
    "GlobalDomainIdentifier",
    3,
    &Type::new(
        "GlobalDomainIdentifier",
        Kind::Sequence(&[
            must("country-name", &COUNTRY_NAME),
            must("administration-domain-name", &ADMINISTRATION_DOMAIN_NAME),
            may("private-domain-identifier", &DOMAIN_NAME),
        ]),
    ),
);

/// `MTAName ::= IA5String`
pub static MTA_NAME: Type = Type::new("MTAName", Kind::Text(super::Charset::Ia5));

static PERSONAL_NAME: Type = Type::new(
    "PersonalName",
    Kind::Set(&[
        must("surname", &PRINTABLE).at(0),
        may("given-name", &PRINTABLE).at(1),
        may("initials", &PRINTABLE).at(2),
        may("generation-qualifier", &PRINTABLE).at(3),
    ]),
);

static TELETEX_PERSONAL_NAME: Type = Type::new(
    "TeletexPersonalName",
    Kind::Set(&[
        must("surname", &TELETEX).at(0),
        may("given-name", &TELETEX).at(1),
        may("initials", &TELETEX).at(2),
        may("generation-qualifier", &TELETEX).at(3),
    ]),
);

static UNIVERSAL_PERSONAL_NAME: Type = Type::new(
    "UniversalPersonalName",
    Kind::Set(&[
        must("surname", &UNIVERSAL_OR_BMP).at(0),
        may("given-name", &UNIVERSAL_OR_BMP).at(1),
        may("initials", &UNIVERSAL_OR_BMP).at(2),
        may("generation-qualifier", &UNIVERSAL_OR_BMP).at(3),
    ]),
);

static DOMAIN_DEFINED_ATTRIBUTES: Type = Type::new(
    "BuiltInDomainDefinedAttributes",
    Kind::SequenceOf(
        "attribute",
        &Type::new(
            "BuiltInDomainDefinedAttribute",
            Kind::Sequence(&[must("type", &PRINTABLE), must("value", &PRINTABLE)]),
        ),
    ),
);

static EXTENSION_ATTRIBUTES: Type =
    Type::new("ExtensionAttributes", Kind::SetOf("extension-attribute", &EXTENSION_ATTRIBUTE));

static EXTENSION_ATTRIBUTE: Type = Type::new(
    "ExtensionAttribute",
    Kind::Sequence(&[
        must("extension-attribute-type", &EXTENSION_ATTRIBUTE_TYPE).at(0).key(),
        must("extension-attribute-value", &Type::new("ANY", Kind::Open(&EXTENSION_ATTRIBUTE_TABLE))).at(1),
    ]),
);

static EXTENSION_ATTRIBUTE_TYPE: Type = Type::new(
    "ExtensionAttributeType",
    Kind::Integer(&[
        (1, "common-name"),
        (2, "teletex-common-name"),
        (3, "teletex-organization-name"),
        (4, "teletex-personal-name"),
        (5, "teletex-organizational-unit-names"),
        (6, "teletex-domain-defined-attributes"),
        (7, "pds-name"),
        (8, "physical-delivery-country-name"),
        (9, "postal-code"),
        (10, "physical-delivery-office-name"),
        (11, "physical-delivery-office-number"),
        (12, "extension-OR-address-components"),
        (13, "physical-delivery-personal-name"),
        (14, "physical-delivery-organization-name"),
        (15, "extension-physical-delivery-address-components"),
        (16, "unformatted-postal-address"),
        (17, "street-address"),
        (18, "post-office-box-address"),
        (19, "poste-restante-address"),
        (20, "unique-postal-name"),
        (21, "local-postal-attributes"),
        (22, "extended-network-address"),
        (23, "terminal-type"),
        (24, "universal-common-name"),
        (25, "universal-organization-name"),
        (26, "universal-personal-name"),
        (27, "universal-organizational-unit-names"),
        (28, "universal-domain-defined-attributes"),
        (29, "universal-physical-delivery-office-name"),
        (30, "universal-physical-delivery-office-number"),
        (31, "universal-extension-OR-address-components"),
        (32, "universal-physical-delivery-personal-name"),
        (33, "universal-physical-delivery-organization-name"),
        (34, "universal-extension-physical-delivery-address-components"),
        (35, "universal-unformatted-postal-address"),
        (36, "universal-street-address"),
        (37, "universal-post-office-box-address"),
        (38, "universal-poste-restante-address"),
        (39, "universal-unique-postal-name"),
        (40, "universal-local-postal-attributes"),
    ]),
);

static EXTENSION_ATTRIBUTE_TABLE: Table = Table {
    numbers: &[
        (1, &PRINTABLE),
        (2, &TELETEX),
        (3, &TELETEX),
        (4, &TELETEX_PERSONAL_NAME),
        (5, &TELETEX_UNIT_NAMES),
        (6, &TELETEX_DOMAIN_DEFINED_ATTRIBUTES),
        (7, &PRINTABLE),
        (8, &COUNTRY_CODE),
        (9, &POSTAL_CODE),
        (10, &PDS_PARAMETER),
        (11, &PDS_PARAMETER),
        (12, &PDS_PARAMETER),
        (13, &PDS_PARAMETER),
        (14, &PDS_PARAMETER),
        (15, &PDS_PARAMETER),
        (16, &UNFORMATTED_POSTAL_ADDRESS),
        (17, &PDS_PARAMETER),
        (18, &PDS_PARAMETER),
        (19, &PDS_PARAMETER),
        (20, &PDS_PARAMETER),
        (21, &PDS_PARAMETER),
        (22, &EXTENDED_NETWORK_ADDRESS),
        (23, &TERMINAL_TYPE),
        (24, &UNIVERSAL_OR_BMP),
        (25, &UNIVERSAL_OR_BMP),
        (26, &UNIVERSAL_PERSONAL_NAME),
        (27, &UNIVERSAL_UNIT_NAMES),
        (28, &UNIVERSAL_DOMAIN_DEFINED_ATTRIBUTES),
        (29, &UNIVERSAL_OR_BMP),
        (30, &UNIVERSAL_OR_BMP),
        (31, &UNIVERSAL_OR_BMP),
        (32, &UNIVERSAL_OR_BMP),
        (33, &UNIVERSAL_OR_BMP),
        (34, &UNIVERSAL_OR_BMP),
        (35, &UNIVERSAL_OR_BMP),
        (36, &UNIVERSAL_OR_BMP),
        (37, &UNIVERSAL_OR_BMP),
        (38, &UNIVERSAL_OR_BMP),
        (39, &UNIVERSAL_OR_BMP),
        (40, &UNIVERSAL_OR_BMP),
    ],
    oids: &[],
    otherwise: &super::ANY,
};

static TELETEX_UNIT_NAMES: Type =
    Type::new("TeletexOrganizationalUnitNames", Kind::SequenceOf("unit", &TELETEX));

static UNIVERSAL_UNIT_NAMES: Type =
    Type::new("UniversalOrganizationalUnitNames", Kind::SequenceOf("unit", &UNIVERSAL_OR_BMP));

static TELETEX_DOMAIN_DEFINED_ATTRIBUTES: Type = Type::new(
    "TeletexDomainDefinedAttributes",
    Kind::SequenceOf(
        "attribute",
        &Type::new(
            "TeletexDomainDefinedAttribute",
            Kind::Sequence(&[must("type", &TELETEX), must("value", &TELETEX)]),
        ),
    ),
);

static UNIVERSAL_DOMAIN_DEFINED_ATTRIBUTES: Type = Type::new(
    "UniversalDomainDefinedAttributes",
    Kind::SequenceOf(
        "attribute",
        &Type::new(
            "UniversalDomainDefinedAttribute",
            Kind::Sequence(&[must("type", &UNIVERSAL_OR_BMP), must("value", &UNIVERSAL_OR_BMP)]),
        ),
    ),
);

/// `UniversalOrBMPString ::= SET { CHOICE { BMPString, UniversalString }, language PrintableString OPTIONAL }`
pub static UNIVERSAL_OR_BMP: Type = Type::new(
    "UniversalOrBMPString",
    Kind::Set(&[must("character-encoding", &WIDE_STRING), may("iso-639-language-code", &PRINTABLE)]),
);

static WIDE_STRING: Type = Type::new(
    "character-encoding",
    Kind::Choice(&[must("two-octets", &BMP), must("four-octets", &UNIVERSAL)]),
);

static POSTAL_CODE: Type = Type::new(
    "PostalCode",
    Kind::Choice(&[must("numeric-code", &NUMERIC), must("printable-code", &PRINTABLE)]),
);

static PDS_PARAMETER: Type = Type::new(
    "PDSParameter",
    Kind::Set(&[may("printable-string", &PRINTABLE), may("teletex-string", &TELETEX)]),
);

static UNFORMATTED_POSTAL_ADDRESS: Type = Type::new(
    "UnformattedPostalAddress",
    Kind::Set(&[
        may("printable-address", &Type::new("printable-address", Kind::SequenceOf("line", &PRINTABLE))),
        may("teletex-string", &TELETEX),
    ]),
);

static EXTENDED_NETWORK_ADDRESS: Type = Type::new(
    "ExtendedNetworkAddress",
    Kind::Choice(&[
        must(
            "e163-4-address",
            &Type::new(
                "e163-4-address",
                Kind::Sequence(&[must("number", &NUMERIC).at(0), may("sub-address", &NUMERIC).at(1)]),
            ),
        ),
        must("psap-address", &PRESENTATION_ADDRESS).at(0),
    ]),
);

/// `PresentationAddress` (X.520).
static PRESENTATION_ADDRESS: Type = Type::new(
    "PresentationAddress",
    Kind::Sequence(&[
        may("pSelector", &OCTETS).within(0),
        may("sSelector", &OCTETS).within(1),
        may("tSelector", &OCTETS).within(2),
        must("nAddresses", &Type::new("nAddresses", Kind::SetOf("nAddress", &OCTETS))).within(3),
    ]),
);

static TERMINAL_TYPE: Type = Type::new(
    "TerminalType",
    Kind::Integer(&[
        (3, "telex"),
        (4, "teletex"),
        (5, "g3-facsimile"),
        (6, "g4-facsimile"),
        (7, "ia5-terminal"),
        (8, "videotex"),
    ]),
);

/// A directory name (X.501): relative names of attribute types and values.
pub static NAME: Type = Type::new("Name", Kind::Choice(&[must("rdnSequence", &RDN_SEQUENCE)]));

/// `RDNSequence ::= SEQUENCE OF SET OF AttributeTypeAndValue`
pub static RDN_SEQUENCE: Type = Type::new(
    "RDNSequence",
    Kind::SequenceOf(
        "relative-distinguished-name",
        &Type::new("RelativeDistinguishedName", Kind::SetOf("attribute", &ATTRIBUTE_VALUE)),
    ),
);

static ATTRIBUTE_VALUE: Type = Type::new(
    "AttributeTypeAndValue",
    Kind::Sequence(&[must("type", &super::OID), must("value", &super::ANY)]),
);

/// `MTSIdentifier ::= [APPLICATION 4] SEQUENCE { GlobalDomainIdentifier, LocalIdentifier }`
pub static MTS_IDENTIFIER: Type = Type::application(
    "MTSIdentifier",
    4,
    &Type::new(
        "MTSIdentifier",
        Kind::Sequence(&[
            must("global-domain-identifier", &GLOBAL_DOMAIN_IDENTIFIER),
            must("local-identifier", &IA5),
        ]),
    ),
);
