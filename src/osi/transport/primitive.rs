//! The transport service as its user sees it (X.214), and what can be set about a connection.

use std::time::Duration;

use bytes::Bytes;

use super::tpdu::Size;
use crate::osi::tpkt;

/// Limits, sizes and times of a connection.
#[derive(Clone, Debug)]
pub struct Config {
    /// Our reference, any number but 0.
    pub reference: u16,
    /// The maximum TPDU size to propose as initiator; as responder, the most to accept.
    pub size: Size,
    /// The preferred maximum TPDU size in octets, at most 65531: proposed as initiator, accepted as responder.
    /// Old peers may not know it.
    pub preferred_size: Option<usize>,
    /// The longest TPKT to accept, whatever was agreed: peers exceed the agreed size.
    pub maximum_packet: usize,
    /// The longest TSDU to put together, octets.
    pub maximum_tsdu: usize,
    /// How long the initiator waits for CC, and the responder for CR.
    pub connect_timeout: Duration,
    /// The called TSAP identifiers that a responder answers to.
    pub called: Called,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            reference: 1,
            size: Size::MAXIMUM,
            preferred_size: None,
            maximum_packet: tpkt::MAXIMUM_PACKET,
            maximum_tsdu: 4 << 20,
            connect_timeout: Duration::from_secs(30),
            called: Called::Any,
        }
    }
}

/// The called TSAP identifiers that a responder answers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// Every one, and none.
    Any,
    /// These. An absent identifier counts as an empty one.
    OneOf(Vec<Bytes>),
}

/// The TSAP identifiers of a connection; empty when absent.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Selectors {
    /// Of the initiator, at most 32 octets by custom.
    pub calling: Bytes,
    /// Of the responder, at most 32 octets by custom.
    pub called: Bytes,
}

/// What the transport user asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// T-CONNECT request, to the selectors that the connection was made with.
    Connect,
    /// T-CONNECT response.
    Accept,
    /// T-DISCONNECT request instead of a response, with a reason of class 0: 0 none, 1 congestion, 2 no session
    /// entity, 3 address unknown.
    Refuse {
        /// The reason octet.
        reason: u8,
    },
    /// T-DATA request: one TSDU, in pieces that are sent one after the other.
    Data(Vec<Bytes>),
    /// T-DISCONNECT request.
    Disconnect,
}

/// What the transport user is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indication {
    /// T-CONNECT indication.
    Connect {
        /// The TSAP identifiers that the peer sent.
        selectors: Selectors,
        /// The agreed maximum TPDU size, octets.
        tpdu_size: usize,
    },
    /// T-CONNECT confirm.
    Confirm {
        /// The agreed maximum TPDU size, octets.
        tpdu_size: usize,
    },
    /// T-DATA indication: one whole TSDU.
    Data(Bytes),
    /// T-DISCONNECT indication. The connection has ended.
    Disconnect {
        /// Why.
        reason: DisconnectReason,
        /// What the peer wrote about it, if it did.
        text: Bytes,
    },
}

/// Why a transport connection has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The peer sent DR with this reason octet.
    Peer(u8),
    /// The peer sent ER with this cause octet.
    Rejected(u8),
    /// The TCP connection ended.
    Lost,
    /// The peer did not connect or confirm in time.
    TimedOut,
    /// The peer broke the protocol.
    ProtocolError,
    /// The peer sent more than we take.
    LimitExceeded,
    /// The very first octets of the peer are not TPKT.
    NotTpkt,
}

impl Request {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Accept => "accept",
            Self::Refuse { .. } => "refuse",
            Self::Data(_) => "data",
            Self::Disconnect => "disconnect",
        }
    }
}
