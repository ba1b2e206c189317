//! `x400gw encode`: what `decode --json` took apart, as octets again.

use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::encode::{self, Problem};

/// How the JSON is read, for `--help`.
const HELP: &str = "\
What `x400gw decode --json` prints comes out as the same octets where nothing was changed, whatever
their form. What is changed goes out as it says; lengths are counted anew. Of each element count:

  tag             `[3]`, `[APPLICATION 4]`, or a type such as `IA5String`
  value           a number, text, time, bits, octets or object identifier as `decode` shows it; by
                  name as well: {\"name\": \"urgent\"}, {\"names\": [\"responsibility\"]}
  contents        hexadecimal octets, in the place of a value
  children        the elements in it; a `segment` is cut out of the value, each with `length` octets,
                  the last with the rest
  constructed, indefinite, length_octets, identifier
                  its form
  claimed_length, unterminated
                  a wrong length, or no end: broken by intention

A TPKT stream or a capture is not put together again: its JSON explains packets, parameters and the
messages that were put together from them, and has no place for what a changed message would do to
the packets. `--message N` takes the N-th message, report or probe out of it, as the octets that
were transferred; `send file` in a script of `x400gw peer` sends them.";

/// What to encode, and where to put it.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
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
