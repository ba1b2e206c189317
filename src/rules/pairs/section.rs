//! Exact pairs in a rule file: `[[user]]`, and `[[table]]` for files of pairs.

use std::ops::Range;

use rasn_x400::x411::address::text;
use serde::Deserialize;
use toml::Spanned;

use super::super::examples::ExampleSection;
use super::super::file::Direction;
use super::super::loader::{Loader, Reading};
use super::super::mcgam::is_label;
use super::super::registry::{RuleKind, RuleNumber};
use super::super::scope::Peers;
use super::canonical::{canonical, quickly};
use super::{Clash, Directions, Full};
use crate::diagnostic::{Code, Diagnostic};
use crate::mixer::address::mailbox::{self, Mailbox};

/// A row of `[[user]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct UserRow {
    name: Option<Spanned<String>>,
    comment: Option<String>,
    internet: Spanned<String>,
    or: Spanned<String>,
    #[serde(default)]
    direction: Direction,
    peer: Option<Peers>,
    #[serde(default)]
    example: Vec<ExampleSection>,
}

impl From<Direction> for Directions {
    fn from(direction: Direction) -> Self {
        Self { to_x400: direction != Direction::ToInternet, to_internet: direction != Direction::ToX400 }
    }
}

/// A fault of one of the two texts of a pair.
pub(in super::super) struct Misfit {
    pub(in super::super) code: Code,
    /// Octets of the text before it.
    pub(in super::super) offset: usize,
    pub(in super::super) message: String,
    pub(in super::super) help: Option<String>,
}

impl Loader {
    /// Takes over a row of `[[user]]`.
    pub(in super::super) fn user(&mut self, reading: &Reading<'_>, row: Spanned<UserRow>) {
        let place = row.span();
        let row = row.into_inner();
        let line = reading.lines.at(place.start);
        let rule = self.register(reading, RuleKind::User, row.name.as_ref(), row.comment, place);
        self.give_scope(reading, rule, row.peer, None);
        self.keep_examples(reading, row.example, Some(rule), row.direction);
        let (mut internet, mut or) = (String::new(), String::new());
        let texts = [
            (&row.internet, mailbox_form(row.internet.get_ref(), &mut internet)),
            (&row.or, or_form(row.or.get_ref(), &mut or)),
        ];
        let mut fine = true;
        for (written, result) in texts {
            let Err(misfit) = result else { continue };
            let span = written.span();
            // The octet after the quote, as long as the string has no escapes; never beyond its end.
            let start = (span.start + 1 + misfit.offset).min(span.end);
            let mut diagnostic =
                Diagnostic::new(misfit.code, &**reading.name, start..span.end, misfit.message, "");
            diagnostic.help = misfit.help;
            self.report(diagnostic);
            fine = false;
        }
        if fine && self.rules.pairs.push((&internet, &or), row.direction.into(), rule, line) == Err(Full) {
            self.too_large(reading.name, row.internet.span());
        }
    }

    /// The text of tables is numbered with 32 bits.
    pub(in super::super) fn too_large(&mut self, name: &str, span: Range<usize>) {
        let message = "the tables have more than 4 GiB of text, or an address has more than 65,535 octets";
        self.report(Diagnostic::new(Code::UnreadableFile, name, span, message, ""));
    }

    /// Makes exact pairs ready for lookups, and reports those that contradict each other.
    pub(in super::super) fn index_pairs(&mut self) {
        let mut pairs = std::mem::take(&mut self.rules.pairs);
        let registry = &self.rules.registry;
        let mut found = Vec::new();
        let same_scope =
            |one: RuleNumber, other: RuleNumber| one == other || registry.scope(one) == registry.scope(other);
        pairs.index(&self.rules.countries, same_scope, |clash| {
            // Tens of thousands would help nobody.
            if found.len() < MAXIMUM_CLASHES {
                found.push(self.clash(clash));
            }
        });
        self.rules.pairs = pairs;
        // A pair that stands there twice is found in both directions.
        found.sort_by(|one, other| (&one.source, one.span.start).cmp(&(&other.source, other.span.start)));
        found.dedup_by(|one, other| {
            one.span == other.span && one.source == other.source && one.code == other.code
        });
        found.into_iter().for_each(|diagnostic| self.report(diagnostic));
    }

