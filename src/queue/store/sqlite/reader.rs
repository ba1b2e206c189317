//! The reading thread: claims, look-ups, listings.

use std::{sync::Arc, time::Duration};

use rusqlite::{Connection, OptionalExtension, Row, params};
use time::OffsetDateTime;

use super::{
    Error,
    change::Damage,
    memory, operate,
    row::{self, Unreadable, micros, micros_after, moment},
    shared::{Held, Shared},
    spool::Spool,
    state::RowState,
    unavailable,
};
use crate::queue::{
    entry::{Entry, QueueId, Urgency},
    store::{Claim, Counts, Filter, State, StateKind, Summary, Tracked, operation::Take},
};

/// A row that was leased, and its entry if it was still in memory.
type Taken = (i64, Option<Arc<Entry>>);

/// Owns the reading connection.
pub(super) struct Reader {
    connection: Connection,
    shared: Arc<Shared>,
    spool: Spool,
}

impl Reader {
    pub(super) fn new(connection: Connection, shared: Arc<Shared>, spool: Spool) -> Self {
        Self { connection, shared, spool }
    }

    /// As [`Store::claim`](crate::queue::store::Store::claim); damaged entries are held too, and named.
    pub(super) fn claim(
        &mut self,
        limit: usize,
        lease: Duration,
        now: OffsetDateTime,
    ) -> Result<(Claim, Vec<Damage>), Error> {
        let (taken, next_due) =
            self.take(limit, lease, now).map_err(|error| unavailable("claiming", error))?;
        let mut claim = Claim { entries: Vec::with_capacity(taken.len()), next_due: next_due.map(moment) };
        let mut damaged = Vec::new();
        for (place, (seq, recent)) in taken.iter().enumerate() {
            let entry = match recent {
                Some(entry) => Ok(Arc::clone(entry)),
                None => row::read(&self.connection, &self.spool, *seq).map(|tracked| Arc::new(tracked.entry)),
            };
            match entry {
                Ok(entry) => {
                    self.shared.held().name(*seq, entry.id);
                    claim.entries.push(entry);
                }
                Err(Unreadable::Damaged { id, what }) => damaged.push(Damage { seq: *seq, id, what }),
                // Its lease keeps it away for a while, so that others get their turn.
                Err(Unreadable::Spool(error)) => {
                    tracing::error!(row = seq, %error, "the content of an entry cannot be looked at; it waits");
                }
                Err(problem) if claim.entries.is_empty() => {
                    self.give_back(&taken);
                    return Err(failed(problem));
                }
                // What was read so far is worth having; the problem will be met again.
                Err(_) => {
                    self.give_back(&taken[place..]);
                    claim.next_due = Some(now);
                    break;
                }
            }
        }
        Ok((claim, damaged))
    }

    /// Leases due rows; also gives when the next one is due.
    fn take(
        &mut self,
        limit: usize,
        lease: Duration,
        now: OffsetDateTime,
    ) -> rusqlite::Result<(Vec<Taken>, Option<i64>)> {
        let now_micros = micros(now);
        let until = micros_after(now, lease);
        // Held while the rows are looked at: see the module `sqlite` on leases.
        let mut held = self.shared.held();
        held.expire(now_micros);
        let (due, next) = due(&self.connection, &held, limit, now_micros)?;
        match next.is_none_or(|next| next > now_micros) {
            true => held.looked(next),
            false => held.forget_outlook(),
        }
        let next = next.into_iter().chain(held.first_end()).min();
        let taken = due
            .into_iter()
            .map(|seq| {
                held.lease(seq, until);
                (seq, held.take_recent(seq))
            })
            .collect();
        Ok((taken, next))
    }

