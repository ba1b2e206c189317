//! What a whole gateway answers at its places: who may send what, and what is told of those who may not.

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;

use tempfile::TempDir;
use time::OffsetDateTime;
use x400_gateway::config::Config;
use x400_gateway::queue::entry::{
    Content, Entry, Envelope, Kind, MailOptions, Origin, QueueId, Recipient, Urgency,
};
use x400_gateway::queue::store::{Filter, Store as _};
use x400_gateway::serve;

use super::socket::Connection;

/// A gateway whose peer is not there.
pub(super) struct Gateway {
    running: serve::Running,
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
}

impl Gateway {
    /// With what `[smtp]` says besides, and its places.
    pub(super) fn start(smtp: &str) -> Self {
        Self::ruled(smtp, "")
    }

    /// With rules besides those that are built in, too.
    fn ruled(smtp: &str, rules: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("users"), super::runner::USER).unwrap();
        let rules = [include_str!("../../mappings/default.toml"), rules].join("\n");
        std::fs::write(file("rules.toml"), rules).unwrap();
        let text = format!(
            "[gateway]\nhost-name = \"gw.example\"\ndata = {:?}\nmappings = {:?}\n[smtp]\nlisten = []\nusers = {:?}\n{smtp}\n\
             [log]\nevents = {:?}\n[internet]\nhold = true\n\
             [[peer]]\nname = \"hub\"\naddress = \"127.0.0.1:1\"\n",
            file("data"),
            file("rules.toml"),
            file("users"),
            file("events"),
        );
        let config =
            Config::parse("x400gw.toml", &text).unwrap_or_else(|report| panic!("{}", report.render()));
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let running = runtime.block_on(serve::start(config, Vec::new())).unwrap();
        Self { running, runtime, folder }
    }

    pub(super) fn place(&self, number: usize) -> SocketAddr {
        self.running.smtp[number]
    }

    /// What is answered to each of these lines by somebody who has said EHLO; the last line of each reply.
    fn answers(&self, place: usize, lines: &[&str]) -> Vec<String> {
        let mut client = Connection::to(self.place(place)).greeted();
        lines.iter().map(|line| client.says(line)).collect()
    }

    /// What the event log says of refusals: the policy, and what was refused.
    fn refusals(self) -> Vec<(String, String)> {
        let Self { running, runtime, folder } = self;
        runtime.block_on(running.stop());
        let read = std::fs::read_to_string(folder.path().join("events")).unwrap();
        let events = read.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        events
            .filter(|event| event["event"] == "refused")
            .map(|event| (text(&event["policy"]), text(&event["what"])))
            .collect()
    }

    fn metrics(&self) -> String {
        use std::os::unix::net::UnixStream;
        let socket = self.folder.path().join("data").join(x400_gateway::config::SOCKET);
        let mut stream = UnixStream::connect(Path::new(&socket)).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }
}

const MAIL: &str = "MAIL FROM:<a@a.example>";
const SERVED: &str = "RCPT TO:<J.Smith@acme.x400.example>";
const WRITTEN_OUT: &str = "RCPT TO:<\"/S=x/PRMD=other/ADMD=mail/C=gb/\"@gateway.internet.example>";
const THROUGH: &str =
    "RCPT TO:<\"/DD.RFC-822=bob(a)far.example/O=g/PRMD=demo/ADMD=x400/C=XX/\"@gateway.internet.example>";

