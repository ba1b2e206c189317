//! The running gateway between an SMTP client, a server on the Internet, and the lab peer.

use std::path::PathBuf;

use rasn_x400::ber;
use rasn_x400::x411::report::ReportType;
use rasn_x400::x419::MtsApdu;
use rasn_x400::x420::{InformationObject, Ipm};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use x400_gateway::mta::relay::{Apdu, shown};
use x400_gateway::queue::entry::Kind;

use super::tables::kind;
use crate::far::{hello, message};
use crate::server::{Manners, Server};
use crate::stage::{Stage, reply};

/// Mappings in a file, those of the demonstration and more.
struct Mappings {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Mappings {
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mappings = Self { path: folder.path().join("rules.toml"), _folder: folder };
        mappings.write(more);
        mappings
    }

    fn write(&self, more: &str) {
        let text = format!("{}\n{more}", include_str!("../../../mappings/default.toml"));
        std::fs::write(&self.path, text).unwrap();
    }

    async fn stage(&self, internet: &str) -> Stage {
        let path = self.path.clone();
        Stage::start_towards(internet, true, |config| config.gateway.mappings = Some(path)).await
    }
}

/// What the gateway answers to each of these commands, and to the greeting.
async fn dialogue(stage: &Stage, commands: &[&str]) -> Vec<String> {
    let mut stream = BufReader::new(TcpStream::connect(stage.smtp).await.unwrap());
    reply(&mut stream).await;
    let mut replies = Vec::new();
    for command in ["EHLO ada.internet.example"].iter().chain(commands) {
        stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
        replies.push(reply(&mut stream).await.trim_end().to_owned());
    }
    replies.split_off(1)
}

async fn next_message(stage: &mut Stage) -> (Vec<String>, Ipm) {
    let Apdu::Message { envelope, content, .. } = stage.next().await else {
        panic!("a message was expected")
    };
    let ours = Apdu::Message { envelope, content: content.clone(), unknown: Vec::new() };
    let recipients = ours.responsible().map(|(_, name)| shown(name)).collect();
    let octets = content.read().unwrap().concat();
    match ber::decode(&octets, octets.len()).unwrap() {
        InformationObject::Ipm(ipm) => (recipients, ipm),
        other => panic!("{other:?}"),
    }
}

const POLICIES: &str = r#"
[[policy]]
name = "closed"
to = "O=closed; P=demo; A=x400; C=XX"
action = "refuse"
reason = "no traffic with them"

[[policy]]
from = "boss@internet.example"
to = "O=closed; P=demo; A=x400; C=XX"
action = "allow"

[[policy]]
to = "O=small; P=demo; A=x400; C=XX"
larger-than = 1000
action = "refuse"
"#;

/// Who may not be written to is refused at RCPT, and what is too large as soon as that is known. Others get it all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_refuses_while_the_client_waits() {
    let mappings = Mappings::new(POLICIES);
    let mut stage = mappings.stage("hold = true").await;
    let closed = "RCPT TO:<a@closed.x400.example>";
    let small = "RCPT TO:<a@small.x400.example>";
    let replies = dialogue(
        &stage,
        &[
            "MAIL FROM:<ada@internet.example> SIZE=1001",
            closed,
            small,
            "RCPT TO:<a@navy.x400.example>",
            "RSET",
            "MAIL FROM:<boss@internet.example> SIZE=1000",
            closed,
            small,
            "RSET",
            "MAIL FROM:<>",
            closed,
        ],
    )
    .await;
    let expected = [
        "250",
        "550 5.7.1 no traffic with them",
        "552 5.3.4 the message is too large for this recipient",
        "250",
        "250",
        "250",
        "250",
        "250",
        "250",
        "250",
        "550 5.7.1 no traffic with them",
    ];
    for (reply, expected) in replies.iter().zip(expected) {
        assert!(reply.starts_with(expected), "{reply} instead of {expected}: {replies:#?}");
    }
    // Nobody said how large it is.
    let large = format!("From: ada@internet.example\r\nSubject: large\r\n\r\n{}\r\n.", "x".repeat(1000));
    let alone = dialogue(&stage, &["MAIL FROM:<ada@internet.example>", small, "DATA", &large]).await;
    assert!(alone[1].starts_with("250") && alone[3].starts_with("552 5.3.4"), "{alone:#?}");
    let both = ["<a@small.x400.example>", "<a@navy.x400.example>"];
    stage.submit("<ada@internet.example>", &both, &large.replace("\r\n.", "").replace("\r\n", "\n")).await;
    let (recipients, _) = next_message(&mut stage).await;
    assert_eq!(recipients, ["/S=a/O=navy/PRMD=demo/ADMD=x400/C=XX/"]);
    let made = stage.made(1).await;
    made[0].assert_status(1, "failed", "5.3.4");
    stage.end().await;
}

