//! The conformance ledger is true: what it calls done is cited by a test that exists, what is not done has a reason,
//! and the table in README.md says the same.
//!
//! - `cargo test --test conformance -- --nocapture` prints how far each area is.
//! - `UPDATE_README=1 cargo test --test conformance` writes the table into README.md.
//! - `LEDGER_CITED=1 cargo test --test conformance cited -- --nocapture` lists entries that are not done though files
//!   cite them; `tests/ledger` changes entries.

#![allow(clippy::disallowed_methods, reason = "tests touch the world")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

const LEDGER: &str = "tests/conformance.toml";
const README: &str = "README.md";
const TABLE_BEGIN: &str = "<!-- conformance:begin -->";
const TABLE_END: &str = "<!-- conformance:end -->";
/// Where ids are cited.
const SOURCES: [&str; 5] = ["src", "asn1/src", "asn1/tests", "tests", "mappings"];
/// Files that hold ids without citing them.
const NOT_SOURCES: [&str; 3] = [LEDGER, "tests/conformance.rs", "tests/ledger"];
const TITLE_WORDS: usize = 14;

/// Both lists of requirements, which use the same ids for different things.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    mixer: List,
    beyond: List,
}

impl Ledger {
    fn lists(&self) -> [(&'static str, &List); 2] {
        [("mixer", &self.mixer), ("beyond", &self.beyond)]
    }

    fn entries(&self) -> impl Iterator<Item = (String, &str, &Requirement)> {
        self.lists().into_iter().flat_map(|(name, list)| {
            list.requirements.iter().map(move |(id, entry)| (format!("{name}:{id}"), id.as_str(), entry))
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// Prefix of the ids, and what they are about.
    areas: BTreeMap<String, String>,
    requirements: BTreeMap<String, Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    level: Level,
    clause: String,
    title: String,
    status: Status,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    tests: Vec<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Level {
    Must,
    Should,
    May,
    Conditional,
    Prohibited,
    Ambiguous,
    Info,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Status {
    Done,
    Partial,
    Exception,
    Todo,
}

const STATUSES: [(Status, &str); 4] = [
    (Status::Done, "done"),
    (Status::Partial, "partial"),
    (Status::Exception, "exception"),
    (Status::Todo, "todo"),
];

#[test]
fn every_entry_is_well_formed() {
    let ledger = read_ledger();
    let mut faults = vec![];
    for (name, id, entry) in ledger.entries() {
        let (list, prefix) = (
            if name.starts_with("mixer") { &ledger.mixer } else { &ledger.beyond },
            id.split('-').next().unwrap(),
        );
        if !list.areas.contains_key(prefix) || split_id(id).is_none_or(|(_, rest)| !rest.is_empty()) {
            faults.push(format!(
                "{name}: no such id can be (area, hyphen, number, at most one more number after a dot)"
            ));
        }
        if entry.title.is_empty()
            || entry.title.split_whitespace().count() > TITLE_WORDS
            || entry.clause.is_empty()
        {
            faults.push(format!("{name}: needs a clause, and a title of at most {TITLE_WORDS} words"));
        }
        if entry.status != Status::Done && entry.reason.trim().is_empty() {
            faults.push(format!("{name}: needs a reason, as it is not done"));
        }
        if entry.status == Status::Done && !entry.reason.is_empty() {
            faults.push(format!("{name}: is done and still has a reason why not: `{}`", entry.reason));
        }
    }
    report(&faults);
}

#[test]
fn what_is_done_is_cited_by_tests_that_exist() {
    let ledger = read_ledger();
    let mut files = BTreeMap::new();
    let mut faults = vec![];
    for (name, id, entry) in ledger.entries() {
        if entry.status == Status::Done && entry.tests.is_empty() {
            faults.push(format!("{name}: is done but lists no test"));
        }
        for test in &entry.tests {
            let (path, case) =
                test.split_once("::").map_or((test.as_str(), None), |(path, case)| (path, Some(case)));
            let text = files
                .entry(path.to_owned())
                .or_insert_with(|| std::fs::read_to_string(root().join(path)).ok());
            let Some(text) = text else {
                faults.push(format!("{name}: there is no file `{path}`"));
                continue;
            };
            if !citations(text).iter().any(|citation| citation.covers(id)) {
                faults.push(format!("{name}: `{path}` does not cite {id}"));
            }
            if case.is_some_and(|case| !holds_case(path, text, case)) {
                faults.push(format!("{name}: `{path}` has no test or case `{}`", case.unwrap_or_default()));
            }
        }
    }
    report(&faults);
}

#[test]
fn citations_that_name_their_list_exist() {
    let ledger = read_ledger();
    let mut faults = vec![];
    for (path, text) in sources() {
        for (line, cited) in
            text.lines().enumerate().filter_map(|(n, line)| Some((n + 1, line.split_once("ledger: ")?.1)))
        {
            for part in cited.split(';') {
                let Some((_, list)) =
                    ledger.lists().into_iter().find(|(name, _)| part.trim().starts_with(name))
                else {
                    continue;
                };
                for citation in citations(part) {
                    if !list.requirements.keys().any(|id| citation.covers(id)) {
                        faults.push(format!("{}:{line}: no entry for `{}`", path.display(), part.trim()));
                    }
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn readme_has_the_table_of_the_ledger() {
    let ledger = read_ledger();
    let table = table(&ledger);
    println!("{table}");

    let path = root().join(README);
    let readme = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{README}: {error}"));
    let (before, rest) =
        readme.split_once(TABLE_BEGIN).unwrap_or_else(|| panic!("{README} has no line {TABLE_BEGIN}"));
    let (present, after) =
        rest.split_once(TABLE_END).unwrap_or_else(|| panic!("{README} has no line {TABLE_END}"));
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&path, format!("{before}{TABLE_BEGIN}\n\n{table}\n{TABLE_END}{after}")).unwrap();
    } else {
        assert!(
            present.trim() == table.trim(),
            "the table in {README} is not that of the ledger: run `UPDATE_README=1 cargo test --test conformance`"
        );
    }
}

#[test]
fn cited_entries_that_are_not_done_can_be_listed() {
    let ledger = read_ledger();
    let cited: Vec<(PathBuf, BTreeSet<Citation>)> =
        sources().into_iter().map(|(path, text)| (path, citations(&text).into_iter().collect())).collect();
    for (name, id, _) in ledger.entries().filter(|(_, _, entry)| entry.status != Status::Done) {
        let files: Vec<String> = cited
            .iter()
            .filter(|(_, citations)| citations.iter().any(|citation| citation.covers(id)))
            .map(|(path, _)| path.display().to_string())
            .collect();
        if !files.is_empty() && std::env::var_os("LEDGER_CITED").is_some() {
            println!("{name} {}", files.join(" "));
        }
    }
}

#[test]
fn citations_are_whole_words_and_may_be_ranges() {
    for (text, id, expected) in [
        ("// A-104: characters outside PrintableString", "A-104", true),
        ("// A-1045", "A-104", false),
        ("// AA-104", "A-104", false),
        ("// A-104-b", "A-104", false),
        ("// (A-101..A-119)", "A-104", true),
        ("// A-101..119", "A-104", true),
        ("// A-101–A-119", "A-104", true),
        ("// A-101..A-103", "A-104", false),
        ("// H-40..H-55", "A-41", false),
        ("// R-71.0.", "R-71.0", true),
        ("// R-71.1", "R-71.0", false),
        ("// R-71 is the whole table", "R-71.0", true),
        ("// S-41.00", "S-41.0", false),
        ("fn a_104()", "A-104", false),
    ] {
        assert_eq!(citations(text).iter().any(|citation| citation.covers(id)), expected, "`{text}` and {id}");
    }
}

/// One place where a requirement, or a run of them, is named.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Citation {
    area: String,
    /// The whole id after the hyphen, such as `104` or `71.0`.
    number: String,
    /// The last number of a range.
    last: Option<u32>,
}

impl Citation {
    /// Whether this names the requirement: itself, the table it is a row of, or a range it is in.
    fn covers(&self, id: &str) -> bool {
        let Some((area, number)) = id.split_once('-') else { return false };
        let whole = number.split('.').next().unwrap_or_default();
        let first = self.number.split('.').next().unwrap_or_default();
        area == self.area
            && (number == self.number
                || (!self.number.contains('.') && whole == self.number)
                || self.last.is_some_and(|last| {
                    let n = whole.parse::<u32>();
                    n.is_ok_and(|n| first.parse::<u32>().is_ok_and(|first| (first..=last).contains(&n)))
                }))
    }
}

/// Every citation in a text.
fn citations(text: &str) -> Vec<Citation> {
    let mut found = vec![];
    let mut previous = ' ';
    for (at, letter) in text.char_indices() {
        let begins_word = !previous.is_alphanumeric() && previous != '-' && previous != '_';
        previous = letter;
        if !begins_word || !letter.is_ascii_uppercase() {
            continue;
        }
        let Some((id, rest)) = split_id(&text[at..]) else { continue };
        let Some((area, number)) = id.split_once('-') else { continue };
        let (last, rest) = match rest
            .strip_prefix("..")
            .or_else(|| rest.strip_prefix('–'))
            .map(|rest| rest.strip_prefix(&format!("{area}-")).unwrap_or(rest))
        {
            Some(end) => {
                let digits = end.len() - end.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                (end[..digits].parse().ok(), &end[digits..])
            }
            None => (None, rest),
        };
        if !rest.starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_') {
            found.push(Citation { area: area.into(), number: number.into(), last });
        }
    }
    found
}

/// The id a text begins with (one or two capitals, hyphen, digits, perhaps a dot and digits), and what follows it.
fn split_id(text: &str) -> Option<(&str, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let area = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let number = digits(text.get(area..)?.strip_prefix('-')?);
    if !(1..=2).contains(&area) || number == 0 {
        return None;
    }
    let mut end = area + 1 + number;
    if let Some(row) = text[end..].strip_prefix('.').map(digits).filter(|&row| row > 0) {
        end += 1 + row;
    }
    Some(text.split_at(end))
}

/// A test function, or a case by its name: quoted in Rust, anywhere in files of cases.
fn holds_case(path: &str, text: &str, case: &str) -> bool {
    if path.ends_with(".rs") {
        text.contains(&format!("fn {case}(")) || text.contains(&format!("\"{case}\""))
    } else {
        text.contains(case)
    }
}

/// The table for README.md: one line for each area, and one for each list.
fn table(ledger: &Ledger) -> String {
    let mut table = String::from("| area | done | partial | exception | todo |\n|---|--:|--:|--:|--:|\n");
    for (name, list) in ledger.lists() {
        let title = if name == "mixer" { "**RFC 2156 and what it leans on**" } else { "**Around it**" };
        let counts = |prefix: Option<&str>| {
            STATUSES.map(|(status, _)| {
                list.requirements
                    .iter()
                    .filter(|(id, entry)| {
                        prefix.is_none_or(|prefix| id.split('-').next() == Some(prefix))
                            && entry.status == status
                    })
                    .count()
            })
        };
        let mut row = |title: &str, [done, partial, exception, todo]: [usize; 4]| {
            writeln!(table, "| {title} | {done} | {partial} | {exception} | {todo} |").unwrap();
        };
        row(title, counts(None));
        for (prefix, area) in &list.areas {
            row(&format!("{prefix}: {area}"), counts(Some(prefix)));
        }
    }
    let mandatory = |entry: &&Requirement| matches!(entry.level, Level::Must | Level::Prohibited);
    let all = ledger.entries().map(|(_, _, entry)| entry).filter(mandatory).count();
    let done = ledger
        .entries()
        .map(|(_, _, entry)| entry)
        .filter(mandatory)
        .filter(|entry| entry.status == Status::Done)
        .count();
    writeln!(table, "\nOf {all} mandatory requirements among them, {done} are done.").unwrap();
    table
}

#[track_caller]
fn report(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults in {LEDGER}:\n{}", faults.len(), faults.join("\n"));
}

fn read_ledger() -> Ledger {
    let text = std::fs::read_to_string(root().join(LEDGER)).unwrap();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{LEDGER}: {error}"))
}

/// All text files in which ids are cited, but for the ledger itself and this file.
fn sources() -> Vec<(PathBuf, String)> {
    let mut files = vec![];
    for folder in SOURCES {
        collect(Path::new(folder), &mut files);
    }
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(root().join(folder)).into_iter().flatten() {
        let name = entry.unwrap().file_name();
        let path = folder.join(&name);
        if name.to_string_lossy().starts_with('.') || NOT_SOURCES.iter().any(|file| path == Path::new(file)) {
            continue;
        }
        if root().join(&path).is_dir() {
            collect(&path, files);
        } else if let Ok(text) = std::fs::read_to_string(root().join(&path)) {
            files.push((path, text));
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
