//! Which addresses messages from outside came from and were for, so that a change of rules can be tried on all of them.

use std::collections::HashMap;

use rusqlite::{Connection, Transaction, params};
use time::{Duration, OffsetDateTime};

use super::reader::Reader;
use super::row::{micros, moment};
use super::{Error, SqliteStore, unavailable};
use crate::queue::entry::{Entry, Kind, Origin};
use crate::queue::store::{AddressSeen, Role, Side};

impl SqliteStore {
    /// Whether messages came from an address of a side, as far as that is remembered. It is compared as it is written.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn has_written(&self, side: Side, address: String) -> Result<bool, Error> {
        self.read(move |reader: &mut Reader| {
            let parameters = params![address, Role::Originator.as_str(), side.as_str()];
            let found = reader
                .connection()
                .prepare_cached("SELECT 1 FROM seen WHERE address = ?1 AND role = ?2 AND side = ?3")
                .and_then(|mut statement| statement.exists(parameters));
            found.map_err(|error| unavailable("looking for an address that was seen", error))
        })
        .await
    }
}

/// Which addresses the tables have as seen lately, so that they need not be written again with every message of those who write
/// often.
pub(super) struct Noted {
    lately: HashMap<(Side, Role), HashMap<String, OffsetDateTime>>,
    /// How many addresses that are.
    number: usize,
    is_wanted: bool,
}

/// An address is noted again when so much time has gone by.
const LATELY: Duration = Duration::HOUR;

impl Noted {
    /// So many addresses are at most to be in the tables; no messages are looked at for none.
    pub(super) fn new(limit: u64) -> Self {
        Self { lately: HashMap::new(), number: 0, is_wanted: limit > 0 }
    }

    /// As if nothing had been noted.
    pub(super) fn emptied(&self) -> Self {
        Self { lately: HashMap::new(), number: 0, is_wanted: self.is_wanted }
    }

    /// What was noted with an entry is committed.
    pub(super) fn add(&mut self, entry: &Entry) {
        const AT_MOST: usize = 10_000;
        if !self.is_wanted {
            return;
        }
        for (side, role, address) in addresses(entry) {
            if self.has(side, role, address, entry.received_at) {
                continue;
            }
            if self.number >= AT_MOST {
                self.forget();
            }
            let before =
                self.lately.entry((side, role)).or_default().insert(address.into(), entry.received_at);
            self.number += usize::from(before.is_none());
        }
    }

    /// What is in the tables may have gone.
    pub(super) fn forget(&mut self) {
        self.lately.clear();
        self.number = 0;
    }

    fn has(&self, side: Side, role: Role, address: &str, at: OffsetDateTime) -> bool {
        let noted = self.lately.get(&(side, role)).and_then(|addresses| addresses.get(address));
        noted.is_some_and(|noted| (at - *noted).abs() < LATELY)
    }
}

/// The addresses of an entry that came from outside.
fn addresses(entry: &Entry) -> impl Iterator<Item = (Side, Role, &str)> {
    let side = match (entry.kind, &entry.origin) {
        (Kind::Mail, _) => Some(Side::Internet),
        (Kind::P1, Origin::P1 { .. }) => Some(Side::X400),
        // Made here, of addresses that came from outside.
        (Kind::P1 | Kind::Internet, _) => None,
    };
    let envelope = &entry.envelope;
    let originator = envelope.reverse_path.as_deref().filter(|path| !path.is_empty());
    let originator = originator.map(|address| (Role::Originator, address));
    let recipients = envelope.recipients.iter().map(|one| (Role::Recipient, one.address.as_str()));
    let all = move |side| {
        originator.into_iter().chain(recipients).map(move |(role, address)| (side, role, address))
    };
    side.map(all).into_iter().flatten()
}

/// Writes down the addresses of an entry, but for those that were lately.
pub(super) fn note(transaction: &Transaction<'_>, entry: &Entry, noted: &Noted) -> rusqlite::Result<()> {
    if !noted.is_wanted {
        return Ok(());
    }
    let at = entry.received_at;
    for (side, role, address) in addresses(entry).filter(|one| !noted.has(one.0, one.1, one.2, at)) {
        transaction
            .prepare_cached(
                "INSERT INTO seen (side, role, address, first, last) VALUES (?1, ?2, ?3, ?4, ?4)
                 ON CONFLICT (address, role, side) DO UPDATE SET last = max(last, excluded.last)",
            )?
            .execute(params![side.as_str(), role.as_str(), address, micros(at)])?;
    }
    Ok(())
}

/// Forgets at most `limit` addresses that were not seen since `before`, or that are more than `keep` with those seen later;
/// gives how many.
pub(super) fn prune(
    transaction: &Transaction<'_>,
    before: i64,
    keep: u64,
    limit: u32,
) -> rusqlite::Result<u64> {
    // It may have been seen since it was noted.
    let before = before.saturating_sub(i64::try_from(LATELY.whole_microseconds()).unwrap_or(i64::MAX));
    let forgotten = transaction
        .prepare_cached("DELETE FROM seen WHERE number IN (SELECT number FROM seen WHERE last <= ?1 ORDER BY last LIMIT ?2)")?
        .execute(params![before, limit])?;
    let left: i64 =
        transaction.prepare_cached("SELECT count(*) FROM seen")?.query_row([], |row| row.get(0))?;
    let excess = left.unsigned_abs().saturating_sub(keep).min(limit.into());
    let excess = match i64::try_from(excess) {
        Ok(excess) if excess > 0 => transaction
            .prepare_cached(
                "DELETE FROM seen WHERE number IN (SELECT number FROM seen ORDER BY last LIMIT ?1)",
            )?
            .execute([excess])?,
        _ => 0,
    };
    Ok((forgotten + excess) as u64)
}

/// Up to `limit` addresses after number `after`, with the number of the last.
pub(super) fn page(
    connection: &Connection,
    after: i64,
    limit: u32,
) -> rusqlite::Result<(Vec<AddressSeen>, i64)> {
    let mut statement = connection.prepare_cached(
        "SELECT number, side, role, address, first, last FROM seen WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let mut rows = statement.query(params![after, limit])?;
    let (mut found, mut last) = (Vec::new(), after);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        // What a later program wrote there is not for this one.
        let side = Side::named(row.get_ref(1)?.as_str()?);
        let role = Role::named(row.get_ref(2)?.as_str()?);
        let (Some(side), Some(role)) = (side, role) else { continue };
        found.push(AddressSeen {
            side,
            role,
            address: row.get(3)?,
            first: moment(row.get(4)?),
            last: moment(row.get(5)?),
        });
    }
    Ok((found, last))
}
