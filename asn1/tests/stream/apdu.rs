//! The reader of MTS-APDUs.

use std::sync::LazyLock;

use bytes::Bytes;
use proptest::prelude::*;
use rasn_x400::ber::plan::{Piece, Plan};
use rasn_x400::ber::token::Problem as Syntax;
use rasn_x400::ber::{self, Limits, MAXIMUM_UNKNOWN_MEMBERS};
use rasn_x400::prim::Octets;
use rasn_x400::stream::{ApduEvent, ApduReader, ApduWriter, Error, Problem, Whole};
use rasn_x400::x419::{Message, MtsApdu};

use super::samples::{aligned_external, element, envelope, external, forms, message, octets, probe, report};

/// Small enough that tests reach them.
const LIMITS: Limits = Limits { envelope: 4_000, heading: 500, body_part: 500, whole: 4_000, depth: 32 };

/// The APDU that comes in these parts, put together again.
fn read(parts: impl IntoIterator<Item = impl Into<Bytes>>) -> Result<MtsApdu, Error> {
    let mut reader = ApduReader::new(LIMITS);
    let mut apdu = None;
    let mut content = Vec::new();
    for part in parts {
        reader.push(part.into());
        while let Some(event) = reader.poll()? {
            match event {
                ApduEvent::Message { envelope, octets } => {
                    assert_eq!(ber::decode(&octets, octets.len()), Ok((*envelope).clone()));
                    let content = Octets(Bytes::new());
                    let message = Message { envelope: *envelope, content, unknown: Vec::new() };
                    apdu = Some(MtsApdu::Message(message));
                }
                ApduEvent::Content(octets) => {
                    assert!(!octets.is_empty());
                    content.extend_from_slice(&octets);
                }
                ApduEvent::Probe { envelope, .. } => apdu = Some(MtsApdu::Probe(*envelope)),
                ApduEvent::Report { report, .. } => apdu = Some(MtsApdu::Report(*report)),
                ApduEvent::End { content: length, unknown } => {
                    assert_eq!(length, content.len() as u64);
                    let Some(MtsApdu::Message(message)) = &mut apdu else { panic!("no message ends") };
                    message.content = Octets(std::mem::take(&mut content).into());
                    message.unknown = unknown;
                }
            }
        }
    }
    reader.finish()?;
    Ok(apdu.unwrap())
}

fn parts(octets: &[u8], size: usize) -> impl Iterator<Item = Bytes> {
    octets.chunks(size).map(Bytes::copy_from_slice)
}

/// One of each kind, in every form, with and without an EXTERNAL.
fn all() -> Vec<(String, Vec<u8>)> {
    let long = vec![0x55; 900];
    let mut behind = envelope();
    behind.extend(octets("04 02 AABB 9F8539 01 00 30 00"));
    let apdus = [
        ("message", message(&long)),
        ("empty message", message(&[])),
        ("message with unknown members", element(0xa0, &[&behind])),
        ("probe", probe()),
        ("report", report()),
    ];
    let mut all = Vec::new();
    for (name, apdu) in apdus {
        for whole in [apdu.clone(), external(&apdu), aligned_external(&apdu)] {
            for (form, octets) in forms(&whole) {
                all.push((format!("{name} {form} {:02x}", whole[0]), octets));
            }
        }
    }
    all
}

#[test]
fn an_apdu_comes_in_any_cut() {
    for (name, octets) in all() {
        let whole = MtsApdu::from_octets(&octets, octets.len()).unwrap_or_else(|e| panic!("{name}: {e}"));
        for size in [1, 2, 3, 7, 100, octets.len()] {
            assert_eq!(read(parts(&octets, size)), Ok(whole.clone()), "{name} in parts of {size}");
        }
    }
}

#[test]
fn a_message_is_told_before_its_content() {
    let octets = message(b"content");
    let mut reader = ApduReader::new(LIMITS);
    let until = 6 + envelope().len();
    reader.push(Bytes::copy_from_slice(&octets[..until - 1]));
    assert_eq!(reader.poll(), Ok(None));
    reader.push(Bytes::copy_from_slice(&octets[until - 1..until]));
    assert!(matches!(reader.poll(), Ok(Some(ApduEvent::Message { .. }))));
    assert_eq!(reader.poll(), Ok(None));
}

#[test]
fn the_content_is_not_copied() {
    let octets = Bytes::from(message(&[0x55; 900]));
    let mut reader = ApduReader::new(LIMITS);
    reader.push(octets.clone());
    reader.poll().unwrap();
    let Ok(Some(ApduEvent::Content(content))) = reader.poll() else { panic!("no content") };
    assert_eq!(content.as_ptr(), octets[octets.len() - 900..].as_ptr());
}

#[test]
fn what_is_cut_off_anywhere_is_incomplete() {
    for (name, octets) in all() {
        for cut in 0..octets.len() {
            let error = read(parts(&octets[..cut], 50)).unwrap_err();
            assert_eq!(error.problem, Problem::Syntax(Syntax::Incomplete), "{name} cut at {cut}");
        }
    }
}

#[test]
fn an_octet_behind_the_end_is_refused() {
    for (name, mut octets) in all() {
        octets.push(5);
        for size in [1, octets.len()] {
            let error = read(parts(&octets, size)).unwrap_err();
            assert_eq!(error.problem, Problem::Syntax(Syntax::Trailing), "{name}: {error}");
        }
    }
}

