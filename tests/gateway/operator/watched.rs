//! What is told of messages: events, counters, timelines; and what is told of the gateway itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rasn_x400::x411::envelope::MessageTransferEnvelope;
use x400_gateway::mta::pool::{Message, TransferError};

use super::*;

/// The fields of each kind of event, as they are documented.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let text = include_str!("../../../contrib/EVENTS.md");
    let names =
        |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let columns: Vec<&str> = line.split('|').collect();
        let fields = names(columns[2]).into_iter().chain(["time".to_owned(), "event".to_owned()]);
        (names(columns[1]).remove(0), fields.collect())
    })
    .collect()
}

/// The events in a file, each with the fields that are documented and no others.
fn events(file: &Path) -> Vec<Value> {
    let documented = documented();
    let text = std::fs::read_to_string(file).unwrap_or_default();
    // One that is being written is not there yet.
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let events: Vec<Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    for event in &events {
        let kind = event["event"].as_str().unwrap();
        let fields: BTreeSet<String> = event.as_object().unwrap().keys().cloned().collect();
        assert_eq!(documented.get(kind), Some(&fields), "{kind}: {event}");
    }
    events
}

/// The events in a file, once `enough` says so.
pub(super) async fn events_until(file: &Path, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let looking = async {
        loop {
            let found = events(file);
            if enough(&found) {
                return found;
            }
            tokio::task::yield_now().await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, looking).await;
    found.unwrap_or_else(|_| panic!("not there in time: {:#?}", events(file)))
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

pub(super) fn of<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == kind).collect()
}

/// The values of the metrics, each with its labels.
pub(super) async fn scrape(operator: &Operator) -> BTreeMap<String, f64> {
    let octets = operator.client.octets("/metrics").await.unwrap().unwrap();
    let text = String::from_utf8(octets).unwrap();
    let documented = include_str!("../../../contrib/METRICS.md");
    let mut found = BTreeMap::new();
    for line in text.lines() {
        if let Some(head) = line.strip_prefix("# TYPE ") {
            let name = head.split(' ').next().unwrap();
            assert!(documented.contains(&format!("| `{name}` |")), "{name} is not documented");
        } else if !line.starts_with('#') {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(found.insert(name.to_owned(), value.parse().unwrap()).is_none(), "{line}: twice");
        }
    }
    found
}

/// One message's way through, told line by line: what is told is what is documented.
#[tokio::test(flavor = "multi_thread")]
async fn events_tell_the_way_of_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    let log = file.clone();
    let mut stage = Stage::start(|config| {
        patient(config);
        config.log.events = Some(log);
    })
    .await;
    let operator = Operator::of(&stage);
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("first")).await;
    let envelope = stage.next_envelope().await;
    stage.ended(Kind::Mail, 1).await;
    stage.report(far::failure(&envelope, 1, Some(0))).await;
    stage.ended(Kind::P1, 1).await;
    let mut told = events_until(&file, |events| of(events, "done").len() == 2).await;
    // The notification waits: there is no way to the Internet here.
    told.retain(|event| event["event"] != "deferred");
    // Whoever takes a message and whoever passes it on tell of it side by side.
    let mut found = kinds(&told);
    found.sort_unstable();
    let mut expected = [
        "started",
        "accepted",
        "converted",
        "transferred",
        "done",
        "accepted",
        "transferred",
        "made",
        "done",
    ];
    expected.sort_unstable();
    assert_eq!(found, expected);
    let side = |side: &str| told.iter().find(|event| event["side"] == side).unwrap();
    let (accepted, report, made) = (side("internet"), side("x400"), of(&told, "made")[0]);
    assert_eq!((&accepted["side"], &accepted["kind"]), (&json!("internet"), &json!("mail")));
    assert_eq!(accepted["message-id"], "first@internet.example");
    assert_eq!(accepted["recipients"], json!(["a@navy.x400.example"]));
    let own: Vec<&Value> = told.iter().filter(|event| event["queue-id"] == accepted["queue-id"]).collect();
    assert_eq!(own.len(), 4);
    assert!(own.iter().all(|event| event["message-id"] == accepted["message-id"]));
    let transferred = own.iter().find(|event| event["event"] == "transferred").unwrap();
    assert_eq!((&transferred["to"], &transferred["attempts"]), (&json!("hub"), &json!(1)));
    assert_eq!((&report["side"], &report["peer"]), (&json!("x400"), &json!("hub")));
    assert_eq!(report["message-id"], "[/PRMD=demo/ADMD=x400/C=XX/;report-1]");
    assert_eq!((&made["because-of"], &made["kind"]), (&report["queue-id"], &json!("internet")));
    assert_eq!(made["recipients"], json!(["ada@internet.example"]));

    // The rest of what is documented.
    let rule = json!({ "sender": "held@internet.example", "reason": "wait" });
    operator.post("/v1/queue/holds", rule).await;
    stage.submit("<held@internet.example>", &["<a@navy.x400.example>"], &mail("held")).await;
    let told = events_until(&file, |events| !of(events, "held").is_empty()).await;
    let held = of(&told, "held")[0];
    assert_eq!(held["reason"], "held by rule 1: wait");
    let body = json!({ "ids": [held["queue-id"]], "reason": "no" });
    operator.post("/v1/queue/bounce", body).await;
    operator.post("/v1/queue/holds/release", json!({ "number": 1 })).await;
    operator.post("/v1/drain", json!({ "drain": true })).await;
    operator.post("/v1/drain", json!({ "drain": false })).await;
    operator.post("/v1/reload", json!({ "reason": "a test" })).await;
    let told = events_until(&file, |events| !of(events, "reload").is_empty()).await;
    let operation = of(&told, "operator")[0];
    assert_eq!((&operation["operation"], &operation["done"]), (&json!("bounce"), &json!(true)));
    assert_eq!(operation["message-id"], "held@internet.example");
    assert_eq!(of(&told, "failed")[0]["status"], "5.0.0");
    assert_eq!(of(&told, "drain").len(), 2);
    assert_eq!(of(&told, "hold-rule").len(), 2);
    assert_eq!(of(&told, "reload")[0]["reason"], "a test");
    stage.end().await;
    let told = events(&file);
    assert_eq!(told.last().unwrap()["event"], "stopped");
}

