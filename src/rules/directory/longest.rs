//! Which entries are read for one question, and which of them decides (RFC 2164 3 and 4; ledger D-06): a machine without
//! input or output.
//!
//! The name of the whole address is read first. If there is no such entry, the directory says how much of the name there
//! is; that entry is read next, and as a rule it decides. Two cases need the entries above, which are read all at once:
//! when the entry that is there is only a step on the way to others, and when the directory does not say where it stopped,
//! or says it of an entry that an alias led to.

use super::name::Name;
use super::tree::Collection;
use super::{Undetermined, entry};
use crate::ldap::exchange::Found;
use crate::ldap::message::{Code, Entry, Outcome};
use crate::rules::pseudo_domain::Path;

pub use entry::Said;

/// The entry that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// What it says.
    pub said: Said,
    /// How many levels of the path, or labels of the domain, it stands for.
    pub levels: usize,
    /// Its name.
    pub entry: String,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Read these entries, and bring what came of it in the same order.
    Read(Vec<Name>),
    /// This is the answer; None: there is certainly no mapping in this collection.
    Ended(Result<Option<Match>, Undetermined>),
}

/// The search for the longest match in one tree of one collection.
#[derive(Debug, Clone)]
pub struct LongestMatch {
    read: fn(&Entry) -> Result<Option<Said>, Undetermined>,
    /// Which attributes to ask for.
    attributes: Vec<String>,
    /// Deepest first, the root of the tree last.
    names: Vec<Name>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The whole name is being read.
    Whole,
    /// The entry that the directory stopped at is being read.
    Matched(usize),
    /// Everything from here up is being read; with the root, or without it as it is known to be there.
    Above {
        from: usize,
        with_root: bool,
    },
    Ended,
}

/// One reading.
enum Reading<'f> {
    There(&'f Entry),
    Missing(&'f str),
}

impl LongestMatch {
    /// For a path, in the tree of O/R addresses.
    #[must_use]
    pub fn of_path(collection: &Collection, path: &Path) -> Self {
        let mut names = collection.names_of_path(path);
        names.push(collection.of_addresses());
        let attributes = entry::attributes_of_addresses();
        Self { read: entry::of_address, attributes, names, state: State::Whole }
    }

    /// For a domain, in the tree of domains.
    #[must_use]
    pub fn of_domain(collection: &Collection, domain: &str) -> Self {
        let mut names = collection.names_of_domain(domain);
        names.push(collection.of_domains());
        let attributes = entry::attributes_of_domains();
        Self { read: entry::of_domain, attributes, names, state: State::Whole }
    }

    /// The first step.
    #[must_use]
    pub fn begin(&self) -> Step {
        Step::Read(vec![self.names[0].clone()])
    }

    /// Which attributes to ask for.
    #[must_use]
    pub fn attributes(&self) -> &[String] {
        &self.attributes
    }

    /// Takes what came of a step.
    pub fn take(&mut self, found: &[Found]) -> Step {
        let state = std::mem::replace(&mut self.state, State::Ended);
        match self.next(state, found) {
            Ok(step) => step,
            Err(undetermined) => Step::Ended(Err(undetermined)),
        }
    }

    fn next(&mut self, state: State, found: &[Found]) -> Result<Step, Undetermined> {
        match state {
            State::Whole => match self.reading(0, found.first())? {
                Reading::There(entry) => self.decide(0, entry),
                Reading::Missing(matched) => Ok(self.matched(matched)),
            },
            State::Matched(place) => match self.reading(place, found.first())? {
                Reading::There(entry) => self.decide(place, entry),
                // It went away meanwhile.
                Reading::Missing(_) => Ok(self.above(1, true)),
            },
            State::Above { from, with_root } => self.first_of(from, with_root, found),
            State::Ended => Ok(Step::Ended(Ok(None))),
        }
    }

    /// The directory says that this is how much of the whole name there is.
    fn matched(&mut self, matched: &str) -> Step {
        let root = self.names.len() - 1;
        let matched = Name::parse(matched).unwrap_or_default();
        match self.names.iter().position(|name| name.is(&matched)) {
            // Nothing is at the root itself.
            Some(place) if place == root => Step::Ended(Ok(None)),
            Some(place) if place > 0 => {
                self.state = State::Matched(place);
                Step::Read(vec![self.names[place].clone()])
            }
            _ => self.above(1, true),
        }
    }

    /// An entry that is there: it decides, or those above it do.
    fn decide(&mut self, place: usize, entry: &Entry) -> Result<Step, Undetermined> {
        match (self.read)(entry)? {
            Some(said) => Ok(Step::Ended(Ok(Some(self.found(place, said, entry))))),
            None => Ok(self.above(place + 1, false)),
        }
    }

    fn above(&mut self, from: usize, with_root: bool) -> Step {
        let end = self.names.len() - usize::from(!with_root);
        if from >= end {
            return Step::Ended(Ok(None));
        }
        self.state = State::Above { from, with_root };
        Step::Read(self.names[from..end].to_vec())
    }

    fn first_of(&self, from: usize, with_root: bool, found: &[Found]) -> Result<Step, Undetermined> {
        let root = self.names.len() - 1;
        let end = self.names.len() - usize::from(!with_root);
        for place in from..end {
            match self.reading(place, found.get(place - from))? {
                Reading::There(entry) if place < root => {
                    if let Some(said) = (self.read)(entry)? {
                        return Ok(Step::Ended(Ok(Some(self.found(place, said, entry)))));
                    }
                }
                // Whoever is led to a tree that is not there would believe that nothing is mapped.
                Reading::Missing(_) if place == root => {
                    return Err(Undetermined(format!("there is no entry `{}`", self.names[root])));
                }
                Reading::There(_) | Reading::Missing(_) => {}
            }
        }
        Ok(Step::Ended(Ok(None)))
    }

    fn found(&self, place: usize, said: Said, entry: &Entry) -> Match {
        Match { said, levels: self.names.len() - 1 - place, entry: entry.name.clone() }
    }

    fn reading<'f>(&self, place: usize, found: Option<&'f Found>) -> Result<Reading<'f>, Undetermined> {
        reading(&self.names[place].to_string(), found)
    }
}

