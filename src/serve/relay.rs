//! What came over P1: into the queue, on its way, and what follows when it cannot go on.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock and files, draws random numbers")]

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rasn_x400::x411::address::OrName;
use rasn_x400::x411::envelope::{MessageTransferEnvelope, MtsIdentifier, Priority, ProbeTransferEnvelope};
use time::OffsetDateTime;

use super::hops::Hops;
use super::in_force::{CurrentRules, InForce};
use super::inbound::Secured;
use super::judged::{self, Arrived, deliverable};
use super::transfer::{Transfer, held, later};
use super::watching::{TurnedAway, Watch, stopwatch};
use super::with_causes;
use crate::mixer::address::Mapper;
use crate::mixer::envelope::delivery_text;
use crate::mixer::{self, AddressContext, probe};
use crate::mta::content::{Content, FileRange};
use crate::mta::pool::TransferError;
use crate::mta::relay::alternate::{alternate, redirected};
use crate::mta::relay::identity::Identity;
use crate::mta::relay::report::{Verdict, report};
use crate::mta::relay::{Apdu, Context, Dispatch, Origin, Undeliverable, apdu::ReadError, dispatch, shown};
use crate::mta::spool::Spool;
use crate::mta::trace;
use crate::osi::stack::TransferRefusal;
use crate::queue::entry::{
    Content as Stored, DeliverBy, DeliverByMode, Entry, Envelope, Kind, MailOptions, Origin as From, QueueId,
    Recipient, Urgency,
};
use crate::queue::schedule::Failure;
use crate::queue::store::sqlite::SqliteStore;
use crate::queue::store::{
    AttemptResult, Consequences, Error as StoreError, Inserted, Mark, Opened, Store as _, Update,
};
use crate::queue::worker::{Attempted, Outcome, RecipientOutcome};
use crate::rules::lookup::{Answers, Headers};
use crate::status::{Cause, EnhancedCode, Failure as OwnFailure, NonDelivery, NonDeliveryReason};

/// What is said to have answered a probe for the Internet side, or told a report there.
pub(super) const INTERNET_SIDE: &str = "the Internet side";

/// How long until what awaits the Internet side is looked at again. Its latest delivery time may pass.
const LOOK_AGAIN: time::Duration = time::Duration::days(1);

/// Takes over what other MTAs transfer.
#[derive(Clone)]
pub(super) struct Arrivals {
    /// Where it is while it arrives.
    pub(super) spool: Spool,
    pub(super) store: Arc<SqliteStore>,
    pub(super) hops: Arc<Hops>,
    pub(super) rules: CurrentRules,
    pub(super) watch: Arc<Watch>,
    /// Whether the peers called us; else they send over associations that we opened.
    pub(super) were_called: bool,
}

impl Arrivals {
    /// Secures one MTS-APDU: it is in the queue once this returns.
    ///
    /// # Errors
    /// The peer keeps it: for good if it is no MTS-APDU, for now if there is no room.
    pub(super) async fn take(&self, mta: &str, secured: Secured) -> Result<(), TransferRefusal> {
        let took = stopwatch();
        let now = OffsetDateTime::now_utc();
        let path = secured.path().to_owned();
        let (apdu, length) = read_file(path.clone()).await.map_err(|error| {
            let refusal = refusal_of(mta, &error);
            self.refused(mta, None, refusal, &error.to_string());
            refusal
        })?;
        let id = new_id(now).map_err(|error| {
            tracing::error!(%error, "no random numbers");
            TransferRefusal::Temporary
        })?;
        let content = Stored::File { path, length };
        let version = self.rules.get().version();
        let mut entry = entry(id, &apdu, content, From::P1 { mta: mta.to_owned() }, version, now);
        let (kind, named) = (apdu.kind(), identifier(apdu.identifier()));
        if entry.envelope.recipients.is_empty() {
            tracing::warn!(
                from = mta,
                kind,
                identifier = named,
                "we answer for none of its recipients: dropped"
            );
            return Ok(());
        }
        if let Some(until) = self.held_until(&apdu, mta).filter(|until| *until > now) {
            hold(&mut entry, until);
            tracing::info!(queue_id = %id, %until, "held, as its originator asked");
        }
        let recipients = entry.envelope.recipients.len();
        let told = self.watch.to_be_told(&entry);
        let peer = self.hops.side_of(mta);
        match self.keep(&apdu, entry).await {
            Ok(Inserted::Kept) => {
                self.watch.accepted(peer, told.as_ref(), took());
                tracing::info!(queue_id = %id, from = mta, kind, identifier = named, recipients, "arrived over P1");
            }
            Ok(Inserted::Repeated) => {
                tracing::info!(
                    from = mta,
                    kind,
                    identifier = named,
                    "secured before: confirmed, not handed on again"
                );
            }
            Err(error) => {
                let error = with_causes(&error);
                tracing::error!(from = mta, error, "what arrived over P1 could not be kept");
                self.refused(mta, Some((id, &named)), TransferRefusal::Temporary, &error);
                return Err(TransferRefusal::Temporary);
            }
        }
        Ok(())
    }

