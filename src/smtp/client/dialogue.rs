//! The client side of an SMTP or LMTP session as a machine without I/O (RFC 5321, RFC 2033, RFC 2920, RFC 3207).
//!
//! ```text
//!   receive(octets) ─► ReplyReader ─► reply ─► transition ─► poll: Down(commands), Secure, Close
//!                                                  ▲     └──► poll: Up(Ready, Content, Done)
//!                                     request: Send, Content, ContentEnd, Secured, Quit
//! ```
//!
//! 1. Greeting, EHLO, perhaps STARTTLS and EHLO again, perhaps HELO, perhaps AUTH: then [`Event::Ready`].
//! 2. [`Request::Send`] begins a transaction. MAIL and all RCPTs leave together where the server takes that; DATA or BDAT
//!    only once a recipient is taken, so that no server ever gets an empty mail.
//! 3. [`Event::Content`] asks for the content, in pieces; [`Event::Done`] has a [`Verdict`] for each recipient.
//!
//! Every recipient gets its verdict, however the session ends. One that is [`Verdict::Unanswered`] after the content was sent
//! may have its mail: it gets it a second time rather than not at all (RFC 5321 4.5.4.1, RFC 1047).
//!
//! Deliberately absent: clocks, sockets, and whether anything is tried again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use thiserror::Error;

use super::dots::Stuffing;
use super::mail::{Impossible, Prepared, Transmission};
use super::offer::Offer;
use super::reply::ReplyReader;
use crate::smtp::reply::{Reply, ReplyCode};
use crate::smtp::sasl::client::Login;

mod introduction;
mod transaction;

use introduction::Introducing;

use transaction::{Step, Transaction};

/// What is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// To a server that relays or delivers.
    #[default]
    Smtp,
    /// To a server that delivers at once, and says so for each recipient (RFC 2033).
    Lmtp,
}

/// Whether STARTTLS is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartTls {
    /// Never.
    Off,
    /// Where it is offered.
    #[default]
    Opportunistic,
    /// Or there is no session. What an operator requires is TLS with a certificate that is good.
    Required,
}

/// What a session is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What we call ourselves.
    pub name: String,
    /// What is spoken.
    pub protocol: Protocol,
    /// Whether STARTTLS is used.
    pub start_tls: StartTls,
    /// Who we are to the server (RFC 4954); without one it is not told.
    pub login: Option<Login>,
    /// How long is waited.
    pub timeouts: Timeouts,
}

/// How long is waited for a server (RFC 5321 4.5.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the greeting, and the answers to EHLO, STARTTLS, AUTH, RSET.
    pub greeting: Duration,
    /// For the answers to MAIL and RCPT.
    pub envelope: Duration,
    /// For the answer to DATA.
    pub data: Duration,
    /// Until a piece of the content is taken.
    pub block: Duration,
    /// For the answer to the content.
    pub content: Duration,
    /// For the answer to QUIT.
    pub quit: Duration,
}

impl Default for Timeouts {
    /// Those of RFC 5321; nobody needs the answer to QUIT.
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self {
            greeting: minutes(5),
            envelope: minutes(5),
            data: minutes(2),
            block: minutes(3),
            content: minutes(10),
            quit: Duration::from_secs(2),
        }
    }
}

/// What became of one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The server has the mail for it.
    Taken(Reply),
    /// The server does not want it, now (4yz) or ever (5yz).
    Refused(Reply),
    /// The server could not be asked.
    Impossible(Impossible),
    /// The server said nothing about it that could be understood.
    Unanswered(String),
}

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Trouble {
    /// The server does not want any.
    #[error("the server said: {0}")]
    Refused(Reply),
    /// TLS is required.
    #[error("TLS is required, and {0}")]
    NoTls(String),
    /// The server does not know us.
    #[error("the server does not let us in: {0}")]
    NotKnown(String),
    /// The server does not speak the protocol, or says nothing.
    #[error("{0}")]
    Broken(String),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this to the server.
    Down(Bytes),
    /// Tell the layer above.
    Up(Event),
    /// Do the handshake of TLS, and then [`Request::Secured`].
    Secure,
    /// Close the connection; nothing follows.
    Close(Option<Trouble>),
}

/// What the session has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A mail can be sent.
    Ready,
    /// The content is wanted: [`Request::Content`] and [`Request::ContentEnd`].
    Content,
    /// A verdict for each recipient of the mail, in their order.
    Done(Vec<Verdict>),
}

/// What the layer above wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Send a mail, which was [prepared](super::mail::prepare) for this [offer](Dialogue::offer).
    Send(Prepared),
    /// Octets of its content.
    Content(Bytes),
    /// That was all of it.
    ContentEnd,
    /// The handshake is done.
    Secured,
    /// Say goodbye.
    Quit,
}

