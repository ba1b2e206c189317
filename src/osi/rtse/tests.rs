use std::time::{Duration, Instant};

use bytes::Bytes;

use rasn_x400::presentation::abstract_syntax::{ACSE, MTA_RTSE};

use super::external::{Unwrapper, header};
use super::segment::Outgoing;
use super::table::{Event, State, cell};
use super::{Machine, Output};
use crate::osi::grid::{grid, way};
use crate::osi::presentation::{Context, Contexts, Value};
use crate::osi::stack::{Config, DialogueMode, Indication, Names, Reference, Request};
use crate::osi::transport::tests::{Xorshift, hex, start_of_time};
use crate::osi::{acse, session};

#[test]
fn the_state_table() {
    use Event::*;
    let states = [
        State::Idle,
        State::AwaitOpenConfirm,
        State::AwaitOpenResponse,
        State::WithTurn,
        State::WithoutTurn,
        State::Sending,
        State::AwaitActivityEndConfirm,
        State::AwaitDiscardConfirm,
        State::AwaitInterruptConfirm,
        State::AwaitRestart,
        State::Receiving,
        State::AwaitResumeResponse,
        State::ReceivingAgain,
        State::AwaitTransferResponse,
        State::AwaitRecovery,
        State::AwaitCloseConfirm,
        State::AwaitCloseResponse,
        State::Ended,
    ];
    let events = [
        RTOPreq,
        RTOPrspAccept,
        RTOPrspRefuse,
        RTTRreq,
        RTTRpart,
        RTTRgiveUp,
        RTTRinterrupt,
        RTTRrspAccept,
        RTTRrspRefuse,
        RTRSrspKept,
        RTRSrspMismatch,
        RTRSrspSecured,
        RTRSrspUnknown,
        CheckpointKept,
        RTTPreq,
        RTTGreq,
        RTCLreq,
        RTCLrsp,
        RTUABreq,
        TransferTime,
        PeerTime,
        RTORQ,
        RTORQunusable,
        RTOAC,
        RTOACunusable,
        RTORJ,
        ActivityStart,
        ActivityResume,
        RTTR,
        RTTRunwelcome,
        SyncMinor,
        SyncMinorConfirm,
        Exception,
        ExceptionLater,
        ExceptionAgain,
        ExceptionLost,
        ActivityEnd,
        ActivityEndUnwelcome,
        ActivityEndConfirm,
        ActivityInterrupt,
        ActivityDiscard,
        ActivityInterruptConfirm,
        ActivityDiscardConfirm,
        RTTP,
        TurnGive,
        ReleaseIndication,
        ReleaseConfirm,
        AbortIndication,
        AbortCompletedIndication,
        Invalid,
    ];
    let text = grid(&states, &events, |state, event| {
        let ways = cell(state, event);
        let mut lines: Vec<_> =
            ways.iter().map(|(predicates, actions, next)| way(predicates, actions, &state, next)).collect();
        if ways.iter().all(|(predicates, ..)| !predicates.is_empty()) {
            lines.push(if event.is_request() { "misuse".into() } else { "protocol error".into() });
        }
        lines
    });
    insta::assert_snapshot!(text);
}

/// The EXTERNAL around a message, in every form, cut at every place; what is inside comes out.
#[test]
fn the_wrapping_of_a_message_is_taken_off() {
    for (name, octets, message) in [
        ("definite", "2809 020105 a004 a0020500", Some("a0020500")),
        ("indefinite", "2880 020105 a080 a0020500 0000 0000", Some("a0020500")),
        ("indefinite outside", "2880 020105 a004 a0020500 0000", Some("a0020500")),
        (
            "both references and a descriptor",
            "2812 0602 5101 020105 0703 616263 a004 a0020500",
            Some("a0020500"),
        ),
        ("octet-aligned", "2809 020105 8104 a0020500", Some("a0020500")),
        ("a message that ends in zero octets", "2880 020105 a080 a0800000 0000 0000", Some("a0800000")),
        ("bare", "a0020500", Some("a0020500")),
        ("bare, ending in zero octets", "a0800000", Some("a0800000")),
        ("without its end", "2880 020105 a080 a0020500 0000 0001", None),
        ("arbitrary", "2809 020105 8204 a0020500", None),
        ("without a value", "2803 020105", None),
        ("primitive", "0802 0500", Some("08020500")),
        ("nothing", "", None),
    ] {
        let octets = Bytes::from(hex(octets));
        for cut in 0..=octets.len() {
            let mut unwrapper = Unwrapper::default();
            let parts =
                [octets.slice(..cut), octets.slice(cut..)].into_iter().filter(|part| !part.is_empty());
            let result: Result<Vec<_>, _> = parts.map(|part| unwrapper.push(part)).collect();
            let result = result.and_then(|parts| unwrapper.end().map(|()| parts.concat().concat()));
            assert_eq!(result.ok(), message.map(hex), "{name} cut at {cut}");
        }
        let mut unwrapper = Unwrapper::default();
        let one_by_one: Result<Vec<_>, _> =
            (0..octets.len()).map(|at| unwrapper.push(octets.slice(at..=at))).collect();
        let result = one_by_one.and_then(|parts| unwrapper.end().map(|()| parts.concat().concat()));
        assert_eq!(result.ok(), message.map(hex), "{name} octet by octet");
    }
}

