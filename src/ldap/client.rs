//! The shell: finds a server, opens TLS, binds, asks, and keeps the connection for the next time.
//!
//! ```text
//! search ─► a connection that is kept? ─► else each server in turn: TCP ─► TLS ─► bind ─► searches, all at once
//! ```
//!
//! The server that answered last is asked first. One that is busy, unavailable, or refuses the bind is passed over for the
//! next; only when none answers is there an error, which names each server and what was wrong with it.
#![expect(clippy::disallowed_methods, reason = "shell: opens connections")]

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::exchange::{Broken, Exchange, Found};
use super::message::{Code, Outcome, Search};
use crate::mta::tls::{Failure, Initiator};

/// A server, and how it is spoken to.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What protects the connection.
    pub security: Security,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if matches!(self.security, Security::Tls(_)) { "ldaps" } else { "ldap" };
        let host = &self.host;
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{}", self.port)
        } else {
            write!(f, "{scheme}://{host}:{}", self.port)
        }
    }
}

/// What protects a connection (D-10).
#[derive(Debug, Clone)]
pub enum Security {
    /// Nothing.
    Off,
    /// TLS once the server has agreed to it.
    StartTls(Initiator),
    /// TLS from the first octet.
    Tls(Initiator),
}

/// Who we are to the servers.
#[derive(Clone)]
pub struct Credentials {
    /// A distinguished name.
    pub name: String,
    /// What proves it.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a client needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// At least one; they hold the same.
    pub servers: Vec<Server>,
    /// Without them nothing is bound, and the servers see nobody in particular.
    pub credentials: Option<Credentials>,
    /// How long a connection may take to come about, with TLS and bind.
    pub connect_timeout: Duration,
    /// How long the searches of one call may take.
    pub timeout: Duration,
    /// Most connections at a time, over all servers.
    pub connections: usize,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// One for each search.
    pub found: Vec<Found>,
    /// The URL of the server.
    pub server: String,
}

/// No server answered: each with what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct Unavailable(pub Vec<String>);

