//! The session connection as a machine: the state table, its local variables, and the way in and out.

mod convert;
mod send;
#[cfg(test)]
mod tests;
mod valid;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::primitive::{
    AbortReason, ConnectResponse, Indication, RefuseReason, Request, SerialNumber, TokenSetting,
};
use super::spdu::{self, AbortOrigin, Enclosure, Leading, Spdu, VERSION_2};
use super::table::{Action, Event, Predicate, State, cell, protocol_error};
use crate::osi::transport;

/// One session connection on one transport connection.
#[derive(Debug)]
pub struct Connection {
    config: Config,
    role: Role,
    state: State,
    /// The parameters of CN: waiting to be sent, then what AC is measured against.
    proposal: spdu::Connect,
    /// The agreed protocol version; before agreement the highest that we speak.
    version: u8,
    /// Whether we own the tokens.
    turn: bool,
    /// Vact: whether an activity is in progress.
    activity: bool,
    /// V(A): the lowest serial number that is not confirmed yet.
    unconfirmed: u32,
    /// V(M): the next serial number.
    next: u32,
    /// Vsc: whether it is us who may confirm.
    may_confirm: bool,
    /// The longest TSDU that the peer takes, where segmenting is in use.
    tsdu_limit: Option<usize>,
    /// The segments of a session service data unit that has not ended yet.
    partial: Option<BytesMut>,
    outputs: VecDeque<Output>,
    deadline: Option<Instant>,
}

/// Versions, limits and times of a connection.
#[derive(Clone, Debug)]
pub struct Config {
    /// Responder: our S-selector. An empty one answers to any.
    pub selector: Bytes,
    /// The protocol versions to propose or accept: a set of `VERSION_` bits.
    pub versions: u8,
    /// The maximum TSDU size to propose for both directions; `None` proposes no segmenting.
    pub tsdu_maximum: Option<u16>,
    /// The longest session service data unit to put together from segments, octets.
    pub maximum_ssdu: usize,
    /// How long to wait for AC, or for CN on a new transport connection.
    pub connect_timeout: Duration,
    /// How long to wait for DN.
    pub release_timeout: Duration,
    /// How long the peer may take to end the transport connection after DN, RF or AB (TIM).
    pub abort_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            selector: Bytes::new(),
            versions: spdu::VERSION_1 | VERSION_2,
            tsdu_maximum: None,
            maximum_ssdu: 4 << 20,
            connect_timeout: Duration::from_secs(60),
            release_timeout: Duration::from_secs(60),
            abort_timeout: Duration::from_secs(10),
        }
    }
}

/// What a poll gives.
#[expect(
    clippy::large_enum_variant,
    reason = "few wait at a time, and each moves once: a box would cost more"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask the transport.
    Down(transport::Request),
    /// Tell the user.
    Up(Indication),
}

/// The user asked for what cannot be done; nothing has happened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// The request does not fit the state of the connection.
    #[error("{request:?} does not fit session state {state:?} (own turn: {turn}, in activity: {activity})")]
    State {
        /// The request.
        request: Event,
        /// The state.
        state: State,
        /// Whether we own the tokens.
        turn: bool,
        /// Whether an activity is in progress.
        activity: bool,
    },
    /// A parameter is longer than its SPDU allows.
    #[error("{what} has {octets} octets, expected at most {maximum}")]
    TooLong {
        /// The parameter.
        what: &'static str,
        /// What it has.
        octets: usize,
        /// What it may have.
        maximum: usize,
    },
}

/// The peer broke the session protocol. The connection has been aborted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Octets that are no SPDU of ours.
    #[error("session: {0}")]
    Spdu(#[from] spdu::Fault),
    /// An SPDU that may not come now, or whose serial number or proposals do not fit.
    #[error(
        "session: {spdu:?} does not fit state {state:?} (own turn: {turn}, in activity: {activity}, next serial number: {next})"
    )]
    Unexpected {
        /// The SPDU.
        spdu: Event,
        /// The state.
        state: State,
        /// Whether we own the tokens.
        turn: bool,
        /// Whether an activity is in progress.
        activity: bool,
        /// V(M).
        next: u32,
    },
    /// Segments out of order, or too many of them.
    #[error("session: segment is out of order, or the data unit longer than {maximum} octets")]
    Segment {
        /// The limit.
        maximum: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Initiator,
    Responder,
}

/// What an event brings along.
#[derive(Debug)]
enum Input {
    Request(Prepared),
    Spdu(Spdu),
    Tokens(Leading),
    Transport(transport::DisconnectReason),
    Timer,
    Nothing,
}

