//! A gateway and a lab peer in this process, on loopback, with the octets between them recorded.

#![allow(dead_code, reason = "each test target uses a part")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use x400_gateway::config::Config;
use x400_gateway::osi::driver::{Direction, Recorder};
use x400_gateway::{peer, serve};

use crate::judge::Side;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What one side wrote, in order, as [`crate::judge::association`] wants it.
type Transcript = Vec<(Side, Vec<u8>)>;

/// What a test may want otherwise.
#[derive(Default)]
pub(crate) struct Options {
    /// Start without the peer; [`Laboratory::start_peer`] brings it up.
    pub(crate) peer_is_down: bool,
    /// Whom the peer lets in, with passwords; nobody means everybody.
    pub(crate) callers: Vec<(String, Option<String>)>,
    /// How the gateway is to speak to the peer.
    pub(crate) towards_peer: Option<fn(&mut x400_gateway::config::Peer)>,
}

/// The laboratory.
pub(crate) struct Laboratory {
    pub(crate) smtp: SocketAddr,
    p1: SocketAddr,
    options: Options,
    gateway: serve::Running,
    store: Arc<x400_gateway::queue::store::sqlite::SqliteStore>,
    stop: watch::Sender<bool>,
    peer: Option<JoinHandle<()>>,
    arrivals: mpsc::UnboundedSender<Bytes>,
    arrived: mpsc::UnboundedReceiver<Bytes>,
    transcript: Arc<Mutex<Transcript>>,
    _folder: tempfile::TempDir,
}

impl Laboratory {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::default();
        change(&mut options);
        let folder = tempfile::tempdir().unwrap();
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let reserved = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let p1 = reserved.local_addr().unwrap();
        drop(reserved);
        let mut config = Config::default_with_demo_peer();
        config.gateway.data = folder.path().to_path_buf();
        config.queue.first_retry = Duration::from_millis(50);
        config.queue.longest_retry = Duration::from_millis(200);
        config.smtp.listen.clear();
        // Reports to the senders of the tests stay here.
        config.internet.hold = true;
        config.peers[0].address = p1.to_string();
        config.peers[0].our_password = Some("secret".into());
        config.peers[0].idle_close = Duration::from_millis(200);
        config.peers[0].first_reconnect = Duration::from_millis(20);
        config.peers[0].longest_reconnect = Duration::from_millis(100);
        if let Some(set) = options.towards_peer {
            set(&mut config.peers[0]);
        }
        let smtp_address = smtp.local_addr().unwrap();
        let gateway = serve::start(config, vec![smtp]).await.unwrap();
        let store = gateway.store();
        let (stop, _) = watch::channel(false);
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let mut laboratory = Self {
            smtp: smtp_address,
            p1,
            options,
            gateway,
            store,
            stop,
            peer: None,
            arrivals,
            arrived,
            transcript: Arc::default(),
            _folder: folder,
        };
        if !laboratory.options.peer_is_down {
            laboratory.start_peer().await;
        }
        laboratory
    }

    /// Brings the peer up.
    pub(crate) async fn start_peer(&mut self) {
        let listener = TcpListener::bind(self.p1).await.unwrap();
        let options = peer::Options {
            print: peer::Print::Nothing,
            callers: self.options.callers.clone(),
            ..peer::Options::default()
        };
        let transcript = Arc::clone(&self.transcript);
        let recorder = Box::new(move || -> Box<dyn Recorder> { Box::new(Tape(Arc::clone(&transcript))) });
        let arrivals = self.arrivals.clone();
        let stopped = self.stop.subscribe();
        let listening = peer::listen(options, listener, Some(recorder), arrivals, stopped);
        self.peer = Some(tokio::spawn(async { listening.await.unwrap() }));
    }

    /// The next MTS-APDU the peer has secured.
    pub(crate) async fn next_apdu(&mut self) -> Bytes {
        tokio::time::timeout(PATIENCE, self.arrived.recv()).await.expect("nothing arrived in time").unwrap()
    }

    /// Whether nothing more has arrived.
    pub(crate) fn no_apdu_yet(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }

    /// Why the last attempt of the only queued message failed.
    pub(crate) async fn last_diagnosis(&self) -> String {
        use x400_gateway::queue::store::{Filter, Store as _};
        let diagnosis = async {
            loop {
                let all = Filter { state: None, after: None, limit: 1 };
                if let Some(summary) = self.store.list(all).await.unwrap().first() {
                    let tracked = self.store.load(summary.id).await.unwrap().unwrap();
                    assert_eq!(tracked.entry.pending().count(), tracked.entry.envelope.recipients.len());
                    if let Some(diagnosis) = &tracked.entry.envelope.recipients[0].last_diagnosis {
                        return diagnosis.clone();
                    }
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, diagnosis).await.expect("no attempt was made in time")
    }

    /// Ends everything in order; what went over the P1 connections is returned.
    pub(crate) async fn stop(self) -> Transcript {
        self.gateway.stop().await;
        let _ = self.stop.send(true);
        if let Some(peer) = self.peer {
            tokio::time::timeout(PATIENCE, peer).await.expect("the peer did not end in time").unwrap();
        }
        Arc::try_unwrap(self.transcript)
            .map_or_else(|kept| kept.lock().unwrap().clone(), |own| own.into_inner().unwrap())
    }
}

/// Records one association after the other; the peer is the responder.
struct Tape(Arc<Mutex<Transcript>>);

impl Recorder for Tape {
    fn octets(&mut self, direction: Direction, octets: &[u8]) {
        let side = match direction {
            Direction::Received => Side::Initiator,
            Direction::Sent => Side::Responder,
        };
        self.0.lock().unwrap().push((side, octets.to_vec()));
    }
}

/// Whether `whole` has `part` in it, whatever headers stand around it.
pub(crate) fn contains(whole: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.get(..16.min(part.len())) else { return true };
    whole
        .windows(first.len())
        .enumerate()
        .filter(|(_, window)| *window == first)
        .any(|(offset, _)| whole[offset..].starts_with(part))
}
