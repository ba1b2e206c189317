//! Reads dialogue files and plays them to the machine.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fmt, fs};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x400_gateway::smtp::command::{Domain, Mailbox, ReversePath};
use x400_gateway::smtp::dialogue::{
    Authentication, Config, ContentRate, Dialogue, Event, FutureRelease, Output, PriorityProfile, Request,
    Tarpit,
};
use x400_gateway::smtp::reply::{Reply, ReplyCode, StatusDetail};
use x400_gateway::smtp::sasl::users::Users;
use x400_gateway::smtp::sasl::{Exchange, Next, Secret};
use x400_gateway::smtp::submission::Envelope;

/// The user of the example in RFC 7677 3, whose password is `pencil`, and our part of the nonce there.
pub(super) const USER: &str = "user:SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
                    WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
const NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
/// Who the client is by its certificate.
const CERTIFICATE: &str = "client.example";

/// How the client's octets reach the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feed {
    /// Line by line; each reply must come where the file has it.
    AsWritten,
    /// All octets between two pauses in one piece.
    AtOnce,
    /// One by one.
    OctetByOctet,
}

pub(super) struct Script {
    pub(super) name: String,
    pub(super) config: Config,
    pub(super) steps: Vec<Step>,
}

/// One line of a dialogue file.
pub(super) enum Step {
    Send(Vec<u8>),
    /// `S:`, `M:`, `client` and `closed`, as written.
    Expect(String),
    Wait(Duration),
    Handshake,
    SpeakForOthers,
    Stop,
}

impl fmt::Display for Step {
    /// About as in the file, long lines cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(octets) => write!(f, "R: {}", escaped(&octets[..octets.len().min(100)])),
            Self::Expect(line) => f.write_str(line),
            Self::Wait(time) => write!(f, "T: {}s", time.as_secs()),
            Self::Handshake => f.write_str("tls"),
            Self::SpeakForOthers => f.write_str("may-speak-for-others"),
            Self::Stop => f.write_str("stop"),
        }
    }
}

impl Script {
    /// All dialogue files, by name.
    pub(super) fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp");
        let mut paths: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "dialogue"))
            .collect();
        paths.sort();
        assert!(!paths.is_empty());
        paths.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Self {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut config = config();
        let mut steps = Vec::new();
        for (number, line) in fs::read_to_string(path).unwrap().lines().enumerate() {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            steps.push(match kind {
                "" | "#" => continue,
                "!" => {
                    setting(&mut config, rest);
                    continue;
                }
                "C:" => Step::Send(format!("{rest}\r\n").into_bytes()),
                "R:" => Step::Send(octets(rest)),
                "S:" | "M:" | "client" | "closed" => Step::Expect(line.to_owned()),
                "T:" => Step::Wait(duration(rest)),
                "tls" => Step::Handshake,
                "may-speak-for-others" => Step::SpeakForOthers,
                "stop" => Step::Stop,
                _ => panic!("{name}:{}: no such line: {line}", number + 1),
            });
        }
        Self { name, config, steps }
    }

    /// Everything the client sends.
    pub(super) fn client_octets(&self) -> Vec<u8> {
        self.steps
            .iter()
            .flat_map(|step| if let Step::Send(octets) = step { octets.as_slice() } else { &[] })
            .copied()
            .collect()
    }

    /// Plays the conversation; an error shows the first difference.
    pub(super) fn run(&self, feed: Feed) -> Result<(), String> {
        let mut server = Server::new(self.config.clone());
        let mut heard = Vec::new();
        let mut said = VecDeque::from(server.drain());
        let mut unsent = Vec::new();
        let mut sent_last = false;
        for step in &self.steps {
            match step {
                Step::Expect(line) if feed == Feed::AsWritten => {
                    let actual = said.pop_front();
                    if actual.as_deref() != Some(line) {
                        return Err(difference(&heard, line, actual.as_deref()));
                    }
                }
                Step::Expect(_) => {}
                _ if feed == Feed::AsWritten && !sent_last && !said.is_empty() => {
                    return Err(difference(
                        &heard,
                        "nothing more before the client goes on",
                        said.front().map(|s| &**s),
                    ));
                }
                Step::Send(octets) if feed == Feed::AtOnce => unsent.extend_from_slice(octets),
                Step::Send(octets) if feed == Feed::AsWritten => said.extend(server.receive(octets)),
                Step::Send(octets) => {
                    for octet in octets.chunks(1) {
                        said.extend(server.receive(octet));
                    }
                }
                Step::Wait(time) => {
                    said.extend(server.receive(&std::mem::take(&mut unsent)));
                    said.extend(server.wait(*time));
                }
                Step::Handshake => {
                    said.extend(server.receive(&std::mem::take(&mut unsent)));
                    said.extend(server.secure());
                }
                Step::SpeakForOthers => server.dialogue.may_speak_for_others(),
                Step::Stop => {
                    said.extend(server.receive(&std::mem::take(&mut unsent)));
                    said.extend(server.stop());
                }
            }
            sent_last = matches!(step, Step::Send(_));
            heard.push(step.to_string());
        }
        said.extend(server.receive(&unsent));
        if feed == Feed::AsWritten {
            return match said.pop_front() {
                None => Ok(()),
                extra => Err(difference(&heard, "nothing more", extra.as_deref())),
            };
        }
        let expected: Vec<&str> = self
            .steps
            .iter()
            .filter_map(|step| if let Step::Expect(line) = step { Some(line.as_str()) } else { None })
            .collect();
        let (expected, actual) = (expected.join("\n"), Vec::from(said).join("\n"));
        if expected == actual { Ok(()) } else { Err(format!("expected\n{expected}\n\ngot\n{actual}")) }
    }
}

