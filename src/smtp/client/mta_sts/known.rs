//! The policies that are known, and how long (RFC 8461 3.3, 5.1).
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock, and keeps a file")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::sync::Mutex as Turn;

use super::super::dns::Dns;
use super::super::tls::Tls;
use super::fetch::fetch;
use super::policy::{Mode, Policy, identifier};

/// A policy is not asked for again so soon, whether it could be fetched or not (RFC 8461 3.3).
const RETRY: Duration = Duration::from_secs(300);

/// Domains whose policies are remembered; of more, those that end first are forgotten.
const DOMAINS: usize = 100_000;

/// How policies are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The port of the servers that have them.
    pub port: u16,
    /// Where they are kept, so that they hold after a restart, too.
    pub file: PathBuf,
}

/// The policies of domains.
#[derive(Debug)]
pub struct Policies {
    settings: Settings,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: BTreeMap<String, Known>,
    /// Domains whose policy could not be fetched, and until when it is not tried again, seconds since 1970.
    rest: BTreeMap<String, i64>,
    /// Domains whose policy is being fetched: who wants it as well waits.
    fetching: BTreeMap<String, Arc<Turn<()>>>,
}

/// What is known of a domain; a line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    domain: String,
    /// What the policy is called.
    identifier: String,
    policy: Policy,
    /// Until when it holds, seconds since 1970.
    until: i64,
}

impl Policies {
    /// Those that were known before. A file that cannot be read is told, and what it says is fetched anew.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let known = read(&settings.file, now).unwrap_or_else(|error| {
            tracing::warn!(file = %settings.file.display(), %error, "policies of MTA-STS are fetched anew");
            BTreeMap::new()
        });
        Self { settings, state: Mutex::new(State { known, ..State::default() }) }
    }

    /// The policy of a domain that holds now; `None` where it wants nothing.
    pub async fn of(&self, domain: &str, dns: &Dns, tls: &Tls) -> Option<Policy> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let said = match dns.texts(&format!("_mta-sts.{domain}")).await {
            Ok(texts) => identifier(&texts),
            Err(why) => {
                tracing::info!(domain, why, "no record of MTA-STS");
                None
            }
        };
        // RFC 8461 5.1: a policy that is known holds, even if there is no word of it any longer.
        let current = match said {
            Some(said) => self.named(domain, said, now, dns, tls).await,
            None => self.lock().holding(domain, now),
        };
        current.map(|known| known.policy).filter(|policy| policy.mode != Mode::None)
    }

    /// The policy that is called so, fetched unless it is known or could not be had a moment ago; else the one before.
    async fn named(&self, domain: &str, identifier: String, now: i64, dns: &Dns, tls: &Tls) -> Option<Known> {
        let turn = {
            let mut state = self.lock();
            if state.is_enough(domain, &identifier, now) {
                return state.holding(domain, now);
            }
            Arc::clone(state.fetching.entry(domain.to_owned()).or_default())
        };
        let _turn = turn.lock().await;
        if !self.lock().is_enough(domain, &identifier, now) {
            self.fetch(domain, identifier, now, dns, tls).await;
            self.lock().fetching.remove(domain);
        }
        self.lock().holding(domain, now)
    }

    async fn fetch(&self, domain: &str, identifier: String, now: i64, dns: &Dns, tls: &Tls) {
        match fetch(domain, self.settings.port, dns, tls).await {
            Ok(policy) => {
                let until = later(now, policy.max_age.max(RETRY));
                let known = Known { domain: domain.to_owned(), identifier, policy, until };
                if let Err(error) = append(&self.settings.file, &known) {
                    tracing::warn!(file = %self.settings.file.display(), %error, "a policy of MTA-STS is not kept");
                }
                self.lock().learn(known, now);
            }
            Err(why) => {
                tracing::warn!(domain, why, "the policy of MTA-STS could not be fetched");
                self.lock().rests(domain, now);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn holding(&self, domain: &str, now: i64) -> Option<Known> {
        self.known.get(domain).filter(|known| known.until > now).cloned()
    }

    /// Whether the policy that is called so is known, or could not be had a moment ago.
    fn is_enough(&self, domain: &str, identifier: &str, now: i64) -> bool {
        self.holding(domain, now).is_some_and(|known| known.identifier == identifier)
            || self.rest.get(domain).is_some_and(|rest| *rest > now)
    }

    fn learn(&mut self, policy: Known, now: i64) {
        self.rest.remove(&policy.domain);
        self.known.insert(policy.domain.clone(), policy);
        if self.known.len() > DOMAINS {
            self.known.retain(|_, known| known.until > now);
        }
        while self.known.len() > DOMAINS {
            let first = self.known.values().min_by_key(|known| known.until).map(|known| known.domain.clone());
            first.and_then(|first| self.known.remove(&first));
        }
    }

    fn rests(&mut self, domain: &str, now: i64) {
        if self.rest.len() >= DOMAINS {
            self.rest.retain(|_, rest| *rest > now);
        }
        if self.rest.len() < DOMAINS {
            self.rest.insert(domain.to_owned(), later(now, RETRY));
        }
    }
}

fn later(now: i64, by: Duration) -> i64 {
    now.saturating_add(i64::try_from(by.as_secs()).unwrap_or(i64::MAX))
}

/// What holds of a file; it has nothing else afterwards. Of a domain, the last line counts; one that is no line was not
/// written to its end.
fn read(file: &Path, now: i64) -> io::Result<BTreeMap<String, Known>> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Known>(line).ok());
    let holding = lines.filter(|known| known.until > now).map(|known| (known.domain.clone(), known));
    let known: BTreeMap<_, _> = holding.collect();
    let beside = file.with_extension("new");
    let mut writing = io::BufWriter::new(File::create(&beside)?);
    known.values().try_for_each(|known| writing.write_all(&line(known)?))?;
    writing.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(beside, file)?;
    Ok(known)
}

fn append(file: &Path, known: &Known) -> io::Result<()> {
    File::options().append(true).create(true).open(file)?.write_all(&line(known)?)
}

fn line(known: &Known) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(known)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(domain: &str, identifier: &str, until: i64) -> Known {
        let policy = Policy {
            mode: Mode::Enforce,
            exchanges: vec!["mx.example".into()],
            max_age: Duration::from_secs(9),
        };
        Known { domain: domain.into(), identifier: identifier.into(), policy, until }
    }

    #[test]
    fn what_holds_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policies");
        assert_eq!(read(&file, 0).unwrap(), BTreeMap::new());
        for policy in
            [known("a.example", "1", 100), known("b.example", "1", 10), known("a.example", "2", 100)]
        {
            append(&file, &policy).unwrap();
        }
        // The power failed.
        File::options().append(true).open(&file).unwrap().write_all(b"{\"domain\":\"c.ex").unwrap();
        for _ in 0..2 {
            let found: Vec<_> = read(&file, 50).unwrap().into_values().collect();
            assert_eq!(found, [known("a.example", "2", 100)]);
        }
        assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1);
    }
}