    /// Tells that something was not taken.
    pub(super) fn refused(
        &self,
        mta: &str,
        called: Option<(QueueId, &str)>,
        refusal: TransferRefusal,
        text: &str,
    ) {
        let answer = match refusal {
            TransferRefusal::Temporary | TransferRefusal::Again => "temporary",
            TransferRefusal::Permanent => "permanent",
        };
        let from = self.hops.side_of(mta);
        let (id, identifier) = called.unzip();
        self.watch.refused(&TurnedAway { from, id, identifier, what: "message", answer, text, policy: "" });
    }

    /// Puts an entry into the queue unless the same was secured before.
    async fn keep(&self, apdu: &Apdu, entry: Entry) -> Result<Inserted, StoreError> {
        match Identity::of(apdu, self.hops.us()) {
            Ok(Some(Identity { name, recipients })) => {
                self.store.insert_once(entry, Mark { name, parts: recipients }).await
            }
            unknown => {
                tracing::warn!(queue_id = %entry.id, error = ?unknown.err(), "would not be recognised if it came again");
                self.store.insert(entry).await.map(|()| Inserted::Kept)
            }
        }
    }

    /// The time before which a message is not to be delivered, if it is for us to hold it: where it was submitted, that is
    /// in our domain, or because we have agreed so with the peer (X.411 14.3.1).
    fn held_until(&self, apdu: &Apdu, mta: &str) -> Option<OffsetDateTime> {
        let until = apdu.deferred_until()?;
        let ours = || apdu.trace().first().is_some_and(|first| trace::is_of(&first.domain, self.hops.us()));
        (self.hops.holds_deferred(self.hops.peer_called(mta)) || ours()).then_some(until)
    }
}

/// Why what an entry holds was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotRead {
    /// It is not there as it was written, and never will be.
    #[error("{0}")]
    Damaged(String),
    /// It cannot be read now.
    #[error("{0}")]
    Now(String),
}

/// What is told to a peer whose APDU cannot be read.
fn refusal_of(mta: &str, error: &ReadError) -> TransferRefusal {
    match error {
        ReadError::Nonsense(error) => {
            tracing::warn!(from = mta, %error, "what was transferred is not an MTS-APDU");
            TransferRefusal::Permanent
        }
        ReadError::Unreadable(error) => {
            tracing::error!(from = mta, %error, "what arrived over P1 cannot be read");
            TransferRefusal::Temporary
        }
    }
}

/// The APDU in a file, and the length of the file. The content of a message stays there.
async fn read_file(path: PathBuf) -> Result<(Apdu, u64), ReadError> {
    blocking(move || {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let octets = FileRange { file: Arc::new(file), offset: 0, length };
        Ok((Apdu::read(&octets.into())?, length))
    })
    .await
}

/// Takes an APDU apart where the disk may be waited for.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Not to be tried before.
pub(super) fn hold(entry: &mut Entry, until: OffsetDateTime) {
    entry.envelope.options.hold_until = Some(until.unix_timestamp());
    for recipient in &mut entry.envelope.recipients {
        recipient.next_attempt = Some(until);
    }
}

pub(super) fn new_id(now: OffsetDateTime) -> Result<QueueId, getrandom::Error> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)?;
    Ok(QueueId::new(u64::from_be_bytes(random), now))
}

/// A queue entry for the recipients we answer for.
pub(super) fn entry(
    id: QueueId,
    apdu: &Apdu,
    content: Stored,
    origin: From,
    rules_version: String,
    now: OffsetDateTime,
) -> Entry {
    let limit = apdu.latest_delivery().map(|latest| DeliverBy {
        by: latest.unix_timestamp(),
        mode: DeliverByMode::Return,
        trace: false,
    });
    let recipients = apdu.responsible().map(|(number, name)| Recipient::new(number, shown(name)));
    Entry {
        id,
        received_at: now,
        kind: Kind::P1,
        urgency: urgency(apdu.priority()),
        origin,
        envelope: Envelope {
            reverse_path: apdu.originator().map(shown),
            options: MailOptions { deliver_by: limit, ..MailOptions::default() },
            recipients: recipients.collect(),
        },
        rules_version: Some(rules_version),
        identifier: Some(identifier(apdu.identifier())),
        content,
    }
}

