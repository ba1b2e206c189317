//! Between service primitives and PPDUs.

use std::collections::BTreeSet;

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::presentation::{
    Arp, Aru, AruNormal, BER, ContextAnswer, ContextDefinition, ContextReason, ContextResult, Cp, CpNormal,
    Cpa, CpaNormal, Cpr, CprNormal, Mode, ModeSelector, PdvList, ProviderReason, UserData,
};
use rasn_x400::prim::{ExternalEncoding, Octets, Oid, RawTlv};

use super::{Fault, Machine, Received, x410};
use crate::osi::presentation::data;
use crate::osi::presentation::primitive::{
    Accept, Connect, ConnectResponse, Context, Contexts, Indication, Refusal, Request, Value,
};
use crate::osi::presentation::table::Event;
use crate::osi::session;

/// Contexts that one connect may propose.
const MAXIMUM_CONTEXTS: usize = 32;

impl Machine {
    pub(super) fn encode(&self, primitive: Request) -> Result<session::Request, ber::Error> {
        if self.x410 {
            return x410::encode(primitive, self.config.maximum_user_data);
        }
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
    pub(super) fn understand(&self, indication: session::Indication) -> Received {
        use session::Indication as S;
        match indication {
            S::Connect(connect) => self.understand_connect(connect),
            S::ConnectConfirm(session::ConnectResponse::Accept(accept)) => self.understand_accept(accept),
            S::ConnectConfirm(session::ConnectResponse::Refuse { reason, user_data }) => {
                self.understand_refusal(reason, &user_data)
            }
            S::Data(octets) if self.x410 => Received::new(Event::TD, Indication::Data(x410::value(octets))),
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
            // There is nothing left to abort, however it is worded.
            S::ReleaseConfirm { user_data } => {
                let values = self.optional_values(&user_data).unwrap_or_default();
                Received::new(Event::SRELcnf, Indication::ReleaseConfirm { values })
            }
            // Small sessions allow it.
            S::UAbort { user_data } if user_data.is_empty() => {
                let reason = session::AbortReason::User;
                Received::new(Event::SPABind, Indication::SessionAbort { reason })
            }
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
        let x410 = cp.x410.filter(|_| mode == Mode::X410_1984 && self.config.x410);
        if let Some(Ok(octets)) = x410.map(|members| ber::encode(&members)) {
            let indication = x410::connect_indication(octets, connect);
            return Received { mode, ..Received::new(Event::CP, indication) };
        }
        let Some(normal) = cp.normal.filter(|_| mode == Mode::NORMAL && self.config.normal) else {
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
            x410: false,
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
        if self.x410 {
            let Some(Ok(octets)) = cpa.x410.map(|members| ber::encode(&members)) else {
                return Received::invalid("connect accept: parameters of X.410-1984 mode expected");
            };
            return Received::new(Event::CPA, x410::accepted(octets, accept));
        }
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
            Ok(Cpr::X410(_)) if self.x410 => {
                refused(Refusal::User { values: vec![x410::value(Bytes::copy_from_slice(user_data))] })
            }
            // The peer speaks the other mode.
            Ok(Cpr::X410(_)) => refused(Refusal::OtherMode),
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

    /// ARU, ARP, or what is neither.
    fn understand_abort(&self, user_data: &[u8]) -> Received {
        if let Ok(arp) = ber::decode::<Arp>(user_data, self.config.maximum_user_data) {
            let reason = arp.reason.unwrap_or_default();
            return Received::new(Event::ARP, Indication::ProviderAbort { reason });
        }
        let values = match ber::decode(user_data, self.config.maximum_user_data) {
            Ok(Aru::Normal(aru)) => values_of(aru.user_data, &self.contexts).unwrap_or_default(),
            Ok(Aru::X410(_)) if self.x410 => vec![x410::value(Bytes::copy_from_slice(user_data))],
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
        match (octets.is_empty(), self.x410) {
            (true, _) => Ok(Vec::new()),
            (false, true) => Ok(vec![x410::value(octets.clone())]),
            (false, false) => self.values(octets),
        }
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
