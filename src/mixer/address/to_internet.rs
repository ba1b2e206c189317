//! X.400 to Internet (RFC 2156 4.3.5; ledger ).

use std::fmt::Display;

use rasn_x400::prim::is_printable;
use rasn_x400::x411::address::text::{FromOrName, Key, KeyedAddress};
use rasn_x400::x411::address::{ExtensionAttribute, OrName};

use super::mailbox::{self, Mailbox};
use super::{BY_PERSON, ENCAPSULATION, Steps, ToInternet, Unmappable, is_encapsulation, local_part, to_or};
use crate::mixer::printable;
use crate::rules::Origin;
use crate::rules::aviation::Aviation;
use crate::rules::lookup::{Known, OfPath, Undetermined};
use crate::rules::mcgam::is_label;
use crate::rules::pattern::Party;
use crate::rules::pseudo_domain::{Path, level_key};
use crate::rules::registry::RuleNumber;
use crate::status::Failure;

mod by_rule;

/// Octets of a domain name (RFC 5321 4.5.3.1.2).
const DOMAIN_LIMIT: usize = 255;

pub(super) fn map(known: Known<'_>, steps: Steps, name: &OrName) -> Result<ToInternet, Unmappable> {
    let rules = known.rules();
    if !rules.registry().has_users() {
        return once(known, steps, name).0;
    }
    // Whether a rule counts whose user is an Internet address is known when there is one: if it does not, the address is
    // mapped again without it.
    let party = Party::new(None, Some(name), rules.countries());
    let mut without = Vec::new();
    loop {
        let choice = known.choice().for_user(Some(&party), false, &without);
        let (result, tentative) = once(known.choosing(choice), steps.again(), name);
        let Ok(found) = &result else { return result };
        let party = Party::new(Some(&found.address), None, rules.countries());
        let is_other = |rule: &&RuleNumber| {
            let user = &rules.registry().scope(**rule).user;
            user.as_ref().is_some_and(|pattern| !pattern.matches(&party))
        };
        match tentative.iter().find(is_other) {
            Some(rule) if !without.contains(rule) => without.push(*rule),
            _ => return result,
        }
    }
}

fn once(known: Known<'_>, steps: Steps, name: &OrName) -> (Result<ToInternet, Unmappable>, Vec<RuleNumber>) {
    let FromOrName { address, unexpressed, .. } = KeyedAddress::from_or_name(name);
    let exact = unexpressed.is_empty();
    let mut mapping = Mapping { known, address, exact, steps, tentative: Vec::new() };
    let found = match mapping.pair() {
        Some(found) => Ok((found, true)),
        None => match mapping.encapsulated(name) {
            Ok(Some(found)) => Ok((found, false)),
            Ok(None) => mapping.genuine().map(|found| (found, true)),
            Err(error) => Err(error),
        },
    };
    let result = found.map(|(found, by_rule)| {
        let parts = mapping.steps.parts_of_mailbox(&found);
        ToInternet { address: found, steps: mapping.steps.take(), parts, unexpressed, by_rule }
    });
    (result, mapping.tentative)
}

struct Mapping<'r> {
    known: Known<'r>,
    address: KeyedAddress,
    /// The address has nothing but these attributes.
    exact: bool,
    steps: Steps,
    /// Rules that were used for a user who is known only at the end.
    tentative: Vec<RuleNumber>,
}