/// How urgent something is for the queue.
pub(super) const fn urgency(priority: Priority) -> Urgency {
    match priority {
        Priority::URGENT => Urgency::Urgent,
        Priority::NON_URGENT => Urgency::NonUrgent,
        _ => Urgency::Normal,
    }
}

/// An MTS identifier as people write it.
pub(super) fn identifier(identifier: &MtsIdentifier) -> String {
    let domain = &identifier.domain;
    let private = domain.private_domain.as_ref().map(|name| format!("/PRMD={}", name.to_text()));
    format!(
        "[{}/ADMD={}/C={}/;{}]",
        private.unwrap_or_default(),
        domain.administration_domain.to_text(),
        domain.country.to_text(),
        identifier.local_identifier
    )
}

/// What an attempt knows about an entry.
struct Passing<'a> {
    entry: &'a Entry,
    hops: &'a Hops,
    rules: &'a InForce,
    now: OffsetDateTime,
}

impl<'a> Passing<'a> {
    const fn new(entry: &'a Entry, hops: &'a Hops, rules: &'a InForce, now: OffsetDateTime) -> Self {
        Self { entry, hops, rules, now }
    }

    fn with<R>(&self, then: impl FnOnce(&Context<'_>) -> R) -> R {
        let answers = Answers::default();
        let deliverable = |name: &OrName| {
            deliverable(Mapper::asking(self.rules.rules(), &answers).for_peer(self.peer()), name)
        };
        then(&self.context(&deliverable))
    }

    /// The peer it came from, if it is one that is known.
    fn peer(&self) -> Option<&'a str> {
        self.hops.peer_of_entry(self.entry)
    }

    /// The same without those whom policies do not let it go to.
    fn permitted(
        &self,
        decided: Dispatch,
        apdu: &Apdu,
        mapper: Mapper<'_>,
        context: &Context<'_>,
        settings: &mixer::Settings,
    ) -> Dispatch {
        let rules = self.rules.rules();
        if rules.policies().is_empty() {
            return decided;
        }
        let Some(arrived) = Arrived::new(rules, mapper, self.peer(), apdu, settings) else {
            return decided;
        };
        arrived.permitted(decided, apdu, context, &mut |_, name, policy| {
            judged::log(Some(self.entry), rules, policy, &shown(name));
        })
    }

    fn context<'c>(
        &'c self,
        deliverable: &'c (dyn Fn(&OrName) -> Result<Option<OrName>, Undeliverable> + Sync),
    ) -> Context<'c> {
        let held = self.entry.envelope.options.hold_until;
        Context {
            table: self.rules.table(),
            us: self.hops.us(),
            origin: match &self.entry.origin {
                From::P1 { mta } => Origin::Peer(self.hops.peer_called(mta)),
                From::Local | From::Smtp { .. } | From::Http { .. } => Origin::Here,
            },
            deliverable,
            relay: self.hops.relay(),
            arrival: self.entry.received_at,
            held_until: held.and_then(|held| OffsetDateTime::from_unix_timestamp(held).ok()),
            now: self.now,
        }
    }
}

