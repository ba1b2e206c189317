//! EXTERNAL (X.690 8.18), which also stands for INSTANCE OF.

use rasn::Decode;

use super::{NamedBits, ObjectDescriptor, Octets, Oid, RawTlv};
use crate::ber::{self, Error};

crate::asn_seq! {
    /// A value of a type named elsewhere.
    ///
    /// ```asn
    /// [UNIVERSAL 8] SEQUENCE { direct-reference OBJECT IDENTIFIER?, indirect-reference INTEGER?,
    ///                          descriptor ObjectDescriptor?, encoding }
    /// ```
    pub struct External [UNIVERSAL 8] {
        /// Names the type of the value.
        direct_reference: Oid = bare opt,
        /// A presentation context.
        indirect_reference: i64 = bare opt,
        /// Text for a reader.
        descriptor: ObjectDescriptor = bare opt,
        /// The value.
        encoding: ExternalEncoding = bare req,
    }
}

crate::asn_choice! {
    /// How the value inside an EXTERNAL is held.
    pub enum ExternalEncoding {
        /// As one BER element.
        SingleAsn1Type(RawTlv) = exp(0),
        /// As octets.
        OctetAligned(Octets) = imp(1),
        /// As bits.
        Arbitrary(NamedBits) = imp(2),
    }
}

impl External {
    /// A value named by an object identifier, as one BER element: the form X.420 prefers.
    #[must_use]
    pub const fn single(direct_reference: Oid, value: RawTlv) -> Self {
        Self {
            direct_reference: Some(direct_reference),
            indirect_reference: None,
            descriptor: None,
            encoding: ExternalEncoding::SingleAsn1Type(value),
            unknown: Vec::new(),
        }
    }

    /// The value inside, decoded now, in whichever form it is held: as one element, as octets that are one, or as bits
    /// that are such octets (ledger B-38).
    ///
    /// # Errors
    /// As [`ber::decode`].
    pub fn value<T: Decode>(&self) -> Result<T, Error> {
        match &self.encoding {
            ExternalEncoding::SingleAsn1Type(element) => element.get(),
            ExternalEncoding::OctetAligned(octets) => ber::decode(&octets.0, octets.0.len()),
            ExternalEncoding::Arbitrary(bits) => {
                let octets = bits.to_octets();
                ber::decode(&octets, octets.len())
            }
            ExternalEncoding::Unknown(element) => element.get(),
        }
    }

    /// The octets of a value that is an OCTET STRING, whole or in segments. Held as octets or bits they are the value
    /// itself (ledger B-35 and B-38).
    ///
    /// # Errors
    /// As [`ber::decode`], when the value is something else.
    pub fn octets(&self) -> Result<Octets, Error> {
        match &self.encoding {
            ExternalEncoding::OctetAligned(octets) => Ok(octets.clone()),
            ExternalEncoding::Arbitrary(bits) if bits.len().is_multiple_of(8) => Ok(bits.to_octets().into()),
            _ => self.value(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ledger B-35 and B-38: the forms that peers use, and what is none.
    #[test]
    fn values_are_read_in_every_form() {
        let held = |encoding| External {
            encoding,
            ..External::single(Oid::from_contents(&[0x2a]), RawTlv::default())
        };
        let element = [4, 2, b'a', b'b'];
        let single = held(ExternalEncoding::SingleAsn1Type(RawTlv::from_element(element.to_vec())));
        let aligned = held(ExternalEncoding::OctetAligned(Octets::from(&b"ab"[..])));
        let bits = held(ExternalEncoding::Arbitrary(NamedBits::from_octets(b"ab")));
        for external in [single, aligned, bits] {
            assert_eq!(external.octets(), Ok(Octets::from(&b"ab"[..])), "{external:?}");
        }
        let encoded = [
            ExternalEncoding::OctetAligned(Octets::from(&[2, 1, 7][..])),
            ExternalEncoding::Arbitrary(NamedBits::from_octets(&[2, 1, 7])),
            ExternalEncoding::SingleAsn1Type(RawTlv::from_element(vec![2, 1, 7])),
        ];
        for encoding in encoded {
            assert_eq!(held(encoding).value(), Ok(7_i64));
        }
        held(ExternalEncoding::Arbitrary(NamedBits::with(&[2], 0))).octets().unwrap_err();
        held(ExternalEncoding::SingleAsn1Type(RawTlv::from_element(vec![5, 0]))).octets().unwrap_err();
    }
}
