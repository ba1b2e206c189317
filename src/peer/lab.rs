//! What all associations of a lab peer share: what it is told, what it keeps, prints and records.
#![expect(clippy::disallowed_methods, reason = "shell: keeps messages and captures in files")]

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::x411::bind::{MtaBind, unwrapped};
use rasn_x400::x419::MtsApdu;
use tokio::sync::mpsc;

use super::clock::Clock;
use super::craft::{self, Summary};
use super::script::Role;
use super::suspended::Suspended;
use super::{Options, Print};
use crate::decode::render::Limits;
use crate::decode::{self, Kind};
use crate::mta::pool::RecorderFactory;
use crate::osi::driver::{Direction, Recorder};
use crate::osi::stack::Reference;
use crate::pcap::{Capture, Connection, Side};

/// A lab peer.
pub(super) struct Lab {
    pub(super) options: Options,
    pub(super) clock: Clock,
    capture: Option<SharedCapture>,
    tape: Option<RecorderFactory>,
    arrivals: mpsc::UnboundedSender<Bytes>,
    received: AtomicU64,
    /// Connections that were given a name.
    connections: AtomicU64,
    /// The number of the file that was written last.
    kept: Arc<AtomicU64>,
    printing: Mutex<()>,
    /// Messages that were cut off.
    pub(super) suspended: Suspended,
    /// Faults that happen only once have happened to these: name of the fault, identifier of the message.
    happened: Mutex<BTreeSet<(String, String)>>,
}

type SharedCapture = Arc<Mutex<Capture<File>>>;

impl Lab {
    /// A lab peer; makes the folder and the capture that the options name.
    ///
    /// # Errors
    /// Why one of them cannot be made.
    pub(super) fn new(
        options: Options,
        tape: Option<RecorderFactory>,
        arrivals: mpsc::UnboundedSender<Bytes>,
    ) -> Result<Self, String> {
        super::make_folder(options.store.as_deref())?;
        let capture = match &options.pcap {
            None => None,
            Some(path) => {
                let capture = File::create(path).and_then(Capture::new);
                let capture = capture.map_err(|error| format!("{}: {error}", path.display()))?;
                Some(Arc::new(Mutex::new(capture)))
            }
        };
        Ok(Self {
            clock: Clock::new(options.deterministic),
            options,
            capture,
            tape,
            arrivals,
            received: AtomicU64::new(0),
            connections: AtomicU64::new(0),
            kept: Arc::default(),
            printing: Mutex::new(()),
            suspended: Suspended::default(),
            happened: Mutex::default(),
        })
    }

    /// The name of another session connection.
    pub(super) fn reference(&self) -> Reference {
        let time = String::from_utf8_lossy(self.clock.now().as_bytes()).into_owned();
        let number = self.connections.fetch_add(1, Ordering::Relaxed) % 100;
        Reference { name: self.options.name.clone(), time, additional: format!("{number:02}") }
    }

    /// Sees the octets of one connection, if anybody wants them.
    pub(super) fn recorder(&self, role: Role) -> Option<Box<dyn Recorder>> {
        let tape = self.tape.as_ref().map(|make| make());
        let Some(capture) = &self.capture else { return tape };
        let capture = Arc::clone(capture);
        let connection = {
            let mut file = capture.lock().unwrap_or_else(PoisonError::into_inner);
            let mut connection = file.connection();
            log_failure(connection.open(&mut file, self.clock.microseconds()));
            connection
        };
        let clock = Clock::new(self.clock.is_deterministic());
        Some(Box::new(Recording { capture, connection, role, clock, tape }))
    }

    /// Keeps what arrived, prints it and tells of it. Only after this may it be confirmed.
    ///
    /// # Errors
    /// It could not be kept.
    pub(super) async fn secure(&self, from: &str, apdu: &Bytes) -> std::io::Result<()> {
        if let Some(folder) = &self.options.store {
            let (folder, octets, kept) = (folder.clone(), apdu.clone(), Arc::clone(&self.kept));
            let written = tokio::task::spawn_blocking(move || keep(&folder, &octets, &kept)).await;
            written.unwrap_or_else(|error| Err(std::io::Error::other(error)))?;
        }
        self.show(from, apdu);
        let _ = self.arrivals.send(apdu.clone());
        Ok(())
    }

    fn show(&self, from: &str, apdu: &[u8]) {
        let number = self.received.fetch_add(1, Ordering::Relaxed) + 1;
        let limits = match self.options.print {
            Print::Nothing => return,
            Print::Brief => Limits::BRIEF,
            Print::Full => Limits::FULL,
        };
        let document = decode::decode(apdu, Some(Kind::MtsApdu));
        let text = decode::render::text(&document, limits);
        self.say(&format!("── message {number} from {from} ({} octets) ──\n{text}\n", apdu.len()));
    }

    /// Prints, one at a time, unless nothing is to be printed.
    pub(super) fn say(&self, text: &str) {
        if self.options.print != Print::Nothing {
            let _one_at_a_time = self.printing.lock();
            crate::cli::print(text);
        }
    }

    /// Whether a fault that happens once to each message has not happened to this one yet.
    pub(super) fn is_first(&self, fault: &str, identifier: &str) -> bool {
        let mut happened = self.happened.lock().unwrap_or_else(PoisonError::into_inner);
        happened.insert((fault.to_owned(), identifier.to_owned()))
    }
}

/// Octets of a bind that are looked at.
pub(super) const MAXIMUM_BIND: usize = 16 << 10;

/// What arrived, read: the value and a summary.
pub(super) fn read(apdu: &[u8]) -> Result<(MtsApdu, Summary), String> {
    let value = MtsApdu::from_octets(apdu, apdu.len()).map_err(|error| error.to_string())?;
    let summary = craft::summary(&value, apdu.len()).ok_or("it is neither message nor report nor probe")?;
    Ok((value, summary))
}

/// The name in a bind, if there is one.
pub(in crate::peer) fn name_in(octets: &[u8]) -> Option<String> {
    match ber::decode::<MtaBind>(unwrapped(octets), MAXIMUM_BIND) {
        Ok(MtaBind::Authenticated(it)) => Some(it.name.to_text().into_owned()),
        _ => None,
    }
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

/// Records a connection in the capture, and on the tape of a test.
struct Recording {
    capture: SharedCapture,
    connection: Connection,
    role: Role,
    clock: Clock,
    tape: Option<Box<dyn Recorder>>,
}

impl Recorder for Recording {
    fn octets(&mut self, direction: Direction, octets: &[u8]) {
        let side = match (direction, self.role) {
            (Direction::Sent, Role::Call) | (Direction::Received, Role::Answer) => Side::Initiator,
            _ => Side::Responder,
        };
        let mut capture = self.capture.lock().unwrap_or_else(PoisonError::into_inner);
        log_failure(self.connection.send(&mut capture, side, octets, self.clock.microseconds()));
        if let Some(tape) = &mut self.tape {
            tape.octets(direction, octets);
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let mut capture = self.capture.lock().unwrap_or_else(PoisonError::into_inner);
        log_failure(self.connection.close(&mut capture, self.clock.microseconds()));
    }
}

fn log_failure(written: std::io::Result<()>) {
    if let Err(error) = written {
        tracing::error!(%error, "the capture cannot be written");
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods)]
mod tests {
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
