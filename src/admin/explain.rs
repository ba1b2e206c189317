//! An address or a message, explained by the rules in force.

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::router::{Body, Gateway, Problem, blocking};
use crate::conversion::{self, Request};
use crate::explain::address::{self, Question, World};
use crate::explain::{Place, Side, message};
use crate::mixer::Settings;
use crate::rules::lookup::Headers;

/// What is asked: `address`, or `message`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    address: Option<String>,
    /// The octets of a mail or of what came over P1, in base64.
    message: Option<String>,
    towards: Option<Side>,
    #[serde(default)]
    place: Place,
    /// Who writes to a recipient; envelope sender of a message, unless it says itself.
    from: Option<String>,
    /// The peer that the message, or one with the address, comes from or goes to, if rules for that peer are to count.
    peer: Option<String>,
    /// Envelope recipients of a message, unless it says itself.
    #[serde(default)]
    recipients: Vec<String>,
}

/// `POST /v1/explain`
#[expect(clippy::disallowed_methods, reason = "shell: reads the clock")]
pub(super) async fn explain(
    State(gateway): State<Gateway>,
    Body(asked): Body<Asked>,
) -> Result<Json<Value>, Problem> {
    let set = gateway.rules.get();
    let version = set.version();
    match (asked.address, asked.message) {
        (Some(address), None) => {
            let question = Question {
                address,
                towards: asked.towards,
                place: asked.place,
                from: asked.from,
                peer: asked.peer,
            };
            let table = gateway.has_peers.then(|| &**set.table());
            let run = set
                .mappings()
                .run(Headers::Wait, |mapper| address::explain(&question, World { mapper, table }));
            Ok(Json(json!({ "rules": version, "address": run.await.made })))
        }
        (None, Some(message)) => {
            let octets = base64_simd::STANDARD.decode_to_vec(message.as_bytes());
            let octets: Bytes = octets.map_err(|_| Problem::refused("`message` is not in base64"))?.into();
            let request = Request { from: asked.from, recipients: asked.recipients, round_trip: false };
            let settings = Settings { trail: true, ..Settings::clone(&gateway.settings) };
            let now = OffsetDateTime::now_utc();
            let has_peers = gateway.has_peers;
            let runtime = tokio::runtime::Handle::current();
            let work = move || {
                runtime.block_on(set.mappings().run(Headers::Wait, |mapper| {
                    let world = conversion::World {
                        mapper,
                        table: has_peers.then(|| &**set.table()),
                        peer: asked.peer.as_deref(),
                        settings: &settings,
                        message_identifier: "explain",
                        now,
                    };
                    message::explain(octets.clone(), asked.towards, &request, &world)
                }))
            };
            let run = blocking(work).await?;
            if let Some(why) = run.waiting {
                return Err(Problem::refused(format!("an address in its header has to be looked up: {why}")));
            }
            Ok(Json(json!({ "rules": version, "messages": run.made })))
        }
        _ => Err(Problem::refused("either `address` or `message` is to be explained")),
    }
}
