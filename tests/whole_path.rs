//! The whole path with real software: Postfix in the west, whose users write by its `sendmail`; a gateway, X.400, and another
//! gateway; Dovecot in the east, whose user reads by IMAP and POP3. What comes back, comes all the way: answers, delivery
//! reports, receipts, failures. Python's email package judges what arrives.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "support/authority.rs"]
mod authority;
#[path = "support/daemon.rs"]
mod daemon;
#[path = "whole_path/dovecot.rs"]
mod dovecot;
#[path = "support/pair.rs"]
mod pair;
#[path = "support/postfix.rs"]
mod postfix;
#[path = "support/program.rs"]
mod program;
#[path = "whole_path/stage.rs"]
mod stage;
#[path = "whole_path/west.rs"]
mod west;

use stage::{ADA, HOPPER, Mail, Stage};

const SUBJECT: &str = "Grüße über X.400: Maße & Öl";

/// Octets of every value, in no order that compresses.
fn attachment() -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let noise = std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()
    });
    (0..=255).chain(noise.take(5_000).flatten()).collect()
}

/// A text with umlauts, and a line that is longer than SMTP allows.
fn text() -> String {
    format!("Liebe Grace,\n\nschöne Grüße aus Köln.\n.\n..\n{}Ende\nÄÖÜß\n", "Größe ".repeat(600))
}

/// As quoted-printable, lines ending in LF.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    let mut column = 0;
    for octet in text.bytes() {
        let piece = match octet {
            b'\n' => "\n".to_owned(),
            b'=' | 0x80.. => format!("={octet:02X}"),
            _ => char::from(octet).to_string(),
        };
        if column + piece.len() > 70 && octet != b'\n' {
            quoted.push_str("=\n");
            column = 0;
        }
        column = if octet == b'\n' { 0 } else { column + piece.len() };
        quoted.push_str(&piece);
    }
    quoted
}

/// Text in lines of 76 characters.
fn base64(octets: &[u8]) -> String {
    let encoded = base64_simd::STANDARD.encode_to_string(octets);
    let lines: Vec<_> =
        encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join("\n")
}

fn encoded_word(text: &str) -> String {
    format!("=?utf-8?B?{}?=", base64_simd::STANDARD.encode_to_string(text))
}

/// A letter of two parts.
fn letter(fields: &str, subject: &str, text: &str, attachment: &[u8]) -> String {
    format!(
        "{fields}Subject: {}\nDate: Fri, 27 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{}\n\
         --b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: base64\n\
         Content-Disposition: attachment; filename*=utf-8''Ma%C3%9Fe.bin\n\n{}\n--b--\n",
        encoded_word(subject),
        quoted(text),
        base64(attachment),
    )
}

/// The same with nothing encoded: lines of any length, and octets without lines.
fn binary_letter(fields: &str, subject: &str, text: &str, attachment: &[u8]) -> Vec<u8> {
    let before = format!(
        "{fields}Subject: {}\nDate: Fri, 27 Nov 2026 12:00:00 +0100\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: binary\n\n{text}\n\
         --b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: binary\n\
         Content-Disposition: attachment; filename*=utf-8''Ma%C3%9Fe.bin\n\n",
        encoded_word(subject),
    );
    [before.replace('\n', "\r\n").as_bytes(), attachment, b"\r\n--b--\r\n"].concat()
}

fn assert_is_letter(mail: &Mail) {
    assert_eq!(mail.field("Subject"), SUBJECT);
    assert_eq!(mail.text(0).trim_end(), text().trim_end());
    assert_eq!(mail.0["parts"][1]["name"], "Maße.bin");
    assert!(mail.octets(1) == attachment(), "the attachment is another");
}

/// Asserts that a mail is a delivery status notification about one recipient.
fn assert_status(mail: &Mail, recipient: &str, action: &str, status: &str) {
    assert!(mail.is_report("delivery-status"), "{:#}", mail.0);
    let found = ["Original-Recipient", "Action", "Status"].map(|name| mail.reported(1, name));
    let right = found[0].ends_with(recipient) && found[1] == action && found[2].starts_with(status);
    assert!(right, "{found:?} instead of {recipient} {action} {status}: {:#}", mail.0);
}

