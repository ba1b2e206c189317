//! `x400gw rules replay`: what other rules would make of the messages in a queue.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use serde_json::json;

use crate::cli::explain::table;
use crate::cli::{Failure, Lookups, Style, print, read_config, read_rules};
use crate::config::Config;
use crate::conversion::World;
use crate::mixer::Settings;
use crate::mta::route::Table;
use crate::mta::trace::Identity;
use crate::queue::entry::{Entry, Origin};
use crate::queue::store::sqlite::Archive;
use crate::queue::store::{Error as StoreError, Tracked};
use crate::replay::{Made, differences, replay};
use crate::serve;

/// More for `--help`.
const HELP: &str = "\
Every message whose content is still in the queue is converted by both sets, with the settings and routes of the configuration and
the time at which it came: who may get it, by which peer's rules, with which bodies and header fields. Nothing is sent or changed;
the gateway may run meanwhile. Reports and receipts are converted as if nothing were remembered of what they are about.

JSON is one object on each line: the messages that would differ, then the `summary`.

Exit code 0 if nothing differs, 1 if something does, 2 for bad input.";

/// Which rules, and which messages.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(in crate::cli) struct Options {
    /// Mapping file with the rules as they are
    old: PathBuf,
    /// Mapping file with other rules
    new: PathBuf,
    /// Folder of the queue; that of the configuration unless given
    #[arg(short, long, value_name = "FOLDER")]
    queue: Option<PathBuf>,
    /// Configuration file; without one the built-in defaults apply
    #[arg(short, long)]
    config: Option<PathBuf>,
    /// Ask neither name servers nor directories; what only they know fails
    #[arg(long)]
    offline: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Style::Text)]
    format: Style,
}

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let bad = |why: String| Failure::BadInput(format!("error: {why}"));
    let config = read_config(options.config.as_deref())?;
    let settings = serve::conversion_settings(&config).map_err(|error| bad(error.to_string()))?;
    let us = config.identity(settings.domain.clone());
    let set = |path: &Path| {
        let rules = read_rules(Some(path))?;
        let table = table(&config, &rules);
        Ok::<_, Failure>(Set { table, lookups: Lookups::new(rules, options.offline)? })
    };
    let (old, new) = (set(&options.old)?, set(&options.new)?);
    let folder = options.queue.as_deref().unwrap_or(&config.gateway.data);
    let archive = Archive::open(folder).map_err(|error| bad(error.to_string()))?;
    let (mut messages, mut differing, mut unreadable) = (0_u64, 0_u64, 0_u64);
    let mut each = |tracked: Result<Tracked, StoreError>| {
        let read = tracked.and_then(|tracked| {
            let content = archive.content(&tracked.entry)?;
            Ok((tracked.entry, content))
        });
        let (entry, content) = match read {
            Ok(read) => read,
            Err(error) => {
                unreadable += 1;
                eprintln!("warning: {error}");
                return true;
            }
        };
        messages += 1;
        let [old, new] = [&old, &new].map(|set| set.of((&entry, &content), &config, &us, &settings));
        let found = differences(&old, &new);
        if !found.is_empty() {
            differing += 1;
            let (id, from) = (entry.id.to_string(), entry.envelope.reverse_path.as_deref());
            match options.format {
                Style::Json => {
                    print(&json!({ "message": id, "from": from, "differences": found }).to_string())
                }
                Style::Text => {
                    let recipients = entry.envelope.recipients.len();
                    let from = from.unwrap_or("<>");
                    let lines: Vec<String> = found.iter().map(|one| format!("  {one}")).collect();
                    print(&format!("{id} from {from}, {recipients} recipients\n{}", lines.join("\n")));
                }
            }
        }
        true
    };
    archive.entries(&mut each).map_err(|error| bad(error.to_string()))?;
    let versions = [&old, &new].map(|set| set.lookups.rules().version());
    match options.format {
        Style::Text => {
            let unreadable = match unreadable {
                0 => String::new(),
                some => format!("; {some} could not be read"),
            };
            let [old, new] = versions;
            print(&format!(
                "{differing} of {messages} messages would differ{unreadable} (old {old}, new {new})"
            ));
        }
        Style::Json => {
            let [old, new] = versions;
            let summary = json!({ "messages": messages, "differing": differing, "unreadable": unreadable, "old": old, "new": new });
            print(&json!({ "summary": summary }).to_string());
        }
    }
    match (differing, unreadable) {
        (0, 0) => Ok(()),
        (0, _) => Err(Failure::BadInput(String::new())),
        _ => Err(Failure::Refused(String::new())),
    }
}

/// Rules with the routes they make.
struct Set {
    lookups: Lookups,
    table: Option<Table>,
}

impl Set {
    /// What leaves for an entry.
    fn of(
        &self,
        (entry, content): (&Entry, &Bytes),
        config: &Config,
        us: &Identity,
        settings: &Settings,
    ) -> Vec<Made> {
        let identifier = entry.id.to_string();
        let peer = match &entry.origin {
            Origin::P1 { mta } => config.peer_called(mta),
            Origin::Local | Origin::Smtp { .. } | Origin::Http { .. } => None,
        };
        let run = self.lookups.run(|mapper| {
            let world = World {
                mapper: mapper.without_steps(),
                table: self.table.as_ref(),
                peer,
                settings,
                message_identifier: &identifier,
                now: entry.received_at,
            };
            replay(entry, content.clone(), us, &world)
        });
        run.made
    }
}
