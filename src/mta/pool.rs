//! The shell that transfers messages to one peer: associations are opened when there is something to transfer, used again
//! as long as there is, and closed when idle.
//!
//! Messages wait in one queue. Each association has a worker that takes the next message from it as soon as the one before
//! is done with; a message that comes when no worker is free starts one more, up to the number that may be.
#![expect(clippy::disallowed_methods, reason = "shell: opens connections and reads the clock")]

pub mod schedule;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot, watch};

use super::association::{Association, Ending, Event, Request, Settings};
use super::content::Content;
use super::link::Link;
use crate::osi::driver::{Driver, Recorder};
use crate::osi::stack::{Config as StackConfig, Stack, TransferRefusal};
use crate::quirk::Quirks;

/// An MTA to which messages are transferred.
#[derive(Debug, Clone)]
pub struct Peer {
    /// What the operator calls it.
    pub name: String,
    /// Host name or address, and port.
    pub address: String,
    /// Selectors, sizes and timers.
    pub stack: StackConfig,
    /// Names, passwords and patience.
    pub settings: Settings,
    /// Associations at the same time.
    pub maximum_associations: usize,
    /// How long the TCP connection may take.
    pub connect_timeout: Duration,
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
    },
    /// The transfer was begun and not confirmed.
    #[error("{peer} did not take the message: {why}")]
    NotTaken {
        /// The peer's name.
        peer: String,
        /// Why.
        why: String,
        /// Whether the same message may be tried again.
        retry: bool,
    },
}

/// One message on its way to the peer.
struct Job {
    content: Content,
    done: oneshot::Sender<Result<(), TransferError>>,
}

/// What waits, and who works on it.
#[derive(Default)]
struct Work {
    jobs: VecDeque<Job>,
    associations: usize,
    /// Associations that take what waits next: they are idle, or about to be bound.
    free: usize,
}

struct Shared {
    peer: Peer,
    work: Mutex<Work>,
    /// Something waits for an association that is idle.
    more: Notify,
    /// Whether the pool closes. Set while `work` is locked; each worker holds a receiver until it has ended.
    closing: watch::Sender<bool>,
    recorder: Option<RecorderFactory>,
}

/// Makes a recorder for each new association.
pub type RecorderFactory = Box<dyn Fn() -> Box<dyn Recorder> + Send + Sync>;

/// The associations to one peer. Cheap to clone.
#[derive(Clone)]
pub struct Pool(Arc<Shared>);

impl Pool {
    /// A pool without associations yet.
    #[must_use]
    pub fn new(peer: Peer) -> Self {
        Self::with_recorder(peer, None)
    }

    /// A pool whose associations are recorded.
    #[must_use]
    pub fn with_recorder(peer: Peer, recorder: Option<RecorderFactory>) -> Self {
        Self(Arc::new(Shared {
            peer,
            work: Mutex::default(),
            more: Notify::new(),
            closing: watch::Sender::new(false),
            recorder,
        }))
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

    /// Transfers one MTS-APDU. Returns when the peer has secured it, so it may be forgotten then.
    ///
    /// # Errors
    /// [`TransferError`]: the message is still the caller's.
    pub async fn transfer(&self, content: impl Into<Content>) -> Result<(), TransferError> {
        let content = content.into();
        let (done, outcome) = oneshot::channel();
        {
            let mut work = self.0.work();
            if self.0.is_closing() {
                return Err(self.0.stopping());
            }
            work.jobs.push_back(Job { content, done });
        }
        self.0.find_worker();
        // Only a worker that is gone without a word drops a job, and then nobody knows how far the transfer had come.
        outcome.await.unwrap_or_else(|_| Err(self.0.not_taken(GONE.into(), true)))
    }

    /// Unbinds every association as soon as nothing is under way on it; returns when all have ended, or when patience
    /// has. What has not been begun is not transferred any more. For the end of a gateway: the pool is not opened again.
    pub async fn close(&self, patience: Duration) {
        {
            let mut work = self.0.work();
            self.0.closing.send_replace(true);
            work.fail_all(&self.0.stopping());
        }
        if tokio::time::timeout(patience, self.0.closing.closed()).await.is_err() {
            tracing::warn!(peer = %self.0.peer.name, "associations did not close in time");
        }
    }
}

impl Shared {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Gives what waits to an association that is idle, or opens one more.
    fn find_worker(self: &Arc<Self>) {
        let another = {
            let mut work = self.work();
            let room = work.associations < self.peer.maximum_associations.max(1);
            (work.lacks_workers() && room && !self.is_closing()).then(|| Worker::new(self, &mut work))
        };
        match another {
            Some(worker) => drop(tokio::spawn(worker.run())),
            None => self.more.notify_one(),
        }
    }

