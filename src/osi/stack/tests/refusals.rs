//! How each layer refuses, and what either side is told: one table.

use super::pair::{ARGUMENT, Pair, Side};
use super::*;
use crate::osi::transport::tests::hex;

/// What the initiator hears when the responder's side is set up, or answers, in a certain way.
fn refusal(initiator: Config, responder: Config, answer: Option<Request>) -> Refusal {
    let mut pair = Pair::new(initiator, responder);
    pair.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    if let Some(request) = answer {
        pair.ask(Side::Responder, request);
    }
    let heard = pair.heard(Side::Initiator);
    let [Indication::Refused(refusal), Indication::Disconnected] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(pair.heard(Side::Responder).last(), Some(&Indication::Disconnected));
    assert!(pair.initiator.is_over() && pair.responder.is_over());
    assert!(pair.initiator.deadline().is_none() && pair.responder.deadline().is_none());
    refusal.clone()
}

#[test]
fn each_layer_says_who_refused_and_what_to_do() {
    let other = |transport: &'static str, presentation: &'static str| Config {
        called: Selectors {
            transport: transport.into(),
            session: bytes::Bytes::new(),
            presentation: presentation.into(),
        },
        ..Config::default()
    };
    let refuse = |permanent| {
        Some(Request::Refuse {
            user_data: vec![2, 1, 2],
            permanent,
            reason: RefuseReason::VALIDATION_FAILURE,
        })
    };
    for (responder, answer, text, permanent, advice) in [
        (
            other("p1", ""),
            None,
            "refused by transport: the transport selector is unknown (code 3)",
            true,
            "TSEL",
        ),
        (
            other("", "p1"),
            None,
            "refused by presentation: called-presentation-address-unknown (code 3)",
            true,
            "PSEL",
        ),
        (
            Config::default(),
            refuse(true),
            "refused by application: the peer's MTA refused the bind (code 1)",
            true,
            "passwords",
        ),
        (
            Config::default(),
            refuse(false),
            "refused by application: the peer's MTA refused the bind (code 2)",
            false,
            "passwords",
        ),
        (
            Config::default(),
            Some(Request::Abort { user_data: vec![] }),
            "refused by application: the peer's MTA aborted",
            false,
            "log",
        ),
    ] {
        let refusal = refusal(Config::default(), responder, answer);
        assert_eq!((refusal.to_string().as_str(), refusal.permanent), (text, permanent));
        assert!(refusal.advice.contains(advice), "{}", refusal.advice);
    }
}

#[test]
fn the_bind_error_arrives_as_it_was_given() {
    let request = Request::Refuse {
        user_data: hex("b2 03 020102"),
        permanent: true,
        reason: RefuseReason::VALIDATION_FAILURE,
    };
    let refusal = refusal(Config::default(), Config::default(), Some(request));
    assert_eq!(refusal.user_data, hex("b2 03 020102"));
}

