//! Presentation PPDUs of the kernel (X.226 8.2): connect, abort, and the user data that carries everything else.
//!
//! An association in normal mode begins with [`Cp`], answered by [`Cpa`] or [`Cpr`], inside the user data of session
//! connect, accept and refuse. [`UserData`] wraps each value exchanged afterwards. [`Aru`] and [`Arp`] abort. In
//! X.410-1984 mode the same PPDUs hold the members of the RTSE APDUs instead (X.226 6.2).

use crate::prim::{ExternalEncoding, NamedBits, Octets, Oid, RawTlv};
use crate::rtse::{Rtab, Rtoac, Rtorj, Rtorq};

/// Basic Encoding Rules as a transfer syntax, 2.1.1.
pub const BER: Oid = Oid::from_contents(&[0x51, 0x01]);

/// The abstract syntaxes of the MTS transfer application context (X.419; T-21).
pub mod abstract_syntax {
    use crate::prim::Oid;

    /// ACSE APDUs, 2.2.1.0.1.
    pub const ACSE: Oid = Oid::from_contents(&[0x52, 0x01, 0x00, 0x01]);
    /// RTSE APDUs and the MTA bind, 2.6.0.2.12.
    pub const MTA_RTSE: Oid = Oid::from_contents(&[0x56, 0x00, 0x02, 0x0c]);
    /// MTS-APDUs, 2.6.0.2.7.
    pub const MTSE: Oid = Oid::from_contents(&[0x56, 0x00, 0x02, 0x07]);
}

crate::open_enum! {
    /// Which of the two forms of presentation protocol is spoken.
    pub struct Mode: INTEGER {
        /// X.410-1984: RTSE directly over session.
        X410_1984 = 0 => "x410-1984-mode",
        /// The full protocol.
        NORMAL = 1 => "normal-mode",
    }
}

crate::asn_set! {
    /// `SET { mode-value [0] INTEGER }`
    pub struct ModeSelector default {
        /// The mode.
        mode: Mode = imp(0) req,
    }
}

impl ModeSelector {
    /// A selector for a mode.
    #[must_use]
    pub const fn of(mode: Mode) -> Self {
        Self { mode, unknown: Vec::new() }
    }
}

crate::asn_set! {
    /// Connect presentation: the first PPDU.
    ///
    /// ```asn
    /// SET { mode-selector [0], x410-mode-parameters [1]?, normal-mode-parameters [2]? }
    /// ```
    pub struct Cp default {
        /// Says which of the other members is there.
        mode_selector: ModeSelector = imp(0) req,
        /// The members of an RTORQ APDU.
        x410: Rtorq = imp(1) opt,
        /// The parameters of normal mode.
        normal: CpNormal = imp(2) opt,
    }
}

crate::asn_seq! {
    /// The parameters of a [`Cp`] in normal mode.
    ///
    /// ```asn
    /// SEQUENCE { protocol-version [0]?, calling-presentation-selector [1]?, called-presentation-selector [2]?,
    ///            presentation-context-definition-list [4]?, default-context-name [6]?, presentation-requirements [8]?,
    ///            user-session-requirements [9]?, user-data? }
    /// ```
    pub struct CpNormal default {
        /// Bit 0 is version 1, which absence means.
        protocol_version: NamedBits = imp(0) opt,
        /// P-selector of the initiator.
        calling_selector: Octets = imp(1) opt,
        /// P-selector of the responder.
        called_selector: Octets = imp(2) opt,
        /// The contexts proposed.
        contexts: Vec<ContextDefinition> = imp(4) opt,
        /// An abstract and a transfer syntax without identifier.
        default_context: RawTlv = exp(6) opt,
        /// Functional units beyond the kernel.
        requirements: NamedBits = imp(8) opt,
        /// Session functional units, when they differ from what session negotiated.
        session_requirements: NamedBits = imp(9) opt,
        /// The values of the connect, each in one of the contexts.
        user_data: UserData = bare opt,
    }
}

