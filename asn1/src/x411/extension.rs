//! Extension fields (X.411 9): every one is kept as it came, and typed when somebody asks for its value.

use super::address::OrName;
use super::trace::{GlobalDomainIdentifier, InternalTraceInformation};
use crate::ber::Error;
use crate::prim::{Ia5String, ListAsSet, Octets, Oid, RawTlv, X400Time};

crate::asn_seq! {
    /// One extension.
    ///
    /// ```asn
    /// ExtensionField ::= SEQUENCE { type [0] | [3], criticality [1] DEFAULT {}, value [2] DEFAULT NULL }
    /// ```
    pub struct ExtensionField {
        /// Which extension.
        kind: ExtensionType = bare req,
        /// Where it must be understood.
        criticality: Criticality = imp(1) def(Criticality::default()),
        /// Its value; absent means NULL.
        value: RawTlv = exp(2) opt,
    }
}

/// Which extension. ISODE-based peers write the standard form with the universal INTEGER inside `[0]`; which form came is
/// remembered, so that a relay passes it on unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionType {
    /// `[0] IMPLICIT INTEGER`: an extension of the standard.
    Standard(i64),
    /// `[0] EXPLICIT INTEGER`: the same, as ISODE-based peers write and require it.
    StandardExplicit(i64),
    /// `[3]`: an extension of somebody else.
    Private(Oid),
    /// Neither, as it came.
    Unknown(RawTlv),
}

impl ExtensionType {
    /// The number of a standard extension, in whichever form it came.
    #[must_use]
    pub const fn number(&self) -> Option<i64> {
        match self {
            Self::Standard(number) | Self::StandardExplicit(number) => Some(*number),
            Self::Private(_) | Self::Unknown(_) => None,
        }
    }
}

/// How [`ExtensionType`] stands on the wire.
mod wire {
    use super::ExtensionType;
    use crate::ber::header::Header;
    use crate::prim::{Oid, RawTlv};
    use rasn::types::{Constraints, Identifier, Tag, TagTree};
    use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

    const STANDARD: Tag = Tag::new_context(0);
    const PRIVATE: Tag = Tag::new_context(3);

    impl AsnType for ExtensionType {
        const TAG: Tag = Tag::EOC;
        const TAG_TREE: TagTree = TagTree::Choice(&[TagTree::Leaf(STANDARD), TagTree::Leaf(PRIVATE)]);
        const IS_CHOICE: bool = true;
    }

    impl Decode for ExtensionType {
        fn decode_with_tag_and_constraints<D: Decoder>(
            decoder: &mut D,
            _: Tag,
            _: &Constraints,
        ) -> Result<Self, D::Error> {
            let raw = RawTlv::decode(decoder)?;
            let parsed = match (raw.tag(), raw.contents()) {
                (Some(STANDARD), Some(contents)) => {
                    let constructed = Header::read(raw.as_bytes()).is_ok_and(|header| header.constructed);
                    if constructed {
                        rasn::ber::decode(contents).ok().map(Self::StandardExplicit)
                    } else {
                        integer(contents).map(Self::Standard)
                    }
                }
                (Some(PRIVATE), Some(contents)) => {
                    let mut element = Vec::with_capacity(contents.len() + 2);
                    Header::write(Tag::OBJECT_IDENTIFIER, false, contents.len(), &mut element);
                    element.extend_from_slice(contents);
                    rasn::ber::decode::<Oid>(&element).ok().map(Self::Private)
                }
                _ => None,
            };
            Ok(parsed.unwrap_or(Self::Unknown(raw)))
        }
    }

    /// The value of INTEGER contents octets that fit 64 bits.
    fn integer(contents: &[u8]) -> Option<i64> {
        let (first, _) = contents.split_first()?;
        let start = if first & 0x80 == 0 { 0 } else { -1 };
        (contents.len() <= 8)
            .then(|| contents.iter().fold(start, |value, &octet| value << 8 | i64::from(octet)))
    }

