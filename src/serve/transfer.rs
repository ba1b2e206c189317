//! The way out: a mail of the queue is converted and transferred to the peers; what came over P1 is relayed.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use time::OffsetDateTime;

use super::conversion::{Conversion, Conversions, convert};
use super::holds::Holds;
use super::home::{Counts, memory};
use super::hops::Hops;
use super::in_force::{CurrentRules, InForce};
use super::judged;
use super::lost::Lost;
use super::waiting::WaitingRoom;
use super::watching::{Watch, stopwatch};
use crate::gathering::IN_MEMORY;
use crate::mixer::correlation::Correlation;
use crate::mixer::loss::Losses;
use crate::mixer::settings::Military;
use crate::mixer::to_x400::Refusal;
use crate::mixer::{AddressError, Settings};
use crate::mta::pool::TransferError;
use crate::mta::relay::{
    Apdu, Context as RelayContext, Copy, Origin as RelayOrigin, Undeliverable, dispatch,
};
use crate::mta::route::Table;
use crate::mta::spool::Spool;
use crate::queue::entry::{DeliverByMode, Entry, Kind};
use crate::queue::schedule::{Failure, Schedule};
use crate::queue::store::operation::Hold;
use crate::queue::store::sqlite::SqliteStore;
use crate::queue::store::{AttemptResult, Consequences, Store as _, Update};
use crate::queue::worker::{Attempted, Outcome, RecipientOutcome, Recorded, Transferrer};
use crate::rules::Rules;
use crate::rules::policy::Policy;
use crate::rules::selection::Selection;
use crate::smtp::client::Sender;
use crate::status::{Cause, Failure as OwnFailure, StatusDetail};

/// Converts, routes and transfers.
pub(super) struct Transfer {
    pub(super) store: Arc<SqliteStore>,
    pub(super) rules: CurrentRules,
    pub(super) settings: Arc<Settings>,
    /// The same for peers of 1984.
    pub(super) settings_1984: Arc<Settings>,
    pub(super) hops: Arc<Hops>,
    /// Where something large is written for the queue.
    pub(super) spool: Spool,
    /// Octets of content that a report returns at most.
    pub(super) returned_content: u64,
    /// When senders are told of a delay.
    pub(super) schedule: Schedule,
    /// How often reports found home.
    pub(super) counts: Arc<Counts>,
    /// What conversions have lost since the start.
    pub(super) lost: Lost,
    /// The way to the Internet.
    pub(super) internet: Sender,
    /// Whether what goes there waits in the queue.
    pub(super) hold_internet: bool,
    /// What is held before it is tried.
    pub(super) holds: Arc<Holds>,
    /// Who is told.
    pub(super) watch: Arc<Watch>,
    /// What mails were converted to before they were accepted.
    pub(super) conversions: Arc<Conversions>,
    /// Where large ones take turns to be converted, and wait for associations.
    pub(super) waiting: WaitingRoom,
    /// Where large messages take turns to be converted and sent.
    pub(super) waiting_for_the_internet: WaitingRoom,
}

impl Transferrer for Transfer {
    async fn transfer(&self, entry: Arc<Entry>) -> Attempted {
        // One set for all of the attempt, and for each of its copies.
        let rules = self.rules.get();
        if let Some(hold) = self.holds.of_entry(&entry) {
            return held(&entry, hold);
        }
        let took = stopwatch();
        let mut attempted = match entry.kind {
            Kind::Mail => self.mail(&entry, &rules).await,
            Kind::P1 => self.relay(&entry, &rules).await,
            Kind::Internet => self.internet(&entry).await.into(),
        };
        self.watch.attempted(took());
        if entry.kind == Kind::Internet {
            return attempted;
        }
        attempted.consequences.rules_version = Some(rules.version());
        attempted
    }

