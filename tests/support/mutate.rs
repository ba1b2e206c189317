//! Octets that are almost right, the same ones on every run.
//!
//! [`mutated`] takes one of the good samples and does one to four things to it, knowing only roughly what the octets
//! are ([`Shape`]): octets are flipped, replaced, deleted, doubled, cut off and mixed with those of other samples, and
//! lengths claim what does not follow. Where the octets have a structure, half of the changes are made to that instead,
//! with the lengths around put right: otherwise nearly everything would be refused at the first octet, and nothing
//! behind it tested.

use super::ber;
use super::fuzz::dice::{Dice, data_packet, packet, packets as split};

/// A sample is not made longer than this by repetition, octets.
const LONGEST: usize = 4096;

/// What octets are made of.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Elements of BER.
    Ber,
    /// TPKTs, with SPDUs and BER inside.
    Packets,
    /// Lines, with pieces that mean something there.
    Text(&'static [&'static [u8]]),
}

/// One of the samples with one to four changes.
pub(crate) fn mutated(shape: Shape, samples: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut octets = dice.pick(samples).clone();
    match shape {
        Shape::Ber if dice.roll(2) == 0 => octets = ber::mutated(&octets, samples, dice),
        Shape::Packets if dice.roll(8) > 0 => octets = packets_mutated(&octets, samples, dice),
        Shape::Ber | Shape::Packets => edits(&mut octets, samples, BINARY, dice),
        Shape::Text(salt) => edits(&mut octets, samples, salt, dice),
    }
    octets
}

/// Octets that mean something in BER, SPDUs and TPDUs.
const BINARY: &[&[u8]] = &[
    b"\x00",
    b"\x00\x00",
    b"\x30\x80",
    b"\xa0\x80",
    b"\x24\x80",
    b"\x28\x80",
    b"\x30\x00",
    b"\x05\x00",
    b"\x1f\xff\xff\xff\xff\x7f",
    b"\xc1\xff\xff\xff",
    b"\x01\x00\x01\x00",
    b"\x80",
    b"\xff",
];
/// Lengths that claim more than ever follows, in BER and in the headers of PDUs.
const CLAIMS: &[&[u8]] = &[
    b"\x84\xff\xff\xff\xff",
    b"\x84\x7f\xff\xff\xff",
    b"\x84\x10\x00\x00\x00",
    b"\x83\xff\xff\xff",
    b"\x82\xff\xff",
    b"\x88\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x88\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x88\x00\x00\x00\x00\xff\xff\xff\xff",
    b"\x89\x01\x00\x00\x00\x00\x00\x00\x00\x00",
    b"\xfe",
    b"\xff\xff\xff",
    b"\xff",
    b"\x80",
];
const OCTETS: &[u8] = &[0x00, 0x01, 0x1f, 0x20, 0x7f, 0x80, 0x81, 0x84, 0x88, 0xa0, 0xc1, 0xfe, 0xff];

fn edits(octets: &mut Vec<u8>, samples: &[Vec<u8>], salt: &[&[u8]], dice: &mut Dice) {
    for _ in 0..=dice.roll(4) {
        edit(octets, samples, salt, dice);
    }
}

/// One change anywhere.
fn edit(octets: &mut Vec<u8>, samples: &[Vec<u8>], salt: &[&[u8]], dice: &mut Dice) {
    let at = dice.roll(octets.len() + 1);
    let end = (at + 1 + dice.roll(20)).min(octets.len());
    match dice.roll(16) {
        0..4 => octets[at..end].iter_mut().take(1).for_each(|octet| *octet ^= 1 << dice.roll(8)),
        4..7 => octets[at..end].iter_mut().take(1).for_each(|octet| *octet = *dice.pick(OCTETS)),
        7..9 => drop(octets.drain(at..end)),
        9 => {
            let piece = octets[at..end].repeat(1 + dice.roll(3));
            octets.splice(at..at, piece);
        }
        10 => octets.truncate(at),
        11 => {
            let other = dice.pick(samples);
            let from = dice.roll(other.len() + 1);
            octets.truncate(at);
            octets.extend_from_slice(&other[from..]);
        }
        12 => drop(octets.splice(at..at, dice.pick(salt).iter().copied())),
        13 => drop(octets.splice(at..end, dice.pick(salt).iter().copied())),
        14 => {
            // As often as not the outermost length.
            let place = if dice.roll(2) == 0 { 1 } else { at }.min(octets.len());
            let end = (place + 1).min(octets.len());
            octets.splice(place..end, dice.pick(CLAIMS).iter().copied());
        }
        _ => {
            let piece = dice.pick(salt);
            octets.splice(at..at, piece.repeat(1 + dice.roll(LONGEST / piece.len())));
        }
    }
}

