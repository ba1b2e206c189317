//! Writes captures for tshark (the classic pcap format) without a network.
//!
//! Two kinds: [`association`] makes a whole TCP connection out of what both sides wrote, so that every layer above it is
//! dissected; [`units`] makes one packet of each unit, so that hundreds of APDUs are judged in one run.

#![allow(dead_code, reason = "each test target uses a part")]

/// The TCP port of TPKT, on which tshark looks for an OSI stack unasked.
const TPKT_PORT: u16 = 102;
/// The port of the initiator; any other would do.
const INITIATOR_PORT: u16 = 49_152;
const INITIATOR: [u8; 4] = [192, 0, 2, 1];
const RESPONDER: [u8; 4] = [192, 0, 2, 2];

/// Link type of packets that begin with an IPv4 header.
const LINK_RAW_IP: u32 = 101;
/// What tshark reads from one packet at most.
const PACKET_LIMIT: usize = 262_144;
/// TCP payload of one packet at most; the IPv4 length field ends at 65,535.
const SEGMENT_LIMIT: usize = 60_000;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PUSH_ACK: u8 = 0x18;
const FIN_ACK: u8 = 0x11;

/// Who wrote the octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The one who opened the connection.
    Initiator,
    /// The one who was called, on port 102.
    Responder,
}

/// A capture of one TCP connection: the handshake, each write of the transcript in its order, the close.
///
/// Give each write as it was made (one TPKT each, as a rule): it becomes a packet of its own, or several if it is longer
/// than a packet can be.
pub(crate) fn association<T: AsRef<[u8]>>(transcript: &[(Side, T)]) -> Vec<u8> {
    let mut connection = Connection::open();
    for (side, octets) in transcript {
        for segment in octets.as_ref().chunks(SEGMENT_LIMIT) {
            connection.send(*side, PUSH_ACK, segment);
        }
    }
    connection.close()
}

/// A capture with one packet for each unit. `link_type` says what they are; 147 and 148 are for private use.
///
/// # Panics
///
/// If a unit is longer than 262,144 octets: tshark refuses such packets. Judge it as an [`association`] instead.
pub(crate) fn units<T: AsRef<[u8]>>(link_type: u32, units: &[T]) -> Vec<u8> {
    let mut file = header(link_type);
    for (number, unit) in units.iter().enumerate() {
        let unit = unit.as_ref();
        assert!(
            unit.len() <= PACKET_LIMIT,
            "unit {number} has {} octets, tshark reads at most {PACKET_LIMIT}",
            unit.len()
        );
        packet(&mut file, number, unit);
    }
    file
}

/// Both ends' next sequence numbers, and the capture so far.
struct Connection {
    file: Vec<u8>,
    packets: usize,
    initiator_next: u32,
    responder_next: u32,
}

impl Connection {
    fn open() -> Self {
        let mut connection =
            Self { file: header(LINK_RAW_IP), packets: 0, initiator_next: 1_000, responder_next: 2_000 };
        connection.send(Side::Initiator, SYN, &[]);
        connection.send(Side::Responder, SYN | ACK, &[]);
        connection.send(Side::Initiator, ACK, &[]);
        connection
    }

    fn close(mut self) -> Vec<u8> {
        self.send(Side::Initiator, FIN_ACK, &[]);
        self.send(Side::Responder, FIN_ACK, &[]);
        self.send(Side::Initiator, ACK, &[]);
        self.file
    }

    fn send(&mut self, side: Side, flags: u8, payload: &[u8]) {
        let (from, to, ports) = match side {
            Side::Initiator => (INITIATOR, RESPONDER, (INITIATOR_PORT, TPKT_PORT)),
            Side::Responder => (RESPONDER, INITIATOR, (TPKT_PORT, INITIATOR_PORT)),
        };
        let (sequence, acknowledged) = match side {
            Side::Initiator => (self.initiator_next, self.responder_next),
            Side::Responder => (self.responder_next, self.initiator_next),
        };
        let acknowledged = if flags & ACK == 0 { 0 } else { acknowledged };
        let segment = tcp(from, to, ports, sequence, acknowledged, flags, payload);
        packet(&mut self.file, self.packets, &ipv4(from, to, &segment));
        self.packets += 1;

        // SYN and FIN each take one number of the sequence.
        let taken = length32(payload) + u32::from(flags & (SYN | 0x01) != 0);
        match side {
            Side::Initiator => self.initiator_next += taken,
            Side::Responder => self.responder_next += taken,
        }
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
    !u16::try_from(sum).expect("folded to 16 bits")
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

/// One packet; they are a millisecond apart, so that tshark shows them in order.
fn packet(file: &mut Vec<u8>, number: usize, octets: &[u8]) {
    let number = u32::try_from(number).expect("fewer than 2^32 packets");
    file.extend((1_000_000_000 + number / 1_000).to_le_bytes());
    file.extend((number % 1_000 * 1_000).to_le_bytes());
    file.extend(length32(octets).to_le_bytes());
    file.extend(length32(octets).to_le_bytes());
    file.extend(octets);
}

fn length16(octets: &[u8]) -> u16 {
    u16::try_from(octets.len()).expect("segments are cut to fit")
}

fn length32(octets: &[u8]) -> u32 {
    u32::try_from(octets.len()).expect("packets are cut to fit")
}
