//! The session in which the gateway gets the message: SMTP, as from anybody else.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::exit::{Exit, Failed};
use super::message::Body;
use crate::smtp::client::dialogue::{
    Dialogue, Event, Output, Protocol, Request, Settings, StartTls, State, Timeouts, Trouble, Verdict,
};
use crate::smtp::client::mail::{Prepared, Transmission};
use crate::smtp::client::offer::Offer;
use crate::smtp::command::parameters::to_xtext;

/// Octets that are read from the gateway at once.
const READ: usize = 4 << 10;

/// What is sent, and for whom.
#[derive(Debug)]
pub(super) struct Envelope {
    /// The reverse path; empty for the null one.
    pub(super) sender: String,
    /// At least one.
    pub(super) recipients: Vec<String>,
    /// As NOTIFY writes it.
    pub(super) notify: Option<String>,
    /// As RET writes it.
    pub(super) returned: Option<&'static str>,
    /// The name that reports give it.
    pub(super) envelope_id: Option<String>,
}

/// Sends a message over a connection; gives what the gateway said to each recipient, in order. `name` is what we call ourselves.
///
/// # Errors
/// Nobody got it, and why.
pub(super) fn send(
    stream: TcpStream,
    name: String,
    envelope: &Envelope,
    header: Vec<u8>,
    body: Body,
) -> Result<Vec<Verdict>, Failed> {
    let settings = Settings {
        name,
        protocol: Protocol::Smtp,
        start_tls: StartTls::Off,
        login: None,
        timeouts: Timeouts::default(),
    };
    let mut session = Session { stream, dialogue: Dialogue::new(settings, Instant::now()) };
    match session.advance() {
        Ok(Event::Ready) => {}
        Ok(_) => return Err(Failed::new(Exit::Temporary, "the gateway does not speak SMTP")),
        Err(trouble) => return Err(no_session(trouble)),
    }
    let prepared = envelope.prepared(&header, &body, session.dialogue.offer());
    session.request(Request::Send(prepared));
    let mut content = Some((header, body));
    loop {
        match session.advance() {
            Ok(Event::Done(verdicts)) => {
                session.request(Request::Quit);
                while session.advance().is_ok() {}
                return Ok(verdicts);
            }
            Ok(Event::Content) => {
                let Some((header, body)) = content.take() else { continue };
                session.content(header);
                let read = body.each(|piece| session.content(piece));
                // Hung up in the middle, the gateway takes none of it.
                read.map_err(|error| {
                    Failed::new(Exit::Input, format!("the message cannot be read again: {error}"))
                })?;
                session.request(Request::ContentEnd);
            }
            Ok(Event::Ready) => {}
            Err(trouble) => return Err(no_session(trouble)),
        }
    }
}

fn no_session(trouble: Option<Trouble>) -> Failed {
    match trouble {
        Some(Trouble::Refused(reply)) => {
            Failed::new(Exit::of_refusal(&reply), format!("the gateway said: {reply}"))
        }
        Some(trouble) => Failed::new(Exit::Temporary, trouble.to_string()),
        None => Failed::new(Exit::Temporary, "the gateway hung up"),
    }
}

impl Envelope {
    /// The commands for a gateway that offers this. Addresses have been read before, so that none ends its line.
    fn prepared(&self, header: &[u8], body: &Body, offer: &Offer) -> Prepared {
        let is_ascii =
            header.is_ascii() && self.sender.is_ascii() && self.recipients.iter().all(|one| one.is_ascii());
        let mut mail = format!("MAIL FROM:<{}>", self.sender);
        if offer.size.is_some() {
            mail += &format!(" SIZE={}", header.len() as u64 + body.length());
        }
        if offer.eight_bit_mime && (body.is_eight_bit || !header.is_ascii()) {
            mail += " BODY=8BITMIME";
        }
        if offer.smtp_utf8 && !is_ascii {
            mail += " SMTPUTF8";
        }
        let mut notify = String::new();
        if offer.dsn {
            mail += &self.returned.map(|word| format!(" RET={word}")).unwrap_or_default();
            let envelope_id = self.envelope_id.as_deref().map(to_xtext);
            mail += &envelope_id.map(|xtext| format!(" ENVID={xtext}")).unwrap_or_default();
            notify = self.notify.as_ref().map(|words| format!(" NOTIFY={words}")).unwrap_or_default();
        }
        let recipients = self.recipients.iter().map(|one| Ok(format!("RCPT TO:<{one}>{notify}")));
        let (recipients, content) = (recipients.collect(), Arc::default());
        Prepared { mail, recipients, content, transmission: Transmission::Lines }
    }
}

struct Session {
    stream: TcpStream,
    dialogue: Dialogue,
}

impl Session {
    /// A request that the session is in the state for; where it has ended meanwhile, that is told next.
    fn request(&mut self, request: Request) {
        let _ = self.dialogue.request(request, Instant::now());
    }

    /// A piece of the content, as long as it is wanted.
    fn content(&mut self, piece: Vec<u8>) {
        if self.dialogue.state() != State::ExpectContent {
            return;
        }
        self.request(Request::Content(piece.into()));
        while self.dialogue.state() == State::ExpectContent {
            let Some(Output::Down(octets)) = self.dialogue.poll() else { return };
            self.write(&octets);
        }
    }

    /// Until something is to be told.
    fn advance(&mut self) -> Result<Event, Option<Trouble>> {
        loop {
            match self.dialogue.poll() {
                Some(Output::Down(octets)) => self.write(&octets),
                Some(Output::Up(event)) => return Ok(event),
                Some(Output::Close(trouble)) => return Err(trouble),
                Some(Output::Secure) => self.dialogue.closed("there is no TLS here"),
                None => self.listen(),
            }
        }
    }

    fn write(&mut self, octets: &[u8]) {
        let written =
            self.stream.set_write_timeout(Some(self.left())).and_then(|()| self.stream.write_all(octets));
        if let Err(error) = written {
            self.listen();
            self.dialogue.closed(&format!("the connection is gone ({error})"));
        }
    }

    fn listen(&mut self) {
        let mut octets = [0; READ];
        let read =
            self.stream.set_read_timeout(Some(self.left())).and_then(|()| self.stream.read(&mut octets));
        match read {
            Ok(0) => self.dialogue.closed("the gateway hung up"),
            Ok(count) => self.dialogue.receive(octets.get(..count).unwrap_or_default(), Instant::now()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                self.dialogue.timeout(Instant::now());
            }
            Err(error) => self.dialogue.closed(&format!("the connection is gone ({error})")),
        }
    }

    /// How long is waited from now on; never nothing, which would be for ever.
    fn left(&self) -> Duration {
        let deadline =
            self.dialogue.deadline().unwrap_or_else(|| Instant::now() + Timeouts::default().greeting);
        deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))
    }
}
