//! `x400gw zone`: the mappings as PX records, for a name server.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, read_rules};
use crate::rules::lookup::px::zone;

/// What to write.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Mapping file; without one the built-in default applies
    #[arg(short, long)]
    mappings: Option<PathBuf>,
}

/// Prints a line for each record; what cannot be a record is named in a comment.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let zone = zone::of(&read_rules(options.mappings.as_deref())?);
    let left_out = zone.left_out.iter().map(|(key, reason)| format!("; left out: {key}: {reason}\n"));
    let records = zone.records.iter().map(|record| format!("{record}\n"));
    super::print(&left_out.chain(records).collect::<String>());
    Ok(())
}
