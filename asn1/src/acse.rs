//! Association control APDUs (X.227 9, T-22): [`Aarq`] and [`Aare`] open, [`Rlrq`] and [`Rlre`] close, [`Abrt`] aborts.

use crate::prim::{External, ExternalEncoding, GraphicString, NamedBits, Oid, RawTlv};

/// The application context of MTS transfer, 2.6.0.1.6 (X.419 11.1).
pub const MTS_TRANSFER: Oid = Oid::from_contents(&[0x56, 0x00, 0x01, 0x06]);

crate::asn_choice! {
    /// Every APDU of the protocol.
    pub enum Apdu {
        /// Associate request.
        Aarq(Aarq) = app(0),
        /// Associate response.
        Aare(Aare) = app(1),
        /// Release request.
        Rlrq(Rlrq) = app(2),
        /// Release response.
        Rlre(Rlre) = app(3),
        /// Abort.
        Abrt(Abrt) = app(4),
    }
}

crate::asn_seq! {
    /// Associate request.
    ///
    /// ```asn
    /// [APPLICATION 0] SEQUENCE {
    ///   protocol-version [0] BIT STRING?, application-context-name [1] OBJECT IDENTIFIER,
    ///   called: AP-title [2]?, AE-qualifier [3]?, AP-invocation [4]?, AE-invocation [5]?, calling: the same [6]..[9]?,
    ///   sender-acse-requirements [10]?, mechanism-name [11]?, calling-authentication-value [12]?,
    ///   application-context-name-list [13]?, implementation-information [29]?, user-information [30]? }
    /// ```
    pub struct Aarq default {
        /// Bit 0 is version 1, which absence means.
        protocol_version: NamedBits = imp(0) opt,
        /// What the association is for.
        application_context: Oid = exp(1) req,
        /// Title of the process asked for.
        called_ap_title: RawTlv = exp(2) opt,
        /// Qualifier of the entity asked for.
        called_ae_qualifier: RawTlv = exp(3) opt,
        /// Invocation of the process asked for.
        called_ap_invocation: i64 = exp(4) opt,
        /// Invocation of the entity asked for.
        called_ae_invocation: i64 = exp(5) opt,
        /// Title of the asking process.
        calling_ap_title: RawTlv = exp(6) opt,
        /// Qualifier of the asking entity.
        calling_ae_qualifier: RawTlv = exp(7) opt,
        /// Invocation of the asking process.
        calling_ap_invocation: i64 = exp(8) opt,
        /// Invocation of the asking entity.
        calling_ae_invocation: i64 = exp(9) opt,
        /// Functional units beyond the kernel.
        requirements: NamedBits = imp(10) opt,
        /// How the authentication value is made.
        mechanism: Oid = imp(11) opt,
        /// Who the asking entity proves to be.
        authentication: RawTlv = exp(12) opt,
        /// Application contexts to choose from.
        application_contexts: Vec<Oid> = imp(13) opt,
        /// The maker of the software.
        implementation: GraphicString = imp(29) opt,
        /// The values of the user, each in a presentation context.
        user_information: Vec<External> = imp(30) opt,
    }
}

crate::open_enum! {
    /// What became of an association.
    pub struct AssociateResult: INTEGER {
        /// It stands.
        ACCEPTED = 0 => "accepted",
        /// Trying again is pointless.
        REJECTED_PERMANENT = 1 => "rejected-permanent",
        /// Try later.
        REJECTED_TRANSIENT = 2 => "rejected-transient",
    }
}

crate::asn_choice! {
    /// Who gave the result, and why.
    pub enum SourceDiagnostic {
        /// The user of the service.
        User(UserDiagnostic) = exp(1),
        /// The provider.
        Provider(ProviderDiagnostic) = exp(2),
    }
}

crate::open_enum! {
    /// Why the user rejected an association.
    pub struct UserDiagnostic: INTEGER {
        /// Nothing to say.
        NULL = 0 => "null",
        /// No reason.
        NO_REASON = 1 => "no-reason-given",
        /// The application context is not known.
        CONTEXT_NOT_SUPPORTED = 2 => "application-context-name-not-supported",
        /// Calling AP title.
        CALLING_AP_TITLE = 3 => "calling-AP-title-not-recognized",
        /// Calling AP invocation.
        CALLING_AP_INVOCATION = 4 => "calling-AP-invocation-identifier-not-recognized",
        /// Calling AE qualifier.
        CALLING_AE_QUALIFIER = 5 => "calling-AE-qualifier-not-recognized",
        /// Calling AE invocation.
        CALLING_AE_INVOCATION = 6 => "calling-AE-invocation-identifier-not-recognized",
        /// Called AP title.
        CALLED_AP_TITLE = 7 => "called-AP-title-not-recognized",
        /// Called AP invocation.
        CALLED_AP_INVOCATION = 8 => "called-AP-invocation-identifier-not-recognized",
        /// Called AE qualifier.
        CALLED_AE_QUALIFIER = 9 => "called-AE-qualifier-not-recognized",
        /// Called AE invocation.
        CALLED_AE_INVOCATION = 10 => "called-AE-invocation-identifier-not-recognized",
        /// Mechanism name not known.
        MECHANISM_NOT_RECOGNIZED = 11 => "authentication-mechanism-name-not-recognized",
        /// Mechanism name missing.
        MECHANISM_REQUIRED = 12 => "authentication-mechanism-name-required",
        /// The value does not prove it.
        AUTHENTICATION_FAILURE = 13 => "authentication-failure",
        /// No value.
        AUTHENTICATION_REQUIRED = 14 => "authentication-required",
    }
}

