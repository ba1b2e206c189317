//! Sessions of the SMTP client with scripted servers: the conversations in `tests/smtp/client/*.dialogue`.
//!
//! | line | meaning |
//! |---|---|
//! | `S: text` | the server says the text and CR LF |
//! | `R: text` | the server says just that; `\r`, `\n`, `\\` and `{text}*n` as in the files of the server |
//! | `C: text` | the client says this line, and nothing before it |
//! | `silent` | the client says nothing |
//! | `M: <sender> -> <a>, <b> "content"` | this mail is to be sent; with what `! mail dsn` adds |
//! | `V: <a> verdict` | what became of a recipient, in the order of the mail |
//! | `T: 5m` | time passes (`s`, `m`, `h`) |
//! | `secure` | the client wants the handshake, and it succeeds |
//! | `ready` | the client can take a mail |
//! | `quit` | the client is told to quit |
//! | `hang up` | the server closes the connection |
//! | `closed: why` | the client closes the connection, and says why, if it does |
//! | `! setting` | `lmtp`, `tls off`, `tls required`, `login` (as `user` with `pencil`, or with a `login long`), `no chunking`, `mail dsn`, `at once` (not octet by octet), before the conversation |
//! | `# text` | a comment |
//!
//! Each file runs twice: as written, and with the server's octets one by one.

use std::collections::VecDeque;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use time::macros::datetime;
use x400_gateway::mixer::mail::{MailOptions, Recipient, Returned};
use x400_gateway::mixer::rope::Rope;
use x400_gateway::smtp::client::Mail;
use x400_gateway::smtp::client::dialogue::{
    Dialogue, Event, Output, Protocol, Request, Settings, StartTls, State, Timeouts, Verdict,
};
use x400_gateway::smtp::client::dkim::{Author, Origin};
use x400_gateway::smtp::client::mail::prepare;
use x400_gateway::smtp::sasl::client::Login;
use x400_gateway::smtp::sasl::{Mechanism, Secret};

