//! Extension fields (X.411 9): every one is kept as it came, and typed when somebody asks for its value.
//!
//! * [`Extended`] – what has extensions, and their values by type;
//! * [`standard`] – the extensions of the standard, and their catalogue;
//! * [`value`] – the types of their values, as far as they are used nowhere else.

mod holder;
pub mod standard;
pub mod value;

pub use holder::Extended;
pub use standard::*;
pub use value::*;

use crate::ber::Error;
use crate::prim::{Oid, RawTlv};

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