/// T-21: the header names the context of messages.
#[test]
fn the_wrapping_that_is_written() {
    assert_eq!(header(5, 4), hex("2809 020105 a004"));
    assert_eq!(header(5, 300), hex("28820133 020105 a082012c"));
}

#[test]
fn a_header_is_not_looked_for_for_ever() {
    let mut unwrapper = Unwrapper::default();
    assert!(unwrapper.push(hex("2880 0784 7fffffff").into()).unwrap().is_empty());
    let result = (0..10_000).try_for_each(|_| unwrapper.push(Bytes::from_static(&[0x41])).map(drop));
    assert!(result.is_err());
}

#[test]
fn damaged_wrappings_do_no_harm() {
    let mut random = Xorshift(0x228);
    for _ in 0..20_000 {
        let mut octets = hex("2880 0602 5101 020105 a080 a0020500 0000 0000");
        random.mutate(&mut octets);
        let octets = Bytes::from(octets);
        let cut = random.below(octets.len() + 1);
        let mut unwrapper = Unwrapper::default();
        let mut given = 0;
        for part in [octets.slice(..cut), octets.slice(cut..)] {
            given += unwrapper.push(part).map_or(0, |parts| parts.iter().map(Bytes::len).sum());
        }
        assert!(given <= octets.len());
        let _ = unwrapper.end();
    }
}

fn deadline() -> Instant {
    start_of_time() + Duration::from_secs(1)
}

/// Parts of a message as the window allows them: lengths of RTTR and whether a checkpoint follows.
fn parts(outgoing: &mut Outgoing) -> Vec<(usize, bool)> {
    let next = || {
        let (_, octets) = outgoing.ask()?;
        assert_eq!(outgoing.ask(), None, "one part at a time");
        let (pieces, checkpoint) = outgoing.next_part(vec![Bytes::from(vec![1; octets])]);
        Some((pieces[1..].concat().len(), checkpoint))
    };
    std::iter::from_fn(next).collect()
}

/// T-31: no checkpoint after the last part, never more than the window unconfirmed.
#[test]
fn messages_are_cut_at_checkpoints() {
    let mut outgoing = Outgoing::new(Bytes::from_static(&[0x28; 20]), 3_076, 1, 2, deadline());
    assert!(outgoing.can_be_numbered() && !outgoing.is_last());
    assert_eq!(outgoing.ask(), Some((0, 1_004)), "the header is in the first part");
    assert_eq!(outgoing.next_part(vec![Bytes::from(vec![1; 1_004])]).0[1..].concat().len(), 1_024);
    assert_eq!(outgoing.ask(), Some((1_004, 1_024)));
    outgoing.next_part(vec![Bytes::from(vec![1; 1_024])]);
    assert_eq!(outgoing.ask(), None, "the window is full");
    outgoing.confirm(1);
    assert_eq!(parts(&mut outgoing), [(1_024, true)]);
    outgoing.confirm(3);
    assert!(outgoing.is_last());
    assert_eq!(parts(&mut outgoing), [(24, false)]);
    assert_eq!(parts(&mut outgoing), []);
    // Confirmations of what was never sent change nothing.
    outgoing.confirm(999_999);
    assert_eq!(parts(&mut outgoing), []);
}

