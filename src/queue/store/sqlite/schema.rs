//! The tables, and how an older database becomes a current one.
//!
//! `PRAGMA user_version` counts the migrations a database has had. A migration is never changed once released; the
//! next one is appended.

use rusqlite::Connection;

use super::{Error, unavailable};

/// Brings the tables up to date.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let had: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|error| unavailable("reading the version of the tables", error))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if had > known {
        return Err(Error::Unavailable {
            what: format!("the tables have version {had}, this program knows {known} at most"),
            source: None,
        });
    }
    for (version, migration) in (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > had) {
        let run = |connection: &mut Connection| {
            let transaction = connection.transaction()?;
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "user_version", version)?;
            transaction.commit()
        };
        run(connection)
            .map_err(|error| unavailable(&format!("bringing the tables to version {version}"), error))?;
    }
    Ok(())
}

/// Refuses tables that are not those of this program: whoever only reads brings nothing up to date.
pub(super) fn is_current(had: i64) -> Result<(), Error> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if had == known {
        return Ok(());
    }
    let what = format!("the tables have version {had}, this program reads {known}; start its gateway once");
    Err(Error::Unavailable { what, source: None })
}

/// Times are microseconds since 1970-01-01T00:00Z.
///
/// `entry.state` is `queued`, `held`, `kept` (done, the content still there), `failed` (done, but not for everybody, the content
/// still there), `done` or `quarantined`; `entry.at` is the time that goes with it: when it is due, or since when. One index serves sweeping and counting, another claiming. Contents are
/// apart from `entry`, because SQLite writes a whole row anew when one column changes. `envelope_checksum` covers what
/// changes only when an operator redirects a recipient, and is written anew then: id, time, reverse path, `head`, and the
/// recipients' numbers, addresses and options.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE entry (
        seq               INTEGER PRIMARY KEY,
        id                TEXT NOT NULL UNIQUE,
        state             TEXT NOT NULL,
        at                INTEGER NOT NULL,
        received          INTEGER NOT NULL,
        reverse_path      TEXT,
        head              TEXT NOT NULL,
        envelope_checksum INTEGER NOT NULL,
        content_length    INTEGER NOT NULL,
        content_checksum  INTEGER NOT NULL,
        spool             TEXT,
        reason            TEXT
    ) STRICT;
    CREATE INDEX entry_state_at ON entry (state, at);

    CREATE TABLE content (
        seq    INTEGER PRIMARY KEY,
        octets BLOB NOT NULL
    ) STRICT;

    CREATE TABLE recipient (
        seq          INTEGER NOT NULL,
        number       INTEGER NOT NULL,
        address      TEXT NOT NULL,
        options      TEXT,
        state        TEXT NOT NULL,
        attempts     INTEGER NOT NULL,
        next_attempt INTEGER,
        settled      INTEGER,
        target       TEXT,
        code         TEXT,
        diagnosis    TEXT,
        PRIMARY KEY (seq, number)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- Of what is due, the more urgent goes first: 0 urgent, 1 normal, 2 non-urgent.
    ALTER TABLE entry ADD COLUMN rank INTEGER NOT NULL DEFAULT 1;
    CREATE INDEX entry_queued ON entry (rank, at) WHERE state = 'queued';
",
    "
    -- What was kept and is not to be kept again; `at` is when something was last added.
    CREATE TABLE mark (
        number INTEGER PRIMARY KEY,
        name   BLOB NOT NULL UNIQUE,
        at     INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX mark_at ON mark (at);

    CREATE TABLE mark_part (
        mark INTEGER NOT NULL,
        part BLOB NOT NULL,
        PRIMARY KEY (mark, part)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- What the last conversion lost, a JSON list: for people, and no part of what is transferred.
    ALTER TABLE entry ADD COLUMN losses TEXT;
",
    "
    -- What was passed on and may come up again, and by which names; `keys` is a JSON list of the same.
    CREATE TABLE memory (
        number INTEGER PRIMARY KEY,
        at     INTEGER NOT NULL,
        keys   TEXT NOT NULL,
        octets BLOB NOT NULL
    ) STRICT;

    CREATE TABLE memory_key (
        key    TEXT NOT NULL,
        memory INTEGER NOT NULL,
        PRIMARY KEY (key, memory)
    ) STRICT, WITHOUT ROWID;
",
    "
    -- The versions of the rules: with which an entry was accepted, and with which a recipient was last tried. For people, and
    -- no part of what is transferred.
    ALTER TABLE entry ADD COLUMN rules TEXT;
    ALTER TABLE recipient ADD COLUMN rules TEXT;
",
    "
    -- Addresses that messages from outside came from and were for. `side` is `internet` or `x400`, `role` is `originator` or
    -- `recipient`.
    CREATE TABLE seen (
        number  INTEGER PRIMARY KEY,
        side    TEXT NOT NULL,
        role    TEXT NOT NULL,
        address TEXT NOT NULL,
        first   INTEGER NOT NULL,
        last    INTEGER NOT NULL,
        times   INTEGER NOT NULL,
        UNIQUE (address, role, side)
    ) STRICT;
    CREATE INDEX seen_last ON seen (last);
",
    "
    -- What a message calls itself; the entry in whose commit one was made; the entry that a report or receipt is about; the rule
    -- that holds one.
    ALTER TABLE entry ADD COLUMN identifier TEXT;
    ALTER TABLE entry ADD COLUMN because_of TEXT;
    ALTER TABLE entry ADD COLUMN about TEXT;
    ALTER TABLE entry ADD COLUMN hold INTEGER;
    CREATE INDEX entry_because_of ON entry (because_of) WHERE because_of IS NOT NULL;
    CREATE INDEX entry_about ON entry (about) WHERE about IS NOT NULL;
    -- Which entry it was.
    ALTER TABLE memory ADD COLUMN entry TEXT;

    -- What nothing else tells of an entry: attempts in vain, and what operators did; `detail` is JSON.
    CREATE TABLE event (
        number INTEGER PRIMARY KEY,
        entry  TEXT NOT NULL,
        at     INTEGER NOT NULL,
        kind   TEXT NOT NULL,
        who    TEXT,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_entry ON event (entry);

    -- Whom nothing goes to, or comes from, for the time being; a number is never used again.
    CREATE TABLE hold (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at     INTEGER NOT NULL,
        who    TEXT NOT NULL,
        what   TEXT NOT NULL
    ) STRICT;
    -- Entries that no such rule holds again.
    CREATE TABLE exempt (
        entry TEXT PRIMARY KEY
    ) STRICT, WITHOUT ROWID;

    -- The one row is written to see whether anything can be.
    CREATE TABLE touched (
        number INTEGER PRIMARY KEY,
        at     INTEGER NOT NULL
    ) STRICT;
",
    "
    -- What programs were answered whose requests may come again, under the keys that they gave.
    CREATE TABLE answer (
        key    TEXT PRIMARY KEY,
        at     INTEGER NOT NULL,
        digest BLOB NOT NULL,
        text   TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX answer_at ON answer (at);
",
    "
    -- Whether a report about a recipient has come (`came`), or it was told that none has (`missing`).
    ALTER TABLE recipient ADD COLUMN report TEXT;
    UPDATE recipient SET report = 'came'
        WHERE seq IN (SELECT seq FROM entry WHERE id IN (SELECT about FROM entry WHERE about IS NOT NULL));
    UPDATE recipient SET report = 'missing'
        WHERE report IS NULL AND seq IN (SELECT seq FROM entry JOIN event ON event.entry = entry.id WHERE kind = 'report-missing');
",
    "
    -- Nobody asked how often.
    ALTER TABLE seen DROP COLUMN times;
",
];
