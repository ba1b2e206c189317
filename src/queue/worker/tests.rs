//! The worker with a real store and a transferrer that does as it is told.

#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, atomic::AtomicUsize, atomic::Ordering},
};

use bytes::Bytes;
use tempfile::TempDir;
use tokio::{
    sync::{Notify, Semaphore, mpsc},
    task::JoinHandle,
};

use super::*;
use crate::queue::schedule::Transit;
use crate::queue::{
    entry::{Content, Envelope, Kind, MailOptions, Origin, Recipient, RecipientState, Urgency},
    store::{
        AttemptResult, Claim, Counts, Filter, Inserted, Mark, Memory, Opened, State, Summary, Swept, Tracked,
        Update,
        sqlite::{self, SqliteStore},
    },
};

/// Says what becomes of an entry, by its attempt from 0.
type Script = fn(&Entry, u32) -> Vec<RecipientOutcome>;

/// Tells of every transfer, waits for leave to finish it, then follows the script.
struct Actor {
    started: mpsc::UnboundedSender<QueueId>,
    leave: Semaphore,
    running: AtomicUsize,
    most: AtomicUsize,
    script: Script,
}

impl Transferrer for Actor {
    async fn transfer(&self, entry: Arc<Entry>) -> Attempted {
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        self.started.send(entry.id).unwrap();
        self.leave.acquire().await.unwrap().forget();
        self.running.fetch_sub(1, Ordering::SeqCst);
        let attempts = entry.pending().next().unwrap().attempts;
        (self.script)(&entry, attempts).into()
    }
}

struct Stage<S> {
    _folder: TempDir,
    store: Arc<S>,
    actor: Arc<Actor>,
    started: mpsc::UnboundedReceiver<QueueId>,
    stop: watch::Sender<bool>,
    worker: JoinHandle<()>,
}

/// Retries at once, to keep tests from waiting.
const AT_ONCE: Schedule = Schedule {
    initial: Duration::ZERO,
    factor: 1,
    cap: Duration::ZERO,
    cap_unreachable: Duration::ZERO,
    jitter: 0,
    expiry: Duration::from_secs(3600),
    transit: Transit::of(Duration::from_secs(3600)),
    delay_notice: Duration::from_secs(3600),
};

