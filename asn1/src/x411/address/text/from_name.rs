//! From the ASN.1 value to text values (RFC 2156 4.1.1; ledger, E-13).

use super::key::Key;
use super::teletex::{self, Both};
use super::to_name::PHYSICAL;
use super::{KeyedAddress, presentation, value};
use crate::prim::{LaxStr, PrintableString, TeletexString};
use crate::x411::address::{
    DomainDefinedAttribute, DomainName, ExtendedNetworkAddress, ExtensionAttribute, OrName, PdsParameter,
    PhysicalAttribute, TeletexDomainDefinedAttribute, UnformattedPostalAddress,
    UniversalDomainDefinedAttribute, UniversalOrBmp,
};

/// An address as text, and what has no text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FromOrName {
    /// Every attribute that has a key.
    pub address: KeyedAddress,
    /// Numbers of the extension attributes that no text form holds: characters beyond Latin-1 without a printable or
    /// teletex twin, attributes that do not decode, attributes of later standards.
    pub unexpressed: Vec<i64>,
    /// Numbers of the extension attributes in Universal characters that were left out because the same attribute is
    /// there in printable or teletex characters.
    pub twins: Vec<i64>,
}

impl KeyedAddress {
    /// The attributes of an O/R name. The directory name is not looked at.
    #[must_use]
    pub fn from_or_name(name: &OrName) -> FromOrName {
        let mut gathered = Gathered::default();
        gathered.standard(name);
        for attribute in name.extension_attributes() {
            gathered.extension(attribute);
        }
        gathered.universal();
        gathered.finish()
    }
}

/// Values with one slot per form.
#[derive(Default)]
struct Gathered {
    pairs: Vec<(Key, String)>,
    /// Surname, given name, initials, generation qualifier, common name, organization.
    named: [Both; 6],
    units: (Vec<Vec<u8>>, Vec<Vec<u8>>),
    printable_defined: Vec<DomainDefinedAttribute>,
    teletex_defined: Vec<TeletexDomainDefinedAttribute>,
    /// Universal forms wait until it is known whether a twin exists.
    waiting: Vec<ExtensionAttribute>,
    unexpressed: Vec<i64>,
    twins: Vec<i64>,
}

const NAMED: [Key; 6] = [
    Key::Surname,
    Key::GivenName,
    Key::Initials,
    Key::GenerationQualifier,
    Key::CommonName,
    Key::Organization,
];
const COMMON_NAME: usize = 4;
const ORGANIZATION: usize = 5;

fn octets<const TAG: u32>(text: &LaxStr<TAG>) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn domain(name: &DomainName) -> String {
    match name {
        DomainName::Numeric(text) => teletex::to_text(text.as_bytes()),
        DomainName::Printable(text) => teletex::to_text(text.as_bytes()),
        DomainName::Unknown(element) => teletex::to_text(element.contents().unwrap_or_default()),
    }
}

impl Gathered {
    fn push(&mut self, key: Key, value: String) {
        self.pairs.push((key, value));
    }

    fn standard(&mut self, name: &OrName) {
        let standard = &name.standard;
        let domains = [
            (Key::Country, &standard.country),
            (Key::AdministrationDomain, &standard.administration_domain),
            (Key::PrivateDomain, &standard.private_domain),
        ];
        self.pairs
            .extend(domains.into_iter().filter_map(|(key, value)| Some((key, domain(value.as_ref()?)))));
        let text = |key: Key, octets: &[u8]| (key, teletex::to_text(octets));
        let network = standard.network_address.iter();
        self.pairs.extend(network.map(|value| text(Key::NetworkAddress, value.as_bytes())));
        let terminal = standard.terminal_identifier.iter();
        self.pairs.extend(terminal.map(|value| text(Key::TerminalIdentifier, value.as_bytes())));
        let user = standard.numeric_user_identifier.iter();
        self.pairs.extend(user.map(|value| text(Key::NumericUserIdentifier, value.as_bytes())));
        self.named[ORGANIZATION].printable = standard.organization.as_ref().map(octets);
        if let Some(person) = &standard.personal_name {
            self.named[0].printable = Some(octets(&person.surname));
            self.named[1].printable = person.given_name.as_ref().map(octets);
            self.named[2].printable = person.initials.as_ref().map(octets);
            self.named[3].printable = person.generation_qualifier.as_ref().map(octets);
        }
        self.units.0 = standard.organizational_units.iter().flatten().map(octets).collect();
        self.printable_defined = name.domain_defined.clone().unwrap_or_default();
    }

