//! Addresses of aviation: whose they are, and those that the schemes do not give.

use std::collections::BTreeMap;

use rasn_x400::bounds;
use rasn_x400::x411::address::text::KeyedAddress;

use super::Draft;
use crate::rules::aviation::{self, ManagementDomain, Scheme};
use crate::rules::directory::person::is_same;
use crate::rules::import::{At, Place};

/// What is gathered, with the places.
#[derive(Debug, Clone, Default)]
pub(in crate::rules::import) struct Aviation {
    pub(in crate::rules::import) domain: String,
    pub(in crate::rules::import) management_domains: BTreeMap<String, (String, Scheme, Place)>,
    pub(in crate::rules::import) locations: BTreeMap<String, (String, Place)>,
    pub(in crate::rules::import) users: BTreeMap<String, (KeyedAddress, At)>,
}

impl Draft {
    /// Says that there are addresses of aviation, and the Internet domain they have.
    pub(in crate::rules::import) fn aviation_at(&mut self, domain: &str) {
        self.aviation.get_or_insert_default().domain = domain.to_owned();
    }

    pub(in crate::rules::import) fn management_domain(
        &mut self,
        letters: &str,
        prmd: &str,
        scheme: Scheme,
        at: &At,
    ) -> Result<(), String> {
        fits("PRMD", prmd, bounds::DOMAIN_NAME)?;
        let known = &mut self.aviation.get_or_insert_default().management_domains;
        match known.get(letters) {
            None => {
                known.insert(letters.to_owned(), (prmd.to_owned(), scheme, at.place.clone()));
            }
            Some((other, of, _)) if other.eq_ignore_ascii_case(prmd) && *of == scheme => {
                self.report.repeated += 1
            }
            Some((other, _, place)) => return Err(format!("`{letters}` is of `{other}` in {place}")),
        }
        Ok(())
    }

    pub(in crate::rules::import) fn location(
        &mut self,
        location: &str,
        unit: &str,
        at: &At,
    ) -> Result<(), String> {
        fits("O", unit, bounds::ORGANIZATION_NAME)?;
        let known = &mut self.aviation.get_or_insert_default().locations;
        match known.get(location) {
            None => {
                known.insert(location.to_owned(), (unit.to_owned(), at.place.clone()));
            }
            Some((other, _)) if other.eq_ignore_ascii_case(unit) => self.report.repeated += 1,
            Some((other, place)) => return Err(format!("`{location}` is in `{other}` by {place}")),
        }
        Ok(())
    }

    pub(in crate::rules::import) fn user_of_aviation(
        &mut self,
        letters: &str,
        address: KeyedAddress,
        at: &At,
    ) -> Result<(), String> {
        if let Some(finding) = rasn_x400::x411::address::text::check(&address).first() {
            return Err(format!("`{}`: {finding}", address.to_display()));
        }
        address.form().map_err(|no_form| no_form.to_string())?;
        let known = &mut self.aviation.get_or_insert_default().users;
        match known.get(letters) {
            None => {
                known.insert(letters.to_owned(), (address, at.clone()));
            }
            Some((other, _)) if is_same(other, &address) => self.report.repeated += 1,
            Some((other, first)) => {
                return Err(format!("`{letters}` is `{}` in {}", other.to_display(), first.place));
            }
        }
        Ok(())
    }

    /// Drops users whose addresses are those of the scheme, and leaves out those who would share one.
    pub(in crate::rules::import) fn settle_aviation(&mut self) {
        let Some(mut found) = self.aviation.take() else { return };
        let tables = aviation::Aviation {
            domain: found.domain.clone(),
            management_domains: found
                .management_domains
                .iter()
                .map(|(letters, (prmd, scheme, _))| ManagementDomain {
                    letters: letters.clone(),
                    private_domain: prmd.clone(),
                    scheme: *scheme,
                })
                .collect(),
            locations: found
                .locations
                .iter()
                .map(|(location, (unit, _))| (location.clone(), unit.clone()))
                .collect(),
            users: Vec::new(),
        };
        let mut kept: BTreeMap<String, (KeyedAddress, At)> = BTreeMap::new();
        // In the order in which they were read: of two with one address the first stays.
        let mut users: Vec<_> = std::mem::take(&mut found.users).into_iter().collect();
        users.sort_by(|(_, (_, one)), (_, (_, two))| one.place.cmp(&two.place));
        for (letters, (address, at)) in users {
            let by_scheme = tables.to_or(&letters).is_ok_and(|usual| is_same(&usual, &address));
            if by_scheme && tables.to_letters(&address).is_some_and(|back| back == letters) {
                self.passed_over("addresses that follow from the scheme");
                continue;
            }
            let twin =
                kept.iter().find(|(_, (known, _))| is_same(known, &address)).map(|(other, _)| other.clone());
            match twin {
                Some(other) => self.left_out(&at, format!("`{other}` has the same address")),
                None => {
                    kept.insert(letters, (address, at));
                }
            }
        }
        found.users = kept;
        for (kind, number) in [
            ("management domains", found.management_domains.len()),
            ("locations", found.locations.len()),
            ("users of aviation", found.users.len()),
        ] {
            if number > 0 {
                self.report.rules.insert(kind, number);
            }
        }
        self.aviation = Some(found);
    }
}

fn fits(key: &str, value: &str, bound: usize) -> Result<(), String> {
    if value.len() > bound {
        return Err(format!("`{key}` has {} characters, at most {bound} are allowed", value.len()));
    }
    if value.is_empty() || !value.bytes().all(rasn_x400::prim::is_printable) {
        return Err(format!("`{value}` has characters that are not in PrintableString"));
    }
    Ok(())
}
