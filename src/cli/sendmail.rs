//! `x400gw sendmail`, or a link to it of the name `sendmail`: programs of this machine send mail as they always have, and the
//! running gateway takes it by SMTP.
//!
//! 1. `arguments` reads the options of sendmail(1); what means nothing here is taken and passed over.
//! 2. `message` reads what is on standard input, as `lines` of a mail, its `header` apart.
//! 3. [`header`] finds recipients (`-t`), takes blind copies out, and adds what is missing.
//! 4. `session` hands it to the gateway; `bridge` lets the caller do that himself (`-bs`).
//! 5. `exit` says how it went, by the numbers of sysexits.h.
#![expect(
    clippy::disallowed_methods,
    reason = "shell: reads files, the clock and the environment, opens sockets"
)]

use std::ffi::OsString;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use time::OffsetDateTime;
use time::macros::format_description;

use self::arguments::{Mode, Options};
use self::exit::{Exit, Failed};
use self::session::Envelope;
use super::Failure;
use crate::config::{Config, ListenerAuthentication, ListenerTls};
use crate::message::date::format_date;
use crate::mixer::header_block::phrase;
use crate::smtp::client::dialogue::{Protocol, Verdict};
use crate::smtp::command::{Command, Tolerances};
use crate::submit::header::{self, Missing};

mod arguments;
mod bridge;
mod exit;
mod lines;
mod message;
mod session;

/// Options of sendmail, as programs and people give them.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Words {
    /// Options and recipients, as for any sendmail
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    pub(super) words: Vec<OsString>,
}

const HELP: &str = "\
The message is on standard input; called by a link of the name `sendmail`, no command is needed.

  -t           recipients stand in To, Cc and Bcc, besides those named
  -i, -oi      a dot alone in a line does not end the message
  -f, -r FROM  the reverse path; `<>` for none
  -F NAME      the name in a From field that is added
  -N WHEN      never, or some of success,failure,delay: when the sender is told
  -R HOW       full or hdrs: how much comes back with a report
  -V ID        the name that reports give the message
  -bm          send a message (the default)
  -bs          speak SMTP on standard input and output
  -C FILE      the gateway's configuration, which says where it listens; else X400GW_CONFIG, else
               /etc/x400gw/x400gw.toml
  --server HOST:PORT
               where it listens, whatever the configuration says; also X400GW_SERVER

Other options of sendmail are taken and mean nothing here. Exit codes are those of sysexits.h: 0 the gateway has it,
64 bad options, 65 a message or sender that it cannot take, 67 no such recipient, 68 no such domain, 69 refused,
71 the system gives no file, 74 standard input cannot be read, 75 try again, 77 not permitted, 78 a configuration that
is bad.";

/// What the program is called where no command is needed.
pub(super) const NAME: &str = "sendmail";

/// The configuration where nothing names one.
const CONFIGURATION: &str = "/etc/x400gw/x400gw.toml";

/// How long the gateway may take to answer the call.
const PATIENCE: Duration = Duration::from_secs(30);

/// Does it, and says how it went.
pub(super) fn run(words: Vec<OsString>) -> Result<(), Failure> {
    obey(words).map_err(|Failed { exit, why }| {
        eprintln!("{NAME}: {why}");
        Failure::Said(exit as u8)
    })
}

fn obey(words: Vec<OsString>) -> Result<(), Failed> {
    let options = arguments::parse(words).map_err(|why| Failed::new(Exit::Usage, why))?;
    match options.mode {
        Mode::Nothing => Ok(()),
        Mode::Help => {
            super::print(HELP);
            Ok(())
        }
        Mode::Smtp => speak(&Way::of(&options)?),
        Mode::Send => send(&options),
    }
}

/// Lets the caller speak.
fn speak(way: &Way) -> Result<(), Failed> {
    match way.connect() {
        Ok(stream) => bridge::run(&stream).map_err(|error| Failed::new(Exit::Temporary, error.to_string())),
        Err(failed) => {
            // RFC 5321 3.1, 3.8: whoever speaks SMTP is told so in SMTP.
            super::print(&format!("421 4.3.2 {}\r\n", failed.why.replace('\n', " ")));
            Err(failed)
        }
    }
}

