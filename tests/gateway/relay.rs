//! The gateway as an MTA among MTAs: what one peer sends is passed on to others, over real associations on loopback, and
//! tshark reads what went to them.

use crate::among_mtas;
use crate::judge;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use among_mtas::relayed_by;
use bytes::Bytes;
use judge::Side;
use rasn_x400::ber;
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::address::text;
use rasn_x400::x411::envelope::{
    BuiltInEncodedInformationTypes, ContentType, MessageTransferEnvelope, MtsIdentifier,
    PerMessageIndicators, PerRecipientFields, PerRecipientIndicators, Priority, ProbeTransferEnvelope,
};
use rasn_x400::x411::extension::{
    DlExpansionProhibited, Extension as _, LatestDeliveryTime, OriginatorRequestedAlternateRecipient,
    Prohibited, RedirectionHistory,
};
use rasn_x400::x411::report::ReportType;
use rasn_x400::x411::trace::{Attempted, GlobalDomainIdentifier, OtherActions, RoutingAction};
use rasn_x400::x419::Report;
use rasn_x400::x420::body::{BodyPart, Ia5Text};
use rasn_x400::x420::extended_body::{ExtendedBodyPart as _, ExtendedIa5Text};
use rasn_x400::x420::heading::Heading;
use rasn_x400::x420::{InformationObject, Ipm};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use x400_gateway::config::Config;
use x400_gateway::mta::content::Content;
use x400_gateway::mta::pool::{Message, Pool};
use x400_gateway::mta::relay::{Apdu, shown, x400_time};
use x400_gateway::mta::trace::internal;
use x400_gateway::osi::driver::{Direction, Recorder};
use x400_gateway::queue::entry::Kind;
use x400_gateway::queue::store::{State, Store as _, Tracked};
use x400_gateway::{peer, serve};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// The content of every message: an interpersonal message with nothing but its identifier.
const CONTENT: &[u8] = &[0xa0, 0x0b, 0x31, 0x07, 0x6b, 0x05, 0x13, 0x03, b'o', b'n', b'e', 0x30, 0x00];

/// What one side wrote, in order.
type Transcript = Vec<(Side, Vec<u8>)>;

/// A lab peer, and what has arrived there.
struct LabPeer {
    arrived: mpsc::UnboundedReceiver<Bytes>,
    transcript: Arc<Mutex<Transcript>>,
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl LabPeer {
    async fn start(name: &str) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let options =
            peer::Options { name: name.into(), print: peer::Print::Nothing, ..peer::Options::default() };
        let transcript: Arc<Mutex<Transcript>> = Arc::default();
        let tape = Arc::clone(&transcript);
        let recorder = Box::new(move || -> Box<dyn Recorder> { Box::new(Tape(Arc::clone(&tape))) });
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        let listening = peer::listen(options, listener, Some(recorder), arrivals, stopped);
        let running = tokio::spawn(async { listening.await.unwrap() });
        (Self { arrived, transcript, stop, running }, address)
    }

    async fn next_octets(&mut self) -> Bytes {
        let octets = tokio::time::timeout(PATIENCE, self.arrived.recv()).await;
        octets.expect("nothing arrived in time").unwrap()
    }

    async fn next(&mut self) -> Apdu {
        Apdu::read(&self.next_octets().await.into()).unwrap()
    }

    async fn next_report(&mut self) -> Report {
        match self.next().await {
            Apdu::Report(report) => *report,
            other => panic!("a {} instead of a report", other.kind()),
        }
    }

    /// Ends it; gives what went over its association.
    async fn end(self) -> Transcript {
        self.stop.send(true).unwrap();
        self.running.await.unwrap();
        std::mem::take(&mut self.transcript.lock().unwrap())
    }

