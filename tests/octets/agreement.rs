//! The schema of `decode` and the types of `rasn-x400` do not know each other. Here they are compared leaf by leaf: every name
//! and every value that one of them finds in a message, the other finds as well.
//!
//! What the typed value says comes from its `Debug` form, which the compiler writes. `agreement/names.txt` has the names of the
//! crate that are not the standard's; a name or value that is wrong in either is an error here.

mod leaves;
mod names;
mod open;
use crate::samples;
mod shape;

use std::collections::BTreeSet;

use names::Names;
use open::printed;
use rasn_x400::ber;
use rasn_x400::stanag4406::MilitaryObject;
use rasn_x400::x411::envelope::ContentType;
use rasn_x400::x411::extension::*;
use rasn_x400::x411::non_delivery::{NonDeliveryDiagnostic, NonDeliveryReason};
use rasn_x400::x411::report::{NonDeliveryReport, ReportType};
use rasn_x400::x411::security::{SecurityClassification, SecurityLabel};
use rasn_x400::x419::{Message, MtsApdu};
use rasn_x400::x420::InformationObject;
use rasn_x400::x435::EdiObject;
use x400_gateway::decode::render::{self, Limits};
use x400_gateway::decode::{Kind, Value, decode};

fn names() -> Names {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agreement/names.txt");
    Names::read(&std::fs::read_to_string(file).unwrap())
}

/// What is in one of the trees of these octets and not in the other.
fn disagreements(octets: &[u8], kind: Kind, printed: &str, names: &Names) -> Vec<String> {
    let shape = open::filled(shape::read(printed));
    leaves::disagreements(&decode(octets, Some(kind)), leaves::typed(&shape, names), names)
}

/// Compares one value, and what it contains.
fn compare(what: &str, octets: &[u8], names: &Names, wrong: &mut Vec<String>) -> usize {
    let mut note = |what: &str, lines: Vec<String>| {
        wrong.extend(lines.into_iter().map(|line| format!("{what}: {line}")));
    };
    let size = octets.len();
    if let Ok(apdu) = ber::decode::<MtsApdu>(octets, size)
        && matches!(apdu, MtsApdu::Message(_) | MtsApdu::Probe(_) | MtsApdu::Report(_))
    {
        note(what, disagreements(octets, Kind::MtsApdu, &format!("{apdu:?}"), names));
        let MtsApdu::Message(message) = apdu else { return 1 };
        let interpersonal = [ContentType::P2, ContentType::P22, ContentType::P35];
        let content = message.content.0;
        return match interpersonal.contains(&message.envelope.content_type) {
            true => 1 + compare(&format!("{what}, content"), &content, names, wrong),
            false => 1,
        };
    }
    let content = match what.contains("MilitaryObject") {
        true => printed::<MilitaryObject>(octets),
        false => printed::<InformationObject>(octets).filter(|printed| !printed.starts_with("Unknown")),
    };
    let content = content.or_else(|| printed::<EdiObject>(octets));
    let content = content.unwrap_or_else(|| panic!("{what}: no type has it"));
    note(what, disagreements(octets, Kind::Content, &content, names));
    1
}

fn encoded(message: &Message) -> Vec<u8> {
    ber::encode(&MtsApdu::Message(message.clone())).unwrap()
}

/// ledger: beyond A-13 A-14
#[test]
fn every_leaf_of_every_sample_is_the_same_to_both() {
    let (names, mut wrong, mut seen) = (names(), Vec::new(), BTreeSet::new());
    for sample in samples::samples() {
        let whole = ["MtsApdu", "InformationObject", "MilitaryObject", "EdiObject"];
        if whole.contains(&sample.name.rsplit("::").next().unwrap()) {
            seen.insert(sample.name.clone());
            compare(&sample.to_string(), &sample.octets, &names, &mut wrong);
        }
    }
    // Every extension there is, as the standard writes its type and as ISODE does (Q3).
    let [MtsApdu::Message(mut message), ..] = samples::x411::apdus() else { panic!("a message first") };
    message.envelope.extensions = samples::extension::extension_fields();
    compare("all extensions", &encoded(&message), &names, &mut wrong);
    for field in &mut message.envelope.extensions {
        if let ExtensionType::Standard(number) = field.kind {
            field.kind = ExtensionType::StandardExplicit(number);
        }
    }
    compare("all extensions, explicit", &encoded(&message), &names, &mut wrong);
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert_eq!(names.unused(), [""; 0], "names that nothing needs");
}

