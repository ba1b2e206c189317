//! Addresses (RFC 2156 4.3): one [`Mapper`] over a set of rules, both directions, every step recorded.
//!
//! * [`Mapper::to_or`] reads the local part as an X.400 address and adds what the tables know of the domain (stage I); what
//!   that cannot express is encapsulated in the domain-defined attribute `RFC-822` (stage II).
//! * [`Mapper::to_internet`] takes an encapsulated address out again (mapping A), or turns the organization into a domain
//!   as far as the tables know it and writes the rest in the local part (mapping B).
//!
//! The two are inverses: an address that went one way comes back as it was (ledger A-220).

use std::fmt::Display;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::{self, Key, KeyedAddress};
use rasn_x400::x411::trace::GlobalDomainIdentifier;

use crate::mixer::{self, AddressContext, AddressMapper};
use crate::rules::lookup::{Answers, Known};
use crate::rules::{Choice, Near, Origin, Rules};
use crate::status::Failure;

pub mod mailbox;
pub mod table_form;

mod local_part;
mod memory;
mod parts;
mod to_internet;
mod to_or;

#[cfg(test)]
mod tests;

pub use memory::Memory;
pub use parts::Part;

use memory::Holds;

/// One thing the mapping did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub what: &'static str,
    /// What came of it.
    pub value: String,
    /// The clause that says so.
    pub clause: &'static str,
    /// The line of a table or the looked-up record that was used.
    pub rule: Option<Origin>,
    /// Where what was tried does not apply: octets of the address before that, and what to write instead.
    pub fault: Option<Fault>,
}

/// How far a reading came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Octets of the address before the fault.
    pub offset: usize,
    /// What to write instead, when there is a likely answer.
    pub suggestion: Option<String>,
}

impl Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ({})", self.what, self.value, self.clause)?;
        match &self.rule {
            Some(origin) => write!(f, " [{origin}]"),
            None => Ok(()),
        }
    }
}

/// An Internet address in X.400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToOr {
    /// Its attributes.
    pub address: KeyedAddress,
    /// The same as an O/R name without a directory name.
    pub name: OrName,
    /// How it came about, in order.
    pub steps: Vec<Step>,
    /// What each attribute comes from, in the order of `address`.
    pub parts: Vec<Part>,
    /// Whether a rule, a table or a lookup says so, for this address or for its domain. If not, the sender wrote an O/R address in
    /// full, or another than its domain has, or the address is carried as it is to some gateway that takes them all.
    pub by_rule: bool,
    /// Where else the address becomes this.
    holds: Holds,
}

/// An O/R address on the Internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToInternet {
    /// `local-part@domain`, quoted where need be.
    pub address: String,
    /// How it came about, in order.
    pub steps: Vec<Step>,
    /// What each piece comes from, from left to right.
    pub parts: Vec<Part>,
    /// Numbers of extension attributes that no text holds and that are missing from the address.
    pub unexpressed: Vec<i64>,
    /// Whether a rule, a table or a lookup says so; if not, the address was taken out of an attribute (mapping A).
    pub by_rule: bool,
}

/// Why an address has no counterpart, in words fit for the reply to a sender.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{address}`: {reason} (at character {}, {clause})", offset + 1)]
pub struct Unmappable {
    /// The address as given.
    pub address: Box<str>,
    /// Octets of it before the fault.
    pub offset: usize,
    /// What is wrong, or what was expected.
    pub reason: String,
    /// The clause that decides so.
    pub clause: &'static str,
    /// What kind of failure that is, for the reply: no counterpart, too long, outside US-ASCII (beyond D-35), or a
    /// source of mappings that did not answer (F-03).
    pub failure: Failure,
    /// What to write instead.
    pub suggestion: Option<String>,
    /// What was done before it failed.
    pub steps: Vec<Step>,
}

/// The mapping of addresses by a set of rules.
#[derive(Debug, Clone, Copy)]
pub struct Mapper<'a> {
    rules: &'a Rules,
    answers: Option<&'a Answers>,
    peer: Option<&'a str>,
    memory: Option<&'a Memory>,
    silent: bool,
}

impl<'a> Mapper<'a> {
    /// A mapper by the tables of these rules alone.
    #[must_use]
    pub const fn new(rules: &'a Rules) -> Self {
        Self { rules, answers: None, peer: None, memory: None, silent: false }
    }

    /// A mapper by the tables and by what was looked up. What it wants to know besides is noted with the answers.
    #[must_use]
    pub const fn asking(rules: &'a Rules, answers: &'a Answers) -> Self {
        Self { rules, answers: Some(answers), peer: None, memory: None, silent: false }
    }

