//! Turns the JSON of `x400gw decode --json` back into BER, so that a message can be taken apart, changed and sent.
//!
//! What came from BER goes back to the same octets, whatever its form. What is changed goes out in the form that the
//! JSON states, or DER where it states none; lengths are counted anew. The keys of an element that count here:
//!
//! | key | what |
//! |---|---|
//! | `tag` | `[3]`, `[APPLICATION 4]`, `[PRIVATE 1]`, `[UNIVERSAL 40]` or a type such as `IA5String`; without one, only the contents are written |
//! | `constructed` | whether it is made of elements; by default, whether it has `children` |
//! | `indefinite` | whether its length has the indefinite form; `unterminated` leaves the end of it out |
//! | `value` | what it says, see below |
//! | `contents` | its contents as hexadecimal octets, in the place of a value, or as one of the ways to write the value; with segments, they count |
//! | `children` | the elements in it; those named `segment` are cut out of the value, each with `length` octets, the last with the rest |
//! | `length_octets` | octets of the long form of the length at least |
//! | `claimed_length` | a length that is written although it does not count the contents: a broken message, by intention |
//! | `identifier` | identifier octets in hexadecimal, in the place of `tag` |
//! | `type` | in which type a name is looked up |
//!
//! Values: `{"boolean": true}`, `{"null": null}`, `{"integer": 2}` or `{"name": "urgent"}`, `{"bits": 8, "octets": "a8"}` or
//! `{"names": ["responsibility"]}`, `{"octets": "00ff"}`, `{"text": "..", "charset": "PrintableString"}`, `{"time":
//! "261123120000Z"}`, `{"oid": "2.6.1.10.1"}` or `{"name": "P772"}`. All other keys are for the reader, and not read.
//!
//! The whole is `{"nodes": [..]}`, or one element by itself. A stream or a capture is not put together again: what its JSON
//! says of packets is an explanation, and a changed message would need other packets. The messages in it are
//! ([`messages`]).
//! No clock, socket or file.

mod member;
mod value;

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::decode::ber::{self, Tag};
use member::{Place, hex_member};

/// Elements nested deeper than this are refused; `decode` shows none.
const MAX_DEPTH: usize = 600;

/// Encodes the JSON of a document or of one element.
///
/// # Errors
/// [`Problem`] with the place: line and column where the text is no JSON, otherwise the path.
pub fn encode(text: &str) -> Result<Vec<u8>, Problem> {
    encode_json(&parse(text)?)
}

/// Reads JSON.
///
/// # Errors
/// [`Problem`] with line and column.
pub fn parse(text: &str) -> Result<Json, Problem> {
    serde_json::from_str(text).map_err(|error| Problem {
        place: format!("line {}, column {}", error.line(), error.column()),
        message: format!("not JSON: {error}"),
        help: Some("the output of `x400gw decode --json` is what is expected".into()),
    })
}

/// Encodes a document or one element.
///
/// # Errors
/// [`Problem`] with the path of the member at fault.
pub fn encode_json(json: &Json) -> Result<Vec<u8>, Problem> {
    let place = Place::default();
    let Json::Object(map) = json else { return Err(place.problem("an object is expected", None)) };
    let Some(nodes) = map.get("nodes") else { return element(map, &place, 0) };
    if let Some(kind @ ("stream" | "pcap")) = map.get("kind").and_then(Json::as_str) {
        let help = "its packets are not put together again, but the messages in it are: `--message 1` takes the first, \
                    and `send file` in a script of `x400gw peer` sends it";
        return Err(place.within("kind").problem(format!("a {kind} is not one value"), Some(help)));
    }
    all(nodes, &place.within("nodes"), 0)
}

/// The messages, reports and probes in a document of any kind, each as JSON.
#[must_use]
pub fn messages(json: &Json) -> Vec<&Json> {
    let mut found = Vec::new();
    let mut waiting = vec![json];
    while let Some(json) = waiting.pop() {
        let text = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default();
        match (text("type"), text("tag")) {
            ("Message", "[0]") | ("Report", "[1]") | ("ProbeTransferEnvelope", "[2]") => found.push(json),
            _ => {
                let inside = ["nodes", "children"].into_iter().filter_map(|key| json.get(key));
                waiting.extend(inside.filter_map(Json::as_array).flatten().rev());
            }
        }
    }
    found
}

/// Why JSON cannot be encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path of the member at fault, such as `nodes[0].children[2].value`, or line and column.
    pub place: String,
    /// In words.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "\nhelp: {help}"))
    }
}

impl std::error::Error for Problem {}

/// Elements one behind the other.
fn all(json: &Json, place: &Place<'_>, depth: usize) -> Result<Vec<u8>, Problem> {
    let Json::Array(items) = json else { return Err(place.problem("a list of elements is expected", None)) };
    let mut octets = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let place = place.item(index);
        let Json::Object(map) = item else { return Err(place.problem("an element is expected", None)) };
        octets.extend(element(map, &place, depth)?);
    }
    Ok(octets)
}

/// Header and contents.
fn element(map: &Map<String, Json>, place: &Place<'_>, depth: usize) -> Result<Vec<u8>, Problem> {
    if depth > MAX_DEPTH {
        return Err(place.problem(format!("nested deeper than {MAX_DEPTH}"), None));
    }
    let contents = contents(map, place, depth)?;
    wrapped(map, place, contents)
}

