//! What operators do with entries of the queue. Each operation is one commit, with the event that says who did it; a bounce
//! is written down together with the notification or report that tells of it.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::holds::Holds;
use super::hops::{Hops, PeerState};
use super::in_force::{CurrentRules, Reloaded};
use super::relay::NotRead;
use super::tls::Certificates;
use super::transfer::Transfer;
use super::watching::Watch;
use super::with_causes;
use crate::diagnostic::Report;
use crate::mixer::AddressContext;
use crate::mta::tls::Unusable;
use crate::queue::entry::{Entry, Kind, QueueId, RecipientOptions};
use crate::queue::store::operation::{
    Event, Hold, HoldRule, NumberedRule, Operated, Operation, RuleChange, Take,
};
use crate::queue::store::sqlite::SqliteStore;
use crate::queue::store::{AttemptResult, Consequences, Error as StoreError, StateKind, Store as _, Update};
use crate::queue::worker::{Made, Recorded, Transferrer as _};
use crate::rules::lookup::Headers;
use crate::smtp::client::DestinationState;
use crate::smtp::client::Sender;

/// How long an entry is kept from others while something is done with it.
const LEASE: Duration = Duration::from_secs(120);

/// The status of a recipient whom an operator gave up (RFC 3463 3.1, X.0.0): why, it has to say in words.
const GIVEN_UP: &str = "5.0.0";

/// What an operator can do with entries. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Operator {
    pub(crate) store: Arc<SqliteStore>,
    pub(super) transfer: Arc<Transfer>,
    pub(super) holds: Arc<Holds>,
    pub(super) rules: CurrentRules,
    pub(super) hops: Arc<Hops>,
    pub(super) internet: Sender,
    pub(super) certificates: Certificates,
    /// Where is listened for messages, by protocol.
    pub(crate) listeners: Arc<BTreeMap<&'static str, Vec<String>>>,
    pub(super) watch: Arc<Watch>,
    /// Rules that hold entries are changed one after the other: in the store, and then here.
    pub(super) changing_rules: Arc<Mutex<()>>,
}

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// There is no such entry or rule.
    Unknown(String),
    /// Not in the state that it is in; with what to do instead.
    NotNow(String),
    /// What is asked makes no sense.
    Senseless(String),
    /// The queue does not work.
    Unavailable(String),
}

impl Refused {
    /// In words.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Unknown(why) | Self::NotNow(why) | Self::Senseless(why) | Self::Unavailable(why) => why,
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(with_causes(&error))
    }
}

/// Why what could be read of a damaged entry is held until it is written down what becomes of it.
const DAMAGED: &str = "damaged";

/// An entry that nobody else touches.
struct Taken {
    /// As far as it can be read.
    entry: Arc<Entry>,
    /// What is to be written down first of one that is damaged.
    salvage: Option<Event>,
}

/// What was done, in words.
pub(crate) type Done = Result<String, Refused>;

impl Operator {
    /// Who is told of everything.
    pub(crate) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// How each peer is.
    pub(crate) fn peers(&self) -> Vec<PeerState> {
        self.hops.states()
    }

    /// The peers from which nothing is heard about what they were given.
    pub(super) fn silent_peers(&self) -> Vec<String> {
        self.hops.names().into_iter().filter(|name| self.hops.is_silent(name)).map(str::to_owned).collect()
    }

    /// What the operator calls the peer with this MTA name.
    pub(crate) fn peer_called(&self, mta_name: &str) -> Option<String> {
        self.hops.peer_called(mta_name).map(str::to_owned)
    }

    /// How the destinations of SMTP are.
    pub(crate) fn destinations(&self) -> Vec<DestinationState> {
        self.internet.state()
    }

    /// Reads rules and certificates again, each for itself. Waits for files.
    pub(crate) fn reload(&self, reason: &str) -> (Result<Reloaded, Report>, Vec<Unusable>) {
        let loaded = self.rules.reload(reason);
        let mut unusable = self.certificates.reload();
        unusable.extend(self.internet.reload().err().into_iter().flatten());
        let done = loaded.is_ok() && unusable.is_empty();
        self.watch.reloaded(reason, &self.rules.get().version(), done);
        (loaded, unusable)
    }

    /// Nothing is tried for an entry until it is released.
    pub(crate) async fn hold(&self, id: QueueId, reason: &str, who: &str) -> Done {
        let hold = Hold {
            reason: if reason.is_empty() { format!("held by {who}") } else { reason.to_owned() },
            rule: None,
        };
        let event = event("hold", who, json!({ "reason": reason }));
        match self.store.operate(id, Operation::Hold(hold), event, now()).await? {
            Operated::Done => Ok("held".into()),
            Operated::AfterAttempt => {
                Ok("held: an attempt is under way; whoever has no end after it stays".into())
            }
            Operated::NotInState(state) => {
                let why = [
                    (StateKind::Held, "it is held already"),
                    (StateKind::Quarantined, "it is quarantined: nothing is tried for it anyway"),
                ];
                Err(not_in(state, &why))
            }
        }
    }

