//! Why an EDI notification is negative or forwarded (X.435 9.3 and 9.4): a reason of the user agent or store, of the user, or
//! of an access unit for physical delivery, each with a diagnostic.

crate::asn_choice! {
    /// Why a responsibility was not taken.
    pub enum NegativeReason {
        /// The user agent or message store says so.
        UserAgent(NegativeUserAgentReason) = imp(0),
        /// The user says so.
        User(NegativeUserReason) = imp(1),
        /// The access unit for physical delivery says so.
        PhysicalDelivery(NegativePhysicalReason) = imp(2),
    }
}

crate::asn_seq! {
    /// A reason of the user agent or message store.
    pub struct NegativeUserAgentReason {
        /// In general.
        basic_code: NegativeUserAgentCode = imp(0) req,
        /// In particular.
        diagnostic: NegativeUserAgentDiagnostic = imp(1) opt,
    }
}

crate::open_enum! {
    /// Reasons of a user agent or message store.
    pub struct NegativeUserAgentCode: INTEGER {
        /// Not said.
        UNSPECIFIED = 0 => "unspecified",
        /// The interchange cannot be given to the user.
        CANNOT_DELIVER_TO_USER = 1 => "cannot-deliver-to-user",
        /// It could not be given in time.
        DELIVERY_TIMEOUT = 2 => "delivery-timeout",
        /// It was thrown away.
        MESSAGE_DISCARDED = 3 => "message-discarded",
        /// The user is gone.
        SUBSCRIPTION_TERMINATED = 4 => "subscription-terminated",
        /// It could not be passed on.
        FORWARDING_ERROR = 5 => "forwarding-error",
        /// It is not secure.
        SECURITY_ERROR = 6 => "security-error",
    }
}

crate::open_enum! {
    /// Diagnostics of a user agent or message store.
    pub struct NegativeUserAgentDiagnostic: INTEGER {
        /// The protocol is broken.
        PROTOCOL_VIOLATION = 1 => "protocol-violation",
        /// Nobody knows the originator.
        EDIM_ORIGINATOR_UNKNOWN = 2 => "edim-originator-unknown",
        /// Nobody knows the recipient.
        EDIM_RECIPIENT_UNKNOWN = 3 => "edim-recipient-unknown",
        /// Several recipients could be meant.
        EDIM_RECIPIENT_AMBIGUOUS = 4 => "edim-recipient-ambiguous",
        /// The action is not done here.
        ACTION_REQUEST_NOT_SUPPORTED = 5 => "action-request-not-supported",
        /// Too late.
        EDIM_EXPIRED = 6 => "edim-expired",
        /// Another message replaced it.
        EDIM_OBSOLETED = 7 => "edim-obsoleted",
        /// It came before.
        DUPLICATE_EDIM = 8 => "duplicate-edim",
        /// Nobody knows an extension.
        UNSUPPORTED_EXTENSION = 9 => "unsupported-extension",
        /// Parts are missing.
        INCOMPLETE_COPY_REJECTED = 10 => "incomplete-copy-rejected",
        /// It is too large.
        EDIM_TOO_LARGE_FOR_APPLICATION = 11 => "edim-too-large-for-application",
        /// What was passed on was not delivered.
        FORWARDED_EDIM_NOT_DELIVERED = 12 => "forwarded-edim-not-delivered",
        /// Nobody says whether it was.
        FORWARDED_EDIM_DELIVERY_TIME_OUT = 13 => "forwarded-edim-delivery-time-out",
        /// It goes in circles.
        FORWARDING_LOOP_DETECTED = 14 => "forwarding-loop-detected",
        /// The responsibility can be neither taken nor passed on.
        UNABLE_TO_ACCEPT_RESPONSIBILITY = 15 => "unable-to-accept-responsibility",
        /// Nobody knows the sender in the interchange.
        INTERCHANGE_SENDER_UNKNOWN = 16 => "interchange-sender-unknown",
        /// Nobody knows the recipient in the interchange.
        INTERCHANGE_RECIPIENT_UNKNOWN = 17 => "interchange-recipient-unknown",
        /// A field of the heading is wrong.
        INVALID_HEADING_FIELD = 18 => "invalid-heading-field",
        /// The type of the interchange is wrong.
        INVALID_BODYPART_TYPE = 19 => "invalid-bodypart-type",
        /// The type of a message in it is wrong.
        INVALID_MESSAGE_TYPE = 20 => "invalid-message-type",
        /// Its syntax identifier is wrong.
        INVALID_SYNTAX_ID = 21 => "invalid-syntax-id",
        /// The message is not whole.
        MESSAGE_INTEGRITY_FAILURE = 22 => "message-integrity-failure",
        /// A forwarded message is not whole.
        FORWARDED_MESSAGE_INTEGRITY_FAILURE = 23 => "forwarded-message-integrity-failure",
        /// Nobody knows an algorithm.
        UNSUPPORTED_ALGORITHM = 24 => "unsupported-algorithm",
        /// It cannot be decrypted.
        DECRYPTION_FAILED = 25 => "decryption-failed",
        /// A token is wrong.
        TOKEN_ERROR = 26 => "token-error",
        /// The notification cannot be signed.
        UNABLE_TO_SIGN_NOTIFICATION = 27 => "unable-to-sign-notification",
        /// The receipt cannot be signed.
        UNABLE_TO_SIGN_MESSAGE_RECEIPT = 28 => "unable-to-sign-message-receipt",
        /// It is not authentic.
        AUTHENTICATION_FAILURE = 29 => "authentication-failure",
        /// Its security context is wrong.
        SECURITY_CONTEXT_FAILURE = 30 => "security-context-failure",
        /// It came out of its order.
        MESSAGE_SEQUENCE_FAILURE = 31 => "message-sequence-failure",
        /// Its label is wrong.
        MESSAGE_SECURITY_LABELLING_FAILURE = 32 => "message-security-labelling-failure",
        /// It could be denied.
        REPUDIATION_FAILURE = 33 => "repudiation-failure",
        /// A proof failed.
        PROOF_SERVICE_FAILURE = 34 => "proof-service-failure",
        /// Nobody knows the compression.
        COMPRESSION_UNSUPPORTED = 35 => "compression-unsupported",
    }
}

