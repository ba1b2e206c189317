//! What the services do, seen from both ends.

use super::*;

#[test]
fn connect_and_accept() {
    for step in STEPS {
        let mut pair = Pair::new(Config::default(), Config::default(), step);
        let told = pair.a(Request::Connect(connect(TokenSetting::Initiator)));
        assert_eq!(told, [Indication::Connect(connect(TokenSetting::Initiator))]);
        let told = pair.b(Request::ConnectResponse(ConnectResponse::Accept(accept())));
        assert_eq!(told, [Indication::ConnectConfirm(ConnectResponse::Accept(accept()))]);
        assert!(pair.a.session.has_turn() && !pair.b.session.has_turn());
        assert_eq!((pair.a.session.deadline(), pair.b.session.deadline()), (None, None));
    }
}

/// Answers PP as PP itself did, down to the octet.
#[test]
fn responder_answers_the_captured_connect_with_the_captured_accept() {
    let mut pair = Pair::new(Config::default(), Config::default(), usize::MAX);
    let cn = hex("0d35 0117 0a04 1402766d 0b0f 170d3236313132333034303432345a \
                  050f 130100 1504 07f907f9 160103 1a0100 14020249 c105 68656c6c6f");
    let now = pair.now;
    let selectors = Selectors::default();
    let connect = transport::Indication::Connect { selectors, tpdu_size: 2048 };
    pair.b.session.receive(connect, now).unwrap();
    pair.b.session.receive(transport::Indication::Data(Bytes::from(cn)), now).unwrap();
    let reference = ConnectionReference {
        called: Bytes::from_static(b"\x14\x02vm"),
        common: Bytes::from_static(b"\x17\x0d261123040424Z"),
        ..ConnectionReference::default()
    };
    let accept = Accept { reference, user_data: Bytes::from("1"), ..Accept::default() };
    pair.b.session.request(Request::ConnectResponse(ConnectResponse::Accept(accept)), now).unwrap();
    let outputs: Vec<Output> = std::iter::from_fn(|| pair.b.session.poll()).collect();
    let ac = "0e2b 0117 0904 1402766d 0b0f 170d3236313132333034303432345a \
              0509 130100 160102 1a0100 14020249 c101 31";
    assert_eq!(outputs.last(), Some(&Output::Down(transport::Request::Data(vec![Bytes::from(hex(ac))]))));
}

#[test]
fn refuse_by_the_user() {
    for step in STEPS {
        let mut pair = Pair::new(Config::default(), Config::default(), step);
        pair.a(Request::Connect(connect(TokenSetting::Initiator)));
        let refuse = ConnectResponse::Refuse {
            reason: RefuseReason::RejectedByUserWithData,
            user_data: Bytes::from("no"),
        };
        let told = pair.b(Request::ConnectResponse(refuse.clone()));
        assert_eq!(told, [Indication::ConnectConfirm(refuse)]);
        assert!(pair.a.closed && pair.b.closed);
        assert_eq!((pair.a.session.state(), pair.b.session.state()), (State::Idle, State::Idle));
    }
}

/// The dialogue of the captures, T-31: start, data, points, end.
#[test]
fn activity_with_minor_synchronization() {
    for step in STEPS {
        let mut pair = Pair::active(step);
        for number in 1..=4 {
            assert_eq!(pair.a(data("part")), [Indication::Data(Bytes::from("part"))]);
            let expected =
                Indication::SyncMinor { serial: serial(number), explicit: true, user_data: none() };
            assert_eq!(pair.a(sync()), [expected]);
        }
        // Q6: several points may wait; a confirmation covers those before it.
        for number in [1, 4] {
            let response = Request::SyncMinorResponse { serial: serial(number), user_data: none() };
            let expected = Indication::SyncMinorConfirm { serial: serial(number), user_data: none() };
            assert_eq!(pair.b(response), [expected]);
        }
        assert_eq!(pair.a(end()), [Indication::ActivityEnd { serial: serial(5), user_data: none() }]);
        let told = pair.b(Request::ActivityEndResponse { user_data: none() });
        assert_eq!(told, [Indication::ActivityEndConfirm { serial: serial(5), user_data: none() }]);
        // The numbers of the next activity start again.
        pair.a(start(2));
        assert_eq!(pair.a.session.next_serial(), Some(serial(1)));
    }
}

