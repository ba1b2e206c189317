//! Aborts from every layer, silence, and a receiver in trouble.

use super::pair::{ARGUMENT, Pair, RESULT, Side, part_of_message};
use super::refusals::packet;
use super::*;
use crate::osi::transport::tests::hex;

fn transfer(length: u64) -> Request {
    Request::Transfer { length, timeout: TIMEOUT, resume: None }
}

fn opened() -> Pair {
    let mut pair = Pair::opened(Config::default(), Config::default());
    pair.heard(Side::Initiator);
    pair.heard(Side::Responder);
    pair
}

#[test]
fn either_side_aborts_at_any_time() {
    for (aborting, hearing) in [(Side::Initiator, Side::Responder), (Side::Responder, Side::Initiator)] {
        for during_transfer in [false, true] {
            let mut pair = opened();
            if during_transfer {
                pair.ask(Side::Initiator, transfer(100));
                pair.heard(Side::Responder);
            }
            pair.ask(aborting, Request::Abort { user_data: vec![2, 1, 9] });
            let aborted = "aborted in application by the peer: the peer's MTA aborted".to_string();
            let lines = heard(&mut pair, hearing);
            let why = format!("{aborted}; ask the peer's operator what its log says at this time");
            let transfer_end =
                |side, why| if during_transfer { vec![cut_off(side, why)] } else { Vec::new() };
            let expected = [transfer_end(hearing, &why), vec![aborted, "Disconnected".into()]].concat();
            assert_eq!(lines, expected);
            let expected = transfer_end(aborting, "our side aborted the association");
            assert_eq!(heard(&mut pair, aborting), [expected, vec!["Disconnected".into()]].concat());
            assert!(pair.initiator.is_over() && pair.responder.is_over());
        }
    }
}

/// What a side hears about the message that the initiator was sending.
fn cut_off(side: Side, why: &str) -> String {
    match side {
        Side::Initiator => format!("TransferFailed {{ why: {why:?}, retry: true }}"),
        Side::Responder => format!("TransferDropped {{ why: {why:?} }}"),
    }
}

/// The value of the aborting user reaches the other user.
#[test]
fn an_abort_carries_user_data() {
    let mut pair = opened();
    pair.ask(Side::Responder, Request::Abort { user_data: vec![2, 1, 9] });
    let Indication::Aborted(abort) = pair.heard(Side::Initiator).remove(0) else { panic!() };
    assert_eq!((abort.layer, abort.user_data), (Layer::Application, vec![2, 1, 9]));
}

#[test]
fn an_abort_before_anything_only_disconnects() {
    let mut pair = Pair::new(Config::default(), Config::default());
    pair.ask(Side::Initiator, Request::Abort { user_data: vec![] });
    assert_eq!(heard(&mut pair, Side::Initiator), ["Disconnected"]);
    assert_eq!(heard(&mut pair, Side::Responder), ["Disconnected"]);
}

