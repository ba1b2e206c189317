//! Which changes share a commit.
//!
//! Nobody waits for a timer who is alone: that change is committed at once and, if it is small, alone, because each page more makes
//! it slower. Where several clients come at the same time, as many as came together before are waited for, a few milliseconds at most: they share a
//! sync, and the machine has other work meanwhile. What became of an attempt is in no hurry at all: it goes with such a group, or
//! with others of its kind.
#![expect(clippy::disallowed_methods, reason = "shell: waits a while")]

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::writer::{Request, Writer};

/// How long those who wait for a sync are kept waiting for others.
const FOR_OTHERS: Duration = Duration::from_millis(4);
/// How long what is in no hurry waits for others.
const WITHOUT_HURRY: Duration = Duration::from_millis(10);

/// Brings changes to the writer, by groups.
pub(super) struct Gatherer {
    waiting: Mutex<Waiting>,
    /// It is to be looked at anew when there is a group.
    changed: Condvar,
}

impl Gatherer {
    /// Groups of so many changes at most.
    pub(super) fn new(limit: usize) -> Self {
        Self { waiting: Mutex::new(Waiting::new(limit)), changed: Condvar::new() }
    }

    /// Has a change made by the thread in [`Self::run`]. Where that has ended nobody answers.
    pub(super) fn add(&self, request: Request) {
        let mut waiting = self.waiting();
        if !waiting.is_open {
            return;
        }
        let before = waiting.due();
        waiting.add(request, Instant::now());
        // Others need not wake the thread.
        if waiting.due() != before {
            self.changed.notify_one();
        }
    }

    /// Has the changes made, until [`Self::close`].
    pub(super) fn run(&self, mut writer: Writer) {
        // Also after a panic: who waits then hears that nobody writes any more.
        let _closing = Closing(self);
        while let Some(group) = self.next() {
            writer.make(group);
        }
    }

    /// Waits for a group; `None` when there will be none.
    fn next(&self) -> Option<Vec<Request>> {
        let mut waiting = self.waiting();
        loop {
            let wait = match waiting.due() {
                Due::Now => return Some(waiting.take()),
                Due::Never if !waiting.is_open => return None,
                Due::Never => {
                    waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                Due::At(time) => time.saturating_duration_since(Instant::now()),
            };
            if wait.is_zero() {
                return Some(waiting.take());
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
        self.0.waiting().requests.clear();
    }
}

/// What is to be committed, and when.
struct Waiting {
    requests: VecDeque<Request>,
    /// How many of them are urgent.
    urgent: usize,
    /// How many urgent ones came together last.
    usual: usize,
    /// When those that are urgent go without others.
    urgent_until: Option<Instant>,
    /// When the others go.
    others_until: Option<Instant>,
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
        Self {
            requests: VecDeque::new(),
            urgent: 0,
            usual: 1,
            urgent_until: None,
            others_until: None,
            limit: limit.max(1),
            is_open: true,
        }
    }

    fn add(&mut self, request: Request, now: Instant) {
        if request.change.is_urgent() {
            self.urgent += 1;
            self.urgent_until.get_or_insert(now + FOR_OTHERS);
        } else {
            self.others_until.get_or_insert(now + WITHOUT_HURRY);
        }
        self.requests.push_back(request);
    }

    fn due(&self) -> Due {
        let is_complete = self.requests.len() >= self.limit
            || (self.urgent > 0 && self.urgent >= self.usual)
            || !self.is_open;
        match self.urgent_until.into_iter().chain(self.others_until).min() {
            None => Due::Never,
            Some(_) if is_complete => Due::Now,
            Some(until) => Due::At(until),
        }
    }

    /// The next group of those that wait.
    fn take(&mut self) -> Vec<Request> {
        if self.urgent == 1
            && self.usual == 1
            && let Some(alone) = self.requests.iter().position(|request| request.change.is_urgent())
            && self.requests[alone].change.is_small()
        {
            (self.urgent, self.urgent_until) = (0, None);
            return self.requests.remove(alone).into_iter().collect();
        }
        let group: Vec<Request> = self.requests.drain(..self.requests.len().min(self.limit)).collect();
        let urgent = group.iter().filter(|request| request.change.is_urgent()).count();
        if urgent > 0 {
            self.usual = urgent;
        }
        self.urgent -= urgent;
        // Those that are left have waited as long.
        if self.urgent == 0 {
            self.urgent_until = None;
        }
        if self.requests.len() == self.urgent {
            self.others_until = None;
        }
        group
    }
}
