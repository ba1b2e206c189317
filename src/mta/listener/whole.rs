//! Messages in one piece, for tools and tests that have the memory.

use std::future::Future;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::{Arrival, Caller, Inbound};
use crate::mta::association::Ending;
use crate::osi::stack::TransferRefusal;

/// What is done with messages that come in one piece.
pub trait WholeInbound: Send + Sync + 'static {
    /// Secures one MTS-APDU. The peer is told that it may forget the message only after this returns `Ok`.
    ///
    /// # Errors
    /// Why the message cannot be taken, so that the peer keeps it.
    fn message(
        &self,
        caller: &Caller,
        apdu: Bytes,
    ) -> impl Future<Output = Result<(), TransferRefusal>> + Send;

    /// An association was bound.
    fn bound(&self, _caller: &Caller) {}

    /// An association ended.
    fn ended(&self, _caller: &Caller, _ending: &Ending) {}
}

/// Collects messages and hands them on whole.
pub struct Whole<I>(Arc<I>);

impl<I: WholeInbound> Whole<I> {
    /// Hands messages to `inbound`.
    pub fn new(inbound: I) -> Self {
        Self(Arc::new(inbound))
    }
}

impl<I: WholeInbound> Inbound for Whole<I> {
    type Arrival = Collected<I>;

    fn begin(&self, caller: &Caller) -> Collected<I> {
        Collected { inbound: Arc::clone(&self.0), caller: caller.clone(), octets: BytesMut::new() }
    }

    fn bound(&self, caller: &Caller) {
        self.0.bound(caller);
    }

    fn ended(&self, caller: &Caller, ending: &Ending) {
        self.0.ended(caller, ending);
    }
}

/// A message that is being collected.
pub struct Collected<I> {
    inbound: Arc<I>,
    caller: Caller,
    octets: BytesMut,
}

impl<I: WholeInbound> Arrival for Collected<I> {
    async fn data(&mut self, octets: Bytes) -> Result<(), TransferRefusal> {
        self.octets.extend_from_slice(&octets);
        Ok(())
    }

    async fn end(self) -> Result<(), TransferRefusal> {
        self.inbound.message(&self.caller, self.octets.freeze()).await
    }
}
