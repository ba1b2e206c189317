//! One address by the rules in force.

use axum::Json;
use axum::extract::State;
use rasn_x400::x411::address::text;
use serde::Deserialize;
use serde_json::{Value, json};

use super::router::{Body, Gateway, Problem};
use crate::mixer::AddressContext;
use crate::mixer::address::{Step, Unmappable};
use crate::rules::lookup::Headers;

/// Which address, and to where.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Map {
    address: String,
    /// Found out from the address unless given.
    to: Option<Side>,
    #[serde(default)]
    place: Place,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum Side {
    X400,
    Internet,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "kebab-case")]
enum Place {
    #[default]
    Recipient,
    ReturnPath,
    Header,
}

/// `POST /v1/map`
pub(super) async fn map(
    State(gateway): State<Gateway>,
    Body(Map { address, to, place }): Body<Map>,
) -> Result<Json<Value>, Problem> {
    let set = gateway.rules.get();
    let context = match place {
        Place::Recipient => AddressContext::Recipient,
        Place::ReturnPath => AddressContext::ReturnPath,
        Place::Header => AddressContext::Header,
    };
    let found = |result: String, steps: &[Step]| {
        let steps: Vec<Value> = steps.iter().map(step).collect();
        json!({ "address": address, "result": result, "steps": steps, "rules": set.version() })
    };
    let to = to.unwrap_or_else(|| if address.contains('@') { Side::X400 } else { Side::Internet });
    let made = match to {
        Side::X400 => {
            let run = set.mappings().run(Headers::Wait, |mapper| mapper.to_or(&address, context)).await;
            run.made.map(|mapped| found(mapped.address.to_std_or(), &mapped.steps))
        }
        Side::Internet => {
            let name = text::parse(&address).map_err(|error| {
                Problem::refused(error.to_string())
                    .with("offset", error.offset.into())
                    .with("suggestion", error.suggestion.into())
            })?;
            let name = name.to_or_name().map_err(|error| Problem::refused(error.to_string()))?;
            let run = set.mappings().run(Headers::Wait, |mapper| mapper.to_internet(&name)).await;
            run.made.map(|mapped| found(mapped.address, &mapped.steps))
        }
    };
    made.map(Json).map_err(|unmappable| refused(unmappable).with("rules", set.version().into()))
}

fn refused(unmappable: Unmappable) -> Problem {
    let steps: Vec<Value> = unmappable.steps.iter().map(step).collect();
    Problem::refused(unmappable.to_string())
        .with("offset", unmappable.offset.into())
        .with("suggestion", unmappable.suggestion.into())
        .with("steps", steps.into())
}

fn step(step: &Step) -> Value {
    let rule = step.rule.as_ref().map(ToString::to_string);
    json!({ "what": step.what, "value": step.value, "clause": step.clause, "rule": rule })
}