    async fn connect(&self) -> Result<Link, TransferError> {
        let Peer { address, stack, settings, connect_timeout, .. } = &self.peer;
        let unreachable = |why: &str| {
            let advice = "check the address and port, and whether a firewall lets RFC 1006 through";
            self.no_association(&format!("{address}: {why}"), advice)
        };
        let stream = match tokio::time::timeout(*connect_timeout, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(unreachable(&error.to_string())),
            Err(_) => return Err(unreachable("no answer to the connection")),
        };
        let recorder = self.recorder.as_ref().map(|make| make());
        let (dialogue_mode, mode) = (stack.dialogue_mode, stack.mode);
        let driver = Driver::new(stream, Stack::initiator(stack.clone(), Instant::now()), recorder);
        Ok(Link::new(driver, Association::initiator(settings.clone(), dialogue_mode, mode)))
    }

    fn no_association(&self, why: &str, advice: &str) -> TransferError {
        TransferError::NoAssociation {
            peer: self.peer.name.clone(),
            why: why.to_owned(),
            advice: advice.to_owned(),
        }
    }

    fn not_taken(&self, why: String, retry: bool) -> TransferError {
        TransferError::NotTaken { peer: self.peer.name.clone(), why, retry }
    }

    fn stopping(&self) -> TransferError {
        self.no_association("the gateway is stopping", "")
    }
}

impl Work {
    /// Whether more waits than the associations we have are going to take next.
    fn lacks_workers(&self) -> bool {
        self.free < self.jobs.len()
    }

    /// The next message that somebody still waits for.
    fn next_job(&mut self) -> Option<Job> {
        std::iter::from_fn(|| self.jobs.pop_front()).find(|job| !job.done.is_closed())
    }

    fn fail_all(&mut self, error: &TransferError) {
        for job in self.jobs.drain(..) {
            let _ = job.done.send(Err(error.clone()));
        }
    }
}

/// Why a worker is gone that did not say why.
const GONE: &str = "the association ended unexpectedly";

/// Keeps one association, and another after it if that is worth it. Counted in [`Work`] until it retires or is dropped,
/// be it by a panic.
struct Worker {
    shared: Arc<Shared>,
    closing: watch::Receiver<bool>,
    /// Counted in [`Work::associations`].
    counted: bool,
    /// Counted in [`Work::free`].
    free: bool,
    /// A transfer was begun on this association, so it was more than a handshake.
    tried: bool,
}

impl Worker {
    fn new(shared: &Arc<Shared>, work: &mut Work) -> Self {
        work.associations += 1;
        work.free += 1;
        let (shared, closing) = (Arc::clone(shared), shared.closing.subscribe());
        Self { shared, closing, counted: true, free: true, tried: false }
    }

    async fn run(mut self) {
        loop {
            let outcome = self.associate().await;
            if !self.goes_on(outcome) {
                return;
            }
        }
    }

    /// The life of one association.
    async fn associate(&mut self) -> Result<(), TransferError> {
        self.tried = false;
        let mut closing = self.closing.clone();
        tokio::select! {
            link = self.shared.connect() => self.work_on(link?).await,
            () = told_to_close(&mut closing) => Err(self.shared.stopping()),
        }
    }

