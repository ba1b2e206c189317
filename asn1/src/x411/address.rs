//! O/R names and addresses (X.411 8.5.5, X.402 18).

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::prim::{ListAsSet, NumericString, Octets, PrintableString, RawTlv, TeletexString};

mod attribute;
pub mod text;
mod universal;

pub use attribute::*;
pub use universal::*;

/// An O/R name: an address, a directory name, or both. Its second and third members share a tag, so it is read in order.
///
/// ```asn
/// ORName ::= [APPLICATION 0] SEQUENCE { -- COMPONENTS OF -- ORAddress, directory-name [0] Name OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, AsnType, Decode, Encode)]
#[rasn(tag(application, 0))]
pub struct OrName {
    /// Attributes known to the 1984 standard.
    pub standard: StandardAttributes,
    /// Domain-defined attributes, most significant first; at most 4.
    pub domain_defined: Option<Vec<DomainDefinedAttribute>>,
    /// Attributes of 1988 and later.
    pub extension: Option<ExtensionAttributes>,
    /// A directory distinguished name, as it came.
    #[rasn(tag(explicit(context, 0)))]
    pub directory_name: Option<RawTlv>,
}

/// An O/R address by itself, without the tag of a name.
#[derive(Debug, Clone, PartialEq, Eq, Default, AsnType, Decode, Encode)]
pub struct OrAddress {
    /// Attributes known to the 1984 standard.
    pub standard: StandardAttributes,
    /// Domain-defined attributes, most significant first; at most 4.
    pub domain_defined: Option<Vec<DomainDefinedAttribute>>,
    /// Attributes of 1988 and later.
    pub extension: Option<ExtensionAttributes>,
}

impl From<OrAddress> for OrName {
    fn from(address: OrAddress) -> Self {
        let OrAddress { standard, domain_defined, extension } = address;
        Self { standard, domain_defined, extension, directory_name: None }
    }
}

impl From<OrName> for OrAddress {
    /// The address of a name; a directory name is left behind.
    fn from(name: OrName) -> Self {
        let OrName { standard, domain_defined, extension, directory_name: _ } = name;
        Self { standard, domain_defined, extension }
    }
}

crate::asn_seq! {
    /// The built-in standard attributes.
    pub struct StandardAttributes default {
        /// `C`: two letters, or three digits of X.121.
        country: DomainName = eapp(1) opt,
        /// `ADMD`, 0 to 16 characters; one space means "any".
        administration_domain: DomainName = eapp(2) opt,
        /// `X121`, 1 to 16 digits.
        network_address: NumericString = imp(0) opt,
        /// `T-ID`, 1 to 24 characters.
        terminal_identifier: PrintableString = imp(1) opt,
        /// `PRMD`, 1 to 16 characters.
        private_domain: DomainName = exp(2) opt,
        /// `O`, 1 to 64 characters.
        organization: PrintableString = imp(3) opt,
        /// `UA-ID`, 1 to 32 digits.
        numeric_user_identifier: NumericString = imp(4) opt,
        /// `S`, `G`, `I`, `GQ`.
        personal_name: PersonalName = imp(5) opt,
        /// `OU`, most significant first; at most 4, 1 to 32 characters each.
        organizational_units: Vec<PrintableString> = imp(6) opt,
    }
}

crate::asn_choice! {
    /// A country or management domain: numeric or printable.
    pub enum DomainName {
        /// Digits.
        Numeric(NumericString) = bare,
        /// Characters.
        Printable(PrintableString) = bare,
    }
}

impl DomainName {
    /// NumericString if the text is not empty and all digits, else PrintableString (RFC 2156 4.1.1).
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        if !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit()) {
            Self::Numeric(text.into())
        } else {
            Self::Printable(text.into())
        }
    }

    /// The characters, whichever string type holds them.
    #[must_use]
    pub fn to_text(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Numeric(value) => value.to_text(),
            Self::Printable(value) => value.to_text(),
            Self::Unknown(value) => String::from_utf8_lossy(value.contents().unwrap_or_default()),
        }
    }
}

crate::asn_set! {
    /// A personal name in printable characters.
    pub struct PersonalName default {
        /// `S`, 1 to 40 characters.
        surname: PrintableString = imp(0) req,
        /// `G`, 1 to 16 characters.
        given_name: PrintableString = imp(1) opt,
        /// `I`, 1 to 5 characters, without the surname's.
        initials: PrintableString = imp(2) opt,
        /// `GQ`, 1 to 3 characters.
        generation_qualifier: PrintableString = imp(3) opt,
    }
}

/// A domain-defined attribute: type of 1 to 8 characters, value of 1 to 128.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct DomainDefinedAttribute {
    /// The attribute's type.
    pub kind: PrintableString,
    /// The attribute's value.
    pub value: PrintableString,
}

