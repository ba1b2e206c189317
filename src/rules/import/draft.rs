//! Mappings on their way: checked one by one as they come, joined at the end.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use rasn_x400::x411::address::text::KeyedAddress;

use super::{At, Format, Input, Place, Remark, Report, Text};
use crate::diagnostic::Code;
use crate::rules::mcgam::{self, Kind, is_label};
use crate::rules::pseudo_domain::{Fault, MAXIMUM_LEVELS, Path, level_bound, level_key};

mod aviation;
mod people;
mod routes;

pub(super) use aviation::Aviation;
use people::People;
pub(super) use people::User;
pub(super) use routes::Destination;
use routes::Routes;

/// Octets of a domain name (RFC 5321 4.5.3.1.2).
const DOMAIN_LIMIT: usize = 255;

/// Ends each level of a key, so that what is below a key begins with it.
const END: char = '\u{1}';

/// What is gathered.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// By [`Kind`], each by the form of its key, from the top down.
    tables: BTreeMap<usize, BTreeMap<String, Mapping>>,
    countries: BTreeMap<String, (String, Place)>,
    rows: Vec<Row>,
    people: People,
    users: Vec<User>,
    routes: Routes,
    aviation: Option<Aviation>,
    report: Report,
    files: Vec<Arc<str>>,
}

/// A mapping of one direction.
#[derive(Debug, Clone)]
struct Mapping {
    domain: String,
    side: Side,
    at: At,
    local: bool,
}

/// The X.400 side of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Side {
    /// A part of the hierarchy.
    Path(Path),
    /// Any attributes: a preferred gateway.
    Address(KeyedAddress),
}

/// Which way a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Both,
    ToX400,
    ToInternet,
}

/// A rule as it is to be written.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) is_preferred: bool,
    pub(super) domain: String,
    pub(super) side: Side,
    pub(super) direction: Direction,
    pub(super) local: bool,
    /// Where it comes from.
    pub(super) places: Vec<Place>,
}

const fn number(kind: Kind) -> usize {
    match kind {
        Kind::OrToDomain => 0,
        Kind::DomainToOr => 1,
        Kind::GatewayDomain => 2,
        Kind::GatewayAddress => 3,
    }
}

const fn is_keyed_by_or(kind: Kind) -> bool {
    matches!(kind, Kind::OrToDomain | Kind::GatewayDomain)
}

impl Draft {
    pub(super) fn new(format: Format, inputs: &[Input]) -> Self {
        let read =
            inputs.iter().map(|input| Text { file: input.name.clone(), lines: input.text.lines().count() });
        Self {
            tables: BTreeMap::new(),
            countries: BTreeMap::new(),
            rows: Vec::new(),
            people: People::default(),
            users: Vec::new(),
            routes: Routes::default(),
            aviation: None,
            report: Report {
                format,
                read: read.collect(),
                rules: BTreeMap::new(),
                one_way: 0,
                repeated: 0,
                passed_over: BTreeMap::new(),
                left_out: Vec::new(),
                changed: Vec::new(),
            },
            files: inputs.iter().map(|input| input.name.as_str().into()).collect(),
        }
    }

    pub(super) const fn report(&self) -> &Report {
        &self.report
    }

    /// The rules, once the draft is settled.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The exact pairs, once the draft is settled.
    pub(super) fn users(&self) -> &[User] {
        &self.users
    }

    /// Addresses of aviation, if there are such.
    pub(super) const fn aviation(&self) -> Option<&Aviation> {
        self.aviation.as_ref()
    }

    /// Numeric countries and their letters.
    pub(super) fn countries(&self) -> impl Iterator<Item = (&str, &str, &Place)> {
        self.countries.iter().map(|(digits, (letters, place))| (digits.as_str(), letters.as_str(), place))
    }

    /// The name of an input, by its number.
    pub(super) fn file(&self, input: usize) -> Arc<str> {
        self.files.get(input).map_or_else(|| "".into(), Arc::clone)
    }

    pub(super) fn left_out(&mut self, at: &At, reason: impl Into<String>) {
        self.report.left_out.push(remark(at, reason.into(), None));
    }

    fn left_out_by(&mut self, at: &At, code: Code, reason: impl Into<String>) {
        self.report.left_out.push(remark(at, reason.into(), Some(code.as_str())));
    }

    /// Leaves out what the rule file would not take.
    pub(super) fn faulty(&mut self, at: &At, fault: Fault) {
        self.left_out_by(at, fault.code, fault.message);
    }

