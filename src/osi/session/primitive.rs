//! The session service as its user sees it (X.215): requests and responses go down, indications and confirms come up.
//!
//! Only the functional units that X.400 uses exist here: kernel, half-duplex, minor synchronize, activity management
//! and exceptions (T-12). Data, minor and major/activity token move together and are called the turn (T-13).
//! Absent user data, references and selectors are empty [`Bytes`].

use bytes::Bytes;

/// What the session user asks for: the requests and responses of X.215.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// S-CONNECT request.
    Connect(Connect),
    /// S-CONNECT response, to an [`Indication::Connect`].
    ConnectResponse(ConnectResponse),
    /// S-DATA request: the octets of one session service data unit, in pieces that are sent one after the other.
    Data(Vec<Bytes>),
    /// S-TOKEN-PLEASE request: ask the peer for the turn.
    TokenPlease {
        /// The priority that RTSE sends along (RTTP).
        user_data: Bytes,
    },
    /// S-CONTROL-GIVE request: give the peer the turn. Only between activities.
    TokenGive,
    /// S-RELEASE request. Only with the turn, and between activities.
    Release {
        /// At most 512 octets in version 1.
        user_data: Bytes,
    },
    /// S-RELEASE response, positive: without the negotiated release unit there is no other.
    ReleaseResponse {
        /// At most 512 octets in version 1.
        user_data: Bytes,
    },
    /// S-SYNC-MINOR request, explicit confirmation wanted. The first one in an activity has serial number 1.
    SyncMinor {
        /// Travels with the synchronization point.
        user_data: Bytes,
    },
    /// S-SYNC-MINOR response. It confirms this point and all before it.
    SyncMinorResponse {
        /// The number of the confirmed point.
        serial: SerialNumber,
        /// Travels with the confirmation.
        user_data: Bytes,
    },
    /// S-U-EXCEPTION-REPORT request: the side without the turn is in trouble. Only in an activity.
    ExceptionReport {
        /// Why.
        reason: ExceptionReason,
        /// Travels with the report.
        user_data: Bytes,
    },
    /// S-ACTIVITY-START request.
    ActivityStart {
        /// One to six octets; RTSE sends a BER INTEGER.
        id: ActivityId,
        /// Travels with the start.
        user_data: Bytes,
    },
    /// S-ACTIVITY-RESUME request: go on with an interrupted activity.
    ActivityResume(ActivityResume),
    /// S-ACTIVITY-INTERRUPT request.
    ActivityInterrupt {
        /// Why, if a reason is to be given.
        reason: Option<ExceptionReason>,
    },
    /// S-ACTIVITY-INTERRUPT response.
    ActivityInterruptResponse,
    /// S-ACTIVITY-DISCARD request.
    ActivityDiscard {
        /// Why, if a reason is to be given.
        reason: Option<ExceptionReason>,
    },
    /// S-ACTIVITY-DISCARD response.
    ActivityDiscardResponse,
    /// S-ACTIVITY-END request.
    ActivityEnd {
        /// Travels with the end.
        user_data: Bytes,
    },
    /// S-ACTIVITY-END response.
    ActivityEndResponse {
        /// Travels with the confirmation.
        user_data: Bytes,
    },
    /// S-U-ABORT request. Possible in every state of a connection.
    UAbort {
        /// At most 9 octets in version 1.
        user_data: Bytes,
    },
}

