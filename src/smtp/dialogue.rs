//! The server side of a session of SMTP or LMTP as a machine without I/O (RFC 5321, RFC 2033, RFC 2920, RFC 3030, RFC 3207,
//! RFC 4954).
//!
//! ```text
//!   receive(octets) ──► input ──► lines ──► Command ──► transition (table) ──► replies ──► poll: Down
//!                         │                                 │    ▲
//!                         └──► content, dots removed,       ▼    │ request: Permit, Refuse, Accepted, …
//!                              or chunks, counted
//!                                    └─────► poll: Up(Mail, Recipient, Content…, ContentEnd, …)
//! ```
//!
//! 1. [`Dialogue::receive`] takes octets from the client; [`Dialogue::poll`] works on them and says what is to be done
//!    until it has nothing more to say.
//! 2. Addresses, messages, credentials, a handshake, and a client that a host speaks for each want a verdict by
//!    [`Dialogue::request`]; [`Event`] says which. Until it comes, pipelined input waits and [`Dialogue::poll`] is silent; the
//!    verdict may be given between two polls.
//! 3. Replies gather while there is pipelined input to work on, and come out in one [`Output::Down`].
//! 4. Who makes many mistakes is answered late. Until [`Dialogue::deadline`] [`Dialogue::is_late`] then, and what came waits.
//!
//! Deliberately absent: clocks, sockets, any idea of which address is good, and the content, which only passes through.

mod action;
mod authentication;
pub mod config;
mod content;
mod line;
mod primitive;
pub mod table;

pub use config::{
    Authentication, Config, ContentRate, Extensions, FutureRelease, Limits, PriorityProfile, Tarpit, Timeouts,
};
pub use primitive::{Event, Fault, Misuse, Output, Request};
pub use table::State;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;

use super::chunk::ChunkReader;
use super::command::ClientName;
use super::data::{ContentDefect, ContentReader};
use super::reply::{Reply, ReplyCode, StatusDetail};
use super::submission::{Envelope, Protocol};
use content::Piece;
use table::{Action, Input, transition};

/// A session.
#[derive(Debug)]
pub struct Dialogue {
    config: Arc<Config>,
    state: State,
    /// What the client called itself, and how.
    client: Option<(ClientName, Protocol)>,
    /// TLS is spoken below.
    secure: bool,
    /// Who the client is, if it has proved that.
    identity: Option<String>,
    /// The transaction so far.
    envelope: Option<Envelope>,
    /// How many recipients the message has that is complete.
    recipients: usize,
    content: ContentReader,
    chunks: ChunkReader,
    content_defect: Option<ContentDefect>,
    /// A chunk that cannot be now: so many octets are still to be dropped before this is answered.
    dropping_chunk: Option<(u64, Reply)>,
    /// Octets not yet worked on.
    input: BytesMut,
    /// The line at the front of the input is longer than this and is being dropped.
    dropping_line: Option<usize>,
    /// The last line was BDAT: how much of what follows is content only it could have said.
    line_is_chunk: bool,
    /// Replies not yet handed out.
    replies: BytesMut,
    /// Replies must go out before more input is looked at (RFC 2920 3.2).
    flush: bool,
    event: Option<Event>,
    /// [`Output::Close`] is still to be said.
    close: bool,
    /// The server stops after this transaction.
    stopping: bool,
    /// Transactions that were begun.
    messages: u32,
    /// Domains of recipients so far, where they are limited.
    domains: BTreeSet<String>,
    errors: u32,
    /// Errors, and recipients refused for good, since the last message that was accepted.
    mistakes: u32,
    /// MAIL or a chunk was refused: that the client has sent more of the transaction ahead is no mistake.
    transaction_refused: bool,
    /// Replies to mistakes come at once.
    patient: bool,
    /// The host that connects may speak for others, and has not yet said for whom.
    speaks_for_others: bool,
    /// Nothing is said or looked at before.
    late_until: Option<Instant>,
    /// When anything last happened: a whole line, a beginning of one, some content, or a verdict.
    last_activity: Instant,
    /// When octets last came.
    last_receipt: Instant,
    content_began: Instant,
    /// Octets of it so far, as they came.
    content_octets: u64,
}

