//! O/R names and addresses: bounds and alphabets of every attribute, and the forms of an address (X.402 18.5).

use super::validator::{Validate, Validator};
use super::violation::Rule;
use crate::bounds;
use crate::prim::LaxStr;
use crate::x411::address::{
    DomainDefinedAttribute, DomainName, ExtendedNetworkAddress, ExtensionAttribute, ExtensionAttributeField,
    OrAddress, OrName, PdsParameter, PersonalName, StandardAttributes, TeletexPersonalName,
    UnformattedPostalAddress, UniversalCharacters, UniversalOrBmp, UniversalPersonalName,
};

/// Where the upper bounds are.
pub(super) const BOUNDS: &str = "X.411 Annex B";
const FORMS: &str = "X.402 18.5";
const ATTRIBUTES: &str = "X.411 8.5.5";

impl Validate for OrName {
    fn validate(&self, validator: &mut Validator) {
        let nothing = self.standard == StandardAttributes::default()
            && self.domain_defined.is_none()
            && self.extension.is_none();
        if nothing {
            let what = if self.directory_name.is_some() {
                "no O/R address beside the directory name, and MTAs route by the address"
            } else {
                "neither an O/R address nor a directory name"
            };
            return validator.error(Rule::Missing, "X.411 8.5.5, 12.2.1.1", what);
        }
        parts(validator, &self.standard, self.domain_defined.as_deref(), extension(self.extension.as_ref()));
    }
}

impl Validate for OrAddress {
    fn validate(&self, validator: &mut Validator) {
        parts(validator, &self.standard, self.domain_defined.as_deref(), extension(self.extension.as_ref()));
    }
}

fn extension(attributes: Option<&crate::x411::address::ExtensionAttributes>) -> &[ExtensionAttributeField] {
    attributes.map_or(&[], |attributes| &attributes.0)
}

fn parts(
    validator: &mut Validator,
    standard: &StandardAttributes,
    domain_defined: Option<&[DomainDefinedAttribute]>,
    extension: &[ExtensionAttributeField],
) {
    validator.member("standard-attributes", standard);
    if let Some(attributes) = domain_defined {
        validator.domain_defined(attributes, |validator, attribute| {
            validator.domain_defined_strings(&attribute.kind, &attribute.value);
        });
    }
    extension_attributes(validator, extension);
    form(validator, standard, domain_defined.is_some(), extension);
}

impl Validate for StandardAttributes {
    fn validate(&self, validator: &mut Validator) {
        if let Some(country) = &self.country {
            validator.within("country-name", |validator| validator.country(country));
        }
        if let Some(domain) = &self.administration_domain {
            validator.within("administration-domain-name", |validator| validator.domain(domain, 0));
        }
        if let Some(address) = &self.network_address {
            validator.string("network-address", address, 1..=bounds::X121_ADDRESS, BOUNDS);
        }
        if let Some(terminal) = &self.terminal_identifier {
            validator.string("terminal-identifier", terminal, 1..=bounds::TERMINAL_IDENTIFIER, BOUNDS);
        }
        if let Some(domain) = &self.private_domain {
            validator.within("private-domain-name", |validator| validator.domain(domain, 1));
        }
        if let Some(organization) = &self.organization {
            validator.string("organization-name", organization, 1..=bounds::ORGANIZATION_NAME, BOUNDS);
        }
        if let Some(number) = &self.numeric_user_identifier {
            validator.string("numeric-user-identifier", number, 1..=bounds::NUMERIC_USER_IDENTIFIER, BOUNDS);
        }
        if let Some(name) = &self.personal_name {
            validator.member("personal-name", name);
        }
        if let Some(units) = &self.organizational_units {
            validator.units(units);
            if self.organization.is_none() {
                validator.within("organizational-unit-names", |validator| {
                    validator.warning(
                        Rule::AddressForm,
                        "X.402 18.3.10",
                        "organizational units without an organization",
                    );
                });
            }
        }
        validator.unknown(&self.unknown);
    }
}

impl Validate for PersonalName {
    fn validate(&self, validator: &mut Validator) {
        let parts = [
            Some(&self.surname),
            self.given_name.as_ref(),
            self.initials.as_ref(),
            self.generation_qualifier.as_ref(),
        ];
        name_parts(validator, parts, NAME_BOUNDS, |validator, name, part, bound| {
            validator.string(name, part, 1..=bound, BOUNDS);
        });
        validator.unknown(&self.unknown);
    }
}

