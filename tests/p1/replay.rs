//! What another MTA sent, replayed to our stack in the other role.
//!
//! The captures are not part of the project: the environment variable `X400_CAPTURES` names their folder. The initiator's
//! octets go to our responder, which must deliver every message as it was extracted from the capture by other means, and
//! close cleanly; the responder's octets go to our initiator, which must hear the answers it would have heard from that
//! MTA. Every association of every capture is played, in every mode that MTA speaks.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::x411::bind::BindError;
use rasn_x400::x419::MtsApdu;
use x400_gateway::mta::association::{Association, Event, Output as Told, Request as Ask, Settings};
use x400_gateway::mta::bind::{Identity, Known, Password, Trust, argument, result};
use x400_gateway::osi::stack::{
    Config, DialogueMode, Indication, Layer, Mode, Output, Request, Selectors, Stack,
};

use crate::captures;

use captures::{Connection, connections};

const NORMAL: Mode = Mode::MtsTransfer;
const X410: Mode = Mode::MtsTransferProtocol;
const P1_1984: Mode = Mode::MtsTransferProtocol1984;

/// The mode of an association, and its APDUs.
type Replayed = (Mode, &'static [&'static str]);

/// Every capture: the mode and the APDUs of each of its associations in turn. The messages of the large ones were not
/// extracted; they are checked by themselves.
const CAPTURES: &[(&str, &[Replayed])] = &[
    ("pp-1984-small", &[(P1_1984, &["pp-1984-small-act1"])]),
    ("pp-1984-big", &[(P1_1984, &[LARGE])]),
    ("pp-1984-ndr", &[(P1_1984, &["pp-1984-ndr-act1"]), (P1_1984, &["pp-1984-ndr-act2"])]),
    ("pp-1984-twa", &[(P1_1984, &["pp-1984-twa-act1"])]),
    ("pp-1988-normal-small", &[(NORMAL, &["pp-1988-normal-small-act1"])]),
    ("pp-1988-normal-big", &[(NORMAL, &[LARGE])]),
    ("pp-1988-normal-ndr", &[(NORMAL, &["pp-1988-normal-ndr-act1"]), (NORMAL, &["pp-1988-normal-ndr-act2"])]),
    ("pp-1988-x410-small", &[(X410, &["pp-1988-x410-small-act1"])]),
    (
        "pp-two-messages",
        &[
            (NORMAL, &["pp-two-messages-act2", "pp-two-messages-act3"]),
            (P1_1984, &["pp-two-messages-act1", "pp-two-messages-act4"]),
        ],
    ),
];

/// A message of 117 KB.
const LARGE: &str = "";

fn folder() -> PathBuf {
    std::env::var("X400_CAPTURES")
        .expect("X400_CAPTURES must name the folder that holds the captures of another MTA")
        .into()
}

