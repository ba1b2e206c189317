//! The lab peer: an X.400 MTA to try things against. It answers associations, prints what arrives and keeps it.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::decode::{self, Kind};
use crate::mta::association::{Ending, Settings};
use crate::mta::bind::{Identity, Known, Password, Trust};
use crate::mta::listener::{Caller, Responder, Security, Whole, WholeInbound};
use crate::mta::pool::RecorderFactory;
use crate::osi::stack::{Config as StackConfig, TransferRefusal};

/// How the lab peer behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// The MTA name it answers with.
    pub name: String,
    /// The password it answers with.
    pub password: Option<String>,
    /// Callers it lets in, with their passwords; nobody means everybody.
    pub callers: Vec<(String, Option<String>)>,
    /// Where to keep what arrives: `NNNNNN.mtsapdu.ber`, one file a message. Files that are there are left alone.
    pub store: Option<PathBuf>,
    /// Whether to print what arrives.
    pub print: bool,
    /// Octets of one message.
    pub maximum_message: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "lab-peer".into(),
            password: None,
            callers: Vec::new(),
            store: None,
            print: true,
            maximum_message: 256 << 20,
        }
    }
}

/// The lab peer as something that takes messages.
struct LabPeer {
    options: Options,
    received: AtomicU64,
    /// The number of the file that was written last.
    kept: Arc<AtomicU64>,
    printing: Mutex<()>,
    arrivals: mpsc::UnboundedSender<Bytes>,
}

/// Answers associations on `listener` until `shutdown` says true. Each MTS-APDU that was secured is also sent to `arrivals`.
pub async fn listen(
    options: Options,
    listener: TcpListener,
    recorder: Option<RecorderFactory>,
    arrivals: mpsc::UnboundedSender<Bytes>,
    shutdown: watch::Receiver<bool>,
) {
    let known = options
        .callers
        .iter()
        .map(|(name, password)| Known { password: password.clone().map(Password), ..Known::named(name) });
    let responder = Responder {
        stack: StackConfig::default(),
        settings: Settings {
            identity: Identity {
                name: options.name.clone(),
                password: options.password.clone(),
                ..Identity::default()
            },
            trust: Trust { known: known.collect(), anyone: options.callers.is_empty() },
            transfer_timeout: Duration::from_secs(600),
            idle: Duration::from_secs(600),
            ..Settings::default()
        },
        maximum_associations: 256,
        maximum_message: options.maximum_message,
        security: Security::default(),
        recorder,
        inbound: Whole::new(LabPeer {
            options,
            received: AtomicU64::new(0),
            kept: Arc::default(),
            printing: Mutex::new(()),
            arrivals,
        }),
    };
    responder.listen(listener, shutdown).await;
}

impl WholeInbound for LabPeer {
    async fn message(&self, caller: &Caller, apdu: Bytes) -> Result<(), TransferRefusal> {
        if let Some(folder) = &self.options.store {
            let (folder, octets, received) = (folder.clone(), apdu.clone(), Arc::clone(&self.kept));
            let written = tokio::task::spawn_blocking(move || keep(&folder, &octets, &received)).await;
            if let Err(error) = written.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
                tracing::error!(%error, "the message could not be kept");
                return Err(TransferRefusal::Temporary);
            }
        }
        let number = self.received.fetch_add(1, Ordering::Relaxed) + 1;
        if self.options.print {
            let document = decode::decode(&apdu, Some(Kind::MtsApdu));
            let text = decode::render::text(&document, decode::render::Limits::BRIEF);
            let _one_at_a_time = self.printing.lock();
            let heading = format!("── message {number} from {} ({} octets) ──", name_of(caller), apdu.len());
            crate::cli::print(&format!("{heading}\n{text}\n"));
        }
        let _ = self.arrivals.send(apdu);
        Ok(())
    }

    fn bound(&self, caller: &Caller) {
        tracing::info!(from = %caller.address, name = %caller.name, "association bound");
    }

    fn ended(&self, caller: &Caller, ending: &Ending) {
        tracing::info!(from = %caller.address, name = %caller.name, %ending, "association ended");
    }
}

/// Makes the folder that messages are kept in, if one is wanted.
///
/// # Errors
/// Why it cannot be made.
pub(crate) fn make_folder(store: Option<&Path>) -> Result<(), String> {
    let Some(folder) = store else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

/// Writes a message to the first file after `last` that is not there yet: a peer that was started again does not
/// overwrite what it kept before.
fn keep(folder: &Path, octets: &[u8], last: &AtomicU64) -> std::io::Result<()> {
    loop {
        let number = last.fetch_add(1, Ordering::Relaxed) + 1;
        let path = folder.join(format!("{number:06}.mtsapdu.ber"));
        match File::create_new(&path) {
            Ok(mut file) => return file.write_all(octets),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// What to call a caller in print.
fn name_of(caller: &Caller) -> String {
    if caller.name.is_empty() { caller.address.to_string() } else { format!("MTA `{}`", caller.name) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "the store is made of files")]

    use super::*;

    #[test]
    fn what_was_kept_before_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = |number| folder.path().join(format!("{number:06}.mtsapdu.ber"));
        std::fs::write(path(2), b"before").unwrap();
        let last = AtomicU64::new(0);
        for message in [b"a", b"b"] {
            keep(folder.path(), message, &last).unwrap();
        }
        let kept = [1, 2, 3].map(|number| std::fs::read(path(number)).unwrap());
        assert_eq!(kept, [&b"a"[..], b"before", b"b"]);
    }
}
