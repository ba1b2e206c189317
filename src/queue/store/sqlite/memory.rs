//! What is remembered of messages that were passed on, and the keys it is found by.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use time::OffsetDateTime;

use super::row::micros;
use crate::queue::entry::QueueId;
use crate::queue::store::{Memory, RECALLED};

/// Remembers `memory` of `entry`.
pub(super) fn add(
    transaction: &Transaction<'_>,
    memory: &Memory,
    entry: QueueId,
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    let keys = serde_json::to_string(&memory.keys).unwrap_or_default();
    transaction
        .prepare_cached("INSERT INTO memory (at, keys, octets, entry) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![micros(now), keys, memory.octets, entry.to_string()])?;
    let number = transaction.last_insert_rowid();
    for key in &memory.keys {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO memory_key (key, memory) VALUES (?1, ?2)")?
            .execute(params![key, number])?;
    }
    Ok(())
}

/// What is remembered under the first of `keys` under which anything is, newest first.
pub(super) fn find(connection: &Connection, keys: &[String]) -> rusqlite::Result<Vec<Vec<u8>>> {
    for key in keys {
        let found: Vec<Vec<u8>> = connection
            .prepare_cached(
                "SELECT octets FROM memory_key JOIN memory ON memory.number = memory_key.memory
                 WHERE key = ?1 ORDER BY memory_key.memory DESC LIMIT ?2",
            )?
            .query_map(params![key, RECALLED], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The entry that is remembered under the first of `keys` under which any is: the newest.
pub(super) fn entry_of(connection: &Connection, keys: &[String]) -> rusqlite::Result<Option<String>> {
    for key in keys {
        let found: Option<String> = connection
            .prepare_cached(
                "SELECT entry FROM memory_key JOIN memory ON memory.number = memory_key.memory
                 WHERE key = ?1 AND entry IS NOT NULL ORDER BY memory_key.memory DESC LIMIT 1",
            )?
            .query_row([key], |row| row.get(0))
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// What is remembered under `key` of `entry`, newest first.
pub(super) fn of_entry(connection: &Connection, key: &str, entry: QueueId) -> rusqlite::Result<Vec<Vec<u8>>> {
    connection
        .prepare_cached(
            "SELECT octets FROM memory_key JOIN memory ON memory.number = memory_key.memory
             WHERE key = ?1 AND entry = ?2 ORDER BY memory_key.memory DESC LIMIT ?3",
        )?
        .query_map(params![key, entry.to_string(), RECALLED], |row| row.get(0))?
        .collect()
}

/// Forgets at most `limit` of what was remembered before `before`; gives how much. What is oldest has the lowest number, so no
/// index by age is needed.
pub(super) fn prune(transaction: &Transaction<'_>, before: i64, limit: u32) -> rusqlite::Result<u64> {
    let oldest: Vec<(i64, i64, String)> = transaction
        .prepare_cached("SELECT number, at, keys FROM memory ORDER BY number LIMIT ?1")?
        .query_map([limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut pruned = 0;
    for (number, _, keys) in oldest.into_iter().take_while(|(_, at, _)| *at <= before) {
        let keys: Vec<String> = serde_json::from_str(&keys).unwrap_or_default();
        for key in keys {
            transaction
                .prepare_cached("DELETE FROM memory_key WHERE key = ?1 AND memory = ?2")?
                .execute(params![key, number])?;
        }
        transaction.prepare_cached("DELETE FROM memory WHERE number = ?1")?.execute([number])?;
        pruned += 1;
    }
    Ok(pruned)
}
