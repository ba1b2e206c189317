//! Which form a text takes, and its octets.

use super::*;
use crate::mixer::charset::general_string::decode_general;

type Replaced = Vec<(char, String)>;

fn parts(encoded: Option<Encoded>) -> Option<(Vec<i64>, Vec<u8>, Replaced)> {
    let Encoded { body, replaced } = encoded?;
    Some(match body {
        BodyText::Ia5(octets) => (vec![], octets.to_vec(), replaced),
        BodyText::General { registrations, octets, .. } => (registrations, octets.to_vec(), replaced),
    })
}

#[test]
fn the_smallest_set_is_chosen() {
    for (text, charset, registrations, octets) in [
        // B-11: the octets of the ledger
        ("Grüße", None, vec![6, 100], &b"\x1b(B\x1b-A\x1b~Gr\xfc\xdfe"[..]),
        // B-12, one row each
        ("Łódź", None, vec![6, 101], b"\x1b(B\x1b-B\x1b~\xa3\xf3d\xbc"),
        ("Ġ", None, vec![6, 109], b"\x1b(B\x1b-C\x1b~\xd5"),
        ("Ŧ", None, vec![6, 110], b"\x1b(B\x1b-D\x1b~\xac"),
        ("да", None, vec![6, 144], b"\x1b(B\x1b-L\x1b~\xd4\xd0"),
        ("ب", None, vec![6, 127], b"\x1b(B\x1b-G\x1b~\xc8"),
        ("α", None, vec![6, 126], b"\x1b(B\x1b-F\x1b~\xe1"),
        ("א", None, vec![6, 138], b"\x1b(B\x1b-H\x1b~\xe0"),
        ("ığã", None, vec![6, 148], b"\x1b(B\x1b-M\x1b~\xfd\xf0\xe3"),
        ("5 €", None, vec![6, 203], b"\x1b(B\x1b-b\x1b~5 \xa4"),
        ("ü", Some("ISO-8859-15"), vec![6, 203], b"\x1b(B\x1b-b\x1b~\xfc"),
        ("あ", None, vec![6, 14, 42, 87], b"\x1b$B$\"\x1b(B"),
        ("あ\na～", None, vec![6, 14, 42, 87], b"\x1b$B$\"\x1b(B\r\na\x1b$B!A\x1b(B"),
        ("가a", None, vec![6, 149], b"\x1b(B\x1b$)C\x1b~\xb0\xa1a"),
        ("这a", None, vec![6, 58], b"\x1b(B\x1b$)A\x1b~\xd5\xe2a"),
        ("中", Some("gb2312"), vec![6, 58], b"\x1b(B\x1b$)A\x1b~\xd6\xd0"),
        ("中", Some("euc-kr"), vec![6], b""),
        ("αü", None, vec![196], b"\x1b%G\xce\xb1\xc3\xbc\x1b%@"),
        ("\u{85}", None, vec![196], b"\x1b%G\xc2\x85\x1b%@"),
        // Greek is in the Japanese set too, and “ with it; that is no reason to write Greek so.
        ("α “x”", None, vec![196], b"\x1b%G\xce\xb1 \xe2\x80\x9cx\xe2\x80\x9d\x1b%@"),
        // The wave that mail has is the full-width tilde.
        ("〜", None, vec![196], b"\x1b%G\xe3\x80\x9c\x1b%@"),
        // What vendors added to a set is not written in it.
        ("あ①", None, vec![196], b"\x1b%G\xe3\x81\x82\xe2\x91\xa0\x1b%@"),
        ("α€", None, vec![196], b"\x1b%G\xce\xb1\xe2\x82\xac\x1b%@"),
    ] {
        let (found, encoded, replaced) = parts(encode(text, charset, TextFallback::Utf8)).unwrap();
        if octets.is_empty() {
            // Both have it: the sender's is taken.
            assert_eq!(found, [6, 149], "{text}");
            continue;
        }
        assert_eq!((found, &encoded[..], replaced), (registrations, octets, vec![]), "{text}");
    }
}

