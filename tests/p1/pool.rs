//! The pool of associations to one peer, over loopback: how many it opens, what becomes of messages when the peer refuses,
//! dies or is not there, and how it closes.
//!
//! The text of a message tells the peer what to do with it; see [`Inbox::message`].

use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use x400_gateway::mta::association::{Ending, Settings};
use x400_gateway::mta::bind::{Identity, Known, Password, Trust};
use x400_gateway::mta::listener::{Caller, Responder, Security, Whole, WholeInbound};
use x400_gateway::mta::pool::schedule::{BackOff, Isolation, Policy, Priority};
use x400_gateway::mta::pool::{Message, Peer, Pool, TransferError};
use x400_gateway::osi::driver::{Direction, Recorder};
use x400_gateway::osi::stack::{Config as StackConfig, TransferRefusal};

use crate::authority;
mod cut;
mod hosts;
mod order;
mod poison;
mod tls;

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the peer has seen so far.
#[derive(Debug, Clone, Default)]
struct Seen {
    bound: usize,
    /// How the associations ended.
    endings: Vec<String>,
    arrived: usize,
    /// Their texts, in the order in which they came.
    order: Vec<String>,
    /// How many of them were to be held.
    held: usize,
}

/// The peer's side of every association.
struct Inbox {
    seen: watch::Sender<Seen>,
    /// One permit lets one message go on that is held.
    gate: Arc<Semaphore>,
    dies_when_bound: bool,
}

impl Inbox {
    fn new() -> Self {
        Self { seen: watch::Sender::default(), gate: Arc::new(Semaphore::new(0)), dies_when_bound: false }
    }
}

/// The task of an association ends and its connection with it, without a word. Nothing is printed, unlike for a panic.
fn die() -> ! {
    resume_unwind(Box::new("the peer dies"))
}

impl WholeInbound for Inbox {
    async fn message(&self, _caller: &Caller, apdu: Bytes) -> Result<(), TransferRefusal> {
        let text = std::str::from_utf8(&apdu).unwrap();
        self.seen.send_modify(|seen| {
            seen.arrived += 1;
            seen.order.push(text.chars().take(20).collect());
        });
        if text.starts_with("hold") {
            self.seen.send_modify(|seen| seen.held += 1);
            self.gate.acquire().await.unwrap().forget();
        }
        match text {
            "later" => Err(TransferRefusal::Temporary),
            "never" => Err(TransferRefusal::Permanent),
            "die" | "hold, then die" => die(),
            _ => Ok(()),
        }
    }

    fn bound(&self, _caller: &Caller) {
        self.seen.send_modify(|seen| seen.bound += 1);
        if self.dies_when_bound {
            die();
        }
    }

    fn ended(&self, _caller: &Caller, ending: &Ending) {
        self.seen.send_modify(|seen| seen.endings.push(ending.to_string()));
    }
}

fn settings(name: &str, trust: Trust) -> Settings {
    Settings {
        identity: Identity { name: name.into(), password: Some("secret".into()), ..Identity::default() },
        trust,
        transfer_timeout: PATIENCE,
        idle: PATIENCE,
        ..Settings::default()
    }
}

fn anyone() -> Trust {
    Trust { known: Vec::new(), anyone: true }
}

/// How the tests reach a peer; each changes what it is about.
fn peer_at(address: SocketAddr, maximum_associations: usize) -> Peer {
    Peer {
        name: "the peer".into(),
        hosts: vec![address.to_string()],
        tls: None,
        stack: StackConfig::default(),
        settings: settings("gateway", anyone()),
        policy: Policy { maximum: maximum_associations, idle: PATIENCE, ..Policy::default() },
        connect_timeout: PATIENCE,
    }
}

/// A peer that answers associations until the test ends.
struct Laboratory {
    address: SocketAddr,
    seen: watch::Receiver<Seen>,
    gate: Arc<Semaphore>,
    _running: watch::Sender<bool>,
}

impl Laboratory {
    async fn start() -> Self {
        Self::with(Inbox::new(), anyone()).await
    }

