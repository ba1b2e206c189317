//! Large contents, one file each.
//!
//! ```text
//! spool/
//!   7k/                  the last two characters of the id, so that no folder grows large
//!     06cpm0x1tq4y8d0v7k  the octets as received
//! ```
//!
//! A file is written and synced, then its folder, before the row that names it is inserted; a file that is there already is
//! moved here instead of being written. It is removed after the row has let go of it. So a file without a row is what a crash left behind, and is removed at start; a row without
//! its file cannot come from a crash.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use crc32fast::{Hasher, hash};

use super::{
    super::Error,
    probe::{Probe, Step},
    spool_failed,
};
use crate::queue::entry::{Content, Entry, QueueId};

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
        let (file, path) = self.place(id);
        let failed = |error| spool_failed("writing", &path, error);
        let mut reserved = self.reserve(&path).map_err(failed)?;
        let checksum = hash(octets);
        let content = Content::Spool { file, length: octets.len() as u64, checksum };
        let spooled = Spooled { path: path.clone(), armed: true, content };
        let mut write = || {
            reserved.write_all(octets)?;
            self.probe.reached(Step::SpoolWritten);
            reserved.sync_all()?;
            self.probe.reached(Step::SpoolSynced);
            self.sync_folder_of(&path)
        };
        write().map_err(failed)?;
        Ok(spooled)
    }

    /// Makes the file `from` of `length` octets the spool file of an entry, so that it survives a loss of power; or gives its
    /// octets, if they are not more than `inline_limit`. It is no longer where it was, even after an error.
    pub(super) fn take_over(
        &self,
        id: QueueId,
        from: PathBuf,
        length: u64,
        inline_limit: usize,
    ) -> Result<Taken, Error> {
        let mut from = Source { path: from, armed: true };
        let failed = |error| spool_failed("taking over", &from.path, error);
        let mut opened = File::open(&from.path).map_err(failed)?;
        let found = opened.metadata().map_err(failed)?.len();
        if found != length {
            return Err(Error::Misuse { id, what: "the file is not as long as it was said to be" });
        }
        if usize::try_from(length).is_ok_and(|length| length <= inline_limit) {
            let mut octets = Vec::new();
            opened.read_to_end(&mut octets).map_err(failed)?;
            return Ok(Taken::Small(octets));
        }
        let checksum = checksum(&mut opened).map_err(failed)?;
        opened.sync_all().map_err(failed)?;
        let (file, path) = self.place(id);
        self.reserve(&path).map_err(failed)?;
        let content = Content::Spool { file, length, checksum };
        let spooled = Spooled { path: path.clone(), armed: true, content };
        match fs::rename(&from.path, &path) {
            Ok(()) => from.armed = false,
            // The operator has given the spool a disk of its own.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                let copied = fs::copy(&from.path, &path).and_then(|_| File::open(&path)?.sync_all());
                copied.map_err(|error| spool_failed("copying to", &path, error))?;
            }
            Err(error) => return Err(spool_failed("moving a file to", &path, error)),
        }
        self.probe.reached(Step::SpoolTaken);
        self.sync_folder_of(&path).map_err(|error| spool_failed("moving a file to", &path, error))?;
        Ok(Taken::Large(spooled))
    }

    /// The name of an entry's file, and where it is.
    fn place(&self, id: QueueId) -> (String, PathBuf) {
        let file = file_name(id);
        let path = self.root.join(&file);
        (file, path)
    }

    /// Makes an empty file at `path`, which nobody else has.
    fn reserve(&self, path: &Path) -> io::Result<File> {
        let folder = path.parent().unwrap_or(&self.root);
        match fs::create_dir(folder) {
            Ok(()) => File::open(&self.root)?.sync_all()?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        OpenOptions::new().write(true).create_new(true).open(path)
    }

    fn sync_folder_of(&self, path: &Path) -> io::Result<()> {
        File::open(path.parent().unwrap_or(&self.root))?.sync_all()?;
        self.probe.reached(Step::SpoolFolderSynced);
        Ok(())
    }

    /// The octets of `file`, in memory that the caller may have ready; an error text if they are not what was written.
    pub(super) fn read(
        &self,
        file: &str,
        length: u64,
        checksum: u32,
        mut octets: Vec<u8>,
    ) -> io::Result<Result<Vec<u8>, String>> {
        let opened = match self.open_file(file, length)? {
            Ok(opened) => opened,
            Err(damage) => return Ok(Err(damage)),
        };
        octets.reserve(usize::try_from(length).unwrap_or(0));
        opened.take(length).read_to_end(&mut octets)?;
        if hash(&octets) != checksum {
            return Ok(Err(wrong_checksum()));
        }
        Ok(Ok(octets))
    }

    /// The octets of `file`, whatever they are.
    pub(super) fn read_as_it_is(&self, file: &str) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(file))
    }

    /// `file`, open for reading; an error text if the octets are not what was written. They are read once for that, piece by
    /// piece.
    pub(super) fn open_checked(
        &self,
        file: &str,
        length: u64,
        checksum: u32,
    ) -> io::Result<Result<File, String>> {
        let mut opened = match self.open_file(file, length)? {
            Ok(opened) => opened,
            Err(damage) => return Ok(Err(damage)),
        };
        if self::checksum(&mut opened)? != checksum {
            return Ok(Err(wrong_checksum()));
        }
        Ok(Ok(opened))
    }

    /// `file`, if it is as long as it should be; an error text if not.
    fn open_file(&self, file: &str, length: u64) -> io::Result<Result<File, String>> {
        let opened = match File::open(self.root.join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Err(missing(file))),
            opened => opened?,
        };
        let found = opened.metadata()?.len();
        Ok(if found == length { Ok(opened) } else { Err(wrong_length(found, length)) })
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

/// A file that was taken over.
#[derive(Debug)]
pub(super) enum Taken {
    /// Its octets: it was small.
    Small(Vec<u8>),
    /// It is in the spool.
    Large(Spooled),
}

/// A file on its way into the spool. It is removed where it was unless it has been moved.
struct Source {
    path: PathBuf,
    armed: bool,
}

impl Drop for Source {
    fn drop(&mut self) {
        if self.armed
            && let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "a file that was taken over could not be removed");
        }
    }
}

/// Removes the file that was to become the content of an entry, if there is one.
pub(super) fn give_up(entry: Entry) {
    if let Content::File { path, .. } = entry.content {
        drop(Source { path, armed: true });
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

/// The checksum of what `file` holds, from where it is read to its end.
fn checksum(file: &mut File) -> io::Result<u32> {
    let mut sum = Hasher::new();
    let mut octets = vec![0; READ_AT_ONCE];
    loop {
        match file.read(&mut octets) {
            Ok(0) => return Ok(sum.finalize()),
            Ok(read) => sum.update(octets.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Octets of a file that are in memory while it is checked.
const READ_AT_ONCE: usize = 128 << 10;

fn missing(file: &str) -> String {
    format!("the spool file `{file}` is missing")
}

fn wrong_checksum() -> String {
    "the content does not match its checksum".to_owned()
}

fn wrong_length(found: u64, expected: u64) -> String {
    format!("the content has {found} octets, expected {expected}")
}