/// Octets from the peer that break the protocol of one layer, and octets with which the peer's layers abort. Each ends
/// the association, says where, and is answered in the protocol of that layer. The responder listens, between messages.
#[test]
fn every_layer_can_end_the_association() {
    let in_rtse = |value: &str| packet(&[hex("01 00 01 00 61"), wrapped(value)].concat());
    // AB: protocol error of session; by the session user with ARP, with ARU and ABRT, with ARU, ABRT and RTAB.
    // An abort of the peer is answered by the end of the transport connection.
    let (ab, dr) = ("19 03 110105", "06 80 0001 0001 80");
    for (name, octets, text, answer) in [
        ("not TPKT", hex("ff"), "aborted in transport by our side", ""),
        ("an unknown TPDU", hex("0300 0007 02 10 80"), "aborted in transport by our side", "70 0001 02"),
        ("a rejected TPDU", hex("0300 0009 04 70 0001 02"), "aborted in transport by the peer", ""),
        ("a disconnect", hex("0300 000b 06 80 0001 0002 80"), "aborted in transport by the peer", ""),
        ("an unknown SPDU", packet(&hex("fe 00")), "aborted in session by our side", ab),
        ("data outside an activity", in_rtse("0401aa"), "aborted in session by our side", ab),
        ("an abort of session", packet(&hex("19 03 110105")), "aborted in session by the peer", dr),
        ("an abort without reason", packet(&hex("19 03 110109")), "aborted in session by the peer", dr),
        (
            "an abort of presentation",
            packet(&hex("19 0d 110103 c108 3006 800101 810100")),
            "aborted in presentation by the peer: unrecognized-ppdu (code 1)",
            dr,
        ),
        (
            "an abort of association control",
            packet(&hex("19 15 110103 c110 a00e 610c 300a 020101 a005 6403 800101")),
            "aborted in association control by the peer",
            dr,
        ),
        (
            "an abort of reliable transfer",
            packet(&hex(
                "19 24 110103 c11f a01d 611b 3019 020101 a014 6412 800100 be0d 280b 020103 a006 b604 8002 0003",
            )),
            "aborted in reliable transfer by the peer: temporary-problem (code 3)",
            dr,
        ),
        (
            "an abort without values",
            packet(&hex("19 03 110103")),
            "aborted in session by the peer: the peer's session user aborted without a reason",
            dr,
        ),
        (
            "an abort of a user without values",
            packet(&hex("19 19 110103 c114 a012 6110 300e 020101 a009 6407 800100 be02 2800")),
            "aborted in reliable transfer by the peer: the peer's user aborted without a reason",
            dr,
        ),
        (
            "a release with another APDU",
            packet(&release("6303 800100")),
            "aborted in association control by our side",
            "19 15 110103 c110 a00e 610c 300a 020101 a005 6403 800101",
        ),
        (
            "a release that is no PPDU",
            packet(&hex("09 04 c102 0500")),
            "aborted in presentation by our side",
            "19 0a 110103 c105 3003 800101",
        ),
    ] {
        let mut pair = opened();
        pair.mute(Side::Initiator);
        let before = pair.written(Side::Responder).len();
        pair.inject(Side::Responder, &octets);
        let answers = pair.written(Side::Responder)[before..].concat();
        let answer = hex(answer);
        assert_eq!(answers.is_empty(), answer.is_empty(), "{name}: {answers:x?}");
        let found = answers.windows(answer.len().max(1)).any(|octets| octets == answer);
        assert!(found || answer.is_empty(), "{name}: {answers:x?}");
        let lines = heard(&mut pair, Side::Responder);
        assert!(lines.first().is_some_and(|line| line.starts_with(text)), "{name}: {lines:?}");
    }
}

/// The connection is gone with it, so that there is nothing to abort any more.
#[test]
fn a_release_is_one_however_it_is_confirmed() {
    for (name, octets) in [
        ("no values", hex("0a 00")),
        ("no PPDU", hex("0a 04 c102 0500")),
        ("an undefined context", hex("0a 0d c10b 6109 3007 020109 a002 0500")),
        ("another APDU", [hex("0a"), release("6403 800100")[1..].to_vec()].concat()),
    ] {
        let mut pair = opened();
        pair.mute(Side::Responder);
        pair.ask(Side::Initiator, Request::Close);
        pair.inject(Side::Initiator, &packet(&octets));
        pair.wait(Duration::from_secs(60));
        assert_eq!(heard(&mut pair, Side::Initiator), ["Closed", "Disconnected"], "{name}");
    }
}

/// The same inside an activity.
#[test]
fn data_that_do_not_belong_end_the_association() {
    let start = packet(&hex("01 00 2d 05 29 03 020101"));
    let data = |user_data: &str| packet(&[hex("01 00 01 00"), hex(user_data)].concat());
    let (arp, rtab) = ("3003 800101", "b603 800104");
    for (name, octets, text, answer) in [
        ("not user data", data("0500"), "aborted in presentation by our side", arp),
        (
            "an undefined context",
            data("6109 3007 020109 a002 0500"),
            "aborted in presentation by our side",
            arp,
        ),
        (
            "another context",
            data("6109 3007 020105 a002 0500"),
            "aborted in reliable transfer by our side",
            rtab,
        ),
        (
            "no octet string",
            data("6109 3007 020103 a002 0500"),
            "aborted in reliable transfer by our side",
            rtab,
        ),
        ("a second start", start.clone(), "aborted in session by our side", "19 03 110105"),
    ] {
        let mut pair = opened();
        pair.mute(Side::Initiator);
        pair.inject(Side::Responder, &start);
        pair.inject(Side::Responder, &octets);
        let lines = heard(&mut pair, Side::Responder);
        assert!(lines[2].starts_with(text), "{name}: {lines:?}");
        let why = format!(
            "{}; capture the connection and compare it with the standard; one side has a defect",
            lines[2]
        );
        assert_eq!(lines[..2], ["TransferStart".into(), cut_off(Side::Responder, &why)]);
        let last = pair.written(Side::Responder).last().unwrap().clone();
        assert!(last.ends_with(&hex(answer)), "{name}: {last:x?}");
    }
}

