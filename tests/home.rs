//! What became of a message comes home to whoever sent it, in the world it was sent from: hours later, after a restart, and only
//! what was asked for. The lab peer is the X.400 side; Python's email package reads what is told to Internet senders, tshark
//! what goes to X.400.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "support/judge.rs"]
mod judge;
#[allow(dead_code, reason = "each test target uses a part")]
#[path = "internet/server.rs"]
mod server;

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use judge::Side;
use rasn_x400::ber;
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerMessageIndicators, PerRecipientFields,
    PerRecipientIndicators, Priority,
};
use rasn_x400::x411::report::{
    LastTraceInformation, NonDeliveryReport, PerRecipientReportFields, ReportTransferContent,
    ReportTransferEnvelope, ReportType,
};
use rasn_x400::x411::trace::{
    DomainSuppliedInformation, GlobalDomainIdentifier, OtherActions, RoutingAction, TraceInformationElement,
};
use rasn_x400::x419::{MtsApdu, Report};
use rasn_x400::x420::body::{BodyPart, Ia5Text};
use rasn_x400::x420::heading::Heading;
use rasn_x400::x420::notification::{AcknowledgmentMode, Ipn, NotificationChoice, ReceiptFields};
use rasn_x400::x420::{InformationObject, Ipm};
use serde_json::Value;
use server::{Manners, Server};
use time::OffsetDateTime;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use x400_gateway::config::Config;
use x400_gateway::mixer::settings::NotificationForm;
use x400_gateway::mta::association::Settings;
use x400_gateway::mta::bind::{Identity, Trust};
use x400_gateway::mta::pool::schedule::Policy;
use x400_gateway::mta::pool::{Message, Peer, Pool};
use x400_gateway::mta::relay::{Apdu, shown, x400_time};
use x400_gateway::osi::driver::{Direction, Recorder};
use x400_gateway::osi::stack::Config as StackConfig;
use x400_gateway::queue::entry::{Kind, RecipientState};
use x400_gateway::queue::store::{Filter, State, Store as _, Tracked};
use x400_gateway::{peer, serve};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

type Transcript = Vec<(Side, Vec<u8>)>;

