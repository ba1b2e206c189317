//! TPKT and TPDU (RFC 1006, X.224 class 0; ledger T-01, T-02): finds the TSDUs of a stream and hands them to `session`.

use super::annotate::{Annotator, Scope, finding};
use super::schema::Charset;
use super::{Node, Severity, Source, Value, session};

/// Octets of a TPKT header.
const TPKT_HEADER: usize = 4;

/// What is known about an association while its octets are walked through.
#[derive(Default)]
pub(crate) struct Dialogue {
    pub(crate) mode: Option<Mode>,
    pub(crate) sides: [Side; 2],
}

/// How the upper layers are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// RTSE straight on session, as in 1984.
    X410,
    /// Over ACSE and presentation contexts.
    Normal,
}

/// What one side has said that is not complete yet.
#[derive(Default)]
pub(crate) struct Side {
    tsdu: Source,
    /// What the current activity has transferred.
    pub(crate) activity: Source,
}

/// Whether octets begin with a TPKT that holds a TPDU.
pub(crate) fn is_tpkt(octets: &[u8]) -> bool {
    match octets {
        [3, 0, high, low, li, code, ..] => {
            let length = usize::from(*high) << 8 | usize::from(*low);
            let fits = usize::from(*li) + 1 + TPKT_HEADER <= length;
            length >= 7 && *li >= 2 && fits && tpdu_name(*code).is_some()
        }
        _ => false,
    }
}

/// Explains the TPKTs of one direction.
pub(crate) fn explain(annotator: &mut Annotator, input: &Source) -> Vec<Node> {
    let mut dialogue = Dialogue::default();
    let scope = Scope { source: input, index: 0 };
    let end = input.octets().len();
    let mut nodes = Vec::new();
    let mut position = 0;
    while let Some((node, next)) = dialogue.next_tpkt(annotator, scope, position, end, 0, "TPKT") {
        nodes.push(node);
        position = next;
    }
    nodes.extend(leftover(scope, position, end));
    nodes.extend(dialogue.unfinished(annotator));
    nodes
}

/// What is left when no whole TPKT is there any more.
pub(crate) fn leftover(scope: Scope<'_>, position: usize, end: usize) -> Option<Node> {
    if position >= end {
        return None;
    }
    let mut node = scope.field("octets", position, end - position);
    let rest = scope.source.octets().get(position..end).unwrap_or_default();
    let (code, message) = match rest {
        [3, 0, high, low, ..] => {
            let claimed = usize::from(*high) << 8 | usize::from(*low);
            ("truncated", format!("the TPKT says {claimed} octets, {} are there", rest.len()))
        }
        [3] | [3, 0] | [3, 0, _] => ("truncated", "a TPKT header has 4 octets".to_owned()),
        _ => ("not-tpkt", "a TPKT begins with 03 00".to_owned()),
    };
    node.find_fault(Severity::Error, code, message);
    node.value = Some(Value::Octets(rest.to_vec()));
    Some(node)
}

impl Dialogue {
    /// The TPKT at `position`, if all of it is before `end`, and where it ends.
    pub(crate) fn next_tpkt(
        &mut self,
        annotator: &mut Annotator,
        scope: Scope<'_>,
        position: usize,
        end: usize,
        side: usize,
        name: &'static str,
    ) -> Option<(Node, usize)> {
        let octets = scope.source.octets().get(position..end)?;
        let [3, _, high, low, ..] = octets else { return None };
        let length = usize::from(*high) << 8 | usize::from(*low);
        if length < TPKT_HEADER || length > octets.len() {
            return None;
        }
        let mut node = scope.field(name, position, length - TPKT_HEADER);
        node.header_length = TPKT_HEADER;
        node.constructed = true;
        let next = position + length;
        match length {
            TPKT_HEADER => node.find_fault(Severity::Error, "empty-tpkt", "a TPKT holds a TPDU"),
            _ => node.children.push(self.tpdu(annotator, scope, position + TPKT_HEADER, next, side)),
        }
        Some((node, next))
    }

    /// Activities and TSDUs that never came to their end.
    pub(crate) fn unfinished(&mut self, annotator: &mut Annotator) -> Vec<Node> {
        let mut nodes = Vec::new();
        for side in &mut self.sides {
            let (tsdu, activity) = (std::mem::take(&mut side.tsdu), std::mem::take(&mut side.activity));
            for (name, source) in [("unfinished TSDU", tsdu), ("unfinished activity", activity)] {
                if source.octets().is_empty() {
                    continue;
                }
                let index = annotator.reserve();
                let scope = Scope { source: &source, index };
                let mut node = scope.field(name, 0, source.octets().len());
                node.find_fault(Severity::Note, "unfinished", "the end of this was not in the input");
                node.children = match name {
                    "unfinished activity" => session::transferred(annotator, scope),
                    _ => Vec::new(),
                };
                annotator.keep(index, source);
                nodes.push(node);
            }
        }
        nodes
    }

