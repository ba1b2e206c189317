//! The association as a machine.

mod x410;

use std::collections::VecDeque;

use bytes::Bytes;
use rasn_x400::acse::{
    Aare, Aarq, AbortSource, Abrt, Apdu, AssociateResult, ProviderDiagnostic, ReleaseRequestReason,
    ReleaseResponseReason, Rlre, Rlrq, SourceDiagnostic, UserDiagnostic, association_information,
};
use rasn_x400::ber;
use rasn_x400::presentation::{BER, abstract_syntax};
use rasn_x400::prim::{External, ExternalEncoding, Oid, RawTlv};

use super::primitive::{Accept, Associate, AssociateResponse, Indication, Refusal, Request};
use super::table::{Action, Event, State, cell};
use crate::osi::presentation::{self, Contexts, Value};
use crate::osi::stack::Names;

/// One association.
#[derive(Debug)]
pub struct Machine {
    config: Config,
    state: State,
    /// X.410-1984 mode: no APDUs of ours.
    x410: bool,
    /// The presentation context of ACSE itself.
    context: i64,
    outputs: VecDeque<Output>,
}

/// What an association accepts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Responder: the application context that we know.
    pub application_context: Oid,
    /// The longest APDU to decode, octets.
    pub maximum_apdu: usize,
}

/// What a poll gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// For presentation.
    Down(presentation::Request),
    /// For the user.
    Up(Indication),
}

/// The user asked for what the state of the association does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("association request `{request}` does not fit state `{state}`")]
pub struct Misuse {
    request: &'static str,
    state: &'static str,
}

/// The peer broke the protocol. What answers it waits to be polled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// An AARQ that we had to reject.
    #[error("associate request: {problem}")]
    Refused {
        /// What the rejection says.
        diagnostic: SourceDiagnostic,
        /// More about it.
        problem: String,
    },
    /// Not the APDU that belongs to the primitive.
    #[error("association control: {problem}")]
    Invalid {
        /// What is wrong.
        problem: String,
    },
    /// Something that may not come now.
    #[error("association control: {found} does not fit state `{state}`")]
    Unexpected {
        /// The event.
        found: &'static str,
        /// What the association waits for.
        state: &'static str,
    },
}

/// What came from below, understood.
struct Received {
    event: Event,
    indication: Option<Indication>,
    fault: Option<Fault>,
}

impl Received {
    const fn new(event: Event, indication: Indication) -> Self {
        Self { event, indication: Some(indication), fault: None }
    }

    fn invalid(problem: impl ToString) -> Self {
        let fault = Fault::Invalid { problem: problem.to_string() };
        Self { event: Event::Invalid, indication: None, fault: Some(fault) }
    }
}

impl Machine {
    /// A machine that has no association yet; its first request or indication decides the role.
    pub const fn new(config: Config) -> Self {
        Self { config, state: State::Idle, x410: false, context: 0, outputs: VecDeque::new() }
    }

    /// Takes a request of the user.
    ///
    /// # Errors
    ///
    /// The request does not fit the state, or a value in it is no element; nothing has happened.
    pub fn request(&mut self, primitive: Request) -> Result<(), Misuse> {
        let event = primitive.event();
        let misuse = Misuse { request: event.name(), state: self.state.name() };
        let (_, next) = cell(self.state, event).ok_or(misuse)?;
        if let Request::Associate(associate) = &primitive {
            self.x410 = associate.application_context.is_none();
            if !self.x410 {
                self.context = associate.contexts.of(&abstract_syntax::ACSE).ok_or(misuse)?;
            }
        }
        let down = self.encode(primitive).map_err(|_| misuse)?;
        self.outputs.push_back(Output::Down(down));
        self.state = next;
        Ok(())
    }

