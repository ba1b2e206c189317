//! The shell that sends mails: it finds the way of each recipient, and keeps sessions open for the next mail.

#![expect(clippy::disallowed_methods, reason = "shell: reads the clock, draws random numbers")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::demand::Wish;
use super::dialogue::{Protocol, StartTls, Timeouts, Verdict};
use super::dns::Dns;
use super::hosts::{self, Host, Server};
use super::keys::Keys;
use super::line::{Answered, Line};
use super::login::Logins;
use super::mail::{Impossible, Kept, Mail};
use super::mta_sts::{self, Mode, Policies};
use super::tls::Tls;
use crate::smtp::command::MailDomain;
use crate::status::StatusDetail;

mod open;

/// How mails leave.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What we call ourselves.
    pub name: String,
    /// Other names of this host: an MX of such a name is ourselves.
    pub own_names: Vec<String>,
    /// The way of some domains; see [`Sender::set_routes`].
    pub routes: Vec<Route>,
    /// The way of all others.
    pub default: Way,
    /// The port of servers that MX records name.
    pub port: u16,
    /// Recipients of one transaction, at most.
    pub maximum_recipients: usize,
    /// Sessions with one destination at a time.
    pub maximum_sessions: usize,
    /// How long a session stays open without work.
    pub idle: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a destination rests that no session can be opened with, at first and at most.
    pub rest: (Duration, Duration),
    /// Whether BDAT is used where it is offered.
    pub chunking: bool,
    /// How long is waited for a server.
    pub timeouts: Timeouts,
    /// How the policies of domains are fetched; without it nobody asks for them.
    pub policies: Option<mta_sts::Settings>,
}

/// The way of some domains.
#[derive(Debug, Clone)]
pub struct Route {
    /// `example.org`, that domain; `.example.org`, all below it.
    pub domain: String,
    /// Their way.
    pub way: Way,
    /// Why nothing is sent there, and which rule says so.
    pub refuse: Option<(String, String)>,
}

/// How a domain is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// `host:port` or `unix:/path`, tried in this order; without any, the MX records of the domain say who it is.
    pub hosts: Vec<String>,
    /// What is spoken.
    pub protocol: Protocol,
    /// Whether STARTTLS is used.
    pub start_tls: StartTls,
}

/// Of what is said of domains, by patterns, what counts for this one, in lower case: that of the domain itself, then those of the domains
/// above it; of two for the same domains the first.
pub fn most_specific<'r, R>(routes: &'r [R], pattern: impl Fn(&R) -> &str, domain: &str) -> Option<&'r R> {
    let matching = routes.iter().filter(|route| is_domain(pattern(route), domain));
    matching.min_by_key(|route| std::cmp::Reverse(specificity(pattern(route))))
}

/// Whether a pattern stands for a domain in lower case: `example.org`, that domain; `.example.org`, all below it.
fn is_domain(pattern: &str, domain: &str) -> bool {
    let pattern = pattern.to_lowercase();
    match pattern.starts_with('.') {
        true => domain.ends_with(&pattern),
        false => domain == pattern,
    }
}

/// How much such a pattern says: longer domains more than shorter ones, a domain more than what is below it.
fn specificity(pattern: &str) -> (usize, bool) {
    let below = pattern.starts_with('.');
    (pattern.split('.').filter(|label| !label.is_empty()).count(), !below)
}

/// Sends mails. Cheap to clone.
#[derive(Clone)]
pub struct Sender(Arc<Inner>);

/// What only we know. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// Who we are to servers.
    pub logins: Logins,
    /// What mails are signed with.
    pub keys: Keys,
}

struct Inner {
    settings: Settings,
    routes: RwLock<Arc<[Route]>>,
    dns: Dns,
    tls: Tls,
    policies: Option<Policies>,
    secrets: Secrets,
    destinations: Mutex<BTreeMap<Target, Arc<Destination>>>,
    /// Grows with each mail; decides between servers of the same preference.
    shuffle: AtomicU64,
    sessions: AtomicU64,
}

/// What became of one recipient of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its number.
    pub number: u32,
    /// What became of it.
    pub verdict: Verdict,
    /// The server that said so, if one did.
    pub server: Option<String>,
    /// Whether the server was asked for notifications: it offers DSN.
    pub asked_to_report: bool,
    /// Not before so long from now is anything else to be heard.
    pub wait: Option<Duration>,
}

