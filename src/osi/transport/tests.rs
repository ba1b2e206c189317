//! Two transport connections joined in memory, and octets from real traffic.

use super::*;
use bytes::Bytes;
use std::time::{Duration, Instant};

/// Octets written in hexadecimal, spaces where they help.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c.to_digit(16).unwrap()).unwrap())
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Where the clock of a test starts; only the test moves it on.
#[expect(clippy::disallowed_methods, reason = "an instant can only be made from another one")]
pub(crate) fn start_of_time() -> Instant {
    Instant::now()
}

/// A small deterministic generator (xorshift64).
pub(crate) struct Xorshift(pub(crate) u64);

impl Xorshift {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    /// Changes, inserts, drops or cuts octets in one to three places.
    pub(crate) fn mutate(&mut self, octets: &mut Vec<u8>) {
        for _ in 0..=self.below(3) {
            if octets.is_empty() {
                return;
            }
            let at = self.below(octets.len());
            let value = u8::try_from(self.below(256)).unwrap();
            match self.below(5) {
                0 => octets[at] = value,
                1 => octets[at] ^= 1 << self.below(8),
                2 => octets.insert(at, value),
                3 => {
                    octets.remove(at);
                }
                _ => octets.truncate(at),
            }
        }
    }
}

/// What one side has done so far.
#[derive(Default)]
struct Log {
    sent: Vec<u8>,
    indications: Vec<Indication>,
    closed: bool,
}

fn drain(connection: &mut Connection) -> Log {
    let mut log = Log::default();
    while let Some(output) = connection.poll() {
        match output {
            Output::Down(octets) => log.sent.extend(octets),
            Output::Up(indication) => log.indications.push(indication),
            Output::Close => log.closed = true,
        }
    }
    log
}

fn feed(connection: &mut Connection, octets: &[u8], step: usize, now: Instant) -> Result<Log, Fault> {
    for piece in octets.chunks(step.max(1)) {
        connection.receive(piece, now)?;
    }
    Ok(drain(connection))
}

fn selectors() -> Selectors {
    Selectors { calling: Bytes::new(), called: Bytes::from("x400in88") }
}

/// Both sides after CR and CC.
fn open(initiator: Config, responder: Config, now: Instant) -> (Connection, Connection) {
    let mut a = Connection::initiator(initiator, selectors());
    let mut b = Connection::responder(responder, now);
    a.request(Request::Connect, now).unwrap();
    let request = drain(&mut a).sent;
    feed(&mut b, &request, usize::MAX, now).unwrap();
    b.request(Request::Accept, now).unwrap();
    let confirm = drain(&mut b).sent;
    feed(&mut a, &confirm, usize::MAX, now).unwrap();
    (a, b)
}

#[test]
fn responder_answers_the_captured_request_as_the_captured_peer_did() {
    let now = start_of_time();
    let config = Config {
        reference: 0x619b,
        called: Called::OneOf(vec![Bytes::from("x400in88")]),
        ..Config::default()
    };
    for step in [1, 7, usize::MAX] {
        let mut b = Connection::responder(config.clone(), now);
        assert_eq!(b.deadline(), Some(now + Duration::from_secs(30)));
        let request = hex("03000018 13 e0 0000 619a 00 c2 08 7834303069 6e3838 c0 01 0b");
        let log = feed(&mut b, &request, step, now).unwrap();
        assert_eq!(log.indications, [Indication::Connect { selectors: selectors(), tpdu_size: 2048 }]);
        b.request(Request::Accept, now).unwrap();
        assert_eq!(drain(&mut b).sent, hex("0300000e 09 d0 619a 619b 00 c0 01 0b"));
        assert_eq!(b.deadline(), None);
    }
}

