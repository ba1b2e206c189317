//! `x400gw rules`: what is done with rule files besides using them.

use clap::Subcommand;

use super::Failure;

mod export;
mod import;

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// Make a rule file of the mappings of another gateway, and report what was left out and what became different
    ///
    /// Exit codes: 0 everything was taken over, 1 something was left out, 2 nothing could be read.
    Import(import::Options),
    /// Write mappings in the format of another gateway, and report what cannot be said in it
    ///
    /// Exit codes: 0 everything was written, 1 something was left out, 2 bad rules.
    Export(export::Options),
}

/// Does it.
pub(super) fn run(rules: &Rules) -> Result<(), Failure> {
    match rules {
        Rules::Import(options) => import::run(options),
        Rules::Export(options) => export::run(options),
    }
}
