//! Entries as rows, and rows as entries.

use bytes::Bytes;
use crc32fast::Hasher;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::spool::Spool;
use super::state::RowState;
use crate::queue::{
    entry::{
        Content, Entry, Envelope, Kind, MailOptions, Origin, QueueId, Recipient, RecipientOptions,
        RecipientState, Urgency,
    },
    store::{Tracked, listing::LineHead},
};

/// What `entry.head` holds, as JSON: the parts of the envelope nobody searches for.
#[derive(Debug, Serialize, Deserialize)]
struct Head<O, M> {
    origin: O,
    options: M,
    /// Left out for mail, which is all there was before.
    #[serde(default, skip_serializing_if = "is_default")]
    kind: Kind,
    #[serde(default, skip_serializing_if = "is_default")]
    urgency: Urgency,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Why a row gives no entry.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// It is not as it was written: its id as it reads, and what is wrong.
    Damaged { id: String, what: String },
    /// It could not be looked at.
    Sql(rusqlite::Error),
    /// Its spool file could not be looked at.
    Spool(std::io::Error),
}

/// Inserts `entry`, due at `due`, made because of another or not; gives its row.
pub(super) fn insert(
    connection: &Connection,
    entry: &Entry,
    because_of: Option<QueueId>,
    due: OffsetDateTime,
) -> rusqlite::Result<i64> {
    let Entry { id, received_at, kind, urgency, origin, envelope, rules_version, identifier, content } =
        entry;
    let id = id.to_string();
    let head = json(&Head { origin, options: &envelope.options, kind: *kind, urgency: *urgency })?;
    let mut sum = head_checksum(&id, micros(*received_at), envelope.reverse_path.as_deref(), &head);
    let options: Vec<Option<String>> = envelope
        .recipients
        .iter()
        .map(|recipient| match &recipient.options {
            options if *options == RecipientOptions::default() => Ok(None),
            options => json(options).map(Some),
        })
        .collect::<rusqlite::Result<_>>()?;
    for (recipient, options) in envelope.recipients.iter().zip(&options) {
        add_recipient(&mut sum, recipient.number, &recipient.address, options.as_deref());
    }
    let (octets, spool, checksum) = match content {
        Content::Inline(octets) => (Some(octets), None, crc32fast::hash(octets)),
        Content::Spool { file, checksum, .. } => (None, Some(file), *checksum),
        Content::File { .. } | Content::Discarded { .. } => (None, None, 0),
    };

    connection
        .prepare_cached(
            "INSERT INTO entry (id, state, at, received, reverse_path, head, envelope_checksum, content_length,
             content_checksum, spool, rank, rules, identifier, because_of)
             VALUES (?1, 'queued', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            id,
            micros(due),
            micros(*received_at),
            envelope.reverse_path,
            head,
            sum.finalize(),
            i64::try_from(content.length()).unwrap_or(i64::MAX),
            checksum,
            spool,
            rank(*urgency),
            rules_version,
            identifier,
            because_of.map(|id| id.to_string()),
        ])?;
    let seq = connection.last_insert_rowid();
    if let Some(octets) = octets {
        connection
            .prepare_cached("INSERT INTO content (seq, octets) VALUES (?1, ?2)")?
            .execute(params![seq, &octets[..]])?;
    }
    for (recipient, options) in envelope.recipients.iter().zip(&options) {
        insert_recipient(connection, seq, recipient, options.as_deref())?;
    }
    Ok(seq)
}

fn insert_recipient(
    connection: &Connection,
    seq: i64,
    recipient: &Recipient,
    options: Option<&str>,
) -> rusqlite::Result<()> {
    let (state, settled, target, code, diagnosis) = match &recipient.state {
        RecipientState::Pending => ("pending", None, None, None, recipient.last_diagnosis.as_ref()),
        RecipientState::Transferred { at, to, detail } => {
            ("transferred", Some(at), Some(to), None, Some(detail))
        }
        RecipientState::Failed { at, code, detail } => ("failed", Some(at), None, Some(code), Some(detail)),
    };
    connection
        .prepare_cached(
            "INSERT INTO recipient (seq, number, address, options, state, attempts, next_attempt, settled, target,
             code, diagnosis, rules) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            seq,
            recipient.number,
            recipient.address,
            options,
            state,
            recipient.attempts,
            recipient.next_attempt.map(micros),
            settled.copied().map(micros),
            target,
            code,
            diagnosis,
            recipient.rules_version,
        ])
        .map(drop)
}

