//! The three application contexts, and how peers with oddities are dealt with.

use super::*;
use crate::osi::transport::tests::hex;
use crate::quirk::{Quirk, Quirks};

/// A bind without wrapper, as X.410-1984 mode has it.
const BARE: &[u8] = b"\xa1\x12\x80\x05MTA-A\xa1\x09\x04\x07secretA";

fn config(mode: Mode) -> Config {
    Config { mode, dialogue_mode: DialogueMode::TwoWayAlternate, ..Config::default() }
}

/// T-34, A-40: both directions, with the turn and its priority, checkpoints, and a clean end; the same in every mode.
#[test]
fn every_mode_carries_messages_both_ways() {
    for mode in Mode::ALL {
        let mut pair = Pair::new(Config { checkpoint_size: 1, ..config(mode) }, Config::default());
        pair.ask(Side::Initiator, Request::Open { user_data: BARE.to_vec() });
        let heard_first = pair.heard(Side::Responder);
        let [Indication::Open(open)] = &heard_first[..] else { panic!("{heard_first:?}") };
        assert_eq!((open.mode, &open.user_data[..]), (mode, BARE));
        pair.ask(Side::Responder, Request::Accept { user_data: BARE.to_vec() });
        let opened = Indication::Opened { user_data: BARE.to_vec(), checkpoint_size: 1, window: 3, mode };
        assert_eq!(pair.heard(Side::Initiator), [opened]);

        pair.ask(Side::Initiator, Request::Transfer { length: 70_000, timeout: TIMEOUT, resume: None });
        assert_eq!(heard(&mut pair, Side::Responder), ["TransferStart", "70000 octets", "TransferEnd"]);
        assert_eq!(pair.most_unconfirmed(), 3);
        pair.ask(Side::Responder, Request::TransferAccept);
        pair.ask(Side::Responder, Request::TurnPlease { priority: 200 });
        assert_eq!(heard(&mut pair, Side::Initiator), ["TransferConfirm", "TurnPlease { priority: 200 }"]);
        pair.ask(Side::Initiator, Request::TurnGive);
        pair.ask(Side::Responder, Request::Transfer { length: 1, timeout: TIMEOUT, resume: None });
        assert_eq!(heard(&mut pair, Side::Initiator), ["TransferStart", "1 octets", "TransferEnd"]);
        let reason = TransferRefusal::Temporary;
        pair.ask(Side::Initiator, Request::TransferRefuse { reason });
        assert!(heard(&mut pair, Side::Responder).iter().any(|it| it.starts_with("TransferFailed")));
        pair.ask(Side::Responder, Request::TurnGive);
        pair.heard(Side::Initiator);
        pair.ask(Side::Initiator, Request::Close);
        pair.ask(Side::Responder, Request::CloseAccept);
        assert_eq!(heard(&mut pair, Side::Initiator), ["Closed", "Disconnected"], "{mode}");
    }
}

/// The octets of T-34, and data as it is: the first TSDU of a message is GT, DT, message.
#[test]
fn x410_mode_on_the_wire() {
    for (mode, protocol) in [(Mode::MtsTransferProtocol1984, "840101"), (Mode::MtsTransferProtocol, "84010c")]
    {
        let initiator = Config { checkpoint_size: 63, ..config(mode) };
        let mut pair = Pair::new(initiator, Config { checkpoint_size: 1, ..Config::default() });
        pair.ask(Side::Initiator, Request::Open { user_data: BARE.to_vec() });
        pair.ask(Side::Responder, Request::Accept { user_data: BARE.to_vec() });
        let bind = hex(&BARE.iter().map(|octet| format!("{octet:02x}")).collect::<String>());
        let connect =
            [&hex("3128 a003800100 a121 80013f 820101 a316 a014")[..], &bind, &hex(protocol)].concat();
        let accept = [&hex("3122 a003800100 a11b 800101 a216 a014")[..], &bind].concat();
        let written = |side, number: usize| pair.written(side)[number].clone();
        assert!(written(Side::Initiator, 1).ends_with(&connect), "{:02x?}", written(Side::Initiator, 1));
        assert!(written(Side::Responder, 1).ends_with(&accept), "{:02x?}", written(Side::Responder, 1));
        pair.ask(Side::Initiator, Request::Transfer { length: 9, timeout: TIMEOUT, resume: None });
        let data = [&hex("03000014 02f080 0100 0100")[..], &message(9)].concat();
        assert_eq!(pair.written(Side::Initiator)[3], data);
        pair.ask(Side::Responder, Request::TransferAccept);
        pair.ask(Side::Initiator, Request::Close);
        assert_eq!(pair.written(Side::Initiator)[5], hex("0300000c 02f080 0903 110101"));
    }
}

/// What the initiator hears of a refusal, in words.
fn refused(initiator: Config, responder: Config, answer: Option<Request>) -> (String, bool, &'static str) {
    let mut pair = Pair::new(initiator, responder);
    pair.ask(Side::Initiator, Request::Open { user_data: BARE.to_vec() });
    if let Some(request) = answer {
        pair.ask(Side::Responder, request);
    }
    let heard = pair.heard(Side::Initiator);
    let [Indication::Refused(refusal), Indication::Disconnected] = &heard[..] else { panic!("{heard:?}") };
    assert!(pair.initiator.is_over() && pair.responder.is_over());
    (refusal.to_string(), refusal.permanent, refusal.advice)
}

