//! Values of extensions that are used nowhere else.

use crate::prim::{Ia5String, Octets, RawTlv, X400Time};
use crate::x411::address::OrName;
use crate::x411::trace::GlobalDomainIdentifier;

crate::open_enum! {
    /// Whether something is allowed.
    pub struct Prohibited: ENUMERATED {
        /// It is.
        ALLOWED = 0 => "allowed",
        /// It is not.
        PROHIBITED = 1 => "prohibited",
    }
}

crate::open_enum! {
    /// Whether something is wanted.
    pub struct Requested: ENUMERATED {
        /// It is not.
        NOT_REQUESTED = 0 => "not-requested",
        /// It is.
        REQUESTED = 1 => "requested",
    }
}

crate::asn_choice! {
    /// A content correlator in characters or octets.
    pub enum ContentCorrelatorValue {
        /// Characters, as X.411 has had it since 1992.
        Characters(Ia5String) = bare,
        /// Octets, as 1988 peers write it.
        Octets(Octets) = bare,
    }
}

crate::asn_seq! {
    /// One redirection.
    pub struct Redirection {
        /// Who it was meant for, and when it was redirected.
        intended_recipient: IntendedRecipient = bare req,
        /// Why.
        reason: RedirectionReason = bare req,
    }
}

crate::asn_seq! {
    /// A recipient that was replaced.
    pub struct IntendedRecipient {
        /// Who.
        recipient: OrName = bare req,
        /// When.
        redirection_time: X400Time = bare req,
    }
}

crate::open_enum! {
    /// Why a message was redirected.
    pub struct RedirectionReason: ENUMERATED {
        /// The recipient wanted it so.
        RECIPIENT_ASSIGNED_ALTERNATE_RECIPIENT = 0 => "recipient-assigned-alternate-recipient",
        /// The originator wanted it so.
        ORIGINATOR_REQUESTED_ALTERNATE_RECIPIENT = 1 => "originator-requested-alternate-recipient",
        /// The recipient's domain wanted it so.
        RECIPIENT_DOMAIN_ASSIGNED_ALTERNATE_RECIPIENT = 2 => "recipient-MD-assigned-alternate-recipient",
        /// The directory said so.
        DIRECTORY_LOOK_UP = 3 => "directory-look-up",
        /// The name was another name of the same recipient.
        ALIAS = 4 => "alias",
    }
}

crate::asn_seq! {
    /// One expansion of a list.
    pub struct DlExpansion {
        /// The list.
        list: OrName = bare req,
        /// When.
        expansion_time: X400Time = bare req,
    }
}

crate::asn_seq! {
    /// The originator, or a list the message went through.
    pub struct OriginatorOrDl {
        /// Who.
        name: OrName = bare req,
        /// When it was sent or expanded.
        time: X400Time = bare req,
    }
}

crate::asn_seq! {
    /// The MTA that made a report.
    pub struct ReportingMta {
        /// Its domain.
        domain: GlobalDomainIdentifier = bare req,
        /// Its name, 1 to 32 characters.
        mta_name: Ia5String = bare req,
        /// Its name in the directory, as it came.
        directory_name: RawTlv = exp(0) opt,
    }
}
