//! The shell that transfers messages to one peer.
//!
//! [`schedule`] decides which message goes over which association, and when associations are opened and closed; each
//! association has a `worker` of its own that does as it is told and says what happened; an alarm stands for the clock.
//! All of them meet in `Shared::with`.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::AbortHandle;

use super::arrivals;
use super::association::Settings;
use super::content::Content;
use super::listener::Inbound;
use super::suspended::Limits;
use super::tls::Initiator;
use crate::osi::driver::Recorder;
use crate::osi::stack::{Config as StackConfig, Reference, Resumable};
use crate::quirk::Quirks;

mod inlet;
pub mod schedule;
mod worker;

use inlet::Inlet;
use schedule::{Action, AssociationId, HostState, JobId, Offer, Policy, Priority, Scheduler, Verdict};
use worker::{Order, Worker};

/// An MTA to which messages are transferred.
#[derive(Debug, Clone)]
pub struct Peer {
    /// What the operator calls it.
    pub name: String,
    /// Host names or addresses, each with its port, in the order in which they are tried.
    pub hosts: Vec<String>,
    /// TLS under RFC 1006, if it is spoken.
    pub tls: Option<Initiator>,
    /// Selectors, sizes and timers.
    pub stack: StackConfig,
    /// Names, passwords and patience; when an association is idle is the policy's to say.
    pub settings: Settings,
    /// How many associations there are, and who goes first.
    pub policy: Policy,
    /// How long the TCP connection, and TLS on it, may take.
    pub connect_timeout: Duration,
}

/// A message to be transferred.
#[derive(Debug, Clone)]
pub struct Message {
    /// Names the message, the same for each attempt; what is known of it is kept under this name.
    pub name: Arc<str>,
    /// BER of the MTS-APDU.
    pub content: Content,
    /// How soon it is wanted.
    pub priority: Priority,
}

impl Message {
    /// A message of normal priority.
    #[must_use]
    pub fn new(name: &str, content: impl Into<Content>) -> Self {
        Self { name: name.into(), content: content.into(), priority: Priority::Normal }
    }
}

/// Why a message was not transferred.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// There is no association, and no attempt was made with this message.
    #[error("no association with {peer}: {why}")]
    NoAssociation {
        /// The peer's name.
        peer: String,
        /// Which layer refused, or that nothing answers.
        why: String,
        /// What to do about it, or to ask the peer's operator.
        advice: String,
        /// No association is opened before so long from now.
        wait: Option<Duration>,
    },
    /// The transfer was begun and not confirmed, or must not be begun yet.
    #[error("{peer} did not take the message: {why}")]
    NotTaken {
        /// The peer's name.
        peer: String,
        /// Why.
        why: String,
        /// Whether the same message may be tried again.
        retry: bool,
        /// Not before so long from now.
        wait: Option<Duration>,
    },
}

/// How a pool is, for logs and operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolState {
    /// Each host with its address, in the order in which they are tried.
    pub hosts: Vec<(String, HostState)>,
    /// Messages that wait for an association.
    pub waiting: usize,
}

/// Makes a recorder for each new association.
pub type RecorderFactory = Box<dyn Fn() -> Box<dyn Recorder> + Send + Sync>;

/// The associations to one peer. Cheap to clone.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

impl Pool {
    /// A pool; what is to be open always is opened at once.
    #[must_use]
    pub fn new(peer: Peer) -> Self {
        Self::with_recorder(peer, None)
    }

    /// A pool whose associations are recorded.
    #[must_use]
    pub fn with_recorder(peer: Peer, recorder: Option<RecorderFactory>) -> Self {
        let scheduler = Scheduler::new(peer.policy.clone(), peer.hosts.len());
        let state = Mutex::new(State {
            scheduler,
            jobs: BTreeMap::new(),
            orders: BTreeMap::new(),
            alarm: None,
            lost: None,
            inlet: None,
        });
        let shared = Arc::new(Shared { peer, state, open: watch::Sender::default(), recorder });
        shared.with(|state, now| state.scheduler.timeout(now));
        Self(shared)
    }

