//! Makes the changes of a group one transaction, and answers everybody.
#![expect(clippy::disallowed_methods, reason = "shell: syncs the log of the database")]

use std::{
    fs::File,
    mem,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::{
    Error, Options,
    change::{self, Change, Effect, Insertion, Retention},
    probe::{Probe, Step},
    seen::Noted,
    shared::Shared,
    spool::{Spool, Spooled},
    unavailable,
};

/// A change and who waits for it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) change: Change,
    pub(super) reply: oneshot::Sender<Result<Effect, Error>>,
}

/// Owns the writing connection.
pub(super) struct Writer {
    connection: Connection,
    shared: Arc<Shared>,
    spool: Spool,
    probe: Probe,
    retention: Retention,
    noted: Noted,
    /// The log in which SQLite writes first.
    log: PathBuf,
    /// Whether commits are synced now.
    is_synced: bool,
    /// Files in the spool that no row names any more, once what was committed last is synced.
    orphaned: Vec<String>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        shared: Arc<Shared>,
        spool: Spool,
        probe: Probe,
        options: &Options,
    ) -> Self {
        let Options { content_retention, tracking_retention, .. } = *options;
        let retention = Retention {
            content: content_retention,
            tracking: tracking_retention,
            tracking_limit: options.tracking_limit,
            marks: options.mark_retention,
            memories: options.memory_retention,
            answers: options.answer_retention,
            addresses: options.address_retention,
            address_limit: options.address_limit,
        };
        let log = PathBuf::from(format!("{}-wal", connection.path().unwrap_or_default()));
        let orphaned = Vec::new();
        let noted = Noted::new(options.address_limit);
        Self { connection, log, noted, shared, spool, probe, retention, is_synced: true, orphaned }
    }

    /// Makes the changes of a group, but for those of clients that have gone away: they were never told that their message is
    /// accepted, and send it again.
    pub(super) fn make(&mut self, mut group: Vec<Request>) {
        self.probe.reached(Step::GroupTaken);
        group.retain(|request| !(request.reply.is_closed() && matches!(request.change, Change::Insert(_))));
        if !group.is_empty() {
            self.settle(group);
        }
    }

    /// Makes the changes of a group and answers for them. If one fails, each is made alone.
    fn settle(&mut self, group: Vec<Request>) {
        let error = match self.commit(&group) {
            Ok(effects) => return self.answer(group, effects),
            Err(error) => error,
        };
        match <[Request; 1]>::try_from(group) {
            Ok([Request { change, reply }]) => {
                // A content in the spool goes before the caller hears of the failure.
                drop(change);
                if let Err(Err(error)) = reply.send(Err(error)) {
                    tracing::warn!(%error, "a change to the queue failed, and nobody waits to hear it");
                }
            }
            Err(group) => group.into_iter().for_each(|request| self.settle(vec![request])),
        }
    }

    /// Makes the changes in one transaction: all of them, or none and the first failure.
    fn commit(&mut self, group: &[Request]) -> Result<Vec<Effect>, Error> {
        let failed = |error| unavailable("writing to the database", error);
        self.sync_if(group.iter().any(|request| request.change.is_urgent())).map_err(failed)?;
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let mut effects = Vec::with_capacity(group.len());
        // What a sweep forgets is noted again.
        let (mut noted, forgotten) = (&self.noted, self.noted.emptied());
        for Request { change, .. } in group {
            effects.push(change::make(&transaction, change, self.retention, noted)?);
            if matches!(change, Change::Sweep { .. }) {
                noted = &forgotten;
            }
        }
        self.probe.reached(Step::Changed);
        // Before the commit, because from then on the reader may look for them.
        keep_recent(&self.shared, group, &effects);
        if let Err(error) = transaction.commit() {
            let mut held = self.shared.held();
            for seq in effects.iter().flat_map(|effect| &effect.inserted).flatten() {
                held.take_recent(*seq);
            }
            return Err(failed(error));
        }
        self.shared.commits.fetch_add(1, Ordering::Relaxed);
        self.shared.syncs.fetch_add(self.is_synced.into(), Ordering::Relaxed);
        self.shared.changes.fetch_add(effects.len() as u64, Ordering::Relaxed);
        self.probe.reached(Step::Committed);
        Ok(effects)
    }

    /// Has the next commit synced or not. One that is not is synced with the next that is; only a failing machine can undo it
    /// until then, not one that ends this program.
    fn sync_if(&mut self, needed: bool) -> rusqlite::Result<()> {
        if self.is_synced != needed {
            let level = if needed { "FULL" } else { "NORMAL" };
            self.connection.pragma_update(None, "synchronous", level)?;
            self.is_synced = needed;
        }
        Ok(())
    }

    /// Syncs what was committed without; says whether that was possible.
    fn sync(&self) -> bool {
        let synced = File::open(&self.log).and_then(|log| log.sync_data());
        if let Err(error) = &synced {
            tracing::warn!(%error, file = %self.log.display(), "not synced; contents that are done stay for a while");
        }
        synced.is_ok()
    }

    /// Does what follows from a commit, then tells everybody.
    fn answer(&mut self, group: Vec<Request>, mut effects: Vec<Effect>) {
        self.orphaned.extend(effects.iter_mut().flat_map(|effect| mem::take(&mut effect.orphaned)));
        let mut arrived = false;
        {
            let mut held = self.shared.held();
            for (Request { change, .. }, effect) in group.iter().zip(&effects) {
                arrived |= effect.inserted.iter().any(Option::is_some) || effect.rescheduled;
                if let Some(seq) = effect.released {
                    held.release(seq);
                    held.take_recent(seq);
                }
                if change.may_change_what_is_due(effect) {
                    held.forget_outlook();
                }
                effect.inserted.iter().flatten().for_each(|seq| held.committed(*seq));
            }
        }
        // Clients wait for what is urgent.
        let mut answers: Vec<_> = group.into_iter().zip(effects).collect();
        answers.sort_by_key(|(request, _)| !request.change.is_urgent());
        for (Request { change, reply }, effect) in answers {
            if effect.swept.addresses > 0 {
                self.noted.forget();
            }
            // The content of one that was kept before goes with what is dropped here.
            let kept =
                change.into_insertions().into_iter().zip(&effect.inserted).filter(|(_, row)| row.is_some());
            for (Insertion { entry, spooled, .. }, _) in kept {
                self.noted.add(&entry);
                spooled.into_iter().for_each(Spooled::keep);
            }
            // A caller that has gone away does not need to know.
            let _ = reply.send(Ok(effect));
        }
        if arrived {
            self.shared.arrivals.notify_one();
        }
        // Not before it is certain that no row names them.
        if !self.orphaned.is_empty() && (self.is_synced || self.sync()) {
            mem::take(&mut self.orphaned).iter().for_each(|file| self.spool.remove(file));
        }
    }
}

/// Keeps inserted entries that are due at once where a claim finds them without reading.
fn keep_recent(shared: &Shared, group: &[Request], effects: &[Effect]) {
    let mut held = shared.held();
    for (request, effect) in group.iter().zip(effects) {
        for (Insertion { entry, .. }, seq) in request.change.insertions().iter().zip(&effect.inserted) {
            if let Some(seq) = seq
                && entry.due_at() == Some(entry.received_at)
            {
                held.keep_recent(*seq, entry);
            }
        }
    }
}
