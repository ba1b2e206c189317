//! Asking the sources of mappings outside the rule file, and remembering what they said.
//!
//! [`Mappings`] is a set of rules with its sources. [`Mappings::run`] runs a conversion until nothing more is wanted: what
//! the mapper did not know is asked all at once, each question in time or not at all, and the conversion runs again with
//! the answers. [`cache`] remembers; nobody asks what somebody else is asking already. What a source could not tell is
//! not remembered, so the next try asks again.
#![expect(
    clippy::disallowed_methods,
    reason = "shell: reads the clock, asks name servers, directories and databases"
)]

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};

use crate::mixer::address::{Mapper, Memory};
use crate::rules::Rules;
use crate::rules::lookup::settings::SourceKind;
use crate::rules::lookup::{Answer, Answers, Headers, Question, Settings};

pub mod cache;

mod directory;
mod dns;
mod sqlite;

#[cfg(test)]
mod tests;

use cache::{Cache, Key};

/// Rounds of asking for one conversion. Which questions there are follows from the addresses, so one round answers all;
/// the others are for what changes meanwhile.
const ROUNDS: usize = 4;

/// Something that is asked. There is one implementation for each [`SourceKind`].
pub trait Source: Send + Sync + 'static {
    /// What it knows. The caller sees to the time it takes, and that records fit the question.
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a>;
}

/// A question under way.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

/// What a source said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The answer.
    pub answer: Answer,
    /// How long it holds; of no meaning for [`Answer::Unknown`].
    pub holds: Duration,
}

/// A set of rules with the sources it names.
pub struct Mappings {
    rules: Arc<Rules>,
    asker: Option<Arc<Asker>>,
    /// Of use where nobody is asked.
    memory: Memory,
}

/// What a conversion made, once everything was asked.
#[derive(Debug)]
pub struct Run<T> {
    /// What it made.
    pub made: T,
    /// Why the message has to wait for an address in its header, if it has to (M-10).
    pub waiting: Option<String>,
}

impl Mappings {
    /// The rules with their sources. One that can never be asked is one that does not answer.
    #[must_use]
    pub fn new(rules: Arc<Rules>) -> Self {
        let sources = rules.lookup().sources.iter().map(|source| {
            opened(&source.kind).unwrap_or_else(|reason| {
                tracing::error!(source = source.name, reason, "a source of mappings cannot be used");
                Arc::new(Closed(reason))
            })
        });
        let sources = sources.collect();
        Self::with_sources(rules, sources)
    }

    /// The rules with other sources than those they name, in the same order.
    #[must_use]
    pub fn with_sources(rules: Arc<Rules>, sources: Vec<Arc<dyn Source>>) -> Self {
        let settings = rules.lookup();
        let asker = (!settings.is_empty()).then(|| Arc::new(Asker::new(settings.clone(), sources)));
        Self { rules, asker, memory: Memory::default() }
    }