/// Everything but an entry and its certain absence is no answer: referrals, limits, entries that may not be read.
fn reading<'f>(name: &str, found: Option<&'f Found>) -> Result<Reading<'f>, Undetermined> {
    let no_answer = |reason: &str| Err(Undetermined(format!("the entry `{name}`: {reason}")));
    let Some(Found { entries, references, outcome }) = found else { return no_answer("no answer") };
    if let Some(url) = references.iter().chain(&outcome.referral).next() {
        let url = url.escape_debug();
        return no_answer(&format!("is elsewhere, at `{url}`; referrals are not followed"));
    }
    match (outcome, entries.as_slice()) {
        (Outcome { code: Code::SUCCESS, .. }, [entry]) => Ok(Reading::There(entry)),
        (Outcome { code: Code::SUCCESS, .. }, _) => no_answer("may not be read"),
        (Outcome { code: Code::NO_SUCH_OBJECT, matched, .. }, _) => Ok(Reading::Missing(matched)),
        (outcome, _) => no_answer(&outcome.to_string()),
    }
}

/// An entry that has to be there.
///
/// # Errors
/// When it is not, or cannot be read.
pub fn only<'f>(name: &str, found: Option<&'f Found>) -> Result<&'f Entry, Undetermined> {
    match reading(name, found)? {
        Reading::There(entry) => Ok(entry),
        Reading::Missing(_) => Err(Undetermined(format!("there is no entry `{name}`"))),
    }
}

/// The best of what several collections say: the longest, of as long ones the first (D-08, M-36).
#[must_use]
pub fn best(matches: impl IntoIterator<Item = Match>) -> Option<Match> {
    matches.into_iter().reduce(|best, next| if next.levels > best.levels { next } else { best })
}
