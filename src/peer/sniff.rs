//! What can be learnt about a connection by looking at its first packets: what octets of our own must agree with.

use bytes::{Bytes, BytesMut};
use rasn_x400::ber;
use rasn_x400::presentation::abstract_syntax::{ACSE, MTA_RTSE};
use rasn_x400::presentation::{Cp, Mode};

use crate::osi::driver::Direction;
use crate::osi::session::spdu::{self, Spdu};
use crate::osi::transport::tpdu::{self, Tpdu};
use crate::osi::{session, tpkt};

/// Octets of a connection that are looked at, at most.
const LOOKED_AT: usize = 128 << 10;

/// What is known of a connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The peer's reference of the transport connection.
    pub(super) peer_reference: u16,
    /// Our own.
    pub(super) own_reference: u16,
    /// The reference of the session connection.
    pub(super) reference: session::ConnectionReference,
    /// The presentation contexts of association control and of reliable transfer; none in X.410 (1984) mode.
    pub(super) contexts: Option<(i64, i64)>,
}

/// Looks at one direction until it knows, or has seen enough.
#[derive(Debug, Default)]
pub(super) struct Sniffer {
    packets: BytesMut,
    unit: BytesMut,
    looked_at: usize,
    done: bool,
}

impl Sniffer {
    pub(super) fn push(&mut self, octets: &[u8], direction: Direction, seen: &mut Seen) {
        if self.done {
            return;
        }
        self.looked_at += octets.len();
        self.packets.extend_from_slice(octets);
        while let Some(packet) = self.next_packet() {
            self.look_at(&packet, direction, seen);
        }
        self.done |= self.looked_at > LOOKED_AT;
        if self.done {
            (self.packets, self.unit) = (BytesMut::new(), BytesMut::new());
        }
    }

    fn next_packet(&mut self) -> Option<Bytes> {
        let header = self.packets.first_chunk::<{ tpkt::HEADER_OCTETS }>()?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if length < tpkt::MINIMUM_PACKET {
            self.done = true;
            return None;
        }
        (self.packets.len() >= length)
            .then(|| self.packets.split_to(length).freeze().slice(tpkt::HEADER_OCTETS..))
    }

    fn look_at(&mut self, packet: &Bytes, direction: Direction, seen: &mut Seen) {
        match tpdu::decode(packet) {
            Ok(Tpdu::ConnectionRequest(connection) | Tpdu::ConnectionConfirm(connection)) => {
                match direction {
                    Direction::Sent => seen.own_reference = connection.source,
                    Direction::Received => seen.peer_reference = connection.source,
                }
            }
            Ok(Tpdu::Data { end, user_data }) => {
                self.unit.extend_from_slice(&user_data);
                if end {
                    self.done = true;
                    connect(&self.unit.split().freeze(), seen);
                }
            }
            _ => {}
        }
    }
}

/// What a session connect says.
fn connect(unit: &Bytes, seen: &mut Seen) {
    let Ok(spdu::Tsdu { spdu: Some(Spdu::Connect(connect)), .. }) = spdu::decode(unit) else { return };
    seen.reference = connect.reference;
    let Ok(cp) = ber::decode::<Cp>(&connect.user_data, LOOKED_AT) else { return };
    if cp.mode_selector.mode != Mode::NORMAL {
        return;
    }
    let contexts = cp.normal.and_then(|normal| normal.contexts).unwrap_or_default();
    let of = |syntax| contexts.iter().find(|context| context.abstract_syntax == syntax).map(|it| it.id);
    seen.contexts = of(ACSE).zip(of(MTA_RTSE));
}
