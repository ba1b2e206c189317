//! TPKT: packets on a TCP connection (RFC 1006 section 6, T-01).
//!
//! ```text
//! octet   1        2         3   4              5 ...
//!         version  reserved  length, all of it  one TPDU
//!         3        0         7 ..= 65535
//! ```
//!
//! [`Decoder`] takes the octets of a connection in chunks of any size and gives back whole TPDUs. It copies each octet
//! once, into its buffer; the TPDUs are slices of that buffer. [`header`] makes the four octets to send before a TPDU.

use bytes::{Buf, Bytes, BytesMut};

/// The octets before each TPDU.
pub const HEADER_OCTETS: usize = 4;
/// The shortest packet: a header and a TPDU of three octets.
pub const MINIMUM_PACKET: usize = 7;
/// The longest packet that the length field can tell.
pub const MAXIMUM_PACKET: usize = 65_535;
/// The longest TPDU that fits a packet.
pub const MAXIMUM_TPDU: usize = MAXIMUM_PACKET - HEADER_OCTETS;

const VERSION: u8 = 3;

/// Cuts a stream of octets into TPDUs.
#[derive(Debug)]
pub struct Decoder {
    buffer: BytesMut,
    maximum: usize,
    /// Octets of the connection before the buffer.
    offset: u64,
    fault: Option<Fault>,
}

impl Decoder {
    /// A decoder at the start of a connection. Packets longer than `maximum` octets, header included, are refused;
    /// values outside 7 to 65535 are taken to the nearer end.
    pub fn new(maximum: usize) -> Self {
        let maximum = maximum.clamp(MINIMUM_PACKET, MAXIMUM_PACKET);
        Self { buffer: BytesMut::new(), maximum, offset: 0, fault: None }
    }

    /// Takes the next octets of the connection. After a fault they are dropped.
    pub fn push(&mut self, octets: &[u8]) {
        if self.fault.is_none() {
            self.buffer.extend_from_slice(octets);
        }
    }

    /// The next whole TPDU, or `None` until more octets have come.
    ///
    /// # Errors
    ///
    /// The stream is not TPKT. There is no way to find the next packet, so the decoder stays at the fault.
    pub fn next_tpdu(&mut self) -> Result<Option<Bytes>, Fault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let length = match self.packet_length() {
            Ok(Some(length)) if length <= self.buffer.len() => length,
            Ok(_) => return Ok(None),
            Err(fault) => {
                self.buffer = BytesMut::new();
                return Err(self.fault.insert(fault).clone());
            }
        };
        let mut packet = self.buffer.split_to(length);
        packet.advance(HEADER_OCTETS);
        self.offset += length as u64;
        Ok(Some(packet.freeze()))
    }

    /// Octets that wait for the rest of their packet.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Octets of the connection already given back as TPDUs, headers included.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Checks each part of the header as soon as it is there.
    fn packet_length(&self) -> Result<Option<usize>, Fault> {
        let Some(&version) = self.buffer.first() else { return Ok(None) };
        if version != VERSION {
            return Err(Fault::Version { offset: self.offset, found: version });
        }
        // The second octet is reserved: its value says nothing (RFC 1006 6).
        let Some(&[high, low]) = self.buffer.get(2..HEADER_OCTETS) else { return Ok(None) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if (MINIMUM_PACKET..=self.maximum).contains(&length) {
            Ok(Some(length))
        } else {
            Err(Fault::Length { offset: self.offset + 2, found: length, maximum: self.maximum })
        }
    }
}

/// The header of a packet with a TPDU of so many octets; `None` when no packet can hold it.
pub fn header(tpdu_octets: usize) -> Option<[u8; HEADER_OCTETS]> {
    let length = u16::try_from(tpdu_octets.checked_add(HEADER_OCTETS)?).ok()?;
    let [high, low] = length.to_be_bytes();
    (usize::from(length) >= MINIMUM_PACKET).then_some([VERSION, 0, high, low])
}

/// The peer does not speak TPKT. Offsets count the octets received on the connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The first octet of a packet.
    #[error("octet {offset}: tpkt version is {found}, expected 3")]
    Version {
        /// Where.
        offset: u64,
        /// The octet.
        found: u8,
    },
    /// The third and fourth octet of a packet.
    #[error("octet {offset}: tpkt length is {found}, expected 7 to {maximum}")]
    Length {
        /// Where.
        offset: u64,
        /// The number of octets that the peer wanted to send.
        found: usize,
        /// The most that we take.
        maximum: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the octets in pieces of `step` and collects TPDUs until the octets or the patience of the decoder end.
    fn decode(octets: &[u8], step: usize) -> (Vec<Vec<u8>>, Option<Fault>) {
        let mut decoder = Decoder::new(MAXIMUM_PACKET);
        let mut tpdus = Vec::new();
        for piece in octets.chunks(step) {
            decoder.push(piece);
            loop {
                match decoder.next_tpdu() {
                    Ok(Some(tpdu)) => tpdus.push(tpdu.to_vec()),
                    Ok(None) => break,
                    Err(fault) => return (tpdus, Some(fault)),
                }
            }
        }
        (tpdus, None)
    }

    // T-01
    #[test]
    fn two_packets_in_any_chunks() {
        let octets = [3, 0, 0, 7, 2, 0xf0, 0x80, 3, 0, 0, 9, 2, 0xf0, 0x80, 0x0a, 0];
        let expected = vec![vec![2, 0xf0, 0x80], vec![2, 0xf0, 0x80, 0x0a, 0]];
        for step in 1..=octets.len() {
            assert_eq!(decode(&octets, step), (expected.clone(), None), "in pieces of {step}");
        }
    }

    #[test]
    fn faults_name_the_octet() {
        let good = [3, 0, 0, 7, 2, 0xf0, 0x80];
        let cases: [(&str, &[u8], &str); 4] = [
            ("text", b"GET /", "octet 7: tpkt version is 71, expected 3"),
            ("version, nothing more", &[2], "octet 7: tpkt version is 2, expected 3"),
            ("no room for a tpdu", &[3, 0, 0, 6], "octet 9: tpkt length is 6, expected 7 to 65535"),
            ("nothing at all", &[3, 0, 0, 0], "octet 9: tpkt length is 0, expected 7 to 65535"),
        ];
        for (name, bad, expected) in cases {
            let (tpdus, fault) = decode(&[&good[..], bad].concat(), 3);
            assert_eq!(tpdus.len(), 1, "{name}");
            assert_eq!(fault.expect(name).to_string(), expected, "{name}");
        }
    }

    #[test]
    fn maximum_is_kept_and_faults_are_final() {
        let mut decoder = Decoder::new(8);
        decoder.push(&[3, 0, 0, 9]);
        let fault = decoder.next_tpdu().expect_err("9 is more than 8");
        decoder.push(&[3, 0, 0, 7, 2, 0xf0, 0x80]);
        assert_eq!(decoder.next_tpdu(), Err(fault));
        assert_eq!(decoder.buffered(), 0);
    }

    #[test]
    fn every_truncation_waits() {
        let octets = [3, 0, 0, 9, 2, 0xf0, 0x80, 0x0a, 0];
        for length in 0..octets.len() {
            assert_eq!(decode(&octets[..length], 4), (vec![], None), "{length} octets");
        }
    }

    #[test]
    fn headers() {
        let cases =
            [(2, None), (3, Some([3, 0, 0, 7])), (0xffff - 4, Some([3, 0, 0xff, 0xff])), (0xffff - 3, None)];
        for (octets, expected) in cases {
            assert_eq!(header(octets), expected, "{octets}");
        }
        assert_eq!(header(usize::MAX), None);
    }
}