    /// Ends it; tshark must have understood every octet.
    async fn judge(self) {
        judge::association(&self.end().await).assert_clean();
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

/// A gateway between an MTA that sends (`origin`, whose users are reached through `a`) and three that receive, one of them of
/// 1984.
struct Stage {
    gateway: serve::Running,
    config: Config,
    origin: Pool,
    /// Where the gateway listens.
    own: SocketAddr,
    a: LabPeer,
    b: LabPeer,
    old: LabPeer,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn start() -> Self {
        let (a, at_a) = LabPeer::start("mta-a").await;
        let (b, at_b) = LabPeer::start("mta-b").await;
        let (old, at_old) = LabPeer::start("mta-old").await;
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let (nobody, listen) =
            (free.local_addr().unwrap(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
        let own = listen.local_addr().unwrap();
        drop((free, listen));
        let peer = |name: &str, at: SocketAddr| {
            format!(
                "[[peer]]\nname = \"{name}\"\naddress = \"{at}\"\ntheir-name = \"mta-{name}\"\n\
                 their-domain = \"/PRMD={name}/ADMD=x/C=XX/\"\nmaximum-associations = 1\n"
            )
        };
        let text = format!(
            "[gateway]\ndata = {:?}\n[smtp]\nlisten = []\n[x400]\nlisten = \"{own}\"\n\
             [internet]\nsmarthost = \"{nobody}\"\n\
             [[route]]\naddress = \"/PRMD=a/ADMD=x/C=XX/\"\npeer = \"a\"\n\
             [[route]]\naddress = \"/PRMD=b/ADMD=x/C=XX/\"\npeer = \"b\"\n\
             [[route]]\naddress = \"/PRMD=c/ADMD=x/C=XX/\"\npeer = [\"down\", \"b\"]\n\
             [[route]]\naddress = \"/PRMD=old/ADMD=x/C=XX/\"\npeer = \"old\"\n\
             [[route]]\naddress = \"/PRMD=closed/ADMD=x/C=XX/\"\nrefuse = \"no more\"\nreason = 5\n\
             {}{}{}{}{}mode = \"x410-1984\"\n",
            folder.path(),
            peer("a", at_a),
            peer("b", at_b),
            peer("down", nobody),
            peer("origin", nobody),
            peer("old", at_old),
        );
        let mut config = Config::parse("relay", &text).unwrap_or_else(|report| panic!("{}", report.render()));
        config.queue.first_retry = Duration::from_millis(50);
        config.queue.longest_retry = Duration::from_millis(200);
        let gateway = serve::start(config.clone(), Vec::new()).await.unwrap();
        Self {
            gateway,
            config,
            origin: among_mtas::calling_mta("mta-origin", own),
            own,
            a,
            b,
            old,
            _folder: folder,
        }
    }

    /// The gateway stops, and is started again.
    async fn restart(self) -> Self {
        self.origin.close(PATIENCE).await;
        self.gateway.stop().await;
        let gateway = serve::start(self.config.clone(), Vec::new()).await.unwrap();
        Self { gateway, origin: among_mtas::calling_mta("mta-origin", self.own), ..self }
    }

    async fn send(&self, apdu: &Apdu) {
        let name = apdu.identifier().local_identifier.to_text().into_owned();
        self.origin.transfer(Message::new(&name, apdu.to_content().unwrap())).await.unwrap();
    }

    /// What the queue holds, once `enough` says so.
    async fn queue(&self, enough: impl Fn(&[Tracked]) -> bool) -> Vec<Tracked> {
        among_mtas::queued(&self.gateway, enough).await
    }

    async fn end(self) {
        self.origin.close(PATIENCE).await;
        self.gateway.stop().await;
        self.a.judge().await;
        self.b.judge().await;
        self.old.end().await;
    }
}

fn name(written: &str) -> OrName {
    text::parse(written).unwrap().to_or_name().unwrap()
}

fn recipient(number: i64, written: &str) -> PerRecipientFields {
    PerRecipientFields {
        recipient_name: name(written),
        originally_specified_recipient_number: number,
        per_recipient_indicators: PerRecipientIndicators::with(&[
            PerRecipientIndicators::RESPONSIBILITY,
            PerRecipientIndicators::ORIGINATING_MTA_REPORT,
            PerRecipientIndicators::ORIGINATOR_REPORT,
        ]),
        explicit_conversion: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    }
}

fn origin() -> GlobalDomainIdentifier {
    GlobalDomainIdentifier::new("XX", "x", Some("a"))
}

/// The gateway's domain, as the configuration has it unless told otherwise.
fn gateway() -> GlobalDomainIdentifier {
    GlobalDomainIdentifier::new("XX", "example", Some("gateway"))
}

fn message(identifier: &str, recipients: &[&str]) -> MessageTransferEnvelope {
    MessageTransferEnvelope {
        message_identifier: MtsIdentifier {
            domain: origin(),
            local_identifier: identifier.into(),
            unknown: Vec::new(),
        },
        originator_name: name("/S=ann/PRMD=a/ADMD=x/C=XX/"),
        original_encoded_information_types: None,
        content_type: ContentType::P22,
        content_identifier: None,
        priority: Priority::URGENT,
        per_message_indicators: PerMessageIndicators::with(&[PerMessageIndicators::CONTENT_RETURN_REQUEST]),
        deferred_delivery_time: None,
        per_domain_bilateral_information: None,
        trace_information: vec![relayed_by(origin())],
        extensions: Vec::new(),
        per_recipient_fields: (1..).zip(recipients).map(|(number, at)| recipient(number, at)).collect(),
        unknown: Vec::new(),
    }
}

fn apdu(envelope: MessageTransferEnvelope) -> Apdu {
    let content = Content::from(Bytes::from_static(CONTENT));
    Apdu::Message { envelope: Box::new(envelope), content, unknown: Vec::new() }
}

/// A probe for such a message.
fn probe_like(like: MessageTransferEnvelope) -> ProbeTransferEnvelope {
    ProbeTransferEnvelope {
        probe_identifier: like.message_identifier,
        originator_name: like.originator_name,
        original_encoded_information_types: None,
        content_type: ContentType::P22,
        content_identifier: None,
        content_length: Some(1000),
        per_message_indicators: PerMessageIndicators::default(),
        per_domain_bilateral_information: None,
        trace_information: like.trace_information,
        extensions: Vec::new(),
        per_recipient_fields: like.per_recipient_fields,
        unknown: Vec::new(),
    }
}

fn responsible(apdu: &Apdu) -> Vec<String> {
    apdu.responsible().map(|(_, name)| shown(name)).collect()
}

/// Reason and diagnostic of a failure; `None` is a delivery.
type Verdict = Option<(i64, Option<i64>)>;

/// What became of each recipient, under its number.
fn verdicts(report: &Report) -> Vec<(i64, Verdict)> {
    report
        .content
        .per_recipient_fields
        .iter()
        .map(|fields| {
            let verdict = match &fields.last_trace_information.report_type {
                ReportType::NonDelivery(why) => Some((why.reason_code, why.diagnostic_code)),
                _ => None,
            };
            (fields.originally_specified_recipient_number, verdict)
        })
        .collect()
}

/// Two peers get a copy each, a recipient nobody knows and one that is refused come back as a report.
// ledger: beyond A-13 A-14 A-15 A-17
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_split_and_what_fails_is_reported() {
    let mut stage = Stage::start().await;
    let everybody = [
        "/S=one/PRMD=a/ADMD=x/C=XX/",
        "/S=two/PRMD=b/ADMD=x/C=XX/",
        "/S=three/PRMD=nowhere/ADMD=x/C=XX/",
        "/S=four/PRMD=closed/ADMD=x/C=XX/",
        "/S=five/PRMD=c/ADMD=x/C=XX/",
    ];
    stage.send(&apdu(message("split", &everybody))).await;
    let (mut at_a, mut at_b) = (Vec::new(), Vec::new());
    at_a.extend([stage.a.next().await, stage.a.next().await]);
    at_b.extend([stage.b.next().await, stage.b.next().await]);
    // The report goes where the originator is.
    let place = at_a.iter().position(|apdu| matches!(apdu, Apdu::Report(_))).unwrap();
    let Apdu::Report(report) = at_a.remove(place) else { unreachable!() };
    assert_eq!(responsible(&at_a[0]), [everybody[0]]);
    // One whose first peer is down goes to the second, which is told.
    at_b.sort_by_key(responsible);
    assert_eq!(at_b.iter().flat_map(responsible).collect::<Vec<_>>(), [everybody[4], everybody[1]]);
    let rerouted = &at_b[0].trace().last().unwrap().supplied;
    assert_eq!(rerouted.routing_action, RoutingAction::REROUTED);
    let down = GlobalDomainIdentifier::new("XX", "x", Some("down"));
    assert_eq!(rerouted.attempted_domain, Some(down.clone()));
    let rerouted = internal(at_b[0].extensions());
    assert_eq!(rerouted[0].supplied.attempted, Some(Attempted::Domain(down)));
    for copy in at_a.iter().chain(&at_b) {
        let Apdu::Message { envelope, content, .. } = copy else { panic!("{}", copy.kind()) };
        assert_eq!(content.read().unwrap().concat(), CONTENT);
        assert_eq!(envelope.priority, Priority::URGENT);
        let all: Vec<String> =
            envelope.per_recipient_fields.iter().map(|fields| shown(&fields.recipient_name)).collect();
        assert_eq!(all, everybody, "every copy names everybody");
        let domains: Vec<_> = copy.trace().iter().map(|element| &element.domain).collect();
        assert_eq!(domains, [&origin(), &gateway()]);
        assert_eq!(internal(copy.extensions())[0].mta_name, "x400gw".into());
    }
    assert_eq!(verdicts(&report), [(3, Some((1, Some(17)))), (4, Some((5, None)))]);
    assert_eq!(report.content.subject_identifier, message("split", &[]).message_identifier);
    assert_eq!(report.content.returned_content.as_ref().unwrap().0, CONTENT);
    assert_eq!(shown(&report.envelope.report_destination_name), "/S=ann/PRMD=a/ADMD=x/C=XX/");
    stage.end().await;
}

/// A peer that did not hear that a message was secured sends it again. A copy for another recipient is another matter.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_again_leaves_once() {
    let stage = Stage::start().await;
    let everybody = ["/S=one/PRMD=b/ADMD=x/C=XX/", "/S=two/PRMD=b/ADMD=x/C=XX/"];
    let copy_for = |number: usize| {
        let mut envelope = message("again", &everybody);
        envelope.per_recipient_fields[1 - number].per_recipient_indicators =
            PerRecipientIndicators::with(&[PerRecipientIndicators::ORIGINATING_MTA_REPORT]);
        apdu(envelope)
    };
    stage.send(&copy_for(0)).await;
    stage.send(&copy_for(0)).await;
    assert_eq!(stage.gateway.store().metrics().repeated, 1);
    let mut stage = stage.restart().await;
    stage.send(&copy_for(0)).await;
    assert_eq!(stage.gateway.store().metrics().repeated, 1, "since the start");
    stage.send(&copy_for(1)).await;
    let mut arrived = [responsible(&stage.b.next().await), responsible(&stage.b.next().await)];
    arrived.sort();
    assert_eq!(arrived, everybody.map(|one| [one.to_owned()]));
    let all = stage.queue(|all| all.iter().all(|one| matches!(one.state, State::Done { .. }))).await;
    assert_eq!(all.len(), 2, "nothing else was there to leave");
    stage.origin.close(PATIENCE).await;
    stage.gateway.stop().await;
    stage.b.judge().await;
}

/// What has been here before is not passed on again, and its originator hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_loop_ends_here() {
    let mut stage = Stage::start().await;
    let mut envelope = message("loop", &["/S=two/PRMD=b/ADMD=x/C=XX/"]);
    envelope.trace_information = vec![relayed_by(origin()), relayed_by(gateway()), relayed_by(origin())];
    stage.send(&apdu(envelope)).await;
    assert_eq!(verdicts(&stage.a.next_report().await), [(1, Some((1, Some(3))))]);
    let all = stage
        .queue(|all| all.len() == 2 && all.iter().all(|one| matches!(one.state, State::Done { .. })))
        .await;
    assert!(all.iter().all(|one| one.entry.kind == Kind::P1));
    stage.end().await;
}

/// X.411 8.2.1.1.1.4: whatever keeps a message or probe from its recipient, the alternate that its originator named gets it;
/// only when that fails too is there a report, and it says whom it was meant for first.
#[tokio::test(flavor = "multi_thread")]
async fn the_originators_alternate_gets_what_its_recipient_cannot() {
    let mut stage = Stage::start().await;
    let alternate = |at: &str| OriginatorRequestedAlternateRecipient::field(&name(at)).unwrap();
    let to = |identifier: &str, at: &str, instead: &str| {
        let mut envelope = message(identifier, &[at]);
        envelope.per_recipient_fields[0].extensions.push(alternate(instead));
        envelope
    };
    let other = "/S=other/PRMD=b/ADMD=x/C=XX/";
    let looped = MessageTransferEnvelope {
        trace_information: vec![relayed_by(origin()), relayed_by(gateway()), relayed_by(origin())],
        ..to("loop", "/S=one/PRMD=b/ADMD=x/C=XX/", other)
    };
    let mut late = to("late", "/S=one/PRMD=b/ADMD=x/C=XX/", other);
    let hour_ago = x400_time(OffsetDateTime::now_utc() - time::Duration::hours(1));
    late.extensions.push(LatestDeliveryTime::field(&hour_ago).unwrap());
    let mut critical = to("downgrade", "/S=one/PRMD=old/ADMD=x/C=XX/", other);
    critical.extensions.push(DlExpansionProhibited::field(&Prohibited::PROHIBITED).unwrap());
    let unknown = to("probe", "/S=one/PRMD=nowhere/ADMD=x/C=XX/", other);
    let probe = ProbeTransferEnvelope {
        probe_identifier: unknown.message_identifier,
        content_length: None,
        per_recipient_fields: unknown.per_recipient_fields,
        ..probe_like(message("probe", &[]))
    };
    // what is sent, and whether somebody gets it instead, or which codes a report has
    let table = [
        (apdu(to("route", "/S=one/PRMD=nowhere/ADMD=x/C=XX/", other)), None),
        (apdu(to("refused", "/S=one/PRMD=closed/ADMD=x/C=XX/", other)), None),
        (apdu(to("peer", "/S=refuse-permanent/PRMD=a/ADMD=x/C=XX/", other)), None),
        (apdu(critical), None),
        (apdu(looped), None),
        (Apdu::Probe(Box::new(probe)), None),
        // What holds for the alternate as well.
        (apdu(late), Some((1, Some(5)))),
        (
            apdu(to("both", "/S=one/PRMD=nowhere/ADMD=x/C=XX/", "/S=other/PRMD=closed/ADMD=x/C=XX/")),
            Some((5, None)),
        ),
    ];
    for (sent, reported) in table {
        stage.send(&sent).await;
        let identifier = sent.identifier().local_identifier.clone();
        let first = shown(&sent.recipients()[0].recipient_name);
        let Some(codes) = reported else {
            let arrived = stage.b.next().await;
            assert_eq!((arrived.kind(), &arrived.identifier().local_identifier), (sent.kind(), &identifier));
            assert_eq!(responsible(&arrived), [other], "{identifier}");
            let last = arrived.trace().last().unwrap();
            assert!(last.supplied.other_actions.has(OtherActions::REDIRECTED), "{identifier}");
            let fields = &arrived.recipients()[0];
            let history = RedirectionHistory::find(&fields.extensions).unwrap().unwrap();
            assert_eq!(shown(&history[0].intended_recipient.recipient), first, "{identifier}");
            continue;
        };
        let report = stage.a.next_report().await;
        assert_eq!(verdicts(&report), [(1, Some(codes))], "{identifier}");
        let intended = report.content.per_recipient_fields[0].originally_intended_recipient_name.as_ref();
        assert_eq!(intended.map(shown), Some(first), "{identifier}");
    }
    stage.end().await;
}

/// PB-01, PB-02, PB-05: the gateway answers a probe for those it serves; the others' probe goes on.
// ledger: mixer PB-01 PB-02 PB-03 PB-05 SE-36
#[tokio::test(flavor = "multi_thread")]
async fn a_probe_is_answered_for_those_the_gateway_serves() {
    let mut stage = Stage::start().await;
    let like = message(
        "probe",
        &[
            "/S=two/PRMD=b/ADMD=x/C=XX/",
            "/DD.RFC-822=ann(a)internet.example/PRMD=gateway/ADMD=example/C=XX/",
            "/DD.RFC-822=no address/PRMD=gateway/ADMD=example/C=XX/",
            "/DD.RFC-822=joe(a)internet.example/PRMD=gateway/ADMD=example/C=XX/",
        ],
    );
    let mut recipients = like.per_recipient_fields.clone();
    // Somebody else answers for the last one.
    recipients[3].per_recipient_indicators =
        PerRecipientIndicators::with(&[PerRecipientIndicators::ORIGINATING_MTA_REPORT]);
    let probe = ProbeTransferEnvelope { per_recipient_fields: recipients, ..probe_like(like) };
    stage.send(&Apdu::Probe(Box::new(probe))).await;
    let onward = stage.b.next().await;
    assert_eq!(
        (onward.kind(), responsible(&onward)),
        ("probe", vec!["/S=two/PRMD=b/ADMD=x/C=XX/".to_owned()])
    );
    let report = stage.a.next_report().await;
    assert_eq!(verdicts(&report), [(2, None), (3, Some((1, Some(0))))]);
    let said = report.content.per_recipient_fields[0].supplementary_information.as_ref().unwrap();
    assert!(said.to_text().starts_with("This probe was serviced by the gateway"), "{said}");
    stage.end().await;
}

/// What is for the Internet is not lost: it waits, durable, until there is a way.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_the_internet_waits_in_the_queue() {
    let stage = Stage::start().await;
    let at = "/DD.RFC-822=ann(a)internet.example/PRMD=gateway/ADMD=example/C=XX/";
    let apdu = apdu(message("internet", &[at]));
    let sent = apdu.to_content().unwrap().read().unwrap().concat();
    stage.send(&apdu).await;
    let waits = |all: &[Tracked]| {
        all.iter().flat_map(|one| one.entry.pending()).any(|one| one.last_diagnosis.is_some())
    };
    let all = stage.queue(waits).await;
    let [Tracked { entry, state: State::Queued { due }, .. }] = &all[..] else { panic!("{all:?}") };
    let diagnosis = entry.envelope.recipients[0].last_diagnosis.clone().unwrap();
    assert!(diagnosis.contains("refused"), "{diagnosis}");
    assert!(*due > entry.received_at);
    let octets = stage.gateway.store().content(entry).await.unwrap();
    // The lengths of what was written as it came may be in another form.
    assert_eq!(Apdu::read(&octets.into()).unwrap(), Apdu::read(&Bytes::from(sent).into()).unwrap());
    stage.end_unused().await;
}

/// X.411 14.3.1: what was submitted in our domain is held until its time; from elsewhere it goes on at once.
#[tokio::test(flavor = "multi_thread")]
async fn deferred_messages_are_held_where_they_were_submitted() {
    let mut stage = Stage::start().await;
    let tomorrow = OffsetDateTime::now_utc() + time::Duration::days(1);
    let deferred = |identifier, domain| {
        let mut envelope = message(identifier, &["/S=two/PRMD=b/ADMD=x/C=XX/"]);
        envelope.deferred_delivery_time = Some(x400_time(tomorrow));
        envelope.trace_information = vec![relayed_by(domain)];
        apdu(envelope)
    };
    stage.send(&deferred("ours", gateway())).await;
    stage.send(&deferred("theirs", origin())).await;
    let gone = stage.b.next().await;
    assert_eq!(gone.identifier().local_identifier, "theirs".into());
    let all = stage.queue(|all| all.iter().any(|one| matches!(one.state, State::Done { .. }))).await;
    let held: Vec<_> = all.iter().filter(|one| matches!(one.state, State::Queued { .. })).collect();
    let [Tracked { entry, state: State::Queued { due }, .. }] = held[..] else { panic!("{held:?}") };
    assert_eq!(
        (due.unix_timestamp(), entry.pending().next().unwrap().attempts),
        (tomorrow.unix_timestamp(), 0)
    );
    stage.origin.close(PATIENCE).await;
    stage.gateway.stop().await;
    stage.b.judge().await;
}

impl Stage {
    /// Ends a stage whose peers got nothing.
    async fn end_unused(self) {
        self.origin.close(PATIENCE).await;
        self.gateway.stop().await;
        for peer in [&self.a, &self.b] {
            assert!(peer.transcript.lock().unwrap().is_empty());
        }
    }
}

/// What goes to an MTA of 1984 is of 1984; what it cannot be told comes back.
// ledger: beyond A-40
// ledger: mixer V-06 V-08
#[tokio::test(flavor = "multi_thread")]
async fn an_mta_of_1984_gets_what_it_understands() {
    let mut stage = Stage::start().await;
    let to = ["/CN=Help Desk/PRMD=old/ADMD=x/C=XX/"];
    let of_1984 = MessageTransferEnvelope { content_type: ContentType::P2, ..message("old", &to) };
    stage.send(&apdu(of_1984)).await;
    let octets = stage.old.next_octets().await;
    judge::mts_apdus(&[&octets]).assert_clean();
    let arrived = Apdu::read(&octets.into()).unwrap();
    assert_eq!(responsible(&arrived), ["/DD.Common=Help Desk/PRMD=old/ADMD=x/C=XX/"]);
    assert_eq!((arrived.extensions().len(), arrived.trace().len()), (0, 2));
    // RFC 1328: what is of 1988 is converted, unless the originator forbids it or something must be understood.
    let part = ExtendedIa5Text::part(None, &"extended".into()).unwrap();
    let new = Ipm { heading: Heading::default(), body: vec![BodyPart::ExternallyDefined(part)] };
    let new = Bytes::from(ber::encode(&InformationObject::Ipm(new)).unwrap());
    let with_content = |envelope: MessageTransferEnvelope| Apdu::Message {
        envelope: Box::new(envelope),
        content: new.clone().into(),
        unknown: Vec::new(),
    };
    stage.send(&with_content(message("new", &to))).await;
    let octets = stage.old.next_octets().await;
    judge::mts_apdus(&[&octets]).assert_clean();
    let Apdu::Message { envelope, content, .. } = Apdu::read(&octets.into()).unwrap() else { panic!() };
    assert_eq!(envelope.content_type, ContentType::P2);
    let octets = content.read().unwrap().concat();
    let InformationObject::Ipm(ipm) = ber::decode(&octets, octets.len()).unwrap() else { panic!() };
    let basic = Ia5Text { data: "extended".into(), ..Ia5Text::default() };
    assert_eq!(ipm.body, [BodyPart::Ia5Text(basic)]);
    let converted = &envelope.trace_information[1].supplied.converted_encoded_information_types;
    let ia5 = BuiltInEncodedInformationTypes::with(&[BuiltInEncodedInformationTypes::IA5_TEXT]);
    assert_eq!(converted.as_ref().map(|types| &types.built_in), Some(&ia5));

    let indicators = PerMessageIndicators::with(&[PerMessageIndicators::IMPLICIT_CONVERSION_PROHIBITED]);
    let prohibited =
        MessageTransferEnvelope { per_message_indicators: indicators, ..message("as it is", &to) };
    let mut critical = message("critical", &to);
    critical
        .extensions
        .push(LatestDeliveryTime::field(&x400_time(OffsetDateTime::now_utc() + PATIENCE)).unwrap());
    for envelope in [prohibited, critical] {
        stage.send(&with_content(envelope)).await;
        assert_eq!(verdicts(&stage.a.next_report().await), [(1, Some((2, Some(47))))]);
    }
    stage.end().await;
}
