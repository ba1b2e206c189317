//! What happens when the peer, the user or the network does not do as it should.

use super::*;

/// A pair in each state of a connection, with the name of the state of the initiator and the responder.
fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut add = |prepare: &dyn Fn(&mut Pair)| {
        let mut pair = Pair::active(usize::MAX);
        prepare(&mut pair);
        pairs.push(pair);
    };
    let reason = ExceptionReason::NoSpecificReason;
    add(&|_| {});
    add(&|pair| drop(pair.a(end())));
    add(&|pair| drop(pair.a(Request::ActivityInterrupt { reason: None })));
    add(&|pair| drop(pair.a(Request::ActivityDiscard { reason: None })));
    add(&|pair| drop(pair.b(Request::ExceptionReport { reason, user_data: none() })));
    let idle = || Pair::connected(Config::default(), Config::default(), TokenSetting::Initiator, 1);
    let mut releasing = idle();
    releasing.a(Request::Release { user_data: none() });
    let mut giving = idle();
    let now = giving.now;
    giving.a.request(Request::TokenGive, now);
    let mut connecting = Pair::new(Config::default(), Config::default(), 1);
    connecting.a(Request::Connect(connect(TokenSetting::Initiator)));
    pairs.extend([idle(), releasing, giving, connecting]);
    pairs
}

#[test]
fn abort_by_the_initiator_in_each_state() {
    for mut pair in pairs() {
        let states = (pair.a.session.state(), pair.b.session.state());
        let told = pair.a(Request::UAbort { user_data: Bytes::from("why") });
        assert_eq!(told.last(), Some(&Indication::UAbort { user_data: Bytes::from("why") }), "{states:?}");
        assert!(pair.a.closed && pair.b.closed, "{states:?}");
        assert_eq!(
            (pair.a.session.state(), pair.b.session.state()),
            (State::Idle, State::Idle),
            "{states:?}"
        );
        assert!(pair.a.told().is_empty(), "{states:?}");
    }
}

#[test]
fn abort_by_the_responder_in_each_state() {
    for mut pair in pairs() {
        let states = (pair.a.session.state(), pair.b.session.state());
        let told = pair.b(Request::UAbort { user_data: none() });
        assert_eq!(told.last(), Some(&Indication::UAbort { user_data: none() }), "{states:?}");
        assert!(pair.a.closed && pair.b.closed, "{states:?}");
        assert_eq!(pair.a.session.state(), State::Idle, "{states:?}");
    }
}

#[test]
fn lost_transport_in_each_state() {
    for mut pair in pairs() {
        let states = (pair.a.session.state(), pair.b.session.state());
        for side in [&mut pair.a, &mut pair.b] {
            side.told();
            side.transport.lost(pair.now);
            side.settle(pair.now).unwrap();
            let reason = AbortReason::TransportDisconnected;
            assert_eq!(side.told(), [Indication::ProviderAbort { reason }], "{states:?}");
            assert_eq!((side.session.state(), side.session.deadline()), (State::Idle, None), "{states:?}");
        }
    }
}

#[test]
fn protocol_error_in_each_state() {
    for mut pair in pairs() {
        let (state, now) = (pair.b.session.state(), pair.now);
        pair.b.told();
        let expedited = transport::Indication::Data(Bytes::from_static(&[5, 0]));
        let fault = pair.b.session.receive(expedited, now).unwrap_err();
        assert_eq!(fault.to_string(), "session: octet 0: spdu code 0x05 may not start a tsdu", "{state:?}");
        pair.exchange();
        let reason = AbortReason::ProtocolErrorByPeer;
        assert_eq!(pair.b.told().last(), Some(&Indication::ProviderAbort { reason }), "{state:?}");
        let reason = AbortReason::ProtocolErrorReported;
        assert_eq!(pair.a.told().last(), Some(&Indication::ProviderAbort { reason }), "{state:?}");
    }
}

