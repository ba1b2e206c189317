//! The shell around [`Dialogue`]: one connection to a server, with TLS on it or not.

#![expect(clippy::disallowed_methods, reason = "shell: opens connections and reads the clock")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fmt, io};

use bytes::{Bytes, BytesMut};
use time::OffsetDateTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::{timeout, timeout_at};
use tokio_rustls::client::TlsStream;

use super::dialogue::{Dialogue, Event, Output, Request, Settings, StartTls, State, Trouble, Verdict};
use super::dkim::Signer;
use super::hosts::Host;
use super::mail::{Kept, Mail, Prepared, prepare_signed};
use super::tls::{Certificate, Tls};
use crate::mixer::rope::Rope;

/// Octets one read takes at most.
const READ: usize = 16 * 1024;
/// Octets of content that are written at once, at most: the server has [`Timeouts::block`](super::dialogue::Timeouts::block) for
/// them.
const BLOCK: usize = 64 * 1024;
/// Pieces below this are put together before they are written.
const SMALL: usize = 16 * 1024;
/// A content of more octets is encoded and signed while other tasks move to other threads, so that nobody waits for it.
const PREPARED_IN_PLACE: usize = 256 * 1024;
/// How long to wait for the last words of a server that takes nothing more.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A server to be called.
#[derive(Debug, Clone)]
pub struct Called<'a> {
    /// What it is called, and what its certificate must be for.
    pub server: &'a Host,
    /// Where it is.
    pub place: &'a Place,
    /// How long the connection may take.
    pub patience: Duration,
    /// TLS.
    pub tls: &'a Tls,
    /// Which certificate it must have where there is TLS.
    pub certificate: &'a Certificate,
}

/// Where a connection leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// To an address.
    Address(SocketAddr),
    /// To a socket of this machine; there is no TLS there.
    Socket(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Socket(path) => path.display().fmt(f),
        }
    }
}

/// A session with a server that takes mails.
pub struct Line {
    stream: Stream,
    dialogue: Dialogue,
    server: Host,
    tls: Tls,
    certificate: Certificate,
    input: BytesMut,
    /// Why the handshake failed, if it did.
    no_handshake: Option<String>,
}

/// The recipients' verdicts, and whether the content was begun.
pub struct Answered {
    /// In the order of the recipients.
    pub verdicts: Vec<Verdict>,
    /// Whether the server may have something of the mail.
    pub content_begun: bool,
}

enum Stream {
    Plain(TcpStream),
    Socket(UnixStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// During the handshake, and after one that failed.
    Gone,
}

impl Line {
    /// Opens a session. Where TLS is better than nothing and does not come about, a second one is opened without.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn open(called: &Called<'_>, settings: &Settings) -> Result<Self, Trouble> {
        let mut line = Self::connect(called, settings.clone()).await?;
        let trouble = match line.advance().await {
            Ok(_) => return Ok(line),
            Err(trouble) => trouble.unwrap_or_else(|| Trouble::Broken("the server hung up".into())),
        };
        match line.no_handshake {
            Some(why) if settings.start_tls == StartTls::Opportunistic => {
                tracing::info!(server = %called.server, why, "no TLS; going on without");
                let plain = Settings { start_tls: StartTls::Off, ..settings.clone() };
                let mut line = Self::connect(called, plain).await?;
                match line.advance().await {
                    Ok(_) => Ok(line),
                    Err(trouble) => {
                        Err(trouble.unwrap_or_else(|| Trouble::Broken("the server hung up".into())))
                    }
                }
            }
            Some(why) => Err(Trouble::NoTls(format!("there is none: {why}"))),
            None => Err(trouble),
        }
    }

    async fn connect(called: &Called<'_>, settings: Settings) -> Result<Self, Trouble> {
        let stream = match timeout(called.patience, Stream::connect(called.place)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(Trouble::Broken(error.to_string())),
            Err(_) => return Err(Trouble::Broken(format!("no connection within {:?}", called.patience))),
        };
        Ok(Self {
            stream,
            dialogue: Dialogue::new(settings, Instant::now()),
            server: called.server.clone(),
            tls: called.tls.clone(),
            certificate: called.certificate.clone(),
            input: BytesMut::new(),
            no_handshake: None,
        })
    }

    /// What the server is called.
    pub fn server(&self) -> &Host {
        &self.server
    }