/// Sends what is on standard input.
fn send(options: &Options) -> Result<(), Failed> {
    let way = Way::of(options)?;
    let message = message::read(io::stdin().lock(), options.dots_are_text, &std::env::temp_dir())?;
    let domain = way.domain.as_str();
    let user = User::this();
    let sender = match options.sender.as_deref() {
        None => format!("{}@{domain}", user.name),
        Some("") => String::new(),
        Some(given) => only(given, domain, "-f")?,
    };
    let mut recipients = Vec::new();
    let bad = |why: String| Failed::new(Exit::Data, format!("recipients: {why}"));
    for named in &options.recipients {
        recipients.extend(header::addresses(named, domain).map_err(bad)?);
    }
    if options.from_header {
        recipients.extend(message.header.recipients(domain).map_err(bad)?);
    }
    let mut known = std::collections::BTreeSet::new();
    recipients.retain(|one| known.insert(one.clone()));
    if recipients.is_empty() {
        return Err(Failed::new(Exit::Usage, "the message names no recipients"));
    }
    if let Some(bad) = std::iter::once(&sender).chain(&recipients).find(|one| !is_path(one)) {
        return Err(Failed::new(Exit::Data, format!("`{bad}` is no address that SMTP carries")));
    }
    let name = options.full_name.clone().or_else(|| std::env::var("NAME").ok()).unwrap_or(user.full_name);
    let author = if sender.is_empty() { format!("{}@{domain}", user.name) } else { sender.clone() };
    let from = match name.trim() {
        "" => author,
        name => format!("{} <{author}>", phrase(name)),
    };
    let now = OffsetDateTime::now_utc();
    let missing =
        Missing { from: &from, date: &format_date(now), message_id: &message_id(now, domain)?, domain };
    let header = message.header.completed(&missing);
    let envelope = Envelope {
        sender,
        recipients,
        notify: options.notify.clone(),
        returned: options.returned,
        envelope_id: options.envelope_id.clone(),
    };
    let verdicts = session::send(way.connect()?, way.domain.clone(), &envelope, header, message.body)?;
    outcome(&envelope.recipients, &verdicts)
}

/// What it comes to: the worst of what became of the recipients.
fn outcome(recipients: &[String], verdicts: &[Verdict]) -> Result<(), Failed> {
    let mut worst: Option<Exit> = None;
    let mut said: Vec<String> = Vec::new();
    for (recipient, verdict) in recipients.iter().zip(verdicts) {
        let (exit, why) = match verdict {
            Verdict::Taken(_) => continue,
            Verdict::Refused(reply) => (Exit::of_refusal(reply), reply.to_string()),
            Verdict::Impossible(why) => (Exit::Data, why.to_string()),
            Verdict::Unanswered(why) => (Exit::Temporary, why.clone()),
        };
        // Who may try again does so for all.
        worst = Some(worst.map_or(exit, |worst| if exit == Exit::Temporary { exit } else { worst }));
        said.push(format!("<{recipient}>: {why}"));
    }
    let Some(worst) = worst else { return Ok(()) };
    let taken = recipients.len() - said.len();
    if taken > 0 {
        said.push(format!("the gateway has the message for the other {taken}"));
    }
    Err(Failed::new(worst, said.join("\n")))
}

/// The one address that an option gives.
fn only(written: &str, domain: &str, option: &str) -> Result<String, Failed> {
    let bad = |why: &str| Failed::new(Exit::Usage, format!("`{option} {written}`: {why}"));
    match header::addresses(written, domain).map_err(|why| bad(&why))?.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(bad("it is one address")),
    }
}

/// Whether an address can be a path, and ends no command.
fn is_path(address: &str) -> bool {
    let is_text = !address.chars().any(char::is_control);
    is_text && Command::parse(format!("MAIL FROM:<{address}>").as_bytes(), Tolerances::default()).is_ok()
}

