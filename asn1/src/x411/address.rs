//! O/R names and addresses (X.411 8.5.5, X.402 18).

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use crate::prim::{
    BmpString, ListAsSet, NumericString, Octets, PrintableString, RawTlv, TeletexString, UniversalString,
};

pub mod text;

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

/// The extension attributes of an address: at most 256.
pub type ExtensionAttributes = ListAsSet<ExtensionAttributeField>;

crate::asn_seq! {
    /// An extension attribute as it came.
    pub struct ExtensionAttributeField {
        /// Which attribute: see [`ExtensionAttribute`].
        kind: i64 = imp(0) req,
        /// Its value.
        value: RawTlv = exp(1) req,
    }
}

/// An extension attribute with its number (X.411 8.5.5, ledger A-20).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionAttribute {
    /// 1: `CN`, 1 to 64 characters.
    CommonName(PrintableString),
    /// 2: `CN` in T.61.
    TeletexCommonName(TeletexString),
    /// 3: `O` in T.61.
    TeletexOrganization(TeletexString),
    /// 4: `S`, `G`, `I`, `GQ` in T.61.
    TeletexPersonalName(TeletexPersonalName),
    /// 5: `OU` in T.61.
    TeletexOrganizationalUnits(Vec<TeletexString>),
    /// 6: domain-defined attributes in T.61.
    TeletexDomainDefined(Vec<TeletexDomainDefinedAttribute>),
    /// 7: `PD-SERVICE`, 1 to 16 characters.
    PdsName(PrintableString),
    /// 8: `PD-C`.
    PhysicalDeliveryCountry(DomainName),
    /// 9: `PD-CODE`, 1 to 16 characters.
    PostalCode(DomainName),
    /// 10 to 15, 17 to 21: one physical delivery parameter of at most 30 characters.
    PdsParameter(PhysicalAttribute, PdsParameter),
    /// 16: `PD-ADDRESS`.
    UnformattedPostalAddress(UnformattedPostalAddress),
    /// 22: `NET-NUM`, `NET-SUB` or `NET-PSAP`.
    ExtendedNetworkAddress(ExtendedNetworkAddress),
    /// 23: `T-TY`: telex 3, teletex 4, g3-facsimile 5, g4-facsimile 6, ia5-terminal 7, videotex 8.
    TerminalType(i64),
    /// 24: `CN` in Universal characters.
    UniversalCommonName(UniversalOrBmp),
    /// 25: `O` in Universal characters.
    UniversalOrganization(UniversalOrBmp),
    /// 26: personal name in Universal characters.
    UniversalPersonalName(UniversalPersonalName),
    /// 27: `OU` in Universal characters.
    UniversalOrganizationalUnits(Vec<UniversalOrBmp>),
    /// 28: domain-defined attributes in Universal characters.
    UniversalDomainDefined(Vec<UniversalDomainDefinedAttribute>),
    /// 29 to 40: the postal attributes 10 to 21 in Universal characters (29 is 10, 30 is 11 … 40 is 21).
    UniversalPostal(i64, UniversalOrBmp),
    /// Whatever comes later, and what is not of its number's type.
    Other(i64, RawTlv),
}

/// Which physical delivery parameter; the value is the extension attribute's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum PhysicalAttribute {
    /// `PD-OFFICE`.
    OfficeName = 10,
    /// `PD-OFFICE-NUM`.
    OfficeNumber = 11,
    /// `PD-EXT-ADDRESS`.
    ExtensionOrAddressComponents = 12,
    /// `PD-PN`.
    PersonalName = 13,
    /// `PD-O`.
    OrganizationName = 14,
    /// `PD-EXT-DELIVERY`.
    ExtensionDeliveryAddressComponents = 15,
    /// `PD-STREET`.
    StreetAddress = 17,
    /// `PD-BOX`.
    PostOfficeBox = 18,
    /// `PD-RESTANTE`.
    PosteRestante = 19,
    /// `PD-UNIQUE`.
    UniquePostalName = 20,
    /// `PD-LOCAL`.
    LocalPostalAttributes = 21,
}

