//! Between primitives and SPDUs.

use bytes::Bytes;

use super::{Connection, Input, Misuse, Prepared, Role};
use crate::osi::session::primitive::{
    self, AbortReason, ActivityResume, Connect, ConnectResponse, ConnectionReference, Indication, Request,
    Requirements, SerialNumber, TokenSetting,
};
use crate::osi::session::spdu::{
    self, Abort, AbortOrigin, Accept, ConnectItem, Leading, Refuse, Resume, Spdu, VERSION_1, VERSION_2,
};
use crate::osi::session::table::{Event, State};

impl Event {
    /// The event that a request or response is.
    pub(super) fn of_request(request: &Request) -> Self {
        match request {
            Request::Connect(_) => Self::SCONreq,
            Request::ConnectResponse(ConnectResponse::Accept(_)) => Self::SCONrspAccept,
            Request::ConnectResponse(ConnectResponse::Refuse { .. }) => Self::SCONrspRefuse,
            Request::Data(_) => Self::SDTreq,
            Request::TokenPlease { .. } => Self::SPTreq,
            Request::TokenGive => Self::SCGreq,
            Request::Release { .. } => Self::SRELreq,
            Request::ReleaseResponse { .. } => Self::SRELrsp,
            Request::SyncMinor { .. } => Self::SSYNmreq,
            Request::SyncMinorResponse { .. } => Self::SSYNmrsp,
            Request::ExceptionReport { .. } => Self::SUERreq,
            Request::ActivityStart { .. } => Self::SACTSreq,
            Request::ActivityResume(_) => Self::SACTRreq,
            Request::ActivityInterrupt { .. } => Self::SACTIreq,
            Request::ActivityInterruptResponse => Self::SACTIrsp,
            Request::ActivityDiscard { .. } => Self::SACTDreq,
            Request::ActivityDiscardResponse => Self::SACTDrsp,
            Request::ActivityEnd { .. } => Self::SACTEreq,
            Request::ActivityEndResponse { .. } => Self::SACTErsp,
            Request::UAbort { .. } => Self::SUABreq,
        }
    }

    /// The event that an SPDU is.
    pub(super) fn of_spdu(spdu: &Spdu) -> Self {
        match spdu {
            Spdu::Connect(_) => Self::CN,
            Spdu::Accept(_) => Self::AC,
            Spdu::Refuse(_) => Self::RF,
            Spdu::Finish { .. } => Self::FN,
            Spdu::Disconnect { .. } => Self::DN,
            Spdu::Abort(_) => Self::AB,
            Spdu::AbortAccept => Self::AA,
            Spdu::GiveTokensConfirm => Self::GTC,
            Spdu::GiveTokensAck => Self::GTA,
            Spdu::Data { .. } => Self::DT,
            Spdu::MinorSync { .. } => Self::MIP,
            Spdu::MinorSyncAck { .. } => Self::MIA,
            Spdu::ExceptionReport => Self::ER,
            Spdu::ExceptionData { .. } => Self::ED,
            Spdu::ActivityStart { .. } => Self::AS,
            Spdu::ActivityResume(_) => Self::AR,
            Spdu::ActivityInterrupt { .. } => Self::AI,
            Spdu::ActivityInterruptAck => Self::AIA,
            Spdu::ActivityDiscard { .. } => Self::AD,
            Spdu::ActivityDiscardAck => Self::ADA,
            Spdu::ActivityEnd { .. } => Self::AE,
            Spdu::ActivityEndAck { .. } => Self::AEA,
        }
    }
}

impl TokenSetting {
    /// The setting in PI 26, if it is the same for all tokens of the turn. The release token is not ours.
    pub(super) fn from_item(tokens: Option<u8>) -> Option<Self> {
        match tokens.unwrap_or(0) & 0x3f {
            0x00 => Some(Self::Initiator),
            0x15 => Some(Self::Responder),
            0x2a => Some(Self::ResponderChooses),
            _ => None,
        }
    }

    fn item(self) -> u8 {
        match self {
            Self::Initiator => 0x00,
            Self::Responder => 0x15,
            Self::ResponderChooses => 0x2a,
        }
    }
}

