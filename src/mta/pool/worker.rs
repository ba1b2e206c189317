//! One association of a pool: opened, told what to transfer, closed. Decides nothing.
#![expect(clippy::disallowed_methods, reason = "shell: opens connections and reads the clock")]

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

use super::inlet::Intake;
use super::schedule::{AssociationId, End, JobId, Priority, Scheduler};
use super::{Job, Peer, Shared};
use crate::mta::association::{Association, Ending, Event, Request, Settings, Transfer};
use crate::mta::link::Link;
use crate::mta::listener::Caller;
use crate::mta::stream::{Stream, Trouble};
use crate::mta::tls::Failure;
use crate::osi::driver::Driver;
use crate::osi::stack::{Config as StackConfig, Reference, Resumable, Resumption, Stack, TransferRefusal};

/// What a worker is told.
pub(super) enum Order {
    Transfer(JobId, Transfer),
    Close,
}

impl Order {
    pub(super) fn transfer(id: JobId, job: &Job) -> Self {
        // What a peer is told that has the turn; 0 would be for closing.
        let priority = match job.priority {
            Priority::Urgent => 1,
            Priority::Normal => 2,
            Priority::NonUrgent => 3,
        };
        let resume = job.resume.clone();
        Self::Transfer(id, Transfer { priority, resume, ..job.content.clone().into() })
    }
}

/// Keeps one association. The schedule hears of its end, be it by a panic.
pub(super) struct Worker {
    shared: Arc<Shared>,
    id: AssociationId,
    orders: mpsc::UnboundedReceiver<Order>,
    _open: watch::Receiver<()>,
    /// The message that was begun last, and how much of it the peer had already.
    current: Option<(JobId, u64)>,
    /// Where it can go on, if it was cut off with the association.
    resumable: Option<Resumable>,
    /// What the peer calls itself.
    name: String,
    ended: bool,
}

/// Why a worker is gone that did not say why.
const GONE: &str = "the association ended unexpectedly";
/// When an association is idle for too long is not for it to decide.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);

impl Worker {
    pub(super) fn new(
        shared: &Arc<Shared>,
        id: AssociationId,
        orders: mpsc::UnboundedReceiver<Order>,
    ) -> Self {
        let _open = shared.open.subscribe();
        let shared = Arc::clone(shared);
        Self { shared, id, orders, _open, current: None, resumable: None, name: String::new(), ended: false }
    }

    pub(super) async fn run(mut self, host: usize) {
        let end = self.associate(host).await;
        let (peer, address, why) = (&self.shared.peer.name, self.shared.address(host), &end.why);
        if end.in_order {
            tracing::debug!(peer = %peer, address, "association closed");
        } else {
            tracing::info!(peer = %peer, address, why, advice = end.advice, "association ended");
        }
        self.end(end);
    }

    /// The life of the association: one that was lost goes on, or is opened anew if the peer declines that.
    async fn associate(&mut self, host: usize) -> End {
        let recovers = self.shared.peer.settings.recover;
        let lost = self.shared.state().lost.take().filter(|_| recovers);
        if let Some(lost) = lost {
            match self.once(host, Some(lost)).await {
                Err(end) => {
                    let (peer, why) = (&self.shared.peer.name, &end.why);
                    tracing::info!(%peer, why, "the association that was lost does not go on; another is opened");
                }
                Ok(end) => return end,
            }
        }
        self.once(host, None).await.unwrap_or_else(|end| end)
    }

    /// From the connection to its end; `Err` if there was one, and it was not bound.
    async fn once(&mut self, host: usize, lost: Option<(Reference, String)>) -> Result<End, End> {
        let shared = Arc::clone(&self.shared);
        let (mut link, address, trouble) = tokio::select! {
            connected = connect(&shared, self.id, host, lost) => match connected {
                Ok(connected) => connected,
                Err(end) => return Ok(end),
            },
            () = told_to_close(&mut self.orders) => {
                return Ok(End { why: "it was no longer wanted".into(), ..End::default() });
            }
        };
        let mut bound = false;
        let end = self.work(&mut link, address, &mut bound).await;
        let end = match trouble.get() {
            Some(failure) if !end.in_order => of_tls(shared.address(host), failure),
            _ => end,
        };
        if bound { Ok(end) } else { Err(end) }
    }

