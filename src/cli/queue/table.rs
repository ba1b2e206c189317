//! Entries as people read them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::gateway::{list as array, text as said};

/// Recipients printed of an entry in a list.
const SHOWN: usize = 5;

/// A page of entries.
pub(super) fn list(body: &Value) -> String {
    let entries = array(&body["entries"]);
    if entries.is_empty() {
        return "no entries".to_owned();
    }
    let mut text = format!("{:18}  {:11} {:20}  {:>10}  from\n", "entry", "state", "received", "octets");
    for entry in entries {
        text += &line(entry);
        for recipient in array(&entry["recipients"]).iter().take(SHOWN) {
            text += &format!("    {}\n", self::recipient(recipient));
        }
        let more = entry["recipient-count"].as_u64().unwrap_or(0).saturating_sub(SHOWN as u64);
        if more > 0 {
            let _ = writeln!(text, "    and {more} more");
        }
    }
    if let Some(next) = body["next"].as_str() {
        let _ = writeln!(text, "there may be more: --after {next}");
    }
    text
}

fn line(entry: &Value) -> String {
    let sender = entry["sender"].as_str().filter(|sender| !sender.is_empty()).unwrap_or("<>");
    let mut text = format!(
        "{:18}  {:11} {:20}  {:>10}  {sender}\n",
        said(&entry["id"]),
        said(&entry["state"]),
        said(&entry["received"]),
        entry["length"].to_string()
    );
    if let Some(reason) = entry["reason"].as_str().filter(|reason| !reason.is_empty()) {
        let _ = writeln!(text, "    {reason} (since {})", said(&entry["since"]));
    }
    text
}

/// `2 bob@b.example: pending, 3 attempts, next 2026-11-27T12:00:00Z; last: connection refused`
fn recipient(one: &Value) -> String {
    let mut text = format!("{} {}: {}", one["number"], said(&one["address"]), said(&one["state"]));
    let attempts = one["attempts"].as_u64().unwrap_or(0);
    match said(&one["state"]) {
        "transferred" => {
            let _ = write!(text, " {} to {} ({})", said(&one["at"]), said(&one["to"]), said(&one["answer"]));
        }
        "failed" => {
            let _ =
                write!(text, " {} {}: {}", said(&one["at"]), said(&one["code"]), said(&one["last-error"]));
        }
        _ => {
            let attempts =
                if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") };
            let _ = write!(text, ", {attempts}");
            if let Some(next) = one["next-attempt"].as_str() {
                let _ = write!(text, ", next {next}");
            }
            if let Some(error) = one["last-error"].as_str() {
                let _ = write!(text, "; last: {error}");
            }
        }
    }
    text
}

/// All that is known of one entry.
pub(super) fn entry(body: &Value) -> String {
    let mut text = line(body);
    for (name, value) in [
        ("identifier", &body["identifier"]),
        ("ENVID", &body["envelope-id"]),
        ("kind", &body["kind"]),
        ("urgency", &body["urgency"]),
        ("next attempt", &body["next-attempt"]),
        ("rules", &body["rules"]),
        ("content", &body["content"]),
        ("damage", &body["damage"]),
        ("made because of", &body["because-of"]),
        ("about", &body["about"]),
    ] {
        if let Some(value) = value.as_str() {
            let _ = writeln!(text, "  {name}: {value}");
        }
    }
    match &body["origin"] {
        Value::Null => {}
        Value::String(origin) => {
            let _ = writeln!(text, "  from: {origin}");
        }
        origin => {
            let _ = writeln!(text, "  from: {origin}");
        }
    }
    text += "recipients:\n";
    for one in array(&body["recipients"]) {
        let _ = writeln!(text, "  {}", recipient(one));
    }
    let events = array(&body["events"]);
    if !events.is_empty() {
        text += "events:\n";
    }
    for event in events {
        let who = event["who"].as_str().map(|who| format!(" by {who}")).unwrap_or_default();
        let _ = writeln!(text, "  {} {}{who} {}", said(&event["at"]), said(&event["event"]), event["detail"]);
    }
    let losses = array(&body["losses"]);
    if !losses.is_empty() {
        let _ = writeln!(text, "lost in conversion: {}", losses.len());
    }
    let related = array(&body["related"]);
    if !related.is_empty() {
        text += "related:\n";
    }
    for one in related {
        text += &format!("  {}", line(one));
    }
    text
}

/// What came of an operation, entry by entry.
pub(super) fn results(body: &Value) -> String {
    let results = array(&body["results"]);
    if results.is_empty() {
        return "no entry is meant".to_owned();
    }
    let mut text = String::new();
    for one in results {
        let no = if one["done"] == true { "" } else { "not done: " };
        let _ = writeln!(text, "{}: {no}{}", said(&one["id"]), said(&one["text"]));
    }
    let left = body["left"].as_u64().unwrap_or(0);
    if left > 0 {
        let _ = writeln!(text, "the time was up: {left} more were not touched; do it again for them");
    }
    if body["more"] == true {
        text += "there are more than are done at once: do it again for them\n";
    }
    text
}

/// The rules that hold entries.
pub(super) fn rules(body: &Value) -> String {
    let mut text = String::new();
    for one in array(&body["rules"]) {
        let (at, who) = (said(&one["at"]), said(&one["who"]));
        let _ = writeln!(text, "rule {}: {} (since {at}, by {who})", one["number"], rule(&one["rule"]));
    }
    for one in array(&body["configured"]) {
        let _ = writeln!(text, "in the configuration: {}", rule(one));
    }
    if text.is_empty() { "no rules hold anything".to_owned() } else { text }
}

/// `to peer hub, from a.example: until Monday`
pub(super) fn rule(rule: &Value) -> String {
    let parts = [("peer", "to peer"), ("sender", "from"), ("recipient-domain", "for")];
    let parts = parts.into_iter().filter_map(|(key, word)| Some(format!("{word} {}", rule[key].as_str()?)));
    let parts: Vec<String> = parts.collect();
    let reason = rule["reason"].as_str().filter(|reason| !reason.is_empty());
    format!("{}{}", parts.join(", "), reason.map(|reason| format!(": {reason}")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_of_a_large_operation_is_said() {
        let one = json!({ "id": "a", "done": true, "text": "held" });
        for (more, left, expected) in [
            (false, 0, "a: held\n"),
            (true, 0, "a: held\nthere are more than are done at once: do it again for them\n"),
            (false, 7, "a: held\nthe time was up: 7 more were not touched; do it again for them\n"),
        ] {
            assert_eq!(results(&json!({ "results": [one], "more": more, "left": left })), expected);
        }
    }
}
