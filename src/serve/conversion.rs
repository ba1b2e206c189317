//! Mails of the queue converted, and what a conversion made to see whether a mail can go on is kept for.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use rasn_x400::x411::envelope::MessageTransferEnvelope;
use time::OffsetDateTime;

use super::in_force::InForce;
use crate::lookup::Run;
use crate::mixer::address::Mapper;
use crate::mixer::correlation::Correlation;
use crate::mixer::loss::Losses;
use crate::mixer::mail::{MailOptions, Recipient, Returned};
use crate::mixer::to_x400::{Converted, Input, Refusal, to_x400};
use crate::mixer::{AddressError, Context, Settings};
use crate::queue::entry::{DeliverByMode, Entry, Origin, QueueId, Recipient as QueuedRecipient, Return};

#[cfg(test)]
mod tests;

/// Contents of more octets are converted while other tasks move to other threads, so that nobody waits for them. What takes only
/// milliseconds is not: each thread would keep memory for the next one.
pub(super) const CONVERTED_IN_PLACE: usize = 8 << 20;

/// A converted mail, and what is to be remembered of it.
pub(super) struct Conversion {
    pub(super) envelope: MessageTransferEnvelope,
    /// In pieces.
    pub(super) content: Vec<Bytes>,
    pub(super) losses: Losses,
    /// Recipients that have no X.400 address, by number.
    pub(super) refused: Vec<(u32, AddressError)>,
    /// If anybody may hear of it again.
    pub(super) known: Option<Correlation>,
}

impl Conversion {
    /// Of what was made of a mail.
    fn of(input: &Input, converted: Converted) -> Self {
        // Nobody hears of what has no sender.
        let known = input.reverse_path.is_some().then(|| Correlation::of_mail(input, &converted));
        let Converted { envelope, content, losses, refused, .. } = converted;
        Self { envelope, content, losses, refused, known }
    }

    /// Octets of the content.
    pub(super) fn length(&self) -> usize {
        self.content.iter().map(Bytes::len).sum()
    }
}

/// Converts an entry by these rules, those of a peer among them, and with what is looked up for it. The same entry gives the
/// same MTS identifier every time.
pub(super) async fn convert(
    entry: &Entry,
    content: Bytes,
    rules: &InForce,
    settings: &Settings,
    peer: Option<&str>,
) -> Run<Result<Conversion, Refusal>> {
    let large = content.len() > CONVERTED_IN_PLACE;
    let message_identifier = entry.id.to_string();
    let now = OffsetDateTime::now_utc();
    let input = input(entry, content);
    let work = |mapper: Mapper<'_>| {
        let mapper = mapper.for_peer(peer).without_steps();
        let context = Context { mapper: &mapper, settings, message_identifier: &message_identifier, now };
        to_x400(&input, &context).map(|converted| Conversion::of(&input, converted))
    };
    let mappings = rules.mappings();
    let waited = (now - entry.received_at).try_into().unwrap_or_default();
    let headers = mappings.headers(waited);
    let run = mappings.run(headers, |mapper| {
        if large { tokio::task::block_in_place(|| work(mapper)) } else { work(mapper) }
    });
    run.await
}

/// What the conversion wants to know of an entry, for those of its recipients who have no end yet.
pub(crate) fn input(entry: &Entry, content: Bytes) -> Input {
    input_for(entry, entry.pending(), content)
}

/// The same for these recipients.
pub(super) fn input_for<'a>(
    entry: &Entry,
    recipients: impl Iterator<Item = &'a QueuedRecipient>,
    content: Bytes,
) -> Input {
    let options = &entry.envelope.options;
    let moment = |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok();
    Input {
        content,
        reverse_path: entry.envelope.reverse_path.clone(),
        options: MailOptions {
            envelope_id: options.envelope_id.clone(),
            returned: options.ret.map(|ret| match ret {
                Return::Full => Returned::Full,
                Return::Headers => Returned::Headers,
            }),
            return_after: options
                .deliver_by
                .filter(|limit| limit.mode == DeliverByMode::Return)
                .and_then(|limit| moment(limit.by)),
            hold_until: options.hold_until.and_then(moment),
            priority: options.priority,
            authentication_results: match &entry.origin {
                Origin::Smtp { results, .. } => results.clone(),
                Origin::Http { .. } | Origin::P1 { .. } | Origin::Local => None,
            },
            ..MailOptions::default()
        },
        recipients: recipients
            .map(|recipient| Recipient {
                number: recipient.number,
                address: recipient.address.clone(),
                notify: recipient.options.notify.clone(),
                original_recipient: recipient.options.original_recipient.clone(),
            })
            .collect(),
    }
}

/// Conversions that were made before mails were accepted, each for the first attempt of its mail. How many are kept is bounded
/// by their octets; what came first goes first.
#[derive(Default)]
pub(super) struct Conversions(Mutex<State>);

#[derive(Default)]
struct State {
    /// In the order in which the mails came.
    kept: BTreeMap<QueueId, Kept>,
    octets: usize,
}

struct Kept {
    conversion: Conversion,
    /// By which rules.
    rules: Weak<InForce>,
    /// When the mail came, and for whom.
    received_at: OffsetDateTime,
    recipients: Vec<QueuedRecipient>,
    octets: usize,
}

impl Conversions {
    /// Octets that are kept at most, and of which one takes no more than a share.
    const LIMIT: usize = 8 << 20;
    const SHARE: usize = Self::LIMIT / 64;
    /// After so long a mail is converted anew.
    const TIME: time::Duration = time::Duration::MINUTE;

    /// Keeps what a mail that is about to be in the queue was converted to.
    pub(super) fn keep(&self, entry: &Entry, rules: &Arc<InForce>, conversion: Conversion) {
        // What is left of a mail may hold all of it.
        let mail = usize::try_from(entry.content.length()).unwrap_or(usize::MAX);
        let octets = conversion.length().max(mail).saturating_add(1024 * entry.envelope.recipients.len());
        if octets > Self::SHARE {
            return;
        }
        let recipients = entry.pending().cloned().collect();
        let received_at = entry.received_at;
        let kept = Kept { conversion, rules: Arc::downgrade(rules), received_at, recipients, octets };
        let mut state = self.state();
        state.take(entry.id);
        state.octets += octets;
        state.kept.insert(entry.id, kept);
        while let Some((first, kept)) = state.kept.first_key_value()
            && (state.octets > Self::LIMIT || entry.received_at - kept.received_at > Self::TIME)
        {
            let first = *first;
            state.take(first);
        }
    }

    /// Forgets a mail that is not in the queue after all.
    pub(super) fn forget(&self, id: QueueId) {
        self.state().take(id);
    }

    /// Takes out what is kept of a mail, if it would be converted to the same now.
    pub(super) fn take(&self, entry: &Entry, rules: &Arc<InForce>) -> Option<Conversion> {
        let kept = self.state().take(entry.id)?;
        let is_fresh = OffsetDateTime::now_utc() - entry.received_at < Self::TIME;
        let is_same = Weak::as_ptr(&kept.rules) == Arc::as_ptr(rules) && entry.pending().eq(&kept.recipients);
        (is_fresh && is_same).then_some(kept.conversion)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, id: QueueId) -> Option<Kept> {
        let kept = self.kept.remove(&id)?;
        self.octets -= kept.octets;
        Some(kept)
    }
}