/// A worker over a store, with leave for `leave` transfers.
fn stage<S: Store>(wrap: fn(SqliteStore) -> S, script: Script, leave: usize, options: Options) -> Stage<S> {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(wrap(SqliteStore::open(folder.path(), sqlite::Options::default()).unwrap()));
    let (start, started) = mpsc::unbounded_channel();
    let (running, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let actor = Arc::new(Actor { started: start, leave: Semaphore::new(leave), running, most, script });
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(run(Arc::clone(&store), Arc::clone(&actor), AT_ONCE, options, stopped));
    Stage { _folder: folder, store, actor, started, stop, worker }
}

impl<S: Store> Stage<S> {
    async fn insert(&self, number: u64) -> QueueId {
        let entry = mail(number, OffsetDateTime::now_utc());
        let id = entry.id;
        self.store.insert(entry).await.unwrap();
        id
    }

    /// Stops the worker and gives the state of `id` and its only recipient.
    async fn end(self, id: QueueId) -> (State, Recipient) {
        self.stop.send(true).unwrap();
        self.worker.await.unwrap();
        let Tracked { entry, state, .. } = self.store.load(id).await.unwrap().unwrap();
        (state, entry.envelope.recipients.into_iter().next().unwrap())
    }
}

/// A mail for one.
fn mail(number: u64, now: OffsetDateTime) -> Entry {
    Entry {
        id: QueueId::new(number, now),
        received_at: now,
        kind: Kind::Mail,
        urgency: Urgency::Normal,
        origin: Origin::Local,
        envelope: Envelope {
            reverse_path: None,
            options: MailOptions::default(),
            recipients: vec![Recipient::new(1, "bob@b.example")],
        },
        rules_version: None,
        identifier: None,
        content: Content::Inline(Bytes::from_static(b"hello\r\n")),
    }
}

fn take(_: &Entry, _: u32) -> Vec<RecipientOutcome> {
    vec![RecipientOutcome {
        number: 1,
        outcome: Outcome::Transferred { to: "mta".into(), detail: "ok".into() },
    }]
}

/// Takes the entry at the third attempt.
fn hesitate(entry: &Entry, attempt: u32) -> Vec<RecipientOutcome> {
    if attempt == 2 {
        return take(entry, attempt);
    }
    let outcome =
        Outcome::Retry { failure: Failure::Refused, diagnosis: format!("no {attempt}"), not_before: None };
    vec![RecipientOutcome { number: 1, outcome }]
}

#[tokio::test]
async fn a_fresh_entry_is_transferred_without_waiting() {
    let mut stage = stage(|store| store, take, 1, Options::default());
    let id = stage.insert(1).await;
    assert_eq!(stage.started.recv().await, Some(id));
    let (state, recipient) = stage.end(id).await;
    assert!(matches!(state, State::Done { .. }), "{state:?}");
    assert!(matches!(recipient.state, RecipientState::Transferred { .. }), "{recipient:?}");
}

#[tokio::test]
async fn a_backlog_is_transferred_once_each() {
    let mut stage = stage(|store| store, take, 300, Options { concurrency: 3, ..Options::default() });
    let mut waiting = BTreeSet::new();
    for number in 0..20 {
        waiting.insert(stage.insert(number).await);
    }
    while !waiting.is_empty() {
        let id = stage.started.recv().await.unwrap();
        assert!(waiting.remove(&id), "{id} was transferred twice");
    }
}

#[tokio::test]
async fn a_deferred_entry_is_tried_again_when_it_is_due() {
    let mut stage = stage(|store| store, hesitate, 3, Options::default());
    let id = stage.insert(1).await;
    for _ in 0..3 {
        assert_eq!(stage.started.recv().await, Some(id));
    }
    let (state, recipient) = stage.end(id).await;
    assert!(matches!(state, State::Done { .. }), "{state:?}");
    assert_eq!(recipient.attempts, 3);
}

#[tokio::test]
async fn no_more_transfers_run_than_allowed() {
    let mut stage = stage(|store| store, take, 0, Options { concurrency: 2, ..Options::default() });
    for number in 0..6 {
        stage.insert(number).await;
    }
    for started in 0..6 {
        stage.started.recv().await.unwrap();
        // The first two start together; from then on, one may end so that one can start.
        if started > 0 {
            stage.actor.leave.add_permits(1);
        }
    }
    assert_eq!(stage.actor.most.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_shutdown_lets_transfers_finish() {
    let mut stage = stage(|store| store, take, 0, Options::default());
    let id = stage.insert(1).await;
    stage.started.recv().await.unwrap();
    stage.stop.send(true).unwrap();
    stage.actor.leave.add_permits(1);
    let (state, _) = stage.end(id).await;
    assert!(matches!(state, State::Done { .. }), "{state:?}");
}

#[tokio::test]
async fn a_transfer_that_outlasts_the_grace_is_left_for_the_next_start() {
    let mut stage = stage(|store| store, take, 0, Options { grace: Duration::ZERO, ..Options::default() });
    let id = stage.insert(1).await;
    stage.started.recv().await.unwrap();
    let (state, recipient) = stage.end(id).await;
    assert!(matches!(state, State::Queued { .. }), "{state:?}");
    assert_eq!(recipient.state, RecipientState::Pending);
}

#[tokio::test]
async fn a_panic_defers_the_entry_and_the_worker_goes_on() {
    fn panic_first(entry: &Entry, attempt: u32) -> Vec<RecipientOutcome> {
        assert!(attempt > 0, "a panic on purpose");
        take(entry, attempt)
    }
    let mut stage = stage(|store| store, panic_first, 2, Options::default());
    let id = stage.insert(1).await;
    assert_eq!(stage.started.recv().await, Some(id));
    assert_eq!(stage.started.recv().await, Some(id));
    let (state, recipient) = stage.end(id).await;
    assert!(matches!(state, State::Done { .. }), "{state:?}");
    assert_eq!(recipient.attempts, 2);
}

/// Takes everything, and panics whenever it is asked what follows.
struct Panicking {
    asked: AtomicUsize,
}

impl Transferrer for Panicking {
    async fn transfer(&self, entry: Arc<Entry>) -> Attempted {
        take(&entry, 0).into()
    }

    async fn consequences(
        &self,
        _: &Arc<Entry>,
        _: &[Update],
        _: OffsetDateTime,
    ) -> Result<Consequences, String> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        panic!("a panic on purpose")
    }
}

#[tokio::test]
async fn what_panics_while_it_is_written_down_is_put_off() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path(), sqlite::Options::default()).unwrap());
    let panicking = Arc::new(Panicking { asked: AtomicUsize::new(0) });
    let (stop, stopped) = watch::channel(false);
    let schedule = Schedule { cap: Duration::from_secs(3600), ..AT_ONCE };
    let worker =
        tokio::spawn(run(Arc::clone(&store), Arc::clone(&panicking), schedule, Options::default(), stopped));
    let now = OffsetDateTime::now_utc();
    store.insert(mail(1, now)).await.unwrap();
    let id = QueueId::new(1, now);
    let put_off = async {
        loop {
            match store.load(id).await.unwrap().unwrap().state {
                State::Queued { due } if due > now + time::Duration::minutes(59) => return,
                _ => task::yield_now().await,
            }
        }
    };
    timeout(Duration::from_secs(30), put_off).await.unwrap();
    stop.send(true).unwrap();
    worker.await.unwrap();
    assert_eq!(panicking.asked.load(Ordering::SeqCst), 2, "once for the attempt, once for its failure");
}

