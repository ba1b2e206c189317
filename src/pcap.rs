//! Writes captures in the classic pcap format without a network: what both sides of a connection wrote becomes packets
//! that every reader of captures dissects down to the last layer.
//!
//! [`association`] makes a capture of one connection that is over; [`units`] one packet of each unit, so that hundreds of
//! APDUs are judged in one run. [`Capture`] grows while connections are under way.

use std::io::{self, Write};

/// The TCP port of TPKT, on which readers look for an OSI stack unasked.
const TPKT_PORT: u16 = 102;
/// The port of the first initiator; each connection has the next one.
const INITIATOR_PORT: u16 = 49_152;
const INITIATOR: [u8; 4] = [192, 0, 2, 1];
const RESPONDER: [u8; 4] = [192, 0, 2, 2];

/// Link type of packets that begin with an IPv4 header.
const LINK_RAW_IP: u32 = 101;
/// What tshark reads from one packet at most.
const PACKET_LIMIT: usize = 262_144;
/// TCP payload of one packet at most; the IPv4 length field ends at 65,535.
const SEGMENT_LIMIT: usize = 60_000;
/// Time of the first packet, in seconds since 1970, where no clock is wanted.
const EPOCH: u64 = 1_000_000_000;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PUSH_ACK: u8 = 0x18;
const FIN_ACK: u8 = 0x11;

/// Who wrote the octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one who opened the connection.
    Initiator,
    /// The one who was called, on port 102.
    Responder,
}

/// A capture of one TCP connection: the handshake, each write of the transcript in its order, the close.
///
/// Give each write as it was made (one TPKT each, as a rule): it becomes a packet of its own, or several if it is longer
/// than a packet can be.
#[must_use]
pub fn association<T: AsRef<[u8]>>(transcript: &[(Side, T)]) -> Vec<u8> {
    let mut capture = Capture::in_memory(LINK_RAW_IP);
    let mut connection = capture.connection();
    // Writing to memory does not fail.
    let _ = connection.open(&mut capture, None);
    for (side, octets) in transcript {
        let _ = connection.send(&mut capture, *side, octets.as_ref(), None);
    }
    let _ = connection.close(&mut capture, None);
    capture.out
}

/// A capture with one packet for each unit. `link_type` says what they are; 147 and 148 are for private use.
///
/// # Panics
///
/// If a unit is longer than 262,144 octets: tshark refuses such packets. Judge it as an [`association`] instead.
#[must_use]
pub fn units<T: AsRef<[u8]>>(link_type: u32, units: &[T]) -> Vec<u8> {
    let mut capture = Capture::in_memory(link_type);
    for (number, unit) in units.iter().enumerate() {
        let unit = unit.as_ref();
        assert!(
            unit.len() <= PACKET_LIMIT,
            "unit {number} has {} octets, tshark reads at most {PACKET_LIMIT}",
            unit.len()
        );
        let _ = capture.packet(unit, None);
    }
    capture.out
}

/// A capture that grows packet by packet. Where no time is given the packets are a millisecond apart, so that readers
/// show them in order and the same input gives the same file.
#[derive(Debug)]
pub struct Capture<W> {
    out: W,
    packets: u64,
    connections: u16,
}

impl Capture<Vec<u8>> {
    fn in_memory(link_type: u32) -> Self {
        Self { out: header(link_type), packets: 0, connections: 0 }
    }
}

impl<W: Write> Capture<W> {
    /// A capture of connections; the header of the file is written at once.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&header(LINK_RAW_IP))?;
        Ok(Self { out, packets: 0, connections: 0 })
    }

    /// Another connection, from a port of its own. Nothing of it is in the capture yet.
    pub const fn connection(&mut self) -> Connection {
        let port = INITIATOR_PORT + self.connections % (u16::MAX - INITIATOR_PORT);
        self.connections = self.connections.wrapping_add(1);
        Connection { port, initiator_next: 1_000, responder_next: 2_000 }
    }

    /// One packet of the link type; `at` is its time in microseconds since 1970.
    fn packet(&mut self, octets: &[u8], at: Option<u64>) -> io::Result<()> {
        let at = at.unwrap_or(EPOCH * 1_000_000 + self.packets * 1_000);
        self.packets += 1;
        let seconds = u32::try_from(at / 1_000_000).unwrap_or(u32::MAX);
        let mut record = Vec::with_capacity(16 + octets.len());
        record.extend(seconds.to_le_bytes());
        record.extend(u32::try_from(at % 1_000_000).unwrap_or_default().to_le_bytes());
        record.extend(length32(octets).to_le_bytes());
        record.extend(length32(octets).to_le_bytes());
        record.extend(octets);
        self.out.write_all(&record)?;
        self.out.flush()
    }
}

/// One TCP connection of a [`Capture`]: both ends' next sequence numbers.
#[derive(Debug)]
pub struct Connection {
    port: u16,
    initiator_next: u32,
    responder_next: u32,
}