impl Transfer {
    /// Passes an entry on to where each of its recipients is.
    pub(super) async fn relay(&self, entry: &Arc<Entry>, rules: &InForce) -> Attempted {
        let everybody = |outcome: Outcome| {
            let pending = entry.pending();
            let all = pending.map(|one| RecipientOutcome { number: one.number, outcome: outcome.clone() });
            all.collect::<Vec<_>>().into()
        };
        let apdu = match self.stored(entry).await {
            Ok(apdu) => apdu,
            Err(why) => return everybody(later(Failure::Refused, why.to_string())),
        };
        let passing = Passing::new(entry, &self.hops, rules, OffsetDateTime::now_utc());
        let pending: Vec<u32> = entry.pending().map(|recipient| recipient.number).collect();
        let mappings = passing.rules.mappings();
        let dispatched = mappings.run(Headers::Wait, |mapper| {
            let mapper = mapper.for_peer(passing.peer());
            let deliverable = |name: &OrName| deliverable(mapper, name);
            let context = passing.context(&deliverable);
            let decided = dispatch(&apdu, &pending, &context);
            passing.permitted(decided, &apdu, mapper, &context, &self.settings)
        });
        let mut decided = dispatched.await.made;
        // Who gets what is decided: nobody is asked again.
        let deliverable = |_: &OrName| Ok(None);
        let context = passing.context(&deliverable);
        for (recipient, why) in &decided.explanations {
            tracing::info!(queue_id = %entry.id, recipient, why, "routed");
        }
        let name = entry.id.to_string();
        let failed;
        (decided.copies, failed) = match self.hops.downgradable(&name, decided.copies).await {
            Ok(downgradable) => downgradable,
            Err(error) => return everybody(later(Failure::Refused, error.to_string())),
        };
        decided.failed.extend(failed);
        let firsts = decided.copies.iter();
        let firsts = firsts.filter_map(|copy| Some((copy.peers.first()?.as_str(), copy.recipients.clone())));
        if let Some(hold) = self.holds.of_copies(entry, firsts) {
            return held(entry, hold);
        }
        let sent = match self.hops.send(&name, &decided.copies, &context).await {
            Ok(sent) => sent,
            Err(error) => return everybody(later(Failure::Refused, error.to_string())),
        };
        let mut outcomes = Vec::with_capacity(pending.len());
        let mut consequences = Consequences::default();
        let mut add = |number, outcome| outcomes.push(RecipientOutcome { number, outcome });
        for (copy, sent) in decided.copies.iter().zip(sent) {
            let outcome = self.outcome(entry, sent, rules);
            copy.recipients.iter().for_each(|number| add(*number, outcome.clone()));
        }
        match &apdu {
            Apdu::Probe(probe) => {
                let answers = self.answers(probe, &passing).await;
                decided.internet.iter().for_each(|number| add(*number, answers(*number)));
            }
            Apdu::Report(report) => {
                for number in decided.internet {
                    let (outcome, told) = self.report_home(entry, report, rules, passing.now).await;
                    consequences.append(told);
                    add(number, outcome);
                }
            }
            Apdu::Message { envelope, content, .. } if !self.hold_internet => {
                let sent = self.to_internet(entry, envelope, content, &decided, &apdu, rules).await;
                consequences.append(sent.consequences);
                sent.outcomes.into_iter().for_each(|one| add(one.number, one.outcome));
            }
            Apdu::Message { .. } => {
                let latest = apdu.latest_delivery();
                let wait = |number| for_the_internet(entry, latest, number, passing.now);
                decided.internet.iter().for_each(|number| add(*number, wait(*number)));
            }
        }
        for (number, Undeliverable { non_delivery, text }) in decided.failed {
            tracing::warn!(queue_id = %entry.id, recipient = number, %non_delivery, why = text, "not delivered");
            add(number, Outcome::Failed { code: non_delivery.to_string(), detail: text });
        }
        Attempted { outcomes, consequences }
    }

    /// What becomes of the recipients of a message on the Internet side. There nobody would hold it until its time, so that
    /// is done here (D-25).
    async fn to_internet(
        &self,
        entry: &Arc<Entry>,
        envelope: &MessageTransferEnvelope,
        content: &Content,
        decided: &Dispatch,
        apdu: &Apdu,
        rules: &InForce,
    ) -> Attempted {
        if decided.internet.is_empty() {
            return Attempted::default();
        }
        match apdu.deferred_until().filter(|until| *until > OffsetDateTime::now_utc()) {
            None => self.deliver(entry, envelope, content, decided, rules).await,
            Some(until) => {
                tracing::info!(queue_id = %entry.id, %until, "held, as its originator asked");
                let diagnosis = "held, as its originator asked".to_owned();
                let held = |number: &u32| RecipientOutcome {
                    number: *number,
                    outcome: Outcome::Held { until, diagnosis: diagnosis.clone() },
                };
                decided.internet.iter().map(held).collect::<Vec<_>>().into()
            }
        }
    }

