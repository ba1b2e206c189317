//! The faults that a recipient's name asks the lab peer for, as the gateway's pool meets them: every name of the catalogue
//! (`x400gw peer --help`), what becomes of the message, and what the peer has kept.
//!
//! Each message is offered three times: twice under one identifier, once under another. A fault with `-once` behind its name
//! happens to the first and the third.

use crate::gateway_side;
use crate::message;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway_side::{Listening, PATIENCE, pool_waiting, settings};
use rasn_x400::x411::report::ReportType;
use rasn_x400::x419::MtsApdu;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use x400_gateway::mta::association::{Association, Ending, Event, Output, Request, Settings};
use x400_gateway::mta::pool::{Message, TransferError};
use x400_gateway::osi::driver::Driver;
use x400_gateway::osi::stack::{Config as StackConfig, DialogueMode, Indication, Mode, Stack};
use x400_gateway::peer::{self, Place, Print, fault};

/// How long the pool waits for a confirmation, where the fault is that there is none.
const SOON: Duration = Duration::from_millis(400);
/// How long otherwise.
const LATE: Duration = Duration::from_secs(20);

/// One name of the catalogue.
struct Row {
    name: &'static str,
    /// How long the pool waits for the confirmation.
    patience: Duration,
    /// What becomes of the first message.
    outcome: &'static str,
    /// A part of the reason that the gateway's operator reads; or one of several.
    why: &'static str,
    /// Whether the peer keeps the message though it misbehaves.
    kept: bool,
}

const fn row(
    name: &'static str,
    patience: Duration,
    outcome: &'static str,
    why: &'static str,
    kept: bool,
) -> Row {
    Row { name, patience, outcome, why, kept }
}

const SECURED: &str = "secured";
const FOR_NOW: &str = "not taken for now";
const FOR_GOOD: &str = "not taken for good";

const CATALOGUE: [Row; 18] = [
    row("stall-300ms", LATE, SECURED, "", true),
    row("stall-30", SOON, FOR_NOW, "did not secure it in time", false),
    row("refuse-temporary", LATE, FOR_NOW, "exception: local user error", false),
    row("refuse-permanent", LATE, FOR_GOOD, "exception: unrecoverable procedural error", false),
    row("abort-transport", LATE, FOR_NOW, "aborted in transport by the peer", false),
    row("abort-session", LATE, FOR_NOW, "aborted in session by the peer", false),
    row("abort-presentation", LATE, FOR_NOW, "aborted in presentation by the peer", false),
    row("abort-acse", LATE, FOR_NOW, "aborted in association control by the peer", false),
    row("abort-rtse", LATE, FOR_NOW, "aborted in reliable transfer by the peer", false),
    row("abort-user", LATE, FOR_NOW, "aborted in application by the peer", false),
    row("drop", LATE, FOR_NOW, "the TCP connection was lost", false),
    row("lose-confirmation", LATE, FOR_NOW, "the TCP connection was lost", true),
    row("garbage", LATE, FOR_NOW, "tpkt version is", false),
    // It depends on whether the peer sends another packet behind the one that is spoilt.
    row("spoil-tpkt", SOON, FOR_NOW, "did not secure it in time|tpkt version is", true),
    row("spoil-tpdu", LATE, FOR_NOW, "does not fit a tpdu", true),
    row("spoil-spdu", LATE, FOR_NOW, "unit is truncated", true),
    row("ndr-1-0", LATE, SECURED, "", true),
    row("delivered", LATE, SECURED, "", true),
];

/// A lab peer that answers until it is dropped.
struct LabPeer {
    address: SocketAddr,
    kept: mpsc::UnboundedReceiver<Bytes>,
    answering: tokio::task::JoinHandle<()>,
    _running: watch::Sender<bool>,
}

impl LabPeer {
    async fn start(call: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options = peer::Options { print: Print::Nothing, call, ..peer::Options::default() };
        let (arrivals, kept) = mpsc::unbounded_channel();
        let running = watch::Sender::new(false);
        let listening = peer::listen(options, listener, None, arrivals, running.subscribe());
        let answering = tokio::spawn(async { listening.await.unwrap() });
        Self { address, kept, answering, _running: running }
    }

    /// The identifiers of what was kept since the last time.
    fn kept(&mut self) -> Vec<String> {
        let mut identifiers = Vec::new();
        while let Ok(apdu) = self.kept.try_recv() {
            identifiers.push(message::identifier_and_recipient(&apdu).0);
        }
        identifiers
    }
}