#[test]
fn spdus_of_an_activity_are_those_of_the_captures() {
    let mut pair = Pair::active(usize::MAX);
    pair.a.tsdus.clear();
    pair.b.tsdus.clear();
    pair.a(data("x"));
    pair.a(sync());
    pair.b(Request::SyncMinorResponse { serial: serial(1), user_data: none() });
    pair.a(end());
    pair.b(Request::ActivityEndResponse { user_data: none() });
    pair.a(start(2));
    pair.a(end());
    pair.b(Request::ActivityEndResponse { user_data: none() });
    pair.a(Request::Release { user_data: none() });
    pair.b(Request::ReleaseResponse { user_data: none() });
    let a = ["0100 0100 78", "0100 3103 2a01 31", "0100 2903 2a01 32", "0100 2d05 2903 020102"];
    let a = a.into_iter().chain(["0100 2903 2a01 31", "0903 110101"]);
    assert_eq!(pair.a.tsdus, a.map(hex).collect::<Vec<_>>());
    let b = ["0200 3203 2a01 31", "0200 2a03 2a01 32", "0200 2a03 2a01 31", "0a00"];
    assert_eq!(pair.b.tsdus, b.map(hex));
}

#[test]
fn token_please_and_give() {
    for step in STEPS {
        let mut pair = Pair::connected(Config::default(), Config::default(), TokenSetting::Initiator, step);
        let priority = Bytes::from_static(&[2, 1, 1]);
        let told = pair.b(Request::TokenPlease { user_data: priority.clone() });
        assert_eq!(told, [Indication::TokenPlease { user_data: priority }]);
        assert_eq!(pair.a(Request::TokenGive), [Indication::TokenGive]);
        assert!(!pair.a.session.has_turn() && pair.b.session.has_turn());
        assert_eq!(pair.a.session.state(), State::DataTransfer);
        // The other side may now send.
        let told = pair.b(start(1));
        assert_eq!(told, [Indication::ActivityStart { id: id(1), user_data: none() }]);
        assert_eq!(pair.b(data("back")), [Indication::Data(Bytes::from("back"))]);
        assert_eq!(pair.b(sync()).len(), 1);
        let response = Request::SyncMinorResponse { serial: serial(1), user_data: none() };
        assert_eq!(pair.a(response).len(), 1);
        assert_eq!(pair.b(end()).len(), 1);
        assert_eq!(pair.a(Request::ActivityEndResponse { user_data: none() }).len(), 1);
        assert_eq!(pair.b(Request::TokenGive), [Indication::TokenGive]);
        assert!(pair.a.session.has_turn());
    }
}

// ledger: beyond T-13
#[test]
fn token_setting_decides_who_starts() {
    let cases = [
        (TokenSetting::Initiator, TokenSetting::Responder, true),
        (TokenSetting::Responder, TokenSetting::Initiator, false),
        (TokenSetting::ResponderChooses, TokenSetting::Initiator, true),
        (TokenSetting::ResponderChooses, TokenSetting::Responder, false),
    ];
    for (proposed, answered, initiator) in cases {
        let mut pair = Pair::new(Config::default(), Config::default(), usize::MAX);
        pair.a(Request::Connect(connect(proposed)));
        let answer = Accept { tokens: answered, ..accept() };
        let told = pair.b(Request::ConnectResponse(ConnectResponse::Accept(answer)));
        let [Indication::ConnectConfirm(ConnectResponse::Accept(confirm))] = &told[..] else { panic!() };
        let expected = if initiator { TokenSetting::Initiator } else { TokenSetting::Responder };
        assert_eq!(confirm.tokens, expected, "{proposed:?} {answered:?}");
        assert_eq!(pair.a.session.has_turn(), initiator, "{proposed:?} {answered:?}");
        assert_eq!(pair.b.session.has_turn(), !initiator, "{proposed:?} {answered:?}");
    }
}

