//! Another X.400 MTA's associations, explained by us and by tshark: the same values, and nothing wrong.
//!
//! `X400_CAPTURES` names the folder with the captures (`*.pcap`) and what was cut out of them (`ber/*.ber`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use x400_gateway::decode::ber::Tag;
use x400_gateway::decode::{Document, Node, Severity, Value, decode, render};
use x400_gateway::encode::{encode, encode_json, messages};
use x400_gateway::lint::lint;

/// Ports that tshark has to be told about.
const PORTS: [&str; 2] = ["tcp.port==20101,tpkt", "tcp.port==20102,tpkt"];

/// The findings that are true of these captures: PP's form of the extension type (Q3), and four octets of rubbish as
/// supplementary information of its 1988 report.
const KNOWN: [(Severity, &str); 2] =
    [(Severity::Quirk, "explicit-for-implicit"), (Severity::Note, "repertoire")];

/// Members that tshark calls by the same name, with an underscore for each hyphen.
const FIELDS: [&str; 17] = [
    "p1.local_identifier",
    "p1.organization_name",
    "p1.surname",
    "p1.iso_3166_alpha2_code",
    "p1.printable",
    "p1.built_in",
    "p1.priority",
    "p1.content_identifier",
    "p1.per_message_indicators",
    "p1.per_recipient_indicators",
    "p1.originally_specified_recipient_number",
    "p1.routing_action",
    "p1.non_delivery_reason_code",
    "p1.non_delivery_diagnostic_code",
    "p22.user_relative_identifier",
    "p22.free_form_name",
    "p22.subject",
];

fn folder() -> PathBuf {
    let folder = std::env::var_os("X400_CAPTURES");
    PathBuf::from(folder.expect("set X400_CAPTURES to the folder with the captures of another X.400 MTA"))
}

/// The files in a folder with this ending, in order, and what is in them.
fn files(folder: &Path, ending: &str) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<(String, Vec<u8>)> = paths
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no {ending} in {}", folder.display());
    found
}

/// What tshark finds in a capture, field by field.
fn tshark(capture: &Path, fields: &[&str], more: &[&str]) -> BTreeMap<String, Vec<String>> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(capture).args(more).args([
        "-T",
        "fields",
        "-E",
        "separator=\u{1}",
        "-E",
        "aggregator=\u{2}",
    ]);
    command.args(fields.iter().flat_map(|field| ["-e", field]));
    let output = command.output().expect("tshark is needed (package tshark)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        for (field, column) in fields.iter().zip(line.split('\u{1}')) {
            let found = column.split('\u{2}').filter(|value| !value.is_empty()).map(str::to_owned);
            values.entry((*field).to_owned()).or_default().extend(found);
        }
    }
    values
}

/// A value as tshark prints it.
fn printed(node: &Node) -> Option<String> {
    match node.value.as_ref()? {
        Value::Integer { number, .. } => Some(number.to_string()),
        Value::Text { text, .. } => Some(text.clone()),
        Value::Bits { octets, .. } => Some(octets.iter().map(|octet| format!("{octet:02x}")).collect()),
        _ => None,
    }
}

/// All values of members with this name, in order. Left out are extensions, as tshark does not understand PP's form of
/// them, and the content that a report returns without saying its type, as only we guess at it.
fn values(nodes: &[Node], name: &str, found: &mut Vec<String>) {
    let is_typed = nodes.iter().any(|node| node.name.starts_with("content-type"));
    let is_compared =
        |node: &&Node| node.name != "extensions" && (is_typed || node.name != "returned-content");
    for node in nodes.iter().filter(is_compared) {
        if node.name.rsplit('.').next() == Some(name) {
            found.extend(printed(node).or_else(|| node.children.first().and_then(printed)));
        }
        values(&node.children, name, found);
    }
}

fn assert_same_values(name: &str, document: &Document, theirs: &BTreeMap<String, Vec<String>>) {
    for field in FIELDS {
        let member = field.split_once('.').unwrap().1.replace('_', "-");
        let mut ours = Vec::new();
        values(&document.nodes, &member, &mut ours);
        // tshark puts what a returned content says behind the rest of the report, and colons between octets.
        let plain = |values: &[String]| {
            let mut values: Vec<String> = values.iter().map(|value| value.replace(':', "")).collect();
            values.sort();
            values
        };
        assert_eq!(plain(&ours), plain(&theirs[field]), "{name}: {field}");
    }
}