/// Contents with the header that the element states.
fn wrapped(map: &Map<String, Json>, place: &Place<'_>, contents: Vec<u8>) -> Result<Vec<u8>, Problem> {
    let Some(mut octets) = identifier(map, place)? else { return Ok(contents) };
    if place.flag(map, "indefinite")? {
        octets.push(0x80);
        octets.extend(contents);
        if !place.flag(map, "unterminated")? {
            octets.extend([0, 0]);
        }
        return Ok(octets);
    }
    let claimed = place.number(map, "claimed_length")?;
    let counted = u64::try_from(contents.len()).unwrap_or(u64::MAX);
    let digits = place.number(map, "length_octets")?.unwrap_or(0);
    let digits = usize::try_from(digits)
        .ok()
        .filter(|digits| *digits <= 126)
        .ok_or_else(|| place.within("length_octets").problem("a length has at most 126 octets", None))?;
    octets.extend(ber::length(claimed.unwrap_or(counted), digits));
    octets.extend(contents);
    Ok(octets)
}

/// Identifier octets; none where there is neither a tag nor anything else to make them of.
fn identifier(map: &Map<String, Json>, place: &Place<'_>) -> Result<Option<Vec<u8>>, Problem> {
    if let Some(octets) = hex_member(map, "identifier", place)? {
        return Ok(Some(octets));
    }
    let Some(tag) = map.get("tag") else { return Ok(None) };
    let tag: Option<Tag> = tag.as_str().and_then(|tag| tag.parse().ok());
    let Some(tag) = tag else {
        let help = "such as `[3]`, `[APPLICATION 4]` or `IA5String`";
        return Err(place.within("tag").problem("not a tag", Some(help)));
    };
    let constructed = match map.contains_key("constructed") {
        true => place.flag(map, "constructed")?,
        false => map.contains_key("children"),
    };
    Ok(Some(ber::identifier(tag, constructed)))
}

/// What stands behind the header.
fn contents(map: &Map<String, Json>, place: &Place<'_>, depth: usize) -> Result<Vec<u8>, Problem> {
    let Some(children) = map.get("children") else { return value::contents(map, place) };
    let place_of_children = place.within("children");
    let Json::Array(children) = children else {
        return Err(place_of_children.problem("a list of elements is expected", None));
    };
    if children.is_empty() {
        return value::contents(map, place);
    }
    let mut inside = Vec::new();
    let mut has_elements = false;
    for (index, child) in children.iter().enumerate().filter(|(_, child)| !is_segment(child)) {
        let place = place_of_children.item(index);
        let Json::Object(child) = child else { return Err(place.problem("an element is expected", None)) };
        inside.extend(element(child, &place, depth + 1)?);
        has_elements = true;
    }
    if !children.iter().any(is_segment) {
        return Ok(inside);
    }
    let is_bits = map.get("value").is_some_and(|value| value.get("bits").is_some());
    let payload = match (has_elements, is_bits) {
        (true, _) => inside,
        // Segments of bits state their octets themselves.
        (false, true) => Vec::new(),
        // What a string of bad segments says is not told from the segments put together.
        (false, false) => match hex_member(map, "contents", place)? {
            Some(contents) => contents,
            None => value::contents(map, place)?,
        },
    };
    let mut payload = payload.as_slice();
    let last = children.iter().rposition(can_take);
    let octets = segments(children, &place_of_children, last, &mut payload, depth + 1)?;
    match payload {
        [] => Ok(octets),
        rest => {
            let message = format!("no segment takes the last {} octets", rest.len());
            Err(place_of_children.problem(message, Some("leave out the segments to have it in one piece")))
        }
    }
}

/// Cuts `payload` into segments; the one at `last` gets what the others leave.
fn segments(
    children: &[Json],
    place: &Place<'_>,
    last: Option<usize>,
    payload: &mut &[u8],
    depth: usize,
) -> Result<Vec<u8>, Problem> {
    let mut octets = Vec::new();
    if depth > MAX_DEPTH {
        return Err(place.problem(format!("nested deeper than {MAX_DEPTH}"), None));
    }
    for (index, child) in children.iter().enumerate().filter(|(_, child)| is_segment(child)) {
        let place = place.item(index);
        let Json::Object(map) = child else { continue };
        let inner = match map.get("children") {
            Some(Json::Array(inner)) if !inner.is_empty() => {
                let inner_last = if last == Some(index) { inner.iter().rposition(can_take) } else { None };
                segments(inner, &place.within("children"), inner_last, payload, depth + 1)?
            }
            _ if !can_take(child) => value::contents(map, &place)?,
            _ => {
                let wanted = place.number(map, "length")?.and_then(|length| usize::try_from(length).ok());
                let length = match (last == Some(index), wanted) {
                    (true, _) => payload.len(),
                    (false, Some(wanted)) => wanted.min(payload.len()),
                    (false, None) => {
                        let help = "every segment but the last says how many octets it takes";
                        return Err(place.problem("no `length`", Some(help)));
                    }
                };
                let (taken, rest) = payload.split_at(length);
                *payload = rest;
                taken.to_vec()
            }
        };
        octets.extend(wrapped(map, &place, inner)?);
    }
    Ok(octets)
}

fn is_segment(json: &Json) -> bool {
    json.get("name").and_then(Json::as_str) == Some("segment")
}

/// Whether a segment takes a part of the string: not if it states its octets, nor if it is empty by its form.
fn can_take(json: &Json) -> bool {
    match json.get("children").and_then(Json::as_array) {
        Some(inner) if !inner.is_empty() => is_segment(json) && inner.iter().any(can_take),
        _ => {
            let is_constructed = json.get("constructed").and_then(Json::as_bool) == Some(true);
            is_segment(json) && json.get("tag").is_some() && json.get("contents").is_none() && !is_constructed
        }
    }
}
