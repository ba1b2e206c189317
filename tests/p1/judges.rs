//! The outside judge is itself judged: it accepts good samples, and complains about damaged ones.
//!
//! The samples are built here by hand, octet by octet, so that neither our encoders nor our stack have a part in them.

use crate::judge;

use judge::Side::{Initiator, Responder};
use judge::{Side, association, contents, mts_apdus, named_mts_apdus};

#[test]
fn a_good_message_is_clean_and_its_fields_are_read() {
    let case = mts_apdus(&[message("MSG-1", "Hello"), message("MSG-2", "World")]);

    case.assert_clean();
    assert_eq!(case.values("p1.local_identifier"), [["MSG-1"], ["MSG-2"]]);
    assert_eq!(case.values("p22.subject"), [["Hello"], ["World"]]);
    assert_eq!(case.values("p1.surname"), [["SMITH", "JONES", "SMITH"], ["SMITH", "JONES", "SMITH"]]);
    assert_eq!(case.summaries(), ["InterPersonal Message (Hello)", "InterPersonal Message (World)"]);
    assert_eq!(case.json().as_array().unwrap().len(), 2);
}

#[test]
fn a_good_content_is_clean() {
    let case = contents(&[content("Hello")]);

    case.assert_clean();
    assert_eq!(case.summaries(), ["InterPersonal Message (Hello)"]);
}

#[test]
fn a_good_military_content_is_clean_and_a_damaged_one_is_not() {
    let good = content("Hello");
    judge::military_contents(&[&good]).assert_clean();

    let complaints =
        judge::military_contents(&[good[..good.len() - 5].to_vec(), b"\xab\0".to_vec()]).complaints();
    for packet in 1..=2 {
        assert!(complaints.iter().any(|complaint| complaint.packet == packet), "{complaints:?}");
    }
}

#[test]
fn four_hundred_messages_are_one_run() {
    let messages: Vec<Vec<u8>> = (0..400).map(|number| message(&format!("MSG-{number}"), "Hello")).collect();
    let case = mts_apdus(&messages);

    case.assert_clean();
    assert_eq!(case.values("p1.local_identifier")[399], ["MSG-399"]);
}

#[test]
fn damaged_messages_are_complained_about_by_name() {
    let good = message("MSG-1", "Hello");
    let damaged = [
        ("cut short", good[..good.len() - 20].to_vec()),
        ("wrong outer tag", [&[0xab], &good[1..]].concat()),
        ("no originator", replaced(&good, &originator(), &[])),
        (
            "surname without its tag",
            replaced(&good, &ber(0xa5, &[&ber(0x80, &[b"SMITH"])]), &ber(0xa5, &[&ber(0x99, &[b"SMITH"])])),
        ),
        ("an octet too many", [&good[..], &[0]].concat()),
        ("not BER at all", b"Subject: this is mail\r\n\r\nHello\r\n".to_vec()),
        ("empty", vec![]),
    ];
    let damaged: Vec<(String, Vec<u8>)> =
        damaged.into_iter().map(|(name, octets)| (name.to_owned(), octets)).collect();

    let complaints = named_mts_apdus(&damaged).complaints();
    for (name, _) in &damaged {
        assert!(
            complaints.iter().any(|complaint| complaint.name == *name),
            "no complaint about `{name}`: {complaints:?}"
        );
    }
}

#[test]
fn damaged_contents_are_complained_about() {
    let good = content("Hello");
    let damaged = [
        good[..good.len() - 5].to_vec(),
        [&[0xbf, 0x22], &good[1..]].concat(),
        replaced(&good, &ber(0x6b, &[&ber(0x13, &[b"IPM-1"])]), &[]),
    ];

    let complaints = contents(&damaged).complaints();
    for number in 0..damaged.len() {
        assert!(
            complaints.iter().any(|complaint| complaint.packet == number + 1),
            "content {number}: {complaints:?}"
        );
    }
}

