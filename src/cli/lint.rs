//! `x400gw lint`: what in a message breaks the standards.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use rasn_x400::oids;
use rasn_x400::x411::envelope::ContentType;

use super::Failure;
use crate::decode::Kind;
use crate::lint::{self, Severity};

/// What to judge, and how to print what is found.
///
/// Exit codes: 0 no errors (there may be warnings and notices), 1 errors, 2 nothing in the file that could be judged.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// File, or - for standard input
    file: PathBuf,
    /// What the file holds; found out from its octets unless given
    #[arg(short, long, value_parser = PossibleValuesParser::new(Kind::NAMES.map(|(_, name)| name)))]
    kind: Option<String>,
    /// The type of a content that stands by itself; found out from its octets unless given
    #[arg(long, value_parser = PossibleValuesParser::new(["p2", "p22", "p35", "p772"]))]
    content_type: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Judges the file.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let octets = super::read_input(&options.file)?;
    let bad = |why: &str| Failure::BadInput(format!("error: {}: {why}", options.file.display()));
    if octets.is_empty() {
        return Err(bad("nothing in it"));
    }
    let kind = options.kind.as_deref().and_then(Kind::named);
    let content_type = options.content_type.as_deref().and_then(content_type);
    let judgement = lint::lint(&octets, kind, content_type.as_ref());
    if !judgement.has_judged() {
        return Err(bad(
            "no message, report, probe or content in it\nhelp: say what it is with --kind; `x400gw decode` shows what there is",
        ));
    }
    match options.json {
        true => super::print(&format!("{:#}", judgement.json())),
        false => super::print(&judgement.text()),
    }
    match judgement.count(Severity::Error) {
        0 => Ok(()),
        _ => Err(Failure::Refused(format!("{}: {}", options.file.display(), judgement.total()))),
    }
}

fn content_type(name: &str) -> Option<ContentType> {
    Some(match name {
        "p2" => ContentType::P2,
        "p22" => ContentType::P22,
        "p35" => ContentType::P35,
        "p772" => ContentType::Extended(oids::CONTENT_P772),
        _ => return None,
    })
}
