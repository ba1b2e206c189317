//! The Internet side wired to the rest: addresses are mapped while the client waits, and a message is in the queue before
//! the client hears `250`.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

mod completed;
pub(super) mod entry;
pub(super) mod recipients;
pub(super) mod relaying;
pub(crate) mod verdict;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rasn_x400::x411::envelope::Priority;
use time::OffsetDateTime;
use tokio::sync::OwnedSemaphorePermit;

use super::conversion::{Conversion, Conversions, convert};
use super::examined::Examination;
use super::in_force::{CurrentRules, InForce};
use super::judged::{self, Mail, Ruled};
use super::relay;
use super::waiting::WaitingRoom;
use super::watching::{SMTP, TurnedAway, Watch, stopwatch};
use crate::gathering::Gathering;
use crate::mixer::Settings;
use crate::mixer::date::from_utc_time;
use crate::mixer::to_x400::Refusal;
use crate::mta::route::Table;
use crate::queue::entry::{Content, Entry, Origin};
use crate::queue::store::sqlite::SqliteStore;
use crate::queue::store::{Answer, Error as StoreError, Store as _};
use crate::rules::Rules;
use crate::rules::policy::Policy;
use crate::smtp::command::Domain;
use crate::smtp::listener::Acceptor;
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};
use crate::smtp::submission::{Content as Submitted, Submission};
use crate::status::Failure;
use entry::{mail_entry, new_name, shared};
use relaying::Denied;

/// Takes over messages.
pub(super) struct Intake {
    pub(super) store: Arc<SqliteStore>,
    pub(super) rules: CurrentRules,
    pub(super) settings: Arc<Settings>,
    pub(super) watch: Arc<Watch>,
    /// What identifiers end with, where messages get what they lack (RFC 6409 8).
    pub(super) completes: Option<Domain>,
    /// Where mails come from is found out here.
    pub(super) examination: Examination,
    /// Large ones wait there while they come.
    pub(super) waiting: WaitingRoom,
    /// What they are converted to is kept there.
    pub(super) conversions: Arc<Conversions>,
}

impl Acceptor for Intake {
    fn gathering(&self) -> Gathering {
        self.waiting.gathering()
    }

    async fn room(&self, octets: u64) -> Result<Option<OwnedSemaphorePermit>, Reply> {
        self.waiting.leave(octets).await
    }

    /// A message is converted once before it is accepted, so that nothing is accepted that could not go on.
    async fn accept(&self, submission: Submission) -> Result<String, Reply> {
        let took = stopwatch();
        let now = OffsetDateTime::now_utc();
        let examined = self.examination.of(&submission).await;
        let mut entry = entry_of(submission, self.completes.as_ref(), now)?;
        let (id, identifier) = (entry.id, entry.identifier.clone());
        let accepted = match examined {
            Ok(found) => {
                if let Origin::Smtp { results, .. } = &mut entry.origin {
                    *results = found;
                }
                self.take_once(SMTP, entry, None, now, &took).await
            }
            Err(denied) => Err(denied),
        };
        accepted.map(|_| id.to_string()).map_err(|Denied { policy, reply }| {
            let (answer, text) = (reply.code().to_string(), reply.to_string());
            let (answer, text, identifier) = (answer.as_str(), text.as_str(), identifier.as_deref());
            let what = "message";
            self.watch.refused(&TurnedAway {
                from: SMTP,
                id: Some(id),
                identifier,
                what,
                answer,
                text,
                policy,
            });
            reply
        })
    }
}

