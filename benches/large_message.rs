//! A message of 100 MB over P1 on loopback, from a file into a file, each end in a process of its own: how fast it is
//! beside a plain copy over TCP, and how much memory each end takes. Fails when an end takes more than its limit.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a bench touches the world"
)]

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rasn_x400::ber::plan::Plan;
use rasn_x400::stream::ApduWriter;
use tokio::sync::{mpsc, watch};
use x400_gateway::mta::association::Settings;
use x400_gateway::mta::bind::{Identity, Trust};
use x400_gateway::mta::content::{Content, FileRange};
use x400_gateway::mta::listener::{Arrival, Caller, Inbound, Responder, Security};
use x400_gateway::mta::pool::schedule::Policy;
use x400_gateway::mta::pool::{Message, Peer, Pool};
use x400_gateway::mta::spool::{Incoming, Spool};
use x400_gateway::osi::stack::{Config as StackConfig, TransferRefusal};

/// Octets of the content.
const CONTENT: usize = 100 << 20;
/// KiB that either end may take beyond what it had before.
const LIMIT: u64 = 32 << 10;
const PATIENCE: Duration = Duration::from_secs(600);

/// `/C=DE/ADMD= /O=abc` to itself, P22.
const ENVELOPE: &str = "31 82 00 75 64 13 63 0b 6104 1302 4445 6203 1301 20 1604 6D736731 \
     60 12 30 10 6104 1302 4445 6203 1301 20 8303 616263 46 01 16 \
     69 24 30 22 63 0b 6104 1302 4445 6203 1301 20 31 13 80 0d 3236313132333132303030305a 82 02 0000 \
     a2 82 00 1f 31 82 00 1b 60 12 30 10 6104 1302 4445 6203 1301 20 8303 616263 8001 01 8102 00A8";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["receive", folder] => receive(Path::new(folder)),
        ["send", port, file] => send(port, Path::new(file)),
        _ => return compare(),
    }
    ExitCode::SUCCESS
}

/// Runs both ends and the plain copy, and prints what they took.
fn compare() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    let block = vec![0x55; 1 << 20];
    let mut file = File::create(&source).unwrap();
    (0..CONTENT / block.len()).for_each(|_| file.write_all(&block).unwrap());
    file.sync_all().unwrap();

    let plain = copy(&source, &folder.path().join("copy"));
    println!("plain copy over TCP   {:7.1} MB/s", speed(plain));

    let spool = folder.path().join("spool");
    let (mut receiver, mut said) = end(&["receive", spool.to_str().unwrap()]);
    let port = line(&mut said);
    let (mut sender, mut sent) = end(&["send", &port, source.to_str().unwrap()]);
    let took = Duration::from_micros(line(&mut sent).parse().unwrap());
    println!("P1                    {:7.1} MB/s", speed(took));
    let grown = [line(&mut sent), line(&mut said)].map(|text| text.parse::<u64>().unwrap());
    println!("peak growth, sender   {:7.1} MiB", grown[0] as f64 / 1024.0);
    println!("peak growth, receiver {:7.1} MiB", grown[1] as f64 / 1024.0);
    assert!(sender.0.wait().unwrap().success() && receiver.0.wait().unwrap().success());
    if grown.iter().any(|&grown| grown > LIMIT) {
        println!("more than {} MiB", LIMIT / 1024);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// A process that does not outlive this one.
struct End(Child);

impl Drop for End {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// Another process of this program.
fn end(arguments: &[&str]) -> (End, BufReader<ChildStdout>) {
    let program = std::env::current_exe().unwrap();
    let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let said = BufReader::new(child.stdout.take().unwrap());
    (End(child), said)
}

fn line(said: &mut impl BufRead) -> String {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    line.trim().to_owned()
}

fn speed(took: Duration) -> f64 {
    CONTENT as f64 / 1e6 / took.as_secs_f64()
}

/// A file into another, on disk, over a connection.
fn copy(from: &Path, to: &Path) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let start = Instant::now();
    let (from, to) = (from.to_owned(), to.to_owned());
    let sending = std::thread::spawn(move || {
        pump(&mut File::open(from).unwrap(), &mut TcpStream::connect(address).unwrap());
    });
    let (mut stream, _) = listener.accept().unwrap();
    let mut file = File::create(to).unwrap();
    pump(&mut stream, &mut file);
    file.sync_all().unwrap();
    sending.join().unwrap();
    start.elapsed()
}

fn pump(from: &mut impl Read, to: &mut impl Write) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer).unwrap() {
            0 => return,
            octets => to.write_all(&buffer[..octets]).unwrap(),
        }
    }
}

