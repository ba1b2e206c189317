//! What the gateway itself tells the sender of a mail: that it failed, is delayed, was passed on to where nothing is heard from, or
//! that nothing was heard though it should have been (F-13, F-16, F-18, P-30; RFC 2852 4.1).

use std::sync::Arc;

use bytes::Bytes;
use time::OffsetDateTime;

use super::conversion::input_for;
use super::home::internet_entry;
use super::relay::new_id;
use super::transfer::Transfer;
use super::with_causes;
use crate::message::date::format_date;
use crate::mixer::Context;
use crate::mixer::address::Mapper;
use crate::mixer::mail::Returned;
use crate::mixer::report::own::{Told, notification};
use crate::queue::entry::{Content, DeliverByMode, Entry, Recipient, RecipientState};
use crate::queue::schedule::Notice;
use crate::queue::store::{AttemptResult, Error as StoreError, Store as _, Update};
use crate::status::{Cause, EnhancedCode, Failure, Outcome, StatusDetail};

impl Transfer {
    /// The notification for the sender of a mail, when these updates of its recipients are written down.
    ///
    /// # Errors
    /// Why it cannot be made now.
    pub(super) async fn tell_sender(
        &self,
        entry: &Arc<Entry>,
        updates: &[Update],
        now: OffsetDateTime,
    ) -> Result<Vec<Entry>, String> {
        if entry.envelope.reverse_path.as_deref().is_none_or(str::is_empty) {
            let failed = updates.iter().any(|update| matches!(update.result, AttemptResult::Failed { .. }));
            if failed {
                // F-18
                tracing::warn!(queue_id = %entry.id, "it has failed, and has no sender to be told");
            }
            return Ok(Vec::new());
        }
        let of = |number| entry.envelope.recipients.iter().find(|recipient| recipient.number == number);
        let told: Vec<Told> = updates
            .iter()
            .filter_map(|update| self.told(entry, of(update.number)?, &update.result, now))
            .collect();
        Ok(self.notification_about(entry, &told, now).await?.into_iter().collect())
    }

    /// The notification for the sender of a mail that these recipients, who were passed on, may not have it: nothing has been heard
    /// of them. It is for those of whom the sender wants to hear of a delay (RFC 3461 4.1).
    ///
    /// # Errors
    /// Why it cannot be made now.
    pub(super) async fn tell_missing(
        &self,
        entry: &Arc<Entry>,
        numbers: &[u32],
        now: OffsetDateTime,
    ) -> Result<Option<Entry>, String> {
        let of = |number: &u32| entry.envelope.recipients.iter().find(|one| one.number == *number);
        let told = |recipient: &Recipient| match &recipient.state {
            RecipientState::Transferred { at, to, .. } => {
                let status = StatusDetail::OTHER_NETWORK_X_4_0.transient();
                Some(Told {
                    number: recipient.number,
                    outcome: Outcome::Delayed(Cause::Notified { status, diagnostic_code: None }),
                    explanation: Some(format!(
                        "{to} took it on {}, and has not reported since",
                        format_date(*at)
                    )),
                    unless_never: false,
                    remote_mta: Some(to.clone()),
                    will_retry_until: None,
                })
            }
            RecipientState::Pending | RecipientState::Failed { .. } => None,
        };
        let told: Vec<Told> = numbers.iter().filter_map(of).filter_map(told).collect();
        self.notification_about(entry, &told, now).await
    }