    fn extension(&mut self, attribute: ExtensionAttribute) {
        use ExtensionAttribute as E;
        match attribute {
            E::CommonName(text) => self.named[COMMON_NAME].printable = Some(octets(&text)),
            E::TeletexCommonName(text) => self.named[COMMON_NAME].teletex = Some(octets(&text)),
            E::TeletexOrganization(text) => self.named[ORGANIZATION].teletex = Some(octets(&text)),
            E::TeletexPersonalName(person) => {
                self.named[0].teletex = Some(octets(&person.surname));
                self.named[1].teletex = person.given_name.as_ref().map(octets);
                self.named[2].teletex = person.initials.as_ref().map(octets);
                self.named[3].teletex = person.generation_qualifier.as_ref().map(octets);
            }
            E::TeletexOrganizationalUnits(units) => self.units.1 = units.iter().map(octets).collect(),
            E::TeletexDomainDefined(attributes) => self.teletex_defined = attributes,
            E::PdsName(text) => self.push(Key::PdsName, teletex::to_text(text.as_bytes())),
            E::PhysicalDeliveryCountry(name) => self.push(Key::PhysicalDeliveryCountry, domain(&name)),
            E::PostalCode(name) => self.push(Key::PostalCode, domain(&name)),
            E::PdsParameter(attribute, parameter) => self.parameter(attribute, &parameter),
            E::UnformattedPostalAddress(address) => {
                self.push(Key::UnformattedPostalAddress, postal(&address));
            }
            E::ExtendedNetworkAddress(ExtendedNetworkAddress::E1634(address)) => {
                self.push(Key::NetworkNumber, teletex::to_text(address.number.as_bytes()));
                let sub_address = address.sub_address.iter();
                self.pairs.extend(
                    sub_address.map(|text| (Key::NetworkSubAddress, teletex::to_text(text.as_bytes()))),
                );
            }
            E::ExtendedNetworkAddress(ExtendedNetworkAddress::Psap(address)) => {
                self.push(Key::PresentationAddress, presentation::to_text(&address));
            }
            E::TerminalType(number) if number >= 0 => {
                self.push(Key::TerminalType, value::terminal_type(number));
            }
            E::UniversalCommonName(_)
            | E::UniversalOrganization(_)
            | E::UniversalPersonalName(_)
            | E::UniversalOrganizationalUnits(_)
            | E::UniversalDomainDefined(_)
            | E::UniversalPostal(..) => self.waiting.push(attribute),
            other => self.unexpressed.push(other.number()),
        }
    }

    fn parameter(&mut self, attribute: PhysicalAttribute, parameter: &PdsParameter) {
        let both = Both {
            printable: parameter.printable.as_ref().map(octets),
            teletex: parameter.teletex.as_ref().map(octets),
        };
        if let Some((key, _)) = PHYSICAL.iter().find(|(_, known)| *known == attribute) {
            self.push(key.clone(), both.to_text());
        }
    }

    /// Universal characters stand in where they are the only form and Latin-1 has them all: Latin-1 is what braces mean
    /// by default (RFC 2156 3.3.4).
    fn universal(&mut self) {
        use ExtensionAttribute as E;
        for attribute in std::mem::take(&mut self.waiting) {
            let number = attribute.number();
            let has_twin = match &attribute {
                E::UniversalCommonName(_) => self.named[COMMON_NAME] != Both::default(),
                E::UniversalOrganization(_) => self.named[ORGANIZATION] != Both::default(),
                E::UniversalPersonalName(_) => self.named[0] != Both::default(),
                E::UniversalOrganizationalUnits(_) => !self.units.0.is_empty() || !self.units.1.is_empty(),
                E::UniversalDomainDefined(_) => {
                    !self.printable_defined.is_empty() || !self.teletex_defined.is_empty()
                }
                _ => {
                    physical_key(number).is_some_and(|key| self.pairs.iter().any(|(known, _)| *known == key))
                }
            };
            if has_twin {
                self.twins.push(number);
            } else if self.use_universal(&attribute).is_none() {
                self.unexpressed.push(number);
            }
        }
    }