    async fn with(inbound: Inbox, trust: Trust) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, inbound, Security::default(), trust).await
    }

    async fn secured(security: Security, trust: Trust) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, Inbox::new(), security, trust).await
    }

    async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        Self::on(listener, Inbox::new(), Security::default(), anyone()).await
    }

    async fn on(listener: TcpListener, inbound: Inbox, security: Security, trust: Trust) -> Self {
        let (seen, gate) = (inbound.seen.subscribe(), Arc::clone(&inbound.gate));
        let address = listener.local_addr().unwrap();
        let responder = Responder {
            stack: StackConfig::default(),
            settings: settings("peer", trust),
            maximum_associations: 100,
            maximum_message: 1_000_000,
            security,
            recorder: None,
            inbound: Whole::new(inbound),
        };
        let running = watch::Sender::new(false);
        tokio::spawn(responder.listen(listener, running.subscribe()));
        Self { address, seen, gate, _running: running }
    }

    fn pool(&self, maximum_associations: usize) -> Pool {
        Pool::new(peer_at(self.address, maximum_associations))
    }

    /// Waits until the peer has seen something.
    async fn sees(&mut self, what: impl FnMut(&Seen) -> bool) {
        drop(in_time(self.seen.wait_for(what)).await.unwrap());
    }

    fn bound(&self) -> usize {
        self.seen.borrow().bound
    }
}

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("nothing takes so long")
}

/// Something under way.
type Begun<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Transferring = Begun<Result<(), TransferError>>;

/// Begins something and returns at once, with what it has begun.
async fn begin<T: Send + 'static>(mut future: Begun<T>) -> Begun<T> {
    let mut early = None;
    std::future::poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            early = Some(value);
        }
        Poll::Ready(())
    })
    .await;
    match early {
        Some(value) => Box::pin(std::future::ready(value)),
        None => future,
    }
}

/// The number of the message that was handed over last.
static LAST: AtomicU64 = AtomicU64::new(0);

/// Hands a message to the pool; what comes back is its outcome when it is there.
async fn hand_over(pool: &Pool, text: &'static str) -> Transferring {
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    hand_over_as(pool, &number.to_string(), text, Priority::Normal).await
}

/// Hands over a message under a name.
async fn hand_over_as(pool: &Pool, name: &str, text: &'static str, priority: Priority) -> Transferring {
    let pool = pool.clone();
    let message = Message { priority, ..Message::new(name, Bytes::from_static(text.as_bytes())) };
    begin(Box::pin(async move { pool.transfer(message).await })).await
}

async fn transfer(pool: &Pool, text: &'static str) -> Result<(), TransferError> {
    in_time(hand_over(pool, text).await).await
}

/// Hands over several messages at once, and waits for none.
async fn hand_over_all(pool: &Pool, texts: &[&'static str]) -> Vec<Transferring> {
    let mut transferring = Vec::new();
    for text in texts {
        transferring.push(hand_over(pool, text).await);
    }
    transferring
}

/// An outcome in few words.
fn in_words(outcome: &Result<(), TransferError>) -> &'static str {
    match outcome {
        Ok(()) => "secured",
        Err(TransferError::NotTaken { retry: true, .. }) => "not taken, try again",
        Err(TransferError::NotTaken { retry: false, .. }) => "not taken for good",
        Err(TransferError::NoAssociation { why, .. }) if why == "the gateway is stopping" => "stopping",
        Err(TransferError::NoAssociation { .. }) => "no association",
    }
}

async fn outcomes(transferring: Vec<Transferring>) -> Vec<&'static str> {
    let mut words = Vec::new();
    for outcome in transferring {
        words.push(in_words(&in_time(outcome).await));
    }
    words
}

