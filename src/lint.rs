//! What in a message breaks the standards, with the clause, the place and the octet.
//!
//! Two witnesses, neither of which knows the other: [`decode`](crate::decode) says what is wrong with the octets, and
//! [`rasn_x400::validate`] what is wrong with the values they stand for. Here every message, report, probe and content that
//! the former finds in a file is shown to the latter, and the places that it names are looked up in the tree, so that each
//! [`Finding`] has an octet.
//!
//! * `octets` – clauses and ways out for the findings of `decode`;
//! * `place` – from the path of a value to the element it was read from;
//! * `render` – as text and as JSON.
//!
//! No clock, socket or file.

mod octets;
mod place;
mod render;

use rasn_x400::ber;
use rasn_x400::oids;
use rasn_x400::validate::{self, Violation};
use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{ContentType, EncodedInformationTypes};
use rasn_x400::x419::MtsApdu;

use crate::decode::ber::Tag;
use crate::decode::{Document, Kind, Node, decode};

pub use rasn_x400::validate::Severity;

/// Judges everything in `octets`; what they are is found out unless `kind` says it, and so is the type of a content that
/// stands by itself.
#[must_use]
pub fn lint(octets: &[u8], kind: Option<Kind>, content_type: Option<&ContentType>) -> Judgement {
    let document = decode(octets, kind);
    let mut subjects = Vec::new();
    collect(&document, &mut subjects);
    if let Some(subject) = alone(&document, octets, content_type) {
        subjects.push(subject);
    }
    let mut findings: Vec<Finding> =
        subjects.iter().enumerate().flat_map(|(number, subject)| subject.findings(number)).collect();
    let of_octets = octets::findings(&document, &findings);
    findings.extend(of_octets);
    findings.sort_by_key(|finding| finding.offset.map_or((1, 0), |offset| (0, offset)));
    let subjects = subjects.into_iter().map(|subject| subject.description).collect();
    Judgement { kind: document.kind, subjects, findings }
}

/// What was judged, and what was found.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What the octets were taken for.
    pub kind: Kind,
    /// What in them was judged as a value.
    pub subjects: Vec<Description>,
    /// Everything that was found, in the order of the octets.
    pub findings: Vec<Finding>,
}

impl Judgement {
    /// Whether there was anything to judge.
    #[must_use]
    pub fn has_judged(&self) -> bool {
        !self.subjects.is_empty() || !matches!(self.kind, Kind::Ber | Kind::Pcap)
    }

    /// How many findings are as bad as this, or worse.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity >= severity).count()
    }
}

/// Something that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// `message`, `report`, `probe`, `content` or `O/R name`.
    pub what: &'static str,
    /// The name it has, in one line, if it has one.
    pub identifier: Option<String>,
    /// Where its first octet stands in the input.
    pub offset: usize,
}

/// Something wrong or odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// In which of [`Judgement::subjects`]; nothing where it is only about octets.
    pub subject: Option<usize>,
    /// `value/` and a rule of [`rasn_x400::validate::Rule`], or `octets/` and a code of `decode`. Never given another
    /// meaning.
    pub code: String,
    /// The names of the members down to the place, with dots between.
    pub path: String,
    /// The octet in the input where the element begins.
    pub offset: Option<usize>,
    /// Whether that is the very element, and not one around it.
    pub is_exact: bool,
    /// What stands there, in one line.
    pub found: Option<String>,
    /// The clause that is broken.
    pub clause: &'static str,
    /// In words.
    pub message: String,
    /// What to do about it.
    pub help: Option<&'static str>,
}

/// A value in the tree that is judged.
struct Subject<'a> {
    description: Description,
    node: &'a Node,
    violations: Vec<Violation>,
}

impl Subject<'_> {
    fn findings(&self, number: usize) -> Vec<Finding> {
        let finding = |violation: &Violation| {
            let located = place::locate(self.node, &violation.place);
            Finding {
                severity: violation.severity,
                subject: Some(number),
                code: format!("value/{}", violation.rule),
                path: violation.place.to_string().replace('_', "-"),
                offset: Some(located.node.offset),
                is_exact: located.is_exact,
                found: located.is_exact.then(|| place::found(located.node)).flatten(),
                clause: violation.clause,
                message: violation.what.clone(),
                help: violation.help,
            }
        };
        self.violations.iter().map(finding).collect()
    }
}

