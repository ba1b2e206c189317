//! The reader of interpersonal messages.

use std::ops::Range;
use std::sync::LazyLock;

use bytes::Bytes;
use proptest::prelude::*;
use rasn_x400::ber::token::Problem as Syntax;
use rasn_x400::ber::{self, Limits};
use rasn_x400::prim::ListAsSet;
use rasn_x400::stream::{Error, IpmEvent, IpmReader, LargePart, Problem};
use rasn_x400::x420::body::Ia5TextParameters;
use rasn_x400::x420::part_parameters::PartParameters;
use rasn_x400::x420::{InformationObject, Ipm};

use super::samples::{element, forms, ipm, notification, octets};

/// Small enough that tests reach them.
const LIMITS: Limits = Limits { envelope: 4_000, heading: 500, body_part: 500, whole: 4_000, depth: 32 };

/// What comes of a content.
#[derive(Debug, PartialEq)]
struct Read {
    object: InformationObject,
    large: Vec<LargePart>,
}

fn read(parts: impl IntoIterator<Item = impl Into<Bytes>>, limits: Limits) -> Result<Read, Error> {
    let mut reader = IpmReader::new(limits);
    let (mut object, mut large) = (None, Vec::new());
    for part in parts {
        reader.push(part.into());
        while let Some(event) = reader.poll()? {
            match (event, &mut object) {
                (IpmEvent::Heading { heading, .. }, None) => {
                    object = Some(InformationObject::Ipm(Ipm { heading: *heading, body: Vec::new() }));
                }
                (IpmEvent::Part { part, octets, range }, Some(InformationObject::Ipm(ipm))) => {
                    assert_eq!(range.end - range.start, octets.len() as u64);
                    ipm.body.push(*part);
                }
                (IpmEvent::LargePart(part), Some(_)) => large.push(part),
                (IpmEvent::Notification { notification, .. }, None) => {
                    object = Some(InformationObject::Ipn(*notification));
                }
                (IpmEvent::End, Some(_)) => {}
                (event, object) => panic!("{event:?} after {object:?}"),
            }
        }
    }
    reader.finish()?;
    Ok(Read { object: object.unwrap(), large })
}

fn parts(octets: &[u8], size: usize) -> impl Iterator<Item = Bytes> {
    octets.chunks(size).map(Bytes::copy_from_slice)
}

/// IA5 text (B-10).
fn text(text: &[u8]) -> Vec<u8> {
    element(0xa0, &[&octets("31 03 80 01 05"), &element(0x16, &[text])])
}

/// General text (B-11).
fn general_text(text: &[u8]) -> Vec<u8> {
    let parameters = octets("A0 10 06 04 56010B0B A0 08 31 06 020106 020164");
    let data = element(0x28, &[&octets("06 04 5601040B"), &element(0xa0, &[&element(0x1b, &[text])])]);
    element(0xaf, &[&parameters, &data])
}

/// A file (B-36).
fn file(octets_of_it: &[u8]) -> Vec<u8> {
    let parameters = octets("A0 19 06 04 56010B0C A0 11 30 0F A4 0D A0 06 19 04 64 6F 64 6F AD 03 81 01 03");
    let inner = element(0x28, &[&element(0x81, &[octets_of_it])]);
    let value = element(0xa0, &[&element(0x30, &[&inner])]);
    element(0xaf, &[&parameters, &element(0x28, &[&octets("06 04 5601040C"), &value])])
}

/// Bilaterally defined (B-20).
fn bilateral(octets: &[u8]) -> Vec<u8> {
    element(0x8e, &[octets])
}

fn forwarded(message: &[u8]) -> Vec<u8> {
    let mut sequence = message.to_vec();
    sequence[0] = 0x30;
    element(0xa9, &[&octets("31 0F 80 0D 3236313132333132303030305A"), &sequence])
}

/// Two pages of teletex.
fn teletex(page: &[u8]) -> Vec<u8> {
    let pages = element(0x30, &[&element(0x14, &[page]), &element(0x14, &[page])]);
    element(0xa5, &[&octets("31 03 80 01 02"), &pages])
}

/// A part that only 1984 knows.
fn telex(octets: &[u8]) -> Vec<u8> {
    element(0xa1, &[&element(0x04, &[octets])])
}

