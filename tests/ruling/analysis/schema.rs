//! `mappings/rules.schema.json` is true: it has the keys that the loader knows and no others, and takes every correct set.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use x400_gateway::rules::Rules;

use super::sets::{files, shipped};

/// A key that nobody knows.
const STRANGER: &str = "qqqqqqqqqqqq";

/// Where in a file a stranger is put, `@` in its place; where the schema has the keys of that place.
const PLACES: &[(&str, &str)] = &[
    ("@ = 1", ""),
    ("[gateway]\n@ = 1", "/properties/gateway"),
    ("[tables]\n@ = 1", "/properties/tables"),
    ("[[equivalence]]\n@ = 1", "/properties/equivalence/items"),
    ("[[preferred]]\n@ = 1", "/properties/preferred/items"),
    ("[[user]]\n@ = 1", "/properties/user/items"),
    ("[[table]]\n@ = 1", "/properties/table/items"),
    ("[[table]]\ncolumns = { @ = 1 }", "/properties/table/items/properties/columns"),
    ("[[template]]\n@ = 1", "/properties/template/items"),
    ("[[template]]\nwhere.x = { @ = 1 }", "/properties/template/items/properties/where/additionalProperties"),
    ("[aviation]\n@ = 1", "/properties/aviation"),
    (
        "[aviation]\nmanagement_domain = [{ @ = 1 }]",
        "/properties/aviation/properties/management_domain/items",
    ),
    ("[lookup]\n@ = 1", "/properties/lookup"),
    ("[lookup.dns]\n@ = 1", "/properties/lookup/properties/dns"),
    ("[lookup.directory]\n@ = 1", "/properties/lookup/properties/directory"),
    ("[[lookup.directory.people]]\n@ = 1", "/properties/lookup/properties/directory/properties/people/items"),
    ("[lookup.sqlite]\n@ = 1", "/properties/lookup/properties/sqlite"),
    ("[[header]]\n@ = 1", "/properties/header/items"),
    ("[[header]]\nwhen = { @ = 1 }", "/properties/header/items/properties/when"),
    ("[[header]]\nexample = [{ @ = 1 }]", "/properties/header/items/properties/example/items"),
    ("[[body]]\n@ = 1", "/properties/body/items"),
    ("[[body]]\napplication = [{ @ = 1 }]", "/properties/body/items/properties/application/items"),
    ("[[policy]]\n@ = 1", "/properties/policy/items"),
    ("[[policy]]\nexample = [{ @ = 1 }]", "/properties/policy/items/properties/example/items"),
    ("[[route]]\n@ = 1", "/properties/route/items"),
    ("[[example]]\n@ = 1", "/$defs/example"),
];

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../mappings/rules.schema.json")).unwrap()
}

/// The keys that the loader names as those it knows.
fn known(text: &str) -> BTreeSet<String> {
    let text = text.replace('@', STRANGER);
    let diagnostics = Rules::from_sources(&[("r.toml", &text)]).unwrap_err();
    let strange = format!("`{STRANGER}`");
    let found = diagnostics.iter().find(|one| one.message.contains(&strange));
    let found = found.unwrap_or_else(|| panic!("{text}: {diagnostics:?}"));
    let help = found.help.as_deref().unwrap_or_default();
    help.strip_prefix("known here: ")
        .unwrap_or_else(|| panic!("{help}"))
        .split(", ")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_schema_has_the_keys_that_the_loader_knows() {
    let schema = schema();
    for (text, pointer) in PLACES {
        let place = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is not there"));
        assert_eq!(place["additionalProperties"], false, "{pointer}");
        let keys: BTreeSet<String> = place["properties"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, known(text), "{pointer}");
    }
}

/// No object of the schema was forgotten above.
#[test]
fn every_object_of_the_schema_is_compared() {
    fn objects(value: &Value, pointer: String, found: &mut Vec<String>) {
        if value.get("properties").is_some_and(Value::is_object) && value["additionalProperties"] == false {
            found.push(pointer.clone());
        }
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                objects(value, format!("{pointer}/{key}"), found);
            }),
            Value::Array(items) => items.iter().enumerate().for_each(|(place, value)| {
                objects(value, format!("{pointer}/{place}"), found);
            }),
            _ => {}
        }
    }
    let mut found = Vec::new();
    objects(&schema(), String::new(), &mut found);
    for pointer in found {
        assert!(PLACES.iter().any(|(_, known)| *known == pointer), "{pointer} is not compared");
    }
}

/// Judged by a validator of others.
#[test]
fn correct_sets_fit_the_schema_and_mistyped_ones_do_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut right = files("tests/rules/right");
    right.extend(shipped());
    let mistyped = ["unknown-key", "unknown-section", "wrong-value", "missing-key"];
    let wrong = mistyped.map(|name| folder.join(format!("tests/rules/wrong/{name}.toml")));
    let output = Command::new("/usr/bin/python3")
        .arg(folder.join("tests/support/schema_judge.py"))
        .arg(folder.join("mappings/rules.schema.json"))
        .args(&right)
        .args(&wrong)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), right.len() + wrong.len(), "{said}");
    for (place, line) in lines.iter().enumerate() {
        assert_eq!(line.ends_with(": fits"), place < right.len(), "{line}");
    }
}
