//! What comes home: reports on what was passed on, told to whoever sent it, in the world it was sent from.
//!
//! * `Transfer::report_home` – a report of X.400 for somebody on the Internet becomes a delivery status notification;
//! * `Transfer::notice_home` – a delivery status notification for somebody in X.400 becomes a report;
//! * `memory` and `Transfer::recall` – what the queue remembers of messages, so that they find their senders.
//!
//! What a report became is an entry of the queue, made in the commit that ends the report's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use rasn_x400::x411::envelope::MtsIdentifier;
use rasn_x400::x419::Report;
use time::OffsetDateTime;

use super::conversion::input;
use super::in_force::InForce;
use super::named::message_id;
use super::relay::{INTERNET_SIDE, entry as p1_entry, identifier, new_id};
use super::transfer::{Transfer, later, status, undetermined};
use super::with_causes;
use crate::message::Message;
use crate::mixer::address::Mapper;
use crate::mixer::correlation::{CorrelatedRecipient, Correlation, Key, notice_keys, report_keys};
use crate::mixer::mail::{BodyType, Returned};
use crate::mixer::report::delivery_status::{Notice, Typed};
use crate::mixer::report::to_internet::{self as dsn, Refusal};
use crate::mixer::report::to_x400 as report;
use crate::mixer::{AddressError, Context};
use crate::mixer::{settings::MtsIdentifierSource, to_internet};
use crate::mta::relay::Apdu;
use crate::mta::trace;
use crate::queue::entry::{
    Content as Stored, Entry, Envelope, Kind, MailOptions, Origin, QueueId, Recipient, RecipientOptions,
    Return, Urgency,
};
use crate::queue::schedule::Failure;
use crate::queue::store::{About, Consequences, Error as StoreError, Memory, State, Store as _, Tracked};
use crate::queue::worker::{Attempted, Outcome, RecipientOutcome};
use crate::status::Failure as OwnFailure;

/// How often home was found, since the gateway was started.
#[derive(Debug, Default)]
pub struct Counts {
    /// Reports of X.400 that became notifications.
    pub reports: AtomicU64,
    /// Notifications that became reports of X.400.
    pub notices: AtomicU64,
    /// Of both, those about a message that is not remembered.
    pub about_unknown: AtomicU64,
    /// Of both, those that nobody wanted to hear.
    pub unwanted: AtomicU64,
}

/// A report may be here before it is written down that the message was passed on; so often it is looked for again,
const LOOKS: u32 = 8;
/// so long after each other.
const BETWEEN_LOOKS: time::Duration = time::Duration::seconds(2);

