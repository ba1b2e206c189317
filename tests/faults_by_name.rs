//! The faults that a recipient's name asks the lab peer for, as the gateway's pool meets them: every name of the catalogue
//! (`x400gw peer --help`), what becomes of the message, and what the peer has kept.
//!
//! Each message is offered three times: twice under one identifier, once under another. A fault with `-once` behind its name
//! happens to the first and the third.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "support/gateway_side.rs"]
mod gateway_side;
#[path = "support/message.rs"]
mod message;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use gateway_side::{Listening, PATIENCE, pool_waiting};
use rasn_x400::x411::report::ReportType;
use rasn_x400::x419::MtsApdu;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use x400_gateway::mta::pool::{Message, TransferError};
use x400_gateway::osi::stack::{DialogueMode, Mode};
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
    /// A part of the reason that the gateway's operator reads.
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
    row("spoil-tpkt", SOON, FOR_NOW, "did not secure it in time", true),
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
    let pool = pool_waiting(address, LATE, patience, DialogueMode::Monologue, Mode::MtsTransfer);
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
        if outcome != expected || found != expected_there || (meets_it && !why.contains(row.why)) {
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

/// Reports that follow, over an association that the lab peer opens, and over the one on which the message came.
#[tokio::test(flavor = "multi_thread")]
async fn reports_say_what_the_name_says() {
    // the name, reason and diagnostic of the report; `None` is a delivery
    let table = [
        ("ndr-1-0", Some((1, Some(0)))),
        ("ndr-0-46", Some((0, Some(46)))),
        ("ndr-2", Some((2, None))),
        ("delivered", None),
    ];
    for (name, expected) in table {
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
            let report = reports.last().unwrap();
            let MtsApdu::Report(report) = MtsApdu::from_octets(report, report.len()).unwrap() else {
                panic!("not a report")
            };
            let fate = match &report.content.per_recipient_fields[0].last_trace_information.report_type {
                ReportType::Delivery(_) => None,
                ReportType::NonDelivery(it) => Some((it.reason_code, it.diagnostic_code)),
                ReportType::Unknown(_) => panic!("neither delivered nor not"),
            };
            assert_eq!(fate, expected, "{surname}");
            let subject = report.content.subject_identifier.local_identifier.to_text().into_owned();
            assert_eq!(subject, identifier, "{surname}");
        }
    }
}
