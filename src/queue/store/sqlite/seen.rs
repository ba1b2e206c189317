//! Which addresses messages from outside came from and were for, so that a change of rules can be tried on all of them.

use rusqlite::{Connection, Transaction, params};

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

/// Notes the addresses of an entry that came from outside.
pub(super) fn note(transaction: &Transaction<'_>, entry: &Entry) -> rusqlite::Result<()> {
    let side = match (entry.kind, &entry.origin) {
        (Kind::Mail, _) => Side::Internet,
        (Kind::P1, Origin::P1 { .. }) => Side::X400,
        // Made here, of addresses that came from outside.
        (Kind::P1 | Kind::Internet, _) => return Ok(()),
    };
    let envelope = &entry.envelope;
    let originator = envelope.reverse_path.as_deref().filter(|path| !path.is_empty());
    let originator = originator.map(|address| (Role::Originator, address));
    let recipients = envelope.recipients.iter().map(|one| (Role::Recipient, one.address.as_str()));
    for (role, address) in originator.into_iter().chain(recipients) {
        transaction
            .prepare_cached(
                "INSERT INTO seen (side, role, address, first, last, times) VALUES (?1, ?2, ?3, ?4, ?4, 1)
                 ON CONFLICT (address, role, side) DO UPDATE SET last = max(last, excluded.last), times = times + 1",
            )?
            .execute(params![side.as_str(), role.as_str(), address, micros(entry.received_at)])?;
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
        "SELECT number, side, role, address, first, last, times FROM seen WHERE number > ?1 ORDER BY number LIMIT ?2",
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
            times: row.get::<_, i64>(6)?.unsigned_abs(),
        });
    }
    Ok((found, last))
}
