//! The whole way, with real software in front and an outside judge behind: a mail goes in by SMTP, and what came out on the
//! P1 association is read by tshark.

use crate::judge;
use crate::laboratory;

use std::io::Write as _;
use std::process::{Command, Stdio};

use laboratory::Laboratory;

/// Octets that look like a PDF and compress like noise: deterministic, so that a difference can be found.
fn pdf(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut octets = b"%PDF-1.7\n".to_vec();
    while octets.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        octets.extend_from_slice(&state.to_be_bytes());
    }
    octets.truncate(length);
    octets
}

/// Sends with swaks and returns its transcript.
fn swaks(arguments: &[&str]) -> String {
    let output =
        Command::new("swaks").args(arguments).stdin(Stdio::null()).output().expect("swaks is installed");
    let transcript = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "swaks failed:\n{transcript}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    transcript
}

/// A multipart mail with a PDF of 5 MB, 8-bit text in UTF-8 and a UTF-8 subject, from swaks to tshark.
// ledger: mixer A-302 H-05 H-06 H-12 H-24 I-03 OI-03 OI-07
// ledger: beyond A-10 B-11 B-30 B-32 T-01 T-10 T-20 T-30 T-31
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_with_a_pdf_of_5_megabytes() {
    let mut laboratory = Laboratory::start().await;
    let file = pdf(5_000_000);
    let folder = tempfile::tempdir().unwrap();
    let attachment = folder.path().join("Übersicht.pdf");
    std::fs::write(&attachment, &file).unwrap();
    let body = folder.path().join("body.txt");
    std::fs::File::create(&body).unwrap().write_all("Grüße aus Köln\n€ 5\n".as_bytes()).unwrap();
    let server = laboratory.smtp.to_string();
    let (attach, body) = (format!("@{}", attachment.display()), format!("@{}", body.display()));
    let transcript = tokio::task::spawn_blocking(move || {
        swaks(&[
            "--server",
            &server,
            "--from",
            "ada@internet.example",
            "--to",
            "Grace.Hopper@navy.x400.example,list_owner@navy.x400.example",
            "--header",
            "Subject: =?utf-8?B?R3LDvMOfZQ==?=",
            "--header",
            "Message-Id: <first.light@internet.example>",
            "--attach-type",
            "text/plain; charset=utf-8",
            "--attach-body",
            &body,
            "--attach-type",
            "application/pdf",
            "--attach-name",
            "report.pdf",
            "--attach",
            &attach,
            "--silent",
            "2",
        ])
    })
    .await
    .unwrap();
    assert!(!transcript.contains("<** "), "{transcript}");

    let apdu = laboratory.next_apdu().await;
    assert!(
        laboratory::contains(&apdu, &file),
        "the octets of the attachment are in the message as they were"
    );
    let transcript = laboratory.stop().await;
    let case = judge::association(&transcript);
    case.assert_clean();
    let value = |field: &str| case.values(field).into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(value("p22.subject"), ["Grüße"]);
    let identifiers = value("p22.user_relative_identifier");
    assert!(identifiers.contains(&"first.light(a)internet.example".to_owned()), "{identifiers:?}");
    assert!(value("p1.surname").contains(&"Hopper".to_owned()), "{:?}", value("p1.surname"));
    assert!(
        value("p1.value").contains(&"list(u)owner(a)navy.x400.example".to_owned()),
        "{:?}",
        value("p1.value")
    );
    assert!(
        value("judge_mixer.field").iter().any(|field| field.starts_with("Content-Type: application/pdf"))
    );
}

/// A peer that cannot be reached, then can: the message waits and arrives once.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_for_its_peer() {
    let mut laboratory = Laboratory::start_with(|options| options.peer_is_down = true).await;
    let server = laboratory.smtp.to_string();
    tokio::task::spawn_blocking(move || {
        swaks(&[
            "--server",
            &server,
            "--from",
            "ada@internet.example",
            "--to",
            "Grace.Hopper@navy.x400.example",
        ])
    })
    .await
    .unwrap();
    assert!(laboratory.no_apdu_yet());
    laboratory.start_peer().await;
    laboratory.next_apdu().await;
    assert!(laboratory.no_apdu_yet());
}

/// A peer that does not like our password: the message stays queued, and the diagnosis names the layer and what to ask.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_refuses_the_bind_leaves_the_message_queued() {
    let laboratory = Laboratory::start_with(|options| {
        options.callers = vec![("x400gw".into(), Some("another password".into()))];
    })
    .await;
    let server = laboratory.smtp.to_string();
    tokio::task::spawn_blocking(move || {
        swaks(&[
            "--server",
            &server,
            "--from",
            "ada@internet.example",
            "--to",
            "Grace.Hopper@navy.x400.example",
        ])
    })
    .await
    .unwrap();
    let diagnosis = laboratory.last_diagnosis().await;
    assert!(diagnosis.contains("application") && diagnosis.contains("authentication-error"), "{diagnosis}");
    assert!(diagnosis.contains("ask the peer's operator"), "{diagnosis}");
}

/// An address that cannot be mapped is refused at RCPT, with the clause.
/// ledger: mixer F-01 A-122
// ledger: mixer F-01 F-02
#[tokio::test(flavor = "multi_thread")]
async fn an_unmappable_recipient_is_refused_at_once() {
    let laboratory = Laboratory::start().await;
    let server = laboratory.smtp.to_string();
    let output = tokio::task::spawn_blocking(move || {
        let long = format!("{}@navy.x400.example", "a_".repeat(300));
        Command::new("swaks")
            .args([
                "--server",
                &server,
                "--from",
                "ada@internet.example",
                "--to",
                &long,
                "--quit-after",
                "RCPT",
            ])
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    let transcript = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        !output.status.success() && transcript.contains("553-5.1.3") || transcript.contains("553 5.1.3"),
        "{transcript}"
    );
}
