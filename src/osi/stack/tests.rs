//! Two stacks joined in memory, under a clock that only the tests move.

mod faults;
mod modes;
mod mutation;
mod pair;
mod recovery;
mod refusals;

use std::time::Duration;

use super::*;
use pair::{ARGUMENT, Pair, RESULT, Side, message};
use rasn_x400::ber;
use rasn_x400::rtse::RefuseReason;

const TIMEOUT: Duration = Duration::from_secs(600);

/// Everything one side heard, in words, with runs of data as one count.
fn heard(pair: &mut Pair, side: Side) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut octets = 0;
    for indication in pair.heard(side) {
        if let Indication::TransferData(data) = &indication {
            octets += data.len();
            continue;
        }
        if octets > 0 {
            lines.push(format!("{octets} octets"));
            octets = 0;
        }
        lines.push(match indication {
            Indication::Open(open) => format!("open {:?}", open.dialogue_mode),
            Indication::Opened { checkpoint_size, window, .. } => {
                format!("opened, checkpoint {checkpoint_size}, window {window}")
            }
            Indication::TransferStart { .. } => "TransferStart".into(),
            Indication::TransferResume { .. } => "TransferResume".into(),
            Indication::TransferFailed { why, retry, resumable } => {
                let from = resumable.map(|it| format!(", from {}", it.octets())).unwrap_or_default();
                format!("TransferFailed {{ why: {why:?}, retry: {retry}{from} }}")
            }
            Indication::TransferInterrupted { why, received } => {
                format!("TransferInterrupted {{ why: {why:?}, {} kept }}", received.octets())
            }
            Indication::Refused(refusal) => refusal.to_string(),
            Indication::Aborted(abort) => abort.to_string(),
            other => format!("{other:?}"),
        });
    }
    lines
}

#[test]
fn a_message_is_sent_and_secured() {
    let mut pair = Pair::opened(Config::default(), Config::default());
    assert_eq!(heard(&mut pair, Side::Responder), ["open Monologue"]);
    assert_eq!(heard(&mut pair, Side::Initiator), ["opened, checkpoint 60, window 3"]);

    pair.ask(Side::Initiator, Request::Transfer { length: 500, timeout: TIMEOUT, resume: None });
    assert_eq!(heard(&mut pair, Side::Responder), ["TransferStart", "500 octets", "TransferEnd"]);
    assert!(
        heard(&mut pair, Side::Initiator).is_empty(),
        "the message is not confirmed before it is secured"
    );

    pair.ask(Side::Responder, Request::TransferAccept);
    assert_eq!(heard(&mut pair, Side::Initiator), ["TransferConfirm"]);

    pair.ask(Side::Initiator, Request::Close);
    assert_eq!(heard(&mut pair, Side::Responder), ["Close"]);
    pair.ask(Side::Responder, Request::CloseAccept);
    assert_eq!(heard(&mut pair, Side::Initiator), ["Closed", "Disconnected"]);
    assert_eq!(heard(&mut pair, Side::Responder), ["Disconnected"]);
}

/// The bind, the selectors of every layer and the names reach the other side as they were sent.
#[test]
fn what_is_said_on_opening_arrives() {
    let selectors = |text: &str| Selectors {
        transport: format!("t-{text}").into_bytes().into(),
        session: format!("s-{text}").into_bytes().into(),
        presentation: format!("p-{text}").into_bytes().into(),
    };
    let title = rasn_x400::prim::RawTlv::from_element(vec![6, 2, 0x51, 1]);
    let config = Config {
        called: selectors("called"),
        calling: selectors("calling"),
        names: Names { calling_ap_title: Some(title), ..Names::default() },
        reference: Reference {
            name: "gateway".into(),
            time: "261028114703Z".into(),
            additional: "a7".into(),
        },
        dialogue_mode: DialogueMode::TwoWayAlternate,
        ..Config::default()
    };
    let responder = Config { called: selectors("called"), ..Config::default() };
    let mut pair = Pair::new(config.clone(), responder);
    pair.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    let open = Open {
        user_data: ARGUMENT.to_vec(),
        recover: None,
        swapped_protocol: false,
        called: config.called,
        calling: config.calling,
        names: config.names,
        reference: config.reference,
        dialogue_mode: DialogueMode::TwoWayAlternate,
        mode: Mode::MtsTransfer,
    };
    assert_eq!(pair.heard(Side::Responder), [Indication::Open(open)]);
    pair.ask(Side::Responder, Request::Accept { user_data: RESULT.to_vec() });
    let opened = Indication::Opened {
        user_data: RESULT.to_vec(),
        checkpoint_size: 60,
        window: 3,
        mode: Mode::MtsTransfer,
    };
    assert_eq!(pair.heard(Side::Initiator), [opened]);
}

