//! An MTA that sends to the gateway, and a peer through which its users are reached.

use std::time::Duration;

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::x411::address::{OrName, text};
use rasn_x400::x411::envelope::{
    ContentType, MessageTransferEnvelope, MtsIdentifier, PerMessageIndicators, PerRecipientFields,
    PerRecipientIndicators, Priority,
};
use rasn_x400::x411::report::ReportType;
use rasn_x400::x411::trace::GlobalDomainIdentifier;
use rasn_x400::x419::Report;
use rasn_x400::x420::body::{BodyPart, Ia5Text};
use rasn_x400::x420::heading::{Heading, OrDescriptor};
use rasn_x400::x420::{InformationObject, Ipm};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use x400_gateway::config::Config;
use x400_gateway::mta::pool::{Message, Pool};
use x400_gateway::mta::relay::Apdu;
use x400_gateway::queue::store::Tracked;
use x400_gateway::{peer, serve};

use super::PATIENCE;
use crate::among_mtas;

pub(crate) struct Stage {
    pub(crate) gateway: serve::Running,
    pub(crate) config: Config,
    origin: Pool,
    arrived: mpsc::UnboundedReceiver<Bytes>,
    stop: watch::Sender<bool>,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// A gateway with this way to the Internet.
    pub(crate) async fn start(internet: &str, change: impl FnOnce(&mut Config)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at_a = listener.local_addr().unwrap();
        let options =
            peer::Options { name: "mta-a".into(), print: peer::Print::Nothing, ..peer::Options::default() };
        let (arrivals, arrived) = mpsc::unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(peer::listen(options, listener, None, arrivals, stopped));
        let folder = tempfile::tempdir().unwrap();
        let reserved = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let own = reserved.local_addr().unwrap();
        drop(reserved);
        let text = format!(
            "[gateway]\ndata = {:?}\n[smtp]\nlisten = []\n[x400]\nlisten = \"{own}\"\n{internet}\n\
             [[peer]]\nname = \"a\"\naddress = \"{at_a}\"\ntheir-name = \"mta-a\"\n\
             [[peer]]\nname = \"origin\"\naddress = \"{own}\"\ntheir-name = \"mta-origin\"\n\
             [[route]]\naddress = \"/PRMD=a/ADMD=x/C=XX/\"\npeer = \"a\"\n",
            folder.path(),
        );
        let mut config =
            Config::parse("internet", &text).unwrap_or_else(|report| panic!("{}", report.render()));
        config.queue.first_retry = Duration::from_millis(20);
        config.queue.longest_retry = Duration::from_millis(100);
        config.internet.first_reconnect = Duration::from_millis(10);
        config.internet.longest_reconnect = Duration::from_millis(50);
        change(&mut config);
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = serve::start(config.clone(), vec![smtp]).await.unwrap();
        Self {
            gateway,
            config,
            origin: among_mtas::calling_mta("mta-origin", own),
            arrived,
            stop,
            _folder: folder,
        }
    }

    pub(crate) async fn send(&self, apdu: &Apdu) {
        let name = apdu.identifier().local_identifier.to_text().into_owned();
        self.origin.transfer(Message::new(&name, apdu.to_content().unwrap())).await.unwrap();
    }

    /// Sends a mail from nobody to the gateway by SMTP.
    pub(crate) async fn submit(&self, recipient: &str, mail: &str) {
        let mut stream = TcpStream::connect(self.gateway.smtp[0]).await.unwrap();
        let envelope = format!("EHLO server.example\r\nMAIL FROM:<>\r\nRCPT TO:{recipient}\r\nDATA\r\n");
        let mut said = String::new();
        for (to_say, awaited) in [(envelope, "\r\n354 "), (format!("{mail}.\r\nQUIT\r\n"), "\r\n221 ")] {
            stream.write_all(to_say.as_bytes()).await.unwrap();
            while !said.contains(awaited) {
                let mut octets = [0; 1000];
                let read = tokio::time::timeout(PATIENCE, stream.read(&mut octets)).await.unwrap().unwrap();
                assert!(read > 0, "{said}");
                said.push_str(std::str::from_utf8(&octets[..read]).unwrap());
            }
        }
    }

    /// The next report for the users of the MTA that sends.
    pub(crate) async fn next_report(&mut self) -> Report {
        match self.next_apdu().await {
            Apdu::Report(report) => *report,
            other => panic!("a {} instead of a report", other.kind()),
        }
    }

    /// The next message, report or probe for the users of the peer.
    pub(crate) async fn next_apdu(&mut self) -> Apdu {
        let octets = tokio::time::timeout(PATIENCE, self.arrived.recv()).await;
        Apdu::read(&octets.expect("nothing arrived in time").unwrap().into()).unwrap()
    }

    /// Whether no report has arrived.
    pub(crate) fn no_report_yet(&mut self) -> bool {
        self.arrived.try_recv().is_err()
    }

