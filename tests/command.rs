//! The command as an operator meets it: output, exit codes, and what bad input gets.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]

#[path = "support/authority.rs"]
mod authority;
#[path = "command/explain.rs"]
mod explain;
#[path = "command/http.rs"]
mod http;
#[path = "support/program.rs"]
mod program;
#[path = "command/sendmail.rs"]
mod sendmail;

use std::process::{Command, Output};

use authority::Authority;
use program::{Folder, Gateway, free_port, submit, x400gw};
use x400_gateway::mta::tls::Files;
use x400_gateway::serve;

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (
        status.code(),
        String::from_utf8_lossy(&stdout).into_owned(),
        String::from_utf8_lossy(&stderr).into_owned(),
    )
}

#[test]
fn the_demonstration_ends_after_its_sample_when_nobody_is_at_the_terminal() {
    let (code, output, errors) = run(x400gw().args(["demo", "--smtp-port", "0", "--p1-port", "0"]));
    assert_eq!(code, Some(0), "{output}{errors}");
    for line in ["the gateway answered: 250", "Hopper", "sample.1(a)internet.example", "note.pdf"] {
        assert!(output.contains(line), "no `{line}` in\n{output}");
    }
}

#[test]
fn a_bad_configuration_is_shown_with_a_caret_and_exits_with_2() {
    let folder = Folder::new();
    let file = folder.path("bad.toml");
    std::fs::write(&file, "[smtp]\nlisten = [\"127.0.0.1:2525\"]\nmaximum-sesions = 3\n").unwrap();
    for command in ["check", "serve"] {
        let (code, _, errors) = run(x400gw().arg(command).arg("--config").arg(&file));
        assert_eq!(code, Some(2), "{errors}");
        for part in ["X0002", "bad.toml:3:1", "^^^", "did you mean `maximum-sessions`?"] {
            assert!(errors.contains(part), "no `{part}` in\n{errors}");
        }
    }
}

/// Routes in the order in which they are tried, those that never apply and the peers that none leads to, modes and addresses.
#[test]
fn a_configuration_is_shown_as_what_it_amounts_to() {
    const CONFIG: &str = r#"
[gateway]
domain = "/PRMD=gateway/ADMD=example/C=XX/"
[x400]
listen = "127.0.0.1:10200"
modes = ["normal", "x410-1988"]
[[peer]]
name = "hub"
address = "127.0.0.1:10103"
alternates = ["127.0.0.1:10104"]
[[peer]]
name = "old"
address = "127.0.0.1:10105"
mode = "x410-1984"
dialogue = "two-way-alternate"
associations = "permanent"
quirks = ["explicit-extension-type"]
[[peer]]
name = "spare"
address = "127.0.0.1:10106"
[[route]]
address = "/PRMD=navy/ADMD=x/C=GB/"
peer = ["old", "hub"]
[[route]]
address = "/PRMD=navy/ADMD=x/C=GB/"
content-types = ["P2", "P22"]
internet = true
[[route]]
address = "/S=Hopper/PRMD=navy/ADMD=x/C=GB/"
redirect = "/S=Lovelace/PRMD=navy/ADMD=x/C=GB/"
[[route]]
address = "/S=Hopper/PRMD=navy/ADMD=x/C=GB/"
priority = "urgent"
peer = "hub"
[[route]]
address = "/S=Hopper/PRMD=navy/ADMD=x/C=GB/"
priority = "normal"
peer = "hub"
[[route]]
address = "/S=Hopper/PRMD=navy/ADMD=x/C=GB/"
priority = "non-urgent"
refuse = "not by slow mail"
"#;
    const SHOWN: &str = "\
x400gw.toml: no errors
rules VERSION
routes, in the order in which they are tried:
    4  /S=Hopper/PRMD=navy/ADMD=x/C=GB/, priority urgent      to hub
    5  /S=Hopper/PRMD=navy/ADMD=x/C=GB/, priority normal      to hub
    6  /S=Hopper/PRMD=navy/ADMD=x/C=GB/, priority non-urgent  refused: not by slow mail (Reason 1 (Unable-To-Transfer); Diagnostic 17 (No-Bilateral-Agreement))
    3  /S=Hopper/PRMD=navy/ADMD=x/C=GB/                       redirected to /S=Lovelace/PRMD=navy/ADMD=x/C=GB/
       which goes: route 2, to the Internet side
       never applies: routes 4, 5, 6, which come first, take all its messages
    2  /PRMD=navy/ADMD=x/C=GB/, content type P2 or P22        to the Internet side
    1  /PRMD=navy/ADMD=x/C=GB/                                to old, else to hub
       /PRMD=gateway/ADMD=example/C=XX/, our own domain, over P1 and by no longer route: to the Internet side
       everything else: no route; refused, or a non-delivery report
peers:
  hub: 127.0.0.1:10103, then 127.0.0.1:10104
       mode normal, monologue, no TLS, at most 4 associations, on demand
  old: 127.0.0.1:10105
       mode x410-1984, two-way alternate, no TLS, at most 4 associations, 1 always open, quirks explicit-extension-type
  spare: 127.0.0.1:10106
       mode normal, monologue, no TLS, at most 4 associations, on demand
       no route leads there
mail for the Internet:
  all domains: as DNS says; SMTP, TLS where it is offered
answered:
  SMTP: 127.0.0.1:2525
       everybody to those who are served; who comes from 127.0.0.0/8, ::1/128, anywhere
  P1: 127.0.0.1:10200 without TLS; normal, x410-1988
";
    let folder = Folder::new();
    std::fs::write(folder.path("x400gw.toml"), CONFIG).unwrap();
    let in_folder = folder.path("");
    let (code, output, errors) = run(x400gw().args(["check", "-c", "x400gw.toml"]).current_dir(in_folder));
    let version = serve::load_rules(None).unwrap().rules.version().to_string();
    assert_eq!((code, output), (Some(0), SHOWN.replace("VERSION", &version)), "{errors}");
}

