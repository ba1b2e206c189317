//! The worker: takes due entries from the store, has them transferred, records what became of them.
//!
//! It sleeps until something is due or the store tells of an arrival; there is no polling, and a fresh entry waits
//! for nothing but a free place. While a transfer runs its lease is renewed, so that no entry is transferred twice at a
//! time however long it takes. An outcome that cannot be recorded (a full disk) is kept and tried again, since
//! forgetting it would transfer the message a second time.

#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::{collections::HashMap, future::Future, pin::pin, sync::Arc, time::Duration};

use time::OffsetDateTime;
use tokio::{
    sync::watch,
    task::{self, JoinError, JoinSet},
    time::{Instant, sleep, sleep_until, timeout},
};

use self::{clock::Clock, settle::settle};
use super::{
    entry::{Entry, Kind, QueueId},
    schedule::{Failure, Schedule},
    store::{AttemptResult, Consequences, Error, Progress, Store, Update},
};

mod clock;
mod settle;
#[cfg(test)]
mod tests;

/// Hands messages on to the next system.
pub trait Transferrer: Send + Sync + 'static {
    /// Tries the pending recipients of `entry`, and says for each what became of it. A recipient it says nothing about
    /// is deferred. Times out by itself; may be dropped at shutdown.
    fn transfer(&self, entry: Arc<Entry>) -> impl Future<Output = Attempted> + Send;

    /// What else belongs in the queue when these updates of `entry` are written down, such as a report on who has failed.
    /// It is kept in the same commit, together with what the attempt itself gave.
    ///
    /// # Errors
    /// Why it cannot be said now; then nothing is written down yet, and it is asked again.
    fn consequences(
        &self,
        _entry: &Arc<Entry>,
        _updates: &[Update],
        _now: OffsetDateTime,
    ) -> impl Future<Output = Result<Consequences, String>> + Send {
        async { Ok(Consequences::default()) }
    }

    /// It is written down what became of an attempt.
    fn recorded(&self, _recorded: &Recorded<'_>) {}
}

/// What was written down about an entry.
#[derive(Debug)]
pub struct Recorded<'a> {
    /// The entry, as it was before.
    pub entry: &'a Entry,
    /// What became of its recipients.
    pub updates: &'a [Update],
    /// What was made because of that.
    pub made: &'a [Made],
    /// Why it is held from now on, if it is.
    pub held: Option<&'a str>,
    /// How far it has come.
    pub progress: Progress,
}

/// An entry that was made because of another, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The entry.
    pub id: QueueId,
    /// What it holds.
    pub kind: Kind,
    /// What it calls itself.
    pub identifier: Option<String>,
    /// As in its envelope.
    pub sender: Option<String>,
    /// The addresses of its recipients.
    pub recipients: Vec<String>,
}

impl Made {
    /// Of the entries among consequences.
    pub fn of(consequences: &Consequences) -> Vec<Self> {
        consequences.entries.iter().map(Self::of_entry).collect()
    }

    /// Of an entry.
    pub fn of_entry(entry: &Entry) -> Self {
        Self {
            id: entry.id,
            kind: entry.kind,
            identifier: entry.identifier.clone(),
            sender: entry.envelope.reverse_path.clone(),
            recipients: entry.envelope.recipients.iter().map(|one| one.address.clone()).collect(),
        }
    }
}

/// What an attempt gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempted {
    /// What became of the recipients.
    pub outcomes: Vec<RecipientOutcome>,
    /// What is to be kept in the commit that writes that down. The contents of entries are octets, since it may take several
    /// tries to write them.
    pub consequences: Consequences,
}

impl From<Vec<RecipientOutcome>> for Attempted {
    fn from(outcomes: Vec<RecipientOutcome>) -> Self {
        Self { outcomes, consequences: Consequences::default() }
    }
}

/// What became of one recipient in one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientOutcome {
    /// The recipient's number.
    pub number: u32,
    /// What became of it.
    pub outcome: Outcome,
}

