//! Messages that were cut off while they arrived, and those that were confirmed: a sender may go on with either on another
//! association.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::osi::stack::{ActivityKey, Received};

/// Messages that are remembered at the same time; the oldest is forgotten first.
const MAXIMUM: usize = 64;

/// What is kept of a message.
#[derive(Debug, Clone)]
pub(super) enum Kept {
    /// Its beginning, up to the last confirmed checkpoint.
    Beginning(Bytes, Received),
    /// It was secured.
    All,
}

/// All of them, for all associations of a lab peer.
#[derive(Debug, Clone, Default)]
pub(super) struct Suspended(Arc<Mutex<VecDeque<(ActivityKey, Kept)>>>);

impl Suspended {
    /// Remembers a message by the name of its activity.
    pub(super) fn keep(&self, key: ActivityKey, kept: Kept) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(known, _)| *known != key);
        if all.len() >= MAXIMUM {
            all.pop_front();
        }
        all.push_back((key, kept));
    }

    /// What is kept of a message. A beginning is given away, since its sender names it anew.
    pub(super) fn take(&self, key: &ActivityKey) -> Option<Kept> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(|(known, _)| known == key)?;
        match all.get(place)?.1 {
            Kept::All => Some(Kept::All),
            Kept::Beginning(..) => all.remove(place).map(|(_, kept)| kept),
        }
    }
}
