//! `x400gw decode`: every octet of a message or association, explained.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::Failure;
use crate::decode::render::{self, Limits};
use crate::decode::{self, Kind, Severity};

/// What to decode, and how to show it.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// File, or - for standard input
    file: PathBuf,
    /// What the file holds; found out from its octets unless given
    #[arg(short, long, value_parser = PossibleValuesParser::new(Kind::NAMES.map(|(_, name)| name)))]
    kind: Option<String>,
    /// As JSON
    #[arg(long, conflicts_with = "hex")]
    json: bool,
    /// As annotated octets
    #[arg(long)]
    hex: bool,
    /// Show long texts and octets whole
    #[arg(long)]
    full: bool,
}

/// Decodes the file; what is wrong with it is shown in place, and makes the command fail.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let octets = super::read_input(&options.file)?;
    if octets.is_empty() {
        return Err(Failure::BadInput(format!("error: {}: nothing in it", options.file.display())));
    }
    let kind = options.kind.as_deref().and_then(Kind::named);
    let document = decode::decode(&octets, kind);
    let limits = if options.full { Limits::FULL } else { Limits::BRIEF };
    let shown = if options.json {
        serde_json::to_string_pretty(&render::json(&document)).unwrap_or_default()
    } else if options.hex {
        render::hex(&document, limits)
    } else {
        render::text(&document, limits)
    };
    super::print(&shown);
    let errors = document.findings().iter().filter(|finding| finding.severity == Severity::Error).count();
    match errors {
        0 => Ok(()),
        1 => Err(Failure::BadInput("error: 1 finding".into())),
        errors => Err(Failure::BadInput(format!("error: {errors} findings"))),
    }
}