    /// What the queue holds, once `enough` says so.
    pub(crate) async fn queue(&self, enough: impl Fn(&[Tracked]) -> bool) -> Vec<Tracked> {
        among_mtas::queued(&self.gateway, enough).await
    }

    pub(crate) async fn end(self) {
        self.origin.close(PATIENCE).await;
        self.gateway.stop().await;
        let _ = self.stop.send(true);
    }
}

/// The O/R address of a mailbox, as the gateway's own addresses have it.
pub(crate) fn or_name(mailbox: &str) -> OrName {
    let written = format!(
        "/DD.RFC-822={}/PRMD=gateway/ADMD=example/C=XX/",
        mailbox.replace('@', "(a)").replace('[', "(091)").replace(']', "(093)")
    );
    text::parse(&written).unwrap().to_or_name().unwrap()
}

/// What is asked for a recipient: reports of delivery, too.
pub(crate) const REPORT: &[usize] = &[
    PerRecipientIndicators::RESPONSIBILITY,
    PerRecipientIndicators::ORIGINATING_MTA_REPORT,
    PerRecipientIndicators::ORIGINATOR_REPORT,
];

fn recipient(number: i64, mailbox: &str, indicators: &[usize]) -> PerRecipientFields {
    PerRecipientFields {
        recipient_name: or_name(mailbox),
        originally_specified_recipient_number: number,
        per_recipient_indicators: PerRecipientIndicators::with(indicators),
        explicit_conversion: None,
        extensions: Vec::new(),
        unknown: Vec::new(),
    }
}

/// The envelope of a message from a user of the MTA that sends.
pub(crate) fn envelope(identifier: &str, recipients: &[(&str, &[usize])]) -> MessageTransferEnvelope {
    let domain = GlobalDomainIdentifier::new("XX", "x", Some("a"));
    let recipients = (1..).zip(recipients);
    MessageTransferEnvelope {
        message_identifier: MtsIdentifier {
            domain: domain.clone(),
            local_identifier: identifier.into(),
            unknown: Vec::new(),
        },
        originator_name: text::parse("/S=ann/PRMD=a/ADMD=x/C=XX/").unwrap().to_or_name().unwrap(),
        original_encoded_information_types: None,
        content_type: ContentType::P22,
        content_identifier: None,
        priority: Priority::NORMAL,
        per_message_indicators: PerMessageIndicators::default(),
        deferred_delivery_time: None,
        per_domain_bilateral_information: None,
        trace_information: vec![among_mtas::relayed_by(domain)],
        extensions: Vec::new(),
        per_recipient_fields: recipients.map(|(number, (at, bits))| recipient(number, at, bits)).collect(),
        unknown: Vec::new(),
    }
}

/// A content with a subject and lines of text, some of which begin with a dot.
pub(crate) fn content() -> Bytes {
    content_by(None)
}

/// The same by whom the heading says wrote it.
fn content_by(formal_name: Option<OrName>) -> Bytes {
    let originator =
        formal_name.map(|name| OrDescriptor { formal_name: Some(name), ..OrDescriptor::default() });
    let text = Ia5Text { data: "Hello,\r\n.\r\n..dots\r\n.end\r\n".into(), ..Ia5Text::default() };
    let heading = Heading { originator, subject: Some("from X.400".into()), ..Heading::default() };
    let ipm = Ipm { heading, body: vec![BodyPart::Ia5Text(text)] };
    ber::encode(&InformationObject::Ipm(ipm)).unwrap().into()
}

pub(crate) fn message(envelope: MessageTransferEnvelope) -> Apdu {
    Apdu::Message { envelope: Box::new(envelope), content: content().into(), unknown: Vec::new() }
}

/// To these mailboxes, with reports of delivery, in the name of another.
pub(crate) fn message_by(author: &str, identifier: &str, mailboxes: &[&str]) -> Apdu {
    match message_to(identifier, mailboxes) {
        Apdu::Message { envelope, unknown, .. } => {
            Apdu::Message { envelope, content: content_by(Some(or_name(author))).into(), unknown }
        }
        other => other,
    }
}

/// To these mailboxes, with reports of delivery.
pub(crate) fn message_to(identifier: &str, mailboxes: &[&str]) -> Apdu {
    let recipients: Vec<_> = mailboxes.iter().map(|mailbox| (*mailbox, REPORT)).collect();
    message(envelope(identifier, &recipients))
}

/// Reason and diagnostic of a failure; `None` is a delivery.
type Verdict = Option<(i64, Option<i64>)>;

/// For whom a report is: number, and reason and diagnostic of a failure.
pub(crate) fn verdicts(report: &Report) -> Vec<(i64, Verdict)> {
    let fields = report.content.per_recipient_fields.iter();
    fields
        .map(|fields| {
            let failure = match &fields.last_trace_information.report_type {
                ReportType::Delivery(_) => None,
                ReportType::NonDelivery(why) => Some((why.reason_code, why.diagnostic_code)),
                other => panic!("{other:?}"),
            };
            (fields.originally_specified_recipient_number, failure)
        })
        .collect()
}
