//! One file of the spool, from its first octets to its place on disk.
#![expect(clippy::disallowed_methods, reason = "shell: opens, writes and syncs files")]

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::{FINISHED, UNFINISHED};

/// A file that is being written, and removed again when this is dropped before it is finished. Every method may wait for
/// the disk.
#[derive(Debug)]
pub(super) struct Unfinished {
    folder: PathBuf,
    name: String,
    /// Made with the first octets.
    file: Option<File>,
    length: u64,
}

impl Unfinished {
    pub(super) fn new(folder: &Path, name: &str) -> Self {
        Self { folder: folder.to_owned(), name: name.to_owned(), file: None, length: 0 }
    }

    /// Octets written.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Appends octets.
    pub(super) fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        let path = self.path();
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(OpenOptions::new().read(true).write(true).create_new(true).open(path)?),
        };
        file.write_all(octets)?;
        self.length += octets.len() as u64;
        Ok(())
    }

    /// Writes over octets that were written.
    pub(super) fn patch(&self, offset: u64, octets: &[u8]) -> io::Result<()> {
        match &self.file {
            Some(file) => file.write_all_at(octets, offset),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The file under its final name, once it and its name would survive a power failure.
    pub(super) fn finish(mut self) -> io::Result<(PathBuf, File)> {
        let finished = self.folder.join(format!("{}.{FINISHED}", self.name));
        let file = self.file.as_ref().ok_or(io::ErrorKind::NotFound)?;
        file.sync_all()?;
        std::fs::rename(self.path(), &finished)?;
        if let Err(error) = File::open(&self.folder).and_then(|folder| folder.sync_all()) {
            // Nobody knows whether the name would survive; the peer keeps the message, so it must not be here as well.
            let _ = std::fs::remove_file(finished);
            return Err(error);
        }
        self.file.take().map(|file| (finished, file)).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.{UNFINISHED}", self.name))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.file.is_some()
            && let Err(error) = std::fs::remove_file(self.path())
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(file = %self.path().display(), %error, "an unfinished message could not be removed");
        }
    }
}
