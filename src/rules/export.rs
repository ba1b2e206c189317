//! Rules in the formats of others: the tables of RFC 2156 Appendix F, and PX records of DNS (RFC 2163 4.3; ledger ).
//!
//! Both know equivalences and preferred gateways and nothing else. What a rule file says besides is left out, and said so.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Rules;
use super::lookup::px::name;
use super::mcgam::{self, Entry, Kind, Table};
use super::pseudo_domain::{self, MAXIMUM_LEVELS, Path};
use super::registry::{RuleKind, RuleNumber};

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exported {
    /// The files by name.
    pub files: Vec<(String, String)>,
    /// Lines of them all.
    pub lines: usize,
    /// What cannot be said in the format: the rule, where it is written, and why not.
    pub left_out: Vec<LeftOut>,
}

/// A rule that is not written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The key of the rule, or its name.
    pub rule: String,
    /// Its source and line.
    pub place: Option<(Arc<str>, usize)>,
    /// Why not.
    pub reason: &'static str,
}

impl std::fmt::Display for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (name, text) in &self.files {
            writeln!(f, "written: {name}, {} lines", text.lines().count())?;
        }
        writeln!(f, "left out: {}", self.left_out.len())?;
        for LeftOut { rule, place, reason } in &self.left_out {
            match place {
                Some((source, line)) => writeln!(f, "  {source}:{line}: {rule}: {reason}")?,
                None => writeln!(f, "  {rule}: {reason}")?,
            }
        }
        Ok(())
    }
}

impl Exported {
    /// The report for programs.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let files = self
            .files
            .iter()
            .map(|(name, text)| serde_json::json!({ "file": name, "lines": text.lines().count() }));
        let left_out = self.left_out.iter().map(|LeftOut { rule, place, reason }| {
            let (source, line) = place.as_ref().map(|(source, line)| (&**source, *line)).unzip();
            serde_json::json!({ "rule": rule, "source": source, "line": line, "reason": reason })
        });
        serde_json::json!({ "written": files.collect::<Vec<_>>(), "left_out": left_out.collect::<Vec<_>>() })
    }

    fn file(&mut self, name: &str, mut lines: Vec<String>) {
        lines.sort();
        self.lines += lines.len();
        self.files.push((name.to_owned(), lines.into_iter().map(|line| line + "\n").collect()));
    }

    /// The entries that count for everybody; neither format has others.
    fn global<'r>(&mut self, rules: &Rules, entries: impl Iterator<Item = Entry<'r>>) -> Vec<Entry<'r>> {
        let (all, some): (Vec<_>, Vec<_>) =
            entries.partition(|entry| rules.registry().scope(entry.place.rule).is_global());
        self.left_out.extend(some.iter().map(|entry| LeftOut {
            rule: entry.key.to_owned(),
            place: Some(rules.place(&entry.place)),
            reason: "it counts for some peers or users only",
        }));
        all
    }

    /// What neither format knows.
    fn leave_out_the_rest(&mut self, rules: &Rules) {
        let tables = tables(rules);
        let entries = tables.iter().flat_map(|(_, table)| table.entries());
        let with_domains: BTreeSet<RuleNumber> = entries.map(|entry| entry.place.rule).collect();
        for rule in rules.registry().iter() {
            let reason = match rule.kind {
                RuleKind::Table if rules.has_pairs() && !with_domains.contains(&rule.number) => {
                    "it has single addresses, not domains"
                }
                RuleKind::Equivalence | RuleKind::Preferred | RuleKind::Table => continue,
                RuleKind::User => "a single address is not a domain",
                RuleKind::Template => "a template is not an equivalence",
                RuleKind::Header | RuleKind::Body | RuleKind::Policy | RuleKind::Route => {
                    "it is not about how addresses are written"
                }
            };
            let name = rule.name.as_deref().unwrap_or_default();
            let place = Some((Arc::clone(&rule.source), rule.line));
            self.left_out.push(LeftOut {
                rule: format!("{} {name}", rule.kind).trim_end().to_owned(),
                place,
                reason,
            });
        }
        if let Some(aviation) = rules.aviation() {
            let rule = format!("addresses of aviation at {}", aviation.domain);
            self.left_out.push(LeftOut { rule, place: None, reason: "eight letters are not a domain" });
        }
        self.left_out.sort();
    }
}

