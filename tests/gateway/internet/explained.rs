//! What the running gateway explains is what it sends: hundreds of recipients go through it, over SMTP and over P1, and each
//! arrives at the other side as `POST /v1/explain` said it would, or is refused in the very words.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text::{self, KeyedAddress};
use rasn_x400::x411::envelope::{PerRecipientFields, PerRecipientIndicators};
use serde::Deserialize as _;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use x400_gateway::admin::At;
use x400_gateway::admin::client::Client;
use x400_gateway::explain::Outcome;
use x400_gateway::explain::address::Explained;
use x400_gateway::mta::relay::Apdu;
use x400_gateway::queue::store::{State, Tracked};

use super::PATIENCE;
use super::server::{Manners, Server};
use super::stage::{Stage, envelope, message};

/// Recipients of one mail or message.
const BATCH: usize = 100;
/// Mails, and messages.
const BATCHES: usize = 3;

/// Rules of every kind that is about addresses, and a policy; `P=a; A=x; C=XX` is reached by the peer `a`, the gateway's own
/// domain by SMTP. Messages to the Internet come from the peer `origin`.
const RULES: &str = r#"
[gateway]
domain = "gw.test"
or = "O=gw; P=gateway; A=example; C=XX"
reached_by_x400 = ["far.test"]
encapsulate_via = "O=far; P=a; A=x; C=XX"
[[equivalence]]
name = "navy"
domain = "navy.test"
or = "O=navy; P=a; A=x; C=XX"
[[equivalence]]
domain = "sales.navy.test"
or = "OU1=Sales Dept; O=navy; P=a; A=x; C=XX"
[[equivalence]]
domain = "shore.test"
or = "O=shore; P=gateway; A=example; C=XX"
[[preferred]]
domain = "relay.test"
or = "O=relay; P=a; A=x; C=XX"
[[template]]
internet = "{given}.{surname}@{unit}.staff.test"
or = "G={given}; S={surname}; OU1={unit}; O=staff; P=a; A=x; C=XX"
[[equivalence]]
domain = "fleet.test"
or = "O=fleet; P=a; A=x; C=XX"
[[equivalence]]
domain = "fleet.test"
or = "O=Flotte; P=a; A=x; C=XX"
peer = "a"
[[equivalence]]
domain = "harbour.test"
or = "O=shore; OU1=b; P=gateway; A=example; C=XX"
peer = "origin"
[[equivalence]]
domain = "elsewhere.test"
or = "O=shore; OU1=b; P=gateway; A=example; C=XX"
peer = "a"
[[policy]]
to = "@closed.navy.test"
action = "refuse"
reason = "closed for the season"
"#;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn of<'a>(&mut self, several: &[&'a str]) -> &'a str {
        several[self.below(several.len())]
    }

    fn mailbox(&mut self, number: usize) -> String {
        let name = self.of(&["ada", "Grace", "Kurt", "Emmy"]);
        let local = match self.below(9) {
            0 | 8 => format!("{name}.n{number}"),
            1 => format!("J.{name}{number}"),
            2 => format!("list_{name}{number}"),
            3 => format!("\"/S={name}{number}/OU=Far East/\""),
            4 => format!("/G={name}/S=s{number}/"),
            5 => format!("/S={name}{number}/O=own/PRMD=a/ADMD=x/C=XX/"),
            6 => format!("/Q={name}{number}"),
            _ => format!("\"{name} {number}\""),
        };
        let domain = self.of(&[
            "navy.test",
            "ship.navy.test",
            "sales.navy.test",
            "deep.down.ship.navy.test",
            "far.test",
            "relay.test",
            "north.staff.test",
            "fleet.test",
            "closed.navy.test",
            "gw.test",
            "nowhere.test",
        ]);
        format!("{local}@{domain}")
    }

    fn or_address(&mut self, number: usize) -> String {
        let name = self.of(&["Ada", "Grace", "Kurt", "Emmy"]);
        let person = match self.below(5) {
            0 => format!("S={name}{number}"),
            1 => format!("G={name}; S=n{number}"),
            2 => format!("CN={name} {number}"),
            3 => format!("DDA:RFC-822={name}{number}(a)inter.test"),
            _ => format!("I={}; S=n{number}", &name[..1]),
        };
        let above = self.of(&["O=shore", "OU1=b; O=shore", "OU1=Far East; O=shore", "O=elsewhere"]);
        format!("{person}; {above}; P=gateway; A=example; C=XX")
    }
}

async fn explained(client: &Client, address: &str, towards: &str) -> Explained {
    // Nobody writes to X.400, and another MTA to the Internet.
    let peer = (towards == "internet").then_some("origin");
    let question = json!({ "address": address, "towards": towards, "from": "<>", "peer": peer });
    let answer = client.post("/v1/explain", &question).await.unwrap();
    assert!(answer.done, "{answer:?}");
    Explained::deserialize(&answer.body["address"]).unwrap()
}

fn written(name: &OrName) -> String {
    KeyedAddress::from_or_name(name).address.to_std_or()
}

async fn stage(server: &Server) -> (Stage, Client, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    std::fs::write(&rules, RULES).unwrap();
    let internet = format!("[internet]\nsmarthost = \"{}\"\n", server.address);
    let stage = Stage::start(&internet, |config| config.gateway.mappings = Some(rules)).await;
    let client = Client::new(stage.gateway.admin.clone().unwrap(), None).unwrap();
    (stage, client, folder)
}

