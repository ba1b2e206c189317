//! The SPDUs of our functional units and their octets (X.225 8, T-10, T-11).
//!
//! ```text
//! TSDU of category 1   CN │ AC │ RF │ FN │ DN │ AB │ AA │ GTC │ GTA
//! TSDU of category 0   GT │ PT
//! TSDU of category 2   GT or PT, then one of  DT MIP MIA ED ER AS AR AI AIA AD ADA AE AEA
//!
//! SPDU                 SI  LI  parameters          then, in DT, user information up to the end
//! parameter            PI  LI  value               or PGI LI parameters
//! LI                   0 ..= 254 in one octet, or FF and two octets
//! ```
//!
//! AI and AB, AIA and AA, GT and DT share codes; the place in the TSDU tells them apart. Unknown parameters are
//! skipped. Extended concatenation is not ours to accept: we never say that we can receive it.

mod reader;
#[cfg(test)]
mod tests;
mod writer;

use bytes::Bytes;

use super::primitive::{
    ActivityId, ConnectionReference, ExceptionReason, RefuseReason, Requirements, SerialNumber,
};
pub use reader::{Fault, Problem, decode};

/// What one transport service data unit holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tsdu {
    /// The SPDU of category 0, if the TSDU starts with one.
    pub leading: Option<Leading>,
    /// The SPDU of category 1, or of category 2 after a leading one.
    pub spdu: Option<Spdu>,
}

/// An SPDU of category 0. Alone it moves or asks for tokens; without tokens it only announces category 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leading {
    /// GT.
    GiveTokens {
        /// A set of `TOKEN_` bits.
        tokens: u8,
    },
    /// PT.
    PleaseTokens {
        /// A set of `TOKEN_` bits.
        tokens: u8,
        /// As sent.
        user_data: Bytes,
    },
}

/// The data token.
pub const TOKEN_DATA: u8 = 0x01;
/// The synchronize-minor token.
pub const TOKEN_MINOR: u8 = 0x04;
/// The major/activity token.
pub const TOKEN_MAJOR: u8 = 0x10;
/// The tokens that make the turn.
pub const TOKENS_OF_THE_TURN: u8 = TOKEN_DATA | TOKEN_MINOR | TOKEN_MAJOR;

/// Protocol version 1 in a version number octet.
pub const VERSION_1: u8 = 0x01;
/// Protocol version 2 in a version number octet.
pub const VERSION_2: u8 = 0x02;

/// An SPDU of category 1 or 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spdu {
    /// CN.
    Connect(Connect),
    /// AC.
    Accept(Accept),
    /// RF.
    Refuse(Refuse),
    /// FN.
    Finish {
        /// Whether the transport connection is to end as well.
        release_transport: bool,
        /// As sent.
        user_data: Bytes,
    },
    /// DN.
    Disconnect {
        /// As sent.
        user_data: Bytes,
    },
    /// AB.
    Abort(Abort),
    /// AA.
    AbortAccept,
    /// GTC.
    GiveTokensConfirm,
    /// GTA.
    GiveTokensAck,
    /// DT.
    Data {
        /// Which part of the session service data unit this is; absent without segmenting.
        enclosure: Option<Enclosure>,
        /// The user information field.
        user_data: Bytes,
    },
    /// MIP.
    MinorSync {
        /// Whether a confirmation is wanted.
        explicit: bool,
        /// The number of the point.
        serial: SerialNumber,
        /// As sent.
        user_data: Bytes,
    },
    /// MIA.
    MinorSyncAck {
        /// The number of the confirmed point.
        serial: SerialNumber,
        /// As sent.
        user_data: Bytes,
    },
    /// ER.
    ExceptionReport,
    /// ED.
    ExceptionData {
        /// Why.
        reason: ExceptionReason,
        /// As sent.
        user_data: Bytes,
    },
    /// AS.
    ActivityStart {
        /// The identifier.
        id: ActivityId,
        /// As sent.
        user_data: Bytes,
    },
    /// AR.
    ActivityResume(Resume),
    /// AI.
    ActivityInterrupt {
        /// Why.
        reason: Option<ExceptionReason>,
    },
    /// AIA.
    ActivityInterruptAck,
    /// AD.
    ActivityDiscard {
        /// Why.
        reason: Option<ExceptionReason>,
    },
    /// ADA.
    ActivityDiscardAck,
    /// AE.
    ActivityEnd {
        /// The number of the major synchronization point.
        serial: SerialNumber,
        /// As sent.
        user_data: Bytes,
    },
    /// AEA.
    ActivityEndAck {
        /// The number that the end carried.
        serial: SerialNumber,
        /// As sent.
        user_data: Bytes,
    },
}

