//! What another MTA sent, replayed to our stack in the other role.
//!
//! The captures are not part of the project: the environment variable `X400_CAPTURES` names their folder. Of each capture
//! the associations in normal mode are taken. The initiator's octets go to our responder, which must deliver every
//! message as it was extracted from the capture by other means, and close cleanly; the responder's octets go to our
//! initiator, which must hear the answers it would have heard from that MTA.

#![allow(clippy::disallowed_methods, reason = "tests touch the world")]
#![allow(clippy::unwrap_used, reason = "a broken capture is a failed test")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use x400_gateway::osi::stack::{Config, Indication, Layer, Output, Request, Stack};

#[path = "support/captures.rs"]
mod captures;

use captures::{Connection, connections};

fn folder() -> PathBuf {
    std::env::var("X400_CAPTURES")
        .expect("X400_CAPTURES must name the folder that holds the captures of another MTA")
        .into()
}

/// The associations in normal mode: their transport selector is that of the 1988 protocol.
fn in_normal_mode(capture: &str) -> Vec<Connection> {
    let octets = std::fs::read(folder().join(format!("{capture}.pcap"))).unwrap();
    let mut connections = connections(&octets);
    connections.retain(|it| it.initiator.windows(10).any(|octets| octets == b"\xc2\x08x400in88"));
    connections
}

fn apdu(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("ber/{name}.mtsapdu.ber"))).unwrap()
}

/// The TPKTs in a stream. They are played one after the other, since the MTA waited for answers between them.
fn packets(mut octets: &[u8]) -> Vec<&[u8]> {
    let mut packets = Vec::new();
    while let [_, _, high, low, ..] = octets {
        let (packet, after) = octets.split_at(usize::from(*high) << 8 | usize::from(*low));
        packets.push(packet);
        octets = after;
    }
    packets
}

/// Plays one side's octets, in cuts of at most the given size, to a stack; `answer` says what is asked for on an indication.
/// Returns all that was heard.
fn play(
    mut stack: Stack,
    octets: &[u8],
    cut: usize,
    answer: impl Fn(&Indication) -> Option<Request>,
) -> Vec<Indication> {
    let mut heard = Vec::new();
    let mut settle = |stack: &mut Stack| {
        while let Some(output) = stack.poll() {
            if let Output::Up(indication) = output {
                if let Some(request) = answer(&indication) {
                    stack.request(request, Instant::now()).unwrap();
                }
                heard.push(indication);
            }
        }
    };
    settle(&mut stack);
    for part in packets(octets).into_iter().flat_map(|packet| packet.chunks(cut)) {
        stack.receive(part, Instant::now()).unwrap();
        settle(&mut stack);
    }
    stack.lost(Instant::now());
    settle(&mut stack);
    heard
}

/// Our responder under the initiator's octets. Returns the messages.
fn respond(connection: &Connection, cut: usize) -> Vec<Vec<u8>> {
    let stack = Stack::responder(Config { checkpoint_size: 1, ..Config::default() }, Instant::now());
    let heard = play(stack, &connection.initiator, cut, |indication| match indication {
        Indication::Open(_) => Some(Request::Accept { user_data: vec![0xb1, 2, 5, 0] }),
        Indication::TransferEnd => Some(Request::TransferAccept),
        Indication::Close => Some(Request::CloseAccept),
        _ => None,
    });
    let Some(Indication::Open(open)) = heard.first() else { panic!("no open: {heard:?}") };
    assert_eq!(open.called.transport, "x400in88");
    assert_eq!(open.user_data[0], 0xb0, "the bind argument in its wrapper");
    assert_eq!(heard[heard.len() - 2..], [Indication::Close, Indication::Disconnected], "a clean end");
    let mut messages: Vec<Vec<u8>> = Vec::new();
    for indication in &heard {
        match indication {
            Indication::TransferStart => messages.push(Vec::new()),
            Indication::TransferData(data) => messages.last_mut().unwrap().extend_from_slice(data),
            Indication::Open(_) | Indication::TransferEnd | Indication::Close | Indication::Disconnected => {}
            other => panic!("{other:?}"),
        }
    }
    messages
}

/// Our initiator, which has just asked to open.
fn initiator() -> Stack {
    let mut stack = Stack::initiator(Config { tpdu_size: 2048, ..Config::default() }, Instant::now());
    stack.request(Request::Open { user_data: vec![0xb0, 2, 5, 0] }, Instant::now()).unwrap();
    stack
}

#[test]
fn messages_arrive_as_they_were_sent() {
    for (capture, expected) in [
        ("pp-1988-normal-small", vec!["pp-1988-normal-small-act1"]),
        ("pp-1988-normal-ndr", vec!["pp-1988-normal-ndr-act1", "pp-1988-normal-ndr-act2"]),
        ("pp-two-messages", vec!["pp-two-messages-act2", "pp-two-messages-act3"]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(apdu).collect();
        for cut in [usize::MAX, 7, 1] {
            let messages: Vec<_> = in_normal_mode(capture).iter().flat_map(|it| respond(it, cut)).collect();
            assert!(messages == expected, "{capture} in cuts of {cut}");
        }
    }
}

/// Q6: that MTA keeps one checkpoint more unconfirmed than agreed.
#[test]
fn a_message_with_many_checkpoints_arrives() {
    let connections = in_normal_mode("pp-1988-normal-big");
    let messages: Vec<_> = connections.iter().flat_map(|it| respond(it, usize::MAX)).collect();
    let [message] = &messages[..] else { panic!("{} messages", messages.len()) };
    let length = rasn_x400::ber::header::element_length(message);
    assert!(message.len() > 117_000 && length == Ok(message.len()), "one whole MTS-APDU");
}

/// Q4, Q8: its accept has a zero-length session selector and no TSDU size. An answer cannot come before what it
/// answers; in single octets none does.
#[test]
fn its_answers_are_understood() {
    let connections = in_normal_mode("pp-1988-normal-small");
    let message = Bytes::from_static(b"\xa0\x02\x05\x00");
    let heard = play(initiator(), &connections[0].responder, 1, |indication| match indication {
        Indication::Opened { .. } => {
            Some(Request::Transfer { length: message.len() as u64, timeout: Duration::from_secs(60) })
        }
        Indication::TransferMore { .. } => {
            Some(Request::TransferPart { offset: 0, pieces: vec![message.clone()] })
        }
        Indication::TransferConfirm => Some(Request::Close),
        _ => None,
    });
    let [Indication::Opened { checkpoint_size: 1, window: 3, user_data }, rest @ ..] = &heard[..] else {
        panic!("not opened: {heard:?}");
    };
    assert_eq!(user_data[0], 0xb1, "the bind result in its wrapper");
    let more = Indication::TransferMore { offset: 0, octets: message.len() };
    assert_eq!(rest, [more, Indication::TransferConfirm, Indication::Closed, Indication::Disconnected]);
}

/// Q7: a wrong password is refused with a bare INTEGER in RTORJ.
#[test]
fn its_refusal_is_understood() {
    let connections = in_normal_mode("pp-1988-normal-badpassword");
    let heard = play(initiator(), &connections[0].responder, usize::MAX, |_| None);
    let [Indication::Refused(refusal), Indication::Disconnected] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((refusal.layer, refusal.permanent), (Layer::Application, true));
    assert_eq!(refusal.user_data, [2, 1, 2], "authentication error");
}