    /// As [`SqliteStore::take`](super::SqliteStore::take).
    pub(super) fn take_one(
        &mut self,
        id: QueueId,
        lease: Duration,
        now: OffsetDateTime,
    ) -> Result<Take, Error> {
        let found: Option<(i64, String)> = self
            .connection
            .prepare_cached("SELECT seq, state FROM entry WHERE id = ?1")
            .and_then(|mut statement| {
                statement.query_row([id.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .map_err(|error| unavailable("looking for an entry", error))?;
        let (seq, kind) = match found {
            None => return Ok(Take::NotOpen(None)),
            Some((seq, state)) => (seq, operate::kind_of(&state)),
        };
        if !matches!(kind, StateKind::Queued | StateKind::Held) {
            return Ok(Take::NotOpen(Some(kind)));
        }
        let until = micros_after(now, lease);
        {
            let mut held = self.shared.held();
            held.expire(micros(now));
            if held.is_leased(seq) {
                return Ok(Take::UnderWay);
            }
            held.lease(seq, until);
            held.name(seq, id);
            held.take_recent(seq);
        }
        // As it is now that nobody else has it: it may have ended since it was looked for.
        match self.load(id) {
            Ok(Some(Tracked { entry, state: State::Queued { .. } | State::Held { .. }, .. })) => {
                Ok(Take::Taken(Arc::new(entry)))
            }
            other => {
                self.give_back(&[(seq, None)]);
                // It may be due, and whoever looked meanwhile has not seen it.
                self.shared.arrivals.notify_one();
                other.map(|found| Take::NotOpen(found.map(|found| found.state.kind())))
            }
        }
    }

    /// The connection, for what is looked up in other modules.
    pub(super) fn connection(&mut self) -> &Connection {
        &self.connection
    }

    fn give_back(&self, taken: &[Taken]) {
        let mut held = self.shared.held();
        taken.iter().for_each(|(seq, _)| held.release(*seq));
        held.forget_outlook();
    }

    /// As [`Store::next_due`](crate::queue::store::Store::next_due).
    pub(super) fn next_due(&mut self, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, Error> {
        let mut held = self.shared.held();
        held.expire(micros(now));
        let (_, next) = due(&self.connection, &held, 0, micros(now))
            .map_err(|error| unavailable("looking for what is due", error))?;
        Ok(next.into_iter().chain(held.first_end()).min().map(moment))
    }

    /// As [`Store::load`](crate::queue::store::Store::load).
    pub(super) fn load(&mut self, id: QueueId) -> Result<Option<Tracked>, Error> {
        let Some(seq) = self.seq(id)? else { return Ok(None) };
        // One snapshot, so that no change falls between the entry and its recipients.
        let transaction = self.connection.transaction().map_err(|error| unavailable("reading", error))?;
        row::read(&transaction, &self.spool, seq).map(Some).map_err(failed)
    }

    /// As [`Store::recall`](crate::queue::store::Store::recall).
    pub(super) fn recall(&mut self, keys: &[String]) -> Result<Vec<Vec<u8>>, Error> {
        memory::find(&self.connection, keys).map_err(|error| unavailable("recalling a message", error))
    }

    /// The row of an entry.
    pub(super) fn seq(&mut self, id: QueueId) -> Result<Option<i64>, Error> {
        self.connection
            .prepare_cached("SELECT seq FROM entry WHERE id = ?1")
            .and_then(|mut statement| statement.query_row([id.to_string()], |row| row.get(0)).optional())
            .map_err(|error| unavailable("looking for an entry", error))
    }

    /// As [`Store::list`](crate::queue::store::Store::list).
    pub(super) fn list(&mut self, filter: &Filter) -> Result<Vec<Summary>, Error> {
        let states = RowState::list(|kind| filter.state.is_none_or(|wanted| wanted == kind));
        let after = filter.after.map(|id| id.to_string()).unwrap_or_default();
        // Most rows are done, so for another state its own index leads to the few; `+` hides the index of the id.
        let by = if matches!(filter.state, None | Some(StateKind::Done)) { "id" } else { "+id" };
        let sql = format!(
            "SELECT id, state, at, reason, received, reverse_path, content_length,
                 (SELECT count(*) FROM recipient WHERE recipient.seq = entry.seq),
                 (SELECT count(*) FROM recipient WHERE recipient.seq = entry.seq AND recipient.state = 'pending'),
                 rules
             FROM entry WHERE {by} > ?1 AND state IN {states} ORDER BY {by} LIMIT ?2"
        );
        let read = |connection: &Connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![after, filter.limit], summary)?;
            rows.filter_map(Result::transpose).collect::<rusqlite::Result<Vec<_>>>()
        };
        read(&self.connection).map_err(|error| unavailable("listing", error))
    }

    /// As [`Store::count`](crate::queue::store::Store::count).
    pub(super) fn count(&mut self) -> Result<Counts, Error> {
        let read = |connection: &Connection| {
            let mut counts = Counts::default();
            let mut statement =
                connection.prepare_cached("SELECT state, count(*) FROM entry GROUP BY state")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let number = row.get::<_, i64>(1)?.unsigned_abs();
                match RowState::named(row.get_ref(0)?.as_str()?).map(RowState::kind) {
                    Some(StateKind::Queued) => counts.queued += number,
                    Some(StateKind::Held) => counts.held += number,
                    Some(StateKind::Done) => counts.done += number,
                    Some(StateKind::Quarantined) | None => counts.quarantined += number,
                }
            }
            Ok(counts)
        };
        let mut counts = read(&self.connection).map_err(|error| unavailable("counting", error))?;
        counts.leased = self.shared.held().leased() as u64;
        Ok(counts)
    }
}

/// Up to `limit` rows that are due at `now` and free, most urgent and then longest due first, and when the next one is due.
fn due(
    connection: &Connection,
    held: &Held,
    limit: usize,
    now: i64,
) -> rusqlite::Result<(Vec<i64>, Option<i64>)> {
    let (mut found, mut next) = (Vec::new(), None::<i64>);
    for urgency in Urgency::ALL {
        // The rank is no parameter, for which SQLite would prepare the statement anew each time.
        let rank = row::rank(urgency);
        let mut statement = connection.prepare_cached(&format!(
            "SELECT seq, at FROM entry WHERE state = 'queued' AND rank = {rank} ORDER BY at"
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, at) = (row.get(0)?, row.get(1)?);
            if held.is_leased(seq) {
                continue;
            }
            if at > now || found.len() >= limit {
                next = next.into_iter().chain([at]).min();
                break;
            }
            found.push(seq);
        }
    }
    Ok((found, next))
}

/// A line of a listing; `None` for an entry whose id is damaged and which is not quarantined yet.
fn summary(row: &Row<'_>) -> rusqlite::Result<Option<Summary>> {
    let at = moment(row.get(2)?);
    let Ok(id) = row.get_ref(0)?.as_str()?.parse() else { return Ok(None) };
    let Some(state) = RowState::named(row.get_ref(1)?.as_str()?) else { return Ok(None) };
    let state = state.with(at, row.get(3)?);
    Ok(Some(Summary {
        id,
        state,
        received_at: moment(row.get(4)?),
        reverse_path: row.get(5)?,
        length: row.get::<_, i64>(6)?.unsigned_abs(),
        recipients: row.get(7)?,
        pending: row.get(8)?,
        rules_version: row.get(9)?,
    }))
}

fn failed(problem: Unreadable) -> Error {
    match problem {
        Unreadable::Damaged { id, what } => Error::Corrupt { id, what },
        Unreadable::Sql(error) => unavailable("reading an entry", error),
        Unreadable::Spool(error) => {
            Error::Unavailable { what: "reading the spool".to_owned(), source: Some(Box::new(error)) }
        }
    }
}