/// The parameters of CN (X.225 8.3.1).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Connect {
    /// PGI 1.
    pub reference: ConnectionReference,
    /// PGI 5.
    pub item: ConnectItem,
    /// PI 20.
    pub requirements: Option<Requirements>,
    /// PI 51.
    pub calling_selector: Option<Bytes>,
    /// PI 52.
    pub called_selector: Option<Bytes>,
    /// PI 193, or 194 when longer than 512 octets.
    pub user_data: Bytes,
    /// PI 60: more user data would follow in another SPDU.
    pub more_data: bool,
}

/// The parameters of AC (X.225 8.3.4).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Accept {
    /// PGI 1.
    pub reference: ConnectionReference,
    /// PGI 5.
    pub item: ConnectItem,
    /// PI 20.
    pub requirements: Option<Requirements>,
    /// PI 52.
    pub responding_selector: Option<Bytes>,
    /// PI 193.
    pub user_data: Bytes,
}

/// PGI 5, the connect/accept item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ConnectItem {
    /// PI 21: the maximum TSDU size from initiator to responder, and from responder to initiator. 0 is no limit.
    pub tsdu_maximum: Option<(u16, u16)>,
    /// PI 22: a set of `VERSION_` bits.
    pub versions: Option<u8>,
    /// PI 26, two bits for each token.
    pub tokens: Option<u8>,
}

/// The parameters of RF (X.225 8.3.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refuse {
    /// PGI 1.
    pub reference: ConnectionReference,
    /// PI 17.
    pub release_transport: bool,
    /// PI 20.
    pub requirements: Option<Requirements>,
    /// PI 22.
    pub versions: Option<u8>,
    /// PI 50, first octet.
    pub reason: RefuseReason,
    /// PI 50, the rest.
    pub user_data: Bytes,
}

/// The parameters of AB (X.225 8.3.9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Abort {
    /// PI 17, bit 1.
    pub release_transport: bool,
    /// PI 17, the other bits.
    pub origin: AbortOrigin,
    /// PI 193.
    pub user_data: Bytes,
}

/// Who aborts, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AbortOrigin {
    /// The session user.
    User,
    /// The session provider, because of a protocol error.
    ProtocolError,
    /// The session provider, without a reason.
    NoReason,
}

/// The parameters of AR (X.225 8.3.23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// PI 41.
    pub id: ActivityId,
    /// PGI 33, PI 41.
    pub old_id: ActivityId,
    /// PGI 33, PI 42.
    pub serial: SerialNumber,
    /// PGI 33, PI 9 to 12; absent when the activity was interrupted on this connection.
    pub old_connection: Option<ConnectionReference>,
    /// PI 193.
    pub user_data: Bytes,
}

/// PI 25, the enclosure item: where in its session service data unit a segment stands (X.225 7.37).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enclosure {
    /// The first segment.
    pub begin: bool,
    /// The last segment.
    pub end: bool,
}

/// The most octets of user data in an SPDU of version 1, and in PI 193 of CN.
pub const MAXIMUM_USER_DATA: usize = 512;
/// The most octets of user data in the AB of version 1.
pub const MAXIMUM_ABORT_DATA: usize = 9;
/// The most octets of user data that we send in an SPDU of version 2 (PI 194 of CN can hold no more).
pub const MAXIMUM_EXTENDED_USER_DATA: usize = 10_240;
/// The longest session selector.
pub const MAXIMUM_SELECTOR: usize = 16;
/// The longest reference of a session user, and the longest common reference.
pub const MAXIMUM_REFERENCE: usize = 64;
/// The longest additional reference information.
pub const MAXIMUM_ADDITIONAL: usize = 4;

/// The GT without tokens before category 2, and the start of an unsegmented DT.
pub const DATA_HEADER: [u8; 4] = [si::GT, 0, si::DT, 0];

impl Leading {
    /// GT without tokens.
    pub const GIVE_NOTHING: Self = Self::GiveTokens { tokens: 0 };
    /// PT without tokens.
    pub const PLEASE_NOTHING: Self = Self::PleaseTokens { tokens: 0, user_data: Bytes::new() };
}

impl Spdu {
    /// Whether GT or PT must come before this SPDU.
    pub fn is_category_2(&self) -> bool {
        !matches!(
            self,
            Self::Connect(_)
                | Self::Accept(_)
                | Self::Refuse(_)
                | Self::Finish { .. }
                | Self::Disconnect { .. }
                | Self::Abort(_)
                | Self::AbortAccept
                | Self::GiveTokensConfirm
                | Self::GiveTokensAck
        )
    }
}

impl ExceptionReason {
    /// The octet on the wire (T-14).
    pub fn code(self) -> u8 {
        match self {
            Self::NoSpecificReason => 0,
            Self::ReceivingAbilityJeopardized => 1,
            Self::SequenceError => 3,
            Self::LocalUserError => 5,
            Self::UnrecoverableProceduralError => 6,
            Self::DemandDataToken => 128,
            Self::Other(code) => code,
        }
    }