    fn clash(&self, clash: Clash<'_>) -> Diagnostic {
        let Clash { earlier, later, of_mailbox, same } = clash;
        let address = if of_mailbox { later.mailbox } else { later.or };
        let (code, message) = if same {
            (Code::DuplicateEntry, format!("`{address}` is mapped twice to the same place"))
        } else if of_mailbox {
            (
                Code::ConflictingEntry,
                format!("`{address}` is mapped to `{}` and to `{}`", later.or, earlier.or),
            )
        } else {
            let message =
                format!("`{address}` is mapped to `{}` and to `{}`", later.mailbox, earlier.mailbox);
            (Code::ConflictingEntry, message)
        };
        let (source, span) = self.place_of_pair(later.rule, later.line);
        let (earlier_source, earlier_span) = self.place_of_pair(earlier.rule, earlier.line);
        let diagnostic = Diagnostic::new(code, source, span, message, "again here");
        let diagnostic = diagnostic.related(earlier_source, earlier_span, "first here");
        if same {
            return diagnostic.help("remove one of the two");
        }
        let direction = if of_mailbox { "to-internet" } else { "to-x400" };
        diagnostic
            .help(format!("decide which is the answer, and give the other one `direction = \"{direction}\"`"))
    }

    /// Where a pair stands: its row of the rule file, or its line of the table.
    pub(in super::super) fn place_of_pair(&self, rule: RuleNumber, line: usize) -> (String, Range<usize>) {
        let source = self.rules.registry.source_of_entries(rule);
        let span = match self.rules.registry.get(rule) {
            Some(rule) if rule.table.is_none() => rule.span.clone(),
            _ => line_span(self.sources.get(&source).unwrap_or_default(), line),
        };
        (source.to_string(), span)
    }
}

/// Clashes that are told.
const MAXIMUM_CLASHES: usize = 20;

/// The octets of a line, from 1.
fn line_span(text: &str, line: usize) -> Range<usize> {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(before) => {
            memchr::memchr_iter(b'\n', text.as_bytes()).nth(before).map_or(text.len(), |end| end + 1)
        }
    };
    let end = memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |length| start + length);
    start..text[start..end].trim_end_matches('\r').len() + start
}

/// Writes an Internet address as it is kept: quoted only where need be.
pub(in super::super) fn mailbox_form(text: &str, out: &mut String) -> Result<(), Misfit> {
    let text = text.trim();
    out.clear();
    if let Some((local, domain)) = text.split_once('@')
        && is_plain(local)
        && domain.split('.').all(is_label)
    {
        out.push_str(text);
        return Ok(());
    }
    let fault = |offset, message: String| Misfit {
        code: Code::BadDomain,
        offset,
        message,
        help: Some("an address is `local-part@domain`".to_owned()),
    };
    let parsed = Mailbox::parse(text)
        .map_err(|error| fault(error.offset, format!("`{text}` is no Internet address: {error}")))?;
    let Some(domain) =
        parsed.domain.filter(|domain| parsed.route.is_empty() && domain.split('.').all(is_label))
    else {
        return Err(fault(0, format!("`{text}` is no Internet address with a domain")));
    };
    if let Some(place) = text.find(|character: char| character.is_control()) {
        return Err(fault(place, "an address has no control characters".to_owned()));
    }
    out.push_str(&mailbox::quote(&parsed.local));
    out.push('@');
    out.push_str(domain);
    Ok(())
}

/// A local part that is written without quotes.
fn is_plain(local: &str) -> bool {
    let is_atom = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'+' | b'\'');
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atom))
}

/// Writes an O/R address in canonical form; it has to be complete and within bounds.
pub(in super::super) fn or_form(written: &str, out: &mut String) -> Result<(), Misfit> {
    if quickly(written, out).is_some() {
        return Ok(());
    }
    let fault = |offset, message, help| Misfit { code: Code::BadAddress, offset, message, help };
    let address = text::parse(written)
        .map_err(|error| fault(error.offset, error.to_string(), error.suggestion.clone()))?;
    if let Err(missing) = address.form() {
        return Err(fault(0, format!("`{written}` is not complete: {missing}"), None));
    }
    if let Some(finding) = text::check(&address).first() {
        return Err(fault(0, finding.to_string(), None));
    }
    address.to_or_name().map_err(|error| fault(0, error.to_string(), None))?;
    out.clear();
    out.push_str(&canonical(&address));
    Ok(())
}
