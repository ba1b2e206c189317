//! Mails over the HTTP interface of a running gateway: the examples of `contrib/HTTP.md` as they stand there, and what becomes of
//! requests that come twice.

use std::process::Stdio;
use std::time::Duration;

use rasn_x400::x419::MtsApdu;
use serde_json::Value;

use super::program::{Folder, Gateway, LabPeer, free_port};
use super::run;

struct Machine {
    folder: Folder,
    smtp: u16,
    peer: LabPeer,
}

impl Machine {
    fn new() -> Self {
        let folder = Folder::new();
        let (smtp, p1) = (free_port(), free_port());
        folder.write_config(smtp, p1);
        let peer = LabPeer::start(&folder, p1);
        std::os::unix::fs::symlink(folder.path("data/x400gw.sock"), folder.path("x400gw.sock")).unwrap();
        Self { folder, smtp, peer }
    }

    fn start(&self) -> Gateway {
        Gateway::start(&self.folder, self.smtp)
    }

    /// What a shell writes that runs a script in the folder.
    fn shell(&self, script: &str) -> String {
        let place = self.folder.path("x400gw.sock");
        let mut command = std::process::Command::new("sh");
        command.args(["-ec", script]).current_dir(place.parent().unwrap()).stdin(Stdio::null());
        let (code, output, errors) = run(&mut command);
        assert_eq!(code, Some(0), "{script}\n{output}{errors}");
        output
    }

    /// The answer to a request, with its status.
    fn ask(&self, arguments: &str) -> (u64, Value) {
        let curl = "curl --silent --unix-socket x400gw.sock --write-out '\\n%{http_code}'";
        let output = self.shell(&format!("{curl} {arguments}"));
        let (body, status) = output.rsplit_once('\n').unwrap();
        (
            status.parse().unwrap(),
            serde_json::from_str(body).unwrap_or_else(|_| panic!("{arguments}: {output}")),
        )
    }
}

/// The scripts of a document.
fn scripts(document: &str) -> Vec<&str> {
    let blocks = document.split("```sh\n").skip(1);
    blocks.filter_map(|block| block.split_once("```")).map(|(script, _)| script).collect()
}

fn contains(octets: &[u8], text: &str) -> bool {
    octets.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn the_examples_of_the_document_do_what_it_says() {
    let machine = Machine::new();
    let gateway = machine.start();
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/contrib/HTTP.md")).unwrap();
    let scripts = scripts(&document);
    assert_eq!(scripts.len(), 3, "a mail, a form, and what became of it");
    std::fs::write(machine.folder.path("note.pdf"), "not really a PDF").unwrap();
    let mut ids = Vec::new();
    for script in &scripts[..2] {
        let answer: Value = serde_json::from_str(&machine.shell(script)).unwrap();
        assert_eq!(answer["refused"], serde_json::json!([]), "{script}");
        ids.push(answer["id"].as_str().unwrap().to_owned());
    }
    let arrived = machine.peer.wait_for(2, Duration::ZERO);
    for text in ["Greetings", "Hello from a file", "Numbers", "not really a PDF", "note.pdf"] {
        assert!(arrived.iter().any(|one| contains(one, text)), "no `{text}`");
    }
    assert!(
        arrived.iter().all(|one| matches!(MtsApdu::from_octets(one, one.len()), Ok(MtsApdu::Message(_))))
    );
    let status: Value = serde_json::from_str(&machine.shell(&scripts[2].replace("ID", &ids[0]))).unwrap();
    assert_eq!(status["id"], ids[0].as_str());
    let happened: Vec<&str> =
        status["timeline"].as_array().unwrap().iter().filter_map(|one| one["what"].as_str()).collect();
    assert_eq!(happened.first(), Some(&"accepted"), "{status:#}");

    // What came twice is taken once, also when the gateway was killed meanwhile.
    std::fs::write(
        machine.folder.path("mail.eml"),
        "From: ann@internet.example\nTo: a@navy.x400.example\nSubject: once\n\nHi\n",
    )
    .unwrap();
    let once = "--header 'Content-Type: message/rfc822' --header 'Idempotency-Key: \"k1\"' --data-binary @mail.eml \
                http://localhost/v1/messages";
    let (status, first) = machine.ask(once);
    assert_eq!(status, 202, "{first}");
    gateway.kill();
    let _gateway = machine.start();
    assert_eq!(machine.ask(once), (202, first));
    let (status, other) = machine
        .ask(&once.replace("@mail.eml", "'From: a@internet.example\nTo: a@navy.x400.example\n\nOther'"));
    assert_eq!(
        (status, other["error"].as_str()),
        (422, Some("this Idempotency-Key was used for something else"))
    );
    machine.peer.wait_for(3, Duration::ZERO);
    let (_, queue) = machine.ask("'http://localhost/v1/queue?limit=1000'");
    assert_eq!(queue["entries"].as_array().unwrap().len(), 3, "{queue:#}");
    refusals(&machine);
}

fn refusals(machine: &Machine) {
    let mail = |headers: &str, query: &str, data: &str| {
        machine.ask(&format!("{headers} --data-binary '{data}' 'http://localhost/v1/messages{query}'"))
    };
    const RFC822: &str = "--header 'Content-Type: message/rfc822'";
    const FORM: &str = "--header 'Content-Type: application/json'";
    const GOOD: &str = "From: ann@internet.example\nTo: a@navy.x400.example\n\nHello";
    for (headers, query, data, expected, said) in [
        ("--header 'Content-Type: text/plain'", "", "x", 415, "neither `message/rfc822`"),
        (RFC822, "", "Hello", 422, "has no header"),
        (RFC822, "", "Subject: x\n\n", 422, "no recipients"),
        (RFC822, "?colour=red", GOOD, 422, "no parameter `colour`"),
        (RFC822, "?notify=sometimes", GOOD, 422, "a sender is told"),
        (RFC822, "?to=b@nowhere.example", GOOD, 422, "nobody can get it"),
        (RFC822, "?from=b", "To: a@navy.x400.example\r\n\r\na\rb\r\n", 422, "line 3 of the mail has a CR"),
        (FORM, "", "{", 422, "the form:"),
        (
            FORM,
            "",
            "{\"from\":\"ann@internet.example\",\"to\":\"b@nowhere.example\"}",
            422,
            "nobody can get it",
        ),
        (FORM, "", "{\"from\":\"ann@internet.example\"}", 422, "no recipients"),
        (
            "--header 'Content-Type: message/rfc822' --header 'Idempotency-Key: \"a b\"'",
            "",
            GOOD,
            400,
            "Idempotency-Key",
        ),
    ] {
        let (status, answer) = mail(headers, query, data);
        assert_eq!(status, expected, "{query} {data}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(said), "{query} {data}: {answer}");
    }
    // Who can get it does.
    let (status, answer) = mail(RFC822, "?from=&to=a@navy.x400.example,b@nowhere.example", GOOD);
    assert_eq!(
        (status, answer["refused"][0]["recipient"].as_str()),
        (202, Some("b@nowhere.example")),
        "{answer}"
    );
    assert_eq!(answer["refused"][0]["code"], 550);
    let (status, _) = machine.ask("http://localhost/v1/messages/362hnaze0ejk61515r");
    assert_eq!(status, 404);
}
