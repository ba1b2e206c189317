//! The message that arrives on an association, and what is known of those that were cut off on others.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;

use super::association::{Event, Request};
use super::listener::{Arrival, Caller, Inbound};
use super::rejoin::{Lost, Place};
use super::suspended::{Found, Kept, Limits, Name, Suspended};
use crate::osi::stack::{ActivityKey, Mode, Received, Reference, Resumption, TransferRefusal};

/// What associations on which messages arrive know in common.
pub(super) struct Shared<I: Inbound> {
    /// What is done with messages.
    pub(super) inbound: I,
    /// Octets of one message.
    maximum: u64,
    suspended: Mutex<Suspended<I::Arrival>>,
    /// Associations that were lost.
    lost: Mutex<Lost>,
    /// Another one was lost.
    noted: Notify,
    /// Whether they may go on at all.
    recovers: bool,
    /// Whether some message is secured has shown.
    settled: Notify,
}

impl<I: Inbound> Shared<I> {
    /// What is kept of messages, and whether associations may go on.
    pub(super) fn new(inbound: I, maximum: usize, limits: Limits, recover: bool) -> Self {
        let lost = Lost::new(if recover { limits.names } else { 0 }, limits.time);
        let suspended = Mutex::new(Suspended::new(limits));
        let maximum = maximum as u64;
        Self {
            inbound,
            maximum,
            suspended,
            lost: Mutex::new(lost),
            noted: Notify::new(),
            recovers: recover,
            settled: Notify::new(),
        }
    }

    fn suspended(&self) -> MutexGuard<'_, Suspended<I::Arrival>> {
        self.suspended.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An association is lost.
    pub(super) fn note_lost(&self, connection: Reference, peer: &str, mode: Mode, place: Place) {
        self.lost().note(connection, peer, mode, place, now());
        self.noted.notify_waiters();
    }

    /// A peer wants to go on with an association: what it was bound as, if it may. That the association is lost may show
    /// here later than there.
    pub(super) async fn rejoin(&self, connection: &Reference, mode: Mode, place: &Place) -> Option<String> {
        let deadline = tokio::time::Instant::now() + SHOWING;
        loop {
            let mut noted = pin!(self.noted.notified());
            noted.as_mut().enable();
            let peer = self.lost().rejoin(connection, mode, place, now());
            let ends = peer.is_some() || !self.recovers;
            if ends || tokio::time::timeout_at(deadline, noted).await.is_err() {
                return peer;
            }
        }
    }

    fn lost(&self) -> MutexGuard<'_, Lost> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a peer that goes on with a message waits to hear whether it is secured. Then it gets to hear that nothing is
/// known, and what it sends is recognised by its MTS identifier.
const SECURING: Duration = Duration::from_secs(30);

/// How long a peer that goes on with an association waits until it has shown here that it is lost.
const SHOWING: Duration = Duration::from_secs(2);

/// What arrives on one association.
pub(super) struct Arrivals<I: Inbound> {
    shared: Arc<Shared<I>>,
    current: Option<Current<I::Arrival>>,
}

struct Current<A> {
    name: Name,
    /// What takes it, until it is refused.
    arrival: Option<A>,
    /// Octets that it took.
    octets: u64,
    /// Octets that come again.
    repeated: u64,
}

impl<I: Inbound> Arrivals<I> {
    pub(super) fn new(shared: &Arc<Shared<I>>) -> Self {
        Self { shared: Arc::clone(shared), current: None }
    }

    /// Does what an event wants done, and says what the association is to do then. Events that are not about a message that
    /// arrives are let pass.
    pub(super) async fn take(&mut self, event: Event, caller: &Caller) -> Option<Request> {
        match event {
            Event::MessageStart { key } => self.start(caller, key, now()),
            Event::MessageResume { old, key } => {
                return Some(Request::Resume(self.resume(caller, old, key).await));
            }
            Event::MessageResumed { octets } => self.resumed(octets),
            Event::MessageData(octets) => return self.data(octets, caller).await.err().map(Request::Refuse),
            // What came before it has been taken.
            Event::MessageCheckpoint { serial } => return Some(Request::Kept { serial }),
            Event::MessageInterrupted { why, received } => self.interrupted(received, &why, now()),
            Event::MessageDropped { .. } => self.dropped(),
            Event::MessageEnd => {
                return Some(self.end().await.map_or_else(Request::Refuse, |()| Request::Secured));
            }
            _ => {}
        }
        None
    }

    /// A message begins to arrive.
    fn start(&mut self, caller: &Caller, key: ActivityKey, now: Instant) {
        self.dropped();
        let name = name(caller, key);
        self.shared.suspended().begun(name.clone(), now);
        let arrival = Some(self.shared.inbound.begin(caller));
        self.current = Some(Current { name, arrival, octets: 0, repeated: 0 });
    }

