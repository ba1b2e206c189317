//! Reaches out to an MTA layer by layer and says what each of them answers, in plain words.
//!
//! ```text
//! TCP connect ─► perhaps TLS ─► CR/CC ─► CN, CP, AARQ, RTORQ, bind ─► the same way back ─► perhaps a probe ─► close
//! ```
//!
//! One round trip carries all layers above transport; a refusal names the layer it comes from, so that those below it
//! have agreed.
#![expect(clippy::disallowed_methods, reason = "shell: connects and reads the clock")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::Priority;
use tokio::net::TcpStream;

use super::clock::Clock;
use super::craft::{self, Draft};
use super::lab;
use super::line::{Event, Line};
use super::secured::Secured;
use super::suspended::Suspended;
use crate::mta::bind::{self, Identity};
use crate::mta::stream::Trouble;
use crate::mta::tls::{self, Initiator};
use crate::osi::stack::{Config, Layer, Refusal, Request};

mod timeline;

use timeline::Timeline;

/// Whom to reach, and as whom.
#[derive(Debug, Clone)]
pub struct Target {
    /// Host and port.
    pub address: String,
    /// TLS, if it is spoken there.
    pub tls: Option<Initiator>,
    /// Selectors, sizes and timers.
    pub stack: Config,
    /// The name and password to bind with.
    pub identity: Identity,
    /// Where to send a probe.
    pub probe: Option<OrName>,
    /// How long each step may take.
    pub patience: Duration,
}

/// What one layer answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which layer, with its standard.
    pub layer: &'static str,
    /// What it did.
    pub outcome: Outcome,
    /// In words.
    pub words: String,
    /// What to do about it; empty if there is nothing to do.
    pub advice: String,
    /// How long it took, where it took a round trip of its own.
    pub took: Option<Duration>,
}

/// What a layer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It agreed.
    Agreed,
    /// It did not, or did not answer.
    Failed,
    /// A layer below it failed.
    NotReached,
}

/// All layers, from below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Whom they are from.
    pub address: String,
    /// One for each layer.
    pub layers: Vec<Answer>,
}

const TCP: &str = "TCP";
const TLS: &str = "TLS (RFC 8446)";
/// The layers in order, with the one of the stack that each is.
const LAYERS: [(&str, Layer); 6] = [
    ("transport (RFC 1006, X.224)", Layer::Transport),
    ("session (X.225)", Layer::Session),
    ("presentation (X.226)", Layer::Presentation),
    ("association control (X.227)", Layer::Acse),
    ("reliable transfer (X.228)", Layer::Rtse),
    ("MTA bind (X.411)", Layer::Application),
];
const PROBE: &str = "probe (X.411)";
const RELEASE: &str = "release";

impl Answers {
    /// Whether every layer agreed.
    #[must_use]
    pub fn all_agreed(&self) -> bool {
        self.layers.iter().all(|answer| answer.outcome == Outcome::Agreed)
    }

    /// One line for each layer, and the advice.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.address);
        for Answer { layer, outcome, words, advice, took } in &self.layers {
            let mark = match outcome {
                Outcome::Agreed => "ok",
                Outcome::Failed => "FAIL",
                Outcome::NotReached => "-",
            };
            let _ = write!(text, "  {mark:<5}{layer:<30}{words}");
            if let Some(took) = took {
                let _ = write!(text, " ({:.1} ms)", took.as_secs_f64() * 1_000.0);
            }
            text.push('\n');
            if !advice.is_empty() {
                let _ = writeln!(text, "       help: {advice}");
            }
        }
        text
    }

    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let layers: Vec<serde_json::Value> = self
            .layers
            .iter()
            .map(|answer| {
                serde_json::json!({
                    "layer": answer.layer,
                    "outcome": match answer.outcome {
                        Outcome::Agreed => "agreed",
                        Outcome::Failed => "failed",
                        Outcome::NotReached => "not-reached",
                    },
                    "words": answer.words,
                    "advice": answer.advice,
                    "microseconds": answer.took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
                })
            })
            .collect();
        serde_json::json!({ "address": self.address, "agreed": self.all_agreed(), "layers": layers })
    }

    fn push(&mut self, layer: &'static str, outcome: Outcome, words: impl Into<String>) -> &mut Answer {
        let words = words.into();
        self.layers.push(Answer { layer, outcome, words, advice: String::new(), took: None });
        let last = self.layers.len() - 1;
        &mut self.layers[last]
    }
}

