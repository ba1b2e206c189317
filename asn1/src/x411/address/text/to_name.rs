//! From text values to the ASN.1 value (RFC 2156 4.1.1; ledger ).

use super::key::Key;
use super::teletex::Both;
use super::value::{self, Misfit};
use super::{Attribute, KeyedAddress, presentation};
use crate::prim::{ListAsSet, NumericString, PrintableString, TeletexString};
use crate::x411::address::{
    DomainDefinedAttribute, DomainName, E1634Address, ExtendedNetworkAddress, ExtensionAttribute, OrName,
    PdsParameter, PersonalName, PhysicalAttribute, StandardAttributes, TeletexDomainDefinedAttribute,
    TeletexPersonalName, UnformattedPostalAddress,
};

/// Why attributes have no ASN.1 value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{key}`: expected {expected}")]
pub struct ConversionError {
    /// The attribute at fault.
    pub key: Key,
    /// What it should be.
    pub expected: &'static str,
    /// The clause that demands it.
    pub clause: &'static str,
}

impl KeyedAddress {
    /// The O/R name with these attributes and no directory name.
    ///
    /// # Errors
    /// A value that does not fit its key (never after [`super::parse()`]); several organizational units, or parts of a
    /// personal name, of which some are only teletex and others differ in printable and teletex, which ASN.1 cannot hold.
    pub fn to_or_name(&self) -> Result<OrName, ConversionError> {
        let mut name = OrName { standard: self.standard()?, ..OrName::default() };
        let mut extensions = Vec::new();
        let common_name = self.both(&Key::CommonName)?;
        extensions.extend(common_name.printable.map(|text| ExtensionAttribute::CommonName(printable(text))));
        extensions
            .extend(common_name.teletex.map(|text| ExtensionAttribute::TeletexCommonName(teletex(text))));
        let organization = self.both(&Key::Organization)?;
        name.standard.organization = organization.printable.map(printable);
        extensions
            .extend(organization.teletex.map(|text| ExtensionAttribute::TeletexOrganization(teletex(text))));
        self.personal_name(&mut name.standard, &mut extensions)?;
        self.units_into(&mut name.standard, &mut extensions)?;
        self.domain_defined_into(&mut name, &mut extensions)?;
        self.delivery(&mut extensions)?;
        self.network(&mut extensions)?;
        extensions.sort_by_key(ExtensionAttribute::number);
        let fields: Result<Vec<_>, _> = extensions.iter().map(ExtensionAttribute::field).collect();
        let fields = fields.map_err(|_| ConversionError {
            key: Key::CommonName,
            expected: "extension attributes that can be encoded",
            clause: "X.411 8.5.5",
        })?;
        name.extension = (!fields.is_empty()).then_some(ListAsSet(fields));
        Ok(name)
    }

    fn standard(&self) -> Result<StandardAttributes, ConversionError> {
        Ok(StandardAttributes {
            country: self.domain(&Key::Country)?,
            administration_domain: self.domain(&Key::AdministrationDomain)?,
            private_domain: self.domain(&Key::PrivateDomain)?,
            network_address: self.get(&Key::NetworkAddress).map(NumericString::from),
            terminal_identifier: self.printable(&Key::TerminalIdentifier)?,
            numeric_user_identifier: self.get(&Key::NumericUserIdentifier).map(NumericString::from),
            ..StandardAttributes::default()
        })
    }

    fn printable(&self, key: &Key) -> Result<Option<PrintableString>, ConversionError> {
        let octets = self.get(key).map(|text| value::printable(text).map_err(|misfit| misfit.of(key)));
        Ok(octets.transpose()?.map(printable))
    }

    /// A-14, Z-05: NumericString if there are digits and nothing else.
    fn domain(&self, key: &Key) -> Result<Option<DomainName>, ConversionError> {
        Ok(self.printable(key)?.map(|text| match text.as_bytes() {
            octets if !octets.is_empty() && octets.iter().all(u8::is_ascii_digit) => {
                DomainName::Numeric(NumericString::new(octets))
            }
            _ => DomainName::Printable(text),
        }))
    }

    /// Both forms of a value; neither if the attribute is absent.
    fn both(&self, key: &Key) -> Result<Both, ConversionError> {
        self.get(key).map_or_else(|| Ok(Both::default()), |text| both(key, text))
    }

