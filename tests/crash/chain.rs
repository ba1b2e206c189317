//! What messages go through: a client that submits as mail servers do, two gateways with P1 between them, and a mail server.
//!
//! ```text
//! client ──SMTP──► gateway `near` ──P1──► gateway `far` ──SMTP──► sink
//! ```

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::program::{Folder, Gateway};
use crate::sink::Sink;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Two gateways that do not run yet.
pub(crate) struct Chain {
    pub(crate) near: Member,
    pub(crate) far: Member,
    pub(crate) sink: Sink,
}

/// A gateway's place.
pub(crate) struct Member {
    pub(crate) folder: Folder,
    pub(crate) smtp: u16,
}

impl Chain {
    pub(crate) fn new() -> Self {
        let sink = Sink::start();
        let (between, back) = (port(), port());
        let near = Member::new("near", "far", (back, between), "hold = true");
        let smarthost = format!("smarthost = \"127.0.0.1:{}\"\nfirst-reconnect = \"1s\"", sink.port);
        let far = Member::new("far", "near", (between, back), &smarthost);
        Self { near, far, sink }
    }

    /// What both gateways said, for when something is wrong.
    pub(crate) fn logs(&self) -> String {
        let log =
            |member: &Member| std::fs::read_to_string(member.folder.path("gateway.log")).unwrap_or_default();
        format!("near:\n{}\nfar:\n{}", log(&self.near), log(&self.far))
    }
}

impl Member {
    /// `us` listens for X.400 at the first port; `them` is at the second.
    fn new(us: &str, them: &str, (listen, peer): (u16, u16), internet: &str) -> Self {
        let folder = Folder::new();
        let smtp = port();
        let mappings = format!(
            "[gateway]\ndomain = \"gateway.{us}.example\"\nor = \"/O=gateway/PRMD={us}/ADMD=x/C=XX/\"\n\
             [[equivalence]]\ndomain = \"near.example\"\nor = \"/PRMD=near/ADMD=x/C=XX/\"\n\
             [[equivalence]]\ndomain = \"far.example\"\nor = \"/PRMD=far/ADMD=x/C=XX/\"\n"
        );
        std::fs::write(folder.path("mappings.toml"), mappings).unwrap();
        let config = format!(
            "[gateway]\nhost-name = \"gateway.{us}.example\"\nmta-name = \"{us}\"\n\
             domain = \"/PRMD={us}/ADMD=x/C=XX/\"\ndata = {:?}\nmappings = {:?}\n\
             [smtp]\nlisten = [\"127.0.0.1:{smtp}\"]\n[internet]\n{internet}\n\
             [queue]\nfirst-retry = \"1s\"\nlongest-retry = \"1s\"\n\
             [x400]\nlisten = \"127.0.0.1:{listen}\"\n\
             [[peer]]\nname = \"{them}\"\naddress = \"127.0.0.1:{peer}\"\ntheir-name = \"{them}\"\n\
             first-reconnect = \"1s\"\nlongest-reconnect = \"1s\"\n",
            folder.path("data"),
            folder.path("mappings.toml"),
        );
        std::fs::write(folder.path("x400gw.toml"), config).unwrap();
        Self { folder, smtp }
    }

    pub(crate) fn start(&self) -> Gateway {
        Gateway::start(&self.folder, self.smtp)
    }
}

/// A port that nobody else gets: below those of outgoing connections, and each once. A gateway that is started again finds it free.
fn port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    const FIRST: u32 = 12_000;
    const PORTS: u32 = 20_000;
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed) % PORTS + std::process::id() % 97 * 200;
        let port = u16::try_from(FIRST + number % PORTS).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// What a client heard of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// `250`: the server answers for it.
    Accepted,
    /// The mail was sent, and the session ended without an answer: the server may have it or not.
    Nothing,
    /// The session ended before that, or there was no server, or it said no for the time being.
    NotSent,
}

/// Tries once to submit a small mail.
pub(crate) fn submit(port: u16, id: &str, to: &str) -> Heard {
    let mut is_sent = false;
    match conversation(port, id, to, &mut is_sent) {
        Ok(reply) if reply.starts_with('2') => Heard::Accepted,
        Ok(_) => Heard::NotSent,
        Err(_) if is_sent => Heard::Nothing,
        Err(_) => Heard::NotSent,
    }
}

/// The same; the last reply.
pub(crate) fn reply_to(port: u16, id: &str, to: &str) -> io::Result<String> {
    conversation(port, id, to, &mut false)
}

fn conversation(port: u16, id: &str, to: &str, is_sent: &mut bool) -> io::Result<String> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut stream = BufReader::new(stream);
    let before = ["HELO client.near.example\r\n", "MAIL FROM:<ada@near.example>\r\n"].map(str::to_owned);
    let before = before.into_iter().chain([format!("RCPT TO:<{to}>\r\n"), "DATA\r\n".to_owned()]);
    for line in std::iter::once(String::new()).chain(before) {
        let reply = say(&mut stream, &line)?;
        if !reply.starts_with(['2', '3']) {
            return Ok(reply);
        }
    }
    let mail = format!("Message-ID: {id}\r\nFrom: ada@near.example\r\nSubject: a mail\r\n\r\nHello\r\n.\r\n");
    *is_sent = true;
    say(&mut stream, &mail)
}

/// Says something; the last line of the answer.
fn say(stream: &mut BufReader<TcpStream>, line: &str) -> io::Result<String> {
    stream.get_mut().write_all(line.as_bytes())?;
    loop {
        let mut reply = String::new();
        if stream.read_line(&mut reply)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if reply.as_bytes().get(3) != Some(&b'-') {
            return Ok(reply.trim_end().to_owned());
        }
    }
}

/// Waits until something is so; says whether it came to be.
pub(crate) fn in_time(mut is_so: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}