/// The outcome of one attempt for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Responsibility has passed on.
    Transferred {
        /// The system that took it.
        to: String,
        /// What it answered.
        detail: String,
    },
    /// The same, and nobody further on will report it: that is left to the gateway, where a report was asked for. Of a probe:
    /// a message would get there.
    Delivered {
        /// The system that took it.
        to: String,
        /// What it answered.
        detail: String,
    },
    /// It can never be transferred.
    Failed {
        /// An enhanced status code (RFC 3463).
        code: String,
        /// Why, in words.
        detail: String,
    },
    /// Nothing was tried and nothing went wrong: it waits for its time, and that does not count against it.
    Held {
        /// Not before.
        until: OffsetDateTime,
        /// What it waits for, in words.
        diagnosis: String,
    },
    /// Not now.
    Retry {
        /// What kind of failure, for the schedule.
        failure: Failure,
        /// Why, in words.
        diagnosis: String,
        /// Not before, if the next system said so.
        not_before: Option<OffsetDateTime>,
    },
}

/// What can be set.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// At most so many transfers at a time; at least one.
    pub concurrency: usize,
    /// How long an entry is held without renewal; renewed after a third of it.
    pub lease: Duration,
    /// How long a shutdown waits for transfers under way.
    pub grace: Duration,
    /// How long to wait before asking a store again that did not work.
    pub patience: Duration,
    /// How often what is done long enough is deleted.
    pub sweep_every: Duration,
}

impl Default for Options {
    /// 64 transfers, leases of 5 minutes, 30 seconds of grace, 1 second of patience, a sweep every 10 minutes.
    fn default() -> Self {
        Self {
            concurrency: 64,
            lease: Duration::from_secs(300),
            grace: Duration::from_secs(30),
            patience: Duration::from_secs(1),
            sweep_every: Duration::from_secs(600),
        }
    }
}

/// Runs the entries of `store` through `transferrer` until `stop` turns true or its sender is gone, and then until the
/// transfers under way have ended or the grace is over.
pub async fn run<S: Store, T: Transferrer>(
    store: Arc<S>,
    transferrer: Arc<T>,
    schedule: Schedule,
    options: Options,
    mut stop: watch::Receiver<bool>,
) {
    let mut worker = Worker {
        store,
        transferrer,
        schedule,
        options,
        running: JoinSet::new(),
        entries: HashMap::new(),
        clock: Clock::new(),
    };
    // It may have been set while nobody looked.
    worker.bring_forward(OffsetDateTime::now_utc()).await;
    let store = Arc::clone(&worker.store);
    let mut sweeper = tokio::spawn(sweep(Arc::clone(&store), options));
    let mut stopped = pin!(async move {
        // An error says that the sender is gone, which is as good as a stop.
        let _ = stop.wait_for(|stop| *stop).await;
    });
    let (mut look, mut wake) = (true, None);
    loop {
        if look {
            wake = worker.fill().await;
        }
        // Without room more may be due.
        let has_room = worker.free() > 0;
        look = tokio::select! {
            () = &mut stopped => break,
            Some(ended) = worker.running.join_next_with_id() => worker.ended(ended) || !has_room,
            () = store.arrivals().notified(), if has_room => true,
            () = sleep_until_some(wake), if has_room => true,
        };
        while let Some(ended) = worker.running.try_join_next_with_id() {
            look |= worker.ended(ended);
        }
    }
    sweeper.abort();
    let _ = (&mut sweeper).await;
    worker.wind_up().await;
}

/// Looking again sooner than necessary does no harm, and shows when the clock was set.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

struct Worker<S, T> {
    store: Arc<S>,
    transferrer: Arc<T>,
    schedule: Schedule,
    options: Options,
    running: JoinSet<Ended>,
    /// What the running tasks are about, in case one panics.
    entries: HashMap<task::Id, (Arc<Entry>, Step)>,
    clock: Clock,
}

/// What a task does with its entry; each is there for when the one before has panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Transfers it, and writes down what became of it.
    Attempt,
    /// Writes down that nothing came of it.
    Defer,
    /// Puts it off without anything else, so that what panics is not done again at once, for ever.
    Postpone,
}

/// Whether an entry is done, or may be due again at another time than was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    Open,
}

impl<S: Store, T: Transferrer> Worker<S, T> {
    /// How many more transfers may start.
    fn free(&self) -> usize {
        self.options.concurrency.max(1).saturating_sub(self.running.len())
    }

