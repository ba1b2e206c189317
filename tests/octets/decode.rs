//! What the decoder says about small samples, whole and damaged.

use x400_gateway::decode::render::{Limits, hex, json, text};
use x400_gateway::decode::{Document, Kind, Severity, decode};

/// Octets from hexadecimal digits; spaces group them for the reader.
fn octets(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(|character| !character.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

/// An element of less than 64 kB with the parts inside.
fn element(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let contents = parts.concat();
    let mut octets = vec![tag, 0x82];
    octets.extend(u16::try_from(contents.len()).unwrap().to_be_bytes());
    octets.extend(contents);
    octets
}

/// `/C=DE/ADMD= /PRMD=acme/O=sales/S=muster`
fn or_name() -> Vec<u8> {
    octets(
        "60 26 30 24 6104 1302 4445 6203 1301 20 A206 1304 61636D65 8305 73616C6573 A508 8006 6D7573746572",
    )
}

/// `DE / (blank) / acme`, and a local identifier.
fn mts_identifier() -> Vec<u8> {
    octets("64 19 63 11 6104 1302 4445 6203 1301 20 1304 61636D65 1604 6D736731")
}

fn this_ipm() -> Vec<u8> {
    octets("6B 06 1304 69706D31")
}

/// An interpersonal message with these heading fields and body parts.
fn ipm(fields: &[Vec<u8>], parts: &[Vec<u8>]) -> Vec<u8> {
    let heading = element(0x31, &[&[this_ipm()], fields].concat());
    element(0xa0, &[heading, element(0x30, parts)])
}

/// A message whose content is in two segments.
fn message(content: &[u8]) -> Vec<u8> {
    let recipient = element(0x31, &[or_name(), octets("8001 01"), octets("8102 00A8")]);
    // DL expansion prohibited, critical for delivery.
    let extension = octets("30 0C 80 01 03 81 02 05 20 A2 03 0A 01 01");
    let envelope = element(
        0x31,
        &[
            mts_identifier(),
            or_name(),
            octets("46 01 16"),
            octets("47 01 02"),
            trace(),
            element(0xa3, &[extension]),
            element(0xa2, &[recipient]),
        ],
    );
    let (front, back) = content.split_at(content.len() / 2);
    let content = element(0x24, &[element(0x04, &[front.to_vec()]), element(0x04, &[back.to_vec()])]);
    element(0xa0, &[envelope, content])
}

/// The trace of one domain.
fn trace() -> Vec<u8> {
    let domain = octets("63 11 6104 1302 4445 6203 1301 20 1304 61636D65");
    let supplied =
        element(0x31, &[[octets("80 0D"), b"261123120000Z".to_vec()].concat(), octets("82 01 00")]);
    element(0x69, &[element(0x30, &[domain, supplied])])
}

/// A non-delivery report on one recipient.
fn report() -> Vec<u8> {
    let envelope = element(0x31, &[mts_identifier(), or_name(), trace()]);
    let last_trace = element(
        0xa3,
        &[
            [octets("80 0D"), b"261123120001Z".to_vec()].concat(),
            element(0xa1, &[element(0xa1, &[octets("80 01 01"), octets("81 01 00")])]),
        ],
    );
    let mut actual = or_name();
    actual[0] = 0xa0;
    let recipient = element(0x31, &[actual, octets("8101 01"), octets("8202 03A8"), last_trace]);
    let content = element(0x31, &[mts_identifier(), octets("46 01 16"), element(0xa0, &[recipient])]);
    element(0xa1, &[envelope, content])
}

/// B-11, "Grüße" as general text.
const GENERAL_TEXT: &str = "AF 2B A0 10 06 04 56 01 0B 0B A0 08 31 06 02 01 06 02 01 64 28 17 06 04 56 01 04 0B \
                            A0 0F 1B 0D 1B 28 42 1B 2D 41 1B 7E 47 72 FC DF 65";
/// B-36, three octets named `dodo.doc`.
const FILE_TRANSFER: &str = "AF 43 A0 2E 06 04 56 01 0B 0C A0 26 30 24 A2 0F A0 0D 80 0B 60 86 48 01 86 F8 1E 02 02 01 01 \
                             A4 11 A0 0A 19 08 64 6F 64 6F 2E 64 6F 63 AD 03 81 01 03 28 11 06 04 56 01 04 0C A0 09 30 \
                             07 28 05 81 03 61 62 63";
/// B-10.
const IA5_TEXT: &str = "A0 09 31 00 16 05 48 45 4C 4C 4F";
/// B-20.
const BILATERAL: &str = "8E 03 01 02 03";
/// T-33: RTORQ with a bind without authentication.
const RTORQ: &str = "B0 11 80 01 0A 81 01 03 82 01 01 A3 06 A0 04 B0 02 05 00";
/// an authenticated bind.
const BIND: &str = "A1 13 80 07 6D 74 61 2D 67 77 31 A1 08 16 06 73 65 63 72 65 74";
/// T-02: a connection request.
const CONNECTION_REQUEST: &str = "03 00 00 16 11 E0 00 00 00 01 00 C0 01 0B C1 02 50 31 C2 02 50 31";

/// A message with text, a file, octets, a nested message and heading extensions.
fn sample_ipm() -> Vec<u8> {
    let subject = octets("A8 07 14 05 47 72 C8 75 6E");
    // M-11: flash. OI-06: the rfc-822-field of RFC 1327.
    let flash = octets("30 0D 06 08 2B 1A 00 A2 36 00 02 00 02 01 04");
    let field = octets("30 18 06 0C 09 92 26 86 E8 C4 B5 BE 2C 81 48 01 30 08 16 06 41 3A 20 62 63 64");
    let extensions = element(0xaf, &[flash, field]);
    let forwarded = element(
        0xa9,
        &[
            octets("31 00"),
            element(0x30, &[element(0x31, &[this_ipm()]), element(0x30, &[octets(IA5_TEXT)])]),
        ],
    );
    let parts = [octets(IA5_TEXT), octets(GENERAL_TEXT), octets(FILE_TRANSFER), octets(BILATERAL), forwarded];
    ipm(&[subject, octets("8C 01 02"), extensions], &parts)
}

/// A TPKT with one DT in it.
fn tpkt(tsdu: &[u8]) -> Vec<u8> {
    let mut packet = vec![3, 0];
    packet.extend(u16::try_from(tsdu.len() + 7).unwrap().to_be_bytes());
    packet.extend([2, 0xf0, 0x80]);
    packet.extend(tsdu);
    packet
}

/// One direction of an X.410 association: connection request, connect, one message, release.
fn sample_stream() -> Vec<u8> {
    let bind = octets(BIND);
    let rtorq = element(
        0xa1,
        &[octets("80 01 3F 82 01 00"), element(0xa3, &[element(0xa0, &[bind])]), octets("84 01 01")],
    );
    let connect = element(0x31, &[octets("A0 03 80 01 00"), rtorq]);
    let mut cn = octets("05 06 13 01 00 16 01 02 14 02 02 49 C1");
    cn.push(u8::try_from(connect.len()).unwrap());
    cn.extend(&connect);
    let cn = [vec![0x0d, u8::try_from(cn.len()).unwrap()], cn].concat();
    let apdu = message(&ipm(&[], &[octets(IA5_TEXT)]));
    let (front, back) = apdu.split_at(100);
    [
        octets(CONNECTION_REQUEST),
        tpkt(&cn),
        tpkt(&octets("01 00 2D 05 29 03 02 01 01")),
        tpkt(&[octets("01 00 01 00"), front.to_vec()].concat()),
        tpkt(&octets("01 00 31 03 2A 01 31")),
        tpkt(&[octets("01 00 01 00"), back.to_vec()].concat()),
        tpkt(&octets("01 00 29 03 2A 01 32")),
        tpkt(&octets("09 03 11 01 01")),
    ]
    .concat()
}

/// A capture of a stream from 10.0.0.1:1024 to 10.0.0.2:102, cut into segments of 50 octets; every second pair of
/// segments comes in the wrong order, and every fifth segment comes twice.
fn capture(stream: &[u8]) -> Vec<u8> {
    let mut file = octets("A1B2C3D4 0002 0004 00000000 00000000 0000FFFF 00000065");
    let mut packets: Vec<Vec<u8>> = Vec::new();
    for (index, piece) in stream.chunks(50).enumerate() {
        // The counter passes zero on the way.
        let sequence = (u32::MAX - 60).wrapping_add(u32::try_from(index * 50).unwrap());
        let mut packet = octets("45 00");
        packet.extend(u16::try_from(40 + piece.len()).unwrap().to_be_bytes());
        packet.extend(octets("0000 0000 40 06 0000 0A000001 0A000002 0400 0066"));
        packet.extend(sequence.to_be_bytes());
        packet.extend(octets("00000000 50 18 FFFF 0000 0000"));
        packet.extend(piece);
        packets.push(packet);
    }
    for pair in packets.chunks_mut(4).filter(|group| group.len() == 4) {
        pair.swap(2, 3);
    }
    for (index, packet) in packets.iter().enumerate() {
        for _ in 0..if index % 5 == 0 { 2 } else { 1 } {
            file.extend([0; 8]);
            file.extend(u32::try_from(packet.len()).unwrap().to_be_bytes());
            file.extend(u32::try_from(packet.len()).unwrap().to_be_bytes());
            file.extend(packet);
        }
    }
    file
}

/// The same as pcapng in little-endian order.
fn next_generation(classic: &[u8]) -> Vec<u8> {
    let mut file = octets("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000");
    file.extend(octets("01000000 14000000 6500 0000 00000000 14000000"));
    let mut rest = &classic[24..];
    while let Some((header, packets)) = rest.split_first_chunk::<16>() {
        let length = usize::try_from(u32::from_be_bytes(header[8..12].try_into().unwrap())).unwrap();
        let padded = length.next_multiple_of(4);
        let block = u32::try_from(padded + 32).unwrap().to_le_bytes();
        let size = u32::try_from(length).unwrap().to_le_bytes();
        let packet = [&packets[..length], &[0; 3][..padded - length]].concat();
        file.extend([&octets("06000000")[..], &block, &[0; 12], &size, &size, &packet, &block].concat());
        rest = &packets[length..];
    }
    file
}

/// The codes of what is wrong, quirks left out.
fn faults(document: &Document) -> Vec<&'static str> {
    let serious = document.findings().into_iter().filter(|finding| finding.severity != Severity::Quirk);
    serious.map(|finding| finding.code).collect()
}

// ledger: beyond A-13 A-14
#[test]
fn what_each_sample_is_and_says() {
    let cases = [
        ("message", message(&sample_ipm())),
        ("report", report()),
        ("rtorq", octets(RTORQ)),
        ("stream", sample_stream()),
        ("or_name", or_name()),
    ];
    for (name, octets) in cases {
        let document = decode(&octets, None);
        assert_eq!(faults(&document), [""; 0], "{name}");
        insta::assert_snapshot!(name, text(&document, Limits::BRIEF));
    }
}

#[test]
fn the_same_as_annotated_hex_and_as_json() {
    let document = decode(&octets(RTORQ), None);
    insta::assert_snapshot!("rtorq_hex", hex(&document, Limits::FULL));
    insta::assert_snapshot!("rtorq_json", serde_json::to_string_pretty(&json(&document)).unwrap());
}

#[test]
fn kinds_are_found_out() {
    let cases = [
        (message(&[]), Kind::MtsApdu),
        (report(), Kind::MtsApdu),
        (sample_ipm(), Kind::Content),
        (or_name(), Kind::OrName),
        (octets(RTORQ), Kind::Association),
        (octets("31 05 A0 03 80 01 01"), Kind::Association),
        (octets("28 80 02 01 05 A0 80"), Kind::Rttr),
        (octets(CONNECTION_REQUEST), Kind::Stream),
        (capture(&[]), Kind::Pcap),
        (octets("04 00"), Kind::Ber),
        (Vec::new(), Kind::Ber),
    ];
    for (octets, kind) in cases {
        assert_eq!(decode(&octets, None).kind, kind, "{octets:02x?}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let apdu = message(&sample_ipm());
    let without_last = apdu[..apdu.len() - 1].to_vec();
    let trailing = [apdu, octets("00")].concat();
    let cases: &[(&str, Kind, Vec<u8>, &[&str])] = &[
        ("a member of a SET twice", Kind::Content, ipm(&[this_ipm()], &[]), &["duplicate-member"]),
        ("a member nobody knows", Kind::Content, ipm(&[octets("9E 01 00")], &[]), &["unknown-member"]),
        ("a mandatory member is missing", Kind::Content, octets("A0 04 31 00 30 00"), &["missing-member"]),
        ("a body part nobody knows", Kind::Content, ipm(&[], &[octets("9D 00")]), &["unknown-alternative"]),
        ("not a time", Kind::Content, ipm(&[octets("89 02 41 42")], &[]), &["time"]),
        ("not a PrintableString", Kind::OrName, octets("60 09 30 07 83 05 61 40 62 63 64"), &["repertoire"]),
        ("an INTEGER without octets", Kind::Content, ipm(&[octets("8C 00")], &[]), &["bad-value"]),
        ("a SET in primitive form", Kind::Content, octets("A0 04 11 00 30 00"), &["not-constructed"]),
        ("the last octet is missing", Kind::MtsApdu, without_last, &["truncated", "truncated"]),
        ("an octet too many", Kind::MtsApdu, trailing, &["unreadable-header", "trailing-octets"]),
        ("a TPKT that is cut off", Kind::Stream, octets("03 00 00 16 11 E0"), &["truncated"]),
        ("not a TPKT", Kind::Stream, octets("04 00"), &["not-tpkt"]),
        ("an SPDU nobody knows", Kind::Stream, tpkt(&octets("77 00")), &["unknown-spdu"]),
        ("a parameter nobody knows", Kind::Stream, tpkt(&octets("0D 02 77 00")), &["unknown-parameter"]),
        (
            "an activity without end",
            Kind::Stream,
            tpkt(&octets("01 00 01 00 05")),
            &["unfinished", "unreadable-header"],
        ),
    ];
    for (name, kind, octets, expected) in cases {
        assert_eq!(faults(&decode(octets, Some(*kind))), *expected, "{name}");
    }
}

#[test]
fn an_extension_as_pp_sends_it_is_understood_and_marked() {
    let extension = octets("30 0E A0 03 02 01 03 81 02 05 20 A2 03 0A 01 01");
    let apdu = element(0xa0, &[element(0x31, &[element(0xa3, &[extension])])]);
    let document = decode(&apdu, Some(Kind::MtsApdu));
    let quirks = document.findings().into_iter().filter(|finding| finding.severity == Severity::Quirk);
    let quirks: Vec<_> = quirks.map(|finding| (finding.code, finding.offset)).collect();
    assert_eq!(quirks, [("explicit-for-implicit", 14)]);
    let page = text(&document, Limits::BRIEF);
    assert!(page.contains("INTEGER StandardExtension (1)  3 dl-expansion-prohibited"), "{page}");
    assert!(page.contains("ENUMERATED DLExpansionProhibited (1)  1 dl-expansion-prohibited"), "{page}");
}

#[test]
fn a_capture_says_what_the_stream_says_whatever_happened_to_the_segments() {
    let stream = sample_stream();
    let lines = |document: &Document| -> Vec<String> {
        let brief = text(document, Limits::BRIEF);
        brief.lines().map(|line| line[4..].trim().replace("> TPKT", "TPKT")).collect()
    };
    let expected = lines(&decode(&stream, None));
    for file in [capture(&stream), next_generation(&capture(&stream))] {
        let document = decode(&file, None);
        assert_eq!(faults(&document), [""; 0]);
        assert_eq!(lines(&document)[1..], expected);
    }
}

#[test]
fn every_octet_is_on_the_page_once() {
    let nested = ipm(&[], &[octets(IA5_TEXT), octets(FILE_TRANSFER)]);
    for sample in [nested, report(), octets(RTORQ), or_name()] {
        let page = hex(&decode(&sample, None), Limits::FULL);
        let printed: String = page.lines().filter_map(|line| line.get(6..30.min(line.len()))).collect();
        assert_eq!(octets(&printed), sample);
    }
}

#[test]
fn whatever_is_cut_off_is_noticed() {
    let apdu = message(&sample_ipm());
    for length in 1..apdu.len() {
        assert!(!faults(&decode(&apdu[..length], Some(Kind::MtsApdu))).is_empty(), "{length}");
    }
}

#[test]
fn twenty_thousand_damaged_inputs_do_no_harm() {
    let stream = sample_stream();
    let captures = [capture(&stream), next_generation(&capture(&stream))];
    let samples = [&[message(&sample_ipm()), report(), stream][..], &captures].concat();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    for round in 0..20_000 {
        let mut sample = samples[round % samples.len()].clone();
        for _ in 0..=random(4) {
            let at = random(sample.len());
            match random(4) {
                0 => sample[at] ^= 1 << random(8),
                1 => sample[at] = [0x00, 0x80, 0xff, 0x7f, 0x24, 0xa0][random(6)],
                2 => sample.truncate(at + 1),
                _ => drop(sample.remove(at)),
            }
            if sample.is_empty() {
                sample.push(0);
            }
        }
        let document = decode(&sample, None);
        match round % 3 {
            0 => drop(text(&document, Limits::BRIEF)),
            1 => drop(hex(&document, Limits::FULL)),
            _ => drop(json(&document)),
        }
    }
}

#[test]
fn messages_in_messages_in_messages_do_no_harm() {
    // B-19: a P22 content forwarded as octets, in an IPM, forwarded as octets ..; in each also messages in messages.
    let mut content = ipm(&[], &[octets(IA5_TEXT)]);
    for _ in 0..20 {
        let data = element(
            0x28,
            &[octets("06 09 56 01 04 11 02 06 01 0A 01"), element(0xa0, &[element(0x04, &[content])])],
        );
        let mut part = element(0xaf, &[data]);
        for _ in 0..12 {
            let inner = element(0x30, &[element(0x31, &[this_ipm()]), element(0x30, &[part])]);
            part = element(0xa9, &[octets("31 00"), inner]);
        }
        content = ipm(&[], &[part]);
    }
    let document = decode(&content, None);
    assert_eq!(faults(&document), [""; 0]);
    assert!(text(&document, Limits::BRIEF).lines().count() > 400);
}