    impl Encode for ExtensionType {
        fn encode<'b, E: Encoder<'b>>(&self, encoder: &mut E) -> Result<(), E::Error> {
            match self {
                Self::Standard(number) => number.encode_with_tag(encoder, STANDARD),
                Self::StandardExplicit(number) => {
                    encoder.encode_explicit_prefix(STANDARD, number, Identifier::EMPTY).map(drop)
                }
                Self::Private(oid) => oid.encode_with_tag(encoder, PRIVATE),
                Self::Unknown(raw) => raw.encode(encoder),
            }
        }

        fn encode_with_tag_and_constraints<'b, E: Encoder<'b>>(
            &self,
            encoder: &mut E,
            _: Tag,
            _: &Constraints,
            _: Identifier,
        ) -> Result<(), E::Error> {
            self.encode(encoder)
        }
    }
}

crate::named_bits! {
    /// Where an extension must be understood: a system that does not has to refuse.
    pub struct Criticality(minimum 0) {
        /// By the MTA it is submitted to.
        FOR_SUBMISSION = 0 => "for-submission",
        /// By every MTA that transfers it.
        FOR_TRANSFER = 1 => "for-transfer",
        /// By the MTA and user it is delivered to.
        FOR_DELIVERY = 2 => "for-delivery",
    }
}

/// An extension with a number and a type for its value.
pub trait Extension {
    /// The number (X.411 9.2, ledger A-18).
    const NUMBER: i64;
    /// Where the standard recommends that it must be understood, as bits of [`Criticality`].
    const CRITICALITY: &'static [usize];
    /// The type of the value.
    type Value: rasn::Decode + rasn::Encode;

    /// The extension with this value and the recommended criticality.
    ///
    /// # Errors
    /// As [`crate::ber::encode`].
    fn field(value: &Self::Value) -> Result<ExtensionField, Error> {
        Ok(ExtensionField {
            kind: ExtensionType::Standard(Self::NUMBER),
            criticality: Criticality::with(Self::CRITICALITY),
            value: Some(RawTlv::of(value)?),
            unknown: Vec::new(),
        })
    }

    /// The value, if the extension is among `fields`.
    ///
    /// # Errors
    /// When the value is not of the extension's type.
    fn find(fields: &[ExtensionField]) -> Result<Option<Self::Value>, Error> {
        fields
            .iter()
            .find(|field| field.kind.number() == Some(Self::NUMBER))
            .and_then(|field| field.value.as_ref())
            .map(RawTlv::get)
            .transpose()
    }
}