impl Connection {
    /// Turns a request into what it sends, and checks the lengths of its parameters.
    pub(super) fn prepare(&self, request: Request) -> Result<Prepared, Misuse> {
        let spdu = match request {
            Request::Connect(connect) => return Ok(Prepared::Connect(self.prepare_connect(connect)?)),
            Request::ConnectResponse(ConnectResponse::Accept(accept)) => {
                Spdu::Accept(self.prepare_accept(accept)?)
            }
            Request::ConnectResponse(ConnectResponse::Refuse { reason, user_data }) => Spdu::Refuse(Refuse {
                reference: self.proposal.reference.clone(),
                release_transport: true,
                requirements: Some(Requirements::RELIABLE_TRANSFER),
                versions: None,
                reason,
                user_data: self.user_data(user_data)?,
            }),
            Request::Data(pieces) => return Ok(Prepared::Data(pieces)),
            Request::TokenPlease { user_data } => {
                let user_data = self.user_data(user_data)?;
                return Ok(Prepared::Tokens(Leading::PleaseTokens { tokens: spdu::TOKEN_DATA, user_data }));
            }
            // As a recovery from an exception, GT goes instead; it needs nothing prepared.
            Request::TokenGive if self.state == State::AwaitRecoveryRequest => return Ok(Prepared::Nothing),
            Request::TokenGive => Spdu::GiveTokensConfirm,
            Request::Release { user_data } => {
                Spdu::Finish { release_transport: true, user_data: self.user_data(user_data)? }
            }
            Request::ReleaseResponse { user_data } => {
                Spdu::Disconnect { user_data: self.user_data(user_data)? }
            }
            Request::SyncMinor { user_data } => {
                let serial = self.serial(self.next);
                Spdu::MinorSync { explicit: true, serial, user_data: self.user_data(user_data)? }
            }
            Request::SyncMinorResponse { serial, user_data } => {
                Spdu::MinorSyncAck { serial, user_data: self.user_data(user_data)? }
            }
            Request::ExceptionReport { reason, user_data } => {
                Spdu::ExceptionData { reason, user_data: self.user_data(user_data)? }
            }
            Request::ActivityStart { id, user_data } => {
                Spdu::ActivityStart { id, user_data: self.user_data(user_data)? }
            }
            Request::ActivityResume(resume) => Spdu::ActivityResume(self.prepare_resume(resume)?),
            Request::ActivityInterrupt { reason } => Spdu::ActivityInterrupt { reason },
            Request::ActivityInterruptResponse => Spdu::ActivityInterruptAck,
            Request::ActivityDiscard { reason } => Spdu::ActivityDiscard { reason },
            Request::ActivityDiscardResponse => Spdu::ActivityDiscardAck,
            Request::ActivityEnd { user_data } => {
                let serial = self.serial(self.next);
                Spdu::ActivityEnd { serial, user_data: self.user_data(user_data)? }
            }
            Request::ActivityEndResponse { user_data } => {
                let serial = self.serial(self.next.saturating_sub(1));
                Spdu::ActivityEndAck { serial, user_data: self.user_data(user_data)? }
            }
            Request::UAbort { user_data } => Spdu::Abort(self.prepare_abort(user_data)),
        };
        if let Some(maximum) = self.tsdu_limit {
            at_most("spdu", self.tsdu_of(&spdu).len(), maximum)?;
        }
        Ok(Prepared::Spdu(spdu))
    }

    fn prepare_connect(&self, connect: Connect) -> Result<spdu::Connect, Misuse> {
        let user_data = self.user_data(connect.user_data)?;
        // Extended user data only exists in version 2, so that version 1 is not on offer then.
        let long = user_data.len() > spdu::MAXIMUM_USER_DATA;
        let versions = if long { VERSION_2 } else { self.config.versions };
        Ok(spdu::Connect {
            reference: reference(connect.reference)?,
            item: ConnectItem {
                tsdu_maximum: self.config.tsdu_maximum.map(|size| (size, size)),
                versions: Some(versions),
                tokens: Some(connect.tokens.item()),
            },
            requirements: Some(connect.requirements),
            calling_selector: selector(connect.calling_selector)?,
            called_selector: selector(connect.called_selector)?,
            user_data,
            more_data: false,
        })
    }

