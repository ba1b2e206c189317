//! The state table: what a session does with each input in each state (RFC 5321 4.1.4).
//!
//! The whole of it is one `match`; `snapshots/` shows it as a grid. An action that finds the details unacceptable (a
//! parameter not offered, too many recipients) refuses instead, and the state stays.

use crate::smtp::command::Command;

/// What a session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// EHLO or HELO; no transaction before it.
    ExpectHello,
    /// The end of a handshake of TLS, which others make.
    ExpectHandshake,
    /// What a client answers to a challenge (RFC 4954).
    ExpectCredentials,
    /// A challenge, or who the client is.
    ExpectCredentialsVerdict,
    /// Whether a client is taken for the one that the host says it speaks for (XCLIENT).
    ExpectClientVerdict,
    /// MAIL; no transaction is open.
    ExpectMail,
    /// The verdict on a sender.
    ExpectSenderVerdict,
    /// RCPT; no recipient has been accepted yet.
    ExpectRecipient,
    /// The verdict on a recipient, none having been accepted before.
    ExpectFirstRecipientVerdict,
    /// A further RCPT, or DATA.
    ExpectRecipientOrData,
    /// The verdict on a recipient, others having been accepted before.
    ExpectFurtherRecipientVerdict,
    /// The content, up to its end.
    ExpectContent,
    /// The octets of a chunk (RFC 3030).
    ExpectChunk,
    /// A further chunk; neither recipients nor DATA can follow.
    ExpectFurtherChunk,
    /// Word that the message is stored, or not.
    ExpectAcceptance,
    /// Nothing any more.
    Closed,
}

/// What can happen to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    Hello,
    StartTls,
    Authenticate,
    Credentials,
    Client,
    Mail,
    Recipient,
    Data,
    Chunk,
    Reset,
    Harmless,
    Quit,
    Unreadable,
    ChunkEnd,
    ContentEnd,
    DefectiveContentEnd,
    Secured,
    Challenge,
    Authenticated,
    Introduced,
    Permit,
    Refuse,
    Accepted,
    Timeout,
    Shutdown,
}

impl Input {
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::Helo(_) | Command::Ehlo(_) | Command::Lhlo(_) => Self::Hello,
            Command::StartTls => Self::StartTls,
            Command::Authenticate { .. } => Self::Authenticate,
            Command::Client(_) => Self::Client,
            Command::Mail { .. } => Self::Mail,
            Command::Recipient { .. } => Self::Recipient,
            Command::Data => Self::Data,
            Command::Chunk { .. } => Self::Chunk,
            Command::Reset => Self::Reset,
            Command::NoOperation | Command::Verify(_) | Command::Expand(_) | Command::Help => Self::Harmless,
            Command::Quit => Self::Quit,
        }
    }
}

/// What a session does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Answer EHLO or HELO, and forget any transaction.
    Greet,
    /// 220 to STARTTLS, and let others make the handshake.
    BeginTls,
    /// Forget what was said in the clear.
    StartOver,
    /// Let the layer above begin to find out who the client is.
    BeginAuthentication,
    /// Let it go on.
    PassOn,
    /// 334 and what the client has to answer.
    Challenge,
    /// 235.
    Welcome,
    /// Pass on that it is nobody.
    RefuseCredentials,
    /// Let the layer above know whom the host speaks for.
    AskClient,
    /// 220, and forget who the client seemed to be.
    GreetClient,
    /// Pass on why not.
    RefuseClient,
    /// Ask the policy about the sender.
    AskSender,
    /// 250 to MAIL.
    OpenTransaction,
    /// Pass on why not, and forget the sender.
    RefuseSender,
    /// Ask the policy about the recipient.
    AskRecipient,
    /// 250 to RCPT.
    AddRecipient,
    /// Pass on why not, and forget this recipient.
    RefuseRecipient,
    /// 354.
    StartContent,
    /// Take the first chunk.
    StartChunks,
    /// Take a further chunk.
    ContinueChunks,
    /// 250 for a chunk that is not the last.
    ConfirmChunk,
    /// Drop the octets of a chunk that cannot be now, and then say why not.
    DropChunk,
    /// Hand the message over.
    HandOver,
    /// The reply for the defect.
    RefuseContent,
    /// 250 with the queue identifier.
    Confirm,
    /// Pass on why not.
    RefuseMessage,
    /// 250 to RSET, and forget any transaction.
    Reset,
    /// Answer; nothing changes.
    Answer,
    /// 221, and close.
    SayGoodbye,
    /// The reply for a line that is no command here.
    Complain,
    /// 503: not now.
    OutOfOrder,
    /// 554: nobody to send to.
    NoRecipients,
    /// 421 because of silence, and close.
    GiveUpWaiting,
    /// 421 because the server stops, and close.
    StopNow,
    /// Finish the transaction first, then [`Action::StopNow`].
    StopLater,
    /// Leave it in the input until the state allows.
    Wait,
    /// It is content, not a command.
    IsContent,
    /// Too late; nothing happens.
    Ignore,
    /// The caller may not do this now.
    Misuse,
}