impl PhysicalAttribute {
    /// Every parameter, by number.
    pub const ALL: [Self; 11] = [
        Self::OfficeName,
        Self::OfficeNumber,
        Self::ExtensionOrAddressComponents,
        Self::PersonalName,
        Self::OrganizationName,
        Self::ExtensionDeliveryAddressComponents,
        Self::StreetAddress,
        Self::PostOfficeBox,
        Self::PosteRestante,
        Self::UniquePostalName,
        Self::LocalPostalAttributes,
    ];

    /// The extension attribute's number.
    #[must_use]
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The parameter with that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|attribute| attribute.number() == number)
    }
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

crate::asn_set! {
    /// Text in two- or four-octet characters, with its language if stated.
    pub struct UniversalOrBmp {
        /// The text.
        characters: UniversalCharacters = bare req,
        /// ISO 639 language code, 2 or 5 characters.
        language: PrintableString = bare opt,
    }
}

crate::asn_choice! {
    /// Text in two- or four-octet characters.
    pub enum UniversalCharacters {
        /// Two octets a character.
        TwoOctets(BmpString) = bare,
        /// Four octets a character.
        FourOctets(UniversalString) = bare,
    }
}

impl UniversalOrBmp {
    /// Text as a BMPString, or as a UniversalString when a character lies outside the basic plane.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let characters = if text.chars().all(|character| u32::from(character) < 0x1_0000) {
            let octets: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            UniversalCharacters::TwoOctets(BmpString::new(octets))
        } else {
            let octets: Vec<u8> =
                text.chars().flat_map(|character| u32::from(character).to_be_bytes()).collect();
            UniversalCharacters::FourOctets(UniversalString::new(octets))
        };
        Self { characters, language: None, unknown: Vec::new() }
    }

    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        match &self.characters {
            UniversalCharacters::TwoOctets(value) => value.to_text().into_owned(),
            UniversalCharacters::FourOctets(value) => value.to_text().into_owned(),
            UniversalCharacters::Unknown(value) => {
                String::from_utf8_lossy(value.contents().unwrap_or_default()).into_owned()
            }
        }
    }
}

crate::asn_set! {
    /// A personal name in Universal characters.
    pub struct UniversalPersonalName {
        /// Surname, 1 to 64 characters.
        surname: UniversalOrBmp = imp(0) req,
        /// Given name, 1 to 40 characters.
        given_name: UniversalOrBmp = imp(1) opt,
        /// Initials, 1 to 16 characters.
        initials: UniversalOrBmp = imp(2) opt,
        /// Generation qualifier, 1 to 16 characters.
        generation_qualifier: UniversalOrBmp = imp(3) opt,
    }
}

/// A domain-defined attribute in Universal characters.
#[derive(Debug, Clone, PartialEq, Eq, AsnType, Decode, Encode)]
pub struct UniversalDomainDefinedAttribute {
    /// The attribute's type.
    pub kind: UniversalOrBmp,
    /// The attribute's value.
    pub value: UniversalOrBmp,
}

impl ExtensionAttributeField {
    /// The attribute, if its value fits its number; one that does not is [`ExtensionAttribute::Other`], never an error,
    /// so that a bad attribute nobody needs does not fail a message.
    #[must_use]
    pub fn typed(&self) -> ExtensionAttribute {
        self.typed_strictly().unwrap_or_else(|_| ExtensionAttribute::Other(self.kind, self.value.clone()))
    }

