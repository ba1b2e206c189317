//! Rules that hold entries, made while the gateway runs.

use rusqlite::{Connection, Transaction, params};
use serde_json::json;
use time::OffsetDateTime;

use super::change::Effect;
use super::row::{micros, moment};
use super::{Error, event, operate, unavailable};
use crate::queue::entry::QueueId;
use crate::queue::store::operation::{Event, NumberedRule, RuleChange};

/// Changes the rules; [`Effect::rule`] is the number of a new one, or how many entries an old one had held.
pub(super) fn change(transaction: &Transaction<'_>, change: &RuleChange) -> Result<Effect, Error> {
    let made = match change {
        RuleChange::Add { rule, who, at } => {
            let what = serde_json::to_string(rule).unwrap_or_default();
            transaction
                .prepare_cached("INSERT INTO hold (at, who, what) VALUES (?1, ?2, ?3)")
                .and_then(|mut statement| statement.execute(params![micros(*at), who, what]))
                .map(|_| transaction.last_insert_rowid().unsigned_abs())
        }
        RuleChange::Remove { number, who, at } => remove(transaction, *number, who, *at),
    };
    let rule = made.map_err(|error| unavailable("changing the rules that hold entries", error))?;
    Ok(Effect { rule, rescheduled: true, ..Effect::default() })
}

/// Removes a rule and releases what it held; gives how much that was.
fn remove(
    transaction: &Transaction<'_>,
    number: u64,
    who: &str,
    at: OffsetDateTime,
) -> rusqlite::Result<u64> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    transaction.prepare_cached("DELETE FROM hold WHERE number = ?1")?.execute([number])?;
    let held: Vec<(i64, String)> = transaction
        .prepare_cached("SELECT seq, id FROM entry WHERE state = 'held' AND hold = ?1")?
        .query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (seq, id) in &held {
        operate::release(transaction, *seq, at)?;
        if let Ok(id) = id.parse() {
            let detail = json!({ "rule": number });
            let event = Event { kind: "release".to_owned(), who: Some(who.to_owned()), detail };
            event::add(transaction, id, &event, at)?;
        }
    }
    Ok(held.len() as u64)
}

/// The rules that were made, in order.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<NumberedRule>> {
    let mut statement =
        connection.prepare_cached("SELECT number, at, who, what FROM hold ORDER BY number")?;
    let rows = statement.query_map([], |row| {
        Ok(NumberedRule {
            number: row.get::<_, i64>(0)?.unsigned_abs(),
            at: moment(row.get(1)?),
            who: row.get(2)?,
            // One that a later program wrote says nothing here, and holds nothing.
            rule: serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default(),
        })
    })?;
    rows.collect()
}

/// From now on no rule holds this entry.
pub(super) fn except(connection: &Connection, id: QueueId) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("INSERT OR IGNORE INTO exempt (entry) VALUES (?1)")?;
    statement.execute([id.to_string()]).map(drop)
}

/// The entries that no rule holds again.
pub(super) fn exempt(connection: &Connection) -> rusqlite::Result<Vec<QueueId>> {
    let mut statement = connection.prepare_cached("SELECT entry FROM exempt")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.iter().filter_map(|id| id.parse().ok()).collect())
}
