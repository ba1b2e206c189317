//! Entries of the queue as JSON.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::queue::entry::{Content, Recipient, RecipientState};
use crate::queue::store::State;
use crate::queue::store::listing::Line;
use crate::queue::store::operation::Happened;

/// A time as in RFC 3339, to the second.
pub(super) fn moment(at: OffsetDateTime) -> String {
    let whole = at.replace_nanosecond(0).unwrap_or(at);
    whole.format(&Rfc3339).unwrap_or_default()
}

/// One entry, with the first of its recipients.
pub(super) fn line(line: &Line) -> Value {
    let head = line.head.as_ref();
    let mut value = json!({
        "id": line.id,
        "state": line.state.kind().to_string(),
        "received": moment(line.received_at),
        "kind": head.map(|head| head.kind),
        "urgency": head.map(|head| head.urgency),
        "origin": head.map(|head| &head.origin),
        "envelope-id": head.and_then(|head| head.envelope_id.as_deref()),
        "sender": line.reverse_path.as_deref(),
        "identifier": line.identifier.as_deref(),
        "length": line.length,
        "recipients": line.recipients.iter().map(recipient).collect::<Vec<_>>(),
        "recipient-count": line.count,
        "because-of": line.because_of,
        "about": line.about,
    });
    match &line.state {
        State::Queued { due } => value["next-attempt"] = moment(*due).into(),
        State::Done { at } => value["since"] = moment(*at).into(),
        State::Held { at, reason } | State::Quarantined { at, reason } => {
            value["since"] = moment(*at).into();
            value["reason"] = reason.as_str().into();
        }
    }
    value
}

/// What the last conversion of an entry lost, if that was noted.
pub(super) fn losses(line: &Line) -> Option<Value> {
    serde_json::from_str(line.losses.as_deref()?).ok()
}

/// One recipient.
pub(super) fn recipient(one: &Recipient) -> Value {
    let mut value = json!({
        "number": one.number,
        "address": one.address,
        "attempts": one.attempts,
        "options": one.options,
        "rules": one.rules_version,
    });
    match &one.state {
        RecipientState::Pending => {
            value["state"] = "pending".into();
            value["next-attempt"] = one.next_attempt.map(moment).into();
            value["last-error"] = one.last_diagnosis.as_deref().into();
        }
        RecipientState::Transferred { at, to, detail } => {
            value["state"] = "transferred".into();
            value["at"] = moment(*at).into();
            value["to"] = to.as_str().into();
            value["answer"] = detail.as_str().into();
        }
        RecipientState::Failed { at, code, detail } => {
            value["state"] = "failed".into();
            value["at"] = moment(*at).into();
            value["code"] = code.as_str().into();
            value["last-error"] = detail.as_str().into();
        }
    }
    value
}

/// An event of an entry.
pub(super) fn happened(one: &Happened) -> Value {
    json!({ "at": moment(one.at), "event": one.event.kind, "who": one.event.who, "detail": one.event.detail })
}

/// Where a content is.
pub(super) const fn content(content: &Content) -> &'static str {
    match content {
        Content::Inline(_) | Content::Spool { .. } | Content::File { .. } => "there",
        Content::Discarded { .. } => "gone or damaged",
    }
}