    /// AC has the highest common version. It has a TSDU size only for a peer that knows nothing but version 1 and
    /// wants one: such a peer segments (Q8).
    fn prepare_accept(&self, accept: primitive::Accept) -> Result<Accept, Misuse> {
        let tokens = match TokenSetting::from_item(self.proposal.item.tokens) {
            Some(TokenSetting::ResponderChooses) | None => match accept.tokens {
                TokenSetting::Responder => TokenSetting::Responder,
                TokenSetting::Initiator | TokenSetting::ResponderChooses => TokenSetting::Initiator,
            },
            Some(proposed) => proposed,
        };
        Ok(Accept {
            reference: reference(accept.reference)?,
            item: ConnectItem {
                tsdu_maximum: self.proposal.item.tsdu_maximum.filter(|_| self.version == VERSION_1),
                versions: Some(self.version),
                tokens: Some(tokens.item()),
            },
            requirements: Some(self.agreed(accept.requirements)),
            responding_selector: selector(accept.responding_selector)?,
            user_data: self.user_data(accept.user_data)?,
        })
    }

    /// What of `requirements` was proposed as well, and is ours to offer.
    fn agreed(&self, requirements: Requirements) -> Requirements {
        let proposed = self.proposal.requirements.unwrap_or(Requirements::WHEN_ABSENT);
        requirements.intersection(proposed).intersection(Requirements::RELIABLE_TRANSFER)
    }

    fn prepare_resume(&self, resume: ActivityResume) -> Result<Resume, Misuse> {
        Ok(Resume {
            id: resume.id,
            old_id: resume.old_id,
            serial: resume.serial,
            old_connection: resume.old_connection.map(reference).transpose()?,
            user_data: self.user_data(resume.user_data)?,
        })
    }

    /// An abort must always be possible: user data that does not fit is left out.
    fn prepare_abort(&self, user_data: Bytes) -> Abort {
        let maximum = match self.version {
            VERSION_2 => spdu::MAXIMUM_EXTENDED_USER_DATA,
            _ => spdu::MAXIMUM_ABORT_DATA,
        };
        let maximum = self.tsdu_limit.map_or(maximum, |limit| maximum.min(limit / 2));
        let user_data = if user_data.len() <= maximum { user_data } else { Bytes::new() };
        Abort { release_transport: true, origin: AbortOrigin::User, user_data }
    }

    fn user_data(&self, user_data: Bytes) -> Result<Bytes, Misuse> {
        let maximum = match self.version {
            VERSION_2 => spdu::MAXIMUM_EXTENDED_USER_DATA,
            _ => spdu::MAXIMUM_USER_DATA,
        };
        at_most("session user data", user_data.len(), maximum)?;
        Ok(user_data)
    }

    /// The number for an SPDU. Past the last one the request is refused before the number matters.
    fn serial(&self, number: u32) -> SerialNumber {
        SerialNumber::new(number).unwrap_or(SerialNumber::MAX)
    }

    /// Gives the user what an SPDU stands for.
    pub(super) fn indicate(&mut self, input: &Input) {
        let indication = match input {
            Input::Spdu(Spdu::Data { enclosure, user_data }) => {
                self.reassemble(*enclosure, user_data).map(Indication::Data)
            }
            Input::Spdu(spdu) => self.indication(spdu.clone()),
            Input::Tokens(Leading::GiveTokens { .. }) => Some(Indication::TokenGive),
            Input::Tokens(Leading::PleaseTokens { user_data, .. }) => {
                Some(Indication::TokenPlease { user_data: user_data.clone() })
            }
            _ => None,
        };
        if let Some(indication) = indication {
            self.up(indication);
        }
    }