/// What is refused and what is tried in vain is told as well.
#[tokio::test(flavor = "multi_thread")]
async fn events_tell_of_refusals_and_attempts_in_vain() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.json");
    let log = file.clone();
    let stage = Stage::start_with(false, |config| {
        patient(config);
        config.log.events = Some(log);
    })
    .await;
    assert_eq!(refused(&stage, "<a@nowhere.example>").await, "550");
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("first")).await;
    let told = events_until(&file, |events| !of(events, "deferred").is_empty()).await;
    let refused = of(&told, "refused")[0];
    assert_eq!((&refused["what"], &refused["answer"]), (&json!("a@nowhere.example"), &json!("550")));
    let deferred = of(&told, "deferred")[0];
    assert!(deferred["error"].as_str().unwrap().contains("no association with hub"), "{deferred}");
    assert!(deferred["next-attempt"].is_string());
    stage.end().await;
}

/// The code with which a recipient is refused.
async fn refused(stage: &Stage, recipient: &str) -> String {
    use tokio::io::{AsyncWriteExt as _, BufReader};
    let mut stream = BufReader::new(tokio::net::TcpStream::connect(stage.smtp).await.unwrap());
    stage::reply(&mut stream).await;
    let mut answer = String::new();
    for command in ["EHLO ada.internet.example", &format!("MAIL FROM:{ADA}"), &format!("RCPT TO:{recipient}")]
    {
        stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
        answer = stage::reply(&mut stream).await;
        if answer.starts_with('4') {
            break;
        }
    }
    answer.get(..3).unwrap().to_owned()
}

