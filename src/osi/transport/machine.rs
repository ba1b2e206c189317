//! The transport connection as a machine.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::{Bytes, BytesMut};

use super::primitive::{Called, Config, DisconnectReason, Indication, Request, Selectors};
use super::tpdu::{self, Size, Tpdu};
use crate::osi::tpkt;

/// One transport connection over one TCP connection.
#[derive(Debug)]
pub struct Connection {
    config: Config,
    state: State,
    selectors: Selectors,
    decoder: tpkt::Decoder,
    /// The reference of the peer.
    peer: u16,
    /// The agreed maximum size of our DT, header included.
    tpdu_size: usize,
    /// Whether the size came from the preferred-size parameter, in which the answer must then be.
    preferred: bool,
    /// The parts of a TSDU that has not ended yet.
    partial: BytesMut,
    outputs: VecDeque<Output>,
    deadline: Option<Instant>,
}

/// What a poll gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Octets for the TCP connection.
    Down(Bytes),
    /// Close the TCP connection once all octets are sent.
    Close,
    /// Tell the user.
    Up(Indication),
}

/// The user asked for what cannot be done; nothing has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// The request does not fit the state of the connection.
    #[error("transport request `{request}` does not fit state `{state}`")]
    State {
        /// The request.
        request: &'static str,
        /// What the connection waits for.
        state: &'static str,
    },
    /// A TSAP identifier does not fit CR.
    #[error("transport selector has {octets} octets, expected at most {maximum}")]
    SelectorTooLong {
        /// What it has.
        octets: usize,
        /// What it may have.
        maximum: usize,
    },
}

/// The peer broke the protocol. The connection has been ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Not TPKT.
    #[error(transparent)]
    Tpkt(#[from] tpkt::Fault),
    /// Not a TPDU of class 0.
    #[error("tpdu before octet {end} of the connection: {fault}")]
    Tpdu {
        /// Octets received up to the end of the packet.
        end: u64,
        /// What is wrong in it.
        fault: tpdu::Fault,
    },
    /// A TPDU that may not come now.
    #[error("tpdu before octet {end} of the connection: {found} does not fit state `{state}`")]
    Unexpected {
        /// Octets received up to the end of the packet.
        end: u64,
        /// The TPDU.
        found: &'static str,
        /// What the connection waits for.
        state: &'static str,
    },
    /// The peer wants a class that we do not have.
    #[error(
        "tpdu before octet {end} of the connection: class {class} without alternative 0, expected class 0"
    )]
    Class {
        /// Octets received up to the end of the packet.
        end: u64,
        /// The class asked for.
        class: u8,
    },
    /// The TSDU grows beyond the limit.
    #[error("tpdu before octet {end} of the connection: tsdu is longer than {maximum} octets")]
    TsduTooLong {
        /// Octets received up to the end of the packet.
        end: u64,
        /// The limit.
        maximum: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Initiator: the user has not asked yet.
    Idle,
    /// Initiator: CR is sent.
    AwaitConfirm,
    /// Responder: nothing has come yet.
    AwaitRequest,
    /// Responder: the user decides.
    AwaitResponse,
    /// Data flow.
    Open,
    /// All is over.
    Closed,
}

/// DR reason 130: no agreement on class or options.
const NEGOTIATION_FAILED: u8 = 0x82;
/// DR reason 3 of class 0: nobody here has that TSAP identifier.
const ADDRESS_UNKNOWN: u8 = 3;
/// A DT up to this many octets is sent as one piece; longer ones are not worth the copy.
const COALESCE_OCTETS: usize = 512;
const PREFERRED_UNIT: usize = 128;

impl Connection {
    /// The side that will ask for the connection, on a TCP connection it has opened.
    pub fn initiator(config: Config, selectors: Selectors) -> Self {
        Self::new(config, selectors, State::Idle, None)
    }

    /// The side that is asked, on a TCP connection it has just accepted.
    pub fn responder(config: Config, now: Instant) -> Self {
        let deadline = now + config.connect_timeout;
        Self::new(config, Selectors::default(), State::AwaitRequest, Some(deadline))
    }

