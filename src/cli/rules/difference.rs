//! `x400gw rules diff`: which addresses other rules would make something else of.
#![expect(clippy::disallowed_methods, reason = "shell: reads files")]

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use rasn_x400::x411::address::OrName;
use serde_json::json;

use crate::cli::explain::{known_peer, table};
use crate::cli::{Failure, Lookups, Style, read_config, read_rules};
use crate::config::Config;
use crate::mixer::AddressContext;
use crate::mta::route::{Table, Traits};
use crate::queue::store::sqlite::Archive;
use crate::queue::store::{AddressSeen, Role, Side};
use crate::rules::difference::{Case, Change, Counts, Outcome, Place};
use crate::rules::pattern::Pattern;
use crate::rules::{Rules, Version};
use crate::serve::judged::peer_of;

/// More for `--help`.
const HELP: &str = "\
Addresses come from a file, one on each line (an Internet address is tried as recipient and as originator; empty lines and those
that begin with # are left out), or are those that a queue has seen messages come from and go to. With a configuration it is said
as well where messages would go. Rules of a peer count for recipients whose route leads there, and with `--peer` for all.

  x400gw rules diff rules.toml new.toml --addresses people.txt
  x400gw rules diff rules.toml new.toml --queue x400gw-data
  x400gw rules diff rules.toml new.toml -c x400gw.toml --format json
  x400gw rules diff rules.toml new.toml --queue x400gw-data --user @sales.example.com

JSON is one object on each line: the changes, then the `summary`.

Exit code 0 if nothing changes, 1 if something does, 2 for bad input.";

/// Which rules, and which addresses.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(in crate::cli) struct Options {
    /// Mapping file with the rules as they are
    old: PathBuf,
    /// Mapping file with other rules
    new: PathBuf,
    /// File with an address on each line; - for standard input
    #[arg(short, long, value_name = "FILE")]
    addresses: Option<PathBuf>,
    /// Folder of a queue: the addresses it has seen
    #[arg(short, long, value_name = "FOLDER", conflicts_with = "addresses")]
    queue: Option<PathBuf>,
    /// As for messages to or from this peer
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    /// Only what is about this user: an address, `@domain` and what is below, or O/R attributes such as `O=Example; A=mail; C=de`
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    user: Option<Pattern>,
    /// Configuration file: where messages go, and, unless addresses are given, the queue
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// Ask neither name servers nor directories; what only they know fails
    #[arg(long)]
    offline: bool,
    /// Print so many changes at most; all are counted
    #[arg(long, value_name = "NUMBER", default_value_t = u64::MAX, hide_default_value = true)]
    limit: u64,
    /// How to print
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let config = match &options.config {
        Some(path) => Some(read_config(Some(path))?),
        None => None,
    };
    if let Some(config) = &config {
        known_peer(options.peer.as_deref(), config)?;
    }
    let sets = Sets::read(options, config.as_ref())?;
    let mut told = Told::new(options, &sets);
    match (&options.addresses, &options.queue, &config) {
        (Some(file), _, _) => {
            let mut each = |line: &str| Case::of(line).iter().all(|case| told.case(&sets, case));
            lines(file, &mut each)?;
        }
        (None, Some(folder), _) => seen(folder, &mut told, &sets)?,
        (None, None, Some(config)) => seen(&config.gateway.data, &mut told, &sets)?,
        (None, None, None) => {
            let why = "error: of which addresses?\nhelp: name a file (`--addresses`), a queue (`--queue`) or a configuration (`-c`)";
            return Err(Failure::BadInput(why.to_owned()));
        }
    }
    told.end()
}

/// What two sets of rules make of addresses.
struct Sets {
    old: Set,
    new: Set,
    /// The peer whose rules count, whatever routes say.
    peer: Option<String>,
}

struct Set {
    version: Version,
    lookups: Lookups,
    table: Option<Table>,
}

impl Sets {
    fn read(options: &Options, config: Option<&Config>) -> Result<Self, Failure> {
        let set = |path: &Path| {
            let rules: Rules = read_rules(Some(path))?;
            let table = config.and_then(|config| table(config, &rules));
            let version = rules.version();
            Ok(Set { version, table, lookups: Lookups::new(rules, options.offline)? })
        };
        Ok(Self { old: set(&options.old)?, new: set(&options.new)?, peer: options.peer.clone() })
    }

    /// What becomes otherwise of an address; `None` if it is not about this user.
    fn change(&self, case: &Case, user: Option<&Pattern>) -> Result<Option<Option<Change>>, String> {
        // Steps cost as much as mapping, and hardly anything changes.
        let peer = self.peer.as_deref();
        let [old, new] = [&self.old, &self.new].map(|set| set.outcome(case, peer, false));
        let (old, new) = (old?, new?);
        if let Some(user) = user {
            let is_about = |set: &Set, outcome| case.is_about(user, outcome, set.lookups.rules().countries());
            if !is_about(&self.old, &old) && !is_about(&self.new, &new) {
                return Ok(None);
            }
        }
        if Change::between(case, old, new).is_none() {
            return Ok(Some(None));
        }
        Ok(Some(Change::between(
            case,
            self.old.outcome(case, peer, true)?,
            self.new.outcome(case, peer, true)?,
        )))
    }
}