/// Finds the messages, reports and probes in a tree. What a message carries belongs to the message.
fn collect<'a>(document: &'a Document, subjects: &mut Vec<Subject<'a>>) {
    let mut waiting: Vec<&Node> = document.nodes.iter().rev().collect();
    while let Some(node) = waiting.pop() {
        match what_is(node) {
            Some((what, name)) => {
                let identifier = node.find(name).and_then(|node| node.summary.clone());
                let description = Description { what, identifier, offset: node.offset };
                subjects.push(Subject { description, node, violations: mts_apdu(document.element(node)) });
            }
            None => waiting.extend(node.children.iter().rev()),
        }
    }
}

/// What an MTS-APDU is called, and the member that names it.
fn what_is(node: &Node) -> Option<(&'static str, &'static str)> {
    match (node.type_name, node.tag?) {
        ("Message", tag) if tag == Tag::context(0) => Some(("message", "message-identifier")),
        ("Report", tag) if tag == Tag::context(1) => Some(("report", "report-identifier")),
        ("ProbeTransferEnvelope", tag) if tag == Tag::context(2) => Some(("probe", "probe-identifier")),
        _ => None,
    }
}

/// A content or an O/R name that stands by itself.
fn alone<'a>(
    document: &'a Document,
    octets: &[u8],
    content_type: Option<&ContentType>,
) -> Option<Subject<'a>> {
    let node = document.nodes.first()?;
    let (what, name, violations) = match document.kind {
        Kind::Content => {
            let guessed = content_type.cloned().unwrap_or_else(|| content_type_of(node, octets));
            ("content", "this-IPM", validate::content(&guessed, octets))
        }
        Kind::OrName => {
            let violations = match ber::decode::<OrName>(octets, octets.len()) {
                Ok(name) => validate::validate(&name),
                Err(error) => undecodable(&error),
            };
            ("O/R name", "", violations)
        }
        _ => return None,
    };
    let identifier = node.find(name).and_then(|node| node.summary.clone());
    Some(Subject { description: Description { what, identifier, offset: node.offset }, node, violations })
}

/// The type of a content that stands by itself, told by what is in it.
pub(crate) fn guess_content_type(document: &Document, octets: &[u8]) -> ContentType {
    document.nodes.first().map_or(ContentType::P22, |node| content_type_of(node, octets))
}

/// The type of a content, told by what is in it.
fn content_type_of(node: &Node, octets: &[u8]) -> ContentType {
    // Every object identifier of STANAG 4406 begins with 1.3.26.0.4406.
    const MILITARY: &[u8] = &[0x2b, 0x1a, 0x00, 0xa2, 0x36, 0x00];
    match node.type_name {
        "EDIM" | "EDIN" => ContentType::P35,
        _ if memchr::memmem::find(octets, MILITARY).is_some() => ContentType::Extended(oids::CONTENT_P772),
        _ => ContentType::P22,
    }
}

/// Everything that is wrong with an MTS-APDU and the content in it.
fn mts_apdu(octets: &[u8]) -> Vec<Violation> {
    let apdu = match MtsApdu::from_octets(octets, octets.len()) {
        Ok(apdu) => apdu,
        Err(error) => return undecodable(&error),
    };
    let mut violations = validate::mts_apdu(&apdu);
    match &apdu {
        MtsApdu::Message(message) => {
            let envelope = &message.envelope;
            let types = envelope.original_encoded_information_types.as_ref();
            violations.extend(content(&["content"], &envelope.content_type, types, &message.content.0));
        }
        MtsApdu::Report(report) => {
            let content_type = report.content.content_type.as_ref();
            if let (Some(returned), Some(content_type)) = (&report.content.returned_content, content_type) {
                violations.extend(content(&["content", "returned-content"], content_type, None, &returned.0));
            }
        }
        MtsApdu::Probe(_) | MtsApdu::Unknown(_) => {}
    }
    violations
}

/// What is wrong with a content, at its place in the whole.
fn content(
    place: &[&'static str],
    content_type: &ContentType,
    types: Option<&EncodedInformationTypes>,
    octets: &[u8],
) -> Vec<Violation> {
    let mut violations = validate::content_of(content_type, types, octets);
    for violation in &mut violations {
        let outer = place.iter().map(|name| validate::Step::Member(name));
        violation.place.0 = outer.chain(violation.place.0.iter().copied()).collect();
    }
    violations
}

fn undecodable(error: &ber::Error) -> Vec<Violation> {
    let place = match error {
        ber::Error::Malformed { path, .. } => {
            validate::Place(path.0.iter().map(|name| validate::Step::Member(name)).collect())
        }
        _ => validate::Place::default(),
    };
    let what = match error {
        ber::Error::Malformed { problem, .. } => problem.clone(),
        other => other.to_string(),
    };
    vec![Violation {
        place,
        rule: validate::Rule::Undecodable,
        severity: Severity::Error,
        clause: "X.690",
        what,
        help: Some("`x400gw decode` shows the octets around it"),
    }]
}