    async fn consequences(
        &self,
        entry: &Arc<Entry>,
        updates: &[Update],
        now: OffsetDateTime,
    ) -> Result<Consequences, String> {
        match entry.kind {
            Kind::Mail => self.tell_sender(entry, updates, now).await.map(Consequences::from),
            Kind::P1 => self.follow_up(entry, updates, now).await.map(Consequences::from),
            Kind::Internet => {
                if updates.iter().any(|update| matches!(update.result, AttemptResult::Failed { .. })) {
                    // F-18
                    tracing::warn!(queue_id = %entry.id, "a notification has no place to go and is dropped");
                }
                Ok(Consequences::default())
            }
        }
    }

    fn recorded(&self, recorded: &Recorded<'_>) {
        if recorded.progress.pending == 0 {
            self.holds.forget(recorded.entry.id);
        }
        self.watch.recorded(recorded);
    }
}

impl Transfer {
    /// Converts a mail and passes it on to where each of its recipients is.
    async fn mail(&self, entry: &Arc<Entry>, rules: &Arc<InForce>) -> Attempted {
        self.attempt(entry, rules).await.unwrap_or_else(|outcome| {
            let pending = entry.pending();
            let all = pending.map(|one| RecipientOutcome { number: one.number, outcome: outcome.clone() });
            all.collect::<Vec<_>>().into()
        })
    }

