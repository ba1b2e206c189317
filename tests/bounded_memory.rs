//! What is large takes little memory. A message passes through the gateway without ever being in memory: from one MTA into the
//! queue and on to another, over real associations on loopback, all of it in this process. Mails wait in files while they come.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "support/port.rs"]
mod port;

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use peak_alloc::PeakAlloc;
use port::free_port;
use rasn_x400::stream::{ApduEvent, ApduReader};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Mutex, mpsc, watch};
use x400_gateway::config::Config;
use x400_gateway::mta::association::{Ending, Settings};
use x400_gateway::mta::bind::{Identity, Trust};
use x400_gateway::mta::content::{Content, FileRange};
use x400_gateway::mta::listener::{Arrival, Caller, Inbound, Responder, Security};
use x400_gateway::mta::pool::schedule::Policy;
use x400_gateway::mta::pool::{Message, Peer, Pool};
use x400_gateway::mta::relay::Apdu;
use x400_gateway::osi::stack::{Config as StackConfig, TransferRefusal};
use x400_gateway::serve;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Octets of the content.
const LARGE: usize = 40 << 20;
/// What sender, gateway and receiver may take together while it passes.
const LIMIT: usize = 12 << 20;
/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(300);

/// From and to `/C=DE/ADMD= /O=abc`, with a content of nothing yet.
const MESSAGE: &str = "a0 81 76 \
     31 81 71 64 13 63 0b 6104 1302 4445 6203 1301 20 1604 6D736731 \
     60 12 30 10 6104 1302 4445 6203 1301 20 8303 616263 46 01 16 \
     69 24 30 22 63 0b 6104 1302 4445 6203 1301 20 31 13 80 0d 3236313132333132303030305a 82 02 0000 \
     a2 1d 31 1b 60 12 30 10 6104 1302 4445 6203 1301 20 8303 616263 8001 01 8102 00A8 04 00";

/// A message of this identifier whose content lies in a file, and the checksum of that content.
fn message(identifier: &str, octets: usize) -> (Content, u32) {
    let mut file = tempfile::tempfile().unwrap();
    let mut sum = crc32fast::Hasher::new();
    for number in 0..octets >> 20 {
        let block: Vec<u8> = (0..=250).cycle().skip(number).take(1 << 20).collect();
        sum.update(&block);
        file.write_all(&block).unwrap();
    }
    let digits: String = MESSAGE.split_whitespace().collect();
    let octet = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let empty: Vec<u8> = (0..digits.len()).step_by(2).map(octet).collect();
    let mut apdu = Apdu::read(&Bytes::from(empty).into()).unwrap();
    let Apdu::Message { envelope, content, .. } = &mut apdu else { panic!() };
    envelope.message_identifier.local_identifier = identifier.into();
    *content = FileRange { file: Arc::new(file), offset: 0, length: octets as u64 }.into();
    (apdu.to_content().unwrap(), sum.finalize())
}

fn settings(name: &str) -> Settings {
    Settings {
        identity: Identity { name: name.into(), ..Identity::default() },
        trust: Trust { anyone: true, known: Vec::new() },
        transfer_timeout: PATIENCE,
        idle: PATIENCE,
        ..Settings::default()
    }
}

/// The next MTA: takes the checksum of the contents that arrive, and keeps nothing.
struct Summing(mpsc::UnboundedSender<(u64, u32)>);

struct Sum {
    reader: ApduReader,
    length: u64,
    sum: crc32fast::Hasher,
    to: mpsc::UnboundedSender<(u64, u32)>,
}

impl Inbound for Summing {
    type Arrival = Sum;

    fn begin(&self, _: &Caller) -> Sum {
        let reader = ApduReader::new(rasn_x400::ber::Limits::default());
        Sum { reader, length: 0, sum: crc32fast::Hasher::new(), to: self.0.clone() }
    }

    fn ended(&self, _: &Caller, _: &Ending) {}
}

impl Arrival for Sum {
    async fn data(&mut self, octets: Bytes) -> Result<(), TransferRefusal> {
        self.reader.push(octets);
        while let Some(event) = self.reader.poll().map_err(|_| TransferRefusal::Permanent)? {
            if let ApduEvent::Content(octets) = event {
                self.length += octets.len() as u64;
                self.sum.update(&octets);
            }
        }
        Ok(())
    }

    async fn end(self) -> Result<(), TransferRefusal> {
        self.to.send((self.length, self.sum.finalize())).map_err(|_| TransferRefusal::Temporary)
    }
}

async fn next_mta(stop: watch::Receiver<bool>) -> (SocketAddr, mpsc::UnboundedReceiver<(u64, u32)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (arrivals, arrived) = mpsc::unbounded_channel();
    let responder = Responder {
        stack: StackConfig::default(),
        settings: settings("next"),
        maximum_associations: 1,
        maximum_message: 2 * LARGE,
        security: Security::default(),
        recorder: None,
        inbound: Summing(arrivals),
    };
    tokio::spawn(responder.listen(listener, stop));
    (address, arrived)
}

fn spooled(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let inside = |folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    inside(folder.join("spool")).flat_map(inside).collect()
}

/// Memory is measured by one test at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Clients and programs that hand over mails and are slow.
const SLOW: usize = 20;
/// What their mails may take together.
const SLOW_LIMIT: usize = 16 << 20;

/// A way in for mails.
struct Way {
    name: &'static str,
    /// What is said before the mail.
    before: String,
    /// What has to be heard before the mail.
    go_ahead: &'static str,
    /// What is said after it.
    after: &'static str,
    /// What is heard then.
    taken: &'static str,
}

trait Stream: AsyncRead + AsyncWrite + Unpin {}
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

