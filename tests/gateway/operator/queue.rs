//! The queue: what is in it, and what is done with that.

use super::*;
use x400_gateway::config::{OneOrMore, Peer, Route, RouteRule};

/// What is refused, and with which status.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_with_the_reason() {
    let stage = Stage::start_with(false, patient).await;
    let operator = Operator::of(&stage);
    for id in ["first", "second"] {
        stage.submit(ADA, &["<a@navy.x400.example>"], &mail(id)).await;
    }
    let first = operator.tried("first").await;
    operator.tried("second").await;
    let unknown = "000000000000000000";
    // path, what is asked, status, what is said
    for (path, body, status, said) in [
        ("hold", json!({}), 422, "name entries"),
        ("hold", json!({ "ids": ["nonsense"] }), 422, "expected a queue id"),
        ("hold", json!({ "ids": [first], "filter": { "state": "queued" } }), 422, "either"),
        ("hold", json!({ "filter": {} }), 422, "says something"),
        ("hold", json!({ "filter": { "colour": "red" } }), 422, "there is no filter `colour`"),
        ("hold", json!({ "filter": { "state": "lost" } }), 422, "no state"),
        ("hold", json!({ "filter": { "older-than": "long" } }), 422, "no duration"),
        ("hold", json!({ "filter": { "larger": "big" } }), 422, "no number"),
        ("hold", json!({ "filter": { "state": "queued" } }), 409, "2 entries"),
        ("hold", json!({ "idz": [first] }), 400, "unknown field"),
        ("redirect", json!({ "ids": [first] }), 422, "say where to"),
        ("eat", json!({ "ids": [first] }), 404, "nothing is called `eat`"),
        ("holds", json!({}), 422, "names a peer"),
        ("holds/release", json!({ "number": 7 }), 404, "no such rule"),
    ] {
        let answer = operator.post(&format!("/v1/queue/{path}"), body.clone()).await;
        let error = answer.body["error"].as_str().unwrap_or_default();
        assert_eq!(answer.status, status, "{path} {body}: {error}");
        assert!(error.contains(said), "{path} {body}: {error}");
    }
    // What is refused of one entry is said of that entry.
    for (path, body, said) in [
        ("hold", json!({ "ids": [unknown] }), "no such entry"),
        ("bounce", json!({ "ids": [unknown] }), "no such entry"),
        ("release", json!({ "ids": [first] }), "it is not held"),
        ("delete", json!({ "ids": [first] }), "say why"),
        ("redirect", json!({ "ids": [first], "to": "a@navy.x400.example" }), "where it goes already"),
        ("redirect", json!({ "ids": [first], "to": "nobody" }), "neither a mailbox nor"),
        ("redirect", json!({ "ids": [first], "to": "b@x.example", "recipient": 2 }), "by its number: [1]"),
    ] {
        let answer = operator.post(&format!("/v1/queue/{path}"), body.clone()).await;
        assert!(answer.done, "{path} {body}: {:#}", answer.body);
        assert_eq!((&answer.body["done"], &answer.body["refused"]), (&json!(0), &json!(1)), "{path} {body}");
        let text = answer.body["results"][0]["text"].as_str().unwrap();
        assert!(text.contains(said), "{path} {body}: {text}");
    }
    for (path, status) in [
        (format!("/v1/queue/{unknown}"), 404),
        (format!("/v1/queue/{unknown}/content"), 404),
        ("/v1/queue/nonsense".to_owned(), 422),
        ("/v1/queue?colour=red".to_owned(), 422),
        ("/v1/queue?limit=0".to_owned(), 422),
        ("/v1/queue?sender=%zz".to_owned(), 422),
    ] {
        assert_eq!(operator.client.get(&path).await.unwrap().status, status, "{path}");
    }
    // Nothing was touched.
    assert_eq!(operator.ids("state=queued").await.len(), 2);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_held_released_redirected_and_tried_again() {
    let stage = Stage::start_with(false, patient).await;
    let operator = Operator::of(&stage);
    for id in ["first", "second", "third"] {
        stage.submit(&format!("{ADA} ENVID={id}"), &["<a@navy.x400.example>"], &mail(id)).await;
    }
    let first = operator.tried("first").await;
    let second = operator.tried("second").await;
    let third = operator.tried("third").await;
    // Pages are stable, and lead on.
    let page = operator.get("/v1/queue?limit=2").await;
    assert_eq!(page["next"], page["entries"][1]["id"]);
    let rest = operator.ids(&format!("limit=2&after={}", page["next"].as_str().unwrap())).await;
    assert_eq!(rest, std::slice::from_ref(&third));
    assert_eq!(operator.ids("error=no+association&identifier=second*").await, std::slice::from_ref(&second));
    assert_eq!(operator.ids("identifier=third").await, std::slice::from_ref(&third), "by ENVID");
    assert_eq!(operator.ids("peer=hub").await.len(), 3, "its name is in the last error");

    let answer = operator.post("/v1/queue/hold", json!({ "ids": [first], "reason": "look at it" })).await;
    assert_eq!(answer.body["results"][0]["text"], "held");
    let shown = operator.get(&format!("/v1/queue/{first}")).await;
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("held"), &json!("look at it")));
    let answer = operator.post("/v1/queue/retry", json!({ "ids": [first] })).await;
    assert!(answer.body["results"][0]["text"].as_str().unwrap().contains("release it"));
    // To an O/R address, which becomes a mailbox; the report will name whom the sender meant.
    let to = "/S=carol/O=fleet/PRMD=x400/ADMD=example/C=XX/";
    let answer = operator.post("/v1/queue/redirect", json!({ "ids": [first], "to": to })).await;
    assert_eq!(answer.body["done"], 1, "{:#}", answer.body);
    let shown = operator.get(&format!("/v1/queue/{first}")).await;
    let recipient = &shown["recipients"][0];
    assert_eq!(recipient["options"]["original_recipient"], json!(["rfc822", "a@navy.x400.example"]));
    assert_ne!(recipient["address"], "a@navy.x400.example");
    assert_eq!(shown["state"], "held");

    let answer = operator.post("/v1/queue/release", json!({ "filter": { "state": "held" } })).await;
    assert_eq!(answer.body["done"], 1);
    let attempts = |body: &Value| body["recipients"][0]["attempts"].as_u64().unwrap();
    let before = attempts(&operator.get(&format!("/v1/queue/{second}")).await);
    let body = json!({ "filter": { "sender": "internet.example" }, "all": true });
    let answer = operator.post("/v1/queue/retry", body).await;
    assert_eq!(answer.body["done"], 3, "{:#}", answer.body);
    let shown = operator.until(&format!("/v1/queue/{second}"), |body| attempts(body) > before).await;
    let events: Vec<&str> =
        shown["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["deferred", "retry", "deferred"]);
    let who = shown["events"][1]["who"].as_str().unwrap();
    assert!(who.starts_with("uid "), "{who}");
    stage.end().await;
}