    /// Starts what is due, as far as there is room; gives when to look again.
    async fn fill(&mut self) -> Option<Instant> {
        let free = self.free();
        if free == 0 {
            return None;
        }
        let (now, set_by) = self.clock.now();
        if let Some(by) = set_by {
            self.clock_was_set(by, now).await;
        }
        match self.store.claim(free, self.options.lease, now).await {
            Ok(claim) => {
                for entry in claim.entries {
                    let attempt = attempt(
                        Arc::clone(&self.store),
                        Arc::clone(&self.transferrer),
                        Arc::clone(&entry),
                        self.schedule,
                        self.options,
                    );
                    self.start(entry, Step::Attempt, attempt);
                }
                let ahead = claim.next_due.map(|due| Duration::try_from(due - now).unwrap_or(Duration::ZERO));
                Some(Instant::now() + ahead.unwrap_or(LONGEST_SLEEP).min(LONGEST_SLEEP))
            }
            Err(error) => {
                tracing::error!(%error, "nothing claimed from the queue");
                Some(Instant::now() + self.options.patience)
            }
        }
    }

    /// What is under way stays ours, whenever its lease ends by the new time; what was put off by the old one is due.
    async fn clock_was_set(&self, by: time::Duration, now: OffsetDateTime) {
        tracing::warn!(seconds = by.whole_seconds(), "the clock of this machine was set");
        let running = self.entries.values().map(|(entry, _)| entry.id).collect();
        if let Err(error) = self.store.renew(running, now + self.options.lease).await {
            tracing::warn!(%error, "leases not renewed");
        }
        if by.is_negative() {
            self.bring_forward(now).await;
        }
    }

    /// Tries what waits for longer than anything is made to wait.
    async fn bring_forward(&self, now: OffsetDateTime) {
        let longest = time::Duration::try_from(self.schedule.cap).ok();
        let Some(latest) = longest.and_then(|longest| now.checked_add(longest)) else { return };
        match self.store.bring_forward(latest, now).await {
            Ok(0) => {}
            Ok(entries) => tracing::warn!(
                entries,
                "tried now: by the clock as it was set before they would wait for long"
            ),
            Err(error) => tracing::error!(%error, "what the clock puts off stays put off"),
        }
    }

    fn start(&mut self, entry: Arc<Entry>, step: Step, work: impl Future<Output = Ended> + Send + 'static) {
        let id = self.running.spawn(work).id();
        self.entries.insert(id, (entry, step));
    }

    /// Forgets a task that has ended; says whether to look what is due. If it panicked, its entry is deferred, or it would be tried
    /// again at once.
    fn ended(&mut self, ended: Result<(task::Id, Ended), JoinError>) -> bool {
        let (id, how, panicked) = match ended {
            Ok((id, how)) => (id, how, false),
            Err(error) => (error.id(), Ended::Open, error.is_panic()),
        };
        let look = how == Ended::Open;
        let Some((entry, step)) = self.entries.remove(&id) else { return look };
        if !panicked {
            return look;
        }
        tracing::error!(queue_id = %entry.id, ?step, "transfer panicked");
        let (store, transferrer) = (Arc::clone(&self.store), Arc::clone(&self.transferrer));
        let (schedule, options, about) = (self.schedule, self.options, Arc::clone(&entry));
        match step {
            Step::Attempt => self.start(entry, Step::Defer, async move {
                record(&*store, &*transferrer, &about, Attempted::default(), schedule, options).await
            }),
            Step::Defer => self.start(entry, Step::Postpone, async move {
                let until = OffsetDateTime::now_utc().saturating_add(schedule.cap.try_into().unwrap_or_default());
                if let Err(error) = store.postpone(about.id, until).await {
                    tracing::error!(queue_id = %about.id, %error, "not put off; its lease keeps it for a while");
                }
                Ended::Open
            }),
            Step::Postpone => {}
        }
        look
    }

    /// Lets the transfers under way end.
    async fn wind_up(mut self) {
        let grace = self.options.grace;
        tracing::info!(running = self.running.len(), "queue worker stopping");
        let finish = async {
            while let Some(ended) = self.running.join_next_with_id().await {
                self.ended(ended);
            }
        };
        if timeout(grace, finish).await.is_err() {
            tracing::warn!(broken_off = self.running.len(), "transfers broken off; they are tried again");
            self.running.shutdown().await;
        }
    }
}