    /// The reason for an octet.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::NoSpecificReason,
            1 => Self::ReceivingAbilityJeopardized,
            3 => Self::SequenceError,
            5 => Self::LocalUserError,
            6 => Self::UnrecoverableProceduralError,
            128 => Self::DemandDataToken,
            code => Self::Other(code),
        }
    }
}

impl RefuseReason {
    /// The octet on the wire (T-14). A refusal by the transport has none of its own and counts as one by the provider.
    pub fn code(self) -> u8 {
        match self {
            Self::RejectedByUser => 0,
            Self::TemporaryCongestion => 1,
            Self::RejectedByUserWithData => 2,
            Self::SelectorUnknown => 129,
            Self::UserNotAttached => 130,
            Self::ProviderCongestion => 131,
            Self::VersionNotSupported => 132,
            Self::ProviderRefused | Self::Transport(_) => 133,
            Self::ImplementationRestriction => 134,
            Self::Other(code) => code,
        }
    }

    /// The reason for an octet.
    pub fn from_code(code: u8) -> Self {
        match code {
            0 => Self::RejectedByUser,
            1 => Self::TemporaryCongestion,
            2 => Self::RejectedByUserWithData,
            129 => Self::SelectorUnknown,
            130 => Self::UserNotAttached,
            131 => Self::ProviderCongestion,
            132 => Self::VersionNotSupported,
            133 => Self::ProviderRefused,
            134 => Self::ImplementationRestriction,
            code => Self::Other(code),
        }
    }
}

/// SPDU identifiers (T-10).
mod si {
    pub(super) const ER: u8 = 0x00;
    pub(super) const GT: u8 = 0x01;
    pub(super) const DT: u8 = 0x01;
    pub(super) const PT: u8 = 0x02;
    pub(super) const FN: u8 = 0x09;
    pub(super) const DN: u8 = 0x0a;
    pub(super) const RF: u8 = 0x0c;
    pub(super) const CN: u8 = 0x0d;
    pub(super) const AC: u8 = 0x0e;
    pub(super) const GTC: u8 = 0x15;
    pub(super) const GTA: u8 = 0x16;
    pub(super) const AB: u8 = 0x19;
    pub(super) const AI: u8 = 0x19;
    pub(super) const AA: u8 = 0x1a;
    pub(super) const AIA: u8 = 0x1a;
    pub(super) const AR: u8 = 0x1d;
    pub(super) const AE: u8 = 0x29;
    pub(super) const AEA: u8 = 0x2a;
    pub(super) const AS: u8 = 0x2d;
    pub(super) const ED: u8 = 0x30;
    pub(super) const MIP: u8 = 0x31;
    pub(super) const MIA: u8 = 0x32;
    pub(super) const AD: u8 = 0x39;
    pub(super) const ADA: u8 = 0x3a;
}

/// Parameter and parameter group identifiers (T-11).
mod pi {
    pub(super) const CONNECTION_IDENTIFIER: u8 = 1;
    pub(super) const CONNECT_ITEM: u8 = 5;
    pub(super) const CALLED_REFERENCE: u8 = 9;
    pub(super) const CALLING_REFERENCE: u8 = 10;
    pub(super) const COMMON_REFERENCE: u8 = 11;
    pub(super) const ADDITIONAL_REFERENCE: u8 = 12;
    pub(super) const SYNC_TYPE: u8 = 15;
    pub(super) const TOKENS: u8 = 16;
    pub(super) const TRANSPORT_DISCONNECT: u8 = 17;
    pub(super) const PROTOCOL_OPTIONS: u8 = 19;
    pub(super) const REQUIREMENTS: u8 = 20;
    pub(super) const TSDU_MAXIMUM: u8 = 21;
    pub(super) const VERSION: u8 = 22;
    pub(super) const ENCLOSURE: u8 = 25;
    pub(super) const TOKEN_SETTING: u8 = 26;
    pub(super) const LINKING: u8 = 33;
    pub(super) const ACTIVITY_IDENTIFIER: u8 = 41;
    pub(super) const SERIAL: u8 = 42;
    pub(super) const MINOR_ACK_DATA: u8 = 46;
    pub(super) const REASON: u8 = 50;
    pub(super) const CALLING_SELECTOR: u8 = 51;
    pub(super) const CALLED_SELECTOR: u8 = 52;
    pub(super) const DATA_OVERFLOW: u8 = 60;
    pub(super) const USER_DATA: u8 = 193;
    pub(super) const EXTENDED_USER_DATA: u8 = 194;
}

const RELEASE_TRANSPORT: u8 = 0x01;
const ABORT_BY_USER: u8 = 0x02;
const ABORT_PROTOCOL_ERROR: u8 = 0x04;
const ABORT_NO_REASON: u8 = 0x08;
const SYNC_NO_CONFIRMATION: u8 = 0x01;
const ENCLOSURE_BEGIN: u8 = 0x01;
const ENCLOSURE_END: u8 = 0x02;
