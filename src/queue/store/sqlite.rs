//! Entries on this machine's disk: SQLite for what is small, a spool folder for large contents.
//!
//! ```text
//! <folder>/
//!   lock         held while a process uses the folder
//!   queue.db     the tables (see `schema`), in WAL mode: queue.db-wal and queue.db-shm beside it
//!   spool/       contents above the inline limit (see `spool`)
//! ```
//!
//! **Writing.** One thread owns the writing connection. It takes all changes that gathered while the last commit was
//! being synced, makes them in one transaction, and answers everybody after the commit: a lone session waits for
//! one sync and never for a timer, and 64 sessions share a sync (see `gather`). What became of an attempt is synced with the
//! next message that comes, unless a report goes with it or an operator did it: a machine that fails before has the message
//! transferred again, under the same identifier. If a change in a group fails, the group is rolled back and
//! each change gets a transaction of its own, so that a failure stays with its cause.
//!
//! **Reading.** A second thread with its own connection, so that a claim does not queue behind a sync. It sees
//! committed entries only.
//!
//! **Leases** live in memory: the folder belongs to one process, so a lease need not survive it, and claiming costs no
//! write. A claim looks at leases and rows together under one lock, and a lease ends only after the commit that ends
//! its reason, so that no entry is claimed between the two. What was just committed is claimed without the rows, as long as
//! nothing else can be due (see `shared`); an operator who holds it at that moment hears that an attempt is under way.
//!
//! **Marks** (`mark`, `mark_part`) say what was kept and is not to be kept again. They are looked up and written in the
//! transaction that inserts the entry, compared whole, and pruned by age.
//!
//! **Memories** (`memory`, `memory_key`) are found by their keys after the entry is gone. They are written in the transaction
//! that ends a recipient, so that they cost no sync, and pruned by age.
//!
//! **Addresses seen** (`seen`) are those of what came from outside, noted in the transaction that inserts it unless that was done
//! within the hour, and pruned by age and number. [`Archive`] reads them, and entries, beside a running gateway.
//!
//! **Recent entries** stay in memory until they are claimed, within a bound, and are then not read back.

#![expect(
    clippy::disallowed_methods,
    reason = "shell: owns the queue's files and stamps what it finds damaged"
)]

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use rusqlite::{Connection, ErrorCode};
use time::OffsetDateTime;
use tokio::sync::{Notify, mpsc, oneshot};

use self::{
    change::{Change, Damage, Effect, Insertion, Rest},
    gather::Gatherer,
    probe::Probe,
    reader::Reader,
    shared::Shared,
    spool::{Spool, Taken},
    writer::{Request, Writer},
};
use super::{
    Claim, Consequences, Counts, Error, Filter, Inserted, Mark, Opened, Progress, Store, Summary, Swept,
    Tracked, Update,
};
use crate::queue::entry::{Content, Entry, QueueId};

mod answers;
mod archive;
mod change;
mod event;
mod gather;
mod hold_rules;
mod listing;
mod mark;
mod memory;
mod operate;
mod probe;
mod reader;
mod reports;
mod row;
mod schema;
mod seen;
mod shared;
mod spool;
mod state;
#[cfg(test)]
mod tests;
mod writer;

pub use archive::Archive;
pub use reports::Unreported;

/// What can be set.
#[derive(Debug, Clone)]
pub struct Options {
    /// Contents up to so many octets are kept in the database, larger ones in the spool.
    pub inline_limit: usize,
    /// At most so many changes share a commit.
    pub group_limit: usize,
    /// How long the content of a done entry is kept, if it reached every recipient. What did not is kept as long as the
    /// entry itself.
    pub content_retention: Duration,
    /// How long a done entry is kept for tracking.
    pub tracking_retention: Duration,
    /// So many done entries are kept at most.
    pub tracking_limit: Option<u64>,
    /// How long what is to be kept once is remembered, from when something was last kept under its name.
    pub mark_retention: Duration,
    /// How long what is to be found again is remembered.
    pub memory_retention: Duration,
    /// How long answers to requests are kept that may come again.
    pub answer_retention: Duration,
    /// How long an address is remembered that messages came from or were for, since it was last seen.
    pub address_retention: Duration,
    /// So many addresses are remembered at most; with 0 none is noted.
    pub address_limit: u64,
    /// The database may not grow beyond so many octets; the spool is not counted.
    pub size_limit: Option<u64>,
    /// Entries not claimed yet are kept in memory up to so many octets of content.
    pub recent_limit: usize,
}

