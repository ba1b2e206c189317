//! `x400gw decode`: every octet of a message or association, explained.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::Failure;
use crate::decode::render::{self, Limits};
use crate::decode::{self, Kind, Severity};

/// More for `--help`.
const HELP: &str = "\
What it is, is found out: a capture (pcap or pcapng; TCP is followed, both directions are told
apart), a stream of TPKTs as one side wrote it, an MTS-APDU (message, report, probe), a content (P2,
P22, P772, P35), an O/R name, a presentation, ACSE or RTSE value, or any other BER. Contents in
messages and messages in contents are explained as well.

Every line has the place in the file, in hexadecimal, the tag, the name in the standard, the length
and the value. What is wrong is said in place: `error` breaks the encoding or the type, `quirk` is a
known oddity of a product, `note` is worth knowing. `x400gw lint` judges what a message says.

  x400gw decode capture.pcap                  the associations in a capture
  x400gw decode --hex --full message.ber      every octet, with what it is
  x400gw decode --json message.ber            for programs, and for `x400gw encode`

Exit code 0 if nothing is wrong, 2 if there is an error, or nothing to decode.";

/// What to decode, and how to show it.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(super) struct Options {
    /// File, or - for standard input
    file: PathBuf,
    /// What the file holds; found out from its octets unless given
    #[arg(short, long, value_parser = PossibleValuesParser::new(Kind::NAMES.map(|(_, name)| name)))]
    kind: Option<String>,
    /// As JSON, which `x400gw encode` turns back
    #[arg(long, conflicts_with = "hex")]
    json: bool,
    /// As octets, a line for each element, with what they are
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
