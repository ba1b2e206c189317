//! What goes into the schedule of a pool and what comes out.

use std::sync::Arc;
use std::time::Duration;

use super::{BackOff, Isolation};

/// What an operator decides about the associations with one peer.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Associations that stay open without work.
    pub minimum: usize,
    /// Associations at the same time.
    pub maximum: usize,
    /// Whether an urgent message may have one more when all are busy.
    pub urgent_association: bool,
    /// Messages of so many octets are large.
    pub large: u64,
    /// How much later a message of the next lower priority counts as having come.
    pub ageing: Duration,
    /// An association without work for so long is closed.
    pub idle: Duration,
    /// How long a host rests that failed.
    pub back_off: BackOff,
    /// What becomes of messages that end associations.
    pub isolation: Isolation,
}

impl Default for Policy {
    /// On demand, at most 4; large from 1 MiB; ten minutes between priorities; idle for a minute.
    fn default() -> Self {
        Self {
            minimum: 0,
            maximum: 4,
            urgent_association: false,
            large: 1 << 20,
            ageing: Duration::from_secs(600),
            idle: Duration::from_secs(60),
            back_off: BackOff::default(),
            isolation: Isolation::default(),
        }
    }
}

/// How soon a message is wanted (X.411 8.2.1.1.1.8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Before all others.
    Urgent,
    /// As usual.
    #[default]
    Normal,
    /// After all others.
    NonUrgent,
}

impl Priority {
    /// How often [`Policy::ageing`] it counts as having come later.
    pub(super) const fn classes_below_urgent(self) -> u32 {
        match self {
            Self::Urgent => 0,
            Self::Normal => 1,
            Self::NonUrgent => 2,
        }
    }
}

impl From<rasn_x400::x411::envelope::Priority> for Priority {
    fn from(priority: rasn_x400::x411::envelope::Priority) -> Self {
        use rasn_x400::x411::envelope::Priority as P1;
        match priority {
            P1::URGENT => Self::Urgent,
            P1::NON_URGENT => Self::NonUrgent,
            _ => Self::Normal,
        }
    }
}

/// A message on offer.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Names the message, the same for each attempt.
    pub key: Arc<str>,
    /// How soon it is wanted.
    pub priority: Priority,
    /// In octets.
    pub length: u64,
}

/// One offer of a message, until its verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct JobId(pub u64);

/// One association, from its opening to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssociationId(pub u64);

/// What the shell has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Open an association with one of the peer's hosts.
    Open {
        /// What the association is called from now on.
        association: AssociationId,
        /// The number of the host, in the order of configuration.
        host: usize,
    },
    /// Transfer a message.
    Transfer {
        /// Over this association, which is bound and idle.
        association: AssociationId,
        /// This message.
        job: JobId,
    },
    /// Close an association as soon as nothing is under way on it.
    Close(AssociationId),
    /// Tell whoever offered a message what became of it; the number is not used any more.
    Tell {
        /// The message.
        job: JobId,
        /// What became of it.
        verdict: Verdict,
    },
    /// A host failed and rests, for the log.
    Rests {
        /// Its number.
        host: usize,
        /// For how long.
        wait: Duration,
    },
}

/// What became of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The peer has secured it.
    Secured,
    /// The transfer was begun and did not come to its end, or must not begin yet.
    NotTaken {
        /// Why.
        why: String,
        /// Whether the same message may be offered again.
        retry: bool,
        /// Not before so long from now.
        wait: Option<Duration>,
    },
    /// There is no association with any host of the peer.
    NoAssociation {
        /// Why.
        why: String,
        /// What to do about it.
        advice: String,
        /// The first host is tried again after so long.
        wait: Option<Duration>,
    },
    /// The pool closes.
    Stopping,
}

/// How an association ended.
#[derive(Debug, Clone, Default)]
pub struct End {
    /// Why, in words.
    pub why: String,
    /// What to do about it.
    pub advice: String,
    /// It was bound and closed in order.
    pub in_order: bool,
    /// Trying again is pointless until somebody changes a setting.
    pub permanent: bool,
    /// The transfer that was under way can be resumed on another association.
    pub resumable: bool,
    /// The peer has confirmed more of it than at the end before.
    pub progress: bool,
}
