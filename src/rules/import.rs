//! Mappings of other gateways, read in their own formats and written as a rule file.
//!
//! 1. A reader for each [`Format`] takes texts apart and puts what they map into a `Draft`: `mcgam`, `pp`, `exchange`,
//!    `ldif`, `zone`, `amhs`.
//! 2. The draft checks each mapping by what the rule file allows, joins the two directions of a pair, and keeps the first of
//!    two that contradict.
//! 3. [`write`] makes a rule file of it, and tables beside it if it would be long.
//! 4. The [`Report`] has a remark for each line that did not get in, and for each that is not quite what it was. What is
//!    neither in the rules nor in the report was not in the texts.
//!
//! Nothing here reads files.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

mod amhs;
mod draft;
mod exchange;
mod ldif;
mod master_file;
mod mcgam;
mod pp;
mod table;
mod write;
mod zone;

#[cfg(test)]
mod tests;

use draft::Draft;
pub use write::{Layout, Written};

/// What the mappings are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The tables of RFC 2156 Appendix F.
    Mcgam,
    /// The tables of PP: or2rfc, rfc2or, rfc1148gate, or, domain, channel, alias, user.
    Pp,
    /// Entries of a directory (RFC 2164) in LDIF.
    Ldif,
    /// PX records (RFC 2163) in a master file of DNS.
    Zone,
    /// Mapping files of Exchange 5.5, and addresses of recipients in CSV or LDIF.
    Exchange,
    /// Address tables of aviation in CSV.
    Amhs,
}

/// A text to be read.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name of its file, with or without folders.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// What a reader is told besides the texts.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Which table the texts are, where their names do not tell.
    pub table: Option<String>,
    /// The Internet domain of addresses and names that are written without, and the origin of a zone.
    pub domain: Option<String>,
}

/// What was read: rules to be written, and what is to be said about them.
#[derive(Debug, Clone)]
pub struct Imported {
    draft: Draft,
}

/// Why a text cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {reason}")]
pub struct Unreadable {
    /// The file.
    pub name: String,
    /// Why not.
    pub reason: String,
}

/// Reads texts of one format.
///
/// # Errors
/// When it is not known what a text is, or a hint is wanting.
pub fn import(format: Format, inputs: &[Input], hints: &Hints) -> Result<Imported, Unreadable> {
    let mut draft = Draft::new(format, inputs);
    match format {
        Format::Mcgam => mcgam::read(inputs, hints, &mut draft)?,
        Format::Pp => pp::read(inputs, hints, &mut draft)?,
        Format::Ldif => ldif::read(inputs, &mut draft),
        Format::Zone => zone::read(inputs, hints, &mut draft)?,
        Format::Exchange => exchange::read(inputs, &mut draft)?,
        Format::Amhs => amhs::read(inputs, hints, &mut draft)?,
    }
    draft.settle();
    Ok(Imported { draft })
}

impl Imported {
    /// The rule file, and the tables that belong to it.
    #[must_use]
    pub fn write(&self, layout: &Layout) -> Written {
        write::write(&self.draft, layout)
    }

    /// What is to be said.
    #[must_use]
    pub const fn report(&self) -> &Report {
        self.draft.report()
    }
}

/// A place in an input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::rules) struct Place {
    file: Arc<str>,
    /// From 1.
    line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A place with what is written there.
#[derive(Debug, Clone)]
struct At {
    place: Place,
    text: Box<str>,
}

/// Characters of a line that a remark shows.
const SHOWN: usize = 160;

impl At {
    fn new(file: &Arc<str>, line: usize, text: &str) -> Self {
        let text = text.trim_end();
        let shown: String = text.chars().take(SHOWN).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        Self { place: Place { file: Arc::clone(file), line }, text: format!("{shown}{more}").into() }
    }
}

/// What came of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was read.
    pub format: Format,
    /// The texts.
    pub read: Vec<Text>,
    /// How many rules there are of each kind.
    pub rules: BTreeMap<&'static str, usize>,
    /// Rules that hold in one direction only.
    pub one_way: usize,
    /// Lines that say again what another has said.
    pub repeated: usize,
    /// What has nothing to do with addresses, by kind, with its number.
    pub passed_over: BTreeMap<String, usize>,
    /// What is not in the rules.
    pub left_out: Vec<Remark>,
    /// What is in the rules, but is not quite what it was.
    pub changed: Vec<Remark>,
}

/// A text that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Text {
    /// The name of its file.
    pub file: String,
    /// Lines of it.
    pub lines: usize,
}

/// Something to be said about a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The name of the file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is written there.
    pub text: String,
    /// Why it was left out, or what became different.
    pub reason: String,
    /// The diagnostic that the rule file would give, if it would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)?;
        if let Some(code) = self.code {
            write!(f, " [{code}]")?;
        }
        write!(f, "\n    {}", self.text)
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for Text { file, lines } in &self.read {
            writeln!(f, "read: {file}, {lines} lines")?;
        }
        let rules: Vec<String> = self.rules.iter().map(|(kind, number)| format!("{kind} {number}")).collect();
        writeln!(f, "rules: {}", if rules.is_empty() { "none".to_owned() } else { rules.join(", ") })?;
        if self.one_way > 0 {
            writeln!(f, "in one direction only: {}", self.one_way)?;
        }
        if self.repeated > 0 {
            writeln!(f, "said again: {}", self.repeated)?;
        }
        for (what, number) in &self.passed_over {
            writeln!(f, "nothing to do with mappings: {what}, {number}")?;
        }
        for (heading, remarks) in [("different", &self.changed), ("left out", &self.left_out)] {
            writeln!(f, "{heading}: {}", remarks.len())?;
            for remark in remarks {
                writeln!(f, "  {remark}")?;
            }
        }
        Ok(())
    }
}
