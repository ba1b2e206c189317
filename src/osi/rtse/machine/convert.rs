//! Between service primitives and the events and APDUs of the protocol.

use bytes::Bytes;
use rasn_x400::acse::{MTS_TRANSFER, SourceDiagnostic, UserDiagnostic};
use rasn_x400::ber;
use rasn_x400::presentation::abstract_syntax::{ACSE, MTA_RTSE};
use rasn_x400::prim::{Octets, Oid, RawTlv, X400Time};
use rasn_x400::rtse::{
    AbortReason, Apdu, ApplicationProtocol, CallingReference, ConnectionData, DialogueMode as Dialogue,
    RefuseReason, Rtab, Rtoac, Rtorj, Rtorq, SessionConnectionIdentifier,
};

use super::{Failure, Input, Machine, negotiated};
use crate::osi::acse;
use crate::osi::presentation::data::octet_string;
use crate::osi::presentation::{self, Context, Contexts, NO_CONTEXT, Value};
use crate::osi::rtse::primitive::{Abort, Refusal};
use crate::osi::rtse::table::{Event, State};
use crate::osi::session::{self, ConnectionReference, ExceptionReason, Requirements, TokenSetting};
use crate::osi::stack::{
    DialogueMode, Indication, Mode, Open, Reference, Request, SWAPPED_PROTOCOL, Selectors,
};
use crate::quirk::Quirk;

pub(super) const MTSE: Oid = rasn_x400::presentation::abstract_syntax::MTSE;

/// The names of the session connection as BER, with the longest that fits 64 octets.
const MAXIMUM_NAME: usize = 60;
/// A SET, and what stands for it when the APDU has a tag of its own.
const SET: u8 = 0x31;
const RTORQ: u8 = 0xb0;
const RTOAC: u8 = 0xb1;
const RTORJ: u8 = 0xb2;
const RTAB: u8 = 0xb6;

const T61_STRING: u8 = 0x14;
const UTC_TIME: u8 = 0x17;

/// The event a request is, and its name.
pub(super) fn of_request(request: &Request) -> (Event, &'static str) {
    match request {
        Request::Open { .. } => (Event::RTOPreq, "RT-OPEN request"),
        Request::Recover { .. } => (Event::RTOPreq, "RT-OPEN request"),
        Request::Accept { .. } | Request::AcceptRecovery => (Event::RTOPrspAccept, "RT-OPEN response"),
        // It is no event, and is done before.
        Request::Adapt { .. } => (Event::Invalid, "adapting to the peer"),
        Request::Refuse { .. } => (Event::RTOPrspRefuse, "RT-OPEN response"),
        Request::Transfer { .. } => (Event::RTTRreq, "RT-TRANSFER request"),
        Request::TransferPart { .. } => (Event::RTTRpart, "part of an RT-TRANSFER request"),
        Request::TransferGiveUp { .. } => (Event::RTTRgiveUp, "end of an RT-TRANSFER request"),
        Request::TransferInterrupt { .. } => (Event::RTTRinterrupt, "suspension of an RT-TRANSFER request"),
        Request::Resume(_) => (Event::RTRSrspUnknown, "answer to a message that goes on"),
        Request::CheckpointKept { .. } => (Event::CheckpointKept, "keeping a checkpoint"),
        Request::TransferAccept => (Event::RTTRrspAccept, "RT-TRANSFER response"),
        Request::TransferRefuse { .. } => (Event::RTTRrspRefuse, "RT-TRANSFER response"),
        Request::TurnPlease { .. } => (Event::RTTPreq, "RT-TURN-PLEASE request"),
        Request::TurnGive => (Event::RTTGreq, "RT-TURN-GIVE request"),
        Request::Close => (Event::RTCLreq, "RT-CLOSE request"),
        Request::CloseAccept => (Event::RTCLrsp, "RT-CLOSE response"),
        Request::Abort { .. } => (Event::RTUABreq, "RT-U-ABORT request"),
    }
}

