//! Known answers from real traffic, and what is not an SPDU.

use super::*;
use crate::osi::transport::tests::hex;

fn id(octets: &'static [u8]) -> ActivityId {
    ActivityId::new(Bytes::from_static(octets)).unwrap()
}

fn serial(number: u32) -> SerialNumber {
    SerialNumber::new(number).unwrap()
}

fn bytes(text: &str) -> Bytes {
    Bytes::from(hex(text))
}

/// The user data of the captured CN: the presentation CP of a P1 bind.
const CP: &str = "317e a003800101 a277 a433 300f 020101 060452010001 3004 06025101 300f 020103 06045600020c \
    3004 06025101 300f 020105 060456000207 3004 06025101 6140 303e 020101 a039 6037 a106 060456000106 \
    be2d 282b 06025101 020103 a022 b020 80013f 820100 a318 a016 b014 a112 80054d54412d41 a109 040773656372657441";

/// The user data of the captured AC: the presentation CPA.
const CPA: &str = "3172 a003800101 a26b a51b 3007 800100 81025101 3007 800100 81025101 3007 800100 81025101 \
    614c 304a 020101 a045 6143 a106 060456000106 a203020100 a305a103020100 be2d 282b 06025101 020103 \
    a022 b120 800101 810103 a218 a016 b114 a112 80054d54412d42 a109 040773656372657442";

fn captured_connect() -> Spdu {
    Spdu::Connect(Connect {
        reference: ConnectionReference {
            calling: bytes("1402766d"),
            common: bytes("170d3236313132333034303432345a"),
            ..ConnectionReference::default()
        },
        item: ConnectItem { tsdu_maximum: Some((2041, 2041)), versions: Some(3), tokens: Some(0) },
        requirements: Some(Requirements::RELIABLE_TRANSFER),
        user_data: bytes(CP),
        ..Connect::default()
    })
}

fn captured_accept() -> Spdu {
    Spdu::Accept(Accept {
        reference: ConnectionReference {
            called: bytes("1402766d"),
            common: bytes("170d3236313132333034303432345a"),
            ..ConnectionReference::default()
        },
        item: ConnectItem { tsdu_maximum: None, versions: Some(2), tokens: Some(0) },
        requirements: Some(Requirements::RELIABLE_TRANSFER),
        responding_selector: Some(Bytes::new()),
        user_data: bytes(CPA),
    })
}

