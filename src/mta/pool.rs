//! The shell that transfers messages to one peer: associations are opened when there is something to transfer, used again
//! as long as there is, and closed when idle.
#![expect(clippy::disallowed_methods, reason = "shell: opens connections and reads the clock")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot, watch};

use super::association::{Association, Ending, Event, Request, Settings};
use super::link::Link;
use crate::osi::driver::{Driver, Recorder};
use crate::osi::stack::{Config as StackConfig, Stack};

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
    pieces: Vec<Bytes>,
    done: oneshot::Sender<Result<(), TransferError>>,
}

/// What waits, and who works on it.
#[derive(Default)]
struct Work {
    jobs: VecDeque<Job>,
    associations: usize,
    idle: usize,
}

struct Shared {
    peer: Peer,
    work: Mutex<Work>,
    more: Notify,
    /// No association is opened any more, and those that are idle close.
    closing: watch::Sender<bool>,
    ended: Notify,
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
            ended: Notify::new(),
            recorder,
        }))
    }

    /// What the operator calls the peer.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.peer.name
    }

    /// Transfers one MTS-APDU. Returns when the peer has secured it, so it may be forgotten then.
    ///
    /// # Errors
    /// [`TransferError`]: the message is still the caller's.
    pub async fn transfer(&self, pieces: Vec<Bytes>) -> Result<(), TransferError> {
        let (done, outcome) = oneshot::channel();
        let open_another = {
            let mut work = self.0.work();
            work.jobs.push_back(Job { pieces, done });
            let needed =
                work.idle < work.jobs.len() && work.associations < self.0.peer.maximum_associations.max(1);
            work.associations += usize::from(needed);
            needed
        };
        if open_another {
            open_association(Arc::clone(&self.0));
        } else {
            self.0.more.notify_one();
        }
        outcome.await.unwrap_or_else(|_| Err(self.0.no_association("the association ended", "")))
    }
}

impl Pool {
    /// Unbinds every association as soon as nothing is under way on it; returns when all have ended, or when patience
    /// has. For the end of a gateway: the pool is not opened again.
    pub async fn close(&self, patience: Duration) {
        self.0.closing.send_replace(true);
        let all_ended = async {
            while self.0.work().associations > 0 {
                self.0.ended.notified().await;
            }
        };
        if tokio::time::timeout(patience, all_ended).await.is_err() {
            tracing::warn!(peer = %self.0.peer.name, "associations did not close in time");
        }
    }
}

impl Shared {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn no_association(&self, why: &str, advice: &str) -> TransferError {
        TransferError::NoAssociation {
            peer: self.peer.name.clone(),
            why: why.to_owned(),
            advice: advice.to_owned(),
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
        let dialogue_mode = stack.dialogue_mode;
        let driver = Driver::new(stream, Stack::initiator(stack.clone(), Instant::now()), recorder);
        Ok(Link::new(driver, Association::initiator(settings.clone(), dialogue_mode)))
    }
}

/// Lets one more association live.
fn open_association(shared: Arc<Shared>) {
    tokio::spawn(run(shared));
}

/// The life of one association.
async fn run(shared: Arc<Shared>) {
    let mut tried = false;
    let outcome = match shared.connect().await {
        Ok(link) => work_on(&shared, link, &mut tried).await,
        Err(error) => Err(error),
    };
    shared.ended.notify_one();
    let mut work = shared.work();
    work.associations -= 1;
    if work.jobs.is_empty() {
        if let Err(error) = outcome {
            tracing::info!(peer = %shared.peer.name, %error, "association ended, nothing was waiting for it");
        }
        return;
    }
    match outcome {
        // It came about and did something, or closed in order: what waits is worth another one.
        outcome if outcome.is_ok() || tried => {
            work.associations += 1;
            drop(work);
            open_association(shared);
        }
        // The last association has gone: what waits would wait for ever.
        Err(error) if work.associations == 0 => {
            tracing::warn!(peer = %shared.peer.name, %error, "no association");
            for job in std::mem::take(&mut work.jobs) {
                let _ = job.done.send(Err(error.clone()));
            }
        }
        // The others may be asleep, since this one was to do what waits.
        _ => shared.more.notify_one(),
    }
}

/// Binds, then transfers what waits until the association ends.
///
/// `tried` says whether a transfer was begun: then the association was more than a handshake.
async fn work_on(shared: &Shared, mut link: Link, tried: &mut bool) -> Result<(), TransferError> {
    let mut closing = shared.closing.subscribe();
    let mut current: Option<Job> = None;
    let (mut bound, mut broken, mut asked_to_close) = (false, false, false);
    loop {
        if bound && current.is_none() {
            current = start_next(shared, &mut link);
            *tried |= current.is_some();
        }
        let waiting = bound && current.is_none();
        shared.work().idle += usize::from(waiting);
        let event = tokio::select! {
            event = link.next() => Some(event),
            () = shared.more.notified(), if waiting => None,
            _ = closing.wait_for(|closing| *closing), if !asked_to_close => {
                asked_to_close = true;
                let _ = link.request(Request::Close);
                None
            }
        };
        shared.work().idle -= usize::from(waiting);
        let Some(event) = event else { continue };
        match event {
            Some(Event::Ready { peer }) => {
                tracing::debug!(peer = %shared.peer.name, name = %peer, "bound");
                bound = true;
            }
            Some(Event::Sent) => {
                broken = false;
                finish(&mut current, Ok(()));
            }
            Some(Event::NotSent { why, retry }) => {
                broken = true;
                let peer = shared.peer.name.clone();
                finish(&mut current, Err(TransferError::NotTaken { peer, why, retry }));
            }
            // An initiator of ours takes no messages: give the peer a reason and let it open its own association.
            Some(Event::MessageStart) => {
                let _ = link.request(Request::Refuse(crate::osi::stack::TransferRefusal::Temporary));
            }
            Some(Event::MessageData(_) | Event::MessageEnd | Event::MessageDropped { .. }) => {}
            Some(Event::Ended(Ending::Closed)) if bound => return Ok(()),
            Some(Event::Ended(ending)) => {
                // The message's own line says only that the association ended.
                if broken {
                    let (peer, advice) = (&shared.peer.name, ending.advice());
                    tracing::warn!(%peer, why = %ending, advice, "association lost after a transfer failed");
                }
                return Err(shared.no_association(&ending.to_string(), ending.advice()));
            }
            None => return Err(shared.no_association("the connection was lost", "")),
        }
    }
}

/// Takes the next message and starts its transfer.
fn start_next(shared: &Shared, link: &mut Link) -> Option<Job> {
    let mut job = next_job(&mut shared.work())?;
    let pieces = std::mem::take(&mut job.pieces);
    match link.request(Request::Transfer(pieces.clone())) {
        Ok(()) => Some(job),
        // The association is closing: the message waits for the next one.
        Err(_) => {
            job.pieces = pieces;
            shared.work().jobs.push_front(job);
            None
        }
    }
}

/// The next message that somebody still waits for.
fn next_job(work: &mut Work) -> Option<Job> {
    std::iter::from_fn(|| work.jobs.pop_front()).find(|job| !job.done.is_closed())
}

fn finish(current: &mut Option<Job>, outcome: Result<(), TransferError>) {
    if let Some(job) = current.take() {
        let _ = job.done.send(outcome);
    }
}
