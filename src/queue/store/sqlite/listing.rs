//! Entries as an operator looks for them: over a connection of its own, so that nothing waits for a long search.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params_from_iter};

use super::archive::Archive;
use super::row::{self, Unreadable, micros, moment};
use super::state::RowState;
use super::{Error, event, memory, unavailable};
use crate::queue::entry::QueueId;
use crate::queue::store::Tracked;
use crate::queue::store::listing::{Depth, Line, Pattern, Wanted};
use crate::queue::store::operation::Happened;

/// Recipients shown of an entry in a listing.
const RECIPIENTS: u32 = 50;

const COLUMNS: &str = "seq, id, state, at, received, reverse_path, head, content_length, reason, identifier, because_of, about, losses";

impl Archive {
    /// The entries that are wanted, in the order of acceptance.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn find(&self, wanted: &Wanted) -> Result<Vec<Line>, Error> {
        let (conditions, values) = conditions(wanted);
        let sql =
            format!("SELECT {COLUMNS} FROM entry WHERE {conditions} ORDER BY id LIMIT {}", wanted.limit);
        self.lines(&sql, values)
    }

    /// The same, but of each only what it is called here and what it calls itself.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn find_names(&self, wanted: &Wanted) -> Result<Vec<(QueueId, Option<String>)>, Error> {
        let (conditions, values) = conditions(wanted);
        let sql =
            format!("SELECT id, identifier FROM entry WHERE {conditions} ORDER BY id LIMIT {}", wanted.limit);
        let read = || {
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(values), |row| {
                // What is damaged is nobody's name.
                let text = |column| row.get::<_, Option<String>>(column).ok().flatten();
                Ok(text(0).and_then(|id| id.parse().ok()).map(|id| (id, text(1))))
            })?;
            rows.filter_map(Result::transpose).collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| unavailable("listing", error))
    }

    /// The entries that were made when this one was recorded, and those that are about it.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn related(&self, id: QueueId) -> Result<Vec<Line>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM entry WHERE because_of = ?1
             UNION SELECT {COLUMNS} FROM entry WHERE about = ?1 ORDER BY id LIMIT 1000"
        );
        self.lines(&sql, vec![Value::Text(id.to_string())])
    }

    /// The ids of the same.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn related_ids(&self, id: QueueId) -> Result<Vec<QueueId>, Error> {
        let read = || {
            let mut statement = self.connection.prepare_cached(
                "SELECT id FROM entry WHERE because_of = ?1 UNION SELECT id FROM entry WHERE about = ?1
                 ORDER BY id LIMIT 1000",
            )?;
            let rows = statement.query_map([id.to_string()], |row| row.get::<_, String>(0))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        };
        let found = read().map_err(|error| unavailable("looking for what hangs together", error))?;
        Ok(found.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// How many entries there are in each state, and since when.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn depth(&self) -> Result<Vec<Depth>, Error> {
        let read = || {
            // The index on states tells all but one row for each of them; rows are numbered as they are accepted.
            let mut statement = self.connection.prepare_cached(
                "SELECT state, n, (SELECT received FROM entry WHERE seq = first)
                 FROM (SELECT state, count(*) AS n, min(seq) AS first FROM entry GROUP BY state)",
            )?;
            let mut rows = statement.query([])?;
            let mut found: Vec<Depth> = Vec::new();
            while let Some(row) = rows.next()? {
                let state = super::operate::kind_of(row.get_ref(0)?.as_str()?);
                let (entries, oldest) = (row.get::<_, i64>(1)?.unsigned_abs(), moment(row.get(2)?));
                match found.iter_mut().find(|one| one.state == state) {
                    Some(one) => {
                        one.entries += entries;
                        one.oldest = one.oldest.min(oldest);
                    }
                    None => found.push(Depth { state, entries, oldest }),
                }
            }
            Ok(found)
        };
        read().map_err(|error| unavailable("counting", error))
    }

    /// What is remembered under a key of messages that were passed on for this entry, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn remembered(&self, key: &str, id: QueueId) -> Result<Vec<Vec<u8>>, Error> {
        let found = memory::of_entry(&self.connection, key, id);
        found.map_err(|error| unavailable("recalling a message", error))
    }

    /// One entry as in a listing, with all its recipients.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn line(&self, id: QueueId) -> Result<Option<Line>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM entry WHERE id = ?1");
        let mut found = self.lines_with(&sql, vec![Value::Text(id.to_string())], u32::MAX)?;
        Ok(found.pop())
    }

    /// What happened to an entry that nothing else tells, in order.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn events(&self, id: QueueId) -> Result<Vec<Happened>, Error> {
        event::of(&self.connection, id)
            .map_err(|error| unavailable("reading what happened to an entry", error))
    }

    /// An entry as far as it can be read, damaged or not.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if not even its envelope can be read; [`Error::Unavailable`].
    pub fn salvage(&self, id: QueueId) -> Result<Option<Tracked>, Error> {
        let failed = |error| unavailable("reading an entry", error);
        let Some(seq) = self.seq(id).map_err(failed)? else { return Ok(None) };
        match row::salvage(&self.connection, &self.spool, seq) {
            Ok(tracked) => Ok(Some(tracked)),
            Err(Unreadable::Damaged { id, what }) => Err(Error::Corrupt { id, what }),
            Err(Unreadable::Sql(error)) => Err(failed(error)),
            Err(Unreadable::Spool(error)) => Err(Error::Unavailable {
                what: "reading the spool".to_owned(),
                source: Some(Box::new(error)),
            }),
        }
    }

    /// The octets of an entry as they are there, damaged or not; `None` if there are none.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn octets(&self, id: QueueId) -> Result<Option<Vec<u8>>, Error> {
        let failed = |error| unavailable("reading a content", error);
        let Some(seq) = self.seq(id).map_err(failed)? else { return Ok(None) };
        let spool: Option<String> = self
            .connection
            .query_row("SELECT spool FROM entry WHERE seq = ?1", [seq], |row| row.get(0))
            .map_err(failed)?;
        if let Some(file) = spool {
            return self.spool.read_as_it_is(&file).map(Some).map_err(|error| Error::Unavailable {
                what: "reading the spool".to_owned(),
                source: Some(Box::new(error)),
            });
        }
        self.connection
            .query_row("SELECT octets FROM content WHERE seq = ?1", [seq], |row| row.get(0))
            .optional()
            .map_err(failed)
    }

    /// The entries that go by a name: as queue id, by what is remembered under one of `keys`, as an identifier that arrived over
    /// P1 (its local part, in `local`), or by what they call themselves or their ENVID.
    ///
    /// # Errors
    /// [`Error::Unavailable`]
    pub fn named(&self, name: &str, keys: &[String], local: &str) -> Result<Vec<QueueId>, Error> {
        let failed = |error| unavailable("looking for an identifier", error);
        let mut found: Vec<QueueId> = Vec::new();
        let mut add = |id: Option<String>| {
            if let Some(id) = id.and_then(|id| id.parse().ok())
                && !found.contains(&id)
            {
                found.push(id);
            }
        };
        if let Ok(id) = name.parse::<QueueId>()
            && self.seq(id).map_err(failed)?.is_some()
        {
            add(Some(id.to_string()));
        }
        for key in keys {
            add(memory::entry_of(&self.connection, std::slice::from_ref(key)).map_err(failed)?);
        }
        // What calls itself so: a walk over all entries, which is what this connection is for.
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT id FROM entry WHERE identifier = ?1 OR identifier = ?2
                 OR CASE WHEN json_valid(head) THEN json_extract(head, '$.options.envelope_id') END = ?1
                 ORDER BY id LIMIT 100",
            )
            .map_err(failed)?;
        let rows = statement.query_map([name, &format!("[{name}]")], |row| row.get(0));
        for id in rows.map_err(failed)? {
            add(Some(id.map_err(failed)?));
        }
        if !local.is_empty() {
            let mut statement = self
                .connection
                .prepare_cached(
                    "SELECT id FROM entry WHERE substr(identifier, -length(?1)) = ?1 ORDER BY id LIMIT 100",
                )
                .map_err(failed)?;
            let rows = statement.query_map([format!(";{local}]")], |row| row.get(0)).map_err(failed)?;
            for id in rows {
                add(Some(id.map_err(failed)?));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    fn seq(&self, id: QueueId) -> rusqlite::Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT seq FROM entry WHERE id = ?1")?
            .query_row([id.to_string()], |row| row.get(0))
            .optional()
    }

    fn lines(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Line>, Error> {
        self.lines_with(sql, values, RECIPIENTS)
    }

    fn lines_with(&self, sql: &str, values: Vec<Value>, recipients: u32) -> Result<Vec<Line>, Error> {
        let read = || {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query(params_from_iter(values))?;
            let mut lines = Vec::new();
            while let Some(row) = rows.next()? {
                if let Some((seq, mut line)) = line(row)? {
                    (line.count, line.recipients) = row::recipients(&self.connection, seq, recipients)?;
                    lines.push(line);
                }
            }
            Ok(lines)
        };
        read().map_err(|error| unavailable("listing", error))
    }
}

/// What is to hold of a row, and the values in that.
fn conditions(wanted: &Wanted) -> (String, Vec<Value>) {
    let mut conditions = vec!["id > ?1".to_owned()];
    let mut values = vec![Value::Text(wanted.after.map(|id| id.to_string()).unwrap_or_default())];
    let mut add = |condition: &str, value: Value| {
        values.push(value);
        conditions.push(condition.replace("??", &format!("?{}", values.len())));
    };
    let glob = |pattern: Pattern| Value::Text(pattern.glob());
    let number = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
    if let Some(sender) = &wanted.sender {
        add("lower(coalesce(reverse_path, '')) GLOB ??", glob(Pattern::address(sender)));
    }
    if let Some(recipient) = &wanted.recipient {
        let one =
            "EXISTS (SELECT 1 FROM recipient WHERE recipient.seq = entry.seq AND lower(address) GLOB ??)";
        add(one, glob(Pattern::address(recipient)));
    }
    if let Some(peer) = &wanted.peer {
        let one = "(EXISTS (SELECT 1 FROM recipient WHERE recipient.seq = entry.seq
             AND (lower(coalesce(target, '')) GLOB ?? OR (state = 'pending' AND lower(coalesce(diagnosis, '')) GLOB '*' || ?? || '*')))
             OR lower(coalesce(CASE WHEN json_valid(head) THEN json_extract(head, '$.origin.p1.mta') END, '')) GLOB ??)";
        add(one, glob(Pattern::new(peer)));
    }
    if let Some(error) = &wanted.error {
        let one = "(lower(coalesce(reason, '')) GLOB ?? OR EXISTS (SELECT 1 FROM recipient
             WHERE recipient.seq = entry.seq AND lower(coalesce(diagnosis, '')) GLOB ??))";
        add(one, glob(Pattern::within(error)));
    }
    if let Some(identifier) = &wanted.identifier {
        let one = "(lower(coalesce(identifier, '')) GLOB ?? OR lower(id) GLOB ??
             OR lower(coalesce(CASE WHEN json_valid(head) THEN json_extract(head, '$.options.envelope_id') END, '')) GLOB ??)";
        add(one, glob(Pattern::new(identifier.trim_start_matches('<').trim_end_matches('>'))));
    }
    if let Some(before) = wanted.before {
        add("received < ??", Value::Integer(micros(before)));
    }
    if let Some(since) = wanted.since {
        add("received >= ??", Value::Integer(micros(since)));
    }
    if let Some(least) = wanted.at_least {
        add("content_length >= ??", number(least));
    }
    if let Some(most) = wanted.at_most {
        add("content_length <= ??", number(most));
    }
    if !wanted.states.is_empty() {
        let states = RowState::list(|kind| wanted.states.contains(&kind));
        conditions.push(format!("state IN {states}"));
    }
    (conditions.join(" AND "), values)
}

/// One row; `None` for one whose id is damaged and which is not quarantined yet. Other damage is shown as what is left.
fn line(row: &Row<'_>) -> rusqlite::Result<Option<(i64, Line)>> {
    let text = |column| {
        let octets = row.get_ref(column).ok()?.as_bytes_or_null().ok().flatten()?;
        Some(String::from_utf8_lossy(octets).into_owned())
    };
    let id = |column| text(column).and_then(|text| text.parse().ok());
    let number = |column| row.get::<_, i64>(column).unwrap_or_default();
    let Some(named) = id(1) else { return Ok(None) };
    let Some(state) = RowState::named(&text(2).unwrap_or_default()) else { return Ok(None) };
    let state = state.with(moment(number(3)), text(8));
    Ok(Some((
        row.get(0)?,
        Line {
            id: named,
            state,
            received_at: moment(number(4)),
            head: text(6).and_then(|head| row::line_head(&head)),
            reverse_path: text(5),
            identifier: text(9),
            length: number(7).unsigned_abs(),
            recipients: Vec::new(),
            count: 0,
            because_of: id(10),
            about: id(11),
            losses: text(12),
        },
    )))
}