    pub(super) fn changed(&mut self, at: &At, what: impl Into<String>) {
        self.report.changed.push(remark(at, what.into(), None));
    }

    pub(super) fn passed_over(&mut self, what: impl Into<String>) {
        *self.report.passed_over.entry(what.into()).or_default() += 1;
    }

    /// Takes a country that is written in digits.
    pub(super) fn country(&mut self, digits: &str, letters: &str, at: &At) {
        let fits = digits.len() == 3
            && digits.bytes().all(|octet| octet.is_ascii_digit())
            && letters.len() == 2
            && letters.bytes().all(|octet| octet.is_ascii_alphabetic());
        if !fits {
            return self.left_out(at, format!("`{digits}` and `{letters}` are not the codes of a country"));
        }
        let letters = letters.to_ascii_lowercase();
        match self.countries.get(digits) {
            None => {
                self.countries.insert(digits.to_owned(), (letters, at.place.clone()));
            }
            Some((known, _)) if *known == letters => self.report.repeated += 1,
            Some((known, place)) => {
                let reason = format!("`{digits}` is `{known}` in {place}");
                self.left_out(at, reason);
            }
        }
    }

    /// Takes a mapping of one direction, if the rule file would.
    pub(super) fn map(&mut self, kind: Kind, side: Side, domain: &str, at: &At, local: bool) {
        if let Some(label) = domain.split('.').find(|label| !is_label(label)) {
            let reason = format!("`{label}` is not a label that a mapping can have");
            return self.left_out_by(at, Code::TableDomain, reason);
        }
        if domain.len() > DOMAIN_LIMIT {
            return self.left_out_by(at, Code::TableDomain, "the domain has more than 255 characters");
        }
        let side = match (kind, side) {
            (Kind::GatewayAddress, Side::Path(path)) => Side::Address(path.attributes().collect()),
            (Kind::GatewayAddress, Side::Address(address)) => Side::Address(address),
            (_, Side::Path(path)) => Side::Path(path),
            (_, Side::Address(address)) => match only_path(&address) {
                Some(path) => Side::Path(path),
                None => {
                    let reason = "its O/R address has attributes that are not of the hierarchy";
                    return self.left_out_by(at, Code::TableHierarchy, reason);
                }
            },
        };
        if let Err(reason) = check(&side) {
            return self.left_out_by(at, Code::OutOfBounds, reason);
        }
        let key = match &side {
            Side::Path(path) if is_keyed_by_or(kind) => mcgam::path_entry_key(path),
            _ => domain_key(domain),
        };
        let mapping = Mapping { domain: domain.to_owned(), side, at: at.clone(), local };
        let table = self.tables.entry(number(kind)).or_default();
        match table.get(&key) {
            None => {
                table.insert(key, mapping);
            }
            Some(known) if is_same(kind, known, &mapping) => self.report.repeated += 1,
            Some(known) => {
                let target = if is_keyed_by_or(kind) { known.domain.clone() } else { shown(&known.side) };
                let reason = format!("it is mapped to `{target}` in {}", known.at.place);
                self.left_out_by(at, Code::ConflictingEntry, reason);
            }
        }
    }

    /// Takes a path that stands for another one: what is said about that, and about what is below it, holds for it.
    pub(super) fn alias_of_path(&mut self, alias: &Path, meant: &Path, at: &At, local: bool) {
        let mut found = Vec::new();
        for kind in [Kind::OrToDomain, Kind::GatewayDomain] {
            let Some(table) = self.tables.get(&number(kind)) else { continue };
            for mapping in below(table, &mcgam::path_entry_key(meant)) {
                let Side::Path(path) = &mapping.side else { continue };
                found.push((kind, moved(path, meant, alias), mapping.domain.clone()));
            }
        }
        let key = mcgam::path_entry_key(meant);
        if !found.iter().any(|(_, path, _)| path.as_ref() == Some(alias)) {
            let levels = (1..meant.levels.len()).rev();
            let above = levels.filter_map(|level| {
                let key = mcgam::path_entry_key(&Path { levels: meant.levels[..level].to_vec() });
                Some((level, self.tables.get(&number(Kind::OrToDomain))?.get(&key)?.domain.clone()))
            });
            if let Some((level, domain)) = above.into_iter().next() {
                let rest = meant.levels[level..].iter();
                let labels: Option<Vec<&str>> = rest.map(|value| value.as_deref()).rev().collect();
                match labels.filter(|labels| labels.iter().all(|label| is_label(label))) {
                    Some(labels) => {
                        let domain = format!("{}.{domain}", labels.join("."));
                        found.push((Kind::OrToDomain, Some(alias.clone()), domain));
                    }
                    None => {
                        return self.left_out(at, "a value of what it stands for cannot be part of a domain");
                    }
                }
            }
        }
        if found.is_empty() {
            let shown = key.trim_end_matches(END).replace(END, "/");
            return self.left_out(at, format!("nothing maps what it stands for, `{shown}`"));
        }
        self.changed(at, "another name became a mapping of its own, to the Internet");
        for (kind, path, domain) in found {
            match path {
                Some(path) => self.map(kind, Side::Path(path), &domain, at, local),
                None => {
                    self.left_out(at, format!("the address for `{domain}` would have too many levels"));
                }
            }
        }
    }

