//! Plays a script: one association after the other, one step after the other, each of them judged.
#![expect(clippy::disallowed_methods, reason = "shell: connects, accepts, reads files and the clock")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rasn_x400::x411::bind::BindError;
use rasn_x400::x419::MtsApdu;
use tokio::net::{TcpListener, TcpStream};

use super::craft::{self, Summary};
use super::lab::{self, Lab};
use super::line::{Event, Line};
use super::octets;
use super::script::{Action, Arrival, Credentials, Expectation, Role, Scene, Script, Sending, Step};
use super::verdict::{Outcome, Verdict, Verdicts};
use crate::mta::bind::Identity;
use crate::mta::stream::Trouble;
use crate::osi::stack::{Config, Misuse, Request, Resumable, TransferRefusal};

mod describe;
mod judge;

/// How long an `expect` waits unless the script says otherwise.
const PATIENCE: Duration = Duration::from_secs(30);

/// Plays all of a script and says what became of its steps. After a step that failed nothing more is tried.
///
/// `listener` is for associations that are answered, `call` the host and port of those that are opened.
pub(super) async fn play(
    lab: &Lab,
    name: &str,
    script: &Script,
    listener: Option<&TcpListener>,
    call: Option<&str>,
) -> Verdicts {
    let mut verdicts = Verdicts { script: name.to_owned(), steps: Vec::new() };
    let mut memory = Memory::default();
    for (number, scene) in script.associations.iter().enumerate() {
        let player = Player {
            lab,
            script,
            scene,
            number: number + 1,
            patience: script.settings.patience.unwrap_or(PATIENCE),
            listener,
            call,
            line: None,
            trouble: Trouble::default(),
            from: String::new(),
            arrived: None,
            memory: &mut memory,
            asked_to_close: false,
            over: false,
        };
        let go_on = verdicts.passed();
        player.play(go_on, &mut verdicts).await;
    }
    lab.say(&verdicts.summary());
    verdicts
}

/// What outlives an association.
#[derive(Default)]
struct Memory {
    /// What arrived last: reports are about it.
    arrived: Option<MtsApdu>,
    /// What was sent last, and where it can go on if it was cut off.
    sent: Option<(Bytes, Option<Resumable>)>,
}

/// Plays one association.
struct Player<'a> {
    lab: &'a Lab,
    script: &'a Script,
    scene: &'a Scene,
    number: usize,
    patience: Duration,
    listener: Option<&'a TcpListener>,
    call: Option<&'a str>,
    line: Option<Line>,
    /// What TLS says when it breaks: a responder refuses a certificate after the handshake.
    trouble: Trouble,
    /// Who is at the other end.
    from: String,
    /// What has arrived and waits for an answer.
    arrived: Option<Bytes>,
    /// What later associations need to know.
    memory: &'a mut Memory,
    /// The other side waits for the answer to its close.
    asked_to_close: bool,
    /// The association has ended; the connection may not have.
    over: bool,
}

/// Why a step failed.
struct Failure {
    expected: String,
    came: String,
}

impl Failure {
    fn new(expected: impl Into<String>, came: impl Into<String>) -> Self {
        Self { expected: expected.into(), came: came.into() }
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self::new("a state of the association in which this can be done", misuse.to_string())
    }
}

type Done = Result<String, Failure>;

