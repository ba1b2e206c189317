//! The command itself, as an operator runs it: gateways and lab peers as processes of their own.

#![allow(dead_code, reason = "each test target uses a part")]

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rasn_x400::x419::MtsApdu;

#[path = "port.rs"]
mod port;
#[path = "submit.rs"]
pub(crate) mod submit;

#[allow(unused_imports, reason = "each test target uses a part")]
pub(crate) use port::free_port;

/// How long a process may take to do what it should.
const PATIENCE: Duration = Duration::from_secs(60);

/// The command under test.
pub(crate) fn x400gw() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_x400gw"));
    command.stdin(Stdio::null());
    command
}

/// A folder for a configuration, a queue, and what the peer receives.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A configuration with quick retries and one peer.
    pub(crate) fn write_config(&self, smtp: u16, p1: u16) {
        let data = self.path("data");
        let text = format!(
            "[gateway]\ndata = {data:?}\n[smtp]\nlisten = [\"127.0.0.1:{smtp}\"]\n\
             [queue]\nfirst-retry = \"1s\"\nlongest-retry = \"1s\"\n\
             [[peer]]\nname = \"hub\"\naddress = \"127.0.0.1:{p1}\"\n"
        );
        std::fs::write(self.path("x400gw.toml"), text).unwrap();
    }
}

/// A process that does not outlive its test.
struct Process(Mutex<Child>);

impl Drop for Process {
    fn drop(&mut self) {
        let child = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// A running gateway.
pub(crate) struct Gateway(Process);

impl Gateway {
    /// Starts it and waits until it greets.
    pub(crate) fn start(folder: &Folder, smtp: u16) -> Self {
        let gateway = Self::start_with(folder, smtp, Vec::new());
        let log = || std::fs::read_to_string(folder.path("gateway.log")).unwrap_or_default();
        assert!(!gateway.is_dead(), "it ended at once: {}", log());
        gateway
    }

    /// The same with other variables in its environment, of which it may die.
    pub(crate) fn start_with(folder: &Folder, smtp: u16, environment: Vec<(&str, String)>) -> Self {
        let log =
            std::fs::File::options().create(true).append(true).open(folder.path("gateway.log")).unwrap();
        let child = x400gw()
            .arg("serve")
            .arg("--config")
            .arg(folder.path("x400gw.toml"))
            .envs(environment)
            .stderr(log)
            .spawn()
            .unwrap();
        let gateway = Self(Process(Mutex::new(child)));
        wait_until(|| gateway.is_dead() || TcpStream::connect(("127.0.0.1", smtp)).is_ok());
        gateway
    }

    /// Whether it has ended.
    pub(crate) fn is_dead(&self) -> bool {
        self.0.0.lock().unwrap().try_wait().unwrap().is_some()
    }

    /// `kill -9`.
    pub(crate) fn kill(self) {
        let mut child = self.0.0.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Its process, for other signals.
    pub(crate) fn id(&self) -> u32 {
        self.0.0.lock().unwrap().id()
    }
}

/// A running lab peer that keeps what it gets.
pub(crate) struct LabPeer {
    _process: Process,
    store: PathBuf,
}

impl LabPeer {
    /// Starts it and waits until it answers.
    pub(crate) fn start(folder: &Folder, port: u16) -> Self {
        let store = folder.path("received");
        let child = x400gw()
            .args(["peer", "--quiet", "--listen", &format!("127.0.0.1:{port}"), "--store"])
            .arg(&store)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let peer = Self { _process: Process(Mutex::new(child)), store };
        wait_until(|| TcpStream::connect(("127.0.0.1", port)).is_ok());
        peer
    }

    /// Waits for `count` messages, then for a while whether more come; returns all of them.
    pub(crate) fn wait_for(&self, count: usize, silence: Duration) -> Vec<Vec<u8>> {
        // The peer is still writing what cannot be read as a whole.
        let is_whole = |path: &PathBuf| {
            std::fs::read(path).is_ok_and(|octets| MtsApdu::from_octets(&octets, octets.len()).is_ok())
        };
        wait_until(|| files(&self.store).iter().filter(|path| is_whole(path)).count() >= count);
        let until = Instant::now() + silence;
        while Instant::now() < until && files(&self.store).len() == count {
            std::thread::sleep(Duration::from_millis(50));
        }
        files(&self.store).iter().map(|path| std::fs::read(path).unwrap()).collect()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    files
}

fn wait_until(ready: impl FnMut() -> bool) {
    assert!(in_time(ready), "it did not happen in time");
}

/// Waits until something is so; says whether it came to be.
pub(crate) fn in_time(mut is_so: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Sends a small mail, and waits for the answer to it, which is returned.
pub(crate) fn submit(port: u16, id: &str, to: &str) -> String {
    submit::send(port, "internet.example", id, to).unwrap()
}

/// The local identifier of a message.
pub(crate) fn mts_identifier(apdu: &[u8]) -> String {
    match MtsApdu::from_octets(apdu, apdu.len()).unwrap() {
        MtsApdu::Message(message) => {
            message.envelope.message_identifier.local_identifier.to_text().into_owned()
        }
        other => panic!("not a message: {other:?}"),
    }
}