/// How a destination is, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DestinationState {
    /// Its servers with their ports, in the order in which they are tried.
    pub servers: Vec<String>,
    /// What is spoken.
    pub protocol: &'static str,
    /// Mails that are being sent, or wait for a session.
    pub in_use: usize,
    /// Sessions that are kept for the next mail.
    pub idle: usize,
    /// Failures in a row.
    pub failures: u32,
    /// How long it still rests.
    pub rests: Option<Duration>,
    /// Why it failed last; empty if it never did.
    pub why: String,
}

/// Where a session leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    /// In the order in which they are tried.
    servers: Vec<Server>,
    /// Whether the operator named them, and not DNS.
    configured: bool,
    lmtp: bool,
    required: bool,
    off: bool,
    /// What the domain wants that DNS found them for.
    wish: Wish,
}

/// What is known of a target.
struct Destination {
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<(u64, Line)>>,
    rest: Mutex<Rest>,
}

#[derive(Default)]
struct Rest {
    failures: u32,
    until: Option<Instant>,
    why: String,
}

/// The way of one domain, or why there is none.
enum Found {
    Target(Target),
    Impossible(Impossible),
    Unknown(String),
}

impl Sender {
    /// Sends in these ways.
    #[must_use]
    pub fn new(mut settings: Settings, dns: Dns, tls: Tls, secrets: Secrets) -> Self {
        let routes = RwLock::new(std::mem::take(&mut settings.routes).into());
        let policies = settings.policies.take().map(Policies::new);
        Self(Arc::new(Inner {
            settings,
            routes,
            dns,
            tls,
            policies,
            secrets,
            destinations: Mutex::default(),
            shuffle: AtomicU64::new(0),
            sessions: AtomicU64::new(0),
        }))
    }

    /// Sends a mail to each of its recipients; says what became of them, in no particular order.
    pub async fn send(&self, mail: &Mail) -> Vec<Sent> {
        let mut outcomes = Vec::with_capacity(mail.recipients.len());
        let mut ways: BTreeMap<Target, Vec<usize>> = BTreeMap::new();
        // All are asked at once, so that those who answer late do not add up.
        let mut looking = JoinSet::new();
        for (domain, members) in by_domain(mail) {
            let sender = self.clone();
            looking.spawn(async move { (sender.way(domain).await, members) });
        }
        while let Some(found) = looking.join_next().await {
            // One that panicked says nothing, and its recipients are tried again.
            let Ok((found, members)) = found else { continue };
            match found {
                Found::Target(target) => ways.entry(target).or_default().extend(members),
                Found::Impossible(why) => {
                    let verdict = Verdict::Impossible(why);
                    outcomes.extend(members.into_iter().filter_map(|index| unsent(mail, index, &verdict)));
                }
                Found::Unknown(why) => {
                    let verdict = Verdict::Unanswered(why);
                    outcomes.extend(members.into_iter().filter_map(|index| unsent(mail, index, &verdict)));
                }
            }
        }
        let mut sending = JoinSet::new();
        for (target, mut members) in ways {
            members.sort_unstable();
            let recipients =
                members.iter().filter_map(|index| mail.recipients.get(*index)).cloned().collect();
            let part = Mail { recipients, ..mail.clone() };
            let sender = self.clone();
            sending.spawn(async move { sender.deliver(target, part).await });
        }
        while let Some(ended) = sending.join_next().await {
            outcomes.extend(ended.unwrap_or_default());
        }
        outcomes
    }

    /// Takes other routes into use, for the mails that follow. Of those that match a domain, the most specific one counts.
    pub fn set_routes(&self, routes: Vec<Route>) {
        *self.0.routes.write().unwrap_or_else(PoisonError::into_inner) = routes.into();
    }

    /// Reads certificates, passwords and keys again, for the sessions that follow.
    ///
    /// # Errors
    /// The files that are not fit to be used; the old ones stay in force.
    pub fn reload(&self) -> Result<(), Vec<crate::mta::tls::Unusable>> {
        let Secrets { logins, keys } = &self.0.secrets;
        let reloaded = [self.0.tls.reload(), logins.reload(), keys.reload()];
        let unusable: Vec<_> = reloaded.into_iter().filter_map(Result::err).collect();
        if unusable.is_empty() { Ok(()) } else { Err(unusable) }
    }