    fn new(config: Config, selectors: Selectors, state: State, deadline: Option<Instant>) -> Self {
        Self {
            decoder: tpkt::Decoder::new(config.maximum_packet),
            config,
            state,
            selectors,
            peer: 0,
            tpdu_size: Size::MINIMUM.octets(),
            preferred: false,
            partial: BytesMut::new(),
            outputs: VecDeque::new(),
            deadline,
        }
    }

    /// Takes a request of the user.
    ///
    /// # Errors
    ///
    /// The request does not fit the state, or a TSAP identifier is too long; nothing has happened.
    pub fn request(&mut self, primitive: Request, now: Instant) -> Result<(), Misuse> {
        match (self.state, primitive) {
            (State::Idle, Request::Connect) => self.send_connection_request(now)?,
            (State::AwaitResponse, Request::Accept) => self.send_connection_confirm(),
            (State::AwaitResponse, Request::Refuse { reason }) => self.send_disconnect(reason),
            (State::Open, Request::Data(pieces)) => self.send_data(pieces),
            (State::Open | State::AwaitResponse | State::AwaitConfirm, Request::Disconnect) => {
                self.send_disconnect(tpdu::NORMAL_DISCONNECT);
            }
            (State::Idle | State::AwaitRequest, Request::Disconnect) => self.close(),
            // The connection may end while requests are on their way down; its indication says so.
            (
                State::Closed,
                Request::Accept | Request::Refuse { .. } | Request::Data(_) | Request::Disconnect,
            ) => {}
            (state, primitive) => {
                return Err(Misuse::State { request: primitive.name(), state: state.name() });
            }
        }
        Ok(())
    }

    /// Takes the next octets of the TCP connection.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol. ER or DR, the indication and the end of the connection wait to be polled.
    pub fn receive(&mut self, octets: &[u8], _now: Instant) -> Result<(), Fault> {
        if self.state == State::Closed {
            return Ok(());
        }
        self.decoder.push(octets);
        while self.state != State::Closed {
            match self.decoder.next_tpdu() {
                Ok(Some(octets)) => self.receive_tpdu(&octets)?,
                Ok(None) => break,
                Err(fault) => {
                    let reason = match self.decoder.offset() {
                        0 => DisconnectReason::NotTpkt,
                        _ => DisconnectReason::ProtocolError,
                    };
                    self.end(reason, Bytes::new());
                    return Err(fault.into());
                }
            }
        }
        Ok(())
    }

    /// The TCP connection has ended, by the peer or by failure.
    pub fn lost(&mut self, _now: Instant) {
        if self.state != State::Closed {
            self.end(DisconnectReason::Lost, Bytes::new());
        }
    }

    /// The user takes no more of what the peer sends.
    pub fn give_up(&mut self) {
        if self.state != State::Closed {
            self.end(DisconnectReason::LimitExceeded, Bytes::new());
        }
    }

