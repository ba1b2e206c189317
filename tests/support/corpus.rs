//! Real mails to convert: at least 300, of many origins and ages.
//!
//! They are read at test time and never copied into the project. Five packages carry them as their own test data: the
//! crate `mail-parser` (on which the gateway depends anyway), Python's test suite, flufl.bounce, whose mails are
//! the delivery reports of some forty mail systems, enmime with mails of every structure, and HyperKitty with mails that
//! mailing lists choked on. `tests/run` fetches all but the first, as Debian packages, into `tests/.cache`.

#![allow(dead_code, reason = "each test target uses a part")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]
#![allow(clippy::unwrap_used, reason = "a broken corpus is a failed test")]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Fewer mails than this means that a source is missing.
const LEAST: usize = 300;

/// A mail, real or made up.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    /// Where it comes from, or what is nasty about it.
    pub(crate) name: String,
    /// As it was found: line ends may be LF or CRLF.
    pub(crate) octets: Vec<u8>,
}

impl Mail {
    /// The same with every line end as CRLF, as SMTP delivers it. A CR that no LF follows stays.
    pub(crate) fn with_crlf(&self) -> Self {
        let mut octets = Vec::with_capacity(self.octets.len() + self.octets.len() / 20);
        for (at, &octet) in self.octets.iter().enumerate() {
            if octet == b'\n' && (at == 0 || self.octets[at - 1] != b'\r') {
                octets.push(b'\r');
            }
            octets.push(octet);
        }
        Self { name: self.name.clone(), octets }
    }

    /// The same with every CRLF as LF.
    pub(crate) fn with_lf(&self) -> Self {
        let mut octets = Vec::with_capacity(self.octets.len());
        for (at, &octet) in self.octets.iter().enumerate() {
            if octet != b'\r' || self.octets.get(at + 1) != Some(&b'\n') {
                octets.push(octet);
            }
        }
        Self { name: self.name.clone(), octets }
    }
}

/// Every mail of the corpus, by name; the same mail is there only once.
///
/// # Panics
///
/// If a source is missing, or there are fewer than 300.
pub(crate) fn mails() -> Vec<Mail> {
    let mut by_octets = BTreeMap::new();
    for (source, folder, ending) in sources() {
        let mut files = vec![];
        collect(&folder, ending, &mut files);
        assert!(
            !files.is_empty(),
            "no mails of {source} under {}: run tests/run, which fetches them",
            folder.display()
        );
        files.sort();
        for file in files {
            let name = format!("{source}/{}", file.strip_prefix(&folder).unwrap().display());
            let octets = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            by_octets.entry(octets).or_insert(name);
        }
    }
    let mut mails: Vec<Mail> = by_octets.into_iter().map(|(octets, name)| Mail { name, octets }).collect();
    mails.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(
        mails.len() >= LEAST,
        "only {} mails in the corpus, {LEAST} are expected: run tests/run",
        mails.len()
    );
    mails
}

/// Runs the check for every mail, and fails with the names of all for which it says why not, or panics.
///
/// # Panics
///
/// If the check does not pass for some mail.
#[track_caller]
pub(crate) fn check_each(mails: &[Mail], check: impl Fn(&Mail) -> Result<(), String>) {
    let mut failures = vec![];
    for mail in mails {
        match catch_unwind(AssertUnwindSafe(|| check(mail))) {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => failures.push(format!("{}: {reason}", mail.name)),
            Err(_) => failures.push(format!("{}: panicked (see above)", mail.name)),
        }
    }
    assert!(failures.is_empty(), "{} of {} mails:\n{}", failures.len(), mails.len(), failures.join("\n"));
}

/// Name, folder, and how the files end.
fn sources() -> [(&'static str, PathBuf, &'static str); 5] {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache/corpus");
    [
        ("mail-parser", crate_folder("mail-parser").join("resources/eml"), ".eml"),
        ("python", cache.join("python"), ".txt"),
        ("flufl.bounce", cache.join("flufl.bounce"), ".txt"),
        ("enmime", cache.join("enmime"), ".raw"),
        ("hyperkitty", cache.join("hyperkitty"), ".txt"),
    ]
}

/// Where cargo has unpacked a crate that we depend on.
fn crate_folder(name: &str) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        // Without the filter cargo wants the sources of every platform's dependencies.
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", &host()])
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let manifest = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == name)
        .unwrap_or_else(|| panic!("{name} is not among the dependencies"));
    Path::new(manifest["manifest_path"].as_str().unwrap()).parent().unwrap().to_owned()
}

/// The platform of the compiler, such as `x86_64-unknown-linux-gnu`.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

/// All files under a folder whose names end so.
fn collect(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, ending, files);
        } else if path.to_string_lossy().ends_with(ending) && std::fs::metadata(&path).unwrap().len() > 0 {
            files.push(path);
        }
    }
}