impl Dialogue {
    /// A session that has just been connected; it begins with the greeting.
    pub fn new(config: Arc<Config>, now: Instant) -> Self {
        let content = ContentReader::new(config.limits.content);
        let chunks = ChunkReader::new(config.limits.content, false);
        let mut dialogue = Self {
            config,
            state: State::ExpectHello,
            client: None,
            secure: false,
            identity: None,
            envelope: None,
            recipients: 0,
            content,
            chunks,
            content_defect: None,
            dropping_chunk: None,
            input: BytesMut::new(),
            dropping_line: None,
            line_is_chunk: false,
            replies: BytesMut::new(),
            flush: true,
            event: None,
            close: false,
            stopping: false,
            messages: 0,
            domains: BTreeSet::new(),
            errors: 0,
            mistakes: 0,
            transaction_refused: false,
            patient: false,
            speaks_for_others: false,
            late_until: None,
            last_activity: now,
            last_receipt: now,
            content_began: now,
            content_octets: 0,
        };
        dialogue.greet_anew();
        dialogue
    }

    fn greet_anew(&mut self) {
        let protocol = if self.config.lmtp { "LMTP" } else { "ESMTP" };
        let text = format!("{} {protocol} x400gw", self.config.host_name);
        self.reply(&Reply::plain(ReplyCode::SERVICE_READY_220, text));
        self.flush = true;
    }

    /// The same where TLS is spoken from the first octet on (RFC 8314).
    #[must_use]
    pub fn over_tls(mut self) -> Self {
        self.secure = true;
        self
    }

    /// From now on mistakes of the client are answered at once, however many there are.
    pub fn has_patience(&mut self) {
        self.patient = true;
    }

    /// From now on the host may say for whom it speaks, by XCLIENT: once, because what comes after that may be the client's own
    /// words.
    pub fn may_speak_for_others(&mut self) {
        self.speaks_for_others = true;
    }

    /// A verdict, or the wish to stop.
    ///
    /// # Errors
    /// No verdict of that kind is wanted; nothing has changed.
    pub fn request(&mut self, request: Request, now: Instant) -> Result<(), Misuse> {
        let input = match &request {
            Request::Secured => Input::Secured,
            Request::Challenge(_) => Input::Challenge,
            Request::Authenticated(_) => Input::Authenticated,
            Request::Introduced { .. } => Input::Introduced,
            Request::Permit => Input::Permit,
            Request::Refuse(_) => Input::Refuse,
            Request::Accepted { .. } => Input::Accepted,
            Request::Shutdown => Input::Shutdown,
        };
        let (action, next) = transition(self.state, input);
        if action == Action::Misuse {
            return Err(Misuse { state: self.state });
        }
        self.last_activity = now;
        self.state = next;
        match (action, request) {
            (Action::StartOver, _) => {
                // RFC 3207 4.2: nothing that was said before counts.
                self.secure = true;
                self.client = None;
                self.identity = None;
            }
            (Action::Challenge, Request::Challenge(challenge)) => self.challenge(&challenge),
            (Action::Welcome, Request::Authenticated(identity)) => self.authenticated(identity),
            (Action::RefuseCredentials, Request::Refuse(reply)) => self.no_credentials(&reply),
            (Action::GreetClient, Request::Introduced { identity, patience }) => {
                (self.client, self.identity, self.patient) = (None, identity, patience);
                self.speaks_for_others = false;
                (self.errors, self.mistakes) = (0, 0);
                self.greet_anew();
            }
            (Action::OpenTransaction, _) => {
                self.answer(ReplyCode::COMPLETED_250, StatusDetail::OTHER_ADDRESS_X_1_0, "sender ok");
            }
            (Action::AddRecipient, _) => self.add_recipient(),
            (Action::Confirm, Request::Accepted { queue_id }) => {
                self.mistakes = 0;
                let text = format!("accepted as {queue_id}");
                self.reply_for_message(&Reply::new(
                    ReplyCode::COMPLETED_250,
                    StatusDetail::OTHER_X_0_0,
                    text,
                ));
            }
            (Action::StopNow, _) => {
                self.late_until = None;
                self.stop_now();
            }
            (Action::StopLater, _) => self.stopping = true,
            (action, Request::Refuse(reply)) => self.refused(action, &reply),
            _ => {}
        }
        self.stop_between_transactions();
        Ok(())
    }

