//! Upper bounds of X.411, X.420, X.435 and STANAG 4406 (X.411 Annex B, X.420 Annex K; ledger A-25, AK-*).
//!
//! Characters or items unless said otherwise. Nothing in this crate refuses a value for being longer: decoding is lax,
//! [`crate::x411::address::text::check`] reports, and what is sent is the sender's to keep within bounds.

macro_rules! bounds {
    ($($(#[doc = $doc:literal])* $name:ident = $value:expr;)*) => {
        $($(#[doc = $doc])* pub const $name: usize = $value;)*
    };
}

bounds! {
    /// Octets of additional-information in a report.
    ADDITIONAL_INFORMATION = 1024;
    /// Octets of bilateral-information.
    BILATERAL_INFORMATION = 1024;
    /// Bits of a bit string of options.
    BIT_OPTIONS = 16;
    /// Largest number of a built-in content type.
    BUILT_IN_CONTENT_TYPE = 32_767;
    /// Bits of built-in encoded information types.
    BUILT_IN_ENCODED_INFORMATION_TYPES = 32;
    /// Certificates in one value.
    CERTIFICATES = 64;
    /// `CN`.
    COMMON_NAME = 64;
    /// Octets or characters of a content correlator.
    CONTENT_CORRELATOR = 512;
    /// A content identifier.
    CONTENT_IDENTIFIER = 16;
    /// Largest content length that can be stated.
    CONTENT_LENGTH = 2_147_483_647;
    /// Content types in one list.
    CONTENT_TYPES = 1024;
    /// Letters of an alphabetic country code.
    COUNTRY_NAME_ALPHA = 2;
    /// Digits of a numeric country code.
    COUNTRY_NAME_NUMERIC = 3;
    /// Largest diagnostic code.
    DIAGNOSTIC_CODES = 32_767;
    /// Largest reason code.
    REASON_CODES = 32_767;
    /// Deliverable classes.
    DELIVERABLE_CLASS = 256;
    /// Steps of a distribution list expansion history.
    DL_EXPANSIONS = 512;
    /// Domain-defined attributes of one address.
    DOMAIN_DEFINED_ATTRIBUTES = 4;
    /// Type of a domain-defined attribute.
    DOMAIN_DEFINED_ATTRIBUTE_TYPE = 8;
    /// Value of a domain-defined attribute.
    DOMAIN_DEFINED_ATTRIBUTE_VALUE = 128;
    /// `ADMD`, `PRMD`.
    DOMAIN_NAME = 16;
    /// Encoded information types in one list.
    ENCODED_INFORMATION_TYPES = 1024;
    /// Extension attributes of one address.
    EXTENSION_ATTRIBUTES = 256;
    /// Extensions of one kind in an envelope.
    EXTENSION_TYPES = 256;
    /// Digits of an E.163 or E.164 number.
    E163_4_NUMBER = 15;
    /// Digits of an E.163 or E.164 sub-address.
    E163_4_SUB_ADDRESS = 40;
    /// `GQ`.
    GENERATION_QUALIFIER = 3;
    /// `G`.
    GIVEN_NAME = 16;
    /// `I`.
    INITIALS = 5;
    /// Largest value of an option that is an integer.
    INTEGER_OPTIONS = 256;
    /// The local part of an MTS identifier.
    LOCAL_IDENTIFIER = 32;
    /// An MTA name.
    MTA_NAME = 32;
    /// Largest type of MTS user.
    MTS_USER_TYPES = 256;
    /// `UA-ID`.
    NUMERIC_USER_IDENTIFIER = 32;
    /// `O`.
    ORGANIZATION_NAME = 64;
    /// One `OU`.
    ORGANIZATIONAL_UNIT_NAME = 32;
    /// `OU`s of one address.
    ORGANIZATIONAL_UNITS = 4;
    /// Entries of an originator and DL expansion history.
    ORIGINATOR_AND_DL_EXPANSIONS = 513;
    /// Octets or characters of a password.
    PASSWORD = 62;
    /// `PD-SERVICE`.
    PDS_NAME = 16;
    /// One physical delivery parameter, or one line of an unformatted postal address.
    PDS_PARAMETER = 30;
    /// Lines of an unformatted postal address.
    PDS_PHYSICAL_ADDRESS_LINES = 6;
    /// `PD-CODE`.
    POSTAL_CODE = 16;
    /// A privacy mark of a security label.
    PRIVACY_MARK = 128;
    /// Largest queue size.
    QUEUE_SIZE = 2_147_483_647;
    /// A recipient number for advice.
    RECIPIENT_NUMBER_FOR_ADVICE = 32;
    /// Recipients of one message.
    RECIPIENTS = 32_767;
    /// Steps of a redirection history.
    REDIRECTIONS = 512;
    /// Restrictions of an MTS user.
    RESTRICTIONS = 1024;
    /// Security categories of a label.
    SECURITY_CATEGORIES = 64;
    /// Security labels in one list.
    SECURITY_LABELS = 256;
    /// Largest security problem.
    SECURITY_PROBLEMS = 256;
    /// Supplementary information of a report.
    SUPPLEMENTARY_INFORMATION = 256;
    /// `S`.
    SURNAME = 40;
    /// Octets of teletex private use.
    TELETEX_PRIVATE_USE = 128;
    /// `T-ID`.
    TERMINAL_IDENTIFIER = 24;
    /// Elements of a trace.
    TRANSFERS = 512;
    /// Octets of a transport selector in an access point.
    TSAP_IDENTIFIER = 16;
    /// Octets of an unformatted postal address in teletex.
    UNFORMATTED_ADDRESS = 180;
    /// Generation qualifier in Universal characters.
    UNIVERSAL_GENERATION_QUALIFIER = 16;
    /// Given name in Universal characters.
    UNIVERSAL_GIVEN_NAME = 40;
    /// Initials in Universal characters.
    UNIVERSAL_INITIALS = 16;
    /// Surname in Universal characters.
    UNIVERSAL_SURNAME = 64;
    /// `X121`; 15 before 1992.
    X121_ADDRESS = 16;

    /// X.420: an auto-forward comment.
    AUTO_FORWARD_COMMENT = 256;
    /// X.420: a free form name.
    FREE_FORM_NAME = 64;
    /// X.420: a user-relative IPM identifier.
    LOCAL_IPM_IDENTIFIER = 64;
    /// X.420: a subject.
    SUBJECT_FIELD = 128;
    /// X.420: a telephone number.
    TELEPHONE_NUMBER = 32;
    /// X.420: an alphanumeric code of a distribution.
    ALPHA_CODE = 16;
    /// X.420: entries of a circulation list.
    CIRCULATION_LIST_MEMBERS = 256;
    /// X.420: codes of a distribution.
    DISTRIBUTION_CODES = 16;
    /// X.420: an extended subject.
    EXTENDED_SUBJECT_FIELD = 256;
    /// X.420: information categories of one message.
    INFORMATION_CATEGORIES = 16;
    /// X.420: one information category.
    INFORMATION_CATEGORY = 64;
    /// X.420: manual handling instructions of one message.
    MANUAL_HANDLING_INSTRUCTIONS = 16;
    /// X.420: one manual handling instruction.
    MANUAL_HANDLING_INSTRUCTION = 128;
    /// X.420: an originator's reference.
    ORIGINATORS_REFERENCE = 64;
    /// X.420: largest precedence.
    PRECEDENCE = 127;

    /// STANAG 4406: a military string.
    MILITARY_STRING = 69;
    /// STANAG 4406: subject indicator codes of one message.
    MILITARY_SICS = 8;
    /// STANAG 4406: least length of a subject indicator code.
    MILITARY_SIC_AT_LEAST = 3;
    /// STANAG 4406: a subject indicator code.
    MILITARY_SIC = 8;
    /// STANAG 4406: a long military string.
    MILITARY_BIG_STRING = 128;
    /// STANAG 4406: a message of ACP 127.
    MILITARY_DATA = 65_535;

    /// X.435: bits of an application security element.
    EDI_APPLICATION_SECURITY_ELEMENT = 8191;
    /// X.435: the type of a message in an interchange.
    EDI_MESSAGE_TYPE = 6;
    /// X.435: a syntax identifier.
    EDI_SYNTAX_IDENTIFIER = 4;
    /// X.435: a syntax version.
    EDI_SYNTAX_VERSION = 5;
    /// X.435: an identification code, or a communications agreement.
    EDI_IDENTIFICATION_CODE = 35;
    /// X.435: the qualifier of an identification code.
    EDI_IDENTIFICATION_CODE_QUALIFIER = 4;
    /// X.435: a control reference, application reference, recipient reference or routing address.
    EDI_REFERENCE = 14;
    /// X.435: the qualifier of a recipient reference or of authorization information.
    EDI_QUALIFIER = 2;
    /// X.435: a processing priority code.
    EDI_PROCESSING_PRIORITY_CODE = 1;
    /// X.435: authorization information.
    EDI_AUTHORIZATION_INFORMATION = 10;
}