crate::asn_seq! {
    /// One presentation context proposed.
    ///
    /// ```asn
    /// SEQUENCE { presentation-context-identifier INTEGER, abstract-syntax-name OBJECT IDENTIFIER,
    ///            transfer-syntax-name-list SEQUENCE OF OBJECT IDENTIFIER }
    /// ```
    pub struct ContextDefinition default {
        /// Odd when the initiator chose it.
        id: i64 = bare req,
        /// What is spoken in the context.
        abstract_syntax: Oid = bare req,
        /// The encodings the proposer can do.
        transfer_syntaxes: Vec<Oid> = bare req,
    }
}

crate::open_enum! {
    /// What became of a proposed context.
    pub struct ContextResult: INTEGER {
        /// The context is defined.
        ACCEPTANCE = 0 => "acceptance",
        /// The user does not want it.
        USER_REJECTION = 1 => "user-rejection",
        /// The presentation provider cannot do it.
        PROVIDER_REJECTION = 2 => "provider-rejection",
    }
}

crate::open_enum! {
    /// Why the provider rejected a context.
    pub struct ContextReason: INTEGER {
        /// No reason.
        NOT_SPECIFIED = 0 => "reason-not-specified",
        /// Nobody here speaks it.
        ABSTRACT_SYNTAX_NOT_SUPPORTED = 1 => "abstract-syntax-not-supported",
        /// None of the encodings is known.
        TRANSFER_SYNTAXES_NOT_SUPPORTED = 2 => "proposed-transfer-syntaxes-not-supported",
        /// Too many contexts.
        LIMIT_EXCEEDED = 3 => "local-limit-on-DCS-exceeded",
    }
}

crate::asn_seq! {
    /// The answer to one proposed context; answers come in the order of the proposals.
    pub struct ContextAnswer default {
        /// Whether it is defined.
        result: ContextResult = imp(0) req,
        /// The encoding chosen.
        transfer_syntax: Oid = imp(1) opt,
        /// Why the provider rejected it.
        reason: ContextReason = imp(2) opt,
    }
}

crate::asn_set! {
    /// Connect presentation accept.
    pub struct Cpa default {
        /// As in the connect.
        mode_selector: ModeSelector = imp(0) req,
        /// The members of an RTOAC APDU.
        x410: Rtoac = imp(1) opt,
        /// The parameters of normal mode.
        normal: CpaNormal = imp(2) opt,
    }
}

crate::asn_seq! {
    /// The parameters of a [`Cpa`] in normal mode.
    pub struct CpaNormal default {
        /// Bit 0 is version 1, which absence means.
        protocol_version: NamedBits = imp(0) opt,
        /// P-selector of the responder.
        responding_selector: Octets = imp(3) opt,
        /// One answer for each context proposed.
        results: Vec<ContextAnswer> = imp(5) opt,
        /// Functional units beyond the kernel.
        requirements: NamedBits = imp(8) opt,
        /// Session functional units, when they differ from what session negotiated.
        session_requirements: NamedBits = imp(9) opt,
        /// The values of the accept.
        user_data: UserData = bare opt,
    }
}

crate::asn_choice! {
    /// Connect presentation reject.
    pub enum Cpr {
        /// The members of an RTORJ APDU.
        X410(Rtorj) = bare,
        /// Normal mode.
        Normal(CprNormal) = bare,
    }
}

crate::open_enum! {
    /// Why the presentation provider rejected a connect.
    pub struct ProviderReason: INTEGER {
        /// No reason.
        NOT_SPECIFIED = 0 => "reason-not-specified",
        /// Too busy.
        TEMPORARY_CONGESTION = 1 => "temporary-congestion",
        /// Too busy for this connect.
        LOCAL_LIMIT_EXCEEDED = 2 => "local-limit-exceeded",
        /// The P-selector.
        CALLED_ADDRESS_UNKNOWN = 3 => "called-presentation-address-unknown",
        /// Neither side's version.
        VERSION_NOT_SUPPORTED = 4 => "protocol-version-not-supported",
        /// The default context.
        DEFAULT_CONTEXT_NOT_SUPPORTED = 5 => "default-context-not-supported",
        /// The values of the connect.
        USER_DATA_NOT_READABLE = 6 => "user-data-not-readable",
        /// Nobody is there.
        NO_PSAP_AVAILABLE = 7 => "no-PSAP-available",
    }
}

