//! aiosmtpd as a server, and what it says of the mails that it gets.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;

use serde_json::Value;

use super::PATIENCE;

pub(crate) struct Judge {
    pub(crate) port: u16,
    lines: mpsc::Receiver<String>,
    program: Child,
    /// The program ends when this is gone.
    input: Option<ChildStdin>,
}

/// A mail as the judge read it.
#[derive(Debug)]
pub(crate) struct Mail {
    /// What the client called itself.
    pub(crate) name: String,
    pub(crate) tls: bool,
    /// Who the client has proved to be.
    pub(crate) user: Option<String>,
    pub(crate) to: Vec<String>,
    pub(crate) content: Vec<u8>,
}

impl Judge {
    /// `kind` is `smtp` or `lmtp`, with `@` and a path at a socket and not at a port; with certificate and key mail is taken under TLS only.
    pub(crate) fn start(kind: &str, files: Option<(&Path, &Path)>) -> Self {
        let files = files.map(|(certificate, key)| [certificate.as_os_str(), key.as_os_str()]);
        Self::run(kind, &files.into_iter().flatten().collect::<Vec<_>>())
    }

    /// Mail is taken under TLS only, and from this user only.
    pub(crate) fn knowing((certificate, key): (&Path, &Path), user: &str, password: &str) -> Self {
        Self::run("smtp", &[certificate.as_os_str(), key.as_os_str(), user.as_ref(), password.as_ref()])
    }

    fn run(kind: &str, arguments: &[&OsStr]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/smtp_judge.py");
        // Where the package python3-aiosmtpd puts its modules.
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).arg(kind).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = command.spawn().expect("python3 is installed");
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(program.stdout.take().unwrap());
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let port = lines.recv_timeout(PATIENCE).expect("aiosmtpd is installed (python3-aiosmtpd)");
        Self { port: port.parse().unwrap(), lines, input: program.stdin.take(), program }
    }

    /// The next mail that it got.
    pub(crate) fn next(&mut self) -> Mail {
        let line =
            tokio::task::block_in_place(|| self.lines.recv_timeout(PATIENCE)).expect("no mail in time");
        let got: Value = serde_json::from_str(&line).unwrap();
        let word = |key: &str| got[key].as_str().unwrap_or_default().to_owned();
        let content = base64_simd::STANDARD.decode_to_vec(word("content")).unwrap();
        let to = got["to"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned());
        let user = got["user"].as_str().map(str::to_owned);
        Mail { name: word("name"), user, tls: got["tls"] == true, to: to.collect(), content }
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.program.wait();
    }
}

/// Whether each signature of a mail is good, by dkimpy. `records` is what DNS says, `name=text` each.
pub(crate) fn signatures(mail: &[u8], records: &[String]) -> Vec<bool> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/dkim_judge.py");
    let mut command = Command::new("/usr/bin/python3");
    command.arg(script).args(records).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut program = command.spawn().expect("python3 is installed");
    program.stdin.take().unwrap().write_all(mail).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success(), "dkimpy is installed (python3-dkim, python3-nacl)");
    serde_json::from_slice(&output.stdout).unwrap()
}