/// One attempt: transfer, then record.
async fn attempt<S: Store, T: Transferrer>(
    store: Arc<S>,
    transferrer: Arc<T>,
    entry: Arc<Entry>,
    schedule: Schedule,
    options: Options,
) -> Ended {
    let id = entry.id;
    tracing::info!(queue_id = %id, recipients = entry.pending().count(), "transferring");
    let transfer = transferrer.transfer(Arc::clone(&entry));
    let attempted = holding(&*store, id, options, transfer).await;
    record(&*store, &*transferrer, &entry, attempted, schedule, options).await
}

/// Awaits `work` while renewing the lease of `id`.
async fn holding<S: Store, R>(store: &S, id: QueueId, options: Options, work: impl Future<Output = R>) -> R {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            result = &mut work => return result,
            () = sleep(options.lease / 3) => {
                let until = OffsetDateTime::now_utc() + options.lease;
                if let Err(error) = store.renew(vec![id], until).await {
                    tracing::warn!(queue_id = %id, %error, "lease not renewed");
                }
            }
        }
    }
}

/// Writes down what became of an attempt, however long the store takes to accept it.
async fn record<S: Store, T: Transferrer>(
    store: &S,
    transferrer: &T,
    entry: &Arc<Entry>,
    attempted: Attempted,
    schedule: Schedule,
    options: Options,
) -> Ended {
    let id = entry.id;
    let now = OffsetDateTime::now_utc();
    let mut updates = settle(entry, attempted.outcomes, &schedule, now);
    let is_held = attempted.consequences.hold.is_some();
    if is_held {
        // For whoever is held nothing was tried: that is no attempt.
        updates.retain(|update| !matches!(update.result, AttemptResult::Deferred { .. }));
    }
    let persist = async {
        loop {
            let mut consequences = attempted.consequences.clone();
            match transferrer.consequences(entry, &updates, now).await {
                Ok(others) => consequences.append(others),
                Err(why) => {
                    tracing::error!(queue_id = %id, why, "outcome not recorded yet");
                    sleep(options.patience).await;
                    continue;
                }
            }
            let made = Made::of(&consequences);
            let held = consequences.hold.as_ref().map(|hold| hold.reason.clone());
            match store.record_and_insert(id, updates.clone(), consequences, now).await {
                Ok(progress) => {
                    let held = held.as_deref();
                    transferrer.recorded(&Recorded { entry, updates: &updates, made: &made, held, progress });
                    return Some(progress);
                }
                Err(error @ (Error::Misuse { .. } | Error::Corrupt { .. })) => {
                    tracing::error!(queue_id = %id, %error, "outcome not recorded");
                    return None;
                }
                Err(error) => {
                    tracing::error!(queue_id = %id, %error, "outcome not recorded yet");
                    sleep(options.patience).await;
                }
            }
        }
    };
    match holding(store, id, options, persist).await {
        Some(Progress { next_attempt: Some(_), pending }) if is_held => {
            tracing::info!(queue_id = %id, pending, "waits until it is released");
        }
        Some(Progress { next_attempt: Some(next), pending }) => {
            tracing::info!(queue_id = %id, pending, next_attempt = %next, "deferred");
        }
        Some(Progress { next_attempt: None, .. }) => {
            tracing::info!(queue_id = %id, "done");
            return Ended::Done;
        }
        None => {}
    }
    Ended::Open
}

/// Deletes what is done long enough, now and then.
async fn sweep<S: Store>(store: Arc<S>, options: Options) {
    loop {
        match store.sweep(OffsetDateTime::now_utc()).await {
            Ok(swept) => tracing::debug!(contents = swept.contents, entries = swept.entries, "swept"),
            Err(error) => tracing::warn!(%error, "old entries not deleted"),
        }
        sleep(options.sweep_every).await;
    }
}

/// Never, if there is no time.
async fn sleep_until_some(wake: Option<Instant>) {
    match wake {
        Some(wake) => sleep_until(wake).await,
        None => std::future::pending().await,
    }
}
