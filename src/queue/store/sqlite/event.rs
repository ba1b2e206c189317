//! What happened to entries and nothing else tells.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, params};
use serde_json::json;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::row::{micros, moment};
use crate::queue::entry::QueueId;
use crate::queue::store::operation::{Event, Happened};
use crate::queue::store::{AttemptResult, Update};

/// Recipients that an event names.
const NAMED: usize = 20;

/// Writes down what happened.
pub(super) fn add(
    transaction: &Transaction<'_>,
    entry: QueueId,
    event: &Event,
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT INTO event (entry, at, kind, who, detail) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![entry.to_string(), micros(now), event.kind, event.who, event.detail.to_string()])
        .map(drop)
}

/// Writes down an attempt in vain: a recipient remembers only the last one. How it ended, the recipient itself tells.
pub(super) fn note_attempt(
    transaction: &Transaction<'_>,
    entry: QueueId,
    updates: &[Update],
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    let mut deferred: BTreeMap<(&str, OffsetDateTime), Vec<u32>> = BTreeMap::new();
    for Update { number, result } in updates {
        if let AttemptResult::Deferred { diagnosis, next_attempt } = result {
            deferred.entry((diagnosis, *next_attempt)).or_default().push(*number);
        }
    }
    for ((diagnosis, next_attempt), numbers) in deferred {
        let detail = json!({
            "diagnosis": diagnosis,
            "next-attempt": next_attempt.format(&Rfc3339).unwrap_or_default(),
            "recipients": numbers.len(),
            "numbers": numbers.iter().take(NAMED).collect::<Vec<_>>(),
        });
        add(transaction, entry, &Event { kind: "deferred".to_owned(), who: None, detail }, now)?;
    }
    Ok(())
}

/// What happened to an entry, in order.
pub(super) fn of(connection: &Connection, entry: QueueId) -> rusqlite::Result<Vec<Happened>> {
    connection
        .prepare_cached("SELECT at, kind, who, detail FROM event WHERE entry = ?1 ORDER BY number")?
        .query_map([entry.to_string()], |row| {
            let detail = serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default();
            let event = Event { kind: row.get(1)?, who: row.get(2)?, detail };
            Ok(Happened { at: moment(row.get(0)?), event })
        })?
        .collect()
}
