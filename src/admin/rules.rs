//! The rules in force, others that are to come into force, and others that are only looked at.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::router::{Body, Gateway, Problem, blocking};
use crate::diagnostic::Report;
use crate::rules::{Loaded, Rules};
use crate::serve::in_force::Reloaded;

/// `GET /v1/rules`
pub(super) async fn show(State(gateway): State<Gateway>) -> Json<Value> {
    let set = gateway.rules.get();
    Json(json!({
        "in-force": set.activation(),
        "file": gateway.rules.file(),
        "coverage": coverage(set.rules()),
        "history": gateway.rules.history(),
    }))
}

/// Rules without an example that are named, at most.
const WITHOUT: usize = 1000;

/// How many rules there are, and those that no example used.
fn coverage(rules: &Rules) -> Value {
    let coverage = rules.coverage();
    let without = coverage.without.iter().filter_map(|number| rules.registry().get(*number));
    let without = without.take(WITHOUT).map(|rule| {
        json!({ "kind": rule.kind.as_str(), "name": rule.name.as_deref(), "source": &*rule.source, "line": rule.line })
    });
    json!({ "rules": coverage.rules, "without-example": coverage.without.len(), "without": without.collect::<Vec<_>>() })
}

/// What a reload may say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reload {
    /// Why, for log and history.
    #[serde(default)]
    reason: Option<String>,
}

/// Characters of a reason that are kept.
const REASON: usize = 200;

/// `POST /v1/rules/reload`: reads the files again; with one error nothing changes.
pub(super) async fn reload(
    State(gateway): State<Gateway>,
    Body(Reload { reason }): Body<Reload>,
) -> Result<Json<Value>, Problem> {
    let reason = reason.map(|reason| reason.chars().filter(|c| !c.is_control()).take(REASON).collect());
    let reason = reason.unwrap_or_else(|| "HTTP interface".to_owned());
    let (rules, why) = (gateway.rules.clone(), reason.clone());
    let loaded = blocking(move || rules.reload(&why)).await?;
    if let Some(operator) = &gateway.operator {
        operator.watch().reloaded(&reason, &gateway.rules.get().version(), loaded.is_ok());
    }
    match loaded {
        Ok(Reloaded { activation, before, warnings }) => Ok(Json(json!({
            "in-force": activation,
            "before": before,
            "warnings": warnings.to_json(),
            "text": warnings.render(),
        }))),
        Err(report) => {
            let in_force = serde_json::to_value(gateway.rules.get().activation()).unwrap_or_default();
            let why = "the rules have errors; those in force stay";
            Err(Problem::rules(why, &report).with("in-force", in_force))
        }
    }
}

/// Which rules are to be checked; without anything the file of the gateway, as it is now.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// A file below the folder of the gateway's own, as seen from there.
    path: Option<String>,
    /// Texts by name.
    #[serde(default)]
    sources: BTreeMap<String, String>,
    /// Which of them is the rule file that includes the others; the only one need not be named.
    name: Option<String>,
}

/// `POST /v1/rules/check`: would they do? They do not come into force.
pub(super) async fn check(
    State(gateway): State<Gateway>,
    Body(check): Body<Check>,
) -> Result<Json<Value>, Problem> {
    let file = gateway.rules.file().cloned();
    let loaded = match (check.path, check.sources) {
        (Some(path), sources) if sources.is_empty() => {
            let folder = file.as_deref().and_then(Path::parent);
            let folder = folder.ok_or_else(|| Problem::refused("the gateway has no file of rules"))?;
            let within = Path::new(&path).components().all(|one| matches!(one, Component::Normal(_)));
            if !within {
                return Err(Problem::refused("name a file below the folder of the gateway's rules"));
            }
            let path = folder.join(path);
            blocking(move || gateway.rules.check(Some(&path))).await?
        }
        (None, sources) if sources.is_empty() => {
            blocking(move || gateway.rules.check(file.as_deref())).await?
        }
        (None, sources) => {
            let only = || sources.keys().next().filter(|_| sources.len() == 1).cloned();
            let name = check.name.or_else(only).filter(|name| sources.contains_key(name));
            let name =
                name.ok_or_else(|| Problem::refused("`name` says which of the sources is the rule file"))?;
            let check = move || of_texts(&name, &sources).and_then(|loaded| gateway.rules.check_read(loaded));
            blocking(check).await?
        }
        (Some(_), _) => return Err(Problem::refused("either a path or sources")),
    };
    match loaded {
        Ok(Loaded { rules, warnings, sources }) => {
            let warnings = Report { sources, diagnostics: warnings };
            Ok(Json(json!({
                "version": rules.version(),
                "sources": rules.sources().iter().map(ToString::to_string).collect::<Vec<_>>(),
                "coverage": coverage(&rules),
                "warnings": warnings.to_json(),
                "text": warnings.render(),
            })))
        }
        Err(report) => Err(Problem::rules("the rules have errors", &report)),
    }
}

fn of_texts(name: &str, sources: &BTreeMap<String, String>) -> Result<Loaded, Report> {
    let read = |wanted: &str| {
        let found = sources.get(wanted).cloned();
        found.ok_or_else(|| "it is not among the sources".to_owned())
    };
    Rules::load(name, &read)
        .map_err(|rejected| Report { sources: rejected.sources, diagnostics: rejected.diagnostics })
}
