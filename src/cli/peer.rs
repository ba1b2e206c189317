//! `x400gw peer`: an X.400 MTA to try things against.
#![expect(clippy::disallowed_methods, reason = "shell: reads scripts, writes reports, binds sockets")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use super::{Failure, tls};
use crate::osi::stack::{DialogueMode, Mode};
use crate::peer::script::Script;
use crate::peer::{self, Print, Tls, fault};
use crate::telemetry;

// Headings of the help.
const SCRIPTS: &str = "Scripts";
const WHO: &str = "Names";
const OUTPUT: &str = "What it prints and keeps";

/// Examples, and the faults that recipients ask for.
fn help() -> String {
    const EXAMPLES: &str = "\
Without a script it answers until it is stopped, takes whatever comes, prints it, and misbehaves
where the name of a recipient asks for it. With one it does what the script says, step by step, and
judges what comes: --script-language explains the language.

  x400gw peer --store arrived --pcap all.pcap
  x400gw peer --script resumed.script --call gateway.example:102 --report-junit verdicts.xml
  x400gw peer --tls-certificate lab.pem --tls-key lab.key --client-ca ca.pem

Exit code 0 if every step of the script passed, 1 if one failed, 2 if the script or an option is bad.";
    format!("{EXAMPLES}\n\n{}", fault::HELP)
}

/// Where the lab peer listens and calls, what it does, and what it writes.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = help())]
pub(super) struct Options {
    /// Address and port to listen on [default: 127.0.0.1:10103, unless a script only calls]
    #[arg(short, long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Host and port to call: where a script says `call`, and for reports on what arrived
    #[arg(long, value_name = "HOST:PORT")]
    call: Option<String>,
    /// Play this script and end
    #[arg(long, value_name = "FILE", help_heading = SCRIPTS)]
    script: Option<PathBuf>,
    /// Print the language of scripts and end
    #[arg(long, help_heading = SCRIPTS)]
    script_language: bool,
    /// MTA name to give, as caller and in answer
    #[arg(long, default_value = "lab-peer", help_heading = WHO)]
    name: String,
    /// Password to give
    #[arg(long, help_heading = WHO)]
    password: Option<String>,
    /// Let in only this caller: NAME or NAME=PASSWORD (may be given several times)
    #[arg(long = "caller", value_name = "NAME[=PASSWORD]", help_heading = WHO)]
    callers: Vec<String>,
    /// What to speak where it calls: normal, x410-1988 or x410-1984 [default: normal]
    #[arg(long, value_name = "MODE", value_parser = super::mode)]
    mode: Option<Mode>,
    /// Propose two-way alternate where it calls: both sides may send
    #[arg(long)]
    two_way: bool,
    #[command(flatten)]
    answering: tls::Answering,
    #[command(flatten)]
    calling: tls::Calling,
    /// Folder to keep each MTS-APDU in, as BER
    #[arg(short, long, value_name = "FOLDER", help_heading = OUTPUT)]
    store: Option<PathBuf>,
    /// Write a capture of all octets; under TLS, those within
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    pcap: Option<PathBuf>,
    /// The same times and identifiers at every run
    #[arg(long)]
    deterministic: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t, help_heading = OUTPUT)]
    print: Print,
    /// Print nothing but the log; the same as --print none
    #[arg(short, long, help_heading = OUTPUT)]
    quiet: bool,
    /// Write the verdicts of a script as JUnit XML
    #[arg(long, value_name = "FILE", requires = "script", help_heading = SCRIPTS)]
    report_junit: Option<PathBuf>,
    /// Write the verdicts of a script as JSON
    #[arg(long, value_name = "FILE", requires = "script", help_heading = SCRIPTS)]
    report_json: Option<PathBuf>,
}

/// Where to listen when nobody says otherwise.
const LISTEN: &str = "127.0.0.1:10103";