#[test]
fn please_and_give_cross() {
    let mut pair = Pair::connected(Config::default(), Config::default(), TokenSetting::Initiator, usize::MAX);
    let now = pair.now;
    pair.b.request(Request::TokenPlease { user_data: none() }, now);
    pair.a.request(Request::TokenGive, now);
    pair.exchange();
    assert!(pair.b.session.has_turn() && pair.a.told().is_empty());
    assert_eq!(pair.b.told(), [Indication::TokenGive]);
}

#[test]
fn exception_then_discard() {
    for step in STEPS {
        let mut pair = Pair::active(step);
        pair.a(data("part"));
        let reason = ExceptionReason::ReceivingAbilityJeopardized;
        // What the sender still has on its way is dropped by the side in trouble.
        let now = pair.now;
        pair.a.request(data("late"), now);
        pair.a.request(sync(), now);
        let told = pair.b(Request::ExceptionReport { reason, user_data: none() });
        assert_eq!(told, [Indication::ExceptionReport { reason, user_data: none() }]);
        assert!(pair.b.told().is_empty());
        let told = pair.a(Request::ActivityDiscard { reason: Some(reason) });
        assert_eq!(told, [Indication::ActivityDiscard { reason: Some(reason) }]);
        let told = pair.b(Request::ActivityDiscardResponse);
        assert_eq!(told, [Indication::ActivityDiscardConfirm]);
        assert!(!pair.a.session.in_activity() && !pair.b.session.in_activity());
        assert_eq!(pair.a(start(2)).len(), 1, "the connection goes on");
    }
}

#[test]
fn exception_at_the_end_then_interrupt_and_resume() {
    for step in STEPS {
        let mut pair = Pair::active(step);
        pair.a(data("part"));
        pair.a(sync());
        pair.b(Request::SyncMinorResponse { serial: serial(1), user_data: none() });
        pair.a(end());
        let reason = ExceptionReason::LocalUserError;
        let told = pair.b(Request::ExceptionReport { reason, user_data: none() });
        assert_eq!(told, [Indication::ExceptionReport { reason, user_data: none() }]);
        let told = pair.a(Request::ActivityInterrupt { reason: None });
        assert_eq!(told, [Indication::ActivityInterrupt { reason: None }]);
        assert_eq!(pair.b(Request::ActivityInterruptResponse), [Indication::ActivityInterruptConfirm]);
        let resume = ActivityResume {
            id: id(2),
            old_id: id(1),
            serial: serial(1),
            old_connection: None,
            user_data: none(),
        };
        let told = pair.a(Request::ActivityResume(resume.clone()));
        assert_eq!(told, [Indication::ActivityResume(resume)]);
        let point = Indication::SyncMinor { serial: serial(2), explicit: true, user_data: none() };
        assert_eq!(pair.a(sync()), [point]);
    }
}

#[test]
fn resume_on_another_connection() {
    let mut pair = Pair::connected(Config::default(), Config::default(), TokenSetting::Initiator, 1);
    let resume = ActivityResume {
        id: id(1),
        old_id: id(7),
        serial: serial(999),
        old_connection: Some(connect(TokenSetting::Initiator).reference),
        user_data: Bytes::from("again"),
    };
    let told = pair.a(Request::ActivityResume(resume.clone()));
    assert_eq!(told, [Indication::ActivityResume(resume)]);
    assert_eq!(pair.b.session.next_serial(), Some(serial(1000)));
}

#[test]
fn exception_answered_by_giving_the_turn() {
    let mut pair = Pair::active(usize::MAX);
    let reason = ExceptionReason::DemandDataToken;
    pair.b(Request::ExceptionReport { reason, user_data: none() });
    assert_eq!(pair.a(Request::TokenGive), [Indication::TokenGive]);
    assert!(pair.b.session.has_turn() && !pair.a.session.has_turn());
    assert_eq!(pair.b(data("mine")), [Indication::Data(Bytes::from("mine"))]);
}

#[test]
fn discard_crosses_the_confirmation_of_the_end() {
    let mut pair = Pair::active(usize::MAX);
    pair.a(end());
    let now = pair.now;
    pair.a.request(Request::ActivityDiscard { reason: None }, now);
    pair.b.request(Request::ActivityEndResponse { user_data: none() }, now);
    pair.exchange();
    assert_eq!(pair.a.told(), [Indication::ActivityDiscardConfirm]);
    assert!(pair.b.told().is_empty(), "the activity had ended well before");
    assert_eq!(pair.a(start(2)).len(), 1);
}