    /// Octets from the client.
    ///
    /// # Errors
    /// Too many while a verdict is outstanding; the session is closed.
    pub fn receive(&mut self, octets: &[u8], now: Instant) -> Result<(), Fault> {
        self.receive_owned(BytesMut::from(octets), now)
    }

    /// The same without a copy, for a caller that can give its buffer away.
    ///
    /// # Errors
    /// As [`Dialogue::receive`].
    pub fn receive_owned(&mut self, octets: BytesMut, now: Instant) -> Result<(), Fault> {
        let limit = self.config.limits.input;
        if self.state == State::Closed || octets.is_empty() {
            return Ok(());
        }
        self.last_receipt = now;
        // A line that trickles in is no activity before it is whole.
        if (self.input.is_empty() && self.dropping_line.is_none()) || self.is_in_content() {
            self.last_activity = now;
        }
        if self.state == State::ExpectHandshake {
            self.closed();
            return Err(Fault::InTheClear);
        }
        if (self.awaits_verdict() || self.is_late()) && self.input.len() + octets.len() > limit {
            self.closed();
            self.late_until = None;
            return Err(Fault::TooMuchInput { limit });
        }
        if self.input.is_empty() {
            self.input = octets;
        } else {
            self.input.extend_from_slice(&octets);
        }
        Ok(())
    }