/// One message with a part of each kind, each with so many octets in it.
fn all_parts(size: usize) -> Vec<u8> {
    let some: Vec<u8> = (b'a'..=b'z').cycle().take(size).collect();
    let inner = ipm(&[&text(&some)]);
    ipm(&[
        &text(&some),
        &general_text(&some),
        &file(&some),
        &bilateral(&some),
        &forwarded(&inner),
        &teletex(&some),
        &telex(&some),
    ])
}

#[test]
fn small_parts_come_whole_in_any_cut() {
    for content in [all_parts(20), ipm(&[]), notification()] {
        for (form, octets) in forms(&content) {
            let object = ber::decode::<InformationObject>(&octets, octets.len()).unwrap();
            let expected = Read { object, large: Vec::new() };
            for size in [1, 2, 7, 100, octets.len()] {
                let read = read(parts(&octets, size), LIMITS).unwrap();
                assert_eq!(read, expected, "{form} in parts of {size}");
            }
        }
    }
}

/// The octets at ranges of a content.
fn at(content: &[u8], ranges: &[Range<u64>]) -> Vec<u8> {
    let octets = |at: u64| usize::try_from(at).unwrap();
    ranges.iter().flat_map(|range| &content[octets(range.start)..octets(range.end)]).copied().collect()
}

// ledger: beyond A-30
#[test]
fn of_large_parts_it_is_said_where_their_octets_are() {
    let some: Vec<u8> = (b'a'..=b'z').cycle().take(600).collect();
    for (form, content) in forms(&all_parts(600)) {
        for size in [1, 13, content.len()] {
            let read = read(parts(&content, size), LIMITS).unwrap();
            let InformationObject::Ipm(ipm) = read.object else { panic!("a message") };
            assert!(ipm.body.is_empty(), "{form}: {:?}", ipm.body);
            let leaf = |part: &LargePart, leaf: usize| at(&content, &part.leaves[leaf].ranges);
            let [ia5, general, file, bilateral, forwarded, teletex, telex] = &read.large[..] else {
                panic!("{form}: {:?}", read.large)
            };
            assert_eq!(ia5.parameters, Ok(PartParameters::Ia5Text(Ia5TextParameters::default())));
            for part in [ia5, general, file, bilateral] {
                assert_eq!(part.leaves.len(), 1, "{form}: {part:?}");
                assert_eq!(leaf(part, 0), some, "{form}: {part:?}");
                assert_eq!(part.leaves[0].length(), 600);
            }
            assert_eq!(general.parameters, Ok(PartParameters::GeneralText(ListAsSet(vec![6, 100]))));
            let Ok(PartParameters::FileTransfer(known)) = &file.parameters else {
                panic!("{form}: {file:?}")
            };
            assert!(known.file_attributes.is_some(), "{form}: {known:?}");
            assert_eq!(bilateral.parameters, Ok(PartParameters::BilaterallyDefined));
            let Ok(PartParameters::Message(parameters)) = &forwarded.parameters else { panic!("{form}") };
            assert!(parameters.delivery_time.is_some());
            let inner: Ipm = ber::decode(&leaf(forwarded, 0), 4_000).unwrap();
            assert_eq!(inner.body.len(), 1);
            let Ok(PartParameters::Teletex(parameters)) = &teletex.parameters else { panic!("{form}") };
            assert_eq!(parameters.number_of_pages, Some(2));
            assert_eq!((leaf(teletex, 0), leaf(teletex, 1)), (some.clone(), some.clone()));
            assert_eq!(telex.parameters, Ok(PartParameters::Telex));
            assert_eq!(leaf(telex, 0), at(&content, std::slice::from_ref(&telex.range)));
            assert_eq!(leaf(telex, 0)[0], 0xa1);
        }
    }
}

#[test]
fn what_is_cut_off_anywhere_is_incomplete() {
    for content in [all_parts(20), notification()] {
        for (form, octets) in forms(&content) {
            for cut in 0..octets.len() {
                let error = read(parts(&octets[..cut], 50), LIMITS).unwrap_err();
                assert_eq!(error.problem, Problem::Syntax(Syntax::Incomplete), "{form} cut at {cut}");
            }
        }
    }
}

