use super::*;

/// The structure as an outline: one line per entity, `type/subtype [content length]`.
fn outline(message: &Message) -> String {
    fn walk(entity: &Entity, depth: usize, out: &mut String) {
        let content = String::from_utf8_lossy(&entity.octets_decoded().octets).escape_debug().to_string();
        out.push_str(&format!("{}{}", "  ".repeat(depth), entity.media.essence()));
        match &entity.structure {
            Structure::Leaf => out.push_str(&format!(" {content}\n")),
            Structure::Multipart(parts) => {
                out.push('\n');
                parts.iter().for_each(|part| walk(part, depth + 1, out));
            }
            Structure::Message(inner) => {
                out.push('\n');
                walk(inner, depth + 1, out);
            }
        }
    }
    let mut out = String::new();
    walk(message.root(), 0, &mut out);
    out
}

fn parse(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes()))
}

const NESTED: &str = "\
Subject: parts
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

preamble
--b

first
--b
Content-Type: multipart/alternative; boundary=bb

--bb
Content-Type: text/html

<p>
--bb--
--b  
Content-Type: message/rfc822

Subject: inner

deep
--b
Content-Type: application/pdf; name=x.pdf
Content-Transfer-Encoding: base64

SGVs
bG8=
--b--
epilogue
";

#[test]
fn the_structure_is_walked_with_either_line_end() {
    let expected = "\
multipart/mixed
  text/plain first
  multipart/alternative
    text/html <p>
  message/rfc822
    text/plain deep
  application/pdf Hello
";
    for text in [NESTED.to_owned(), NESTED.replace('\n', "\r\n")] {
        let message = parse(&text);
        assert_eq!(outline(&message), expected);
        assert_eq!(message.defects(), []);
        assert_eq!(message.root().parts()[3].file_name(), Some("x.pdf"));
    }
}

#[test]
fn parts_are_slices_of_the_original() {
    let octets = Bytes::from(NESTED);
    let message = Message::parse(octets.clone());
    let part = message.root().parts()[0].octets_decoded().octets;
    let place = NESTED.find("first").unwrap();
    assert_eq!(part.as_ptr(), octets[place..].as_ptr());
}

#[test]
fn fields_keep_their_order_their_place_and_their_folds_are_undone() {
    let text = "Received: one\r\nSubject : folded\r\n  text \r\nX-Empty:\r\nreceived: two\r\n\r\nbody";
    let message = parse(text);
    let lines: Vec<_> = message.header().fields().iter().map(Field::line).collect();
    assert_eq!(lines, ["Received: one", "Subject: folded  text", "X-Empty: ", "received: two"]);
    let places: Vec<_> =
        message.header().fields().iter().map(|field| &text[field.offset..field.offset + 3]).collect();
    assert_eq!(places, ["Rec", "Sub", "X-E", "rec"]);
    assert_eq!(message.header().all("Received").count(), 2);
    assert_eq!(message.root().content, "body");
}

#[test]
fn broken_messages_are_carried_and_their_defects_listed() {
    use DefectKind::*;
    for (text, header, body, defects) in [
        ("", vec![], "", vec![]),
        ("just text\nno header", vec![], "just text\nno header", vec![MissingEmptyLine]),
        ("A: b\nDear Bob: hello\n", vec!["A: b"], "Dear Bob: hello\n", vec![MissingEmptyLine]),
        ("A: b\njunk\nC: d\n\nbody", vec!["A: b", "C: d"], "body", vec![NotAField]),
        ("From me Mon Jan 1 00:00:00 2024\nA: b\n\nbody", vec!["A: b"], "body", vec![]),
        ("A: b\n", vec!["A: b"], "", vec![]),
        ("A: b", vec!["A: b"], "", vec![]),
        ("\nbody", vec![], "body", vec![]),
        ("A: \u{fc}\n\nbody", vec!["A: ü"], "body", vec![]),
        (
            "Content-Type: multipart/mixed; boundary=x\n\nnone",
            vec!["Content-Type: multipart/mixed; boundary=x"],
            "none",
            vec![MissingBoundary],
        ),
        (
            "Content-Transfer-Encoding: x-uuencode\n\nbody",
            vec!["Content-Transfer-Encoding: x-uuencode"],
            "body",
            vec![UnknownTransferEncoding],
        ),
    ] {
        let message = parse(text);
        let lines: Vec<_> = message.header().fields().iter().map(Field::line).collect();
        let kinds: Vec<_> = message.defects().iter().map(|defect| defect.kind).collect();
        assert_eq!((lines, kinds), (header.into_iter().map(str::to_owned).collect(), defects), "{text:?}");
        assert_eq!(message.root().content, body, "{text:?}");
    }
    let latin = Message::parse(Bytes::from_static(b"A: \xfc\n\n"));
    assert_eq!(latin.header().value("A"), Some("ü"));
    assert_eq!(latin.defects()[0].kind, EightBitField);
}

#[test]
fn a_missing_close_boundary_ends_the_last_part_at_the_end() {
    let message = parse("Content-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--xy\n--x\n\ntwo");
    assert_eq!(outline(&message), "multipart/mixed\n  text/plain one\\n--xy\n  text/plain two\n");
    assert_eq!(message.defects()[0].kind, DefectKind::MissingCloseBoundary);
}

#[test]
fn a_digest_holds_messages_by_default() {
    let message = parse("Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: a\n\none\n--x--\n");
    assert_eq!(outline(&message), "multipart/digest\n  message/rfc822\n    text/plain one\n");
}

#[test]
fn nesting_has_a_limit() {
    let text = "Content-Type: message/rfc822\n\n".repeat(5000);
    let message = parse(&text);
    assert_eq!(message.defects().last().map(|defect| defect.kind), Some(DefectKind::TooDeep));
}

proptest::proptest! {
    #[test]
    fn nothing_panics_on_any_octets(octets: Vec<u8>) {
        let _ = outline(&Message::parse(octets.into()));
    }

    #[test]
    fn nothing_panics_on_mutilated_messages(cut in 0_usize..400, other in 0_usize..400, octet: u8) {
        let mut octets = NESTED.as_bytes().to_vec();
        octets.truncate(cut.max(1));
        let place = other % octets.len();
        octets[place] = octet;
        let _ = outline(&Message::parse(octets.into()));
    }
}
