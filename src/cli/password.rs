//! `x400gw password`: a line for the file of users.

use std::io::{self, IsTerminal as _};

use super::Failure;
use crate::smtp::sasl::users::{ITERATIONS, SALT, Verifier};

/// Whose.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The name that the user authenticates with
    name: String,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let bad = |what: &str| Failure::BadInput(format!("error: {what}"));
    if options.name.is_empty() || options.name.contains(':') || options.name.starts_with('#') {
        return Err(bad("a name has neither `:` in it nor `#` at its beginning"));
    }
    if io::stdin().is_terminal() {
        eprintln!("The password, and then Enter; it is seen as it is typed:");
    }
    let mut password = String::new();
    io::stdin().read_line(&mut password).map_err(|error| bad(&format!("no password: {error}")))?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(bad("no password on standard input"));
    }
    let mut salt = vec![0; SALT];
    getrandom::fill(&mut salt)
        .map_err(|error| Failure::Refused(format!("error: no random numbers: {error}")))?;
    println!("{}:{}", options.name, Verifier::new(password.as_bytes(), salt, ITERATIONS));
    Ok(())
}