    fn personal_name(
        &self,
        standard: &mut StandardAttributes,
        extensions: &mut Vec<ExtensionAttribute>,
    ) -> Result<(), ConversionError> {
        let keys = [Key::Surname, Key::GivenName, Key::Initials, Key::GenerationQualifier];
        let present = keys.iter().filter(|key| self.has(key)).count();
        if present == 0 {
            return Ok(());
        }
        let clause = "X.402 18.3.12";
        if !self.has(&Key::Surname) {
            let expected = "a surname (S) beside the other parts of the name";
            return Err(ConversionError { key: Key::Surname, expected, clause });
        }
        let mut parts = Vec::with_capacity(4);
        for key in &keys {
            parts.push(self.both(key)?);
        }
        let surname_is_printable = parts[0].printable.is_some();
        let in_both = |part: &Both| part.printable.is_some() && part.teletex.is_some();
        if !surname_is_printable && parts.iter().any(in_both) {
            let expected = "a printable surname, since another part has a printable and a teletex form";
            return Err(ConversionError { key: Key::Surname, expected, clause });
        }
        if parts.iter().any(|part| part.teletex.is_some()) {
            let part =
                |place: usize| self.has(&keys[place]).then(|| TeletexString::new(parts[place].as_teletex()));
            extensions.push(ExtensionAttribute::TeletexPersonalName(TeletexPersonalName {
                surname: part(0).unwrap_or_default(),
                given_name: part(1),
                initials: part(2),
                generation_qualifier: part(3),
                ..TeletexPersonalName::default()
            }));
        }
        if surname_is_printable {
            let mut part = |place: usize| parts[place].printable.take().map(printable);
            standard.personal_name = Some(PersonalName {
                surname: part(0).unwrap_or_default(),
                given_name: part(1),
                initials: part(2),
                generation_qualifier: part(3),
                ..PersonalName::default()
            });
        }
        Ok(())
    }

    fn units_into(
        &self,
        standard: &mut StandardAttributes,
        extensions: &mut Vec<ExtensionAttribute>,
    ) -> Result<(), ConversionError> {
        let key = Key::OrganizationalUnit;
        let units: Vec<Both> = self.units().map(|text| both(&key, text)).collect::<Result<_, _>>()?;
        if units.iter().any(|unit| unit.teletex.is_some()) {
            let all = units.iter().map(|unit| TeletexString::new(unit.as_teletex())).collect();
            extensions.push(ExtensionAttribute::TeletexOrganizationalUnits(all));
        }
        let in_both = units.iter().any(|unit| unit.printable.is_some() && unit.teletex.is_some());
        if units.iter().all(|unit| unit.printable.is_some()) {
            let all: Vec<_> = units.into_iter().filter_map(|unit| unit.printable).map(printable).collect();
            standard.organizational_units = (!all.is_empty()).then_some(all);
        } else if in_both {
            let expected = "a printable form of every unit, since one has a printable and a teletex form";
            return Err(ConversionError { key, expected, clause: "X.402 18.3.10" });
        }
        Ok(())
    }

    fn domain_defined_into(
        &self,
        name: &mut OrName,
        extensions: &mut Vec<ExtensionAttribute>,
    ) -> Result<(), ConversionError> {
        let (mut in_printable, mut in_teletex) = (Vec::new(), Vec::new());
        for (kind, text) in self.domain_defined() {
            let forms = value::domain_defined(kind, text)
                .map_err(|misfit| misfit.of(&Key::DomainDefined(kind.to_owned())))?;
            in_printable.extend(forms.printable.map(|(kind, value)| DomainDefinedAttribute {
                kind: printable(kind),
                value: printable(value),
            }));
            in_teletex.extend(forms.teletex.map(|(kind, value)| TeletexDomainDefinedAttribute {
                kind: teletex(kind),
                value: teletex(value),
            }));
        }
        name.domain_defined = (!in_printable.is_empty()).then_some(in_printable);
        if !in_teletex.is_empty() {
            extensions.push(ExtensionAttribute::TeletexDomainDefined(in_teletex));
        }
        Ok(())
    }

