use super::*;
use crate::acse::{self, AssociateResult, SourceDiagnostic, UserDiagnostic};
use crate::ber::{Error, decode, encode};
use crate::rtse::{self, ConnectionData, DialogueMode};

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(|octet| !octet.is_ascii_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A value as another MTA sent it; refused when cut or followed by something, and something else
/// under another tag.
fn value<T: rasn::Decode + PartialEq + std::fmt::Debug>(hex: &str) -> T {
    let octets = octets(hex);
    for cut in 0..octets.len() {
        assert!(decode::<T>(&octets[..cut], 9999).is_err(), "cut at {cut}");
    }
    let longer = [&octets[..], &[0]].concat();
    assert_eq!(decode::<T>(&longer, 9999).err(), Some(Error::Trailing(1)));
    let other = [&[0x7e], &octets[1..]].concat();
    let value = decode(&octets, 9999).unwrap();
    assert_ne!(decode(&other, 9999).as_ref(), Ok(&value), "wrong tag");
    value
}

/// The one value in user data, which must be in the given context.
fn only_value<T: rasn::Decode>(user_data: Option<UserData>, context: i64) -> T {
    let Some(UserData::Full(values)) = user_data else { panic!("not fully encoded") };
    let [PdvList { context: found, values: ExternalEncoding::SingleAsn1Type(value), .. }] = &values[..]
    else {
        panic!("not one value");
    };
    assert_eq!(*found, context);
    value.get().unwrap()
}

fn only_external<T: rasn::Decode>(information: Option<Vec<crate::prim::External>>) -> T {
    let [external] = &information.unwrap()[..] else { panic!("not one value") };
    assert_eq!((&external.direct_reference, external.indirect_reference), (&Some(BER), Some(3)));
    let ExternalEncoding::SingleAsn1Type(value) = &external.encoding else { panic!("not a single type") };
    value.get().unwrap()
}

const CONNECT: &str = "
    31 7e a003 800101 a277
      a433 300f 020101 0604 52010001 3004 0602 5101
           300f 020103 0604 5600020c 3004 0602 5101
           300f 020105 0604 56000207 3004 0602 5101
      6140 303e 020101 a039 6037 a106 0604 56000106
        be2d 282b 0602 5101 020103 a022
          b020 80013f 820100 a318 a016 b014 a112 8005 4d54412d41 a109 0407 73656372657441";

const ACCEPT: &str = "
    31 72 a003 800101 a26b
      a51b 3007 800100 81025101 3007 800100 81025101 3007 800100 81025101
      614c 304a 020101 a045 6143 a106 0604 56000106 a203 020100 a305 a103 020100
        be2d 282b 0602 5101 020103 a022
          b120 800101 810103 a218 a016 b114 a112 8005 4d54412d42 a109 0407 73656372657442";

const REFUSE: &str = "
    30 50 a51b 3007 800100 81025101 3007 800100 81025101 3007 800100 81025101
      6131 302f 020101 a02a 6128 a106 0604 56000106 a203 020101 a305 a103 020100
        be12 2810 0602 5101 020103 a007 b205 a103 020102";

/// T-20, T-21, T-22, T-30, T-33: the connect of another MTA.
#[test]
fn a_connect_in_normal_mode() {
    let connect: Cp = value(CONNECT);
    assert_eq!((connect.mode_selector.mode, &connect.x410), (Mode::NORMAL, &None));
    let normal = connect.normal.unwrap();
    let contexts: Vec<_> = normal.contexts.iter().flatten().map(|it| (it.id, &it.abstract_syntax)).collect();
    assert_eq!(
        contexts,
        [(1, &abstract_syntax::ACSE), (3, &abstract_syntax::MTA_RTSE), (5, &abstract_syntax::MTSE)]
    );
    assert!(normal.contexts.iter().flatten().all(|it| it.transfer_syntaxes == [BER]));
    let acse::Apdu::Aarq(aarq) = only_value(normal.user_data, 1) else { panic!("no AARQ") };
    assert_eq!(aarq.application_context, acse::MTS_TRANSFER);
    let rtse::Apdu::Rtorq(rtorq) = only_external(aarq.user_information) else { panic!("no RTORQ") };
    assert_eq!((rtorq.checkpoint_size, rtorq.window_size), (63, 3));
    assert_eq!((rtorq.dialogue_mode, rtorq.application_protocol), (DialogueMode::MONOLOGUE, None));
    let ConnectionData::Open(bind) = rtorq.connection_data else { panic!("recovers") };
    assert_eq!(bind.as_bytes()[..2], [0xb0, 0x14], "the bind argument under [16]");
}

#[test]
fn an_accept_in_normal_mode() {
    let accept: Cpa = value(ACCEPT);
    let normal = accept.normal.clone().unwrap();
    let results = normal.results.unwrap();
    assert!(results.len() == 3 && results.iter().all(|it| it.result == ContextResult::ACCEPTANCE));
    assert_eq!(results[0].transfer_syntax, Some(BER));
    let acse::Apdu::Aare(aare) = only_value(normal.user_data, 1) else { panic!("no AARE") };
    assert_eq!(aare.result, AssociateResult::ACCEPTED);
    assert_eq!(aare.diagnostic, SourceDiagnostic::User(UserDiagnostic::NULL));
    let rtse::Apdu::Rtoac(rtoac) = only_external(aare.user_information) else { panic!("no RTOAC") };
    assert_eq!((rtoac.checkpoint_size, rtoac.window_size), (1, 3));
}

#[test]
fn a_refusal_in_normal_mode() {
    let Cpr::Normal(refuse) = value(REFUSE) else { panic!("X.410 mode") };
    assert_eq!(refuse.provider_reason, None);
    let acse::Apdu::Aare(aare) = only_value(refuse.user_data, 1) else { panic!("no AARE") };
    assert_eq!(aare.result, AssociateResult::REJECTED_PERMANENT);
    let rtse::Apdu::Rtorj(rtorj) = only_external(aare.user_information) else { panic!("no RTORJ") };
    assert_eq!(rtorj.user_data.unwrap().as_bytes(), [2, 1, 2], "authentication error, a bare INTEGER");
}

/// T-34.
#[test]
fn connect_and_accept_in_x410_mode() {
    let connect: Cp = value(
        "31 28 a003 800100 a121 80013f 820100 a316 a014 a112 8005 4d54412d41 a109 1607 73656372657441 840101",
    );
    let rtorq = connect.x410.unwrap();
    assert_eq!((connect.mode_selector.mode, rtorq.checkpoint_size), (Mode::X410_1984, 63));
    assert_eq!(rtorq.application_protocol, Some(rtse::ApplicationProtocol::P1_1984));
    let ConnectionData::Open(bind) = rtorq.connection_data else { panic!("recovers") };
    assert_eq!(bind.as_bytes()[..2], [0xa1, 0x12], "the bind bare");

    let accept: Cpa =
        value("31 25 a003 800100 a11e 800101 810103 a216 a014 a112 8005 4d54412d42 a109 1607 73656372657442");
    assert_eq!(accept.x410.unwrap().checkpoint_size, 1);
}

/// What another MTA sent in DER leaves as it came; the others differ only by defaults that were sent.
#[test]
fn captured_values_encode_to_themselves() {
    assert_eq!(
        encode(&value::<Cp>(CONNECT)).unwrap(),
        octets(CONNECT),
        "nothing was decoded below the open types"
    );
    assert_eq!(encode(&value::<Cpa>(ACCEPT)).unwrap(), octets(ACCEPT));
    assert_eq!(encode(&value::<Cpr>(REFUSE)).unwrap(), octets(REFUSE));
}

#[test]
fn aborts_are_told_apart_by_tag() {
    let provider: Arp = value("30 06 800101 810100");
    assert_eq!((provider.reason, provider.event), (Some(AbortReason::UNRECOGNIZED_PPDU), Some(0)));
    let Aru::Normal(user) = value("a0 0f 610d 300b 020101 a006 6404 8002 0000") else { panic!("X.410 mode") };
    assert!(matches!(user.user_data, Some(UserData::Full(_))));
    let Aru::X410(rtab) = value("31 03 800104") else { panic!("normal mode") };
    assert_eq!(rtab.reason, Some(rtse::AbortReason::PROTOCOL_ERROR));
}

#[test]
fn user_data_in_every_form() {
    let UserData::Simple(simple) = value("40 02 0500") else { panic!() };
    assert_eq!(&simple.0[..], [5, 0]);
    for (hex, context) in [
        ("61 09 3007 020103 a002 0500", 3),
        ("61 0d 300b 0602 5101 020103 a002 0500", 3),
        ("61 07 3005 020105 8100", 5),
        ("61 80 3080 020103 a080 0401aa 0000 0000 0000", 3),
    ] {
        let Ok(UserData::Full(values)) = decode(&octets(hex), 99) else { panic!("{hex}") };
        assert_eq!((values.len(), values[0].context), (1, context), "{hex}");
    }
}
