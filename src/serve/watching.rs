//! What is told of messages as they pass: to the event log and to the counters, at the same places.
//!
//! The names and fields of events are in `contrib/EVENTS.md`, those of metrics in `contrib/METRICS.md`.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::events::Events;
use crate::metrics::{Family, Histogram, Text};
use crate::mixer::loss::Losses;
use crate::mixer::loss::counts::Counts;
use crate::queue::entry::{Entry, Kind, Origin, QueueId, RecipientState};
use crate::queue::store::operation::HoldRule;
use crate::queue::store::{AttemptResult, Update};
use crate::queue::worker::{Made, Recorded};

/// Whoever watches.
#[derive(Debug)]
pub(crate) struct Watch {
    events: Events,
    draining: AtomicBool,
    inbound: Mutex<BTreeMap<SocketAddr, InboundAssociation>>,
    accepted: Family,
    refused: Family,
    not_permitted: Family,
    transferred: Family,
    failed: Family,
    deferred: Family,
    made: Family,
    lost: Family,
    operations: Family,
    own: Family,
    held: AtomicU64,
    reports_missing: AtomicU64,
    accepting: Histogram,
    attempting: Histogram,
    queueing: Histogram,
}

/// An association that a peer opened.
#[derive(Debug, Clone)]
pub(crate) struct InboundAssociation {
    /// What the MTA calls itself.
    pub(crate) name: String,
    /// What is spoken.
    pub(crate) mode: String,
    /// Since when.
    pub(crate) since: OffsetDateTime,
}

/// Where SMTP clients come from: a side of the gateway, and no peer.
pub(crate) const SMTP: (&str, &str) = (INTERNET, "");

/// Where programs come from that hand mails over by HTTP.
pub(crate) const HTTP: (&str, &str) = ("http", "");

/// A side of the gateway, as it is written.
const INTERNET: &str = "internet";
pub(super) const X400: &str = "x400";
const LOCAL: &str = "local";

impl Watch {
    pub(crate) fn new(events: Events) -> Self {
        Self {
            events,
            draining: AtomicBool::new(false),
            inbound: Mutex::default(),
            accepted: Family::new(
                "x400gw_messages_accepted_total",
                "Messages, probes and reports that were taken over, by side and peer",
                &["side", "peer"],
            ),
            refused: Family::new(
                "x400gw_refusals_total",
                "Senders, recipients and messages that were refused while the other side waited, by side, peer and answer",
                &["side", "peer", "answer"],
            ),
            not_permitted: Family::new(
                "x400gw_policy_refusals_total",
                "What Internet clients were refused because they may not have it, by policy",
                &["policy"],
            ),
            transferred: Family::new(
                "x400gw_recipients_transferred_total",
                "Recipients for whom responsibility was passed on, by kind of entry and who took it",
                &["kind", "to"],
            ),
            failed: Family::new(
                "x400gw_recipients_failed_total",
                "Recipients who were given up, by kind of entry and status",
                &["kind", "status"],
            ),
            deferred: Family::new(
                "x400gw_recipients_deferred_total",
                "Attempts in vain that are made again, by kind of entry",
                &["kind"],
            ),
            made: Family::new(
                "x400gw_messages_made_total",
                "Reports, notifications and redirected messages that the gateway made, by kind of entry",
                &["kind"],
            ),
            lost: Family::new(
                "x400gw_conversion_losses_total",
                "What conversions lost, by clause and by whether something stands in its place",
                &["clause", "replaced"],
            ),
            operations: Family::new(
                "x400gw_operations_total",
                "What operators did with entries, by operation and whether it was done",
                &["operation", "done"],
            ),
            own: Family::new(
                "x400gw_own_mail_failed_total",
                "Reports and notifications of the gateway that their recipients did not get, by kind of entry and status",
                &["kind", "status"],
            ),
            held: AtomicU64::new(0),
            reports_missing: AtomicU64::new(0),
            accepting: Histogram::new(
                "x400gw_accept_seconds",
                "From a whole message to its being in the queue",
            ),
            attempting: Histogram::new("x400gw_attempt_seconds", "How long attempts take"),
            queueing: Histogram::new(
                "x400gw_queued_seconds",
                "From acceptance until the last recipient has its end",
            ),
        }
    }