    fn tpdu(
        &mut self,
        annotator: &mut Annotator,
        scope: Scope<'_>,
        start: usize,
        end: usize,
        side: usize,
    ) -> Node {
        let mut node = scope.field("TPDU", start, end - start);
        node.constructed = true;
        let octets = scope.source.octets().get(start..end).unwrap_or_default();
        let [li, code, ..] = octets else {
            node.find_fault(Severity::Error, "truncated", "a TPDU has a length indicator and a code");
            return node;
        };
        let header_end = start + 1 + usize::from(*li);
        if header_end > end || *li == 255 || *li == 0 {
            let message = format!("length indicator {li}, {} octets are there", octets.len() - 1);
            node.find_fault(Severity::Error, "truncated", message);
            return node;
        }
        let Some(name) = tpdu_name(*code) else {
            node.find_fault(Severity::Error, "unknown-tpdu", format!("TPDU code {code:02x} is not known"));
            node.value = Some(Value::Octets(octets.to_vec()));
            return node;
        };
        node.name = name.into();
        node.header_length = 2;
        node.length = end - start - 2;
        let mut fields = Fields { scope, at: start + 2, end: header_end, nodes: Vec::new() };
        match code >> 4 {
            0xe | 0xd => {
                fields.number("destination reference", 2, &[]);
                fields.number("source reference", 2, &[]);
                fields.number("class", 1, CLASSES);
                fields.parameters();
            }
            0x8 => {
                fields.number("destination reference", 2, &[]);
                fields.number("source reference", 2, &[]);
                fields.number("reason", 1, DISCONNECT_REASONS);
                fields.parameters();
            }
            0x7 => {
                fields.number("destination reference", 2, &[]);
                fields.number("cause", 1, REJECT_CAUSES);
                fields.parameters();
            }
            0xf => {
                let last = scope.source.octets().get(start + 2).is_some_and(|octet| octet & 0x80 != 0);
                fields.number("number and end of TSDU", 1, END_OF_TSDU);
                fields.rest();
                node.children = fields.nodes;
                node.children.extend(self.data(annotator, scope, (header_end, end), side, last));
                return node;
            }
            _ => fields.rest(),
        }
        node.children = fields.nodes;
        if header_end < end {
            let mut data = scope.field("user data", header_end, end - header_end);
            data.value = Some(readable(&scope.source.octets()[header_end..end]));
            node.children.push(data);
        }
        node
    }

    /// User data of a DT: part of a TSDU, or the last of it.
    fn data(
        &mut self,
        annotator: &mut Annotator,
        scope: Scope<'_>,
        (start, end): (usize, usize),
        side: usize,
        last: bool,
    ) -> Vec<Node> {
        let waiting = self.sides.get_mut(side).map(|side| &mut side.tsdu);
        let Some(waiting) = waiting else { return Vec::new() };
        if last && waiting.octets().is_empty() {
            return session::tsdu(self, annotator, scope, (start, end), side);
        }
        waiting.append(scope.source, start, end - start);
        let mut part = scope.field("part of a TSDU", start, end - start);
        part.value = scope.source.octets().get(start..end).map(|octets| Value::Octets(octets.to_vec()));
        let mut nodes = vec![part];
        if last {
            let whole = std::mem::take(waiting);
            let index = annotator.reserve();
            let scope = Scope { source: &whole, index };
            nodes.extend(session::tsdu(self, annotator, scope, (0, whole.octets().len()), side));
            annotator.keep(index, whole);
        }
        nodes
    }
}

/// Reads one fixed field after the other.
pub(crate) struct Fields<'a> {
    pub(crate) scope: Scope<'a>,
    pub(crate) at: usize,
    pub(crate) end: usize,
    pub(crate) nodes: Vec<Node>,
}

