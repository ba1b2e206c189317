//! A gateway with the lab peer behind it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::among_mtas;
use crate::judge;
use crate::judge::Side;
use crate::made::{Made, python};
use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::x411::envelope::MessageTransferEnvelope;
use rasn_x400::x419::{MtsApdu, Report};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use x400_gateway::config::Config;
use x400_gateway::mta::pool::Message;
use x400_gateway::mta::relay::Apdu;
use x400_gateway::osi::driver::{Direction, Recorder};
use x400_gateway::queue::entry::Kind;
use x400_gateway::queue::store::{State, Store as _, Tracked};
use x400_gateway::{peer, serve};

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) type Transcript = Vec<(Side, Vec<u8>)>;

/// A gateway, and the lab peer that everything for X.400 goes to.
pub(crate) struct Stage {
    pub(crate) gateway: serve::Running,
    pub(crate) config: Config,
    pub(crate) smtp: SocketAddr,
    pub(crate) x400: SocketAddr,
    pub(crate) arrived: mpsc::UnboundedReceiver<Bytes>,
    pub(crate) transcript: Arc<Mutex<Transcript>>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) peer: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_with(true, change).await
    }

    /// Without a peer that is up, if so wished.
    pub(crate) async fn start_with(peer_is_up: bool, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_towards("hold = true", peer_is_up, change).await
    }

    /// With a way to the Internet.
    pub(crate) async fn start_towards(
        internet: &str,
        peer_is_up: bool,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [smtp, x400, at_peer] = [(); 3].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let [smtp, x400, at_peer] = [smtp, x400, at_peer].map(|one| one.local_addr().unwrap());
        let text = format!(
            "[gateway]\ndata = {:?}\n[smtp]\nlisten = [\"{smtp}\"]\ndeliver-by = 0\n[x400]\nlisten = \"{x400}\"\n[internet]\n{internet}\n\
             [[peer]]\nname = \"hub\"\naddress = \"{at_peer}\"\n",
            folder.path(),
        );
        let mut config = Config::parse("home", &text).unwrap_or_else(|report| panic!("{}", report.render()));
        config.queue.first_retry = Duration::from_millis(50);
        config.queue.longest_retry = Duration::from_millis(200);
        config.peers[0].first_reconnect = Duration::from_millis(20);
        config.peers[0].longest_reconnect = Duration::from_millis(100);
        change(&mut config);
        let gateway = serve::start(config.clone(), Vec::new()).await.unwrap();
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let transcript: Arc<Mutex<Transcript>> = Arc::default();
        let (stop, stopped) = watch::channel(false);
        let peer = if peer_is_up {
            let tape = Arc::clone(&transcript);
            let recorder = Box::new(move || -> Box<dyn Recorder> { Box::new(Tape(Arc::clone(&tape))) });
            let options = peer::Options {
                print: peer::Print::Nothing,
                call: Some(x400.to_string()),
                ..peer::Options::default()
            };
            let listener = TcpListener::bind(at_peer).await.unwrap();
            let listening = peer::listen(options, listener, Some(recorder), arrivals, stopped);
            Some(tokio::spawn(async { listening.await.unwrap() }))
        } else {
            None
        };
        Self { gateway, config, smtp, x400, arrived, transcript, stop, peer, _folder: folder }
    }

    /// The gateway stops, and is started again.
    pub(crate) async fn restart(self) -> Self {
        self.gateway.stop().await;
        let gateway = serve::start(self.config.clone(), Vec::new()).await.unwrap();
        Self { gateway, ..self }
    }

    /// What the X.400 side got next.
    pub(crate) async fn next(&mut self) -> Apdu {
        let octets = tokio::time::timeout(PATIENCE, self.arrived.recv()).await;
        Apdu::read(&octets.expect("nothing arrived in time").unwrap().into()).unwrap()
    }

    pub(crate) async fn next_envelope(&mut self) -> MessageTransferEnvelope {
        match self.next().await {
            Apdu::Message { envelope, .. } => *envelope,
            other => panic!("a {} instead of a message", other.kind()),
        }
    }

    /// What the queue holds, once `enough` says so.
    pub(crate) async fn queue(&self, enough: impl Fn(&[Tracked]) -> bool) -> Vec<Tracked> {
        among_mtas::queued(&self.gateway, enough).await
    }

    /// The mails for the Internet side that the gateway has made, once there are so many.
    pub(crate) async fn made(&self, count: usize) -> Vec<Made> {
        let is_made = |one: &&Tracked| one.entry.kind == Kind::Internet;
        let all = self.queue(|all| all.iter().filter(is_made).count() >= count).await;
        let mut made = Vec::new();
        for Tracked { entry, .. } in all.iter().filter(is_made) {
            let content = self.gateway.store().content(entry).await.unwrap();
            let notify = entry.envelope.recipients[0].options.notify.clone();
            assert_eq!(notify, Some(vec!["never".to_owned()]), "F-18");
            // Z-22
            assert_eq!(entry.envelope.reverse_path, None);
            made.push(Made { to: entry.envelope.recipients[0].address.clone(), mail: python(&content) });
        }
        made
    }

    /// Once everything of this kind has its end.
    pub(crate) async fn ended(&self, kind: Kind, count: usize) -> Vec<Tracked> {
        let is_over = |one: &Tracked| one.entry.kind == kind && matches!(one.state, State::Done { .. });
        let all = self.queue(|all| all.iter().filter(|one| is_over(one)).count() >= count).await;
        all.into_iter().filter(is_over).collect()
    }

    /// Sends by SMTP; `recipients` with their parameters.
    pub(crate) async fn submit(&self, from: &str, recipients: &[&str], content: &str) {
        let mut stream = BufReader::new(TcpStream::connect(self.smtp).await.unwrap());
        let mut commands = vec!["EHLO ada.internet.example".to_owned(), format!("MAIL FROM:{from}")];
        commands.extend(recipients.iter().map(|recipient| format!("RCPT TO:{recipient}")));
        commands.push("DATA".to_owned());
        commands.push(format!("{}\r\n.", content.replace('\n', "\r\n")));
        reply(&mut stream).await;
        for command in commands {
            stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
            let answer = reply(&mut stream).await;
            assert!(answer.starts_with('2') || answer.starts_with('3'), "{command}: {answer}");
        }
    }

    pub(crate) async fn report(&self, report: Report) {
        self.transfer(ber::encode(&MtsApdu::Report(report)).unwrap().into()).await;
    }

    /// Transfers something, as an MTA that calls the gateway.
    pub(crate) async fn transfer(&self, apdu: Bytes) {
        let pool = among_mtas::calling_mta("hub", self.x400);
        pool.transfer(Message::new("apdu", apdu)).await.unwrap();
        pool.close(PATIENCE).await;
    }

    /// Ends everything; tshark must have understood what went to X.400.
    pub(crate) async fn end(self) {
        self.gateway.stop().await;
        let _ = self.stop.send(true);
        if let Some(peer) = self.peer {
            peer.await.unwrap();
            // It knows no extensions of RFC 2156.
            let known = ["Dissector for OID not implemented"];
            judge::association(&self.transcript.lock().unwrap()).assert_clean_except(&known);
        }
    }
}

/// All lines of a reply.
pub(crate) async fn reply(stream: &mut BufReader<TcpStream>) -> String {
    let mut whole = String::new();
    loop {
        let start = whole.len();
        assert!(stream.read_line(&mut whole).await.unwrap() > 0, "the gateway hung up");
        if whole.as_bytes().get(start + 3) != Some(&b'-') {
            return whole;
        }
    }
}

pub(crate) struct Tape(Arc<Mutex<Transcript>>);

impl Recorder for Tape {
    fn octets(&mut self, direction: Direction, octets: &[u8]) {
        let side = match direction {
            Direction::Received => Side::Initiator,
            Direction::Sent => Side::Responder,
        };
        self.0.lock().unwrap().push((side, octets.to_vec()));
    }
}