/// A gateway, and the lab peer that everything for X.400 goes to.
struct Stage {
    gateway: serve::Running,
    config: Config,
    smtp: SocketAddr,
    x400: SocketAddr,
    arrived: mpsc::UnboundedReceiver<Bytes>,
    transcript: Arc<Mutex<Transcript>>,
    stop: watch::Sender<bool>,
    peer: Option<JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_with(true, change).await
    }

    /// Without a peer that is up, if so wished.
    async fn start_with(peer_is_up: bool, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_towards("hold = true", peer_is_up, change).await
    }

    /// With a way to the Internet.
    async fn start_towards(internet: &str, peer_is_up: bool, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [smtp, x400, at_peer] = [(); 3].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let [smtp, x400, at_peer] = [smtp, x400, at_peer].map(|one| one.local_addr().unwrap());
        let text = format!(
            "[gateway]\ndata = {:?}\n[smtp]\nlisten = [\"{smtp}\"]\ndeliver-by = 0\n[x400]\nlisten = \"{x400}\"\n[internet]\n{internet}\n\
             [[peer]]\nname = \"hub\"\naddress = \"{at_peer}\"\n",
            folder.path(),
        );
        let mut config = Config::parse("home", &text).unwrap_or_else(|report| panic!("{}", report.render()));
        config.queue.first_retry = Duration::from_millis(50);
        config.queue.longest_retry = Duration::from_millis(200);
        config.peers[0].first_reconnect = Duration::from_millis(20);
        config.peers[0].longest_reconnect = Duration::from_millis(100);
        change(&mut config);
        let gateway = serve::start(config.clone(), Vec::new()).await.unwrap();
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let transcript: Arc<Mutex<Transcript>> = Arc::default();
        let (stop, stopped) = watch::channel(false);
        let peer = if peer_is_up {
            let tape = Arc::clone(&transcript);
            let recorder = Box::new(move || -> Box<dyn Recorder> { Box::new(Tape(Arc::clone(&tape))) });
            let options = peer::Options {
                print: peer::Print::Nothing,
                call: Some(x400.to_string()),
                ..peer::Options::default()
            };
            let listener = TcpListener::bind(at_peer).await.unwrap();
            let listening = peer::listen(options, listener, Some(recorder), arrivals, stopped);
            Some(tokio::spawn(async { listening.await.unwrap() }))
        } else {
            None
        };
        Self { gateway, config, smtp, x400, arrived, transcript, stop, peer, _folder: folder }
    }

    /// The gateway stops, and is started again.
    async fn restart(self) -> Self {
        self.gateway.stop().await;
        let gateway = serve::start(self.config.clone(), Vec::new()).await.unwrap();
        Self { gateway, ..self }
    }

    /// What the X.400 side got next.
    async fn next(&mut self) -> Apdu {
        let octets = tokio::time::timeout(PATIENCE, self.arrived.recv()).await;
        Apdu::read(&octets.expect("nothing arrived in time").unwrap().into()).unwrap()
    }

    async fn next_envelope(&mut self) -> MessageTransferEnvelope {
        match self.next().await {
            Apdu::Message { envelope, .. } => *envelope,
            other => panic!("a {} instead of a message", other.kind()),
        }
    }

    /// What the queue holds, once `enough` says so.
    async fn queue(&self, enough: impl Fn(&[Tracked]) -> bool) -> Vec<Tracked> {
        let store = self.gateway.store();
        let seen = Mutex::new(Vec::new());
        let look = async {
            loop {
                let mut all = Vec::new();
                for line in store.list(Filter { state: None, after: None, limit: 100 }).await.unwrap() {
                    all.extend(store.load(line.id).await.unwrap());
                }
                if enough(&all) {
                    return all;
                }
                *seen.lock().unwrap() = all;
                tokio::task::yield_now().await;
            }
        };
        let found = tokio::time::timeout(PATIENCE, look).await;
        found.unwrap_or_else(|_| panic!("the queue did not get there in time: {:#?}", seen.lock().unwrap()))
    }

    /// The mails for the Internet side that the gateway has made, once there are so many.
    async fn made(&self, count: usize) -> Vec<Made> {
        let is_made = |one: &&Tracked| one.entry.kind == Kind::Internet;
        let all = self.queue(|all| all.iter().filter(is_made).count() >= count).await;
        let mut made = Vec::new();
        for Tracked { entry, .. } in all.iter().filter(is_made) {
            let content = self.gateway.store().content(entry).await.unwrap();
            let notify = entry.envelope.recipients[0].options.notify.clone();
            assert_eq!(notify, Some(vec!["never".to_owned()]), "F-18");
            // Z-22
            assert_eq!(entry.envelope.reverse_path, None);
            made.push(Made { to: entry.envelope.recipients[0].address.clone(), mail: python(&content) });
        }
        made
    }

    /// Once everything of this kind has its end.
    async fn ended(&self, kind: Kind, count: usize) -> Vec<Tracked> {
        let is_over = |one: &Tracked| one.entry.kind == kind && matches!(one.state, State::Done { .. });
        let all = self.queue(|all| all.iter().filter(|one| is_over(one)).count() >= count).await;
        all.into_iter().filter(is_over).collect()
    }

    /// Sends by SMTP; `recipients` with their parameters.
    async fn submit(&self, from: &str, recipients: &[&str], content: &str) {
        let mut stream = BufReader::new(TcpStream::connect(self.smtp).await.unwrap());
        let mut commands = vec!["EHLO ada.internet.example".to_owned(), format!("MAIL FROM:{from}")];
        commands.extend(recipients.iter().map(|recipient| format!("RCPT TO:{recipient}")));
        commands.push("DATA".to_owned());
        commands.push(format!("{}\r\n.", content.replace('\n', "\r\n")));
        reply(&mut stream).await;
        for command in commands {
            stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
            let answer = reply(&mut stream).await;
            assert!(answer.starts_with('2') || answer.starts_with('3'), "{command}: {answer}");
        }
    }

    async fn report(&self, report: Report) {
        self.transfer(ber::encode(&MtsApdu::Report(report)).unwrap().into()).await;
    }

    /// Transfers something, as an MTA that calls the gateway.
    async fn transfer(&self, apdu: Bytes) {
        let pool = Pool::new(Peer {
            name: "the gateway".into(),
            hosts: vec![self.x400.to_string()],
            tls: None,
            stack: StackConfig::default(),
            settings: Settings {
                identity: Identity { name: "hub".into(), ..Identity::default() },
                trust: Trust { anyone: true, known: Vec::new() },
                transfer_timeout: PATIENCE,
                idle: PATIENCE,
                ..Settings::default()
            },
            policy: Policy { maximum: 1, idle: PATIENCE, ..Policy::default() },
            connect_timeout: PATIENCE,
        });
        pool.transfer(Message::new("apdu", apdu)).await.unwrap();
        pool.close(PATIENCE).await;
    }

    /// Ends everything; tshark must have understood what went to X.400.
    async fn end(self) {
        self.gateway.stop().await;
        let _ = self.stop.send(true);
        if let Some(peer) = self.peer {
            peer.await.unwrap();
            // It knows no extensions of RFC 2156.
            let known = ["Dissector for OID not implemented"];
            judge::association(&self.transcript.lock().unwrap()).assert_clean_except(&known);
        }
    }
}

/// All lines of a reply.
async fn reply(stream: &mut BufReader<TcpStream>) -> String {
    let mut whole = String::new();
    loop {
        let start = whole.len();
        assert!(stream.read_line(&mut whole).await.unwrap() > 0, "the gateway hung up");
        if whole.as_bytes().get(start + 3) != Some(&b'-') {
            return whole;
        }
    }
}