/// A request turned into what is to be sent.
#[derive(Debug)]
enum Prepared {
    Connect(spdu::Connect),
    Data(Vec<Bytes>),
    Tokens(Leading),
    Spdu(Spdu),
    Nothing,
}

impl Connection {
    /// The side that will ask for the connection.
    pub fn initiator(config: Config) -> Self {
        Self::new(config, Role::Initiator)
    }

    /// The side that is asked.
    pub fn responder(config: Config) -> Self {
        Self::new(config, Role::Responder)
    }

    fn new(config: Config, role: Role) -> Self {
        Self {
            version: if config.versions & VERSION_2 != 0 { VERSION_2 } else { spdu::VERSION_1 },
            config,
            role,
            state: State::Idle,
            proposal: spdu::Connect::default(),
            turn: false,
            activity: false,
            unconfirmed: 1,
            next: 1,
            may_confirm: false,
            tsdu_limit: None,
            partial: None,
            outputs: VecDeque::new(),
            deadline: None,
        }
    }

    /// Takes a request or response of the user.
    ///
    /// # Errors
    ///
    /// The request does not fit the state, or has a parameter that is too long; nothing has happened.
    pub fn request(&mut self, primitive: Request, now: Instant) -> Result<(), Misuse> {
        let event = Event::of_request(&primitive);
        let valid = self.request_is_valid(&primitive);
        let prepared = self.prepare(primitive)?;
        let Some((actions, next)) = self.choose(event, valid) else {
            let (turn, activity) = (self.turn, self.activity);
            return Err(Misuse::State { request: event, state: self.state, turn, activity });
        };
        self.perform(actions, next, event, &Input::Request(prepared), now);
        Ok(())
    }

    /// Takes an indication of the transport.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol. The abort and its indication wait to be polled.
    pub fn receive(&mut self, indication: transport::Indication, now: Instant) -> Result<(), Fault> {
        match indication {
            transport::Indication::Connect { .. } => self.step(Event::TCONind, true, &Input::Nothing, now),
            transport::Indication::Confirm { .. } => self.step(Event::TCONcnf, true, &Input::Nothing, now),
            transport::Indication::Data(tsdu) => return self.receive_tsdu(&tsdu, now),
            transport::Indication::Disconnect { reason, .. } => {
                self.step(Event::TDISind, true, &Input::Transport(reason), now);
            }
        }
        Ok(())
    }

    /// The deadline has passed.
    pub fn timeout(&mut self, now: Instant) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            self.step(Event::TIM, true, &Input::Timer, now);
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

    /// Whether we own the tokens.
    pub fn has_turn(&self) -> bool {
        self.turn
    }

    /// Whether an activity is in progress.
    pub fn in_activity(&self) -> bool {
        self.activity
    }

    /// The number of the next synchronization point, unless the numbers have run out.
    pub fn next_serial(&self) -> Option<SerialNumber> {
        SerialNumber::new(self.next)
    }

    /// What the connection waits for.
    pub fn state(&self) -> State {
        self.state
    }

    /// The octets held for a session service data unit that has not ended yet.
    pub fn buffered(&self) -> usize {
        self.partial.as_ref().map_or(0, BytesMut::len)
    }

    fn receive_tsdu(&mut self, tsdu: &Bytes, now: Instant) -> Result<(), Fault> {
        let spdu::Tsdu { leading, spdu } = match spdu::decode(tsdu) {
            Ok(tsdu) => tsdu,
            Err(fault) => {
                self.protocol_error(now);
                return Err(fault.into());
            }
        };
        if let Some(spdu) = spdu {
            self.receive_spdu(spdu, now)?;
        }
        // A category 0 SPDU without content only stood for the concatenation.
        match leading {
            Some(tokens @ Leading::GiveTokens { tokens: 1.. }) => self.receive_tokens(Event::GT, tokens, now),
            Some(Leading::PleaseTokens { tokens: 0, user_data }) if user_data.is_empty() => Ok(()),
            Some(tokens @ Leading::PleaseTokens { .. }) => self.receive_tokens(Event::PT, tokens, now),
            _ => Ok(()),
        }
    }

