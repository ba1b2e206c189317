//! Addresses that were mapped a moment ago: a message has each several times, in its envelope and in its header.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rasn_x400::x411::address::OrName;

use super::Mapper;
use crate::mixer::{AddressContext, MappedMailbox, MappedOr};

/// So many are remembered in each direction; of a message with more the others are mapped again.
const REMEMBERED: usize = 32;

/// What was mapped in one conversion. Only mappers without steps use it. What a lookup may have decided counts only where it
/// stood, and towards the Internet is not kept.
#[derive(Debug, Default)]
pub struct Memory {
    to_or: Mutex<Vec<Mapped<String, Place, MappedOr>>>,
    to_internet: Mutex<Vec<Mapped<OrName, (), MappedMailbox>>>,
}

/// Where an address stood, and where else it becomes the same.
type Place = (Holds, AddressContext);

/// One of them.
#[derive(Debug)]
struct Mapped<A, W, M> {
    address: A,
    peer: Option<Box<str>>,
    where_it_stood: W,
    made: M,
}

/// Where an address becomes the same, from wide to narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// In every place.
    Everywhere,
    /// As return path and in a header.
    NotForRecipients,
    /// Only where it stood.
    There,
}

impl Holds {
    /// Here too, of an address that stood there.
    fn here_too(self, there: AddressContext, here: AddressContext) -> bool {
        let is_recipient = [there, here].contains(&AddressContext::Recipient);
        match self {
            _ if there == here => true,
            Self::Everywhere => true,
            Self::NotForRecipients => !is_recipient,
            Self::There => false,
        }
    }
}

impl Memory {
    pub(super) fn or_of(&self, mapper: &Mapper<'_>, address: &str, here: AddressContext) -> Option<MappedOr> {
        let found = lock(&self.to_or);
        let found = found.iter().find(|one| {
            let (holds, there) = one.where_it_stood;
            one.address == address && one.peer.as_deref() == mapper.peer && holds.here_too(there, here)
        });
        found.map(|one| one.made.clone())
    }

    pub(super) fn keep_or(&self, mapper: &Mapper<'_>, address: &str, where_it_stood: Place, made: &MappedOr) {
        keep(&self.to_or, mapper, address.to_owned(), where_it_stood, made);
    }

    pub(super) fn mailbox_of(&self, mapper: &Mapper<'_>, name: &OrName) -> Option<MappedMailbox> {
        let found = lock(&self.to_internet);
        let found = found.iter().find(|one| one.address == *name && one.peer.as_deref() == mapper.peer);
        found.map(|one| one.made.clone())
    }

    pub(super) fn keep_mailbox(&self, mapper: &Mapper<'_>, name: &OrName, made: &MappedMailbox) {
        keep(&self.to_internet, mapper, name.clone(), (), made);
    }
}

fn keep<A, W, M: Clone>(
    kept: &Mutex<Vec<Mapped<A, W, M>>>,
    mapper: &Mapper<'_>,
    address: A,
    where_it_stood: W,
    made: &M,
) {
    let mut kept = lock(kept);
    if kept.len() < REMEMBERED {
        let peer = mapper.peer.map(Box::from);
        kept.push(Mapped { address, peer, where_it_stood, made: made.clone() });
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