/// One to four changes to a stream of TPKTs, most of them inside one, so that those around it are still taken.
fn packets_mutated(stream: &[u8], samples: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut packets = split(stream);
    for _ in 0..=dice.roll(4) {
        if packets.is_empty() {
            break;
        }
        let at = dice.roll(packets.len());
        match dice.roll(12) {
            0 => packets.insert(at, packets[at].clone()),
            1 => drop(packets.remove(at)),
            2 => {
                let other = dice.roll(packets.len());
                packets.swap(at, other);
            }
            3 => {
                let other = split(dice.pick::<Vec<u8>>(samples));
                packets.truncate(at);
                packets.extend(other.into_iter().skip(at));
            }
            4 => packets[at].iter_mut().skip(2).take(2).for_each(|octet| *octet = 0xff),
            5 => {
                // The length octets of the TPDU and of the SPDU.
                let place = (*dice.pick(&[4, 8])).min(packets[at].len());
                let end = (place + 1).min(packets[at].len());
                packets[at].splice(place..end, dice.pick(CLAIMS).iter().copied());
                packets[at] = packet(packets[at].get(4..).unwrap_or_default());
            }
            6..9 => user_data_mutated(&mut packets[at], samples, dice),
            _ => {
                let (header, contents) = packets[at].split_at((*dice.pick(&[4, 7])).min(packets[at].len()));
                let mut contents = contents.to_vec();
                edit(&mut contents, samples, BINARY, dice);
                packets[at] = packet(&[header.get(4..).unwrap_or_default(), &contents].concat());
            }
        }
    }
    packets.concat()
}

/// Changes the BER that the SPDUs of a packet carry; where there is none, anything.
fn user_data_mutated(packet: &mut Vec<u8>, samples: &[Vec<u8>], dice: &mut Dice) {
    let tsdu = packet.get(7..).unwrap_or_default();
    match with_user_data(tsdu, |octets| ber::mutated(octets, samples, dice)) {
        Some(tsdu) => *packet = data_packet(&tsdu),
        None => edit(packet, samples, BINARY, dice),
    }
}

/// A TSDU with the BER in it changed, and the lengths around put right; `None` if there is no BER in it.
fn with_user_data(tsdu: &[u8], change: impl FnOnce(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
    /// Parameter code of the user data of connect, accept and refuse.
    const USER_DATA: u8 = 193;
    match tsdu {
        // A data transfer has no length of its own.
        [1, 0, 1, 0, data @ ..] if !data.is_empty() => Some([&tsdu[..4], &change(data)[..]].concat()),
        [code @ 12..=14, ..] => {
            let (first, _) = length(tsdu, 1)?;
            let mut at = first;
            loop {
                let (start, length) = length(tsdu, at + 1)?;
                let value = tsdu.get(start..start + length)?;
                if tsdu[at] == USER_DATA {
                    let value = change(value);
                    let parameter = [&[USER_DATA], &long_length(value.len())[..], &value].concat();
                    let parameters = [&tsdu[first..at], &parameter].concat();
                    return Some([&[*code], &long_length(parameters.len())[..], &parameters].concat());
                }
                at = start + length;
            }
        }
        _ => None,
    }
}

/// The position after a length of X.225 (one octet, or 255 and two), and the length.
fn length(octets: &[u8], at: usize) -> Option<(usize, usize)> {
    match octets.get(at..)? {
        [0xff, high, low, ..] => Some((at + 3, usize::from(u16::from_be_bytes([*high, *low])))),
        [length, ..] => Some((at + 1, usize::from(*length))),
        [] => None,
    }
}

fn long_length(length: usize) -> Vec<u8> {
    let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    vec![0xff, high, low]
}
