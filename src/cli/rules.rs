//! `x400gw rules`: what is done with rules besides using them.

use clap::Subcommand;

use super::Failure;

mod difference;
mod export;
mod import;
mod replay;
mod running;

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// Say which rules are in force in the running gateway, since when and why, and what was refused
    Status(running::Status),
    /// Have the running gateway read its rules again; with one error those in force stay
    Reload(running::Reload),
    /// Say of which addresses other rules would make something else, what, and by which rules
    Diff(difference::Options),
    /// Convert the messages in a queue by both sets of rules, and say where what leaves would differ
    Replay(replay::Options),
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
        Rules::Status(options) => running::status(options),
        Rules::Reload(options) => running::reload(options),
        Rules::Diff(options) => difference::run(options),
        Rules::Replay(options) => replay::run(options),
        Rules::Import(options) => import::run(options),
        Rules::Export(options) => export::run(options),
    }
}