/// What the session user is told: the indications and confirms of X.215.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indication {
    /// S-CONNECT indication.
    Connect(Connect),
    /// S-CONNECT confirm.
    ConnectConfirm(ConnectResponse),
    /// S-DATA indication: one session service data unit, whole.
    Data(Bytes),
    /// S-TOKEN-PLEASE indication: the peer asks for the turn.
    TokenPlease {
        /// The priority that RTSE sends along (RTTP).
        user_data: Bytes,
    },
    /// S-CONTROL-GIVE or S-TOKEN-GIVE indication: the turn is ours.
    TokenGive,
    /// S-RELEASE indication.
    Release {
        /// As sent.
        user_data: Bytes,
    },
    /// S-RELEASE confirm. The connection has ended.
    ReleaseConfirm {
        /// As sent.
        user_data: Bytes,
    },
    /// S-SYNC-MINOR indication.
    SyncMinor {
        /// The number of the point, counted by both sides.
        serial: SerialNumber,
        /// Whether the peer waits for a confirmation.
        explicit: bool,
        /// As sent.
        user_data: Bytes,
    },
    /// S-SYNC-MINOR confirm: this point and all before it are safe with the peer.
    SyncMinorConfirm {
        /// The number of the confirmed point.
        serial: SerialNumber,
        /// As sent.
        user_data: Bytes,
    },
    /// S-U-EXCEPTION-REPORT indication: the peer, who has not the turn, is in trouble. Answer with a discard, an
    /// interrupt, an abort, or by giving the turn.
    ExceptionReport {
        /// Why.
        reason: ExceptionReason,
        /// As sent.
        user_data: Bytes,
    },
    /// S-P-EXCEPTION-REPORT indication.
    ProviderExceptionReport {
        /// Why.
        reason: ExceptionReason,
    },
    /// S-ACTIVITY-START indication.
    ActivityStart {
        /// As sent.
        id: ActivityId,
        /// As sent.
        user_data: Bytes,
    },
    /// S-ACTIVITY-RESUME indication.
    ActivityResume(ActivityResume),
    /// S-ACTIVITY-INTERRUPT indication.
    ActivityInterrupt {
        /// As sent.
        reason: Option<ExceptionReason>,
    },
    /// S-ACTIVITY-INTERRUPT confirm.
    ActivityInterruptConfirm,
    /// S-ACTIVITY-DISCARD indication.
    ActivityDiscard {
        /// As sent.
        reason: Option<ExceptionReason>,
    },
    /// S-ACTIVITY-DISCARD confirm.
    ActivityDiscardConfirm,
    /// S-ACTIVITY-END indication.
    ActivityEnd {
        /// The number of the major synchronization point that the end of an activity is.
        serial: SerialNumber,
        /// As sent.
        user_data: Bytes,
    },
    /// S-ACTIVITY-END confirm.
    ActivityEndConfirm {
        /// The number that the end carried.
        serial: SerialNumber,
        /// As sent.
        user_data: Bytes,
    },
    /// S-U-ABORT indication. The connection has ended.
    UAbort {
        /// As sent.
        user_data: Bytes,
    },
    /// S-P-ABORT indication. The connection has ended.
    ProviderAbort {
        /// Who or what ended it.
        reason: AbortReason,
    },
}

/// The parameters of S-CONNECT request and indication (X.215 12.1).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Connect {
    /// The name of this connection, by which a later one can refer to it.
    pub reference: ConnectionReference,
    /// The session selector of the initiator, at most 16 octets.
    pub calling_selector: Bytes,
    /// The session selector of the responder, at most 16 octets.
    pub called_selector: Bytes,
    /// The functional units wanted.
    pub requirements: Requirements,
    /// Who has the turn first.
    pub tokens: TokenSetting,
    /// At most 512 octets in version 1, 10240 in version 2.
    pub user_data: Bytes,
}

/// The parameters of S-CONNECT response and confirm (X.215 12.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectResponse {
    /// The connection stands.
    Accept(Accept),
    /// There is no connection.
    Refuse {
        /// Who refused and why.
        reason: RefuseReason,
        /// The answer of the session user, if it was the one who refused.
        user_data: Bytes,
    },
}

/// The parameters of a positive S-CONNECT response or confirm.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Accept {
    /// The name of this connection, as the responder returns it.
    pub reference: ConnectionReference,
    /// The session selector of the responder. Some peers send it with length zero.
    pub responding_selector: Bytes,
    /// The functional units of the responder. On confirm: those that both sides want.
    pub requirements: Requirements,
    /// Who has the turn first; never [`TokenSetting::ResponderChooses`] on confirm.
    pub tokens: TokenSetting,
    /// The answer of the session user.
    pub user_data: Bytes,
}

/// The parameters of S-ACTIVITY-RESUME (X.215 13.16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityResume {
    /// The new identifier.
    pub id: ActivityId,
    /// The identifier under which the activity was interrupted.
    pub old_id: ActivityId,
    /// The last confirmed point; numbering goes on after it.
    pub serial: SerialNumber,
    /// The connection on which the activity was interrupted; `None` when it is this one.
    pub old_connection: Option<ConnectionReference>,
    /// Travels with the resumption.
    pub user_data: Bytes,
}

/// The name of a session connection (X.225 8.3.1.4). RTSE fills it with BER values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConnectionReference {
    /// The reference of the initiator, at most 64 octets. Not in an accept by the letter, but peers copy it.
    pub calling: Bytes,
    /// The reference of the responder, at most 64 octets.
    pub called: Bytes,
    /// The reference both share, at most 64 octets.
    pub common: Bytes,
    /// At most 4 octets.
    pub additional: Bytes,
}