impl Intake {
    /// Puts a message into the queue, if it can go on. One with an answer is put there unless another was answered under the same
    /// key; then that answer is given.
    ///
    /// # Errors
    /// It cannot go on, policies refuse it for all of its recipients, or the queue did not keep it.
    pub(super) async fn take_once(
        &self,
        side: (&str, &str),
        mut entry: Entry,
        answer: Option<Answer>,
        now: OffsetDateTime,
        took: &(impl Fn() -> Duration + Sync),
    ) -> Result<Option<Answer>, Denied> {
        let length = entry.content.length();
        let octets = match &entry.content {
            Content::Inline(octets) => octets.clone(),
            Content::File { .. } | Content::Spool { .. } | Content::Discarded { .. } => {
                return Err(unavailable().into());
            }
        };
        // What is undetermined in its header can be looked up while it is in the queue.
        let rules = self.rules.get();
        let (set, table) = (rules.rules(), rules.table());
        let Tried { mut conversions, is_usual } = match self.tried(&entry, octets, &rules).await {
            Ok(tried) => tried,
            Err(refusal) => {
                tracing::info!(queue_id = %entry.id, %refusal, "refused before acceptance");
                let code = match &refusal {
                    _ if super::transfer::undetermined(&refusal).is_some() => {
                        return Err(Reply::new(
                            ReplyCode::LOCAL_ERROR_451,
                            Failure::MappingUnavailable.enhanced_code().detail,
                            format!("cannot be converted to X.400 now: {refusal}"),
                        )
                        .into());
                    }
                    // D-41, F-14
                    Refusal::TooLarge { .. } | Refusal::PartTooLarge { .. } => {
                        ReplyCode::EXCEEDED_STORAGE_552
                    }
                    _ => ReplyCode::TRANSACTION_FAILED_554,
                };
                return Err(Reply::new(
                    code,
                    super::transfer::status(&refusal),
                    format!("cannot be converted to X.400: {refusal}"),
                )
                .into());
            }
        };
        if let Some(denied) = refused_for_all(&entry, &conversions, set, table, &self.settings) {
            return Err(denied);
        }
        let first = conversions.first().map(|first| &first.envelope);
        entry.urgency = relay::urgency(first.map_or(Priority::NORMAL, |envelope| envelope.priority));
        entry.rules_version = Some(rules.version());
        // X.411 14.3.1: a message is held where it is submitted, and that is here.
        let deferred = first.and_then(|envelope| envelope.deferred_delivery_time.as_ref());
        let held_until = deferred.and_then(from_utc_time).filter(|until| *until > now);
        if let Some(until) = held_until {
            relay::hold(&mut entry, until);
            tracing::info!(queue_id = %entry.id, %until, "held, as its sender asked");
        }
        let (id, recipients) = (entry.id, entry.envelope.recipients.len());
        let from = entry.envelope.reverse_path.clone().unwrap_or_default();
        let told = self.watch.to_be_told(&entry);
        let identity = match &entry.origin {
            Origin::Smtp { identity, .. } => identity.clone(),
            Origin::Http { .. } | Origin::P1 { .. } | Origin::Local => None,
        };
        // Before it is in the queue, where it may be tried before this hears of that. What is not kept takes no memory meanwhile.
        if is_usual
            && held_until.is_none()
            && let Some(conversion) = conversions.pop()
        {
            self.conversions.keep(&entry, &rules, conversion);
        }
        drop(conversions);
        let kept = match answer {
            None => self.store.insert(entry).await.map(|()| None),
            Some(answer) => self.store.insert_answered(entry, answer).await,
        };
        let before = kept.map_err(|error| {
            self.conversions.forget(id);
            tracing::error!(queue_id = %id, %error, "not accepted");
            not_kept(&error)
        })?;
        if before.is_some() {
            self.conversions.forget(id);
            return Ok(before);
        }
        tracing::info!(queue_id = %id, from, identity, recipients, length, rules = rules.version(), "accepted");
        self.watch.accepted(side, told.as_ref(), took());
        Ok(None)
    }
}

/// What a mail would be converted to.
struct Tried {
    /// One for each peer whose rules say otherwise what becomes of it; where there are several, without their contents.
    conversions: Vec<Conversion>,
    /// Whether no rule says anything of it that the transfer has yet to find out.
    is_usual: bool,
}