fn difference(heard: &[String], expected: &str, actual: Option<&str>) -> String {
    let before = &heard[heard.len().saturating_sub(4)..].join("\n  ");
    format!("after\n  {before}\nexpected {expected}\ngot      {}", actual.unwrap_or("nothing"))
}

/// The server of the dialogue files.
pub(super) fn config() -> Config {
    Config::new(Domain::new("gw.example").unwrap())
}

/// The same with small limits, for octets of every kind. What else it is `roll` chooses: it gives a number below one.
pub(super) fn some_config(mut roll: impl FnMut(usize) -> usize) -> Config {
    let mut config = config();
    config.lmtp = roll(8) == 0;
    config.limits.content.size = 300;
    config.limits.recipients = 4;
    config.limits.recipient_domains = (roll(2) == 0).then_some(2);
    if roll(4) == 0 {
        config.limits.tarpit = Tarpit { after: 1, step: Duration::from_secs(1), longest: LATEST };
    }
    config.extensions.smtp_utf8 = true;
    config.extensions.deliver_by = Some(60);
    config
}

/// The latest that a mistake is answered then.
const LATEST: Duration = Duration::from_secs(20);

/// One `!` line.
fn setting(config: &mut Config, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let offer = &mut config.extensions;
    match words.as_slice() {
        ["size", octets] => config.limits.content.size = octets.parse().unwrap(),
        ["line", octets] => config.limits.content.line = octets.parse().unwrap(),
        ["recipients", number] => config.limits.recipients = number.parse().unwrap(),
        ["recipient-domains", number] => config.limits.recipient_domains = Some(number.parse().unwrap()),
        ["messages", number] => config.limits.messages = number.parse().unwrap(),
        ["errors", number] => config.limits.errors = number.parse().unwrap(),
        ["tarpit", after, step, longest] => {
            let after = after.parse().unwrap();
            config.limits.tarpit = Tarpit { after, step: duration(step), longest: duration(longest) };
        }
        ["speak", "LMTP"] => config.lmtp = true,
        ["rate", octets, grace] => {
            let (octets, grace) = (octets.parse().unwrap(), duration(grace));
            config.timeouts.content_rate = ContentRate { octets, grace };
        }
        ["tolerate", "space-before-path"] => config.tolerances.space_before_path = true,
        ["forbid", "underscore-in-client-name"] => config.tolerances.underscore_in_client_name = false,
        ["without", "SIZE"] => offer.size = false,
        ["without", "8BITMIME"] => offer.eight_bit_mime = false,
        ["without", "DSN"] => offer.dsn = false,
        ["without", "CHUNKING"] => offer.chunking = false,
        ["without", "PIPELINING"] => offer.pipelining = false,
        ["without", "ENHANCEDSTATUSCODES"] => offer.enhanced_status_codes = false,
        ["without", "LIMITS"] => offer.limits = false,
        ["offer", "STARTTLS"] => offer.start_tls = true,
        ["require", "TLS"] => (offer.start_tls, config.tls_required) = (true, true),
        ["offer", "AUTH"] => {
            config.authentication = Some(Authentication { in_the_clear: true, ..Authentication::default() });
        }
        ["require", "AUTH"] => {
            let authentication = Authentication { required: true, external: true, in_the_clear: false };
            config.authentication = Some(authentication);
        }
        ["offer", "SMTPUTF8"] => offer.smtp_utf8 = true,
        ["offer", "CONPERM"] => offer.conperm = true,
        ["offer", "DELIVERBY", minimum] => offer.deliver_by = Some(minimum.parse().unwrap()),
        ["offer", "MT-PRIORITY", "MIXER"] => offer.mt_priority = Some(PriorityProfile::Mixer),
        ["offer", "FUTURERELEASE", interval, moment] => {
            let max_date_time = OffsetDateTime::parse(moment, &Rfc3339).unwrap();
            offer.future_release =
                Some(FutureRelease { max_interval: interval.parse().unwrap(), max_date_time });
        }
        _ => panic!("no such setting: {line}"),
    }
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => panic!("no such unit: {text}"),
    };
    Duration::from_secs(number.parse::<u64>().unwrap() * seconds)
}