    /// From the bind to the end.
    async fn work(&mut self, link: &mut Link, address: SocketAddr, bound: &mut bool) -> End {
        let mut next = None;
        let mut intake: Option<Box<dyn Intake>> = None;
        loop {
            let event = match next.take() {
                Some(event) => event,
                None => tokio::select! {
                    // What the association says comes before the next message, which would be lost on one that has ended.
                    biased;
                    event = link.next() => event,
                    order = self.orders.recv() => {
                        self.obey(order, link);
                        continue;
                    }
                },
            };
            match event {
                Some(Event::Ready { peer, mode }) => {
                    tracing::debug!(peer = %self.shared.peer.name, name = %peer, %mode, "bound");
                    *bound = true;
                    let caller = Caller { address, name: peer.clone(), mode };
                    let inlet = self.shared.state().inlet.clone();
                    intake = inlet.map(|inlet| inlet.open(caller));
                    self.name = peer;
                    self.tell(Scheduler::bound);
                }
                Some(Event::Sent) => self.tell(Scheduler::secured),
                Some(Event::NotSent { why, retry, resumable }) => {
                    // Whether the association goes with it is known now or not at all.
                    next = at_once(link.next()).await;
                    let is_over = matches!(next, Some(Some(Event::Ended(_)) | None));
                    if is_over && retry {
                        self.resumable = resumable;
                    } else {
                        self.tell(|scheduler, id, now| scheduler.refused(id, why, retry, now));
                    }
                }
                Some(Event::Ended(ending)) => {
                    if let Some(intake) = &intake {
                        intake.ended(&ending);
                    }
                    return of_ending(&ending, *bound);
                }
                None => return End { why: GONE.into(), ..End::default() },
                Some(event) => {
                    let request = match &mut intake {
                        Some(intake) => intake.take(event).await,
                        None => declined(&event),
                    };
                    if let Some(request) = request {
                        let _ = link.request(request);
                    }
                }
            }
        }
    }

    fn obey(&mut self, order: Option<Order>, link: &mut Link) {
        match order {
            Some(Order::Transfer(job, transfer)) => {
                let before = transfer.resume.as_ref().map_or(0, Resumable::octets);
                match link.request(Request::Transfer(transfer)) {
                    Ok(()) => {
                        self.current = Some((job, before));
                        self.tell(|scheduler, id, _| scheduler.begun(id));
                    }
                    // The association is about to end, and the message goes over another one.
                    Err(_) => {
                        let _ = link.request(Request::Abort);
                    }
                }
            }
            Some(Order::Close) | None => {
                let _ = link.request(Request::Close);
            }
        }
    }

    fn tell(&self, what: impl FnOnce(&mut Scheduler, AssociationId, Instant)) {
        self.shared.with(|state, now| what(&mut state.scheduler, self.id, now));
    }

    /// The schedule hears of the end; where a message was cut off stays with it for the next association.
    fn end(&mut self, mut end: End) {
        self.ended = true;
        let (resumable, current) = (self.resumable.take(), self.current);
        if let (Some(resumable), Some((_, before))) = (&resumable, current) {
            end.resumable = true;
            end.progress = resumable.octets() > before;
            tracing::debug!(peer = %self.shared.peer.name, octets = resumable.octets(), "cut off, and can go on");
        }
        let lost =
            resumable.as_ref().map(|resumable| (resumable.key().reference(), std::mem::take(&mut self.name)));
        self.shared.with(|state, now| {
            state.orders.remove(&self.id);
            state.lost = lost.or_else(|| state.lost.take());
            if let Some(job) = current.and_then(|(job, _)| state.jobs.get_mut(&job)) {
                job.resume = resumable;
            }
            state.scheduler.ended(self.id, &end, now);
        });
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if !self.ended {
            self.end(End { why: GONE.into(), ..End::default() });
        }
    }
}