    /// What is answered for each recipient of a probe on the Internet side (PB-01, PB-02).
    async fn answers(
        &self,
        probe: &ProbeTransferEnvelope,
        passing: &Passing<'_>,
    ) -> impl Fn(u32) -> Outcome + use<> {
        let name = passing.entry.id.to_string();
        let mappings = passing.rules.mappings();
        let answers = mappings.run(Headers::Wait, |mapper| {
            let mapper = mapper.for_peer(passing.peer());
            let context = mixer::Context {
                mapper: &mapper,
                settings: &self.settings,
                message_identifier: &name,
                now: passing.now,
            };
            probe::answer(probe, &context)
        });
        let answers = answers.await.made;
        // PB-03
        let detail = probe::text(&self.settings.mail_domain);
        move |number| {
            let (failure, detail) = match &answers {
                Err(refusal) => (refusal.failure(), refusal.to_string()),
                Ok(verdicts) => match verdicts.iter().find(|(place, _)| *place == number) {
                    Some((_, Err(refusal))) => (refusal.failure(), refusal.to_string()),
                    Some((_, Ok(()))) | None => {
                        return Outcome::Delivered { to: INTERNET_SIDE.into(), detail: detail.clone() };
                    }
                },
            };
            match failure {
                OwnFailure::MappingUnavailable => later(Failure::Undetermined, detail),
                _ => Outcome::Failed { code: failure.non_delivery().to_string(), detail },
            }
        }
    }

    /// What a transfer means for the recipients of a copy.
    fn outcome(&self, entry: &Entry, sent: super::hops::Sent, rules: &InForce) -> Outcome {
        match sent {
            Ok((to, length)) => {
                tracing::info!(queue_id = %entry.id, to, length, rules = rules.version(), "transferred");
                Outcome::Transferred { to, detail: format!("{length} octets of P1") }
            }
            Err(error @ TransferError::NotTaken { retry: false, .. }) => {
                tracing::error!(queue_id = %entry.id, %error, "refused for good");
                let refused = NonDelivery { reason: NonDeliveryReason::UnableToTransfer, diagnostic: None };
                Outcome::Failed { code: refused.to_string(), detail: error.to_string() }
            }
            Err(error) => super::transfer::not_transferred(entry, error),
        }
    }

    /// What an entry of this kind holds.
    pub(super) async fn stored(&self, entry: &Entry) -> Result<Apdu, NotRead> {
        let octets = self.octets(entry).await.map_err(|error| match error {
            StoreError::Corrupt { .. } | StoreError::Misuse { .. } => NotRead::Damaged(with_causes(&error)),
            StoreError::Full { .. } | StoreError::Unavailable { .. } => NotRead::Now(with_causes(&error)),
        })?;
        blocking(move || Apdu::read(&octets)).await.map_err(|error| match error {
            ReadError::Nonsense(error) => NotRead::Damaged(error.to_string()),
            ReadError::Unreadable(error) => NotRead::Now(error.to_string()),
        })
    }

    /// The octets of an entry; those of a large one are on disk.
    async fn octets(&self, entry: &Entry) -> Result<Content, StoreError> {
        Ok(match self.store.open(entry).await? {
            Opened::Octets(octets) => octets.into(),
            Opened::File { file, length } => FileRange { file: Arc::new(file), offset: 0, length }.into(),
        })
    }

    /// What follows for those who have their end: the alternates their originator named, and a report.
    pub(super) async fn follow_up(
        &self,
        entry: &Arc<Entry>,
        updates: &[Update],
        now: OffsetDateTime,
    ) -> Result<Vec<Entry>, String> {
        let mut failed = Vec::new();
        let mut delivered = Vec::new();
        for Update { number, result } in updates {
            match result {
                AttemptResult::Failed { code, detail } => {
                    failed.push((
                        *number,
                        Undeliverable { non_delivery: non_delivery(code), text: detail.clone() },
                    ));
                }
                AttemptResult::Delivered { detail, .. } => {
                    delivered.push((*number, detail.clone()));
                }
                AttemptResult::Transferred { .. } | AttemptResult::Deferred { .. } => {}
            }
        }
        if failed.is_empty() && delivered.is_empty() {
            return Ok(Vec::new());
        }
        let subject = match self.stored(entry).await {
            Ok(subject) => subject,
            Err(NotRead::Damaged(error)) => {
                tracing::error!(queue_id = %entry.id, error, "nobody can be told what became of it");
                return Ok(Vec::new());
            }
            Err(NotRead::Now(error)) => return Err(error),
        };
        if matches!(subject, Apdu::Report(_)) {
            // F-18: nothing is reported about a report.
            tracing::warn!(queue_id = %entry.id, "a report has no place to go and is dropped");
            return Ok(Vec::new());
        }
        // who says so, and what that means; a probe says what it means itself.
        let text = |detail| match subject {
            Apdu::Probe(_) => detail,
            Apdu::Message { .. } | Apdu::Report(_) => delivery_text(&self.settings.mail_domain),
        };
        let mut verdicts: Vec<_> = delivered
            .into_iter()
            .map(|(number, detail)| (number, Verdict::Deliverable { text: text(detail) }))
            .collect();
        let rules = self.rules.get();
        let passing = Passing::new(entry, &self.hops, &rules, now);
        let mut made = Vec::new();
        let given = passing
            .with(|context| alternate(&subject, &failed, context))
            .map_err(|error| error.to_string())?;
        if let Some((copy, replaced)) = given {
            failed.retain(|(number, _)| !replaced.contains(number));
            let id = new_id(now).map_err(|error| error.to_string())?;
            let entry = self.made_here(id, &copy, rules.version(), now).await?;
            tracing::info!(queue_id = %entry.id, instead_of = ?replaced, "given to the alternate recipients");
            made.push(entry);
        }
        verdicts.extend(failed.into_iter().map(|(number, why)| (number, Verdict::Failed(why))));
        let id = new_id(now).map_err(|error| error.to_string())?;
        let limit = self.returned_content;
        let about = passing.with(|context| report(&subject, &verdicts, &id.to_string(), limit, context));
        if let Some(report) = about.map_err(|error| error.to_string())? {
            tracing::info!(queue_id = %id, about = %entry.id, recipients = verdicts.len(), "report made");
            made.push(self.made_here(id, &report, rules.version(), now).await?);
        }
        Ok(made)
    }