/// Strangers reach those who are served, and those who have written; the gateway is no relay.
#[test]
fn strangers_cannot_relay() {
    let gateway = Gateway::start(
        "trusted-networks = []\n[[smtp.listener]]\naddress = \"127.0.0.1:0\"\nauthentication = \"offered\"\n\
         authentication-in-the-clear = true\n\
         [[smtp.listener]]\naddress = \"127.0.0.1:0\"\ntrusted-networks = [\"127.0.0.0/8\"]\n",
    );
    let lines = [MAIL, SERVED, WRITTEN_OUT, THROUGH, "RCPT TO:<joe@elsewhere.example>"];
    let answers = gateway.answers(0, &lines);
    assert_eq!(answers[..2], ["250 2.1.0 sender ok", "250 2.1.5 recipient ok"]);
    assert!(answers[2].starts_with("550 5.7.1 relaying is not permitted"), "{answers:?}");
    assert!(answers[2].ends_with("is for no X.400 user that this gateway serves"), "{answers:?}");
    assert!(answers[3].ends_with("leads to the Internet by X.400"), "{answers:?}");
    assert!(answers[4].starts_with("550 5."), "{answers:?}");
    // Somebody who is known, in one way or the other, may.
    let known = gateway.answers(0, &["AUTH PLAIN AHVzZXIAcGVuY2ls", MAIL, WRITTEN_OUT, THROUGH]);
    assert_eq!(known[2..], ["250 2.1.5 recipient ok", "250 2.1.5 recipient ok"]);
    assert_eq!(gateway.answers(1, &[MAIL, WRITTEN_OUT])[1], "250 2.1.5 recipient ok");
    // An answer to somebody who wrote.
    let now = OffsetDateTime::now_utc();
    let written = Entry {
        id: QueueId::new(7, now),
        received_at: now,
        kind: Kind::P1,
        urgency: Urgency::Normal,
        origin: Origin::P1 { mta: "hub".into() },
        envelope: Envelope {
            reverse_path: Some("/S=x/PRMD=other/ADMD=mail/C=gb/".into()),
            options: MailOptions::default(),
            recipients: vec![Recipient::new(1, "/S=y/ADMD=x/C=gb/")],
        },
        rules_version: None,
        identifier: None,
        content: Content::Inline(bytes::Bytes::from_static(b"x")),
    };
    gateway.runtime.block_on(gateway.running.store().insert(written)).unwrap();
    assert_eq!(gateway.answers(0, &[MAIL, WRITTEN_OUT])[1], "250 2.1.5 recipient ok");
    assert!(gateway.metrics().contains("x400gw_policy_refusals_total{policy=\"relay\"} 2\n"));
    let refusals = gateway.refusals();
    let policies: Vec<_> = refusals.iter().map(|(policy, _)| policy.as_str()).collect();
    assert_eq!(policies, ["relay", "relay", ""]);
    assert!(refusals[0].1.contains("/S=x/"), "{refusals:?}");
}

/// What a rule refuses only once all of a message is known is told as what it refuses before.
#[test]
fn what_rules_refuse_is_counted() {
    let gateway = Gateway::ruled(
        "[[smtp.listener]]\naddress = \"127.0.0.1:0\"\n",
        "[[policy]]\nto = \"O=acme; P=demo; A=x400; C=XX\"\nlarger-than = 1000\naction = \"refuse\"\n",
    );
    let large = format!("From: a@a.example\r\n\r\n{}\r\n.", "x".repeat(1000));
    let answers = gateway
        .answers(0, &["MAIL FROM:<a@a.example> SIZE=2000", SERVED, "RSET", MAIL, SERVED, "DATA", &large]);
    assert!([1, 6].iter().all(|place| answers[*place].starts_with("552 5.3.4 ")), "{answers:?}");
    let told = [("rule", "J.Smith@acme.x400.example"), ("rule", "message")];
    assert_eq!(gateway.refusals(), told.map(|(policy, what)| (policy.to_owned(), what.to_owned())));
}