/// Until it has been heard.
async fn hear(stream: &mut dyn Stream, awaited: &str) {
    let mut heard = String::new();
    while !heard.contains(awaited) {
        let mut octets = [0; 1000];
        let read = tokio::time::timeout(PATIENCE, stream.read(&mut octets)).await.unwrap().unwrap();
        assert!(read > 0, "expected {awaited}, heard {heard}");
        heard += std::str::from_utf8(&octets[..read]).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_wait_in_files_while_they_come() {
    let _alone = ALONE.lock().await;
    let head = "From: ann@internet.example\r\nTo: a@navy.x400.example\r\nSubject: large\r\n\r\n";
    let lines = format!("{}\r\n", "x".repeat(70)).repeat(1 << 10);
    let octets = head.len() + 100 * lines.len();
    let ways = [
        Way {
            name: "HTTP",
            before: format!(
                "POST /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                 Content-Type: message/rfc822\r\nContent-Length: {octets}\r\n\r\n"
            ),
            go_ahead: "",
            after: "",
            taken: "HTTP/1.1 202 ",
        },
        Way {
            name: "SMTP",
            before: "EHLO x.example\r\nMAIL FROM:<ann@internet.example>\r\n\
                     RCPT TO:<a@navy.x400.example>\r\nDATA\r\n"
                .into(),
            go_ahead: "\r\n354 ",
            after: ".\r\n",
            taken: "250 2.0.0 accepted",
        },
    ];
    for Way { name, before, go_ahead, after, taken } in ways {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[gateway]\ndata = {:?}\n[smtp]\nlisten = []\n[[peer]]\nname = \"next\"\naddress = \"127.0.0.1:{}\"\n",
            folder.path(),
            free_port(),
        );
        let config = Config::parse(name, &text).unwrap_or_else(|report| panic!("{}", report.render()));
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = smtp.local_addr().unwrap();
        let gateway = serve::start(config, vec![smtp]).await.unwrap();
        let in_use = MEMORY.current_usage();
        let mut programs = Vec::new();
        for _ in 0..SLOW {
            let mut program: Box<dyn Stream> = match name {
                "SMTP" => Box::new(TcpStream::connect(address).await.unwrap()),
                _ => Box::new(UnixStream::connect(folder.path().join("x400gw.sock")).await.unwrap()),
            };
            program.write_all(before.as_bytes()).await.unwrap();
            hear(&mut *program, go_ahead).await;
            program.write_all(head.as_bytes()).await.unwrap();
            for _ in 0..99 {
                program.write_all(lines.as_bytes()).await.unwrap();
            }
            programs.push(program);
        }
        let grown = MEMORY.current_usage().saturating_sub(in_use);
        println!(
            "{SLOW} mails of {} MiB by {name} wait in {:.1} MiB",
            octets >> 20,
            grown as f64 / (1 << 20) as f64
        );
        assert!(grown < SLOW_LIMIT, "{name}: {grown} octets");
        // One of them ends, and the others do not.
        let mut program = programs.pop().unwrap();
        program.write_all(lines.as_bytes()).await.unwrap();
        program.write_all(after.as_bytes()).await.unwrap();
        hear(&mut *program, taken).await;
        drop((program, programs));
        gateway.stop().await;
        assert_eq!(spooled(folder.path()).len(), 1, "{name}");
        assert!(std::fs::read_dir(folder.path().join("arriving")).unwrap().next().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_message_is_relayed_in_little_memory() {
    let _alone = ALONE.lock().await;
    let stop = watch::Sender::new(false);
    let (next, mut arrived) = next_mta(stop.subscribe()).await;
    let folder = tempfile::tempdir().unwrap();
    let own = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let text = format!(
        "[gateway]\ndata = {:?}\n[smtp]\nlisten = []\n[x400]\nlisten = \"{own}\"\n\
         [[peer]]\nname = \"next\"\naddress = \"{next}\"\nmaximum-associations = 1\n\
         [[peer]]\nname = \"origin\"\naddress = \"{own}\"\ntheir-name = \"origin\"\n\
         [[route]]\naddress = \"/ADMD= /C=DE/\"\npeer = \"next\"\n",
        folder.path(),
    );
    let config = Config::parse("relay", &text).unwrap_or_else(|report| panic!("{}", report.render()));
    let gateway = serve::start(config, Vec::new()).await.unwrap();
    let origin = Pool::new(Peer {
        name: "the gateway".into(),
        hosts: vec![own.to_string()],
        tls: None,
        stack: StackConfig::default(),
        settings: settings("origin"),
        policy: Policy { maximum: 1, idle: PATIENCE, ..Policy::default() },
        connect_timeout: PATIENCE,
    });

    // What associations and threads take for themselves is there after a first message.
    let (small, sum) = message("small", 1 << 20);
    origin.transfer(Message::new("small", small)).await.unwrap();
    assert_eq!(tokio::time::timeout(PATIENCE, arrived.recv()).await.unwrap(), Some((1 << 20, sum)));

    let (large, sum) = message("large", LARGE);
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    origin.transfer(Message::new("large", large)).await.unwrap();
    assert_eq!(tokio::time::timeout(PATIENCE, arrived.recv()).await.unwrap(), Some((LARGE as u64, sum)));
    let grown = MEMORY.peak_usage().saturating_sub(before);
    println!("{} MiB relayed, memory grew by {:.1} MiB", LARGE >> 20, grown as f64 / (1 << 20) as f64);
    assert!(grown < LIMIT, "{grown} octets");

    origin.close(PATIENCE).await;
    gateway.stop().await;
    stop.send(true).unwrap();
    assert_eq!(spooled(folder.path()), Vec::<std::path::PathBuf>::new(), "nothing is left of what is done");
    assert!(std::fs::read_dir(folder.path().join("arriving")).unwrap().next().is_none());
}