#[test]
fn conversations_with_servers() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp/client");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "dialogue"));
    files.sort();
    assert!(files.len() > 15, "only {} conversations", files.len());
    let mut failures = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for octets_one_by_one in [false, true] {
            if octets_one_by_one && text.contains("! at once\n") {
                continue;
            }
            if let Err(why) = Session::play(&text, octets_one_by_one) {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                failures.push(format!("{name} (octets one by one: {octets_one_by_one}): {why}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// That of the examples in RFC 7677 3.
fn login(password: String) -> Login {
    Login {
        user: "user".into(),
        password: Secret(password.into()),
        mechanisms: vec![Mechanism::ScramSha256, Mechanism::Plain, Mechanism::Login],
        nonce: "rOprNGfwEbeRWgbNEkqO".into(),
    }
}

struct Session {
    dialogue: Dialogue,
    now: Instant,
    one_by_one: bool,
    chunking: bool,
    options: MailOptions,
    dsn: bool,
    /// What the client said and nobody looked at.
    said: Vec<u8>,
    /// The other things it did.
    did: VecDeque<String>,
    content: Option<Arc<Rope>>,
    recipients: Vec<String>,
}

impl Session {
    fn play(script: &str, one_by_one: bool) -> Result<(), String> {
        let lines: Vec<(usize, &str)> = (1..)
            .zip(script.lines())
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let mut session = Self::new(&lines, one_by_one)?;
        for (number, line) in lines.into_iter().filter(|(_, line)| !line.starts_with('!')) {
            session.line(line).map_err(|why| format!("line {number}, `{line}`: {why}"))?;
        }
        session.act();
        match (session.said.is_empty(), session.did.pop_front()) {
            (true, None) => Ok(()),
            (_, did) => Err(format!("at the end the client said {:?} and did {did:?}", shown(&session.said))),
        }
    }

    fn new(lines: &[(usize, &str)], one_by_one: bool) -> Result<Self, String> {
        let mut settings = Settings {
            name: "gw.example".into(),
            protocol: Protocol::Smtp,
            start_tls: StartTls::Opportunistic,
            login: None,
            timeouts: Timeouts::default(),
        };
        let (mut chunking, mut dsn, mut options) = (true, false, MailOptions::default());
        for (_, line) in lines {
            match line.strip_prefix("! ") {
                None => {}
                Some("lmtp") => settings.protocol = Protocol::Lmtp,
                Some("at once") => {}
                Some("tls off") => settings.start_tls = StartTls::Off,
                Some("tls required") => settings.start_tls = StartTls::Required,
                Some("login") => settings.login = Some(login("pencil".into())),
                Some("login long") => settings.login = Some(login("p".repeat(400))),
                Some("no chunking") => chunking = false,
                Some("mail dsn") => {
                    dsn = true;
                    options.envelope_id = Some("QQ+1".into());
                    options.returned = Some(Returned::Headers);
                }
                Some(other) => return Err(format!("there is no setting `{other}`")),
            }
        }
        let now = Instant::now();
        Ok(Self {
            dialogue: Dialogue::new(settings, now),
            now,
            one_by_one,
            chunking,
            options,
            dsn,
            said: Vec::new(),
            did: VecDeque::new(),
            content: None,
            recipients: Vec::new(),
        })
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let (kind, rest) = line.split_once(": ").unwrap_or_else(|| (line.trim_end_matches(':'), ""));
        match kind {
            "S" => self.hear(format!("{rest}\r\n").as_bytes()),
            "R" => self.hear(&octets(rest)),
            "C" => return self.expect_line(rest),
            "silent" => {
                self.act();
                if !self.said.is_empty() {
                    return Err(format!("the client said {:?}", shown(&self.said)));
                }
            }
            "M" => return self.send(rest),
            "V" => return self.expect(rest),
            "T" => {
                self.act();
                self.now += duration(rest)?;
                self.dialogue.timeout(self.now);
            }
            "ready" | "secure" => return self.expect(kind),
            "quit" => {
                self.act();
                return self.dialogue.request(Request::Quit, self.now).map_err(|misuse| misuse.to_string());
            }
            "hang up" => {
                self.act();
                self.dialogue.closed("the server hung up");
            }
            "closed" => return self.expect(line),
            other => return Err(format!("there is no `{other}`")),
        }
        Ok(())
    }

    fn hear(&mut self, octets: &[u8]) {
        self.act();
        if self.one_by_one {
            for octet in octets {
                self.dialogue.receive(&[*octet], self.now);
                self.act();
            }
        } else {
            self.dialogue.receive(octets, self.now);
        }
    }

    fn send(&mut self, mail: &str) -> Result<(), String> {
        self.act();
        let (sender, rest) = mail.split_once(" -> ").ok_or("a mail has a sender and ` -> `")?;
        let (recipients, content) = rest.split_once(" \"").ok_or("a mail has a content")?;
        self.recipients = recipients.split(", ").map(|one| one.trim_matches(['<', '>']).to_owned()).collect();
        let mut rope = Rope::default();
        rope.push(octets(content.trim_end_matches('"')));
        let sender = sender.trim_matches(['<', '>']);
        let mail = Mail {
            reverse_path: (!sender.is_empty()).then(|| sender.to_owned()),
            options: self.options.clone(),
            recipients: (1..)
                .zip(&self.recipients)
                .map(|(number, address)| Recipient {
                    number,
                    address: address.clone(),
                    notify: self.dsn.then(|| vec!["FAILURE".to_owned()]),
                    original_recipient: None,
                })
                .collect(),
            content: Arc::new(rope),
            origin: Origin { author: Author::Ours, received_at: datetime!(2026-11-27 12:00 UTC) },
        };
        let now = datetime!(2026-11-27 12:00 UTC);
        let prepared = prepare(&mail, self.dialogue.offer(), self.chunking, now);
        let prepared = prepared.map_err(|why| format!("impossible: {} {why}", why.status))?;
        self.content = Some(Arc::clone(&prepared.content));
        self.dialogue.request(Request::Send(prepared), self.now).map_err(|misuse| misuse.to_string())
    }

    /// Does what the dialogue wants.
    fn act(&mut self) {
        while let Some(output) = self.dialogue.poll() {
            match output {
                Output::Down(octets) => self.said.extend_from_slice(&octets),
                Output::Secure => {
                    self.did.push_back("secure".into());
                    self.dialogue.request(Request::Secured, self.now).unwrap();
                }
                Output::Up(Event::Ready) => self.did.push_back("ready".into()),
                Output::Up(Event::Content) => {
                    let content = self.content.take().unwrap();
                    for chunk in content.chunks() {
                        self.dialogue.request(Request::Content(chunk), self.now).unwrap();
                    }
                    self.dialogue.request(Request::ContentEnd, self.now).unwrap();
                }
                Output::Up(Event::Done(verdicts)) => {
                    assert_eq!(verdicts.len(), self.recipients.len());
                    for (recipient, verdict) in self.recipients.iter().zip(verdicts) {
                        let verdict = match verdict {
                            Verdict::Taken(reply) => format!("taken, {reply}"),
                            Verdict::Refused(reply) => format!("refused, {reply}"),
                            Verdict::Impossible(why) => format!("impossible, {} {why}", why.status),
                            Verdict::Unanswered(why) => format!("unanswered, {why}"),
                        };
                        self.did.push_back(format!("<{recipient}> {verdict}"));
                    }
                }
                Output::Close(trouble) => {
                    assert_eq!(self.dialogue.state(), State::Closed);
                    let why = trouble.map(|trouble| format!(": {trouble}")).unwrap_or_default();
                    self.did.push_back(format!("closed{why}"));
                }
            }
        }
    }

    fn expect_line(&mut self, expected: &str) -> Result<(), String> {
        self.act();
        let expected = format!("{expected}\r\n").into_bytes();
        if !self.said.starts_with(&expected) {
            return Err(format!("the client said {:?}", shown(&self.said)));
        }
        self.said.drain(..expected.len());
        Ok(())
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        self.act();
        match self.did.pop_front() {
            Some(did) if did == expected => Ok(()),
            did => Err(format!("the client did {did:?}, and said {:?}", shown(&self.said))),
        }
    }
}

fn shown(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.len() - 1);
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("a time ends with s, m or h".into()),
    };
    Ok(Duration::from_secs(number.parse::<u64>().map_err(|error| error.to_string())? * unit))
}

/// `\r`, `\n`, `\\`, and `{text}*n`.
fn octets(text: &str) -> Vec<u8> {
    if let Some((before, rest)) = text.split_once('{')
        && let Some((repeated, rest)) = rest.split_once("}*")
    {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let times = rest[..end].parse().unwrap();
        return [octets(before), octets(repeated).repeat(times), octets(&rest[end..])].concat();
    }
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\\\", "\\").into_bytes()
}