impl Options {
    fn peer(&self) -> Result<peer::Options, Failure> {
        let callers = self.callers.iter().map(|caller| match caller.split_once('=') {
            Some((name, password)) => (name.to_owned(), Some(password.to_owned())),
            None => (caller.clone(), None),
        });
        let mut options = peer::Options {
            name: self.name.clone(),
            password: self.password.clone(),
            callers: callers.collect(),
            store: self.store.clone(),
            print: if self.quiet { Print::Nothing } else { self.print },
            call: self.call.clone(),
            tls: Tls {
                answer: self.answering.acceptor()?,
                call: self.calling.initiator(self.call.as_deref())?,
            },
            pcap: self.pcap.clone(),
            deterministic: self.deterministic,
            ..peer::Options::default()
        };
        options.stack.reference.name.clone_from(&self.name);
        options.stack.mode = self.mode.unwrap_or_default();
        if self.two_way {
            options.stack.dialogue_mode = DialogueMode::TwoWayAlternate;
        }
        if let Some(script) = &self.script {
            options.script_folder = script.parent().unwrap_or_else(|| Path::new("")).to_path_buf();
        }
        Ok(options)
    }
}

/// Runs the lab peer until it is stopped, or until its script is over.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    if options.script_language {
        super::print(include_str!("../peer/README.md"));
        return Ok(());
    }
    telemetry::start(if options.script.is_some() { "warn" } else { "info" });
    match &options.script {
        None => super::runtime()?.block_on(answer(options)),
        Some(path) => {
            let script = read_script(path)?;
            super::runtime()?.block_on(play(options, path, &script))
        }
    }
}

fn read_script(path: &Path) -> Result<Script, Failure> {
    let octets = super::read_input(path)?;
    let text = String::from_utf8(octets)
        .map_err(|error| Failure::BadInput(format!("error: {}: not UTF-8: {error}", path.display())))?;
    Script::parse(&path.display().to_string(), &text).map_err(|report| Failure::BadInput(report.render()))
}

async fn bound(address: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Failure::Refused(format!("error: cannot listen on {address}: {error}")))
}

async fn answer(options: &Options) -> Result<(), Failure> {
    let peer = options.peer()?;
    let listener = bound(options.listen.as_deref().unwrap_or(LISTEN)).await?;
    if let Ok(address) = listener.local_addr() {
        super::print(&format!("lab peer `{}` answers on {address}", options.name));
    }
    let (stop, stopped) = watch::channel(false);
    let (arrivals, mut forget) = mpsc::unbounded_channel();
    tokio::spawn(async move { while forget.recv().await.is_some() {} });
    let mut peer = tokio::spawn(peer::listen(peer, listener, None, arrivals, stopped));
    let ended = tokio::select! {
        ended = &mut peer => ended,
        _ = tokio::signal::ctrl_c() => {
            let _ = stop.send(true);
            match tokio::time::timeout(Duration::from_secs(5), peer).await {
                Ok(ended) => ended,
                Err(_) => return Ok(()),
            }
        }
    };
    match ended {
        Ok(outcome) => outcome.map_err(|why| Failure::Refused(format!("error: {why}"))),
        Err(error) => Err(Failure::Refused(format!("error: {error}"))),
    }
}

async fn play(options: &Options, path: &Path, script: &Script) -> Result<(), Failure> {
    let (answers, calls) = script.roles();
    if calls && options.call.is_none() {
        let why =
            format!("error: {} calls, and nobody is named\nhelp: give --call HOST:PORT", path.display());
        return Err(Failure::BadInput(why));
    }
    let peer = options.peer()?;
    let listener = match answers {
        true => Some(bound(options.listen.as_deref().unwrap_or(LISTEN)).await?),
        false => None,
    };
    if let Some(Ok(address)) = listener.as_ref().map(TcpListener::local_addr) {
        super::print(&format!("lab peer `{}` answers on {address}", options.name));
    }
    let (arrivals, mut forget) = mpsc::unbounded_channel();
    tokio::spawn(async move { while forget.recv().await.is_some() {} });
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let playing = peer::play(peer, &name, script, listener.as_ref(), None, arrivals);
    let verdicts = playing.await.map_err(|why| Failure::Refused(format!("error: {why}")))?;
    if let Some(path) = &options.report_junit {
        super::write_text(&verdicts.junit(), Some(path))?;
    }
    if let Some(path) = &options.report_json {
        super::write_text(&format!("{:#}\n", verdicts.json()), Some(path))?;
    }
    if verdicts.passed() { Ok(()) } else { Err(Failure::Refused(verdicts.summary())) }
}
