//! The changes the writer makes, each within a transaction that somebody else commits.

use std::{sync::Arc, time::Duration};

use rusqlite::{ErrorCode, OptionalExtension, Transaction, params};
use time::OffsetDateTime;

use super::{
    Error, answers, event, hold_rules, mark, memory, operate, reports,
    row::{self, micros, moment},
    seen::{self, Noted},
    spool::Spooled,
    state::RowState,
    unavailable,
};
use crate::queue::{
    entry::{Entry, QueueId},
    store::{
        About, Answer, AttemptResult, Mark, Memory, Progress, Swept, Update,
        operation::{Event, Hold, Operation, RuleChange},
    },
};

/// Something to be written.
#[derive(Debug)]
pub(super) enum Change {
    Insert(Insertion),
    Record {
        id: QueueId,
        updates: Vec<Update>,
        consequences: Vec<Insertion>,
        memories: Vec<Memory>,
        rest: Box<Rest>,
        now: OffsetDateTime,
    },
    Operate {
        id: QueueId,
        operation: Operation,
        event: Event,
        now: OffsetDateTime,
    },
    HoldRules(RuleChange),
    NoteMissing {
        id: QueueId,
        recipients: Vec<u32>,
        event: Event,
        consequences: Vec<Insertion>,
        now: OffsetDateTime,
    },
    Touch {
        now: OffsetDateTime,
    },
    Postpone {
        id: QueueId,
        until: OffsetDateTime,
    },
    BringForward {
        latest: OffsetDateTime,
        now: OffsetDateTime,
    },
    Losses {
        id: QueueId,
        losses: String,
    },
    Quarantine {
        damage: Damage,
        at: OffsetDateTime,
    },
    Sweep {
        now: OffsetDateTime,
    },
}

/// What is written down besides with what became of an entry: as in [`Consequences`](crate::queue::store::Consequences).
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub(super) rules_version: Option<String>,
    pub(super) about: About,
    pub(super) hold: Option<Hold>,
    pub(super) discard: bool,
    pub(super) events: Vec<Event>,
}

/// An entry to be inserted, its content if that is in the spool already, and what it is to be recognised by.
#[derive(Debug)]
pub(super) struct Insertion {
    pub(super) entry: Arc<Entry>,
    pub(super) spooled: Option<Spooled>,
    pub(super) mark: Option<Mark>,
    pub(super) answer: Option<Answer>,
}

impl Change {
    /// Whether somebody relies on it once it is answered. What a failing machine may undo happens again: what became of an
    /// attempt without a report is an attempt once more, of the same message under the same identifier. What an operator was
    /// told, and wrote down as an event, does not happen again.
    pub(super) fn is_urgent(&self) -> bool {
        match self {
            Self::Record { consequences, rest, .. } => !consequences.is_empty() || !rest.events.is_empty(),
            Self::Losses { .. } | Self::Sweep { .. } => false,
            _ => true,
        }
    }

    /// Whether an entry may be due, or due no more, besides those that it inserts.
    pub(super) fn may_change_what_is_due(&self, effect: &Effect) -> bool {
        match self {
            Self::Insert(_) | Self::Losses { .. } | Self::Touch { .. } | Self::Sweep { .. } => false,
            Self::Record { .. } => effect.progress.next_attempt.is_some(),
            // Not all of the others do.
            _ => true,
        }
    }

    /// Whether all that it writes is in the database.
    pub(super) fn is_small(&self) -> bool {
        self.insertions().iter().all(|insertion| insertion.spooled.is_none())
    }

    /// The entries that the change inserts, in order.
    pub(super) fn insertions(&self) -> &[Insertion] {
        match self {
            Self::Insert(insertion) => std::slice::from_ref(insertion),
            Self::Record { consequences, .. } | Self::NoteMissing { consequences, .. } => consequences,
            _ => &[],
        }
    }

