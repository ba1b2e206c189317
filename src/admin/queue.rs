//! The queue: what is in it, and what is done with that.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::listen::Who;
use super::query;
use super::router::{Body, Gateway, Problem, blocking};
use super::shown::{self, moment};
use crate::queue::entry::QueueId;
use crate::queue::store::listing::Wanted;
use crate::queue::store::operation::{HoldRule, NumberedRule};
use crate::queue::store::sqlite::Archive;
use crate::queue::store::{Error as StoreError, StateKind};
use crate::serve::operator::{Operator, Refused};
use crate::serve::watching::stopwatch;

/// Entries of a page, unless said, and at most.
const PAGE: u32 = 100;
const LARGEST_PAGE: u32 = 1000;

/// Entries that one request does something with, at most.
const AT_ONCE: u32 = 10_000;

/// How long one request does something with entries: what was done is to be told before the answer is too late.
const ENOUGH: Duration = Duration::from_secs(100);

/// `GET /v1/queue?…`: the entries that are wanted, in the order of acceptance, a page at a time.
pub(super) async fn list(
    State(gateway): State<Gateway>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let parameters = query::parse(query.as_deref().unwrap_or_default()).map_err(Problem::refused)?;
    let wanted = wanted(parameters, super::now())?;
    let limit = wanted.limit;
    let lines = with_archive(operator, move |archive| archive.find(&wanted)).await?;
    let full = u32::try_from(lines.len()).is_ok_and(|count| count >= limit);
    let next = lines.last().filter(|_| full).map(|line| line.id.to_string());
    let entries: Vec<Value> = lines.iter().map(shown::line).collect();
    Ok(Json(json!({ "entries": entries, "next": next })))
}

/// `GET /v1/queue/ID`: all that is known of one entry.
pub(super) async fn show(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let id = parse_id(&id)?;
    let found = with_archive(operator, move |archive| {
        let Some(line) = archive.line(id)? else { return Ok(None) };
        let salvaged = archive.salvage(id);
        Ok(Some((line, salvaged, archive.events(id)?, archive.related(id)?)))
    });
    let (line, salvaged, events, related) = found.await?.ok_or_else(no_entry)?;
    let mut value = shown::line(&line);
    value["losses"] = shown::losses(&line).unwrap_or_default();
    match salvaged {
        Ok(Some(tracked)) => {
            value["options"] = serde_json::to_value(&tracked.entry.envelope.options).unwrap_or_default();
            value["rules"] = tracked.entry.rules_version.into();
            value["content"] = shown::content(&tracked.entry.content).into();
        }
        Ok(None) => {}
        Err(error) => value["damage"] = error.to_string().into(),
    }
    value["events"] = events.iter().map(shown::happened).collect();
    value["related"] = related.iter().map(shown::line).collect();
    Ok(Json(value))
}

/// `GET /v1/queue/ID/content`: the octets, as they are.
pub(super) async fn content(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let operator = gateway.operator()?;
    let id = parse_id(&id)?;
    let found = with_archive(operator, move |archive| Ok((archive.line(id)?.is_some(), archive.octets(id)?)));
    match found.await? {
        (false, _) => Err(no_entry()),
        (true, None) => {
            Err(Problem::new(StatusCode::GONE, "its content is gone: every recipient has its end"))
        }
        (true, Some(octets)) => {
            Ok(([(header::CONTENT_TYPE, "application/octet-stream")], octets).into_response())
        }
    }
}

/// Which entries something is done with, and what there is to say about that.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Act {
    /// These.
    ids: Vec<String>,
    /// Those that are wanted: parameters as behind the `?` of a listing.
    filter: Option<BTreeMap<String, Value>>,
    /// Whether they may be several.
    all: bool,
    /// Why.
    reason: String,
    /// Where to.
    to: String,
    /// The number of a recipient.
    recipient: Option<u32>,
}