/// The layer above asked for what cannot be now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no such request now: the session is in state {state:?}")]
pub struct Misuse {
    /// The state it is in.
    pub state: State,
}

/// What the session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The first words of the server.
    ExpectGreeting,
    /// The answer to EHLO or LHLO.
    ExpectOffer,
    /// The answer to HELO.
    ExpectWelcome,
    /// The answer to STARTTLS.
    ExpectStartTls,
    /// The end of the handshake.
    ExpectSecured,
    /// An answer to AUTH, or to what was said after it.
    ExpectKnown,
    /// A mail.
    Ready,
    /// Answers to MAIL and RCPT.
    ExpectEnvelope,
    /// The answer to DATA.
    ExpectGoAhead,
    /// Content.
    ExpectContent,
    /// The answer to the content, or one for each recipient.
    ExpectVerdict,
    /// The answer to RSET.
    ExpectReset,
    /// The answer to QUIT.
    ExpectGoodbye,
    /// Nothing.
    Closed,
}

impl State {
    /// What is waited for, in words.
    const fn awaited(self) -> &'static str {
        match self {
            Self::ExpectGreeting => "a greeting",
            Self::ExpectOffer => "an answer to EHLO",
            Self::ExpectWelcome => "an answer to HELO",
            Self::ExpectStartTls => "an answer to STARTTLS",
            Self::ExpectSecured => "the handshake of TLS",
            Self::ExpectKnown => "an answer to AUTH",
            Self::ExpectEnvelope => "an answer to MAIL or RCPT",
            Self::ExpectGoAhead => "an answer to DATA",
            Self::ExpectContent => "the content to be taken",
            Self::ExpectVerdict => "an answer to the mail, which was sent as a whole and may arrive twice",
            Self::ExpectReset => "an answer to RSET",
            Self::ExpectGoodbye => "an answer to QUIT",
            Self::Ready | Self::Closed => "nothing",
        }
    }
}

/// A session.
#[derive(Debug)]
pub struct Dialogue {
    settings: Settings,
    state: State,
    reader: ReplyReader,
    offer: Offer,
    secured: bool,
    introducing: Option<Introducing>,
    transaction: Option<Transaction>,
    stuffing: Stuffing,
    outputs: VecDeque<Output>,
    deadline: Option<Instant>,
}

impl Dialogue {
    /// A session on a connection that was just opened.
    pub fn new(settings: Settings, now: Instant) -> Self {
        let mut dialogue = Self {
            settings,
            state: State::ExpectGreeting,
            reader: ReplyReader::default(),
            offer: Offer::default(),
            secured: false,
            introducing: None,
            transaction: None,
            stuffing: Stuffing::default(),
            outputs: VecDeque::new(),
            deadline: None,
        };
        dialogue.await_in(State::ExpectGreeting, now);
        dialogue
    }

    /// What the server offers; of a server that knows no extensions, nothing.
    pub fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Whether TLS is under the session.
    pub fn is_secured(&self) -> bool {
        self.secured
    }

    /// What it waits for.
    pub fn state(&self) -> State {
        self.state
    }

    /// Until when it waits.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Something is wanted from above.
    ///
    /// # Errors
    /// [`Misuse`] when the session is not in the state for it.
    pub fn request(&mut self, request: Request, now: Instant) -> Result<(), Misuse> {
        match (self.state, request) {
            (State::Ready, Request::Send(prepared)) => self.begin(prepared, now),
            (State::ExpectContent, Request::Content(octets)) => {
                self.content(octets);
                self.await_in(State::ExpectContent, now);
            }
            (State::ExpectContent, Request::ContentEnd) => {
                if self.transmission() == Transmission::Lines {
                    let end = self.stuffing.end();
                    self.outputs.push_back(Output::Down(end));
                }
                self.await_in(State::ExpectVerdict, now);
            }
            (State::ExpectSecured, Request::Secured) => {
                // RFC 3207 4.2: what was said before does not count.
                self.secured = true;
                self.offer = Offer::default();
                self.hello(now);
            }
            (State::Ready | State::ExpectReset, Request::Quit) => {
                self.say("QUIT");
                self.await_in(State::ExpectGoodbye, now);
            }
            (state, _) => return Err(Misuse { state }),
        }
        Ok(())
    }

    /// Octets from the server.
    pub fn receive(&mut self, octets: &[u8], now: Instant) {
        if self.state == State::Closed {
            return;
        }
        self.reader.receive(octets);
        loop {
            match self.reader.next_reply() {
                Ok(Some(reply)) => self.replied(reply, now),
                Ok(None) => return,
                Err(nonsense) => return self.broken(format!("the server does not speak SMTP: {nonsense}")),
            }
            if self.state == State::Closed {
                return;
            }
        }
    }