/// Whole TSDUs: what PP sent (cap), and what X.225 8.3 lays out.
fn answers() -> Vec<(&'static str, String, Option<Leading>, Option<Spdu>)> {
    let give = || Some(Leading::GIVE_NOTHING);
    let please = || Some(Leading::PLEASE_NOTHING);
    let none = Bytes::new;
    vec![
        (
            "CN (cap)",
            format!(
                "0db0 0117 0a04 1402766d 0b0f 170d3236313132333034303432345a \
                 050f 130100 1504 07f907f9 160103 1a0100 14020249 c180 {CP}"
            ),
            None,
            Some(captured_connect()),
        ),
        (
            "AC with a selector of length zero (cap, Q4, Q8)",
            format!(
                "0ea0 0117 0904 1402766d 0b0f 170d3236313132333034303432345a \
                 0509 130100 160102 1a0100 14020249 3400 c174 {CPA}"
            ),
            None,
            Some(captured_accept()),
        ),
        (
            "RF for a wrong password (cap, shortened)",
            "0c25 0117 0a04 1402766d 0b0f 170d3236313132333034313731355a 110101 14020249 3203 02 3151"
                .to_owned(),
            None,
            Some(Spdu::Refuse(Refuse {
                reference: ConnectionReference {
                    calling: bytes("1402766d"),
                    common: bytes("170d3236313132333034313731355a"),
                    ..ConnectionReference::default()
                },
                release_transport: true,
                requirements: Some(Requirements::RELIABLE_TRANSFER),
                versions: None,
                reason: RefuseReason::RejectedByUserWithData,
                user_data: bytes("3151"),
            })),
        ),
        (
            "GT AS (cap)",
            "0100 2d05 2903 020101".to_owned(),
            give(),
            Some(Spdu::ActivityStart { id: id(&[2, 1, 1]), user_data: none() }),
        ),
        (
            "GT DT (cap, shortened)",
            "0100 0100 6180 3080".to_owned(),
            give(),
            Some(Spdu::Data { enclosure: None, user_data: bytes("61803080") }),
        ),
        (
            "GT MIP (cap)",
            "0100 3103 2a01 35".to_owned(),
            give(),
            Some(Spdu::MinorSync { explicit: true, serial: serial(5), user_data: none() }),
        ),
        (
            "PT MIA (cap)",
            "0200 3205 2a03 313130".to_owned(),
            please(),
            Some(Spdu::MinorSyncAck { serial: serial(110), user_data: none() }),
        ),
        (
            "GT AE (cap)",
            "0100 2903 2a01 31".to_owned(),
            give(),
            Some(Spdu::ActivityEnd { serial: serial(1), user_data: none() }),
        ),
        (
            "PT AEA (cap)",
            "0200 2a05 2a03 313135".to_owned(),
            please(),
            Some(Spdu::ActivityEndAck { serial: serial(115), user_data: none() }),
        ),
        (
            "FN with RLRQ (cap)",
            "0913 110101 c10e 610c300a020101a0056203800100".to_owned(),
            None,
            Some(Spdu::Finish { release_transport: true, user_data: bytes("610c300a020101a0056203800100") }),
        ),
        (
            "DN with RLRE (cap)",
            "0a10 c10e 610c300a020101a0056303800100".to_owned(),
            None,
            Some(Spdu::Disconnect { user_data: bytes("610c300a020101a0056303800100") }),
        ),
        (
            "FN without user data (cap, X.410 mode)",
            "0903 110101".to_owned(),
            None,
            Some(Spdu::Finish { release_transport: true, user_data: none() }),
        ),
        (
            "DN without user data (cap, X.410 mode)",
            "0a00".to_owned(),
            None,
            Some(Spdu::Disconnect { user_data: none() }),
        ),
        (
            "AB by the user",
            "1907 110103 c102 abcd".to_owned(),
            None,
            Some(Spdu::Abort(Abort {
                release_transport: true,
                origin: AbortOrigin::User,
                user_data: bytes("abcd"),
            })),
        ),
        (
            "AB by the provider, transport kept",
            "1903 110104".to_owned(),
            None,
            Some(Spdu::Abort(Abort {
                release_transport: false,
                origin: AbortOrigin::ProtocolError,
                user_data: none(),
            })),
        ),
        ("AA", "1a00".to_owned(), None, Some(Spdu::AbortAccept)),
        ("GTC", "1500".to_owned(), None, Some(Spdu::GiveTokensConfirm)),
        ("GTA", "1600".to_owned(), None, Some(Spdu::GiveTokensAck)),
        (
            "PT alone, with a priority",
            "0208 100101 c103 020101".to_owned(),
            Some(Leading::PleaseTokens { tokens: TOKEN_DATA, user_data: bytes("020101") }),
            None,
        ),
        (
            "GT alone, with the turn",
            "0103 100115".to_owned(),
            Some(Leading::GiveTokens { tokens: TOKENS_OF_THE_TURN }),
            None,
        ),
        (
            "DT, first segment",
            "0100 0103 190101 aabb".to_owned(),
            give(),
            Some(Spdu::Data {
                enclosure: Some(Enclosure { begin: true, end: false }),
                user_data: bytes("aabb"),
            }),
        ),
        (
            "MIP without confirmation",
            "0100 3106 0f0101 2a01 31".to_owned(),
            give(),
            Some(Spdu::MinorSync { explicit: false, serial: serial(1), user_data: none() }),
        ),
        (
            "MIA with user data",
            "0200 3206 2a01 31 2e01 aa".to_owned(),
            please(),
            Some(Spdu::MinorSyncAck { serial: serial(1), user_data: bytes("aa") }),
        ),
        (
            "ED",
            "0200 3003 320101".to_owned(),
            please(),
            Some(Spdu::ExceptionData {
                reason: ExceptionReason::ReceivingAbilityJeopardized,
                user_data: none(),
            }),
        ),
        ("ER", "0200 0000".to_owned(), please(), Some(Spdu::ExceptionReport)),
        (
            "AI",
            "0100 1903 320105".to_owned(),
            give(),
            Some(Spdu::ActivityInterrupt { reason: Some(ExceptionReason::LocalUserError) }),
        ),
        ("AIA", "0200 1a00".to_owned(), please(), Some(Spdu::ActivityInterruptAck)),
        ("AD", "0100 3900".to_owned(), give(), Some(Spdu::ActivityDiscard { reason: None })),
        ("ADA", "0200 3a00".to_owned(), please(), Some(Spdu::ActivityDiscardAck)),
        (
            "AR, from another connection",
            "0100 1d17 2110 0a04 1402766d 0b01 aa 2901 01 2a02 3132 2903 020102".to_owned(),
            give(),
            Some(Spdu::ActivityResume(Resume {
                id: id(&[2, 1, 2]),
                old_id: id(&[1]),
                serial: serial(12),
                old_connection: Some(ConnectionReference {
                    calling: bytes("1402766d"),
                    common: bytes("aa"),
                    ..ConnectionReference::default()
                }),
                user_data: none(),
            })),
        ),
    ]
}

// T-10, T-11
// ledger: beyond T-12 T-14
#[test]
fn known_answers() {
    for (name, octets, leading, spdu) in answers() {
        let octets = hex(&octets);
        let tsdu = Tsdu { leading, spdu };
        assert_eq!(decode(&Bytes::from(octets.clone())), Ok(tsdu.clone()), "{name}");
        let mut encoded = tsdu.leading.map(|leading| leading.encode()).unwrap_or_default();
        if let Some(spdu) = tsdu.spdu {
            encoded.extend(spdu.encode());
            if let Spdu::Data { user_data, .. } = spdu {
                encoded.extend(user_data);
            }
        }
        assert_eq!(encoded, octets, "{name}");
    }
}

