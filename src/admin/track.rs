//! What became of a message, on both sides: one timeline of its entries, of what was made because of them, and of the reports
//! and receipts about it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::queue::with_archive;
use super::router::{Gateway, Problem};
use super::{query, shown};
use crate::mixer::address::Mapper;
use crate::mixer::correlation::{Correlation, Key};
use crate::mixer::identifier::{IpmIdentifier, x400_to_message_id};
use crate::mixer::report::text_forms::{mts_identifier, parse_mts_identifier};
use crate::queue::entry::{Kind, Origin, QueueId, RecipientState};
use crate::queue::store::listing::Line;
use crate::queue::store::operation::Happened;
use crate::queue::store::sqlite::Archive;
use crate::queue::store::{Error as StoreError, State as EntryState};
use crate::rules::Rules;

/// Entries of one timeline, at most.
const ENTRIES: usize = 200;

/// `GET /v1/track?id=…`: by `Message-ID`, ENVID, queue id, MTS identifier, IPM identifier, or that of a report.
pub(super) async fn track(
    State(gateway): State<Gateway>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Problem> {
    let operator = gateway.operator()?;
    let mut parameters = query::parse(query.as_deref().unwrap_or_default()).map_err(Problem::refused)?;
    let id = parameters.remove("id").map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| Problem::refused("say what to look for (`id`)"))?;
    if let Some(other) = parameters.keys().next() {
        return Err(Problem::refused(format!("there is no parameter `{other}`")));
    }
    let set = gateway.rules.get();
    let name = id.clone();
    let looked = with_archive(operator, move |archive| Timeline::of(archive, set.rules(), &name)).await?;
    match looked {
        Some(timeline) => Ok(Json(timeline.into_json(&id))),
        None => Err(Problem::new(StatusCode::NOT_FOUND, "nothing here goes by that name, or not any more")),
    }
}

/// By which keys what is remembered of a message may be found, if it goes by this name; and the local part, if it is an MTS
/// identifier.
fn names(name: &str, rules: &Rules) -> (Vec<Key>, String) {
    let mapper = Mapper::new(rules).without_steps();
    let mut keys = Vec::new();
    let mut local = String::new();
    let bracketed = if name.starts_with('[') { name.to_owned() } else { format!("[{name}]") };
    if let Some(identifier) = parse_mts_identifier(&bracketed, &mapper) {
        local = identifier.local_identifier.to_text().into_owned();
        keys.push(Key::mts_identifier(&identifier));
    }
    keys.extend([Key::message_id(name), Key::envelope_id(name), Key::cut(name)]);
    // An IPM identifier: what its user made of it, and perhaps the user.
    let (user_relative, user) = match name.split_once(" /") {
        Some((user_relative, user)) => (user_relative, Some(format!("/{user}"))),
        None => (name, None),
    };
    let ipm = IpmIdentifier { user, user_relative: user_relative.trim().to_owned() };
    keys.push(Key::message_id(&x400_to_message_id(&ipm)));
    keys.push(Key::cut(user_relative.trim()));
    (keys, local)
}

/// What happened, in order.
pub(super) struct Timeline {
    entries: Vec<Line>,
    happened: Vec<(OffsetDateTime, Value)>,
}

impl Timeline {
    /// Of what goes by a name; `None` if nothing does.
    pub(super) fn of(archive: &Archive, rules: &Rules, name: &str) -> Result<Option<Self>, StoreError> {
        let (keys, local) = names(name, rules);
        let keys: Vec<String> = keys.iter().map(|key| key.as_str().to_owned()).collect();
        let plain = name.trim_start_matches('<').trim_end_matches('>');
        let mut todo: VecDeque<QueueId> = archive.named(plain, &keys, &local)?.into();
        if todo.is_empty() {
            return Ok(None);
        }
        // All that hangs together: what made it, what it is about, and the same the other way.
        let mut known = BTreeSet::new();
        let mut lines = BTreeMap::new();
        while let Some(id) = todo.pop_front() {
            if lines.len() >= ENTRIES || !known.insert(id) {
                continue;
            }
            let Some(line) = archive.line(id)? else { continue };
            todo.extend(line.because_of.into_iter().chain(line.about));
            todo.extend(archive.related_ids(id)?);
            lines.insert(id, line);
        }
        let mut timeline = Self { entries: Vec::with_capacity(lines.len()), happened: Vec::new() };
        for line in lines.into_values() {
            timeline.add(archive, rules, &line)?;
            timeline.entries.push(line);
        }
        timeline.happened.sort_by_key(|(at, _)| *at);
        Ok(Some(timeline))
    }