    /// The same, once they are committed.
    pub(super) fn into_insertions(self) -> Vec<Insertion> {
        match self {
            Self::Insert(insertion) => vec![insertion],
            Self::Record { consequences, .. } | Self::NoteMissing { consequences, .. } => consequences,
            _ => Vec::new(),
        }
    }
}

/// An entry that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damage {
    pub(super) seq: i64,
    /// As it reads now.
    pub(super) id: String,
    pub(super) what: String,
}

/// What a change has done, and what is left to do once it is committed.
#[derive(Debug, Default)]
pub(super) struct Effect {
    pub(super) progress: Progress,
    pub(super) swept: Swept,
    /// The rows of inserted entries, in the order of [`Change::insertions`]; `None` for one that was kept before.
    pub(super) inserted: Vec<Option<i64>>,
    /// The row whose lease ends.
    pub(super) released: Option<i64>,
    /// How many entries are due because the clock was set back.
    pub(super) brought_forward: u64,
    /// Whether an entry may have become due sooner.
    pub(super) rescheduled: bool,
    /// Spool files no row names any more.
    pub(super) orphaned: Vec<String>,
    /// The number of a rule that was added, and how many entries one that was removed had held.
    pub(super) rule: u64,
}

/// How long what is done is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Retention {
    pub(super) content: Duration,
    pub(super) tracking: Duration,
    /// So many done entries at most.
    pub(super) tracking_limit: Option<u64>,
    /// What is not to come again.
    pub(super) marks: Duration,
    /// What is to be found again.
    pub(super) memories: Duration,
    /// What requests that come again are answered.
    pub(super) answers: Duration,
    /// Addresses that messages came from or were for, and how many of them.
    pub(super) addresses: Duration,
    pub(super) address_limit: u64,
}

/// Makes `change`. After an error the transaction must be rolled back.
pub(super) fn make(
    transaction: &Transaction<'_>,
    change: &Change,
    retention: Retention,
    noted: &Noted,
) -> Result<Effect, Error> {
    match change {
        Change::Insert(insertion) => {
            Ok(Effect { inserted: vec![insert(transaction, insertion, noted)?], ..Effect::default() })
        }
        Change::Record { id, updates, consequences, memories, rest, now } => {
            let mut effect = record(transaction, *id, updates, rest, retention, *now)?;
            effect.inserted = insert_all(transaction, consequences, *id, noted)?;
            for one in memories {
                memory::add(transaction, one, *id, *now)
                    .map_err(|error| unavailable("remembering a message", error))?;
            }
            Ok(effect)
        }
        Change::Operate { id, operation, event, now } => {
            operate::make(transaction, *id, operation, event, *now)
        }
        Change::HoldRules(change) => hold_rules::change(transaction, change),
        Change::NoteMissing { id, recipients, event, consequences, now } => {
            let effect = reports::note_missing(transaction, *id, recipients, event, *now)?;
            Ok(Effect { inserted: insert_all(transaction, consequences, *id, noted)?, ..effect })
        }
        Change::Touch { now } => touch(transaction, *now),
        Change::Postpone { id, until } => postpone(transaction, *id, *until),
        Change::BringForward { latest, now } => bring_forward(transaction, *latest, *now),
        Change::Losses { id, losses } => note_losses(transaction, *id, losses),
        Change::Quarantine { damage, at } => quarantine(transaction, damage, *at),
        Change::Sweep { now } => sweep(transaction, retention, *now),
    }
}

/// Everything that must be known or refused about an entry in the transaction that inserts it has its place here.
fn insert(transaction: &Transaction<'_>, insertion: &Insertion, noted: &Noted) -> Result<Option<i64>, Error> {
    insert_because(transaction, insertion, None, noted)
}

/// What follows from what became of `id`.
fn insert_all(
    transaction: &Transaction<'_>,
    consequences: &[Insertion],
    id: QueueId,
    noted: &Noted,
) -> Result<Vec<Option<i64>>, Error> {
    consequences.iter().map(|one| insert_because(transaction, one, Some(id), noted)).collect()
}