    fn receive_spdu(&mut self, spdu: Spdu, now: Instant) -> Result<(), Fault> {
        if let (State::DataTransfer, Spdu::Data { enclosure, user_data }) = (self.state, &spdu)
            && !self.segment_fits(*enclosure, user_data.len())
        {
            self.protocol_error(now);
            return Err(Fault::Segment { maximum: self.config.maximum_ssdu });
        }
        let event = Event::of_spdu(&spdu);
        let valid = self.spdu_is_valid(&spdu);
        if let (State::AwaitConnect, Spdu::Connect(connect)) = (self.state, &spdu) {
            self.proposal = connect.clone();
            self.version = match connect.item.versions.unwrap_or(spdu::VERSION_1) & self.config.versions {
                common if common & VERSION_2 != 0 => VERSION_2,
                _ => spdu::VERSION_1,
            };
        }
        self.receive_event(event, valid, &Input::Spdu(spdu), now)
    }

    fn receive_tokens(&mut self, event: Event, tokens: Leading, now: Instant) -> Result<(), Fault> {
        let whole = match &tokens {
            Leading::GiveTokens { tokens } => tokens & spdu::TOKENS_OF_THE_TURN == spdu::TOKENS_OF_THE_TURN,
            Leading::PleaseTokens { .. } => true,
        };
        self.receive_event(event, whole, &Input::Tokens(tokens), now)
    }

    fn receive_event(&mut self, event: Event, valid: bool, input: &Input, now: Instant) -> Result<(), Fault> {
        let Some((actions, next)) = self.choose(event, valid) else {
            let (state, turn, activity, next) = (self.state, self.turn, self.activity, self.next);
            self.protocol_error(now);
            return Err(Fault::Unexpected { spdu: event, state, turn, activity, next });
        };
        self.perform(actions, next, event, input, now);
        Ok(())
    }

    fn protocol_error(&mut self, now: Instant) {
        let (actions, next) = protocol_error(self.state);
        self.perform(actions, next, Event::Invalid, &Input::Nothing, now);
    }

    /// An event from the transport or the timer; where the table has nothing for it, it came too late to matter.
    fn step(&mut self, event: Event, valid: bool, input: &Input, now: Instant) {
        if let Some((actions, next)) = self.choose(event, valid) {
            self.perform(actions, next, event, input, now);
        }
    }

    fn choose(&self, event: Event, valid: bool) -> Option<(&'static [Action], State)> {
        let holds = |predicate: &Predicate| match predicate {
            Predicate::Turn => self.turn,
            Predicate::NoTurn => !self.turn,
            Predicate::Activity => self.activity,
            Predicate::NoActivity => !self.activity,
            Predicate::Valid => valid,
        };
        let fitting = cell(self.state, event).iter().find(|(predicates, ..)| predicates.iter().all(holds));
        fitting.map(|&(_, actions, next)| (actions, next))
    }

    fn perform(&mut self, actions: &[Action], next: State, event: Event, input: &Input, now: Instant) {
        for &action in actions {
            self.act(action, event, input, now);
        }
        self.state = next;
    }

    fn act(&mut self, action: Action, event: Event, input: &Input, now: Instant) {
        match action {
            Action::Send => self.send_prepared(input),
            Action::Indicate => self.indicate(input),
            Action::TransportConnect => {
                if let Input::Request(Prepared::Connect(connect)) = input {
                    self.proposal = connect.clone();
                }
                self.down(transport::Request::Connect);
            }
            Action::TransportAccept => self.down(transport::Request::Accept),
            Action::TransportDisconnect => self.down(transport::Request::Disconnect),
            Action::SendConnect => self.send(&Spdu::Connect(self.proposal.clone())),
            Action::RefuseByProvider => self.refuse_by_provider(),
            Action::SendGiveTokensAck => self.send(&Spdu::GiveTokensAck),
            Action::SendGiveTokens => {
                let tokens = Leading::GiveTokens { tokens: spdu::TOKENS_OF_THE_TURN };
                self.down(transport::Request::Data(vec![Bytes::from(tokens.encode())]));
            }
            Action::SendInterruptAck => self.send(&Spdu::ActivityInterruptAck),
            Action::SendDiscardAck => self.send(&Spdu::ActivityDiscardAck),
            Action::AbortProtocolError => self.abort(AbortOrigin::ProtocolError),
            Action::AbortNoReason => self.abort(AbortOrigin::NoReason),
            Action::IndicateAbort => self.up(Indication::ProviderAbort { reason: abort_reason(input) }),
            Action::IndicateTransportRefusal => self.indicate_transport_refusal(input),
            Action::TakeTurn => self.turn = true,
            Action::GiveTurn => self.turn = false,
            Action::Establish => self.establish(input),
            Action::BeginActivity => self.begin_activity(input),
            Action::EndActivity => {
                self.activity = false;
                self.partial = None;
            }
            Action::Count => self.count(event, input),
            Action::StartConnectTimer => self.deadline = Some(now + self.config.connect_timeout),
            Action::StartReleaseTimer => self.deadline = Some(now + self.config.release_timeout),
            Action::StartAbortTimer => self.deadline = Some(now + self.config.abort_timeout),
            Action::StopTimer => self.deadline = None,
        }
    }