impl Validate for TeletexPersonalName {
    fn validate(&self, validator: &mut Validator) {
        let parts = [
            Some(&self.surname),
            self.given_name.as_ref(),
            self.initials.as_ref(),
            self.generation_qualifier.as_ref(),
        ];
        name_parts(validator, parts, NAME_BOUNDS, |validator, name, part, bound| {
            validator.string(name, part, 1..=bound, BOUNDS);
        });
        validator.unknown(&self.unknown);
    }
}

impl Validate for UniversalPersonalName {
    fn validate(&self, validator: &mut Validator) {
        let parts = [
            Some(&self.surname),
            self.given_name.as_ref(),
            self.initials.as_ref(),
            self.generation_qualifier.as_ref(),
        ];
        name_parts(validator, parts, UNIVERSAL_NAME_BOUNDS, |validator, name, part, bound| {
            validator.universal(name, part, bound);
        });
        validator.unknown(&self.unknown);
    }
}

const NAME_PARTS: [&str; 4] = ["surname", "given-name", "initials", "generation-qualifier"];
const NAME_BOUNDS: [usize; 4] =
    [bounds::SURNAME, bounds::GIVEN_NAME, bounds::INITIALS, bounds::GENERATION_QUALIFIER];
const UNIVERSAL_NAME_BOUNDS: [usize; 4] = [
    bounds::UNIVERSAL_SURNAME,
    bounds::UNIVERSAL_GIVEN_NAME,
    bounds::UNIVERSAL_INITIALS,
    bounds::UNIVERSAL_GENERATION_QUALIFIER,
];

