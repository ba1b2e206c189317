//! What goes in and out of the machine, above and below.

use bytes::Bytes;
use thiserror::Error;

use super::table::State;
use crate::smtp::command::{ClientAttributes, MailParameters, Mailbox, RecipientParameters, ReversePath};
use crate::smtp::reply::Reply;
use crate::smtp::sasl::{Mechanism, Secret};
use crate::smtp::submission::Envelope;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "moved once and taken apart; a box would cost more")]
pub enum Output {
    /// Send this to the client.
    Down(Bytes),
    /// Tell the layer above.
    Up(Event),
    /// Close the connection; nothing follows.
    Close,
}

/// What the client did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It wants TLS, and what it sends from now on is its handshake. Wants [`Request::Secured`]; where no TLS comes about the
    /// connection is of no use any more.
    StartTls,
    /// It wants to prove who it is. Wants [`Request::Challenge`], [`Request::Authenticated`] or [`Request::Refuse`].
    Authenticate {
        /// How.
        mechanism: Mechanism,
        /// What it begins with.
        initial: Option<Secret>,
    },
    /// It answers a challenge. Wants the same.
    Credentials(Secret),
    /// It is a host that speaks for another client, and says for which. Wants [`Request::Introduced`] or [`Request::Refuse`].
    Client(ClientAttributes),
    /// It named a sender. Wants [`Request::Permit`] or [`Request::Refuse`].
    Mail {
        /// Where reports go.
        reverse_path: ReversePath,
        /// What MAIL carried; only what is offered.
        parameters: MailParameters,
    },
    /// It named a recipient. Wants [`Request::Permit`] or [`Request::Refuse`].
    Recipient {
        /// Where the message goes.
        mailbox: Mailbox,
        /// What RCPT carried; only what is offered.
        parameters: RecipientParameters,
    },
    /// The content begins.
    ContentStart,
    /// Some octets of the message, not empty, in order.
    Content(Bytes),
    /// The content is refused; what was gathered is of no use, and neither more of it nor its end will be told.
    ContentDiscarded,
    /// The content is complete, by DATA or in chunks. Wants [`Request::Accepted`] or [`Request::Refuse`].
    ContentEnd(Envelope),
}

/// What the layer above wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// TLS is spoken from now on.
    Secured,
    /// The client has to answer this.
    Challenge(Secret),
    /// The client is this user.
    Authenticated(String),
    /// The client is the one that was spoken for.
    Introduced {
        /// Who it is, if it has proved that to the host.
        identity: Option<String>,
        /// Its mistakes are answered at once.
        patience: bool,
    },
    /// The sender or recipient is good.
    Permit,
    /// The client, sender, recipient or message is not; the reply says why. A 421 also closes the session.
    Refuse(Reply),
    /// The message is stored and the server answers for it.
    Accepted {
        /// Under which name.
        queue_id: String,
    },
    /// The server stops: finish the transaction, if there is one, and close.
    Shutdown,
}

/// The layer above asked for what cannot be now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no such request now: the session is in state {state:?}")]
pub struct Misuse {
    /// The state it is in.
    pub state: State,
}

/// The client went beyond what can be borne; the session is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// More pipelined input than is kept while a verdict is outstanding.
    #[error("more than {limit} octets of pipelined input")]
    TooMuchInput {
        /// The limit in octets.
        limit: usize,
    },
    /// Octets between STARTTLS and the handshake, which somebody on the way may have put there.
    #[error("octets in the clear after STARTTLS")]
    InTheClear,
}
