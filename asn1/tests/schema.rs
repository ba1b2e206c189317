//! The schema, judged by a compiler of others: Erlang's asn1ct compiles it, decodes every sample with it, and encodes what it
//! decoded for this crate to read.

#![allow(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "runs a compiler over files")]

#[allow(dead_code, reason = "made for another test")]
#[path = "forms/productions.rs"]
mod productions;
#[allow(dead_code, reason = "made for another test")]
#[path = "forms/rewrite.rs"]
mod rewrite;
#[allow(dead_code, reason = "made for another test")]
#[path = "forms/samples.rs"]
mod samples;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use productions::productions;
use rasn_x400::ber;
use rasn_x400::x419::MtsApdu;
use rewrite::{Length, Node};
use samples::{Sample, hex, octets, samples};

/// ASN.1 module, and the modules of this crate whose types it has.
const MODULES: &[(&str, &[&str])] = &[
    (
        "X411",
        &[
            "address",
            "attribute",
            "universal",
            "bind",
            "envelope",
            "extension",
            "physical",
            "report",
            "security",
            "standard",
            "trace",
            "value",
        ],
    ),
    ("X419", &["x419"]),
    (
        "X420",
        &[
            "x420",
            "basic_body",
            "body",
            "distribution",
            "extended_body",
            "file_attributes",
            "file_transfer",
            "forwarded",
            "heading",
            "ipm_security",
            "notification",
        ],
    ),
    ("STANAG4406", &["stanag4406", "compressed", "military_body", "mmhs"]),
    ("X435", &["x435", "edi_body", "edim", "edin", "reason"]),
    ("X228", &["rtse"]),
    ("X227", &["acse"]),
    ("X226", &["presentation"]),
    ("X411-1984", &[]),
];

/// The ASN.1 module and type of a production.
fn described(name: &str) -> Option<(&'static str, &str)> {
    let (module, ty) = name.split_once("::")?;
    MODULES.iter().find(|(_, modules)| modules.contains(&module)).map(|(asn1, _)| (*asn1, ty))
}

fn schema() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema")
}

/// Runs a program of Erlang; without it the test fails and says which package brings it.
fn erlang(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| {
        panic!("{program}: {error}; install the packages erlang-base and erlang-asn1, or use tests/run")
    });
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Every module and the judge, compiled once.
fn compiled() -> &'static Path {
    static COMPILED: OnceLock<PathBuf> = OnceLock::new();
    COMPILED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("schema");
        std::fs::create_dir_all(&folder).unwrap();
        let place = folder.to_str().unwrap();
        let (sources, judge) = (schema(), "tests/schema/judge.erl");
        // A module comes after those it imports from.
        for (module, _) in MODULES {
            let source = sources.join(format!("{module}.asn1"));
            let arguments = ["-o", place, "-I", sources.to_str().unwrap(), "-I", place, "+ber"];
            erlang("erlc", &[&arguments[..], &[source.to_str().unwrap()]].concat());
        }
        let judge = Path::new(env!("CARGO_MANIFEST_DIR")).join(judge);
        erlang("erlc", &["-o", place, judge.to_str().unwrap()]);
        folder
    })
}

/// Asks about octets; one answer for each, `ok hex` or `error why`.
fn ask(topic: &str, questions: &[(&str, &str, &[u8])]) -> Vec<String> {
    let lines: Vec<String> =
        questions.iter().map(|(module, ty, octets)| format!("{module} {ty} {}\n", hex(octets))).collect();
    let file = compiled().join(topic);
    std::fs::write(&file, lines.concat()).unwrap();
    let (place, file) = (compiled().to_str().unwrap(), file.to_str().unwrap());
    let answers = erlang("erl", &["-noshell", "-pa", place, "-run", "judge", "main", file]);
    let answers: Vec<_> = answers.lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), questions.len(), "an answer for each question");
    answers
}

/// Extensions whose type is written as ISODE-based peers do: read here, but not the standard's form (Q3).
fn is_explicit_form(sample: &Sample) -> bool {
    let start = match sample.name.as_str() {
        "extension::ExtensionType" => 0,
        "extension::ExtensionField" => 2,
        _ => return false,
    };
    sample.octets.get(start) == Some(&0xa0)
}