#[test]
fn called_selector_decides() {
    let now = start_of_time();
    let cases = [
        (Called::Any, true),
        (Called::OneOf(vec![Bytes::from("other")]), false),
        (Called::OneOf(vec![Bytes::from("other"), Bytes::from("x400in88")]), true),
        (Called::OneOf(vec![]), false),
    ];
    for (called, accepted) in cases {
        let mut a = Connection::initiator(Config::default(), selectors());
        let mut b =
            Connection::responder(Config { called: called.clone(), reference: 9, ..Config::default() }, now);
        a.request(Request::Connect, now).unwrap();
        let log = feed(&mut b, &drain(&mut a).sent, 1, now).unwrap();
        assert_eq!(log.closed, !accepted, "{called:?}");
        assert_eq!(log.indications.len(), usize::from(accepted), "{called:?}");
        if !accepted {
            assert_eq!(log.sent, hex("0300000b 06 80 0001 0009 03"), "{called:?}");
            let log = feed(&mut a, &log.sent, 1, now).unwrap();
            let reason = DisconnectReason::Peer(3);
            assert_eq!(log.indications, [Indication::Disconnect { reason, text: Bytes::new() }]);
        }
    }
}

#[test]
fn sizes_are_negotiated_downwards() {
    let now = start_of_time();
    let size = |code| tpdu::Size::from_code(code).unwrap();
    let config = |code, preferred_size| Config { size: size(code), preferred_size, ..Config::default() };
    let cases = [
        (config(0x0d, None), config(0x0d, None), 8192),
        (config(0x0b, None), config(0x0d, None), 2048),
        (config(0x0d, None), config(0x07, None), 128),
        (config(0x0d, Some(65_531)), config(0x0b, None), 2048),
        (config(0x0d, None), config(0x0d, Some(65_531)), 8192),
        (config(0x0d, Some(65_531)), config(0x0d, Some(65_531)), 65_408),
        (config(0x0d, Some(65_531)), config(0x0d, Some(16_384)), 16_384),
        (config(0x0d, Some(1000)), config(0x0d, Some(16_384)), 896),
    ];
    for (initiator, responder, expected) in cases {
        let name = format!("{initiator:?} {responder:?}");
        let (mut a, mut b) = open(initiator, responder, now);
        a.request(Request::Data(vec![Bytes::from(vec![7; 70_000])]), now).unwrap();
        let sent = drain(&mut a).sent;
        let first = usize::from(u16::from_be_bytes([sent[2], sent[3]])) - 4;
        assert_eq!(first, expected, "{name}");
        let log = feed(&mut b, &sent, 4096, now).unwrap();
        assert_eq!(log.indications, [Indication::Data(Bytes::from(vec![7; 70_000]))], "{name}");
    }
}

#[test]
fn request_without_a_size_gets_one() {
    let now = start_of_time();
    let mut b = Connection::responder(Config { reference: 2, ..Config::default() }, now);
    feed(&mut b, &hex("0300000b 06 e0 0000 0001 00"), 1, now).unwrap();
    b.request(Request::Accept, now).unwrap();
    assert_eq!(drain(&mut b).sent, hex("0300000e 09 d0 0001 0002 00 c0 01 0d"));
}

#[test]
fn data_in_pieces_keeps_its_octets() {
    let now = start_of_time();
    let small = Config { size: tpdu::Size::MINIMUM, ..Config::default() };
    for config in [small, Config::default()] {
        for lengths in [&[0][..], &[1], &[4, 0, 600], &[125, 125], &[126, 1], &[9000, 9000, 1]] {
            let (mut a, mut b) = open(config.clone(), Config::default(), now);
            let pieces: Vec<Bytes> =
                lengths.iter().map(|&n| Bytes::from(vec![u8::try_from(n % 251).unwrap(); n])).collect();
            let whole = Bytes::from(pieces.concat());
            a.request(Request::Data(pieces.clone()), now).unwrap();
            a.request(Request::Data(pieces), now).unwrap();
            let sent = drain(&mut a).sent;
            for step in [1, 100, usize::MAX] {
                if step == 1 && sent.len() > 4000 {
                    continue;
                }
                let log = feed(&mut b, &sent, step, now).unwrap();
                let expected = [Indication::Data(whole.clone()), Indication::Data(whole.clone())];
                assert_eq!(log.indications, expected, "{lengths:?} in pieces of {step}");
            }
        }
    }
}