#[test]
fn one_good_message_does_not_hide_a_damaged_one() {
    let good = message("MSG-1", "Hello");
    let complaints = mts_apdus(&[good.clone(), good[..60].to_vec(), good]).complaints();

    assert!(!complaints.is_empty());
    assert!(complaints.iter().all(|complaint| complaint.packet == 2), "{complaints:?}");
}

#[test]
fn a_good_association_is_clean_from_the_connect_request_to_the_message() {
    let case = association(&transcript(&message("MSG-1", "Hello")));

    case.assert_clean();
    assert_eq!(case.values("p1.local_identifier").concat(), ["MSG-1"]);
    assert_eq!(
        case.table(&["p1.authenticated.initiator-name", "p1.authenticated.responder-name"]).concat().concat(),
        ["MTA-A", "MTA-B"]
    );
    assert!(
        case.summaries().iter().any(|line| line.contains("InterPersonal Message (Hello)")),
        "{:?}",
        case.summaries()
    );
}

#[test]
fn a_write_longer_than_a_packet_is_put_together_again() {
    let case = association(&transcript(&message_with_text(
        "MSG-1",
        "Hello",
        &"All work and no play.\r\n".repeat(5_000),
    )));

    case.assert_clean();
    assert_eq!(case.values("p1.local_identifier").concat(), ["MSG-1"]);
}

#[test]
fn a_damaged_association_is_complained_about() {
    let good = transcript(&message("MSG-1", "Hello"));

    for (story, number, change) in [
        ("the bind lost its name", 2, (&b"\x80\x05MTA-A"[..], &b"\x99\x05MTA-A"[..])),
        ("the message lost its originator's tag", 5, (&b"\x80\x05SMITH"[..], &b"\x99\x05SMITH"[..])),
        ("the serial number has a wrong length", 6, (&b"\x2a\x01\x31"[..], &b"\x2a\x09\x31"[..])),
    ] {
        let mut damaged = good.clone();
        damaged[number].1 = replaced(&damaged[number].1, change.0, change.1);
        assert!(!association(&damaged).complaints().is_empty(), "{story}");
    }
}

#[test]
#[should_panic(expected = "tshark complains")]
fn assert_clean_fails_for_a_damaged_message() {
    mts_apdus(&[&message("MSG-1", "Hello")[..50]]).assert_clean();
}

/// A message in definite form: one recipient, P2 content.
fn message(local_identifier: &str, subject: &str) -> Vec<u8> {
    message_with_text(local_identifier, subject, "Hello\r\n")
}

fn message_with_text(local_identifier: &str, subject: &str, text: &str) -> Vec<u8> {
    let content = content_with_text(subject, text);
    let time = ber(0x80, &[b"910530182455Z"]);
    let trace = ber(0x69, &[&ber(0x30, &[&domain(), &ber(0x31, &[&time, &[0x82, 1, 0]])])]);
    let recipient = ber(0x31, &[&or_name(b"JONES"), &[0x80, 1, 1], &[0x81, 2, 0, 0xa8]]);
    let identifier = ber(0x64, &[&domain(), &ber(0x16, &[local_identifier.as_bytes()])]);
    let types = ber(0x65, &[&[0x80, 2, 5, 0x20]]);
    let envelope =
        ber(0x31, &[&originator(), &identifier, &types, &[0x46, 1, 2], &trace, &ber(0xa2, &[&recipient])]);
    ber(0xa0, &[&envelope, &ber(0x04, &[&content])])
}

fn content(subject: &str) -> Vec<u8> {
    content_with_text(subject, "Hello\r\n")
}

fn content_with_text(subject: &str, text: &str) -> Vec<u8> {
    let identifier = ber(0x6b, &[&ber(0x13, &[b"IPM-1"])]);
    let originator = ber(0xa0, &[&originator()]);
    let subject = ber(0xa8, &[&ber(0x14, &[subject.as_bytes()])]);
    let text = ber(0xa0, &[&ber(0x31, &[]), &ber(0x16, &[text.as_bytes()])]);
    ber(0xa0, &[&ber(0x31, &[&identifier, &originator, &subject]), &ber(0x30, &[&text])])
}