    /// Takes a domain that stands for another one.
    pub(super) fn alias_of_domain(&mut self, alias: &str, meant: &str, at: &At, local: bool) {
        let mut found = Vec::new();
        for kind in [Kind::DomainToOr, Kind::GatewayAddress] {
            let Some(table) = self.tables.get(&number(kind)) else { continue };
            for mapping in below(table, &domain_key(meant)) {
                let start = mapping.domain.len() - meant.len().min(mapping.domain.len());
                found.push((kind, format!("{}{alias}", &mapping.domain[..start]), mapping.side.clone()));
            }
        }
        if !found.iter().any(|(_, domain, _)| domain == alias)
            && let Some(path) = self.path_of_domain(meant)
        {
            found.push((Kind::DomainToOr, alias.to_owned(), Side::Path(path)));
        }
        if found.is_empty() {
            return self.left_out(at, format!("nothing maps what it stands for, `{meant}`"));
        }
        self.changed(at, "another name became a mapping of its own, to X.400");
        for (kind, domain, side) in found {
            self.map(kind, side, &domain, at, local);
        }
    }

    /// The path of a domain by the mappings so far, if its labels find a level each.
    pub(super) fn path_of_domain(&self, domain: &str) -> Option<Path> {
        let table = self.tables.get(&number(Kind::DomainToOr))?;
        let starts = std::iter::once(0).chain(domain.match_indices('.').map(|(place, _)| place + 1));
        starts.into_iter().find_map(|start| {
            let Side::Path(path) = &table.get(&domain_key(&domain[start..]))?.side else { return None };
            let mut path = path.clone();
            let labels = domain[..start].split('.').filter(|label| !label.is_empty()).rev();
            path.levels.extend(labels.map(|label| Some(label.to_owned())));
            (path.levels.len() <= MAXIMUM_LEVELS).then_some(path)
        })
    }

    /// Puts the directions together, and leaves out gateways for what is mapped (M-29).
    pub(super) fn settle(&mut self) {
        let mut tables = std::mem::take(&mut self.tables);
        let mut take = |kind: Kind| tables.remove(&number(kind)).unwrap_or_default();
        let mapped = [take(Kind::OrToDomain), take(Kind::DomainToOr)];
        let mut preferred = [take(Kind::GatewayDomain), take(Kind::GatewayAddress)];
        for (gateways, mappings) in preferred.iter_mut().zip(&mapped) {
            gateways.retain(|key, gateway| {
                let Some(known) = mappings.get(key) else { return true };
                let reason =
                    format!("it is mapped in {}, so no gateway can be preferred for it", known.at.place);
                self.left_out_by(&gateway.at, Code::KeyInBothTables, reason);
                false
            });
        }
        for (is_preferred, [to_internet, to_x400]) in [(false, mapped), (true, preferred)] {
            self.join(is_preferred, to_internet, to_x400);
        }
        self.rows.sort_by_cached_key(|row| {
            (row.is_preferred, domain_key(&row.domain), shown(&row.side).to_lowercase(), row.direction)
        });
        for row in &self.rows {
            let kind = if row.is_preferred { "preferred" } else { "equivalence" };
            *self.report.rules.entry(kind).or_default() += 1;
            self.report.one_way += usize::from(row.direction != Direction::Both);
        }
        if !self.countries.is_empty() {
            self.report.rules.insert("countries", self.countries.len());
        }
        self.settle_people();
        if !self.routes().is_empty() {
            self.report.rules.insert("route", self.routes().len());
        }
        let order = |remark: &Remark| (remark.file.clone(), remark.line);
        self.report.left_out.sort_by_key(order);
        self.report.changed.sort_by_key(order);
    }

