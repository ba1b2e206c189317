//! Messages that are cut off on their way from a pool to a listener, over loopback and a line that the test cuts: they go on, in
//! every mode, on an association that goes on itself or on a new one, and arrive once.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use x400_gateway::mta::association::Settings;
use x400_gateway::mta::bind::{Identity, Trust};
use x400_gateway::mta::listener::{Caller, Responder, Security, Whole, WholeInbound};
use x400_gateway::mta::pool::schedule::{BackOff, Policy};
use x400_gateway::mta::pool::{Message, Peer, Pool};
use x400_gateway::osi::stack::{Config as StackConfig, Mode, TransferRefusal};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);
/// Octets of the message: enough for many checkpoints of 1 KiB.
const LENGTH: usize = 400_000;

/// What the listener hands on: each message waits for the gate.
struct Inbox {
    begun: watch::Sender<usize>,
    gate: Arc<Semaphore>,
    secured: Arc<Mutex<Vec<Bytes>>>,
}

impl WholeInbound for Inbox {
    async fn message(&self, _caller: &Caller, apdu: Bytes) -> Result<(), TransferRefusal> {
        self.begun.send_modify(|begun| *begun += 1);
        self.gate.acquire().await.unwrap().forget();
        self.secured.lock().unwrap().push(apdu);
        Ok(())
    }
}

/// The line between pool and listener.
#[derive(Default)]
struct Line {
    /// The first connection is cut after so many octets of the pool; 0 is never.
    cut_after: AtomicUsize,
    /// A connection is cut now, or as soon as what it carries at the moment has passed.
    cut: Notify,
    /// Nothing reaches the pool.
    mute: AtomicBool,
    /// Octets that did not reach it.
    lost: AtomicUsize,
    /// What the pool wrote, connection by connection.
    written: Mutex<Vec<Vec<u8>>>,
}

impl Line {
    async fn run(self: Arc<Self>, listener: TcpListener, to: SocketAddr) {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(to).await.unwrap();
            let number = {
                let mut written = self.written.lock().unwrap();
                written.push(Vec::new());
                written.len() - 1
            };
            tokio::spawn(Arc::clone(&self).carry(client, server, number));
        }
    }

    async fn carry(self: Arc<Self>, mut client: TcpStream, mut server: TcpStream, number: usize) {
        let (mut from_client, mut from_server) = ([0; 4096], [0; 4096]);
        loop {
            tokio::select! {
                () = self.cut.notified() => return,
                read = client.read(&mut from_client) => {
                    let Ok(length @ 1..) = read else { return };
                    let total = {
                        let written = &mut self.written.lock().unwrap()[number];
                        written.extend_from_slice(&from_client[..length]);
                        written.len()
                    };
                    let _ = server.write_all(&from_client[..length]).await;
                    let limit = self.cut_after.load(Ordering::SeqCst);
                    if number == 0 && limit > 0 && total > limit {
                        return;
                    }
                }
                read = server.read(&mut from_server) => {
                    let Ok(length @ 1..) = read else { return };
                    if self.mute.load(Ordering::SeqCst) {
                        self.lost.fetch_add(length, Ordering::SeqCst);
                    } else {
                        let _ = client.write_all(&from_server[..length]).await;
                    }
                }
            }
        }
    }
}

/// A pool, a listener, and the line between them.
struct Stage {
    line: Arc<Line>,
    pool: Pool,
    begun: watch::Receiver<usize>,
    gate: Arc<Semaphore>,
    secured: Arc<Mutex<Vec<Bytes>>>,
    _running: watch::Sender<bool>,
}

fn settings(name: &str, recover: bool) -> Settings {
    Settings {
        identity: Identity { name: name.into(), password: Some("secret".into()), ..Identity::default() },
        trust: Trust { known: Vec::new(), anyone: true },
        transfer_timeout: PATIENCE,
        idle: PATIENCE,
        recover,
        ..Settings::default()
    }
}