    /// What happened to one entry.
    fn add(&mut self, archive: &Archive, rules: &Rules, line: &Line) -> Result<(), StoreError> {
        self.push(line.received_at, line, arrival(line));
        for Happened { at, event } in archive.events(line.id)? {
            let mut value = json!({ "what": event.kind, "who": event.who });
            if let (Value::Object(value), Value::Object(detail)) = (&mut value, event.detail) {
                value.extend(detail);
            }
            self.push(at, line, value);
        }
        let mut transferred = None;
        for one in &line.recipients {
            let (at, mut value) = match &one.state {
                RecipientState::Pending => continue,
                RecipientState::Transferred { at, to, detail } => {
                    transferred = Some(transferred.map_or(*at, |first: OffsetDateTime| first.min(*at)));
                    (*at, json!({ "what": "transferred", "to": to, "answer": detail }))
                }
                RecipientState::Failed { at, code, detail } => {
                    (*at, json!({ "what": "failed", "status": code, "error": detail }))
                }
            };
            value["recipient"] = one.number.into();
            value["address"] = one.address.as_str().into();
            value["attempts"] = one.attempts.into();
            value["rules"] = one.rules_version.as_deref().into();
            self.push(at, line, value);
        }
        if let Some(at) = transferred
            && let Some(mut converted) = identifiers(archive, rules, line)?
        {
            converted["losses"] = shown::losses(line).unwrap_or_else(|| json!([]));
            self.push(at, line, converted);
        }
        match &line.state {
            EntryState::Queued { .. } | EntryState::Done { .. } => {}
            EntryState::Held { at, reason } => {
                self.push(*at, line, json!({ "what": "held", "reason": reason }));
            }
            EntryState::Quarantined { at, reason } => {
                self.push(*at, line, json!({ "what": "quarantined", "reason": reason }));
            }
        }
        Ok(())
    }

    fn push(&mut self, at: OffsetDateTime, line: &Line, mut value: Value) {
        value["at"] = shown::moment(at).into();
        value["entry"] = line.id.to_string().into();
        self.happened.push((at, value));
    }

    pub(super) fn into_json(self, name: &str) -> Value {
        let entries: Vec<Value> = self.entries.iter().map(shown::line).collect();
        let happened: Vec<Value> = self.happened.into_iter().map(|(_, value)| value).collect();
        json!({ "name": name, "entries": entries, "timeline": happened })
    }
}

/// How an entry came to be.
fn arrival(line: &Line) -> Value {
    let head = line.head.as_ref();
    let recipients: Vec<&str> = line.recipients.iter().map(|one| one.address.as_str()).collect();
    let what = match head.map(|head| &head.origin) {
        Some(Origin::Local) | None => "made",
        Some(Origin::Smtp { .. } | Origin::Http { .. } | Origin::P1 { .. }) => "accepted",
    };
    let (from, protocol) = match head.map(|head| &head.origin) {
        Some(Origin::Smtp { peer, helo, protocol, identity, .. }) => {
            let user = identity.as_ref().map(|user| format!(" as {user}")).unwrap_or_default();
            (format!("{helo} ({peer}){user}"), protocol.as_str())
        }
        Some(Origin::Http { who }) => (who.clone(), "HTTP"),
        Some(Origin::P1 { mta }) => (mta.clone(), "P1"),
        Some(Origin::Local) | None => (String::new(), ""),
    };
    json!({
        "what": what,
        "from": from,
        "protocol": protocol,
        "kind": head.map(|head| head.kind),
        "identifier": line.identifier,
        "envelope-id": head.and_then(|head| head.envelope_id.as_deref()),
        "sender": line.reverse_path,
        "recipients": recipients,
        "because-of": line.because_of,
        "about": line.about,
    })
}

/// Under which identifiers a message was passed on to the other side, if that is remembered.
fn identifiers(archive: &Archive, rules: &Rules, line: &Line) -> Result<Option<Value>, StoreError> {
    let (Some(identifier), Some(head)) = (&line.identifier, &line.head) else { return Ok(None) };
    let key = match head.kind {
        Kind::Mail | Kind::Internet => Key::message_id(identifier),
        Kind::P1 => {
            let mapper = Mapper::new(rules).without_steps();
            match parse_mts_identifier(identifier, &mapper) {
                Some(identifier) => Key::mts_identifier(&identifier),
                None => return Ok(None),
            }
        }
    };
    let remembered = archive.remembered(key.as_str(), line.id)?;
    let known = remembered.iter().find_map(|octets| serde_json::from_slice::<Correlation>(octets).ok());
    Ok(known.map(|known| {
        json!({
            "what": "converted",
            "mts-identifier": mts_identifier(&known.mts_identifier.0),
            "message-id": known.message_id,
            "envelope-id": known.envelope_id,
        })
    }))
}
