//! Mappings in a directory (RFC 2164), and people with two addresses, asked of LDAP servers.
//!
//! All collections are searched at the same time: each round is one exchange with one server, and two rounds are the rule.

use std::path::Path as FilePath;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rasn_x400::x411::address::text::{self, KeyedAddress};

use super::{Asking, Reply, Source};
use crate::ldap::client::{Answered, Client, Credentials, Security, Server, Settings};
use crate::ldap::exchange::Found;
use crate::ldap::message::Search;
use crate::mta::tls::{Files, Initiator};
use crate::rules::directory::entry::{self, Said};
use crate::rules::directory::longest::{LongestMatch, Match, Step, best};
use crate::rules::directory::person::{People, Person};
use crate::rules::directory::tree::Collection;
use crate::rules::directory::{Undetermined, longest};
use crate::rules::lookup::settings::Directory as Configured;
use crate::rules::lookup::{self, Answer, Question, Record};
use crate::rules::pseudo_domain::Path;

/// A directory.
pub(super) struct Directory {
    client: Client,
    collections: Vec<Collection>,
    /// The entry that names more of them.
    gateway: Option<String>,
    people: Vec<People>,
    holds: Duration,
    /// The collections that the entry named, and until when that holds.
    named: Mutex<Option<(Vec<Collection>, Instant)>>,
}

impl Directory {
    /// The directory of these settings; nothing is opened yet.
    ///
    /// # Errors
    /// When a file that is needed cannot be used.
    pub(super) fn new(configured: &Configured) -> Result<Self, String> {
        let client = Client::new(Settings {
            servers: configured
                .servers
                .iter()
                .map(|server| opened(server, configured))
                .collect::<Result<_, _>>()?,
            credentials: credentials(configured)?,
            connect_timeout: configured.timeout,
            timeout: configured.timeout,
            connections: configured.connections,
        });
        Ok(Self {
            client,
            collections: configured.collections.clone(),
            gateway: configured.gateway.clone(),
            people: configured.people.clone(),
            holds: configured.holds,
            named: Mutex::default(),
        })
    }

    async fn answer(&self, question: &Question) -> Result<Option<lookup::Found>, Undetermined> {
        match question {
            Question::Path(path) => {
                let matching = |collection: &Collection| LongestMatch::of_path(collection, path);
                let found = self.longest(matching).await?;
                Ok(found.and_then(|(found, server)| of_path(path, found, &server)))
            }
            Question::Domain(domain) => {
                let matching = |collection: &Collection| LongestMatch::of_domain(collection, domain);
                let found = self.longest(matching).await?;
                Ok(found.and_then(|(found, server)| of_domain(domain, found, &server)))
            }
            Question::Mailbox(mailbox) => self.person_of_mailbox(mailbox).await,
            Question::Address(text) => self.person_of_address(text).await,
        }
    }

    async fn person_of_mailbox(&self, mailbox: &str) -> Result<Option<lookup::Found>, Undetermined> {
        let search = |people: &People| people.search_by_internet(mailbox);
        let read = |people: &People, found: &Found| {
            let person = people.or_address(found)?;
            Ok(person.map(|Person { address, entry }| (mailbox.to_owned(), address, entry)))
        };
        self.person(search, read).await
    }

    async fn person_of_address(&self, text: &str) -> Result<Option<lookup::Found>, Undetermined> {
        let address = text::parse(text).map_err(|error| Undetermined(format!("`{text}`: {error}")))?;
        let search = |people: &People| people.search_by_or(&address);
        let read = |people: &People, found: &Found| {
            let person = people.internet_address(found, &address)?;
            Ok(person.map(|Person { address: mailbox, entry }| (mailbox, address.clone(), entry)))
        };
        self.person(search, read).await
    }

    /// Asks for people everywhere at once; the first place that knows one decides.
    async fn person(
        &self,
        search: impl Fn(&People) -> Option<Search>,
        read: impl Fn(&People, &Found) -> Result<Option<(String, KeyedAddress, String)>, Undetermined>,
    ) -> Result<Option<lookup::Found>, Undetermined> {
        let asked: Vec<(&People, Search)> =
            self.people.iter().filter_map(|people| Some((people, search(people)?))).collect();
        let searches: Vec<Search> = asked.iter().map(|(_, search)| search.clone()).collect();
        let Answered { found, server } = self.ask(&searches).await?;
        for ((people, _), found) in asked.iter().zip(&found) {
            if let Some((mailbox, address, entry)) = read(people, found)? {
                let record = Record::Person { mailbox, address };
                return Ok(Some(lookup::Found { record, origin: origin(&entry, &server) }));
            }
        }
        Ok(None)
    }

    /// The longest match over all collections, and the server that told it (D-08).
    async fn longest(
        &self,
        matching: impl Fn(&Collection) -> LongestMatch,
    ) -> Result<Option<(Match, String)>, Undetermined> {
        let named = self.named_collections().await?;
        let mut searches: Vec<(LongestMatch, Step)> = self
            .collections
            .iter()
            .chain(&named)
            .map(|collection| {
                let matching = matching(collection);
                let step = matching.begin();
                (matching, step)
            })
            .collect();
        let mut server = String::new();
        loop {
            let round: Vec<Search> =
                searches.iter().flat_map(|(matching, step)| readings(matching, step)).collect();
            if round.is_empty() {
                break;
            }
            let answered = self.ask(&round).await?;
            server = answered.server;
            let mut found = answered.found.as_slice();
            for (matching, step) in &mut searches {
                if let Step::Read(names) = step {
                    let (own, rest) = found.split_at(names.len().min(found.len()));
                    found = rest;
                    *step = matching.take(own);
                }
            }
        }
        let mut matches = Vec::new();
        for (_, step) in searches {
            if let Step::Ended(ended) = step {
                // One that is undetermined could have had the longest.
                matches.extend(ended?);
            }
        }
        Ok(best(matches).map(|found| (found, server)))
    }

