//! Every sample of a body part, read as a large one.

use bytes::Bytes;
use rasn_x400::ber::{self, Limits};
use rasn_x400::prim::{Captured, External, ExternalEncoding, Octets, RawTlv};
use rasn_x400::stream::{IpmEvent, IpmReader};
use rasn_x400::x420::body::{BodyPart, ExternallyDefined, ForwardedMessage, MessageParameters};
use rasn_x400::x420::heading::Heading;
use rasn_x400::x420::{InformationObject, Ipm};

use super::parts::agree;
use super::samples::forms;
use super::values::{body, military, x420};

fn content(body: Vec<BodyPart>) -> Vec<u8> {
    ber::encode(&InformationObject::Ipm(Ipm { heading: Heading::default(), body })).unwrap()
}

// ledger: beyond A-30 B-01 M-30
#[test]
fn the_reader_tells_of_every_part_what_the_decoder_says() {
    let extended = body::extended_parts().into_iter().chain(military::parts());
    let named = extended.map(|(name, part)| (name.to_owned(), BodyPart::ExternallyDefined(part)));
    let basic = x420::message().body.into_iter().enumerate().map(|(at, part)| (format!("part {at}"), part));
    for (name, part) in named.chain(basic) {
        for (form, octets) in forms(&content(vec![part])) {
            agree(&format!("{name}, {form}"), &octets);
        }
    }
}

/// Of a part of a type that nobody knows, the octets come all the same, and octets in an EXTERNAL are the value (B-38).
#[test]
fn parts_of_unknown_types_and_aligned_octets_are_told() {
    let unknown = |encoding| {
        let named = External::single("2.999.7".parse().unwrap(), RawTlv::default());
        let part =
            ExternallyDefined { parameters: None, data: External { encoding, ..named }, unknown: vec![] };
        content(vec![BodyPart::ExternallyDefined(part)])
    };
    let sequence = RawTlv::from_element(vec![0x30, 3, 2, 1, 7]);
    for (form, octets) in forms(&unknown(ExternalEncoding::SingleAsn1Type(sequence))) {
        agree(form, &octets);
    }
    let aligned = unknown(ExternalEncoding::OctetAligned(Octets::from(&b"abc"[..])));
    let mut reader = IpmReader::with_data(Limits { body_part: 8, ..Limits::default() });
    reader.push(Bytes::from(aligned));
    let mut told = Vec::new();
    while let Some(event) = reader.poll().unwrap() {
        if let IpmEvent::Data(octets) = event {
            told.push(octets);
        }
    }
    assert_eq!(told, [Bytes::from_static(b"abc")]);
}

/// A message in a message in a message, each read by a reader of its own out of the leaf of the one around it.
#[test]
fn forwarded_messages_are_read_out_of_their_leaf() {
    let limits = Limits { body_part: 20, ..Limits::default() };
    let mut readers = vec![IpmReader::with_data(limits)];
    let mut body = Vec::new();
    for level in 1..=3 {
        let heading = Heading { subject: Some(format!("Level {level}").into()), ..Heading::default() };
        let message = Captured::of(&Ipm { heading, body }).unwrap();
        let parameters = MessageParameters::default();
        body = vec![BodyPart::Message(Box::new(ForwardedMessage { parameters, message }))];
    }
    let mut octets = content(body);
    let mut subjects = Vec::new();
    while let Some(mut reader) = readers.pop() {
        let mut inner = Vec::new();
        reader.push(Bytes::from(std::mem::take(&mut octets)));
        while let Some(event) = reader.poll().unwrap() {
            match event {
                IpmEvent::Heading { heading, .. } => {
                    subjects.extend(heading.subject.map(|subject| subject.to_text().into_owned()))
                }
                IpmEvent::Data(octets) => inner.extend_from_slice(&octets),
                _ => {}
            }
        }
        reader.finish().unwrap();
        if !inner.is_empty() {
            octets = inner;
            readers.push(IpmReader::of_forwarded(limits));
        }
    }
    assert_eq!(subjects, ["Level 3", "Level 2", "Level 1"]);
}