fn assert_nothing_wrong(name: &str, document: &Document) {
    for finding in document.findings() {
        assert!(KNOWN.contains(&(finding.severity, finding.code)), "{name}: {finding:?}");
    }
}

/// A capture with one packet of link type USER0.
fn capture_of(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).unwrap();
    let mut file: Vec<u8> = [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 0x4_0000, 147, 0, 0, length, length]
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    file.extend(octets);
    file
}

/// Makes tshark take packets of link type USER0 for MTS-APDUs.
const SCRIPT: &str = r#"
local apdu = Proto("mtsapdu", "MTS-APDU")
function apdu.dissector(tvb, pinfo, tree) DissectorTable.get("ber.syntax"):try("P1 Message", tvb, pinfo, tree) end
DissectorTable.get("wtap_encap"):add(wtap.USER0, apdu)
"#;

#[test]
fn each_mts_apdu_says_what_tshark_says() {
    let workplace = tempfile::tempdir().unwrap();
    let (script, capture) = (workplace.path().join("apdu.lua"), workplace.path().join("apdu.pcap"));
    std::fs::write(&script, SCRIPT).unwrap();
    for (name, octets) in files(&folder().join("ber"), ".mtsapdu.ber") {
        let document = decode(&octets, None);
        assert_nothing_wrong(&name, &document);
        std::fs::write(&capture, capture_of(&octets)).unwrap();
        let option = format!("lua_script:{}", script.display());
        assert_same_values(&name, &document, &tshark(&capture, &FIELDS, &["-X", &option]));
    }
}

#[test]
fn the_content_of_each_mts_apdu_is_what_was_cut_out_of_it() {
    let folder = folder().join("ber");
    let apdus: BTreeMap<String, Vec<u8>> = files(&folder, ".mtsapdu.ber").into_iter().collect();
    for (name, content) in files(&folder, ".ber").into_iter().filter(|(name, _)| name.contains(".content-")) {
        let apdu = &apdus[&format!("{}.mtsapdu.ber", name.split('.').next().unwrap())];
        let document = decode(apdu, None);
        let inner = document.nodes[0].find("ipm").unwrap();
        // The indefinite form of the message ends with two octets that do not belong to the element itself.
        let closed = [document.octets(inner), &[0, 0]].concat();
        assert_eq!(closed, content, "{name}");
        let alone = decode(&content, None);
        assert_nothing_wrong(&name, &alone);
        assert_eq!(shape(&alone.nodes), shape(std::slice::from_ref(inner)), "{name}");
    }
}

#[test]
fn nothing_is_wrong_with_any_piece() {
    for (name, octets) in files(&folder().join("ber"), ".ber") {
        assert_nothing_wrong(&name, &decode(&octets, None));
    }
}

#[test]
fn each_capture_says_what_tshark_says() {
    for (name, octets) in files(&folder(), ".pcap") {
        let document = decode(&octets, None);
        assert_nothing_wrong(&name, &document);
        let lower = ["tpkt.length", "cotp.type", "ses.type", "pres.presentation_context_identifier"];
        let fields = [lower.as_slice(), &FIELDS].concat();
        let theirs = tshark(&folder().join(&name), &fields, &["-d", PORTS[0], "-d", PORTS[1]]);
        // Of associations at the same time we tell one after the other, tshark as the packets come.
        let ordered = |mut values: Vec<String>| {
            if document.nodes.len() > 1 {
                values.sort();
            }
            values
        };
        let (tpkts, spdus) =
            (headers(&document, is_tpkt, tpkt_length), headers(&document, is_spdu, first_octet));
        assert_eq!(ordered(tpkts), ordered(theirs["tpkt.length"].clone()), "{name}: TPKT");
        assert_eq!(ordered(spdus), ordered(theirs["ses.type"].clone()), "{name}: SPDU");
        // tshark does not look into what X.410 mode transfers; that is compared by the pieces below.
        if name.starts_with("pp-1988-normal") {
            assert_same_values(&name, &document, &theirs);
        }
    }
}