impl Machine {
    /// The presentation context of our APDUs.
    pub(super) fn own_context(&self) -> i64 {
        self.contexts.of(&MTA_RTSE).unwrap_or_default()
    }

    /// An APDU as a value; none if there is no context for it. In X.410-1984 mode its members stand in a SET.
    pub(super) fn apdu(&self, apdu: &Apdu) -> Vec<Value> {
        if self.mode.is_x410() {
            let octets = ber::encode(apdu).map(|octets| retagged(&octets, SET)).unwrap_or_default();
            return vec![Value { context: NO_CONTEXT, octets }];
        }
        match (self.contexts.of(&MTA_RTSE), ber::encode(apdu)) {
            (Some(context), Ok(octets)) => vec![Value { context, octets: octets.into() }],
            _ => Vec::new(),
        }
    }

    pub(super) fn send_open_request(&mut self, input: &Input) {
        let Input::Open { user_data, .. } = input else { return };
        // T-21: the identifiers are those that other MTAs use.
        let contexts = [(1, ACSE), (3, MTA_RTSE), (5, MTSE)];
        let context = |(id, abstract_syntax)| Context { id, abstract_syntax };
        if !self.mode.is_x410() {
            self.contexts = Contexts(contexts.map(context).into());
        }
        let rtorq = Rtorq {
            checkpoint_size: self.config.checkpoint_size.into(),
            window_size: self.window.into(),
            dialogue_mode: match self.dialogue_mode {
                DialogueMode::Monologue => Dialogue::MONOLOGUE,
                DialogueMode::TwoWayAlternate => Dialogue::TWO_WAY_ALTERNATE,
            },
            connection_data: self.connection_data(user_data),
            application_protocol: match self.mode {
                // Q2: for a peer that takes nothing else.
                Mode::MtsTransferProtocol if self.config.quirks.reproduces(Quirk::SwappedProtocol) => {
                    Some(SWAPPED_PROTOCOL)
                }
                mode => mode.application_protocol(),
            },
            unknown: Vec::new(),
        };
        let reference = &self.config.reference;
        self.reference = ConnectionReference {
            calling: element(T61_STRING, &reference.name),
            common: element(UTC_TIME, &reference.time),
            additional: element(T61_STRING, reference.additional.get(..2).unwrap_or(&reference.additional)),
            ..ConnectionReference::default()
        };
        let session = session::Connect {
            reference: self.reference.clone(),
            calling_selector: self.config.calling.session.clone(),
            called_selector: self.config.called.session.clone(),
            requirements: Requirements::RELIABLE_TRANSFER,
            tokens: TokenSetting::Initiator,
            user_data: Bytes::new(),
        };
        let associate = acse::Associate {
            application_context: (!self.mode.is_x410()).then_some(MTS_TRANSFER),
            names: self.config.names.clone(),
            information: self.apdu(&Apdu::Rtorq(rtorq)),
            calling_selector: self.config.calling.presentation.clone(),
            called_selector: self.config.called.presentation.clone(),
            contexts: self.contexts.clone(),
            session,
        };
        self.outputs.push_back(super::Output::Acse(acse::Request::Associate(associate)));
    }

    pub(super) fn send_open_accept(&mut self, input: &Input) {
        let Input::Open { user_data, .. } = input else { return };
        let rtoac = Rtoac {
            checkpoint_size: self.checkpoint_size.into(),
            window_size: self.window.into(),
            connection_data: self.connection_data(user_data),
            unknown: Vec::new(),
        };
        let accept = acse::Accept {
            information: self.apdu(&Apdu::Rtoac(rtoac)),
            contexts: Contexts::default(),
            session: session::Accept {
                reference: ConnectionReference {
                    called: self.reference.calling.clone(),
                    common: self.reference.common.clone(),
                    additional: self.reference.additional.clone(),
                    ..ConnectionReference::default()
                },
                responding_selector: self.config.called.session.clone(),
                requirements: Requirements::RELIABLE_TRANSFER,
                tokens: if self.own_turn { TokenSetting::Responder } else { TokenSetting::Initiator },
                user_data: Bytes::new(),
            },
        };
        self.respond(acse::AssociateResponse::Accept(accept));
    }