/// The columns of an entry's row.
struct Columns {
    state: String,
    at: i64,
    received: i64,
    reverse_path: Option<String>,
    head: String,
    envelope_checksum: u32,
    content_length: u64,
    content_checksum: u32,
    spool: Option<String>,
    reason: Option<String>,
    losses: Option<String>,
    rules: Option<String>,
    identifier: Option<String>,
}

/// The entry of row `seq`, checked against what was written.
pub(super) fn read(connection: &Connection, spool: &Spool, seq: i64) -> Result<Tracked, Unreadable> {
    read_as(connection, spool, seq, Check::All)
}

/// As much of a damaged entry as can be read. A content that is not as it was written counts as discarded.
pub(super) fn salvage(connection: &Connection, spool: &Spool, seq: i64) -> Result<Tracked, Unreadable> {
    read_as(connection, spool, seq, Check::Nothing)
}

/// What is compared with what was written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    All,
    Nothing,
}

fn read_as(connection: &Connection, spool: &Spool, seq: i64, check: Check) -> Result<Tracked, Unreadable> {
    let id: String = connection
        .prepare_cached("SELECT id FROM entry WHERE seq = ?1")
        .and_then(|mut statement| statement.query_row([seq], |row| row.get(0)))
        .map_err(|error| sort(error, &format!("row {seq}")))?;
    read_named(connection, spool, seq, &id, check).map_err(|problem| match problem {
        Unreadable::Sql(error) => sort(error, &id),
        other => other,
    })
}

fn read_named(
    connection: &Connection,
    spool: &Spool,
    seq: i64,
    id: &str,
    check: Check,
) -> Result<Tracked, Unreadable> {
    let damaged = |what: String| Unreadable::Damaged { id: id.to_owned(), what };
    let columns = connection
        .prepare_cached(
            "SELECT state, at, received, reverse_path, head, envelope_checksum, content_length, content_checksum,
             spool, reason, losses, rules, identifier FROM entry WHERE seq = ?1",
        )?
        .query_row([seq], columns)?;
    let mut sum = head_checksum(id, columns.received, columns.reverse_path.as_deref(), &columns.head);
    let mut recipients = Vec::new();
    let mut statement = connection.prepare_cached(
        "SELECT number, address, options, state, attempts, next_attempt, settled, target, code, diagnosis, rules
         FROM recipient WHERE seq = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([seq])?;
    while let Some(row) = rows.next()? {
        let options: Option<String> = row.get(2)?;
        let recipient = recipient(row, options.as_deref())?.map_err(damaged)?;
        add_recipient(&mut sum, recipient.number, &recipient.address, options.as_deref());
        recipients.push(recipient);
    }
    if sum.finalize() != columns.envelope_checksum && check == Check::All {
        return Err(damaged("the envelope does not match its checksum".to_owned()));
    }
    let head: Head<Origin, MailOptions> = serde_json::from_str(&columns.head)
        .map_err(|error| damaged(format!("the envelope is not readable: {error}")))?;
    let entry_id = id.parse().map_err(|error| damaged(format!("{error}")))?;
    let content = match (content(connection, spool, seq, &columns), check) {
        // What is salvaged is not looked at again, so it is said now whether it can be used.
        (Ok(Ok(Content::Spool { file, length, checksum })), Check::Nothing) => {
            match spool.open_checked(&file, length, checksum) {
                Ok(Ok(_)) => Content::Spool { file, length, checksum },
                Ok(Err(_)) | Err(_) => Content::Discarded { length },
            }
        }
        (Ok(Ok(content)), _) => content,
        (Ok(Err(what)), Check::All) => return Err(damaged(what)),
        (Err(problem), Check::All) => return Err(problem),
        (_, Check::Nothing) => Content::Discarded { length: columns.content_length },
    };
    let at = moment(columns.at);
    let state = RowState::named(&columns.state)
        .ok_or_else(|| damaged(format!("the state `{}` does not exist", columns.state)))?
        .with(at, columns.reason);
    let envelope = Envelope { reverse_path: columns.reverse_path, options: head.options, recipients };
    let received_at = moment(columns.received);
    let Head { origin, kind, urgency, .. } = head;
    Ok(Tracked {
        entry: Entry {
            id: entry_id,
            received_at,
            kind,
            urgency,
            origin,
            envelope,
            rules_version: columns.rules,
            identifier: columns.identifier,
            content,
        },
        state,
        losses: columns.losses,
    })
}

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok(Columns {
        state: row.get(0)?,
        at: row.get(1)?,
        received: row.get(2)?,
        reverse_path: row.get(3)?,
        head: row.get(4)?,
        envelope_checksum: row.get(5)?,
        content_length: row.get::<_, i64>(6)?.unsigned_abs(),
        content_checksum: row.get(7)?,
        spool: row.get(8)?,
        reason: row.get(9)?,
        losses: row.get(10)?,
        rules: row.get(11)?,
        identifier: row.get(12)?,
    })
}