#[test]
fn truncation_at_every_length() {
    for (name, octets, leading, spdu) in answers() {
        let octets = hex(&octets);
        let data = matches!(spdu, Some(Spdu::Data { .. }));
        for length in 0..octets.len() {
            let result = decode(&Bytes::copy_from_slice(&octets[..length]));
            // What is left of a concatenation may be a GT, a PT, or a shorter DT.
            let whole =
                (leading.is_some() && spdu.is_some() && length == 2) || (data && length >= octets.len() - 4);
            assert!(result.is_err() || whole, "{name} cut to {length}: {result:?}");
        }
    }
}

#[test]
fn trailing_octet() {
    for (name, octets, _, spdu) in answers() {
        let mut octets = hex(&octets);
        octets.push(0);
        let longer_data = matches!(spdu, Some(Spdu::Data { .. }));
        let result = decode(&Bytes::from(octets));
        assert!(result.is_err() || longer_data, "{name}: {result:?}");
    }
}

#[test]
fn faults_name_the_octet() {
    let cases = [
        ("empty", "", "octet 0: unit is truncated"),
        ("expedited data", "0500", "octet 0: spdu code 0x05 may not start a tsdu"),
        ("data without GT", "3103 2a0131", "octet 0: spdu code 0x31 may not start a tsdu"),
        ("connect after GT", "0100 0d00", "octet 2: spdu code 0x0d may not follow GT or PT"),
        (
            "major synchronization",
            "0100 2906 0f0101 2a0131",
            "octet 2: spdu code 0x29 may not follow GT or PT",
        ),
        ("two SPDUs after GT", "0100 3103 2a0131 3103 2a0132", "octet 7: unexpected octets after the spdu"),
        ("two SPDUs of category 1", "1500 1500", "octet 2: unexpected octets after the spdu"),
        ("parameter too long for its group", "0d05 0103 0a02aa", "octet 4: unit is truncated"),
        ("parameter too long for its SPDU", "0d03 1402 02", "octet 2: unit is truncated"),
        ("long length", "0dff 00", "octet 0: unit is truncated"),
        ("serial number with a letter", "0100 3104 2a02 3161", "octet 6: parameter 42 has an invalid value"),
        ("serial number with a sign", "0100 3104 2a02 2b31", "octet 6: parameter 42 has an invalid value"),
        (
            "serial number of seven digits",
            "0100 3109 2a07 31313131313131",
            "octet 6: parameter 42 is longer than 6 octets",
        ),
        ("empty serial number", "0100 3102 2a00", "octet 6: parameter 42 has an invalid value"),
        ("no serial number", "0100 3100", "octet 2: parameter 42 is missing"),
        ("no activity identifier", "0100 2d00", "octet 2: parameter 41 is missing"),
        (
            "activity identifier of seven octets",
            "0100 2d09 2907 01020304050607",
            "octet 6: parameter 41 has an invalid value",
        ),
        ("resume without linking information", "0100 1d03 2901 01", "octet 2: parameter 33 is missing"),
        ("one octet of requirements", "0d03 1401 02", "octet 4: parameter 20 has an invalid value"),
        (
            "selector of 17 octets",
            "0d13 3311 0102030405060708090a0b0c0d0e0f1011",
            "octet 4: parameter 51 is longer than 16 octets",
        ),
        ("segmented MIP", "0100 3106 190101 2a0131", "octet 2: spdu is segmented, expected it whole"),
    ];
    for (name, octets, message) in cases {
        let fault = decode(&bytes(octets)).expect_err(name);
        assert_eq!(fault.to_string(), message, "{name}");
    }
}

#[test]
fn unknown_parameters_are_skipped() {
    let connect = decode(&bytes("0d0e 7702aaaa 0103 7701aa 0503 160101 bb00")).unwrap_err();
    assert_eq!(connect.problem, Problem::TrailingOctets);
    let connect = decode(&bytes("0d10 7702aaaa 0103 7701aa 0503 160101 bb00")).unwrap();
    let Some(Spdu::Connect(connect)) = connect.spdu else { panic!() };
    assert_eq!(connect.item.versions, Some(VERSION_1));
}

#[test]
fn lengths_around_the_short_form() {
    for octets in [253, 254, 255, 256, 512, 513, 10_240] {
        let spdu = Spdu::Connect(Connect { user_data: Bytes::from(vec![7; octets]), ..Connect::default() });
        let encoded = spdu.encode();
        assert_eq!(decode(&Bytes::from(encoded.clone())).unwrap().spdu, Some(spdu), "{octets}");
        let code = encoded[encoded.len() - octets - if octets < 255 { 2 } else { 4 }];
        assert_eq!(code, if octets > 512 { 194 } else { 193 }, "{octets}");
    }
}

// ledger: beyond T-14
#[test]
fn reason_codes_are_pairs() {
    for code in 0..=u8::MAX {
        assert_eq!(ExceptionReason::from_code(code).code(), code);
        assert_eq!(RefuseReason::from_code(code).code(), code);
    }
}