    /// The bind, or which association goes on.
    fn connection_data(&self, user_data: &[u8]) -> ConnectionData {
        match &self.recovers {
            Some(recovers) => ConnectionData::Recover(recovers.clone()),
            None => ConnectionData::Open(RawTlv::from_element(user_data.to_vec())),
        }
    }

    pub(super) fn send_open_refuse(&mut self, input: &Input) {
        let Input::Refuse { user_data, permanent, reason } = input else { return };
        let rtorj = match self.mode.is_x410() {
            true => Rtorj { reason: Some(*reason), ..Rtorj::default() },
            false => {
                let user_data = (!user_data.is_empty()).then(|| RawTlv::from_element(user_data.clone()));
                Rtorj { user_data, ..Rtorj::default() }
            }
        };
        let information = self.apdu(&Apdu::Rtorj(rtorj));
        self.respond(acse::AssociateResponse::Reject { permanent: *permanent, information });
    }

    /// There is no reason to give in normal mode; the peer will open a new association.
    pub(super) fn refuse_unusable(&mut self, input: &Input) {
        let reason = match input {
            Input::Refuse { reason, .. } if self.mode.is_x410() => Some(*reason),
            _ => None,
        };
        let information = self.apdu(&Apdu::Rtorj(Rtorj { reason, ..Rtorj::default() }));
        self.respond(acse::AssociateResponse::Reject { permanent: true, information });
    }

    pub(super) fn abort_by_user(&mut self, input: &Input) {
        let Input::Open { user_data, .. } = input else { return };
        // X.410-1984 mode knows neither a user's abort nor its data.
        if self.mode.is_x410() {
            return self.abort(AbortReason::LOCAL_SYSTEM_PROBLEM);
        }
        let user_data = (!user_data.is_empty()).then(|| RawTlv::from_element(user_data.clone()));
        self.send_abort(Rtab { reason: Some(AbortReason::USER_ERROR), user_data, ..Rtab::default() });
    }

    fn respond(&mut self, response: acse::AssociateResponse) {
        self.outputs.push_back(super::Output::Acse(acse::Request::AssociateResponse(response)));
    }

    /// What association control says: which event, with which parameters.
    pub(super) fn understand_association(&mut self, indication: acse::Indication) -> (Event, Input) {
        use acse::Indication as A;
        let aborted = |abort| match abort {
            Abort::Rtse { reason: AbortReason::TRANSFER_COMPLETED } => {
                (Event::AbortCompletedIndication, Input::Aborted(abort))
            }
            _ => (Event::AbortIndication, Input::Aborted(abort)),
        };
        match indication {
            A::Associate(associate) => self.understand_open(associate),
            A::Accepted(accept) => self.understand_accept(accept),
            A::Refused(refusal) => (Event::RTORJ, Input::Refused(self.understand_refusal(refusal))),
            A::Release => (Event::ReleaseIndication, Input::Nothing),
            A::ReleaseConfirm => (Event::ReleaseConfirm, Input::Nothing),
            A::Abort { information } => aborted(match self.find(&information, RTAB) {
                Some(Ok(Apdu::Rtab(rtab))) => understand_abort(rtab),
                _ => Abort::Unexplained,
            }),
            A::ProviderAbort => aborted(Abort::Acse),
            A::BrokenByPeer { problem } => aborted(Abort::AcseBroken { problem }),
            A::PresentationAbort { reason } => aborted(Abort::Presentation { reason }),
            A::PresentationBroken { problem } => aborted(Abort::PresentationBroken { problem }),
            A::SessionAbort { reason } => aborted(Abort::Session { reason }),
        }
    }