fn originator() -> Vec<u8> {
    or_name(b"SMITH")
}

fn or_name(surname: &[u8]) -> Vec<u8> {
    let name = ber(0xa5, &[&ber(0x80, &[surname])]);
    let standard =
        [country(), administration(), ber(0xa2, &[&ber(0x13, &[b"PRMD"])]), ber(0x83, &[b"ALPHA"]), name]
            .concat();
    ber(0x60, &[&ber(0x30, &[&standard])])
}

fn domain() -> Vec<u8> {
    ber(0x63, &[&country(), &administration(), &ber(0x13, &[b"PRMD"])])
}

fn country() -> Vec<u8> {
    ber(0x61, &[&ber(0x13, &[b"GB"])])
}

fn administration() -> Vec<u8> {
    ber(0x62, &[&ber(0x13, &[b"TESTNET"])])
}

/// A whole association in normal mode that carries one MTS-APDU: connect, activity, release.
fn transcript(apdu: &[u8]) -> Vec<(Side, Vec<u8>)> {
    let external = ber(0x28, &[&[0x02, 1, 5], &ber(0xa0, &[apdu])]);
    let transfer = user_data(3, &ber(0x04, &[&external]));
    vec![
        (Initiator, tpkt(b"\x0a\xe0\0\0\0\x01\0\xc0\x01\x0b\xc2\0")),
        (Responder, tpkt(b"\x09\xd0\0\x01\0\x02\0\xc0\x01\x0b")),
        (
            Initiator,
            data_tpdus(&spdu(
                0x0d,
                &[
                    &item(0x05, &[&item(0x13, &[&[0]]), &item(0x16, &[&[2]]), &item(0x1a, &[&[0]])]),
                    &requirements(),
                    &item(0xc1, &[&connect()]),
                ],
            )),
        ),
        (
            Responder,
            data_tpdus(&spdu(
                0x0e,
                &[
                    &item(0x05, &[&item(0x13, &[&[0]]), &item(0x16, &[&[2]]), &item(0x1a, &[&[0]])]),
                    &requirements(),
                    &item(0xc1, &[&accept()]),
                ],
            )),
        ),
        (Initiator, data_tpdus(&[&b"\x01\0"[..], &spdu(0x2d, &[&item(0x29, &[&[2, 1, 1]])])].concat())),
        (Initiator, data_tpdus(&[&b"\x01\0\x01\0"[..], &transfer].concat())),
        (Initiator, data_tpdus(&[&b"\x01\0"[..], &spdu(0x29, &[&item(0x2a, &[b"1"])])].concat())),
        (Responder, data_tpdus(&[&b"\x02\0"[..], &spdu(0x2a, &[&item(0x2a, &[b"1"])])].concat())),
        (
            Initiator,
            data_tpdus(&spdu(
                0x09,
                &[&item(0x11, &[&[1]]), &item(0xc1, &[&user_data(1, &ber(0x62, &[&[0x80, 1, 0]]))])],
            )),
        ),
        (Responder, data_tpdus(&spdu(0x0a, &[&item(0xc1, &[&user_data(1, &ber(0x63, &[&[0x80, 1, 0]]))])]))),
    ]
}

/// CP with the three contexts of P1, AARQ, RTORQ and the bind of MTA-A.
fn connect() -> Vec<u8> {
    let ber_syntax = ber(0x30, &[b"\x06\x02\x51\x01"]);
    let context = |id: u8, syntax: &[u8]| ber(0x30, &[&[2, 1, id], &ber(0x06, &[syntax]), &ber_syntax]);
    let contexts = ber(
        0xa4,
        &[&context(1, b"\x52\x01\0\x01"), &context(3, b"\x56\0\x02\x0c"), &context(5, b"\x56\0\x02\x07")],
    );
    let open = ber(
        0xb0,
        &[&[0x80, 1, 0], &[0x82, 1, 0], &ber(0xa3, &[&ber(0xa0, &[&ber(0xb0, &[&bind(b"MTA-A")])])])],
    );
    let request = ber(0x60, &[&application_context(), &user_information(&open)]);
    ber(0x31, &[&normal_mode(), &ber(0xa2, &[&contexts, &user_data(1, &request)])])
}