    /// An entry that was held or quarantined is tried again; no rule holds it again.
    pub(crate) async fn release(&self, id: QueueId, who: &str) -> Done {
        // Known before it is released: else a rule would hold it at once.
        let exempt = self.holds.are_there();
        let is_new = exempt && self.holds.exempt(id);
        let event = event("release", who, json!({}));
        let released = self.store.operate(id, Operation::Release { exempt }, event, now()).await;
        if is_new && !matches!(released, Ok(Operated::Done | Operated::AfterAttempt)) {
            self.holds.forget(id);
        }
        match released? {
            Operated::Done | Operated::AfterAttempt => Ok("released".into()),
            Operated::NotInState(state) => Err(not_in(state, &[(StateKind::Queued, "it is not held")])),
        }
    }

    /// An entry is tried at once.
    pub(crate) async fn retry(&self, id: QueueId, who: &str) -> Done {
        match self.store.operate(id, Operation::Retry, event("retry", who, json!({})), now()).await? {
            Operated::Done => Ok("due now".into()),
            Operated::AfterAttempt => {
                Ok("an attempt is under way: what comes of it says when the next one is due".into())
            }
            Operated::NotInState(state) => {
                let why = [
                    (StateKind::Held, "it is held: release it, and it is tried when it is due"),
                    (StateKind::Quarantined, "it is quarantined: release it, and it is read again"),
                ];
                Err(not_in(state, &why))
            }
        }
    }

    /// The pending recipients of an entry get no message; whoever sent it is told.
    pub(crate) async fn bounce(&self, id: QueueId, reason: &str, who: &str) -> Done {
        let detail = if reason.is_empty() {
            "returned by the operator".into()
        } else {
            format!("returned by the operator: {reason}")
        };
        let taken = self.taken_or_salvaged(id, who).await?;
        self.given_back(id, async {
            let (entry, now) = (&taken.entry, now());
            if entry.kind == Kind::Internet {
                let why = "it is a notification, about which nobody is told: delete it";
                return Err(Refused::NotNow(why.into()));
            }
            // What a mail was can be told without its content; a report of X.400 needs the envelope that is in there.
            if entry.kind == Kind::P1
                && let Err(NotRead::Damaged(why)) = self.transfer.stored(entry).await
            {
                let why = format!("it cannot be read, so nobody can be told: {why}; delete it");
                return Err(Refused::NotNow(why));
            }
            let updates = given_up(entry, &detail);
            let mut consequences =
                self.transfer.consequences(entry, &updates, now).await.map_err(Refused::Unavailable)?;
            let made: Vec<String> = consequences.entries.iter().map(|made| made.id.to_string()).collect();
            consequences.events.push(event("bounce", who, json!({ "reason": reason, "made": made })));
            self.recorded(&taken, updates, consequences, now).await?;
            Ok(match made.as_slice() {
                [] => "returned; nobody is told: it has no sender who wants to know".into(),
                made => format!("returned, told as {}", made.join(", ")),
            })
        })
        .await
    }

    /// The pending recipients of an entry get no message, and nobody is told. What became of it can be tracked.
    pub(crate) async fn delete(&self, id: QueueId, reason: &str, who: &str) -> Done {
        if reason.trim().is_empty() {
            return Err(Refused::Senseless("say why (`reason`): it is all that will be left".into()));
        }
        let taken = self.taken_or_salvaged(id, who).await?;
        self.given_back(id, async {
            let now = now();
            let updates = given_up(&taken.entry, &format!("deleted by the operator: {reason}"));
            let events = vec![event("delete", who, json!({ "reason": reason }))];
            let consequences = Consequences { discard: true, events, ..Consequences::default() };
            self.recorded(&taken, updates, consequences, now).await?;
            Ok("deleted; nobody is told".into())
        })
        .await
    }