/// A name that no other message has.
fn message_id(now: OffsetDateTime, domain: &str) -> Result<String, Failed> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)
        .map_err(|error| Failed::new(Exit::System, format!("no random numbers: {error}")))?;
    let format = format_description!("[year][month][day][hour][minute][second]");
    // A clock outside these years has no such name, and the random number is one as well.
    let now = now.format(format).unwrap_or_default();
    Ok(format!("<{now}.{:016x}@{domain}>", u64::from_be_bytes(random)))
}

/// Who calls.
struct User {
    name: String,
    full_name: String,
}

impl User {
    /// The user of this process, as the system's list of users has it, else as the environment says.
    fn this() -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let listed = std::fs::metadata("/proc/self").ok().and_then(|process| {
            let users = std::fs::read_to_string("/etc/passwd").ok()?;
            users.lines().find_map(|line| Self::of_line(line, process.uid()))
        });
        let named = || ["LOGNAME", "USER"].iter().find_map(|name| std::env::var(name).ok());
        listed.unwrap_or_else(|| Self {
            name: named()
                .filter(|name| is_path(&format!("{name}@a.example")))
                .unwrap_or_else(|| "unknown".to_owned()),
            full_name: String::new(),
        })
    }

    /// `name:password:uid:gid:full name, and more:folder:shell`
    fn of_line(line: &str, uid: u32) -> Option<Self> {
        let mut parts = line.split(':');
        let name = parts.next()?;
        let _password = parts.next()?;
        if parts.next()?.parse() != Ok(uid) {
            return None;
        }
        let full_name = parts.nth(1)?.split(',').next()?;
        // An ampersand stands for the name.
        let mut capital = name.chars();
        let capital: String =
            capital.next().into_iter().flat_map(char::to_uppercase).chain(capital).collect();
        Some(Self { name: name.to_owned(), full_name: full_name.replace('&', &capital) })
    }
}

/// Where the gateway takes mail.
struct Way {
    /// Host and port, in the order in which they are tried.
    servers: Vec<String>,
    /// Of addresses that have none.
    domain: String,
    /// What there is to say if nobody answers.
    note: String,
}

impl Way {
    fn of(options: &Options) -> Result<Self, Failed> {
        let named = options.config.clone().or_else(|| std::env::var_os("X400GW_CONFIG").map(PathBuf::from));
        let server = options.server.clone().or_else(|| std::env::var("X400GW_SERVER").ok());
        let (config, note) = configuration(named.as_deref())?;
        let servers = match server {
            Some(server) => vec![server],
            None => servers(&config),
        };
        if servers.is_empty() {
            let why = "the configuration has no listener that takes mail without TLS and authentication";
            let help = "add `127.0.0.1:2525` to `listen` in [smtp], or name one (X400GW_SERVER)";
            return Err(Failed::new(Exit::Configuration, format!("{why}\nhelp: {help}")));
        }
        Ok(Self { servers, domain: config.gateway.host_name, note })
    }

    /// A connection to the gateway.
    fn connect(&self) -> Result<TcpStream, Failed> {
        let mut said = Vec::new();
        for server in &self.servers {
            let addresses = match server.to_socket_addrs() {
                Ok(addresses) => addresses.collect(),
                Err(error) => {
                    said.push(format!("{server}: {error}"));
                    Vec::new()
                }
            };
            for address in addresses {
                match TcpStream::connect_timeout(&reachable(address), PATIENCE) {
                    Ok(stream) => {
                        // Commands leave whole; without this some would wait for others.
                        let _ = stream.set_nodelay(true);
                        return Ok(stream);
                    }
                    Err(error) => said.push(format!("{address}: {error}")),
                }
            }
        }
        let why = format!("no gateway answers ({}); try again later{}", said.join("; "), self.note);
        Err(Failed::new(Exit::Temporary, why))
    }
}

