//! The shell that answers associations from other MTAs and takes their messages.
//!
//! A message is handed on as it arrives, to an [`Arrival`] that [`Inbound`] makes for it, so that one of any size takes
//! little memory. [`Whole`] is for tools that want it in one piece all the same.
#![expect(clippy::disallowed_methods, reason = "shell: accepts connections and reads the clock")]

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::arrivals::{Arrivals, Shared};
use super::association::{Association, Ending, Event, Request, Settings};
use super::link::Link;
use super::pool::RecorderFactory;
use super::rejoin::Place;
use super::tls::Failure;
use crate::osi::driver::Driver;
use crate::osi::stack::{Config as StackConfig, Mode, Stack, TransferRefusal};

mod security;
mod whole;

pub use security::Security;
use security::{KeptOut, Secured, admit};
pub use whole::{Whole, WholeInbound};

/// Who is at the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Where the connection comes from.
    pub address: SocketAddr,
    /// What the MTA calls itself; empty if it did not say.
    pub name: String,
    /// What is spoken, once it is bound.
    pub mode: Mode,
}

/// How long a message that is arriving may take to end when the gateway stops. What is cut off stays with the peer.
const DRAIN: Duration = Duration::from_secs(30);

/// What is done with messages.
pub trait Inbound: Send + Sync + 'static {
    /// What takes one message.
    type Arrival: Arrival;

    /// A message begins to arrive.
    fn begin(&self, caller: &Caller) -> Self::Arrival;

    /// Whether nobody is let in for now.
    fn is_closed(&self) -> bool {
        false
    }

    /// An association was bound.
    fn bound(&self, _caller: &Caller) {}

    /// An association ended.
    fn ended(&self, _caller: &Caller, _ending: &Ending) {}
}

/// Takes one MTS-APDU as it arrives. One that is dropped before [`Self::end`] will not be completed, and leaves nothing
/// behind: it stays with the peer. One that is cut off is kept for a while, and goes on with the next octets.
pub trait Arrival: Send + 'static {
    /// The next octets. While this waits, the peer is read no further, so a slow disk slows the peer down.
    ///
    /// # Errors
    /// Why the message cannot be taken; nothing more of it comes then, and the peer keeps it.
    fn data(&mut self, octets: Bytes) -> impl Future<Output = Result<(), TransferRefusal>> + Send;

    /// The message is complete: secures it. The peer is told that it may forget the message only after this returns `Ok`.
    ///
    /// # Errors
    /// Why the message cannot be taken, so that the peer keeps it.
    fn end(self) -> impl Future<Output = Result<(), TransferRefusal>> + Send;
}

/// How associations from peers are answered.
pub struct Responder<I> {
    /// Selectors, sizes and timers.
    pub stack: StackConfig,
    /// Names, passwords and patience.
    pub settings: Settings,
    /// Associations at the same time; further connections wait.
    pub maximum_associations: usize,
    /// Octets of one message; one that has more is refused as soon as they come.
    pub maximum_message: usize,
    /// Whether TLS is spoken.
    pub security: Security,
    /// Records the octets of each association, if wanted.
    pub recorder: Option<RecorderFactory>,
    /// What is done with messages.
    pub inbound: I,
}

impl<I: Inbound> Responder<I> {
    /// Answers associations until `shutdown` says true, then lets those under way end.
    pub async fn listen(self, listener: TcpListener, mut shutdown: watch::Receiver<bool>) {
        let Self { stack, settings, maximum_associations, maximum_message, security, recorder, inbound } =
            self;
        let shared = Shared::new(inbound, maximum_message, settings.suspended, settings.recover);
        let responder = Arc::new(Answers { stack, settings, security, recorder, shared: Arc::new(shared) });
        let permits = Arc::new(Semaphore::new(maximum_associations.max(1)));
        let mut associations = tokio::task::JoinSet::new();
        loop {
            let stopping = async { drop(shutdown.wait_for(|stop| *stop).await) };
            let (stream, address, permit) = tokio::select! {
                () = stopping => break,
                accepted = accept(&listener, &permits) => accepted,
            };
            let (responder, shutdown) = (Arc::clone(&responder), shutdown.clone());
            associations.spawn(async move {
                responder.answer(stream, address, shutdown).await;
                drop(permit);
            });
            while associations.try_join_next().is_some() {}
        }
        drop(listener);
        let drained = async { while associations.join_next().await.is_some() {} };
        if tokio::time::timeout(DRAIN, drained).await.is_err() {
            tracing::warn!(associations = associations.len(), "associations cut off at shutdown");
            associations.shutdown().await;
        }
    }
}

