//! Exact pairs: this mailbox is this O/R address, and nothing else matters (`[[user]]`, and `[[table]]` of the kind `users`).
//!
//! There may be a million of them, so an entry is its text, one after the other in one allocation, and a row of numbers;
//! two indexes hold row numbers alone. An entry costs its text and some 30 octets. Lookups cost a hash and a comparison.
//!
//! * [`canonical`] – the form in which O/R addresses are kept and compared;
//! * [`section`] – what a rule file says of pairs; [`table`] – files of them.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use rasn_x400::x411::address::text::KeyedAddress;

use super::registry::RuleNumber;

pub(super) mod canonical;
pub(super) mod section;
pub(super) mod table;

/// Every exact pair of a set of rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairs {
    /// Mailbox and O/R address of each pair, all without separators.
    text: String,
    rows: Vec<Row>,
    by_mailbox: HashTable<u32>,
    by_or: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// The numbers of one pair.
#[derive(Debug, Clone, Copy)]
struct Row {
    start: u32,
    mailbox: u16,
    or: u16,
    rule: RuleNumber,
    /// The line, and in its two highest bits the directions.
    line: u32,
}

const TO_X400: u32 = 1 << 31;
const TO_INTERNET: u32 = 1 << 30;

/// One pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair<'a> {
    /// `local-part@domain`, quoted where need be.
    pub(crate) mailbox: &'a str,
    /// The O/R address as [`canonical`] writes it.
    pub(crate) or: &'a str,
    /// The rule it belongs to.
    pub(crate) rule: RuleNumber,
    /// Its line, from 1.
    pub(crate) line: usize,
}

/// In which directions a pair counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Directions {
    pub(crate) to_x400: bool,
    pub(crate) to_internet: bool,
}

/// Two pairs for one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clash<'a> {
    pub(crate) earlier: Pair<'a>,
    pub(crate) later: Pair<'a>,
    /// They are two O/R addresses of one mailbox; otherwise two mailboxes of one O/R address.
    pub(crate) of_mailbox: bool,
    /// They say the same.
    pub(crate) same: bool,
}

