//! Where large mails wait while they come and while they go, and how much of them may be in memory at a time, together with
//! what is made of them.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::accept::unavailable;
use super::inbound::arriving;
use crate::buffered::Buffered;
use crate::config::Config;
use crate::gathering::{Gathering, IN_MEMORY};
use crate::mta::content::Content;
use crate::smtp::reply::Reply;

/// Octets of a form beyond its files, which are in base64.
const FORM: u64 = 1 << 20;

/// KiB of large mails that may be in memory for each processor where others are waited for meanwhile: DNS or a directory on the way in,
/// a mail server on the way to the Internet.
pub(super) const WITH_OTHERS: u32 = 32 << 10;
/// The same where nobody is, and a processor has no use for more.
pub(super) const ALONE: u32 = 8 << 10;

/// One for all ways in, others for the ways out. Cheap to clone.
#[derive(Clone)]
pub(crate) struct WaitingRoom {
    folder: Arc<Path>,
    memory: Arc<Semaphore>,
    /// KiB that may be in memory. What is larger is there alone.
    capacity: u32,
    /// Octets of one request by HTTP, which are more than those of a mail.
    longest: u64,
}

impl WaitingRoom {
    /// So many KiB may be in memory for each processor.
    pub(super) fn new(config: &Config, for_each_processor: u32) -> Self {
        let longest = (config.smtp.maximum_message_size / 3).saturating_mul(4).saturating_add(FORM);
        let processors = std::thread::available_parallelism().map_or(1, |number| number.get());
        let capacity = for_each_processor.saturating_mul(u32::try_from(processors).unwrap_or(u32::MAX));
        let memory = Arc::new(Semaphore::new(capacity as usize));
        Self { folder: arriving(&config.gateway.data).into(), memory, capacity, longest }
    }

    /// Octets that a request has at most.
    pub(crate) const fn longest(&self) -> u64 {
        self.longest
    }

    /// For something that comes.
    pub(crate) fn gathering(&self) -> Gathering {
        Gathering::in_folder(&self.folder)
    }

    /// Waits until so many octets may be in memory. They may be there as long as what is given is kept; few need nothing.
    ///
    /// # Errors
    /// The gateway ends.
    pub(crate) async fn leave(&self, octets: u64) -> Result<Option<OwnedSemaphorePermit>, Reply> {
        if octets <= IN_MEMORY as u64 {
            return Ok(None);
        }
        let memory = Arc::clone(&self.memory).acquire_many_owned(kibibytes(octets).min(self.capacity)).await;
        memory.map(Some).map_err(|_| unavailable())
    }

    /// Octets that are in a file from now on, until nobody reads them any more. Where it cannot be written they stay in memory.
    pub(super) async fn put_away(&self, content: Vec<Bytes>) -> Content {
        let folder = Arc::clone(&self.folder);
        let octets = content.clone();
        let written = tokio::task::spawn_blocking(move || {
            let mut buffered = Buffered::new(&folder, 0);
            octets.iter().try_for_each(|piece| buffered.add(piece))?;
            Ok::<_, io::Error>(buffered.into_content())
        });
        match written.await.map_err(io::Error::other).and_then(|written| written) {
            Ok(away) => away,
            Err(error) => {
                tracing::warn!(%error, "a large mail stays in memory until it is transferred");
                content.into()
            }
        }
    }
}

fn kibibytes(octets: u64) -> u32 {
    u32::try_from(octets.div_ceil(1 << 10)).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_is_large_takes_turns_and_is_put_away_whole() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("[gateway]\ndata = {:?}\n[smtp]\nlisten = []\n", folder.path());
        let config = Config::parse("test", &text).unwrap_or_else(|why| panic!("{}", why.render()));
        let room = WaitingRoom::new(&config, 1);
        assert!(room.leave(IN_MEMORY as u64).await.unwrap().is_none());
        // Larger than anything that may be there at a time: it is there alone.
        let first = room.leave(1 << 30).await.unwrap().unwrap();
        let second = room.leave(1 << 30);
        tokio::pin!(second);
        assert!(tokio::time::timeout(Duration::ZERO, second.as_mut()).await.is_err());
        drop(first);
        assert!(second.await.unwrap().is_some());

        let pieces = || vec![Bytes::from_static(b"one"), Bytes::from_static(b"and two")];
        let stays = room.put_away(pieces()).await;
        assert_eq!(stays.in_memory(), Some(pieces()), "there is no folder for it");
        std::fs::create_dir_all(&room.folder).unwrap();
        let away = room.put_away(pieces()).await;
        assert_eq!((away.in_memory(), away.read().unwrap().concat()), (None, pieces().concat()));
        assert_eq!(std::fs::read_dir(&room.folder).unwrap().count(), 0);
    }
}