#[test]
fn large_data_is_not_copied() {
    let now = start_of_time();
    let (mut a, _) = open(Config::default(), Config::default(), now);
    let data = Bytes::from(vec![1; 10_000]);
    a.request(Request::Data(vec![data.clone()]), now).unwrap();
    let Some(Output::Down(header)) = a.poll() else { panic!() };
    let Some(Output::Down(part)) = a.poll() else { panic!() };
    assert_eq!(&header[..], hex("03002004 02f000"));
    assert_eq!((part.as_ptr(), part.len()), (data.as_ptr(), 8189));
}

// Q5
#[test]
fn disconnect_with_text() {
    let now = start_of_time();
    let mut a = Connection::initiator(Config::default(), selectors());
    a.request(Request::Connect, now).unwrap();
    drain(&mut a);
    let log = feed(&mut a, &hex("0300000e 06 80 0001 0000 80 6e6f00"), 1, now);
    let log = log.unwrap();
    let text = Bytes::from_static(b"no\0");
    assert_eq!(log.indications, [Indication::Disconnect { reason: DisconnectReason::Peer(0x80), text }]);
    assert!(log.closed);
}

#[test]
fn either_side_can_end() {
    let now = start_of_time();
    let (mut a, mut b) = open(Config::default(), Config { reference: 2, ..Config::default() }, now);
    a.request(Request::Disconnect, now).unwrap();
    let log = drain(&mut a);
    assert_eq!((&log.sent, log.closed), (&hex("0300000b 06 80 0002 0001 80"), true));
    let log = feed(&mut b, &log.sent, 1, now).unwrap();
    assert_eq!(log.indications.len(), 1);
    let (mut a, _) = open(Config::default(), Config::default(), now);
    a.lost(now);
    let log = drain(&mut a);
    let reason = DisconnectReason::Lost;
    assert_eq!(log.indications, [Indication::Disconnect { reason, text: Bytes::new() }]);
}

#[test]
fn connect_timers() {
    let now = start_of_time();
    let later = now + Duration::from_secs(30);
    let mut a = Connection::initiator(Config::default(), selectors());
    assert_eq!(a.deadline(), None);
    a.request(Request::Connect, now).unwrap();
    drain(&mut a);
    a.timeout(now);
    assert!(!drain(&mut a).closed, "not yet");
    a.timeout(later);
    let log = drain(&mut a);
    let reason = DisconnectReason::TimedOut;
    assert_eq!(log.indications, [Indication::Disconnect { reason, text: Bytes::new() }]);
    let mut b = Connection::responder(Config::default(), now);
    b.timeout(later);
    let log = drain(&mut b);
    assert!(log.closed && log.indications.is_empty(), "nobody knew of this connection");
}

#[test]
fn broken_peers_are_told_and_dropped() {
    let now = start_of_time();
    let cases = [
        ("AK, of class 2", "03000009 04 60 0001 00", "03000010 0b 70 0000 02 c1 05 0460000100"),
        ("CR twice", "0300000b 06 e0 0000 0001 00", "03000012 0d 70 0000 02 c1 07 06e00000000100"),
        ("not TPKT", "47455420", ""),
    ];
    for (name, octets, answer) in cases {
        let config = Config { maximum_tsdu: 10, ..Config::default() };
        let (_, mut b) = open(Config { reference: 0, ..Config::default() }, config, now);
        assert!(feed(&mut b, &hex(octets), 1, now).is_err(), "{name}");
        let log = drain(&mut b);
        assert_eq!(log.sent, hex(answer), "{name}");
        assert!(log.closed, "{name}");
        let reason = DisconnectReason::ProtocolError;
        assert_eq!(log.indications, [Indication::Disconnect { reason, text: Bytes::new() }], "{name}");
    }
}