/// Reaches out, and closes what it has opened.
pub async fn ping(target: &Target) -> Answers {
    let mut answers = Answers { address: target.address.clone(), layers: Vec::new() };
    let begun = Instant::now();
    let stream = tokio::time::timeout(target.patience, TcpStream::connect(&target.address)).await;
    let (why, advice) = match stream {
        Ok(Ok(stream)) => {
            let words = match stream.peer_addr() {
                Ok(address) => format!("connected to {address}"),
                Err(_) => "connected".into(),
            };
            answers.push(TCP, Outcome::Agreed, words).took = Some(begun.elapsed());
            match secure(target, stream, &mut answers).await {
                Some(secured) => associate(target, secured, &mut answers).await,
                None => not_reached(&mut answers),
            }
            return answers;
        }
        Ok(Err(error)) => (error.to_string(), unreachable(error.kind())),
        Err(_) => (
            format!("no answer within {:?}", target.patience),
            "a firewall may drop the packets, or the host is down: ask the peer's operator",
        ),
    };
    answers.push(TCP, Outcome::Failed, why).advice = advice.into();
    if target.tls.is_some() {
        answers.push(TLS, Outcome::NotReached, "");
    }
    not_reached(&mut answers);
    answers
}

/// The stack has nothing to stand on.
fn not_reached(answers: &mut Answers) {
    for (layer, _) in LAYERS {
        answers.push(layer, Outcome::NotReached, "");
    }
}

/// TLS, where it is wanted; `None` if it failed.
async fn secure(target: &Target, stream: TcpStream, answers: &mut Answers) -> Option<Secured> {
    let Some(initiator) = &target.tls else { return Some(Secured::plain(stream)) };
    let begun = Instant::now();
    match Secured::called(initiator, stream, target.patience).await {
        Ok(secured) => {
            let words = secured.tls.clone().unwrap_or_default();
            answers.push(TLS, Outcome::Agreed, words).took = Some(begun.elapsed());
            Some(secured)
        }
        Err(failure) => {
            answers.push(TLS, Outcome::Failed, failure.why).advice = failure.advice.into();
            None
        }
    }
}

/// In TLS 1.3 a responder refuses our certificate after the handshake: then it was not TLS that agreed.
fn refused_by_tls(trouble: &Trouble, answers: &mut Answers) -> bool {
    let Some(tls::Failure { why, advice, .. }) = trouble.get() else { return false };
    answers.layers.retain(|answer| answer.layer != TLS);
    answers.push(TLS, Outcome::Failed, why).advice = (*advice).into();
    not_reached(answers);
    true
}

/// What to do when there is no TCP connection.
const fn unreachable(kind: std::io::ErrorKind) -> &'static str {
    match kind {
        std::io::ErrorKind::ConnectionRefused => {
            "nothing listens on that port: check it (RFC 1006 has 102), and whether the MTA runs"
        }
        std::io::ErrorKind::HostUnreachable | std::io::ErrorKind::NetworkUnreachable => {
            "check routes and firewalls between here and there"
        }
        _ => "check the name of the host and the port",
    }
}

async fn associate(target: &Target, secured: Secured, answers: &mut Answers) {
    let Secured { stream, trouble, .. } = secured;
    let timeline = Timeline::default();
    let recorder = Box::new(timeline.clone());
    let mut line = Line::initiator(
        Box::new(stream),
        target.stack.clone(),
        usize::MAX,
        Suspended::default(),
        Some(recorder),
    );
    if let Err(misuse) = line.bind(&target.identity) {
        answers.push(LAYERS[0].0, Outcome::Failed, misuse.to_string());
        return;
    }
    let bound = loop {
        match next(&mut line, target.patience).await {
            Some(Event::Bound { result, checkpoint_size, window }) => {
                break (result, checkpoint_size, window);
            }
            Some(Event::Refused(_) | Event::Disconnected) | None if refused_by_tls(&trouble, answers) => {
                return;
            }
            Some(Event::Refused(refusal)) => return refused(&refusal, &timeline, answers),
            Some(Event::Disconnected) | None => return silent(target, &timeline, answers),
            Some(_) => {}
        }
    };
    let agreed = timeline.agreed();
    for (layer, of_stack) in LAYERS {
        let words = match of_stack {
            Layer::Rtse => format!("{}; window {}", checkpoints(bound.1), bound.2),
            Layer::Application => match lab::name_in(&bound.0) {
                Some(name) => format!("bound to MTA `{name}`"),
                None => "bound to an MTA without a name".into(),
            },
            Layer::Presentation | Layer::Acse if target.stack.mode.is_x410() => {
                "not spoken in X.410 (1984) mode".into()
            }
            other => agreed.words(other),
        };
        answers.push(layer, Outcome::Agreed, words).took = agreed.took(of_stack);
    }
    if let Some(recipient) = &target.probe {
        probe(target, recipient, &mut line, answers).await;
    }
    release(target, &mut line, answers).await;
}

async fn next(line: &mut Line, patience: Duration) -> Option<Event> {
    tokio::time::timeout(patience, line.next()).await.ok().flatten()
}

