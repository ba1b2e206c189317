//! The way to the Internet side: what came over P1 is converted and sent by SMTP, and mails of our own are sent as they are.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use rasn_x400::ber;
use rasn_x400::x411::envelope::{MessageTransferEnvelope, PerRecipientFields, PerRecipientIndicators};
use rasn_x400::x420::InformationObject;
use time::OffsetDateTime;

use super::conversion::{CONVERTED_IN_PLACE, input};
use super::home::{memory, numbers, written};
use super::in_force::InForce;
use super::judged::Arrived;
use super::relay::for_the_internet;
use super::transfer::{Transfer, later};
use super::whole::Identifiers;
use super::with_causes;
use crate::lookup::Run;
use crate::mixer::address::Mapper;
use crate::mixer::body::element::joined;
use crate::mixer::correlation::{Correlation, notification_keys};
use crate::mixer::envelope::{gateway_reports_delivery, mails};
use crate::mixer::loss::Losses;
use crate::mixer::mail::{BodyType, MailOptions};
use crate::mixer::rope::Rope;
use crate::mixer::to_internet::{Converted, Input, Refusal, convert};
use crate::mixer::to_x400::Input as MailInput;
use crate::mixer::{Context, Settings};
use crate::mta::content::Content;
use crate::mta::relay::Dispatch;
use crate::queue::entry::Entry;
use crate::queue::schedule::Failure;
use crate::queue::store::{About, Consequences, Error as StoreError, Store as _};
use crate::queue::worker::{Attempted, Outcome, RecipientOutcome};
use crate::rules::selection::Selection;
use crate::smtp::client::dialogue::Verdict;
use crate::smtp::client::dkim::{Author, Origin};
use crate::smtp::client::{Mail, Sent};
use crate::status::{Cause, Failure as OwnFailure, NonDelivery, StatusClass};

/// The first octet of a content that is a notification: InformationObject, `ipn [1]`.
const NOTIFICATION: u8 = 0xa1;

/// How a failure is written down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vocabulary {
    /// For X.400 originators: reason and diagnostic.
    X400,
    /// For mail: an enhanced status code.
    Internet,
}

impl Vocabulary {
    fn code(self, cause: &Cause) -> String {
        match self {
            Self::X400 => cause.non_delivery().to_string(),
            Self::Internet => cause.enhanced_code().to_string(),
        }
    }
}

impl Transfer {
    /// Sends a mail as it is.
    pub(super) async fn internet(&self, entry: &Arc<Entry>) -> Vec<RecipientOutcome> {
        if self.hold_internet {
            let now = OffsetDateTime::now_utc();
            let held =
                |number| RecipientOutcome { number, outcome: for_the_internet(entry, None, number, now) };
            return entry.pending().map(|one| held(one.number)).collect();
        }
        let content = match self.store.content(entry).await {
            Ok(content) => content,
            Err(error) => {
                let outcome = later(Failure::Refused, with_causes(&error));
                let pending = entry.pending();
                return pending
                    .map(|one| RecipientOutcome { number: one.number, outcome: outcome.clone() })
                    .collect();
            }
        };
        let sent = self.internet.send(&mail_of(entry, content)).await;
        let outcome = |one: Sent| {
            log(entry, &one, None);
            RecipientOutcome { number: one.number, outcome: outcome(one, None, Vocabulary::Internet) }
        };
        sent.into_iter().map(outcome).collect()
    }