crate::asn_seq! {
    /// A reason of the user.
    pub struct NegativeUserReason {
        /// In general.
        basic_code: NegativeUserCode = imp(0) req,
        /// In particular: compression-unsupported 1, or what users agreed on.
        diagnostic: i64 = imp(1) opt,
    }
}

crate::open_enum! {
    /// Reasons of a user.
    pub struct NegativeUserCode: INTEGER {
        /// Not said.
        UNSPECIFIED = 0 => "unspecified",
        /// The interchange is malformed.
        SYNTAX_ERROR = 1 => "syntax-error",
        /// Nobody knows its sender.
        INTERCHANGE_SENDER_UNKNOWN = 2 => "interchange-sender-unknown",
        /// Nobody knows its recipient.
        INTERCHANGE_RECIPIENT_UNKNOWN = 3 => "interchange-recipient-unknown",
        /// A field of the heading is wrong.
        INVALID_HEADING_FIELD = 4 => "invalid-heading-field",
        /// The type of the interchange is wrong.
        INVALID_BODYPART_TYPE = 5 => "invalid-bodypart-type",
        /// The type of a message in it is wrong.
        INVALID_MESSAGE_TYPE = 6 => "invalid-message-type",
        /// A group of messages cannot be handled.
        FUNCTIONAL_GROUP_NOT_SUPPORTED = 7 => "functional-group-not-supported",
        /// The user is gone.
        SUBSCRIPTION_TERMINATED = 8 => "subscription-terminated",
        /// There is no agreement with the sender.
        NO_BILATERAL_AGREEMENT = 9 => "no-bilateral-agreement",
        /// As agreed.
        USER_DEFINED_REASON = 10 => "user-defined-reason",
    }
}

crate::asn_seq! {
    /// A reason of the access unit for physical delivery.
    pub struct NegativePhysicalReason {
        /// In general.
        basic_code: NegativePhysicalCode = imp(0) req,
        /// In particular: the diagnostic of that number in X.411.
        diagnostic: i64 = imp(1) opt,
    }
}

crate::open_enum! {
    /// Reasons of an access unit for physical delivery.
    pub struct NegativePhysicalCode: INTEGER {
        /// Not said.
        UNSPECIFIED = 0 => "unspecified",
        /// It cannot be delivered.
        UNDELIVERABLE_MAIL = 1 => "undeliverable-mail",
        /// It cannot be printed.
        PHYSICAL_RENDITION_NOT_PERFORMED = 2 => "physical-rendition-not-performed",
    }
}