#[test]
fn the_schema_has_every_type() {
    let declared: Vec<(&str, String)> = MODULES
        .iter()
        .flat_map(|(module, _)| {
            let text = std::fs::read_to_string(schema().join(format!("{module}.asn1"))).unwrap();
            let types: Vec<_> = text
                .lines()
                .filter_map(|line| Some((*module, line.split_once(" ::= ")?.0.to_owned())))
                .collect();
            types
        })
        .collect();
    let missing: Vec<_> = productions()
        .into_keys()
        .filter(|name| {
            described(name).is_some_and(|(module, ty)| !declared.contains(&(module, ty.to_owned())))
        })
        .collect();
    assert!(missing.is_empty(), "not in the schema: {missing:?}");
}

/// A-18 and all the others: asn1ct reads what this crate writes, and this crate reads the same value in what asn1ct writes.
#[test]
fn asn1ct_and_the_crate_agree_about_every_sample() {
    let samples = samples();
    let known: Vec<_> =
        samples.iter().filter_map(|sample| Some((sample, described(&sample.name)?))).collect();
    let questions: Vec<_> =
        known.iter().map(|(sample, (module, ty))| (*module, *ty, &sample.octets[..])).collect();
    let mut problems = Vec::new();
    for ((sample, _), answer) in known.iter().zip(ask("samples", &questions)) {
        let encoded = answer.strip_prefix("ok ");
        if is_explicit_form(sample) {
            assert_eq!(encoded, None, "{sample}: {answer}");
            continue;
        }
        let Some(encoded) = encoded else {
            problems.push(format!("{sample} {}: {answer}", hex(&sample.octets)));
            continue;
        };
        match (sample.recode)(&octets(encoded)) {
            Ok(again) => {
                let again = hex(&Node::read(&again).normal().write(Length::Short));
                if again != hex(&sample.octets) {
                    problems.push(format!("{sample}\n  ours   {}\n  theirs {again}", hex(&sample.octets)));
                }
            }
            Err(error) => problems.push(format!("{sample}: {error} in {encoded}")),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(questions.len() > 150, "only {} samples", questions.len());
}

/// with the types of 1984 alone, asn1ct reads what was downgraded and nothing else.
#[test]
fn asn1ct_of_1984_reads_what_was_downgraded() {
    use rasn_x400::x411::edition1984::downgrade;

    let before = samples::plain::of_1988();
    let after = before.clone().map(|apdu| downgrade(apdu).unwrap().apdu);
    let encoded = [before, after].map(|apdus| apdus.map(|apdu| ber::encode(&apdu).unwrap()));
    let questions: Vec<_> =
        encoded.iter().flatten().map(|octets| ("X411-1984", "MtsApdu", &octets[..])).collect();
    let answers = ask("of-1984", &questions);
    for (answer, octets) in answers.iter().zip(encoded.iter().flatten()).take(3) {
        assert!(answer.starts_with("error "), "{}: {answer}", hex(octets));
    }
    for (answer, octets) in answers.iter().zip(encoded.iter().flatten()).skip(3) {
        let theirs: MtsApdu =
            ber::decode(&samples::octets(answer.strip_prefix("ok ").unwrap()), 10_000).unwrap();
        assert_eq!(hex(&ber::encode(&theirs).unwrap()), hex(octets));
    }
}

/// A judge that agrees with everything is none.
#[test]
fn asn1ct_refuses_what_is_wrong() {
    let wrong = [
        ("X411", "MtsIdentifier", "64 04 16 02 41 42"),
        ("X411", "DeliveryReport", "31 03 81 01 00"),
        ("X411", "StandardAttributes", "30 03 8f 01 41"),
        ("X419", "MtsApdu", "a3 02 05 00"),
        ("X420", "IpmIdentifier", "6b 02 31 00"),
        ("X420", "Importance", "0a 01 09"),
        ("STANAG4406", "OtherRecipientDesignator", "31 03 80 01 00"),
        ("X435", "EdimIdentifier", "31 03 81 01 61"),
        ("X228", "Rtorq", "31 03 80 01 0a"),
    ]
    .map(|(module, ty, hex)| (module, ty, octets(hex)));
    let questions: Vec<_> = wrong.iter().map(|(module, ty, octets)| (*module, *ty, &octets[..])).collect();
    for (answer, (module, ty, _)) in ask("wrong", &questions).iter().zip(&questions) {
        assert!(answer.starts_with("error "), "{module} {ty}: {answer}");
    }
}
