//! `x400gw rules diff` and `replay` as an operator meets them: what other rules would change.

use crate::message;
use crate::program;

use std::path::Path;
use std::process::Command;

use program::{Folder, Gateway, free_port, submit, x400gw};
use serde::Deserialize;

mod arrived;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    old: String,
    new: String,
    addresses: Vec<String>,
    /// What else is said to the command.
    #[serde(default)]
    options: Vec<String>,
    code: i32,
    output: String,
    #[serde(default)]
    errors: String,
}

/// Exit code, output and errors.
fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let [text, errors] = [output.stdout, output.stderr].map(|octets| String::from_utf8(octets).unwrap());
    (output.status.code(), text, errors)
}

/// The output with words in the place of versions, which change with every letter of the rules.
fn without_versions(output: &str) -> String {
    let is_version = |word: &str| word.len() == 16 && word.bytes().all(|octet| octet.is_ascii_hexdigit());
    let mut text = output.to_owned();
    for word in output.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| is_version(word)) {
        text = text.replace(word, "VERSION");
    }
    text
}

#[test]
fn what_changes_is_told_and_counted() {
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/difference/cases.toml"));
    let cases: Cases = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in cases.case {
        let folder = Folder::new();
        for (name, text) in [("old.toml", &case.old), ("new.toml", &case.new)] {
            std::fs::write(folder.path(name), text).unwrap();
        }
        std::fs::write(folder.path("list"), case.addresses.join("\n")).unwrap();
        std::fs::write(folder.path("x400gw.toml"), CONFIG).unwrap();
        let mut arguments = vec!["rules", "diff", "old.toml", "new.toml", "--addresses", "list"];
        arguments.extend(case.options.iter().map(String::as_str));
        let (code, output, errors) = run(x400gw().args(&arguments).current_dir(folder.path("")));
        let output = without_versions(&output);
        if (code, output.trim_end()) != (Some(case.code), case.output.trim())
            || !errors.contains(&case.errors)
        {
            wrong.push(format!("== {}: {code:?}\n{output}{errors}", case.name));
        }
        // The same for programs: as many changes, then the summary.
        let (again, lines, _) =
            run(x400gw().args(&arguments).args(["--format", "json"]).current_dir(folder.path("")));
        let lines: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(again, code);
        let Some((summary, changes)) = lines.split_last() else { continue };
        assert_eq!(summary["summary"]["changes"], changes.len(), "{}", case.name);
        assert!(changes.iter().all(|change| change["old"]["because"].is_array()), "{changes:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// For cases that name it: two peers, and who gets what.
const CONFIG: &str = "[gateway]\ndomain = \"/PRMD=gw/ADMD=mail/C=xx/\"\n\
    [[peer]]\nname = \"hub\"\naddress = \"127.0.0.1:10103\"\n\
    [[peer]]\nname = \"spoke\"\naddress = \"127.0.0.1:10104\"\n\
    [[route]]\naddress = \"/O=Navy/ADMD=mail/C=xx/\"\npeer = \"hub\"\n\
    [[route]]\naddress = \"/O=Army/ADMD=mail/C=xx/\"\npeer = \"spoke\"\n";

const RULES: &str = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gw; A=mail; C=xx\"\n\
    [[equivalence]]\ndomain = \"navy.example\"\nor = \"O=Navy; A=mail; C=xx\"\n";

/// What a running gateway has seen and still has is tried with other rules, beside it, and nothing of it changes.
#[test]
fn a_queue_is_tried_with_other_rules_while_its_gateway_runs() {
    let folder = Folder::new();
    let (smtp, p1) = (free_port(), free_port());
    folder.write_config(smtp, p1);
    std::fs::write(folder.path("old.toml"), RULES).unwrap();
    std::fs::write(folder.path("new.toml"), RULES.replace("O=Navy", "O=Fleet")).unwrap();
    let config = std::fs::read_to_string(folder.path("x400gw.toml")).unwrap();
    let config =
        config.replace("[gateway]\n", &format!("[gateway]\nmappings = {:?}\n", folder.path("old.toml")));
    std::fs::write(folder.path("x400gw.toml"), config).unwrap();
    let _gateway = Gateway::start(&folder, smtp);
    assert!(submit(smtp, "Orders", "hopper@navy.example").starts_with("250 "));

    let rules = |words: &[&str]| {
        let mut command = x400gw();
        command.arg("rules").args(words).current_dir(folder.path(""));
        run(&mut command)
    };
    let (code, output, errors) = rules(&["diff", "old.toml", "new.toml", "-c", "x400gw.toml"]);
    assert_eq!(code, Some(1), "{output}{errors}");
    assert!(output.contains("hopper@navy.example (recipient): mapped otherwise"), "{output}");
    assert!(output.contains("  new: /S=hopper/O=Fleet/ADMD=mail/C=xx/ [new.toml:4]"), "{output}");
    assert!(output.contains("old.toml:4 -> new.toml:4"), "{output}");

    let (code, output, errors) = rules(&["replay", "old.toml", "new.toml", "-c", "x400gw.toml"]);
    assert_eq!(code, Some(1), "{output}{errors}");
    assert!(output.contains("1 of 1 messages would differ"), "{output}");
    assert!(output.contains("Fleet") && output.contains("recipient"), "{output}");
    // What else rules say of a message: who may get it, its bodies and fields, and what a peer's rules make of its addresses.
    for (more, said) in [
        (
            "[[policy]]\nname = \"closed\"\nto = \"@navy.example\"\naction = \"refuse\"\nreason = \"not now\"\n",
            "new: refused: recipient 1: policy closed (more.toml:7) refuses it: not now",
        ),
        ("[[body]]\nmaximum-content = 10\n", "new: refused: "),
        ("[[header]]\nfield = \"Subject\"\nset = \"Secret\"\n", "new: \"Secret\""),
        (
            "[[user]]\ninternet = \"hopper@navy.example\"\nor = \"S=Boss; O=Navy; A=mail; C=xx\"\npeer = \"hub\"\n",
            "new: \"Boss\"",
        ),
    ] {
        std::fs::write(folder.path("more.toml"), format!("{RULES}{more}")).unwrap();
        let (code, output, errors) = rules(&["replay", "old.toml", "more.toml", "-c", "x400gw.toml"]);
        assert_eq!(code, Some(1), "{output}{errors}");
        assert!(output.contains(said), "no `{said}` in {output}");
    }
    let (code, output, errors) = rules(&["replay", "old.toml", "old.toml", "--queue", "data"]);
    assert_eq!(code, Some(0), "{output}{errors}");
    let (code, _, errors) = rules(&["replay", "old.toml", "new.toml", "--queue", "nowhere"]);
    assert_eq!(code, Some(2), "{errors}");

    // The same rules, put in force: the message leaves by them.
    let (code, output, errors) = rules(&["status", "-c", "x400gw.toml"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(output.contains("activation 1") && output.contains("old.toml"), "{output}");
    std::fs::write(folder.path("old.toml"), RULES.replace("[[equivalence]]", "[[equivalense]]")).unwrap();
    let (code, _, errors) = rules(&["reload", "-c", "x400gw.toml"]);
    assert_eq!(code, Some(2), "{errors}");
    for part in ["X0002", "old.toml:4:3", "did you mean `equivalence`?", "those in force stay"] {
        assert!(errors.contains(part), "no `{part}` in {errors}");
    }
    std::fs::write(folder.path("old.toml"), RULES.replace("O=Navy", "O=Fleet")).unwrap();
    let (code, output, errors) = rules(&["reload", "-c", "x400gw.toml", "--reason", "the fleet moves"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(output.contains("activation 2") && output.contains("(the fleet moves); before: "), "{output}");
    let (code, _, errors) = rules(&["status", "--gateway", "nowhere.sock"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("no gateway answers at nowhere.sock"), "{errors}");
}