impl Transfer {
    /// What becomes of a report for somebody on the Internet side, and what it became.
    pub(super) async fn report_home(
        &self,
        entry: &Entry,
        report: &Report,
        rules: &InForce,
        now: OffsetDateTime,
    ) -> (Outcome, Consequences) {
        let keys = report_keys(&report.content);
        let about = About { keys: written(&keys), ..About::default() };
        let mut nothing = Consequences { about, ..Consequences::default() };
        let subject = &report.content.subject_identifier;
        let known = match self.recall(&keys, |_| true).await {
            Ok(known) => known,
            Err(error) => return (later(Failure::Refused, with_causes(&error)), nothing),
        };
        if let Some(known) = &known {
            let fields = report.content.per_recipient_fields.iter();
            nothing.about.recipients = numbers(fields.filter_map(|fields| known.by_report(fields)));
        }
        let looks = entry.pending().map(|one| one.attempts).max().unwrap_or(0);
        if known.is_none() && looks < LOOKS && self.may_be_under_way(subject, looks).await {
            let diagnosis = "the message it is about is still being passed on".to_owned();
            return (Outcome::Held { until: now.saturating_add(BETWEEN_LOOKS), diagnosis }, nothing);
        }
        if known.is_none() {
            self.counts.about_unknown.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(queue_id = %entry.id, about = identifier(subject), "report on a message that is not remembered");
        }
        let original = self.kept(subject).await;
        let name = entry.id.to_string();
        let input = dsn::Input { report, remembered: known.as_ref(), original };
        let mappings = rules.mappings();
        let peer = self.hops.peer_of_entry(entry);
        let run = mappings.run(mappings.headers(waited(entry, now)), |mapper| {
            let mapper = mapper.for_peer(peer);
            let context =
                Context { mapper: &mapper, settings: &self.settings, message_identifier: &name, now };
            dsn::to_internet(&input, &context)
        });
        let run = run.await;
        if let Some(why) = run.waiting {
            return (later(Failure::Undetermined, why), nothing);
        }
        let to = INTERNET_SIDE.to_owned();
        match run.made {
            Ok(converted) => match new_id(now) {
                Ok(id) => {
                    let made = internet_entry(id, converted, rules.version(), now);
                    self.counts.reports.fetch_add(1, Ordering::Relaxed);
                    tracing::info!(queue_id = %entry.id, about = identifier(subject), notification = %made.id, "report told");
                    (
                        Outcome::Transferred { to, detail: format!("as {}", made.id) },
                        Consequences { entries: vec![made], ..nothing },
                    )
                }
                Err(error) => (later(Failure::Refused, error.to_string()), nothing),
            },
            // R-01, F-16
            Err(refusal @ Refusal::Unwanted) => {
                self.counts.unwanted.fetch_add(1, Ordering::Relaxed);
                tracing::info!(queue_id = %entry.id, about = identifier(subject), "nobody asked for what the report says");
                (Outcome::Transferred { to, detail: refusal.to_string() }, nothing)
            }
            Err(Refusal::Destination(error @ AddressError::Undetermined { .. })) => {
                (later(Failure::Undetermined, error.to_string()), nothing)
            }
            // F-18
            Err(refusal) => {
                let failure = match &refusal {
                    Refusal::Destination(error) => error.failure(),
                    Refusal::Loop(refusal) => refusal.failure,
                    Refusal::Unwanted => OwnFailure::Internal,
                };
                let code = failure.non_delivery().to_string();
                (Outcome::Failed { code, detail: refusal.to_string() }, nothing)
            }
        }
    }

    /// Whether a message that is not remembered may be about to be: it is in the queue still, or its identifier does not say.
    async fn may_be_under_way(&self, subject: &MtsIdentifier, looks: u32) -> bool {
        if self.settings.mts_identifier == MtsIdentifierSource::MessageId && looks == 0 {
            return true;
        }
        matches!(self.subject(subject).await, Some(Tracked { state: State::Queued { .. }, .. }))
    }

    /// The entry of the message that has this identifier, if the gateway gave it.
    async fn subject(&self, subject: &MtsIdentifier) -> Option<Tracked> {
        let ours = trace::is_of(&subject.domain, self.hops.us());
        let id: QueueId = ours.then(|| subject.local_identifier.to_text().parse().ok()).flatten()?;
        self.store.load(id).await.ok().flatten()
    }

    /// The mail that a report is about, if it is still here and not too large to go back.
    async fn kept(&self, subject: &MtsIdentifier) -> Option<Bytes> {
        let Tracked { entry, .. } = self.subject(subject).await?;
        let goes_back = entry.kind == Kind::Mail
            && !matches!(entry.content, Stored::Discarded { .. })
            && entry.content.length() <= self.returned_content;
        if goes_back { self.store.content(&entry).await.ok() } else { None }
    }

    /// What is remembered under the first of these keys that knows anything; where it is about several messages, one that
    /// `fits`.
    ///
    /// # Errors
    /// As [`Store::recall`](crate::queue::store::Store::recall).
    pub(super) async fn recall(
        &self,
        keys: &[Key],
        fits: impl Fn(&Correlation) -> bool,
    ) -> Result<Option<Correlation>, StoreError> {
        let found = self.store.recall(keys.iter().map(|key| key.as_str().to_owned()).collect()).await?;
        let read = |octets: &Vec<u8>| match serde_json::from_slice::<Correlation>(octets) {
            Ok(known) => Some(known),
            Err(error) => {
                tracing::error!(%error, "what is remembered of a message cannot be read");
                None
            }
        };
        Ok(Correlation::choose(found.iter().filter_map(read).collect(), fits))
    }

