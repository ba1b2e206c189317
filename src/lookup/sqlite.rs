//! People in a table of an SQLite database.
//!
//! The database belongs to somebody else, who may write to it, lock it, take it away or put another one in its place at any
//! time. So each question opens it, reading only, asks, and closes it: what is found is what is there. Answers are remembered
//! by those who ask. Threads of their own do it, as SQLite waits; a query that takes too long is broken off.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, InterruptHandle, OpenFlags};
use tokio::sync::oneshot;

use super::{Asking, Reply, Source, lock};
use crate::rules::lookup::settings::Sqlite as Settings;
use crate::rules::lookup::sql::{self, ROWS, Row};
use crate::rules::lookup::{Answer, Question};

/// A database.
pub(super) struct Sqlite {
    jobs: Sender<Job>,
    settings: Arc<Settings>,
}

/// A question on its way to a thread.
struct Job {
    question: Question,
    until: Instant,
    /// How to break it off, while it runs.
    running: Arc<Running>,
    answer: oneshot::Sender<Result<Answer, String>>,
}

#[derive(Default)]
struct Running(Mutex<Option<InterruptHandle>>);

impl Sqlite {
    /// The database of these settings; it is not opened yet, and need not be there.
    ///
    /// # Errors
    /// When there are no threads.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let settings = Arc::new(settings.clone());
        let (jobs, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..settings.connections {
            let (settings, receiver) = (Arc::clone(&settings), Arc::clone(&receiver));
            let thread = std::thread::Builder::new().name("lookup-sqlite".to_owned());
            let spawned = thread.spawn(move || work(&settings, &receiver));
            spawned.map_err(|error| format!("no thread: {error}"))?;
        }
        Ok(Self { jobs, settings })
    }

    async fn answer(&self, question: &Question) -> Result<Answer, String> {
        let running = Arc::new(Running::default());
        // Broken off however this ends: an answer that comes makes it mean nothing.
        let _end = BreakOff(Arc::clone(&running));
        let (answer, coming) = oneshot::channel();
        let until = Instant::now() + self.settings.timeout;
        let job = Job { question: question.clone(), until, running, answer };
        self.jobs.send(job).map_err(|_| "its threads have ended".to_owned())?;
        match tokio::time::timeout(self.settings.timeout, coming).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err("its thread has ended".to_owned()),
            Err(_) => Err(format!("no answer within {} s", self.settings.timeout.as_secs_f32())),
        }
    }
}

impl Source for Sqlite {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        Box::pin(async move {
            let answer = match self.answer(question).await {
                Ok(answer) => answer,
                Err(reason) => Answer::Unknown(format!("{}: {reason}", self.settings.file.display())),
            };
            let absent = answer == Answer::Absent;
            let holds = if absent { self.settings.holds_absent } else { self.settings.holds };
            Reply { answer, holds }
        })
    }
}

/// Tries the queries on a question nobody has: what keeps the database from being asked now.
///
/// # Errors
/// The first thing that is wrong.
pub(super) fn trial(settings: &Settings) -> Result<(), String> {
    let questions = [
        Question::Mailbox("nobody@invalid".to_owned()),
        Question::Address("/S=nobody/ADMD= /C=XX/".to_owned()),
    ];
    let running = Running::default();
    for question in questions {
        if query_of(settings, &question).is_some() {
            let until = Instant::now() + settings.timeout;
            ask(settings, &question, until, &running)
                .map_err(|reason| format!("{}: {reason}", settings.file.display()))?;
        }
    }
    Ok(())
}

struct BreakOff(Arc<Running>);

impl Drop for BreakOff {
    fn drop(&mut self) {
        if let Some(handle) = &*lock(&self.0.0) {
            handle.interrupt();
        }
    }
}

/// One thread, until nobody can ask any more.
fn work(settings: &Settings, jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = lock(jobs).recv();
        let Ok(Job { question, until, running, answer }) = next else { return };
        // Who asked may have gone away while it waited.
        if answer.is_closed() {
            continue;
        }
        let told = ask(settings, &question, until, &running);
        lock(&running.0).take();
        // Nobody may be waiting any more.
        let _ = answer.send(told);
    }
}

fn query_of<'s>(settings: &'s Settings, question: &Question) -> Option<&'s str> {
    match question {
        Question::Mailbox(_) => settings.by_internet.as_deref(),
        Question::Address(_) => settings.by_or.as_deref(),
        Question::Domain(_) | Question::Path(_) => None,
    }
}

fn ask(
    settings: &Settings,
    question: &Question,
    until: Instant,
    running: &Running,
) -> Result<Answer, String> {
    let Some(query) = query_of(settings, question) else { return Ok(Answer::Absent) };
    let rows = rows(&settings.file, query, question, until, running).map_err(|error| error.to_string())?;
    let found = sql::read(question, &rows, &format!("`{}`", settings.file.display()))?;
    Ok(found.map_or(Answer::Absent, |found| Answer::Found(vec![found])))
}

fn rows(
    file: &Path,
    query: &str,
    question: &Question,
    until: Instant,
    running: &Running,
) -> rusqlite::Result<Vec<Row>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    let left = until.saturating_duration_since(Instant::now());
    connection.busy_timeout(left.max(Duration::from_millis(1)))?;
    *lock(&running.0) = Some(connection.get_interrupt_handle());
    let mut statement = connection.prepare(query)?;
    for place in 1..=statement.parameter_count() {
        let value = sql::parameter(statement.parameter_name(place), question);
        statement.raw_bind_parameter(place, value)?;
    }
    let columns = statement.column_count();
    let mut found = Vec::new();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        let column = |place: usize| match place < columns {
            true => match row.get_ref(place)? {
                ValueRef::Null => Ok(None),
                value => Ok(Some(value.as_str()?.to_owned())),
            },
            false => Ok::<_, rusqlite::Error>(None),
        };
        found.push((column(0)?, column(1)?));
        if found.len() > ROWS {
            break;
        }
    }
    Ok(found)
}
