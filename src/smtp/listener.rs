//! The shell around [`Dialogue`]: sockets, clock and tasks.
//!
//! One task per connection. It reads into one buffer, gives it to the dialogue, does what the dialogue says, and writes
//! replies as the dialogue batches them. No thread hop per command: policy and acceptance are awaited in the same task;
//! only passwords are checked elsewhere.

#![expect(
    clippy::disallowed_methods,
    reason = "shell: reads the clock for the dialogue, and the file of users"
)]

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::JoinSet;

use super::command::{ClientAttributes, MailParameters, Mailbox, RecipientParameters, ReversePath};
use super::dialogue::{Config, Dialogue, Event, Output, Request};
use super::reply::{Reply, ReplyCode, StatusDetail};
use super::submission::{Content, Envelope, Submission};
use crate::gathering::Gathering;
use crate::mta::network::Network;
use crate::mta::tls;
use crate::mta::tls::names::Names;
use crate::smtp::sasl::{Exchange, Next as Proof, Secret};
pub use clients::{Clients, ListenerLimits, Permit, Rates, TooMany};
pub use roster::Roster;
use stream::Stream;

pub mod clients;
mod roster;
mod stream;

/// Who is at the other end, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Where it connected from; the unspecified address where only the host that connects for it could know.
    pub address: SocketAddr,
    /// Who it is by AUTH.
    pub identity: Option<String>,
    /// Who it is by the certificate that it has shown.
    pub certificate: Option<String>,
}

/// Decides about addresses while the client waits; it should be well before five minutes are over (RFC 5321 4.5.3.2).
pub trait RecipientPolicy: Send + Sync + 'static {
    /// Whether messages from this sender are taken.
    ///
    /// # Errors
    /// The reply that says why not; a 421 closes the session.
    fn sender(
        &self,
        client: &Client,
        path: &ReversePath,
        parameters: &MailParameters,
    ) -> impl Future<Output = Result<(), Reply>> + Send;

    /// Whether messages from a sender, as it was permitted, are taken to this recipient.
    ///
    /// # Errors
    /// The reply that says why not; a 421 closes the session.
    fn recipient(
        &self,
        client: &Client,
        from: (&ReversePath, &MailParameters),
        mailbox: &Mailbox,
        parameters: &RecipientParameters,
    ) -> impl Future<Output = Result<(), Reply>> + Send;

    /// Hears that a client was refused something, with the reply, because there was too much of it; `limit` names what.
    fn too_much(&self, client: SocketAddr, limit: &'static str, reply: &Reply);
}

/// Takes over responsibility for messages.
pub trait Acceptor: Send + Sync + 'static {
    /// What a content is gathered in while it comes: memory, unless said.
    fn gathering(&self) -> Gathering {
        Gathering::in_memory()
    }

    /// Waits until a content of so many octets may be in memory; until the message is accepted what is given is kept. It should be well
    /// before ten minutes are over, together with [`Self::accept`].
    ///
    /// # Errors
    /// The reply that says why not; the client then keeps the message.
    fn room(&self, _octets: u64) -> impl Future<Output = Result<Option<OwnedSemaphorePermit>, Reply>> + Send {
        std::future::ready(Ok(None))
    }

    /// Makes the message durable, and returns the name it has in the queue.
    ///
    /// The client hears 250 when this returns; it should be well before ten minutes are over (RFC 5321 4.5.3.2.6).
    ///
    /// # Errors
    /// The reply that says why not; the client then keeps the message.
    fn accept(&self, submission: Submission) -> impl Future<Output = Result<String, Reply>> + Send;
}

/// Who clients are, and how that is kept from others.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Where clients are for whom rates do not hold, and whose mistakes are answered at once.
    pub trusted: Vec<Network>,
    /// Hosts that connect for others, and say so by the PROXY protocol before anything else.
    pub proxies: Vec<Network>,
    /// Hosts that may say so by XCLIENT.
    pub speakers: Vec<Network>,
    /// TLS.
    pub tls: Option<Security>,
    /// Those who may authenticate. [`Config::authentication`] says whether that is offered.
    pub users: Option<Roster>,
}