    fn understand_open(&mut self, associate: acse::Associate) -> (Event, Input) {
        self.contexts = associate.contexts;
        self.reference = associate.session.reference;
        let x410 = associate.application_context.is_none();
        self.mode = if x410 { Mode::MtsTransferProtocol1984 } else { Mode::MtsTransfer };
        let unusable = |reason| {
            let (user_data, permanent) = (Vec::new(), true);
            (Event::RTORQunusable, Input::Refuse { user_data, permanent, reason })
        };
        let Some(Ok(Apdu::Rtorq(rtorq))) = self.find(&associate.information, RTORQ) else {
            return unusable(RefuseReason::VALIDATION_FAILURE);
        };
        // Q2.
        let swapped_protocol = x410 && rtorq.application_protocol == Some(SWAPPED_PROTOCOL);
        if x410 {
            let protocol = rtorq.application_protocol.map(|protocol| match protocol {
                // Q2.
                SWAPPED_PROTOCOL if self.config.quirks.tolerates(Quirk::SwappedProtocol) => {
                    ApplicationProtocol::P1_1988
                }
                other => other,
            });
            match Mode::of_application_protocol(protocol).filter(|mode| self.config.answers.contains(mode)) {
                Some(mode) => self.mode = mode,
                None => return unusable(RefuseReason::VALIDATION_FAILURE),
            }
        }
        let (user_data, recovers) = match &rtorq.connection_data {
            ConnectionData::Open(user_data) => (user_data.as_bytes().to_vec(), None),
            ConnectionData::Recover(identifier) => (Vec::new(), Some(identifier.clone())),
            _ => return unusable(RefuseReason::CANNOT_RECOVER),
        };
        let recover = recovers.as_ref().map(reference);
        self.recovers = recovers;
        (self.checkpoint_size, self.window) = negotiated(&rtorq, &self.config);
        self.own_turn = associate.session.tokens == TokenSetting::Responder;
        self.dialogue_mode = match rtorq.dialogue_mode {
            Dialogue::MONOLOGUE => DialogueMode::Monologue,
            _ => DialogueMode::TwoWayAlternate,
        };
        let selectors = |session, presentation| Selectors { transport: Bytes::new(), session, presentation };
        let open = Open {
            user_data,
            recover,
            swapped_protocol,
            called: selectors(associate.session.called_selector, associate.called_selector),
            calling: selectors(associate.session.calling_selector, associate.calling_selector),
            names: associate.names,
            reference: Reference {
                name: text(&self.reference.calling),
                time: text(&self.reference.common),
                additional: text(&self.reference.additional),
            },
            dialogue_mode: self.dialogue_mode,
            mode: self.mode,
        };
        (Event::RTORQ, Input::Up(Box::new(Indication::Open(open))))
    }

    fn understand_accept(&mut self, accept: acse::Accept) -> (Event, Input) {
        self.contexts = accept.contexts;
        let unusable = |problem| (Event::RTOACunusable, Input::Refused(Refusal::Unusable { problem }));
        let x410 = self.mode.is_x410();
        if !x410 && self.contexts.of(&MTA_RTSE).is_none() {
            return unusable("the peer did not accept the presentation context of the MTA bind");
        }
        if !x410 && self.contexts.of(&MTSE).is_none() {
            return unusable("the peer did not accept the presentation context of messages");
        }
        let Some(Ok(Apdu::Rtoac(rtoac))) = self.find(&accept.information, RTOAC) else {
            return unusable("the peer's answer holds no RTOAC");
        };
        let user_data = match (rtoac.connection_data, &self.recovers) {
            (ConnectionData::Open(user_data), None) => user_data.as_bytes().to_vec(),
            // Which one it names does not matter: we asked for one only.
            (ConnectionData::Recover(_), Some(_)) => Vec::new(),
            (ConnectionData::Open(_), Some(_)) => {
                return unusable("the peer answered with a bind where an association was to go on");
            }
            _ => return unusable("the peer's answer goes on with another association"),
        };
        // Smaller than ours, or the peer's choice where we left it to the peer.
        let answer = |value: i64| u16::try_from(value.max(0)).unwrap_or(u16::MAX);
        self.checkpoint_size = answer(rtoac.checkpoint_size);
        self.window = answer(rtoac.window_size).clamp(1, self.window);
        let opened = Indication::Opened {
            user_data,
            checkpoint_size: self.checkpoint_size,
            window: self.window,
            mode: self.mode,
        };
        (Event::RTOAC, Input::Up(Box::new(opened)))
    }

