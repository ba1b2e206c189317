//! What `decode` takes apart, `encode` puts together again: the same octets where nothing was changed, and what was asked for
//! where something was.

use crate::program;
use crate::rewrite;
use crate::samples;

use std::collections::BTreeSet;
use std::thread;

use proptest::prelude::*;
use rewrite::{Length, Node};
use serde_json::{Value as Json, json};
use x400_gateway::decode::{Kind, Severity, decode, render};
use x400_gateway::encode::{encode, encode_json, messages};

/// Through JSON as text, as a file would hold it.
fn there_and_back(octets: &[u8], kind: Option<Kind>) -> Vec<u8> {
    let text = render::json(&decode(octets, kind)).to_string();
    encode(&text).unwrap_or_else(|problem| panic!("{problem}\n{}\n{text}", samples::hex(octets)))
}

#[track_caller]
fn assert_survives(octets: &[u8], kind: Option<Kind>, what: &str) {
    let again = there_and_back(octets, kind);
    assert!(again == octets, "{what}\n{}\n{}", samples::hex(octets), samples::hex(&again));
}

#[test]
fn every_sample_survives_in_every_form() {
    let samples = samples::samples();
    let survive = |form| {
        for sample in &samples {
            let what = sample.to_string();
            let mut node = Node::read(&sample.octets);
            assert_survives(&node.write(form), None, &what);
            node.cut_strings(3);
            assert_survives(&node.write(form), None, &what);
        }
    };
    thread::scope(|scope| {
        for form in [Length::Short, Length::Indefinite, Length::Padded] {
            scope.spawn(move || survive(form));
        }
    });
}

/// The typed crate and the schema of `decode` do not know each other, and agree about what there is.
#[test]
fn every_whole_sample_is_explained_without_a_fault() {
    let mut seen = BTreeSet::new();
    for sample in samples::samples() {
        let kind = match sample.name.rsplit("::").next().unwrap() {
            "MtsApdu" => Kind::MtsApdu,
            "InformationObject" | "MilitaryObject" | "EdiObject" => Kind::Content,
            _ => continue,
        };
        seen.insert(sample.name.clone());
        let document = decode(&sample.octets, Some(kind));
        let faults: Vec<_> =
            document.findings().into_iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(faults.is_empty(), "{sample} {}: {faults:#?}", samples::hex(&sample.octets));
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}

/// Kinds that are one value each.
const VALUES: [Kind; 6] =
    [Kind::MtsApdu, Kind::Content, Kind::Rttr, Kind::OrName, Kind::Association, Kind::Ber];

#[test]
fn what_is_cut_off_anywhere_survives() {
    for sample in samples::x411::samples().into_iter().filter(|sample| sample.octets.len() < 400) {
        let octets = Node::read(&sample.octets).write(Length::Indefinite);
        for end in (1..octets.len()).step_by(7) {
            assert_survives(&octets[..end], Some(Kind::Ber), &sample.to_string());
            assert_survives(&octets[..end], Some(Kind::MtsApdu), &sample.to_string());
        }
    }
}

/// Octets that look like BER more often than not: headers in every form, and things that are none.
fn nearly_ber() -> impl Strategy<Value = Vec<u8>> {
    let tags = prop::sample::select(vec![
        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x13, 0x14, 0x16, 0x17, 0x1e, 0x80, 0x41, 0x9f, 0xdf, 0x00,
    ]);
    let leaf = (tags, prop::collection::vec(any::<u8>(), 0..6), any::<bool>()).prop_map(
        |(tag, contents, is_padded)| {
            let length = u8::try_from(contents.len()).unwrap();
            let header = if is_padded { vec![tag, 0x82, 0, length] } else { vec![tag, length] };
            [header, contents].concat()
        },
    );
    let outer = prop::sample::select(vec![0x30, 0x31, 0x24, 0x23, 0x34, 0xa0, 0x60, 0xa1, 0x28, 0x22]);
    let tree = leaf.prop_recursive(5, 40, 5, move |inner| {
        (outer.clone(), prop::collection::vec(inner, 0..5), 0..4_u8).prop_map(|(tag, children, form)| {
            let contents = children.concat();
            let length = u8::try_from(contents.len().min(120)).unwrap();
            match form {
                0 => [&[tag, 0x80], &contents[..], &[0, 0]].concat(),
                1 => [&[tag, 0x80], &contents[..]].concat(),
                _ => [&[tag, length], &contents[..]].concat(),
            }
        })
    });
    prop_oneof![3 => tree, 1 => prop::collection::vec(any::<u8>(), 0..40)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_survive_as_any_kind(octets in nearly_ber(), kind in 0..VALUES.len()) {
        prop_assert_eq!(there_and_back(&octets, Some(VALUES[kind])), octets);
    }
}

/// A message to change things in.
fn message() -> Json {
    let apdu = samples::x411::apdus().into_iter().next().unwrap();
    let octets = rasn_x400::ber::encode(&apdu).unwrap();
    render::json(&decode(&octets, None))
}

/// The first element of this name.
fn named<'a>(json: &'a mut Json, name: &str) -> Option<&'a mut Json> {
    if json["name"] == name {
        return Some(json);
    }
    let inside = if json.get("nodes").is_some() { "nodes" } else { "children" };
    json.get_mut(inside)?.as_array_mut()?.iter_mut().find_map(|child| named(child, name))
}