/// With the peer there, a redirected mail arrives at the other address and says who was meant.
#[tokio::test(flavor = "multi_thread")]
async fn a_redirected_mail_arrives_and_says_so() {
    let mut stage = Stage::start(|config| {
        patient(config);
        config.queue.hold = vec![serde_json::from_value(json!({ "sender": "internet.example" })).unwrap()];
    })
    .await;
    let operator = Operator::of(&stage);
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("first")).await;
    let path = "/v1/queue?state=held";
    let held = operator.until(path, |body| body["entries"][0]["id"].is_string()).await;
    let held = &held["entries"][0];
    assert_eq!(held["reason"], "held by a rule of the configuration");
    let id = held["id"].as_str().unwrap();
    let body = json!({ "ids": [id], "to": "carol@navy.x400.example" });
    assert_eq!(operator.post("/v1/queue/redirect", body).await.body["done"], 1);
    // It goes now, whatever the rule says.
    assert_eq!(operator.post("/v1/queue/release", json!({ "ids": [id] })).await.body["done"], 1);
    let envelope = stage.next_envelope().await;
    let fields = &envelope.per_recipient_fields[0];
    assert!(shown(&fields.recipient_name).contains("/S=carol/"), "{}", shown(&fields.recipient_name));
    // P-27
    use rasn_x400::x411::extension::{Extension as _, RedirectionHistory};
    let history = RedirectionHistory::find(&fields.extensions).unwrap().unwrap();
    assert!(shown(&history[0].intended_recipient.recipient).contains("/S=a/"));
    stage.end().await;
}

