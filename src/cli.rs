//! The commands of `x400gw`.
#![expect(clippy::disallowed_methods, reason = "shell: reads and writes files for the commands")]

use std::ffi::OsString;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand, ValueEnum};

use crate::config::Config;
use crate::lookup::{Mappings, Run};
use crate::mixer::address::Mapper;
use crate::osi::stack::Mode;
use crate::rules::Rules;
use crate::rules::lookup::Headers;
use crate::{demo, serve, telemetry};

mod check;
mod conformance;
mod convert;
mod decode;
mod encode;
mod explain;
mod gateway;
mod lint;
mod map;
mod password;
mod peer;
mod ping;
mod queue;
mod rules;
mod running;
mod sendmail;
mod tls;

/// An SMTP to X.400 gateway.
///
/// Exit codes: 0 done, 1 refused or failed, 2 bad input or configuration.
#[derive(Debug, Parser)]
#[command(name = "x400gw", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Start a gateway and an X.400 MTA on loopback, send a sample mail through, and show what arrived
    Demo(demo::Options),
    /// Run the gateway
    Serve {
        /// Configuration file; without one the built-in defaults apply (`x400gw config` prints them)
        #[arg(short, long)]
        config: Option<PathBuf>,
    },
    /// Convert a mail (RFC 5322) to X.400
    Convert(convert::Options),
    /// Print the conformance statement of RFC 2156 Appendix G: what is supported, what is optional, which service elements
    Conformance(conformance::Options),
    /// Explain every octet of a P1, P22 or RTSE value, a TPKT stream, or a pcap file
    Decode(decode::Options),
    /// Turn the JSON of `decode --json` back into octets, changed or not
    Encode(encode::Options),
    /// Judge a message, report, probe or content by the standards: every violation with its octet and clause
    Lint(lint::Options),
    /// Explain an address or a message: what it becomes, and which rule or clause made each part of that
    Explain(explain::Options),
    /// Map an address, in whichever direction it can go, and show the steps
    Map(map::Options),
    /// Check a configuration and its mappings, and show what they amount to: routes, peers and modes
    ///
    /// Routes are shown in the order in which they are tried, the most specific first; what never applies, because others
    /// take all its messages, is named, and so is a peer that no route leads to.
    Check(check::Options),
    /// Rules besides using them: those in force, what others would change, and mappings from and to another gateway
    #[command(subcommand)]
    Rules(rules::Rules),
    /// What waits in the running gateway: list it, hold, release, redirect, return or delete it
    #[command(subcommand)]
    Queue(queue::Queue),
    /// Tell what became of a message, on both sides: when it came, what was tried, under which names it went on, what was reported
    Track(running::Track),
    /// Show the associations with each peer, what waits and why, and where mail is sent by SMTP
    Peers(running::Peers),
    /// Take nothing new, finish what is under way, and say when the queue is empty
    Drain(running::Drain),
    /// Have the running gateway read rules and certificates again, and open its event log anew
    Reload(running::Reload),
    /// Make a line for the file of users (`[smtp] users`) of a name and the password on standard input
    Password(password::Options),
    /// Print the default configuration, annotated
    Config,
    /// Run the lab peer: an X.400 MTA that prints and keeps what it gets, or does what a script says
    Peer(peer::Options),
    /// Reach out to an X.400 MTA and say what each layer answers: TCP, TLS, transport, session, presentation, association
    /// control, reliable transfer, the bind, and perhaps a probe
    Ping(ping::Options),
    /// Send a mail through the running gateway, with the options of sendmail(1): for cron, mailx and other programs
    Sendmail(sendmail::Words),
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Style {
    /// For people
    Text,
    /// For programs
    Json,
}

/// Why a command did not do what it was asked.
enum Failure {
    /// Nothing wrong with the input, but no.
    Refused(String),
    /// The input or configuration is bad.
    BadInput(String),
    /// It has been said; this is the exit code.
    Said(u8),
}

/// The whole command: reads the arguments, does it, and says how it went.
#[must_use]
pub fn main() -> ExitCode {
    let mut words = std::env::args_os();
    let is_sendmail =
        |name: OsString| Path::new(&name).file_name().is_some_and(|name| name == sendmail::NAME);
    if words.next().is_some_and(is_sendmail) {
        return exit(sendmail::run(words.collect()));
    }
    exit(run(Arguments::parse().command))
}

fn exit(done: Result<(), Failure>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(why)) => fail(&why, 1),
        Err(Failure::BadInput(why)) => fail(&why, 2),
        Err(Failure::Said(code)) => ExitCode::from(code),
    }
}

