//! The fault matrix: whatever a peer does wrong, and whenever, no message is lost, and none is delivered twice without the
//! repetition being recognisable by its MTS identifier. Afterwards a healthy peer gets it.
//!
//! Rows are phases of an association, columns what the lab peer does in it. Each cell is a short script; the gateway's side
//! is the pool that opens associations, then the listener that answers them. A test prints its table.

use crate::gateway_side;
use crate::message;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use gateway_side::{Listening, pool, transfer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use x400_gateway::osi::stack::{DialogueMode, Mode};
use x400_gateway::peer::script::Script;
use x400_gateway::peer::verdict::Verdicts;
use x400_gateway::peer::{self, Print};

/// Every timer of the gateway's side where the peer stalls, or promises octets that do not come.
const SOON: Duration = Duration::from_millis(400);
/// Every timer otherwise.
const LATE: Duration = Duration::from_secs(20);
/// Octets of the text: several checkpoints of 1024 octets.
const TEXT: usize = 6_000;

const FAULTS: [&str; 5] = ["refuse", "abort", "stall", "garbage", "drop"];

/// What the lab peer does when it is asked for an association: by phase, for each of [`FAULTS`].
const ANSWERED: [(&str, [&str; 5]); 5] = [
    (
        "connect",
        [
            "refuse connection with 3",
            "abort at transport",
            "stall 3s\nexpect end",
            "send garbage 40\nexpect end",
            "drop",
        ],
    ),
    (
        "bind",
        [
            "expect bind\nrefuse bind with busy temporary\nexpect end",
            "expect bind\nabort at session",
            "expect bind\nstall 3s\nexpect end",
            "expect bind\nsend garbage 40\nexpect end",
            "expect bind\ndrop",
        ],
    ),
    (
        "transfer",
        [
            "expect bind\naccept bind\nexpect start\nrefuse transfer temporary\nexpect close\nconfirm",
            "expect bind\naccept bind\nexpect start\nabort at rtse with 0",
            "expect bind\naccept bind\nexpect start\nstall 3s\nexpect end",
            "expect bind\naccept bind\nexpect start\nsend garbage 40\nexpect end",
            "expect bind\naccept bind\nexpect start\ndrop",
        ],
    ),
    (
        "sync",
        [
            "expect bind\naccept bind\nexpect octets 3000\nrefuse transfer temporary\nexpect close\nconfirm",
            "expect bind\naccept bind\nexpect octets 3000\nabort at user",
            "expect bind\naccept bind\nexpect octets 3000\nstall 3s\nexpect end",
            "expect bind\naccept bind\nexpect octets 3000\nsend garbage 40\nexpect end",
            "expect bind\naccept bind\nexpect octets 3000\ndrop",
        ],
    ),
    (
        "release",
        [
            // A session provider that does not agree to a release (NF), which nobody may who has not negotiated it.
            "expect bind\naccept bind\nexpect message\nconfirm\nexpect close\nsend octets 0300 0009 02f080 0800\nexpect end",
            "expect bind\naccept bind\nexpect message\nconfirm\nexpect close\nabort at session",
            "expect bind\naccept bind\nexpect message\nconfirm\nexpect close\nstall 3s\nexpect end",
            "expect bind\naccept bind\nexpect message\nconfirm\nexpect close\nsend garbage 40\nexpect end",
            "expect bind\naccept bind\nexpect message\nconfirm\nexpect close\ndrop",
        ],
    ),
];

/// What goes wrong between the end of a message and its confirmation: the peer has it, and the sender does not know.
const UNCONFIRMED: [&str; 5] = [
    "expect bind\naccept bind\nexpect message\nrefuse transfer temporary\nexpect close\nconfirm",
    "expect bind\naccept bind\nexpect message\nabort at transport",
    "expect bind\naccept bind\nexpect message\nstall 3s\nexpect end",
    "expect bind\naccept bind\nexpect message\nsend garbage 40\nexpect end",
    "expect bind\naccept bind\nexpect message\ndrop after 1 octets sent\nconfirm\nexpect end",
];

const HEALTHY: &str = "expect bind\naccept bind\nexpect message\nconfirm\nexpect close\nconfirm";

/// What a lab peer does that opens the association; `SEND` sends the message, `SHORT` one without checkpoints. An initiator
/// has nothing to refuse: what comes nearest is an answer that is wrong.
const CALLED: [(&str, [&str; 5]); 6] = [
    (
        "connect",
        [
            "send error\nbind\nexpect end",
            "bind\nabort at transport",
            "stall 3s",
            "send garbage 40\nbind\nexpect end",
            "drop",
        ],
    ),
    (
        "bind",
        [
            "drop after 60 octets sent\nbind\nexpect end",
            "bind\nabort at session",
            "bind\nspoil length of tpkt\nstall 3s\nabort at user",
            "bind\nsend garbage 40\nexpect end",
            "bind\ndrop",
        ],
    ),
    (
        "transfer",
        [
            "bind\nexpect accept\nspoil length of spdu\nSEND\nexpect end",
            "bind\nexpect accept\nSEND\nabort at rtse with 0",
            "bind\nexpect accept\nspoil length of tpkt\nSEND\nstall 3s\nexpect end",
            "bind\nexpect accept\nSEND\nsend garbage 40\nexpect end",
            "bind\nexpect accept\ndrop after 500 octets sent\nSEND\nexpect end",
        ],
    ),
    (
        "sync",
        [
            "bind\nexpect accept\nSEND\nsend octets 0300 000c 02f080 0200 3901 00\nexpect end",
            "bind\nexpect accept\nSEND\nabort at transport",
            "bind\nexpect accept\nSEND\nstall 3s\nexpect end",
            "bind\nexpect accept\nSEND\nsend octets 0300 0009 02f080 ffff\nexpect end",
            "bind\nexpect accept\ndrop after 3000 octets sent\nSEND\nexpect end",
        ],
    ),
    (
        "unconfirmed",
        [
            "bind\nexpect accept\nSHORT\nsend error\nexpect end",
            "bind\nexpect accept\nSHORT\nabort at presentation",
            "bind\nexpect accept\nSHORT\nstall 3s\ndrop",
            "bind\nexpect accept\nSHORT\nsend garbage 40\nexpect end",
            "bind\nexpect accept\nSHORT\ndrop",
        ],
    ),
    (
        "release",
        [
            "bind\nexpect accept\nSEND\nexpect confirmation\nspoil length of spdu\nclose\nexpect end",
            "bind\nexpect accept\nSEND\nexpect confirmation\nclose\nabort at session",
            "bind\nexpect accept\nSEND\nexpect confirmation\nclose\nstall 3s\nexpect end",
            "bind\nexpect accept\nSEND\nexpect confirmation\nsend garbage 40\nclose\nexpect end",
            "bind\nexpect accept\nSEND\nexpect confirmation\nclose\ndrop",
        ],
    ),
];

fn timers_for(steps: &str) -> Duration {
    if steps.contains("stall") || steps.contains("spoil") { SOON } else { LATE }
}

/// Plays steps as one association.
async fn play(
    role: &str,
    steps: &str,
    listener: Option<&TcpListener>,
    call: Option<String>,
    arrivals: mpsc::UnboundedSender<Bytes>,
) -> Verdicts {
    let text = format!("checkpoint 1\nwindow 3\npatience 5s\n{role}\n{steps}\n");
    let script = Script::parse("cell", &text).unwrap_or_else(|report| panic!("{}", report.render()));
    let options =
        peer::Options { print: Print::Nothing, call, deterministic: true, ..peer::Options::default() };
    peer::play(options, "cell", &script, listener, None, arrivals).await.unwrap()
}

fn assert_passed(verdicts: &Verdicts, cell: &str) {
    let steps: Vec<String> = verdicts.steps.iter().map(|verdict| verdict.text()).collect();
    assert!(verdicts.passed(), "{cell}:\n{}", steps.join("\n"));
}

fn identifiers(arrived: &[Bytes]) -> Vec<String> {
    arrived.iter().map(|apdu| message::identifier_and_recipient(apdu).0).collect()
}

fn table(title: &str, rows: &[(String, Vec<String>)]) {
    let mut text = format!("\n{title}\n{:<12}", "");
    for fault in FAULTS {
        let _ = write!(text, "{fault:<26}");
    }
    for (phase, cells) in rows {
        let _ = write!(text, "\n{phase:<12}");
        for cell in cells {
            let _ = write!(text, "{cell:<26}");
        }
    }
    println!("{text}\n");
}

/// One cell with the pool as initiator: the message meets the fault, is offered again to a healthy peer if it is still
/// ours, and what both have seen is counted.
async fn answered(phase: &str, fault: &str, steps: &str) -> String {
    let cell = format!("{phase} × {fault}");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (arrivals, mut arrived) = mpsc::unbounded_channel();
    let apdu = message::message("MATRIX.1", "Hopper", TEXT);
    let first = {
        let (apdu, time) = (apdu.clone(), timers_for(steps));
        tokio::spawn(async move {
            let pool = pool(address, time, DialogueMode::Monologue, Mode::MtsTransfer);
            let outcome = transfer(&pool, "MATRIX.1", apdu).await;
            pool.close(LATE).await;
            outcome
        })
    };
    assert_passed(&play("answer", steps, Some(&listener), None, arrivals.clone()).await, &cell);
    // Now the peer is healthy. The pool may come again by itself, where the transfer can go on.
    let mut first = first;
    let mut healthy = std::pin::pin!(play("answer", HEALTHY, Some(&listener), None, arrivals.clone()));
    let (outcome, came_again) = tokio::select! {
        outcome = &mut first => (outcome.unwrap(), false),
        verdicts = &mut healthy => {
            assert_passed(&verdicts, &cell);
            (first.await.unwrap(), true)
        }
    };
    assert_ne!(outcome, "not taken for good", "{cell}: the message would be lost");
    if outcome != "secured" {
        assert!(!came_again, "{cell}: a healthy peer did not get it");
        let pool = pool(address, LATE, DialogueMode::Monologue, Mode::MtsTransfer);
        let (again, verdicts) = tokio::join!(transfer(&pool, "MATRIX.1", apdu), healthy);
        assert_passed(&verdicts, &cell);
        assert_eq!(again, "secured", "{cell}");
    }
    let mut all = Vec::new();
    while let Ok(apdu) = arrived.try_recv() {
        all.push(apdu);
    }
    judged(&cell, outcome, &identifiers(&all))
}

/// One cell with the listener as responder: the lab peer meets its own fault, and then offers the message again as an MTA
/// does that has no confirmation of it.
async fn called(phase: &str, fault: &str, steps: &str) -> String {
    let cell = format!("{phase} × {fault}");
    let faulty = Listening::start(timers_for(steps)).await;
    let send = |octets| format!("send message to /S=Hopper/C=gb/ identifier MATRIX.1 octets {octets}");
    let (arrivals, _arrived) = mpsc::unbounded_channel();
    let steps = steps.replace("SEND", &send(TEXT)).replace("SHORT", &send(10));
    let address = Some(faulty.address.to_string());
    assert_passed(&play("call", &steps, None, address.clone(), arrivals.clone()).await, &cell);
    let confirmed = steps.contains("expect confirmation");
    if confirmed {
        assert_eq!(identifiers(&faulty.secured()), ["MATRIX.1"], "{cell}: what is confirmed is there");
    } else {
        let octets = if steps.contains(&send(10)) { 10 } else { TEXT };
        let again =
            format!("bind\nexpect accept\n{}\nexpect confirmation\nclose\nexpect closed", send(octets));
        assert_passed(&play("call", &again, None, address, arrivals).await, &cell);
    }
    judged(&cell, if confirmed { "secured" } else { "not confirmed" }, &identifiers(&faulty.secured()))
}

/// The promise of every cell, and what happened in words.
fn judged(cell: &str, outcome: &str, identifiers: &[String]) -> String {
    assert!(!identifiers.is_empty(), "{cell}: the message is lost");
    let different: BTreeSet<&String> = identifiers.iter().collect();
    assert_eq!(different.len(), 1, "{cell}: a repetition under another identifier");
    match identifiers.len() {
        1 => format!("{outcome}, 1×"),
        times => format!("{outcome}, {times}× same id"),
    }
}

// ledger: beyond T-30 T-31
#[tokio::test(flavor = "multi_thread")]
async fn the_pool_loses_nothing_whatever_the_responder_does() {
    let mut rows = Vec::new();
    let unconfirmed = ("unconfirmed", UNCONFIRMED);
    for (phase, scripts) in ANSWERED.into_iter().chain([unconfirmed]) {
        let cells: Vec<_> = FAULTS
            .into_iter()
            .zip(scripts)
            .map(|(fault, steps)| tokio::spawn(async move { answered(phase, fault, steps).await }))
            .collect();
        let mut words = Vec::new();
        for cell in cells {
            words.push(cell.await.unwrap());
        }
        rows.push((phase.to_owned(), words));
    }
    table("pool as initiator, lab peer as responder", &rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_listener_loses_nothing_whatever_the_initiator_does() {
    let mut rows = Vec::new();
    for (phase, scripts) in CALLED {
        let cells: Vec<_> = FAULTS
            .into_iter()
            .zip(scripts)
            .map(|(fault, steps)| tokio::spawn(async move { called(phase, fault, steps).await }))
            .collect();
        let mut words = Vec::new();
        for cell in cells {
            words.push(cell.await.unwrap());
        }
        rows.push((phase.to_owned(), words));
    }
    table("listener as responder, lab peer as initiator", &rows);
}