#[tokio::test]
async fn an_outcome_that_cannot_be_recorded_is_not_forgotten() {
    let options = Options { patience: Duration::ZERO, ..Options::default() };
    let mut stage = stage(Full::new, take, 300, options);
    let id = stage.insert(1).await;
    assert_eq!(stage.started.recv().await, Some(id));
    let store = Arc::clone(&stage.store);
    store.refused_twice.notified().await;
    store.room.store(1, Ordering::SeqCst);
    let (state, _) = stage.end(id).await;
    assert!(matches!(state, State::Done { .. }), "{state:?}");
}

/// Fails everything, and has one more entry for each failure; the first time it is asked it does not know it yet.
struct Reporter {
    asked: AtomicUsize,
}

impl Transferrer for Reporter {
    async fn transfer(&self, entry: Arc<Entry>) -> Attempted {
        match entry.kind {
            Kind::Mail => {
                let outcome = Outcome::Failed { code: "5.1.1".into(), detail: "no such user".into() };
                let memories = vec![Memory { keys: vec!["a".into(), "b".into()], octets: b"x".to_vec() }];
                let consequences = Consequences { memories, ..Consequences::default() };
                Attempted { outcomes: vec![RecipientOutcome { number: 1, outcome }], consequences }
            }
            Kind::P1 | Kind::Internet => take(&entry, 0).into(),
        }
    }

    async fn consequences(
        &self,
        entry: &Arc<Entry>,
        updates: &[Update],
        now: OffsetDateTime,
    ) -> Result<Consequences, String> {
        if self.asked.fetch_add(1, Ordering::SeqCst) == 0 {
            return Err("the content cannot be read now".into());
        }
        let failed = updates.iter().filter(|update| matches!(update.result, AttemptResult::Failed { .. }));
        let report = |update: &Update| Entry {
            id: QueueId::new(1000 + u64::from(update.number), now),
            kind: Kind::P1,
            ..Entry::clone(entry)
        };
        Ok(failed.map(report).collect::<Vec<_>>().into())
    }
}

