//! `x400gw convert`: messages to X.400 or to the Internet, without a network.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock and files")]

mod folder;
mod show;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::{Args, ValueEnum};
use time::OffsetDateTime;

use super::explain::{known_peer, table};
use super::{Failure, Lookups, read_config, read_input, read_rules, write_octets, write_text};
use crate::conversion::{self, Request, World, source};
use crate::explain::message;
use crate::lookup::Run;
use crate::mixer::{Settings, Side};
use crate::mta::route::Table;
use crate::serve;

/// More for `--help`.
const HELP: &str = "\
Towards X.400 the input is a mail as RFC 5322. Towards the Internet it is whatever `x400gw decode` finds
messages and reports in: an MTS-APDU, a content alone (P2, P22, P772), a stream of TPKTs, a capture.
Where rules say something else for some of the recipients, a message becomes several, as the gateway sends them.

  x400gw convert mail.eml --explain                 what X.400 would get, and why
  x400gw convert message.ber --format mail          what the Internet would get
  x400gw convert capture.pcap --message 2           the second message of a capture
  x400gw convert --to x400 Maildir -o converted     a folder at a time
  x400gw convert mail.eml --roundtrip               what there and back would lose

Exit code 0 if everything was converted, 1 if something was refused, 2 if there was nothing to convert.";

/// What to convert, and how to show it.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(super) struct Options {
    /// Mail, or message of X.400; a folder of such files; - for standard input
    file: PathBuf,
    /// Which way; found out from the octets unless given
    #[arg(short, long, value_enum)]
    to: Option<Direction>,
    /// What to print; in a folder `ber` or `mail` unless given, otherwise `text`
    #[arg(short, long, value_enum)]
    format: Option<Form>,
    /// The content alone (P2 or P22) instead of the whole message (P1)
    #[arg(long)]
    content: bool,
    /// Say for each output field which field or rule it came from, under which clause, and what was lost
    #[arg(short, long)]
    explain: bool,
    /// Convert there and back, and print what the message lost: fields, and parts by their octets
    #[arg(long, conflicts_with = "content")]
    roundtrip: bool,
    /// Only the message of this number, from 1, of those in a stream or capture
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    message: Option<u32>,
    /// Envelope sender; what the header says unless given, `<>` for none
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Envelope recipient (may be given several times); what the header or envelope says unless given
    #[arg(long, value_name = "ADDRESS")]
    recipient: Vec<String>,
    /// As for a message to or from this peer; the one that a recipient's route leads to unless given
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    /// Configuration file; without one the built-in defaults apply
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// Mapping file; that of the configuration unless given
    #[arg(short, long)]
    mappings: Option<PathBuf>,
    /// Ask neither name servers nor directories for mappings; what only they know fails
    #[arg(long)]
    offline: bool,
    /// Name for the identifiers that are made
    #[arg(long, default_value = "convert", value_parser = identifier)]
    identifier: String,
    /// File to write, or folder for one file each; standard output unless given
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// Which way to convert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Direction {
    /// A mail becomes a message of X.400
    X400,
    /// A message, report or notification of X.400 becomes a mail
    Internet,
}

impl From<Direction> for Side {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::X400 => Self::X400,
            Direction::Internet => Self::Internet,
        }
    }
}

/// What to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The octets of X.400
    Ber,
    /// The octets of a mail
    Mail,
    /// For people: every element of X.400, or SMTP's envelope and the mail
    Text,
    /// The same for programs
    Json,
}

impl Form {
    /// The octets themselves.
    const fn octets(side: Side) -> Self {
        match side {
            Side::X400 => Self::Ber,
            Side::Internet => Self::Mail,
        }
    }
}

/// What a message identifier may hold: see [`Context::message_identifier`].
fn identifier(text: &str) -> Result<String, String> {
    let fits = (1..=20).contains(&text.len()) && text.bytes().all(|octet| octet.is_ascii_alphanumeric());
    if fits { Ok(text.to_owned()) } else { Err("1 to 20 letters and digits are expected".into()) }
}

/// What a message became, and where everything in that comes from, if that was asked for.
struct Made {
    made: conversion::Made,
    told: Option<message::Explained>,
}

impl std::ops::Deref for Made {
    type Target = conversion::Made;

    fn deref(&self) -> &conversion::Made {
        &self.made
    }
}

/// What all conversions of one call share.
struct Setup {
    lookups: Lookups,
    table: Option<Table>,
    peer: Option<String>,
    settings: Settings,
    now: OffsetDateTime,
}

impl Setup {
    fn read(options: &Options) -> Result<Self, Failure> {
        let config = read_config(options.config.as_deref())?;
        let rules = read_rules(options.mappings.as_deref().or(config.gateway.mappings.as_deref()))?;
        let settings = serve::conversion_settings(&config)
            .map_err(|error| Failure::BadInput(format!("error: {error}")))?;
        let settings = Settings { trail: true, ..settings };
        let peer = known_peer(options.peer.as_deref(), &config)?;
        let table = table(&config, &rules);
        let lookups = Lookups::new(rules, options.offline)?;
        Ok(Self { lookups, table, peer, settings, now: OffsetDateTime::now_utc() })
    }

    /// Runs `work` with what surrounds a conversion.
    fn with<T>(&self, identifier: &str, mut work: impl FnMut(&World<'_>) -> T) -> Run<T> {
        self.lookups.run(|mapper| {
            work(&World {
                mapper,
                table: self.table.as_ref(),
                peer: self.peer.as_deref(),
                settings: &self.settings,
                message_identifier: identifier,
                now: self.now,
            })
        })
    }
}

/// Converts what is in the file, or in each file of the folder.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let setup = Setup::read(options)?;
    if options.file.is_dir() {
        return folder::run(options, &setup);
    }
    let name = options.file.display().to_string();
    let results = convert_octets(read_input(&options.file)?.into(), &name, options, &setup)?;
    let refused: Vec<String> = results.iter().filter_map(|result| result.as_ref().err().cloned()).collect();
    let made: Vec<Made> = results.into_iter().filter_map(Result::ok).collect();
    write(&made, options)?;
    if refused.is_empty() { Ok(()) } else { Err(Failure::Refused(refused.join("\n"))) }
}