struct Tape(Arc<Mutex<Transcript>>);

impl Recorder for Tape {
    fn octets(&mut self, direction: Direction, octets: &[u8]) {
        let side = match direction {
            Direction::Received => Side::Initiator,
            Direction::Sent => Side::Responder,
        };
        self.0.lock().unwrap().push((side, octets.to_vec()));
    }
}

/// A mail that the gateway made, as Python's email package reads it.
struct Made {
    to: String,
    mail: Value,
}

impl Made {
    /// A field of the header, of the part about the message (0), or of that about recipient 1, 2 and so on.
    fn field(&self, group: Option<usize>, name: &str) -> Option<&str> {
        let fields = group.map_or(&self.mail["header"], |group| &self.mail["status"][group]);
        fields[name.to_lowercase()].as_str()
    }

    fn assert_status(&self, recipient: usize, action: &str, status: &str) {
        let found = (self.field(Some(recipient), "Action"), self.field(Some(recipient), "Status"));
        assert_eq!(found, (Some(action), Some(status)), "{:#}", self.mail);
    }
}

/// What Python finds in a notification; it must find no defect.
fn python(mail: &[u8]) -> Value {
    const SCRIPT: &str = "\
import email, email.policy, json, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
fields = lambda part: {name.lower(): str(value) for name, value in part.items()}
parts = list(mail.iter_parts())
defects = [str(defect) for part in mail.walk() for defect in part.defects]
status = [fields(group) for group in parts[1].get_payload()]
print(json.dumps({
    'type': mail.get_content_type(), 'report': mail.get_param('report-type'), 'defects': defects,
    'header': fields(mail), 'text': parts[0].get_content(), 'status': status,
    'parts': [part.get_content_type() for part in parts],
    'returned': parts[2].as_string() if len(parts) > 2 else None,
}))";
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut python = python.spawn().expect("python3 is installed");
    python.stdin.take().unwrap().write_all(mail).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(mail));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["defects"], Value::Array(Vec::new()), "{found:#}");
    assert_eq!(found["type"], "multipart/report");
    assert_eq!(found["report"], "delivery-status");
    found
}

fn element(domain: GlobalDomainIdentifier) -> TraceInformationElement {
    TraceInformationElement {
        domain,
        supplied: DomainSuppliedInformation {
            arrival_time: x400_time(OffsetDateTime::now_utc()),
            routing_action: RoutingAction::RELAYED,
            attempted_domain: None,
            deferred_time: None,
            converted_encoded_information_types: None,
            other_actions: OtherActions::default(),
            unknown: Vec::new(),
        },
        unknown: Vec::new(),
    }
}

fn hub() -> GlobalDomainIdentifier {
    GlobalDomainIdentifier::new("XX", "x400", Some("demo"))
}

/// A non-delivery report on every recipient of a message, as a far MTA makes it: it knows nothing but what the envelope says.
fn failure(message: &MessageTransferEnvelope, reason: i64, diagnostic: Option<i64>) -> Report {
    let fields = |fields: &PerRecipientFields| PerRecipientReportFields {
        actual_recipient_name: fields.recipient_name.clone(),
        originally_specified_recipient_number: fields.originally_specified_recipient_number,
        per_recipient_indicators: fields.per_recipient_indicators.clone(),
        last_trace_information: LastTraceInformation {
            arrival_time: x400_time(OffsetDateTime::now_utc()),
            converted_encoded_information_types: None,
            report_type: ReportType::NonDelivery(NonDeliveryReport {
                reason_code: reason,
                diagnostic_code: diagnostic,
                unknown: Vec::new(),
            }),
            unknown: Vec::new(),
        },
        originally_intended_recipient_name: None,
        supplementary_information: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    };
    Report {
        envelope: ReportTransferEnvelope {
            report_identifier: MtsIdentifier {
                domain: hub(),
                local_identifier: "report-1".into(),
                unknown: Vec::new(),
            },
            report_destination_name: message.originator_name.clone(),
            trace_information: vec![element(hub())],
            extensions: Vec::new(),
            unknown: Vec::new(),
        },
        content: ReportTransferContent {
            subject_identifier: message.message_identifier.clone(),
            subject_intermediate_trace_information: None,
            original_encoded_information_types: None,
            content_type: Some(ContentType::P22),
            content_identifier: None,
            returned_content: None,
            additional_information: None,
            extensions: Vec::new(),
            per_recipient_fields: message.per_recipient_fields.iter().map(fields).collect(),
            unknown: Vec::new(),
        },
    }
}

const MAIL: &str = "From: Ada <ada@internet.example>\nTo: hopper@navy.x400.example\n\
    Message-ID: <engine.1@internet.example>\nSubject: Engine\n\nHello.\n";