/// Octets in the place of the responder's answer to CN, after a CC. The initiator has sent the contexts 1, 3, 5.
#[test]
fn answers_of_other_systems_are_explained() {
    let refuse = |user_data: &[u8]| {
        // RF with transport disconnect, reason 2 and data.
        let data = [&[2][..], user_data].concat();
        let reason = [&[0x32, u8::try_from(data.len()).unwrap()][..], &data].concat();
        [&[0x0c, u8::try_from(reason.len() + 3).unwrap(), 0x11, 1, 1][..], &reason].concat()
    };
    let results = "a51b 3007 800100 81025101 3007 800100 81025101 3007 800100 81025101";
    let aare = |result: &str, diagnostic: &str| {
        let aare = format!("6114 a106 0604 56000106 a203 0201{result} a305 {diagnostic}");
        let ppdu = hex(&format!("30 3c {results} 611d 301b 020101 a016 {aare}"));
        refuse(&ppdu)
    };
    for (name, spdu, text, advice) in [
        (
            "the application context is not known there",
            aare("01", "a103 020102"),
            "refused by association control: application-context-name-not-supported (code 2)",
            "1984",
        ),
        (
            "a calling AP title is wanted",
            aare("01", "a103 020103"),
            "refused by association control: calling-AP-title-not-recognized (code 3)",
            "AP title",
        ),
        (
            "no common version",
            aare("02", "a203 020102"),
            "refused by association control: no-common-acse-version (code 2)",
            "standard",
        ),
        (
            "presentation is busy",
            refuse(&hex("30 03 8a0101")),
            "refused by presentation: temporary-congestion (code 1)",
            "later",
        ),
        (
            "X.410 mode refusal",
            refuse(&hex("31 03 800102")),
            "refused by presentation: the peer answered in another mode",
            "x410-1984",
        ),
        (
            "garbage",
            refuse(&hex("ffff")),
            "refused by presentation: the peer refused and did not say why",
            "log",
        ),
        (
            "unknown session selector",
            hex("0c 06 110101 320181"),
            "refused by session: the session selector is unknown (code 129)",
            "SSEL",
        ),
        (
            "no reason at all",
            hex("0c 00"),
            "refused by session: the session user gave no reason (code 0)",
            "log",
        ),
        (
            "an abort without data",
            hex("19 03 110103"),
            "refused by session: the peer's session user aborted without a reason",
            "log",
        ),
    ] {
        let mut pair = Pair::new(Config::default(), Config::default());
        pair.mute(Side::Initiator);
        pair.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
        pair.inject(Side::Initiator, &hex("0300000e 09 d0 0001 0002 00 c0010d"));
        pair.inject(Side::Initiator, &packet(&spdu));
        let heard = pair.heard(Side::Initiator);
        let Some(Indication::Refused(refusal)) = heard.first() else { panic!("{name}: {heard:?}") };
        assert_eq!(refusal.to_string(), text, "{name}");
        assert!(refusal.advice.contains(advice), "{name}: {}", refusal.advice);
    }
}

/// Servers of other protocols, which talk first or answer our request in their own way.
#[test]
fn what_is_not_rfc_1006_is_told_as_such() {
    for (octets, text) in [
        (&b"HTTP/1.1 400 Bad Request\r\n"[..], "octet 0: tpkt version is 72, expected 3"),
        (b"220 mail.example ESMTP\r\n", "octet 0: tpkt version is 50, expected 3"),
        (b"\x03\0\0\0", "octet 2: tpkt length is 0, expected 7 to 65535"),
    ] {
        let mut pair = Pair::new(Config::default(), Config::default());
        pair.mute(Side::Initiator);
        pair.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
        pair.inject(Side::Initiator, octets);
        let heard = pair.heard(Side::Initiator);
        let [Indication::Refused(refusal), Indication::Disconnected] = &heard[..] else {
            panic!("{heard:?}")
        };
        assert!(refusal.to_string().ends_with(text), "{refusal}");
        assert!(refusal.advice.contains("does not speak RFC 1006"), "{}", refusal.advice);
        assert!(refusal.permanent);
    }
}

/// Q5: a disconnect request with a sentence in it.
#[test]
fn the_words_in_a_disconnect_request_are_passed_on() {
    let mut pair = Pair::new(Config::default(), Config::default());
    pair.mute(Side::Initiator);
    pair.ask(Side::Initiator, Request::Open { user_data: ARGUMENT.to_vec() });
    pair.inject(Side::Initiator, b"\x03\x00\x00\x18\x06\x80\x00\x01\x00\x00\x80unknown TSAP\0");
    let heard = pair.heard(Side::Initiator);
    let Some(Indication::Refused(refusal)) = heard.first() else { panic!("{heard:?}") };
    assert_eq!(refusal.to_string(), "refused by transport: no reason: unknown TSAP (code 128)");
}

/// A TPDU of data around an SPDU.
pub(super) fn packet(spdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(spdu.len() + 7).unwrap().to_be_bytes();
    [&[3, 0, length[0], length[1], 2, 0xf0, 0x80][..], spdu].concat()
}
