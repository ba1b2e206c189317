//! Contents as values: what an MTA of 1984 is given of each.

#![allow(clippy::unwrap_used)]

use rasn_x400::prim::{External, GeneralString, ListAsSet, Null, Octets, RawTlv};
use rasn_x400::x411::address::text;
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x420::Ipm;
use rasn_x400::x420::body::{BodyPart, ExternallyDefined, ForwardedMessage, Ia5Text, MessageParameters};
use rasn_x400::x420::extended_body::{
    ExtendedBilaterallyDefined, ExtendedBodyPart as _, ExtendedIa5Text, ExtendedMessage, FileTransfer,
    GeneralText,
};
use rasn_x400::x420::heading::{Heading, HeadingExtension as _, IncompleteCopy, IpmIdentifier, OrDescriptor};

use super::*;

fn ia5(text: &str) -> BodyPart {
    BodyPart::Ia5Text(Ia5Text { data: text.into(), ..Ia5Text::default() })
}

fn external(part: ExternallyDefined) -> BodyPart {
    BodyPart::ExternallyDefined(part)
}

fn general(octets: &[u8]) -> BodyPart {
    let data = GeneralString::new(octets.to_vec());
    external(GeneralText::part(Some(&ListAsSet(vec![6])), &data).unwrap())
}

fn file(octets: &[u8]) -> BodyPart {
    let mut held = External::single("1.2.3".parse().unwrap(), RawTlv::default());
    held.encoding = rasn_x400::prim::ExternalEncoding::OctetAligned(Octets::from(octets));
    external(FileTransfer::part(Some(&Default::default()), &vec![held]).unwrap())
}

fn ipm(body: Vec<BodyPart>) -> Ipm {
    let this_ipm = IpmIdentifier { user_relative_identifier: "1".into(), ..IpmIdentifier::default() };
    Ipm { heading: Heading { this_ipm, ..Heading::default() }, body }
}

fn forwarded(inner: &Ipm) -> ForwardedMessage {
    let message = rasn_x400::prim::Captured::of(inner).unwrap();
    ForwardedMessage { parameters: MessageParameters::default(), message }
}

fn content(ipm: Ipm) -> Content {
    encoded(&InformationObject::Ipm(ipm)).unwrap()
}

fn converted(content: &Content) -> (Ipm, Converted) {
    let converted = to_p2(content, Change::Lossy, Policy::default()).unwrap();
    let octets = converted.content.read().unwrap().concat();
    let InformationObject::Ipm(ipm) = ber::decode(&octets, octets.len()).unwrap() else { panic!() };
    assert_eq!(ipm.content_type(), ContentType::P2);
    (ipm, converted)
}

/// what is of 1984 goes on octet for octet.
#[test]
fn what_is_of_1984_is_not_touched() {
    let inner = ipm(vec![ia5("inner")]);
    let body = vec![
        ia5("text"),
        BodyPart::BilaterallyDefined(Octets::from(&b"x"[..])),
        BodyPart::Message(Box::new(forwarded(&inner))),
    ];
    let came = content(ipm(body));
    let converted = to_p2(&came, Change::None, Policy::default()).unwrap();
    assert_eq!(converted.content.read().unwrap().concat(), came.read().unwrap().concat());
    assert_eq!((converted.change, converted.lost), (Change::None, vec![]));
    assert_eq!(converted.types, [BuiltIn::UNKNOWN, BuiltIn::IA5_TEXT]);
}