impl Default for Options {
    /// 128 KiB inline, 256 changes a commit, contents deleted when all recipients have them, tracking for 30 days, marks for 7,
    /// memories for 40, answers for one, a million addresses for 90, no size limit, 16 MiB of recent contents in memory.
    fn default() -> Self {
        Self {
            inline_limit: 128 * 1024,
            group_limit: 256,
            content_retention: Duration::ZERO,
            tracking_retention: Duration::from_secs(30 * 24 * 60 * 60),
            tracking_limit: None,
            mark_retention: Duration::from_secs(7 * 24 * 60 * 60),
            memory_retention: Duration::from_secs(40 * 24 * 60 * 60),
            answer_retention: Duration::from_secs(24 * 60 * 60),
            address_retention: Duration::from_secs(90 * 24 * 60 * 60),
            address_limit: 1_000_000,
            size_limit: None,
            recent_limit: 16 * 1024 * 1024,
        }
    }
}

/// How much the store has worked since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metrics {
    /// Transactions committed.
    pub commits: u64,
    /// Of these, those that were synced at once.
    pub syncs: u64,
    /// Changes in them.
    pub changes: u64,
    /// Entries that were to be kept once and had been before.
    pub repeated: u64,
}

/// A [`Store`] in a folder. Dropping it waits for the changes under way and closes the database.
#[derive(Debug)]
pub struct SqliteStore {
    changes: Arc<Gatherer>,
    reads: Option<mpsc::Sender<Read>>,
    threads: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
    spool: Spool,
    folder: PathBuf,
    inline_limit: usize,
    /// The last to go: held until both threads have ended and the database is closed.
    _lock: Lock,
}

/// Something to do on the reading thread.
type Read = Box<dyn FnOnce(&mut Reader) + Send>;

impl SqliteStore {
    /// Opens the store in `folder`, which is made if it does not exist. Blocks while it recovers from a crash.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if another process uses the folder, a newer program has written it, or the disk fails;
    /// [`Error::Full`].
    pub fn open(folder: &Path, options: Options) -> Result<Self, Error> {
        Self::open_probed(folder, options, Probe::default())
    }

    fn open_probed(folder: &Path, options: Options, probe: Probe) -> Result<Self, Error> {
        make_folder(folder).map_err(|error| spool_failed("making the queue folder", folder, error))?;
        let lock = lock(folder)?;
        let spool = Spool::open(folder.join("spool"), probe.clone())?;
        let mut connection = connect(folder, options.size_limit)?;
        schema::migrate(&mut connection)?;
        remove_orphans(&connection, &spool)?;
        File::open(folder)
            .and_then(|opened| opened.sync_all())
            .map_err(|error| spool_failed("syncing the queue folder", folder, error))?;

        let shared = Arc::new(Shared::new(options.recent_limit));
        let reader = Reader::new(connect(folder, None)?, Arc::clone(&shared), spool.clone());
        let writer = Writer::new(connection, Arc::clone(&shared), spool.clone(), probe, &options);
        let changes = Arc::new(Gatherer::new(options.group_limit));
        let gathered = Arc::clone(&changes);
        let (reads, mut jobs) = mpsc::channel::<Read>(READS_WAITING);
        let reading = spawn("queue-read", move || {
            let mut reader = reader;
            while let Some(job) = jobs.blocking_recv() {
                job(&mut reader);
            }
        })?;
        let writing = spawn("queue-write", move || gathered.run(writer))?;
        let threads = vec![writing, reading];
        Ok(Self {
            changes,
            reads: Some(reads),
            threads,
            shared,
            spool,
            folder: folder.to_owned(),
            inline_limit: options.inline_limit,
            _lock: lock,
        })
    }

    /// How much the store has worked since it was opened.
    pub fn metrics(&self) -> Metrics {
        Metrics {
            commits: self.shared.commits.load(Ordering::Relaxed),
            syncs: self.shared.syncs.load(Ordering::Relaxed),
            changes: self.shared.changes.load(Ordering::Relaxed),
            repeated: self.shared.repeated.load(Ordering::Relaxed),
        }
    }