    /// Takes what the peer sends over two-way alternate associations, from the next association on, until the pool is
    /// closed. Without it a peer is told to come another way.
    pub fn take_messages<I: Inbound>(&self, inbound: I, maximum_message: usize, suspended: Limits) {
        let shared = arrivals::Shared::new(inbound, maximum_message, suspended, false);
        self.0.state().inlet = Some(Arc::new(Arc::new(shared)));
    }

    /// What the operator calls the peer.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.peer.name
    }

    /// How the peer's oddities are dealt with.
    #[must_use]
    pub fn quirks(&self) -> Quirks {
        self.0.peer.settings.quirks
    }

    /// Transfers one message. Returns when the peer has secured it, so it may be forgotten then. If nobody waits any more
    /// it is not begun; once begun it goes on.
    ///
    /// # Errors
    /// [`TransferError`]: the message is still the caller's.
    pub async fn transfer(&self, message: Message) -> Result<(), TransferError> {
        let shared = &self.0;
        if message.content.length() == 0 {
            return Err(shared.in_words(Verdict::NotTaken {
                why: "it is empty".into(),
                retry: false,
                wait: None,
            }));
        }
        let (done, outcome) = oneshot::channel();
        let offer = Offer { key: message.name, priority: message.priority, length: message.content.length() };
        let job = Job { content: message.content, priority: message.priority, resume: None, done };
        let offered = shared.with(|state, now| {
            let id = state.scheduler.offer(offer, now)?;
            state.jobs.insert(id, job);
            Ok(id)
        });
        let _withdrawn_when_dropped =
            Offered { shared, id: offered.map_err(|verdict| shared.in_words(verdict))? };
        match outcome.await {
            Ok(Verdict::Secured) => Ok(()),
            Ok(verdict) => Err(shared.in_words(verdict)),
            Err(_) => Err(shared.in_words(Verdict::Stopping)),
        }
    }

    /// Whether a message of this name would be taken on now, for those who have work to do before.
    ///
    /// # Errors
    /// What [`Self::transfer`] would answer at once.
    pub fn would_take(&self, name: &str) -> Result<(), TransferError> {
        let verdict = self.0.state().scheduler.would_take(name, Instant::now());
        verdict.map_err(|verdict| self.0.in_words(verdict))
    }

    /// Whether TLS is spoken with the peer, and what of P1.
    #[must_use]
    pub fn speaks(&self) -> (bool, crate::osi::stack::Mode) {
        (self.0.peer.tls.is_some(), self.0.peer.stack.mode)
    }

    /// How the peer's hosts are.
    #[must_use]
    pub fn state(&self) -> PoolState {
        let (hosts, waiting) = self.0.state().scheduler.state(Instant::now());
        PoolState { hosts: self.0.peer.hosts.iter().cloned().zip(hosts).collect(), waiting }
    }

    /// Unbinds every association as soon as nothing is under way on it; returns when all have ended, or when patience
    /// has. What has not been begun is not transferred any more. For the end of a gateway: the pool is not opened again.
    pub async fn close(&self, patience: Duration) {
        self.0.with(|state, now| state.scheduler.close(now));
        if tokio::time::timeout(patience, self.0.open.closed()).await.is_err() {
            tracing::warn!(peer = %self.0.peer.name, "associations did not close in time");
        }
        self.0.state().inlet = None;
    }
}

/// A message on offer, withdrawn when nobody waits for its outcome any more.
struct Offered<'a> {
    shared: &'a Arc<Shared>,
    id: JobId,
}

impl Drop for Offered<'_> {
    fn drop(&mut self) {
        self.shared.with(|state, _| state.scheduler.withdraw(self.id));
    }
}

/// One message on its way to the peer.
struct Job {
    content: Content,
    priority: Priority,
    /// Where it can go on over another association, after it was cut off. Kept no longer than the offer: the next one may
    /// bring other octets.
    resume: Option<Resumable>,
    done: oneshot::Sender<Verdict>,
}

struct Shared {
    peer: Peer,
    state: Mutex<State>,
    /// Each worker holds a receiver until its association has ended.
    open: watch::Sender<()>,
    recorder: Option<RecorderFactory>,
}