#[test]
fn nonsense_is_refused_where_it_begins() {
    let body = |rest: &str| element(0xa0, &[&super::samples::heading(), &octets(rest)]);
    let after = 6 + super::samples::heading().len() as u64;
    let cases = [
        (octets("30 00"), 0, "expected an interpersonal message or notification"),
        (octets("80 00"), 0, "expected an interpersonal message or notification"),
        (octets("a0 00"), 2, "the heading is missing"),
        (octets("a0 02 30 00"), 2, "expected a heading"),
        (octets("a0 02 31 00"), 2, "the heading: "),
        (octets("a1 00"), 0, "the notification: "),
        (body(""), after, "the body is missing"),
        (body("31 00"), after, "expected a body"),
        (body("30 02 04 00"), after + 2, "expected a body part"),
        (body("30 04 a0 02 05 00"), after + 2, "the body part: "),
        (body("30 04 ae 02 05 00"), after + 4, "expected a segment of a string"),
        (body("30 00 05 00"), after + 2, "expected the end of the message"),
    ];
    for (octets, offset, problem) in cases {
        for size in [1, octets.len()] {
            let error = read(parts(&octets, size), LIMITS).unwrap_err();
            assert_eq!(error.offset, offset, "{octets:02x?}: {error}");
            assert!(error.problem.to_string().starts_with(problem), "{octets:02x?}: {error}");
        }
    }
}

#[test]
fn a_large_part_without_parameters_is_refused() {
    let part = element(0xa0, &[&element(0x16, &[&[b'a'; 600]])]);
    let error = read([ipm(&[&part])], LIMITS).unwrap_err();
    assert!(matches!(error.problem, Problem::TooLong { .. } | Problem::Value { .. }), "{error}");
    let error = read([ipm(&[&element(0xa5, &[])])], Limits { body_part: 1, ..LIMITS }).unwrap_err();
    assert!(matches!(error.problem, Problem::Missing(_)), "{error}");
}

#[test]
fn a_string_in_too_many_segments_is_refused() {
    let segments = [0x04, 0x01, b'a', 0x04, 0x01, b'b'].repeat(150_000);
    let error = read([ipm(&[&element(0xae, &[&segments])])], LIMITS).unwrap_err();
    assert!(matches!(error.problem, Problem::TooManySegments(_)), "{error}");
}

/// One content in several forms.
type Forms = Vec<(&'static str, Vec<u8>)>;

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1_000)
    })]

    /// Damaged in any way, cut in any way: no panic, and what is read is what the decoder reads.
    #[test]
    fn the_reader_and_the_decoder_agree(
        form in 0_usize..5,
        notified in any::<bool>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        size in 1_usize..300,
        body_part in 1_usize..200,
    ) {
        static FORMS: LazyLock<[Forms; 2]> =
            LazyLock::new(|| [forms(&all_parts(20)), forms(&notification())]);
        let mut octets = FORMS[usize::from(notified)][form].1.clone();
        for (at, octet) in edits {
            let at = at.index(octets.len());
            octets[at] = octet;
        }
        let whole = ber::decode::<InformationObject>(&octets, octets.len());
        let read_whole = read(parts(&octets, size), LIMITS);
        if let (Ok(read), Ok(object)) = (&read_whole, &whole) {
            prop_assert_eq!(&read.object, object);
        }
        prop_assert!(read_whole.is_err() || whole.is_ok(), "{:02x?}", octets);
        // With a limit so low that parts count as large, nothing panics, and ranges are within the content.
        if let Ok(read) = read(parts(&octets, size), Limits { body_part, ..LIMITS }) {
            for range in read.large.iter().flat_map(|part| &part.leaves).flat_map(|leaf| &leaf.ranges) {
                prop_assert!(range.start < range.end && range.end <= octets.len() as u64);
            }
        }
        // What is given while parts arrive is what stands where they say it does.
        let mut reader = IpmReader::with_data(Limits { body_part, ..LIMITS });
        let mut given: Vec<Vec<u8>> = Vec::new();
        for part in parts(&octets, size) {
            reader.push(part);
            while let Ok(Some(event)) = reader.poll() {
                match event {
                    IpmEvent::LeafBegins { .. } => given.push(Vec::new()),
                    IpmEvent::Data(octets) => given.last_mut().unwrap().extend_from_slice(&octets),
                    IpmEvent::LargePart(part) => {
                        let there: Vec<_> = part.leaves.iter().map(|leaf| at(&octets, &leaf.ranges)).collect();
                        prop_assert_eq!(&given, &there);
                        given.clear();
                    }
                    _ => {}
                }
            }
        }
    }
}