    /// The peer goes on with a message; what it is told. One that is being secured is waited for.
    async fn resume(&mut self, caller: &Caller, old: ActivityKey, key: ActivityKey) -> Resumption {
        self.dropped();
        let (old, name) = (name(caller, old), name(caller, key));
        let (activity, from) = (&old.activity, &caller.name);
        let deadline = tokio::time::Instant::now() + SECURING;
        let found = loop {
            let mut settled = pin!(self.shared.settled.notified());
            settled.as_mut().enable();
            let may_wait = tokio::time::Instant::now() < deadline;
            let found = self.shared.suspended().resumed(&old, name.clone(), may_wait, now());
            match found {
                Found::Securing => {
                    tracing::info!(%from, %activity, "a message comes again while it is being secured");
                    // Too late or not, it is asked for again.
                    let _ = tokio::time::timeout_at(deadline, settled).await;
                }
                found => break found,
            }
        };
        match found {
            Found::Unknown | Found::Securing => {
                tracing::info!(%from, %activity, "a message that was cut off is not known any more, and comes anew");
                Resumption::Unknown
            }
            Found::Secured => {
                tracing::info!(%from, %activity, "a message comes again that was secured, and is only confirmed");
                Resumption::Secured
            }
            Found::Kept(Kept { arrival, octets, received }) => {
                tracing::info!(%from, %activity, octets, "a message that was cut off goes on");
                self.current = Some(Current { name, arrival: Some(arrival), octets, repeated: 0 });
                Resumption::Kept(received)
            }
        }
    }

    /// The message goes on after so many octets. What there was beyond them comes again, and is the same.
    fn resumed(&mut self, octets: u64) {
        if let Some(current) = &mut self.current {
            current.repeated = current.octets.saturating_sub(octets);
        }
    }

    /// The next octets.
    ///
    /// # Errors
    /// Why the message cannot be taken.
    async fn data(&mut self, octets: Bytes, caller: &Caller) -> Result<(), TransferRefusal> {
        let Some(current) = &mut self.current else { return Ok(()) };
        let Some(arrival) = &mut current.arrival else { return Ok(()) };
        let repeated = usize::try_from(current.repeated).unwrap_or(usize::MAX).min(octets.len());
        current.repeated -= repeated as u64;
        let octets = octets.slice(repeated..);
        if octets.is_empty() {
            return Ok(());
        }
        current.octets += octets.len() as u64;
        let outcome = if current.octets > self.shared.maximum {
            let maximum = self.shared.maximum;
            tracing::warn!(from = %caller.address, name = %caller.name, maximum, "a message is too large and was refused");
            Err(TransferRefusal::Permanent)
        } else {
            arrival.data(octets).await
        };
        if outcome.is_err() {
            self.dropped();
        }
        outcome
    }

    /// The message is complete.
    ///
    /// # Errors
    /// Why it cannot be taken.
    async fn end(&mut self) -> Result<(), TransferRefusal> {
        let Some(Current { name, arrival: Some(arrival), repeated: 0, .. }) = self.current.take() else {
            return Err(TransferRefusal::Temporary);
        };
        self.shared.suspended().securing(&name);
        let securing = Securing { shared: &self.shared, name: &name };
        let outcome = arrival.end().await;
        if outcome.is_ok() {
            self.shared.suspended().secured(&name, now());
        }
        drop(securing);
        outcome
    }

    /// The message is cut off, and the peer may go on with it.
    fn interrupted(&mut self, received: Received, why: &str, now: Instant) {
        let Some(Current { name, arrival, octets, .. }) = self.current.take() else { return };
        match arrival {
            Some(arrival) => {
                let confirmed = received.octets();
                tracing::info!(from = %name.peer, activity = %name.activity, octets, confirmed, why, "a message was cut off and is kept");
                self.shared.suspended().cut_off(&name, Kept { arrival, octets, received }, now);
            }
            None => self.shared.suspended().dropped(&name),
        }
    }

    /// The message will not be completed.
    fn dropped(&mut self) {
        if let Some(current) = self.current.take() {
            self.shared.suspended().dropped(&current.name);
        }
    }
}

/// A message while it is being secured. What ends otherwise, be it by a panic, is not secured, and nobody waits for it.
struct Securing<'a, I: Inbound> {
    shared: &'a Shared<I>,
    name: &'a Name,
}

impl<I: Inbound> Drop for Securing<'_, I> {
    fn drop(&mut self) {
        self.shared.suspended().dropped(self.name);
        self.shared.settled.notify_waiters();
    }
}

/// The association has ended, be it by a panic.
impl<I: Inbound> Drop for Arrivals<I> {
    fn drop(&mut self) {
        self.dropped();
    }
}

#[expect(clippy::disallowed_methods, reason = "shell: reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// The name of a message for all associations. A peer that does not say who it is goes by its address.
fn name(caller: &Caller, activity: ActivityKey) -> Name {
    let peer = match caller.name.is_empty() {
        true => caller.address.ip().to_string(),
        false => caller.name.clone(),
    };
    Name { peer, activity }
}