    /// A recipient of an entry, or its only pending one, gets another address.
    pub(crate) async fn redirect(&self, id: QueueId, number: Option<u32>, to: &str, who: &str) -> Done {
        let taken = self.taken(id).await?.map_err(|state| {
            not_in(state, &[(StateKind::Quarantined, "it is quarantined: release it first")])
        })?;
        let entry = &taken.entry;
        self.given_back(id, async {
            let pending: Vec<u32> = entry.pending().map(|one| one.number).collect();
            let number = match (number, pending.as_slice()) {
                (Some(number), pending) if pending.contains(&number) => number,
                (None, [only]) => *only,
                (_, pending) => {
                    return Err(Refused::Senseless(format!(
                        "name a pending recipient by its number: {pending:?}"
                    )));
                }
            };
            let recipient = entry.pending().find(|one| one.number == number);
            let recipient = recipient.ok_or_else(|| Refused::Unknown("there is no such recipient".into()))?;
            let what = |to: &str| json!({ "recipient": number, "from": recipient.address, "to": to });
            if entry.kind == Kind::P1 {
                let now = now();
                let (made, to) =
                    self.transfer.redirected(entry, number, to, now).await.map_err(Refused::Senseless)?;
                let detail = format!("redirected to {to} as {}", made.id);
                let text = detail.clone();
                let result = AttemptResult::Transferred { to: "another recipient".into(), detail };
                let consequences = Consequences {
                    entries: vec![made],
                    events: vec![event("redirect", who, what(&to))],
                    ..Consequences::default()
                };
                self.recorded(&taken, vec![Update { number, result }], consequences, now).await?;
                return Ok(text);
            }
            let to = self.mailbox(to, entry.kind).await?;
            if to.eq_ignore_ascii_case(&recipient.address) {
                return Err(Refused::Senseless("that is where it goes already".into()));
            }
            // RFC 3461 5.2.7.1: a report says whom the sender meant.
            let original = recipient.options.original_recipient.clone();
            let original = original.or_else(|| Some(("rfc822".to_owned(), recipient.address.clone())));
            let options = RecipientOptions { original_recipient: original, ..recipient.options.clone() };
            let event = event("redirect", who, what(&to));
            let text = format!("recipient {number} is {to} now");
            match self
                .store
                .operate(id, Operation::Redirect { number, address: to, options }, event, now())
                .await?
            {
                Operated::Done | Operated::AfterAttempt => Ok(text),
                Operated::NotInState(state) => Err(not_in(state, &[])),
            }
        })
        .await
    }

    /// What holds entries before they are tried: the rules of the configuration, and those that were made.
    pub(crate) fn hold_rules(&self) -> (&[HoldRule], Vec<NumberedRule>) {
        (self.holds.configured(), self.holds.made())
    }

    /// One more rule; gives its number.
    pub(crate) async fn add_hold_rule(&self, rule: HoldRule, who: &str) -> Result<u64, Refused> {
        if !rule.says_anything() {
            return Err(Refused::Senseless("a rule names a peer, a sender or a recipient".into()));
        }
        let peers = self.hops.names();
        if let Some(peer) = rule.unknown_peer(&peers) {
            let why = format!("`{peer}` is no peer; known are {}", peers.join(", "));
            return Err(Refused::Senseless(why));
        }
        let _changing = self.changing_rules.lock().await;
        let add = RuleChange::Add { rule, who: who.to_owned(), at: now() };
        let number = self.store.change_hold_rules(add).await?;
        self.holds.set_made(self.store.hold_rules().await?.0);
        Ok(number)
    }

    /// One rule less; gives how many entries it had held, which are released.
    pub(crate) async fn remove_hold_rule(&self, number: u64, who: &str) -> Result<u64, Refused> {
        let _changing = self.changing_rules.lock().await;
        if !self.holds.made().iter().any(|one| one.number == number) {
            let why = "there is no such rule; those of the configuration are changed there";
            return Err(Refused::Unknown(why.into()));
        }
        // Before what it held is released: else it would hold that again.
        self.holds.set_made(self.holds.made().into_iter().filter(|one| one.number != number).collect());
        let remove = RuleChange::Remove { number, who: who.to_owned(), at: now() };
        let held = self.store.change_hold_rules(remove).await;
        self.holds.set_made(self.store.hold_rules().await?.0);
        Ok(held?)
    }

    /// An entry for us alone; or the state in which nobody can have it.
    async fn taken(&self, id: QueueId) -> Result<Result<Taken, Option<StateKind>>, Refused> {
        match self.store.take(id, LEASE, now()).await {
            Ok(Take::Taken(entry)) => Ok(Ok(Taken { entry, salvage: None })),
            Ok(Take::UnderWay) => {
                let why = "it is being transferred: hold it, and try again when the attempt has ended";
                Err(Refused::NotNow(why.into()))
            }
            Ok(Take::NotOpen(state)) => Ok(Err(state)),
            // As good as quarantined: the next attempt will see it.
            Err(StoreError::Corrupt { .. }) => Ok(Err(Some(StateKind::Quarantined))),
            Err(error) => Err(error.into()),
        }
    }

    /// The same, and one that is damaged as far as it can be read.
    async fn taken_or_salvaged(&self, id: QueueId, who: &str) -> Result<Taken, Refused> {
        match self.taken(id).await? {
            Ok(taken) => Ok(taken),
            Err(Some(StateKind::Quarantined)) => self.salvaged(id, who).await,
            Err(state) => Err(not_in(state, &[])),
        }
    }

