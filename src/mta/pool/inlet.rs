//! What peers send over associations that this gateway opened, once they have the turn.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::mta::arrivals::{Arrivals, Shared};
use crate::mta::association::{Ending, Event, Request};
use crate::mta::listener::{Caller, Inbound};

/// Takes messages on any number of associations, whatever is done with them.
pub(super) trait Inlet: Send + Sync {
    /// An association is bound.
    fn open(&self, peer: Caller) -> Box<dyn Intake>;
}

/// Takes messages on one association.
pub(super) trait Intake: Send {
    /// Does what an event wants done, and says what the association is to do then.
    fn take(&mut self, event: Event) -> Pin<Box<dyn Future<Output = Option<Request>> + Send + '_>>;

    /// The association has ended.
    fn ended(&self, ending: &Ending);
}

impl<I: Inbound> Inlet for Arc<Shared<I>> {
    fn open(&self, peer: Caller) -> Box<dyn Intake> {
        self.inbound.bound(&peer);
        Box::new(Taking { arrivals: Arrivals::new(self), shared: Self::clone(self), peer })
    }
}

struct Taking<I: Inbound> {
    arrivals: Arrivals<I>,
    shared: Arc<Shared<I>>,
    peer: Caller,
}

impl<I: Inbound> Intake for Taking<I> {
    fn take(&mut self, event: Event) -> Pin<Box<dyn Future<Output = Option<Request>> + Send + '_>> {
        Box::pin(self.arrivals.take(event, &self.peer))
    }

    fn ended(&self, ending: &Ending) {
        self.shared.inbound.ended(&self.peer, ending);
    }
}