/// RFC 1328 6
// ledger: mixer V-08
// ledger: beyond A-40
#[test]
fn body_parts_become_those_of_1984() {
    let note = |what: &str| {
        let octets = part::notice(what).unwrap().read().unwrap().concat();
        ber::decode::<BodyPart>(&octets, octets.len()).unwrap()
    };
    let teletex = |octets: &[u8]| {
        BodyPart::Teletex(rasn_x400::x420::body::Teletex {
            data: vec![rasn_x400::prim::TeletexString::new(octets.to_vec())],
            ..Default::default()
        })
    };
    let octets = |octets: &[u8]| BodyPart::BilaterallyDefined(Octets::from(octets));
    let odd = ExternallyDefined {
        parameters: None,
        data: External::single("1.2.3".parse().unwrap(), RawTlv::from_element(vec![5, 0])),
        unknown: Vec::new(),
    };
    let inner = ipm(vec![general(b"plain")]);
    let table = [
        (external(ExtendedIa5Text::part(None, &"basic".into()).unwrap()), ia5("basic"), Change::Lossless),
        (general(b"\x1b(Bplain"), ia5("plain"), Change::Lossless),
        (general(b"\x1b(B\x1b-A\x1b~Gr\xfc\xdfe"), teletex(b"Gr\x1b)v\xc8u\xfbe"), Change::Lossless),
        (
            general("\u{1b}%Gf\u{fc}r 5 \u{20ac}\u{1b}%@".as_bytes()),
            teletex(b"f\x1b)v\xc8ur 5 EUR"),
            Change::Lossy,
        ),
        (general(b"\x1b(B\x1b-L\x1b~\xbf\xe0\xd8"), note("a text in another script"), Change::Lossy),
        (general(b"\x1b$B$\"\x1b(B"), note("a text in another script"), Change::Lossy),
        (general(b"\x1b(}ab"), note("a text in sets that are not known here"), Change::Lossy),
        (file(b"PK"), octets(b"PK"), Change::Lossy),
        (
            external(ExtendedBilaterallyDefined::part(None, &Octets::from(&b"x"[..])).unwrap()),
            octets(b"x"),
            Change::Lossless,
        ),
        (external(odd), note("a body part of type 1.2.3"), Change::Lossy),
        (BodyPart::Unknown(RawTlv::from_element(vec![0xac, 2, 5, 0])), note("body part [12]"), Change::Lossy),
        (
            external(ExtendedMessage::part(None, &rasn_x400::prim::Captured::of(&inner).unwrap()).unwrap()),
            BodyPart::Message(Box::new(forwarded(&ipm(vec![ia5("plain")])))),
            Change::Lossless,
        ),
        (
            BodyPart::Message(Box::new(forwarded(&inner))),
            BodyPart::Message(Box::new(forwarded(&ipm(vec![ia5("plain")])))),
            Change::Lossless,
        ),
    ];
    for (came, expected, change) in table {
        let content = content(ipm(vec![ia5("first"), came.clone(), ia5("last")]));
        let (ipm, result) = converted(&content);
        assert_eq!(ipm.body, [ia5("first"), expected, ia5("last")], "{came:?}");
        assert_eq!(result.change, change, "{came:?}");
        assert!(result.lost[0].place.to_string().starts_with("content.body[1]"), "{:?}", result.lost);
        // What the originator forbids is not done.
        for allowed in [Change::None, Change::Lossless] {
            let possible = to_p2(&content, allowed, Policy::default());
            assert_eq!(possible.is_ok(), change <= allowed, "{came:?}");
        }
        let refuse = Policy { unsupported: Unsupported::Refuse, ..Policy::default() };
        let noted =
            matches!(&ipm.body[1], BodyPart::Ia5Text(text) if text.data.to_text().starts_with("****"));
        assert_eq!(to_p2(&content, Change::Lossy, refuse).is_err(), noted, "{came:?}");
    }
}

/// RFC 1328 5: headings are no bodies, so nobody forbids it.
#[test]
fn headings_are_of_1984_as_well() {
    let mut message = ipm(vec![ia5("text")]);
    let postal = text::parse("/PD-ADDRESS=Here/PRMD=a/ADMD=x/C=XX/").unwrap().to_or_name().unwrap();
    message.heading.extensions = vec![IncompleteCopy::field(&Null).unwrap()];
    message.heading.originator = Some(OrDescriptor { formal_name: Some(postal), ..OrDescriptor::default() });
    let relay = text::parse("/O=relay/ADMD=x/C=XX/").unwrap().to_or_name().unwrap();
    for relay in [None, Some(&relay)] {
        let policy = Policy { relay, ..Policy::default() };
        let converted = to_p2(&content(message.clone()), Change::None, policy).unwrap();
        let octets = converted.content.read().unwrap().concat();
        let InformationObject::Ipm(ipm) = ber::decode(&octets, octets.len()).unwrap() else { panic!() };
        assert_eq!(ipm.heading.extensions, []);
        let originator = ipm.heading.originator.unwrap();
        assert_eq!(originator.formal_name.is_some(), relay.is_some());
        assert_eq!((converted.lost.len(), converted.change), (2, Change::None), "{:?}", converted.lost);
    }
}

/// A file of more than a part may have in memory is not read: what goes out is a part of what came.
#[test]
fn large_files_stay_where_they_are() {
    let octets = vec![b'x'; 3 << 20];
    let came = content(ipm(vec![file(&octets)]));
    let [Piece::Octets(whole)] = &came.pieces().cloned().collect::<Vec<_>>()[..] else { panic!() };
    let (ipm, result) = converted(&came);
    assert_eq!(ipm.body, [BodyPart::BilaterallyDefined(octets.into())]);
    let inside = |piece: &Piece| match piece {
        Piece::Octets(piece) => whole.as_ptr_range().contains(&piece.as_ptr()) && piece.len() == 3 << 20,
        Piece::Range(_) => false,
    };
    assert!(result.content.pieces().any(inside));
}

#[test]
fn what_cannot_be_read_is_not_guessed() {
    let message = content(ipm(vec![general(b"plain"), ia5("x")])).read().unwrap().concat();
    // The same with indefinite lengths outside.
    let start = message.len() - Header::read(&message).unwrap().length.unwrap();
    let indefinite = [&[0xa0, 0x80], &message[start..], &[0, 0]].concat();
    let (ipm, _) = converted(&Bytes::from(indefinite).into());
    assert_eq!(ipm.body, [ia5("plain"), ia5("x")]);
    for cut in 0..message.len() {
        let cut = Content::from(Bytes::copy_from_slice(&message[..cut]));
        assert!(matches!(to_p2(&cut, Change::Lossy, Policy::default()), Err(Failure::Unable(_))));
    }
    let mut deep = self::ipm(vec![ia5("deepest")]);
    for _ in 0..=DEPTH {
        deep = self::ipm(vec![BodyPart::Message(Box::new(forwarded(&deep)))]);
    }
    assert!(matches!(to_p2(&content(deep), Change::Lossy, Policy::default()), Err(Failure::Unable(_))));
}
