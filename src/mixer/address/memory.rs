//! Addresses that were mapped a moment ago. A message has each several times, in its envelope and in its header, and those who
//! write to each other do so again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rasn_x400::x411::address::OrName;

use super::{Mapper, ToOr};
use crate::mixer::{AddressContext, MappedMailbox};

/// So many addresses are remembered in each direction; then all are forgotten.
const ADDRESSES: usize = 1024;
/// Those of more octets are mapped again; of an O/R address these are the octets of its DER.
const LONGEST: usize = 512;

/// What was mapped by one set of rules: in one conversion, or, where no lookup has a say, in any. Only mappers without steps use it.
/// What a lookup may have decided counts only where it stood, and towards the Internet is not kept.
#[derive(Debug, Default)]
pub struct Memory {
    to_or: Mutex<Known<(Place, For<ToOr>)>>,
    to_internet: Mutex<Known<For<MappedMailbox>>>,
}

/// What addresses became, by their octets.
type Known<M> = HashMap<Box<[u8]>, Vec<M>>;

/// Where an address stood, and where else it becomes the same.
type Place = (Holds, AddressContext);

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
            .get(address.as_bytes())?
            .iter()
            .find(|((holds, there), one)| one.is_for(mapper) && holds.here_too(*there, here));
        found.map(|(_, one)| wanted(&one.made))
    }

    pub(super) fn keep_or(&self, mapper: &Mapper<'_>, address: &str, there: AddressContext, made: &ToOr) {
        let one = ((made.holds, there), For::new(mapper, made.clone()));
        keep(&mut lock(&self.to_or), address.as_bytes(), one);
    }

    /// How many Internet addresses are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        lock(&self.to_or).len()
    }

    pub(super) fn mailbox_of(&self, mapper: &Mapper<'_>, name: &OrName) -> Option<MappedMailbox> {
        let octets = rasn::der::encode(name).ok()?;
        let known = lock(&self.to_internet);
        let found = known.get(&octets[..])?.iter().find(|one| one.is_for(mapper));
        found.map(|one| one.made.clone())
    }

    pub(super) fn keep_mailbox(&self, mapper: &Mapper<'_>, name: &OrName, made: &MappedMailbox) {
        if let Ok(octets) = rasn::der::encode(name) {
            keep(&mut lock(&self.to_internet), &octets, For::new(mapper, made.clone()));
        }
    }
}

fn keep<M>(known: &mut Known<M>, address: &[u8], one: M) {
    if address.len() > LONGEST {
        return;
    }
    if known.len() >= ADDRESSES && !known.contains_key(address) {
        known.clear();
    }
    known.entry(address.into()).or_default().push(one);
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
