//! Military messages: P772 headings and the `MMHS-` fields (STANAG 4406, RFC 6477, RFC 7912; ledger beyond M-01 to M-23).
//!
//! * [`Field`] names the fields, [`syntax`] reads and writes their values;
//! * [`draft`] gathers them on the way to X.400 and makes heading extensions of them;
//! * [`level`] ties precedences to the priorities of both mail systems.
//!
//! The way to the Internet is with the other heading extensions, in [`super::heading`].

pub(crate) mod compressed;
pub(crate) mod draft;
pub(crate) mod level;
pub(crate) mod syntax;

use rasn_x400::prim::Oid;
use rasn_x400::stanag4406::mmhs;
use rasn_x400::x420::heading::{Heading, HeadingExtension};

/// Who released a military message (RFC 7912).
pub(crate) const AUTHORIZING_USERS: &str = "MMHS-Authorizing-Users";

/// All heading extensions of STANAG 4406: 1.3.26.0.4406.0.2.
const HEADING_EXTENSIONS: Oid = Oid::from_contents(&[0x2b, 0x1a, 0, 0xa2, 0x36, 0, 2]);

/// Whether a heading is that of a military message (beyond M-20).
pub(crate) fn is_military(heading: &Heading) -> bool {
    heading.extensions.iter().any(|extension| extension.kind.starts_with(&HEADING_EXTENSIONS))
}

/// The fields of a military message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    PrimaryPrecedence,
    CopyPrecedence,
    MessageType,
    ExemptedAddress,
    ExtendedAuthorisationInfo,
    SubjectIndicatorCodes,
    HandlingInstructions,
    MessageInstructions,
    CodressMessageIndicator,
    OriginatorReference,
    OtherRecipientsTo,
    OtherRecipientsCc,
    Acp127MessageIdentifier,
    OriginatorPlad,
    AuthorizingUsers,
}

/// Every field: its name, the element of the heading that it becomes, the ledger item. Where two fields share an extension
/// it is the same one.
pub(crate) const FIELDS: [(Field, &str, &str, &str); 15] = [
    (Field::PrimaryPrecedence, "MMHS-Primary-Precedence", "extensions.primary-precedence", "M-10.0"),
    (Field::CopyPrecedence, "MMHS-Copy-Precedence", "extensions.copy-precedence", "M-10.1"),
    (Field::MessageType, "MMHS-Message-Type", "extensions.message-type", "M-10.2"),
    (Field::ExemptedAddress, "MMHS-Exempted-Address", "extensions.exempted-address", "M-10.4"),
    (
        Field::ExtendedAuthorisationInfo,
        "MMHS-Extended-Authorisation-Info",
        "extensions.extended-authorisation-info",
        "M-10.5",
    ),
    (Field::SubjectIndicatorCodes, "MMHS-Subject-Indicator-Codes", "extensions.distribution-codes", "M-10.6"),
    (Field::HandlingInstructions, "MMHS-Handling-Instructions", "extensions.handling-instructions", "M-10.7"),
    (Field::MessageInstructions, "MMHS-Message-Instructions", "extensions.message-instructions", "M-10.8"),
    (
        Field::CodressMessageIndicator,
        "MMHS-Codress-Message-Indicator",
        "extensions.codress-message",
        "M-10.9",
    ),
    (Field::OriginatorReference, "MMHS-Originator-Reference", "extensions.originator-reference", "M-10.10"),
    (
        Field::OtherRecipientsTo,
        "MMHS-Other-Recipients-Indicator-To",
        "extensions.other-recipients-indicator",
        "M-10.11",
    ),
    (
        Field::OtherRecipientsCc,
        "MMHS-Other-Recipients-Indicator-CC",
        "extensions.other-recipients-indicator",
        "M-10.11",
    ),
    (
        Field::Acp127MessageIdentifier,
        "MMHS-Acp127-Message-Identifier",
        "extensions.acp127-message-identifier",
        "M-10.13",
    ),
    (Field::OriginatorPlad, "MMHS-Originator-PLAD", "extensions.originator-plad", "M-10.14"),
    (Field::AuthorizingUsers, AUTHORIZING_USERS, "authorizing-users", "beyond M-20"),
];

impl Field {
    /// The field of this name, any case; `MMHS-Extended-Authorization-Info` is understood, as RFC 6477 6 once spells it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = if name.eq_ignore_ascii_case("MMHS-Extended-Authorization-Info") {
            "MMHS-Extended-Authorisation-Info"
        } else {
            name
        };
        FIELDS.iter().find(|(_, known, ..)| known.eq_ignore_ascii_case(name)).map(|(field, ..)| *field)
    }

    /// Its name as it is written.
    pub(crate) fn name(self) -> &'static str {
        self.row().map_or("", |(_, name, ..)| name)
    }

    /// The element of the heading that it becomes.
    pub(crate) fn element(self) -> &'static str {
        self.row().map_or("", |(_, _, element, _)| element)
    }

    /// The ledger item that says what it maps to.
    pub(crate) fn clause(self) -> &'static str {
        self.row().map_or("beyond M-10", |(.., clause)| clause)
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static str, &'static str)> {
        FIELDS.iter().find(|(field, ..)| *field == self)
    }
}

/// What an extension without a field is called.
pub(crate) fn name(kind: &Oid) -> Option<&'static str> {
    let names = [
        (mmhs::AddressListIndicator::ID, "address-list-indicator"),
        (mmhs::PilotForwardingInfo::ID, "pilot-forwarding-info"),
        (mmhs::Acp127NotificationRequest::ID, "acp127-notification-request"),
        (mmhs::Acp127NotificationResponse::ID, "acp127-notification-response"),
        (mmhs::SecurityInformationLabels::ID, "security-information-labels"),
    ];
    names.into_iter().find(|(known, _)| known == kind).map(|(_, name)| name)
}