fn insert_because(
    transaction: &Transaction<'_>,
    insertion: &Insertion,
    because_of: Option<QueueId>,
    noted: &Noted,
) -> Result<Option<i64>, Error> {
    let Insertion { entry, mark, answer, .. } = insertion;
    let id = entry.id;
    let due = entry.due_at().ok_or(Error::Misuse { id, what: "expected a recipient to be transferred" })?;
    if let Some(mark) = mark
        && !mark::add(transaction, mark, entry.received_at)
            .map_err(|error| unavailable("looking for what came before", error))?
    {
        return Ok(None);
    }
    if let Some(answer) = answer
        && !answers::add(transaction, answer, entry.received_at)
            .map_err(|error| unavailable("keeping an answer", error))?
    {
        return Ok(None);
    }
    seen::note(transaction, entry, noted).map_err(|error| unavailable("noting addresses", error))?;
    match row::insert(transaction, entry, because_of, due) {
        Ok(seq) => Ok(Some(seq)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Err(Error::Misuse { id, what: "the id, or one of its recipient numbers, is taken" })
        }
        Err(error) => Err(unavailable("inserting an entry", error)),
    }
}

fn record(
    transaction: &Transaction<'_>,
    id: QueueId,
    updates: &[Update],
    rest: &Rest,
    retention: Retention,
    now: OffsetDateTime,
) -> Result<Effect, Error> {
    let failed = |error| unavailable("recording the outcome of an attempt", error);
    let Open { seq, spool, state } = open(transaction, id).map_err(failed)?.ok_or_else(|| not_queued(id))?;
    for update in updates {
        if !settle_recipient(transaction, seq, update, rest.rules_version.as_deref(), now).map_err(failed)? {
            return Err(Error::Misuse { id, what: "expected the number of a pending recipient" });
        }
    }
    let progress = progress(transaction, seq).map_err(failed)?;
    let mut effect = Effect { progress, released: Some(seq), ..Effect::default() };
    event::note_attempt(transaction, id, updates, now).map_err(failed)?;
    for one in &rest.events {
        event::add(transaction, id, one, now).map_err(failed)?;
    }
    if let Some(about) = memory::entry_of(transaction, &rest.about.keys).map_err(failed)? {
        reports::came(transaction, seq, &about, &rest.about.recipients).map_err(failed)?;
    }
    match progress.next_attempt {
        // What was held while it was tried stays so.
        Some(_) if state != RowState::Queued => {}
        Some(due) if let Some(hold) = &rest.hold => {
            set_state(transaction, seq, RowState::Queued, due)
                .and_then(|()| operate::hold(transaction, seq, hold, now))
                .map_err(failed)?;
        }
        Some(due) => set_state(transaction, seq, RowState::Queued, due).map_err(failed)?,
        None if rest.discard => {
            set_state(transaction, seq, RowState::Done, now).map_err(failed)?;
            discard_content(transaction, seq).map_err(failed)?;
            effect.orphaned.extend(spool);
        }
        None if has_failed(transaction, seq).map_err(failed)? => {
            set_state(transaction, seq, RowState::Failed, now).map_err(failed)?;
        }
        None if retention.content.is_zero() => {
            set_state(transaction, seq, RowState::Done, now).map_err(failed)?;
            discard_content(transaction, seq).map_err(failed)?;
            effect.orphaned.extend(spool);
        }
        None => set_state(transaction, seq, RowState::Kept, now).map_err(failed)?,
    }
    Ok(effect)
}