impl Player<'_> {
    async fn play(mut self, mut go_on: bool, verdicts: &mut Verdicts) {
        if go_on {
            self.lab.say(&format!(
                "── association {} ({}, line {}) ──",
                self.number,
                match self.scene.role {
                    Role::Answer => "answered",
                    Role::Call => "called",
                },
                self.scene.line
            ));
        }
        for step in &self.scene.steps {
            let begun = Instant::now();
            let done = match go_on {
                true => Some(self.step(step).await),
                false => None,
            };
            let took = if self.lab.clock.is_deterministic() { Duration::ZERO } else { begun.elapsed() };
            let (outcome, expected, came) = match done {
                Some(Ok(came)) => (Outcome::Passed, String::new(), came),
                Some(Err(failure)) => (Outcome::Failed, failure.expected, failure.came),
                None => (Outcome::NotReached, String::new(), String::new()),
            };
            let verdict = Verdict {
                association: self.number,
                line: step.line,
                step: step.text.clone(),
                outcome,
                expected,
                came,
                clause: describe::clause(&step.action),
                took: if go_on { took } else { Duration::ZERO },
            };
            if go_on {
                self.lab.say(&verdict.text());
            }
            go_on &= outcome == Outcome::Passed;
            verdicts.steps.push(verdict);
        }
        self.end().await;
    }

    /// What is still open when the script says nothing more is aborted.
    async fn end(mut self) {
        let Some(mut line) = self.line.take() else { return };
        if self.asked_to_close && !self.over {
            let _ = line.request(Request::CloseAccept);
            self.over = true;
        }
        if self.over {
            line.wind_down().await;
        } else {
            line.abort(octets::Place::User, None).await;
        }
    }

    async fn step(&mut self, step: &Step) -> Done {
        if self.line.is_none() {
            self.connect().await?;
        }
        let done = self.act(&step.action).await?;
        if let Some(line) = &mut self.line {
            line.settle().await;
        }
        Ok(done)
    }

    /// The connection that the association is to be on.
    async fn connect(&mut self) -> Result<(), Failure> {
        let (expected, stream) = match (self.scene.role, self.listener, self.call) {
            (Role::Answer, Some(listener), _) => {
                let expected = "a TCP connection from the other side";
                let accepted = tokio::time::timeout(self.patience, listener.accept()).await;
                (
                    expected.to_owned(),
                    accepted.map(|result| result.map(|(stream, from)| (stream, Some(from)))),
                )
            }
            (Role::Call, _, Some(address)) => {
                let connected = tokio::time::timeout(self.patience, TcpStream::connect(address)).await;
                (
                    format!("a TCP connection to {address}"),
                    connected.map(|result| result.map(|it| (it, None))),
                )
            }
            (Role::Answer, None, _) => return Err(Failure::new("an address to listen on", "none was given")),
            (Role::Call, _, None) => return Err(Failure::new("an address to call", "none was given")),
        };
        let (stream, from): (TcpStream, Option<SocketAddr>) = match stream {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(Failure::new(expected, error.to_string())),
            Err(_) => return Err(Failure::new(expected, format!("nothing within {:?}", self.patience))),
        };
        let tls = &self.lab.options.tls;
        let secured = match self.scene.role {
            Role::Answer => tls.answered(stream).await,
            Role::Call => tls.called(stream).await,
        };
        let secured = secured.map_err(|failure| {
            Failure::new("TLS with the other side", format!("{failure}; help: {}", failure.advice))
        })?;
        let stream = secured.stream;
        self.trouble = secured.trouble;
        self.from = from.map_or_else(|| self.call.unwrap_or_default().to_owned(), |from| from.to_string());
        let (suspended, recorder) = (self.lab.suspended.clone(), self.lab.recorder(self.scene.role));
        let (config, maximum) = (self.config(), self.lab.options.maximum_message);
        self.line = Some(match self.scene.role {
            Role::Answer => Line::responder(Box::new(stream), config, maximum, suspended, recorder),
            Role::Call => Line::initiator(Box::new(stream), config, maximum, suspended, recorder),
        });
        Ok(())
    }

    fn config(&self) -> Config {
        let settings = &self.script.settings;
        let mut config = self.lab.options.stack.clone();
        config.dialogue_mode = settings.dialogue.unwrap_or(config.dialogue_mode);
        config.checkpoint_size = settings.checkpoint.unwrap_or(config.checkpoint_size);
        if let Some(mode) = settings.mode {
            (config.mode, config.answers) = (mode, vec![mode]);
        }
        config.window = settings.window.unwrap_or(config.window);
        config.reference = self.lab.reference();
        let [transport, session, presentation] = &settings.selectors;
        let called = &mut config.called;
        for (selector, chosen) in [
            (&mut called.transport, transport),
            (&mut called.session, session),
            (&mut called.presentation, presentation),
        ] {
            if let Some(chosen) = chosen {
                *selector = chosen.clone();
            }
        }
        config
    }

    fn identity(&self, credentials: &Credentials) -> Identity {
        let settings = &self.script.settings;
        let own = self.lab.options.identity();
        Identity {
            name: credentials.name.clone().or_else(|| settings.name.clone()).unwrap_or(own.name),
            password: credentials.password.clone().or_else(|| settings.password.clone()).or(own.password),
            ..self.lab.options.identity()
        }
    }

    fn line(&mut self) -> Result<&mut Line, Failure> {
        self.line.as_mut().ok_or_else(|| Failure::new("a connection", "there is none"))
    }

    async fn act(&mut self, action: &Action) -> Done {
        match action {
            Action::Expect { what, within } => return self.expect(what, *within).await,
            Action::RefuseConnection { reason } => {
                let reason = *reason;
                let line = self.line()?;
                line.control.replace_next(Box::new(move |seen| octets::refuse_connection(reason, seen)));
                line.wind_down().await;
                let sent = line.control.octets().0;
                self.over = true;
                return match sent {
                    0 => Err(Failure::new("a connection request to refuse", "nothing came")),
                    _ => Ok("refused by the transport".into()),
                };
            }
            Action::Bind(credentials) => {
                let identity = self.identity(credentials);
                self.line()?.bind(&identity)?;
            }
            Action::Accept(credentials) => {
                let identity = self.identity(credentials);
                self.line()?.accept(&identity)?;
            }
            Action::RefuseBind { error, temporary } => {
                self.line()?.refuse_bind(BindError(*error), !temporary)?;
                self.over = true;
            }
            Action::RefuseAt { place, reason } => {
                let line = self.line()?;
                line.control.inject(octets::refusal(*place, *reason, &line.control.seen()));
                line.settle().await;
                self.over = true;
            }
            Action::Confirm => return self.confirm().await,
            Action::RefuseTransfer(reason) => {
                self.arrived = None;
                self.line()?.refuse_transfer(*reason)?;
            }
            Action::Send(sending) => return self.send(sending),
            Action::Hold { octets } => self.line()?.hold_after(*octets),
            Action::GoOn => self.line()?.go_on()?,
            Action::Interrupt => self.line()?.interrupt()?,
            Action::Discard => self.line()?.discard()?,
            Action::Resume => return self.resume(),
            Action::SendOctets(octets) => {
                let line = self.line()?;
                line.control.inject(octets.clone());
                return Ok(format!("{} octets", octets.len()));
            }
            Action::SendError => {
                let line = self.line()?;
                line.control.inject(octets::transport_error(&line.control.seen()));
            }
            Action::AskForTurn { priority } => {
                self.line()?.request(Request::TurnPlease { priority: *priority })?;
            }
            Action::GiveTurn => self.line()?.request(Request::TurnGive)?,
            Action::Stall(time) => tokio::time::sleep(*time).await,
            Action::Abort { place, reason } => {
                self.over = true;
                self.line()?.abort(*place, *reason).await;
            }
            Action::Drop => {
                self.over = true;
                self.line()?.drop_connection().await;
            }
            Action::DropAfter { octets, sent: true } => self.line()?.control.cut_after_sent(*octets),
            Action::DropAfter { octets, sent: false } => self.line()?.control.cut_after_received(*octets),
            Action::Spoil(what) => self.line()?.control.spoil_next(*what),
            Action::Close => self.line()?.request(Request::Close)?,
        }
        Ok(String::new())
    }

    async fn confirm(&mut self) -> Done {
        if std::mem::take(&mut self.asked_to_close) {
            self.over = true;
            self.line()?.request(Request::CloseAccept)?;
            return Ok("the close".into());
        }
        let Some(apdu) = self.arrived.take() else {
            return Err(Failure::new("something to confirm", "nothing waits for an answer"));
        };
        let stored = self.lab.secure(&self.from, &apdu).await;
        stored.map_err(|error| Failure::new("a place to keep the message", error.to_string()))?;
        self.line()?.confirm_transfer()?;
        Ok("the transfer".into())
    }

    fn send(&mut self, sending: &Sending) -> Done {
        let wrong = |why: String| Failure::new("something that can be sent", why);
        let clock = &self.lab.clock;
        let (identifier, apdu) = match sending {
            Sending::Message(draft) => {
                craft::message(draft, clock).map_err(|error| wrong(error.to_string()))?
            }
            Sending::Probe(draft) => craft::probe(draft, clock).map_err(|error| wrong(error.to_string()))?,
            Sending::Report { recipients, fate } => {
                let subject =
                    self.memory.arrived.as_ref().ok_or_else(|| wrong("nothing has arrived".into()))?;
                let wanted = |name: &_| {
                    recipients.is_empty() || recipients.iter().any(|written| craft::is(name, written))
                };
                craft::report(subject, *fate, wanted, clock).map_err(wrong)?
            }
            Sending::File(path) => {
                let path = self.lab.options.script_folder.join(path);
                let octets = std::fs::read(&path);
                let octets = octets.map_err(|error| wrong(format!("{}: {error}", path.display())))?;
                let name =
                    lab::read(&octets).map_or_else(|_| String::new(), |(_, summary)| summary.identifier);
                (name, octets)
            }
        };
        let length = apdu.len();
        let apdu = Bytes::from(apdu);
        self.line()?.transfer(apdu.clone(), None)?;
        self.memory.sent = Some((apdu, None));
        Ok(format!("{length} octets, identifier {identifier}"))
    }

    /// Transfers again what was sent last, from where it was cut off if that is known.
    fn resume(&mut self) -> Done {
        let Some((apdu, resume)) = self.memory.sent.clone() else {
            return Err(Failure::new("a transfer to go on with", "nothing was sent before"));
        };
        let from = resume.as_ref().map_or(0, Resumable::octets);
        self.line()?.transfer(apdu, resume)?;
        Ok(format!("from octet {from}"))
    }

    async fn expect(&mut self, what: &Expectation, within: Option<Duration>) -> Done {
        let patience = within.unwrap_or(self.patience);
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            if *what == Expectation::End && self.line.as_ref().is_none_or(Line::is_over) {
                return Ok("the connection has ended".into());
            }
            let event = match tokio::time::timeout_at(deadline, self.line()?.next()).await {
                Ok(Some(event)) => event,
                Ok(None) => {
                    let came =
                        self.with_trouble("the connection has ended, and all about it was told".into());
                    return Err(Failure::new(describe::expectation(what), came));
                }
                Err(_) => {
                    let came = format!("nothing within {patience:?}");
                    return Err(Failure::new(describe::expectation(what), came));
                }
            };
            let came = describe::event(&event);
            self.note(&event);
            match judge::judge(what, &event) {
                judge::Judgement::NotAbout => self.lab.say(&format!("            {came}")),
                judge::Judgement::AsExpected => return Ok(came),
                judge::Judgement::Otherwise(why) => {
                    let came = if why.is_empty() { came } else { format!("{came}: {why}") };
                    return Err(Failure::new(describe::expectation(what), self.with_trouble(came)));
                }
            }
        }
    }

    /// What came, and what TLS says of it if it broke.
    fn with_trouble(&self, came: String) -> String {
        match self.trouble.get() {
            Some(failure) => format!("{came}; {failure}; help: {}", failure.advice),
            None => came,
        }
    }

    /// Remembers what later steps need.
    fn note(&mut self, event: &Event) {
        match event {
            Event::Bind(open) => {
                if let Some(name) = lab::name_in(&open.user_data) {
                    self.from = format!("MTA `{name}`");
                }
            }
            Event::Bound { result, .. } => {
                if let Some(name) = lab::name_in(result) {
                    self.from = format!("MTA `{name}`");
                }
            }
            Event::Arrived(apdu) => {
                self.arrived = Some(apdu.clone());
                self.memory.arrived = lab::read(apdu).ok().map(|(value, _)| value);
            }
            Event::Withdrawn(_) | Event::Interrupted(_) => self.arrived = None,
            Event::NotTaken { resumable, .. } | Event::GivenUp(resumable) => {
                if let Some((_, resume)) = &mut self.memory.sent {
                    resume.clone_from(resumable);
                }
            }
            Event::Close => self.asked_to_close = true,
            Event::Refused(_) | Event::Closed | Event::Aborted(_) | Event::Disconnected => self.over = true,
            _ => {}
        }
    }
}
