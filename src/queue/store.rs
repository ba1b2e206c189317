//! Where entries are kept: the few verbs every store offers, and how it fails.
//!
//! The promises, whatever the store:
//!
//! - When [`insert`](Store::insert) has answered `Ok`, the entry survives the loss of the process and of power.
//!   When it has answered an error, nothing of the entry is left.
//! - An entry is [claimed](Store::claim) by one caller at a time, for the length of its lease. The leases of a process
//!   that died do not outlive it.
//! - What [`record`](Store::record) has answered is never done again. With the last recipient's end the entry is done:
//!   its content goes, what became of it stays for tracking.
//! - An entry that cannot be read as it was written is quarantined with the reason: never delivered, never deleted.

use std::{error::Error as StdError, fs::File, future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use time::OffsetDateTime;
use tokio::sync::Notify;

use super::entry::{Entry, QueueId};

pub mod listing;
pub mod operation;
pub mod sqlite;

use operation::{Event, Hold};

/// Keeps entries. Cheap to share; every verb may be called from any task.
pub trait Store: Send + Sync + 'static {
    /// Keeps `entry`, durably. The entry is due at [`Entry::due_at`]. Its content comes as
    /// [`Content::Inline`](super::entry::Content::Inline), or as a [`Content::File`](super::entry::Content::File), which is
    /// taken over without passing through memory if it is large; where it is kept is the store's affair.
    ///
    /// # Errors
    /// [`Error::Full`] and [`Error::Unavailable`]: nothing was kept. [`Error::Misuse`]: the id exists already, or a
    /// recipient number occurs twice, or there is no pending recipient, or the content is neither octets nor a file. A
    /// file that was to be taken over is gone then.
    fn insert(&self, entry: Entry) -> impl Future<Output = Result<(), Error>> + Send;

    /// As [`insert`](Self::insert), but only if something is new: when all `parts` of the mark were kept before under the same
    /// name, nothing is kept. The mark is remembered in the same commit, so that neither is there without the other.
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    fn insert_once(&self, entry: Entry, mark: Mark) -> impl Future<Output = Result<Inserted, Error>> + Send;

    /// Takes up to `limit` due entries, most urgent and then longest due first, that nobody else holds; they are held for `lease`.
    ///
    /// # Errors
    /// [`Error::Unavailable`]. A damaged entry is quarantined and left out.
    fn claim(
        &self,
        limit: usize,
        lease: Duration,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<Claim, Error>> + Send;

    /// Holds claimed entries until `until`; those no longer held are left out of account.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn renew(
        &self,
        ids: Vec<QueueId>,
        until: OffsetDateTime,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Writes down what became of recipients, durably, all or nothing, and gives the entry back.
    ///
    /// # Errors
    /// [`Error::Misuse`] for an unknown entry or a recipient that is not pending; [`Error::Full`];
    /// [`Error::Unavailable`]. Nothing was written then, and the entry is still held.
    fn record(
        &self,
        id: QueueId,
        updates: Vec<Update>,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<Progress, Error>> + Send {
        self.record_and_insert(id, updates, Consequences::default(), now)
    }

    /// As [`record`](Self::record), and keeps what follows from it in the same commit, entries as [`insert`](Self::insert)
    /// does: a failure is never written down without the report about it, nor the report without the failure.
    ///
    /// # Errors
    /// As both. Nothing was written then.
    fn record_and_insert(
        &self,
        id: QueueId,
        updates: Vec<Update>,
        consequences: Consequences,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<Progress, Error>> + Send;

    /// Sets the next attempt of every pending recipient to `until`, durably, and gives the entry back.
    ///
    /// # Errors
    /// [`Error::Misuse`] for an entry that is not queued; [`Error::Full`]; [`Error::Unavailable`].
    fn postpone(&self, id: QueueId, until: OffsetDateTime) -> impl Future<Output = Result<(), Error>> + Send;

    /// Makes those recipients due at `now` that were tried before and would not be tried again until after `latest`, durably: the
    /// clock by which they were put off has been set back since. Gives how many entries that concerns.
    ///
    /// # Errors
    /// [`Error::Full`]; [`Error::Unavailable`].
    fn bring_forward(
        &self,
        latest: OffsetDateTime,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Keeps what the last conversion of the entry lost, in the place of what an earlier one did, as long as the entry is
    /// tracked: a JSON list, which means nothing to the store.
    ///
    /// # Errors
    /// [`Error::Misuse`] for an unknown entry; [`Error::Full`]; [`Error::Unavailable`].
    fn note_losses(&self, id: QueueId, losses: String) -> impl Future<Output = Result<(), Error>> + Send;

    /// What is remembered under the first of `keys` under which anything is, newest first; at most [`RECALLED`] of it.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn recall(&self, keys: Vec<String>) -> impl Future<Output = Result<Vec<Vec<u8>>, Error>> + Send;

    /// One entry and its state; `None` for an unknown id.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Unavailable`].
    fn load(&self, id: QueueId) -> impl Future<Output = Result<Option<Tracked>, Error>> + Send;

    /// The octets of an entry's content, all in memory, checked against their checksum. An entry that fails the
    /// check is quarantined.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Unavailable`]; [`Error::Misuse`] for a content that was discarded.
    fn content(&self, entry: &Entry) -> impl Future<Output = Result<Bytes, Error>> + Send;

    /// An entry's content, checked as [`content`](Self::content) does, but what is large stays on disk.
    ///
    /// # Errors
    /// As [`content`](Self::content).
    fn open(&self, entry: &Entry) -> impl Future<Output = Result<Opened, Error>> + Send;

    /// Entries in the order of acceptance.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn list(&self, filter: Filter) -> impl Future<Output = Result<Vec<Summary>, Error>> + Send;

    /// How many entries there are in each state.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn count(&self) -> impl Future<Output = Result<Counts, Error>> + Send;

    /// When [`claim`](Self::claim) can next give something, in the past if it can now; `None` if only an insertion
    /// changes that.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    fn next_due(
        &self,
        now: OffsetDateTime,
    ) -> impl Future<Output = Result<Option<OffsetDateTime>, Error>> + Send;

    /// Deletes contents and rows of done entries, marks, and memories, that have been kept long enough.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`].
    fn sweep(&self, now: OffsetDateTime) -> impl Future<Output = Result<Swept, Error>> + Send;

    /// Holds a permit after something may have become due sooner than [`next_due`](Self::next_due) said.
    fn arrivals(&self) -> &Notify;
}

/// So much is recalled at most.
pub const RECALLED: u32 = 32;

/// What is written down together with what became of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consequences {
    /// New entries.
    pub entries: Vec<Entry>,
    /// What is to be remembered.
    pub memories: Vec<Memory>,
    /// The version of the rules by which it became of its recipients what is written down, if there were any.
    pub rules_version: Option<String>,
    /// What the entry is about, if it is a report or a receipt: it is noted which entry that was.
    pub about: About,
    /// Whoever has no end yet is not tried again until somebody says so. For whom nothing was tried, nothing needs to be updated.
    pub hold: Option<Hold>,
    /// The content goes, whatever became of the entry.
    pub discard: bool,
    /// What happened besides.
    pub events: Vec<Event>,
}

impl Consequences {
    /// Adds what follows besides.
    pub fn append(&mut self, mut other: Self) {
        self.entries.append(&mut other.entries);
        self.memories.append(&mut other.memories);
        self.rules_version = self.rules_version.take().or(other.rules_version);
        self.about.keys.append(&mut other.about.keys);
        self.about.recipients.append(&mut other.about.recipients);
        self.hold = self.hold.take().or(other.hold);
        self.discard |= other.discard;
        self.events.append(&mut other.events);
    }
}

/// The message that a report or a receipt is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Keys of what is [remembered](Store::recall) of it, best first.
    pub keys: Vec<String>,
    /// The numbers of the recipients whom it tells of.
    pub recipients: Vec<u32>,
}

impl From<Vec<Entry>> for Consequences {
    fn from(entries: Vec<Entry>) -> Self {
        Self { entries, ..Self::default() }
    }
}

/// Something to be remembered beyond the life of its entry, to be [found](Store::recall) under any of its keys. Octets that mean
/// nothing to the store; several may have a key in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// What it is found by.
    pub keys: Vec<String>,
    /// What is remembered.
    pub octets: Vec<u8>,
}