    /// The deadline has passed.
    pub fn timeout(&mut self, now: Instant) {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return;
        }
        if self.late_until.take().is_some() {
            self.last_activity = now;
            return;
        }
        let (action, next) = transition(self.state, Input::Timeout);
        self.state = next;
        if action == Action::GiveUpWaiting {
            let host = self.config.host_name.as_str();
            let text = format!("{host} waited too long, closing");
            self.reply(&Reply::new(
                ReplyCode::SERVICE_NOT_AVAILABLE_421,
                StatusDetail::BAD_CONNECTION_X_4_2,
                text,
            ));
            self.closed();
        }
    }

    /// What is to be done next; `None` if nothing, until something else happens.
    pub fn poll(&mut self) -> Option<Output> {
        loop {
            if self.is_late() {
                // What was answered before goes out with what is late.
                return None;
            }
            if std::mem::take(&mut self.flush) && !self.replies.is_empty() {
                return Some(self.take_replies());
            }
            if let Some(event) = self.event.take() {
                return Some(Output::Up(event));
            }
            if std::mem::take(&mut self.close) {
                return Some(Output::Close);
            }
            match self.state {
                State::Closed => return None,
                _ if self.awaits_verdict() => return None,
                State::ExpectContent | State::ExpectChunk => match self.next_of_content() {
                    Piece::Up(event) => return Some(Output::Up(event)),
                    Piece::Ended => {}
                    Piece::NeedMore => break,
                },
                _ if self.dropping_chunk.is_some() => {
                    if !self.drop_of_chunk() {
                        break;
                    }
                }
                _ => match self.next_line() {
                    Some(Ok(line)) if self.state == State::ExpectCredentials => self.credentials(&line),
                    Some(line) => self.line(line),
                    None => break,
                },
            }
        }
        if self.input.is_empty() {
            // Let go of the caller's buffer, so that it can be used again.
            self.input = BytesMut::new();
        }
        (!self.replies.is_empty()).then(|| self.take_replies())
    }

    /// When to call [`Dialogue::timeout`]; `None` while the client is not the one to act.
    pub fn deadline(&self) -> Option<Instant> {
        let timeouts = &self.config.timeouts;
        match self.state {
            _ if self.is_late() => self.late_until,
            State::Closed => None,
            _ if self.awaits_verdict() => None,
            _ if self.is_in_content() => self.content_deadline(timeouts.content_block),
            State::ExpectFurtherChunk => self.content_deadline(timeouts.command),
            _ => self.last_activity.checked_add(timeouts.command),
        }
    }

    /// When a content has taken too long, at the latest when nothing more has come of it for so long.
    fn content_deadline(&self, silence: Duration) -> Option<Instant> {
        let timeouts = &self.config.timeouts;
        let slowest = timeouts.content_rate.time_for(self.content_octets);
        let whole = slowest.map_or(timeouts.content, |slowest| slowest.min(timeouts.content));
        let ends = [self.last_activity.checked_add(silence), self.content_began.checked_add(whole)];
        ends.into_iter().flatten().min()
    }

    /// What it waits for.
    pub fn state(&self) -> State {
        self.state
    }

    /// Octets received and not yet worked on.
    pub fn buffered(&self) -> usize {
        self.input.len()
    }

    /// Whether a reply is late, so that nothing more is looked at before [`Dialogue::deadline`].
    pub fn is_late(&self) -> bool {
        self.late_until.is_some()
    }

    /// Whether what comes next is no command.
    pub fn is_in_content(&self) -> bool {
        matches!(self.state, State::ExpectContent | State::ExpectChunk) || self.dropping_chunk.is_some()
    }

    /// A mistake of the client has been answered, and the answer may be late.
    fn count_mistake(&mut self) {
        self.mistakes = self.mistakes.saturating_add(1);
        if !self.patient
            && let Some(delay) = self.config.limits.tarpit.delay(self.mistakes)
        {
            self.late_until = self.last_activity.checked_add(delay);
            self.flush = true;
        }
    }

    fn awaits_verdict(&self) -> bool {
        matches!(
            self.state,
            State::ExpectHandshake
                | State::ExpectCredentialsVerdict
                | State::ExpectClientVerdict
                | State::ExpectSenderVerdict
                | State::ExpectFirstRecipientVerdict
                | State::ExpectFurtherRecipientVerdict
                | State::ExpectAcceptance
        )
    }

    fn stop_between_transactions(&mut self) {
        if self.stopping && matches!(self.state, State::ExpectHello | State::ExpectMail) {
            self.late_until = None;
            self.stop_now();
        }
    }

    fn stop_now(&mut self) {
        self.close_with(Reply::new(
            ReplyCode::SERVICE_NOT_AVAILABLE_421,
            StatusDetail::SYSTEM_NOT_ACCEPTING_X_3_2,
            format!("{} is stopping, try again later", self.config.host_name),
        ));
    }

    fn close_with(&mut self, reply: Reply) {
        self.reply(&reply);
        self.closed();
    }

    /// The session is over once the replies are out.
    fn closed(&mut self) {
        self.state = State::Closed;
        self.input = BytesMut::new();
        self.envelope = None;
        self.dropping_chunk = None;
        self.flush = true;
        self.close = true;
    }

    fn answer(&mut self, code: ReplyCode, detail: StatusDetail, text: &'static str) {
        self.reply(&Reply::new(code, detail, text));
    }

    fn reply(&mut self, reply: &Reply) {
        reply.write_to(&mut self.replies, self.config.extensions.enhanced_status_codes);
    }

    /// What became of a message: once, or for each of its recipients (RFC 2033 4.2). It is the same for all: whoever cannot be
    /// reached later is reported.
    fn reply_for_message(&mut self, reply: &Reply) {
        for _ in 0..if self.config.lmtp { self.recipients } else { 1 } {
            self.reply(reply);
        }
    }

    fn take_replies(&mut self) -> Output {
        Output::Down(self.replies.split().freeze())
    }
}

#[cfg(test)]
mod tests;
