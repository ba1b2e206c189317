//! Conversations of swaks with a gateway: the files in `tests/smtp/swaks` say what is asked of swaks and what is said then.
//!
//! | line | meaning |
//! |---|---|
//! | `! line` | a line of `[smtp]`, or of its listener after `[[smtp.listener]]` |
//! | `$ arguments` | what swaks is called with, besides the server and the mail; in `'…'` what has spaces |
//! | `C: text`, `S: text` | what the client sends, what the server answers, as swaks saw it |
//! | `tls` | TLS began |
//! | `# text` | a comment |
//!
//! `UPDATE_DIALOGUES=1` writes down what was said.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::authority::Authority;
use super::gateway::Gateway;

/// The mail that is sent.
const MAIL: &str = "From: a@a.example\nTo: b@navy.x400.example\nDate: Fri, 27 Nov 2026 12:00:00 +0000\n\
                    Message-Id: <1@a.example>\nSubject: x\n\nHello.\n";

#[test]
fn swaks_is_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp/swaks");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let authority = Authority::new();
    let mut failures = Vec::new();
    for file in files {
        let written = std::fs::read_to_string(&file).unwrap();
        let head: Vec<&str> = written.lines().take_while(|line| line.starts_with(['#', '!', '$'])).collect();
        let said = format!("{}\n{}", head.join("\n"), conversation(&head, &authority));
        if std::env::var_os("UPDATE_DIALOGUES").is_some() {
            std::fs::write(&file, &said).unwrap();
        } else if said != written {
            failures.push(format!("{}\n{said}", file.display()));
        }
    }
    assert!(failures.is_empty(), "otherwise than in the file:\n{}", failures.join("\n"));
}

/// What is said when swaks is called so.
fn conversation(head: &[&str], authority: &Authority) -> String {
    let of = |mark: &str| head.iter().filter_map(|line| line.strip_prefix(mark)).collect::<Vec<_>>();
    let certificate = authority.issue("127.0.0.1");
    let tls = format!(
        "ca = {:?}\ncertificate = {:?}\nkey = {:?}\n",
        authority.path("ca"),
        certificate.certificate.unwrap(),
        certificate.key.unwrap(),
    );
    let gateway = Gateway::start(&format!("{tls}{}", of("! ").join("\n")));
    let mut swaks = Command::new("swaks");
    swaks.args(["--server", "127.0.0.1", "--port", &gateway.place(0).port().to_string()]);
    swaks.args(["--helo", "a.example", "--data", MAIL, "--suppress-data"]);
    for line in of("$ ") {
        swaks.args(words(line));
    }
    let output = swaks.stdin(Stdio::null()).output().expect("swaks is installed");
    let transcript = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(transcript.contains("220 gw.example"), "{transcript}{}", String::from_utf8_lossy(&output.stderr));
    transcript.lines().filter_map(said).fold(String::new(), |said, line| said + &line + "\n")
}

/// The words of a line, at spaces outside quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('\'').enumerate() {
        match place % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// A line of a transcript as a file has it.
fn said(line: &str) -> Option<String> {
    if line.starts_with("=== TLS started") {
        return Some("tls".to_owned());
    }
    let (mark, text) = line.split_at_checked(4)?;
    let who = match mark {
        " -> " | " ~> " => "C: ",
        "<-  " | "<** " | "<~  " | "<~* " => "S: ",
        _ => return None,
    };
    let text = match text.split_once("accepted as ") {
        Some((before, _)) => format!("{before}accepted as Q"),
        None => text.to_owned(),
    };
    Some(format!("{who}{text}"))
}