/// TSDUs that a side without the turn may not get in an activity whose next point is 1.
#[test]
fn spdus_out_of_place() {
    let cases = [
        ("data of a second connect", "0d00", Event::CN),
        ("serial number too high", "0100 3103 2a01 32", Event::MIP),
        ("serial number too low", "0100 3103 2a01 30", Event::MIP),
        ("end with a wrong number", "0100 2903 2a01 33", Event::AE),
        ("confirmation of nothing", "0100 3203 2a01 31", Event::MIA),
        ("second activity", "0100 2d03 2901 01", Event::AS),
        ("release inside an activity", "0903 110101", Event::FN),
        ("turn inside an activity", "1500", Event::GTC),
        ("only one token", "0103 100101", Event::GT),
        ("please from the owner", "0203 100101", Event::PT),
        ("exception from the owner", "0100 3003 320100", Event::ED),
        ("confirmation of no interrupt", "0100 1a00", Event::AIA),
        ("release confirmed, none asked", "0a00", Event::DN),
    ];
    for (name, octets, event) in cases {
        let mut pair = Pair::active(usize::MAX);
        let tsdu = transport::Indication::Data(Bytes::from(hex(octets)));
        let fault = pair.b.session.receive(tsdu, pair.now).expect_err(name);
        assert!(matches!(fault, Fault::Unexpected { spdu, .. } if spdu == event), "{name}: {fault}");
        pair.exchange();
        assert!(pair.a.closed && pair.b.closed, "{name}");
    }
}

#[test]
fn misuse_changes_nothing() {
    let mut pair = Pair::active(usize::MAX);
    let requests = [
        Request::Release { user_data: none() },
        Request::TokenGive,
        start(2),
        Request::TokenPlease { user_data: none() },
        Request::ExceptionReport { reason: ExceptionReason::NoSpecificReason, user_data: none() },
        Request::SyncMinorResponse { serial: serial(1), user_data: none() },
        Request::ActivityEndResponse { user_data: none() },
        Request::Connect(connect(TokenSetting::Initiator)),
    ];
    for request in requests {
        let name = format!("{request:?}");
        assert!(pair.a.session.request(request, pair.now).is_err(), "{name}");
        assert_eq!(pair.a.session.poll(), None, "{name}");
    }
    for request in [data("x"), sync(), end(), Request::ActivityDiscard { reason: None }] {
        let name = format!("{request:?}");
        let misuse = pair.b.session.request(request, pair.now).unwrap_err();
        assert!(misuse.to_string().ends_with("(own turn: false, in activity: true)"), "{name}: {misuse}");
    }
    assert_eq!(pair.a(data("still here")).len(), 1);
}

#[test]
fn proposals_that_the_responder_refuses() {
    let item = "0506 160103 1a0100";
    let cases = [
        ("version 4", "0d0c 0506 160104 1a0100 14020249", RefuseReason::VersionNotSupported),
        (
            "no minor synchronization",
            &format!("0d0c {item} 14020241"),
            RefuseReason::ImplementationRestriction,
        ),
        ("tokens on both sides", "0d0c 0506 160103 1a0105 14020249", RefuseReason::ImplementationRestriction),
        (
            "overflow of user data",
            &format!("0d0f {item} 14020249 3c0101"),
            RefuseReason::ImplementationRestriction,
        ),
        (
            "tiny TSDUs",
            "0d12 050c 1504 00200020 160101 1a0100 14020249",
            RefuseReason::ImplementationRestriction,
        ),
    ];
    for (name, octets, reason) in cases {
        let mut pair = Pair::new(Config::default(), Config::default(), 1);
        let now = pair.now;
        let (selectors, tpdu_size) = (Selectors::default(), 2048);
        pair.b.session.receive(transport::Indication::Connect { selectors, tpdu_size }, now).unwrap();
        let tsdu = transport::Indication::Data(Bytes::from(hex(octets)));
        pair.b.session.receive(tsdu, now).unwrap();
        let outputs: Vec<Output> = std::iter::from_fn(|| pair.b.session.poll()).collect();
        let Some(Output::Down(transport::Request::Data(pieces))) = outputs.last() else { panic!("{name}") };
        let refuse = spdu::decode(&pieces[0]).unwrap().spdu;
        assert!(
            matches!(&refuse, Some(Spdu::Refuse(refuse)) if refuse.reason == reason),
            "{name}: {refuse:?}"
        );
    }
}