/// The parts of a personal name that are there, each with its bound.
fn name_parts<T>(
    validator: &mut Validator,
    parts: [Option<&T>; 4],
    bounds: [usize; 4],
    judge: impl Fn(&mut Validator, &'static str, &T, usize),
) {
    for ((name, part), bound) in NAME_PARTS.into_iter().zip(parts).zip(bounds) {
        if let Some(part) = part {
            judge(validator, name, part, bound);
        }
    }
}

impl Validate for PdsParameter {
    fn validate(&self, validator: &mut Validator) {
        if let Some(printable) = &self.printable {
            validator.string("printable-string", printable, 1..=bounds::PDS_PARAMETER, BOUNDS);
        }
        if let Some(teletex) = &self.teletex {
            validator.string("teletex-string", teletex, 1..=bounds::PDS_PARAMETER, BOUNDS);
        }
        validator.unknown(&self.unknown);
    }
}

impl Validate for UnformattedPostalAddress {
    fn validate(&self, validator: &mut Validator) {
        if let Some(lines) = &self.printable {
            let name = "printable-address";
            validator.count(name, lines.len(), 1..=bounds::PDS_PHYSICAL_ADDRESS_LINES, BOUNDS);
            validator.each(name, lines, |validator, line| {
                validator.this_string(line, 1..=bounds::PDS_PARAMETER, BOUNDS);
            });
        }
        if let Some(teletex) = &self.teletex {
            validator.string("teletex-string", teletex, 1..=bounds::UNFORMATTED_ADDRESS, BOUNDS);
        }
        validator.unknown(&self.unknown);
    }
}

impl Validator {
    /// A country in the place that is being looked at: two letters or three digits.
    pub fn country(&mut self, country: &DomainName) {
        const CLAUSE: &str = "X.402 18.3.3";
        match country {
            DomainName::Numeric(digits) => {
                self.this_string(digits, bounds::COUNTRY_NAME_NUMERIC..=bounds::COUNTRY_NAME_NUMERIC, CLAUSE);
            }
            DomainName::Printable(letters) => {
                let alphabetic = letters.as_bytes().iter().all(u8::is_ascii_alphabetic);
                if letters.len() != bounds::COUNTRY_NAME_ALPHA || !alphabetic {
                    self.error(Rule::Value, CLAUSE, format!("`{letters}` is not two letters"));
                } else if letters.as_bytes().iter().any(u8::is_ascii_lowercase) {
                    self.notice(Rule::Value, CLAUSE, format!("`{letters}` is not in capitals"));
                }
            }
            DomainName::Unknown(raw) => self.unknown(std::slice::from_ref(raw)),
        }
    }

    /// The name of a management domain in the place that is being looked at, of at least `low` characters.
    pub fn domain(&mut self, domain: &DomainName, low: usize) {
        match domain {
            DomainName::Numeric(name) => self.this_string(name, low..=bounds::DOMAIN_NAME, BOUNDS),
            DomainName::Printable(name) => self.this_string(name, low..=bounds::DOMAIN_NAME, BOUNDS),
            DomainName::Unknown(raw) => self.unknown(std::slice::from_ref(raw)),
        }
    }

    /// Text in two- or four-octet characters that is a member.
    pub fn universal(&mut self, name: &'static str, text: &UniversalOrBmp, bound: usize) {
        self.within(name, |validator| {
            match &text.characters {
                UniversalCharacters::TwoOctets(characters) => {
                    validator.this_string(characters, 1..=bound, BOUNDS);
                }
                UniversalCharacters::FourOctets(characters) => {
                    validator.this_string(characters, 1..=bound, BOUNDS);
                }
                UniversalCharacters::Unknown(raw) => validator.unknown(std::slice::from_ref(raw)),
            }
            if let Some(language) = &text.language {
                if matches!(language.len(), 2 | 5) {
                    validator.within("iso-639-language-code", |validator| validator.alphabet(language));
                } else {
                    validator.string("iso-639-language-code", language, 2..=2, ATTRIBUTES);
                }
            }
            validator.unknown(&text.unknown);
        });
    }

    fn units<const TAG: u32>(&mut self, units: &[LaxStr<TAG>]) {
        self.listed_units(units, |validator, unit| {
            validator.this_string(unit, 1..=bounds::ORGANIZATIONAL_UNIT_NAME, BOUNDS);
        });
    }

    /// Organizational units, each judged in its place.
    fn listed_units<T>(&mut self, units: &[T], judge: impl FnMut(&mut Self, &T)) {
        let name = "organizational-unit-names";
        self.count(name, units.len(), 1..=bounds::ORGANIZATIONAL_UNITS, BOUNDS);
        self.each(name, units, judge);
    }

    /// Domain defined attributes, each judged in its place.
    fn domain_defined<T>(&mut self, attributes: &[T], judge: impl FnMut(&mut Self, &T)) {
        let name = "domain-defined-attributes";
        self.count(name, attributes.len(), 1..=bounds::DOMAIN_DEFINED_ATTRIBUTES, BOUNDS);
        self.each(name, attributes, judge);
    }

    fn domain_defined_strings<const TAG: u32>(&mut self, kind: &LaxStr<TAG>, value: &LaxStr<TAG>) {
        self.string("type", kind, 1..=bounds::DOMAIN_DEFINED_ATTRIBUTE_TYPE, BOUNDS);
        self.string("value", value, 1..=bounds::DOMAIN_DEFINED_ATTRIBUTE_VALUE, BOUNDS);
    }
}

fn extension_attributes(validator: &mut Validator, attributes: &[ExtensionAttributeField]) {
    let name = "extension-attributes";
    if attributes.len() > bounds::EXTENSION_ATTRIBUTES {
        validator.count(name, attributes.len(), 1..=bounds::EXTENSION_ATTRIBUTES, BOUNDS);
    }
    let mut seen = std::collections::BTreeSet::new();
    validator.each(name, attributes, |validator, attribute| {
        if !seen.insert(attribute.kind) {
            validator.error(
                Rule::Duplicate,
                ATTRIBUTES,
                format!("extension attribute {} occurs again", attribute.kind),
            );
        }
        validator.within("extension-attribute-value", |validator| {
            extension_attribute(validator, attribute.kind, &attribute.typed());
        });
        validator.unknown(&attribute.unknown);
    });
}

fn extension_attribute(validator: &mut Validator, number: i64, attribute: &ExtensionAttribute) {
    use ExtensionAttribute as E;
    match attribute {
        E::CommonName(name) => validator.this_string(name, 1..=bounds::COMMON_NAME, BOUNDS),
        E::TeletexCommonName(name) => validator.this_string(name, 1..=bounds::COMMON_NAME, BOUNDS),
        E::TeletexOrganization(name) => {
            validator.this_string(name, 1..=bounds::ORGANIZATION_NAME, BOUNDS);
        }
        E::TeletexPersonalName(name) => name.validate(validator),
        E::TeletexOrganizationalUnits(units) => validator.units(units),
        E::TeletexDomainDefined(attributes) => {
            validator.domain_defined(attributes, |validator, attribute| {
                validator.domain_defined_strings(&attribute.kind, &attribute.value);
            });
        }
        E::PdsName(name) => validator.this_string(name, 1..=bounds::PDS_NAME, BOUNDS),
        E::PhysicalDeliveryCountry(country) => validator.country(country),
        E::PostalCode(code) => match code {
            DomainName::Numeric(code) => validator.this_string(code, 1..=bounds::POSTAL_CODE, BOUNDS),
            DomainName::Printable(code) => validator.this_string(code, 1..=bounds::POSTAL_CODE, BOUNDS),
            DomainName::Unknown(raw) => validator.unknown(std::slice::from_ref(raw)),
        },
        E::PdsParameter(_, parameter) => parameter.validate(validator),
        E::UnformattedPostalAddress(address) => address.validate(validator),
        E::ExtendedNetworkAddress(address) => network_address(validator, address),
        E::TerminalType(kind) => {
            if !(3..=8).contains(kind) {
                validator.warning(Rule::Value, ATTRIBUTES, format!("terminal type {kind} has no meaning"));
            }
        }
        E::UniversalCommonName(name) => validator.universal("common-name", name, bounds::COMMON_NAME),
        E::UniversalOrganization(name) => {
            validator.universal("organization-name", name, bounds::ORGANIZATION_NAME);
        }
        E::UniversalPersonalName(name) => name.validate(validator),
        E::UniversalOrganizationalUnits(units) => {
            validator.listed_units(units, |validator, unit| {
                validator.universal("unit", unit, bounds::ORGANIZATIONAL_UNIT_NAME);
            });
        }
        E::UniversalDomainDefined(attributes) => {
            validator.domain_defined(attributes, |validator, attribute| {
                validator.universal("type", &attribute.kind, bounds::DOMAIN_DEFINED_ATTRIBUTE_TYPE);
                validator.universal("value", &attribute.value, bounds::DOMAIN_DEFINED_ATTRIBUTE_VALUE);
            });
        }
        E::UniversalPostal(number, text) => {
            let bound = if *number == 35 { bounds::UNFORMATTED_ADDRESS } else { bounds::PDS_PARAMETER };
            validator.universal("text", text, bound);
        }
        E::Other(1..=40, _) => validator.error(
            Rule::Undecodable,
            ATTRIBUTES,
            format!("the value is not what extension attribute {number} has"),
        ),
        E::Other(..) => validator.warning(
            Rule::Unknown,
            ATTRIBUTES,
            format!("no edition has an extension attribute {number}"),
        ),
    }
}

fn network_address(validator: &mut Validator, address: &ExtendedNetworkAddress) {
    match address {
        ExtendedNetworkAddress::E1634(address) => {
            validator.string("number", &address.number, 1..=bounds::E163_4_NUMBER, BOUNDS);
            if let Some(sub_address) = &address.sub_address {
                validator.string("sub-address", sub_address, 1..=bounds::E163_4_SUB_ADDRESS, BOUNDS);
            }
            validator.unknown(&address.unknown);
        }
        ExtendedNetworkAddress::Psap(address) => {
            let count = address.network_addresses.0.len();
            validator.count("network-addresses", count, 1..=usize::MAX, "X.520 5.7.1");
            validator.unknown(&address.unknown);
        }
        ExtendedNetworkAddress::Unknown(raw) => validator.unknown(std::slice::from_ref(raw)),
    }
}

/// Whether the attributes make up one of the forms: mnemonic, numeric, postal or terminal.
fn form(
    validator: &mut Validator,
    standard: &StandardAttributes,
    domain_defined: bool,
    extension: &[ExtensionAttributeField],
) {
    let has = |numbers: &[i64]| extension.iter().any(|attribute| numbers.contains(&attribute.kind));
    let mut missing = |what: &str, of: &str| {
        validator.error(Rule::AddressForm, FORMS, format!("no {what}, which {of} must have"));
    };
    let terminal = standard.network_address.is_some() || has(&[22]);
    let postal = has(&[8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21])
        || extension.iter().any(|attribute| (29..=40).contains(&attribute.kind));
    let numeric = standard.numeric_user_identifier.is_some();
    let mnemonic = standard.organization.is_some()
        || standard.personal_name.is_some()
        || standard.organizational_units.is_some()
        || has(&[1, 2, 3, 4, 5, 24, 25, 26, 27])
        || domain_defined
        || has(&[6, 28]);
    if terminal && !mnemonic && !numeric && !postal {
        // The domain may be left to the network.
        return;
    }
    let of = match (postal, numeric, mnemonic) {
        (true, ..) => "a postal address",
        (_, true, _) => "a numeric address",
        (_, _, true) => "a mnemonic address",
        _ => {
            let named = standard.terminal_identifier.is_some() || has(&[23]);
            let what = if named { "network address" } else { "name below the management domain" };
            return missing(what, "an address");
        }
    };
    if standard.country.is_none() {
        missing("country-name", of);
    }
    if standard.administration_domain.is_none() {
        missing("administration-domain-name", of);
    }
    if postal {
        if !has(&[8]) {
            missing("physical-delivery-country-name", of);
        }
        if !has(&[9]) {
            missing("postal-code", of);
        }
    }
}