/// RFC 6409 4.3, 8.1, 8.2.
#[test]
fn submission_wants_to_know_who_submits() {
    let gateway = Gateway::start(
        "trusted-networks = []\n[[smtp.listener]]\naddress = \"127.0.0.1:0\"\nrole = \"submission\"\n\
         authentication = \"offered\"\nauthentication-in-the-clear = true\n\
         [[smtp.listener]]\naddress = \"127.0.0.1:0\"\nrole = \"trusted\"\ntrusted-networks = [\"192.0.2.0/24\"]\n",
    );
    assert_eq!(gateway.answers(0, &[MAIL]), ["530 5.7.0 authentication must come first"]);
    assert_eq!(gateway.answers(1, &[MAIL]), ["550 5.7.1 clients at 127.0.0.1 may not send here"]);
    let submitted = gateway.answers(
        0,
        &["AUTH PLAIN AHVzZXIAcGVuY2ls", MAIL, SERVED, "DATA", "From: a@a.example\r\n\r\ntext\r\n."],
    );
    assert!(submitted[4].starts_with("250 2.0.0 accepted as "), "{submitted:?}");
    let store = gateway.running.store();
    let stored = gateway.runtime.block_on(async {
        let all = store.list(Filter { state: None, after: None, limit: 2 }).await.unwrap();
        let [summary] = &all[..] else { panic!("one entry") };
        store.load(summary.id).await.unwrap().unwrap().entry
    });
    let Content::Inline(octets) = &stored.content else { panic!("not in the row") };
    let text = String::from_utf8(octets.to_vec()).unwrap();
    assert!(text.starts_with(&format!("Message-ID: <{}@gw.example>\r\nDate: ", stored.id)), "{text}");
    assert!(text.ends_with("From: a@a.example\r\n\r\ntext\r\n"), "{text}");
    assert_eq!(stored.identifier, Some(format!("{}@gw.example", stored.id)));
    let policies: Vec<_> = gateway.refusals().into_iter().map(|(policy, _)| policy).collect();
    assert_eq!(policies, ["not-authenticated", "not-trusted"]);
}

/// What one address may do in a minute, in one session or in several.
#[test]
fn a_client_has_its_limits() {
    let gateway = Gateway::start(
        "trusted-networks = []\nconnections-per-minute = 2\nmessages-per-minute = 2\nrecipients-per-minute = 1\n\
         [[smtp.listener]]\naddress = \"127.0.0.1:0\"\n\
         [[smtp.listener]]\naddress = \"127.0.0.1:0\"\ntrusted-networks = [\"127.0.0.1\"]\n",
    );
    let much = "4.7.1 too much from your address in a minute, try again later";
    let answers = gateway.answers(0, &[MAIL, SERVED, SERVED, "RSET", MAIL]);
    assert_eq!(answers[1..3], ["250 2.1.5 recipient ok".to_owned(), format!("452 {much}")]);
    assert_eq!(answers[4], "250 2.1.0 sender ok");
    assert_eq!(gateway.answers(0, &[MAIL]), [format!("450 {much}")]);
    let refused = Connection::to(gateway.place(0)).reply();
    assert_eq!(refused, "421 4.7.0 too many connections from your address in a minute, try again later\r\n");
    for _ in 0..3 {
        assert_eq!(gateway.answers(1, &[MAIL, SERVED, SERVED])[2], "250 2.1.5 recipient ok");
    }
    let refusals = gateway.refusals();
    let policies: Vec<_> = refusals.iter().map(|(policy, _)| policy.as_str()).collect();
    assert_eq!(policies, ["recipient-rate", "message-rate", "connection-rate"]);
    assert!(refusals.iter().all(|(_, what)| what == "127.0.0.1"), "{refusals:?}");
}