/// `POST /v1/queue/ACTION`: does something with one entry or several, and says of each what came of it.
pub(super) async fn act(
    State(gateway): State<Gateway>,
    Path(action): Path<String>,
    Extension(Who(who)): Extension<Who>,
    Body(act): Body<Act>,
) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let action = Action::named(&action)
        .ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, format!("nothing is called `{action}`")))?;
    if action == Action::Redirect && act.to.is_empty() {
        return Err(Problem::refused("say where to (`to`): a mailbox or an O/R address"));
    }
    let took = stopwatch();
    let Chosen { entries, more } = chosen(operator, &act, action).await?;
    if entries.len() > 1 && !act.all {
        let why = format!("that means {} entries: say that all of them are meant (`all`)", entries.len());
        return Err(Problem::new(StatusCode::CONFLICT, why).with("count", entries.len().into()));
    }
    let meant = entries.len();
    let mut results = Vec::with_capacity(meant);
    let mut done = 0;
    for (id, identifier) in entries {
        if took() > ENOUGH {
            break;
        }
        let outcome = match action {
            Action::Hold => operator.hold(id, &act.reason, &who).await,
            Action::Release => operator.release(id, &who).await,
            Action::Retry => operator.retry(id, &who).await,
            Action::Redirect => operator.redirect(id, act.recipient, &act.to, &who).await,
            Action::Bounce => operator.bounce(id, &act.reason, &who).await,
            Action::Delete => operator.delete(id, &act.reason, &who).await,
        };
        let is_done = outcome.is_ok();
        done += usize::from(is_done);
        let text = match &outcome {
            Ok(text) => text,
            Err(refused) => refused.text(),
        };
        let said = outcome.as_deref().map_err(Refused::text);
        operator.watch().operated(id, identifier.as_deref(), &who, action.name(), said);
        tracing::info!(queue_id = %id, %who, action = action.name(), done = is_done, text, "operator");
        results.push(json!({ "id": id, "done": is_done, "text": text }));
    }
    Ok(Json(json!({
        "action": action.name(), "done": done, "refused": results.len() - done, "left": meant - results.len(),
        "more": more, "results": results,
    })))
}

/// What can be done with entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Hold,
    Release,
    Retry,
    Redirect,
    Bounce,
    Delete,
}

impl Action {
    const ALL: [Self; 6] =
        [Self::Hold, Self::Release, Self::Retry, Self::Redirect, Self::Bounce, Self::Delete];

    const fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Retry => "retry",
            Self::Redirect => "redirect",
            Self::Bounce => "bounce",
            Self::Delete => "delete",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The states in which it can be done; a filter that names none means these.
    const fn states(self) -> &'static [StateKind] {
        use StateKind::{Held, Quarantined, Queued};
        match self {
            Self::Hold | Self::Retry => &[Queued],
            Self::Release => &[Held, Quarantined],
            Self::Redirect => &[Queued, Held],
            Self::Bounce | Self::Delete => &[Queued, Held, Quarantined],
        }
    }
}

/// The entries that are meant, with what each calls itself as far as that was read.
struct Chosen {
    entries: Vec<(QueueId, Option<String>)>,
    /// Whether a filter means more than these.
    more: bool,
}

/// The entries that are meant.
async fn chosen(operator: &Operator, act: &Act, action: Action) -> Result<Chosen, Problem> {
    match &act.filter {
        None if act.ids.is_empty() => Err(Problem::refused("name entries (`ids`), or say which (`filter`)")),
        None => {
            let ids: Vec<QueueId> = act.ids.iter().map(|id| parse_id(id)).collect::<Result<_, _>>()?;
            let entries = match operator.watch().has_listener() {
                true => with_archive(operator, move |archive| named(archive, ids)).await?,
                false => ids.into_iter().map(|id| (id, None)).collect(),
            };
            Ok(Chosen { entries, more: false })
        }
        Some(_) if !act.ids.is_empty() => Err(Problem::refused("either `ids` or a `filter`")),
        Some(filter) => {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let parameters: BTreeMap<String, String> =
                filter.iter().map(|(name, value)| (name.clone(), text(value))).collect();
            if parameters.is_empty() {
                return Err(Problem::refused("a filter says something"));
            }
            let mut wanted = wanted(parameters, super::now())?;
            wanted.limit = AT_ONCE + 1;
            if wanted.states.is_empty() {
                wanted.states = action.states().to_vec();
            }
            let mut entries = with_archive(operator, move |archive| archive.find_names(&wanted)).await?;
            let more = entries.len() > AT_ONCE as usize;
            entries.truncate(AT_ONCE as usize);
            Ok(Chosen { entries, more })
        }
    }
}

/// Entries with what each calls itself.
fn named(archive: &Archive, ids: Vec<QueueId>) -> Result<Vec<(QueueId, Option<String>)>, StoreError> {
    ids.into_iter().map(|id| Ok((id, archive.line(id)?.and_then(|line| line.identifier)))).collect()
}