/// The command says what the interface says.
async fn same_by_command(client: &Client, stage: &Stage, address: &str) {
    let At::Socket(socket) = stage.gateway.admin.as_ref().unwrap() else { panic!("no socket") };
    let told = explained(client, address, "x400").await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_x400gw"));
    command.args(["explain", "--json", "--from", "<>", "--gateway"]).arg(socket).arg(address);
    let output = tokio::task::block_in_place(|| command.output()).unwrap();
    let said: Explained = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said, told);
    assert_eq!(output.status.code(), Some(i32::from(told.outcome != Outcome::Mapped)));
}

/// A session of SMTP, line by line.
struct Session(BufReader<TcpStream>);

impl Session {
    /// The reply to a line, its lines without codes joined.
    async fn say(&mut self, line: &str) -> (u16, String, String) {
        self.0.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.reply().await
    }

    async fn reply(&mut self) -> (u16, String, String) {
        let mut text = Vec::new();
        loop {
            let mut line = String::new();
            tokio::time::timeout(PATIENCE, self.0.read_line(&mut line)).await.unwrap().unwrap();
            let said = line[4..].trim_end();
            let (code, rest) = said.split_once(' ').unwrap_or((said, ""));
            text.push(rest.to_owned());
            if line.as_bytes()[3] == b' ' {
                return (line[..3].parse().unwrap(), code.to_owned(), text.join(" "));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_explained_is_what_goes_to_x400() {
    let server = Server::start(Manners::default()).await;
    let (mut stage, client, _folder) = stage(&server).await;
    let mut dice = Dice(0x5eed);
    let (mut taken_in_all, mut refused_in_all) = (0, 0);
    for batch in 0..BATCHES {
        let mut session = Session(BufReader::new(TcpStream::connect(stage.gateway.smtp[0]).await.unwrap()));
        session.reply().await;
        session.say("EHLO client.example").await;
        assert_eq!(session.say("MAIL FROM:<>").await.0, 250);
        let mut expected = BTreeMap::new();
        for number in 0..BATCH {
            let address = dice.mailbox(batch * BATCH + number);
            let told = explained(&client, &address, "x400").await;
            let (code, enhanced, text) = session.say(&format!("RCPT TO:<{address}>")).await;
            if code == 250 {
                assert_eq!(told.outcome, Outcome::Mapped, "{address}");
                expected.insert(i64::try_from(expected.len() + 1).unwrap(), told.result.unwrap());
            } else {
                refused_in_all += 1;
                assert_ne!(told.outcome, Outcome::Mapped, "{address}: {text}");
                let reply = told.reply.unwrap();
                let said = (reply.code, reply.enhanced.unwrap(), reply.text.join(" "));
                assert_eq!((code, enhanced, text), said, "{address}");
            }
        }
        taken_in_all += expected.len();
        assert_eq!(session.say("DATA").await.0, 354);
        assert_eq!(session.say("Subject: x\r\n\r\nx\r\n.").await.0, 250);
        let mut sent = BTreeMap::new();
        while sent.len() < expected.len() {
            let Apdu::Message { envelope, .. } = stage.next_apdu().await else { panic!("no message") };
            for fields in &envelope.per_recipient_fields {
                sent.insert(fields.originally_specified_recipient_number, written(&fields.recipient_name));
            }
        }
        assert_eq!(sent, expected);
    }
    assert!(taken_in_all > 100 && refused_in_all > 30, "{taken_in_all} taken, {refused_in_all} refused");
    for address in ["Grace.Hopper@ship.navy.test", "ada@fleet.test", "ada@closed.navy.test"] {
        same_by_command(&client, &stage, address).await;
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_explained_is_what_goes_to_the_internet() {
    let mut server = Server::start(Manners::default()).await;
    let (mut stage, client, _folder) = stage(&server).await;
    let mut dice = Dice(0xd1ce);
    for batch in 0..BATCHES {
        let (mut expected, mut stay) = (BTreeSet::new(), BTreeSet::new());
        let mut fields = Vec::new();
        for number in 0..BATCH {
            let address = dice.or_address(batch * BATCH + number);
            let told = explained(&client, &address, "internet").await;
            assert_eq!(told.outcome, Outcome::Mapped, "{address}");
            match told.stays {
                Some(other) => stay.insert(other),
                None => expected.insert(told.result.unwrap()),
            };
            let name = text::parse(&address).unwrap().to_or_name().unwrap();
            let number = i64::try_from(number + 1).unwrap();
            let bits = PerRecipientIndicators::with(&[PerRecipientIndicators::RESPONSIBILITY]);
            fields.push(PerRecipientFields::new(name, number, bits));
        }
        let mut envelope = envelope(&format!("batch {batch}"), &[]);
        envelope.per_recipient_fields = fields;
        stage.send(&message(envelope)).await;
        let is_done = |one: &&Tracked| matches!(one.state, State::Done { .. });
        stage.queue(|all| all.iter().filter(is_done).count() > batch).await;
        let mut sent = BTreeSet::new();
        while let Ok(mail) = server.received.try_recv() {
            for line in mail.envelope.iter().filter_map(|line| line.strip_prefix("RCPT TO:<")) {
                let (address, _) = line.rsplit_once('>').unwrap();
                sent.insert(address.to_owned());
            }
        }
        assert_eq!(sent, expected);
        // Mailboxes that the peer reaches.
        let Apdu::Message { envelope, .. } = stage.next_apdu().await else { panic!("no message") };
        let relayed = envelope
            .per_recipient_fields
            .iter()
            .filter(|fields| fields.per_recipient_indicators.has(PerRecipientIndicators::RESPONSIBILITY));
        let relayed = relayed.map(|fields| written(&fields.recipient_name));
        assert_eq!(relayed.collect::<BTreeSet<_>>(), stay);
        assert!(!stay.is_empty());
    }
    stage.end().await;
}