/// A letter goes all the way; delivery is reported, the reader confirms and answers, and all of that comes home. Letters for
/// nobody come back.
// ledger: mixer Y-03 R-01 F-02 N-05; beyond D-40
#[test]
fn a_letter_its_reports_its_receipt_and_its_answer() {
    let stage = Stage::start();
    let fields = format!(
        "From: {} <{ADA}>\nTo: {} <{HOPPER}>\nMessage-ID: <letter.1@west.example>\n\
         Disposition-Notification-To: {ADA}\n",
        encoded_word("Ada Grün"),
        encoded_word("Grace Höpper"),
    );
    let notify = ["-f", ADA, "-N", "success,delay,failure", "-V", "QQ=314"];
    let mail = letter(&fields, SUBJECT, &text(), &attachment());
    stage.postfix.sendmail(&[&notify[..], &["--", HOPPER]].concat(), &mail);

    // It arrives, and both protocols give the same.
    let [by_imap] = stage.in_the_east("imap", 1).try_into().ok().unwrap();
    let [by_pop3] = stage.in_the_east("pop3", 1).try_into().ok().unwrap();
    assert_is_letter(&by_imap);
    assert_eq!(by_imap.0["raw"], by_pop3.0["raw"]);
    assert_eq!(by_imap.field("Message-ID"), "<letter.1@west.example>");
    assert_eq!(by_imap.field("Date"), "Fri, 27 Nov 2026 10:00:00 +0100");
    assert_eq!(by_imap.field("From"), "Ada Grün <ada@west.example>");
    assert_eq!(by_imap.field("To"), "Grace Höpper <hopper@east.example>");

    // Delivery is told, since Dovecot has it.
    let [delivered] = stage.in_the_west(1).try_into().ok().unwrap();
    assert_status(&delivered, HOPPER, "delivered", "2.");
    assert_eq!(delivered.reported(0, "Original-Envelope-Id"), "QQ=314");
    assert_eq!(delivered.field("In-Reply-To"), "<letter.1@west.example>");

    // The reader's mail program confirms to where it was asked to.
    let wanted = by_imap.field("Disposition-Notification-To");
    assert!(wanted.contains(ADA), "{wanted}");
    let receipt = format!(
        "From: {HOPPER}\nTo: {wanted}\nSubject: Read\nMIME-Version: 1.0\nMessage-ID: <read.1@east.example>\n\
         Date: Fri, 27 Nov 2026 11:00:00 +0100\n\
         Content-Type: multipart/report; report-type=disposition-notification; boundary=\"b\"\n\n--b\n\nRead.\n\n\
         --b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; {HOPPER}\n\
         Original-Message-ID: {}\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n",
        by_imap.field("Message-ID"),
    );
    stage.send_from_the_east("<>", &receipt);
    let receipt = stage.in_the_west(2).pop().unwrap();
    assert!(receipt.is_report("disposition-notification"), "{:#}", receipt.0);
    assert_eq!(receipt.reported(0, "Original-Message-ID"), "<letter.1@west.example>");
    assert_eq!(receipt.reported(0, "Disposition"), "manual-action/MDN-sent-manually; displayed");
    assert!(receipt.reported(0, "Original-Recipient").ends_with(HOPPER), "{:#}", receipt.0);

    // And the reader answers, by a program that encodes nothing.
    let fields = format!(
        "From: {HOPPER}\nTo: {ADA}\nMessage-ID: <answer.1@east.example>\nIn-Reply-To: {}\n",
        by_imap.field("Message-ID"),
    );
    stage.send_chunks_from_the_east(&binary_letter(&fields, SUBJECT, &text(), &attachment()));
    let answer = stage.in_the_west(3).pop().unwrap();
    assert_is_letter(&answer);
    assert_eq!(answer.field("In-Reply-To"), "<letter.1@west.example>");
    assert_eq!(answer.field("Message-ID"), "<answer.1@east.example>");

    // Nobody of that name is in the east: Dovecot says so, and the report comes through X.400.
    let plain = "From: ada@west.example\nTo: somebody\nSubject: Anybody?\nMessage-ID: <lost.1@west.example>\n\nHello.\n";
    stage.postfix.sendmail(&["-f", ADA, "--", "nobody@east.example"], plain);
    let failed = stage.in_the_west(4).pop().unwrap();
    assert_status(&failed, "nobody@east.example", "failed", "5.1.1");
    assert!(
        failed.text(0).contains("Your message was not delivered to:\n        nobody@east.example"),
        "{:#}",
        failed.0
    );
    // What Dovecot said, in the characters that X.400 has for it.
    assert!(
        failed.text(0).contains("550 5.1.1 (nobody(a)east.example) User doesn't exist"),
        "{:#}",
        failed.0
    );
    assert!(failed.text(2).contains("Anybody?"), "{:#}", failed.0);

    // An address that X.400 has no room for is refused by the gateway, and Postfix says so.
    let nowhere = format!("{}@east.example", "a_".repeat(200));
    stage.postfix.sendmail(&["-f", ADA, "--", &nowhere], plain);
    let refused = stage.in_the_west(5).pop().unwrap();
    assert_status(&refused, &nowhere, "failed", "5.1.3");
    assert!(refused.reported(1, "Diagnostic-Code").contains("at most 512 fit"), "{:#}", refused.0);
}
