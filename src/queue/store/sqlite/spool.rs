//! Large contents, one file each.
//!
//! ```text
//! spool/
//!   7k/                  the last two characters of the id, so that no folder grows large
//!     06cpm0x1tq4y8d0v7k  the octets as received
//! ```
//!
//! A file is written and synced, then its folder, before the row that names it is inserted; it is removed after the
//! row has let go of it. So a file without a row is what a crash left behind, and is removed at start; a row without
//! its file cannot come from a crash.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    super::{Error, checksum::Crc32},
    probe::{Probe, Step},
    spool_failed,
};
use crate::queue::entry::{Content, QueueId};

/// The folder of large contents.
#[derive(Debug, Clone)]
pub(super) struct Spool {
    root: PathBuf,
    probe: Probe,
}

impl Spool {
    /// The spool in the folder `root`, which is made if it does not exist.
    pub(super) fn open(root: PathBuf, probe: Probe) -> Result<Self, Error> {
        fs::create_dir_all(&root).map_err(|error| spool_failed("making the spool folder", &root, error))?;
        Ok(Self { root, probe })
    }

    /// Writes a content so that it survives a loss of power. On an error nothing is left.
    pub(super) fn write(&self, id: QueueId, octets: &[u8]) -> Result<Spooled, Error> {
        let file = file_name(id);
        let path = self.root.join(&file);
        let guard = Spooled { path: path.clone(), armed: true, content: describe(file, octets) };
        self.write_synced(&path, octets).map_err(|error| spool_failed("writing", &path, error))?;
        Ok(guard)
    }

    fn write_synced(&self, path: &Path, octets: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        match fs::create_dir(folder) {
            Ok(()) => File::open(&self.root)?.sync_all()?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(octets)?;
        self.probe.reached(Step::SpoolWritten);
        file.sync_all()?;
        self.probe.reached(Step::SpoolSynced);
        File::open(folder)?.sync_all()?;
        self.probe.reached(Step::SpoolFolderSynced);
        Ok(())
    }

    /// The octets of `file`; an error text if they are not what was written.
    pub(super) fn read(&self, file: &str, length: u64, checksum: u32) -> io::Result<Result<Vec<u8>, String>> {
        let opened = match File::open(self.root.join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err(missing(file))),
            opened => opened?,
        };
        let found = opened.metadata()?.len();
        if found != length {
            return Ok(Err(wrong_length(found, length)));
        }
        let mut octets = Vec::with_capacity(usize::try_from(found).unwrap_or(0));
        opened.take(length).read_to_end(&mut octets)?;
        if Crc32::new().update(&octets).finish() != checksum {
            return Ok(Err("the content does not match its checksum".to_owned()));
        }
        Ok(Ok(octets))
    }

    /// Whether `file` is there and as long as it should be; an error text if not.
    pub(super) fn check_length(&self, file: &str, length: u64) -> io::Result<Result<(), String>> {
        match fs::metadata(self.root.join(file)) {
            Ok(found) if found.len() == length => Ok(Ok(())),
            Ok(found) => Ok(Err(wrong_length(found.len(), length))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Err(missing(file))),
            Err(error) => Err(error),
        }
    }

    /// Removes `file`. A failure costs room until the next start, nothing else.
    pub(super) fn remove(&self, file: &str) {
        let path = self.root.join(file);
        if let Err(error) = fs::remove_file(&path) {
            tracing::warn!(path = %path.display(), %error, "spool file not removed, tried again at the next start");
        }
        self.probe.reached(Step::SpoolRemoved);
    }

    /// The names of all files, relative to the spool.
    pub(super) fn files(&self) -> io::Result<Vec<String>> {
        let mut files = Vec::new();
        for folder in fs::read_dir(&self.root)? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let (folder, file) = (folder.file_name(), file?.file_name());
                files.push(format!("{}/{}", folder.to_string_lossy(), file.to_string_lossy()));
            }
        }
        Ok(files)
    }
}

/// A content in the spool that no row names yet. Dropped before [`keep`](Self::keep), it takes its file away.
#[derive(Debug)]
pub(super) struct Spooled {
    path: PathBuf,
    armed: bool,
    content: Content,
}

impl Spooled {
    /// Leaves the file to a row.
    pub(super) fn keep(mut self) {
        self.armed = false;
    }

    /// Where the octets are now.
    pub(super) fn content(&self) -> &Content {
        &self.content
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        if self.armed {
            // Nothing refers to it; if it stays, the next start removes it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The queue id a spool file is named after, if it is named after one.
pub(super) fn id_of(file: &str) -> Option<QueueId> {
    file.split_once('/')?.1.parse().ok()
}

fn file_name(id: QueueId) -> String {
    let name = id.to_string();
    format!("{}/{name}", &name[QueueId::TEXT_LENGTH - 2..])
}

fn describe(file: String, octets: &[u8]) -> Content {
    Content::Spool { file, length: octets.len() as u64, checksum: Crc32::new().update(octets).finish() }
}

fn missing(file: &str) -> String {
    format!("the spool file `{file}` is missing")
}

fn wrong_length(found: u64, expected: u64) -> String {
    format!("the content has {found} octets, expected {expected}")
}