/// A message goes out, the gateway stops and starts, and a report comes that knows but the MTS identifier: the sender reads of its
/// own message, by the identifiers that never left the gateway.
// ledger: mixer Y-23 Z-22 Z-27 I-20 R-01 F-16
#[tokio::test(flavor = "multi_thread")]
async fn a_report_finds_its_sender_after_a_restart() {
    let mut stage = Stage::start(|_| {}).await;
    let recipients = [
        "<hopper@navy.x400.example> NOTIFY=FAILURE ORCPT=rfc822;Grace+40old.example",
        "<quiet@navy.x400.example> NOTIFY=NEVER",
    ];
    stage.submit("<ada@internet.example> ENVID=QQ314159 RET=HDRS", &recipients, MAIL).await;
    let message = stage.next_envelope().await;
    stage.ended(Kind::Mail, 1).await;
    let stage = stage.restart().await;
    stage.report(failure(&message, 1, Some(0))).await;
    let made = stage.made(1).await;
    let [made] = made.as_slice() else { panic!("{}", made.len()) };
    assert_eq!(made.to, "ada@internet.example");
    made.assert_status(1, "failed", "5.1.1");
    assert_eq!(made.field(Some(0), "Original-Envelope-Id"), Some("QQ314159"));
    assert_eq!(made.field(Some(1), "Original-Recipient"), Some("rfc822; Grace@old.example"));
    assert_eq!(made.field(None, "In-Reply-To"), Some("<engine.1@internet.example>"));
    // F-16: nothing is said of the recipient that nobody wants to hear of.
    assert_eq!(made.mail["status"].as_array().unwrap().len(), 2, "{:#}", made.mail);
    let [report] = stage.ended(Kind::P1, 1).await.try_into().unwrap();
    assert!(matches!(&report.entry.envelope.recipients[0].state, RecipientState::Transferred { .. }));
    assert_eq!(stage.gateway.counts().reports.load(Ordering::Relaxed), 1);
    assert_eq!(stage.gateway.counts().about_unknown.load(Ordering::Relaxed), 0);
    stage.end().await;
}

/// The lab peer reports by the names of recipients, and each sender hears what it asked for, or nothing.
// ledger: mixer F-16 R-01; beyond D-10
#[tokio::test(flavor = "multi_thread")]
async fn senders_hear_what_they_asked_for() {
    let mut stage = Stage::start(|_| {}).await;
    // recipient and parameters, what is heard of it
    let table: &[(&str, Option<(&str, &str)>)] = &[
        ("<ndr-1-0@navy.x400.example>", Some(("failed", "5.1.1"))),
        ("<ndr-1-2@navy.x400.example> NOTIFY=FAILURE", Some(("failed", "4.3.1"))),
        ("<ndr-1-3@navy.x400.example> NOTIFY=NEVER", None),
        ("<ndr-1@navy.x400.example> NOTIFY=SUCCESS", None),
        ("<delivered@navy.x400.example>", None),
        ("<delivered@army.x400.example> NOTIFY=SUCCESS,FAILURE", Some(("delivered", "2.0.0"))),
    ];
    for (recipient, _) in table {
        stage.submit("<ada@internet.example>", &[recipient], MAIL).await;
        stage.next_envelope().await;
    }
    let expected: Vec<_> = table.iter().filter_map(|(_, heard)| *heard).collect();
    // Every report has its end, and then every notification is there.
    stage.ended(Kind::P1, table.len()).await;
    let made = stage.made(expected.len()).await;
    let mut heard: Vec<_> = made
        .iter()
        .map(|one| (one.field(Some(1), "Action").unwrap(), one.field(Some(1), "Status").unwrap()))
        .collect();
    let mut expected = expected;
    heard.sort_unstable();
    expected.sort_unstable();
    assert_eq!(heard, expected);
    stage.end().await;
}

/// A report that nothing is remembered for is told all the same, as far as it says itself what it is about; the null reverse path
/// is told nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_on_an_unknown_message_is_told() {
    let mut stage = Stage::start(|_| {}).await;
    stage.submit("<ada@internet.example>", &["<hopper@navy.x400.example>"], MAIL).await;
    let mut message = stage.next_envelope().await;
    message.message_identifier.local_identifier = "some other".into();
    stage.report(failure(&message, 1, Some(0))).await;
    let made = stage.made(1).await;
    made[0].assert_status(1, "failed", "5.1.1");
    assert_eq!(stage.gateway.counts().about_unknown.load(Ordering::Relaxed), 1);
    stage.end().await;
}

