//! Rules about single addresses and rules with variables, towards the Internet: they give the whole address.

use super::super::{BY_RULE, Steps, Unmappable, listed, to_or};
use super::Mapping;
use crate::mixer::AddressContext;
use crate::rules::lookup::Undetermined;
use crate::rules::pseudo_domain::Path;
use crate::rules::same_address;
use crate::status::Failure;

impl Mapping<'_> {
    /// Somebody whose Internet address the rules name; nothing else matters then.
    pub(super) fn pair(&mut self) -> Option<String> {
        let rules = self.known.rules();
        if !self.exact {
            return None;
        }
        let (mailbox, origin) = rules.pair_of_address(&self.address, &self.known.choice())?;
        self.step("O/R address has a mailbox of its own", &mailbox, BY_RULE, Some(origin));
        Some(mailbox)
    }

    /// A rule with variables whose form the address has, unless something more specific is known. Of several the first one
    /// counts from whose result a reply comes back to this address.
    pub(super) fn template(&mut self) -> Result<Option<String>, Unmappable> {
        let rules = self.known.rules();
        if rules.templates().is_empty() || !self.exact {
            return Ok(None);
        }
        let (choice, countries) = (self.known.choice(), rules.countries());
        let path = rules.with_letters(&Path::of(&self.address));
        let found = rules.templates().of_address(&self.address, &path, countries, &choice);
        let back = found.iter().find(|found| self.comes_back(&found.made));
        let Some(chosen) = back.or_else(|| found.first()) else {
            self.steps.no_template(rules, || {
                rules.templates().near_address(&self.address, &path, countries, &choice)
            });
            return Ok(None);
        };
        let origin = rules.origin_of(chosen.template.rule);
        match self.known.is_deeper_in_path(&path, chosen.depth) {
            Ok(false) => {}
            Ok(true) => {
                let shown = path.to_text();
                self.step("template matches, but a mapping is more specific", shown, BY_RULE, Some(origin));
                return Ok(None);
            }
            Err(Undetermined { reason, given_up: true }) => {
                self.step("the hierarchy could not be looked up in time", reason, "RFC 2156 4.2.1", None);
            }
            Err(Undetermined { reason, .. }) => {
                let fault = self.fail(reason, "RFC 2156 4.2.1");
                return Err(Unmappable { failure: Failure::MappingUnavailable, ..fault });
            }
        }
        self.uses(&origin);
        if let Some((local, domain)) = chosen.made.rsplit_once('@') {
            let [of_local, of_domain] = chosen.template.internet_side();
            self.steps.part("local part", local, of_local, BY_RULE, Some(&origin));
            self.steps.part("domain", domain, of_domain, BY_RULE, Some(&origin));
        }
        self.step("template matches", listed(&chosen.values), BY_RULE, Some(origin));
        if back.is_none() {
            self.step("which does not lead back", &chosen.made, BY_RULE, None);
        }
        Ok(Some(chosen.made.clone()))
    }

    /// Whether a reply to a mailbox goes to this address, by the tables.
    fn comes_back(&self, mailbox: &str) -> bool {
        let known = self.known.by_tables().choosing(self.known.choice().for_nobody());
        let steps = Steps::new(true);
        to_or::map(known, steps, mailbox, AddressContext::Recipient)
            .is_ok_and(|back| same_address(&back.address, &self.address, self.known.rules().countries()))
    }
}