impl Access {
    /// Whether a greeting comes before everything else.
    fn greets(&self) -> bool {
        !self.tls.as_ref().is_some_and(|security| security.implicit)
    }
}

fn is_in(networks: &[Network], address: SocketAddr) -> bool {
    networks.iter().any(|network| network.contains(address.ip()))
}

/// TLS of a listener.
#[derive(Clone, Debug)]
pub struct Security {
    /// What makes the handshakes.
    pub acceptor: tls::Acceptor,
    /// From the first octet on (RFC 8314), not after STARTTLS. [`Extensions::start_tls`](super::dialogue::Extensions::start_tls)
    /// says whether that is offered.
    pub implicit: bool,
}

/// Octets that one read of commands takes at most; a session that is idle has not much more.
const COMMAND_BUFFER: usize = 2 * 1024;
/// The same of a content.
const CONTENT_BUFFER: usize = 64 * 1024;
/// How long a client may take to accept replies.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// How long a host may take to say for whom it connects.
const PROXY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait for a client to close after us, so that it reads the last reply.
const LINGER: Duration = Duration::from_secs(2);
/// Pause after a failed accept, which mostly means that file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves SMTP until `shutdown` becomes true or its sender is gone, then lets open transactions finish.
///
/// Returns when the last session has ended, at the latest [`ListenerLimits::drain`] after the shutdown.
pub async fn serve<P: RecipientPolicy, A: Acceptor>(
    listener: TcpListener,
    config: Arc<Config>,
    clients: Arc<Clients>,
    access: Access,
    policy: Arc<P>,
    acceptor: Arc<A>,
    mut shutdown: watch::Receiver<bool>,
) {
    let mut sessions = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut shutdown) => break,
            Some(_) = sessions.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "accepting an SMTP connection failed");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let permit = match Clients::enter(&clients) {
            Ok(permit) => permit,
            Err(why) => {
                let reply = why.reply();
                policy.too_much(peer, why.limit(), &reply);
                let hears = access.greets() && !is_in(&access.proxies, peer);
                sessions.spawn(turn_away(Stream::Plain(stream), reply, hears));
                continue;
            }
        };
        let (config, policy, acceptor) = (Arc::clone(&config), Arc::clone(&policy), Arc::clone(&acceptor));
        let (shutdown, access) = (shutdown.clone(), access.clone());
        sessions.spawn(async move {
            let session = Session::new((stream, peer), permit, config, access, (policy, acceptor));
            if let Err(error) = session.run(shutdown).await {
                tracing::debug!(%peer, %error, "SMTP session broken off");
            }
        });
    }
    drop(listener);
    let drained =
        tokio::time::timeout(clients.limits().drain, async { while sessions.join_next().await.is_some() {} });
    if drained.await.is_err() {
        tracing::warn!(sessions = sessions.len(), "SMTP sessions cut off at shutdown");
        sessions.shutdown().await;
    }
}

/// Returns once the value is true, or nobody is left who could set it.
async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone; that is a shutdown, too.
    let _ = shutdown.wait_for(|&stop| stop).await;
}

/// A reply in place of a greeting, if the client hears it: not one that waits for a handshake.
async fn turn_away(mut stream: Stream, reply: Reply, hears: bool) {
    if !hears {
        return linger(&mut stream).await;
    }
    let mut wire = BytesMut::new();
    reply.write_to(&mut wire, true);
    // The client may be gone; nothing is lost.
    let _ = tokio::time::timeout(LINGER, stream.write_all(&wire)).await;
    linger(&mut stream).await;
}

