//! What another X.400 MTA sent decodes whole, and goes out again with the same meaning.
//!
//! The folder of captures is named by `X400_CAPTURES`; `ber/` in it holds one APDU or content a file.

#![allow(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "the captures are files")]

#[path = "stream/parts.rs"]
mod parts;
#[allow(dead_code, reason = "shared with the tests of the forms")]
#[path = "forms/rewrite.rs"]
mod rewrite;

use std::path::PathBuf;

use rasn_x400::ber::{self, Limits};
use rasn_x400::prim::RawTlv;
use rasn_x400::validate::{self, Rule, Severity};
use rasn_x400::x411::edition1984::{beyond_1984, downgrade};
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x419::MtsApdu;
use rasn_x400::x420::InformationObject;

/// Files of `ber/` whose name ends as given.
fn files(ending: &str) -> Vec<(String, Vec<u8>)> {
    let folder = std::env::var("X400_CAPTURES").expect("set X400_CAPTURES to the folder of captures");
    let mut files: Vec<PathBuf> = std::fs::read_dir(PathBuf::from(folder).join("ber"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let chosen: Vec<_> = files
        .into_iter()
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .map(|path| (path.to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
        .collect();
    assert!(!chosen.is_empty(), "no {ending} in the folder of captures");
    chosen
}

/// Beyond T-31, this is the proof that the types are those of the wire, not only of this crate.
#[test]
fn every_apdu_decodes_without_unknown_members_and_encodes_to_the_same_value() {
    for (name, octets) in files(".mtsapdu.ber").into_iter().chain(files(".rttr.ber")) {
        let apdu = MtsApdu::from_octets(&octets, Limits::default().whole)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!format!("{apdu:?}").contains("unknown: [Raw"), "{name}: {apdu:#?}");
        assert!(!format!("{apdu:?}").contains("Unknown("), "{name}: {apdu:#?}");
        let again = ber::encode(&apdu).unwrap();
        assert!(ber::decode::<MtsApdu>(&again, again.len()) == Ok(apdu), "{name}: encodes to something else");
    }
}

#[test]
fn every_content_decodes_whole() {
    for (name, octets) in files(".content-p2.ber").into_iter().chain(files(".content-p22.ber")) {
        let content: InformationObject =
            ber::decode(&octets, Limits::default().whole).unwrap_or_else(|error| panic!("{name}: {error}"));
        let InformationObject::Ipm(ipm) = &content else { panic!("{name}: not a message") };
        assert!(ipm.heading.unknown.is_empty(), "{name}: {ipm:#?}");
        assert!(ipm.heading.subject.is_some() && !ipm.body.is_empty(), "{name}");
        let again = ber::encode(&content).unwrap();
        assert!(ber::decode(&again, again.len()) == Ok(content), "{name}: encodes to something else");
    }
}

/// The content file of an activity is the content inside its APDU, chunks and all.
#[test]
fn contents_in_chunks_are_gathered() {
    for (name, octets) in files(".mtsapdu.ber") {
        let MtsApdu::Message(message) = MtsApdu::from_octets(&octets, octets.len()).unwrap() else {
            continue;
        };
        let ending = if message.envelope.content_type == ContentType::P2 {
            "content-p2.ber"
        } else {
            "content-p22.ber"
        };
        let content = std::fs::read(name.replace("mtsapdu.ber", ending)).unwrap();
        assert_eq!(message.content.0, content, "{name}");
        assert!(RawTlv::from_element(content).tag().is_some());
    }
}

/// What a reader gives of an APDU that arrives in parts is what the decoder gives of the whole, and so for its content.
#[test]
fn every_apdu_is_read_as_it_arrives() {
    use bytes::Bytes;
    use rasn_x400::stream::{ApduEvent, ApduReader, IpmEvent, IpmReader};

    for (name, octets) in files(".mtsapdu.ber").into_iter().chain(files(".rttr.ber")) {
        let whole = MtsApdu::from_octets(&octets, Limits::default().whole).unwrap();
        for size in [1, 1_000, octets.len()] {
            let (mut reader, mut inner) =
                (ApduReader::new(Limits::default()), IpmReader::new(Limits::default()));
            let (mut content, mut parts, mut ended) = (Vec::new(), 0, false);
            for part in octets.chunks(size) {
                reader.push(Bytes::copy_from_slice(part));
                while let Some(event) = reader.poll().unwrap_or_else(|error| panic!("{name}: {error}")) {
                    match (event, &whole) {
                        (ApduEvent::Message { envelope, .. }, MtsApdu::Message(message)) => {
                            assert_eq!(*envelope, message.envelope, "{name}");
                        }
                        (ApduEvent::Content(octets), MtsApdu::Message(_)) => {
                            content.extend_from_slice(&octets);
                            inner.push(octets);
                            while let Some(event) =
                                inner.poll().unwrap_or_else(|error| panic!("{name}: {error}"))
                            {
                                match event {
                                    IpmEvent::Part { .. } => parts += 1,
                                    IpmEvent::End => ended = true,
                                    _ => {}
                                }
                            }
                        }
                        (ApduEvent::End { .. }, MtsApdu::Message(message)) => {
                            assert_eq!(content, message.content.0, "{name}");
                        }
                        (ApduEvent::Report { report, .. }, MtsApdu::Report(whole)) => {
                            assert_eq!(*report, *whole, "{name}");
                        }
                        (event, _) => panic!("{name}: {event:?}"),
                    }
                }
            }
            reader.finish().unwrap();
            assert_eq!(ended && parts > 0, matches!(whole, MtsApdu::Message(_)), "{name}");
        }
    }
}

/// Read part by part without holding them, the contents say what the decoder says.
#[test]
fn every_content_is_read_in_pieces() {
    for (name, octets) in files(".content-p2.ber").into_iter().chain(files(".content-p22.ber")) {
        parts::agree(&name, &octets);
    }
}

/// What that MTA does against the standard, and nothing else: the form of extension types (Q3), supplementary information made
/// of memory that nobody wrote, and a returned content without its type, which reports of 1984 cannot state.
#[test]
fn what_is_found_in_them_is_known() {
    for (name, octets) in files(".mtsapdu.ber") {
        let apdu = MtsApdu::from_octets(&octets, octets.len()).unwrap();
        for violation in validate::mts_apdu(&apdu) {
            let place = violation.place.to_string();
            let known = match (violation.rule, violation.severity) {
                (Rule::Encoding, Severity::Warning) => {
                    place.starts_with("envelope.extensions[") && place.ends_with("].type")
                }
                (Rule::Alphabet, Severity::Error) => place.ends_with(".supplementary-information"),
                (Rule::Missing, Severity::Notice) => place == "content.returned-content",
                _ => false,
            };
            assert!(known, "{name}: {violation}");
        }
    }
}

/// what was sent to and by systems of 1984 is of 1984.
#[test]
fn nothing_in_those_of_1984_is_beyond_1984() {
    let mut seen = 0;
    for (name, octets) in files(".mtsapdu.ber") {
        let apdu = MtsApdu::from_octets(&octets, octets.len()).unwrap();
        let beyond = beyond_1984(&apdu);
        if name.contains("pp-1984-") {
            assert_eq!(beyond, [], "{name}");
            assert_eq!(downgrade(apdu.clone()).map(|downgraded| downgraded.apdu), Ok(apdu), "{name}");
            seen += 1;
        } else if name.contains("pp-1988-") {
            assert!(!beyond.is_empty(), "{name}");
        }
    }
    assert!(seen >= 3, "captures of 1984: {seen}");
}