/// AB by the session user, with ABRT and an RTAB that gives a reason.
pub(super) fn packet_with_abort(reason: u8) -> Vec<u8> {
    let octets = "19 23 110103 c11e a01c 611a 3018 020101 a013 6411 800100 be0c 280a 020103 a005 b603 8001";
    packet(&[hex(octets), vec![reason]].concat())
}

fn wrapped(value: &str) -> Vec<u8> {
    let value = hex(value);
    let length = |of: usize| u8::try_from(of).unwrap();
    [
        &[length(value.len() + 7), 0x30, length(value.len() + 5), 2, 1, 3, 0xa0, length(value.len())][..],
        &value,
    ]
    .concat()
}

/// FN with an APDU in the context of ACSE.
fn release(apdu: &str) -> Vec<u8> {
    let apdu = hex(apdu);
    let length = |of: usize| u8::try_from(of).unwrap();
    let list = [&[0x30, length(apdu.len() + 5), 2, 1, 1, 0xa0, length(apdu.len())][..], &apdu].concat();
    let data = [&[0xc1, length(list.len() + 2), 0x61, length(list.len())][..], &list].concat();
    [&[9, length(data.len())][..], &data].concat()
}

#[test]
fn a_lost_connection_is_told_to_both() {
    let mut pair = opened();
    pair.ask(Side::Initiator, transfer(100));
    pair.heard(Side::Responder);
    pair.cut_off();
    let lost = "aborted in transport by the network: the TCP connection was lost";
    let why = format!("{lost}; check the network between the two systems, and whether the peer restarted");
    for side in [Side::Initiator, Side::Responder] {
        assert_eq!(heard(&mut pair, side), [&cut_off(side, &why), lost, "Disconnected"]);
    }
}

/// The receiver cannot take a message: it is dropped, and the association serves on.
#[test]
fn a_refused_message_does_not_end_the_association() {
    for (reason, words, retry) in [
        (TransferRefusal::Temporary, "local user error", true),
        (TransferRefusal::Permanent, "unrecoverable procedural error", false),
    ] {
        let mut pair = opened();
        pair.ask(Side::Initiator, transfer(500));
        pair.heard(Side::Responder);
        pair.ask(Side::Responder, Request::TransferRefuse { reason });
        assert_eq!(heard(&mut pair, Side::Responder), ["TransferDropped { why: \"we refused it\" }"]);
        let why = format!("the receiver reported an exception: {words}");
        let failed = format!("TransferFailed {{ why: {why:?}, retry: {retry} }}");
        assert_eq!(heard(&mut pair, Side::Initiator), [failed]);

        pair.ask(Side::Initiator, transfer(5));
        pair.ask(Side::Responder, Request::TransferAccept);
        assert_eq!(heard(&mut pair, Side::Initiator), ["TransferConfirm"]);
    }
}

/// The user hears of a failure before the peer has dropped the message; what it asks for meanwhile is done afterwards.
#[test]
fn the_user_goes_on_before_a_failed_message_is_dropped() {
    let config = Config { dialogue_mode: DialogueMode::TwoWayAlternate, ..Config::default() };
    let failed = "TransferFailed { why: \"the receiver did not secure it in time\", retry: true }";
    for (request, expected) in
        [(transfer(100_000), "TransferEnd"), (Request::TurnGive, "TurnGiven"), (Request::Close, "Close")]
    {
        let mut pair = Pair::opened(config.clone(), config.clone());
        let timeout = Duration::from_secs(30);
        pair.ask(Side::Initiator, Request::Transfer { length: 9, timeout, resume: None });
        pair.heard(Side::Initiator);
        pair.heard(Side::Responder);
        // The discard is on its way when the user hears of the failure.
        pair.now += timeout;
        let now = pair.now;
        pair.initiator.timeout(now);
        pair.initiator.request(request.clone(), now).unwrap();
        let second = pair.initiator.request(request, now).unwrap_err();
        assert_eq!(second.expected, "waiting for the peer to drop a message");
        pair.run();
        assert_eq!(heard(&mut pair, Side::Initiator)[0], failed);
        assert_eq!(heard(&mut pair, Side::Responder).last().unwrap(), expected);
    }
}