    /// How the destinations are that mail was sent to.
    #[must_use]
    pub fn state(&self) -> Vec<DestinationState> {
        let most = self.0.settings.maximum_sessions.max(1);
        let now = Instant::now();
        let state = |(target, destination): (&Target, &Arc<Destination>)| {
            let rest = lock(&destination.rest);
            DestinationState {
                servers: target.servers.iter().map(Server::to_string).collect(),
                protocol: if target.lmtp { "LMTP" } else { "SMTP" },
                in_use: most.saturating_sub(destination.permits.available_permits()),
                idle: lock(&destination.idle).len(),
                failures: rest.failures,
                rests: rest
                    .until
                    .map(|until| until.saturating_duration_since(now))
                    .filter(|rest| !rest.is_zero()),
                why: rest.why.clone(),
            }
        };
        lock(&self.0.destinations).iter().map(state).collect()
    }

    /// Says goodbye on all sessions that are open.
    pub async fn close(&self, patience: Duration) {
        let destinations: Vec<_> = lock(&self.0.destinations).values().cloned().collect();
        let mut closing = JoinSet::new();
        for destination in destinations {
            for (_, line) in std::mem::take(&mut *lock(&destination.idle)) {
                closing.spawn(line.quit());
            }
        }
        let _ = tokio::time::timeout(patience, async { while closing.join_next().await.is_some() {} }).await;
    }

    /// The way of a domain.
    async fn way(&self, domain: Option<MailDomain>) -> Found {
        let Inner { settings, dns, .. } = &*self.0;
        let named = match &domain {
            Some(MailDomain::Domain(domain)) => domain.as_str(),
            Some(MailDomain::AddressLiteral(_)) | None => "",
        };
        let routes = Arc::clone(&self.0.routes.read().unwrap_or_else(PoisonError::into_inner));
        let routed = most_specific(&routes, |route| &route.domain, named).filter(|_| !named.is_empty());
        if let Some((text, called)) = routed.and_then(|route| route.refuse.as_ref()) {
            tracing::info!(domain = named, rule = called, "refused by a route");
            let status = StatusDetail::NOT_AUTHORISED_X_7_1.permanent();
            return Found::Impossible(Impossible::new(status, text.clone()));
        }
        let way = routed.map_or(&settings.default, |route| &route.way);
        let mut wish = Wish::default();
        let servers = if !way.hosts.is_empty() {
            way.hosts.iter().filter_map(|host| Server::parse(host)).collect()
        } else {
            match domain {
                None => {
                    let status = StatusDetail::BAD_MAILBOX_SYNTAX_X_1_3.permanent();
                    return Found::Impossible(Impossible::new(
                        status,
                        "the address has no domain that mail is sent to",
                    ));
                }
                Some(MailDomain::AddressLiteral(literal)) => match literal.address() {
                    Some(address) => vec![Server::Port(Host::Address(address), settings.port)],
                    None => {
                        let status = StatusDetail::BAD_SYSTEM_X_1_2.permanent();
                        let text = format!("`{literal}` is no address that mail is sent to");
                        return Found::Impossible(Impossible::new(status, text));
                    }
                },
                Some(MailDomain::Domain(domain)) => {
                    let found = match dns.exchanges(domain.as_str()).await {
                        Ok(found) => found,
                        Err(why) => return Found::Unknown(why),
                    };
                    let shuffle = self.0.shuffle.fetch_add(1, Ordering::Relaxed);
                    let mut hosts =
                        match hosts::servers(domain.as_str(), found.answer, &self.own_names(), shuffle) {
                            Ok(hosts) => hosts,
                            Err(why) => return Found::Impossible(why),
                        };
                    if way.start_tls != StartTls::Off {
                        wish.proved = found.proved.then(|| domain.as_str().to_owned());
                        wish.good = match self.keep_policy(domain.as_str(), &mut hosts).await {
                            Ok(good) => good,
                            Err(why) => return Found::Unknown(why),
                        };
                    }
                    hosts.into_iter().map(|host| Server::Port(host, settings.port)).collect()
                }
            }
        };
        Found::Target(Target {
            servers,
            configured: !way.hosts.is_empty(),
            lmtp: way.protocol == Protocol::Lmtp,
            required: way.start_tls == StartTls::Required,
            off: way.start_tls == StartTls::Off,
            wish,
        })
    }

