//! The lab peer: an X.400 MTA to try things against, obliging or as badly behaved as it is told to be.
//!
//! In the order a connection meets them:
//!
//! 1. `secured` is a connection as it is or under TLS. `wire` lies on it, below the stack: it cuts, spoils and adds octets, and records what really went over the line. `octets`
//!    and `spoil` make what a correct stack would not send; `sniff` learns what that must agree with.
//! 2. `line` is one association over it, with whole messages; `suspended` remembers those that were cut off.
//! 3. [`listen`] answers associations: it takes what comes, except where a recipient's name asks for a [`fault`].
//!    [`play`] does what a [`script`] says instead, and gives [`verdict`]s.
//! 4. [`ping`] reaches out to an MTA and says what each layer answers.
//! 5. `craft` makes messages, probes and reports; `clock` their times and identifiers; `lab` keeps, prints and records.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::mta::bind::{Identity, Known, Password, Trust};
use crate::mta::pool::RecorderFactory;
use crate::osi::stack::Config as StackConfig;

mod answer;
mod clock;
mod craft;
pub mod fault;
mod lab;
mod line;
mod octets;
pub mod ping;
mod run;
pub mod script;
mod secured;
mod sniff;
mod spoil;
mod suspended;
pub mod verdict;
mod wire;

pub use craft::{Draft, Fate};
pub use octets::Place;
pub use secured::Tls;
pub use spoil::Spoiled;

use lab::Lab;
use script::Script;
use verdict::Verdicts;

/// How the lab peer behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// The MTA name it gives.
    pub name: String,
    /// The password it gives.
    pub password: Option<String>,
    /// Callers it lets in, with their passwords; nobody means everybody.
    pub callers: Vec<(String, Option<String>)>,
    /// Where to keep what arrives: `NNNNNN.mtsapdu.ber`, one file a message. Files that are there are left alone.
    pub store: Option<PathBuf>,
    /// What to print.
    pub print: Print,
    /// Octets of one message.
    pub maximum_message: usize,
    /// Host and port to call: for associations that a script opens, and for reports.
    pub call: Option<String>,
    /// Who speaks TLS.
    pub tls: Tls,
    /// A capture of all octets, without TLS.
    pub pcap: Option<PathBuf>,
    /// The same times and identifiers at every run.
    pub deterministic: bool,
    /// Selectors, sizes and timers.
    pub stack: StackConfig,
    /// Where the files are that a script names.
    pub script_folder: PathBuf,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Print {
    /// Nothing but the log
    #[value(name = "none")]
    Nothing,
    /// Steps, and what arrives with long values cut
    #[default]
    Brief,
    /// Steps, and all of what arrives
    Full,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "lab-peer".into(),
            password: None,
            callers: Vec::new(),
            store: None,
            print: Print::Brief,
            maximum_message: 256 << 20,
            call: None,
            tls: Tls::default(),
            pcap: None,
            deterministic: false,
            stack: StackConfig::default(),
            script_folder: PathBuf::new(),
        }
    }
}

impl Options {
    fn identity(&self) -> Identity {
        Identity { name: self.name.clone(), password: self.password.clone(), ..Identity::default() }
    }

    fn trust(&self) -> Trust {
        let known = self
            .callers
            .iter()
            .map(|(name, password)| Known { password: password.clone().map(Password), ..Known::named(name) });
        Trust { known: known.collect(), anyone: self.callers.is_empty() }
    }
}

/// How long a message that is arriving may take to end when the lab peer stops.
const DRAIN: Duration = Duration::from_secs(30);

/// Answers associations on `listener` until `shutdown` says true. Each MTS-APDU that was secured is also sent to `arrivals`.
///
/// # Errors
/// Why the folder or the capture of the options cannot be made.
pub async fn listen(
    options: Options,
    listener: TcpListener,
    recorder: Option<RecorderFactory>,
    arrivals: mpsc::UnboundedSender<Bytes>,
    mut shutdown: watch::Receiver<bool>,
) -> Result<(), String> {
    let lab = Arc::new(Lab::new(options, recorder, arrivals)?);
    let mut associations = tokio::task::JoinSet::new();
    loop {
        let stopping = async { drop(shutdown.wait_for(|stop| *stop).await) };
        let accepted = tokio::select! {
            () = stopping => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                associations.spawn(answer::answer(Arc::clone(&lab), stream, address, shutdown.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while associations.try_join_next().is_some() {}
    }
    drop(listener);
    let drained = async { while associations.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        associations.shutdown().await;
    }
    Ok(())
}

/// Plays a script, `name` being what reports call it. `listener` is needed where it answers, [`Options::call`] where it
/// calls. What was secured is also sent to `arrivals`.
///
/// # Errors
/// Why the folder or the capture of the options cannot be made.
pub async fn play(
    options: Options,
    name: &str,
    script: &Script,
    listener: Option<&TcpListener>,
    recorder: Option<RecorderFactory>,
    arrivals: mpsc::UnboundedSender<Bytes>,
) -> Result<Verdicts, String> {
    let lab = Lab::new(options, recorder, arrivals)?;
    let call = lab.options.call.clone();
    Ok(run::play(&lab, name, script, listener, call.as_deref()).await)
}

/// Makes the folder that messages are kept in, if one is wanted.
///
/// # Errors
/// Why it cannot be made.
pub(crate) fn make_folder(store: Option<&Path>) -> Result<(), String> {
    let Some(folder) = store else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}
