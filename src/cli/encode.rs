//! `x400gw encode`: what `decode --json` took apart, as octets again.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::encode::{self, Problem};

/// What to encode, and where to put it.
///
/// Takes what `x400gw decode --json` prints, changed or not: the same octets come out where nothing was changed, whatever their
/// form. Of each element these keys count: `tag`, `constructed`, `indefinite`, `value`, `contents` (hexadecimal octets),
/// `children`, and for forms out of the ordinary `length_octets`, `claimed_length` (a wrong length, by intention),
/// `unterminated` and `identifier`. Lengths are counted anew. Numbers, bits and object identifiers may be given by the
/// names that `decode` prints: {"name": "urgent"}, {"names": ["responsibility"]}. Elements named `segment` are cut out of
/// the value, each with `length` octets, the last with the rest.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Options {
    /// JSON file, or - for standard input
    file: PathBuf,
    /// Where to put the octets; standard output unless given
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// Only this message, report or probe of what was decoded, counted from 1
    #[arg(short, long, value_name = "NUMBER")]
    message: Option<usize>,
}

/// Encodes the file.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let bad =
        |why: &dyn std::fmt::Display| Failure::BadInput(format!("error: {}: {why}", options.file.display()));
    let text = String::from_utf8(super::read_input(&options.file)?).map_err(|error| bad(&error))?;
    let octets = match options.message {
        None => encode::encode(&text),
        Some(number) => message(&text, number),
    };
    super::write_octets(&octets.map_err(|problem| bad(&problem))?, options.output.as_deref())
}

fn message(text: &str, number: usize) -> Result<Vec<u8>, Problem> {
    let json = encode::parse(text)?;
    let messages = encode::messages(&json);
    match number.checked_sub(1).and_then(|index| messages.get(index)) {
        Some(message) => encode::encode_json(message),
        None => Err(Problem {
            place: format!("message {number}"),
            message: format!("there are {}", messages.len()),
            help: None,
        }),
    }
}
