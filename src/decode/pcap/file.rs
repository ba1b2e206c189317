//! Where the packets are in a capture file: the classic format and its successor, pcapng.

/// Octets of the header of a classic file and of each packet in it.
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;

// Block types of pcapng.
const SECTION: usize = 0x0a0d_0d0a;
const INTERFACE: usize = 1;
const OLD_PACKET: usize = 2;
const SIMPLE_PACKET: usize = 3;
const PACKET: usize = 6;

/// A packet: from where to where it is in the file, and what kind of link it was on.
pub(super) struct Packet {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) link_type: usize,
}

/// Whether octets begin like a capture file.
pub(super) fn is_capture(octets: &[u8]) -> bool {
    classic_order(octets).is_some() || section_order(octets, 0).is_some()
}

/// All packets, and where the file breaks off if it does.
pub(super) fn packets(octets: &[u8]) -> (Vec<Packet>, Option<usize>) {
    let mut packets = Vec::new();
    let broken = match classic_order(octets) {
        Some(order) => classic(octets, order, &mut packets),
        None => blocks(octets, &mut packets),
    };
    (packets, broken)
}

fn classic(octets: &[u8], order: Order, packets: &mut Vec<Packet>) -> Option<usize> {
    let Some(link_type) = order.long(octets, 20) else { return Some(0) };
    let mut at = FILE_HEADER;
    while at < octets.len() {
        let start = at + RECORD_HEADER;
        let room = octets.len().saturating_sub(start);
        let Some(length) = order.long(octets, at + 8).filter(|length| *length <= room) else {
            return Some(at);
        };
        // The upper bits tell of frame check sequences.
        packets.push(Packet { start, end: start + length, link_type: link_type & 0x0fff_ffff });
        at = start + length;
    }
    None
}

/// The blocks of pcapng: type, length, body, length again.
fn blocks(octets: &[u8], packets: &mut Vec<Packet>) -> Option<usize> {
    let mut order = section_order(octets, 0)?;
    let mut interfaces: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < octets.len() {
        if let Some(next) = section_order(octets, at) {
            order = next;
            interfaces.clear();
        }
        let room = octets.len() - at;
        let length = order.long(octets, at + 4).filter(|length| (12..=room).contains(length));
        let (Some(kind), Some(length)) = (order.long(octets, at), length) else { return Some(at) };
        let end = at + length - 4;
        let (interface, size, start) = match kind {
            INTERFACE => {
                interfaces.extend(order.short(octets, at + 8));
                (None, None, 0)
            }
            PACKET => (order.long(octets, at + 8), order.long(octets, at + 20), at + 28),
            OLD_PACKET => (order.short(octets, at + 8), order.long(octets, at + 20), at + 28),
            SIMPLE_PACKET => (Some(0), order.long(octets, at + 8), at + 12),
            _ => (None, None, 0),
        };
        if let (Some(interface), Some(size)) = (interface, size)
            && let Some(link_type) = interfaces.get(interface)
            && start <= end
        {
            packets.push(Packet { start, end: start + size.min(end - start), link_type: *link_type });
        }
        at += length;
    }
    None
}

/// How numbers are written.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn long(self, octets: &[u8], at: usize) -> Option<usize> {
        let octets: [u8; 4] = octets.get(at..at.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(match self {
            Self::Little => u32::from_le_bytes(octets),
            Self::Big => u32::from_be_bytes(octets),
        })
        .ok()
    }

    fn short(self, octets: &[u8], at: usize) -> Option<usize> {
        let octets: [u8; 2] = octets.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(usize::from(match self {
            Self::Little => u16::from_le_bytes(octets),
            Self::Big => u16::from_be_bytes(octets),
        }))
    }
}

/// The classic format, with micro- or nanoseconds.
fn classic_order(octets: &[u8]) -> Option<Order> {
    match octets {
        [0xa1, 0xb2, 0xc3, 0xd4, ..] | [0xa1, 0xb2, 0x3c, 0x4d, ..] => Some(Order::Big),
        [0xd4, 0xc3, 0xb2, 0xa1, ..] | [0x4d, 0x3c, 0xb2, 0xa1, ..] => Some(Order::Little),
        _ => None,
    }
}

/// The order that a section of pcapng says it is in.
fn section_order(octets: &[u8], at: usize) -> Option<Order> {
    if Order::Big.long(octets, at) != Some(SECTION) {
        return None;
    }
    match octets.get(at + 8..at + 12)? {
        [0x1a, 0x2b, 0x3c, 0x4d] => Some(Order::Big),
        [0x4d, 0x3c, 0x2b, 0x1a] => Some(Order::Little),
        _ => None,
    }
}