/// A mail that cannot go on is told of by the gateway itself, in the commit that gives it up.
// ledger: mixer F-13 F-18
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_told() {
    let mut stage = Stage::start(|_| {}).await;
    let refused = ["<refuse-permanent@navy.x400.example> ORCPT=rfc822;r+40old.example"];
    stage.submit("<ada@internet.example> ENVID=QQ1", &refused, MAIL).await;
    let made = stage.made(1).await;
    made[0].assert_status(1, "failed", "5.0.0");
    assert_eq!(made[0].to, "ada@internet.example");
    assert_eq!(made[0].field(Some(0), "Original-Envelope-Id"), Some("QQ1"));
    assert_eq!(made[0].field(Some(1), "Original-Recipient"), Some("rfc822; r@old.example"));
    assert!(made[0].mail["returned"].as_str().unwrap().contains("Subject: Engine"), "{:#}", made[0].mail);
    // Nothing for nobody, and nothing for who wants to hear nothing.
    stage.submit("<>", &["<refuse-permanent@navy.x400.example>"], MAIL).await;
    stage
        .submit("<ada@internet.example>", &["<refuse-permanent@navy.x400.example> NOTIFY=NEVER"], MAIL)
        .await;
    stage.ended(Kind::Mail, 3).await;
    assert_eq!(stage.made(1).await.len(), 1);
    stage.arrived.close();
    stage.gateway.stop().await;
}

/// While the peer cannot be reached the sender hears once that its mail is delayed, then that it was given up.
// ledger: mixer F-13; beyond D-10
#[tokio::test(flavor = "multi_thread")]
async fn delay_is_told_once_and_then_the_end() {
    let stage = Stage::start_with(false, |config| {
        config.queue.delay_notice = Duration::from_millis(300);
        config.queue.lifetime = Duration::from_secs(3);
    })
    .await;
    stage.submit("<ada@internet.example>", &["<hopper@navy.x400.example>"], MAIL).await;
    // Without DELAY nothing is heard of it.
    stage.submit("<ada@internet.example>", &["<quiet@navy.x400.example> NOTIFY=FAILURE"], MAIL).await;
    stage.ended(Kind::Mail, 2).await;
    let made = stage.made(3).await;
    let told: Vec<_> = made
        .iter()
        .map(|one| (one.field(Some(1), "Final-Recipient").unwrap(), one.field(Some(1), "Action").unwrap()))
        .collect();
    let count = |one: (&str, &str)| told.iter().filter(|other| **other == one).count();
    assert_eq!(count(("rfc822; hopper@navy.x400.example", "delayed")), 1, "{told:?}");
    assert_eq!(count(("rfc822; hopper@navy.x400.example", "failed")), 1, "{told:?}");
    assert_eq!(count(("rfc822; quiet@navy.x400.example", "failed")), 1, "{told:?}");
    assert_eq!(told.len(), 3, "{told:?}");
    for one in &made {
        match one.field(Some(1), "Action") {
            Some("delayed") => {
                one.assert_status(1, "delayed", "4.4.0");
                assert!(one.field(Some(1), "Will-Retry-Until").is_some());
                assert_eq!(one.mail["parts"][2], "text/rfc822-headers");
            }
            _ => one.assert_status(1, "failed", "4.4.7"),
        }
    }
    stage.gateway.stop().await;
}

/// DELIVERBY (RFC 2852): who wants a mail back gets it back with 5.4.7; who only wants to know hears of the delay, and of the
/// passage to a system that knows no such limit.
// ledger: beyond D-20 D-10
#[tokio::test(flavor = "multi_thread")]
async fn a_time_limit_is_kept_or_told() {
    let down = Stage::start_with(false, |_| {}).await;
    down.submit("<ada@internet.example> BY=1;R", &["<hopper@navy.x400.example>"], MAIL).await;
    down.submit("<ada@internet.example> BY=1;N", &["<murray@navy.x400.example>"], MAIL).await;
    let made = down.made(2).await;
    for one in &made {
        match one.field(Some(1), "Final-Recipient").unwrap() {
            "rfc822; hopper@navy.x400.example" => one.assert_status(1, "failed", "5.4.7"),
            _ => one.assert_status(1, "delayed", "4.4.7"),
        }
    }
    assert_eq!(made.len(), 2);
    down.gateway.stop().await;

    let mut up = Stage::start(|_| {}).await;
    // parameters of MAIL and RCPT, whether the passage is told
    let table = [
        ("BY=600;N", "", true),
        ("BY=600;R", "", false),
        ("BY=600;RT", "", true),
        ("BY=600;N", "NOTIFY=NEVER", false),
    ];
    for (by, notify, _) in table {
        up.submit(
            &format!("<ada@internet.example> {by}"),
            &[&format!("<hopper@navy.x400.example> {notify}")],
            MAIL,
        )
        .await;
        up.next_envelope().await;
    }
    up.ended(Kind::Mail, table.len()).await;
    let told = table.iter().filter(|(.., told)| *told).count();
    let made = up.made(told).await;
    assert_eq!(made.len(), told);
    made.iter().for_each(|one| one.assert_status(1, "relayed", "2.0.0"));
    up.end().await;
}