#[test]
fn values_are_given_by_name_and_lengths_counted_anew() {
    let mut json = json!({
        "tag": "SEQUENCE",
        "children": [
            { "tag": "[APPLICATION 7]", "type": "Priority", "value": { "name": "urgent" } },
            { "tag": "OBJECT IDENTIFIER", "value": { "name": "P772" } },
            { "tag": "BIT STRING", "type": "DeliveryFlags", "value": { "names": ["implicit-conversion-prohibited"] } },
            { "tag": "PrintableString", "value": { "text": "abc", "charset": "PrintableString" } },
            { "tag": "[0]", "constructed": true },
            { "tag": "NULL", "value": { "null": null } },
        ],
    });
    let expected = "30 1a 470102 0608 2b1a00a236000401 0302 0640 1303 616263 a000 0500";
    assert_eq!(samples::hex(&encode_json(&json).unwrap()), expected.replace(' ', ""));
    json["indefinite"] = json!(true);
    json["unterminated"] = json!(true);
    json["children"][5] = json!({ "tag": "NULL", "claimed_length": 7, "length_octets": 2 });
    let expected = "30 80 470102 0608 2b1a00a236000401 0302 0640 1303 616263 a000 05820007";
    assert_eq!(samples::hex(&encode_json(&json).unwrap()), expected.replace(' ', ""));
}

#[test]
fn a_segment_gives_way_when_the_value_grows() {
    let octets = samples::octets("2480 0403616263 0403646566 0000");
    let mut json = render::json(&decode(&octets, Some(Kind::Ber)));
    json["nodes"][0]["value"] = json!({ "octets": "3132333435363738" });
    let expected = "24800403313233040534353637380000";
    assert_eq!(samples::hex(&encode_json(&json).unwrap()), expected);
}

#[test]
fn a_changed_message_is_what_it_was_changed_to() {
    let mut json = message();
    let priority = named(&mut json, "priority").unwrap();
    priority["value"] = json!({ "name": "non-urgent" });
    let document = decode(&encode_json(&json).unwrap(), None);
    let priority = document.nodes[0].find("priority").unwrap();
    assert_eq!(render::line(priority, render::Limits::FULL), "[APPLICATION 7] priority (1)  1 non-urgent");
    assert_eq!(messages(&json).len(), 1);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let cases = [
        ("{", "line 1, column 1"),
        ("[]", "the document: an object is expected"),
        (r#"{"nodes": 1}"#, "nodes: a list of elements is expected"),
        (r#"{"kind": "pcap", "nodes": []}"#, "kind: a pcap is not one value"),
        (r#"{"nodes": [{"tag": "[x]"}]}"#, "nodes[0].tag: not a tag"),
        (r#"{"tag": "NULL", "contents": "0"}"#, "contents: octets in hexadecimal are expected"),
        (
            r#"{"tag": "INTEGER", "value": {"integer": 1}, "contents": "02"}"#,
            "contents: these octets do not say the value",
        ),
        (
            r#"{"nodes": [{"children": [{"type": "Priority", "value": {"name": "soon"}}]}]}"#,
            "nodes[0].children[0].value.name: `soon` is not known\nhelp: Priority has normal, non-urgent, urgent",
        ),
        (
            r#"{"tag": "IA5String", "value": {"text": "é", "charset": "IA5String"}}"#,
            "value: `é` is not in the string type",
        ),
        (r#"{"tag": "NULL", "value": {}}"#, "value: nothing that is known as a value"),
        (
            r#"{"type": "Priority", "value": {"integer": 0, "name": "urgent"}}"#,
            "value.integer: 0, but the name says 2",
        ),
    ];
    for (text, expected) in cases {
        let said = encode(text).unwrap_err().to_string();
        assert!(said.starts_with(expected), "{text}: {said}");
    }
}

#[test]
fn the_commands_fit_together() {
    let folder = program::Folder::new();
    let octets = rasn_x400::ber::encode(&samples::x411::apdus()[0]).unwrap();
    let (ber, text, again) = (folder.path("a.ber"), folder.path("a.json"), folder.path("b.ber"));
    std::fs::write(&ber, &octets).unwrap();
    let decoded = program::x400gw().args(["decode", "--json"]).arg(&ber).output().unwrap();
    std::fs::write(&text, decoded.stdout).unwrap();
    let encoded = program::x400gw().arg("encode").arg(&text).arg("-o").arg(&again).output().unwrap();
    assert!(encoded.status.success(), "{}", String::from_utf8_lossy(&encoded.stderr));
    assert_eq!(std::fs::read(&again).unwrap(), octets);
    let encoded = program::x400gw().args(["encode", "-m", "2"]).arg(&text).output().unwrap();
    assert_eq!(encoded.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&encoded.stderr).contains("message 2: there are 1"));
}
