//! A queue as others look at it, while its gateway runs or not: nothing is changed, claimed or recovered.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use rusqlite::{Connection, OpenFlags};

use super::probe::Probe;
use super::row::{self, Unreadable};
use super::spool::Spool;
use super::{Error, Stored, schema, seen, stored, unavailable};
use crate::queue::entry::Entry;
use crate::queue::store::{AddressSeen, Tracked};

/// The folder of a queue, open for reading.
#[derive(Debug)]
pub struct Archive {
    pub(super) connection: Connection,
    pub(super) spool: Spool,
}

/// Addresses or entries that are read at a time: what the gateway writes meanwhile is not held up.
const PAGE: u32 = 1000;

impl Archive {
    /// Opens the queue in `folder`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if there is none, or another version of this program wrote it.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path: PathBuf = folder.join("queue.db");
        let what = || format!("opening {}", path.display());
        // Who may write may also make the index of the log, which a reader needs while nobody else has the file open.
        let open = |way| Connection::open_with_flags(&path, way | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        let opened =
            open(OpenFlags::SQLITE_OPEN_READ_WRITE).or_else(|_| open(OpenFlags::SQLITE_OPEN_READ_ONLY));
        let connection = opened.map_err(|error| unavailable(&what(), error))?;
        let set_up = || {
            connection.busy_timeout(Duration::from_secs(5))?;
            connection.pragma_update(None, "query_only", true)?;
            connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))
        };
        let version = set_up().map_err(|error| unavailable(&what(), error))?;
        schema::is_current(version)?;
        Ok(Self { connection, spool: Spool::open(folder.join("spool"), Probe::default())? })
    }

    /// The addresses that messages came from and were for, in the order in which they were first seen, until `each` says no.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn addresses(&self, mut each: impl FnMut(AddressSeen) -> bool) -> Result<(), Error> {
        let mut after = 0;
        loop {
            let (page, last) = seen::page(&self.connection, after, PAGE)
                .map_err(|error| unavailable("reading the addresses that were seen", error))?;
            if last == after {
                return Ok(());
            }
            after = last;
            if !page.into_iter().all(&mut each) {
                return Ok(());
            }
        }
    }

    /// The entries whose content is still there, in the order of acceptance, until `each` says no. What cannot be read is
    /// given as its error.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn entries(&self, mut each: impl FnMut(Result<Tracked, Error>) -> bool) -> Result<(), Error> {
        let failed = |error| unavailable("reading the queue", error);
        let mut after = 0_i64;
        loop {
            let page: Vec<i64> = self
                .connection
                .prepare_cached(
                    "SELECT seq FROM entry WHERE seq > ?1 AND state IN ('queued', 'held', 'kept', 'failed') ORDER BY seq LIMIT ?2",
                )
                .and_then(|mut statement| {
                    statement.query_map([after, PAGE.into()], |row| row.get(0))?.collect()
                })
                .map_err(failed)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = *last;
            for seq in page {
                let entry = match row::read(&self.connection, &self.spool, seq) {
                    Ok(entry) => Ok(entry),
                    // It went meanwhile.
                    Err(Unreadable::Sql(rusqlite::Error::QueryReturnedNoRows)) => continue,
                    Err(Unreadable::Damaged { id, what }) => Err(Error::Corrupt { id, what }),
                    Err(Unreadable::Sql(error)) => return Err(failed(error)),
                    Err(Unreadable::Spool(error)) => {
                        let what = "reading the spool".to_owned();
                        Err(Error::Unavailable { what, source: Some(Box::new(error)) })
                    }
                };
                if !each(entry) {
                    return Ok(());
                }
            }
        }
    }

    /// The content of an entry, checked against its checksum.
    ///
    /// # Errors
    /// [`Error::Corrupt`], [`Error::Unavailable`]: it may also be gone meanwhile.
    pub fn content(&self, entry: &Entry) -> Result<Bytes, Error> {
        match stored(entry)? {
            Stored::Octets(octets) => Ok(octets),
            Stored::File { file, length, checksum } => {
                match self.spool.read(&file, length, checksum, Vec::new()) {
                    Ok(Ok(octets)) => Ok(octets.into()),
                    Ok(Err(what)) => Err(Error::Corrupt { id: entry.id.to_string(), what }),
                    Err(error) => {
                        let what = "reading the spool".to_owned();
                        Err(Error::Unavailable { what, source: Some(Box::new(error)) })
                    }
                }
            }
        }
    }
}