/// What came over P1 is given to another recipient as a message of its own, with what X.411 says of that in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_x400_is_redirected_with_its_history() {
    let mut stage = Stage::start(|_| {}).await;
    let operator = Operator::of(&stage);
    let message = far::message("one", "ada@internet.example", &far::hello());
    stage.transfer(rasn_x400::ber::encode(&message).unwrap().into()).await;
    // `hold` in [internet]: it waits there.
    let path = "/v1/queue?state=queued";
    let waits = operator.until(path, |body| body["entries"][0]["id"].is_string()).await;
    let id = waits["entries"][0]["id"].as_str().unwrap().to_owned();
    operator.until(&format!("/v1/queue/{id}"), |body| body["recipients"][0]["last-error"].is_string()).await;
    let body = json!({ "ids": [id], "to": "/S=carol/O=navy/PRMD=x400/ADMD=example/C=XX/" });
    let answer = operator.post("/v1/queue/redirect", body).await;
    assert_eq!(answer.body["done"], 1, "{:#}", answer.body);
    let envelope = stage.next_envelope().await;
    let fields = envelope.per_recipient_fields.iter();
    let mut fields = fields.filter(|one| shown(&one.recipient_name).contains("/S=carol/"));
    use rasn_x400::x411::extension::{Extension as _, RedirectionHistory, RedirectionReason};
    let history = RedirectionHistory::find(&fields.next_back().unwrap().extensions).unwrap().unwrap();
    assert_eq!(history[0].reason, RedirectionReason::RECIPIENT_DOMAIN_ASSIGNED_ALTERNATE_RECIPIENT);
    let shown = operator.get(&format!("/v1/queue/{id}")).await;
    assert_eq!(shown["state"], "done");
    assert_eq!(shown["related"][0]["because-of"], id.as_str());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_bounced_is_told_and_what_is_deleted_is_not() {
    let stage = Stage::start_with(false, patient).await;
    let operator = Operator::of(&stage);
    for id in ["bounced", "deleted", "kept"] {
        stage.submit(ADA, &["<a@navy.x400.example>", "<b@navy.x400.example>"], &mail(id)).await;
    }
    let (bounced, deleted) = (operator.tried("bounced").await, operator.tried("deleted").await);
    operator.tried("kept").await;
    let content = operator.client.octets(&format!("/v1/queue/{bounced}/content")).await.unwrap().unwrap();
    assert!(content.windows(7).any(|window| window == b"bounced"));
    let body = json!({ "ids": [bounced], "reason": "wrong department" });
    let answer = operator.post("/v1/queue/bounce", body).await;
    assert_eq!(answer.body["done"], 1, "{:#}", answer.body);
    let made = stage.made(1).await;
    assert_eq!(made[0].to, "ada@internet.example");
    made[0].assert_status(1, "failed", "5.0.0");
    made[0].assert_status(2, "failed", "5.0.0");
    assert!(made[0].mail["text"].as_str().unwrap().contains("wrong department"), "{:#}", made[0].mail);
    let shown = operator.get(&format!("/v1/queue/{bounced}")).await;
    assert_eq!(shown["state"], "done");
    assert_eq!(shown["related"][0]["kind"], "internet");
    let notification = shown["related"][0]["id"].as_str().unwrap();
    let answer = operator.post("/v1/queue/bounce", json!({ "ids": [notification] })).await;
    assert!(answer.body["results"][0]["text"].as_str().unwrap().contains("delete it"), "{:#}", answer.body);

    let body = json!({ "ids": [deleted], "reason": "spam" });
    assert_eq!(operator.post("/v1/queue/delete", body).await.body["done"], 1);
    let shown = operator.get(&format!("/v1/queue/{deleted}")).await;
    assert_eq!(shown["related"], json!([]));
    assert_eq!(shown["recipients"][0]["last-error"], "deleted by the operator: spam");
    assert_eq!(shown["events"][1]["event"], "delete");
    let answer = operator.client.octets(&format!("/v1/queue/{deleted}/content")).await.unwrap();
    assert_eq!(answer.unwrap_err().status, 410);
    // What has ended has ended.
    let answer = operator.post("/v1/queue/retry", json!({ "ids": [deleted] })).await;
    assert!(answer.body["results"][0]["text"].as_str().unwrap().contains("it has ended"));
    assert_eq!(stage.made(1).await.len(), 1);
    stage.end().await;
}

