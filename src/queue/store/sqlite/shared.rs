//! What the writing thread, the reading thread and the callers share.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
};

use tokio::sync::Notify;

use super::row::{micros, rank};
use crate::queue::entry::{Content, Entry, QueueId};

/// Leases, recent entries and counters.
#[derive(Debug)]
pub(super) struct Shared {
    held: Mutex<Held>,
    pub(super) arrivals: Notify,
    pub(super) commits: AtomicU64,
    pub(super) syncs: AtomicU64,
    pub(super) changes: AtomicU64,
    pub(super) repeated: AtomicU64,
}

impl Shared {
    pub(super) fn new(recent_limit: usize) -> Self {
        Self {
            held: Mutex::new(Held { recent_limit, ..Held::default() }),
            arrivals: Notify::new(),
            commits: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
            changes: AtomicU64::new(0),
            repeated: AtomicU64::new(0),
        }
    }

    /// Locks leases and recent entries. Every change to them is a single call, so a panic leaves them sound.
    pub(super) fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who is claimed and who is fresh, by row. Times in microseconds since 1970.
#[derive(Debug, Default)]
pub(super) struct Held {
    leases: HashMap<i64, Lease>,
    /// The rows of the leased entries.
    rows: HashMap<QueueId, i64>,
    recent: HashMap<i64, Arc<Entry>>,
    recent_octets: usize,
    recent_limit: usize,
    /// What is due, if that is known without a look at the rows. Whoever looked has locked this meanwhile; what was committed too
    /// late for the look is added, or makes this unknown, after the look, because that needs the same lock.
    outlook: Option<Outlook>,
    /// How often somebody looked at the rows.
    #[cfg(test)]
    pub(super) looks: u64,
}

/// What is due: recent entries, and nothing else for a while.
#[derive(Debug)]
struct Outlook {
    /// Recent entries that were committed since somebody looked, by their rank, then by the time when they are due. Those that are
    /// not recent any more somebody has taken.
    fresh: BTreeMap<i64, BTreeSet<(i64, i64)>>,
    /// When anything else is due at the earliest.
    others_due: Option<i64>,
}

/// A hold on one entry.
#[derive(Debug)]
struct Lease {
    until: i64,
    /// Known once the entry has been read.
    id: Option<QueueId>,
}

impl Held {
    /// Ends the leases that have run out at `now`.
    pub(super) fn expire(&mut self, now: i64) {
        let rows = &mut self.rows;
        let before = self.leases.len();
        self.leases.retain(|_, lease| {
            let holds = lease.until > now;
            if let (false, Some(id)) = (holds, lease.id) {
                rows.remove(&id);
            }
            holds
        });
        if self.leases.len() < before {
            self.outlook = None;
        }
    }

    pub(super) fn is_leased(&self, seq: i64) -> bool {
        self.leases.contains_key(&seq)
    }

    pub(super) fn leased(&self) -> usize {
        self.leases.len()
    }

    /// The end of the lease that ends first.
    pub(super) fn first_end(&self) -> Option<i64> {
        self.leases.values().map(|lease| lease.until).min()
    }

    pub(super) fn lease(&mut self, seq: i64, until: i64) {
        self.leases.insert(seq, Lease { until, id: None });
    }

    /// Lets the lease of `seq` be renewed under the name of its entry.
    pub(super) fn name(&mut self, seq: i64, id: QueueId) {
        if let Some(lease) = self.leases.get_mut(&seq) {
            lease.id = Some(id);
            self.rows.insert(id, seq);
        }
    }

    pub(super) fn renew(&mut self, ids: &[QueueId], until: i64) {
        for seq in ids.iter().filter_map(|id| self.rows.get(id)) {
            if let Some(lease) = self.leases.get_mut(seq) {
                lease.until = lease.until.max(until);
            }
        }
    }

    /// Whether an entry is held.
    pub(super) fn is_named(&self, id: QueueId) -> bool {
        self.rows.contains_key(&id)
    }

    /// Ends the lease of the entry `id`.
    pub(super) fn release_named(&mut self, id: QueueId) {
        if let Some(seq) = self.rows.remove(&id) {
            self.leases.remove(&seq);
            self.outlook = None;
        }
    }

    /// Ends the lease of `seq`. Whoever knows whether it is due again says so.
    pub(super) fn release(&mut self, seq: i64) {
        if let Some(id) = self.leases.remove(&seq).and_then(|lease| lease.id) {
            self.rows.remove(&id);
        }
    }

    /// Keeps an entry until it is claimed, if there is room.
    pub(super) fn keep_recent(&mut self, seq: i64, entry: &Arc<Entry>) {
        let octets = in_memory(entry);
        if self.recent_octets.saturating_add(octets) <= self.recent_limit {
            self.recent_octets += octets;
            self.recent.insert(seq, Arc::clone(entry));
        }
    }

    /// Takes a recent entry out.
    pub(super) fn take_recent(&mut self, seq: i64) -> Option<Arc<Entry>> {
        let entry = self.recent.remove(&seq)?;
        self.recent_octets -= in_memory(&entry);
        Some(entry)
    }

    /// An entry was inserted and committed.
    pub(super) fn committed(&mut self, seq: i64) {
        let Some(outlook) = &mut self.outlook else { return };
        match self.recent.get(&seq) {
            Some(entry) => {
                outlook
                    .fresh
                    .entry(rank(entry.urgency))
                    .or_default()
                    .insert((micros(entry.received_at), seq));
            }
            None => self.outlook = None,
        }
    }

    /// Anything may be due.
    pub(super) fn forget_outlook(&mut self) {
        self.outlook = None;
    }

    /// Whoever looked at the rows has taken all that was due; the next one is due at this time.
    pub(super) fn looked(&mut self, others_due: Option<i64>) {
        self.outlook = Some(Outlook { fresh: BTreeMap::new(), others_due });
        #[cfg(test)]
        {
            self.looks += 1;
        }
    }

    /// Leases up to `limit` fresh entries until `until`, the most urgent first, if it is known that nothing else is due at `now`;
    /// also gives when the next one is due.
    pub(super) fn take_fresh(
        &mut self,
        limit: usize,
        now: i64,
        until: i64,
    ) -> Option<(Vec<Arc<Entry>>, Option<i64>)> {
        self.expire(now);
        let Outlook { mut fresh, others_due } =
            self.outlook.take_if(|outlook| outlook.others_due.is_none_or(|due| due > now))?;
        let (mut taken, mut next) = (Vec::new(), others_due);
        for waiting in fresh.values_mut() {
            while let Some(&(due, seq)) = waiting.first() {
                if due > now || taken.len() >= limit {
                    next = next.into_iter().chain([due]).min();
                    break;
                }
                waiting.pop_first();
                if let Some(entry) = self.take_recent(seq) {
                    self.lease(seq, until);
                    self.name(seq, entry.id);
                    taken.push(entry);
                }
            }
        }
        self.outlook = Some(Outlook { fresh, others_due });
        Some((taken, next.into_iter().chain(self.first_end()).min()))
    }
}

/// About how many octets an entry takes in memory.
fn in_memory(entry: &Entry) -> usize {
    const ENTRY: usize = 1024;
    const RECIPIENT: usize = 256;
    let content = match &entry.content {
        Content::Inline(octets) => octets.len(),
        Content::File { .. } | Content::Spool { .. } | Content::Discarded { .. } => 0,
    };
    content + ENTRY + RECIPIENT * entry.envelope.recipients.len()
}