/// Where no report ever comes from, success is told as having been passed on, if it was asked for.
// ledger: mixer G-10 P-30; beyond D-10
#[tokio::test(flavor = "multi_thread")]
async fn passing_on_is_told_where_nothing_is_reported() {
    let mut stage = Stage::start(|config| config.peers[0].reports = false).await;
    for recipient in [
        "<hopper@navy.x400.example> NOTIFY=SUCCESS",
        "<murray@navy.x400.example>",
        "<quiet@navy.x400.example> NOTIFY=FAILURE",
    ] {
        stage.submit("<ada@internet.example>", &[recipient], MAIL).await;
        stage.next_envelope().await;
    }
    stage.ended(Kind::Mail, 3).await;
    let made = stage.made(1).await;
    let [made] = made.as_slice() else { panic!("{}", made.len()) };
    made.assert_status(1, "relayed", "2.0.0");
    assert_eq!(made.field(Some(1), "Final-Recipient"), Some("rfc822; hopper@navy.x400.example"));
    assert_eq!(made.field(Some(1), "Remote-MTA"), Some("dns; hub"));
    stage.end().await;
}

/// A notification that comes by SMTP for somebody in X.400 goes there as a report, or as a message where X.400 has no such
/// report.
// ledger: mixer I-20 S-01 S-02 S-03 Z-37
#[tokio::test(flavor = "multi_thread")]
async fn a_notification_goes_to_x400_as_a_report() {
    let notification = |action: &str| {
        format!(
            "From: mailer@internet.example\nTo: hopper@navy.x400.example\nSubject: Returned\n\
             Date: Fri, 27 Nov 2026 10:00:00 +0000\nMessage-ID: <{action}.1@internet.example>\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\n\nSorry.\n\n\
             --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.internet.example\n\
             Original-Envelope-Id: X400-MTS-Identifier: [/PRMD=demo/ADMD=x400/C=XX/;original.7]\n\n\
             Final-Recipient: rfc822; ada@internet.example\nAction: {action}\nStatus: 5.1.1\n\n--b--\n"
        )
    };
    let mut stage = Stage::start(|_| {}).await;
    let to = ["<hopper@navy.x400.example>"];
    stage.submit("<>", &to, &notification("failed")).await;
    let Apdu::Report(report) = stage.next().await else { panic!("a report was expected") };
    assert_eq!(report.content.subject_identifier.local_identifier.to_text(), "original.7");
    assert_eq!(shown(&report.envelope.report_destination_name), "/S=hopper/O=navy/PRMD=demo/ADMD=x400/C=XX/");
    let [one] = report.content.per_recipient_fields.as_slice() else { panic!("{report:?}") };
    let ReportType::NonDelivery(why) = &one.last_trace_information.report_type else { panic!("{one:?}") };
    assert_eq!((why.reason_code, why.diagnostic_code), (1, Some(0)));
    assert!(one.per_recipient_indicators.has(PerRecipientIndicators::ORIGINATOR_NON_DELIVERY_REPORT));
    // S-02
    stage.submit("<>", &to, &notification("delayed")).await;
    assert_eq!(stage.next_envelope().await.per_recipient_fields.len(), 1);
    let counts = stage.gateway.counts();
    let both = (&counts.notices, &counts.about_unknown);
    assert_eq!((both.0.load(Ordering::Relaxed), both.1.load(Ordering::Relaxed)), (1, 1));
    stage.end().await;
}

/// A message from X.400 for a mailbox, whose only recipient its originator calls number 7.
fn message(identifier: &str, mailbox: &str, content: &InformationObject) -> MtsApdu {
    let name = |text: &str| rasn_x400::x411::address::text::parse(text).unwrap().to_or_name().unwrap();
    let encoded = mailbox.replace('@', "(a)");
    let recipient = PerRecipientFields {
        recipient_name: name(&format!("/DD.RFC-822={encoded}/O=gateway/PRMD=gateway/ADMD=example/C=XX/")),
        originally_specified_recipient_number: 7,
        per_recipient_indicators: PerRecipientIndicators::with(&[
            PerRecipientIndicators::RESPONSIBILITY,
            PerRecipientIndicators::ORIGINATING_MTA_REPORT,
            PerRecipientIndicators::ORIGINATOR_REPORT,
        ]),
        explicit_conversion: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    };
    let envelope = MessageTransferEnvelope {
        message_identifier: MtsIdentifier {
            domain: hub(),
            local_identifier: identifier.into(),
            unknown: Vec::new(),
        },
        originator_name: name("/S=hopper/O=navy/PRMD=demo/ADMD=x400/C=XX/"),
        original_encoded_information_types: None,
        content_type: ContentType::P22,
        content_identifier: Some("my mark".into()),
        priority: Priority::NORMAL,
        per_message_indicators: PerMessageIndicators::default(),
        deferred_delivery_time: None,
        per_domain_bilateral_information: None,
        trace_information: vec![element(hub())],
        extensions: Vec::new(),
        per_recipient_fields: vec![recipient],
        unknown: Vec::new(),
    };
    let content = rasn_x400::prim::Octets(ber::encode(content).unwrap().into());
    MtsApdu::Message(rasn_x400::x419::Message { envelope, content, unknown: Vec::new() })
}