    /// The same for messages to or from this peer: rules that are for it alone count as well.
    #[must_use]
    pub const fn for_peer(self, peer: Option<&'a str>) -> Self {
        Self { peer, ..self }
    }

    /// The peer whose rules count.
    #[must_use]
    pub const fn peer(&self) -> Option<&'a str> {
        self.peer
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &'a Rules {
        self.rules
    }

    /// The same without the steps: they are for whoever wants to know, and cost as much as the mapping.
    #[must_use]
    pub const fn without_steps(self) -> Self {
        Self { silent: true, ..self }
    }

    /// The same with what was mapped by these rules before, and for what is mapped after: in one conversion, or, where there are no
    /// answers, in any.
    #[must_use]
    pub const fn remembering(self, memory: &'a Memory) -> Self {
        Self { memory: Some(memory), ..self }
    }

    /// The O/R address of an Internet address; the module `to_or` has the steps.
    ///
    /// # Errors
    /// When it is no address, cannot be written in X.400, or is a recipient that these rules do not send to X.400; and
    /// when a lookup is wanting.
    pub fn to_or(&self, address: &str, context: AddressContext) -> Result<ToOr, Unmappable> {
        let memory = self.memory();
        if let Some(known) = memory.and_then(|memory| memory.or_of(self, address, context, ToOr::clone)) {
            return Ok(known);
        }
        self.map_to_or(address, context)
    }

    /// The same of one that is not remembered.
    fn map_to_or(&self, address: &str, context: AddressContext) -> Result<ToOr, Unmappable> {
        let found = to_or::map(self.known(context), self.steps(), address, context)?;
        if let Some(memory) = self.memory() {
            memory.keep_or(self, address, context, &found);
        }
        Ok(found)
    }

    /// The Internet address of an O/R address; the module `to_internet` has the steps.
    ///
    /// # Errors
    /// When an encapsulated address is none, or the rules name no gateway for an address that no table knows; and when a
    /// lookup is wanting.
    pub fn to_internet(&self, name: &OrName) -> Result<ToInternet, Unmappable> {
        to_internet::map(self.known(AddressContext::Recipient), self.steps(), name)
    }

    /// What may be used of what was mapped before: nothing where steps are wanted.
    const fn memory(&self) -> Option<&'a Memory> {
        if self.silent { self.memory } else { None }
    }

    const fn known(&self, context: AddressContext) -> Known<'a> {
        let choice = Choice::everybody(self.rules).for_peer(self.peer);
        Known::new(self.rules, self.answers, context).choosing(choice)
    }

    const fn steps(&self) -> Steps {
        Steps::new(self.silent)
    }
}

/// Steps on the way, as far as they are wanted.
#[derive(Debug)]
struct Steps {
    taken: Vec<Step>,
    /// What the attributes of the address under way come from.
    made: Vec<parts::Made>,
    /// The same of the pieces of an Internet address.
    parts: Vec<Part>,
    silent: bool,
}

impl Steps {
    fn add(&mut self, what: &'static str, value: impl Display, clause: &'static str, rule: Option<Origin>) {
        if !self.silent {
            self.taken.push(Step { what, value: value.to_string(), clause, rule, fault: None });
        }
    }

    /// What was tried and does not apply, and how far it came.
    fn tried(&mut self, what: &'static str, reason: &str, clause: &'static str, fault: Fault) {
        self.add(what, reason, clause, None);
        if let Some(step) = self.taken.last_mut().filter(|_| !self.silent) {
            step.fault = Some(fault);
        }
    }

    /// How far the nearest rule with variables came.
    fn no_template<'a>(&mut self, rules: &Rules, near: impl FnOnce() -> Option<Near<'a>>) {
        if self.silent {
            return;
        }
        if let Some(Near { template, reason, .. }) = near() {
            self.add("template does not match", reason, BY_RULE, Some(rules.origin_of(template.rule)));
        }
    }

    /// None yet, as far as these are wanted.
    const fn again(&self) -> Self {
        Self::new(self.silent)
    }

    const fn new(silent: bool) -> Self {
        Self { taken: Vec::new(), made: Vec::new(), parts: Vec::new(), silent }
    }

    fn take(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.taken)
    }
}

impl Unmappable {
    fn seeking(self, sought: mixer::Side) -> mixer::AddressError {
        if self.failure == Failure::MappingUnavailable {
            return mixer::AddressError::Undetermined {
                address: self.address.into(),
                sought,
                reason: self.reason,
            };
        }
        let reason = match self.suggestion {
            Some(suggestion) => format!("{}; {suggestion}", self.reason),
            None => self.reason,
        };
        mixer::AddressError::Unmappable { address: self.address.into(), sought, reason, clause: self.clause }
    }
}

