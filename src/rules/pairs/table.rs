//! Files of pairs with a line for each: comma-separated values (RFC 4180) with a header.

use std::ops::Range;
use std::sync::Arc;

use csv::StringRecord;
use serde::Deserialize;
use toml::Spanned;

use super::super::examples::ExampleSection;
use super::super::file::Direction;
use super::super::loader::{Loader, Reading};
use super::super::mcgam::Kind;
use super::super::pseudo_domain::Path;
use super::super::registry::{RuleKind, RuleNumber};
use super::super::scope::Peers;
use super::Full;
use super::section::{Misfit, mailbox_form, or_form};
use crate::diagnostic::{Code, Diagnostic, closest};

/// A row of `[[table]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct TableRow {
    name: Option<Spanned<String>>,
    comment: Option<String>,
    file: Spanned<String>,
    #[serde(default)]
    kind: TableKind,
    #[serde(default)]
    columns: Columns,
    peer: Option<Peers>,
    user: Option<Spanned<String>>,
    #[serde(default)]
    example: Vec<ExampleSection>,
}

/// What a line of the file says.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
enum TableKind {
    /// An exact pair.
    #[default]
    Users,
    /// A domain and a path.
    Equivalences,
}

/// What the columns are called in the header of the file.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Columns {
    #[serde(alias = "domain")]
    internet: Option<Spanned<String>>,
    or: Option<Spanned<String>>,
    direction: Option<Spanned<String>>,
}

/// Where the columns are, from 0.
struct Places {
    internet: usize,
    or: usize,
    direction: Option<usize>,
}

/// One line of a file.
struct Line<'a> {
    name: &'a str,
    text: &'a str,
    record: &'a StringRecord,
    /// The octet at which it begins.
    start: usize,
    /// From 1.
    number: usize,
}

/// Faults of one file that are told.
const MAXIMUM_FAULTS: usize = 20;

