//! `x400gw explain` as an operator meets it: every case of `tests/explain` is a command, what it prints, and how it ends.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::program::{Folder, x400gw};
use super::run;

/// Files that are there, and what commands say about them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// Files by name.
    files: BTreeMap<String, String>,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The command, as it is typed.
    run: String,
    /// The exit code.
    code: i32,
    /// All of what is printed.
    output: Option<String>,
    /// Lines, or parts of them, that are printed.
    #[serde(default)]
    says: Vec<String>,
    /// JSON: members by pointer, and their values.
    #[serde(default)]
    json: BTreeMap<String, toml::Value>,
    /// What is said of an error.
    error: Option<String>,
}

impl Case {
    /// What is not as it is written down, as it is.
    fn faults(&self, folder: &Folder) -> Vec<String> {
        let words = words(&self.run);
        assert_eq!(words[0], "x400gw", "{}", self.name);
        let (code, output, errors) = run(x400gw().args(&words[1..]).current_dir(folder.path("")));
        let mut faults = Vec::new();
        if code != Some(self.code) {
            faults.push(format!("exit code {code:?}: {errors}"));
        }
        if self.output.as_ref().is_some_and(|expected| *expected != output)
            || self.says.iter().any(|line| !output.contains(line))
        {
            faults.push(output.clone());
        }
        if self.error.as_ref().is_some_and(|expected| !errors.contains(expected)) {
            faults.push(errors);
        }
        let parsed: serde_json::Value = serde_json::from_str(&output).unwrap_or_default();
        for (pointer, expected) in &self.json {
            let found = parsed.pointer(pointer);
            if found != Some(&serde_json::to_value(expected).unwrap()) {
                faults.push(format!("{pointer}: {found:?}"));
            }
        }
        faults
    }
}

/// The words of a command line: in single quotes everything stands for itself.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.trim().chars() {
        match character {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    words
}

/// What is not as it is written down is printed as it would have to be.
#[test]
fn every_explanation_is_as_it_is_written_down() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain");
    let mut stories: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    stories.sort();
    let mut wrong = String::new();
    for path in stories {
        let story: Story = toml::from_str(&std::fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let folder = Folder::new();
        for (name, text) in &story.files {
            std::fs::write(folder.path(name), text).unwrap();
        }
        for case in &story.case {
            for fault in case.faults(&folder) {
                let file = path.file_name().unwrap().display();
                let _ = writeln!(wrong, "=== {file}: {}\n{}\n{fault}", case.name, case.run);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
