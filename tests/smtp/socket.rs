//! The listener on a real socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;
use x400_gateway::smtp::command::{MailParameters, Mailbox, RecipientParameters, ReversePath};
use x400_gateway::smtp::dialogue::{Config, Tarpit};
use x400_gateway::smtp::listener::{
    Acceptor, Access, Client, Clients, ListenerLimits, RecipientPolicy, serve,
};
use x400_gateway::smtp::reply::Reply;
use x400_gateway::smtp::submission::{Content, Submission};

use super::runner;

struct Policy;

impl RecipientPolicy for Policy {
    async fn sender(&self, _: &Client, path: &ReversePath, _: &MailParameters) -> Result<(), Reply> {
        runner::sender(path)
    }

    async fn recipient(
        &self,
        _: &Client,
        _: (&ReversePath, &MailParameters),
        mailbox: &Mailbox,
        _: &RecipientParameters,
    ) -> Result<(), Reply> {
        runner::recipient(mailbox)
    }

    fn too_much(&self, _: SocketAddr, _: &'static str, _: &Reply) {}
}

#[derive(Default)]
struct Queue(Mutex<Vec<Submission>>);

impl Acceptor for Queue {
    async fn accept(&self, submission: Submission) -> Result<String, Reply> {
        let mut messages = self.0.lock().unwrap();
        messages.push(submission);
        Ok(format!("Q{}", messages.len()))
    }
}

/// A server on a free port of the loopback interface, in its own thread.
struct Running {
    address: SocketAddr,
    queue: Arc<Queue>,
    stop: watch::Sender<bool>,
    thread: thread::JoinHandle<()>,
}

impl Running {
    fn start(limits: ListenerLimits) -> Self {
        Self::sharing(runner::config(), &Arc::new(Clients::new(limits)))
    }

    /// One of several servers whose clients are counted together.
    fn sharing(config: Config, clients: &Arc<Clients>) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let queue = Arc::new(Queue::default());
        let (stop, stopped) = watch::channel(false);
        let serving = serve(
            listener,
            Arc::new(config),
            Arc::clone(clients),
            Access::default(),
            Arc::new(Policy),
            Arc::clone(&queue),
            stopped,
        );
        let thread = thread::spawn(move || runtime.block_on(serving));
        Self { address, queue, stop, thread }
    }

    fn connect(&self) -> Connection {
        Connection::to(self.address)
    }

    fn stop(self) {
        self.stop.send(true).unwrap();
        self.thread.join().unwrap();
    }
}

/// A client with blocking reads.
pub(super) struct Connection {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Connection {
    pub(super) fn to(address: SocketAddr) -> Self {
        Self { stream: TcpStream::connect(address).unwrap(), unread: Vec::new() }
    }

    /// Sends a line, and hears the last line of the answer.
    pub(super) fn says(&mut self, line: &str) -> String {
        self.send(&format!("{line}\r\n"));
        self.reply().lines().next_back().unwrap_or_default().to_owned()
    }

    pub(super) fn send(&mut self, text: &str) {
        self.send_octets(text.as_bytes());
    }

    pub(super) fn send_octets(&mut self, octets: &[u8]) {
        self.stream.write_all(octets).unwrap();
    }

    /// The next whole reply; empty when the server has closed.
    pub(super) fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            while let Some(end) = self.unread.iter().position(|&octet| octet == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                reply.push_str(std::str::from_utf8(&line).unwrap());
                if line[3] == b' ' {
                    return reply;
                }
            }
            let mut octets = [0; 1024];
            match self.stream.read(&mut octets) {
                // The server may close while something is on its way to it.
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return reply,
                Ok(0) => return reply,
                Err(error) => panic!("{error}"),
                Ok(length) => self.unread.extend_from_slice(&octets[..length]),
            }
        }
    }

    pub(super) fn expect(&mut self, reply: &str) {
        assert_eq!(self.reply(), reply);
    }

    pub(super) fn greeted(mut self) -> Self {
        self.expect("220 gw.example ESMTP x400gw\r\n");
        self.send("EHLO a.example\r\n");
        assert!(self.reply().starts_with("250-gw.example greets a.example\r\n250-PIPELINING\r\n"));
        self
    }
}

