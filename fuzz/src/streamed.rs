//! Readers of elements as they arrive: a cut changes nothing, and they say what the decoder of whole values says.

use bytes::Bytes;
use rasn_x400::ber::plan::{Piece, Plan};
use rasn_x400::ber::token::{Fault, Token, Tokenizer};
use rasn_x400::ber::{self, Limits};
use rasn_x400::prim::Octets;
use rasn_x400::stream::{ApduEvent, ApduReader, ApduWriter, Error, IpmEvent, IpmReader, Problem};
use rasn_x400::x419::{Message, MtsApdu};
use rasn_x400::x420::{InformationObject, Ipm};

use super::dice::{Dice, pieces};

/// Small enough that a fuzzer reaches them.
const LIMITS: Limits = Limits { envelope: 4_000, heading: 500, body_part: 500, whole: 4_000, depth: 32 };

/// Tokens with their own octets, and how it ended.
type Tokens = (Vec<(Token, Vec<u8>)>, Result<(), Fault>);

/// The tokens of an element in pieces, neighbouring data put together.
fn tokens(pieces: &[&[u8]], opaque_from: usize) -> Tokens {
    let mut tokenizer = Tokenizer::new(32);
    let mut tokens: Vec<(Token, Vec<u8>)> = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let step = match tokenizer.feed(rest) {
                Ok(step) => step,
                Err(fault) => return (tokens, Err(fault)),
            };
            let (consumed, more) = rest.split_at(step.consumed);
            rest = more;
            match (step.token, tokens.last_mut()) {
                (None, _) => {
                    assert!(rest.is_empty(), "no token, although octets are left");
                    break;
                }
                (Some(Token::Data { offset }), Some((Token::Data { offset: first }, data))) => {
                    assert_eq!(offset, *first + data.len() as u64);
                    data.extend_from_slice(consumed);
                }
                (Some(token @ Token::Data { .. }), _) => tokens.push((token, consumed.to_vec())),
                (Some(token), _) => {
                    if matches!(token, Token::Start { .. }) {
                        tokens.push((token, tokenizer.header_octets().to_vec()));
                        if tokenizer.depth() >= opaque_from {
                            tokenizer.opaque();
                        }
                    } else {
                        tokens.push((token, Vec::new()));
                    }
                }
            }
        }
    }
    (tokens, tokenizer.finish())
}

/// Cut anywhere, the tokens are the same; and of an element they are all of its octets.
pub fn ber_tokens(octets: &[u8], dice: &mut Dice) -> bool {
    let opaque_from = *dice.pick(&[1, 2, 4, 40]);
    let (whole, ended) = tokens(&[octets], opaque_from);
    let cut = tokens(&pieces(octets, dice), opaque_from);
    assert_eq!(cut.0, whole, "a cut changes nothing");
    assert_eq!(cut.1, ended, "a cut changes nothing");
    if ended.is_ok() {
        let mut again = Vec::new();
        for (token, own) in &whole {
            again.extend_from_slice(own);
            if let Token::End { size, .. } = token {
                again.extend(std::iter::repeat_n(0, *size));
            }
        }
        assert_eq!(again, octets, "the tokens are the octets");
    }
    ended.is_ok()
}