    /// What became of each recipient; or what became of all alike.
    async fn attempt(&self, entry: &Arc<Entry>, rules: &Arc<InForce>) -> Result<Attempted, Outcome> {
        if self.hops.is_empty() {
            return Err(later(Failure::Refused, "no [[peer]] is configured".into()));
        }
        // One time for all of the attempt: what is not too late here is not too late below.
        let now = OffsetDateTime::now_utc();
        if let Some(limit) = entry.envelope.options.deliver_by
            && limit.mode == DeliverByMode::Return
            && limit.by <= now.unix_timestamp()
        {
            // RFC 2852 4.1.3
            let code = OwnFailure::DeliverByExpired.enhanced_code().to_string();
            return Err(Outcome::Failed { code, detail: "the time that its sender set is over".into() });
        }
        // Not in vain: where every peer rests, or the message does, nothing needs to be converted.
        let name = entry.id.to_string();
        self.hops.would_take(&name).map_err(|error| not_transferred(entry, error))?;
        let refused_for_now = |error: &dyn std::error::Error| later(Failure::Refused, error.to_string());
        // Large ones take turns to be in memory; what they are converted to is in a file while it waits for an association.
        let turn = self.waiting.leave(entry.content.length()).await;
        let turn = turn.map_err(|reply| later(Failure::Refused, reply.to_string()))?;
        if turn.is_some() {
            // It may have taken a while.
            self.hops.would_take(&name).map_err(|error| not_transferred(entry, error))?;
        }
        let content = self.store.content(entry).await.map_err(|error| refused_for_now(&error))?;
        if let Some(told) = self.notice_home(entry, &content, rules, now).await? {
            return Ok(told);
        }
        let (set, table) = (rules.rules(), rules.table());
        let context = self.mail_context(entry, rules, now);
        let first = Variant {
            of_1984: self.settings.is_1984(),
            military: None,
            selection: judged::probable(set, table, entry),
            peer: None,
        };
        let kept = self.conversions.take(entry, rules).filter(|_| first.selection.is_empty());
        let mail = match kept {
            Some(conversion) => Ok(self.mail_of(entry, rules, conversion).await),
            None => {
                let settings = self.varied(set, &first);
                self.converted(entry, content.clone(), rules, &settings, None).await
            }
        };
        let mail = match mail {
            Ok(mail) => mail,
            Err(ended) => return ended.map(Attempted::from),
        };
        let (places, not_permitted) = self.permitted(entry, &mail, set, table);
        let mut decided = dispatch(&mail.apdu, &places, &context);
        let variants = self.variants(entry, &mail, &decided.copies, set, table);
        let as_it_is = matches!(variants.first_key_value(), Some((only, _)) if *only == first);
        if variants.len() == 1 && as_it_is {
            let copies = std::mem::take(&mut decided.copies);
            let kept = self.understood(&name, copies, &first).await;
            let (copies, failed) = kept.map_err(|error| refused_for_now(&error))?;
            decided.copies = copies;
            decided.failed.extend(failed);
        } else {
            decided.copies.clear();
            for (variant, places) in variants {
                let again = if variant == first {
                    dispatch(&mail.apdu, &places, &context)
                } else {
                    let (settings, peer) = (self.varied(set, &variant), variant.peer.as_deref());
                    match self.converted(entry, content.clone(), rules, &settings, peer).await {
                        Ok(mail) => dispatch(&mail.apdu, &places, &context),
                        Err(ended) => return ended.map(Attempted::from),
                    }
                };
                let kept = self.understood(&name, again.copies, &variant).await;
                let (copies, failed) = kept.map_err(|error| refused_for_now(&error))?;
                decided.copies.extend(copies);
                decided.failed.extend(failed.into_iter().chain(again.failed));
            }
        }
        drop((content, turn));
        for (place, why) in &decided.explanations {
            tracing::debug!(queue_id = %entry.id, recipient = mail.number(*place), why, "routed");
        }
        // A rule names recipients as the queue has them, copies by their places in the envelope.
        let firsts = decided.copies.iter().filter_map(|copy| {
            let numbers = copy.recipients.iter().filter_map(|place| mail.number(*place));
            Some((copy.peers.first()?.as_str(), numbers.collect()))
        });
        if let Some(hold) = self.holds.of_copies(entry, firsts) {
            return Ok(held(entry, hold));
        }
        let sent = self
            .hops
            .send(&name, &decided.copies, &context)
            .await
            .map_err(|error| refused_for_now(&error))?;
        let mut outcomes: Vec<RecipientOutcome> = mail
            .refused
            .iter()
            .map(|(number, error)| RecipientOutcome { number: *number, outcome: address_outcome(error) })
            .collect();
        let mut add = |place, outcome| {
            outcomes.extend(mail.number(place).map(|number| RecipientOutcome { number, outcome }));
        };
        for (copy, sent) in decided.copies.iter().zip(sent) {
            let outcome = match sent {
                Ok((to, length)) => {
                    let rules = rules.version();
                    tracing::info!(queue_id = %entry.id, to, length, losses = mail.losses, rules, "transferred");
                    Outcome::Transferred { to, detail: format!("{length} octets of P1") }
                }
                Err(error) => not_transferred(entry, error),
            };
            copy.recipients.iter().for_each(|place| add(*place, outcome.clone()));
        }
        for (place, policy) in not_permitted {
            let code = policy.failure().enhanced_code().to_string();
            add(place, Outcome::Failed { code, detail: policy.reason().to_owned() });
        }
        for (place, Undeliverable { non_delivery, text }) in decided.failed {
            tracing::error!(queue_id = %entry.id, recipient = mail.number(place), %non_delivery, why = text, "not routed");
            let cause = Cause::Reported { non_delivery, supplementary_information: None };
            add(place, Outcome::Failed { code: cause.enhanced_code().to_string(), detail: text });
        }
        // Y-23: in the commit that writes down that it was passed on.
        let was_passed_on = outcomes.iter().any(|one| matches!(one.outcome, Outcome::Transferred { .. }));
        let memories = mail.known.filter(|_| was_passed_on).and_then(|known| memory(&known));
        let consequences =
            Consequences { memories: memories.into_iter().collect(), ..Consequences::default() };
        Ok(Attempted { outcomes, consequences })
    }

