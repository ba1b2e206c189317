//! SPDUs (X.225 chapter 8; ledger T-10 to T-14), and what they carry for presentation and reliable transfer.

use super::annotate::{Annotator, Scope};
use super::ber;
use super::schema::{ANY, INTEGER, Type, association};
use super::stream::{Dialogue, Fields, Mode, readable};
use super::{Node, Severity, Source, Value};

// SPDU identifiers (SI) that are handled in a way of their own.
const GIVE_TOKENS_OR_DATA: u8 = 0x01;
const EXPEDITED: u8 = 0x05;
const FINISH: u8 = 0x09;
const DISCONNECT: u8 = 0x0a;
const REFUSE: u8 = 0x0c;
const CONNECT: u8 = 0x0d;
const ACCEPT: u8 = 0x0e;
const ABORT_OR_INTERRUPT: u8 = 0x19;
const TYPED_DATA: u8 = 0x21;
const ACTIVITY_END: u8 = 0x29;
const ACTIVITY_START: u8 = 0x2d;
const ACTIVITY_DISCARD: u8 = 0x39;

/// Explains a TSDU: one SPDU, or several with a token SPDU in front.
pub(crate) fn tsdu(
    dialogue: &mut Dialogue,
    annotator: &mut Annotator,
    scope: Scope<'_>,
    (start, end): (usize, usize),
    side: usize,
) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut position = start;
    while position < end {
        let (node, next) = spdu(dialogue, annotator, scope, (position, end), side, position == start);
        nodes.push(node);
        position = next;
    }
    nodes
}

/// Explains octets that a completed or broken activity has transferred.
pub(crate) fn transferred(annotator: &mut Annotator, scope: Scope<'_>) -> Vec<Node> {
    annotator.explain(scope, 0, scope.source.octets().len(), &association::TRANSFERRED)
}

fn spdu(
    dialogue: &mut Dialogue,
    annotator: &mut Annotator,
    scope: Scope<'_>,
    (start, end): (usize, usize),
    side: usize,
    first: bool,
) -> (Node, usize) {
    let octets = scope.source.octets().get(start..end).unwrap_or_default();
    let code = octets.first().copied().unwrap_or_default();
    let name = spdu_name(code, first).unwrap_or("unknown SPDU");
    let mut node = scope.field(name, start, end - start);
    node.constructed = true;
    if spdu_name(code, first).is_none() {
        node.find_fault(Severity::Error, "unknown-spdu", format!("SPDU identifier {code:02x} is not known"));
    }
    let Some((header, claimed)) = length_of(octets) else {
        node.find_fault(Severity::Error, "truncated", "an SPDU has an identifier and a length");
        return (node, end);
    };
    let available = octets.len() - header;
    if claimed > available {
        let message = format!("the length says {claimed} octets, {available} are there");
        node.find_fault(Severity::Error, "truncated", message);
    }
    let parameters_end = start + header + claimed.min(available);
    node.header_length = header;
    let carries_data = matches!((code, first), (GIVE_TOKENS_OR_DATA, false) | (EXPEDITED | TYPED_DATA, _));
    let next = if carries_data { end } else { parameters_end };
    node.length = next - start - header;
    let range = (start + header, parameters_end);
    node.children = parameters(dialogue, annotator, scope, range, (code, first));
    match (code, first) {
        (ACTIVITY_START | ACTIVITY_DISCARD, _) => drop(take_activity(dialogue, side)),
        (ACTIVITY_END, _) => {
            let activity = take_activity(dialogue, side);
            if !activity.octets().is_empty() {
                node.children.extend(annotator.explain_gathered(activity, &association::TRANSFERRED));
            }
        }
        _ if carries_data && parameters_end < end => {
            node.children.extend(user_information(dialogue, annotator, scope, (parameters_end, end), side));
        }
        _ => {}
    }
    (node, next)
}

fn take_activity(dialogue: &mut Dialogue, side: usize) -> Source {
    dialogue.sides.get_mut(side).map(|side| std::mem::take(&mut side.activity)).unwrap_or_default()
}

/// Octets of identifier and length, and what the length says (X.225 8.2.5).
fn length_of(octets: &[u8]) -> Option<(usize, usize)> {
    match octets {
        [_, 0xff, high, low, ..] => Some((4, usize::from(*high) << 8 | usize::from(*low))),
        [_, 0xff, ..] => None,
        [_, length, ..] => Some((2, usize::from(*length))),
        _ => None,
    }
}