/// What is the same for all associations that are answered.
struct Answers<I: Inbound> {
    stack: StackConfig,
    settings: Settings,
    security: Security,
    recorder: Option<RecorderFactory>,
    shared: Arc<Shared<I>>,
}

impl<I: Inbound> Answers<I> {
    /// The life of one association.
    async fn answer(&self, stream: TcpStream, address: SocketAddr, mut shutdown: watch::Receiver<bool>) {
        let shared = &self.shared;
        let secured = tokio::select! {
            secured = self.security.secure(stream) => secured,
            _ = shutdown.wait_for(|stop| *stop) => return,
        };
        let Secured { stream, names, trouble } = match secured {
            Ok(secured) => secured,
            Err(failure) => {
                let advice = failure.advice;
                tracing::warn!(from = %address, %failure, advice, "no association");
                return;
            }
        };
        let recorder = self.recorder.as_ref().map(|make| make());
        let driver = Driver::over(stream, Stack::responder(self.stack.clone(), Instant::now()), recorder);
        let (trust, kept_out) = admit(&self.settings.trust, names.as_ref());
        let place = Place { address: address.ip(), names };
        // The name of the session connection, once there is a message that may have to go on.
        let mut connection = None;
        let closed = shared.inbound.is_closed();
        let settings = Settings { trust, closed, ..self.settings.clone() };
        let mut link = Link::new(driver, Association::responder(settings, Some(address.ip())));
        let mut caller = Caller { address, name: String::new(), mode: Mode::default() };
        let mut arrivals = Arrivals::new(shared);
        let mut draining = false;
        loop {
            let stopping = async { drop(shutdown.wait_for(|stop| *stop).await) };
            let event = tokio::select! {
                event = link.next() => event,
                () = stopping, if !draining => {
                    draining = true;
                    let _ = link.request(Request::Close);
                    continue;
                }
            };
            match event {
                Some(Event::Ready { peer, mode }) => {
                    (caller.name, caller.mode) = (peer, mode);
                    shared.inbound.bound(&caller);
                }
                Some(Event::Recover { connection: lost, mode }) => {
                    let rejoined = shared.rejoin(&lost, mode, &place).await;
                    let known = rejoined.is_some();
                    tracing::info!(from = %address, connection = %lost.name, known, "an association that was lost is to go on");
                    let _ = link.request(rejoined.map_or(Request::Decline, |peer| Request::Rejoin { peer }));
                }
                Some(Event::Ended(ending)) => {
                    explain(&caller, &ending, &kept_out, trouble.get());
                    if let Some(connection) = connection
                        && matches!(ending, Ending::Lost | Ending::Aborted(_))
                    {
                        let Caller { name, mode, .. } = &caller;
                        shared.note_lost(connection, name, *mode, place);
                    }
                    shared.inbound.ended(&caller, &ending);
                    return;
                }
                Some(event) => {
                    if let Event::MessageStart { key } | Event::MessageResume { key, .. } = &event {
                        connection = Some(key.reference());
                    }
                    if let Some(request) = arrivals.take(event, &caller).await {
                        let _ = link.request(request);
                    }
                }
                None => return,
            }
        }
    }
}

/// What TLS has to do with how an association ended, for the log.
fn explain(caller: &Caller, ending: &Ending, kept_out: &KeptOut, trouble: Option<&Failure>) {
    if let Ending::NotTrusted(unacceptable) = ending
        && let Some(why) = kept_out.get(unacceptable.name().unwrap_or_default())
    {
        let advice = "compare `tls` of this peer with how it calls and what its certificate is for";
        tracing::warn!(from = %caller.address, %unacceptable, why, advice, "refused");
    }
    if let Some(failure) = trouble {
        tracing::warn!(from = %caller.address, name = caller.name, %failure, advice = failure.advice, "TLS ended");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, Option<tokio::sync::OwnedSemaphorePermit>) {
    let permit = Arc::clone(permits).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address, permit),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
