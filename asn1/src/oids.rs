//! The catalogue of object identifiers: what a number means, for people who read logs, dumps and reports.
//!
//! [`CATALOGUE`] names everything the crate knows; a few families go on below their root with numbers that others
//! assign ([`FAMILIES`]). Constants of types stand beside their types ([`crate::x420::body::kind`],
//! [`crate::x420::file_transfer::application`], [`crate::presentation::abstract_syntax`], …) and are only listed here;
//! constants that belong to no type in this crate are declared here.

use crate::acse::MTS_TRANSFER;
use crate::presentation::{BER, abstract_syntax};
use crate::prim::Oid;
use crate::stanag4406::mmhs;
use crate::x420::body::kind;
use crate::x420::file_transfer::{UNSTRUCTURED_BINARY, UNSTRUCTURED_TEXT, application};
use crate::x420::heading::{
    AutoSubmitted, ExtendedSubject, HeadingExtension as _, IncompleteCopy, Languages, MultipartMessage,
    Rfc822Field, Rfc1327Field,
};

/// An object identifier with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The identifier.
    pub oid: Oid,
    /// What its owner calls it.
    pub name: &'static str,
    /// Where it is assigned: a clause, or a ledger id of this project.
    pub clause: &'static str,
}

/// What an object identifier is called, if the catalogue has it or the family it belongs to.
///
/// ```
/// use rasn_x400::oids::name;
///
/// assert_eq!(name(&"2.6.1.5.1".parse().unwrap()), Some("id-hex-languages"));
/// assert_eq!(name(&"1.0.10021.7.1.0.100".parse().unwrap()), Some("id-cs-eit"));
/// assert_eq!(name(&"2.999".parse().unwrap()), None);
/// ```
#[must_use]
pub fn name(oid: &Oid) -> Option<&'static str> {
    let entry = CATALOGUE
        .iter()
        .find(|entry| entry.oid == *oid)
        .or_else(|| FAMILIES.iter().find(|family| oid.starts_with(&family.oid)))?;
    Some(entry.name)
}