impl Stage {
    /// `recover` says whether the pool asks for it, and whether the listener lets it.
    async fn start(mode: Mode, recover: (bool, bool)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = listener.local_addr().unwrap();
        let (gate, secured) = (Arc::new(Semaphore::new(0)), Arc::default());
        let (begin, begun) = watch::channel(0);
        let inbox = Inbox { begun: begin, gate: Arc::clone(&gate), secured: Arc::clone(&secured) };
        let stack = StackConfig { checkpoint_size: 1, mode, ..StackConfig::default() };
        let responder = Responder {
            stack: stack.clone(),
            settings: settings("listener", recover.1),
            maximum_associations: 10,
            maximum_message: 10 << 20,
            security: Security::default(),
            recorder: None,
            inbound: Whole::new(inbox),
        };
        let running = watch::Sender::new(false);
        tokio::spawn(responder.listen(listener, running.subscribe()));
        let entrance = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = entrance.local_addr().unwrap();
        let line = Arc::new(Line::default());
        tokio::spawn(Arc::clone(&line).run(entrance, to));
        let pool = Pool::new(Peer {
            name: "listener".into(),
            hosts: vec![address.to_string()],
            tls: None,
            stack,
            settings: settings("pool", recover.0),
            policy: Policy {
                maximum: 1,
                idle: PATIENCE,
                back_off: BackOff { first: Duration::from_millis(10), ..BackOff::default() },
                ..Policy::default()
            },
            connect_timeout: PATIENCE,
        });
        Self { line, pool, begun, gate, secured, _running: running }
    }

    /// The message is secured, and so is what the listener has, once.
    async fn end(self, transferring: impl Future<Output = Result<(), String>>) -> Vec<Vec<u8>> {
        in_time(transferring).await.unwrap();
        let secured = self.secured.lock().unwrap().clone();
        assert_eq!(secured, [message()], "it arrives once, and whole");
        in_time(self.pool.close(PATIENCE)).await;
        self.line.written.lock().unwrap().clone()
    }

    fn transfer(&self) -> impl Future<Output = Result<(), String>> + use<> {
        let pool = self.pool.clone();
        let transferring = tokio::spawn(async move { pool.transfer(Message::new("one", message())).await });
        async { transferring.await.unwrap().map_err(|error| error.to_string()) }
    }
}

fn message() -> Bytes {
    let octets = (0..251).map(|octet: u8| octet.wrapping_mul(7)).cycle();
    std::iter::once(0xa0).chain(octets).take(LENGTH).collect()
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it does not take so long")
}

async fn until(condition: impl Fn() -> bool) {
    in_time(async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

fn holds(octets: &[u8], part: &[u8]) -> bool {
    octets.windows(part.len()).any(|window| window == part)
}

const MODES: [Mode; 3] = Mode::ALL;

/// In the middle of the message: the rest goes over another connection, with a bind or without.
// ledger: beyond T-31 T-34
#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_on_in_every_mode() {
    for mode in MODES {
        for recover in [(false, true), (true, true), (true, false)] {
            let stage = Stage::start(mode, recover).await;
            stage.gate.add_permits(1);
            stage.line.cut_after.store(LENGTH / 2, Ordering::SeqCst);
            let transferring = stage.transfer();
            let written = stage.end(transferring).await;
            // One that is declined is followed by a bind.
            let connections = if recover == (true, false) { 3 } else { 2 };
            assert_eq!(written.len(), connections, "{mode} {recover:?}");
            let last = written.last().unwrap();
            assert!(last.len() < LENGTH * 2 / 3, "{mode} {recover:?}: {} octets came again", last.len());
            let goes_on = recover == (true, true);
            assert_eq!(holds(last, b"secret"), !goes_on, "{mode} {recover:?}");
            assert_eq!(holds(&written[1], b"secret"), !recover.0, "{mode} {recover:?}");
        }
    }
}

/// The confirm of the activity's end is lost: the message is confirmed again, and not taken again.
// ledger: beyond T-31
#[tokio::test(flavor = "multi_thread")]
async fn a_confirm_that_is_lost_doubles_nothing() {
    for mode in MODES {
        let mut stage = Stage::start(mode, (false, false)).await;
        let transferring = stage.transfer();
        in_time(stage.begun.wait_for(|begun| *begun == 1)).await.unwrap();
        stage.line.mute.store(true, Ordering::SeqCst);
        stage.gate.add_permits(2);
        let line = Arc::clone(&stage.line);
        until(|| line.lost.load(Ordering::SeqCst) > 0).await;
        stage.line.mute.store(false, Ordering::SeqCst);
        stage.line.cut.notify_one();
        let written = stage.end(transferring).await;
        assert!(written[1].len() < LENGTH / 2, "{mode}: {} octets came again", written[1].len());
    }
}

/// It is cut off while the listener still secures it: the answer waits for that, and nothing doubles.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_being_secured_is_waited_for() {
    for mode in MODES {
        let mut stage = Stage::start(mode, (false, false)).await;
        let transferring = stage.transfer();
        in_time(stage.begun.wait_for(|begun| *begun == 1)).await.unwrap();
        stage.line.cut.notify_one();
        // The bind and the resumption have come.
        let line = Arc::clone(&stage.line);
        until(|| line.written.lock().unwrap().get(1).is_some_and(|written| written.len() > 400)).await;
        stage.gate.add_permits(2);
        stage.end(transferring).await;
    }
}