    /// The same rules, and nobody is asked: what only a source knows is undetermined.
    #[must_use]
    pub fn offline(rules: Arc<Rules>) -> Self {
        let settings = Settings { offline: true, ..rules.lookup().clone() };
        let asker = (!settings.is_empty()).then(|| Arc::new(Asker::new(settings, Vec::new())));
        Self { rules, asker, memory: Memory::default() }
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// What becomes of addresses in the header of a message that has waited so long.
    #[must_use]
    pub fn headers(&self, waited: Duration) -> Headers {
        if waited < self.rules.lookup().header_patience { Headers::Wait } else { Headers::GiveUp }
    }

    /// Runs `work` until it wants to know nothing more.
    pub async fn run<T>(&self, headers: Headers, mut work: impl FnMut(Mapper<'_>) -> T) -> Run<T> {
        let Some(asker) = &self.asker else {
            let made = work(Mapper::new(&self.rules).remembering(&self.memory));
            return Run { made, waiting: None };
        };
        let mut answers = Answers::new(headers);
        for _ in 0..ROUNDS {
            let made = work(Mapper::asking(&self.rules, &answers).remembering(&Memory::default()));
            let wanted = answers.take_wanted();
            let waiting = answers.take_waiting();
            if wanted.is_empty() {
                return Run { made, waiting };
            }
            asker.ask_all(wanted, &mut answers).await;
        }
        let made = work(Mapper::asking(&self.rules, &answers).remembering(&Memory::default()));
        Run { made, waiting: answers.take_waiting() }
    }
}

/// Brings a source up.
///
/// # Errors
/// When it can never be asked.
fn opened(kind: &SourceKind) -> Result<Arc<dyn Source>, String> {
    match kind {
        SourceKind::Dns(settings) => Ok(Arc::new(dns::NameServers::new(settings)?)),
        SourceKind::Directory(settings) => Ok(Arc::new(directory::Directory::new(settings)?)),
        SourceKind::Sqlite(settings) => Ok(Arc::new(sqlite::Sqlite::new(settings)?)),
    }
}

/// What keeps sources of these rules from being asked, with their names: a file that is missing or no good. Nobody at the
/// other end of a network is asked.
#[must_use]
pub fn unusable(rules: &Rules) -> Vec<(String, String)> {
    let tried = |kind: &SourceKind| match kind {
        SourceKind::Sqlite(settings) => sqlite::trial(settings),
        SourceKind::Dns(_) | SourceKind::Directory(_) => opened(kind).map(|_| ()),
    };
    let sources = rules.lookup().sources.iter();
    sources.filter_map(|source| Some((source.name.clone(), tried(&source.kind).err()?))).collect()
}

/// A source that cannot be asked.
struct Closed(String);

impl Source for Closed {
    fn ask<'a>(&'a self, _: &'a Question) -> Asking<'a> {
        let answer = Answer::Unknown(self.0.clone());
        Box::pin(async { Reply { answer, holds: Duration::ZERO } })
    }
}

/// Where the answer to a question that is under way will be.
type UnderWay = watch::Receiver<Option<Answer>>;

/// Asks, each question once at a time.
struct Asker {
    settings: Settings,
    sources: Vec<Arc<dyn Source>>,
    cache: Mutex<Cache>,
    under_way: Mutex<HashMap<Key, UnderWay>>,
    slots: Semaphore,
}

impl Asker {
    fn new(settings: Settings, sources: Vec<Arc<dyn Source>>) -> Self {
        let cache = Cache::new(settings.cache_entries, settings.serve_stale);
        let slots = Semaphore::new(settings.concurrency);
        Self { settings, sources, cache: Mutex::new(cache), under_way: Mutex::default(), slots }
    }

    /// Adds the answers to everything wanted; all of it is asked at the same time.
    async fn ask_all(self: &Arc<Self>, wanted: BTreeSet<Key>, answers: &mut Answers) {
        let asked: Vec<(Key, Result<Answer, UnderWay>)> =
            wanted.into_iter().map(|key| (key.clone(), self.begin(key))).collect();
        for ((source, question), answer) in asked {
            let answer = match answer {
                Ok(answer) => answer,
                Err(receiver) => outcome(receiver).await,
            };
            answers.insert(source, question, answer);
        }
    }

    /// The answer if it is known; else the question is under way.
    fn begin(self: &Arc<Self>, key: Key) -> Result<Answer, UnderWay> {
        if let Some(answer) = lock(&self.cache).fresh(&key, Instant::now()) {
            return Ok(answer);
        }
        let source = match self.sources.get(key.0) {
            Some(source) if !self.settings.offline => Arc::clone(source),
            _ => return Ok(self.or_stale(&key, "lookups are switched off".to_owned())),
        };
        let mut under_way = lock(&self.under_way);
        if let Some(receiver) = under_way.get(&key) {
            return Err(receiver.clone());
        }
        let (sender, receiver) = watch::channel(None);
        under_way.insert(key.clone(), receiver.clone());
        let this = Arc::clone(self);
        // In a task of its own: whoever wanted it first may go away, others wait on.
        tokio::spawn(async move {
            let _end = End { asker: &this, key: &key };
            let answer = this.ask(&key, source).await;
            // Nobody may be waiting any more.
            let _ = sender.send(Some(answer));
        });
        Err(receiver)
    }

    /// Asks one question of one source, in time.
    async fn ask(&self, key: &Key, source: Arc<dyn Source>) -> Answer {
        let (number, question) = key;
        let asking = async {
            let Ok(_slot) = self.slots.acquire().await else {
                return Reply { answer: Answer::Unknown("no longer asked".into()), holds: Duration::ZERO };
            };
            source.ask(question).await
        };
        let name = self.settings.sources.get(*number).map_or("", |source| source.name.as_str());
        let reply = tokio::time::timeout(self.settings.timeout, asking).await.unwrap_or_else(|_| Reply {
            answer: Answer::Unknown(format!("no answer within {} s", self.settings.timeout.as_secs())),
            holds: Duration::ZERO,
        });
        let answer = fitting(reply.answer, question, name);
        let longest = match &answer {
            Answer::Unknown(reason) => {
                tracing::warn!(source = name, %question, reason, "mapping not determined");
                return self.or_stale(key, reason.clone());
            }
            Answer::Absent => self.settings.longest_absent,
            Answer::Found(_) => self.settings.longest,
        };
        let holds = reply.holds.min(longest);
        tracing::debug!(source = name, %question, ?answer, ?holds, "mapping looked up");
        lock(&self.cache).insert(key.clone(), answer.clone(), holds, Instant::now());
        answer
    }

    /// An answer that no longer holds, if that is allowed; else why there is none.
    fn or_stale(&self, key: &Key, reason: String) -> Answer {
        match lock(&self.cache).stale(key, Instant::now()) {
            Some(answer) => answer,
            None => Answer::Unknown(reason),
        }
    }
}

/// Takes a question off the list of those under way, however asking ended.
struct End<'a> {
    asker: &'a Asker,
    key: &'a Key,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        lock(&self.asker.under_way).remove(self.key);
    }
}

/// Waits for a question that is under way.
async fn outcome(mut receiver: UnderWay) -> Answer {
    match receiver.wait_for(Option::is_some).await {
        Ok(answer) => answer.clone().unwrap_or_else(|| Answer::Unknown("no answer".into())),
        Err(_) => Answer::Unknown("asking was broken off".into()),
    }
}

/// The answer without records that do not fit the question.
fn fitting(answer: Answer, question: &Question, name: &str) -> Answer {
    let Answer::Found(found) = answer else { return answer };
    let fit = |one: &crate::rules::lookup::Found| match one.record.depth(question) {
        Ok(_) => true,
        Err(unfit) => {
            tracing::warn!(source = name, %question, record = one.origin, %unfit, "a record is not used");
            false
        }
    };
    let found: Vec<_> = found.into_iter().filter(fit).collect();
    if found.is_empty() { Answer::Absent } else { Answer::Found(found) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
