//! An X.400 MTA that takes every message and forgets it, as `smtp-sink` does with mails; in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use x400_gateway::mta::association::Settings;
use x400_gateway::mta::bind::{Identity, Trust};
use x400_gateway::mta::listener::{Arrival, Caller, Inbound, Responder, Security};
use x400_gateway::osi::stack::{Config as StackConfig, TransferRefusal};

/// That process, seen from the bench.
pub(crate) struct Peer {
    process: Child,
    ask: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts it: [`run`] in another process of this program.
    pub(crate) fn start(port: u16) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["peer", &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (ask, said) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        let mut peer = Self { process, ask, said: BufReader::new(said) };
        // It listens when it answers.
        peer.count();
        peer
    }

    /// How many messages it has had.
    pub(crate) fn count(&mut self) -> u64 {
        self.ask.write_all(b"\n").unwrap();
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim().parse().unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Takes messages at a port; for each line of standard input prints how many there were.
#[tokio::main]
pub(crate) async fn run(port: &str) {
    let port: u16 = port.parse().unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let responder = Responder {
        stack: StackConfig::default(),
        settings: Settings {
            identity: Identity { name: "far".into(), ..Identity::default() },
            trust: Trust { known: Vec::new(), anyone: true },
            idle: Duration::from_secs(600),
            ..Settings::default()
        },
        maximum_associations: 64,
        maximum_message: 100 << 20,
        security: Security::default(),
        recorder: None,
        inbound: Forget(Arc::clone(&count)),
    };
    let shutdown = watch::Sender::new(false);
    tokio::spawn(responder.listen(listener, shutdown.subscribe()));
    let asked = tokio::task::spawn_blocking(move || {
        for _ in std::io::stdin().lock().lines() {
            println!("{}", count.load(Ordering::Relaxed));
        }
    });
    asked.await.unwrap();
}

struct Forget(Arc<AtomicU64>);

impl Inbound for Forget {
    type Arrival = Forgotten;

    fn begin(&self, _caller: &Caller) -> Forgotten {
        Forgotten(Arc::clone(&self.0))
    }
}

struct Forgotten(Arc<AtomicU64>);

impl Arrival for Forgotten {
    async fn data(&mut self, _octets: Bytes) -> Result<(), TransferRefusal> {
        Ok(())
    }

    async fn end(self) -> Result<(), TransferRefusal> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