/// T-31: checkpoints and window, for the sizes that either side proposes; a message of 300 kB.
#[test]
fn large_messages_keep_to_checkpoints_and_window() {
    for (proposed, answered, agreed, parts) in [
        ((1_u16, 3_u16), (63_u16, 5_u16), (1_u16, 3_u16), 293),
        ((64, 3), (16, 1), (16, 1), 19),
        ((64, 2), (64, 3), (64, 2), 5),
        ((0, 3), (10, 3), (10, 3), 30),
        ((10, 3), (0, 3), (10, 3), 30),
        ((0, 3), (0, 3), (0, 3), 1),
        ((400, 3), (400, 3), (400, 3), 1),
    ] {
        let config = |(checkpoint_size, window)| Config { checkpoint_size, window, ..Config::default() };
        let mut pair = Pair::opened(config(proposed), config(answered));
        let opened = format!("opened, checkpoint {}, window {}", agreed.0, agreed.1);
        assert_eq!(heard(&mut pair, Side::Initiator), [opened]);
        pair.heard(Side::Responder);
        pair.ask(Side::Initiator, Request::Transfer { length: 300_000, timeout: TIMEOUT, resume: None });
        let received: Vec<u8> = pair
            .heard(Side::Responder)
            .into_iter()
            .filter_map(|it| if let Indication::TransferData(data) = it { Some(data) } else { None })
            .flatten()
            .collect();
        assert!(received == message(300_000), "{proposed:?} {answered:?}");
        // A checkpoint (MIP) after each part but the last, each confirmed (MIA) by the other side.
        let count = |side, spdu| pair.written(side).iter().filter(|tpdu| tpdu.get(9) == Some(&spdu)).count();
        assert_eq!((count(Side::Initiator, 0x31), count(Side::Responder, 0x32)), (parts - 1, parts - 1));
        assert!(pair.most_unconfirmed() <= usize::from(agreed.1), "{proposed:?}: window exceeded");
        pair.ask(Side::Responder, Request::TransferAccept);
        assert_eq!(heard(&mut pair, Side::Initiator), ["TransferConfirm"]);
    }
}

#[test]
fn several_messages_follow_each_other() {
    let mut pair = Pair::opened(Config::default(), Config::default());
    pair.heard(Side::Responder);
    for octets in [10, 100_000, 3] {
        pair.ask(Side::Initiator, Request::Transfer { length: octets, timeout: TIMEOUT, resume: None });
        let expected = ["TransferStart".into(), format!("{octets} octets"), "TransferEnd".into()];
        assert_eq!(heard(&mut pair, Side::Responder), expected);
        pair.ask(Side::Responder, Request::TransferAccept);
    }
    // Activity identifiers are the INTEGERs 1, 2, 3.
    let starts: Vec<_> =
        pair.written(Side::Initiator).iter().filter(|tpdu| tpdu.get(9) == Some(&0x2d)).collect();
    let ids: Vec<_> = starts.iter().map(|tpdu| tpdu[13..].to_vec()).collect();
    assert_eq!(ids, [[2, 1, 1], [2, 1, 2], [2, 1, 3]]);
}

/// Both directions on one association: the turn is asked for, given, used, and given back.
#[test]
fn the_turn_goes_to_and_fro() {
    let config = Config { dialogue_mode: DialogueMode::TwoWayAlternate, ..Config::default() };
    let mut pair = Pair::opened(config.clone(), config);
    pair.heard(Side::Responder);
    pair.heard(Side::Initiator);

    pair.ask(Side::Responder, Request::TurnPlease { priority: 2 });
    assert_eq!(heard(&mut pair, Side::Initiator), ["TurnPlease { priority: 2 }"]);
    pair.ask(Side::Initiator, Request::TurnGive);
    assert_eq!(heard(&mut pair, Side::Responder), ["TurnGiven"]);

    let transfer = Request::Transfer { length: 70_000, timeout: TIMEOUT, resume: None };
    assert!(pair.try_ask(Side::Initiator, transfer.clone()).is_err(), "without the turn");
    pair.ask(Side::Responder, transfer);
    assert_eq!(heard(&mut pair, Side::Initiator), ["TransferStart", "70000 octets", "TransferEnd"]);
    pair.ask(Side::Initiator, Request::TurnPlease { priority: 0 });
    assert_eq!(heard(&mut pair, Side::Responder), ["TurnPlease { priority: 0 }"]);
    pair.ask(Side::Initiator, Request::TransferAccept);
    assert_eq!(heard(&mut pair, Side::Responder), ["TransferConfirm"]);

    assert!(pair.try_ask(Side::Initiator, Request::Close).is_err(), "without the turn");
    assert!(pair.try_ask(Side::Responder, Request::Close).is_err(), "only the initiator closes");
    pair.ask(Side::Responder, Request::TurnGive);
    assert_eq!(heard(&mut pair, Side::Initiator), ["TurnGiven"]);
    pair.ask(Side::Initiator, Request::Close);
    pair.ask(Side::Responder, Request::CloseAccept);
    assert_eq!(heard(&mut pair, Side::Initiator), ["Closed", "Disconnected"]);
}