/// Connects to a host, and begins the bind.
async fn connect(
    shared: &Shared,
    id: AssociationId,
    host: usize,
    lost: Option<(Reference, String)>,
) -> Result<(Link, SocketAddr, Trouble), End> {
    let peer = &shared.peer;
    let address = shared.address(host);
    let trouble = Trouble::default();
    let deadline = tokio::time::Instant::now() + peer.connect_timeout;
    let unreachable = |why: &str| End {
        why: format!("{address}: {why}"),
        advice: "check the address and port, and whether a firewall lets RFC 1006 through".into(),
        ..End::default()
    };
    let stream = match tokio::time::timeout_at(deadline, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(unreachable(&error.to_string())),
        Err(_) => return Err(unreachable("no answer to the connection")),
    };
    let at = stream.peer_addr().map_err(|error| unreachable(&error.to_string()))?;
    let stream = match &peer.tls {
        None => Stream::plain(stream),
        Some(tls) => {
            let connected = tokio::time::timeout_at(deadline, tls.connect(stream)).await;
            let connected = connected.unwrap_or_else(|_| Err(Failure::timeout()));
            Stream::tls(connected.map_err(|failure| of_tls(address, &failure))?, Arc::clone(&trouble))
        }
    };
    let recorder = shared.recorder.as_ref().map(|make| make());
    let (dialogue_mode, mode) = (peer.stack.dialogue_mode, peer.stack.mode);
    let stack = StackConfig { reference: reference(shared, id), ..peer.stack.clone() };
    let stack = Stack::initiator(stack, Instant::now());
    let driver = Driver::over(stream, stack, recorder);
    let settings = Settings { idle: FOR_EVER, ..peer.settings.clone() };
    let association = match lost {
        Some((connection, peer)) => Association::recovering(settings, dialogue_mode, mode, connection, peer),
        None => Association::initiator(settings, dialogue_mode, mode),
    };
    Ok((Link::new(driver, association), at, trouble))
}

/// What a peer is told where messages are not taken: let it open an association of its own.
const fn declined(event: &Event) -> Option<Request> {
    match event {
        Event::MessageStart { .. } => Some(Request::Refuse(TransferRefusal::Temporary)),
        Event::MessageResume { .. } => Some(Request::Resume(Resumption::Unknown)),
        _ => None,
    }
}

/// The name of the session connection: ours, the time, and two characters that tell apart those of one second.
fn reference(shared: &Shared, id: AssociationId) -> Reference {
    const CHARACTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let Peer { stack, settings, policy, .. } = &shared.peer;
    let own = if stack.reference.name.is_empty() { &settings.identity.name } else { &stack.reference.name };
    let now = time::OffsetDateTime::now_utc();
    let number = id.0.wrapping_add(policy.back_off.seed);
    let character = |number: u64| char::from(CHARACTERS[usize::try_from(number % 36).unwrap_or(0)]);
    Reference {
        name: own.clone(),
        time: format!(
            "{:02}{:02}{:02}{:02}{:02}{:02}Z",
            now.year() % 100,
            u8::from(now.month()),
            now.day(),
            now.hour(),
            now.minute(),
            now.second()
        ),
        additional: [character(number / 36), character(number)].iter().collect(),
    }
}

fn of_tls(address: &str, failure: &Failure) -> End {
    End {
        why: format!("{address}: {failure}"),
        advice: failure.advice.into(),
        permanent: failure.permanent,
        ..End::default()
    }
}

fn of_ending(ending: &Ending, bound: bool) -> End {
    End {
        why: ending.to_string(),
        advice: ending.advice().into(),
        in_order: bound && *ending == Ending::Closed,
        permanent: ending.permanent(),
        ..End::default()
    }
}

/// Waits until the association is not wanted any more. Before it is bound there are no other orders.
async fn told_to_close(orders: &mut mpsc::UnboundedReceiver<Order>) {
    while let Some(Order::Transfer(..)) = orders.recv().await {}
}

/// What a future has ready, without waiting.
async fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