    /// The places of those who may get a mail, and of those who may not, with the policy that says so.
    fn permitted<'a>(
        &self,
        entry: &Entry,
        mail: &Mail,
        rules: &'a Rules,
        table: &'a Table,
    ) -> (Vec<u32>, Vec<(u32, &'a Policy)>) {
        let Apdu::Message { envelope, .. } = &mail.apdu else { return (mail.places(), Vec::new()) };
        if rules.policies().is_empty() {
            return (mail.places(), Vec::new());
        }
        let judge = judged::Mail::of_entry(rules, table, entry, envelope, &self.settings);
        let (mut permitted, mut refused) = (Vec::new(), Vec::new());
        for (place, fields) in (1..).zip(&envelope.per_recipient_fields) {
            let address = judged::address_of(entry, fields).unwrap_or_default();
            match judge.refused(address, &fields.recipient_name) {
                None => permitted.push(place),
                Some(policy) => {
                    judged::log(Some(entry), rules, policy, &address);
                    refused.push((place, policy));
                }
            }
        }
        (permitted, refused)
    }

    /// How the mail is converted for the recipients of these copies, and for which of them alike.
    fn variants(
        &self,
        entry: &Entry,
        mail: &Mail,
        copies: &[Copy],
        rules: &Rules,
        table: &Table,
    ) -> BTreeMap<Variant, Vec<u32>> {
        let mut variants: BTreeMap<Variant, Vec<u32>> = BTreeMap::new();
        let Apdu::Message { envelope, .. } = &mail.apdu else { return variants };
        let judge = judged::Mail::of_entry(rules, table, entry, envelope, &self.settings);
        for copy in copies {
            // a peer that speaks P1 of 1984 gets nothing of 1988, so what goes there is converted for it.
            let of_1984 = self.hops.may_be_1984(copy);
            let military =
                self.hops.military(copy).filter(|said| !of_1984 && *said != self.settings.military);
            let peer = copy.peers.first().filter(|_| rules.registry().has_peers()).cloned();
            for place in &copy.recipients {
                let fields = envelope.per_recipient_fields.get((*place as usize).saturating_sub(1));
                let selection = fields.map(|fields| {
                    let address = judged::address_of(entry, fields).unwrap_or_default();
                    judge.selection(address, Some(&fields.recipient_name))
                });
                let selection = selection.unwrap_or_default();
                let variant = Variant { of_1984, military, selection, peer: peer.clone() };
                variants.entry(variant).or_default().push(*place);
            }
        }
        variants
    }

    /// The decisions for a variant.
    fn varied(&self, rules: &Rules, variant: &Variant) -> Arc<Settings> {
        let base = if variant.of_1984 { &self.settings_1984 } else { &self.settings };
        if variant.military.is_none() && variant.selection.is_empty() {
            return Arc::clone(base);
        }
        let settings = rules.settings(&variant.selection, base);
        let military = variant.military.unwrap_or(settings.military);
        Arc::new(Settings { military, ..settings })
    }

    /// The copies of a variant that their next hops can be told, and for whom the others were.
    async fn understood(
        &self,
        name: &str,
        mut copies: Vec<Copy>,
        variant: &Variant,
    ) -> io::Result<(Vec<Copy>, Vec<(u32, Undeliverable)>)> {
        // Several copies to one peer are several messages there.
        let selection = &variant.selection;
        for copy in copies.iter_mut().filter(|_| !selection.is_empty()) {
            copy.named = Some(selection.to_string());
        }
        match variant.of_1984 {
            true => self.hops.downgradable(name, copies).await,
            false => Ok((copies, Vec::new())),
        }
    }

    /// What routing is told about a mail.
    fn mail_context<'a>(
        &'a self,
        entry: &Entry,
        rules: &'a InForce,
        now: OffsetDateTime,
    ) -> RelayContext<'a> {
        let held = entry.envelope.options.hold_until;
        RelayContext {
            table: rules.table(),
            us: self.hops.us(),
            origin: RelayOrigin::Internet,
            // What comes from the Internet does not go there again.
            deliverable: &|_| {
                Err(Undeliverable {
                    non_delivery: OwnFailure::Loop.non_delivery(),
                    text: "a route leads back to the Internet".into(),
                })
            },
            relay: self.hops.relay(),
            arrival: entry.received_at,
            held_until: held.and_then(|held| OffsetDateTime::from_unix_timestamp(held).ok()),
            now,
        }
    }

    /// Keeps with the entry what its conversion lost. That it cannot be kept is no reason not to transfer the message.
    pub(super) async fn note(&self, entry: &Entry, losses: &Losses) {
        // Nothing lost is what is there already.
        if losses.is_empty() && entry.pending().all(|recipient| recipient.attempts == 0) {
            return;
        }
        let list = serde_json::to_string(losses).unwrap_or_default();
        if let Err(error) = self.store.note_losses(entry.id, list).await {
            tracing::warn!(queue_id = %entry.id, %error, "what the conversion lost was not kept");
        }
    }

    /// Converts a mail by these rules and decisions; else what became of its recipients.
    async fn converted(
        &self,
        entry: &Entry,
        content: Bytes,
        rules: &InForce,
        settings: &Settings,
        peer: Option<&str>,
    ) -> Result<Mail, Result<Vec<RecipientOutcome>, Outcome>> {
        let run = convert(entry, content, rules, settings, peer).await;
        if let Some(why) = run.waiting {
            // M-10: not for ever; then the address is encapsulated.
            tracing::warn!(queue_id = %entry.id, why, "waits for an address in its header");
            return Err(Err(later(Failure::Undetermined, format!("an address in the header: {why}"))));
        }
        let conversion = run.made.map_err(|refusal| {
            tracing::error!(queue_id = %entry.id, %refusal, "cannot be converted");
            not_converted(&refusal)
        })?;
        Ok(self.mail_of(entry, rules, conversion).await)
    }

    /// A conversion that is made use of.
    async fn mail_of(&self, entry: &Entry, rules: &InForce, conversion: Conversion) -> Mail {
        let is_large = conversion.length() > IN_MEMORY;
        let Conversion { envelope, content, losses, refused, known } = conversion;
        self.lost.note(entry, &losses);
        self.watch.converted(entry, &losses, &rules.version());
        self.note(entry, &losses).await;
        // Who knows when it can go.
        let content = match is_large && self.hops.are_busy() {
            true => self.waiting.put_away(content).await,
            false => content.into(),
        };
        let numbers = envelope.per_recipient_fields.iter();
        let numbers = numbers.map(|fields| u32::try_from(fields.originally_specified_recipient_number).ok());
        Mail {
            numbers: numbers.collect(),
            apdu: Apdu::Message { envelope: Box::new(envelope), content, unknown: Vec::new() },
            refused,
            losses: losses.as_slice().len(),
            known,
        }
    }
}

