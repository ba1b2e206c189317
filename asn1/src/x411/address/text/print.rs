//! Writing (RFC 2156 4.1.3, 4.3.3; RFC 1685; ledger ).

use super::key::Key;
use super::{Attribute, KeyedAddress};

impl KeyedAddress {
    /// `/S=Kille/OU=CS/O=UCL/ADMD=BT/C=GB/`: what stands in the local part of an Internet address. Empty if there are no
    /// attributes.
    #[must_use]
    pub fn to_std_or(&self) -> String {
        let mut text = String::new();
        for attribute in &self.attributes {
            text.push('/');
            match &attribute.key {
                // AK-36: the short form, if it returns the type as it is.
                Key::DomainDefined(kind) if kind == "RFC-822" => text.push_str(kind),
                Key::DomainDefined(kind) => {
                    text.push_str("DD.");
                    push_quoted(&mut text, kind);
                }
                key => text.push_str(key.label()),
            }
            text.push('=');
            push_quoted(&mut text, &attribute.value);
        }
        if !text.is_empty() {
            text.push('/');
        }
        text
    }

    /// `S=Kille; O=UCL; OU1=CS; A=BT; C=GB`: the form of RFC 1685, for people and logs. An ADMD of one space is left out
    /// where it may be.
    #[must_use]
    pub fn to_display(&self) -> String {
        let units = self.units().count();
        let mut units_written = 0;
        let mut attributes: Vec<&Attribute> = self.attributes.iter().collect();
        attributes.sort_by_key(|attribute| display_rank(&attribute.key));
        // Units are numbered from the most significant, which std-or puts last.
        let first_unit = attributes.iter().position(|attribute| attribute.key == Key::OrganizationalUnit);
        if let Some(first) = first_unit.filter(|_| units <= 4) {
            attributes[first..first + units].reverse();
        }
        let blank = |attribute: &Attribute| {
            attribute.key == Key::AdministrationDomain && attribute.value == " " && self.has(&Key::Country)
        };
        let mut texts: Vec<String> = Vec::with_capacity(attributes.len());
        attributes.retain(|attribute| !blank(attribute));
        let alone = attributes.len() == 1;
        for attribute in attributes {
            let value = display_value(&attribute.value, alone);
            texts.push(match &attribute.key {
                Key::DomainDefined(kind) => {
                    format!("DDA:{}={value}", kind.replace('$', "$$").replace('=', "==").replace('/', "$/"))
                }
                // Plain `OU` would be read from the right; more than four units have no numbers.
                Key::OrganizationalUnit if units <= 4 => {
                    units_written += 1;
                    format!("OU{units_written}={value}")
                }
                key => format!("{}={value}", key.row().map_or("", |row| row.display)),
            });
        }
        texts.join("; ")
    }
}

fn push_quoted(text: &mut String, value: &str) {
    for character in value.chars() {
        if matches!(character, '/' | '=' | '$' | ';') {
            text.push('$');
        }
        text.push(character);
    }
}

/// A `/` is left alone where nobody takes it for a separator: between other characters of a value without `=`, in an
/// address whose separators are seen to be `;`.
fn display_value(value: &str, alone: bool) -> String {
    let value = value.replace('$', "$$").replace(';', "$;");
    let inside = |(place, _): (usize, &str)| {
        value.as_bytes().get(place + 1).is_some_and(|next| next.is_ascii_alphanumeric())
    };
    let plain = !alone && !value.contains(['=', '$']) && value.match_indices('/').all(inside);
    let value = if plain { value } else { value.replace('/', "$/") };
    // After the `=` of a label a second one would be taken for a part of the label.
    if value.starts_with('=') { format!("${value}") } else { value }
}

/// Domain-defined, delivery and network attributes, then the order people know: name, organization, domains, country.
fn display_rank(key: &Key) -> usize {
    match key {
        Key::GivenName => 101,
        Key::Initials => 102,
        Key::Surname => 103,
        Key::GenerationQualifier => 104,
        Key::CommonName => 105,
        Key::Organization => 106,
        Key::OrganizationalUnit => 107,
        Key::PrivateDomain => 108,
        Key::AdministrationDomain => 109,
        Key::Country => 110,
        other => other.rank(),
    }
}
