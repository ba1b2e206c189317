//! Reports that came, and those that did not: of each recipient that a mail was passed on for (X.411 8.3: reports are about
//! recipients).
//!
//! `recipient.report` is `came` once a report or receipt about the recipient was written down, `missing` once it was told that
//! there is none.

use std::time::Duration;

use rusqlite::{Transaction, params};
use time::OffsetDateTime;

use super::archive::Archive;
use super::change::{Change, Effect};
use super::row::micros;
use super::{Error, SqliteStore, event, unavailable};
use crate::queue::entry::{Entry, QueueId};
use crate::queue::store::operation::Event;

/// Recipients of one mail of whom nothing was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreported {
    /// The mail.
    pub id: QueueId,
    /// Their numbers.
    pub recipients: Vec<u32>,
}

/// Recipients that are looked for at once.
const AT_ONCE: u32 = 1000;

impl Archive {
    /// Recipients of mails that somebody took before `before`, and not more than `window` before that, of whom the sender wants to
    /// hear so and of whom no report has come, each until that is [noted](SqliteStore::note_missing). Takers in `silent` do not
    /// count: nothing is ever heard from them.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn unreported(
        &self,
        before: OffsetDateTime,
        window: Duration,
        silent: &[String],
    ) -> Result<Vec<Unreported>, Error> {
        let read = || {
            // What cannot be read is no reason not to tell of the others.
            let mut statement = self.connection.prepare_cached(
                "SELECT entry.id, recipient.number
                 FROM (SELECT seq FROM entry WHERE state IN ('queued', 'held')
                       UNION ALL SELECT seq FROM entry WHERE state IN ('kept', 'failed', 'done') AND at > ?2) AS recent
                 JOIN entry ON entry.seq = recent.seq JOIN recipient ON recipient.seq = recent.seq
                 WHERE recipient.state = 'transferred' AND recipient.report IS NULL
                 AND recipient.settled <= ?1 AND recipient.settled > ?2
                 AND recipient.target NOT IN (SELECT value FROM json_each(?3))
                 AND CASE WHEN json_valid(entry.head) THEN json_extract(entry.head, '$.kind') IS NULL END
                 AND EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(recipient.options) THEN recipient.options ELSE '{}' END,
                     '$.notify') WHERE value = 'success')
                 ORDER BY entry.seq, recipient.number LIMIT ?4",
            )?;
            let since = micros(before).saturating_sub(i64::try_from(window.as_micros()).unwrap_or(i64::MAX));
            let silent = serde_json::to_string(silent).unwrap_or_default();
            let rows = statement.query_map(params![micros(before), since, silent, AT_ONCE], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
            rows.collect::<rusqlite::Result<Vec<(String, u32)>>>()
        };
        let rows = read().map_err(|error| unavailable("looking for reports that did not come", error))?;
        let mut found: Vec<Unreported> = Vec::new();
        for (id, number) in rows {
            let Ok(id) = id.parse() else { continue };
            match found.last_mut() {
                Some(last) if last.id == id => last.recipients.push(number),
                _ => found.push(Unreported { id, recipients: vec![number] }),
            }
        }
        Ok(found)
    }
}

impl SqliteStore {
    /// Notes with `event` that nothing was heard of these recipients, and keeps what follows from that in the same commit; false if
    /// something was heard meanwhile, and then nothing is kept.
    ///
    /// # Errors
    /// As [`insert`](crate::queue::store::Store::insert).
    pub async fn note_missing(
        &self,
        Unreported { id, recipients }: Unreported,
        event: Event,
        told: Option<Entry>,
        now: OffsetDateTime,
    ) -> Result<bool, Error> {
        let mut consequences = Vec::new();
        if let Some(entry) = told {
            consequences.push(self.prepare(entry).await?);
        }
        match self.change(Change::NoteMissing { id, recipients, event, consequences, now }).await {
            Ok(_) => Ok(true),
            Err(Error::Misuse { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Notes that nothing was heard of recipients of `id`.
pub(super) fn note_missing(
    transaction: &Transaction<'_>,
    id: QueueId,
    recipients: &[u32],
    event: &Event,
    now: OffsetDateTime,
) -> Result<Effect, Error> {
    let failed = |error| unavailable("noting that a report did not come", error);
    for number in recipients {
        let noted = transaction
            .prepare_cached(
                "UPDATE recipient SET report = 'missing'
                 WHERE seq = (SELECT seq FROM entry WHERE id = ?1) AND number = ?2 AND report IS NULL",
            )
            .and_then(|mut statement| statement.execute(params![id.to_string(), number]))
            .map_err(failed)?;
        if noted == 0 {
            return Err(Error::Misuse { id, what: "expected a recipient of whom nothing was heard" });
        }
    }
    event::add(transaction, id, event, now).map_err(failed)?;
    Ok(Effect::default())
}

/// Notes that the entry of row `seq` tells of these recipients of the entry `about`.
pub(super) fn came(
    transaction: &Transaction<'_>,
    seq: i64,
    about: &str,
    recipients: &[u32],
) -> rusqlite::Result<()> {
    transaction.prepare_cached("UPDATE entry SET about = ?2 WHERE seq = ?1")?.execute(params![seq, about])?;
    let mut statement = transaction.prepare_cached(
        "UPDATE recipient SET report = 'came' WHERE seq = (SELECT seq FROM entry WHERE id = ?1) AND number = ?2",
    )?;
    for number in recipients {
        statement.execute(params![about, number])?;
    }
    Ok(())
}
