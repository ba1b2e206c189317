//! What went over the line of a ping, and what transport and session agreed on.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::osi::driver::{Direction, Recorder};
use crate::osi::session::spdu::{self, Spdu};
use crate::osi::stack::Layer;
use crate::osi::tpkt;
use crate::osi::transport::tpdu::{self, Tpdu};

/// What went over the line, and when.
#[derive(Clone, Default)]
pub(super) struct Timeline(Arc<Mutex<Vec<(Direction, Instant, Bytes)>>>);

/// Octets of a connection that are looked at.
const LOOKED_AT: usize = 256 << 10;

impl Recorder for Timeline {
    fn octets(&mut self, direction: Direction, octets: &[u8]) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.iter().map(|(.., octets)| octets.len()).sum::<usize>() < LOOKED_AT {
            entries.push((direction, Instant::now(), Bytes::copy_from_slice(octets)));
        }
    }
}

/// What transport and session agreed on, and how long each took.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    pub(super) transport: Option<(tpdu::Connection, Duration)>,
    session: Option<(spdu::Accept, Duration)>,
}

impl Timeline {
    pub(super) fn agreed(&self) -> Agreed {
        let mut agreed = Agreed::default();
        let mut asked: Option<Instant> = None;
        let mut received = BytesMut::new();
        let mut unit = BytesMut::new();
        for (direction, at, octets) in self.0.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            if *direction == Direction::Sent {
                asked = Some(*at);
                continue;
            }
            received.extend_from_slice(octets);
            while let Some(packet) = first_packet(&mut received) {
                let took = asked.map_or(Duration::ZERO, |asked| at.saturating_duration_since(asked));
                match tpdu::decode(&packet) {
                    Ok(Tpdu::ConnectionConfirm(connection)) => agreed.transport = Some((connection, took)),
                    Ok(Tpdu::Data { end, user_data }) => {
                        unit.extend_from_slice(&user_data);
                        if end
                            && let Ok(tsdu) = spdu::decode(&unit.split().freeze())
                            && let Some(Spdu::Accept(accept)) = tsdu.spdu
                        {
                            agreed.session = Some((accept, took));
                        }
                    }
                    _ => {}
                }
            }
        }
        agreed
    }
}

fn first_packet(received: &mut BytesMut) -> Option<Bytes> {
    let header = received.first_chunk::<{ tpkt::HEADER_OCTETS }>()?;
    let length = usize::from(u16::from_be_bytes([header[2], header[3]])).max(tpkt::MINIMUM_PACKET);
    (received.len() >= length).then(|| received.split_to(length).freeze().slice(tpkt::HEADER_OCTETS..))
}

impl Agreed {
    pub(super) fn took(&self, layer: Layer) -> Option<Duration> {
        match layer {
            Layer::Transport => self.transport.as_ref().map(|(_, took)| *took),
            // All layers above answer in one unit.
            Layer::Session => self.session.as_ref().map(|(_, took)| *took),
            _ => None,
        }
    }

    pub(super) fn words(&self, layer: Layer) -> String {
        match layer {
            Layer::Transport => {
                let Some((connection, _)) = &self.transport else { return "connected".into() };
                let size = match (connection.preferred_units, connection.size) {
                    (Some(units), _) => format!("{} octets", u64::from(units) * 128),
                    (None, Some(size)) => format!("{} octets", size.octets()),
                    (None, None) => "65531 octets".into(),
                };
                format!("class {}, TPDUs of {size}", connection.class)
            }
            Layer::Session => {
                let Some((accept, _)) = &self.session else { return "connected".into() };
                let version = match accept.item.versions {
                    Some(versions) if versions & spdu::VERSION_2 != 0 => "version 2",
                    _ => "version 1",
                };
                let units =
                    accept.requirements.map_or_else(String::new, |units| format!(", units {:#06x}", units.0));
                format!("{version}{units}")
            }
            Layer::Presentation => "contexts accepted".into(),
            Layer::Acse => "association accepted".into(),
            Layer::Rtse | Layer::Application => "reached".into(),
        }
    }
}
