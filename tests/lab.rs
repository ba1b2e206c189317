//! Scripts of the lab peer against the gateway's own side: what each step finds, what becomes of the messages on the
//! gateway's side, and what the outside judge says about the octets.
//!
//! Each file in `tests/lab` is a script; lines that begin with `#:` say what the gateway's side does meanwhile:
//!
//! ```text
//! #: transfer SURNAME [OCTETS] -> OUTCOME   the pool transfers a message and this becomes of it
//! #: arrives SURNAME                        the listener has secured something for this recipient, in this order
//! #: mode MODE                              what the pool speaks
//! #: two-way                                the pool proposes two-way alternate
//! #: soon                                   the gateway loses patience soon
//! #: misbehaves                             the octets are not all as the standards have them
//! ```

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "support/gateway_side.rs"]
mod gateway_side;
#[path = "support/judge.rs"]
mod judge;
#[path = "support/message.rs"]
mod message;

use std::path::{Path, PathBuf};
use std::time::Duration;

use gateway_side::{Listening, PATIENCE, pool, transfer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use x400_gateway::osi::stack::{DialogueMode, Mode};
use x400_gateway::peer::script::Script;
use x400_gateway::peer::verdict::Verdict;
use x400_gateway::peer::{self, Print};

/// What the gateway's side does during a script.
#[derive(Default)]
struct Directives {
    transfers: Vec<(String, usize, String)>,
    arrivals: Vec<String>,
    two_way: bool,
    mode: Mode,
    soon: bool,
    misbehaves: bool,
}

fn directives(text: &str) -> Directives {
    let mut directives = Directives::default();
    for line in text.lines().filter_map(|line| line.strip_prefix("#: ")) {
        let (what, outcome) = line.split_once(" -> ").unwrap_or((line, ""));
        match what.split_whitespace().collect::<Vec<_>>()[..] {
            ["transfer", surname] => directives.transfers.push((surname.into(), 10, outcome.into())),
            ["transfer", surname, octets] => {
                directives.transfers.push((surname.into(), octets.parse().unwrap(), outcome.into()));
            }
            ["arrives", surname] => directives.arrivals.push(surname.into()),
            ["two-way"] => directives.two_way = true,
            ["mode", name] => {
                directives.mode = Mode::ALL.into_iter().find(|mode| mode.to_string() == name).unwrap();
            }
            ["soon"] => directives.soon = true,
            ["misbehaves"] => directives.misbehaves = true,
            _ => panic!("unknown directive: {line}"),
        }
    }
    directives
}

/// Plays a script against the gateway's side, and has both sides and the octets judged. What is wrong is returned.
async fn play(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let script = Script::parse(&name, &text).unwrap_or_else(|report| panic!("{}", report.render()));
    let directives = directives(&text);
    let folder = tempfile::tempdir().unwrap();
    let time = if directives.soon { Duration::from_millis(200) } else { PATIENCE };

    let listening = Listening::start(time).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let capture = folder.path().join("all.pcap");
    let options = peer::Options {
        print: Print::Nothing,
        call: Some(listening.address.to_string()),
        pcap: Some(capture.clone()),
        store: Some(folder.path().join("store")),
        deterministic: true,
        script_folder: path.parent().unwrap().to_path_buf(),
        ..peer::Options::default()
    };
    let (arrivals, _arrived) = mpsc::unbounded_channel();
    let transferring = {
        let dialogue_mode =
            if directives.two_way { DialogueMode::TwoWayAlternate } else { DialogueMode::Monologue };
        let (mode, transfers) = (directives.mode, directives.transfers.clone());
        tokio::spawn(async move {
            let fresh = || pool(address, time, dialogue_mode, mode);
            let mut pool = fresh();
            let mut wrong = Vec::new();
            for (number, (surname, octets, expected)) in transfers.iter().enumerate() {
                let name = format!("M.{number}");
                let apdu = message::message(&name, surname, *octets);
                let outcome = transfer(&pool, &name, apdu).await;
                if outcome == "no association" {
                    // Nobody waits until this pool tries the host again.
                    pool = fresh();
                }
                if outcome != expected {
                    wrong.push(format!("the message to {surname}: {outcome}, not {expected}"));
                }
            }
            wrong
        })
    };
    let verdicts = peer::play(options, &name, &script, Some(&listener), None, arrivals).await.unwrap();
    assert!(verdicts.steps.iter().all(|verdict| !verdict.clause.is_empty()));
    if !verdicts.passed() {
        transferring.abort();
        return verdicts.steps.iter().map(Verdict::text).collect();
    }
    let mut wrong = transferring.await.unwrap();

    let arrived: Vec<String> =
        listening.secured().iter().map(|apdu| message::identifier_and_recipient(apdu).1).collect();
    if arrived != directives.arrivals {
        wrong.push(format!("arrived for {arrived:?}, not {:?}", directives.arrivals));
    }
    if !directives.misbehaves {
        let known = |text: &str| {
            // tshark knows data in X.410 mode by its contexts only, of which there are none.
            let x410 = directives.mode.is_x410();
            x410 && text.contains("can't get spdu type from session dissector")
        };
        let complaints = judge::capture(&capture, 102).complaints();
        wrong.extend(complaints.iter().filter(|it| !known(&it.text)).map(|it| format!("tshark: {it}")));
    }
    wrong
}

fn scripts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab");
    let mut scripts: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "script"))
        .collect();
    scripts.sort();
    assert!(!scripts.is_empty());
    scripts
}

// ledger: beyond T-31 T-32
#[tokio::test(flavor = "multi_thread")]
async fn every_script_passes_against_the_gateway() {
    let mut failed = Vec::new();
    for path in scripts() {
        let wrong = play(&path).await;
        if !wrong.is_empty() {
            failed.push(format!("{}:\n{}", path.display(), wrong.join("\n")));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