    /// What becomes of a mail that is a delivery status notification for somebody in X.400; `None` if it goes there as a message,
    /// as any other (S-01, S-02).
    pub(super) async fn notice_home(
        &self,
        entry: &Arc<Entry>,
        content: &Bytes,
        rules: &InForce,
        now: OffsetDateTime,
    ) -> Result<Option<Attempted>, Outcome> {
        if !may_be_notice(content) {
            return Ok(None);
        }
        let Some(notice) = report::find(&Message::parse(content.clone())) else { return Ok(None) };
        let mappings = rules.mappings();
        // Which text is an O/R address, no source needs to be asked for.
        let keys = notice_keys(&notice, &Mapper::new(mappings.rules()));
        let known = self.recall(&keys, |known| is_about(&notice, known)).await;
        let known = known.map_err(|error| later(Failure::Refused, with_causes(&error)))?;
        let name = entry.id.to_string();
        let headers = mappings.headers(waited(entry, now));
        let mut attempted = Attempted::default();
        attempted.consequences.about.keys = written(&keys);
        let mut reported = false;
        for recipient in entry.pending() {
            let mut input = input(entry, content.clone());
            input.recipients.retain(|one| one.number == recipient.number);
            let run = mappings.run(headers, |mapper| {
                let context =
                    Context { mapper: &mapper, settings: &self.settings, message_identifier: &name, now };
                report::to_x400(&input, &notice, known.as_ref(), &context)
            });
            let run = run.await;
            if let Some(why) = run.waiting {
                return Err(later(Failure::Undetermined, why));
            }
            let outcome = match run.made {
                Err(refusal) if undetermined(&refusal).is_some() => {
                    return Err(later(Failure::Undetermined, refusal.to_string()));
                }
                Ok(converted) => {
                    reported |= converted.report.is_some() || converted.message.is_none();
                    let (outcome, made) = self.noticed(entry, converted, rules, now)?;
                    attempted.consequences.append(made.into());
                    outcome
                }
                // F-18: there is nobody to tell.
                Err(refusal) => {
                    tracing::error!(queue_id = %entry.id, %refusal, "a notification cannot be told");
                    Outcome::Failed {
                        code: status(&refusal).permanent().to_string(),
                        detail: refusal.to_string(),
                    }
                }
            };
            attempted.outcomes.push(RecipientOutcome { number: recipient.number, outcome });
        }
        if !reported {
            return Ok(None);
        }
        if known.is_none() {
            self.counts.about_unknown.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(queue_id = %entry.id, "notification about a message that is not remembered");
        }
        Ok(Some(attempted))
    }

    /// What a notification became, as entries, and what is written down about it.
    fn noticed(
        &self,
        entry: &Entry,
        converted: report::Converted,
        rules: &InForce,
        now: OffsetDateTime,
    ) -> Result<(Outcome, Vec<Entry>), Outcome> {
        for loss in converted.losses.as_slice() {
            let (what, at, why) = (&loss.what, &loss.location, &loss.reason);
            tracing::info!(queue_id = %entry.id, what, at, why, clause = loss.clause, instead = ?loss.instead, "lost in conversion");
        }
        let report = converted.report.map(|report| Apdu::Report(Box::new(report)));
        let message = converted.message.map(|message| Apdu::Message {
            envelope: Box::new(message.envelope),
            content: message.content.into(),
            unknown: Vec::new(),
        });
        let mut made = Vec::new();
        for apdu in report.iter().chain(&message) {
            let one = x400_entry(apdu, rules.version(), now).map_err(|why| later(Failure::Refused, why))?;
            tracing::info!(queue_id = %entry.id, became = %one.id, kind = apdu.kind(), "notification told");
            made.push(one);
        }
        let counter = if report.is_some() { &self.counts.notices } else { &self.counts.unwanted };
        counter.fetch_add(1, Ordering::Relaxed);
        let detail = match made.as_slice() {
            [] => "nobody asked for what it says".to_owned(),
            made => {
                let names: Vec<_> = made.iter().map(|one| one.id.to_string()).collect();
                format!("as {}", names.join(" and "))
            }
        };
        Ok((Outcome::Transferred { to: X400_SIDE.to_owned(), detail }, made))
    }
}

/// How long an entry has been here.
fn waited(entry: &Entry, now: OffsetDateTime) -> Duration {
    (now - entry.received_at).try_into().unwrap_or_default()
}