/// By the PROXY protocol and by XCLIENT, from hosts that may: rights, limits and trace are those of the client.
#[test]
fn a_client_behind_another_host_is_the_client() {
    let gateway = Gateway::start(
        "trusted-networks = [\"127.0.0.0/8\"]\nconnections-per-minute = 1\n\
         [[smtp.listener]]\naddress = \"127.0.0.1:0\"\nproxy-protocol = [\"127.0.0.1\"]\nxclient = [\"127.0.0.1\"]\n\
         [[smtp.listener]]\naddress = \"127.0.0.1:0\"\nproxy-protocol = [\"192.0.2.0/24\"]\n\
         [[smtp.listener]]\naddress = \"127.0.0.1:0\"\ntrusted-networks = []\nxclient = [\"127.0.0.1\"]\n",
    );
    let behind = |header: &[u8]| {
        let mut client = Connection::to(gateway.place(0));
        client.send_octets(header);
        client
    };
    let mut stranger = behind(b"PROXY TCP4 198.51.100.7 127.0.0.1 40000 25\r\n").greeted();
    assert_eq!(stranger.says(MAIL), "250 2.1.0 sender ok");
    assert!(stranger.says(WRITTEN_OUT).starts_with("550 5.7.1 relaying"));
    stranger.says("RSET");
    assert!(stranger.says("XCLIENT ADDR=127.0.0.1").starts_with("502 5.5.1"));
    stranger.says(MAIL);
    assert_eq!(stranger.says(SERVED), "250 2.1.5 recipient ok");
    assert!(stranger.says("DATA").starts_with("354 "));
    assert!(stranger.says("From: a@a.example\r\n\r\nx\r\n.").starts_with("250 2.0.0 accepted as "));
    let second = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x07\x7f\0\0\x01\0\x01\0\x02";
    assert!(
        behind(second).reply().starts_with("421 4.7.0 too many connections from your address in a minute")
    );
    // The host itself is trusted, and may speak for others.
    let mut host = behind(b"PROXY UNKNOWN\r\n").greeted();
    assert_eq!(host.says(MAIL), "250 2.1.0 sender ok");
    assert_eq!(host.says(WRITTEN_OUT), "250 2.1.5 recipient ok");
    host.says("RSET");
    assert!(host.says("XCLIENT ADDR=203.0.113.9 PORT=40001").starts_with("220 "));
    host.says("EHLO c.example");
    assert_eq!(host.says(MAIL), "250 2.1.0 sender ok");
    assert!(host.says(WRITTEN_OUT).starts_with("550 5.7.1 relaying"));
    // What comes from now on may be the client's own words.
    host.says("RSET");
    assert!(host.says("XCLIENT ADDR=127.0.0.1").starts_with("502 5.5.1"));
    let mut host = behind(b"PROXY UNKNOWN\r\n").greeted();
    assert!(host.says("XCLIENT ADDR=203.0.113.10 LOGIN=ada").starts_with("220 "));
    host.says("EHLO c.example");
    assert_eq!(host.says(MAIL), "250 2.1.0 sender ok");
    assert_eq!(host.says(WRITTEN_OUT), "250 2.1.5 recipient ok");
    // Somebody of whom the host does not know where it is has not the rights of the host.
    let mut host = behind(b"PROXY UNKNOWN\r\n").greeted();
    assert!(host.says("XCLIENT ADDR=[UNAVAILABLE]").starts_with("220 "));
    host.says("EHLO c.example");
    assert_eq!(host.says(MAIL), "250 2.1.0 sender ok");
    assert!(host.says(WRITTEN_OUT).starts_with("550 5.7.1 relaying"));
    let mut host = behind(b"PROXY UNKNOWN\r\n").greeted();
    assert!(host.says("XCLIENT ADDR=198.51.100.7").starts_with("421 4.7.0 too many connections"));
    // A host that speaks for others has no limits of its own.
    for client in ["203.0.113.20", "203.0.113.21"] {
        let mut host = Connection::to(gateway.place(2)).greeted();
        assert!(host.says(&format!("XCLIENT ADDR={client}")).starts_with("220 "));
    }
    // Who does not say for whom it speaks is not heard, and who may not is not believed.
    assert_eq!(behind(b"EHLO a.example\r\n").reply(), "");
    let mut other = Connection::to(gateway.place(1)).greeted();
    assert!(other.says("PROXY TCP4 198.51.100.7 127.0.0.1 40000 25").starts_with("500 5.5.1"));
    assert!(other.says("XCLIENT ADDR=198.51.100.7").starts_with("502 5.5.1"));
    let store = gateway.running.store();
    let stored = gateway.runtime.block_on(async {
        let all = store.list(Filter { state: None, after: None, limit: 2 }).await.unwrap();
        store.load(all[0].id).await.unwrap().unwrap().entry
    });
    assert!(matches!(stored.origin, Origin::Smtp { peer, .. } if peer.to_string() == "198.51.100.7:40000"));
    let refusals = gateway.refusals();
    let limited: Vec<_> = refusals.iter().filter(|(policy, _)| policy == "connection-rate").collect();
    assert_eq!(limited.len(), 2);
    assert!(limited.iter().all(|(_, what)| what == "198.51.100.7"), "{refusals:?}");
}
