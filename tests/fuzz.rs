//! The corpus of the fuzz targets, through the same functions that the targets call.
//!
//! `fuzz/corpus/TARGET` has good input of each kind, and whatever once did harm. `UPDATE_CORPUS=1 cargo test --test fuzz`
//! writes the good input anew, from the samples of other tests and from files of the project; what was found stays.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "tests touch the world")]

#[path = "../fuzz/src/lib.rs"]
#[allow(dead_code, reason = "shared with the fuzz targets and the mutation test")]
mod fuzz;
#[path = "fuzz/seeds.rs"]
mod seeds;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

/// The names in a folder, without an extension.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

fn update() {
    for (name, read) in fuzz::TARGETS {
        let corpus = folder().join("corpus").join(name);
        fs::create_dir_all(&corpus).unwrap();
        for file in names(&corpus).iter().filter(|file| file.starts_with("seed-")) {
            fs::remove_file(corpus.join(file)).unwrap();
        }
        for (number, octets) in seeds::of(name).into_iter().enumerate() {
            // The last octet makes the choices: the first with which all goes well, and a plain one for text.
            let taken = |choices: &u8| read(&octets, &mut fuzz::dice::Dice::new(u64::from(*choices)));
            let choices = std::iter::once(b'\n').chain(0..=u8::MAX).find(taken).unwrap_or(b'\n');
            let input = [&octets[..], &[choices]].concat();
            fs::write(corpus.join(format!("seed-{number:02}")), input).unwrap();
        }
    }
}

#[test]
fn the_corpus_does_no_harm() {
    if std::env::var_os("UPDATE_CORPUS").is_some() {
        update();
    }
    let mut harm = Vec::new();
    println!("{:28} {:>6} {:>6}", "target", "inputs", "taken");
    for (name, _) in fuzz::TARGETS {
        let corpus = folder().join("corpus").join(name);
        let (mut inputs, mut taken) = (0, 0);
        for file in names(&corpus) {
            let input = fs::read(corpus.join(&file)).unwrap();
            inputs += 1;
            match catch_unwind(AssertUnwindSafe(|| fuzz::run(name, &input))) {
                Ok(was_taken) => taken += u32::from(was_taken),
                Err(_) => harm.push(format!("fuzz/corpus/{name}/{file}")),
            }
        }
        println!("{name:28} {inputs:>6} {taken:>6}");
        assert!(taken > 0, "{name}: nothing in the corpus is taken");
    }
    assert!(harm.is_empty(), "{harm:#?}");
}

/// Every target has a program, which calls it and nothing else, and a corpus; and there are no others.
#[test]
fn targets_programs_and_corpora_agree() {
    let targets: BTreeSet<String> = fuzz::TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(targets.len(), fuzz::TARGETS.len());
    assert_eq!(names(&folder().join("corpus")), targets);
    let mut programs = names(&folder().join("fuzz_targets"));
    assert!(programs.remove("every"));
    assert_eq!(programs, targets);
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let programs: BTreeSet<String> = manifest["bin"]
        .as_array()
        .unwrap()
        .iter()
        .map(|program| program["name"].as_str().unwrap().to_owned())
        .filter(|name| name != "every")
        .collect();
    assert_eq!(programs, targets);
    for name in targets {
        let text = fs::read_to_string(folder().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        let expected = format!(
            "#![no_main]\n\nlibfuzzer_sys::fuzz_target!(|input: &[u8]| {{\n    fuzz::run(\"{name}\", input);\n}});\n"
        );
        assert_eq!(text, expected);
    }
}

/// What both lock files have is of the same version in both.
#[test]
fn the_lock_file_of_the_fuzz_targets_has_our_versions() {
    let versions = |path: &Path| -> BTreeSet<(String, String)> {
        let lock: toml::Table = fs::read_to_string(path).unwrap().parse().unwrap();
        let packages = lock["package"].as_array().unwrap();
        let text = |package: &toml::Value, key: &str| package[key].as_str().unwrap().to_owned();
        packages.iter().map(|package| (text(package, "name"), text(package, "version"))).collect()
    };
    let ours = versions(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"));
    let known: BTreeSet<&String> = ours.iter().map(|(name, _)| name).collect();
    let other: Vec<_> = versions(&folder().join("Cargo.lock"))
        .into_iter()
        .filter(|package| known.contains(&package.0) && !ours.contains(package))
        .collect();
    assert!(other.is_empty(), "{other:?}: copy Cargo.lock to fuzz/ and run cargo metadata there");
}
