//! The section `[lookup.sqlite]` as it is written.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::super::Loader;
use super::section::Time;
use super::settings::{Scope, Source, SourceKind, Sqlite};
use super::sql;
use crate::diagnostic::{Code, Diagnostic};

/// What is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SqliteSection {
    file: Spanned<PathBuf>,
    by_internet: Option<Spanned<String>>,
    by_or: Option<Spanned<String>>,
    timeout: Option<Time>,
    connections: Option<Spanned<usize>>,
    holds: Option<Time>,
    holds_absent: Option<Time>,
    #[serde(default)]
    only: Vec<Spanned<String>>,
    #[serde(default)]
    never: Vec<Spanned<String>>,
}

/// How long an answer holds: a table does not say.
const HOLDS: Duration = Duration::from_secs(5 * 60);
/// The same for the answer that there is nobody: people are added more often than they change.
const HOLDS_ABSENT: Duration = Duration::from_secs(60);
/// How long a query may take, waiting for a lock included.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Queries at a time.
const CONNECTIONS: usize = 2;

impl Loader {
    pub(super) fn sqlite(&mut self, name: &str, section: SqliteSection) -> Source {
        if section.by_internet.is_none() && section.by_or.is_none() {
            let message = "nothing is looked up in this database".to_owned();
            self.invalid(name, section.file.span(), message, "`by_internet`, `by_or`, or both");
        }
        let kind = SourceKind::Sqlite(Sqlite {
            by_internet: self.query(name, section.by_internet, false),
            by_or: self.query(name, section.by_or, true),
            file: section.file.into_inner(),
            timeout: section.timeout.map_or(TIMEOUT, |Time(time)| time),
            connections: self.at_least_one(name, section.connections, CONNECTIONS),
            holds: section.holds.map_or(HOLDS, |Time(time)| time),
            holds_absent: section.holds_absent.map_or(HOLDS_ABSENT, |Time(time)| time),
        });
        let scope = Scope { only: self.names(name, &section.only), never: self.names(name, &section.never) };
        Source { name: "sqlite".to_owned(), scope, kind }
    }

    fn query(&mut self, name: &str, written: Option<Spanned<String>>, of_or: bool) -> Option<String> {
        let written = written?;
        if let Err(fault) = sql::check(written.get_ref(), of_or) {
            // The octet after the quote, as long as the string has no escapes; never beyond its end.
            let quotes = if written.span().len() >= written.get_ref().len() + 6 { 3 } else { 1 };
            let start = (written.span().start + quotes + fault.span.start).min(written.span().end);
            let end = (start + fault.span.len()).min(written.span().end);
            self.report(Diagnostic::new(Code::Query, name, start..end, fault.message, "").help(fault.help));
        }
        Some(written.into_inner())
    }
}
