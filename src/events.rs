//! The event log: one line of JSON for everything that happens to a message, for programs. What is in it is written down in
//! `contrib/EVENTS.md`, and a test compares.
//!
//! Lines are written by a thread of their own, so that nobody waits for the disk. When more come than it writes, some are left
//! out, and a line says how many; what counts as done is in the queue.
#![expect(clippy::disallowed_methods, reason = "shell: opens the file, reads the clock")]

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Lines that may wait to be written.
const WAITING: usize = 10_000;

/// Where events go; nowhere, unless an operator says so.
#[derive(Debug, Default)]
pub struct Events {
    sender: Option<SyncSender<Order>>,
    left_out: AtomicU64,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
enum Order {
    Line(String),
    Reopen,
}

/// Where a line goes.
enum Output {
    Standard,
    File(PathBuf, BufWriter<File>),
}

impl Events {
    /// To a file, to which is added; `-` is standard output.
    ///
    /// # Errors
    /// The file cannot be opened, or there are no threads.
    pub fn to(path: &Path) -> io::Result<Self> {
        let output = match path.as_os_str() == "-" {
            true => Output::Standard,
            false => Output::File(path.to_owned(), BufWriter::new(open(path)?)),
        };
        let (sender, orders) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("events".to_owned());
        let thread = thread.spawn(move || write(output, &orders))?;
        Ok(Self { sender: Some(sender), left_out: AtomicU64::new(0), thread: Some(thread) })
    }

    /// Whether anybody listens; else nothing needs to be put together.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.sender.is_some()
    }

    /// Something happened. `fields` are what there is to say besides `time` and `event`.
    pub fn tell(&self, event: &str, fields: Value) {
        let Some(sender) = &self.sender else { return };
        let missed = self.left_out.swap(0, Ordering::Relaxed);
        if missed > 0 && sender.try_send(Order::Line(line("left-out", json!({ "count": missed })))).is_err() {
            self.left_out.fetch_add(missed, Ordering::Relaxed);
        }
        match sender.try_send(Order::Line(line(event, fields))) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.left_out.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Opens the file anew: somebody may have moved it away.
    pub fn reopen(&self) {
        if let Some(sender) = &self.sender {
            // One that is that busy is asked again at the next reload.
            let _ = sender.try_send(Order::Reopen);
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has said so itself.
            let _ = thread.join();
        }
    }
}

fn line(event: &str, fields: Value) -> String {
    let now = OffsetDateTime::now_utc();
    let mut whole = Map::new();
    whole.insert("time".to_owned(), now.format(&Rfc3339).unwrap_or_default().into());
    whole.insert("event".to_owned(), event.into());
    if let Value::Object(fields) = fields {
        whole.extend(fields);
    }
    format!("{}\n", Value::Object(whole))
}

fn open(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(path)
}

/// Writes until every sender is gone; what is written is handed over whenever nothing more waits.
fn write(mut output: Output, orders: &Receiver<Order>) {
    while let Ok(mut order) = orders.recv() {
        let mut failed = None;
        loop {
            let done = match order {
                Order::Line(line) => output.write(line.as_bytes()),
                Order::Reopen => output.reopen(),
            };
            failed = failed.or_else(|| done.err());
            order = match orders.try_recv() {
                Ok(next) => next,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            };
        }
        let flushed = output.flush();
        if let Some(error) = failed.or_else(|| flushed.err()) {
            tracing::error!(%error, "events were not written");
        }
    }
}

impl Output {
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        match self {
            Self::Standard => io::stdout().lock().write_all(line),
            Self::File(_, file) => file.write_all(line),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard => io::stdout().lock().flush(),
            Self::File(_, file) => file.flush(),
        }
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.flush()?;
        if let Self::File(path, file) = self {
            *file = BufWriter::new(open(path)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn each_event_is_a_line_and_a_file_that_was_moved_away_is_opened_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (file, old) = (folder.path().join("events"), folder.path().join("events.1"));
        let events = Events::to(&file).unwrap();
        assert!(events.is_on() && !Events::default().is_on());
        events.tell("accepted", json!({ "queue-id": "a\nb" }));
        Events::default().tell("accepted", json!({}));
        // What was told before is written before the file is opened anew.
        std::fs::rename(&file, &old).unwrap();
        events.reopen();
        events.tell("done", json!({}));
        drop(events);
        let read = |path: &Path| -> Vec<Value> {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let (first, second) = (read(&old), read(&file));
        assert_eq!((first.len(), second.len()), (1, 1));
        assert_eq!((&first[0]["event"], &first[0]["queue-id"]), (&json!("accepted"), &json!("a\nb")));
        assert_eq!(second[0]["event"], "done");
        assert!(first[0]["time"].as_str().unwrap().ends_with('Z'));
    }
}