fn recipient(row: &Row<'_>, options: Option<&str>) -> rusqlite::Result<Result<Recipient, String>> {
    let number = row.get(0)?;
    let mut recipient = Recipient::new(number, row.get::<_, String>(1)?);
    match options.map(serde_json::from_str).transpose() {
        Ok(options) => recipient.options = options.unwrap_or_default(),
        Err(error) => return Ok(Err(format!("the options of recipient {number} are not readable: {error}"))),
    }
    recipient.attempts = row.get(4)?;
    recipient.next_attempt = row.get::<_, Option<i64>>(5)?.map(moment);
    let settled: Option<i64> = row.get(6)?;
    let diagnosis: Option<String> = row.get(9)?;
    recipient.rules_version = row.get(10)?;
    recipient.state = match (row.get_ref(3)?.as_str()?, settled.map(moment)) {
        ("pending", None) => {
            recipient.last_diagnosis = diagnosis;
            RecipientState::Pending
        }
        ("transferred", Some(at)) => RecipientState::Transferred {
            at,
            to: row.get::<_, Option<String>>(7)?.unwrap_or_default(),
            detail: diagnosis.unwrap_or_default(),
        },
        ("failed", Some(at)) => RecipientState::Failed {
            at,
            code: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
            detail: diagnosis.unwrap_or_default(),
        },
        (state, _) => return Ok(Err(format!("recipient {number} is in the impossible state `{state}`"))),
    };
    Ok(Ok(recipient))
}

/// How many recipients `seq` has, and the first of them; one that cannot be read is left out.
pub(super) fn recipients(
    connection: &Connection,
    seq: i64,
    limit: u32,
) -> rusqlite::Result<(u32, Vec<Recipient>)> {
    let count = connection
        .prepare_cached("SELECT count(*) FROM recipient WHERE seq = ?1")?
        .query_row([seq], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(
        "SELECT number, address, options, state, attempts, next_attempt, settled, target, code, diagnosis, rules
         FROM recipient WHERE seq = ?1 ORDER BY number LIMIT ?2",
    )?;
    let mut rows = statement.query([seq, limit.into()])?;
    let mut recipients = Vec::new();
    while let Some(row) = rows.next()? {
        let read = row.get(2).and_then(|options: Option<String>| recipient(row, options.as_deref()));
        recipients.extend(read.ok().and_then(Result::ok));
    }
    Ok((count, recipients))
}

/// What the head of a row says, if it can be read.
pub(super) fn line_head(head: &str) -> Option<LineHead> {
    let Head { origin, options, kind, urgency } =
        serde_json::from_str::<Head<Origin, MailOptions>>(head).ok()?;
    Some(LineHead { kind, urgency, origin, envelope_id: options.envelope_id })
}

/// The content of a row; an error text if it is not what was written. Of a spool file only the length is checked here.
fn content(
    connection: &Connection,
    spool: &Spool,
    seq: i64,
    columns: &Columns,
) -> Result<Result<Content, String>, Unreadable> {
    let (length, checksum) = (columns.content_length, columns.content_checksum);
    if columns.state == RowState::Done.as_str() {
        return Ok(Ok(Content::Discarded { length }));
    }
    if let Some(file) = columns.spool.clone() {
        let checked = spool.check_length(&file, length).map_err(Unreadable::Spool)?;
        return Ok(checked.map(|()| Content::Spool { file, length, checksum }));
    }
    let octets: Option<Vec<u8>> = connection
        .prepare_cached("SELECT octets FROM content WHERE seq = ?1")?
        .query_row([seq], |row| row.get(0))
        .optional()?;
    Ok(match octets {
        None => Err("the content is missing".to_owned()),
        Some(octets) if octets.len() as u64 != length => {
            Err(format!("the content has {} octets, expected {length}", octets.len()))
        }
        Some(octets) if crc32fast::hash(&octets) != checksum => {
            Err("the content does not match its checksum".to_owned())
        }
        Some(octets) => Ok(Content::Inline(Bytes::from(octets))),
    })
}

/// The column that puts the more urgent first.
pub(super) const fn rank(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Urgent => 0,
        Urgency::Normal => 1,
        Urgency::NonUrgent => 2,
    }
}