struct State {
    scheduler: Scheduler,
    jobs: BTreeMap<JobId, Job>,
    /// The ears of the workers.
    orders: BTreeMap<AssociationId, mpsc::UnboundedSender<Order>>,
    alarm: Option<(Instant, AbortHandle)>,
    /// The last association that was lost with a message on it that can go on: its name, and the peer's.
    lost: Option<(Reference, String)>,
    /// Takes what the peer sends when it has the turn.
    inlet: Option<Arc<dyn Inlet>>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something has happened: the schedule hears of it, and what it wants is done. Nothing in here waits.
    fn with<R>(self: &Arc<Self>, tell: impl FnOnce(&mut State, Instant) -> R) -> R {
        let mut workers = Vec::new();
        let told = {
            let mut state = self.state();
            let told = tell(&mut state, Instant::now());
            while let Some(action) = state.scheduler.poll() {
                workers.extend(self.act(&mut state, action));
            }
            self.set_alarm(&mut state);
            told
        };
        // Not while the state is locked: where everything is coming down a new task is dropped at once, and says so here.
        for (worker, host) in workers {
            tokio::spawn(worker.run(host));
        }
        told
    }

    /// Does what the schedule wants; gives the worker that is to begin, if any, and the host it is for.
    fn act(self: &Arc<Self>, state: &mut State, action: Action) -> Option<(Worker, usize)> {
        match action {
            Action::Open { association, host } => {
                let (orders, ears) = mpsc::unbounded_channel();
                state.orders.insert(association, orders);
                return Some((Worker::new(self, association, ears), host));
            }
            Action::Transfer { association, job: id } => {
                if let (Some(orders), Some(job)) = (state.orders.get(&association), state.jobs.get(&id)) {
                    // A worker that is gone says so itself, and then the message goes to another.
                    let _ = orders.send(Order::transfer(id, job));
                }
            }
            Action::Close(association) => {
                if let Some(orders) = state.orders.get(&association) {
                    let _ = orders.send(Order::Close);
                }
            }
            Action::Tell { job, verdict } => {
                if let Some(job) = state.jobs.remove(&job) {
                    let _ = job.done.send(verdict);
                }
            }
            Action::Rests { host, wait } => {
                let (hosts, waiting) = state.scheduler.state(Instant::now());
                let failures = hosts.get(host).map_or(0, |host| host.failures);
                let why = hosts.get(host).map_or("", |host| &host.why);
                let address = self.address(host);
                tracing::warn!(peer = %self.peer.name, address, why, failures, wait = ?wait, waiting, "host rests");
            }
        }
        None
    }

    /// Sees to it that the schedule hears of its deadline. An alarm that rings too soon does no harm.
    fn set_alarm(self: &Arc<Self>, state: &mut State) {
        let Some(deadline) = state.scheduler.deadline() else { return };
        if state.alarm.as_ref().is_some_and(|(at, _)| *at <= deadline) {
            return;
        }
        if let Some((_, later)) = state.alarm.take() {
            later.abort();
        }
        let shared = Arc::downgrade(self);
        let ring = async move {
            tokio::time::sleep_until(deadline.into()).await;
            if let Some(shared) = shared.upgrade() {
                shared.with(|state, now| {
                    state.alarm = None;
                    state.scheduler.timeout(now);
                });
            }
        };
        state.alarm = Some((deadline, tokio::spawn(ring).abort_handle()));
    }

    fn address(&self, host: usize) -> &str {
        self.peer.hosts.get(host).map_or("", String::as_str)
    }

    fn in_words(&self, verdict: Verdict) -> TransferError {
        let peer = self.peer.name.clone();
        match verdict {
            Verdict::NotTaken { why, retry, wait } => TransferError::NotTaken { peer, why, retry, wait },
            Verdict::NoAssociation { why, advice, wait } => {
                TransferError::NoAssociation { peer, why, advice, wait }
            }
            Verdict::Secured | Verdict::Stopping => TransferError::NoAssociation {
                peer,
                why: "the gateway is stopping".into(),
                advice: String::new(),
                wait: None,
            },
        }
    }
}
