//! Explains any octets of an X.400 association or message: what each of them is, and what is wrong with them.
//!
//! In the order things happen:
//!
//! 1. [`Kind::detect`] says what the octets are, unless the caller does.
//! 2. `pcap` finds the TCP streams of a capture, `stream` walks TPKT and TPDU and puts the TSDUs together, `session`
//!    names the SPDUs and collects what each activity transfers.
//! 3. [`ber`] reads whatever is BER, however damaged; `annotate` puts the names of [`schema`] on it.
//! 4. [`render`] writes the tree as text, JSON or annotated hex.
//!
//! Deliberately independent of the types in `rasn-x400` and of the stack in `osi`: this is the second opinion, and it
//! has to work on octets that they refuse. No clock, socket or file; no panic and no large allocation on any input.

mod annotate;
pub mod ber;
mod detect;
pub mod oids;
mod pcap;
pub mod render;
pub mod schema;
mod session;
mod source;
mod stream;
mod summary;
mod value;

use std::borrow::Cow;

pub use source::Source;
pub use value::Value;
pub(crate) use value::{read as read_value, write as write_value};

use annotate::Annotator;
use ber::Tag;
use schema::{ANY, address, association, p1};

/// What octets are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An MTS-APDU: message, report or probe (P1).
    MtsApdu,
    /// A message or notification: interpersonal (P2, P22), military (P772) or of EDI (P35).
    Content,
    /// The value of RTTR in normal mode: an EXTERNAL around an MTS-APDU.
    Rttr,
    /// An O/R name.
    OrName,
    /// A presentation PDU (CP, CPA, CPR, ARU, user data) or an APDU of ACSE or RTSE.
    Association,
    /// TPKTs, one after the other, of one direction.
    Stream,
    /// A capture file: pcap or pcapng.
    Pcap,
    /// Any other BER.
    Ber,
}

impl Kind {
    /// All kinds with the names people call them by.
    pub const NAMES: [(Self, &'static str); 8] = [
        (Self::MtsApdu, "mts-apdu"),
        (Self::Content, "content"),
        (Self::Rttr, "rttr"),
        (Self::OrName, "or-name"),
        (Self::Association, "association"),
        (Self::Stream, "stream"),
        (Self::Pcap, "pcap"),
        (Self::Ber, "ber"),
    ];

    /// The name people call it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("ber", |(_, name)| name)
    }

    /// The kind with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, own)| *own == name).map(|(kind, _)| *kind)
    }
}

/// Explains `octets`; what they are is found out unless `kind` says it.
#[must_use]
pub fn decode(octets: &[u8], kind: Option<Kind>) -> Document {
    let kind = kind.unwrap_or_else(|| Kind::detect(octets));
    let input = Source::input(octets);
    let mut annotator = Annotator::new();
    let nodes = match kind {
        Kind::Pcap => pcap::explain(&mut annotator, &input),
        Kind::Stream => stream::explain(&mut annotator, &input),
        Kind::MtsApdu => annotator.whole(&input, &p1::MTS_APDU),
        Kind::Content => annotator.whole(&input, detect::content_type(octets)),
        Kind::Rttr => annotator.whole(&input, &association::TRANSFERRED),
        Kind::OrName => annotator.whole(&input, &address::OR_NAME),
        Kind::Association => annotator.whole(&input, detect::association_type(octets)),
        Kind::Ber => annotator.whole(&input, &ANY),
    };
    let mut sources = annotator.into_sources();
    if let Some(first) = sources.first_mut() {
        *first = input;
    }
    Document { kind, nodes, sources }
}

/// Octets explained.
#[derive(Debug, Clone)]
pub struct Document {
    /// What they were taken for.
    pub kind: Kind,
    /// The trees.
    pub nodes: Vec<Node>,
    /// The input, then whatever was put together from pieces of it.
    pub sources: Vec<Source>,
}

impl Document {
    /// Everything that is wrong or odd, in the order of the tree.
    #[must_use]
    pub fn findings(&self) -> Vec<&Finding> {
        let mut findings = Vec::new();
        self.walk(&mut |node| findings.extend(&node.findings));
        findings
    }

    /// Calls `visit` for every node, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        self.nodes.iter().for_each(|node| node.walk(visit));
    }

    /// The octets of a node, with its header.
    #[must_use]
    pub fn octets(&self, node: &Node) -> &[u8] {
        let Some(source) = self.sources.get(node.place.source) else { return &[] };
        let end = node.place.start.saturating_add(node.header_length).saturating_add(node.length);
        source.octets().get(node.place.start..end.min(source.octets().len())).unwrap_or_default()
    }

    /// The octets of an element whole: with the end-of-contents octets of the indefinite form.
    #[must_use]
    pub fn element(&self, node: &Node) -> &[u8] {
        let Some(source) = self.sources.get(node.place.source) else { return &[] };
        let (octets, start) = (source.octets(), node.place.start);
        let end = start.saturating_add(node.header_length).saturating_add(node.length);
        // The octets of the indefinite form end somewhere behind what the node counts.
        let end = if node.indefinite { octets.len() } else { end };
        let (_, end) = ber::read_one(octets, start, end).unzip();
        octets.get(start..end.unwrap_or(start)).unwrap_or_default()
    }
}

/// One element with its name, or one field of a header.
#[derive(Debug, Clone)]
pub struct Node {
    /// The name of the member; empty where only a type is known.
    pub name: Cow<'static, str>,
    /// The name of the type; empty if not known.
    pub type_name: &'static str,
    /// The tag; none for fields of headers that are not BER.
    pub tag: Option<Tag>,
    /// Whether it is made of other elements.
    pub constructed: bool,
    /// Whether its length is in the indefinite form.
    pub indefinite: bool,
    /// Where its first octet stands in the input.
    pub offset: usize,
    /// Octets of tag and length.
    pub header_length: usize,
    /// Octets of contents, without end-of-contents.
    pub length: usize,
    /// What it says, if it says anything by itself.
    pub value: Option<Value>,
    /// Its parts in one line, for what people like to read in one line: names and identifiers.
    pub summary: Option<String>,
    /// Its parts; also what was found inside its octets.
    pub children: Vec<Self>,
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// Where it stands in [`Document::sources`].
    pub place: Place,
}

/// A position in one of the [`Document::sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which source.
    pub source: usize,
    /// The octet in it.
    pub start: usize,
}

/// Something wrong or odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// A short name that does not change.
    pub code: &'static str,
    /// Where in the input.
    pub offset: usize,
    /// In words.
    pub message: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Known to be sent by some peer, and understood.
    Quirk,
    /// Against the letter of the standard; nothing is lost by it.
    Note,
    /// Not what the standard says.
    Error,
}

impl Node {
    /// Calls `visit` for this node and all below it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        visit(self);
        self.children.iter().for_each(|child| child.walk(visit));
    }

    /// The first node below with this name, in the order of the tree; a member that is a CHOICE is found by its name
    /// without the alternative.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Self> {
        self.children
            .iter()
            .find_map(|child| if child.is_named(name) { Some(child) } else { child.find(name) })
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }

    fn find_fault(&mut self, severity: Severity, code: &'static str, message: impl Into<String>) {
        self.findings.push(Finding { severity, code, offset: self.offset, message: message.into() });
    }
}
