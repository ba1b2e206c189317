//! Mappings that lead to the gateway itself. What no rule knows is carried beside the gateway's own O/R address, or before its
//! domain; whoever maps something else there makes the two hard to tell apart.

use rasn_x400::x411::address::text::{Key, KeyedAddress};

use super::super::mcgam::{self, Kind};
use super::super::pseudo_domain::Path;
use super::super::registry::RuleNumber;
use super::Analysis;
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::address::is_encapsulation;

impl Analysis<'_> {
    /// Mappings of the gateway's own names.
    pub(super) fn own_names(&mut self) {
        let Some(gateway) = self.rules.gateway() else { return };
        let own = Path::of(&gateway.address);
        let own_key = mcgam::path_entry_key(&own);
        let domain = gateway.domain.clone();
        let mut found = Vec::new();
        for entry in self.entries(Kind::DomainToOr) {
            if entry.normal.eq_ignore_ascii_case(&domain) {
                found.push((
                    entry.place.clone(),
                    format!("`{}` is the gateway's own domain", entry.key),
                    true,
                ));
            } else if mcgam::path_entry_key(&entry.path()) == own_key {
                let message = format!("`{}` is mapped to the gateway's own O/R address", entry.key);
                found.push((entry.place.clone(), message, false));
            }
        }
        for entry in self.entries(Kind::OrToDomain) {
            if entry.normal == own_key {
                let message = format!("`{}` is the gateway's own O/R address", entry.key);
                found.push((entry.place.clone(), message, false));
            } else if entry.target.eq_ignore_ascii_case(&domain) {
                let message = format!("`{}` is mapped to the gateway's own domain", entry.key);
                found.push((entry.place.clone(), message, true));
            }
        }
        for (place, message, is_domain) in found {
            let (shown, help) = match is_domain {
                true => (
                    format!(
                        "for example, `\"/S=Weber/O=elsewhere/A=mail/C=de/\"@{domain}` stands for an X.400 address that no rule knows"
                    ),
                    "give the gateway a domain that nothing else has, such as one below yours",
                ),
                false => (
                    format!(
                        "for example, `/DD.RFC-822=anna(a)example.com{}` stands for an Internet address that no rule knows",
                        gateway.address.to_std_or()
                    ),
                    "give the gateway an O/R address that nothing else has, such as one more unit",
                ),
            };
            let diagnostic = self.at(Code::OwnName, &place, message, "leads to the gateway itself");
            self.found(diagnostic.counterexample(shown).help(help));
        }
    }

    /// A rule for addresses that carry an Internet address already.
    pub(super) fn encapsulated_rule(&mut self, rule: RuleNumber, kind: &str) {
        let Some(rule) = self.rules.registry.get(rule) else { return };
        let message = format!("the attribute `{kind}` holds an Internet address");
        let label = "no rule is asked about such addresses";
        let diagnostic =
            Diagnostic::new(Code::Encapsulated, &*rule.source, rule.span.clone(), message, label);
        self.found(
            diagnostic.help("leave the attribute out: the gateway adds it with the address it carries"),
        );
    }

    /// Rules for addresses that carry an Internet address already.
    pub(super) fn encapsulated(&mut self) {
        let mut found = Vec::new();
        for entry in self.entries(Kind::GatewayAddress) {
            if let Some(kind) = carrier(&entry.address()) {
                found.push((entry.place.clone(), kind));
            }
        }
        for (place, kind) in found {
            let message = format!("the attribute `{kind}` holds an Internet address");
            let diagnostic =
                self.at(Code::Encapsulated, &place, message, "no rule is asked about such addresses");
            self.found(
                diagnostic.help("leave the attribute out: the gateway adds it with the address it carries"),
            );
        }
    }
}

/// The attribute of an address that carries an Internet address.
pub(super) fn carrier(address: &KeyedAddress) -> Option<String> {
    address.attributes().iter().find_map(|attribute| carrier_of(&attribute.key).map(str::to_owned))
}

/// The type of an attribute that carries an Internet address.
pub(super) fn carrier_of(key: &Key) -> Option<&str> {
    match key {
        Key::DomainDefined(kind) if is_encapsulation(kind) => Some(kind),
        _ => None,
    }
}