    /// Leaves out the servers that the policy of a domain does not name; says whether those that are left must have good
    /// certificates (RFC 8461 4, 5).
    ///
    /// # Errors
    /// None is left.
    async fn keep_policy(&self, domain: &str, hosts: &mut Vec<Host>) -> Result<bool, String> {
        let Inner { policies, dns, tls, .. } = &*self.0;
        let Some(policies) = policies else { return Ok(false) };
        let Some(policy) = policies.of(domain, dns, tls).await else { return Ok(false) };
        let enforced = policy.mode == Mode::Enforce;
        hosts.retain(|host| {
            let named = policy.names(&host.to_string());
            if !named {
                tracing::warn!(domain, %host, enforced, "the policy of MTA-STS does not name this server");
            }
            named || !enforced
        });
        match hosts.is_empty() {
            true => Err(format!("the policy of `{domain}` names none of its servers (RFC 8461)")),
            false => Ok(enforced),
        }
    }

    fn own_names(&self) -> Vec<String> {
        let Settings { name, own_names, .. } = &self.0.settings;
        std::iter::once(name).chain(own_names).cloned().collect()
    }

    /// Sends a mail whose recipients have the same way, in as many transactions as they need.
    async fn deliver(&self, target: Target, mail: Mail) -> Vec<Sent> {
        let destination = self.destination(&target);
        // The semaphore is never closed.
        let Ok(_permit) = Arc::clone(&destination.permits).acquire_owned().await else { return Vec::new() };
        let mut outcomes = Vec::with_capacity(mail.recipients.len());
        let mut rest = mail.recipients.clone();
        let mut line = None;
        let (signers, mut kept) = (self.0.secrets.keys.signers(), Kept::default());
        while !rest.is_empty() {
            let mut open = match line.take() {
                Some(open) => open,
                None => match self.session(&target, &destination).await {
                    Ok(open) => open,
                    Err((verdict, wait)) => {
                        let sent = |number| Sent { wait, ..Sent::unsent(number, verdict.clone()) };
                        outcomes.extend(rest.iter().map(|one| sent(one.number)));
                        break;
                    }
                },
            };
            let most =
                self.0.settings.maximum_recipients.min(open.0.maximum_recipients().unwrap_or(usize::MAX));
            let later = rest.split_off(most.clamp(1, rest.len()));
            let part = Mail { recipients: std::mem::replace(&mut rest, later), ..mail.clone() };
            let answered = open.0.send(&part, self.0.settings.chunking, &signers, &mut kept).await;
            if open.1 && was_stale(&open.0, &answered) {
                // The server had hung up before it was asked: another session tells.
                rest = part.recipients.into_iter().chain(rest).collect();
                continue;
            }
            let (server, asked_to_report) = (open.0.server().to_string(), open.0.reports());
            outcomes.extend(part.recipients.iter().zip(answered.verdicts).map(|(one, verdict)| Sent {
                number: one.number,
                verdict,
                server: Some(server.clone()),
                asked_to_report,
                wait: None,
            }));
            open.0.settle().await;
            line = open.0.is_ready().then_some((open.0, false));
        }
        if let Some((line, _)) = line {
            self.keep(&destination, line);
        }
        outcomes
    }

    fn destination(&self, target: &Target) -> Arc<Destination> {
        let mut destinations = lock(&self.0.destinations);
        // Those nobody uses and nothing is known of need no place.
        if destinations.len() >= DESTINATIONS {
            destinations.retain(|_, one| Arc::strong_count(one) > 1 || one.is_of_use());
        }
        let permits = self.0.settings.maximum_sessions.max(1);
        let new = || Destination {
            permits: Arc::new(Semaphore::new(permits)),
            idle: Mutex::default(),
            rest: Mutex::default(),
        };
        Arc::clone(destinations.entry(target.clone()).or_insert_with(|| Arc::new(new())))
    }

    /// A session that is open, and whether it was so before; or why there is none, and how long not to ask.
    async fn session(
        &self,
        target: &Target,
        destination: &Destination,
    ) -> Result<(Line, bool), (Verdict, Option<Duration>)> {
        if let Some((_, line)) = lock(&destination.idle).pop() {
            return Ok((line, true));
        }
        if let Some((left, why)) = destination.resting() {
            return Err((Verdict::Unanswered(format!("not tried again yet: {why}")), Some(left)));
        }
        match self.open(target).await {
            Ok(line) => {
                *lock(&destination.rest) = Rest::default();
                Ok((line, false))
            }
            Err(troubles) => {
                let why = troubles.join("; ");
                let wait = destination.rests(self.0.settings.rest, why.clone());
                Err((Verdict::Unanswered(why), Some(wait)))
            }
        }
    }