    /// Whether nothing new is taken.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// From now on nothing new is taken; or it is again.
    pub(crate) fn drain(&self, draining: bool, who: &str) {
        let before = self.draining.swap(draining, Ordering::Relaxed);
        if before != draining {
            tracing::info!(who, draining, "drain");
            self.events.tell("drain", json!({ "who": who, "draining": draining }));
        }
    }

    /// The gateway is up, or about to end.
    pub(crate) fn gateway(&self, event: &str) {
        self.events.tell(event, json!({ "version": env!("CARGO_PKG_VERSION") }));
    }

    /// Rules and certificates were read again.
    pub(crate) fn reloaded(&self, reason: &str, rules: &str, done: bool) {
        self.events.reopen();
        self.events.tell("reload", json!({ "reason": reason, "rules": rules, "done": done }));
    }

    /// Whether anybody hears of events.
    pub(crate) const fn has_listener(&self) -> bool {
        self.events.is_on()
    }

    /// What will be told of an entry once it is in the queue: nothing, if nobody listens.
    pub(crate) fn to_be_told(&self, entry: &Entry) -> Option<Entry> {
        self.events.is_on().then(|| entry.clone())
    }

    /// An entry from there is in the queue; it took so long since it was complete.
    pub(crate) fn accepted(&self, (side, peer): (&str, &str), told: Option<&Entry>, took: Duration) {
        self.accepted.count(&[side, peer]);
        self.accepting.observe(took);
        let Some(entry) = told else { return };
        let (from, identity) = match &entry.origin {
            Origin::Smtp { peer, identity, .. } => (peer.to_string(), identity.as_deref()),
            Origin::Http { who } => (who.clone(), None),
            Origin::P1 { mta } => (mta.clone(), None),
            Origin::Local => (LOCAL.to_owned(), None),
        };
        let mut fields = named(entry.id, entry.identifier.as_deref());
        fields["side"] = side.into();
        fields["peer"] = peer.into();
        fields["from"] = from.into();
        fields["identity"] = identity.into();
        fields["kind"] = kind(entry.kind).into();
        fields["sender"] = entry.envelope.reverse_path.as_deref().into();
        fields["recipients"] = entry.envelope.recipients.iter().map(|one| one.address.as_str()).collect();
        fields["octets"] = entry.content.length().into();
        fields["rules"] = entry.rules_version.as_deref().into();
        self.events.tell("accepted", fields);
    }

    /// A client or peer was told no, while it waited.
    pub(crate) fn refused(&self, refusal: &TurnedAway<'_>) {
        let TurnedAway { from: (side, peer), id, identifier, what, answer, text, policy } = refusal;
        self.refused.count(&[side, peer, answer]);
        let policy = Some(*policy).filter(|policy| !policy.is_empty());
        if let Some(policy) = policy {
            self.not_permitted.count(&[policy]);
        }
        if self.events.is_on() {
            let fields = json!({
                "queue-id": id, "message-id": identifier, "side": side, "peer": peer, "what": what,
                "answer": answer, "text": text, "policy": policy,
            });
            self.events.tell("refused", fields);
        }
    }

    /// A conversion was made.
    pub(crate) fn converted(&self, entry: &Entry, losses: &Losses, rules: &str) {
        let counts = Counts::of(losses);
        for (clause, count) in counts.iter() {
            for (replaced, times) in [("no", count.dropped), ("yes", count.replaced)] {
                if times > 0 {
                    self.lost.add(&[clause, replaced], times);
                }
            }
        }
        if self.events.is_on() {
            let clauses: BTreeMap<_, _> =
                counts.iter().map(|(clause, count)| (clause, count.total())).collect();
            let mut fields = named(entry.id, entry.identifier.as_deref());
            fields["rules"] = rules.into();
            fields["losses"] = json!(clauses);
            self.events.tell("converted", fields);
        }
    }

    /// An attempt took so long.
    pub(crate) fn attempted(&self, took: Duration) {
        self.attempting.observe(took);
    }