#[test]
fn each_transfer_in_a_capture_is_what_was_cut_out_of_it() {
    let pieces = files(&folder().join("ber"), ".mtsapdu.ber");
    for (name, octets) in files(&folder(), ".pcap") {
        let document = decode(&octets, None);
        let mut transfers = Vec::new();
        document.walk(&mut |node| {
            if node.name == "message" && node.tag == Some(Tag::context(0)) || node.name == "report" {
                transfers.push(shape(std::slice::from_ref(node)));
            }
        });
        let prefix = format!("{}-act", name.trim_end_matches(".pcap"));
        for (piece, octets) in pieces.iter().filter(|(piece, _)| piece.starts_with(&prefix)) {
            assert!(transfers.contains(&shape(&decode(octets, None).nodes)), "{piece}");
        }
    }
}

/// Code and end of the path of each finding of `lint` in these captures, and why it is there.
const EXPLAINED: [(&str, &str, &str); 3] = [
    ("value/encoding", "].type", "PP writes the number of an extension in an explicit tag (Q3)"),
    (
        "value/alphabet",
        ".supplementary-information",
        "PP's report of 1988 has memory there that nobody wrote",
    ),
    (
        "value/missing",
        "content.returned-content",
        "a report of 1984 cannot state the type of what it returns",
    ),
];

#[test]
fn what_lint_finds_is_explained() {
    let folder = folder();
    let mut lines = Vec::new();
    for (name, octets) in files(&folder, ".pcap").into_iter().chain(files(&folder.join("ber"), ".ber")) {
        let judgement = lint(&octets, None, None);
        lines.push(format!("{name}: {} judged, {}", judgement.subjects.len(), judgement.total()));
        for finding in &judgement.findings {
            let why = EXPLAINED
                .iter()
                .find(|(code, end, _)| *code == finding.code && finding.path.ends_with(end))
                .unwrap_or_else(|| panic!("{name}: {finding:?}"));
            assert!(finding.is_exact, "{name}: {finding:?}");
            let at = finding.offset.unwrap();
            lines.push(format!(
                "  {} {} {} at {at:x}: {}",
                finding.severity, finding.code, finding.path, why.2
            ));
        }
    }
    insta::assert_snapshot!("lint", lines.join("\n"));
}

#[test]
fn everything_is_encoded_to_the_same_octets() {
    for (name, octets) in files(&folder().join("ber"), ".ber") {
        let text = render::json(&decode(&octets, None)).to_string();
        assert!(encode(&text).unwrap() == octets, "{name}");
    }
    let mut count = 0;
    for (name, octets) in files(&folder(), ".pcap") {
        let document = decode(&octets, None);
        let mut transfers = Vec::new();
        document.walk(&mut |node| {
            let tag = match node.type_name {
                "Message" => Tag::context(0),
                "Report" => Tag::context(1),
                _ => return,
            };
            if node.tag == Some(tag) {
                transfers.push(document.element(node));
            }
        });
        let json = render::json(&document);
        let encoded: Vec<_> = messages(&json).into_iter().map(|json| encode_json(json).unwrap()).collect();
        assert!(encoded == transfers, "{name}");
        count += transfers.len();
    }
    assert!(count >= 14, "{count} transfers");
}

/// Names and values of a tree, without where they are.
fn shape(nodes: &[Node]) -> Vec<String> {
    let mut lines = Vec::new();
    for node in nodes.iter().filter(|node| node.name != "segment") {
        lines.push(format!("{} {} {:?} {:?}", node.name, node.length, node.tag, node.value));
        lines.extend(shape(&node.children));
    }
    lines
}

/// What one header field says in all nodes of a sort.
fn headers(document: &Document, is: fn(&Node) -> bool, say: fn(&Document, &Node) -> String) -> Vec<String> {
    let mut found = Vec::new();
    document.walk(&mut |node| {
        if is(node) {
            found.push(say(document, node));
        }
    });
    found
}

fn is_tpkt(node: &Node) -> bool {
    node.name.ends_with("TPKT")
}

fn tpkt_length(_: &Document, node: &Node) -> String {
    (node.header_length + node.length).to_string()
}

/// SPDUs begin with two capital letters that no other header has.
fn is_spdu(node: &Node) -> bool {
    let name = node.name.split(' ').next().unwrap_or_default();
    let transport = ["CR", "CC", "DR", "TPKT", ">", "<"];
    let is_data_tpdu = node.name == "DT data";
    node.tag.is_none()
        && !is_data_tpdu
        && !transport.contains(&name)
        && node.name.contains(' ')
        && (2..=3).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_uppercase())
}

fn first_octet(document: &Document, node: &Node) -> String {
    document.octets(node)[0].to_string()
}