/// What DT carries: in X.410 mode part of the APDU itself, in normal mode RTTR in a presentation data value.
fn user_information(
    dialogue: &mut Dialogue,
    annotator: &mut Annotator,
    scope: Scope<'_>,
    (start, end): (usize, usize),
    side: usize,
) -> Vec<Node> {
    let octets = scope.source.octets();
    let guessed = match octets.get(start) {
        Some(0x60 | 0x61) => Mode::Normal,
        _ => Mode::X410,
    };
    let mode = dialogue.mode.unwrap_or(guessed);
    let Some(side) = dialogue.sides.get_mut(side) else { return Vec::new() };
    if mode == Mode::X410 {
        side.activity.append(scope.source, start, end - start);
        let mut node = scope.field("user information", start, end - start);
        node.value = octets.get(start..end).map(|octets| Value::Octets(octets.to_vec()));
        return vec![node];
    }
    for (at, length) in transfer_pieces(octets, start, end) {
        side.activity.append(scope.source, at, length);
    }
    annotator.explain(scope, start, end, &association::USER_DATA)
}

/// The pieces of all RTTR values in fully encoded user data.
fn transfer_pieces(octets: &[u8], start: usize, end: usize) -> Vec<(usize, usize)> {
    let Some((outer, _)) = ber::read_one(octets, start, end) else { return Vec::new() };
    let mut pieces = Vec::new();
    for list in &outer.children {
        for values in list.children.iter().filter(|child| child.has_tag(ber::Tag::context(0))) {
            let transfers = values.children.iter().filter(|child| child.has_tag(ber::Tag::universal(4)));
            transfers.for_each(|transfer| pieces.extend(transfer.pieces()));
        }
        let aligned = list.children.iter().filter(|child| child.has_tag(ber::Tag::context(1)));
        aligned.for_each(|octets| pieces.extend(octets.pieces()));
    }
    pieces
}

/// Parameters (PI) and groups of them (PGI).
fn parameters(
    dialogue: &mut Dialogue,
    annotator: &mut Annotator,
    scope: Scope<'_>,
    (start, end): (usize, usize),
    spdu: (u8, bool),
) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut position = start;
    while position < end {
        let octets = scope.source.octets().get(position..end).unwrap_or_default();
        let code = octets.first().copied().unwrap_or_default();
        let mut node = scope.field(parameter_name(code), position, octets.len());
        let Some((header, claimed)) = length_of(octets) else {
            node.find_fault(Severity::Error, "truncated", "a parameter has a code and a length");
            nodes.push(node);
            break;
        };
        let length = claimed.min(octets.len() - header);
        node.header_length = header;
        node.length = length;
        if length < claimed {
            let message = format!("the length says {claimed} octets, {length} are there");
            node.find_fault(Severity::Error, "truncated", message);
        }
        if parameter_name(code) == UNKNOWN_PARAMETER {
            node.find_fault(Severity::Error, "unknown-parameter", format!("parameter {code} is not known"));
        }
        let range = (position + header, position + header + length);
        match code {
            1 | 5 | 33 => {
                node.constructed = true;
                node.children = parameters(dialogue, annotator, scope, range, spdu);
            }
            _ => parameter(dialogue, annotator, scope, &mut node, range, (code, spdu)),
        }
        nodes.push(node);
        position = range.1;
    }
    nodes
}

fn parameter(
    dialogue: &mut Dialogue,
    annotator: &mut Annotator,
    scope: Scope<'_>,
    node: &mut Node,
    (start, end): (usize, usize),
    (code, spdu): (u8, (u8, bool)),
) {
    let contents = scope.source.octets().get(start..end).unwrap_or_default();
    let mut fields = Fields { scope, at: start, end, nodes: Vec::new() };
    match code {
        193 | 194 if !contents.is_empty() => {
            node.children = ppdu(dialogue, annotator, scope, (start, end), spdu)
        }
        9..=12 | 41 => reference(annotator, scope, node, (start, end)),
        50 if spdu.0 == REFUSE => {
            fields.number("reason", 1, REFUSE_REASONS);
            let at = fields.at;
            node.children = fields.nodes;
            if at < end {
                node.children.extend(ppdu(dialogue, annotator, scope, (at, end), spdu));
            }
        }
        21 if contents.len() == 4 => {
            fields.number("from initiator", 2, &[]);
            fields.number("from responder", 2, &[]);
            node.children = fields.nodes;
        }
        51 | 52 | 23 | 42 => node.value = Some(readable(contents)),
        26 => {
            node.value = Some(Value::Octets(contents.to_vec()));
            node.summary = contents.first().map(|octet| token_setting(*octet));
        }
        _ => {
            node.value = match (named_bits(code), contents) {
                (_, []) => None,
                (Some(names), _) => Some(bit_field(contents, names)),
                (None, [octet]) => {
                    let number = i64::from(*octet);
                    let name = number_names(code, spdu.0).iter().find(|(own, _)| *own == number);
                    Some(Value::Integer { number, name: name.map(|(_, name)| *name) })
                }
                _ => Some(readable(contents)),
            };
        }
    }
}

