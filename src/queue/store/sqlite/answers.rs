//! What a program was answered whose request may come again: under the key that it gave, with a digest of what it asked for. Kept
//! with the entry in one commit, so that neither is there without the other.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use time::OffsetDateTime;

use super::row::micros;
use super::{Error, SqliteStore, unavailable};
use crate::queue::entry::Entry;
use crate::queue::store::Answer;
use crate::queue::store::sqlite::change::Insertion;

impl SqliteStore {
    /// What was answered to the request with this key.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn answered(&self, key: String) -> Result<Option<Answer>, Error> {
        let look = move |connection: &Connection| find(connection, &key);
        let found = self.read(move |reader| Ok(look(reader.connection()))).await?;
        found.map_err(|error| unavailable("looking for an answer", error))
    }

    /// Keeps `entry`, as [`insert`](crate::queue::store::Store::insert) does, and what its program is answered, unless a request with
    /// the same key was answered before: then that answer is given, and nothing is kept.
    ///
    /// # Errors
    /// As [`insert`](crate::queue::store::Store::insert); also if that answer went between the two.
    pub async fn insert_answered(&self, entry: Entry, answer: Answer) -> Result<Option<Answer>, Error> {
        let key = answer.key.clone();
        let insertion = Insertion { answer: Some(answer), ..self.prepare(entry).await? };
        match self.insert_prepared(insertion).await? {
            super::Inserted::Kept => Ok(None),
            // It was there a moment ago; without it nobody knows what was kept.
            super::Inserted::Repeated => {
                self.answered(key).await?.map(Some).ok_or_else(|| Error::Unavailable {
                    what: "looking for an answer that has just been forgotten".to_owned(),
                    source: None,
                })
            }
        }
    }
}

/// Keeps an answer; false if its key has one.
pub(super) fn add(
    transaction: &Transaction<'_>,
    answer: &Answer,
    now: OffsetDateTime,
) -> rusqlite::Result<bool> {
    let Answer { key, digest, text } = answer;
    let added = transaction
        .prepare_cached("INSERT OR IGNORE INTO answer (key, at, digest, text) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![key, micros(now), digest, text])?;
    Ok(added == 1)
}

fn find(connection: &Connection, key: &str) -> rusqlite::Result<Option<Answer>> {
    connection
        .prepare_cached("SELECT key, digest, text FROM answer WHERE key = ?1")?
        .query_row([key], |row| Ok(Answer { key: row.get(0)?, digest: row.get(1)?, text: row.get(2)? }))
        .optional()
}

/// Forgets at most `limit` answers that are older; gives how many.
pub(super) fn prune(transaction: &Transaction<'_>, before: i64, limit: u32) -> rusqlite::Result<u64> {
    transaction
        .prepare_cached(
            "DELETE FROM answer WHERE key IN (SELECT key FROM answer WHERE at <= ?1 ORDER BY at LIMIT ?2)",
        )?
        .execute(params![before, limit])
        .map(|count| count as u64)
}
