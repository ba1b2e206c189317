//! The association control service as its user sees it (X.217).

use bytes::Bytes;
use rasn_x400::acse::{AssociateResult, SourceDiagnostic};
use rasn_x400::presentation::{AbortReason, ProviderReason};
use rasn_x400::prim::Oid;

use crate::osi::presentation::{Contexts, Value};
use crate::osi::session;
use crate::osi::stack::Names;

/// What the user asks for: requests and responses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large ones come once in an association")]
pub enum Request {
    /// A-ASSOCIATE request.
    Associate(Associate),
    /// A-ASSOCIATE response.
    AssociateResponse(AssociateResponse),
    /// A-RELEASE request.
    Release,
    /// A-RELEASE response.
    ReleaseResponse,
    /// A-ABORT request.
    Abort {
        /// Travel with it.
        information: Vec<Value>,
    },
}

/// What the user is told: indications and confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large ones come once in an association")]
pub enum Indication {
    /// A-ASSOCIATE indication. The contexts are those we accept.
    Associate(Associate),
    /// A-ASSOCIATE confirm, positive.
    Accepted(Accept),
    /// A-ASSOCIATE confirm, negative.
    Refused(Refusal),
    /// A-RELEASE indication.
    Release,
    /// A-RELEASE confirm. The association has ended.
    ReleaseConfirm,
    /// A-ABORT indication by the user of the peer. The association has ended.
    Abort {
        /// As sent.
        information: Vec<Value>,
    },
    /// A-ABORT indication by the ACSE provider of the peer. The association has ended.
    ProviderAbort,
    /// We found the peer to break the ACSE protocol. The association has ended.
    BrokenByPeer {
        /// How.
        problem: String,
    },
    /// A-P-ABORT indication: the peer's presentation provider aborted. The association has ended.
    PresentationAbort {
        /// Why.
        reason: AbortReason,
    },
    /// A-P-ABORT indication: we found the peer to break the presentation protocol. The association has ended.
    PresentationBroken {
        /// How.
        problem: String,
    },
    /// A-P-ABORT indication: session has ended.
    SessionAbort {
        /// Why.
        reason: session::AbortReason,
    },
}

/// The parameters of A-ASSOCIATE request and indication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Associate {
    /// What the association is for. `None` in X.410-1984 mode, in which association control has no APDUs of its own and
    /// the user's values go to presentation as they are (X.227 7.1).
    pub application_context: Option<Oid>,
    /// Who is at its ends.
    pub names: Names,
    /// Values of the user.
    pub information: Vec<Value>,
    /// P-selector of the initiator; may be empty.
    pub calling_selector: Bytes,
    /// P-selector of the responder; may be empty.
    pub called_selector: Bytes,
    /// The presentation contexts proposed, or on indication those accepted.
    pub contexts: Contexts,
    /// The parameters for session; its user data are not used.
    pub session: session::Connect,
}

/// The parameters of A-ASSOCIATE response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large ones come once in an association")]
pub enum AssociateResponse {
    /// The association stands.
    Accept(Accept),
    /// The user rejects.
    Reject {
        /// Whether trying again is pointless.
        permanent: bool,
        /// Values of the user.
        information: Vec<Value>,
    },
}

/// The parameters of a positive A-ASSOCIATE response or confirm.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Accept {
    /// Values of the user.
    pub information: Vec<Value>,
    /// The presentation contexts agreed on; on response they are known already.
    pub contexts: Contexts,
    /// The parameters for session; its user data are not used.
    pub session: session::Accept,
}

/// Why there is no association.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The peer sent AARE.
    Rejected {
        /// For now, or for ever.
        result: AssociateResult,
        /// Who, and why.
        diagnostic: SourceDiagnostic,
        /// Values of the user.
        information: Vec<Value>,
    },
    /// The peer's presentation refused on behalf of its user, but said no more.
    Unexplained,
    /// The peer speaks the other mode: normal instead of X.410-1984, or the reverse.
    OtherMode,
    /// The peer's user refused, in X.410-1984 mode.
    X410 {
        /// Values of the user.
        information: Vec<Value>,
    },
    /// The peer's presentation provider refused.
    Presentation {
        /// Why.
        reason: ProviderReason,
    },
    /// Session, or what is below it, refused.
    Session {
        /// Why.
        reason: session::RefuseReason,
    },
}