/// Without checkpoints nothing is confirmed before the end, and the parts are bounded all the same.
#[test]
fn small_messages_are_one_part_and_without_checkpoints_parts_are_bounded() {
    for (octets, checkpoint_size, expected) in [
        (1, 1, vec![(1, false)]),
        (1_024, 1, vec![(1_024, false)]),
        (61_440, 0, vec![(61_440, false)]),
        (100_000, 0, vec![(61_440, false), (38_560, false)]),
    ] {
        let mut outgoing = Outgoing::new(Bytes::new(), octets, checkpoint_size, 1, deadline());
        assert!(outgoing.can_be_numbered());
        assert_eq!(parts(&mut outgoing), expected);
    }
}

/// What a responder makes of an A-ASSOCIATE indication that carries an RTORQ.
fn asked(rtorq: &str, tokens: session::TokenSetting) -> (Machine, Option<Output>) {
    let context = |id, abstract_syntax| Context { id, abstract_syntax };
    let mut machine = Machine::responder(Config::default());
    let associate = acse::Associate {
        application_context: Some(rasn_x400::acse::MTS_TRANSFER),
        names: Names::default(),
        information: vec![Value { context: 3, octets: hex(rtorq).into() }],
        calling_selector: Bytes::new(),
        called_selector: Bytes::new(),
        contexts: Contexts(vec![context(1, ACSE), context(3, MTA_RTSE)]),
        session: session::Connect { tokens, ..session::Connect::default() },
    };
    let _ = machine.receive_association(acse::Indication::Associate(associate), start_of_time());
    let output = machine.poll();
    (machine, output)
}

/// T-30: an association that goes on is named in octets in normal mode; the answer names it again.
#[test]
fn an_open_may_name_an_association_to_go_on_with() {
    let identifier = "a111 0402 6869 170b 32363130323831313437 5a";
    let (mut machine, output) = asked(&format!("b015 a313 {identifier}"), session::TokenSetting::Initiator);
    let Some(Output::Up(Indication::Open(open))) = output else { panic!("{output:?}") };
    let name = Reference { name: "hi".into(), time: "2610281147Z".into(), additional: String::new() };
    assert_eq!((open.recover, open.user_data.len()), (Some(name), 0));
    machine.request(Request::AcceptRecovery, start_of_time()).unwrap();
    let Some(Output::Acse(acse::Request::AssociateResponse(response))) = machine.poll() else {
        panic!("no response");
    };
    let acse::AssociateResponse::Accept(accept) = response else { panic!("rejected") };
    assert_eq!(accept.information[0].octets, hex(&format!("b118 80013c a213 {identifier}")));
}

/// T-30: what is no RTORQ is refused.
#[test]
fn opens_that_cannot_be_accepted() {
    for (name, rtorq) in
        [("RTOAC", "b108 a206 a004 30020500"), ("nothing known", "0500"), ("no element", "ff")]
    {
        let (_, output) = asked(rtorq, session::TokenSetting::Initiator);
        let Some(Output::Acse(acse::Request::AssociateResponse(response))) = output else {
            panic!("{name}: {output:?}");
        };
        let rtorj = Value { context: 3, octets: hex("b200").into() };
        let reject = acse::AssociateResponse::Reject { permanent: true, information: vec![rtorj] };
        assert_eq!(response, reject, "{name}");
    }
}

/// The example of T-33; and an initiator who gives the first turn away.
#[test]
fn the_first_turn_is_the_initiators_to_give() {
    for (tokens, turn_given) in
        [(session::TokenSetting::Initiator, false), (session::TokenSetting::Responder, true)]
    {
        let (mut machine, output) = asked("b0 11 80010a 810103 820101 a306 a004 b002 0500", tokens);
        let Some(Output::Up(Indication::Open(open))) = output else { panic!("{output:?}") };
        assert_eq!((open.user_data, open.dialogue_mode), (hex("b0020500"), DialogueMode::TwoWayAlternate));
        machine.request(Request::Accept { user_data: hex("b1020500") }, start_of_time()).unwrap();
        let Some(Output::Acse(acse::Request::AssociateResponse(response))) = machine.poll() else {
            panic!("no response");
        };
        let acse::AssociateResponse::Accept(accept) = response else { panic!("rejected") };
        assert_eq!(accept.information[0].octets, hex("b10b 80010a a206 a004 b1020500"));
        let given = machine.poll() == Some(Output::Up(Indication::TurnGiven));
        assert_eq!(given, turn_given);
    }
}