    /// What became of an attempt, or what an operator did, is written down.
    pub(crate) fn recorded(&self, recorded: &Recorded<'_>) {
        let Recorded { entry, updates, made, progress, held, .. } = recorded;
        let kind_of = kind(entry.kind);
        for update in *updates {
            match &update.result {
                AttemptResult::Transferred { to, .. } | AttemptResult::Delivered { to, .. } => {
                    self.transferred.count(&[kind_of, to]);
                }
                AttemptResult::Failed { code, detail } => {
                    self.failed.count(&[kind_of, code]);
                    // What the gateway itself has to say goes to nobody in its place (F-18).
                    if entry.origin == Origin::Local && entry.envelope.reverse_path.is_none() {
                        self.own_mail_failed(entry, update.number, code, detail);
                    }
                }
                AttemptResult::Deferred { .. } => self.deferred.count(&[kind_of]),
            }
            if self.events.is_on() {
                self.tell_update(entry, update);
            }
        }
        made.iter().for_each(|one| self.made(one, entry.id));
        if let Some(reason) = held {
            self.held.fetch_add(1, Ordering::Relaxed);
            let mut fields = named(entry.id, entry.identifier.as_deref());
            fields["reason"] = (*reason).into();
            self.events.tell("held", fields);
        }
        if progress.pending == 0 {
            let waited = (OffsetDateTime::now_utc() - entry.received_at).try_into().unwrap_or_default();
            self.queueing.observe(waited);
            if self.events.is_on() {
                let mut fields = named(entry.id, entry.identifier.as_deref());
                fields["seconds"] = json!(waited.as_secs_f64());
                self.events.tell("done", fields);
            }
        }
    }

    /// An entry was made because of another.
    fn made(&self, one: &Made, because_of: QueueId) {
        self.made.count(&[kind(one.kind)]);
        if self.events.is_on() {
            let mut fields = named(one.id, one.identifier.as_deref());
            fields["kind"] = kind(one.kind).into();
            fields["because-of"] = because_of.to_string().into();
            fields["sender"] = one.sender.as_deref().into();
            fields["recipients"] = json!(one.recipients);
            self.events.tell("made", fields);
        }
    }

    /// A report or notification of the gateway did not get to whom it is for, and there is nobody else to be told.
    fn own_mail_failed(&self, entry: &Entry, number: u32, status: &str, error: &str) {
        self.own.count(&[kind(entry.kind), status]);
        let recipient = entry.envelope.recipients.iter().find(|one| one.number == number);
        let address = recipient.map(|one| one.address.as_str());
        tracing::error!(queue_id = %entry.id, address, status, error, "what the gateway had to tell, nobody hears");
        let mut fields = named(entry.id, entry.identifier.as_deref());
        fields["kind"] = kind(entry.kind).into();
        fields["address"] = address.into();
        (fields["status"], fields["error"]) = (status.into(), error.into());
        self.events.tell("own-mail-failed", fields);
    }

    /// Nothing was heard of recipients whose sender asked for a report; `told` is the notification that says so.
    pub(crate) fn report_missing(
        &self,
        entry: &Entry,
        numbers: &[u32],
        patience: Duration,
        told: Option<&Made>,
    ) {
        for recipient in entry.envelope.recipients.iter().filter(|one| numbers.contains(&one.number)) {
            self.reports_missing.fetch_add(1, Ordering::Relaxed);
            let mut fields = named(entry.id, entry.identifier.as_deref());
            fields["recipient"] = recipient.number.into();
            fields["address"] = recipient.address.as_str().into();
            fields["to"] = match &recipient.state {
                RecipientState::Transferred { to, .. } => to.as_str().into(),
                RecipientState::Pending | RecipientState::Failed { .. } => Value::Null,
            };
            fields["seconds"] = patience.as_secs().into();
            self.events.tell("report-missing", fields);
        }
        told.into_iter().for_each(|one| self.made(one, entry.id));
    }

    fn tell_update(&self, entry: &Entry, Update { number, result }: &Update) {
        let recipient = entry.envelope.recipients.iter().find(|one| one.number == *number);
        let mut fields = named(entry.id, entry.identifier.as_deref());
        fields["recipient"] = (*number).into();
        fields["address"] = recipient.map(|one| one.address.as_str()).into();
        fields["attempts"] = recipient.map(|one| one.attempts.saturating_add(1)).into();
        let event = match result {
            AttemptResult::Transferred { to, detail } => {
                (fields["to"], fields["answer"]) = (to.as_str().into(), detail.as_str().into());
                "transferred"
            }
            AttemptResult::Delivered { to, detail } => {
                (fields["to"], fields["answer"]) = (to.as_str().into(), detail.as_str().into());
                "delivered"
            }
            AttemptResult::Failed { code, detail } => {
                (fields["status"], fields["error"]) = (code.as_str().into(), detail.as_str().into());
                "failed"
            }
            AttemptResult::Deferred { diagnosis, next_attempt } => {
                fields["error"] = diagnosis.as_str().into();
                fields["next-attempt"] = next_attempt.format(&Rfc3339).unwrap_or_default().into();
                "deferred"
            }
        };
        self.events.tell(event, fields);
    }

