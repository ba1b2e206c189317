//! Mappings that live outside the rule file: in DNS (RFC 2163), in a directory (RFC 2164), or in a database.
//!
//! The mapper does no input or output, so a lookup goes in rounds. The mapper asks [`Answers`], a snapshot; what that does
//! not know is noted there as wanted, and the address is undetermined for the time being. The shell ([`crate::lookup`])
//! asks the sources all that is wanted at once, adds what they said, and the conversion runs again.
//!
//! * [`Question`] and [`Answer`] are what passes between them; [`Record`] is one published mapping.
//! * [`settings`] is the section `[lookup]` of the rule file: which sources there are, and which of them wins.
//! * `Known` puts tables and answers together (M-36): the most specific match over all sources, or the first source
//!   that knows anything.
//! * [`px`] is what RFC 2163 writes into DNS; [`super::directory`] what RFC 2164 writes into a directory; [`sql`] what is
//!   asked of a database.
//!
//! That a source said nothing is never taken for an answer: while one that could have the better match has not spoken, the
//! address is undetermined (M-08, M-09, F-03), not mapped by a shorter one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rasn_x400::x411::address::text::KeyedAddress;

use super::mcgam::is_label;
use super::pseudo_domain::{MAXIMUM_LEVELS, Path, level_bound};
use crate::mixer::AddressContext;
use crate::mixer::address::mailbox::Mailbox;

pub mod px;
pub mod settings;
pub mod sql;

mod directory_section;
mod known;
pub(in crate::rules) mod section;
mod sqlite_section;

#[cfg(test)]
mod tests;

pub(crate) use known::{Known, OfPath, Undetermined};
pub use settings::Settings;

/// What is sought: everything published for one name, whether it is a mapping or a preferred gateway.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// For a domain, in lower case, all of whose labels can be mapped (mapping2 and gate2).
    Domain(String),
    /// For a path of an O/R address, with the country in letters where the rules know them (mapping1 and gate1).
    Path(Path),
    /// Whose Internet address this is: `local-part@domain`.
    Mailbox(String),
    /// Whose O/R address this is, in the form of std-or.
    Address(String),
}

impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Domain(domain) => f.write_str(domain),
            Self::Path(path) => f.write_str(&path.to_text()),
            Self::Mailbox(text) | Self::Address(text) => f.write_str(text),
        }
    }
}

/// A published mapping. Its key is the question or something above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// Domain and path are the same place (mapping1, mapping2).
    Mapping {
        /// The domain; the key if a domain was asked for.
        domain: String,
        /// The path; the key if a path was asked for.
        path: Path,
    },
    /// A domain without a mapping, and the X.400 gateway to name for it (gate2).
    GatewayAddress {
        /// The key.
        domain: String,
        /// The address of the gateway.
        address: KeyedAddress,
    },
    /// A path without a mapping, and the Internet gateway to name for it (gate1).
    GatewayDomain {
        /// The key.
        path: Path,
        /// The domain of the gateway.
        domain: String,
    },
    /// Two addresses of one person.
    Person {
        /// The Internet address.
        mailbox: String,
        /// The O/R address.
        address: KeyedAddress,
    },
}

/// A record and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The record.
    pub record: Record,
    /// For explanations: the record as it is published, and the server that gave it.
    pub origin: String,
}

/// What a source knows about a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The best records, at most one mapping and one gateway.
    Found(Vec<Found>),
    /// Certainly nothing.
    Absent,
    /// The source could not tell; a later try may.
    Unknown(String),
}

/// Why a record does not answer the question it came for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It speaks of another name.
    #[error("it is not about `{0}` or anything above it")]
    OtherName(String),
    /// A domain in it is none that a mapping can have.
    #[error("`{0}` is not a domain that a mapping can have")]
    Domain(String),
    /// An O/R address in it exceeds bounds or has no country.
    #[error("`{0}` is not an O/R address that a mapping can have")]
    Address(String),
    /// It is a gateway of the other direction.
    #[error("it is a gateway for the other direction")]
    OtherDirection,
    /// The Internet address of a person is none.
    #[error("`{0}` is not an Internet address")]
    Mailbox(String),
}

