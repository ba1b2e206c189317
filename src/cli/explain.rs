//! `x400gw explain`: an address or a message, and where everything in the result comes from.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock and files")]

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Deserialize as _;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::gateway::{Gateway, refused};
use super::{Failure, Lookups, Style, read_config, read_input, read_rules};
use crate::config::Config;
use crate::conversion::{self, Request};
use crate::diagnostic::closest;
use crate::explain::address::{self, Question, World};
use crate::explain::{Outcome, Place, Side, message, text};
use crate::mixer::Settings;
use crate::mta::route::Table;
use crate::serve;

/// More for `--help`.
const HELP: &str = "\
An argument that names a file is a message: a mail, or whatever `x400gw decode` finds messages in. Everything else is an
address.

  x400gw explain ada@navy.x400.example                      as a recipient
  x400gw explain --place return-path grace@internet.example as the originator
  x400gw explain '/G=Ada/S=Lovelace/PRMD=demo/ADMD=x400/C=XX/'
  x400gw explain mail.eml --recipient ada@navy.x400.example
  x400gw explain message.ber --json
  x400gw explain ada@navy.x400.example --from bob@internet.example   whether policies let him write to her

Files are those of `--config` and `--mappings`, or the built-in defaults; with `--gateway` the running gateway explains, by the
rules in force.

Exit code 0 if it is mapped, 1 if it is refused, 2 if it is neither an address nor a message.";

/// What to explain.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub(super) struct Options {
    /// An address, or a file with a message; - for standard input
    what: String,
    /// Where it is to arrive; found out unless given
    #[arg(long, value_enum)]
    towards: Option<Towards>,
    /// Where an address stands
    #[arg(long, value_enum, default_value_t = Stands::Recipient)]
    place: Stands,
    /// As for a message to or from this peer; the one that a recipient's route leads to unless given
    #[arg(long)]
    peer: Option<String>,
    /// Who writes to a recipient, for policies; envelope sender of a message, what it says unless given; `<>` for none
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Envelope recipient of a message (may be given several times); what the message says unless given
    #[arg(long, value_name = "ADDRESS")]
    recipient: Vec<String>,
    /// Mapping file; that of the configuration unless given
    #[arg(short, long)]
    mappings: Option<PathBuf>,
    #[command(flatten)]
    gateway: Gateway,
    /// Ask neither name servers nor directories; what only they know fails
    #[arg(long)]
    offline: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Where something is to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Towards {
    /// X.400
    X400,
    /// The Internet
    Internet,
}

/// Where an address stands; it matters when no rule knows its domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Stands {
    /// RCPT TO, or a recipient of P1
    Recipient,
    /// MAIL FROM, or the originator of P1
    ReturnPath,
    /// A header field, or a field of the heading
    Header,
}

/// Explains an address or a message.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    let is_message = options.what == "-" || Path::new(&options.what).is_file();
    if options.gateway.is_named() {
        return running(options, is_message);
    }
    if is_message {
        return of_message(options);
    }
    let question = Question {
        address: options.what.clone(),
        towards: options.towards.map(Side::from),
        place: options.place.into(),
        from: options.from.clone(),
        peer: options.peer.clone(),
    };
    let told = of_address(&question, options.mappings.as_deref(), options.gateway.config(), options.offline)?;
    let style = if options.json { Style::Json } else { Style::Text };
    super::print(&written(&told, style, text::address));
    ended(told.outcome)
}

/// An address as the files say.
pub(super) fn of_address(
    question: &Question,
    mappings: Option<&Path>,
    config: Option<&Path>,
    offline: bool,
) -> Result<address::Explained, Failure> {
    let config = config.map(|path| read_config(Some(path))).transpose()?;
    if let Some(config) = &config {
        known_peer(question.peer.as_deref(), config)?;
    }
    let configured = config.as_ref().and_then(|config| config.gateway.mappings.as_deref());
    let rules = read_rules(mappings.or(configured))?;
    let table = config.as_ref().and_then(|config| table(config, &rules));
    let lookups = Lookups::new(rules, offline)?;
    let run = lookups.run(|mapper| address::explain(question, World { mapper, table: table.as_ref() }));
    Ok(run.made)
}

/// The routes, if there is anybody to route to.
pub(super) fn table(config: &Config, rules: &crate::rules::Rules) -> Option<Table> {
    let domain = config.gateway.management_domain()?;
    (!config.peers.is_empty()).then(|| rules.routing_table(&config.routing_rules(), &domain))
}