/// The preference that records should have (RFC 2163 4.1).
const PREFERENCE: u16 = 50;

fn tables(rules: &Rules) -> [(Kind, &Table); 4] {
    [
        (Kind::OrToDomain, &rules.or_to_domain),
        (Kind::DomainToOr, &rules.domain_to_or),
        (Kind::GatewayDomain, &rules.gateway_domains),
        (Kind::GatewayAddress, &rules.gateway_addresses),
    ]
}

/// Four tables. All pairs are in them: nothing here is published.
#[must_use]
pub fn to_mcgam(rules: &Rules) -> Exported {
    let mut exported = Exported::default();
    for (kind, table) in tables(rules) {
        let name = match kind {
            Kind::OrToDomain => "mapping1",
            Kind::DomainToOr => "mapping2",
            Kind::GatewayDomain => "gate1",
            Kind::GatewayAddress => "gate2",
        };
        let entries = exported.global(rules, table.entries());
        let lines = entries.iter().map(|entry| format!("{}#{}#", entry.key, entry.target)).collect();
        exported.file(name, lines);
    }
    exported.leave_out_the_rest(rules);
    exported
}

/// The records of a zone. Pairs that are local stay out.
#[must_use]
pub fn to_zone(rules: &Rules) -> Exported {
    let mut exported = Exported::default();
    let mut all = Vec::new();
    for (kind, table) in tables(rules) {
        let mut records = Vec::new();
        let entries = exported.global(rules, table.entries());
        for entry in entries.into_iter().filter(|entry| !rules.is_local(&entry.place)) {
            match record(kind, &entry) {
                Ok(record) => records.push(record),
                Err(reason) => {
                    let (rule, place) = (entry.key.to_string(), Some(rules.place(&entry.place)));
                    exported.left_out.push(LeftOut { rule, place, reason });
                }
            }
        }
        records.sort();
        all.append(&mut records);
    }
    exported.lines = all.len();
    exported.files.push(("zone".to_owned(), all.into_iter().map(|line| line + "\n").collect()));
    exported.leave_out_the_rest(rules);
    exported
}

/// The line of an entry.
fn record(kind: Kind, entry: &Entry<'_>) -> Result<String, &'static str> {
    let is_gateway = matches!(kind, Kind::GatewayDomain | Kind::GatewayAddress);
    let (path, domain) = match kind {
        Kind::OrToDomain | Kind::GatewayDomain => (Path::parse(entry.key).unwrap_or_default(), entry.target),
        Kind::DomainToOr => (mcgam::target_path(entry), entry.key),
        Kind::GatewayAddress => (hierarchy(entry).ok_or("its O/R address is not a path")?, entry.key),
    };
    let owner = match kind {
        Kind::OrToDomain | Kind::GatewayDomain => {
            name::owner(&path).ok_or("its O/R address cannot be a name in DNS")?
        }
        Kind::DomainToOr | Kind::GatewayAddress => domain.to_string(),
    };
    let address = name::write(&path).ok_or("its O/R address cannot be a name in DNS")?;
    let address = name::marked(&address, is_gateway);
    Ok(format!("*.{owner}. IN PX {PREFERENCE} {domain}. {address}."))
}

/// The address of a gateway, if it has nothing but a path.
fn hierarchy(entry: &Entry<'_>) -> Option<Path> {
    let address = mcgam::target_address(entry);
    let is_level = |key| (0..MAXIMUM_LEVELS).any(|level| pseudo_domain::level_key(level) == key);
    address.attributes().iter().all(|one| is_level(one.key.clone())).then(|| Path::of(&address))
}
