//! The outside judge: tshark's dissectors, which share no code with ours, read what we wrote.
//!
//! Give it octets, get a [`Case`]; then ask for complaints, for the values of fields, or for the whole dissection:
//!
//! ```ignore
//! let case = judge::association(&transcript);          // TPKT to P22, normal mode
//! case.assert_clean();
//! assert_eq!(case.values("p1.local_identifier")[12], ["MSG-1"]);
//!
//! judge::mts_apdus(&hundreds_of_them).assert_clean();   // one packet each, one run of tshark
//! judge::contents(&[p22_octets]).assert_clean();
//! ```
//!
//! What the judge does not see: X.410-1984 mode above the session layer (tshark knows the transfer of normal mode only; judge
//! the MTS-APDU by itself), a repeated member of a SET, the order of a SET, and a wrong type inside an extension.

#![allow(dead_code, reason = "each test target uses a part")]
#![allow(clippy::disallowed_methods, reason = "tests touch the world")]
#![allow(clippy::unwrap_used, reason = "a broken judge is a failed test")]

use std::fmt;
use std::path::Path;
use std::process::Command;

use x400_gateway::pcap;
pub(crate) use x400_gateway::pcap::Side;

/// A kind of unit that can stand alone in a packet.
struct UnitKind {
    /// The link type under which `judge.lua` has it dissected.
    link_type: u32,
    /// tshark passes over an outer tag that it does not know in silence. One of these fields is there when it knew it.
    recognised_by: &'static [&'static str],
}

const MTS_APDU: UnitKind = UnitKind { link_type: 147, recognised_by: &["p1.MTS_APDU"] };
const CONTENT: UnitKind = UnitKind { link_type: 148, recognised_by: &["p22.ipm_element", "p22.ipn_element"] };
const MILITARY: UnitKind =
    UnitKind { link_type: 149, recognised_by: &["p772.mm_element", "p772.mn_element"] };

/// Complaints that are not about our octets.
const NOT_A_FAULT: &[&str] = &[
    // A content that is neither P2 nor P22, or a report that returns the content but does not say its type.
    "P1 Unknown Content (unknown built-in content-type)",
    // The close of a TCP connection seen from both sides.
    "This frame initiates the connection closing",
    "This frame undergoes the connection closing",
];

/// Judges one whole association as both sides wrote it, each write in its order.
///
/// The transcript must begin with the connect request: which presentation context means what, tshark learns from there.
pub(crate) fn association<T: AsRef<[u8]>>(transcript: &[(Side, T)]) -> Case {
    Case::new(&pcap::association(transcript))
}

/// Judges MTS-APDUs (messages, reports, probes), one packet each: unit 0 is packet 1.
pub(crate) fn mts_apdus<T: AsRef<[u8]>>(units: &[T]) -> Case {
    Case::of_units(&MTS_APDU, units, (0..units.len()).map(|number| format!("MTS-APDU {number}")).collect())
}

/// As [`mts_apdus`], with a name for each that complaints are reported under.
pub(crate) fn named_mts_apdus<T: AsRef<[u8]>>(units: &[(String, T)]) -> Case {
    let (names, octets) = unzipped(units);
    Case::of_units(&MTS_APDU, &octets, names)
}

/// Judges contents of type P2 or P22, one packet each: unit 0 is packet 1.
pub(crate) fn contents<T: AsRef<[u8]>>(units: &[T]) -> Case {
    Case::of_units(&CONTENT, units, (0..units.len()).map(|number| format!("content {number}")).collect())
}

/// As [`contents`], with a name for each that complaints are reported under.
pub(crate) fn named_contents<T: AsRef<[u8]>>(units: &[(String, T)]) -> Case {
    let (names, octets) = unzipped(units);
    Case::of_units(&CONTENT, &octets, names)
}

