use super::*;
use crate::ber::{decode, encode};

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Each APDU of T-22, least and fullest. `a106 0604 56000106` is the application context everywhere.
#[test]
fn every_apdu_decodes_and_encodes_to_itself() {
    for (name, hex) in [
        ("AARQ", "60 08 a106 0604 56000106"),
        (
            "AARQ, every member",
            "60 5b 8002 0780 a106 0604 56000106 a204 0602 5101 a303 020105 a403 020101 a503 020102
             a604 0602 5102 a703 020106 a803 020103 a903 020104 8a02 0780 8b02 5103 ac04 8002 7077
             ad06 0604 56000106 9d01 78 be09 2807 020103 a002 0500",
        ),
        ("AARE", "61 14 a106 0604 56000106 a203 020100 a305 a103 020100"),
        ("AARE, provider", "61 14 a106 0604 56000106 a203 020101 a305 a203 020102"),
        (
            "AARE, every member",
            "61 54 8002 0780 a106 0604 56000106 a203 020100 a305 a103 020100 a404 0602 5101 a503 020105
             a603 020101 a703 020102 8802 0780 8902 5103 aa04 8002 7077 ab06 0604 56000106 9d01 78
             be09 2807 020103 a002 0500",
        ),
        ("RLRQ", "62 03 800100"),
        ("RLRQ, least", "62 00"),
        ("RLRE", "63 03 800100"),
        ("ABRT by the user", "64 03 800100"),
        ("ABRT, every member", "64 11 800101 810102 be09 2807 020103 a002 0500"),
    ] {
        let mut octets = octets(hex);
        octets[1] = u8::try_from(octets.len() - 2).unwrap();
        let apdu: Apdu = decode(&octets, 999).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!matches!(apdu, Apdu::Unknown(_)), "{name}");
        assert_eq!(encode(&apdu).unwrap(), octets, "{name}");
        for cut in 0..octets.len() {
            assert!(decode::<Apdu>(&octets[..cut], 999).is_err(), "{name} cut at {cut}");
        }
        assert!(decode::<Apdu>(&[&octets[..], &[0]].concat(), 999).is_err(), "{name} and an octet more");
    }
}

#[test]
fn members_are_where_the_standard_has_them() {
    let aarq = "60 1c a106 0604 56000106 a203 020101 a303 020105 a603 020102 a703 020106";
    let mut octets = octets(aarq);
    octets[1] = u8::try_from(octets.len() - 2).unwrap();
    let Ok(Apdu::Aarq(aarq)) = decode(&octets, 99) else { panic!("not an AARQ") };
    assert_eq!(aarq.application_context.to_string(), "2.6.0.1.6");
    assert_eq!(aarq.called_ap_title, Some(RawTlv::from_element(vec![2, 1, 1])));
    assert_eq!(aarq.calling_ap_title, Some(RawTlv::from_element(vec![2, 1, 2])));
    assert_eq!(aarq.called_ae_qualifier, Some(RawTlv::from_element(vec![2, 1, 5])));
    assert_eq!(aarq.calling_ae_qualifier, Some(RawTlv::from_element(vec![2, 1, 6])));
}