fn postpone(transaction: &Transaction<'_>, id: QueueId, until: OffsetDateTime) -> Result<Effect, Error> {
    let failed = |error| unavailable("postponing an entry", error);
    let (seq, _) = queued(transaction, id).map_err(failed)?.ok_or_else(|| not_queued(id))?;
    transaction
        .prepare_cached("UPDATE recipient SET next_attempt = ?2 WHERE seq = ?1 AND state = 'pending'")
        .and_then(|mut statement| statement.execute(params![seq, micros(until)]))
        .and_then(|_| set_state(transaction, seq, RowState::Queued, until))
        .map_err(failed)?;
    Ok(Effect { released: Some(seq), rescheduled: true, ..Effect::default() })
}

fn bring_forward(
    transaction: &Transaction<'_>,
    latest: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<Effect, Error> {
    let times = params![micros(latest), micros(now)];
    let changed = |sql| transaction.prepare_cached(sql).and_then(|mut statement| statement.execute(times));
    changed(
        "UPDATE recipient SET next_attempt = ?2
         WHERE seq IN (SELECT seq FROM entry WHERE state = 'queued' AND at > ?1)
             AND state = 'pending' AND attempts > 0 AND next_attempt > ?1",
    )
    .and_then(|_| {
        changed(
            "UPDATE entry SET at = ?2
             WHERE state = 'queued' AND at > ?1
                 AND EXISTS (SELECT * FROM recipient WHERE recipient.seq = entry.seq AND next_attempt = ?2)",
        )
    })
    .map(|entries| Effect { brought_forward: entries as u64, ..Effect::default() })
    .map_err(|error| unavailable("bringing forward what the clock puts off", error))
}

fn note_losses(transaction: &Transaction<'_>, id: QueueId, losses: &str) -> Result<Effect, Error> {
    let noted = transaction
        .prepare_cached("UPDATE entry SET losses = ?2 WHERE id = ?1")
        .and_then(|mut statement| statement.execute(params![id.to_string(), losses]))
        .map_err(|error| unavailable("noting what a conversion lost", error))?;
    match noted {
        0 => Err(Error::Misuse { id, what: "expected an entry that is there" }),
        _ => Ok(Effect::default()),
    }
}

fn quarantine(transaction: &Transaction<'_>, damage: &Damage, at: OffsetDateTime) -> Result<Effect, Error> {
    let Damage { seq, id, what } = damage;
    // An entry whose id is what is damaged gets another, so that it can be named.
    let id = match id.parse::<QueueId>() {
        Ok(_) => id.clone(),
        Err(_) => QueueId::new(seq.unsigned_abs(), at).to_string(),
    };
    transaction
        .prepare_cached(
            "UPDATE entry SET state = 'quarantined', at = ?2, reason = ?3, id = ?4
             WHERE seq = ?1 AND state IN ('queued', 'held')",
        )
        .and_then(|mut statement| statement.execute(params![seq, micros(at), what, id]))
        .map_err(|error| unavailable("putting a damaged entry aside", error))?;
    Ok(Effect { released: Some(*seq), ..Effect::default() })
}

/// Deletes at most [`SWEPT_AT_ONCE`] contents and as many entries, so that others get their turn.
fn sweep(transaction: &Transaction<'_>, retention: Retention, now: OffsetDateTime) -> Result<Effect, Error> {
    let failed = |error| unavailable("deleting what is done", error);
    let before = |kept: Duration| {
        let kept = i64::try_from(kept.as_micros()).unwrap_or(i64::MAX);
        micros(now).saturating_sub(kept)
    };
    let mut effect = Effect::default();
    let mut without_use = ended(transaction, RowState::Kept, before(retention.content)).map_err(failed)?;
    // What did not reach everybody is kept as long as its traces, so that somebody can still do something about it.
    without_use.extend(ended(transaction, RowState::Failed, before(retention.tracking)).map_err(failed)?);
    for (seq, spool) in without_use {
        transaction
            .prepare_cached("UPDATE entry SET state = 'done' WHERE seq = ?1")
            .and_then(|mut statement| statement.execute([seq]))
            .and_then(|_| discard_content(transaction, seq))
            .map_err(failed)?;
        effect.orphaned.extend(spool);
        effect.swept.contents += 1;
    }
    let mut without_trace = ended(transaction, RowState::Done, before(retention.tracking)).map_err(failed)?;
    if let Some(keep) = retention.tracking_limit {
        for (seq, spool) in beyond(transaction, keep).map_err(failed)? {
            if !without_trace.iter().any(|(known, _)| *known == seq) {
                discard_content(transaction, seq).map_err(failed)?;
                effect.orphaned.extend(spool);
                without_trace.push((seq, None));
            }
        }
    }
    for (seq, _) in without_trace {
        for sql in [
            "DELETE FROM event WHERE entry = (SELECT id FROM entry WHERE seq = ?1)",
            "DELETE FROM exempt WHERE entry = (SELECT id FROM entry WHERE seq = ?1)",
            "DELETE FROM recipient WHERE seq = ?1",
            "DELETE FROM entry WHERE seq = ?1",
        ] {
            transaction
                .prepare_cached(sql)
                .and_then(|mut statement| statement.execute([seq]))
                .map_err(failed)?;
        }
        effect.swept.entries += 1;
    }
    effect.swept.marks = mark::prune(transaction, before(retention.marks), SWEPT_AT_ONCE).map_err(failed)?;
    let old = before(retention.memories);
    effect.swept.memories = memory::prune(transaction, old, SWEPT_AT_ONCE).map_err(failed)?;
    let old = before(retention.answers);
    effect.swept.answers = answers::prune(transaction, old, SWEPT_AT_ONCE).map_err(failed)?;
    let (old, keep) = (before(retention.addresses), retention.address_limit);
    effect.swept.addresses = seen::prune(transaction, old, keep, SWEPT_AT_ONCE).map_err(failed)?;
    Ok(effect)
}

/// How many contents, entries, marks and memories one sweep deletes at most, and how many addresses by age and by number.
const SWEPT_AT_ONCE: u32 = 500;

pub(super) fn not_queued(id: QueueId) -> Error {
    Error::Misuse { id, what: "expected an entry that is queued" }
}

/// The row and the spool file of a queued entry.
fn queued(transaction: &Transaction<'_>, id: QueueId) -> rusqlite::Result<Option<(i64, Option<String>)>> {
    transaction
        .prepare_cached("SELECT seq, spool FROM entry WHERE id = ?1 AND state = 'queued'")?
        .query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// An entry that has not ended.
pub(super) struct Open {
    pub(super) seq: i64,
    pub(super) spool: Option<String>,
    /// Queued or held.
    pub(super) state: RowState,
}

/// The row of an entry that has not ended.
pub(super) fn open(transaction: &Transaction<'_>, id: QueueId) -> rusqlite::Result<Option<Open>> {
    transaction
        .prepare_cached("SELECT seq, spool, state FROM entry WHERE id = ?1 AND state IN ('queued', 'held')")?
        .query_row([id.to_string()], |row| {
            let state = RowState::named(row.get_ref(2)?.as_str()?).unwrap_or(RowState::Queued);
            Ok(Open { seq: row.get(0)?, spool: row.get(1)?, state })
        })
        .optional()
}

/// Writes something that means nothing, to see whether it can be.
fn touch(transaction: &Transaction<'_>, now: OffsetDateTime) -> Result<Effect, Error> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO touched (number, at) VALUES (1, ?1)")
        .and_then(|mut statement| statement.execute([micros(now)]))
        .map_err(|error| unavailable("trying to write", error))?;
    Ok(Effect::default())
}

/// Rows and spool files of entries in `state` since before `before`.
fn ended(
    transaction: &Transaction<'_>,
    state: RowState,
    before: i64,
) -> rusqlite::Result<Vec<(i64, Option<String>)>> {
    transaction
        .prepare_cached("SELECT seq, spool FROM entry WHERE state = ?1 AND at <= ?2 ORDER BY at LIMIT ?3")?
        .query_map(params![state, before, SWEPT_AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// The same of the done entries that ended first, where there are more than `keep`.
fn beyond(transaction: &Transaction<'_>, keep: u64) -> rusqlite::Result<Vec<(i64, Option<String>)>> {
    let total: i64 = transaction
        .prepare_cached("SELECT count(*) FROM entry WHERE state IN ('kept', 'failed', 'done')")?
        .query_row([], |row| row.get(0))?;
    let excess = total.unsigned_abs().saturating_sub(keep).min(SWEPT_AT_ONCE.into());
    if excess == 0 {
        return Ok(Vec::new());
    }
    transaction
        .prepare_cached(
            "SELECT seq, spool FROM entry WHERE state IN ('kept', 'failed', 'done') ORDER BY at LIMIT ?1",
        )?
        .query_map([i64::try_from(excess).unwrap_or(i64::MAX)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

/// Writes down one attempt; false if the recipient is not pending.
fn settle_recipient(
    transaction: &Transaction<'_>,
    seq: i64,
    update: &Update,
    rules_version: Option<&str>,
    now: OffsetDateTime,
) -> rusqlite::Result<bool> {
    let now = Some(micros(now));
    let (state, next_attempt, settled, target, code, diagnosis) = match &update.result {
        AttemptResult::Transferred { to, detail } | AttemptResult::Delivered { to, detail } => {
            ("transferred", None, now, Some(to), None, detail)
        }
        AttemptResult::Failed { code, detail } => ("failed", None, now, None, Some(code), detail),
        AttemptResult::Deferred { diagnosis, next_attempt } => {
            ("pending", Some(micros(*next_attempt)), None, None, None, diagnosis)
        }
    };
    let changed = transaction
        .prepare_cached(
            "UPDATE recipient SET state = ?3, attempts = attempts + 1, next_attempt = ?4, settled = ?5, target = ?6,
             code = ?7, diagnosis = ?8, rules = coalesce(?9, rules) WHERE seq = ?1 AND number = ?2 AND state = 'pending'",
        )?
        .execute(params![
            seq,
            update.number,
            state,
            next_attempt,
            settled,
            target,
            code,
            diagnosis,
            rules_version,
        ])?;
    Ok(changed == 1)
}

/// How far the recipients of `seq` have come.
pub(super) fn progress(transaction: &Transaction<'_>, seq: i64) -> rusqlite::Result<Progress> {
    transaction
        .prepare_cached(
            "SELECT count(*), min(coalesce(next_attempt, (SELECT received FROM entry WHERE seq = ?1)))
             FROM recipient WHERE seq = ?1 AND state = 'pending'",
        )?
        .query_row([seq], |row| {
            Ok(Progress { pending: row.get(0)?, next_attempt: row.get::<_, Option<i64>>(1)?.map(moment) })
        })
}

/// Whether a recipient of `seq` has failed.
fn has_failed(transaction: &Transaction<'_>, seq: i64) -> rusqlite::Result<bool> {
    transaction
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM recipient WHERE seq = ?1 AND state = 'failed')")?
        .query_row([seq], |row| row.get(0))
}

pub(super) fn set_state(
    transaction: &Transaction<'_>,
    seq: i64,
    state: RowState,
    at: OffsetDateTime,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("UPDATE entry SET state = ?2, at = ?3 WHERE seq = ?1")?
        .execute(params![seq, state, micros(at)])
        .map(drop)
}

/// Lets go of the content of `seq`, wherever it is.
fn discard_content(transaction: &Transaction<'_>, seq: i64) -> rusqlite::Result<()> {
    transaction.prepare_cached("DELETE FROM content WHERE seq = ?1")?.execute([seq])?;
    transaction
        .prepare_cached("UPDATE entry SET spool = NULL WHERE seq = ?1 AND spool IS NOT NULL")?
        .execute([seq])
        .map(drop)
}