    /// The deadline passed.
    pub fn timeout(&mut self, now: Instant) {
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.broken(format!("waited in vain for {}", self.state.awaited()));
        }
    }

    /// The connection is gone.
    pub fn closed(&mut self, why: &str) {
        match self.state {
            State::Closed => {}
            // Whoever hangs up in place of an answer to QUIT is as gone as he was asked to be.
            State::Ready | State::ExpectGoodbye => self.close(None),
            _ => self.broken(format!("{why}, waiting for {}", self.state.awaited())),
        }
    }

    fn replied(&mut self, reply: Reply, now: Instant) {
        if reply.code() == ReplyCode::SERVICE_NOT_AVAILABLE_421 {
            // RFC 5321 3.8: the server hangs up, whatever it was asked.
            return self.refused(reply);
        }
        let done = reply.code().is_completion();
        let refused = reply.code().number() >= 400;
        match self.state {
            State::ExpectGreeting if done => self.hello(now),
            State::ExpectOffer if done => self.offered(&reply, now),
            State::ExpectOffer if reply.code().is_permanent() && self.settings.protocol == Protocol::Smtp => {
                // RFC 5321 3.2, 4.1.1.1
                self.say_with_name("HELO");
                self.await_in(State::ExpectWelcome, now);
            }
            State::ExpectWelcome if done => self.welcomed("the server knows no extensions", now),
            State::ExpectStartTls if reply.code() == ReplyCode::SERVICE_READY_220 => {
                if self.reader.is_empty() {
                    self.await_in(State::ExpectSecured, now);
                    self.outputs.push_back(Output::Secure);
                } else {
                    // Somebody between us put them there, to have them read as if they were secure.
                    self.broken("the server went on in the clear after STARTTLS".into());
                }
            }
            State::ExpectStartTls if refused => match self.settings.start_tls {
                StartTls::Required => {
                    self.close(Some(Trouble::NoTls(format!("the server answered STARTTLS with: {reply}"))));
                }
                StartTls::Off | StartTls::Opportunistic => self.introduce(now),
            },
            State::ExpectKnown => self.introduction_reply(&reply, now),
            State::ExpectEnvelope | State::ExpectGoAhead | State::ExpectVerdict => {
                self.transaction_reply(reply, now);
            }
            // It does not want to hear the rest, and there is no way to end the content but the connection.
            State::ExpectContent if refused => self.refused(reply),
            State::ExpectReset if done => self.ready(),
            State::ExpectGoodbye => self.close(None),
            State::ExpectGreeting | State::ExpectOffer | State::ExpectWelcome | State::ExpectReset
                if refused =>
            {
                self.refused(reply);
            }
            state => self.broken(format!("the server said `{reply}`, expected was {}", state.awaited())),
        }
    }

    fn hello(&mut self, now: Instant) {
        self.say_with_name(match self.settings.protocol {
            Protocol::Smtp => "EHLO",
            Protocol::Lmtp => "LHLO",
        });
        self.await_in(State::ExpectOffer, now);
    }

    fn offered(&mut self, reply: &Reply, now: Instant) {
        self.offer = Offer::of(reply);
        if self.offer.start_tls && !self.secured && self.settings.start_tls != StartTls::Off {
            self.say("STARTTLS");
            self.await_in(State::ExpectStartTls, now);
        } else {
            self.welcomed("the server does not offer STARTTLS", now);
        }
    }

    fn welcomed(&mut self, why_no_tls: &str, now: Instant) {
        if self.settings.start_tls == StartTls::Required && !self.secured {
            self.close(Some(Trouble::NoTls(why_no_tls.to_owned())));
        } else {
            self.introduce(now);
        }
    }

    fn ready(&mut self) {
        self.state = State::Ready;
        self.deadline = None;
        self.outputs.push_back(Output::Up(Event::Ready));
    }

    fn refused(&mut self, reply: Reply) {
        if let Some(transaction) = self.transaction.take() {
            let verdicts = transaction.end(&Verdict::Refused(reply.clone()));
            self.outputs.push_back(Output::Up(Event::Done(verdicts)));
        }
        self.close(Some(Trouble::Refused(reply)));
    }

    fn broken(&mut self, why: String) {
        if let Some(transaction) = self.transaction.take() {
            let verdicts = transaction.end(&Verdict::Unanswered(why.clone()));
            self.outputs.push_back(Output::Up(Event::Done(verdicts)));
        }
        self.close(Some(Trouble::Broken(why)));
    }

    fn close(&mut self, trouble: Option<Trouble>) {
        self.state = State::Closed;
        self.deadline = None;
        self.outputs.push_back(Output::Close(trouble));
    }

    fn say(&mut self, line: &str) {
        self.outputs.push_back(Output::Down(format!("{line}\r\n").into()));
    }

    fn say_with_name(&mut self, verb: &str) {
        self.say(&format!("{verb} {}", self.settings.name));
    }

    fn await_in(&mut self, state: State, now: Instant) {
        let timeouts = &self.settings.timeouts;
        let wait = match state {
            State::ExpectGreeting
            | State::ExpectOffer
            | State::ExpectWelcome
            | State::ExpectStartTls
            | State::ExpectSecured
            | State::ExpectKnown
            | State::ExpectReset => timeouts.greeting,
            State::ExpectEnvelope => timeouts.envelope,
            State::ExpectGoAhead => timeouts.data,
            State::ExpectContent => timeouts.block,
            State::ExpectVerdict => timeouts.content,
            State::ExpectGoodbye => timeouts.quit,
            State::Ready | State::Closed => return,
        };
        self.state = state;
        self.deadline = now.checked_add(wait);
    }
}