fn checkpoints(size: u16) -> String {
    if size == 0 { "no checkpoints".into() } else { format!("a checkpoint at every {size} KiB") }
}

/// The layers below the one that refused have agreed.
fn refused(refusal: &Refusal, timeline: &Timeline, answers: &mut Answers) {
    let agreed = timeline.agreed();
    for (layer, of_stack) in LAYERS {
        match of_stack.cmp(&refusal.layer) {
            std::cmp::Ordering::Less => {
                answers.push(layer, Outcome::Agreed, agreed.words(of_stack)).took = agreed.took(of_stack);
            }
            std::cmp::Ordering::Equal => {
                answers.push(layer, Outcome::Failed, explained(refusal)).advice = refusal.advice.into();
            }
            std::cmp::Ordering::Greater => {
                answers.push(layer, Outcome::NotReached, "");
            }
        }
    }
}

fn explained(refusal: &Refusal) -> String {
    let error =
        (refusal.layer == Layer::Application).then(|| bind::read_error(&refusal.user_data, true)).flatten();
    let again = if refusal.permanent { "for good" } else { "for now" };
    match error {
        Some(error) => format!(
            "the peer's MTA refused the bind {again}: {} (code {})",
            error.label().unwrap_or("unknown bind error"),
            error.0
        ),
        None => format!("{refusal}, {again}"),
    }
}

/// Nothing came, or not enough.
fn silent(target: &Target, timeline: &Timeline, answers: &mut Answers) {
    let agreed = timeline.agreed();
    let mut failed = false;
    for (layer, of_stack) in LAYERS {
        if failed {
            answers.push(layer, Outcome::NotReached, "");
        } else if of_stack == Layer::Transport && agreed.transport.is_some() {
            answers.push(layer, Outcome::Agreed, agreed.words(of_stack)).took = agreed.took(of_stack);
        } else {
            failed = true;
            let answer =
                answers.push(layer, Outcome::Failed, format!("no answer within {:?}", target.patience));
            answer.advice = match of_stack {
                Layer::Transport => {
                    "check that an X.400 MTA listens there; another protocol may be on the port"
                }
                _ => "the transport answers but the MTA does not: ask the peer's operator whether it is busy",
            }
            .into();
        }
    }
}

async fn probe(target: &Target, recipient: &OrName, line: &mut Line, answers: &mut Answers) {
    let draft = Draft {
        to: vec![recipient.clone()],
        from: craft::address(craft::ORIGINATOR).unwrap_or_default(),
        subject: String::new(),
        text: String::new(),
        octets: 0,
        identifier: None,
        priority: Priority::NORMAL,
        reports: true,
    };
    let begun = Instant::now();
    let (identifier, apdu) = match craft::probe(&draft, &Clock::new(false)) {
        Ok(made) => made,
        Err(error) => {
            answers.push(PROBE, Outcome::Failed, error.to_string());
            return;
        }
    };
    if let Err(misuse) = line.transfer(apdu.into(), None) {
        answers.push(PROBE, Outcome::Failed, misuse.to_string());
        return;
    }
    loop {
        match next(line, target.patience).await {
            Some(Event::Confirmed) => {
                let to = craft::shown(recipient);
                let words = format!("probe {identifier} to {to} was taken; the report about it comes later");
                answers.push(PROBE, Outcome::Agreed, words).took = Some(begun.elapsed());
                return;
            }
            Some(Event::NotTaken { why, .. }) => {
                answers.push(PROBE, Outcome::Failed, why).advice =
                    "ask the peer's operator whether it takes probes, and from whom".into();
                return;
            }
            Some(Event::Aborted(abort)) => {
                answers.push(PROBE, Outcome::Failed, abort.to_string()).advice = abort.advice.into();
                return;
            }
            Some(Event::Disconnected) | None => {
                let words = format!("not confirmed within {:?}", target.patience);
                answers.push(PROBE, Outcome::Failed, words);
                return;
            }
            Some(_) => {}
        }
    }
}

async fn release(target: &Target, line: &mut Line, answers: &mut Answers) {
    let begun = Instant::now();
    if line.request(Request::Close).is_err() {
        answers.push(RELEASE, Outcome::NotReached, "");
        return;
    }
    loop {
        match next(line, target.patience).await {
            Some(Event::Closed) => {
                answers.push(RELEASE, Outcome::Agreed, "closed in order").took = Some(begun.elapsed());
                line.wind_down().await;
                return;
            }
            Some(Event::Aborted(abort)) => {
                answers.push(RELEASE, Outcome::Failed, abort.to_string()).advice = abort.advice.into();
                return;
            }
            Some(Event::Disconnected) | None => {
                answers.push(RELEASE, Outcome::Failed, "the peer did not answer the close");
                return;
            }
            Some(_) => {}
        }
    }
}