impl Loader {
    /// Takes over a row of `[[table]]` and reads its file.
    pub(in super::super) fn csv_table(&mut self, reading: &Reading<'_>, row: Spanned<TableRow>) {
        let place = row.span();
        let mut row = row.into_inner();
        let rule = self.register(reading, RuleKind::Table, row.name.as_ref(), row.comment.take(), place);
        self.give_scope(reading, rule, row.peer.take(), row.user.as_ref());
        self.keep_examples(reading, std::mem::take(&mut row.example), Some(rule), Direction::Both);
        let wanted = reading.resolve(self, row.file.get_ref());
        let text: Arc<str> = match (reading.read)(&wanted) {
            Ok(text) => text.into(),
            Err(reason) => {
                return self.unreadable(reading.name, row.file.span(), row.file.get_ref(), &reason);
            }
        };
        let name = self.source(&wanted, Arc::clone(&text));
        self.rules.registry.set_table(rule, Arc::clone(&name));
        // A byte order mark is no part of the first name.
        let skipped = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(&text.as_bytes()[skipped..]);
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                return self.report(Diagnostic::new(Code::CsvSyntax, &*name, 0..0, error.to_string(), ""));
            }
        };
        let header = Line { name: &name, text: &text, record: &header, start: skipped, number: 1 };
        let Some(places) = self.columns(reading, &row, &header) else { return };
        if row.kind == TableKind::Users {
            let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
            self.rules.pairs.reserve(lines, text.len());
        }
        let mut record = StringRecord::new();
        let mut buffers = (String::new(), String::new());
        let mut faults = 0;
        loop {
            let more = reader.read_record(&mut record);
            let octet = |place: &csv::Position| usize::try_from(place.byte()).unwrap_or(0) + skipped;
            match more {
                Ok(false) => return,
                Ok(true) => {}
                Err(error) => {
                    let start = error.position().map_or(0, octet);
                    return self.report(Diagnostic::new(
                        Code::CsvSyntax,
                        &*name,
                        start..start,
                        error.to_string(),
                        "",
                    ));
                }
            }
            let (mut start, mut number) = record
                .position()
                .map_or((0, 0), |place| (octet(place), usize::try_from(place.line()).unwrap_or(0)));
            // Ends of lines before it are no part of the record.
            while let Some(end @ (b'\r' | b'\n')) = text.as_bytes().get(start) {
                number += usize::from(*end == b'\n');
                start += 1;
            }
            // What an open quote makes of the rest means nothing.
            let is_last = octet(reader.position()) >= text.len();
            if is_last && self.open_quote(&name, &text, start) {
                return;
            }
            let line = Line { name: &name, text: &text, record: &record, start, number };
            let result = match row.kind {
                TableKind::Users => self.user_line(rule, &places, &line, &mut buffers),
                TableKind::Equivalences => self.equivalence_line(rule, &places, &line),
            };
            let Err(mut diagnostic) = result else { continue };
            faults += 1;
            if faults == MAXIMUM_FAULTS {
                diagnostic.help = Some("there may be more; the rest of this file was not read".to_owned());
                return self.report(*diagnostic);
            }
            self.report(*diagnostic);
        }
    }

    /// A quote that is not closed makes one line of all that follow; says whether the last line has one.
    fn open_quote(&mut self, name: &str, text: &str, last: usize) -> bool {
        let rest = text.get(last..).unwrap_or_default();
        let is_open = rest.matches('"').count() % 2 == 1;
        if is_open {
            let start = last + rest.find('"').unwrap_or(0);
            let message = "a quote is not closed, so this line never ends".to_owned();
            let diagnostic = Diagnostic::new(Code::CsvSyntax, name, start..start + 1, message, "");
            self.report(diagnostic.help("a quote inside a field is written twice, and the field in quotes"));
        }
        is_open
    }

    /// Finds the columns in the header.
    fn columns(&mut self, reading: &Reading<'_>, row: &TableRow, header: &Line<'_>) -> Option<Places> {
        let usual = match row.kind {
            TableKind::Users => "internet",
            TableKind::Equivalences => "domain",
        };
        let Columns { internet, or, direction } = &row.columns;
        let internet = self.column(reading, header, internet.as_ref(), usual);
        let or = self.column(reading, header, or.as_ref(), "or");
        let direction = match direction {
            Some(_) => Some(self.column(reading, header, direction.as_ref(), "direction")?),
            None => header.record.iter().position(|name| name.trim().eq_ignore_ascii_case("direction")),
        };
        Some(Places { internet: internet?, or: or?, direction })
    }

    fn column(
        &mut self,
        reading: &Reading<'_>,
        header: &Line<'_>,
        written: Option<&Spanned<String>>,
        usual: &str,
    ) -> Option<usize> {
        let wanted = written.map_or(usual, |name| name.get_ref().as_str());
        let found = header.record.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
        if found.is_some() {
            return found;
        }
        let message = format!("`{}` has no column `{wanted}`", header.name);
        let length = header.text[header.start..].find(['\r', '\n']);
        let span = header.start..length.map_or(header.text.len(), |length| header.start + length);
        let help = match closest(wanted, header.record.iter().map(str::trim)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("its first line has to name it, or `columns` another: `{usual} = \"…\"`"),
        };
        let diagnostic = match written {
            Some(written) => Diagnostic::new(Code::CsvColumn, &**reading.name, written.span(), message, "")
                .related(header.name, span, "the columns"),
            None => Diagnostic::new(Code::CsvColumn, header.name, span, message, "the columns"),
        };
        self.report(diagnostic.help(help));
        None
    }

    /// An exact pair.
    fn user_line(
        &mut self,
        rule: RuleNumber,
        places: &Places,
        line: &Line<'_>,
        (internet, or): &mut (String, String),
    ) -> Result<(), Box<Diagnostic>> {
        let direction = line.direction(places)?;
        mailbox_form(line.field(places.internet)?, internet)
            .map_err(|misfit| line.misfit(places.internet, misfit))?;
        or_form(line.field(places.or)?, or).map_err(|misfit| line.misfit(places.or, misfit))?;
        match self.rules.pairs.push((internet, or), direction.into(), rule, line.number) {
            Ok(()) => Ok(()),
            Err(Full) => {
                let message =
                    "the tables have more than 4 GiB of text, or an address has more than 65,535 octets";
                Err(line.fault(places.internet, Code::UnreadableFile, message.to_owned()))
            }
        }
    }

    /// A domain and a path.
    fn equivalence_line(
        &mut self,
        rule: RuleNumber,
        places: &Places,
        line: &Line<'_>,
    ) -> Result<(), Box<Diagnostic>> {
        let direction = line.direction(places)?;
        let (domain, written) = (line.field(places.internet)?.trim(), line.field(places.or)?);
        let path = if written.contains('$') {
            written.to_owned()
        } else {
            let address = rasn_x400::x411::address::text::parse(written).map_err(|error| {
                let misfit = Misfit {
                    code: Code::BadAddress,
                    offset: error.offset,
                    message: error.to_string(),
                    help: error.suggestion,
                };
                line.misfit(places.or, misfit)
            })?;
            let path = Path::of(&address);
            if path.attributes().count() < address.attributes().len() {
                let message = "a mapping is a path: C, ADMD, PRMD, O, then up to four OU".to_owned();
                return Err(line.fault(places.or, Code::TableHierarchy, message));
            }
            path.to_text()
        };
        let earlier = self.diagnostics.len();
        let wanted = [
            (Kind::DomainToOr, direction != Direction::ToInternet),
            (Kind::OrToDomain, direction != Direction::ToX400),
        ];
        for (kind, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
            self.add_to(kind, rule, line.name, |adding| {
                adding.line_number = line.number;
                adding.entry((&path, 0), (domain, 0), line.start..line.end());
            });
        }
        // Places inside the rewritten address mean nothing in the file.
        for diagnostic in &mut self.diagnostics[earlier..] {
            let of_domain = matches!(diagnostic.code, Code::TableDomain | Code::SingleLabel);
            diagnostic.span = line.span(if of_domain { places.internet } else { places.or });
        }
        self.diagnostics.dedup_by(|one, two| one.code == two.code && one.span == two.span);
        Ok(())
    }
}