/// captures README 3: what PP's responder takes, ours takes.
#[test]
fn proposals_that_the_responder_takes() {
    let cases = [
        ("nothing at all: version 1 and 0349", "0d00"),
        ("no connection identifier, no token item", "0d09 0503 160103 14020249"),
        ("protocol options 1", "0d0c 0506 130101 160103 14020249"),
        ("version 2 only", "0d09 0503 160102 14020249"),
        ("more functional units", "0d09 0503 160103 1402ffff"),
        ("TSDU size 0", "0d0f 0509 1504 00000000 160103 14020249"),
        ("tokens with the responder, release token too", "0d0c 0506 160103 1a0155 14020249"),
        ("selectors of length zero", "0d0d 0503 160103 14020249 3300 3400"),
    ];
    for (name, octets) in cases {
        let mut pair = Pair::new(Config::default(), Config::default(), 1);
        let now = pair.now;
        let (selectors, tpdu_size) = (Selectors::default(), 2048);
        pair.b.session.receive(transport::Indication::Connect { selectors, tpdu_size }, now).unwrap();
        let mut octets = hex(octets);
        octets[1] = u8::try_from(octets.len() - 2).unwrap();
        pair.b.session.receive(transport::Indication::Data(Bytes::from(octets)), now).unwrap();
        assert_eq!(pair.b.session.state(), State::AwaitConnectResponse, "{name}");
        pair.b.session.request(Request::ConnectResponse(ConnectResponse::Accept(accept())), now).unwrap();
        let outputs: Vec<Output> = std::iter::from_fn(|| pair.b.session.poll()).collect();
        let Some(Output::Down(transport::Request::Data(pieces))) = outputs.last() else { panic!("{name}") };
        let Some(Spdu::Accept(accept)) = spdu::decode(&pieces[0]).unwrap().spdu else { panic!("{name}") };
        assert_eq!(accept.requirements, Some(Requirements::RELIABLE_TRANSFER), "{name}");
    }
}

#[test]
fn transport_refusal_is_a_refusal() {
    let mut pair = Pair::new(Config::default(), Config::default(), 1);
    pair.a.request(Request::Connect(connect(TokenSetting::Initiator)), pair.now);
    deliver(&mut pair.a, &hex("0300000b 06 80 0001 0000 03"), 1, pair.now).unwrap();
    let reason = RefuseReason::Transport(3);
    let refuse = ConnectResponse::Refuse { reason, user_data: none() };
    assert_eq!(pair.a.told(), [Indication::ConnectConfirm(refuse)]);
}

#[test]
fn timers() {
    let config = Config::default;
    // AC does not come.
    let mut pair = Pair::new(config(), config(), 1);
    pair.a(Request::Connect(connect(TokenSetting::Initiator)));
    assert_eq!(pair.a.session.deadline(), Some(pair.now + config().connect_timeout));
    pair.pass(config().connect_timeout);
    assert_eq!(pair.a.told(), [Indication::ProviderAbort { reason: AbortReason::TimedOut }]);
    assert_eq!(pair.b.told(), [Indication::ProviderAbort { reason: AbortReason::Unspecified }]);
    assert!(pair.a.closed && pair.b.closed);
    // DN does not come.
    let mut pair = Pair::connected(config(), config(), TokenSetting::Initiator, 1);
    pair.a(Request::Release { user_data: none() });
    pair.pass(config().release_timeout);
    assert_eq!(pair.a.told(), [Indication::ProviderAbort { reason: AbortReason::TimedOut }]);
    // The peer does not end the transport connection after our AB.
    let mut pair = Pair::connected(config(), config(), TokenSetting::Initiator, 1);
    pair.a.request(Request::UAbort { user_data: none() }, pair.now);
    assert!(!pair.a.closed);
    pair.now += config().abort_timeout;
    pair.a.session.timeout(pair.now);
    pair.a.settle(pair.now).unwrap();
    assert!(pair.a.closed && pair.a.told().is_empty());
    // CN does not come.
    let mut b = Connection::responder(config());
    let (selectors, tpdu_size) = (Selectors::default(), 2048);
    b.receive(transport::Indication::Connect { selectors, tpdu_size }, pair.now).unwrap();
    b.timeout(pair.now + config().connect_timeout);
    let outputs: Vec<Output> = std::iter::from_fn(|| b.poll()).collect();
    assert_eq!(outputs.last(), Some(&Output::Down(transport::Request::Disconnect)));
}

