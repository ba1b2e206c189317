//! Messages as large as a sender can make them: everything is there on the other side, or what is not is a loss.
//! `benches/growth.rs` measures that their time is in proportion.

use std::fmt::Write as _;

use bytes::Bytes;
use x400_gateway::message::Message;
use x400_gateway::mixer::mail::{MailOptions, Recipient};
use x400_gateway::mixer::to_internet;
use x400_gateway::mixer::to_x400::{Converted, Input};

use crate::world::{KIM, World};

const MANY: usize = 10_000;
const START: &str = "From: jo@a.example\r\nTo: Kim.Smith@Widget.COM\r\nMIME-Version: 1.0\r\n";

/// The mail in X.400, and what comes back of it.
fn there_and_back(mail: String, recipients: &[String]) -> (Converted, to_internet::Converted, Message) {
    let world = World::new();
    let recipients = (1..).zip(recipients).map(|(number, address)| Recipient {
        number,
        address: address.clone(),
        ..Recipient::default()
    });
    let there = world
        .convert(&Input {
            content: Bytes::from(mail),
            reverse_path: Some("jo@a.example".into()),
            options: MailOptions::default(),
            recipients: recipients.collect(),
        })
        .unwrap();
    let places = (1..).zip(&there.envelope.per_recipient_fields).map(|(place, _)| place).collect();
    let input = to_internet::Input {
        envelope: there.envelope.clone(),
        content: there.content.concat().into(),
        recipients: places,
    };
    let back = world.convert_back(&input).unwrap();
    let mail = Message::parse(Bytes::from(back.content.to_vec()));
    (there, back, mail)
}

fn lost(converted: &Converted, reason: &str) -> bool {
    converted.losses.as_slice().iter().any(|loss| loss.reason == reason)
}

#[test]
fn ten_thousand_fields_come_back() {
    let fields = (0..MANY).fold(String::new(), |mut fields, number| {
        let _ = write!(fields, "X-Field-{number}: value {number}\r\n");
        fields
    });
    let (.., mail) = there_and_back(format!("{START}{fields}\r\nHello.\r\n"), &[KIM.to_owned()]);
    let back = mail.header().fields().iter().filter(|field| field.starts_with("X-Field-"));
    assert!(back.map(|field| field.value.clone()).eq((0..MANY).map(|number| format!("value {number}"))));
}

#[test]
fn ten_thousand_recipients_come_back() {
    let recipients: Vec<_> = (0..MANY).map(|number| format!("Kim{number}.Smith@Widget.COM")).collect();
    let (there, back, _) = there_and_back(format!("{START}\r\nHello.\r\n"), &recipients);
    assert_eq!(there.envelope.per_recipient_fields.len(), MANY);
    assert!(back.recipients.iter().map(|recipient| &recipient.address).eq(&recipients));
}

#[test]
fn ten_thousand_parts_come_back() {
    let mut body = String::new();
    for number in 0..MANY {
        let _ = write!(body, "--b\r\nContent-Type: text/plain\r\n\r\nHello {number}.\r\n");
    }
    let header = format!("{START}Content-Type: multipart/mixed; boundary=b\r\n");
    let (.., mail) = there_and_back(format!("{header}\r\n{body}--b--\r\n"), &[KIM.to_owned()]);
    let texts = mail.root().parts().iter().map(|part| part.octets_decoded().octets);
    assert!(texts.eq((0..MANY).map(|number| Bytes::from(format!("Hello {number}.")))));
}

/// Those that are too deep are kept whole, in the innermost that is looked into.
#[test]
fn a_thousand_multiparts_in_each_other_are_kept() {
    let (mut opening, mut closing) = (String::new(), String::new());
    for depth in 0..1_000 {
        let _ =
            write!(opening, "--b{depth}\r\nContent-Type: multipart/mixed; boundary=b{}\r\n\r\n", depth + 1);
        closing.insert_str(0, &format!("--b{depth}--\r\n"));
    }
    let header = format!("{START}Content-Type: multipart/mixed; boundary=b0\r\n");
    let mail = format!("{header}\r\n{opening}--b1000\r\n\r\nHello.\r\n--b1000--\r\n{closing}");
    let (there, back, _) = there_and_back(mail, &[KIM.to_owned()]);
    assert!(lost(&there, "parts are nested too deeply"), "{:?}", there.losses);
    let octets = back.content.to_vec();
    assert!(memchr::memmem::find(&octets, b"\r\n\r\nHello.\r\n").is_some());
}

/// A header ends at two mebibytes; what follows is text.
#[test]
fn ten_megabytes_on_one_line_of_a_header_are_text() {
    let line = format!("X-Long: {}\r\n", "a b ".repeat(2_500_000));
    let (there, _, mail) = there_and_back(format!("{START}{line}\r\nHello.\r\n"), &[KIM.to_owned()]);
    assert!(lost(&there, "the header is too long"), "{:?}", there.losses);
    let text = mail.root().octets_decoded().octets;
    assert!(text.starts_with(b"X-Long: a b ") && text.ends_with(b"\r\n\r\nHello.\r\n"));
}
