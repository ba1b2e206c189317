//! The Internet side wired to the rest: addresses are mapped while the client waits, and a message is in the queue before
//! the client hears `250`.
#![expect(clippy::disallowed_methods, reason = "shell: reads the clock, draws random numbers")]

mod completed;
pub(super) mod relaying;
pub(crate) mod verdict;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rasn_x400::x411::envelope::Priority;
use time::OffsetDateTime;
use tokio::sync::OwnedSemaphorePermit;

use super::conversion::{Conversion, Conversions, convert};
use super::examined::Examination;
use super::hops::Hops;
use super::in_force::{CurrentRules, InForce};
use super::judged::{self, Mail, Ruled};
use super::named::message_id;
use super::relay;
use super::waiting::WaitingRoom;
use super::watching::{SMTP, TurnedAway, Watch, stopwatch};
use crate::gathering::Gathering;
use crate::mixer::address::ToOr;
use crate::mixer::date::from_utc_time;
use crate::mixer::to_x400::Refusal;
use crate::mixer::{AddressContext, Settings};
use crate::mta::relay::shown;
use crate::mta::route::Table;
use crate::queue::entry::{
    Content, DeliverBy, DeliverByMode, Entry, Envelope, Kind, MailOptions, Origin, QueueId, Recipient,
    RecipientOptions, Return, Urgency,
};
use crate::queue::store::sqlite::SqliteStore;
use crate::queue::store::{Answer, Error as StoreError, Side, Store as _};
use crate::rules::Rules;
use crate::rules::lookup::Headers;
use crate::rules::policy::Policy;
use crate::smtp::command::{self, Domain, MailParameters, Mailbox, Notify, RecipientParameters, ReversePath};
use crate::smtp::listener::{Acceptor, Client, RecipientPolicy};
use crate::smtp::reply::{Reply, ReplyCode, StatusDetail};
use crate::smtp::submission::{Content as Submitted, Submission};
use crate::status::Failure;
use relaying::{Denied, Permission};
use verdict::judge;

/// Maps addresses at MAIL and RCPT, so that what has no X.400 address is refused at once.
pub(super) struct RecipientCheck {
    pub(super) rules: CurrentRules,
    pub(super) hops: Arc<Hops>,
    /// How long a message may be held, if that is offered.
    pub(super) longest_hold: Option<time::Duration>,
    /// Who may send what.
    pub(super) permission: Permission,
    pub(super) store: Arc<SqliteStore>,
    pub(super) watch: Arc<Watch>,
}

impl RecipientPolicy for RecipientCheck {
    async fn sender(
        &self,
        client: &Client,
        path: &ReversePath,
        parameters: &MailParameters,
    ) -> Result<(), Reply> {
        let judged = self.judge_sender(client, path, parameters).await;
        judged.map_err(|denied| self.tell(&path.to_string(), denied))
    }

    /// A recipient whom a policy does not let this sender write to is refused as well.
    async fn recipient(
        &self,
        client: &Client,
        from: (&ReversePath, &MailParameters),
        mailbox: &Mailbox,
        _: &RecipientParameters,
    ) -> Result<(), Reply> {
        let judged = self.judge_recipient(client, from, mailbox).await;
        judged.map_err(|denied| self.tell(&mailbox.to_string(), denied))
    }

    fn too_much(&self, client: SocketAddr, limit: &'static str, reply: &Reply) {
        tracing::info!(%client, limit, "SMTP client refused for a limit");
        self.tell(&client.ip().to_string(), Denied { policy: limit, reply: reply.clone() });
    }
}

impl RecipientCheck {
    /// Tells who was refused.
    fn tell(&self, what: &str, Denied { policy, reply }: Denied) -> Reply {
        let (answer, text) = (reply.code().to_string(), reply.to_string());
        self.watch.refused(&TurnedAway {
            from: SMTP,
            id: None,
            identifier: None,
            what,
            answer: &answer,
            text: &text,
            policy,
        });
        reply
    }

    pub(super) async fn judge_sender(
        &self,
        client: &Client,
        path: &ReversePath,
        parameters: &MailParameters,
    ) -> Result<(), Denied> {
        self.permission.of_sender(client)?;
        if self.watch.is_draining() {
            return Err(Denied::from(Reply::new(
                ReplyCode::SERVICE_NOT_AVAILABLE_421,
                StatusDetail::SYSTEM_NOT_ACCEPTING_X_3_2,
                "no messages are taken for now; try again later",
            )));
        }
        if is_held_too_long(parameters, self.longest_hold, OffsetDateTime::now_utc()) {
            return Err(Denied::from(Reply::new(
                ReplyCode::SYNTAX_ERROR_501,
                StatusDetail::INVALID_ARGUMENTS_X_5_4,
                "cannot hold a message that long",
            )));
        }
        match path {
            ReversePath::Null => Ok(()),
            ReversePath::Mailbox(mailbox) => {
                Ok(self.check(&self.rules.get(), mailbox, AddressContext::ReturnPath).await.map(drop)?)
            }
        }
    }