    /// The same folder for whoever looks through many entries: nothing waits for it.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn archive(&self) -> Result<Archive, Error> {
        Archive::open(&self.folder)
    }

    /// Makes an entry ready to be inserted: what is too large for its row is in the spool afterwards.
    async fn prepare(&self, mut entry: Entry) -> Result<Insertion, Error> {
        let (id, spool, inline_limit) = (entry.id, self.spool.clone(), self.inline_limit);
        row::truncate_times(&mut entry);
        let spooled = match &entry.content {
            Content::Inline(octets) if octets.len() <= inline_limit => None,
            Content::Inline(octets) => {
                let octets = octets.clone();
                Some(blocking("writing to the spool", move || spool.write(id, &octets)).await?)
            }
            Content::File { path, length } => {
                let (path, length) = (path.clone(), *length);
                let take = move || spool.take_over(id, path, length, inline_limit);
                match blocking("taking over a file", take).await? {
                    Taken::Small(octets) => {
                        entry.content = Content::Inline(octets.into());
                        None
                    }
                    Taken::Large(spooled) => Some(spooled),
                }
            }
            Content::Spool { .. } | Content::Discarded { .. } => {
                return Err(Error::Misuse { id, what: "expected the octets of the content, or a file" });
            }
        };
        if let Some(spooled) = &spooled {
            entry.content = spooled.content().clone();
        }
        Ok(Insertion { entry: Arc::new(entry), spooled, mark: None, answer: None })
    }

    /// Keeps what is prepared.
    async fn insert_prepared(&self, insertion: Insertion) -> Result<Inserted, Error> {
        let entry = &insertion.entry;
        let (id, recipients, length) = (entry.id, entry.envelope.recipients.len(), entry.content.length());
        let effect = self.change(Change::Insert(insertion)).await?;
        if effect.inserted.iter().all(Option::is_none) {
            return Ok(Inserted::Repeated);
        }
        // Whoever inserts it says where it is from.
        tracing::debug!(queue_id = %id, recipients, length, "queued");
        Ok(Inserted::Kept)
    }

    /// What `look` finds in the spool file of `entry`. If that is damage, the entry is put aside.
    async fn look<T: Send + 'static>(
        &self,
        id: QueueId,
        look: impl FnOnce(&Spool) -> io::Result<Result<T, String>> + Send + 'static,
    ) -> Result<T, Error> {
        let spool = self.spool.clone();
        let found = blocking("reading the spool", move || {
            look(&spool).map_err(|error| Error::Unavailable {
                what: "reading the spool".to_owned(),
                source: Some(Box::new(error)),
            })
        });
        match found.await? {
            Ok(found) => Ok(found),
            Err(what) => {
                if let Some(seq) = self.read(move |reader| reader.seq(id)).await? {
                    self.quarantine(Damage { seq, id: id.to_string(), what: what.clone() }).await;
                }
                Err(Error::Corrupt { id: id.to_string(), what })
            }
        }
    }

    /// Has `change` made; answers after the commit.
    async fn change(&self, change: Change) -> Result<Effect, Error> {
        let (reply, answer) = oneshot::channel();
        self.changes.add(Request { change, reply });
        answer.await.map_err(|_| stopped("writing"))?
    }

    /// Has the reader do `job`.
    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Reader) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let reads = self.reads.as_ref().ok_or_else(|| stopped("reading"))?;
        let read: Read = Box::new(move |reader| {
            // Nobody waits any more: nothing to tell.
            let _ = reply.send(job(reader));
        });
        reads.send(read).await.map_err(|_| stopped("reading"))?;
        answer.await.map_err(|_| stopped("reading"))?
    }

    /// Puts a damaged entry aside. If that fails, its lease keeps it away for a while and it is found again.
    async fn quarantine(&self, damage: Damage) {
        let (id, what) = (damage.id.clone(), damage.what.clone());
        tracing::error!(queue_id = %id, reason = %what, "entry is damaged, quarantined");
        if let Err(error) = self.change(Change::Quarantine { damage, at: OffsetDateTime::now_utc() }).await {
            tracing::error!(queue_id = %id, %error, "damaged entry not quarantined yet");
        }
    }
}

impl Store for SqliteStore {
    async fn insert(&self, entry: Entry) -> Result<(), Error> {
        let insertion = self.prepare(entry).await?;
        self.insert_prepared(insertion).await.map(drop)
    }

    async fn insert_once(&self, entry: Entry, mark: Mark) -> Result<Inserted, Error> {
        let insertion = Insertion { mark: Some(mark), ..self.prepare(entry).await? };
        let inserted = self.insert_prepared(insertion).await?;
        if inserted == Inserted::Repeated {
            self.shared.repeated.fetch_add(1, Ordering::Relaxed);
        }
        Ok(inserted)
    }