    /// Binds, then transfers what waits until the association ends.
    async fn work_on(&mut self, mut link: Link) -> Result<(), TransferError> {
        let shared = Arc::clone(&self.shared);
        let mut current: Option<Job> = None;
        let (mut bound, mut broken, mut asked_to_close) = (false, false, false);
        loop {
            let event = tokio::select! {
                // What the association says comes before the next message, which would be lost on one that has ended.
                biased;
                () = told_to_close(&mut self.closing), if !asked_to_close => {
                    asked_to_close = true;
                    let _ = link.request(Request::Close);
                    continue;
                }
                event = link.next() => event,
                () = shared.more.notified(), if bound && self.free => {
                    current = self.start_next(&mut link);
                    continue;
                }
            };
            match event {
                Some(Event::Ready { peer, mode }) => {
                    tracing::debug!(peer = %shared.peer.name, name = %peer, %mode, "bound");
                    bound = true;
                    current = self.start_next(&mut link);
                }
                Some(Event::Sent) => {
                    broken = false;
                    self.finish(current.take(), Ok(()));
                    current = self.start_next(&mut link);
                }
                Some(Event::NotSent { why, retry }) => {
                    broken = true;
                    self.finish(current.take(), Err(shared.not_taken(why, retry)));
                    shared.more.notify_one();
                }
                // An initiator of ours takes no messages: give the peer a reason and let it open its own association.
                Some(Event::MessageStart) => drop(link.request(Request::Refuse(TransferRefusal::Temporary))),
                Some(Event::MessageData(_) | Event::MessageEnd | Event::MessageDropped { .. }) => {}
                Some(Event::Ended(Ending::Closed)) if bound => return Ok(()),
                Some(Event::Ended(ending)) => {
                    let advice = ending.advice();
                    // For whoever reads the log by associations: the message has a line of its own.
                    if broken {
                        tracing::warn!(peer = %shared.peer.name, why = %ending, advice, "association lost after a transfer failed");
                    }
                    return Err(shared.no_association(&ending.to_string(), advice));
                }
                None => return Err(shared.no_association(GONE, "")),
            }
        }
    }

    /// Takes the next message and starts its transfer.
    fn start_next(&mut self, link: &mut Link) -> Option<Job> {
        let shared = Arc::clone(&self.shared);
        let job = {
            let mut work = shared.work();
            let job = work.next_job();
            self.set_free(&mut work, job.is_none());
            // Several calls may have become one.
            if !work.jobs.is_empty() {
                shared.more.notify_one();
            }
            job?
        };
        if link.request(Request::Transfer(job.content.clone().into())).is_ok() {
            self.tried = true;
            return Some(job);
        }
        // The association is about to end: the message is for another one.
        shared.work().jobs.push_front(job);
        shared.find_worker();
        None
    }

    /// Tells what became of a message. Whoever hears it finds this association free for the next one.
    fn finish(&mut self, job: Option<Job>, outcome: Result<(), TransferError>) {
        let shared = Arc::clone(&self.shared);
        self.set_free(&mut shared.work(), true);
        if let Some(job) = job {
            let _ = job.done.send(outcome);
        }
    }

    /// Whether another association is worth it after one that came about and did something, or closed in order.
    /// Otherwise the worker has retired.
    fn goes_on(&mut self, outcome: Result<(), TransferError>) -> bool {
        let shared = Arc::clone(&self.shared);
        let mut work = shared.work();
        self.set_free(&mut work, false);
        let was_of_use = outcome.is_ok() || self.tried;
        if was_of_use && work.lacks_workers() && !shared.is_closing() {
            self.set_free(&mut work, true);
            return true;
        }
        self.retire(&mut work, outcome.err());
        false
    }

    /// Leaves what waits to the other workers. The last one tells it why, since it would wait for ever.
    fn retire(&mut self, work: &mut Work, why: Option<TransferError>) {
        self.set_free(work, false);
        self.counted = false;
        work.associations -= 1;
        let name = &self.shared.peer.name;
        if work.associations > 0 || work.jobs.is_empty() {
            if let Some(error) = why {
                tracing::info!(peer = %name, %error, "association ended");
            }
            self.shared.more.notify_one();
            return;
        }
        let error = why.filter(|_| !self.shared.is_closing()).unwrap_or_else(|| self.shared.stopping());
        tracing::warn!(peer = %name, %error, "no association");
        work.fail_all(&error);
    }

    fn set_free(&mut self, work: &mut Work, free: bool) {
        work.free -= usize::from(self.free);
        work.free += usize::from(free);
        self.free = free;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if self.counted {
            let shared = Arc::clone(&self.shared);
            self.retire(&mut shared.work(), Some(shared.no_association(GONE, "")));
        }
    }
}

/// Waits until the pool closes.
async fn told_to_close(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|closing| *closing).await;
}
