//! Reads captures (the classic pcap format): the octets of every TCP connection, put together by sequence number.

use std::collections::BTreeMap;

/// One TCP connection.
pub(crate) struct Connection {
    /// What the side wrote that opened it.
    pub(crate) initiator: Vec<u8>,
    /// What the other side wrote.
    pub(crate) responder: Vec<u8>,
}

/// Address and port of sender and receiver.
type Path = ([u8; 6], [u8; 6]);

const ETHERNET_OCTETS: usize = 14;
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// The connections whose opening is in the capture, in the order in which they were opened. Ethernet, IPv4, octets in
/// the byte order of this machine's kind: what tcpdump writes on loopback.
pub(crate) fn connections(capture: &[u8]) -> Vec<Connection> {
    assert_eq!(capture[..4], [0xd4, 0xc3, 0xb2, 0xa1], "little-endian pcap expected");
    let mut opened: Vec<Path> = Vec::new();
    let mut streams: BTreeMap<Path, (u32, BTreeMap<u32, Vec<u8>>)> = BTreeMap::new();
    let mut rest = &capture[24..];
    while rest.len() >= 16 {
        let length = usize::try_from(u32::from_le_bytes(rest[8..12].try_into().unwrap())).unwrap();
        let (packet, after) = rest[16..].split_at(length);
        rest = after;
        let ip = &packet[ETHERNET_OCTETS..];
        let ip = &ip[..usize::from(u16::from_be_bytes([ip[2], ip[3]]))];
        let tcp = &ip[usize::from(ip[0] & 0x0f) * 4..];
        let payload = &tcp[usize::from(tcp[12] >> 4) * 4..];
        let end = |address: &[u8], port: &[u8]| -> [u8; 6] { [address, port].concat().try_into().unwrap() };
        let path = (end(&ip[12..16], &tcp[0..2]), end(&ip[16..20], &tcp[2..4]));
        let sequence = u32::from_be_bytes(tcp[4..8].try_into().unwrap());
        if tcp[13] & SYN != 0 {
            if tcp[13] & ACK == 0 {
                opened.push(path);
            }
            streams.insert(path, (sequence.wrapping_add(1), BTreeMap::new()));
        } else if let Some((first, parts)) = streams.get_mut(&path)
            && !payload.is_empty()
        {
            parts.insert(sequence.wrapping_sub(*first), payload.to_vec());
        }
    }
    let stream = |path: &Path| {
        let mut octets = Vec::new();
        for (at, part) in &streams[path].1 {
            let known = octets.len().checked_sub(usize::try_from(*at).unwrap()).expect("nothing is missing");
            octets.extend_from_slice(part.get(known..).unwrap_or_default());
        }
        octets
    };
    let connection =
        |&(from, to): &Path| Connection { initiator: stream(&(from, to)), responder: stream(&(to, from)) };
    opened.iter().map(connection).collect()
}
