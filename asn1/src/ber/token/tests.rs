use super::*;

/// What a tokenizer says of `octets` when they come in parts of `size`; data of one element is joined.
fn tokens(octets: &[u8], size: usize) -> Result<Vec<String>, Fault> {
    let mut tokenizer = Tokenizer::new(8);
    let mut said = Vec::<String>::new();
    let mut data = String::new();
    for part in octets.chunks(size) {
        let mut rest = part;
        loop {
            let step = tokenizer.feed(rest)?;
            let (consumed, after) = rest.split_at(step.consumed);
            rest = after;
            match step.token {
                None => break,
                Some(Token::Data { .. }) => {
                    consumed.iter().for_each(|octet| data.push_str(&format!("{octet:02x}")))
                }
                Some(token) => {
                    if !data.is_empty() {
                        said.push(std::mem::take(&mut data));
                    }
                    said.push(match token {
                        Token::Start { header, offset } => {
                            assert_eq!(header.size, tokenizer.header_octets().len());
                            let length = header
                                .length
                                .map_or_else(|| "indefinite".into(), |length| length.to_string());
                            format!("{offset}: {} {length}", header.tag.value)
                        }
                        Token::End { offset, size } => format!("{offset}: end {size}"),
                        Token::Data { .. } => String::new(),
                    });
                }
            }
        }
        assert!(rest.is_empty());
    }
    tokenizer.finish()?;
    Ok(said)
}

const DEFINITE: &[u8] = &[0x30, 0x06, 0x04, 0x02, 0xaa, 0xbb, 0x05, 0x00];
const INDEFINITE: &[u8] =
    &[0x30, 0x80, 0x24, 0x80, 0x04, 0x81, 0x01, 0xaa, 0x00, 0x00, 0x9f, 0x85, 0x23, 0x00, 0x00, 0x00];

#[test]
fn known_answers_in_any_cut() {
    let definite = ["0: 16 6", "2: 4 2", "aabb", "6: end 0", "6: 5 0", "8: end 0", "8: end 0"];
    let indefinite = [
        "0: 16 indefinite",
        "2: 4 indefinite",
        "4: 4 1",
        "aa",
        "8: end 0",
        "8: end 2",
        "10: 675 0",
        "14: end 0",
        "14: end 2",
    ];
    for size in 1..=INDEFINITE.len() {
        assert_eq!(tokens(DEFINITE, size).unwrap(), definite, "parts of {size}");
        assert_eq!(tokens(INDEFINITE, size).unwrap(), indefinite, "parts of {size}");
    }
}

#[test]
fn a_cut_at_any_octet_is_incomplete() {
    for whole in [DEFINITE, INDEFINITE] {
        for cut in 0..whole.len() {
            let fault = tokens(&whole[..cut], 3).unwrap_err();
            assert_eq!(fault, Fault { offset: cut as u64, problem: Problem::Incomplete });
        }
    }
}

#[test]
fn what_is_no_element_is_refused_where_it_goes_wrong() {
    use HeaderError::{Invalid, TooLarge};
    use Problem::{Header, Overrun, TooDeep, Trailing, UnexpectedEnd};
    let cases: &[(&[u8], u64, Problem)] = &[
        (&[0x05, 0x00, 0x05], 2, Trailing),
        (&[0x30, 0x03, 0x04, 0x02, 0xaa, 0xbb], 2, Overrun),
        (&[0x30, 0x80, 0x30, 0x02, 0x04, 0x02, 0xaa, 0xbb], 4, Overrun),
        // The header itself does not fit.
        (&[0x30, 0x01, 0x04, 0x00], 3, Overrun),
        // No room for the end-of-contents.
        (&[0x30, 0x02, 0x30, 0x80, 0x00, 0x00], 4, Overrun),
        (&[0x30, 0x02, 0x00, 0x00], 2, UnexpectedEnd),
        (&[0x30, 0x80, 0x00, 0x81, 0x00], 2, UnexpectedEnd),
        (&[0x00, 0x00], 0, UnexpectedEnd),
        (&[0x30, 0x80, 0x04, 0x80], 2, Header(Invalid)),
        (&[0x04, 0xff], 0, Header(Invalid)),
        (&[0x1f, 0x80, 0x80, 0x80], 0, Header(Invalid)),
        (&[0x1f, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x00], 0, Header(TooLarge)),
        (&[0x04, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0], 0, Header(TooLarge)),
        (&[0x04, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 0, Overrun),
        (&[0x30; 40], 0, Overrun),
        (&[0x30, 0x80].repeat(9), 16, TooDeep(8)),
    ];
    for (octets, offset, problem) in cases {
        for size in 1..=octets.len() {
            let fault = tokens(octets, size).unwrap_err();
            // Equal octets claim to hold 48 each: the second is the first that does not fit.
            let offset = if octets[..2] == [0x30, 0x30] { 2 } else { *offset };
            assert_eq!(fault, Fault { offset, problem: *problem }, "{octets:02x?} in parts of {size}");
        }
    }
}

#[test]
fn opaque_contents_are_not_looked_at() {
    let mut tokenizer = Tokenizer::new(8);
    let octets = [0x30, 0x03, 0xff, 0xff, 0xff];
    assert_eq!(tokenizer.feed(&octets).unwrap().consumed, 2);
    assert!(tokenizer.opaque());
    assert_eq!(
        tokenizer.feed(&octets[2..]).unwrap(),
        Step { consumed: 3, token: Some(Token::Data { offset: 2 }) }
    );
    assert_eq!(tokenizer.feed(&[]).unwrap().token, Some(Token::End { offset: 5, size: 0 }));
    assert_eq!(tokenizer.finish(), Ok(()));

    let mut tokenizer = Tokenizer::new(8);
    tokenizer.feed(&[0x30, 0x80]).unwrap();
    assert!(!tokenizer.opaque());
}
