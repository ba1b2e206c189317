//! Which changes share a commit.
//!
//! Nobody waits for a timer who is alone. Where several clients come at the same time, as many as came together before are
//! waited for, a few milliseconds at most: they share a sync, and the machine has other work meanwhile. What became of an
//! attempt is in no hurry at all: it goes with the next message that comes, or with others of its kind.

use std::{io, time::Duration};

use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc::Receiver,
    time::{Instant, timeout_at},
};

use super::writer::Request;

/// How long those who wait for a sync are kept waiting for others.
const FOR_OTHERS: Duration = Duration::from_millis(4);
/// How long what is in no hurry waits for something that is.
const WITHOUT_HURRY: Duration = Duration::from_millis(10);

/// Takes requests by groups.
pub(super) struct Gatherer {
    requests: Receiver<Request>,
    /// The timer of this thread.
    timer: Runtime,
    /// Of a group, at most.
    limit: usize,
    /// How many urgent ones came together last.
    usual: usize,
}

impl Gatherer {
    /// Takes so many at most.
    ///
    /// # Errors
    /// What the system says instead of giving a timer.
    pub(super) fn new(requests: Receiver<Request>, limit: usize) -> io::Result<Self> {
        let timer = Builder::new_current_thread().enable_time().build()?;
        Ok(Self { requests, timer, limit: limit.max(1), usual: 1 })
    }

    /// The next group; `None` when every sender is gone.
    pub(super) fn next(&mut self) -> Option<Vec<Request>> {
        let mut group = vec![self.requests.blocking_recv()?];
        let mut urgent = 0;
        let mut until = Instant::now() + WITHOUT_HURRY;
        let mut seen = 0;
        loop {
            while group.len() < self.limit
                && let Ok(request) = self.requests.try_recv()
            {
                group.push(request);
            }
            let more = group[seen..].iter().filter(|request| request.change.is_urgent()).count();
            seen = group.len();
            if urgent == 0 && more > 0 {
                until = until.min(Instant::now() + FOR_OTHERS);
            }
            urgent += more;
            if group.len() >= self.limit || (urgent > 0 && urgent >= self.usual) {
                break;
            }
            match self.timer.block_on(async { timeout_at(until, self.requests.recv()).await }) {
                Ok(Some(request)) => group.push(request),
                // In time nobody came, or nobody is left.
                Err(_) | Ok(None) => break,
            }
        }
        if urgent > 0 {
            self.usual = urgent;
        }
        Some(group)
    }
}
