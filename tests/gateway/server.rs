//! A mail server that does as its recipients' names say, and goes wrong when it is told to.
//!
//! `r550-5.1.1-any@…` is answered with `550 5.1.1`, `r451@…` with `451` alone; everybody else is taken.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A mail as the server got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// The lines of MAIL and RCPT, without those of recipients that were refused.
    pub(crate) envelope: Vec<String>,
    /// The content, without dots.
    pub(crate) content: Vec<u8>,
}

/// What a server does.
#[derive(Debug, Default)]
pub(crate) struct Manners {
    /// What EHLO is answered with.
    pub(crate) offer: Vec<&'static str>,
    /// So many mails are taken without a word: the connection is closed after the dot.
    pub(crate) dropped_after_the_dot: AtomicUsize,
    /// So many connections are closed before a greeting.
    pub(crate) dropped_at_once: AtomicUsize,
    /// So many are greeted with 421.
    pub(crate) busy: AtomicUsize,
    /// It hangs up after so many mails.
    pub(crate) mails_of_a_session: Option<usize>,
    /// Sessions there were.
    pub(crate) sessions: AtomicUsize,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) manners: Arc<Manners>,
    pub(crate) received: mpsc::UnboundedReceiver<Received>,
    pub(crate) all: Arc<Mutex<Vec<Received>>>,
}

impl Server {
    pub(crate) async fn start(manners: Manners) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), manners).await
    }

    pub(crate) async fn start_at(address: SocketAddr, manners: Manners) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let (address, manners) = (listener.local_addr().unwrap(), Arc::new(manners));
        let (sender, received) = mpsc::unbounded_channel();
        let all: Arc<Mutex<Vec<Received>>> = Arc::default();
        let (held, kept) = (Arc::clone(&manners), Arc::clone(&all));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (manners, sender, all) = (Arc::clone(&held), sender.clone(), Arc::clone(&kept));
                tokio::spawn(async move { Session::new(stream, manners, sender, all).run().await });
            }
        });
        Self { address, manners, received, all }
    }

    pub(crate) async fn next(&mut self) -> Received {
        let next = tokio::time::timeout(crate::stage::PATIENCE, self.received.recv()).await;
        next.expect("no mail in time").unwrap()
    }
}

struct Session {
    stream: BufReader<TcpStream>,
    manners: Arc<Manners>,
    sender: mpsc::UnboundedSender<Received>,
    all: Arc<Mutex<Vec<Received>>>,
}

/// Whether one more of these is due.
fn due(count: &AtomicUsize) -> bool {
    count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
}

impl Session {
    fn new(
        stream: TcpStream,
        manners: Arc<Manners>,
        sender: mpsc::UnboundedSender<Received>,
        all: Arc<Mutex<Vec<Received>>>,
    ) -> Self {
        Self { stream: BufReader::new(stream), manners, sender, all }
    }

    async fn say(&mut self, line: &str) -> Option<()> {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.ok()
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let length = self.stream.read_until(b'\n', &mut line).await.ok()?;
        (length > 0).then(|| String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Until the client or the server hangs up.
    async fn run(mut self) -> Option<()> {
        self.manners.sessions.fetch_add(1, Ordering::SeqCst);
        if due(&self.manners.dropped_at_once) {
            return None;
        }
        if due(&self.manners.busy) {
            return self.say("421 4.3.2 too busy").await;
        }
        self.say("220 server.example").await?;
        let mut envelope = Vec::new();
        let mut mails = 0;
        loop {
            let line = self.line().await?;
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" | "LHLO" => {
                    let manners = Arc::clone(&self.manners);
                    self.say("250-server.example").await?;
                    for keyword in &manners.offer {
                        self.say(&format!("250-{keyword}")).await?;
                    }
                    self.say("250 HELP").await?;
                }
                "MAIL" => {
                    envelope = vec![line];
                    self.say("250 2.1.0 ok").await?;
                }
                "RCPT" => {
                    let local = line.split(['<', '@']).nth(1).unwrap_or_default().to_owned();
                    let mut parts = local.strip_prefix('r').unwrap_or_default().split('-');
                    let code = parts
                        .next()
                        .filter(|code| code.len() == 3 && code.bytes().all(|c| c.is_ascii_digit()));
                    match code {
                        Some(code) => {
                            let status = parts.next().map(|status| format!(" {status}")).unwrap_or_default();
                            self.say(&format!("{code}{status} as you like it")).await?;
                        }
                        None => {
                            envelope.push(line);
                            self.say("250 2.1.5 ok").await?;
                        }
                    }
                }
                "DATA" => {
                    self.say("354 go on").await?;
                    let content = self.content().await?;
                    let received = Received { envelope: std::mem::take(&mut envelope), content };
                    self.all.lock().unwrap().push(received.clone());
                    if due(&self.manners.dropped_after_the_dot) {
                        return None;
                    }
                    let _ = self.sender.send(received);
                    self.say("250 2.6.0 taken").await?;
                    mails += 1;
                    if self.manners.mails_of_a_session.is_some_and(|most| mails >= most) {
                        return None;
                    }
                }
                "QUIT" => return self.say("221 2.0.0 bye").await,
                _ => self.say("250 2.0.0 ok").await?,
            }
        }
    }

    async fn content(&mut self) -> Option<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            let start = content.len();
            if self.stream.read_until(b'\n', &mut content).await.ok()? == 0 {
                return None;
            }
            let line = &content[start..];
            assert!(line.ends_with(b"\r\n"), "a bare LF: {:?}", String::from_utf8_lossy(line));
            if line == b".\r\n" {
                content.truncate(start);
                return Some(content);
            }
            if line.starts_with(b".") {
                content.remove(start);
            }
        }
    }
}