/// The action and the state after it.
pub(super) fn transition(state: State, input: Input) -> (Action, State) {
    use Action as A;
    use Input as I;
    use State as S;
    match (state, input) {
        (
            S::Closed,
            I::Secured
            | I::Challenge
            | I::Authenticated
            | I::Introduced
            | I::Permit
            | I::Refuse
            | I::Accepted,
        ) => (A::Misuse, state),
        (S::Closed, _) => (A::Ignore, state),

        (S::ExpectHello | S::ExpectMail, I::Shutdown) => (A::StopNow, S::Closed),
        (_, I::Shutdown) => (A::StopLater, state),

        (S::ExpectHandshake, I::Secured) => (A::StartOver, S::ExpectHello),
        (S::ExpectCredentialsVerdict, I::Challenge) => (A::Challenge, S::ExpectCredentials),
        (S::ExpectCredentialsVerdict, I::Authenticated) => (A::Welcome, S::ExpectMail),
        (S::ExpectCredentialsVerdict, I::Refuse) => (A::RefuseCredentials, S::ExpectMail),
        (S::ExpectClientVerdict, I::Introduced) => (A::GreetClient, S::ExpectHello),
        (S::ExpectClientVerdict, I::Refuse) => (A::RefuseClient, S::ExpectHello),
        (S::ExpectSenderVerdict, I::Permit) => (A::OpenTransaction, S::ExpectRecipient),
        (S::ExpectSenderVerdict, I::Refuse) => (A::RefuseSender, S::ExpectMail),
        (S::ExpectFirstRecipientVerdict | S::ExpectFurtherRecipientVerdict, I::Permit) => {
            (A::AddRecipient, S::ExpectRecipientOrData)
        }
        (S::ExpectFirstRecipientVerdict, I::Refuse) => (A::RefuseRecipient, S::ExpectRecipient),
        (S::ExpectFurtherRecipientVerdict, I::Refuse) => (A::RefuseRecipient, S::ExpectRecipientOrData),
        (S::ExpectAcceptance, I::Accepted) => (A::Confirm, S::ExpectMail),
        (S::ExpectAcceptance, I::Refuse) => (A::RefuseMessage, S::ExpectMail),
        (
            _,
            I::Secured
            | I::Challenge
            | I::Authenticated
            | I::Introduced
            | I::Permit
            | I::Refuse
            | I::Accepted,
        ) => (A::Misuse, state),

        // A server that decides slowly is not a client that is silent.
        (
            S::ExpectHandshake
            | S::ExpectCredentialsVerdict
            | S::ExpectClientVerdict
            | S::ExpectSenderVerdict
            | S::ExpectFirstRecipientVerdict
            | S::ExpectFurtherRecipientVerdict
            | S::ExpectAcceptance,
            I::Timeout,
        ) => (A::Ignore, state),
        (_, I::Timeout) => (A::GiveUpWaiting, S::Closed),
        (
            S::ExpectHandshake
            | S::ExpectCredentialsVerdict
            | S::ExpectClientVerdict
            | S::ExpectSenderVerdict
            | S::ExpectFirstRecipientVerdict
            | S::ExpectFurtherRecipientVerdict
            | S::ExpectAcceptance,
            _,
        ) => (A::Wait, state),

        (S::ExpectContent | S::ExpectChunk, I::ContentEnd) => (A::HandOver, S::ExpectAcceptance),
        // RFC 3030 2: after a chunk that is refused the transaction has failed; what is pipelined after it is refused, too.
        (S::ExpectContent | S::ExpectChunk, I::DefectiveContentEnd) => (A::RefuseContent, S::ExpectMail),
        (S::ExpectChunk, I::ChunkEnd) => (A::ConfirmChunk, S::ExpectFurtherChunk),
        (S::ExpectContent | S::ExpectChunk, _) => (A::IsContent, state),
        (_, I::ChunkEnd | I::ContentEnd | I::DefectiveContentEnd) => (A::Misuse, state),

        // Whatever it is, it is no command.
        (S::ExpectCredentials, I::Credentials) => (A::PassOn, S::ExpectCredentialsVerdict),
        (S::ExpectCredentials, _) => (A::Wait, state),
        (_, I::Credentials) => (A::Misuse, state),

        (_, I::Hello) => (A::Greet, S::ExpectMail),
        (S::ExpectHello, I::Reset) => (A::Reset, S::ExpectHello),
        (_, I::Reset) => (A::Reset, S::ExpectMail),
        (_, I::Quit) => (A::SayGoodbye, S::Closed),
        (_, I::Harmless) => (A::Answer, state),
        (_, I::Unreadable) => (A::Complain, state),
        (S::ExpectMail, I::StartTls) => (A::BeginTls, S::ExpectHandshake),
        (S::ExpectMail, I::Authenticate) => (A::BeginAuthentication, S::ExpectCredentialsVerdict),
        (S::ExpectHello | S::ExpectMail, I::Client) => (A::AskClient, S::ExpectClientVerdict),
        (S::ExpectMail, I::Mail) => (A::AskSender, S::ExpectSenderVerdict),
        (S::ExpectRecipient, I::Recipient) => (A::AskRecipient, S::ExpectFirstRecipientVerdict),
        (S::ExpectRecipientOrData, I::Recipient) => (A::AskRecipient, S::ExpectFurtherRecipientVerdict),
        (S::ExpectRecipientOrData, I::Data) => (A::StartContent, S::ExpectContent),
        (S::ExpectRecipient, I::Data) => (A::NoRecipients, state),
        (S::ExpectRecipientOrData, I::Chunk) => (A::StartChunks, S::ExpectChunk),
        (S::ExpectFurtherChunk, I::Chunk) => (A::ContinueChunks, S::ExpectChunk),
        // Its octets are on their way, whatever is answered.
        (_, I::Chunk) => (A::DropChunk, state),
        // Before EHLO, without MAIL, a second MAIL (RFC 5321 4.1.4), DATA after BDAT (RFC 3030 2), STARTTLS, AUTH or XCLIENT in one.
        (_, I::StartTls | I::Authenticate | I::Client | I::Mail | I::Recipient | I::Data) => {
            (A::OutOfOrder, state)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 16] = [
        State::ExpectHello,
        State::ExpectHandshake,
        State::ExpectCredentials,
        State::ExpectCredentialsVerdict,
        State::ExpectClientVerdict,
        State::ExpectMail,
        State::ExpectSenderVerdict,
        State::ExpectRecipient,
        State::ExpectFirstRecipientVerdict,
        State::ExpectRecipientOrData,
        State::ExpectFurtherRecipientVerdict,
        State::ExpectContent,
        State::ExpectChunk,
        State::ExpectFurtherChunk,
        State::ExpectAcceptance,
        State::Closed,
    ];

    const INPUTS: [Input; 25] = [
        Input::Hello,
        Input::StartTls,
        Input::Authenticate,
        Input::Credentials,
        Input::Client,
        Input::Mail,
        Input::Recipient,
        Input::Data,
        Input::Chunk,
        Input::Reset,
        Input::Harmless,
        Input::Quit,
        Input::Unreadable,
        Input::ChunkEnd,
        Input::ContentEnd,
        Input::DefectiveContentEnd,
        Input::Secured,
        Input::Challenge,
        Input::Authenticated,
        Input::Introduced,
        Input::Permit,
        Input::Refuse,
        Input::Accepted,
        Input::Timeout,
        Input::Shutdown,
    ];

    /// One block per state; a line says input, action, and the new state if it is another one.
    #[test]
    fn the_whole_table() {
        let mut grid = String::new();
        for state in STATES {
            grid.push_str(&format!("{state:?}\n"));
            for input in INPUTS {
                let (action, next) = transition(state, input);
                let arrow = if next == state { String::new() } else { format!(" -> {next:?}") };
                let input = format!("{input:?}");
                grid.push_str(&format!("  {input:<20} {action:?}{arrow}\n"));
            }
        }
        insta::assert_snapshot!(grid);
    }
}