crate::asn_seq! {
    /// A [`Cpr`] in normal mode. Without a provider reason it is the user who refused.
    pub struct CprNormal default {
        /// Bit 0 is version 1, which absence means.
        protocol_version: NamedBits = imp(0) opt,
        /// P-selector of the responder.
        responding_selector: Octets = imp(3) opt,
        /// One answer for each context proposed.
        results: Vec<ContextAnswer> = imp(5) opt,
        /// The answer to the default context.
        default_context_result: ContextResult = imp(7) opt,
        /// Why the provider refused.
        provider_reason: ProviderReason = imp(10) opt,
        /// The values of the refusal.
        user_data: UserData = bare opt,
    }
}

crate::asn_choice! {
    /// Abnormal release by the user.
    pub enum Aru {
        /// The members of an RTAB APDU.
        X410(Rtab) = bare,
        /// Normal mode.
        Normal(AruNormal) = imp(0),
    }
}

crate::asn_seq! {
    /// An [`Aru`] in normal mode.
    pub struct AruNormal default {
        /// The contexts used in the user data, repeated in case the connect was not read yet.
        contexts: Vec<ContextIdentifier> = imp(0) opt,
        /// The values of the abort.
        user_data: UserData = bare opt,
    }
}

crate::asn_seq! {
    /// A context and its encoding.
    pub struct ContextIdentifier default {
        /// The context.
        id: i64 = bare req,
        /// Its encoding.
        transfer_syntax: Oid = bare req,
    }
}

crate::open_enum! {
    /// Why a presentation provider aborted.
    pub struct AbortReason: INTEGER {
        /// No reason.
        NOT_SPECIFIED = 0 => "reason-not-specified",
        /// Octets that are no PPDU.
        UNRECOGNIZED_PPDU = 1 => "unrecognized-ppdu",
        /// A PPDU at the wrong time.
        UNEXPECTED_PPDU = 2 => "unexpected-ppdu",
        /// A session primitive at the wrong time.
        UNEXPECTED_SESSION_PRIMITIVE = 3 => "unexpected-session-service-primitive",
        /// A member nobody knows.
        UNRECOGNIZED_PARAMETER = 4 => "unrecognized-ppdu-parameter",
        /// A member that does not belong.
        UNEXPECTED_PARAMETER = 5 => "unexpected-ppdu-parameter",
        /// A value that is not allowed.
        INVALID_PARAMETER_VALUE = 6 => "invalid-ppdu-parameter-value",
    }
}

crate::asn_seq! {
    /// Abnormal release by the provider.
    pub struct Arp default {
        /// Why.
        reason: AbortReason = imp(0) opt,
        /// The number of the PPDU or primitive that caused it.
        event: i64 = imp(1) opt,
    }
}

crate::asn_choice! {
    /// Values in presentation contexts (X.226 8.4.2).
    pub enum UserData {
        /// Octets of the one context there is.
        Simple(Octets) = app(0),
        /// Values that name their contexts.
        Full(Vec<PdvList>) = app(1),
    }
}

crate::asn_seq! {
    /// One value, or several of one context.
    ///
    /// ```asn
    /// SEQUENCE { transfer-syntax-name OBJECT IDENTIFIER?, presentation-context-identifier INTEGER,
    ///            presentation-data-values CHOICE { single-ASN1-type [0], octet-aligned [1], arbitrary [2] } }
    /// ```
    pub struct PdvList {
        /// Needed only in a connect that proposes several encodings.
        transfer_syntax: Oid = bare opt,
        /// The context.
        context: i64 = bare req,
        /// The value: the alternatives are those of EXTERNAL.
        values: ExternalEncoding = bare req,
    }
}

impl UserData {
    /// One BER value in one context.
    #[must_use]
    pub fn single(context: i64, value: RawTlv) -> Self {
        let values = ExternalEncoding::SingleAsn1Type(value);
        Self::Full(vec![PdvList { transfer_syntax: None, context, values, unknown: Vec::new() }])
    }
}

#[cfg(test)]
mod tests;
