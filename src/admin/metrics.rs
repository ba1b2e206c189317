//! Counters, and whether the gateway is alive and ready.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::queue::with_archive;
use super::router::{Gateway, Problem};
use crate::metrics::Text;
use crate::queue::store::StateKind;

/// `GET /metrics`: for Prometheus.
pub(super) async fn metrics(State(gateway): State<Gateway>) -> Result<Response, Problem> {
    let operator = gateway.operator()?;
    let mut text = Text::default();
    operator.watch().write(&mut text);
    depth(&gateway, &mut text).await?;
    store(&gateway, &mut text)?;
    peers(&gateway, &mut text)?;
    rules(&gateway, &mut text);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text.into_string()).into_response())
}

/// What is in the queue, and since when.
async fn depth(gateway: &Gateway, text: &mut Text) -> Result<(), Problem> {
    let depth = with_archive(gateway.operator()?, |archive| archive.depth()).await?;
    text.head("x400gw_queue_entries", "Entries of the queue, by state", "gauge");
    for (state, name) in StateKind::ALL {
        let count = depth.iter().find(|one| one.state == state).map_or(0, |one| one.entries);
        text.sample("x400gw_queue_entries", &[("state", name)], count);
    }
    let help = "How long the oldest entry has been here, by state";
    text.head("x400gw_queue_oldest_seconds", help, "gauge");
    for one in depth.iter().filter(|one| one.state != StateKind::Done) {
        let age = (super::now() - one.oldest).whole_seconds().max(0);
        text.sample("x400gw_queue_oldest_seconds", &[("state", &one.state.to_string())], age);
    }
    Ok(())
}

/// How much the store has worked.
fn store(gateway: &Gateway, text: &mut Text) -> Result<(), Problem> {
    let metrics = gateway.operator()?.store.metrics();
    for (name, help, value) in [
        ("x400gw_store_commits_total", "Commits of the queue", metrics.commits),
        ("x400gw_store_syncs_total", "Those of them that were synced at once", metrics.syncs),
        ("x400gw_store_changes_total", "Changes in them", metrics.changes),
        ("x400gw_store_repeated_total", "What came over P1 a second time", metrics.repeated),
    ] {
        text.single(name, help, "counter", value);
    }
    Ok(())
}

/// The associations with each peer, and the destinations of SMTP.
fn peers(gateway: &Gateway, text: &mut Text) -> Result<(), Problem> {
    let operator = gateway.operator()?;
    let states = operator.peers();
    text.head("x400gw_associations", "Associations with each host of a peer, by state", "gauge");
    for peer in &states {
        for (host, state) in &peer.pool.hosts {
            for (name, count) in [("idle", state.idle()), ("busy", state.busy), ("opening", state.opening)] {
                let labels = [("peer", peer.name.as_str()), ("host", host), ("state", name)];
                text.sample("x400gw_associations", &labels, count);
            }
        }
    }
    text.head("x400gw_peer_waiting", "Messages that wait for an association", "gauge");
    for peer in &states {
        text.sample("x400gw_peer_waiting", &[("peer", &peer.name)], peer.pool.waiting);
    }
    text.head("x400gw_peer_resting_seconds", "How long a host rests that failed", "gauge");
    for peer in &states {
        for (host, state) in &peer.pool.hosts {
            let rests = state.rests.map_or(0, |rests| rests.as_secs());
            text.sample("x400gw_peer_resting_seconds", &[("peer", &peer.name), ("host", host)], rests);
        }
    }
    let inbound = operator.watch().inbound().len();
    text.single("x400gw_inbound_associations", "Associations that peers opened", "gauge", inbound);
    let sessions: usize = operator.destinations().iter().map(|one| one.in_use).sum();
    text.single("x400gw_smtp_client_sessions", "Mails that are being sent by SMTP", "gauge", sessions);
    Ok(())
}

/// The rules in force.
fn rules(gateway: &Gateway, text: &mut Text) {
    let set = gateway.rules.get();
    let version = set.version();
    text.head("x400gw_rules_info", "The version of the rules in force", "gauge");
    text.sample("x400gw_rules_info", &[("version", &version)], 1);
    let number = set.activation().number;
    text.single("x400gw_rules_activations_total", "How often rules came into force", "counter", number);
}

/// `GET /healthz`: it answers, so it is alive.
pub(super) async fn alive() -> Json<Value> {
    Json(json!({ "alive": true }))
}

/// `GET /readyz`: whether the gateway can take messages now. It writes to the queue to see that.
pub(super) async fn ready(State(gateway): State<Gateway>) -> Result<Response, Problem> {
    let operator = gateway.operator()?;
    let written = operator.store.touch(super::now()).await;
    let draining = operator.watch().is_draining();
    // They are bound before this path is.
    let listeners = &*operator.listeners;
    let ready = written.is_ok() && !draining;
    let body = json!({
        "ready": ready,
        "store-writable": written.is_ok(),
        "store-error": written.err().map(|error| error.to_string()),
        "listeners": listeners,
        "draining": draining,
    });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(body)).into_response())
}
