//! What became of a message comes home to whoever sent it, in the world it was sent from: hours later, after a restart, and only
//! what was asked for. The lab peer is the X.400 side; Python's email package reads what is told to Internet senders, tshark
//! what goes to X.400.

use crate::far;
use crate::made;
use crate::server;
use crate::stage;

use std::sync::atomic::Ordering;
use std::time::Duration;

use far::{failure, hello, message};
use made::{Made, python};
use rasn_x400::ber;
use rasn_x400::x411::envelope::PerRecipientIndicators;
use rasn_x400::x411::report::ReportType;
use rasn_x400::x420::InformationObject;
use rasn_x400::x420::notification::{AcknowledgmentMode, Ipn, NotificationChoice, ReceiptFields};
use server::{Manners, Server};
use stage::Stage;
use time::OffsetDateTime;
use x400_gateway::mixer::settings::NotificationForm;
use x400_gateway::mta::relay::{Apdu, shown, x400_time};
use x400_gateway::queue::entry::{Kind, RecipientState};

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