/// How a mail is converted for some of its recipients, where that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Variant {
    /// For peers of 1984.
    of_1984: bool,
    /// When it becomes a military message, if not as everywhere.
    military: Option<Military>,
    /// What rules say about bodies and header fields.
    selection: Selection,
    /// The peer whose rules about addresses count, where there are such.
    peer: Option<String>,
}

/// A converted mail.
struct Mail {
    apdu: Apdu,
    /// The numbers in the queue of the recipients of the envelope, in their order there.
    numbers: Vec<Option<u32>>,
    /// Recipients that have no X.400 address, by number.
    refused: Vec<(u32, AddressError)>,
    /// How much was lost.
    losses: usize,
    /// What is to be remembered of it, if anybody may hear of it again.
    known: Option<Correlation>,
}

impl Mail {
    /// The places of all recipients in the envelope, from 1.
    fn places(&self) -> Vec<u32> {
        (1..).zip(&self.numbers).map(|(place, _)| place).collect()
    }

    /// The number in the queue of the recipient at this place.
    fn number(&self, place: u32) -> Option<u32> {
        self.numbers.get(usize::try_from(place).ok()?.checked_sub(1)?).copied().flatten()
    }
}

/// Nothing was tried, and nothing will be until the operator says so.
pub(super) fn held(entry: &Entry, hold: Hold) -> Attempted {
    tracing::info!(queue_id = %entry.id, why = hold.reason, "held");
    let outcome = Outcome::Held { until: OffsetDateTime::now_utc(), diagnosis: hold.reason.clone() };
    let outcomes =
        entry.pending().map(|one| RecipientOutcome { number: one.number, outcome: outcome.clone() });
    let consequences = Consequences { hold: Some(hold), ..Consequences::default() };
    Attempted { outcomes: outcomes.collect(), consequences }
}

