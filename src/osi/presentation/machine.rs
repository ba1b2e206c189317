//! The presentation connection as a machine.

mod convert;
mod x410;

use std::collections::VecDeque;

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::presentation::{AbortReason, Arp, Aru, ContextAnswer, Cpr, CprNormal, Mode, ProviderReason};
use rasn_x400::prim::Oid;
use rasn_x400::rtse::{AbortReason as X410AbortReason, RefuseReason as X410RefuseReason, Rtab, Rtorj};

use super::primitive::{ConnectResponse, Contexts, Indication, Request};
use super::table::{Action, Event, State, cell};
use crate::osi::session;

/// One presentation connection.
#[derive(Debug)]
pub struct Machine {
    config: Config,
    state: State,
    /// The connection is in X.410-1984 mode.
    x410: bool,
    /// The contexts proposed, then those agreed on.
    contexts: Contexts,
    /// Our answers to the contexts proposed, in their order.
    answers: Vec<ContextAnswer>,
    outputs: VecDeque<Output>,
}

/// What a connection accepts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Responder: our P-selector. An empty one answers to any.
    pub selector: Bytes,
    /// Responder: whether connects in normal mode are answered.
    pub normal: bool,
    /// Responder: whether connects in X.410-1984 mode are answered.
    pub x410: bool,
    /// Responder: the abstract syntaxes that we speak.
    pub abstract_syntaxes: Vec<Oid>,
    /// The longest CP, CPA, CPR or ARU to decode, octets.
    pub maximum_user_data: usize,
}

/// What a poll gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// For session.
    Down(session::Request),
    /// For the user.
    Up(Indication),
}

/// The user asked for what the state of the connection does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("presentation request `{request}` does not fit state `{state}`")]
pub struct Misuse {
    request: &'static str,
    state: &'static str,
}

/// The peer broke the protocol. What answers it waits to be polled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A connect that we had to refuse.
    #[error("presentation connect: {problem} ({reason})")]
    Refused {
        /// What the refusal says.
        reason: ProviderReason,
        /// More about it.
        problem: String,
    },
    /// Octets that are no PPDU, or whose values are in no context.
    #[error("presentation: {problem}")]
    Invalid {
        /// What is wrong.
        problem: String,
    },
    /// Something that may not come now.
    #[error("presentation: {found} does not fit state `{state}`")]
    Unexpected {
        /// The event.
        found: &'static str,
        /// What the connection waits for.
        state: &'static str,
    },
}

/// What came from below, understood.
struct Received {
    event: Event,
    indications: Vec<Indication>,
    contexts: Contexts,
    answers: Vec<ContextAnswer>,
    fault: Option<Fault>,
    /// The mode of a CP: a refusal is in the same.
    mode: Mode,
}

impl Received {
    fn empty(event: Event) -> Self {
        let (contexts, answers) = (Contexts::default(), Vec::new());
        Self { event, indications: Vec::new(), contexts, answers, fault: None, mode: Mode::NORMAL }
    }

    fn new(event: Event, indication: Indication) -> Self {
        Self { indications: vec![indication], ..Self::empty(event) }
    }

    fn faulty(event: Event, fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::empty(event) }
    }

    fn invalid(problem: impl ToString) -> Self {
        Self::faulty(Event::Invalid, Fault::Invalid { problem: problem.to_string() })
    }
}

impl Machine {
    /// A machine that has no connection yet; its first request or indication decides the role.
    pub fn new(config: Config) -> Self {
        let (contexts, answers) = (Contexts::default(), Vec::new());
        Self { config, state: State::Idle, x410: false, contexts, answers, outputs: VecDeque::new() }
    }

    /// Takes a request of the user.
    ///
    /// # Errors
    ///
    /// The request does not fit the state, or a value in it is no element; nothing has happened.
    pub fn request(&mut self, primitive: Request) -> Result<(), Misuse> {
        let misuse = Misuse { request: primitive.name(), state: self.state.name() };
        let (actions, next) = primitive.event().and_then(|event| cell(self.state, event)).ok_or(misuse)?;
        let contexts = match &primitive {
            Request::Connect(connect) => connect.contexts.clone(),
            _ => Contexts::default(),
        };
        if let Request::Connect(connect) = &primitive {
            self.x410 = connect.x410;
        }
        let down = self.encode(primitive).map_err(|_| misuse)?;
        for action in actions {
            match action {
                Action::Propose => self.contexts = contexts.clone(),
                _ => self.outputs.push_back(Output::Down(down.clone())),
            }
        }
        self.state = next;
        Ok(())
    }

    /// Takes what session indicates.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol. The refusal or abort, and the indication, wait to be polled.
    pub fn receive(&mut self, indication: session::Indication) -> Result<(), Fault> {
        let received = self.understand(indication);
        let (received, (actions, next)) = match cell(self.state, received.event) {
            Some(taken) => (received, taken),
            None => {
                let (found, state) = (received.event.name(), self.state.name());
                let fault = received.fault.unwrap_or(Fault::Unexpected { found, state });
                let taken = cell(self.state, Event::Invalid).unwrap_or((&[], self.state));
                (Received::faulty(Event::Invalid, fault), taken)
            }
        };
        for action in actions {
            self.perform(*action, &received);
        }
        self.state = next;
        received.fault.map_or(Ok(()), Err)
    }