    async fn claim(&self, limit: usize, lease: Duration, now: OffsetDateTime) -> Result<Claim, Error> {
        let until = row::micros_after(now, lease);
        let known = self.shared.held().take_fresh(limit, row::micros(now), until);
        if let Some((entries, next_due)) = known {
            return Ok(Claim { entries, next_due: next_due.map(row::moment) });
        }
        let (claim, damaged) = self.read(move |reader| reader.claim(limit, lease, now)).await?;
        for damage in damaged {
            self.quarantine(damage).await;
        }
        Ok(claim)
    }

    async fn renew(&self, ids: Vec<QueueId>, until: OffsetDateTime) -> Result<(), Error> {
        self.shared.held().renew(&ids, row::micros(until));
        Ok(())
    }

    async fn record_and_insert(
        &self,
        id: QueueId,
        updates: Vec<Update>,
        consequences: Consequences,
        now: OffsetDateTime,
    ) -> Result<Progress, Error> {
        let Consequences { entries, memories, rules_version, about, hold, discard, events } = consequences;
        let rest = Box::new(Rest { rules_version, about, hold, discard, events });
        let mut inserted = Vec::with_capacity(entries.len());
        let mut entries = entries.into_iter();
        while let Some(entry) = entries.next() {
            match self.prepare(entry).await {
                Ok(insertion) => inserted.push(insertion),
                Err(error) => {
                    entries.for_each(spool::give_up);
                    return Err(error);
                }
            }
        }
        let made: Vec<QueueId> = inserted.iter().map(|insertion| insertion.entry.id).collect();
        let change = Change::Record { id, updates, consequences: inserted, memories, rest, now };
        let effect = self.change(change).await?;
        for consequence in made {
            tracing::info!(queue_id = %consequence, because_of = %id, "queued");
        }
        Ok(effect.progress)
    }

    async fn postpone(&self, id: QueueId, until: OffsetDateTime) -> Result<(), Error> {
        self.change(Change::Postpone { id, until }).await.map(drop)
    }

    async fn bring_forward(&self, latest: OffsetDateTime, now: OffsetDateTime) -> Result<u64, Error> {
        let effect = self.change(Change::BringForward { latest, now }).await?;
        Ok(effect.brought_forward)
    }

    async fn note_losses(&self, id: QueueId, losses: String) -> Result<(), Error> {
        self.change(Change::Losses { id, losses }).await.map(drop)
    }

    async fn recall(&self, keys: Vec<String>) -> Result<Vec<Vec<u8>>, Error> {
        self.read(move |reader| reader.recall(&keys)).await
    }

    async fn load(&self, id: QueueId) -> Result<Option<Tracked>, Error> {
        self.read(move |reader| reader.load(id)).await
    }

    async fn content(&self, entry: &Entry) -> Result<Bytes, Error> {
        match stored(entry)? {
            Stored::Octets(octets) => Ok(octets),
            Stored::File { file, length, checksum } => {
                // From a thread that goes on, which gets it back when it is free again. What the row says may be nonsense.
                let room = Vec::with_capacity(usize::try_from(length).map_or(0, |length| length.min(ROOM)));
                let read = move |spool: &Spool| spool.read(&file, length, checksum, room);
                self.look(entry.id, read).await.map(Bytes::from)
            }
        }
    }

    async fn open(&self, entry: &Entry) -> Result<Opened, Error> {
        match stored(entry)? {
            Stored::Octets(octets) => Ok(Opened::Octets(octets)),
            Stored::File { file, length, checksum } => {
                let open = move |spool: &Spool| spool.open_checked(&file, length, checksum);
                let file = self.look(entry.id, open).await?;
                Ok(Opened::File { file, length })
            }
        }
    }

    async fn list(&self, filter: Filter) -> Result<Vec<Summary>, Error> {
        self.read(move |reader| reader.list(&filter)).await
    }

    async fn count(&self) -> Result<Counts, Error> {
        self.read(Reader::count).await
    }

    async fn next_due(&self, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, Error> {
        self.read(move |reader| reader.next_due(now)).await
    }

    async fn sweep(&self, now: OffsetDateTime) -> Result<Swept, Error> {
        let mut total = Swept::default();
        loop {
            let swept = self.change(Change::Sweep { now }).await?.swept;
            if swept == Swept::default() {
                return Ok(total);
            }
            total.contents += swept.contents;
            total.entries += swept.entries;
            total.marks += swept.marks;
            total.memories += swept.memories;
            total.answers += swept.answers;
            total.addresses += swept.addresses;
        }
    }

    fn arrivals(&self) -> &Notify {
        &self.shared.arrivals
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.changes.close();
        self.reads = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

/// The folder, taken for this process.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file is not enough while a process that is just being started has a copy of it. What fails here fails at
        // the next opening.
        let _ = self.0.unlock();
    }
}

/// Where the content of an entry is.
enum Stored {
    Octets(Bytes),
    File { file: String, length: u64, checksum: u32 },
}

fn stored(entry: &Entry) -> Result<Stored, Error> {
    let misuse = |what| Err(Error::Misuse { id: entry.id, what });
    match &entry.content {
        Content::Inline(octets) => Ok(Stored::Octets(octets.clone())),
        Content::Spool { file, length, checksum } => {
            Ok(Stored::File { file: file.clone(), length: *length, checksum: *checksum })
        }
        Content::File { .. } => misuse("the entry was not inserted yet"),
        Content::Discarded { .. } => misuse("the content was discarded"),
    }
}

/// Does `what` on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(
    what: &str,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| stopped(what))?
}