#[test]
fn segments_out_of_order() {
    let cases = [
        ("the middle first", &["0100 0103 190100 aa"][..]),
        ("the end first", &["0100 0103 190102 aa"]),
        ("two beginnings", &["0100 0103 190101 aa", "0100 0103 190101 bb"]),
        ("a whole one in between", &["0100 0103 190101 aa", "0100 0100 bb"]),
        ("too long", &["0100 0103 190101 aaaaaaaa", "0100 0103 190102 bbbbbbbb"]),
    ];
    for (name, tsdus) in cases {
        let config = Config { maximum_ssdu: 7, ..Config::default() };
        let mut pair = Pair::connected(Config::default(), config, TokenSetting::Initiator, usize::MAX);
        pair.a(start(1));
        let mut results = tsdus.iter().map(|tsdu| {
            pair.b.session.receive(transport::Indication::Data(Bytes::from(hex(tsdu))), pair.now)
        });
        assert_eq!(results.find_map(Result::err), Some(Fault::Segment { maximum: 7 }), "{name}");
    }
}

#[test]
fn long_abort_data_is_left_out_in_version_1() {
    for (octets, carried) in [(9, 9), (10, 0)] {
        let old = Config { versions: spdu::VERSION_1, ..Config::default() };
        let mut pair = Pair::connected(old, Config::default(), TokenSetting::Initiator, 1);
        let told = pair.a(Request::UAbort { user_data: Bytes::from(vec![1; octets]) });
        assert_eq!(told, [Indication::UAbort { user_data: Bytes::from(vec![1; carried]) }]);
    }
}

#[test]
fn mutated_spdus_neither_panic_nor_pile_up() {
    const MAXIMUM_SSDU: usize = 64;
    let seeds = [
        "0d10 0103 0a01 aa 0506 160103 1a0100 14020249",
        "0e0c 0506 160102 1a0100 14020249",
        "0c07 110101 3202 0231",
        "0903 110101",
        "0a00",
        "1903 110103",
        "1500",
        "1600",
        "0103 100115",
        "0203 100101",
        "0100 0100 aabbcc",
        "0100 0103 190101 aabbccddeeff",
        "0100 3103 2a01 31",
        "0200 3203 2a01 31",
        "0100 2903 2a01 31",
        "0200 2a03 2a01 31",
        "0100 2d05 2903 020101",
        "0100 1d0d 2106 2901 01 2a01 31 2903 020102",
        "0100 1903 320101",
        "0200 1a00",
        "0100 3903 320101",
        "0200 3a00",
        "0200 3003 320101",
        "0200 0000",
    ]
    .map(hex);
    let config = Config { maximum_ssdu: MAXIMUM_SSDU, ..Config::default() };
    let mut random = Xorshift(0x2545_f491_4f6c_dd1d);
    let now = start_of_time();
    let (mut rounds, mut survived) = (0, 0);
    while rounds < 20_000 {
        let step = random.below(usize::from(u16::MAX));
        let pair = Pair::connected(config.clone(), config.clone(), TokenSetting::Initiator, usize::MAX);
        let mut session = if step.is_multiple_of(2) { pair.b.session } else { pair.a.session };
        // A connection lives until something in the stream kills it, or for a while.
        for _ in 0..40 {
            rounds += 1;
            let mut tsdu = seeds[random.below(seeds.len())].clone();
            if random.below(3) > 0 {
                random.mutate(&mut tsdu);
            }
            let result = session.receive(transport::Indication::Data(Bytes::from(tsdu)), now);
            survived += usize::from(result.is_ok());
            assert!(session.buffered() <= MAXIMUM_SSDU);
            while session.poll().is_some() {}
            if session.state() == State::Idle || session.state() == State::AwaitTransportDisconnect {
                break;
            }
        }
    }
    assert!(survived > 1000, "the mutations reach past the first SPDU: {survived}");
}
