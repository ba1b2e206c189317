//! What operators do with entries: each operation is one transaction, with the event that tells of it.

use rusqlite::{OptionalExtension, Transaction, params};
use time::OffsetDateTime;

use super::change::{Change, Effect, progress, set_state};
use super::reader::Reader;
use super::row::{self, micros};
use super::state::RowState;
use super::{Error, SqliteStore, event, hold_rules, unavailable};
use crate::queue::entry::QueueId;
use crate::queue::store::StateKind;
use crate::queue::store::operation::{Event, Hold, NumberedRule, Operated, Operation, RuleChange, Take};
use std::time::Duration;

impl SqliteStore {
    /// Takes an entry that has not ended, due or not, so that nobody else touches it for `lease`.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Corrupt`].
    pub async fn take(&self, id: QueueId, lease: Duration, now: OffsetDateTime) -> Result<Take, Error> {
        self.read(move |reader| reader.take_one(id, lease, now)).await
    }

    /// Gives back an entry that was taken and of which nothing was written down.
    pub fn give_back(&self, id: QueueId) {
        self.shared.held().release_named(id);
        self.shared.arrivals.notify_one();
    }

    /// Does something with an entry that has not ended, and writes down that it was done.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`].
    pub async fn operate(
        &self,
        id: QueueId,
        operation: Operation,
        event: Event,
        now: OffsetDateTime,
    ) -> Result<Operated, Error> {
        let is_for_later = matches!(operation, Operation::Hold(_) | Operation::Retry);
        match self.change(Change::Operate { id, operation, event, now }).await {
            Ok(_) if is_for_later && self.shared.held().is_named(id) => Ok(Operated::AfterAttempt),
            Ok(_) => Ok(Operated::Done),
            Err(Error::Misuse { .. }) => {
                let state = self.read(move |reader| reader.state_of(id)).await?;
                Ok(Operated::NotInState(state))
            }
            Err(error) => Err(error),
        }
    }

    /// Changes the rules that hold entries; gives the number of a new one, or how many entries an old one had held.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`].
    pub async fn change_hold_rules(&self, change: RuleChange) -> Result<u64, Error> {
        self.change(Change::HoldRules(change)).await.map(|effect| effect.rule)
    }

    /// The rules that hold entries, and the entries that none holds.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn hold_rules(&self) -> Result<(Vec<NumberedRule>, Vec<QueueId>), Error> {
        self.read(Reader::hold_rules).await
    }

    /// Writes something that means nothing, durably: whether anything can be written at all.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Unavailable`].
    pub async fn touch(&self, now: OffsetDateTime) -> Result<(), Error> {
        self.change(Change::Touch { now }).await.map(drop)
    }
}

/// Does one thing to one entry.
pub(super) fn make(
    transaction: &Transaction<'_>,
    id: QueueId,
    operation: &Operation,
    event: &Event,
    now: OffsetDateTime,
) -> Result<Effect, Error> {
    let failed = |error| unavailable("doing what the operator wants", error);
    let not_now = || Error::Misuse { id, what: "it is not in a state in which that can be done" };
    let found: Option<(i64, String)> = transaction
        .prepare_cached("SELECT seq, state FROM entry WHERE id = ?1")
        .and_then(|mut statement| {
            statement.query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(failed)?;
    let (seq, state) = found.ok_or_else(not_now)?;
    let state = RowState::named(&state).ok_or_else(not_now)?;
    let mut effect = Effect { rescheduled: true, ..Effect::default() };
    match (operation, state) {
        (Operation::Hold(what), RowState::Queued) => hold(transaction, seq, what, now),
        (Operation::Salvage(what), RowState::Queued | RowState::Held | RowState::Quarantined) => {
            set_state(transaction, seq, RowState::Queued, now)
                .and_then(|()| hold(transaction, seq, what, now))
        }
        (Operation::Release { exempt: false }, RowState::Held | RowState::Quarantined) => {
            release(transaction, seq, now)
        }
        (Operation::Release { exempt: true }, RowState::Held | RowState::Quarantined) => {
            hold_rules::except(transaction, id).and_then(|()| release(transaction, seq, now))
        }
        (Operation::Retry, RowState::Queued) => transaction
            .prepare_cached("UPDATE recipient SET next_attempt = ?2 WHERE seq = ?1 AND state = 'pending'")
            .and_then(|mut statement| statement.execute(params![seq, micros(now)]))
            .and_then(|_| set_state(transaction, seq, RowState::Queued, now)),
        (Operation::Note, _) => {
            effect.rescheduled = false;
            Ok(())
        }
        (Operation::Redirect { number, address, options }, RowState::Queued | RowState::Held) => {
            effect.released = Some(seq);
            row::readdress(transaction, seq, *number, address, options)
        }
        _ => return Err(not_now()),
    }
    .and_then(|()| event::add(transaction, id, event, now))
    .map_err(failed)?;
    Ok(effect)
}

/// Holds a queued entry.
pub(super) fn hold(
    transaction: &Transaction<'_>,
    seq: i64,
    hold: &Hold,
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    let rule = hold.rule.map(|number| i64::try_from(number).unwrap_or(i64::MAX));
    transaction
        .prepare_cached(
            "UPDATE entry SET state = 'held', at = ?2, reason = ?3, hold = ?4 WHERE seq = ?1 AND state = 'queued'",
        )?
        .execute(params![seq, micros(now), hold.reason, rule])
        .map(drop)
}

/// Queues an entry again: it is due when its recipients are.
pub(super) fn release(transaction: &Transaction<'_>, seq: i64, now: OffsetDateTime) -> rusqlite::Result<()> {
    let due = progress(transaction, seq)?.next_attempt.unwrap_or(now);
    transaction
        .prepare_cached(
            "UPDATE entry SET state = 'queued', at = ?2, reason = NULL, hold = NULL WHERE seq = ?1",
        )?
        .execute(params![seq, micros(due)])
        .map(drop)
}

/// The state of a row without its particulars; one that nobody knows is over.
pub(super) fn kind_of(state: &str) -> StateKind {
    RowState::named(state).map_or(StateKind::Done, RowState::kind)
}

impl Reader {
    fn hold_rules(&mut self) -> Result<(Vec<NumberedRule>, Vec<QueueId>), Error> {
        let connection = self.connection();
        let read = hold_rules::all(connection).and_then(|all| Ok((all, hold_rules::exempt(connection)?)));
        read.map_err(|error| unavailable("reading the rules that hold entries", error))
    }

    fn state_of(&mut self, id: QueueId) -> Result<Option<StateKind>, Error> {
        let found = self.connection().prepare_cached("SELECT state FROM entry WHERE id = ?1").and_then(
            |mut statement| {
                statement.query_row([id.to_string()], |row| Ok(kind_of(row.get_ref(0)?.as_str()?))).optional()
            },
        );
        found.map_err(|error| unavailable("looking for an entry", error))
    }
}