/// A rule holds what comes later, until it ends.
#[tokio::test(flavor = "multi_thread")]
async fn rules_hold_what_comes_later() {
    let mut stage = Stage::start(patient).await;
    let operator = Operator::of(&stage);
    let rule = |rule: Value| async { operator.post("/v1/queue/holds", rule).await.body["number"].clone() };
    let by_peer = rule(json!({ "peer": "hub", "sender": "ada@*", "reason": "until noon" })).await;
    let by_domain = rule(json!({ "recipient-domain": "fleet.x400.example" })).await;
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("first")).await;
    stage.submit("<bob@internet.example>", &["<a@fleet.x400.example>"], &mail("second")).await;
    stage.submit("<bob@internet.example>", &["<a@navy.x400.example>"], &mail("third")).await;
    let envelope = stage.next_envelope().await;
    assert!(shown(&envelope.originator_name).contains("bob"), "only the third goes");
    let held = operator.until("/v1/queue?state=held", |body| body["entries"].as_array().unwrap().len() == 2);
    let held = held.await;
    let mut reasons: Vec<&str> =
        held["entries"].as_array().unwrap().iter().map(|entry| entry["reason"].as_str().unwrap()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["held by rule 1: until noon", "held by rule 2"]);
    // Nothing was tried.
    for entry in held["entries"].as_array().unwrap() {
        let shown = operator.get(&format!("/v1/queue/{}", entry["id"].as_str().unwrap())).await;
        assert_eq!((&shown["recipients"][0]["attempts"], &shown["events"]), (&json!(0), &json!([])));
        assert_eq!(shown["recipients"][0]["last-error"], Value::Null);
    }
    // After a restart as well.
    let mut stage = stage.restart().await;
    let operator = Operator::of(&stage);
    let rules = operator.get("/v1/queue/holds").await;
    assert_eq!(rules["rules"].as_array().unwrap().len(), 2);
    assert_eq!(rules["rules"][0]["rule"]["peer"], "hub");
    for number in [by_peer, by_domain] {
        let answer = operator.post("/v1/queue/holds/release", json!({ "number": number })).await;
        assert_eq!(answer.body["released"], 1, "{:#}", answer.body);
        stage.next_envelope().await;
    }
    stage.ended(Kind::Mail, 3).await;
    stage.end().await;
}

/// A rule about a peer means recipients by who they are, not by their place in what is left of a message.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_about_a_peer_holds_whoever_is_left() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut stage = Stage::start(|config| {
        patient(config);
        let depot = Peer { name: "depot".into(), address: nobody.to_string(), ..config.peers[0].clone() };
        config.peers.push(depot);
        let to = |peer: &str| Some(OneOrMore::One(peer.to_owned()));
        config.route = Route::Rules(vec![
            RouteRule {
                address: Some("O=fleet; P=demo; A=x400; C=xx".into()),
                peer: to("depot"),
                ..RouteRule::default()
            },
            RouteRule { peer: to("hub"), ..RouteRule::default() },
        ]);
    })
    .await;
    let operator = Operator::of(&stage);
    let people = ["<a@navy.x400.example>", "<b@fleet.x400.example>"];
    stage.submit(ADA, &people, &mail("first")).await;
    stage.next_envelope().await;
    let waits = |body: &Value| body["entries"][0]["recipients"][1]["attempts"] == 1;
    let body = operator.until("/v1/queue?state=queued", waits).await;
    assert_eq!(body["entries"][0]["recipients"][0]["state"], "transferred", "{body:#}");
    let rule = json!({ "peer": "depot", "recipient-domain": "fleet.x400.example" });
    assert!(operator.post("/v1/queue/holds", rule).await.done);
    let id = body["entries"][0]["id"].clone();
    assert!(operator.post("/v1/queue/retry", json!({ "ids": [id] })).await.done);
    let is_held = |body: &Value| body["entries"][0]["reason"] == "held by rule 1";
    operator.until("/v1/queue?state=held", is_held).await;
    stage.end().await;
}

/// A release that was refused changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_held_is_not_exempted_from_rules() {
    let stage = Stage::start_with(false, |config| {
        patient(config);
        config.queue.hold = vec![serde_json::from_value(json!({ "sender": "elsewhere.example" })).unwrap()];
    })
    .await;
    let operator = Operator::of(&stage);
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("first")).await;
    let id = operator.tried("first").await;
    let answer = operator.post("/v1/queue/release", json!({ "ids": [id] })).await;
    assert_eq!(answer.body["results"][0]["text"], "it is not held");
    operator.post("/v1/queue/holds", json!({ "sender": "internet.example" })).await;
    operator.post("/v1/queue/retry", json!({ "ids": [id] })).await;
    operator.until(&format!("/v1/queue/{id}"), |body| body["state"] == "held").await;
    stage.end().await;
}