impl Mapping<'_> {
    /// Mapping A: the address inside the attributes, if there are such.
    fn encapsulated(&mut self, name: &OrName) -> Result<Option<String>, Unmappable> {
        let printable: Vec<(Vec<u8>, Vec<u8>)> = name
            .domain_defined
            .iter()
            .flatten()
            .map(|attribute| (attribute.kind.as_bytes().to_vec(), attribute.value.as_bytes().to_vec()))
            .collect();
        let teletex: Vec<(Vec<u8>, Vec<u8>)> = name
            .extension_attributes()
            .filter_map(|attribute| match attribute {
                ExtensionAttribute::TeletexDomainDefined(attributes) => Some(attributes),
                _ => None,
            })
            .flatten()
            .map(|attribute| (attribute.kind.as_bytes().to_vec(), attribute.value.as_bytes().to_vec()))
            .collect();
        let (Some(printable), Some(teletex)) = (gather(&printable), gather(&teletex)) else {
            return Ok(None);
        };
        let by_printable = (!printable.is_empty()).then(|| decode(&printable, true));
        let all_printable = teletex.iter().all(|&octet| is_printable(octet));
        let by_teletex = (!teletex.is_empty()).then(|| decode(&teletex, all_printable));
        let found = match (by_printable, by_teletex) {
            (None, None) => return Ok(None),
            (Some(one), Some(two)) if one != two => {
                let reason = format!("`{one}` and `{two}` are given for one address");
                return Err(self.fail(reason, "RFC 2156 4.3.2"));
            }
            (Some(found), _) | (None, Some(found)) => found,
        };
        self.step("Internet address is taken out of the attributes", &found, "RFC 2156 4.3.5 A", None);
        match Mailbox::parse(&found) {
            // Control characters would be commands to a mail server.
            Ok(_) if found.bytes().any(|octet| octet.is_ascii_control()) => {
                let reason =
                    format!("the attribute RFC-822 holds control characters: {}", found.escape_debug());
                Err(self.fail(reason, "RFC 5321 4.1.2"))
            }
            Ok(mailbox) if mailbox.domain.is_some() && found.is_ascii() => Ok(Some(found)),
            Ok(_) => {
                let reason = format!(
                    "the attribute RFC-822 holds `{found}`, which is no address of the form local@domain"
                );
                Err(self.fail(reason, "RFC 2156 4.3.5 A")) // F-02
            }
            Err(error) => {
                let reason = format!("the attribute RFC-822 holds `{found}`: {error}");
                Err(self.fail(reason, "RFC 2156 4.3.5 A"))
            }
        }
    }

    /// Mapping B: the hierarchy as a domain, the rest as a local part.
    fn genuine(&mut self) -> Result<String, Unmappable> {
        if let Some(tables) = self.known.rules().aviation()
            && let Some(letters) = tables.to_letters(&self.address)
        {
            return Ok(self.aviation(tables, &letters));
        }
        if let Some(found) = self.person()? {
            return Ok(found);
        }
        if let Some(found) = self.template()? {
            return Ok(found);
        }
        let path = Path::of(&self.address);
        let OfPath { mapping, gateway } = self.known_of(&path)?;
        if let Err(form) = self.address.form() {
            self.step("incomplete, all of it is written out", form, "X.402 18.5", None);
            return self.at_gateway(gateway);
        }
        let Some((key, domain, levels, origin)) = mapping else {
            return self.at_gateway(gateway);
        };
        let value = format_args!("{key} = {domain}");
        let rule = (!self.steps.silent).then(|| origin.clone());
        self.step("hierarchy is mapped", value, "RFC 2156 4.3.5 B.3", rule);
        // other forms are written out whole.
        if self.address.attributes().iter().any(|attribute| !attribute.key.is_mnemonic()) {
            let local = self.address.to_std_or();
            self.step("not a mnemonic address, all of it is written out", &local, "RFC 2156 4.3.5 B.5", None);
            let local = mailbox::quote(&local);
            self.steps.part("local part", &local, "the whole address", "RFC 2156 4.3.5 B.5", None);
            self.steps.part("domain", &domain, key, "RFC 2156 4.3.5 B.3", Some(&origin));
            return Ok(format!("{local}@{domain}"));
        }
        let mapped = (domain.clone(), levels);
        let (domain, levels) = self.descend(domain, levels, &path);
        let rest = below(&self.address, levels);
        let local = match local_part::personal_name(&rest) {
            Some(name) => name,
            None => rest.to_std_or(),
        };
        self.step("local part", &local, "RFC 2156 4.3.5 B.5", None);
        if domain.contains('.') {
            let local = mailbox::quote(&local);
            self.steps.part("local part", &local, labels_of(&rest), "RFC 2156 4.3.5 B.5", None);
            for (level, label) in path.levels.iter().enumerate().take(levels).skip(mapped.1).rev() {
                let label = label.as_deref().unwrap_or_default();
                let source = format_args!("{}={label}", level_key(level).label());
                self.steps.part("label", label, source, "RFC 2156 4.3.5 B.4", None);
            }
            self.steps.part("domain", &mapped.0, key, "RFC 2156 4.3.5 B.3", Some(&origin));
            return Ok(format!("{local}@{domain}"));
        }
        // no mail is routed to a domain of one label.
        self.step("a domain of one label leads nowhere", &domain, "RFC 2156 4.3.5 B.3", None);
        self.at_gateway(gateway)
    }

    /// Eight letters at the domain of aviation; that they lead back is said, and not demanded (beyond V-04).
    fn aviation(&mut self, tables: &Aviation, letters: &str) -> String {
        const CLAUSE: &str = "ICAO Doc 9880 4.5.2.2.6";
        self.step("address of aviation", letters, CLAUSE, None);
        let back = tables.to_or(letters).map(|address| address.to_display());
        if back.as_ref().ok() != Some(&self.address.to_display()) {
            let shown = back.unwrap_or_else(|reason| reason);
            self.step("which does not lead back", shown, CLAUSE, None);
        }
        format!("{letters}@{}", tables.domain)
    }

    /// Somebody whose Internet address is kept beside this O/R address; nothing needs to be mapped then.
    fn person(&mut self) -> Result<Option<String>, Unmappable> {
        if self.address.form().is_err() {
            return Ok(None);
        }
        match self.known.mailbox_of_person(&self.address) {
            Ok(None) => Ok(None),
            Ok(Some((mailbox, origin))) => {
                self.step("person is known", &mailbox, BY_PERSON, Some(origin));
                Ok(Some(mailbox))
            }
            Err(Undetermined { reason, given_up: true }) => {
                self.step("the person could not be looked up in time", reason, "RFC 2156 4.2.1", None);
                Ok(None)
            }
            Err(Undetermined { reason, .. }) => {
                let fault = self.fail(reason, "RFC 2156 4.2.1");
                Err(Unmappable { failure: Failure::MappingUnavailable, ..fault })
            }
        }
    }

    /// What maps the longest part of the hierarchy, and the gateway for where nothing does. One in a header
    /// that could not be looked up in time counts as unknown (M-10).
    fn known_of(&mut self, path: &Path) -> Result<OfPath, Unmappable> {
        match self.known.of_path(path) {
            Ok(found) => {
                let origins =
                    [found.mapping.as_ref().map(|one| &one.3), found.gateway.as_ref().map(|one| &one.2)];
                origins.into_iter().flatten().for_each(|origin| self.uses(origin));
                Ok(found)
            }
            Err(Undetermined { reason, given_up: true }) => {
                self.step("the hierarchy could not be looked up in time", reason, "RFC 2156 4.2.1", None);
                Ok(OfPath { mapping: None, gateway: None })
            }
            // M-09, F-03: a later try may know.
            Err(Undetermined { reason, .. }) => {
                let fault = self.fail(reason, "RFC 2156 4.2.1");
                Err(Unmappable { failure: Failure::MappingUnavailable, ..fault })
            }
        }
    }

    /// attributes below the mapping become labels, as long as they can, something is left for the local
    /// part, and the domain leads back to the same place even where a deeper mapping exists.
    fn descend(&mut self, domain: String, levels: usize, path: &Path) -> (String, usize) {
        let mut chosen = (domain.clone(), levels);
        let (mut domain, mut levels) = (domain, levels);
        if below(&self.address, levels).is_empty() {
            // The mapping reaches the last attribute; that one is written out.
            chosen.1 = levels.min(path.levels.len()).saturating_sub(1);
            return chosen;
        }
        while let Some(Some(label)) = path.levels.get(levels) {
            if !is_label(label) || label.len() + domain.len() + 1 > DOMAIN_LIMIT {
                break;
            }
            if below(&self.address, levels + 1).is_empty() {
                break;
            }
            domain = format!("{label}.{domain}");
            levels += 1;
            if self.leads_back(&domain, levels, path) {
                chosen = (domain.clone(), levels);
            }
        }
        if levels > chosen.1 && !self.leads_back(&chosen.0, chosen.1, path) {
            // The tables map one way only; then the standard's answer is as good as any.
            chosen = (domain, levels);
        }
        self.step("domain", &chosen.0, "RFC 2156 4.3.5 B.4", None);
        chosen
    }

    /// Whether stage I makes these levels of the domain again, by the tables: nobody is asked about names that nobody wrote.
    fn leads_back(&self, domain: &str, levels: usize, path: &Path) -> bool {
        let tables = self.known.by_tables();
        let Ok(Some((found, _))) = to_or::attributes_of(&tables, domain) else { return false };
        let back = found.path.levels.iter().take(levels);
        let there = path.levels.iter().chain(std::iter::repeat(&None)).take(levels);
        found.complete && found.path.levels.len() == levels && back.eq_by_name(there)
    }

    /// Z-10: at a gateway's domain every attribute is written out, unless the operator says that a preferred
    /// gateway knows those that led to it.
    fn at_gateway(&mut self, preferred: Option<(String, usize, Origin)>) -> Result<String, Unmappable> {
        let rules = self.known.rules();
        let (domain, rule, known) = match (preferred, rules.gateway()) {
            (Some((domain, levels, origin)), _) => {
                (domain, Some(origin), if rules.gate1_strip_prefix() { levels } else { 0 })
            }
            (None, Some(gateway)) => (gateway.domain.clone(), None, 0),
            (None, None) => {
                let reason = "no mapping, and the rules give this gateway no domain".to_owned();
                return Err(self.fail(reason, "RFC 2156 4.3.5 B.3"));
            }
        };
        let what = if rule.is_some() { "preferred gateway" } else { "default gateway" };
        self.steps.part("domain", &domain, what, "RFC 2156 4.3.5 B.3", rule.as_ref());
        self.step(what, &domain, "RFC 2156 4.3.5 B.3", rule);
        let rest = below(&self.address, known);
        let local = match known {
            // The example of RFC 2156 ends without a slash.
            1.. if !rest.is_empty() => rest.to_std_or().trim_end_matches('/').to_owned(),
            _ => self.address.to_std_or(),
        };
        if local.is_empty() {
            return Err(self.fail("the O/R address has no attributes".to_owned(), "X.402 18.5"));
        }
        self.step("local part", &local, "RFC 2156 4.3.5 B.5", None);
        let local = mailbox::quote(&local);
        self.steps.part("local part", &local, labels_of(&rest), "RFC 2156 4.3.5 B.5", None);
        Ok(format!("{local}@{domain}"))
    }

    /// Notes a rule whose user is known only at the end.
    fn uses(&mut self, origin: &Origin) {
        if let Origin::Rule { number, .. } = origin
            && self.known.choice().is_tentative(*number)
        {
            self.tentative.push(*number);
        }
    }

    fn step(&mut self, what: &'static str, value: impl Display, clause: &'static str, rule: Option<Origin>) {
        self.steps.add(what, value, clause, rule);
    }

    fn fail(&mut self, reason: String, clause: &'static str) -> Unmappable {
        let steps = self.steps.take();
        let address = self.address.to_display();
        Unmappable {
            address: address.into(),
            offset: 0,
            reason,
            clause,
            failure: Failure::AddressNotMappable,
            suggestion: None,
            steps,
        }
    }
}