    /// Whether the server was asked for notifications.
    pub fn reports(&self) -> bool {
        self.dialogue.offer().dsn
    }

    /// How many recipients it takes in one transaction, if it says.
    pub fn maximum_recipients(&self) -> Option<usize> {
        self.dialogue.offer().maximum_recipients
    }

    /// Whether the connection is gone.
    pub fn is_closed(&self) -> bool {
        self.dialogue.state() == State::Closed
    }

    /// Whether it can take another mail.
    pub fn is_ready(&self) -> bool {
        self.dialogue.state() == State::Ready
    }

    /// Sends a mail, signed by those who answer for its author; `kept` is what was made of it in transactions before. The line may be of no
    /// more use after that: see [`Self::is_ready`].
    pub async fn send(
        &mut self,
        mail: &Mail,
        chunking: bool,
        signers: &[Signer],
        kept: &mut Kept,
    ) -> Answered {
        let everybody = |verdict: Verdict| Answered {
            verdicts: vec![verdict; mail.recipients.len()],
            content_begun: false,
        };
        let (offer, now) = (self.dialogue.offer(), OffsetDateTime::now_utc());
        let mut prepare = || prepare_signed(mail, offer, chunking, (signers, kept), now);
        let large = mail.content.len() > PREPARED_IN_PLACE;
        let prepared = if large { tokio::task::block_in_place(prepare) } else { prepare() };
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(impossible) => return everybody(Verdict::Impossible(impossible)),
        };
        let content = Arc::clone(&prepared.content);
        if let Err(misuse) = self.begin(prepared) {
            return everybody(Verdict::Unanswered(misuse));
        }
        let mut content_begun = false;
        loop {
            match self.advance().await {
                Ok(Event::Done(verdicts)) => return Answered { verdicts, content_begun },
                Ok(Event::Content) => {
                    content_begun = true;
                    self.whole(&content).await;
                    // Whatever was said meanwhile is the last word; there is a verdict then.
                    let _ = self.dialogue.request(Request::ContentEnd, Instant::now());
                }
                // Ready comes after Done.
                Ok(Event::Ready) => {}
                Err(_) => return everybody(Verdict::Unanswered("the session ended".into())),
            }
        }
    }

    fn begin(&mut self, prepared: Prepared) -> Result<(), String> {
        self.dialogue.request(Request::Send(prepared), Instant::now()).map_err(|misuse| misuse.to_string())
    }

    /// Sends the content, as long as the server wants to hear it.
    async fn whole(&mut self, content: &Rope) {
        for mut piece in content.chunks() {
            while !piece.is_empty() && self.dialogue.state() == State::ExpectContent {
                let next = piece.split_to(piece.len().min(BLOCK));
                self.content(next).await;
            }
        }
    }

    /// Sends a piece of the content, and listens whether the server still wants to hear it.
    async fn content(&mut self, piece: Bytes) {
        if self.dialogue.request(Request::Content(piece), Instant::now()).is_err() {
            return;
        }
        self.write_all().await;
        let glance = timeout(Duration::ZERO, self.stream.read(&mut self.input)).await;
        if let Ok(read) = glance {
            self.was_read(read);
        }
    }

    /// Until the transaction is over and another one can begin, or the session is of no use.
    pub async fn settle(&mut self) {
        while !matches!(self.dialogue.state(), State::Ready | State::Closed) {
            if self.advance().await.is_err() {
                return;
            }
        }
    }

    /// Says goodbye.
    pub async fn quit(mut self) {
        if self.dialogue.request(Request::Quit, Instant::now()).is_ok() {
            // Whether the server answers is all the same.
            while self.advance().await.is_ok() {}
        }
    }

    /// Until something is to be told.
    ///
    /// # Errors
    /// The session is over, and perhaps why.
    async fn advance(&mut self) -> Result<Event, Option<Trouble>> {
        let mut gathered = BytesMut::new();
        loop {
            let output = self.dialogue.poll();
            if !matches!(output, Some(Output::Down(_))) && !gathered.is_empty() {
                let octets = gathered.split().freeze();
                self.write(octets).await;
            }
            match output {
                Some(Output::Down(octets)) => gathered.extend_from_slice(&octets),
                Some(Output::Up(event)) => return Ok(event),
                Some(Output::Secure) => self.secure().await,
                Some(Output::Close(trouble)) => {
                    self.stream = Stream::Gone;
                    return Err(trouble);
                }
                None => self.listen().await,
            }
        }
    }

    /// Writes what the dialogue has to say at the moment, the large pieces as they are.
    async fn write_all(&mut self) {
        let mut gathered = BytesMut::new();
        let mut pieces = Vec::new();
        while self.dialogue.state() == State::ExpectContent {
            match self.dialogue.poll() {
                Some(Output::Down(octets)) => pieces.push(octets),
                // Nothing else is said while content is expected.
                _ => break,
            }
        }
        for piece in pieces {
            if piece.len() < SMALL {
                gathered.extend_from_slice(&piece);
            }
            if gathered.len() >= SMALL || piece.len() >= SMALL {
                let before = gathered.split().freeze();
                self.write(before).await;
            }
            if piece.len() >= SMALL {
                self.write(piece).await;
            }
        }
        self.write(gathered.freeze()).await;
    }

    async fn write(&mut self, octets: Bytes) {
        if octets.is_empty() || self.dialogue.state() == State::Closed {
            return;
        }
        let deadline = self.dialogue.deadline();
        let written = match deadline {
            Some(deadline) => timeout_at(deadline.into(), self.stream.write(&octets)).await,
            None => Ok(self.stream.write(&octets).await),
        };
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                // It may have said why it takes nothing more.
                let last = timeout(LAST_WORDS, self.stream.read(&mut self.input)).await;
                if let Ok(Ok(read)) = last
                    && read > 0
                {
                    let octets = self.input.split();
                    self.dialogue.receive(&octets, Instant::now());
                }
                self.dialogue.closed(&format!("the connection is gone ({error})"));
            }
            Err(_) => self.dialogue.timeout(Instant::now()),
        }
    }

    async fn listen(&mut self) {
        let read = match self.dialogue.deadline() {
            Some(deadline) => timeout_at(deadline.into(), self.stream.read(&mut self.input)).await,
            None => Ok(self.stream.read(&mut self.input).await),
        };
        match read {
            Ok(read) => self.was_read(read),
            Err(_) => self.dialogue.timeout(Instant::now()),
        }
    }

    fn was_read(&mut self, read: io::Result<usize>) {
        match read {
            Ok(0) => self.dialogue.closed("the server hung up"),
            Ok(_) => {
                let octets = self.input.split();
                self.dialogue.receive(&octets, Instant::now());
            }
            Err(error) => self.dialogue.closed(&format!("the connection is gone ({error})")),
        }
    }

    async fn secure(&mut self) {
        let Stream::Plain(stream) = std::mem::replace(&mut self.stream, Stream::Gone) else { return };
        let handshake = self.tls.connect(stream, &self.server, &self.certificate);
        let deadline = self.dialogue.deadline().unwrap_or_else(Instant::now);
        let why = match timeout_at(deadline.into(), handshake).await {
            Ok(Ok(stream)) => {
                self.stream = Stream::Tls(Box::new(stream));
                // It is waited for; there is no other state to be in.
                let _ = self.dialogue.request(Request::Secured, Instant::now());
                return;
            }
            Ok(Err(why)) => why,
            Err(_) => "the handshake took too long".to_owned(),
        };
        self.dialogue.closed(&format!("no handshake of TLS ({why})"));
        self.no_handshake = Some(why);
    }
}

impl Stream {
    async fn connect(place: &Place) -> io::Result<Self> {
        match place {
            Place::Address(address) => {
                let stream = TcpStream::connect(address).await?;
                // Commands go out in groups; the kernel should not wait for more.
                stream.set_nodelay(true)?;
                Ok(Self::Plain(stream))
            }
            Place::Socket(path) => UnixStream::connect(path).await.map(Self::Socket),
        }
    }

    async fn read(&mut self, into: &mut BytesMut) -> io::Result<usize> {
        into.reserve(READ);
        match self {
            Self::Plain(stream) => stream.read_buf(into).await,
            Self::Socket(stream) => stream.read_buf(into).await,
            Self::Tls(stream) => stream.read_buf(into).await,
            Self::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(octets).await,
            Self::Socket(stream) => stream.write_all(octets).await,
            Self::Tls(stream) => {
                stream.write_all(octets).await?;
                stream.flush().await
            }
            Self::Gone => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}
