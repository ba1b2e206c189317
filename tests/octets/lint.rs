//! What `lint` finds in messages with one thing wrong each, where, and what the command says about it.

mod bounds;
use crate::program;

use x400_gateway::lint::{Judgement, Severity, lint};

/// A message from and to `/C=DE/ADMD= /PRMD=acme/O=sales/S=muster`, its content (subject `hi`, text `hello`) in one piece.
const MESSAGE: &str = "
    a081f7 3181a5
      641963116104130244456203130120130461636d6516046d736731
      602630246104130244456203130120a206130461636d65830573616c6573a50880066d7573746572
      460116
      470102
      6927302563116104130244456203130120130461636d653110800b323631313233313230305a820100
      a231312f602630246104130244456203130120a206130461636d65830573616c6573a50880066d7573746572800101810200a8
    044d a04b
      313c
        6b06130469706d31
        a22c312aa028602630246104130244456203130120a206130461636d65830573616c6573a50880066d7573746572
        a80414026869
      300ba0093100160568656c6c6f";

fn octets(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.chars().filter(|character| !character.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

/// The first `from` becomes `to`, of the same length.
fn changed(from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut message = octets(MESSAGE);
    let at = message.windows(from.len()).position(|window| window == from).unwrap();
    message[at..at + to.len()].copy_from_slice(to);
    message
}

/// Severity and code, path, and the octets at the place.
fn told(judgement: &Judgement, octets: &[u8]) -> Vec<String> {
    let told = judgement.findings.iter().map(|finding| {
        let at = finding.offset.unwrap();
        let there: String =
            octets[at..(at + 3).min(octets.len())].iter().map(|o| format!("{o:02x}")).collect();
        let exact = if finding.is_exact { "at" } else { "in" };
        format!("{} {} {} {exact} {there}", finding.severity, finding.code, finding.path)
    });
    told.collect()
}

#[test]
fn a_good_message_has_no_findings() {
    let message = octets(MESSAGE);
    let judgement = lint(&message, None, None);
    assert_eq!(told(&judgement, &message), Vec::<String>::new());
    assert_eq!(judgement.subjects.len(), 1);
    assert_eq!(judgement.subjects[0].identifier.as_deref(), Some("P=acme; A= ; C=DE; msg1"));
}

#[test]
fn what_is_wrong_is_found_with_its_octet() {
    let recipient = "envelope.per-recipient-fields[0]";
    let cases: &[(&[u8], &[u8], String)] = &[
        (
            b"muster",
            b"mu@ter",
            "error value/alphabet envelope.originator-name.standard-attributes.personal-name.surname at 8006".into(),
        ),
        (&octets("4701 02"), &octets("4701 07"), "error value/value envelope.priority at 470107".into()),
        (
            &octets("8001 01 8102"),
            &octets("8001 00 8102"),
            format!("error value/bound {recipient}.originally-specified-recipient-number at 800100"),
        ),
        (
            b"2611231200Z",
            b"2699231200Z",
            "error value/time envelope.trace-information[0].domain-supplied-information.arrival-time at 800b32".into(),
        ),
    ];
    for (from, to, expected) in cases {
        let message = changed(from, to);
        let told = told(&lint(&message, None, None), &message);
        assert!(told.iter().any(|told| told.starts_with(expected.as_str())), "{expected}: {told:#?}");
    }
}

#[test]
fn octets_that_are_wrong_are_found_too() {
    let mut message = octets(MESSAGE);
    message.truncate(message.len() - 3);
    let judgement = lint(&message, None, None);
    let codes: Vec<&str> = judgement.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert!(codes.contains(&"value/undecodable") && codes.contains(&"octets/truncated"), "{codes:?}");
    assert!(judgement.findings.iter().all(|finding| finding.offset.is_some()));
    assert!(judgement.count(Severity::Error) >= 2);
}

#[test]
fn the_command_says_how_bad_it_is() {
    let folder = program::Folder::new();
    let run = |name: &str, octets: &[u8], more: &[&str]| {
        let path = folder.path(name);
        std::fs::write(&path, octets).unwrap();
        let output = program::x400gw().arg("lint").args(more).arg(path).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = run("good.ber", &octets(MESSAGE), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.ends_with("no errors, no warnings, no notices\n"), "{said}");
    let wrong = changed(b"muster", b"mu@ter");
    let (code, said) = run("wrong.ber", &wrong, &[]);
    assert_eq!(code, Some(1), "{said}");
    for part in ["error[value/alphabet]: `@`", "clause: X.680 41.4", "personal-name.surname at octet"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (code, said) = run("wrong.ber", &wrong, &["--json"]);
    assert_eq!(code, Some(1));
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["errors"], 1);
    assert_eq!(said["findings"][0]["clause"], "X.680 41.4");
    assert_eq!(run("text.txt", b"nothing of X.400", &[]).0, Some(2));
    assert_eq!(run("empty", b"", &[]).0, Some(2));
}