/// Judges military contents (P772), one packet each: unit 0 is packet 1.
pub(crate) fn military_contents<T: AsRef<[u8]>>(units: &[T]) -> Case {
    Case::of_units(
        &MILITARY,
        units,
        (0..units.len()).map(|number| format!("military content {number}")).collect(),
    )
}

/// Judges a capture that exists already. `tpkt_port` is where its responder listened.
pub(crate) fn capture(file: &Path, tpkt_port: u16) -> Case {
    let mut case =
        Case::new(&std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    case.options = vec!["-d".into(), format!("tcp.port=={tpkt_port},tpkt")];
    case
}

/// Something the judge did not like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// Number of the packet, from 1.
    pub(crate) packet: usize,
    /// Name of the unit, where units were judged.
    pub(crate) name: String,
    /// What tshark says.
    pub(crate) text: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "packet {} {}: {}", self.packet, self.name, self.text)
    }
}

/// A capture before the judge.
pub(crate) struct Case {
    file: tempfile::NamedTempFile,
    units: Vec<Unit>,
    recognised_by: &'static [&'static str],
    options: Vec<String>,
}

impl Case {
    fn new(capture: &[u8]) -> Self {
        let file = tempfile::Builder::new().suffix(".pcap").tempfile().unwrap();
        std::fs::write(file.path(), capture).unwrap();
        Self { file, units: vec![], recognised_by: &[], options: vec![] }
    }

    fn of_units<T: AsRef<[u8]>>(kind: &UnitKind, octets: &[T], names: Vec<String>) -> Self {
        let mut case = Self::new(&pcap::units(kind.link_type, octets));
        case.recognised_by = kind.recognised_by;
        case.units = names
            .into_iter()
            .zip(octets)
            .map(|(name, octets)| Unit {
                name,
                one_element: element_length(octets.as_ref()) == Some(octets.as_ref().len()),
            })
            .collect();
        case
    }

