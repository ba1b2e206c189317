//! What general strings and teletex strings say, octet by octet.

use super::*;

fn kinds(decoded: &DecodedText) -> Vec<FaultKind> {
    decoded.faults.iter().map(|fault| fault.kind).collect()
}

// ledger: beyond B-11 B-12
#[test]
fn general_strings_are_read() {
    for (octets, registrations, text) in [
        (&b"\x1b(B\x1b-A\x1b~Gr\xfc\xdfe"[..], &[6, 100][..], "Grüße"),
        // RFC 2157 has a C1 set of this form; it changes nothing.
        (b"\x1b(B\x1b-A\x1b!A\x1b~\xfc", &[6, 100], "ü"),
        (b"\x1b-F\x1b~\xe1 \x1b-A\xfc", &[6, 100, 126], "α ü"),
        // Shifts: SO is the upper set on the left, SI goes back; ESC 4/14 takes one character from G2.
        (b"\x1b-L\x0e\x54\x50\x0fA", &[6, 144], "даA"),
        (b"\x1b.A\x1bN\x7ca", &[6, 100], "üa"),
        (b"\x1b.A\x8e\xfca", &[6, 100], "üa"),
        (b"\x1b/A\x8f\xfc\x1bO\x7ca", &[6, 100], "üüa"),
        (b"\x1b.A\x1b/L\x1b}\xfc\x1b|\xd4\x1bn\x7c\x1bo\x54\x0fa", &[6, 100, 144], "üдüдa"),
        (b"\x1b$B$\"\x1b(B.", &[6, 14, 42, 87], "あ."),
        (b"\x1b&@\x1b$B$\"\x1b(J\\", &[14, 168], "あ¥"),
        (b"\x1b$@$\"\x1b(B.", &[42], "あ."),
        (b"\x1b$(D0\"\x1b(B.", &[159], "丄."),
        (b"\x1b$)C\x1b~\xb0\xa1", &[6, 149], "가"),
        (b"\x1b$)A\x1b~\xb0\xa1", &[6, 58], "啊"),
        (b"\x1b$)E\x0e\x30\x21\x2c\x21\x0f.", &[165], "啊厾."),
        (b"\x1b(I1\x1b(B.", &[13], "ｱ."),
        (b"\x1b(K{|}~[\\]@", &[21], "äöüßÄÖÜ§"),
        (b"\x1b(A#", &[4], "£"),
        // A new designation holds from there on.
        (b"\x1b-A\xe9\x1b-B\xe9\x1b-L\xe9", &[100, 101, 144], "ééщ"),
        // Diacritics of one set with letters of another.
        (b"\x1b(u\x1b)v\x1b~\xc8u", &[102, 103], "ü"),
        (b"\x1b-R\xc2e\xd0", &[156], "é—"),
        (b"\x1b%G\xce\xb1\xc3\xbc\x1b%@.", &[196], "αü."),
        (b"\x1b%/I\xce\xb1", &[192], "α"),
        ("αü".as_bytes(), &[196], "αü"),
        (b"\x1b%/E\x03\xb1\x00\xfc", &[176], "αü"),
        (b"\x1b%/L\xd8\x3d\xde\x00", &[195], "😀"),
        (b"\x1b%/F\x00\x01\xf6\x00", &[177], "😀"),
        (b"\x03\xb1", &[176], "α"),
        (b"", &[], ""),
        (b"a\r\n\tb\x0c", &[1, 6], "a\r\n\tb\x0c"),
    ] {
        let decoded = decode_general(octets, registrations);
        assert_eq!(decoded.text, text, "{}", octets.escape_ascii());
        assert_eq!((decoded.unreadable, decoded.faults), (0, vec![]), "{}", octets.escape_ascii());
    }
}