/// The functional units of X.225 as a bit set (T-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Requirements(pub u16);

impl Requirements {
    /// Half-duplex: who has the turn may send.
    pub const HALF_DUPLEX: Self = Self(0x0001);
    /// Minor synchronize.
    pub const MINOR_SYNCHRONIZE: Self = Self(0x0008);
    /// Activity management.
    pub const ACTIVITY_MANAGEMENT: Self = Self(0x0040);
    /// Exceptions.
    pub const EXCEPTIONS: Self = Self(0x0200);
    /// What RTSE needs: half-duplex, minor synchronize, activity management and exceptions.
    pub const RELIABLE_TRANSFER: Self = Self(0x0249);
    /// What a connect without the parameter means.
    pub const WHEN_ABSENT: Self = Self(0x0349);

    /// Whether every unit of `other` is in this set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The units in both sets.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Default for Requirements {
    fn default() -> Self {
        Self::RELIABLE_TRANSFER
    }
}

/// Who has the turn when the connection is established (T-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum TokenSetting {
    /// The side that connected.
    #[default]
    Initiator,
    /// The side that was connected to.
    Responder,
    /// The responder says so in its accept. In a response it counts as [`TokenSetting::Initiator`].
    ResponderChooses,
}

/// The number of a synchronization point, 0 to 999999 (X.225 8.3.1.6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SerialNumber(u32);

impl SerialNumber {
    /// The largest number that fits the six digits of the protocol.
    pub const MAX: Self = Self(999_999);

    /// The number, unless it needs more than six digits.
    pub fn new(number: u32) -> Option<Self> {
        (number <= Self::MAX.0).then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }

    /// The number after this one, unless it needs more than six digits.
    pub fn next(self) -> Option<Self> {
        Self::new(self.0 + 1)
    }
}

/// An activity identifier: one to six octets (X.225 8.3.22).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActivityId(Bytes);

impl ActivityId {
    /// The most octets an identifier may have.
    pub const MAX_OCTETS: usize = 6;

    /// The identifier, unless it is empty or longer than six octets.
    pub fn new(octets: Bytes) -> Option<Self> {
        (1..=Self::MAX_OCTETS).contains(&octets.len()).then_some(Self(octets))
    }

    /// The octets, as on the wire.
    pub fn octets(&self) -> &Bytes {
        &self.0
    }
}

/// Why an activity is in trouble: in exception reports, interrupts and discards (T-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExceptionReason {
    /// 0: nothing more specific.
    NoSpecificReason,
    /// 1: the receiver may not be able to go on.
    ReceivingAbilityJeopardized,
    /// 3: the session users disagree on the sequence.
    SequenceError,
    /// 5: a local error of the session user.
    LocalUserError,
    /// 6: a procedural error that cannot be repaired.
    UnrecoverableProceduralError,
    /// 128: the data token is wanted.
    DemandDataToken,
    /// A code that X.225 does not assign.
    Other(u8),
}

/// Who refused a connection, and why (T-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefuseReason {
    /// 0: the called session user gave no reason.
    RejectedByUser,
    /// 1: the called session user is too busy for now.
    TemporaryCongestion,
    /// 2: the called session user says why in its user data.
    RejectedByUserWithData,
    /// 129: no user has the called session selector.
    SelectorUnknown,
    /// 130: the called session user is not there.
    UserNotAttached,
    /// 131: the session provider is too busy for now.
    ProviderCongestion,
    /// 132: the responder speaks none of the proposed versions.
    VersionNotSupported,
    /// 133: the session provider gave no reason.
    ProviderRefused,
    /// 134: a restriction that the implementor of the responder states.
    ImplementationRestriction,
    /// The transport refused the connection; the reason octet of its disconnect request.
    Transport(u8),
    /// A code that X.225 does not assign.
    Other(u8),
}

/// Who or what ended a connection (S-P-ABORT, or S-U-ABORT that says nothing).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AbortReason {
    /// The transport connection was lost or closed.
    TransportDisconnected,
    /// We found the peer to break the session protocol.
    ProtocolErrorByPeer,
    /// The peer found us to break the session protocol.
    ProtocolErrorReported,
    /// The session provider of the peer gave no reason.
    Unspecified,
    /// The session user of the peer aborted, without data that could say why.
    User,
    /// The peer did not answer in time.
    TimedOut,
}