    /// Fails with every complaint there is.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        self.assert_clean_except(&[]);
    }

    /// As [`Case::assert_clean`], but lets complaints pass that contain one of the given texts. Say why where you call it.
    #[track_caller]
    pub(crate) fn assert_clean_except(&self, known: &[&str]) {
        let complaints: Vec<String> = self
            .complaints()
            .iter()
            .filter(|complaint| !known.iter().any(|text| complaint.text.contains(text)))
            .map(Complaint::to_string)
            .collect();
        assert!(complaints.is_empty(), "tshark complains:\n{}", complaints.join("\n"));
    }

    /// What the judge did not like: malformed packets, and expert opinions from "warning" up. Of units also those that are
    /// not exactly one element, or whose outer tag tshark does not know.
    ///
    /// An association can lack what it should carry and still be clean: assert what must be there as well.
    pub(crate) fn complaints(&self) -> Vec<Complaint> {
        let columns =
            [&["_ws.malformed", "_ws.expert.severity", "_ws.expert.message"], self.recognised_by].concat();
        let mut complaints = vec![];
        for (number, row) in self.table(&columns).iter().enumerate() {
            let (malformed, severities, messages, recognised) = (&row[0], &row[1], &row[2], &row[3..]);
            let mut texts = vec![];
            for (severity, message) in severities.iter().zip(messages) {
                if severity.parse::<u32>().unwrap() >= SEVERITY_WARNING
                    && !NOT_A_FAULT.contains(&message.as_str())
                {
                    texts.push(message.clone());
                }
            }
            if texts.is_empty() && !malformed.is_empty() {
                texts.push(malformed.join(", "));
            }
            let unit = self.units.get(number);
            if unit.is_some() && recognised.iter().all(Vec::is_empty) {
                texts.push("the outer tag is none of those expected".into());
            }
            if unit.is_some_and(|unit| !unit.one_element) {
                texts.push("the unit is not exactly one element: octets are missing or left over".into());
            }
            let name = unit.map_or("", |unit| &unit.name);
            complaints.extend(texts.into_iter().map(|text| Complaint {
                packet: number + 1,
                name: name.into(),
                text,
            }));
        }
        complaints
    }

    /// The values of one field: for each packet, as often as the field occurs in it. `tshark -G fields` lists the names.
    pub(crate) fn values(&self, field: &str) -> Vec<Vec<String>> {
        self.table(&[field]).into_iter().map(|mut row| row.remove(0)).collect()
    }

    /// The values of several fields at once: for each packet, for each field, each occurrence.
    pub(crate) fn table(&self, fields: &[&str]) -> Vec<Vec<Vec<String>>> {
        let mut arguments: Vec<String> =
            ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=\u{1f}"]
                .map(String::from)
                .to_vec();
        for field in fields {
            arguments.extend(["-e".into(), (*field).into()]);
        }
        let printed = self.run(&arguments);
        printed.lines().map(|line| row(line, fields.len())).collect()
    }

    /// The last column of tshark's list, one line a packet.
    pub(crate) fn summaries(&self) -> Vec<String> {
        self.values("_ws.col.Info").into_iter().map(|mut row| row.pop().unwrap_or_default()).collect()
    }

    /// The whole dissection as tshark's JSON: an array of packets.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.run(&["-T".into(), "json".into()])).unwrap()
    }

    /// The whole dissection as tshark's text, for a person.
    pub(crate) fn text(&self) -> String {
        self.run(&["-V".into()])
    }

    fn run(&self, arguments: &[String]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/judge.lua");
        // Without `-r` tshark would start to listen to the network.
        let output = Command::new("tshark")
            .args(["-n", "-X", &format!("lua_script:{script}"), "-r"])
            .arg(self.file.path())
            .args(&self.options)
            .args(arguments)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap_or_else(|error| panic!("tshark does not start ({error}); tests/run installs it"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("Lua:"), "tshark failed: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// One unit of a [`Case`].
struct Unit {
    name: String,
    /// Whether it is one BER element and nothing else; tshark does not mind octets behind it.
    one_element: bool,
}

fn unzipped<T: AsRef<[u8]>>(units: &[(String, T)]) -> (Vec<String>, Vec<&[u8]>) {
    units.iter().map(|(name, octets)| (name.clone(), octets.as_ref())).unzip()
}

/// How many octets the first BER element takes, header and end-of-contents included. None if it is not whole.
fn element_length(octets: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut open_indefinite = 0_usize;
    loop {
        let start = at;
        let first = *octets.get(at)?;
        at += 1;
        if first & 0x1f == 0x1f {
            while octets.get(at)? & 0x80 != 0 {
                at += 1;
            }
            at += 1;
        }
        let length = *octets.get(at)?;
        at += 1;
        match length {
            0x80 => open_indefinite += 1,
            0x00 if first == 0 && at == start + 2 => open_indefinite = open_indefinite.checked_sub(1)?,
            0x00..0x80 => at += usize::from(length),
            _ => {
                let end = at + usize::from(length & 0x7f);
                let value = octets
                    .get(at..end)?
                    .iter()
                    .try_fold(0_usize, |sum, &octet| sum.checked_mul(256)?.checked_add(octet.into()))?;
                at = end.checked_add(value)?;
            }
        }
        if open_indefinite == 0 {
            return (at <= octets.len()).then_some(at);
        }
    }
}

/// tshark's number for the severity "warning"; "note" and "chat" are below it.
const SEVERITY_WARNING: u32 = 0x0060_0000;

/// One line of `-T fields`: columns parted by tabs, occurrences by the unit separator.
fn row(line: &str, columns: usize) -> Vec<Vec<String>> {
    let mut row: Vec<Vec<String>> = line
        .split('\t')
        .map(|column| column.split('\u{1f}').filter(|value| !value.is_empty()).map(String::from).collect())
        .collect();
    row.resize(columns, vec![]);
    row
}