/// Why there is no association, and what to do about it.
fn no_association(outcome: Result<(), TransferError>) -> (String, String) {
    match outcome {
        Err(TransferError::NoAssociation { why, advice, .. }) => (why, advice),
        other => panic!("expected no association, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_one_after_another_go_over_one_association() {
    let laboratory = Laboratory::start().await;
    let pool = laboratory.pool(4);
    for _ in 0..50 {
        transfer(&pool, "secure").await.unwrap();
    }
    assert_eq!(laboratory.bound(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_at_once_go_over_as_many_associations_as_may_be() {
    let mut laboratory = Laboratory::start().await;
    let pool = laboratory.pool(3);
    let transferring = hand_over_all(&pool, &["hold"; 8]).await;
    laboratory.sees(|seen| seen.held == 3).await;
    laboratory.gate.add_permits(8);
    assert_eq!(outcomes(transferring).await, ["secured"; 8]);
    let transferring = hand_over_all(&pool, &["secure"; 20]).await;
    assert_eq!(outcomes(transferring).await, ["secured"; 20]);
    assert_eq!(laboratory.bound(), 3, "and not one more");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_association_stays_when_the_peer_refuses_for_now() {
    let laboratory = Laboratory::start().await;
    let pool = laboratory.pool(1);
    let transferring = hand_over_all(&pool, &["secure", "later", "secure"]).await;
    assert_eq!(outcomes(transferring).await, ["secured", "not taken, try again", "secured"]);
    assert_eq!(laboratory.bound(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_refused_for_good_does_not_take_others_along() {
    let laboratory = Laboratory::start().await;
    let pool = laboratory.pool(1);
    let transferring = hand_over_all(&pool, &["secure", "never", "secure"]).await;
    assert_eq!(outcomes(transferring).await, ["secured", "not taken for good", "secured"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_association_closes_and_the_next_message_opens_another() {
    let mut laboratory = Laboratory::start().await;
    let mut peer = peer_at(laboratory.address, 4);
    peer.policy.idle = Duration::from_millis(20);
    let pool = Pool::new(peer);
    for round in 1..=3 {
        transfer(&pool, "secure").await.unwrap();
        laboratory.sees(|seen| seen.endings == vec!["closed"; round]).await;
    }
    assert_eq!(laboratory.bound(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_dies_keeps_only_the_message_under_way_from_its_goal() {
    let mut laboratory = Laboratory::start().await;
    let pool = laboratory.pool(1);
    let doomed = hand_over(&pool, "hold, then die").await;
    laboratory.sees(|seen| seen.held == 1).await;
    let behind = hand_over_all(&pool, &["secure"; 3]).await;
    // It might go on over another association, and is tried until it is suspected itself.
    laboratory.gate.add_permits(3);
    assert_eq!(outcomes(vec![doomed]).await, ["not taken, try again"]);
    assert_eq!(outcomes(behind).await, ["secured"; 3]);
    assert_eq!(laboratory.bound(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_dies_at_every_message_leaves_nobody_waiting() {
    let laboratory = Laboratory::start().await;
    let pool = laboratory.pool(2);
    let transferring = hand_over_all(&pool, &["die"; 5]).await;
    // Each is tried again, since it might go on, until it is suspected itself or the host is.
    let all = outcomes(transferring).await;
    assert!(all.iter().all(|word| ["not taken, try again", "no association"].contains(word)), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_dies_at_every_bind_leaves_nobody_waiting() {
    let dying = Inbox { dies_when_bound: true, ..Inbox::new() };
    let laboratory = Laboratory::with(dying, anyone()).await;
    let pool = laboratory.pool(2);
    for _ in 0..3 {
        let transferring = hand_over_all(&pool, &["secure"; 5]).await;
        assert_eq!(outcomes(transferring).await, ["no association"; 5]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_hangs_up_leaves_nobody_waiting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool = Pool::new(peer_at(listener.local_addr().unwrap(), 2));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 100]).await;
        }
    });
    let transferring = hand_over_all(&pool, &["secure"; 5]).await;
    assert_eq!(outcomes(transferring).await, ["no association"; 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_bind_says_which_layer_and_what_to_do() {
    let other_password = Trust {
        known: vec![Known { password: Some(Password("other".into())), ..Known::named("gateway") }],
        anyone: false,
    };
    let laboratory = Laboratory::with(Inbox::new(), other_password).await;
    let (why, advice) = no_association(transfer(&laboratory.pool(1), "secure").await);
    assert!(why.contains("application") && why.contains("authentication"), "{why}");
    assert!(advice.contains("MTA name and password"), "{advice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_not_there_is_told_by_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (why, advice) = no_association(transfer(&Pool::new(peer_at(address, 1)), "secure").await);
    assert!(why.starts_with(&address.to_string()), "{why}");
    assert!(advice.contains("address and port"), "{advice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_associations_closes_at_once() {
    let laboratory = Laboratory::start().await;
    let pool = laboratory.pool(1);
    in_time(pool.close(PATIENCE * 2)).await;
    assert_eq!(in_words(&transfer(&pool, "secure").await), "stopping");
    assert_eq!(laboratory.bound(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_closes_unbinds_what_is_idle() {
    let mut laboratory = Laboratory::start().await;
    let pool = laboratory.pool(2);
    let transferring = hand_over_all(&pool, &["hold"; 2]).await;
    laboratory.sees(|seen| seen.held == 2).await;
    laboratory.gate.add_permits(2);
    assert_eq!(outcomes(transferring).await, ["secured"; 2]);
    in_time(pool.close(PATIENCE * 2)).await;
    laboratory.sees(|seen| seen.endings == ["closed"; 2]).await;
    assert_eq!(in_words(&transfer(&pool, "secure").await), "stopping");
    assert_eq!(laboratory.bound(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_closes_lets_the_message_under_way_end_and_begins_no_other() {
    let mut laboratory = Laboratory::start().await;
    let pool = laboratory.pool(1);
    let under_way = hand_over(&pool, "hold").await;
    laboratory.sees(|seen| seen.held == 1).await;
    let behind = hand_over_all(&pool, &["secure"; 2]).await;
    let closing = pool.clone();
    let closed = begin(Box::pin(async move { closing.close(PATIENCE * 2).await })).await;
    assert_eq!(outcomes(behind).await, ["stopping"; 2]);
    assert_eq!(in_words(&transfer(&pool, "secure").await), "stopping");
    laboratory.gate.add_permits(1);
    assert_eq!(outcomes(vec![under_way]).await, ["secured"]);
    in_time(closed).await;
    laboratory.sees(|seen| seen.endings == ["closed"]).await;
    assert_eq!((laboratory.bound(), laboratory.seen.borrow().arrived), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_closes_though_a_peer_does_not_answer_its_bind() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let pool = Pool::new(peer_at(listener.local_addr().unwrap(), 2));
    let waiting = hand_over_all(&pool, &["secure"; 3]).await;
    let _silent = in_time(listener.accept()).await.unwrap();
    in_time(pool.close(PATIENCE * 2)).await;
    assert_eq!(outcomes(waiting).await, ["stopping"; 3]);
}

/// Breaks down over a message that says so.
struct Fragile;

impl Recorder for Fragile {
    fn octets(&mut self, direction: Direction, octets: &[u8]) {
        if direction == Direction::Sent && octets.windows(5).any(|part| part == b"break") {
            die();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_association_that_breaks_down_gives_its_place_back() {
    let mut laboratory = Laboratory::start().await;
    let recorder = || Box::new(Fragile) as Box<dyn Recorder>;
    let pool = Pool::with_recorder(peer_at(laboratory.address, 1), Some(Box::new(recorder)));
    for round in 1..=3 {
        let first = hand_over(&pool, "hold").await;
        laboratory.sees(|seen| seen.held == round).await;
        let behind = hand_over_all(&pool, &["break", "secure"]).await;
        laboratory.gate.add_permits(1);
        assert_eq!(outcomes(vec![first]).await, ["secured"]);
        assert_eq!(outcomes(behind).await, ["not taken, try again", "secured"]);
    }
    transfer(&pool, "secure").await.unwrap();
    in_time(pool.close(PATIENCE * 2)).await;
}