    fn indication(&self, spdu: Spdu) -> Option<Indication> {
        Some(match spdu {
            Spdu::Connect(connect) => Indication::Connect(self.connect_indication(connect)),
            Spdu::Accept(accept) => {
                Indication::ConnectConfirm(ConnectResponse::Accept(self.accept_confirm(accept)))
            }
            Spdu::Refuse(Refuse { reason, user_data, .. }) => {
                Indication::ConnectConfirm(ConnectResponse::Refuse { reason, user_data })
            }
            Spdu::Finish { user_data, .. } => Indication::Release { user_data },
            Spdu::Disconnect { user_data } => Indication::ReleaseConfirm { user_data },
            Spdu::Abort(Abort { origin: AbortOrigin::User, user_data, .. }) => {
                Indication::UAbort { user_data }
            }
            Spdu::Abort(Abort { origin: AbortOrigin::ProtocolError, .. }) => {
                Indication::ProviderAbort { reason: AbortReason::ProtocolErrorReported }
            }
            Spdu::Abort(_) => Indication::ProviderAbort { reason: AbortReason::Unspecified },
            Spdu::GiveTokensConfirm => Indication::TokenGive,
            Spdu::MinorSync { explicit, serial, user_data } => {
                Indication::SyncMinor { serial, explicit, user_data }
            }
            Spdu::MinorSyncAck { serial, user_data } => Indication::SyncMinorConfirm { serial, user_data },
            // ER carries no reason; it always stands for a protocol error that the peer noticed.
            Spdu::ExceptionReport => Indication::ProviderExceptionReport {
                reason: primitive::ExceptionReason::UnrecoverableProceduralError,
            },
            Spdu::ExceptionData { reason, user_data } => Indication::ExceptionReport { reason, user_data },
            Spdu::ActivityStart { id, user_data } => Indication::ActivityStart { id, user_data },
            Spdu::ActivityResume(resume) => Indication::ActivityResume(ActivityResume {
                id: resume.id,
                old_id: resume.old_id,
                serial: resume.serial,
                old_connection: resume.old_connection,
                user_data: resume.user_data,
            }),
            Spdu::ActivityInterrupt { reason } => Indication::ActivityInterrupt { reason },
            Spdu::ActivityInterruptAck => Indication::ActivityInterruptConfirm,
            Spdu::ActivityDiscard { reason } => Indication::ActivityDiscard { reason },
            Spdu::ActivityDiscardAck => Indication::ActivityDiscardConfirm,
            Spdu::ActivityEnd { serial, user_data } => Indication::ActivityEnd { serial, user_data },
            Spdu::ActivityEndAck { serial, user_data } => {
                Indication::ActivityEndConfirm { serial, user_data }
            }
            Spdu::Data { .. } | Spdu::AbortAccept | Spdu::GiveTokensAck => return None,
        })
    }

    fn connect_indication(&self, connect: spdu::Connect) -> Connect {
        Connect {
            reference: connect.reference,
            calling_selector: connect.calling_selector.unwrap_or_default(),
            called_selector: connect.called_selector.unwrap_or_default(),
            requirements: connect.requirements.unwrap_or(Requirements::WHEN_ABSENT),
            tokens: TokenSetting::from_item(connect.item.tokens).unwrap_or_default(),
            user_data: connect.user_data,
        }
    }

    fn accept_confirm(&self, accept: Accept) -> primitive::Accept {
        primitive::Accept {
            reference: accept.reference,
            responding_selector: accept.responding_selector.unwrap_or_default(),
            requirements: self.agreed(accept.requirements.unwrap_or(Requirements::WHEN_ABSENT)),
            tokens: match (self.role, self.turn) {
                (Role::Initiator, true) | (Role::Responder, false) => TokenSetting::Initiator,
                _ => TokenSetting::Responder,
            },
            user_data: accept.user_data,
        }
    }
}

fn at_most(what: &'static str, octets: usize, maximum: usize) -> Result<(), Misuse> {
    if octets > maximum { Err(Misuse::TooLong { what, octets, maximum }) } else { Ok(()) }
}

/// A selector to send; an empty one is not sent at all.
fn selector(selector: Bytes) -> Result<Option<Bytes>, Misuse> {
    at_most("session selector", selector.len(), spdu::MAXIMUM_SELECTOR)?;
    Ok(Some(selector).filter(|selector| !selector.is_empty()))
}

fn reference(reference: ConnectionReference) -> Result<ConnectionReference, Misuse> {
    at_most("calling session user reference", reference.calling.len(), spdu::MAXIMUM_REFERENCE)?;
    at_most("called session user reference", reference.called.len(), spdu::MAXIMUM_REFERENCE)?;
    at_most("common reference", reference.common.len(), spdu::MAXIMUM_REFERENCE)?;
    at_most("additional reference information", reference.additional.len(), spdu::MAXIMUM_ADDITIONAL)?;
    Ok(reference)
}