fn fail(why: &str, code: u8) -> ExitCode {
    if !why.is_empty() {
        eprintln!("{}", why.trim_end());
    }
    ExitCode::from(code)
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Demo(options) => {
            runtime()?.block_on(demo::run(options)).map_err(|why| Failure::Refused(format!("error: {why}")))
        }
        Command::Serve { config } => {
            telemetry::start("info");
            let config = read_config(config.as_deref())?;
            runtime()?.block_on(serve::until_stopped(config)).map_err(|error| match error {
                serve::StartError::Mappings(report) => Failure::BadInput(report.render()),
                serve::StartError::Setting(why) => Failure::BadInput(format!("error: {why}")),
                other => Failure::Refused(format!("error: {other}")),
            })
        }
        Command::Convert(options) => convert::run(&options),
        Command::Conformance(options) => conformance::run(&options),
        Command::Decode(options) => decode::run(&options),
        Command::Encode(options) => encode::run(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Lint(options) => lint::run(&options),
        Command::Map(options) => map::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Rules(command) => rules::run(&command),
        Command::Queue(command) => queue::run(&command),
        Command::Track(options) => running::track(&options),
        Command::Peers(options) => running::peers(&options),
        Command::Drain(options) => running::drain(&options),
        Command::Reload(options) => running::reload(&options),
        Command::Config => {
            print(include_str!("../mappings/x400gw.toml"));
            Ok(())
        }
        Command::Password(options) => password::run(&options),
        Command::Peer(options) => peer::run(&options),
        Command::Ping(options) => ping::run(&options),
        Command::Sendmail(options) => sendmail::run(options.words),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Runtime::new().map_err(|error| Failure::Refused(format!("error: no threads: {error}")))
}

/// A mode as it is written in scripts and configurations.
fn mode(written: &str) -> Result<Mode, String> {
    let known = || Mode::ALL.map(|mode| mode.to_string()).join(", ");
    Mode::ALL
        .into_iter()
        .find(|mode| mode.to_string() == written)
        .ok_or_else(|| format!("`{written}` is no mode; known are {}", known()))
}

/// Octets of a file, or of standard input for `-`.
fn read_input(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() == "-" {
        let mut octets = Vec::new();
        return match std::io::stdin().read_to_end(&mut octets) {
            Ok(_) => Ok(octets),
            Err(error) => Err(Failure::BadInput(format!("error: standard input: {error}"))),
        };
    }
    std::fs::read(path).map_err(|error| Failure::BadInput(format!("error: {}: {error}", path.display())))
}

/// The configuration in a file, or the default.
fn read_config(path: Option<&Path>) -> Result<Config, Failure> {
    let Some(path) = path else { return Ok(Config::default_with_demo_peer()) };
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::BadInput(format!("error: {}: {error}", path.display())))?;
    Config::parse(&path.display().to_string(), &text).map_err(|report| Failure::BadInput(report.render()))
}

/// The rules in a mapping file, or the default ones.
fn read_rules(path: Option<&Path>) -> Result<Rules, Failure> {
    serve::load_rules(path).map(|loaded| loaded.rules).map_err(|report| Failure::BadInput(report.render()))
}

/// The rules in a mapping file, or the default ones, with their sources.
struct Lookups {
    mappings: Mappings,
    /// Only where there is somebody to ask.
    runtime: Option<tokio::runtime::Runtime>,
}

impl Lookups {
    /// The rules; `offline` if nobody is to be asked.
    fn new(rules: Rules, offline: bool) -> Result<Self, Failure> {
        let rules = Arc::new(rules);
        let runtime = if rules.lookup().is_empty() { None } else { Some(runtime()?) };
        let mappings = if offline { Mappings::offline(rules) } else { Mappings::new(rules) };
        Ok(Self { mappings, runtime })
    }

    /// The rules alone.
    fn rules(&self) -> &Rules {
        self.mappings.rules()
    }

    /// Runs `work` with the answers it wants.
    fn run<T>(&self, mut work: impl FnMut(Mapper<'_>) -> T) -> Run<T> {
        match &self.runtime {
            None => Run { made: work(Mapper::new(self.mappings.rules())), waiting: None },
            Some(runtime) => runtime.block_on(self.mappings.run(Headers::Wait, work)),
        }
    }
}

/// Writes text to standard output; a reader that has gone away is no error.
pub(crate) fn print(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(text.as_bytes());
    if !text.ends_with('\n') {
        let _ = output.write_all(b"\n");
    }
}

/// Writes text to a file, or to standard output.
fn write_text(text: &str, to: Option<&Path>) -> Result<(), Failure> {
    match to {
        Some(_) => write_octets(text.as_bytes(), to),
        None => {
            print(text);
            Ok(())
        }
    }
}

/// Writes octets to a file, or to standard output unless that is a terminal.
fn write_octets(octets: &[u8], to: Option<&Path>) -> Result<(), Failure> {
    match to {
        Some(path) => std::fs::write(path, octets)
            .map_err(|error| Failure::Refused(format!("error: {}: {error}", path.display()))),
        None if std::io::stdout().is_terminal() => Err(Failure::BadInput(
            "error: BER is not written to a terminal\nhelp: redirect the output, or give --output FILE"
                .into(),
        )),
        None => match std::io::stdout().lock().write_all(octets) {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Failure::Refused(format!("error: standard output: {error}")))
            }
            _ => Ok(()),
        },
    }
}