    fn delivery(&self, extensions: &mut Vec<ExtensionAttribute>) -> Result<(), ConversionError> {
        extensions.extend(self.printable(&Key::PdsName)?.map(ExtensionAttribute::PdsName));
        let country = self.domain(&Key::PhysicalDeliveryCountry)?;
        extensions.extend(country.map(ExtensionAttribute::PhysicalDeliveryCountry));
        extensions.extend(self.domain(&Key::PostalCode)?.map(ExtensionAttribute::PostalCode));
        for Attribute { key, value: text } in self.attributes() {
            if let Some(attribute) = physical(key) {
                let both = both(key, text)?;
                let parameter = PdsParameter {
                    printable: both.printable.map(printable),
                    teletex: both.teletex.map(teletex),
                    ..PdsParameter::default()
                };
                extensions.push(ExtensionAttribute::PdsParameter(attribute, parameter));
            }
        }
        let key = Key::UnformattedPostalAddress;
        if let Some(text) = self.get(&key) {
            let (lines, in_teletex) = value::postal(text).map_err(|misfit| misfit.of(&key))?;
            let lines: Vec<_> = lines.into_iter().map(printable).collect();
            extensions.push(ExtensionAttribute::UnformattedPostalAddress(UnformattedPostalAddress {
                printable: (!lines.is_empty()).then_some(lines),
                teletex: in_teletex.map(teletex),
                ..UnformattedPostalAddress::default()
            }));
        }
        Ok(())
    }

    fn network(&self, extensions: &mut Vec<ExtensionAttribute>) -> Result<(), ConversionError> {
        let key = Key::NetworkSubAddress;
        let sub_address = self.get(&key).map(NumericString::from);
        if let Some(number) = self.get(&Key::NetworkNumber) {
            let address =
                E1634Address { number: NumericString::from(number), sub_address, ..E1634Address::default() };
            extensions
                .push(ExtensionAttribute::ExtendedNetworkAddress(ExtendedNetworkAddress::E1634(address)));
        } else if sub_address.is_some() {
            let expected = "a number (NET-NUM) beside the sub-address";
            return Err(ConversionError { key, expected, clause: "X.402 18.3.7" });
        }
        let key = Key::PresentationAddress;
        if let Some(text) = self.get(&key) {
            let address = presentation::parse(text).map_err(|error| ConversionError {
                key,
                expected: error.expected,
                clause: "RFC 1278 3",
            })?;
            extensions
                .push(ExtensionAttribute::ExtendedNetworkAddress(ExtendedNetworkAddress::Psap(address)));
        }
        let key = Key::TerminalType;
        if let Some(text) = self.get(&key) {
            let number = value::labelled(text).map_err(|misfit| misfit.of(&key))?;
            extensions.push(ExtensionAttribute::TerminalType(number));
        }
        Ok(())
    }
}

impl Misfit {
    fn of(self, key: &Key) -> ConversionError {
        ConversionError { key: key.clone(), expected: self.expected, clause: self.clause }
    }
}

fn both(key: &Key, text: &str) -> Result<Both, ConversionError> {
    Both::from_text(text).map_err(|error| Misfit::from(error).of(key))
}

fn printable(octets: Vec<u8>) -> PrintableString {
    PrintableString::new(octets)
}

fn teletex(octets: Vec<u8>) -> TeletexString {
    TeletexString::new(octets)
}

/// Keys of the physical delivery parameters.
pub(super) const PHYSICAL: [(Key, PhysicalAttribute); 11] = [
    (Key::PhysicalDeliveryOffice, PhysicalAttribute::OfficeName),
    (Key::PhysicalDeliveryOfficeNumber, PhysicalAttribute::OfficeNumber),
    (Key::ExtensionAddressComponents, PhysicalAttribute::ExtensionOrAddressComponents),
    (Key::PhysicalDeliveryPersonalName, PhysicalAttribute::PersonalName),
    (Key::PhysicalDeliveryOrganization, PhysicalAttribute::OrganizationName),
    (Key::ExtensionDeliveryComponents, PhysicalAttribute::ExtensionDeliveryAddressComponents),
    (Key::StreetAddress, PhysicalAttribute::StreetAddress),
    (Key::PostOfficeBox, PhysicalAttribute::PostOfficeBox),
    (Key::PosteRestante, PhysicalAttribute::PosteRestante),
    (Key::UniquePostalName, PhysicalAttribute::UniquePostalName),
    (Key::LocalPostalAttributes, PhysicalAttribute::LocalPostalAttributes),
];

fn physical(key: &Key) -> Option<PhysicalAttribute> {
    PHYSICAL.iter().find(|(known, _)| known == key).map(|(_, attribute)| *attribute)
}
