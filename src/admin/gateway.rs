//! The gateway as a whole: its peers, draining, and reading again what can be read again.

use axum::Json;
use axum::extract::{Extension, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::listen::Who;
use super::router::{Body, Gateway, Problem, blocking};
use super::shown::moment;
use crate::queue::store::Store as _;
use crate::serve::in_force::Reloaded;

/// `GET /v1/peers`: the associations with each peer in both directions, and the destinations of SMTP.
pub(super) async fn peers(State(gateway): State<Gateway>) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let inbound = operator.watch().inbound();
    let mut strangers = Vec::new();
    let mut by_peer = std::collections::BTreeMap::<String, Vec<Value>>::new();
    for (address, one) in inbound {
        let shown = json!({
            "from": address.to_string(), "mta-name": one.name, "mode": one.mode, "since": moment(one.since),
        });
        match operator.peer_called(&one.name) {
            Some(peer) => by_peer.entry(peer).or_default().push(shown),
            None => strangers.push(shown),
        }
    }
    let peers = operator.peers().into_iter().map(|peer| {
        let hosts = peer.pool.hosts.iter().map(|(address, host)| {
            json!({
                "address": address, "idle": host.idle(), "busy": host.busy, "opening": host.opening,
                "failures": host.failures, "rests-seconds": host.rests.map(|rests| rests.as_secs_f64()),
                "last-fault": Some(&host.why).filter(|why| !why.is_empty()),
                "hint": Some(&host.advice).filter(|advice| !advice.is_empty()),
            })
        });
        json!({
            "name": peer.name, "mta-name": peer.mta_name, "mode": peer.mode, "tls": peer.tls,
            "hosts": hosts.collect::<Vec<_>>(), "waiting": peer.pool.waiting,
            "inbound": by_peer.remove(&peer.name).unwrap_or_default(),
        })
    });
    let peers: Vec<Value> = peers.collect();
    let destinations = operator.destinations().into_iter().map(|one| {
        json!({
            "servers": one.servers, "protocol": one.protocol, "in-use": one.in_use, "idle": one.idle,
            "failures": one.failures, "rests-seconds": one.rests.map(|rests| rests.as_secs_f64()),
            "last-fault": Some(one.why).filter(|why| !why.is_empty()),
        })
    });
    let destinations: Vec<Value> = destinations.collect();
    Ok(Json(json!({ "peers": peers, "unknown-callers": strangers, "smtp": destinations })))
}

/// Whether to drain.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drain {
    drain: bool,
}

/// `POST /v1/drain`: nothing new is taken, or it is again.
pub(super) async fn drain(
    State(gateway): State<Gateway>,
    Extension(Who(who)): Extension<Who>,
    Body(Drain { drain }): Body<Drain>,
) -> Result<Json<Value>, Problem> {
    gateway.operator()?.watch().drain(drain, &who);
    drained(State(gateway)).await
}

/// `GET /v1/drain`: whether nothing new is taken, and what is left.
pub(super) async fn drained(State(gateway): State<Gateway>) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let unavailable = |error: crate::queue::store::Error| {
        Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    };
    let counts = operator.store.count().await.map_err(unavailable)?;
    let now = super::now();
    let next = operator.store.next_due(now).await.map_err(unavailable)?;
    let draining = operator.watch().is_draining();
    let empty = counts.queued == 0 && counts.leased == 0;
    Ok(Json(json!({
        "draining": draining,
        "empty": empty,
        "under-way": counts.leased,
        "queued": counts.queued,
        "held": counts.held,
        "quarantined": counts.quarantined,
        "next-attempt": next.map(moment),
    })))
}

/// What a reload may say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reload {
    /// Why, for log and history.
    #[serde(default)]
    reason: String,
}

/// `POST /v1/reload`: rules and certificates are read again, and the event log is opened anew. What has errors stays as it was.
pub(super) async fn reload(
    State(gateway): State<Gateway>,
    Extension(Who(who)): Extension<Who>,
    Body(Reload { reason }): Body<Reload>,
) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?.clone();
    let reason: String = reason.chars().filter(|c| !c.is_control()).take(200).collect();
    let reason = if reason.is_empty() { who.to_string() } else { reason };
    let (loaded, certificates) = blocking(move || operator.reload(&reason)).await?;
    let unusable: Vec<String> = certificates.iter().map(ToString::to_string).collect();
    match loaded {
        Ok(Reloaded { activation, warnings, .. }) if unusable.is_empty() => {
            Ok(Json(json!({ "in-force": activation, "text": warnings.render() })))
        }
        Ok(_) => Err(Problem::refused("certificates are not fit to be used; the old ones stay")
            .with("certificates", unusable.into())),
        Err(report) => Err(Problem::rules("the rules have errors; those in force stay", &report)
            .with("certificates", unusable.into())),
    }
}
