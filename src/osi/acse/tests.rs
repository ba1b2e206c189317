use bytes::Bytes;
use rasn_x400::acse::{MTS_TRANSFER, UserDiagnostic};
use rasn_x400::presentation::abstract_syntax::{ACSE, MTA_RTSE};

use super::table::{Action, Event, State, cell};
use super::*;
use crate::osi::grid::{grid, way};
use crate::osi::presentation::{self, Context, Contexts, Value};
use crate::osi::session;
use crate::osi::stack::Names;
use crate::osi::transport::tests::hex;

#[test]
fn the_state_table() {
    use Event::*;
    let states = [
        State::Idle,
        State::AwaitAare,
        State::AwaitResponse,
        State::AwaitRlre,
        State::AwaitReleaseResponse,
        State::Associated,
    ];
    let events = [
        AASCreq,
        AASCrspAccept,
        AASCrspReject,
        ARLSreq,
        ARLSrsp,
        AABRreq,
        AARQ,
        AARQrefused,
        AAREaccept,
        AAREreject,
        PCONrefused,
        RLRQ,
        RLRE,
        ABRT,
        PPABind,
        Invalid,
    ];
    let none: [Action; 0] = [];
    let text = grid(&states, &events, |state, event| match cell(state, event) {
        Some((actions, next)) => vec![way(&none, actions, &state, &next)],
        None if event.name().ends_with("request") || event.name().ends_with("response") => {
            vec!["misuse".into()]
        }
        None => vec!["protocol error".into()],
    });
    insta::assert_snapshot!(text);
}

fn contexts() -> Contexts {
    let context = |id, abstract_syntax| Context { id, abstract_syntax };
    Contexts(vec![context(7, ACSE), context(9, MTA_RTSE)])
}

fn machine() -> Machine {
    Machine::new(Config { application_context: MTS_TRANSFER, maximum_apdu: 10_000 })
}

fn value(context: i64, octets: &str) -> Value {
    Value { context, octets: hex(octets).into() }
}

fn connect(values: Vec<Value>) -> presentation::Indication {
    presentation::Indication::Connect(presentation::Connect {
        contexts: contexts(),
        values,
        ..presentation::Connect::default()
    })
}

/// An AARQ that cannot be taken, and the AARE it gets in the context that the peer chose for ACSE.
#[test]
fn requests_that_are_rejected() {
    let context = "a106 0604 56000106";
    let rejected = |diagnostic: &str| format!("6114 {context} a203 020101 a305 {diagnostic}");
    for (name, values, aare) in [
        ("another application context", vec![value(7, "6008 a106 0604 56000107")], rejected("a103 020102")),
        ("another version", vec![value(7, "600c 80020640 a106 0604 56000106")], rejected("a203 020102")),
        ("no APDU", vec![value(7, "0500")], rejected("a203 020101")),
        ("another APDU", vec![value(7, "6203 800100")], rejected("a203 020101")),
        ("an APDU in another context", vec![value(9, "6008 a106 0604 56000106")], rejected("a203 020101")),
        ("nothing", vec![], rejected("a203 020101")),
    ] {
        let mut machine = machine();
        machine.receive(connect(values)).unwrap_err();
        let response = presentation::ConnectResponse::Refuse { values: vec![value(7, &aare)] };
        let down = Output::Down(presentation::Request::ConnectResponse(response));
        assert_eq!(machine.poll(), Some(down), "{name}");
        assert_eq!(machine.poll(), None, "{name}: the user does not hear of it");
    }
}

fn associated() -> Machine {
    let mut machine = machine();
    machine.receive(connect(vec![value(7, "6008 a106 0604 56000106")])).unwrap();
    assert!(matches!(machine.poll(), Some(Output::Up(Indication::Associate(_)))));
    machine.request(Request::AssociateResponse(AssociateResponse::Accept(Accept::default()))).unwrap();
    assert!(machine.poll().is_some());
    machine
}

/// Some peers leave RLRQ out; anything else in its place is a fault.
#[test]
fn a_release_needs_no_apdu() {
    for (values, accepted) in [
        (vec![], true),
        (vec![value(7, "6200")], true),
        (vec![value(7, "6203 800101")], true),
        (vec![value(7, "6300")], false),
        (vec![value(7, "0500")], false),
    ] {
        let mut machine = associated();
        let result = machine.receive(presentation::Indication::Release { values: values.clone() });
        assert_eq!(result.is_ok(), accepted, "{values:?}");
        if accepted {
            assert_eq!(machine.poll(), Some(Output::Up(Indication::Release)));
            machine.request(Request::ReleaseResponse).unwrap();
            let rlre = vec![value(7, "6303 800100")];
            let response = presentation::Request::ReleaseResponse { values: rlre };
            assert_eq!(machine.poll(), Some(Output::Down(response)));
        } else {
            assert!(matches!(machine.poll(), Some(Output::Up(Indication::BrokenByPeer { .. }))));
            let abrt = vec![value(7, "6403 800101")];
            assert_eq!(machine.poll(), Some(Output::Down(presentation::Request::UAbort { values: abrt })));
        }
    }
}

#[test]
fn the_initiators_side() {
    let mut machine = machine();
    let title = rasn_x400::prim::RawTlv::from_element(hex("0602 5101"));
    let associate = Associate {
        application_context: Some(MTS_TRANSFER),
        names: Names { called_ap_title: Some(title), ..Names::default() },
        information: vec![value(9, "0500")],
        calling_selector: Bytes::new(),
        called_selector: Bytes::new(),
        contexts: contexts(),
        session: session::Connect::default(),
    };
    machine.request(Request::Associate(associate)).unwrap();
    let Some(Output::Down(presentation::Request::Connect(connect))) = machine.poll() else { panic!() };
    let external = "be0d 280b 0602 5101 020109 a002 0500";
    assert_eq!(connect.values, [value(7, &format!("601d a106 0604 56000106 a204 0602 5101 {external}"))]);

    let values =
        vec![value(7, "611b a106 0604 56000106 a203 020102 a305 a103 02010d be05 2803 a001").clone()];
    let refused = presentation::Indication::Refused(presentation::Refusal::User { values });
    machine.receive(refused).unwrap();
    let Some(Output::Up(Indication::Refused(refusal))) = machine.poll() else { panic!("not told") };
    assert_eq!(refusal, Refusal::Unexplained, "an AARE that cannot be read is a refusal all the same");
    assert_eq!(UserDiagnostic::AUTHENTICATION_FAILURE.0, 13);
}
