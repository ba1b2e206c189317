//! Reliable transfer APDUs (X.228 8.2).
//!
//! [`Rtorq`], [`Rtoac`] and [`Rtorj`] open an association, [`Apdu::Rttp`] asks for the turn, [`Apdu::Rttr`] carries a
//! part of a message, [`Rtab`] aborts. In X.410-1984 mode the members of the SETs stand in the presentation PPDUs
//! themselves, and some members exist in one mode only (T-30).

use crate::prim::{NamedBits, Octets, RawTlv, TeletexString, X400Time};

crate::asn_choice! {
    /// Every APDU of the protocol.
    pub enum Apdu {
        /// Open request.
        Rtorq(Rtorq) = imp(16),
        /// Open accept.
        Rtoac(Rtoac) = imp(17),
        /// Open reject.
        Rtorj(Rtorj) = imp(18),
        /// Turn please: the priority, 0 being the highest.
        Rttp(i64) = bare,
        /// A part of a message, at most one checkpoint long.
        Rttr(Octets) = bare,
        /// Abort.
        Rtab(Rtab) = imp(22),
    }
}

crate::open_enum! {
    /// Who may send messages.
    pub struct DialogueMode: INTEGER {
        /// Only the initiator.
        MONOLOGUE = 0 => "monologue",
        /// Whoever has the turn.
        TWO_WAY_ALTERNATE = 1 => "twa",
    }
}

crate::open_enum! {
    /// What is spoken over RTSE, where no application context says so.
    pub struct ApplicationProtocol: INTEGER {
        /// P1 of 1984.
        P1_1984 = 1 => "p1-1984",
        /// P1 of 1988 in X.410-1984 mode.
        P1_1988 = 12 => "p1-1988",
    }
}

crate::asn_set! {
    /// Open request.
    ///
    /// ```asn
    /// SET { checkpoint-size [0] INTEGER DEFAULT 0, window-size [1] INTEGER DEFAULT 3, dialogue-mode [2] DEFAULT monologue,
    ///       connection-data [3], application-protocol [4] INTEGER? }
    /// ```
    pub struct Rtorq default {
        /// Units of 1024 octets; 0 leaves the choice to the responder.
        checkpoint_size: i64 = imp(0) def(0),
        /// Unconfirmed checkpoints allowed.
        window_size: i64 = imp(1) def(3),
        /// Who may send.
        dialogue_mode: DialogueMode = imp(2) def(DialogueMode::MONOLOGUE),
        /// What the connection is for.
        connection_data: ConnectionData = exp(3) req,
        /// X.410-1984 mode only.
        application_protocol: ApplicationProtocol = imp(4) opt,
    }
}

crate::asn_set! {
    /// Open accept.
    ///
    /// ```asn
    /// SET { checkpoint-size [0] INTEGER DEFAULT 0, window-size [1] INTEGER DEFAULT 3, connection-data [2] }
    /// ```
    pub struct Rtoac default {
        /// Units of 1024 octets; 0 is no checkpoints at all.
        checkpoint_size: i64 = imp(0) def(0),
        /// Unconfirmed checkpoints allowed.
        window_size: i64 = imp(1) def(3),
        /// The answer to the request's.
        connection_data: ConnectionData = exp(2) req,
    }
}

crate::open_enum! {
    /// Why an X.410-1984 responder refused.
    pub struct RefuseReason: INTEGER {
        /// Too busy.
        RTS_BUSY = 0 => "rts-busy",
        /// The association to go on with is not known.
        CANNOT_RECOVER = 1 => "cannot-recover",
        /// Name or password.
        VALIDATION_FAILURE = 2 => "validation-failure",
        /// Monologue or two-way alternate.
        UNACCEPTABLE_DIALOGUE_MODE = 3 => "unacceptable-dialogue-mode",
    }
}

crate::asn_set! {
    /// Open reject.
    pub struct Rtorj default {
        /// X.410-1984 mode only.
        reason: RefuseReason = imp(0) opt,
        /// Normal mode only: the error of the bind.
        user_data: RawTlv = exp(1) opt,
    }
}

crate::open_enum! {
    /// Why an association was aborted.
    pub struct AbortReason: INTEGER {
        /// The aborting side is in trouble.
        LOCAL_SYSTEM_PROBLEM = 0 => "local-system-problem",
        /// A member is wrong; the reflected parameter says which.
        INVALID_PARAMETER = 1 => "invalid-parameter",
        /// An activity to resume is not known.
        UNRECOGNIZED_ACTIVITY = 2 => "unrecognized-activity",
        /// Try again later.
        TEMPORARY_PROBLEM = 3 => "temporary-problem",
        /// The protocol was broken.
        PROTOCOL_ERROR = 4 => "protocol-error",
        /// Do not try again.
        PERMANENT_ERROR = 5 => "permanent-error",
        /// The user aborted; its value is the user data.
        USER_ERROR = 6 => "user-error",
        /// A transfer to resume was complete.
        TRANSFER_COMPLETED = 7 => "transfer-completed",
    }
}

crate::asn_set! {
    /// Abort.
    pub struct Rtab default {
        /// Why.
        reason: AbortReason = imp(0) opt,
        /// Eight bits at most: which member was wrong.
        reflected_parameter: NamedBits = imp(1) opt,
        /// The value of the aborting user.
        user_data: RawTlv = exp(2) opt,
    }
}

crate::asn_choice! {
    /// Whether a new association begins or an interrupted one goes on.
    pub enum ConnectionData {
        /// A new one: the bind.
        Open(RawTlv) = exp(0),
        /// The one to go on with.
        Recover(SessionConnectionIdentifier) = imp(1),
    }
}

impl Default for ConnectionData {
    fn default() -> Self {
        Self::Open(RawTlv::default())
    }
}

crate::asn_seq! {
    /// The name of a session connection.
    ///
    /// ```asn
    /// SEQUENCE { calling-reference CHOICE { T61String, OCTET STRING }, common-reference UTCTime,
    ///            additional-reference [0] T61String? }
    /// ```
    pub struct SessionConnectionIdentifier {
        /// The initiator's name.
        calling_reference: CallingReference = bare req,
        /// When it was made.
        common_reference: X400Time = bare req,
        /// Tells connections of one moment apart.
        additional_reference: TeletexString = imp(0) opt,
    }
}

crate::asn_choice! {
    /// The initiator's name.
    pub enum CallingReference {
        /// X.410-1984 mode.
        Text(TeletexString) = bare,
        /// Normal mode.
        Octets(Octets) = bare,
    }
}

#[cfg(test)]
mod tests;