/// The name of a peer as it was given.
///
/// # Errors
/// The configuration has peers, and none of this name.
pub(super) fn known_peer(given: Option<&str>, config: &Config) -> Result<Option<String>, Failure> {
    let known = || config.peers.iter().map(|peer| peer.name.as_str());
    match given {
        Some(name) if !config.peers.is_empty() && !known().any(|known| known == name) => {
            let help = match closest(name, known()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("there are: {}", known().collect::<Vec<_>>().join(", ")),
            };
            Err(Failure::BadInput(format!("error: the configuration has no peer `{name}`\nhelp: {help}")))
        }
        given => Ok(given.map(str::to_owned)),
    }
}

/// As text or as JSON.
pub(super) fn written<T: serde::Serialize>(told: &T, style: Style, text: impl Fn(&T) -> String) -> String {
    match style {
        Style::Text => text(told),
        Style::Json => serde_json::to_string_pretty(told).unwrap_or_default(),
    }
}

fn of_message(options: &Options) -> Result<(), Failure> {
    let config = read_config(options.gateway.config())?;
    let rules = read_rules(options.mappings.as_deref().or(config.gateway.mappings.as_deref()))?;
    let settings =
        serve::conversion_settings(&config).map_err(|error| Failure::BadInput(format!("error: {error}")))?;
    let settings = Settings { trail: true, ..settings };
    let peer = known_peer(options.peer.as_deref(), &config)?;
    let table = table(&config, &rules);
    let lookups = Lookups::new(rules, options.offline)?;
    let octets = bytes::Bytes::from(read_input(Path::new(&options.what))?);
    let request =
        Request { from: options.from.clone(), recipients: options.recipient.clone(), round_trip: false };
    let to = options.towards.map(Side::from);
    let now = OffsetDateTime::now_utc();
    let run = lookups.run(|mapper| {
        let world = conversion::World {
            mapper,
            table: table.as_ref(),
            peer: peer.as_deref(),
            settings: &settings,
            message_identifier: "explain",
            now,
        };
        message::explain(octets.clone(), to, &request, &world)
    });
    if let Some(why) = run.waiting {
        return Err(Failure::Refused(format!("error: an address in its header has to be looked up: {why}")));
    }
    messages(&run.made, options.json)
}

/// Asks the running gateway.
fn running(options: &Options, is_message: bool) -> Result<(), Failure> {
    let mut question = json!({ "towards": options.towards.map(Side::from) });
    if is_message {
        let octets = read_input(Path::new(&options.what))?;
        question["message"] = base64_simd::STANDARD.encode_to_string(&octets).into();
        question["from"] = json!(options.from);
        question["recipients"] = json!(options.recipient);
        question["peer"] = json!(options.peer);
    } else {
        question["address"] = options.what.as_str().into();
        question["place"] = json!(Place::from(options.place));
        question["from"] = json!(options.from);
        question["peer"] = json!(options.peer);
    }
    let answer = options.gateway.post("/v1/explain", &question)?;
    let style = if options.json { Style::Json } else { Style::Text };
    if !answer.done {
        return Err(refused(&answer, style));
    }
    let other = |error| Failure::Refused(format!("error: the gateway is of another version: {error}"));
    if is_message {
        let told = Vec::<message::Explained>::deserialize(&answer.body["messages"]).map_err(other)?;
        return messages(&told, options.json);
    }
    let told = address::Explained::deserialize(&answer.body["address"]).map_err(other)?;
    super::print(&written(&told, style, text::address));
    ended(told.outcome)
}

fn messages(told: &[message::Explained], as_json: bool) -> Result<(), Failure> {
    if as_json {
        let written = match told {
            [one] => serde_json::to_value(one),
            several => serde_json::to_value(several),
        };
        super::print(&format!("{:#}", written.unwrap_or(Value::Null)));
    } else {
        let texts: Vec<String> = told.iter().map(text::message).collect();
        super::print(&texts.join("\n"));
    }
    let worst = |outcome| told.iter().any(|one| one.outcome == outcome);
    let outcome = [Outcome::Malformed, Outcome::Refused].into_iter().find(|outcome| worst(*outcome));
    ended(outcome.unwrap_or(Outcome::Mapped))
}

/// The exit code says it; the words have been printed.
pub(super) const fn ended(outcome: Outcome) -> Result<(), Failure> {
    match outcome {
        Outcome::Mapped => Ok(()),
        Outcome::Refused | Outcome::Undetermined => Err(Failure::Said(1)),
        Outcome::Malformed => Err(Failure::Said(2)),
    }
}

impl From<Towards> for Side {
    fn from(towards: Towards) -> Self {
        match towards {
            Towards::X400 => Self::X400,
            Towards::Internet => Self::Internet,
        }
    }
}

impl From<Stands> for Place {
    fn from(stands: Stands) -> Self {
        match stands {
            Stands::Recipient => Self::Recipient,
            Stands::ReturnPath => Self::ReturnPath,
            Stands::Header => Self::Header,
        }
    }
}