/// Reads that may wait for the reader.
const READS_WAITING: usize = 256;

/// Octets of memory that are had ready for a content.
const ROOM: usize = 64 << 20;

/// Statements kept prepared on a connection; more than there are.
const STATEMENTS: usize = 64;

/// In pages of 4 KiB. A content that is deleted before its page is checkpointed is written once only, so this is
/// larger than SQLite's own 1000.
const CHECKPOINT_PAGES: u32 = 4000;

/// Makes the folder if need be, for its owner alone: what is in there is other people's mail.
fn make_folder(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

/// Takes the folder for this process.
fn lock(folder: &Path) -> Result<Lock, Error> {
    let path = folder.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|error| spool_failed("opening", &path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::Unavailable {
            what: format!("another process uses {}", folder.display()),
            source: None,
        }),
        Err(TryLockError::Error(error)) => Err(spool_failed("locking", &path, error)),
    }
}

/// A connection to the database in `folder`, set up.
fn connect(folder: &Path, size_limit: Option<u64>) -> Result<Connection, Error> {
    let set_up = || {
        let connection = Connection::open(folder.join("queue.db"))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        if let Some(octets) = size_limit {
            let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
            let pages = i64::try_from(octets).unwrap_or(i64::MAX) / page.max(1);
            connection.pragma_update(None, "max_page_count", pages.max(1))?;
        }
        Ok(connection)
    };
    set_up().map_err(|error| unavailable("opening the database", error))
}

/// Removes spool files no row names: their messages were never accepted, or are done.
fn remove_orphans(connection: &Connection, spool: &Spool) -> Result<(), Error> {
    let files = spool.files().map_err(|error| Error::Unavailable {
        what: "reading the spool folder".to_owned(),
        source: Some(Box::new(error)),
    })?;
    let find = || {
        let mut orphans = Vec::new();
        let mut by_id = connection.prepare("SELECT spool FROM entry WHERE id = ?1")?;
        for file in files {
            let named: Option<String> = match spool::id_of(&file) {
                Some(id) => by_id.query([id.to_string()])?.next()?.and_then(|row| row.get(0).ok()).flatten(),
                None => None,
            };
            if named.as_ref() != Some(&file) {
                orphans.push(file);
            }
        }
        // A row with a damaged id still owns its file.
        if !orphans.is_empty() {
            let mut all = connection.prepare("SELECT spool FROM entry WHERE spool IS NOT NULL")?;
            let mut rows = all.query([])?;
            let mut named = std::collections::HashSet::new();
            while let Some(row) = rows.next()? {
                named.insert(row.get::<_, String>(0)?);
            }
            orphans.retain(|file| !named.contains(file));
        }
        Ok(orphans)
    };
    let orphans = find().map_err(|error| unavailable("looking for the owners of spool files", error))?;
    for orphan in orphans {
        tracing::info!(file = %orphan, "spool file without an entry removed");
        spool.remove(&orphan);
    }
    Ok(())
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Error> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn(body);
    spawned.map_err(not_started)
}

fn not_started(error: io::Error) -> Error {
    Error::Unavailable { what: "starting the queue's threads".to_owned(), source: Some(Box::new(error)) }
}

fn stopped(what: &str) -> Error {
    Error::Unavailable { what: format!("{what} has stopped"), source: None }
}

/// What SQLite said while doing `what`, by fault.
fn unavailable(what: &str, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full { what: what.to_owned() },
        _ => Error::Unavailable { what: what.to_owned(), source: Some(Box::new(error)) },
    }
}

/// What the file system said while doing `what` to `path`, by fault.
fn spool_failed(what: &str, path: &Path, error: io::Error) -> Error {
    let what = format!("{what} {}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Full { what },
        _ => Error::Unavailable { what, source: Some(Box::new(error)) },
    }
}