fn hello() -> InformationObject {
    let text = Ia5Text { data: "Hello.\r\n".into(), ..Ia5Text::default() };
    let heading = Heading { subject: Some("from X.400".into()), ..Heading::default() };
    InformationObject::Ipm(Ipm { heading, body: vec![BodyPart::Ia5Text(text)] })
}

/// What stands in the first line that begins so.
fn line<'a>(mail: &'a str, start: &str) -> &'a str {
    mail.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_else(|| panic!("{start} in {mail}"))
}

/// A message leaves X.400 by SMTP, the gateway stops and starts, and then the Internet says that it failed: by the envelope
/// identifier, or, as old servers do, by nothing but the header that comes back. Either way the report names the message and the
/// recipient as their originator did.
// ledger: mixer Y-23 Z-37 S-10 S-12
#[tokio::test(flavor = "multi_thread")]
async fn what_the_internet_says_goes_back_to_x400_after_a_restart() {
    let mut internet = Server::start(Manners { offer: vec!["DSN"], ..Manners::default() }).await;
    let way = format!("smarthost = \"{}\"", internet.address);
    let mut stage = Stage::start_towards(&way, true, |_| {}).await;
    for (identifier, by_envelope) in [("first", true), ("second", false)] {
        let apdu = message(identifier, "ada@internet.example", &hello());
        stage.transfer(ber::encode(&apdu).unwrap().into()).await;
        let mail = internet.next().await;
        stage.ended(Kind::P1, if by_envelope { 1 } else { 3 }).await;
        stage = stage.restart().await;
        let text = String::from_utf8(mail.content).unwrap();
        let sender = line(&mail.envelope[0], "MAIL FROM:").split(' ').next().unwrap().to_owned();
        assert!(mail.envelope[1].contains("NOTIFY=SUCCESS,FAILURE"), "{:?}", mail.envelope);
        let envelope_id = mail.envelope[0].split(" ENVID=").nth(1).unwrap();
        let envelope_id = envelope_id.replace("+20", " ").replace("+3D", "=").replace("+2B", "+");
        let about =
            if by_envelope { format!("Original-Envelope-Id: {envelope_id}\n") } else { String::new() };
        let returned = format!("Message-ID: {}", line(&text, "Message-ID: ").trim_end());
        let notification = format!(
            "From: mailer@internet.example\nTo: {sender}\nSubject: Returned\nMIME-Version: 1.0\n\
             Date: Fri, 27 Nov 2026 10:00:00 +0000\nMessage-ID: <{identifier}.bounce@internet.example>\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n--b\n\nSorry.\n\n\
             --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.internet.example\n{about}\n\
             Final-Recipient: rfc822; ada@internet.example\nAction: failed\nStatus: 5.2.2\n\n\
             --b\nContent-Type: text/rfc822-headers\n\n{returned}\n\n--b--\n"
        );
        stage.submit("<>", &[&sender], &notification).await;
        let Apdu::Report(report) = stage.next().await else { panic!("a report was expected") };
        assert_eq!(report.content.subject_identifier.local_identifier.to_text(), identifier);
        assert_eq!(report.content.content_identifier.as_ref().unwrap().to_text(), "my mark");
        let [one] = report.content.per_recipient_fields.as_slice() else { panic!("{report:?}") };
        assert_eq!(one.originally_specified_recipient_number, 7);
        let ReportType::NonDelivery(why) = &one.last_trace_information.report_type else { panic!("{one:?}") };
        assert_eq!((why.reason_code, why.diagnostic_code), (1, Some(4)));
        assert_eq!(stage.gateway.counts().about_unknown.load(Ordering::Relaxed), 0);
    }
    stage.end().await;
}