/// Closes our side and waits for the client to close its own: closing with unread input would cost it the last reply.
async fn linger(stream: &mut Stream) {
    let goodbye = async {
        stream.shutdown().await?;
        let mut unread = BytesMut::with_capacity(1024);
        while stream.read_buf(&mut unread).await? > 0 {
            unread.clear();
        }
        io::Result::Ok(())
    };
    // Whatever goes wrong here, the session was over before.
    let _ = tokio::time::timeout(LINGER, goodbye).await;
}

/// One connection.
struct Session<P, A> {
    stream: Stream,
    client: Client,
    permit: Permit,
    access: Access,
    /// What it has begun to prove.
    exchange: Option<Exchange>,
    dialogue: Dialogue,
    policy: Arc<P>,
    acceptor: Arc<A>,
    /// Who sends the message under way.
    from: (ReversePath, MailParameters),
    read_buffer: BytesMut,
    /// The message so far, or why it cannot be kept; grows with what arrives, never by what the client claims.
    content: Result<Gathering, Reply>,
}

/// Whether a session goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Read,
    Close,
}

impl<P: RecipientPolicy, A: Acceptor> Session<P, A> {
    fn new(
        (stream, peer): (TcpStream, SocketAddr),
        permit: Permit,
        config: Arc<Config>,
        access: Access,
        (policy, acceptor): (Arc<P>, Arc<A>),
    ) -> Self {
        let dialogue = Dialogue::new(config, Instant::now());
        let (read_buffer, content) = (BytesMut::new(), Ok(Gathering::in_memory()));
        let from = (ReversePath::Null, MailParameters::default());
        let stream = Stream::Plain(stream);
        Self {
            stream,
            client: Client { address: peer, identity: None, certificate: None },
            permit,
            access,
            exchange: None,
            dialogue,
            policy,
            acceptor,
            from,
            read_buffer,
            content,
        }
    }

    async fn run(mut self, mut shutdown: watch::Receiver<bool>) -> io::Result<()> {
        // Replies are batched by the dialogue; the kernel should not wait for more.
        if let Stream::Plain(stream) = &self.stream {
            stream.set_nodelay(true)?;
        }
        if is_in(&self.access.proxies, self.client.address) {
            let found = tokio::time::timeout(PROXY_TIMEOUT, self.stream.proxy_header()).await?;
            self.client.address = found?.unwrap_or(self.client.address);
        }
        // Not whoever is behind a host that connects for others.
        let speaks = is_in(&self.access.speakers, self.client.address);
        // Rates are those of the clients that it speaks for.
        if let Err(why) = self.admit(!speaks) {
            let hears = self.access.greets();
            turn_away(self.stream, why, hears).await;
            return Ok(());
        }
        if self.is_trusted() {
            self.dialogue.has_patience();
        }
        if speaks {
            self.dialogue.may_speak_for_others();
        }
        if !self.access.greets() {
            self.start_tls().await?;
            self.dialogue = self.dialogue.over_tls();
        }
        let mut stopping = false;
        while self.work().await? == Next::Read {
            let is_content = self.dialogue.is_in_content();
            self.read_buffer.reserve(if is_content { CONTENT_BUFFER } else { COMMAND_BUFFER });
            let deadline = self.dialogue.deadline().map(tokio::time::Instant::from_std);
            tokio::select! {
                // Who makes mistakes waits: what it has sent ahead meanwhile stays with the kernel.
                read = self.stream.read_buf(&mut self.read_buffer), if !self.dialogue.is_late() => {
                    if read? == 0 {
                        return Ok(());
                    }
                    let octets = self.read_buffer.split();
                    if let Err(fault) = self.dialogue.receive_owned(octets, Instant::now()) {
                        return Err(io::Error::other(fault));
                    }
                }
                () = sleep_until(deadline) => self.dialogue.timeout(Instant::now()),
                () = stopped(&mut shutdown), if !stopping => {
                    stopping = true;
                    self.request(Request::Shutdown)?;
                }
            }
        }
        linger(&mut self.stream).await;
        Ok(())
    }

