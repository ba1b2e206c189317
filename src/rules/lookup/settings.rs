//! The section `[lookup]` of the rule file: which sources there are outside it, and which of them wins.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rasn_x400::x411::address::text;

use super::super::pseudo_domain::Path;
use super::{Question, is_at_or_above};
use crate::rules::directory::person::People;
use crate::rules::directory::tree::Collection;
use crate::rules::mcgam;

/// What is said about lookups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The sources besides the tables; their numbers are their places here.
    pub sources: Vec<Source>,
    /// Who comes first: of equals the first wins, and with [`Prefer::First`] the first that knows anything.
    pub order: Vec<Place>,
    /// Which match wins.
    pub prefer: Prefer,
    /// How long one question may take, all tries together.
    pub timeout: Duration,
    /// Questions that are asked at the same time.
    pub concurrency: usize,
    /// Answers that are remembered.
    pub cache_entries: usize,
    /// How long an answer is remembered at most, whatever its source says.
    pub longest: Duration,
    /// The same for the answer that there is nothing.
    pub longest_absent: Duration,
    /// How long an answer that no longer holds is still used while its source cannot be reached.
    pub serve_stale: Duration,
    /// How long a message waits for an address in its header before that is encapsulated (M-10).
    pub header_patience: Duration,
    /// Nobody is asked; what is not remembered is undetermined.
    pub offline: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            order: vec![Place::Tables],
            prefer: Prefer::default(),
            timeout: Duration::from_secs(10),
            concurrency: 32,
            cache_entries: 10_000,
            longest: Duration::from_secs(24 * 60 * 60),
            longest_absent: Duration::from_secs(60 * 60),
            serve_stale: Duration::ZERO,
            header_patience: Duration::from_secs(2 * 60 * 60),
            offline: false,
        }
    }
}

/// Somewhere mappings come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The tables and pairs of the rule file.
    Tables,
    /// The source of this number.
    Source(usize),
}

/// Which match wins (M-36).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefer {
    /// The most specific one over all sources (RFC 2164 5). Every source is asked.
    #[default]
    MostSpecific,
    /// That of the first source that has any. The next source is asked only when one has nothing.
    First,
}

/// A source besides the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What it is called in `order` and in messages.
    pub name: String,
    /// What it is asked for.
    pub scope: Scope,
    /// What kind it is.
    pub kind: SourceKind,
}

/// The kinds of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKind {
    /// PX records in DNS (RFC 2163).
    Dns(Dns),
    /// Entries in a directory (RFC 2164).
    Directory(Directory),
    /// Rows of a database.
    Sqlite(Sqlite),
}

/// How a database is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sqlite {
    /// Its file.
    pub file: PathBuf,
    /// Gives the O/R address of an Internet address.
    pub by_internet: Option<String>,
    /// Gives the Internet address of an O/R address.
    pub by_or: Option<String>,
    /// How long a query may take, waiting for a lock included.
    pub timeout: Duration,
    /// Queries at a time.
    pub connections: usize,
    /// How long an answer holds.
    pub holds: Duration,
    /// How long it holds that there is nobody.
    pub holds_absent: Duration,
}

/// How a directory is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// The servers in the order they are tried; they hold the same.
    pub servers: Vec<LdapServer>,
    /// The certificates of the CAs that are believed, as PEM; those of the system if there is none.
    pub ca: Option<PathBuf>,
    /// Our certificate, as PEM.
    pub certificate: Option<PathBuf>,
    /// Our private key, as PEM.
    pub key: Option<PathBuf>,
    /// Who we are, as a distinguished name.
    pub bind: Option<String>,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
    /// The collections of mappings, in order (D-08).
    pub collections: Vec<Collection>,
    /// The entry of a gateway that names more of them, as text.
    pub gateway: Option<String>,
    /// Where people are found.
    pub people: Vec<People>,
    /// How long a connection, or an exchange on it, may take.
    pub timeout: Duration,
    /// Connections at a time.
    pub connections: usize,
    /// How long an answer holds.
    pub holds: Duration,
}

/// A server of a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdapServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What protects the connection.
    pub protection: Protection,
}

/// What protects a connection to a directory (D-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Nothing.
    Off,
    /// TLS once the server has agreed to it.
    StartTls,
    /// TLS from the first octet.
    Tls,
}

/// How DNS is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// Name servers in the order they are tried; none for those of the system.
    pub servers: Vec<SocketAddr>,
    /// How long one try of one server may take.
    pub timeout: Duration,
    /// How often all servers are tried.
    pub attempts: usize,
    /// Which answers are used.
    pub accept: Accept,
}

/// Which answers of DNS are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// Any.
    #[default]
    Any,
    /// Those of a server that has authority itself.
    Authoritative,
    /// Those that the server says it has verified by DNSSEC.
    Validated,
}

/// What a source is asked for. Names above the question decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// Only for these and what is below them, if there are any of the kind.
    pub only: Names,
    /// Never for these and what is below them.
    pub never: Names,
}

/// Domains and O/R addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// Domains.
    pub domains: Vec<String>,
    /// Paths.
    pub paths: Vec<Path>,
}

impl Source {
    /// Whether it is to be asked this.
    #[must_use]
    pub fn is_asked(&self, question: &Question) -> bool {
        let knows = match (&self.kind, question) {
            (SourceKind::Dns(_), Question::Domain(_) | Question::Path(_)) => true,
            (SourceKind::Dns(_), Question::Mailbox(_) | Question::Address(_)) => false,
            (SourceKind::Directory(directory), Question::Domain(_) | Question::Path(_)) => {
                !directory.collections.is_empty() || directory.gateway.is_some()
            }
            (SourceKind::Directory(directory), Question::Mailbox(_)) => {
                directory.people.iter().any(|people| people.by_internet.is_some())
            }
            (SourceKind::Directory(directory), Question::Address(_)) => {
                directory.people.iter().any(|people| people.by_or.is_some())
            }
            (SourceKind::Sqlite(_), Question::Domain(_) | Question::Path(_)) => false,
            (SourceKind::Sqlite(sqlite), Question::Mailbox(_)) => sqlite.by_internet.is_some(),
            (SourceKind::Sqlite(sqlite), Question::Address(_)) => sqlite.by_or.is_some(),
        };
        knows && self.scope.covers(question)
    }
}

impl Scope {
    /// Whether the source is to be asked this.
    #[must_use]
    pub fn covers(&self, question: &Question) -> bool {
        let unrestricted = match question {
            Question::Domain(_) | Question::Mailbox(_) => self.only.domains.is_empty(),
            Question::Path(_) | Question::Address(_) => self.only.paths.is_empty(),
        };
        (unrestricted || self.only.cover(question)) && !self.never.cover(question)
    }
}

impl Names {
    fn cover(&self, question: &Question) -> bool {
        match question {
            Question::Domain(domain) => self.cover_domain(domain),
            Question::Mailbox(mailbox) => {
                self.cover_domain(mailbox.rsplit_once('@').map_or("", |(_, domain)| domain))
            }
            Question::Path(path) => self.cover_path(path),
            Question::Address(text) => {
                text::parse(text).is_ok_and(|address| self.cover_path(&Path::of(&address)))
            }
        }
    }

    fn cover_domain(&self, domain: &str) -> bool {
        self.domains.iter().any(|above| is_at_or_above(above, domain))
    }

    fn cover_path(&self, path: &Path) -> bool {
        let whole = mcgam::path_key(path, super::MAXIMUM_LEVELS);
        self.paths.iter().any(|above| whole.starts_with(&mcgam::path_entry_key(above)))
    }
}

impl Settings {
    /// Whether there is anything to be looked up.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }
}