fn read_apdu(pieces: &[&[u8]], limits: Limits) -> Result<MtsApdu, Error> {
    let mut reader = ApduReader::new(limits);
    let mut apdu = None;
    let mut content = Vec::new();
    for piece in pieces {
        reader.push(Bytes::copy_from_slice(piece));
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
    Ok(apdu.expect("an APDU that is complete was told"))
}

pub fn apdu_reader(octets: &[u8], dice: &mut Dice) -> bool {
    let in_one = read_apdu(&[octets], LIMITS);
    assert_eq!(read_apdu(&pieces(octets, dice), LIMITS), in_one, "a cut changes nothing");
    let whole = MtsApdu::from_octets(octets, octets.len());
    match (&in_one, &whole) {
        (Ok(read), Ok(whole)) => assert_eq!(read, whole, "the reader and the decoder agree"),
        (Err(_), Err(_) | Ok(MtsApdu::Unknown(_))) => {}
        // The decoder looks neither whether an element says that it is constructed, nor how deep and long it is.
        (
            Err(Error {
                problem: Problem::Unexpected { .. } | Problem::TooLong { .. } | Problem::Syntax(_),
                ..
            }),
            Ok(_),
        ) => {}
        // A member that nobody knows may also stand before the encoding of an EXTERNAL.
        (Ok(_), Err(_)) if octets.first() == Some(&0x28) => {}
        disagreement => panic!("{disagreement:?}"),
    }
    in_one.is_ok()
}

/// A message whose envelope is written anew or goes out as it came, around its own content, is the message that was read.
pub fn apdu_writer(octets: &[u8], dice: &mut Dice) -> bool {
    let Ok(MtsApdu::Message(message)) = MtsApdu::from_octets(octets, octets.len()) else { return false };
    let writer = match dice.roll(2) {
        0 => ApduWriter::new(&message.envelope),
        _ => ber::encode(&message.envelope).map(|octets| ApduWriter::verbatim(octets.into())),
    };
    let Ok(writer) = writer else { return false };
    let plan = writer.unknown(message.unknown.clone()).content(Plan::from(message.content.0.clone()));
    let length = plan.len();
    let written: Vec<u8> = plan.pieces().flat_map(Piece::into_octets).collect();
    assert_eq!(written.len(), length);
    // What is not known keeps its octets, but for the form of its lengths.
    let encoded = ber::encode(&MtsApdu::Message(message));
    let expected = encoded.and_then(|octets| MtsApdu::from_octets(&octets, octets.len()));
    assert_eq!(MtsApdu::from_octets(&written, length), expected);
    // The same around a content that is elsewhere.
    let outside = ApduWriter::verbatim(Bytes::new()).content(Plan::external((), octets.len()));
    let counted: usize = outside
        .clone()
        .pieces()
        .map(|piece| match piece {
            Piece::Octets(octets) => octets.len(),
            Piece::External { length, .. } => length,
        })
        .sum();
    assert_eq!(counted, outside.len());
    true
}

/// A message or notification as far as it was kept in memory, and where the leaves of large parts are.
type Read = (InformationObject, Vec<std::ops::Range<u64>>);

fn read_ipm(pieces: &[&[u8]], limits: Limits) -> Result<Read, Error> {
    let mut reader = IpmReader::new(limits);
    let (mut object, mut ranges) = (None, Vec::new());
    for piece in pieces {
        reader.push(Bytes::copy_from_slice(piece));
        while let Some(event) = reader.poll()? {
            match (event, &mut object) {
                (IpmEvent::Heading { heading, .. }, None) => {
                    object = Some(InformationObject::Ipm(Ipm { heading: *heading, body: Vec::new() }));
                }
                (IpmEvent::Part { part, octets, range }, Some(InformationObject::Ipm(ipm))) => {
                    assert_eq!(range.end - range.start, octets.len() as u64);
                    ipm.body.push(*part);
                }
                (IpmEvent::LargePart(part), Some(_)) => {
                    ranges.extend(part.leaves.into_iter().flat_map(|leaf| leaf.ranges));
                }
                (IpmEvent::Notification { notification, .. }, None) => {
                    object = Some(InformationObject::Ipn(*notification));
                }
                (IpmEvent::End, Some(_)) => {}
                (event, object) => panic!("{event:?} after {object:?}"),
            }
        }
    }
    reader.finish()?;
    Ok((object.expect("a content that is complete was told"), ranges))
}

pub fn ipm_reader(octets: &[u8], dice: &mut Dice) -> bool {
    let body_part = *dice.pick(&[1, 20, 100, 500, 10_000]);
    let limits = Limits { body_part, ..LIMITS };
    let in_one = read_ipm(&[octets], limits);
    assert_eq!(read_ipm(&pieces(octets, dice), limits), in_one, "a cut changes nothing");
    let Ok((read, ranges)) = &in_one else { return false };
    for range in ranges {
        assert!(range.start < range.end && range.end <= octets.len() as u64, "{range:?}");
    }
    if ranges.is_empty() && body_part >= octets.len() {
        let whole = ber::decode::<InformationObject>(octets, octets.len());
        assert_eq!(whole.as_ref(), Ok(read), "the reader and the decoder agree");
    }
    true
}