impl Intake {
    /// Converts a mail as the transfer will. A mail that some can get is taken, and its sender is told of the others.
    async fn tried(&self, entry: &Entry, octets: Bytes, rules: &InForce) -> Result<Tried, Refusal> {
        let mut tried = Tried { conversions: Vec::new(), is_usual: true };
        let mut refused = None;
        let shares = judged::shares_of_entry(rules.rules(), rules.table(), entry);
        let is_one = shares.len() == 1;
        for (Ruled { selection, peer }, places) in shares {
            let changed = (!selection.is_empty()).then(|| rules.rules().settings(&selection, &self.settings));
            let settings = changed.as_ref().unwrap_or(&self.settings);
            let share = (!is_one).then(|| shared(entry, &places));
            let share = share.as_ref().unwrap_or(entry);
            let run = convert(share, octets.clone(), rules, settings, peer.as_deref()).await;
            tried.is_usual &= is_one && changed.is_none() && peer.is_none() && run.waiting.is_none();
            // Who is not found now may be soon.
            tried.is_usual &= run.made.as_ref().is_ok_and(|conversion| conversion.refused.is_empty());
            match run.made {
                Ok(conversion) if is_one => tried.conversions.push(conversion),
                Ok(conversion) => tried.conversions.push(Conversion { content: Vec::new(), ..conversion }),
                // What may pass is waited for.
                Err(refusal) => match &refused {
                    Some(_) if super::transfer::undetermined(&refusal).is_none() => {}
                    _ => refused = Some(refusal),
                },
            }
        }
        match refused.filter(|_| tried.conversions.is_empty()) {
            Some(refusal) => Err(refusal),
            None => Ok(tried),
        }
    }
}

/// Why a message is not taken that policies refuse for every recipient, now that all of it is known. One that some may get is
/// taken, and its sender is told of the others.
fn refused_for_all(
    entry: &Entry,
    conversions: &[Conversion],
    rules: &Rules,
    table: &Table,
    settings: &Settings,
) -> Option<Denied> {
    if rules.policies().is_empty() {
        return None;
    }
    let mut refused = Vec::new();
    for Conversion { envelope, .. } in conversions {
        let mail = Mail::of_entry(rules, table, entry, envelope, settings);
        for fields in &envelope.per_recipient_fields {
            let address = judged::address_of(entry, fields)?;
            refused.push((mail.refused(address, &fields.recipient_name)?, address));
        }
    }
    refused.iter().for_each(|(policy, address)| judged::log(Some(entry), rules, policy, address));
    refused.first().map(|(policy, _)| by_rule(policy))
}

/// What a policy does not let pass.
fn by_rule(policy: &Policy) -> Denied {
    Denied { policy: "rule", reply: verdict::not_permitted(policy) }
}

/// The reply when the queue did not keep a message.
pub(super) fn not_kept(error: &StoreError) -> Reply {
    match error {
        StoreError::Full { .. } => Reply::new(
            ReplyCode::INSUFFICIENT_STORAGE_452,
            StatusDetail::SYSTEM_FULL_X_3_1,
            "no room in the queue; try again later",
        ),
        _ => unavailable(),
    }
}

pub(super) fn unavailable() -> Reply {
    Reply::new(
        ReplyCode::LOCAL_ERROR_451,
        StatusDetail::OTHER_SYSTEM_X_3_0,
        "the queue is not available; try again later",
    )
}

/// A queue entry from what an SMTP client submitted.
fn entry_of(submission: Submission, completes: Option<&Domain>, now: OffsetDateTime) -> Result<Entry, Reply> {
    let protocol = submission.protocol_name();
    let Submission { peer, helo, identity, reverse_path, mail_parameters, recipients, content, .. } =
        submission;
    let id = new_name(now)?;
    let Submitted::InMemory(octets) = content;
    let octets = match completes {
        Some(domain) => completed::completed(octets, id, domain, now),
        None => octets,
    };
    let origin = Origin::Smtp { peer, helo: helo.to_string(), protocol, identity, results: None };
    Ok(mail_entry((id, now), origin, (reverse_path, mail_parameters), recipients, octets))
}