    /// Converts a message that came over P1, and sends it to those of its recipients who are on the Internet side.
    pub(super) async fn deliver(
        &self,
        entry: &Arc<Entry>,
        envelope: &MessageTransferEnvelope,
        content: &Content,
        decided: &Dispatch,
        rules: &InForce,
    ) -> Attempted {
        let places = &decided.internet;
        // Large ones take turns to be in memory, until they are sent.
        let _turn = match self.waiting_for_the_internet.leave(content.length()).await {
            Ok(turn) => turn,
            Err(reply) => return everyone(places, &later(Failure::Refused, reply.to_string())).into(),
        };
        let content = content.clone();
        let read = tokio::task::spawn_blocking(move || content.read().map(joined));
        let content = match read.await.map_err(io::Error::other).and_then(std::convert::identity) {
            Ok(content) => content,
            Err(error) => return everyone(places, &later(Failure::Refused, error.to_string())).into(),
        };
        let envelope = decided.renamed(envelope.clone());
        let (remembered, keys) = match self.subject_of(&content).await {
            Ok(found) => found,
            Err(error) => return everyone(places, &later(Failure::Refused, with_causes(&error))).into(),
        };
        let version = rules.version();
        let mut outcomes = Vec::with_capacity(places.len());
        let mut memories = Vec::new();
        let mut losses = Losses::default();
        // who shares a mail.
        let groups = mails(&envelope, places, &self.settings);
        for (settings, group) in self.by_rules(entry, &envelope, &content, groups, rules) {
            let input =
                Input { envelope: envelope.clone(), content: content.clone(), recipients: group.clone() };
            let run = self.mail_from(entry, &input, remembered.as_ref(), rules, &settings).await;
            if let Some(why) = run.waiting {
                // M-10: not for ever; then the address is encapsulated.
                let outcome = later(Failure::Undetermined, format!("an address in the header: {why}"));
                outcomes.extend(everyone(&group, &outcome));
                continue;
            }
            let converted = match run.made {
                Ok(converted) => converted,
                Err(refusal) => {
                    outcomes.extend(refused(entry, &group, &refusal));
                    continue;
                }
            };
            let known = converted.reverse_path.is_some().then(|| Correlation::of_message(&input, &converted));
            let Converted {
                reverse_path, options, recipients, content, authors, losses: lost, refused, ..
            } = converted;
            losses.append(lost);
            outcomes.extend(refused.iter().map(|(number, refusal)| RecipientOutcome {
                number: *number,
                outcome: not_converted(entry, *number, refusal.failure(), None, refusal.to_string()),
            }));
            let peer = self.hops.peer_of_entry(entry).map(str::to_owned);
            let author = Author::Message { found: authors, peer };
            let origin = Origin { author, received_at: entry.received_at };
            let mail = Mail { reverse_path, options, recipients, content: Arc::new(content), origin };
            let mut was_passed_on = false;
            for one in self.internet.send(&mail).await {
                log(entry, &one, Some(&version));
                was_passed_on |= matches!(one.verdict, Verdict::Taken(_));
                let number = one.number;
                let indicators = place(&envelope, number).map(|fields| &fields.per_recipient_indicators);
                let outcome = outcome(one, indicators, Vocabulary::X400);
                outcomes.push(RecipientOutcome { number, outcome });
            }
            // Y-23: whoever hears of it again must know what it was.
            memories.extend(known.filter(|_| was_passed_on).and_then(|known| memory(&known)));
        }
        // A receipt tells of whoever made it.
        let reader = remembered.as_ref().and_then(|known| known.by_name(&envelope.originator_name));
        let about = About { keys, recipients: numbers(reader.into_iter()) };
        // F-17
        self.lost.note(entry, &losses);
        self.watch.converted(entry, &losses, &version);
        self.note(entry, &losses).await;
        Attempted { outcomes, consequences: Consequences { memories, about, ..Consequences::default() } }
    }