    /// A message or probe that came over P1, for one of its recipients under another address, as an entry; and that address.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) async fn redirected(
        &self,
        entry: &Arc<Entry>,
        number: u32,
        to: &str,
        now: OffsetDateTime,
    ) -> Result<(Entry, String), String> {
        let rules = self.rules.get();
        let name = match to.contains('@') {
            true => {
                let mailbox = to.trim_start_matches('<').trim_end_matches('>');
                let mappings = rules.mappings();
                let mapped = mappings
                    .run(Headers::Wait, |mapper| mapper.to_or(mailbox, AddressContext::Recipient))
                    .await;
                mapped.made.map_err(|error| error.to_string())?.name
            }
            false => super::operator::or_name(to).map_err(|refused| refused.text().to_owned())?,
        };
        let apdu = self.stored(entry).await.map_err(|error| error.to_string())?;
        if matches!(apdu, Apdu::Report(_)) {
            return Err("it is a report, which goes to whoever sent what it is about".into());
        }
        let passing = Passing::new(entry, &self.hops, &rules, now);
        let made = passing.with(|context| redirected(&apdu, number, &name, context));
        let copy = made.map_err(|error| error.to_string())?.map_err(|why| why.text)?;
        let id = new_id(now).map_err(|error| error.to_string())?;
        Ok((self.made_here(id, &copy, rules.version(), now).await?, shown(&name)))
    }

    /// An entry for something made here. What is on disk goes there again, for the queue to take over.
    async fn made_here(
        &self,
        id: QueueId,
        apdu: &Apdu,
        version: String,
        now: OffsetDateTime,
    ) -> Result<Entry, String> {
        let octets = apdu.to_content().map_err(|error| error.to_string())?;
        let content = match octets.in_memory() {
            Some(pieces) => Stored::Inline(pieces.concat().into()),
            None => {
                let (spool, length) = (self.spool.clone(), octets.length());
                let written = blocking(move || Ok(spool.write(&id.to_string(), &octets)?)).await;
                Stored::File { path: written.map_err(|error| error.to_string())?, length }
            }
        };
        Ok(entry(id, apdu, content, From::Local, version, now))
    }
}

/// What is done with what cannot go to the Internet side: it waits in the queue until there is a way.
pub(super) fn for_the_internet(
    entry: &Entry,
    latest: Option<OffsetDateTime>,
    number: u32,
    now: OffsetDateTime,
) -> Outcome {
    tracing::info!(queue_id = %entry.id, recipient = number, "awaits the Internet side");
    let until = now.saturating_add(LOOK_AGAIN);
    let until = latest.map_or(until, |latest| latest.min(until));
    Outcome::Held { until, diagnosis: "awaits the Internet side".into() }
}

/// Reason and diagnostic from how a failure was written down: in those words, or as a status.
fn non_delivery(code: &str) -> NonDelivery {
    let unknown = NonDelivery { reason: NonDeliveryReason::UnableToTransfer, diagnostic: None };
    code.parse().unwrap_or_else(|_| {
        code.parse::<EnhancedCode>()
            .map_or(unknown, |status| Cause::Notified { status, diagnostic_code: None }.non_delivery())
    })
}