// ledger: mixer M-06
#[test]
fn a_bad_mapping_file_is_refused_and_the_running_gateway_keeps_its_old_one() {
    let folder = Folder::new();
    let (smtp, p1) = (free_port(), free_port());
    folder.write_config(smtp, p1);
    let mappings = folder.path("mappings.toml");
    std::fs::write(&mappings, include_str!("../mappings/default.toml")).unwrap();
    let config = std::fs::read_to_string(folder.path("x400gw.toml")).unwrap();
    let config = config.replace("[gateway]\n", &format!("[gateway]\nmappings = {mappings:?}\n"));
    std::fs::write(folder.path("x400gw.toml"), config).unwrap();
    let gateway = Gateway::start(&folder, smtp);
    assert!(submit(smtp, "before", "Grace.Hopper@navy.x400.example").starts_with("250 "));

    std::fs::write(&mappings, "[[equivalense]]\ndomain = \"x\"\n").unwrap();
    let (code, _, errors) = run(x400gw().arg("check").arg("--mappings").arg(&mappings));
    assert_eq!(code, Some(2), "{errors}");
    assert!(
        errors.contains("mappings.toml:1:") && errors.contains("did you mean `equivalence`?"),
        "{errors}"
    );

    let hang_up = Command::new("kill").args(["-HUP", &gateway.id().to_string()]).status().unwrap();
    assert!(hang_up.success());
    let log = || std::fs::read_to_string(folder.path("gateway.log")).unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !log().contains("the old ones stay in force") {
        assert!(std::time::Instant::now() < until, "{}", log());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(submit(smtp, "after", "Grace.Hopper@navy.x400.example").starts_with("250 "));
}

#[test]
fn an_address_is_mapped_both_ways_and_shows_its_steps() {
    let (code, output, errors) = run(x400gw().args(["map", "Grace.Hopper@navy.x400.example"]));
    assert_eq!(code, Some(0), "{errors}");
    let or_address = output.lines().next().unwrap().to_owned();
    assert!(or_address.starts_with("/G=Grace/S=Hopper/"), "{output}");
    assert!(output.lines().count() > 1, "no steps in {output}");
    let (code, output, errors) = run(x400gw().args(["map", &or_address]));
    assert_eq!((code, output.lines().next()), (Some(0), Some("Grace.Hopper@navy.x400.example")), "{errors}");
}

#[test]
fn a_bad_address_is_shown_with_its_position_and_the_clause() {
    let (code, _, errors) = run(x400gw().args(["map", "/S=Smith/ZZ=what/C=gb/"]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains('^') && errors.contains("4.1"), "{errors}");
}

#[test]
fn a_mail_is_converted_and_explained() {
    let folder = Folder::new();
    let mail = folder.path("mail.eml");
    std::fs::write(&mail, include_str!("../mappings/sample.eml")).unwrap();
    let (code, output, errors) = run(x400gw().arg("convert").arg("--explain").arg(&mail));
    assert_eq!(code, Some(0), "{errors}");
    for part in ["\nheading\n", "header Subject", "what was lost"] {
        assert!(output.contains(part), "no `{part}` in\n{output}");
    }
    let ber = folder.path("mail.ber");
    let (code, ..) = run(x400gw().args(["convert", "--format", "ber", "--output"]).arg(&ber).arg(&mail));
    assert_eq!(code, Some(0));
    let (code, output, _) = run(x400gw().arg("decode").arg("--json").arg(&ber));
    assert_eq!(code, Some(0));
    serde_json::from_str::<serde_json::Value>(&output).unwrap();
}

#[test]
fn a_message_of_x400_becomes_a_mail_with_its_envelope_or_without() {
    let folder = Folder::new();
    let write = |name: &str, arguments: &[&str], from: &std::path::Path| {
        let to = folder.path(name);
        let (code, _, errors) = run(x400gw().arg("convert").args(arguments).arg("-o").arg(&to).arg(from));
        assert_eq!(code, Some(0), "{errors}");
        to
    };
    let mail = folder.path("mail.eml");
    std::fs::write(&mail, include_str!("../mappings/sample.eml")).unwrap();
    let whole = write("whole.ber", &["--to", "x400", "--format", "ber"], &mail);
    let content = write("content.ber", &["--content", "--format", "ber"], &mail);
    for file in [&whole, &content] {
        let (code, output, errors) = run(x400gw().arg("convert").arg("--explain").arg(file));
        assert_eq!(code, Some(0), "{errors}");
        for part in
            ["MAIL FROM:<", "RCPT TO:<Grace.Hopper@navy.x400.example>", "\nSubject: ", "what was lost"]
        {
            assert!(output.contains(part), "no `{part}` in\n{output}");
        }
    }
    let (code, output, errors) = run(x400gw().args(["convert", "-f", "json", "--explain"]).arg(&whole));
    assert_eq!(code, Some(0), "{errors}");
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(json["recipients"][0]["address"], "Grace.Hopper@navy.x400.example");
    assert!(
        json["mail"].as_str().unwrap().contains("\r\n\r\n") && json["explained"]["losses"].is_array(),
        "{json}"
    );
    // The mail that comes out goes in again.
    let again = write("again.eml", &["--to", "internet", "--format", "mail"], &whole);
    let (code, output, errors) = run(x400gw().arg("convert").arg(&again));
    assert!(code == Some(0) && output.contains("Hopper"), "{errors}");
    // Who gets it can be said.
    let recipient = ["--recipient", "/S=Lovelace/PRMD=navy/ADMD=x/C=GB/"];
    let (code, output, errors) = run(x400gw().arg("convert").args(recipient).arg(&content));
    assert!(
        code == Some(0) && output.contains("Lovelace") && !output.contains("RCPT TO:<Grace"),
        "{errors}{output}"
    );
    for arguments in [["--format", "ber"], ["--to", "x400"]] {
        let (code, ..) = run(x400gw().arg("convert").args(arguments).arg(&whole));
        assert_eq!(code, Some(2), "{arguments:?}");
    }
}

#[test]
fn a_report_goes_both_ways() {
    let folder = Folder::new();
    let bounce = folder.path("bounce.eml");
    let text = "From: MAILER-DAEMON@internet.example\nTo: Grace.Hopper@navy.x400.example\nSubject: Undelivered\n\
        Message-ID: <r@internet.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n\
        --x\n\nIt did not arrive.\n--x\nContent-Type: message/delivery-status\n\n\
        Reporting-MTA: dns; mail.internet.example\nOriginal-Envelope-Id: X400-MTS-Identifier: [/PRMD=p/ADMD=a/C=gb/;1]\n\n\
        Final-Recipient: rfc822; ada@internet.example\nAction: failed\nStatus: 5.1.1\n\n--x--\n";
    std::fs::write(&bounce, text).unwrap();
    let report = folder.path("report.ber");
    let convert = ["convert", "--from", "<>", "--format", "ber", "-o"];
    let (code, _, errors) = run(x400gw().args(convert).arg(&report).arg(&bounce));
    assert_eq!(code, Some(0), "{errors}");
    let (_, output, _) = run(x400gw().arg("decode").arg(&report));
    assert!(output.contains("Report") && output.contains("non-delivery-reason"), "{output}");
    let (code, output, errors) = run(x400gw().arg("convert").arg(&report));
    assert_eq!(code, Some(0), "{errors}");
    for part in ["MAIL FROM:<>", "report-type=", "Status: 5.1.1"] {
        assert!(output.contains(part), "no `{part}` in\n{output}");
    }
    let (code, output, errors) = run(x400gw().args(["convert", "--roundtrip"]).arg(&report));
    assert!(code == Some(0) && output.contains("fields compared"), "{output}{errors}");
}

#[test]
fn a_folder_is_converted_file_by_file_and_a_bad_one_does_not_stop_the_rest() {
    let folder = Folder::new();
    let (input, output) = (folder.path("in"), folder.path("out"));
    std::fs::create_dir_all(input.join("cur")).unwrap();
    let sample = include_str!("../mappings/sample.eml");
    for name in ["a.eml", "cur/b.eml"] {
        std::fs::write(input.join(name), sample).unwrap();
    }
    std::fs::write(input.join("nobody.eml"), "Subject: x\n\ny\n").unwrap();
    let (code, _, errors) = run(x400gw().args(["convert", "--to", "x400", "-o"]).arg(&output).arg(&input));
    assert_eq!(code, Some(1), "{errors}");
    for part in
        ["[1/3] a.eml: converted", "[3/3] nobody.eml: ", "no recipient", "2 converted with", ", 1 not"]
    {
        assert!(errors.contains(part), "no `{part}` in\n{errors}");
    }
    // And back.
    let back = folder.path("back");
    let (code, _, errors) = run(x400gw().args(["convert", "--to", "internet", "-o"]).arg(&back).arg(&output));
    assert_eq!(code, Some(0), "{errors}");
    let mail = std::fs::read_to_string(back.join("cur/b.eml.ber.eml")).unwrap();
    assert!(mail.contains("Subject: "), "{mail}");
    let (code, _, errors) = run(x400gw().args(["convert", "--to", "x400"]).arg(&input));
    assert!(code == Some(2) && errors.contains("--output FOLDER"), "{errors}");
}

#[test]
fn a_round_trip_says_what_came_back_otherwise() {
    let folder = Folder::new();
    let mail = folder.path("mail.eml");
    std::fs::write(&mail, include_str!("../mappings/sample.eml")).unwrap();
    let (code, output, errors) =
        run(x400gw().args(["convert", "--roundtrip", "--format", "json"]).arg(&mail));
    assert_eq!(code, Some(0), "{errors}");
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    let parts = json["parts"].as_array().unwrap();
    assert_eq!(parts[0]["kind"], "text/plain", "{json}");
    assert_eq!(parts[1]["name"], "note.pdf", "{json}");
    let listed = json["differences"].as_array().unwrap();
    assert!(listed.iter().all(|one| one["was"].is_null()), "fields of the mail come back: {json}");
    let (code, output, errors) = run(x400gw().args(["convert", "--roundtrip"]).arg(&mail));
    assert_eq!(code, Some(0), "{errors}");
    for part in ["fields compared", "parts", "losses on the way there", "losses on the way back"] {
        assert!(output.contains(part), "no `{part}` in\n{output}");
    }
}

/// What is claimed is what the ledger says. ledger: mixer G-11 G-12 G-13
#[test]
fn the_conformance_statement_is_that_of_the_ledger() {
    let (code, output, errors) = run(x400gw().args(["conformance", "--json"]));
    assert_eq!(code, Some(0), "{errors}");
    let statement: serde_json::Value = serde_json::from_str(&output).unwrap();
    let ledger: toml::Table = toml::from_str(include_str!("conformance.toml")).unwrap();
    let requirements = |list: &str| ledger[list]["requirements"].as_table().unwrap().clone();
    let status = |entry: &toml::Value| entry["status"].as_str().unwrap().to_owned();

    let mandatory: Vec<(String, toml::Value)> = requirements("mixer")
        .into_iter()
        .filter(|(_, entry)| matches!(entry["level"].as_str(), Some("must" | "prohibited")))
        .collect();
    let open = |entry: &toml::Value| matches!(status(entry).as_str(), "partial" | "todo");
    let expected: Vec<&String> =
        mandatory.iter().filter(|(_, entry)| open(entry)).map(|(id, _)| id).collect();
    let told: Vec<&str> =
        statement["open"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(told, expected);
    assert_eq!(statement["mandatory"]["all"], mandatory.len());
    assert_eq!(statement["mandatory"]["open"], expected.len());
    assert_eq!(statement["every-mandatory-requirement-met"], expected.is_empty());

    let services = statement["services"].as_array().unwrap();
    for (id, entry) in requirements("mixer").iter().filter(|(id, _)| id.starts_with("SE-")) {
        let told = services.iter().find(|service| service["id"] == id.as_str()).unwrap();
        assert_eq!(told["status"].as_str(), entry["status"].as_str(), "{id}");
        let claimed = told["support"] == told["level"];
        assert_eq!(claimed, !open(entry), "{id}: {told}");
    }
    for area in statement["areas"].as_array().unwrap() {
        let entries = requirements(area["list"].as_str().unwrap());
        for word in ["done", "partial", "exception", "todo"] {
            let count = entries
                .iter()
                .filter(|(id, entry)| id.split('-').next() == area["area"].as_str() && status(entry) == word)
                .count();
            assert_eq!(area[word], count, "{area}: {word}");
        }
    }
    let (code, output, _) = run(x400gw().args(["conformance", "--open"]));
    assert_eq!(code, Some(0));
    for part in ["what is specified (G-11)", "options (G-12)", "SE-23", "MCGAMs from DNS"] {
        assert!(output.contains(part), "no `{part}` in\n{output}");
    }
}

/// Two gateways: what the first transfers, the second keeps in its queue, on disk, where it awaits the Internet side.
/// ledger: beyond T-30 T-31 T-32 T-33
#[test]
fn what_arrives_over_p1_is_kept_in_the_queue() {
    let (first, second) = (Folder::new(), Folder::new());
    let (smtp, p1, unused) = (free_port(), free_port(), free_port());
    first.write_config(smtp, p1);
    let other_smtp = free_port();
    second.write_config(other_smtp, unused);
    let config = std::fs::read_to_string(second.path("x400gw.toml")).unwrap();
    let domain = "mta-name = \"second\"\ndomain = \"/PRMD=demo/ADMD=x400/C=XX/\"";
    let config = config.replace("[gateway]\n", &format!("[gateway]\n{domain}\n")).replace(
        "[queue]\n",
        &format!("[internet]\nhold = true\n[x400]\nlisten = \"127.0.0.1:{p1}\"\n[queue]\n"),
    );
    std::fs::write(second.path("x400gw.toml"), config).unwrap();
    let responder = Gateway::start(&second, other_smtp);
    let _initiator = Gateway::start(&first, smtp);
    assert!(submit(smtp, "to.the.other", "Grace.Hopper@navy.x400.example").starts_with("250 "));

    let log = || std::fs::read_to_string(second.path("gateway.log")).unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !log().contains("awaits the Internet side") {
        assert!(std::time::Instant::now() < until, "{}", log());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    drop(responder);
    let kept = ["queue.db", "queue.db-wal"]
        .map(|file| std::fs::read(second.path("data").join(file)).unwrap_or_default())
        .concat();
    let identifier = b"to.the.other(a)internet.example";
    assert!(kept.windows(identifier.len()).any(|part| part == identifier));
}

/// `x400gw … | head -1` is how people look at long output.
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [&["config"][..], &["demo", "--once", "--smtp-port", "0", "--p1-port", "0"]] {
        let mut command = x400gw();
        let command =
            command.args(arguments).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let Output { status, stderr, .. } = child.wait_with_output().unwrap();
        assert_eq!(
            (status.code(), String::from_utf8_lossy(&stderr).as_ref()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn input_that_says_nothing_exits_with_2_and_a_way_out() {
    let folder = Folder::new();
    let (empty, nobody) = (folder.path("empty"), folder.path("nobody.eml"));
    std::fs::write(&empty, "").unwrap();
    std::fs::write(&nobody, "From: a@internet.example\n\nhello\n").unwrap();
    for (command, file, said) in [
        ("decode", &empty, "nothing in it"),
        ("convert", &empty, "help: name one with --recipient ADDRESS"),
        ("convert", &nobody, "no recipient in To, Cc or Bcc"),
    ] {
        let (code, _, errors) = run(x400gw().arg(command).arg(file));
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.contains(said), "{errors}");
    }
}

/// A script that is played against itself by two lab peers: one answers, the other calls.
#[test]
fn a_script_says_by_its_exit_code_and_its_reports_what_became_of_it() {
    let folder = Folder::new();
    let port = free_port();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path(name), text).unwrap();
        folder.path(name)
    };
    let answer = write(
        "answer.script",
        "name a\nanswer\n  expect bind from b\n  accept bind\n  expect message to Hopper subject \"Hi\"\n  confirm\n  \
         expect close\n  confirm\n",
    );
    let call = write(
        "call.script",
        "name b\npatience 20s\ncall\n  bind\n  expect accept from a\n  send message to /S=Hopper/C=gb/ subject \"Hi\"\n  \
         expect rejection\n  close\n",
    );
    let (junit, json, capture) =
        (folder.path("junit.xml"), folder.path("report.json"), folder.path("all.pcap"));
    let address = format!("127.0.0.1:{port}");
    let mut answering = x400gw();
    answering
        .args(["peer", "--deterministic", "--print", "none", "--listen", &address, "--script"])
        .arg(&answer);
    answering.arg("--pcap").arg(&capture).arg("--store").arg(folder.path("store"));
    let mut answering = answering.stdout(std::process::Stdio::piped()).spawn().unwrap();
    // It says where it answers once it does.
    let mut line = String::new();
    let output = answering.stdout.as_mut().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
    assert!(line.contains(&address), "{line}");

    let mut calling = x400gw();
    calling.args(["peer", "--deterministic", "--call", &address, "--script"]).arg(&call);
    calling.arg("--report-junit").arg(&junit).arg("--report-json").arg(&json);
    let (code, output, errors) = run(&mut calling);
    assert_eq!(code, Some(1), "{output}{errors}");
    assert!(output.contains("FAIL  line   7  expect rejection") && output.contains("X.218 8.3"), "{output}");
    // The one that answers waits for a close and meets an abort.
    assert_eq!(answering.wait().unwrap().code(), Some(1));

    let report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!((&report["passed"], &report["steps"][3]["outcome"]), (&false.into(), &"failed".into()));
    assert_eq!(report["steps"][4]["outcome"], "not-reached");
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("tests=\"5\" failures=\"1\" skipped=\"1\""), "{junit}");
    assert!(std::fs::read_dir(folder.path("store")).unwrap().count() == 1);
    let (code, output, _) = run(x400gw().arg("decode").arg(&capture));
    assert!(code == Some(0) && output.contains("Hopper"), "{output}");
    // The message in the capture as a mail.
    let (code, output, errors) = run(x400gw().args(["convert", "--message", "1"]).arg(&capture));
    assert_eq!(code, Some(0), "{errors}");
    assert!(output.contains("RCPT TO:<") && output.contains("Subject: Hi\n"), "{output}");
    let (code, _, errors) = run(x400gw().args(["convert", "--message", "7"]).arg(&capture));
    assert!(code == Some(2) && errors.contains("no number 7"), "{errors}");
}

#[test]
fn a_bad_script_is_shown_with_a_caret_and_exits_with_2() {
    let folder = Folder::new();
    let file = folder.path("bad.script");
    std::fs::write(&file, "answer\n  expekt bind\n").unwrap();
    let (code, _, errors) = run(x400gw().args(["peer", "--script"]).arg(&file));
    assert_eq!(code, Some(2), "{errors}");
    for part in ["X0301", "bad.script:2:3", "^^^^^^", "did you mean `expect`?"] {
        assert!(errors.contains(part), "no `{part}` in\n{errors}");
    }
    std::fs::write(&file, "call\n  bind\n").unwrap();
    let (code, _, errors) = run(x400gw().args(["peer", "--script"]).arg(&file));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("--call HOST:PORT"), "{errors}");
}

/// A lab peer that answers until it is dropped.
struct Answering(std::process::Child);

impl Answering {
    fn start(port: u16, arguments: &[&str]) -> Self {
        let address = format!("127.0.0.1:{port}");
        let mut command = x400gw();
        command.args(["peer", "--listen", &address]).args(arguments);
        let piped = std::process::Stdio::piped;
        let mut child = command.stdout(piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.as_mut().unwrap()), &mut line)
            .unwrap();
        assert!(line.contains(&address), "{line}");
        Self(child)
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ping_says_what_each_layer_answers() {
    let folder = Folder::new();
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let (code, output, _) = run(x400gw().args(["ping", &address]));
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("FAIL TCP") && output.contains("nothing listens"), "{output}");

    let store = folder.path("store");
    let store_text = store.to_string_lossy();
    let _peer =
        Answering::start(port, &["--caller", "x400gw=right", "--store", &store_text, "--print", "none"]);
    let (code, output, _) = run(x400gw().args(["ping", &address, "--password", "wrong"]));
    assert_eq!(code, Some(1), "{output}");
    assert!(output.contains("FAIL MTA bind (X.411)"), "{output}");
    assert!(output.contains("authentication-error") && output.contains("ok   reliable transfer"), "{output}");

    let probe = "/S=Hopper/PRMD=navy/ADMD=x/C=gb/";
    let (code, output, _) =
        run(x400gw().args(["ping", &address, "--password", "right", "--json", "--probe", probe]));
    assert_eq!(code, Some(0), "{output}");
    let answers: serde_json::Value = serde_json::from_str(&output).unwrap();
    let layers = answers["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 9, "{output}");
    assert!(layers.iter().all(|layer| layer["outcome"] == "agreed"), "{output}");
    assert_eq!(std::fs::read_dir(&store).unwrap().count(), 1, "the probe has arrived");

    let (code, _, errors) = run(x400gw().args(["ping", &address, "--tsel", "0x0"]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("hexadecimal"), "{errors}");
}

/// A certificate as the commands are told of it: `--tls-certificate` and its neighbours, or `--certificate` and its.
fn named(files: &Files, certificate: &str, key: &str, ca: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    for (option, file) in [(certificate, &files.certificate), (key, &files.key), (ca, &files.ca)] {
        if let Some(file) = file {
            arguments.extend([option.to_owned(), file.to_string_lossy().into_owned()]);
        }
    }
    arguments
}

// ledger: beyond T-35
#[test]
fn ping_explains_tls_as_a_layer_of_its_own() {
    let (authority, stranger) = (Authority::new(), Authority::called("a stranger"));
    let (tls, plain) = (free_port(), free_port());
    let theirs = named(&authority.issue("127.0.0.1"), "--tls-certificate", "--tls-key", "--client-ca");
    let theirs: Vec<&str> = theirs.iter().map(String::as_str).chain(["--print", "none"]).collect();
    let _peers = [Answering::start(tls, &theirs), Answering::start(plain, &["--print", "none"])];

    let ours = |files: &Files| named(files, "--certificate", "--key", "--ca");
    let unknown = Files { ca: Some(authority.path("ca")), ..stranger.issue("x400gw.example") };
    let own = authority.issue("x400gw.example");
    // which port, what we have, further arguments, the exit code, what is said
    type Case<'a> = (u16, Vec<String>, &'a [&'a str], i32, &'a [&'a str]);
    let table: [Case<'_>; 6] = [
        (
            tls,
            ours(&own),
            &[],
            0,
            &["ok   TLS (RFC 8446)", "TLS 1.3, TLS13_", "certificate for 127.0.0.1", "ok   release"],
        ),
        (
            tls,
            ours(&own),
            &["--server-name", "other.example"],
            1,
            &["FAIL TLS", "not other.example", "help: ", "-    MTA bind"],
        ),
        (
            tls,
            ours(&stranger.issue("x400gw.example")),
            &[],
            1,
            &["FAIL TLS", "not from a CA that is trusted here"],
        ),
        (tls, ours(&unknown), &[], 1, &["FAIL TLS", "the CA of our certificate", "-    transport"]),
        (
            tls,
            ours(&authority.only_ca()),
            &[],
            1,
            &["FAIL TLS", "wants a certificate of ours", "-    transport"],
        ),
        (plain, ours(&own), &[], 1, &["ok   TCP", "FAIL TLS", "-    transport"]),
    ];
    for (port, files, further, expected, parts) in table {
        let mut ping = x400gw();
        ping.args(["ping", &format!("127.0.0.1:{port}"), "--timeout", "20", "--tls"])
            .args(&files)
            .args(further);
        let (code, output, errors) = run(&mut ping);
        assert_eq!(code, Some(expected), "{output}{errors}");
        for part in parts {
            assert!(output.contains(part), "no `{part}` in\n{output}");
        }
        assert_eq!(output.matches("TLS (RFC 8446)").count(), 1, "{output}");
    }
    let (code, output, _) = run(x400gw().args(["ping", &format!("127.0.0.1:{tls}")]));
    assert!(code == Some(1) && output.contains("FAIL transport"), "{output}");
    let (code, _, errors) = run(x400gw().args(["ping", "127.0.0.1", "--tls", "--ca", "/nowhere"]));
    assert!(code == Some(2) && errors.contains("/nowhere"), "{errors}");
}

#[test]
fn scripts_are_played_over_tls_from_both_ends() {
    let (authority, folder, port) = (Authority::new(), Folder::new(), free_port());
    let theirs = named(&authority.issue("127.0.0.1"), "--tls-certificate", "--tls-key", "--client-ca");
    let address = format!("127.0.0.1:{port}");
    let script = |name: &str, text: &str| {
        let path = folder.path(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let answer = script(
        "answer",
        "checkpoint 1\nanswer\nexpect bind\naccept bind\nexpect message to Hopper octets 9000\nconfirm\nexpect close\nconfirm\n",
    );
    let call = script(
        "call",
        "checkpoint 1\ncall\nbind\nexpect accept\nsend message to /S=Hopper/C=gb/ octets 9000\nexpect confirmation\nclose\nexpect closed\n",
    );
    let answer = answer.to_string_lossy();
    let arguments: Vec<&str> = theirs.iter().map(String::as_str).chain(["--script", &answer]).collect();
    let mut answering = Answering::start(port, &arguments);
    let ours = named(&authority.issue("caller.example"), "--certificate", "--key", "--ca");
    let capture = folder.path("all.pcap");
    let mut caller = x400gw();
    caller.args(["peer", "--call", &address, "--tls"]).args(&ours).arg("--script").arg(&call);
    let (code, output, errors) = run(caller.arg("--pcap").arg(&capture));
    assert_eq!(code, Some(0), "{output}{errors}");
    assert_eq!(answering.0.wait().unwrap().code(), Some(0));
    let (code, output, _) = run(x400gw().arg("decode").arg(&capture));
    assert!(code == Some(0) && output.contains("Hopper"), "the capture is of what is within: {output}");

    let mut caller = x400gw();
    caller.args(["peer", "--tls"]).args(&ours).arg("--script").arg(&call);
    let (code, _, errors) = run(&mut caller);
    assert!(code == Some(2) && errors.contains("--call HOST:PORT"), "{errors}");
}