    fn typed_strictly(&self) -> Result<ExtensionAttribute, crate::ber::Error> {
        use ExtensionAttribute as E;
        let value = &self.value;
        Ok(match self.kind {
            1 => E::CommonName(value.get()?),
            2 => E::TeletexCommonName(value.get()?),
            3 => E::TeletexOrganization(value.get()?),
            4 => E::TeletexPersonalName(value.get()?),
            5 => E::TeletexOrganizationalUnits(value.get()?),
            6 => E::TeletexDomainDefined(value.get()?),
            7 => E::PdsName(value.get()?),
            8 => E::PhysicalDeliveryCountry(value.get()?),
            9 => E::PostalCode(value.get()?),
            16 => E::UnformattedPostalAddress(value.get()?),
            22 => E::ExtendedNetworkAddress(value.get()?),
            23 => E::TerminalType(value.get()?),
            24 => E::UniversalCommonName(value.get()?),
            25 => E::UniversalOrganization(value.get()?),
            26 => E::UniversalPersonalName(value.get()?),
            27 => E::UniversalOrganizationalUnits(value.get()?),
            28 => E::UniversalDomainDefined(value.get()?),
            29..=40 => E::UniversalPostal(self.kind, value.get()?),
            number => match PhysicalAttribute::from_number(number) {
                Some(attribute) => E::PdsParameter(attribute, value.get()?),
                None => E::Other(number, value.clone()),
            },
        })
    }
}

impl ExtensionAttribute {
    /// The attribute's number.
    #[must_use]
    pub const fn number(&self) -> i64 {
        match self {
            Self::CommonName(_) => 1,
            Self::TeletexCommonName(_) => 2,
            Self::TeletexOrganization(_) => 3,
            Self::TeletexPersonalName(_) => 4,
            Self::TeletexOrganizationalUnits(_) => 5,
            Self::TeletexDomainDefined(_) => 6,
            Self::PdsName(_) => 7,
            Self::PhysicalDeliveryCountry(_) => 8,
            Self::PostalCode(_) => 9,
            Self::PdsParameter(attribute, _) => attribute.number(),
            Self::UnformattedPostalAddress(_) => 16,
            Self::ExtendedNetworkAddress(_) => 22,
            Self::TerminalType(_) => 23,
            Self::UniversalCommonName(_) => 24,
            Self::UniversalOrganization(_) => 25,
            Self::UniversalPersonalName(_) => 26,
            Self::UniversalOrganizationalUnits(_) => 27,
            Self::UniversalDomainDefined(_) => 28,
            Self::UniversalPostal(number, _) | Self::Other(number, _) => *number,
        }
    }

    /// The attribute as it goes on the wire.
    ///
    /// # Errors
    /// As [`crate::ber::encode`].
    pub fn field(&self) -> Result<ExtensionAttributeField, crate::ber::Error> {
        let value = match self {
            Self::CommonName(value) | Self::PdsName(value) => RawTlv::of(value),
            Self::TeletexCommonName(value) | Self::TeletexOrganization(value) => RawTlv::of(value),
            Self::TeletexPersonalName(value) => RawTlv::of(value),
            Self::TeletexOrganizationalUnits(value) => RawTlv::of(value),
            Self::TeletexDomainDefined(value) => RawTlv::of(value),
            Self::PhysicalDeliveryCountry(value) | Self::PostalCode(value) => RawTlv::of(value),
            Self::PdsParameter(_, value) => RawTlv::of(value),
            Self::UnformattedPostalAddress(value) => RawTlv::of(value),
            Self::ExtendedNetworkAddress(value) => RawTlv::of(value),
            Self::TerminalType(value) => RawTlv::of(value),
            Self::UniversalCommonName(value)
            | Self::UniversalOrganization(value)
            | Self::UniversalPostal(_, value) => RawTlv::of(value),
            Self::UniversalPersonalName(value) => RawTlv::of(value),
            Self::UniversalOrganizationalUnits(value) => RawTlv::of(value),
            Self::UniversalDomainDefined(value) => RawTlv::of(value),
            Self::Other(_, value) => Ok(value.clone()),
        }?;
        Ok(ExtensionAttributeField { kind: self.number(), value, unknown: Vec::new() })
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