/// What an entry is recognised by when it comes again. Octets that mean nothing to the store, compared as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Of the whole.
    pub name: Vec<u8>,
    /// Of each of its parts that the entry is about.
    pub parts: Vec<Vec<u8>>,
}

/// What a program was answered, should its request come again. Octets and texts that mean nothing to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The name of the request, which the program gave.
    pub key: String,
    /// What was asked for.
    pub digest: Vec<u8>,
    /// What was answered.
    pub text: String,
}

/// What became of an entry that was to be kept once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It is kept.
    Kept,
    /// All of it was kept before, and is not kept again.
    Repeated,
}

/// A content that can be read.
#[derive(Debug)]
pub enum Opened {
    /// In memory.
    Octets(Bytes),
    /// A file, open for reading, with nothing in it but the content. It can be read as long as it is open, whatever becomes
    /// of the entry.
    File {
        /// The file.
        file: File,
        /// In octets.
        length: u64,
    },
}

/// What a claim gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The entries, now held by the caller.
    pub entries: Vec<Arc<Entry>>,
    /// As [`Store::next_due`], after this claim.
    pub next_due: Option<OffsetDateTime>,
}

/// What became of one recipient in one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The recipient's number.
    pub number: u32,
    /// What became of it.
    pub result: AttemptResult,
}