    /// The collections that the entry of the gateway names, if there is one (D-08).
    async fn named_collections(&self) -> Result<Vec<Collection>, Undetermined> {
        let Some(gateway) = &self.gateway else { return Ok(Vec::new()) };
        if let Some((collections, until)) = &*self.named.lock().unwrap_or_else(PoisonError::into_inner)
            && Instant::now() < *until
        {
            return Ok(collections.clone());
        }
        let search = Search::read(gateway.clone(), entry::attributes_of_gateway());
        let answered = self.ask(std::slice::from_ref(&search)).await?;
        let entry = longest::only(gateway, answered.found.first())?;
        let collections = entry::collections(entry)?;
        let until = Instant::now().checked_add(self.holds).unwrap_or_else(Instant::now);
        *self.named.lock().unwrap_or_else(PoisonError::into_inner) = Some((collections.clone(), until));
        Ok(collections)
    }

    async fn ask(&self, searches: &[Search]) -> Result<Answered, Undetermined> {
        self.client.search(searches).await.map_err(|unavailable| Undetermined(unavailable.to_string()))
    }
}

impl Source for Directory {
    fn ask<'a>(&'a self, question: &'a Question) -> Asking<'a> {
        Box::pin(async move {
            let answer = match self.answer(question).await {
                Ok(Some(found)) => Answer::Found(vec![found]),
                Ok(None) => Answer::Absent,
                Err(Undetermined(reason)) => Answer::Unknown(reason),
            };
            Reply { answer, holds: self.holds }
        })
    }
}

/// What is to be read for a step.
fn readings(matching: &LongestMatch, step: &Step) -> Vec<Search> {
    let Step::Read(names) = step else { return Vec::new() };
    names.iter().map(|name| Search::read(name.to_string(), matching.attributes().to_vec())).collect()
}

/// The record that an entry of the tree of O/R addresses is.
fn of_path(asked: &Path, found: Match, server: &str) -> Option<lookup::Found> {
    let levels = (0..found.levels).map(|level| asked.levels.get(level).cloned().flatten());
    let path = Path { levels: levels.collect() };
    let record = match found.said {
        Said::Domain(domain) => Record::Mapping { domain, path },
        // Any of them may be used; they are sorted, so it is always the same.
        Said::InternetGateways(domains) => {
            Record::GatewayDomain { path, domain: domains.into_iter().next()? }
        }
        Said::Path(_) | Said::X400Gateways(_) => return None,
    };
    Some(lookup::Found { record, origin: origin(&found.entry, server) })
}

/// The record that an entry of the tree of domains is.
fn of_domain(asked: &str, found: Match, server: &str) -> Option<lookup::Found> {
    let labels: Vec<&str> = asked.split('.').collect();
    let domain = labels[labels.len().saturating_sub(found.levels)..].join(".");
    let record = match found.said {
        Said::Path(path) => Record::Mapping { domain, path },
        Said::X400Gateways(addresses) => {
            Record::GatewayAddress { domain, address: addresses.into_iter().next()? }
        }
        Said::Domain(_) | Said::InternetGateways(_) => return None,
    };
    Some(lookup::Found { record, origin: origin(&found.entry, server) })
}

fn origin(entry: &str, server: &str) -> String {
    format!("the entry `{entry}` of {server}")
}

fn opened(server: &lookup::settings::LdapServer, configured: &Configured) -> Result<Server, String> {
    use lookup::settings::Protection;
    let initiator = || {
        let name = server.host.clone().try_into();
        let name = name.map_err(|_| format!("`{}` is no name that a certificate can have", server.host))?;
        let files = Files {
            ca: Some(
                configured
                    .ca
                    .clone()
                    .or_else(system_ca)
                    .ok_or("`ca` is not given, and the system has none")?,
            ),
            certificate: configured.certificate.clone(),
            key: configured.key.clone(),
            revoked: Vec::new(),
        };
        Initiator::new(files, name, Vec::new()).map_err(|unusable| unusable.to_string())
    };
    let security = match server.protection {
        Protection::Off => Security::Off,
        Protection::StartTls => Security::StartTls(initiator()?),
        Protection::Tls => Security::Tls(initiator()?),
    };
    Ok(Server { host: server.host.clone(), port: server.port, security })
}

/// The CAs that the system believes, where distributions put them.
fn system_ca() -> Option<std::path::PathBuf> {
    const FILES: [&str; 3] =
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
    FILES.iter().map(FilePath::new).find(|file| file.exists()).map(FilePath::to_path_buf)
}

fn credentials(configured: &Configured) -> Result<Option<Credentials>, String> {
    let (Some(name), Some(file)) = (&configured.bind, &configured.password_file) else { return Ok(None) };
    let password = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        // A bind with a name and no password is one of nobody, and servers may say yes (RFC 4513 5.1.2).
        return Err(format!("{}: holds no password", file.display()));
    }
    Ok(Some(Credentials { name: name.clone(), password }))
}