    pub(super) async fn judge_recipient(
        &self,
        client: &Client,
        from: (&ReversePath, &MailParameters),
        mailbox: &Mailbox,
    ) -> Result<(), Denied> {
        let in_force = self.rules.get();
        let found = self.check(&in_force, mailbox, AddressContext::Recipient).await?;
        let (rules, table) = (in_force.rules(), in_force.table());
        match self.permission.of_recipient(client, mailbox, &found, (rules, table)) {
            Err((_, true)) if self.has_written(&found).await? => {}
            Err((denied, _)) => return Err(denied),
            Ok(()) => {}
        }
        if rules.policies().is_empty() {
            return Ok(());
        }
        let path = match from.0 {
            ReversePath::Null => None,
            ReversePath::Mailbox(mailbox) => Some(mailbox.to_string()),
        };
        let mail = Mail::announced(rules, (&**table).into(), path.as_deref(), from.1.size);
        match mail.refused(&mailbox.to_string(), &found.name) {
            None => Ok(()),
            Some(policy) => {
                judged::log(None, rules, policy, mailbox);
                Err(by_rule(policy))
            }
        }
    }

    /// Whether messages have come from an X.400 user, to whom answers and reports are on their way then.
    async fn has_written(&self, found: &ToOr) -> Result<bool, Reply> {
        self.store.has_written(Side::X400, shown(&found.name)).await.map_err(|error| {
            tracing::error!(%error, "whether an address has written is not known");
            unavailable()
        })
    }