    async fn salvaged(&self, id: QueueId, who: &str) -> Result<Taken, Refused> {
        let store = Arc::clone(&self.store);
        let found = tokio::task::spawn_blocking(move || store.archive()?.salvage(id)).await;
        let found = found.map_err(|error| Refused::Unavailable(error.to_string()))?;
        let entry = match found {
            Ok(Some(found)) if found.entry.pending().next().is_some() => found.entry,
            Ok(_) => return Err(Refused::NotNow("it has no recipients that can be read".into())),
            Err(StoreError::Corrupt { what, .. }) => {
                return Err(Refused::NotNow(format!("not even its envelope can be read: {what}")));
            }
            Err(error) => return Err(error.into()),
        };
        let salvage = Some(event("hold", who, json!({ "reason": DAMAGED })));
        Ok(Taken { entry: Arc::new(entry), salvage })
    }

    /// Does something with an entry that was taken; whatever comes of it, the entry is free again.
    async fn given_back<T>(
        &self,
        id: QueueId,
        work: impl Future<Output = Result<T, Refused>>,
    ) -> Result<T, Refused> {
        let done = work.await;
        if done.is_err() {
            self.store.give_back(id);
        }
        done
    }

    /// Writes down what became of an entry that was taken.
    async fn recorded(
        &self,
        Taken { entry, salvage }: &Taken,
        updates: Vec<Update>,
        consequences: Consequences,
        now: OffsetDateTime,
    ) -> Result<(), Refused> {
        if let Some(event) = salvage {
            let hold = Operation::Salvage(Hold { reason: DAMAGED.into(), rule: None });
            if let Operated::NotInState(state) =
                self.store.operate(entry.id, hold, event.clone(), now).await?
            {
                return Err(not_in(state, &[]));
            }
        }
        let made = Made::of(&consequences);
        let recorded = self.store.record_and_insert(entry.id, updates.clone(), consequences, now).await;
        let progress = recorded.map_err(|error| match error {
            // It was found damaged when it was read for that, or its lease had ended.
            StoreError::Misuse { .. } => Refused::NotNow("it is not as it was any more: try again".into()),
            error => error.into(),
        })?;
        self.transfer.recorded(&Recorded { entry, updates: &updates, made: &made, held: None, progress });
        Ok(())
    }

    /// A mailbox that a mail can go to: for X.400 one that has an address there.
    async fn mailbox(&self, to: &str, kind: Kind) -> Result<String, Refused> {
        let in_force = self.rules.get();
        let mappings = in_force.mappings();
        let mailbox = match to.contains('@') {
            true => to.trim_start_matches('<').trim_end_matches('>').to_owned(),
            false => {
                let name = or_name(to)?;
                let mapped = mappings.run(Headers::Wait, |mapper| mapper.to_internet(&name)).await;
                mapped.made.map_err(|error| Refused::Senseless(error.to_string()))?.address
            }
        };
        if kind == Kind::Mail {
            let mapped =
                mappings.run(Headers::Wait, |mapper| mapper.to_or(&mailbox, AddressContext::Recipient)).await;
            mapped
                .made
                .map_err(|error| Refused::Senseless(format!("{mailbox} has no X.400 address: {error}")))?;
        }
        Ok(mailbox)
    }
}

/// An O/R name as it is written.
pub(super) fn or_name(written: &str) -> Result<rasn_x400::x411::address::OrName, Refused> {
    let senseless = |error: &dyn std::fmt::Display| {
        Refused::Senseless(format!("`{written}` is neither a mailbox nor an O/R address: {error}"))
    };
    let parsed = rasn_x400::x411::address::text::parse(written).map_err(|error| senseless(&error))?;
    parsed.to_or_name().map_err(|error| senseless(&error))
}

fn given_up(entry: &Entry, detail: &str) -> Vec<Update> {
    let failed = || AttemptResult::Failed { code: GIVEN_UP.to_owned(), detail: detail.to_owned() };
    entry.pending().map(|one| Update { number: one.number, result: failed() }).collect()
}

fn event(kind: &str, who: &str, detail: Value) -> Event {
    Event { kind: kind.to_owned(), who: Some(who.to_owned()), detail }
}

/// Why nothing can be done with an entry in this state; `said` is what to say of states in particular.
fn not_in(state: Option<StateKind>, said: &[(StateKind, &str)]) -> Refused {
    let Some(state) = state else { return Refused::Unknown("there is no such entry".into()) };
    match said.iter().find(|(kind, _)| *kind == state) {
        Some((_, why)) => Refused::NotNow((*why).to_owned()),
        None if state == StateKind::Done => {
            Refused::NotNow("it has ended: all of its recipients have".into())
        }
        None => Refused::NotNow(format!("it is {state}")),
    }
}

fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
