//! Addresses that were mapped a moment ago. A message has each several times, in its envelope and in its header, and those who
//! write to each other do so again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rasn_x400::x411::address::OrName;

use super::{Mapper, ToOr};
use crate::mixer::{AddressContext, MappedMailbox};

/// So many Internet addresses are remembered; then all are forgotten.
const INTERNET_ADDRESSES: usize = 1024;
/// Those that are longer are mapped again.
const LONGEST: usize = 254;
/// So many O/R addresses are remembered: the last ones.
const OR_ADDRESSES: usize = 32;

/// What was mapped by one set of rules: in one conversion, or, where no lookup has a say, in any. Only mappers without steps use it.
/// What a lookup may have decided counts only where it stood, and towards the Internet is not kept.
#[derive(Debug, Default)]
pub struct Memory {
    to_or: Mutex<HashMap<Box<str>, Vec<Mapped>>>,
    to_internet: Mutex<VecDeque<(OrName, For<MappedMailbox>)>>,
}

/// Where an address stood, and where else it becomes the same.
type Place = (Holds, AddressContext);

/// What an Internet address became in a place.
type Mapped = (Place, For<ToOr>);

/// What was made for a peer, or for all.
#[derive(Debug)]
struct For<M> {
    peer: Option<Box<str>>,
    made: M,
}

impl<M> For<M> {
    fn new(mapper: &Mapper<'_>, made: M) -> Self {
        Self { peer: mapper.peer.map(Box::from), made }
    }

    fn is_for(&self, mapper: &Mapper<'_>) -> bool {
        self.peer.as_deref() == mapper.peer
    }
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
    /// What is wanted of what an address became.
    pub(super) fn or_of<T>(
        &self,
        mapper: &Mapper<'_>,
        address: &str,
        here: AddressContext,
        wanted: impl Fn(&ToOr) -> T,
    ) -> Option<T> {
        let known = lock(&self.to_or);
        let found = known
            .get(address)?
            .iter()
            .find(|((holds, there), one)| one.is_for(mapper) && holds.here_too(*there, here));
        found.map(|(_, one)| wanted(&one.made))
    }

    pub(super) fn keep_or(&self, mapper: &Mapper<'_>, address: &str, there: AddressContext, made: &ToOr) {
        if address.len() > LONGEST {
            return;
        }
        let one = ((made.holds, there), For::new(mapper, made.clone()));
        let mut known = lock(&self.to_or);
        if known.len() >= INTERNET_ADDRESSES && !known.contains_key(address) {
            known.clear();
        }
        known.entry(address.into()).or_default().push(one);
    }

    /// How many Internet addresses are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        lock(&self.to_or).len()
    }

    pub(super) fn mailbox_of(&self, mapper: &Mapper<'_>, name: &OrName) -> Option<MappedMailbox> {
        let known = lock(&self.to_internet);
        let found = known.iter().find(|(address, one)| address == name && one.is_for(mapper));
        found.map(|(_, one)| one.made.clone())
    }

    pub(super) fn keep_mailbox(&self, mapper: &Mapper<'_>, name: &OrName, made: &MappedMailbox) {
        let one = (name.clone(), For::new(mapper, made.clone()));
        let mut known = lock(&self.to_internet);
        if known.len() >= OR_ADDRESSES {
            known.pop_front();
        }
        known.push_back(one);
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
