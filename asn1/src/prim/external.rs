//! EXTERNAL (X.690 8.18), which also stands for INSTANCE OF.

use super::{NamedBits, ObjectDescriptor, Octets, Oid, RawTlv};

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
}