    /// Those who share a mail, parted by what rules say about bodies and header fields, with the decisions for each.
    fn by_rules(
        &self,
        entry: &Entry,
        envelope: &MessageTransferEnvelope,
        content: &Bytes,
        groups: Vec<Vec<u32>>,
        rules: &InForce,
    ) -> Vec<(Arc<Settings>, Vec<u32>)> {
        let rules = rules.rules();
        let as_always = || groups.iter().map(|group| (Arc::clone(&self.settings), group.clone())).collect();
        if !rules.change_settings() {
            return as_always();
        }
        let peer = self.hops.peer_of_entry(entry);
        let mapper = Mapper::new(rules).for_peer(peer).without_steps();
        let message = (envelope, content.len() as u64);
        let arrived = Arrived::message(rules, mapper, peer, message, &self.settings);
        let mut parted = Vec::with_capacity(groups.len());
        for group in groups {
            let mut alike: BTreeMap<Selection, Vec<u32>> = BTreeMap::new();
            for number in group {
                let fields = envelope.per_recipient_fields.get((number as usize).saturating_sub(1));
                let selection = fields.map(|fields| arrived.selection(&fields.recipient_name));
                alike.entry(selection.unwrap_or_default()).or_default().push(number);
            }
            parted.extend(alike.into_iter().map(|(selection, group)| match selection.is_empty() {
                true => (Arc::clone(&self.settings), group),
                false => (Arc::new(rules.settings(&selection, &self.settings)), group),
            }));
        }
        parted
    }

    /// What is remembered of the message that a notification is about, and by which keys; `None` if the content is something else,
    /// or it is not remembered.
    async fn subject_of(&self, content: &Bytes) -> Result<(Option<Correlation>, Vec<String>), StoreError> {
        if content.first() != Some(&NOTIFICATION) {
            return Ok((None, Vec::new()));
        }
        match ber::decode(content, content.len()) {
            Ok(InformationObject::Ipn(ipn)) => {
                let keys = notification_keys(&ipn);
                Ok((self.recall(&keys, |_| true).await?, written(&keys)))
            }
            // What cannot be read is refused when it is converted.
            Ok(_) | Err(_) => Ok((None, Vec::new())),
        }
    }

    /// The same message gives the same mail every time: what is stamped on it is when it arrived here.
    async fn mail_from(
        &self,
        entry: &Entry,
        input: &Input,
        remembered: Option<&Correlation>,
        rules: &InForce,
        settings: &Settings,
    ) -> Run<Result<Converted, Refusal>> {
        let name = entry.id.to_string();
        let now = entry.received_at;
        let large = input.content.len() > CONVERTED_IN_PLACE;
        let mappings = rules.mappings();
        let waited = (OffsetDateTime::now_utc() - entry.received_at).try_into().unwrap_or_default();
        let peer = self.hops.peer_of_entry(entry);
        let mut identifiers = Identifiers::default();
        loop {
            let work = |mapper: Mapper<'_>| {
                let mapper = identifiers.over(mapper.for_peer(peer).without_steps());
                let context = Context { mapper: &mapper, settings, message_identifier: &name, now };
                convert(input, remembered, &context)
            };
            let run = mappings.run(mappings.headers(waited), |mapper| {
                if large { tokio::task::block_in_place(|| work(mapper)) } else { work(mapper) }
            });
            let run = run.await;
            // Y-25
            if !self.look_up(&mut identifiers).await {
                return run;
            }
        }
    }
}

fn place(envelope: &MessageTransferEnvelope, number: u32) -> Option<&PerRecipientFields> {
    envelope.per_recipient_fields.get(usize::try_from(number).ok()?.checked_sub(1)?)
}

/// A mail of the queue, for those who are still to get it.
fn mail_of(entry: &Entry, content: Bytes) -> Mail {
    let MailInput { content, reverse_path, options, recipients } = input(entry, content);
    let mut rope = Rope::default();
    rope.push(content);
    // What it is, whatever was said of it. It has been held already.
    let options = MailOptions { hold_until: None, body: Some(BodyType::of(&rope)), ..options };
    let origin = Origin { author: Author::Ours, received_at: entry.received_at };
    Mail { reverse_path, options, recipients, content: Arc::new(rope), origin }
}

/// The same outcome for these recipients.
fn everyone(places: &[u32], outcome: &Outcome) -> Vec<RecipientOutcome> {
    places.iter().map(|number| RecipientOutcome { number: *number, outcome: outcome.clone() }).collect()
}

