//! Message identifiers that this gateway cut towards X.400: what comes back names mails by what is left of them, and on the Internet
//! they are whole again, so that replies thread (I-04, Y-25).
//!
//! The conversion stays pure: its mapper notes which identifiers it would know more of, they are looked up in what the queue
//! remembers, and the conversion runs again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::trace::GlobalDomainIdentifier;

use super::transfer::Transfer;
use super::with_causes;
use crate::mixer::address::Mapper;
use crate::mixer::correlation::Key;
use crate::mixer::{AddressContext, AddressError, AddressMapper, MappedMailbox, MappedOr};

/// So many identifiers of one message are looked up; of the others it is as if nothing were remembered.
const LOOKED_UP: usize = 64;

/// What is known of identifiers, and what a conversion would know of more.
#[derive(Default)]
pub(super) struct Identifiers {
    /// What became of an identifier, and the whole of it, if it is remembered.
    known: BTreeMap<String, Option<String>>,
    wanted: Mutex<BTreeSet<String>>,
}

impl Identifiers {
    /// The mapper that knows of them.
    pub(super) const fn over<'a>(&'a self, mapper: Mapper<'a>) -> Remembering<'a> {
        Remembering { mapper, identifiers: self }
    }

    fn take_wanted(&mut self) -> BTreeSet<String> {
        std::mem::take(self.wanted.get_mut().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Transfer {
    /// Looks up what a conversion would have known; whether there is anything new, so that it is to run again.
    pub(super) async fn look_up(&self, identifiers: &mut Identifiers) -> bool {
        let wanted = identifiers.take_wanted();
        let mut is_new = false;
        for cut in wanted {
            let mut whole = None;
            if identifiers.known.len() < LOOKED_UP {
                match self.recall(&[Key::cut(&cut)], |known| known.uncut(&cut).is_some()).await {
                    Ok(known) => whole = known.and_then(|known| known.uncut(&cut).map(str::to_owned)),
                    Err(error) => {
                        tracing::warn!(
                            error = with_causes(&error),
                            "an identifier that was cut is not looked up"
                        );
                    }
                }
            }
            is_new |= whole.is_some();
            identifiers.known.insert(cut, whole);
        }
        is_new
    }
}

/// The usual mapper, which knows identifiers besides.
pub(super) struct Remembering<'a> {
    mapper: Mapper<'a>,
    identifiers: &'a Identifiers,
}

impl AddressMapper for Remembering<'_> {
    fn whole_message_id(&self, cut: &str) -> Option<String> {
        let Some(known) = self.identifiers.known.get(cut) else {
            let wanted = self.identifiers.wanted.lock();
            wanted.unwrap_or_else(PoisonError::into_inner).insert(cut.to_owned());
            return None;
        };
        known.clone()
    }

    fn to_or(&self, address: &str, context: AddressContext) -> Result<MappedOr, AddressError> {
        AddressMapper::to_or(&self.mapper, address, context)
    }

    fn encapsulate(&self, address: &str, context: AddressContext) -> Result<MappedOr, AddressError> {
        AddressMapper::encapsulate(&self.mapper, address, context)
    }

    fn to_internet(&self, name: &OrName, context: AddressContext) -> Result<MappedMailbox, AddressError> {
        AddressMapper::to_internet(&self.mapper, name, context)
    }

    fn parse_or(&self, text: &str) -> Option<OrName> {
        self.mapper.parse_or(text)
    }

    fn show_or(&self, name: &OrName) -> String {
        self.mapper.show_or(name)
    }

    fn management_domain(&self, domain: &str) -> Option<GlobalDomainIdentifier> {
        self.mapper.management_domain(domain)
    }
}
