//! Capture files (pcap and pcapng): packets, TCP streams, and the associations in them.
//!
//! Both byte orders, micro- and nanoseconds; Ethernet (with VLAN tags), raw IP, BSD loopback and Linux cooked captures;
//! IPv4 and IPv6. Each direction of a stream is put together by sequence numbers; segments out of order wait, repeated
//! octets are dropped, a gap ends the direction and is reported. The TPKTs come out in the order in which the packets
//! that complete them were captured.

mod file;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::annotate::{Annotator, Scope};
use super::stream::{self, Dialogue, leftover};
use super::{Node, Severity, Source};

// TCP flags.
const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// Whether octets begin like a capture file.
pub(crate) fn is_pcap(octets: &[u8]) -> bool {
    file::is_capture(octets)
}

/// Explains the X.400 associations in a capture file.
pub(crate) fn explain(annotator: &mut Annotator, input: &Source) -> Vec<Node> {
    let scope = Scope { source: input, index: 0 };
    let octets = input.octets();
    let mut nodes = Vec::new();
    let (packets, broken) = file::packets(octets);
    if !file::is_capture(octets) {
        let mut node = scope.field("capture", 0, octets.len());
        node.find_fault(Severity::Error, "not-pcap", "neither a pcap nor a pcapng file");
        nodes.push(node);
    } else if let Some(at) = broken {
        let mut node = scope.field("capture", at, octets.len().saturating_sub(at));
        node.find_fault(Severity::Error, "truncated", "the last packet of the capture is cut off");
        nodes.push(node);
    }
    let mut capture = Capture::default();
    for packet in packets {
        if let Some(segment) = segment(octets, packet.start, packet.end, packet.link_type) {
            capture.take(input, &segment);
        }
    }
    nodes.extend(capture.connections.into_iter().map(|connection| connection.explain(annotator)));
    nodes
}

/// One end of a connection.
type Endpoint = (IpAddr, u16);

/// A TCP segment: who to whom, and where its payload is in the file.
struct Segment {
    from: Endpoint,
    to: Endpoint,
    sequence: u32,
    flags: u8,
    payload: (usize, usize),
}

#[derive(Default)]
struct Capture {
    connections: Vec<Connection>,
    /// The connection that is current between two ends.
    current: BTreeMap<(Endpoint, Endpoint), usize>,
}

struct Connection {
    /// The initiator first.
    ends: [Endpoint; 2],
    halves: [Half; 2],
    /// After each packet: which side spoke, and how much of it is there.
    events: Vec<(usize, usize)>,
}

/// One direction of a connection.
#[derive(Default)]
struct Half {
    /// The sequence number of the first octet.
    base: Option<u32>,
    octets: Source,
    /// Segments that came too early: position in the direction, place in the file.
    early: BTreeMap<usize, (usize, usize)>,
}

impl Capture {
    fn take(&mut self, input: &Source, segment: &Segment) {
        let (forward, backward) = ((segment.from, segment.to), (segment.to, segment.from));
        let known = self.current.get(&forward).or_else(|| self.current.get(&backward)).copied();
        let opens = segment.flags & (SYN | ACK) == SYN;
        let fresh = known.and_then(|index| self.connections.get(index)).is_none_or(|connection| {
            opens && connection.halves.iter().any(|half| !half.octets.octets().is_empty())
        });
        let index = match known {
            Some(index) if !fresh => index,
            _ => {
                let answers = segment.flags & (SYN | ACK) == SYN | ACK;
                let ends = if answers { [segment.to, segment.from] } else { [segment.from, segment.to] };
                self.connections.push(Connection { ends, halves: Default::default(), events: Vec::new() });
                self.connections.len() - 1
            }
        };
        self.current.remove(&backward);
        self.current.insert(forward, index);
        let Some(connection) = self.connections.get_mut(index) else { return };
        let side = usize::from(connection.ends[0] != segment.from);
        connection.halves[side].take(input, segment);
        connection.events.push((side, connection.halves[side].octets.octets().len()));
    }
}

impl Half {
    fn take(&mut self, input: &Source, segment: &Segment) {
        let syn = segment.flags & SYN != 0;
        let (start, end) = segment.payload;
        if syn {
            self.base = Some(segment.sequence.wrapping_add(1));
        }
        if start >= end {
            return;
        }
        let sequence = if syn { segment.sequence.wrapping_add(1) } else { segment.sequence };
        let base = *self.base.get_or_insert(sequence);
        // Within 2 GiB of what is there, whatever the number of times the counter has wrapped.
        let have = self.octets.octets().len();
        let expected = base.wrapping_add(u32::try_from(have & 0xffff_ffff).unwrap_or_default());
        let distance = i64::from(sequence.wrapping_sub(expected).cast_signed());
        match usize::try_from(distance) {
            Ok(0) => self.octets.append(input, start, end - start),
            Ok(ahead) => {
                self.early.insert(have + ahead, (start, end));
            }
            Err(_) => {
                let known = usize::try_from(-distance).unwrap_or(usize::MAX);
                if known < end - start {
                    self.octets.append(input, start + known, end - start - known);
                }
            }
        }
        self.take_early(input);
    }

    fn take_early(&mut self, input: &Source) {
        while let Some((&position, &(start, end))) = self.early.first_key_value() {
            let have = self.octets.octets().len();
            if position > have {
                break;
            }
            self.early.pop_first();
            let known = have - position;
            if known < end - start {
                self.octets.append(input, start + known, end - start - known);
            }
        }
    }
}