impl Fields<'_> {
    /// A number of so many octets; says so if they are not there.
    pub(crate) fn number(&mut self, name: &'static str, length: usize, names: &[(i64, &'static str)]) {
        if self.at + length > self.end {
            let mut node = self.scope.field(name, self.at.min(self.end), 0);
            node.find_fault(Severity::Error, "truncated", format!("{name} has {length} octets"));
            self.nodes.push(node);
            self.at = self.end;
            return;
        }
        let octets = self.scope.source.octets().get(self.at..self.at + length).unwrap_or_default();
        let number = octets.iter().fold(0_i64, |number, octet| number << 8 | i64::from(*octet));
        let name_of = names.iter().find(|(own, _)| *own == number).map(|(_, name)| *name);
        let mut node = self.scope.field(name, self.at, length);
        node.value = Some(Value::Integer { number, name: name_of });
        self.nodes.push(node);
        self.at += length;
    }

    /// Whatever is left.
    fn rest(&mut self) {
        if self.at < self.end {
            let mut node = self.scope.field("more", self.at, self.end - self.at);
            node.value = self
                .scope
                .source
                .octets()
                .get(self.at..self.end)
                .map(|octets| Value::Octets(octets.to_vec()));
            self.nodes.push(node);
            self.at = self.end;
        }
    }

    /// The variable part: code, length, value.
    fn parameters(&mut self) {
        while self.at < self.end {
            let octets = self.scope.source.octets().get(self.at..self.end).unwrap_or_default();
            let [code, length, value @ ..] = octets else { return self.rest() };
            let name =
                PARAMETERS.iter().find(|(own, _)| own == code).map_or("unknown parameter", |(_, name)| *name);
            let present = usize::from(*length).min(value.len());
            let mut node = self.scope.field(name, self.at, present);
            node.header_length = 2;
            if present < usize::from(*length) {
                let message = format!("the length says {length} octets, {present} are there");
                node.findings.push(finding(Severity::Error, "truncated", node.offset, message));
            }
            node.value = Some(parameter_value(*code, &value[..present]));
            self.nodes.push(node);
            self.at += 2 + present;
        }
    }
}

fn parameter_value(code: u8, value: &[u8]) -> Value {
    match (code, value) {
        (0xc0, [exponent @ 7..=16]) => Value::Integer { number: 1 << exponent, name: Some("octets") },
        (0xf0, _) if value.len() <= 4 => {
            let units = value.iter().fold(0_i64, |number, octet| number << 8 | i64::from(*octet));
            Value::Integer { number: units * 128, name: Some("octets") }
        }
        _ => readable(value),
    }
}

/// Characters if they are, octets if not.
pub(crate) fn readable(octets: &[u8]) -> Value {
    let is_text = |octet: &u8| octet.is_ascii_graphic() || *octet == b' ';
    match !octets.is_empty() && octets.iter().all(is_text) {
        true => Value::Text {
            charset: Charset::Ia5,
            text: octets.iter().map(|octet| char::from(*octet)).collect(),
        },
        false => Value::Octets(octets.to_vec()),
    }
}

fn tpdu_name(code: u8) -> Option<&'static str> {
    Some(match code >> 4 {
        0xe => "CR connection request",
        0xd => "CC connection confirm",
        0x8 => "DR disconnect request",
        0xc => "DC disconnect confirm",
        0xf => "DT data",
        0x7 => "ER error",
        0x1 => "ED expedited data",
        0x6 => "AK acknowledgement",
        _ => return None,
    })
}

static CLASSES: &[(i64, &str)] =
    &[(0x00, "class 0"), (0x10, "class 1"), (0x20, "class 2"), (0x30, "class 3"), (0x40, "class 4")];

static END_OF_TSDU: &[(i64, &str)] = &[(0x80, "end of TSDU"), (0x00, "more follows")];

static DISCONNECT_REASONS: &[(i64, &str)] = &[
    (0, "not specified"),
    (1, "congestion at TSAP"),
    (2, "session entity not attached to TSAP"),
    (3, "address unknown"),
    (128, "normal disconnect by session entity"),
    (129, "congestion at connect request"),
    (130, "connection negotiation failed"),
    (131, "duplicate source reference"),
    (132, "mismatched references"),
    (133, "protocol error"),
    (135, "reference overflow"),
    (136, "connection request refused on this network connection"),
    (138, "header or parameter length invalid"),
];

static REJECT_CAUSES: &[(i64, &str)] = &[
    (0, "not specified"),
    (1, "invalid parameter code"),
    (2, "invalid TPDU type"),
    (3, "invalid parameter value"),
];

static PARAMETERS: &[(u8, &str)] = &[
    (0xc0, "TPDU size"),
    (0xc1, "calling TSAP"),
    (0xc2, "called TSAP"),
    (0xc3, "checksum"),
    (0xc4, "version"),
    (0xc5, "protection"),
    (0xc6, "additional options"),
    (0xc7, "alternative classes"),
    (0xe0, "additional information"),
    (0xf0, "preferred maximum TPDU size"),
];