/// Declares constants with their place in the catalogue's groups.
macro_rules! constants {
    ($( $(#[$meta:meta])* $name:ident = $contents:expr; )*) => {
        $( $(#[$meta])* pub const $name: Oid = Oid::from_contents($contents); )*
    };
}

constants! {
    /// The mark of a content that a MIXER gateway made (OI-05): 1.3.6.1.7.1.3.5.
    EIT_MIXER = &[0x2b, 6, 1, 7, 1, 3, 5];
    /// File transfer: 2.6.1.12.0.
    EIT_FILE_TRANSFER = &[0x56, 1, 12, 0];
    /// Root of the character set types, one arc below for each ISO registration (OI-11): 1.0.10021.7.1.0.
    EIT_CHARACTER_SETS = &[0x28, 0xce, 0x25, 7, 1, 0];
    /// Root of the built-in types as object identifiers, one arc below for each bit (A-24): 2.6.3.4.
    EIT_BUILT_IN = &[0x56, 3, 4];
    /// ODA documents (B-09): 2.8.0.0.
    EIT_ODA = &[0x58, 0, 0];

    /// Content type of IPMs of 1984, where an object identifier is asked for (A-24): 2.6.1.10.0.
    CONTENT_P2 = &[0x56, 1, 10, 0];
    /// Content type of IPMs of 1988 (A-24): 2.6.1.10.1.
    CONTENT_P22 = &[0x56, 1, 10, 1];
    /// Content type of EDI messages (S-07): 2.6.7.10.0.
    CONTENT_P35 = &[0x56, 7, 10, 0];
    /// Content type of military messages (M-01): 1.3.26.0.4406.0.4.1.
    CONTENT_P772 = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 4, 1];
    /// Content type nobody identified (A-24): 2.6.3.3.0.
    CONTENT_UNIDENTIFIED = &[0x56, 3, 3, 0];
    /// Content type of an envelope inside an envelope (A-24): 2.6.3.3.1.
    CONTENT_INNER_ENVELOPE = &[0x56, 3, 3, 1];
    /// A CMS object (S-06): 1.2.840.113549.1.9.16.1.6.
    CONTENT_CMS = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 0x10, 1, 6];

    /// MTS extension: fields of a DSN as a whole (OI-04): 1.3.6.1.7.1.3.3.
    DSN_HEADER_LIST = &[0x2b, 6, 1, 7, 1, 3, 3];
    /// MTS extension: fields of a DSN for one recipient (OI-04): 1.3.6.1.7.1.3.4.
    DSN_FIELD_LIST = &[0x2b, 6, 1, 7, 1, 3, 4];

    /// Heading extension: one header field, repeated (RFC 1138 and 1148; OI-06): 0.9.2342.234219200300.200.0.
    HEADING_RFC1148_FIELD = &[9, 0x92, 0x26, 0x86, 0xe8, 0xc4, 0xb5, 0xbe, 0x2c, 0x81, 0x48, 0];
    /// Heading extension: a part of a message (OI-08): 1.3.6.1.7.1.1.1.
    HEADING_PARTIAL_MESSAGE = &[0x2b, 6, 1, 7, 1, 1, 1];
    /// Heading extension: the body stands for a multipart, as RFC 1494 had it (OI-08): 1.3.6.1.7.1.1.2.
    HEADING_MULTIPART_MESSAGE_V1 = &[0x2b, 6, 1, 7, 1, 1, 2];
    /// Heading extension: signatures of body parts (A-32): 2.6.1.5.3.
    HEADING_BODY_PART_SIGNATURES = &[0x56, 1, 5, 3];
    /// Heading extension: security label (A-32, S-20): 2.6.1.5.4.
    HEADING_IPM_SECURITY_LABEL = &[0x56, 1, 5, 4];
    /// Heading extension: GeneralizedTime of authorization (A-32, V-07): 2.6.1.5.5.
    HEADING_AUTHORIZATION_TIME = &[0x56, 1, 5, 5];
    /// Heading extension: who is to pass the message on (A-32): 2.6.1.5.6.
    HEADING_CIRCULATION_LIST = &[0x56, 1, 5, 6];
    /// Heading extension: codes of a distribution (A-32): 2.6.1.5.7.
    HEADING_DISTRIBUTION_CODES = &[0x56, 1, 5, 7];
    /// Heading extension: categories of the information (A-32): 2.6.1.5.9.
    HEADING_INFORMATION_CATEGORY = &[0x56, 1, 5, 9];
    /// Heading extension: what to do by hand (A-32): 2.6.1.5.10.
    HEADING_MANUAL_HANDLING = &[0x56, 1, 5, 10];
    /// Heading extension: the originator's reference (A-32, V-07): 2.6.1.5.11.
    HEADING_ORIGINATORS_REFERENCE = &[0x56, 1, 5, 11];
    /// Heading extension: whose precedences these are (A-32, V-07): 2.6.1.5.12.
    HEADING_PRECEDENCE_POLICY = &[0x56, 1, 5, 12];
    /// Recipient extension: whether a member of a circulation list has had the message (A-32): 2.6.1.20.0.
    RECIPIENT_CIRCULATION_LIST_INDICATOR = &[0x56, 1, 20, 0];
    /// Recipient extension: precedence, 0 to 127 (A-32, V-07): 2.6.1.20.1.
    RECIPIENT_PRECEDENCE = &[0x56, 1, 20, 1];
    /// Recipient extension: wanted proofs of receipt (A-32): 2.6.1.18.0.
    RECIPIENT_SECURITY_REQUEST = &[0x56, 1, 18, 0];
    /// Other notification: nobody is there (A-33): 2.6.1.19.0.
    NOTIFICATION_ABSENCE = &[0x56, 1, 19, 0];
    /// Other notification: there is a new address (A-33): 2.6.1.19.1.
    NOTIFICATION_CHANGE_OF_ADDRESS = &[0x56, 1, 19, 1];

    /// Group 3 facsimile as an extended part (B-01): 2.6.1.4.2.
    PART_G3_FACSIMILE = &[0x56, 1, 4, 2];
    /// Parameters of group 3 facsimile: 2.6.1.11.2.
    PARAMETERS_G3_FACSIMILE = &[0x56, 1, 11, 2];
    /// Group 4 facsimile as an extended part: 2.6.1.4.3.
    PART_G4_CLASS_1 = &[0x56, 1, 4, 3];
    /// Teletex as an extended part: 2.6.1.4.4.
    PART_TELETEX = &[0x56, 1, 4, 4];
    /// Parameters of teletex: 2.6.1.11.4.
    PARAMETERS_TELETEX = &[0x56, 1, 11, 4];
    /// Videotex as an extended part: 2.6.1.4.5.
    PART_VIDEOTEX = &[0x56, 1, 4, 5];
    /// Parameters of videotex: 2.6.1.11.5.
    PARAMETERS_VIDEOTEX = &[0x56, 1, 11, 5];
    /// An encrypted part as an extended part: 2.6.1.4.6.
    PART_ENCRYPTED = &[0x56, 1, 4, 6];
    /// Parameters of an encrypted part: 2.6.1.11.6.
    PARAMETERS_ENCRYPTED = &[0x56, 1, 11, 6];
    /// Mixed mode as an extended part: 2.6.1.4.8.
    PART_MIXED_MODE = &[0x56, 1, 4, 8];
    /// What nations agreed on, as an extended part: 2.6.1.4.10.
    PART_NATIONALLY_DEFINED = &[0x56, 1, 4, 10];
    /// Speech: 2.6.1.4.16.
    PART_VOICE = &[0x56, 1, 4, 16];
    /// Parameters of speech: 2.6.1.11.16.
    PARAMETERS_VOICE = &[0x56, 1, 11, 16];
    /// Parameters of a notification: 2.6.1.11.15.
    PARAMETERS_NOTIFICATION = &[0x56, 1, 11, 15];
    /// Root of the parameters of forwarded contents; the content type follows: 2.6.1.11.17.
    PARAMETERS_CONTENT = &[0x56, 1, 11, 17];
    /// An ODA document: 2.8.1.0.1.
    PART_ODA = &[0x58, 1, 0, 1];
    /// The withdrawn unknown attachment as RFC drafts printed it (OI-10): 1.2.840.1.113694.2.2.1.1.
    APPLICATION_UNKNOWN_ATTACHMENT_DRAFT = &[0x2a, 0x86, 0x48, 1, 0x86, 0xf8, 0x1e, 2, 2, 1, 1];

    /// A formatted message of ADatP-3 (M-30): 1.3.26.0.4406.0.7.0.
    PART_ADATP3 = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 0];
    /// Corrections (M-30): 1.3.26.0.4406.0.7.1.
    PART_CORRECTIONS = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 1];
    /// Parameters of a message of ADatP-3 (M-30): 1.3.26.0.4406.0.7.2.
    PARAMETERS_ADATP3 = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 2];
    /// Parameters of corrections (M-30): 1.3.26.0.4406.0.7.3.
    PARAMETERS_CORRECTIONS = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 3];
    /// A message forwarded in its encryption (M-30): 1.3.26.0.4406.0.7.6.
    PART_FORWARDED_ENCRYPTED = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 6];
    /// Parameters of a message forwarded in its encryption (M-30): 1.3.26.0.4406.0.7.7.
    PARAMETERS_FORWARDED_ENCRYPTED = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 7];
    /// A forwarded military message (M-30): 1.3.26.0.4406.0.7.9.
    PART_MM_MESSAGE = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 9];
    /// Parameters of a forwarded military message (M-30): 1.3.26.0.4406.0.7.10.
    PARAMETERS_MM_MESSAGE = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 10];
    /// A message of ACP 127 (M-30): 1.3.26.0.4406.0.7.12.
    PART_ACP127_DATA = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 12];
    /// Parameters of a message of ACP 127 (M-30): 1.3.26.0.4406.0.7.13.
    PARAMETERS_ACP127_DATA = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 7, 13];
    /// Root of the extensions of military headings (M-02): 1.3.26.0.4406.0.2.
    MILITARY_HEADING = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2];
    /// Root of the types of EDI bodies (E-03): 2.6.7.11.
    EDI_BODY_PARTS = &[0x56, 7, 11];
    /// Private MTS extension: which half of a priority (M-12): 1.3.26.0.4406.0.8.0.
    PRIORITY_LEVEL_QUALIFIER = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 8, 0];
    /// Content type of compressed contents (M-44): 1.3.26.0.4406.0.4.2.
    CONTENT_COMPRESSED = &[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 4, 2];

    /// EDIFACT in ISO 646 (E-03): 2.6.7.11.0.
    EDI_EDIFACT_ISO646 = &[0x56, 7, 11, 0];
    /// EDIFACT in teletex (E-03): 2.6.7.11.1.
    EDI_EDIFACT_TELETEX = &[0x56, 7, 11, 1];
    /// EDIFACT in octets (E-03): 2.6.7.11.2.
    EDI_EDIFACT_OCTET = &[0x56, 7, 11, 2];
    /// X12 in ISO 646 (E-03): 2.6.7.11.3.
    EDI_X12_ISO646 = &[0x56, 7, 11, 3];
    /// X12 in teletex (E-03): 2.6.7.11.4.
    EDI_X12_TELETEX = &[0x56, 7, 11, 4];
    /// X12 in octets (E-03): 2.6.7.11.5.
    EDI_X12_OCTET = &[0x56, 7, 11, 5];
    /// X12 in EBCDIC (E-03): 2.6.7.11.6.
    EDI_X12_EBCDIC = &[0x56, 7, 11, 6];
    /// UN/TDI in ISO 646 (E-03): 2.6.7.11.7.
    EDI_UNTDI_ISO646 = &[0x56, 7, 11, 7];
    /// UN/TDI in teletex (E-03): 2.6.7.11.8.
    EDI_UNTDI_TELETEX = &[0x56, 7, 11, 8];
    /// UN/TDI in octets (E-03): 2.6.7.11.9.
    EDI_UNTDI_OCTET = &[0x56, 7, 11, 9];
    /// Private octets (E-03): 2.6.7.11.10.
    EDI_PRIVATE_OCTET = &[0x56, 7, 11, 10];
    /// Octets of which nothing is known (E-03): 2.6.7.11.11.
    EDI_UNDEFINED_OCTET = &[0x56, 7, 11, 11];
    /// Root of EDIFACT in a part of ISO 8859 (E-03): 2.6.7.11.12.
    EDI_EDIFACT_8859 = &[0x56, 7, 11, 12];
    /// EDI: the recipient is to act (E-04): 2.6.7.13.0.
    EDI_FOR_ACTION = &[0x56, 7, 13, 0];
    /// EDI: the recipient gets a copy (E-04): 2.6.7.13.1.
    EDI_FOR_COPY = &[0x56, 7, 13, 1];
    /// EDI heading extension: the primary part is compressed (E-04): 2.6.7.1.0.
    EDI_COMPRESSION = &[0x56, 7, 1, 0];
    /// EDI compression by V.42 bis (E-04): 2.6.7.1.1.
    EDI_COMPRESSION_V42BIS = &[0x56, 7, 1, 1];

    /// Root of MIXER (OI-01, B-22): 1.3.6.1.7.1.
    MIXER = &[0x2b, 6, 1, 7, 1];
    /// Heading extensions of RFC 2157: 1.3.6.1.7.1.1.
    MIXER_HEADINGS = &[0x2b, 6, 1, 7, 1, 1];
    /// Body parts of RFC 2157: 1.3.6.1.7.1.2.
    MIXER_BODIES = &[0x2b, 6, 1, 7, 1, 2];
    /// Data of those body parts: 1.3.6.1.7.1.2.1.
    MIXER_BODY_DATA = &[0x2b, 6, 1, 7, 1, 2, 1];
    /// Parameters of those body parts: 1.3.6.1.7.1.2.2.
    MIXER_BODY_PARAMETERS = &[0x2b, 6, 1, 7, 1, 2, 2];
    /// RFC 2156 itself (OI-02): 1.3.6.1.7.1.3.
    MIXER_CORE = &[0x2b, 6, 1, 7, 1, 3];
    /// The ASN.1 module of RFC 2156 (OI-02): 1.3.6.1.7.1.3.1.
    MIXER_CORE_MODULE = &[0x2b, 6, 1, 7, 1, 3, 1];

    /// DER as a transfer syntax: 2.1.2.1.
    DER = &[0x51, 2, 1];
}