/// A receipt that comes by SMTP goes to X.400 as one, about the message by its own identifier.
// ledger: mixer Y-03
#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_goes_to_x400_as_one() {
    // Else the gateway reports delivery itself.
    let mut internet = Server::start(Manners { offer: vec!["DSN"], ..Manners::default() }).await;
    let way = format!("smarthost = \"{}\"", internet.address);
    let mut stage = Stage::start_towards(&way, true, |config| config.convert.receipt_requests = true).await;
    let InformationObject::Ipm(mut ipm) = hello() else { panic!() };
    ipm.heading.this_ipm.user_relative_identifier = "letter 7".into();
    let this_ipm = ipm.heading.this_ipm.clone();
    let apdu = message("third", "ada@internet.example", &InformationObject::Ipm(ipm));
    stage.transfer(ber::encode(&apdu).unwrap().into()).await;
    let mail = internet.next().await;
    let sender = line(&mail.envelope[0], "MAIL FROM:").split(' ').next().unwrap().to_owned();
    let text = String::from_utf8(mail.content).unwrap();
    let message_id = line(&text, "Message-ID: ").trim_end().to_owned();
    let receipt = format!(
        "From: ada@internet.example\nTo: {sender}\nSubject: Read\nMIME-Version: 1.0\n\
         Date: Fri, 27 Nov 2026 10:00:00 +0000\nMessage-ID: <read.1@internet.example>\n\
         Content-Type: multipart/report; report-type=disposition-notification; boundary=\"b\"\n\n--b\n\nRead.\n\n\
         --b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ada@internet.example\n\
         Original-Message-ID: {message_id}\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n"
    );
    stage.submit("<>", &[&sender], &receipt).await;
    let Apdu::Message { content, .. } = stage.next().await else { panic!("a message was expected") };
    let content = content.read().unwrap().concat();
    let InformationObject::Ipn(ipn) = ber::decode(&content, content.len()).unwrap() else {
        panic!("no notification")
    };
    assert_eq!(ipn.subject_ipm.user_relative_identifier, this_ipm.user_relative_identifier);
    let NotificationChoice::Receipt(fields) = &ipn.choice else { panic!("{ipn:?}") };
    assert_eq!(fields.acknowledgment_mode, AcknowledgmentMode::MANUAL);
    stage.end().await;
}

/// A report of X.400 leaves as mail that nobody reports on; so does a receipt. They, and an answer, name the mail by an identifier
/// that X.400 could not carry whole.
// ledger: mixer I-04 N-05 Y-02 Y-25 Z-22
#[tokio::test(flavor = "multi_thread")]
async fn reports_and_receipts_leave_by_smtp() {
    let long = format!("{}@internet.example", "a-very-long-identifier-".repeat(4));
    let mut internet = Server::start(Manners { offer: vec!["DSN"], ..Manners::default() }).await;
    let way = format!("smarthost = \"{}\"", internet.address);
    let mut stage = Stage::start_towards(&way, true, |config| {
        config.convert.notifications = NotificationForm::Mdn;
    })
    .await;
    let mail = MAIL.replace("engine.1@internet.example", &long);
    stage.submit("<ada@internet.example>", &["<hopper@navy.x400.example>"], &mail).await;
    let Apdu::Message { envelope, content, .. } = stage.next().await else {
        panic!("a message was expected")
    };
    stage.ended(Kind::Mail, 1).await;
    let mut stage = stage.restart().await;
    stage.report(failure(&envelope, 1, Some(0))).await;
    let told = internet.next().await;
    assert_eq!(told.envelope, ["MAIL FROM:<>", "RCPT TO:<ada@internet.example> NOTIFY=NEVER"]);
    let found = Made { to: String::new(), mail: python(&told.content) };
    found.assert_status(1, "failed", "5.1.1");
    assert_eq!(found.field(None, "In-Reply-To"), Some(format!("<{long}>").as_str()));

    let content = content.read().unwrap().concat();
    let InformationObject::Ipm(ipm) = ber::decode(&content, content.len()).unwrap() else { panic!() };
    let this_ipm = ipm.heading.this_ipm;
    let receipt = InformationObject::Ipn(Ipn {
        subject_ipm: this_ipm.clone(),
        ipn_originator: None,
        ipm_intended_recipient: None,
        conversion_eits: None,
        notification_extensions: Vec::new(),
        choice: NotificationChoice::Receipt(ReceiptFields {
            receipt_time: x400_time(OffsetDateTime::now_utc()),
            acknowledgment_mode: AcknowledgmentMode::MANUAL,
            supplementary_receipt_information: None,
            rn_extensions: Vec::new(),
            unknown: Vec::new(),
        }),
        unknown: Vec::new(),
    });
    let apdu = message("receipt", "ada@internet.example", &receipt);
    stage.transfer(ber::encode(&apdu).unwrap().into()).await;
    let receipt = internet.next().await;
    assert!(receipt.envelope[0].starts_with("MAIL FROM:<>"), "{:?}", receipt.envelope);
    let text = String::from_utf8(receipt.content).unwrap().replace("\r\n ", " ");
    assert_eq!(line(&text, "Original-Message-ID: ").trim(), format!("<{long}>"), "{text}");
    assert_eq!(line(&text, "Disposition: "), "manual-action/MDN-sent-manually; displayed");

    // And so does an answer, which threads.
    let InformationObject::Ipm(mut answer) = hello() else { panic!() };
    answer.heading.replied_to_ipm = Some(this_ipm);
    let apdu = message("answer", "ada@internet.example", &InformationObject::Ipm(answer));
    stage.transfer(ber::encode(&apdu).unwrap().into()).await;
    let text = String::from_utf8(internet.next().await.content).unwrap().replace("\r\n ", " ");
    assert_eq!(line(&text, "In-Reply-To: ").trim(), format!("<{long}>"), "{text}");
    stage.arrived.close();
    stage.end().await;
}