/// Nobody of a group gets the message.
fn refused(entry: &Entry, group: &[u32], refusal: &Refusal) -> Vec<RecipientOutcome> {
    let all_alike = |number| {
        not_converted(entry, number, refusal.failure(), Some(refusal.non_delivery()), refusal.to_string())
    };
    let outcome = |number: u32| match refusal {
        Refusal::Recipients(each) => match each.iter().find(|(place, _)| *place == number) {
            Some((_, own)) => not_converted(entry, number, own.failure(), None, own.to_string()),
            None => all_alike(number),
        },
        _ => all_alike(number),
    };
    group.iter().map(|number| RecipientOutcome { number: *number, outcome: outcome(*number) }).collect()
}

/// a failure that may pass is waited for. `told` is what a report says, if that is more exact than the failure.
fn not_converted(
    entry: &Entry,
    number: u32,
    failure: OwnFailure,
    told: Option<NonDelivery>,
    why: String,
) -> Outcome {
    if failure.enhanced_code().class == StatusClass::PersistentTransientFailure {
        let kind =
            if failure == OwnFailure::MappingUnavailable { Failure::Undetermined } else { Failure::Refused };
        return later(kind, why);
    }
    tracing::warn!(queue_id = %entry.id, recipient = number, why, "not converted");
    Outcome::Failed { code: told.unwrap_or_else(|| failure.non_delivery()).to_string(), detail: why }
}

/// What the servers' answers mean for a recipient; `indicators` are what an X.400 originator asked for.
fn outcome(sent: Sent, indicators: Option<&PerRecipientIndicators>, vocabulary: Vocabulary) -> Outcome {
    let to = sent.server.unwrap_or_else(|| "nobody".to_owned());
    match sent.verdict {
        Verdict::Taken(reply) => {
            let detail = reply.to_string();
            //
            let is_ours = indicators.is_some_and(|bits| gateway_reports_delivery(bits, sent.asked_to_report));
            if is_ours { Outcome::Delivered { to, detail } } else { Outcome::Transferred { to, detail } }
        }
        Verdict::Refused(reply) if reply.code().is_permanent() => {
            // F-11, F-12, Q-55
            let cause = Cause::Replied(reply);
            Outcome::Failed { code: vocabulary.code(&cause), detail: cause.to_string() }
        }
        Verdict::Refused(reply) => later(Failure::Refused, Cause::Replied(reply).to_string()),
        Verdict::Impossible(why) => {
            let cause = Cause::Notified { status: why.status, diagnostic_code: None };
            Outcome::Failed { code: vocabulary.code(&cause), detail: why.text }
        }
        Verdict::Unanswered(diagnosis) => {
            let not_before =
                sent.wait.and_then(|wait| OffsetDateTime::now_utc().checked_add(wait.try_into().ok()?));
            Outcome::Retry { failure: Failure::Unreachable, diagnosis, not_before }
        }
    }
}

/// `rules` is the version by which it was converted, if it was.
fn log(entry: &Entry, sent: &Sent, rules: Option<&str>) {
    let Sent { number, verdict, server, asked_to_report, .. } = sent;
    let to = server.as_deref();
    match verdict {
        Verdict::Taken(reply) => {
            tracing::info!(queue_id = %entry.id, recipient = number, to, %reply, dsn = asked_to_report, rules, "sent by SMTP");
        }
        Verdict::Refused(reply) => {
            tracing::warn!(queue_id = %entry.id, recipient = number, to, %reply, "refused by SMTP");
        }
        Verdict::Impossible(why) => {
            tracing::warn!(queue_id = %entry.id, recipient = number, to, status = %why.status, %why, "cannot be sent by SMTP");
        }
        Verdict::Unanswered(why) => {
            tracing::warn!(queue_id = %entry.id, recipient = number, to, why, "not sent by SMTP");
        }
    }
}