/// Octets from their escaped form, the inverse of [`escaped`] apart from `{text}*n`.
fn octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut repeated_from = 0;
    let mut rest = text.as_bytes();
    while let Some((&octet, tail)) = rest.split_first() {
        rest = tail;
        match octet {
            b'{' => repeated_from = octets.len(),
            b'}' => {
                let digits = 1 + rest[1..].iter().take_while(|octet| octet.is_ascii_digit()).count();
                let times: usize = std::str::from_utf8(&rest[1..digits]).unwrap().parse().unwrap();
                let unit = octets.split_off(repeated_from);
                octets.extend(unit.repeat(times));
                rest = &rest[digits..];
            }
            b'\\' => {
                let taken = if rest[0] == b'x' { 3 } else { 1 };
                octets.push(match rest[0] {
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'x' => u8::from_str_radix(std::str::from_utf8(&rest[1..3]).unwrap(), 16).unwrap(),
                    other => other,
                });
                rest = &rest[taken..];
            }
            _ => octets.push(octet),
        }
    }
    octets
}

fn escaped(octets: &[u8]) -> String {
    octets
        .iter()
        .map(|&octet| match octet {
            b'\r' => "\\r".to_owned(),
            b'\n' => "\\n".to_owned(),
            b'\t' => "\\t".to_owned(),
            b'\\' => "\\\\".to_owned(),
            b' '..=b'~' => char::from(octet).to_string(),
            _ => format!("\\x{octet:02x}"),
        })
        .collect()
}

/// The machine with the layers above it and a clock that stands still unless told.
pub(super) struct Server {
    pub(super) dialogue: Dialogue,
    now: Instant,
    content: Vec<u8>,
    accepted: u32,
    exchange: Option<Exchange>,
}

impl Server {
    pub(super) fn new(config: Config) -> Self {
        let now = Instant::now();
        Self {
            dialogue: Dialogue::new(Arc::new(config), now),
            now,
            content: Vec::new(),
            accepted: 0,
            exchange: None,
        }
    }

    /// What the server does on these octets.
    pub(super) fn receive(&mut self, octets: &[u8]) -> Vec<String> {
        self.dialogue.receive(octets, self.now).unwrap();
        self.drain()
    }

    /// The same, also of what is late.
    pub(super) fn receive_patiently(&mut self, octets: &[u8]) -> Vec<String> {
        let mut lines = self.receive(octets);
        while self.dialogue.is_late() {
            lines.extend(self.wait(LATEST));
        }
        lines
    }

    pub(super) fn wait(&mut self, time: Duration) -> Vec<String> {
        self.now += time;
        if self.dialogue.deadline().is_some_and(|deadline| deadline <= self.now) {
            self.dialogue.timeout(self.now);
        }
        self.drain()
    }

    pub(super) fn secure(&mut self) -> Vec<String> {
        self.dialogue.request(Request::Secured, self.now).unwrap();
        self.drain()
    }

    pub(super) fn stop(&mut self) -> Vec<String> {
        self.dialogue.request(Request::Shutdown, self.now).unwrap();
        self.drain()
    }