    fn understand_refusal(&self, refusal: acse::Refusal) -> Refusal {
        if let acse::Refusal::X410 { information } = &refusal {
            let reason = match self.find(information, RTORJ) {
                Some(Ok(Apdu::Rtorj(rtorj))) => rtorj.reason,
                _ => None,
            };
            return match reason {
                Some(reason) => Refusal::X410 { reason },
                None => Refusal::Association(acse::Refusal::Unexplained),
            };
        }
        let acse::Refusal::Rejected { result, diagnostic, information } = &refusal else {
            return Refusal::Association(refusal);
        };
        let plain =
            matches!(diagnostic, SourceDiagnostic::User(UserDiagnostic::NULL | UserDiagnostic::NO_REASON));
        match self.find(information, RTORJ) {
            Some(Ok(Apdu::Rtorj(rtorj))) if plain => Refusal::User {
                user_data: rtorj.user_data.map(|value| value.as_bytes().to_vec()).unwrap_or_default(),
                result: *result,
            },
            _ => Refusal::Association(refusal),
        }
    }

    /// The APDU among the values, if there is one in the context of RTSE. In X.410-1984 mode there is one SET, and the
    /// primitive decides which APDU's members it holds.
    fn find(&self, information: &[Value], x410: u8) -> Option<Result<Apdu, ber::Error>> {
        if self.mode.is_x410() {
            let value = information.first().filter(|value| value.octets.first() == Some(&SET))?;
            return Some(ber::decode(&retagged(&value.octets, x410), self.config.limits.user_data));
        }
        let context = self.contexts.of(&MTA_RTSE)?;
        let value = information.iter().find(|value| value.context == context)?;
        Some(ber::decode(&value.octets, self.config.limits.user_data))
    }

    /// What presentation says: which event, with which parameters.
    pub(super) fn understand(&mut self, indication: presentation::Indication) -> (Event, Input) {
        use presentation::Indication as P;
        match indication {
            P::Data(value) => self.understand_data(value),
            P::TokenPlease { value } => {
                // Without RTTP the turn is wanted all the same.
                let apdu = value.map(|value| ber::decode(&value.octets, self.config.limits.user_data));
                match apdu {
                    None => (Event::RTTP, Input::Priority(0)),
                    Some(Ok(Apdu::Rttp(priority))) => (Event::RTTP, Input::Priority(priority)),
                    Some(_) => invalid("RTTP expected"),
                }
            }
            P::Passed(indication) => self.understand_passed(indication),
            _ => invalid("an indication about the connection is for association control"),
        }
    }

    fn understand_data(&mut self, value: Value) -> (Event, Input) {
        if !self.mode.is_x410() && Some(value.context) != self.contexts.of(&MTA_RTSE) {
            return invalid("data in another presentation context than that of RTSE");
        }
        let parts = match self.mode.is_x410() {
            true => vec![value.octets],
            false => match octet_string(&value.octets) {
                Ok(parts) => parts,
                Err(problem) => return (Event::Invalid, Input::Problem(format!("RTTR expected: {problem}"))),
            },
        };
        let maximum = self.config.limits.apdu;
        let receiving = self.state == State::Receiving;
        let Some(incoming) = self.incoming.as_mut().filter(|_| receiving) else {
            return (Event::RTTR, Input::Nothing);
        };
        let wrapped = !self.mode.is_x410() && !self.config.quirks.tolerates(Quirk::BareMessage);
        let mut taken = Vec::with_capacity(parts.len());
        for part in parts {
            incoming.octets = incoming.octets.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
            if incoming.octets > maximum {
                let problem = format!("the message has more than {maximum} octets");
                return (Event::RTTRunwelcome, Input::Problem(problem));
            }
            if wrapped && incoming.unwrapper.begins_bare(&part) {
                let problem = "the message is not in its EXTERNAL".into();
                return (Event::RTTRunwelcome, Input::Problem(problem));
            }
            match incoming.unwrapper.push(part) {
                Ok(mut octets) => taken.append(&mut octets),
                Err(problem) => return (Event::RTTRunwelcome, Input::Problem(problem.into())),
            }
        }
        (Event::RTTR, Input::Parts(taken))
    }