/// The result of one attempt for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptResult {
    /// Responsibility has passed on.
    Transferred {
        /// The system that took it.
        to: String,
        /// What it answered.
        detail: String,
    },
    /// The same, and the gateway is the last to report it. To the store there is no difference.
    Delivered {
        /// The system that took it.
        to: String,
        /// What it answered.
        detail: String,
    },
    /// It will not be transferred.
    Failed {
        /// An enhanced status code (RFC 3463).
        code: String,
        /// Why, in words.
        detail: String,
    },
    /// It is tried again.
    Deferred {
        /// Why it did not succeed.
        diagnosis: String,
        /// Not before.
        next_attempt: OffsetDateTime,
    },
}

/// How far an entry has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many recipients have no end yet; 0 if the entry is done.
    pub pending: u32,
    /// When the entry is tried next; `None` if it is done.
    pub next_attempt: Option<OffsetDateTime>,
}

/// The state of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Some recipient is pending.
    Queued {
        /// When it is tried next.
        due: OffsetDateTime,
    },
    /// Every recipient has its end.
    Done {
        /// Since when.
        at: OffsetDateTime,
    },
    /// Some recipient is pending, and nothing is tried until the operator says so. An attempt that was under way may still end.
    Held {
        /// Since when.
        at: OffsetDateTime,
        /// Why.
        reason: String,
    },
    /// It cannot be read as it was written.
    Quarantined {
        /// Since when.
        at: OffsetDateTime,
        /// What is wrong with it.
        reason: String,
    },
}

/// An entry together with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// The entry.
    pub entry: Entry,
    /// Its state.
    pub state: State,
    /// What its last conversion lost, as it was [noted](Store::note_losses).
    pub losses: Option<String>,
}

/// Which entries [`Store::list`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<StateKind>,
    /// Only those accepted after this one; the last id of a page leads to the next.
    pub after: Option<QueueId>,
    /// At most so many.
    pub limit: u32,
}

/// A state without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// [`State::Queued`].
    Queued,
    /// [`State::Done`].
    Done,
    /// [`State::Held`].
    Held,
    /// [`State::Quarantined`].
    Quarantined,
}