const CONVERSION: &str = r#"
[[header]]
field = "X-Project"
heading = "Subject"
value = "[P] {value}"

[[header]]
field = "X-Case"
extension = "1.3.6.1.4.1.99999.1"
syntax = "integer"

[[body]]
peer = "hub"
attachments = "bp14"

[[body]]
user = "S=Grace; O=navy; P=demo; A=x400; C=XX"
attachments = "ftbp"

[[route]]
domain = "internet.example"
smart-host = "SERVER"
tls = "off"
"#;

const WITH_A_FILE: &str = "From: ada@internet.example\nTo: hopper@navy.x400.example\nX-Project: engine\nX-Case: 12\n\
    MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n--b\nContent-Type: application/pdf\n\
    Content-Disposition: attachment; filename=plan.pdf\nContent-Transfer-Encoding: base64\n\nMTIzNDU2\n--b--\n";

/// A rule about header fields shows in what the peer decodes, one about bodies in the form of attachments; a recipient who is to
/// have it otherwise gets a copy of her own. The way back undoes it, by a route of the rule file.
#[tokio::test(flavor = "multi_thread")]
async fn rules_show_in_what_the_peer_gets() {
    let mut internet = Server::start(Manners::default()).await;
    let mappings = Mappings::new(&CONVERSION.replace("SERVER", &internet.address.to_string()));
    let mut stage = mappings.stage("").await;
    let both = ["<hopper@navy.x400.example>", "<grace@navy.x400.example>"];
    stage.submit("<ada@internet.example>", &both, WITH_A_FILE).await;
    let mut got = [next_message(&mut stage).await, next_message(&mut stage).await];
    got.sort_by(|one, other| one.0.cmp(&other.0));
    let [(grace, to_grace), (hopper, to_hopper)] = got;
    assert_eq!(grace, ["/S=grace/O=navy/PRMD=demo/ADMD=x400/C=XX/"]);
    assert_eq!(hopper, ["/S=hopper/O=navy/PRMD=demo/ADMD=x400/C=XX/"]);
    for (ipm, parts) in [(&to_grace, ["ia5", "file"]), (&to_hopper, ["ia5", "bilateral"])] {
        assert_eq!(ipm.body.iter().map(kind).collect::<Vec<_>>(), parts);
        let subject = ipm.heading.subject.as_ref().map(|subject| subject.as_bytes().to_vec());
        assert_eq!(subject.as_deref(), Some(&b"[P] engine"[..]));
        let case = ipm.heading.extensions.iter().find(|one| one.kind.to_string() == "1.3.6.1.4.1.99999.1");
        assert_eq!(case.unwrap().get::<i64>(), Ok(12));
    }
    let InformationObject::Ipm(mut ipm) = hello() else { panic!() };
    ipm.heading.subject = Some("[P] engine".into());
    ipm.heading.extensions = to_hopper.heading.extensions;
    let apdu = message("back", "ada@internet.example", &InformationObject::Ipm(ipm));
    stage.transfer(ber::encode(&apdu).unwrap().into()).await;
    let mail = String::from_utf8(internet.next().await.content).unwrap();
    assert!(mail.contains("\r\nX-Project: engine\r\n") && mail.contains("\r\nX-Case: 12\r\n"), "{mail}");
    assert!(!mail.contains("Subject:") && !mail.contains("Discarded"), "{mail}");
    stage.ended(Kind::P1, 1).await;
    stage.end().await;
}

const OF_A_PEER: &str = r#"
[[user]]
internet = "grace@navy.x400.example"
or = "G=Grace; S=Hopper; O=navy; P=demo; A=x400; C=XX"
peer = "hub"

[[user]]
internet = "ada@internet.example"
or = "G=Ada; S=Lovelace; O=staff; P=gateway; A=example; C=XX"
peer = "hub"

[[policy]]
from = "O=staff; P=gateway; A=example; C=XX"
larger-than = 1000
action = "refuse"
"#;