impl Drop for LabPeer {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

/// Offers a message as a queue does that has not seen the peer before; what becomes of it, and why.
async fn offer(address: SocketAddr, patience: Duration, identifier: &str, surname: &str) -> (String, String) {
    offer_over(DialogueMode::Monologue, address, patience, identifier, surname).await
}

async fn offer_over(
    dialogue: DialogueMode,
    address: SocketAddr,
    patience: Duration,
    identifier: &str,
    surname: &str,
) -> (String, String) {
    let pool = pool_waiting(address, LATE, patience, dialogue, Mode::MtsTransfer);
    let apdu = Bytes::from(message::message(identifier, surname, 10));
    let transfer = tokio::time::timeout(PATIENCE, pool.transfer(Message::new(identifier, apdu)));
    let outcome = match transfer.await.expect("a transfer does not take so long") {
        Ok(()) => (SECURED.into(), String::new()),
        Err(TransferError::NotTaken { retry: true, why, .. }) => (FOR_NOW.into(), why),
        Err(TransferError::NotTaken { why, .. }) => (FOR_GOOD.into(), why),
        Err(TransferError::NoAssociation { why, .. }) => ("no association".into(), why),
    };
    pool.close(Duration::from_secs(1)).await;
    outcome
}

/// What is not as the catalogue promises, of one name with or without `-once`.
async fn judged(row: &Row, once: bool) -> String {
    let mut peer = LabPeer::start(None).await;
    let surname = format!("{}{}", row.name, if once { "-once" } else { "" });
    let mut wrong = String::new();
    for (identifier, meets_it) in [("M.1", true), ("M.1", !once), ("M.2", true)] {
        let (patience, expected, kept) =
            if meets_it { (row.patience, row.outcome, row.kept) } else { (LATE, SECURED, true) };
        let (outcome, why) = offer(peer.address, patience, identifier, &surname).await;
        let found = peer.kept();
        let expected_there = if kept { vec![identifier.to_owned()] } else { Vec::new() };
        if outcome != expected
            || found != expected_there
            || (meets_it && !row.why.split('|').any(|part| why.contains(part)))
        {
            let _ = writeln!(wrong, "{surname}, {identifier}: {outcome} ({why}), kept {found:?}");
        }
    }
    wrong
}

// ledger: beyond T-31
#[tokio::test(flavor = "multi_thread")]
async fn every_name_of_the_catalogue_does_what_it_promises() {
    let cases: Vec<_> =
        CATALOGUE.iter().flat_map(|row| [false, true].map(|once| tokio::spawn(judged(row, once)))).collect();
    let mut wrong = String::new();
    for case in cases {
        wrong.push_str(&case.await.unwrap());
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_name_of_the_catalogue_is_left_out() {
    let tried = |start: &str| CATALOGUE.iter().any(|row| row.name.starts_with(start));
    let value = |char: char| char.is_ascii_digit() || char.is_ascii_uppercase();
    let lines = fault::HELP.lines().filter_map(|line| line.strip_prefix("  "));
    for line in lines.filter(|line| !line.starts_with(' ')) {
        for name in line.split("  ").next().unwrap().split(", ") {
            let start = name.split(value).next().unwrap();
            assert!(tried(start), "{name}");
        }
    }
    for (layer, _) in Place::NAMES {
        assert!(tried(&format!("abort-{layer}")), "{layer}");
    }
}

/// Reason and diagnostic; `None` is a delivery.
type Fate = Option<(i64, Option<i64>)>;

/// Names that ask for a report, and what it says.
const REPORTS: [(&str, Fate); 4] = [
    ("ndr-1-0", Some((1, Some(0)))),
    ("ndr-0-46", Some((0, Some(46)))),
    ("ndr-2", Some((2, None))),
    ("delivered", None),
];

/// The message that a report is about, and what it says of it.
fn read_report(apdu: &[u8]) -> (String, Fate) {
    let MtsApdu::Report(report) = MtsApdu::from_octets(apdu, apdu.len()).unwrap() else {
        panic!("not a report")
    };
    let fate = match &report.content.per_recipient_fields[0].last_trace_information.report_type {
        ReportType::Delivery(_) => None,
        ReportType::NonDelivery(it) => Some((it.reason_code, it.diagnostic_code)),
        ReportType::Unknown(_) => panic!("neither delivered nor not"),
    };
    (report.content.subject_identifier.local_identifier.to_text().into_owned(), fate)
}

/// Reports that follow, over an association that the lab peer opens.
#[tokio::test(flavor = "multi_thread")]
async fn reports_say_what_the_name_says() {
    for (name, expected) in REPORTS {
        let gateway = Listening::start(LATE).await;
        let mut peer = LabPeer::start(Some(gateway.address.to_string())).await;
        for (number, once) in [(1, ""), (2, "-once")] {
            let surname = format!("{name}{once}");
            let identifier = format!("M.{number}");
            for _ in 0..2 {
                assert_eq!(offer(peer.address, LATE, &identifier, &surname).await.0, SECURED);
            }
            assert_eq!(peer.kept(), [identifier.clone(), identifier.clone()], "{surname}");
            // Twice without `-once`, and once with it: then three in all.
            let reports = gateway.wait_for(number + 1).await;
            assert_eq!(read_report(reports.last().unwrap()), (identifier, expected), "{surname}");
        }
    }
}

/// An association that the gateway has opened, on which whoever has the turn sends: what comes back over it.
struct TwoWay {
    driver: Driver<TcpStream>,
    association: Association,
    arriving: Vec<u8>,
    reports: Vec<Vec<u8>>,
}

impl TwoWay {
    async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let dialogue_mode = DialogueMode::TwoWayAlternate;
        let config = StackConfig { dialogue_mode, checkpoint_size: 1, ..StackConfig::default() };
        let driver = Driver::over(stream, Stack::initiator(config, Instant::now()), None);
        let settings = Settings { idle: PATIENCE, ..settings("gateway", LATE) };
        let association = Association::initiator(settings, dialogue_mode, Mode::MtsTransfer);
        Self { driver, association, arriving: Vec::new(), reports: Vec::new() }
    }

    /// Sends one message after the other, and closes when as many reports have come.
    async fn exchange(&mut self, messages: &[Vec<u8>]) {
        let mut left = messages.iter();
        loop {
            while let Some(output) = self.association.poll() {
                match output {
                    Output::Down(request) => self.driver.request(request).unwrap(),
                    Output::Up(Event::Ended(ending)) => return assert_eq!(ending, Ending::Closed),
                    Output::Up(event) => self.hear(event, &mut left, messages.len()),
                    Output::Read { .. } => panic!("the messages are in memory"),
                }
            }
            let indication = tokio::time::timeout(PATIENCE, self.driver.next()).await.unwrap();
            self.association.receive(indication.unwrap_or(Indication::Disconnected), Instant::now());
        }
    }

    fn hear<'a>(&mut self, event: Event, left: &mut impl Iterator<Item = &'a Vec<u8>>, expected: usize) {
        let request = match event {
            Event::Ready { .. } | Event::Sent => match left.next() {
                Some(message) => Request::Transfer(Bytes::from(message.clone()).into()),
                None => return,
            },
            Event::MessageStart { .. } => return,
            Event::MessageData(octets) => return self.arriving.extend_from_slice(&octets),
            Event::MessageEnd => {
                self.reports.push(std::mem::take(&mut self.arriving));
                self.association.request(Request::Secured, Instant::now()).unwrap();
                if self.reports.len() < expected {
                    return;
                }
                Request::Close
            }
            other => panic!("{other:?}"),
        };
        self.association.request(request, Instant::now()).unwrap();
    }
}

/// The lab peer asks for the turn while messages still come, gets it, and gives it back when its reports are sent.
// ledger: beyond T-31
#[tokio::test(flavor = "multi_thread")]
async fn reports_come_back_over_the_same_association_with_the_turn() {
    let mut peer = LabPeer::start(None).await;
    let mut expected = Vec::new();
    let mut messages = Vec::new();
    for (number, (name, fate)) in REPORTS.into_iter().enumerate() {
        let identifier = format!("M.{number}");
        messages.push(message::message(&identifier, name, 3_000));
        expected.push((identifier, fate));
    }
    let mut gateway = TwoWay::connect(peer.address).await;
    gateway.exchange(&messages).await;
    let reports: Vec<_> = gateway.reports.iter().map(|report| read_report(report)).collect();
    assert_eq!(reports, expected);
    assert_eq!(peer.kept(), ["M.0", "M.1", "M.2", "M.3"]);
}

/// A pool that takes messages gets the reports over the association on which it has sent.
// ledger: beyond T-31
#[tokio::test(flavor = "multi_thread")]
async fn reports_come_back_to_a_pool_that_takes_them() {
    let mut peer = LabPeer::start(None).await;
    let gateway = Listening::start(LATE).await;
    let dialogue = DialogueMode::TwoWayAlternate;
    let pool = pool_waiting(peer.address, LATE, LATE, dialogue, Mode::MtsTransfer);
    gateway.takes_over(&pool);
    let mut expected = Vec::new();
    for (number, (name, fate)) in REPORTS.into_iter().enumerate() {
        let identifier = format!("M.{number}");
        let apdu = Bytes::from(message::message(&identifier, name, 3_000));
        let transferred = tokio::time::timeout(PATIENCE, pool.transfer(Message::new(&identifier, apdu)));
        transferred.await.unwrap().unwrap();
        expected.push((identifier, fate));
        let reports = gateway.wait_for(number + 1).await;
        assert_eq!(reports.iter().map(|report| read_report(report)).collect::<Vec<_>>(), expected);
    }
    pool.close(PATIENCE).await;
    assert_eq!(peer.kept(), ["M.0", "M.1", "M.2", "M.3"]);
}

/// A pool that takes nothing on associations that it has opened, closes them: the reports come over others, once each.
#[tokio::test(flavor = "multi_thread")]
async fn reports_that_are_not_taken_over_the_same_association_come_over_another() {
    let gateway = Listening::start(LATE).await;
    let peer = LabPeer::start(Some(gateway.address.to_string())).await;
    let mut expected = Vec::new();
    for (number, (name, fate)) in REPORTS.into_iter().enumerate() {
        let identifier = format!("M.{number}");
        let offered = offer_over(DialogueMode::TwoWayAlternate, peer.address, LATE, &identifier, name).await;
        assert_eq!(offered.0, SECURED);
        expected.push((identifier, fate));
        let reports = gateway.wait_for(number + 1).await;
        assert_eq!(reports.iter().map(|report| read_report(report)).collect::<Vec<_>>(), expected);
    }
}