/// CPA, AARE, RTOAC and the bind result of MTA-B.
fn accept() -> Vec<u8> {
    let accepted = ber(0x30, &[b"\x80\x01\0\x81\x02\x51\x01"]);
    let results = ber(0xa5, &[&accepted, &accepted, &accepted]);
    let open = ber(
        0xb1,
        &[&[0x80, 1, 0], &[0x81, 1, 3], &ber(0xa2, &[&ber(0xa0, &[&ber(0xb1, &[&bind(b"MTA-B")])])])],
    );
    let diagnostic = ber(0xa3, &[&ber(0xa1, &[&[2, 1, 0]])]);
    let response = ber(
        0x61,
        &[&application_context(), &ber(0xa2, &[&[2, 1, 0]]), &diagnostic, &user_information(&open)],
    );
    ber(0x31, &[&normal_mode(), &ber(0xa2, &[&results, &user_data(1, &response)])])
}

fn normal_mode() -> Vec<u8> {
    ber(0xa0, &[&[0x80, 1, 1]])
}

fn application_context() -> Vec<u8> {
    ber(0xa1, &[b"\x06\x04\x56\0\x01\x06"])
}

fn user_information(rtse: &[u8]) -> Vec<u8> {
    ber(0xbe, &[&ber(0x28, &[b"\x06\x02\x51\x01", &[2, 1, 3], &ber(0xa0, &[rtse])])])
}

fn bind(name: &[u8]) -> Vec<u8> {
    ber(0xa1, &[&ber(0x80, &[name]), &ber(0xa1, &[&ber(0x16, &[b"secret"])])])
}

/// Fully encoded user data with one value.
fn user_data(context: u8, value: &[u8]) -> Vec<u8> {
    ber(0x61, &[&ber(0x30, &[&[2, 1, context], &ber(0xa0, &[value])])])
}

/// Half-duplex, minor synchronise, activity management, exceptions.
fn requirements() -> Vec<u8> {
    item(0x14, &[&[0x02, 0x49]])
}

fn spdu(code: u8, items: &[&[u8]]) -> Vec<u8> {
    item(code, items)
}

/// A session parameter or SPDU: a long length is 255 and two octets.
fn item(code: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = match u8::try_from(value.len()) {
        Ok(short) if short < 255 => vec![short],
        _ => [&[255], &u16::try_from(value.len()).unwrap().to_be_bytes()[..]].concat(),
    };
    [&[code], &length[..], &value].concat()
}

/// A TSDU in DT TPDUs of 2,048 octets, each in its TPKT.
fn data_tpdus(tsdu: &[u8]) -> Vec<u8> {
    let mut chunks = tsdu.chunks(2_045).peekable();
    let mut octets = vec![];
    while let Some(chunk) = chunks.next() {
        let end = if chunks.peek().is_none() { 0x80 } else { 0 };
        octets.extend(tpkt(&[&[2, 0xf0, end], chunk].concat()));
    }
    octets
}

fn tpkt(tpdu: &[u8]) -> Vec<u8> {
    [&[3, 0], &u16::try_from(tpdu.len() + 4).unwrap().to_be_bytes()[..], tpdu].concat()
}

/// Tag, definite length, contents.
fn ber(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = match u8::try_from(value.len()) {
        Ok(short) if short < 128 => vec![short],
        _ => [&[0x84], &u32::try_from(value.len()).unwrap().to_be_bytes()[..]].concat(),
    };
    [&[tag], &length[..], &value].concat()
}

/// The first occurrence of `old` replaced; lengths around it are left wrong where they change.
fn replaced(octets: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = octets
        .windows(old.len())
        .position(|window| window == old)
        .expect("the sample holds what is to be replaced");
    [&octets[..at], new, &octets[at + old.len()..]].concat()
}