/// References and activity identifiers are often BER, but need not be.
fn reference(annotator: &mut Annotator, scope: Scope<'_>, node: &mut Node, (start, end): (usize, usize)) {
    let whole = ber::read_one(scope.source.octets(), start, end);
    if whole.is_some_and(|(element, next)| next == end && element.fault.is_none() && element.tag.is_some()) {
        node.children = annotator.explain(scope, start, end, &ANY);
    } else {
        node.value = scope.source.octets().get(start..end).map(readable);
    }
}

/// User data: what it is follows from the SPDU.
fn ppdu(
    dialogue: &mut Dialogue,
    annotator: &mut Annotator,
    scope: Scope<'_>,
    (start, end): (usize, usize),
    (spdu, first): (u8, bool),
) -> Vec<Node> {
    let of: &'static Type = match (spdu, scope.source.octets().get(start)) {
        (CONNECT, _) => &association::CP,
        (ACCEPT, _) => &association::CPA,
        (REFUSE, _) => &association::CPR,
        (FINISH | DISCONNECT, Some(0x60 | 0x61)) => &association::USER_DATA,
        (ABORT_OR_INTERRUPT, _) if first => &association::ABORT,
        (_, Some(0x02)) => &INTEGER,
        _ => &association::PRESENTATION,
    };
    let nodes = annotator.explain(scope, start, end, of);
    if matches!(spdu, CONNECT | ACCEPT) {
        let mode =
            nodes.first().and_then(|node| node.find("mode-value")).and_then(|mode| mode.value.as_ref());
        dialogue.mode = match mode {
            Some(Value::Integer { number: 0, .. }) => Some(Mode::X410),
            Some(Value::Integer { number: 1, .. }) => Some(Mode::Normal),
            _ => dialogue.mode,
        };
    }
    nodes
}

/// Two bits for each token: with the initiator, with the responder, or as the called side chooses (T-13).
fn token_setting(octet: u8) -> String {
    let who = |shift: u32| match octet >> shift & 3 {
        0 => "initiator",
        1 => "responder",
        2 => "called side chooses",
        _ => "reserved",
    };
    let tokens = [("release", 6), ("major/activity", 4), ("minor", 2), ("data", 0)];
    if tokens.iter().all(|(_, shift)| who(*shift) == who(0)) {
        return format!("all tokens: {}", who(0));
    }
    tokens.iter().map(|(name, shift)| format!("{name}: {}", who(*shift))).collect::<Vec<_>>().join(", ")
}

/// Bits counted from the right, as session does.
fn bit_field(contents: &[u8], names: &[(u32, &'static str)]) -> Value {
    let number = contents.iter().take(4).fold(0_u32, |number, octet| number << 8 | u32::from(*octet));
    let named = |bit: u32| {
        let found = names.iter().find(|(own, _)| *own == bit);
        found.map_or_else(|| format!("bit {bit}"), |(_, name)| (*name).to_owned())
    };
    let names = (0..32).filter(|bit| number >> bit & 1 == 1).map(named).collect();
    Value::Bits { count: contents.len() * 8, octets: contents.to_vec(), names }
}

fn named_bits(code: u8) -> Option<&'static [(u32, &'static str)]> {
    Some(match code {
        16 => &[(0, "data"), (2, "minor"), (4, "major/activity"), (6, "release")],
        17 => &[
            (0, "release transport"),
            (1, "user abort"),
            (2, "protocol error"),
            (3, "no reason"),
            (4, "implementation restriction"),
        ],
        19 => &[(0, "extended concatenation")],
        20 => &[
            (0, "half-duplex"),
            (1, "duplex"),
            (2, "expedited data"),
            (3, "minor synchronize"),
            (4, "major synchronize"),
            (5, "resynchronize"),
            (6, "activity management"),
            (7, "negotiated release"),
            (8, "capability data"),
            (9, "exceptions"),
            (10, "typed data"),
        ],
        22 => &[(0, "version 1"), (1, "version 2")],
        25 => &[(0, "beginning"), (1, "end")],
        _ => return None,
    })
}

