//! The gateway's side of associations with the lab peer: the pool that opens them and the listener that answers them,
//! with short timers.

#![allow(dead_code, reason = "each test target uses a part")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::watch;
use x400_gateway::mta::association::Settings;
use x400_gateway::mta::bind::{Identity, Trust};
use x400_gateway::mta::listener::{Caller, Responder, Security, Whole, WholeInbound};
use x400_gateway::mta::pool::schedule::{BackOff, Isolation, Policy};
use x400_gateway::mta::pool::{Message, Peer, Pool, TransferError};
use x400_gateway::mta::suspended::Limits;
use x400_gateway::osi::stack::{Config as StackConfig, DialogueMode, Mode, Timers, TransferRefusal};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Timers of which each is `time`, so that a peer that stalls is given up soon.
pub(crate) fn timers(time: Duration) -> Timers {
    Timers { connect: time, transfer: time, recovery: time, release: time, idle: Some(time) }
}

/// How long a host rests that failed.
const BACK_OFF: Duration = Duration::from_millis(200);

pub(crate) fn settings(name: &str, time: Duration) -> Settings {
    Settings {
        identity: Identity { name: name.into(), password: Some("secret".into()), ..Identity::default() },
        trust: Trust { known: Vec::new(), anyone: true },
        transfer_timeout: time,
        idle: Duration::from_millis(20),
        ..Settings::default()
    }
}

/// A pool with one association to the lab peer.
pub(crate) fn pool(address: SocketAddr, time: Duration, dialogue_mode: DialogueMode, mode: Mode) -> Pool {
    pool_waiting(address, time, time, dialogue_mode, mode)
}

/// As [`pool`], with another time for what comes before the first transfer.
pub(crate) fn pool_waiting(
    address: SocketAddr,
    connect: Duration,
    time: Duration,
    dialogue_mode: DialogueMode,
    mode: Mode,
) -> Pool {
    Pool::new(peer_waiting(address, connect, time, dialogue_mode, mode))
}

/// The lab peer as a pool has it.
pub(crate) fn peer_waiting(
    address: SocketAddr,
    connect: Duration,
    time: Duration,
    dialogue_mode: DialogueMode,
    mode: Mode,
) -> Peer {
    Peer {
        name: "lab".into(),
        hosts: vec![address.to_string()],
        tls: None,
        stack: StackConfig {
            timers: Timers { connect, ..timers(time) },
            checkpoint_size: 1,
            dialogue_mode,
            mode,
            ..StackConfig::default()
        },
        settings: settings("gateway", time),
        policy: Policy {
            maximum: 1,
            idle: Duration::from_millis(20),
            back_off: BackOff { first: BACK_OFF, ..BackOff::default() },
            // What ends an association is not tried again by the pool itself: the test does that.
            isolation: Isolation { after: 0, ..Isolation::default() },
            ..Policy::default()
        },
        connect_timeout: connect,
    }
}

/// Transfers one message; what became of it, in few words.
pub(crate) async fn transfer(pool: &Pool, name: &str, apdu: Vec<u8>) -> &'static str {
    let outcome = tokio::time::timeout(PATIENCE, pool.transfer(Message::new(name, Bytes::from(apdu)))).await;
    match outcome.expect("a transfer does not take so long") {
        Ok(()) => "secured",
        Err(TransferError::NotTaken { retry: true, .. }) => "not taken for now",
        Err(TransferError::NotTaken { retry: false, .. }) => "not taken for good",
        Err(TransferError::NoAssociation { .. }) => "no association",
    }
}

/// A listener of the gateway, and what it has secured.
pub(crate) struct Listening {
    pub(crate) address: SocketAddr,
    secured: Arc<Mutex<Vec<Bytes>>>,
    _running: watch::Sender<bool>,
}

impl Listening {
    pub(crate) async fn start(time: Duration) -> Self {
        Self::start_with(time, Security::default(), settings("gateway", time).trust).await
    }

    /// With TLS, and for certain callers.
    pub(crate) async fn start_with(time: Duration, security: Security, trust: Trust) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let secured = Arc::default();
        let responder = Responder {
            stack: StackConfig { timers: timers(time), checkpoint_size: 1, ..StackConfig::default() },
            settings: Settings { trust, ..settings("gateway", time) },
            maximum_associations: 10,
            maximum_message: 10 << 20,
            security,
            recorder: None,
            inbound: Whole::new(Inbox(Arc::clone(&secured))),
        };
        let running = watch::Sender::new(false);
        tokio::spawn(responder.listen(listener, running.subscribe()));
        Self { address, secured, _running: running }
    }

    /// Takes messages that come over associations of a pool as well.
    #[allow(dead_code, reason = "not for every test that plays the gateway")]
    pub(crate) fn takes_over(&self, pool: &Pool) {
        pool.take_messages(Whole::new(Inbox(Arc::clone(&self.secured))), 10 << 20, Limits::default());
    }

    /// Waits until so many MTS-APDUs are secured; all of them.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Bytes> {
        let come = async {
            while self.secured().len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, come).await.expect("not so many arrived in time");
        self.secured()
    }

    /// Every MTS-APDU that was secured, in order.
    pub(crate) fn secured(&self) -> Vec<Bytes> {
        self.secured.lock().unwrap().clone()
    }
}

struct Inbox(Arc<Mutex<Vec<Bytes>>>);

impl WholeInbound for Inbox {
    async fn message(&self, _caller: &Caller, apdu: Bytes) -> Result<(), TransferRefusal> {
        self.0.lock().unwrap().push(apdu);
        Ok(())
    }
}