/// What is said to have taken a notification that became a report.
const X400_SIDE: &str = "the X.400 side";

/// A cheap look before a mail is parsed: what is no report says nowhere that it is one.
fn may_be_notice(content: &Bytes) -> bool {
    let header = memchr::memmem::find(content, b"\r\n\r\n").map_or(&content[..], |end| &content[..end]);
    header.windows(REPORT.len()).any(|window| window.eq_ignore_ascii_case(REPORT))
}

const REPORT: &[u8] = b"multipart/report";

/// Whether a notification speaks of a recipient of this message.
fn is_about(notice: &Notice, known: &Correlation) -> bool {
    let names = ["Original-Recipient", "Final-Recipient"];
    let named = |fields: &crate::message::Header| {
        let addresses = names.into_iter().filter_map(|name| Typed::parse(fields.value(name)?));
        addresses.into_iter().any(|typed| known.by_address(typed.value).is_some())
    };
    notice.fields.recipients.iter().any(named) || named(&notice.fields.message)
}

/// Keys as the queue knows them.
pub(super) fn written(keys: &[Key]) -> Vec<String> {
    keys.iter().map(|key| key.as_str().to_owned()).collect()
}

/// The numbers of recipients, as the queue knows them.
pub(super) fn numbers<'a>(recipients: impl Iterator<Item = &'a CorrelatedRecipient>) -> Vec<u32> {
    recipients.filter_map(|one| u32::try_from(one.number).ok()).collect()
}

/// What is remembered of a message that was passed on; `None` if nothing can be, which is a fault of ours.
pub(super) fn memory(known: &Correlation) -> Option<Memory> {
    match serde_json::to_vec(known) {
        Ok(octets) => {
            let keys = known.keys().iter().map(|key| key.as_str().to_owned()).collect();
            Some(Memory { keys, octets })
        }
        Err(error) => {
            tracing::error!(%error, "a message cannot be remembered");
            None
        }
    }
}

/// An entry for a mail that was made here for the Internet side.
pub(super) fn internet_entry(
    id: QueueId,
    converted: to_internet::Converted,
    rules_version: String,
    now: OffsetDateTime,
) -> Entry {
    let options = converted.options;
    let body = options.body.map(|body| match body {
        BodyType::SevenBit => "7BIT",
        BodyType::EightBitMime => "8BITMIME",
        BodyType::BinaryMime => "BINARYMIME",
    });
    let recipients = (1..).zip(converted.recipients).map(|(number, one)| Recipient {
        options: RecipientOptions {
            notify: one.notify.map(|words| words.iter().map(|word| word.to_ascii_lowercase()).collect()),
            original_recipient: one.original_recipient,
            ..RecipientOptions::default()
        },
        ..Recipient::new(number, one.address)
    });
    let octets: Bytes = converted.content.to_vec().into();
    Entry {
        id,
        received_at: now,
        kind: Kind::Internet,
        urgency: Urgency::Normal,
        origin: Origin::Local,
        envelope: Envelope {
            reverse_path: converted.reverse_path,
            options: MailOptions {
                ret: options.returned.map(|returned| match returned {
                    Returned::Full => Return::Full,
                    Returned::Headers => Return::Headers,
                }),
                envelope_id: options.envelope_id,
                body: body.map(str::to_owned),
                priority: options.priority,
                others: options.smtp_utf8.then(|| ("SMTPUTF8".to_owned(), None)).into_iter().collect(),
                ..MailOptions::default()
            },
            recipients: recipients.collect(),
        },
        rules_version: Some(rules_version),
        identifier: message_id(&octets),
        content: Stored::Inline(octets),
    }
}

/// An entry for something made here for the X.400 side, with its content in memory.
fn x400_entry(apdu: &Apdu, rules_version: String, now: OffsetDateTime) -> Result<Entry, String> {
    let id = new_id(now).map_err(|error| error.to_string())?;
    let octets = apdu.to_content().map_err(|error| error.to_string())?;
    let pieces = octets.read().map_err(|error| error.to_string())?;
    let content = Stored::Inline(pieces.concat().into());
    Ok(p1_entry(id, apdu, content, Origin::Local, rules_version, now))
}