    /// Takes what presentation indicates about the connection itself; data, activities and the turn are not for here.
    ///
    /// # Errors
    ///
    /// The peer broke the protocol. The rejection or abort, and the indication, wait to be polled.
    pub fn receive(&mut self, indication: presentation::Indication) -> Result<(), Fault> {
        let received = self.understand(indication);
        let (received, (actions, next)) = match cell(self.state, received.event) {
            Some(taken) => (received, taken),
            None => {
                let (found, state) = (received.event.name(), self.state.name());
                let fault = received.fault.unwrap_or(Fault::Unexpected { found, state });
                let taken = cell(self.state, Event::Invalid).unwrap_or((&[], self.state));
                (Received { event: Event::Invalid, indication: None, fault: Some(fault) }, taken)
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

    fn perform(&mut self, action: Action, received: &Received) {
        match action {
            Action::Indicate => self.outputs.extend(received.indication.clone().map(Output::Up)),
            Action::SendRefusal => {
                let diagnostic = match &received.fault {
                    Some(Fault::Refused { diagnostic, .. }) => diagnostic.clone(),
                    _ => SourceDiagnostic::Provider(ProviderDiagnostic::NO_REASON),
                };
                let aare = self.aare(AssociateResult::REJECTED_PERMANENT, diagnostic, &[]);
                let values = self.values(&Apdu::Aare(aare)).unwrap_or_default();
                let response = presentation::ConnectResponse::Refuse { values };
                self.send(presentation::Request::ConnectResponse(response));
            }
            Action::SendProviderAbort if self.x410 => {
                self.send(presentation::Request::UAbort { values: Vec::new() });
            }
            Action::SendProviderAbort => {
                let abort = Abrt { source: AbortSource::PROVIDER, ..Abrt::default() };
                let values = self.values(&Apdu::Abrt(abort)).unwrap_or_default();
                self.send(presentation::Request::UAbort { values });
            }
            Action::IndicateBroken => {
                let problem = received.fault.as_ref().map(ToString::to_string).unwrap_or_default();
                self.outputs.push_back(Output::Up(Indication::BrokenByPeer { problem }));
            }
            Action::Send => {}
        }
    }

    fn send(&mut self, request: presentation::Request) {
        self.outputs.push_back(Output::Down(request));
    }

    /// An APDU as a value in the context of ACSE.
    fn values(&self, apdu: &Apdu) -> Result<Vec<Value>, ber::Error> {
        Ok(vec![Value { context: self.context, octets: ber::encode(apdu)?.into() }])
    }

    fn aare(&self, result: AssociateResult, diagnostic: SourceDiagnostic, information: &[Value]) -> Aare {
        Aare {
            protocol_version: None,
            application_context: self.config.application_context.clone(),
            result,
            diagnostic,
            responding_ap_title: None,
            responding_ae_qualifier: None,
            responding_ap_invocation: None,
            responding_ae_invocation: None,
            requirements: None,
            mechanism: None,
            authentication: None,
            application_contexts: None,
            implementation: None,
            user_information: externals(information),
            unknown: Vec::new(),
        }
    }

    fn encode(&self, primitive: Request) -> Result<presentation::Request, ber::Error> {
        use presentation::{ConnectResponse, Request as P};
        if self.x410 {
            return Ok(x410::encode(primitive));
        }
        let no_diagnostic = SourceDiagnostic::User(UserDiagnostic::NULL);
        Ok(match primitive {
            Request::Associate(associate) => {
                let aarq = Aarq {
                    application_context: associate.application_context.unwrap_or_default(),
                    called_ap_title: associate.names.called_ap_title,
                    called_ae_qualifier: associate.names.called_ae_qualifier,
                    calling_ap_title: associate.names.calling_ap_title,
                    calling_ae_qualifier: associate.names.calling_ae_qualifier,
                    user_information: externals(&associate.information),
                    ..Aarq::default()
                };
                P::Connect(presentation::Connect {
                    x410: false,
                    calling_selector: associate.calling_selector,
                    called_selector: associate.called_selector,
                    contexts: associate.contexts,
                    values: self.values(&Apdu::Aarq(aarq))?,
                    session: associate.session,
                })
            }
            Request::AssociateResponse(AssociateResponse::Accept(accept)) => {
                let aare = self.aare(AssociateResult::ACCEPTED, no_diagnostic, &accept.information);
                P::ConnectResponse(ConnectResponse::Accept(presentation::Accept {
                    contexts: Contexts::default(),
                    values: self.values(&Apdu::Aare(aare))?,
                    session: accept.session,
                }))
            }
            Request::AssociateResponse(AssociateResponse::Reject { permanent, information }) => {
                let result = match permanent {
                    true => AssociateResult::REJECTED_PERMANENT,
                    false => AssociateResult::REJECTED_TRANSIENT,
                };
                let aare = self.aare(result, no_diagnostic, &information);
                P::ConnectResponse(ConnectResponse::Refuse { values: self.values(&Apdu::Aare(aare))? })
            }
            Request::Release => {
                let rlrq = Rlrq { reason: Some(ReleaseRequestReason::NORMAL), ..Rlrq::default() };
                P::Release { values: self.values(&Apdu::Rlrq(rlrq))? }
            }
            Request::ReleaseResponse => {
                let rlre = Rlre { reason: Some(ReleaseResponseReason::NORMAL), ..Rlre::default() };
                P::ReleaseResponse { values: self.values(&Apdu::Rlre(rlre))? }
            }
            Request::Abort { information } => {
                let user_information = externals(&information);
                let abrt = Abrt { source: AbortSource::USER, user_information, ..Abrt::default() };
                P::UAbort { values: self.values(&Apdu::Abrt(abrt))? }
            }
        })
    }

    /// What an indication means: which event, with which parameters.
    fn understand(&mut self, indication: presentation::Indication) -> Received {
        use presentation::Indication as P;
        match indication {
            P::Connect(connect) if connect.x410 => {
                self.x410 = true;
                Received::new(Event::AARQ, Indication::Associate(x410::indication(connect)))
            }
            P::Connect(connect) => self.understand_request(connect),
            P::Accepted(accept) if self.x410 => {
                let presentation::Accept { contexts, values: information, session } = accept;
                let accept = Accept { information, contexts, session };
                Received::new(Event::AAREaccept, Indication::Accepted(accept))
            }
            P::Accepted(accept) => self.understand_accept(accept),
            P::Refused(refusal) => self.understand_refusal(refusal),
            P::Release { .. } if self.x410 => Received::new(Event::RLRQ, Indication::Release),
            P::UAbort { values } if self.x410 => {
                Received::new(Event::ABRT, Indication::Abort { information: values })
            }
            // Some peers leave RLRQ and RLRE out; the primitive says it all.
            P::Release { values } => match self.apdu(&values) {
                None | Some(Ok(Apdu::Rlrq(_))) => Received::new(Event::RLRQ, Indication::Release),
                Some(_) => Received::invalid("RLRQ expected"),
            },
            // There is nothing left to abort, whatever came instead of RLRE.
            P::ReleaseConfirm { .. } => Received::new(Event::RLRE, Indication::ReleaseConfirm),
            P::UAbort { values } => match self.apdu(&values) {
                Some(Ok(Apdu::Abrt(abrt))) if abrt.source == AbortSource::PROVIDER => {
                    Received::new(Event::ABRT, Indication::ProviderAbort)
                }
                Some(Ok(Apdu::Abrt(abrt))) => {
                    let information = information(abrt.user_information);
                    Received::new(Event::ABRT, Indication::Abort { information })
                }
                _ => Received::new(Event::ABRT, Indication::Abort { information: Vec::new() }),
            },
            P::ProviderAbort { reason } => {
                Received::new(Event::PPABind, Indication::PresentationAbort { reason })
            }
            P::BrokenByPeer { problem } => {
                Received::new(Event::PPABind, Indication::PresentationBroken { problem })
            }
            P::SessionAbort { reason } => Received::new(Event::PPABind, Indication::SessionAbort { reason }),
            P::Data(_) | P::TokenPlease { .. } | P::Passed(_) => {
                Received::invalid("only indications about the connection are for association control")
            }
        }
    }

    fn understand_request(&mut self, connect: presentation::Connect) -> Received {
        let refuse = |diagnostic, problem: String| {
            let fault = Some(Fault::Refused { diagnostic, problem });
            Received { event: Event::AARQrefused, indication: None, fault }
        };
        let Some(context) = connect.contexts.of(&abstract_syntax::ACSE) else {
            let diagnostic = SourceDiagnostic::Provider(ProviderDiagnostic::NO_REASON);
            // There is no context in which to say so; the value goes out in the usual one.
            self.context = 1;
            return refuse(diagnostic, "no presentation context for association control".into());
        };
        self.context = context;
        let aarq = match self.apdu(&connect.values) {
            Some(Ok(Apdu::Aarq(aarq))) => aarq,
            other => {
                let problem = match other {
                    Some(Err(error)) => format!("AARQ expected: {error}"),
                    _ => "AARQ expected".into(),
                };
                return refuse(SourceDiagnostic::Provider(ProviderDiagnostic::NO_REASON), problem);
            }
        };
        if aarq.protocol_version.as_ref().is_some_and(|versions| !versions.has(0)) {
            let diagnostic = SourceDiagnostic::Provider(ProviderDiagnostic::NO_COMMON_VERSION);
            return refuse(diagnostic, "version 1 is not proposed".into());
        }
        if aarq.application_context != self.config.application_context {
            let problem = format!("the application context {} is not known", aarq.application_context);
            return refuse(SourceDiagnostic::User(UserDiagnostic::CONTEXT_NOT_SUPPORTED), problem);
        }
        let names = Names {
            called_ap_title: aarq.called_ap_title,
            called_ae_qualifier: aarq.called_ae_qualifier,
            calling_ap_title: aarq.calling_ap_title,
            calling_ae_qualifier: aarq.calling_ae_qualifier,
        };
        Received::new(
            Event::AARQ,
            Indication::Associate(Associate {
                application_context: Some(aarq.application_context),
                names,
                information: information(aarq.user_information),
                calling_selector: connect.calling_selector,
                called_selector: connect.called_selector,
                contexts: connect.contexts,
                session: connect.session,
            }),
        )
    }

    fn understand_accept(&self, accept: presentation::Accept) -> Received {
        let Some(Ok(Apdu::Aare(aare))) = self.apdu(&accept.values) else {
            return Received::invalid("AARE expected in the connect accept");
        };
        if aare.result != AssociateResult::ACCEPTED {
            return Received::invalid(format_args!("AARE with {} in a connect accept", aare.result));
        }
        let information = information(aare.user_information);
        let (contexts, session) = (accept.contexts, accept.session);
        Received::new(Event::AAREaccept, Indication::Accepted(Accept { information, contexts, session }))
    }

    fn understand_refusal(&self, refusal: presentation::Refusal) -> Received {
        let refused = |event, refusal| Received::new(event, Indication::Refused(refusal));
        match refusal {
            presentation::Refusal::User { values } if self.x410 => {
                refused(Event::AAREreject, Refusal::X410 { information: values })
            }
            presentation::Refusal::OtherMode => refused(Event::PCONrefused, Refusal::OtherMode),
            presentation::Refusal::User { values } => match self.apdu(&values) {
                Some(Ok(Apdu::Aare(aare))) => refused(
                    Event::AAREreject,
                    Refusal::Rejected {
                        result: aare.result,
                        diagnostic: aare.diagnostic,
                        information: information(aare.user_information),
                    },
                ),
                _ => refused(Event::PCONrefused, Refusal::Unexplained),
            },
            presentation::Refusal::Provider { reason } => {
                refused(Event::PCONrefused, Refusal::Presentation { reason })
            }
            presentation::Refusal::Session { reason } => {
                refused(Event::PCONrefused, Refusal::Session { reason })
            }
        }
    }

    /// The APDU among the values, if there is one in the context of ACSE.
    fn apdu(&self, values: &[Value]) -> Option<Result<Apdu, ber::Error>> {
        let value = values.iter().find(|value| value.context == self.context)?;
        Some(ber::decode(&value.octets, self.config.maximum_apdu))
    }
}

/// Values as user information; `None` when there are none.
fn externals(values: &[Value]) -> Option<Vec<External>> {
    let external = |value: &Value| {
        association_information(BER, value.context, RawTlv::from_element(value.octets.to_vec()))
    };
    (!values.is_empty()).then(|| values.iter().map(external).collect())
}

/// User information as values; what names no context is left out.
fn information(externals: Option<Vec<External>>) -> Vec<Value> {
    let value = |external: External| {
        let octets = match external.encoding {
            ExternalEncoding::SingleAsn1Type(value) => Bytes::copy_from_slice(value.as_bytes()),
            ExternalEncoding::OctetAligned(octets) => octets.0,
            _ => return None,
        };
        external.indirect_reference.map(|context| Value { context, octets })
    };
    externals.unwrap_or_default().into_iter().filter_map(value).collect()
}

impl Request {
    const fn event(&self) -> Event {
        match self {
            Self::Associate(_) => Event::AASCreq,
            Self::AssociateResponse(AssociateResponse::Accept(_)) => Event::AASCrspAccept,
            Self::AssociateResponse(AssociateResponse::Reject { .. }) => Event::AASCrspReject,
            Self::Release => Event::ARLSreq,
            Self::ReleaseResponse => Event::ARLSrsp,
            Self::Abort { .. } => Event::AABRreq,
        }
    }
}

impl Event {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::AASCreq => "A-ASSOCIATE request",
            Self::AASCrspAccept | Self::AASCrspReject => "A-ASSOCIATE response",
            Self::ARLSreq => "A-RELEASE request",
            Self::ARLSrsp => "A-RELEASE response",
            Self::AABRreq => "A-ABORT request",
            Self::AARQ | Self::AARQrefused => "AARQ",
            Self::AAREaccept | Self::AAREreject => "AARE",
            Self::PCONrefused => "P-CONNECT confirm",
            Self::RLRQ => "RLRQ",
            Self::RLRE => "RLRE",
            Self::ABRT => "ABRT",
            Self::PPABind => "P-P-ABORT indication",
            Self::Invalid => "an invalid APDU",
        }
    }
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::AwaitAare => "await AARE",
            Self::AwaitResponse => "await response",
            Self::AwaitRlre => "await RLRE",
            Self::AwaitReleaseResponse => "await release response",
            Self::Associated => "associated",
        }
    }
}