/// The comparison finds a wrong name and a wrong value, in either tree.
#[test]
fn what_differs_is_found() {
    let [apdu, ..] = samples::x411::apdus();
    let octets = ber::encode(&apdu).unwrap();
    let printed = format!("{apdu:?}");
    let names = names();
    // a value, a name with four leaves below it, and the text of a leaf
    for (from, to, differences) in [
        ("Priority(", "Priority(1", 2),
        ("message_identifier", "message_name", 8),
        ("local_identifier: \"", "local_identifier: \"x", 2),
    ] {
        assert!(printed.contains(from), "{from}: {printed}");
        let changed = printed.replacen(from, to, 1);
        let found = disagreements(&octets, Kind::MtsApdu, &changed, &names);
        assert_eq!(found.len(), differences, "{from}: {found:#?}");
    }
}

/// What the explanation says beside a number somewhere in a value.
fn name_beside(octets: &[u8], kind: Kind, member: &str) -> Option<&'static str> {
    let document = decode(octets, Some(kind));
    let node = document.nodes.iter().find_map(|node| node.find(member)).unwrap();
    match node.value {
        Some(Value::Integer { name, .. }) => name,
        _ => panic!("{member} is no number: {node:?}"),
    }
}

/// Codes have the same names in the catalogues of both.
#[test]
fn reasons_diagnostics_and_classifications_have_the_same_names() {
    let report = samples::x411::apdus().into_iter().find_map(|apdu| match apdu {
        MtsApdu::Report(report) => Some(report),
        _ => None,
    });
    let mut report = report.unwrap();
    let (mut reasons, mut diagnostics) = (0, 0);
    for number in 0..=u16::from(u8::MAX) {
        let fate = NonDeliveryReport {
            reason_code: number.into(),
            diagnostic_code: Some(number.into()),
            unknown: Vec::new(),
        };
        report.content.per_recipient_fields.truncate(1);
        report.content.per_recipient_fields[0].last_trace_information.report_type =
            ReportType::NonDelivery(fate);
        let octets = ber::encode(&MtsApdu::Report(report.clone())).unwrap();
        let reason = NonDeliveryReason::from_number(number).name();
        assert_eq!(name_beside(&octets, Kind::MtsApdu, "non-delivery-reason-code"), reason, "{number}");
        let diagnostic = NonDeliveryDiagnostic::from_number(number).name();
        assert_eq!(
            name_beside(&octets, Kind::MtsApdu, "non-delivery-diagnostic-code"),
            diagnostic,
            "{number}"
        );
        reasons += usize::from(reason.is_some());
        diagnostics += usize::from(diagnostic.is_some());
    }
    assert!(reasons >= 9 && diagnostics >= 49, "{reasons}, {diagnostics}");

    let [MtsApdu::Message(mut message), ..] = samples::x411::apdus() else { panic!("a message first") };
    for number in 0..=6 {
        let classification = SecurityClassification(number);
        let label = SecurityLabel { classification: Some(classification), ..SecurityLabel::default() };
        message.envelope.extensions = vec![MessageSecurityLabel::field(&label).unwrap()];
        let octets = encoded(&message);
        assert_eq!(
            name_beside(&octets, Kind::MtsApdu, "security-classification"),
            classification.label(),
            "{number}"
        );
    }
    assert_eq!(SecurityClassification(4).label(), Some("secret"));
}

/// Contents of every kind as annotated octets: each octet is there, once, in order.
#[test]
fn every_octet_of_every_content_is_on_the_hex_page_once() {
    let mut seen = BTreeSet::new();
    for sample in samples::samples() {
        let name = sample.name.rsplit("::").next().unwrap().to_owned();
        if !["InformationObject", "MilitaryObject", "EdiObject"].contains(&name.as_str()) {
            continue;
        }
        let page = render::hex(&decode(&sample.octets, Some(Kind::Content)), Limits::FULL);
        let printed: String = page.lines().filter_map(|line| line.get(6..30.min(line.len()))).collect();
        assert_eq!(samples::octets(&printed), sample.octets, "{sample}\n{page}");
        seen.insert(name);
    }
    // P22, P772 and P35.
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[cfg(feature = "captures")]
#[test]
fn every_leaf_of_every_capture_is_the_same_to_both() {
    let folder = std::env::var("X400_CAPTURES").expect("set X400_CAPTURES to the folder of captures");
    let (names, mut wrong, mut count) = (names(), Vec::new(), 0);
    for entry in std::fs::read_dir(std::path::Path::new(&folder).join("ber")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".mtsapdu.ber") || name.contains(".content-") {
            count += compare(&name, &std::fs::read(&path).unwrap(), &names, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 20, "{count}");
}