/// Declares extensions: name, number, value type, recommended criticality.
macro_rules! extensions {
    ($( $(#[$meta:meta])* $name:ident = $number:literal: $value:ty, [$($bit:ident),*]; )*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub struct $name;

            impl Extension for $name {
                const NUMBER: i64 = $number;
                const CRITICALITY: &'static [usize] = &[$(Criticality::$bit),*];
                type Value = $value;
            }
        )*
    };
}

extensions! {
    /// The originator forbids giving the message to somebody else.
    RecipientReassignmentProhibited = 1: Prohibited, [FOR_DELIVERY];
    /// Who gets it when the recipient cannot.
    OriginatorRequestedAlternateRecipient = 2: OrName, [FOR_SUBMISSION];
    /// The originator forbids expansion of lists.
    DlExpansionProhibited = 3: Prohibited, [FOR_DELIVERY];
    /// The originator forbids conversions that lose information.
    ConversionWithLossProhibited = 4: Prohibited, [FOR_DELIVERY];
    /// After this the message is worthless.
    LatestDeliveryTime = 5: X400Time, [FOR_DELIVERY];
    /// How the recipient prefers to get it, best first (integers of X.411).
    RequestedDeliveryMethod = 6: Vec<i64>, [];
    /// Physical delivery: not to be forwarded by post.
    PhysicalForwardingProhibited = 7: Prohibited, [FOR_DELIVERY];
    /// Physical delivery: report the forwarding address.
    PhysicalForwardingAddressRequest = 8: Requested, [FOR_DELIVERY];
    /// Physical delivery: ordinary mail, express, ….
    PhysicalDeliveryModes = 9: crate::prim::NamedBits, [FOR_DELIVERY];
    /// Physical delivery: registered mail.
    RegisteredMailType = 10: i64, [FOR_DELIVERY];
    /// Physical delivery: telephone number to call, 1 to 32 characters of T.61.
    RecipientNumberForAdvice = 11: crate::prim::TeletexString, [FOR_DELIVERY];
    /// Physical delivery: how to print it.
    PhysicalRenditionAttributes = 12: Oid, [FOR_DELIVERY];
    /// Where physical mail goes back to.
    OriginatorReturnAddress = 13: OrName, [];
    /// Physical delivery: which report is wanted.
    PhysicalDeliveryReportRequest = 14: i64, [FOR_DELIVERY];
    /// A proof of delivery is wanted.
    ProofOfDeliveryRequest = 22: Requested, [FOR_DELIVERY];
    /// Lets the originator tell what a report is about, at most 512 octets.
    ContentCorrelator = 23: ContentCorrelatorValue, [];
    /// Who the message was meant for before, oldest first; at most 512.
    RedirectionHistory = 25: Vec<Redirection>, [];
    /// Which lists the message went through, oldest first; at most 512.
    DlExpansionHistory = 26: Vec<DlExpansion>, [];
    /// Where physical mail was forwarded to.
    PhysicalForwardingAddress = 27: OrName, [];
    /// The originator and the lists a message went through, in a report.
    OriginatorAndDlExpansionHistory = 30: Vec<OriginatorOrDl>, [];
    /// The list that made a report.
    ReportingDlName = 31: OrName, [];
    /// Which MTAs the message passed, oldest first.
    InternalTrace = 38: InternalTraceInformation, [];
    /// The MTA that made a report.
    ReportingMtaName = 39: ReportingMta, [];
    /// Lists the message is not to reach again.
    DlExemptedRecipients = 42: ListAsSet<OrName>, [];
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber;

    /// Ledger A-02: DL-expansion-prohibited, critical for delivery; and the form that ISODE-based peers write (Q3).
    #[test]
    fn both_forms_of_the_type_are_read_and_kept() {
        let standard = [0x30, 0x0c, 0x80, 1, 3, 0x81, 2, 5, 0x20, 0xa2, 3, 0x0a, 1, 1];
        let isode = [0x30, 0x0e, 0xa0, 3, 2, 1, 3, 0x81, 2, 5, 0x20, 0xa2, 3, 0x0a, 1, 1];
        for (octets, kind) in
            [(&standard[..], ExtensionType::Standard(3)), (&isode, ExtensionType::StandardExplicit(3))]
        {
            let field: ExtensionField = ber::decode(octets, 100).unwrap();
            assert_eq!(field.kind, kind);
            assert!(field.criticality.has(Criticality::FOR_DELIVERY));
            assert_eq!(ber::encode(&field).unwrap(), octets);
            assert_eq!(DlExpansionProhibited::find(&[field]), Ok(Some(Prohibited::PROHIBITED)));
        }
        let built = DlExpansionProhibited::field(&Prohibited::PROHIBITED).unwrap();
        assert_eq!(ber::encode(&built).unwrap(), standard);
    }

    #[test]
    fn a_value_nobody_can_read_does_not_fail_the_field() {
        let octets = [0x30, 0x0a, 0x80, 1, 5, 0xa2, 5, 0x30, 3, 2, 1, 1];
        let field: ExtensionField = ber::decode(&octets, 100).unwrap();
        LatestDeliveryTime::find(&[field]).unwrap_err();
    }
}