    /// The deadline has passed.
    pub fn timeout(&mut self, now: Instant) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.end(DisconnectReason::TimedOut, Bytes::new());
        }
    }

    /// The next thing to do, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Self::timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The octets held for packets and TSDUs that have not ended yet.
    pub fn buffered(&self) -> usize {
        self.decoder.buffered() + self.partial.len()
    }

    fn send_connection_request(&mut self, now: Instant) -> Result<(), Misuse> {
        let octets = self.selectors.calling.len().max(self.selectors.called.len());
        let maximum = tpdu::MAXIMUM_SELECTOR;
        if octets > maximum {
            return Err(Misuse::SelectorTooLong { octets, maximum });
        }
        let request = tpdu::Connection {
            source: self.config.reference,
            size: Some(self.config.size),
            preferred_units: self.config.preferred_size.map(units),
            calling: present(&self.selectors.calling),
            called: present(&self.selectors.called),
            ..tpdu::Connection::default()
        };
        self.send(&request.encode_request());
        self.state = State::AwaitConfirm;
        self.deadline = Some(now + self.config.connect_timeout);
        Ok(())
    }

    /// CC states the size in every case: without it, peers disagree about the default (RFC 2126 6.4).
    fn send_connection_confirm(&mut self) {
        let confirm = tpdu::Connection {
            destination: self.peer,
            source: self.config.reference,
            size: (!self.preferred).then(|| Size::at_most(self.tpdu_size)),
            preferred_units: self.preferred.then(|| units(self.tpdu_size)),
            ..tpdu::Connection::default()
        };
        self.send(&confirm.encode_confirm());
        self.state = State::Open;
    }

    fn send_disconnect(&mut self, reason: u8) {
        let request = tpdu::DisconnectRequest {
            destination: self.peer,
            source: self.config.reference,
            reason,
            user_data: Bytes::new(),
        };
        self.send(&request.encode());
        self.close();
    }

    /// Cuts a TSDU into DT of the agreed size (X.224 6.3). Large pieces are sent as they are, without a copy.
    fn send_data(&mut self, pieces: Vec<Bytes>) {
        let room = self.tpdu_size - tpdu::DATA_HEADER_OCTETS;
        let mut left: usize = pieces.iter().map(Bytes::len).sum();
        let mut pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
        let mut piece = Bytes::new();
        loop {
            let mut part = left.min(room);
            left -= part;
            let mut head = BytesMut::with_capacity(COALESCE_OCTETS);
            // `part` is at most 65531 less a header, for which there always is a packet.
            head.extend_from_slice(&tpkt::header(tpdu::DATA_HEADER_OCTETS + part).unwrap_or_default());
            head.extend_from_slice(&tpdu::data_header(left == 0));
            let copy = part <= COALESCE_OCTETS;
            let mut slices = Vec::new();
            while part > 0 {
                if piece.is_empty() {
                    let Some(next) = pieces.next() else { break };
                    piece = next;
                }
                let slice = piece.split_to(part.min(piece.len()));
                part -= slice.len();
                if copy {
                    head.extend_from_slice(&slice);
                } else {
                    slices.push(Output::Down(slice));
                }
            }
            self.outputs.push_back(Output::Down(head.freeze()));
            self.outputs.extend(slices);
            if left == 0 {
                return;
            }
        }
    }

    /// Sends a TPDU, which is short enough for a packet.
    fn send(&mut self, tpdu: &[u8]) {
        if let Some(header) = tpkt::header(tpdu.len()) {
            self.outputs.push_back(Output::Down(Bytes::from([&header[..], tpdu].concat())));
        }
    }

    fn receive_tpdu(&mut self, octets: &Bytes) -> Result<(), Fault> {
        let end = self.decoder.offset();
        let tpdu = match tpdu::decode(octets) {
            Ok(tpdu) => tpdu,
            Err(fault) => {
                self.send(&tpdu::encode_error(self.peer, fault.cause(), octets));
                self.end(DisconnectReason::ProtocolError, Bytes::new());
                return Err(Fault::Tpdu { end, fault });
            }
        };
        match (self.state, tpdu) {
            (State::AwaitRequest, Tpdu::ConnectionRequest(request)) => self.receive_request(request, end),
            (State::AwaitConfirm, Tpdu::ConnectionConfirm(confirm)) => self.receive_confirm(&confirm, end),
            (State::Open, Tpdu::Data { end: last, user_data }) => self.receive_data(last, user_data, end),
            (State::AwaitConfirm | State::Open | State::AwaitResponse, Tpdu::DisconnectRequest(request)) => {
                self.end(DisconnectReason::Peer(request.reason), request.user_data);
                Ok(())
            }
            (State::AwaitConfirm | State::Open | State::AwaitResponse, Tpdu::Error { cause, .. }) => {
                self.end(DisconnectReason::Rejected(cause), Bytes::new());
                Ok(())
            }
            (state, tpdu) => {
                self.send(&tpdu::encode_error(self.peer, tpdu::RejectCause::InvalidTpduType, octets));
                self.end(DisconnectReason::ProtocolError, Bytes::new());
                Err(Fault::Unexpected { end, found: tpdu.name(), state: state.name() })
            }
        }
    }

    fn receive_request(&mut self, request: tpdu::Connection, end: u64) -> Result<(), Fault> {
        self.peer = request.source;
        self.deadline = None;
        if request.class != 0 && !request.alternative_classes.contains(&0) {
            self.send_disconnect(NEGOTIATION_FAILED);
            return Err(Fault::Class { end, class: request.class });
        }
        self.preferred = request.preferred_units.is_some() && self.config.preferred_size.is_some();
        self.tpdu_size = match (request.preferred_units, self.config.preferred_size) {
            (Some(theirs), Some(ours)) => octets(theirs).min(octets(units(ours))).max(PREFERRED_UNIT),
            // Without the parameter RFC 1006 means 65531 octets, which a smaller answer may undercut.
            _ => request.size.unwrap_or(Size::MAXIMUM).min(self.config.size).octets(),
        };
        self.selectors = Selectors {
            calling: request.calling.unwrap_or_default(),
            called: request.called.unwrap_or_default(),
        };
        let known = match &self.config.called {
            Called::Any => true,
            Called::OneOf(selectors) => selectors.contains(&self.selectors.called),
        };
        if !known {
            self.send_disconnect(ADDRESS_UNKNOWN);
            return Ok(());
        }
        self.state = State::AwaitResponse;
        let selectors = self.selectors.clone();
        self.outputs.push_back(Output::Up(Indication::Connect { selectors, tpdu_size: self.tpdu_size }));
        Ok(())
    }

    fn receive_confirm(&mut self, confirm: &tpdu::Connection, end: u64) -> Result<(), Fault> {
        self.peer = confirm.source;
        self.deadline = None;
        if confirm.class != 0 {
            self.end(DisconnectReason::ProtocolError, Bytes::new());
            return Err(Fault::Class { end, class: confirm.class });
        }
        let proposed = self.config.size.octets();
        self.tpdu_size = match (confirm.preferred_units, self.config.preferred_size) {
            (Some(theirs), Some(ours)) => octets(theirs).min(octets(units(ours))).max(PREFERRED_UNIT),
            _ => confirm.size.map_or(proposed, |size| size.octets().min(proposed)),
        };
        self.state = State::Open;
        self.outputs.push_back(Output::Up(Indication::Confirm { tpdu_size: self.tpdu_size }));
        Ok(())
    }

    /// Puts a TSDU together. One that came in a single DT is handed up as it is.
    fn receive_data(&mut self, last: bool, user_data: Bytes, end: u64) -> Result<(), Fault> {
        let maximum = self.config.maximum_tsdu;
        if self.partial.len() + user_data.len() > maximum {
            self.end(DisconnectReason::LimitExceeded, Bytes::new());
            return Err(Fault::TsduTooLong { end, maximum });
        }
        let tsdu = match (last, self.partial.is_empty()) {
            (true, true) => user_data,
            (last, _) => {
                self.partial.extend_from_slice(&user_data);
                if !last {
                    return Ok(());
                }
                self.partial.split().freeze()
            }
        };
        self.outputs.push_back(Output::Up(Indication::Data(tsdu)));
        Ok(())
    }

    fn end(&mut self, reason: DisconnectReason, text: Bytes) {
        let indicate = !matches!(self.state, State::Idle | State::AwaitRequest | State::Closed);
        self.close();
        if indicate {
            self.outputs.push_back(Output::Up(Indication::Disconnect { reason, text }));
        }
    }

    fn close(&mut self) {
        self.state = State::Closed;
        self.deadline = None;
        self.partial = BytesMut::new();
        self.decoder = tpkt::Decoder::new(self.config.maximum_packet);
        self.outputs.push_back(Output::Close);
    }
}

fn present(selector: &Bytes) -> Option<Bytes> {
    (!selector.is_empty()).then(|| selector.clone())
}

/// A preferred size in the unit of its parameter.
fn units(octets: usize) -> u32 {
    u32::try_from(octets.min(tpkt::MAXIMUM_TPDU) / PREFERRED_UNIT).unwrap_or(u32::MAX).max(1)
}

fn octets(units: u32) -> usize {
    usize::try_from(units).unwrap_or(usize::MAX).saturating_mul(PREFERRED_UNIT)
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::AwaitConfirm => "await CC",
            Self::AwaitRequest => "await CR",
            Self::AwaitResponse => "await response",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl Tpdu {
    fn name(&self) -> &'static str {
        match self {
            Self::ConnectionRequest(_) => "CR",
            Self::ConnectionConfirm(_) => "CC",
            Self::DisconnectRequest(_) => "DR",
            Self::Data { .. } => "DT",
            Self::Error { .. } => "ER",
        }
    }
}
