//! Octets of which nobody knows how many will come: few are kept in memory, more in a file that has no name.
#![expect(clippy::disallowed_methods, reason = "shell: writes a file")]

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::mta::content::{Content, FileRange};

/// Octets that are read at once.
const PIECE: usize = 64 << 10;

/// What has come so far.
#[derive(Debug)]
pub(crate) struct Buffered {
    /// Where the file is made.
    folder: PathBuf,
    /// Octets that are kept in memory.
    limit: usize,
    memory: Vec<u8>,
    file: Option<File>,
    length: u64,
}

impl Buffered {
    /// Nothing yet. Up to `limit` octets stay in memory, more go to a file in `folder`.
    pub(crate) fn new(folder: &Path, limit: usize) -> Self {
        Self { folder: folder.to_owned(), limit, memory: Vec::new(), file: None, length: 0 }
    }

    /// In octets.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// Adds octets. It waits for the disk once they are more than stay in memory.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn add(&mut self, octets: &[u8]) -> io::Result<()> {
        self.length += octets.len() as u64;
        if self.file.is_none() && self.memory.len() + octets.len() > self.limit {
            let mut file = unnamed(&self.folder)?;
            file.write_all(&std::mem::take(&mut self.memory))?;
            self.file = Some(file);
        }
        match &mut self.file {
            None => self.memory.extend_from_slice(octets),
            Some(file) => file.write_all(octets)?,
        }
        Ok(())
    }

    /// Hands all of it on, a piece at a time.
    ///
    /// # Errors
    /// It cannot be read again.
    pub(crate) fn each(self, mut take: impl FnMut(Vec<u8>)) -> io::Result<()> {
        let Some(mut file) = self.file else {
            take(self.memory);
            return Ok(());
        };
        file.rewind()?;
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            if (&file).take(PIECE as u64).read_to_end(&mut piece)? == 0 {
                return Ok(());
            }
            take(piece);
        }
    }

    /// All of it, where it is.
    pub(crate) fn into_content(self) -> Content {
        match self.file {
            None => Bytes::from(self.memory).into(),
            Some(file) => FileRange { file: Arc::new(file), offset: 0, length: self.length }.into(),
        }
    }

    /// Memory for all of it, if it is in a file. Who makes it on a thread that goes on gets it back when it is free again.
    pub(crate) fn room(&self) -> Vec<u8> {
        let length = if self.file.is_some() { self.length } else { 0 };
        Vec::with_capacity(usize::try_from(length).unwrap_or_default())
    }

    /// All of it, in this memory.
    ///
    /// # Errors
    /// It cannot be read again.
    pub(crate) fn read_into(self, mut room: Vec<u8>) -> io::Result<Vec<u8>> {
        let Some(mut file) = self.file else { return Ok(self.memory) };
        file.rewind()?;
        file.read_to_end(&mut room)?;
        Ok(room)
    }
}

/// A file that only its owner could have read, and nobody finds.
fn unnamed(folder: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let path = folder.join(format!("x400gw-{:016x}", u64::from_be_bytes(random)));
    let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn few_stay_in_memory_and_more_come_back_out_of_a_file_without_a_name() {
        let folder = tempfile::tempdir().unwrap();
        let octets: Vec<u8> = (0..=255).cycle().take(200_000).collect();
        for (length, pieces, in_memory) in
            [(0, 1, true), (1000, 7, true), (1001, 1, false), (200_000, 999, false)]
        {
            let written = || {
                let mut buffered = Buffered::new(folder.path(), 1000);
                octets[..length].chunks(pieces).for_each(|piece| buffered.add(piece).unwrap());
                assert_eq!((buffered.length(), buffered.file.is_none()), (length as u64, in_memory));
                buffered
            };
            let room = written().room();
            assert_eq!(written().read_into(room).unwrap(), octets[..length]);
            let mut again = Vec::new();
            written().each(|piece| again.extend(piece)).unwrap();
            assert_eq!(again, octets[..length]);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
        assert!(Buffered::new(&folder.path().join("nowhere"), 0).add(b"x").is_err());
    }
}
