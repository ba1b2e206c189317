use bytes::Bytes;
use rasn_x400::presentation::abstract_syntax::{ACSE, MTA_RTSE, MTSE};

use super::data::{integer, integer_value, octet_string, unwrap, wrap};
use super::table::{Action, Event, State, cell};
use super::*;
use crate::osi::grid::{grid, way};
use crate::osi::session;
use crate::osi::transport::tests::{Xorshift, hex};

#[test]
fn the_state_table() {
    use Event::*;
    let states = [State::Idle, State::AwaitAccept, State::AwaitResponse, State::Connected];
    let events = [
        PCONreq,
        PCONrspAccept,
        PCONrspRefuse,
        PDTreq,
        PTPreq,
        PRELreq,
        PRELrsp,
        PUABreq,
        Passreq,
        CP,
        CPrefused,
        CPA,
        CPR,
        SCONrefused,
        TD,
        SPTind,
        SRELind,
        SRELcnf,
        ARU,
        ARP,
        SPABind,
        Passind,
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

/// Values as peers wrap them, in hexadecimal: context and element.
#[test]
fn user_data_is_read_in_every_form() {
    for (name, octets, values) in [
        ("definite", "61 0a 3008 020103 a003 0401aa", vec![(3, "0401aa")]),
        ("indefinite", "6180 3080 020103 a080 0401aa 0000 0000 0000", vec![(3, "0401aa")]),
        ("with a transfer syntax", "61 0e 300c 0602 5101 020103 a003 0401aa", vec![(3, "0401aa")]),
        ("octet-aligned", "61 0a 3008 020103 8103 0401aa", vec![(3, "0401aa")]),
        ("two in one", "61 0d 300b 020103 8106 0401aa 0401bb", vec![(3, "0401aa"), (3, "0401bb")]),
        (
            "two lists",
            "61 14 3008 020103 a003 0401aa 3008 020105 a003 0401bb",
            vec![(3, "0401aa"), (5, "0401bb")],
        ),
        ("long lengths", "61 8300000e 30 82000a 020103 a0 820003 0401aa", vec![(3, "0401aa")]),
        ("a large identifier", "61 0b 3009 02020100 a003 0401aa", vec![(256, "0401aa")]),
        ("none", "61 00", vec![]),
    ] {
        let octets = Bytes::from(hex(octets));
        let expected: Vec<_> = values
            .iter()
            .map(|(context, octets)| Value { context: *context, octets: hex(octets).into() })
            .collect();
        assert_eq!(unwrap(&octets), Ok(expected), "{name}");
        for cut in 0..octets.len() {
            assert!(unwrap(&octets.slice(..cut)).is_err(), "{name} cut at {cut}");
        }
        let longer = Bytes::from([&octets[..], &[0]].concat());
        assert_eq!(unwrap(&longer).unwrap_err().problem, "octets after the end", "{name}");
    }
}

#[test]
fn what_is_not_user_data_is_refused_with_its_place() {
    for (octets, offset, problem) in [
        ("", 0, "element is cut off"),
        ("62 00", 0, "fully encoded user data expected"),
        ("40 00", 0, "fully encoded user data expected"),
        ("61 02 3100", 2, "PDV-list expected"),
        ("61 0a 3008 030103 a003 0401aa", 6, "presentation context identifier expected"),
        ("61 0a 3008 020103 a203 0401aa", 9, "a single value or octet-aligned values expected"),
        ("61 07 3005 020103 a000", 9, "element is cut off"),
        ("61 0c 300a 020103 a005 0401aa 0500", 12, "octets after the end"),
        ("61 0c 300a 020103 a003 0401aa 0500", 12, "octets after the end"),
        ("61 ff", 0, "length octets are not valid"),
        ("61 88ffffffffffffffff", 0, "tag number or length is too large"),
    ] {
        let error = unwrap(&hex(octets).into()).unwrap_err();
        assert_eq!((error.offset, error.problem), (offset, problem), "{octets}");
    }
    let many = [&hex("61 82 0909")[..], &hex("3007 020103 a002 0500").repeat(257)].concat();
    assert!(unwrap(&many.into()).unwrap_err().problem.contains("too many"));
}

#[test]
fn what_is_wrapped_is_unwrapped() {
    for length in [0_usize, 1, 120, 121, 122, 123, 124, 200, 250, 70_000] {
        let element =
            [&hex("0483")[..], &u32::try_from(length).unwrap().to_be_bytes()[1..], &vec![7; length]];
        let element = Bytes::from(element.concat());
        let pieces = wrap(3, vec![element.slice(..2), element.slice(2..)]);
        assert_eq!(pieces[2].as_ptr(), element[2..].as_ptr(), "not copied");
        let values = unwrap(&pieces.concat().into()).unwrap();
        assert_eq!(values, [Value { context: 3, octets: element }]);
    }
    assert_eq!(wrap(1, vec![Bytes::from_static(&[5, 0])]).concat(), hex("61 09 3007 020101 a002 0500"));
}

#[test]
fn integers() {
    for (number, octets) in [
        (0, "020100"),
        (1, "020101"),
        (127, "02017f"),
        (128, "02020080"),
        (-1, "0201ff"),
        (-128, "020180"),
        (-129, "0202ff7f"),
        (i64::MAX, "02087fffffffffffffff"),
        (i64::MIN, "02088000000000000000"),
    ] {
        assert_eq!(integer(number), hex(octets));
        assert_eq!(integer_value(&hex(octets)[2..]), Some(number));
    }
    assert_eq!((integer_value(&[]), integer_value(&[1; 9])), (None, None));
}

#[test]
fn octet_strings_come_in_segments() {
    for (octets, parts) in [
        ("0403 616263", Some(vec!["616263"])),
        ("2407 040161 04026263", Some(vec!["61", "6263"])),
        ("2480 040161 2480 040162 0000 0000", Some(vec!["61", "62"])),
        ("0503 616263", None),
        ("2403 050100", None),
        ("2406 2404 2402 2400", Some(vec![])),
        ("2408 2406 2404 2402 2400", None),
        ("0403 6162", None),
    ] {
        let parts = parts.map(|parts| parts.into_iter().map(|it| Bytes::from(hex(it))).collect::<Vec<_>>());
        assert_eq!(octet_string(&hex(octets).into()).ok(), parts, "{octets}");
    }
}

fn machine(selector: &'static str) -> Machine {
    let abstract_syntaxes = vec![ACSE, MTA_RTSE, MTSE];
    Machine::new(Config {
        selector: selector.into(),
        normal: true,
        x410: false,
        abstract_syntaxes,
        maximum_user_data: 10_000,
    })
}

/// A CP in normal mode with the given members after the mode.
fn connect(normal: &str) -> session::Indication {
    let normal = hex(normal);
    let length = |of: usize| u8::try_from(of).unwrap();
    let user_data = [
        &[0x31, 0x81, length(normal.len() + 8)][..],
        &hex("a003800101"),
        &[0xa2, 0x81, length(normal.len())],
        &normal,
    ];
    let user_data = user_data.concat().into();
    session::Indication::Connect(session::Connect { user_data, ..session::Connect::default() })
}

/// What a responder refuses, and the CPR it sends for it.
#[test]
fn connects_that_are_refused() {
    let raw = |octets: &str| {
        let user_data = hex(octets).into();
        session::Indication::Connect(session::Connect { user_data, ..session::Connect::default() })
    };
    for (name, indication, cpr) in [
        ("no octets", raw(""), "3003 8a0106"),
        ("no PPDU", raw("0500"), "3003 8a0106"),
        ("no mode", raw("3102 a200"), "3003 8a0106"),
        ("no parameters", raw("3105 a003800101"), "3003 8a0100"),
        ("X.410 mode", raw("310f a003800100 a108 a306 a004 a002 0500"), "3103 800103"),
        ("another P-selector", connect("820178"), "3003 8a0103"),
        ("another version", connect("80020640"), "3003 8a0104"),
        (
            "one identifier twice",
            connect(
                "8203 616263 a41e 300d 020101 0604 52010001 3002 0600 300d 020101 0604 52010001 3002 0600",
            ),
            "3003 8a0100",
        ),
        (
            "a value in a context that is not defined",
            connect("8203 616263 a411 300f 020101 0604 52010001 3004 06025101 6109 3007 020103 a002 0500"),
            "300e a509 3007 800100 81025101 8a0106",
        ),
    ] {
        let mut machine = machine("abc");
        machine.receive(indication).unwrap_err();
        let Some(Output::Down(session::Request::ConnectResponse(response))) = machine.poll() else {
            panic!("{name}: no response");
        };
        let session::ConnectResponse::Refuse { user_data, .. } = response else { panic!("{name}: accepted") };
        assert_eq!(user_data, hex(cpr), "{name}");
        assert_eq!(machine.poll(), None, "{name}: the user does not hear of it");
    }
}

/// T-20, T-21: each proposed context gets its own answer, in the order of the proposals.
#[test]
fn contexts_are_answered_one_by_one() {
    let mut machine = machine("");
    let contexts = "
        300f 020107 0604 52010001 3004 06025101
        300f 020109 0604 56000207 3004 06022a03
        3013 02010b 0604 5600020c 3008 06022a03 06025101
        300d 02010d 0602 2a03 3004 06025101
        300f 02010f 0604 56000207 3004 06025101";
    machine.receive(connect(&format!("a457 {contexts} 6109 3007 02010b a002 0500"))).unwrap();
    let Some(Output::Up(Indication::Connect(connect))) = machine.poll() else { panic!("no indication") };
    let context = |id, abstract_syntax| Context { id, abstract_syntax };
    assert_eq!(connect.contexts.0, [context(7, ACSE), context(11, MTA_RTSE), context(15, MTSE)]);
    assert_eq!(connect.values, [Value { context: 11, octets: hex("0500").into() }]);

    machine.request(Request::ConnectResponse(ConnectResponse::Accept(Accept::default()))).unwrap();
    let Some(Output::Down(session::Request::ConnectResponse(session::ConnectResponse::Accept(accept)))) =
        machine.poll()
    else {
        panic!("no accept");
    };
    let (accepted, syntax, abstract_) = ("3007 800100 81025101", "3006 800102 820102", "3006 800102 820101");
    let results = format!("{accepted} {syntax} {accepted} {abstract_} {accepted}");
    assert_eq!(accept.user_data, hex(&format!("3134 a003800101 a22d a52b {results}")));

    // Only in a context that was agreed on may values come.
    let data =
        |context| session::Indication::Data(hex(&format!("6109 3007 02010{context} a002 0500")).into());
    machine.receive(data("f")).unwrap();
    assert!(matches!(machine.poll(), Some(Output::Up(Indication::Data(Value { context: 15, .. })))));
    machine.receive(data("9")).unwrap_err();
    assert!(matches!(machine.poll(), Some(Output::Up(Indication::BrokenByPeer { .. }))));
    let arp = hex("3003 800101").into();
    assert_eq!(machine.poll(), Some(Output::Down(session::Request::UAbort { user_data: arp })));
}

fn proposing() -> Machine {
    let mut machine = machine("");
    let contexts = Contexts(vec![Context { id: 1, abstract_syntax: ACSE }]);
    machine.request(Request::Connect(Connect { contexts, ..Connect::default() })).unwrap();
    let Some(Output::Down(session::Request::Connect(connect))) = machine.poll() else { panic!("no connect") };
    assert_eq!(connect.user_data, hex("311a a003800101 a213 a411 300f 020101 0604 52010001 3004 06025101"));
    machine
}

#[test]
fn answers_that_do_not_answer() {
    let accept = |octets: &str| {
        let user_data = hex(octets).into();
        let accept = session::Accept { user_data, ..session::Accept::default() };
        session::Indication::ConnectConfirm(session::ConnectResponse::Accept(accept))
    };
    for (name, octets) in [
        ("nothing", ""),
        ("X.410 mode", "3105 a003800100"),
        ("no results", "3107 a003800101 a200"),
        ("two results", "311b a003800101 a214 a512 3007 800100 81025101 3007 800100 81025101"),
        (
            "a value in a rejected context",
            "311b a003800101 a214 a507 3005 800102 820101 6109 3007 020101 a002 0500",
        ),
    ] {
        let mut machine = proposing();
        assert!(machine.receive(accept(octets)).is_err(), "{name}");
        assert!(matches!(machine.poll(), Some(Output::Up(Indication::BrokenByPeer { .. }))), "{name}");
        assert!(matches!(machine.poll(), Some(Output::Down(session::Request::UAbort { .. }))), "{name}");
    }
    let mut machine = proposing();
    machine.receive(accept("3112 a003800101 a20b a509 3007 800100 81025101")).unwrap();
    assert!(machine.contexts().contains(1));
}

#[test]
fn session_requests_with_user_data_do_not_pass() {
    let mut machine = machine("");
    for request in [
        session::Request::UAbort { user_data: Bytes::new() },
        session::Request::Data(vec![]),
        session::Request::TokenGive,
    ] {
        assert!(machine.request(Request::Pass(request)).is_err());
    }
    assert_eq!(machine.poll(), None);
}

#[test]
fn damaged_user_data_does_no_harm() {
    let mut random = Xorshift(0x226);
    let sample = hex("6114 3008 020103 a003 0401aa 3008 020105 a003 2480 0401bb 0000");
    for _ in 0..20_000 {
        let mut octets = sample.clone();
        random.mutate(&mut octets);
        let octets = Bytes::from(octets);
        for value in unwrap(&octets).unwrap_or_default() {
            assert!(value.octets.len() <= octets.len());
            let _ = octet_string(&value.octets);
        }
    }
}
