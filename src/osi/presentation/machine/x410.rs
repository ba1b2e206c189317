//! X.410-1984 mode (X.226 6.2, T-34): the members of the user's APDU stand in CP, CPA, CPR and ARU, and data is plain.

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::presentation::{Cp, Cpa, Mode, ModeSelector};

use crate::osi::presentation::primitive::{
    Accept, Connect, ConnectResponse, Contexts, Indication, NO_CONTEXT, Request, Value,
};
use crate::osi::session;

/// Octets as the value they are.
pub(super) const fn value(octets: Bytes) -> Value {
    Value { context: NO_CONTEXT, octets }
}

/// What a request sends. Values of connect and accept are SETs of at most `maximum` octets.
pub(super) fn encode(primitive: Request, maximum: usize) -> Result<session::Request, ber::Error> {
    Ok(match primitive {
        Request::Connect(Connect { values, session, .. }) => {
            let x410 = Some(ber::decode(&only(values), maximum)?);
            let cp = Cp { mode_selector: ModeSelector::of(Mode::X410_1984), x410, ..Cp::default() };
            session::Request::Connect(session::Connect { user_data: ber::encode(&cp)?.into(), ..session })
        }
        Request::ConnectResponse(ConnectResponse::Accept(Accept { values, session, .. })) => {
            let x410 = Some(ber::decode(&only(values), maximum)?);
            let cpa = Cpa { mode_selector: ModeSelector::of(Mode::X410_1984), x410, ..Cpa::default() };
            let user_data = ber::encode(&cpa)?.into();
            session::Request::ConnectResponse(session::ConnectResponse::Accept(session::Accept {
                user_data,
                ..session
            }))
        }
        Request::ConnectResponse(ConnectResponse::Refuse { values }) => {
            session::Request::ConnectResponse(session::ConnectResponse::Refuse {
                reason: session::RefuseReason::RejectedByUserWithData,
                user_data: only(values),
            })
        }
        Request::Data { pieces, .. } => session::Request::Data(pieces),
        Request::TokenPlease { value } => {
            session::Request::TokenPlease { user_data: only(value.into_iter().collect()) }
        }
        Request::Release { values } => session::Request::Release { user_data: only(values) },
        Request::ReleaseResponse { values } => session::Request::ReleaseResponse { user_data: only(values) },
        Request::UAbort { values } => session::Request::UAbort { user_data: only(values) },
        Request::Pass(request) => request,
    })
}

/// The octets of the only value, if there is one.
fn only(values: Vec<Value>) -> Bytes {
    values.into_iter().next().map(|value| value.octets).unwrap_or_default()
}

/// P-CONNECT indication with the SET of the initiator's members.
pub(super) fn connect_indication(members: Vec<u8>, session: session::Connect) -> Indication {
    Indication::Connect(Connect {
        x410: true,
        values: vec![value(members.into())],
        session: session::Connect { user_data: Bytes::new(), ..session },
        ..Connect::default()
    })
}

/// P-CONNECT confirm with the SET of the responder's members.
pub(super) fn accepted(members: Vec<u8>, session: session::Accept) -> Indication {
    Indication::Accepted(Accept {
        contexts: Contexts::default(),
        values: vec![value(members.into())],
        session: session::Accept { user_data: Bytes::new(), ..session },
    })
}
