//! The paths, what they share, and how they fail.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::{explain, gateway, map, messages, metrics, queue, rules, track};
use crate::diagnostic::Report;
use crate::mixer::Settings;
use crate::serve::in_force::CurrentRules;
use crate::serve::operator::Operator;
use crate::serve::submit::Submitter;

/// How long an answer may take, the body of the request included.
const TIME: Duration = Duration::from_secs(120);

/// Octets of a body, unless a path says otherwise.
const BODY: usize = 64 << 10;

/// Octets of rules that are to be checked.
const RULES: usize = 64 << 20;

/// Octets of a message that is to be explained, in base64.
const MESSAGE: usize = 64 << 20;

/// What handlers know of the gateway.
#[derive(Clone)]
pub(crate) struct Gateway {
    /// The rules in force.
    pub(crate) rules: CurrentRules,
    /// How messages are converted.
    pub(crate) settings: Arc<Settings>,
    /// Whether there is anybody to route to.
    pub(crate) has_peers: bool,
    /// Who does things with the queue, if there is one.
    pub(crate) operator: Option<Operator>,
    /// Who takes mails, if anybody does.
    pub(crate) submitter: Option<Submitter>,
}

impl Gateway {
    /// Who does things with the queue.
    pub(super) fn operator(&self) -> Result<&Operator, Problem> {
        let none = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "there is no queue here");
        self.operator.as_ref().ok_or_else(none)
    }

    /// Who takes mails.
    pub(super) fn submitter(&self) -> Result<&Submitter, Problem> {
        let none = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no mails are taken here");
        self.submitter.as_ref().ok_or_else(none)
    }
}

/// Everything below `/v1`, and what watches a gateway: `/metrics`, `/healthz` and `/readyz`. A group of paths has its lines here and a
/// module beside this one.
pub(crate) fn router(state: Gateway) -> Router {
    Router::new()
        .route("/v1/messages", post(messages::submit))
        .route("/v1/messages/{id}", get(messages::show))
        .route("/v1/version", get(version))
        .route("/v1/rules", get(rules::show))
        .route("/v1/rules/reload", post(rules::reload))
        .route("/v1/rules/check", post(rules::check).layer(DefaultBodyLimit::max(RULES)))
        .route("/v1/queue", get(queue::list))
        .route("/v1/queue/holds", get(queue::holds).post(queue::add_hold))
        .route("/v1/queue/holds/release", post(queue::remove_hold))
        .route("/v1/queue/{id}", get(queue::show).post(queue::act))
        .route("/v1/queue/{id}/content", get(queue::content))
        .route("/v1/track", get(track::track))
        .route("/v1/peers", get(gateway::peers))
        .route("/v1/drain", get(gateway::drained).post(gateway::drain))
        .route("/v1/reload", post(gateway::reload))
        .route("/metrics", get(metrics::metrics))
        .route("/healthz", get(metrics::alive))
        .route("/readyz", get(metrics::ready))
        .route("/v1/map", post(map::map))
        .route("/v1/explain", post(explain::explain).layer(DefaultBodyLimit::max(MESSAGE)))
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "there is no such path"))
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "not by this method")
        })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(in_time))
        .with_state(state)
}

async fn version(State(gateway): State<Gateway>) -> Json<Value> {
    Json(json!({
        "program": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "rules": gateway.rules.get().activation(),
    }))
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(StatusCode::GATEWAY_TIMEOUT, "it took too long").into_response(),
    }
}

/// Why a request was not done.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    body: Value,
}

impl Problem {
    /// For this reason.
    pub(super) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self { status, body: json!({ "error": why.into() }) }
    }

    /// What is asked cannot be.
    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, why)
    }

    /// Rules have errors: `why`, with the diagnostics for people (`text`) and programs.
    pub(super) fn rules(why: &str, report: &Report) -> Self {
        Self::refused(why).with("diagnostics", report.to_json()).with("text", report.render().into())
    }

    /// With something more to show.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.body[name] = value;
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.status, Json(self.body)).into_response()
    }
}

/// The body of a request, as JSON, whatever it says it is. Nothing at all is `{}`.
pub(super) struct Body<T>(pub(super) T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let octets = axum::body::Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Problem::new(rejection.status(), rejection.body_text()))?;
        let octets: &[u8] = if octets.is_empty() { b"{}" } else { &octets };
        serde_json::from_slice(octets)
            .map(Self)
            .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("the body: {error}")))
    }
}

/// Does what may take long, or waits for files, where nobody else waits for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let failed = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "it ended unexpectedly; see the log");
    tokio::task::spawn_blocking(work).await.map_err(failed)
}