#[test]
fn release() {
    for step in STEPS {
        let mut pair = Pair::connected(Config::default(), Config::default(), TokenSetting::Initiator, step);
        let told = pair.a(Request::Release { user_data: Bytes::from("bye") });
        assert_eq!(told, [Indication::Release { user_data: Bytes::from("bye") }]);
        let told = pair.b(Request::ReleaseResponse { user_data: Bytes::from("so long") });
        assert_eq!(told, [Indication::ReleaseConfirm { user_data: Bytes::from("so long") }]);
        assert!(pair.a.closed && pair.b.closed && pair.b.told().is_empty());
        assert_eq!((pair.a.session.state(), pair.b.session.state()), (State::Idle, State::Idle));
    }
}

#[test]
fn long_data_goes_whole() {
    for step in [1000, usize::MAX] {
        let mut pair = Pair::active(step);
        let piece = Bytes::from(vec![9; 60_000]);
        let told = pair.a(Request::Data(vec![piece.clone(), Bytes::from("end")]));
        assert_eq!(told, [Indication::Data(Bytes::from([&piece[..], b"end"].concat()))]);
    }
}

/// captures README 3: a peer that only has version 1 and wants a limit gets segments with enclosure items.
#[test]
fn version_1_with_a_limit_segments() {
    let old = Config { versions: spdu::VERSION_1, tsdu_maximum: Some(200), ..Config::default() };
    let mut pair = Pair::connected(old, Config::default(), TokenSetting::Initiator, usize::MAX);
    pair.a(start(1));
    for octets in [0, 1, 193, 194, 386, 387, 1000] {
        pair.a.tsdus.clear();
        let whole = Bytes::from(vec![3; octets]);
        assert_eq!(pair.a(Request::Data(vec![whole.clone()])), [Indication::Data(whole)], "{octets}");
        assert_eq!(pair.a.tsdus.len(), octets.div_ceil(193).max(1), "{octets}");
        assert!(pair.a.tsdus.iter().all(|tsdu| tsdu.len() <= 200), "{octets}");
    }
    pair.a(end());
    pair.b(Request::ActivityEndResponse { user_data: none() });
    pair.a(Request::TokenGive);
    pair.b(start(1));
    pair.b.tsdus.clear();
    let whole = Bytes::from(vec![3; 400]);
    assert_eq!(pair.b(Request::Data(vec![whole.clone()])), [Indication::Data(whole)]);
    let first: Vec<&[u8]> = pair.b.tsdus.iter().map(|tsdu| &tsdu[..7]).collect();
    assert_eq!(first, [hex("01000103190101"), hex("01000103190100"), hex("01000103190102")]);
}

#[test]
fn version_1_without_a_limit_does_not_segment() {
    for tsdu_maximum in [None, Some(0)] {
        let old = Config { versions: spdu::VERSION_1, tsdu_maximum, ..Config::default() };
        let mut pair = Pair::connected(old, Config::default(), TokenSetting::Initiator, usize::MAX);
        pair.a(start(1));
        pair.a.tsdus.clear();
        pair.a(data("x"));
        assert_eq!(pair.a.tsdus, [hex("0100 0100 78")]);
    }
}

#[test]
fn user_data_of_connect() {
    for (versions, octets, fits) in [
        (spdu::VERSION_1, 512, true),
        (spdu::VERSION_1, 513, false),
        (spdu::VERSION_1 | VERSION_2, 513, true),
        (spdu::VERSION_1 | VERSION_2, 10_240, true),
        (VERSION_2, 10_241, false),
    ] {
        let mut pair = Pair::new(Config { versions, ..Config::default() }, Config::default(), 1);
        let user_data = Bytes::from(vec![5; octets]);
        let request = crate::osi::session::Connect { user_data, ..connect(TokenSetting::Initiator) };
        let result = pair.a.session.request(Request::Connect(request.clone()), pair.now);
        assert_eq!(result.is_ok(), fits, "{octets} in {versions}");
        if fits {
            pair.exchange();
            assert_eq!(pair.b.told(), [Indication::Connect(request)], "{octets} in {versions}");
        }
    }
}