/// What a failed transfer means for the recipients.
pub(super) fn not_transferred(entry: &Entry, error: TransferError) -> Outcome {
    match error {
        TransferError::NotTaken { retry: false, .. } => {
            tracing::error!(queue_id = %entry.id, %error, "refused for good");
            Outcome::Failed { code: "5.0.0".into(), detail: error.to_string() }
        }
        TransferError::NotTaken { wait, .. } => {
            tracing::warn!(queue_id = %entry.id, %error, ?wait, "not transferred");
            not_before(Failure::Refused, error.to_string(), wait)
        }
        TransferError::NoAssociation { peer, why, advice, wait } => {
            tracing::warn!(queue_id = %entry.id, peer, why, advice, ?wait, "not transferred");
            let advice = if advice.is_empty() { String::new() } else { format!(" ({advice})") };
            not_before(Failure::Unreachable, format!("no association with {peer}: {why}{advice}"), wait)
        }
    }
}

/// What a refused conversion means for the recipients; those of whom something is undetermined are tried again (M-09).
fn not_converted(refusal: &Refusal) -> Result<Vec<RecipientOutcome>, Outcome> {
    match refusal {
        Refusal::Recipients(refused) => {
            let outcome = |(number, error): &(u32, AddressError)| RecipientOutcome {
                number: *number,
                outcome: address_outcome(error),
            };
            Ok(refused.iter().map(outcome).collect())
        }
        Refusal::Sender(AddressError::Undetermined { .. }) => {
            Err(later(Failure::Undetermined, refusal.to_string()))
        }
        _ => Err(Outcome::Failed {
            code: status(refusal).permanent().to_string(),
            detail: refusal.to_string(),
        }),
    }
}

/// The address that is in the way of a conversion and may not be for long.
pub(super) fn undetermined(refusal: &Refusal) -> Option<&AddressError> {
    let is_undetermined = |error: &&AddressError| matches!(error, AddressError::Undetermined { .. });
    match refusal {
        Refusal::Sender(error) => Some(error).filter(is_undetermined),
        Refusal::Recipients(refused) => refused.iter().map(|(_, error)| error).find(is_undetermined),
        _ => None,
    }
}

/// What a missing X.400 address means for a recipient.
fn address_outcome(error: &AddressError) -> Outcome {
    match error {
        AddressError::Undetermined { .. } => later(Failure::Undetermined, error.to_string()),
        AddressError::Unmappable { .. } => Outcome::Failed {
            code: StatusDetail::BAD_MAILBOX_X_1_1.permanent().to_string(),
            detail: error.to_string(),
        },
    }
}

/// What kind of failure a refused conversion is (F-01, F-05).
pub(super) const fn status(refusal: &Refusal) -> StatusDetail {
    match refusal {
        Refusal::Sender(_) => StatusDetail::BAD_SENDER_SYNTAX_X_1_7,
        Refusal::Recipients(_) => StatusDetail::BAD_MAILBOX_X_1_1,
        Refusal::Loop { .. } => StatusDetail::LOOP_DETECTED_X_4_6,
        Refusal::TooLarge { .. } | Refusal::PartTooLarge { .. } => {
            StatusDetail::MESSAGE_TOO_BIG_FOR_SYSTEM_X_3_4
        }
        Refusal::Label(_) => StatusDetail::NOT_AUTHORISED_X_7_1,
        Refusal::Aviation(_) => StatusDetail::MEDIA_NOT_SUPPORTED_X_6_1,
        Refusal::Encoding(_) => StatusDetail::CONVERSION_FAILED_X_6_5,
    }
}

pub(super) fn later(failure: Failure, diagnosis: String) -> Outcome {
    Outcome::Retry { failure, diagnosis, not_before: None }
}

/// Later, and not before so long from now, if the pool said so.
fn not_before(failure: Failure, diagnosis: String, wait: Option<Duration>) -> Outcome {
    let not_before = wait.and_then(|wait| OffsetDateTime::now_utc().checked_add(wait.try_into().ok()?));
    Outcome::Retry { failure, diagnosis, not_before }
}