/// A damaged entry is quarantined; it can be looked at, tried again once it is mended, and returned.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_exported_and_returned() {
    let stage = Stage::start_with(false, patient).await;
    let operator = Operator::of(&stage);
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("damaged")).await;
    let id = operator.tried("damaged").await;
    let file = stage.config.gateway.data.join("queue.db");
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.execute("UPDATE content SET octets = zeroblob(length(octets))", []).unwrap();
    operator.post("/v1/queue/retry", json!({ "ids": [id] })).await;
    let path = format!("/v1/queue/{id}");
    let shown = operator.until(&path, |body| body["state"] == "quarantined").await;
    assert!(shown["reason"].as_str().unwrap().contains("checksum"), "{shown:#}");
    let octets = operator.client.octets(&format!("{path}/content")).await.unwrap().unwrap();
    assert!(!octets.is_empty() && octets.iter().all(|octet| *octet == 0));
    assert_eq!(operator.post("/v1/queue/release", json!({ "ids": [id] })).await.body["done"], 1);
    operator.until(&path, |body| body["state"] == "quarantined").await;
    is_returned(&operator, &id).await;
    stage.end().await;
}

/// The same of a content that is a file of its own.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_in_the_spool_is_returned() {
    let stage = Stage::start_with(false, patient).await;
    let operator = Operator::of(&stage);
    let large = format!("{}{}", mail("large"), "One more line.\n".repeat(14_000));
    stage.submit(ADA, &["<a@navy.x400.example>"], &large).await;
    let id = operator.tried("large").await;
    let files: Vec<_> = walk(&stage.config.gateway.data.join("spool"));
    let [file] = &files[..] else { panic!("{files:?}") };
    let length = std::fs::metadata(file).unwrap().len();
    std::fs::write(file, vec![0; usize::try_from(length).unwrap()]).unwrap();
    // Whoever reads it first finds the damage.
    let answer = operator.post("/v1/queue/bounce", json!({ "ids": [id] })).await;
    assert_eq!(answer.body["done"], 0, "{:#}", answer.body);
    assert_eq!(operator.get(&format!("/v1/queue/{id}")).await["state"], "quarantined");
    is_returned(&operator, &id).await;
    stage.end().await;
}

/// Of a message of X.400 that cannot be read nobody can be told, so that is not claimed.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_message_of_x400_is_deleted_and_not_bounced() {
    let stage = Stage::start(patient).await;
    let operator = Operator::of(&stage);
    let message = far::message("one", "ada@internet.example", &far::hello());
    stage.transfer(rasn_x400::ber::encode(&message).unwrap().into()).await;
    // `hold` in [internet]: it waits there.
    let is_tried = |body: &Value| body["entries"][0]["recipients"][0]["last-error"].is_string();
    let waits = operator.until("/v1/queue?state=queued", is_tried).await;
    let id = waits["entries"][0]["id"].as_str().unwrap();
    let file = stage.config.gateway.data.join("queue.db");
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.execute("UPDATE content SET octets = zeroblob(length(octets))", []).unwrap();
    // Held, and found damaged only now; then found by an attempt.
    for (action, state) in [("hold", "held"), ("release", "quarantined")] {
        operator.post(&format!("/v1/queue/{action}"), json!({ "ids": [id] })).await;
        operator.post("/v1/queue/retry", json!({ "ids": [id] })).await;
        let path = format!("/v1/queue/{id}");
        operator.until(&path, |body| body["state"] == state).await;
        let answer = operator.post("/v1/queue/bounce", json!({ "ids": [id] })).await;
        let text = answer.body["results"][0]["text"].as_str().unwrap();
        assert!(text.contains("nobody can be told") && text.contains("delete it"), "{text}");
        assert_eq!(operator.get(&path).await["state"], state);
    }
    let body = json!({ "ids": [id], "reason": "damaged" });
    let answer = operator.post("/v1/queue/delete", body).await;
    assert_eq!(answer.body["done"], 1, "{:#}", answer.body);
    assert_eq!(stage.made(0).await.len(), 0);
    stage.end().await;
}