    /// The notification that says this of recipients of a mail, if its sender wants to hear any of it.
    async fn notification_about(
        &self,
        entry: &Arc<Entry>,
        told: &[Told],
        now: OffsetDateTime,
    ) -> Result<Option<Entry>, String> {
        if told.is_empty() {
            return Ok(None);
        }
        let content = match self.store.content(entry).await {
            Ok(content) => content,
            // It had reached everybody, as far as was known.
            Err(StoreError::Misuse { .. }) if matches!(entry.content, Content::Discarded { .. }) => {
                named_only(entry)
            }
            // The sender knows what it sent, and hears of it all the same.
            Err(error @ (StoreError::Corrupt { .. } | StoreError::Misuse { .. })) => {
                tracing::error!(queue_id = %entry.id, %error, "told without what it is about");
                named_only(entry)
            }
            Err(error) => return Err(with_causes(&error)),
        };
        let large = content.len() as u64 > self.returned_content;
        let is_told = |one: &&Recipient| told.iter().any(|about| about.number == one.number);
        let mut mail = input_for(entry, entry.envelope.recipients.iter().filter(is_told), content);
        if large {
            // What is too large to go back in a report of X.400 is too large here.
            mail.options.returned = Some(Returned::Headers);
        }
        let rules = self.rules.get();
        let mapper = Mapper::new(rules.rules()).without_steps();
        let id = new_id(now).map_err(|error| error.to_string())?;
        let name = id.to_string();
        let context = Context { mapper: &mapper, settings: &self.settings, message_identifier: &name, now };
        let Some(made) = notification(&mail, entry.received_at, told, &context) else {
            return Ok(None);
        };
        let made = internet_entry(id, made, rules.version(), now);
        let words: Vec<_> =
            told.iter().map(|one| format!("{} {}", one.number, one.outcome.action())).collect();
        tracing::info!(queue_id = %entry.id, notification = %made.id, recipients = words.join(", "), "the sender is told");
        Ok(Some(made))
    }

    /// What is to be told about a recipient, if anything is.
    fn told(
        &self,
        entry: &Entry,
        recipient: &Recipient,
        result: &AttemptResult,
        now: OffsetDateTime,
    ) -> Option<Told> {
        let told = |outcome| Told {
            number: recipient.number,
            outcome,
            explanation: None,
            unless_never: false,
            remote_mta: None,
            will_retry_until: None,
        };
        match result {
            AttemptResult::Failed { code, detail } => {
                Some(Told { explanation: Some(detail.clone()), ..told(Outcome::Failed(cause(code))) })
            }
            AttemptResult::Deferred { diagnosis, .. } => {
                let cause = match self.schedule.is_to_be_told(entry, recipient, now)? {
                    // RFC 2852 4.1.3: 4.4.7
                    Notice::DeliverBy => Failure::AttemptsExpired.into(),
                    Notice::Usual => {
                        let status = StatusDetail::OTHER_NETWORK_X_4_0.transient();
                        Cause::Notified { status, diagnostic_code: None }
                    }
                };
                Some(Told {
                    explanation: Some(diagnosis.clone()),
                    will_retry_until: Some(self.schedule.expires_at(entry)),
                    ..told(Outcome::Delayed(cause))
                })
            }
            AttemptResult::Transferred { to, .. } | AttemptResult::Delivered { to, .. } => {
                // D-20: X.400 keeps to a limit after which a message is returned; it knows no other, and no wish to be traced.
                let limit = entry.envelope.options.deliver_by;
                let unless_never =
                    limit.is_some_and(|limit| limit.trace || limit.mode == DeliverByMode::Notify);
                // D-10, P-30: success is relayed where the peer does not report it.
                let is_last = unless_never || self.hops.is_silent(to);
                is_last.then(|| Told { unless_never, remote_mta: Some(to.clone()), ..told(Outcome::Relayed) })
            }
        }
    }
}

/// What is left of a mail without its content: its name, by which its sender knows it.
fn named_only(entry: &Entry) -> Bytes {
    entry.identifier.as_ref().map(|name| format!("Message-ID: <{name}>\r\n\r\n").into()).unwrap_or_default()
}

/// What a failure was, as it was written down: a status, or reason and diagnostic of X.400.
fn cause(code: &str) -> Cause {
    match (code.parse::<EnhancedCode>(), code.parse()) {
        (Ok(status), _) => Cause::Notified { status, diagnostic_code: None },
        (_, Ok(non_delivery)) => Cause::Reported { non_delivery, supplementary_information: None },
        _ => Failure::Internal.into(),
    }
}