/// `GET /v1/queue/holds`: the rules that hold entries before they are tried.
pub(super) async fn holds(State(gateway): State<Gateway>) -> Result<Json<Value>, Problem> {
    let (configured, made) = gateway.operator()?.hold_rules();
    let made = made.iter().map(|NumberedRule { number, at, who, rule }| {
        json!({ "number": number, "at": moment(*at), "who": who, "rule": rule })
    });
    Ok(Json(json!({ "rules": made.collect::<Vec<_>>(), "configured": configured })))
}

/// `POST /v1/queue/holds`: one more.
pub(super) async fn add_hold(
    State(gateway): State<Gateway>,
    Extension(Who(who)): Extension<Who>,
    Body(rule): Body<HoldRule>,
) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let number = operator.add_hold_rule(rule.clone(), &who).await?;
    operator.watch().ruled(&who, number, Some(&rule), None);
    tracing::info!(%who, number, ?rule, "a rule holds entries");
    Ok(Json(json!({ "number": number, "rule": rule })))
}

/// Which rule ends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    number: u64,
}

/// `POST /v1/queue/holds/release`: one less, and what it held is tried again.
pub(super) async fn remove_hold(
    State(gateway): State<Gateway>,
    Extension(Who(who)): Extension<Who>,
    Body(End { number }): Body<End>,
) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let released = operator.remove_hold_rule(number, &who).await?;
    operator.watch().ruled(&who, number, None, Some(released));
    tracing::info!(%who, number, released, "a rule holds entries no more");
    Ok(Json(json!({ "number": number, "released": released })))
}

/// What the parameters of a listing want.
fn wanted(parameters: BTreeMap<String, String>, now: OffsetDateTime) -> Result<Wanted, Problem> {
    let mut wanted = Wanted { limit: PAGE, ..Wanted::default() };
    for (name, value) in parameters {
        let bad = |why: &str| Problem::refused(format!("{name}: `{value}` {why}"));
        let number = || size(&value).ok_or_else(|| bad("is no number of octets"));
        let ago = || {
            let age = crate::config::duration::parse(&value)
                .ok_or_else(|| bad("is no duration, such as 90s, 5m, 2h or 5d"));
            Ok::<_, Problem>(now - age?)
        };
        match name.as_str() {
            "state" => {
                let states = value.split(',').map(|name| name.trim().parse().map_err(Problem::refused));
                wanted.states = states.collect::<Result<_, _>>()?;
            }
            "sender" => wanted.sender = Some(value),
            "recipient" => wanted.recipient = Some(value),
            "peer" => wanted.peer = Some(value),
            "identifier" => wanted.identifier = Some(value),
            "error" => wanted.error = Some(value),
            "older-than" => wanted.before = Some(ago()?),
            "newer-than" => wanted.since = Some(ago()?),
            "larger" => wanted.at_least = Some(number()?),
            "smaller" => wanted.at_most = Some(number()?),
            "after" => wanted.after = Some(parse_id(&value)?),
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LARGEST_PAGE).contains(limit));
                wanted.limit = limit.ok_or_else(|| bad("is no number from 1 to 1000"))?;
            }
            _ => return Err(Problem::refused(format!("there is no filter `{name}`"))),
        }
    }
    Ok(wanted)
}

/// Octets: `1000`, `10k`, `5M`.
fn size(text: &str) -> Option<u64> {
    let (digits, unit) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1 << 10),
        None => text.strip_suffix('M').map_or((text, 1), |digits| (digits, 1 << 20)),
    };
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

pub(super) fn parse_id(id: &str) -> Result<QueueId, Problem> {
    id.parse().map_err(|error| Problem::refused(format!("`{id}`: {error}")))
}

pub(super) fn no_entry() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "there is no such entry")
}

/// Looks through the queue where nobody else waits for it.
pub(super) async fn with_archive<T: Send + 'static>(
    operator: &Operator,
    look: impl FnOnce(&Archive) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    let store = std::sync::Arc::clone(&operator.store);
    let found = blocking(move || look(&store.archive()?)).await?;
    found.map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let status = match &refused {
            Refused::Unknown(_) => StatusCode::NOT_FOUND,
            Refused::NotNow(_) => StatusCode::CONFLICT,
            Refused::Senseless(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, refused.text())
    }
}