#[tokio::test]
async fn what_follows_from_a_failure_is_queued_with_it() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(SqliteStore::open(folder.path(), sqlite::Options::default()).unwrap());
    let reporter = Arc::new(Reporter { asked: AtomicUsize::new(0) });
    let (stop, stopped) = watch::channel(false);
    let options = Options { patience: Duration::ZERO, ..Options::default() };
    let worker = tokio::spawn(run(Arc::clone(&store), reporter, AT_ONCE, options, stopped));
    let now = OffsetDateTime::now_utc();
    store.insert(mail(1, now)).await.unwrap();
    let both = async {
        while store.count().await.unwrap().done < 2 {
            task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), both).await.unwrap();
    stop.send(true).unwrap();
    worker.await.unwrap();
    assert_eq!(store.count().await.unwrap(), Counts { done: 2, ..Counts::default() });
    // Once, although it was asked twice what follows.
    assert_eq!(store.recall(vec!["b".into()]).await.unwrap(), [b"x"]);
}

/// A store that has no room for outcomes until it is told that it has.
struct Full {
    store: SqliteStore,
    room: AtomicUsize,
    refused: Mutex<u32>,
    refused_twice: Notify,
}

impl Full {
    fn new(store: SqliteStore) -> Self {
        Self { store, room: AtomicUsize::new(0), refused: Mutex::new(0), refused_twice: Notify::new() }
    }
}

impl Store for Full {
    async fn record_and_insert(
        &self,
        id: QueueId,
        updates: Vec<Update>,
        consequences: Consequences,
        now: OffsetDateTime,
    ) -> Result<Progress, Error> {
        if self.room.load(Ordering::SeqCst) > 0 {
            return self.store.record_and_insert(id, updates, consequences, now).await;
        }
        let mut refused = self.refused.lock().unwrap();
        *refused += 1;
        if *refused == 2 {
            self.refused_twice.notify_one();
        }
        Err(Error::Full { what: "for a test".into() })
    }

    async fn insert(&self, entry: Entry) -> Result<(), Error> {
        self.store.insert(entry).await
    }

    async fn insert_once(&self, entry: Entry, mark: Mark) -> Result<Inserted, Error> {
        self.store.insert_once(entry, mark).await
    }

    async fn claim(&self, limit: usize, lease: Duration, now: OffsetDateTime) -> Result<Claim, Error> {
        self.store.claim(limit, lease, now).await
    }

    async fn renew(&self, ids: Vec<QueueId>, until: OffsetDateTime) -> Result<(), Error> {
        self.store.renew(ids, until).await
    }

    async fn bring_forward(&self, latest: OffsetDateTime, now: OffsetDateTime) -> Result<u64, Error> {
        self.store.bring_forward(latest, now).await
    }

    async fn postpone(&self, id: QueueId, until: OffsetDateTime) -> Result<(), Error> {
        self.store.postpone(id, until).await
    }

    async fn note_losses(&self, id: QueueId, losses: String) -> Result<(), Error> {
        self.store.note_losses(id, losses).await
    }

    async fn recall(&self, keys: Vec<String>) -> Result<Vec<Vec<u8>>, Error> {
        self.store.recall(keys).await
    }

    async fn load(&self, id: QueueId) -> Result<Option<Tracked>, Error> {
        self.store.load(id).await
    }

    async fn content(&self, entry: &Entry) -> Result<Bytes, Error> {
        self.store.content(entry).await
    }

    async fn open(&self, entry: &Entry) -> Result<Opened, Error> {
        self.store.open(entry).await
    }

    async fn list(&self, filter: Filter) -> Result<Vec<Summary>, Error> {
        self.store.list(filter).await
    }

    async fn count(&self) -> Result<Counts, Error> {
        self.store.count().await
    }

    async fn next_due(&self, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, Error> {
        self.store.next_due(now).await
    }

    async fn sweep(&self, now: OffsetDateTime) -> Result<Swept, Error> {
        self.store.sweep(now).await
    }

    fn arrivals(&self) -> &Notify {
        self.store.arrivals()
    }
}