impl Connection {
    /// The handshake.
    ///
    /// # Errors
    /// The capture cannot be written.
    pub fn open<W: Write>(&mut self, capture: &mut Capture<W>, at: Option<u64>) -> io::Result<()> {
        self.segment(capture, Side::Initiator, SYN, &[], at)?;
        self.segment(capture, Side::Responder, SYN | ACK, &[], at)?;
        self.segment(capture, Side::Initiator, ACK, &[], at)
    }

    /// Octets of one side; `at` is the time in microseconds since 1970.
    ///
    /// # Errors
    /// The capture cannot be written.
    pub fn send<W: Write>(
        &mut self,
        capture: &mut Capture<W>,
        side: Side,
        octets: &[u8],
        at: Option<u64>,
    ) -> io::Result<()> {
        octets.chunks(SEGMENT_LIMIT).try_for_each(|part| self.segment(capture, side, PUSH_ACK, part, at))
    }

    /// The end of both directions.
    ///
    /// # Errors
    /// The capture cannot be written.
    pub fn close<W: Write>(&mut self, capture: &mut Capture<W>, at: Option<u64>) -> io::Result<()> {
        self.segment(capture, Side::Initiator, FIN_ACK, &[], at)?;
        self.segment(capture, Side::Responder, FIN_ACK, &[], at)?;
        self.segment(capture, Side::Initiator, ACK, &[], at)
    }

    fn segment<W: Write>(
        &mut self,
        capture: &mut Capture<W>,
        side: Side,
        flags: u8,
        payload: &[u8],
        at: Option<u64>,
    ) -> io::Result<()> {
        let (from, to, ports) = match side {
            Side::Initiator => (INITIATOR, RESPONDER, (self.port, TPKT_PORT)),
            Side::Responder => (RESPONDER, INITIATOR, (TPKT_PORT, self.port)),
        };
        let (sequence, acknowledged) = match side {
            Side::Initiator => (self.initiator_next, self.responder_next),
            Side::Responder => (self.responder_next, self.initiator_next),
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { acknowledged };
        let segment = tcp(from, to, ports, sequence, acknowledged, flags, payload);
        // SYN and FIN each take one number of the sequence.
        let taken = length32(payload) + u32::from(flags & (SYN | 0x01) != 0);
        match side {
            Side::Initiator => self.initiator_next = self.initiator_next.wrapping_add(taken),
            Side::Responder => self.responder_next = self.responder_next.wrapping_add(taken),
        }
        capture.packet(&ipv4(from, to, &segment), at)
    }
}

fn tcp(
    from: [u8; 4],
    to: [u8; 4],
    ports: (u16, u16),
    sequence: u32,
    acknowledged: u32,
    flags: u8,
    payload: &[u8],
) -> Vec<u8> {
    let mut segment = Vec::with_capacity(20 + payload.len());
    segment.extend(ports.0.to_be_bytes());
    segment.extend(ports.1.to_be_bytes());
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledged.to_be_bytes());
    segment.extend([0x50, flags]); // header of five words
    segment.extend(0xffff_u16.to_be_bytes()); // window
    segment.extend([0, 0, 0, 0]); // checksum, urgent pointer
    segment.extend(payload);

    let mut covered = [from, to].concat();
    covered.extend([0, 6]);
    covered.extend(length16(&segment).to_be_bytes());
    covered.extend(&segment);
    segment[16..18].copy_from_slice(&checksum(&covered).to_be_bytes());
    segment
}

fn ipv4(from: [u8; 4], to: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let mut datagram = vec![0x45, 0];
    datagram.extend((length16(payload) + 20).to_be_bytes());
    datagram.extend([0, 0, 0x40, 0]); // identification, do not fragment
    datagram.extend([64, 6, 0, 0]); // time to live, TCP, checksum
    datagram.extend(from);
    datagram.extend(to);
    let sum = checksum(&datagram);
    datagram[10..12].copy_from_slice(&sum.to_be_bytes());
    datagram.extend(payload);
    datagram
}

/// The Internet checksum: the complement of the ones' complement sum of the 16-bit words.
fn checksum(octets: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in octets.chunks(2) {
        sum += u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |&low| u32::from(low));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum & 0xffff).unwrap_or_default()
}

/// The header of the file: magic number, version 2.4, then snapshot length and link type.
fn header(link_type: u32) -> Vec<u8> {
    let mut file = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
    file.extend(2_u16.to_le_bytes());
    file.extend(4_u16.to_le_bytes());
    file.extend([0; 8]); // time zone, accuracy
    file.extend(262_144_u32.to_le_bytes());
    file.extend(link_type.to_le_bytes());
    file
}

fn length16(octets: &[u8]) -> u16 {
    u16::try_from(octets.len()).unwrap_or(u16::MAX)
}

fn length32(octets: &[u8]) -> u32 {
    u32::try_from(octets.len()).unwrap_or(u32::MAX)
}