// ledger: beyond B-12
#[test]
fn an_operator_says_what_becomes_of_the_rest() {
    use TextFallback::*;
    let lost =
        |pairs: &[(char, &str)]| pairs.iter().map(|(c, by)| (*c, (*by).to_owned())).collect::<Vec<_>>();
    for (text, fallback, expected) in [
        ("αü", Encapsulate, None),
        ("😀", Mixed, None),
        (
            "αüα",
            Mixed,
            Some((vec![6, 100, 126], &b"\x1b(B\x1b~\x1b-F\xe1\x1b-A\xfc\x1b-F\xe1"[..], lost(&[]))),
        ),
        ("ü가", Mixed, Some((vec![6, 100, 149], b"\x1b(B\x1b~\x1b-A\xfc\x1b$)C\xb0\xa1", lost(&[])))),
        (
            "Grüße – ž",
            Transliterate,
            Some((vec![6, 101], b"\x1b(B\x1b-B\x1b~Gr\xfc\xdfe - \xbe", lost(&[('–', "-")]))),
        ),
        (
            "“a” …",
            Transliterate,
            Some((vec![6, 179], b"\x1b(B\x1b-Y\x1b~\xb4a\xa1 ...", lost(&[('…', "...")]))),
        ),
        (
            "Grüße, Щ",
            Transliterate,
            Some((vec![6, 100], b"\x1b(B\x1b-A\x1b~Gr\xfc\xdfe, Shch", lost(&[('Щ', "Shch")]))),
        ),
        ("–", Transliterate, Some((vec![], b"-", lost(&[('–', "-")])))),
        ("ü 😀", Transliterate, Some((vec![6, 100], b"\x1b(B\x1b-A\x1b~\xfc ?", lost(&[('😀', "?")])))),
        ("😀😁", Transliterate, None),
    ] {
        let expected = expected.map(|(numbers, octets, lost)| (numbers, octets.to_vec(), lost));
        assert_eq!(parts(encode(text, None, fallback)), expected, "{text}");
    }
    // B-11: an unknown combination has a label of its own.
    let Some(BodyText::General { charset, .. }) = encode_body("αü", None, Mixed) else { panic!() };
    assert_eq!(charset, "x-iso-6-100-126");
}

#[test]
fn registrations_have_charsets() {
    for (text, registrations, expected) in [
        ("ü", &[6, 100][..], Some(("iso-8859-1", &b"\xfc"[..]))),
        ("ü", &[1, 6, 100, 77], Some(("iso-8859-1", b"\xfc"))),
        ("あa", &[6, 14, 42, 87], Some(("iso-2022-jp", b"\x1b$B$\"\x1b(Ba"))),
        ("가", &[6, 149], Some(("euc-kr", b"\xb0\xa1"))),
        ("α", &[6, 100], None),
        ("ü", &[6, 100, 126], None),
        ("a", &[6, 100], None),
        ("ü", &[102, 103], None),
        ("ü", &[6, 9999], None),
    ] {
        let expected = expected.map(|(charset, octets)| (charset, octets.to_vec()));
        assert_eq!(encode_registered(text, registrations), expected, "{text}");
    }
}

#[test]
fn ascii_is_ia5_with_canonical_lines() {
    for (text, expected) in
        [("a\nb\n", "a\r\nb\r\n"), ("a\r\nb", "a\r\nb"), ("\n", "\r\n"), ("a\r\nb\n", "a\r\nb\r\n"), ("", "")]
    {
        assert_eq!(
            encode_body(text, Some("utf-8"), TextFallback::Utf8),
            Some(BodyText::Ia5(Bytes::from(expected)))
        );
    }
}

fn any_text() -> impl proptest::strategy::Strategy<Value = String> {
    proptest::prop_oneof![
        "[ -~äßŁźдαא€あ가这😀\r\n]{0,60}",
        "[ -~À-ÿ\n]{0,60}",
        "[ -~а-я\n]{0,60}",
        "[ -~ぁ-ん一-鿿\n]{0,60}",
        "\\PC{0,40}",
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_written_is_read(text in any_text(), mixed: bool) {
        let fallback = if mixed { TextFallback::Mixed } else { TextFallback::Utf8 };
        if let Some(BodyText::General { registrations, octets, .. }) = encode_body(&text, None, fallback) {
            let decoded = decode_general(&octets, &registrations);
            let lines = canonical_lines(&text);
            proptest::prop_assert_eq!(decoded.text.as_str(), lines.as_ref());
            proptest::prop_assert_eq!((decoded.unreadable, decoded.faults), (0, vec![]));
        }
    }

    #[test]
    fn what_is_replaced_is_said(text in any_text()) {
        if let Some(Encoded { body: BodyText::General { registrations, octets, .. }, replaced }) =
            encode(&text, None, TextFallback::Transliterate)
        {
            let decoded = decode_general(&octets, &registrations);
            proptest::prop_assert_eq!(decoded.unreadable, 0);
            if replaced.is_empty() {
                proptest::prop_assert_eq!(decoded.text.matches('?').count(), text.matches('?').count());
            }
        }
    }
}