/// The labels of attributes, when they are written.
fn labels_of(address: &KeyedAddress) -> impl Display {
    std::fmt::from_fn(|f| {
        for (number, attribute) in address.attributes().iter().enumerate() {
            if number > 0 {
                f.write_str(", ")?;
            }
            match &attribute.key {
                Key::DomainDefined(kind) => write!(f, "DDA:{kind}")?,
                key => f.write_str(key.label())?,
            }
        }
        Ok(())
    })
}

/// The attributes that are not among the first levels of the hierarchy.
fn below(address: &KeyedAddress, levels: usize) -> KeyedAddress {
    let units = levels.saturating_sub(4);
    let depth = |key: &Key| match key {
        Key::Country => Some(0),
        Key::AdministrationDomain => Some(1),
        Key::PrivateDomain => Some(2),
        Key::Organization => Some(3),
        _ => None,
    };
    let upper = address.without(|attribute| depth(&attribute.key).is_some_and(|depth| depth < levels));
    // The right-most units are the most significant.
    let count = address.units().count();
    let mut seen = 0;
    let kept = upper.attributes().iter().filter(|attribute| {
        if attribute.key != Key::OrganizationalUnit {
            return true;
        }
        seen += 1;
        seen <= count.saturating_sub(units)
    });
    kept.map(|attribute| (attribute.key.clone(), attribute.value.clone())).collect()
}

