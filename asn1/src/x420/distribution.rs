//! Heading extensions for the traffic of organizations (X.420 Annex A; ledger A-32): circulation lists, distribution codes,
//! information categories.

use super::heading::{IpmIdentifier, OrDescriptor, RecipientSpecifier, heading_extensions};
use crate::prim::{GeneralizedTime, NamedBits, Null, Oid};
use crate::x411::address::UniversalOrBmp;
use crate::x411::security::AlgorithmIdentifier;
use rasn::{AsnType, Decode, Decoder, Encode};

heading_extensions! {
    /// Who is to see the message one after the other, 2 to 256: 2.6.1.5.6.
    CirculationListRecipients = &[0x56, 1, 5, 6] => Vec<CirculationMember>;
    /// Codes by which a receiving organization distributes it, 1 to 16: 2.6.1.5.7.
    DistributionCodes = &[0x56, 1, 5, 7] => Vec<DistributionCode>;
    /// What kind of information it is, 1 to 16 categories: 2.6.1.5.9.
    InformationCategories = &[0x56, 1, 5, 9] => Vec<InformationCategory>;
}

crate::asn_set! {
    /// One of those who see a message one after the other.
    pub struct CirculationMember {
        /// Who; with a formal name.
        circulation_recipient: RecipientSpecifier = bare req,
        /// The mark of having seen it.
        checked: Checkmark = bare opt,
    }
}

crate::asn_choice! {
    /// The mark of having seen a message.
    pub enum Checkmark {
        /// Seen.
        Simple(Null) = bare,
        /// Seen then.
        Timestamped(GeneralizedTime) = bare,
        /// Seen then, and signed.
        Signed(CirculationSignature) = bare,
    }
}

/// A mark and its signature. Two members have the tag of a SEQUENCE, so it is read in order.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct CirculationSignature {
    /// What is signed.
    pub data: CirculationSignatureData,
    /// How.
    pub algorithm_identifier: AlgorithmIdentifier,
    /// The signature.
    pub encrypted: NamedBits,
}

crate::asn_seq! {
    /// What a signed mark says.
    pub struct CirculationSignatureData {
        /// How it is signed.
        algorithm_identifier: AlgorithmIdentifier = bare req,
        /// The message seen.
        this_ipm: IpmIdentifier = bare req,
        /// When.
        timestamp: GeneralizedTime = bare req,
    }
}

crate::asn_seq! {
    /// A code by which a receiving organization distributes messages.
    pub struct DistributionCode default {
        /// As an object identifier.
        oid_code: Oid = bare opt,
        /// As letters and digits, at most 16.
        alphanumeric_code: UniversalOrBmp = bare opt,
        /// The organization that gave the code.
        or_descriptor: OrDescriptor = imp(0) opt,
    }
}

crate::asn_seq! {
    /// A kind of information.
    pub struct InformationCategory default {
        /// As an object identifier.
        reference: Oid = imp(0) opt,
        /// In words, at most 64 characters.
        description: UniversalOrBmp = imp(1) opt,
    }
}
