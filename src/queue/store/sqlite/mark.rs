//! What entries are recognised by when they come again: names, each with the parts that were kept under it.

use rusqlite::{OptionalExtension, Transaction, params};
use time::OffsetDateTime;

use super::row::micros;
use crate::queue::store::Mark;

/// Remembers `mark`; false if all of it was remembered before.
pub(super) fn add(transaction: &Transaction<'_>, mark: &Mark, now: OffsetDateTime) -> rusqlite::Result<bool> {
    let known: Option<i64> = transaction
        .prepare_cached("SELECT number FROM mark WHERE name = ?1")?
        .query_row([&mark.name], |row| row.get(0))
        .optional()?;
    let at = micros(now);
    let number = match known {
        Some(number) => number,
        None => {
            transaction
                .prepare_cached("INSERT INTO mark (name, at) VALUES (?1, ?2)")?
                .execute(params![mark.name, at])?;
            transaction.last_insert_rowid()
        }
    };
    let mut new = known.is_none();
    for part in &mark.parts {
        let added = transaction
            .prepare_cached("INSERT OR IGNORE INTO mark_part (mark, part) VALUES (?1, ?2)")?
            .execute(params![number, part])?;
        new |= added > 0;
    }
    if new && known.is_some() {
        transaction
            .prepare_cached("UPDATE mark SET at = max(at, ?2) WHERE number = ?1")?
            .execute(params![number, at])?;
    }
    Ok(new)
}

/// Forgets at most `limit` marks to which nothing was added since `before`; gives how many.
pub(super) fn prune(transaction: &Transaction<'_>, before: i64, limit: u32) -> rusqlite::Result<u64> {
    let old: Vec<i64> = transaction
        .prepare_cached("SELECT number FROM mark WHERE at <= ?1 ORDER BY at LIMIT ?2")?
        .query_map(params![before, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for number in &old {
        for sql in ["DELETE FROM mark_part WHERE mark = ?1", "DELETE FROM mark WHERE number = ?1"] {
            transaction.prepare_cached(sql)?.execute([number])?;
        }
    }
    Ok(old.len() as u64)
}