    fn down(&mut self, request: transport::Request) {
        self.outputs.push_back(Output::Down(request));
    }

    fn up(&mut self, indication: Indication) {
        self.outputs.push_back(Output::Up(indication));
    }

    fn indicate_transport_refusal(&mut self, input: &Input) {
        let indication = match input {
            Input::Transport(transport::DisconnectReason::Peer(code)) => {
                let reason = RefuseReason::Transport(*code);
                Indication::ConnectConfirm(ConnectResponse::Refuse { reason, user_data: Bytes::new() })
            }
            input => Indication::ProviderAbort { reason: abort_reason(input) },
        };
        self.up(indication);
    }

    fn begin_activity(&mut self, input: &Input) {
        let serial = match input {
            Input::Spdu(Spdu::ActivityResume(resume))
            | Input::Request(Prepared::Spdu(Spdu::ActivityResume(resume))) => resume.serial.get() + 1,
            _ => 1,
        };
        self.activity = true;
        self.unconfirmed = serial;
        self.next = serial;
        self.may_confirm = false;
        self.partial = None;
    }

    /// The operations of X.225 table A-4 on V(A), V(M) and Vsc.
    fn count(&mut self, event: Event, input: &Input) {
        match event {
            Event::SSYNmreq | Event::SACTEreq => {
                if self.may_confirm {
                    self.unconfirmed = self.next;
                }
                self.next += 1;
                self.may_confirm = false;
            }
            Event::MIP | Event::AE => {
                if !self.may_confirm {
                    self.unconfirmed = self.next;
                }
                self.next += 1;
                self.may_confirm = true;
            }
            Event::SACTErsp | Event::AEA => self.unconfirmed = self.next,
            _ => {
                if let Input::Spdu(Spdu::MinorSyncAck { serial, .. })
                | Input::Request(Prepared::Spdu(Spdu::MinorSyncAck { serial, .. })) = input
                {
                    self.unconfirmed = serial.get() + 1;
                }
            }
        }
    }

    /// Takes over what AC says, whoever sent it.
    fn establish(&mut self, input: &Input) {
        let (Input::Spdu(Spdu::Accept(accept)) | Input::Request(Prepared::Spdu(Spdu::Accept(accept)))) =
            input
        else {
            return;
        };
        self.version = match accept.item.versions {
            Some(versions) if versions & VERSION_2 != 0 => VERSION_2,
            _ => spdu::VERSION_1,
        };
        let owner = match TokenSetting::from_item(self.proposal.item.tokens) {
            Some(TokenSetting::ResponderChooses) | None => TokenSetting::from_item(accept.item.tokens),
            proposed => proposed,
        };
        self.turn = (owner == Some(TokenSetting::Responder)) == (self.role == Role::Responder);
        let limit = accept.item.tsdu_maximum.map(|(to_responder, to_initiator)| match self.role {
            Role::Initiator => to_responder,
            Role::Responder => to_initiator,
        });
        self.tsdu_limit = limit.filter(|&limit| limit != 0).map(usize::from);
    }

    /// Whether a segment goes on where the last one ended, within the limit. A DT without an enclosure item is whole,
    /// also where segmenting was agreed.
    fn segment_fits(&self, enclosure: Option<Enclosure>, octets: usize) -> bool {
        let begin = enclosure.is_none_or(|enclosure| enclosure.begin);
        begin == self.partial.is_none() && self.buffered() + octets <= self.config.maximum_ssdu
    }

    /// The whole data unit, once its last segment is there.
    fn reassemble(&mut self, enclosure: Option<Enclosure>, user_data: &Bytes) -> Option<Bytes> {
        match (self.partial.take(), enclosure.is_none_or(|enclosure| enclosure.end)) {
            (None, true) => Some(user_data.clone()),
            (partial, end) => {
                let mut partial = partial.unwrap_or_default();
                partial.extend_from_slice(user_data);
                if end {
                    return Some(partial.freeze());
                }
                self.partial = Some(partial);
                None
            }
        }
    }
}

fn abort_reason(input: &Input) -> AbortReason {
    match input {
        Input::Timer | Input::Transport(transport::DisconnectReason::TimedOut) => AbortReason::TimedOut,
        Input::Transport(_) => AbortReason::TransportDisconnected,
        _ => AbortReason::ProtocolErrorByPeer,
    }
}