impl Connection {
    fn explain(self, annotator: &mut Annotator) -> Node {
        let [initiator, responder] = self.ends;
        let indices = [annotator.reserve(), annotator.reserve()];
        let scopes = [0, 1].map(|side| Scope { source: &self.halves[side].octets, index: indices[side] });
        let mut node = scopes[0].field("connection", 0, 0);
        node.constructed = true;
        node.summary = Some(format!("{} > {}", name(initiator), name(responder)));
        let is_association = scopes.iter().any(|scope| stream::is_tpkt(scope.source.octets()));
        if is_association {
            node.name = "association".into();
            self.walk(annotator, scopes, &mut node);
        }
        let halves = self.halves;
        for (half, index) in halves.into_iter().zip(indices) {
            annotator.keep(index, half.octets);
        }
        node
    }

    fn walk(&self, annotator: &mut Annotator, scopes: [Scope<'_>; 2], node: &mut Node) {
        let mut dialogue = Dialogue::default();
        let mut positions = [0, 0];
        for &(side, available) in &self.events {
            let label = if side == 0 { "> TPKT" } else { "< TPKT" };
            while let Some((child, next)) =
                dialogue.next_tpkt(annotator, scopes[side], positions[side], available, side, label)
            {
                node.children.push(child);
                positions[side] = next;
            }
        }
        for side in [0, 1] {
            node.children.extend(leftover(scopes[side], positions[side], scopes[side].source.octets().len()));
            if let Some((position, _)) = self.halves[side].early.first_key_value() {
                let missing = position - scopes[side].source.octets().len();
                let message =
                    format!("{missing} octets sent by {} are not in the capture", name(self.ends[side]));
                node.find_fault(Severity::Error, "gap", message);
            }
        }
        node.children.extend(dialogue.unfinished(annotator));
    }
}

fn name((address, port): Endpoint) -> String {
    match address {
        IpAddr::V4(address) => format!("{address}:{port}"),
        IpAddr::V6(address) => format!("[{address}]:{port}"),
    }
}

/// The TCP segment in a packet, if there is one.
fn segment(octets: &[u8], start: usize, end: usize, link_type: usize) -> Option<Segment> {
    let packet = octets.get(start..end)?;
    let network = match link_type {
        0 | 108 => 4,
        1 => ethernet_header(packet)?,
        12 | 14 | 101 | 228 | 229 => 0,
        113 => 16,
        276 => 20,
        _ => return None,
    };
    let ip = packet.get(network..)?;
    let (from, to, transport, length) = match ip.first()? >> 4 {
        4 => ipv4(ip)?,
        6 => ipv6(ip)?,
        _ => return None,
    };
    let tcp = ip.get(transport..length.min(ip.len()))?;
    let number = |at: usize| tcp.get(at..at + 2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let sequence: [u8; 4] = tcp.get(4..8)?.try_into().ok()?;
    let header = usize::from(tcp.get(12)? >> 4) * 4;
    if header < 20 || header > tcp.len() {
        return None;
    }
    let at = start + network + transport;
    Some(Segment {
        from: (from, number(0)?),
        to: (to, number(2)?),
        sequence: u32::from_be_bytes(sequence),
        flags: *tcp.get(13)?,
        payload: (at + header, at + tcp.len()),
    })
}

/// Octets before the network header: addresses, VLAN tags, type.
fn ethernet_header(packet: &[u8]) -> Option<usize> {
    let mut at = 12;
    loop {
        match packet.get(at..at + 2)? {
            [0x81, 0x00] | [0x88, 0xa8] => at += 4,
            [0x08, 0x00] | [0x86, 0xdd] => return Some(at + 2),
            _ => return None,
        }
    }
}

/// From, to, where TCP begins, where the packet ends. Fragments are left out.
fn ipv4(ip: &[u8]) -> Option<(IpAddr, IpAddr, usize, usize)> {
    let header = usize::from(ip.first()? & 0x0f) * 4;
    let total = usize::from(u16::from_be_bytes(ip.get(2..4)?.try_into().ok()?));
    let fragment = u16::from_be_bytes(ip.get(6..8)?.try_into().ok()?) & 0x3fff;
    if *ip.get(9)? != 6 || fragment != 0 || header < 20 {
        return None;
    }
    let address = |at: usize| -> Option<IpAddr> {
        let octets: [u8; 4] = ip.get(at..at + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(octets).into())
    };
    // Zero is what a card that cuts the segments itself leaves behind.
    let total = if total == 0 { ip.len() } else { total };
    Some((address(12)?, address(16)?, header, total))
}

fn ipv6(ip: &[u8]) -> Option<(IpAddr, IpAddr, usize, usize)> {
    let address = |at: usize| -> Option<IpAddr> {
        let octets: [u8; 16] = ip.get(at..at + 16)?.try_into().ok()?;
        Some(Ipv6Addr::from(octets).into())
    };
    let length = usize::from(u16::from_be_bytes(ip.get(4..6)?.try_into().ok()?));
    let mut next = *ip.get(6)?;
    let mut at = 40;
    // Hop-by-hop, routing and destination options.
    while matches!(next, 0 | 43 | 60) {
        next = *ip.get(at)?;
        at += 8 + usize::from(*ip.get(at + 1)?) * 8;
    }
    let total = if length == 0 { ip.len() } else { 40 + length };
    (next == 6).then_some((address(8)?, address(24)?, at, total))
}