/// Which fault is answered how: RTORJ in X.410-1984 mode, CPR and RF by provider below it.
#[test]
fn refusals_in_every_mode() {
    use RefuseReason as R;
    let user = |reason| Some(Request::Refuse { user_data: vec![2, 1, 2], permanent: true, reason });
    let answers = |modes: &[Mode]| Config { answers: modes.to_vec(), ..Config::default() };
    let (normal, x410_1988, x410_1984) =
        (Mode::MtsTransfer, Mode::MtsTransferProtocol, Mode::MtsTransferProtocol1984);
    let strict = Config { quirks: Quirks::strict(), ..Config::default() };
    let swapped = Config { quirks: Quirks::new(&[], &[Quirk::SwappedProtocol]), ..config(x410_1988) };
    let selector = |session: &'static str| Config {
        called: Selectors { session: session.into(), ..Selectors::default() },
        ..Config::default()
    };
    let any = Config::default;
    for (initiator, responder, answer, text, permanent, advice) in [
        (config(x410_1984), any(), user(R::RTS_BUSY), "reliable transfer: rts-busy (code 0)", false, "later"),
        (
            config(x410_1988),
            any(),
            user(R::VALIDATION_FAILURE),
            "application: validation-failure (code 2)",
            true,
            "passwords",
        ),
        (
            config(x410_1984),
            any(),
            user(R::UNACCEPTABLE_DIALOGUE_MODE),
            "reliable transfer: unacceptable-dialogue-mode (code 3)",
            true,
            "dialogue",
        ),
        (
            config(x410_1984),
            any(),
            user(R::CANNOT_RECOVER),
            "reliable transfer: cannot-recover (code 1)",
            false,
            "later",
        ),
        (
            config(x410_1984),
            any(),
            user(R(9)),
            "reliable transfer: a reason without a name (code 9)",
            true,
            "log",
        ),
        (
            config(normal),
            any(),
            user(R::RTS_BUSY),
            "application: the peer's MTA refused the bind (code 1)",
            true,
            "passwords",
        ),
        (
            config(x410_1984),
            answers(&[normal]),
            None,
            "reliable transfer: unacceptable-dialogue-mode (code 3)",
            true,
            "this mode",
        ),
        (
            config(normal),
            answers(&[x410_1984]),
            None,
            "presentation: reason-not-specified (code 0)",
            true,
            "log",
        ),
        (
            config(x410_1984),
            answers(&[normal, x410_1988]),
            None,
            "application: validation-failure (code 2)",
            true,
            "passwords",
        ),
        (swapped, strict, None, "application: validation-failure (code 2)", true, "passwords"),
        (
            selector("p3"),
            selector("p1"),
            None,
            "session: the session selector is unknown (code 129)",
            true,
            "SSEL",
        ),
    ] {
        let (told, is_permanent, hint) = refused(initiator, responder, answer);
        assert_eq!((told.as_str(), is_permanent), (format!("refused by {text}").as_str(), permanent));
        assert!(hint.contains(advice), "{told}: {hint}");
    }
}

/// X.410-1984 mode has no words for a user's abort; and what breaks its protocol is answered in its own.
#[test]
fn aborts_in_x410_mode() {
    for mode in [Mode::MtsTransferProtocol, Mode::MtsTransferProtocol1984] {
        let mut pair = Pair::opened(config(mode), Config::default());
        pair.heard(Side::Initiator);
        pair.ask(Side::Responder, Request::Abort { user_data: vec![5, 0] });
        let told = "aborted in reliable transfer by the peer: local-system-problem (code 0)";
        assert_eq!(heard(&mut pair, Side::Initiator), [told, "Disconnected"]);

        let mut pair = Pair::opened(config(mode), Config::default());
        pair.heard(Side::Initiator);
        pair.heard(Side::Responder);
        // A turn is asked for with what is no number.
        pair.inject(Side::Initiator, &refusals::packet(&hex("0207 100101 c1020500")));
        let told = "aborted in reliable transfer by the peer: protocol-error (code 4)";
        assert_eq!(heard(&mut pair, Side::Responder), [told, "Disconnected"], "{mode}");
    }
}

/// Q2, Q6, Q9: what a peer wants otherwise is done for it, and taken from it unless it is held to the standard.
#[test]
fn oddities_are_done_and_tolerated_by_choice() {
    let with =
        |mode, quirk| Config { quirks: Quirks::new(&[], &[quirk]), checkpoint_size: 1, ..config(mode) };
    let mut pair = Pair::opened(with(Mode::MtsTransferProtocol, Quirk::SwappedProtocol), Config::default());
    assert!(pair.written(Side::Initiator)[1].ends_with(&hex("84020c00")));
    let heard_first = pair.heard(Side::Responder);
    assert!(matches!(&heard_first[..], [Indication::Open(open)] if open.mode == Mode::MtsTransferProtocol));

    let mut pair = Pair::opened(with(Mode::MtsTransfer, Quirk::WindowPlusOne), Config::default());
    pair.heard(Side::Responder);
    pair.ask(Side::Initiator, Request::Transfer { length: 20_000, timeout: TIMEOUT, resume: None });
    assert_eq!(heard(&mut pair, Side::Responder), ["TransferStart", "20000 octets", "TransferEnd"]);
    assert_eq!(pair.most_unconfirmed(), 4);

    for (quirks, taken) in [(Quirks::default(), true), (Quirks::strict(), false)] {
        let responder = Config { quirks, ..Config::default() };
        let mut pair = Pair::opened(with(Mode::MtsTransfer, Quirk::BareMessage), responder);
        pair.heard(Side::Responder);
        pair.ask(Side::Initiator, Request::Transfer { length: 9, timeout: TIMEOUT, resume: None });
        let last = heard(&mut pair, Side::Responder).pop();
        assert_eq!(last.as_deref() == Some("TransferEnd"), taken, "{last:?}");
    }
}