/// There is no room for more text than 4 GiB, or for a text of more than 65,535 octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Pairs {
    pub(crate) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Every pair, in the order of loading, with its directions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Pair<'_>, Directions)> {
        self.rows.iter().map(|row| {
            let directions =
                Directions { to_x400: row.line & TO_X400 != 0, to_internet: row.line & TO_INTERNET != 0 };
            (pair(&self.text, row), directions)
        })
    }

    /// Makes room for pairs that are about to come, given the octets of their text.
    pub(crate) fn reserve(&mut self, pairs: usize, octets: usize) {
        self.rows.reserve(pairs);
        self.text.reserve(octets);
    }

    /// Adds a pair; it is found once [`Pairs::index`] has been called.
    pub(crate) fn push(
        &mut self,
        (mailbox, or): (&str, &str),
        directions: Directions,
        rule: RuleNumber,
        line: usize,
    ) -> Result<(), Full> {
        let short = |text: &str| u16::try_from(text.len()).map_err(|_| Full);
        let start = u32::try_from(self.text.len()).map_err(|_| Full)?;
        let row = Row {
            start,
            mailbox: short(mailbox)?,
            or: short(or)?,
            rule,
            line: u32::try_from(line).unwrap_or(u32::MAX) & !(TO_X400 | TO_INTERNET)
                | if directions.to_x400 { TO_X400 } else { 0 }
                | if directions.to_internet { TO_INTERNET } else { 0 },
        };
        self.text.push_str(mailbox);
        self.text.push_str(or);
        self.rows.push(row);
        Ok(())
    }

    /// Builds the indexes, and tells which pairs are about one address. `same_scope` says whether two rules count for the
    /// same messages; `countries` are the letters of countries by their digits.
    pub(crate) fn index(
        &mut self,
        countries: &BTreeMap<String, String>,
        same_scope: impl Fn(RuleNumber, RuleNumber) -> bool,
        mut clash: impl FnMut(Clash<'_>),
    ) {
        let Self { text, rows, hasher, .. } = self;
        for of_mailbox in [true, false] {
            let direction = if of_mailbox { TO_X400 } else { TO_INTERNET };
            let key = |row: &Row, buffer: &mut String| {
                let (mailbox, or) = texts(text, row);
                if of_mailbox { fold_mailbox(mailbox, buffer) } else { fold_or(or, countries, buffer) }
            };
            let mut index =
                HashTable::with_capacity(rows.iter().filter(|row| row.line & direction != 0).count());
            let (mut mine, mut theirs, mut other) = (String::new(), String::new(), String::new());
            for (number, row) in rows.iter().enumerate() {
                let Ok(number) = u32::try_from(number) else { break };
                if row.line & direction == 0 {
                    continue;
                }
                key(row, &mut mine);
                let hash = hasher.hash_one(mine.as_str());
                let earlier = index
                    .iter_hash(hash)
                    .copied()
                    .filter_map(|earlier: u32| rows.get(earlier as usize))
                    .find(|earlier| {
                        key(earlier, &mut theirs);
                        theirs == mine && same_scope(earlier.rule, row.rule)
                    });
                if let Some(earlier) = earlier {
                    let (earlier, later) = (pair(text, earlier), pair(text, row));
                    let same = if of_mailbox {
                        fold_or(earlier.or, countries, &mut theirs);
                        fold_or(later.or, countries, &mut other);
                        theirs == other
                    } else {
                        earlier.mailbox.eq_ignore_ascii_case(later.mailbox)
                    };
                    clash(Clash { earlier, later, of_mailbox, same });
                    continue;
                }
                // There is room for all of them, so nothing is hashed again.
                index.insert_unique(hash, number, |_| hash);
            }
            *if of_mailbox { &mut self.by_mailbox } else { &mut self.by_or } = index;
        }
    }

    /// The pairs of a mailbox, `local-part@domain` in the form of [`mailbox`], towards X.400: one for each scope.
    pub(crate) fn of_mailbox(&self, mailbox: &str) -> impl Iterator<Item = Pair<'_>> {
        let mut wanted = String::new();
        fold_mailbox(mailbox, &mut wanted);
        let mut found = String::new();
        self.candidates(&self.by_mailbox, &wanted).filter(move |pair| {
            fold_mailbox(pair.mailbox, &mut found);
            found == wanted
        })
    }

    /// The pairs of an O/R address in canonical form towards the Internet: one for each scope.
    pub(crate) fn of_or<'a>(
        &'a self,
        or: &str,
        countries: &'a BTreeMap<String, String>,
    ) -> impl Iterator<Item = Pair<'a>> {
        let mut wanted = String::new();
        fold_or(or, countries, &mut wanted);
        let mut found = String::new();
        self.candidates(&self.by_or, &wanted).filter(move |pair| {
            fold_or(pair.or, countries, &mut found);
            found == wanted
        })
    }

    fn candidates<'a>(
        &'a self,
        index: &'a HashTable<u32>,
        key: &str,
    ) -> impl Iterator<Item = Pair<'a>> + use<'a> {
        let numbers = index.iter_hash(self.hasher.hash_one(key));
        numbers.filter_map(|&number| Some(pair(&self.text, self.rows.get(number as usize)?)))
    }
}

fn pair<'a>(text: &'a str, row: &Row) -> Pair<'a> {
    let (mailbox, or) = texts(text, row);
    Pair { mailbox, or, rule: row.rule, line: (row.line & !(TO_X400 | TO_INTERNET)) as usize }
}

fn texts<'a>(text: &'a str, row: &Row) -> (&'a str, &'a str) {
    let start = row.start as usize;
    let middle = start + usize::from(row.mailbox);
    let end = middle + usize::from(row.or);
    (text.get(start..middle).unwrap_or_default(), text.get(middle..end).unwrap_or_default())
}

/// Whether two O/R addresses are one.
pub(crate) fn same_address(
    one: &KeyedAddress,
    other: &KeyedAddress,
    countries: &BTreeMap<String, String>,
) -> bool {
    let (mut first, mut second) = (String::new(), String::new());
    fold_or(&canonical::canonical(one), countries, &mut first);
    fold_or(&canonical::canonical(other), countries, &mut second);
    first == second
}

/// A mailbox as it is compared: letters count the same in either case, in the local part as well.
fn fold_mailbox(mailbox: &str, key: &mut String) {
    key.clear();
    key.push_str(mailbox);
    key.make_ascii_lowercase();
}

/// An O/R address in canonical form as it is compared: in lower case, with letters for the digits of a country.
fn fold_or(or: &str, countries: &BTreeMap<String, String>, key: &mut String) {
    key.clear();
    key.push_str(or);
    // The country is the last attribute.
    if let Some((place, _)) = or.rmatch_indices("/C=").next()
        && let Some(letters) =
            or.get(place + 3..).and_then(|value| countries.get(value.trim_end_matches('/')))
    {
        key.truncate(place + 3);
        key.push_str(letters);
        key.push('/');
    }
    key.make_ascii_lowercase();
}