/// Whoever wants the turn back at once asks for it as soon as the peer has taken it.
#[test]
fn the_turn_is_wanted_back_at_once() {
    let config = Config { dialogue_mode: DialogueMode::TwoWayAlternate, ..Config::default() };
    let mut pair = Pair::opened(config.clone(), config);
    pair.heard(Side::Responder);
    pair.heard(Side::Initiator);
    let now = pair.now;
    pair.initiator.request(Request::TurnGive, now).unwrap();
    pair.initiator.request(Request::TurnPlease { priority: 1 }, now).unwrap();
    pair.run();
    assert_eq!(heard(&mut pair, Side::Responder), ["TurnGiven", "TurnPlease { priority: 1 }"]);
    pair.ask(Side::Responder, Request::TurnGive);
    assert_eq!(heard(&mut pair, Side::Initiator), ["TurnGiven"]);
}

#[test]
fn the_turn_stays_in_a_monologue() {
    let mut pair = Pair::opened(Config::default(), Config::default());
    assert!(pair.try_ask(Side::Responder, Request::TurnPlease { priority: 1 }).is_err());
    assert!(pair.try_ask(Side::Initiator, Request::TurnGive).is_err());
}

/// The same octets, one by one.
#[test]
fn delivery_octet_by_octet_changes_nothing() {
    let config = Config { checkpoint_size: 4, ..Config::default() };
    let mut pair = Pair::new(config.clone(), config);
    pair.cut = 1;
    pair.open();
    pair.heard(Side::Responder);
    pair.ask(Side::Initiator, Request::Transfer { length: 20_000, timeout: TIMEOUT, resume: None });
    assert_eq!(heard(&mut pair, Side::Responder), ["TransferStart", "20000 octets", "TransferEnd"]);
    pair.ask(Side::Responder, Request::TransferAccept);
    pair.ask(Side::Initiator, Request::Close);
    pair.ask(Side::Responder, Request::CloseAccept);
    let last = heard(&mut pair, Side::Initiator);
    assert_eq!(last, ["opened, checkpoint 4, window 3", "TransferConfirm", "Closed", "Disconnected"]);
}

/// Small TPDUs: every layer's data unit is cut and put together again.
#[test]
fn small_tpdus_carry_everything() {
    let config = Config { tpdu_size: 128, ..Config::default() };
    let mut pair = Pair::opened(config.clone(), Config::default());
    pair.heard(Side::Responder);
    pair.ask(Side::Initiator, Request::Transfer { length: 10_000, timeout: TIMEOUT, resume: None });
    assert_eq!(heard(&mut pair, Side::Responder), ["TransferStart", "10000 octets", "TransferEnd"]);
    assert!(pair.written(Side::Initiator).iter().all(|packet| packet.len() <= 128 + 4));
}

/// Large pieces of a message are not copied on the way down.
#[test]
fn pieces_leave_as_they_came() {
    let mut pair = Pair::opened(Config::default(), Config::default());
    let piece = message(50_000);
    let now = pair.now;
    pair.initiator
        .request(Request::Transfer { length: 50_000, timeout: TIMEOUT, resume: None }, now)
        .unwrap();
    while pair.initiator.poll().is_some() {}
    pair.initiator.request(Request::TransferPart { offset: 0, pieces: vec![piece.clone()] }, now).unwrap();
    let mut same = 0;
    while let Some(output) = pair.initiator.poll() {
        if let Output::Down(octets) = output
            && piece.as_ptr_range().contains(&octets.as_ptr())
        {
            same += octets.len();
        }
    }
    assert_eq!(same, piece.len());
}

#[test]
fn user_data_must_be_one_element() {
    let mut pair = Pair::new(Config::default(), Config::default());
    for octets in [vec![], vec![5], vec![5, 0, 0], vec![0x30, 0x80]] {
        let misuse = pair.try_ask(Side::Initiator, Request::Open { user_data: octets }).unwrap_err();
        assert_eq!(misuse.request, "user data");
    }
    assert!(ber::header::element_length(ARGUMENT).is_ok());
    pair.open();
}

/// Every request at every wrong time is refused, and the association goes on.
#[test]
fn requests_at_the_wrong_time_do_nothing() {
    let mut pair = Pair::opened(Config::default(), Config::default());
    let data = || vec![5, 0];
    for request in [
        Request::Open { user_data: data() },
        Request::Accept { user_data: data() },
        Request::Refuse { user_data: data(), permanent: true, reason: RefuseReason::VALIDATION_FAILURE },
        Request::TransferAccept,
        Request::TransferRefuse { reason: TransferRefusal::Temporary },
        Request::TurnPlease { priority: 0 },
        Request::TurnGive,
        Request::CloseAccept,
        Request::Transfer { length: 0, timeout: TIMEOUT, resume: None },
    ] {
        let misuse = pair.try_ask(Side::Initiator, request.clone()).expect_err("possible");
        assert!(misuse.to_string().contains("not possible now"), "{misuse}");
    }
    pair.ask(Side::Initiator, Request::Transfer { length: 9, timeout: TIMEOUT, resume: None });
    pair.ask(Side::Responder, Request::TransferAccept);
    assert_eq!(heard(&mut pair, Side::Initiator).last().unwrap(), "TransferConfirm");
}