/// The files below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// An entry can be bounced, and Ada is told.
async fn is_returned(operator: &Operator, id: &str) {
    let answer = operator.post("/v1/queue/bounce", json!({ "ids": [id] })).await;
    assert_eq!(answer.body["done"], 1, "{:#}", answer.body);
    let shown = operator.get(&format!("/v1/queue/{id}")).await;
    let made = shown["related"][0]["id"].as_str().unwrap();
    let mail = operator.client.octets(&format!("/v1/queue/{made}/content")).await.unwrap().unwrap();
    let made = Made { to: "ada@internet.example".into(), mail: made::python(&mail) };
    made.assert_status(1, "failed", "5.0.0");
}

/// The command says the same, and its exit code tells whether all was done.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_lists_and_does() {
    let stage = Stage::start_with(false, patient).await;
    let operator = Operator::of(&stage);
    stage.submit(ADA, &["<a@navy.x400.example>"], &mail("first")).await;
    stage.submit(ADA, &["<b@navy.x400.example>"], &mail("second")).await;
    let (first, second) = (operator.tried("first").await, operator.tried("second").await);
    let socket = stage.gateway.admin.clone().unwrap().to_string();
    let run = |arguments: &[&str]| {
        let mut command = program::x400gw();
        let output = command.arg("queue").args(arguments).args(["--gateway", &socket]).output().unwrap();
        let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (first, second) = (first.as_str(), second.as_str());
    let of_ada = ["--sender", "internet.example"];
    // what is typed, the exit code, what is printed
    for (arguments, code, said) in [
        (&["list"][..], 0, "no association with hub"),
        (&["list", "--state", "held"], 0, "no entries"),
        (&["list", "--limit", "1"], 0, "--after"),
        (&["list", "--state", "lost"], 2, "no state"),
        (&["show", first], 0, "identifier: first@internet.example"),
        (&["show", first, "--content", "-"], 0, "Hello."),
        (&["hold"], 2, "name entries"),
        (&[&["hold"][..], &of_ada].concat(), 1, "2 entries; add `--yes`"),
        (&[&["hold", "--yes"][..], &of_ada].concat(), 0, "held"),
        (&["hold", first], 1, "not done: it is held already"),
        (&["release", first, second, "--json"], 0, "\"done\": 2"),
        (&["retry", first], 0, "due now"),
        (&["redirect", second, "--to", "c@navy.x400.example"], 0, "recipient 1 is c@navy.x400.example now"),
        (&["hold", "--from-now-on", "--recipient-domain", "x.example"], 0, "rule 1: for x.example"),
        (&["hold", "--from-now-on", "--error", "x"], 2, "no `--error`"),
        (&["holds"], 0, "rule 1: for x.example (since"),
        (&["release", "--rule", "1"], 0, "rule 1 has ended; released: 0"),
        (&["release", "--rule", "1"], 1, "no such rule"),
        (&["holds"], 0, "no rules"),
        (&["delete", second], 2, "--reason"),
        (&["delete", second, "--reason", "spam"], 0, "deleted"),
        (&["bounce", first, "--reason", "spam"], 0, "told as"),
        (&["list", "--state", "done"], 0, "deleted by the operator: spam"),
    ] {
        // What is released is tried at once; until that has ended, the answer says so.
        let mut answers = std::iter::repeat_with(|| run(arguments)).take(100);
        let (found, output, errors) =
            answers.find(|(_, output, _)| !output.contains("an attempt is under way")).unwrap();
        assert_eq!(found, Some(code), "{arguments:?}: {output}{errors}");
        assert!(format!("{output}{errors}").contains(said), "{arguments:?}: {output}{errors}");
    }
    // Both have their end, in the queue as well.
    for entry in stage.ended(Kind::Mail, 2).await {
        assert!(matches!(entry.state, State::Done { .. }));
        let failed = |one: &RecipientState| matches!(one, RecipientState::Failed { .. });
        assert!(entry.entry.envelope.recipients.iter().all(|one| failed(&one.state)));
    }
    assert_eq!(stage.gateway.store().count().await.unwrap().held, 0);
    let made = stage.made(1).await;
    assert_eq!(made[0].mail["type"], "multipart/report");
    stage.end().await;
}