impl StateKind {
    /// All of them, and how they are written.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Queued, "queued"),
        (Self::Held, "held"),
        (Self::Done, "done"),
        (Self::Quarantined, "quarantined"),
    ];
}

impl State {
    /// The same without its particulars.
    #[must_use]
    pub const fn kind(&self) -> StateKind {
        match self {
            Self::Queued { .. } => StateKind::Queued,
            Self::Done { .. } => StateKind::Done,
            Self::Held { .. } => StateKind::Held,
            Self::Quarantined { .. } => StateKind::Quarantined,
        }
    }
}

impl std::fmt::Display for StateKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(Self::ALL.iter().find(|(kind, _)| kind == self).map_or("", |(_, name)| name))
    }
}

impl std::str::FromStr for StateKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|(_, known)| *known == name);
        found.map(|(kind, _)| kind).ok_or_else(|| {
            let known = Self::ALL.map(|(_, name)| name).join(", ");
            format!("`{name}` is no state; known are {known}")
        })
    }
}

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The entry.
    pub id: QueueId,
    /// Its state.
    pub state: State,
    /// When it was accepted.
    pub received_at: OffsetDateTime,
    /// As in the envelope.
    pub reverse_path: Option<String>,
    /// How many recipients it has.
    pub recipients: u32,
    /// How many of them are pending.
    pub pending: u32,
    /// Of the content, in octets.
    pub length: u64,
    /// The version of the rules it was accepted with, if it is known.
    pub rules_version: Option<String>,
}

/// How many entries there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// With a pending recipient.
    pub queued: u64,
    /// Of these, held under a lease.
    pub leased: u64,
    /// Held until the operator says otherwise.
    pub held: u64,
    /// Done and kept for tracking.
    pub done: u64,
    /// Unreadable.
    pub quarantined: u64,
}

/// What a sweep deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Contents of done entries.
    pub contents: u64,
    /// Done entries as a whole.
    pub entries: u64,
    /// Names of marks, with their parts.
    pub marks: u64,
    /// Memories, with their keys.
    pub memories: u64,
    /// Answers.
    pub answers: u64,
    /// Addresses that were seen.
    pub addresses: u64,
}

/// An address that messages from outside came from or were for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressSeen {
    /// Where those messages came from.
    pub side: Side,
    /// What it was there.
    pub role: Role,
    /// As it was written in the envelope; an O/R address in its text form.
    pub address: String,
    /// When it was first seen.
    pub first: OffsetDateTime,
    /// When it was last seen, or up to an hour before.
    pub last: OffsetDateTime,
}

/// A side of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// SMTP.
    Internet,
    /// P1.
    X400,
}

impl Side {
    const ALL: [Self; 2] = [Self::Internet, Self::X400];

    /// As it is written down.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::X400 => "x400",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// What an address was in an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Where the message came from.
    Originator,
    /// Whom it was for.
    Recipient,
}

impl Role {
    const ALL: [Self; 2] = [Self::Originator, Self::Recipient];

    /// As it is written down.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Originator => "originator",
            Self::Recipient => "recipient",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// Why a store did not do what it was asked, by who can mend it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No room: the operator must make some. A listener answers 452.
    #[error("no room left in the queue: {what}")]
    Full {
        /// What ran out.
        what: String,
    },
    /// The store does not work at present. A listener answers 451.
    #[error("the queue is unavailable: {what}")]
    Unavailable {
        /// What was tried.
        what: String,
        /// What the store said.
        #[source]
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// One entry is not as it was written.
    #[error("entry `{id}` is damaged: {what}")]
    Corrupt {
        /// Its id, as it reads now.
        id: String,
        /// What is wrong with it.
        what: String,
    },
    /// The caller asked for something that makes no sense.
    #[error("entry `{id}`: {what}")]
    Misuse {
        /// The entry named.
        id: QueueId,
        /// What is wrong with the request.
        what: &'static str,
    },
}