    fn understand_passed(&self, indication: session::Indication) -> (Event, Input) {
        use session::Indication as S;
        let because = |what, reason: Option<ExceptionReason>| {
            let retry = reason != Some(ExceptionReason::UnrecoverableProceduralError);
            Input::Failure(Failure { why: explain(what, reason), retry, keep: true })
        };
        match indication {
            S::ActivityStart { id, .. } => (Event::ActivityStart, Input::Activity(id)),
            S::ActivityResume(resume) => (Event::ActivityResume, Input::Resume(Box::new(resume))),
            S::SyncMinor { .. } if self.checkpoint_is_excessive() => {
                (Event::RTTRunwelcome, Input::Problem("the window of checkpoints is exceeded by far".into()))
            }
            S::SyncMinor { serial, .. } => (Event::SyncMinor, Input::Serial(serial)),
            S::SyncMinorConfirm { serial, .. } => (Event::SyncMinorConfirm, Input::Serial(serial)),
            S::ExceptionReport { reason, .. } => {
                (exception(reason), because("the receiver reported an exception", Some(reason)))
            }
            S::ProviderExceptionReport { .. } => {
                (Event::ExceptionAgain, because("the receiver's session reported an exception", None))
            }
            S::ActivityInterrupt { reason } => {
                (Event::ActivityInterrupt, because("the sender interrupted it", reason))
            }
            S::ActivityDiscard { reason } => {
                (Event::ActivityDiscard, because("the sender discarded it", reason))
            }
            S::ActivityDiscardConfirm => (Event::ActivityDiscardConfirm, Input::Nothing),
            S::ActivityInterruptConfirm => (Event::ActivityInterruptConfirm, Input::Nothing),
            S::ActivityEnd { .. } => match self.incoming.as_ref().map(|incoming| incoming.unwrapper.end()) {
                Some(Err(problem)) => (Event::ActivityEndUnwelcome, Input::Problem(problem.into())),
                _ => (Event::ActivityEnd, Input::Nothing),
            },
            S::ActivityEndConfirm { .. } => (Event::ActivityEndConfirm, Input::Nothing),
            S::TokenGive => (Event::TurnGive, Input::Nothing),
            _ => invalid("an indication that reliable transfer did not ask for"),
        }
    }
}

/// A name as RTSE writes it: octets in normal mode, characters in X.410-1984 mode (X.228 8.2).
pub(super) fn identifier(connection: &Reference, x410: bool) -> SessionConnectionIdentifier {
    let additional = &connection.additional;
    SessionConnectionIdentifier {
        calling_reference: match x410 {
            true => CallingReference::Text(connection.name.as_str().into()),
            false => CallingReference::Octets(Octets::from(connection.name.as_bytes())),
        },
        common_reference: X400Time::new(connection.time.as_str()),
        additional_reference: (!additional.is_empty()).then(|| additional.as_str().into()),
        unknown: Vec::new(),
    }
}

/// What such a name says; octets that are a string of their own as well.
fn reference(identifier: &SessionConnectionIdentifier) -> Reference {
    Reference {
        name: match &identifier.calling_reference {
            CallingReference::Text(name) => text(name.as_bytes()),
            CallingReference::Octets(octets) => text(&octets.0),
            CallingReference::Unknown(_) => String::new(),
        },
        time: String::from_utf8_lossy(identifier.common_reference.as_bytes()).into_owned(),
        additional: identifier
            .additional_reference
            .as_ref()
            .map(|additional| text(additional.as_bytes()))
            .unwrap_or_default(),
    }
}

