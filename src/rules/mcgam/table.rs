//! A table in memory: all texts one after the other, a row of numbers for each entry, and an index of the keys. An entry
//! costs its text and some 40 octets.

use std::hash::BuildHasher;
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::super::choice::Choice;
use super::super::pseudo_domain::{MAXIMUM_LEVELS, Path};
use super::super::registry::RuleNumber;
use super::{Place, path_key};

/// What a key maps to, as written and checked.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    /// The key as it is compared.
    pub(crate) normal: &'a str,
    /// The key as written.
    pub(crate) key: &'a str,
    pub(crate) target: &'a str,
    pub(crate) place: Place,
}

/// One of the four tables.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    text: String,
    rows: Vec<Row>,
    index: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

/// Where the parts of an entry stand: in the text of the table one after the other, and in the file.
#[derive(Debug, Clone, Copy)]
struct Row {
    start: u32,
    /// Octets of the key as it is compared.
    normal: u32,
    /// Octets of the key as written; none if that is the same.
    written: u32,
    target: u32,
    rule: RuleNumber,
    line: u32,
    file_start: u32,
    file_length: u32,
}

/// A table has become too large for its numbers: 4 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Table {
    pub(crate) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Makes room for entries that are about to come, given the octets of their text.
    pub(crate) fn reserve(&mut self, entries: usize, octets: usize) {
        self.rows.reserve(entries);
        self.text.reserve(octets);
        let Self { text, rows, index, hasher } = self;
        index.reserve(entries, |&row| {
            hasher.hash_one(rows.get(row as usize).map_or("", |row| normal(text, row)))
        });
    }

    /// Every entry, in the order of loading.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.rows.iter().map(|row| self.entry(row))
    }

    /// The entries of a key, in no order: one for each scope.
    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = Entry<'a>> {
        let rows = self.index.iter_hash(self.hasher.hash_one(key));
        let rows = rows.filter_map(|&row| self.rows.get(row as usize));
        rows.filter(move |row| normal(&self.text, row) == key).map(|row| self.entry(row))
    }

    /// The entry of a key that counts.
    pub(crate) fn best(&self, key: &str, choice: &Choice<'_>) -> Option<Entry<'_>> {
        let rows = self.index.iter_hash(self.hasher.hash_one(key));
        let rows = rows.filter_map(|&row| self.rows.get(row as usize));
        let rows = rows.filter(|row| normal(&self.text, row) == key);
        let ranked = rows.filter_map(|row| Some((choice.rank(row.rule)?, std::cmp::Reverse(row.start), row)));
        // Of equals the first in the file; analysis tells of them.
        ranked.max_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1))).map(|(_, _, row)| self.entry(row))
    }

    /// Adds an entry, whether or not there is one with its key.
    pub(crate) fn insert(
        &mut self,
        normal_key: &str,
        key: &str,
        target: &str,
        place: &Place,
    ) -> Result<(), Full> {
        let short = |length: usize| u32::try_from(length).map_err(|_| Full);
        let row = Row {
            start: short(self.text.len())?,
            normal: short(normal_key.len())?,
            written: if key == normal_key { 0 } else { short(key.len())? },
            target: short(target.len())?,
            rule: place.rule,
            line: short(place.line)?,
            file_start: short(place.span.start)?,
            file_length: short(place.span.len())?,
        };
        // The end has a number, too.
        short(self.text.len() + normal_key.len() + key.len() + target.len())?;
        let number = short(self.rows.len())?;
        self.text.push_str(normal_key);
        if row.written > 0 {
            self.text.push_str(key);
        }
        self.text.push_str(target);
        self.rows.push(row);
        let Self { text, rows, index, hasher } = self;
        let hash = |&row: &u32| hasher.hash_one(rows.get(row as usize).map_or("", |row| normal(text, row)));
        index.insert_unique(hash(&number), number, hash);
        Ok(())
    }

    /// The entry of the longest key that is the domain or one above it, with the number of its labels (M-30, M-31).
    pub(crate) fn by_domain(&self, domain: &str, choice: &Choice<'_>) -> Option<(Entry<'_>, usize)> {
        if self.is_empty() {
            return None;
        }
        let lower = domain.to_ascii_lowercase();
        let starts = std::iter::once(0).chain(lower.match_indices('.').map(|(place, _)| place + 1));
        starts.into_iter().find_map(|start| {
            let entry = self.best(&lower[start..], choice)?;
            Some((entry, lower[start..].split('.').count()))
        })
    }

    /// The entry of the longest path from the country down, with the number of its levels (M-32).
    pub(crate) fn by_path(&self, path: &Path, choice: &Choice<'_>) -> Option<(Entry<'_>, usize)> {
        if self.is_empty() {
            return None;
        }
        let key = path_key(path, MAXIMUM_LEVELS);
        let ends: Vec<usize> = key.match_indices('\u{1}').map(|(place, _)| place + 1).collect();
        ends.iter()
            .enumerate()
            .rev()
            .find_map(|(level, &end)| Some((self.best(&key[..end], choice)?, level + 1)))
    }

    fn entry(&self, row: &Row) -> Entry<'_> {
        let normal = self.part(row.start, row.normal);
        let written = row.start + row.normal;
        let key = if row.written == 0 { normal } else { self.part(written, row.written) };
        let target = self.part(written + row.written, row.target);
        let start = row.file_start as usize;
        let span: Range<usize> = start..start + row.file_length as usize;
        Entry { normal, key, target, place: Place { rule: row.rule, line: row.line as usize, span } }
    }

    fn part(&self, start: u32, length: u32) -> &str {
        let start = start as usize;
        self.text.get(start..start + length as usize).unwrap_or_default()
    }
}

fn normal<'a>(text: &'a str, row: &Row) -> &'a str {
    let start = row.start as usize;
    text.get(start..start + row.normal as usize).unwrap_or_default()
}
