//! Sets of rules, wrong and right.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use x400_gateway::diagnostic::{Report, Severity};
use x400_gateway::rules::Rules;

/// The peers that all sets know.
const PEERS: &[&str] = &["hub", "spare", "partner"];

/// Rule files of a folder of the project, in order.
pub(super) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = std::fs::read_dir(&folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// Everything there is to say about a rule file; names are those of its folder.
fn judged(file: &Path, peers: Option<&[&str]>) -> Report {
    let folder = file.parent().unwrap();
    let read = |wanted: &str| std::fs::read_to_string(folder.join(wanted)).map_err(|error| error.to_string());
    match Rules::load(file.file_name().unwrap().to_str().unwrap(), &read) {
        Err(rejected) => Report { sources: rejected.sources, diagnostics: rejected.diagnostics },
        Ok(loaded) => {
            let mut diagnostics = loaded.warnings;
            diagnostics.extend(peers.into_iter().flat_map(|peers| loaded.rules.unknown_peers(peers)));
            diagnostics.extend(loaded.rules.analyse(peers));
            Report { sources: loaded.sources, diagnostics }
        }
    }
}

/// The first line is `# CODE: what is wrong`, and the line where it shows ends in `# <--`; or `# CODE at FILE:LINE: what is wrong`.
fn expected(file: &Path) -> (String, String) {
    let text = std::fs::read_to_string(file).unwrap();
    let (head, _) = text.strip_prefix("# ").unwrap().split_once(": ").unwrap();
    if let Some((code, place)) = head.split_once(" at ") {
        return (code.to_owned(), place.to_owned());
    }
    let line = text.lines().position(|line| line.ends_with("# <--")).expect("a mark at the line") + 1;
    (head.to_owned(), format!("{}:{line}", file.file_name().unwrap().to_str().unwrap()))
}

#[test]
fn each_defect_is_found_under_its_code_and_at_its_line() {
    let files = files("tests/rules/wrong");
    assert!(files.len() >= 40, "only {} sets", files.len());
    let mut failures = String::new();
    let mut codes = BTreeSet::new();
    for file in &files {
        let (code, place) = expected(file);
        let report = judged(file, Some(PEERS));
        let at = |diagnostic: &x400_gateway::diagnostic::Diagnostic| {
            format!("{}:{}", diagnostic.source, diagnostic.position(&report.sources).0)
        };
        let is_found = report.diagnostics.iter().any(|one| one.code.as_str() == code && at(one) == place);
        let is_alone = report.diagnostics.iter().all(|one| one.code.as_str() == code);
        if !(is_found && is_alone) {
            failures += &format!("{}: {code} at {place}:\n{}\n\n", file.display(), report.render());
        }
        codes.insert(code);
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(codes.len() >= 30, "{codes:?}");
}

#[test]
fn correct_sets_give_no_finding() {
    let right = files("tests/rules/right");
    assert!(right.len() >= 10, "only {} sets", right.len());
    for file in right {
        let report = judged(&file, Some(PEERS));
        assert!(report.diagnostics.is_empty(), "{}:\n{}", file.display(), report.render());
    }
    // Of what ships the configuration is none.
    for file in shipped() {
        let report = judged(&file, None);
        assert!(report.diagnostics.is_empty(), "{}:\n{}", file.display(), report.render());
    }
}

/// Rule files that ship: all but the configuration and the examples of diagnostics.
pub(super) fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    let mut found = files("mappings");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("diagnostics") {
            found.extend(files(&format!("mappings/{}", path.file_name().unwrap().to_str().unwrap())));
        }
    }
    found.retain(|file| !is_configuration(file));
    // What is included is judged where it is.
    let texts: Vec<String> = found.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    found.retain(|file| {
        let name = format!("\"{}\"", file.file_name().unwrap().to_str().unwrap());
        !texts.iter().any(|text| text.lines().any(|line| line.starts_with("include") && line.contains(&name)))
    });
    found
}

/// Configurations are written in TOML, too, and have peers or listeners.
fn is_configuration(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().any(|line| matches!(line.trim_end(), "[[peer]]" | "[smtp]" | "[queue]" | "[x400]"))
}

#[test]
fn an_error_is_told_when_rules_are_loaded() {
    for file in files("tests/rules/wrong") {
        let report = judged(&file, Some(PEERS));
        let has_error = report.diagnostics.iter().any(|one| one.code.severity() == Severity::Error);
        let folder = file.parent().unwrap();
        let read =
            |wanted: &str| std::fs::read_to_string(folder.join(wanted)).map_err(|error| error.to_string());
        let loads = Rules::load(file.file_name().unwrap().to_str().unwrap(), &read);
        let loads = loads.is_ok_and(|loaded| loaded.rules.unknown_peers(PEERS).is_empty());
        assert_eq!(loads, !has_error, "{}", file.display());
    }
}