/// Listeners that take mail from anybody.
fn servers(config: &Config) -> Vec<String> {
    let takes = |one: &&crate::config::Listener| {
        matches!(one.tls, ListenerTls::Off | ListenerTls::Offered)
            && one.authentication != ListenerAuthentication::Required
            && one.protocol == Protocol::Smtp
    };
    let further = config.smtp.listeners.iter().filter(takes).map(|one| one.address.clone());
    config.smtp.listen.iter().cloned().chain(further).collect()
}

/// Who listens everywhere is reached on this machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The configuration: the file that was named, else the usual one, else the default. One that users may not read does not keep
/// them from sending; that is said if it was wrong.
fn configuration(named: Option<&Path>) -> Result<(Config, String), Failed> {
    let path = named.unwrap_or_else(|| Path::new(CONFIGURATION));
    let bad = |why: String| Failed::new(Exit::Configuration, why);
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let config = Config::parse(&path.display().to_string(), &text);
            Ok((config.map_err(|report| bad(report.render()))?, String::new()))
        }
        Err(error) if named.is_none() => {
            let note = format!("\n{CONFIGURATION}: {error}; without it the default is tried");
            Ok((Config::default_with_demo_peer(), note))
        }
        Err(error) => Err(bad(format!("{}: {error}", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};

    #[test]
    fn users_have_names() {
        let line = "ann:x:1000:1000:& Smith,Room 1,,:/home/ann:/bin/sh";
        let user = User::of_line(line, 1000).unwrap();
        assert_eq!((user.name.as_str(), user.full_name.as_str()), ("ann", "Ann Smith"));
        assert!(User::of_line(line, 1001).is_none());
        assert!(User::of_line("", 0).is_none());
    }

    #[test]
    fn the_listeners_of_the_configuration_are_tried_that_take_mail_from_anybody() {
        let text = "[smtp]\nlisten = [\"0.0.0.0:10025\"]\nusers = \"users\"\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n\
                    [[smtp.listener]]\naddress = \"127.0.0.1:10465\"\ntls = \"implicit\"\n\
                    [[smtp.listener]]\naddress = \"127.0.0.1:10587\"\ntls = \"offered\"\nauthentication = \"required\"\n\
                    [[smtp.listener]]\naddress = \"127.0.0.1:10024\"\nprotocol = \"lmtp\"\n\
                    [[smtp.listener]]\naddress = \"[::]:10026\"\ntls = \"offered\"\n\
                    [[peer]]\nname = \"hub\"\naddress = \"127.0.0.1:10103\"\n";
        let config = Config::parse("x400gw.toml", text).map_err(|report| report.render()).unwrap();
        assert_eq!(servers(&config), ["0.0.0.0:10025", "[::]:10026"]);
        for (listened, expected) in [
            ("0.0.0.0:10025", "127.0.0.1:10025"),
            ("[::]:10026", "[::1]:10026"),
            ("192.0.2.1:25", "192.0.2.1:25"),
        ] {
            assert_eq!(reachable(listened.parse().unwrap()).to_string(), expected);
        }
    }

    #[test]
    fn the_worst_of_what_became_of_recipients_is_told() {
        let people = ["bob@b.example".to_owned(), "cat@c.example".to_owned()];
        let reply = |code, detail| Reply::new(code, detail, "no");
        let taken = Verdict::Taken(Reply::plain(ReplyCode::COMPLETED_250, "ok"));
        let nobody =
            Verdict::Refused(reply(ReplyCode::MAILBOX_UNAVAILABLE_550, StatusDetail::BAD_MAILBOX_X_1_1));
        let later = Verdict::Unanswered("hung up".to_owned());
        let exit = |verdicts: &[Verdict]| outcome(&people, verdicts).map_err(|failed| failed.exit);
        assert_eq!(exit(&[taken.clone(), taken.clone()]), Ok(()));
        assert_eq!(exit(&[taken.clone(), nobody.clone()]), Err(Exit::NoUser));
        assert_eq!(exit(&[nobody.clone(), later]), Err(Exit::Temporary));
        let why = outcome(&people, &[taken, nobody]).unwrap_err().why;
        assert!(why.contains("<cat@c.example>: 550 5.1.1") && why.contains("for the other 1"), "{why}");
    }
}