    pub(super) fn drain(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        while let Some(output) = self.dialogue.poll() {
            match output {
                Output::Down(octets) => {
                    let text = std::str::from_utf8(&octets).expect("replies are US-ASCII");
                    assert!(text.ends_with("\r\n"), "{text:?}");
                    lines.extend(text.split_terminator("\r\n").map(|line| format!("S: {line}")));
                }
                Output::Up(event) => lines.extend(self.event(event)),
                Output::Close => lines.push("closed".to_owned()),
            }
        }
        lines
    }

    fn event(&mut self, event: Event) -> Option<String> {
        match event {
            Event::Client(attributes) => {
                let said = format!("client {attributes:?}");
                let identity = attributes.login.flatten();
                self.dialogue.request(Request::Introduced { identity, patience: false }, self.now).unwrap();
                return Some(said);
            }
            Event::Mail { reverse_path, .. } => self.verdict(sender(&reverse_path)),
            Event::Recipient { mailbox, .. } => self.verdict(recipient(&mailbox)),
            Event::StartTls => {}
            Event::Authenticate { mechanism, initial } => {
                self.exchange =
                    Some(Exchange::new(mechanism, NONCE.to_owned(), Some(CERTIFICATE.to_owned())));
                self.prove(initial);
            }
            Event::Credentials(response) => self.prove(Some(response)),
            Event::ContentStart | Event::ContentDiscarded => self.content.clear(),
            Event::Content(octets) => self.content.extend_from_slice(&octets),
            Event::ContentEnd(envelope) => return Some(self.message(&envelope)),
        }
        None
    }

    fn prove(&mut self, response: Option<Secret>) {
        let users = Users::parse(USER).unwrap();
        let exchange = self.exchange.as_mut().unwrap();
        let request = match exchange.respond(response.as_ref().map(|secret| secret.0.as_slice()), &users) {
            Next::Challenge(challenge) => Request::Challenge(Secret(challenge)),
            Next::Known(user) => Request::Authenticated(user),
            Next::Unknown(_) => Request::Refuse(Reply::new(
                ReplyCode::CREDENTIALS_INVALID_535,
                StatusDetail::CREDENTIALS_INVALID_X_7_8,
                "authentication failed",
            )),
        };
        self.dialogue.request(request, self.now).unwrap();
    }

    fn message(&mut self, envelope: &Envelope) -> String {
        let recipients: Vec<String> =
            envelope.recipients.iter().map(|(mailbox, _)| format!("<{mailbox}>")).collect();
        let line = format!(
            "M: {} -> {} \"{}\"",
            envelope.reverse_path,
            recipients.join(", "),
            escaped(&self.content)
        );
        let request = if envelope.reverse_path.to_string().starts_with("<full@") {
            let code = ReplyCode::INSUFFICIENT_STORAGE_452;
            Request::Refuse(Reply::new(code, StatusDetail::SYSTEM_FULL_X_3_1, "queue is full"))
        } else {
            self.accepted += 1;
            Request::Accepted { queue_id: format!("Q{}", self.accepted) }
        };
        self.dialogue.request(request, self.now).unwrap();
        line
    }

    fn verdict(&mut self, verdict: Result<(), Reply>) {
        let request = verdict.map_or_else(Request::Refuse, |()| Request::Permit);
        self.dialogue.request(request, self.now).unwrap();
    }
}

pub(super) fn sender(path: &ReversePath) -> Result<(), Reply> {
    match path {
        ReversePath::Mailbox(mailbox) if mailbox.local_part == "refused" => Err(Reply::new(
            ReplyCode::MAILBOX_UNAVAILABLE_550,
            StatusDetail::NOT_AUTHORISED_X_7_1,
            "sender refused",
        )),
        _ => Ok(()),
    }
}

pub(super) fn recipient(mailbox: &Mailbox) -> Result<(), Reply> {
    let (code, detail, text) = match mailbox.local_part.as_str() {
        "unknown" => {
            (ReplyCode::MAILBOX_UNAVAILABLE_550, StatusDetail::BAD_MAILBOX_X_1_1, "no such recipient")
        }
        "busy" => (ReplyCode::MAILBOX_BUSY_450, StatusDetail::MAILBOX_DISABLED_X_2_1, "try later"),
        "goodbye" => (ReplyCode::SERVICE_NOT_AVAILABLE_421, StatusDetail::OTHER_SECURITY_X_7_0, "go away"),
        _ => return Ok(()),
    };
    Err(Reply::new(code, detail, text))
}
