//! Where large mails wait while they come, and how much of them may be in memory at a time, together with what is made of them.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::accept::unavailable;
use super::inbound::arriving;
use crate::config::Config;
use crate::gathering::Gathering;
use crate::smtp::reply::Reply;

/// Octets of a form beyond its files, which are in base64.
const FORM: u64 = 1 << 20;

/// So many of the greatest size are in memory at a time.
const AT_ONCE: u64 = 2;

/// One for all ways in. Cheap to clone.
#[derive(Clone)]
pub(crate) struct WaitingRoom {
    folder: Arc<Path>,
    /// What may be in memory, in KiB.
    memory: Arc<Semaphore>,
    /// Octets of one request by HTTP, which are more than those of a mail.
    longest: u64,
}

impl WaitingRoom {
    pub(super) fn new(config: &Config) -> Self {
        let longest = (config.smtp.maximum_message_size / 3).saturating_mul(4).saturating_add(FORM);
        let memory = Semaphore::new(kibibytes(longest.saturating_mul(AT_ONCE)) as usize);
        Self { folder: arriving(&config.gateway.data).into(), memory: Arc::new(memory), longest }
    }

    /// Octets that a request has at most.
    pub(crate) const fn longest(&self) -> u64 {
        self.longest
    }

    /// For something that comes.
    pub(crate) fn gathering(&self) -> Gathering {
        Gathering::in_folder(&self.folder)
    }

    /// Waits until so many octets may be in memory. They may be there as long as what is given is kept.
    ///
    /// # Errors
    /// The gateway ends.
    pub(crate) async fn leave(&self, octets: u64) -> Result<OwnedSemaphorePermit, Reply> {
        let memory = Arc::clone(&self.memory).acquire_many_owned(kibibytes(octets.min(self.longest))).await;
        memory.map_err(|_| unavailable())
    }
}

fn kibibytes(octets: u64) -> u32 {
    u32::try_from(octets.div_ceil(1 << 10)).unwrap_or(u32::MAX)
}