    /// The next thing to do, until there is none.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The contexts proposed, then those agreed on.
    pub fn contexts(&self) -> &Contexts {
        &self.contexts
    }

    fn perform(&mut self, action: Action, received: &Received) {
        match action {
            Action::Indicate => self.outputs.extend(received.indications.iter().cloned().map(Output::Up)),
            Action::Define => {
                self.x410 |= received.mode == Mode::X410_1984;
                self.contexts = received.contexts.clone();
                self.answers = received.answers.clone();
            }
            Action::SendRefusal => {
                let reason = match &received.fault {
                    Some(Fault::Refused { reason, .. }) => *reason,
                    _ => ProviderReason::NOT_SPECIFIED,
                };
                let refusal = match received.mode == Mode::X410_1984 {
                    true => Cpr::X410(Rtorj {
                        reason: Some(X410RefuseReason::UNACCEPTABLE_DIALOGUE_MODE),
                        ..Rtorj::default()
                    }),
                    false => Cpr::Normal(CprNormal {
                        results: (!received.answers.is_empty()).then(|| received.answers.clone()),
                        provider_reason: Some(reason),
                        ..CprNormal::default()
                    }),
                };
                let user_data = ber::encode(&refusal).unwrap_or_default().into();
                self.send(session::Request::ConnectResponse(session::ConnectResponse::Refuse {
                    reason: session::RefuseReason::RejectedByUserWithData,
                    user_data,
                }));
            }
            // There is no ARP in X.410-1984 mode; its abort is that of reliable transfer.
            Action::SendProviderAbort if self.x410 => {
                let reason = Some(X410AbortReason::PROTOCOL_ERROR);
                let abort = Aru::X410(Rtab { reason, ..Rtab::default() });
                self.send(session::Request::UAbort {
                    user_data: ber::encode(&abort).unwrap_or_default().into(),
                });
            }
            Action::SendProviderAbort => {
                let reason = match &received.fault {
                    Some(Fault::Unexpected { .. }) => AbortReason::UNEXPECTED_PPDU,
                    _ => AbortReason::UNRECOGNIZED_PPDU,
                };
                let abort = Arp { reason: Some(reason), ..Arp::default() };
                self.send(session::Request::UAbort {
                    user_data: ber::encode(&abort).unwrap_or_default().into(),
                });
            }
            Action::IndicateBroken => {
                let problem = received.fault.as_ref().map(ToString::to_string).unwrap_or_default();
                self.outputs.push_back(Output::Up(Indication::BrokenByPeer { problem }));
            }
            Action::Send | Action::Propose => {}
        }
    }

    fn send(&mut self, request: session::Request) {
        self.outputs.push_back(Output::Down(request));
    }
}

impl Request {
    /// `None` for a session request that must not pass by.
    fn event(&self) -> Option<Event> {
        use session::Request as S;
        Some(match self {
            Self::Connect(_) => Event::PCONreq,
            Self::ConnectResponse(ConnectResponse::Accept(_)) => Event::PCONrspAccept,
            Self::ConnectResponse(ConnectResponse::Refuse { .. }) => Event::PCONrspRefuse,
            Self::Data { .. } => Event::PDTreq,
            Self::TokenPlease { .. } => Event::PTPreq,
            Self::Release { .. } => Event::PRELreq,
            Self::ReleaseResponse { .. } => Event::PRELrsp,
            Self::UAbort { .. } => Event::PUABreq,
            Self::Pass(
                S::Connect(_)
                | S::ConnectResponse(_)
                | S::Data(_)
                | S::TokenPlease { .. }
                | S::Release { .. }
                | S::ReleaseResponse { .. }
                | S::UAbort { .. },
            ) => return None,
            Self::Pass(_) => Event::Passreq,
        })
    }

    fn name(&self) -> &'static str {
        self.event().map_or("a session request with user data", Event::name)
    }
}

impl Event {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PCONreq => "P-CONNECT request",
            Self::PCONrspAccept | Self::PCONrspRefuse => "P-CONNECT response",
            Self::PDTreq => "P-DATA request",
            Self::PTPreq => "P-TOKEN-PLEASE request",
            Self::PRELreq => "P-RELEASE request",
            Self::PRELrsp => "P-RELEASE response",
            Self::PUABreq => "P-U-ABORT request",
            Self::Passreq => "a passing request",
            Self::CP | Self::CPrefused => "CP",
            Self::CPA => "CPA",
            Self::CPR => "CPR",
            Self::SCONrefused => "S-CONNECT confirm",
            Self::TD => "data",
            Self::SPTind => "S-TOKEN-PLEASE indication",
            Self::SRELind => "S-RELEASE indication",
            Self::SRELcnf => "S-RELEASE confirm",
            Self::ARU => "ARU",
            Self::ARP => "ARP",
            Self::SPABind => "S-P-ABORT indication",
            Self::Passind => "a passing indication",
            Self::Invalid => "an invalid PPDU",
        }
    }
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::AwaitAccept => "await CPA",
            Self::AwaitResponse => "await response",
            Self::Connected => "connected",
        }
    }
}
