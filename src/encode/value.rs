//! Values, given as they are shown, by name, or as octets.

use serde_json::{Map, Value as Json};

use super::Problem;
use super::member::{Place, hex_member};
use crate::decode::ber::Tag;
use crate::decode::render::json_value;
use crate::decode::schema::{Charset, Kind, names};
use crate::decode::{Value, oids, read_value, write_value};

/// Bits that can be given by name.
const MAX_BITS: usize = 4096;

const EXAMPLES: &str =
    "such as {\"integer\": 2}, {\"text\": \"..\", \"charset\": \"IA5String\"} or {\"octets\": \"00ff\"}";

/// The contents that `value` and `contents` state; empty if there is neither.
pub(super) fn contents(map: &Map<String, Json>, place: &Place<'_>) -> Result<Vec<u8>, Problem> {
    let stated = hex_member(map, "contents", place)?;
    let place_of_value = place.within("value");
    let value = match map.get("value") {
        None => return Ok(stated.unwrap_or_default()),
        Some(Json::Object(value)) => value,
        Some(_) => return Err(place_of_value.problem("an object is expected", Some(EXAMPLES))),
    };
    let type_name = place.text(map, "type")?.unwrap_or_default();
    match stated {
        Some(stated) if says(&stated, value) => Ok(stated),
        Some(_) => {
            let help = "leave out `contents` to have the value encoded anew, or `value` to have the octets";
            Err(place.within("contents").problem("these octets do not say the value", Some(help)))
        }
        None => {
            let value = self::value(value, type_name, &place_of_value)?;
            let help = "octets of your own go into `contents`, without a `value`";
            write_value(&value).map_err(|message| place_of_value.problem(message, Some(help)))
        }
    }
}

/// Whether contents are read as the value: what is shown of both is the same, but for the names.
fn says(contents: &[u8], value: &Map<String, Json>) -> bool {
    let Some(kind) = value.keys().find_map(|key| kind(key, value)) else { return false };
    let Json::Object(read) = json_value(&read_value(&kind, contents).0) else { return false };
    let is_name = |key: &str| matches!(key, "name" | "names" | "iso");
    read.iter().filter(|(key, _)| !is_name(key)).all(|(key, own)| value.get(key) == Some(own))
}

/// The type that a member of a value stands for.
fn kind(key: &str, value: &Map<String, Json>) -> Option<Kind> {
    Some(match key {
        "boolean" => Kind::Boolean,
        "null" => Kind::Null,
        "integer" => Kind::Integer(&[]),
        "bits" => Kind::Bits(&[]),
        "text" => Kind::Text(charset(value)?),
        "time" => Kind::UtcTime,
        "oid" => Kind::Oid,
        "octets" if !value.contains_key("bits") => Kind::Octets,
        _ => return None,
    })
}

fn charset(value: &Map<String, Json>) -> Option<Charset> {
    let tag: Tag = value.get("charset")?.as_str()?.parse().ok()?;
    Charset::of_tag(tag.number)
}

/// A value as it is shown, or by its name.
fn value(map: &Map<String, Json>, type_name: &str, place: &Place<'_>) -> Result<Value, Problem> {
    if map.contains_key("boolean") {
        return Ok(Value::Boolean(place.flag(map, "boolean")?));
    }
    if map.contains_key("null") {
        return Ok(Value::Null);
    }
    if let Some(json) = map.get("integer") {
        return integer(json, map, type_name, &place.within("integer"));
    }
    if map.contains_key("bits") || map.contains_key("names") {
        return bits(map, type_name, place);
    }
    if let Some(octets) = hex_member(map, "octets", place)? {
        return Ok(Value::Octets(octets));
    }
    if let Some(text) = place.text(map, "text")? {
        let help = "such as `IA5String`, `PrintableString` or `TeletexString`";
        let Some(charset) = charset(map) else {
            return Err(place.within("charset").problem("the name of a string type is expected", Some(help)));
        };
        return Ok(Value::Text { charset, text: text.to_owned() });
    }
    if let Some(text) = place.text(map, "time")? {
        return Ok(Value::Time { text: text.to_owned(), iso: None });
    }
    if let Some(dotted) = place.text(map, "oid")? {
        return Ok(Value::Oid { dotted: dotted.to_owned(), name: None });
    }
    match place.text(map, "name")? {
        Some(name) => by_name(name, type_name, place),
        None => Err(place.problem("nothing that is known as a value", Some(EXAMPLES))),
    }
}

/// A number; a name beside it has to be its name.
fn integer(
    json: &Json,
    map: &Map<String, Json>,
    type_name: &str,
    place: &Place<'_>,
) -> Result<Value, Problem> {
    let Some(number) = json.as_i64() else {
        return Err(place.problem("a number of at most 64 bits is expected", None));
    };
    let named = map.get("name").and_then(Json::as_str).and_then(|name| names::number(type_name, name));
    match named.filter(|named| *named != number) {
        Some(named) => {
            let help = "leave out the one that is not meant";
            Err(place.problem(format!("{number}, but the name says {named}"), Some(help)))
        }
        None => Ok(Value::Integer { number, name: None }),
    }
}

/// A number that the type has a name for, or an object identifier.
fn by_name(name: &str, type_name: &str, place: &Place<'_>) -> Result<Value, Problem> {
    if let Some(number) = names::number(type_name, name) {
        return Ok(Value::Integer { number, name: None });
    }
    match oids::named(name) {
        Some(dotted) => Ok(Value::Oid { dotted: dotted.to_owned(), name: None }),
        None => Err(unknown_name(name, type_name, &place.within("name"))),
    }
}

fn unknown_name(name: &str, type_name: &str, place: &Place<'_>) -> Problem {
    let known = names::all(type_name);
    let help = match known.is_empty() {
        true => "give the number or the object identifier itself".to_owned(),
        false => format!("{type_name} has {}", known.join(", ")),
    };
    place.problem(format!("`{name}` is not known"), Some(&help))
}

/// Bits as octets, or by the names of those that are one.
fn bits(map: &Map<String, Json>, type_name: &str, place: &Place<'_>) -> Result<Value, Problem> {
    let count = place.number(map, "bits")?.and_then(|count| usize::try_from(count).ok());
    if let Some(octets) = hex_member(map, "octets", place)? {
        let count = count.unwrap_or(octets.len() * 8);
        return Ok(Value::Bits { count, octets, names: Vec::new() });
    }
    let place = place.within("names");
    let Some(Json::Array(given)) = map.get("names") else {
        return Err(place.problem("`octets`, or a list of names, is expected", None));
    };
    let mut ones = Vec::new();
    for (index, name) in given.iter().enumerate() {
        let place = place.item(index);
        let Some(name) = name.as_str() else { return Err(place.problem("a name is expected", None)) };
        let bit: Option<u32> = match name.strip_prefix("bit ").and_then(|number| number.parse().ok()) {
            Some(number) => Some(number),
            None => names::bit(type_name, name),
        };
        let bit = bit.and_then(|bit| usize::try_from(bit).ok()).filter(|bit| *bit < MAX_BITS);
        ones.push(bit.ok_or_else(|| unknown_name(name, type_name, &place))?);
    }
    let needed = ones.iter().max().map_or(0, |last| last + 1);
    let count = count.unwrap_or(needed).max(needed).min(MAX_BITS);
    let mut octets = vec![0_u8; count.div_ceil(8)];
    for bit in ones {
        if let Some(octet) = octets.get_mut(bit / 8) {
            *octet |= 0x80 >> (bit % 8);
        }
    }
    Ok(Value::Bits { count, octets, names: Vec::new() })
}
