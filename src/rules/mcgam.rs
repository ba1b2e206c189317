//! The mapping tables of RFC 2156 Appendix F, as they have been distributed since 1988 (ledger M-20 to M-36).
//!
//! | kind | historic name | a line | used for |
//! |---|---|---|---|
//! | [`Kind::OrToDomain`] | `mapping1`, `table1` | `PRMD$UK\.AC.ADMD$GOLD 400.C$GB#AC.UK#` | X.400 to Internet |
//! | [`Kind::DomainToOr`] | `mapping2`, `table2` | `AC.UK#PRMD$UK\.AC.ADMD$GOLD 400.C$GB#` | Internet to X.400 |
//! | [`Kind::GatewayDomain`] | `gate1` | `ADMD$ATT.C$us#attmail.com#` | which Internet domain to use without a mapping |
//! | [`Kind::GatewayAddress`] | `gate2` | `alter.net#PRMD$relay.ADMD$BTglobal.C$gb#` | which X.400 gateway to name without one |
//!
//! A lookup costs one hash probe per label, or per level, of what is looked up, whatever the size of the table. Entries
//! are kept as their text, and some 40 octets for each.

use std::ops::Range;

use rasn_x400::x411::address::text::KeyedAddress;

use super::pseudo_domain::{self, Fault, Path};
use super::registry::{Registry, RuleNumber};
use crate::diagnostic::{Code, Diagnostic};

pub(crate) mod table;

use table::Full;
pub(crate) use table::{Entry, Table};

/// The four tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// mapping1.
    OrToDomain,
    /// mapping2.
    DomainToOr,
    /// gate1.
    GatewayDomain,
    /// gate2.
    GatewayAddress,
}

impl Kind {
    /// The kind that the last part of a file name tells, such as `mapping1` or `uk.gate2`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let file = name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
        let has = |words: [&str; 2]| words.iter().any(|word| file.contains(word));
        match () {
            () if has(["mapping1", "table1"]) => Some(Self::OrToDomain),
            () if has(["mapping2", "table2"]) => Some(Self::DomainToOr),
            () if file.contains("gate1") => Some(Self::GatewayDomain),
            () if file.contains("gate2") => Some(Self::GatewayAddress),
            () => None,
        }
    }

    /// Whether the key of a line is the O/R side.
    const fn is_keyed_by_or(self) -> bool {
        matches!(self, Self::OrToDomain | Self::GatewayDomain)
    }
}

/// Where an entry was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The rule: a row of a rule file, or a table.
    pub rule: RuleNumber,
    /// Line, from 1.
    pub line: usize,
    /// Octets of that text.
    pub span: Range<usize>,
}

/// The levels for lookup: lower case, spaces trimmed and squeezed, omitted ones as `@`, filled up to `levels`.
pub(crate) fn path_key(path: &Path, levels: usize) -> String {
    let mut key = String::new();
    for level in 0..levels.max(path.levels.len()) {
        match path.levels.get(level).and_then(Option::as_ref) {
            None => key.push('@'),
            Some(value) => {
                let start = key.len();
                for word in value.split(' ').filter(|word| !word.is_empty()) {
                    if key.len() > start {
                        key.push(' ');
                    }
                    key.push_str(word);
                }
                // An ADMD without characters is the one that is a space; `@` it is not (M-33, Z-13).
                if level == 1 && key.len() == start {
                    key.push(' ');
                }
            }
        }
        key.push('\u{1}');
    }
    key.make_ascii_lowercase();
    key
}

/// The form in which a path is a key.
pub(crate) fn path_entry_key(path: &Path) -> String {
    path_key(path, 0)
}

/// A domain label that a mapping can have: letters, digits, and hyphens between them.
#[must_use]
pub(crate) fn is_label(label: &str) -> bool {
    let octets = label.as_bytes();
    let ends = [octets.first(), octets.last()];
    octets.len() <= 63
        && ends.iter().all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
        && octets.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
}

/// The place of the first label that no mapping can have.
fn bad_label(domain: &str) -> Option<Range<usize>> {
    let mut start = 0;
    domain.split('.').find_map(|label| {
        let span = start..start + label.len();
        start = span.end + 1;
        (!is_label(label)).then_some(span)
    })
}

/// The text of one source, being added to a table.
pub(crate) struct Adding<'a> {
    pub(crate) kind: Kind,
    pub(crate) rule: RuleNumber,
    /// The file.
    pub(crate) name: &'a str,
    pub(crate) registry: &'a Registry,
    pub(crate) table: &'a mut Table,
    pub(crate) diagnostics: &'a mut Vec<Diagnostic>,
    /// The line being read, from 1.
    pub(crate) line_number: usize,
}