/// A message that waits for that fails with the association.
#[test]
fn a_held_message_is_not_forgotten() {
    let mut pair = opened();
    pair.mute(Side::Responder);
    let timeout = Duration::from_secs(30);
    pair.ask(Side::Initiator, Request::Transfer { length: 9, timeout, resume: None });
    pair.wait(Duration::from_secs(31));
    assert_eq!(pair.heard(Side::Initiator).len(), 1);
    pair.ask(Side::Initiator, transfer(5));
    pair.wait(Duration::from_secs(100));
    let silent = "aborted in reliable transfer by our side: the peer was silent for too long: \
                  waiting for the peer to drop a message";
    let why = format!("{silent}; ask the peer's operator what its log says at this time");
    let failed = cut_off(Side::Initiator, &why);
    assert_eq!(heard(&mut pair, Side::Initiator), [&failed, silent, "Disconnected"]);
}

/// The sender's own octets cannot be read any more: the receiver drops what it has, and the association serves on.
#[test]
fn a_sender_gives_up_in_the_middle() {
    let mut pair = opened();
    pair.parts = 0;
    pair.ask(Side::Initiator, transfer(200_000));
    let Indication::TransferMore { offset: 0, octets } = pair.heard(Side::Initiator).remove(0) else {
        panic!()
    };
    let part = |pieces| Request::TransferPart { offset: 0, pieces };
    assert!(pair.try_ask(Side::Initiator, part(vec![])).is_err(), "not the octets that were asked for");
    pair.ask(Side::Initiator, part(vec![part_of_message(0, octets)]));
    pair.heard(Side::Initiator);
    pair.parts = usize::MAX;
    pair.ask(Side::Initiator, Request::TransferGiveUp { why: "the disk is gone".into(), retry: true });
    let failed = "TransferFailed { why: \"the disk is gone\", retry: true }";
    assert_eq!(heard(&mut pair, Side::Initiator), [failed]);
    let dropped = "TransferDropped { why: \"the sender discarded it: local user error\" }";
    assert_eq!(heard(&mut pair, Side::Responder), ["TransferStart", "61427 octets", dropped]);
    // What was asked for before the failure comes late, and so does a second word of it.
    pair.ask(Side::Initiator, part(vec![]));
    pair.ask(Side::Initiator, Request::TransferGiveUp { why: String::new(), retry: true });
    pair.ask(Side::Initiator, transfer(5));
    pair.ask(Side::Responder, Request::TransferAccept);
    assert_eq!(heard(&mut pair, Side::Initiator), ["TransferConfirm"]);
}

/// A message over the limit is refused while it arrives, whatever its wrapping claims.
#[test]
fn too_large_a_message_is_refused_while_it_arrives() {
    let config = Config { limits: Limits { apdu: 100_000, ..Limits::default() }, ..Config::default() };
    let mut pair = Pair::opened(Config::default(), config);
    pair.heard(Side::Initiator);
    pair.heard(Side::Responder);
    pair.ask(Side::Initiator, transfer(10_000_000));
    let lines = heard(&mut pair, Side::Responder);
    let dropped = "TransferDropped { why: \"the message has more than 100000 octets\" }";
    assert_eq!((lines[0].as_str(), lines.last().unwrap().as_str()), ("TransferStart", dropped));
    let failed = heard(&mut pair, Side::Initiator);
    assert!(failed[0].contains("retry: false"), "{failed:?}");
    pair.ask(Side::Initiator, transfer(5));
    assert_eq!(heard(&mut pair, Side::Responder).last().unwrap(), "TransferEnd");
}

/// A peer that wants to go on with a message that is not known here is told so, and starts anew (T-31).
#[test]
fn what_is_not_known_cannot_go_on() {
    let mut pair = opened();
    pair.mute(Side::Initiator);
    pair.inject(Side::Responder, &packet(&hex("01 00 1d 0f 29 03 020102 21 08 29 03 020101 2a 01 31")));
    assert_eq!(heard(&mut pair, Side::Responder), ["TransferResume"]);
    pair.ask(Side::Responder, Request::Resume(Resumption::Unknown));
    // PT and ED, unrecoverable procedural error.
    let last = pair.written(Side::Responder).last().unwrap().clone();
    assert_eq!(last[7..], hex("02 00 30 03 32 01 06"));
    pair.inject(Side::Responder, &packet(&hex("01 00 39 00")));
    let last = pair.written(Side::Responder).last().unwrap().clone();
    assert_eq!(last[7..], hex("02 00 3a 00"), "PT and ADA");
    assert!(heard(&mut pair, Side::Responder).is_empty());
}

