//! The presentation service as its user sees it (X.216).

use bytes::Bytes;
use rasn_x400::presentation::{AbortReason, ProviderReason};
use rasn_x400::prim::Oid;

use crate::osi::session;

/// One value: an element of BER in a presentation context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// The context.
    pub context: i64,
    /// The element.
    pub octets: Bytes,
}

/// Where values are in X.410-1984 mode, which has no contexts; identifiers of contexts are positive.
pub const NO_CONTEXT: i64 = 0;

/// A context, encoded by BER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Odd, because the initiator chooses them.
    pub id: i64,
    /// What is spoken in it.
    pub abstract_syntax: Oid,
}

/// The contexts that both sides agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Contexts(pub Vec<Context>);

impl Contexts {
    /// The context in which an abstract syntax is spoken.
    pub fn of(&self, abstract_syntax: &Oid) -> Option<i64> {
        self.0.iter().find(|context| context.abstract_syntax == *abstract_syntax).map(|context| context.id)
    }

    /// Whether a context is defined.
    pub fn contains(&self, id: i64) -> bool {
        self.0.iter().any(|context| context.id == id)
    }
}

/// What the user asks for: requests and responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// P-CONNECT request.
    Connect(Connect),
    /// P-CONNECT response.
    ConnectResponse(ConnectResponse),
    /// P-DATA request: one value, in pieces that are sent one after the other.
    Data {
        /// The context of the value.
        context: i64,
        /// The element, cut anywhere.
        pieces: Vec<Bytes>,
    },
    /// P-TOKEN-PLEASE request.
    TokenPlease {
        /// Travels with it.
        value: Option<Value>,
    },
    /// P-RELEASE request.
    Release {
        /// Travel with it.
        values: Vec<Value>,
    },
    /// P-RELEASE response.
    ReleaseResponse {
        /// Travel with it.
        values: Vec<Value>,
    },
    /// P-U-ABORT request.
    UAbort {
        /// Travel with it.
        values: Vec<Value>,
    },
    /// A service that presentation passes to session as it is: activities, synchronization points, exceptions, and
    /// giving the turn. Other session requests are a misuse.
    Pass(session::Request),
}

/// What the user is told: indications and confirms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indication {
    /// P-CONNECT indication. The contexts are those we accept.
    Connect(Connect),
    /// P-CONNECT confirm, positive.
    Accepted(Accept),
    /// P-CONNECT confirm, negative.
    Refused(Refusal),
    /// P-DATA indication.
    Data(Value),
    /// P-TOKEN-PLEASE indication.
    TokenPlease {
        /// As sent.
        value: Option<Value>,
    },
    /// P-RELEASE indication.
    Release {
        /// As sent.
        values: Vec<Value>,
    },
    /// P-RELEASE confirm.
    ReleaseConfirm {
        /// As sent.
        values: Vec<Value>,
    },
    /// P-U-ABORT indication. The connection has ended.
    UAbort {
        /// As sent.
        values: Vec<Value>,
    },
    /// P-P-ABORT indication, because the peer's presentation provider aborted. The connection has ended.
    ProviderAbort {
        /// Why.
        reason: AbortReason,
    },
    /// P-P-ABORT indication, because we found the peer to break the presentation protocol. The connection has ended.
    BrokenByPeer {
        /// How.
        problem: String,
    },
    /// P-P-ABORT indication, because session has ended.
    SessionAbort {
        /// Why.
        reason: session::AbortReason,
    },
    /// What session says about activities, synchronization points, exceptions, and the turn.
    Passed(session::Indication),
}

/// The parameters of P-CONNECT request and indication.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Connect {
    /// X.410-1984 mode: no selectors and no contexts, and one value, whose SET holds the members of the user's APDU.
    pub x410: bool,
    /// P-selector of the initiator; may be empty.
    pub calling_selector: Bytes,
    /// P-selector of the responder; may be empty.
    pub called_selector: Bytes,
    /// The contexts proposed, or on indication those accepted.
    pub contexts: Contexts,
    /// Travel with it.
    pub values: Vec<Value>,
    /// The parameters for session; its user data are not used.
    pub session: session::Connect,
}

/// The parameters of P-CONNECT response.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "the large ones come once in an association")]
pub enum ConnectResponse {
    /// The connection stands.
    Accept(Accept),
    /// The user refuses.
    Refuse {
        /// Travel with it.
        values: Vec<Value>,
    },
}

/// The parameters of a positive P-CONNECT response or confirm.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Accept {
    /// The contexts that both sides agreed on; on response they are known already.
    pub contexts: Contexts,
    /// Travel with it.
    pub values: Vec<Value>,
    /// The parameters for session; its user data are not used.
    pub session: session::Accept,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The user of the peer refused.
    User {
        /// What it says.
        values: Vec<Value>,
    },
    /// The peer refused in the words of the other mode.
    OtherMode,
    /// The presentation provider of the peer refused.
    Provider {
        /// Why.
        reason: ProviderReason,
    },
    /// Session, or what is below it, refused.
    Session {
        /// Why.
        reason: session::RefuseReason,
    },
}