#[test]
fn nonsense_is_refused_where_it_begins() {
    let envelope_and = |rest: &str| element(0xa0, &[&envelope(), &octets(rest)]);
    let after = 6 + envelope().len() as u64;
    let members = |count| "0500".repeat(count);
    let cases = [
        (octets("30 00"), Whole::Apdu, 0, "expected a message, report or probe"),
        (octets("a3 00"), Whole::Apdu, 0, "expected a message, report or probe"),
        (octets("80 00"), Whole::Apdu, 0, "expected a message, report or probe"),
        (octets("47 45 54 20 2f"), Whole::Apdu, 0, "expected a message"),
        (octets("a0 00"), Whole::Apdu, 2, "the envelope is missing"),
        (octets("a0 02 30 00"), Whole::Apdu, 2, "expected an envelope"),
        (octets("a0 02 31 00"), Whole::Apdu, 2, "the envelope: "),
        (octets("a2 02 05 00"), Whole::Apdu, 0, "the probe: "),
        (octets("a1 02 05 00"), Whole::Apdu, 0, "the report: "),
        (envelope_and(""), Whole::Apdu, after, "the content is missing"),
        (envelope_and("05 00"), Whole::Apdu, after, "expected a content"),
        (envelope_and("24 02 05 00"), Whole::Apdu, after + 2, "expected a content"),
        (envelope_and(&format!("0400 {}", members(65))), Whole::Apdu, after + 2 + 128, "too many unknown"),
        (octets("28 04 82 02 00 00"), Whole::External, 2, "expected an EXTERNAL that holds an MTS-APDU"),
        (octets("28 06 a1 04 05 02 00 00"), Whole::External, 4, "expected a segment of an OCTET STRING"),
        (octets("28 02 02 01"), Whole::External, 2, "an element is longer"),
        (octets("28 04 a0 02 30 00"), Whole::Apdu, 0, "expected a message"),
        (octets("28 04 a0 02 a0 00"), Whole::Apdu, 2, "the envelope is missing"),
    ];
    for (octets, of, offset, problem) in cases {
        for size in [1, octets.len()] {
            let error = read(parts(&octets, size)).unwrap_err();
            assert_eq!((error.of, error.offset), (of, offset), "{octets:02x?}: {error}");
            assert!(error.problem.to_string().starts_with(problem), "{octets:02x?}: {error}");
        }
    }
    assert!(read([envelope_and(&format!("0400 {}", members(MAXIMUM_UNKNOWN_MEMBERS)))]).is_ok());
}

#[test]
fn what_must_be_captured_has_a_limit() {
    let limits = |apdu: &[u8]| {
        let mut reader = ApduReader::new(Limits { envelope: 100, whole: 100, ..LIMITS });
        reader.push(Bytes::copy_from_slice(apdu));
        reader.poll().unwrap_err().problem
    };
    for form in 0..3 {
        for (apdu, what) in [(message(b""), "the envelope"), (probe(), "the probe"), (report(), "the report")]
        {
            let problem = limits(&forms(&apdu)[form].1);
            assert_eq!(problem, Problem::TooLong { what, limit: 100 });
        }
    }
}

#[test]
fn a_failed_reader_says_the_same_again() {
    let mut reader = ApduReader::new(LIMITS);
    reader.push(Bytes::from_static(&[0x30]));
    reader.push(Bytes::from_static(&[0x00]));
    let error = reader.poll().unwrap_err();
    reader.push(Bytes::from(message(b"")));
    assert_eq!(reader.poll(), Err(error.clone()));
    assert_eq!(reader.finish(), Err(error));
}

#[test]
fn what_is_written_is_read() {
    let MtsApdu::Message(sample) = MtsApdu::from_octets(&message(b""), 4_000).unwrap() else {
        panic!("a message")
    };
    let mut content = Plan::from(b"BEGIN".to_vec()).widen();
    content.append(Plan::external(7, 1_000));
    let plan = ApduWriter::new(&sample.envelope).unwrap().content(content);
    let length = plan.len();
    let octets: Vec<u8> = plan
        .pieces()
        .flat_map(|piece| match piece {
            Piece::Octets(octets) => octets.to_vec(),
            Piece::External { source, length } => vec![source; length],
        })
        .collect();
    assert_eq!(octets.len(), length);
    let Ok(MtsApdu::Message(read)) = read(parts(&octets, 100)) else { panic!("a message") };
    assert_eq!(read.envelope, sample.envelope);
    assert_eq!(read.content.0, [&b"BEGIN"[..], &[7; 1_000]].concat());
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1_000)
    })]

    /// Damaged in any way, cut in any way: the reader takes what the decoder takes, and gives the same.
    #[test]
    fn the_reader_and_the_decoder_agree(
        sample in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cuts in prop::collection::vec(1_usize..200, 1..10),
    ) {
        static SAMPLES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(all);
        let samples = &*SAMPLES;
        let (name, mut octets) = samples[sample.index(samples.len())].clone();
        for (at, octet) in edits {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        let mut rest = Bytes::from(octets.clone());
        let parts = cuts.iter().cycle().map_while(|&size| {
            (!rest.is_empty()).then(|| rest.split_to(size.min(rest.len())))
        });
        let parts: Vec<Bytes> = parts.collect();
        let whole = MtsApdu::from_octets(&octets, octets.len());
        match (read(parts), whole) {
            (Ok(read), Ok(whole)) => prop_assert_eq!(read, whole, "{}", name),
            (Err(_), Ok(MtsApdu::Unknown(_))) | (Err(_), Err(_)) => {}
            // The decoder does not look whether an element says that it is constructed.
            (Err(Error { problem: Problem::Unexpected { .. }, .. }), Ok(_)) => {}
            // A member that nobody knows may also stand before the encoding of an EXTERNAL.
            (Ok(_), Err(_)) if octets[0] == 0x28 => {}
            (read, whole) => prop_assert!(false, "{}: {:?}\n{:?}\n{:02x?}", name, read, whole, octets),
        }
    }
}