impl Record {
    /// How specific the record is for this question: labels or levels of its key.
    ///
    /// # Errors
    /// Why it is no answer to it.
    pub fn depth(&self, question: &Question) -> Result<usize, Unfit> {
        let domain = match self {
            Self::Mapping { domain, .. }
            | Self::GatewayAddress { domain, .. }
            | Self::GatewayDomain { domain, .. } => domain,
            Self::Person { mailbox, address } => return of_person(question, mailbox, address),
        };
        if domain.len() > DOMAIN_LIMIT || !domain.split('.').all(is_label) {
            return Err(Unfit::Domain(domain.clone()));
        }
        match self {
            Self::Mapping { path, .. } | Self::GatewayDomain { path, .. } => check_path(path)?,
            Self::GatewayAddress { address, .. } => {
                if !super::can_be_gateway(address) {
                    return Err(Unfit::Address(address.to_std_or()));
                }
            }
            Self::Person { .. } => {}
        }
        let other = || Unfit::OtherName(question.to_string());
        match (question, self) {
            (Question::Domain(asked), Self::Mapping { domain, .. } | Self::GatewayAddress { domain, .. }) => {
                is_at_or_above(domain, asked).then(|| domain.split('.').count()).ok_or_else(other)
            }
            (Question::Path(asked), Self::Mapping { path, .. } | Self::GatewayDomain { path, .. }) => {
                let key = super::mcgam::path_entry_key(path);
                let whole = super::mcgam::path_key(asked, MAXIMUM_LEVELS);
                whole.starts_with(&key).then_some(path.levels.len()).ok_or_else(other)
            }
            (Question::Domain(_), Self::GatewayDomain { .. })
            | (Question::Path(_), Self::GatewayAddress { .. }) => Err(Unfit::OtherDirection),
            (Question::Mailbox(_) | Question::Address(_), _) | (_, Self::Person { .. }) => Err(other()),
        }
    }
}

/// A person is found or not; there is nothing above.
fn of_person(question: &Question, mailbox: &str, address: &KeyedAddress) -> Result<usize, Unfit> {
    let is_mailbox = Mailbox::parse(mailbox).is_ok_and(|parsed| parsed.domain.is_some());
    if !is_mailbox || !mailbox.is_ascii() || mailbox.bytes().any(|octet| octet.is_ascii_control()) {
        return Err(Unfit::Mailbox(mailbox.to_owned()));
    }
    if address.form().is_err() || address.to_or_name().is_err() {
        return Err(Unfit::Address(address.to_std_or()));
    }
    match question {
        Question::Mailbox(_) | Question::Address(_) => Ok(1),
        Question::Domain(_) | Question::Path(_) => Err(Unfit::OtherName(question.to_string())),
    }
}

/// Octets of a domain name (RFC 5321 4.5.3.1.2).
const DOMAIN_LIMIT: usize = 255;

/// A path from a country down, within the bounds of its levels.
fn check_path(path: &Path) -> Result<(), Unfit> {
    let fits = |(level, value): (usize, &Option<String>)| {
        value.as_ref().is_none_or(|value| {
            value.len() <= level_bound(level) && value.bytes().all(rasn_x400::prim::is_printable)
        })
    };
    let has_country = path.levels.first().is_some_and(Option::is_some);
    if has_country && path.levels.len() <= MAXIMUM_LEVELS && path.levels.iter().enumerate().all(fits) {
        return Ok(());
    }
    Err(Unfit::Address(path.to_text()))
}

/// Whether one domain is the other or above it.
pub(crate) fn is_at_or_above(above: &str, domain: &str) -> bool {
    let Some(start) = domain.len().checked_sub(above.len()) else { return false };
    domain.is_char_boundary(start)
        && domain[start..].eq_ignore_ascii_case(above)
        && (start == 0 || domain.as_bytes()[start - 1] == b'.')
}

/// What becomes of an address in a header field that cannot be determined (M-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Headers {
    /// The message waits.
    #[default]
    Wait,
    /// It has waited long enough: the address is encapsulated, as if nobody had mapped it.
    GiveUp,
}

/// What is known at one moment, and what else a conversion wanted to know.
#[derive(Debug, Default)]
pub struct Answers {
    headers: Headers,
    known: BTreeMap<(usize, Question), Answer>,
    notes: Mutex<Notes>,
}

/// What the mapper noted.
#[derive(Debug, Default)]
struct Notes {
    wanted: BTreeSet<(usize, Question)>,
    /// Why the message has to wait for an address in its header.
    waiting: Option<String>,
}

impl Answers {
    /// Nothing is known.
    #[must_use]
    pub fn new(headers: Headers) -> Self {
        Self { headers, ..Self::default() }
    }

    /// Adds what a source said. Sources are numbered as in [`Settings::sources`].
    pub fn insert(&mut self, source: usize, question: Question, answer: Answer) {
        self.known.insert((source, question), answer);
    }

    /// The questions that were asked in vain since the last call, by source.
    #[must_use]
    pub fn take_wanted(&self) -> BTreeSet<(usize, Question)> {
        std::mem::take(&mut self.notes().wanted)
    }

    /// Why the message has to wait for an address in its header, if it has to; noted since the last call.
    #[must_use]
    pub fn take_waiting(&self) -> Option<String> {
        self.notes().waiting.take()
    }

    /// What the source said; if it was not asked, that is noted.
    fn get(&self, source: usize, question: &Question) -> Option<&Answer> {
        let key = (source, question.clone());
        let answer = self.known.get(&key);
        if answer.is_none() {
            self.notes().wanted.insert(key);
        }
        answer
    }

    /// Notes that an address is undetermined; says whether it may be encapsulated all the same.
    fn is_given_up(&self, context: AddressContext, reason: &str) -> bool {
        let in_header = context == AddressContext::Header;
        if in_header && self.headers == Headers::Wait {
            self.notes().waiting.get_or_insert_with(|| reason.to_owned());
        }
        in_header && self.headers == Headers::GiveUp
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