/// The values of the attributes that carry an Internet address, joined; None if one occurs twice.
fn gather(attributes: &[(Vec<u8>, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    for kind in ENCAPSULATION {
        let mut of_kind = attributes.iter().filter(|(known, _)| {
            str::from_utf8(known)
                .is_ok_and(|known| is_encapsulation(known) && known.eq_ignore_ascii_case(kind))
        });
        let first = of_kind.next();
        if of_kind.next().is_some() {
            return None;
        }
        match first {
            Some((_, value)) => joined.extend_from_slice(value),
            None => break,
        }
    }
    Some(joined)
}

/// E-07; what does not decode is taken as it is (A-202, Z-01).
fn decode(octets: &[u8], encoded: bool) -> String {
    let text: String = match str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => octets.iter().copied().map(char::from).collect(),
    };
    if encoded { printable::from_printable(&text).unwrap_or(text) } else { text }
}

/// Comparison of levels as names are compared: in any case, spaces squeezed.
trait EqualByName<'a>: Iterator<Item = &'a Option<String>> + Sized {
    fn eq_by_name(self, other: impl Iterator<Item = &'a Option<String>>) -> bool {
        let form = |value: &Option<String>| {
            value.as_ref().map(|value| {
                value
                    .split(' ')
                    .filter(|word| !word.is_empty())
                    .collect::<Vec<_>>()
                    .join(" ")
                    .to_ascii_lowercase()
            })
        };
        self.map(form).eq(other.map(form))
    }
}

impl<'a, I: Iterator<Item = &'a Option<String>>> EqualByName<'a> for I {}
