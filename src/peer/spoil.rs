//! Lengths that are wrong, each at its layer.

use bytes::Bytes;

use crate::osi::tpkt;

/// Whose length is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoiled {
    /// The packet of RFC 1006: seven octets more than there are.
    Tpkt,
    /// The length indicator of the TPDU: more than the TPDU has.
    Tpdu,
    /// The length indicator of the first SPDU with parameters: more than the SPDU has.
    Spdu,
    /// The outermost element of BER in the user data: more than there is.
    Ber,
}

impl Spoiled {
    /// All of them, with the names people call them by.
    pub const NAMES: [(&'static str, Self); 4] =
        [("tpkt", Self::Tpkt), ("tpdu", Self::Tpdu), ("spdu", Self::Spdu), ("ber", Self::Ber)];
}

/// Octets of the header of a DT TPDU.
const DATA_HEADER: usize = tpkt::HEADER_OCTETS + 3;
const CODE_DATA: u8 = 0xf0;
/// The parameters of an SPDU that hold user data.
const USER_DATA: [u8; 2] = [193, 194];

/// The packet with one length wrong; as it was if there is no such length in it.
pub(super) fn spoil(packet: &Bytes, what: Spoiled) -> Bytes {
    let mut octets = packet.to_vec();
    match what {
        Spoiled::Tpkt => {
            let length = u16::try_from(octets.len()).unwrap_or(u16::MAX).saturating_add(7);
            octets[2..4].copy_from_slice(&length.to_be_bytes());
        }
        Spoiled::Tpdu => octets[tpkt::HEADER_OCTETS] = 0xfe,
        Spoiled::Spdu => {
            if let Some(place) = first_length(&octets) {
                octets[place] = if octets[place] == 0xff { 0xfe } else { octets[place].saturating_add(0x40) };
            }
        }
        Spoiled::Ber => {
            if let Some(element) = user_data(&octets) {
                lengthen(&mut octets[element..]);
            }
        }
    }
    octets.into()
}

/// Where the first SPDU with parameters tells its length.
fn first_length(octets: &[u8]) -> Option<usize> {
    (octets.get(DATA_HEADER - 2) == Some(&CODE_DATA)).then_some(())?;
    let first = DATA_HEADER + 1;
    // GT or PT without parameters stands before another SPDU.
    let place = if octets.get(first) == Some(&0) && octets.len() > first + 2 { first + 2 } else { first };
    (place < octets.len()).then_some(place)
}

/// Where the user data begin: after GT and DT, or in a parameter of another SPDU.
fn user_data(octets: &[u8]) -> Option<usize> {
    let spdu = first_length(octets)? - 1;
    if octets[spdu..].starts_with(&[1, 0]) {
        return Some(spdu + 2).filter(|place| *place + 1 < octets.len());
    }
    let mut place = spdu + 1;
    (_, place) = length(octets, place)?;
    while place < octets.len() {
        let kind = octets[place];
        let (octets_of_value, value) = length(octets, place + 1)?;
        if USER_DATA.contains(&kind) {
            return Some(value).filter(|value| value + 1 < octets.len());
        }
        place = value + octets_of_value;
    }
    None
}

/// A length indicator and the place after it: one octet, or FF and two (X.225 8.2).
fn length(octets: &[u8], place: usize) -> Option<(usize, usize)> {
    match *octets.get(place)? {
        0xff => {
            let long = octets.get(place + 1..place + 3)?;
            Some((usize::from(u16::from_be_bytes([long[0], long[1]])), place + 3))
        }
        short => Some((usize::from(short), place + 1)),
    }
}

/// Makes the element that begins here longer than it is.
fn lengthen(element: &mut [u8]) {
    let Some(first) = element.get(1).copied() else { return };
    match first {
        // The length of the length octets follows: the last of them is the least significant.
        0x81..=0x84 => {
            if let Some(last) = element.get_mut(2) {
                *last = last.saturating_add(0x10);
            }
        }
        // An indefinite length becomes one of four octets.
        0x80 => element[1] = 0x84,
        short => element[1] = short.saturating_add(0x20).min(0x7f),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_length_is_made_longer_where_it_stands() {
        let data = [3, 0, 0, 17, 2, 0xf0, 0x80, 1, 0, 1, 0, 0x61, 4, 1, 2, 3, 4];
        let connect = [3, 0, 0, 18, 2, 0xf0, 0x80, 13, 9, 20, 2, 0, 9, 193, 3, 0x31, 1, 0];
        for (packet, what, place, octet) in [
            (&data[..], Spoiled::Tpkt, 3, 24),
            (&data, Spoiled::Tpdu, 4, 0xfe),
            (&data, Spoiled::Spdu, 10, 0x40),
            (&data, Spoiled::Ber, 12, 0x24),
            (&connect, Spoiled::Spdu, 8, 0x49),
            (&connect, Spoiled::Ber, 16, 0x21),
        ] {
            let spoiled = spoil(&Bytes::copy_from_slice(packet), what);
            let mut expected = packet.to_vec();
            expected[place] = octet;
            assert_eq!(spoiled, expected, "{what:?}");
        }
    }

    #[test]
    fn any_packet_can_be_spoiled_without_a_panic() {
        for (_, what) in Spoiled::NAMES {
            for length in 5..40_u8 {
                let mut packet = vec![3, 0, 0, length];
                packet.resize(usize::from(length), 0xf0);
                spoil(&packet.into(), what);
            }
        }
    }
}