/// KiB of memory: what is used now (`VmRSS`), or what was used at most (`VmHWM`).
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn settings(name: &str) -> Settings {
    Settings {
        identity: Identity { name: name.into(), ..Identity::default() },
        trust: Trust { known: Vec::new(), anyone: true },
        transfer_timeout: PATIENCE,
        idle: PATIENCE,
        ..Settings::default()
    }
}

/// Sends the message: prints the microseconds it took, and KiB of memory.
#[tokio::main]
async fn send(port: &str, file: &Path) {
    let digits: String = ENVELOPE.split_whitespace().collect();
    let octet = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let envelope: Vec<u8> = (0..digits.len()).step_by(2).map(octet).collect();
    let range = FileRange { file: Arc::new(File::open(file).unwrap()), offset: 0, length: CONTENT as u64 };
    let message = ApduWriter::verbatim(envelope.into()).content(Plan::external(range, CONTENT));
    let pool = Pool::new(Peer {
        name: "the receiver".into(),
        hosts: vec![format!("127.0.0.1:{port}")],
        tls: None,
        stack: StackConfig::default(),
        settings: settings("sender"),
        policy: Policy { maximum: 1, idle: PATIENCE, ..Policy::default() },
        connect_timeout: PATIENCE,
    });
    let before = memory("VmRSS");
    let start = Instant::now();
    pool.transfer(Message::new("large", Content::from(message))).await.unwrap();
    println!("{}", start.elapsed().as_micros());
    println!("{}", memory("VmHWM").saturating_sub(before));
    pool.close(PATIENCE).await;
}

/// Receives one message: prints the port, and KiB of memory once the message is on disk.
#[tokio::main]
async fn receive(folder: &Path) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (secured, mut arrivals) = mpsc::channel(1);
    let responder = Responder {
        stack: StackConfig::default(),
        settings: settings("receiver"),
        maximum_associations: 1,
        maximum_message: 2 * CONTENT,
        security: Security::default(),
        recorder: None,
        inbound: ToDisk { spool: Spool::open(folder).unwrap().0, secured },
    };
    let before = memory("VmRSS");
    println!("{port}");
    let stop = watch::Sender::new(false);
    let listening = tokio::spawn(responder.listen(listener, stop.subscribe()));
    let length = arrivals.recv().await.unwrap();
    println!("{}", memory("VmHWM").saturating_sub(before));
    assert_eq!(length, CONTENT as u64);
    stop.send(true).unwrap();
    listening.await.unwrap();
}

/// Writes what arrives to a spool, as the gateway does.
struct ToDisk {
    spool: Spool,
    secured: mpsc::Sender<u64>,
}

struct Writing {
    incoming: Incoming,
    secured: mpsc::Sender<u64>,
}

impl Inbound for ToDisk {
    type Arrival = Writing;

    fn begin(&self, _caller: &Caller) -> Writing {
        Writing { incoming: self.spool.begin("large"), secured: self.secured.clone() }
    }
}

impl Arrival for Writing {
    async fn data(&mut self, octets: Bytes) -> Result<(), TransferRefusal> {
        self.incoming.data(octets).await.map_err(|refused| {
            eprintln!("{refused}");
            refused.refusal()
        })
    }

    async fn end(self) -> Result<(), TransferRefusal> {
        let complete = self.incoming.end().map_err(|refused| refused.refusal())?;
        let arrived = complete.secure().await.map_err(|refused| refused.refusal())?;
        let length = arrived.content.map_or(0, |content| content.length);
        self.secured.send(length).await.map_err(|_| TransferRefusal::Temporary)
    }
}
