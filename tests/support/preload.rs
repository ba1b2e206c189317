//! Libraries in C that stand between a program and the system, loaded by `LD_PRELOAD`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The library made from this file of the project; built when it is first wanted.
pub(crate) fn library(source: &'static str) -> String {
    static BUILT: Mutex<Option<HashMap<&str, PathBuf>>> = Mutex::new(None);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let path = built.get_or_insert_default().entry(source).or_insert_with(|| build(source));
    path.to_string_lossy().into_owned()
}

fn build(source: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let name = source.file_stem().unwrap().to_string_lossy();
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}.so", std::process::id()));
    let compiler = Command::new("cc")
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&built, &source])
        .arg("-ldl")
        .output()
        .expect("a C compiler, `cc`");
    assert!(compiler.status.success(), "{}", String::from_utf8_lossy(&compiler.stderr));
    built
}