#[test]
fn tsdu_limit() {
    let now = start_of_time();
    let config = Config { maximum_tsdu: 10, ..Config::default() };
    let (_, mut b) = open(Config::default(), config, now);
    let part = "0300000c 02 f0 00 0102030405";
    let log = feed(&mut b, &hex(&part.repeat(2)), 1, now).unwrap();
    assert!(log.indications.is_empty() && b.buffered() == 10);
    let fault = feed(&mut b, &hex(part), 1, now).err().unwrap();
    assert_eq!(fault.to_string(), "tpdu before octet 60 of the connection: tsdu is longer than 10 octets");
    assert_eq!(b.buffered(), 0);
    let reason = DisconnectReason::LimitExceeded;
    assert_eq!(drain(&mut b).indications, [Indication::Disconnect { reason, text: Bytes::new() }]);
}

#[test]
fn class_four_needs_an_alternative() {
    let now = start_of_time();
    for (request, accepted) in
        [("0300000b 06 e0 0000 0001 40", false), ("0300000e 09 e0 0000 0001 40 c7 01 00", true)]
    {
        let mut b = Connection::responder(Config::default(), now);
        assert_eq!(feed(&mut b, &hex(request), 1, now).is_ok(), accepted, "{request}");
        assert_eq!(drain(&mut b).closed, !accepted, "{request}");
    }
}

#[test]
fn misuse_changes_nothing() {
    let now = start_of_time();
    let mut a = Connection::initiator(Config::default(), selectors());
    let misuse = a.request(Request::Data(vec![]), now).unwrap_err();
    assert_eq!(misuse.to_string(), "transport request `data` does not fit state `idle`");
    a.request(Request::Connect, now).unwrap();
    assert!(a.request(Request::Connect, now).is_err());
    assert!(a.request(Request::Accept, now).is_err());
    let called = Bytes::from(vec![1; 101]);
    let mut a = Connection::initiator(Config::default(), Selectors { called, ..Selectors::default() });
    let misuse = a.request(Request::Connect, now).unwrap_err();
    assert_eq!(misuse.to_string(), "transport selector has 101 octets, expected at most 100");
}

#[test]
fn requests_that_meet_the_end_of_the_connection_are_dropped() {
    let now = start_of_time();
    let (mut a, _) = open(Config::default(), Config::default(), now);
    a.lost(now);
    drain(&mut a);
    a.request(Request::Data(vec![Bytes::from("late")]), now).unwrap();
    a.request(Request::Disconnect, now).unwrap();
    assert!(drain(&mut a).sent.is_empty());
}

#[test]
fn mutated_streams_neither_panic_nor_pile_up() {
    const MAXIMUM_TSDU: usize = 256;
    let now = start_of_time();
    let streams = [
        hex("03000018 13 e0 0000 619a 00 c2 08 7834303069 6e3838 c0 01 0b"),
        hex("0300000e 09 d0 0001 0002 00 c0 01 0b"),
        hex("0300000e 06 80 0001 0000 80 6e6f00"),
        hex("0300000c 02 f0 00 0102030405 0300000c 02 f0 80 0102030405"),
        hex("03000010 0b 70 0000 02 c1 05 0460000100"),
    ];
    let config = Config { maximum_tsdu: MAXIMUM_TSDU, maximum_packet: 1024, ..Config::default() };
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    for round in 0..20_000 {
        let mut octets: Vec<u8> = (0..3).flat_map(|_| streams[random.below(streams.len())].clone()).collect();
        random.mutate(&mut octets);
        let mut connection = match round % 3 {
            0 => Connection::responder(config.clone(), now),
            1 => {
                let mut a = Connection::initiator(config.clone(), selectors());
                a.request(Request::Connect, now).unwrap();
                a
            }
            _ => open(config.clone(), config.clone(), now).1,
        };
        let step = 1 + random.below(40);
        let _ = feed(&mut connection, &octets, step, now);
        assert!(connection.buffered() <= MAXIMUM_TSDU + 1024 + 40);
        while connection.poll().is_some() {}
    }
}