fn number_names(code: u8, spdu: u8) -> &'static [(i64, &'static str)] {
    match (code, spdu) {
        (50, REFUSE) => REFUSE_REASONS,
        (50, _) => &[
            (0, "no specific reason"),
            (1, "receiving ability jeopardised"),
            (3, "sequence error"),
            (5, "local user error"),
            (6, "unrecoverable procedural error"),
            (128, "demand data token"),
        ],
        (15, _) => &[(0, "explicit confirmation not required"), (1, "optional confirmation not required")],
        (27, _) => &[(0, "restart"), (1, "abandon"), (2, "set")],
        (24, _) => &[(1, "MAA"), (2, "resynchronize"), (3, "resynchronize ack"), (4, "abort")],
        _ => &[],
    }
}

static REFUSE_REASONS: &[(i64, &str)] = &[
    (0, "not specified"),
    (1, "temporary congestion"),
    (2, "rejected by the user, with data"),
    (0x81, "selector unknown"),
    (0x82, "user not attached to selector"),
    (0x83, "congestion at connect"),
    (0x84, "proposed versions not supported"),
    (0x85, "rejected by the provider"),
    (0x86, "implementation restriction"),
];

fn spdu_name(code: u8, first: bool) -> Option<&'static str> {
    Some(match (code, first) {
        (0x00, _) => "ER exception report",
        (0x01, true) => "GT give tokens",
        (0x01, false) => "DT data transfer",
        (0x02, _) => "PT please tokens",
        (0x05, _) => "EX expedited data",
        (0x07, _) => "PR prepare",
        (0x08, _) => "NF not finished",
        (0x09, _) => "FN finish",
        (0x0a, _) => "DN disconnect",
        (0x0c, _) => "RF refuse",
        (0x0d, _) => "CN connect",
        (0x0e, _) => "AC accept",
        (0x0f, _) => "CDO connect data overflow",
        (0x10, _) => "OA overflow accept",
        (0x15, _) => "GTC give tokens confirm",
        (0x16, _) => "GTA give tokens ack",
        (0x19, true) => "AB abort",
        (0x19, false) => "AI activity interrupt",
        (0x1a, true) => "AA abort accept",
        (0x1a, false) => "AIA activity interrupt ack",
        (0x1d, _) => "AR activity resume",
        (0x21, _) => "TD typed data",
        (0x22, _) => "RA resynchronize ack",
        (0x29, _) => "AE activity end",
        (0x2a, _) => "AEA activity end ack",
        (0x2d, _) => "AS activity start",
        (0x30, _) => "ED exception data",
        (0x31, _) => "MIP minor sync point",
        (0x32, _) => "MIA minor sync ack",
        (0x35, _) => "RS resynchronize",
        (0x39, _) => "AD activity discard",
        (0x3a, _) => "ADA activity discard ack",
        (0x3d, _) => "CD capability data",
        (0x3e, _) => "CDA capability data ack",
        _ => return None,
    })
}

const UNKNOWN_PARAMETER: &str = "unknown parameter";

fn parameter_name(code: u8) -> &'static str {
    match code {
        1 => "connection identifier",
        5 => "connect/accept item",
        9 => "called SS-user reference",
        10 => "calling SS-user reference",
        11 => "common reference",
        12 => "additional reference information",
        15 => "sync type item",
        16 => "token item",
        17 => "transport disconnect",
        19 => "protocol options",
        20 => "session user requirements",
        21 => "TSDU maximum size",
        22 => "version number",
        23 => "initial serial number",
        24 => "prepare type",
        25 => "enclosure item",
        26 => "token setting item",
        27 => "resync type",
        33 => "linking information",
        41 => "activity identifier",
        42 => "serial number",
        49 => "reflect parameter values",
        50 => "reason code",
        51 => "calling session selector",
        52 => "called or responding session selector",
        55 => "second resync type",
        56 => "second serial number",
        57 => "second initial serial number",
        59 => "upper limit serial number",
        60 => "data overflow",
        193 => "user data",
        194 => "extended user data",
        _ => UNKNOWN_PARAMETER,
    }
}
