//! Exact pairs: a mailbox and an O/R address.

use std::collections::BTreeMap;

use rasn_x400::x411::address::text::{self, KeyedAddress};

use super::{Direction, Draft};
use crate::rules::directory::person::form;
use crate::rules::import::{At, Place};
use crate::rules::lookup::{Question, Record};

/// Pairs by direction, each by the form of its key.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    to_x400: BTreeMap<String, Pair>,
    to_internet: BTreeMap<String, Pair>,
}

#[derive(Debug, Clone)]
struct Pair {
    internet: String,
    address: KeyedAddress,
    place: Place,
}

/// A pair as it is to be written.
#[derive(Debug, Clone)]
pub(in crate::rules::import) struct User {
    pub(in crate::rules::import) internet: String,
    pub(in crate::rules::import) address: KeyedAddress,
    pub(in crate::rules::import) direction: Direction,
    pub(in crate::rules::import) places: Vec<Place>,
}

fn key_of(address: &KeyedAddress) -> String {
    let parts = form(address).into_iter().map(|(key, value)| format!("{key}={value}\u{1}"));
    parts.collect()
}

impl Draft {
    /// Takes a pair, if the rule file would.
    pub(in crate::rules::import) fn user(
        &mut self,
        internet: &str,
        address: &KeyedAddress,
        direction: Direction,
        at: &At,
    ) {
        let record = Record::Person { mailbox: internet.to_owned(), address: address.clone() };
        if let Err(unfit) = record.depth(&Question::Mailbox(internet.to_owned())) {
            return self.left_out(at, unfit.to_string());
        }
        if let Some(finding) = text::check(address).first() {
            let reason = format!("`{}`: {finding}", address.to_display());
            return self.left_out(at, reason);
        }
        let pair = Pair { internet: internet.to_owned(), address: address.clone(), place: at.place.clone() };
        let (to_x400, to_internet) = (internet.to_ascii_lowercase(), key_of(address));
        let mut taken = 0;
        let mut contradicts = None;
        if direction != Direction::ToInternet {
            match self.people.to_x400.get(&to_x400) {
                None => {
                    self.people.to_x400.insert(to_x400, pair.clone());
                    taken += 1;
                }
                Some(known) if key_of(&known.address) == to_internet => {}
                Some(known) => {
                    contradicts =
                        Some(format!("`{internet}` is `{}` in {}", known.address.to_display(), known.place));
                }
            }
        }
        if direction != Direction::ToX400 {
            match self.people.to_internet.get(&to_internet) {
                None => {
                    self.people.to_internet.insert(to_internet, pair);
                    taken += 1;
                }
                Some(known) if known.internet.eq_ignore_ascii_case(internet) => {}
                Some(known) => {
                    let shown = address.to_display();
                    contradicts = Some(format!("`{shown}` is `{}` in {}", known.internet, known.place));
                }
            }
        }
        match contradicts {
            Some(reason) => self.left_out(at, reason),
            None if taken == 0 => self.report.repeated += 1,
            None => {}
        }
    }

    /// Puts the directions together.
    pub(super) fn settle_people(&mut self) {
        let People { to_x400, mut to_internet } = std::mem::take(&mut self.people);
        for (_, Pair { internet, address, place }) in to_x400 {
            let key = key_of(&address);
            let is_inverse =
                to_internet.get(&key).is_some_and(|back| back.internet.eq_ignore_ascii_case(&internet));
            let back = if is_inverse { to_internet.remove(&key) } else { None };
            let direction = if back.is_some() { Direction::Both } else { Direction::ToX400 };
            let mut places = vec![place];
            places.extend(back.map(|back| back.place));
            places.dedup();
            self.users.push(User { internet, address, direction, places });
        }
        for (_, Pair { internet, address, place }) in to_internet {
            let direction = Direction::ToInternet;
            self.users.push(User { internet, address, direction, places: vec![place] });
        }
        self.users.sort_by_cached_key(|user| {
            let internet = user.internet.to_ascii_lowercase();
            let (local, domain) = internet.rsplit_once('@').unwrap_or_default();
            (super::domain_key(domain), local.to_owned(), user.direction, user.address.to_display())
        });
        if !self.users.is_empty() {
            self.report.rules.insert("user", self.users.len());
        }
        self.report.one_way += self.users.iter().filter(|user| user.direction != Direction::Both).count();
    }
}