/// Why one server did not answer.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("no answer in time")]
    Timeout,
    #[error("it closed the connection")]
    Closed,
    #[error("{0}")]
    Broken(#[from] Broken),
    #[error("{0}")]
    Tls(#[from] Failure),
    #[error("it sent octets before TLS began")]
    Injected,
    #[error("StartTLS is refused: {0}")]
    StartTls(Outcome),
    #[error("bind is refused: {0}")]
    Bind(Outcome),
    #[error("{0}")]
    Refused(Outcome),
}

/// Asks one of several servers.
#[derive(Debug)]
pub struct Client {
    settings: Settings,
    kept: Mutex<Vec<Connection>>,
    permits: Semaphore,
    answered_last: AtomicUsize,
}

impl Client {
    /// A client; nothing is opened before something is asked.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let permits = Semaphore::new(settings.connections.max(1));
        Self { settings, kept: Mutex::default(), permits, answered_last: AtomicUsize::new(0) }
    }

    /// Asks all of these at once, of one server.
    ///
    /// # Errors
    /// When no server answers.
    pub async fn search(&self, searches: &[Search]) -> Result<Answered, Unavailable> {
        if searches.is_empty() {
            return Ok(Answered { found: Vec::new(), server: String::new() });
        }
        let Ok(_permit) = self.permits.acquire().await else {
            return Err(Unavailable(vec!["no more connections".to_owned()]));
        };
        let kept = self.kept().pop();
        if let Some(mut connection) = kept {
            // Servers close connections that are not used; that is not worth a word.
            match self.ask(&mut connection, searches).await {
                Ok(found) => return Ok(self.keep(connection, found)),
                Err(_) => self.kept().clear(),
            }
        }
        let count = self.settings.servers.len();
        let first = self.answered_last.load(Ordering::Relaxed);
        let mut troubles = Vec::new();
        for place in (0..count).map(|step| (first + step) % count) {
            let server = &self.settings.servers[place];
            let attempt = async {
                let opened = timeout(self.settings.connect_timeout, self.open(place)).await;
                let mut connection = opened.map_err(|_| Trouble::Timeout)??;
                let found = self.ask(&mut connection, searches).await?;
                Ok::<_, Trouble>((connection, found))
            };
            match attempt.await {
                Ok((connection, found)) => {
                    self.answered_last.store(place, Ordering::Relaxed);
                    return Ok(self.keep(connection, found));
                }
                Err(trouble) => troubles.push(format!("{server}: {trouble}")),
            }
        }
        Err(Unavailable(troubles))
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, connection: Connection, found: Vec<Found>) -> Answered {
        let server = self.settings.servers[connection.place].to_string();
        self.kept().push(connection);
        Answered { found, server }
    }

    async fn open(&self, place: usize) -> Result<Connection, Trouble> {
        let server = &self.settings.servers[place];
        let mut stream = TcpStream::connect((server.host.as_str(), server.port)).await?;
        let mut exchange = Exchange::default();
        let stream: Box<dyn Stream> = match &server.security {
            Security::Off => Box::new(stream),
            Security::Tls(initiator) => Box::new(initiator.connect(stream).await?),
            Security::StartTls(initiator) => {
                let octets = exchange.start_tls();
                let outcome = one(run(&mut stream, &mut exchange, &octets).await?);
                if outcome.code != Code::SUCCESS {
                    return Err(Trouble::StartTls(outcome));
                }
                if exchange.has_rest() {
                    return Err(Trouble::Injected);
                }
                Box::new(initiator.connect(stream).await?)
            }
        };
        let mut connection = Connection { stream, exchange, place };
        if let Some(Credentials { name, password }) = &self.settings.credentials {
            let octets = connection.exchange.bind(name, password);
            let outcome = one(run(&mut connection.stream, &mut connection.exchange, &octets).await?);
            if outcome.code != Code::SUCCESS {
                return Err(Trouble::Bind(outcome));
            }
        }
        Ok(connection)
    }

    async fn ask(&self, connection: &mut Connection, searches: &[Search]) -> Result<Vec<Found>, Trouble> {
        let octets = connection.exchange.search(searches);
        let asked = run(&mut connection.stream, &mut connection.exchange, &octets);
        let found = timeout(self.settings.timeout, asked).await.map_err(|_| Trouble::Timeout)??;
        match found.iter().find(|found| is_of_server(found.outcome.code)) {
            Some(found) => Err(Trouble::Refused(found.outcome.clone())),
            None => Ok(found),
        }
    }
}

/// Whether another server may do better: operationsError, timeLimitExceeded, adminLimitExceeded, busy, unavailable,
/// unwillingToPerform, other.
const fn is_of_server(code: Code) -> bool {
    matches!(code.0, 1 | 3 | 11 | 51 | 52 | 53 | 80)
}

/// A connection on which we are bound. Whoever asks takes it out, and puts it back only when everything was answered.
struct Connection {
    stream: Box<dyn Stream>,
    exchange: Exchange,
    /// Which server.
    place: usize,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("place", &self.place).finish_non_exhaustive()
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for S {}

/// Sends, and receives until everything that was asked has ended.
async fn run(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    exchange: &mut Exchange,
    octets: &[u8],
) -> Result<Vec<Found>, Trouble> {
    stream.write_all(octets).await?;
    stream.flush().await?;
    let mut buffer = vec![0; 8 * 1024];
    loop {
        if let Some(found) = exchange.finished() {
            return Ok(found);
        }
        match stream.read(&mut buffer).await? {
            0 => return Err(Trouble::Closed),
            count => exchange.receive(&buffer[..count])?,
        }
    }
}

/// The outcome of the only request.
fn one(found: Vec<Found>) -> Outcome {
    found.into_iter().next().unwrap_or_default().outcome
}
