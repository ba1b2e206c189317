//! Octets that come over a connection, however slowly: what is long is in a file while it comes, and in memory only when all of it
//! is there.

use std::io;
use std::path::Path;

use bytes::Bytes;
use tokio::task::spawn_blocking;

use crate::buffered::Buffered;

/// Octets that stay in memory.
pub(crate) const IN_MEMORY: usize = 256 << 10;

/// Octets of what is longer that are gathered before they are written.
const BLOCK: usize = 128 << 10;

/// What has come so far.
#[derive(Debug)]
pub struct Gathering {
    /// What is not in memory any longer; nothing ever is, if there is no place for it.
    kept: Option<Buffered>,
    gathered: Vec<u8>,
}

impl Gathering {
    /// Nothing yet, and all of it in memory.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { kept: None, gathered: Vec::new() }
    }

    /// Nothing yet. What is long goes to a file in this folder, which nobody finds and which is gone afterwards.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { kept: Some(Buffered::new(folder, 0)), gathered: Vec::new() }
    }

    /// In octets.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.in_file() + self.gathered.len() as u64
    }

    /// How many octets are not in memory.
    fn in_file(&self) -> u64 {
        self.kept.as_ref().map_or(0, Buffered::length)
    }

    /// Adds octets.
    ///
    /// # Errors
    /// They cannot be written. Nothing can be done with the rest then.
    pub async fn add(&mut self, octets: &[u8]) -> io::Result<()> {
        let most = if self.in_file() == 0 { IN_MEMORY } else { BLOCK };
        // Not more room than for what may stay.
        if self.gathered.len() + octets.len() > most && !self.gathered.is_empty() && self.kept.is_some() {
            self.write().await?;
        }
        self.gathered.extend_from_slice(octets);
        if self.gathered.len() > most && self.kept.is_some() { self.write().await } else { Ok(()) }
    }

    /// All of it, in memory.
    ///
    /// # Errors
    /// It cannot be written or read again.
    pub async fn read(mut self) -> io::Result<Bytes> {
        if self.in_file() == 0 {
            return Ok(self.gathered.into());
        }
        self.write().await?;
        match self.kept {
            Some(kept) => {
                let room = kept.room();
                let read = spawn_blocking(move || kept.read_into(room));
                read.await.map_err(io::Error::other)?.map(Bytes::from)
            }
            None => Ok(Bytes::new()),
        }
    }

    async fn write(&mut self) -> io::Result<()> {
        let mut more = std::mem::take(&mut self.gathered);
        if let Some(mut kept) = self.kept.take() {
            let written = spawn_blocking(move || kept.add(&more).map(|()| (kept, more)));
            let (kept, written) = written.await.map_err(io::Error::other)??;
            more = written;
            self.kept = Some(kept);
        }
        more.clear();
        more.shrink_to(BLOCK);
        self.gathered = more;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[tokio::test]
    async fn what_is_long_comes_back_out_of_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let octets: Vec<u8> = (0..=250).cycle().take(2_000_000).collect();
        for (length, pieces, is_long) in [(0, 1, false), (IN_MEMORY, 1000, false), (2_000_000, 10_007, true)]
        {
            for (mut gathering, may) in
                [(Gathering::in_folder(folder.path()), true), (Gathering::in_memory(), false)]
            {
                for piece in octets[..length].chunks(pieces) {
                    gathering.add(piece).await.unwrap();
                    let most = if gathering.in_file() > 0 { BLOCK } else { IN_MEMORY };
                    assert!(gathering.gathered.len() <= most || !may);
                }
                assert_eq!((gathering.length(), gathering.in_file() > 0), (length as u64, is_long && may));
                assert_eq!(gathering.read().await.unwrap(), octets[..length]);
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut nowhere = Gathering::in_folder(&folder.path().join("nowhere"));
        assert!(nowhere.add(&octets).await.is_err());
    }
}