    /// An operator did something with an entry, or was told why not.
    pub(crate) fn operated(
        &self,
        id: QueueId,
        identifier: Option<&str>,
        who: &str,
        operation: &str,
        done: Result<&str, &str>,
    ) {
        self.operations.count(&[operation, if done.is_ok() { "yes" } else { "no" }]);
        let mut fields = named(id, identifier);
        fields["who"] = who.into();
        fields["operation"] = operation.into();
        fields["done"] = done.is_ok().into();
        let (Ok(text) | Err(text)) = done;
        fields["text"] = text.into();
        self.events.tell("operator", fields);
    }

    /// A rule holds entries from now on; or one has ended, and so many entries were released.
    pub(crate) fn ruled(&self, who: &str, number: u64, rule: Option<&HoldRule>, released: Option<u64>) {
        let fields = json!({ "who": who, "number": number, "rule": rule, "released": released });
        self.events.tell("hold-rule", fields);
    }

    /// A peer has opened an association.
    pub(crate) fn bound(&self, address: SocketAddr, association: InboundAssociation) {
        self.inbound_associations().insert(address, association);
    }

    /// It has ended.
    pub(crate) fn ended(&self, address: SocketAddr) {
        self.inbound_associations().remove(&address);
    }

    /// The associations that peers have opened, with where they come from.
    pub(crate) fn inbound(&self) -> Vec<(SocketAddr, InboundAssociation)> {
        self.inbound_associations().iter().map(|(address, one)| (*address, one.clone())).collect()
    }

    /// Writes the counters.
    pub(crate) fn write(&self, text: &mut Text) {
        let families = [
            &self.accepted,
            &self.refused,
            &self.not_permitted,
            &self.transferred,
            &self.failed,
            &self.deferred,
            &self.made,
            &self.lost,
            &self.operations,
            &self.own,
        ];
        families.iter().for_each(|family| family.write(text));
        text.single(
            "x400gw_entries_held_total",
            "Entries that a rule held",
            "counter",
            self.held.load(Ordering::Relaxed),
        );
        text.single(
            "x400gw_reports_missing_total",
            "Recipients of whom nothing was heard, though the sender asked for a report",
            "counter",
            self.reports_missing.load(Ordering::Relaxed),
        );
        [&self.accepting, &self.attempting, &self.queueing].iter().for_each(|one| one.write(text));
        let draining = u8::from(self.is_draining());
        text.single("x400gw_draining", "Whether nothing new is taken", "gauge", draining);
    }

    fn inbound_associations(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, InboundAssociation>> {
        self.inbound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody was told no.
pub(crate) struct TurnedAway<'a> {
    /// The side, and what the operator calls the peer.
    pub(crate) from: (&'a str, &'a str),
    /// What the entry would have been called.
    pub(crate) id: Option<QueueId>,
    /// What the message calls itself.
    pub(crate) identifier: Option<&'a str>,
    /// The sender, recipient or message that was refused.
    pub(crate) what: &'a str,
    /// A code of SMTP, or `temporary` and `permanent`.
    pub(crate) answer: &'a str,
    /// In words.
    pub(crate) text: &'a str,
    /// What it may not do, in one word; empty if it is something else.
    pub(crate) policy: &'static str,
}

/// The fields that every event about a message has.
fn named(id: QueueId, identifier: Option<&str>) -> Value {
    json!({ "queue-id": id, "message-id": identifier })
}

/// A kind of entry as it is written.
pub(crate) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Mail => "mail",
        Kind::P1 => "p1",
        Kind::Internet => "internet",
    }
}

/// How long something takes.
pub(crate) fn stopwatch() -> impl Fn() -> Duration {
    let start = Instant::now();
    move || start.elapsed()
}
