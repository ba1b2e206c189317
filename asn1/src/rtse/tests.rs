use super::*;
use crate::ber::{decode, encode};

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Each APDU of T-30, with its first octets.
#[test]
fn every_apdu_decodes_and_encodes_to_itself() {
    for (name, hex) in [
        ("RTORQ with a NULL bind, T-33", "b0 12 80010a 820101 a30a a008 b006 a004 80020500"),
        ("RTORQ that recovers", "b0 1b a319 a117 0402 6869 170d 3236313032383131343730335a 8002 3031"),
        ("RTOAC", "b1 09 80010a a204 a002 0500"),
        ("RTORJ, normal mode", "b2 05 a103 020102"),
        ("RTORJ, X.410 mode", "b2 03 800102"),
        ("RTTP", "02 01 00"),
        ("RTTR", "04 03 616263"),
        ("RTAB", "b6 07 800101 81020780"),
        ("RTAB with a value", "b6 07 800106 a202 0500"),
    ] {
        let octets = octets(hex);
        let apdu: Apdu = decode(&octets, 999).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!matches!(apdu, Apdu::Unknown(_)), "{name}");
        assert_eq!(encode(&apdu).unwrap(), octets, "{name}");
        for cut in 0..octets.len() {
            assert!(decode::<Apdu>(&octets[..cut], 999).is_err(), "{name} cut at {cut}");
        }
        assert!(decode::<Apdu>(&[&octets[..], &[0]].concat(), 999).is_err(), "{name} and an octet more");
    }
}

/// The example of T-33 has the default window written out.
#[test]
fn defaults_may_be_written_out() {
    let rtorq = decode(&octets("b0 11 80010a 810103 820101 a306 a004 b002 0500"), 99).unwrap();
    let Apdu::Rtorq(rtorq) = rtorq else { panic!("not an RTORQ") };
    assert_eq!((rtorq.checkpoint_size, rtorq.window_size), (10, 3));
    assert_eq!(rtorq.dialogue_mode, DialogueMode::TWO_WAY_ALTERNATE);
    assert_eq!(rtorq.connection_data, ConnectionData::Open(RawTlv::from_element(octets("b002 0500"))));
}

#[test]
fn unknown_apdus_are_kept() {
    let Ok(Apdu::Unknown(apdu)) = decode(&[0x9f, 0x40, 0], 99) else { panic!("known") };
    assert_eq!(apdu.as_bytes(), [0x9f, 0x40, 0]);
}