    /// Keeps a session for the next mail, for a while.
    fn keep(&self, destination: &Arc<Destination>, line: Line) {
        let number = self.0.sessions.fetch_add(1, Ordering::Relaxed);
        lock(&destination.idle).push((number, line));
        let (destination, idle) = (Arc::clone(destination), self.0.settings.idle);
        tokio::spawn(async move {
            tokio::time::sleep(idle).await;
            let line = {
                let mut lines = lock(&destination.idle);
                let place = lines.iter().position(|(one, _)| *one == number);
                place.map(|place| lines.remove(place).1)
            };
            if let Some(line) = line {
                line.quit().await;
            }
        });
    }
}

/// Destinations that are remembered, unless more are in use.
const DESTINATIONS: usize = 1_000;

impl Destination {
    fn is_of_use(&self) -> bool {
        !lock(&self.idle).is_empty() || self.resting().is_some()
    }

    /// How long it still rests, and why.
    fn resting(&self) -> Option<(Duration, String)> {
        let rest = lock(&self.rest);
        let left = rest.until?.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then(|| (left, rest.why.clone()))
    }

    /// It rests from now on; gives how long.
    fn rests(&self, (first, most): (Duration, Duration), why: String) -> Duration {
        let mut rest = lock(&self.rest);
        let wait = first.saturating_mul(2_u32.saturating_pow(rest.failures.min(20))).min(most);
        rest.failures = rest.failures.saturating_add(1);
        rest.until = Instant::now().checked_add(wait);
        rest.why = why;
        wait
    }
}

impl Sent {
    const fn unsent(number: u32, verdict: Verdict) -> Self {
        Self { number, verdict, server: None, asked_to_report: false, wait: None }
    }
}

/// Whether a session that was kept turned out to be over before the mail was begun.
fn was_stale(line: &Line, answered: &Answered) -> bool {
    let over = |verdict: &Verdict| match verdict {
        Verdict::Unanswered(_) => true,
        Verdict::Refused(reply) => reply.code() == crate::smtp::reply::ReplyCode::SERVICE_NOT_AVAILABLE_421,
        Verdict::Taken(_) => false,
        // It was not asked about these.
        Verdict::Impossible(_) => true,
    };
    !answered.content_begun && line.is_closed() && answered.verdicts.iter().all(over)
}

/// The places of the recipients of each domain.
fn by_domain(mail: &Mail) -> Vec<(Option<MailDomain>, Vec<usize>)> {
    let mut domains: BTreeMap<String, (Option<MailDomain>, Vec<usize>)> = BTreeMap::new();
    for (index, recipient) in mail.recipients.iter().enumerate() {
        let domain = hosts::domain_of(&recipient.address);
        let key = domain.as_ref().map(|domain| domain.as_str().to_owned()).unwrap_or_default();
        domains.entry(key).or_insert_with(|| (domain, Vec::new())).1.push(index);
    }
    domains.into_values().collect()
}

fn unsent(mail: &Mail, index: usize, verdict: &Verdict) -> Option<Sent> {
    mail.recipients.get(index).map(|one| Sent::unsent(one.number, verdict.clone()))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_match_domains() {
        for (pattern, domain, expected) in [
            ("example.org", "example.org", true),
            ("Example.ORG", "example.org", true),
            ("example.org", "a.example.org", false),
            (".example.org", "a.example.org", true),
            (".example.org", "example.org", false),
            (".example.org", "badexample.org", false),
        ] {
            assert_eq!(is_domain(pattern, domain), expected, "{pattern} {domain}");
        }
    }

    #[test]
    fn the_most_specific_route_counts() {
        let routes = [
            (".example.org", 1),
            ("a.example.org", 2),
            (".b.example.org", 3),
            ("A.example.org", 4),
            (".org", 5),
            (".Example.org", 6),
        ];
        for (domain, expected) in [
            ("a.example.org", Some(2)),
            ("c.b.example.org", Some(3)),
            ("b.example.org", Some(1)),
            ("example.org", Some(5)),
            ("example.net", None),
        ] {
            let found = most_specific(&routes, |(pattern, _)| pattern, domain);
            assert_eq!(found.map(|(_, number)| *number), expected, "{domain}");
        }
    }

    #[test]
    fn a_destination_rests_longer_each_time() {
        let destination = Destination {
            permits: Arc::new(Semaphore::new(1)),
            idle: Mutex::default(),
            rest: Mutex::default(),
        };
        let limits = (Duration::from_secs(1), Duration::from_secs(10));
        let waits: Vec<u64> = (0..6).map(|_| destination.rests(limits, "down".into()).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
        assert_eq!(destination.resting().map(|(_, why)| why).as_deref(), Some("down"));
    }
}
