//! The way out: an entry of the queue is converted and transferred to the peer.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use time::OffsetDateTime;

use super::CurrentRules;
use crate::mixer::address::Mapper;
use crate::mixer::to_x400::{Context, Converted, Input, MailOptions, Recipient, Refusal, to_x400};
use crate::mixer::{AddressError, Settings};
use crate::mta::extensions;
use crate::mta::pool::{Message, Pool, TransferError};
use crate::queue::entry::{DeliverByMode, Entry};
use crate::queue::schedule::Failure;
use crate::queue::store::Store as _;
use crate::queue::store::sqlite::SqliteStore;
use crate::queue::worker::{Outcome, RecipientOutcome, Transferrer};
use crate::status::StatusDetail;

/// Contents of more octets are converted while other tasks move to other threads, so that nobody waits for them.
const CONVERTED_IN_PLACE: usize = 256 << 10;

/// Converts and transfers.
pub(super) struct Transfer {
    pub(super) store: Arc<SqliteStore>,
    pub(super) rules: CurrentRules,
    pub(super) settings: Arc<Settings>,
    pub(super) pool: Option<Pool>,
}

impl Transferrer for Transfer {
    async fn transfer(&self, entry: Arc<Entry>) -> Vec<RecipientOutcome> {
        let (outcome, refused) = match self.attempt(&entry).await {
            Ok((transferred, refused)) => (transferred, refused),
            Err(outcome) => (outcome, Vec::new()),
        };
        let outcome_of = |number| match refused.iter().find(|(refused, _)| *refused == number) {
            Some((_, error)) => address_outcome(error),
            None => outcome.clone(),
        };
        entry
            .pending()
            .map(|recipient| RecipientOutcome {
                number: recipient.number,
                outcome: outcome_of(recipient.number),
            })
            .collect()
    }
}

/// Recipients that have no X.400 address, by number.
type Refused = Vec<(u32, AddressError)>;

impl Transfer {
    /// What became of the recipients that have an X.400 address, and which have none; or what became of all.
    async fn attempt(&self, entry: &Arc<Entry>) -> Result<(Outcome, Refused), Outcome> {
        let Some(pool) = &self.pool else {
            return Err(later(Failure::Refused, "no [[peer]] is configured".into()));
        };
        // Not in vain: a peer that rests, or a message that does, needs no conversion.
        pool.would_take(&entry.id.to_string()).map_err(|error| not_transferred(entry, error))?;
        let content =
            self.store.content(entry).await.map_err(|error| later(Failure::Refused, error.to_string()))?;
        let mut converted =
            convert(entry, content, &self.rules, &self.settings).await.map_err(|refusal| {
                tracing::error!(queue_id = %entry.id, %refusal, "cannot be converted");
                Outcome::Failed {
                    code: status(&refusal).permanent().to_string(),
                    detail: refusal.to_string(),
                }
            })?;
        extensions::adapt(&mut converted.envelope, pool.quirks());
        let apdu = converted.mts_apdu().map_err(|error| later(Failure::Refused, error.to_string()))?;
        let length = apdu.len();
        let priority = converted.envelope.priority.into();
        let message = Message { priority, ..Message::new(&entry.id.to_string(), apdu.into_pieces()) };
        pool.transfer(message).await.map_err(|error| not_transferred(entry, error))?;
        tracing::info!(queue_id = %entry.id, to = pool.name(), length, losses = converted.losses.as_slice().len(), "transferred");
        // F-17: what did not survive is at least in the log.
        for loss in converted.losses.as_slice() {
            let (what, at, why) = (&loss.what, &loss.location, &loss.reason);
            tracing::info!(queue_id = %entry.id, what, at, why, clause = loss.clause, instead = ?loss.instead, "lost in conversion");
        }
        let transferred =
            Outcome::Transferred { to: pool.name().to_owned(), detail: format!("{length} octets of P1") };
        Ok((transferred, converted.refused))
    }
}

/// What a failed transfer means for the recipients.
fn not_transferred(entry: &Entry, error: TransferError) -> Outcome {
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

/// What a missing X.400 address means for a recipient.
fn address_outcome(error: &AddressError) -> Outcome {
    match error {
        AddressError::Undetermined { .. } => later(Failure::Refused, error.to_string()),
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
        Refusal::Encoding(_) => StatusDetail::CONVERSION_FAILED_X_6_5,
    }
}

fn later(failure: Failure, diagnosis: String) -> Outcome {
    Outcome::Retry { failure, diagnosis, not_before: None }
}

/// Later, and not before so long from now, if the pool said so.
fn not_before(failure: Failure, diagnosis: String, wait: Option<Duration>) -> Outcome {
    let not_before = wait.and_then(|wait| OffsetDateTime::now_utc().checked_add(wait.try_into().ok()?));
    Outcome::Retry { failure, diagnosis, not_before }
}

/// Converts an entry with the rules in force. The same entry gives the same MTS identifier every time.
pub(super) async fn convert(
    entry: &Arc<Entry>,
    content: Bytes,
    rules: &CurrentRules,
    settings: &Arc<Settings>,
) -> Result<Converted, Refusal> {
    let (entry, rules, settings) = (Arc::clone(entry), rules.get(), Arc::clone(settings));
    let large = content.len() > CONVERTED_IN_PLACE;
    let work = move || {
        let mapper = Mapper::new(&rules);
        let message_identifier = entry.id.to_string();
        let context = Context {
            mapper: &mapper,
            settings: &settings,
            message_identifier: &message_identifier,
            now: OffsetDateTime::now_utc(),
        };
        to_x400(&input(&entry, content), &context)
    };
    if large { tokio::task::block_in_place(work) } else { work() }
}

/// What the conversion wants to know of an entry.
fn input(entry: &Entry, content: Bytes) -> Input {
    let options = &entry.envelope.options;
    let moment = |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok();
    Input {
        content,
        reverse_path: entry.envelope.reverse_path.clone(),
        options: MailOptions {
            envelope_id: options.envelope_id.clone(),
            return_after: options
                .deliver_by
                .filter(|limit| limit.mode == DeliverByMode::Return)
                .and_then(|limit| moment(limit.by)),
            hold_until: options.hold_until.and_then(moment),
            priority: options.priority,
        },
        recipients: entry
            .pending()
            .map(|recipient| Recipient {
                number: recipient.number,
                address: recipient.address.clone(),
                notify: recipient.options.notify.clone(),
                original_recipient: recipient.options.original_recipient.clone(),
            })
            .collect(),
    }
}