impl Set {
    /// What becomes of an address, by the rules of this peer or else of the one its route leads to.
    fn outcome(&self, case: &Case, peer: Option<&str>, steps: bool) -> Result<Outcome, String> {
        let route = |name: &OrName, from_internet: bool| {
            let traits = Traits::ordinary(!from_internet);
            self.table.as_ref().map(|table| table.route(name, &traits).to_string()).unwrap_or_default()
        };
        let route: Option<&crate::rules::difference::Route<'_>> = self.table.is_some().then_some(&route);
        let run = self.lookups.run(|mapper| {
            let mapper = if steps { mapper } else { mapper.without_steps() };
            // By the peer that a recipient's route leads to, as at RCPT.
            let of_route = || match (case.place, &self.table) {
                (Place::Recipient, Some(table)) if mapper.rules().registry().has_peers() => {
                    let found =
                        mapper.without_steps().to_or(&case.address, AddressContext::Recipient).ok()?;
                    peer_of(table, &found.name)
                }
                _ => None,
            };
            Outcome::of(case, mapper.for_peer(peer.or_else(of_route)), route)
        });
        run.made
    }
}

/// What was printed and counted.
struct Told<'a> {
    options: &'a Options,
    versions: [Version; 2],
    counts: Counts,
    output: BufWriter<io::StdoutLock<'static>>,
}

impl<'a> Told<'a> {
    fn new(options: &'a Options, sets: &Sets) -> Self {
        let versions = [sets.old.version, sets.new.version];
        Self { options, versions, counts: Counts::default(), output: BufWriter::new(io::stdout().lock()) }
    }

    /// Tries one; false if nobody reads any more.
    fn case(&mut self, sets: &Sets, case: &Case) -> bool {
        let change = match sets.change(case, self.options.user.as_ref()) {
            Ok(None) => return true,
            Ok(Some(change)) => change,
            Err(why) => {
                self.counts.unreadable += 1;
                eprintln!("warning: `{}`: {why}", case.address);
                None
            }
        };
        self.counts.add(change.as_ref());
        match change {
            Some(change) if self.counts.changes() <= self.options.limit => self.print(&change),
            _ => true,
        }
    }

    fn print(&mut self, change: &Change) -> bool {
        let printed = match self.options.format {
            Style::Text => write!(self.output, "{change}"),
            Style::Json => writeln!(self.output, "{}", json!(change)),
        };
        printed.is_ok()
    }

    fn end(mut self) -> Result<(), Failure> {
        let [old, new] = self.versions;
        let _ = match self.options.format {
            Style::Text => {
                let reasons = self.counts.reasons_text();
                writeln!(self.output, "{} (old {old}, new {new})\n{reasons}", self.counts)
            }
            Style::Json => {
                let mut summary = self.counts.to_json();
                summary["old"] = json!(old);
                summary["new"] = json!(new);
                writeln!(self.output, "{}", json!({ "summary": summary }))
            }
        };
        let _ = self.output.flush();
        match (self.counts.changes(), self.counts.unreadable) {
            (0, 0) => Ok(()),
            (0, _) => Err(Failure::BadInput(String::new())),
            _ => Err(Failure::Refused(String::new())),
        }
    }
}

/// Whom a rule could be for.
fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::parse(text).map_err(|error| match error.help {
        Some(help) => format!("{}; {help}", error.message),
        None => error.message,
    })
}

/// The addresses a queue has seen, each in the place where it stood.
fn seen(folder: &Path, told: &mut Told<'_>, sets: &Sets) -> Result<(), Failure> {
    let failed = |error: crate::queue::store::Error| Failure::BadInput(format!("error: {error}"));
    let archive = Archive::open(folder).map_err(failed)?;
    archive
        .addresses(|AddressSeen { side, role, address, .. }| {
            let place = match (side, role) {
                (Side::X400, _) => Place::OrAddress,
                (Side::Internet, Role::Originator) => Place::Originator,
                (Side::Internet, Role::Recipient) => Place::Recipient,
            };
            told.case(sets, &Case { address, place })
        })
        .map_err(failed)
}

/// Hands on every line of a file that says something, until `each` says no.
fn lines(file: &Path, each: &mut dyn FnMut(&str) -> bool) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::BadInput(format!("error: {}: {error}", file.display()));
    let mut input: Box<dyn BufRead> = if file.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).map_err(failed)?))
    };
    let mut line = String::new();
    while input.read_line(&mut line).map_err(failed)? > 0 {
        let text = line.trim();
        if !text.is_empty() && !text.starts_with('#') && !each(text) {
            return Ok(());
        }
        line.clear();
    }
    Ok(())
}