/// Everything that the messages in some octets become, or why one of them becomes nothing.
fn convert_octets(
    octets: Bytes,
    name: &str,
    options: &Options,
    setup: &Setup,
) -> Result<Vec<Result<Made, String>>, Failure> {
    let found = source::find(octets, options.to.map(Side::from));
    let bad = |why: String| Failure::BadInput(format!("error: {name}: {why}"));
    let messages = match options.message {
        None => found,
        Some(number) => {
            let there = found.len();
            let index = usize::try_from(number).unwrap_or(usize::MAX) - 1;
            let chosen = found.into_iter().nth(index);
            chosen
                .map(|one| vec![one])
                .ok_or_else(|| bad(format!("{there} messages in it, no number {number}")))?
        }
    };
    if messages.is_empty() {
        return Err(bad(
            "no message, report or notification of X.400 in it\nhelp: `x400gw decode` shows what there is; a mail goes `--to x400`"
                .into(),
        ));
    }
    let request = Request {
        from: options.from.clone(),
        recipients: options.recipient.clone(),
        round_trip: options.roundtrip,
    };
    let mut made = Vec::new();
    for (message, number) in messages.iter().zip(1_u32..) {
        let identifier = match messages.len() {
            1 => options.identifier.clone(),
            _ => numbered(&options.identifier, number),
        };
        let run = setup.with(&identifier, |world| conversion::convert(message, &request, world));
        let result = match run.waiting {
            Some(why) => {
                let why = format!("an address in its header has to be looked up: {why}");
                Err(conversion::Failure::Refused(why))
            }
            None => run.made,
        };
        match result {
            Ok(several) => made.extend(several.into_iter().map(|one| {
                let told = options.explain.then(|| message::of_made(&one, message));
                Ok(Made { made: one, told })
            })),
            Err(conversion::Failure::BadInput(why)) if messages.len() == 1 => return Err(bad(why)),
            Err(conversion::Failure::BadInput(why) | conversion::Failure::Refused(why)) => {
                let which = if messages.len() > 1 { format!("message {number}: ") } else { String::new() };
                made.push(Err(format!("error: {name}: {which}{why}")));
            }
        }
    }
    Ok(made)
}

/// Identifiers of messages of one file differ.
fn numbered(identifier: &str, number: u32) -> String {
    let number = number.to_string();
    let kept = identifier.len().min(20 - number.len().min(19));
    format!("{}{number}", &identifier[..kept])
}

/// Writes what was made to where it belongs.
fn write(made: &[Made], options: &Options) -> Result<(), Failure> {
    let form = options.format.unwrap_or(Form::Text);
    let into_folder = options.output.as_deref().filter(|path| path.is_dir());
    if let Some(folder) = into_folder {
        let stem = options.file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let stem = if stem == "-" || stem.is_empty() { "message".to_owned() } else { stem };
        return write_each(made, &folder.join(stem), options).map(drop);
    }
    let output = options.output.as_deref();
    match (form, made) {
        (Form::Text, _) => {
            let texts: Vec<String> = made.iter().map(|one| show::text(one, options)).collect();
            if texts.is_empty() { Ok(()) } else { write_text(&texts.join("\n"), output) }
        }
        (Form::Json, [one]) => write_text(&format!("{:#}", show::json(one, options)), output),
        (Form::Json, _) => {
            let list: Vec<_> = made.iter().map(|one| show::json(one, options)).collect();
            write_text(&serde_json::to_string_pretty(&list).unwrap_or_default(), output)
        }
        (_, []) => Ok(()),
        (Form::Ber | Form::Mail, [one]) => {
            write_octets(&show::octets(one, form, options)?, output)?;
            if options.explain {
                eprint!("{}", show::explanation(one));
            }
            Ok(())
        }
        (Form::Ber | Form::Mail, several) => Err(Failure::BadInput(format!(
            "error: {} messages would become one file\nhelp: name a folder with --output, or one of them with --message",
            several.len()
        ))),
    }
}

/// Writes a file for each; the names that were used.
fn write_each(made: &[Made], stem: &Path, options: &Options) -> Result<Vec<PathBuf>, Failure> {
    let mut names = Vec::new();
    for (one, number) in made.iter().zip(1_u32..) {
        let form = options
            .format
            .unwrap_or_else(|| if options.roundtrip { Form::Text } else { Form::octets(one.side()) });
        let ending = match (form, one.side()) {
            (Form::Ber, _) => "ber",
            (Form::Mail, _) => "eml",
            (Form::Text, _) => "txt",
            (Form::Json, _) => "json",
        };
        let ending = if made.len() > 1 { format!("{number}.{ending}") } else { ending.to_owned() };
        let path = with_ending(stem, &ending);
        let octets = match form {
            Form::Text => show::text(one, options).into_bytes(),
            Form::Json => format!("{:#}\n", show::json(one, options)).into_bytes(),
            Form::Ber | Form::Mail => show::octets(one, form, options)?,
        };
        write_octets(&octets, Some(&path))?;
        if options.explain && matches!(form, Form::Ber | Form::Mail) {
            write_octets(show::explanation(one).as_bytes(), Some(&with_ending(&path, "txt")))?;
        }
        names.push(path);
    }
    Ok(names)
}

/// A path with something more at its end, whatever it ends with.
fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}
