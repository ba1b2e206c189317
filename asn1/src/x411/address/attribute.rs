//! Extension attributes of an address, by number (X.411 8.5.5, X.402 18; ledger A-20).

use super::{
    DomainName, ExtendedNetworkAddress, PdsParameter, TeletexDomainDefinedAttribute, TeletexPersonalName,
    UnformattedPostalAddress, UniversalDomainDefinedAttribute, UniversalOrBmp, UniversalPersonalName,
};
use crate::prim::{ListAsSet, PrintableString, RawTlv, TeletexString};

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
