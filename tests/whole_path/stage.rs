//! Two organisations with X.400 between them: Postfix and a gateway in the west, a gateway and Dovecot in the east.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::authority::Authority;
use crate::daemon::open;
use crate::dovecot::{Dovecot, PASSWORD, Ports};
use crate::pair::Side;
use crate::program::{Folder, Gateway, free_port, x400gw};
use crate::west::West;

/// The users of the two.
pub(crate) const ADA: &str = "ada@west.example";
pub(crate) const HOPPER: &str = "hopper@east.example";

pub(crate) struct Stage {
    pub(crate) postfix: West,
    _dovecot: Dovecot,
    at_dovecot: Ports,
    gateways: [(Gateway, Folder); 2],
    /// Where the gateway of the east takes mail, and where it does under TLS.
    east: [u16; 2],
    authority: Authority,
    folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path());
        let authority = Authority::new();
        open(authority.path("ca").parent().unwrap());
        let [postfix, lmtp, imap, pop3, west, west_x400, east, east_tls, east_x400] =
            std::array::from_fn(|_| free_port());
        let at_dovecot = Ports { lmtp, imap, pop3 };
        let tables = "[convert]\nreceipt-requests = true";
        let to_postfix = format!("smarthost = \"127.0.0.1:{postfix}\"");
        let to_dovecot = format!("smarthost = \"127.0.0.1:{lmtp}\"\nprotocol = \"lmtp\"");
        Self {
            postfix: West::start(
                &folder.path().join("postfix"),
                ADA,
                postfix,
                west,
                &authority.issue("mail.west.example"),
            ),
            _dovecot: Dovecot::start(&folder.path().join("dovecot"), HOPPER, at_dovecot),
            at_dovecot,
            gateways: [
                gateway(
                    west,
                    &Side {
                        names: ["west", "east"],
                        x400: [west_x400, east_x400],
                        smtp: &format!(
                            "listen = []\n{}[[smtp.listener]]\naddress = \"127.0.0.1:{west}\"\ntls = \"required\"\n\
                             client-certificates = \"required\"\n",
                            certificate(&authority),
                        ),
                        internet: &to_postfix,
                        peer: "our-password = \"west\"\ntheir-password = \"east\"",
                        tables,
                    },
                ),
                gateway(
                    east,
                    &Side {
                        names: ["east", "west"],
                        x400: [east_x400, west_x400],
                        smtp: &format!(
                            "listen = [\"127.0.0.1:{east}\"]\n{}[[smtp.listener]]\naddress = \"127.0.0.1:{east_tls}\"\n\
                             tls = \"implicit\"\nauthentication = \"required\"\n",
                            certificate(&authority) + &users(folder.path()),
                        ),
                        internet: &to_dovecot,
                        peer: "our-password = \"east\"\ntheir-password = \"west\"",
                        tables,
                    },
                ),
            ],
            east: [east, east_tls],
            authority,
            folder,
        }
    }

    /// The mails of the west, once there are so many.
    pub(crate) fn in_the_west(&self, count: usize) -> Vec<Mail> {
        mailbox(&["maildir", &self.postfix.maildir.display().to_string()], count)
    }

    /// The mails of the east, once there are so many, by IMAP or by POP3.
    pub(crate) fn in_the_east(&self, protocol: &str, count: usize) -> Vec<Mail> {
        let port = if protocol == "imap" { self.at_dovecot.imap } else { self.at_dovecot.pop3 };
        mailbox(&[protocol, &port.to_string(), HOPPER, PASSWORD], count)
    }

    /// A mail program of the east sends by SMTP.
    pub(crate) fn send_from_the_east(&self, sender: &str, mail: &str) {
        let file = self.folder.path().join("mail");
        std::fs::write(&file, mail).unwrap();
        let server = format!("127.0.0.1:{}", self.east[0]);
        let output = Command::new("swaks")
            .args(["--server", &server, "--from", sender, "--to", ADA, "--data"])
            .arg(format!("@{}", file.display()))
            .output()
            .expect("swaks is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// Another one sends in chunks, any octets, and under TLS.
    pub(crate) fn send_chunks_from_the_east(&self, mail: &[u8]) {
        let mut client = Command::new("python3");
        client.arg(script("chunks.py")).args([&self.east[1].to_string(), HOPPER, ADA]);
        client.arg(self.authority.path("ca")).args(["hopper", PASSWORD]).stdin(Stdio::piped());
        let mut client = client.spawn().unwrap();
        client.stdin.take().unwrap().write_all(mail).unwrap();
        assert!(client.wait().unwrap().success());
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (_, folder) in &self.gateways {
                eprintln!("{}", std::fs::read_to_string(folder.path("gateway.log")).unwrap_or_default());
            }
        }
    }
}

/// What `[smtp]` says about certificates.
fn certificate(authority: &Authority) -> String {
    let files = authority.issue("localhost");
    format!(
        "ca = {:?}\ncertificate = {:?}\nkey = {:?}\n",
        files.ca.unwrap(),
        files.certificate.unwrap(),
        files.key.unwrap()
    )
}

/// What `[smtp]` says about users: there is one.
fn users(folder: &Path) -> String {
    let mut command = x400gw();
    command.args(["password", "hopper"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    process.stdin.take().unwrap().write_all(PASSWORD.as_bytes()).unwrap();
    let output = process.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"hopper:SCRAM-SHA-256$"));
    let file = folder.join("users");
    std::fs::write(&file, output.stdout).unwrap();
    format!("users = {file:?}\n")
}

/// A gateway that greets at a port.
fn gateway(port: u16, side: &Side<'_>) -> (Gateway, Folder) {
    let folder = side.write();
    (Gateway::start(&folder, port), folder)
}

/// A mail as `mailbox.py` tells of it.
pub(crate) struct Mail(pub(crate) Value);

impl Mail {
    /// A field of its header.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.0["header"][name.to_lowercase()].as_str().unwrap_or_else(|| panic!("{name}: {:#}", self.0))
    }

    /// A field of a group of those that a report consists of: 0 is about the message, others are about recipients.
    pub(crate) fn reported(&self, group: usize, name: &str) -> &str {
        let fields = &self.0["parts"][1]["groups"][group];
        fields[name.to_lowercase()].as_str().unwrap_or_else(|| panic!("{name}: {:#}", self.0))
    }

    /// The text of a part.
    pub(crate) fn text(&self, part: usize) -> &str {
        self.0["parts"][part]["text"].as_str().unwrap_or_else(|| panic!("part {part}: {:#}", self.0))
    }

    /// The octets of a part that is no text.
    pub(crate) fn octets(&self, part: usize) -> Vec<u8> {
        let encoded = self.0["parts"][part]["octets"].as_str().unwrap();
        base64_simd::STANDARD.decode_to_vec(encoded).unwrap()
    }

    /// Whether it is a `multipart/report` of this type.
    pub(crate) fn is_report(&self, kind: &str) -> bool {
        self.0["type"] == "multipart/report" && self.0["report"] == kind
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/whole_path").join(name)
}

fn mailbox(arguments: &[&str], count: usize) -> Vec<Mail> {
    let output = Command::new("python3")
        .arg(script("mailbox.py"))
        .args(arguments)
        .arg(count.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let mails: Vec<Mail> = found.into_iter().map(Mail).collect();
    for mail in &mails {
        assert_eq!(mail.0["defects"], Value::Array(Vec::new()), "{:#}", mail.0);
    }
    assert_eq!(mails.len(), count, "more than were awaited");
    mails
}