crate::open_enum! {
    /// Why the provider rejected an association.
    pub struct ProviderDiagnostic: INTEGER {
        /// Nothing to say.
        NULL = 0 => "null",
        /// No reason.
        NO_REASON = 1 => "no-reason-given",
        /// Neither side's version.
        NO_COMMON_VERSION = 2 => "no-common-acse-version",
    }
}

crate::asn_seq! {
    /// Associate response.
    ///
    /// ```asn
    /// [APPLICATION 1] SEQUENCE {
    ///   protocol-version [0] BIT STRING?, application-context-name [1] OBJECT IDENTIFIER, result [2] INTEGER,
    ///   result-source-diagnostic [3], responding: AP-title [4]?, AE-qualifier [5]?, AP-invocation [6]?, AE-invocation [7]?,
    ///   responder-acse-requirements [8]?, mechanism-name [9]?, responding-authentication-value [10]?,
    ///   application-context-name-list [11]?, implementation-information [29]?, user-information [30]? }
    /// ```
    pub struct Aare {
        /// Bit 0 is version 1, which absence means.
        protocol_version: NamedBits = imp(0) opt,
        /// What the association is for.
        application_context: Oid = exp(1) req,
        /// Whether it stands.
        result: AssociateResult = exp(2) req,
        /// Who says so.
        diagnostic: SourceDiagnostic = exp(3) req,
        /// Title of the responding process.
        responding_ap_title: RawTlv = exp(4) opt,
        /// Qualifier of the responding entity.
        responding_ae_qualifier: RawTlv = exp(5) opt,
        /// Invocation of the responding process.
        responding_ap_invocation: i64 = exp(6) opt,
        /// Invocation of the responding entity.
        responding_ae_invocation: i64 = exp(7) opt,
        /// Functional units beyond the kernel.
        requirements: NamedBits = imp(8) opt,
        /// How the authentication value is made.
        mechanism: Oid = imp(9) opt,
        /// Who the responding entity proves to be.
        authentication: RawTlv = exp(10) opt,
        /// Application contexts that would be possible.
        application_contexts: Vec<Oid> = imp(11) opt,
        /// The maker of the software.
        implementation: GraphicString = imp(29) opt,
        /// The values of the user, each in a presentation context.
        user_information: Vec<External> = imp(30) opt,
    }
}

crate::open_enum! {
    /// Why a release is asked for.
    pub struct ReleaseRequestReason: INTEGER {
        /// All is done.
        NORMAL = 0 => "normal",
        /// It must end now.
        URGENT = 1 => "urgent",
        /// The user's own.
        USER_DEFINED = 30 => "user-defined",
    }
}

crate::open_enum! {
    /// The answer to a release.
    pub struct ReleaseResponseReason: INTEGER {
        /// All is done.
        NORMAL = 0 => "normal",
        /// Something was left to do.
        NOT_FINISHED = 1 => "not-finished",
        /// The user's own.
        USER_DEFINED = 30 => "user-defined",
    }
}

crate::asn_seq! {
    /// Release request: `[APPLICATION 2] SEQUENCE { reason [0]?, user-information [30]? }`
    pub struct Rlrq default {
        /// Why.
        reason: ReleaseRequestReason = imp(0) opt,
        /// The values of the user.
        user_information: Vec<External> = imp(30) opt,
    }
}

crate::asn_seq! {
    /// Release response: `[APPLICATION 3] SEQUENCE { reason [0]?, user-information [30]? }`
    pub struct Rlre default {
        /// How it went.
        reason: ReleaseResponseReason = imp(0) opt,
        /// The values of the user.
        user_information: Vec<External> = imp(30) opt,
    }
}

crate::open_enum! {
    /// Who aborted.
    pub struct AbortSource: INTEGER {
        /// The user of the service.
        USER = 0 => "acse-service-user",
        /// The provider.
        PROVIDER = 1 => "acse-service-provider",
    }
}

crate::open_enum! {
    /// Why an association was aborted, when the authentication unit is in use.
    pub struct AbortDiagnostic: ENUMERATED {
        /// No reason.
        NO_REASON = 1 => "no-reason-given",
        /// The protocol was broken.
        PROTOCOL_ERROR = 2 => "protocol-error",
        /// Mechanism name not known.
        MECHANISM_NOT_RECOGNIZED = 3 => "authentication-mechanism-name-not-recognized",
        /// Mechanism name missing.
        MECHANISM_REQUIRED = 4 => "authentication-mechanism-name-required",
        /// The value does not prove it.
        AUTHENTICATION_FAILURE = 5 => "authentication-failure",
        /// No value.
        AUTHENTICATION_REQUIRED = 6 => "authentication-required",
    }
}

crate::asn_seq! {
    /// Abort: `[APPLICATION 4] SEQUENCE { abort-source [0], abort-diagnostic [1]?, user-information [30]? }`
    pub struct Abrt default {
        /// Who.
        source: AbortSource = imp(0) req,
        /// Why.
        diagnostic: AbortDiagnostic = imp(1) opt,
        /// The values of the user.
        user_information: Vec<External> = imp(30) opt,
    }
}

/// A value of the user in a presentation context, with the direct reference that peers send beside the indirect one.
#[must_use]
pub const fn association_information(transfer_syntax: Oid, context: i64, value: RawTlv) -> External {
    External {
        direct_reference: Some(transfer_syntax),
        indirect_reference: Some(context),
        descriptor: None,
        encoding: ExternalEncoding::SingleAsn1Type(value),
        unknown: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