/// The peer's silence, at every step, ends in time; each side says what it waited for.
#[test]
fn silence_is_not_waited_out_for_ever() {
    let timers = Timers {
        connect: Duration::from_secs(10),
        transfer: Duration::from_secs(20),
        recovery: Duration::from_secs(15),
        release: Duration::from_secs(5),
        idle: Some(Duration::from_secs(100)),
    };
    let config = Config { timers, ..Config::default() };
    let pair = || Pair::new(config.clone(), config.clone());
    let open = || {
        let mut pair = Pair::opened(config.clone(), config.clone());
        pair.heard(Side::Initiator);
        pair.heard(Side::Responder);
        pair
    };

    let mut silent = pair();
    silent.mute(Side::Responder);
    silent.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    silent.wait(Duration::from_secs(20));
    assert_eq!(
        heard(&mut silent, Side::Initiator),
        ["refused by transport: no answer to the connection request in time", "Disconnected"]
    );

    let mut silent = pair();
    silent.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    silent.mute(Side::Responder);
    silent.wait(Duration::from_secs(30));
    let lines = heard(&mut silent, Side::Initiator);
    assert_eq!(lines, ["refused by session: no answer in time", "Disconnected"]);

    let mut silent = pair();
    silent.wait(Duration::from_secs(20));
    assert_eq!(heard(&mut silent, Side::Responder), ["Disconnected"], "a caller who says nothing");

    // Nobody secures the message: it is withdrawn, and can be sent again.
    let mut slow = open();
    slow.ask(
        Side::Initiator,
        Request::Transfer { length: 9, timeout: Duration::from_secs(30), resume: None },
    );
    slow.heard(Side::Responder);
    slow.wait(Duration::from_secs(31));
    let failed = "TransferFailed { why: \"the receiver did not secure it in time\", retry: true }";
    assert_eq!(heard(&mut slow, Side::Initiator), [failed]);
    let dropped = "TransferDropped { why: \"the sender discarded it: local user error\" }";
    assert_eq!(heard(&mut slow, Side::Responder), [dropped]);
    slow.ask(Side::Initiator, transfer(5));
    assert_eq!(heard(&mut slow, Side::Responder).last().unwrap(), "TransferEnd");

    // The receiver is gone for good: the withdrawal is not confirmed either.
    let mut silent = open();
    silent.mute(Side::Responder);
    silent.ask(
        Side::Initiator,
        Request::Transfer { length: 9, timeout: Duration::from_secs(30), resume: None },
    );
    silent.wait(Duration::from_secs(31));
    assert_eq!(heard(&mut silent, Side::Initiator), [failed], "as soon as it is given up");
    silent.wait(Duration::from_secs(13));
    assert!(heard(&mut silent, Side::Initiator).is_empty());
    silent.wait(Duration::from_secs(10));
    let timed_out = "aborted in reliable transfer by our side: the peer was silent for too long: \
                     waiting for the peer to drop a message";
    assert_eq!(heard(&mut silent, Side::Initiator), [timed_out, "Disconnected"]);

    // The sender stops in the middle.
    let mut silent = open();
    silent.inject(Side::Responder, &packet(&hex("01 00 2d 05 29 03 020101")));
    silent.mute(Side::Initiator);
    silent.wait(Duration::from_secs(40));
    let lines = heard(&mut silent, Side::Responder);
    assert_eq!(
        lines[2],
        "aborted in reliable transfer by our side: the peer was silent for too long: receiving a message"
    );

    // Nothing to do for too long; the initiator's own pool decides for itself.
    let mut idle = open();
    idle.wait(Duration::from_secs(120));
    let lines = heard(&mut idle, Side::Responder);
    assert!(lines[0].ends_with("silent for too long: open, without the turn"), "{lines:?}");
    assert_eq!(heard(&mut idle, Side::Initiator).last().unwrap(), "Disconnected");

    let mut silent = open();
    silent.mute(Side::Responder);
    silent.ask(Side::Initiator, Request::Close);
    silent.wait(Duration::from_secs(20));
    assert_eq!(heard(&mut silent, Side::Initiator)[0], "aborted in session by our side: no answer in time");

    // The user decides in its own time.
    let mut slow = pair();
    slow.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    slow.wait(Duration::from_secs(9));
    slow.ask(Side::Responder, Request::Accept { user_data: RESULT.to_vec() });
    assert_eq!(heard(&mut slow, Side::Initiator), ["opened, checkpoint 60, window 3"]);
}