/// Begins the sum over what never changes in an entry. Each text is preceded by its length, so that no two envelopes
/// give the same octets.
fn head_checksum(id: &str, received: i64, reverse_path: Option<&str>, head: &str) -> Hasher {
    let mut sum = Hasher::new();
    add_text(&mut sum, Some(id));
    sum.update(&received.to_le_bytes());
    add_text(&mut sum, reverse_path);
    add_text(&mut sum, Some(head));
    sum
}

fn add_recipient(sum: &mut Hasher, number: u32, address: &str, options: Option<&str>) {
    sum.update(&number.to_le_bytes());
    add_text(sum, Some(address));
    add_text(sum, options);
}

fn add_text(sum: &mut Hasher, text: Option<&str>) {
    sum.update(&text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
    sum.update(text.unwrap_or_default().as_bytes());
}

/// Gives a recipient of `seq` another address, and options that say where it was.
pub(super) fn readdress(
    connection: &Connection,
    seq: i64,
    number: u32,
    address: &str,
    options: &RecipientOptions,
) -> rusqlite::Result<()> {
    let options = json(options)?;
    connection
        .prepare_cached("UPDATE recipient SET address = ?3, options = ?4 WHERE seq = ?1 AND number = ?2")?
        .execute(params![seq, number, address, options])?;
    let (id, received, reverse_path, head): (String, i64, Option<String>, String) = connection
        .prepare_cached("SELECT id, received, reverse_path, head FROM entry WHERE seq = ?1")?
        .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let mut sum = head_checksum(&id, received, reverse_path.as_deref(), &head);
    let mut statement = connection
        .prepare_cached("SELECT number, address, options FROM recipient WHERE seq = ?1 ORDER BY number")?;
    let mut rows = statement.query([seq])?;
    while let Some(row) = rows.next()? {
        let options: Option<String> = row.get(2)?;
        add_recipient(&mut sum, row.get(0)?, row.get_ref(1)?.as_str()?, options.as_deref());
    }
    connection
        .prepare_cached("UPDATE entry SET envelope_checksum = ?2 WHERE seq = ?1")?
        .execute(params![seq, sum.finalize()])
        .map(drop)
}

/// Damage, if the error says that a column does not hold what it should, or that a page of it is not one; else a failure of the
/// database.
fn sort(error: rusqlite::Error, id: &str) -> Unreadable {
    use rusqlite::Error as Sql;
    match error {
        _ if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
            Unreadable::Damaged { id: id.to_owned(), what: error.to_string() }
        }
        Sql::FromSqlConversionFailure(..)
        | Sql::IntegralValueOutOfRange(..)
        | Sql::InvalidColumnType(..)
        | Sql::Utf8Error(..) => Unreadable::Damaged { id: id.to_owned(), what: error.to_string() },
        _ => Unreadable::Sql(error),
    }
}

impl From<rusqlite::Error> for Unreadable {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// Takes from the times of an entry what its rows do not hold.
pub(super) fn truncate_times(entry: &mut Entry) {
    let truncate = |time: &mut OffsetDateTime| *time = moment(micros(*time));
    truncate(&mut entry.received_at);
    for recipient in &mut entry.envelope.recipients {
        recipient.next_attempt.iter_mut().for_each(truncate);
        match &mut recipient.state {
            RecipientState::Pending => {}
            RecipientState::Transferred { at, .. } | RecipientState::Failed { at, .. } => truncate(at),
        }
    }
}

/// A time as microseconds since 1970.
pub(super) fn micros(time: OffsetDateTime) -> i64 {
    // The whole calendar of `time` fits.
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1000)).unwrap_or(i64::MAX)
}

/// So long after a time, as microseconds since 1970.
pub(super) fn micros_after(time: OffsetDateTime, span: std::time::Duration) -> i64 {
    micros(time).saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
}

/// The time `micros` microseconds after 1970; the nearest there is, if the calendar does not reach so far.
pub(super) fn moment(micros: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).unwrap_or(if micros < 0 {
        time::macros::datetime!(-9999-01-01 0:00 UTC)
    } else {
        time::macros::datetime!(9999-12-31 23:59:59 UTC)
    })
}