crate::asn_choice! {
    /// Why a responsibility was passed on.
    pub enum ForwardedReason {
        /// The user agent or message store says so.
        UserAgent(ForwardedUserAgentReason) = imp(0),
        /// The user says so.
        User(ForwardedUserReason) = imp(1),
        /// The access unit for physical delivery says so.
        PhysicalDelivery(ForwardedPhysicalReason) = imp(2),
    }
}

crate::asn_seq! {
    /// A reason of the user agent or message store.
    pub struct ForwardedUserAgentReason {
        /// In general.
        basic_code: ForwardedUserAgentCode = imp(0) req,
        /// In particular: recipient-name-changed 1, recipient-name-deleted 2.
        diagnostic: i64 = imp(1) opt,
        /// Whether all security was checked before.
        security_check: bool = imp(2) def(false),
    }
}

crate::open_enum! {
    /// Reasons of a user agent or message store to pass a message on.
    pub struct ForwardedUserAgentCode: INTEGER {
        /// Not said.
        UNSPECIFIED = 0 => "unspecified",
        /// It is routed on.
        ONWARD_ROUTING = 1 => "onward-routing",
        /// Nobody knows the recipient.
        EDIM_RECIPIENT_UNKNOWN = 2 => "edim-recipient-unknown",
        /// Nobody knows the originator.
        EDIM_ORIGINATOR_UNKNOWN = 3 => "edim-originator-unknown",
        /// The store passes everything on.
        FORWARDED_BY_EDI_MS = 4 => "forwarded-by-edi-ms",
    }
}

crate::asn_seq! {
    /// A reason of the user.
    pub struct ForwardedUserReason {
        /// In general.
        basic_code: ForwardedUserCode = imp(0) req,
        /// In particular: what users agreed on.
        diagnostic: i64 = imp(1) opt,
    }
}

crate::open_enum! {
    /// Reasons of a user to pass a message on.
    pub struct ForwardedUserCode: INTEGER {
        /// Not said.
        UNSPECIFIED = 0 => "unspecified",
        /// To keep it.
        FORWARDED_FOR_ARCHIVING = 1 => "forwarded-for-archiving",
        /// To be known.
        FORWARDED_FOR_INFORMATION = 2 => "forwarded-for-information",
        /// To be worked on.
        FORWARDED_FOR_ADDITIONAL_ACTION = 3 => "forwarded-for-additional-action",
        /// The user is elsewhere.
        SUBSCRIPTION_CHANGED = 4 => "subscription-changed",
        /// A field of the heading cannot be handled.
        HEADING_FIELD_NOT_SUPPORTED = 5 => "heading-field-not-supported",
        /// The type of the interchange cannot be handled.
        BODYPART_TYPE_NOT_SUPPORTED = 6 => "bodypart-type-not-supported",
        /// The type of a message in it cannot be handled.
        MESSAGE_TYPE_NOT_SUPPORTED = 7 => "message-type-not-supported",
        /// Its syntax cannot be handled.
        SYNTAX_IDENTIFIER_NOT_SUPPORTED = 8 => "syntax-identifier-not-supported",
        /// Nobody knows its sender.
        INTERCHANGE_SENDER_UNKNOWN = 9 => "interchange-sender-unknown",
        /// As agreed.
        USER_DEFINED_REASON = 10 => "user-defined-reason",
    }
}

crate::asn_seq! {
    /// A reason of the access unit for physical delivery.
    pub struct ForwardedPhysicalReason {
        /// In general.
        basic_code: ForwardedPhysicalCode = imp(0) req,
        /// In particular: what was agreed on.
        diagnostic: i64 = imp(1) opt,
    }
}

crate::open_enum! {
    /// Reasons of an access unit for physical delivery to pass a message on.
    pub struct ForwardedPhysicalCode: INTEGER {
        /// Not said.
        UNSPECIFIED = 0 => "unspecified",
        /// To be printed and posted.
        FORWARDED_FOR_PHYSICAL_RENDITION_AND_DELIVERY = 1 => "forwarded-for-physical-rendition-and-delivery",
    }
}
