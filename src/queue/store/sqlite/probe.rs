//! The places where a crash would be most unwelcome, for tests to look at the disk there.

/// A step on the way of an entry to the disk or from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// The octets are in the spool file, unsynced.
    SpoolWritten,
    /// A file was moved into the spool, whose folder is not synced yet.
    SpoolTaken,
    /// The spool file is synced, its folder not.
    SpoolSynced,
    /// The folder too.
    SpoolFolderSynced,
    /// The writer has taken a group of changes.
    GroupTaken,
    /// The changes of a group are made but not committed.
    Changed,
    /// They are committed, nobody has been told.
    Committed,
    /// A spool file is removed.
    SpoolRemoved,
}

/// Told of every step; does nothing outside tests.
#[derive(Clone, Default)]
pub(super) struct Probe {
    #[cfg(test)]
    watcher: Option<std::sync::Arc<dyn Fn(Step) + Send + Sync>>,
}

impl Probe {
    /// Has `watcher` called at every step, in the thread that takes it.
    #[cfg(test)]
    pub(super) fn new(watcher: impl Fn(Step) + Send + Sync + 'static) -> Self {
        Self { watcher: Some(std::sync::Arc::new(watcher)) }
    }

    #[cfg(test)]
    pub(super) fn reached(&self, step: Step) {
        if let Some(watcher) = &self.watcher {
            watcher(step);
        }
    }

    #[cfg(not(test))]
    pub(super) fn reached(&self, _step: Step) {}
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probe")
    }
}