impl Adding<'_> {
    /// Reads every line (M-25, M-26, M-35).
    pub(crate) fn text(&mut self, text: &str) {
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        self.table.reserve(lines, text.len());
        let mut start = 0;
        for (number, line) in text.split('\n').enumerate() {
            let offset = start;
            self.line_number = number + 1;
            start += line.len() + 1;
            let line = line.trim_end_matches('\r');
            // M-25: a line that begins with `#` is a comment.
            if !line.starts_with('#') && !line.trim().is_empty() {
                self.line(line, offset);
            }
        }
    }

    fn line(&mut self, line: &str, offset: usize) {
        let mut parts = line.split('#');
        let shape = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(key), Some(target), Some(rest), None) = shape else {
            return self.shape(line, offset);
        };
        if !rest.trim().is_empty() {
            return self.shape(line, offset);
        }
        let key = (key, offset);
        let target = (target, offset + key.0.len() + 1);
        let span = offset..offset + line.len();
        if self.kind.is_keyed_by_or() { self.entry(key, target, span) } else { self.entry(target, key, span) }
    }

    fn shape(&mut self, line: &str, offset: usize) {
        let expected = if self.kind.is_keyed_by_or() { "O/R address#domain#" } else { "domain#O/R address#" };
        let label = format!("expected `{expected}`");
        self.diagnostics.push(
            Diagnostic::new(
                Code::TableLine,
                self.name,
                offset..offset + line.len(),
                "a line of a mapping table has two fields, each ended by `#`",
                label,
            )
            .help("the last `#` is part of the line: it keeps blanks at the end of a value; a comment begins with `#`"),
        );
    }

    /// Adds one entry, given the O/R side and the domain with their offsets.
    pub(crate) fn entry(&mut self, or: (&str, usize), domain: (&str, usize), span: Range<usize>) {
        let path = match self.kind {
            Kind::GatewayAddress => pseudo_domain::address(or.0).map(|_| None),
            _ => Path::parse(or.0).map(Some),
        };
        let path = match path {
            Ok(path) => path,
            Err(fault) => return self.fault(fault, or.1),
        };
        if !self.domain(domain) {
            return;
        }
        let (key, written, target) = match path {
            Some(path) if self.kind.is_keyed_by_or() => (path_entry_key(&path), or.0, domain.0),
            _ => (domain.0.to_ascii_lowercase(), domain.0, or.0),
        };
        let place = Place { rule: self.rule, line: self.line_number, span: span.clone() };
        let scope = self.registry.scope(self.rule);
        let is_rival = |entry: &Entry<'_>| {
            entry.place.rule == self.rule || self.registry.scope(entry.place.rule) == scope
        };
        let Some(earlier) = self.table.all(&key).find(is_rival) else {
            if self.table.insert(&key, written, target, &place) == Err(Full) {
                let message = "the tables have more than 4 GiB of text";
                self.diagnostics.push(Diagnostic::new(Code::UnreadableFile, self.name, span, message, ""));
            }
            return;
        };
        let same = same_target(self.kind, earlier.target, target);
        let (code, message) = if same {
            (Code::DuplicateEntry, format!("`{written}` is mapped twice to the same place"))
        } else {
            (
                Code::ConflictingEntry,
                format!("`{written}` is mapped to `{target}` and to `{}`", earlier.target),
            )
        };
        let earlier_name = self.registry.source_of_entries(earlier.place.rule);
        self.diagnostics.push(Diagnostic::new(code, self.name, span, message, "again here").related(
            &*earlier_name,
            earlier.place.span,
            "first here",
        ));
    }

    fn domain(&mut self, (domain, offset): (&str, usize)) -> bool {
        if let Some(span) = bad_label(domain) {
            let label = &domain[span.clone()];
            let message = format!("`{label}` is not a label that a mapping can have");
            let span = offset + span.start..offset + span.end;
            self.diagnostics.push(
                Diagnostic::new(Code::TableDomain, self.name, span, message, "")
                    .help("letters, digits, and hyphens between them"),
            );
            return false;
        }
        if !domain.contains('.') && self.kind == Kind::OrToDomain {
            let message = format!("no mail is routed to `{domain}` itself");
            let span = offset..offset + domain.len();
            self.diagnostics.push(
                Diagnostic::new(Code::SingleLabel, self.name, span, message, "a domain of one label").help(
                    "addresses with nothing below this point will be treated as if there were no mapping",
                ),
            );
        }
        true
    }

    fn fault(&mut self, fault: Fault, offset: usize) {
        let span = offset + fault.span.start..offset + fault.span.end;
        let mut diagnostic = Diagnostic::new(fault.code, self.name, span, fault.message, "");
        diagnostic.help = fault.help.map(str::to_owned);
        self.diagnostics.push(diagnostic);
    }
}

fn same_target(kind: Kind, one: &str, two: &str) -> bool {
    match kind {
        Kind::OrToDomain | Kind::GatewayDomain => one.eq_ignore_ascii_case(two),
        Kind::DomainToOr => {
            let key = |text: &str| Path::parse(text).ok().map(|path| path_entry_key(&path));
            key(one) == key(two)
        }
        Kind::GatewayAddress => one.eq_ignore_ascii_case(two),
    }
}

/// The path a [`Kind::DomainToOr`] entry leads to.
pub(crate) fn target_path(entry: &Entry<'_>) -> Path {
    Path::parse(entry.target).unwrap_or_default()
}

/// The address a [`Kind::GatewayAddress`] entry leads to.
pub(crate) fn target_address(entry: &Entry<'_>) -> KeyedAddress {
    pseudo_domain::address(entry.target).unwrap_or_default()
}