/// The transaction.
impl Dialogue {
    fn begin(&mut self, prepared: Prepared, now: Instant) {
        let mut transaction = Transaction::new(prepared);
        if transaction.is_hopeless() {
            self.outputs.push_back(Output::Up(Event::Done(transaction.verdicts())));
            return self.ready();
        }
        let group = if self.offer.pipelining { transaction.everything() } else { transaction.next_command() };
        self.outputs.extend(group.map(Output::Down));
        self.transaction = Some(transaction);
        self.await_in(State::ExpectEnvelope, now);
    }

    fn transaction_reply(&mut self, reply: Reply, now: Instant) {
        let Some(mut transaction) = self.transaction.take() else { return };
        match self.state {
            State::ExpectEnvelope => match transaction.envelope(reply) {
                Ok(Step::More(command)) => {
                    self.outputs.extend(command.map(Output::Down));
                    self.transaction = Some(transaction);
                    self.await_in(State::ExpectEnvelope, now);
                }
                Ok(Step::Content) => self.start_content(transaction, now),
                Ok(Step::Over { reset }) => self.over(transaction, reset, now),
                Err(why) => self.gave_nonsense(transaction, why),
            },
            State::ExpectGoAhead if reply.code() == ReplyCode::START_MAIL_INPUT_354 => {
                self.transaction = Some(transaction);
                self.ask_for_content(now);
            }
            State::ExpectGoAhead if reply.code().number() >= 400 => {
                transaction.refuse_taken(&reply);
                self.over(transaction, true, now);
            }
            State::ExpectVerdict => match transaction.verdict(reply, self.settings.protocol) {
                Ok(true) => self.over(transaction, false, now),
                Ok(false) => {
                    self.transaction = Some(transaction);
                    self.await_in(State::ExpectVerdict, now);
                }
                Err(why) => self.gave_nonsense(transaction, why),
            },
            state => {
                let why = format!("the server said `{reply}`, expected was {}", state.awaited());
                self.gave_nonsense(transaction, why);
            }
        }
    }

    fn start_content(&mut self, transaction: Transaction, now: Instant) {
        let transmission = transaction.transmission();
        let length = transaction.content_length();
        self.transaction = Some(transaction);
        match transmission {
            Transmission::Lines => {
                self.say("DATA");
                self.await_in(State::ExpectGoAhead, now);
            }
            Transmission::Chunk => {
                self.say(&format!("BDAT {length} LAST"));
                self.ask_for_content(now);
            }
        }
    }

    fn ask_for_content(&mut self, now: Instant) {
        self.stuffing = Stuffing::default();
        self.outputs.push_back(Output::Up(Event::Content));
        self.await_in(State::ExpectContent, now);
    }

    fn transmission(&self) -> Transmission {
        self.transaction.as_ref().map_or(Transmission::Lines, Transaction::transmission)
    }

    fn content(&mut self, octets: Bytes) {
        if octets.is_empty() {
            return;
        }
        match self.transmission() {
            Transmission::Lines => self.outputs.extend(self.stuffing.pass(octets).map(Output::Down)),
            Transmission::Chunk => self.outputs.push_back(Output::Down(octets)),
        }
    }

    /// Everybody has a verdict.
    fn over(&mut self, transaction: Transaction, reset: bool, now: Instant) {
        self.outputs.push_back(Output::Up(Event::Done(transaction.verdicts())));
        if reset {
            self.say("RSET");
            self.await_in(State::ExpectReset, now);
        } else {
            self.ready();
        }
    }

    fn gave_nonsense(&mut self, transaction: Transaction, why: String) {
        self.transaction = Some(transaction);
        self.broken(why);
    }
}