/// The same element with another tag of one octet.
fn retagged(element: &[u8], tag: u8) -> Bytes {
    let contents = element.get(1..).unwrap_or_default();
    [&[tag], contents].concat().into()
}

/// What a receiver's exception asks for (X.228 7.6.1).
fn exception(reason: ExceptionReason) -> Event {
    match reason {
        ExceptionReason::NoSpecificReason => Event::ExceptionAgain,
        ExceptionReason::ReceivingAbilityJeopardized => Event::ExceptionLater,
        // The activity to go on with is not known, or its checkpoint is another.
        ExceptionReason::UnrecoverableProceduralError | ExceptionReason::SequenceError => {
            Event::ExceptionLost
        }
        _ => Event::Exception,
    }
}

fn invalid(problem: &'static str) -> (Event, Input) {
    (Event::Invalid, Input::Problem(problem.into()))
}

fn understand_abort(rtab: Rtab) -> Abort {
    match rtab.reason {
        Some(AbortReason::USER_ERROR) | None => Abort::User {
            user_data: rtab.user_data.map(|value| value.as_bytes().to_vec()).unwrap_or_default(),
        },
        Some(reason) => Abort::Rtse { reason },
    }
}

/// What happened, with the reason in words.
fn explain(what: &str, reason: Option<ExceptionReason>) -> String {
    let reason = match reason {
        None | Some(ExceptionReason::NoSpecificReason) => return what.into(),
        Some(ExceptionReason::ReceivingAbilityJeopardized) => "receiving ability jeopardized".into(),
        Some(ExceptionReason::SequenceError) => "sequence error".into(),
        Some(ExceptionReason::LocalUserError) => "local user error".into(),
        Some(ExceptionReason::UnrecoverableProceduralError) => "unrecoverable procedural error".into(),
        Some(ExceptionReason::DemandDataToken) => "demands the turn".into(),
        Some(ExceptionReason::Other(code)) => format!("reason {code}"),
    };
    format!("{what}: {reason}")
}

/// A string as a BER element; empty when there is no text. Longer text than fits is cut between characters.
fn element(tag: u8, text: &str) -> Bytes {
    let mut end = text.len().min(MAXIMUM_NAME);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let contents = &text.as_bytes()[..end];
    match u8::try_from(contents.len()) {
        Ok(length) if length > 0 => [&[tag, length], contents].concat().into(),
        _ => Bytes::new(),
    }
}

/// The text of a reference, whether it is a BER element, as it should be, or bare.
pub(in crate::osi::rtse) fn text(reference: &[u8]) -> String {
    let contents = match reference {
        [_, length, contents @ ..] if usize::from(*length) == contents.len() => contents,
        bare => bare,
    };
    String::from_utf8_lossy(contents).into_owned()
}

impl State {
    pub(in crate::osi::rtse) fn description(self) -> &'static str {
        match self {
            Self::Idle => "no association yet",
            Self::AwaitOpenConfirm => "waiting for the peer's answer to the open",
            Self::AwaitOpenResponse => "waiting for our answer to the peer's open",
            Self::WithTurn => "open, with the turn",
            Self::WithoutTurn => "open, without the turn",
            Self::Sending => "sending a message",
            Self::AwaitActivityEndConfirm => "waiting for the peer to secure a message",
            Self::AwaitDiscardConfirm => "waiting for the peer to drop a message",
            Self::AwaitInterruptConfirm => "waiting for the peer to suspend a message",
            Self::AwaitRestart => "waiting for the peer to drop a message that starts anew",
            Self::AwaitResumeResponse => "waiting for our answer to a message that goes on",
            Self::ReceivingAgain => "receiving a message again that is secured",
            Self::Receiving => "receiving a message",
            Self::AwaitTransferResponse => "waiting for our answer to a message",
            Self::AwaitRecovery => "waiting for the peer to withdraw a message",
            Self::AwaitCloseConfirm => "waiting for the peer's answer to the close",
            Self::AwaitCloseResponse => "waiting for our answer to the peer's close",
            Self::Ended => "the association is over",
        }
    }
}