impl Line<'_> {
    fn field(&self, column: usize) -> Result<&str, Box<Diagnostic>> {
        self.record.get(column).filter(|value| !value.is_empty()).ok_or_else(|| {
            let message = format!("column {} of this line is empty or missing", column + 1);
            Box::new(Diagnostic::new(Code::CsvField, self.name, self.start..self.end(), message, ""))
        })
    }

    fn direction(&self, places: &Places) -> Result<Direction, Box<Diagnostic>> {
        let Some(column) = places.direction else { return Ok(Direction::Both) };
        match self.record.get(column).unwrap_or_default().trim() {
            "" | "both" => Ok(Direction::Both),
            "to-x400" => Ok(Direction::ToX400),
            "to-internet" => Ok(Direction::ToInternet),
            other => {
                let message = format!("`{other}` is no direction: `both`, `to-x400` or `to-internet`");
                Err(self.fault(column, Code::CsvField, message))
            }
        }
    }

    fn fault(&self, column: usize, code: Code, message: String) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(code, self.name, self.span(column), message, ""))
    }

    fn misfit(&self, column: usize, misfit: Misfit) -> Box<Diagnostic> {
        let span = self.span(column);
        let quoted = usize::from(self.text.get(span.clone()).is_some_and(|field| field.starts_with('"')));
        let start = (span.start + quoted + misfit.offset).min(span.end);
        let mut diagnostic = Diagnostic::new(misfit.code, self.name, start..span.end, misfit.message, "");
        diagnostic.help = misfit.help;
        Box::new(diagnostic)
    }

    /// The octets of a field, with its quotes.
    fn span(&self, column: usize) -> Range<usize> {
        let mut start = self.start;
        let (mut quoted, mut seen) = (false, 0);
        for (place, octet) in self.text.bytes().enumerate().skip(self.start) {
            match octet {
                b'"' => quoted = !quoted,
                b',' | b'\r' | b'\n' if !quoted => {
                    if seen == column || octet != b',' {
                        return start..place;
                    }
                    seen += 1;
                    start = place + 1;
                }
                _ => {}
            }
        }
        start..self.text.len()
    }

    /// The octet after the line, without its end; a quoted field may hold ends of lines.
    fn end(&self) -> usize {
        self.span(usize::MAX).end
    }
}
