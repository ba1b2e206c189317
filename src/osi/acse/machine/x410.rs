//! X.410-1984 mode: association control has no APDUs, its user's values are those of presentation (X.227 7.1).

use crate::osi::acse::primitive::{Accept, Associate, AssociateResponse, Request};
use crate::osi::presentation;
use crate::osi::stack::Names;

/// A request in X.410-1984 mode: the values of the user go on as they are.
pub(super) fn encode(primitive: Request) -> presentation::Request {
    use presentation::{ConnectResponse, Request as P};
    match primitive {
        Request::Associate(associate) => P::Connect(presentation::Connect {
            x410: true,
            values: associate.information,
            session: associate.session,
            ..presentation::Connect::default()
        }),
        Request::AssociateResponse(AssociateResponse::Accept(accept)) => {
            let Accept { information: values, contexts, session } = accept;
            P::ConnectResponse(ConnectResponse::Accept(presentation::Accept { contexts, values, session }))
        }
        Request::AssociateResponse(AssociateResponse::Reject { information: values, .. }) => {
            P::ConnectResponse(ConnectResponse::Refuse { values })
        }
        Request::Release => P::Release { values: Vec::new() },
        Request::ReleaseResponse => P::ReleaseResponse { values: Vec::new() },
        Request::Abort { information: values } => P::UAbort { values },
    }
}

/// A-ASSOCIATE indication in X.410-1984 mode.
pub(super) fn indication(connect: presentation::Connect) -> Associate {
    Associate {
        application_context: None,
        names: Names::default(),
        information: connect.values,
        calling_selector: connect.calling_selector,
        called_selector: connect.called_selector,
        contexts: connect.contexts,
        session: connect.session,
    }
}