/// Pairs of a peer count for messages to and from it: in the envelope, in the heading, and in what is judged while the client
/// waits.
#[tokio::test(flavor = "multi_thread")]
async fn pairs_of_a_peer_count_both_ways() {
    let mut internet = Server::start(Manners::default()).await;
    let mappings = Mappings::new(&format!(
        "{OF_A_PEER}[[route]]\ndomain = \"internet.example\"\nsmart-host = \"{}\"\ntls = \"off\"\n",
        internet.address
    ));
    let mut stage = mappings.stage("").await;
    let (ada, grace) = ("<ada@internet.example>", "<grace@navy.x400.example>");
    let mail = "From: ada@internet.example\nTo: grace@navy.x400.example\nSubject: x\n\nHello.\n";
    stage.submit(ada, &[grace], mail).await;
    let envelope = stage.next_envelope().await;
    assert_eq!(shown(&envelope.originator_name), "/G=Ada/S=Lovelace/O=staff/PRMD=gateway/ADMD=example/C=XX/");
    let name = &envelope.per_recipient_fields[0].recipient_name;
    assert_eq!(shown(name), "/G=Grace/S=Hopper/O=navy/PRMD=demo/ADMD=x400/C=XX/");

    // Who Ada is for the hub is known when all of it is there.
    let large = format!("{}{}\r\n.", mail.replace('\n', "\r\n"), "x".repeat(1000));
    let commands = [&format!("MAIL FROM:{ada}"), &format!("RCPT TO:{grace}"), "DATA", &large];
    let replies = dialogue(&stage, &commands).await;
    assert!(replies[1].starts_with("250") && replies[3].starts_with("552 5.3.4"), "{replies:#?}");

    let MtsApdu::Message(mut back) = message("back", "ada@internet.example", &hello()) else { panic!() };
    back.envelope.per_recipient_fields[0].recipient_name = envelope.originator_name;
    stage.transfer(ber::encode(&MtsApdu::Message(back)).unwrap().into()).await;
    let envelope = internet.next().await.envelope;
    assert!(envelope.iter().any(|line| line.starts_with("RCPT TO:<ada@internet.example>")), "{envelope:?}");
    stage.ended(Kind::P1, 1).await;
    stage.end().await;
}

/// From X.400 a policy refuses with a non-delivery report that says restricted-delivery, and a route of a domain as routes do. A
/// hang-up takes policies and routes into use, and one whose rules name a peer that is not there changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn x400_originators_are_told_and_reloads_count() {
    let mappings = Mappings::new("");
    let mut stage = mappings.stage("").await;
    let policy = "[[policy]]\nfrom = \"O=navy; P=demo; A=x400; C=XX\"\nto = \"@internet.example\"\naction = \"refuse\"\n\
                  reason = \"not from the navy\"\n[[route]]\naddress = \"O=army; P=demo; A=x400; C=XX\"\nrefuse = \"at war\"\n";
    mappings.write(policy);
    stage.gateway.reload("test").unwrap();
    mappings.write("[[route]]\naddress = \"C=XX\"\npeer = \"hup\"\n");
    let report = stage.gateway.reload("test").unwrap_err().render();
    assert!(report.contains("X0244") && report.contains("did you mean `hub`?"), "{report}");
    let apdu = message("first", "ada@internet.example", &hello());
    stage.transfer(ber::encode(&apdu).unwrap().into()).await;
    assert_eq!(refused(&mut stage).await, (5, None));
    let at_war =
        dialogue(&stage, &["MAIL FROM:<ada@internet.example>", "RCPT TO:<a@army.x400.example>"]).await;
    assert!(at_war[1].starts_with("550 "), "{at_war:#?}");
    mappings.write("[[route]]\ndomain = \".example\"\nrefuse = \"nothing goes there\"\n");
    stage.gateway.reload("test").unwrap();
    let apdu = message("second", "ada@internet.example", &hello());
    stage.transfer(ber::encode(&apdu).unwrap().into()).await;
    assert_eq!(refused(&mut stage).await.0, 1);
    stage.end().await;
}

/// Reason and diagnostic of the next report, which is one of non-delivery.
async fn refused(stage: &mut Stage) -> (i64, Option<i64>) {
    let Apdu::Report(report) = stage.next().await else { panic!("a report was expected") };
    match &report.content.per_recipient_fields[0].last_trace_information.report_type {
        ReportType::NonDelivery(said) => (said.reason_code, said.diagnostic_code),
        other => panic!("{other:?}"),
    }
}
