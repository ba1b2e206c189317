//! Rules about single addresses and rules with variables, towards X.400: they give the whole address.

use rasn_x400::prim::is_printable;

use super::super::mailbox::{self, Mailbox};
use super::super::{BY_RULE, ToOr, Unmappable, listed, shown};
use super::{Mapping, incomplete};
use crate::rules::lookup::Undetermined;
use crate::status::Failure;

impl Mapping<'_, '_> {
    /// Somebody whose O/R address the rules name; nothing else matters then.
    pub(super) fn pair(
        &mut self,
        mailbox: &Mailbox<'_>,
        domain: Option<&str>,
    ) -> Result<Option<ToOr>, Unmappable> {
        let rules = self.known.rules();
        let Some(domain) = domain.filter(|_| rules.has_pairs()) else { return Ok(None) };
        let written = format!("{}@{domain}", mailbox::quote(&mailbox.local));
        let Some((address, origin)) = rules.pair_of_mailbox(&written, &self.known.choice()) else {
            return Ok(None);
        };
        self.steps.attributes(&address, "exact pair", BY_RULE, Some(&origin));
        self.step("mailbox has an O/R address of its own", shown(&address), BY_RULE, Some(origin));
        let built = self.build(address);
        built.map(Some).map_err(|fault| self.fail(0, fault.reason, fault.clause))
    }

    /// A rule with variables whose form the address has, unless something more specific is known. A local part that is an O/R
    /// address itself is none for a template.
    pub(super) fn template(
        &mut self,
        mailbox: &Mailbox<'_>,
        domain: Option<&str>,
    ) -> Result<Option<ToOr>, Unmappable> {
        let rules = self.known.rules();
        let local = mailbox.local.as_str();
        let is_attributes = local.starts_with(['/', ';']) || local.contains('=');
        let Some(domain) = domain.filter(|_| !rules.templates().is_empty() && !is_attributes) else {
            return Ok(None);
        };
        let (choice, countries) = (self.known.choice(), rules.countries());
        let Some(found) = rules.templates().of_mailbox((local, domain), countries, &choice) else {
            self.steps
                .no_template(rules, || rules.templates().near_mailbox((local, domain), countries, &choice));
            return Ok(None);
        };
        let origin = rules.origin_of(found.template.rule);
        match self.known.is_deeper_in_domain(domain, found.depth) {
            Ok(false) => {}
            Ok(true) => {
                self.step("template matches, but a mapping is more specific", domain, BY_RULE, Some(origin));
                return Ok(None);
            }
            Err(Undetermined { reason, given_up: true }) => {
                self.step("the domain could not be looked up in time", reason, "RFC 2156 4.2.1", None);
            }
            Err(Undetermined { reason, .. }) => return Err(self.undetermined(reason)),
        }
        self.uses(&origin);
        self.step("template matches", listed(&found.values), BY_RULE, Some(origin.clone()));
        if !self.steps.silent {
            for attribute in found.made.attributes() {
                let source = found.template.source_of(&attribute.key);
                self.steps.attribute((&attribute.key, &attribute.value), source, BY_RULE, Some(&origin));
            }
        }
        let strange = found.values.iter().find_map(|(name, value)| {
            let character =
                value.chars().find(|character| !u8::try_from(*character).is_ok_and(is_printable))?;
            Some(format!("`{character}` of {name} is no character of an O/R address"))
        });
        let built = match strange {
            Some(reason) => Err(incomplete(reason, "X.680 41.4")),
            None => self.build(found.made),
        };
        built.map(Some).map_err(|fault| {
            let offset = mailbox.local_offset;
            let error = self.fail(offset, format!("{}, by {origin}", fault.reason), fault.clause);
            Unmappable { failure: Failure::AddressNotEncodable, ..error }
        })
    }
}