impl AddressMapper for Mapper<'_> {
    fn to_or(&self, address: &str, context: AddressContext) -> Result<mixer::MappedOr, mixer::AddressError> {
        let name = |found: &ToOr| found.name.clone();
        if let Some(name) = self.memory().and_then(|memory| memory.or_of(self, address, context, name)) {
            return Ok(mixer::MappedOr { or_address: name, steps: Vec::new() });
        }
        let found = self.map_to_or(address, context).map_err(|error| error.seeking(mixer::Side::X400))?;
        Ok(mixer::MappedOr { or_address: found.name, steps: found.steps })
    }

    fn encapsulate(
        &self,
        address: &str,
        context: AddressContext,
    ) -> Result<mixer::MappedOr, mixer::AddressError> {
        let found = to_or::encapsulated(self.known(context), self.steps(), address, context)
            .map_err(|error| error.seeking(mixer::Side::X400))?;
        Ok(mixer::MappedOr { or_address: found.name, steps: found.steps })
    }

    fn to_internet(
        &self,
        name: &OrName,
        context: AddressContext,
    ) -> Result<mixer::MappedMailbox, mixer::AddressError> {
        // What becomes of one that a lookup decides depends on where it stands.
        let memory = self.memory().filter(|_| self.answers.is_none());
        if let Some(known) = memory.and_then(|memory| memory.mailbox_of(self, name)) {
            return Ok(known);
        }
        let ToInternet { address, steps, unexpressed, by_rule, .. } =
            to_internet::map(self.known(context), self.steps(), name)
                .map_err(|error| error.seeking(mixer::Side::Internet))?;
        let made = mixer::MappedMailbox { address, steps, unexpressed, by_rule };
        if let Some(memory) = memory {
            memory.keep_mailbox(self, name, &made);
        }
        Ok(made)
    }

    fn parse_or(&self, text: &str) -> Option<OrName> {
        text::parse(text).ok()?.to_or_name().ok()
    }

    fn show_or(&self, name: &OrName) -> String {
        KeyedAddress::from_or_name(name).address.to_display()
    }

    fn rules(&self) -> Option<&Rules> {
        Some(self.rules)
    }

    fn management_domain(&self, domain: &str) -> Option<GlobalDomainIdentifier> {
        // Of the tables alone: what is in the trace does not change from one attempt to the next.
        let (found, _) =
            to_or::attributes_of(&self.known(AddressContext::Recipient).by_tables(), domain).ok()??;
        let level =
            |key: &Key| found.path.attributes().find(|(known, _)| known == key).map(|(_, value)| value);
        let administration = level(&Key::AdministrationDomain).unwrap_or_else(|| " ".to_owned());
        let private = level(&Key::PrivateDomain);
        Some(GlobalDomainIdentifier::new(&level(&Key::Country)?, &administration, private.as_deref()))
    }
}

/// An address as people write it, when it is written.
fn shown(address: &KeyedAddress) -> impl Display {
    std::fmt::from_fn(|f| f.write_str(&address.to_display()))
}

/// What the variables of a template stand for: `given = anna, surname = weber`.
fn listed(values: &[(&str, String)]) -> impl Display {
    std::fmt::from_fn(|f| {
        values.iter().enumerate().try_for_each(|(place, (name, value))| {
            let separator = if place > 0 { ", " } else { "" };
            write!(f, "{separator}{name} = {value}")
        })
    })
}

/// The text `/S=…/C=…/` of an O/R address (RFC 2156 4.1.3); a directory name is not in it.
pub(crate) fn std_or(name: &OrName) -> String {
    KeyedAddress::from_or_name(name).address.to_std_or()
}

/// Whether a domain-defined attribute of this type carries an Internet address.
pub(crate) fn is_encapsulation(kind: &str) -> bool {
    ENCAPSULATION.iter().any(|known| known.eq_ignore_ascii_case(kind))
}

/// Not a clause: the rule file says so.
const BY_RULE: &str = "the rule file";

/// Not a clause: the rule file says so.
const BY_PERSON: &str = "people in a lookup";

/// Types of the domain-defined attributes that carry an Internet address, in order (AK-36, AK-37).
pub(in crate::mixer) const ENCAPSULATION: [&str; 4] = ["RFC-822", "RFC822C1", "RFC822C2", "RFC822C3"];