fn capture(name: &str) -> Vec<Connection> {
    connections(&std::fs::read(folder().join(format!("{name}.pcap"))).unwrap())
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
    mut answer: impl FnMut(&Indication) -> Vec<Request>,
) -> Vec<Indication> {
    let mut heard = Vec::new();
    let mut settle = |stack: &mut Stack| {
        while let Some(output) = stack.poll() {
            if let Output::Up(indication) = output {
                for request in answer(&indication) {
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

/// The responder's side. Reports come on associations in the other direction, so either of the two MTAs may call.
fn settings() -> Settings {
    let known =
        |name, password: &str| Known { password: Some(Password(password.into())), ..Known::named(name) };
    Settings {
        identity: Identity { name: "MTA-B".into(), password: Some("secretB".into()), ..Identity::default() },
        trust: Trust { known: vec![known("MTA-A", "secretA"), known("MTA-B", "secretB")], anyone: false },
        transfer_timeout: Duration::from_secs(60),
        idle: Duration::from_secs(60),
        ..Settings::default()
    }
}

/// Our MTA as the responder under the initiator's octets: bind, messages, unbind. Returns the messages.
fn respond(connection: &Connection, mode: Mode, cut: usize) -> Vec<Vec<u8>> {
    let mut association = Association::responder(settings(), None);
    let mut messages: Vec<Vec<u8>> = Vec::new();
    let mut events = Vec::new();
    let stack = Stack::responder(Config { checkpoint_size: 1, ..Config::default() }, Instant::now());
    let heard = play(stack, &connection.initiator, cut, |indication| {
        let now = Instant::now();
        association.receive(indication.clone(), now);
        let mut requests = Vec::new();
        while let Some(told) = association.poll() {
            match told {
                Told::Down(request) => requests.push(request),
                Told::Up(Event::MessageStart { .. }) => messages.push(Vec::new()),
                Told::Up(Event::MessageData(octets)) => messages.last_mut().unwrap().extend(octets),
                Told::Up(Event::MessageEnd) => association.request(Ask::Secured, now).unwrap(),
                Told::Up(event) => events.push(event),
                Told::Read { .. } => panic!("there is nothing to send"),
            }
        }
        requests
    });
    let Some(Indication::Open(open)) = heard.first() else { panic!("no open: {heard:?}") };
    assert_eq!(open.mode, mode);
    assert!(open.called.transport.starts_with(b"x400in8"), "{:?}", open.called);
    assert_eq!(
        open.user_data[0],
        if mode.is_x410() { 0xa1 } else { 0xb0 },
        "T-33: the bind in its usual form"
    );
    assert_eq!((open.reference.name.as_str(), open.reference.time.len()), ("vm", 13));
    let [Event::Ready { peer, mode: told }, Event::Ended(ending)] = &events[..] else { panic!("{events:?}") };
    assert!(peer == "MTA-A" || peer == "MTA-B", "{peer}");
    assert_eq!((*told, ending.to_string().as_str()), (mode, "closed"));
    messages
}

/// Packet by packet, in odd cuts, and octet by octet: every message as it was extracted, and a clean end.
/// ledger: beyond T-34
#[test]
fn messages_arrive_as_they_were_sent() {
    for (name, associations) in CAPTURES {
        let connections = capture(name);
        assert_eq!(connections.len(), associations.len(), "{name}");
        for (connection, (mode, expected)) in connections.iter().zip(*associations) {
            let cuts: &[usize] = if *expected == [LARGE] { &[usize::MAX, 1021] } else { &[usize::MAX, 7, 1] };
            for &cut in cuts {
                let messages = respond(connection, *mode, cut);
                assert_eq!(messages.len(), expected.len(), "{name}");
                for (message, expected) in messages.iter().zip(*expected) {
                    let whole = match *expected {
                        // Q6: it keeps one checkpoint more unconfirmed than agreed.
                        LARGE => {
                            message.len() > 117_000
                                && ber::header::element_length(message) == Ok(message.len())
                        }
                        expected => *message == apdu(expected),
                    };
                    assert!(whole, "{name} {mode} in cuts of {cut}");
                }
            }
        }
    }
}

/// Our initiator, which has just asked to open.
fn initiator(mode: Mode, dialogue_mode: DialogueMode) -> Stack {
    let identity = Identity { name: "MTA-A".into(), password: Some("secretA".into()), ..Identity::default() };
    let called = Selectors { transport: "x400in".into(), ..Selectors::default() };
    let config = Config { tpdu_size: 2048, mode, dialogue_mode, called, ..Config::default() };
    let mut stack = Stack::initiator(config, Instant::now());
    stack.request(Request::Open { user_data: argument(&identity, mode) }, Instant::now()).unwrap();
    stack
}

/// Q4, Q8: its accept has a zero-length session selector and no TSDU size. An answer must not come before what it
/// answers: the messages are as long as those it had, so that the checkpoints are as many.
/// ledger: beyond T-34
#[test]
fn its_answers_are_understood() {
    for (name, associations) in CAPTURES {
        for (connection, (mode, expected)) in capture(name).iter().zip(*associations) {
            let dialogue_mode = match *name {
                "pp-1984-twa" => DialogueMode::TwoWayAlternate,
                _ => DialogueMode::Monologue,
            };
            for cut in [usize::MAX, 7, 1] {
                // What that MTA answered fits what the other one sent.
                let sent = respond(connection, *mode, usize::MAX);
                let mut left = sent.into_iter().map(Bytes::from);
                let mut current = Bytes::new();
                let mut heard =
                    play(initiator(*mode, dialogue_mode), &connection.responder, cut, |it| match it {
                        Indication::Opened { .. } | Indication::TransferConfirm => vec![match left.next() {
                            Some(message) => {
                                current = message;
                                let length = current.len() as u64;
                                Request::Transfer { length, timeout: Duration::from_secs(60), resume: None }
                            }
                            None => Request::Close,
                        }],
                        Indication::TransferMore { offset, octets } => {
                            let place = usize::try_from(*offset).unwrap();
                            let pieces = vec![current.slice(place..place + octets)];
                            vec![Request::TransferPart { offset: *offset, pieces }]
                        }
                        _ => Vec::new(),
                    });
                heard.retain(|it| !matches!(it, Indication::TransferMore { .. }));
                let Some(Indication::Opened { checkpoint_size: 1, window: 3, user_data, mode: agreed }) =
                    heard.first()
                else {
                    panic!("{name}: {heard:?}");
                };
                let twin = |name: &str, password: &str| {
                    let (name, password) = (name.into(), Some(password.into()));
                    result(&Identity { name, password, ..Identity::default() }, *mode)
                };
                let theirs = [twin("MTA-B", "secretB"), twin("MTA-A", "secretA")];
                assert!(agreed == mode && theirs.contains(user_data), "{name}: {user_data:02x?}");
                let confirmed = vec![Indication::TransferConfirm; expected.len()];
                let end = [Indication::Closed, Indication::Disconnected];
                assert_eq!(heard[1..], [&confirmed[..], &end].concat(), "{name} {mode} in cuts of {cut}");
            }
        }
    }
}

/// Q7: a wrong password is refused with a bare INTEGER in RTORJ.
#[test]
fn its_refusal_is_understood() {
    let connections = capture("pp-1988-normal-badpassword");
    for cut in [usize::MAX, 7, 1] {
        let heard =
            play(initiator(NORMAL, DialogueMode::Monologue), &connections[0].responder, cut, |_| Vec::new());
        let [Indication::Refused(refusal), Indication::Disconnected] = &heard[..] else {
            panic!("{heard:?}")
        };
        assert_eq!((refusal.layer, refusal.permanent), (Layer::Application, true));
        assert_eq!(refusal.user_data, [2, 1, 2], "authentication error");
    }
}

/// The same bind is refused by us for the same reason, with the same reason in RF, AARE and the bind error; the error is in
/// its wrapper, which that MTA leaves out.
#[test]
fn we_refuse_what_it_refused() {
    let connections = capture("pp-1988-normal-badpassword");
    let mut association = Association::responder(settings(), None);
    let mut refused = None;
    let stack = Stack::responder(Config::default(), Instant::now());
    play(stack, &connections[0].initiator, usize::MAX, |indication| {
        association.receive(indication.clone(), Instant::now());
        let requests: Vec<_> = std::iter::from_fn(|| association.poll())
            .filter_map(|told| if let Told::Down(request) = told { Some(request) } else { None })
            .collect();
        refused = refused.take().or_else(|| requests.first().cloned());
        requests
    });
    let Some(Request::Refuse { user_data, permanent: true, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(user_data, [0xb2, 3, 2, 1, 2]);
    assert_eq!(x400_gateway::mta::bind::read_error(&user_data, false), Some(BindError::AUTHENTICATION_ERROR));
}

/// Every APDU decodes, and encodes to a form that decodes to the same. Encoded octets are the original ones wherever that MTA
/// wrote in the form we write. It does not for: the APDU, envelope and extensions, whose lengths are indefinite; the content,
/// which is a constructed OCTET STRING in chunks (Q10); and the members of a SET, which come in the order of the production. So
/// the original is brought to that form first, by another way than our types: element by element, lengths definite, OCTET
/// STRINGs whole, SETs in the order of their tags.
#[test]
fn what_arrived_is_encoded_again_to_the_same_octets() {
    let names =
        CAPTURES.iter().flat_map(|(_, associations)| associations.iter()).flat_map(|(_, apdus)| apdus.iter());
    for name in names.filter(|name| **name != LARGE) {
        let original = apdu(name);
        let decoded = MtsApdu::from_octets(&original, 1 << 20).unwrap();
        let encoded = ber::encode(&decoded).unwrap();
        let (definite, rest) = definite(&original);
        assert!(rest.is_empty());
        let differs = encoded.iter().zip(&definite).position(|(ours, theirs)| ours != theirs);
        // What is not of 1984 has extensions, whose values we leave as they came, indefinite lengths and all.
        let same = match name.starts_with("pp-1984") {
            true => encoded == definite,
            false => self::definite(&encoded).0 == definite,
        };
        assert!(same, "{name}: at octet {differs:?}");
        assert_eq!(MtsApdu::from_octets(&encoded, 1 << 20).unwrap(), decoded, "{name}");
    }
}

/// The first element in definite form, with the chunks of an OCTET STRING put together; and what follows it. Tags of one
/// octet and those of two are what P1 has.
fn definite(octets: &[u8]) -> (Vec<u8>, &[u8]) {
    const OCTET_STRING: u8 = 0x24;
    const SET: u8 = 0x31;
    /// Of a report; that it is a SET its tag hides. Extensions have this tag too, all of them SEQUENCEs.
    const LAST_TRACE: u8 = 0xa3;
    let header = ber::header::Header::read(octets).unwrap();
    let length = ber::header::element_length(octets).unwrap();
    let (element, rest) = octets.split_at(length);
    if !header.constructed {
        return (element.to_vec(), rest);
    }
    let end = if header.length.is_none() { length - 2 } else { length };
    let mut inside = &element[header.size..end];
    let mut children = Vec::new();
    while !inside.is_empty() {
        let (child, after) = definite(inside);
        let chunk = ber::header::Header::read(&child).unwrap();
        children.push(if octets[0] == OCTET_STRING { child[chunk.size..].to_vec() } else { child });
        inside = after;
    }
    if [SET, LAST_TRACE].contains(&octets[0]) {
        children.sort_by_key(|child| ber::header::Header::read(child).unwrap().tag);
    }
    let contents = children.concat();
    let mut written = Vec::new();
    ber::header::Header::write(header.tag, octets[0] != OCTET_STRING, contents.len(), &mut written);
    written.extend_from_slice(&contents);
    (written, rest)
}
