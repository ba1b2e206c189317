//! The rule files that are shipped in `mappings`: they load without a finding, their examples speak of every rule in every
//! direction, and further addresses come out as `tests/mappings` says. A new row needs no Rust, nor does a new file of both.
//! The rows of `tests/mappings/NAME.toml`, for `mappings/NAME.toml`, are those of `support/address_rows.rs`.

use crate::address_rows;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use address_rows::Row;
use serde::Deserialize;
use x400_gateway::rules::Loaded;
use x400_gateway::rules::registry::{Rule, RuleKind};
use x400_gateway::serve;

/// Rule files that are parts of others.
const PARTS: [&str; 1] = ["defence-policy"];
/// Files in `mappings` that hold no rules.
const NO_RULES: [&str; 1] = ["x400gw"];

/// Files of a folder with this ending, by name.
fn files(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, PathBuf)> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    files.sort();
    files
}

/// Every set of rules that is shipped.
fn shipped() -> Vec<(String, Loaded)> {
    let is_set =
        |(name, _): &(String, PathBuf)| !PARTS.contains(&name.as_str()) && !NO_RULES.contains(&name.as_str());
    let load = |(name, path): (String, PathBuf)| {
        let loaded = serve::load_rules(Some(&path)).unwrap_or_else(|report| panic!("{}", report.render()));
        (name, loaded)
    };
    files("mappings").into_iter().filter(is_set).map(load).collect()
}

#[test]
fn shipped_rules_load_without_a_finding() {
    for (name, Loaded { warnings, sources, .. }) in shipped() {
        let told: Vec<String> = warnings.iter().map(|warning| warning.render(&sources)).collect();
        assert!(told.is_empty(), "{name}\n{}", told.join("\n"));
    }
}

/// What an example can speak of is spoken of. Bodies and routes have none.
#[test]
fn examples_speak_of_every_rule_in_every_direction() {
    let missing = |rule: &Rule, text: &str| -> Option<&'static str> {
        let (to_x400, to_internet) = (rule.examples_to_x400 > 0, rule.examples_to_internet > 0);
        // From its header to the next one.
        let own = text[rule.span.start..].split("\n[").next().unwrap_or_default();
        let says = |direction: &str| own.contains(&format!("\ndirection = \"{direction}\"\n"));
        match rule.kind {
            RuleKind::Body | RuleKind::Route => None,
            RuleKind::Header | RuleKind::Policy => (!rule.has_example()).then_some("no example"),
            _ if !to_x400 && !says("to-internet") => Some("no example to X.400"),
            _ if !to_internet && !says("to-x400") => Some("no example to the Internet"),
            _ => None,
        }
    };
    let mut found = String::new();
    for (_, loaded) in shipped() {
        for rule in loaded.rules.registry().iter() {
            let text = loaded.sources.get(&rule.source).unwrap();
            if let Some(why) = missing(rule, text) {
                let _ = writeln!(found, "{rule}: {why}");
            }
        }
    }
    assert!(found.is_empty(), "\n{found}");
}

/// Nobody has to look for an example of a kind of rule.
#[test]
fn every_kind_of_rule_is_shown() {
    let shown: BTreeSet<&str> = shipped()
        .iter()
        .flat_map(|(_, loaded)| loaded.rules.registry().iter().map(|rule| rule.kind.as_str()))
        .collect();
    let all = [
        RuleKind::Equivalence,
        RuleKind::Preferred,
        RuleKind::Table,
        RuleKind::User,
        RuleKind::Template,
        RuleKind::Header,
        RuleKind::Body,
        RuleKind::Policy,
        RuleKind::Route,
    ];
    assert_eq!(shown, all.iter().map(|kind| kind.as_str()).collect());
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Addresses {
    to_x400: Vec<Row>,
    to_internet: Vec<Row>,
}

#[test]
fn further_addresses_come_out_as_they_should() {
    let shipped = shipped();
    let files = files("tests/mappings");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, shipped.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>());
    let mut wrong = String::new();
    for ((name, path), (_, loaded)) in files.iter().zip(&shipped) {
        let addresses: Addresses = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let found = address_rows::play(&loaded.rules, &addresses.to_x400, &addresses.to_internet);
        let _ = write!(wrong, "{}", found.replace('\n', &format!("\n{name}: ")));
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