/// A stranger cannot make us hold much: neither side has said who it is before the association is open.
#[test]
fn little_is_held_before_the_association_is_open() {
    let mut pair = Pair::new(Config::default(), Config::default());
    let now = pair.now;
    pair.responder.receive(&hex("0300000e 09 e0 0000 0001 00 c0010d"), now).unwrap();
    while pair.responder.poll().is_some() {}
    // DT after DT without the end of the data unit.
    let part = [&[3, 0, 0x20, 7, 2, 0xf0, 0][..], &[0; 0x2000]].concat();
    let mut held = 0;
    let fault = (0..100).find_map(|_| {
        held = held.max(pair.responder.buffered());
        pair.responder.receive(&part, now).err()
    });
    assert_eq!(fault.unwrap().layer, Layer::Transport);
    assert!(held < 200_000, "{held} octets held");
    pair.run();
    let lines = heard(&mut pair, Side::Responder);
    let text = "aborted in transport by our side: the peer exceeded a limit of ours: \
                more than 131071 octets before the association is open";
    assert_eq!(lines, [text, "Disconnected"]);
}

/// The same at each later step: our limit is what ended it, and nothing else is blamed.
#[test]
fn a_data_unit_without_end_is_told_as_such() {
    let limits = Limits { tsdu: 300_000, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let before = "the peer exceeded a limit of ours: more than 131071 octets before the association is open";
    let after = "the peer exceeded a limit of ours: tpdu before octet";
    let flood = |pair: &mut Pair, side| {
        let part = [&[3, 0, 0x20, 7, 2, 0xf0, 0][..], &[0; 0x2000]].concat();
        (0..100).for_each(|_| pair.inject(side, &part));
        let lines = heard(pair, side);
        assert_eq!(lines.last().unwrap(), "Disconnected");
        lines
    };

    let mut pair = Pair::new(config.clone(), config.clone());
    pair.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    pair.mute(Side::Responder);
    let lines = flood(&mut pair, Side::Initiator);
    assert_eq!(lines, [format!("refused by transport: {before}"), "Disconnected".into()]);

    let mut pair = Pair::new(config.clone(), config.clone());
    pair.mute(Side::Responder);
    pair.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    pair.heard(Side::Responder);
    let lines = flood(&mut pair, Side::Responder);
    assert_eq!(lines, [format!("aborted in transport by our side: {before}"), "Disconnected".into()]);

    let mut pair = Pair::opened(config.clone(), config);
    pair.heard(Side::Responder);
    pair.inject(Side::Responder, &packet(&hex("01 00 2d 05 29 03 020101")));
    let lines = flood(&mut pair, Side::Responder);
    let aborted = format!("aborted in transport by our side: {after}");
    assert!(lines[1].contains(after) && lines[2].starts_with(&aborted), "{lines:?}");
}

/// What a stranger says who never asks for an association.
#[test]
fn a_stranger_is_told_as_such() {
    let mut pair = Pair::new(Config::default(), Config::default());
    pair.inject(Side::Responder, b"EHLO gateway\r\n");
    let [Indication::Aborted(abort), Indication::Disconnected] = &pair.heard(Side::Responder)[..] else {
        panic!()
    };
    assert_eq!(
        abort.to_string(),
        "aborted in transport by our side: octet 0: tpkt version is 69, expected 3"
    );
    assert!(abort.advice.contains("port scan"), "{}", abort.advice);
}

/// A large data unit over a slow line: octets come all the time, whole units do not.
#[test]
fn a_slow_sender_is_not_silent() {
    let mut pair = opened();
    pair.mute(Side::Initiator);
    pair.inject(Side::Responder, &packet(&hex("01 00 2d 05 29 03 020101")));
    pair.inject(Side::Responder, &hex("0300 fffb 02 f0 80"));
    for _ in 0..100 {
        pair.wait(Duration::from_secs(200));
        pair.inject(Side::Responder, &[0; 10]);
    }
    assert_eq!(heard(&mut pair, Side::Responder), ["TransferStart"]);
    pair.wait(Duration::from_secs(400));
    assert_eq!(heard(&mut pair, Side::Responder).last().unwrap(), "Disconnected");
}

/// What the peer does wrong comes back as a fault too, once.
#[test]
fn a_fault_is_told_once() {
    let mut pair = opened();
    let now = pair.now;
    let fault = pair.responder.receive(&hex("ff"), now).unwrap_err();
    assert_eq!(fault.layer, Layer::Transport);
    assert!(pair.responder.receive(&hex("ff"), now).is_ok());
}
