//! The message that arrives on an association, and what is known of those that were cut off on others.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::Notify;

use super::{Arrival, Caller, Inbound};
use crate::mta::rejoin::Lost;
use crate::mta::suspended::{Found, Kept, Limits, Name, Suspended};
use crate::osi::stack::{ActivityKey, Received, Resumption, TransferRefusal};

/// What the associations of a listener know in common.
pub(super) struct Shared<I: Inbound> {
    suspended: Mutex<Suspended<I::Arrival>>,
    /// Associations that were lost.
    lost: Mutex<Lost>,
    /// Whether some message is secured has shown.
    settled: Notify,
}

impl<I: Inbound> Shared<I> {
    /// What is kept of messages, and whether associations may go on.
    pub(super) fn new(limits: Limits, recover: bool) -> Self {
        let lost = Lost::new(if recover { limits.names } else { 0 }, limits.time);
        let suspended = Mutex::new(Suspended::new(limits));
        Self { suspended, lost: Mutex::new(lost), settled: Notify::new() }
    }

    pub(super) fn lost(&self) -> MutexGuard<'_, Lost> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a peer that goes on with a message waits to hear whether it is secured. Then it gets to hear that nothing is
/// known, and what it sends is recognised by its MTS identifier.
const SECURING: Duration = Duration::from_secs(30);

/// What arrives on one association.
pub(super) struct Arrivals<'a, I: Inbound> {
    inbound: &'a I,
    shared: &'a Shared<I>,
    /// Octets of one message.
    maximum: u64,
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

impl<'a, I: Inbound> Arrivals<'a, I> {
    pub(super) fn new(inbound: &'a I, shared: &'a Shared<I>, maximum: usize) -> Self {
        Self { inbound, shared, maximum: maximum as u64, current: None }
    }

    /// A message begins to arrive.
    pub(super) fn start(&mut self, caller: &Caller, key: ActivityKey, now: Instant) {
        self.dropped();
        let name = name(caller, key);
        self.suspended().begun(name.clone(), now);
        let arrival = Some(self.inbound.begin(caller));
        self.current = Some(Current { name, arrival, octets: 0, repeated: 0 });
    }

    /// The peer goes on with a message; what it is told. One that is being secured is waited for.
    #[expect(clippy::disallowed_methods, reason = "shell: reads the clock after waiting")]
    pub(super) async fn resume(&mut self, caller: &Caller, old: ActivityKey, key: ActivityKey) -> Resumption {
        self.dropped();
        let (old, name) = (name(caller, old), name(caller, key));
        let (activity, from) = (&old.activity, &caller.name);
        let deadline = tokio::time::Instant::now() + SECURING;
        let found = loop {
            let mut settled = pin!(self.shared.settled.notified());
            settled.as_mut().enable();
            let may_wait = tokio::time::Instant::now() < deadline;
            let found = self.suspended().resumed(&old, name.clone(), may_wait, Instant::now());
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
    pub(super) fn resumed(&mut self, octets: u64) {
        if let Some(current) = &mut self.current {
            current.repeated = current.octets.saturating_sub(octets);
        }
    }

    /// The next octets.
    ///
    /// # Errors
    /// Why the message cannot be taken.
    pub(super) async fn data(&mut self, octets: Bytes, caller: &Caller) -> Result<(), TransferRefusal> {
        let Some(current) = &mut self.current else { return Ok(()) };
        let Some(arrival) = &mut current.arrival else { return Ok(()) };
        let repeated = usize::try_from(current.repeated).unwrap_or(usize::MAX).min(octets.len());
        current.repeated -= repeated as u64;
        let octets = octets.slice(repeated..);
        if octets.is_empty() {
            return Ok(());
        }
        current.octets += octets.len() as u64;
        let outcome = if current.octets > self.maximum {
            let maximum = self.maximum;
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
    pub(super) async fn end(&mut self) -> Result<(), TransferRefusal> {
        let Some(Current { name, arrival: Some(arrival), repeated: 0, .. }) = self.current.take() else {
            return Err(TransferRefusal::Temporary);
        };
        self.suspended().securing(&name);
        let outcome = arrival.end().await;
        match outcome {
            #[expect(
                clippy::disallowed_methods,
                reason = "shell: reads the clock after the message is secured"
            )]
            Ok(()) => self.suspended().secured(&name, Instant::now()),
            Err(_) => self.suspended().dropped(&name),
        }
        self.shared.settled.notify_waiters();
        outcome
    }

    /// The message is cut off, and the peer may go on with it.
    pub(super) fn interrupted(&mut self, received: Received, why: &str, now: Instant) {
        let Some(Current { name, arrival, octets, .. }) = self.current.take() else { return };
        match arrival {
            Some(arrival) => {
                let confirmed = received.octets();
                tracing::info!(from = %name.peer, activity = %name.activity, octets, confirmed, why, "a message was cut off and is kept");
                self.suspended().cut_off(&name, Kept { arrival, octets, received }, now);
            }
            None => self.suspended().dropped(&name),
        }
    }

    /// The message will not be completed.
    pub(super) fn dropped(&mut self) {
        if let Some(current) = self.current.take() {
            self.suspended().dropped(&current.name);
        }
    }

    fn suspended(&self) -> MutexGuard<'a, Suspended<I::Arrival>> {
        self.shared.suspended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The association has ended, be it by a panic.
impl<I: Inbound> Drop for Arrivals<'_, I> {
    fn drop(&mut self) {
        self.dropped();
    }
}

/// The name of a message for all associations. A peer that does not say who it is goes by its address.
fn name(caller: &Caller, activity: ActivityKey) -> Name {
    let peer = match caller.name.is_empty() {
        true => caller.address.ip().to_string(),
        false => caller.name.clone(),
    };
    Name { peer, activity }
}
