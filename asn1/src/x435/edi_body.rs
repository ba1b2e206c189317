//! The body of an EDI message (X.435 8.3; ledger E-02).

use rasn::{AsnType, Decode, Decoder, Encode};

use super::edim::EdimHeading;
use crate::prim::{Captured, Null, Octets, TeletexString, X400Time};
use crate::x420::body::{ExternallyDefined, OtherMessageDeliveryFields};

crate::asn_seq! {
    /// The interchange, and what goes with it.
    pub struct EdimBody {
        /// The interchange, or a forwarded message.
        primary_body_part: PrimaryBodyPart = bare req,
        /// What goes with it.
        additional_body_parts: Vec<EdimExtendedBodyPart> = bare opt,
    }
}

crate::asn_choice! {
    /// The interchange, or a forwarded message.
    pub enum PrimaryBodyPart {
        /// The octets of the interchange.
        Edi(Octets) = imp(0),
        /// A forwarded message.
        Forwarded(ForwardedEdim) = imp(1),
    }
}

crate::asn_seq! {
    /// What goes with an interchange.
    pub struct EdimExtendedBodyPart {
        /// Its number in the message, for references.
        body_part_reference: i64 = imp(0) opt,
        /// The part: one of interpersonal messages.
        extended_body_part: ExternallyDefined = imp(1) req,
    }
}

crate::asn_seq! {
    /// A forwarded message.
    pub struct ForwardedEdim {
        /// How and when it had been delivered.
        parameters: EdimMessageParameters = imp(0) opt,
        /// The message; the tag of the SEQUENCE is that of the member.
        data: ForwardedEdimData = imp(1) req,
    }
}

crate::asn_set! {
    /// What was known of a message when it was forwarded.
    pub struct EdimMessageParameters default {
        /// When it had been delivered.
        delivery_time: X400Time = imp(0) opt,
        /// Its envelope then; together with the time.
        delivery_envelope: OtherMessageDeliveryFields = imp(1) opt,
        /// More words, 1 to 256 characters.
        other_parameters: TeletexString = imp(2) opt,
    }
}

/// A forwarded message, from which parts may have been removed. Messages nest as deep as a sender likes, so the body is
/// decoded when somebody asks for it.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct ForwardedEdimData {
    /// Its heading.
    pub heading: EdimHeading,
    /// Its body.
    pub body: Captured<BodyOrRemoved>,
}

crate::asn_seq! {
    /// The body of a forwarded message.
    pub struct BodyOrRemoved {
        /// Its primary part, if it is still there.
        primary_or_removed: PrimaryOrRemoved = bare req,
        /// Its other parts.
        additional_body_parts: Vec<AdditionalBodyPart> = bare opt,
    }
}

crate::asn_choice! {
    /// The primary part of a forwarded message.
    pub enum PrimaryOrRemoved {
        /// It was removed.
        RemovedEdiBody(Null) = imp(0),
        /// It is there.
        PrimaryBodyPart(PrimaryBodyPart) = exp(1),
    }
}

crate::asn_choice! {
    /// Another part of a forwarded message.
    pub enum AdditionalBodyPart {
        /// It is there.
        ExternalBodyPart(EdimExtendedBodyPart) = imp(0),
        /// Its data were removed.
        PlaceHolder(EdimExtendedBodyPart) = imp(1),
    }
}