    fn join(
        &mut self,
        is_preferred: bool,
        to_internet: BTreeMap<String, Mapping>,
        mut to_x400: BTreeMap<String, Mapping>,
    ) {
        for (key, there) in to_internet {
            let back_key = domain_key(&there.domain);
            let is_inverse = to_x400.get(&back_key).is_some_and(|back| {
                back.local == there.local
                    && path(&back.side).is_some_and(|path| mcgam::path_entry_key(&path) == key)
            });
            let back = if is_inverse { to_x400.remove(&back_key) } else { None };
            let direction = if back.is_some() { Direction::Both } else { Direction::ToInternet };
            let mut places = vec![there.at.place];
            places.extend(back.map(|back| back.at.place));
            places.dedup();
            let Mapping { domain, side, local, .. } =
                Mapping { at: At { place: places[0].clone(), text: "".into() }, ..there };
            self.rows.push(Row { is_preferred, domain, side, direction, local, places });
        }
        for (_, Mapping { domain, side, at, local }) in to_x400 {
            let direction = Direction::ToX400;
            self.rows.push(Row { is_preferred, domain, side, direction, local, places: vec![at.place] });
        }
    }
}

fn remark(at: &At, reason: String, code: Option<&'static str>) -> Remark {
    let Place { file, line } = &at.place;
    Remark { file: file.to_string(), line: *line, text: at.text.to_string(), reason, code }
}

/// The labels of a domain from the top down.
pub(super) fn domain_key(domain: &str) -> String {
    domain.to_ascii_lowercase().rsplit('.').flat_map(|label| label.chars().chain([END])).collect()
}

/// The key and what is below it.
fn below<'t>(table: &'t BTreeMap<String, Mapping>, key: &str) -> impl Iterator<Item = &'t Mapping> {
    let key = key.to_owned();
    let from = table.range::<str, _>((Bound::Included(key.as_str()), Bound::Unbounded));
    let found: Vec<&Mapping> =
        from.take_while(|(found, _)| found.starts_with(&key)).map(|(_, found)| found).collect();
    found.into_iter()
}

/// A path with another beginning. None if it would be too long.
fn moved(path: &Path, from: &Path, to: &Path) -> Option<Path> {
    let rest = path.levels.get(from.levels.len()..).unwrap_or_default();
    let levels: Vec<Option<String>> = to.levels.iter().chain(rest).cloned().collect();
    (levels.len() <= MAXIMUM_LEVELS).then_some(Path { levels })
}

/// The path that an address is, if it is nothing else.
fn only_path(address: &KeyedAddress) -> Option<Path> {
    let is_level = |key| (0..MAXIMUM_LEVELS).any(|level| level_key(level) == key);
    address.attributes().iter().all(|one| is_level(one.key.clone())).then(|| Path::of(address))
}

fn path(side: &Side) -> Option<Path> {
    match side {
        Side::Path(path) => Some(path.clone()),
        Side::Address(address) => only_path(address),
    }
}

/// What a person reads.
pub(super) fn shown(side: &Side) -> String {
    match side {
        Side::Path(path) => path.to_text(),
        Side::Address(address) => address.to_display(),
    }
}

fn is_same(kind: Kind, one: &Mapping, two: &Mapping) -> bool {
    if is_keyed_by_or(kind) {
        return one.domain.eq_ignore_ascii_case(&two.domain);
    }
    match (&one.side, &two.side) {
        (Side::Path(one), Side::Path(two)) => mcgam::path_entry_key(one) == mcgam::path_entry_key(two),
        (one, two) => shown(one).eq_ignore_ascii_case(&shown(two)),
    }
}

/// Whether the rule file takes it.
fn check(side: &Side) -> Result<(), String> {
    let path = match side {
        Side::Path(path) => path,
        Side::Address(address) => {
            if crate::rules::can_be_gateway(address) {
                return Ok(());
            }
            return Err(format!("`{}` cannot be the address of a gateway", address.to_display()));
        }
    };
    if path.levels.first().is_none_or(Option::is_none) {
        return Err("the path does not begin with a country".to_owned());
    }
    if path.levels.len() > MAXIMUM_LEVELS {
        return Err("a fifth organizational unit".to_owned());
    }
    for (level, value) in path.levels.iter().enumerate() {
        let Some(value) = value else { continue };
        let key = level_key(level);
        if value.len() > level_bound(level) {
            let bound = level_bound(level);
            return Err(format!("`{key}` has {} characters, at most {bound} are allowed", value.len()));
        }
        if !value.bytes().all(rasn_x400::prim::is_printable) {
            return Err(format!("`{value}` has characters that are not in PrintableString"));
        }
    }
    Ok(())
}