crate::asn_set! {
    /// A personal name in T.61.
    pub struct TeletexPersonalName default {
        /// Surname, 1 to 40 octets.
        surname: TeletexString = imp(0) req,
        /// Given name, 1 to 16 octets.
        given_name: TeletexString = imp(1) opt,
        /// Initials, 1 to 5 octets.
        initials: TeletexString = imp(2) opt,
        /// Generation qualifier, 1 to 3 octets.
        generation_qualifier: TeletexString = imp(3) opt,
    }
}

/// A domain-defined attribute in T.61.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct TeletexDomainDefinedAttribute {
    /// The attribute's type.
    pub kind: TeletexString,
    /// The attribute's value.
    pub value: TeletexString,
}

crate::asn_set! {
    /// One physical delivery parameter: printable, T.61, or both.
    pub struct PdsParameter default {
        /// In printable characters.
        printable: PrintableString = bare opt,
        /// In T.61.
        teletex: TeletexString = bare opt,
    }
}

crate::asn_set! {
    /// A postal address as lines of text.
    pub struct UnformattedPostalAddress default {
        /// At most 6 lines of at most 30 characters.
        printable: Vec<PrintableString> = bare opt,
        /// At most 180 octets of T.61.
        teletex: TeletexString = bare opt,
    }
}

crate::asn_choice! {
    /// A network address beyond X.121.
    pub enum ExtendedNetworkAddress {
        /// A telephone or ISDN number.
        E1634(E1634Address) = bare,
        /// A presentation address, as it came: `[0]`.
        Psap(PresentationAddress) = imp(0),
    }
}

crate::asn_seq! {
    /// An E.163 or E.164 address.
    pub struct E1634Address default {
        /// 1 to 15 digits.
        number: NumericString = imp(0) req,
        /// 1 to 40 digits.
        sub_address: NumericString = imp(1) opt,
    }
}

crate::asn_seq! {
    /// A presentation address (X.520 5.7.1).
    pub struct PresentationAddress default {
        /// Presentation selector.
        presentation_selector: Octets = exp(0) opt,
        /// Session selector.
        session_selector: Octets = exp(1) opt,
        /// Transport selector.
        transport_selector: Octets = exp(2) opt,
        /// Network addresses, at least one.
        network_addresses: ListAsSet<Octets> = exp(3) req,
    }
}

impl OrName {
    /// The extension attributes, typed, in the order they came.
    pub fn extension_attributes(&self) -> impl Iterator<Item = ExtensionAttribute> + '_ {
        self.extension.iter().flat_map(|attributes| &attributes.0).map(ExtensionAttributeField::typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ber;

    /// A full name, and the same name as an old encoder writes it: indefinite forms, segments, unsorted sets.
    // ledger: beyond A-20
    #[test]
    fn a_name_with_every_kind_of_attribute_survives() {
        let common_name = ExtensionAttribute::CommonName("Postmaster".into()).field().unwrap();
        let street = PdsParameter { printable: Some("Main St".into()), ..PdsParameter::default() };
        let street =
            ExtensionAttribute::PdsParameter(PhysicalAttribute::StreetAddress, street).field().unwrap();
        let name = OrName {
            standard: StandardAttributes {
                country: Some(DomainName::from_text("GB")),
                administration_domain: Some(DomainName::from_text("0")),
                private_domain: Some(DomainName::from_text("UK.AC")),
                personal_name: Some(PersonalName { surname: "Kille".into(), ..PersonalName::default() }),
                organizational_units: Some(vec!["CS".into(), "Lab".into()]),
                ..StandardAttributes::default()
            },
            domain_defined: Some(vec![DomainDefinedAttribute {
                kind: "RFC-822".into(),
                value: "a(a)b".into(),
            }]),
            extension: Some(ListAsSet(vec![common_name, street])),
            directory_name: Some(RawTlv::from_element(vec![0x30, 0x00])),
        };
        let octets = ber::encode(&name).unwrap();
        assert_eq!(&octets[..1], [0x60]);
        assert_eq!(ber::decode::<OrName>(&octets, 1000), Ok(name.clone()));
        for cut in 0..octets.len() {
            ber::decode::<OrName>(&octets[..cut], 1000).unwrap_err();
        }
        assert_eq!(
            name.extension_attributes().map(|attribute| attribute.number()).collect::<Vec<_>>(),
            [1, 17]
        );
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let octets = [0x60, 0x06, 0x30, 0x04, 0xa5, 0x02, 0x81, 0x00];
        let error = ber::decode::<OrName>(&octets, 1000).unwrap_err();
        assert!(error.to_string().contains("standard.personal_name: Missing field `surname`"), "{error}");
    }
}