#[test]
fn a_pipelining_client_is_served() {
    let server = Running::start(ListenerLimits::default());
    let mut client = server.connect().greeted();
    client
        .send("MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nRCPT TO:<unknown@b.example>\r\nDATA\r\n");
    client.expect("250 2.1.0 sender ok\r\n");
    client.expect("250 2.1.5 recipient ok\r\n");
    client.expect("550 5.1.1 no such recipient\r\n");
    assert!(client.reply().starts_with("354 "));
    // Enough for many reads, with a stuffed dot in each line.
    let lines = 50_000;
    client.send(&"..fifty octets of text that pass through a socket.\r\n".repeat(lines));
    client.send(".\r\nQUIT\r\n");
    client.expect("250 2.0.0 accepted as Q1\r\n");
    client.expect("221 2.0.0 gw.example closing\r\n");
    assert_eq!(client.reply(), "");
    let submission = server.queue.0.lock().unwrap().remove(0);
    assert_eq!(submission.peer.ip(), server.address.ip());
    assert_eq!(submission.helo.to_string(), "a.example");
    assert_eq!(submission.recipients.len(), 1);
    let Content::InMemory(content) = submission.content else { panic!("not in memory") };
    assert!(content == ".fifty octets of text that pass through a socket.\r\n".repeat(lines).as_bytes());
    server.stop();
}

/// However much it has sent ahead, a client whose mistakes are answered late is heard to the end.
#[test]
fn a_client_that_waits_for_late_replies_is_not_cut_off() {
    let mut config = runner::config();
    let moment = Duration::from_millis(1);
    config.limits.tarpit = Tarpit { after: 0, step: moment, longest: moment };
    config.limits.input = 1_000;
    let server = Running::sharing(config, &Arc::new(Clients::new(ListenerLimits::default())));
    let mut client = server.connect().greeted();
    let ahead = format!("NOOP {}\r\n", "x".repeat(500)).repeat(20);
    client.send(&format!("FOO\r\n{ahead}").repeat(5));
    for _ in 0..5 {
        client.expect("500 5.5.1 command `FOO` not recognised\r\n");
        (0..20).for_each(|_| client.expect("250 2.0.0 ok\r\n"));
    }
    server.stop();
}

#[test]
fn a_client_too_many_is_turned_away() {
    let clients = Clients::new(ListenerLimits { connections: 1, ..ListenerLimits::default() });
    let clients = Arc::new(clients);
    let [server, other] = [(), ()].map(|()| Running::sharing(runner::config(), &clients));
    let first = server.connect().greeted();
    for server in [&server, &other] {
        let mut second = server.connect();
        second.expect("421 4.3.2 too many connections, try again later\r\n");
        assert_eq!(second.reply(), "");
    }
    drop(first);
    server.stop();
    other.stop();
}

#[test]
fn a_stopping_server_finishes_the_transaction() {
    let server = Running::start(ListenerLimits::default());
    let mut idle = server.connect().greeted();
    let mut busy = server.connect().greeted();
    busy.send("MAIL FROM:<a@a.example>\r\n");
    busy.expect("250 2.1.0 sender ok\r\n");
    server.stop.send(true).unwrap();
    idle.expect("421 4.3.2 gw.example is stopping, try again later\r\n");
    assert_eq!(idle.reply(), "");
    busy.send("RCPT TO:<b@b.example>\r\nDATA\r\n");
    busy.expect("250 2.1.5 recipient ok\r\n");
    assert!(busy.reply().starts_with("354 "));
    busy.send("Subject: last\r\n.\r\n");
    busy.expect("250 2.0.0 accepted as Q1\r\n");
    busy.expect("421 4.3.2 gw.example is stopping, try again later\r\n");
    assert_eq!(busy.reply(), "");
    drop((idle, busy));
    server.thread.join().unwrap();
}