    fn use_universal(&mut self, attribute: &ExtensionAttribute) -> Option<()> {
        use ExtensionAttribute as E;
        match attribute {
            E::UniversalCommonName(text) => self.named[COMMON_NAME].teletex = Some(latin1(text)?),
            E::UniversalOrganization(text) => self.named[ORGANIZATION].teletex = Some(latin1(text)?),
            E::UniversalPersonalName(person) => {
                let part = |text: &Option<UniversalOrBmp>| text.as_ref().map(latin1);
                let parts = [
                    Some(latin1(&person.surname)),
                    part(&person.given_name),
                    part(&person.initials),
                    part(&person.generation_qualifier),
                ];
                if parts.contains(&Some(None)) {
                    return None;
                }
                for (slot, part) in self.named.iter_mut().zip(parts) {
                    slot.teletex = part.flatten();
                }
            }
            E::UniversalOrganizationalUnits(units) => {
                self.units.1 = units.iter().map(latin1).collect::<Option<_>>()?;
            }
            E::UniversalDomainDefined(attributes) => {
                let teletex = |attribute: &UniversalDomainDefinedAttribute| {
                    Some(TeletexDomainDefinedAttribute {
                        kind: TeletexString::new(latin1(&attribute.kind)?),
                        value: TeletexString::new(latin1(&attribute.value)?),
                    })
                };
                self.teletex_defined = attributes.iter().map(teletex).collect::<Option<_>>()?;
            }
            E::UniversalPostal(number, text) => {
                let key = physical_key(*number)?;
                let octets = latin1(text)?;
                self.push(key, Both { printable: None, teletex: Some(octets) }.to_text());
            }
            _ => return None,
        }
        Some(())
    }

    fn finish(mut self) -> FromOrName {
        for (key, both) in NAMED.into_iter().zip(std::mem::take(&mut self.named)) {
            if both != Both::default() {
                self.push(key, both.to_text());
            }
        }
        let mut units = std::mem::take(&mut self.units);
        let count = units.0.len().max(units.1.len());
        for place in (0..count).rev() {
            let take = |list: &mut Vec<Vec<u8>>| list.get_mut(place).map(std::mem::take);
            let both = Both { printable: take(&mut units.0), teletex: take(&mut units.1) };
            self.push(Key::OrganizationalUnit, both.to_text());
        }
        self.domain_defined();
        FromOrName {
            address: self.pairs.into_iter().collect(),
            unexpressed: self.unexpressed,
            twins: self.twins,
        }
    }

    /// Twins are those of equal type; what has no twin stands alone. The last of the SEQUENCE is written first.
    fn domain_defined(&mut self) {
        let mut teletex: Vec<Option<TeletexDomainDefinedAttribute>> =
            std::mem::take(&mut self.teletex_defined).into_iter().map(Some).collect();
        let mut pairs = Vec::new();
        for attribute in std::mem::take(&mut self.printable_defined) {
            let is_twin = |other: &&mut Option<TeletexDomainDefinedAttribute>| {
                other.as_ref().is_some_and(|other| {
                    other.kind.as_bytes().eq_ignore_ascii_case(attribute.kind.as_bytes())
                })
            };
            let twin = teletex.iter_mut().find(is_twin).and_then(Option::take);
            let both = Both {
                printable: Some(octets(&attribute.value)),
                teletex: twin.map(|twin| octets(&twin.value)),
            };
            pairs.push((
                defined(&Both { printable: Some(octets(&attribute.kind)), teletex: None }),
                both.to_text(),
            ));
        }
        for attribute in teletex.into_iter().flatten() {
            let only = |text: &TeletexString| Both { printable: None, teletex: Some(octets(text)) };
            pairs.push((defined(&only(&attribute.kind)), only(&attribute.value).to_text()));
        }
        self.pairs.extend(pairs.into_iter().rev());
    }
}

fn defined(kind: &Both) -> Key {
    Key::DomainDefined(kind.to_text())
}

/// The key of a physical delivery parameter in Universal characters: 29 is 10, 30 is 11 and so on (X.411 8.5.5).
fn physical_key(number: i64) -> Option<Key> {
    let attribute = PhysicalAttribute::from_number(number - 19)?;
    PHYSICAL.iter().find(|(_, known)| *known == attribute).map(|(key, _)| key.clone())
}

fn latin1(text: &UniversalOrBmp) -> Option<Vec<u8>> {
    text.to_text().chars().map(|character| u8::try_from(character).ok()).collect()
}

fn postal(address: &UnformattedPostalAddress) -> String {
    let lines: Option<Vec<String>> = address
        .printable
        .as_ref()
        .map(|lines| lines.iter().map(PrintableString::as_bytes).map(teletex::to_text).collect());
    let teletex = address.teletex.as_ref().map(|text| teletex::to_text(text.as_bytes()));
    match (lines, teletex) {
        (lines, None) => lines.unwrap_or_default().join("|"),
        (lines, Some(teletex)) => format!("{}*{teletex}", lines.unwrap_or_default().join("|")),
    }
}