// ledger: beyond B-11 B-12
#[test]
fn faults_of_peers_are_read_and_noted() {
    use FaultKind::*;
    for (octets, registrations, text, faults) in [
        // The numbers alone, and with those of control sets.
        (&b"Gr\xfc\xdfe"[..], &[6, 100][..], "Grüße", vec![NotDesignated(100)]),
        (b"Gr\xfc\xdfe", &[1, 6, 100], "Grüße", vec![NotDesignated(100)]),
        (b"\xd4\xd0", &[144, 6], "да", vec![NotDesignated(144)]),
        (b"\xc8u", &[102, 103], "ü", vec![NotDesignated(103)]),
        (b"\xb0\xa1", &[149], "가", vec![NotDesignated(149)]),
        // No numbers at all.
        (b"Gr\xfc\xdfe", &[], "Grüße", vec![TakenForLatin1]),
        ("Grüße".as_bytes(), &[], "Grüße", vec![TakenForUtf8]),
        ("Grüße".as_bytes(), &[1, 6], "Grüße", vec![TakenForUtf8]),
        // Windows.
        (
            b"\x1b-A\x93a\x94 \x80",
            &[100],
            "“a” €",
            vec![TakenForWindows1252(0x93), TakenForWindows1252(0x94), TakenForWindows1252(0x80)],
        ),
        // Nothing there.
        (b"\x1b-C\xa5", &[109], "\u{fffd}", vec![NoCharacter(0xA5)]),
        (b"\x1b$B\x7e\x7e\x1b(B.", &[87], "\u{fffd}.", vec![NoCharacter(0x7E)]),
        (b"\x1b$B$", &[87], "\u{fffd}", vec![NoCharacter(0x24)]),
        (b"\x1b)q\xa1", &[95], "\u{fffd}", vec![UnknownSet(b'q'), NoSet(0xA1)]),
        (b"\x1b(!Aa", &[], "\u{fffd}", vec![UnknownSet(b'A'), NoSet(b'a')]),
        (b"a\x1b", &[6], "a\u{fffd}", vec![BrokenEscape]),
        (b"a\x1b$", &[6], "a\u{fffd}$", vec![BrokenEscape]),
        (b"\x1b%G\xce", &[196], "\u{fffd}", vec![BadUnicode]),
        (b"\x1b%/E\x03", &[176], "\u{fffd}", vec![BadUnicode]),
        (b"\x1b%/F\x00\x11\x00\x00a", &[177], "\u{fffd}\u{fffd}", vec![BadUnicode]),
        // How it looks.
        (b"a\x1b[4mb\x9b0mc", &[6], "abc", vec![ControlFunction(b'm')]),
        (b"a\x1bcb", &[6], "ab", vec![ControlFunction(b'c')]),
    ] {
        let decoded = decode_general(octets, registrations);
        assert_eq!(decoded.text, text, "{}", octets.escape_ascii());
        assert_eq!(kinds(&decoded), faults, "{}", octets.escape_ascii());
        assert_eq!(decoded.unreadable, text.matches('\u{fffd}').count());
    }
}

// ledger: beyond B-13
#[test]
fn teletex_strings_are_read() {
    for (octets, text) in [
        (&b"\xc8u \xc9u"[..], "ü ü"),
        (b"\xc2e \xc1a \xc3o \xc4n \xcaA \xcbc \xcdo \xcee \xcfs", "é à ô ñ Å ç ő ę š"),
        (b"\xc2q\xc8 ", "q\u{301}¨"),
        // The sets of its escape sequences (RFC 2157 Appendix C), as real systems write them, and others.
        (b"\x1b)v\xc8u", "ü"),
        (b"\x1b(u\x1b)v\x1b~\xfb", "ß"),
        (b"\x1b-A\xfc", "ü"),
        (b"\x1b$B$\"\x1b(Ba", "あa"),
        (b"\x1b*v\x19\x7b\x1d", "ß\u{1d}"),
        (b"\xcca", "a\u{332}"),
        (b"a\x0cb\r\n", "a\u{c}b\r\n"),
    ] {
        assert_eq!(decode_teletex(octets).text, text, "{}", octets.escape_ascii());
        assert_eq!(decode_teletex(octets).unreadable, 0);
    }
    assert_eq!(kinds(&decode_teletex(b"\xc8\xc8u\xc8")), [FaultKind::LonelyDiacritic]);
    assert_eq!(
        kinds(&decode_teletex(b"\x8ba\x8c\xd5")),
        [FaultKind::ControlFunction(0x8B), FaultKind::ControlFunction(0x8C), FaultKind::NoCharacter(0xD5),]
    );
}

#[test]
fn a_fault_names_its_octet() {
    let decoded = decode_general(b"abc\x1b-C\xa5", &[109]);
    let faults: Vec<_> = decoded.faults.iter().map(ToString::to_string).collect();
    assert_eq!(faults, ["octet 6: the set has no character at A5"]);
}

proptest::proptest! {
    #[test]
    fn nothing_panics(octets in proptest::collection::vec(
                          proptest::prop_oneof![0_u8..=255, proptest::sample::select(&b"\x1b$%(-/)~AGv\x8e"[..])], 0..60),
                      registrations in proptest::collection::vec(0_i64..230, 0..4)) {
        let decoded = decode_general(&octets, &registrations);
        proptest::prop_assert!(decoded.faults.len() <= FAULTS);
        let _ = decode_teletex(&octets);
        let _ = teletex_text(&octets);
    }

    #[test]
    fn what_is_cut_off_is_read_as_far_as_it_goes(cut in 0_usize..40) {
        let octets = b"\x1b(B\x1b-A\x1b~Gr\xfc\xdfe\x1b$B$\"\x1b(B\x1b%G\xce\xb1\x1b%@\x1b)v\xc8u";
        let cut = cut.min(octets.len());
        let whole = decode_general(octets, &[6]);
        let part = decode_general(&octets[..cut], &[6]);
        let read: String = part.text.chars().take_while(|c| *c != '\u{fffd}').collect();
        let read = read.trim_end_matches(['\x1b', '$', '%', '(', '-', ')']);
        proptest::prop_assert!(whole.text.starts_with(read));
    }
}