/// What was counted adds up, and is what the queue has.
#[tokio::test(flavor = "multi_thread")]
async fn counters_add_up() {
    const MAILS: usize = 8;
    let mut stage = Stage::start(patient).await;
    let operator = Operator::of(&stage);
    let before = scrape(&operator).await;
    assert_eq!(before["x400gw_draining"], 0.0);
    let sending = async {
        for number in 0..MAILS {
            let recipients = ["<a@navy.x400.example>", "<b@navy.x400.example>"];
            stage.submit(ADA, &recipients, &mail(&number.to_string())).await;
        }
    };
    let scraping = async {
        loop {
            // It is read while messages flow.
            scrape(&operator).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = sending => {}
        () = scraping => {}
    }
    assert_eq!(refused(&stage, "<a@nowhere.example>").await, "550");
    stage.ended(Kind::Mail, MAILS).await;
    let envelope = stage.next_envelope().await;
    stage.report(far::failure(&envelope, 1, Some(0))).await;
    stage.ended(Kind::P1, 1).await;
    // The caller has gone, and everything is counted: that is a moment after it is written down.
    let done = |found: &BTreeMap<String, f64>| {
        found["x400gw_queued_seconds_count"] >= (MAILS + 1) as f64
            && found["x400gw_inbound_associations"] == 0.0
    };
    let counting = async {
        loop {
            let found = scrape(&operator).await;
            if done(&found) {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, counting).await.unwrap();
    let mails = MAILS as f64;
    for (name, expected) in [
        ("x400gw_messages_accepted_total{side=\"internet\",peer=\"\"}", mails),
        ("x400gw_messages_accepted_total{side=\"x400\",peer=\"hub\"}", 1.0),
        ("x400gw_refusals_total{side=\"internet\",peer=\"\",answer=\"550\"}", 1.0),
        ("x400gw_recipients_transferred_total{kind=\"mail\",to=\"hub\"}", 2.0 * mails),
        ("x400gw_recipients_transferred_total{kind=\"p1\",to=\"the Internet side\"}", 1.0),
        ("x400gw_messages_made_total{kind=\"internet\"}", 1.0),
        ("x400gw_accept_seconds_count", mails + 1.0),
        ("x400gw_accept_seconds_bucket{le=\"+Inf\"}", mails + 1.0),
        ("x400gw_queue_entries{state=\"done\"}", mails + 1.0),
        ("x400gw_queue_entries{state=\"queued\"}", 1.0),
        ("x400gw_inbound_associations", 0.0),
        ("x400gw_rules_activations_total", 1.0),
        ("x400gw_draining", 0.0),
    ] {
        assert_eq!(found.get(name), Some(&expected), "{name}: {found:#?}");
    }
    let syncs = stage.gateway.store().metrics().syncs as f64;
    assert!(found["x400gw_store_syncs_total"] <= syncs && syncs > 0.0);
    assert!(found["x400gw_queue_oldest_seconds{state=\"queued\"}"] >= 0.0);
    stage.end().await;
}

/// Nothing new is taken while the gateway drains: by nobody, over neither protocol; what is here goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_drains_takes_nothing_and_ends_what_it_has() {
    let mut stage = Stage::start(patient).await;
    let operator = Operator::of(&stage);
    assert_eq!(operator.get("/healthz").await["alive"], true);
    let ready = operator.get("/readyz").await;
    assert_eq!((&ready["ready"], &ready["store-writable"]), (&json!(true), &json!(true)));
    assert_eq!(ready["listeners"]["smtp"], json!([stage.smtp.to_string()]));
    // Somebody who is there already.
    let early = among_mtas::calling_mta("hub", stage.x400);
    let message = |number: u32| {
        let message = far::message(&number.to_string(), "ada@internet.example", &far::hello());
        Message::new(&number.to_string(), bytes::Bytes::from(rasn_x400::ber::encode(&message).unwrap()))
    };
    early.transfer(message(1)).await.unwrap();
    let peers = operator.get("/v1/peers").await;
    assert_eq!(peers["peers"][0]["inbound"][0]["mta-name"], "hub", "{peers:#}");

    let answer = operator.post("/v1/drain", json!({ "drain": true })).await;
    assert_eq!(answer.body["draining"], true);
    let answer = operator.client.get("/readyz").await.unwrap();
    assert_eq!((answer.status, &answer.body["draining"]), (503, &json!(true)));
    assert_eq!(refused(&stage, "<a@navy.x400.example>").await, "421");
    assert!(matches!(early.transfer(message(2)).await, Err(TransferError::NotTaken { retry: true, .. })));
    let late = among_mtas::calling_mta("hub", stage.x400);
    let error = late.transfer(message(3)).await.unwrap_err();
    assert!(matches!(&error, TransferError::NoAssociation { why, .. } if why.contains("busy")), "{error:?}");
    // What is here can still be dealt with.
    let waits = operator.ids("state=queued").await;
    let [id] = waits.as_slice() else { panic!("{waits:?}") };
    let body = json!({ "ids": [id], "to": "/S=carol/O=navy/PRMD=x400/ADMD=example/C=XX/" });
    operator
        .until(&format!("/v1/queue/{id}"), |entry| entry["recipients"][0]["last-error"].is_string())
        .await;
    assert_eq!(operator.post("/v1/queue/redirect", body).await.body["done"], 1);
    stage.next_envelope().await;
    let socket = stage.gateway.admin.clone().unwrap().to_string();
    let run = |arguments: &[&str]| {
        let output = program::x400gw().args(arguments).args(["--gateway", &socket]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = run(&["drain", "--wait", "--patience", "60"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("the queue is empty"), "{text}");
    let (code, text) = run(&["drain", "--off"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("messages are taken"), "{text}");
    let (_, text) = run(&["peers"]);
    assert!(text.contains("hub: normal, no TLS, waiting: 0"), "{text}");
    let (code, text) = run(&["reload"]);
    assert_eq!(code, Some(0), "{text}");
    early.transfer(message(2)).await.unwrap();
    for pool in [early, late] {
        pool.close(PATIENCE).await;
    }
    stage.end().await;
}

/// A peer that cannot be reached shows why, since when, and what to do.
#[tokio::test(flavor = "multi_thread")]
async fn peers_show_what_is_wrong_with_them() {
    let stage = Stage::start_with(false, patient).await;
    let operator = Operator::of(&stage);
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("first")).await;
    operator.tried("first").await;
    let peers = operator.get("/v1/peers").await;
    let host = &peers["peers"][0]["hosts"][0];
    assert!(host["failures"].as_u64().unwrap() > 0, "{peers:#}");
    assert!(host["last-fault"].as_str().unwrap().contains("refused"), "{peers:#}");
    assert!(host["hint"].is_string(), "{peers:#}");
    stage.end().await;
}

/// One timeline, whatever it is asked for by, across both protocols and over a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_tracked_by_any_of_its_names() {
    let mut stage = Stage::start(patient).await;
    stage.submit(&format!("{ADA} ENVID=QQ314159"), &["<a@navy.x400.example>"], &mail("engine")).await;
    let envelope: MessageTransferEnvelope = stage.next_envelope().await;
    let entry = stage.ended(Kind::Mail, 1).await.remove(0).entry;
    let stage = stage.restart().await;
    stage.report(far::failure(&envelope, 1, Some(0))).await;
    stage.ended(Kind::P1, 1).await;
    let operator = Operator::of(&stage);
    let local = envelope.message_identifier.local_identifier.to_text().into_owned();
    let domain = "/PRMD=gateway/ADMD=example/C=XX/";
    let encode = |text: &str| text.bytes().map(|octet| format!("%{octet:02x}")).collect::<String>();
    // The notification waits by then: there is no way to the Internet here.
    let waits = |body: &Value| {
        let timeline = body["timeline"].as_array().unwrap();
        timeline.iter().any(|one| one["what"] == "deferred")
    };
    let by_id = operator.until(&format!("/v1/track?id={}", entry.id), waits).await;
    let what: Vec<&str> =
        by_id["timeline"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap()).collect();
    assert_eq!(by_id["entries"].as_array().unwrap().len(), 3, "{by_id:#}");
    for expected in ["accepted", "transferred", "converted", "made"] {
        assert!(what.contains(&expected), "{what:?}");
    }
    let timeline = by_id["timeline"].as_array().unwrap();
    let converted = timeline.iter().find(|one| one["what"] == "converted").unwrap();
    assert_eq!(converted["mts-identifier"], format!("[{domain};{local}]"));
    assert_eq!(converted["envelope-id"], "QQ314159");
    let made = timeline.iter().find(|one| one["what"] == "made").unwrap();
    assert_eq!(made["recipients"], json!(["ada@internet.example"]));
    for name in [
        "<engine@internet.example>",
        "engine@internet.example",
        "QQ314159",
        &format!("[{domain};{local}]"),
        &format!("{domain};{local}"),
        "[/PRMD=demo/ADMD=x400/C=XX/;report-1]",
        made["entry"].as_str().unwrap(),
    ] {
        let found = operator.get(&format!("/v1/track?id={}", encode(name))).await;
        assert_eq!(found["timeline"], by_id["timeline"], "{name}");
    }
    for (query, status) in [("id=nothing@like.that", 404), ("", 422), ("id=x&colour=red", 422)] {
        let answer = operator.client.get(&format!("/v1/track?{query}")).await.unwrap();
        assert_eq!(answer.status, status, "{query}");
    }
    let socket = stage.gateway.admin.clone().unwrap().to_string();
    let output = program::x400gw().args(["track", "QQ314159", "--gateway", &socket]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "accepted by ESMTP from",
        "transferred to hub",
        "converted, ",
        "accepted by P1 from hub",
        "made here",
    ] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    // What never went on is found as well.
    operator.post("/v1/queue/holds", json!({ "sender": "internet.example" })).await;
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("waits")).await;
    let path = "/v1/track?id=waits%40internet.example";
    let is_held = |body: &Value| body["entries"][0]["state"] == "held";
    operator.until(path, is_held).await;
    stage.end().await;
}

/// A service manager hears that the gateway is ready, reads again, and ends.
#[test]
fn a_service_manager_is_told() {
    use std::os::unix::net::UnixDatagram;
    let folder = program::Folder::new();
    folder.write_config(program::free_port(), program::free_port());
    let socket = folder.path("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let hear = || {
        let mut octets = [0; 256];
        let length = manager.recv(&mut octets).unwrap();
        String::from_utf8(octets[..length].to_vec()).unwrap()
    };
    let log = std::fs::File::create(folder.path("gateway.log")).unwrap();
    let mut gateway = program::x400gw()
        .args(["serve", "--config"])
        .arg(folder.path("x400gw.toml"))
        .env("NOTIFY_SOCKET", &socket)
        .stderr(log)
        .spawn()
        .unwrap();
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args([name, &gateway.id().to_string()]).status();
        assert!(sent.unwrap().success());
    };
    assert_eq!(hear(), "READY=1");
    signal("-HUP");
    assert_eq!((hear().as_str(), hear().as_str()), ("RELOADING=1", "READY=1"));
    signal("-TERM");
    assert_eq!(hear(), "STOPPING=1");
    assert!(gateway.wait().unwrap().success());
}
