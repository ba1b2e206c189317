//! Rule files and what they make of addresses: each file of `tests/address_rules` is a set of rules with addresses in both
//! directions. A new one needs no Rust.
//!
//! ```toml
//! [files]                     # `rules.toml`, and what it names
//! "rules.toml" = '''…'''
//!
//! # `[[to-x400]]` and `[[to-internet]]` as `support/address_rows.rs` says
//!
//! [rejected]                  # instead of addresses: the rules are not used, or give warnings; in the order of places
//! diagnostics = ["X0106 people.csv:3:1", "…"]
//! ```

use crate::address_rows;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use address_rows::Row;
use serde::Deserialize;
use x400_gateway::rules::Rules;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Scenario {
    files: BTreeMap<String, String>,
    #[serde(default)]
    to_x400: Vec<Row>,
    #[serde(default)]
    to_internet: Vec<Row>,
    rejected: Option<Rejected>,
    /// What is said of the examples in the rules.
    coverage: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rejected {
    diagnostics: Vec<String>,
}

/// What went wrong with a scenario, in words.
fn play(scenario: &Scenario) -> String {
    let mut wrong = String::new();
    let read =
        |name: &str| scenario.files.get(name).cloned().ok_or_else(|| "there is no such file".to_owned());
    let (rules, diagnostics, sources) = match Rules::load("rules.toml", &read) {
        Ok(loaded) => (Some(loaded.rules), loaded.warnings, loaded.sources),
        Err(rejected) => (None, rejected.diagnostics, rejected.sources),
    };
    let found: Vec<String> = diagnostics
        .iter()
        .map(|one| {
            let (line, column) = one.position(&sources);
            format!("{} {}:{line}:{column}", one.code.as_str(), one.source)
        })
        .collect();
    let expected =
        scenario.rejected.as_ref().map(|rejected| rejected.diagnostics.clone()).unwrap_or_default();
    if found != expected {
        let drawn: Vec<String> = diagnostics.iter().map(|one| one.render(&sources)).collect();
        let _ = writeln!(wrong, "expected {expected:?}, found {found:?}\n{}", drawn.join("\n\n"));
    }
    let Some(rules) = rules else { return wrong };
    if let Some(expected) =
        scenario.coverage.as_ref().filter(|expected| **expected != rules.coverage().to_string())
    {
        let _ = writeln!(wrong, "coverage: expected `{expected}`, found `{}`", rules.coverage());
    }
    wrong + &address_rows::play(&rules, &scenario.to_x400, &scenario.to_internet)
}

#[test]
fn every_scenario_plays_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/address_rules");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = String::new();
    for file in files {
        let scenario: Scenario = toml::from_str(&std::fs::read_to_string(&file).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let found = play(&scenario);
        if !found.is_empty() {
            let _ = writeln!(wrong, "== {}\n{found}", file.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
