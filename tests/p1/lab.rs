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
//! #: resumes                                a message goes on over another association
//! #: misbehaves                             the octets are not all as the standards have them
//! ```

use crate::gateway_side;
use crate::judge;
use crate::message;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use gateway_side::{Listening, PATIENCE, pool, transfer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use x400_gateway::osi::stack::{DialogueMode, Mode};
use x400_gateway::peer::script::Script;
use x400_gateway::peer::verdict::{Outcome, Verdict, Verdicts};
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
    resumes: bool,
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
            ["resumes"] => directives.resumes = true,
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
        let mut complaints = judge::capture(&capture, 102).complaints();
        complaints.retain(|it| !known(&it.text));
        if directives.resumes {
            // tshark joins the parts of a message within one TCP connection only: what follows S-ACTIVITY-RESUME on
            // another one it takes for the beginning of an MTS-APDU. That is one packet, the one that ends the tail.
            let tail = complaints.first().map(|it| it.packet);
            complaints.retain(|it| Some(it.packet) != tail);
        }
        wrong.extend(complaints.iter().map(|it| format!("tshark: {it}")));
    }
    // Each message by itself, as it was joined here.
    let secured = listening.secured();
    if !secured.is_empty() {
        let complaints = judge::mts_apdus(&secured).complaints();
        wrong.extend(complaints.iter().map(|it| format!("tshark, of what was secured: {it}")));
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

/// What another parser of XML finds: tag, attributes and text of each element, in the order of the document.
fn elements(xml: &str) -> serde_json::Value {
    const PARSER: &str = "
import json, sys, xml.etree.ElementTree as tree
found = tree.fromstring(sys.stdin.buffer.read())
json.dump([[it.tag, it.attrib, (it.text or '').strip()] for it in found.iter()], sys.stdout)";
    let mut python = Command::new("python3");
    let python = python.args(["-c", PARSER]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().expect("python3 is installed");
    python.stdin.take().unwrap().write_all(xml.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "not well-formed:\n{xml}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn another_parser_reads_the_junit_report() {
    // Everything that XML quotes, and what it cannot hold, which is shown as U+FFFD.
    let nasty = "<&>\"' ]]> \t\r\n é 😀 \u{1}\u{7f}\u{85}\u{fffe}";
    let shown = "<&>\"' ]]> \t\r\n é 😀 \u{fffd}\u{fffd}\u{fffd}\u{fffd}";
    let verdict = |association, line, outcome| Verdict {
        association,
        line,
        step: nasty.into(),
        outcome,
        expected: nasty.into(),
        came: nasty.into(),
        clause: "X.218 8.1",
        took: Duration::from_millis(1_500),
    };
    let steps = vec![
        verdict(1, 2, Outcome::Passed),
        verdict(2, 4, Outcome::Failed),
        verdict(2, 5, Outcome::NotReached),
    ];
    let xml = Verdicts { script: nasty.into(), steps }.junit();
    let counted = |tests: &str, failures: &str, skipped: &str, time: &str| serde_json::json!({ "tests": tests, "failures": failures, "skipped": skipped, "time": time });
    let with = |mut attributes: serde_json::Value, more: serde_json::Value| {
        attributes.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        attributes
    };
    let suite = |name: &str| serde_json::json!({ "name": name, "errors": "0" });
    let case = |association: u8, line: u8| {
        serde_json::json!({
            "classname": format!("{shown}.association {association}"),
            "name": format!("line {line}: {shown}"),
            "time": "1.500",
        })
    };
    let failure = format!("expected: {shown}\ncame: {shown}\nclause: X.218 8.1");
    let expected = serde_json::json!([
        ["testsuites", with(counted("3", "1", "1", "4.500"), serde_json::json!({ "name": shown })), ""],
        ["testsuite", with(counted("1", "0", "0", "1.500"), suite("association 1")), ""],
        ["testcase", case(1, 2), ""],
        ["testsuite", with(counted("2", "1", "1", "3.000"), suite("association 2")), ""],
        ["testcase", case(2, 4), ""],
        ["failure", { "message": shown, "type": "X.218 8.1" }, failure],
        ["testcase", case(2, 5), ""],
        ["skipped", {}, ""],
    ]);
    assert_eq!(elements(&xml), expected, "{xml}");
}
