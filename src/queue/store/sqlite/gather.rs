//! Which changes share a commit, and on which thread it is made.
//!
//! Who is alone waits for no timer and for nothing else: a commit with that change only is made where it comes from. Where several
//! clients come at the same time, as many as came together before are waited for, a few milliseconds at most, by a thread that
//! commits for all: they share a sync, and the machine has other work meanwhile. What became of an attempt is in no hurry at all: it
//! goes with such a group, or with others of its kind.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

use super::writer::{Request, Writer};

/// How long those who wait for a sync are kept waiting for others.
const FOR_OTHERS: Duration = Duration::from_millis(4);
/// How long what is in no hurry waits for something that is.
const WITHOUT_HURRY: Duration = Duration::from_millis(10);

/// Brings changes to the writer, by groups.
pub(super) struct Gatherer {
    waiting: Mutex<Waiting>,
    /// It is to be looked at anew when there is a group.
    changed: Condvar,
    writer: Mutex<Writer>,
}

impl Gatherer {
    /// Groups of so many changes at most.
    pub(super) fn new(writer: Writer, limit: usize) -> Self {
        Self { waiting: Mutex::new(Waiting::new(limit)), changed: Condvar::new(), writer: Mutex::new(writer) }
    }

    /// Has a change made, here or by the thread in [`Self::run`]. Where that has ended nobody answers.
    pub(super) fn add(&self, request: Request) {
        let mut waiting = self.waiting();
        if !waiting.is_open {
            return;
        }
        if request.change.is_urgent()
            && waiting.urgent == 0
            && waiting.usual == 1
            && may_block()
            && let Ok(mut writer) = self.writer.try_lock()
        {
            drop(waiting);
            // A panic takes the writer along: nobody knows what state it is in.
            let make = AssertUnwindSafe(move || writer.make(vec![request]));
            if block_in_place(|| catch_unwind(make)).is_err() {
                self.close();
            }
            return;
        }
        let before = waiting.due();
        waiting.add(request, Instant::now());
        // Others need not wake the thread.
        if waiting.due() != before {
            self.changed.notify_one();
        }
    }

    /// Makes what nobody makes elsewhere, until [`Self::close`].
    pub(super) fn run(&self) {
        // Also after a panic: who waits then hears that nobody writes any more.
        let _closing = Closing(self);
        while self.wait() {
            let Ok(mut writer) = self.writer.lock() else { return };
            // More may have come.
            let group = self.waiting().take();
            writer.make(group);
        }
    }

    /// Waits until there is a group; false when there will be none.
    fn wait(&self) -> bool {
        let mut waiting = self.waiting();
        loop {
            let wait = match waiting.due() {
                Due::Now => return true,
                Due::Never if !waiting.is_open => return false,
                Due::Never => {
                    waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                Due::At(time) => time.saturating_duration_since(Instant::now()),
            };
            if wait.is_zero() {
                return true;
            }
            let waited = self.changed.wait_timeout(waiting, wait);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nothing comes any more.
    pub(super) fn close(&self) {
        self.waiting().is_open = false;
        self.changed.notify_one();
    }

    /// How many changes wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.waiting().requests.len()
    }

    /// Nothing in here panics while it is locked.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Gatherer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gatherer")
    }
}

/// Closes at its end, and lets those go who wait.
struct Closing<'a>(&'a Gatherer);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
        self.0.waiting().take_all();
    }
}

/// Whether this thread may wait for the disk: its other tasks go on elsewhere.
fn may_block() -> bool {
    Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// What is to be committed, and when.
struct Waiting {
    requests: VecDeque<Request>,
    /// How many of them are urgent.
    urgent: usize,
    /// How many urgent ones came together last.
    usual: usize,
    /// When they go without others.
    until: Option<Instant>,
    /// Of a group, at most.
    limit: usize,
    is_open: bool,
}

/// When there is a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Now,
    At(Instant),
    Never,
}

impl Waiting {
    fn new(limit: usize) -> Self {
        let limit = limit.max(1);
        Self { requests: VecDeque::new(), urgent: 0, usual: 1, until: None, limit, is_open: true }
    }

    fn add(&mut self, request: Request, now: Instant) {
        let at_latest = match request.change.is_urgent() {
            true => now + FOR_OTHERS,
            false => now + WITHOUT_HURRY,
        };
        self.urgent += usize::from(request.change.is_urgent());
        self.until = Some(self.until.map_or(at_latest, |until| until.min(at_latest)));
        self.requests.push_back(request);
    }

    fn due(&self) -> Due {
        let is_complete = self.requests.len() >= self.limit
            || (self.urgent > 0 && self.urgent >= self.usual)
            || !self.is_open;
        match self.until {
            None => Due::Never,
            Some(_) if is_complete => Due::Now,
            Some(until) => Due::At(until),
        }
    }

    /// The next group; none if nothing waits.
    fn take(&mut self) -> Vec<Request> {
        let group: Vec<Request> = self.requests.drain(..self.requests.len().min(self.limit)).collect();
        let urgent = group.iter().filter(|request| request.change.is_urgent()).count();
        if urgent > 0 {
            self.usual = urgent;
        }
        self.urgent -= urgent;
        // Those that are left have waited as long.
        if self.requests.is_empty() {
            self.until = None;
        }
        group
    }

    fn take_all(&mut self) -> VecDeque<Request> {
        (self.urgent, self.until) = (0, None);
        std::mem::take(&mut self.requests)
    }
}