const fn entry(oid: Oid, name: &'static str, clause: &'static str) -> Entry {
    Entry { oid, name, clause }
}

const fn of(contents: &'static [u8], name: &'static str, clause: &'static str) -> Entry {
    entry(Oid::from_contents(contents), name, clause)
}

/// Roots below which somebody else assigns the arcs: what is below one has its name.
pub static FAMILIES: &[Entry] = &[
    entry(kind::CONTENT, "id-et-content", "B-19"),
    entry(PARAMETERS_CONTENT, "id-ep-content", "B-19"),
    entry(EIT_CHARACTER_SETS, "id-cs-eit", "OI-11"),
];

/// Every object identifier the crate has a name for, grouped by what it names.
pub static CATALOGUE: &[Entry] = &[
    // Association
    entry(MTS_TRANSFER, "id-ac-mts-transfer", "T-21"),
    entry(abstract_syntax::ACSE, "acse-as", "T-21"),
    entry(abstract_syntax::MTA_RTSE, "id-as-mta-rtse", "T-21"),
    entry(abstract_syntax::MTSE, "id-as-mtse", "T-21"),
    entry(BER, "basic-encoding", "T-21"),
    entry(DER, "distinguished-encoding", "X.690"),
    of(&[0x56, 0, 1, 0], "id-ac-mts-access-88", "A-60"),
    of(&[0x56, 0, 1, 1], "id-ac-mts-forced-access-88", "A-60"),
    of(&[0x56, 0, 1, 2], "id-ac-mts-reliable-access-88", "A-60"),
    of(&[0x56, 0, 1, 3], "id-ac-mts-forced-reliable-access-88", "A-60"),
    of(&[0x56, 0, 1, 4], "id-ac-ms-access-88", "A-60"),
    of(&[0x56, 0, 1, 5], "id-ac-ms-reliable-access-88", "A-60"),
    // Content types
    entry(CONTENT_P2, "id-mct-p2-1984", "A-24"),
    entry(CONTENT_P22, "id-mct-p2-1988", "A-24"),
    entry(CONTENT_P35, "id-mct-pedi", "S-07"),
    entry(CONTENT_P772, "P772", "M-01"),
    entry(CONTENT_UNIDENTIFIED, "id-cp-unidentified", "A-24"),
    entry(CONTENT_INNER_ENVELOPE, "id-cp-inner-envelope", "A-24"),
    entry(CONTENT_CMS, "id-ct-contentInfo", "S-06"),
    // Encoded information types
    entry(EIT_MIXER, "eit-mixer", "OI-05"),
    entry(EIT_FILE_TRANSFER, "id-eit-file-transfer", "B-09"),
    entry(EIT_ODA, "id-eit-oda", "B-09"),
    of(&[0x56, 3, 4, 0], "id-eit-unknown", "A-24"),
    of(&[0x56, 3, 4, 1], "id-eit-telex", "A-24"),
    of(&[0x56, 3, 4, 2], "id-eit-ia5-text", "A-24"),
    of(&[0x56, 3, 4, 3], "id-eit-g3-facsimile", "A-24"),
    of(&[0x56, 3, 4, 4], "id-eit-g4-class-1", "A-24"),
    of(&[0x56, 3, 4, 5], "id-eit-teletex", "A-24"),
    of(&[0x56, 3, 4, 6], "id-eit-videotex", "A-24"),
    of(&[0x56, 3, 4, 7], "id-eit-voice", "A-24"),
    of(&[0x56, 3, 4, 8], "id-eit-sfd", "A-24"),
    of(&[0x56, 3, 4, 9], "id-eit-mixed-mode", "A-24"),
    of(&[0x56, 1, 12, 1, 0], "id-voice-11khz-sample", "B-25"),
    of(&[0x56, 1, 12, 1, 1], "id-voice-22khz-sample", "B-25"),
    of(&[0x56, 1, 12, 1, 2], "id-voice-cd-quality", "B-25"),
    of(&[0x56, 1, 12, 1, 3], "id-voice-g711-mu-law", "B-25"),
    of(&[0x56, 1, 12, 1, 4], "id-voice-g726-32k-adpcm", "B-25"),
    of(&[0x56, 1, 12, 1, 5], "id-voice-g728-16k-ld-celp", "B-25"),
    // MTS extensions
    entry(DSN_HEADER_LIST, "id-dsn-header-list", "OI-04"),
    entry(DSN_FIELD_LIST, "id-dsn-field-list", "OI-04"),
    // Heading, recipient and notification extensions
    entry(IncompleteCopy::ID, "id-hex-incomplete-copy", "A-32"),
    entry(Languages::ID, "id-hex-languages", "A-32"),
    entry(AutoSubmitted::ID, "id-hex-auto-submitted", "A-32"),
    entry(HEADING_BODY_PART_SIGNATURES, "id-hex-body-part-signatures", "A-32"),
    entry(HEADING_IPM_SECURITY_LABEL, "id-hex-ipm-security-label", "A-32"),
    entry(HEADING_AUTHORIZATION_TIME, "id-hex-authorization-time", "A-32"),
    entry(HEADING_CIRCULATION_LIST, "id-hex-circulation-list-recipients", "A-32"),
    entry(HEADING_DISTRIBUTION_CODES, "id-hex-distribution-codes", "A-32"),
    entry(ExtendedSubject::ID, "id-hex-extended-subject", "A-32"),
    entry(HEADING_INFORMATION_CATEGORY, "id-hex-information-category", "A-32"),
    entry(HEADING_MANUAL_HANDLING, "id-hex-manual-handling-instructions", "A-32"),
    entry(HEADING_ORIGINATORS_REFERENCE, "id-hex-originators-reference", "A-32"),
    entry(HEADING_PRECEDENCE_POLICY, "id-hex-precedence-policy-id", "A-32"),
    entry(RECIPIENT_CIRCULATION_LIST_INDICATOR, "id-rex-circulation-list-indicator", "A-32"),
    entry(RECIPIENT_PRECEDENCE, "id-rex-precedence", "A-32"),
    entry(RECIPIENT_SECURITY_REQUEST, "id-sec-ipm-security-request", "A-32"),
    entry(NOTIFICATION_ABSENCE, "id-on-absence-advice", "A-33"),
    entry(NOTIFICATION_CHANGE_OF_ADDRESS, "id-on-change-of-address-advice", "A-33"),
    entry(Rfc822Field::ID, "id-rfc-822-field-list", "OI-03"),
    entry(Rfc1327Field::ID, "rfc-822-field of RFC 1327", "OI-06"),
    entry(HEADING_RFC1148_FIELD, "rfc-822-field of RFC 1148", "OI-06"),
    entry(HEADING_PARTIAL_MESSAGE, "id-hex-partial-message", "OI-08"),
    entry(HEADING_MULTIPART_MESSAGE_V1, "id-hex-multipart-message", "OI-08"),
    entry(MultipartMessage::ID, "id-hex-multipart-message-v2", "OI-08"),
    // Body parts and their parameters
    entry(kind::IA5_TEXT, "id-et-ia5-text", "B-01"),
    entry(kind::IA5_TEXT_PARAMETERS, "id-ep-ia5-text", "B-01"),
    entry(PART_G3_FACSIMILE, "id-et-g3-facsimile", "B-01"),
    entry(PARAMETERS_G3_FACSIMILE, "id-ep-g3-facsimile", "B-01"),
    entry(PART_G4_CLASS_1, "id-et-g4-class1", "B-01"),
    entry(PART_TELETEX, "id-et-teletex", "B-01"),
    entry(PARAMETERS_TELETEX, "id-ep-teletex", "B-01"),
    entry(PART_VIDEOTEX, "id-et-videotex", "B-01"),
    entry(PARAMETERS_VIDEOTEX, "id-ep-videotex", "B-01"),
    entry(PART_ENCRYPTED, "id-et-encrypted", "B-01"),
    entry(PARAMETERS_ENCRYPTED, "id-ep-encrypted", "B-01"),
    entry(kind::MESSAGE, "id-et-message", "B-01"),
    entry(kind::MESSAGE_PARAMETERS, "id-ep-message", "B-01"),
    entry(PART_MIXED_MODE, "id-et-mixed-mode", "B-01"),
    entry(kind::BILATERALLY_DEFINED, "id-et-bilaterally-defined", "B-01"),
    entry(PART_NATIONALLY_DEFINED, "id-et-nationally-defined", "B-01"),
    entry(kind::GENERAL_TEXT, "id-et-general-text", "B-01"),
    entry(kind::GENERAL_TEXT_PARAMETERS, "id-ep-general-text", "B-01"),
    entry(kind::FILE_TRANSFER, "id-et-file-transfer", "B-01"),
    entry(kind::FILE_TRANSFER_PARAMETERS, "id-ep-file-transfer", "B-01"),
    entry(kind::REPORT, "id-et-report", "B-01"),
    entry(kind::NOTIFICATION, "id-et-notification", "B-01"),
    entry(PARAMETERS_NOTIFICATION, "id-ep-notification", "B-01"),
    entry(PART_VOICE, "id-et-voice", "B-01"),
    entry(PARAMETERS_VOICE, "id-ep-voice", "B-01"),
    entry(kind::CONTENT, "id-et-content", "B-19"),
    entry(PARAMETERS_CONTENT, "id-ep-content", "B-19"),
    entry(kind::PKCS7, "id-et-pkcs7", "B-01"),
    entry(PART_ODA, "oda", "B-01"),
    entry(kind::MIME_BODY_PART, "id-mime-bp-data", "B-01"),
    entry(kind::MIME_BODY_PART_PARAMETERS, "id-mime-bp-parameters", "B-01"),
    entry(kind::MIME_POSTSCRIPT, "id-mime-postscript-body", "B-26"),
    entry(kind::MIME_JPEG, "id-mime-jpeg-body", "B-26"),
    entry(kind::MIME_GIF, "id-mime-gif-body", "B-26"),
    // Files
    entry(application::UNKNOWN_ATTACHMENT, "EMA unknown attachment", "OI-10"),
    entry(application::UNKNOWN_ATTACHMENT_WITHDRAWN, "EMA unknown attachment, withdrawn", "B-31"),
    entry(APPLICATION_UNKNOWN_ATTACHMENT_DRAFT, "EMA unknown attachment, draft", "OI-10"),
    entry(application::MIME_BODY_PART, "id-mime-ftbp-data", "B-32"),
    entry(application::POSTSCRIPT, "PostScript in FTBP", "B-26"),
    entry(application::JPEG, "EMA JPEG", "B-26"),
    entry(application::GIF, "EMA GIF", "B-26"),
    entry(UNSTRUCTURED_TEXT, "unstructured-text", "B-35"),
    of(&[0x28, 0xc2, 0x7b, 5, 2], "sequential-text", "ISO 8571-2"),
    entry(UNSTRUCTURED_BINARY, "unstructured-binary", "B-35"),
    // EDI
    entry(EDI_EDIFACT_ISO646, "id-bp-edifact-ISO646", "E-03"),
    entry(EDI_EDIFACT_TELETEX, "id-bp-edifact-TeletexString", "E-03"),
    entry(EDI_EDIFACT_OCTET, "id-bp-edifact-octet", "E-03"),
    entry(EDI_X12_ISO646, "id-bp-ansiX12-ISO646", "E-03"),
    entry(EDI_X12_TELETEX, "id-bp-ansiX12-TeletexString", "E-03"),
    entry(EDI_X12_OCTET, "id-bp-ansiX12-octet", "E-03"),
    entry(EDI_X12_EBCDIC, "id-bp-ansiX12-ebcdic", "E-03"),
    entry(EDI_UNTDI_ISO646, "id-bp-untdi-ISO646", "E-03"),
    entry(EDI_UNTDI_TELETEX, "id-bp-untdi-TeletexString", "E-03"),
    entry(EDI_UNTDI_OCTET, "id-bp-untdi-octet", "E-03"),
    entry(EDI_PRIVATE_OCTET, "id-bp-private-octet", "E-03"),
    entry(EDI_UNDEFINED_OCTET, "id-bp-undefined-octet", "E-03"),
    entry(EDI_EDIFACT_8859, "id-bp-edifact-8859", "E-03"),
    entry(EDI_FOR_ACTION, "id-for-action", "E-04"),
    entry(EDI_FOR_COPY, "id-for-copy", "E-04"),
    entry(EDI_COMPRESSION, "id-edi-compression", "E-04"),
    entry(EDI_COMPRESSION_V42BIS, "id-edi-compression-v42bis", "E-04"),
    // Military
    entry(CONTENT_COMPRESSED, "STANAG 4406 compressed data", "M-44"),
    entry(PRIORITY_LEVEL_QUALIFIER, "priority-level-qualifier", "M-12"),
    entry(mmhs::PrimaryPrecedence::ID, "id-nato-mmhs-mm-primary-precedence", "M-10.0"),
    entry(mmhs::CopyPrecedence::ID, "id-nato-mmhs-mm-copy-precedence", "M-10.1"),
    entry(mmhs::MessageType::ID, "id-nato-mmhs-mm-message-type", "M-10.2"),
    entry(mmhs::AddressListIndicator::ID, "id-nato-mmhs-mm-address-list-indicator", "M-10.3"),
    entry(mmhs::ExemptedAddresses::ID, "id-nato-mmhs-mm-exempted-address", "M-10.4"),
    entry(mmhs::ExtendedAuthorisationInfo::ID, "id-nato-mmhs-mm-extended-authorisation-info", "M-10.5"),
    entry(mmhs::MilitaryDistributionCodes::ID, "id-nato-mmhs-mm-distribution-codes", "M-10.6"),
    entry(mmhs::HandlingInstructions::ID, "id-nato-mmhs-mm-handling-instructions", "M-10.7"),
    entry(mmhs::MessageInstructions::ID, "id-nato-mmhs-mm-message-instructions", "M-10.8"),
    entry(mmhs::CodressMessage::ID, "id-nato-mmhs-mm-codress-message", "M-10.9"),
    entry(mmhs::OriginatorReference::ID, "id-nato-mmhs-mm-originator-reference", "M-10.10"),
    entry(mmhs::OtherRecipientsIndicator::ID, "id-nato-mmhs-mm-other-recipients-indicator", "M-10.11"),
    entry(mmhs::PilotForwardingInfo::ID, "id-nato-mmhs-mm-pilot-forwarding-info", "M-10.12"),
    entry(mmhs::Acp127MessageIdentifier::ID, "id-nato-mmhs-mm-acp127-message-identifier", "M-10.13"),
    entry(mmhs::OriginatorPlad::ID, "id-nato-mmhs-mm-originator-plad", "M-10.14"),
    entry(mmhs::Acp127NotificationRequest::ID, "id-nato-mmhs-mm-acp127-notification-request", "M-10.15"),
    entry(mmhs::Acp127NotificationResponse::ID, "id-nato-mmhs-mm-acp127-notification-response", "M-10.16"),
    entry(mmhs::SecurityInformationLabels::ID, "id-nato-mmhs-mm-information-labels", "M-10.17"),
    entry(PART_ADATP3, "id-nato-mmhs-et-adatp3", "M-30"),
    entry(PART_CORRECTIONS, "id-nato-mmhs-et-corrections", "M-30"),
    entry(PARAMETERS_ADATP3, "id-nato-mmhs-et-adatp3-parameters", "M-30"),
    entry(PARAMETERS_CORRECTIONS, "id-nato-mmhs-et-corrections-parameters", "M-30"),
    entry(PART_FORWARDED_ENCRYPTED, "id-nato-mmhs-et-forwarded-encrypted", "M-30"),
    entry(PARAMETERS_FORWARDED_ENCRYPTED, "id-nato-mmhs-et-forwarded-encrypted-parameters", "M-30"),
    entry(PART_MM_MESSAGE, "id-nato-mmhs-et-mm-message", "M-30"),
    entry(PARAMETERS_MM_MESSAGE, "id-nato-mmhs-et-mm-message-parameters", "M-30"),
    entry(PART_ACP127_DATA, "id-nato-mmhs-et-mm-acp127data", "M-30"),
    entry(PARAMETERS_ACP127_DATA, "id-nato-mmhs-et-mm-acp127data-parameters", "M-30"),
    of(&[0x56, 1, 18, 1], "id-sec-security-common-fields", "A-33"),
    // Arcs
    entry(MIXER, "mixer", "OI-01"),
    entry(MIXER_HEADINGS, "mixer-headings", "OI-08"),
    entry(MIXER_BODIES, "mixer-bodies", "OI-09"),
    entry(MIXER_BODY_DATA, "mixer-bp-data", "B-22"),
    entry(MIXER_BODY_PARAMETERS, "mixer-bp-parameter", "B-22"),
    entry(MIXER_CORE, "mixer-core", "OI-02"),
    entry(MIXER_CORE_MODULE, "mixer-core module", "OI-02"),
    entry(EIT_BUILT_IN, "id-eit", "A-24"),
    entry(EIT_CHARACTER_SETS, "id-cs-eit", "OI-11"),
    of(&[0x56, 1], "id-ipms", "A-01"),
    of(&[0x56, 1, 0, 2], "IPMSInformationObjects", "A-01"),
    of(&[0x56, 1, 0, 6], "IPMSHeadingExtensions", "A-01"),
    of(&[0x56, 1, 0, 7], "IPMSExtendedBodyPartTypes", "A-01"),
    of(&[0x56, 1, 0, 9], "IPMSFileTransferBodyPartType", "A-01"),
    of(&[0x56, 1, 0, 10], "IPMSUpperBounds", "A-01"),
    of(&[0x56, 3], "id-mts", "A-01"),
    of(&[0x56, 3, 0, 1], "MTSAbstractService", "A-01"),
    of(&[0x56, 3, 0, 2], "MTAAbstractService", "A-01"),
    of(&[0x56, 3, 0, 3], "MTSUpperBounds", "A-01"),
    of(&[0x56, 0, 0, 3], "MTSTransferProtocol", "A-01"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_identifier_and_no_name_is_there_twice() {
        for (index, entry) in CATALOGUE.iter().enumerate() {
            for other in &CATALOGUE[..index] {
                assert_ne!(entry.oid, other.oid, "{} and {}", entry.name, other.name);
                assert_ne!(entry.name, other.name, "{} and {}", entry.oid, other.oid);
            }
        }
    }

    /// The octets of the constants against the numbers printed in the ledger.
    #[test]
    fn constants_are_the_numbers_of_the_ledger() {
        for (id, dotted, oid) in [
            ("OI-02", "1.3.6.1.7.1.3.1", MIXER_CORE_MODULE),
            ("OI-04", "1.3.6.1.7.1.3.3", DSN_HEADER_LIST),
            ("OI-04", "1.3.6.1.7.1.3.4", DSN_FIELD_LIST),
            ("OI-05", "1.3.6.1.7.1.3.5", EIT_MIXER),
            ("OI-06", "0.9.2342.234219200300.200.0", HEADING_RFC1148_FIELD),
            ("OI-06", "0.9.2342.234219200300.200.1", Rfc1327Field::ID),
            ("OI-08", "1.3.6.1.7.1.1.2", HEADING_MULTIPART_MESSAGE_V1),
            ("OI-10", "2.16.840.1.113694.2.2.1.1", application::UNKNOWN_ATTACHMENT),
            ("OI-10", "1.2.840.1.113694.2.2.1.1", APPLICATION_UNKNOWN_ATTACHMENT_DRAFT),
            ("OI-11", "1.0.10021.7.1.0", EIT_CHARACTER_SETS),
            ("A-24", "2.6.1.10.1", CONTENT_P22),
            ("B-01", "2.8.1.0.1", PART_ODA),
            ("B-09", "2.6.1.12.0", EIT_FILE_TRANSFER),
            ("B-26", "2.16.840.1.113694.2.2.1.4", application::GIF),
            ("B-26", "2.16.840.1.113694.2.2.1.6", application::JPEG),
            ("B-35", "1.0.8571.5.1", UNSTRUCTURED_TEXT),
            ("M-01", "1.3.26.0.4406.0.4.1", CONTENT_P772),
            ("S-06", "1.2.840.113549.1.9.16.1.6", CONTENT_CMS),
            ("T-21", "2.1.1", BER),
            ("T-21", "2.2.1.0.1", abstract_syntax::ACSE),
            ("T-21", "2.6.0.1.6", MTS_TRANSFER),
        ] {
            assert_eq!(oid.to_string(), dotted, "{id}");
            assert!(name(&oid).is_some(), "{id}");
        }
    }

    /// Ledger B-19: the content type follows the root, and the root itself has the same name.
    #[test]
    fn what_is_below_a_family_has_its_name() {
        let forwarded = kind::CONTENT.below(&CONTENT_P22.arcs().unwrap());
        assert_eq!(name(&forwarded), Some("id-et-content"));
        assert_eq!(name(&kind::CONTENT), Some("id-et-content"));
        assert_eq!(name(&EIT_CHARACTER_SETS.below(&[6])), Some("id-cs-eit"));
        assert_eq!(name(&MIXER.below(&[9])), None);
    }
}
