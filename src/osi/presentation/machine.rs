//! The presentation connection as a machine.

use std::collections::{BTreeSet, VecDeque};

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::presentation::{
    AbortReason, Arp, Aru, AruNormal, BER, ContextAnswer, ContextDefinition, ContextReason, ContextResult,
    Cp, CpNormal, Cpa, CpaNormal, Cpr, CprNormal, Mode, ModeSelector, PdvList, ProviderReason, UserData,
};
use rasn_x400::prim::{ExternalEncoding, Octets, Oid, RawTlv};
use rasn_x400::rtse::{RefuseReason as X410RefuseReason, Rtorj};

use super::data;
use super::primitive::{
    Accept, Connect, ConnectResponse, Context, Contexts, Indication, Refusal, Request, Value,
};
use super::table::{Action, Event, State, cell};
use crate::osi::session;

/// One presentation connection.
#[derive(Debug)]
pub struct Machine {
    config: Config,
    state: State,
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
    /// A CP in X.410-1984 mode wants its refusal in that mode.
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

/// Contexts that one connect may propose.
const MAXIMUM_CONTEXTS: usize = 32;

impl Machine {
    /// A machine that has no connection yet; its first request or indication decides the role.
    pub fn new(config: Config) -> Self {
        let (contexts, answers) = (Contexts::default(), Vec::new());
        Self { config, state: State::Idle, contexts, answers, outputs: VecDeque::new() }
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

    fn encode(&self, primitive: Request) -> Result<session::Request, ber::Error> {
        Ok(match primitive {
            Request::Connect(connect) => session::Request::Connect(encode_connect(connect)?),
            Request::ConnectResponse(ConnectResponse::Accept(accept)) => {
                let normal = CpaNormal {
                    results: Some(self.answers.clone()),
                    user_data: user_data(accept.values)?,
                    ..CpaNormal::default()
                };
                let cpa = Cpa {
                    mode_selector: ModeSelector::of(Mode::NORMAL),
                    normal: Some(normal),
                    ..Cpa::default()
                };
                let user_data = ber::encode(&cpa)?.into();
                session::Request::ConnectResponse(session::ConnectResponse::Accept(session::Accept {
                    user_data,
                    ..accept.session
                }))
            }
            Request::ConnectResponse(ConnectResponse::Refuse { values }) => {
                let refusal = Cpr::Normal(CprNormal {
                    results: Some(self.answers.clone()),
                    user_data: user_data(values)?,
                    ..CprNormal::default()
                });
                session::Request::ConnectResponse(session::ConnectResponse::Refuse {
                    reason: session::RefuseReason::RejectedByUserWithData,
                    user_data: ber::encode(&refusal)?.into(),
                })
            }
            Request::Data { context, pieces } => session::Request::Data(data::wrap(context, pieces)),
            Request::TokenPlease { value } => {
                session::Request::TokenPlease { user_data: optional(value.into_iter().collect())? }
            }
            Request::Release { values } => session::Request::Release { user_data: optional(values)? },
            Request::ReleaseResponse { values } => {
                session::Request::ReleaseResponse { user_data: optional(values)? }
            }
            Request::UAbort { values } => {
                let abort = Aru::Normal(AruNormal { user_data: user_data(values)?, ..AruNormal::default() });
                session::Request::UAbort { user_data: ber::encode(&abort)?.into() }
            }
            Request::Pass(request) => request,
        })
    }

    /// What an indication means: which event, with which parameters.
    fn understand(&self, indication: session::Indication) -> Received {
        use session::Indication as S;
        match indication {
            S::Connect(connect) => self.understand_connect(connect),
            S::ConnectConfirm(session::ConnectResponse::Accept(accept)) => self.understand_accept(accept),
            S::ConnectConfirm(session::ConnectResponse::Refuse { reason, user_data }) => {
                self.understand_refusal(reason, &user_data)
            }
            S::Data(octets) => match self.values(&octets) {
                Ok(values) => {
                    let indications = values.into_iter().map(Indication::Data).collect();
                    Received { indications, ..Received::empty(Event::TD) }
                }
                Err(received) => *received,
            },
            S::TokenPlease { user_data } => match self.optional_values(&user_data) {
                Ok(mut values) => {
                    Received::new(Event::SPTind, Indication::TokenPlease { value: values.pop() })
                }
                Err(received) => *received,
            },
            S::Release { user_data } => match self.optional_values(&user_data) {
                Ok(values) => Received::new(Event::SRELind, Indication::Release { values }),
                Err(received) => *received,
            },
            S::ReleaseConfirm { user_data } => match self.optional_values(&user_data) {
                Ok(values) => Received::new(Event::SRELcnf, Indication::ReleaseConfirm { values }),
                Err(received) => *received,
            },
            S::UAbort { user_data } => self.understand_abort(&user_data),
            S::ProviderAbort { reason } => Received::new(Event::SPABind, Indication::SessionAbort { reason }),
            other => Received::new(Event::Passind, Indication::Passed(other)),
        }
    }

    fn understand_connect(&self, connect: session::Connect) -> Received {
        let refuse =
            |reason, problem: String| Received::faulty(Event::CPrefused, Fault::Refused { reason, problem });
        let cp: Cp = match ber::decode(&connect.user_data, self.config.maximum_user_data) {
            Ok(cp) => cp,
            Err(error) => return refuse(ProviderReason::USER_DATA_NOT_READABLE, error.to_string()),
        };
        let mode = cp.mode_selector.mode;
        let Some(normal) = cp.normal.filter(|_| mode == Mode::NORMAL) else {
            let received = refuse(ProviderReason::NOT_SPECIFIED, format!("mode {mode} is not spoken here"));
            return Received { mode, ..received };
        };
        // Bit 0 is version 1; absence means it too.
        if normal.protocol_version.as_ref().is_some_and(|versions| !versions.has(0)) {
            return refuse(ProviderReason::VERSION_NOT_SUPPORTED, "version 1 is not proposed".into());
        }
        let called_selector = normal.called_selector.unwrap_or_default().0;
        if !self.config.selector.is_empty() && called_selector != self.config.selector {
            let problem = format!("nobody has the presentation selector {called_selector:?}");
            return refuse(ProviderReason::CALLED_ADDRESS_UNKNOWN, problem);
        }
        let proposed = normal.contexts.unwrap_or_default();
        let answers: Vec<_> = proposed.iter().enumerate().map(|(index, it)| self.answer(index, it)).collect();
        let ids: BTreeSet<_> = proposed.iter().map(|context| context.id).collect();
        if ids.len() < proposed.len() {
            return refuse(ProviderReason::NOT_SPECIFIED, "two contexts have one identifier".into());
        }
        let contexts = accepted(proposed.into_iter().map(|it| (it.id, it.abstract_syntax)), &answers);
        let values = match values_of(normal.user_data, &contexts) {
            Ok(values) => values,
            Err(problem) => {
                let received = refuse(ProviderReason::USER_DATA_NOT_READABLE, problem);
                return Received { answers, ..received };
            }
        };
        let indication = Indication::Connect(Connect {
            calling_selector: normal.calling_selector.unwrap_or_default().0,
            called_selector,
            contexts: contexts.clone(),
            values,
            session: session::Connect { user_data: Bytes::new(), ..connect },
        });
        Received { contexts, answers, ..Received::new(Event::CP, indication) }
    }

    /// Our answer to a proposed context (X.226 6.2.5).
    fn answer(&self, index: usize, proposed: &ContextDefinition) -> ContextAnswer {
        let reject = |reason| ContextAnswer {
            result: ContextResult::PROVIDER_REJECTION,
            reason: Some(reason),
            ..ContextAnswer::default()
        };
        if index >= MAXIMUM_CONTEXTS {
            reject(ContextReason::LIMIT_EXCEEDED)
        } else if !self.config.abstract_syntaxes.contains(&proposed.abstract_syntax) {
            reject(ContextReason::ABSTRACT_SYNTAX_NOT_SUPPORTED)
        } else if !proposed.transfer_syntaxes.contains(&BER) {
            reject(ContextReason::TRANSFER_SYNTAXES_NOT_SUPPORTED)
        } else {
            ContextAnswer {
                result: ContextResult::ACCEPTANCE,
                transfer_syntax: Some(BER),
                ..ContextAnswer::default()
            }
        }
    }

    fn understand_accept(&self, accept: session::Accept) -> Received {
        let cpa: Cpa = match ber::decode(&accept.user_data, self.config.maximum_user_data) {
            Ok(cpa) => cpa,
            Err(error) => return Received::invalid(format_args!("connect accept: {error}")),
        };
        let Some(normal) = cpa.normal else {
            return Received::invalid("connect accept: parameters of normal mode expected");
        };
        let results = normal.results.unwrap_or_default();
        if results.len() != self.contexts.0.len() {
            return Received::invalid("connect accept: one result for each proposed context expected");
        }
        let proposed = self.contexts.0.iter().map(|it| (it.id, it.abstract_syntax.clone()));
        let contexts = accepted(proposed, &results);
        let values = match values_of(normal.user_data, &contexts) {
            Ok(values) => values,
            Err(problem) => return Received::invalid(format_args!("connect accept: {problem}")),
        };
        let session = session::Accept { user_data: Bytes::new(), ..accept };
        let indication = Indication::Accepted(Accept { contexts: contexts.clone(), values, session });
        Received { contexts, ..Received::new(Event::CPA, indication) }
    }

    /// Values in a refusal are read in the contexts proposed: the peer need not have answered them.
    fn understand_refusal(&self, reason: session::RefuseReason, user_data: &[u8]) -> Received {
        let refused = |refusal| Received::new(Event::CPR, Indication::Refused(refusal));
        if user_data.is_empty() || reason != session::RefuseReason::RejectedByUserWithData {
            return Received::new(Event::SCONrefused, Indication::Refused(Refusal::Session { reason }));
        }
        match ber::decode(user_data, self.config.maximum_user_data) {
            Ok(Cpr::Normal(CprNormal { provider_reason: Some(reason), .. })) => {
                refused(Refusal::Provider { reason })
            }
            Ok(Cpr::Normal(CprNormal { user_data, .. })) => match values_of(user_data, &self.contexts) {
                Ok(values) => refused(Refusal::User { values }),
                Err(_) => refused(Refusal::User { values: Vec::new() }),
            },
            // A refusal is a refusal, however it is worded.
            Ok(_) | Err(_) => refused(Refusal::User { values: Vec::new() }),
        }
    }

    /// ARU, ARP, or an abort without user data, which small sessions allow.
    fn understand_abort(&self, user_data: &[u8]) -> Received {
        if let Ok(arp) = ber::decode::<Arp>(user_data, self.config.maximum_user_data) {
            let reason = arp.reason.unwrap_or_default();
            return Received::new(Event::ARP, Indication::ProviderAbort { reason });
        }
        let values = match ber::decode(user_data, self.config.maximum_user_data) {
            Ok(Aru::Normal(aru)) => values_of(aru.user_data, &self.contexts).unwrap_or_default(),
            _ => Vec::new(),
        };
        Received::new(Event::ARU, Indication::UAbort { values })
    }

    /// The values in user data, each in a context that is defined.
    fn values(&self, octets: &Bytes) -> Result<Vec<Value>, Box<Received>> {
        let values = data::unwrap(octets).map_err(|problem| Box::new(Received::invalid(problem)))?;
        match values.iter().find(|value| !self.contexts.contains(value.context)) {
            Some(value) => {
                let problem = format!("value in the undefined context {}", value.context);
                Err(Box::new(Received::invalid(problem)))
            }
            None => Ok(values),
        }
    }

    fn optional_values(&self, octets: &Bytes) -> Result<Vec<Value>, Box<Received>> {
        if octets.is_empty() { Ok(Vec::new()) } else { self.values(octets) }
    }
}

fn encode_connect(connect: Connect) -> Result<session::Connect, ber::Error> {
    let definition = |context: Context| ContextDefinition {
        id: context.id,
        abstract_syntax: context.abstract_syntax,
        transfer_syntaxes: vec![BER],
        ..ContextDefinition::default()
    };
    let selector = |octets: Bytes| (!octets.is_empty()).then_some(Octets(octets));
    let normal = CpNormal {
        calling_selector: selector(connect.calling_selector),
        called_selector: selector(connect.called_selector),
        contexts: Some(connect.contexts.0.into_iter().map(definition).collect()),
        user_data: user_data(connect.values)?,
        ..CpNormal::default()
    };
    let cp = Cp { mode_selector: ModeSelector::of(Mode::NORMAL), normal: Some(normal), ..Cp::default() };
    Ok(session::Connect { user_data: ber::encode(&cp)?.into(), ..connect.session })
}

/// The contexts with a positive answer.
fn accepted(proposed: impl Iterator<Item = (i64, Oid)>, answers: &[ContextAnswer]) -> Contexts {
    let positive = |answer: &ContextAnswer| {
        answer.result == ContextResult::ACCEPTANCE
            && answer.transfer_syntax.as_ref().is_none_or(|syntax| *syntax == BER)
    };
    let contexts = proposed.zip(answers).filter(|(_, answer)| positive(answer));
    Contexts(contexts.map(|((id, abstract_syntax), _)| Context { id, abstract_syntax }).collect())
}

fn user_data(values: Vec<Value>) -> Result<Option<UserData>, ber::Error> {
    if values.is_empty() {
        return Ok(None);
    }
    let lists = values.into_iter().map(|value| PdvList {
        transfer_syntax: None,
        context: value.context,
        values: ExternalEncoding::SingleAsn1Type(RawTlv::from_element(value.octets.to_vec())),
        unknown: Vec::new(),
    });
    Ok(Some(UserData::Full(lists.collect())))
}

/// User data that stand alone, or nothing.
fn optional(values: Vec<Value>) -> Result<Bytes, ber::Error> {
    user_data(values)?.map_or(Ok(Bytes::new()), |user_data| ber::encode(&user_data).map(Bytes::from))
}

/// The values in the user data of CP, CPA, CPR or ARU, each in a context that is defined.
fn values_of(user_data: Option<UserData>, contexts: &Contexts) -> Result<Vec<Value>, String> {
    let lists = match user_data {
        None => return Ok(Vec::new()),
        Some(UserData::Full(lists)) => lists,
        Some(_) => return Err("fully encoded user data expected".into()),
    };
    let mut values = Vec::new();
    for list in lists {
        let context = list.context;
        if !contexts.contains(context) {
            return Err(format!("value in the context {context}, which is not defined"));
        }
        let octets = match list.values {
            ExternalEncoding::SingleAsn1Type(value) => Bytes::copy_from_slice(value.as_bytes()),
            ExternalEncoding::OctetAligned(octets) => octets.0,
            _ => return Err("a single value or an octet-aligned one expected".into()),
        };
        values.push(Value { context, octets });
    }
    Ok(values)
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