    /// Whether there is room for a client from where this one is now. Rates hold for it or not; never for one that is trusted.
    fn admit(&mut self, is_rated: bool) -> Result<(), Reply> {
        let address = self.client.address;
        let is_rated = is_rated && !self.is_trusted();
        self.permit.is_from(address.ip(), is_rated, Instant::now()).map_err(|why| {
            let reply = why.reply();
            self.policy.too_much(address, why.limit(), &reply);
            reply
        })
    }

    fn is_trusted(&self) -> bool {
        is_in(&self.access.trusted, self.client.address)
    }

    /// Takes the client for the one that the host speaks for.
    fn introduce(&mut self, attributes: ClientAttributes) -> io::Result<()> {
        let before = self.client.address;
        // Whoever the host is, the client is not.
        self.client.identity = attributes.login.flatten();
        let said = attributes.address.map(|address| address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
        let ip = said.unwrap_or_else(|| before.ip());
        self.client.address = SocketAddr::new(ip, attributes.port.unwrap_or_else(|| before.port()));
        // It is the host's, not the client's.
        self.client.certificate = None;
        tracing::debug!(host = %before, client = %self.client.address, "SMTP client by XCLIENT");
        let admitted = if attributes.address.is_some() { self.admit(true) } else { Ok(()) };
        let request = match admitted {
            Ok(()) => {
                Request::Introduced { identity: self.client.identity.clone(), patience: self.is_trusted() }
            }
            Err(reply) => Request::Refuse(reply),
        };
        self.request(request)
    }

    /// Does what the dialogue says until it has nothing more to say.
    async fn work(&mut self) -> io::Result<Next> {
        while let Some(output) = self.dialogue.poll() {
            match output {
                Output::Down(octets) => {
                    tokio::time::timeout(WRITE_TIMEOUT, self.stream.write_all(&octets)).await??;
                }
                Output::Up(event) => self.event(event).await?,
                Output::Close => return Ok(Next::Close),
            }
        }
        Ok(Next::Read)
    }

    async fn event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::StartTls => {
                self.start_tls().await?;
                // RFC 3207 4.2
                self.client.identity = None;
                self.request(Request::Secured)
            }
            Event::Authenticate { mechanism, initial } => {
                let mut nonce = [0; 18];
                getrandom::fill(&mut nonce).map_err(io::Error::other)?;
                let nonce = base64_simd::STANDARD.encode_to_string(nonce);
                self.exchange = Some(Exchange::new(mechanism, nonce, self.client.certificate.clone()));
                self.prove(initial).await
            }
            Event::Credentials(response) => self.prove(Some(response)).await,
            Event::Client(attributes) => self.introduce(attributes),
            Event::Mail { reverse_path, parameters } => {
                let verdict = match self.permit.message(Instant::now()) {
                    true => self.policy.sender(&self.client, &reverse_path, &parameters).await,
                    false => Err(self.too_much("message-rate", ReplyCode::MAILBOX_BUSY_450)),
                };
                self.from = (reverse_path, parameters);
                self.request(verdict.map_or_else(Request::Refuse, |()| Request::Permit))
            }
            Event::Recipient { mailbox, parameters } => {
                let from = (&self.from.0, &self.from.1);
                let verdict = match self.permit.recipient(Instant::now()) {
                    true => self.policy.recipient(&self.client, from, &mailbox, &parameters).await,
                    false => Err(self.too_much("recipient-rate", ReplyCode::INSUFFICIENT_STORAGE_452)),
                };
                self.request(verdict.map_or_else(Request::Refuse, |()| Request::Permit))
            }
            Event::Content(octets) => {
                if let Ok(content) = &mut self.content
                    && let Err(error) = content.add(&octets).await
                {
                    self.content = Err(not_kept(&error));
                }
                Ok(())
            }
            Event::ContentStart => {
                self.content = Ok(self.acceptor.gathering());
                Ok(())
            }
            Event::ContentDiscarded => {
                self.content = Ok(Gathering::in_memory());
                Ok(())
            }
            Event::ContentEnd(envelope) => {
                let accepted = self.accept(envelope).await;
                self.request(accepted.map_or_else(Request::Refuse, |queue_id| Request::Accepted { queue_id }))
            }
        }
    }

    /// Hands the message over.
    async fn accept(&mut self, envelope: Envelope) -> Result<String, Reply> {
        let content = std::mem::replace(&mut self.content, Ok(Gathering::in_memory()))?;
        let _room = self.acceptor.room(content.length()).await?;
        let octets = content.read().await.map_err(|error| not_kept(&error))?;
        let submission = Submission::new(self.client.address, envelope, Content::InMemory(octets));
        self.acceptor.accept(submission).await
    }

    /// The reply to somebody who wants more of something in a minute than it may have.
    fn too_much(&self, limit: &'static str, code: ReplyCode) -> Reply {
        let text = "too much from your address in a minute, try again later";
        let reply = Reply::new(code, StatusDetail::NOT_AUTHORISED_X_7_1, text);
        self.policy.too_much(self.client.address, limit, &reply);
        reply
    }

    /// Goes on with what the client wants to prove. Passwords take their time, which is not that of other clients.
    async fn prove(&mut self, response: Option<Secret>) -> io::Result<()> {
        let (Some(mut exchange), Some(roster)) = (self.exchange.take(), &self.access.users) else {
            return Err(io::Error::other("authentication was offered, and there are no users"));
        };
        let users = roster.users();
        let proving = tokio::task::spawn_blocking(move || {
            let next = exchange.respond(response.as_ref().map(|secret| secret.0.as_slice()), &users);
            (exchange, next)
        });
        let (exchange, next) = proving.await.map_err(io::Error::other)?;
        let request = match next {
            Proof::Challenge(challenge) => {
                self.exchange = Some(exchange);
                Request::Challenge(Secret(challenge))
            }
            Proof::Known(user) => {
                tracing::info!(peer = %self.client.address, user, "SMTP client authenticated");
                self.client.identity = Some(user.clone());
                Request::Authenticated(user)
            }
            Proof::Unknown(why) => {
                tracing::info!(peer = %self.client.address, why, "SMTP client not authenticated");
                Request::Refuse(Reply::new(
                    ReplyCode::CREDENTIALS_INVALID_535,
                    StatusDetail::CREDENTIALS_INVALID_X_7_8,
                    "authentication failed",
                ))
            }
        };
        self.request(request)
    }

    /// The handshake; without it the connection is over.
    async fn start_tls(&mut self) -> io::Result<()> {
        let Some(security) = &self.access.tls else {
            return Err(io::Error::other("TLS was offered, and there is no certificate"));
        };
        match self.stream.start_tls(&security.acceptor).await {
            Ok(names) => {
                self.client.certificate = names.as_ref().and_then(Names::first);
                let names = names.map(|names| names.to_string());
                tracing::debug!(peer = %self.client.address, certificate = names, "SMTP under TLS");
                Ok(())
            }
            Err(why) => {
                tracing::info!(peer = %self.client.address, why, "no TLS with an SMTP client");
                Err(io::Error::other(why))
            }
        }
    }

    fn request(&mut self, request: Request) -> io::Result<()> {
        self.dialogue.request(request, Instant::now()).map_err(io::Error::other)
    }
}

/// The reply when a content cannot be kept while it comes.
fn not_kept(error: &io::Error) -> Reply {
    tracing::error!(%error, "a content cannot be kept while it comes");
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Reply::new(
            ReplyCode::INSUFFICIENT_STORAGE_452,
            StatusDetail::SYSTEM_FULL_X_3_1,
            "no room for it; try again later",
        ),
        _ => Reply::new(
            ReplyCode::LOCAL_ERROR_451,
            StatusDetail::OTHER_SYSTEM_X_3_0,
            "it cannot be kept; try again later",
        ),
    }
}

/// Sleeps until the deadline, for ever without one.
async fn sleep_until(deadline: Option<tokio::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