    /// Whether a mailbox has an X.400 address. One that cannot be looked up now is not refused for good (F-03).
    async fn check(
        &self,
        rules: &InForce,
        mailbox: &Mailbox,
        context: AddressContext,
    ) -> Result<ToOr, Reply> {
        let address = mailbox.to_string();
        // Without peers nobody is refused: the operator has not finished yet.
        let table = (!self.hops.is_empty()).then(|| &**rules.table());
        let run = rules.mappings();
        let run = run.run(Headers::Wait, |mapper| judge(mapper, table, &address, context)).await;
        run.made.map_err(|refused| refused.reply(context))
    }
}

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
        self.waiting.leave(octets).await.map(Some)
    }

    /// A message is converted once before it is accepted, so that nothing is accepted that could not go on.
    async fn accept(&self, submission: Submission) -> Result<String, Reply> {
        let took = stopwatch();
        let now = OffsetDateTime::now_utc();
        let examined = self.examination.of(&submission).await;
        let mut entry = entry_of(submission, self.completes.as_ref(), now).map_err(|error| {
            tracing::error!(%error, "no random numbers");
            unavailable()
        })?;
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
        // It may be tried before this hears that it is in the queue.
        match conversions.pop() {
            Some(conversion) if is_usual && held_until.is_none() => {
                self.conversions.keep(&entry, &rules, conversion);
            }
            _ => {}
        }
        drop(conversions);
        let kept = match answer {
            None => self.store.insert(entry).await.map(|()| None),
            Some(answer) => self.store.insert_answered(entry, answer).await,
        };
        let before = kept.map_err(|error| {
            tracing::error!(queue_id = %id, %error, "not accepted");
            not_kept(&error)
        })?;
        if before.is_some() {
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

/// The same mail for those of its recipients that are at these places, from 0.
fn shared(entry: &Entry, places: &[usize]) -> Entry {
    let all = &entry.envelope.recipients;
    Entry {
        id: entry.id,
        received_at: entry.received_at,
        kind: entry.kind,
        urgency: entry.urgency,
        origin: entry.origin.clone(),
        envelope: Envelope {
            reverse_path: entry.envelope.reverse_path.clone(),
            options: entry.envelope.options.clone(),
            recipients: places.iter().filter_map(|place| all.get(*place).cloned()).collect(),
        },
        rules_version: entry.rules_version.clone(),
        identifier: entry.identifier.clone(),
        content: entry.content.clone(),
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
fn entry_of(
    submission: Submission,
    completes: Option<&Domain>,
    now: OffsetDateTime,
) -> Result<Entry, getrandom::Error> {
    let mut random = [0; 8];
    getrandom::fill(&mut random)?;
    let protocol = submission.protocol_name();
    let Submission { peer, helo, identity, reverse_path, mail_parameters, recipients, content, .. } =
        submission;
    let id = QueueId::new(u64::from_be_bytes(random), now);
    let Submitted::InMemory(octets) = content;
    let octets = match completes {
        Some(domain) => completed::completed(octets, id, domain, now),
        None => octets,
    };
    let recipients = recipients.into_iter().zip(1..).map(|((mailbox, parameters), number)| Recipient {
        options: recipient_options(parameters),
        ..Recipient::new(number, mailbox.to_string())
    });
    Ok(Entry {
        id,
        received_at: now,
        kind: Kind::Mail,
        urgency: Urgency::Normal,
        origin: Origin::Smtp { peer, helo: helo.to_string(), protocol, identity, results: None },
        envelope: Envelope {
            reverse_path: match reverse_path {
                ReversePath::Null => None,
                ReversePath::Mailbox(mailbox) => Some(mailbox.to_string()),
            },
            options: mail_options(mail_parameters, now),
            recipients: recipients.collect(),
        },
        rules_version: None,
        identifier: message_id(&octets),
        content: Content::Inline(octets),
    })
}

pub(super) fn mail_options(parameters: MailParameters, now: OffsetDateTime) -> MailOptions {
    let hold_until = hold_until(&parameters, now).map(OffsetDateTime::unix_timestamp);
    MailOptions {
        ret: parameters.ret.map(|ret| match ret {
            command::Return::Full => Return::Full,
            command::Return::Headers => Return::Headers,
        }),
        envelope_id: parameters.envelope_id.map(|id| id.text),
        body: parameters.body.map(body_type),
        deliver_by: parameters.by.map(|by| DeliverBy {
            by: now.unix_timestamp().saturating_add(i64::from(by.seconds)),
            mode: match by.mode {
                command::DeliverByMode::Return => DeliverByMode::Return,
                command::DeliverByMode::Notify => DeliverByMode::Notify,
            },
            trace: by.trace,
        }),
        hold_until,
        priority: parameters.mt_priority,
        others: parameters.others.into_iter().map(|other| (other.keyword, other.value)).collect(),
    }
}

/// The time before which a message is not to be released (D-25).
fn hold_until(parameters: &MailParameters, now: OffsetDateTime) -> Option<OffsetDateTime> {
    match parameters.hold? {
        command::Hold::For(seconds) => now.checked_add(time::Duration::seconds(seconds.into())),
        command::Hold::Until(moment) => Some(moment),
    }
}

/// Whether a message is to be held longer than is offered (D-25).
fn is_held_too_long(
    parameters: &MailParameters,
    longest: Option<time::Duration>,
    now: OffsetDateTime,
) -> bool {
    let last = longest.map(|longest| now.saturating_add(longest));
    hold_until(parameters, now).zip(last).is_some_and(|(until, last)| until > last)
}

/// The body type as BODY writes it (RFC 6152, RFC 3030).
fn body_type(body: command::Body) -> String {
    match body {
        command::Body::SevenBit => "7BIT",
        command::Body::EightBitMime => "8BITMIME",
        command::Body::BinaryMime => "BINARYMIME",
    }
    .to_owned()
}

pub(super) fn recipient_options(parameters: RecipientParameters) -> RecipientOptions {
    RecipientOptions {
        notify: parameters.notify.map(|notify| match notify {
            Notify::Never => vec!["never".into()],
            Notify::On { success, failure, delay } => {
                [("success", success), ("failure", failure), ("delay", delay)]
                    .into_iter()
                    .filter(|(_, wanted)| *wanted)
                    .map(|(event, _)| event.to_owned())
                    .collect()
            }
        }),
        original_recipient: parameters
            .original_recipient
            .map(|original| (original.address_type, original.address)),
        others: parameters.others.into_iter().map(|other| (other.keyword, other.value)).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use time::macros::datetime;

    use super::verdict::Refused;
    use super::*;
    use crate::mixer::address::Mapper;
    use crate::smtp::command::{Command, Tolerances};

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn parameters(line: &str) -> MailParameters {
        match Command::parse(line.as_bytes(), Tolerances::default()).unwrap() {
            Command::Mail { parameters, .. } => parameters,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn times_become_moments() {
        // D-20: by=3600;R at 12:00:00Z is 13:00:00Z. D-25
        let options =
            mail_options(parameters("MAIL FROM:<a@a.example> BY=3600;R HOLDFOR=60 MT-PRIORITY=-4"), NOW);
        let by = options.deliver_by.unwrap();
        assert_eq!(
            (by.by, by.mode),
            (datetime!(2026-11-27 13:00 UTC).unix_timestamp(), DeliverByMode::Return)
        );
        assert_eq!(options.hold_until, Some(datetime!(2026-11-27 12:01 UTC).unix_timestamp()));
        assert_eq!(options.priority, Some(-4));
        let until = parameters("MAIL FROM:<a@a.example> HOLDUNTIL=2027-04-01T06:00:00Z");
        assert_eq!(hold_until(&until, NOW), Some(datetime!(2027-04-01 06:00 UTC)));
        for (longest, too_long) in [(time::Duration::days(365), false), (time::Duration::days(30), true)] {
            assert_eq!(is_held_too_long(&until, Some(longest), NOW), too_long);
        }
    }

    #[test]
    fn addresses_outside_ascii_are_refused() {
        // D-35
        let rules = "[gateway]\ndomain = \"gw.example\"\nor = \"O=gateway; P=gw; A=mail; C=gb\"\n\
                     reached_by_x400 = [\"far.example\"]\nencapsulate_via = \"P=far; A=mail; C=gb\"\n";
        let rules = Rules::from_sources(&[("rules.toml", rules)]).unwrap();
        for (context, expected) in
            [(AddressContext::Recipient, "553 5.6.7"), (AddressContext::ReturnPath, "550 5.6.7")]
        {
            let unmappable = Mapper::new(&rules).to_or("jos\u{e9}@far.example", context).unwrap_err();
            let reply = Refused::Unmappable(unmappable).reply(context).to_string();
            assert!(reply.starts_with(expected), "{reply}");
        }
    }
}
