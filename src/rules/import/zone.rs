//! PX records (RFC 2163) in master files. The owner is the key: a domain, or a path below `X42D`; the wildcard before it
//! does not matter, as names and what is below them are one rule.

use std::collections::BTreeMap;

use super::draft::{Draft, Side};
use super::master_file::{self, Record};
use super::{At, Hints, Input, Unreadable};
use crate::rules::lookup::is_at_or_above;
use crate::rules::lookup::px::message::Name;
use crate::rules::lookup::px::name;
use crate::rules::mcgam::{self, Kind, is_label};
use crate::rules::pseudo_domain::Path;

pub(super) fn read(inputs: &[Input], hints: &Hints, draft: &mut Draft) -> Result<(), Unreadable> {
    let mut records: BTreeMap<String, Vec<(u16, At, Entry)>> = BTreeMap::new();
    for (number, input) in inputs.iter().enumerate() {
        let origin = hints.domain.as_deref().map(|domain| master_file::name(&format!("{domain}."), None));
        let origin = origin.transpose().map_err(|reason| Unreadable { name: input.name.clone(), reason })?;
        let file = draft.file(number);
        let lines: Vec<&str> = input.text.lines().collect();
        let line = |line: usize| lines.get(line - 1).copied().unwrap_or_default();
        for found in master_file::records(&input.text, origin) {
            match found {
                Err(fault) => draft.left_out(&At::new(&file, fault.line, line(fault.line)), fault.reason),
                Ok(record) if record.kind != "PX" => {
                    draft.passed_over(format!("records of the type {}", record.kind.escape_debug()));
                }
                Ok(record) => {
                    let at = At::new(&file, record.line, line(record.line));
                    match entry(&record) {
                        Ok((preference, entry)) => {
                            let owner = record.owner.to_text().to_ascii_lowercase();
                            let owner = owner.strip_prefix("*.").unwrap_or(&owner).to_owned();
                            records.entry(owner).or_default().push((preference, at, entry));
                        }
                        Err(reason) => draft.left_out(&at, reason),
                    }
                }
            }
        }
    }
    for (_, mut records) in records {
        //
        records.sort_by_key(|(preference, _, _)| *preference);
        let lowest = records.first().map(|(preference, _, _)| *preference);
        let only_itself = !records.iter().any(|(_, _, entry)| entry.wildcard);
        for (preference, at, entry) in records {
            if Some(preference) != lowest {
                let reason =
                    format!("a record with the preference {} goes before it", lowest.unwrap_or_default());
                draft.left_out(&at, reason);
                continue;
            }
            if only_itself {
                draft.changed(&at, "it holds for the names below, too: there is no wildcard record");
            }
            for what in &entry.changed {
                draft.changed(&at, what.as_str());
            }
            draft.map(entry.kind, Side::Path(entry.path), &entry.domain, &at, false);
        }
    }
    Ok(())
}

/// A record as a mapping.
struct Entry {
    kind: Kind,
    path: Path,
    domain: String,
    wildcard: bool,
    changed: Vec<String>,
}

fn entry(record: &Record) -> Result<(u16, Entry), String> {
    let [preference, domain, address] = record.fields.as_slice() else {
        return Err("a PX record has a preference, a domain and an O/R address".to_owned());
    };
    let preference = preference.parse().map_err(|_| format!("`{preference}` is no preference"))?;
    let origin = record.origin.as_ref();
    let domain = master_file::name(domain, origin)?.to_text().trim_end_matches('.').to_owned();
    let (path, is_gateway) =
        name::read(&master_file::name(address, origin)?).map_err(|unreadable| unreadable.to_string())?;
    let wildcard = record.owner.labels.first().is_some_and(|label| label == b"*");
    let owner = Name { labels: record.owner.labels[usize::from(wildcard)..].to_vec() };
    let mut entry = Entry { kind: Kind::OrToDomain, path, domain, wildcard, changed: Vec::new() };
    match name::read_owner(&owner) {
        Some(path) => {
            entry.kind = if is_gateway { Kind::GatewayDomain } else { Kind::OrToDomain };
            entry.keyed_by_path(path.map_err(|unreadable| unreadable.to_string())?, is_gateway)?;
        }
        None => {
            entry.kind = if is_gateway { Kind::GatewayAddress } else { Kind::DomainToOr };
            entry.keyed_by_domain(owner.to_text().trim_end_matches('.'), is_gateway)?;
        }
    }
    Ok((preference, entry))
}

impl Entry {
    /// The key of the record may be above its owner: then the labels between are as many levels.
    fn keyed_by_domain(&mut self, owner: &str, is_gateway: bool) -> Result<(), String> {
        if !is_at_or_above(&self.domain, owner) {
            return Err(format!("it is not about `{owner}` or anything above it"));
        }
        let between = &owner[..owner.len() - self.domain.len()];
        if !between.is_empty() {
            self.changed.push(format!("its key is `{owner}`, not `{}`", self.domain));
            if !is_gateway {
                let labels = between.split('.').filter(|label| !label.is_empty()).rev();
                self.path.levels.extend(labels.map(|label| Some(label.to_owned())));
            }
        }
        self.domain = owner.to_owned();
        Ok(())
    }

    fn keyed_by_path(&mut self, owner: Path, is_gateway: bool) -> Result<(), String> {
        let key = mcgam::path_entry_key(&self.path);
        if !mcgam::path_entry_key(&owner).starts_with(&key) {
            return Err(format!("it is not about `{}` or anything above it", owner.to_text()));
        }
        let between = owner.levels.get(self.path.levels.len()..).unwrap_or_default();
        if !between.is_empty() {
            self.changed.push(format!("its key is `{}`, not `{}`", owner.to_text(), self.path.to_text()));
            if !is_gateway {
                for value in between {
                    let label = value.as_deref().filter(|value| is_label(value));
                    let label = label.ok_or("a value of its owner cannot be part of a domain")?;
                    self.domain = format!("{label}.{}", self.domain);
                }
            }
        }
        self.path = owner;
        Ok(())
    }
}
